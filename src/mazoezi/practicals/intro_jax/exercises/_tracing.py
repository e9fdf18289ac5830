"""Checks of J1.2, J1.3, J1.10 and J1.14: what tracing does to a function."""

import contextlib
import copy
import dis
import gc
import io
import logging
import weakref
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise, experiment_exercise
from mazoezi.practicals.intro_jax.exercises._recorded import described, operations
from mazoezi.practicals.intro_jax.microscope import CASES, Microscope, Prediction

# --- J1.2 ReLU for one number --------------------------------------------------------------------


def _relu_of_a_number(x):
    if x > 0:
        return x
    return 0.0


relu_of_a_number = code_exercise("J1.2", reference=_relu_of_a_number)


@relu_of_a_number.case("a positive number")
def _(rng):
    yield 3.0


@relu_of_a_number.case("a negative number")
def _(rng):
    yield -2.0


@relu_of_a_number.case("zero")
def _(rng):
    yield 0.0


@relu_of_a_number.case("between -1 and 1")
def _(rng):
    yield from (-0.5, 0.5)


@relu_of_a_number.case("two hundred negative numbers, large and small")
def _(rng):
    yield from (float(x) for x in -rng.uniform(0, 1, 100))
    yield from (float(x) for x in -np.exp(3 * rng.normal(size=100)))


@relu_of_a_number.case("fifty positive numbers, large and small")
def _(rng):
    yield from (float(x) for x in np.exp(3 * rng.normal(size=50)))


@relu_of_a_number.case("numbers next to zero", atol=1e-33)
def _(rng):
    yield from (-1e-30, 1e-30)


@relu_of_a_number.case("whole numbers", dtype="any")
def _(rng):
    yield from (7, -7)


@relu_of_a_number.note
def _(answer):
    try:
        jax.eval_shape(answer, 1.0)
    except Exception:
        return "It needs to know x to choose a branch. That is fine here; `jit` will mind."
    return "It has no branch that depends on x, so `jit` could compile it as it is."


@relu_of_a_number.mistake(
    "One branch has no value after `return`, so Python returns None there. What should come out for "
    "a number that is not positive?"
)
def nothing_for_negatives(x):
    if x > 0:
        return x


@relu_of_a_number.mistake(
    "One branch has no value after `return`, so Python returns None there. What should come out for "
    "a positive number?"
)
def nothing_for_positives(x):
    if x <= 0:
        return 0.0


@relu_of_a_number.mistake(
    "Nothing is returned: `print` shows a number and gives it to nobody. Use `return`."
)
def only_printed(x):
    _ = x if x > 0 else 0.0


@relu_of_a_number.mistake("For x = -2 you return 2: that is the absolute value, not ReLU.")
def absolute(x):
    return abs(x)


@relu_of_a_number.mistake(
    "For x = -0.5 you return a number other than zero. That is the *leaky* ReLU; here negative "
    "numbers give 0."
)
def leaky(x):
    return x if x > 0 else 0.01 * x


@relu_of_a_number.mistake(
    "You return the comparison, not the number: `x > 0` is True or False, or 1 or 0. Where it is "
    "true, x itself should come out."
)
def comparison(x):
    return x > 0


@relu_of_a_number.mistake("The two cases are swapped: the number itself comes out where x > 0.")
def swapped_cases(x):
    return 0.0 if x > 0 else x


@relu_of_a_number.mistake("Your function returns x itself: negative numbers must become 0.")
def identity(x):
    return x


@relu_of_a_number.mistake(
    "For a negative x you return -x. Beyond zero nothing is left: it must be 0."
)
def sign_flipped(x):
    return x if x > 0 else -1.0 * x if x < 0 else 1.0


@relu_of_a_number.mistake("Your border is at 1: the number itself comes out wherever x > 0.")
def border_at_one(x):
    return x if x >= 1 else 0.0


@relu_of_a_number.mistake("Your border is at -1: numbers between -1 and 0 must give 0 as well.")
def border_at_minus_one(x):
    return x if x > -1 else 0.0


