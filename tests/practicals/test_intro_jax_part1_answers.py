"""The checks of J1.1 to J1.15, tried on answers of people who did not read them.

Beside what the exercises list themselves, there are wrong answers that nobody listed, which must be
rejected, and right ones in other styles, which must pass.
"""

import functools
import logging
import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from mazoezi.course._judge import judge
from mazoezi.course._judge_words import options_of, right_option
from mazoezi.course._markers import solution_of
from mazoezi.course._namespace import Namespace
from mazoezi.course._practical import find_practical
from mazoezi.practicals.intro_jax.exercises import (
    cosine_curve,
    data_parallel_gradient,
    gram_sharded,
    loss_and_parts,
    pairwise_sqdist,
    relu,
    relu_of_a_number,
    running_mean,
    set_border,
    slope_by_hand,
    third_by_hand,
    three_samples,
    tracing_microscope,
)
from mazoezi.practicals.intro_jax.microscope import CASES, Microscope, measure

pytestmark = pytest.mark.slow  # some hundred answers, most of which compile something

CODE = {
    exercise.id: exercise
    for exercise in (
        cosine_curve,
        relu_of_a_number,
        relu,
        three_samples,
        set_border,
        running_mean,
        pairwise_sqdist,
        loss_and_parts,
        gram_sharded,
        data_parallel_gradient,
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


@functools.cache
def practical():
    return find_practical("intro-jax")


@functools.cache
def namespace() -> Namespace:
    return Namespace(practical())


def verdict_on(exercise: str, answer: Any):
    return judge(practical().exercises[exercise], CODE[exercise], answer)


def _names(pairs: list[tuple[str, Callable]]) -> list[str]:
    return [
        f"{exercise}-{getattr(function, '__name__', 'partial')}" for exercise, function in pairs
    ]


# --- what the exercises list ---------------------------------------------------------------------

LISTED_RIGHT = [(e.id, f) for e in CODE.values() for f in (e.reference, *e.alternatives)]
LISTED_WRONG = [(e.id, m) for e in CODE.values() for m in e.mistakes]


@pytest.mark.parametrize(("exercise", "answer"), LISTED_RIGHT, ids=_names(LISTED_RIGHT))
def test_a_reference_or_alternative_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, verdict.message
    assert all(verdict.notes)


@pytest.mark.parametrize(
    ("exercise", "mistake"), LISTED_WRONG, ids=[f"{id}-{m.id}" for id, m in LISTED_WRONG]
)
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_a_mistake_is_rejected_and_diagnosed_as_itself(exercise, mistake, capsys):
    verdict = verdict_on(exercise, mistake.function)
    assert verdict.verdict in ("failed", "errored")
    assert verdict.mistake == mistake.id
    assert verdict.advice == mistake.advice
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("exercise", CODE)
def test_an_unfilled_stub_is_not_attempted(exercise):
    text = practical().exercises[exercise]
    assert verdict_on(exercise, namespace().answer(text, text.stub)).verdict == "not attempted"


@pytest.mark.parametrize("exercise", CODE)
def test_the_practicals_own_solution_passes(exercise):
    text = practical().exercises[exercise]
    verdict = verdict_on(exercise, namespace().answer(text, solution_of(text.solution)))
    assert verdict.passed, verdict.message


@pytest.mark.parametrize("exercise", CODE)
def test_a_number_instead_of_a_function_is_told_so(exercise):
    verdict = verdict_on(exercise, 3.0)
    assert verdict.category == "signature"
    assert "Expected the function" in verdict.message


# --- J1.1 ----------------------------------------------------------------------------------------


@wrong("J1.1")
def twice_the_frequency(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, jnp.cos(2 * x)


@wrong("J1.1")
def negative_cosine(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, -jnp.cos(x)


@wrong("J1.1")
def falling_x(n=100):
    x = jnp.linspace(jnp.pi, -jnp.pi, n)
    return x, jnp.cos(x)


@wrong("J1.1")
def unevenly_spaced(n=100):
    x = jnp.linspace(-1, 1, n) ** 3 * jnp.pi
    return x, jnp.cos(x)


@wrong("J1.1")
def half_the_range(n=100):
    x = jnp.linspace(-jnp.pi / 2, jnp.pi / 2, n)
    return x, jnp.cos(x)


@wrong("J1.1")
def one_array_of_pairs(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return jnp.stack([x, jnp.cos(x)], axis=1)


@wrong("J1.1")
def columns(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)[:, None]
    return x, jnp.cos(x)


@wrong("J1.1")
def plain_lists(n=100):
    x = [-math.pi + 2 * math.pi * i / (n - 1) for i in range(n)]
    return x, [math.cos(value) for value in x]


@wrong("J1.1")
def steps_of_a_tenth(n=100):
    x = jnp.arange(-jnp.pi, jnp.pi, 0.1)
    return x, jnp.cos(x)


@wrong("J1.1")
def another_default(n=50):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, jnp.cos(x)


@wrong("J1.1")
def cosine_of_numpy(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, np.cos(x)


@wrong("J1.1")
def hyperbolic(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, jnp.cosh(x)


@wrong("J1.1")
def half_precision(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n, dtype=jnp.float16)
    return x, jnp.cos(x)


@wrong("J1.1")
def sine_by_parts(n=100):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, jnp.sqrt(1 - jnp.sin(x) ** 2)


@right("J1.1")
def by_arange(n=100):
    step = 2 * np.pi / (n - 1)
    x = jnp.arange(n) * step - jnp.pi
    return (x, jnp.cos(x))


@right("J1.1")
def by_comprehension(n=100):
    x = [-math.pi + 2 * math.pi * i / (n - 1) for i in range(n)]
    return jnp.array(x), jnp.array([math.cos(value) for value in x])


@right("J1.1")
@functools.partial(jax.jit, static_argnums=0)
def compiled_curve(n=100):
    x = jnp.linspace(start=-jnp.pi, stop=jnp.pi, num=n)
    return x, jnp.cos(x)


@right("J1.1")
def by_complex_numbers(n=100, low=-jnp.pi, high=jnp.pi):
    x = jnp.linspace(low, high, n)
    return x, jnp.exp(1j * x).real


@right("J1.1")
def by_mapping(n=100):
    x = jnp.linspace(-np.pi, np.pi, n)
    return x, jax.vmap(jnp.cos)(x)


# --- J1.8 ----------------------------------------------------------------------------------------


@wrong("J1.8")
def first_twice(key):
    first, second = jr.split(key)
    return jnp.stack([jr.normal(first), jr.normal(first), jr.normal(second)])


@wrong("J1.8")
def drawn_then_split(key):
    drawn = jr.normal(key)
    first, second = jr.split(key)
    return jnp.stack([drawn, jr.normal(first), jr.normal(second)])


@wrong("J1.8")
def two_of_three_inside(key):
    return jnp.stack([jr.normal(key), jr.normal(jr.key(1)), jr.normal(jr.key(2))])


@wrong("J1.8")
def opposite_signs(key):
    first, second = jr.normal(key, (2,))
    return jnp.stack([first, -first, second])


@wrong("J1.8")
def a_sum_of_the_others(key):
    first, second = jr.normal(key, (2,))
    return jnp.stack([first, second, (first + second) / jnp.sqrt(2)])


@wrong("J1.8")
def scaled(key):
    return 2 * jr.normal(key, (3,))


@wrong("J1.8")
def shifted(key):
    return jr.normal(key, (3,)) + 1


@wrong("J1.8")
def sorted_samples(key):
    return jnp.sort(jr.normal(key, (3,)))


@wrong("J1.8")
def uniform_of_variance_one(key):
    return jr.uniform(key, (3,), minval=-jnp.sqrt(3.0), maxval=jnp.sqrt(3.0))


@wrong("J1.8")
def signs(key):
    return jr.rademacher(key, (3,), dtype=jnp.float32)


@wrong("J1.8")
def cut_off(key):
    return jr.truncated_normal(key, -1.5, 1.5, (3,))


@wrong("J1.8")
def same_size_other_sign(key):
    size_key, sign_key = jr.split(key)
    return jr.normal(size_key) * jr.rademacher(sign_key, (3,))


@wrong("J1.8")
def four_of_them(key):
    return jax.vmap(jr.normal)(jr.split(key, 4))


@wrong("J1.8")
def a_column(key):
    return jr.normal(key, (3, 1))


@wrong("J1.8")
def whole_numbers(key):
    return jr.randint(key, (3,), -3, 4)


@wrong("J1.8")
def numpy_seeded_by_the_key(key):
    seed = np.asarray(jr.key_data(key))
    return jnp.asarray(np.random.default_rng(seed).normal(size=3), jnp.float32)


@wrong("J1.8")
def numpy_with_a_fixed_seed(key):
    return jnp.asarray(np.random.default_rng(0).normal(size=3), jnp.float32)


@wrong("J1.8")
def counting_calls(key, calls=[]):  # noqa: B006
    calls.append(0)
    return jr.normal(jr.fold_in(key, len(calls)), (3,))


@right("J1.8")
def by_children(key):
    return jnp.array([jr.normal(child) for child in jr.split(key, 3)])


@right("J1.8")
def split_twice(key):
    first, rest = jr.split(key)
    second, third = jr.split(rest)
    return jnp.stack([jr.normal(k) for k in (first, second, third)])


@right("J1.8")
@jax.jit
def compiled_samples(key):
    return jax.lax.map(jr.normal, jr.split(key, 3))


@right("J1.8")
def one_more_key_than_needed(key):
    keys = jr.split(key, num=4)
    return jnp.concatenate([jr.normal(keys[i], shape=(1,)) for i in range(1, 4)])


@right("J1.8")
def standardised_gaussian(key):
    return jr.multivariate_normal(key, jnp.zeros(3), jnp.eye(3))


RIGHT.append(("J1.8", functools.partial(jr.normal, shape=(3,))))


# --- J1.9 ----------------------------------------------------------------------------------------


@wrong("J1.9")
def without_the_last_row(x, value):
    return x.at[0].set(value).at[:, 0].set(value).at[:, -1].set(value)


@wrong("J1.9")
def second_last(x, value):
    return x.at[0].set(value).at[-2].set(value).at[:, 0].set(value).at[:, -2].set(value)


@wrong("J1.9")
def index_of_the_other_axis(x, value):
    m, n = x.shape
    return x.at[0].set(value).at[n - 1].set(value).at[:, 0].set(value).at[:, m - 1].set(value)


@wrong("J1.9")
def border_of_two(x, value):
    return x.at[:2].set(value).at[-2:].set(value).at[:, :2].set(value).at[:, -2:].set(value)


@wrong("J1.9")
def filled(x, value):
    return jnp.full_like(x, value)


@wrong("J1.9")
def multiplied(x, value):
    mask = jnp.ones(x.shape, x.dtype).at[1:-1, 1:-1].set(0)
    return x * (1 - mask) + mask * x * jnp.asarray(value, x.dtype)


@wrong("J1.9")
def always_zero(x, value):
    return x.at[0].set(0).at[-1].set(0).at[:, 0].set(0).at[:, -1].set(0)


@wrong("J1.9")
def always_floating_point(x, value):
    inside = jnp.pad(jnp.ones(jnp.array(x.shape) - 2), 1) if min(x.shape) > 1 else 0.0
    return jnp.where(inside > 0, x.astype(float), value)


@wrong("J1.9")
def mutated_numpy(x, value):
    x = np.array(x)
    x[[0, -1]] = value
    x[:, [0, -1]] = value
    return x


@wrong("J1.9")
def refuses_a_single_row(x, value):
    inner = jnp.zeros((x.shape[0] - 2, x.shape[1] - 2), bool)
    return jnp.where(jnp.pad(inner, 1, constant_values=True), value, x).astype(x.dtype)


@wrong("J1.9")
def minimum_instead_of_set(x, value):
    rows = x.at[0].min(value).at[-1].min(value)
    return rows.at[:, 0].min(value).at[:, -1].min(value)


@wrong("J1.9")
@functools.partial(jax.jit, donate_argnums=0)
def donating(x, value):
    return x.at[0].set(value).at[-1].set(value).at[:, 0].set(value).at[:, -1].set(value)


@wrong("J1.9")
def transposed_result(x, value):
    return set_border.reference(x.T, value)


@right("J1.9")
def one_after_the_other(x, value):
    x = x.at[0, :].set(value)
    x = x.at[x.shape[0] - 1, :].set(value)
    x = x.at[:, 0].set(value)
    x = x.at[:, x.shape[1] - 1].set(value)
    return x


@right("J1.9")
def by_where(x, value):
    rows, columns = jnp.indices(x.shape)
    outer = (rows % (x.shape[0] - 1 or 1) == 0) | (columns % (x.shape[1] - 1 or 1) == 0)
    return jnp.where(outer, jnp.asarray(value, x.dtype), x)


@right("J1.9")
@jax.jit
def by_loops(x, value):
    def set_row(i, x):
        return x.at[i, 0].set(value).at[i, -1].set(value)

    x = jax.lax.fori_loop(0, x.shape[0], set_row, x)
    return x.at[jnp.array([0, -1])].set(value)


@right("J1.9")
def by_select(x, value):
    inside = jnp.zeros_like(x, dtype=bool).at[1:-1, 1:-1].set(True)
    return jax.lax.select(inside, x, jnp.full_like(x, value))


@right("J1.9")
def by_dynamic_slice(x, value, *, width=1):
    inside = x[width:-width, width:-width]
    return jax.lax.dynamic_update_slice(jnp.full_like(x, value), inside, (width, width))


# --- J1.2 ----------------------------------------------------------------------------------------


@wrong("J1.2")
def leak_between_minus_one_and_zero(x):
    return 0 if x <= -1 else x


@wrong("J1.2")
def tiny_threshold(x):
    return x if x > 1e-9 else 0.0


@wrong("J1.2")
def tiny_leak(x):
    return 0.0 if x < -1e-9 else x


@wrong("J1.2")
def capped_at_six(x):
    return min(max(x, 0.0), 6.0)


@wrong("J1.2")
def smooth(x):
    return math.log1p(math.exp(-abs(x))) + max(x, 0.0)


@wrong("J1.2")
def rounded(x):
    return round(max(x, 0.0), 2)


@wrong("J1.2")
def truncated(x):
    return int(x) if x > 0 else 0


@wrong("J1.2")
def smaller(x):
    return min(0, x)


@wrong("J1.2")
def as_text(x):
    return str(x) if x > 0 else "0"


@wrong("J1.2")
def in_a_list(x):
    return [max(0, x)]


@wrong("J1.2")
def exponential(x):
    return x if x > 0 else math.exp(x) - 1


@wrong("J1.2")
def one_at_zero(x):
    return x if x > 0 else 1.0 if x == 0 else 0.0


@right("J1.2")
def early_return(x):
    if x <= 0:
        return 0
    return x


@right("J1.2")
def by_match(x):
    match x > 0:
        case True:
            return x
        case _:
            return 0.0


@right("J1.2")
def by_numpy(x):
    return np.maximum(0, x)


@right("J1.2")
def by_library(x):
    return jax.nn.relu(x)


RIGHT.append(("J1.2", lambda x: (x, 0.0)[x <= 0]))
RIGHT.append(("J1.2", functools.partial(max, 0.0)))


# --- J1.3 ----------------------------------------------------------------------------------------


@wrong("J1.3")
def leak_below_zero(x):
    return jnp.where(x > -1, x, 0)


@wrong("J1.3")
def with_a_threshold(x):
    return jnp.where(x > 0.005, x, 0)


@wrong("J1.3")
def capped_at_a_million(x):
    return jnp.where(x > 1e6, x * 0 + x.astype(jnp.float16), jnp.maximum(x, 0)).astype(x.dtype)


@wrong("J1.3")
def capped(x):
    return jnp.clip(x, 0, 1)


@wrong("J1.3")
def conditions_in_python(x):
    return jnp.array([0 if value < 0 else value for value in x.ravel()]).reshape(x.shape)


@wrong("J1.3")
def by_numpy_where(x):
    return np.where(x > 0, x, 0)


@wrong("J1.3")
def gelu(x):
    return jax.nn.gelu(x).astype(x.dtype)


@wrong("J1.3")
def always_single_precision(x):
    return jnp.maximum(x, 0).astype(jnp.float32)


@wrong("J1.3")
def at_least_one_axis(x):
    return jnp.maximum(jnp.atleast_1d(x), 0)


@wrong("J1.3")
def only_positive_entries(x):
    return x[x > 0]


@wrong("J1.3")
def by_item(x):
    return x if x.item() > 0 else x * 0


@wrong("J1.3")
def straight_through(x):
    return x + jax.lax.stop_gradient(jnp.maximum(x, 0) - x)


@wrong("J1.3")
def through_whole_numbers(x):
    bits = jax.lax.stop_gradient(x)
    return jnp.where(bits > 0, bits, jnp.zeros_like(bits))


@wrong("J1.3")
def by_root_of_square(x):
    return ((x + jnp.sqrt(x**2)) / 2).astype(x.dtype)


@wrong("J1.3")
def by_exponents(x):
    return jnp.exp(jnp.log(x)) * (x > 0)


@wrong("J1.3")
def sum_of_the_positive(x):
    return jnp.sum(jnp.where(x > 0, x, 0))


@wrong("J1.3")
def in_a_tuple(x):
    return (jnp.maximum(x, 0),)


@right("J1.3")
def where_with_zeros(x):
    return jnp.where(jnp.greater(x, 0), x, jnp.zeros_like(x))


@right("J1.3")
def lax_max(x):
    return jax.lax.max(x, jnp.array(0, dtype=x.dtype))


@right("J1.3")
@jax.jit
def select_compiled(x):
    return jnp.select([x > 0], [x], default=0)


@right("J1.3")
def piecewise(x):
    return jnp.piecewise(x, [x > 0], [lambda v: v, 0])


@right("J1.3")
def negative_minimum(x):
    return -jnp.minimum(-x, 0)


@right("J1.3")
def with_a_default(x, zero=0):
    return jnp.where(x < zero, zero, x)


RIGHT.append(("J1.3", jax.nn.relu))
RIGHT.append(("J1.3", functools.partial(jnp.maximum, 0)))


# --- J1.10 ---------------------------------------------------------------------------------------

total_so_far = [0.0, 0]
offset = 0.0
scale = 1.0


@wrong("J1.10")
def list_in_a_default(state, x, scale, readings=[]):  # noqa: B006
    readings.append(scale * x)
    mean = sum(readings) / len(readings)
    return (len(readings), mean), mean


@wrong("J1.10")
def total_in_a_global_list(state, x, scale):
    total_so_far[0] += scale * x
    total_so_far[1] += 1
    mean = total_so_far[0] / total_so_far[1]
    return (total_so_far[1], mean), mean


@wrong("J1.10")
def on_the_function(state, x, scale):
    count = getattr(on_the_function, "count", 0) + 1
    on_the_function.__dict__["count"] = count
    mean = state[1] + (scale * x - state[1]) / count
    return (count, mean), mean


@wrong("J1.10")
def remembers_the_last_reading(state, x, scale):
    global offset
    offset = x
    return running_mean.reference(state, x, scale)


@wrong("J1.10")
def moving_average(state, x, scale):
    count, mean = state
    mean = 0.9 * mean + 0.1 * scale * x
    return (count + 1, mean), mean


@wrong("J1.10")
def mean_of_the_last_two(state, x, scale):
    count, mean = state
    mean = (mean + scale * x) / 2
    return (count + 1, mean), mean


@wrong("J1.10")
def old_mean_returned(state, x, scale):
    new_state, _ = running_mean.reference(state, x, scale)
    return new_state, state[1]


@wrong("J1.10")
def scaled_twice(state, x, scale):
    return running_mean.reference(state, scale * x, scale)


@wrong("J1.10")
def plus_scale(state, x, scale):
    return running_mean.reference(state, x + scale - 1, 1.0)


@wrong("J1.10")
def one_too_many(state, x, scale):
    count, mean = state
    mean = (mean * count + scale * x) / (count + 2)
    return (count + 1, mean), mean


@wrong("J1.10")
def python_numbers(state, x, scale):
    count, mean = int(state[0]) + 1, float(state[1])
    mean = mean + (float(scale) * float(x) - mean) / count
    return (count, mean), mean


@wrong("J1.10")
def branching(state, x, scale):
    if state[0] == 0:
        return (1, scale * x), scale * x
    return running_mean.reference(state, x, scale)


@wrong("J1.10")
def in_the_other_order(state, x, scale):
    state, mean = running_mean.reference(state, x, scale)
    return mean, state


@wrong("J1.10")
def state_swapped(state, x, scale):
    (count, mean), out = running_mean.reference(state, x, scale)
    return (mean, count), out


@wrong("J1.10")
def prints_when_done(state, x, scale):
    result = running_mean.reference(state, x, scale)
    print("mean", result[1])
    return result


@wrong("J1.10")
def whole_division(state, x, scale):
    count, mean = state
    mean = (mean * count + scale * x) // (count + 1)
    return (count + 1, mean), mean


@wrong("J1.10")
def ignores_the_old_mean(state, x, scale):
    return (state[0] + 1, scale * x), scale * x


@right("J1.10")
def by_index(state, x, scale):
    n = state[0] + 1
    m = state[1] * (1 - 1 / n) + scale * x / n
    return (n, m), m


@right("J1.10")
def unpacked_in_the_signature(state, x, scale=1.0):
    (count, mean) = state
    reading = jnp.multiply(scale, x)
    new = jnp.divide(count * mean + reading, count + 1)
    return (count + 1, new), new


@right("J1.10")
def by_where_on_the_count(state, x, scale):
    count, mean = state
    new = jnp.where(count == 0, scale * x, mean + (scale * x - mean) / (count + 1))
    return (count + 1, new), new


@right("J1.10")
def with_a_helper(state, x, scale):
    def moved(mean, target, share):
        return mean + share * (target - mean)

    count, mean = state
    mean = moved(mean, x * scale, 1 / (count + 1))
    return (1 + count, mean), mean


@right("J1.10")
def with_debug_print(state, x, scale):
    jax.debug.callback(lambda x: None, x)
    return running_mean.reference(state, x, scale)


RIGHT.append(("J1.10", jax.jit(running_mean.reference)))


# --- J1.11 ---------------------------------------------------------------------------------------


def _sqdist(x, y):
    return jnp.sum((x - y) ** 2)


@wrong("J1.11")
def one_loop(X, Y):
    return jnp.stack([jax.vmap(_sqdist, (None, 0))(x, Y) for x in X])


@wrong("J1.11")
def other_loop(X, Y):
    return jnp.stack([jax.vmap(_sqdist, (0, None))(X, y) for y in Y], axis=1)


@wrong("J1.11")
def only_the_first_coordinate(X, Y):
    return (X[:, None, 0] - Y[None, :, 0]) ** 2


@wrong("J1.11")
def forgotten_cross_term(X, Y):
    return (X**2).sum(1)[:, None] + (Y**2).sum(1)[None]


@wrong("J1.11")
def single_cross_term(X, Y):
    return (X**2).sum(1)[:, None] + (Y**2).sum(1)[None] - X @ Y.T


@wrong("J1.11")
def sum_of_the_points(X, Y):
    return ((X[:, None] + Y[None]) ** 2).sum(-1)


@wrong("J1.11")
def largest_difference(X, Y):
    return jnp.abs(X[:, None] - Y[None]).max(-1) ** 2


@wrong("J1.11")
def flattened(X, Y):
    return pairwise_sqdist.reference(X, Y).ravel()


@wrong("J1.11")
def against_itself(X, Y):
    return pairwise_sqdist.reference(X, X)


@wrong("J1.11")
def through_the_norm(X, Y):
    return jnp.linalg.norm(X[:, None] - Y[None], axis=-1)


@wrong("J1.11")
def half_of_it(X, Y):
    return 0.5 * pairwise_sqdist.reference(X, Y)


@wrong("J1.11")
def in_numpy(X, Y):
    return ((np.asarray(X)[:, None] - np.asarray(Y)[None]) ** 2).sum(-1)


@wrong("J1.11")
def diagonal_removed(X, Y):
    return pairwise_sqdist.reference(X, Y) * (1 - jnp.eye(len(X), len(Y)))


@wrong("J1.11")
def axis_of_the_points(X, Y):
    return ((X[:, None] - Y[None]) ** 2).sum(1)


@right("J1.11")
def by_lambda_and_norm(X, Y):
    return jax.vmap(lambda x: jnp.linalg.norm(x - Y, axis=1) ** 2)(X)


@right("J1.11")
def by_einsum(X, Y):
    difference = X[:, None] - Y
    return jnp.einsum("nmd,nmd->nm", difference, difference)


@right("J1.11")
def by_vectorize(X, Y):
    return jnp.vectorize(_sqdist, signature="(d),(d)->()")(X[:, None], Y[None])


@right("J1.11")
@jax.jit
def by_scan(X, Y):
    def row(carry, x):
        return carry, jax.vmap(_sqdist, in_axes=(None, 0))(x, Y)

    return jax.lax.scan(row, None, X)[1]


@right("J1.11")
def by_transposing(X, Y):
    return jax.vmap(jax.vmap(_sqdist, (0, None)), (None, 0))(X, Y).T


@right("J1.11")
def by_products(X, Y):
    return -2 * X @ Y.T + jnp.square(X).sum(1, keepdims=True) + jnp.square(Y).sum(1)


RIGHT.append(("J1.11", jax.vmap(jax.vmap(_sqdist, (None, 0)), (0, None))))


# --- J1.12 ---------------------------------------------------------------------------------------


def _residuals(w, b, X, y):
    return X @ w + b - y


@wrong("J1.12")
def other_half_missing(w, b, X, y):
    r = _residuals(w, b, X, y)
    return jnp.mean(r**2), (X.T @ r / len(y), r.mean()), r


@wrong("J1.12")
def gradient_of_the_residuals(w, b, X, y):
    loss, _, r = loss_and_parts.reference(w, b, X, y)
    return loss, jax.jacobian(_residuals, argnums=(0, 1))(w, b, X, y), r


@wrong("J1.12")
def gradient_by_the_data(w, b, X, y):
    loss, _, r = loss_and_parts.reference(w, b, X, y)
    return loss, jax.grad(lambda *a: loss_and_parts.reference(*a)[0], argnums=(2, 3))(w, b, X, y), r


@wrong("J1.12")
def absolute_loss(w, b, X, y):
    r = _residuals(w, b, X, y)
    return jnp.abs(r).mean() / 2, (X.T @ r / len(y), r.mean()), r


@wrong("J1.12")
def predictions_returned(w, b, X, y):
    loss, gradients, _ = loss_and_parts.reference(w, b, X, y)
    return loss, gradients, X @ w + b


@wrong("J1.12")
def gradient_not_averaged(w, b, X, y):
    loss, _, r = loss_and_parts.reference(w, b, X, y)
    return loss, (X.T @ r, r.sum()), r


@wrong("J1.12")
def divided_by_features(w, b, X, y):
    r = _residuals(w, b, X, y)
    d = X.shape[1]
    return (r**2).sum() / (2 * d), (X.T @ r / d, r.sum() / d), r


@wrong("J1.12")
def sign_of_the_gradient(w, b, X, y):
    loss, (grad_w, grad_b), r = loss_and_parts.reference(w, b, X, y)
    return loss, (-grad_w, -grad_b), r


@wrong("J1.12")
def bias_gradient_per_example(w, b, X, y):
    loss, (grad_w, _), r = loss_and_parts.reference(w, b, X, y)
    return loss, (grad_w, r / len(y)), r


@wrong("J1.12")
def gradients_in_a_dictionary(w, b, X, y):
    loss, (grad_w, grad_b), r = loss_and_parts.reference(w, b, X, y)
    return loss, {"w": grad_w, "b": grad_b}, r


@wrong("J1.12")
def concrete_loss(w, b, X, y):
    loss, gradients, r = loss_and_parts.reference(w, b, X, y)
    return float(loss), gradients, r


@wrong("J1.12")
def residuals_of_a_step_later(w, b, X, y):
    loss, (grad_w, grad_b), _ = loss_and_parts.reference(w, b, X, y)
    return loss, (grad_w, grad_b), _residuals(w - grad_w, b - grad_b, X, y)


@wrong("J1.12")
def square_root_of_the_loss(w, b, X, y):
    def loss(w, b):
        r = _residuals(w, b, X, y)
        return jnp.sqrt(jnp.mean(r**2)) / 2, r

    (value, r), gradients = jax.value_and_grad(loss, (0, 1), has_aux=True)(w, b)
    return value, gradients, r


@wrong("J1.12")
def columns_by_broadcasting(w, b, X, y):
    r = X @ w[:, None] + b - y
    return jnp.mean(r**2) / 2, (X.T @ r, r.mean()), r


@right("J1.12")
def with_a_dictionary(w, b, X, y):
    def loss(params):
        r = X @ params["w"] + params["b"] - y
        return 0.5 * jnp.mean(jnp.square(r)), r

    (value, r), grads = jax.value_and_grad(loss, has_aux=True)({"w": w, "b": b})
    return value, (grads["w"], grads["b"]), r


@right("J1.12")
def by_vjp(w, b, X, y):
    r, pull_back = jax.vjp(lambda w, b: _residuals(w, b, X, y), w, b)
    return jnp.vdot(r, r) / (2 * r.size), pull_back(r / r.size), r


@right("J1.12")
def averaged_over_examples(w, b, X, y):
    def one(w, b, x, y):
        r = jnp.dot(x, w) + b - y
        return r**2 / 2, r

    both = jax.value_and_grad(one, argnums=(0, 1), has_aux=True)
    (losses, r), grads = jax.vmap(both, in_axes=(None, None, 0, 0))(w, b, X, y)
    return losses.mean(), tuple(g.mean(axis=0) for g in grads), r


@right("J1.12")
@jax.jit
def compiled_parts(w, b, X, y):
    r = jnp.sum(X * w, axis=1) + b - y
    return jnp.sum(r**2) / (2 * len(r)), (jnp.mean(X * r[:, None], 0), jnp.mean(r)), r


@right("J1.12")
def with_has_aux_only(w, b, X, y):
    def loss(w, b):
        r = _residuals(w, b, X, y)
        value = jnp.mean(r * r) * 0.5
        return value, (value, r)

    grads, (value, r) = jax.grad(loss, argnums=[0, 1], has_aux=True)(w, b)
    return value, tuple(grads), r


# --- J1.13 and J1.15 -----------------------------------------------------------------------------


@functools.cache
def mesh() -> Mesh:
    return Mesh(np.array(jax.devices()), ("batch",))


@functools.cache
def explicit_mesh() -> Mesh:
    return jax.make_mesh((8,), ("batch",))


def along(*axes: str | None) -> NamedSharding:
    return NamedSharding(mesh(), P(*axes))


@jax.jit
@jax.vmap
def gram(matrix):
    return matrix @ matrix.T


@wrong("J1.13")
def cut_along_the_columns(mats):
    return gram(jax.device_put(mats, along(None, None, "batch")))


@wrong("J1.13")
def on_two_devices(mats):
    two = Mesh(np.array(jax.devices()[:2]), ("batch",))
    return gram(jax.device_put(mats, NamedSharding(two, P("batch"))))


@wrong("J1.13")
def gathered_at_the_end(mats):
    return jax.device_put(gram(jax.device_put(mats, along("batch"))), along())


@wrong("J1.13")
def fetched_at_the_end(mats):
    return np.asarray(gram(jax.device_put(mats, along("batch"))))


@wrong("J1.13")
def to_one_device_at_the_end(mats):
    return jax.device_put(gram(jax.device_put(mats, along("batch"))), jax.devices()[0])


@wrong("J1.13")
def rejoined_on_the_host(mats):
    return jnp.stack([gram(mats[i : i + 1])[0] for i in range(len(mats))])


@wrong("J1.13")
def mapped_in_pieces(mats):
    parts = [gram(jax.device_put(part, d)) for part, d in zip(mats, jax.devices(), strict=False)]
    return parts


@wrong("J1.13")
def new_lambda_each_time(mats):
    return jax.jit(lambda m: m @ m.mT)(jax.device_put(mats, along("batch")))


@wrong("J1.13")
def elementwise_squares(mats):
    return jax.device_put(mats, along("batch")) ** 2


@wrong("J1.13")
def scaled_products(mats):
    placed = jax.device_put(mats, along("batch"))
    return gram(placed) / mats.shape[-1]


@wrong("J1.13")
def neighbours(mats):
    placed = jax.device_put(mats, along("batch"))
    return jnp.einsum("bpq,brq->bpr", placed, jnp.roll(placed, 1, axis=0))


@wrong("J1.13")
def in_the_wrong_order(mats):
    return gram(jax.device_put(mats[::-1], along("batch")))


@wrong("J1.13")
def multiplied_first(mats):
    products = jnp.einsum("bpq,brq->bpr", mats, mats)
    return jax.lax.with_sharding_constraint(products, along("batch"))


@wrong("J1.13")
def the_first_eight(mats):
    return gram(jax.device_put(mats[:8], along("batch")))


@right("J1.13")
def with_the_other_kind_of_mesh(mats):
    return gram(jax.device_put(mats, NamedSharding(explicit_mesh(), P("batch"))))


@right("J1.13")
def eagerly(mats):
    placed = jax.device_put(mats, device=along("batch"))
    return jnp.matmul(placed, placed.transpose(0, 2, 1))


@functools.cache
def _gram_with_input_sharding():
    return jax.jit(jax.vmap(lambda m: m @ m.T), in_shardings=along("batch"))


@right("J1.13")
def by_input_sharding(mats):
    return _gram_with_input_sharding()(mats)


@wrong("J1.13")  # inside `jit` a placement does not bind the result: it is replicated
@jax.jit
def placed_while_traced(mats):
    return jax.vmap(lambda m: jnp.einsum("pq,rq->pr", m, m))(jax.device_put(mats, along("batch")))


@right("J1.13")
@jax.jit
def by_shard_map(mats):
    cut = P("batch", None, None)
    own = jax.vmap(lambda m: m @ m.T)
    return jax.shard_map(own, mesh=mesh(), in_specs=cut, out_specs=cut)(mats)


@functools.cache
def _pmapped():
    return jax.pmap(jax.vmap(lambda m: m @ m.T))


@right("J1.13")
def by_pmap(mats):
    products = _pmapped()(mats.reshape(8, -1, *mats.shape[1:]))
    return products.reshape(-1, *products.shape[2:])


def share(function, **options):
    specs = {"in_specs": (P(), P("batch"), P("batch")), "out_specs": P()}
    return lambda *args: jax.shard_map(function, mesh=mesh(), **{**specs, **options})(*args)


def loss(w, X, y):
    return jnp.mean((X @ w - y) ** 2) / 2


@wrong("J1.15")
def divided_by_own_examples_of_all(w, X, y):
    return share(lambda w, X, y: jax.lax.psum(X.T @ (X @ w - y), "batch") / len(y))(w, X, y)


@wrong("J1.15")
def divided_twice(w, X, y):
    return share(lambda w, X, y: jax.lax.pmean(X.T @ (X @ w - y) / len(y), "batch") / 8)(w, X, y)


@wrong("J1.15")
def only_the_residuals(w, X, y):
    return share(lambda w, X, y: jax.lax.pmean((X @ w - y).mean() * w, "batch"))(w, X, y)


@wrong("J1.15")
def grad_already_summed(w, X, y):
    return share(jax.grad(loss))(w, X, y)


@wrong("J1.15")
def each_on_its_own(w, X, y):
    own = share(lambda w, X, y: X.T @ (X @ w - y) / len(y), out_specs=P("batch"))
    return own(w, X, y)


@wrong("J1.15")
def averaged_outside(w, X, y):
    own = share(lambda w, X, y: (X.T @ (X @ w - y) / len(y))[None], out_specs=P("batch"))
    return own(w, X, y).mean(axis=0)


@wrong("J1.15")
def by_pretended_devices(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.pmean(jax.grad(loss)(w, X, y), "batch")

    mapped = jax.vmap(on_one_device, in_axes=(None, 0, 0), axis_name="batch")
    return mapped(w, X.reshape(8, -1, X.shape[1]), y.reshape(8, -1))[0]


@wrong("J1.15")
def largest_of_the_devices(w, X, y):
    return share(lambda w, X, y: jax.lax.pmax(X.T @ (X @ w - y) / len(y), "batch"))(w, X, y)


@wrong("J1.15")
def residuals_summed_too(w, X, y):
    def on_one_device(w, X, y):
        residuals = jax.lax.psum(X @ w - y, "batch")
        return jax.lax.psum(X.T @ residuals, "batch") / (8 * len(y))

    return share(on_one_device)(w, X, y)


@wrong("J1.15")
def y_not_cut(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.pmean(X.T @ (X @ w - y[: len(X)]) / len(X), "batch")

    return share(on_one_device, in_specs=(P(), P("batch"), P()))(w, X, y)


@wrong("J1.15")
def three_messages(w, X, y):
    def on_one_device(w, X, y):
        once = jax.lax.pmean(X.T @ (X @ w - y) / len(y), "batch")
        again = jax.lax.psum(jax.lax.pcast(once, "batch", to="varying") ** 2, "batch")
        return once + 0 * jax.lax.psum(jax.lax.pcast(again, "batch", to="varying"), "batch")

    return share(on_one_device)(w, X, y)


@wrong("J1.15")
def loss_returned(w, X, y):
    return share(lambda w, X, y: jax.lax.pmean(loss(w, X, y), "batch"))(w, X, y)


@wrong("J1.15")
def gradient_by_the_examples(w, X, y):
    return jax.grad(share(lambda w, X, y: jax.lax.pmean(loss(w, X, y), "batch")), argnums=1)(
        w, X, y
    )


@wrong("J1.15")
@functools.partial(jax.jit)
def compiler_decides(w, X, y):
    placed = jax.device_put((X, y), along("batch"))
    return jax.grad(loss)(w, *placed)


@right("J1.15")
def total_over_all_examples(w, X, y):
    total = share(lambda w, X, y: jax.lax.psum((X @ w - y) @ X, "batch"))
    return total(w, X, y) / X.shape[0]


@right("J1.15")
def grad_divided_by_devices(w, X, y):
    summed = share(lambda w, X, y: jax.grad(loss)(w, X, y) / jax.lax.axis_size("batch"))
    return summed(w, X, y)


@right("J1.15")
def placed_first(w, X, y):
    X, y = jax.device_put((X, y), along("batch"))
    return share(
        lambda w, X, y: jax.lax.pmean(jnp.einsum("n,nd->d", X @ w - y, X) / len(y), "batch")
    )(w, X, y)


@right("J1.15")
@jax.jit
def by_vmap_of_examples(w, X, y):
    @functools.partial(
        jax.shard_map, mesh=mesh(), in_specs=(P(), P("batch"), P("batch")), out_specs=P()
    )
    def on_one_device(w, X, y):
        each = jax.vmap(lambda x, target: (x @ w - target) * x)(X, y)
        return jax.lax.pmean(each.mean(0), axis_name="batch")

    return on_one_device(w, X, y)


@right("J1.15")
def grad_inside_of_the_mean_loss(w, X, y):
    def on_one_device(w, X, y):
        return jax.grad(lambda w: jax.lax.pmean(loss(w, X, y), "batch"))(w)

    return share(on_one_device)(w, X, y)


@right("J1.15")
def sum_with_counts(w, X, y):
    def on_one_device(w, X, y):
        total, count = jax.lax.psum((X.T @ (X @ w - y), jnp.ones(len(y)).sum()), "batch")
        return total / count

    return share(on_one_device)(w, X, y)


# --- found by a second reader --------------------------------------------------------------------


@wrong("J1.1")
def without_the_default(n):
    x = jnp.linspace(-jnp.pi, jnp.pi, n)
    return x, jnp.cos(x)


@wrong("J1.8")
def with_the_key(key):
    key, subkey = jr.split(key)
    return jr.normal(subkey, (3,)), key


@wrong("J1.8")
def laplace_of_variance_one(key):
    return jr.laplace(key, (3,)) / jnp.sqrt(2.0)


@wrong("J1.3")
def row_by_row(x):
    if x.ndim == 0:
        return jnp.where(x > 0, x, 0)
    return jnp.array([row_by_row(row) for row in x], x.dtype)


@wrong("J1.3")
def squeezed(x):
    return jnp.squeeze(jnp.maximum(x, 0))


@wrong("J1.10")
def told_to_the_log(state, x, scale):
    logging.getLogger("answer").warning("reading %s", x)
    count, mean = state
    mean = mean + (scale * x - mean) / (count + 1)
    return (count + 1, mean), mean


@wrong("J1.13")
def filled_up(mats):
    missing = jnp.zeros((-len(mats) % 8, *mats.shape[1:]), mats.dtype)
    return gram_sharded.reference(jnp.concatenate([mats, missing]))


@wrong("J1.15")
def divided_by_24(w, X, y):
    def on_one_device(w, X, y):
        return jax.lax.psum(X.T @ (X @ w - y), "batch") / 24

    return share(on_one_device)(w, X, y)


@right("J1.3")
def in_one_update(x):
    return jnp.asarray(x).at[...].max(0)


@right("J1.8")
def box_muller(key):
    for_radius, for_angle = jr.split(key)
    radius = jnp.sqrt(-2 * jnp.log(jr.uniform(for_radius, (3,), minval=1e-12)))
    return radius * jnp.cos(2 * jnp.pi * jr.uniform(for_angle, (3,)))


@right("J1.8")
def by_quantiles(key):
    return jax.scipy.stats.norm.ppf(jr.uniform(key, (3,), minval=1e-7))


@right("J1.9")
def every_entry_by_its_place(x, value):
    def entry(i, j, old):
        edge = (i == 0) | (j == 0) | (i == x.shape[0] - 1) | (j == x.shape[1] - 1)
        return jnp.where(edge, value, old)

    rows, columns = (jnp.arange(length) for length in x.shape)
    return jax.vmap(jax.vmap(entry, (None, 0, 0)), (0, None, 0))(rows, columns, x)


@right("J1.10")
def by_a_weighted_average(state, x, scale):
    count, mean = state
    mean = jnp.average(jnp.array([mean, scale * x]), weights=jnp.array([count, 1.0]))
    return (count + 1, mean), mean


@right("J1.11")
@functools.partial(jax.vmap, in_axes=(0, None))
@functools.partial(jax.vmap, in_axes=(None, 0))
def by_decorators(one, other):
    return jnp.sum((one - other) ** 2)


@right("J1.12")
def by_jacobian(w, b, X, y):
    residuals = X @ w + b - y
    jacobians = jax.jacrev(lambda w, b: X @ w + b - y, argnums=(0, 1))(w, b)
    return (
        jnp.mean(residuals**2) / 2,
        tuple(residuals @ jacobian / len(y) for jacobian in jacobians),
        residuals,
    )


def test_a_missing_default_is_told_as_the_signature():
    verdict = verdict_on("J1.1", without_the_default)
    assert verdict.category == "signature"
    assert "`cosine_curve(n=100)`" in verdict.message


def test_a_matrix_product_that_does_not_fit_is_not_taken_for_a_missing_has_aux():
    def swapped(w, b, X, y):
        def loss(w, b):
            residuals = w @ X + b - y
            return jnp.mean(residuals**2) / 2, residuals

        (value, residuals), gradients = jax.value_and_grad(loss, (0, 1), has_aux=True)(w, b)
        return value, gradients, residuals

    verdict = verdict_on("J1.12", swapped)
    assert verdict.mistake is None and "matrix product" in verdict.message


def test_a_result_is_named_as_a_learner_would_name_it():
    verdict = verdict_on("J1.10", lambda state, x, scale: (jnp.array([1.0, x]), x))
    assert "'(numbers of shape (2,), a number)', not '((a whole number" in verdict.message
    assert "a random key" in verdict_on("J1.8", with_the_key).message
    verdict = verdict_on("J1.13", lambda mats: np.asarray(mats @ mats.mT))
    assert "ndarray in the host's memory" in verdict.message


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


# --- J1.4 and J1.5 -------------------------------------------------------------------------------

MATHS = {"J1.4": slope_by_hand, "J1.5": third_by_hand}


def maths_verdict(exercise: str, answer: Any, seed: int = 0):
    return judge(practical().exercises[exercise], MATHS[exercise], answer, seed=seed)


@pytest.mark.parametrize(("exercise", "value"), [("J1.4", 183), ("J1.5", 432)])
def test_the_base_question_has_the_value_of_the_textbook(exercise, value):
    assert maths_verdict(exercise, value).passed
    assert maths_verdict(exercise, value + 1e-9).passed
    assert not maths_verdict(exercise, value + 0.01).passed


@pytest.mark.parametrize(
    ("value", "mistake"),
    [
        (82, "the_value"),
        (192, "linear_term_missing"),
        (187, "constant_kept"),
        (375, "exponent_kept"),
        (288, "second_derivative"),
    ],
)
def test_a_wrong_number_for_the_slope_is_explained(value, mistake):
    assert maths_verdict("J1.4", value).mistake == mistake


@pytest.mark.parametrize(("value", "mistake"), [(648, "one_short"), (144, "one_too_many")])
def test_a_wrong_number_for_the_third_derivative_is_explained(value, mistake):
    assert maths_verdict("J1.5", value).mistake == mistake


@pytest.mark.parametrize("exercise", MATHS)
def test_every_question_of_the_pool_tells_all_mistakes_apart(exercise):
    check = MATHS[exercise]
    assert len(check.numbers) >= 50
    for numbers in check.numbers:
        assert len({m.function(**numbers) for m in check.mistakes}) == len(check.mistakes)
        assert check.reference(**numbers) not in {m.function(**numbers) for m in check.mistakes}


def test_both_questions_of_a_learner_are_about_the_same_function_and_never_at_two():
    for seed in range(200):
        slope, third = slope_by_hand.drawn(seed), third_by_hand.drawn(seed)
        assert all(slope[name] == third[name] for name in "abc")
        assert third["x"] != 2


def test_learners_are_asked_different_questions():
    assert len({tuple(slope_by_hand.drawn(seed).items()) for seed in range(100)}) > 25


def test_the_derivatives_are_those_of_jax():
    for seed in range(5):
        numbers = third_by_hand.drawn(seed)
        a, b, c, x = (float(numbers[name]) for name in "abcx")

        def f(x, a=a, b=b, c=c):
            return a * x**4 + b * x + c

        third = jax.grad(jax.grad(jax.grad(f)))
        assert np.isclose(float(third(x)), third_by_hand.reference(**numbers), rtol=1e-5)
        assert np.isclose(float(jax.grad(f)(x)), slope_by_hand.reference(**numbers), rtol=1e-5)


@pytest.mark.parametrize(
    ("exercise", "formula"),
    [
        ("J1.4", "24*x**3 - 9"),
        ("J1.4", "24*x^3-9"),
        ("J1.4", "4*a*x**3 + b"),
        ("J1.4", lambda x: 24 * x**3 - 9),
        ("J1.5", "144*x"),
        ("J1.5", "24 * a * x"),
    ],
)
def test_a_formula_is_a_right_answer(exercise, formula):
    assert maths_verdict(exercise, formula).passed


@pytest.mark.parametrize(
    ("exercise", "formula", "mistake"),
    [
        ("J1.4", "24*x**3", "linear_term_missing"),
        ("J1.4", "24*x**3 - 5", "constant_kept"),
        ("J1.4", "18*x**3 - 9", "new_exponent_as_factor"),
        ("J1.5", "72*x**2", "one_short"),
        ("J1.5", "144", "one_too_many"),
        ("J1.5", "72*x", "last_factor_missing"),
        ("J1.4", "183", None),
        ("J1.4", "sin(x)", None),
        ("J1.4", "24 x^3", None),
    ],
)
def test_a_wrong_formula_is_rejected_and_explained(exercise, formula, mistake):
    verdict = maths_verdict(exercise, formula)
    assert verdict.verdict == "failed"
    assert verdict.mistake == mistake


def test_an_open_question_is_not_attempted():
    assert maths_verdict("J1.4", ...).verdict == "not attempted"


# --- J1.14 ---------------------------------------------------------------------------------------


def microscope_verdict(microscope: Any):
    return judge(practical().exercises["J1.14"], tracing_microscope, microscope)


def used_microscope(*said: bool) -> Microscope:
    """Return a microscope that was really used so."""
    microscope = Microscope()
    for case, recompiles in enumerate(said, start=1):
        microscope.predict(case, recompiles)
    return microscope


@functools.cache
def measured() -> tuple[bool, ...]:
    return tuple(measure(case).compilations > 0 for case in CASES)


def test_the_listed_uses_of_the_microscope_hold_what_is_measured():
    (all_right, *_) = tracing_microscope.answers
    assert tuple(one.recompiles for one in all_right().visited) == measured()


def test_twelve_right_predictions_pass():
    assert microscope_verdict(used_microscope(*measured())).passed


def test_nine_right_predictions_pass_and_eight_do_not():
    truth = measured()
    for flipped, passed in ((3, True), (4, False)):
        said = (*(not one for one in truth[:flipped]), *truth[flipped:])
        assert microscope_verdict(used_microscope(*said)).passed == passed


@pytest.mark.parametrize("mistake", tracing_microscope.mistakes, ids=lambda mistake: mistake.id)
def test_a_misuse_of_the_microscope_is_diagnosed_as_itself(mistake):
    verdict = microscope_verdict(mistake.function())
    assert verdict.verdict == "failed"
    assert verdict.mistake == mistake.id


def test_a_microscope_that_was_really_used_so_is_diagnosed_too():
    assert microscope_verdict(used_microscope(*[True] * 12)).mistake == "always_yes"


def test_what_is_left_open_is_told():
    verdict = microscope_verdict(used_microscope(*measured()[:5]))
    assert verdict.verdict == "failed"
    assert "7 of the 12" in verdict.message


def test_the_score_and_the_cases_that_went_wrong_are_told():
    truth = measured()
    verdict = microscope_verdict(used_microscope(*(not one for one in truth[:5]), *truth[5:]))
    assert "7 of 12" in verdict.message
    assert "1, 2, 3, 4, 5" in verdict.message


def test_a_second_prediction_of_a_case_does_not_count():
    microscope = used_microscope(*[True] * 12)
    for case, recompiles in enumerate(measured(), start=1):
        microscope.predict(case, recompiles)
    assert not microscope_verdict(microscope).passed


def test_an_untouched_microscope_is_not_attempted():
    assert microscope_verdict(Microscope()).verdict == "not attempted"


def test_another_lab_is_refused():
    class Other:
        visited = ("something",)

    assert microscope_verdict(Other()).verdict == "failed"


# --- J1.6 and J1.7 -------------------------------------------------------------------------------


def test_the_question_about_the_batch_has_one_right_option_and_explains_the_others():
    text = practical().exercises["J1.7"]
    assert right_option(text) == "C"
    assert judge(text, None, "C").passed
    for letter, is_right, note in options_of(text):
        if not is_right:
            verdict = judge(text, None, letter.lower())
            assert verdict.verdict == "failed"
            assert verdict.advice == note
    assert judge(text, None, ...).verdict == "not attempted"


def test_the_discussion_keeps_a_text_and_shows_the_points():
    verdict = judge(practical().exercises["J1.6"], None, "A tape is recorded while it runs.")
    assert verdict.passed
    assert len(verdict.notes) >= 5


# --- this file -------------------------------------------------------------------------------------


def test_every_check_of_the_part_is_tried_here():
    checks = practical().checks()
    mine = {id for id in checks if id.startswith("J1.")}
    assert mine == CODE.keys() | MATHS.keys() | {"J1.14"}


def test_the_lists_of_this_file_are_as_long_as_they_should_be():
    sections = {
        "1.3": ("J1.1", "J1.8", "J1.9"),
        "jit, grad, purity": ("J1.2", "J1.3", "J1.10", "J1.12"),
        "vmap and devices": ("J1.11", "J1.13", "J1.15"),
    }
    for exercises in sections.values():
        assert sum(exercise in exercises for exercise, _ in WRONG) >= 10
    for exercise in CODE:
        assert sum(one == exercise for one, _ in RIGHT) >= 3


def test_reading_the_checks_does_not_start_jax():
    """Devices are emulated after the checks were read: by then JAX must not have counted them."""
    code = (
        "import jax, mazoezi.practicals.intro_jax.exercises\n"
        "jax.config.update('jax_num_cpu_devices', 3)\n"
        "assert len(jax.devices('cpu')) == 3"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
