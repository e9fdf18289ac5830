"""Judge what a learner predicts: tell what is wrong with it, and leave what is right to the reveal.

The card of a case shows what was expected, so predictions are judged by properties.
"""

import functools
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from mazoezi.course import CodeExercise, code_exercise


def predicted_array(
    id: str, *, reference: Callable[[], Any], shape: str, cells: str
) -> CodeExercise:
    """Begin the check of a function that returns a predicted array, as one or as nested lists.

    `shape` is told where the shape is wrong, and `cells` where only what it holds is.
    """
    exercise = code_exercise(id, reference=reference, dtype="any")
    exercise.case("numbers in lists of equal length, or in an array", run=_what_it_is)(no_arguments)

    @exercise.property("the shape")
    def _(answer: Callable[[], Any], rng: np.random.Generator) -> None:
        given, right = np.asarray(answer()), np.asarray(reference())
        if given.shape != right.shape:
            refuse(given, f"Your prediction has shape {given.shape}, which is not right. {shape}")

    @exercise.property("the cells")
    def _(answer: Callable[[], Any], rng: np.random.Generator) -> None:
        given, right = np.asarray(answer()), np.asarray(reference())
        if not np.array_equal(given, right):
            refuse(given, f"{_how_many_wrong(given, right)} {cells}")

    return exercise


def refuse(prediction: Any, message: str) -> NoReturn:
    """Refuse a prediction with a message.

    A mistake is recognised by the class of the error that it leads to. So each prediction has a
    class of its own: two different ones are never taken for the same mistake.
    """
    shown = repr(prediction.tolist() if isinstance(prediction, np.ndarray) else prediction)
    raise _refusal(shown)(message)


@functools.cache
def _refusal(prediction: str) -> type[AssertionError]:
    return type("Refusal", (AssertionError,), {"__doc__": f"Refuses {prediction}."})


def no_arguments(rng: np.random.Generator) -> Iterator[tuple]:
    """Yield the only input of a function without arguments."""
    yield ()


def _what_it_is(answer: Callable[[], Any]) -> Callable[[], Any]:
    """Say of what kind the prediction is, and not which."""

    def run() -> str | None:
        given = answer()
        if given is None:
            return None
        try:
            kind = np.asarray(given).dtype.kind
        except (TypeError, ValueError):
            return "lists of different lengths"
        return "numbers" if kind in "biuf" else f"of type {type(given).__name__}"

    return run


def _how_many_wrong(given: np.ndarray, right: np.ndarray) -> str:
    """Say how many of the predicted cells are wrong; the shapes are equal, or nothing is known."""
    if given.shape != right.shape:
        return "The shapes differ, so no cell can be compared."
    if not right.ndim:
        return "The number is another one."
    wrong = int((given != right).sum())
    return f"{wrong} of the {right.size} cells {'is' if wrong == 1 else 'are'} not right."
