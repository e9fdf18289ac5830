"""The checks of J2.1 to J2.15, tried on answers of people who did not read them.

Beside what the exercises list themselves, there are wrong answers that nobody listed, which must be
rejected, and right ones in other styles, which must pass.
"""

import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.flatten_util import ravel_pytree

from mazoezi import datasets, regression, training
from mazoezi.course._judge import judge
from mazoezi.course._judge_words import options_of, right_option, right_order, step_letters
from mazoezi.course._markers import solution_of
from mazoezi.course._namespace import Namespace
from mazoezi.course._practical import find_practical
from mazoezi.practicals.intro_jax import labs
from mazoezi.practicals.intro_jax.exercises import (
    compiled_loop,
    descent_lab,
    features,
    hand_fit,
    line_loss,
    loss_gradient,
    newton,
    optimiser_step,
    polynomial_lab,
    solver,
    squared_error,
    stable_rate,
)

pytestmark = pytest.mark.slow  # some hundred answers, most of which compile something

CODE = {
    exercise.id: exercise
    for exercise in (
        squared_error,
        loss_gradient,
        line_loss,
        stable_rate,
        solver,
        features,
        optimiser_step,
        compiled_loop,
        newton,
    )
}
EXPERIMENTS = {exercise.id: exercise for exercise in (hand_fit, descent_lab, polynomial_lab)}
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
    checks = {**CODE, **EXPERIMENTS}
    return judge(practical().exercises[exercise], checks.get(exercise), answer)


def _names(pairs: list[tuple[str, Callable]]) -> list[str]:
    return [
        f"{exercise}-{getattr(function, '__name__', 'partial')}" for exercise, function in pairs
    ]


# --- what the exercises list ---------------------------------------------------------------------

LISTED_RIGHT = [(e.id, f) for e in CODE.values() for f in (e.reference, *e.alternatives)]
LISTED_WRONG = [(e.id, m) for e in CODE.values() for m in e.mistakes]
LISTED_USES = [(e.id, f) for e in EXPERIMENTS.values() for f in e.answers]
LISTED_MISUSES = [(e.id, m) for e in EXPERIMENTS.values() for m in e.mistakes]


@pytest.mark.parametrize(("exercise", "answer"), LISTED_RIGHT, ids=_names(LISTED_RIGHT))
def test_a_reference_or_alternative_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, verdict.message


@pytest.mark.parametrize(
    ("exercise", "mistake"), LISTED_WRONG, ids=[f"{id}-{m.id}" for id, m in LISTED_WRONG]
)
def test_a_mistake_is_rejected_and_diagnosed_as_itself(exercise, mistake):
    verdict = verdict_on(exercise, mistake.function)
    assert verdict.verdict in ("failed", "errored")
    assert verdict.mistake == mistake.id
    assert verdict.advice == mistake.advice


@pytest.mark.parametrize("exercise", CODE)
def test_an_unfilled_stub_is_not_attempted(exercise):
    text = practical().exercises[exercise]
    answer = namespace().answer(text, text.stub)
    if exercise == "J2.12":  # the stub still returns a step, with a gap in it
        assert "..." in text.stub
    assert verdict_on(exercise, answer).verdict == "not attempted"


@pytest.mark.parametrize("exercise", [*CODE, *EXPERIMENTS])
def test_the_practicals_own_solution_passes(exercise):
    text = practical().exercises[exercise]
    verdict = verdict_on(exercise, namespace().answer(text, solution_of(text.solution)))
    assert verdict.passed, verdict.message


@pytest.mark.parametrize("exercise", CODE)
def test_a_number_instead_of_a_function_is_told_so(exercise):
    verdict = verdict_on(exercise, 3.0)
    assert verdict.category == "signature"
    assert "Expected the function" in verdict.message


@pytest.mark.parametrize(("exercise", "use"), LISTED_USES, ids=_names(LISTED_USES))
def test_a_right_use_of_a_lab_passes(exercise, use):
    verdict = verdict_on(exercise, use())
    assert verdict.passed, verdict.message


@pytest.mark.parametrize(
    ("exercise", "misuse"), LISTED_MISUSES, ids=[f"{id}-{m.id}" for id, m in LISTED_MISUSES]
)
def test_a_misuse_of_a_lab_is_rejected_and_diagnosed_as_itself(exercise, misuse):
    verdict = verdict_on(exercise, misuse.function())
    assert verdict.verdict == "failed"
    assert verdict.mistake == misuse.id


@pytest.mark.parametrize("exercise", EXPERIMENTS)
def test_an_untouched_lab_is_not_attempted(exercise):
    text = practical().exercises[exercise]
    lab = namespace().answer(text, text.stub)
    assert verdict_on(exercise, lab).verdict == "not attempted"


def _raising(error: Exception) -> Callable:
    def answer(*args):
        raise error

    return answer


@pytest.mark.parametrize("exercise", CODE)
@pytest.mark.parametrize(
    "error", [TypeError("no"), ValueError("no"), AttributeError("no")], ids=repr
)
def test_an_answer_that_always_raises_is_not_taken_for_a_mistake(exercise, error):
    verdict = verdict_on(exercise, _raising(error))
    assert verdict.verdict == "errored"
    assert verdict.mistake is None


@pytest.mark.parametrize(
    "error", [TypeError("no"), ValueError("no"), AttributeError("no")], ids=repr
)
def test_a_step_that_always_raises_is_not_taken_for_a_mistake(error):
    verdict = verdict_on("J2.12", lambda loss, optimiser: _raising(error))
    assert verdict.verdict == "errored"
    assert verdict.mistake is None


# --- J2.4 and J2.15: letters ---------------------------------------------------------------------


def test_the_gradient_can_be_answered_by_a_letter():
    text = practical().exercises["J2.4"]
    for letter, _, _ in options_of(text):
        verdict = verdict_on("J2.4", letter.lower())
        assert verdict.passed == (letter == right_option(text))
        assert verdict.message if verdict.passed else verdict.advice


def test_each_wrong_letter_has_its_own_advice():
    notes = [
        note for _, is_right, note in options_of(practical().exercises["J2.4"]) if not is_right
    ]
    assert len(set(notes)) == 3


def test_only_one_order_of_the_derivation_is_right():
    text = practical().exercises["J2.15"]
    order = right_order(text)
    assert verdict_on("J2.15", order).passed
    assert verdict_on("J2.15", " ".join(order).upper()).passed
    for place in range(len(order) - 1):
        swapped = [*order]
        swapped[place : place + 2] = swapped[place : place + 2][::-1]
        verdict = verdict_on("J2.15", "".join(swapped))
        assert verdict.verdict == "failed"
        assert verdict.advice, "the step that stands in the wrong place says what it is"
    assert verdict_on("J2.15", order[:-1]).category == "signature"
    assert verdict_on("J2.15", order[:-1] + order[0]).category == "signature"


def test_the_derivation_is_not_shown_in_order():
    letters = step_letters(practical().exercises["J2.15"])
    assert [*letters] != sorted(letters)


# --- J2.1, J2.5, J2.6: records -------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        [(3, -0.03)],
        [(4, 0.0)],
        [(0, 0.01), (1, 0.01), (0, 0.03), (-2, 0.02)],
        [(-5, 0.05), (-2, 0.03)],
        [(2, 0.0), (3, 0.01), (4, 0.01)],
    ],
)
def test_a_line_that_is_not_good_enough_is_refused(lines):
    lab = labs.FitByHand(*datasets.houses())
    for b, w in lines:
        lab.set(b=b, w=w)
    assert verdict_on("J2.1", lab).verdict == "failed"


