"""Verdicts: each state, each category, and what the learner is told."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi.course._exercises import code_exercise, evaluate_formula
from mazoezi.course._judge import judge
from mazoezi.course._judge_words import right_order


@pytest.fixture
def judged(sample):
    """Return a function that judges an answer to an exercise of the sample."""
    checks = sample.checks()
    return lambda id, answer, seed=0: judge(sample.exercises[id], checks.get(id), answer, seed=seed)


def stub_ellipsis(x):
    """A docstring is no answer."""


def stub_pass(x):
    pass


def stub_none(x):
    return None


def stub_raises(x):
    raise NotImplementedError


def stub_assigned(x):
    y = ...
    return y


@pytest.mark.parametrize(
    "answer", [..., None, stub_ellipsis, stub_pass, stub_none, stub_raises, stub_assigned]
)
def test_a_placeholder_is_not_attempted(judged, answer):
    assert judged("S1", answer).verdict == "not attempted"


def test_an_ellipsis_in_an_index_is_an_answer(judged):
    def relu(x):
        return jnp.maximum(x[...], 0) if jnp.ndim(x) else jnp.maximum(x, 0)

    assert judged("S1", relu).passed


@pytest.mark.parametrize(
    "answer",
    [
        jax.nn.relu,
        jax.jit(jax.nn.relu),
        lambda x: jnp.where(x > 0, x, 0),
        lambda x: (x + jnp.abs(x)) / 2,
        functools.partial(jnp.maximum, 0),
        lambda x, floor=0: jnp.clip(x, floor),
        jnp.vectorize(lambda x: jnp.maximum(x, 0)),
    ],
)
def test_right_answers_pass_in_any_style(judged, answer):
    verdict = judged("S1", answer)
    assert verdict.passed, verdict.message
    assert len(verdict.holds) == 4


def test_a_pass_tells_the_notes(judged):
    assert "slope of yours is 0.5" in judged("S1", lambda x: jnp.maximum(x, 0)).notes[0]


def test_a_mistake_is_recognised_by_what_it_does(judged):
    verdict = judged("S1", lambda x: jnp.sqrt(x**2))
    assert (verdict.verdict, verdict.mistake) == ("failed", "absolute")
    assert verdict.advice and "positive part" in verdict.advice
    assert (verdict.shown_input, verdict.expected, verdict.got) == ("-2", "0", "2")


def test_a_python_if_is_told_by_its_error_and_its_mistake(judged):
    def relu(x):
        if x > 0:
            return x
        return 0

    verdict = judged("S1", relu)
    assert (verdict.verdict, verdict.mistake) == ("errored", "python_if")
    assert verdict.holds == ("one number at a time",)
    assert verdict.failed_case == "arrays of any shape"
    assert verdict.traceback and "if x > 0" in verdict.traceback
    assert "site-packages" not in verdict.traceback


def test_an_unlisted_wrong_answer_is_refused_without_a_guess(judged):
    verdict = judged("S1", lambda x: jnp.where(x > 0, x, 0.01 * x))
    assert (verdict.verdict, verdict.mistake, verdict.advice) == ("failed", None, None)
    assert verdict.category == "value"


def test_a_property_is_told_in_its_words(judged):
    verdict = judged("S1", lambda x: jax.lax.stop_gradient(jax.nn.relu(x)))
    assert (verdict.category, verdict.message) == ("property", "At x = 2 the slope is 1.")


@pytest.mark.parametrize(
    ("answer", "words"),
    [(lambda: 0, "cannot be called"), (lambda x, y: x, "cannot be called"), (7, "of type int")],
)
def test_a_signature_that_does_not_fit_comes_first(judged, answer, words):
    verdict = judged("S1", answer)
    assert verdict.category == "signature"
    assert words in verdict.message and "relu(x)" in verdict.message


def test_inputs_are_the_same_at_every_check_and_never_changed(judged):
    seen = []

    def spy(x):
        seen.append(np.asarray(x).copy())
        return jnp.abs(x) + 1

    judged("S1", spy)
    first, seen[:] = list(seen), []
    judged("S1", spy)
    assert len(first) == len(seen)
    assert all(np.array_equal(a, b) for a, b in zip(first, seen, strict=True))


def test_the_first_of_several_matching_mistakes_wins(sample):
    exercise = code_exercise("S1", reference=jnp.abs)
    exercise.case("numbers")(lambda rng: iter((1.0, -1.0)))
    exercise.mistake("one")(lambda x: x).__name__ = "one"
    exercise.mistakes.clear()

    @exercise.mistake("First.")
    def first(x):
        return x

    @exercise.mistake("Second.")
    def second(x):
        return 1.0 * x

    assert judge(sample.exercises["S1"], exercise, lambda x: +x).mistake == "first"


def test_double_precision_is_the_cases_own(sample):
    exercise = code_exercise("S1", reference=lambda x: x * (1 + 1e-10), rtol=1e-13, atol=0)
    exercise.case("in double precision", x64=True)(lambda rng: iter((np.ones(3),)))
    text = sample.exercises["S1"]
    assert judge(text, exercise, lambda x: x + 1e-10 * x).passed
    assert not judge(text, exercise, lambda x: x).passed
    assert jnp.ones(1).dtype == jnp.float32


@pytest.mark.parametrize(
    ("letter", "verdict"), [("C", "passed"), ("c ", "passed"), ("A", "failed")]
)
def test_a_choice_is_judged_by_its_letter(judged, letter, verdict):
    assert judged("S2", letter).verdict == verdict


def test_a_wrong_option_says_why(judged):
    assert judged("S2", "B").advice == "That needs axis 0."
    assert "A, B, C" in judged("S2", "Z").message
    assert "one letter" in judged("S2", 3).message


def test_a_number_is_judged_for_the_learners_own_question(judged, sample):
    check = sample.checks()["S3"]
    asked = {tuple(check.drawn(seed).values()) for seed in range(1, 60)}
    assert len(asked) > 6
    for seed in range(5):
        numbers = check.drawn(seed)
        assert judged("S3", check.reference(**numbers), seed).passed
        assert judged("S3", 2 * numbers["a"] * numbers["x"], seed).mistake == "no_linear_term"
    assert check.drawn(0) == {"a": 3, "b": 1, "x": 2}


@pytest.mark.parametrize("formula", ["2*3*x + 1", "6*x+1", "1 + 6*x**1", "(12*x + 2)/2"])
def test_a_formula_is_compared_at_many_points(judged, formula):
    assert judged("S3", formula).passed
    assert judged("S3", lambda x: 6 * x + 1).passed


def test_a_wrong_formula_is_diagnosed(judged):
    assert judged("S3", "6*x").mistake == "no_linear_term"
    assert judged("S3", "6*x + 2").verdict == "failed"
    assert "import" in judged("S3", "__import__('os')").message


@pytest.mark.parametrize("text", ["open('f')", "x.real", "y + 1", "1 +", "x[0]", "1e999**1e999"])
def test_a_formula_is_arithmetic_only(text):
    with pytest.raises(ValueError):
        value = evaluate_formula(text, {"x": 2.0})
        if not np.isfinite(value):
            raise ValueError("not finite")


def test_an_order_tells_the_first_step_out_of_place(judged, sample):
    right = right_order(sample.exercises["S4"])
    assert judged("S4", right).passed
    assert judged("S4", " ".join(right)).passed
    swapped = right[0] + right[2] + right[1] + right[3]
    assert f"Step {right[2]} cannot be number 2" in judged("S4", swapped).message
    assert "each step once" in judged("S4", right[:2]).message


def test_a_discussion_is_kept_and_answered_with_its_points(judged):
    assert judged("S5", "no").verdict == "not attempted"
    verdict = judged("S5", "Because the weather was very good.")
    assert verdict.passed and verdict.notes == ("Because of this.", "Because of that.")
