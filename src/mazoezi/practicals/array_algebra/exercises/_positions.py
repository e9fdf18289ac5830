"""Checks of A01 to A05: shapes, positions, and the order of the axes."""

import itertools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise
from mazoezi.practicals.array_algebra import data
from mazoezi.practicals.array_algebra.exercises._on_numpy import on_numpy
from mazoezi.practicals.array_algebra.exercises._predictions import (
    no_arguments,
    predicted_array,
    refuse,
)


def _distinct(rng, *shape):
    """Return whole numbers of which no two are equal, so that every cell can be recognised."""
    return rng.permutation(np.arange(1, np.prod(shape, dtype=int) + 1)).reshape(shape)


# --- A01.1 The shapes of three arrays ------------------------------------------------------------

_ARRAYS = {
    "a": np.array([7, 1, 8, 2]),
    "b": np.array([[3, 1, 4, 1, 5], [9, 2, 6, 5, 3]]),
    "c": np.array(6),
}


def _shapes():
    return (4,), (2, 5), ()


shapes = code_exercise("A01.1", reference=_shapes)


def _how_many(answer: Callable) -> Callable:
    """Say how many shapes there are, and not which."""

    def run() -> Any:
        given = answer()
        if given is None:
            return None
        return f"{len(given)} shapes" if isinstance(given, tuple | list) else "no tuple of shapes"

    return run


shapes.case("three shapes, one for each array", run=_how_many)(no_arguments)


def _shape_problem(given: Any, array: np.ndarray) -> str:
    """Return what is wrong with a shape, in the learner's terms."""
    if isinstance(given, int | float):
        if (given,) == array.shape:
            return (
                f"`({given})` is the number {given}: the brackets alone make no tuple. A tuple of "
                "one element has a comma in it."
            )
        if given == array.size and array.ndim:
            return "That is the number of cells. A shape holds one size for each axis, in a tuple."
        return "That is a number. A shape is a tuple, even where it has one entry or none."
    if not isinstance(given, tuple | list):
        return f"A shape is a tuple of whole numbers; this is of type {type(given).__name__}."
    if len(given) != array.ndim:
        return (
            f"You gave {len(given)} {'size' if len(given) == 1 else 'sizes'}, one for each axis. "
            "How many levels of brackets does the array have? That is the number of its axes."
        )
    if tuple(given) == array.shape[::-1]:
        return "The sizes are in the wrong order: the outermost brackets are the first axis."
    return (
        "There is the right number of axes. Count again how many parts each level of brackets has."
    )


def _shape_of(place: int, name: str) -> None:
    """Add the property that the shape of this array is right."""

    @shapes.property(f"the shape of `{name}`")
    def _(answer, rng):
        given, array = answer()[place], _ARRAYS[name]
        same = isinstance(given, tuple | list) and tuple(given) == array.shape
        if not same:
            refuse(given, f"`{name}`: {_shape_problem(given, array)}")


for _place, _name in enumerate(_ARRAYS):
    _shape_of(_place, _name)


@shapes.mistake(
    "`(4)` is the number 4, with brackets around it. What makes a tuple is the comma: with one axis, "
    "write `(4,)`."
)
def comma_forgotten():
    return (4), (2, 5), ()


@shapes.mistake(
    "Those are the numbers of cells. A shape says more: a tuple with the size of each axis, whose "
    "product is the number of cells."
)
def numbers_of_cells():
    return 4, 10, 1


@shapes.mistake(
    "Those are the numbers of cells, in tuples. A shape has one entry for each axis, so that the "
    "shape of `b` has two, and that of `c` none."
)
def numbers_of_cells_in_tuples():
    return (4,), (10,), (1,)


@shapes.mistake(
    "Those are the orders: how many axes there are. A shape says how long each of them is."
)
def orders():
    return 1, 2, 0


@shapes.mistake(
    "The number `c` has no axis, so its shape has no entry: it is the empty tuple `()`. The shape "
    "`(1,)` belongs to a vector that happens to have one cell."
)
def scalar_as_vector():
    return (4,), (2, 5), (1,)


@shapes.mistake(
    "The sizes of `b` are in the wrong order. The outermost brackets are the first axis: they hold "
    "two lists, and each of these holds five numbers."
)
def inner_axis_first():
    return (4,), (5, 2), ()


