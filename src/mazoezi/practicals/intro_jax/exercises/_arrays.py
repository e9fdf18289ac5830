"""Checks of J1.1, J1.8 and J1.9: arrays, random keys and updates that return copies."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi.course import code_exercise
from mazoezi.practicals.intro_jax.exercises._recorded import described, recorded

# --- J1.1 Plot cosine ----------------------------------------------------------------------------


def _cosine_curve(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, jnp.cos(x)


cosine_curve = code_exercise("J1.1", reference=_cosine_curve, atol=1e-5)


@cosine_curve.case("two points: the two ends")
def _(rng):
    yield 2


@cosine_curve.case("three points: the ends and the middle")
def _(rng):
    yield 3


@cosine_curve.case("more points")
def _(rng):
    yield from (7, 100)


@cosine_curve.case("without an argument: a hundred points")
def _(rng):
    yield ()


@cosine_curve.property("both are JAX arrays")
def _(answer, rng):
    for name, values in zip(("x", "y"), answer(5), strict=True):
        assert isinstance(values, jax.Array), (
            f"{name} is a {type(values).__module__}.{type(values).__name__}. Take the function of "
            "the same name from `jax.numpy` (`jnp`), and it is a JAX array."
        )


@cosine_curve.mistake("Your curve is 0 at x = 0, which is the sine; the cosine is 1 there.")
def sine(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, jnp.sin(x)


@cosine_curve.mistake(
    "The last x is not π: the step must fit n - 1 times between the ends, so that both belong to "
    "the points. `jnp.linspace` does that by default."
)
def end_left_out(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n, endpoint=False)
    return x, jnp.cos(x)


@cosine_curve.mistake(
    "You have one point too many: n is the number of points, not of the gaps between them."
)
def one_point_more(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n + 1)
    return x, jnp.cos(x)


@cosine_curve.mistake("This is a NumPy array; use the JAX namespace: `jnp` in place of `np`.")
def numpy_arrays(n=100):
    x = np.linspace(-np.pi, np.pi, n)
    return x, np.cos(x)


@cosine_curve.mistake("Your range is ±180, in degrees. `jnp.cos` takes radians: let x run ±π.")
def degrees(n=100):
    x = jnp.linspace(-180, 180, n)
    return x, jnp.cos(x)


@cosine_curve.mistake("Your range is ±180: y is right, but x is asked in radians, from -π to π.")
def degrees_converted(n=100):
    x = jnp.linspace(-180, 180, n)
    return x, jnp.cos(jnp.radians(x))


@cosine_curve.mistake("3.14 is not π: both ends are off by 0.0016. Use `jnp.pi`.")
def rounded_pi(n=100):
    x = jnp.linspace(-3.14, 3.14, n)
    return x, jnp.cos(x)


@cosine_curve.mistake("Your x runs from 0 to 2π. It is the same curve, but begin at -π.")
def from_zero(n=100):
    x = jnp.linspace(0, 2 * jnp.pi, n)
    return x, jnp.cos(x)


@cosine_curve.mistake("There are always 100 points here: pass `n` on to `linspace`.")
def always_a_hundred(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, 100)
    return x, jnp.cos(x)


@cosine_curve.mistake("Give back x as well: `return x, y`.")
def only_y(n=100):
    return jnp.cos(jnp.linspace(-jnp.pi, jnp.pi, n))


@cosine_curve.mistake("The two are in the other order: first x, then cos x.")
def swapped(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return jnp.cos(x), x


@cosine_curve.mistake(
    "There is nothing to draw here: give back x and y, and the cell below draws them."
)
def nothing_returned(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    jnp.cos(x)


@cosine_curve.alternative
def by_index(n=100):
    x = -jnp.pi + 2 * jnp.pi * jnp.arange(n) / (n - 1)
    return [x, jnp.cos(x)]


@cosine_curve.alternative
def shifted_sine(n=100):
    x = jnp.array(np.linspace(-np.pi, np.pi, n))
    return x, jnp.sin(x + jnp.pi / 2)


# --- J1.8 Independent samples from one key -------------------------------------------------------

_KEYS = 4000


def _three_samples(key):
    return jax.vmap(jr.normal)(jr.split(key, 3))


three_samples = code_exercise("J1.8", reference=_three_samples)


def _unwatched(answer):
    """Run an answer without JAX's key-reuse check, in case the learner has it on."""

    def run(*args):
        with jax.debug_key_reuse(False):
            return answer(*args)

    return run


