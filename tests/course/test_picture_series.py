"""A series of pictures: axes stand still, frames are drawn once, and no pixel is other than it was."""

import io

import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from mazoezi.course._picture_series import PictureSeries
from mazoezi.course.drawing import label, new_figure, png


def heat(top, *, title="", panels=1, width=7.0):
    """Return a figure whose y axis ends at `top`, with a colour bar."""
    figure, axes = new_figure(panels, width=width, squeeze=False)
    image = axes[0, 0].imshow([[0, top], [top, 0]], extent=(0, 1, 0, top), aspect="auto")
    figure.colorbar(image, ax=axes[0, 0])
    label(axes[0, 0], x="x", y="y", title=title)
    return figure


def places(figure):
    return [axes.get_position(original=True).bounds for axes in figure.axes]


def places_after(series, figure):
    series.png(figure)
    return places(figure)


def test_a_series_draws_what_a_new_one_would():
    series = PictureSeries()
    for top in (4, 3, 4):
        assert series.png(heat(top)) == png(heat(top))


def test_shorter_numbers_leave_the_axes_where_they_were():
    series = PictureSeries()
    wide = places_after(series, heat(40_000))
    assert places_after(series, heat(4)) == wide
    assert places_after(PictureSeries(), heat(4)) != wide


@pytest.mark.parametrize(
    "needs_more",
    [{"top": 40_000}, {"top": 4, "title": "A title"}, {"top": 4, "title": "Two\nlines"},
     {"top": 4, "width": 9.0}, {"top": 4, "panels": 2}],
    ids=["longer numbers", "a title", "two lines", "another size", "another panel"],
)  # fmt: skip
def test_what_needs_more_room_is_laid_out_again_and_then_kept(needs_more):
    series = PictureSeries()
    series.png(heat(4))
    after = places_after(series, heat(**needs_more))
    alone = heat(**needs_more)
    png(alone)
    np.testing.assert_allclose(after, places(alone), atol=1e-3)  # less than a pixel
    assert places_after(series, heat(**needs_more)) == after


def test_powers_of_ten_are_not_taken_for_long_numbers():
    def curve(top, scale):
        figure, axes = new_figure()
        axes.plot([1, top])
        axes.set_yscale(scale)
        return figure

    series, alone = PictureSeries(), curve(40_000, "linear")
    series.png(curve(4, "log"))
    png(alone)
    np.testing.assert_allclose(
        places_after(series, curve(40_000, "linear")), places(alone), atol=1e-3
    )


def test_laying_out_is_done_once_for_figures_alike(monkeypatch):
    layouts, lay_out = [], ConstrainedLayoutEngine.execute

    def execute(engine, figure):
        layouts.append(figure)
        lay_out(engine, figure)

    monkeypatch.setattr(ConstrainedLayoutEngine, "execute", execute)
    series = PictureSeries()
    for top in (4, 3, 5):
        series.png(heat(top))
    assert len(layouts) == 1


def curve(top=1.0, **changes):
    """Return a curve and a band that end at `top` in axes that are the same for each."""
    figure, axes = new_figure()
    axes.plot([0, 1], [0, top], label="curve")
    axes.fill_between([0, 1], [0, 0], [0, top], alpha=0.3)
    axes.set(xlim=(0, 1), ylim=(0, 2))
    axes.legend(loc="upper left")
    label(axes, x="x", y="y")
    for name, change in changes.items():
        CHANGES[name](axes, change)
    return figure


CHANGES = {
    "title": lambda axes, title: axes.set_title(title, y=1),
    "ticks": lambda axes, ticks: axes.set_xticks(ticks),
    "minor": lambda axes, ticks: axes.set_xticks(ticks, minor=True),
    "minor grid": lambda axes, shown: axes.grid(shown, which="minor"),
    "numbers": lambda axes, ticks: axes.set_xticks(list(ticks), list(ticks.values())),
    "limits": lambda axes, limits: axes.set_xlim(limits),
    "scale": lambda axes, scale: axes.set_xscale(scale),
    "name": lambda axes, name: axes.set_xlabel(name),
    "grid": lambda axes, shown: axes.grid(shown),
    "size": lambda axes, size: axes.tick_params(labelsize=size),
    "ground": lambda axes, colour: axes.set_facecolor(colour),
    "frame": lambda axes, shown: axes.set_axis_off() if not shown else None,
    "aspect": lambda axes, aspect: axes.set_aspect(aspect),
    "image": lambda axes, image: axes.imshow(image, extent=(0, 1, 0, 2), aspect="auto"),
    "inset": lambda axes, place: axes.figure.add_axes(place).plot([1, 2]),
}