def test_a_flattering_loss_does_not_make_a_line_good():
    lab = labs.FitByHand(*datasets.houses(), loss=lambda params, x, y: 0.0)
    lab.set(b=5, w=0.05)
    assert verdict_on("J2.1", lab).verdict == "failed"


_ARRIVED = {"standardised": True, "rate": 0.2, "clipping": "none", "steps": 150}
_STABLE = {"standardised": False, "rate": 4.1e-5, "clipping": "none", "steps": 200}
_UNSTABLE = {"standardised": False, "rate": 4.4e-5, "clipping": "none", "steps": 200}
_CREEPING = {"standardised": True, "rate": 1e-4, "clipping": "none", "steps": 500}
_CHATTERING = {"standardised": False, "rate": 0.02, "clipping": "element-wise", "threshold": 2.0}


def _descents(*settings: dict[str, Any]) -> labs.GradientDescentLab:
    lab = labs.GradientDescentLab(*datasets.houses())
    for one in settings:
        lab.set(**one)
    return lab


def test_the_four_tasks_may_be_done_at_other_settings():
    lab = _descents(_CHATTERING, _CREEPING, _UNSTABLE, _STABLE, _ARRIVED)
    verdict = verdict_on("J2.5", lab)
    assert verdict.passed, verdict.message


@pytest.mark.parametrize("missing", range(5))
def test_a_task_left_out_of_the_descent_lab_is_noticed(missing):
    settings = [_ARRIVED, _STABLE, _UNSTABLE, _CREEPING, _CHATTERING]
    del settings[missing]
    assert verdict_on("J2.5", _descents(*settings)).verdict == "failed"


@pytest.mark.parametrize(
    ("place", "instead"),
    [
        (1, {**_STABLE, "rate": 3.9e-5}),  # more than 10 % below the unstable one
        (1, {**_STABLE, "rate": 4.3e-5}),  # on the same side of the border
        (2, {**_UNSTABLE, "rate": 1.0}),
        (2, {**_UNSTABLE, "clipping": "global norm"}),
        (3, {**_CREEPING, "steps": 20}),  # of course it is not there after 20
        (3, {**_CREEPING, "rate": 3.0}),
        (4, {**_CHATTERING, "clipping": "global norm"}),
        (4, {**_CHATTERING, "standardised": True}),
    ],
)
def test_a_task_of_the_descent_lab_that_is_missed_narrowly_is_refused(place, instead):
    settings = [_ARRIVED, _STABLE, _UNSTABLE, _CREEPING, _CHATTERING]
    settings[place] = instead
    assert verdict_on("J2.5", _descents(*settings)).verdict == "failed"


_EXACT = {"solver": "exact least squares", "penalty": 0.0}
_UNFINISHED = {"solver": "gradient descent", "basis": "monomial", "rate": 0.2, "steps": 5000}


def _polynomials(*settings: dict[str, Any]) -> labs.PolynomialLab:
    lab = labs.PolynomialLab()
    for one in settings:
        lab.set(**one)
    return lab


def _polynomial_tasks() -> list[list[dict[str, Any]]]:
    return [
        [{**_EXACT, "degree": degree} for degree in (12, 2, 6, 4)],
        [{**_UNFINISHED, "degree": degree} for degree in (10, 7, 5)],
        [{**_EXACT, "degree": 7}],
        [{**_EXACT, "degree": 9, "outside": True}],
    ]


def test_the_four_tasks_of_the_polynomial_lab_may_be_done_at_other_settings():
    lab = _polynomials(*[one for task in _polynomial_tasks() for one in task])
    verdict = verdict_on("J2.6", lab)
    assert verdict.passed, verdict.message


@pytest.mark.parametrize("missing", range(4))
def test_a_task_left_out_of_the_polynomial_lab_is_noticed(missing):
    tasks = _polynomial_tasks()
    del tasks[missing]
    lab = _polynomials(*[one for task in tasks for one in task])
    assert verdict_on("J2.6", lab).verdict == "failed"


@pytest.mark.parametrize(
    ("place", "instead"),
    [
        (0, [{**_EXACT, "degree": degree} for degree in (4, 5, 6, 8)]),  # a narrow range
        (0, [{**_EXACT, "degree": degree, "seed": degree} for degree in (1, 3, 5, 10)]),
        (0, [{**_EXACT, "degree": degree, "penalty": 0.1} for degree in (1, 3, 5, 10)]),
        (1, [{**_UNFINISHED, "degree": 10}]),  # nothing to compare it with
        (1, [{**_UNFINISHED, "degree": 5}, {**_UNFINISHED, "degree": 10, "seed": 4}]),
        (1, [{**_UNFINISHED, "degree": degree, "rate": 0.1, "steps": 1500} for degree in (5, 10)]),
        (1, [{**_UNFINISHED, "degree": degree, "basis": "Legendre"} for degree in (5, 10)]),
        (2, [{**_UNFINISHED, "degree": 7}]),
        (3, [{**_UNFINISHED, "degree": 9, "outside": True}, {**_EXACT, "outside": False}]),
    ],
)
def test_a_task_of_the_polynomial_lab_that_is_missed_narrowly_is_refused(place, instead):
    tasks = _polynomial_tasks()
    tasks[place] = instead
    lab = _polynomials(*[one for task in tasks for one in task])
    assert verdict_on("J2.6", lab).verdict == "failed"


# --- J2.3 ----------------------------------------------------------------------------------------


@wrong("J2.3")
def relative_error(b, w, x, y):
    return ((y - w * x - b) / y) ** 2


@wrong("J2.3")
def cubed(b, w, x, y):
    return (y - w * x - b) ** 3


@wrong("J2.3")
def fourth_power(b, w, x, y):
    return (y - w * x - b) ** 4


@wrong("J2.3")
def negative(b, w, x, y):
    return -((y - w * x - b) ** 2)


@wrong("J2.3")
def sum_with_the_prediction(b, w, x, y):
    return (y + w * x + b) ** 2


@wrong("J2.3")
def only_below_the_line(b, w, x, y):
    return jnp.maximum(y - w * x - b, 0.0) ** 2


@wrong("J2.3")
def bracket_around_the_sum(b, w, x, y):
    return (y - w * (x + b)) ** 2


@wrong("J2.3")
def square_of_the_bias_only(b, w, x, y):
    return y - w * x - b**2


@wrong("J2.3")
def huber(b, w, x, y):
    error = jnp.abs(y - w * x - b)
    return jnp.where(error < 1, error**2, 2 * error - 1)


@wrong("J2.3")
def always_the_loss_of_the_first(b, w, x, y):
    return jnp.ravel((y - w * x - b) ** 2)[0]


@wrong("J2.3")
def last_axis_summed(b, w, x, y):
    squares = jnp.asarray((y - w * x - b) ** 2)
    return squares.sum(-1) if squares.ndim else squares


@wrong("J2.3")
def contracted(b, w, x, y):
    return (y - jnp.einsum("...,...->", w, x) - b) ** 2


@wrong("J2.3")
def outer(b, w, x, y):
    return (jnp.ravel(y)[:, None] - jnp.ravel(w * x + b)) ** 2


@wrong("J2.3")
def rounded(b, w, x, y):
    return jnp.round((y - w * x - b) ** 2, 2)


@wrong("J2.3")
def half_precision(b, w, x, y):
    return jnp.asarray((y - w * x - b) ** 2, jnp.float16)


@wrong("J2.3")
def by_python_float(b, w, x, y):
    return float(y - w * x - b) ** 2


