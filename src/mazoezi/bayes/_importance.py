"""Importance sampling from the prior: the ground truth of small problems.

Draws come from the prior, each weighted by its likelihood. No chain, no start, no mode missed
as long as the prior reaches it often enough, which the effective sample size tells. The cost grows
exponentially with the number of weights; up to about four, millions of draws settle any question.

*Source*: Owen, Monte Carlo theory, methods and examples, 2013, sections 9.2 and 9.3.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least, is_known

PriorSampler: TypeAlias = Callable[[PRNGKeyArray, int], PyTree]
"""From a random key and a count K to draws with first axis K."""


class ImportanceWeights(NamedTuple):
    """What K draws of the prior are worth under the posterior."""

    weights: Float[Array, "draws"]
    """Proportional to the likelihoods; they sum to 1."""
    effective_sample_size: Float[Array, ""]
    """1 / (sum of squared weights): between 1 and K."""
    log_evidence: Float[Array, ""]
    """Logarithm of the mean likelihood."""


class ImportanceEstimate(NamedTuple):
    """Posterior expectations, and how far to trust them."""

    mean: PyTree
    """Posterior mean of the statistic."""
    sd: PyTree
    """Its posterior standard deviation."""
    effective_sample_size: Float[Array, ""]
    log_evidence: Float[Array, ""]


def importance_weights(log_likelihoods: Float[Array, "draws"]) -> ImportanceWeights:
    """Self-normalised weights from log likelihoods, which may be hugely negative.

    Raises:
        ArgumentError: there is no draw, a value is NaN or +infinity, or all are -infinity.

    >>> importance_weights(jnp.array([-2000.0, -2000.0, -jnp.inf])).weights.tolist()
    [0.5, 0.5, 0.0]
    """
    log_likelihoods = jnp.asarray(log_likelihoods)
    if log_likelihoods.ndim != 1 or log_likelihoods.size == 0:
        raise ArgumentError("the shape of log_likelihoods", log_likelihoods.shape, "(draws,)")
    log_mean = jax.nn.logsumexp(log_likelihoods) - jnp.log(log_likelihoods.size)
    _check_evidence(log_mean)
    weights = jax.nn.softmax(log_likelihoods)
    return ImportanceWeights(weights, 1 / jnp.sum(weights**2), log_mean)


def importance_posterior(
    log_likelihood: Callable[[PyTree], Float[Array, ""]],
    prior_sampler: PriorSampler,
    key: PRNGKeyArray,
    count: int,
    statistic: Callable[[PyTree], PyTree] = lambda w: w,
    *,
    chunk: int = 100_000,
) -> ImportanceEstimate:
    """Posterior mean and sd of a statistic from `count` draws of the prior.

    Draws are made, weighted and forgotten chunk by chunk, so that memory does not grow with
    their number.

    Args:
        log_likelihood: from one draw to log p(y | X, w), normalised over y.
        prior_sampler: `prior_sampler(key, K)`, K draws of the prior along a first axis.
        key: random key.
        count: number of draws.
        statistic: from one draw to the quantity or the pytree of quantities whose expectation is
            wanted: predictions, or an indicator, whose mean is a probability. By default w itself.
        chunk: draws that are held in memory at once.

    Raises:
        ArgumentError: a count is below 1, a log likelihood is NaN or +infinity, or all are
            -infinity.

    >>> def log_likelihood(w):  # one observation y = 1 of w, with noise of variance 1
    ...     return -((1.0 - w) ** 2) / 2 - jnp.log(2 * jnp.pi) / 2
    >>> def prior_sampler(key, count):
    ...     return jr.normal(key, (count,))
    >>> estimate = importance_posterior(log_likelihood, prior_sampler, jr.key(0), 200_000)
    >>> bool(abs(estimate.mean - 0.5) < 0.01)
    True
    """
    check_at_least("count", count, 1)
    check_at_least("chunk", chunk, 1)
    estimate = _estimate(log_likelihood, prior_sampler, statistic, key, count, min(chunk, count))
    _check_evidence(estimate.log_evidence)
    return estimate


@eqx.filter_jit
def _estimate(
    log_likelihood: Callable[[PyTree], Array],
    prior_sampler: PriorSampler,
    statistic: Callable[[PyTree], PyTree],
    key: PRNGKeyArray,
    count: int,
    chunk: int,
) -> ImportanceEstimate:
    chunks = -(-count // chunk)

    def summarise(part: tuple[PRNGKeyArray, Array]) -> tuple:
        key, number = part
        draws = prior_sampler(key, chunk)
        surplus = number * chunk + jnp.arange(chunk) >= count  # in the last chunk
        log_weights = jnp.where(surplus, -jnp.inf, jax.vmap(log_likelihood)(draws))
        top = _finite(jnp.max(log_weights))
        weights = jnp.exp(log_weights - top)
        values = jax.tree.map(_as_float, jax.vmap(statistic)(draws))
        mean, variance = _moments(weights, values)
        return top, jnp.sum(weights), jnp.sum(weights**2), mean, variance

    parts = jax.lax.map(summarise, (jr.split(key, chunks), jnp.arange(chunks)))
    tops, totals, squares, means, variances = parts
    top = _finite(jnp.max(jnp.where(totals == 0, -jnp.inf, tops)))
    share = jnp.where(totals == 0, 0.0, jnp.exp(tops - top))
    totals, squares = totals * share, squares * share**2
    mean, between = _moments(totals, means)
    within, _ = _moments(totals, variances)
    sd = jax.tree.map(lambda within, between: jnp.sqrt(within + between), within, between)
    total = jnp.sum(totals)
    log_evidence = top + jnp.log(total) - jnp.log(count)
    return ImportanceEstimate(mean, sd, total**2 / jnp.sum(squares), log_evidence)


def _moments(weights: Float[Array, "items"], values: PyTree) -> tuple[PyTree, PyTree]:
    """Weighted mean and variance along the first axis; weights need not sum to 1."""
    shares = weights / jnp.maximum(jnp.sum(weights), jnp.finfo(weights.dtype).tiny)

    def average(leaf: Array) -> Array:
        return jnp.tensordot(shares, leaf, axes=1, precision="highest")

    means = jax.tree.map(average, values)
    variances = jax.tree.map(lambda leaf, mean: average((leaf - mean) ** 2), values, means)
    return means, variances


def _as_float(leaf: Array) -> Array:
    return jnp.asarray(leaf, jnp.result_type(leaf, jnp.float32))


def _finite(value: Array) -> Array:
    return jnp.where(value == -jnp.inf, 0.0, value)


def _check_evidence(log_evidence: Array) -> None:
    if is_known(log_evidence) and not np.isfinite(log_evidence):
        raise ArgumentError(
            "the log of the mean likelihood", float(log_evidence), "finite likelihoods, not all 0"
        )
