"""Checks of J1.11, J1.13 and J1.15: one example at a time, over a batch, over several devices."""

import functools
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Jaxpr, jaxprs_in_params
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from mazoezi._errors import MazoeziError
from mazoezi.course import code_exercise
from mazoezi.practicals.intro_jax.exercises._recorded import equations, operations, recorded
from mazoezi.timing import count_compilations

DEVICES = 8


@functools.cache
def _mesh() -> Mesh:
    devices = jax.devices() if len(jax.devices()) >= DEVICES else jax.devices("cpu")
    if len(devices) < DEVICES:
        raise MazoeziError(
            f"This exercise needs {DEVICES} devices, and JAX has {len(devices)}. Restart the kernel "
            "and run the notebook from the top."
        )
    return Mesh(np.array(devices[:DEVICES]), ("batch",))


# --- J1.11 vmap with two arguments ---------------------------------------------------------------


def _sqdist(x, y):
    return jnp.sum((x - y) ** 2)


def _pairwise_sqdist(X, Y):
    from_one = jax.vmap(_sqdist, in_axes=(None, 0))
    return jax.vmap(from_one, in_axes=(0, None))(X, Y)


pairwise_sqdist = code_exercise("J1.11", reference=_pairwise_sqdist, rtol=1e-4, atol=1e-5)


def _points(rng, *shape):
    """Return normal numbers of one decimal, which are easy to read."""
    return rng.normal(size=shape).round(1).astype(np.float32)


@pairwise_sqdist.case("one point against three, easy numbers")
def _(rng):
    yield np.array([[0, 0]], np.float32), np.array([[3, 4], [1, 0], [0, -2]], np.float32)


@pairwise_sqdist.case("different numbers of points")
def _(rng):
    yield _points(rng, 3, 2), _points(rng, 4, 2)
    yield _points(rng, 5, 3), _points(rng, 2, 3)


@pairwise_sqdist.case("as many points in X as in Y")
def _(rng):
    yield _points(rng, 4, 3), _points(rng, 4, 3)


@pairwise_sqdist.case("as many points as coordinates")
def _(rng):
    yield _points(rng, 3, 3), _points(rng, 3, 3)


@pairwise_sqdist.case("points on a line: d = 1")
def _(rng):
    yield _points(rng, 4, 1), _points(rng, 3, 1)


@pairwise_sqdist.case("traced by `jit`", run=recorded)
def _(rng):
    yield _points(rng, 3, 2), _points(rng, 4, 2)


@pairwise_sqdist.property("a point has distance 0 to itself, and the table is symmetric")
def _(answer, rng):
    X = jnp.array(_points(rng, 5, 3))
    table = np.asarray(answer(X, X))
    assert np.allclose(np.diag(table), 0, atol=1e-4), "With X = Y the diagonal is not 0."
    assert np.allclose(table, table.T, rtol=1e-4, atol=1e-4), "With X = Y it is not symmetric."


@pairwise_sqdist.property("the recorded program does not grow with the number of points")
def _(answer, rng):
    few = sum(operations(answer, jnp.zeros((4, 2)), jnp.zeros((5, 2))).values())
    many = sum(operations(answer, jnp.zeros((12, 2)), jnp.zeros((15, 2))).values())
    assert many <= few, (
        f"For 4 and 5 points {few} operations are recorded, for 12 and 15 points {many}: a Python "
        "loop is unrolled while JAX traces. Let `vmap` go through the points."
    )


@pairwise_sqdist.mistake(
    "You mapped both at the same time, so that the first of X meets the first of Y and no other: "
    "one distance for each row, and an error where the numbers of points differ. Nest two `vmap`s, "
    "each mapping one argument."
)
def both_at_once(X, Y):
    return jax.vmap(_sqdist)(X, Y)


