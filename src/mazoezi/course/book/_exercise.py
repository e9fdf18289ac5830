"""An exercise in a page that cannot judge: hints, options and answers stand folded below it."""

from collections.abc import Iterator

from mazoezi.course._judge_words import options_of, step_letters
from mazoezi.course._source import ExerciseText, Part


def exercise_markdown(text: ExerciseText) -> str:
    """Return the exercise as MyST: heading, facts, prompt, what to start from, and the folds.

    Its id is an entry of the index, and the name by which pages refer to it: `[](#J1.3)`.
    """
    parts = [
        f"```{{index}} {text.id}\n```",
        f"({text.id})=\n## Exercise {text.id} · {text.title}",
        EXERCISE_BEGINS,
        f"*{text.facts}*",
        text.prompt,
        *_options(text),
        *_steps(text),
    ]
    if has_code(text):
        parts.append(f"```python\n{text.stub}\n```")
    parts += [
        fold(f"Hint {number}", hint, "hint") for number, hint in enumerate(text.hints, start=1)
    ]
    if not has_code(text):
        parts += [*_answer_in_words(text), EXERCISE_ENDS]
    return "\n\n".join(parts)


def has_code(text: ExerciseText) -> bool:
    """Whether the answer is written in code, rather than chosen, put in order or said.

    Where it is, the exercise's block is left open, for the cells of its answer.
    """
    return text.kind not in ("choice", "discussion") and not text.steps


def _answer_in_words(text: ExerciseText) -> Iterator[str]:
    if text.points:
        points = "\n".join(f"- {point}" for point in text.points)
        yield fold("What a good discussion touches", points, "answer")
    if text.steps:
        letters = step_letters(text)
        steps = [_in_order(*each) for each in zip(letters, text.steps, strict=True)]
        yield fold("The right order", "\n".join([*steps, "", text.worked]), "answer")
    elif text.worked:
        yield fold("Worked answer", text.worked, "answer")


def fold(summary: str, body: str, kind: str) -> str:
    """Return Markdown that shows `summary`, and `body` once it is unfolded."""
    return f"{fold_begins(summary, kind)}\n\n{body}\n\n{FOLD_ENDS}"


def fold_begins(summary: str, kind: str) -> str:
    return f'<details class="fold {kind}">\n<summary>\n\n{summary}\n\n</summary>'


FOLD_ENDS = "</details>"
EXERCISE_BEGINS = '<div class="exercise">'
EXERCISE_ENDS = "</div>"


def _options(text: ExerciseText) -> Iterator[str]:
    """Yield each option as a fold: choosing it tells whether it is right, and why."""
    if text.options:
        yield "*Choose one: it unfolds, and says whether it is right.*"
    for (letter, right, note), option in zip(options_of(text), text.options, strict=True):
        verdict = "" if note.startswith("Right") else "**✓ Right.** " if right else "**✗ No.** "
        kind = "option right" if right else "option wrong"
        yield fold(f"**{letter}.** {option.text}", f"{verdict}{note}", kind)


def _steps(text: ExerciseText) -> Iterator[str]:
    """Yield the steps as learners see them: shuffled, under letters."""
    if text.steps:
        letters = step_letters(text)
        yield "\n".join(f"- **{letter}.** {letters[letter]}" for letter in sorted(letters))


def _in_order(letter: str, step: Part) -> str:
    return f"1. **{letter}.** {step.text}" + (f" *{step.note}*" if step.note else "")