@wrong("J2.3")
def caret(b, w, x, y):
    return (y - w * x - b) ^ 2


@wrong("J2.3")
def without_gradient(b, w, x, y):
    return jax.lax.stop_gradient((y - w * x - b) ** 2)


@wrong("J2.3")
def flattened(b, w, x, y):
    return jnp.ravel((y - w * x - b) ** 2)


@right("J2.3")
def loops_over_floats(b, w, x, y):
    prediction = b
    prediction = prediction + w * x
    return pow(prediction - y, 2)


@right("J2.3")
@jax.jit
def compiled_square(b, w, x, y):
    return jax.lax.integer_pow(jnp.asarray(y - w * x - b), 2)


@right("J2.3")
def half_expanded(b, w, x, y):
    f = w * x + b
    return y**2 - 2 * y * f + f**2


@right("J2.3")
def by_absolute_value(b, w, x, y):
    return abs(y - (w * x + b)) ** 2.0


@right("J2.3")
def with_defaults(b, w, x, y, power=2):
    return (y - b - x * w) ** power


RIGHT.append(("J2.3", functools.partial(with_defaults, power=2)))


# --- J2.4 ----------------------------------------------------------------------------------------


@wrong("J2.4")
def only_b_has_the_wrong_sign(b, w, x, y):
    error = w * x + b - y
    return -jnp.mean(error), jnp.mean(error * x)


@wrong("J2.4")
def only_w_is_summed(b, w, x, y):
    error = w * x + b - y
    return jnp.mean(error), jnp.sum(error * x)


@wrong("J2.4")
def of_absolute_errors(b, w, x, y):
    sign = jnp.sign(w * x + b - y)
    return jnp.mean(sign), jnp.mean(sign * x)


@wrong("J2.4")
def multiplied_by_w(b, w, x, y):
    error = w * x + b - y
    return jnp.mean(error), jnp.mean(error) * w


@wrong("J2.4")
def multiplied_by_x_squared(b, w, x, y):
    error = w * x + b - y
    return jnp.mean(error), jnp.mean(error * x**2)


@wrong("J2.4")
def divided_by_n_minus_one(b, w, x, y):
    error = w * x + b - y
    return error.sum() / (len(x) - 1 or 1), (error * x).sum() / (len(x) - 1 or 1)


@wrong("J2.4")
def normalised(b, w, x, y):
    error = w * x + b - y
    by = jnp.array([jnp.mean(error), jnp.mean(error * x)])
    return tuple(by / jnp.linalg.norm(by))


@wrong("J2.4")
def first_house_only(b, w, x, y):
    error = w * x[0] + b - y[0]
    return error, error * x[0]


@wrong("J2.4")
def rough_differences(b, w, x, y):
    def loss(b, w):
        return jnp.mean((y - w * x - b) ** 2) / 2

    return (loss(b + 0.1, w) - loss(b, w)) / 0.1, (loss(b, w + 0.1) - loss(b, w)) / 0.1


@wrong("J2.4")
def of_the_squared_error_alone(b, w, x, y):
    error = w * x + b - y
    return 2 * error.sum(), 2 * (error * x).sum()


@wrong("J2.4")
def weighted_prediction(b, w, x, y):
    return jnp.mean(w * x + b - y), jnp.mean((w * x + b) * x - y)


@wrong("J2.4")
def a_step_already(b, w, x, y):
    error = w * x + b - y
    return b - jnp.mean(error), w - jnp.mean(error * x)


@wrong("J2.4")
def as_a_dictionary(b, w, x, y):
    error = w * x + b - y
    return {"b": jnp.mean(error), "w": jnp.mean(error * x)}


@right("J2.4")
def with_numpy(b, w, x, y):
    error = np.asarray(b + w * np.asarray(x) - np.asarray(y))
    return float(error.mean()), float(np.dot(error, np.asarray(x)) / len(error))


@right("J2.4")
def as_a_list(b, w, x, y):
    residual = y - w * x - b
    return [-residual.mean(), -(residual @ x) / x.size]


@right("J2.4")
@jax.jit
def as_an_array(b, w, x, y):
    error = w * x + b - y
    return jnp.mean(error), jnp.vdot(error, x) / len(x)


@right("J2.4")
def from_the_library(b, w, x, y):
    by = regression.half_mean_squared_error_gradient({"b": b, "w": w}, x, y)
    return by["b"], by["w"]


@right("J2.4")
def by_sums(b, w, x, y):
    n = len(x)
    by_b = sum(w * x[i] + b - y[i] for i in range(n)) / n
    by_w = sum((w * x[i] + b - y[i]) * x[i] for i in range(n)) / n
    return by_b, by_w


@right("J2.4")
def by_jvp(b, w, x, y):
    def loss(b, w):
        return 0.5 * jnp.mean((y - w * x - b) ** 2)

    b, w = jnp.asarray(b, jnp.float32), jnp.asarray(w, jnp.float32)
    one, zero = jnp.ones_like(b), jnp.zeros_like(b)
    return jax.jvp(loss, (b, w), (one, zero))[1], jax.jvp(loss, (b, w), (zero, one))[1]


# --- J2.8 ----------------------------------------------------------------------------------------


@wrong("J2.8")
def divided_by_n_less_one(params, x, y):
    error = y - params["w"] * x - params["b"]
    return jnp.sum(error**2) / (2 * max(len(x) - 1, 1))


@wrong("J2.8")
def variance_of_the_errors(params, x, y):
    return jnp.var(y - params["w"] * x - params["b"]) / 2


@wrong("J2.8")
def median(params, x, y):
    return jnp.median((y - params["w"] * x - params["b"]) ** 2) / 2


@wrong("J2.8")
def largest(params, x, y):
    return jnp.max((y - params["w"] * x - params["b"]) ** 2) / 2


@wrong("J2.8")
def fixed_number_of_houses(params, x, y):
    return jnp.sum((y - params["w"] * x - params["b"]) ** 2) / 10


@wrong("J2.8")
def with_a_penalty(params, x, y):
    return jnp.mean((y - params["w"] * x - params["b"]) ** 2) / 2 + 0.01 * params["w"] ** 2


@wrong("J2.8")
def crossed(params, x, y):
    return jnp.mean((y[:, None] - params["w"] * x - params["b"]) ** 2) / 2


@wrong("J2.8")
def remembering(params, x, y, seen=[]):  # noqa: B006
    seen.append(1)
    return jnp.mean((y - params["w"] * x - params["b"]) ** 2) / 2 * (1 + 0.01 * len(seen))


@wrong("J2.8")
def first_data_kept(params, x, y, kept={}):  # noqa: B006
    x, y = kept.setdefault(len(x), (x, y))
    return jnp.mean((y - params["w"] * x - params["b"]) ** 2) / 2


@wrong("J2.8")
def changing_params(params, x, y):
    value = jnp.mean((y - params["w"] * x - params["b"]) ** 2) / 2
    params["b"] = params["b"] + 0.0 * value + 1.0
    return value


@wrong("J2.8")
def halved_twice(params, x, y):
    return jnp.mean((y - params["w"] * x - params["b"]) ** 2) / 4


@wrong("J2.8")
def in_numpy(params, x, y):
    return np.mean((np.asarray(y) - params["w"] * np.asarray(x) - params["b"]) ** 2) / 2


@wrong("J2.8")
def as_a_float(params, x, y):
    return float(jnp.mean((y - params["w"] * x - params["b"]) ** 2) / 2)


