"""Lay the book's pages out as a Sphinx source, and build the site."""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from mazoezi._errors import MazoeziError
from mazoezi.course._card import STYLE
from mazoezi.course._lint import lint
from mazoezi.course._practical import Practical
from mazoezi.course.book._pages import FIRST, pages_of
from mazoezi.course.book._runs import run_solutions

HERE = Path(__file__).parent
_PRACTICALS = "practicals"


def build_book(
    practicals: list[Practical],
    folder: Path,
    *,
    guides: Path | None = None,
    told: Callable[[str], None] = lambda text: None,
) -> Path:
    """Build the book of these practicals in `folder`, and return its first page.

    Each practical's solutions are run, unless `folder` has the outputs of their present state.
    `guides` is a folder of further pages, whose `index.md` is the book's first page; the reference of
    the library comes with them. Without it, the book is the practicals alone. `told` is told what
    is being done.

    Raises SourceError where a practical has a fault or does not run, and MazoeziError where Sphinx is
    not installed or has a warning: a book is built without one or not at all.
    """
    for fault in (fault for practical in practicals for fault in lint(practical)):
        raise fault
    files = _guide_files(guides) if guides else {"index.md": _list_of(practicals).encode()}
    for practical in practicals:
        told(f"{practical.title}: running its solutions")
        files |= _practical_files(practical, folder / "runs")
    files["_practicals.md"] = _contents(practicals).encode()
    files["_static/card.css"] = STYLE.replace("<style>", "").replace("</style>", "").encode()
    files["_static/mathematics.ttf"] = _font().read_bytes()
    _lay_out(files, folder / "source")
    told("Building the site")
    _sphinx(folder)
    return folder / "html" / "index.html"


def _font() -> Path:
    """Return a font that has what MathML needs, for a computer that has no such font itself."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"


def _guide_files(guides: Path) -> dict[str, bytes]:
    """Return the guides, their pictures and the reference of the library."""
    from mazoezi.course.book._reference import reference_files

    found = (path for path in sorted(guides.rglob("*")) if path.suffix in (".md", ".png", ".svg"))
    files = {path.relative_to(guides).as_posix(): path.read_bytes() for path in found}
    return files | reference_files()


def _practical_files(practical: Practical, runs: Path) -> dict[str, bytes]:
    """Return the files of a practical's pages, by their paths in the source."""
    place = f"{_PRACTICALS}/{practical.id}"
    pictures: dict[str, bytes] = {}
    pages = pages_of(practical, run_solutions(practical, runs), pictures)
    files = {f"{place}/{name}": picture for name, picture in pictures.items()}
    for page in pages:
        files[f"{place}/{page.name}.ipynb"] = json.dumps(page.notebook()).encode()
    return files


def _contents(practicals: list[Practical]) -> str:
    """Return what the first page says of the practicals, in the order of the course."""
    pages = [f"{_PRACTICALS}/{practical.id}/{FIRST}" for practical in practicals]
    rows = (
        f"| [{practical.title}]({page}.ipynb) | {practical.level} | {len(practical.exercises)} | "
        f"{practical.minutes} |"
        for page, practical in zip(pages, practicals, strict=True)
    )
    table = "\n".join(["| practical | level | exercises | minutes |", "|---|---|---|---|", *rows])
    entries = "\n".join(pages)
    return f"{table}\n\n```{{toctree}}\n:caption: Practicals\n:hidden:\n\n{entries}\n```\n"


def _list_of(practicals: list[Practical]) -> str:
    return "# Practicals\n\n```{include} _practicals.md\n```\n"


def _lay_out(files: Mapping[str, bytes], source: Path) -> None:
    """Make `source` hold these files and no others; one that is the same is not written again."""
    for path in source.rglob("*"):
        if path.is_file() and path.relative_to(source).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        path = source / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _sphinx(folder: Path) -> None:
    """Build the site from `folder`'s source; raises MazoeziError with all that Sphinx complains of."""
    for package in ("sphinx", "myst_nb", "furo"):
        if importlib.util.find_spec(package) is None:
            raise MazoeziError(
                f"The book needs the package {package}: pip install 'mazoezi[book]'."
            )
    source, doctrees = folder / "source", folder / "doctrees"
    statics = f"html_static_path={HERE / 'static'},{source / '_static'}"
    done = subprocess.run(
        [
            sys.executable, "-m", "sphinx", "--quiet", "--no-color", "--fail-on-warning",
            "--conf-dir", str(HERE), "--define", statics, "--doctree-dir", str(doctrees),
            str(source), str(folder / "html"),
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        shutil.rmtree(doctrees, ignore_errors=True)  # or the next build would not complain again
        raise MazoeziError(f"The book has faults:\n{done.stderr.strip()}")
