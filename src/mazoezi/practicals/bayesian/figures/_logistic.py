"""Figures of logistic regression: landscapes, class probabilities, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import MODEL, OTHER, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import (
    APPROXIMATION,
    TICKS,
    Landscape,
    draw_contours,
    draw_data,
    draw_gaussian,
    draw_landscape,
    draw_points,
    landscape,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BIAS, SLOPE = (-8.0, 8.0), (-6.0, 10.0)  # the range of the landscape
INPUTS: Any = np.linspace(-4.0, 4.0, 161, dtype=np.float32)  # JAX is not started by an import
BELOW = tuple(k**2 / 2 for k in (1, 2, 3, 4))
"""Heights of contours: for a Gaussian these would be 1, 2, 3 and 4 standard deviations."""


def logistic(x: Any, y: Any, alpha: float, mode: Any) -> Figure:
    """The landscape with its mode, and the class probability that belongs to it."""
    figure, (left, right) = new_figure(2, width=11, height=4.2)
    draw_logistic_landscape(left, logistic_landscape(x, y, alpha))
    draw_points(left, {"mode": (mode, APPROXIMATION)})
    left.legend(fontsize=8, facecolor="lightgrey")
    draw_probabilities(right, x, y, {"at the mode": probability_at(mode)})
    return figure


def logistic_landscape(x: Any, y: Any, alpha: Any) -> Landscape:
    """The negative regularised loss over bias and slope."""
    return landscape(_loss, bayes.affine_basis(x), y, alpha, first=BIAS, second=SLOPE)


def _loss(w: Any, X: Any, y: Any, alpha: Any) -> Any:
    return bayes.logistic_loss(w, X, y, alpha)


def draw_logistic_landscape(axes: Axes, surface: Landscape) -> None:
    """Draw the landscape with contours of equal height."""
    draw_landscape(axes, surface)
    draw_contours(axes, surface, BELOW)
    axes.plot([], [], color="black", linewidth=1, label="equal height")


def probability_at(w: Any) -> Any:
    """Return the class probability over INPUTS for one weight vector."""
    return jax.nn.sigmoid(bayes.affine_basis(INPUTS) @ w)


def draw_probabilities(axes: Axes, x: Any, y: Any, curves: Mapping[str, Any]) -> None:
    """Draw labels and class probabilities over INPUTS, by name."""
    for colour, style, (name, curve) in zip(
        (MODEL, APPROXIMATION, TRUTH), ("-", "--", ":"), curves.items(), strict=False
    ):
        axes.plot(INPUTS, np.asarray(curve), style, color=colour, linewidth=2, label=name)
    draw_data(axes, x, y, "labels")
    axes.set(xlim=(-4, 4), ylim=(-0.05, 1.05))
    axes.locator_params(nbins=TICKS)
    axes.legend(fontsize=8, loc="upper left")
    label(axes, x="input x", y="probability of label 1")


def logistic_approximations(
    x: Any, y: Any, alpha: float, gaussians: Mapping[str, tuple[Any, Any]]
) -> Figure:
    """The exact posterior's contours of equal height, and those of Gaussians by name."""
    figure, axes = new_figure(width=6.5, height=5)
    draw_logistic_landscape(axes, logistic_landscape(x, y, alpha))
    for colour, (name, (mean, covariance)) in zip(
        (MODEL, APPROXIMATION), gaussians.items(), strict=False
    ):
        draw_gaussian(axes, mean, covariance, colour=colour, name=name, deviations=(1, 2, 3, 4))
    axes.set(xlim=(-4, 4), ylim=(-2, 6))
    axes.legend(fontsize=8, facecolor="lightgrey")
    return figure


def reliability(predictions: Mapping[str, Any], labels: Any, bins: int = 10) -> Figure:
    """Share of ones against the mean predicted probability, bin by bin."""
    figure, axes = new_figure(width=5.5, height=4.5)
    axes.plot([0, 1], [0, 1], color=TRUTH, label="calibrated")
    labels = np.asarray(labels)
    for colour, marker, (name, p) in zip((MODEL, OTHER), "os", predictions.items(), strict=False):
        p = np.asarray(p)
        which = np.minimum((p * bins).astype(int), bins - 1)
        filled = [k for k in range(bins) if np.any(which == k)]
        means = [p[which == k].mean() for k in filled]
        shares = [labels[which == k].mean() for k in filled]
        axes.plot(means, shares, marker + "-", color=colour, label=name)
    axes.legend(fontsize=9)
    axes.set(aspect="equal")
    label(axes, x="predicted probability", y="share of label 1")
    return figure