@wrong("J2.8")
def normalised_by_the_targets(params, x, y):
    error = y - params["w"] * x - params["b"]
    return jnp.sum(error**2) / jnp.sum(y**2) / 2


@wrong("J2.8")
def in_single_precision(params, x, y):
    return jnp.float32(jnp.mean((y - params["w"] * x - params["b"]) ** 2) / 2)


@wrong("J2.8")
def detached_slope(params, x, y):
    w = jax.lax.stop_gradient(params["w"])
    return jnp.mean((y - w * x - params["b"]) ** 2) / 2


@wrong("J2.8")
def with_keepdims(params, x, y):
    return jnp.mean((y - params["w"] * x - params["b"]) ** 2, keepdims=True) / 2


@wrong("J2.8")
def pair_of_values(params, x, y):
    errors = y - params["w"] * x - params["b"]
    return jnp.mean(errors**2) / 2, errors


@right("J2.8")
def by_library(params, x, y):
    return 0.5 * regression.mean_squared_error(regression.predict(params, x), y)


@right("J2.8")
@jax.jit
def compiled_loss(params, x, y):
    return 0.5 * jnp.average(jnp.square(params["b"] + x * params["w"] - y))


@right("J2.8")
def by_design_matrix(params, x, y):
    X = jnp.stack([jnp.ones_like(x), x], axis=-1)
    theta = jnp.stack([jnp.asarray(params["b"]), jnp.asarray(params["w"])])
    left = y - X @ theta
    return left.T @ left / 2 / y.shape[0]


@right("J2.8")
def by_moments(params, x, y):
    b, w = params["b"], params["w"]
    squares = (y**2).mean() + w**2 * (x**2).mean() + b**2
    mixed = b * w * x.mean() - w * (x * y).mean() - b * y.mean()
    return squares / 2 + mixed


@right("J2.8")
def by_scan(params, x, y):
    def add(total, house):
        x_i, y_i = house
        return total + (y_i - params["w"] * x_i - params["b"]) ** 2, None

    total, _ = jax.lax.scan(add, 0.0 * (x[0] + y[0] + params["w"] + params["b"]), (x, y))
    return total / (2 * len(x))


@right("J2.8")
def by_optax(params, x, y):
    return optax.l2_loss(params["w"] * x + params["b"], y).mean()


# --- J2.9 ----------------------------------------------------------------------------------------


def _hessian(x):
    return jnp.array([[1.0, jnp.mean(x)], [jnp.mean(x), jnp.mean(x**2)]])


@wrong("J2.9")
def always_two(x):
    return 2.0


@wrong("J2.9")
def by_the_largest_square(x):
    return 2 / (1 + jnp.max(x**2))


@wrong("J2.9")
def by_the_variance(x):
    return 2 / jnp.var(x)


@wrong("J2.9")
def slightly_safer(x):
    return 1.99 / jnp.linalg.eigvalsh(_hessian(x))[-1]


@wrong("J2.9")
def slightly_too_large(x):
    return 2.002 / jnp.linalg.eigvalsh(_hessian(x))[-1]


@wrong("J2.9")
def by_the_frobenius_norm(x):
    return 2 / jnp.linalg.norm(_hessian(x))


@wrong("J2.9")
def by_the_row_sums(x):
    return 2 / jnp.linalg.norm(_hessian(x), ord=1)


@wrong("J2.9")
def by_the_determinant(x):
    return 2 / jnp.linalg.det(_hessian(x))


@wrong("J2.9")
def by_singular_value_of_x(x):
    X = jnp.stack([jnp.ones_like(x), x], axis=1)
    return 2 / jnp.linalg.norm(X, ord=2)


@wrong("J2.9")
def sum_of_both(x):
    return 2 / jnp.linalg.eigvalsh(_hessian(x)).sum()


@wrong("J2.9")
def without_mixed_entries(x):
    return 2 / jnp.maximum(1.0, jnp.mean(x**2))


@wrong("J2.9")
def optimal_for_both(x):
    return 2 / jnp.linalg.eigvalsh(_hessian(x)).mean() / 2


@wrong("J2.9")
def eigenvectors_as_well(x):
    return jnp.linalg.eigh(_hessian(x))


@wrong("J2.9")
def as_a_vector_of_one(x):
    return 2 / jnp.linalg.eigvalsh(_hessian(x))[-1:]


@wrong("J2.9")
def of_the_whole_mean_square(x):
    return 2 / jnp.linalg.eigvalsh(2 * _hessian(x))[-1]


@right("J2.9")
def with_numpy_eigenvalues(x):
    x = np.asarray(x, np.float64)
    return 2 / np.linalg.eigvalsh([[1.0, x.mean()], [x.mean(), (x**2).mean()]])[-1]


@right("J2.9")
def by_gram_matrix_of_examples(x):
    X = jnp.stack([jnp.ones_like(x), x], axis=1)
    return 2 / jnp.linalg.eigvalsh(X @ X.T / len(x))[-1]


@right("J2.9")
def by_real_part(x):
    return 2 / jnp.linalg.eigvals(_hessian(x)).real.max()


@right("J2.9")
def by_svd(x):
    return 2 / jnp.linalg.svd(_hessian(x), compute_uv=False)[0]


@right("J2.9")
def by_power_iteration(x):
    H, v = _hessian(x), jnp.array([0.6, 0.8])
    for _ in range(200):
        v = H @ v
        v = v / jnp.linalg.norm(v)
    return 2 / (v @ H @ v)


@right("J2.9")
@jax.jit
def from_the_loss(x):
    params = {"b": jnp.array(0.0), "w": jnp.array(0.0)}
    of = functools.partial(regression.half_mean_squared_error, x=x, y=jnp.zeros_like(x))
    return 2 / regression.curvatures(of, params)[-1]


# --- J2.14 ---------------------------------------------------------------------------------------


def _parts(loss, params):
    flat, restore = ravel_pytree(params)

    def of(vector):
        return loss(restore(vector))

    return flat, restore, jax.grad(of)(flat), jax.hessian(of)(flat)


@wrong("J2.14")
def damped(loss, params):
    flat, restore, g, H = _parts(loss, params)
    return restore(flat - jnp.linalg.solve(H + 0.01 * jnp.eye(len(flat)), g))


@wrong("J2.14")
def gauss_newton_like(loss, params):
    flat, restore, g, _ = _parts(loss, params)
    return restore(flat - jnp.linalg.pinv(jnp.outer(g, g)) @ g)


@wrong("J2.14")
def normalised_gradient(loss, params):
    flat, restore, g, _ = _parts(loss, params)
    return restore(flat - g / jnp.linalg.norm(g))


@wrong("J2.14")
def steepest_descent(loss, params):
    flat, restore, g, H = _parts(loss, params)
    return restore(flat - (g @ g) / (g @ H @ g) * g)


@wrong("J2.14")
def largest_curvature(loss, params):
    flat, restore, g, H = _parts(loss, params)
    return restore(flat - g / jnp.linalg.eigvalsh(H)[-1])


@wrong("J2.14")
def elementwise_inverse(loss, params):
    flat, restore, g, H = _parts(loss, params)
    return restore(flat - (1 / H) @ g)


@wrong("J2.14")
def two_steps(loss, params):
    return regression.newton_step(loss, regression.newton_step(loss, params))


@wrong("J2.14")
def from_zero(loss, params):
    zero = jax.tree.map(jnp.zeros_like, params)
    return regression.newton_step(loss, zero)


@wrong("J2.14")
def at_the_start_unchanged(loss, params):
    return params


@wrong("J2.14")
def with_the_loss(loss, params):
    return regression.newton_step(loss, params), loss(params)


