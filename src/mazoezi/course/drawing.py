"""One look for all figures: sizes, a palette for colour-blind readers, and PNG with words.

The palette is that of Okabe and Ito (2008), "Color Universal Design". A quantity keeps its colour
through a practical, so a figure names the quantity rather than the colour.
"""

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL.Image import Image

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
    """Name both axes, with units where they have some, and lay a faint grid below all curves."""
    axes.set(xlabel=x, ylabel=y)
    axes.set_title(title, y=1)  # to look for a free place would measure all ticks at each draw
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)


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
    """Return the figure as the bytes of a PNG file."""
    return encode(image(drawn(figure)))


def drawn(figure: "Figure") -> "FigureCanvasAgg":
    """Return a canvas with the figure drawn on it.

    `savefig` draws everything twice, the first time only for the layout, which a draw includes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas


def image(canvas: "FigureCanvasAgg") -> "Image":
    """Return what has been drawn on a canvas, without its opacity, which is 1 everywhere."""
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def encode(picture: "Image") -> bytes:
    """Return an image as the bytes of a PNG file.

    At level 1 a picture is compressed in half the time of the usual level 6, to a tenth more bytes.
    """
    buffer = io.BytesIO()
    picture.save(buffer, "png", compress_level=1)
    return buffer.getvalue()
