"""Checks of A26, A34 and A36: many cells become one."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxpr_as_fun

from mazoezi.course import code_exercise
from mazoezi.practicals.array_algebra.exercises._on_numpy import on_numpy


def _whole(rng, *shape):
    """Return whole numbers from -9 to 9."""
    return rng.integers(-9, 10, size=shape)


# --- A26 Sum rows, then columns ------------------------------------------------------------------


def _total_in_two_steps(a):
    sums = a.sum(axis=0)
    return sums, sums.sum(axis=0)


total_in_two_steps = code_exercise("A26", reference=_total_in_two_steps, rtol=1e-6, atol=1e-5)

_STREETS = np.array([[0, 1, 2, 3], [10, 11, 12, 13]])


@total_in_two_steps.case("the matrix of the text")
def _(rng):
    yield _STREETS


@total_in_two_steps.case("other matrices")
def _(rng):
    for shape in ((3, 2), (2, 5), (3, 3)):
        yield _whole(rng, *shape)


@total_in_two_steps.case("a single row, and a single column")
def _(rng):
    for shape in ((1, 4), (5, 1)):
        yield _whole(rng, *shape)


@total_in_two_steps.case("numbers with a fraction")
def _(rng):
    yield (rng.integers(-9, 10, size=(3, 4)) / 4).astype(np.float32)


@total_in_two_steps.case("the same with a NumPy array", run=on_numpy)
def _(rng):
    yield _whole(rng, 4, 3)


@total_in_two_steps.property("the other order gives the same total")
def _(answer, rng):
    a = jnp.asarray(_whole(rng, 4, 3))
    assert answer(a)[1] == answer(a.T)[1], (
        "The total of a matrix and of its transpose differ; each should be the sum of all cells."
    )


@total_in_two_steps.mistake(
    "After the first sum one axis is left, and axes are counted anew: what was axis 1 is now axis 0. "
    "So the second step sums over axis 0 again."
)
def second_axis_gone(a):
    sums = a.sum(axis=0)
    return sums, sums.sum(axis=1)


@total_in_two_steps.mistake(
    "The first step took away axis 1, the columns, and left one number for each row. The axis that "
    "you name is the one that disappears: name axis 0 first."
)
def columns_first(a):
    sums = a.sum(axis=1)
    return sums, sums.sum(axis=0)


@total_in_two_steps.mistake(
    "The first result is the total already: without an axis, `sum` takes all of them away. Name axis "
    "0 in the first step."
)
def all_at_once(a):
    return a.sum(), a.sum()


@total_in_two_steps.mistake(
    "`keepdims=True` keeps the axis that you summed over, with size 1. It lets axis 1 stay axis 1, "
    "which is a good trick; here, the sums should have shape (n,), and the total shape ()."
)
def axes_kept(a):
    sums = a.sum(axis=0, keepdims=True)
    return sums, sums.sum(axis=1)


@total_in_two_steps.mistake(
    "Only the total comes back. Return both steps, first the sums, then the total."
)
def only_the_total(a):
    return a.sum(axis=0).sum(axis=0)


@total_in_two_steps.mistake(
    "The two results are in the other order: first the sums, of shape (n,), then the total."
)
def total_first(a):
    sums = a.sum(axis=0)
    return sums.sum(), sums


@total_in_two_steps.mistake("These are means. The *sum* is asked, in both steps.")
def means(a):
    means = a.mean(axis=0)
    return means, means.mean(axis=0)


@total_in_two_steps.mistake(
    "The second result adds over the rows a second time, from the start. Go on from the first "
    "result, whose one axis is left to be summed."
)
def started_again(a):
    return a.sum(axis=0), a.sum(axis=1)


@total_in_two_steps.alternative
def by_functions(a):
    sums = jnp.sum(a, axis=0)
    return sums, jnp.sum(sums)


@total_in_two_steps.alternative
def by_adding_rows(a):
    sums = jnp.zeros_like(a[0])
    for row in a:
        sums = sums + row
    return sums, sum(sums)


@total_in_two_steps.alternative
def counted_from_the_end(a):
    sums = np.add.reduce(a, axis=-2)
    return [sums, np.add.reduce(sums, axis=-1)]


@total_in_two_steps.alternative
def by_products(a):
    sums = jnp.ones(a.shape[0], a.dtype) @ a
    return sums, jnp.einsum("j->", sums)


# --- A34 Standardise per feature -----------------------------------------------------------------


def _standardise(X):
    centred = X - X.mean(axis=0)
    deviation = X.std(axis=0)
    return centred / jnp.where(deviation == 0, 1, deviation)


standardise = code_exercise("A34", reference=_standardise, rtol=2e-5, atol=2e-5)


def _table(rng, examples, features):
    """Return columns of different means and spreads."""
    X = rng.normal(size=(examples, features)) * (1 + np.arange(features)) + 3 * np.arange(features)
    return X.round(1).astype(np.float32)


@standardise.case("one column of two numbers")
def _(rng):
    yield np.array([[1], [5]], np.float32)


@standardise.case("two columns, one ten times the other")
def _(rng):
    yield np.array([[0, 0], [2, 20], [4, 40]], np.float32)


@standardise.case("more columns, and more rows")
def _(rng):
    for shape in ((5, 3), (3, 4)):
        yield _table(rng, *shape)


@standardise.case("as many rows as columns: no error would warn you")
def _(rng):
    yield _table(rng, 4, 4)


@standardise.case("a constant column becomes zeros")
def _(rng):
    yield np.array([[1, 7], [5, 7]], np.float32)
    yield np.array([[2, 0, 1], [2, 0, 3], [2, 0, 8], [2, 0, 4]], np.float32)


@standardise.case("very small and very large numbers")
def _(rng):
    yield (rng.integers(-9, 10, size=(5, 3)) * [0.001, 1, 1000]).astype(np.float32)


def _traced(answer: Callable) -> Callable:
    """Trace an answer as `jit` does, and run what was recorded, without compiling it."""

    def run(X: jax.Array) -> Any:
        jaxpr, shapes = jax.make_jaxpr(answer, return_shape=True)(X)
        return jax.tree.unflatten(jax.tree.structure(shapes), jaxpr_as_fun(jaxpr)(X))

    return run


@standardise.case("traced by `jit`", run=_traced)
def _(rng):
    yield np.array([[1, 7], [5, 7]], np.float32)


@standardise.case("each table of a batch by itself, by `vmap`", run=jax.vmap)
def _(rng):
    yield np.stack([_table(rng, 5, 3) + shift for shift in (0, 1)]).astype(np.float32)


@standardise.property("afterwards each column has mean 0 and deviation 1")
def _(answer, rng):
    result = np.asarray(answer(jnp.asarray(_table(rng, 5, 3))))
    for column in range(3):
        mean, deviation = result[:, column].mean(), result[:, column].std()
        assert abs(mean) < 1e-4 and abs(deviation - 1) < 1e-4, (
            f"Column {column} of your result has mean {mean:.3g} and standard deviation "
            f"{deviation:.3g}; expected 0 and 1."
        )


@standardise.mistake(
    "A constant column has the deviation 0, and 0 divided by 0 is not a number. Divide by 1 there: "
    "`jnp.where(deviation == 0, 1, deviation)`."
)
def zero_by_zero(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


@standardise.mistake(
    "Your condition is decided in Python, by an `if` for example: it needs the numbers, and under "
    "`jit` and `vmap` there are none yet. Choose with `jnp.where`."
)
def condition_in_python(X):
    deviation = X.std(axis=0)
    deviation = jnp.array([1 if one == 0 else one for one in deviation])
    return (X - X.mean(axis=0)) / deviation


@standardise.mistake(
    "You took one mean and one deviation of the whole table. Each column has its own: aggregate "
    "over the examples only, `axis=0`."
)
def one_for_all(X):
    return (X - X.mean()) / X.std()


@standardise.mistake(
    "You standardised the rows. Each *column* is a feature: the axis of the examples, 0, is the one "
    "that disappears in the mean."
)
def per_row(X):
    return _standardise(X.T).T


@standardise.mistake(
    "You took the mean of each row, and then it met the columns: with as many rows as columns that "
    "is no error, and still wrong. The mean should be over axis 0."
)
def row_means_on_columns(X):
    deviation = X.std(axis=1)
    return (X - X.mean(axis=1)) / jnp.where(deviation == 0, 1, deviation)


@standardise.mistake("The columns have mean 0, and are still to be divided by their deviation.")
def only_centred(X):
    return X - X.mean(axis=0)


@standardise.mistake("You divided without subtracting the mean first.")
def only_scaled(X):
    deviation = X.std(axis=0)
    return X / jnp.where(deviation == 0, 1, deviation)


@standardise.mistake(
    "You divided by the variance. The standard deviation is its square root: `.std(axis=0)`."
)
def by_variance(X):
    variance = X.var(axis=0)
    return (X - X.mean(axis=0)) / jnp.where(variance == 0, 1, variance)


@standardise.mistake(
    "You divided the sum of squares by N - 1 (`ddof=1`). Here the deviation is the square root of "
    "the *mean* squared distance from the mean: that is `.std` as it stands."
)
def with_one_less(X):
    deviation = X.std(axis=0, ddof=1)
    return (X - X.mean(axis=0)) / jnp.where(deviation == 0, 1, deviation)


@standardise.mistake(
    "You brought each column to the range from 0 to 1. That scales too, but asked are mean 0 and "
    "deviation 1."
)
def to_unit_range(X):
    low, high = X.min(axis=0), X.max(axis=0)
    return (X - low) / jnp.where(high == low, 1, high - low)


@standardise.mistake(
    "You added 1 to every deviation to avoid dividing by 0, and so changed all columns. Replace only "
    "the zeros."
)
def one_added(X):
    return (X - X.mean(axis=0)) / (X.std(axis=0) + 1)


@standardise.alternative
def with_keepdims(X):
    mean, deviation = X.mean(0, keepdims=True), X.std(0, keepdims=True)
    return jnp.where(deviation > 0, (X - mean) / jnp.where(deviation > 0, deviation, 1), 0)


@standardise.alternative
def by_not_a_number(X):
    return jnp.nan_to_num((X - X.mean(axis=0)) / X.std(axis=0), nan=0.0)


@standardise.alternative
def by_columns(X):
    def one(column):
        deviation = jnp.sqrt(jnp.mean((column - column.mean()) ** 2))
        return (column - column.mean()) / (deviation + (deviation == 0))

    return jax.vmap(one, in_axes=1, out_axes=1)(X)


@standardise.alternative
def by_sums(X):
    centred = X - jnp.sum(X, 0) / len(X)
    variance = jnp.einsum("nd,nd->d", centred, centred) / len(X)
    return centred / jnp.maximum(jnp.sqrt(variance), 1e-12)


# --- A36 Aggregation by collect and apply --------------------------------------------------------


def _aggregate(fn, a, axes):
    kept = [axis for axis in range(a.ndim) if axis not in axes]
    shape = [a.shape[axis] for axis in kept]
    collected = jnp.transpose(a, (*kept, *axes)).reshape(math.prod(shape), -1)
    return jnp.array([fn(cells) for cells in collected]).reshape(shape)


aggregate = code_exercise("A36", reference=_aggregate, rtol=1e-6)


def total(cells):
    """Add a list or a one-dimensional array of numbers."""
    return jnp.sum(jnp.asarray(cells))


def largest(cells):
    return jnp.max(jnp.asarray(cells))


def median(cells):
    return jnp.median(jnp.asarray(cells))


def mean(cells):
    return jnp.mean(jnp.asarray(cells))


def spread(cells):
    return jnp.max(jnp.asarray(cells)) - jnp.min(jnp.asarray(cells))


def count(cells):
    return jnp.asarray(len(cells))


@aggregate.case("the sum of each column, and of each row")
def _(rng):
    yield total, _STREETS, (0,)
    yield total, _STREETS, (1,)


@aggregate.case("all axes: one number")
def _(rng):
    yield total, _STREETS, (0, 1)


@aggregate.case("no axes: every cell by itself")
def _(rng):
    yield total, np.array([[3, 1, 2], [4, 6, 5]]), ()


@aggregate.case("one axis of three")
def _(rng):
    a = _whole(rng, 2, 3, 4)
    for axis in range(3):
        yield largest, a, (axis,)


@aggregate.case("two axes of three")
def _(rng):
    a = _whole(rng, 3, 2, 4)
    yield total, a, (0, 1)
    yield largest, a, (1, 2)
    yield total, a, (0, 2)


@aggregate.case("the median: taken of all the cells at once, not axis after axis")
def _(rng):
    a = np.array([[0, 0, 9], [0, 0, 9], [9, 9, 9]], np.float32)
    yield median, a[None], (1, 2)
    yield median, _whole(rng, 3, 5, 2).astype(np.float32), (0, 1)


@aggregate.case("axes named in another order")
def _(rng):
    a = _whole(rng, 3, 4, 2)
    yield total, a, (1, 0)
    yield largest, a, (2, 0)
    yield total, a, (2, 1, 0)


@aggregate.case("other functions of a list")
def _(rng):
    a = _whole(rng, 3, 2, 5)
    yield mean, a.astype(np.float32), (0, 2)
    yield spread, a, (2,)
    yield count, a, (1, 2)


@aggregate.case("one, and four axes")
def _(rng):
    yield largest, _whole(rng, 5), (0,)
    yield total, _whole(rng, 2, 1, 3, 4), (3, 1)


@aggregate.property("`fn` is given lists of one axis")
def _(answer, rng):
    axes = []

    def counting_axes(cells):
        axes.append(np.ndim(cells))
        return total(cells)

    answer(counting_axes, jnp.arange(24).reshape(2, 3, 4), (0, 2))
    assert set(axes) == {1}, (
        f"`fn` was given an array with {max(axes, default=0)} axes. Flatten what you collected to a "
        "list, or an array of one axis, before you apply it."
    )


@aggregate.mistake(
    "You took the axes away one after the other, in the order given. After each, the axes behind it "
    "are counted anew, so the next number means another axis. Collect all of them at once."
)
def renumbered(fn, a, axes):
    for axis in axes:
        a = _aggregate(fn, a, (min(axis, a.ndim - 1),))
    return a


@aggregate.mistake(
    "You took the axes away one after the other. With sums that is the same; the median of medians "
    "is not the median. Collect the cells along all of the axes first, then apply `fn` once."
)
def one_after_the_other(fn, a, axes):
    for axis in sorted(axes, reverse=True):
        a = _aggregate(fn, a, (axis,))
    return a


@aggregate.mistake(
    "You kept the axes that should go: the ones named in `axes` are those that disappear."
)
def others_aggregated(fn, a, axes):
    return _aggregate(fn, a, tuple(axis for axis in range(a.ndim) if axis not in axes))


@aggregate.mistake(
    "The shape is right, but the wrong cells meet: `reshape` alone collects neighbours. Move the "
    "axes that should go to the end first."
)
def not_moved(fn, a, axes):
    shape = [size for axis, size in enumerate(a.shape) if axis not in axes]
    rows = a.reshape(math.prod(shape), -1)
    return jnp.array([fn(row) for row in rows]).reshape(shape)


@aggregate.mistake("The axes are still there, with size 1. They should disappear.")
def kept_with_size_one(fn, a, axes):
    shape = [1 if axis in axes else size for axis, size in enumerate(a.shape)]
    return _aggregate(fn, a, axes).reshape(shape)


@aggregate.mistake("`fn` is applied to all cells at once, whatever the axes.")
def all_cells(fn, a, axes):
    return fn(a.ravel())


@aggregate.mistake(
    'Where `axes` is empty, every cell is a list of its own. You took "no axes" for "all axes".'
)
def empty_means_all(fn, a, axes):
    return _aggregate(fn, a, axes or tuple(range(a.ndim)))


@aggregate.mistake("Only the first of the axes is taken away. Collect along all of them.")
def only_the_first(fn, a, axes):
    return _aggregate(fn, a, axes[:1])


@aggregate.mistake("This is always the sum: apply the function that is passed in, `fn`.")
def always_the_sum(fn, a, axes):
    return a.sum(axis=axes)


@aggregate.mistake(
    "You hand `fn` a block that still has several axes, so the length of its list is that of the "
    "first axis alone. Flatten the block: `fn` is made for one list."
)
def blocks_not_flattened(fn, a, axes):
    ranges = [[slice(None)] if k in axes else range(n) for k, n in enumerate(a.shape)]
    values = [fn(jnp.atleast_1d(a[index])) for index in itertools.product(*ranges)]
    return jnp.array(values).reshape([n for k, n in enumerate(a.shape) if k not in axes])


@aggregate.mistake("The numbers are right, in one list. Give them the shape of the axes that stay.")
def left_flat(fn, a, axes):
    return _aggregate(fn, a, axes).ravel()


@aggregate.alternative
def cell_by_cell(fn, a, axes):
    kept = [axis for axis in range(a.ndim) if axis not in axes]
    collected = {}
    for position in np.ndindex(a.shape):
        place = tuple(position[axis] for axis in kept)
        collected.setdefault(place, []).append(a[position])
    values = [fn(cells) for cells in collected.values()]
    return np.array(values).reshape([a.shape[axis] for axis in kept])


@aggregate.alternative
def by_slices(fn, a, axes):
    cells = np.asarray(a)
    ranges = [[slice(None)] if k in axes else range(n) for k, n in enumerate(cells.shape)]
    values = [fn(cells[index].ravel()) for index in itertools.product(*ranges)]
    return np.array(values).reshape([n for k, n in enumerate(cells.shape) if k not in axes])


@aggregate.alternative
def along_the_last_axis(fn, a, axes):
    moved = np.moveaxis(np.asarray(a), axes, range(-len(axes), 0))
    return np.apply_along_axis(fn, -1, moved.reshape(*moved.shape[: a.ndim - len(axes)], -1))


@aggregate.alternative
def by_vmap(fn, a, axes):
    kept = [axis for axis in range(a.ndim) if axis not in axes]
    moved = jnp.moveaxis(a, kept, range(len(kept)))
    mapped = fn
    for _ in kept:
        mapped = jax.vmap(mapped)
    return mapped(moved.reshape(*moved.shape[: len(kept)], -1))
