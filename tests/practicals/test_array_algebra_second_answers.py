"""The checks of A22 to A26 and A30 to A40, tried on answers of people who did not read them.

Beside what the exercises list themselves, there are wrong answers that nobody listed, which must be
rejected, and right ones in other styles, which must pass.
"""

import doctest
import functools
import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi.course._judge import judge
from mazoezi.course._source import ExerciseText
from mazoezi.practicals.array_algebra import named
from mazoezi.practicals.array_algebra.digits import as_number, as_shape
from mazoezi.practicals.array_algebra.exercises._aggregating import (
    aggregate,
    standardise,
    total_in_two_steps,
)
from mazoezi.practicals.array_algebra.exercises._bug_hunt import BUGGY, KINDS, bug_hunt
from mazoezi.practicals.array_algebra.exercises._bytecode import names_used, steps_taken
from mazoezi.practicals.array_algebra.exercises._combining import (
    add_column_and_row,
    add_matrices,
    pairwise_diff,
    subtract_tenth,
)
from mazoezi.practicals.array_algebra.exercises._einsum import einsum_formulas
from mazoezi.practicals.array_algebra.exercises._named import add_then_sum
from mazoezi.practicals.array_algebra.exercises._shape_questions import (
    broadcast_fit,
    broadcast_shape,
    permutation_between,
    which_permutation,
)
from mazoezi.practicals.array_algebra.exercises._transposes import as_cube, my_transpose, to_cxy
from mazoezi.practicals.array_algebra.exercises._views import view_or_copy
from mazoezi.practicals.array_algebra.named import NamedArray

pytestmark = pytest.mark.slow  # some hundred answers, a few of which compile something

CODE = {
    exercise.id: exercise
    for exercise in (
        as_cube,
        to_cxy,
        subtract_tenth,
        add_matrices,
        total_in_two_steps,
        my_transpose,
        add_column_and_row,
        standardise,
        pairwise_diff,
        aggregate,
        einsum_formulas,
        add_then_sum,
        bug_hunt,
        view_or_copy,
    )
}
WRONG: list[tuple[str, Callable]] = []
RIGHT: list[tuple[str, Callable]] = []


def wrong(exercise: str) -> Callable[[Any], Any]:
    """Mark an answer that the check must reject."""

    def add(function: Any) -> Any:
        WRONG.append((exercise, function))
        return function

    return add


def right(exercise: str) -> Callable[[Any], Any]:
    """Mark an answer that the check must accept."""

    def add(function: Any) -> Any:
        RIGHT.append((exercise, function))
        return function

    return add


def text_of(exercise: str, kind: str = "code") -> ExerciseText:
    """Return an exercise's text with nothing in it but what a judge looks at."""
    return ExerciseText(
        exercise, "slug", "Title", kind, "beginner", False, 5, "prompt", (), 1, answer_name="answer"
    )


def verdict_on(exercise: str, answer: Any):
    return judge(text_of(exercise), CODE[exercise], answer)


def _names(pairs: list[tuple[str, Callable]]) -> list[str]:
    return [f"{exercise}-{getattr(function, '__name__', '?')}" for exercise, function in pairs]


# --- what the exercises list ---------------------------------------------------------------------

LISTED_RIGHT = [(e.id, f) for e in CODE.values() for f in (e.reference, *e.alternatives)]
LISTED_WRONG = [(e.id, m) for e in CODE.values() for m in e.mistakes]


@pytest.mark.parametrize(("exercise", "answer"), LISTED_RIGHT, ids=_names(LISTED_RIGHT))
def test_a_reference_or_alternative_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, f"{verdict.failed_case}: {verdict.message}"
    assert all(verdict.notes)


@pytest.mark.parametrize(
    ("exercise", "mistake"), LISTED_WRONG, ids=[f"{id}-{m.id}" for id, m in LISTED_WRONG]
)
def test_a_mistake_is_rejected_and_diagnosed_as_itself(exercise, mistake, capsys):
    verdict = verdict_on(exercise, mistake.function)
    assert verdict.verdict in ("failed", "errored"), verdict
    assert verdict.mistake == mistake.id
    assert verdict.advice == mistake.advice
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("exercise", CODE)
def test_a_number_instead_of_a_function_is_told_so(exercise):
    verdict = verdict_on(exercise, 3.0)
    assert verdict.category == "signature"
    assert "Expected the function" in verdict.message


# --- A22, A23, A30: the order of the axes --------------------------------------------------------


@wrong("A22")
def green_first(red, green, blue):
    return jnp.stack([green, red, blue])


@wrong("A22")
def red_three_times(red, green, blue):
    return jnp.stack([red, red, red])


@wrong("A22")
def added_together(red, green, blue):
    return red + green + blue


@wrong("A22")
def with_an_alpha_channel(red, green, blue):
    return jnp.stack([red, green, blue, jnp.ones_like(red)])


@wrong("A22")
def columns_before_rows(red, green, blue):
    return jnp.stack([red, green, blue]).swapaxes(1, 2)


@wrong("A22")
def a_leading_axis_too_many(red, green, blue):
    return jnp.stack([red, green, blue])[None]


@wrong("A22")
def only_ones_and_zeros(red, green, blue):
    return (jnp.stack([red, green, blue]) > 0).astype(int)


@wrong("A22")
def three_results(red, green, blue):
    return red, green, blue


@right("A22")
def joined_then_split(red, green, blue):
    return jnp.concatenate([red, green, blue]).reshape(3, *red.shape)


@right("A22")
def stacked_and_turned(red, green, blue):
    return np.stack([red, green, blue], axis=-1).transpose(2, 0, 1)


@right("A22")
@jax.jit
def by_updates(red, green, blue):
    cube = jnp.empty((3, *red.shape), red.dtype)
    return cube.at[0].set(red).at[1].set(green).at[2].set(blue)


@wrong("A23")
def flipped(a):
    return a[::-1].T


@wrong("A23")
def mirrored_after(a):
    return a.T[:, ::-1]


@wrong("A23")
def turned_by_a_quarter(a):
    return jnp.rot90(a).transpose(2, 0, 1)


