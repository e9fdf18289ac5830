"""Lay a new text of the course around what a learner wrote in a notebook.

The course's cells are replaced; everything else is the learner's, and every line of it is kept.
"""

import copy
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mazoezi._errors import UncheckableError, WorkspaceError
from mazoezi.course._learner_notebook import (
    as_cell,
    defined,
    definition,
    read_notebook,
    source_of,
)
from mazoezi.course._markers import PLACEHOLDER
from mazoezi.course._notebooks import course_text, is_hash_of, notebook, text_hash, to_json
from mazoezi.course._practical import Practical
from mazoezi.course._source import checked_exercise
from mazoezi.course.workspace import Workspace, write_atomically

Cell = dict[str, Any]

_APPENDIX = "appendix"
_APPENDIX_TEXT = (
    "## Appendix: answers to exercises that left the course\n\nThe exercises are no longer part of this "
    "practical. Your answers are kept here."
)
_TOP = ""  # the anchor of what stands before the course's first cell


@dataclass
class Update:
    """A notebook with the new text, and what a learner should know of it."""

    document: dict[str, Any]
    name: str = "The notebook"
    changed: bool = True
    new: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    other_skeletons: list[str] = field(default_factory=list)
    own_cells: int = 0
    backup: Path | None = None

    def __str__(self) -> str:
        if not self.changed:
            return f"{self.name} is up to date."
        facts = (
            ("New exercises", self.new),
            ("Answers put back", self.restored),
            ("Answers moved to the appendix, since their exercises left the course", self.left),
            ("Exercises whose skeleton changed, while yours was kept", self.other_skeletons),
        )
        lines = [
            f"{self.name} has the new text; your answers and {self.own_cells} other cells stay."
        ]
        lines += [f"  {what}: {', '.join(ids)}." for what, ids in facts if ids]
        if self.backup is not None:
            lines.append(f"  As it was before, it is {self.backup}.")
        lines.append("  If the notebook is open, reload it: File > Reload Notebook from Disk.")
        return "\n".join(lines)


def update_notebook(practical: Practical, workspace: Workspace) -> Update:
    """Update the learner's notebook of a practical; where nothing is new, nothing is written.

    What the notebook was before is copied to the workspace's backups first. Raises UncheckableError
    where there is no notebook or it cannot be read, and WorkspaceError where it cannot be written;
    it is not touched then.
    """
    path = workspace.notebook(practical.id)
    texts = practical.exercises.values()
    update = updated(
        read_notebook(path),
        notebook(practical, "student"),
        names={text.id: text.answer_name for text in texts if text.answer_name},
        kept=lambda exercise: _newest_source(workspace, exercise),
    )
    update.name = path.name
    if update.changed:
        try:
            update.backup = back_up(workspace, path)
            write_atomically(path, to_json(update.document))
        except OSError as error:
            problem = f"{path} cannot be updated ({error.strerror}). It was not touched."
            raise WorkspaceError(problem) from error
    return update


def _newest_source(workspace: Workspace, exercise: str) -> str | None:
    """Return the newest answer that the store has, where it is more than a skeleton."""
    for attempt in reversed(workspace.store.attempts(exercise)):
        if attempt.source is not None and PLACEHOLDER not in attempt.source:
            return attempt.source
    return None


def is_behind(practical: Practical, workspace: Workspace) -> bool:
    """Say whether the learner's notebook of a practical has an earlier text of the course."""
    try:
        mine = read_notebook(workspace.notebook(practical.id))
    except UncheckableError:
        return False
    given = mine.get("metadata", {}).get("mazoezi")
    return not isinstance(given, dict) or given.get("text") != course_text(practical)


def back_up(workspace: Workspace, path: Path) -> Path:
    """Copy a notebook as it is to the workspace's backups, and return the copy."""
    workspace.backups.mkdir(exist_ok=True)
    stem = f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    backup = workspace.backups / f"{stem}{path.suffix}"
    with backup.open("xb") as file:
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    return backup


def is_pristine(cell: Cell) -> bool:
    """Say whether a cell still has the text that the course gave it."""
    return is_hash_of(_tie(cell).get("text") or cell.get("id") or "", source_of(cell))


def updated(
    mine: dict[str, Any],
    fresh: dict[str, Any],
    *,
    names: Mapping[str, str],
    kept: Callable[[str], str | None],
) -> Update:
    """Return the learner's notebook `mine` with the text of `fresh`, the course's present notebook.

    `names` has the name of each exercise's answer; `kept` returns the newest answer to an exercise
    that the store has, for a cell that was deleted.
    """
    return _Layout(mine, fresh, names, kept).update()


