"""Figures have one look, a description in words, and appear at the end of a notebook's cell."""

from types import SimpleNamespace

import IPython
from IPython.core.formatters import DisplayFormatter

from mazoezi.course.drawing import (
    describe,
    label,
    new_figure,
    png,
    show_figures_in_notebooks,
)


def figure_with(**words):
    figure, axes = new_figure()
    axes.plot([1, 2], label="fit")
    axes.plot([2, 1], label="data")
    axes.legend()
    label(axes, **words)
    return figure


def test_a_description_names_title_axes_and_curves():
    figure = figure_with(x="size (m²)", y="price", title="Houses")
    assert describe(figure) == "Houses: price against size (m²); fit, data."
    assert describe(new_figure()[0]) == "y against x."


def test_a_figure_appears_as_a_picture_with_alternative_text(monkeypatch):
    formatter = DisplayFormatter()
    monkeypatch.setattr(
        IPython, "get_ipython", lambda: SimpleNamespace(display_formatter=formatter)
    )
    show_figures_in_notebooks()
    data, metadata = formatter.format(figure_with(x="step", y="loss"))
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == "loss against step; fit, data."


def test_png_bytes_are_a_picture():
    assert png(figure_with(x="x", y="y")).startswith(b"\x89PNG")
