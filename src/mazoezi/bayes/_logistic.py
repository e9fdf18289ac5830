"""Logistic regression: y ~ Bernoulli(phi(x^T w)) with phi(t) = 1 / (1 + exp(-t)).

Its posterior has no closed form: the log-likelihood is concave in w, but not quadratic.
"""

from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from mazoezi.bayes._arguments import check_design, check_labels, check_not_negative
from mazoezi.bayes._linear import Alpha, log_prior
from mazoezi.bayes._variational import VariationalGaussian, kl_to_prior

Labels: TypeAlias = Float[Array, "*shape"] | Int[Array, "*shape"]


def bernoulli_log_likelihood(logit: Float[Array, "*shape"], y: Labels) -> Float[Array, "*shape"]:
    """y log phi(t) + (1 - y) log(1 - phi(t)) for the logit t, element by element.

    The probability is never formed, so that the result and its gradient y - phi(t) stay finite
    where phi rounds to 0 or 1: it is y t - log(1 + e^t), and log(1 + e^t) is
    max(t, 0) + log(1 + e^-|t|).

    Args:
        logit: t, of any shape.
        y: labels, 0 or 1; the shapes broadcast.

    Raises:
        ArgumentError: a label is neither 0 nor 1.

    *Source*: Bishop, Pattern recognition and machine learning, 2006, equation 4.90.

    >>> bernoulli_log_likelihood(jnp.array([-1000.0, 1000.0]), jnp.array([1, 1])).tolist()
    [-1000.0, 0.0]
    """
    check_labels("y", y)
    return y * logit - jax.nn.softplus(logit)


def logistic_loss(
    w: Float[Array, "weights"],
    X: Float[Array, "examples weights"],
    y: Labels,
    alpha: Alpha,
) -> Float[Array, ""]:
    """-sum_n log p(y_n | x_n, w) + alpha/2 |w|^2; it is -log p(y, w | X) up to a constant.

    With alpha = 0 it is the negative log-likelihood, which has no minimum where the classes are
    separable: see `newton`.

    Args:
        w: weights.
        X: features, one row per example.
        y: labels, 0 or 1.
        alpha: precision of the prior, not negative; one, or one for each weight.

    Raises:
        ArgumentError: a label is neither 0 nor 1, `alpha` is negative, the shapes do not fit, or
            the data hold a NaN.

    >>> float(logistic_loss(jnp.zeros(2), jnp.ones((3, 2)), jnp.array([0, 1, 1]), 1.0)).__round__(4)
    2.0794
    """
    check_not_negative("alpha", alpha)
    return jnp.sum(jnp.asarray(alpha) * w**2) / 2 - _log_likelihood(w, X, y)


def logistic_log_joint(
    w: Float[Array, "weights"],
    X: Float[Array, "examples weights"],
    y: Labels,
    alpha: Alpha,
) -> Float[Array, ""]:
    """log p(y | X, w) + log p(w), normalised: its integral over w is the evidence.

    Arguments and errors are those of `logistic_loss`, but `alpha` must be positive.

    >>> X, y = jnp.ones((3, 1)), jnp.array([0, 1, 1])
    >>> float(logistic_log_joint(jnp.zeros(1), X, y, 2 * jnp.pi)).__round__(4)
    -2.0794
    """
    return _log_likelihood(w, X, y) + log_prior(w, alpha)


def class_probability(
    mean: Float[Array, "*shape"], sd: Float[Array, "*shape"]
) -> Float[Array, "*shape"]:
    """E[phi(t)] for a Gaussian logit t ~ N(mean, sd^2): what label 1's probability averages to.

    The further the logit spreads, the nearer to one half. The integral is a sum over 321 equally
    spaced points, which for so smooth a function is exact to 1e-5 up to a spread of 30.

    *Source*: MacKay, The evidence framework applied to classification networks, 1992, section 2,
    where the integral is approximated more coarsely.

    >>> class_probability(jnp.array([0.0, 2.0]), jnp.array([5.0, 0.0])).round(2)
    Array([0.5 , 0.88], dtype=float32)
    """
    logits, shares = _spread(mean, sd)
    return jnp.sum(jax.nn.sigmoid(logits) * shares, axis=-1)


def logistic_elbo(
    q: VariationalGaussian,
    X: Float[Array, "examples weights"],
    y: Labels,
    alpha: Alpha,
) -> Float[Array, ""]:
    """The ELBO of logistic regression, without sampling: E_q[log p(y | X, w)] - KL(q || p).

    Each example sees the weights through its logit alone, and that is one Gaussian number. So the
    expectation is N integrals in one dimension, each a sum as in `class_probability` and as exact.

    Arguments and errors are those of `logistic_log_joint`, with a Gaussian in place of weights.

    *Source*: Barber and Bishop, Ensemble learning in Bayesian neural networks, 1998, section 4,
    who reduce the expectation to one dimension in this way.

    >>> q = VariationalGaussian(jnp.zeros(1), jnp.zeros((1, 1)), jnp.zeros(1))  # the prior itself
    >>> float(logistic_elbo(q, jnp.ones((3, 1)), jnp.array([0, 1, 1]), 1.0)).__round__(4)
    -2.4182
    """
    check_design(X, y)
    mean = jnp.matmul(X, q.mean, precision="highest")
    sd = jnp.linalg.norm(jnp.matmul(X, q.cholesky, precision="highest"), axis=1)
    logits, shares = _spread(mean, sd)  # [examples, points], [points]
    values = bernoulli_log_likelihood(logits, jnp.asarray(y)[:, None])
    return jnp.sum(values @ shares) - kl_to_prior(q, alpha)


def _spread(
    mean: Float[Array, "*shape"], sd: Float[Array, "*shape"]
) -> tuple[Float[Array, "*shape points"], Float[Array, "points"]]:
    """Equally spaced values of N(mean, sd^2), up to 8 sd on either side, and their shares."""
    dtype = jnp.result_type(mean, sd, jnp.float32)
    nodes = np.linspace(-8, 8, 321)
    weights = np.exp(-(nodes**2) / 2)
    values = mean[..., None] + sd[..., None] * jnp.asarray(nodes, dtype)
    return values, jnp.asarray(weights / weights.sum(), dtype)


def _log_likelihood(
    w: Float[Array, "weights"], X: Float[Array, "examples weights"], y: Labels
) -> Float[Array, ""]:
    check_design(X, y)
    return jnp.sum(bernoulli_log_likelihood(jnp.matmul(X, w, precision="highest"), y))
