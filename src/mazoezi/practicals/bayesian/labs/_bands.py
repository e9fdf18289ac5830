"""Predictions with error bars: in closed form, and from samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.course.lab import Integer, Lab, Slider, Toggle
from mazoezi.practicals.bayesian.figures._lines import line_landscape
from mazoezi.practicals.bayesian.figures._posterior import monte_carlo, predictive_band

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ALPHA = 3.0  # of the Monte-Carlo lab
MOST_SAMPLES = 2000


def _inputs(x: Any) -> Any:
    return jnp.linspace(jnp.min(x) - 1, jnp.max(x) + 1, 201)


class PredictiveLab(Lab):
    """The mean line and its band, of the function or of a new observation.

    Each visit's results hold the `prediction` over `lab.inputs`, and `sd_f_at_0` and `sd_y_at_0`.
    """

    title = "Predictive band"
    controls = {
        "alpha": Slider(0.01, 20.0, start=3.0, step=0.01, label="precision of the prior α"),
        "new_observation": Toggle(False, label="new observation"),
    }

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self.inputs = _inputs(self.x)
        super().__init__()

    def measure(self, alpha: float, new_observation: bool) -> dict[str, Any]:
        prediction, at_zero = _predict(self.x, self.y, self.inputs, alpha)
        return {
            "sd_f_at_0": float(at_zero.sd_f[0]),
            "sd_y_at_0": float(at_zero.sd_y[0]),
            "prediction": prediction,
        }

    def draw(self) -> Figure:
        noise = self.current.controls["new_observation"]
        return predictive_band(
            self.x, self.y, self.current.results["prediction"], self.inputs, noise
        )

    def tell(self) -> str:
        results = self.current.results
        return (
            f"At x = 0 the standard deviation of the function is **{results['sd_f_at_0']:.4f}**, "
            f"that of a new observation {results['sd_y_at_0']:.4f}."
        )


@jax.jit
def _predict(x: Any, y: Any, inputs: Any, alpha: Any) -> Any:
    after = bayes.posterior(bayes.affine_basis(x), y, alpha)
    everywhere = bayes.predict(bayes.affine_basis(inputs), *after)
    return everywhere, bayes.predict(bayes.affine_basis(jnp.zeros(1)), *after)


class MonteCarloLab(Lab):
    """Estimate a band from K samples of the posterior, beside the exact one.

    Each visit's results hold the sampled `weights`, the mean over x of estimated over exact sd
    (`sd_ratio`), and the largest relative error of the sd, `worst`.
    """

    title = "Predictions by sampling"
    controls = {
        "samples": Integer(2, MOST_SAMPLES, start=10, label="samples K"),
        "seed": Integer(0, 20, start=0, label="seed"),
    }

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self.inputs = _inputs(self.x)
        self._posterior = bayes.posterior(bayes.affine_basis(self.x), self.y, ALPHA)
        self._exact, _ = _predict(self.x, self.y, self.inputs, ALPHA)
        super().__init__()

    def measure(self, samples: int, seed: int) -> dict[str, Any]:
        drawn = _draw(self._posterior, jr.key(seed))  # one program for every K
        weights = np.asarray(drawn)[:samples]
        functions = weights @ np.asarray(bayes.affine_basis(self.inputs)).T
        ratio = functions.std(axis=0) / np.asarray(self._exact.sd_f)
        return {
            "sd_ratio": float(ratio.mean()),
            "worst": float(np.abs(ratio - 1).max()),
            "weights": weights,
        }

    def draw(self) -> Figure:
        surface = line_landscape(self.x, self.y, ALPHA)
        weights = self.current.results["weights"]
        data = (self.x, self.y)
        return monte_carlo(surface, data, self._posterior, weights, self.inputs, self._exact)

    def tell(self) -> str:
        results = self.current.results
        return (
            f"K = {self.current.controls['samples']}: the estimated sd is on average "
            f"**{results['sd_ratio']:.3f}** of the exact one, and off by up to {results['worst']:.0%}."
        )


@jax.jit
def _draw(posterior: bayes.Gaussian, key: Any) -> Any:
    return bayes.sample_gaussian(posterior, key, MOST_SAMPLES)
