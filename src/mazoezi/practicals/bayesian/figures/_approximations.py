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
    Landscape,
    draw_band,
    draw_contours,
    draw_data,
    draw_functions,
    draw_gaussian,
    draw_landscape,
    draw_points,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POSTERIOR_DEPTHS = (0.5, 2.0, 8.0)  # where a Gaussian has its 1, 2 and 4 standard deviations


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
    return float(terms.sum() * (w[1] - w[0]))


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
    x: Any, y: Any, surface: Landscape, exact: bayes.Gaussian, q: bayes.VariationalGaussian
) -> Figure:
    """Draw a line's exact posterior and q, as weights and as bands of functions."""
    figure, (left, right) = new_figure(2, width=11.0, height=4.4)
    draw_landscape(left, surface, title="weights")
    draw_gaussian(left, *exact, name="exact posterior", deviations=(1, 2))
    draw_gaussian(
        left, q.mean, q.covariance, colour=APPROXIMATION, name="q", deviations=(1, 2), style="--"
    )
    left.legend(loc="upper right", fontsize=8)
    grid = jnp.linspace(float(jnp.min(x)) - 1, float(jnp.max(x)) + 1, 201)
    features = bayes.affine_basis(grid)
    for name, mean, covariance, colour in (
        ("exact", *exact, MODEL), ("q", q.mean, q.covariance, APPROXIMATION),
    ):  # fmt: skip
        prediction = bayes.predict(features, mean, covariance)
        draw_band(
            right, grid, prediction.mean, prediction.sd_f, colour=colour, name=f"{name} ± 1 sd"
        )
    draw_data(right, x, y)
    label(right, x="x", y="y", title="functions")
    right.legend(fontsize=8)
    return figure


def logistic_fit(
    x: Any,
    y: Any,
    surface: Landscape,
    q: bayes.VariationalGaussian,
    draws: Any,
    mode: Any,
    *,
    laplace: bayes.Gaussian | None = None,
    exact: tuple[Any, Any] | None = None,
) -> Figure:
    """Draw q on the landscape of a classifier, and the class probabilities of its draws.

    Args:
        x: inputs.
        y: labels, 0 or 1.
        surface: the landscape.
        q: the fitted Gaussian.
        draws: weight vectors from q, [draws, 2]: the first 20 are drawn, all are averaged.
        mode: the weights of the mode.
        laplace: Laplace's Gaussian, to compare with.
        exact: (x, probability) of the exact predictive curve, to compare with.
    """
    figure, (left, right) = new_figure(2, width=11.0, height=4.6)
    draw_landscape(left, surface, depth=20.0)
    draw_contours(left, surface, POSTERIOR_DEPTHS, colour=MODEL)
    draw_gaussian(
        left,
        q.mean,
        q.covariance,
        colour=APPROXIMATION,
        name="q: 1, 2 and 4 sd",
        deviations=(1, 2, 4),
    )
    if laplace is not None:
        draw_gaussian(
            left, *laplace, colour="white", name="Laplace: 2 sd", deviations=(2,), style="--"
        )
    draws = np.asarray(draws)
    draw_points(left, {"mode": (mode, MODEL), "20 draws": (draws[:20], APPROXIMATION)})
    left.legend(loc="upper left", fontsize=7)
    grid = np.linspace(-4.5, 4.5, 181)
    curves = _sigmoid(draws[:, :1] + draws[:, 1:] * grid)
    draw_functions(right, grid, curves[:20], colour=APPROXIMATION, name="draws from q")
    right.plot(grid, curves.mean(axis=0), "--", color="black", label="average over q")
    right.plot(
        grid, _sigmoid(mode[0] + mode[1] * grid), color=MODEL, linewidth=2, label="mode alone"
    )
    if exact is not None:
        right.plot(*exact, ":", color=TRUTH, linewidth=2.5, label="exact posterior")
    draw_data(right, x, y)
    label(right, x="x", y="P(y = 1)", title="class probability")
    right.legend(fontsize=8)
    return figure


def _sigmoid(logit: Any) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(logit, float)))
