"""An executed notebook as one HTML page that needs no network."""

import html
import re
from typing import Any

from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from mazoezi.course._mathml import mathml

_WIDGET = "application/vnd.jupyter.widget-view+json"


class _MathMLRenderer(IPythonRenderer):
    """Markdown in which formulas are MathML, which browsers draw without a script."""

    def inline_math(self, body: str) -> str:
        return mathml(body, block=False)

    def block_math(self, body: str) -> str:
        return mathml(body, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def _markdown_to_html(_: Any, source: str) -> str:
    return MarkdownWithMath(renderer=_MathMLRenderer(escape=False)).render(source)


def report_html(document: Any, title: str) -> str:
    """Return an executed notebook as a page; a control is left out, its figure is kept."""
    for cell in document["cells"]:
        outputs = cell.get("outputs", [])
        cell["outputs"] = [out for out in outputs if _WIDGET not in out.get("data", {})]
        if cell["cell_type"] == "markdown":
            del cell["outputs"]
    elsewhere = ("mathjax", "require_js", "jquery", "mermaid_js", "mermaid_layout_elk_js")
    exporter = HTMLExporter(**{f"{script}_url": "" for script in elsewhere})
    exporter.environment.filters["markdown2html"] = _context_filter(_markdown_to_html)
    page, _ = exporter.from_notebook_node(document, resources={"metadata": {"name": title}})
    return _with_alternatives(page, document)


def _with_alternatives(page: str, document: Any) -> str:
    """Give each output's picture its alternative text, which the exporter leaves out.

    Where an output has HTML too, that is shown, and brings its own words.
    """
    words = [
        output["metadata"].get(kind, {}).get("alt")
        for cell in document["cells"]
        for output in cell.get("outputs", ())
        if "text/html" not in output.get("data", {})
        for kind in ("image/png", "image/jpeg")
        if kind in output.get("data", {})
    ]
    told = (html.escape(text) if text else None for text in words)
    return re.sub(
        r'<img alt="(No description has been provided for this image)"',
        lambda found: f'<img alt="{next(told, None) or found[1]}"',
        page,
    )


def _context_filter(function: Any) -> Any:
    """Mark a Jinja filter as one that is given the page's context, as the exporter's own is."""
    from jinja2 import pass_context

    return pass_context(function)