@wrong("A23")
def in_column_order(a):
    return jnp.moveaxis(a, 2, 0)


@wrong("A23")
def only_red(a):
    return a[:, :, 0].T


@wrong("A23")
def red_and_green(a):
    return a.T[:2]


@wrong("A23")
def channels_backwards(a):
    return a.T[::-1]


@wrong("A23")
def as_lists(a):
    return a.T.tolist()


@wrong("A23")
def always_three_channels(a):
    return jnp.stack([a[:, :, 0].T, a[:, :, 1].T, a[:, :, 2].T])


@wrong("A23")
def square_only(a):
    return jnp.stack([a[:, :, c].T.reshape(a.shape[:2]) for c in range(a.shape[2])])


@right("A23")
def in_two_moves(a):
    return jnp.moveaxis(a, -1, 0).swapaxes(1, 2)


@right("A23")
def by_matrix_transpose(a):
    return jnp.stack([jnp.matrix_transpose(a[..., c]) for c in range(a.shape[-1])])


@right("A23")
def by_vmap(a):
    return jax.vmap(jnp.transpose, in_axes=2)(a)


@right("A23")
def columnwise_reading(a):
    return np.ravel(a).reshape(a.shape[::-1], order="F")


@wrong("A30")
def only_the_first_two(a, perm):
    return my_transpose.reference(a, (1, 0, *range(2, a.ndim)) if a.ndim > 1 else perm)


@wrong("A30")
def first_two_of_perm(a, perm):
    order = list(range(a.ndim))
    if a.ndim > 1:
        order[0], order[1] = perm[0], perm[1]
    return a if sorted(order) != list(range(a.ndim)) else my_transpose.reference(a, tuple(order))


@wrong("A30")
def swapping_in_turn(a, perm):
    order = list(range(a.ndim))
    for k, axis in enumerate(perm):
        order[k], order[axis] = order[axis], order[k]
    return my_transpose.reference(a, tuple(order))


@wrong("A30")
def one_based(a, perm):
    return my_transpose.reference(a, tuple((axis + 1) % a.ndim for axis in perm))


@wrong("A30")
def order_of_perm_backwards(a, perm):
    return my_transpose.reference(a, perm[::-1])


@wrong("A30")
def last_cell_missing(a, perm):
    result = np.zeros([a.shape[axis] for axis in perm], a.dtype)
    for new in list(np.ndindex(result.shape))[:-1]:
        old = [0] * a.ndim
        for place, axis in zip(new, perm, strict=True):
            old[axis] = place
        result[tuple(new)] = a[tuple(old)]
    return result


@wrong("A30")
def flattened(a, perm):
    return my_transpose.reference(a, perm).ravel()


@wrong("A30")
def matrices_only(a, perm):
    if perm != (1, 0):
        return a
    return jnp.stack([a[:, column] for column in range(a.shape[1])])


@wrong("A30")
def through_a_helper(a, perm):
    return _helper(a, perm)


def _helper(a, perm):
    return np.moveaxis(np.asarray(a), perm, range(len(perm)))


@wrong("A30")
def by_einsum(a, perm):
    return np.einsum(np.asarray(a), list(range(a.ndim)), list(perm))


@wrong("A30")
def by_a_lambda_inside(a, perm):
    turn = lambda array: array.transpose(perm)  # noqa: E731
    return turn(a)


WRONG.append(("A30", jnp.transpose))
WRONG.append(("A30", functools.partial(jnp.transpose)))


@right("A30")
def by_pairs(a, perm):
    result = np.empty(tuple(a.shape[p] for p in perm), np.asarray(a).dtype)
    for old, value in np.ndenumerate(np.asarray(a)):
        result[tuple([old[p] for p in perm])] = value
    return result


@right("A30")
def by_sorting(a, perm):
    cells = sorted(np.ndenumerate(np.asarray(a)), key=lambda cell: [cell[0][p] for p in perm])
    return np.array([value for _, value in cells]).reshape([a.shape[p] for p in perm])


@right("A30")
def by_recursion(a, perm):
    if not perm:
        return a
    first, *rest = perm
    below = tuple(axis - (axis > first) for axis in rest)
    index = [slice(None)] * first
    return jnp.stack([by_recursion(a[(*index, i)], below) for i in range(a.shape[first])])


@right("A30")
def by_open_grids(a, perm):
    shape = [a.shape[p] for p in perm]
    grids = np.ix_(*[range(size) for size in shape]) if shape else ()
    return a[tuple(grids[list(perm).index(axis)] for axis in range(a.ndim))]


# --- A24, A25, A33, A35: combining ---------------------------------------------------------------


@wrong("A24")
def rounded(r, b):
    return jnp.round(r - b / 10)


@wrong("A24")
def nine_tenths(r, b):
    return r - 0.9 * b


@wrong("A24")
def always_zero(r, b):
    return jnp.zeros(r.shape)


@wrong("A24")
def a_hundredth(r, b):
    return r - b / 100


@wrong("A24")
def without_the_sign(r, b):
    return abs(r - b / 10)


@wrong("A24")
def subtracted_ten(r, b):
    return r - (b - 10)


@wrong("A24")
def every_pair(r, b):
    return r[:, None] - b / 10


@wrong("A24")
def floored(r, b):
    return jnp.floor(r - b / 10)


@wrong("A24")
def another_name(r, b):
    return a - b / 10  # pyright: ignore[reportUndefinedVariable]


@right("A24")
def added_negative(r, b):
    return r + (-b) * 0.1


@right("A24")
@jax.jit
def compiled(r, b):
    return jnp.subtract(r, b / 10.0)


@right("A24")
def by_copy(r, b):
    result = np.array(r, float)
    result -= np.asarray(b) / 10
    return result


@wrong("A25")
def to_a_vector(rm, bm):
    return (rm + bm).ravel()


@wrong("A25")
def with_transpose(rm, bm):
    return rm + bm.T


@wrong("A25")
def diagonal_added(rm, bm):
    return rm + jnp.eye(*rm.shape, dtype=int)


