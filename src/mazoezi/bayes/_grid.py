"""A posterior on a grid of weights: the truth to compare with, where there are one or two weights."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least, check_finite, is_known, let_check

MOST_POINTS = 10_000_000
"""Largest number of grid points: 40 MB for each number kept per point."""


class GridPosterior(NamedTuple):
    """A density over weights, known at equally spaced points."""

    mean: Float[Array, "weights"]
    covariance: Float[Array, "weights weights"]
    log_evidence: Float[Array, ""]
    axes: tuple[Float[Array, "points"], ...]
    """The values of each weight."""
    probability: Float[Array, "*grid"]
    """The share of the mass at each point; it sums to 1. The first axis is the first weight."""
    edge_share: Float[Array, ""]
    """The share at the grid's outermost points. If it is not next to nothing, the ranges cut the
    posterior off, and every other number here is wrong."""

    def expectation(self, function: Callable[[Array], Array]) -> Array:
        """E[function(w)], for a function from one weight vector to an array."""
        return _expectation(function, _grid(self.axes), self.probability)


def grid_posterior(
    log_joint: Callable[..., Float[Array, ""]],
    ranges: Sequence[tuple[float | Float[Array, ""], float | Float[Array, ""]]],
    points: int = 200,
    *args: PyTree,
) -> GridPosterior:
    """Normalise exp(log_joint) by summing over a grid.

    For a smooth density that vanishes before the edges, sums over equally spaced points are as
    good as exact, once a standard deviation holds two or three points. The cost grows as
    points^weights: this is for one weight or two, three at most.

    Args:
        log_joint: `log_joint(w, *args)`, from one weight vector to log p(y, w). If it is
            normalised, so is the log evidence.
        ranges: for each weight its lowest and highest value; inside `jit` they may be traced.
        points: number of values of each weight, 2 or more.
        *args: further arguments of `log_joint`.

    Raises:
        ArgumentError: a range is empty, the grid has above ten million points, `log_joint` refuses
            `args`, or it is NaN or minus infinity on all of the grid.

    >>> def log_joint(w):
    ...     return jnp.sum(jax.scipy.stats.norm.logpdf(w, 1.0, 0.5))
    >>> grid = grid_posterior(log_joint, [(-4, 6)], 500)
    >>> float(grid.mean[0]).__round__(3), abs(float(grid.log_evidence)) < 1e-4
    (1.0, True)
    """
    check_at_least("points", points, 2)
    check_at_least("the number of ranges", len(ranges), 1)
    if points ** len(ranges) > MOST_POINTS:
        raise ArgumentError("the number of grid points", points ** len(ranges), f"{MOST_POINTS}")
    for low, high in ranges:
        if is_known(low, high) and not (-np.inf < low < high < np.inf):
            raise ArgumentError("a range", (low, high), "two numbers, the lower one first")
    axes = tuple(jnp.linspace(low, high, points) for low, high in ranges)
    let_check(log_joint, jnp.stack([axis[0] for axis in axes]), *args)
    result = _integrate(log_joint, axes, args)
    if is_known(result.log_evidence):
        check_finite("the log evidence on the grid", result.log_evidence)
    return result


@eqx.filter_jit
def _integrate(log_joint: Callable, axes: tuple, args: tuple) -> GridPosterior:
    grid = _grid(axes)  # [points, ..., weights]
    values = jax.lax.map(lambda row: _apply(lambda w: log_joint(w, *args), row), grid)
    cell = jnp.prod(jnp.stack([axis[1] - axis[0] for axis in axes]))
    log_mass = jax.scipy.special.logsumexp(values)
    probability = jnp.exp(values - log_mass)
    mean = jnp.tensordot(probability, grid, len(axes), precision="highest")
    offsets = (grid - mean).reshape(-1, len(axes))
    weighted = offsets * probability.reshape(-1, 1)
    covariance = jnp.matmul(weighted.T, offsets, precision="highest")
    inner = probability[tuple(slice(1, -1) for _ in axes)]
    edge_share = jnp.maximum(1 - jnp.sum(inner), 0)
    return GridPosterior(mean, covariance, log_mass + jnp.log(cell), axes, probability, edge_share)


@eqx.filter_jit
def _expectation(function: Callable, grid: Array, probability: Array) -> Array:
    def add(total: Array, row: tuple) -> tuple[Array, None]:
        points, shares = row
        return total + jnp.tensordot(shares, _apply(function, points), shares.ndim), None

    shape = jax.eval_shape(function, grid.reshape(-1, grid.shape[-1])[0]).shape
    return jax.lax.scan(add, jnp.zeros(shape, grid.dtype), (grid, probability))[0]


def _grid(axes: tuple) -> Float[Array, "*grid weights"]:
    return jnp.stack(jnp.meshgrid(*axes, indexing="ij"), axis=-1)


def _apply(function: Callable, points: Float[Array, "*grid weights"]) -> Array:
    for _ in points.shape[:-1]:
        function = jax.vmap(function)
    return function(points)
