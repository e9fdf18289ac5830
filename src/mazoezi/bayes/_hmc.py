"""Hamiltonian Monte Carlo, written to be read.

A position is a ball on the landscape -log p. Each draw kicks it with a random momentum and lets it
roll for a while: energy is conserved, so that it ends far away and yet at a place about as likely.
What the numerical path gets wrong, a Metropolis test puts right.

*Source*: Duane et al., Hybrid Monte Carlo, 1987; Neal, MCMC using Hamiltonian dynamics, 2011.

Positions are vectors here; `jax.flatten_util.ravel_pytree` makes one of any pytree. `init_hmc` and
`hmc_step` are the algorithm, for one chain; `sample_hmc` runs several in one compiled call.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from mazoezi.bayes._arguments import check_at_least, check_between, check_positive
from mazoezi.bayes._chains import Chains, LogDensity, check_starts

DIVERGENT = 1000.0
"""A path that gains more energy than this has left the level set that it should follow."""

StepSize = float | Float[Array, ""] | Float[Array, "weights"]
"""One for all coordinates, or one for each: what others call a diagonal mass matrix."""


class HMCState(NamedTuple):
    """Where a chain is, and what is known of the density there."""

    position: Float[Array, "weights"]
    log_density: Float[Array, ""]
    gradient: Float[Array, "weights"]
    """Gradient of the log density."""


class HMCInfo(NamedTuple):
    """How a step went."""

    acceptance: Float[Array, ""]
    """Probability with which the end of the path was accepted."""
    accepted: Bool[Array, ""]
    energy: Float[Array, ""]
    """-log density + |momentum|^2 / 2 of the point that was kept."""
    divergent: Bool[Array, ""]


def init_hmc(position: Float[Array, "weights"], log_density: LogDensity) -> HMCState:
    """The state of a chain at a position."""
    return HMCState(position, *jax.value_and_grad(log_density)(position))


def leapfrog(
    state: HMCState,
    momentum: Float[Array, "weights"],
    log_density: LogDensity,
    step_size: StepSize,
    steps: int,
) -> tuple[HMCState, Float[Array, "weights"]]:
    """Roll on for `steps` steps: half a kick by the gradient, a move, and half a kick.

    It is reversible and preserves volume, which the Metropolis test relies on; its energy error
    falls as the square of the step size (Neal 2011, section 2.3).
    """

    def roll(_: int, moving: tuple) -> tuple:
        state, momentum = moving
        momentum = momentum + step_size / 2 * state.gradient
        state = init_hmc(state.position + step_size * momentum, log_density)
        return state, momentum + step_size / 2 * state.gradient

    return jax.lax.fori_loop(0, steps, roll, (state, momentum))


def hmc_step(
    key: PRNGKeyArray,
    state: HMCState,
    log_density: LogDensity,
    step_size: StepSize,
    leapfrog_steps: int,
) -> tuple[HMCState, HMCInfo]:
    """One draw: kick, roll, and accept the end with probability min(1, exp(-energy gained)).

    Args:
        key: random key.
        state: where the chain is.
        log_density: from a position to log p, up to a constant.
        step_size: of a leapfrog step: one for all coordinates, or one for each.
        leapfrog_steps: steps of a path; each costs one gradient.

    Returns:
        Where the chain is next, perhaps the same position again, and how the step went.
    """
    kick_key, accept_key = jr.split(key)
    momentum = jr.normal(kick_key, state.position.shape, state.position.dtype)
    end, end_momentum = leapfrog(state, momentum, log_density, step_size, leapfrog_steps)
    before, after = _energy(state, momentum), _energy(end, end_momentum)
    gained = jnp.where(jnp.isnan(after), jnp.inf, after - before)
    acceptance = jnp.exp(jnp.minimum(0, -gained))
    accepted = jr.uniform(accept_key, dtype=acceptance.dtype) < acceptance
    kept = jax.tree.map(lambda new, old: jnp.where(accepted, new, old), end, state)
    energy = jnp.where(accepted, after, before)
    return kept, HMCInfo(acceptance, accepted, energy, gained > DIVERGENT)


def _energy(state: HMCState, momentum: Float[Array, "weights"]) -> Float[Array, ""]:
    return -state.log_density + jnp.sum(momentum**2) / 2


def sample_hmc(
    log_density: LogDensity,
    starts: Float[Array, "chains weights"],
    key: PRNGKeyArray,
    *,
    draws: int,
    step_size: StepSize,
    leapfrog_steps: int,
    warmup: int = 0,
) -> Chains:
    """Run one chain from each start, all at once, in one compiled call.

    A second call with the same functions and shapes compiles nothing. What shall vary without
    compiling again must be an array: in an Equinox module, or bound by `jax.tree_util.Partial`.
    Paths of a fixed length can go full circle in directions that are wide alike; if draws barely
    move although all are accepted, change `leapfrog_steps`.

    Args:
        log_density: from a position to log p, up to a constant.
        starts: where the chains start: far apart, so that they can disagree.
        key: random key.
        draws: draws to keep of each chain.
        step_size: of a leapfrog step; see `tune_step_size`.
        leapfrog_steps: steps of a path.
        warmup: draws to throw away first.

    Returns:
        Draws [chains, draws, weights], and `HMCInfo` of [chains, draws].

    Raises:
        ArgumentError: a count is too small, the step size is not positive, or the log density at
            a start is not finite.
    """
    check_at_least("draws", draws, 1)
    check_at_least("leapfrog_steps", leapfrog_steps, 1)
    check_at_least("warmup", warmup, 0)
    check_positive("step_size", step_size)
    starts = _as_vectors(starts)
    check_starts(log_density, starts)
    step_size = jnp.asarray(step_size, starts.dtype)
    return _sample(log_density, starts, key, step_size, draws, leapfrog_steps, warmup)


@eqx.filter_jit
def _sample(
    log_density: LogDensity,
    starts: Float[Array, "chains weights"],
    key: PRNGKeyArray,
    step_size: Float[Array, "..."],
    draws: int,
    leapfrog_steps: int,
    warmup: int,
) -> Chains:
    def advance(state: HMCState, key_data: Array) -> tuple[HMCState, tuple]:
        key = jr.wrap_key_data(key_data, impl=impl)
        state, info = hmc_step(key, state, log_density, step_size, leapfrog_steps)
        return state, (state.position, info)

    def chain(start: Float[Array, "weights"], key_data: Array) -> tuple:
        state = init_hmc(start, log_density)
        state, _ = jax.lax.scan(advance, state, key_data[:warmup])
        return jax.lax.scan(advance, state, key_data[warmup:])[1]

    # As bare data, because JAX's check for reused keys misreads a vmapped scan over keys.
    impl, keys = jr.key_impl(key), jr.split(key, (starts.shape[0], warmup + draws))
    return Chains(*jax.vmap(chain)(starts, jr.key_data(keys)))


def tune_step_size(
    log_density: LogDensity,
    starts: Float[Array, "chains weights"],
    key: PRNGKeyArray,
    *,
    leapfrog_steps: int,
    acceptance: float = 0.8,
    steps: int = 500,
) -> Float[Array, ""]:
    """A step size at which about the share `acceptance` of the paths is accepted.

    Chains run from the starts, and the logarithm of their common step size moves up while they
    accept more than wanted and down while less: dual averaging (Hoffman and Gelman, The No-U-Turn
    sampler, 2014, equation 6, with their constants). Its result must stay fixed while drawing.

    Raises:
        ArgumentError: a count is too small, `acceptance` is not between 0 and 1, or the log
            density at a start is not finite.
    """
    check_at_least("steps", steps, 1)
    check_at_least("leapfrog_steps", leapfrog_steps, 1)
    check_between("acceptance", acceptance, 0, 1)
    starts = _as_vectors(starts)
    check_starts(log_density, starts)
    return _tune(log_density, starts, key, leapfrog_steps, acceptance, steps)


@eqx.filter_jit
def _tune(
    log_density: LogDensity,
    starts: Float[Array, "chains weights"],
    key: PRNGKeyArray,
    leapfrog_steps: int,
    target: float,
    steps: int,
) -> Float[Array, ""]:
    shrinkage, offset, forgetting = 0.05, 10.0, 0.75
    first = jnp.log(0.1)
    aim = jnp.log(10.0) + first

    def adapt(carry: tuple, t: Array) -> tuple[tuple, None]:
        states, log_size, averaged, shortfall = carry
        keys = jr.split(jr.fold_in(key, t), starts.shape[0])
        move = jax.vmap(hmc_step, in_axes=(0, 0, None, None, None))
        states, info = move(keys, states, log_density, jnp.exp(log_size), leapfrog_steps)
        missing = target - jnp.mean(info.acceptance)
        shortfall += (missing - shortfall) / (t + offset)
        log_size = aim - jnp.sqrt(t) / shrinkage * shortfall
        averaged += jnp.power(t, -forgetting) * (log_size - averaged)
        return (states, log_size, averaged, shortfall), None

    states = jax.vmap(lambda start: init_hmc(start, log_density))(starts)
    carry = (states, first, first, jnp.zeros_like(first))
    (_, _, averaged, _), _ = jax.lax.scan(adapt, carry, jnp.arange(1, steps + 1))
    return jnp.exp(averaged)


def _as_vectors(starts: Float[Array, "chains weights"]) -> Float[Array, "chains weights"]:
    starts = jnp.asarray(starts)
    return starts.astype(jnp.result_type(starts, jnp.float32))