@pairwise_sqdist.mistake(
    "Both of your nested `vmap`s map both arguments, so the second goes through the coordinates. "
    "Map one argument in each, the other with None: `in_axes=(0, None)`."
)
def both_at_once_twice(X, Y):
    return jax.vmap(jax.vmap(_sqdist))(X, Y)


@pairwise_sqdist.mistake(
    "The shape is (m, n): the two `vmap`s are nested the wrong way round. The outer one gives the "
    "rows, so it must map X."
)
def transposed(X, Y):
    return jax.vmap(jax.vmap(_sqdist, in_axes=(0, None)), in_axes=(None, 0))(X, Y)


@pairwise_sqdist.mistake(
    "There is one number for each row of X: a single `vmap` went through X, and the sum ran over "
    "all of Y at once. Map the second argument first, then the first."
)
def only_x_mapped(X, Y):
    return jax.vmap(_sqdist, in_axes=(0, None))(X, Y)


@pairwise_sqdist.mistake(
    "There is one number for each row of Y: a single `vmap` went through Y. Map X as well, around it."
)
def only_y_mapped(X, Y):
    return jax.vmap(_sqdist, in_axes=(None, 0))(X, Y)


@pairwise_sqdist.mistake("You mapped axis 1, the coordinates. The points are the rows: axis 0.")
def coordinates_mapped(X, Y):
    return jax.vmap(jax.vmap(_sqdist, in_axes=(None, 1)), in_axes=(1, None))(X, Y)


@pairwise_sqdist.mistake(
    "Your function is right, and a Python loop goes through the points: it is unrolled while JAX "
    "traces, so the program grows with every point. Let `vmap` do the looping."
)
def python_loops(X, Y):
    return jnp.stack([jnp.stack([_sqdist(x, y) for y in Y]) for x in X])


@pairwise_sqdist.mistake("You took the square root: asked is the *squared* distance.")
def rooted(X, Y):
    return jnp.sqrt(_pairwise_sqdist(X, Y))


@pairwise_sqdist.mistake(
    "You took the mean over the coordinates; the squared distance is their sum."
)
def mean_over_coordinates(X, Y):
    return _pairwise_sqdist(X, Y) / X.shape[1]


@pairwise_sqdist.mistake(
    "The coordinates are still there: the function of one pair must sum over them."
)
def not_summed(X, Y):
    return (X[:, None] - Y[None]) ** 2


@pairwise_sqdist.mistake(
    "You added the absolute differences; the squared distance adds their squares."
)
def absolute_differences(X, Y):
    return jnp.abs(X[:, None] - Y[None]).sum(-1)


@pairwise_sqdist.mistake(
    "You squared the sum of the differences, so that they cancel. First square, then sum."
)
def summed_then_squared(X, Y):
    return (X[:, None] - Y[None]).sum(-1) ** 2


@pairwise_sqdist.mistake("These are dot products: a point has dot product 0 with the origin only.")
def dot_products(X, Y):
    return X @ Y.T


@pairwise_sqdist.alternative
def by_lambdas(X, Y):
    return jax.vmap(lambda x: jax.vmap(lambda y: jnp.dot(x - y, x - y))(Y))(X)


@pairwise_sqdist.alternative
def by_out_axes(X, Y):
    to_one = jax.vmap(_sqdist, in_axes=(0, None))
    return jax.vmap(to_one, in_axes=(None, 0), out_axes=1)(X, Y)


@pairwise_sqdist.alternative
def by_broadcasting(X, Y):
    return jnp.square(X[:, None, :] - Y[None, :, :]).sum(axis=-1)


@pairwise_sqdist.alternative
def by_expansion(X, Y):
    return (X**2).sum(1)[:, None] + (Y**2).sum(1) - 2 * jnp.einsum("nd,md->nm", X, Y)


@pairwise_sqdist.alternative
def by_map(X, Y):
    return jax.lax.map(lambda x: jax.vmap(functools.partial(_sqdist, x))(Y), X)


# --- J1.13 Share a batch over devices ------------------------------------------------------------


