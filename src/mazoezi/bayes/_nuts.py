"""The No-U-Turn sampler: NumPyro's kernel, all chains in one compiled call.

NUTS is HMC that chooses the length of each path itself, and adapts its step size and mass matrix
while it warms up (Hoffman and Gelman, The No-U-Turn sampler, 2014). The kernel is NumPyro's;
running it inside one `jit` spares the seconds that each `MCMC.run` costs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, PyTree
from numpyro.handlers import seed, trace
from numpyro.infer import NUTS
from numpyro.infer.util import constrain_fn, potential_energy

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least, check_between
from mazoezi.bayes._chains import Chains, LogDensity, check_starts


class NUTSInfo(NamedTuple):
    """How each draw went."""

    acceptance: Float[Array, "chains draws"]
    """Mean acceptance probability along the path."""
    steps: Int[Array, "chains draws"]
    """Leapfrog steps, each of which costs a gradient."""
    energy: Float[Array, "chains draws"]
    """-log density + kinetic energy of the draw."""
    divergent: Bool[Array, "chains draws"]
    """Whether the path left the level set that it should follow."""
    step_size: Float[Array, "chains"]
    """What the warm-up settled on."""


def nuts(
    log_density: LogDensity,
    starts: PyTree,
    key: PRNGKeyArray,
    *,
    warmup: int = 1000,
    draws: int = 1000,
    acceptance: float = 0.8,
    max_depth: int = 10,
    dense_mass: bool = False,
) -> Chains:
    """Run one chain from each start, all in one compiled call.

    A chain explores the region that it starts in. Between modes that are far apart it may not
    cross in any affordable time: start chains in each, and compare them with `split_rhat`.

    A second call with the same functions and shapes compiles nothing. What shall vary without
    compiling again must be an array: in an Equinox module, or bound by `jax.tree_util.Partial`.

    Args:
        log_density: from a position to log p, up to a constant: a log joint, minus a loss, or
            `model_log_density(...)` of a NumPyro model.
        starts: where the chains start, [chains, ...]; for a NumPyro model a dictionary of such.
        key: random key.
        warmup: steps that adapt step size and mass matrix; their draws are thrown away.
        draws: draws to keep of each chain.
        acceptance: mean acceptance probability that the step size aims at; with more, steps are
            smaller.
        max_depth: a path has at most 2^max_depth - 1 steps.
        dense_mass: whether to adapt a full mass matrix rather than a diagonal one.

    Returns:
        Draws [chains, draws, ...] and `NUTSInfo`.

    Raises:
        ArgumentError: a count is too small, `acceptance` is not between 0 and 1, or the log
            density at a start is not finite.
    """
    check_at_least("warmup", warmup, 1)
    check_at_least("draws", draws, 1)
    check_at_least("max_depth", max_depth, 1)
    check_between("acceptance", acceptance, 0, 1)
    starts = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.result_type(leaf, 0.0)), starts)
    check_starts(log_density, starts)
    settings = _Settings(warmup, draws, acceptance, max_depth, dense_mass)
    return _sample(log_density, starts, key, settings)


class _Settings(NamedTuple):
    warmup: int
    draws: int
    acceptance: float
    max_depth: int
    dense_mass: bool


@eqx.filter_jit
def _sample(
    log_density: LogDensity, starts: PyTree, key: PRNGKeyArray, settings: _Settings
) -> Chains:
    kernel = NUTS(
        potential_fn=lambda position: -log_density(position),
        target_accept_prob=settings.acceptance,
        max_tree_depth=settings.max_depth,
        dense_mass=settings.dense_mass,
    )

    def advance(state: Any, _: None) -> tuple:
        state = kernel.sample(state, (), {})
        seen = state.accept_prob, state.num_steps, state.energy, state.diverging
        return state, (state.z, seen)

    def chain(start_key: tuple[PyTree, Array]) -> tuple[PyTree, NUTSInfo]:
        start, key = start_key
        state = kernel.init(key, settings.warmup, init_params=start)
        state, _ = jax.lax.scan(advance, state, length=settings.warmup)
        state, (draws, seen) = jax.lax.scan(advance, state, length=settings.draws)
        acceptance, steps, energy, divergent = seen
        step_size = state.adapt_state.step_size
        return draws, NUTSInfo(acceptance, steps, energy, divergent, step_size)

    # One after another: with `vmap` all would wait for the longest tree, and compiling takes twice
    # as long. Raw keys, because JAX's check for reused keys misreads loops that carry a key.
    keys = jr.key_data(jr.split(key, jax.tree.leaves(starts)[0].shape[0]))
    return Chains(*jax.lax.map(chain, (starts, keys)))


class ModelLogDensity(eqx.Module):
    """The log joint of a NumPyro model, given its arguments; made by `model_log_density`."""

    model: Callable[..., Any]
    args: tuple
    kwargs: dict[str, Any]

    def __call__(self, position: dict[str, Array]) -> Float[Array, ""]:
        """log p at one value per latent site, mapped to the whole real line."""
        return -jnp.asarray(potential_energy(self.model, self.args, self.kwargs, position))

    def constrain(self, position: dict[str, Array]) -> dict[str, Array]:
        """The latent sites' own values, such as a scale above zero, at one position."""
        return constrain_fn(self.model, self.args, self.kwargs, position)


def model_log_density(model: Callable[..., Any], *args: Any, **kwargs: Any) -> ModelLogDensity:
    """Make `nuts` sample a NumPyro model: log p(latents, observed), given the model's arguments.

    A position is a dictionary with one entry for each latent site. Sites with a limited support,
    such as scales, live on the whole real line, as NumPyro has it, with the volume change
    accounted for; `.constrain` takes one position back.

    Raises:
        ArgumentError: the model holds nothing to infer, or nothing is observed.

    >>> import numpyro, numpyro.distributions as dist
    >>> def model(X, y=None, alpha=1.0):
    ...     w = numpyro.sample("w", dist.Normal(0, alpha**-0.5).expand([X.shape[1]]).to_event(1))
    ...     numpyro.sample("y", dist.Normal(X @ w, 1.0), obs=y)
    >>> log_joint = model_log_density(model, jnp.ones((3, 2)), jnp.zeros(3), alpha=3.0)
    >>> round(float(log_joint({"w": jnp.zeros(2)})), 3)
    -3.496
    """
    sites = _sample_sites(model, args, kwargs)
    if all(site["is_observed"] for site in sites.values()):
        raise ArgumentError("the latent sites of the model", [], "at least one to infer")
    if not any(site["is_observed"] for site in sites.values()):
        names = sorted(sites)
        message = "at least one with obs=...: a model without data has only its prior to sample"
        raise ArgumentError("the observed sites of the model", f"none of {names}", message)
    return ModelLogDensity(model, args, kwargs)


def _sample_sites(model: Callable[..., Any], args: tuple, kwargs: dict) -> dict[str, Any]:

    sites = trace(seed(model, jr.key(0))).get_trace(*args, **kwargs)
    return {name: site for name, site in sites.items() if site["type"] == "sample"}
