"""Run a case and look: what JAX compared, what it recorded, how often it compiled."""

import ast
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.practicals.intro_jax.microscope._cases import Case
from mazoezi.timing import count_compilations


class Signature(NamedTuple):
    """What JAX looks for among the programs that it has: all of it must agree."""

    function: Callable[..., Any]
    types: str
    """Shape and dtype of each traced argument, in the arguments' structure."""
    static: str
    """Names and values of the static arguments."""


class Measurement(NamedTuple):
    """What happened when a case was run."""

    closest: Signature
    """Of the earlier calls, the one that is most like the call in question."""
    signature: Signature
    earlier: int
    """Compilations of the earlier calls."""
    compilations: int
    """Compilations of the call in question."""
    jaxpr: str
    result: str


class _Call(NamedTuple):
    signature: Signature
    compilations: int
    jaxpr: str
    result: str


def measure(case: Case) -> Measurement:
    """Run a case from its beginning, with new function objects, and measure its last call."""
    names: dict[str, Any] = {"jax": jax, "jnp": jnp, "np": np, "partial": partial}
    earlier = [
        _run_call(statement.value, names)
        for statement in ast.parse(case.before).body
        if not _executed(statement, names) and isinstance(statement, ast.Expr)
    ]
    call = _run_call(ast.parse(case.call, mode="eval").body, names)
    signatures = [one.signature for one in earlier]
    return Measurement(
        max(signatures, key=lambda one: _agreement(one, call.signature)),
        call.signature,
        sum(one.compilations for one in earlier),
        call.compilations,
        call.jaxpr,
        call.result,
    )


def _executed(statement: ast.stmt, names: dict[str, Any]) -> bool:
    """Run a statement, unless it is a call to be measured; say whether it was run."""
    if isinstance(statement, ast.Expr):
        return False
    exec(compile(ast.Module([statement], []), "<case>", "exec"), names)
    return True


def _run_call(call: ast.expr, names: dict[str, Any]) -> _Call:
    assert isinstance(call, ast.Call)
    function = _value(call.func, names)
    args = [_value(one, names) for one in call.args]
    kwargs = {str(one.arg): _value(one.value, names) for one in call.keywords}
    with count_compilations() as compilations:
        result = jax.block_until_ready(function(*args, **kwargs))
    traced = function.trace(*args, **kwargs)
    types, named_types = traced.in_avals
    static = {name: value for name, value in kwargs.items() if name not in named_types}
    signature = Signature(
        function.__wrapped__,
        ", ".join(shown_types(one) for one in types),
        ", ".join(f"{name}={value!r}" for name, value in static.items()) or "none",
    )
    return _Call(signature, compilations.count, written(traced.jaxpr), str(result))


def _value(expression: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(expression), "<case>", "eval"), names)


def _agreement(one: Signature, other: Signature) -> int:
    return sum(a == b for a, b in zip(one, other, strict=True))


def written(jaxpr: Any) -> str:
    """Return a jaxpr as text; a notebook's kernel would colour it with codes for terminals."""
    return jaxpr.pretty_print(use_color=False)


def shown_types(tree: Any) -> str:
    """Return the types in a tree of abstract values, e.g. `(float32[3], float32[] weak)`."""
    return str(jax.tree.map(_type, tree)).replace("'", "")


def _type(aval: Any) -> str:
    shape = ",".join(map(str, aval.shape))
    return f"{aval.dtype}[{shape}]" + (" weak" if getattr(aval, "weak_type", False) else "")