@jax.jit
@jax.vmap
def _gram_all(matrix):
    return matrix @ matrix.T


def _cut_along(*axes: str | None) -> NamedSharding:
    return NamedSharding(_mesh(), P(*axes))


def _gram_sharded(mats):
    return _gram_all(jax.device_put(mats, _cut_along("batch")))


gram_sharded = code_exercise("J1.13", reference=_gram_sharded, rtol=1e-4, atol=1e-4)

_BATCH = (2 * DEVICES, 24, 40)  # axes of different lengths that all divide by the devices


@gram_sharded.case("eight small matrices")
def _(rng):
    yield rng.integers(-2, 3, size=(DEVICES, 1, 2)).astype(np.float32)


@gram_sharded.case("two matrices for each device")
def _(rng):
    yield _points(rng, *_BATCH)


def _placement(answer):
    """Run an answer and say where its result lies."""

    def run(mats):
        result = answer(mats)
        if not isinstance(result, jax.Array):
            return f"a {type(result).__name__} in the host's memory"
        shards = result.addressable_shards
        count = len({shard.device for shard in shards})
        block = min(shard.data.shape for shard in shards)
        return f"on {count} device{'s' if count > 1 else ''}, each with a block of shape {block}"

    return run


@gram_sharded.case(
    "each of the eight devices holds its own two of sixteen products", run=_placement
)
def _(rng):
    yield _points(rng, *_BATCH)


def _batch(rng) -> jax.Array:
    return jnp.array(_points(rng, *_BATCH))


@gram_sharded.property("the batch is shared before the products are computed")
def _(answer, rng):
    try:
        jaxpr = jax.make_jaxpr(answer)(_batch(rng)).jaxpr
    except Exception:  # what cannot be traced is judged by its result
        return
    assert not _computes_before_sharing(jaxpr), (
        "The products are computed on one device, and only the result is shared. Place the "
        "*input* on the mesh first; then each device multiplies what it holds."
    )


_PRODUCTS = {"dot_general", "mul", "scan", "while"}


def _computes_before_sharing(jaxpr: Jaxpr) -> bool:
    """Say whether some product is computed of arrays that were placed nowhere before."""
    placed: set[Any] = set()
    for equation in jaxpr.eqns:
        inner = [one for sub in jaxprs_in_params(equation.params) for one in equations(sub)]
        known = any(v in placed for v in equation.invars if not hasattr(v, "val"))
        if known or any(_places(one) for one in (equation, *inner)):
            placed.update(equation.outvars)
        elif any(one.primitive.name in _PRODUCTS for one in (equation, *inner)):
            return True
    return False


def _places(equation: Any) -> bool:
    """Say whether an equation puts arrays on chosen devices."""
    params = equation.params
    if equation.primitive.name in ("shard_map", "sharding_constraint", "reshard"):
        return True
    if equation.primitive.name == "device_put":
        return any(device is not None for device in params["devices"])
    given = (*params.get("in_shardings", ()), *params.get("out_shardings", ()))
    return any(isinstance(one, jax.sharding.Sharding) for one in given)


@gram_sharded.property("the matrices do not pass through NumPy")
def _(answer, rng):
    try:
        jax.eval_shape(answer, _batch(rng))
    except Exception as error:
        assert type(error).__name__ != "TracerArrayConversionError", (
            "Your function hands the matrices to NumPy, which copies them to the host and computes "
            "there. Stay with JAX arrays."
        )


@gram_sharded.property("a second batch of the same shape compiles nothing")
def _(answer, rng):
    one, other = _batch(rng), _batch(rng)
    answer(one)
    with count_compilations() as compilations:
        jax.block_until_ready(answer(other))
    assert compilations.count == 0, (
        f"The second call with a batch of the same shape compiled {compilations.count} program(s) "
        "again. Make the compiled function once, outside, and call it inside."
    )