@wrong("J2.14")
def hessian_at_zero(loss, params):
    flat, restore, g, _ = _parts(loss, params)
    H = jax.hessian(lambda vector: loss(restore(vector)))(jnp.zeros_like(flat))
    return restore(flat - jnp.linalg.solve(H, g))


@wrong("J2.14")
def two_parameters_only(loss, params):
    def of(vector):
        return loss({"b": vector[0], "w": vector[1]})

    theta = jnp.array([params["b"], params["w"]])
    theta = theta - jnp.linalg.solve(jax.hessian(of)(theta), jax.grad(of)(theta))
    return {"b": theta[0], "w": theta[1]}


@wrong("J2.14")
def lower_triangle_only(loss, params):
    flat, restore, g, H = _parts(loss, params)
    return restore(flat - jax.scipy.linalg.solve_triangular(H, g, lower=True))


@wrong("J2.14")
def many_steps_of_descent(loss, params):
    return jax.tree.map(
        lambda way: way[-1],
        regression.gradient_descent(loss, params, rate=0.05, steps=60).params,
    )


@right("J2.14")
def by_conjugate_gradients(loss, params):
    slope = jax.grad(loss)
    params = jax.tree.map(jnp.asarray, params)

    def product(direction):
        return jax.jvp(slope, (params,), (direction,))[1]

    step, _ = jax.scipy.sparse.linalg.cg(product, slope(params), tol=1e-9)
    return jax.tree.map(jnp.subtract, params, step)


@right("J2.14")
def by_pseudo_inverse(loss, params):
    flat, restore, g, H = _parts(loss, params)
    return restore(flat - jnp.linalg.pinv(H, rtol=1e-7) @ g)


@right("J2.14")
def by_forward_over_reverse(loss, params):
    flat, restore = ravel_pytree(params)
    slope = jax.grad(lambda vector: loss(restore(vector)))
    return restore(flat - jnp.linalg.solve(jax.jacfwd(slope)(flat), slope(flat)))


@right("J2.14")
def flattened_by_hand(loss, params):
    leaves, structure = jax.tree.flatten(params)
    leaves = [jnp.asarray(leaf, jnp.result_type(float)) for leaf in leaves]
    ends = np.cumsum([leaf.size for leaf in leaves])

    def rebuilt(vector):
        pieces = jnp.split(vector, ends[:-1])
        shaped = [piece.reshape(leaf.shape) for piece, leaf in zip(pieces, leaves, strict=True)]
        return jax.tree.unflatten(structure, shaped)

    flat = jnp.concatenate([leaf.ravel() for leaf in leaves])
    g, H = (kind(lambda vector: loss(rebuilt(vector)))(flat) for kind in (jax.grad, jax.hessian))
    return rebuilt(flat - jnp.linalg.solve(H, g))


@right("J2.14")
@functools.partial(jax.jit, static_argnums=0)
def compiled_newton(loss, params):
    flat, restore, g, H = _parts(loss, params)
    return restore(flat + jnp.linalg.solve(H, -g))


# --- J2.10 ---------------------------------------------------------------------------------------


@wrong("J2.10")
def inverse_then_moments(X, y):
    return jnp.linalg.inv(X.T @ X) @ (X.T @ y)


@wrong("J2.10")
def by_cholesky(X, y):
    return jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(X.T @ X), X.T @ y)


@wrong("J2.10")
def lstsq_of_the_normal_equations(X, y):
    return jnp.linalg.lstsq(X.T @ X, X.T @ y)[0]


@wrong("J2.10")
def eigenvalues_of_the_normal_matrix(X, y):
    values, vectors = jnp.linalg.eigh(X.T @ X)
    scores = vectors.T @ (X.T @ y)
    kept = values > 1e-6 * values[-1]
    return vectors @ jnp.where(kept, scores / jnp.where(kept, values, 1), 0)


@wrong("J2.10")
def a_little_ridge(X, y):
    return jnp.linalg.solve(X.T @ X + 1e-6 * jnp.eye(X.shape[1]), X.T @ y)


@wrong("J2.10")
def a_tiny_ridge(X, y):
    return jnp.linalg.solve(X.T @ X + 1e-8 * jnp.eye(X.shape[1]), X.T @ y)


@wrong("J2.10")
def ridge_by_singular_values(X, y):
    return regression.ridge(X, y, 1e-6)


@wrong("J2.10")
def ridge_by_more_rows(X, y):
    rows = 1e-3 * jnp.eye(X.shape[1])
    return jnp.linalg.lstsq(jnp.vstack([X, rows]), jnp.append(y, jnp.zeros(X.shape[1])))[0]


@wrong("J2.10")
def qr_and_general_solve(X, y):
    Q, R = jnp.linalg.qr(X)
    return jnp.linalg.solve(R, Q.T @ y)


@wrong("J2.10")
def qr_and_inverse(X, y):
    Q, R = jnp.linalg.qr(X)
    return jnp.linalg.inv(R) @ Q.T @ y


@wrong("J2.10")
def by_descent(X, y):
    steepest = jnp.linalg.norm(X, ord=2) ** 2

    def step(_, w):
        return w - X.T @ (X @ w - y) / steepest

    return jax.lax.fori_loop(0, 300, step, jnp.zeros(X.shape[1]))


@wrong("J2.10")
def rounded_pseudo_inverse(X, y):
    return jnp.linalg.pinv(X, rtol=1e-2) @ y


@wrong("J2.10")
def centred_first(X, y):
    return jnp.linalg.lstsq(X - X.mean(0), y - y.mean())[0]


@wrong("J2.10")
def solved_the_wrong_way_round(X, y):
    return jnp.linalg.pinv(y[:, None])[0] @ X


@wrong("J2.10")
def residual_too(X, y):
    w = jnp.linalg.lstsq(X, y)[0]
    return w, y - X @ w


@wrong("J2.10")
def in_numpy_only(X, y):
    return np.linalg.lstsq(np.asarray(X), np.asarray(y))[0]


@wrong("J2.10")
def not_the_smallest(X, y):
    w = jnp.linalg.lstsq(X, y)[0]
    _, s, Vt = jnp.linalg.svd(X)
    missing = jnp.append(s, jnp.zeros(len(Vt)))[: len(Vt)] < 1e-5 * s[0]
    return w + Vt.T @ (0.5 * missing)


@right("J2.10")
def lstsq_with_a_threshold(X, y):
    return jnp.linalg.lstsq(X, y, rcond=1e-6)[0]


@right("J2.10")
@jax.jit
def compiled_pseudo_inverse(X, y):
    return jnp.einsum("dn,n->d", jnp.linalg.pinv(X), y)


@right("J2.10")
def qr_and_pseudo_inverse(X, y):
    Q, R = jnp.linalg.qr(X, mode="reduced")
    return jnp.linalg.pinv(R) @ (Q.T @ y)


@right("J2.10")
def one_singular_triple_at_a_time(X, y):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    w = jnp.zeros(X.shape[1])
    for k in range(len(s)):
        w = w + jnp.where(s[k] > 3e-6 * s[0], (U[:, k] @ y) / s[k], 0.0) * Vt[k]
    return w


@right("J2.10")
def pseudo_inverse_of_the_transpose(X, y):
    return y @ jnp.linalg.pinv(X.T)


@right("J2.10")
def with_y_as_a_column(X, y):
    return jnp.linalg.lstsq(X, y[:, None])[0].squeeze(axis=1)


# --- J2.11 ---------------------------------------------------------------------------------------


