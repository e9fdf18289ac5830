"""Checks of A24, A25, A33 and A35: arrays combined cell by cell, and by broadcasting."""

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise
from mazoezi.practicals.array_algebra.exercises._bytecode import steps_taken


def _whole(rng, *shape):
    """Return whole numbers from -9 to 9."""
    return rng.integers(-9, 10, size=shape)


# --- A24 Subtract a tenth ------------------------------------------------------------------------


def _subtract_tenth(r, b):
    return r - b / 10


subtract_tenth = code_exercise("A24", reference=_subtract_tenth, rtol=1e-6, atol=1e-5)


@subtract_tenth.case("a tenth of b is just r: nothing is left")
def _(rng):
    yield np.array([1, 2, 3, 4]), np.array([10, 20, 30, 40])


@subtract_tenth.case("a tenth of 15 is 1.5")
def _(rng):
    yield np.array([1, 2]), np.array([15, 5])


@subtract_tenth.case("other vectors, some numbers negative")
def _(rng):
    yield _whole(rng, 5), _whole(rng, 5)
    yield tuple(rng.normal(scale=9, size=(2, 7)).round(1).astype(np.float32))


@subtract_tenth.case("matrices are no different")
def _(rng):
    yield _whole(rng, 2, 3), _whole(rng, 2, 3)


@subtract_tenth.mistake(
    "`//` throws away what follows the point: a tenth of 15 became 1. Divide with `/`, which gives "
    "1.5."
)
def whole_division(r, b):
    return r - b // 10


@subtract_tenth.mistake(
    "The result was turned into whole numbers, and half of 1 became 0. Leave the fractions in."
)
def made_whole(r, b):
    return (r - b / 10).astype(int)


@subtract_tenth.mistake(
    "You subtracted first and divided the difference. A tenth of *b* is to be subtracted: the "
    "division comes before the minus even without brackets, so leave them out."
)
def difference_divided(r, b):
    return (r - b) / 10


@subtract_tenth.mistake("The sign is wrong: a tenth of b is to be taken *from* r.")
def other_way_round(r, b):
    return b / 10 - r


@subtract_tenth.mistake("The two are exchanged: you took a tenth of r from b.")
def tenth_of_r(r, b):
    return b - r / 10


@subtract_tenth.mistake("You subtracted ten times b. A tenth is `b / 10`.")
def ten_times(r, b):
    return r - b * 10


@subtract_tenth.mistake("You subtracted all of b. A tenth of it is `b / 10`.")
def all_of_b(r, b):
    return r - b


@subtract_tenth.mistake("You added. Take a tenth of b *away*: `r - b / 10`.")
def added(r, b):
    return r + b / 10


@subtract_tenth.alternative
def by_factor(r, b):
    return r - 0.1 * b


@subtract_tenth.alternative
def over_a_common_denominator(r, b):
    return (10 * r - b) / 10


@subtract_tenth.alternative
def by_functions(r, b):
    return np.subtract(r, np.divide(b, 10))


@subtract_tenth.alternative
def number_by_number(r, b):
    pairs = zip(r.ravel(), b.ravel(), strict=True)
    return jnp.array([one - other / 10 for one, other in pairs]).reshape(r.shape)


# --- A25 Add two matrices ------------------------------------------------------------------------


def _add_matrices(rm, bm):
    return rm + bm


add_matrices = code_exercise("A25", reference=_add_matrices)


@add_matrices.case("the two matrices of the text")
def _(rng):
    yield np.array([[1, 2], [3, 4]]), np.array([[1, 0], [0, 1]])


@add_matrices.case("two rows and three columns")
def _(rng):
    yield np.array([[1, 2, 3], [4, 5, 6]]), np.array([[10, 20, 30], [40, 50, 60]])


@add_matrices.case("other matrices")
def _(rng):
    for shape in ((3, 3), (5, 2), (1, 4)):
        yield _whole(rng, *shape), _whole(rng, *shape)


@add_matrices.case("numbers with a fraction")
def _(rng):
    yield tuple(rng.normal(size=(2, 4, 3)).round(1).astype(np.float32))


@add_matrices.mistake(
    "These are the vectors r and b of the step before. Add the matrices that the function is given."
)
def vectors_added(rm, bm):
    return jnp.array([1, 2, 3, 4]) + jnp.array([10, 20, 30, 40])


@add_matrices.mistake(
    "That is the matrix product: `@` multiplies rows by columns, and needs other shapes too. Cell by "
    "cell, with `+`, is asked."
)
def matrix_product(rm, bm):
    return rm @ bm


@add_matrices.mistake(
    "You multiplied cell by cell. With `+` in place of `*` the cells are added, in the same way."
)
def multiplied(rm, bm):
    return rm * bm


@add_matrices.mistake(
    "You put one matrix below the other, as `+` does with Python lists. Between arrays, `+` adds "
    "cell by cell."
)
def joined_as_lists(rm, bm):
    return jnp.array([*rm, *bm])


