"""Figures of Bayesian linear regression: densities, posteriors, bands, coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import CYCLE, FAINT, MODEL, OTHER, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import (
    PRIOR,
    TICKS,
    Landscape,
    draw_band,
    draw_data,
    draw_functions,
    draw_gaussian,
    draw_landscape,
    draw_points,
    ellipse,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def bells(alphas: Sequence[float]) -> Figure:
    """Prior densities of one weight, for several precisions."""
    figure, axes = new_figure(height=3.5)
    w = np.linspace(-6, 6, 1201)
    for colour, alpha in zip(CYCLE, alphas, strict=False):
        density = np.sqrt(alpha / (2 * np.pi)) * np.exp(-alpha * w**2 / 2)
        axes.plot(w, density, color=colour, label=f"α = {alpha:g}")
    axes.legend()
    label(axes, x="weight w", y="prior density p(w)")
    return figure


def areas(log_prior: Callable[[Any, float], Any], alphas: Sequence[float]) -> Figure:
    """The area under one-dimensional prior densities, integrated numerically."""
    figure, panels = new_figure(len(alphas), width=10, height=2.6, squeeze=False)
    for axes, colour, alpha in zip(panels[0], CYCLE, alphas, strict=False):
        w = jnp.linspace(-8, 8, 4001) / np.sqrt(alpha)
        density = jnp.exp(jax.vmap(lambda point, a=alpha: log_prior(point[None], a))(w))
        area = float(jnp.trapezoid(density, w))
        axes.fill_between(np.asarray(w), np.asarray(density), color=colour, alpha=0.4)
        label(axes, x="weight w", y="density", title=f"α = {alpha:g}: area {area:.4f}")
    return figure


def learning(x: Any, y: Any, alpha: float, counts: Sequence[int]) -> Figure:
    """Posterior and lines drawn from it, after more and more of the examples."""
    figure, _ = new_figure(width=11, height=5.5)
    figure.clear()
    panels = figure.subplots(2, len(counts))
    across = jnp.linspace(float(np.min(x)) - 1, float(np.max(x)) + 1, 50)
    X = bayes.affine_basis(x)
    for above, below, count in zip(*panels, counts, strict=True):
        after = bayes.posterior(X[:count], y[:count], alpha)
        draw_gaussian(above, *after, deviations=(1, 2))
        above.set(xlim=(-5, 3), ylim=(-4, 4), aspect="equal")
        label(above, x="bias b", y="slope w", title=f"after {count} of {len(y)} examples")
        weights = bayes.sample_gaussian(after, jr.key(0), 15)
        draw_functions(below, across, weights @ bayes.affine_basis(across).T)
        draw_data(below, x[:count], y[:count])
        below.set(xlim=(across[0], across[-1]), ylim=(-9, 5))
        label(below, x="input x", y="target y")
    return figure


def prior_and_posterior(
    surface: Landscape, prior: bayes.Gaussian, posterior: bayes.Gaussian, title: str
) -> Figure:
    """A landscape with contours of prior and posterior; those at 2 sd are bold."""
    figure, axes = new_figure(width=6.5, height=5)
    draw_landscape(axes, surface, title=title)
    for gaussian, colour, name, style in (
        (prior, PRIOR, "prior", "--"),
        (posterior, MODEL, "posterior", "-"),
    ):
        draw_gaussian(axes, *gaussian, colour=colour, name=name, style=style)
        axes.plot(*ellipse(*gaussian, 2).T, style, color=colour, linewidth=3, label="_bold")
    axes.legend(fontsize=8, loc="upper right", facecolor="lightgrey")
    return figure


def prior_data_conflict(x: Any, y: Any, visited: Sequence[float]) -> Figure:
    """Distance of prior and posterior mean, and the sum of their 2-sd radii, against alpha."""
    figure, axes = new_figure(width=7, height=3.6)
    alphas = np.geomspace(0.05, 20, 200)
    curvature, reach = len(y), float(np.linalg.norm(bayes.affine_basis(x).T @ y))
    distance = reach / (curvature + alphas)
    radii = 2 / np.sqrt(alphas) + 2 / np.sqrt(curvature + alphas)
    axes.plot(alphas, distance, color=MODEL, label="distance of the centres")
    axes.plot(alphas, radii, "--", color=FAINT, label="sum of the radii at 2 sd")
    axes.fill_between(alphas, radii, distance, where=distance > radii, color=OTHER, alpha=0.2,
                      label="the circles do not touch")  # fmt: skip
    for alpha in visited:
        axes.axvline(alpha, color="black", linewidth=0.6)
    axes.set_xscale("log")
    axes.set_ylim(0, 8)
    axes.legend(fontsize=9)
    label(axes, x="precision of the prior α (log scale)", y="distance in the plane of weights")
    return figure


def predictive_band(
    x: Any, y: Any, prediction: bayes.Prediction, inputs: Any, noise: bool
) -> Figure:
    """The mean line with a band of one standard deviation: of f, or of a new observation."""
    figure, axes = new_figure()
    draw_prediction(axes, x, y, prediction, inputs, noise)
    axes.set(ylim=(-9, 3))
    return figure


def draw_prediction(
    axes: Axes, x: Any, y: Any, prediction: bayes.Prediction, inputs: Any, noise: bool = False
) -> None:
    """Draw data, mean and band over all `inputs`."""
    sd = prediction.sd_y if noise else prediction.sd_f
    name = "new observation, mean ± 1 sd" if noise else "function, mean ± 1 sd"
    draw_band(axes, inputs, prediction.mean, sd, name=name)
    draw_data(axes, x, y)
    axes.set_xlim(float(inputs[0]), float(inputs[-1]))
    axes.legend(fontsize=8, loc="lower left")
    axes.locator_params(nbins=TICKS)
    label(axes, x="input x", y="target y")


def monte_carlo(
    surface: Landscape,
    data: tuple[Any, Any],
    posterior: bayes.Gaussian,
    weights: Any,
    inputs: Any,
    exact: bayes.Prediction,
) -> Figure:
    """Three panels: posterior and sampled weights, the exact band, sampled lines and their band."""
    figure, (left, middle, right) = new_figure(3, width=12, height=3.8)
    draw_landscape(left, surface, colour_bar=False, title="weights")
    draw_gaussian(left, *posterior, name="posterior")
    draw_points(left, {f"{len(weights)} samples": (weights[:200], CYCLE[5])})
    left.legend(fontsize=8, loc="upper right", facecolor="lightgrey")
    left.set(xlim=(-4, 1), ylim=(-4, 1))
    draw_prediction(middle, *data, exact, inputs)
    middle.set_title("exact band of f")
    functions = weights @ np.asarray(bayes.affine_basis(inputs)).T  # JAX would compile for each K
    draw_functions(right, inputs, functions[:50])
    estimate = bayes.Prediction(functions.mean(0), functions.std(0), functions.std(0))
    draw_prediction(right, *data, estimate, inputs)
    right.set_title(f"estimated from {len(weights)} samples")
    for axes in (middle, right):
        axes.set_ylim(-9, 3)
    return figure


def coverage_chart(y: Any, mean: Any, sds: Mapping[str, Any]) -> Figure:
    """How often intervals cover, against what they promise; and at 95 % with its error."""
    figure, (left, right) = new_figure(2, width=9.5, height=3.8)
    levels = np.linspace(0.02, 0.98, 49)
    left.plot([0, 1], [0, 1], color=TRUTH, label="as promised")
    shares = []
    for colour, (name, sd) in zip((MODEL, OTHER), sds.items(), strict=False):
        reach = np.abs(np.asarray(y - mean)) / np.asarray(sd)
        widths = np.asarray(jax.scipy.stats.norm.ppf((1 + levels) / 2))
        left.plot(levels, [np.mean(reach <= width) for width in widths], color=colour, label=name)
        shares.append((name, colour, np.mean(reach <= 1.95996)))
    left.legend(fontsize=8)
    label(left, x="nominal level", y="share of new observations covered")
    for place, (_, colour, share) in enumerate(shares):
        error = np.sqrt(share * (1 - share) / np.size(y))
        right.bar(place, share, yerr=error, color=colour, capsize=6)
        right.text(place, share / 2, f"{share:.1%}", ha="center")
    right.axhline(0.95, color=TRUTH)
    right.set_xticks(range(len(shares)), [name for name, _, _ in shares], fontsize=8)
    label(right, x="standard deviation used", y="share covered at 95 %")
    return figure