@wrong("J2.11")
def squares_only(x, degree):
    return jnp.stack([x**2] * degree + [jnp.ones_like(x)], axis=1)


@wrong("J2.11")
def odd_powers_only(x, degree):
    powers = jnp.arange(degree, -1, -1)
    return x[:, None] ** powers * (powers % 2)


@wrong("J2.11")
def absolute_powers(x, degree):
    return jnp.abs(x)[:, None] ** jnp.arange(degree, -1, -1)


@wrong("J2.11")
def scaled_columns(x, degree):
    powers = x[:, None] ** jnp.arange(degree, -1, -1)
    return powers / jnp.linalg.norm(powers, axis=0)


@wrong("J2.11")
def chebyshev(x, degree):
    return jnp.cos(jnp.arange(degree, -1, -1) * jnp.arccos(jnp.clip(x, -1, 1))[:, None])


@wrong("J2.11")
def factorials(x, degree):
    powers = jnp.arange(degree, -1, -1)
    return x[:, None] ** powers / jax.scipy.special.factorial(powers)


@wrong("J2.11")
def zero_to_the_zero_is_zero(x, degree):
    powers = x[:, None] ** jnp.arange(degree, -1, -1)
    return jnp.where(x[:, None] == 0, 0.0, powers)


@wrong("J2.11")
def from_one_degree_only(x, degree):
    return jnp.vander(x, 4)


@wrong("J2.11")
def vander_of_the_degree(x, degree):
    return jnp.vander(x, degree)


@wrong("J2.11")
def vander_upwards(x, degree):
    return jnp.vander(x, degree + 1, increasing=True)


@wrong("J2.11")
def square_vander(x, degree):
    return jnp.vander(x)


@wrong("J2.11")
def whole_numbers(x, degree):
    return (x[:, None] ** jnp.arange(degree, -1, -1)).astype(int)


@wrong("J2.11")
def one_long_vector(x, degree):
    return (x[:, None] ** jnp.arange(degree, -1, -1)).ravel()


@wrong("J2.11")
def with_a_third_axis(x, degree):
    return x[:, None, None] ** jnp.arange(degree, -1, -1)


@wrong("J2.11")
def sorted_in_rows(x, degree):
    return jnp.sort(x[:, None] ** jnp.arange(degree, -1, -1), axis=1)[:, ::-1]


@wrong("J2.11")
def half_precision_powers(x, degree):
    return x.astype(jnp.float16)[:, None] ** jnp.arange(degree, -1, -1)


@wrong("J2.11")
def filled_in_place(x, degree):
    matrix = jnp.ones((len(x), degree + 1))
    for power in range(degree + 1):
        matrix[:, degree - power] = x**power
    return matrix


@right("J2.11")
def with_float_powers(x, degree):
    return jnp.power(x[:, None], jnp.arange(degree, -1, -1)[None, :])


@right("J2.11")
def by_flipping(x, degree):
    return jnp.flip(x[:, None] ** jnp.arange(degree + 1), axis=1)


@right("J2.11")
def by_column_stack(x, degree):
    return jnp.column_stack([x**k for k in range(degree, 0, -1)] + [jnp.ones(x.shape)])


@right("J2.11")
def by_horner(x, degree):
    columns = [jnp.ones_like(x)]
    for _ in range(degree):
        columns.insert(0, columns[0] * x)
    return jnp.array(columns).T


@right("J2.11")
def by_updates(x, degree):
    matrix = jnp.ones((len(x), degree + 1))
    for column in range(degree):
        matrix = matrix.at[:, column].set(x ** (degree - column))
    return matrix


@right("J2.11")
@functools.partial(jax.jit, static_argnums=1)
def compiled_features(x, degree):
    return jnp.einsum("nk->nk", x.reshape(-1, 1) ** np.arange(degree, -1, -1))


RIGHT.append(("J2.11", lambda x, degree: jnp.vander(x, N=1 + degree, increasing=False)))


# --- J2.12 ---------------------------------------------------------------------------------------


def _taken(loss, optimiser, state, batch):
    value, gradient = jax.value_and_grad(loss)(state.params, batch)
    updates, opt_state = optimiser.update(gradient, state.opt_state, state.params)
    return value, gradient, updates, opt_state


def _next(state, params, opt_state, value, counted=1):
    return training.TrainState(params, opt_state, state.step + counted), {"loss": value}


@wrong("J2.12")
def own_gradient_descent(loss, optimiser):
    def step(state, batch):
        value, gradient = jax.value_and_grad(loss)(state.params, batch)
        params = jax.tree.map(lambda leaf, slope: leaf - 0.1 * slope, state.params, gradient)
        return _next(state, params, state.opt_state, value)

    return step


@wrong("J2.12")
def always_adam(loss, optimiser):
    def step(state, batch):
        return training.make_step(loss, optax.adam(0.1))(state, batch)

    return step


@wrong("J2.12")
def step_itself(loss, optimiser):
    state = training.init_state({"b": 0.5, "w": jnp.array([1.0, -2.0])}, optimiser)
    return state, {"loss": 0.0}


@wrong("J2.12")
def updated_twice(loss, optimiser):
    def step(state, batch):
        value, _, updates, opt_state = _taken(loss, optimiser, state, batch)
        params = optax.apply_updates(optax.apply_updates(state.params, updates), updates)
        return _next(state, params, opt_state, value)

    return step


@wrong("J2.12")
def counted_twice(loss, optimiser):
    def step(state, batch):
        value, _, updates, opt_state = _taken(loss, optimiser, state, batch)
        params = optax.apply_updates(state.params, updates)
        return _next(state, params, opt_state, value, counted=2)

    return step


@wrong("J2.12")
def count_always_one(loss, optimiser):
    def step(state, batch):
        value, _, updates, opt_state = _taken(loss, optimiser, state, batch)
        params = optax.apply_updates(state.params, updates)
        return training.TrainState(params, opt_state, jnp.ones((), jnp.int32)), {"loss": value}

    return step


@wrong("J2.12")
def updates_as_parameters(loss, optimiser):
    def step(state, batch):
        value, _, updates, opt_state = _taken(loss, optimiser, state, batch)
        return _next(state, updates, opt_state, value)

    return step


@wrong("J2.12")
def gradient_at_the_new_parameters(loss, optimiser):
    def step(state, batch):
        _, _, updates, _ = _taken(loss, optimiser, state, batch)
        ahead = state._replace(params=optax.apply_updates(state.params, updates))
        value, _, updates, opt_state = _taken(loss, optimiser, ahead, batch)
        return _next(state, optax.apply_updates(state.params, updates), opt_state, value)

    return step


@wrong("J2.12")
def first_batch_for_ever(loss, optimiser):
    seen = []

    def step(state, batch):
        seen.append(batch)
        return training.make_step(loss, optimiser)(state, seen[0])

    return step


@wrong("J2.12")
def clipped_as_well(loss, optimiser):
    def step(state, batch):
        value, gradient = jax.value_and_grad(loss)(state.params, batch)
        gradient = jax.tree.map(lambda slope: jnp.clip(slope, -1, 1), gradient)
        updates, opt_state = optimiser.update(gradient, state.opt_state, state.params)
        return _next(state, optax.apply_updates(state.params, updates), opt_state, value)

    return step


@wrong("J2.12")
def metrics_with_another_name(loss, optimiser):
    def step(state, batch):
        state, metrics = training.make_step(loss, optimiser)(state, batch)
        return state, {"value": metrics["loss"]}

    return step


