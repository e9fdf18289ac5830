"""Figures of samplers: paths, traces, ranks and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import CYCLE, FAINT, MODEL, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import (
    APPROXIMATION,
    Landscape,
    draw_data,
    draw_functions,
    draw_landscape,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WEIGHTS = ("w₀", "w₁")


def draw_path(axes: Axes, surface: Landscape, path: Any, *, accepted: bool) -> None:
    """Draw one path of leapfrog steps on a landscape, from its start to its end."""
    path = np.asarray(path)
    draw_landscape(axes, surface, names=WEIGHTS, depth=20.0, colour_bar=False)
    axes.plot(*path.T, ".-", color="white", linewidth=1, markersize=4, label="leapfrog steps")
    axes.plot(*path[0], "o", color=FAINT, markeredgecolor="black", label="start")
    end = MODEL if accepted else "black"
    axes.plot(*path[-1], "*", color=end, markeredgecolor="white", markersize=13, label="end")
    axes.legend(loc="upper right", fontsize=8)


def draw_energy(axes: Axes, energies: Any) -> None:
    """Draw how far the energy strays along a path."""
    energies = np.asarray(energies)
    axes.plot(energies - energies[0], ".-", color=MODEL)
    axes.axhline(0, color=FAINT, linewidth=1)
    label(axes, x="leapfrog step", y="energy gained")


def traces(draws: Any, names: Mapping[str, Any] | None = None, *, every: int = 5) -> Figure:
    """Draw traces of one quantity, [chains, draws], and the histogram of ranks of each chain."""
    draws = np.asarray(draws, float)
    figure, (left, right) = new_figure(2, width=11.0, height=3.8, width_ratios=(2, 1))
    titles = list(names) if names else [f"chain {place + 1}" for place in range(len(draws))]
    for colour, title, chain in zip(CYCLE, titles, draws, strict=False):
        left.plot(
            np.arange(0, len(chain), every),
            chain[::every],
            color=colour,
            linewidth=0.7,
            label=title,
        )
    label(left, x="draw", y="value", title="traces")
    left.legend(fontsize=8, ncols=len(draws), loc="upper right")
    histograms = np.asarray(bayes.rank_histogram(draws))
    shares = histograms / histograms.sum(axis=1, keepdims=True)
    for colour, title, share in zip(CYCLE, titles, shares, strict=False):
        right.step(np.arange(len(share)), share, where="mid", color=colour, label=title)
    right.axhline(1 / shares.shape[1], color=FAINT, linestyle=":", label="all alike")
    label(right, x="rank among all draws, in 20 bins", y="share of the chain", title="ranks")
    return figure


def sampled_functions(x: Any, y: Any, grid: Any, panels: Mapping[str, Any], truth: Any) -> Figure:
    """Draw sample functions [draws, points], a panel each, and the exact mean."""
    figure, all_axes = new_figure(len(panels), width=4.6 * len(panels), height=4.0, sharey=True)
    for axes, (title, functions) in zip(np.atleast_1d(all_axes), panels.items(), strict=True):
        functions = np.asarray(functions)
        draw_functions(axes, grid, functions[:25], colour=APPROXIMATION, name="25 draws")
        axes.plot(grid, functions.mean(axis=0), color="black", label="mean of all draws")
        axes.plot(grid, truth, "--", color=TRUTH, linewidth=2, label="exact mean")
        draw_data(axes, x, y)
        label(axes, x="x", y="y", title=title)
        axes.set(ylim=(-5, 5))
        axes.legend(fontsize=8, loc="upper left")
    return figure


def shares(values: Mapping[str, tuple[float, float]], truth: float, *, what: str) -> Figure:
    """Draw a share as several methods find it, (share, standard error), beside the truth."""
    figure, axes = new_figure(width=8.0, height=0.9 + 0.45 * len(values))
    places = np.arange(len(values))
    found = np.array(list(values.values()), float)
    axes.errorbar(found[:, 0], places, xerr=2 * found[:, 1], fmt="o", color=MODEL, capsize=3)
    axes.axvline(truth, color=TRUTH, linestyle="--", label=f"truth, {truth:.3f}")
    axes.set_yticks(places, list(values))
    axes.set(xlim=(-0.05, 1.05))
    axes.invert_yaxis()
    label(axes, x=f"{what} (± 2 standard errors)", y="method")
    axes.legend(fontsize=8)
    return figure


def importance_weights(weights: Any, *, bins: int = 60) -> Figure:
    """Draw how unequal importance weights are: a histogram, and who carries the total."""
    weights = np.sort(np.asarray(weights, float))[::-1]
    figure, (left, right) = new_figure(2, width=10.0, height=3.6)
    logs = np.log10(np.maximum(weights * len(weights), 1e-12))
    left.hist(logs, bins=bins, color=APPROXIMATION)
    left.axvline(0, color=FAINT, linestyle=":")
    label(left, x="log₁₀ (weight × number of draws); below -12 drawn at -12", y="draws")
    right.plot(np.linspace(0, 100, len(weights)), 100 * np.cumsum(weights), color=MODEL)
    label(right, x="heaviest draws, in %", y="share of the total weight, in %")
    right.set(ylim=(0, 105))
    return figure
