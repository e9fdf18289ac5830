"""Checks of A31 and A32: questions on shapes, of which each learner is asked their own.

A question is a number, so a shape is written as its sizes one after another: 543 is (5, 4, 3).
What is right, and what is wrong in which way, is said of tuples.
"""

import functools
import itertools
import math
from collections.abc import Callable, Iterator

import numpy as np

from mazoezi.course import MathsExercise, maths_exercise
from mazoezi.practicals.array_algebra.digits import as_number, as_shape

Shape = tuple[int, ...]


def _wrong(question: MathsExercise, advice: str) -> Callable[[Callable], Callable]:
    """Add a mistake that is left out where it gives the right answer, or that of one before.

    On some questions two wrong ways lead to the same shape, or a wrong way to the right one.
    """
    before = [question.reference, *(mistake.function for mistake in question.mistakes)]

    def add(function: Callable[..., int]) -> Callable[..., float]:
        @functools.wraps(function)
        def where_it_tells(**numbers: float) -> float:
            value = function(**numbers)
            return math.nan if value in [one(**numbers) for one in before] else value

        return question.mistake(advice)(where_it_tells)

    return add


# --- A31 Which permutation? ----------------------------------------------------------------------


def permutation_between(before: Shape, after: Shape) -> Shape:
    """Return the permutation that takes one shape, of different sizes, to the other."""
    return tuple(before.index(size) for size in after)


def _transpositions() -> Iterator[dict[str, float]]:
    """Yield questions, the base case first; no permutation begins with 0, or is its own inverse."""
    yield {"before": 543, "after": 354}
    rng = np.random.default_rng(31)
    for axes, count in ((3, 12), (4, 3)):
        perms = [
            perm
            for perm in itertools.permutations(range(axes))
            if perm[0] != 0 and perm != tuple(map(perm.index, range(axes)))
        ]
        for perm in perms * count:
            before = tuple(int(size) for size in rng.permutation(np.arange(2, 10))[:axes])
            after = tuple(before[axis] for axis in perm)
            yield {"before": as_number(before), "after": as_number(after)}


def _which_permutation(before, after):
    return as_number(permutation_between(as_shape(before), as_shape(after)))


which_permutation = maths_exercise(
    "A31", reference=_which_permutation, numbers=list(_transpositions())
)


@_wrong(
    which_permutation,
    "That is the inverse permutation: it says where each old axis went. Entry k should say which "
    "*old* axis became the new axis k: find each new size among the old ones.",
)
def inverse(before, after):
    return _which_permutation(after, before)


@_wrong(
    which_permutation,
    "Those are the sizes of the new axes. A permutation names axes by their number: say at which "
    "place each of these sizes stood before.",
)
def sizes(before, after):
    return after


@_wrong(
    which_permutation,
    "You counted the axes from 1. The first axis is axis 0: take 1 from each entry.",
)
def counted_from_one(before, after):
    return as_number(tuple(axis + 1 for axis in as_shape(_which_permutation(before, after))))


@_wrong(
    which_permutation,
    "That would reverse the axes, as `.T` does. Compare the new sizes with the old ones, one by one.",
)
def reversed_axes(before, after):
    return as_number(tuple(range(len(as_shape(before))))[::-1])


@_wrong(
    which_permutation,
    "That leaves every axis where it is. Compare the new sizes with the old ones, one by one.",
)
def left_alone(before, after):
    return as_number(tuple(range(len(as_shape(before)))))


@_wrong(
    which_permutation,
    "The permutation is written from its end: its first entry belongs to the new *first* axis.",
)
def written_backwards(before, after):
    return as_number(as_shape(_which_permutation(before, after))[::-1])


# --- A32 Broadcast: will it fit? -----------------------------------------------------------------


def broadcast_shape(left: Shape, right: Shape) -> Shape | None:
    """Return the shape of the sum of two arrays, or None where their shapes do not fit."""
    sizes = list(itertools.zip_longest(reversed(left), reversed(right), fillvalue=1))
    if any(a != b and 1 not in (a, b) for a, b in sizes):
        return None
    return tuple(max(pair) for pair in reversed(sizes))


_PAIRS = (
    "32+3", "32+2", "32+31", "4+41", "32+23", "43+13", "43+4", "43+3", "3+31", "51+5",
    "234+34", "234+24", "234+23", "234+4", "234+2", "234+31", "234+214", "234+21", "24+234",
    "34+243", "51+14", "15+41", "532+51", "532+52", "532+12", "531+52", "513+23", "513+523",
    "62+6", "62+61", "26+6", "25+52", "7+71", "71+17", "36+31", "36+3", "36+6", "63+3",
    "425+45", "425+25", "425+42", "425+415", "415+25", "412+52", "34+3412", "2345+45", "2345+35",
    "2345+315", "2345+2315", "2345+24", "251+253", "251+43", "251+53",
)  # fmt: skip


def _broadcast_fit(left, right):
    return as_number(broadcast_shape(as_shape(left), as_shape(right)))


def _pairs() -> Iterator[dict[str, float]]:
    for pair in _PAIRS:
        left, right = pair.split("+")
        yield {"left": int(left), "right": int(right)}


broadcast_fit = maths_exercise("A32", reference=_broadcast_fit, numbers=list(_pairs()))


@_wrong(
    broadcast_fit,
    "You lined the shapes up from the *first* axis. NumPy and JAX line them up from the last: write "
    "one below the other, flush right, and a missing axis on the left counts as size 1.",
)
def lined_up_from_the_left(left, right):
    one, other = as_shape(left), as_shape(right)
    axes = max(len(one), len(other))
    padded = ((*shape, *[1] * (axes - len(shape))) for shape in (one, other))
    return as_number(broadcast_shape(*padded))


@_wrong(
    broadcast_fit,
    "They fit. Written flush right, the sizes of each axis are equal, or one of them is 1 or missing: "
    "then the smaller array is repeated along that axis.",
)
def refused(left, right):
    return 0


@_wrong(
    broadcast_fit,
    "Only an axis of size 1 is repeated. Written flush right, two sizes differ here and neither is 1, "
    "so it is an error, which is written 0.",
)
def anything_is_repeated(left, right):
    sizes = itertools.zip_longest(reversed(as_shape(left)), reversed(as_shape(right)), fillvalue=1)
    return as_number(tuple(max(pair) for pair in sizes)[::-1])


@_wrong(
    broadcast_fit,
    "That is the shape of the first array. Written flush right, compare the axes one by one: where "
    "one size is 1, the other one counts, whichever array it belongs to.",
)
def shape_of_the_first(left, right):
    return left


@_wrong(
    broadcast_fit,
    "That is the shape of the second array. Written flush right, compare the axes one by one: where "
    "one size is 1, the other one counts, whichever array it belongs to.",
)
def shape_of_the_second(left, right):
    return right


@_wrong(
    broadcast_fit,
    "You put all axes side by side. Axes that stand in the same place, counted from the right, become "
    "one axis of the result.",
)
def all_axes_side_by_side(left, right):
    return as_number((*as_shape(left), *as_shape(right)))
