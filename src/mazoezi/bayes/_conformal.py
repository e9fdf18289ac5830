"""Intervals that cover as promised even if the model is wrong: split-conformal prediction.

Hold examples out, and see by how many of its own standard deviations the model misses them. If old
and new examples are exchangeable, a new miss is equally likely to have any rank among the old
ones and itself. So the k-th smallest of n, with k = ceil((n + 1) level), is exceeded with at most
the probability 1 - level: on average over examples, not at every input (Vovk, Gammerman and
Shafer, Algorithmic learning in a random world, 2005; Lei and others, Distribution-free predictive
inference for regression, 2018, theorem 2.2).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_between, check_finite, check_positive


class Interval(NamedTuple):
    """From `lower` to `upper`, at each input."""

    lower: Float[Array, "inputs"]
    upper: Float[Array, "inputs"]


def conformal_factor(scores: Float[Array, "examples"], level: float = 0.9) -> Float[Array, ""]:
    """The score that a new example exceeds with a probability of at most 1 - level.

    Args:
        scores: how badly the model missed each held-out example, such as |y - mean| / sd.
        level: probability to cover, between 0 and 1.

    Returns:
        The k-th smallest score, k = ceil((n + 1) level); infinite if that is more than there are.

    Raises:
        ArgumentError: `level` is not between 0 and 1, or a score is NaN or infinite.

    >>> conformal_factor(jnp.array([3.0, 1.0, 2.0, 4.0]), level=0.6).item()
    3.0
    >>> conformal_factor(jnp.array([3.0, 1.0, 2.0, 4.0]), level=0.9).item()
    inf
    """
    check_between("level", level, 0, 1)
    check_finite("scores", scores)
    if jnp.ndim(scores) != 1:
        raise ArgumentError("the shape of scores", jnp.shape(scores), "(N,)")
    rank = math.ceil(round((len(scores) + 1) * level, 9))  # 100 * 0.07 is a little above 7
    return jnp.sort(scores)[rank - 1] if rank <= len(scores) else jnp.asarray(jnp.inf)


def split_conformal(
    predict: Callable[[Array], tuple[Array, Array]],
    X: Float[Array, "examples ..."],
    y: Float[Array, "examples"],
    level: float = 0.9,
) -> Callable[[Array], Interval]:
    """Wrap any model that was fitted to other examples: mean +- factor * sd at each input.

    The factor is one for all inputs, so the intervals are as wide, relative to each other, as the
    model says. A model without error bars may say 1 everywhere.

    Args:
        predict: `predict(X)`, the model's means and standard deviations.
        X: inputs of the held-out examples. None of them may have been used in the fit.
        y: their targets.
        level: probability to cover, between 0 and 1.

    Returns:
        A function from inputs to their intervals.

    Raises:
        ArgumentError: `level` is not between 0 and 1, a standard deviation is not positive, the
            shapes do not fit, or the data hold a NaN.

    >>> def zero(x):
    ...     return jnp.zeros_like(x), jnp.ones_like(x)
    >>> interval = split_conformal(zero, jnp.zeros(4), jnp.array([3.0, -1.0, 2.0, 4.0]), level=0.6)
    >>> interval(jnp.zeros(1)).upper.tolist()
    [3.0]
    """
    mean, sd = predict(X)
    if jnp.shape(y) != jnp.shape(mean):
        raise ArgumentError("the shape of y", jnp.shape(y), f"that of the means, {jnp.shape(mean)}")
    check_finite("y", y)
    check_positive("sd", sd)
    factor = conformal_factor(jnp.abs(y - mean) / sd, level)

    def interval(X: Float[Array, "inputs ..."]) -> Interval:
        mean, sd = predict(X)
        return Interval(mean - factor * sd, mean + factor * sd)

    return interval