@relu_of_a_number.alternative
def builtin_max(x):
    return max(0, x)


@relu_of_a_number.alternative
def half_of_sum(x):
    return (x + abs(x)) / 2


@relu_of_a_number.alternative
def times_condition(x):
    return x * (x > 0)


@relu_of_a_number.alternative
def with_jax(x):
    return jnp.maximum(x, 0)


# --- J1.3 ReLU that can be compiled --------------------------------------------------------------

relu = code_exercise("J1.3", reference=jax.nn.relu, dtype="exact")


@relu.case("one number")
def _numbers(rng):
    for value in (3.0, -2.0, 0.0):
        yield np.array(value, np.float32)


relu.case("one number, compiled by `jit`", run=jax.jit)(_numbers)


def _decimals(rng, *shape):
    """Return normal numbers of one decimal, none of them zero, as float32."""
    numbers = rng.normal(size=shape).round(1)
    return np.where(numbers == 0, -0.3, numbers).astype(np.float32)


@relu.case("arrays of any shape")
def _(rng):
    for shape in ((7,), (3, 4), (2, 1), (0,)):
        yield _decimals(rng, *shape)


@relu.case("an array, compiled by `jit`", run=jax.jit)
def _(rng):
    yield _decimals(rng, 3, 4)


@relu.case("mapped over a batch by `vmap`", run=jax.vmap)
def _(rng):
    yield _decimals(rng, 7)


def _one_by_one(function):
    """Run each operation on its own: a compiler may repair inf * 0, and not everywhere."""

    def run(x):
        with jax.disable_jit():
            return function(x)

    return run


@relu.case("plus and minus infinity, with `jax.disable_jit()`", run=_one_by_one)
def _(rng):
    for value in (np.inf, -np.inf):
        yield np.array(value, np.float32)


@relu.case("numbers next to zero, and huge ones", atol=1e-33)
def _(rng):
    yield np.array([-1e-30, 1e-30, -0.01, 0.01, -1e30, 1e30], np.float32)


@relu.case("half precision stays half precision")
def _(rng):
    yield np.array([-1.5, 2.5], np.float16)


@relu.case("whole numbers stay whole numbers")
def _(rng):
    yield np.array([-3, 0, 4], np.int32)


@relu.property("its slope is 1 where x > 0, and 0 where x < 0")
def _(answer, rng):
    for x in (2.0, 0.3, -0.3, -2.0):
        slope = float(jax.grad(lambda x: jnp.sum(answer(x)))(jnp.array([x]))[0])
        expected = 1.0 if x > 0 else 0.0
        assert abs(slope - expected) < 1e-6, (
            f"At x = {x} the slope by `jax.grad` is {slope:g}; expected {expected:g}."
        )


@relu.property("the recorded program does not grow with the number of entries")
def _(answer, rng):
    few, many = (sum(operations(answer, jnp.zeros((n, 2))).values()) for n in (2, 5))
    assert many <= few, (
        f"For 2 rows {few} operations are recorded, for 5 rows {many}: a Python loop goes through "
        "the entries, and is unrolled while JAX traces. `jnp.where` handles all of them at once."
    )


@relu.note
def _(answer):
    slope = float(jax.grad(lambda x: jnp.sum(answer(x)))(jnp.zeros(1))[0])
    return (
        f"At x = 0 its slope is {slope:g}. Mathematics leaves this open: `jnp.where` gives 0, "
        "`jnp.maximum` 0.5, `jax.nn.relu` 0."
    )


@relu.note
def _(answer):
    result = float(answer(jnp.array(jnp.nan)))
    return f"For x = nan, which is no number, it returns {result:g}."


@relu.mistake(
    "Under `jit` the condition has no concrete value: choose elementwise, with `jnp.where` or "
    "`jnp.maximum`."
)
def python_if(x):
    if x > 0:
        return x
    return jnp.zeros_like(x)


