"""Build the student and the solution notebook from a practical's one source.

Notebooks are plain dictionaries in nbformat 4.5, so that building needs no notebook library. Cell
ids and metadata name the exercise and the cell's role; they survive rebuilding.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from mazoezi import __version__
from mazoezi._errors import MazoeziError
from mazoezi.course._install import INSTALL, install_code
from mazoezi.course._judge_words import options_of, right_option, step_letters
from mazoezi.course._markers import solution_of, stub_of
from mazoezi.course._practical import Practical
from mazoezi.course._source import Cell, ExerciseText, cell_id, outside_fences
from mazoezi.course.workspace import write_atomically

Variant = Literal["student", "solution"]

LARGEST = 200_000  # bytes of a student notebook


def notebook(practical: Practical, variant: Variant) -> dict[str, Any]:
    """Return the practical's notebook: with empty answers, or with the worked ones."""
    cells = list(_cells(practical, variant))
    _number(cells)
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "mazoezi": {
                "practical": practical.id,
                "text": course_text(practical),
                "variant": variant,
                "version": __version__,
            },
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def course_text(practical: Practical) -> str:
    """Return the hash by which the text of a practical is known, as it stands in a student notebook.

    Steps to be ordered are taken as the author wrote them: to shuffle them takes NumPy, for which the
    home page has no time.
    """
    cells = _cells(practical, "student", steps=_as_written)
    return text_hash("\n\n".join(cell["source"] for cell in cells))


def to_json(document: dict[str, Any]) -> str:
    """Return a notebook as a text, one cell a line.

    So two versions differ by cells, and a cell costs few bytes beside what it says. Jupyter reads it as
    it reads any other, and spreads a cell over many lines once the learner saves.
    """
    cells = ",\n".join(map(_compact, document["cells"]))
    rest = _compact({name: value for name, value in document.items() if name != "cells"})
    return f'{{"cells":[\n{cells}\n],\n{rest[1:]}\n'


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def build(practical: Practical, folder: Path) -> list[Path]:
    """Write both notebooks to `folder`, and return their paths.

    Raises MazoeziError where the student notebook is larger than 200 KB.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names: dict[Variant, str] = {"student": practical.id, "solution": f"{practical.id}-solution"}
    written = []
    for variant, name in names.items():
        text = to_json(notebook(practical, variant))
        if variant == "student" and len(text.encode()) > LARGEST:
            raise MazoeziError(
                f"The student notebook of {practical.id} has {len(text.encode())} bytes; at most "
                f"{LARGEST} are allowed. Draw pictures by code rather than embedding them."
            )
        path = folder / f"{name}.ipynb"
        write_atomically(path, text)
        written.append(path)
    return written


def _cells(
    practical: Practical,
    variant: Variant,
    *,
    steps: Callable[[ExerciseText], Mapping[str, str]] = step_letters,
) -> Iterator[dict[str, Any]]:
    """Yield the notebook's cells, without ids; `steps` gives each step to be ordered its letter."""
    outlined = False
    closing: str | None = None  # the exercise whose worked answer is still to come
    for cell in practical.cells:
        if closing is not None and cell.role != "check":
            yield from _worked(practical.exercises[closing], variant)
            closing = None
        if "worked" in cell.tags and variant == "student":
            continue
        if cell.kind == "exercise":
            text = practical.exercises[cell.exercise or ""]
            yield _markdown(_prompt(text, steps(text)), exercise=text.id, role="prompt")
        elif cell.kind == "code":
            code = stub_of(cell.text) if variant == "student" else solution_of(cell.text)
            yield _code(code, cell)
            if cell.role == "answer":
                closing = cell.exercise
        else:
            yield _markdown(cell.text)
            if not outlined:
                yield _markdown(_outline(practical))
                yield _code(install_code(), Cell("code", "", 0, (INSTALL,)))
                outlined = True
    if closing is not None:
        yield from _worked(practical.exercises[closing], variant)


def _markdown(text: str, **tie: str) -> dict[str, Any]:
    metadata = {"mazoezi": tie} if tie else {}
    return {"cell_type": "markdown", "metadata": metadata, "source": text}


