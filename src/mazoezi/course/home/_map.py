"""The course's map: its practicals, their sections and exercises, and what cannot be read."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mazoezi.course._practical import Practical, practical_folders, read_or_tell
from mazoezi.course._source import ExerciseText, outside_fences

Stamp = tuple[object, ...]  # changes when a file does


@dataclass(frozen=True)
class Section:
    """What stands below one heading of the second level."""

    title: str
    exercises: tuple[ExerciseText, ...]


@dataclass(frozen=True)
class Course:
    """Every practical that can be read, and a sentence on each of the others."""

    practicals: tuple[Practical, ...]
    problems: tuple[str, ...]

    @cached_property
    def sections(self) -> dict[str, tuple[Section, ...]]:
        """The sections of each practical, by its id."""
        return {one.id: sections_of(one) for one in self.practicals}

    def exercises(self) -> Iterator[tuple[Practical, ExerciseText]]:
        """Yield each exercise with its practical, in the course's order."""
        for practical in self.practicals:
            for text in practical.exercises.values():
                yield practical, text

    def find(self, exercise: str) -> tuple[Practical, ExerciseText] | None:
        """Return an exercise with its practical; None where there is none of this id."""
        return next((pair for pair in self.exercises() if pair[1].id == exercise), None)


@dataclass
class Reader:
    """Reads the course, each practical again only when its file has changed."""

    _known: dict[Path, tuple[Stamp, Practical | str]] = field(default_factory=dict)
    _last: tuple[list[Practical | str], Course] | None = None

    def read(self) -> Course:
        """Return the course as its files are now; the same object while they are the same."""
        found = [self._practical(folder) for folder in practical_folders()]
        last = self._last
        if last is None or [*map(id, last[0])] != [*map(id, found)]:
            self._last = last = found, _course(found)
        return last[1]

    def _practical(self, folder: Path) -> Practical | str:
        stamp = stamp_of(folder / "practical.md")
        if folder not in self._known or self._known[folder][0] != stamp:
            self._known[folder] = stamp, read_or_tell(folder)
        return self._known[folder][1]


def _course(found: list[Practical | str]) -> Course:
    practicals: dict[str, Practical] = {}
    for one in found:
        if isinstance(one, Practical):
            practicals.setdefault(one.id, one)  # as everywhere, the first of an id counts
    return Course(tuple(practicals.values()), tuple(one for one in found if isinstance(one, str)))


def stamp_of(path: Path) -> Stamp:
    """Return what changes when a file does; nothing but its name where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return (str(path),)
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino


def sections_of(practical: Practical) -> tuple[Section, ...]:
    """Return the practical's sections in order; exercises before the first heading come first."""
    sections: list[tuple[str, list[ExerciseText]]] = []
    for cell in practical.cells:
        if cell.kind == "exercise":
            if not sections:
                sections.append((practical.title, []))
            sections[-1][1].append(practical.exercises[cell.exercise or ""])
        elif cell.kind == "markdown":
            sections += [(title, []) for title in _headings(cell.text)]
    return tuple(Section(title, tuple(texts)) for title, texts in sections)


def _headings(text: str) -> Iterator[str]:
    for _, line in outside_fences(text):
        if line.startswith("## "):
            yield line[3:].strip()
