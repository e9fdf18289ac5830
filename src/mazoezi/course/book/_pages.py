"""The pages of a practical: first its aims and contents, then its sections, last its errata."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from mazoezi.course._notebooks import aims_of, source_cells
from mazoezi.course._practical import Practical
from mazoezi.course._source import Cell, ExerciseText, outside_fences
from mazoezi.course.book._exercise import (
    EXERCISE_ENDS,
    FOLD_ENDS,
    exercise_markdown,
    fold_begins,
    has_code,
)
from mazoezi.course.book._outputs import Pictures, shown_outputs

FIRST = "index"


@dataclass
class Page:
    """One page: its file's name without an ending, its heading, and the cells below it."""

    name: str
    title: str
    cells: list[dict[str, Any]] = field(default_factory=list)

    def notebook(self) -> dict[str, Any]:
        """Return the page as a notebook, for MyST-NB."""
        heading = _markdown(f"# {self.title}")
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        return {
            "cells": [heading, *self.cells],
            "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 4,
        }


def pages_of(practical: Practical, run: Any, pictures: Pictures) -> list[Page]:
    """Return the pages of a practical from the run of its solutions, the first page first.

    The pictures that the run drew are added to `pictures`.
    """
    first = Page(FIRST, practical.title)
    pages = [first]
    for cell in _cells(practical, run, pictures):
        if cell["cell_type"] == "code":
            pages[-1].cells.append(cell)
            continue
        for title, text in _sections(cell["source"]):
            if title:
                pages.append(Page(_file_name(title), title))
            if text:
                pages[-1].cells.append(_markdown(text))
    if (errata := practical.folder / "ERRATA.md").is_file():
        pages.append(_errata(errata))
    contents = "\n".join(page.name for page in pages[1:])
    first.cells.append(_markdown(f"{aims_of(practical)}\n\n```{{toctree}}\n{contents}\n```"))
    return pages


def _errata(path: Path) -> Page:
    """Return the page of what an earlier version of the practical got wrong."""
    heading, _, text = path.read_text(encoding="utf-8").partition("\n")
    return Page("errata", heading.removeprefix("# "), [_markdown(text.strip())])


def _cells(practical: Practical, run: Any, pictures: Pictures) -> Iterator[dict[str, Any]]:
    """Yield the cells of all pages, one after another; answers stand in folds."""
    executed = iter(source_cells(run))
    answered: ExerciseText | None = None  # the exercise whose fold is open
    for cell in practical.cells:
        if answered and cell.role != "check":
            yield _markdown(_end_of_fold(answered))
            answered = None
        if cell.kind == "exercise":
            yield _markdown(exercise_markdown(practical.exercises[cell.exercise or ""]))
        elif cell.kind == "markdown":
            yield _markdown(_promoted(cell.text))
        else:
            ran = next(executed)
            if cell.role == "answer":
                text = practical.exercises[cell.exercise or ""]
                if not has_code(text):
                    continue  # the options, steps or points say all
                answered = text
                yield _markdown(fold_begins("Worked answer", "answer"))
            if not _only_asks(cell, practical):
                yield _code(ran, pictures)
    if answered:
        yield _markdown(_end_of_fold(answered))


def _only_asks(cell: Cell, practical: Practical) -> bool:
    """Whether a cell only puts a question that the page has put already."""
    text = practical.exercises.get(cell.exercise or "")
    return cell.role == "check" and text is not None and not has_code(text)


def _end_of_fold(text: ExerciseText) -> str:
    return "\n\n".join(filter(None, [text.worked, FOLD_ENDS, EXERCISE_ENDS]))


def _markdown(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(ran: Any, pictures: Pictures) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": ran["execution_count"],
        "metadata": {},
        "outputs": list(shown_outputs(ran["outputs"], pictures)),
        "source": ran["source"],
    }


def _promoted(text: str) -> str:
    """Return prose with its headings one level higher, as a section is a page of its own.

    The practical's heading is left out: its first page has one.
    """
    lines = text.splitlines()
    for number, line in outside_fences(text):
        if line.startswith("#"):
            lines[number] = line[1:] if line.startswith("##") else ""
    return "\n".join(lines)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield the heading, if any, and the text of each part of a cell that begins a page."""
    lines = text.splitlines()
    starts = [number for number, line in outside_fences(text) if line.startswith("# ")]
    yield "", "\n".join(lines[: starts[0] if starts else None]).strip()
    for start, end in pairwise([*starts, len(lines)]):
        yield lines[start][2:].strip(), "\n".join(lines[start + 1 : end]).strip()


def _file_name(title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words or "section"
