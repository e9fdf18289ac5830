"""Flexible functions: random Fourier features, their evidence, and its maximum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import MODEL, label, new_figure
from mazoezi.course.lab import Choice, Integer, Lab, LogSlider, Question
from mazoezi.practicals.bayesian.figures._functions import (
    ALPHAS,
    INPUTS,
    SCALES,
    draw_evidence,
    fourier_fit,
    limit_evidence,
    limit_prediction,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEATURES = 500
FRAME = 100  # steps between two frames of the ascent
SMALL, MIDDLE, LARGE = "below a tenth", "a tenth to a half", "above a half"


class FourierLab(Lab):
    """Bayesian regression on 500 random Fourier features.

    Each visit's results hold the standard deviation `sd` of the function at `where`, and its
    `share` of the prior's in words. A hand that looks at a new place must predict that first.
    """

    title = "Fourier basis laboratory"
    controls = {
        "scale": LogSlider(*SCALES, start=0.75, label="scale of the frequencies σₛ"),
        "alpha": LogSlider(*ALPHAS, start=0.002, label="precision of the prior α"),
        "where": Choice((0.0, 2.3, 7.0), start=0.0, label="look at x ="),
    }
    question = Question(
        "how large is the standard deviation of the function there, compared with the prior's?",
        options=(SMALL, MIDDLE, LARGE),
        result="share",
    )

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        super().__init__()

    def asks(self, controls: Mapping[str, Any]) -> bool:
        seen = [visit.controls["where"] for visit in (*self.visited, self.current)]
        return controls["where"] not in seen

    def measure(self, scale: float, alpha: float, where: float) -> dict[str, Any]:
        prediction, at, functions = _fourier(self.x, self.y, scale, alpha, where)
        sd, prior = float(at.sd_f[0]), alpha**-0.5
        share = SMALL if sd < prior / 10 else MIDDLE if sd < prior / 2 else LARGE
        return {"sd": sd, "share": share, "prediction": prediction, "functions": functions}

    def draw(self) -> Figure:
        results = self.current.results
        figure, axes = new_figure()
        fourier_fit(
            axes, self.x, self.y, results["prediction"], results["functions"],
            self.current.controls["where"],
        )  # fmt: skip
        return figure

    def tell(self) -> str:
        controls, results = self.current
        return (
            f"At x = {controls['where']:g} the standard deviation of the function is "
            f"**{results['sd']:.2f}**. That of the prior is {controls['alpha'] ** -0.5:.2f}: it is "
            f"{results['share']} of that."
        )


@jax.jit
def _fourier(x: Any, y: Any, scale: Any, alpha: Any, where: Any) -> Any:
    """Return predictions over INPUTS and at `where`, and ten functions from the posterior.

    The examples are few and the features many, so all is done with matrices between examples. A
    draw of the posterior is a draw of the prior, corrected by what it predicts wrongly for the
    data (Matheron's rule: Wilson et al., Efficiently sampling functions, 2020, equation 9).
    """
    basis = bayes.fourier_basis(jr.key(0), FEATURES, scale)

    def kernel(a: Any, b: Any) -> Any:
        return basis(a) @ basis(b).T / alpha

    weight_key, noise_key = jr.split(jr.key(1))
    weights = jr.normal(weight_key, (10, FEATURES)) / jnp.sqrt(alpha)
    noise = jr.normal(noise_key, (10, len(y)))
    errors = y - weights @ basis(x).T - noise  # [functions, examples]
    corrections = jnp.linalg.solve(kernel(x, x) + jnp.eye(len(y)), errors.T)
    functions = weights @ basis(INPUTS).T + (kernel(INPUTS, x) @ corrections).T
    at = bayes.gp_predict(jnp.asarray(where)[None], x, y, kernel)
    return bayes.gp_predict(INPUTS, x, y, kernel), at, functions


class EvidenceLab(Lab):
    """The log evidence of infinitely many Fourier features, and its two parts.

    Each visit's results hold `log_evidence`, and its parts `fit` and `volume`.
    """

    title = "Evidence"
    controls = {
        "scale": LogSlider(*SCALES, start=2.0, label="scale of the frequencies σₛ"),
        "alpha": LogSlider(*ALPHAS, start=0.001, label="precision of the prior α"),
    }

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        super().__init__()

    def measure(self, scale: float, alpha: float) -> dict[str, Any]:
        evidence, fit = _parts(self.x, self.y, scale, alpha)
        constant = len(self.y) / 2 * np.log(2 * np.pi)
        return {
            "log_evidence": float(evidence),
            "fit": float(fit),
            "volume": float(evidence - fit) + constant,
        }

    def draw(self) -> Figure:
        figure, (left, right) = new_figure(2, width=11, height=4.2)
        visits = self.visited or [self.current]
        tried = [(visit.controls["scale"], visit.controls["alpha"]) for visit in visits]
        draw_evidence(left, self.x, self.y, tried)
        prediction = limit_prediction(self.x, self.y, **self.current.controls)
        fourier_fit(right, self.x, self.y, prediction, np.empty((0, len(INPUTS))), None)
        return figure

    def tell(self) -> str:
        results = self.current.results
        return (
            f"The log evidence is **{results['log_evidence']:.2f}**: fit {results['fit']:.2f}, volume "
            f"{results['volume']:.2f}, and a constant."
        )


@jax.jit
def _parts(x: Any, y: Any, scale: Any, alpha: Any) -> Any:
    """Return the log evidence, and its fit: minus half of y^T (K + I)^-1 y."""
    K = bayes.squared_exponential(x, x, scale, alpha)
    fit = -y @ jnp.linalg.solve(K + jnp.eye(len(y)), y) / 2
    return limit_evidence(x, y, scale, alpha), fit


class EvidenceAscentLab(Lab):
    """Frames of a climb of the evidence: the fit, and the evidence so far.

    Each visit's results hold the `log_evidence` before that step.

    Args:
        x: inputs.
        y: targets.
        climb: what `bayes.maximise_evidence` returned, over {"scale", "alpha"}.
        key: key of the Fourier basis that was used.
        features: its number of features.
    """

    title = "Climbing the evidence"
    controls = {"step": Integer(0, 0, start=0)}

    def __init__(self, x: Any, y: Any, climb: bayes.EvidenceFit, *, key: Any, features: int = 300):
        self.x, self.y, self.climb, self.key = jnp.asarray(x), jnp.asarray(y), climb, key
        self.features = features
        self.values = np.asarray(climb.path_log_evidence)
        last = len(self.values) - 1
        self.controls = {"step": Integer(0, last, start=0, step=FRAME)}
        super().__init__()

    def measure(self, step: int) -> dict[str, Any]:
        settings = {name: float(jnp.exp(path[step])) for name, path in self.climb.path.items()}
        return {"log_evidence": float(self.values[step]), **settings}

    def draw(self) -> Figure:
        figure, (left, right) = new_figure(2, width=11, height=4.2)
        step, results = self.current.controls["step"], self.current.results
        prediction = _fixed_basis(
            self.x, self.y, results["scale"], results["alpha"], self.key, self.features
        )
        fourier_fit(left, self.x, self.y, prediction, np.empty((0, len(INPUTS))), None)
        left.set_title(f"σₛ = {results['scale']:.2f}, α = {results['alpha']:.4f}")
        right.plot(self.values, color=MODEL)
        right.plot(step, self.values[step], "o", color="black")
        label(right, x="step", y="log evidence (nats)")
        return figure

    def tell(self) -> str:
        results = self.current.results
        return (
            f"After {self.current.controls['step']} steps: σₛ = {results['scale']:.3f}, "
            f"α = {results['alpha']:.4f}, log evidence **{results['log_evidence']:.2f}**."
        )


def _fixed_basis(x: Any, y: Any, scale: float, alpha: float, key: Any, features: int) -> Any:
    basis = bayes.fourier_basis(key, features, scale)
    return bayes.gp_predict(INPUTS, x, y, lambda a, b: basis(a) @ basis(b).T / alpha)