@relu.mistake(
    "Python's `max` asks which of the two is larger, and under `jit` that is not known. "
    "`jnp.maximum` records the question instead."
)
def python_max(x):
    return max(x, jnp.zeros_like(x)) + 0 * x


@relu.mistake(
    "`float(x)` and `x.item()` ask for a concrete number, and during tracing there is none. Leave x "
    "an array."
)
def as_float(x):
    number = float(x)
    return jnp.array(number if number > 0 else 0.0, x.dtype)


@relu.mistake(
    "A NumPy function wants numbers, and during tracing there are none. Take `jnp` in place of `np`."
)
def numpy_maximum(x):
    return np.maximum(np.asarray(x), np.asarray(0, x.dtype))


@relu.mistake(
    "`jnp.max(x, 0)` is the largest entry along axis 0. To compare entry by entry with 0 take "
    "`jnp.maximum(x, 0)`."
)
def largest_entry(x):
    return jnp.max(x, 0)


@relu.mistake(
    "A list comprehension goes through the first axis only, cannot take a single number, and "
    "records one operation for each entry. `jnp.where` handles an array of any shape at once."
)
def list_of_entries(x):
    return [v if v > 0 else 0.0 for v in x]


@relu.mistake(
    "A list comprehension cannot take a single number, and records one operation for each entry. "
    "`jnp.where` handles an array of any shape at once."
)
def array_of_entries(x):
    return jnp.array([jnp.maximum(v, 0) for v in x])


@relu.mistake(
    "`lax.cond` chooses one branch for all, so its condition must be a single number. "
    "Entry by entry it is `jnp.where`."
)
def one_branch_for_all(x):
    return jax.lax.cond(x > 0, lambda x: x, lambda x: jnp.zeros_like(x), x)


@relu.mistake(
    "A condition as an index asks *how many* entries there are, and for a single traced number that "
    "is not known. `jnp.where(x > 0, x, 0)` keeps the shape."
)
def condition_as_index(x):
    return x.at[x < 0].set(0)


@relu.mistake(
    "An array of conditions is not one condition: choose entry by entry, with `jnp.where(x > 0, x, "
    "0)`."
)
def if_any(x):
    return x if jnp.any(x > 0) else jnp.zeros_like(x)


@relu.mistake(
    "The arithmetic is right for finite numbers only: for x = -inf, both -inf × 0 in x·(x > 0) and "
    "-inf + inf in (x + |x|)/2 are nan. (You may not see it in a product: some compilers turn it "
    "into a selection. `with jax.disable_jit():` shows it.) Choose, rather than calculate."
)
def times_comparison(x):
    return x * (x > 0)


@relu.mistake(
    "The values are right, and the dtype changes on the way. A literal 0.0 makes whole numbers "
    "floating-point; `astype` fixes one dtype for all. Write 0, or `jnp.zeros_like(x)`."
)
def float_zero(x):
    return jnp.where(x > 0, x, 0.0)


@relu.mistake("For x = -2 you return 2: that is the absolute value, not ReLU.")
def absolute_value(x):
    return jnp.abs(x)


@relu.mistake("For negative x you return a number other than 0. That is the *leaky* ReLU.")
def leaky_relu(x):
    return jnp.where(x > 0, x, (0.01 * x).astype(x.dtype))


@relu.mistake("You return the comparison, True or False. Select with it: `jnp.where(x > 0, x, 0)`.")
def condition(x):
    return x > 0


@relu.mistake("You return 1 where x > 0. The second argument of `where` should be x itself.")
def steps(x):
    return jnp.where(x > 0, 1, 0).astype(x.dtype)


@relu.mistake("You keep the smaller of x and 0; ReLU keeps the larger.")
def smaller(x):
    return jnp.minimum(x, 0)


@relu.mistake(
    "The values are right and the slope is not: `stop_gradient`, rounding, or a detour through "
    "whole numbers cuts the derivative off."
)
def no_slope(x):
    return jax.lax.stop_gradient(jnp.maximum(x, 0))


