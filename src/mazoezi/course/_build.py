"""Build all notebooks into a folder, and tell whether the folder is current."""

from pathlib import Path

from mazoezi._errors import MazoeziError
from mazoezi.course._lint import lint
from mazoezi.course._notebooks import build
from mazoezi.course._practical import Practical


def build_all(practicals: list[Practical], folder: Path) -> list[Path]:
    """Write every practical's notebooks; nothing is written where a source has a fault.

    Raises MazoeziError that lists the faults, each with its file, line and remedy.
    """
    if faults := [fault for practical in practicals for fault in lint(practical)]:
        raise MazoeziError("\n".join(map(str, faults)))
    return [path for practical in practicals for path in build(practical, folder)]


def stale(practicals: list[Practical], folder: Path) -> list[Path]:
    """Return the notebooks of `folder` that are missing, or not what their source builds."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="mazoezi-") as fresh:
        built = build_all(practicals, Path(fresh))
        names = {path.name: path.read_bytes() for path in built}
    found = {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}
    changed = {name for name in names | found if names.get(name) != found.get(name)}
    return [folder / name for name in sorted(changed)]
