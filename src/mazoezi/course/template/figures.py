"""The figures of the practical: data in, a Matplotlib figure out.

Every figure names its axes, with units where there are some. The text below a figure says what is
to be seen in it, for those who cannot see it too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mazoezi.course.drawing import DATA, FAINT, MODEL, TRUTH, label, new_figure


def rows_before_and_after(before: Any, after: Any) -> Figure:
    """Two tables of numbers side by side, on one colour scale, each entry written out."""
    tables = {"before": np.asarray(before), "after": np.asarray(after)}
    largest = max(np.abs(table).max() for table in tables.values())
    figure, axes = new_figure(2, width=8.0, height=2.8)
    for place, (title, table) in zip(axes, tables.items(), strict=True):
        place.imshow(table, cmap="cividis", vmin=-largest, vmax=largest, aspect="auto")
        for (row, column), value in np.ndenumerate(table):
            shade = "black" if value > 0.3 * largest else "white"
            place.text(column, row, f"{value:g}", ha="center", va="center", color=shade)
        rows, columns = table.shape
        place.set(xticks=range(columns), yticks=range(rows))
        place.set(xlabel="column", ylabel="row", title=title)
    return figure


def descent(steps: Sequence[float], title: str = "") -> Figure:
    """The way down the parabola w squared, and the distance to its bottom at every step."""
    figure, (left, right) = new_figure(2, width=9.0, height=3.6)
    _draw_way(left, np.asarray(steps))
    _draw_distance(right, np.asarray(steps))
    figure.suptitle(title)
    return figure


def _draw_way(axes: Axes, steps: np.ndarray) -> None:
    reach = max(2.2, 1.1 * float(np.abs(steps).max()))
    w = np.linspace(-reach, reach, 200)
    axes.plot(w, w**2, color=FAINT, label="loss")
    axes.plot(steps, steps**2, "o-", color=MODEL, label="steps")
    axes.plot(steps[0], steps[0] ** 2, "s", color=DATA, label="start")
    axes.legend()
    label(axes, x="weight w", y="loss w²", title="The way")


def _draw_distance(axes: Axes, steps: np.ndarray) -> None:
    axes.plot(np.maximum(np.abs(steps), 1e-8), "o-", color=TRUTH)
    axes.set_yscale("log")
    label(axes, x="step", y="distance |w| to the bottom", title="How far it is")
