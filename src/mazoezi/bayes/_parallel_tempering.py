"""Parallel tempering: chains at several temperatures that exchange their places.

A chain at a low temperature t follows p(w) p(y | X, w)^t, whose modes are hardly separated, and
crosses between them. Neighbours in temperature propose to exchange their positions, which leaves the
joint density of all chains as it is. So the chain at t = 1 jumps between modes that it would never
have left, and visits them in proportion.

*Source*: Swendsen and Wang, Replica Monte Carlo simulation of spin glasses, 1986; Geyer, Markov chain
Monte Carlo maximum likelihood, 1991. The evidence: Xie, Lewis, Fan, Kuo and Chen, Improving marginal
likelihood estimation for Bayesian phylogenetic model selection, 2011.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, PRNGKeyArray

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least, check_positive
from mazoezi.bayes._chains import LogDensity, check_starts
from mazoezi.bayes._hmc import hmc_step, init_hmc


class ParallelTempering(NamedTuple):
    """What the chain of the posterior drew, and how the chains of all temperatures fared."""

    draws: Float[Array, "draws weights"]
    """Of the chain at temperature 1."""
    log_evidence: Float[Array, ""]
    """By stepping stones: the product of the mean weights from each temperature to the next."""
    acceptances: Float[Array, "temperatures"]
    """Mean probability with which a path was accepted."""
    exchanges: Float[Array, "neighbours"]
    """Mean probability with which a proposed exchange was accepted."""


def parallel_tempering(
    log_prior: LogDensity,
    log_likelihood: LogDensity,
    starts: Float[Array, "temperatures weights"],
    temperatures: Float[Array, "temperatures"],
    key: PRNGKeyArray,
    *,
    draws: int,
    step_sizes: float | Float[Array, "temperatures"],
    leapfrog_steps: int,
    warmup: int = 0,
) -> ParallelTempering:
    """Sample a posterior with separated modes, in the right proportions, and estimate its evidence.

    Each draw is a path of Hamiltonian Monte Carlo in every chain, and then exchanges between
    neighbours: in turns of the first and the second chain and so on, and of the second and the third.

    Args:
        log_prior: from one weight vector to log p(w), normalised.
        log_likelihood: from one weight vector to log p(y | X, w), normalised over y.
        starts: where the chains start, such as draws of the prior.
        temperatures: rising from 0, the prior, to 1, the posterior; close enough for exchanges.
        key: random key.
        draws: draws to keep.
        step_sizes: of a leapfrog step; one, or one for each temperature: low ones bear longer steps.
        leapfrog_steps: steps of a path.
        warmup: draws to throw away first.

    Raises:
        ArgumentError: the temperatures do not rise from 0 to 1, or are not as many as the starts; a
            count is too small; a step size is not positive; or a density at a start is not finite.
    """
    check_at_least("draws", draws, 1)
    check_at_least("leapfrog_steps", leapfrog_steps, 1)
    check_at_least("warmup", warmup, 0)
    check_positive("step_sizes", step_sizes)
    temperatures = jnp.asarray(temperatures, starts.dtype)
    if temperatures.shape != starts.shape[:1]:
        raise ArgumentError(
            "the number of temperatures", temperatures.shape, f"{len(starts)}, one for each start"
        )
    rising = bool(jnp.all(jnp.diff(temperatures) > 0))
    if not rising or temperatures[0] != 0 or temperatures[-1] != 1:
        raise ArgumentError("temperatures", temperatures.tolist(), "rising from 0 to 1")
    check_starts(lambda w: log_prior(w) + log_likelihood(w), starts)
    step_sizes = jnp.broadcast_to(jnp.asarray(step_sizes, starts.dtype), temperatures.shape)
    return _run(
        log_prior, log_likelihood, starts, temperatures, key,
        step_sizes, draws, leapfrog_steps, warmup,
    )  # fmt: skip


@eqx.filter_jit
def _run(
    log_prior: LogDensity,
    log_likelihood: LogDensity,
    starts: Float[Array, "temperatures weights"],
    temperatures: Float[Array, "temperatures"],
    key: PRNGKeyArray,
    step_sizes: Float[Array, "temperatures"],
    draws: int,
    leapfrog_steps: int,
    warmup: int,
) -> ParallelTempering:
    def move(key: PRNGKeyArray, w: Array, temperature: Array, step_size: Array) -> tuple:
        def log_density(w: Array) -> Array:
            return log_prior(w) + temperature * log_likelihood(w)

        state, info = hmc_step(
            key, init_hmc(w, log_density), log_density, step_size, leapfrog_steps
        )
        return state.position, info.acceptance

    def draw(w: Array, turn: tuple[Array, Array]) -> tuple[Array, tuple]:
        number, key_data = turn
        move_key, exchange_key = jr.split(jr.wrap_key_data(key_data, impl=impl))
        move_keys = jr.split(move_key, len(temperatures))
        w, acceptances = jax.vmap(move)(move_keys, w, temperatures, step_sizes)
        values = jax.vmap(log_likelihood)(w)
        order, exchanges = _exchange(exchange_key, values, temperatures, number % 2)
        w, values = w[order], values[order]
        return w, (w[-1], values, acceptances, exchanges)

    # As bare data, because JAX's check for reused keys misreads a scan over keys.
    impl, keys = jr.key_impl(key), jr.key_data(jr.split(key, warmup + draws))
    _, (path, values, acceptances, exchanges) = jax.lax.scan(
        draw, starts, (jnp.arange(warmup + draws), keys)
    )
    kept = slice(warmup, None)
    gains = jnp.diff(temperatures) * values[kept, :-1]
    log_evidence = jnp.sum(jax.nn.logsumexp(gains, axis=0) - jnp.log(draws))
    # Each pair of neighbours has its turn every other time; in between its entry is NaN.
    shares = jnp.nanmean(exchanges[kept], axis=0)
    return ParallelTempering(path[kept], log_evidence, jnp.mean(acceptances[kept], axis=0), shares)


def _exchange(
    key: PRNGKeyArray,
    values: Float[Array, "temperatures"],
    temperatures: Float[Array, "temperatures"],
    parity: Array,
) -> tuple[Array, Float[Array, "neighbours"]]:
    """Which chain each one's position comes from, and the probability of each exchange.

    Accepted with min(1, exp((t' - t) (l - l'))): the ratio of the joint densities after and before.
    """
    count = len(temperatures)
    probability = jnp.exp(jnp.minimum(0, jnp.diff(temperatures) * -jnp.diff(values)))
    has_turn = jnp.arange(count - 1) % 2 == parity
    accepted = has_turn & (jr.uniform(key, (count - 1,), probability.dtype) < probability)
    up = jnp.concatenate([accepted, jnp.zeros(1, bool)])  # exchanges with the next warmer one
    down = jnp.concatenate([jnp.zeros(1, bool), accepted])
    order = jnp.arange(count) + up - down
    return order, jnp.where(has_turn, probability, jnp.nan)
