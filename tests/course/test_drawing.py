"""Figures have one look, a description in words, and appear at the end of a notebook's cell."""

from types import SimpleNamespace

import IPython
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.layout_engine import ConstrainedLayoutEngine

from mazoezi.course.drawing import (
    SteadyLayout,
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


def heat(top, *, title="", panels=1, width=7.0):
    """Return a figure whose y axis ends at `top`, with a colour bar."""
    figure, axes = new_figure(panels, width=width, squeeze=False)
    image = axes[0, 0].imshow([[0, top], [top, 0]], extent=(0, 1, 0, top), aspect="auto")
    figure.colorbar(image, ax=axes[0, 0])
    label(axes[0, 0], x="x", y="y", title=title)
    return figure


def places(figure):
    return [axes.get_position(original=True).bounds for axes in figure.axes]


def places_after(layout, figure):
    layout.png(figure)
    return places(figure)


def test_a_steady_layout_draws_what_a_new_one_would():
    layout = SteadyLayout()
    for top in (4, 3, 4):
        assert layout.png(heat(top)) == png(heat(top))


def test_shorter_numbers_leave_the_axes_where_they_were():
    layout = SteadyLayout()
    wide = places_after(layout, heat(40_000))
    assert places_after(layout, heat(4)) == wide
    assert places_after(SteadyLayout(), heat(4)) != wide


@pytest.mark.parametrize(
    "needs_more",
    [{"top": 40_000}, {"top": 4, "title": "A title"}, {"top": 4, "title": "Two\nlines"},
     {"top": 4, "width": 9.0}, {"top": 4, "panels": 2}],
    ids=["longer numbers", "a title", "two lines", "another size", "another panel"],
)  # fmt: skip
def test_what_needs_more_room_is_laid_out_again_and_then_kept(needs_more):
    layout = SteadyLayout()
    layout.png(heat(4))
    after = places_after(layout, heat(**needs_more))
    alone = heat(**needs_more)
    png(alone)
    np.testing.assert_allclose(after, places(alone), atol=1e-3)  # less than a pixel
    assert places_after(layout, heat(**needs_more)) == after


def test_powers_of_ten_are_not_taken_for_long_numbers():
    def curve(top, scale):
        figure, axes = new_figure()
        axes.plot([1, top])
        axes.set_yscale(scale)
        return figure

    layout, alone = SteadyLayout(), curve(40_000, "linear")
    layout.png(curve(4, "log"))
    png(alone)
    np.testing.assert_allclose(
        places_after(layout, curve(40_000, "linear")), places(alone), atol=1e-3
    )


def test_laying_out_is_done_once_for_figures_alike(monkeypatch):
    layouts, lay_out = [], ConstrainedLayoutEngine.execute

    def execute(engine, figure):
        layouts.append(figure)
        lay_out(engine, figure)

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", execute)
    layout = SteadyLayout()
    for top in (4, 3, 5):
        layout.png(heat(top))
    assert len(layouts) == 1