@gram_sharded.property("twelve matrices for eight devices: a right result, or an error")
def _(answer, rng):
    mats = _points(rng, 12, 3, 4)
    try:
        result = np.asarray(answer(jnp.array(mats)))
    except Exception:
        return
    expected = mats @ mats.swapaxes(1, 2)
    assert result.shape == expected.shape and np.allclose(result, expected, atol=1e-4), (
        f"Twelve matrices cannot be shared equally by eight devices. Your function returned an array "
        f"of shape {result.shape} as if all were well; better let JAX's error through."
    )


@gram_sharded.property("their mean over the batch is right, and takes one sum across devices")
def _(answer, rng):
    mats = _points(rng, *_BATCH)
    products = answer(jnp.array(mats))
    mean, sums = _batch_mean(products.shape, products.sharding)
    expected = np.einsum("bpq,brq->pr", mats, mats) / len(mats)
    assert np.allclose(mean(products), expected, rtol=1e-4, atol=1e-4), (
        "The mean of your products over the batch is not that of one device."
    )
    assert sums == 1, (
        f"The mean of your products over the batch takes {sums} sums across devices; shared along "
        "the batch it takes one."
    )


@functools.lru_cache(maxsize=4)
def _batch_mean(shape: tuple[int, ...], sharding: Any) -> tuple[Callable, int]:
    """Return the compiled mean of a sharded batch, and how many all-reduces it takes."""
    given = jax.ShapeDtypeStruct(shape, jnp.float32, sharding=sharding)
    compiled = jax.jit(lambda batch: batch.mean(axis=0)).lower(given).compile()
    return compiled, _all_reduces(compiled)


def _all_reduces(compiled: Any) -> int:
    return len(re.findall(r"\ball-reduce(?:-start)?\(", compiled.as_text()))


@gram_sharded.mistake(
    "Your function multiplies on one device: nothing tells JAX to share the batch. "
    "`jax.device_put(mats, sharding)` places it on the mesh."
)
def on_one_device(mats):
    return _gram_all(mats)


@gram_sharded.mistake(
    "Your output sharding is replicated, so every device holds all products. `P()` names no axis: "
    'cut the first one, `P("batch")`. And place the batch *before* it goes into a jitted function; '
    "inside one, `device_put` does not bind the result."
)
def replicated(mats):
    return _gram_all(jax.device_put(mats, _cut_along()))


@gram_sharded.mistake(
    'The wrong axis is cut: `P(None, "batch")` cuts the rows of each matrix, so that devices need '
    'each other\'s rows. Cut the first axis, the batch: `P("batch")`.'
)
def rows_cut(mats):
    return _gram_all(jax.device_put(mats, _cut_along(None, "batch")))


@gram_sharded.mistake(
    "The wrong axis is cut: a product sums over the columns, so each device ends up with a part of "
    'every sum. Cut the first axis, the batch: `P("batch")`.'
)
def columns_cut(mats):
    return _gram_all(jax.device_put(mats, _cut_along(None, None, "batch")))


@gram_sharded.mistake(
    "You shared the work, and then brought all products back to one device. Leave them where they "
    "were computed."
)
def collected(mats):
    return jax.device_put(_gram_sharded(mats), _mesh().devices[0])


@gram_sharded.mistake(
    "You multiply first, on one device, and share the result. Place the matrices first."
)
def shared_afterwards(mats):
    return jax.device_put(_gram_all(mats), _cut_along("batch"))


@gram_sharded.mistake(
    "The matrices go through NumPy on the host. Multiply JAX arrays, where they lie."
)
def through_the_host(mats):
    mats = np.asarray(mats)
    return jax.device_put(mats @ mats.swapaxes(1, 2), _cut_along("batch"))


@gram_sharded.mistake(
    "`jax.jit` inside the function makes a new function each time, and each is compiled again. Make "
    "it once, outside."
)
def compiled_each_time(mats):
    product = jax.jit(jax.vmap(lambda matrix: matrix @ matrix.T))
    return product(jax.device_put(mats, _cut_along("batch")))