@shapes.mistake(
    "A vector has one axis only. `(1, 4)` would be a matrix with one row, which has two levels of "
    "brackets: count those of `a`."
)
def vector_as_a_row():
    return (1, 4), (2, 5), ()


@shapes.alternative
def asked_of_the_arrays():
    return tuple(array.shape for array in _ARRAYS.values())


@shapes.alternative
def as_lists():
    return [[4], [2, 5], []]


@shapes.alternative
def written_with_tuple():
    return tuple(tuple(sizes) for sizes in ([4], [2, 5], []))


# --- A02 Top-left cell ---------------------------------------------------------------------------


def _top_left(matrix):
    return matrix[0, 0]


top_left = code_exercise("A02", reference=_top_left)


@top_left.case("two streets of three houses", run=on_numpy)
def _(rng):
    yield data.two_streets()


@top_left.case("matrices of three rows and two columns, and of two rows and five", run=on_numpy)
def _(rng):
    for shape in ((3, 2), (2, 5)):
        yield _distinct(rng, *shape) + 1


@top_left.case("a single row, a single column, and a single cell", run=on_numpy)
def _(rng):
    for shape in ((1, 4), (3, 1), (1, 1)):
        yield _distinct(rng, *shape) + 1


@top_left.case("negative numbers, and numbers with a fraction", run=on_numpy)
def _(rng):
    yield -_distinct(rng, 2, 3)
    yield np.array([[0.5, 1.5], [-2.5, 3.5]], np.float32)


@top_left.mistake(
    "Python counts from 0: `[1, 1]` is the *second* row and the *second* column. Both indices of the "
    "first cell are 0."
)
def counted_from_one(matrix):
    return matrix[1, 1]


@top_left.mistake(
    "You took a whole row: with one index, a matrix gives the row of that number, a vector of shape "
    "(n,). One cell needs two indices, the row and the column."
)
def whole_row(matrix):
    return matrix[0]


@top_left.mistake("You took the first column, which is a vector. One cell needs a row as well.")
def whole_column(matrix):
    return matrix[:, 0]


@top_left.mistake(
    "You typed in the number that stands there on the screen. Read it from the argument, so that "
    "your function is right for every matrix."
)
def typed_in(matrix):
    return 1


@top_left.mistake(
    "That is the cell at the bottom right: negative indices count from the end. The first row and "
    "the first column both have the index 0."
)
def bottom_right(matrix):
    return matrix[-1, -1]


@top_left.mistake("That is the top *right* cell: `-1` is the last column. The first is column 0.")
def top_right(matrix):
    return matrix[0, -1]


@top_left.mistake("That is the bottom *left* cell: `-1` is the last row. The first is row 0.")
def bottom_left(matrix):
    return matrix[-1, 0]


@top_left.mistake(
    "These are ranges, and a range keeps its axis: you have a matrix of shape (1, 1). For the number "
    "itself, give two whole numbers as indices."
)
def kept_as_a_matrix(matrix):
    return matrix[:1, :1]


@top_left.mistake(
    "`matrix[[0, 0]]` has a list as its index, which picks row 0 twice. Without the inner brackets, "
    "`matrix[0, 0]`, the two numbers are row and column."
)
def listed(matrix):
    return matrix[[0, 0]]


@top_left.alternative
def one_index_after_the_other(matrix):
    return matrix[0][0]


@top_left.alternative
def by_item(matrix):
    return matrix.item(0)


@top_left.alternative
def by_flattening(matrix):
    return jnp.ravel(matrix)[0]


# --- A03.1 and A03 Re-order to floor, street, house ----------------------------------------------


def _reordered_by_hand():
    return [[[1, 1, 2], [3, 0, 4]], [[2, 2, 0], [2, 3, 1]]]


reordered_by_hand = predicted_array(
    "A03.1",
    reference=_reordered_by_hand,
    shape="The outermost list holds 2 floors; each of them holds 2 streets, each of those 3 houses.",
    cells=(
        "The first block is the lower floor: take from each pair of the given array its first "
        "number, and leave streets and houses where they are."
    ),
)


@reordered_by_hand.mistake(
    "Numbers moved to other houses: you read the cells one after another and filled them into the "
    "new brackets, as `reshape` does. Test one cell: on floor 2 of house 3 in street 1 lives nobody, "
    "so that `new[1, 0, 2]` has to be 0. Collect all numbers of floor 1 first, then all of floor 2."
)
def reshaped_by_hand():
    return data.neighbourhood().reshape(2, 2, 3)


