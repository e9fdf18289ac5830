"""Are the error bars right? Coverage, reliability, and scores that reward honest predictions.

A score is proper if, on average, nothing beats the true distribution. The log score and the CRPS
are (Gneiting and Raftery, Strictly proper scoring rules, prediction, and estimation, 2007).
The target comes first, then the prediction; everything broadcasts.
"""

from functools import partial
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import (
    check_at_least,
    check_between,
    check_finite,
    check_labels,
    check_positive,
    is_known,
)

Numbers: TypeAlias = float | Float[Array, "*shape"]
"""Anything that broadcasts."""


class Reliability(NamedTuple):
    """Predicted probabilities next to what happened, in bins of equal width."""

    predicted: Float[Array, "bins"]
    """Mean predicted probability in each bin; NaN in an empty one."""
    observed: Float[Array, "bins"]
    """Share of ones in each bin; NaN in an empty one."""
    count: Int[Array, "bins"]


def coverage(y: Numbers, mean: Numbers, sd: Numbers, level: float = 0.95) -> Float[Array, ""]:
    """The share of targets inside the central intervals of N(mean, sd^2); `level`, if all is right.

    Args:
        y: targets.
        mean: predicted means.
        sd: predicted standard deviations of what is observed, noise included.
        level: probability that each interval should have, between 0 and 1.

    Raises:
        ArgumentError: `level` is not between 0 and 1, a standard deviation is not positive, a
            target or mean is not finite, or there is no target.

    >>> coverage(jnp.array([0.0, 1.9, -2.1, 0.3]), jnp.zeros(4), jnp.ones(4)).item()
    0.75
    """
    check_between("level", level, 0, 1)
    check_at_least("the number of targets", jnp.size(y), 1)
    _check_prediction(y, mean, sd)
    width = jax.scipy.stats.norm.ppf((1 + level) / 2)
    return jnp.mean(jnp.abs(y - mean) <= width * sd)


def log_score(y: Numbers, mean: Numbers, sd: Numbers) -> Float[Array, "*shape"]:
    """log N(y; mean, sd^2), element by element: large is good.

    Raises:
        ArgumentError: a standard deviation is not positive, or a target or mean is not finite.

    >>> round(log_score(jnp.array(0.0), jnp.array(0.0), jnp.array(1.0)).item(), 4)
    -0.9189
    """
    _check_prediction(y, mean, sd)
    return jax.scipy.stats.norm.logpdf(y, mean, sd)


def mixture_log_score(
    y: Float[Array, "targets"], means: Float[Array, "samples targets"], sd: Numbers
) -> Float[Array, "targets"]:
    """log of the mean over samples of N(y; mean_k, sd^2): the score of a prediction by sampling.

    Args:
        y: targets.
        means: what each sample of the weights predicts, one row per sample.
        sd: standard deviation of the noise.

    Raises:
        ArgumentError: a standard deviation is not positive, or a target or mean is not finite.

    >>> round(mixture_log_score(jnp.zeros(1), jnp.zeros((3, 1)), 1.0).item(), 4)
    -0.9189
    """
    check_at_least("the number of samples", jnp.shape(means)[0], 1)
    _check_prediction(y, means, sd)
    return _mixture_log_score(y, means, sd)


@jax.jit
def _mixture_log_score(y: Array, means: Array, sd: Numbers) -> Array:
    scores = jax.scipy.stats.norm.logpdf(y, means, sd)
    return jax.scipy.special.logsumexp(scores, axis=0) - jnp.log(len(means))


def bernoulli_log_score(y: Numbers, probability: Numbers) -> Float[Array, "*shape"]:
    """y log p + (1 - y) log(1 - p), element by element; minus infinity for a certain error.

    If `y` is the true probability of a 1, it is the expected score.

    Raises:
        ArgumentError: a target or a probability is outside [0, 1].

    >>> round(bernoulli_log_score(jnp.array(1.0), jnp.array(0.5)).item(), 4)
    -0.6931
    """
    _check_probability("y", y)
    _check_probability("probability", probability)
    y, probability = jnp.asarray(y, float), jnp.asarray(probability, float)
    xlogy, xlog1py = jax.scipy.special.xlogy, jax.scipy.special.xlog1py
    return xlogy(y, probability) + xlog1py(1 - y, -probability)


