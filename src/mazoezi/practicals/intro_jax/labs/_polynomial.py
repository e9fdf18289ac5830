"""Fit polynomials of any degree to the wave, and watch four errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from numpy.polynomial.legendre import legvander

from mazoezi.course.drawing import THIRD, new_figure
from mazoezi.course.lab import Choice, Integer, Lab, Question, Toggle
from mazoezi.datasets import wave
from mazoezi.practicals.intro_jax.figures import draw_errors_by_degree, draw_wave

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HIGHEST = 20
NOISE = 0.1
EXACT, DESCENT = "exact least squares", "gradient descent"
ALIKE, LARGER, MUCH_LARGER = "about as large", "2 to 10 times as large", "over 10 times as large"


class PolynomialLab(Lab):
    """Choose a polynomial, and a way to fit it, for 25 noisy observations of a wave.

    Each visit's results hold root mean squared errors: `train`, `held_out` (new points in the same
    range), `outside` (new points on [-1.3, -1]) and `cross_validation` (5 folds, exact solver);
    and `best_degree`, the one with the smallest cross-validation error for this draw of the noise.
    A hand that looks outside for the first time must predict how large the error is there.
    """

    title = "Polynomial laboratory"
    controls = {
        "degree": Integer(1, HIGHEST, start=3),
        "basis": Choice(("monomial", "Legendre"), start="monomial"),
        "solver": Choice((EXACT, DESCENT), start=DESCENT),
        "steps": Integer(1000, 5000, start=1500, step=500, label="gradient steps"),
        "rate": Choice((0.2, 0.1, 0.01), start=0.1, label="learning rate"),
        "penalty": Choice(
            (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0), start=0.0, label="ridge λ"
        ),
        "seed": Integer(0, 20, start=0, label="draw of the noise"),
        "outside": Toggle(False, label="show x < -1"),
    }

    question = Question(
        "how large is the error on [-1.3, -1], against that on new points in the same range?",
        options=(ALIKE, LARGER, MUCH_LARGER),
        result="outside_is",
    )

    def asks(self, controls: Mapping[str, Any]) -> bool:
        looked = any(visit.controls["outside"] for visit in (*self.visited, self.current))
        return controls["outside"] and not looked

    def measure(
        self, degree: int, basis: str, solver: str, steps: int, rate: float, penalty: float,
        seed: int, outside: bool,
    ) -> dict[str, Any]:  # fmt: skip
        data = draw_data(seed)
        settings = (basis, solver, steps, rate, penalty, seed)
        weights = fit(degree, *settings)
        curves = errors_of_all_degrees(*settings)
        best = int(np.argmin(curves["cross_validation"])) + 1
        errors = {name: float(values[degree - 1]) for name, values in curves.items()}
        return {
            **errors,
            "outside_is": _compared(errors["outside"], errors["held_out"]),
            "best_degree": best,
            "weights": weights,
            "data": data,
            "curves": curves,
        }

    def draw(self) -> Figure:
        settings, results = self.current
        figure, (left, right) = new_figure(2, width=11)
        low = -1.3 if settings["outside"] else -1.0
        across = np.linspace(low, 1, 300)
        fitted = features(across, settings["degree"], settings["basis"]) @ results["weights"]
        x, y = results["data"]["train"]
        draw_wave(left, x, y, {f"degree {settings['degree']}": (across, fitted)}, low=low)
        if settings["outside"]:
            left.plot(*results["data"]["outside"], "o", color=THIRD, label="outside", markersize=4)
        left.set_title(settings["solver"])
        curves = results["curves"]
        shown = {
            "train": curves["train"],
            "new points, same range": curves["held_out"],
            "5-fold cross-validation": curves["cross_validation"],
        }
        if settings["outside"]:
            shown["new points, outside"] = curves["outside"]
        degrees = np.arange(1, HIGHEST + 1)
        draw_errors_by_degree(right, degrees, shown, noise=NOISE, now=settings["degree"])
        right.set_ylim(1e-2, 1e3)
        right.minorticks_off()  # they cost more time than everything else
        return figure

    def tell(self) -> str:
        settings, results = self.current
        what = f"Degree {settings['degree']}, {settings['solver']}"
        if not np.isfinite(results["train"]):
            return f"{what}: it **diverged**. This learning rate is too large for this basis."
        sentence = (
            f"{what}: train RMSE **{results['train']:.3f}**, new points in the same range "
            f"**{results['held_out']:.3f}** (noise {NOISE}). Cross-validation by exact least "
            f"squares: {results['cross_validation']:.3f}."
        )
        if settings["outside"]:
            sentence += f" To the left of the data: **{results['outside']:.3g}**."
        if settings["solver"] == DESCENT:
            exact = self._exact_train_error()
            sentence += f" Exact least squares of this degree has train RMSE {exact:.3f}."
        return sentence

    def _exact_train_error(self) -> float:
        settings = self.current.controls
        same = (settings["degree"], settings["basis"])
        return fit_errors(*same, EXACT, 0, 0.0, settings["penalty"], settings["seed"])["train"]


def _compared(outside: float, inside: float) -> str:
    """Return an error in words, against another one; what diverged is larger than anything."""
    if not outside < 10 * inside:
        return MUCH_LARGER
    return LARGER if outside > 2 * inside else ALIKE


@lru_cache(maxsize=64)
def draw_data(seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the draw's observations, and new ones in the same range and to the left of it."""
    train, held_out, outside = jr.split(jr.key(seed), 3)
    sets = {
        "train": wave(key=train),
        "held_out": wave(key=held_out, n=200),
        "outside": wave(key=outside, n=20, low=-1.3, high=-1.0),
    }
    return {
        name: (np.asarray(one.x, np.float64), np.asarray(one.y, np.float64))
        for name, one in sets.items()
    }


