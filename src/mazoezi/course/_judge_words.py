"""Judge what needs no code: a choice, an ordering of steps, a discussion."""

import zlib
from collections.abc import Iterator
from typing import Any

from mazoezi.course._source import ExerciseText
from mazoezi.course._verdict import Verdict


def right_option(text: ExerciseText) -> str:
    """Return the letter of the right option; "?" where an author has marked none yet."""
    return next((letter for letter, right, _ in options_of(text) if right), "?")


def options_of(text: ExerciseText) -> Iterator[tuple[str, bool, str]]:
    """Yield letter, rightness and feedback of each option; its label is e.g. `C right`."""
    for option in text.options:
        letter, _, mark = option.label.partition(" ")
        yield letter, mark.strip() == "right", option.note


def judge_choice(text: ExerciseText, answer: str) -> Verdict:
    """Judge a letter. A wrong option tells why it is wrong."""
    letter = answer.strip().upper()
    for known, right, note in options_of(text):
        if known == letter and right:
            return Verdict(text.id, "passed", note or f"{letter} is right.")
        if known == letter:
            return Verdict(
                text.id, "failed", f"{letter} is not right.", "the right option", "value",
                got=letter, mistake=f"option-{letter}", advice=note,
            )  # fmt: skip
    known = ", ".join(letter for letter, _, _ in options_of(text))
    return Verdict(
        text.id, "failed", f"There is no option {answer!r}: choose one of {known}.",
        category="signature",
    )  # fmt: skip


def step_letters(text: ExerciseText) -> dict[str, str]:
    """Return the letter under which each step is shown: shuffled by the slug, so always the same."""
    import numpy as np  # which nothing else here needs, nor the home page

    order = np.random.default_rng(zlib.crc32(text.slug.encode())).permutation(len(text.steps))
    if len(order) > 1 and list(order) == sorted(order):
        order = order[::-1]
    letters = {int(step): chr(ord("a") + place) for place, step in enumerate(order)}
    return {letters[i]: text.steps[i].text for i in range(len(text.steps))}


def right_order(text: ExerciseText) -> str:
    """Return the letters of the steps in the right order."""
    return "".join(step_letters(text))


def judge_order(text: ExerciseText, answer: str) -> Verdict:
    """Judge an ordering of steps, such as "cab"; says which step is the first out of place."""
    letters = step_letters(text)
    given = [letter for letter in answer.lower() if letter.isalnum()]
    if sorted(given) != sorted(letters):
        return Verdict(
            text.id, "failed",
            f"Name each step once: {''.join(sorted(letters))} in some order; got {answer!r}.",
            category="signature",
        )  # fmt: skip
    wrong = [i for i, letter in enumerate(letters) if given[i] != letter]
    if not wrong:
        return Verdict(text.id, "passed", "Each step follows from the one before it.")
    first = wrong[0]
    return Verdict(
        text.id, "failed",
        f"Step {given[first]} cannot be number {first + 1}; the {first} before it are in place."
        if first
        else f"The derivation does not begin with step {given[0]}.",
        f"step {first + 1}", "value", got="".join(given),
        advice=text.steps[list(letters).index(given[first])].note or None,
    )  # fmt: skip


def judge_discussion(text: ExerciseText, answer: Any) -> Verdict:
    words = len(str(answer).split())
    if words < 5:
        return Verdict(text.id, "not attempted", "Write at least a sentence; it is kept for you.")
    return Verdict(
        text.id, "passed", "Your text is kept. Compare it with the points below.", notes=text.points
    )
