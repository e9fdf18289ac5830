"""Bayesian linear regression: y = X w + noise, with the prior w ~ N(0, I/alpha).

The posterior is a Gaussian, found by completing the square (Bishop, Pattern recognition and
machine learning, 2006, equations 3.49 to 3.54):

    covariance = (X^T X / s^2 + alpha I)^-1,    mean = covariance X^T y / s^2.

A prior says the same as D further examples: rows sqrt(alpha) I with the targets 0. The posterior
mean is then least squares on all the rows together, and their QR decomposition gives the precision
as R^T R. So X^T X, whose condition number is the square of that of X, is never formed, and
nothing has N rows *and* N columns.
"""

from functools import partial
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import (
    check_at_least,
    check_covariance,
    check_design,
    check_finite,
    check_not_negative,
    check_positive,
    is_known,
)

Alpha: TypeAlias = float | Float[Array, ""] | Float[Array, "weights"]
"""Precision of the prior: one for all weights, or one for each."""
Scalar: TypeAlias = float | Float[Array, ""]


class Gaussian(NamedTuple):
    """N(mean, covariance) over weights, or over values of a function."""

    mean: Float[Array, "weights"]
    covariance: Float[Array, "weights weights"]


class Prediction(NamedTuple):
    """What is believed at each input, marginally."""

    mean: Float[Array, "inputs"]
    sd_f: Float[Array, "inputs"]
    """Standard deviation of the function: what the weights are still unsure of."""
    sd_y: Float[Array, "inputs"]
    """Standard deviation of a new observation: the same, and the noise."""


def affine_basis(x: Float[Array, "examples"] | Float[Array, "examples 1"]) -> Float[Array, "n 2"]:
    """The features of a line: the columns (1, x), so that weights are (bias, slope).

    Raises:
        ArgumentError: `x` is neither [N] nor [N, 1].

    >>> affine_basis(jnp.array([3.0, 4.0])).tolist()
    [[1.0, 3.0], [1.0, 4.0]]
    """
    x = jnp.asarray(x)
    if x.ndim == 0 or x.ndim > 2 or (x.ndim == 2 and x.shape[1] != 1):
        raise ArgumentError("the shape of x", x.shape, "(N,) or (N, 1): one number per example")
    x = x.reshape(-1)
    return jnp.stack([jnp.ones_like(x), x], axis=1)


def squared_loss(
    X: Float[Array, "examples weights"], y: Float[Array, "examples"], w: Float[Array, "weights"]
) -> Float[Array, ""]:
    """Half the sum of squared errors, 1/2 |y - X w|^2.

    >>> float(squared_loss(jnp.eye(2), jnp.array([1.0, 2.0]), jnp.zeros(2)))
    2.5
    """
    check_design(X, y)
    return jnp.sum((y - jnp.matmul(X, w, precision="highest")) ** 2) / 2


def regularised_loss(
    X: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    w: Float[Array, "weights"],
    alpha: Alpha,
) -> Float[Array, ""]:
    """The squared loss with a penalty on large weights, 1/2 |y - X w|^2 + alpha/2 |w|^2.

    With unit noise it is -log p(y, w | X) up to a constant.

    Raises:
        ArgumentError: `alpha` is negative, the shapes do not fit, or the data hold a NaN.

    >>> float(regularised_loss(jnp.eye(2), jnp.array([1.0, 2.0]), jnp.ones(2), alpha=3.0))
    3.5
    """
    check_not_negative("alpha", alpha)
    return squared_loss(X, y, w) + jnp.sum(alpha * w**2) / 2


def ridge(
    X: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    alpha: Alpha,
    penalise: Float[Array, "weights"] | None = None,
) -> Float[Array, "weights"]:
    """The weights that minimise 1/2 |y - X w|^2 + alpha/2 |w|^2: (X^T X + alpha I) w = X^T y.

    The data term is a sum, as in all of this package; in `mazoezi.regression.ridge` it is a mean.

    Args:
        X: features, one row per example.
        y: targets.
        alpha: strength of the penalty, not negative.
        penalise: 1 for each weight that is penalised, 0 for each that is not, such as the bias.

    Raises:
        ArgumentError: `alpha` is negative, the shapes do not fit, the data hold a NaN, or the
            answer is not unique, because weights without a penalty have dependent columns.

    >>> ridge(jnp.eye(2), jnp.array([1.0, 2.0]), alpha=1.0).tolist()
    [0.5, 1.0]
    """
    check_design(X, y)
    check_not_negative("alpha", alpha)
    penalties = jnp.asarray(alpha) if penalise is None else alpha * jnp.asarray(penalise)
    check_not_negative("penalise", penalties)
    _check_unique(X, penalties)
    return solve_with_prior(X, y, penalties)[0]


