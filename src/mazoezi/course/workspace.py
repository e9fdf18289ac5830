"""The learner's workspace: a folder with the notebooks, the progress and the compilation cache."""

import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mazoezi import __version__
from mazoezi._errors import WorkspaceError
from mazoezi.course.progress import Store

VARIABLE = "MAZOEZI_WORKSPACE"
FORMAT = 1
_STATE = ".mazoezi"


@dataclass(frozen=True)
class Workspace:
    """A folder that holds one learner's work."""

    folder: Path
    seed: int  # the learner's own: maths questions are drawn from it; 0 asks the base cases

    @cached_property
    def store(self) -> Store:
        return Store(self.folder / _STATE / "progress.sqlite")

    @property
    def compilation_cache(self) -> Path:
        return self.folder / _STATE / "jax-cache"

    @property
    def server_log(self) -> Path:
        return self.folder / _STATE / "server.log"

    def notebook(self, practical: str) -> Path:
        """Return the path of the learner's notebook of a practical."""
        return self.folder / f"{practical}.ipynb"


def create_workspace(folder: Path, *, seed: int | None = None) -> Workspace:
    """Return the workspace in `folder`, made where there is none.

    Raises WorkspaceError where the folder cannot be written.
    """
    folder = folder.expanduser().resolve()
    if (folder / _STATE / "workspace.json").exists():
        return open_workspace(folder)
    own = secrets.randbelow(2**31 - 1) + 1 if seed is None else seed
    description = {"format": FORMAT, "version": __version__, "seed": own}
    try:
        (folder / _STATE).mkdir(parents=True, exist_ok=True)
        write_atomically(folder / _STATE / "workspace.json", json.dumps(description, indent=2))
    except OSError as error:
        raise WorkspaceError(
            f"The workspace {folder} cannot be written ({error.strerror}). Choose another folder "
            "with `mazoezi start FOLDER`."
        ) from error
    return Workspace(folder, own)


def open_workspace(folder: Path) -> Workspace:
    """Return the existing workspace in `folder`.

    Raises WorkspaceError where its description is missing, damaged or from a newer version.
    """
    path = folder / _STATE / "workspace.json"
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        found, seed = int(description["format"]), int(description["seed"])
    except FileNotFoundError:
        raise WorkspaceError(f"{folder} is not a workspace. `mazoezi start` makes one.") from None
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise WorkspaceError(
            f"{path} is damaged ({error}). Delete that one file and run `mazoezi start`: a new one "
            "is written, and your notebooks and attempts stay."
        ) from None
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be read ({error.strerror}).") from error
    if found > FORMAT:
        raise WorkspaceError(
            f"The workspace {folder} was made by a newer mazoezi (format {found}; this one knows "
            f"{FORMAT}). Nothing was changed. Update with `pip install -U mazoezi`."
        )
    return Workspace(folder, seed)


def find_workspace(start: Path | None = None) -> Workspace | None:
    """Return the workspace named by MAZOEZI_WORKSPACE, or around `start`, or None."""
    if named := os.environ.get(VARIABLE):
        return open_workspace(Path(named).expanduser().resolve())
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / _STATE / "workspace.json").exists():
            return open_workspace(folder)
    return None


def default_folder() -> Path:
    """Return where a workspace is made unless the learner says otherwise."""
    return Path.home() / "mazoezi"


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, sees the old text or the new one, never a part."""
    mode = path.stat().st_mode if path.exists() else 0o644
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