@reordered_by_hand.mistake(
    "That is the array as it was given, in the order (street, house, floor). The outermost list "
    "should hold the two floors."
)
def as_given():
    return data.neighbourhood()


@reordered_by_hand.mistake(
    "Your order is (house, floor, street), which is the *inverse* permutation: it takes each axis to "
    "the wrong end. The outermost list should hold the two floors, not the three houses."
)
def by_the_inverse():
    return data.neighbourhood().transpose(1, 2, 0)


@reordered_by_hand.mistake(
    "Your order is (floor, house, street). The floor is rightly outermost; within a floor, the "
    "streets come before the houses."
)
def streets_innermost():
    return data.neighbourhood().transpose(2, 1, 0)


@reordered_by_hand.mistake(
    "The two floors are exchanged. Floor 1 is index 0 of the first axis, so it comes first."
)
def upper_floor_first():
    return data.neighbourhood().transpose(2, 0, 1)[::-1]


@reordered_by_hand.mistake(
    "The two streets are exchanged on each floor. The street with 1, 1 and 2 people on its lower "
    "floors comes first."
)
def second_street_first():
    return data.neighbourhood().transpose(2, 0, 1)[:, ::-1]


@reordered_by_hand.alternative
def by_transposing():
    return np.transpose(data.neighbourhood(), (2, 0, 1))


@reordered_by_hand.alternative
def floor_after_floor():
    a = data.neighbourhood()
    return [a[:, :, 0].tolist(), a[:, :, 1].tolist()]


def _reorder(a):
    streets, houses, floors = a.shape
    result = np.zeros((floors, streets, houses), a.dtype)
    for floor, street, house in np.ndindex(result.shape):
        result[floor, street, house] = a[street, house, floor]
    return result


reorder = code_exercise("A03", reference=_reorder)


@reorder.case("the two streets of three houses with two floors", run=on_numpy)
def _(rng):
    yield data.neighbourhood()


@reorder.case("arrays of shape (2, 3, 4) and (4, 2, 3)", run=on_numpy)
def _(rng):
    for shape in ((2, 3, 4), (4, 2, 3)):
        yield _distinct(rng, *shape)


@reorder.case("a single street, a single house, and a single floor", run=on_numpy)
def _(rng):
    for shape in ((1, 3, 2), (2, 1, 3), (3, 2, 1)):
        yield _distinct(rng, *shape)


@reorder.case("as many floors as houses and streets", run=on_numpy)
def _(rng):
    yield _distinct(rng, 3, 3, 3)


@reorder.case("numbers with a fraction stay what they are", run=on_numpy)
def _(rng):
    yield rng.uniform(1, 9, size=(2, 3, 4)).round(1).astype(np.float32)


@reorder.property("nobody moves, and nobody is lost")
def _(answer, rng):
    a = data.neighbourhood()
    new = np.asarray(answer(a.copy()))
    assert new.sum() == 21, f"21 people live here; in your result there are {new.sum()}."
    for street, house, floor in ((0, 2, 1), (1, 2, 0)):
        assert new[floor, street, house] == a[street, house, floor], (
            f"`a[{street}, {house}, {floor}]` is {a[street, house, floor]}, so "
            f"`new[{floor}, {street}, {house}]` must be so too; it is {new[floor, street, house]}."
        )


@reorder.mistake(
    "The shape is right, but numbers moved to other houses: house 3, street 1, floor 2 should stay 0. "
    "`reshape` reads the cells in the old order and fills them into the new box. Copy each cell to "
    "its own new place: `new[floor, street, house] = a[street, house, floor]`."
)
def reshaped(a):
    streets, houses, floors = a.shape
    return a.reshape(floors, streets, houses)


@reorder.mistake(
    "Your order is (house, floor, street): that is the inverse permutation. `transpose` wants to "
    "know, for each *new* axis, which old axis it was: floor was 2, street 0, house 1."
)
def inverse_permutation(a):
    return np.transpose(a, (1, 2, 0))


@reorder.mistake(
    "You returned what you typed in before. It is right for this neighbourhood and for no other: "
    "take shape and cells from the argument."
)
def typed_in_again(a):
    return np.array(_reordered_by_hand())


@reorder.mistake(
    "Your axes are in the order (floor, house, street). Within a floor, the street should come "
    "before the house. (Reversing all axes, as `.T` does, is another order.)"
)
def all_reversed(a):
    return a.T