@wrong("A25")
def first_row_of_b(rm, bm):
    return rm + bm[0]


@wrong("A25")
def average(rm, bm):
    return (rm + bm) / 2


@wrong("A25")
def stacked(rm, bm):
    return jnp.stack([rm, bm])


@wrong("A25")
def sums_of_rows(rm, bm):
    return (rm + bm).sum(axis=1)


@wrong("A25")
def larger(rm, bm):
    return jnp.maximum(rm, bm)


@wrong("A25")
def truncated(rm, bm):
    return rm.astype(int) + bm.astype(int)


@right("A25")
def minus_minus(rm, bm):
    return bm - (-rm)


@right("A25")
def row_by_row(rm, bm):
    return jnp.stack([one + other for one, other in zip(rm, bm, strict=True)])


@right("A25")
def by_sum(rm, bm):
    return sum([rm, bm])


@wrong("A33")
def columns_bare_where_they_fit(M, column, row):
    if len(column) == M.shape[1]:
        return M + column, M + row
    return M + column[:, None], M + row


@wrong("A33")
def rows_new_axis_where_they_fit(M, column, row):
    if len(row) == M.shape[0]:
        return M + column[:, None], M + row[:, None]
    return M + column[:, None], M + row


@wrong("A33")
def transposed_vectors(M, column, row):
    return M + column.T, M + row.T


@wrong("A33")
def multiplied(M, column, row):
    return M * column[:, None], M * row


@wrong("A33")
def first_entries(M, column, row):
    return M + column[0], M + row[0]


@wrong("A33")
def only_the_first_column(M, column, row):
    return M.at[:, 0].add(column), M.at[0].add(row)


@wrong("A33")
def added_in_sequence(M, column, row):
    with_column = M + column[:, None]
    return with_column, with_column + row


@wrong("A33")
def sum_of_the_vectors(M, column, row):
    return M + column.sum(), M + row.sum()


@wrong("A33")
def new_axes_of_three(M, column, row):
    return M[..., None] + column[:, None, None], M[..., None] + row[None, :, None]


@wrong("A33")
def only_row(M, column, row):
    return M + row


@right("A33")
def by_expand_dims(M, column, row):
    return jnp.expand_dims(column, 1) + M, jnp.expand_dims(row, 0) + M


@right("A33")
def by_ones(M, column, row):
    m, n = M.shape
    ones = functools.partial(jnp.ones, dtype=M.dtype)
    return M + jnp.outer(column, ones(n)), M + jnp.outer(ones(m), row)


@right("A33")
def by_filling(M, column, row):
    first, second = np.array(M), np.array(M)
    for i, j in np.ndindex(*M.shape):
        first[i, j] += column[i]
        second[i, j] += row[j]
    return first, second


@right("A33")
def by_broadcast_to(M, column, row):
    return M + jnp.broadcast_to(column, M.T.shape).T, M + jnp.broadcast_to(row, M.shape)


@wrong("A35")
def first_of_y(x, y):
    return x[:, None] - y[:1]


@wrong("A35")
def sum_instead(x, y):
    return x[:, None] + y[None]


@wrong("A35")
def neighbours(x, y):
    n = min(len(x), len(y))
    return x[:n, None] - y[None, :n]


@wrong("A35")
def features_first(x, y):
    return x.T[:, :, None] - y.T[:, None, :]


@wrong("A35")
def in_float16(x, y):
    return (x[:, None] - y[None]).astype(jnp.float16)


@wrong("A35")
def distances(x, y):
    return jnp.sqrt(((x[:, None] - y[None]) ** 2).sum(-1))


@wrong("A35")
def by_one_loop(x, y):
    return jnp.stack([point - y for point in x])


@wrong("A35")
def by_a_loop_in_numpy(x, y):
    result = np.zeros((len(x), len(y), x.shape[1]), x.dtype)
    for i, point in enumerate(np.asarray(x)):
        result[i] = point - np.asarray(y)
    return result


@wrong("A35")
def by_map(x, y):
    return jnp.stack(list(map(lambda point: point - y, x)))  # noqa: C417


@wrong("A35")
def mean_difference(x, y):
    return (x[:, None] - y[None]).mean(axis=1)


@wrong("A35")
def upper_half(x, y):
    return jnp.triu((x[:, None] - y[None]).transpose(2, 0, 1)).transpose(1, 2, 0)


@right("A35")
def coordinate_by_coordinate(x, y):
    pairs = zip(np.asarray(x).T, np.asarray(y).T, strict=True)
    return np.stack([np.subtract.outer(one, other) for one, other in pairs], axis=-1)


@right("A35")
def plus_negative(x, y):
    return jnp.add(x[:, None], -y)


@right("A35")
@jax.jit
def by_lax_map(x, y):
    return jax.lax.map(lambda point: point - y, x)


@right("A35")
def by_vmap_of_rows(x, y):
    return jax.vmap(lambda point: point - y)(x)


@right("A35")
def by_broadcast_arrays(x, y):
    first, second = jnp.broadcast_arrays(x[:, None], y[None])
    return first - second


# --- A26, A34, A36: aggregating ------------------------------------------------------------------


@wrong("A26")
def maxima(a):
    return a.max(axis=0), a.max()


@wrong("A26")
def total_as_a_vector(a):
    sums = a.sum(axis=0)
    return sums, sums.sum(keepdims=True)


@wrong("A26")
def first_sum_only(a):
    sums = a.sum(axis=0)
    return sums, sums[0]


@wrong("A26")
def running(a):
    sums = a.cumsum(axis=0)[-1]
    return sums, sums.cumsum()


@wrong("A26")
def without_the_last_row(a):
    sums = a[:-1].sum(axis=0)
    return sums, sums.sum()


@wrong("A26")
def axis_two(a):
    return a.sum(axis=0), a.sum(axis=2)


@wrong("A26")
def total_of_other_sums_as_first(a):
    return a.sum(axis=-1), a.sum()


@wrong("A26")
def rows_of_lists(a):
    return [sum(row) for row in a], a.sum()


