"""Figures of polynomial regression: fits, errors against the degree, conditioning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mazoezi.course.drawing import CYCLE, DATA, FAINT, MODEL, OTHER, THIRD, TRUTH, label, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ERROR_COLOURS = {
    "train": DATA,
    "new points, same range": OTHER,
    "new points, outside": THIRD,
    "5-fold cross-validation": TRUTH,
}


def wave(x: Any, y: Any, curves: Mapping[str, tuple[Any, Any]] | None = None) -> Figure:
    """The observations, the curve without noise, and fitted curves by name, each (x, y)."""
    figure, axes = new_figure()
    draw_wave(axes, x, y, curves or {})
    return figure


def draw_wave(
    axes: Axes, x: Any, y: Any, curves: Mapping[str, tuple[Any, Any]], *, low: float = -1.0
) -> None:
    """Draw observations, the noiseless curve from `low` to 1, and fitted curves."""
    across = np.linspace(low, 1, 300)
    axes.plot(across, np.sin(5 * across), "--", color=TRUTH, label="without noise: sin 5x")
    for colour, (name, (xs, ys)) in zip((MODEL, *CYCLE[3:]), curves.items(), strict=False):
        axes.plot(np.asarray(xs), np.asarray(ys), color=colour, label=name)
    axes.plot(np.asarray(x), np.asarray(y), "o", color=DATA, markersize=5, label="observations")
    axes.set_ylim(-1.8, 2.5)  # above the wave there is room for the legend
    axes.legend(fontsize=9, loc="upper left", ncols=2)
    label(axes, x="x", y="y")


def extrapolation(x: Any, y: Any, new_x: Any, new_y: Any, curve: tuple[Any, Any]) -> Figure:
    """A fit on [-1, 1], looked at to the left of its data, with the noiseless curve."""
    figure, axes = new_figure(width=8)
    axes.axvspan(-1.3, -1, color=FAINT, alpha=0.15)
    draw_wave(axes, x, y, {"fit": curve}, low=-1.3)
    axes.plot(np.asarray(new_x), np.asarray(new_y), "o", color=THIRD, label="new observations")
    axes.set(xlim=(-1.32, 1.02), ylim=(-3, 3))
    axes.annotate("never seen", (-1.15, -2.7), ha="center", color="black")
    axes.legend(fontsize=9, loc="upper right")
    return figure


def errors_by_degree(
    degrees: Any, errors: Mapping[str, Any], *, noise: float | None = None, y: str = "RMSE"
) -> Figure:
    """Errors against the degree, on a logarithmic scale, by name; the noise for comparison."""
    figure, axes = new_figure()
    draw_errors_by_degree(axes, degrees, errors, noise=noise, y=y)
    return figure


def draw_errors_by_degree(
    axes: Axes,
    degrees: Any,
    errors: Mapping[str, Any],
    *,
    noise: float | None = None,
    y: str = "RMSE",
    now: int | None = None,
) -> None:
    """Draw errors against the degree; `now` marks one degree."""
    from matplotlib.ticker import MaxNLocator

    for index, (name, values) in enumerate(errors.items()):
        colour = ERROR_COLOURS.get(name, CYCLE[index % len(CYCLE)])
        marker = "os^Dv"[index % 5]
        axes.plot(
            degrees, np.asarray(values), marker=marker, color=colour, label=name, markersize=4
        )
    if noise is not None:
        axes.axhline(noise, color=FAINT, linestyle=":", label=f"noise {noise:g}")
    if now is not None:
        axes.axvline(now, color="black", linewidth=0.8)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(fontsize=9)
    label(axes, x="degree", y=f"{y} (log scale)")


def against(
    values: Any, errors: Mapping[str, Any], *, x: str, y: str, log_x: bool = True
) -> Figure:
    """Some measurements by name against one setting, such as the ridge penalty."""
    figure, axes = new_figure()
    for index, (name, series) in enumerate(errors.items()):
        marker = "os^Dv"[index % 5]
        colour = ERROR_COLOURS.get(name, CYCLE[index % len(CYCLE)])
        axes.plot(values, np.asarray(series), marker=marker, color=colour, label=name)
    if log_x:
        axes.set_xscale("symlog", linthresh=1e-8)
    axes.set_yscale("log")
    axes.legend(fontsize=9)
    label(axes, x=x, y=y)
    return figure


def chosen_degrees(choices: Any) -> Figure:
    """How often each degree was chosen, over many draws of the noise."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = new_figure(width=6, height=3.2)
    degrees, counts = np.unique(np.asarray(choices), return_counts=True)
    bars = axes.bar(degrees, counts, color=TRUTH)
    axes.bar_label(bars)
    axes.margins(y=0.15)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    label(axes, x="degree with the smallest cross-validation error", y="draws of the noise")
    return figure