def _code(text: str, cell: Cell) -> dict[str, Any]:
    metadata: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
    if cell.exercise:
        metadata["mazoezi"] = {"exercise": cell.exercise, "role": cell.role}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": text,
    }


def _as_written(text: ExerciseText) -> dict[str, str]:
    return {str(number): step.text for number, step in enumerate(text.steps)}


def _prompt(text: ExerciseText, steps: Mapping[str, str]) -> str:
    """Return an exercise's heading, its facts and its prompt, in plain Markdown."""
    parts = [
        f"### Exercise {text.id} · {text.title}",
        f"*{text.facts}*",
        text.prompt,
    ]
    for option in text.options:
        parts.append(f"**{option.label.split()[0]}**. {option.text}")
    parts += [f"**{letter}**. {steps[letter]}" for letter in sorted(steps)]
    return "\n\n".join(parts)


def _worked(text: ExerciseText, variant: Variant) -> Iterator[dict[str, Any]]:
    """Yield the worked answer's cell, which only the solution notebook has."""
    if variant == "student":
        return
    parts = [f"**Worked answer {text.id}.** {text.worked}".rstrip()]
    if text.options:
        parts.append(f"Right: {right_option(text)}.")
        parts += [f"- **{letter}**: {note}" for letter, _, note in options_of(text)]
    parts += [f"- {point}" for point in text.points]
    yield _markdown("\n\n".join(parts), exercise=text.id, role="worked")


def _outline(practical: Practical) -> str:
    """Return the outline: the headings of the second level, and what the practical asks for."""
    headings = [
        line[3:].strip()
        for cell in practical.cells
        if cell.kind == "markdown"
        for _, line in outside_fences(cell.text)
        if line.startswith("## ")
    ]
    links = "\n".join(f"1. [{title}](#{_anchor(title)})" for title in headings)
    return f"{aims_of(practical)}\n\n**Outline**\n\n{links}"


def aims_of(practical: Practical) -> str:
    """Return what a learner will learn, what is needed, and how long it takes, in Markdown."""
    aims = "\n".join(f"- {aim}" for aim in practical.aims)
    texts = practical.exercises.values()
    asked = [text for text in texts if not text.optional]
    optional = f" (optional: {len(texts) - len(asked)} more)" if len(asked) < len(texts) else ""
    return (
        f"**You will learn to**\n\n{aims}\n\n"
        f"**You need** {'; '.join(practical.prerequisites)}. "
        f"**It takes** about {practical.minutes} minutes, {sum(text.minutes for text in asked)} of "
        f"them on {len(asked)} exercises{optional}."
    )


def source_cells(document: Any) -> Iterator[Any]:
    """Yield the code cells of a solution notebook, one for each code cell of its source."""
    for cell in document["cells"]:
        if cell["cell_type"] == "code" and INSTALL not in cell["metadata"].get("tags", ()):
            yield cell


def _anchor(title: str) -> str:
    """Return the fragment under which Jupyter files a heading."""
    return re.sub(r"[`*$]", "", title).replace(" ", "-")


def text_hash(text: str) -> str:
    """Return the hash by which the text of a cell is known: 8 hexadecimal digits."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:8]


def is_hash_of(given: str, text: str) -> bool:
    """Say whether a hash, or an id that begins with one, is that of this text.

    Notebooks of earlier versions have four digits more of the same hash.
    """
    return given.startswith(text_hash(text))


def _number(cells: list[dict[str, Any]]) -> None:
    """Give every cell an id: the exercise and role, or a hash of its text.

    By this hash an update knows the cells that a learner changed; where the id does not hold it, the
    metadata do.
    """
    seen: dict[str, int] = {}
    for cell in cells:
        tie = cell["metadata"].get("mazoezi")
        if tie:
            base = cell_id(tie["exercise"], tie["role"])
            tie["text"] = text_hash(cell["source"])
        else:
            base = text_hash(cell["source"])
        seen[base] = seen.get(base, 0) + 1
        cell["id"] = base if seen[base] == 1 else f"{base}-{seen[base]}"