@wrong("A26")
def in_a_dictionary(a):
    sums = a.sum(axis=0)
    return {"sums": sums, "total": sums.sum()}


@wrong("A26")
def refuses_numpy(a):
    sums = a.at[0].add(0).sum(axis=0)
    return sums, sums.sum()


@right("A26")
def axis_from_the_end(a):
    sums = jnp.sum(a, axis=-2)
    return sums, jnp.sum(sums, axis=-1)


@right("A26")
def kept_and_dropped(a):
    kept = a.sum(axis=0, keepdims=True)
    return kept[0], kept.sum(axis=1)[0]


@right("A26")
def by_transposing(a):
    sums = np.array([column.sum() for column in a.T])
    return (sums, int(sums.sum()) if sums.dtype.kind == "i" else float(sums.sum()))


@wrong("A34")
def keepdims_on_rows(X):
    mean, deviation = X.mean(1, keepdims=True), X.std(1, keepdims=True)
    return (X - mean) / jnp.where(deviation == 0, 1, deviation)


@wrong("A34")
def global_deviation(X):
    return (X - X.mean(axis=0)) / X.std()


@wrong("A34")
def global_mean(X):
    deviation = X.std(axis=0)
    return (X - X.mean()) / jnp.where(deviation == 0, 1, deviation)


@wrong("A34")
def large_epsilon(X):
    return (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-3)


@wrong("A34")
def by_median(X):
    deviation = X.std(axis=0)
    return (X - jnp.median(X, axis=0)) / jnp.where(deviation == 0, 1, deviation)


@wrong("A34")
def by_mean_absolute_deviation(X):
    centred = X - X.mean(axis=0)
    deviation = jnp.abs(centred).mean(axis=0)
    return centred / jnp.where(deviation == 0, 1, deviation)


@wrong("A34")
def negated(X):
    return -standardise.reference(X)


@wrong("A34")
def constants_become_ones(X):
    return jnp.nan_to_num((X - X.mean(axis=0)) / X.std(axis=0), nan=1.0)


@wrong("A34")
def constant_columns_left(X):
    deviation = X.std(axis=0)
    return jnp.where(deviation == 0, X, (X - X.mean(axis=0)) / jnp.where(deviation, deviation, 1))


@wrong("A34")
def by_numpy(X):
    X = np.asarray(X)
    deviation = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(deviation == 0, 1, deviation)


@wrong("A34")
def by_a_boolean_index(X):
    deviation = X.std(axis=0)
    keep = deviation > 0
    scaled = (X[:, keep] - X[:, keep].mean(axis=0)) / deviation[keep]
    return jnp.zeros_like(X).at[:, keep].set(scaled)


@wrong("A34")
def forgotten_root(X):
    centred = X - X.mean(axis=0)
    return centred / ((centred**2).mean(axis=0) + 1e-9)


@wrong("A34")
def last_axis_of_a_batch(X):
    deviation = X.std(axis=0)
    scaled = (X - X.mean(axis=0)) / jnp.where(deviation == 0, 1, deviation)
    return jnp.clip(scaled, -1, 1)


@right("A34")
def by_library(X):
    return jnp.where(X.std(0) == 0, 0.0, jax.nn.standardize(X, axis=0, epsilon=0))


@right("A34")
def second_moment(X):
    centred = X - jnp.mean(X, axis=0, keepdims=True)
    scale = jnp.sqrt((centred**2).mean(axis=0))
    return centred / jnp.where(scale > 0, scale, jnp.inf)


@right("A34")
def by_transposing_twice(X):
    def one(column):
        scale = jnp.std(column)
        return jax.lax.cond(scale > 0, lambda: (column - column.mean()) / scale, lambda: column * 0)

    return jnp.stack([one(X[:, d]) for d in range(X.shape[1])]).T


@right("A34")
def tiny_epsilon(X):
    return (X - X.mean(0)) / (X.std(0) + 1e-12)


@wrong("A36")
def axes_in_place(fn, a, axes):
    for axis in axes:
        a = aggregate.reference(fn, a, (axis % max(a.ndim, 1),)) if a.ndim else a
    return a


@wrong("A36")
def only_the_last_axis(fn, a, axes):
    return aggregate.reference(fn, a, (a.ndim - 1,))


@wrong("A36")
def by_name(fn, a, axes):
    known = {"total": jnp.sum, "largest": jnp.max, "median": jnp.median, "mean": jnp.mean}
    return known.get(fn.__name__, jnp.sum)(a, axis=axes)


@wrong("A36")
def with_an_axis_argument(fn, a, axes):
    return fn(a, axis=axes)


@wrong("A36")
def last_list_missing(fn, a, axes):
    result = aggregate.reference(fn, a, axes)
    return result.at[..., -1].set(0) if result.ndim else result


@wrong("A36")
def a_list_of_results(fn, a, axes):
    return aggregate.reference(fn, a, axes).tolist()


@wrong("A36")
def sorted_wrong_way(fn, a, axes):
    kept = [axis for axis in range(a.ndim) if axis not in axes]
    moved = jnp.transpose(a, (*axes, *kept))
    rows = moved.reshape(math.prod(a.shape[axis] for axis in kept), -1)
    return jnp.array([fn(row) for row in rows]).reshape([a.shape[axis] for axis in kept])


@wrong("A36")
def kept_axes_backwards(fn, a, axes):
    return aggregate.reference(fn, a, axes).T


@wrong("A36")
def whole_numbers_only(fn, a, axes):
    return aggregate.reference(fn, a, axes).astype(int)


@wrong("A36")
def with_a_zero_in_each_list(fn, a, axes):
    return aggregate.reference(lambda cells: fn(jnp.append(cells, 0)), a, axes)


@wrong("A36")
def unique_cells(fn, a, axes):
    return aggregate.reference(lambda cells: fn(np.unique(np.asarray(cells))), a, axes)


@right("A36")
def from_the_last_axis(fn, a, axes):
    a = jnp.asarray(a)
    for place, axis in enumerate(sorted(axes)):
        a = jnp.moveaxis(a, axis - place, -1)
    kept = a.shape[: a.ndim - len(axes)]
    rows = np.asarray(a).reshape(int(np.prod(kept)), -1)
    return np.array([fn(list(row)) for row in rows]).reshape(kept)


