"""Figures of the warm-up: points, lines through them, ridge regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import FAINT, MODEL, OTHER, THIRD, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import (
    APPROXIMATION,
    Landscape,
    Range,
    draw_contours,
    draw_data,
    draw_landscape,
    draw_points,
    landscape,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Line = Sequence[float]
"""(bias, slope)"""

PLANE = (-8.0, 8.0)  # the range of bias and slope in landscapes of a line
_COLOURS = (MODEL, OTHER, APPROXIMATION, TRUTH)
"""Of lines by hand, without a penalty, with it, and without the outlier, wherever they are drawn."""


def points(x: Any, y: Any, y_range: tuple[float, float] | None = None) -> Figure:
    """The observations; with `y_range` only what lies in it can be seen."""
    figure, axes = new_figure(height=3.5)
    draw_data(axes, x, y)
    axes.set_xlim(*_across(x))
    if y_range is not None:
        axes.set_ylim(*y_range)
    label(axes, x="input x", y="target y")
    return figure


def tried_lines(
    x: Any, y: Any, tried: Sequence[Line], y_range: tuple[float, float] | None = None
) -> Figure:
    """The observations, every tried line dotted, and the last one solid."""
    figure, axes = new_figure(height=3.8)
    across = _across(x)
    for place, (b, w) in enumerate(tried[:-1]):
        name = "_line" if place else "tried before"
        axes.plot(across, b + w * across, ":", color=MODEL, alpha=0.6, label=name)
    b, w = tried[-1]
    axes.plot(across, b + w * across, color=MODEL, label="your line")
    draw_data(axes, x, y)
    axes.set_xlim(*across)
    if y_range is not None:
        axes.set_ylim(*y_range)
    axes.legend(loc="lower left", fontsize=9)
    label(axes, x="input x", y="target y")
    return figure


def lines(x: Any, y: Any, groups: Mapping[str, Sequence[Line]]) -> Figure:
    """The observations, and groups of lines by name; a group of one is drawn thick."""
    figure, axes = new_figure()
    draw_lines(axes, x, y, groups)
    return figure


def draw_lines(axes: Axes, x: Any, y: Any, groups: Mapping[str, Sequence[Line]]) -> None:
    """Draw observations in full, and lines by name."""
    across = _across(x)
    for colour, (name, group) in zip(_COLOURS, groups.items(), strict=False):
        for place, (b, w) in enumerate(np.asarray(group, float)):
            axes.plot(
                across, b + w * across, color=colour, linewidth=2.2 if len(group) == 1 else 0.9,
                label="_line" if place else name,
            )  # fmt: skip
    draw_data(axes, x, y)
    axes.set_xlim(*across)
    axes.legend(loc="lower left", fontsize=9)
    label(axes, x="input x", y="target y")


def ridge_path(x: Any, y: Any, visited: Sequence[float]) -> Figure:
    """Bias and slope against alpha, both ways of penalising, with the settings that were tried."""
    figure, panels = new_figure(2, width=9, height=3.6)
    X = bayes.affine_basis(x)
    alphas = np.linspace(0.01, 20, 100)
    clean = bayes.ridge(
        X[np.arange(len(y)) != np.argmin(y)], y[np.arange(len(y)) != np.argmin(y)], 0.0
    )
    ways = {"both penalised": (None, APPROXIMATION), "slope only": (np.array([0.0, 1.0]), THIRD)}
    for place, (axes, what) in enumerate(zip(panels, ("bias b", "slope w"), strict=True)):
        for name, (penalise, colour) in ways.items():
            style = "-" if penalise is None else "--"
            path = [bayes.ridge(X, y, alpha, penalise)[place] for alpha in alphas]
            axes.plot(alphas, path, style, color=colour, label=name)
        tried = [bayes.ridge(X, y, alpha)[place] for alpha in visited]
        axes.plot(visited, tried, "o", color="black", markersize=4, label="tried")
        axes.axhline(clean[place], color=TRUTH, label="without the outlier, α = 0")
        label(axes, x="precision of the prior α", y=what)
    panels[1].legend(fontsize=8)
    return figure


def region_areas(measured: Sequence[tuple[float, float]]) -> Figure:
    """Area of the region within 2 of the smallest loss, against alpha: measured, and 4π/(6 + α)."""
    figure, axes = new_figure(width=6, height=3.5)
    alphas = np.linspace(0, 20, 200)
    axes.plot(alphas, 4 * np.pi / (6 + alphas), color=TRUTH, label="4π / (6 + α)")
    axes.axhline(np.pi / 3, color=FAINT, linestyle=":", label="half of that at α = 0")
    if measured:
        axes.plot(*np.asarray(measured, float).T, "o", color="black", label="measured")
    axes.legend(fontsize=9)
    label(axes, x="precision of the prior α", y="area of the good region")
    return figure


def good_region(
    surface: Landscape, optima: Mapping[str, Line], by_hand: Sequence[Line], title: str
) -> Figure:
    """The landscape of a line, the region within 2 of the best, the optima and lines by hand."""
    figure, axes = new_figure(width=6.5, height=5)
    draw_landscape(axes, surface, title=title)
    draw_contours(axes, surface, [2.0])
    marks = {"by hand": (by_hand, MODEL)} if len(by_hand) else {}
    colours = (APPROXIMATION, OTHER)
    marks |= {
        name: (line, colour) for colour, (name, line) in zip(colours, optima.items(), strict=False)
    }
    draw_points(axes, marks)
    axes.plot([], [], color="black", linewidth=1, label="loss 2 above the best")
    axes.legend(fontsize=8, loc="upper right", facecolor="lightgrey")
    return figure


def line_landscape(
    x: Any, y: Any, alpha: float, first: Range = PLANE, second: Range = PLANE
) -> Landscape:
    """The negative regularised loss over bias and slope."""
    return landscape(_line_loss, bayes.affine_basis(x), y, alpha, first=first, second=second)


def _line_loss(w: Any, X: Any, y: Any, alpha: Any) -> Any:
    return bayes.regularised_loss(X, y, w, alpha)


def _across(x: Any) -> np.ndarray:
    return np.array([np.min(x) - 0.5, np.max(x) + 0.5])