@relu.alternative
def by_where(x):
    return jnp.where(x > 0, x, 0)


@relu.alternative
def by_maximum(x):
    return jnp.maximum(x, 0)


@relu.alternative
def by_clip(x):
    return jnp.clip(x, min=0)


@relu.alternative
def by_select(x):
    return jax.lax.select(x > 0, x, jnp.zeros_like(x))


@relu.alternative
def by_vectorised_branch(x):
    branch = jnp.vectorize(lambda v: jax.lax.cond(v > 0, lambda: v, lambda: jnp.zeros_like(v)))
    return branch(x)


# --- J1.10 Repair an impure function -------------------------------------------------------------


def _step(state, x, scale):
    count, mean = state
    count = count + 1
    mean = mean + (scale * x - mean) / count
    return (count, mean), mean


running_mean = code_exercise("J1.10", reference=_step, rtol=1e-4, atol=1e-5)


def _isolated(function: Callable, said: Callable = lambda *words, **kwargs: None) -> Callable:
    """Return a copy of a function with a private copy of its global data and its defaults.

    A function that keeps something in a global would otherwise carry it from one property to the
    next, and be judged by what came before. What it prints goes to `said`.
    """
    if not isinstance(function, FunctionType):
        return function
    data = int | float | complex | list | dict | set | np.ndarray
    private = {
        name: copy.deepcopy(function.__globals__[name])
        for name in _names(function.__code__)
        if isinstance(function.__globals__.get(name), data)
    }
    private["print"] = said
    twin = FunctionType(
        function.__code__, {**function.__globals__, **private}, function.__name__,
        copy.deepcopy(function.__defaults__), function.__closure__,
    )  # fmt: skip
    twin.__kwdefaults__ = copy.deepcopy(function.__kwdefaults__)
    return twin


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a function's code, and the functions inside it, look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _run(step: Callable, xs: Any, scales: Any, state: Any = None) -> tuple[Any, list]:
    """Feed a stream to `step`, from nothing or from a state; return the state and the means."""
    state = (jnp.zeros((), int), jnp.zeros(())) if state is None else state
    means = []
    for x, scale in zip(xs, np.broadcast_to(scales, len(xs)).tolist(), strict=True):
        state, mean = step(state, x, scale)
        means.append(float(mean))
    return state, means


def _streamed(step: Callable) -> Callable:
    """Return a function that feeds a stream to a private copy of `step`, from (0, 0.0)."""

    def run(readings: list, scale: Any) -> Any:
        return _run(_isolated(step), readings, scale, (0, 0.0))

    return run


def _means(xs: Any) -> np.ndarray:
    return np.cumsum(xs) / np.arange(1, len(xs) + 1)


def _same(means: Any, expected: Any) -> bool:
    return np.allclose(means, expected, rtol=1e-4, atol=1e-4)


@contextlib.contextmanager
def _kept_traces_told() -> Iterator[None]:
    """Turn the error about a traced value that was kept into a sentence about this exercise."""
    try:
        yield
    except Exception as error:
        assert "UnexpectedTracerError" not in type(error).__name__, (
            "A value from an earlier trace turned up again: your function keeps something outside, "
            "for example in a list. What it needs later belongs into the state that it returns."
        )
        raise


@running_mean.case("returns ((count, mean), mean)", run=lambda step: described(_isolated(step)))
def _(rng):
    yield (0, 0.0), 3.0, 1.0


def _repeated(step: Callable) -> Callable:
    """Return a function that says whether a second call gives the same, with another in between."""

    def run(state: Any, x: Any, scale: Any) -> str:
        twin = _isolated(step)
        first = jax.tree.leaves(twin(state, x, scale))
        twin((0, 0.0), -7.0, 3.0)
        second = jax.tree.leaves(twin(state, x, scale))
        return "the same again" if _same(first, second) else "something else the second time"

    return run


