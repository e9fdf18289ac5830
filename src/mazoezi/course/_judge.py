"""Judge an answer: run its cases, simplest first, and say what helps most.

`judge` is the only place where an answer is run, and it returns a plain `Verdict`.
"""

import time
from dataclasses import replace
from typing import Any

from mazoezi.course._answer import unattempted
from mazoezi.course._exercises import CodeExercise, Exercise, ExperimentExercise, MathsExercise
from mazoezi.course._judge_code import judge_code
from mazoezi.course._judge_experiment import judge_experiment
from mazoezi.course._judge_maths import judge_maths
from mazoezi.course._judge_words import judge_choice, judge_discussion, judge_order
from mazoezi.course._limits import Watch, unwatched
from mazoezi.course._source import ExerciseText
from mazoezi.course._verdict import Verdict


def judge(
    text: ExerciseText,
    exercise: Exercise | None,
    answer: Any,
    *,
    seed: int = 0,
    watch: Watch = unwatched,
) -> Verdict:
    """Return the verdict on an answer.

    `text` is what the learner reads, `exercise` its check (None where the text says all), and
    `seed` the learner's own, from which a maths question's numbers are drawn. The answer is used
    under `watch`, which may stop it.
    """
    start = time.perf_counter()
    verdict = _judge(text, exercise, answer, seed, watch)
    credit = verdict.credit or float(verdict.passed)
    return replace(verdict, credit=credit, seconds=round(time.perf_counter() - start, 4))


def _judge(
    text: ExerciseText, exercise: Exercise | None, answer: Any, seed: int, watch: Watch
) -> Verdict:
    if (why := unattempted(answer)) is not None:
        return Verdict(text.id, "not attempted", why)
    if isinstance(answer, str) and text.options and len(answer.strip()) == 1:
        return judge_choice(text, answer)
    if isinstance(answer, str) and text.steps:
        return judge_order(text, answer)
    if text.kind == "discussion":
        return judge_discussion(text, answer)
    if isinstance(exercise, CodeExercise):
        return judge_code(exercise, answer, text, watch)
    if isinstance(exercise, MathsExercise):
        return judge_maths(exercise, answer, seed, watch)
    if isinstance(exercise, ExperimentExercise):
        return judge_experiment(exercise, answer)
    letters = ", ".join(option.label for option in text.options)
    return Verdict(
        text.id,
        "failed",
        f"The answer is one letter of {letters}, in quotes; got {answer!r}."
        if letters
        else f"The answer is the steps' letters in order, e.g. 'bca'; got {answer!r}.",
        category="signature",
    )
