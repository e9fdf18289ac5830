"""Rules that work cell by cell, or along an axis."""

from collections.abc import Callable

import numpy as np

from mazoezi._errors import MazoeziError
from mazoezi.arrays._expression._fitting import axis_numbers, broadcast
from mazoezi.arrays._expression._steps import (
    Candidates,
    Result,
    Rule,
    Step,
    misfit,
    number,
    room,
    whole,
)

Axis = int | tuple[int, ...] | None

# Cell by cell


def combined(function: Callable, *operands: Step) -> Result:
    """Return a function of several arrays cell by cell, which broadcasts them."""
    _, axes = broadcast(*operands)
    return Result(function(*(one.plain for one in operands)), axes)


def of_one(function: Callable) -> Rule:
    def rule(x: Step, /) -> Result:
        return Result(function(x.plain), x.kept)

    return rule


def of_two(function: Callable) -> Rule:
    def rule(x: Step, y: Step, /) -> Result:
        return combined(function, x, y)

    return rule


def of_truths(sign: str, function: Callable) -> Rule:
    """Return the rule of &, | or ~, which are for truth values alone."""

    def rule(*operands: Step) -> Result:
        for one in operands:
            if one.array.dtype != bool:
                raise MazoeziError(
                    f"`{sign}` is for truth values, and `{one.source}` holds numbers. Compare "
                    "first, in brackets, such as `(a > 1) & (a < 5)`."
                )
        return combined(function, *operands)

    return rule


def negative(x: Step, /) -> Result:
    if x.array.dtype == bool:
        raise MazoeziError(f"`{x.source}` holds truth values; their opposite is `~`, not `-`.")
    return Result(np.negative(x.plain), x.kept)


def power(x: Step, y: Step, /) -> Result:
    if all(one.array.dtype.kind in "iu" for one in (x, y)) and (y.array < 0).any():
        raise MazoeziError(
            f"A negative power of whole numbers, as in `{x.in_brackets} ** {y.in_brackets}`, is no "
            f"whole number. Begin with `({x.in_brackets} * 1.0)`."
        )
    return combined(np.power, x, y)


def where(condition: Step, x: Step, y: Step, /) -> Result:
    return combined(np.where, condition, x, y)


def clip(a: Step, /, min: float | None = None, max: float | None = None) -> Result:
    low, high = (
        None if value is None else number(name, value)
        for name, value in (("min", min), ("max", max))
    )
    return Result(np.clip(a.array, low, high), a.kept)


def round(a: Step, /, decimals: int = 0) -> Result:
    return Result(np.round(a.array, whole("decimals", decimals)), a.kept)


def astype(a: Step, /, dtype: np.dtype) -> Result:
    return Result(a.array.astype(dtype), a.kept)


# Reductions, and functions along an axis


def _reduced(a: Step, axis: Axis, keepdims: bool) -> Candidates:
    """Return the names of the axes that are left. Raises MisfitError for axes that are not there."""
    gone = axis_numbers(axis, a)
    room([1 if k in gone else size for k, size in enumerate(a.shape)])
    return tuple(names for k, names in enumerate(a.kept) if keepdims or k not in gone)


def reduction(function: Callable) -> Rule:
    def rule(a: Step, /, axis: Axis = None, *, keepdims: bool = False) -> Result:
        axes = _reduced(a, axis, keepdims)
        return Result(function(a.array, axis=axis, keepdims=bool(keepdims)), axes)

    return rule


def spread(function: Callable) -> Rule:
    def rule(a: Step, /, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False) -> Result:
        axes, ddof = _reduced(a, axis, keepdims), number("ddof", ddof)
        return Result(function(a.array, axis=axis, ddof=ddof, keepdims=bool(keepdims)), axes)

    return rule


def extreme(function: Callable, *, one_axis: bool = False) -> Rule:
    """Return the rule of a maximum or a minimum, of which no values have none."""

    def rule(a: Step, /, axis: Axis = None, *, keepdims: bool = False) -> Result:
        if one_axis and axis is not None:
            whole("axis", axis)
        axes = _reduced(a, axis, keepdims)
        empty = [k - a.array.ndim for k in axis_numbers(axis, a) if a.shape[k] == 0]
        if empty:
            misfit(
                f"`{a.source}` has the shape {a.shape}: along an axis of size 0 there are no values, "
                "and so no largest or smallest.",
                a,
                axes=[(k, k) for k in empty],
            )
        return Result(function(a.array, axis=axis, keepdims=bool(keepdims)), axes)

    return rule


def running(function: Callable) -> Rule:
    def rule(a: Step, /, axis: int | None = None) -> Result:
        return _along(function, a, axis)

    return rule


def sort(a: Step, /, axis: int | None = -1) -> Result:
    return _along(np.sort, a, axis)


def _along(function: Callable, a: Step, axis: int | None) -> Result:
    if axis is None:
        return Result(function(a.array, axis=None), a.flat)
    axis_numbers(whole("axis", axis), a)
    return Result(function(a.array, axis=axis), a.kept)


def flip(m: Step, /, axis: Axis = None) -> Result:
    return Result(np.flip(m.array, axis_numbers(axis, m)), m.kept)
