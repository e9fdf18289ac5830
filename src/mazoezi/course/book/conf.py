"""The settings of the book, as Sphinx reads them. Nothing that a page needs is fetched."""

from typing import Any

from sphinx.application import Sphinx

from mazoezi import __version__

project = "mazoezi"
author = "the mazoezi team"
version = release = __version__
html_title = "mazoezi"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "mazoezi.course.book._formulas",
    "mazoezi.course.book._reference",
]
exclude_patterns = ["_practicals.md"]  # included by the first page

html_theme = "furo"
html_css_files = ["card.css", "book.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_show_copyright = False
html_show_sourcelink = False
html_show_search_summary = False  # it would be fetched, which a page from disk may not do

nb_execution_mode = "off"  # the outputs come from the run
nb_merge_streams = True
nb_render_markdown_format = "myst"
nb_ipywidgets_js = {}
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3

add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True


def _name_the_practical(app: Sphinx, name: str, template: str, context: dict, tree: Any) -> None:
    """Tell in a section's title to which practical it belongs: many have a setup."""
    first = f"{name.rpartition('/')[0]}/index"
    if name.startswith("practicals/") and name != first:
        context["title"] = f"{context['title']} · {app.env.titles[first].astext()}"


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _name_the_practical)
