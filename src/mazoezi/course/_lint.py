"""What can be said against a practical's source without running anything."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mazoezi._errors import SourceError
from mazoezi.course._judge_words import options_of
from mazoezi.course._markers import has_markers, line_in_source, marker_problem
from mazoezi.course._practical import Practical
from mazoezi.course._source import PARTS, Cell, ExerciseText, directives, outside_fences

_REMOTE = re.compile(
    r"""!\[[^\]]*\]\(\s*https?: | ^\[[^\]]+\]:\s*https?:\S+\.(?:png|jpe?g|gif|svg|webp)
    | <(?:img|iframe|script|video|audio|source|embed)\b[^>]*\bsrc\s*=\s*["']?https?:""",
    re.IGNORECASE | re.VERBOSE,
)
_SILENT_PICTURE = re.compile(r"!\[\s*\]\(|<img\b(?![^>]*\balt\s*=\s*[\"'][^\"'])", re.IGNORECASE)
_CALL = re.compile(r"""\b(check|ask|question|hint|solution)\(\s*["']([^"']+)["'](\s*,\s*[^)\s])?""")


def lint(practical: Practical) -> list[SourceError]:
    """Return every fault of a practical's source, in the order of its lines."""
    path = practical.source.path
    faults = [
        *_id_faults(practical, path),
        *_minutes_faults(practical, path),
        *_picture_faults(path),
        *_prose_faults(practical, path),
        *_code_faults(practical, path),
        *_call_faults(practical, path),
    ]
    for text in practical.exercises.values():
        faults += _exercise_faults(text, path)
    return sorted(faults, key=lambda fault: fault.line)


def _id_faults(practical: Practical, path: Path) -> Iterator[SourceError]:
    """A practical is looked up by the name of its folder."""
    own = practical.folder.name.replace("_", "-")
    if practical.id != own:
        yield SourceError(
            path, _line_of(path, "id:"), f"The id is {practical.id!r}, but the folder is {practical.folder.name!r}.",
            f"Call the practical {own!r}, or rename the folder.",
        )  # fmt: skip


def _minutes_faults(practical: Practical, path: Path) -> Iterator[SourceError]:
    asked = sum(text.minutes for text in practical.exercises.values() if not text.optional)
    if asked > practical.minutes:
        yield SourceError(
            path, _line_of(path, "minutes:"),
            f"The exercises that are not optional take {asked} minutes, more than the practical's "
            f"{practical.minutes}.",
            "Raise `minutes`; reading takes time too.",
        )  # fmt: skip


def _line_of(path: Path, start: str) -> int:
    """Return the first line that begins so; the front matter comes first."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((i for i, one in enumerate(lines, 1) if one.strip().startswith(start)), 1)


def _picture_faults(path: Path) -> Iterator[SourceError]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if _REMOTE.search(line):
            problem = "This picture or page is fetched from the network."
            yield SourceError(path, number, problem, "Draw it in figures.py.")
        if _SILENT_PICTURE.search(line):
            problem = "This picture says nothing to those who cannot see it."
            yield SourceError(path, number, problem, "Add an alternative text.")


def _prose_faults(practical: Practical, path: Path) -> Iterator[SourceError]:
    headings: dict[str, int] = {}
    for cell in practical.cells:
        if cell.kind != "markdown":
            continue
        for number, name in directives(cell.text):
            where = "outside an exercise" if name in PARTS else "unknown"
            yield SourceError(
                path, cell.line + number, f"The directive {name!r} is {where}.",
                "Move it into an exercise, or write it as plain Markdown.",
            )  # fmt: skip
        for number, line in outside_fences(cell.text):
            first = headings.setdefault(line, cell.line + number)
            if line.startswith("## ") and first != cell.line + number:
                problem = f"This heading is used twice (first on line {first})."
                remedy = "Reword one, so that the outline's links differ."
                yield SourceError(path, cell.line + number, problem, remedy)


def _code_faults(practical: Practical, path: Path) -> Iterator[SourceError]:
    for cell in _code_cells(practical):
        if fault := _syntax_fault(cell.text):
            line, problem = fault
            yield SourceError(
                path, cell.line + line, f"This code does not parse: {problem}.",
                "Mend the line; a notebook's magics, such as %timeit, are not Python.",
            )  # fmt: skip


def _code_cells(practical: Practical) -> Iterator[Cell]:
    return (cell for cell in practical.cells if cell.kind == "code")


def _call_faults(practical: Practical, path: Path) -> Iterator[SourceError]:
    """Look at the learner's verbs: each exercise must be checked, and each id must exist."""
    judged, answered = set(), set()
    for cell in _code_cells(practical):
        for call in _CALL.finditer(cell.text):
            verb, exercise, given = call.groups()
            if exercise not in practical.exercises:
                line = cell.line + cell.text.count("\n", 0, call.start())
                yield SourceError(
                    path, line, f"This cell names {exercise}, which is no exercise.",
                    "Use the id of an exercise of this practical.",
                )  # fmt: skip
            if verb in ("check", "ask"):
                judged.add(exercise)
                answered |= {exercise} if given else set()
    answer_cells = {cell.exercise for cell in _code_cells(practical) if cell.role == "answer"}
    for text in practical.exercises.values():
        verb = "check" if text.kind in ("code", "maths", "experiment") else "ask"
        example = f'{verb}("{text.id}", ...)'
        if text.id not in answer_cells:
            problem, remedy = "has no answer cell", f"Add a code cell after it, and {example}."
        elif text.id not in judged:
            problem, remedy = "is never checked", f"Add a cell with {example}."
        elif verb == "check" and text.id not in answered:
            problem = "is checked without an answer"
            remedy = f"Give the answer's name: {example}."
        else:
            continue
        yield SourceError(path, text.line, f"Exercise {text.id} {problem}.", remedy)


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
    for part in text.parts:
        if not part.text:
            yield fault(f"has an empty {part.kind}", "Write it, or delete it.", part.line)
    told_by_options = text.kind == "choice" and not text.hints  # each wrong one says why
    if text.kind != "discussion" and len(text.hints) < 2 and not told_by_options:
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
            text.solution_line + line_in_source(text.solution, problem[0] + 1, of_stub=True) - 1,
        )


def _option_faults(text: ExerciseText, fault) -> Iterator[SourceError]:
    options = list(options_of(text))
    right = [letter for letter, is_right, _ in options if is_right]
    if len(options) < 2 or len(right) != 1:
        yield fault(
            f"has {len(options)} options, {len(right)} of them right",
            "Give at least two, one of them labelled `right`.",
        )
    for place, ((letter, _, note), part) in enumerate(zip(options, text.options, strict=True)):
        if not re.fullmatch(r"[A-Z]( right)?", part.label):
            yield fault(
                f"has an option labelled {part.label!r}",
                "Label it with a capital letter, and `right` on the right one, as in `C right`.",
                part.line,
            )
        if letter in [other for other, _, _ in options[:place]]:
            yield fault(f"has two options {letter}", "Give each its own letter.", part.line)
        if not note:
            yield fault(
                f"does not say why option {letter} is right or wrong",
                "Add the reason after a line `---`.",
                part.line,
            )
