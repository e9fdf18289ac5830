"""How much the devices talk to each other, read from the program that the compiler made."""

import re
from collections.abc import Callable
from typing import Any

import jax

_COLLECTIVES = (
    "all-gather",
    "all-reduce",
    "all-to-all",
    "collective-broadcast",
    "collective-permute",
    "reduce-scatter",
)


def count_collectives(function: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, int]:
    """Count the operations across devices in a compiled function, by kind; none gives `{}`.

    The compiler merges sums that can wait for each other, so one `all-reduce` may carry several
    arrays: the gradient of a data-parallel loss needs exactly one, however many parameters it has.

    Args:
        function: under `jax.jit`, or a function that is put under it here.
        *args: arguments placed as they will be; the function is compiled for them, not run.
        **kwargs: keyword arguments.

    >>> count_collectives(lambda x: 2 * x, 1.0)
    {}
    """
    jitted = function if hasattr(function, "lower") else jax.jit(function)
    text = jitted.lower(*args, **kwargs).compile().as_text() or ""
    counts = {kind: _count(kind, text) for kind in _COLLECTIVES}
    return {kind: count for kind, count in counts.items() if count}


def _count(kind: str, text: str) -> int:
    """Count the instructions of a kind; where one is split in start and done, it counts once."""
    return len(re.findall(rf" {kind}(?:-start)?\(", text))
