"""Figures of flexible functions: Fourier features, their limit, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import CYCLE, DATA, FAINT, MODEL, OTHER, THIRD, TRUTH, label, new_figure
from mazoezi.practicals.bayesian.figures._landscape import (
    TICKS,
    draw_band,
    draw_data,
    draw_functions,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INPUTS: Any = np.linspace(-4.0, 7.0, 221, dtype=np.float32)  # JAX is not started by an import
SCALES, ALPHAS = (0.05, 4.0), (1e-4, 1.0)  # what the sliders of the labs reach


def basis_functions(basis: bayes.FourierBasis, count: int) -> Figure:
    """Some features of a basis, and some functions drawn from the prior over all of them."""
    figure, (left, right) = new_figure(2, width=9.5, height=3.4)
    features = basis(INPUTS)  # [inputs, features]
    for colour, feature in zip(CYCLE, features.T[:count], strict=False):
        left.plot(INPUTS, feature, color=colour)
    label(left, x="input x", y="feature", title=f"{count} of {features.shape[1]} features")
    weights = jr.normal(jr.key(0), (count, features.shape[1]))
    draw_functions(right, INPUTS, weights @ features.T)
    label(right, x="input x", y="f(x) times √α", title=f"{count} functions from the prior")
    return figure


def fourier_fit(
    axes: Axes, x: Any, y: Any, prediction: bayes.Prediction, functions: Any, where: float | None
) -> None:
    """Draw data, mean and band over INPUTS, and functions from the posterior."""
    draw_functions(axes, INPUTS, functions, colour=FAINT, name="sampled functions")
    draw_band(axes, INPUTS, prediction.mean, prediction.sd_f)
    draw_data(axes, x, y)
    if where is not None:
        axes.axvline(where, color="black", linewidth=0.8, linestyle="--")
    axes.set(xlim=(-4, 7), ylim=(-15, 30))
    axes.legend(fontsize=8, loc="lower left", ncols=3)
    axes.locator_params(nbins=TICKS)
    label(axes, x="input x", y="target y")


def sd_along_x(x: Any, y: Any, scales: Sequence[float], alpha: float) -> Figure:
    """The standard deviation of the function along x, for several scales of the frequencies."""
    figure, axes = new_figure(height=3.6)
    for colour, scale in zip((MODEL, OTHER, THIRD), scales, strict=False):
        sd = limit_prediction(x, y, scale, alpha).sd_f
        axes.plot(INPUTS, sd, color=colour, label=f"σₛ = {scale:g}")
    axes.axhline(alpha**-0.5, color=FAINT, linestyle="--", label="prior, 1/√α")
    axes.plot(np.asarray(x), np.zeros(len(x)), "o", color=DATA, clip_on=False, label="inputs")
    axes.set(xlim=(-4, 7), ylim=(0, None))
    axes.legend(fontsize=8)
    label(axes, x="input x", y="sd of f")
    return figure


def limit_prediction(x: Any, y: Any, scale: float, alpha: float) -> bayes.Prediction:
    """Predict over INPUTS with infinitely many Fourier features."""
    return bayes.Prediction(*_limit_prediction(x, y, scale, alpha))


@jax.jit
def _limit_prediction(x: Any, y: Any, scale: Any, alpha: Any) -> Any:
    return bayes.gp_predict(
        INPUTS, x, y, lambda a, b: bayes.squared_exponential(a, b, scale, alpha)
    )


def kernel_convergence(scale: float, features: Sequence[int], seed: int) -> Figure:
    """Prior covariance of f(0) and f(x), for more and more features, and its limit."""
    figure, panels = new_figure(len(features), width=10.5, height=3, squeeze=False, sharey=True)
    zero, across = jnp.zeros(1), jnp.linspace(-6.0, 6.0, 121)
    limit = bayes.squared_exponential(across, zero, scale, 1.0)[:, 0]
    for axes, count in zip(panels[0], features, strict=True):
        for key in jr.split(jr.key(seed), 5):
            basis = bayes.fourier_basis(key, count, scale)
            axes.plot(across, basis(across) @ basis(zero)[0], color=MODEL, linewidth=0.8)
        axes.plot(across, limit, "--", color=FAINT, linewidth=2.5, label="limit")
        label(axes, x="distance of the inputs", y="", title=f"D = {count}, 5 bases")
    panels[0, 0].set_ylabel("covariance times α")
    panels[0, 0].legend(fontsize=8)
    return figure


def evidence_curve(Phi: Any, y: Any, alphas: Any, curve: Any) -> Figure:
    """The log evidence against alpha, with its maximum and its two parts."""
    figure, axes = new_figure(height=3.8)
    fits = np.array([float(best_fit(Phi, y, float(alpha))) for alpha in alphas])
    constant = len(y) / 2 * np.log(2 * np.pi)
    curve, alphas = np.asarray(curve), np.asarray(alphas)
    axes.plot(alphas, fits, "--", color=DATA, label="fit of the best weights")
    axes.plot(alphas, curve - fits + constant, ":", color=OTHER, label="volume")
    axes.plot(alphas, curve, color=MODEL, label="log evidence")
    best = int(np.argmax(curve))
    axes.plot(alphas[best], curve[best], "o", color=TRUTH, markersize=8,
              label=f"best: {curve[best]:.3f} at α = {alphas[best]:.3f}")  # fmt: skip
    axes.set_xscale("log")
    axes.legend(fontsize=8)
    label(axes, x="precision of the prior α (log scale)", y="log evidence and its parts (nats)")
    return figure


@jax.jit
def best_fit(Phi: Any, y: Any, alpha: Any) -> Any:
    """Return the fit part of the log evidence: minus the smallest regularised loss."""
    return -bayes.regularised_loss(Phi, y, bayes.ridge(Phi, y, alpha), alpha)


def evidence_curves(alphas: Any, curves: Mapping[str, Any]) -> Figure:
    """The log evidence of several models against alpha."""
    figure, axes = new_figure(height=3.6)
    for colour, style, (name, curve) in zip(
        (MODEL, DATA, OTHER), "-- ", curves.items(), strict=False
    ):
        axes.plot(alphas, curve, style, color=colour, label=name)
    axes.set_xscale("log")
    axes.set_ylim(-150, -10)
    axes.legend(fontsize=9)
    label(axes, x="precision of the prior α (log scale)", y="log evidence (nats)")
    return figure


def evidence_landscape(x: Any, y: Any, visited: Sequence[tuple[float, float]]) -> Figure:
    """Contours of the log evidence over both settings, with what was tried."""
    figure, axes = new_figure(width=6.5, height=4.5)
    draw_evidence(axes, x, y, visited)
    return figure


def draw_evidence(axes: Axes, x: Any, y: Any, visited: Sequence[tuple[float, float]]) -> None:
    """Draw contours of the log evidence of infinitely many features, and a path of settings."""
    scales, alphas, values = _evidence_grid(
        tuple(np.asarray(x).tolist()), tuple(np.asarray(y).tolist())
    )
    axes.set(xscale="log", yscale="log", xlim=SCALES, ylim=ALPHAS)
    top = values.max()
    levels = [-60, -45, -35, -30, -26, -24.8]
    drawn = axes.contour(scales, alphas, values, levels=[level for level in levels if level < top],
                         colors=FAINT, linewidths=0.9, linestyles="solid")  # fmt: skip
    axes.clabel(drawn, fontsize=7)
    if len(visited):
        tried = np.asarray(visited, float)
        axes.plot(*tried.T, ".-", color=MODEL, linewidth=0.8, label="tried")
        axes.plot(*tried[-1], "o", color=MODEL, markeredgecolor="black", label="now")
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    axes.plot(scales[column], alphas[row], "*", color=TRUTH, markersize=12, label="best")
    # few and plainly named ticks: minor ones, and powers of ten, cost half of the drawing
    for ticks, put in (
        ([0.05, 0.1, 0.2, 0.5, 1, 2, 4], axes.set_xticks),
        ([0.0001, 0.001, 0.01, 0.1, 1], axes.set_yticks),
    ):
        put(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.legend(fontsize=8, loc="upper right")
    label(axes, x="scale of the frequencies σₛ (log scale)", y="precision of the prior α (log scale)",
          title="log evidence")  # fmt: skip


@cache
def _evidence_grid(x: tuple, y: tuple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    scales, alphas = np.geomspace(*SCALES, 70), np.geomspace(*ALPHAS, 70)
    inputs, targets = jnp.asarray(x), jnp.asarray(y)

    def evidence(scale: Any, alpha: Any) -> Any:
        return limit_evidence(inputs, targets, scale, alpha)

    over_scales = jax.vmap(evidence, (0, None))
    grid = jax.jit(jax.vmap(over_scales, (None, 0)))(jnp.asarray(scales), jnp.asarray(alphas))
    return scales, alphas, np.asarray(grid)  # [alphas, scales]


@jax.jit
def limit_evidence(x: Any, y: Any, scale: Any, alpha: Any) -> Any:
    """Return the log evidence of infinitely many Fourier features."""
    return bayes.gp_log_evidence(bayes.squared_exponential(x, x, scale, alpha), y)