def log_prior(w: Float[Array, "weights"], alpha: Alpha) -> Float[Array, ""]:
    """log N(w; 0, I/alpha) = D/2 log(alpha / 2 pi) - alpha/2 w^T w: one factor per weight.

    Raises:
        ArgumentError: `alpha` is not positive.

    >>> float(jnp.exp(log_prior(jnp.zeros(2), alpha=2 * jnp.pi))).__round__(4)
    1.0
    """
    check_positive("alpha", alpha)
    return _log_prior(w, alpha)


@jax.jit
def _log_prior(w: Array, alpha: Alpha) -> Array:
    alphas = jnp.broadcast_to(jnp.asarray(alpha), jnp.shape(w))
    return jnp.sum(jnp.log(alphas) - jnp.log(2 * jnp.pi) - alphas * w**2) / 2


def posterior(
    X: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    alpha: Alpha,
    noise_variance: Scalar = 1.0,
) -> Gaussian:
    """The weights' distribution given the data: N((X^T X / s^2 + alpha I)^-1 X^T y / s^2, ...).

    Without examples it is the prior. There may be fewer examples than weights, and the columns
    of X may be dependent: the prior decides where the data say nothing.

    Args:
        X: features, one row per example.
        y: targets.
        alpha: precision of the prior, positive; one, or one for each weight.
        noise_variance: variance s^2 of the noise, positive.

    Raises:
        ArgumentError: a precision or variance is not positive, the shapes do not fit, or the data
            hold a NaN.

    *Source*: Bishop (2006), equations 3.53 and 3.54.

    >>> posterior(jnp.eye(2), jnp.array([1.0, 2.0]), alpha=1.0).mean.tolist()
    [0.5, 1.0]
    """
    check_design(X, y)
    check_positive("alpha", alpha)
    check_positive("noise_variance", noise_variance)
    mean, factor = solve_with_prior(X, y, alpha, noise_variance)
    return Gaussian(mean, covariance_from_factor(factor))


def update(
    prior: Gaussian,
    X: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    noise_variance: Scalar = 1.0,
) -> Gaussian:
    """The posterior when the prior is any Gaussian: what was learned before, for instance.

    Learning from the examples one by one, or in two halves, ends where all at once does.

    Args:
        prior: what is believed before these examples.
        X: features of the new examples.
        y: their targets.
        noise_variance: variance s^2 of the noise, positive.

    Raises:
        ArgumentError: the prior's covariance is not symmetric and positive definite, the noise
            variance is not positive, the shapes do not fit, or the data hold a NaN.

    *Source*: Bishop (2006), equations 3.50 and 3.51.

    >>> prior = Gaussian(jnp.zeros(1), jnp.eye(1))
    >>> update(prior, jnp.ones((1, 1)), jnp.array([4.0])).mean.tolist()
    [2.0]
    """
    check_design(X, y)
    check_covariance("the prior's covariance", prior.covariance)
    check_positive("noise_variance", noise_variance)
    return _update(prior, X, y, noise_variance)


@jax.jit
def _update(prior: Gaussian, X: Array, y: Array, noise_variance: Scalar) -> Gaussian:
    noise_sd = jnp.sqrt(jnp.asarray(noise_variance))
    identity = jnp.eye(len(prior.mean), dtype=prior.covariance.dtype)
    spread = jnp.linalg.cholesky(prior.covariance)
    pseudo_rows = jax.scipy.linalg.solve_triangular(spread, identity, lower=True)
    pseudo_targets = jnp.matmul(pseudo_rows, prior.mean, precision="highest")
    mean, factor = _least_squares(
        jnp.concatenate([X / noise_sd, pseudo_rows]),
        jnp.concatenate([y / noise_sd, pseudo_targets]),
    )
    return Gaussian(mean, covariance_from_factor(factor))


def predict(
    X: Float[Array, "inputs weights"],
    mean: Float[Array, "weights"],
    covariance: Float[Array, "weights weights"],
    noise_variance: Scalar = 1.0,
) -> Prediction:
    """What Gaussian weights say at new inputs: f ~ N(X mean, X covariance X^T), y = f + noise.

    Only the variances are computed, the diagonal of X covariance X^T: for many inputs that needs
    the memory of X, not of inputs times inputs.

    Args:
        X: features of the new inputs.
        mean: mean of the weights.
        covariance: their covariance.
        noise_variance: variance of the noise, not negative.

    Raises:
        ArgumentError: the covariance is not symmetric or has a negative eigenvalue, the noise
            variance is negative, the shapes do not fit, or X or the mean holds a NaN.

    *Source*: Bishop (2006), equations 3.58 and 3.59.

    >>> mean, sd_f, sd_y = predict(jnp.eye(2), jnp.zeros(2), 9.0 * jnp.eye(2), noise_variance=16.0)
    >>> sd_f.tolist(), sd_y.tolist()
    ([3.0, 3.0], [5.0, 5.0])
    """
    check_design(X, None)
    check_finite("mean", mean)
    check_covariance("covariance", covariance, semidefinite=True)
    check_not_negative("noise_variance", noise_variance)
    if jnp.shape(covariance)[0] != jnp.shape(X)[1]:
        raise ArgumentError("the number of columns of X", X.shape[1], f"{len(covariance)} weights")
    return _predict(X, mean, covariance, noise_variance)


