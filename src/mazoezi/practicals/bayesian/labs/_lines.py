"""Lines by hand, ridge regression, and the landscape of all lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi import bayes
from mazoezi.course.lab import Lab, Slider, Toggle
from mazoezi.practicals.bayesian.figures._lines import (
    good_region,
    line_landscape,
    lines,
    tried_lines,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GOOD_ENOUGH = 3.0  # a plausible line has at most so many times the smallest misfit


class LinesByHand(Lab):
    """Collect plausible lines by moving bias and slope.

    Each visit's results hold the `misfit`, half the sum of squared errors over the points in view,
    and the smallest possible one, `least`.

    Args:
        x: inputs.
        y: targets.
        y_range: what the picture shows of y; points outside are neither seen nor counted.
    """

    title = "Lines by hand"
    controls = {
        "b": Slider(-5.0, 5.0, start=-1.9, step=0.01, label="bias b"),
        "w": Slider(-5.0, 5.0, start=-1.21, step=0.01, label="slope w"),
    }

    def __init__(self, x: Any, y: Any, y_range: tuple[float, float]):
        self.x, self.y, self.y_range = np.asarray(x), np.asarray(y), y_range
        self._seen = (self.y >= y_range[0]) & (self.y <= y_range[1])
        X = np.stack([np.ones_like(self.x), self.x], axis=1)[self._seen]
        best = np.linalg.lstsq(X, self.y[self._seen])[0]
        self._least = self._misfit(*best)
        super().__init__()

    def _misfit(self, b: float, w: float) -> float:
        errors = (self.y - b - w * self.x)[self._seen]
        return float(np.sum(errors**2) / 2)

    def measure(self, b: float, w: float) -> dict[str, Any]:
        return {"misfit": self._misfit(b, w), "least": self._least}

    @property
    def tried(self) -> list[tuple[float, float]]:
        """Every (b, w) that was tried; before the first, where the sliders stand."""
        visits = self.visited or [self.current]
        return [(visit.controls["b"], visit.controls["w"]) for visit in visits]

    @property
    def plausible(self) -> set[tuple[float, float]]:
        """The different lines whose misfit is small enough."""
        return {line for line in self.tried if self._misfit(*line) < GOOD_ENOUGH * self._least}

    def draw(self) -> Figure:
        return tried_lines(self.x, self.y, self.tried, self.y_range)

    def tell(self) -> str:
        misfit, limit = self.current.results["misfit"], GOOD_ENOUGH * self._least
        verdict = "plausible" if misfit < limit else "not good enough"
        return (
            f"b = {self.tried[-1][0]:g}, w = {self.tried[-1][1]:g}: the misfit is **{misfit:.3f}**, "
            f"{verdict} (below {limit:.3f} is asked).\n{len(self.plausible)} plausible lines so far."
        )


class RidgeLab(Lab):
    """Ridge regression with the penalty under your hand.

    Each visit's results hold `b` and `w`, and `slope_gap`, the distance of the slope to that of the
    line fitted without the outlier (the point with the lowest target) and without a penalty.
    """

    title = "Ridge regression"
    controls = {
        "alpha": Slider(0.0, 20.0, start=5.0, step=0.01, label="penalty α"),
        "penalise_bias": Toggle(True, label="penalise the bias"),
    }

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self._X = bayes.affine_basis(self.x)
        kept = np.arange(len(self.y)) != int(np.argmin(self.y))
        self.clean = np.asarray(bayes.ridge(self._X[kept], self.y[kept], 0.0))
        self.unpenalised = np.asarray(bayes.ridge(self._X, self.y, 0.0))
        super().__init__()

    def measure(self, alpha: float, penalise_bias: bool) -> dict[str, Any]:
        penalise = jnp.array([float(penalise_bias), 1.0])
        b, w = bayes.ridge(self._X, self.y, alpha, penalise).tolist()
        return {"b": b, "w": w, "slope_gap": abs(w - float(self.clean[1]))}

    def draw(self) -> Figure:
        now = (self.current.results["b"], self.current.results["w"])
        groups = {
            "_": [],  # by hand: none here
            "without a penalty": [self.unpenalised],
            "with the penalty": [now],
            "without the outlier": [self.clean],
        }
        return lines(self.x, self.y, groups)

    def tell(self) -> str:
        results = self.current.results
        return (
            f"With α = {self.current.controls['alpha']:g}: bias **{results['b']:.4f}**, slope "
            f"**{results['w']:.4f}**.\nWithout the outlier and without a penalty: bias "
            f"{self.clean[0]:.4f}, slope {self.clean[1]:.4f}."
        )


class LandscapeLab(Lab):
    """The negative regularised loss of all lines, with the region of nearly best ones.

    Each visit's results hold the optimum `b`, `w`, and the `area` of the region within 2 of the
    smallest loss.

    Args:
        x: inputs.
        y: targets.
        by_hand: lines (b, w) to mark.
    """

    title = "Loss landscape"
    controls = {"alpha": Slider(0.0, 20.0, start=4.18, step=0.01, label="penalty α")}

    def __init__(self, x: Any, y: Any, by_hand: Sequence[tuple[float, float]] = ()):
        self.x, self.y, self.by_hand = jnp.asarray(x), jnp.asarray(y), by_hand
        self._X = bayes.affine_basis(self.x)
        self._unpenalised = np.asarray(bayes.ridge(self._X, self.y, 0.0))
        super().__init__()

    def measure(self, alpha: float) -> dict[str, Any]:
        (b, w), area = _optimum_and_area(self._X, self.y, alpha)
        return {"b": float(b), "w": float(w), "area": float(area)}

    def draw(self) -> Figure:
        alpha, results = self.current.controls["alpha"], self.current.results
        optima = {
            "optimum": (results["b"], results["w"]),
            "optimum without penalty": self._unpenalised,
        }
        surface = line_landscape(self.x, self.y, alpha)
        return good_region(surface, optima, self.by_hand, f"α = {alpha:g}")

    def tell(self) -> str:
        results = self.current.results
        return (
            f"The optimum at α = {self.current.controls['alpha']:g} is b = {results['b']:.3f}, "
            f"w = {results['w']:.3f}. Lines within 2 of it fill an area of **{results['area']:.3f}**."
        )


@jax.jit
def _optimum_and_area(X: Any, y: Any, alpha: Any) -> Any:
    """Return the optimum, and the area of the ellipse in which the loss is within 2 of it."""
    curvature = X.T @ X + alpha * jnp.eye(2)
    area = 4 * jnp.pi / jnp.sqrt(jnp.linalg.det(curvature))
    return jnp.linalg.solve(curvature, X.T @ y), area
