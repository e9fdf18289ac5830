"""Carry a learner's work to another computer: all of it into one file, and that file into a workspace.

What is brought is added to what is there; nothing is overwritten, and bringing it twice changes
nothing.
"""

import copy
import hashlib
import json
import os
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mazoezi import __version__
from mazoezi._errors import WorkspaceError
from mazoezi.course._learner_notebook import answer_cell, source_of
from mazoezi.course._notebooks import to_json
from mazoezi.course._update import back_up, is_pristine
from mazoezi.course.workspace import Workspace, write_atomically

FORMAT = 2
_ABOUT, _ATTEMPTS, _FILES = "mazoezi.json", "attempts.json", "files/"
_UNREADABLE = (
    OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_HEADING = "## From another computer\n\nThese cells were brought by `mazoezi import`."


def default_file() -> Path:
    """Return where an export goes unless the learner says otherwise: it is named after the day."""
    return Path(f"mazoezi-{time.strftime('%Y-%m-%d')}.zip")


def export(workspace: Workspace, path: Path) -> int:
    """Write notebooks, attempts and the learner's other files into one file; return its bytes.

    Raises WorkspaceError where it cannot be written; an earlier file of this name is then still there.
    """
    about = {"format": FORMAT, "version": __version__, "seed": workspace.seed}
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written ({error.strerror}).") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(_ABOUT, json.dumps(about))
                archive.writestr(_ATTEMPTS, json.dumps(workspace.store.rows()))
                for name, own in _own_files(workspace.folder, {path.resolve(), Path(temporary)}):
                    archive.write(own, _FILES + name)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        Path(temporary).unlink(missing_ok=True)
    return path.stat().st_size


def _own_files(folder: Path, without: set[Path]) -> Iterator[tuple[str, Path]]:
    """Yield name and path of the learner's files: all but hidden ones and what Python caches."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
        is_export = path.suffix == ".zip" and path.name.startswith("mazoezi-")
        if path.is_file() and not (hidden or is_export or path.is_symlink() or path in without):
            yield name.as_posix(), path


def bring(workspace: Workspace, path: Path, course: set[str]) -> list[str]:
    """Add what an export has and the workspace has not; return what was done, a line for each thing.

    `course` holds the names of the course's notebooks, which are merged answer by answer. Raises
    WorkspaceError where the file is not an export or is damaged; nothing is changed then.
    """
    about, attempts, files = _read(path)
    store, done = workspace.store, []
    is_new = not store.attempts()
    added = store.merge(attempts)
    if added:
        done.append("1 attempt was added." if added == 1 else f"{added} attempts were added.")
    if is_new and about["seed"] != workspace.seed:
        workspace.describe(seed=about["seed"])
        done.append("Questions with numbers of your own ask what they asked there.")
    elif about["seed"] != workspace.seed:
        done.append("Questions with numbers of your own keep the numbers of this workspace.")
    for name, content in files.items():
        done += _bring_file(workspace, name, content, is_notebook=name in course)
    return done


def _read(path: Path) -> tuple[dict[str, Any], Any, dict[str, bytes]]:
    """Return the parts of an export: what it says of itself, the attempts, the files by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read(_ABOUT))
            if about["format"] > FORMAT:
                raise WorkspaceError(
                    f"{path} was written by a newer mazoezi ({about['version']}). Nothing was changed. "
                    "Update with `pip install -U mazoezi`."
                )
            attempts = json.loads(archive.read(_ATTEMPTS))
            if about["format"] == 1:  # which knew no feedback
                attempts["feedback"] = []
            files = {
                name.removeprefix(_FILES): archive.read(name)
                for name in archive.namelist()
                if name.startswith(_FILES)
            }
    except FileNotFoundError:
        raise WorkspaceError(f"There is no file {path}.") from None
    except _UNREADABLE as error:
        raise WorkspaceError(
            f"{path} is not an export of mazoezi, or it is damaged ({error}). Nothing was changed."
        ) from None
    for name in files:
        _check_name(path, name)
    return {**about, "seed": int(about["seed"])}, attempts, files


def _check_name(path: Path, name: str) -> None:
    parts = PurePosixPath(name).parts
    hidden = any(part.startswith(".") for part in parts)
    if not parts or hidden or name.startswith("/") or ":" in name or "\\" in name:
        raise WorkspaceError(f"{path} holds a file {name!r}, which is no name in a workspace.")


def _bring_file(workspace: Workspace, name: str, content: bytes, *, is_notebook: bool) -> list[str]:
    """Add a file; where there is another of this name, merge the two or put it beside."""
    here = workspace.folder / name
    if not here.exists():
        _write(here, content)
        return [f"{name} was added."]
    if here.read_bytes() == content:
        return []
    if is_notebook and (brought := _merged_notebook(workspace, here, content)) is not None:
        return brought
    digest = hashlib.sha256(content).hexdigest()[:8]
    beside = here.with_name(f"{here.stem}-brought-{digest}{here.suffix}")
    if beside.exists():
        return []
    _write(beside, content)
    return [f"{name} was different, so the one that was brought is {beside.name}."]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)


def _merged_notebook(workspace: Workspace, here: Path, content: bytes) -> list[str] | None:
    """Merge a notebook into the one that is here; None where one of them is no notebook."""
    try:
        mine, theirs = json.loads(here.read_bytes()), json.loads(content)
        both = merged(mine, theirs)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if both == mine:
        return []
    back_up(workspace, here)
    write_atomically(here, to_json(both))
    return [f"What {here.name} lacked was added. The notebook as it was is in {workspace.backups}."]


def merged(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook `mine` with what the learner wrote in `theirs` and not here.

    An answer takes the place of an empty one. Everything else goes to the end, under a heading.
    """
    both = copy.deepcopy(mine)
    known = {(cell["cell_type"], source_of(cell)) for cell in both["cells"]}
    brought = []
    for cell in theirs["cells"]:
        kind, source = cell["cell_type"], source_of(cell)
        if is_pristine(cell) or (kind, source) in known or not source.strip():
            continue
        known.add((kind, source))
        tie = cell.get("metadata", {}).get("mazoezi", {})
        place = answer_cell(both, tie["exercise"]) if tie.get("role") == "answer" else None
        if place is not None and is_pristine(place):
            for field in ("source", "outputs", "execution_count"):
                place[field] = cell.get(field)
        else:
            brought.append(cell)
    if brought and not any(source_of(cell) == _HEADING for cell in both["cells"]):
        both["cells"].append(_own("markdown", _HEADING, {}))
    both["cells"] += [_own(cell["cell_type"], source_of(cell), cell) for cell in brought]
    return both


def _own(kind: str, source: str, like: dict[str, Any]) -> dict[str, Any]:
    """Return a cell of the learner's own, with an id that its text gives it."""
    digest = hashlib.sha256(f"{kind}:{source}".encode()).hexdigest()[:12]
    cell = {"cell_type": kind, "id": f"brought-{digest}", "metadata": {}, "source": source}
    if kind == "code":
        cell |= {"outputs": like.get("outputs", []), "execution_count": like.get("execution_count")}
    if "attachments" in like:
        cell["attachments"] = like["attachments"]
    return cell