@right("A36")
def by_product(fn, a, axes):
    kept = [axis for axis in range(a.ndim) if axis not in axes]
    result = {}
    for place in itertools.product(*[range(a.shape[axis]) for axis in kept]):
        where = dict(zip(kept, place, strict=True))
        index = tuple(where.get(axis, slice(None)) for axis in range(a.ndim))
        result[place] = fn(a[index].reshape(-1))
    return jnp.stack(list(result.values())).reshape([a.shape[axis] for axis in kept])


@right("A36")
def by_label(fn, a, axes):
    kept = [axis for axis in range(a.ndim) if axis not in axes]
    cells = np.asarray(a)
    sizes = [cells.shape[axis] for axis in kept]
    grids = np.indices(cells.shape)
    label = np.zeros(cells.shape, int)
    for axis in kept:
        label = label * cells.shape[axis] + grids[axis]
    count = int(np.prod(sizes))
    return np.array([fn(cells[label == place]) for place in range(count)]).reshape(sizes)


# --- A37: einsum -----------------------------------------------------------------------------------

FORMULAS = einsum_formulas.reference()


def formulas(**changed: Any) -> dict[str, Any]:
    return {**FORMULAS, **{name.replace("_", " "): new for name, new in changed.items()}}


@wrong("A37")
def rows_for_columns():
    return formulas(matrix_product="ki,kj->ij")


@wrong("A37")
def nothing_summed():
    return formulas(matrix_product="ik,kj->ikj")


@wrong("A37")
def product_transposed():
    return formulas(matrix_product="ik,kj->ji")


@wrong("A37")
def a_comma_missing():
    return formulas(outer_product="ij->ij")


@wrong("A37")
def letters_twice_on_the_right():
    return formulas(trace="ii->ii")


@wrong("A37")
def unknown_letter():
    return formulas(row_sums="ij->k")


@wrong("A37")
def three_letters_for_two_axes():
    return formulas(transpose="ijk->kji")


@wrong("A37")
def not_a_text():
    return formulas(trace=("ii", ""))


@wrong("A37")
def one_missing():
    return {name: formula for name, formula in FORMULAS.items() if name != "trace"}


@wrong("A37")
def as_a_list():
    return list(FORMULAS.values())


@wrong("A37")
def total_for_trace():
    return formulas(trace="ij->")


@wrong("A37")
def heads_and_queries_swapped():
    return formulas(attention_scores="hqd,hkd->qhk")


@wrong("A37")
def features_not_summed():
    return formulas(attention_scores="hqd,hkd->hqkd")


@wrong("A37")
def not_einsum_at_all():
    return formulas(row_sums="a.sum(axis=1)")


@right("A37")
def capital_letters():
    return {name: formula.upper() for name, formula in FORMULAS.items()}


@right("A37")
def written_by_keyword():
    return dict(zip(FORMULAS, FORMULAS.values(), strict=True))


@right("A37")
def spaced():
    return {
        name: " ".join(formula.replace("->", ">")).replace(">", "->")
        for name, formula in FORMULAS.items()
    }


def test_a_letter_that_is_summed_by_mistake_is_named():
    verdict = verdict_on("A37", lambda: formulas(matrix_product="ik,kj->i"))
    assert "It sums over j and k" in verdict.message
    assert "expected shape (2, 4)" in verdict.message


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("ik,jk->ij", "stands for an axis of size 3 and for one of size 4"),
        ("ikj->ij", "letters for 1 arrays and is given 2"),
        ("ikl,kj->ij", "needs as many letters"),
        ("ik,kj->im", "The letter m stands right of the arrow"),
        ("ik,kj->ii", "The letter i stands twice"),
        ("ik,kj->ikj", "sums over nothing"),
        ("...ik,kj", "other numbers"),
        ("", "letters for 1 arrays"),
    ],
)
def test_a_formula_that_does_not_fit_is_explained(formula, told):
    verdict = verdict_on("A37", lambda: formulas(matrix_product=formula))
    if formula == "...ik,kj":  # in alphabetical order this happens to be right
        assert verdict.passed
    else:
        assert told in verdict.message


# --- A38: named axes -------------------------------------------------------------------------------


@wrong("A38")
def transposed_by_the_inverse(a, b, over):
    if sorted(a.names) != sorted(b.names):
        return add_then_sum.reference(a, b, over)
    order = [a.names.index(name) for name in b.names]
    both = NamedArray(a.values + jnp.transpose(b.values, order), a.names)
    return named.sum_over(both, over)


@wrong("A38")
def only_what_both_have(a, b, over):
    for name in [n for n in b.names if n not in a.names]:
        b = named.at(b, name, 0)
    return named.sum_over(named.add(a, b), over)


@wrong("A38")
def always_the_first_axis(a, b, over):
    both = named.add(a, b)
    return NamedArray(both.values.sum(axis=0), tuple(n for n in both.names if n != over))


@wrong("A38")
def always_the_last_axis(a, b, over):
    both = named.add(a, b)
    return NamedArray(both.values.sum(axis=-1), both.names[:-1])


@wrong("A38")
def only_a(a, b, over):
    return named.sum_over(a, over)


@wrong("A38")
def maximum_over(a, b, over):
    return named.max_over(named.add(a, b), over)


@wrong("A38")
def everything_summed(a, b, over):
    both = named.add(a, b)
    return NamedArray(both.values.sum(), ())


@wrong("A38")
def renamed(a, b, over):
    result = add_then_sum.reference(a, b, over)
    return NamedArray(result.values, tuple(f"{name}s" for name in result.names))


@wrong("A38")
def the_name_stays(a, b, over):
    both = named.add(a, b)
    return NamedArray(both.values.sum(axis=both.names.index(over)), both.names)


@wrong("A38")
def names_of_a_only(a, b, over):
    both = named.add(a, b)
    return NamedArray(both.values, a.names)


