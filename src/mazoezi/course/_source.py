"""Read a practical's one source, `practical.md`: front matter, prose, code cells and exercises.

The file is a MyST-Markdown notebook, as Jupytext reads it. An exercise is a directive in it::

    ::::{exercise} J1.3 compilable-relu
    :title: ReLU that can be compiled
    :kind: code
    :level: beginner
    :minutes: 8

    The prompt, in Markdown.

    :::{hint}
    One step of the ladder; at least two.
    :::
    :::{answer}
    The worked answer's explanation.
    :::
    ::::

The first code cell after the directive is the exercise's answer cell. We read the file line by line
ourselves, because every complaint must name a line, and because `mazoezi hint` has no time to load
a notebook library.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from mazoezi._errors import SourceError
from mazoezi.course._markers import stub_of

KINDS = ("code", "maths", "choice", "experiment", "discussion")
PARTS = ("hint", "answer", "option", "step", "point")
LEVELS = ("beginner", "intermediate", "advanced")
_LEVEL_SIGNS = {"beginner": "●", "intermediate": "▲", "advanced": "■"}
_KIND_NAMES = {"choice": "multiple choice"}

_FIELDS = ("title", "kind", "level", "optional", "minutes")

_CODE_CELL = re.compile(r"^(`{3,})\{code-cell\}")
_FENCE = re.compile(r"^(`{3,}|~{3,})")
_DIRECTIVE = re.compile(r"^(:{3,})\{(\w+)\}\s*(.*)$")
_OPTION_LINE = re.compile(r"^:([\w-]+):\s*(.*)$")


@dataclass(frozen=True)
class Part:
    """A piece of an exercise: a hint, an option, a step, a point or the worked answer."""

    kind: str
    label: str
    text: str
    note: str  # what follows a line `---`: why an option is wrong, why a step stands where it does
    line: int


@dataclass(frozen=True)
class ExerciseText:
    """What a learner reads of an exercise, and the cells that belong to it."""

    id: str
    slug: str
    title: str
    kind: str
    level: str
    optional: bool
    minutes: int
    prompt: str
    parts: tuple[Part, ...]
    line: int
    solution: str = ""  # the answer cell as the author wrote it, with markers
    solution_line: int = 0
    answer_name: str | None = None  # the name that the check is called with

    def _texts(self, kind: str) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts if part.kind == kind)

    @property
    def hints(self) -> tuple[str, ...]:
        return self._texts("hint")

    @property
    def points(self) -> tuple[str, ...]:
        return self._texts("point")

    @property
    def worked(self) -> str:
        return "\n\n".join(self._texts("answer"))

    @property
    def options(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.kind == "option")

    @property
    def steps(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.kind == "step")

    @property
    def stub(self) -> str:
        return stub_of(self.solution)

    @property
    def facts(self) -> str:
        """Level, kind and minutes, as they stand below the title."""
        optional = " · optional" if self.optional else ""
        return (
            f"{_LEVEL_SIGNS[self.level]} {self.level.capitalize()}{optional} · "
            f"{_KIND_NAMES.get(self.kind, self.kind)} · about {self.minutes} min"
        )


def cell_id(exercise: str, role: str) -> str:
    """Return the id that an exercise's cell of this role has in a notebook."""
    return f"{exercise.replace('.', '-')}-{role}"


@dataclass(frozen=True)
class Cell:
    """One cell of the notebook. An exercise's directive is a cell of its own."""

    kind: str  # "markdown", "code" or "exercise"
    text: str
    line: int
    tags: tuple[str, ...] = ()
    exercise: str | None = None
    role: str | None = None  # for code: "answer" or "check"


@dataclass(frozen=True)
class Source:
    """A parsed `practical.md`."""

    path: Path
    front: dict[str, Any]
    cells: tuple[Cell, ...]
    exercises: dict[str, ExerciseText] = field(default_factory=dict)


