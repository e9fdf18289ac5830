"""Linearised Laplace: treat a trained network as a linear model in its weights.

Around the mode, f(x, w) is about f(x, mode) + J(x) (w - mode). With that the network is a linear
model whose features are the rows of the Jacobian J, and everything is as for linear models: the
posterior precision is sum_n h_n J_n^T J_n + alpha I, with h_n the curvature of -log p(y_n | f_n) in
f_n (the generalised Gauss-Newton matrix), and predictions come from the linear model as well.

The weights that the full network would make of samples of this Gaussian are *not* the same thing:
the curvature belongs to the linear model, and far from the mode the network does something else
(Immer, Korzepa and Bauer, Improving predictions of Bayesian neural nets via local linearization,
2021; the evidence is MacKay's, as in Immer and others, Scalable marginal likelihood estimation, 2021).
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_finite, check_not_negative, check_positive
from mazoezi.bayes._linear import (
    Alpha,
    Gaussian,
    Prediction,
    Scalar,
    covariance_from_factor,
    log_prior,
    prior_rows,
)

Model: TypeAlias = Callable[[Array, Array], Array]
"""`model(X, w)`: one output per example, for one weight vector."""


class LinearisedLaplace(NamedTuple):
    """A Gaussian over weights for the linearised model, and that model's evidence."""

    mode: Float[Array, "weights"]
    covariance: Float[Array, "weights weights"]
    """Zero for weights that are held fixed."""
    log_evidence: Float[Array, ""]

    @property
    def gaussian(self) -> Gaussian:
        """The approximate posterior of the weights."""
        return Gaussian(self.mode, self.covariance)


def linearised_laplace(
    model: Model,
    mode: Float[Array, "weights"],
    X: Array,
    y: Float[Array, "examples"],
    alpha: Alpha,
    log_likelihood: Callable[[Array, Array], Array],
    uncertain: Bool[np.ndarray, "weights"] | None = None,
) -> LinearisedLaplace:
    """The generalised Gauss-Newton posterior at a mode, of all weights or of some.

    Args:
        model: `model(X, w)`, one output per example: a mean, or a logit.
        mode: the trained weights, such as `newton(...).mode`.
        X: inputs, as the model takes them.
        y: targets.
        alpha: precision of the prior, positive; one, or one for each weight.
        log_likelihood: `log_likelihood(outputs, y)`, example by example and concave in the
            outputs, such as `bernoulli_log_likelihood`.
        uncertain: which weights have a distribution, True for each; the others stay at the mode
            and count as known. The last layer's alone give the last-layer approximation.

    Returns:
        Mode, covariance and log evidence; its gradient tunes alpha and the noise (`newton` is
        differentiable, so the mode may follow them).

    Raises:
        ArgumentError: `alpha` is not positive, the model gives another number of outputs than there
            are targets, the mode or the targets are not finite, or no weight is uncertain.

    >>> def line(x, w):
    ...     return w[0] + w[1] * x
    >>> def unit_noise(f, y):
    ...     return -((y - f) ** 2) / 2
    >>> fit = linearised_laplace(line, jnp.zeros(2), jnp.zeros(3), jnp.zeros(3), 1.0, unit_noise)
    >>> jnp.diagonal(fit.covariance).round(2).tolist()
    [0.25, 1.0]
    """
    check_positive("alpha", alpha)
    check_finite("mode", mode)
    check_finite("y", y)
    outputs = jax.eval_shape(model, X, mode)
    if jnp.shape(outputs) != jnp.shape(y) or jnp.ndim(y) != 1:
        expected = f"{jnp.shape(y)}, one output per target"
        raise ArgumentError("the shape of the model's outputs", jnp.shape(outputs), expected)
    kept = _kept(uncertain, len(mode))
    return _around(model, mode, X, y, jnp.asarray(alpha), log_likelihood, tuple(kept.tolist()))


@eqx.filter_jit
def _around(
    model: Model,
    mode: Float[Array, "weights"],
    X: Array,
    y: Float[Array, "examples"],
    alpha: Float[Array, "..."],
    log_likelihood: Callable[[Array, Array], Array],
    uncertain: tuple[int, ...],
) -> LinearisedLaplace:
    outputs, kept = model(X, mode), np.array(uncertain)
    rows = jnp.sqrt(_curvature(log_likelihood, outputs, y))[:, None] * _jacobian(model, mode, X)
    alphas = jnp.broadcast_to(alpha.astype(rows.dtype), mode.shape)[kept]
    stacked = jnp.concatenate([rows[:, kept], prior_rows(alphas, len(kept), rows.dtype)])
    factor = jnp.linalg.qr(stacked, mode="r")
    within = np.ix_(kept, kept)
    covariance = jnp.zeros((len(mode), len(mode)), rows.dtype)
    covariance = covariance.at[within].set(covariance_from_factor(factor))
    log_evidence = (
        jnp.sum(log_likelihood(outputs, y))
        + log_prior(mode[kept], alphas)
        + len(kept) / 2 * jnp.log(2 * jnp.pi)
        - jnp.sum(jnp.log(jnp.abs(jnp.diagonal(factor))))
    )
    return LinearisedLaplace(mode, covariance, log_evidence)


def predict_linearised(
    model: Model, fit: LinearisedLaplace, X: Array, noise_variance: Scalar = 1.0
) -> Prediction:
    """What the linearised model says at new inputs: f ~ N(f(x, mode), J(x) covariance J(x)^T).

    For a classifier the outputs are logits, and `class_probability(mean, sd_f)` is what is wanted.

    Args:
        model: `model(X, w)`, that of the fit.
        fit: the posterior.
        X: new inputs.
        noise_variance: variance of the noise, not negative.

    Raises:
        ArgumentError: the noise variance is negative.

    *Source*: Immer, Korzepa and Bauer (2021), equation 9.

    >>> fit = LinearisedLaplace(jnp.array([2.0]), jnp.array([[4.0]]), jnp.zeros(()))
    >>> predict_linearised(lambda x, w: w[0] * x, fit, jnp.array([3.0])).sd_f.tolist()
    [6.0]
    """
    check_not_negative("noise_variance", noise_variance)
    return _predict(model, fit, X, noise_variance)


@eqx.filter_jit
def _predict(model: Model, fit: LinearisedLaplace, X: Array, noise_variance: Scalar) -> Prediction:
    jacobian = _jacobian(model, fit.mode, X)
    spread = jnp.matmul(jacobian, fit.covariance, precision="highest")
    variance_f = jnp.maximum(jnp.sum(spread * jacobian, axis=1), 0)
    mean = model(X, fit.mode)
    return Prediction(mean, jnp.sqrt(variance_f), jnp.sqrt(variance_f + noise_variance))


def _kept(uncertain: Bool[np.ndarray, "weights"] | None, size: int) -> np.ndarray:
    mask = np.ones(size, bool) if uncertain is None else np.asarray(uncertain, bool)
    if mask.shape != (size,) or not mask.any():
        raise ArgumentError("uncertain", uncertain, f"{size} truth values, one of them True")
    return np.flatnonzero(mask)


def _jacobian(
    model: Model, w: Float[Array, "weights"], X: Array
) -> Float[Array, "examples weights"]:
    return jax.jacobian(lambda w: model(X, w))(w)


def _curvature(
    log_likelihood: Callable[[Array, Array], Array], outputs: Array, y: Array
) -> Float[Array, "examples"]:
    def second(output: Array, target: Array) -> Array:
        return jax.grad(jax.grad(lambda f: log_likelihood(f, target)))(output)

    return jnp.maximum(-jax.vmap(second)(outputs, y), 0)