@running_mean.case(
    "the same arguments give the same result: nothing is remembered outside", run=_repeated
)
def _(rng):
    yield (2, 1.0), 4.0, 1.0


@running_mean.case("one reading", run=_isolated)
def _(rng):
    yield (0, 0.0), 3.0, 1.0


@running_mean.case("one reading after others", run=_isolated)
def _(rng):
    yield (2, 1.0), 4.0, 1.0


@running_mean.case("three readings in turn: the last state, and all means", run=_streamed)
def _(rng):
    yield [2.0, 4.0, 9.0], 1.0


@running_mean.case("another scale: the last state, and all means", run=_streamed)
def _(rng):
    yield [1.0, 3.0], 10.0


@running_mean.case("a scale that changes: a reading keeps the scale it came in with", run=_streamed)
def _(rng):
    yield [1.0, 3.0, 7.0], [10.0, 10.0, 2.0]


@running_mean.case("twenty readings in turn", run=_streamed)
def _(rng):
    yield rng.normal(size=20).round(1).tolist(), 1.0


@running_mean.property("two streams side by side do not disturb each other")
def _(answer, rng):
    step = _isolated(answer)
    ours, theirs = rng.normal(size=(2, 6))
    state, other, means, others = (0, 0.0), (0, 0.0), [], []
    for x, y in zip(ours, theirs, strict=True):
        state, mean = step(state, float(x), 1.0)
        other, other_mean = step(other, float(y), 2.0)
        means.append(float(mean))
        others.append(float(other_mean))
    assert _same([means, others], [_means(ours), _means(2 * theirs)]), (
        "Two streams were fed in turn, each with its own state, and their means got mixed: "
        "something is shared between them."
    )


@running_mean.property("compiled by `jit` it gives the same, 20 steps long, also for another scale")
def _(answer, rng):
    step = jax.jit(_isolated(answer))
    xs = rng.normal(size=20).astype(np.float32)
    with _kept_traces_told():
        for scale in (np.float32(1.0), np.float32(3.0)):
            (count, _), means = _run(step, xs, scale)
            assert _same(means, _means(scale * xs)) and int(count) == 20, (
                f"Compiled, with scale = {scale:g}, the means go wrong: something that changes was "
                "built into the program when it was traced."
            )


@running_mean.property("`lax.scan` can run it")
def _(answer, rng):
    xs = rng.normal(size=20).astype(np.float32)
    step = _isolated(answer)
    with _kept_traces_told():
        start = (jnp.zeros((), int), jnp.zeros(()))
        _, means = jax.lax.scan(lambda state, x: step(state, x, 2.0), start, xs)
    assert _same(means, _means(2 * xs)), "Under `lax.scan` the means go wrong."


@contextlib.contextmanager
def _log_written_to(stream: io.StringIO) -> Iterator[None]:
    """Write to a stream, too, what is told to Python's log."""
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)


@running_mean.property("it prints nothing")
def _(answer, rng):
    printed = io.StringIO()
    step = _isolated(answer, said=print)
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        _log_written_to(printed),
        _kept_traces_told(),
    ):
        jax.make_jaxpr(lambda *args: step(*args))((0, 0.0), 3.0, 1.0)
    assert not printed.getvalue(), (
        f"It printed {printed.getvalue().strip()[:60]!r}. Compiled, it would print while it is traced "
        "and never again. Return what is to be shown, or use `jax.debug.print`."
    )


@running_mean.property("it keeps no traced value")
def _(answer, rng):
    step, traced = _isolated(answer), []

    def watched(*args):
        traced.extend(weakref.ref(tracer) for tracer in jax.tree.leaves(args))
        return step(*args)

    with contextlib.redirect_stdout(io.StringIO()), _kept_traces_told():
        jax.make_jaxpr(watched)((0, 0.0), 3.0, 1.0)
    if any(tracer() is not None for tracer in traced):
        gc.collect(1)  # a tracer that only an exception or a cycle held is gone after this
    assert all(tracer() is None for tracer in traced), (
        "After the call something outside still holds a value that went through your function: a "
        "list, a dictionary or a global. Everything must go out through `return`."
    )