def read_source(path: Path) -> Source:
    """Parse the practical at `path`.

    Raises `SourceError` with file, line and remedy for front matter that is not YAML, an exercise
    that is not closed or lacks a field, an unknown kind or level, and an id used twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise SourceError(
            path, 1, f"The file is not UTF-8 ({error}).", "Save it as UTF-8."
        ) from None
    front, first = _front_matter(path, lines)
    cells, exercises = _attach(path, list(_cells(path, lines, first)))
    return Source(path, front, cells, exercises)


def _front_matter(path: Path, lines: list[str]) -> tuple[dict[str, Any], int]:
    """Return the front matter and the index of the first line after it."""
    if not lines or lines[0].rstrip() != "---":
        raise SourceError(
            path, 1, "There is no front matter.", "Begin the file with `---`, YAML, `---`."
        )
    end = _closing(path, lines, 0, "---", "front matter")
    try:
        front = yaml.load("\n".join(lines[1:end]), Loader=_YAML_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise SourceError(
            path,
            line,
            f"The front matter is not YAML: {problem}.",
            "Mend this line, or close the front matter before it with a line `---`.",
        ) from None
    if not isinstance(front, dict):
        raise SourceError(path, 1, "The front matter holds no fields.", "Write `key: value` lines.")
    return front, end + 1


# The C loader is five times faster, which `mazoezi hint` notices; not every platform has it.
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _closing(path: Path, lines: list[str], start: int, fence: str, what: str) -> int:
    """Return the index of the line that closes what `start` opens."""
    for index in range(start + 1, len(lines)):
        if lines[index].rstrip() == fence:
            return index
    raise SourceError(path, start + 1, f"This {what} is never closed.", f"Add a line `{fence}`.")


def _cells(path: Path, lines: list[str], first: int) -> Iterator[Cell | ExerciseText]:
    """Yield the cells in order; an exercise comes as its `ExerciseText`."""
    prose: list[str] = []
    prose_line, tags = first + 1, ()
    index = first

    def flush() -> Iterator[Cell]:
        text = "\n".join(prose).strip("\n")
        if text.strip():
            blank = next(i for i, line in enumerate(prose) if line.strip())
            yield Cell("markdown", text, prose_line + blank, tags)

    while index < len(lines):
        line = lines[index]
        directive = _DIRECTIVE.match(line)
        if code := _CODE_CELL.match(line):
            end = _closing(path, lines, index, code[1], "code cell")
            yield from flush()
            yield _code_cell(path, lines[index + 1 : end], index + 2)
        elif directive and directive[2] == "exercise":
            end = _closing(path, lines, index, directive[1], "exercise")
            yield from flush()
            yield _exercise(path, lines, index, end)
        elif line.startswith("+++"):
            yield from flush()
            prose, prose_line, tags = [], index + 2, _markdown_tags(path, line, index + 1)
            index += 1
            continue
        else:
            if fence := _FENCE.match(line):
                end = _closing(path, lines, index, fence[1], "fence")
            else:
                end = index
            prose.extend(lines[index : end + 1])
            index = end + 1
            continue
        prose, prose_line, tags = [], end + 2, ()
        index = end + 1
    yield from flush()


def _markdown_tags(path: Path, line: str, number: int) -> tuple[str, ...]:
    """Return the tags of a cell break `+++ {"tags": ["worked"]}`."""
    text = line[3:].strip()
    try:
        metadata = yaml.safe_load(text) if text else {}
        return _names(metadata.get("tags", []))
    except (yaml.YAMLError, AttributeError, ValueError):
        raise SourceError(
            path,
            number,
            f"The cell break's metadata {text!r} is not understood.",
            'Write `+++ {"tags": [...]}`.',
        ) from None


def _names(value: Any) -> tuple[str, ...]:
    """Return a list of names as a tuple; raises ValueError where it is none."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(value)
    return tuple(value)


def _code_cell(path: Path, lines: list[str], number: int) -> Cell:
    """Read a code cell's body: `:key: value` lines, then code."""
    start, tags = 0, ()
    while start < len(lines) and (option := _OPTION_LINE.match(lines[start])):
        if option[1] != "tags":
            raise SourceError(
                path,
                number + start,
                f"Code cells have no option {option[1]!r}.",
                "Only `:tags: [...]` is known.",
            )
        try:
            tags = _names(yaml.safe_load(option[2]))
        except (yaml.YAMLError, ValueError):
            raise SourceError(
                path,
                number + start,
                f"The tags {option[2]!r} are no list.",
                "Write e.g. `:tags: [setup]`.",
            ) from None
        start += 1
    while start < len(lines) and not lines[start].strip():
        start += 1
    return Cell("code", "\n".join(lines[start:]).rstrip(), number + start, tags)


def _exercise(path: Path, lines: list[str], start: int, end: int) -> ExerciseText:
    """Read the exercise directive on lines `start` to `end`."""
    number = start + 1
    opening = _DIRECTIVE.match(lines[start])
    assert opening is not None
    name = opening[3].split()
    if len(name) != 2:
        raise SourceError(
            path,
            number,
            f"An exercise needs an id and a slug, not {opening[3]!r}.",
            "Write e.g. `::::{exercise} J1.3 compilable-relu`.",
        )
    fields, index = {}, start + 1
    while index < end and (option := _OPTION_LINE.match(lines[index])):
        if option[1] not in _FIELDS:
            raise SourceError(
                path,
                index + 1,
                f"Exercise {name[0]} has the unknown field {option[1]!r}.",
                f"It may have {', '.join(_FIELDS)}.",
            )
        fields[option[1]] = option[2].strip()
        index += 1
    prompt, parts = _parts(path, lines, start, index, end)
    return ExerciseText(
        id=name[0],
        slug=name[1],
        title=_field(path, number, name[0], fields, "title"),
        kind=_one_of(path, number, name[0], fields, "kind", KINDS),
        level=_one_of(path, number, name[0], fields, "level", LEVELS),
        optional=_one_of(
            path, number, name[0], {"optional": "no", **fields}, "optional", ("yes", "no")
        )
        == "yes",
        minutes=_minutes(path, number, name[0], fields),
        prompt=prompt,
        parts=tuple(parts),
        line=number,
    )


