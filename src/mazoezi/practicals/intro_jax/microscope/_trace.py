"""A function's lines beside the operations that tracing recorded of each."""

import contextlib
import html
import inspect
import io
import itertools
import string
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.extend.core import jaxprs_in_params

from mazoezi.practicals.intro_jax.microscope._measure import written
from mazoezi.practicals.intro_jax.microscope._view import STYLE

_NOTHING = "—"
_WIDTH = 44  # of the source in the text form


class Line(NamedTuple):
    """A line of Python and what it recorded."""

    source: str
    operations: tuple[str, ...]


class Trace(NamedTuple):
    """What tracing a function recorded. Jupyter shows a table, `str` gives it as text."""

    inputs: str
    lines: tuple[Line, ...]
    outputs: str
    printed: str
    """What the function printed while it was traced; running the compiled program prints nothing."""
    jaxpr: str
    """The whole record as JAX writes it."""

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "", f"inputs {self.inputs}"
        for line in self.lines:
            nothing = _NOTHING if line.source.strip() else ""
            yield line.source, "\n".join(line.operations) or nothing
        yield "", f"outputs {self.outputs}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td class='code'>{html.escape(source)}</td>{_cell(recorded)}</tr>"
            for source, recorded in self._rows()
        )
        printed = f"<p>Printed while tracing:</p><pre>{html.escape(self.printed.strip())}</pre>"
        return (
            f"{STYLE}<div class='mazoezi-scope'><table><tr><th>Python, run once while tracing</th>"
            f"<th>recorded for the compiler</th></tr>{rows}</table>"
            f"{printed if self.printed else ''}</div>"
        )

    def __str__(self) -> str:
        rows = [
            f"{left:{_WIDTH}} | {right}".rstrip()
            for source, recorded in self._rows()
            for left, right in itertools.zip_longest([source], recorded.split("\n"), fillvalue="")
        ]
        printed = [f"printed while tracing: {self.printed.strip()}"] if self.printed else []
        return "\n".join([*rows, *printed])

    __repr__ = __str__


def _cell(recorded: str) -> str:
    if recorded == _NOTHING:
        return "<td class='none'>— nothing</td>"
    return f"<td class='code'>{html.escape(recorded)}</td>"


def trace(
    function: Callable[..., Any],
    *args: Any,
    static_argnums: int | tuple[int, ...] = (),
    **kwargs: Any,
) -> Trace:
    """Trace a function as `jax.jit` would, and lay each of its lines beside what it recorded.

    Functions that JAX compiles on their own, such as `jnp.where`, are opened, so that one line can
    record several operations. Prints, lists and loops of Python record nothing by themselves.

    Args:
        function: written in Python; its source must be at hand for the lines to be shown.
        *args: arguments to trace with; only their shapes and dtypes matter.
        static_argnums: positions of the arguments that are not traced.
        **kwargs: keyword arguments.
    """
    original = inspect.unwrap(function)

    def unseen(*args: Any, **kwargs: Any) -> Any:  # new each time: what JAX knows is not reused
        return original(*args, **kwargs)

    with contextlib.redirect_stdout(io.StringIO()) as printed:
        closed = jax.make_jaxpr(unseen, static_argnums=static_argnums)(*args, **kwargs)
    source, first = _source(original)
    record = _Record(original, first, len(source))
    inputs = ", ".join(record.named(variable) for variable in closed.jaxpr.invars)
    if closed.jaxpr.constvars:
        known = ", ".join(record.named(variable) for variable in closed.jaxpr.constvars)
        inputs += f"; constants {known}"
    record.add(closed.jaxpr)
    outputs = ", ".join(record.name(variable) for variable in closed.jaxpr.outvars)
    lines = [
        Line(text, tuple(record.operations.get(number, ())))
        for number, text in enumerate(source, start=first)
    ]
    if rest := record.operations.get(None):
        lines.append(Line("(elsewhere)", tuple(rest)))
    return Trace(inputs, tuple(lines), outputs, printed.getvalue(), written(closed))


def _source(function: Callable[..., Any]) -> tuple[list[str], int]:
    """Return the lines of a function and the number of its first; none where they are unknown."""
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        return [], 0
    indentation = len(lines[0]) - len(lines[0].lstrip())
    return [line[indentation:].rstrip() for line in lines], first


class _Record:
    """The operations of a jaxpr by the line that recorded them, with names for all values."""

    def __init__(self, function: Callable[..., Any], first: int, count: int):
        self._file = getattr(getattr(function, "__code__", None), "co_filename", None)
        self._lines = range(first, first + count)
        self._names: dict[Any, str] = {}
        self._fresh = _letters()
        self.operations: dict[int | None, list[str]] = {}

    def add(self, jaxpr: Any, line: int | None = None) -> None:
        """Add the operations of a jaxpr; those of an inner one belong to the line that called it."""
        for equation in jaxpr.eqns:
            at = line or self._line(equation)
            inner = _opened(equation)
            if inner is None:
                self.operations.setdefault(at, []).append(self._written(equation))
                continue
            for outer, variable in zip(equation.invars, inner.invars, strict=True):
                self._names[variable] = self.name(outer)
            self.add(inner, at)
            for outer, variable in zip(equation.outvars, inner.outvars, strict=True):
                self._names[outer] = self.name(variable)

    def name(self, variable: Any) -> str:
        """Return the name of a value: a letter, or the value itself where it is a constant."""
        if hasattr(variable, "val"):
            return str(np.asarray(variable.val))
        if variable not in self._names:
            self._names[variable] = next(self._fresh)
        return self._names[variable]

    def named(self, variable: Any) -> str:
        """Return a value's name and type."""
        return f"{self.name(variable)}:{variable.aval.str_short(short_dtypes=True)}"

    def _written(self, equation: Any) -> str:
        arguments = " ".join(self.name(variable) for variable in equation.invars)
        results = " ".join(self._result(variable) for variable in equation.outvars)
        return f"{results} = {equation.primitive.name}{_settings(equation)} {arguments}".rstrip()

    def _result(self, variable: Any) -> str:
        self._names.pop(variable, None)  # an opened function may be called again
        return self.named(variable)

    def _line(self, equation: Any) -> int | None:
        """Return the number of the innermost line of the function that led to an operation."""
        traceback = equation.source_info.traceback
        for frame in traceback.frames if traceback is not None else ():
            if frame.file_name == self._file and frame.line_num in self._lines:
                return frame.line_num
        return None


def _letters() -> Iterator[str]:
    """Yield a, b, ..., z, aa, ab, ..."""
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_lowercase, repeat=length):
            yield "".join(letters)


def _opened(equation: Any) -> Any:
    """Return the jaxpr of a function that was called as a whole, or None."""
    name = {"jit": "jaxpr", "custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr"}
    closed = equation.params.get(name.get(equation.primitive.name, ""))
    return getattr(closed, "jaxpr", None)


def _settings(equation: Any) -> str:
    """Return the settings of an operation that say something, e.g. `[axes=(0,)]`."""
    bodies = [len(inner.eqns) for inner in jaxprs_in_params(equation.params)]
    if bodies:
        length = [f"length={equation.params['length']}"] if "length" in equation.params else []
        inside = f"{sum(bodies)} operation{'s' if sum(bodies) != 1 else ''} inside"
        return f"[{', '.join([*length, inside])}]"
    shown = [
        f"{name}={value}"
        for name, value in equation.params.items()
        if isinstance(value, int | float | tuple | str) and value not in (False, (), "")
        if len(str(value)) <= 30
    ]
    return f"[{', '.join(shown)}]" if shown else ""
