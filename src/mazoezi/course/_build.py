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


def stale(practicals: list[Practical], folder: Path, *, alone: bool = True) -> list[Path]:
    """Return the notebooks of `folder` that are missing, or not what their source builds.

    Where these practicals are `alone` in the folder, every other notebook there is stale as well.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="mazoezi-") as fresh:
        built = {path.name: path.read_bytes() for path in build_all(practicals, Path(fresh))}
    found = {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}
    names = built | found if alone else built
    return [folder / name for name in sorted(names) if built.get(name) != found.get(name)]
