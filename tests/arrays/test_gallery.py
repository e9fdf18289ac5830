"""The gallery in docs/arrays.md shows what its code draws."""

import importlib.util
import re
from pathlib import Path

import pytest

from mazoezi import arrays

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "arrays.md").read_text(encoding="utf-8")


def pictures():
    spec = importlib.util.spec_from_file_location("draw_gallery", DOCS / "draw_gallery.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.pictures())


@pytest.mark.parametrize(("path", "svg"), pictures(), ids=lambda one: getattr(one, "stem", ""))
def test_a_picture_is_what_the_code_above_it_draws(path, svg):
    assert path.read_text(encoding="utf-8") == svg, "Run: python docs/draw_gallery.py"


def test_every_public_drawing_is_on_the_page_and_every_picture_has_words():
    for name in arrays.__all__:
        if name != "Drawing":
            assert f"arrays.{name}" in PAGE, name
    assert all(words.strip() for words in re.findall(r"!\[([^]]*)\]", PAGE))
    assert len(pictures()) == len(list((DOCS / "images" / "arrays").glob("*.svg")))
