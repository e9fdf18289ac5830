"""Figures of samplers: paths, traces, ranks and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import CYCLE, FAINT, MODEL, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import (
    APPROXIMATION,
    TICKS,
    Landscape,
    draw_data,
    draw_functions,
    draw_landscape,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WEIGHTS = ("w₀", "w₁")


def draw_path(axes: Axes, surface: Landscape, path: Any) -> None:
    """Draw one path of leapfrog steps on a landscape, from its start to its end."""
    path = np.asarray(path)
    draw_landscape(axes, surface, names=WEIGHTS, depth=20.0, colour_bar=False)
    axes.plot(*path.T, ".-", color="white", linewidth=1, markersize=4, label="leapfrog steps")
    axes.plot(*path[0], "o", color=FAINT, markeredgecolor="black", label="start")
    axes.plot(*path[-1], "*", color=MODEL, markeredgecolor="white", markersize=13, label="end")
    axes.legend(loc="lower left", fontsize=8)


def draw_energy(axes: Axes, energies: Any) -> None:
    """Draw how far the energy strays along a path, and with which probability each end is accepted."""
    gained = np.asarray(energies) - np.asarray(energies)[0]
    gained = np.where(np.isfinite(gained), gained, np.nan)
    axes.plot(gained, ".-", color=MODEL, label="energy gained")
    axes.axhline(0, color=FAINT, linewidth=1)
    axes.axhline(np.log(2), color=FAINT, linestyle=":", label="accepted half of the time")
    axes.locator_params(nbins=TICKS)
    axes.locator_params(axis="x", integer=True)
    end = _limit(max(len(gained) - 1, 1))
    least, most = min(np.nanmin(gained), -0.1), max(np.nanmax(gained), 0.8)
    axes.set(xlim=(-end / 40, end * 41 / 40), ylim=(-_limit(-least), _limit(most)))
    if most > 20:  # thrown out of the valley, and soon out of the picture
        ticks = [0, 1, 10, 100, 1000, 10_000]
        axes.set_yscale("symlog", linthresh=1.0)
        axes.set_ylim(-1, ticks[-1])
        axes.set_yticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
    label(axes, x="leapfrog step", y="energy gained")
    axes.annotate(  # beside its line, as a legend would take four times as long under a slider
        "accepted half of the time", (1, np.log(2)), (-4, 2), xycoords=axes.get_yaxis_transform(),
        textcoords="offset points", ha="right", va="bottom", fontsize=8,
    )  # fmt: skip


def _limit(value: float) -> float:
    """Return the next of ... 1, 2, 5, 10, 20 ...: axes that end there seldom change with the value."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(power * min(step for step in (1, 2, 5, 10) if step * power >= value))


def tuning(surface: Landscape, *, draws: Any, path: Any, energy: Any) -> Figure:
    """Draw one path and all draws on the landscape, the path's energy, and the traces of w₀.

    Args:
        surface: landscape of the two weights.
        draws: [chains, draws, 2].
        path: the positions of one path, [steps + 1, 2].
        energy: its energies, [steps + 1].
    """
    figure, (left, middle, right) = new_figure(3, width=11.0, height=3.8)
    draw_path(left, surface, path)
    left.plot(
        *np.asarray(draws).reshape(-1, 2)[::4].T,
        ".",
        color=APPROXIMATION,
        markersize=1.5,
        zorder=1.5,
    )
    left.set_title("one path, and the draws")
    draw_energy(middle, energy)
    middle.set_title("energy along that path")
    for colour, chain in zip(CYCLE * 2, np.asarray(draws)[..., 0], strict=False):
        right.plot(chain, color=colour, linewidth=0.6)
    right.set(ylim=(-2.6, 2.6))
    right.locator_params(nbins=TICKS)
    label(right, x="draw", y="w₀", title="traces of all chains")
    return figure


def paths(surface: Landscape, paths: Mapping[str, tuple[Any, Any]]) -> Figure:
    """Draw paths of leapfrog steps, (positions, energies) by name, each above its energy."""
    figure, all_axes = new_figure(len(paths), width=4.3 * len(paths), height=6.6)
    figure.clear()
    all_axes = figure.subplots(2, len(paths), height_ratios=(2, 1), squeeze=False)
    for (above, below), (name, (path, energies)) in zip(all_axes.T, paths.items(), strict=True):
        draw_path(above, surface, path)
        above.set_title(name)
        draw_energy(below, energies)
    return figure


def traces(quantities: Mapping[str, Any], *, every: int = 5) -> Figure:
    """Draw traces of quantities, [chains, draws] by name, and the ranks of each chain's draws."""
    figure, _ = new_figure(width=11.0, height=3.0 * len(quantities))
    figure.clear()
    all_axes = figure.subplots(len(quantities), 2, width_ratios=(2, 1), squeeze=False)
    for (left, right), (name, draws) in zip(all_axes, quantities.items(), strict=True):
        draws = np.asarray(draws, float)
        _draw_traces(left, name, draws, every)
        _draw_ranks(right, name, draws)
    return figure


def _draw_traces(axes: Axes, name: str, draws: np.ndarray, every: int) -> None:
    for place, (colour, chain) in enumerate(zip(CYCLE, draws, strict=False)):
        at = np.arange(0, len(chain), every)
        axes.plot(at, chain[::every], color=colour, linewidth=0.7, label=f"chain {place + 1}")
    label(axes, x="draw", y=name, title=f"traces of {name}")
    axes.legend(fontsize=8, ncols=len(draws), loc="upper right")