@running_mean.property("it writes to no global name")
def _(answer, rng):
    inner = getattr(answer, "__wrapped__", answer)
    if isinstance(inner, FunctionType):
        written = {
            line.argval
            for line in dis.get_instructions(inner.__code__)
            if line.opname == "STORE_GLOBAL"
        }
        names = ", ".join(f"`{name}`" for name in sorted(written))
        assert not written, (
            f"Your function writes to the global {names}. What it needs later belongs into the "
            "state that it returns."
        )


SCALE = 1.0
_readings: list[Any] = []
_calls = 0


@running_mean.mistake(
    "The scale is still read from outside: the argument `scale` is ignored. Compiled, the program "
    "would keep the value that the global had when it was traced."
)
def global_scale(state, x, scale):
    count, mean = state
    count = count + 1
    mean = mean + (SCALE * x - mean) / count
    return (count, mean), mean


@running_mean.mistake(
    "The values are still collected in a list outside. A mean needs less: from the old mean, the "
    "count and the new value you can compute the new mean."
)
def global_list(state, x, scale):
    _readings.append(scale * x)
    mean = sum(_readings) / len(_readings)
    return (len(_readings), mean), mean


@running_mean.mistake(
    "The count is kept in a global, so all streams share it, and a compiled program counts only "
    "while it is traced. Take it from the state, and return it in the new one."
)
def python_counter(state, x, scale):
    global _calls
    _calls += 1
    _, mean = state
    mean = mean + (scale * x - mean) / _calls
    return (_calls, mean), mean


@running_mean.mistake(
    "The `print` is left. It is a side effect: the compiled function would print a tracer on its "
    "first call, and nothing on the second."
)
def print_left(state, x, scale):
    print("reading", x)
    return _step(state, x, scale)


@running_mean.mistake(
    "You still append to a list outside, although nothing needs it any more. Under `jit` it would "
    "fill with tracers."
)
def list_left(state, x, scale):
    _readings.append(scale * x)
    return _step(state, x, scale)


@running_mean.mistake("You divide by the old count, which is 0 at the first value: add 1 first.")
def old_count(state, x, scale):
    count, mean = state
    mean = mean + (scale * x - mean) / count
    return (count + 1, mean), mean


@running_mean.mistake(
    "The state that you return still has the old count. The new one belongs into it: "
    "`return (count + 1, mean), mean`."
)
def count_unchanged(state, x, scale):
    count, mean = state
    mean = mean + (scale * x - mean) / (count + 1)
    return (count, mean), mean


@running_mean.mistake(
    "The count has become a floating-point number. It counts, so add a whole 1; `lax.scan` insists "
    "that the state keeps its types."
)
def fractional_count(state, x, scale):
    count, mean = state
    count = count + 1.0
    mean = mean + (scale * x - mean) / count
    return (count, mean), mean


@running_mean.mistake(
    "Your second result is the mean before this reading came in: return the new one, as in the state."
)
def old_mean(state, x, scale):
    return _step(state, x, scale)[0], state[1]


@running_mean.mistake("Your second result is the sum so far; divide it by the count.")
def running_sum(state, x, scale):
    count, total = state
    total = total + scale * x
    return (count + 1, total), total


@running_mean.mistake(
    "Your state holds the sum so far; asked is the mean. (Yours would work as well, with another "
    "state.)"
)
def sum_in_state(state, x, scale):
    count, total = state
    count, total = count + 1, total + scale * x
    return (count, total), total / count


@running_mean.mistake(
    "You multiply the mean by the scale. Then a new scale changes what came in before: multiply "
    "each value when it comes in."
)
def scaled_afterwards(state, x, scale):
    (count, mean), _ = _step(state, x, 1.0)
    return (count, mean), scale * mean


@running_mean.mistake(
    "You return count and mean side by side. The state stays together: `return (count, mean), mean`."
)
def flat_state(state, x, scale):
    (count, mean), _ = _step(state, x, scale)
    return count, mean


