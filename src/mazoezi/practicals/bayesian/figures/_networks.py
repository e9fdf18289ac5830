"""Figures of the small networks: their landscapes, modes and predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import FAINT, MODEL, OTHER, THIRD, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import (
    APPROXIMATION,
    Landscape,
    draw_band,
    draw_data,
    draw_functions,
    draw_gaussian,
    draw_landscape,
    draw_points,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WEIGHTS = ("w₀", "w₁")
MODE_COLOURS = dict(zip(bayes.TWO_WEIGHT_MODES, (THIRD, OTHER, FAINT), strict=True))


def two_modes(surface: Landscape, modes: Any) -> Figure:
    """Draw the two-weight network's landscape, with its modes and its saddle."""
    figure, axes = new_figure(width=6.6, height=5.2)
    draw_landscape(axes, surface, names=WEIGHTS, depth=40.0)
    draw_points(axes, {"modes": (modes, MODEL), "saddle": ((0.0, 0.0), FAINT)})
    axes.legend(loc="upper right")
    return figure


def basins(starts: Any, labels: Any, *, scale: float) -> Figure:
    """Draw in which mode variational inference ends, for each start of q's mean.

    Args:
        starts: [starts, 2].
        labels: index into `bayes.TWO_WEIGHT_MODES` for each.
        scale: standard deviation that q has at the start.
    """
    starts, labels = np.asarray(starts), np.asarray(labels)
    figure, axes = new_figure(width=7.2, height=5.0)
    draw_basins(axes, starts, labels)
    title = f"where a fit from each start ends (first sd {scale:g})"
    label(axes, x="w₀ of the start", y="w₁ of the start", title=title)
    axes.set_aspect("equal")
    axes.legend(bbox_to_anchor=(1.02, 1), loc="upper left")
    return figure


def draw_basins(axes: Axes, starts: np.ndarray, labels: np.ndarray) -> None:
    """Draw starts in the colour and marker of where they ended."""
    for place, (name, marker) in enumerate(zip(bayes.TWO_WEIGHT_MODES, "^vo", strict=True)):
        chosen = starts[labels == place]
        axes.plot(
            *chosen.T,
            marker,
            color=MODE_COLOURS[name],
            linestyle="none",
            label=name,
            markersize=8,
            markeredgecolor="black",
            markeredgewidth=0.6,
        )


def way_of_q(
    surface: Landscape,
    snapshots: bayes.VariationalGaussian,
    ends: Sequence[tuple[float, float, str]] = (),
) -> Figure:
    """Draw the start, the way and the end of q, and where fits from earlier starts ended.

    Args:
        surface: the two-weight network's landscape.
        snapshots: q at several steps, with a first axis.
        ends: start of w0, start of w1 and end, one of `bayes.TWO_WEIGHT_MODES`, of each fit so far.
    """
    figure, axes = new_figure(width=8.0, height=5.0)
    draw_landscape(axes, surface, names=WEIGHTS, depth=40.0, colour_bar=False)
    first, last = (jax.tree.map(lambda leaf, at=at: leaf[at], snapshots) for at in (0, -1))
    for q, colour, style, name in (
        (first, "white", "--", "q at the start: 1 sd"), (last, APPROXIMATION, "-", "q at the end: 1 and 2 sd"),
    ):  # fmt: skip
        deviations = (1,) if q is first else (1, 2)
        draw_gaussian(
            axes, q.mean, q.covariance, colour=colour, name=name, deviations=deviations, style=style
        )
    axes.plot(
        *np.asarray(snapshots.mean).T, ".-", color="white", linewidth=1, label="way of the mean"
    )
    if ends:
        labels = np.array([bayes.TWO_WEIGHT_MODES.index(end) for *_, end in ends])
        draw_basins(axes, np.array([start for *start, _ in ends]), labels)
    axes.legend(bbox_to_anchor=(1.02, 1), loc="upper left", facecolor="lightgrey")
    return figure


