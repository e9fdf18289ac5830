"""When the noise is not what you assumed: of unknown variance, or with outliers."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_design, check_positive
from mazoezi.bayes._linear import Alpha, Scalar, covariance_from_factor, solve_with_prior


class NormalInverseGamma(NamedTuple):
    """Weights and noise variance together: w | s^2 ~ N(mean, s^2 scale), s^2 ~ InvGamma(shape, rate)."""

    mean: Float[Array, "weights"]
    scale: Float[Array, "weights weights"]
    shape: Float[Array, ""]
    rate: Float[Array, ""]
    log_evidence: Float[Array, ""]
    """log p(y | X), with the weights and the variance integrated out."""


class StudentPrediction(NamedTuple):
    """A Student t distribution of a new observation at each input."""

    mean: Float[Array, "inputs"]
    scale: Float[Array, "inputs"]
    """Not yet the standard deviation, which is scale * sqrt(df / (df - 2)) if df > 2."""
    df: Float[Array, ""]


def posterior_unknown_noise(
    X: Float[Array, "examples weights"],
    y: Float[Array, "examples"],
    alpha: Alpha,
    shape: Scalar = 1.0,
    rate: Scalar = 1.0,
) -> NormalInverseGamma:
    """Learn the noise variance s^2 with the weights, in closed form.

    For that the prior of the weights must scale with the noise: w | s^2 ~ N(0, s^2 I / alpha), so
    `alpha` is a precision in units of the noise's, not the one of `posterior`. The prior of the
    variance is s^2 ~ InvGamma(shape, rate), whose mode is rate / (shape + 1).

    Args:
        X: features, one row per example; there may be none.
        y: targets.
        alpha: precision of the weights times the noise variance, positive.
        shape: of the variance's prior, positive; it counts as 2 shape examples.
        rate: of the variance's prior, positive; in squared units of y.

    Raises:
        ArgumentError: `alpha`, `shape` or `rate` is not positive, the shapes do not fit, or the
            data hold a NaN.

    *Source*: Murphy, Machine learning: a probabilistic perspective, 2012, equations 7.69 to 7.75.

    >>> fit = posterior_unknown_noise(jnp.eye(2), jnp.array([2.0, 4.0]), alpha=1.0)
    >>> fit.mean.tolist(), fit.shape.item(), fit.rate.item().__round__(3)
    ([1.0, 2.0], 2.0, 6.0)
    """
    check_design(X, y)
    check_positive("alpha", alpha)
    check_positive("shape", shape)
    check_positive("rate", rate)
    mean, factor = solve_with_prior(X, y, alpha)
    alphas, examples = jnp.broadcast_to(jnp.asarray(alpha), mean.shape), len(y)
    misfit = jnp.sum((y - jnp.matmul(X, mean, precision="highest")) ** 2)
    new_shape = jnp.asarray(shape + examples / 2)
    new_rate = rate + (misfit + jnp.sum(alphas * mean**2)) / 2
    volume = jnp.sum(jnp.log(alphas)) / 2 - jnp.sum(jnp.log(jnp.abs(jnp.diagonal(factor))))
    gammaln = jax.scipy.special.gammaln
    log_evidence = (
        volume
        + shape * jnp.log(jnp.asarray(rate))
        - new_shape * jnp.log(new_rate)
        + gammaln(new_shape)
        - gammaln(jnp.asarray(shape))
        - examples / 2 * jnp.log(2 * jnp.pi)
    )
    return NormalInverseGamma(
        mean, covariance_from_factor(factor), new_shape, new_rate, log_evidence
    )


def predict_unknown_noise(
    X: Float[Array, "inputs weights"], posterior: NormalInverseGamma
) -> StudentPrediction:
    """New observations when the noise variance had to be learnt: heavier tails than a Gaussian's.

    Raises:
        ArgumentError: the shapes do not fit, or X holds a NaN.

    *Source*: Murphy (2012), equation 7.76.

    >>> fit = posterior_unknown_noise(jnp.zeros((0, 1)), jnp.zeros(0), alpha=1.0)
    >>> predict_unknown_noise(jnp.zeros((1, 1)), fit).df.item()
    2.0
    """
    check_design(X, None)
    if jnp.shape(X)[1] != len(posterior.mean):
        expected = f"{len(posterior.mean)} weights"
        raise ArgumentError("the number of columns of X", jnp.shape(X)[1], expected)
    spread = jnp.matmul(X, posterior.scale, precision="highest")
    variance = posterior.rate / posterior.shape * (1 + jnp.sum(spread * X, axis=1))
    mean = jnp.matmul(X, posterior.mean, precision="highest")
    return StudentPrediction(mean, jnp.sqrt(variance), 2 * posterior.shape)


def student_log_likelihood(
    residual: Float[Array, "*shape"], df: Scalar, scale: Scalar
) -> Float[Array, "*shape"]:
    """The log-density of Student's t at each residual y - f: noise that now and then is large.

    Far out it falls as the power -(df + 1) of the residual, where a Gaussian falls as the
    exponential of its square: one outlier costs little, and hardly moves the fit.

    Args:
        residual: y - f, of any shape.
        df: degrees of freedom, positive; 1 is Cauchy's distribution, infinity the Gaussian.
        scale: positive, in units of y.

    Raises:
        ArgumentError: `df` or `scale` is not positive.

    *Source*: Lange, Little and Taylor, Robust statistical modeling using the t distribution, 1989.

    >>> student_log_likelihood(jnp.array(0.0), df=1.0, scale=1.0).item().__round__(4)  # -log pi
    -1.1447
    """
    check_positive("df", df)
    check_positive("scale", scale)
    gammaln, df, scale = jax.scipy.special.gammaln, jnp.asarray(df, float), jnp.asarray(scale)
    constant = gammaln((df + 1) / 2) - gammaln(df / 2) - jnp.log(jnp.pi * df) / 2 - jnp.log(scale)
    return constant - (df + 1) / 2 * jnp.log1p((residual / scale) ** 2 / df)