@wrong("A38")
def aligned_by_size(a, b, over):
    if a.values.shape != b.values.shape and a.values.shape == b.values.shape[::-1]:
        b = NamedArray(b.values.T, b.names[::-1])
    if a.values.shape == b.values.shape:
        return named.sum_over(NamedArray(a.values + b.values, a.names), over)
    return add_then_sum.reference(a, b, over)


@wrong("A38")
def knows_only_streets_and_houses(a, b, over):
    names = ("street", "house")
    both = NamedArray(named.ordered(a, names) + named.ordered(b, names), names)
    return named.sum_over(both, over)


@right("A38")
def in_alphabetical_order(a, b, over):
    names = sorted(set(a.names) | set(b.names))
    both = named.ordered(a, names) + named.ordered(b, names)
    axis = names.index(over)
    return NamedArray(both.sum(axis=axis), names[:axis] + names[axis + 1 :])


@right("A38")
def b_first(a, b, over):
    return named.sum_over(named.combine(lambda x, y: y + x, b, a), over)


@right("A38")
def counted_by_size(a, b, over):
    sizes = {**a.sizes, **b.sizes}

    def summed(one):
        if over in one.names:
            return named.sum_over(one, over)
        return NamedArray(one.values * sizes[over], one.names)

    return named.add(summed(a), summed(b))


@right("A38")
def one_position_after_another(a, b, over):
    both = named.add(a, b)
    parts = [named.at(both, over, i) for i in range(both.sizes[over])]
    return functools.reduce(named.add, parts)


# --- A39: bug hunt ---------------------------------------------------------------------------------

REPAIRED = bug_hunt.reference()


def hunted(name: str, function: Callable) -> dict[str, Any]:
    return {**REPAIRED, name: (REPAIRED[name][0], function)}


@wrong("A39")
def clipped_and_wrapped():
    return hunted("brighten", lambda i, f: (i.astype(int) * f).astype(np.uint8).clip(0, 255))


@wrong("A39")
def as_floats():
    return hunted("brighten", lambda i, f: np.minimum(255.0, i * float(f)))


@wrong("A39")
def clipped_at_254():
    return hunted("brighten", lambda i, f: np.clip(i.astype(int) * f, 0, 254).astype(np.uint8))


@wrong("A39")
def always_twice():
    return hunted("brighten", lambda i, f: np.clip(i.astype(int) * 2, 0, 255).astype(np.uint8))


@wrong("A39")
def error_of_the_sum():
    return hunted("mean_square_error", lambda p, t: np.sum((p[:, 0] - t) ** 2))


@wrong("A39")
def error_with_a_row():
    return hunted("mean_square_error", lambda p, t: np.mean((p.T - t[:, None]) ** 2))


@wrong("A39")
def error_of_each():
    return hunted("mean_square_error", lambda p, t: (p[:, 0] - t) ** 2)


@wrong("A39")
def diagonal_of_the_table():
    return hunted("mean_square_error", lambda p, t: np.mean(np.diag(np.abs(p - t))))


@wrong("A39")
def turned_without_colours():
    return hunted("turn", lambda image: image[:, :, :3].swapaxes(0, 1))


@wrong("A39")
def upside_down():
    return hunted("turn", lambda image: image[::-1].swapaxes(0, 1))


@wrong("A39")
def mean_of_everything():
    return hunted("mean_per_student", np.mean)


@wrong("A39")
def mean_kept():
    return hunted("mean_per_student", lambda marks: marks.mean(axis=1, keepdims=True))


@wrong("A39")
def rounded_marks():
    return hunted("mean_per_student", lambda marks: np.round(marks.mean(axis=1)))


@wrong("A39")
def blackened_in_place_and_copied():
    def blacken_corner(image):
        image[:2, :3] = 0
        return image.copy()

    return hunted("blacken_corner", blacken_corner)


@wrong("A39")
def by_asarray():
    def blacken_corner(image):
        blackened = np.asarray(image)
        blackened[:2, :3] = 0
        return blackened

    return hunted("blacken_corner", blacken_corner)


@wrong("A39")
def not_blackened():
    return hunted("blacken_corner", np.copy)


@wrong("A39")
def other_corner():
    def blacken_corner(image):
        blackened = image.copy()
        blackened[:3, :2] = 0
        return blackened

    return hunted("blacken_corner", blacken_corner)


@wrong("A39")
def filled_with_nothing():
    return hunted("steps", lambda x: x.at[jnp.arange(1, len(x) + 1)].get(mode="fill") - x)


@wrong("A39")
def wrapped_steps():
    return hunted("steps", lambda x: jnp.roll(x, -1) - x)


@wrong("A39")
def steps_backwards():
    return hunted("steps", lambda x: x[:-1] - x[1:])


@wrong("A39")
def only_the_first_repaired():
    return {"brighten": REPAIRED["brighten"]}


@wrong("A39")
def all_of_one_kind():
    return {name: ("axis", function) for name, (_, function) in REPAIRED.items()}


@wrong("A39")
def misspelt():
    return {**REPAIRED, "brigten": REPAIRED["brighten"]}


@wrong("A39")
def unknown_kind():
    return {**REPAIRED, "turn": ("transpose", REPAIRED["turn"][1])}


@wrong("A39")
def functions_without_kinds():
    return {name: function for name, (_, function) in REPAIRED.items()}


@wrong("A39")
def nothing_handed_over():
    return {}


@wrong("A39")
def one_returns_nothing():
    def turn(image):
        image.swapaxes(0, 1)

    return hunted("turn", turn)


@right("A39")
def repaired_by_where():
    def brighten(image, factor):
        wide = image.astype(np.int32) * factor
        return np.where(wide > 255, 255, wide).astype(image.dtype)

    return hunted("brighten", brighten)


@right("A39")
def error_by_dot():
    def mean_square_error(prediction, target):
        error = prediction.squeeze() - target
        return error @ error / error.size

    return hunted("mean_square_error", mean_square_error)


@right("A39")
def turned_in_steps():
    return hunted("turn", lambda image: np.rot90(np.flip(image, axis=1)))


