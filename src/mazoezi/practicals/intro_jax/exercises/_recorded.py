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

    def describe(*args: Any) -> str | None:
        result = function(*args)
        return None if result is None else _described(result)

    return describe


def _described(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, tuple | list):
        return f"({', '.join(_described(item) for item in value)})"
    if isinstance(value, dict):
        items = (f"{key!r}: {_described(item)}" for key, item in value.items())
        return f"{{{', '.join(items)}}}"
    dtype, shape = jnp.result_type(value), np.shape(value)
    if jnp.issubdtype(dtype, jax.dtypes.extended):
        return "a random key" if shape == () else f"random keys of shape {shape}"
    kind = {"b": "truth value", "i": "whole number", "u": "whole number"}.get(dtype.kind, "number")
    return f"a {kind}" if shape == () else f"{kind}s of shape {shape}"
