"""Tempered sequential Monte Carlo: from the prior to the posterior by small steps, modes and all.

Particles start as draws of the prior and move to p(w) p(y | X, w)^t as the temperature t grows from
0 to 1. At each step they are weighted by what the likelihood gained, the heavy ones are copied, and
all take some Metropolis steps. Modes keep their shares because no particle has to cross between
them, and the product of the mean weights is the evidence.

*Source*: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers, 2006; the choice of the next
temperature from Jasra et al., Inference for Levy-driven models by SMC, 2011, section 3.2.
"""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, PRNGKeyArray

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least, check_between
from mazoezi.bayes._chains import LogDensity

BISECTIONS = 40
"""Halvings of the interval in which the next temperature is sought."""
SMALLEST_SCALE = 0.03
"""Proposals are between this and once as wide as suits a Gaussian: modes are narrower than all."""


class Particles(NamedTuple):
    """Equally weighted particles on their way from the prior to the posterior."""

    positions: Float[Array, "particles weights"]
    log_likelihoods: Float[Array, "particles"]
    temperature: Float[Array, ""]
    """0 for the prior, 1 for the posterior."""
    log_evidence: Float[Array, ""]
    """Of the data with the likelihood raised to the temperature."""
    acceptance: Float[Array, ""]
    """Share of the proposals accepted in the last step."""


class TemperedPosterior(NamedTuple):
    """Draws of the posterior, its evidence, and the way there."""

    draws: Float[Array, "particles weights"]
    log_evidence: Float[Array, ""]
    temperatures: Float[Array, "steps"]
    acceptances: Float[Array, "steps"]


def init_tempering(
    log_likelihood: LogDensity, draws: Float[Array, "particles weights"]
) -> Particles:
    """Particles at temperature 0, from draws of the prior."""
    values = jax.vmap(log_likelihood)(draws)
    zero = jnp.zeros((), values.dtype)
    return Particles(draws, values, zero, zero, jnp.ones((), values.dtype))


def tempering_step(
    key: PRNGKeyArray,
    particles: Particles,
    log_prior: LogDensity,
    log_likelihood: LogDensity,
    kept: float,
    moves: int,
) -> Particles:
    """Warm up a little: weigh, resample, move.

    Args:
        key: random key.
        particles: where all are.
        log_prior: from one position to log p(w), up to a constant.
        log_likelihood: from one position to log p(y | X, w).
        kept: the temperature grows until the effective sample size falls to this share.
        moves: Metropolis steps of each particle.
    """
    resample_key, move_key = jr.split(key)
    temperature = _next_temperature(particles, kept)
    log_weights = (temperature - particles.temperature) * particles.log_likelihoods
    gain = jax.nn.logsumexp(log_weights) - jnp.log(log_weights.size)
    picks = _systematic(resample_key, jax.nn.softmax(log_weights))
    positions, values = particles.positions[picks], particles.log_likelihoods[picks]

    def log_target(w: Array) -> tuple[Array, Array]:
        value = log_likelihood(w)
        return log_prior(w) + temperature * value, value

    positions, values, acceptance = _metropolis(move_key, positions, values, log_target, moves)
    log_evidence = particles.log_evidence + gain
    return Particles(positions, values, temperature, log_evidence, acceptance)