def _draw_ranks(axes: Axes, name: str, draws: np.ndarray) -> None:
    histograms = np.asarray(bayes.rank_histogram(jnp.asarray(draws)))
    shares = histograms / histograms.sum(axis=1, keepdims=True)
    for colour, share in zip(CYCLE, shares, strict=False):
        axes.step(np.arange(len(share)), share, where="mid", color=colour)
    axes.axhline(1 / shares.shape[1], color=FAINT, linestyle=":", label="all alike")
    axes.set(ylim=(0, None))
    label(
        axes, x="rank among all draws, in 20 bins", y="share of the chain", title=f"ranks of {name}"
    )
    axes.legend(fontsize=8, loc="upper right")


def predictives(x: Any, y: Any, grid: Any, panels: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Draw sampled functions "f", their mean, and where nine of ten targets "y" lie, a panel each."""
    figure, all_axes = new_figure(len(panels), width=4.8 * len(panels), height=4.0, squeeze=False)
    for axes, (title, drawn) in zip(all_axes[0], panels.items(), strict=True):
        draw_functions(axes, grid, drawn["f"][:40], colour=APPROXIMATION, name="sampled functions")
        mean = np.mean(np.asarray(drawn["f"]), axis=0)
        axes.plot(grid, mean, color="black", label="mean of all functions")
        low, high = np.quantile(np.asarray(drawn["y"]), (0.05, 0.95), axis=0)
        axes.plot(grid, low, "--", color=MODEL, label="90 % of new targets")
        axes.plot(grid, high, "--", color=MODEL)
        draw_data(axes, x, y)
        label(axes, x="x", y="y", title=title)
        limit = min(40.0, 1.3 * max(np.abs(low).max(), np.abs(high).max()))
        axes.set(ylim=(-limit, limit))
        axes.legend(fontsize=8, loc="upper left")
    return figure


def foursomes(analyses: Mapping[str, tuple[Any, Any]], truth: float) -> Figure:
    """Draw analyses, (shares found, worst R-hat) by name, a dot each, and the true share."""
    figure, all_axes = new_figure(
        len(analyses), width=4.3 * len(analyses), height=4.2, squeeze=False, sharey=True
    )
    for axes, (title, (found, worst)) in zip(all_axes[0], analyses.items(), strict=True):
        excess = np.maximum(np.asarray(worst) - 1, 1e-4)
        aside = np.random.default_rng(0).uniform(-0.02, 0.02, len(excess))  # so that none hides
        axes.plot(found + aside, excess, ".", color=MODEL, alpha=0.25, label="four chains")
        axes.axhline(0.01, color=FAINT, linestyle=":", label="R-hat of 1.01")
        axes.axvline(truth, color=TRUTH, linestyle="--", label=f"true share, {truth:.3f}")
        axes.set(yscale="log", xlim=(-0.05, 1.05))
        label(axes, x="share of w₀ > 0 that is found", y="worst R-hat, minus 1", title=title)
        axes.legend(fontsize=8, loc="lower center")
    return figure


def error_and_cost(methods: Mapping[str, tuple[Any, float]]) -> Figure:
    """Draw the errors of several runs of each method, (errors, evaluations) by name."""
    figure, axes = new_figure(width=8.5, height=0.9 + 0.42 * len(methods))
    for place, (errors, _) in enumerate(methods.values()):
        axes.plot(errors, np.full(len(errors), place), "o", color=MODEL, alpha=0.5)
        axes.plot(np.median(errors), place, "|", color="black", markersize=16, mew=2)
    names = [f"{name}\n({cost:,.0f} evaluations)" for name, (_, cost) in methods.items()]
    axes.set_yticks(range(len(methods)), names, fontsize=8)
    axes.set(xscale="log")
    axes.invert_yaxis()
    label(axes, x="RMSE of the predictive mean (bar: median)", y="method")
    return figure


def shares(values: Mapping[str, tuple[float, float]], truth: float, *, what: str) -> Figure:
    """Draw a share as several methods find it, (mean, sd over runs), beside the truth."""
    figure, axes = new_figure(width=8.0, height=0.9 + 0.45 * len(values))
    places = np.arange(len(values))
    found = np.array(list(values.values()), float)
    axes.errorbar(found[:, 0], places, xerr=2 * found[:, 1], fmt="o", color=MODEL, capsize=3)
    axes.axvline(truth, color=TRUTH, linestyle="--", label=f"truth, {truth:.3f}")
    axes.set_yticks(places, list(values))
    axes.set(xlim=(-0.05, 1.05))
    axes.invert_yaxis()
    label(axes, x=f"{what} (± 2 sd of single runs)", y="method")
    axes.legend(fontsize=8)
    return figure


def importance_weights(weights: Any, *, bins: int = 60) -> Figure:
    """Draw how unequal importance weights are: a histogram, and who carries the total."""
    weights = np.sort(np.asarray(weights, float))[::-1]
    figure, (left, right) = new_figure(2, width=10.0, height=3.6)
    logs = np.log10(np.maximum(weights * len(weights), 1e-12))
    left.hist(logs, bins=bins, color=APPROXIMATION)
    left.axvline(0, color=FAINT, linestyle=":", label="average weight")
    left.set(yscale="log")
    left.legend(fontsize=8, loc="upper right")
    label(left, x="log₁₀ (weight / average weight), at least -12", y="draws")
    ranks = np.unique(np.geomspace(1, len(weights), 400).astype(int))
    right.plot(100 * ranks / len(weights), 100 * np.cumsum(weights)[ranks - 1], color=MODEL)
    right.set(xscale="log", ylim=(0, 105))
    label(right, x="heaviest draws, in %", y="share of the total weight, in %")
    return figure