@three_samples.case("one array of three numbers", run=lambda f: described(_unwatched(f)))
def _(rng):
    yield jr.key(0)


@three_samples.property("the same key gives the same numbers")
def _(answer, rng):
    first, second = (np.asarray(_unwatched(answer)(jr.key(1))) for _ in range(2))
    assert np.allclose(first, second), (
        f"With one and the same key you gave {_row(first)}, and then {_row(second)}. The result "
        "must depend on the key alone: take all randomness from `jax.random`."
    )


@three_samples.property("another key gives other numbers")
def _(answer, rng):
    drawn = np.asarray([_unwatched(answer)(jr.key(seed)) for seed in range(8)])
    same = [place for place in range(3) if np.ptp(drawn[:, place]) < 1e-6]
    assert not same, (
        f"Eight keys gave {_row(drawn[0])}, {_row(drawn[1])}, and so on: number {same[0] + 1} does "
        "not depend on your argument. Is a key or a seed made inside the function?"
    )


@three_samples.property("the three numbers differ")
def _(answer, rng):
    drawn = np.asarray(_unwatched(answer)(jr.key(3)))
    assert len(np.unique(drawn.round(5))) == 3, (
        f"You gave {_row(drawn)}. One key gives one sample, however often it is asked: each of the "
        "three needs a key of its own."
    )


@three_samples.property("no key is used twice")
def _(answer, rng):
    try:
        with jax.debug_key_reuse(True):
            jax.eval_shape(answer, jr.key(4))
    except Exception as error:
        assert type(error).__name__ != "KeyReuseError", (
            "JAX's key-reuse check finds a key that is used twice. A key that was split, or drawn "
            "with, must not be used again."
        )
        raise


@three_samples.property("`jit` gives the same numbers")
def _(answer, rng):
    own = _unwatched(answer)
    direct, traced = (np.asarray(f(jr.key(5))) for f in (own, recorded(own)))
    assert np.allclose(direct, traced, rtol=1e-4, atol=1e-5), (
        f"Called directly you gave {_row(direct)}, under `jit` {_row(traced)}: something besides "
        "the key decides."
    )


@three_samples.property("over 4000 keys, each of the three is a standard normal")
def _(answer, rng):
    def fits(samples):
        mean, variance = samples.mean(axis=0), samples.var(axis=0)
        within_one = (np.abs(samples) < 1).mean(axis=0)
        return (
            np.all(np.abs(mean) < 4 / np.sqrt(_KEYS))
            and np.all(np.abs(variance - 1) < 4 * np.sqrt(2 / _KEYS))
            and np.all(np.abs(within_one - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / _KEYS))
        )

    for seed in (6, 7):  # a right answer fails once in a thousand keys' draws, not twice
        samples = _many(answer, seed)
        if fits(samples):
            return
    raise AssertionError(
        f"Over {_KEYS} keys the three have mean {_row(samples.mean(axis=0))}, variance "
        f"{_row(samples.var(axis=0))}, and {_row(100 * (np.abs(samples) < 1).mean(axis=0))} % lie "
        "within ±1; a standard normal has 0, 1 and 68 %."
    )


@three_samples.property("over 4000 keys, the three are uncorrelated")
def _(answer, rng):
    def largest(samples):
        with np.errstate(invalid="ignore", divide="ignore"):  # a constant has no correlation
            pairs = [np.corrcoef(f(samples), rowvar=False) for f in (np.array, np.square)]
        return np.where(np.eye(3, dtype=bool), 0, np.abs(np.nan_to_num(pairs, nan=1))).max()

    correlation = min(largest(_many(answer, 6)), largest(_many(answer, 7)))
    assert correlation < 0.06, (
        f"Over {_KEYS} keys two of the three, or their squares, have a correlation of "
        f"{correlation:.2f}: they are not independent. Each needs a key of its own."
    )


def _many(answer, seed):
    """Draw once for each of many keys."""
    keys = jr.split(jr.key(seed), _KEYS)
    drawn = np.asarray(jax.vmap(_unwatched(answer))(keys), np.float64)
    assert drawn.shape == (_KEYS, 3), "Three numbers in one array are asked, for each key."
    return drawn


def _row(values):
    return f"[{', '.join(f'{value:.3g}' for value in values)}]"