def tempered_posterior(
    log_prior: LogDensity,
    log_likelihood: LogDensity,
    prior_sampler: Callable[[PRNGKeyArray, int], Float[Array, "particles weights"]],
    key: PRNGKeyArray,
    count: int,
    *,
    kept: float = 0.7,
    moves: int = 20,
    most_steps: int = 200,
) -> TemperedPosterior:
    """Sample a posterior with separated modes, in the right proportions, and its evidence.

    Args:
        log_prior: from one weight vector to log p(w), up to a constant.
        log_likelihood: from one weight vector to log p(y | X, w), normalised over y.
        prior_sampler: `prior_sampler(key, K)`, K draws of the prior along a first axis.
        key: random key.
        count: number of particles; the error of the evidence and of the modes' shares falls as
            1 / sqrt(count).
        kept: share of the particles that stays effective from one temperature to the next.
        moves: Metropolis steps of each particle at each temperature.
        most_steps: temperatures to pass at most.

    Raises:
        ArgumentError: a count is too small, `kept` is not between 0 and 1, a particle's likelihood
            is NaN or +infinity, all are -infinity, or `most_steps` does not lead to the posterior.
    """
    check_at_least("count", count, 2)
    check_at_least("moves", moves, 1)
    check_at_least("most_steps", most_steps, 1)
    check_between("kept", kept, 0, 1)
    start_key, step_key = jr.split(key)
    particles = _init(log_likelihood, prior_sampler(start_key, count))
    largest = float(jnp.max(particles.log_likelihoods))
    if not jnp.isfinite(largest):
        raise ArgumentError("the largest log likelihood of a prior draw", largest, "finite")
    path = []
    for each in jr.split(step_key, most_steps):
        particles = _step(each, particles, log_prior, log_likelihood, kept, moves)
        path.append((particles.temperature, particles.acceptance))
        if float(particles.temperature) >= 1:
            temperatures, acceptances = map(jnp.stack, zip(*path, strict=True))
            draws, log_evidence = particles.positions, particles.log_evidence
            return TemperedPosterior(draws, log_evidence, temperatures, acceptances)
    reached = f"{most_steps}, which ends at the temperature {float(particles.temperature):.2g}"
    raise ArgumentError("most_steps", reached, "enough steps to reach the temperature 1")


_init = eqx.filter_jit(init_tempering)
_step = eqx.filter_jit(tempering_step)


def _next_temperature(particles: Particles, kept: float) -> Float[Array, ""]:
    """The temperature up to 1 at which just the share `kept` stays effective, by bisection."""
    now, values = particles.temperature, particles.log_likelihoods

    def too_far(temperature: Array) -> Array:
        weights = jax.nn.softmax((temperature - now) * values)
        return 1 / jnp.sum(weights**2) < kept * values.size

    def halve(_: int, interval: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = interval
        middle = (low + high) / 2
        far = too_far(middle)
        return jnp.where(far, low, middle), jnp.where(far, middle, high)

    one = jnp.ones_like(now)
    _, found = jax.lax.fori_loop(0, BISECTIONS, halve, (now, one))
    return jnp.where(too_far(one), found, one)


def _systematic(key: PRNGKeyArray, weights: Float[Array, "particles"]) -> Array:
    """Which particles to copy: one random number, and equal steps through the weights."""
    count = weights.shape[0]
    places = (jnp.arange(count) + jr.uniform(key)) / count
    return jnp.clip(jnp.searchsorted(jnp.cumsum(weights), places), 0, count - 1)


def _metropolis(
    key: PRNGKeyArray,
    positions: Float[Array, "particles weights"],
    values: Float[Array, "particles"],
    log_target: Callable[[Array], tuple[Array, Array]],
    moves: int,
) -> tuple[Array, Array, Array]:
    """Random-walk steps as wide as all particles together, or a random share of that."""
    count, size = positions.shape
    spread = jnp.std(positions, axis=0) * 2.38 / jnp.sqrt(size)

    def move(state: tuple, key_data: Array) -> tuple[tuple, Array]:
        positions, values, log_densities = state
        step_key, scale_key, accept_key = jr.split(jr.wrap_key_data(key_data, impl=impl), 3)
        scales = jnp.exp(
            jr.uniform(scale_key, (count, 1), minval=jnp.log(SMALLEST_SCALE), maxval=0)
        )
        proposals = positions + scales * spread * jr.normal(step_key, positions.shape)
        proposed, proposed_values = jax.vmap(log_target)(proposals)
        threshold = jnp.log(jr.uniform(accept_key, (count,)))
        accepted = threshold < proposed - log_densities
        positions = jnp.where(accepted[:, None], proposals, positions)
        values = jnp.where(accepted, proposed_values, values)
        log_densities = jnp.where(accepted, proposed, log_densities)
        return (positions, values, log_densities), jnp.mean(accepted)

    impl, key_data = jr.key_impl(key), jr.key_data(jr.split(key, moves))
    log_densities, _ = jax.vmap(log_target)(positions)
    state, accepted = jax.lax.scan(move, (positions, values, log_densities), key_data)
    return state[0], state[1], jnp.mean(accepted)
