"""The state of a training run and the pure step that moves it on."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Int, PRNGKeyArray, PyTree

from mazoezi._errors import ArgumentError


class TrainState(NamedTuple):
    """All that changes while training; a pytree."""

    params: PyTree
    """An Equinox module, a dictionary or any other pytree; its floating-point arrays are trained."""
    opt_state: PyTree
    step: Int[Array, ""]
    """Number of steps taken."""


Metrics = dict[str, Array]
Step = Callable[..., tuple[TrainState, Metrics]]


def init_state(params: PyTree, optimiser: optax.GradientTransformation) -> TrainState:
    """The state before the first step.

    Python and NumPy numbers in dictionaries, lists and tuples become arrays, so that
    `{"b": 0.0, "w": 0.0}` can be trained; inside an Equinox module they are settings (such as a
    dropout rate) and stay as they are.

    Args:
        params: the model; only its floating-point arrays are trained.
        optimiser: an Optax optimiser.

    Raises:
        ArgumentError: `params` holds no floating-point array.
    """
    params = jax.tree.map(_as_strong, jax.tree.map(_as_array, params, is_leaf=_is_module))
    trained = eqx.filter(params, eqx.is_inexact_array)
    if not jax.tree.leaves(trained):
        raise ArgumentError("params", params, "a pytree with at least one floating-point array")
    return TrainState(params, optimiser.init(trained), jnp.zeros((), jnp.int32))


def _is_module(node: Any) -> bool:
    return isinstance(node, eqx.Module)


def _as_array(leaf: Any) -> Any:
    if isinstance(leaf, float | complex | np.ndarray | np.generic):
        return jnp.array(leaf, dtype=jnp.result_type(leaf))
    return leaf


def _as_strong(leaf: Any) -> Any:
    """A step makes weakly typed arrays strong, and a change of type would compile it again."""
    return leaf.astype(leaf.dtype) if isinstance(leaf, jax.Array) else leaf


def make_step(
    loss: Callable[..., Any], optimiser: optax.GradientTransformation, *, has_aux: bool = False
) -> Step:
    """Build the pure function that takes one step of an optimiser.

    The step is `step(state, batch) -> (state, metrics)`. It evaluates loss and gradient at the
    parameters that it is given, lets the optimiser turn the gradient into an update, and adds
    the update. It is not compiled: give it to `train`, or wrap it in `jax.jit` (for parameters
    that are arrays only) or `eqx.filter_jit`.

    Args:
        loss: `loss(params, batch)`, a scalar. A loss that draws random numbers takes a
            keyword-only `key` besides; its step takes `key=` and hands it on.
        optimiser: the optimiser that `init_state` was given.
        has_aux: whether the loss returns a pair of the scalar and a dictionary of further
            scalars, which join the metrics.

    Returns:
        The step. Its metrics are the `"loss"` of the *old* parameters, and the further scalars.
    """
    value_and_grad = eqx.filter_value_and_grad(loss, has_aux=has_aux)

    def step(
        state: TrainState, batch: PyTree, *, key: PRNGKeyArray | None = None
    ) -> tuple[TrainState, Metrics]:
        value, gradient = value_and_grad(
            state.params, batch, **({} if key is None else {"key": key})
        )
        metrics = _metrics(*value) if has_aux else {"loss": value}
        trained = eqx.filter(state.params, eqx.is_inexact_array)
        updates, opt_state = optimiser.update(gradient, state.opt_state, trained)
        params = eqx.apply_updates(state.params, updates)
        return TrainState(params, opt_state, state.step + 1), metrics

    return step


def _metrics(loss: Float[Array, ""], further: Mapping[str, Array]) -> Metrics:
    if "loss" in further:
        raise ArgumentError("a further metric", "loss", "another name: 'loss' is the loss itself")
    return {"loss": loss, **further}
