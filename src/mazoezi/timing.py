"""Honest timing: seconds per call after a warm-up, compilation apart, and a count of compilations.

A time that means something is that of one call, not of a loop; it waits for the result, because
JAX hands work over and returns at once; and it leaves out the first call, which compiles.
"""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.monitoring

from mazoezi._errors import ArgumentError

_COMPILED = "/jax/core/compile/backend_compile_duration"  # once per compiled program


class Timing(NamedTuple):
    """Seconds that one call of a function takes."""

    first: float
    """The first call, with whatever tracing and compilation it needed."""
    median: float
    """Half of the later calls were faster than this."""
    lower: float
    """A quarter of the later calls were faster than this."""
    upper: float
    """A quarter of the later calls were slower than this."""
    repeats: int
    """Number of later calls."""
    compilations: int
    """Compilations during the later calls: anything but 0 means that they timed the compiler."""


def time_calls(
    function: Callable[..., Any], *args: Any, repeats: int = 20, **kwargs: Any
) -> Timing:
    """Time one call of a function, again and again, on the same arguments.

    The first call is timed apart. Each later one is timed on its own and waits until every array
    of its result is there. Arguments should be computed already, or the first call waits for them
    too; do not donate their buffers.

    Args:
        function: a compiled or a plain function.
        *args: its arguments.
        repeats: number of calls after the first, at least 1.
        **kwargs: its keyword arguments.

    Returns:
        `Timing`, in seconds per call.

    Raises:
        ArgumentError: `repeats` is below 1.
    """
    if repeats < 1:
        raise ArgumentError("repeats", repeats, "at least one call after the first")
    first = _seconds(function, args, kwargs)
    with count_compilations() as compilations:
        seconds = [_seconds(function, args, kwargs) for _ in range(repeats)]
    lower, median, upper = _quartiles(seconds)
    return Timing(first, median, lower, upper, repeats, compilations.count)


def _seconds(function: Callable[..., Any], args: tuple, kwargs: dict) -> float:
    start = time.perf_counter()
    jax.block_until_ready(function(*args, **kwargs))
    return time.perf_counter() - start


def _quartiles(seconds: list[float]) -> tuple[float, float, float]:
    if len(seconds) == 1:
        return seconds[0], seconds[0], seconds[0]
    lower, median, upper = statistics.quantiles(seconds, n=4, method="inclusive")
    return lower, median, upper


class Compilations:
    """The programs that XLA was asked to compile in a region, in order; see `count_compilations`."""

    def __init__(self):
        self._programs: list[tuple[str, float]] = []

    @property
    def count(self) -> int:
        """Number of compilations so far."""
        return len(self._programs)

    @property
    def names(self) -> tuple[str, ...]:
        """What was compiled: the function's name, or a primitive's for an operation on its own."""
        return tuple(name for name, _ in self._programs)

    @property
    def seconds(self) -> float:
        """Time spent in the compiler so far; next to nothing where its cache had the program."""
        return sum(seconds for _, seconds in self._programs)

    def _listen(self, event: str, duration_secs: float, **kwargs: str | int) -> None:
        if event == _COMPILED:
            name = str(kwargs.get("fun_name", "unknown"))
            self._programs.append((name.removeprefix("jit(").removesuffix(")"), duration_secs))


@contextlib.contextmanager
def count_compilations() -> Iterator[Compilations]:
    """Count the compilations inside a `with` block.

    A call counts when JAX needs a new program for it: a new shape, dtype, static value or function
    object. Operations outside `jit` are small programs of their own and count too. A program that
    the persistent compilation cache already holds counts just the same, so that the number does
    not depend on what ran yesterday. All threads of the process are counted.

    >>> double = jax.jit(lambda x: 2 * x)
    >>> with count_compilations() as compilations:
    ...     _ = double(1.0), double(2.0), double(3)
    >>> compilations.count
    2
    """
    compilations = Compilations()
    jax.monitoring.register_event_duration_secs_listener(compilations._listen)
    try:
        yield compilations
    finally:
        with contextlib.suppress(AssertionError, ValueError):  # someone cleared all listeners
            jax.monitoring.unregister_event_duration_listener(compilations._listen)