FIXED = {"limits": (0.1, 1), "numbers": {0.1: "a", 0.5: "b", 1: "c"}, "minor": []}


def pixels(picture):
    return np.asarray(Image.open(io.BytesIO(picture)))


def in_place_of(figure, places):
    """Return the picture of a figure alone, with its axes put where others are."""
    figure.set_layout_engine("none")
    for axes, place in zip(figure.axes, places, strict=True):
        axes.set_position(place)
    return pixels(png(figure))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"top": 2.0}),
        ({}, {"title": "y = 1"}),
        ({}, {"ticks": [0, 0.3]}),
        ({}, {"minor": [0.1, 0.7]}),
        ({"minor": [0.1]}, {"minor": [0.1], "minor grid": True}),
        ({"numbers": {0: "a", 1: "b"}}, {"numbers": {0: "a", 1: "c"}}),
        ({"numbers": {0: "a", 1: "b"}}, {"numbers": {0: "a", 0.5: "b"}}),
        ({"ticks": [0, 1]}, {"ticks": [0, 1], "limits": (0, 2)}),
        ({"ticks": [0.1, 1]}, {"ticks": [0.1, 1], "limits": (0.1, 1)}),
        (FIXED, {"scale": "log"} | FIXED),
        ({}, {"name": "z"}),
        ({}, {"grid": False}),
        ({}, {"size": 6}),
        ({}, {"ground": "yellow"}),
        ({}, {"frame": False}),
        ({"ticks": [0, 1]}, {"ticks": [0, 1], "aspect": 1.0}),
        ({}, {"image": [[1, 2], [3, 4]]}),
        ({}, {"inset": (0.3, 0.1, 0.3, 0.3)}),
        ({}, {"image": [[1, 2], [3, 4]], "inset": (0.3, 0.1, 0.3, 0.3)}),
    ],
    ids=str,
)  # fmt: skip
def test_every_picture_is_what_it_would_be_alone(before, after):
    before, after = {"title": "A title"} | before, {"title": "A title"} | after
    series = PictureSeries()
    for changes in (before, before, before, after, after, before):
        figure, alone = curve(**changes), curve(**changes)
        picture = pixels(series.png(figure))
        np.testing.assert_array_equal(picture, in_place_of(alone, places(figure)))


def test_colour_bars_and_panels_are_drawn_as_they_would_be_alone():
    series = PictureSeries()
    for top in (4, 3, 4, 4, 2):
        figure = heat(top, panels=2)
        picture = pixels(series.png(figure))
        np.testing.assert_array_equal(picture, in_place_of(heat(top, panels=2), places(figure)))


def test_a_frame_is_drawn_once_for_figures_alike(monkeypatch):
    drawn, draw = [], Axis.draw

    def count(axis, *args, **kwargs):
        drawn.extend([axis] if axis.get_visible() else [])
        return draw(axis, *args, **kwargs)

    series = PictureSeries()
    series.png(curve())
    series.png(curve(0.9))
    monkeypatch.setattr(Axis, "draw", count)
    for top in (0.1, 0.5, 4.0):
        series.png(curve(top))
    assert len(drawn) == 0
    for name in ("another", "x", "another"):
        series.png(curve(name=name))
    assert len(drawn) == 2


def test_a_frame_keeps_no_piece_of_another():
    """Two axes side by side; a long number of the first one reaches into the second."""

    def pair(number, tick):
        figure = Figure(figsize=(4, 2), dpi=100)
        for place in ((0.1, 0.2, 0.4, 0.6), (0.55, 0.2, 0.4, 0.6)):
            axes = figure.add_axes(place)
            axes.set(xlim=(0, 1), ylim=(0, 1), yticks=[])
            axes.set_axisbelow(True)
        figure.axes[0].set_xticks([1], [number])
        figure.axes[1].set_xticks([tick])
        return figure

    series = PictureSeries()
    for shown in (("1", 0.5), ("a long number", 0.6), ("1", 0.6)):
        assert series.png(pair(*shown)) == png(pair(*shown))
