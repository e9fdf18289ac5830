"""What drawings of operations on arrays show, read back from the SVG."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from reading import read_arrays, read_words

from mazoezi import arrays
from mazoezi._errors import ArgumentError
from mazoezi.arrays._moves import motion

NEIGHBOURHOOD = np.array([[[1, 2], [1, 2], [2, 0]], [[3, 2], [0, 3], [4, 1]]])
TABLE = np.array([[0, 1, 2, 3], [10, 11, 12, 13]])
NAMES = ("street", "house", "floor")


def _texts(array):
    return {position: str(array[position]) for position in np.ndindex(array.shape)}


# --- transposes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("perm", list(itertools.permutations(range(3))))
def test_a_transpose_moves_cells_names_and_colours_together(perm):
    drawing = arrays.draw_transpose(NEIGHBOURHOOD, perm, NAMES, chosen=(0, 2, 1))
    before, after = read_arrays(drawing)
    assert after.texts() == _texts(NEIGHBOURHOOD.transpose(perm))
    assert after.names == tuple(NAMES[axis] for axis in perm)
    assert {n: c for n, (c, _) in after.axes.items()} == {n: c for n, (c, _) in before.axes.items()}
    assert before.chosen() == {(0, 2, 1)}
    assert after.chosen() == {tuple((0, 2, 1)[axis] for axis in perm)}


def test_without_a_permutation_the_axes_are_reversed():
    before, after = read_arrays(arrays.draw_transpose(TABLE))
    assert (before.shape, after.shape) == ((2, 4), (4, 2))


@pytest.mark.parametrize("perm", [(0, 0, 1), (0, 1), (0, 1, 2, 3)])
def test_what_is_no_permutation_is_refused(perm):
    with pytest.raises(ArgumentError, match=r"each of the axes \(0, 1, 2\) once"):
        arrays.draw_transpose(NEIGHBOURHOOD, perm)


def test_three_of_the_six_orders_are_rotations_by_counting_exchanges():
    """Independent of determinants: a rotation is an even number of exchanges of two axes."""
    for perm in itertools.permutations(range(3)):
        exchanges = sum(a > b for a, b in itertools.combinations(perm, 2))
        said = motion(perm)
        assert ("mirror" in said) == (exchanges % 2 == 1), perm
    told = " ".join(read_words(arrays.draw_orders(NEIGHBOURHOOD, NAMES)))
    assert told.count("a rotation") == 2
    assert told.count("as it is") == 1
    assert told.count("mirror image") == 3


def test_all_orders_hold_the_same_cells():
    drawn = read_arrays(arrays.draw_orders(NEIGHBOURHOOD, NAMES))
    assert [one.names for one in drawn] == list(itertools.permutations(NAMES))
    for one in drawn:
        back = np.empty((2, 3, 2), int)
        for position, text in one.texts().items():
            at = dict(zip(one.names, position, strict=True))
            back[tuple(at[name] for name in NAMES)] = int(text)
        assert np.array_equal(back, NEIGHBOURHOOD)
    with pytest.raises(ArgumentError, match="two or three axes"):
        arrays.draw_orders([1, 2])


def test_a_vector_transposed_is_as_it_is():
    assert "as it is" in repr(arrays.draw_transpose([1, 2, 3]))


# --- operations ----------------------------------------------------------------------------------


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4), st.randoms())
def test_an_operation_shows_operands_repeated_cells_and_the_result(shapes, random):
    left, right = (
        np.array([random.randint(-9, 9) for _ in range(int(np.prod(shape)))], int).reshape(shape)
        for shape in shapes.input_shapes
    )
    first, second, result = read_arrays(arrays.draw_operation(left, "+", right))
    assert result.texts() == _texts(left + right)
    for shown, operand in ((first, left), (second, right)):
        full = np.broadcast_to(operand, result.shape)
        assert shown.texts() == _texts(full)
        assert len(shown.chosen("ghost")) == full.size - operand.size
        for name in shown.names:
            assert shown.axes[name] == result.axes[name]


def test_without_ghosts_the_operands_stand_as_they_are():
    column = np.array([[1], [2]])
    drawn = read_arrays(arrays.draw_operation(column, "*", [10, 20, 30], ("a", "b"), ghosts=False))
    assert [one.shape for one in drawn] == [(2, 1), (3,), (2, 3)]
    assert [one.names for one in drawn] == [("a", "b"), ("b",), ("a", "b")]
    assert not any(one.chosen("ghost") for one in drawn)


def test_the_two_operands_differ_in_colour():
    first, second, _ = read_arrays(arrays.draw_operation([1, 2], "-", [3, 4]))
    assert first.cells[(0,)].fill != second.cells[(0,)].fill


def test_a_matrix_product_shares_the_axis_that_is_summed():
    left, right = np.arange(6).reshape(2, 3), np.arange(12).reshape(3, 4)
    first, second, result = read_arrays(arrays.draw_operation(left, "@", right))
    assert result.texts() == _texts(left @ right)
    (shared,) = set(first.names) & set(second.names)
    assert shared not in result.names
    assert first.axes[shared] == second.axes[shared]
    assert len({colour for one in (first, second) for colour, _ in one.axes.values()}) == 3


@pytest.mark.parametrize(
    ("left", "sign", "right", "told"),
    [
        ((3, 2), "+", (3,), r"equal, or of which one is 1.*last:\n  \(3, 2\)\n    \(3,\)"),
        ((3, 2), "@", (3, 2), "as many columns as the second has rows"),
        ((3,), "?", (3,), "the sign is '\\?'"),
    ],
)
def test_operations_that_cannot_be(left, sign, right, told):
    with pytest.raises(ArgumentError, match=re.compile(told, re.DOTALL)):
        arrays.draw_operation(np.zeros(left), sign, np.zeros(right))


def test_row_or_column_shows_both_ways_and_which_does_not_fit():
    square = np.arange(4).reshape(2, 2)
    _, _, by_row, _, _, by_column = read_arrays(arrays.draw_row_or_column(square, [10, 20]))
    assert by_row.texts() == _texts(np.add(square, [[10, 20]]))
    assert by_column.texts() == _texts(np.add(square, [[10], [20]]))
    told = read_words(arrays.draw_row_or_column(TABLE, [1, 2, 3, 4]))
    assert "does not fit: (4, 1) cannot fill (2, 4)" in told
    with pytest.raises(ArgumentError, match="a matrix and a vector"):
        arrays.draw_row_or_column([1, 2], [1, 2])


def test_a_new_axis_makes_a_column_and_a_row():
    plain, column, row = read_arrays(arrays.draw_new_axis([5, 6, 7]))
    assert [one.shape for one in (plain, column, row)] == [(3,), (3, 1), (1, 3)]
    old = plain.names[0]
    assert column.names == (old, "new")
    assert row.names == ("new", old)
    assert column.axes[old][0] == row.axes[old][0] == plain.axes[old][0]
    with pytest.raises(ArgumentError, match="one axis"):
        arrays.draw_new_axis([[1]])


# --- aggregation ---------------------------------------------------------------------------------


@given(
    hnp.arrays(np.int64, hnp.array_shapes(max_dims=3, max_side=4), elements=st.integers(-99, 99)),
    st.sampled_from(["sum", "max", "min", "prod"]),
    st.data(),
)
def test_the_cells_of_a_group_make_the_cell_of_its_colour(array, function, data):
    axes = data.draw(st.sets(st.integers(0, array.ndim - 1)).map(sorted).map(tuple))
    whole, collected, result = read_arrays(arrays.draw_aggregation(array, axes, function))
    apply = {"sum": sum, "max": max, "min": min, "prod": lambda one: int(np.prod(one))}[function]
    for position, cell in result.cells.items():
        group = cell.facts["group"]
        members = [int(c.text) for c in whole.cells.values() if c.facts["group"] == group]
        assert int(cell.text) == apply(members)
        lists = collected.cells[position]
        if len(members) > 8:
            assert lists.text.endswith(", …]")
        else:
            assert sorted(eval(lists.text)) == sorted(members)
        fills = {c.fill for c in whole.cells.values() if c.facts["group"] == group}
        assert fills == {cell.fill, lists.fill}
    assert result.shape == array.sum(axes).shape
    assert result.names == tuple(n for axis, n in enumerate(whole.names) if axis not in axes)


def test_a_large_array_is_collected_in_part_and_aggregated_in_whole():
    array = np.arange(900 * 500).reshape(900, 500)
    drawing = arrays.draw_aggregation(array, 0)
    whole, collected, result = read_arrays(drawing)
    assert "(900, 500)" in whole.note and "(500,)" in result.note
    assert collected.cells[(3,)].text == "[3, 503, 1003, 1503, 2003, 2503, 3003, 3503, …]"
    assert result.cells[(3,)].text == str(array[:, 3].sum())
    assert drawing.size[0] < 12_000  # were all collected, hundreds of thousands


@pytest.mark.parametrize(("axis", "values"), [(0, [10, 12, 14, 16]), (1, [6, 46]), (-1, [6, 46])])
def test_the_table_by_either_axis(axis, values):
    *_, result = read_arrays(arrays.draw_aggregation(TABLE, axis))
    assert [int(cell.text) for cell in result.cells.values()] == values


def test_all_axes_and_none():
    *_, total = read_arrays(arrays.draw_aggregation(TABLE, None))
    assert total.texts() == {(): "52"}
    *_, unchanged = read_arrays(arrays.draw_aggregation(TABLE, ()))
    assert unchanged.texts() == _texts(TABLE)


@pytest.mark.parametrize("function", ["mean", "median", "argmax", "argmin", "any", "all"])
def test_every_function_agrees_with_numpy(function):
    table = np.array([[3, 0, 7], [5, 0, 2]])
    *_, result = read_arrays(arrays.draw_aggregation(table, 1, function))
    expected = getattr(np, function)(table, axis=1)
    shown = [{"T": True, "F": False}.get(c.text, c.text) for c in result.cells.values()]
    assert [float(one) for one in shown] == pytest.approx(expected.astype(float), rel=0.01)


def test_aggregations_that_cannot_be():
    for axis, told in ((2, "axes from -2 to 1"), ((0, 0), "each axis once"), ((0, -2), "once")):
        with pytest.raises(ArgumentError, match=told):
            arrays.draw_aggregation(TABLE, axis)
    with pytest.raises(ArgumentError, match="function is 'average'"):
        arrays.draw_aggregation(TABLE, 0, "average")
    with pytest.raises(ArgumentError, match="no cells"):
        arrays.draw_aggregation(np.zeros((2, 0)), 1, "max")


def test_a_sum_of_no_cells_is_0():
    *_, result = read_arrays(arrays.draw_aggregation(np.zeros((2, 0)), 1))
    assert list(result.texts().values()) == ["0", "0"]


def test_the_square_commutes_for_sums_and_not_for_medians():
    square = arrays.draw_aggregation_square(TABLE)
    matrix, rows, columns, total = read_arrays(square)
    assert matrix.texts() == _texts(TABLE)
    assert list(rows.texts().values()) == ["6", "46"]
    assert list(columns.texts().values()) == ["10", "12", "14", "16"]
    assert total.texts() == {(): "52"}
    assert "Both ways lead to the same number" in read_words(square)
    square = arrays.draw_aggregation_square([[0, 1, 7], [1, 0, 2]], "median")
    assert "Both ways lead to different numbers" in read_words(square)
    assert list(read_arrays(square)[-1].texts().values()) == ["1", "0.5"]


# --- houses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("array", [3, [3, 2, 0], [[1, 2, 2], [3, 0, 4]], NEIGHBOURHOOD])
def test_a_neighbourhood_has_a_person_for_each_one_counted(array):
    drawing = arrays.draw_neighbourhood(array)
    array = np.asarray(array)
    assert drawing.svg.count('class="person"') == array.sum()
    houses = re.findall(r'data-people="([\d ]+)"', drawing.svg)
    floors = array.reshape(-1, array.shape[2] if array.ndim == 3 else 1)
    assert [tuple(map(int, one.split())) for one in houses] == [tuple(one) for one in floors]
    (block,) = read_arrays(drawing)
    assert block.names == {0: (), 1: ("house",), 2: NAMES[:2], 3: NAMES}[array.ndim]


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.zeros((1, 1, 1, 1), int), "at most three axes"),
        ([1.5], "whole numbers"),
        ([-1], "whole numbers from 0"),
        ([6], "at most 5 people"),
    ],
)
def test_neighbourhoods_that_cannot_be(array, told):
    with pytest.raises(ArgumentError, match=told):
        arrays.draw_neighbourhood(array)
