"""A run's report: one page, whose pictures have words."""

import base64
import re

import nbformat
from matplotlib.figure import Figure

from mazoezi.course._report import report_html
from mazoezi.course.drawing import png

PICTURE = base64.b64encode(png(Figure(figsize=(1, 1)))).decode()


def shown(data, alt=None):
    metadata = {"image/png": {"alt": alt}} if alt else {}
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)


def test_each_picture_keeps_its_own_words_beside_one_that_is_shown_as_html():
    html = f'<img src="data:image/gif;base64,{PICTURE}" alt="It moves.">'
    outputs = [
        shown({"text/html": html, "image/png": PICTURE}),
        shown({"image/png": PICTURE}, "The first."),
        shown({"image/png": PICTURE}),
        shown({"image/png": PICTURE}, "The second."),
    ]
    cells = [nbformat.v4.new_code_cell("", outputs=[output]) for output in outputs]
    page = report_html(nbformat.v4.new_notebook(cells=cells), "Title")
    told = re.findall(r'<img[^>]*?alt="([^"]*)"', page, re.S)
    assert told == [
        "It moves.",
        "The first.",
        "No description has been provided for this image",
        "The second.",
    ]
