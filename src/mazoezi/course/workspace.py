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
_NETWORK = {
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "webdav", "davfs",
    "fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "ceph", "lustre", "gpfs", "beegfs", "9p",
}  # fmt: skip


@dataclass(frozen=True)
class Workspace:
    """A folder that holds one learner's work."""

    folder: Path
    seed: int  # the learner's own: maths questions are drawn from it; 0 asks the base cases
    version: str = __version__  # of the mazoezi that opened it last

    @cached_property
    def store(self) -> Store:
        return Store(self.progress_file)

    @property
    def progress_file(self) -> Path:
        """The file that holds the attempts."""
        return self.folder / _STATE / "progress.sqlite"

    @property
    def compilation_cache(self) -> Path | None:
        """The folder of compiled programs; a read-only workspace has none."""
        return self.folder / _STATE / "jax-cache" if self.is_writable else None

    @property
    def server_log(self) -> Path:
        if self.is_writable:
            return self.folder / _STATE / "server.log"
        return Path(tempfile.gettempdir()) / f"mazoezi-{os.getpid()}.log"

    @property
    def kernels(self) -> Path:
        """The folder in which running kernels are registered."""
        return self.folder / _STATE / "kernels"

    @property
    def backups(self) -> Path:
        """The folder of what notebooks were before they were updated."""
        return self.folder / _STATE / "backups"

    @cached_property
    def is_writable(self) -> bool:
        """Whether files can be made in the workspace."""
        try:
            tempfile.TemporaryFile(dir=self.folder / _STATE).close()
        except OSError:
            return False
        return True

    def describe(self, *, seed: int | None = None) -> "Workspace":
        """Write the workspace's description, with this version and perhaps another seed."""
        made = Workspace(self.folder, self.seed if seed is None else seed)
        description = {"format": FORMAT, "version": made.version, "seed": made.seed}
        path = self.folder / _STATE / "workspace.json"
        write_atomically(path, json.dumps(description, indent=2))
        return made

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
    try:
        (folder / _STATE).mkdir(parents=True, exist_ok=True)
        return Workspace(folder, own).describe()
    except OSError as error:
        raise WorkspaceError(
            f"The workspace {folder} cannot be written ({error.strerror}). Choose another folder "
            "with `mazoezi start FOLDER`."
        ) from error


def open_workspace(folder: Path) -> Workspace:
    """Return the existing workspace in `folder`.

    Raises WorkspaceError where its description is missing, damaged or from a newer version.
    """
    path = folder / _STATE / "workspace.json"
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
        found, seed = int(description["format"]), int(description["seed"])
        version = str(description.get("version", __version__))
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
    return Workspace(folder, seed, version)


def find_workspace(start: Path | None = None) -> Workspace | None:
    """Return the workspace named by MAZOEZI_WORKSPACE, or around `start`, or at home, or None."""
    if named := os.environ.get(VARIABLE):
        return open_workspace(Path(named).expanduser().resolve())
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / _STATE / "workspace.json").exists():
            return open_workspace(folder)
    home = default_folder()
    return open_workspace(home) if (home / _STATE / "workspace.json").exists() else None


def workspace_of_notebook() -> Workspace | None:
    """Return the workspace in which a notebook's attempts are kept, made at home if there is none.

    A notebook may be opened anywhere: from a clone, in VS Code, on Colab. None where the home folder
    cannot be written.
    """
    if found := find_workspace():
        return found
    try:
        return create_workspace(default_folder())
    except WorkspaceError:
        return None


def is_around(workspace: Workspace, folder: Path) -> bool:
    """Whether a folder is the workspace's, or within it."""
    return folder.resolve().is_relative_to(workspace.folder.resolve())


def network_disk(folder: Path) -> str | None:
    """Return the kind of network disk that a folder is on, or None where it is a local one."""
    import psutil

    path = str(folder.resolve())
    mounted = [
        disk
        for disk in psutil.disk_partitions(all=True)
        if path == disk.mountpoint or path.startswith(disk.mountpoint.rstrip(os.sep) + os.sep)
    ]
    disk = max(mounted, key=lambda one: len(one.mountpoint), default=None)
    if disk is None or (disk.mountpoint == "/" and disk.fstype == "9p"):  # a container's own root
        return None
    is_remote = disk.fstype.lower() in _NETWORK or "remote" in disk.opts.split(",")
    return disk.fstype or "remote" if is_remote else None


def default_folder() -> Path:
    """Return where a workspace is made unless the learner says otherwise."""
    return Path.home() / "mazoezi"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old text or the new one, never a part."""
    mode = path.stat().st_mode if path.exists() else 0o644
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
