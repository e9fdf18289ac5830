"""Figures of linear regression: lines, distances, and walks on the loss surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from mazoezi.course.drawing import CYCLE, DATA, FAINT, MODEL, THIRD, TRUTH, label, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Line = tuple[float, float]  # intercept b and slope w

_SIZE, _PRICE = "size (m²)", "price (100 000 TND)"
_MARGIN = 12  # around the data, in units of each axis


def houses(size: Any, price: Any, lines: Mapping[str, Line] | None = None) -> Figure:
    """The houses as points, and lines through them by name."""
    figure, axes = new_figure()
    _data(axes, size, price)
    across = np.array([np.min(size) - 20, np.max(size) + 20])
    for colour, (name, (b, w)) in zip(CYCLE[1:], (lines or {}).items(), strict=False):
        axes.plot(across, w * across + b, color=colour, label=name)
    axes.legend()
    label(axes, x=_SIZE, y=_PRICE)
    return figure


def _data(axes: Axes, size: Any, price: Any) -> None:
    axes.plot(np.asarray(size), np.asarray(price), "o", color=DATA, label="houses", zorder=3)


def tried_lines(size: Any, price: Any, tried: Sequence[Line]) -> Figure:
    """Every line that was tried, the last one solid, beside the way through (b, w)."""
    figure, (left, right) = new_figure(2, width=10)
    draw_tried_lines(left, size, price, tried)
    draw_trajectory(right, tried)
    return figure


def draw_tried_lines(axes: Axes, size: Any, price: Any, tried: Sequence[Line]) -> None:
    """Draw the data, every tried line dotted, and the last one solid."""
    across = np.array([np.min(size) - _MARGIN, np.max(size) + _MARGIN])
    for earlier, (b, w) in enumerate(tried[:-1]):
        name = "" if earlier else "tried before"
        axes.plot(across, w * across + b, ":", color=MODEL, alpha=0.5, label=name)
    b, w = tried[-1]
    axes.plot(across, w * across + b, color=MODEL, label="your line")
    _data(axes, size, price)
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(np.min(price) - _MARGIN, np.max(price) + _MARGIN)
    axes.legend(loc="upper left")
    label(axes, x=_SIZE, y=_PRICE, title="Your lines")


def trajectory(tried: Sequence[Line]) -> Figure:
    """The way through (b, w): stops, arrows between them, and the end."""
    figure, axes = new_figure(width=6)
    draw_trajectory(axes, tried)
    return figure


def draw_trajectory(axes: Axes, tried: Sequence[Line]) -> None:
    """Draw the way through (b, w); the ranges are those of the sliders."""
    stops = np.asarray(tried, float)
    for start, end in pairwise(stops):
        arrow = {"arrowstyle": "->", "color": FAINT, "shrinkA": 3, "shrinkB": 5}
        axes.annotate("", end, start, arrowprops=arrow)
    axes.plot(*stops.T, "o", color="black", markersize=5, label="tried")
    axes.plot(*stops[-1], "o", color=THIRD, markeredgecolor="black", markersize=12, label="now")
    axes.set(xlim=(-5.3, 5.3), ylim=(-0.053, 0.053))
    axes.legend(loc="upper right")
    label(axes, x="intercept b (100 000 TND)", y="slope w (100 000 TND per m²)", title="Your way")


def residuals(size: Any, price: Any, line: Line) -> Figure:
    """The data, a line, and the vertical distance from each point to the line."""
    figure, axes = new_figure()
    size, price = np.asarray(size, float), np.asarray(price, float)
    b, w = line
    across = np.array([size.min() - 20, size.max() + 20])
    axes.plot(across, w * across + b, color=MODEL, label=f"f(x) = {w:.3g} x + {b:.3g}")
    axes.vlines(size, w * size + b, price, color=TRUTH, linewidth=2, label="residuals y − f(x)")
    _data(axes, size, price)
    axes.legend(loc="upper left")
    label(axes, x=_SIZE, y=_PRICE)
    return figure


def loss_grid(
    loss: Callable[[Any, Any], Any], b: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the grids of b and w, and the loss on them: of one (b, w), mapped over both."""
    grid_b, grid_w = np.meshgrid(b, w)
    return grid_b, grid_w, np.asarray(_on_grid(loss)(grid_b, grid_w))


