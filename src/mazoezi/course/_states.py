"""What a learner is told once about the state of the workspace, and what still works there."""

import atexit
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mazoezi import __version__
from mazoezi.course.workspace import Workspace, network_disk, write_atomically


def notices(workspace: Workspace) -> Iterator[str]:
    """Yield a sentence or two on each state of the workspace that a learner should know of."""
    if not workspace.is_writable:
        yield read_only(workspace)
    if system := network_disk(workspace.folder):
        yield (
            f"The workspace {workspace.folder} is on a network disk ({system}). Everything works, and "
            "attempts are kept as safely as such a disk allows: work on one computer at a time. "
            "`mazoezi export` and `mazoezi import` carry your work to another."
        )
    if workspace.version != __version__:
        yield (
            f"This workspace was last used with mazoezi {workspace.version}, and this is mazoezi "
            f"{__version__}. All attempts are kept, and answers are checked as {__version__} does. "
            "`mazoezi update` brings the text of your notebooks up to date."
        )


def read_only(workspace: Workspace) -> str:
    """Return what is told of a workspace that cannot be written."""
    return (
        f"The workspace {workspace.folder} is read-only. Notebooks, checks and hints work; nothing that "
        "you write there can be saved, and attempts last until this kernel ends. `mazoezi start "
        "FOLDER` makes a workspace elsewhere."
    )


def open_elsewhere(workspace: Workspace, practical: str) -> str | None:
    """Register this kernel, and return a notice where another has the same notebook open."""
    folder = workspace.kernels
    notebook = os.environ.get("JPY_SESSION_NAME")  # set by Jupyter's server
    mine = {"practical": practical, "notebook": notebook, **_process(os.getpid())}
    try:
        folder.mkdir(exist_ok=True)
        others = [_read(path) for path in folder.glob("*.json")]
        write_atomically(folder / f"{os.getpid()}.json", json.dumps(mine))
    except OSError:  # a read-only workspace, of which there is a notice already
        return None
    atexit.register((folder / f"{os.getpid()}.json").unlink, missing_ok=True)
    same = [
        other
        for other in others
        if other["pid"] != mine["pid"]
        and (other["practical"], other["notebook"]) == (practical, notebook)
    ]
    if not same:
        return None
    since = time.strftime("%H:%M", time.localtime(min(other["started"] for other in same)))
    return (
        f"{practical} is open in another kernel too, since {since}. The attempts of both are kept, but "
        "the notebook's file holds what was saved last: close one of them."
    )


def _process(pid: int) -> dict[str, Any]:
    import psutil

    return {"pid": pid, "started": psutil.Process(pid).create_time()}


def _read(path: Path) -> dict[str, Any]:
    """Return what a kernel registered; of one that has ended, nothing, and its file is removed."""
    import psutil

    nothing = {"pid": None, "practical": None, "notebook": None, "started": 0.0}
    try:
        found = {**nothing, **json.loads(path.read_text(encoding="utf-8"))}
        if psutil.Process(found["pid"]).create_time() == found["started"]:
            return found
    except (OSError, ValueError, TypeError, psutil.Error):
        pass
    path.unlink(missing_ok=True)
    return nothing
