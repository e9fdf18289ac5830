"""Run a practical's solutions for the book, once for each state of its source and the library."""

import hashlib
import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mazoezi
from mazoezi._errors import SourceError
from mazoezi.course._notebooks import notebook, source_cells, to_json
from mazoezi.course._practical import PACKAGED, Practical
from mazoezi.course._run import Execution, execute
from mazoezi.course.workspace import create_workspace, write_atomically

_SHOWN = ("jax", "matplotlib", "numpy")  # packages whose versions may show in a page


def run_solutions(practical: Practical, cache: Path) -> Any:
    """Return the practical's solution notebook with its outputs, from `cache` if it is current.

    Raises SourceError, naming the line of the first cell that raises, where the solutions do not
    run from top to bottom.
    """
    import nbformat

    document = notebook(practical, "solution")
    path = cache / f"{practical.id}-{_state(practical, document)}.ipynb"
    if not path.exists():
        with tempfile.TemporaryDirectory(prefix="mazoezi-") as folder:
            done = execute(practical, document, create_workspace(Path(folder), seed=0))
        _refuse_errors(practical, done)
        cache.mkdir(parents=True, exist_ok=True)
        for old in cache.glob(f"{practical.id}-{'[0-9a-f]' * 12}.ipynb"):
            old.unlink()
        write_atomically(path, nbformat.writes(done.document))
    return nbformat.read(path, as_version=4)


def _refuse_errors(practical: Practical, done: Execution) -> None:
    if not done.errors:
        return
    number, told = done.errors[0]
    own = [cell.line for cell in practical.cells if cell.kind == "code"]
    ran = [cell["id"] for cell in source_cells(done.document)]
    line = dict(zip(ran, own, strict=True)).get(done.document["cells"][number]["id"], 1)
    others = f" So do {len(done.errors) - 1} later cells." if done.errors[1:] else ""
    raise SourceError(
        practical.source.path, line, f"The solution run raises {told}.{others}",
        f"Mend the practical, then `mazoezi verify {practical.id}`.",
    )  # fmt: skip


def _state(practical: Practical, document: dict[str, Any]) -> str:
    """Return a hash of all that a run depends on: the notebook, its modules, and the library."""
    state = hashlib.sha256(to_json(document).encode())
    package = Path(mazoezi.__file__).parent
    apart = (PACKAGED, Path(__file__).parent)  # other practicals, and what only shows the outputs
    library = {path for path in package.rglob("*.py") if not any(map(path.is_relative_to, apart))}
    for path in sorted(library | set(practical.folder.rglob("*.py"))):
        state.update(path.read_bytes())
    state.update(json.dumps([version(package) for package in _SHOWN]).encode())
    return state.hexdigest()[:12]
