"""The evidence p(y | X): how well a model, prior included, predicted the data before seeing them.

With w integrated out, y is Gaussian with the mean 0 and the covariance s^2 I + X X^T / alpha. The
same number comes from the posterior of the weights (Bishop, Pattern recognition and machine
learning, 2006, equation 3.86; MacKay, Bayesian interpolation, 1992). One form costs N^3, the other
D^3: `log_evidence` takes the cheaper.
"""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PyTree

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import (
    check_at_least,
    check_design,
    check_finite,
    check_positive,
    is_known,
)
from mazoezi.bayes._linear import Alpha, Scalar, prior_rows, solve_with_prior


def log_evidence(
    Phi: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    alpha: Alpha,
    noise_variance: Scalar = 1.0,
) -> Float[Array, ""]:
    """log p(y | X) of the linear model y = Phi w + noise, w ~ N(0, I/alpha), by the cheaper form.

    Args:
        Phi: features, one row per example.
        y: targets.
        alpha: precision of the prior, positive; one, or one for each weight.
        noise_variance: variance of the noise, positive.

    Raises:
        ArgumentError: a precision or variance is not positive, the shapes do not fit, or the data
            hold a NaN.

    >>> float(log_evidence(jnp.ones((1, 1)), jnp.zeros(1), alpha=1.0)).__round__(3)
    -1.266
    """
    check_design(Phi, y)
    examples, weights = Phi.shape
    form = log_evidence_dual if examples < weights else log_evidence_primal
    return form(Phi, y, alpha, noise_variance)


def log_evidence_primal(
    Phi: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    alpha: Alpha,
    noise_variance: Scalar = 1.0,
) -> Float[Array, ""]:
    """The evidence in weight space, D x D; mean and covariance are those of the posterior.

    -|y - Phi mean|^2 / 2 s^2 - alpha |mean|^2 / 2 + log|covariance| / 2
    + D/2 log alpha - N/2 log(2 pi s^2): a fit, a penalty and how much of the prior is left.

    Arguments and errors are those of `log_evidence`.

    *Source*: Bishop (2006), equation 3.86.
    """
    check_design(Phi, y)
    check_positive("alpha", alpha)
    check_positive("noise_variance", noise_variance)
    return _primal(Phi, y, alpha, noise_variance)


@jax.jit
def _primal(Phi: Array, y: Array, alpha: Alpha, noise_variance: Scalar) -> Array:
    mean, factor = solve_with_prior(Phi, y, alpha, noise_variance)
    alphas = jnp.broadcast_to(jnp.asarray(alpha), mean.shape)
    misfit = jnp.sum((y - jnp.matmul(Phi, mean, precision="highest")) ** 2) / noise_variance
    half_log_det = -jnp.sum(jnp.log(jnp.abs(jnp.diagonal(factor))))
    return (
        -misfit / 2
        - jnp.sum(alphas * mean**2) / 2
        + half_log_det
        + jnp.sum(jnp.log(alphas)) / 2
        - len(y) / 2 * jnp.log(2 * jnp.pi * jnp.asarray(noise_variance))
    )


def log_evidence_dual(
    Phi: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    alpha: Alpha,
    noise_variance: Scalar = 1.0,
) -> Float[Array, ""]:
    """The evidence in function space, N x N: log N(y; 0, s^2 I + Phi Phi^T / alpha).

    The covariance is R^T R for the QR decomposition of Phi^T / sqrt(alpha) above s I, so that it
    is not formed, as little as X^T X is in `posterior`.

    Arguments and errors are those of `log_evidence`.
    """
    check_design(Phi, y)
    check_positive("alpha", alpha)
    check_positive("noise_variance", noise_variance)
    return _dual(Phi, y, alpha, noise_variance)


@jax.jit
def _dual(Phi: Array, y: Array, alpha: Alpha, noise_variance: Scalar) -> Array:
    scaled = Phi / jnp.sqrt(jnp.asarray(alpha))
    noise = prior_rows(noise_variance, len(y), scaled.dtype)
    factor = jnp.linalg.qr(jnp.concatenate([scaled.T, noise]), mode="r")  # [examples, examples]
    return _normal_log_density(y, factor.T)


