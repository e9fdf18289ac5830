"""Have the chains converged? What can be said from their draws, and what cannot.

All functions take draws [chains, draws, ...] of one quantity or several, and judge each on its own.
They compare chains: where all chains miss the same mode, none of them can notice.

*Source*: Gelman et al., Bayesian Data Analysis, third edition, section 11.4; Vehtari et al.,
Rank-normalization, folding, and localization: an improved R-hat, 2021.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least


def split_rhat(draws: Float[Array, "chains draws *shape"]) -> Float[Array, "*shape"]:
    """R-hat of chains cut in halves: sqrt(pooled variance / variance within chains).

    Near 1 the halves agree; above about 1.01 they do not yet. Halves also reveal one chain that
    drifts. NaN where nothing ever moved.

    Raises:
        ArgumentError: fewer than 4 draws a chain, so that a half has no variance.
    """
    draws = _checked(draws, least=4)
    half = draws.shape[1] // 2
    halves = jnp.concatenate([draws[:, :half], draws[:, -half:]])  # [2 chains, draws / 2, ...]
    within, pooled = _variances(halves)
    return jnp.sqrt(pooled / within)


def rank_rhat(draws: Float[Array, "chains draws *shape"]) -> Float[Array, "*shape"]:
    """Split R-hat of the draws' ranks, mapped to a normal distribution: fit for heavy tails.

    The larger of two: of the ranks, which compares locations, and of the ranks of the distance
    from the median, which compares scales (Vehtari et al. 2021, section 3.2).
    """
    draws = _checked(draws, least=4)
    folded = jnp.abs(draws - jnp.median(draws, axis=(0, 1)))
    return jnp.maximum(split_rhat(_normal_scores(draws)), split_rhat(_normal_scores(folded)))


def effective_sample_size(draws: Float[Array, "chains draws *shape"]) -> Float[Array, "*shape"]:
    """How many independent draws would tell the mean as precisely.

    draws / (1 + 2 sum of autocorrelations), where the sum stops at the first pair of lags that is
    not positive and pairs never grow (Geyer, Practical Markov chain Monte Carlo, 1992, section
    3.3); chains that disagree count as correlated.

    Raises:
        ArgumentError: fewer than 4 draws a chain.
    """
    return _effective_sample_size(_checked(draws, least=4))


@jax.jit
def _effective_sample_size(draws: Array) -> Array:
    chains, length = draws.shape[:2]
    within, pooled = _variances(draws)
    covariances = jnp.mean(_autocovariance(draws), axis=0)  # [lags, ...]
    correlations = (1 - (within - covariances) / pooled).at[0].set(1.0)
    even = length // 2 * 2
    pairs = correlations[:even].reshape(even // 2, 2, *draws.shape[2:]).sum(axis=1)
    later = jax.lax.cummin(jnp.maximum(pairs[1:], 0), axis=0)
    return chains * length / (2 * (pairs[0] + jnp.sum(later, axis=0)) - 1)


def mode_shares(labels: Int[Array, "chains draws"], modes: int) -> Float[Array, "chains modes"]:
    """In each chain, the share of the draws in each mode; labels are 0, 1, ..., `modes` - 1.

    >>> mode_shares(jnp.array([[0, 0, 0, 1], [1, 1, 1, 1]]), 2).tolist()
    [[0.75, 0.25], [0.0, 1.0]]
    """
    check_at_least("modes", modes, 1)
    labels = jnp.asarray(labels)
    if labels.ndim != 2 or labels.shape[1] == 0:
        raise ArgumentError("the shape of labels", labels.shape, "(chains, draws)")
    return jnp.mean(labels[..., None] == jnp.arange(modes), axis=1)


def rank_histogram(
    draws: Float[Array, "chains draws"], bins: int = 20
) -> Int[Array, "chains bins"]:
    """How the ranks among all draws spread over each chain; flat if the chains agree.

    Of all chains' draws together, the lowest fall into the first bin, and so on.
    """
    check_at_least("bins", bins, 1)
    draws = _checked(draws, least=2)
    if draws.ndim != 2:
        raise ArgumentError("the shape of draws", draws.shape, "(chains, draws) of one quantity")
    places = (_ranks(draws) - 1) * bins // draws.size
    return jnp.sum(places[..., None] == jnp.arange(bins), axis=1)


def energy_fraction(energy: Float[Array, "chains draws"]) -> Float[Array, "chains"]:
    """How well the random kicks explore energies: E[(E_t - E_(t-1))^2] / Var[E], for each chain.

    Below about 0.3 momentum changes too little from draw to draw for the spread of energies, and
    tails are visited rarely (Betancourt, A conceptual introduction to Hamiltonian Monte Carlo,
    2017, section 6.1).
    """
    energy = _checked(energy, least=2)
    return jnp.mean(jnp.diff(energy, axis=1) ** 2, axis=1) / jnp.var(energy, axis=1)


def _checked(draws: Array, least: int) -> Array:
    draws = jnp.asarray(draws)
    if draws.ndim < 2:
        raise ArgumentError("the shape of draws", draws.shape, "(chains, draws, ...)")
    if draws.shape[0] == 0 or draws.shape[1] < least:
        expected = f"at least one chain of at least {least} draws"
        raise ArgumentError("the shape of draws", draws.shape, expected)
    return draws.astype(jnp.result_type(draws, jnp.float32))


def _variances(draws: Array) -> tuple[Array, Array]:
    """Within the chains, and pooled over them."""
    length = draws.shape[1]
    within = jnp.mean(jnp.var(draws, axis=1, ddof=1), axis=0)
    pooled = within * (length - 1) / length
    if draws.shape[0] == 1:
        return pooled, pooled
    return within, pooled + jnp.var(jnp.mean(draws, axis=1), axis=0, ddof=1)


def _autocovariance(draws: Array) -> Array:
    """At lags 0, 1, ..., [chains, lags, ...]: the Fourier transform of the power spectrum."""
    length = draws.shape[1]
    centred = draws - jnp.mean(draws, axis=1, keepdims=True)
    spectrum = jnp.fft.rfft(centred, n=2 * length, axis=1)  # padded: no wrapping around
    return jnp.fft.irfft(jnp.abs(spectrum) ** 2, n=2 * length, axis=1)[:, :length] / length


def _ranks(draws: Array) -> Array:
    """1 for the least of all chains' draws, [chains, draws, ...]."""
    flat = draws.reshape(-1, *draws.shape[2:])
    return (jnp.argsort(jnp.argsort(flat, axis=0), axis=0) + 1).reshape(draws.shape)


def _normal_scores(draws: Array) -> Array:
    count = draws.shape[0] * draws.shape[1]
    return jax.scipy.special.ndtri((_ranks(draws) - 3 / 8) / (count + 1 / 4))