@right("A39")
def blackened_by_mask():
    def blacken_corner(image):
        mask = np.ones_like(image)
        mask[:2, :3] = 0
        return image * mask

    return hunted("blacken_corner", blacken_corner)


@right("A39")
def steps_cut_off():
    return hunted("steps", lambda x: (x[jnp.arange(1, len(x) + 1)] - x)[:-1])


def test_repairing_one_after_another_is_told_so():
    verdict = verdict_on("A39", only_the_first_repaired)
    assert any("`brighten`" in title for title in verdict.holds)
    assert "`mean_square_error` is not in your dictionary yet" in verdict.message


def test_the_kind_of_a_bug_is_not_given_away():
    verdict = verdict_on("A39", reshape_taken_for_view)
    assert "'view' is not what was wrong" in verdict.message
    assert not any(kind in verdict.message for kind in ("reshape", "broadcasting", "overflow"))


@wrong("A39")
def reshape_taken_for_view():
    return {**REPAIRED, "turn": ("view", REPAIRED["turn"][1])}


def test_each_function_of_the_hunt_is_wrong_in_the_way_that_it_should_be():
    image = np.full((2, 4, 3), 200, np.uint8)
    assert BUGGY["brighten"](image, 2).max() == 144
    column = np.arange(3.0)[:, None]
    assert BUGGY["mean_square_error"](column, column[:, 0]) > 0
    assert BUGGY["turn"](np.arange(24).reshape(2, 4, 3)).shape == (4, 2, 3)
    assert BUGGY["mean_per_student"](np.eye(3)).shape == (3,)
    BUGGY["blacken_corner"](image)
    assert image[0, 0, 0] == 0
    assert BUGGY["steps"](jnp.array([1, 4, 9])).tolist() == [3, 5, 0]
    assert len(set(KINDS)) == len(BUGGY) == 6


# --- A40: view or copy -----------------------------------------------------------------------------

SHARES = view_or_copy.reference()


@pytest.mark.parametrize("code", SHARES)
def test_a_single_wrong_prediction_is_explained(code):
    verdict = verdict_on("A40", lambda: {**SHARES, code: not SHARES[code]})
    assert verdict.failed_case == f"`{code}`"
    assert "share" in verdict.message


@wrong("A40")
def a_prediction_missing():
    return {code: shares for code, shares in SHARES.items() if code != "a.T"}


@wrong("A40")
def in_words():
    return {code: "view" if shares else "copy" for code, shares in SHARES.items()}


@wrong("A40")
def in_numbers():
    return {code: int(shares) for code, shares in SHARES.items()}


@wrong("A40")
def a_list():
    return list(SHARES.values())


@wrong("A40")
def a_function_too_many():
    return {**SHARES, "a[2]": True}


@wrong("A40")
def only_the_copy():
    return {code: code != "a.copy()" for code in SHARES}


@wrong("A40")
def condition_is_a_view():
    return {**SHARES, "a[a > 5]": True}


@wrong("A40")
def slice_and_transpose():
    return {code: code in ("a[1:, ::2]", "a.T") for code in SHARES}


@wrong("A40")
def left_open():
    return {**SHARES, "a.T": ...}


@wrong("A40")
def returns_nothing():
    print(end="")


@right("A40")
def numpy_truth_values():
    return {code: np.bool_(shares) for code, shares in SHARES.items()}


@right("A40")
def by_hand():
    said = {}
    said["a[1:, ::2]"] = True
    said["a[1]"] = True
    said["a.T"] = True
    said["a[[0, 2]]"] = False
    said["a[a > 5]"] = False
    said["a.reshape(6, 2)"] = True
    said["a.T.reshape(12)"] = False
    said["a.copy()"] = False
    said["x[1:].at[0].set(-1)"] = False
    return said


@right("A40")
def in_reverse():
    return dict(reversed(by_hand().items()))


# --- all of them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("exercise", "answer"), WRONG, ids=_names(WRONG))
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_an_unlisted_wrong_answer_is_rejected(exercise, answer, capsys):
    verdict = verdict_on(exercise, answer)
    assert verdict.verdict in ("failed", "errored")
    assert verdict.message
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("exercise", "answer"), RIGHT, ids=_names(RIGHT))
def test_an_unlisted_right_answer_in_another_style_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, f"{verdict.failed_case}: {verdict.message}"


# --- A31 and A32: questions on shapes --------------------------------------------------------------

QUESTIONS = {"A31": which_permutation, "A32": broadcast_fit}


def maths_verdict(exercise: str, answer: Any, seed: int = 0):
    return judge(text_of(exercise, "maths"), QUESTIONS[exercise], answer, seed=seed)


def test_a_shape_is_written_as_a_number_and_read_back():
    assert as_number((5, 4, 3)) == 543
    assert as_shape(543) == (5, 4, 3)
    assert as_number(None) == 0  # the shapes do not fit
    assert as_number(543) == 543 and as_number(...) is ...  # given as a number; not answered yet


def test_the_permutations_are_those_of_the_library():
    for question in which_permutation.numbers:
        before, after = as_shape(question["before"]), as_shape(question["after"])
        perm = permutation_between(before, after)
        assert np.zeros(before).transpose(perm).shape == after


def test_the_broadcast_shapes_are_those_of_the_library():
    fits = []
    for question in broadcast_fit.numbers:
        left, right_one = as_shape(question["left"]), as_shape(question["right"])
        try:
            expected = np.broadcast_shapes(left, right_one)
        except ValueError:
            expected = None
        assert broadcast_shape(left, right_one) == expected
        fits.append(expected is not None)
    assert 0.4 < np.mean(fits) < 0.8


def test_the_pairs_of_the_text_are_among_the_questions():
    pairs = {(q["left"], q["right"]) for q in broadcast_fit.numbers}
    assert {(32, 3), (32, 2), (32, 31), (4, 41)} <= pairs


@pytest.mark.parametrize("exercise", QUESTIONS)
def test_the_right_number_passes_for_every_learner(exercise):
    check = QUESTIONS[exercise]
    assert len({tuple(check.drawn(seed).items()) for seed in range(200)}) > 25
    for seed in range(50):
        numbers = check.drawn(seed)
        assert maths_verdict(exercise, check.reference(**numbers), seed).passed
        assert not maths_verdict(exercise, check.reference(**numbers) + 1, seed).passed