@running_mean.mistake(
    "The state alone is not enough: `return (count, mean), mean`, so that `lax.scan` can collect "
    "the means."
)
def state_only(state, x, scale):
    return _step(state, x, scale)[0], None


@running_mean.alternative
def through_the_sum(state, x, scale):
    count, mean = state
    total = count * mean + scale * x
    return (count + 1, total / (count + 1)), total / (count + 1)


@running_mean.alternative
def weighted(state, x, scale):
    count, mean = state
    weight = 1 / (count + 1)
    mean = (1 - weight) * mean + weight * x * scale
    return (count + 1, mean), mean


@running_mean.alternative
@jax.jit
def compiled_already(state, x, scale):
    count = state[0] + 1
    mean = jnp.add(state[1], jnp.divide(x * scale - state[1], count))
    return (count, mean), mean


@running_mean.alternative
def with_recorded_print(state, x, scale):
    state, mean = _step(state, x, scale)
    jax.debug.callback(lambda mean: None, mean)
    return state, mean


# --- J1.14 The tracing microscope ----------------------------------------------------------------

_ENOUGH = 9  # right by throwing a coin: one time in fourteen

tracing_microscope = experiment_exercise("J1.14")


def _predictions(lab: Any) -> list[Prediction]:
    """Return the first prediction of each case."""
    assert all(isinstance(one, Prediction) for one in lab.visited), (
        "Expected the microscope of this exercise, with your predictions."
    )
    return lab.visited


@tracing_microscope.task("all twelve cases are predicted")
def _(lab, rng):
    left = len(CASES) - len({one.case for one in _predictions(lab)})
    assert not left, f"{left} of the {len(CASES)} cases have no prediction yet."


@tracing_microscope.task("the answers differ from case to case")
def _(lab, rng):
    said = {one.recompiles for one in _predictions(lab)}
    assert len(said) == 2 or len(lab.visited) < len(CASES), (
        f"You said {'yes' if said == {True} else 'no'} each time."
    )


@tracing_microscope.task(f"at least {_ENOUGH} first predictions are right")
def _(lab, rng):
    predictions = _predictions(lab)
    wrong = [str(one.case) for one in predictions if not one.right]
    assert len(predictions) < len(CASES) or len(wrong) <= len(CASES) - _ENOUGH, (
        f"{len(CASES) - len(wrong)} of {len(CASES)} first predictions were right; these went "
        f"otherwise: {', '.join(wrong)}. Read what was found there. Then begin again with a new "
        "`Microscope()`, and say why before you press a button."
    )


_COMPILES = (False, True, True, False, True, False, True, False, True, False, False, True)


def _predicted(*said: bool) -> Microscope:
    """Return a microscope with these predictions, without running its cases."""
    microscope = Microscope()
    microscope.visited += [
        Prediction(case, one, int(compiles))
        for case, (one, compiles) in enumerate(zip(said, _COMPILES, strict=False), start=1)
    ]
    return microscope


@tracing_microscope.mistake(
    "A new value is no reason to compile again, and half of the cases bring nothing else that is "
    "new. Ask for each: is the shape, the dtype, the structure, a static value or the function new?"
)
def always_yes():
    return _predicted(*[True] * 12)


@tracing_microscope.mistake(
    "Half of the cases do compile again: a program fits one shape, one dtype, one structure of the "
    "arguments, one value of each static argument, and one function object."
)
def always_no():
    return _predicted(*[False] * 12)


@tracing_microscope.mistake(
    "It is the other way round: say *yes* where the call needs a new program."
)
def yes_and_no_swapped():
    return _predicted(*(not compiles for compiles in _COMPILES))


@tracing_microscope.alternative
def all_right():
    return _predicted(*_COMPILES)


@tracing_microscope.alternative
def three_wrong():
    return _predicted(*(not compiles for compiles in _COMPILES[:3]), *_COMPILES[3:])
