"""Small networks: start q where you like, and see where it ends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.course.lab import Choice, Lab, Question, Slider
from mazoezi.practicals.bayesian.figures._landscape import landscape
from mazoezi.practicals.bayesian.figures._networks import functions_and_truth, way_of_q

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FREE_STARTS = 3  # after so many different starts a hand has to predict
RELU_ALPHA = 0.1
RELU_INPUTS: Any = np.linspace(-3.0, 3.0, 61, dtype=np.float32)  # JAX is not started by an import
RELU_STARTS = {
    "flat then up": (1.0, 0.5, 1.0, -1.0),
    "up then flat": (-1.0, 0.5, -1.0, 1.0),
    "straight line": (1.0, 3.0, 1.0, -3.0),
    "dead unit": (0.0, -1.0, 0.0, 0.0),
}
"""Weights (w0, b0, w1, b1) of each shape of `bayes.RELU_MODES`."""
NOTHING = "nothing"


class TwoWeightLab(Lab):
    """Variational inference on the two-weight network, from a start of your choice.

    Each visit's results hold `end`, one of `bayes.TWO_WEIGHT_MODES`, the `elbo` there, and the
    `snapshots` of q on its way. After three different starts a hand must predict where it ends.
    """

    title = "Starts of the two-weight network"
    controls = {
        "w0": Slider(-3.0, 3.0, start=0.5, step=0.1, label="mean of w₀ at the start"),
        "w1": Slider(-3.0, 3.0, start=2.5, step=0.1, label="mean of w₁ at the start"),
        "sd": Choice((0.1, 0.5, 1.0), start=0.5, label="standard deviation at the start"),
    }
    question = Question(
        "where will q end?", options=bayes.TWO_WEIGHT_MODES, result="end"
    )  # fmt: skip

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self.surface = landscape(
            _two_weight_loss, self.x, self.y, first=(-4.0, 4.0), second=(-4.0, 4.0)
        )
        self.log_evidence = float(_two_weight_evidence(self.x, self.y))
        super().__init__()

    @property
    def starts(self) -> set[tuple[float, float]]:
        """Every (w0, w1) from which a fit was begun."""
        return {(visit.controls["w0"], visit.controls["w1"]) for visit in self.visited}

    def asks(self, controls: Mapping[str, Any]) -> bool:
        start = (controls["w0"], controls["w1"])
        return len(self.starts) >= FREE_STARTS and start not in self.starts

    def measure(self, w0: float, w1: float, sd: float) -> dict[str, Any]:
        snapshots, end, elbo = _fit_two_weights(self.x, self.y, jnp.array([w0, w1]), sd)
        return {
            "end": bayes.TWO_WEIGHT_MODES[int(end)],
            "elbo": float(elbo),
            "snapshots": snapshots,
        }

    def draw(self) -> Figure:
        ends = [(*start, end) for start, end in self._ends().items()]
        return way_of_q(self.surface, self.current.results["snapshots"], ends)

    def _ends(self) -> dict[tuple[float, float], str]:
        return {
            (visit.controls["w0"], visit.controls["w1"]): visit.results["end"]
            for visit in self.visited
        }

    def tell(self) -> str:
        controls, results = self.current
        return (
            f"From ({controls['w0']:g}, {controls['w1']:g}) with a standard deviation of "
            f"{controls['sd']:g} q ends **{results['end']}**. Its ELBO is {results['elbo']:.2f}, the "
            f"log evidence {self.log_evidence:.2f}.\n{len(self.starts)} different starts so far."
        )


def _two_weight_loss(w: Any, x: Any, y: Any) -> Any:
    return bayes.network_loss(bayes.two_weight_network, w, x, y, 1.0)


@jax.jit
def _two_weight_evidence(x: Any, y: Any) -> Any:
    def log_joint(w: Any) -> Any:
        return bayes.network_log_joint(bayes.two_weight_network, w, x, y, 1.0)

    return bayes.grid_posterior(log_joint, [(-6.0, 6.0), (-6.0, 6.0)], 241).log_evidence


@jax.jit
def _fit_two_weights(x: Any, y: Any, mean: Any, sd: Any) -> Any:
    """Return q on its way, the place of its end in `bayes.TWO_WEIGHT_MODES`, and the ELBO there."""
    elbo, precise = (_elbo(bayes.two_weight_network, 1.0, samples) for samples in (100, 10_000))
    start = bayes.gaussian_at(mean, sd)
    fit = bayes.fit_variational(elbo, start, jr.key(0), x, y, steps=6000, snapshots=20)
    return fit.snapshots, bayes.two_weight_mode(fit.q.mean), precise(fit.q, jr.key(1), x, y)


def _elbo(network: Any, alpha: float, samples: int) -> Any:
    def log_likelihood(mean: Any, y: Any) -> Any:
        return jax.scipy.stats.norm.logpdf(y, mean)

    return bayes.make_elbo(network, alpha, log_likelihood, samples)


class ReluLab(Lab):
    """Variational inference on the ReLU network from starts of a known shape; two fits combined.

    Each visit's results hold the shapes `end` and `second_end` in which the fits end, their ELBOs
    `elbo` and `second_elbo`, and the `rmse`: how far the mean function, of the first fit or of
    both together, is from that of the exact posterior at x = -3, -2, ..., 3.
    """

    title = "Starts of the ReLU network"
    controls = {
        "start": Choice(bayes.RELU_MODES, start="flat then up", label="start from"),
        "second": Choice((NOTHING, *bayes.RELU_MODES), start=NOTHING, label="combine with"),
        "share": Slider(0.0, 1.0, start=0.9, step=0.01, label="weight of the first fit"),
    }

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y)
        self._data = tuple(self.x.tolist()), tuple(self.y.tolist())
        self.truth = _relu_truth(*self._data)
        super().__init__()

    def measure(self, start: str, second: str, share: float) -> dict[str, Any]:
        first = _relu_fit(*self._data, start)
        other, weight = (
            (first, 1.0) if second == NOTHING else (_relu_fit(*self._data, second), share)
        )
        means, sds = (jnp.stack([first[name], other[name]]) for name in ("mean", "sd"))
        mean, sd = bayes.mixture_predict(means, sds**2, jnp.array([weight, 1 - weight]))
        counts = (round(20 * weight), 20 - round(20 * weight))
        functions = [fit["functions"][:n] for fit, n in zip((first, other), counts, strict=True)]
        return {
            "end": first["end"],
            "elbo": first["elbo"],
            "second_end": other["end"],
            "second_elbo": other["elbo"],
            "rmse": float(np.sqrt(np.mean((mean - self.truth[0])[::10] ** 2))),
            "prediction": (mean, sd, np.concatenate(functions)),
        }

    def draw(self) -> Figure:
        controls, results = self.current
        title = f"from {controls['start']}"
        if controls["second"] != NOTHING:
            title += f" (weight {controls['share']:.2f}) and {controls['second']}"
        fits = {title: results["prediction"]}
        return functions_and_truth(self.x, self.y, RELU_INPUTS, fits, self.truth)

    def tell(self) -> str:
        controls, results = self.current
        told = (
            f"The fit from *{controls['start']}* ends as *{results['end']}*, with ELBO "
            f"{results['elbo']:.3f}."
        )
        if controls["second"] != NOTHING:
            told += (
                f" The one from *{controls['second']}* ends as *{results['second_end']}*, with ELBO "
                f"{results['second_elbo']:.3f}. They count {controls['share']:.2f} and "
                f"{1 - controls['share']:.2f}."
            )
        return f"{told}\nThe mean function is **{results['rmse']:.2f}** from the exact one (RMSE)."


@lru_cache
def _relu_truth(x: tuple[float, ...], y: tuple[float, ...]) -> tuple[Any, Any]:
    """Return mean and standard deviation of the exact posterior's functions at RELU_INPUTS."""
    inputs, targets = jnp.array(x), jnp.array(y)

    def log_likelihood(w: Any) -> Any:
        return bayes.network_log_likelihood(bayes.relu_network, w, inputs, targets)

    truth = bayes.importance_posterior(
        log_likelihood,
        _relu_prior,
        jr.key(0),
        500_000,
        lambda w: bayes.relu_network(RELU_INPUTS, w),
    )
    return truth.mean, truth.sd


