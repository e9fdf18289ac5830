"""Pictures that follow one another as a lab's controls move."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mazoezi.course.drawing import encode

_MARKUP = re.compile(r"\\\w+|[${}^]")  # of TeX, in numbers such as $10^{-2}$


class PictureSeries:
    """Draws figure after figure, alike but for what they show, in half the time or less.

    Laying out a figure costs a third of drawing it, and would make the axes jump whenever a number
    beside them gets a digit more. So the places of the last layout are kept as long as titles and
    labels need no more room than they did then.

    Most of the rest goes into frames: ticks, numbers, grid and the names of the axes. Those that
    are what they were in the last picture are kept as pixels, onto which the rest is drawn. The
    picture is the same, pixel by pixel, as if all had been drawn.
    """

    def __init__(self) -> None:
        self._size: tuple[float, ...] = ()
        self._places: list[Any] = []
        self._room: list[tuple[int, ...]] = []
        self._frames: list[_Frame] = []  # of the last picture
        self._kept: set[int] = set()  # which of them `_pixels` show
        self._pixels: Any = None

    def png(self, figure: Figure) -> bytes:
        """Return the figure as the bytes of a PNG file; it must not have been drawn before."""
        canvas = FigureCanvasAgg(figure)
        if self._place(figure):
            self._draw(canvas)
        else:
            self._lay_out(canvas)
        return encode(canvas)

    def _place(self, figure: Figure) -> bool:
        """Put all axes where those of the last picture were, if that leaves them enough room."""
        if tuple(figure.get_size_inches()) != self._size or len(figure.axes) != len(self._places):
            return False
        layout = figure.get_layout_engine()
        figure.set_layout_engine("none")
        for axes, place in zip(figure.axes, self._places, strict=True):
            axes.set_position(place)
        if all(
            needed <= had
            for axes, room in zip(figure.axes, self._room, strict=True)
            for needed, had in zip(_room(axes), room, strict=True)
        ):
            return True
        figure.set_layout_engine(layout)
        for axes in figure.axes:
            axes.set_in_layout(True)  # what has been placed by hand is not
        return False

    def _lay_out(self, canvas: FigureCanvasAgg) -> None:
        """Draw all, and remember where it is."""
        figure = canvas.figure
        canvas.draw()
        self._size = tuple(figure.get_size_inches())
        self._places = [axes.get_position(original=True) for axes in figure.axes]
        self._room = [_room(axes) for axes in figure.axes]
        self._frames, self._kept = [_Frame.of(axes) for axes in figure.axes], set()

    def _draw(self, canvas: FigureCanvasAgg) -> None:
        """Draw a figure whose axes are placed onto the frames that it has in common with the last."""
        figure = canvas.figure
        steady = self._steady(figure.axes)
        if steady != self._kept:
            with _hidden(
                artist
                for number, axes in enumerate(figure.axes)
                for artist in (_contents(axes) if number in steady else [axes])
            ):
                canvas.draw()
            self._kept, self._pixels = steady, canvas.copy_from_bbox(figure.bbox)
        drawn = [part for number in steady for part in _frame_parts(figure.axes[number])]
        renderer = canvas.get_renderer()
        with _hidden([figure.patch, *drawn] if steady else []):
            if steady:
                renderer.restore_region(self._pixels)
            figure.draw(renderer)

    def _steady(self, all_axes: Sequence[Axes]) -> set[int]:
        """Return which axes have the frames they had, and nothing that should be behind them."""
        last, self._frames = self._frames, [_Frame.of(axes) for axes in all_axes]
        boxes = [axes.bbox for axes in all_axes]
        return {
            number
            for number, axes in enumerate(all_axes)
            if self._frames[number] == last[number]
            and all(artist.get_zorder() >= axes.xaxis.get_zorder() for artist in _contents(axes))
            and axes.bbox.count_overlaps(boxes) == 1  # its own
        }


class _Ticks(NamedTuple):
    """How an axis looks."""

    name: str
    places: tuple[float, ...]
    numbers: tuple[str, ...]
    minor_places: tuple[float, ...]
    style: tuple[Any, ...]

    @classmethod
    def of(cls, axis: Axis) -> "_Ticks":
        return cls(
            axis.get_label_text(),
            tuple(axis.get_majorticklocs()),
            _numbers(axis),
            tuple(axis.get_minorticklocs()),
            (axis.get_visible(), axis.get_tick_params("major"), axis.get_tick_params("minor")),
        )


class _Frame(NamedTuple):
    """What is drawn behind and around all that an axes shows, as far as moves may change it."""

    place: tuple[float, ...]
    limits: tuple[float, ...]
    scales: tuple[str, str]
    ground: tuple[Any, ...]
    x: _Ticks
    y: _Ticks

    @classmethod
    def of(cls, axes: Axes) -> "_Frame":
        locator = axes.get_axes_locator()  # as that of a colour bar
        axes.apply_aspect(locator(axes, None) if locator else None)
        return cls(
            axes.bbox.bounds,
            (*axes.get_xlim(), *axes.get_ylim()),
            (axes.get_xscale(), axes.get_yscale()),
            (axes.axison, axes.get_frame_on(), axes.get_facecolor()),
            _Ticks.of(axes.xaxis),
            _Ticks.of(axes.yaxis),
        )


def _frame_parts(axes: Axes) -> list[Artist]:
    return [axes.patch, axes.xaxis, axes.yaxis]


def _contents(axes: Axes) -> list[Artist]:
    return [artist for artist in axes.get_children() if artist not in _frame_parts(axes)]


@contextmanager
def _hidden(artists: Iterable[Artist]) -> Iterator[None]:
    shown = [artist for artist in artists if artist.get_visible()]
    for artist in shown:
        artist.set_visible(False)
    try:
        yield
    finally:
        for artist in shown:
            artist.set_visible(True)


def _numbers(axis: Axis) -> tuple[str, ...]:
    return tuple(axis.get_major_formatter().format_ticks(axis.get_majorticklocs()))


def _room(axes: Axes) -> tuple[int, ...]:
    """Return what decides how much room is needed around axes that have been placed.

    These are the lines of the title and of both labels, and the length of the longest number on the
    y axis.
    """
    lines = [len(text.splitlines()) for text in
             (axes.get_title(), axes.get_xlabel(), axes.get_ylabel())]  # fmt: skip
    return *lines, max((len(_MARKUP.sub("", number)) for number in _numbers(axes.yaxis)), default=0)
