"""Judge a number or a formula."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mazoezi.course._compare import shown
from mazoezi.course._exercises import MathsExercise, evaluate_formula
from mazoezi.course._explain import explain, own_traceback
from mazoezi.course._limits import Watch, unwatched
from mazoezi.course._verdict import Verdict


def judge_maths(
    exercise: MathsExercise, answer: Any, seed: int, watch: Watch = unwatched
) -> Verdict:
    """Judge a number, or a formula (a text or a function), which is used under `watch`."""
    numbers = exercise.drawn(seed)
    if isinstance(answer, str) or callable(answer):
        return _judge_formula(exercise, answer, numbers, watch)
    try:
        value = float(answer)
    except (TypeError, ValueError):
        return Verdict(
            exercise.id, "failed", f"Expected a number; got {shown(answer)}.", category="dtype"
        )
    return _number_verdict(exercise, value, numbers)


def _number_verdict(exercise: MathsExercise, value: float, numbers: Any) -> Verdict:
    right = exercise.reference(**numbers)
    question = ", ".join(f"{name} = {number:g}" for name, number in numbers.items())
    if _near(value, right):
        return Verdict(
            exercise.id, "passed", f"{value:g} is right for {question}.", holds=(question,)
        )
    found = next((m for m in exercise.mistakes if _near(value, m.function(**numbers))), None)
    return Verdict(
        exercise.id, "failed", f"{value:g} is not right for {question}.", question, "value",
        got=f"{value:g}", mistake=found and found.id, advice=found and found.advice,
    )  # fmt: skip


def _near(a: float, b: float) -> bool:
    return bool(abs(a - b) <= 1e-6 * max(1.0, abs(b)))


def _judge_formula(
    exercise: MathsExercise, answer: Any, numbers: Mapping[str, float], watch: Watch
) -> Verdict:
    """Compare a formula, or a function, with the reference at 20 points of its unknown."""
    unknown = exercise.unknown
    if unknown is None:
        return Verdict(exercise.id, "failed", "Expected a number, not a formula.", category="dtype")
    points = [float(numbers[unknown]), *np.random.default_rng(0).uniform(-3, 3, 19)]
    try:
        with watch(f"20 values of {unknown}"):
            values = [_value_at(answer, {**numbers, unknown: float(x)}, unknown) for x in points]
    except ValueError as error:
        return Verdict(exercise.id, "failed", str(error), category="signature")
    except (Exception, SystemExit) as error:
        return Verdict(
            exercise.id, "errored", explain(error), category="error",
            error=type(error).__name__, traceback=own_traceback(error, answer),
        )  # fmt: skip

    def differs(function: Callable[..., float]) -> float | None:
        """Return the first point at which the answer is not this function, or None."""
        pairs = zip(points, values, strict=True)
        return next(
            (x for x, v in pairs if not _near(v, function(**{**numbers, unknown: x}))), None
        )

    point = differs(exercise.reference)
    if point is None:
        return Verdict(exercise.id, "passed", "Your formula is right at 20 points.")
    found = next((one for one in exercise.mistakes if differs(one.function) is None), None)
    where = f"{unknown} = {point:.3g}"
    return Verdict(
        exercise.id, "failed", f"Your formula differs, for example at {where}.", where, "value",
        mistake=found and found.id, advice=found and found.advice,
    )  # fmt: skip


def _value_at(answer: Any, values: Mapping[str, float], unknown: str) -> float:
    result: Any = answer(values[unknown]) if callable(answer) else evaluate_formula(answer, values)
    return float(result)