@add_matrices.mistake("Everything was added up to one number. Each cell should keep its place.")
def added_up(rm, bm):
    return rm.sum() + bm.sum()


@add_matrices.mistake("You subtracted: `+` is asked.")
def subtracted(rm, bm):
    return rm - bm


@add_matrices.mistake("The first matrix was added to itself. Use the second one, too.")
def first_doubled(rm, bm):
    return rm + rm


@add_matrices.alternative
def by_function(rm, bm):
    return jnp.add(rm, bm)


@add_matrices.alternative
def stacked_and_summed(rm, bm):
    return np.stack([rm, bm]).sum(axis=0)


@add_matrices.alternative
def cell_by_cell(rm, bm):
    result = np.empty(rm.shape, rm.dtype)
    for row, column in np.ndindex(rm.shape):
        result[row, column] = rm[row, column] + bm[row, column]
    return result


@add_matrices.alternative
def by_comprehension(rm, bm):
    pairs = zip(rm, bm, strict=True)
    return jnp.array([[a + b for a, b in zip(*rows, strict=True)] for rows in pairs])


# --- A33 Row or column ---------------------------------------------------------------------------


def _add_column_and_row(M, column, row):
    return M + column[:, None], M + row[None, :]


add_column_and_row = code_exercise("A33", reference=_add_column_and_row)


@add_column_and_row.case("two rows and three columns")
def _(rng):
    yield np.zeros((2, 3), int), np.array([10, 20]), np.array([1, 2, 3])


@add_column_and_row.case("other shapes")
def _(rng):
    for m, n in ((4, 2), (3, 5), (1, 4), (4, 1)):
        yield _whole(rng, m, n), _whole(rng, m), _whole(rng, n)


@add_column_and_row.case("as many rows as columns: no error would warn you")
def _(rng):
    yield np.zeros((2, 2), int), np.array([10, 20]), np.array([1, 2])
    yield _whole(rng, 3, 3), np.array([1, 2, 3]), np.array([10, 20, 30])


@add_column_and_row.case("numbers with a fraction")
def _(rng):
    yield tuple(rng.normal(size=s).round(1).astype(np.float32) for s in ((3, 2), (3,), (2,)))


@add_column_and_row.mistake(
    "A bare vector meets the *last* axis, whatever it is called: it is added as a row. With as many "
    "rows as columns that happens without a word, otherwise it is an error. Give the column an axis "
    "of size 1 to repeat along: `column[:, None]`. (`column.T` changes nothing: one axis has no "
    "other order.)"
)
def both_bare(M, column, row):
    return M + column, M + row


@add_column_and_row.mistake(
    "Both vectors are added as columns. The row has one number for each column of M, so it must "
    "meet the last axis: add it bare, or as `row[None, :]`."
)
def both_as_columns(M, column, row):
    return M + column[:, None], M + row[:, None]


@add_column_and_row.mistake(
    "The new axes are on the wrong sides: `column[None, :]` is a row, and `row[:, None]` a column. "
    "The place of `None` is the place of the axis of size 1."
)
def axes_on_the_wrong_sides(M, column, row):
    return M + column[None, :], M + row[:, None]


@add_column_and_row.mistake(
    "Both vectors were added to one and the same matrix. Two results are asked: M with the column, "
    "and M with the row."
)
def both_in_one(M, column, row):
    both = M + column[:, None] + row
    return both, both


@add_column_and_row.mistake(
    "The two results are in the other order: first M with the column, then M with the row."
)
def results_exchanged(M, column, row):
    return M + row, M + column[:, None]


@add_column_and_row.mistake(
    "The first result is transposed. You turned M so that the column fits; now turn the sum back."
)
def not_turned_back(M, column, row):
    return M.T + column, M + row


@add_column_and_row.mistake(
    "Only M with the column comes back. Return two arrays: `return with_column, with_row`."
)
def only_the_column(M, column, row):
    return M + column[:, None]


@add_column_and_row.alternative
def by_reshaping(M, column, row):
    return M + column.reshape(-1, 1), M + row


@add_column_and_row.alternative
def turned_and_turned_back(M, column, row):
    return (M.T + column).T, row + M


@add_column_and_row.alternative
def by_repetition(M, column, row):
    m, n = M.shape
    return M + np.repeat(column, n).reshape(m, n), M + np.tile(row, (m, 1))


@add_column_and_row.alternative
def by_loops(M, column, row):
    with_column = jnp.stack([M[:, j] + column for j in range(M.shape[1])], axis=1)
    with_row = jnp.stack([M[i] + row for i in range(M.shape[0])])
    return [with_column, with_row]


@add_column_and_row.alternative
def by_vmap(M, column, row):
    return jax.vmap(jnp.add, in_axes=(1, None), out_axes=1)(M, column), jax.vmap(
        lambda one: one + row
    )(M)


# --- A35 Pairwise differences without loops ------------------------------------------------------


def _pairwise_diff(x, y):
    return x[:, None, :] - y[None, :, :]


pairwise_diff = code_exercise("A35", reference=_pairwise_diff, rtol=1e-6)


