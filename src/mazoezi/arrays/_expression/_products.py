"""Rules of products that add up along axes: matrix products, outer products and einsum."""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from mazoezi._errors import ArgumentError, MazoeziError
from mazoezi.arrays._expression._cells import combined
from mazoezi.arrays._expression._fitting import clashing, names_at
from mazoezi.arrays._expression._steps import Result, Step, misfit, room

MOST_PRODUCTS = 20_000_000  # products that one contraction may add up


def outer(a: Step, b: Step, /) -> Result:
    room((a.array.size, b.array.size))
    axes = tuple(one.kept[0] if one.array.ndim == 1 else () for one in (a, b))
    return Result(np.outer(a.array, b.array), axes)


def matmul(a: Step, b: Step, /) -> Result:
    """Return the matrix product, whose axes before the last two broadcast. Raises MisfitError."""
    for one in (a, b):
        if one.array.ndim == 0:
            misfit(
                f"`{one.source}` is one number without axes, but a matrix product adds up along an "
                "axis of each side. Write `*`.",
                a, b,
            )  # fmt: skip
    inner = _meet(a, b)
    batches = a.shape[:-2], b.shape[:-2]
    if pairs := clashing(*batches):
        misfit(
            f"A matrix product broadcasts the axes before the last two: here these are {batches[0]} "
            f"and {batches[1]}, of the shapes {a.shape} and {b.shape}. Sizes that meet must be equal, "
            "or one of them 1.",
            a, b, axes=[(m - 2, n - 2) for m, n in pairs],
        )  # fmt: skip
    batch = np.broadcast_shapes(*batches)
    rows, columns = a.shape[-2:-1], () if b.array.ndim == 1 else b.shape[-1:]
    room((*batch, *rows, *columns))
    _bound_work(math.prod((*batch, *rows, *columns, inner)))
    axes = (names_at((a, b), k - 2) for k in range(-len(batch), 0))
    ends = (*a.kept[-2:-1], *(b.kept[-1:] if b.array.ndim > 1 else ()))
    return Result(np.matmul(a.array, b.array), (*axes, *ends))


def _meet(a: Step, b: Step) -> int:
    """Return the size along which a product of matrices adds up. Raises MisfitError."""
    place = -1 if b.array.ndim == 1 else -2
    if a.shape[-1] == b.shape[place]:
        return a.shape[-1]
    axis = "only axis" if b.array.ndim == 1 else "last axis but one"
    remedy = "Is one of them to be transposed, or do you mean `*`?"
    if b.array.ndim == 2 and b.shape[-1] == a.shape[-1]:
        remedy = f"`{b.in_brackets}.T` of shape {b.shape[::-1]} would fit."
    elif a.array.ndim == 2 and a.shape[0] == b.shape[place]:
        remedy = f"`{a.in_brackets}.T` of shape {a.shape[::-1]} would fit."
    misfit(
        f"In a product of shapes {a.shape} and {b.shape}, the last axis of the left array, of size "
        f"{a.shape[-1]}, meets the {axis} of the right one, of size {b.shape[place]}. They must be "
        f"equal. {remedy}",
        a, b, axes=[(-1, place)],
    )  # fmt: skip


def _bound_work(products: int) -> None:
    if products > MOST_PRODUCTS:
        raise MazoeziError(
            f"A product would add up {products:,} numbers, too many to follow: at most {MOST_PRODUCTS:,}."
        )


def dot(a: Step, b: Step, /) -> Result:
    if a.array.ndim == 0 or b.array.ndim == 0:
        return combined(np.multiply, a, b)
    if b.array.ndim <= 2:
        return matmul(a, b)
    inner = _meet(a, b)
    shape = (*a.shape[:-1], *b.shape[:-2], b.shape[-1])
    room(shape)
    _bound_work(math.prod(shape) * inner)
    return Result(np.dot(a.array, b.array), (*a.kept[:-1], *b.kept[:-2], b.kept[-1]))


def einsum(subscripts: str, *operands: Step) -> Result:
    terms, output = _formula(subscripts, len(operands))
    found: dict[str, list[tuple[int, int]]] = {}  # of each letter: operands and axes
    for place, (term, one) in enumerate(zip(terms, operands, strict=True)):
        if len(term) != one.array.ndim:
            misfit(
                f"`{term}` names {len(term)} axes, but `{one.source}` has the shape {one.shape}. Write "
                "one letter for each axis.",
                one,
                between=(place,),
            )
        for axis, letter in enumerate(term):
            found.setdefault(letter, []).append((place, axis))
    length = {letter: _length(letter, places, operands) for letter, places in found.items()}
    room([length[letter] for letter in output])
    _bound_work(math.prod(length.values()))
    names = []
    for letter in output:
        wide = [(p, k) for p, k in found[letter] if operands[p].shape[k] != 1] or found[letter]
        names.append(tuple(operands[p].axes[k] for p, k in wide))
    text = f"{','.join(terms)}->{output}"
    value = np.einsum(text, *(one.array for one in operands))
    return Result(value, tuple(names), {"subscripts": text})


def _formula(subscripts: str, count: int) -> tuple[list[str], str]:
    """Return the letters of each operand and of the result, as an einsum formula has them."""
    text = subscripts.replace(" ", "")
    left, arrow, output = text.partition("->")
    terms = left.split(",")
    letters = left.replace(",", "")
    if not arrow:
        output = "".join(sorted(one for one in set(letters) if letters.count(one) == 1))
    if not all(one.isascii() and one.isalpha() for one in letters + output):
        raise ArgumentError(
            "einsum's formula", subscripts, "one letter for each axis, such as 'ij,jk->ik'"
        )
    strange = [one for one in output if one not in letters or output.count(one) > 1]
    if strange:
        raise ArgumentError(
            "einsum's formula", subscripts,
            f"after the arrow, letters from before it, each once; not {strange[0]}",
        )  # fmt: skip
    if len(terms) != count:
        raise ArgumentError(
            "einsum's formula", subscripts,
            f"a group of letters for each array given, here {count}, with commas between them",
        )  # fmt: skip
    return terms, output


def _length(letter: str, places: list[tuple[int, int]], operands: Sequence[Step]) -> int:
    """Return the size that a letter of an einsum formula stands for. Raises MisfitError."""
    for (p, k), (q, m) in itertools.combinations(places, 2):
        left, right = operands[p], operands[q]
        if left.shape[k] == right.shape[m] or (p != q and 1 in (left.shape[k], right.shape[m])):
            continue
        message = (
            f"The letter `{letter}` stands for axes of size {left.shape[k]} and {right.shape[m]}, of "
            f"the shapes {left.shape} and {right.shape}. One letter is one size: use another letter, "
            "or change the order of the letters."
        )
        axes = [(k - left.array.ndim, m - right.array.ndim)]
        if p == q:
            misfit(message, left, axes=axes, between=(p,))
        misfit(message, left, right, axes=axes, between=(p, q))
    return max(operands[p].shape[k] for p, k in places)