def _field(path: Path, line: int, exercise: str, fields: dict[str, str], name: str) -> str:
    if not fields.get(name):
        raise SourceError(
            path, line, f"Exercise {exercise} has no {name}.", f"Add a line `:{name}: ...`."
        )
    return fields[name]


def _one_of(
    path: Path, line: int, exercise: str, fields: dict[str, str], name: str, known: tuple[str, ...]
) -> str:
    value = _field(path, line, exercise, fields, name)
    if value not in known:
        raise SourceError(
            path,
            line,
            f"Exercise {exercise} has the unknown {name} {value!r}.",
            f"Use one of {', '.join(known)}.",
        )
    return value


def _minutes(path: Path, line: int, exercise: str, fields: dict[str, str]) -> int:
    value = _field(path, line, exercise, fields, "minutes")
    if not value.isdigit() or int(value) == 0:
        raise SourceError(
            path,
            line,
            f"Exercise {exercise} has minutes {value!r}.",
            "Give a whole number of minutes.",
        )
    return int(value)


def _parts(
    path: Path, lines: list[str], start: int, index: int, end: int
) -> tuple[str, list[Part]]:
    """Split the body of the exercise begun on line `start` into its prompt and its parts."""
    prompt, parts = [], []
    while index < end:
        directive = _DIRECTIVE.match(lines[index])
        if directive is None:
            prompt.append(lines[index])
            index += 1
            continue
        if directive[2] == "exercise":  # we ran into the next one
            raise _unclosed(path, start, lines[start])
        if directive[2] not in PARTS:
            raise SourceError(
                path,
                index + 1,
                f"An exercise has no part {directive[2]!r}.",
                f"Its parts are {', '.join(PARTS)}.",
            )
        close = _closing(path, lines[:end], index, directive[1], directive[2])
        if any(_DIRECTIVE.match(line) for line in lines[index + 1 : close]):
            raise _unclosed(path, index, lines[index])
        text, _, note = "\n".join(lines[index + 1 : close]).partition("\n---\n")
        parts.append(
            Part(directive[2], directive[3].strip(), text.strip(), note.strip(), index + 1)
        )
        index = close + 1
    return "\n".join(prompt).strip(), parts


def _unclosed(path: Path, start: int, opening: str) -> SourceError:
    fence, _, rest = opening.partition("{")
    what, _, _ = rest.partition("}")
    return SourceError(path, start + 1, f"This {what} is never closed.", f"Add a line `{fence}`.")


def _attach(
    path: Path, items: list[Cell | ExerciseText]
) -> tuple[tuple[Cell, ...], dict[str, ExerciseText]]:
    """Tie each exercise to its answer cell and its check cell."""
    exercises: dict[str, ExerciseText] = {}
    cells: list[Cell] = []
    waiting: ExerciseText | None = None
    for item in items:
        if isinstance(item, ExerciseText):
            if item.id in exercises:
                raise SourceError(
                    path,
                    item.line,
                    f"The id {item.id} is used twice (first on line {exercises[item.id].line}).",
                    "Give this exercise an id of its own.",
                )
            exercises[item.id] = waiting = item
            cells.append(Cell("exercise", item.prompt, item.line, (), item.id))
        elif item.kind == "code" and waiting is not None:
            exercises[waiting.id] = replace(waiting, solution=item.text, solution_line=item.line)
            cells.append(replace(item, exercise=waiting.id, role="answer"))
            waiting = None
        elif item.kind == "code" and (checked := checked_exercise(item.text)):
            cells.append(replace(item, exercise=checked, role="check"))
        else:
            cells.append(item)
    for exercise, name in _CHECK.findall("\n".join(cell.text for cell in cells)):
        if exercise in exercises and name:
            exercises[exercise] = replace(exercises[exercise], answer_name=name)
    return tuple(cells), exercises


def outside_fences(text: str) -> Iterator[tuple[int, str]]:
    """Yield number (from 0) and text of each line of prose that is not within a code fence."""
    closing = ""
    for number, line in enumerate(text.splitlines()):
        if closing:
            closing = "" if line.rstrip() == closing else closing
        elif fence := _FENCE.match(line):
            closing = fence[1]
        else:
            yield number, line


def directives(text: str) -> Iterator[tuple[int, str]]:
    """Yield line number (from 0) and name of each directive in prose."""
    for number, line in outside_fences(text):
        if directive := _DIRECTIVE.match(line):
            yield number, directive[2]


_CHECK = re.compile(r"""\b(?:check|ask)\(\s*["']([^"']+)["'](?:\s*,\s*(\w+))?""")


def checked_exercise(code: str) -> str | None:
    """Return the id of the first exercise that a cell checks or asks, if it does."""
    match = _CHECK.search(code)
    return match[1] if match else None
