"""Gradient descent, with and without clipping, and the largest rate it can stand."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from mazoezi._errors import ArgumentError

Weights = TypeVar("Weights", bound=PyTree)
Loss: TypeAlias = Callable[[Weights], Float[Array, ""]]
Clip: TypeAlias = Callable[[Weights], Weights]


class DescentState(NamedTuple):
    """Where a descent stands."""

    params: PyTree
    step: Int[Array, ""]
    """Number of steps taken so far."""


class DescentInfo(NamedTuple):
    """What one step saw before it moved."""

    loss: Float[Array, ""]
    gradient: PyTree
    """The gradient before clipping, of the structure of the parameters."""


class DescentPath(NamedTuple):
    """A whole descent; entry 0 is the start, so each array has `steps + 1` entries."""

    params: PyTree
    """The parameters' structure, with a new first axis over the steps."""
    loss: Float[Array, "steps_plus_one"]


def clip_elements(threshold: float | Float[Array, ""]) -> Clip:
    """Clip each entry of a gradient to [-threshold, threshold]: this changes its direction."""

    def clip(gradient: Weights) -> Weights:
        return jax.tree.map(lambda leaf: jnp.clip(leaf, -threshold, threshold), gradient)

    return clip


def clip_norm(threshold: float | Float[Array, ""]) -> Clip:
    """Shorten a gradient to the length `threshold` if it is longer; its direction stays.

    The length is the Euclidean norm over all leaves together.
    """

    def clip(gradient: Weights) -> Weights:
        squares = [jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(gradient)]
        norm = jnp.sqrt(jnp.sum(jnp.stack(squares)))
        factor = threshold / jnp.maximum(norm, threshold)
        return jax.tree.map(lambda leaf: leaf * factor, gradient)

    return clip


def descent_init(params: PyTree) -> DescentState:
    """The state before the first step."""
    return DescentState(jax.tree.map(jnp.asarray, params), jnp.zeros((), jnp.int32))


def descent_step(
    loss: Loss,
    state: DescentState,
    *,
    rate: float | Float[Array, ""],
    clip: Clip | None = None,
) -> tuple[DescentState, DescentInfo]:
    """One step downhill: params - rate * clip(gradient).

    Args:
        loss: function of the parameters alone; close over the data.
        state: from `descent_init` or the step before.
        rate: learning rate; may be traced.
        clip: `clip_elements(...)`, `clip_norm(...)`, or none.

    Returns:
        The new state, and the loss and gradient at the *old* parameters.
    """
    value, gradient = jax.value_and_grad(loss)(state.params)
    direction = gradient if clip is None else clip(gradient)
    params = jax.tree.map(lambda p, d: p - rate * d, state.params, direction)
    return DescentState(params, state.step + 1), DescentInfo(value, gradient)


def gradient_descent(
    loss: Loss,
    params: PyTree,
    *,
    rate: float | Float[Array, ""],
    steps: int,
    clip: Clip | None = None,
) -> DescentPath:
    """Descend for a number of steps and record every point of the way.

    The loop is a `lax.scan`, so under `jit` it is one compiled call, and a sweep over rates,
    thresholds or starting points is a `vmap`. A rate that is too large is not an error: the path
    then shows how the loss explodes, up to infinities and NaNs.

    Args:
        loss: function of the parameters alone; close over the data.
        params: starting point, any pytree of floating-point arrays.
        rate: learning rate; may be traced.
        steps: number of steps, 0 or more; static under `jit`.
        clip: `clip_elements(...)`, `clip_norm(...)`, or none.

    Raises:
        ArgumentError: `steps` is negative.

    >>> path = gradient_descent(lambda w: w**2, 8.0, rate=0.25, steps=3)
    >>> path.params.tolist()
    [8.0, 4.0, 2.0, 1.0]
    """
    if steps < 0:
        raise ArgumentError("steps", steps, "0 or more")

    def advance(state: DescentState, _: None) -> tuple[DescentState, DescentPath]:
        new_state, info = descent_step(loss, state, rate=rate, clip=clip)
        return new_state, DescentPath(state.params, info.loss)

    last, path = jax.lax.scan(advance, descent_init(params), length=steps)
    end = DescentPath(last.params, loss(last.params))
    return jax.tree.map(lambda way, point: jnp.append(way, point[None], axis=0), path, end)


def max_stable_rate(x: Float[Array, "examples"]) -> Float[Array, ""]:
    """The learning rate above which descent on a line's half mean squared error diverges.

    The loss is a parabola with Hessian [[1, mean(x)], [mean(x), mean(x^2)]], the same everywhere.
    Along the eigenvector of its largest eigenvalue each step multiplies the distance to the
    optimum by 1 - rate * eigenvalue, which stays within [-1, 1] up to the rate 2 / eigenvalue.

    >>> max_stable_rate(jnp.array([-1.0, 1.0])).item()
    2.0
    """
    mean, mean_square = jnp.mean(x), jnp.mean(x**2)
    largest = (1 + mean_square) / 2 + jnp.hypot((mean_square - 1) / 2, mean)
    return 2 / largest
