"""A Sphinx extension that writes formulas as MathML."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from mazoezi._errors import ArgumentError
from mazoezi.course._mathml import mathml

_log = logging.getLogger(__name__)


def _inline(page: HTML5Translator, node: nodes.math) -> None:
    page.body.append(_converted(node, block=False))
    raise nodes.SkipNode


def _block(page: HTML5Translator, node: nodes.math_block) -> None:
    page.body.append(f'<div class="math">{_converted(node, block=True)}</div>\n')
    raise nodes.SkipNode


def _converted(node: nodes.Element, *, block: bool) -> str:
    try:
        return mathml(node.astext(), block=block)
    except ArgumentError as error:
        _log.warning(str(error), location=node)
        return ""


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
