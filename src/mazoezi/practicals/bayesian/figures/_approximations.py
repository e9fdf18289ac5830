"""Figures of variational inference: divergences, bounds, and Gaussians beside posteriors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import FAINT, MODEL, OTHER, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import (
    APPROXIMATION,
    DEVIATIONS_BELOW,
    draw_band,
    draw_contours,
    draw_data,
    draw_functions,
    draw_gaussian,
    draw_landscape,
    draw_points,
    landscape,
)
from mazoezi.practicals.bayesian.figures._lines import line_landscape

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def two_directions(w: Any, density: Any, fits: Mapping[str, tuple[float, float]]) -> Figure:
    """Draw a density and, a panel each, Gaussians (mean, sd) fitted to it, with both divergences.

    Args:
        w: equally spaced points.
        density: values of a normalised density there.
        fits: mean and standard deviation of a Gaussian, by the title of its panel.
    """
    w, p = np.asarray(w, float), np.asarray(density, float)
    figure, panels = new_figure(len(fits), width=10.0, height=3.6, sharey=True)
    for axes, (title, (mean, sd)) in zip(np.atleast_1d(panels), fits.items(), strict=True):
        log_q = -(((w - mean) / sd) ** 2) / 2 - np.log(sd * np.sqrt(2 * np.pi))
        axes.fill_between(w, p, color=MODEL, alpha=0.25, linewidth=0, label="p")
        axes.plot(w, np.exp(log_q), color=APPROXIMATION, linewidth=2, label="q")
        forward = divergence(w, np.exp(log_q), p)
        backward = divergence(w, p, np.exp(log_q))
        numbers = f"KL(q‖p) = {forward:.2f}, KL(p‖q) = {backward:.2f}"
        label(axes, x="w", y="density", title=f"{title}\n{numbers}")
        axes.legend(fontsize=8)
    return figure


def divergence(w: np.ndarray, p: np.ndarray, q: np.ndarray) -> float:
    """Return KL(p‖q) of two densities on equally spaced points."""
    floor = 1e-300
    terms = p * (np.log(np.maximum(p, floor)) - np.log(np.maximum(q, floor)))
    return max(float(terms.sum() * (w[1] - w[0])), 0.0)  # rounding may leave it just below


def bound_and_gap(
    steps: Any, elbo: Any, divergences: Any, log_evidence: float, *, title: str = ""
) -> Figure:
    """Draw the ELBO along a fit, and the divergence that fills the gap to the log evidence."""
    steps, elbo, gap = (np.asarray(one, float) for one in (steps, elbo, divergences))
    figure, axes = new_figure(width=7.5, height=3.8)
    axes.fill_between(
        steps, elbo, elbo + gap, color=FAINT, alpha=0.3, linewidth=0, label="KL(q‖posterior)"
    )
    axes.plot(steps, elbo, color=APPROXIMATION, linewidth=2, label="ELBO")
    axes.axhline(log_evidence, color=TRUTH, linestyle="--", label="log evidence")
    label(axes, x="step", y="nats", title=title)
    axes.legend(loc="lower right")
    return figure


def optimiser_noise(curves: Mapping[str, tuple[Any, Any]], threshold: float = 0.01) -> Figure:
    """Draw the divergence from the exact posterior along several fits, (steps, KL) by name."""
    figure, axes = new_figure(width=7.5, height=3.8)
    for colour, (name, (steps, gaps)) in zip(
        (OTHER, APPROXIMATION, MODEL), curves.items(), strict=False
    ):
        axes.semilogy(np.asarray(steps), np.asarray(gaps), color=colour, label=name)
    axes.axhline(threshold, color=FAINT, linestyle=":", label=f"{threshold:g} nats")
    label(axes, x="step", y="KL(q‖exact posterior) in nats")
    axes.legend()
    return figure


def weights_and_functions(
    x: Any, y: Any, alpha: float, exact: bayes.Gaussian, q: bayes.VariationalGaussian
) -> Figure:
    """Draw a line's exact posterior and q, as weights and as bands of functions."""
    figure, (left, right) = new_figure(2, width=11.0, height=4.4)
    first, second = ((float(centre) - 2, float(centre) + 2) for centre in exact.mean)
    draw_landscape(left, line_landscape(x, y, alpha, first, second), title="weights")
    grid = jnp.linspace(float(jnp.min(x)) - 1, float(jnp.max(x)) + 1, 201)
    for name, mean, covariance, colour, style in (
        ("exact posterior", *exact, MODEL, "-"),
        ("q", q.mean, q.covariance, APPROXIMATION, "--"),
    ):
        draw_gaussian(
            left, mean, covariance, colour=colour, name=f"{name}: 1 and 2 sd", deviations=(1, 2),
            style=style,
        )  # fmt: skip
        f_mean, sd, _ = bayes.predict(bayes.affine_basis(grid), mean, covariance)
        draw_band(right, grid, f_mean, sd, colour=colour, name=f"{name} ± 1 sd", line=False)
        right.plot(grid, f_mean, style, color=colour, linewidth=2)
    left.legend(loc="upper right", fontsize=8, facecolor="lightgrey")
    draw_data(right, x, y)
    label(right, x="x", y="y", title="functions")
    right.legend(fontsize=8)
    return figure


