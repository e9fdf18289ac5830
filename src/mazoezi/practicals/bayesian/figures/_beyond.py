"""Figures of wrong models: a likelihood with heavy tails, and conformal intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import CYCLE, MODEL, OTHER, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import draw_band, draw_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def robust_fits(
    x: Any, y: Any, means: Mapping[str, Any], without: Any, student: Callable[..., Any]
) -> Figure:
    """Posterior mean lines under several likelihoods, and two log-densities of a residual."""
    figure, (left, right) = new_figure(2, width=10, height=3.8)
    across = np.array([np.min(x) - 0.5, np.max(x) + 0.5])
    colours = dict(zip(means, (MODEL, OTHER), strict=False))
    for style, (name, (b, w)) in zip(("-", "--"), means.items(), strict=False):
        left.plot(across, b + w * across, style, color=colours[name], label=name)
    left.plot(across, without[0] + without[1] * across, ":", color=TRUTH, linewidth=2.5,
              label="without the outlier")  # fmt: skip
    draw_data(left, x, y)
    left.legend(fontsize=8)
    label(left, x="input x", y="target y", title="posterior mean lines")
    residuals = jnp.linspace(-8.0, 8.0, 200)
    densities = {
        "Gaussian": -(residuals**2) / 2 - jnp.log(2 * jnp.pi) / 2,
        "Student's t": student(residuals, 3.0, 0.5),
    }
    for style, (name, values) in zip(("-", "--"), densities.items(), strict=True):
        right.plot(residuals, values, style, color=colours.get(name, CYCLE[0]), label=name)
    right.legend(fontsize=8)
    label(right, x="residual y − f(x)", y="log density", title="what a residual costs")
    return figure


def conformal(x: Any, y: Any, mu: Any, Sigma: Any, *, noise_var: float, factor: float) -> Figure:
    """A line's own 90 % band, and the conformal one around the same line."""
    figure, axes = new_figure()
    inputs = jnp.linspace(-2.0, 2.0, 100)
    mean, _, sd = bayes.predict(bayes.affine_basis(inputs), mu, Sigma, noise_var)
    draw_band(axes, inputs, mean, factor * sd, colour=OTHER, name="conformal, 90 %", line=False)
    draw_band(axes, inputs, mean, 1.645 * sd, name="the model's own, 90 %")
    draw_data(axes, x, y, "new observations")
    axes.set(ylim=(-6, 6))
    axes.legend(fontsize=9, loc="upper left")
    label(axes, x="input x", y="target y")
    return figure