def crps_gaussian(y: Numbers, mean: Numbers, sd: Numbers) -> Float[Array, "*shape"]:
    """The continuous ranked probability score of N(mean, sd^2), in units of y: small is good.

    It is the integral over t of (P(Y <= t) - [y <= t])^2; for a prediction without spread it is
    the absolute error.

    Raises:
        ArgumentError: a standard deviation is not positive, or a target or mean is not finite.

    *Source*: Gneiting and Raftery (2007), equation 21 for the score and the Gaussian's formula
    in their section 4.2.

    >>> round(crps_gaussian(jnp.array(0.0), jnp.array(0.0), jnp.array(1.0)).item(), 4)
    0.2337
    """
    _check_prediction(y, mean, sd)
    return _crps_gaussian(y, mean, sd)


@jax.jit
def _crps_gaussian(y: Numbers, mean: Numbers, sd: Numbers) -> Array:
    z = (y - mean) / sd
    density, below = jax.scipy.stats.norm.pdf(z), jax.scipy.stats.norm.cdf(z)
    return sd * (z * (2 * below - 1) + 2 * density - 1 / jnp.sqrt(jnp.pi))


def reliability(
    probability: Float[Array, "cases"],
    y: Float[Array, "cases"] | Int[Array, "cases"],
    bins: int = 10,
) -> Reliability:
    """Sort cases by their predicted probability of a 1, and look how often it came.

    Args:
        probability: predicted probability of label 1.
        y: labels, 0 or 1.
        bins: number of equally wide bins; the last one contains the probability 1.

    Raises:
        ArgumentError: a probability is outside [0, 1], a label is neither 0 nor 1, the lengths
            differ, or `bins` is below 1.

    >>> reliability(jnp.array([0.2, 0.3, 0.9]), jnp.array([0, 1, 1]), bins=2).count.tolist()
    [2, 1]
    """
    check_at_least("bins", bins, 1)
    _check_probability("probability", probability)
    check_labels("y", y)
    if jnp.ndim(probability) != 1 or jnp.shape(y) != jnp.shape(probability):
        expected = f"(N,), as probability has the shape {jnp.shape(probability)}"
        raise ArgumentError("the shape of y", jnp.shape(y), expected)
    return _reliability(probability, y, bins)


@partial(jax.jit, static_argnums=2)
def _reliability(probability: Array, y: Array, bins: int) -> Reliability:
    place = jnp.clip(jnp.floor(probability * bins).astype(int), 0, bins - 1)
    members = jax.nn.one_hot(place, bins)  # [cases, bins]
    count = jnp.sum(members, axis=0)
    safe = jnp.where(count > 0, count, jnp.nan)
    return Reliability(
        jnp.sum(members * probability[:, None], axis=0) / safe,
        jnp.sum(members * y[:, None], axis=0) / safe,
        count.astype(int),
    )


def expected_calibration_error(
    probability: Float[Array, "cases"],
    y: Float[Array, "cases"] | Int[Array, "cases"],
    bins: int = 10,
) -> Float[Array, ""]:
    """The mean over cases of |mean prediction - share of ones| in the case's bin.

    It is biased upwards: with few cases in a bin even the true probabilities have an error.
    Arguments and errors are those of `reliability`; there must be a case.

    *Source*: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian
    binning, 2015.

    >>> p = jnp.array([0.25, 0.25, 0.25, 0.25])
    >>> expected_calibration_error(p, jnp.array([0, 1, 0, 0])).item()
    0.0
    """
    check_at_least("the number of cases", jnp.size(y), 1)
    predicted, observed, count = reliability(probability, y, bins)
    gaps = jnp.where(count > 0, jnp.abs(predicted - observed), 0)
    return jnp.sum(gaps * count) / jnp.sum(count)


def _check_prediction(y: Numbers, mean: Numbers, sd: Numbers) -> None:
    check_finite("y", y)
    check_finite("mean", mean)
    check_positive("sd", sd)


def _check_probability(argument: str, value: Numbers) -> None:
    if is_known(value):
        entries = np.asarray(value)
        if not np.all((entries >= 0) & (entries <= 1)):
            raise ArgumentError(argument, value, "between 0 and 1")
