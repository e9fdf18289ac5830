"""Check of A42: how many multiply-adds a contraction takes."""

import math
import re
from typing import Any

import numpy as np

from mazoezi.course import code_exercise


def _multiply_adds(formula, *shapes):
    inputs = formula.replace(" ", "").partition("->")[0].split(",")
    sizes: dict[str, int] = {}
    for letters, shape in zip(inputs, shapes, strict=True):
        for letter, size in zip(letters, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ValueError(f"The letter {letter} stands for {sizes[letter]} and for {size}.")
    return math.prod(sizes.values())


multiply_adds = code_exercise("A42", reference=_multiply_adds, rtol=0, atol=0)


@multiply_adds.case("the product of two matrices")
def _(rng):
    yield "ik,kj->ij", (2, 3), (3, 4)


@multiply_adds.case("a scalar product, and an outer product")
def _(rng):
    yield "i,i->", (5,), (5,)
    yield "i,j->ij", (5,), (7,)


@multiply_adds.case("one array: row sums, all summed, and a transpose")
def _(rng):
    yield "ij->i", (2, 3)
    yield "ij->", (4, 3)
    yield "ij->ji", (5, 3)


@multiply_adds.case("a letter that occurs twice in one array")
def _(rng):
    yield "ii->", (4, 4)
    yield "ii,ij->j", (3, 3), (3, 5)


@multiply_adds.case("three arrays at once")
def _(rng):
    yield "i,ij,j->", (2,), (2, 3), (3,)
    yield "ab,bc,cd->ad", (2, 3), (3, 5), (5, 7)


@multiply_adds.case("a batch, and other letters")
def _(rng):
    yield "bik,bkj->bij", (6, 2, 3), (6, 3, 4)
    yield "hqd,hkd->hqk", (2, 3, 7), (2, 5, 7)


@multiply_adds.case("spaces in the formula")
def _(rng):
    yield "i k, k j -> i j", (4, 2), (2, 9)


@multiply_adds.case("an axis of size 1, and one without cells")
def _(rng):
    yield "ik,kj->ij", (4, 1), (1, 3)
    yield "ik,kj->ij", (4, 0), (0, 3)


@multiply_adds.case("large matrices: more multiply-adds than fit into 32 bits")
def _(rng):
    yield "ik,kj->ij", (20_000, 30_000), (30_000, 10_000)


@multiply_adds.property("more multiply-adds than fit into 64 bits")
def _(answer, rng):
    result = answer("ab,cd,ef->abcdef", (9_000, 9_000), (8_000, 8_000), (7_000, 7_000))
    expected = (9_000 * 8_000 * 7_000) ** 2
    assert result == expected, (
        f"An outer product of three large matrices takes {expected} multiply-adds, and your function "
        f"says {result}. Python's own whole numbers have room for it."
    )


@multiply_adds.property("a letter cannot stand for two sizes")
def _(answer, rng):
    for formula, shapes in (("ik,kj->ij", ((2, 3), (4, 5))), ("ii->", ((3, 4),))):
        try:
            result = answer(formula, *shapes)
        except ValueError:
            continue
        raise AssertionError(
            f"In {formula!r} with the shapes {' and '.join(map(str, shapes))} a letter stands for two "
            f"different sizes, and your function gave back {result}. It should raise a ValueError."
        )


# --- what learners hand over ----------------------------------------------------------------------


def _sizes(formula: str, shapes: Any) -> dict[str, int]:
    """Return the size of each letter, as the reference finds them."""
    _multiply_adds(formula, *shapes)
    inputs = formula.replace(" ", "").partition("->")[0].split(",")
    return {
        letter: size
        for letters, shape in zip(inputs, shapes, strict=True)
        for letter, size in zip(letters, shape, strict=True)
    }


def _result(formula: str) -> str:
    return formula.replace(" ", "").partition("->")[2]


@multiply_adds.mistake(
    "You multiplied the sizes of all axes of all arrays, so a letter that occurs twice counts twice. "
    "Axes with the same letter run together: each *letter* counts once."
)
def shared_letters_twice(formula, *shapes):
    _sizes(formula, shapes)
    return math.prod(math.prod(shape) for shape in shapes)


@multiply_adds.mistake(
    "That is the number of cells of the result. Each of them takes a whole sum: multiply by the sizes "
    "of the letters that are summed as well."
)
def cells_of_the_result(formula, *shapes):
    sizes = _sizes(formula, shapes)
    return math.prod(sizes[letter] for letter in _result(formula))


@multiply_adds.mistake(
    "That is the length of one sum, the sizes of the letters that are missing right of the arrow. "
    "There is such a sum for each cell of the result: the letters that stay count too."
)
def length_of_one_sum(formula, *shapes):
    sizes = _sizes(formula, shapes)
    return math.prod(size for letter, size in sizes.items() if letter not in _result(formula))


@multiply_adds.mistake(
    "You added the sizes. For each value of one letter all values of the others are gone through: "
    "multiply."
)
def sizes_added(formula, *shapes):
    return sum(_sizes(formula, shapes).values())


@multiply_adds.mistake(
    "You counted two operations for each product, one multiplication and one addition. Here the two "
    "together count as one multiply-add, as processors do them in one."
)
def counted_twice(formula, *shapes):
    return 2 * _multiply_adds(formula, *shapes)


@multiply_adds.mistake(
    "You counted the letters of each array by themselves and added the arrays up. All letters of the "
    "formula are gone through together: one product over all of them."
)
def arrays_added(formula, *shapes):
    _sizes(formula, shapes)
    return sum(math.prod(shape) for shape in shapes)


@multiply_adds.mistake(
    "Right for small arrays, but the number overflows for large ones: 32 bits hold no more than "
    "2 147 483 647. Python's own whole numbers never overflow: use `math.prod`."
)
def overflowing(formula, *shapes):
    return int(np.prod(np.array(list(_sizes(formula, shapes).values()), np.int32), dtype=np.int32))


@multiply_adds.mistake(
    "Right for large arrays too, but not for very large ones: `np.prod` counts in 64 bits, and wraps "
    "around beyond. Python's own whole numbers never overflow: use `math.prod`."
)
def overflowing_64_bits(formula, *shapes):
    return int(np.prod(np.array(list(_sizes(formula, shapes).values()), np.int64), dtype=np.int64))


@multiply_adds.mistake(
    "The numbers are right. What is missing is the check that a letter has one size only: where it "
    "meets another one, raise a ValueError."
)
def last_size_wins(formula, *shapes):
    inputs = formula.replace(" ", "").partition("->")[0].split(",")
    return math.prod(
        {
            letter: size
            for letters, shape in zip(inputs, shapes, strict=True)
            for letter, size in zip(letters, shape, strict=True)
        }.values()
    )


@multiply_adds.mistake(
    "Your function takes spaces for letters. Leave them out first: `formula.replace(' ', '')`."
)
def spaces_as_letters(formula, *shapes):
    if " " in formula:
        raise ValueError("a space is no letter")
    return _multiply_adds(formula, *shapes)


# --- right answers in other styles ----------------------------------------------------------------


@multiply_adds.alternative
def by_sets_of_pairs(formula, *shapes):
    letters = re.sub("[ ,]", "", formula.split("->")[0])
    pairs = set(zip(letters, [size for shape in shapes for size in shape], strict=True))
    if len(pairs) > len(set(letters)):
        raise ValueError("a letter stands for two sizes")
    return math.prod(size for _, size in pairs)


@multiply_adds.alternative
def by_counting_cells_and_terms(formula, *shapes):
    left, right = formula.replace(" ", "").split("->")
    sizes = {}
    for letter, size in zip(left.replace(",", ""), sum(shapes, ()), strict=True):
        if letter in sizes and sizes[letter] != size:
            raise ValueError(letter)
        sizes[letter] = size
    cells, terms = 1, 1
    for letter, size in sizes.items():
        if letter in right:
            cells *= size
        else:
            terms *= size
    return cells * terms


@multiply_adds.alternative
def by_object_arrays(formula, *shapes):
    letters = [letter for letter in formula.split("->")[0] if letter.isalpha()]
    sizes = [size for shape in shapes for size in shape]
    table = dict(zip(letters, sizes, strict=True))
    if [table[letter] for letter in letters] != sizes:
        raise ValueError("a letter stands for two sizes")
    return int(np.prod(np.array(list(table.values()), dtype=object)))
