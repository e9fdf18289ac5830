"""A compiled function of your own, with a counter of its compilations."""

import functools
import html
from collections.abc import Callable
from typing import Any

import jax

from mazoezi.practicals.intro_jax.microscope._measure import shown_types, written
from mazoezi.practicals.intro_jax.microscope._view import STYLE, wrapped
from mazoezi.timing import count_compilations


class Watched:
    """A function under `jax.jit` that remembers, for each call, the types and the compilations.

    Show it in a notebook, or print it, to see the calls beside the last jaxpr.
    """

    def __init__(self, function: Callable[..., Any], **options: Any):
        functools.update_wrapper(self, function)
        self._jitted = jax.jit(function, **options)
        self.calls: list[tuple[str, int]] = []
        """For each call the types of its arguments, and the compilations that it needed."""
        self.jaxpr = ""
        """The record of the last call."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with count_compilations() as compilations:
            result = jax.block_until_ready(self._jitted(*args, **kwargs))
        traced = self._jitted.trace(*args, **kwargs)
        types, named = traced.in_avals
        shown = [shown_types(one) for one in types]
        shown += [f"{name}={shown_types(one)}" for name, one in named.items()]
        self.calls.append((", ".join(shown), compilations.count))
        self.jaxpr = written(traced.jaxpr)
        return result

    @property
    def compilations(self) -> int:
        """Compilations of all calls together."""
        return sum(count for _, count in self.calls)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{number}</td><td class='code'>{html.escape(types)}</td><td>{count}</td></tr>"
            for number, (types, count) in enumerate(self.calls, start=1)
        )
        head = "<tr><th>call</th><th>types</th><th>compilations</th></tr>"
        return (
            f"{STYLE}<div class='mazoezi-scope'><h4>{html.escape(self._title())}</h4><div class='pair'>"
            f"<div><table>{head}{rows}</table></div>"
            f"<div><pre>{html.escape(self._record())}</pre></div></div></div>"
        )

    def __repr__(self) -> str:
        rows = [
            f"{number:4}  {types:36} {count}"
            for number, (types, count) in enumerate(self.calls, start=1)
        ]
        return "\n".join([self._title(), *rows, self._record()])

    def _record(self) -> str:
        return wrapped(self.jaxpr) if self.calls else "not called yet"

    def _title(self) -> str:
        name = getattr(self, "__name__", "function")
        return f"{name}: {len(self.calls)} calls, {self.compilations} compilations"


def watch(function: Callable[..., Any], **options: Any) -> Watched:
    """Compile a function and count its compilations; `options` are those of `jax.jit`.

    >>> triple = watch(lambda x: 3 * x)
    >>> _ = triple(1.0), triple(2.0), triple(3)
    >>> triple.calls
    [('float32[] weak', 1), ('float32[] weak', 0), ('int32[] weak', 1)]
    """
    return Watched(function, **options)
