"""What tracing records of an answer: run it, count it, look inside it.

`jit` asks two things of a function: that it can be traced, and that what was recorded gives the
right result. Both show without the compiler, which takes most of the time of a check.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Jaxpr, jaxpr_as_fun, jaxprs_in_params


def recorded(function: Callable) -> Callable:
    """Return a function that traces `function` as `jit` does, and runs what was recorded."""

    def run(*args: Any) -> Any:
        args = jax.tree.map(jnp.asarray, args)
        jaxpr, shapes = jax.make_jaxpr(function, return_shape=True)(*args)
        results = jaxpr_as_fun(jaxpr)(*jax.tree.leaves(args))
        return jax.tree.unflatten(jax.tree.structure(shapes), results)

    return run


def operations(function: Callable, *args: Any) -> Counter[str]:
    """Return how often each operation occurs in what is recorded, inner programs included."""
    jaxpr = jax.make_jaxpr(function)(*args).jaxpr
    return Counter(equation.primitive.name for equation in equations(jaxpr))


def equations(jaxpr: Jaxpr) -> Iterator[Any]:
    """Yield the equations of a jaxpr and of those inside it."""
    for equation in jaxpr.eqns:
        yield equation
        for inner in jaxprs_in_params(equation.params):
            yield from equations(inner)


def described(function: Callable) -> Callable:
    """Return a function that says in words what `function` returns, and not which numbers."""

    def describe(*args: Any) -> Any:
        return _described(function(*args))

    return describe


def _described(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, tuple | list):
        return tuple(_described(item) for item in value)
    if isinstance(value, dict):
        return {key: _described(item) for key, item in value.items()}
    dtype, shape = jnp.result_type(value), np.shape(value)
    kind = {"b": "truth value", "i": "whole number", "u": "whole number"}.get(dtype.kind, "number")
    return f"a {kind}" if shape == () else f"{kind}s of shape {shape}"