@wrong("J2.12")
def loss_as_a_float(loss, optimiser):
    def step(state, batch):
        state, metrics = training.make_step(loss, optimiser)(state, batch)
        return state, {"loss": float(metrics["loss"])}

    return step


@wrong("J2.12")
def count_as_a_float(loss, optimiser):
    def step(state, batch):
        state, metrics = training.make_step(loss, optimiser)(state, batch)
        return state._replace(step=state.step.astype(jnp.float32)), metrics

    return step


@wrong("J2.12")
def half_the_loss(loss, optimiser):
    def step(state, batch):
        state, metrics = training.make_step(loss, optimiser)(state, batch)
        return state, {"loss": metrics["loss"] / 2}

    return step


@wrong("J2.12")
def only_the_weights(loss, optimiser):
    def step(state, batch):
        new, metrics = training.make_step(loss, optimiser)(state, batch)
        if isinstance(state.params, dict):
            new = new._replace(params={**state.params, "w": new.params["w"]})
        return new, metrics

    return step


@wrong("J2.12")
def three_results(loss, optimiser):
    def step(state, batch):
        value, _, updates, opt_state = _taken(loss, optimiser, state, batch)
        return optax.apply_updates(state.params, updates), opt_state, value

    return step


@wrong("J2.12")
def state_changed_in_place(loss, optimiser):
    def step(state, batch):
        value, _, updates, _ = _taken(loss, optimiser, state, batch)
        state.params = optax.apply_updates(state.params, updates)
        return state, {"loss": value}

    return step


@wrong("J2.12")
def gradient_by_the_batch(loss, optimiser):
    def step(state, batch):
        value, gradient = jax.value_and_grad(loss, argnums=1)(state.params, batch)
        updates, opt_state = optimiser.update(gradient, state.opt_state, state.params)
        return _next(state, optax.apply_updates(state.params, updates), opt_state, value)

    return step


@wrong("J2.12")
def a_dictionary_for_the_state(loss, optimiser):
    def step(state, batch):
        new, metrics = training.make_step(loss, optimiser)(state, batch)
        return new._asdict(), metrics

    return step


@right("J2.12")
def with_equinox(loss, optimiser):
    @eqx.filter_jit
    def step(state, batch):
        value, gradient = eqx.filter_value_and_grad(loss)(state.params, batch)
        updates, opt_state = optimiser.update(gradient, state.opt_state, state.params)
        params = eqx.apply_updates(state.params, updates)
        return training.TrainState(params, opt_state, state.step + 1), {"loss": value}

    return step


@right("J2.12")
def unpacking_the_state(loss, optimiser):
    def step(state, batch):
        params, opt_state, number = state
        value, gradient = jax.value_and_grad(lambda p: loss(p, batch))(params)
        updates, opt_state = optimiser.update(updates=gradient, state=opt_state, params=params)
        params = jax.tree_util.tree_map(lambda leaf, update: leaf + update, params, updates)
        return type(state)(params=params, opt_state=opt_state, step=number + 1), {"loss": value}

    return step


@right("J2.12")
def as_a_lambda(loss, optimiser):
    def step(state, batch, *, key=None, verbose=False):
        value, _, updates, opt_state = _taken(loss, optimiser, state, batch)
        return _next(state, optax.apply_updates(state.params, updates), opt_state, value)

    return lambda state, batch: step(state, batch)


@right("J2.12")
def with_more_metrics(loss, optimiser):
    value_and_grad = jax.jit(jax.value_and_grad(loss))

    def step(state, batch):
        value, gradient = value_and_grad(state.params, batch)
        updates, opt_state = optimiser.update(gradient, state.opt_state, state.params)
        metrics = {"loss": value, "norm": optax.tree.norm(updates)}
        params = optax.apply_updates(state.params, updates)
        return state._replace(params=params, opt_state=opt_state, step=state.step + 1), metrics

    return step


@right("J2.12")
def by_forward_mode(loss, optimiser):
    def step(state, batch):
        flat, restore = ravel_pytree(state.params)
        slopes = jax.jacfwd(lambda vector: loss(restore(vector), batch))(flat)
        updates, opt_state = optimiser.update(restore(slopes), state.opt_state, state.params)
        value = loss(state.params, batch)
        return _next(state, optax.apply_updates(state.params, updates), opt_state, value)

    return step


# --- J2.13 ---------------------------------------------------------------------------------------


def _moved(loss, params, rate):
    value, gradient = jax.value_and_grad(loss)(params)
    return jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient), value


@wrong("J2.13")
def python_loop_compiled(loss, params, rate, steps):
    @jax.jit
    def step(params):
        return _moved(loss, params, rate)

    losses = []
    for _ in range(steps):
        params, value = step(params)
        losses.append(value)
    return params, jnp.array(losses)


@wrong("J2.13")
def losses_halved(loss, params, rate, steps):
    params, losses = jax.lax.scan(lambda p, _: _moved(loss, p, rate), params, length=steps)
    return params, losses / 2


@wrong("J2.13")
def losses_backwards(loss, params, rate, steps):
    params, losses = jax.lax.scan(lambda p, _: _moved(loss, p, rate), params, length=steps)
    return params, losses[::-1]


@wrong("J2.13")
def scanned_in_reverse_order(loss, params, rate, steps):
    return jax.lax.scan(lambda p, _: _moved(loss, p, rate), params, length=steps, reverse=True)


@wrong("J2.13")
def rate_over_steps(loss, params, rate, steps):
    return jax.lax.scan(lambda p, _: _moved(loss, p, rate / steps), params, length=steps)


@wrong("J2.13")
def falling_rate(loss, params, rate, steps):
    return jax.lax.scan(
        lambda p, k: _moved(loss, p, rate / (1 + k)), params, jnp.arange(steps, dtype=float)
    )


@wrong("J2.13")
def sign_of_the_gradient(loss, params, rate, steps):
    def step(params, _):
        value, gradient = jax.value_and_grad(loss)(params)
        return jax.tree.map(lambda p, g: p - rate * jnp.sign(g), params, gradient), value

    return jax.lax.scan(step, params, length=steps)


@wrong("J2.13")
def a_hundred_steps(loss, params, rate, steps):
    return jax.lax.scan(lambda p, _: _moved(loss, p, rate), params, length=100)


@wrong("J2.13")
def fori_loop_without_losses(loss, params, rate, steps):
    last = jax.lax.fori_loop(0, steps, lambda _, p: _moved(loss, p, rate)[0], params)
    return last, jnp.full(steps, loss(last))


@wrong("J2.13")
def losses_of_a_shift(loss, params, rate, steps):
    start = loss(params)
    params, losses = jax.lax.scan(lambda p, _: _moved(loss, p, rate), params, length=steps)
    return params, jnp.concatenate([start[None], losses])[:steps]


@wrong("J2.13")
def arrays_only(loss, params, rate, steps):
    def step(params, _):
        value, gradient = jax.value_and_grad(loss)(params)
        return params - rate * gradient, value

    return jax.lax.scan(step, params, length=steps)


@wrong("J2.13")
def stopped_gradient(loss, params, rate, steps):
    rate = jax.lax.stop_gradient(rate)
    return jax.lax.scan(lambda p, _: _moved(loss, p, rate), params, length=steps)


@wrong("J2.13")
def momentum(loss, params, rate, steps):
    def step(carry, _):
        params, velocity = carry
        value, gradient = jax.value_and_grad(loss)(params)
        velocity = jax.tree.map(lambda v, g: 0.9 * v + g, velocity, gradient)
        return (jax.tree.map(lambda p, v: p - rate * v, params, velocity), velocity), value

    start = (params, jax.tree.map(jnp.zeros_like, params))
    (params, _), losses = jax.lax.scan(step, start, length=steps)
    return params, losses