@jax.jit
def _predict(X: Array, mean: Array, covariance: Array, noise_variance: Scalar) -> Prediction:
    spread = jnp.matmul(X, covariance, precision="highest")  # [inputs, weights]
    variance_f = jnp.maximum(jnp.sum(spread * X, axis=1), 0)  # rounding may go below zero
    mean_f = jnp.matmul(X, mean, precision="highest")
    return Prediction(mean_f, jnp.sqrt(variance_f), jnp.sqrt(variance_f + noise_variance))


def sample_gaussian(
    gaussian: Gaussian, key: PRNGKeyArray, count: int
) -> Float[Array, "count weights"]:
    """Draw from a Gaussian, one draw per row; directions without variance are allowed.

    Raises:
        ArgumentError: the covariance is not symmetric or has a negative eigenvalue, or `count` is
            negative.

    >>> sample_gaussian(Gaussian(jnp.ones(2), jnp.zeros((2, 2))), jr.key(0), 1).tolist()
    [[1.0, 1.0]]
    """
    check_at_least("count", count, 0)
    check_covariance("the covariance", gaussian.covariance, semidefinite=True)
    mean, covariance = gaussian
    return jr.multivariate_normal(key, mean, covariance, (count,), method="svd")


def gaussian_divergence(
    mean: Float[Array, "weights"],
    covariance: Float[Array, "weights weights"],
    other_mean: Float[Array, "weights"],
    other_covariance: Float[Array, "weights weights"],
) -> Float[Array, ""]:
    """KL(N(mean, covariance) || N(other_mean, other_covariance)), in nats.

    Raises:
        ArgumentError: a covariance is not symmetric and positive definite.

    >>> zero, one = jnp.zeros(1), jnp.eye(1)
    >>> float(gaussian_divergence(zero + 1, one, zero, one))
    0.5
    """
    check_covariance("the covariance", covariance)
    check_covariance("the other covariance", other_covariance)
    return _gaussian_divergence(mean, covariance, other_mean, other_covariance)


@jax.jit
def _gaussian_divergence(
    mean: Array, covariance: Array, other_mean: Array, other_covariance: Array
) -> Array:
    solve = partial(
        jax.scipy.linalg.solve_triangular, jnp.linalg.cholesky(other_covariance), lower=True
    )
    spread, offset = solve(jnp.linalg.cholesky(covariance)), solve(mean - other_mean)
    squares = jnp.sum(spread**2) + jnp.sum(offset**2)
    return (squares - mean.size) / 2 - jnp.sum(jnp.log(jnp.diagonal(spread)))


@jax.jit
def solve_with_prior(
    X: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    alpha: Alpha,
    noise_variance: Scalar = 1.0,
) -> tuple[Float[Array, "weights"], Float[Array, "weights weights"]]:
    """The posterior's mean, and the factor R of its precision R^T R."""
    noise_sd = jnp.sqrt(jnp.asarray(noise_variance))
    rows = prior_rows(alpha, X.shape[1], jnp.result_type(X, y, jnp.float32))
    return _least_squares(
        jnp.concatenate([X / noise_sd, rows]),
        jnp.concatenate([y / noise_sd, jnp.zeros(len(rows), rows.dtype)]),
    )


@jax.jit
def covariance_from_factor(
    factor: Float[Array, "weights weights"],
) -> Float[Array, "weights weights"]:
    """(R^T R)^-1, symmetric whatever the rounding."""
    inverse = jax.scipy.linalg.solve_triangular(factor, jnp.eye(len(factor), dtype=factor.dtype))
    return jnp.matmul(inverse, inverse.T, precision="highest")


def prior_rows(alpha: Alpha, size: int, dtype: jnp.dtype) -> Float[Array, "weights weights"]:
    """The rows that say what the prior says, diag(sqrt(alpha))."""
    return jnp.diag(jnp.broadcast_to(jnp.sqrt(jnp.asarray(alpha, dtype)), (size,)))


def _least_squares(
    rows: Float[Array, "rows weights"], targets: Float[Array, "rows"]
) -> tuple[Float[Array, "weights"], Float[Array, "weights weights"]]:
    """The solution, and the factor R of the normal equations' matrix R^T R."""
    orthogonal, factor = jnp.linalg.qr(rows)
    projected = jnp.matmul(orthogonal.T, targets, precision="highest")
    return jax.scipy.linalg.solve_triangular(factor, projected), factor


def _check_unique(X: Float[Array, "examples weights"], penalties: Array) -> None:
    if is_known(X, penalties):
        weights = X.shape[1]
        rows = np.diag(np.broadcast_to(np.sqrt(penalties), weights))
        rank = int(np.linalg.matrix_rank(np.concatenate([X, rows])))
        if rank < weights:
            raise ArgumentError(
                "the rank of X with its penalties",
                rank,
                f"{weights}, one per weight: give alpha > 0, or leave out dependent columns",
            )
