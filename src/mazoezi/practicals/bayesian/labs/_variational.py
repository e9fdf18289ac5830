"""Variational inference on a classifier, fitted anew at each move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import MODEL, label, new_figure
from mazoezi.course.lab import Choice, Lab, LogSlider, compiled
from mazoezi.practicals.bayesian.figures._landscape import (
    APPROXIMATION,
    draw_contours,
    draw_data,
    draw_gaussian,
    draw_landscape,
    landscape,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AS_THEY_ARE, FLIPPED = "as they are", "the label at 0.8 flipped"
STEPS, DRAWS, RATE = 2000, 100, 5e-3
INPUTS: Any = np.linspace(-6.0, 6.0, 121, dtype=np.float32)  # JAX is not started by an import
POINTS, REACH = 121, 6.0  # the grid: points along each weight, out to so many sd of the prior
STYLES = {
    "exact posterior": ("black", "-"),
    "average over q": (APPROXIMATION, "--"),
    "mode alone": (MODEL, "-"),
}


class VariationalLab(Lab):
    """The best Gaussian and Laplace's, beside the exact posterior of a logistic curve.

    Each visit's results hold the `log_evidence`, the divergences `kl_vi` and `kl_laplace` from the
    posterior, the fitted `q`, and the probability of label 1 at x = 6 in three ways.
    """

    title = "Variational inference, live"
    controls = {
        "alpha": LogSlider(0.05, 20.0, start=0.75, label="prior precision α"),
        "labels": Choice((AS_THEY_ARE, FLIPPED), start=AS_THEY_ARE, label="labels"),
    }

    def __init__(self, x: Any, y: Any):
        self.x, self.y = jnp.asarray(x), jnp.asarray(y, jnp.float32)
        self._X = bayes.affine_basis(self.x)
        nearest = int(jnp.argmin(jnp.abs(self.x - 0.8)))
        self._labels = {AS_THEY_ARE: self.y, FLIPPED: self.y.at[nearest].set(1 - self.y[nearest])}
        super().__init__()

    def measure(self, alpha: float, labels: str) -> dict[str, Any]:
        found = jax.device_get(_fit(self._X, self._labels[labels], np.float32(alpha)))
        curves = found["curves"]
        return {
            "log_evidence": float(found["log_evidence"]),
            "kl_vi": float(found["log_evidence"] - found["elbo_of_q"]),
            "kl_laplace": float(found["log_evidence"] - found["elbo_of_laplace"]),
            "exact": float(curves["exact posterior"][-1]),
            "by_vi": float(curves["average over q"][-1]),
            "at_mode": float(curves["mode alone"][-1]),
            "q": found["q"],
            "laplace": found["laplace"],
            "curves": curves,
        }

    def draw(self) -> Figure:
        controls, results = self.current
        data = self._X, self._labels[controls["labels"]], np.float32(controls["alpha"])
        figure, (left, right) = new_figure(2, width=11.0, height=4.4)
        _draw_weights(left, data, results["q"], results["laplace"])
        for name, (colour, style) in STYLES.items():
            right.plot(
                INPUTS, results["curves"][name], style, color=colour, linewidth=2, label=name
            )
        draw_data(right, self.x, data[1], "labels")
        right.legend(fontsize=8, loc="upper left")
        label(right, x="input x", y="probability of label 1", title="predictions")
        return figure

    def tell(self) -> str:
        results = self.current.results
        return (
            f"KL(q‖posterior) is **{results['kl_vi']:.4f}** for the variational Gaussian and "
            f"{results['kl_laplace']:.4f} for Laplace's. Probability of label 1 at x = 6: "
            f"{results['at_mode']:.4f} by the mode, {results['by_vi']:.4f} averaged over q, "
            f"{results['exact']:.4f} exactly."
        )


def _draw_weights(axes: Axes, data: Any, q: bayes.Gaussian, laplace: bayes.Gaussian) -> None:
    sds = np.sqrt(np.maximum(np.diag(q.covariance), np.diag(laplace.covariance)))
    first, second = (_around(float(m), 4.5 * float(sd)) for m, sd in zip(q.mean, sds, strict=True))
    surface = landscape(bayes.logistic_loss, *data, first=first, second=second, points=120)
    draw_landscape(axes, surface, depth=20.0, colour_bar=False, title="weights")
    axes.set_aspect("auto")
    draw_contours(axes, surface, (0.5, 2.0, 4.5))
    axes.plot([], [], color="black", linewidth=1, label="posterior, equal height")
    draw_gaussian(axes, *laplace, name="Laplace: 1 to 3 sd", deviations=(1, 2, 3))
    draw_gaussian(axes, *q, colour=APPROXIMATION, name="q: 1 to 3 sd", deviations=(1, 2, 3))
    axes.legend(fontsize=8, facecolor="lightgrey", loc="upper left")


def _around(middle: float, reach: float) -> tuple[float, float]:
    """Return an interval that holds middle ± reach, and jumps seldom while those move."""
    width = 2.0 ** np.ceil(np.log2(8 / 3 * reach))
    low = np.round((middle - width / 2) / (width / 4)) * width / 4  # off by an eighth at most
    return float(low), float(low + width)


def _line(X: Any, w: Any) -> Any:
    return X @ w


def _probabilities(w: Any) -> Any:
    return jax.nn.sigmoid(bayes.affine_basis(INPUTS) @ w)


@compiled
def _fit(X: Any, y: Any, alpha: Any) -> dict[str, Any]:
    """Return q, Laplace's Gaussian, the ELBO of each, the log evidence, and curves in three ways."""
    near = bayes.laplace(bayes.logistic_loss, jnp.zeros(2), X, y, alpha)
    laplace = bayes.gaussian_from_covariance(near.mode, near.covariance)
    elbo = bayes.make_elbo(_line, alpha, bayes.bernoulli_log_likelihood, DRAWS)
    start = bayes.gaussian_at(jnp.zeros(2))
    q = bayes.fit_variational(elbo, start, jr.key(0), X, y, steps=STEPS, rate=RATE).q
    logit, sd, _ = bayes.predict(bayes.affine_basis(INPUTS), q.mean, q.covariance)
    reach = REACH / jnp.sqrt(alpha)
    ranges = [(-reach, reach)] * 2
    truth = bayes.grid_posterior(bayes.logistic_log_joint, ranges, POINTS, X, y, alpha)
    return {
        "q": bayes.Gaussian(q.mean, q.covariance),
        "laplace": near.gaussian,
        "elbo_of_q": bayes.logistic_elbo(q, X, y, alpha),
        "elbo_of_laplace": bayes.logistic_elbo(laplace, X, y, alpha),
        "log_evidence": truth.log_evidence,
        "curves": {
            "exact posterior": truth.expectation(_probabilities),
            "average over q": bayes.class_probability(logit, sd),
            "mode alone": _probabilities(near.mode),
        },
    }