@wrong("J2.13")
def python_list_of_losses(loss, params, rate, steps):
    losses = []

    def step(_, params):
        params, value = _moved(loss, params, rate)
        losses.append(value)
        return params

    return jax.lax.fori_loop(0, steps, step, params), losses


@wrong("J2.13")
def last_params_and_carry(loss, params, rate, steps):
    def step(carry, _):
        params, _ = carry
        return _moved(loss, params, rate), None

    return jax.lax.scan(step, (params, loss(params)), length=steps)[0]


@right("J2.13")
def with_partial(loss, params, rate, steps):
    return jax.lax.scan(functools.partial(_scanned, loss, rate), params, None, length=steps)


def _scanned(loss, rate, params, _):
    return _moved(loss, params, rate)


@right("J2.13")
def descent_from_the_library(loss, params, rate, steps):
    path = regression.gradient_descent(loss, params, rate=rate, steps=steps)
    return jax.tree.map(lambda way: way[-1], path.params), path.loss[:-1]


@right("J2.13")
def with_a_counter(loss, params, rate, steps):
    def step(carry, _):
        params, count = carry
        params, value = _moved(loss, params, rate)
        return (params, count + 1), {"loss": value, "at": count}

    (params, _), collected = jax.lax.scan(step, (params, 0), xs=None, length=steps)
    return params, collected["loss"]


@right("J2.13")
def over_rates(loss, params, rate, steps):
    rates = jnp.broadcast_to(rate, (steps,))
    return jax.lax.scan(lambda params, rate: _moved(loss, params, rate), params, rates)


@right("J2.13")
def by_flat_vector(loss, params, rate, steps):
    flat, restore = ravel_pytree(params)

    def step(flat, _):
        value, slope = jax.value_and_grad(lambda vector: loss(restore(vector)))(flat)
        return flat - rate * slope, value

    flat, losses = jax.lax.scan(step, flat, length=steps)
    return restore(flat), losses


@right("J2.13")
def unrolled_by_two(loss, params, rate, steps):
    return jax.lax.scan(
        lambda params, _: _moved(loss, params, rate), params, length=steps, unroll=2
    )


# --- all of them ---------------------------------------------------------------------------------


# --- found by a second reader --------------------------------------------------------------------


@wrong("J2.3")
def rounded_to_three_digits(b, w, x, y):
    return jnp.round((y - w * x - b) ** 2, 3)


@wrong("J2.4")
def one_sided_differences(b, w, x, y):
    def loss(b, w):
        return jnp.mean((w * x + b - y) ** 2) / 2

    h = 1e-2
    here = loss(b, w)
    return (loss(b + h, w) - here) / h, (loss(b, w + h) - here) / h


@wrong("J2.8")
def taking_b_out(params, x, y):
    b = params.pop("b")
    return jnp.mean((y - params["w"] * x - b) ** 2) / 2


@wrong("J2.9")
def by_the_larger_of_the_diagonal(x):
    return 2 / jnp.maximum(1, jnp.mean(x**2))


@wrong("J2.10")
def lstsq_only_where_solving_fails(X, y):
    w = jnp.linalg.solve(X.T @ X, X.T @ y)
    return jnp.where(jnp.isfinite(w), w, jnp.linalg.lstsq(X, y)[0])


@wrong("J2.12")
def counted_in_a_list(loss, optimiser):
    steps = [0]

    def step(state, batch):
        steps[0] += 1
        new_state, metrics = training.make_step(loss, optimiser)(state, batch)
        return new_state._replace(step=jnp.asarray(steps[0])), metrics

    return step


@wrong("J2.13")
def stopping_early(loss, params, rate, steps):
    losses = []
    for _ in range(steps):
        value, gradient = jax.value_and_grad(loss)(params)
        params = jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient)
        losses.append(value)
        if len(losses) > 1 and abs(losses[-1] - losses[-2]) < 1e-6:
            break
    return params, jnp.array(losses)


@wrong("J2.14")
def with_a_line_search(loss, params):
    flat, restore = ravel_pytree(params)

    def of_vector(vector):
        return loss(restore(vector))

    step = jnp.linalg.solve(jax.hessian(of_vector)(flat), jax.grad(of_vector)(flat))
    lengths = jnp.linspace(0, 2, 21)
    losses = jax.vmap(lambda length: of_vector(flat - length * step))(lengths)
    return restore(flat - lengths[jnp.argmin(losses)] * step)


@right("J2.3")
def by_vectorize(b, w, x, y):
    return jnp.vectorize(lambda b, w, x, y: (y - (w * x + b)) ** 2)(b, w, x, y)


@right("J2.4")
def exact_differences(b, w, x, y):
    def loss(b, w):  # a parabola, of which central differences are exact
        return jnp.mean((w * x + b - y) ** 2) / 2

    by_b = loss(b + 1, w) - loss(b - 1, w)
    return by_b / 2, (loss(b, w + 1) - loss(b, w - 1)) / 2


@right("J2.8")
def variance_and_mean(params, x, y):
    error = y - params["w"] * x - params["b"]
    return (jnp.var(error) + jnp.mean(error) ** 2) / 2


@right("J2.11")
def by_scanning(x, degree):
    columns = jax.lax.scan(lambda c, _: (c * x, c), jnp.ones_like(x), length=degree + 1)[1]
    return columns[::-1].T


@right("J2.12")
def by_the_type_of_the_state(loss, optimiser):
    def step(state, batch):
        value, gradients = eqx.filter_value_and_grad(loss)(state.params, batch)
        updates, opt_state = optimiser.update(gradients, state.opt_state, state.params)
        params = eqx.apply_updates(state.params, updates)
        return type(state)(params, opt_state, state.step + 1), {"loss": value}

    return step


@right("J2.13")
def over_a_row_of_rates(loss, params, rate, steps):
    def step(params, rate):
        value, gradient = jax.value_and_grad(loss)(params)
        return jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient), value

    return jax.lax.scan(step, params, jnp.full(steps, rate))


def test_a_loss_that_takes_from_params_is_told_so():
    assert "changes the dictionary" in verdict_on("J2.8", taking_b_out).message


def test_a_step_of_three_results_is_told_in_words():
    def make_step(loss, optimiser):
        return lambda state, batch: (state, {"loss": 0.0}, None)

    verdict = verdict_on("J2.12", make_step)
    assert "a step that returns a tuple of 3, and not a pair" in verdict.message


@pytest.mark.parametrize(("exercise", "answer"), WRONG, ids=_names(WRONG))
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::FutureWarning")
def test_a_wrong_answer_that_nobody_listed_is_rejected(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.verdict in ("failed", "errored"), verdict
    assert verdict.message


@pytest.mark.parametrize(("exercise", "answer"), RIGHT, ids=_names(RIGHT))
def test_a_right_answer_in_another_style_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, (verdict.failed_case, verdict.message)


def test_each_section_meets_many_wrong_answers_and_each_exercise_three_right_ones():
    sections = {
        "linear regression": ("J2.3", "J2.4", "J2.8", "J2.9", "J2.14"),
        "polynomials": ("J2.10", "J2.11"),
        "training": ("J2.12", "J2.13"),
    }
    for exercises in sections.values():
        assert sum(exercise in exercises for exercise, _ in WRONG) >= 10
    for exercise in CODE:
        assert sum(exercise == one for one, _ in RIGHT) >= 3
