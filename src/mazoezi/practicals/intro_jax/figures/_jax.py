"""Figures of the first half: curves, slopes, slopes where a function has a kink, rows of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course.drawing import DATA, FAINT, MODEL, label, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PRIMES = ("", "′", "″", "‴")
_AFAR = (-2.0, 2.0)  # where the slopes of a function with a kink at 0 are drawn


def curve(x: Any, y: Any, name: str) -> Figure:
    """One curve, such as a sine: y against x."""
    figure, axes = new_figure()
    axes.plot(np.asarray(x), np.asarray(y), color=DATA, label=name)
    axes.legend(loc="upper left")
    label(axes, x="x", y="y")
    return figure


def relu_curve(relu: Callable[[float], Any]) -> Figure:
    """A rectified linear unit on [-5, 5]; it is called with one number at a time."""
    from matplotlib.ticker import MultipleLocator

    x = np.linspace(-5, 5, 101)
    figure = curve(x, [float(relu(float(one))) for one in x], "ReLU(x)")
    (axes,) = figure.axes
    axes.xaxis.set_major_locator(MultipleLocator(1))
    axes.set(xlim=(-5, 5))
    return figure


# --- Slopes --------------------------------------------------------------------------------------


def derivatives(function: Callable[[Any], Any], at: float, *, order: int = 3) -> Figure:
    """A function and its derivatives up to `order`, each with its value and its tangent at a point.

    The slope of the tangent in one panel is the height of the point in the next. All derivatives
    come from `jax.grad`.
    """
    chain = [function]
    for _ in range(order):
        chain.append(jax.grad(chain[-1]))
    heights = [float(one(at)) for one in [*chain, jax.grad(chain[-1])]]
    figure, panels = new_figure(order + 1, width=10, height=3.2)
    for number, (axes, one) in enumerate(zip(panels, chain, strict=True)):
        name = f"f{_PRIMES[number]}" if number < len(_PRIMES) else f"f⁽{number}⁾"
        _curve_with_tangent(axes, one, at, heights[number], heights[number + 1])
        label(axes, x="x", y=f"{name}(x)", title=f"{name}({at:g}) = {heights[number]:g}")
    panels[-1].legend(fontsize=9)
    return figure


def _curve_with_tangent(
    axes: Axes, function: Callable, at: float, height: float, slope: float
) -> None:
    reach = max(1.0, 1.25 * abs(at))
    x = jnp.linspace(-reach, reach, 121)
    axes.plot(x, jax.vmap(function)(x), color=DATA, label="curve")
    near = np.array([at - 0.35 * reach, min(at + 0.35 * reach, reach)])
    axes.plot(near, height + slope * (near - at), "--", color=MODEL, label="tangent")
    axes.plot([at], [height], "o", color=MODEL)
    axes.margins(y=0.12)


def gradients_at_zero(functions: Mapping[str, Callable[[Any], Any]]) -> Figure:
    """The slope that `jax.grad` gives around 0, and at 0, for each of some functions with a kink.

    Where the slope is not a number the panel is hatched. The title says the slope at 0.
    """
    count = len(functions)
    figure, panels = new_figure(
        count, width=2.6 * count + 0.6, height=3.4, sharex=True, squeeze=False
    )
    for axes, (name, function) in zip(panels[0], functions.items(), strict=True):
        _slope_around_zero(axes, jax.grad(function))
        label(axes, x="x", y="slope", title=f"{name}\nslope at 0: {_slope_at_zero(function)}")
    return figure


def _slope_at_zero(function: Callable) -> str:
    slope = float(jax.grad(function)(0.0))
    return "not a number" if np.isnan(slope) else f"{slope:.2g}"


def _slope_around_zero(axes: Axes, gradient: Callable) -> None:
    for low, high in ((_AFAR[0], 0.0), (0.0, _AFAR[1])):
        x = np.linspace(low, high, 61, dtype=np.float32)
        inside = x[x != 0]
        slopes = np.asarray(jax.vmap(gradient)(inside))
        axes.plot(inside, slopes, color=DATA)
        if np.isnan(slopes).any():
            _hatch_nan(axes, low, high)
    at_zero = float(gradient(0.0))
    marker: dict[str, Any] = {"color": MODEL, "markersize": 9, "linestyle": "none"}
    if np.isnan(at_zero):
        axes.plot([0], [0], marker="x", markeredgewidth=2.5, **marker)
    else:
        axes.plot([0], [at_zero], marker="o", **marker)
    axes.set(xlim=_AFAR, ylim=(-0.15, 1.6))


def _hatch_nan(axes: Axes, low: float, high: float) -> None:
    axes.axvspan(low, high, facecolor="none", edgecolor=FAINT, hatch="///", alpha=0.6)
    axes.text((low + high) / 2, 0.75, "not a\nnumber", ha="center", va="center",
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})  # fmt: skip


# --- Rows of a batch -----------------------------------------------------------------------------


def row_ranges(batch: Any, ranges: Any) -> Figure:
    """A batch of rows beside what a function [min, max] made of it.

    `ranges` has a row for each row of the batch, as `jax.vmap` gives, or is one pair, as the
    function gives when it is handed the whole batch. The cells that were picked are framed.
    """
    batch, ranges = np.asarray(batch), np.asarray(ranges)
    rows, width = batch.shape
    pairs = ranges.reshape(-1, 2)
    groups = np.split(np.arange(rows), len(pairs))
    figure, axes = new_figure(width=1.0 * (width + 4.2), height=0.8 * rows + 1.0)
    for row, values in enumerate(batch):
        for column, value in enumerate(values):
            _cell(axes, column, row, value)
    for pair, group in zip(pairs, groups, strict=True):
        _pick(axes, batch, group, pair)
    _frame(axes, width, rows)
    axes.text(width / 2, -0.25, f"batch {_shape(batch)}", ha="center")
    axes.text(width + 3, -0.25, f"[min, max] {_shape(ranges)}", ha="center")
    return figure


def _shape(array: np.ndarray) -> str:
    return "(" + ", ".join(map(str, array.shape)) + ("," if array.ndim == 1 else "") + ")"


def _pick(axes: Axes, batch: np.ndarray, group: np.ndarray, pair: np.ndarray) -> None:
    """Frame the smallest and the largest cell of some rows, and draw what comes out of them."""
    width = batch.shape[1]
    middle = float(group.mean())
    for colour, value, column in zip((DATA, MODEL), pair, (width + 2, width + 3), strict=True):
        for row in group:
            for at in np.flatnonzero(batch[row] == value):
                _cell(axes, int(at), int(row), value, colour)
        _cell(axes, column, middle, value, colour)
    if len(group) > 1:
        axes.plot([width + 0.25] * 2, [group[0] + 0.1, group[-1] + 0.9], color=FAINT, linewidth=2)
    arrow = {"arrowstyle": "->", "color": FAINT, "linewidth": 2}
    axes.annotate("", (width + 1.75, middle + 0.5), (width + 0.3, middle + 0.5), arrowprops=arrow)


def _cell(axes: Axes, column: float, row: float, value: Any, colour: str | None = None) -> None:
    from matplotlib.patches import Rectangle

    frame: dict[str, Any] = {"facecolor": "white", "edgecolor": FAINT, "linewidth": 1}
    if colour:
        frame = {"facecolor": f"{colour}22", "edgecolor": colour, "linewidth": 2.5, "zorder": 2}
    axes.add_patch(Rectangle((column + 0.03, row + 0.03), 0.94, 0.94, **frame))
    axes.text(
        column + 0.5, row + 0.5, f"{value:g}", ha="center", va="center", zorder=3,
        fontsize=12, fontweight="bold" if colour else "normal",
    )  # fmt: skip


def _frame(axes: Axes, width: int, rows: int) -> None:
    axes.set(xlim=(-0.1, width + 4.1), ylim=(rows + 0.1, -0.7), aspect="equal")
    axes.axis("off")
    axes.text(width + 2.5, rows + 0.08, "min", color=DATA, ha="center", va="top")
    axes.text(width + 3.5, rows + 0.08, "max", color=MODEL, ha="center", va="top")