def fits_beside_exact(
    exact: bayes.Gaussian, fits: Mapping[str, bayes.VariationalGaussian]
) -> Figure:
    """Draw an exact Gaussian posterior over bias and slope, and fits by name, at 1 and 2 sd."""
    figure, axes = new_figure(width=6.0, height=4.6)
    draw_gaussian(axes, *exact, name="exact posterior", deviations=(1, 2))
    for colour, style, (name, q) in zip(
        (APPROXIMATION, OTHER), ("--", "-."), fits.items(), strict=False
    ):
        draw_gaussian(
            axes, q.mean, q.covariance, colour=colour, name=name, deviations=(1, 2), style=style
        )
    axes.legend(fontsize=8)
    label(axes, x="bias b", y="slope w", title="1 and 2 standard deviations")
    return figure


def logistic_fit(
    x: Any, y: Any, alpha: float, q: bayes.VariationalGaussian, draws: Any, mode: Any
) -> Figure:
    """Draw q on the landscape of a classifier, and the class probabilities of its draws.

    Args:
        x: inputs.
        y: labels, 0 or 1.
        alpha: precision of the prior.
        q: the fitted Gaussian.
        draws: weight vectors from q, [draws, 2]: the first 20 are drawn, all are averaged.
        mode: the weights of the mode.
    """
    figure, (left, right) = new_figure(2, width=11.0, height=4.6)
    surface = landscape(
        bayes.logistic_loss, bayes.affine_basis(x), y, alpha, first=(-4.0, 4.5), second=(-2.0, 6.5)
    )
    draw_landscape(left, surface, depth=20.0)
    draw_contours(left, surface, DEVIATIONS_BELOW)
    left.plot([], [], color="black", linewidth=1, label="posterior, equal height")
    draw_gaussian(
        left, q.mean, q.covariance, colour=APPROXIMATION, name="q: 1, 2 and 4 sd",
        deviations=(1, 2, 4),
    )  # fmt: skip
    draws = np.asarray(draws)
    draw_points(left, {"20 draws": (draws[:20], APPROXIMATION), "mode": (mode, MODEL)})
    left.legend(loc="upper left", fontsize=7, facecolor="lightgrey")
    grid = np.linspace(-4.5, 4.5, 181)
    curves = _sigmoid(draws[:, :1] + draws[:, 1:] * grid)
    draw_functions(right, grid, curves[:20], colour=APPROXIMATION, name="draws from q")
    right.plot(grid, curves.mean(axis=0), "--", color="black", linewidth=2, label="average over q")
    right.plot(
        grid, _sigmoid(mode[0] + mode[1] * grid), color=MODEL, linewidth=2, label="mode alone"
    )
    draw_data(right, x, y, "labels")
    label(right, x="input x", y="probability of label 1", title="class probability")
    right.legend(fontsize=8)
    return figure


def _sigmoid(logit: Any) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(logit, float)))
