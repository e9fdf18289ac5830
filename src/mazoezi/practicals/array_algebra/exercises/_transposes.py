"""Checks of A22, A23 and A30: the order of the axes."""

import itertools

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise
from mazoezi.practicals.array_algebra.exercises._bytecode import names_used

_RED = [[0, 0, 0], [0, 0, 1], [0, 1, 1]]
_GREEN = [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
_BLUE = [[1, 1, 0], [1, 0, 0], [0, 0, 0]]


def _distinct(rng, *shape):
    """Return whole numbers of which no two are equal, so that every cell can be recognised."""
    return rng.permutation(np.arange(1, np.prod(shape, dtype=int) + 1)).reshape(shape)


# --- A22 Connect list and cube -------------------------------------------------------------------


def _as_cube(red, green, blue):
    return jnp.stack([red, green, blue])


as_cube = code_exercise("A22", reference=_as_cube)


@as_cube.case("the three matrices of the picture")
def _(rng):
    yield tuple(np.array(one) for one in (_RED, _GREEN, _BLUE))


@as_cube.case("matrices of two rows and four columns, and of five rows and two columns")
def _(rng):
    for rows, columns in ((2, 4), (5, 2)):
        yield tuple(_distinct(rng, 3, rows, columns))


@as_cube.case("matrices of a single row, and of a single column")
def _(rng):
    for rows, columns in ((1, 4), (5, 1)):
        yield tuple(_distinct(rng, 3, rows, columns))


@as_cube.property("index 0 of the first axis is the red matrix, 1 the green and 2 the blue one")
def _(answer, rng):
    matrices = [jnp.asarray(one) for one in _distinct(rng, 3, 2, 5)]
    cube = answer(*matrices)
    for index, (colour, matrix) in enumerate(zip(("red", "green", "blue"), matrices, strict=True)):
        assert jnp.array_equal(cube[index], matrix), (
            f"`cube[{index}]` is not the {colour} matrix. The first index says which of the three "
            "matrices is meant."
        )


@as_cube.mistake(
    "You put the colours on the *last* axis: the innermost lists are then pixels. Here the "
    "outermost list should hold the three matrices: stack along axis 0."
)
def stacked_last(red, green, blue):
    return jnp.stack([red, green, blue], axis=-1)


@as_cube.mistake(
    "The colours are the middle axis here, between rows and columns. The outermost bracket is the "
    "first axis: stack along axis 0."
)
def stacked_in_the_middle(red, green, blue):
    return jnp.stack([red, green, blue], axis=1)


@as_cube.mistake(
    "You joined the matrices below each other to one long matrix, of two axes. A cube needs a new "
    "axis: `jnp.stack` makes one, `jnp.concatenate` and `jnp.vstack` do not."
)
def one_below_the_other(red, green, blue):
    return jnp.concatenate([red, green, blue])


@as_cube.mistake(
    "You joined the matrices side by side to one wide matrix, of two axes. A cube needs a new axis: "
    "`jnp.stack` makes one."
)
def side_by_side(red, green, blue):
    return jnp.hstack([red, green, blue])


@as_cube.mistake(
    "These are the right matrices in a Python list, which has no shape. Make it one array, for "
    "example with `jnp.array` or `jnp.stack`."
)
def left_a_list(red, green, blue):
    return [red, green, blue]


@as_cube.mistake("The colours are in the order blue, green, red. Index 0 should be red.")
def blue_first(red, green, blue):
    return jnp.stack([blue, green, red])


@as_cube.mistake(
    "Each matrix has its rows and columns exchanged. The second axis of the cube should be the row "
    "of the matrix, the third its column."
)
def each_transposed(red, green, blue):
    return jnp.stack([red.T, green.T, blue.T])


@as_cube.mistake(
    "The shape is right, but the cells are not where they were: the colours were stacked on the "
    "last axis, and then reshaped. Reshape never moves an axis. Stack along axis 0 from the start."
)
def reshaped_to_fit(red, green, blue):
    return jnp.stack([red, green, blue], axis=-1).reshape(3, *red.shape)


@as_cube.alternative
def by_nested_list(red, green, blue):
    return jnp.array([red, green, blue])


@as_cube.alternative
def by_new_axes(red, green, blue):
    return np.concatenate([red[None], green[None], blue[None]], axis=0)


@as_cube.alternative
def by_filling(red, green, blue):
    cube = np.zeros((3, *red.shape), red.dtype)
    cube[0], cube[1], cube[2] = red, green, blue
    return cube


# --- A23 Build order (C, X, Y) -------------------------------------------------------------------


def _to_cxy(a):
    return jnp.transpose(a, (2, 1, 0))


to_cxy = code_exercise("A23", reference=_to_cxy)

_PICTURE = np.stack([np.array(one) for one in (_RED, _GREEN, _BLUE)], axis=-1)  # [y, x, colour]


@to_cxy.case("the picture of 3 rows and 3 columns")
def _(rng):
    yield _PICTURE


@to_cxy.case("a picture of 2 rows and 4 columns, and one of 5 rows and 2 columns")
def _(rng):
    for rows, columns in ((2, 4), (5, 2)):
        yield _distinct(rng, rows, columns, 3)


@to_cxy.case("two channels, and a single one")
def _(rng):
    for shape in ((3, 4, 2), (4, 3, 1)):
        yield _distinct(rng, *shape)


@to_cxy.case("a single row, and a single column")
def _(rng):
    for shape in ((1, 4, 3), (5, 1, 3)):
        yield _distinct(rng, *shape)


@to_cxy.property("the cell [c, x, y] is the cell [y, x, c] of before")
def _(answer, rng):
    a = jnp.asarray(_distinct(rng, 4, 5, 3))
    result = answer(a)
    for y, x, c in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (3, 4, 2)):
        assert result[c, x, y] == a[y, x, c], (
            f"Row {y}, column {x}, channel {c} held {a[y, x, c]}; in your result, [{c}, {x}, {y}] "
            f"is {result[c, x, y]}."
        )


