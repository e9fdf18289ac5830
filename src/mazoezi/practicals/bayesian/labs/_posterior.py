"""Prior and posterior of a line, and of a logistic curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import new_figure
from mazoezi.course.lab import Lab, LogSlider, Slider, compiled
from mazoezi.practicals.bayesian.figures._landscape import draw_gaussian, draw_points
from mazoezi.practicals.bayesian.figures._lines import line_landscape
from mazoezi.practicals.bayesian.figures._logistic import (
    APPROXIMATION,
    INPUTS,
    draw_logistic_landscape,
    draw_probabilities,
    logistic_landscape,
    probability_at,
)
from mazoezi.practicals.bayesian.figures._posterior import prior_and_posterior

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class PriorPosteriorLab(Lab):
    """Prior and posterior of a line on the landscape of its loss.

    Each visit's results hold the `distance` of the two means, the 2-sd radii `prior_radius` and
    `posterior_radius`, and whether those circles `touch`. For data whose X^T X is a multiple of
    the identity; otherwise the posterior is no circle, and its longest radius is taken.
    """

    title = "Prior and posterior"
    controls = {"alpha": Slider(0.01, 20.0, start=3.0, step=0.01, label="precision of the prior α")}

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self._X = bayes.affine_basis(self.x)
        super().__init__()

    def measure(self, alpha: float) -> dict[str, Any]:
        after = bayes.posterior(self._X, self.y, alpha)
        radius = 2 * float(np.sqrt(np.linalg.eigvalsh(np.asarray(after.covariance)).max()))
        distance, prior_radius = float(np.linalg.norm(after.mean)), 2 / float(np.sqrt(alpha))
        return {
            "distance": distance,
            "prior_radius": prior_radius,
            "posterior_radius": radius,
            "touch": bool(distance <= prior_radius + radius),
            "posterior": after,
        }

    def draw(self) -> Figure:
        alpha = self.current.controls["alpha"]
        prior = bayes.Gaussian(jnp.zeros(2), jnp.eye(2) / alpha)
        surface = line_landscape(self.x, self.y, alpha)
        return prior_and_posterior(
            surface, prior, self.current.results["posterior"], f"α = {alpha:g}"
        )

    def tell(self) -> str:
        results = self.current.results
        verdict = "**touch**" if results["touch"] else "**do not touch**"
        return (
            f"At α = {self.current.controls['alpha']:g} the means are {results['distance']:.3f} "
            f"apart. The radii at 2 sd are {results['prior_radius']:.3f} (prior) and "
            f"{results['posterior_radius']:.3f} (posterior): these circles {verdict}."
        )


class LogisticLab(Lab):
    """The posterior of logistic regression, exact and by Laplace, for any strength of the prior.

    Each visit's results hold the `mode`, Laplace's `covariance`, the exact mean slope `mean_slope`,
    and the probability of label 1 at x = 4 in three ways: `at_mode`, `by_laplace`, `exact`.
    """

    title = "Logistic regression"
    controls = {"alpha": LogSlider(0.01, 10.0, start=0.75, label="precision of the prior α")}

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        super().__init__()

    def measure(self, alpha: float) -> dict[str, Any]:
        mode, covariance, mean, by_laplace, exact = _fit(self.x, self.y, alpha)
        curves = {"at the mode": probability_at(mode), "Laplace": by_laplace, "exact": exact}
        return {
            "mode": np.asarray(mode),
            "covariance": np.asarray(covariance),
            "mean_slope": float(mean[1]),
            "at_mode": float(curves["at the mode"][-1]),
            "by_laplace": float(by_laplace[-1]),
            "exact": float(exact[-1]),
            "curves": curves,
        }

    def draw(self) -> Figure:
        results, alpha = self.current.results, self.current.controls["alpha"]
        figure, (left, right) = new_figure(2, width=11, height=4.2)
        draw_logistic_landscape(left, logistic_landscape(self.x, self.y, alpha))
        draw_gaussian(
            left, results["mode"], results["covariance"], name="Laplace", deviations=(1, 2)
        )
        draw_points(left, {"mode": (results["mode"], APPROXIMATION)})
        left.legend(fontsize=8, facecolor="lightgrey", loc="upper left")
        draw_probabilities(right, self.x, self.y, results["curves"])
        return figure

    def tell(self) -> str:
        results = self.current.results
        return (
            f"Slope at the mode {results['mode'][1]:.2f}, on average {results['mean_slope']:.2f}. "
            f"Probability of label 1 at x = 4: {results['at_mode']:.4f} at the mode, "
            f"{results['by_laplace']:.4f} by Laplace, **{results['exact']:.4f}** exactly."
        )


_BIASES, _SLOPES = (np.linspace(-4.5, 4.5, points, dtype=np.float32) for points in (81, 161))
"""Weights over which the exact posterior is summed, in standard deviations of the prior."""


@compiled
def _fit(x: Any, y: Any, alpha: Any) -> Any:
    """Return mode, Laplace's covariance, the exact mean, and both averaged probabilities."""
    X = bayes.affine_basis(x)

    def loss(w: Any) -> Any:
        return bayes.logistic_loss(w, X, y, alpha)

    near = bayes.laplace(loss, jnp.zeros(2))
    logit, sd, _ = bayes.predict(bayes.affine_basis(INPUTS), near.mode, near.covariance)
    grid = jnp.stack(jnp.meshgrid(_BIASES, _SLOPES), -1).reshape(-1, 2) / jnp.sqrt(alpha)
    mass = jax.nn.softmax(-jax.vmap(loss)(grid))
    exact = mass @ jax.nn.sigmoid(grid @ bayes.affine_basis(INPUTS).T)
    return near.mode, near.covariance, mass @ grid, bayes.class_probability(logit, sd), exact
