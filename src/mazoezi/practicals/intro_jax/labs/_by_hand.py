"""Fit a line to the houses by moving two sliders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from mazoezi._errors import ArgumentError
from mazoezi.course.lab import Integer, Lab, Slider
from mazoezi.practicals.intro_jax.figures import tried_lines
from mazoezi.regression import half_mean_squared_error, least_squares

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GOOD_ENOUGH = 0.25  # a loss that the coarse sliders can reach: their best is 0.187


class FitByHand(Lab):
    """Search for the line w x + b of the smallest loss, by hand.

    Each visit's results hold the `loss` at its `b` and `w`.

    Args:
        x: sizes, in square metres.
        y: prices, in 100 000 TND.
        loss: the loss that is shown, of (parameters {"b", "w"}, x, y).
        fine: whether the sliders move in small steps; the second stage.
    """

    title = "Fit a line by hand"
    controls = {
        "b": Integer(-5, 5, start=3, label="intercept b"),
        "w": Slider(-0.05, 0.05, start=-0.03, step=0.01, label="slope w"),
    }

    def __init__(
        self,
        x: Any,
        y: Any,
        *,
        loss: Callable[..., Any] = half_mean_squared_error,
        fine: bool = False,
    ):
        self.x, self.y, self._loss, self.fine = jnp.asarray(x), jnp.asarray(y), loss, fine
        if fine:
            self.controls = {
                "b": Slider(-5.0, 5.0, start=0.0, step=0.05, label="intercept b"),
                "w": Slider(-0.05, 0.05, start=0.02, step=0.0005, label="slope w"),
            }
        super().__init__()

    def measure(self, b: float, w: float) -> dict[str, Any]:
        loss = self._loss({"b": float(b), "w": float(w)}, self.x, self.y)
        if jnp.shape(loss) != ():
            found = f"a function that returns an array of shape {jnp.shape(loss)}"
            raise ArgumentError("loss", found, "one that returns a single number")
        return {"loss": float(loss)}

    @property
    def way(self) -> list[tuple[float, float]]:
        """Every (b, w) that was shown, the start first."""
        start = {name: control.start for name, control in self.controls.items()}
        settings = [start, *(visit.controls for visit in self.visited)]
        return [(setting["b"], setting["w"]) for setting in settings]

    def draw(self) -> Figure:
        return tried_lines(self.x, self.y, self.way)

    def tell(self) -> str:
        loss, (b, w) = self.current.results["loss"], self.way[-1]
        here = f"The loss at b = {b:g}, w = {w:g} is **{loss:.4g}**."
        if loss > GOOD_ENOUGH:
            return f"{here} Bring it down to {GOOD_ENOUGH} or less."
        best = least_squares(jnp.stack([jnp.ones_like(self.x), self.x], 1), self.y)
        least = float(half_mean_squared_error({"b": best[0], "w": best[1]}, self.x, self.y))
        optimum = (
            f"The best of all lines has b = {best[0]:.4f}, w = {best[1]:.5f} and loss {least:.4f}."
        )
        if self.fine:
            return f"{here}\n{optimum}"
        return (
            f"{here} Well done.\n{optimum} Steps of 1 in b and 0.01 in w cannot reach it: on their "
            "grid the best is b = 0, w = 0.02. For finer steps pass `fine=True`."
        )