@reorder.mistake(
    "Your axes are in the order (street, floor, house): the first axis is still the street. The "
    "floor should be outermost."
)
def last_two_exchanged(a):
    return np.swapaxes(a, 1, 2)


@reorder.mistake("This is the array as it came, in the order (street, house, floor).")
def as_it_came(a):
    return a


@reorder.mistake(
    "Only the first two floors are there. Take the number of floors from `a.shape`: some houses have "
    "one, some have more than two."
)
def always_two_floors(a):
    return np.stack([a[:, :, 0], a[:, :, 1]])


@reorder.mistake(
    "The floors are right, and stand side by side: you joined the matrices to one long one. "
    "`np.stack` makes the new axis that `np.concatenate` does not."
)
def floors_joined(a):
    return np.concatenate([a[:, :, floor] for floor in range(a.shape[2])])


@reorder.mistake(
    "The cells are where they should be and have become floating-point: `np.zeros` makes such "
    "numbers unless told otherwise. Say `np.zeros(shape, a.dtype)`."
)
def made_floating(a):
    return _reorder(a).astype(np.float64)


@reorder.alternative
def by_transpose(a):
    return np.transpose(a, (2, 0, 1))


@reorder.alternative
def by_moving_the_floor(a):
    return jnp.moveaxis(a, -1, 0)


@reorder.alternative
def by_stacking_floors(a):
    return np.stack([a[:, :, floor] for floor in range(a.shape[2])])


@reorder.alternative
def by_nested_lists(a):
    streets, houses, floors = a.shape
    return np.array(
        [
            [[a[street, house, floor] for house in range(houses)] for street in range(streets)]
            for floor in range(floors)
        ]
    )


# --- A04 All positions of the 3-array ------------------------------------------------------------


def _positions(shape):
    return list(itertools.product(*map(range, shape)))


positions = code_exercise("A04", reference=_positions)


@positions.case("the neighbourhood, of shape (2, 3, 2)")
def _(rng):
    yield ((2, 3, 2),)


@positions.case("a single cell, of shape (1, 1, 1)")
def _(rng):
    yield ((1, 1, 1),)


@positions.case("three axes of different sizes")
def _(rng):
    for shape in ((4, 2, 3), (3, 1, 5)):
        yield (shape,)


@positions.case("an axis of size 0: there are no cells")
def _(rng):
    for shape in ((2, 0, 3), (0, 4, 2), (3, 2, 0)):
        yield (shape,)


@positions.property("all positions are different, and there is an array's cell at each")
def _(answer, rng):
    shape = tuple(int(size) for size in rng.permutation([2, 3, 5]))
    found = [tuple(int(index) for index in position) for position in answer(shape)]
    counts = np.zeros(shape, int)
    for position in found:
        inside = len(position) == 3 and all(
            0 <= index < size for index, size in zip(position, shape, strict=True)
        )
        assert inside, f"An array of shape {shape} has no cell at {position}."
        counts[position] += 1
    assert (counts == 1).all(), (
        f"For shape {shape}, {int((counts == 0).sum())} positions are missing, and "
        f"{int((counts > 1).sum())} are there more than once."
    )


@positions.mistake(
    "You count from 1. On an axis of size n, the indices in Python run from 0 to n - 1, which is "
    "what `range(n)` gives."
)
def one_based(shape):
    return list(itertools.product(*(range(1, size + 1) for size in shape)))


@positions.mistake(
    "The last index of each axis is missing. `range(n)` leaves out n by itself, so that it runs to "
    "n - 1: do not subtract another 1."
)
def last_missing(shape):
    return list(itertools.product(*(range(size - 1) for size in shape)))


@positions.mistake(
    "You go one too far: on an axis of size n the largest index is n - 1. `range(n)` stops before n "
    "by itself."
)
def one_too_far(shape):
    return list(itertools.product(*(range(size + 1) for size in shape)))


@positions.mistake(
    "That is one position, of the first cell. There is one for each cell: go through all "
    "combinations of the three indices."
)
def only_the_first(shape):
    return [(0, 0, 0)]


@positions.mistake(
    "You let all three indices grow together, and meet only the cells of a diagonal. Every index of "
    "one axis goes with every index of the others: nest the loops, or take their product."
)
def along_the_diagonal(shape):
    first, second, third = shape
    return list(zip(range(first), range(second), range(third), strict=False))