def features(x: np.ndarray, degree: int, basis: str) -> np.ndarray:
    """Return the design matrix in double precision, from the highest degree down to the constant."""
    if basis == "monomial":
        return np.vander(x, degree + 1)
    return (legvander(x, degree) * np.sqrt(2 * np.arange(degree + 1) + 1))[:, ::-1]


@lru_cache(maxsize=4096)
def fit(
    degree: int, basis: str, solver: str, steps: int, rate: float, penalty: float, seed: int
) -> np.ndarray:
    """Return the weights of one fit to a draw's observations."""
    x, y = draw_data(seed)["train"]
    X = features(x, degree, basis)
    return _exact(X, y, penalty) if solver == EXACT else _descended(X, y, penalty, rate, steps)


def _exact(X: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """Minimise mean((y - X w)²) + penalty · |w|², as least squares with extra rows."""
    rows = np.sqrt(len(y) * penalty) * np.eye(X.shape[1])
    stacked = np.concatenate([X, rows]), np.concatenate([y, np.zeros(X.shape[1])])
    return np.linalg.lstsq(*stacked)[0]


def _descended(X: np.ndarray, y: np.ndarray, penalty: float, rate: float, steps: int) -> np.ndarray:
    """Descend on the mean squared error from zero weights; one program serves every degree."""
    padded = np.zeros((len(y), HIGHEST + 1))
    padded[:, : X.shape[1]] = X
    weights = _descend(jnp.asarray(padded), jnp.asarray(y), penalty, rate, steps)
    return np.asarray(weights, np.float64)[: X.shape[1]]


@jax.jit
def _descend(X: Any, y: Any, penalty: Any, rate: Any, steps: Any) -> Any:
    def loss(weights: Any) -> Any:
        return jnp.mean((y - X @ weights) ** 2) + penalty * jnp.sum(weights**2)

    def step(_: Any, weights: Any) -> Any:
        return weights - rate * jax.grad(loss)(weights)

    return jax.lax.fori_loop(0, steps, step, jnp.zeros(X.shape[1]))


@lru_cache(maxsize=4096)
def fit_errors(
    degree: int, basis: str, solver: str, steps: int, rate: float, penalty: float, seed: int
) -> dict[str, float]:
    """Return the root mean squared errors of one fit."""
    weights = fit(degree, basis, solver, steps, rate, penalty, seed)
    errors = {
        name: float(np.sqrt(np.mean((features(x, degree, basis) @ weights - y) ** 2)))
        for name, (x, y) in draw_data(seed).items()
    }
    return {**errors, "cross_validation": _cross_validation(degree, basis, penalty, seed)}


@lru_cache(maxsize=4096)
def _cross_validation(degree: int, basis: str, penalty: float, seed: int) -> float:
    """Return the error on folds that were left out, each observation once."""
    x, y = draw_data(seed)["train"]
    X, folds = features(x, degree, basis), np.random.default_rng(seed).permutation(len(y)) % 5
    squares = [
        (X[folds == fold] @ _exact(X[folds != fold], y[folds != fold], penalty) - y[folds == fold])
        ** 2
        for fold in range(5)
    ]
    return float(np.sqrt(np.mean(np.concatenate(squares))))


def errors_of_all_degrees(
    basis: str, solver: str, steps: int, rate: float, penalty: float, seed: int
) -> dict[str, np.ndarray]:
    """Return each error for the degrees 1 to 20."""
    every = [
        fit_errors(degree, basis, solver, steps, rate, penalty, seed)
        for degree in range(1, HIGHEST + 1)
    ]
    return {name: np.array([one[name] for one in every]) for name in every[0]}
