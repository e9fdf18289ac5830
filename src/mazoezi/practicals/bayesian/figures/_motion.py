"""q on its way: moving pictures, with a still one for pages and readers that want none."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from mazoezi import bayes
from mazoezi.course.drawing import describe, drawn, image, new_figure, png
from mazoezi.practicals.bayesian.figures._landscape import (
    APPROXIMATION,
    DEVIATIONS_BELOW,
    Landscape,
    draw_contours,
    draw_gaussian,
    draw_landscape,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, repr=False)
class MovingPicture:
    """A GIF, and a still figure that tells the same story.

    A notebook shows the GIF, unless the reader's system asks for reduced motion; a page that takes
    no HTML shows the still figure.
    """

    gif: bytes
    still: Figure

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        words = describe(self.still)
        moving = f"data:image/gif;base64,{base64.b64encode(self.gif).decode()}"
        quiet = f"data:image/png;base64,{base64.b64encode(png(self.still)).decode()}"
        html = (
            f'<picture><source media="(prefers-reduced-motion: reduce)" srcset="{quiet}">'
            f'<img src="{moving}" alt="Animation. {words}"></picture>'
        )
        return {"text/html": html, "image/png": base64.b64encode(png(self.still)).decode(),
                "text/plain": words}  # fmt: skip


def q_on_its_way(
    surface: Landscape,
    snapshots: bayes.VariationalGaussian,
    steps: Sequence[int],
    *,
    names: tuple[str, str] = ("bias b", "slope w"),
    depth: float = 30.0,
) -> MovingPicture:
    """Animate q (blue) on the landscape of the posterior that it is fitted to (black contours).

    Args:
        surface: the landscape.
        snapshots: q at several steps, with a first axis.
        steps: the steps' numbers.
        names: names of the two weights.
        depth: how far below the best point colours still differ.
    """
    still = _still(surface, snapshots, steps, names, depth)
    figure, axes = new_figure(width=5.6, height=4.6)
    draw_landscape(axes, surface, names=names, depth=depth)
    draw_contours(axes, surface, DEVIATIONS_BELOW)
    frames, standing = [], len(axes.lines)
    for place in range(len(steps)):
        for line in list(axes.lines)[standing:]:
            line.remove()
        _draw_q(axes, snapshots, place)
        axes.set_title(f"q after {steps[place]} steps")
        frames.append(image(drawn(figure)).quantize(160))
    return MovingPicture(_gif(frames), still)


def _draw_q(axes: Axes, snapshots: bayes.VariationalGaussian, place: int) -> None:
    means = np.asarray(snapshots.mean)
    covariance = jax.tree.map(lambda leaf: leaf[place], snapshots).covariance
    axes.plot(*means[: place + 1].T, color="white", linewidth=1, label="way of the mean")
    axes.plot(*means[place], "o", color=APPROXIMATION, markeredgecolor="black", label="mean of q")
    draw_gaussian(
        axes,
        means[place],
        covariance,
        colour=APPROXIMATION,
        name="q: 1 and 2 sd",
        deviations=(1, 2),
    )


def _still(
    surface: Landscape,
    snapshots: bayes.VariationalGaussian,
    steps: Sequence[int],
    names: tuple[str, str],
    depth: float,
) -> Figure:
    places = np.unique(np.linspace(0, len(steps) - 1, 4).astype(int))
    figure, panels = new_figure(len(places), width=13.0, height=3.6, sharey=True)
    for axes, place in zip(np.atleast_1d(panels), places, strict=True):
        draw_landscape(axes, surface, names=names, depth=depth, colour_bar=False)
        draw_contours(axes, surface, DEVIATIONS_BELOW)
        _draw_q(axes, snapshots, int(place))
        axes.set_title(f"q after {steps[place]} steps")
    return figure


def _gif(frames: list[Any], milliseconds: int = 120, pause: int = 1500) -> bytes:
    """Join frames; the last one stays for a while."""
    buffer = io.BytesIO()
    durations = [milliseconds] * (len(frames) - 1) + [pause]
    frames[0].save(
        buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0
    )
    return buffer.getvalue()