@positions.mistake(
    "All positions are there, in another order: the *first* index should change slowest, and the "
    "last one fastest, as you read the nested list. Make the loop over the first axis the outermost."
)
def first_index_fastest(shape):
    return [position[::-1] for position in itertools.product(*map(range, shape[::-1]))]


@positions.mistake(
    "You numbered the cells one after another. A position is a tuple with one index for each axis, "
    "here three."
)
def cells_numbered(shape):
    return list(range(int(np.prod(shape))))


@positions.mistake(
    "That is right for the shape (2, 3, 2) and for no other. Take the sizes from the argument."
)
def for_the_neighbourhood(shape):
    return _positions((2, 3, 2))


@positions.alternative
def by_nested_loops(shape):
    found = []
    for street in range(shape[0]):
        for house in range(shape[1]):
            for floor in range(shape[2]):
                found.append((street, house, floor))
    return found


@positions.alternative
def by_ndindex(shape):
    return list(np.ndindex(*shape))


@positions.alternative
def by_argwhere(shape):
    return [tuple(position) for position in np.argwhere(np.ones(shape))]


# --- A05 All positions of a scalar ---------------------------------------------------------------


positions_of_any_order = code_exercise("A05", reference=_positions)


@positions_of_any_order.case("a scalar, of shape ()")
def _(rng):
    yield ((),)


@positions_of_any_order.case("vectors, of shape (3,) and (1,)")
def _(rng):
    for shape in ((3,), (1,)):
        yield (shape,)


@positions_of_any_order.case("a matrix, and an array of three axes")
def _(rng):
    for shape in ((2, 4), (2, 3, 2)):
        yield (shape,)


@positions_of_any_order.case("an array of four axes")
def _(rng):
    yield ((2, 1, 3, 2),)


@positions_of_any_order.case("no cells at all, of shape (0,) and (2, 0)")
def _(rng):
    for shape in ((0,), (2, 0)):
        yield (shape,)


@positions_of_any_order.mistake(
    "For the shape () you return nothing inside: `[]`, or the empty tuple without a list around it. A "
    "scalar has one cell, so the list has one position in it. Which tuple holds no index at all?"
)
def no_position(shape):
    return _positions(shape) if shape else []


@positions_of_any_order.mistake(
    "`(0,)` is a position with one index, so it belongs to a vector. A scalar has no axis, and its "
    "position has no index: the empty tuple."
)
def position_of_a_vector(shape):
    return _positions(shape) if shape else [(0,)]


@positions_of_any_order.mistake(
    "For the shape () your function returns None: is there a `return` in that branch too? A scalar "
    "has one cell, so the list has one position in it."
)
def nothing_for_a_scalar(shape):
    if shape:
        return _positions(shape)
    return None


@positions_of_any_order.mistake(
    "Your function still needs exactly three axes. A loop for each axis cannot be written down when "
    "the number of axes is not known: hand one range for each axis to `itertools.product`."
)
def three_axes_only(shape):
    first, second, third = shape
    return _positions((first, second, third))


@positions_of_any_order.mistake(
    "Your function still asks for the sizes of three axes, which a scalar does not have. Go through "
    "`shape` itself: begin with the list `[()]`, and let each axis append its indices to every "
    "position that is there."
)
def three_loops(shape):
    return _positions((shape[0], shape[1], shape[2]))


@positions_of_any_order.mistake(
    "Your function always returns an empty list. It calls itself with one axis less, until no axis is "
    "left; there it returns no position, so that the loops before have nothing to go through. At "
    "the end there is *one* position, the empty tuple."
)
def nothing_to_begin_with(shape):
    return []


@positions_of_any_order.mistake(
    "A position of a vector is a tuple as well, with one index: `(0,)`, not the number 0."
)
def numbers_for_a_vector(shape):
    return list(range(shape[0])) if len(shape) == 1 else _positions(shape)


@positions_of_any_order.alternative
def by_recursion(shape):
    if not shape:
        return [()]
    return [(index, *rest) for index in range(shape[0]) for rest in by_recursion(shape[1:])]


@positions_of_any_order.alternative
def axis_by_axis(shape):
    found: list[tuple[int, ...]] = [()]
    for size in shape:
        found = [(*position, index) for position in found for index in range(size)]
    return found


@positions_of_any_order.alternative
def by_ndindex_of_any_order(shape):
    return list(np.ndindex(shape))
