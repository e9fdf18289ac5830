"""One look for all figures: sizes, a palette for colour-blind readers, and PNG with words.

The palette is that of Okabe and Ito (2008), "Color Universal Design". A quantity keeps its colour
through a practical, so a figure names the quantity rather than the colour.
"""

import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DATA = "#0072B2"  # blue: what was observed
MODEL = "#D55E00"  # vermilion: what was fitted, and where it went
TRUTH = "#009E73"  # green: what is known to be right, and distances to it
OTHER = "#CC79A7"  # purple: a second data set or method
THIRD = "#E69F00"  # orange: a third one
FAINT = "#8C8C8C"  # grey: what is there for comparison

_MARKUP = re.compile(r"\\\w+|[${}^]")  # of TeX, in numbers such as $10^{-2}$

CYCLE = (DATA, MODEL, TRUTH, OTHER, THIRD, "#56B4E9", FAINT)


def new_figure(
    columns: int = 1, *, width: float = 7.0, height: float = 4.0, **subplots: Any
) -> "tuple[Figure, Any]":
    """Return an empty figure and its axes: one, or an array of `columns` of them.

    Sizes are in inches. The figure is free of pyplot, so nothing has to be closed.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    return figure, figure.subplots(1, columns, **subplots)


def label(axes: "Axes", *, x: str, y: str, title: str = "") -> None:
    """Name both axes, with units where they have some, and lay a faint grid."""
    axes.set(xlabel=x, ylabel=y)
    axes.set_title(title, y=1)  # to look for a free place would measure all ticks at each draw
    axes.grid(alpha=0.25)


def describe(figure: "Figure") -> str:
    """Return in words what a figure shows: its panels' titles, axes and curves."""
    return " ".join(_describe_panel(axes) for axes in figure.axes) or "An empty figure."


def _describe_panel(axes: "Axes") -> str:
    names = [name for name in axes.get_legend_handles_labels()[1] if not name.startswith("_")]
    title = f"{axes.get_title()}: " if axes.get_title() else ""
    x, y = axes.get_xlabel() or "x", axes.get_ylabel() or "y"
    return f"{title}{y} against {x}{'; ' if names else ''}{', '.join(names)}."


def show_figures_in_notebooks() -> None:
    """Let a figure that ends a cell appear, with its description as alternative text.

    Jupyter knows only figures made through pyplot by itself.
    """
    from IPython import get_ipython

    shell: Any = get_ipython()
    formatter = getattr(shell, "display_formatter", None)
    if formatter is not None:
        formatter.formatters["image/png"].for_type_by_name(
            "matplotlib.figure", "Figure", lambda figure: (png(figure), {"alt": describe(figure)})
        )


def png(figure: "Figure") -> bytes:
    """Return the figure as the bytes of a PNG file.

    `savefig` draws everything twice, the first time only for the layout, which a draw includes. At
    level 3 a picture is compressed in half the time of the usual level 6, to a tenth more bytes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer, pil_kwargs={"compress_level": 3})
    return buffer.getvalue()


class SteadyLayout:
    """Draws figure after figure, alike but for what they show, with their axes in the same places.

    Laying out a figure costs a third of drawing it, and would make the axes jump whenever a number
    beside them gets a digit more. So the places of the last layout are kept as long as titles and
    labels need no more room than they did then.
    """

    def __init__(self) -> None:
        self._size: tuple[float, float] | None = None
        self._room: list[tuple[int, ...]] = []
        self._places: list[Any] = []

    def png(self, figure: "Figure") -> bytes:
        """Return the figure as the bytes of a PNG file; it must not have been drawn before."""
        layout, size = figure.get_layout_engine(), tuple(figure.get_size_inches())
        if size == self._size and len(figure.axes) == len(self._places):
            figure.set_layout_engine("none")
            for axes, place in zip(figure.axes, self._places, strict=True):
                axes.set_position(place)
            picture = png(figure)
            if self._suffices(figure):
                return picture
            figure.set_layout_engine(layout)
            for axes in figure.axes:
                axes.set_in_layout(True)  # what has been placed by hand is not
        picture = png(figure)
        self._size, self._room = size, [_room(axes) for axes in figure.axes]
        self._places = [axes.get_position(original=True) for axes in figure.axes]
        return picture

    def _suffices(self, figure: "Figure") -> bool:
        return all(
            needed <= had
            for axes, room in zip(figure.axes, self._room, strict=True)
            for needed, had in zip(_room(axes), room, strict=True)
        )


def _room(axes: "Axes") -> tuple[int, ...]:
    """Return what decides how much room is needed around axes that have been drawn.

    These are the lines of the title and of both labels, and the length of the longest number on the
    y axis.
    """
    lines = [len(text.splitlines()) for text in
             (axes.get_title(), axes.get_xlabel(), axes.get_ylabel())]  # fmt: skip
    numbers = (tick.label1.get_text() for tick in axes.yaxis.majorTicks)
    return *lines, max((len(_MARKUP.sub("", number)) for number in numbers), default=0)