def relu_shapes(x: Any, y: Any, grid: Any, weights: Mapping[str, Any]) -> Figure:
    """Draw the ReLU network for some weights, a panel each, with the inputs at which it is active."""
    figure, panels = new_figure(len(weights), width=3.1 * len(weights), height=3.2, sharey=True)
    for axes, (title, w) in zip(np.atleast_1d(panels), weights.items(), strict=True):
        w = np.asarray(w, float)
        axes.plot(
            grid,
            np.asarray(bayes.relu_network(jnp.asarray(grid), jnp.asarray(w))),
            color=MODEL,
            label="network",
        )
        active = np.asarray(w[0] * x + w[1] > 0)
        axes.plot(
            np.asarray(x)[active], np.asarray(y)[active], "s", color=THIRD, markersize=11,
            fillstyle="none", label="unit is active",
        )  # fmt: skip
        draw_data(axes, x, y)
        label(axes, x="x", y="y", title=title)
    np.atleast_1d(panels)[0].legend(fontsize=7, loc="upper left")
    return figure


def fits_on_landscape(
    surface: Landscape, fits: Mapping[str, bayes.VariationalGaussian], modes: Any
) -> Figure:
    """Draw several Gaussians on the two-weight network's landscape, a panel each, and all."""
    figure, panels = new_figure(len(fits), width=4.2 * len(fits), height=4.2, sharey=True)
    for axes, (title, q) in zip(np.atleast_1d(panels), fits.items(), strict=True):
        draw_landscape(axes, surface, names=WEIGHTS, depth=40.0, colour_bar=False, title=title)
        draw_gaussian(
            axes,
            q.mean,
            q.covariance,
            colour=APPROXIMATION,
            name="q: 1 and 2 sd",
            deviations=(1, 2),
        )
        draw_points(axes, {"modes": (modes, MODEL)})
        axes.legend(loc="upper right", fontsize=8)
    return figure


def functions_and_truth(
    x: Any, y: Any, grid: Any, fits: Mapping[str, tuple[Any, Any, Any]], truth: tuple[Any, Any]
) -> Figure:
    """Draw fitted functions, a panel each, over the band of the exact posterior.

    Args:
        x: inputs of the data.
        y: targets.
        grid: inputs at which the functions are given.
        fits: (mean, sd, sample functions [draws, points] or None) by title.
        truth: mean and standard deviation of the exact posterior.
    """
    figure, panels = new_figure(len(fits), width=max(7.0, 4.4 * len(fits)), height=4.0, sharey=True)
    for axes, (title, (mean, sd, functions)) in zip(
        np.atleast_1d(panels), fits.items(), strict=True
    ):
        draw_band(axes, grid, *truth, colour=TRUTH, name="exact: mean ± 1 sd")
        draw_band(axes, grid, mean, sd, colour=APPROXIMATION, name="fit: mean ± 1 sd")
        if functions is not None:
            draw_functions(axes, grid, functions, colour=FAINT, name="draws")
        draw_data(axes, x, y)
        label(axes, x="x", y="y", title=title)
        axes.set(ylim=(-5, 5))
        axes.legend(fontsize=7, loc="upper left")
    return figure


def bounds(values: Mapping[str, float], log_evidence: float) -> Figure:
    """Draw what each family reaches, and how far it stays below the log evidence."""
    figure, axes = new_figure(width=8.0, height=3.4)
    gaps = {name: log_evidence - value for name, value in values.items()}
    places = np.arange(len(gaps))
    axes.barh(places, list(gaps.values()), color=APPROXIMATION)
    for place, gap in zip(places, gaps.values(), strict=True):
        axes.text(gap, place, f" {gap:.2f}", va="center")
    axes.set_yticks(places, list(gaps))
    axes.invert_yaxis()
    axes.margins(x=0.12)
    label(axes, x="log evidence - ELBO = KL(q‖posterior), in nats", y="family of q")
    return figure


def curves_by_name(
    curves: Mapping[str, tuple[Any, Any]],
    *,
    x: str,
    y: str,
    line: float | None = None,
    name: str = "",
) -> Figure:
    """Draw named curves, and perhaps a level that they should reach."""
    figure, axes = new_figure(width=7.5, height=3.8)
    colours: Sequence[str] = (MODEL, APPROXIMATION, OTHER, THIRD)
    for colour, (title, points) in zip(colours, curves.items(), strict=False):
        axes.plot(*points, "o-", color=colour, label=title)
    if line is not None:
        axes.axhline(line, color=TRUTH, linestyle="--", label=name)
    label(axes, x=x, y=y)
    axes.legend()
    return figure