@to_cxy.mistake(
    "These are the matrices of the order (C, Y, X), typed in. Rows and columns are still to be "
    "exchanged; and let the computer do it, so that it holds for any picture."
)
def typed_the_other_order(a):
    return jnp.array([_RED, _GREEN, _BLUE])


@to_cxy.mistake(
    "Your answer is the same for every picture: it is right for the one on the screen and for no "
    "other. Compute it from the argument, with a permutation of its axes."
)
def typed_in(a):
    return jnp.array(_PICTURE.transpose(2, 1, 0))


@to_cxy.mistake(
    "Your order is (C, Y, X): rows and columns are not exchanged. Red and blue are symmetric, so in "
    "the small picture only green shows it. The permutation must name axis 1 before axis 0."
)
def rows_before_columns(a):
    return jnp.transpose(a, (2, 0, 1))


@to_cxy.mistake(
    "You exchanged rows and columns, and the channel is still the last axis. It should come first: "
    "the permutation begins with 2."
)
def channels_still_last(a):
    return jnp.transpose(a, (1, 0, 2))


@to_cxy.mistake(
    "Your order is (X, C, Y): the new first axis is old axis 1, the column. Entry k of a "
    "permutation says which *old* axis becomes the new axis k, and C was axis 2."
)
def column_first(a):
    return jnp.transpose(a, (1, 2, 0))


@to_cxy.mistake(
    "You exchanged the last two axes, (Y, C, X). The first and the last are to change places."
)
def last_two_exchanged(a):
    return jnp.swapaxes(a, 1, 2)


@to_cxy.mistake("This is the picture as it came, in the order (Y, X, C).")
def as_it_came(a):
    return a


@to_cxy.mistake(
    "The shape is right, but the cells went elsewhere: `reshape` reads the cells in the old order "
    "and fills them into a new box. To turn the box itself, permute its axes."
)
def reshaped(a):
    return a.reshape(a.shape[::-1])


@to_cxy.mistake(
    "Here the channel came first by a transposition and then `reshape` had to do the rest. It does "
    "not exchange rows and columns: it fills the rows' cells into the columns' places."
)
def half_reshaped(a):
    rows, columns, channels = a.shape
    return jnp.transpose(a, (2, 0, 1)).reshape(channels, columns, rows)


@to_cxy.alternative
def by_attribute(a):
    return a.T


@to_cxy.alternative
def by_exchange(a):
    return jnp.swapaxes(a, 0, 2)


@to_cxy.alternative
def by_einsum(a):
    return np.einsum("yxc->cxy", a)


@to_cxy.alternative
def channel_by_channel(a):
    return jnp.stack([a[:, :, channel].T for channel in range(a.shape[2])])


@to_cxy.alternative
def cell_by_cell(a):
    rows, columns, channels = a.shape
    return np.array(
        [
            [[a[y, x, c] for y in range(rows)] for x in range(columns)]
            for c in range(channels)
        ]
    )  # fmt: skip


# --- A30 transpose by hand -----------------------------------------------------------------------


def _my_transpose(a, perm):
    shape = tuple(a.shape[axis] for axis in perm)
    index = np.zeros((a.ndim, *shape), int)
    for axis, positions in zip(perm, np.indices(shape), strict=True):
        index[axis] = positions
    return a[tuple(index)]


my_transpose = code_exercise("A30", reference=_my_transpose)


@my_transpose.case("a matrix of two rows and three columns")
def _(rng):
    a = np.arange(6).reshape(2, 3)
    yield a, (1, 0)
    yield a, (0, 1)


@my_transpose.case("a vector, and a number without axes")
def _(rng):
    yield _distinct(rng, 4), (0,)
    yield np.array(7), ()


@my_transpose.case("three axes, in each of the six orders")
def _(rng):
    a = _distinct(rng, 2, 3, 4)
    for perm in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 1, 0), (2, 0, 1), (1, 2, 0)):
        yield a, perm


@my_transpose.case("three axes of equal size")
def _(rng):
    yield _distinct(rng, 2, 2, 2), (2, 0, 1)


