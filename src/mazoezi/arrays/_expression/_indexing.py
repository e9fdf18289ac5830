"""An index in square brackets: whether it fits, and the shape and the axes that it gives."""

import itertools
from typing import NamedTuple

import numpy as np

from mazoezi._errors import MazoeziError
from mazoezi.arrays._expression._fitting import clashing
from mazoezi.arrays._expression._steps import NEW, Result, Shape, Step, misfit, room


def indexed(step: Step, index: tuple) -> Result:
    """Return `step[index]`. Raises MisfitError.

    The index holds integers, slices, None, Ellipsis, and arrays of integers or truth values with at
    least one axis.
    """
    result: list[tuple[int, tuple[str, ...]]] = []  # size and names of each axis
    arrays: list[_Array] = []
    advanced: list[int] = []  # places of arrays and integers, which count as arrays beside one
    first = axis = 0
    for place, item in enumerate(_with_every_axis(step, index)):
        if item is None:
            result.append((1, NEW))
        elif isinstance(item, slice):
            result.append((len(range(*item.indices(step.shape[axis]))), (step.axes[axis],)))
            axis += 1
        elif item is not Ellipsis:
            first = first if advanced else len(result)
            advanced.append(place)
            if isinstance(item, np.ndarray):
                arrays.append(_array_in_index(step, axis, item))
            else:
                _in_range(step, axis, item)
            axis += _axes_taken(item)
    if arrays:
        adjacent = advanced[-1] - advanced[0] == len(advanced) - 1
        start = first if adjacent else 0
        result[start:start] = _common(step, arrays)
    room([size for size, _ in result])
    return Result(step.array[index], tuple(names for _, names in result))


class _Array(NamedTuple):
    """An array in an index: its first axis, the shape that it gives, the name that its axis keeps."""

    axis: int
    shape: Shape
    name: str | None


def _axes_taken(item: object) -> int:
    """Return how many axes a part of an index speaks of."""
    if item is None or item is Ellipsis:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype == bool else 1


def _with_every_axis(step: Step, index: tuple) -> list:
    """Return the index with a slice for each axis that it leaves out.

    An Ellipsis stays, before its slices: NumPy takes arrays on both sides of it as apart.
    """
    taken = sum(map(_axes_taken, index))
    order = step.array.ndim
    if taken > order:
        axes = {0: "no axes", 1: "one axis"}.get(order, f"{order} axes")
        misfit(
            f"The index of `{step.source}` speaks of {taken} {'axis' if taken == 1 else 'axes'}, but "
            f"the shape {step.shape} has {axes}. Leave out what is too much.",
            step,
        )
    rest = [slice(None)] * (order - taken)
    dots = [k for k, item in enumerate(index) if item is Ellipsis]
    if len(dots) > 1:
        raise MazoeziError("An index holds `...` at most once: it stands for all axes left out.")
    place = dots[0] + 1 if dots else len(index)
    return [*index[:place], *rest, *index[place:]]


def _in_range(step: Step, axis: int, number: int) -> None:
    size = step.shape[axis]
    if -size <= number < size:
        return
    if size == 0:
        why = "so there is nothing to take"
    elif number >= 0:
        why = f"so the largest index is {size - 1}: counting starts at 0"
    else:
        why = f"so the smallest index is {-size}, which is the first position"
    here = axis - step.array.ndim
    misfit(
        f"Index {number} is out of range: axis {axis} of `{step.source}` has size {size}, {why}.",
        step,
        axes=[(here, here)],
    )


def _array_in_index(step: Step, axis: int, item: np.ndarray) -> _Array:
    name = step.axes[axis] if item.ndim == 1 else None
    if item.dtype != bool:
        for number in (int(item.max()), int(item.min())) if item.size else ():
            _in_range(step, axis, number)
        return _Array(axis, item.shape, name)
    met = step.shape[axis : axis + item.ndim]
    differing = [axis + k for k, (m, n) in enumerate(zip(item.shape, met, strict=True)) if m != n]
    if differing:
        misfit(
            f"The mask has the shape {item.shape}, but it meets the sizes {met} of "
            f"`{step.source}`. A mask has one truth value for each position: make the sizes equal.",
            step,
            axes=[(k - step.array.ndim, k - step.array.ndim) for k in differing],
        )
    return _Array(axis, (int(item.sum()),), name)


def _common(step: Step, arrays: list[_Array]) -> list[tuple[int, tuple[str, ...]]]:
    """Return the sizes and names of the axes that arrays in an index have together."""
    for left, right in itertools.combinations(arrays, 2):
        if clashing(left.shape, right.shape):
            misfit(
                f"The arrays in the index of `{step.source}` have the shapes {left.shape} and "
                f"{right.shape}. They are walked side by side: give them one length.",
                step,
                axes=[(k - step.array.ndim, k - step.array.ndim) for k in (left.axis, right.axis)],
            )
    shape = np.broadcast_shapes(*(one.shape for one in arrays))
    name = arrays[0].name if len(arrays) == 1 else None
    return [(size, () if name is None else (name,)) for size in shape]