@three_samples.mistake(
    "You draw more than once with the same key, and so get the same number again. Split the key "
    "into three, and draw once with each."
)
def one_key_thrice(key):
    return jnp.stack([jr.normal(key) for _ in range(3)])


@three_samples.mistake(
    "Some of your three are one and the same draw. Ask for three draws, each with a key of its own: "
    "split the key into three."
)
def one_number_thrice(key):
    return jnp.repeat(jr.normal(key), 3)


@three_samples.mistake(
    "A key that was split must not be used again: draw with its children only. Your numbers look "
    "random, but the parent and its children are not independent."
)
def parent_used_again(key):
    first, second = jr.split(key)
    return jnp.stack([jr.normal(key), jr.normal(first), jr.normal(second)])


@three_samples.mistake(
    "The result, or a part of it, does not depend on your argument: a key or a seed is made inside "
    "the function. Use the key that is passed in."
)
def key_made_inside(key):
    return jr.normal(jr.key(0), (3,))


@three_samples.mistake(
    "NumPy's generator is a hidden state: another call gives other numbers, whatever the key. Draw "
    "with `jax.random` and the key."
)
def numpy_generator(key):
    return jnp.asarray(np.random.normal(size=3), jnp.float32)


@three_samples.mistake(
    "These are no standard normal numbers. `jax.random.normal` draws those as it stands; "
    "`jax.random.uniform`, for one, draws between 0 and 1."
)
def uniform(key):
    return jr.uniform(key, (3,))


@three_samples.mistake("Join the three to one array, for example with `jnp.stack`.")
def list_of_three(key):
    return [jr.normal(child) for child in jr.split(key, 3)]


@three_samples.alternative
def in_one_call(key):
    return jr.normal(key, (3,))


@three_samples.alternative
def split_by_name(key):
    first, second, third = jr.split(key, 3)
    return jnp.array([jr.normal(first), jr.normal(second), jr.normal(third)])


@three_samples.alternative
def split_step_by_step(key):
    drawn = []
    for _ in range(3):
        key, subkey = jr.split(key)
        drawn.append(jr.normal(subkey))
    return jnp.stack(drawn)


@three_samples.alternative
def folded_in(key):
    return jnp.stack([jr.normal(jr.fold_in(key, i)) for i in range(3)])


# --- J1.9 Functional update ----------------------------------------------------------------------


def _set_border(x, value):
    return x.at[0].set(value).at[-1].set(value).at[:, 0].set(value).at[:, -1].set(value)


set_border = code_exercise("J1.9", reference=_set_border, dtype="exact")


@set_border.case("a border around one number")
def _(rng):
    yield np.arange(1, 10, dtype=np.float32).reshape(3, 3), 0.0


def _matrix(rng, *shape):
    """Return small whole numbers on both sides of a border's value, as float32."""
    return rng.integers(-9, 10, size=shape).astype(np.float32)


@set_border.case("more columns than rows, and more rows than columns")
def _(rng):
    for shape in ((4, 6), (5, 3)):
        yield _matrix(rng, *shape), 7.0


@set_border.case("nothing inside: two rows, or two columns")
def _(rng):
    for shape in ((2, 4), (3, 2)):
        yield _matrix(rng, *shape), -1.5


@set_border.case("one row, one column, one number")
def _(rng):
    for shape in ((1, 4), (3, 1), (1, 1)):
        yield _matrix(rng, *shape), 2.0


@set_border.case("whole numbers stay whole numbers")
def _(rng):
    yield _matrix(rng, 3, 4).astype(np.int32), 5


@set_border.case("half precision stays half precision")
def _(rng):
    yield _matrix(rng, 3, 4).astype(np.float16), 2.0


@set_border.case("traced by `jit`", run=recorded)
def _(rng):
    yield _matrix(rng, 4, 6), 3.0


@set_border.property("the array that was passed in is as before")
def _(answer, rng):
    given = _matrix(rng, 4, 6)
    x = jnp.array(given)
    answer(x, 9.0)
    assert not x.is_deleted(), (
        "After the call the array that was passed in is gone: its memory was donated to the result. "
        "Leave out `donate_argnums`."
    )
    assert np.allclose(x, given), "Your function changed the array that was passed in."


@set_border.mistake(
    "`.at[...].set(...)` returns a changed copy and leaves x alone. You do not use the copy: give "
    "it a name, as in `x = x.at[0].set(value)`."
)
def copy_thrown_away(x, value):
    x.at[0].set(value)
    x.at[-1].set(value)
    x.at[:, 0].set(value)
    x.at[:, -1].set(value)
    return x