@my_transpose.case("four axes")
def _(rng):
    a = _distinct(rng, 3, 1, 4, 2)
    for perm in ((1, 2, 3, 0), (3, 0, 2, 1), (2, 3, 0, 1), (0, 3, 1, 2)):
        yield a, perm


@my_transpose.case("numbers with a fraction stay what they are")
def _(rng):
    yield rng.normal(size=(3, 2)).round(1).astype(np.float32), (1, 0)


@my_transpose.property("the inverse permutation brings every cell back")
def _(answer, rng):
    a = jnp.asarray(_distinct(rng, 2, 3, 4))
    for perm in itertools.permutations(range(3)):
        back = answer(jnp.asarray(answer(a, perm)), tuple(int(i) for i in np.argsort(perm)))
        assert jnp.array_equal(back, a), f"{perm}, then its inverse, does not give `a` back."


_BY_LIBRARY = {
    "T", "einsum", "mT", "matrix_transpose", "moveaxis", "permute_dims", "rearrange", "rollaxis",
    "swapaxes", "transpose",
}  # fmt: skip


@my_transpose.property("no library function moves the axes")
def _(answer, rng):
    found = sorted(names_used(answer) & _BY_LIBRARY)
    assert not found, (
        f"Your function uses `{found[0]}`, which does the work. Here, say yourself where each cell "
        "comes from: go through the positions of the result."
    )


@my_transpose.mistake(
    "Your result is right, and a library function made it. Here, do it by hand: for each position "
    "of the result, work out the old position, and copy the cell."
)
def by_the_library(a, perm):
    return jnp.transpose(a, perm)


@my_transpose.mistake(
    "You used the inverse permutation: the new shape should be `shape[perm[i]]` at place i, and new "
    "axis k takes old axis `perm[k]`. So entry k of the new position is entry `perm[k]` of the old "
    "one."
)
def inverse(a, perm):
    return _my_transpose(a, tuple(int(i) for i in np.argsort(perm)))


@my_transpose.mistake(
    "The shape is right, but the cells are read by the inverse permutation: you take the old "
    "position as `new[perm[0]], new[perm[1]], ...`. It is the other way round: `old[perm[k]] = "
    "new[k]`. (JAX reads the last cell where an index is too large, so there was no error.)"
)
def read_by_the_inverse(a, perm):
    shape = tuple(a.shape[axis] for axis in perm)
    result = np.zeros(shape, a.dtype)
    for new in np.ndindex(shape):
        result[new] = a[tuple(new[axis] for axis in perm)]
    return result


@my_transpose.mistake(
    "You reshaped: the new shape is right, but the cells stay in the order in which they are read "
    "out. Each cell must take its position along, with its entries in the new order."
)
def reshaped_only(a, perm):
    return a.reshape(tuple(a.shape[axis] for axis in perm))


@my_transpose.mistake(
    "The axes are always reversed: you did not use `perm`. For two axes that is often the same; for "
    "three there are six orders."
)
def always_reversed(a, perm):
    return _my_transpose(a, tuple(range(a.ndim))[::-1])


@my_transpose.mistake(
    "The numbers are right and have become floating-point: `np.zeros` makes those unless told "
    "otherwise. Say `np.zeros(shape, a.dtype)`."
)
def made_floating(a, perm):
    result = np.zeros(tuple(a.shape[axis] for axis in perm))
    result[...] = _my_transpose(a, perm)
    return result


@my_transpose.mistake("This is the array as it came: `perm` has no effect.")
def untouched(a, perm):
    return a


@my_transpose.alternative
def by_loop_over_new_positions(a, perm):
    result = np.empty([a.shape[axis] for axis in perm], dtype=a.dtype)
    for new in np.ndindex(result.shape):
        old = [0] * a.ndim
        for place, axis in zip(new, perm, strict=True):
            old[axis] = place
        result[new] = a[tuple(old)]
    return result


@my_transpose.alternative
def by_loop_over_old_positions(a, perm):
    cells = np.asarray(a)
    result = np.zeros_like(cells, shape=[cells.shape[axis] for axis in perm])
    for old in itertools.product(*map(range, cells.shape)):
        result[tuple(old[axis] for axis in perm)] = cells[old]
    return result


@my_transpose.alternative
def by_strides(a, perm):
    cells = np.array(a)
    shape = [cells.shape[axis] for axis in perm]
    strides = [cells.strides[axis] for axis in perm]
    return np.lib.stride_tricks.as_strided(cells, shape, strides)


@my_transpose.alternative
def by_flat_positions(a, perm):
    flat = a.reshape(-1)
    steps = [int(np.prod(a.shape[axis + 1 :])) for axis in perm]
    shape = [a.shape[axis] for axis in perm]
    place = np.zeros(shape, int)
    for axis, (size, step) in enumerate(zip(shape, steps, strict=True)):
        along = [1] * len(shape)
        along[axis] = size
        place = place + (np.arange(size) * step).reshape(along)
    return flat[place]


@my_transpose.alternative
def by_updates(a, perm):
    result = jnp.zeros([a.shape[axis] for axis in perm], a.dtype)
    for old in np.ndindex(a.shape):
        result = result.at[tuple(old[axis] for axis in perm)].set(a[old])
    return result
