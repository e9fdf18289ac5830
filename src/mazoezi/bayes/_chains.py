"""What every sampler gives back: several chains, and how each of their steps went."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float, PyTree

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import is_known

LogDensity: TypeAlias = Callable[[Any], Float[Array, ""]]
"""From one position to log p, up to a constant: a log joint, minus a loss, ..."""


class Chains(NamedTuple):
    """Draws of several chains side by side."""

    draws: PyTree
    """Positions, with two new first axes: [chains, draws, ...]."""
    info: Any
    """How each step went, [chains, draws]: `HMCInfo` or `NUTSInfo`."""


def check_starts(log_density: LogDensity, starts: PyTree) -> None:
    """Each chain must start where the log density is finite."""
    leaves = jax.tree.leaves(starts)
    if not leaves or any(np.ndim(leaf) < 1 for leaf in leaves):
        raise ArgumentError("starts", starts, "one start per chain, along a first axis")
    if len({np.shape(leaf)[0] for leaf in leaves}) > 1:
        shapes = [np.shape(leaf) for leaf in leaves]
        raise ArgumentError("the shapes of starts", shapes, "the same number of chains in each")
    if np.shape(leaves[0])[0] == 0:
        raise ArgumentError("the number of starts", 0, "one for each chain, at least one")
    if not is_known(starts, log_density):
        return
    values = np.asarray(_each(log_density, starts))
    if values.ndim != 1:
        raise ArgumentError("the shape of log_density(start)", values.shape[1:], "() for one start")
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        name = f"log_density(starts[{bad[0]}])"
        raise ArgumentError(name, float(values[bad[0]]), "finite: a chain cannot start elsewhere")


@eqx.filter_jit
def _each(log_density: LogDensity, positions: PyTree) -> Array:
    return jax.vmap(log_density)(positions)
