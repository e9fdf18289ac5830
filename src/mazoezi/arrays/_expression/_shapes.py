"""Rules that make, move and take away axes, that join arrays, and that make new ones."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mazoezi._errors import ArgumentError
from mazoezi.arrays._expression._fitting import axis_numbers
from mazoezi.arrays._expression._steps import (
    NEW,
    Candidates,
    Result,
    Rule,
    Shape,
    Step,
    misfit,
    number,
    room,
    sizes,
    whole,
)

Axis = int | tuple[int, ...] | None

# Axes moved, made and taken away


def _transposed(a: Step, permutation: Sequence[int]) -> Result:
    axes = tuple(a.kept[k] for k in permutation)
    return Result(a.array.transpose(permutation), axes, {"permutation": tuple(permutation)})


def transpose(a: Step, /, axes: tuple[int, ...] | None = None) -> Result:
    order = a.array.ndim
    if axes is None:
        return _transposed(a, tuple(reversed(range(order))))
    several = axes if isinstance(axes, tuple) else (axes,)
    numbers = tuple(whole("axes", one) for one in several)
    if sorted(k % order if -order <= k < order else k for k in numbers) != list(range(order)):
        misfit(
            f"{numbers} is no order of the axes of `{a.source}`, which has the shape {a.shape}: it "
            f"must name each of the axes {tuple(range(order))} once.",
            a,
        )
    return _transposed(a, tuple(k % order for k in numbers))


def transpose_method(a: Step, /, *axes: int) -> Result:
    return transpose(a, _unpacked(axes) if axes else None)


def _unpacked(several: tuple) -> Any:
    """Return the arguments of a method that takes a tuple or its parts."""
    one_tuple = len(several) == 1 and (several[0] is None or isinstance(several[0], tuple))
    return several[0] if one_tuple else several


def swapaxes(a: Step, /, axis1: int, axis2: int) -> Result:
    permutation = list(range(a.array.ndim))
    ((first,), (second,)) = (axis_numbers(whole("axis", one), a) for one in (axis1, axis2))
    permutation[first], permutation[second] = second, first
    return _transposed(a, permutation)


def moveaxis(a: Step, /, source: Axis, destination: Axis) -> Result:
    origins, targets = (
        axis_numbers(one if isinstance(one, tuple) else whole(name, one), a)
        for name, one in (("source", source), ("destination", destination))
    )
    if len(origins) != len(targets):
        raise ArgumentError("`destination`", destination, f"as many axes as `source`, {source}")
    permutation = [k for k in range(a.array.ndim) if k not in origins]
    for target, origin in sorted(zip(targets, origins, strict=True)):
        permutation.insert(target, origin)
    return _transposed(a, permutation)


def expand_dims(a: Step, /, axis: int | tuple[int, ...]) -> Result:
    several = axis if isinstance(axis, tuple) else (axis,)
    order = a.array.ndim + len(several)
    numbers = [whole("axis", one) for one in several]
    places = {k % order for k in numbers if -order <= k < order}
    if len(places) < len(numbers):
        misfit(
            f"A new axis {axis} cannot be: with it, an array of shape {a.shape} has the axes "
            f"{tuple(range(order))}, and each new axis is a different one of them.",
            a,
        )
    room([1] * order)
    kept = iter(a.kept)
    axes = tuple(NEW if k in places else next(kept) for k in range(order))
    return Result(np.expand_dims(a.array, tuple(places)), axes)


def squeeze(a: Step, /, axis: Axis = None) -> Result:
    chosen = axis_numbers(axis, a)
    long = [] if axis is None else [k for k in chosen if a.shape[k] != 1]
    if long:
        misfit(
            f"`squeeze` takes away axes of size 1 only, but axis {long[0]} of `{a.source}` has size "
            f"{a.shape[long[0]]}. An index or a sum takes such an axis away.",
            a,
            axes=[(k - a.array.ndim, k - a.array.ndim) for k in long],
        )
    gone = [k for k in chosen if a.shape[k] == 1]
    axes = tuple(names for k, names in enumerate(a.kept) if k not in gone)
    return Result(a.array.squeeze(tuple(gone)), axes)


def reshape(a: Step, /, shape: Shape) -> Result:
    wanted = sizes("shape", shape, rest=True)
    known = math.prod(size for size in wanted if size != -1)
    cells = a.array.size
    room([size for size in wanted if size != -1])
    if -1 in wanted and (known == 0 or cells % known):
        misfit(
            f"`{a.source}` has the shape {a.shape}, so {cells} cells; they cannot be dealt out in "
            f"groups of {known}, as {wanted} asks. Choose sizes whose product divides {cells}.",
            a,
        )
    if -1 not in wanted and known != cells:
        misfit(
            f"`{a.source}` has the shape {a.shape}, so {cells} cells; the shape {wanted} has "
            f"{known}. `reshape` keeps every cell: choose sizes whose product is {cells}, or write "
            "-1 for one of them.",
            a,
        )
    value = a.array.reshape(wanted)
    room(value.shape)
    return Result(value, ((),) * value.ndim, {"shape": wanted})


def reshape_method(a: Step, /, *shape: int) -> Result:
    return reshape(a, _unpacked(shape))


def ravel(a: Step, /) -> Result:
    return Result(a.array.reshape(-1), a.flat)


def broadcast_to(array: Step, /, shape: Shape) -> Result:
    wanted = sizes("shape", shape)
    room(wanted)
    order = array.array.ndim
    pairs = [
        (k, k) for k in range(-min(order, len(wanted)), 0) if array.shape[k] not in (1, wanted[k])
    ]
    if order > len(wanted) or pairs:
        misfit(
            f"`{array.source}` of shape {array.shape} cannot be repeated to the shape {wanted}: lined "
            "up from the right, each size must be the wanted one or 1, and new axes come in front.",
            array,
            axes=pairs,
        )
    new: Candidates = ((),) * (len(wanted) - order)
    return Result(np.broadcast_to(array.array, wanted), (*new, *array.kept))


# Joined and repeated


def stack(arrays: Sequence[Step], axis: int = 0) -> Result:
    first = arrays[0]
    for place, one in enumerate(arrays):
        if one.shape != first.shape:
            misfit(
                f"`stack` puts arrays of one shape beside each other along a new axis; here they "
                f"have the shapes {first.shape} and {one.shape}.",
                first,
                one,
                axes=_differing(first, one),
                between=(0, place),
            )
    order = first.array.ndim + 1
    place = whole("axis", axis)
    if not -order <= place < order:
        misfit(
            f"There is no place {axis} for a new axis: stacked, arrays of shape {first.shape} have "
            f"the axes {tuple(range(order))}.",
            first,
        )
    place %= order
    room((len(arrays), *first.shape))
    names = list(_names_of_all(arrays))
    names.insert(place, ())
    return Result(np.stack([one.array for one in arrays], place), tuple(names))


def _differing(left: Step, right: Step) -> list[tuple[int, int]]:
    """Return the axes, counted from the end, on which two arrays have other sizes."""
    shared = min(left.array.ndim, right.array.ndim)
    return [(k, k) for k in range(-shared, 0) if left.shape[k] != right.shape[k]]


def _names_of_all(arrays: Sequence[Step]) -> Candidates:
    return tuple(zip(*(one.axes for one in arrays), strict=True))


def concatenate(arrays: Sequence[Step], axis: int | None = 0) -> Result:
    room([sum(one.array.size for one in arrays)])
    if axis is None:
        return Result(np.concatenate([one.array.reshape(-1) for one in arrays]), ((),))
    first = arrays[0]
    if first.array.ndim == 0:
        misfit(
            f"`{first.source}` is one number without axes, so there is no axis to join along. "
            "`stack` makes one.",
            first,
        )
    (along,) = axis_numbers(whole("axis", axis), first)
    for place, one in enumerate(arrays):
        if one.array.ndim != first.array.ndim:
            misfit(
                f"`concatenate` joins arrays along an axis that they have; here the shapes "
                f"{first.shape} and {one.shape} have different numbers of axes. A new axis, such as "
                "`[None]`, or `stack` may help.",
                first,
                one,
                between=(0, place),
            )
        differing = [pair for pair in _differing(first, one) if pair[0] != along - first.array.ndim]
        if differing:
            misfit(
                f"Joined along axis {along}, arrays have all other sizes equal; the shapes "
                f"{first.shape} and {one.shape} differ on axis {differing[0][0] % first.array.ndim}.",
                first,
                one,
                axes=differing,
                between=(0, place),
            )
    return Result(np.concatenate([one.array for one in arrays], along), _names_of_all(arrays))


def repeat(a: Step, /, repeats: int | tuple[int, ...], axis: int | None = None) -> Result:
    times = sizes("repeats", repeats)
    (along,) = (None,) if axis is None else axis_numbers(whole("axis", axis), a)
    size = a.array.size if along is None else a.shape[along]
    if len(times) not in (1, size):
        misfit(
            f"`repeats` has {len(times)} numbers for {size} positions; give one for each, or one for "
            "all.",
            a,
            axes=[] if along is None else [(along - a.array.ndim, along - a.array.ndim)],
        )
    total = times[0] * size if len(times) == 1 else sum(times)
    room([total, a.array.size // size if size else 0])
    value = np.repeat(a.array, times, along)
    return Result(value, a.kept if along is not None else a.flat)


def tile(A: Step, /, reps: int | tuple[int, ...]) -> Result:
    times = sizes("reps", reps)
    order = max(len(times), A.array.ndim)
    padded = [(1,) * (order - len(one)) + one for one in (times, A.shape)]
    room([m * n for m, n in zip(*padded, strict=True)])
    new: Candidates = ((),) * (order - A.array.ndim)
    return Result(np.tile(A.array, times), (*new, *A.kept))


# Made from numbers


def zeros(shape: Shape, dtype: np.dtype | None = None) -> Result:
    return _filled(shape, 0, dtype or np.dtype(float))


def ones(shape: Shape, dtype: np.dtype | None = None) -> Result:
    return _filled(shape, 1, dtype or np.dtype(float))


def full(shape: Shape, fill_value: float, dtype: np.dtype | None = None) -> Result:
    return _filled(shape, number("fill_value", fill_value), dtype)


def _filled(shape: Shape, value: float, dtype: np.dtype | None) -> Result:
    wanted = sizes("shape", shape)
    room(wanted)
    return Result(np.full(wanted, value, dtype), ((),) * len(wanted))


def like(value: float) -> Rule:
    def rule(a: Step, /, dtype: np.dtype | None = None) -> Result:
        room(a.shape)
        return Result(np.full(a.shape, value, dtype or a.array.dtype), a.kept)

    return rule


def eye(N: int, M: int | None = None, k: int = 0, dtype: np.dtype | None = None) -> Result:
    shape = sizes("N and M", (N, N if M is None else M))
    room(shape)
    offset = min(max(whole("k", k), -shape[0]), shape[1])
    return Result(np.eye(*shape, k=offset, dtype=dtype or np.dtype(float)), ((), ()))


def arange(
    start: float, stop: float | None = None, step: float = 1, dtype: np.dtype | None = None
) -> Result:
    low, high = (0, number("stop", start)) if stop is None else (start, number("stop", stop))
    if number("step", step) == 0:
        raise ArgumentError("`step`", step, "a step that is not 0")
    count = (high - number("start", low)) / step
    if not math.isfinite(count):
        raise ArgumentError("`arange`", (low, high, step), "a finite number of steps")
    room([max(math.ceil(count), 0)])
    return Result(np.arange(low, high, step, dtype=dtype), ((),))


def linspace(start: float, stop: float, num: int = 50, *, endpoint: bool = True) -> Result:
    shape = sizes("num", num)
    room(shape)
    ends = number("start", start), number("stop", stop)
    return Result(np.linspace(*ends, *shape, endpoint=bool(endpoint)), ((),))


def array(a: Step, /, dtype: np.dtype | None = None) -> Result:
    return Result(np.array(a.array, dtype), a.kept)
