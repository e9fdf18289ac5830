"""What most figures of this practical are made of: landscapes, Gaussians, bands and lines.

A landscape is the *negative loss* over two weights, which is the log posterior up to a constant:
high is good. It is computed on a grid by one compiled call; whatever a slider moves is passed as an
argument, so that moving it compiles nothing.

Colours: prior white (it lies on landscapes only), exact posterior `MODEL`, an approximation q
`APPROXIMATION`, data `DATA`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course.drawing import DATA, MODEL, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APPROXIMATION = "#56B4E9"  # sky blue: what stands in for the exact posterior
PRIOR = "white"
DEPTH = 70.0  # how far below the best point colours still differ
TICKS = 6  # intervals on an axis, few since a third of the time of a drawing goes into ticks
STANDARD_DEVIATIONS = (1, 2, 4, 6)
DEVIATIONS_BELOW = (0.5, 2.0, 8.0)  # how far below its peak a log density is at 1, 2 and 4 of them

Range = tuple[float, float]


class Landscape(NamedTuple):
    """The negative loss on a grid of two weights."""

    first: np.ndarray
    """Values of the first weight, drawn across: [columns]."""
    second: np.ndarray
    """Values of the second weight, drawn upwards: [rows]."""
    height: np.ndarray
    """Negative loss: [rows, columns]."""


def landscape(
    loss: Callable[..., Any], *args: Any, first: Range, second: Range, points: int = 200
) -> Landscape:
    """Return -loss(w, *args) for all w = (first, second) on a grid of `points` x `points`.

    Compiled once for each `loss` and shapes of `args`; pass a function that is defined once.
    """
    across, upwards = np.linspace(*first, points), np.linspace(*second, points)
    height = _negative_on_grid(loss, jnp.asarray(across), jnp.asarray(upwards), args)
    return Landscape(across, upwards, np.asarray(height))


@partial(jax.jit, static_argnums=0)
def _negative_on_grid(loss: Callable[..., Any], across: Any, upwards: Any, args: Any) -> Any:
    grid = jnp.stack(jnp.meshgrid(across, upwards), axis=-1)  # [rows, columns, 2]
    return -jax.vmap(jax.vmap(lambda w: loss(w, *args)))(grid)


def draw_landscape(
    axes: Axes,
    surface: Landscape,
    *,
    names: tuple[str, str] = ("bias b", "slope w"),
    title: str = "",
    colour_bar: bool = True,
    depth: float = DEPTH,
) -> None:
    """Draw a landscape in colours, from `depth` below its best point up to it."""
    top = float(np.nanmax(surface.height))
    across, upwards = surface.first, surface.second
    # Above the ticks, so that they may be drawn before and kept: see PictureSeries.
    image = axes.imshow(
        surface.height, origin="lower", aspect="equal", cmap="cividis", vmin=top - depth, vmax=top,
        extent=(across[0], across[-1], upwards[0], upwards[-1]), zorder=1,
    )  # fmt: skip
    if colour_bar and axes.figure is not None:
        bar = axes.figure.colorbar(image, ax=axes, label="negative loss")
        bar.ax.locator_params(nbins=TICKS)
    label(axes, x=names[0], y=names[1], title=title)
    axes.locator_params(nbins=TICKS)
    axes.grid(False)
    axes.set(xlim=(across[0], across[-1]), ylim=(upwards[0], upwards[-1]))


def draw_contours(
    axes: Axes, surface: Landscape, below: Sequence[float], *, colour: str = "black"
) -> None:
    """Draw where the negative loss is so much below its best value, for any shape of posterior."""
    levels = sorted(float(np.nanmax(surface.height)) - depth for depth in below)
    axes.contour(
        surface.first, surface.second, surface.height, levels=levels, colors=colour,
        linewidths=1.0, linestyles="solid",
    )  # fmt: skip


def ellipse(mean: Any, covariance: Any, deviations: float, points: int = 121) -> np.ndarray:
    """Return the points [points, 2] at `deviations` standard deviations from a Gaussian's mean."""
    angles = np.linspace(0, 2 * np.pi, points)
    circle = np.stack([np.cos(angles), np.sin(angles)])  # [2, points]
    values, vectors = np.linalg.eigh(np.asarray(covariance, float))
    root = vectors * np.sqrt(np.maximum(values, 0))  # root @ root.T is the covariance
    return np.asarray(mean, float) + deviations * (root @ circle).T


def draw_gaussian(
    axes: Axes,
    mean: Any,
    covariance: Any,
    *,
    colour: str = MODEL,
    name: str = "",
    deviations: Sequence[float] = STANDARD_DEVIATIONS,
    style: str = "-",
) -> None:
    """Draw the contours of a Gaussian at some numbers of standard deviations.

    In two dimensions k standard deviations hold 1 - exp(-k²/2): 39 % at 1, and 86 % at 2.
    """
    for place, k in enumerate(deviations):
        axes.plot(
            *ellipse(mean, covariance, k).T, style, color=colour, linewidth=1.5,
            label=name if place == 0 and name else "_contour",
        )  # fmt: skip


def draw_points(axes: Axes, points: Mapping[str, tuple[Any, str]]) -> None:
    """Draw weight vectors by name, each (points [2] or [K, 2], colour), with a dark rim."""
    for marker, (name, (where, colour)) in zip("o*sDv^P", points.items(), strict=False):
        across, upwards = np.atleast_2d(np.asarray(where, float)).T
        size = 11 if marker == "*" else 6
        axes.plot(
            across, upwards, marker, color=colour, markeredgecolor="black", markersize=size,
            label=name, linestyle="none",
        )  # fmt: skip


def draw_data(axes: Axes, x: Any, y: Any, name: str = "data") -> None:
    """Draw observations."""
    axes.plot(np.ravel(x), np.ravel(y), "o", color=DATA, label=name, zorder=5)


def draw_band(
    axes: Axes, x: Any, mean: Any, sd: Any, *, colour: str = MODEL, name: str = "mean ± 1 sd",
    line: bool = True, opacity: float = 0.25,
) -> None:  # fmt: skip
    """Draw a curve with the band of one standard deviation around it."""
    x, mean, sd = (np.ravel(np.asarray(values, float)) for values in (x, mean, sd))
    axes.fill_between(x, mean - sd, mean + sd, color=colour, alpha=opacity, linewidth=0, label=name)
    if line:
        axes.plot(x, mean, color=colour)


def draw_functions(axes: Axes, x: Any, values: Any, *, colour: str = MODEL, name: str = "") -> None:
    """Draw several functions as thin lines; `values` is [functions, points]."""
    from matplotlib.collections import LineCollection

    if len(values) == 0:  # nothing for a legend to name
        return
    across = np.ravel(x)
    curves = [np.stack([across, np.ravel(curve)], axis=-1) for curve in np.asarray(values)]
    axes.add_collection(
        LineCollection(curves, colors=colour, linewidths=0.8, alpha=0.6, label=name or "_curves")
    )
    axes.autoscale_view()
