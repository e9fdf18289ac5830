"""The reference of the library: a page for each public package, from its docstrings."""

import pkgutil
import re
from importlib import import_module
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

import mazoezi

_LEFT_OUT = {"mazoezi.cli", "mazoezi.practicals"}
_FOR_AUTHORS = ("mazoezi.course.lab", "mazoezi.course.drawing")


def reference_files() -> dict[str, bytes]:
    """Return the pages of the reference, by their paths in the book's source."""
    names = sorted([*_packages(), *_FOR_AUTHORS])
    entries = "\n".join(names)
    first = f"# Reference\n\n{_table(names)}\n\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"
    files = {f"reference/{name}.md": _page(name).encode() for name in names}
    return {**files, "reference/index.md": first.encode()}


def _packages() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules(mazoezi.__path__, "mazoezi."))
    return [name for name in found if "._" not in name and name not in _LEFT_OUT]


def _table(names: list[str]) -> str:
    rows = (f"| [`{name}`]({name}.md) | {_first_line(name)} |" for name in names)
    return "\n".join(["| package | about |", "|---|---|", *rows])


def _first_line(name: str) -> str:
    return (import_module(name).__doc__ or "").strip().splitlines()[0]


def _page(name: str) -> str:
    return f"# `{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n```\n"


def as_rst(line: str) -> str:
    """Return a line of a docstring, which is written as Markdown, as reStructuredText.

    Code between single backticks becomes a literal; a star that begins no emphasis, a bar and an
    underscore at the end of a word stand for themselves.
    """
    pieces = re.split(r"(`+[^`]+`+)", line)
    return "".join(
        f"``{piece.strip('`')}``" if piece.startswith("`") else _escaped(piece) for piece in pieces
    )


def _escaped(text: str) -> str:
    stars = r"(?<![\w*])\*(?=\w)[^*]*\w\*(?![\w*])"
    parts = re.split(f"({stars})", text)
    return "".join(
        part if number % 2 else re.sub(r"([*|]|(?<=\w)_(?!\w))", r"\\\1", part)
        for number, part in enumerate(parts)
    )


def _convert(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    """Read a docstring as Markdown. What Python writes of a named tuple's field says nothing."""
    bare = len(lines) <= 2 and lines[0].startswith("Alias for field number")
    lines[:] = [] if bare else [as_rst(line) for line in lines]


def _shorten(app: Sphinx, document: nodes.document) -> None:
    """Name a JAX array in a signature as jaxtyping does: `Float[Array, "examples"]`."""
    for signature in document.findall(addnodes.desc_signature):
        for text in list(signature.findall(nodes.Text)):
            text.parent.replace(text, nodes.Text(text.replace("jaxlib._jax.", "")))


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("autodoc-process-docstring", _convert, priority=400)  # before napoleon
    app.connect("doctree-read", _shorten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