@lru_cache(maxsize=32)
def _on_grid(loss: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Return the loss of every pair of two grids, compiled once for each loss."""
    return jax.jit(jax.vmap(jax.vmap(loss)))


def loss_surface(loss: Callable[[Any, Any], Any], path: Sequence[Line] = ()) -> Figure:
    """The loss over (b, w) from two heights, with the learner's path on it.

    `loss` is a function of (b, w).
    """
    figure, views = new_figure(2, width=11, height=5, subplot_kw={"projection": "3d"})
    grid_b, grid_w, values = loss_grid(loss, np.linspace(-5, 5, 25), np.linspace(-0.05, 0.05, 25))
    for axes, elevation in zip(views, (10, 30), strict=True):
        axes.plot_surface(grid_b, grid_w, values, cmap="coolwarm", alpha=0.7, linewidth=0)
        if path:
            stops = np.array([(b, w, float(loss(b, w))) for b, w in path]).T
            axes.plot(*stops, color=MODEL, zorder=5, label="your way")
            axes.plot(*stops, "o", color="black", markersize=4, zorder=6)
            axes.plot(*stops[:, -1:], "o", color=THIRD, markersize=10, zorder=7, label="its end")
            axes.legend(loc="upper left")
        axes.view_init(elev=elevation, azim=-30)
        axes.set(xlabel="b", ylabel="w", title=f"seen from {elevation}° above")
        axes.set_zlabel("loss L(b, w)")
        axes.tick_params(labelsize=8)
        axes.set_box_aspect(None, zoom=0.85)
    return figure


def loss_contours(
    loss: Callable[[Any, Any], Any],
    paths: Mapping[str, Any],
    *,
    b: tuple[float, float],
    w: tuple[float, float],
    optimum: Line | None = None,
    title: str = "",
    w_label: str = "w",
) -> Figure:
    """Contours of the loss over (b, w), with paths by name, each an array of (b, w) rows."""
    figure, axes = new_figure(width=7, height=5)
    draw_loss_contours(axes, loss, b=b, w=w, optimum=optimum)
    for colour, (name, path) in zip(CYCLE, paths.items(), strict=False):
        points = np.asarray(path, float)
        axes.plot(*points.T, ".-", color=colour, linewidth=1, markersize=4, label=name)
    axes.set(xlim=b, ylim=w)
    axes.legend(loc="best", fontsize=9)
    label(axes, x="b", y=w_label, title=title)
    return figure


def descents(
    loss: Callable[[Any, Any], Any],
    paths: Mapping[str, Any],
    *,
    b: tuple[float, float],
    w: tuple[float, float],
    optimum: Line | None = None,
    title: str = "",
    w_label: str = "w",
) -> Figure:
    """Contours of the loss over (b, w), once for each path, for paths that would hide one another."""
    figure, panels = new_figure(len(paths), width=11, height=3, squeeze=False, sharey=True)
    for axes, (name, path) in zip(panels[0], paths.items(), strict=True):
        draw_loss_contours(axes, loss, b=b, w=w, optimum=optimum)
        points = np.asarray(path, float)
        axes.plot(*points.T, ".-", color=MODEL, linewidth=0.8, markersize=4, label="path")
        axes.plot(*points[0], "o", color="black", label="start")
        axes.set(xlim=b, ylim=w)
        label(axes, x="b", y="", title=name)
    panels[0, 0].set_ylabel(w_label)
    figure.suptitle(title)
    return figure


def draw_loss_contours(
    axes: Axes,
    loss: Callable[[Any, Any], Any],
    *,
    b: tuple[float, float],
    w: tuple[float, float],
    optimum: Line | None = None,
) -> None:
    """Draw where the loss is equal, at levels that grow by equal factors."""
    grids = loss_grid(loss, np.linspace(*b, 60), np.linspace(*w, 60))
    values = grids[2]
    low = max(float(values.min()), 1e-6)
    levels = np.geomspace(low * 1.05, max(float(values.max()), low * 2), 14)
    axes.contour(*grids, levels=levels, colors=FAINT, linewidths=0.8)
    if optimum is not None:
        axes.plot(*optimum, "*", color=TRUTH, markersize=14, label="optimum", zorder=4)


def losses(curves: Mapping[str, Any], *, optimum: float | None = None, title: str = "") -> Figure:
    """Loss against step, by name, on a logarithmic scale."""
    figure, axes = new_figure()
    draw_losses(axes, curves, optimum=optimum)
    axes.set_title(title)
    return figure


def draw_losses(axes: Axes, curves: Mapping[str, Any], *, optimum: float | None = None) -> None:
    """Draw losses against the step; what is not finite is left out."""
    for colour, (name, values) in zip(CYCLE, curves.items(), strict=False):
        values = np.asarray(values, float)
        values = np.where(np.isfinite(values) & (values < 1e30), values, np.nan)
        axes.plot(np.arange(len(values)), values, color=colour, label=name)
    if optimum is not None:
        axes.axhline(optimum, color=TRUTH, linestyle="--", label="smallest possible")
    axes.set_yscale("log")
    axes.legend(fontsize=9)
    label(axes, x="step", y="loss L (log scale)")


def clipping(gradient: Line, by_element: Line, by_norm: Line) -> Figure:
    """The direction of a gradient, and what two ways of clipping make of it.

    Lengths differ too much to be drawn together, so only directions are: all arrows are equally
    long.
    """
    figure, axes = new_figure(width=5.5, height=4.5)
    draw_clipping(axes, gradient, by_element, by_norm)
    return figure


def draw_clipping(axes: Axes, gradient: Line, by_element: Line, by_norm: Line) -> None:
    """Draw the three directions downhill, each with its length in the legend."""
    arrows = (
        ("the gradient", gradient, DATA, 7.0),
        ("clipped by norm", by_norm, TRUTH, 3.0),
        ("clipped element by element", by_element, MODEL, 3.0),
    )
    for name, vector, colour, thickness in arrows:
        down = -np.asarray(vector, float)
        length = np.linalg.norm(down)
        tip = down / length if length else down
        axes.annotate(
            "",
            tuple(tip),
            (0, 0),
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": thickness},
        )
        axes.plot([], [], color=colour, linewidth=3, label=f"{name}, length {length:.3g}")
    axes.set(xlim=(-1.25, 1.25), ylim=(-1.25, 1.6), aspect="equal")
    axes.legend(loc="upper center", fontsize=8)
    label(axes, x="along b", y="along w", title="Directions downhill")


def actual_and_predicted(actual: Any, predicted: Any, *, what: str) -> Figure:
    """Predictions against the truth, with the line on which they would be perfect."""
    figure, axes = new_figure(width=5, height=5)
    both = np.concatenate([np.asarray(actual, float), np.asarray(predicted, float)])
    ends = [both.min() - 10, both.max() + 10]
    axes.plot(ends, ends, color=TRUTH, label="perfect prediction")
    axes.plot(np.asarray(actual), np.asarray(predicted), "o", color=DATA, alpha=0.7, label="test")
    axes.set(xlim=ends, ylim=ends, aspect="equal")
    axes.legend(loc="upper left")
    label(axes, x=f"actual {what}", y=f"predicted {what}")
    return figure


def newton_and_descent(
    loss: Callable[[Any, Any], Any], descent: Any, newton: Any, *, optimum: Line
) -> Figure:
    """Many steps of gradient descent and one Newton step, on the contours of the loss."""
    points = np.concatenate([np.asarray(descent, float), np.asarray(newton, float), [optimum]])
    low, high = points.min(0), points.max(0)
    pad = 0.15 * (high - low) + 1e-3
    return loss_contours(
        loss, {"gradient descent": descent, "one Newton step": newton},
        b=(low[0] - pad[0], high[0] + pad[0]), w=(low[1] - pad[1], high[1] + pad[1]),
        optimum=optimum,
    )  # fmt: skip