@gram_sharded.mistake(
    "What does not divide by eight is left out, or filled up, without a word. Let JAX's error "
    "through."
)
def remainder_dropped(mats):
    return _gram_sharded(mats[: len(mats) // DEVICES * DEVICES])


@gram_sharded.mistake("You computed AᵀA, of shape (q, q); asked is A Aᵀ, of shape (p, p).")
def other_product(mats):
    return _gram_all(jax.device_put(mats.swapaxes(1, 2), _cut_along("batch")))


@gram_sharded.mistake("You summed the products over the batch; each matrix should have its own.")
def summed_over_batch(mats):
    return _gram_sharded(mats).sum(axis=0)


@functools.cache
def _with_output_sharding() -> Callable:
    return jax.jit(jax.vmap(lambda a: jnp.dot(a, a.T)), out_shardings=_cut_along("batch"))


@gram_sharded.alternative
def by_output_sharding(mats):
    return _with_output_sharding()(mats)


@gram_sharded.alternative
def by_einsum(mats):
    mats = jax.device_put(mats, _cut_along("batch", None, None))
    return jnp.einsum("bpq,brq->bpr", mats, mats)


@functools.cache
def _by_shard_map() -> Callable:
    return jax.jit(
        jax.shard_map(
            lambda block: block @ block.mT, mesh=_mesh(), in_specs=P("batch"), out_specs=P("batch")
        )
    )


@gram_sharded.alternative
def by_shard_map(mats):
    return _by_shard_map()(mats)


@gram_sharded.alternative
@jax.jit
def by_constraint(mats):
    mats = jax.lax.with_sharding_constraint(mats, _cut_along("batch"))
    return mats @ jnp.transpose(mats, (0, 2, 1))


@gram_sharded.alternative
def device_by_device(mats):
    sharding = _cut_along("batch")
    blocks = np.split(np.arange(len(mats)), DEVICES)
    parts = [
        _gram_all(jax.device_put(mats[block[0] : block[-1] + 1], device))
        for block, device in zip(blocks, _mesh().devices.flat, strict=True)
    ]
    shape = (len(mats), *parts[0].shape[1:])
    return jax.make_array_from_single_device_arrays(shape, sharding, parts)


# --- J1.15 A gradient in parallel ----------------------------------------------------------------


class _Program(NamedTuple):
    """A compiled answer, how many all-reduces it has, and its equations."""

    run: Callable
    all_reduces: int
    equations: tuple


def _loss(w, X, y):
    return jnp.mean((X @ w - y) ** 2) / 2


def _in_parallel(
    function: Callable, cut_along: str | None = "batch", check_vma: bool = True
) -> Callable:
    """Let each device run `function` on w and its own share of X and y."""
    specs = P(), P(cut_along), P(cut_along)
    return jax.shard_map(function, mesh=_mesh(), in_specs=specs, out_specs=P(), check_vma=check_vma)


def _data_parallel_gradient(w, X, y):
    def on_one_device(w, X, y):
        own = X.T @ (X @ w - y)
        return jax.lax.psum(own, "batch") / (DEVICES * len(y))

    return _in_parallel(on_one_device)(w, X, y)


data_parallel_gradient = code_exercise(
    "J1.15", reference=_data_parallel_gradient, rtol=1e-4, atol=1e-5
)


_EXAMPLES = (3 * DEVICES, 4)  # three for each device, of four features


_FEWER = (2 * DEVICES, 3)


@functools.lru_cache(maxsize=4)
def _program(answer: Callable) -> _Program:
    """Compile an answer for examples of this shape; once for all that looks at it."""
    examples, features = _EXAMPLES
    args = jnp.zeros(features), jnp.zeros(_EXAMPLES), jnp.zeros(examples)
    traced = jax.jit(answer).trace(*args)
    compiled = traced.lower().compile()
    return _Program(compiled, _all_reduces(compiled), tuple(equations(traced.jaxpr.jaxpr)))


@data_parallel_gradient.case(
    "the gradient of the whole batch, compiled by `jit`",
    run=lambda answer: lambda *args: _program(answer).run(*args),
    expect=jax.grad(_loss),
)
def _(rng):
    examples, features = _EXAMPLES
    X = rng.integers(0, 3, size=_EXAMPLES).astype(np.float32)
    yield np.array([1, 0, 0, 0], np.float32), X, np.arange(examples, dtype=np.float32)
    yield _points(rng, features), _points(rng, *_EXAMPLES), _points(rng, examples)


@data_parallel_gradient.case(
    "another number of examples, also compiled", run=jax.jit, expect=jax.grad(_loss)
)
def _(rng):
    examples, features = _FEWER
    yield _points(rng, features), _points(rng, *_FEWER), _points(rng, examples)


@data_parallel_gradient.property("each device works on its own share, inside `shard_map`")
def _(answer, rng):
    maps = [one for one in _program(answer).equations if one.primitive.name == "shard_map"]
    assert maps, (
        "There is no `jax.shard_map` in your program, so you leave it to the compiler who does "
        "what. Here, write what each device does with its own examples."
    )
    whole = math.prod(_EXAMPLES)
    blocks: list[Any] = [
        block for one in maps for inner in jaxprs_in_params(one.params) for block in inner.invars
    ]
    assert all(math.prod(block.aval.shape) < whole for block in blocks), (
        "Inside `shard_map` each device is given the whole X. Its place in `in_specs` should be "
        '`P("batch")`.'
    )


@data_parallel_gradient.property("you write the sum across devices yourself")
def _(answer, rng):
    names = {one.primitive.name for one in _program(answer).equations}
    assert names & {"psum", "psum_invariant", "psum2"}, (
        "No sum crosses the devices where you say so: use `jax.lax.psum` or `jax.lax.pmean` with the "
        "name of the mesh axis."
    )


@data_parallel_gradient.property("the compiled program has exactly one sum across devices")
def _(answer, rng):
    count = _program(answer).all_reduces
    assert count == 1, (
        f"The compiled program has {count} all-reduces; expected 1. One message between the devices "
        "is enough: that of the gradient."
    )


@data_parallel_gradient.mistake(
    "Your gradient is 8 times too large: it is the *sum* of the eight devices' means, and their "
    "mean is asked (`jax.lax.pmean`). If you use `jax.grad` inside `shard_map`: differentiating by "
    "a w that all devices share has summed already."
)
def sum_of_means(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.psum(X.T @ (X @ w - y) / len(y), "batch")

    return _in_parallel(on_one_device)(w, X, y)


@data_parallel_gradient.mistake(
    "Your gradient is 8 times too large, and there are two sums across devices. `jax.grad` inside "
    "`shard_map`, by a w that all devices share, has summed already, and `pmean` of equal "
    "numbers changes nothing. Write the gradient by its formula, or make w each device's own first: "
    '`jax.lax.pcast(w, "batch", to="varying")`.'
)
def summed_twice(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.pmean(jax.grad(_loss)(w, X, y), "batch")

    return _in_parallel(on_one_device)(w, X, y)


@data_parallel_gradient.mistake(
    "You summed over all examples and did not divide by their number: the loss is a mean."
)
def not_divided(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.psum(X.T @ (X @ w - y), "batch")

    return _in_parallel(on_one_device)(w, X, y)


@data_parallel_gradient.mistake(
    "You divided the sum over all examples by the number of devices. That is right if each holds "
    "one example; here each holds three, and the number of *examples* is asked."
)
def divided_by_devices(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.psum(X.T @ (X @ w - y), "batch") / DEVICES

    return _in_parallel(on_one_device)(w, X, y)


@data_parallel_gradient.mistake(
    "The devices do not talk to each other: you get the gradient of the first device's examples "
    "only. JAX warns of this unless you switch `check_vma` off."
)
def own_share_only(w, X, y):
    return _in_parallel(jax.grad(_loss), check_vma=False)(w, X, y)


@data_parallel_gradient.mistake(
    "Without a sum, each device has another result, and `out_specs=P()` claims that all have the "
    "same. JAX refuses to believe it: sum across the devices with `jax.lax.psum` first."
)
def refused_without_sum(w, X, y):
    return _in_parallel(lambda w, X, y: X.T @ (X @ w - y) / len(y))(w, X, y)


@data_parallel_gradient.mistake(
    "The sign is wrong: the gradient of half (X w - y)² is Xᵀ(X w - y)."
)
def negated(w, X, y):
    return -_data_parallel_gradient(w, X, y)


@data_parallel_gradient.mistake(
    "Your gradient is twice what is asked: the loss here is *half* the mean of the squares."
)
def without_the_half(w, X, y):
    return 2 * _data_parallel_gradient(w, X, y)


@data_parallel_gradient.mistake(
    "The number is right, but nothing shares the work: it is the gradient on one device. Let "
    "`jax.shard_map` give each device its own examples."
)
def on_a_single_device(w, X, y):
    return jax.grad(_loss)(w, X, y)


@data_parallel_gradient.mistake(
    "The number is right, and the compiler put the sum in. Here, say it yourself, in `shard_map`."
)
def left_to_the_compiler(w, X, y):
    cut = _cut_along("batch")
    placed = jax.lax.with_sharding_constraint((X, y), (cut, cut))
    return jax.lax.with_sharding_constraint(jax.grad(_loss)(w, *placed), _cut_along())


@data_parallel_gradient.mistake(
    "Every device is given the whole batch and does all the work. Let `in_specs` cut X and y: "
    '`P("batch")`.'
)
def whole_batch_everywhere(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.pmean(X.T @ (X @ w - y) / len(y), "batch")

    return _in_parallel(on_one_device, cut_along=None)(w, X, y)


@data_parallel_gradient.mistake(
    "You gather the gradients of all devices and average them on each. One `jax.lax.pmean` does it, "
    "and sends less."
)
def gathered(w, X, y):
    def on_one_device(w, X, y):
        own = X.T @ (X @ w - y) / len(y)
        return jax.lax.all_gather(own, "batch").mean(axis=0)

    return _in_parallel(on_one_device, check_vma=False)(w, X, y)


@data_parallel_gradient.alternative
def mean_of_means(w, X, y):
    def on_one_device(w, X, y):
        residuals = jnp.einsum("nd,d->n", X, w) - y
        return jax.lax.pmean(jnp.mean(residuals[:, None] * X, axis=0), "batch")

    return _in_parallel(on_one_device)(w, X, y)


@data_parallel_gradient.alternative
def by_grad_of_own_copy(w, X, y):
    def on_one_device(w, X, y):
        own_w = jax.lax.pcast(w, "batch", to="varying")
        return jax.lax.pmean(jax.grad(_loss)(own_w, X, y), "batch")

    return _in_parallel(on_one_device)(w, X, y)


@data_parallel_gradient.alternative
def by_grad_unchecked(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.pmean(jax.grad(_loss)(w, X, y), "batch")

    return _in_parallel(on_one_device, check_vma=False)(w, X, y)


@data_parallel_gradient.alternative
def grad_from_outside(w, X, y):
    loss = _in_parallel(lambda w, X, y: jax.lax.pmean(_loss(w, X, y), "batch"))
    return jax.grad(loss)(w, X, y)


@data_parallel_gradient.alternative
@jax.jit
def sums_and_counts(w, X, y):
    def on_one_device(w, X, y):
        total = jax.lax.psum(X.T @ (X @ w - y), "batch")
        return total / jax.lax.psum(len(y), "batch")

    return _in_parallel(on_one_device)(w, X, y)