@pairwise_diff.case("one point and two points on a line")
def _(rng):
    yield np.array([[10]]), np.array([[1], [2]])


@pairwise_diff.case("different numbers of points")
def _(rng):
    yield _whole(rng, 2, 3), _whole(rng, 4, 3)
    yield _whole(rng, 5, 2), _whole(rng, 3, 2)


@pairwise_diff.case("a single point on one side")
def _(rng):
    yield _whole(rng, 1, 3), _whole(rng, 4, 3)
    yield _whole(rng, 4, 3), _whole(rng, 1, 3)


@pairwise_diff.case("as many points in x as in y: no error would warn you")
def _(rng):
    yield _whole(rng, 4, 3), _whole(rng, 4, 3)
    yield _whole(rng, 3, 3), _whole(rng, 3, 3)


@pairwise_diff.case("numbers with a fraction")
def _(rng):
    yield tuple(rng.normal(size=s).round(1).astype(np.float32) for s in ((3, 2), (4, 2)))


@pairwise_diff.property("with y = x, exchanging the two points changes the sign")
def _(answer, rng):
    x = jnp.asarray(_whole(rng, 4, 3))
    result = jnp.asarray(answer(x, x))
    assert jnp.array_equal(result, -jnp.swapaxes(result, 0, 1)), (
        "With y = x, `result[i, j]` should be `-result[j, i]`, and it is not."
    )


@pairwise_diff.property("there is no loop over the points")
def _(answer, rng):
    few, many = (
        steps_taken(answer, jnp.zeros((n, 7)), jnp.zeros((n + 1, 7)))  # not the sizes of a case:
        for n in (2, 22)  # a compiled function would take no steps at all
    )
    assert many < few + 40, (
        f"For 2 and 3 points Python takes {few} steps in your function, for 22 and 23 points {many}: "
        "a loop goes through the points. Give each array an axis that the other lacks, and one "
        "subtraction does all pairs."
    )


@pairwise_diff.mistake(
    "The result is right, and a loop made it: for a thousand points it runs a million times. Insert "
    "axes, so that the shapes are (n, 1, d) and (1, m, d), and subtract once."
)
def by_nested_loops(x, y):
    return jnp.stack([jnp.stack([one - other for other in y]) for one in x])


@pairwise_diff.mistake(
    "You subtracted point 0 from point 0, point 1 from point 1, and so on: with as many points in x "
    "as in y these are the pairs (i, i) alone, otherwise it is an error or not all pairs. Give x a "
    "new second axis, and y a new first one."
)
def side_by_side(x, y):
    return x - y


@pairwise_diff.mistake(
    "The shape is (m, n, d): the first axis belongs to y. Result [i, j] should be x[i] - y[j]: "
    "`x[:, None]` and `y[None]`."
)
def axes_exchanged(x, y):
    return x[None, :, :] - y[:, None, :]


@pairwise_diff.mistake("The sign is wrong: x[i] - y[j] is asked, not y[j] - x[i].")
def other_sign(x, y):
    return y[None, :, :] - x[:, None, :]


@pairwise_diff.mistake(
    "You went on to the squared distances. The coordinates should stay: the last axis has size d."
)
def squared_distances(x, y):
    return ((x[:, None] - y[None]) ** 2).sum(axis=-1)


@pairwise_diff.mistake("The coordinates are added up: the last axis, of size d, should stay.")
def coordinates_summed(x, y):
    return (x[:, None] - y[None]).sum(axis=-1)


@pairwise_diff.mistake("You took absolute values: the differences should keep their sign.")
def without_sign(x, y):
    return jnp.abs(x[:, None] - y[None])


@pairwise_diff.mistake(
    "Every coordinate meets every other, so there are four axes. The coordinates are to be paired "
    "side by side: the last axis of both should be d."
)
def all_coordinates(x, y):
    return x[:, None, :, None] - y[None, :, None, :]


@pairwise_diff.mistake(
    "The pairs stand in one long list, of shape (n·m, d). The result should have an axis for x and "
    "one for y: reshape it to (n, m, d)."
)
def pairs_in_a_list(x, y):
    return (x[:, None] - y[None]).reshape(-1, x.shape[1])


@pairwise_diff.alternative
def one_axis_inserted(x, y):
    return x[:, None] - y


@pairwise_diff.alternative
def by_expand_dims(x, y):
    return np.expand_dims(x, 1) - np.expand_dims(y, 0)


@pairwise_diff.alternative
def by_reshape(x, y):
    n, d = x.shape
    return jnp.subtract(x.reshape(n, 1, d), y.reshape(1, -1, d))


@pairwise_diff.alternative
def by_vmap_twice(x, y):
    from_one = jax.vmap(jnp.subtract, in_axes=(None, 0))
    return jax.vmap(from_one, in_axes=(0, None))(x, y)


@pairwise_diff.alternative
def by_repeating(x, y):
    n, m = len(x), len(y)
    pairs = np.repeat(x, m, axis=0) - np.tile(y, (n, 1))
    return pairs.reshape(n, m, -1)
