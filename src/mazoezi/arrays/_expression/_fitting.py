"""Whether shapes broadcast and axes are there: if not, where and why, and what to write instead."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from mazoezi.arrays._expression._steps import Candidates, Shape, Step, misfit, room, whole


def clashing(left: Shape, right: Shape) -> tuple[tuple[int, int], ...]:
    """Return the axes, counted from the end, on which two shapes do not broadcast."""
    pairs = zip(reversed(left), reversed(right), strict=False)
    return tuple((-k, -k) for k, (m, n) in enumerate(pairs, 1) if m != n and 1 not in (m, n))


def broadcast(*operands: Step) -> tuple[Shape, Candidates]:
    """Return the shape that the operands share, and the names of its axes.

    Axes meet from the right. An axis of another size than 1 gives its name; the left operand goes
    first. Raises MisfitError.
    """
    for (p, left), (q, right) in itertools.combinations(enumerate(operands), 2):
        if axes := clashing(left.shape, right.shape):
            misfit(
                _broadcast_clash(left, right, axes[0][0]), left, right, axes=axes, between=(p, q)
            )
    shape = np.broadcast_shapes(*(one.shape for one in operands))
    room(shape)
    return shape, tuple(names_at(operands, axis) for axis in range(-len(shape), 0))


def names_at(operands: Sequence[Step], axis: int) -> tuple[str, ...]:
    """Return candidates for the name of an axis, counted from the end, that operands share."""
    present = [one for one in operands if one.array.ndim >= -axis]
    wide = [one for one in present if one.shape[axis] != 1]
    return tuple(one.axes[axis] for one in wide or present)


def _broadcast_clash(left: Step, right: Step, axis: int) -> str:
    return (
        f"The shapes {left.shape} and {right.shape} do not broadcast: lined up from the right, "
        f"{left.shape[axis]} meets {right.shape[axis]}, and sizes that meet must be equal, or one "
        f"of them 1. {_remedy(left, right)}"
    )


def _remedy(left: Step, right: Step) -> str:
    """Say what would make two shapes broadcast: new axes, or a transpose."""
    for one, other in ((right, left), (left, right)):
        for index, shape in _with_new_axes(one, other.array.ndim):
            if not clashing(shape, other.shape):
                return f"`{one.in_brackets}[{index}]` of shape {shape} would fit."
    for one, other in ((right, left), (left, right)):
        if not clashing(one.shape[::-1], other.shape):
            return f"`{one.in_brackets}.T` of shape {one.shape[::-1]} would fit."
    if left.array.ndim == right.array.ndim == 1:
        return (
            f"To combine every value with every other, give one of them a new axis: "
            f"`{left.in_brackets}[:, None]`."
        )
    return "Is there an axis to be indexed away, summed over or moved?"


def _with_new_axes(step: Step, order: int) -> Iterable[tuple[str, Shape]]:
    """Yield the indices that bring an array to a higher order, those with later new axes first."""
    new = order - step.array.ndim
    if new < 1:
        return
    for places in itertools.combinations(reversed(range(order)), new):
        sizes = iter(step.shape)
        shape = tuple(1 if k in places else next(sizes) for k in range(order))
        yield ", ".join("None" if k in places else ":" for k in range(order)), shape


def axis_numbers(axis: object, step: Step) -> tuple[int, ...]:
    """Return the axes that an `axis` argument names, counted from 0; all of them for None.

    Raises MisfitError for axes that the array does not have or that are named twice, and
    ArgumentError for what is no axis.
    """
    order = step.array.ndim
    if axis is None:
        return tuple(range(order))
    several = axis if isinstance(axis, tuple) else (axis,)
    numbers = [whole("axis", one) for one in several]
    for number in numbers:
        if not -order <= number < order:
            misfit(
                f"There is no axis {number}: `{step.source}` has the shape {step.shape}, "
                f"{_axes_in_words(order)}.{_renumbered(step)}",
                step,
            )
    found = tuple(number % order for number in numbers)
    if len(set(found)) < len(found):
        twice = next(one for one in found if found.count(one) > 1)
        misfit(
            f"Axis {twice} of `{step.source}` is named twice; name each axis once.", step,
            axes=[(twice - order, twice - order)],
        )  # fmt: skip
    return found


def _axes_in_words(order: int) -> str:
    if order < 2:
        return "so its only axis is 0" if order else "which is one number without axes"
    return f"so its axes are {_listed(range(order))}"


def _renumbered(step: Step) -> str:
    """Explain that an axis went away before."""
    if step.kind != "call" or not step.operands or "keepdims" not in step.arguments:
        return ""
    before = step.operands[0].array.ndim
    if before <= step.array.ndim:
        return ""
    return f" The `{step.sign}` before took axes away, and those that are left are counted anew."


def _listed(items: Iterable[object]) -> str:
    *most, last = map(str, items)
    return f"{', '.join(most)} and {last}" if most else last
