"""Judge an experiment by the record of its lab."""

from typing import Any

import numpy as np

from mazoezi.course._compare import shown
from mazoezi.course._exercises import ExperimentExercise, Mistake
from mazoezi.course._verdict import Verdict


def judge_experiment(exercise: ExperimentExercise, lab: Any) -> Verdict:
    """Judge how far a lab was taken. A lab that nobody touched is not attempted."""
    if not hasattr(lab, "visited"):
        return Verdict(
            exercise.id, "failed", f"Expected the lab of this exercise; got {shown(lab)}.",
            category="signature",
        )  # fmt: skip
    if not lab.visited:
        return Verdict(exercise.id, "not attempted", "Move a control of the lab first.")
    refusals = _refusals(exercise, lab)
    told = dict(zip((task.title for task in exercise.tasks), refusals, strict=True))
    holds = tuple(title for title, refusal in told.items() if refusal is None)
    for title, refusal in told.items():
        if refusal is not None:
            found = _matching_mistake(exercise, refusals)
            return Verdict(
                exercise.id, "failed", refusal, title, "property",
                mistake=found and found.id, advice=found and found.advice, holds=holds,
            )  # fmt: skip
    return Verdict(exercise.id, "passed", "Every task of the experiment is done.", holds=holds)


def _refusals(exercise: ExperimentExercise, lab: Any) -> list[str | None]:
    """Return, for each task, None where it is done, or what is said of it."""
    refusals: list[str | None] = []
    for task in exercise.tasks:
        try:
            task.test(lab, np.random.default_rng(0))
            refusals.append(None)
        except AssertionError as error:
            refusals.append(str(error) or task.title)
    return refusals


def _matching_mistake(exercise: ExperimentExercise, refusals: list[str | None]) -> Mistake | None:
    """Return the first mistake whose lab is refused with the same words."""
    for mistake in exercise.mistakes:
        if _refusals(exercise, mistake.function()) == refusals:
            return mistake
    return None