@lru_cache  # there are four starts, and the share is moved often
def _relu_fit(x: tuple[float, ...], y: tuple[float, ...], shape: str) -> dict[str, Any]:
    """Return where a fit from a shape ends, its ELBO, and its functions with their mean and sd."""
    inputs, targets = jnp.array(x), jnp.array(y)
    q, elbo, functions = _fit_relu(inputs, targets, jnp.array(RELU_STARTS[shape]))
    end = bayes.RELU_MODES[int(bayes.relu_mode(q.mean, inputs))]
    mean, sd = jnp.mean(functions, axis=0), jnp.std(functions, axis=0)
    return {"end": end, "elbo": float(elbo), "mean": mean, "sd": sd, "functions": functions}


def _relu_prior(key: Any, count: int) -> Any:
    return jr.normal(key, (count, 4)) / jnp.sqrt(RELU_ALPHA)


@jax.jit
def _fit_relu(x: Any, y: Any, mean: Any) -> Any:
    """Return q, its ELBO, and functions that are drawn from it, [draws, points]."""
    elbo, precise = (_elbo(bayes.relu_network, RELU_ALPHA, samples) for samples in (100, 20_000))
    start = bayes.gaussian_at(mean, 0.3)
    q = bayes.fit_variational(elbo, start, jr.key(0), x, y, steps=3000, rate=2e-3).q
    draws = bayes.sample(q, jr.key(1), 4000)
    functions = jax.vmap(lambda w: bayes.relu_network(RELU_INPUTS, w))(draws)
    return q, precise(q, jr.key(2), x, y), functions