class _Layout:
    """What of the learner's goes where."""

    def __init__(
        self,
        mine: dict[str, Any],
        fresh: dict[str, Any],
        names: Mapping[str, str],
        kept: Callable[[str], str | None],
    ):
        self._mine, self._fresh, self._names, self._kept = mine, fresh, names, kept
        self._course = {cell["id"]: cell for cell in fresh["cells"]}
        self._given = {(one["cell_type"], source_of(one)): id for id, one in self._course.items()}
        self._cells: list[Cell] = [copy.deepcopy(cell) for cell in mine["cells"]]
        self._exercises = dict.fromkeys(
            tie["exercise"] for cell in fresh["cells"] if "exercise" in (tie := _tie(cell))
        )
        self._answers: dict[str, Cell] = {}  # by exercise: the cell that takes the answer's place
        self._gone = defaultdict[str, list[Cell]](list)  # answers to exercises that left the course
        self._after = defaultdict[str, list[Cell]](list)  # own cells, by the cell that they follow
        self._used: dict[str, Cell] = {}  # the learner's state of each course cell, by its id

    def update(self) -> Update:
        update = Update(document={})
        for exercise in self._exercises:
            self._find_answer(exercise, update)
        self._sort_cells()
        update.own_cells = sum(map(len, self._after.values()))
        update.left = list(self._gone)
        cells = self._with_unique_ids(self._laid())
        metadata = {**self._mine.get("metadata", {}), "mazoezi": self._fresh["metadata"]["mazoezi"]}
        update.document = {
            **{k: v for k, v in self._mine.items() if k not in ("cells", "metadata")},
            "cells": cells,
            "metadata": {**self._fresh["metadata"], **metadata},
            "nbformat": 4,
            "nbformat_minor": max(5, int(self._mine.get("nbformat_minor", 0))),
        }
        update.changed = _plain(update.document) != _plain(self._mine)
        return update

    # --- The answers -----------------------------------------------------------------------------

    def _find_answer(self, exercise: str, update: Update) -> None:
        """Choose the cell that takes the place of an exercise's answer, if there is an answer."""
        fresh = next((one for one in self._fresh["cells"] if _is_answer(one, exercise)), None)
        if fresh is None:
            return
        tied = [cell for cell in self._cells if _is_answer(cell, exercise)]
        written = [cell for cell in tied if not self._is_of_the_course(cell)]
        known = bool(tied) or any(_tie(cell).get("exercise") == exercise for cell in self._cells)
        if written:
            cell = self._primary(written, exercise, fresh["id"])
            self._answers[exercise] = cell
            given = _tie(cell).get("text")
            if given is not None and not is_hash_of(given, source_of(fresh)):
                update.other_skeletons.append(exercise)
        elif tied:
            return
        elif (cell := self._before_check(exercise)) is not None:
            self._answers[exercise] = cell
        elif (source := self._copied(exercise) or self._from_store(exercise)) is not None:
            if source != source_of(fresh):
                self._answers[exercise] = {**copy.deepcopy(fresh), "source": source}
                update.restored.append(exercise)
        elif not known:
            update.new.append(exercise)

    def _primary(self, cells: list[Cell], exercise: str, id: str) -> Cell:
        name = self._names.get(exercise)

        def rank(cell: Cell) -> tuple[bool, bool]:
            return name not in defined(source_of(cell)), cell.get("id") != id

        return min(cells, key=rank)  # the first of equals

    def _before_check(self, exercise: str) -> Cell | None:
        """Return an own cell that defines the answer and stands before the check, its tie lost."""
        before: Cell | None = None
        for cell in self._cells:
            if cell["cell_type"] != "code":
                continue
            if checked_exercise(source_of(cell)) == exercise and before is not None:
                own = not _tie(before) and not self._is_of_the_course(before)
                return before if own and self._defines(before, exercise) else None
            before = cell
        return None

    def _copied(self, exercise: str) -> str | None:
        """Return the definition of an answer from a cell that holds other things too."""
        for cell in self._cells:
            if not self._is_of_the_course(cell) and self._defines(cell, exercise):
                return definition(source_of(cell), self._names[exercise])
        return None

    def _defines(self, cell: Cell, exercise: str) -> bool:
        is_code = cell["cell_type"] == "code"
        return is_code and self._names.get(exercise) in defined(source_of(cell))

    def _from_store(self, exercise: str) -> str | None:
        if exercise not in self._names or (source := self._kept(exercise)) is None:
            return None
        return as_cell(source, self._names[exercise])

    # --- Everything else -------------------------------------------------------------------------

    def _sort_cells(self) -> None:
        """Tell the course's cells from the learner's, and give each of these its place."""
        answers = {id(cell): exercise for exercise, cell in self._answers.items()}
        anchor = _TOP
        for cell in self._cells:
            tie = _tie(cell)
            if id(cell) in answers:
                anchor = self._id_of_answer(answers[id(cell)])
            elif self._is_of_the_course(cell):
                key = self._key(cell)
                if key is not None:
                    anchor = key
                    self._used.setdefault(key, cell)
            elif cell["cell_type"] == "code" and self._left_the_course(tie):
                self._gone[tie["exercise"]].append(cell)
                anchor = f"{_APPENDIX}-{tie['exercise']}"
            elif source_of(cell).strip() or self._key(cell) is None:  # not one that was emptied
                if tie.get("role") != "answer":  # a part or a copy of an answer stays where it is
                    anchor = self._key(cell) or anchor
                self._after[anchor].append(_untied(cell))

    def _left_the_course(self, tie: Mapping[str, str]) -> bool:
        return tie.get("role") == "answer" and tie.get("exercise") not in self._exercises

    def _is_of_the_course(self, cell: Cell) -> bool:
        return (
            is_pristine(cell)
            or (cell["cell_type"], source_of(cell)) in self._given
            or source_of(cell) == _APPENDIX_TEXT
        )

    def _key(self, cell: Cell) -> str | None:
        """Return the id of the course cell that a cell is, or was before it was edited."""
        tie = _tie(cell)
        for key in (
            self._given.get((cell["cell_type"], source_of(cell))),
            _id_of(tie["exercise"], tie["role"]) if {"exercise", "role"} <= tie.keys() else None,
            cell.get("id"),
        ):
            if key in self._course:
                return key
        return None

    def _id_of_answer(self, exercise: str) -> str:
        return next(id for id, cell in self._course.items() if _is_answer(cell, exercise))

    # --- The new notebook ------------------------------------------------------------------------

    def _laid(self) -> list[Cell]:
        cells = [*self._after.pop(_TOP, [])]
        for key, fresh in self._course.items():
            tie = _tie(fresh)
            answer = self._answers.get(tie["exercise"]) if tie.get("role") == "answer" else None
            cells.append(
                _joined(fresh, answer or self._used.get(key), is_answer=answer is not None)
            )
            cells += self._after.pop(key, [])
        if self._gone:
            tie = {"role": _APPENDIX}
            cells.append(
                {
                    "cell_type": "markdown", "id": _APPENDIX, "metadata": {"mazoezi": tie},
                    "source": _APPENDIX_TEXT,
                }
            )  # fmt: skip
        for exercise, answers in self._gone.items():
            cells += answers
            cells += self._after.pop(f"{_APPENDIX}-{exercise}", [])
        return cells

    def _with_unique_ids(self, cells: list[Cell]) -> list[Cell]:
        """Give an id to each cell that has none or another's; the course's cells keep theirs."""
        taken = set(self._course) | {_APPENDIX}
        course, seen = set(), Counter[str]()
        for cell in cells:
            id = cell.get("id")
            if isinstance(id, str) and id not in course and self._belongs(cell, id):
                course.add(id)
                continue
            if not isinstance(id, str) or not id or id in taken:
                base = f"own-{text_hash(source_of(cell))}"
                while (id := f"{base}-{seen[base]}" if seen[base] else base) in taken:
                    seen[base] += 1
                cell["id"] = id
            taken.add(id)
        return cells

    def _belongs(self, cell: Cell, id: str) -> bool:
        if id == _APPENDIX:
            return _tie(cell).get("role") == _APPENDIX
        if (fresh := self._course.get(id)) is None:
            return False
        return _tie(fresh) == _tie(cell) and (
            bool(_tie(fresh)) or source_of(fresh) == source_of(cell)
        )


