"""One look for all figures: sizes, a palette for colour-blind readers, and PNG with words.

The palette is that of Okabe and Ito (2008), "Color Universal Design". A quantity keeps its colour
through a practical, so a figure names the quantity rather than the colour.
"""

import io
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
    axes.set(xlabel=x, ylabel=y, title=title)
    axes.grid(alpha=0.25)


def png(figure: "Figure") -> bytes:
    """Return the figure as the bytes of a PNG file."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
