"""Make a new practical from the template."""

import importlib.util
import keyword
import os
import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path

from mazoezi._errors import MazoeziError
from mazoezi.course._practical import PACKAGED, practical_folders

_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_LONGEST = 60
_FILES = ("__init__.py", "practical.md", "exercises.py", "figures.py", "labs.py")


def make_practical(name: str, folder: Path) -> Path:
    """Make the practical `name` in a folder of its own, inside `folder`, and return its path.

    The folder is a Python package, so the name's hyphens become underscores. Raises MazoeziError
    where the name cannot be used, the folder exists, or it cannot be written; nothing is ever
    overwritten.
    """
    id, package = _id_and_package(name)
    parent = folder.expanduser()
    made = parent / package
    if os.path.lexists(made):
        raise MazoeziError(f"{made} exists already; nothing was changed. Choose another name.")
    _refuse_taken(id, package)
    inside = parent.resolve() == PACKAGED
    words = {
        "{{id}}": id,
        "{{title}}": id.replace("-", " ").capitalize(),
        "{{package}}": f"mazoezi.practicals.{package}" if inside else package,
    }
    try:
        parent.mkdir(parents=True, exist_ok=True)
        made.mkdir()
    except OSError as error:
        raise _unwritable(made, error) from None
    try:
        for file, text in _filled(words).items():
            (made / file).write_text(text, encoding="utf-8")
    except OSError as error:  # no half a practical is left behind
        shutil.rmtree(made, ignore_errors=True)
        raise _unwritable(made, error) from None
    return made


def _id_and_package(name: str) -> tuple[str, str]:
    """Return the practical's id, joined by hyphens, and its package, by underscores."""
    id, package = name.replace("_", "-"), name.replace("-", "_")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or keyword.iskeyword(package):
        raise MazoeziError(
            f"A practical cannot be called {name!r}. Use lower-case letters a to z and digits, in "
            f"words joined by hyphens, at most {_LONGEST} characters, beginning with a letter, and "
            "no word of the Python language: for example my-practical."
        )
    return id, package


def _refuse_taken(id: str, package: str) -> None:
    """Raise where another practical, or a module of Python's, would be hidden by this one."""
    if package in {one.name for one in practical_folders()}:
        raise MazoeziError(f"There is a practical {id!r} already. Choose another name.")
    if importlib.util.find_spec(package) is not None:
        raise MazoeziError(
            f"A practical called {id!r} would hide the Python module {package!r}. Choose another "
            "name."
        )


def _filled(words: dict[str, str]) -> dict[str, str]:
    """Return the text of each of the template's files, with its placeholders filled in."""
    with as_file(files("mazoezi.course") / "template") as template:
        texts = {name: (template / name).read_text(encoding="utf-8") for name in _FILES}
    for placeholder, word in words.items():
        texts["practical.md"] = texts["practical.md"].replace(placeholder, word)
    return texts


def _unwritable(made: Path, error: OSError) -> MazoeziError:
    return MazoeziError(
        f"{made} cannot be written ({error.strerror}). Name another place with --folder."
    )
