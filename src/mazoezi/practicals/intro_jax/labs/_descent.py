"""Gradient descent on the houses, with its rate, start, scaling and clipping under your hands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course.drawing import MODEL, new_figure
from mazoezi.course.lab import Choice, Integer, Lab, LogSlider, Question, Slider, Toggle
from mazoezi.practicals.intro_jax.figures import (
    draw_clipping,
    draw_loss_contours,
    draw_losses,
)
from mazoezi.regression import (
    clip_elements,
    clip_norm,
    gradient_descent,
    half_mean_squared_error,
    least_squares,
    max_stable_rate,
    standardise,
    unstandardise,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_STEPS = 2000
CLIPPINGS = ("none", "element-wise", "global norm")

CONVERGED = "converged"
CRAWLING = "crawling along the valley"
CHATTERING = "chattering at the clip threshold"
DIVERGING = "diverging"


class GradientDescentLab(Lab):
    """Watch gradient descent converge, crawl, chatter or diverge.

    Each visit's results hold the `loss` at the end, the `phenomenon` in a word, `b` and `w` in raw
    units, the `losses` at every step, and the largest `stable_rate` without clipping. A hand that
    turns to another scaling or clipping for the first time must predict the phenomenon.

    Args:
        x: sizes, in square metres.
        y: prices, in 100 000 TND.
        loss: the loss that is minimised, of (parameters {"b", "w"}, x, y).
    """

    title = "Gradient descent laboratory"
    controls = {
        "standardised": Toggle(True, label="standardise the input"),
        "rate": LogSlider(1e-6, 3.0, start=0.1, label="learning rate η"),
        "b": Slider(-5.0, 5.0, start=0.0, step=0.5, label="start at b"),
        "w": Slider(-2.0, 2.0, start=-0.05, step=0.05, label="start at w"),
        "clipping": Choice(CLIPPINGS, start="none"),
        "threshold": LogSlider(0.1, 1000.0, start=1.0, label="clip threshold"),
        "steps": Integer(1, MOST_STEPS, start=200),
    }

    question = Question(
        "what will the descent do at these settings?",
        options=(CONVERGED, CRAWLING, CHATTERING, DIVERGING),
        result="phenomenon",
    )

    def __init__(self, x: Any, y: Any, *, loss: Callable[..., Any] = half_mean_squared_error):
        self.x, self.y, self.loss = jnp.asarray(x), jnp.asarray(y), loss
        self.z, self.standardisation = standardise(self.x)
        self._losses_at = {flag: self._loss_at(flag) for flag in (True, False)}
        self._optima = {flag: self._optimum(flag) for flag in (True, False)}
        super().__init__()

    def asks(self, controls: Mapping[str, Any]) -> bool:
        seen = [_kind(visit.controls) for visit in (*self.visited, self.current)]
        return _kind(controls) not in seen

    def _inputs(self, standardised: bool) -> jax.Array:
        return self.z if standardised else self.x

    def _loss_at(self, standardised: bool) -> Callable[[Any, Any], Any]:
        inputs = self._inputs(standardised)
        return lambda b, w: self.loss({"b": b, "w": w}, inputs, self.y)

    def _optimum(self, standardised: bool) -> dict[str, float]:
        inputs = self._inputs(standardised)
        b, w = least_squares(jnp.stack([jnp.ones_like(inputs), inputs], 1), self.y)
        return {"b": float(b), "w": float(w)}

    def measure(
        self, standardised: bool, rate: float, b: float, w: float, clipping: str,
        threshold: float, steps: int,
    ) -> dict[str, Any]:  # fmt: skip
        inputs = self._inputs(standardised)
        path, gradient, clipped = _descend(
            self.loss, clipping, {"b": float(b), "w": float(w)}, inputs, self.y, rate, threshold
        )
        losses = np.asarray(path.loss, float)[: steps + 1]
        points = np.stack([path.params["b"], path.params["w"]], 1).astype(float)[: steps + 1]
        end = {"b": jnp.asarray(points[-1, 0]), "w": jnp.asarray(points[-1, 1])}
        raw = unstandardise(end, self.standardisation) if standardised else end
        smallest = float(self.loss(self._optima[standardised], inputs, self.y))
        return {
            "loss": float(losses[-1]),
            "smallest_loss": smallest,
            "phenomenon": phenomenon(losses, smallest),
            "b": float(raw["b"]),
            "w": float(raw["w"]),
            "stable_rate": float(max_stable_rate(inputs)),
            "losses": losses,
            "path": points,
            "gradient": (float(gradient["b"]), float(gradient["w"])),
            "clipped": {name: (float(one["b"]), float(one["w"])) for name, one in clipped.items()},
        }

    def draw(self) -> Figure:
        settings, results = self.current
        clips = settings["clipping"] != "none"
        figure, panels = new_figure(3 if clips else 2, width=11 if clips else 10)
        self._draw_path(panels[0])
        draw_losses(panels[1], {"loss": results["losses"]}, optimum=results["smallest_loss"])
        panels[1].set_title(results["phenomenon"])
        if clips:
            draw_clipping(
                panels[2], results["gradient"], results["clipped"]["element-wise"],
                results["clipped"]["global norm"],
            )  # fmt: skip
        panels[1].minorticks_off()  # they cost more time than everything else
        return figure

    def _draw_path(self, axes: Any) -> None:
        standardised = self.current.controls["standardised"]
        optimum = self._optima[standardised]
        points = self.current.results["path"]
        finite = points[np.isfinite(points).all(1) & (np.abs(points) < 1e4).all(1)]
        corners = np.concatenate([finite[:400], [[optimum["b"], optimum["w"]]]])
        low, high = corners.min(0), corners.max(0)
        pad = 0.2 * (high - low) + np.array([0.5, 0.5 if standardised else 0.01])
        spans = list(zip(low - pad, high + pad, strict=True))
        draw_loss_contours(
            axes, self._losses_at[standardised],
            b=spans[0], w=spans[1], optimum=(optimum["b"], optimum["w"]),
        )  # fmt: skip
        axes.plot(*finite.T, "-", color=MODEL, linewidth=0.6, alpha=0.5)
        axes.plot(*finite.T, ".", color=MODEL, markersize=3, label="path")
        axes.plot(*finite[0], "o", color="black", label="start")
        axes.set(xlim=spans[0], ylim=spans[1], xlabel="b")
        axes.set_ylabel("w per standard deviation" if standardised else "w per m²")
        axes.legend(fontsize=8, loc="upper right")

    def tell(self) -> str:
        settings, results = self.current
        loss = results["loss"]
        end = f"loss **{loss:.4g}**" if np.isfinite(loss) else "a loss that is no number any more"
        return (
            f"After {settings['steps']} steps with η = {settings['rate']:.3g}: {end} "
            f"(smallest possible {results['smallest_loss']:.4f}). What it did: "
            f"**{results['phenomenon']}**."
            f"\nWithout clipping the curvature allows η up to {results['stable_rate']:.3g}."
        )


def _kind(controls: Mapping[str, Any]) -> tuple[bool, str]:
    return controls["standardised"], controls["clipping"]


@partial(jax.jit, static_argnums=(0, 1))
def _descend(
    loss: Callable[..., Any], clipping: str, start: Any, x: Any, y: Any, rate: Any, threshold: Any
) -> Any:
    """Return the longest path, and the first gradient with its two clipped versions."""
    objective = partial(_loss_of_data, loss, x, y)
    clips = {"element-wise": clip_elements(threshold), "global norm": clip_norm(threshold)}
    path = gradient_descent(objective, start, rate=rate, steps=MOST_STEPS, clip=clips.get(clipping))
    gradient = jax.grad(objective)(start)
    return path, gradient, {name: clip(gradient) for name, clip in clips.items()}


def _loss_of_data(loss: Callable[..., Any], x: Any, y: Any, params: Any) -> Any:
    return loss(params, x, y)


def phenomenon(losses: np.ndarray, smallest: float) -> str:
    """Name what a sequence of losses does, against the smallest possible one."""
    last = losses[-1]
    if not np.isfinite(losses).all() or last > max(10 * losses[0], 1e6 * smallest):
        return DIVERGING
    if last <= 1.002 * smallest + 1e-6:
        return CONVERGED
    if len(losses) > 4 and _alternates(losses[-5:]):
        return CHATTERING
    return DIVERGING if len(losses) > 2 and last > losses[0] else CRAWLING


def _alternates(tail: np.ndarray) -> bool:
    """Say whether the last losses jump between two values, or very nearly so."""
    jump = np.abs(np.diff(tail)).min()
    return bool(jump > 0.01 * tail.max() and np.abs(tail[2:] - tail[:-2]).max() < 0.1 * jump)