@set_border.mistake(
    "A JAX array cannot be changed in place. Replace `x[0] = value` by `x = x.at[0].set(value)`."
)
def in_place(x, value):
    x[0] = value
    x[-1] = value
    x[:, 0] = value
    x[:, -1] = value
    return x


@set_border.mistake(
    "You go through NumPy, which works until somebody compiles your function: while JAX traces, "
    "there are no numbers to copy. Stay with `x.at[...].set(...)`."
)
def through_numpy(x, value):
    copy = np.array(x)
    copy[0] = copy[-1] = value
    copy[:, 0] = copy[:, -1] = value
    return jnp.asarray(copy)


@set_border.mistake(
    "Only the four corners are set: a list of rows beside a list of columns picks single entries. "
    "A whole row is `x.at[0]`, a whole column `x.at[:, 0]`."
)
def only_corners(x, value):
    return x.at[jnp.array([0, 0, -1, -1]), jnp.array([0, -1, 0, -1])].set(value)


@set_border.mistake(
    "Only two corners are set: `x.at[[0, -1], [0, -1]]` pairs the two lists entry by entry. Set "
    "rows and columns one after the other."
)
def two_corners(x, value):
    return x.at[jnp.array([0, -1]), jnp.array([0, -1])].set(value)


@set_border.mistake("The first and last column are still to be set: `.at[:, 0]` and `.at[:, -1]`.")
def only_rows(x, value):
    return x.at[0].set(value).at[-1].set(value)


@set_border.mistake("The first and last row are still to be set: `.at[0]` and `.at[-1]`.")
def only_columns(x, value):
    return x.at[:, 0].set(value).at[:, -1].set(value)


@set_border.mistake("The last row and the last column are still to be set: their index is -1.")
def only_first(x, value):
    return x.at[0].set(value).at[:, 0].set(value)


@set_border.mistake(
    "Each of your four updates starts from the original x, so only the last one is left. Chain "
    "them: each must start from the result of the one before."
)
def not_chained(x, value):
    y = x.at[0].set(value)
    y = x.at[-1].set(value)
    y = x.at[:, 0].set(value)
    y = x.at[:, -1].set(value)
    return y


@set_border.mistake("You set the inside and left the border. The border is index 0 and index -1.")
def inside(x, value):
    return x.at[1:-1, 1:-1].set(value)


@set_border.mistake("You added the value to the border: `.set` replaces, `.add` adds.")
def added(x, value):
    everywhere = x + jnp.asarray(value, x.dtype)
    return everywhere.at[1:-1, 1:-1].set(x[1:-1, 1:-1])


@set_border.mistake("The inside is lost: it must keep the entries of x.")
def inside_lost(x, value):
    inner = jnp.zeros_like(x[1:-1, 1:-1])
    return jnp.full_like(x, value).at[1:-1, 1:-1].set(inner)


@set_border.mistake(
    "You put a border around x: the result has two more rows and columns. The border is the outer "
    "rows and columns that x already has."
)
def border_around(x, value):
    return jnp.pad(x, 1, constant_values=value)


@set_border.mistake(
    "You cut off the border and put a new one around what is left. With a single row there is "
    "nothing to cut, and the result gets a row too many. Overwrite the border instead."
)
def cut_and_padded(x, value):
    return jnp.pad(x[1:-1, 1:-1], 1, constant_values=value)


@set_border.alternative
def by_mask(x, value):
    row = jnp.arange(x.shape[0])[:, None]
    column = jnp.arange(x.shape[1])
    edge = (row == 0) | (row == x.shape[0] - 1) | (column == 0) | (column == x.shape[1] - 1)
    return jnp.where(edge, value, x)


@set_border.alternative
def two_at_a_time(x, value):
    ends = jnp.array([0, -1])
    return x.at[ends].set(value).at[:, ends].set(value)


@set_border.alternative
def around_the_inside(x, value):
    return jnp.full_like(x, value).at[1:-1, 1:-1].set(x[1:-1, 1:-1])


@set_border.alternative
def row_by_row(x, value):
    for i in range(x.shape[0]):
        x = x.at[i, 0].set(value).at[i, x.shape[1] - 1].set(value)
    for j in range(x.shape[1]):
        x = x.at[0, j].set(value).at[x.shape[0] - 1, j].set(value)
    return x