def _joined(fresh: Cell, mine: Cell | None, *, is_answer: bool) -> Cell:
    """Return a cell of the course with what the learner's own has: outputs, state, an answer."""
    cell = copy.deepcopy(fresh)
    if mine is None:
        return cell
    cell["metadata"] = {**mine.get("metadata", {}), **cell["metadata"]}
    if cell["cell_type"] == "code" and mine["cell_type"] == "code":
        cell["outputs"] = mine.get("outputs", [])
        cell["execution_count"] = mine.get("execution_count")
    if is_answer:
        cell["source"] = mine["source"]
    return cell


def _untied(cell: Cell) -> Cell:
    """Return a cell as the learner's own, which it is from now on."""
    metadata = {k: v for k, v in cell.get("metadata", {}).items() if k != "mazoezi"}
    return {**cell, "metadata": metadata}


def _tie(cell: Cell) -> dict[str, str]:
    tie = cell.get("metadata", {}).get("mazoezi")
    return tie if isinstance(tie, dict) else {}


def _is_answer(cell: Cell, exercise: str) -> bool:
    tie = _tie(cell)
    is_tied = tie.get("exercise") == exercise and tie.get("role") == "answer"
    return is_tied and cell["cell_type"] == "code"


def _id_of(exercise: str, role: str) -> str:
    return f"{exercise.replace('.', '-')}-{role}"


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook in which every source is one text, however Jupyter stored it."""
    return {
        **document,
        "cells": [{**cell, "source": source_of(cell)} for cell in document["cells"]],
    }
