"""Read and change the answer cells of a learner's own notebook."""

import ast
import json
import re
from pathlib import Path
from typing import Any

from mazoezi._errors import UncheckableError
from mazoezi.course._source import checked_exercise
from mazoezi.course.workspace import write_atomically


def read_notebook(path: Path) -> dict[str, Any]:
    """Return the learner's notebook as plain values.

    Raises UncheckableError where there is none, or it is not a notebook.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UncheckableError(f"There is no notebook {path}. `mazoezi start` makes it.") from None
    except (OSError, ValueError) as error:
        raise UncheckableError(
            f"{path} is not a notebook: it is not JSON ({error}). It was not touched; "
            "a copy may be in `.ipynb_checkpoints` beside it."
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise UncheckableError(f"{path} is not a notebook: it holds no cells.")
    return document


def answer_cell(document: dict[str, Any], exercise: str) -> dict[str, Any] | None:
    """Return the exercise's answer cell: by its metadata, or as the code before its check."""
    before: dict[str, Any] | None = None
    for cell in document["cells"]:
        if cell.get("cell_type") != "code":
            continue
        tie = cell.get("metadata", {}).get("mazoezi", {})
        if tie.get("exercise") == exercise and tie.get("role") == "answer":
            return cell
        if checked_exercise(source_of(cell)) == exercise:
            return before
        before = cell
    return None


def source_of(cell: dict[str, Any]) -> str:
    """Return a cell's source as one text; Jupyter stores a text or a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def as_cell(source: str, name: str | None) -> str:
    """Return an answer as the text of its cell: code that defines it, or else a value to be named.

    What is no value of Python's, such as a letter or a formula, was given as a text.
    """
    if name is None or name in defined(source):
        return source
    try:
        ast.literal_eval(source)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        source = repr(source)
    return f"{name} = {source}"


def defined(code: str) -> set[str]:
    """Return the names that code defines at its top level."""
    return {name for statement in _statements(code) for name in _names(statement)}


def definition(code: str, name: str) -> str:
    """Return the lines of code that define a name at its top level, the last such definition."""
    statement = [one for one in _statements(code) if name in _names(one)][-1]
    decorators = [one.lineno for one in getattr(statement, "decorator_list", ())]
    first = min([statement.lineno, *decorators])
    return "\n".join(code.splitlines()[first - 1 : statement.end_lineno])


def _statements(code: str) -> list[ast.stmt]:
    """Return the statements of a cell; IPython's own lines, such as `%timeit`, count as empty."""
    try:
        return ast.parse(re.sub(r"^[ \t]*[%!?].*$", "", code, flags=re.MULTILINE)).body
    except (SyntaxError, ValueError):
        return []


def _names(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        found = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
        return {node.id for node in found if isinstance(node.ctx, ast.Store)}
    return set()


def write_notebook(path: Path, document: dict[str, Any]) -> None:
    """Write a notebook back, whole or not at all."""
    write_atomically(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
