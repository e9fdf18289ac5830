"""What can be said against a practical's source without running anything."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mazoezi._errors import SourceError
from mazoezi.course._judge_words import options_of
from mazoezi.course._markers import has_markers, marker_problem
from mazoezi.course._practical import Practical
from mazoezi.course._source import ExerciseText, checked_exercise

_REMOTE_PICTURE = re.compile(r"!\[[^\]]*\]\(\s*https?:|<img[^>]+src=[\"']https?:", re.IGNORECASE)


def lint(practical: Practical) -> list[SourceError]:
    """Return every fault of a practical's source, in the order of its lines."""
    path = practical.source.path
    faults = [*_cell_faults(practical, path)]
    for text in practical.exercises.values():
        faults += _exercise_faults(text, path)
    checked = {cell.exercise for cell in practical.cells if cell.kind == "code" and cell.exercise}
    faults += [
        SourceError(
            path, text.line, f"Exercise {text.id} has no answer cell.",
            f'Add a code cell after it that ends in check("{text.id}", ...) or ask("{text.id}", ...).',
        )
        for text in practical.exercises.values()
        if text.id not in checked
    ]  # fmt: skip
    return sorted(faults, key=lambda fault: fault.line)


def _cell_faults(practical: Practical, path: Path) -> Iterator[SourceError]:
    asked = {checked_exercise(cell.text) for cell in practical.cells if cell.kind == "code"}
    for text in practical.exercises.values():
        if text.id not in asked:
            verb = "check" if text.kind in ("code", "maths", "experiment") else "ask"
            yield SourceError(
                path, text.line, f"Exercise {text.id} is never checked.",
                f'Add a cell with {verb}("{text.id}", ...).',
            )  # fmt: skip
    for cell in practical.cells:
        if cell.role == "check" and cell.exercise not in practical.exercises:
            yield SourceError(
                path, cell.line, f"This cell checks {cell.exercise}, which is no exercise.",
                "Use the id of an exercise of this practical.",
            )  # fmt: skip
        for number, line in enumerate(cell.text.splitlines()):
            if cell.kind != "code" and _REMOTE_PICTURE.search(line):
                yield SourceError(
                    path, cell.line + number, "This picture is fetched from the network.",
                    "Draw it in figures.py.",
                )  # fmt: skip
        if cell.kind == "code" and (fault := _syntax_fault(cell.text)):
            line, problem = fault
            yield SourceError(
                path, cell.line + line, f"This code does not parse: {problem}.", "Mend the line."
            )


def _syntax_fault(code: str) -> tuple[int, str] | None:
    try:
        ast.parse(code)
    except SyntaxError as error:
        return (error.lineno or 1) - 1, error.msg
    return None


def _exercise_faults(text: ExerciseText, path: Path) -> Iterator[SourceError]:
    def fault(problem: str, remedy: str, line: int = text.line) -> SourceError:
        return SourceError(path, line, f"Exercise {text.id} {problem}.", remedy)

    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text.slug):
        yield fault(f"has the slug {text.slug!r}", "Use lower-case words joined by hyphens.")
    if not text.prompt:
        yield fault("has no prompt", "Say what is to be done.")
    if text.kind != "discussion" and len(text.hints) < 2:
        yield fault(
            f"has {len(text.hints)} hints", "Add `:::{hint}` parts: idea, method, nearly there."
        )
    if text.kind == "discussion" and not text.points:
        yield fault("has no expected points", "Add a `:::{point}` part for each.")
    if text.kind in ("code", "maths", "experiment") and not text.worked:
        yield fault("has no worked answer", "Add an `:::{answer}` part that explains.")
    if text.kind == "choice" or text.options:
        yield from _option_faults(text, fault)
    if marked := marker_problem(text.solution):
        yield fault(f"has {marked[1]}", "Pair the markers.", text.solution_line + marked[0])
    elif text.kind != "discussion" and text.solution and not has_markers(text.solution):
        yield fault(
            "shows its solution to the learner",
            "Mark it with `### BEGIN SOLUTION` and `### END SOLUTION`, or `# SOLUTION`.",
            text.solution_line,
        )
    elif problem := _syntax_fault(text.stub):
        yield fault(
            f"has a stub that does not parse ({problem[1]})",
            "Place the markers so that what is left is whole.",
            text.solution_line + problem[0],
        )


def _option_faults(text: ExerciseText, fault) -> Iterator[SourceError]:
    options = list(options_of(text))
    right = [letter for letter, is_right, _ in options if is_right]
    if len(options) < 2 or len(right) != 1:
        yield fault(
            f"has {len(options)} options, {len(right)} of them right",
            "Give at least two, one of them labelled `right`.",
        )
    for (letter, _, note), part in zip(options, text.options, strict=True):
        if not note:
            yield fault(
                f"does not say why option {letter} is right or wrong",
                "Add the reason after a line `---`.",
                part.line,
            )
