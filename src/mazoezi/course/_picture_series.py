"""Pictures that follow one another as a lab's controls move."""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from mazoezi.course.drawing import encode, image

_MOST_FRAMES = 24  # that are kept, of up to a megabyte each
_MARKUP = re.compile(r"\\\w+|[${}^]")  # of TeX, in numbers such as $10^{-2}$


class PictureSeries:
    """Draws figure after figure, alike but for what they show, in half the time or less.

    Laying out a figure costs a third of drawing it, and would make the axes jump whenever a number
    beside them gets a digit more. So the places of the last layout are kept as long as titles and
    labels need no more room than they did then.

    Most of the rest goes into frames: ticks, numbers, grid and the names of the axes. They are kept
    as pixels, onto which the contents are drawn wherever a frame looks like one before. The picture
    is the same, pixel by pixel, as if all had been drawn.
    """

    def __init__(self) -> None:
        self._size: tuple[float, ...] = ()
        self._places: list[Any] = []
        self._room: list[tuple[int, ...]] = []
        self._kept: deque[_Kept] = deque(maxlen=_MOST_FRAMES)

    def png(self, figure: Figure) -> bytes:
        """Return the figure as the bytes of a PNG file; it must not have been drawn before."""
        canvas = FigureCanvasAgg(figure)
        if not self._place(figure):
            self._lay_out(figure)
        self._draw(canvas)
        return encode(image(canvas))

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

    def _lay_out(self, figure: Figure) -> None:
        """Put all axes where a new figure would have them, and remember where that is."""
        layout = figure.get_layout_engine()
        if layout is not None:
            layout.execute(figure)
            figure.set_layout_engine("none")
        self._size = tuple(figure.get_size_inches())
        self._places = [axes.get_position(original=True) for axes in figure.axes]
        self._room = [_room(axes) for axes in figure.axes]
        self._kept.clear()

    def _draw(self, canvas: FigureCanvasAgg) -> None:
        """Draw a figure whose axes are placed, its frames first."""
        figure, renderer = canvas.figure, canvas.get_renderer()
        renderer.clear()
        figure.patch.draw(renderer)
        framed = [axes for axes in figure.axes if _frame_is_behind(axes)]
        frames = [self._draw_frame(canvas, axes) for axes in framed]
        boxes = [axes.bbox for axes in figure.axes if axes not in framed]
        boxes += [frame.box for frame in frames]
        if any(frame.box.count_overlaps(boxes) > 1 for frame in frames):  # itself, and more
            self._kept.clear()  # one of them may hold a piece of another
            canvas.draw()
            return
        with _hidden([figure.patch, *(part for axes in framed for part in _parts(axes))]):
            figure.draw(renderer)

    def _draw_frame(self, canvas: FigureCanvasAgg, axes: Axes) -> "_Kept":
        renderer = canvas.get_renderer()
        look = _Look.of(axes, renderer)
        for kept in self._kept:
            if kept.look == look:
                renderer.restore_region(kept.pixels)
                return kept
        for part in _parts(axes):
            part.draw(renderer)
        box = _box(axes, renderer)
        self._kept.append(_Kept(look, box, canvas.copy_from_bbox(box)))
        return self._kept[-1]


class _Kept(NamedTuple):
    """A frame that has been drawn: what it looks like, where it is, and its pixels."""

    look: "_Look"
    box: Bbox
    pixels: Any


class _Ticks(NamedTuple):
    """How an axis looks: its name, its ticks and their grid."""

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


class _Look(NamedTuple):
    """How a frame looks, as far as a lab may change it."""

    place: tuple[float, ...]
    limits: tuple[float, ...]
    scales: tuple[str, str]
    ground: Any
    x: _Ticks
    y: _Ticks

    @classmethod
    def of(cls, axes: Axes, renderer: Any) -> "_Look":
        locator = axes.get_axes_locator()  # as that of a colour bar
        axes.apply_aspect(locator(axes, renderer) if locator else None)
        return cls(
            axes.bbox.bounds,
            (*axes.get_xlim(), *axes.get_ylim()),
            (axes.get_xscale(), axes.get_yscale()),
            axes.get_facecolor(),
            _Ticks.of(axes.xaxis),
            _Ticks.of(axes.yaxis),
        )


def _parts(axes: Axes) -> list[Artist]:
    """Return what a frame is made of. Titles, which change at each move, are not part of it."""
    return [axes.patch, axes.xaxis, axes.yaxis]


def _frame_is_behind(axes: Axes) -> bool:
    """Say whether there is a frame, and nothing in the axes that would have to be drawn before."""
    above, parts = axes.xaxis.get_zorder(), _parts(axes)
    contents = (artist for artist in axes.get_children() if artist not in parts)
    return axes.axison and axes.get_frame_on() and all(a.get_zorder() >= above for a in contents)


def _box(axes: Axes, renderer: Any) -> Bbox:
    """Return in which pixels a frame that has been drawn is, with its ticks."""
    around = [axis.get_tightbbox(renderer) for axis in (axes.xaxis, axes.yaxis)]
    texts = [box.padded(2) for box in around if box is not None]
    box = Bbox.union([axes.bbox.padded(6), *texts])
    return Bbox.intersection(box, axes.figure.bbox) or box


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
    return tuple(axis.get_major_formatter().format_ticks(list(axis.get_majorticklocs())))


def _room(axes: Axes) -> tuple[int, ...]:
    """Return what decides how much room is needed around axes that have been placed.

    These are the lines of the title and of both labels, and the length of the longest number on the
    y axis.
    """
    lines = [len(text.splitlines()) for text in
             (axes.get_title(), axes.get_xlabel(), axes.get_ylabel())]  # fmt: skip
    return *lines, max((len(_MARKUP.sub("", number)) for number in _numbers(axes.yaxis)), default=0)