@pytest.mark.parametrize("exercise", QUESTIONS)
def test_no_mistake_gives_the_right_answer_or_that_of_another(exercise):
    check = QUESTIONS[exercise]
    for numbers in check.numbers:
        given = [mistake.function(**numbers) for mistake in check.mistakes]
        given = [one for one in given if not math.isnan(one)]
        assert len(set(given)) == len(given) >= 2
        assert check.reference(**numbers) not in given


@pytest.mark.parametrize("exercise", QUESTIONS)
def test_each_mistake_is_made_on_many_questions(exercise):
    check = QUESTIONS[exercise]
    for mistake in check.mistakes:
        told = [n for n in check.numbers if not math.isnan(mistake.function(**n))]
        assert len(told) >= 4, mistake.id


@pytest.mark.parametrize(
    ("exercise", "value", "mistake"),
    [
        ("A31", 120, "inverse"),
        ("A31", 354, "sizes"),
        ("A31", 312, "counted_from_one"),
        ("A31", 210, "reversed_axes"),
        ("A31", 12, "left_alone"),
        ("A31", 102, "written_backwards"),
        ("A31", 21, None),
        ("A32", 32, "lined_up_from_the_left"),
        ("A32", 33, "anything_is_repeated"),
        ("A32", 3, "shape_of_the_second"),
        ("A32", 323, "all_axes_side_by_side"),
        ("A32", 99, None),
    ],
)
def test_a_wrong_number_for_the_base_question_is_explained(exercise, value, mistake):
    verdict = maths_verdict(exercise, value)
    assert verdict.verdict == "failed"
    assert verdict.mistake == mistake


def test_the_base_questions_are_those_of_the_text():
    assert maths_verdict("A31", 201).passed
    assert maths_verdict("A32", 0).passed


# --- arrays with names -----------------------------------------------------------------------------

ORDERS = list(itertools.permutations(("street", "house", "floor")))
OTHER = NamedArray(jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), ("street", "house"))
OPERATIONS = {
    "add": lambda a: named.add(a, OTHER),
    "multiply": lambda a: named.multiply(OTHER, a),
    "sum": lambda a: named.sum_over(a, "floor"),
    "mean": lambda a: named.mean_over(a, "house"),
    "max": lambda a: named.max_over(a, "street"),
    "contract": lambda a: named.contract(a, OTHER, "house"),
    "at": lambda a: named.at(a, "house", 2),
    "part": lambda a: named.part(a, "floor", 1, None),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_order_in_which_axes_are_stored_does_not_matter(operation):
    values = np.random.default_rng(0).integers(0, 9, size=(2, 3, 4)).astype(np.float32)
    cube = NamedArray(jnp.asarray(values), ORDERS[0])
    expected = OPERATIONS[operation](cube)
    for order in ORDERS:
        stored = NamedArray(named.ordered(cube, order), order)
        result = OPERATIONS[operation](stored)
        assert sorted(result.names) == sorted(expected.names)
        assert np.allclose(named.ordered(result, expected.names), expected.values)


def test_named_arrays_can_be_compiled_and_mapped():
    batch = jnp.arange(24.0).reshape(4, 2, 3)

    def total(values):
        return named.sum_over(NamedArray(values, ("street", "house")), "house").values

    assert jnp.allclose(jax.jit(jax.vmap(total))(batch), batch.sum(axis=2))
    summed = jax.jit(lambda a: named.sum_over(a, "house"))(
        NamedArray(batch[0], ["street", "house"])
    )
    assert summed.names == ("street",)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: NamedArray(jnp.ones((2, 3)), ("street",)), "needs 2 names"),
        (lambda: NamedArray(jnp.ones((2, 3)), ("house", "house")), "the same name"),
        (lambda: named.sum_over(OTHER, "floor"), "There is no axis 'floor'"),
        (lambda: named.add(OTHER, NamedArray(jnp.ones(4), ("house",))), "has size 3 in one and 4"),
        (lambda: named.ordered(OTHER, ("house",)), "lacks the axis 'street'"),
    ],
)
def test_what_does_not_fit_is_told_by_name(make, told):
    with pytest.raises(ValueError, match=told):
        make()


def test_the_example_of_the_module_runs():
    assert doctest.testmod(named).attempted >= 5
    assert doctest.testmod(named).failed == 0


# --- looking into functions --------------------------------------------------------------------------


def test_library_functions_are_seen_through_helpers_partials_and_other_names():
    turn = np.transpose
    assert "transpose" in names_used(lambda a: turn(a))
    assert "moveaxis" in names_used(through_a_helper)
    assert "transpose" in names_used(functools.partial(jnp.transpose, axes=(1, 0)))
    assert "T" in names_used(jax.jit(lambda a: a.T))
    assert "transpose" not in names_used(lambda transpose: transpose + 1)


def test_a_loop_takes_more_steps_for_more_points():
    def steps(answer):
        return [steps_taken(answer, np.zeros((n, 2)), np.zeros((n, 2))) for n in (2, 20)]

    few, many = steps(by_a_loop_in_numpy)
    assert many > few + 100
    few, many = steps(plus_negative)
    assert 0 < few == many


# --- this file -------------------------------------------------------------------------------------


def test_the_lists_of_this_file_are_as_long_as_they_should_be():
    sections = {
        "transposing": ("A22", "A23", "A30"),
        "combining": ("A24", "A25", "A33", "A35"),
        "aggregating": ("A26", "A34", "A36"),
        "einsum": ("A37",),
        "names": ("A38",),
        "bugs": ("A39",),
        "views": ("A40",),
    }
    for exercises in sections.values():
        assert sum(exercise in exercises for exercise, _ in WRONG) >= 10
    for exercise in CODE:
        assert sum(one == exercise for one, _ in RIGHT) >= 3
        assert len(CODE[exercise].mistakes) >= 4
        assert len(CODE[exercise].alternatives) >= 3