def gp_log_evidence(
    covariance: Float[Array, "examples examples"],
    y: Float[Array, "examples"],
    noise_variance: Scalar = 1.0,
) -> Float[Array, ""]:
    """log N(y; 0, covariance + s^2 I): the evidence of a Gaussian process.

    Args:
        covariance: prior covariance of the function between all examples, `kernel(x, x)`.
        y: targets.
        noise_variance: variance s^2 of the noise, positive.

    Raises:
        ArgumentError: the noise variance is not positive, the shapes do not fit, the data hold a
            NaN, or the covariance has a negative eigenvalue that the noise does not outweigh.

    *Source*: Rasmussen and Williams, Gaussian processes for machine learning, 2006, equation 2.30.

    >>> float(gp_log_evidence(jnp.zeros((1, 1)), jnp.zeros(1))).__round__(4)
    -0.9189
    """
    check_positive("noise_variance", noise_variance)
    check_finite("covariance", covariance)
    check_finite("y", y)
    if jnp.shape(covariance) != 2 * jnp.shape(y):
        expected = f"{2 * jnp.shape(y)}, as y has {len(y)} entries"
        raise ArgumentError("the shape of covariance", jnp.shape(covariance), expected)
    factor = jnp.linalg.cholesky(covariance + noise_variance * jnp.eye(len(y)))
    if is_known(factor) and not jnp.all(jnp.isfinite(factor)):
        raise ArgumentError("covariance", covariance, "positive semidefinite")
    return _normal_log_density(y, factor)


class EvidenceFit(NamedTuple):
    """The best hyper-parameters found, and the way to them."""

    log_params: PyTree
    log_evidence: Float[Array, ""]
    """At `log_params`."""
    path: PyTree
    """The log-parameters before each step, with a new first axis."""
    path_log_evidence: Float[Array, "steps"]
    """The log evidence before each step."""


def maximise_evidence(
    log_params: PyTree,
    objective: Callable[..., Float[Array, ""]],
    *args: PyTree,
    steps: int,
    rate: Scalar = 2e-3,
) -> EvidenceFit:
    """Climb a log evidence over the logarithms of its hyper-parameters, with Adam.

    Precisions, variances and scales are positive. Their logarithms are free, so that no step can
    leave the domain, and a step changes each by a fraction of itself.

    Args:
        log_params: where to start: any pytree of logarithms.
        objective: `objective(log_params, *args)`, the log evidence; it takes the exponentials.
        *args: further arguments of the objective, such as the data; a second call with others of
            the same shapes compiles nothing.
        steps: number of steps, 0 or more.
        rate: learning rate.

    Raises:
        ArgumentError: `steps` is negative, or a start is not finite.

    >>> def objective(log_alpha, Phi, y):
    ...     return log_evidence(Phi, y, jnp.exp(log_alpha))
    >>> Phi, y = jnp.ones((1, 1)), jnp.array([2.0])
    >>> fit = maximise_evidence(jnp.zeros(()), objective, Phi, y, steps=2000, rate=1e-2)
    >>> float(jnp.exp(fit.log_params)).__round__(2)  # y has the variance 1 + 1/alpha; y^2 = 4
    0.33
    """
    check_at_least("steps", steps, 0)
    for leaf in jax.tree.leaves(log_params):
        check_finite("log_params", leaf)
    start = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.result_type(leaf, float)), log_params)
    return _climb(objective, start, args, jnp.asarray(rate, jnp.float32), steps)


@eqx.filter_jit
def _climb(
    objective: Callable[..., Float[Array, ""]],
    start: PyTree,
    args: tuple,
    rate: Float[Array, ""],
    steps: int,
) -> EvidenceFit:
    optimiser = optax.adam(rate, b1=0.99, b2=0.999)

    def negative(log_params: PyTree) -> Float[Array, ""]:
        return -objective(log_params, *args)

    def step(state: tuple, _: None) -> tuple[tuple, tuple]:
        log_params, opt_state = state
        loss, gradient = jax.value_and_grad(negative)(log_params)
        updates, opt_state = optimiser.update(gradient, opt_state)
        return (optax.apply_updates(log_params, updates), opt_state), (log_params, -loss)

    (end, _), (path, values) = jax.lax.scan(
        step, (start, optimiser.init(start)), None, length=steps
    )
    return EvidenceFit(end, -negative(end), path, values)


@jax.jit
def _normal_log_density(
    y: Float[Array, "examples"], factor: Float[Array, "examples examples"]
) -> Float[Array, ""]:
    """log N(y; 0, L L^T) for a lower triangular L, whose diagonal may have any signs."""
    standard = jax.scipy.linalg.solve_triangular(factor, y, lower=True)
    half_log_det = jnp.sum(jnp.log(jnp.abs(jnp.diagonal(factor))))
    return -jnp.sum(standard**2) / 2 - half_log_det - len(y) / 2 * jnp.log(2 * jnp.pi)
