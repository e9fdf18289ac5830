"""Pictures before and after they were made smaller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mazoezi.course.drawing import DATA, FAINT, MODEL, TRUTH, label, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def shades(pictures: Mapping[str, Any]) -> Figure:
    """Pictures side by side, each with its shape and its mean.

    Args:
        pictures: by name; arrays of shape (H, W) or (H, W, 3), with values from 0 to 255. One scale
            serves them all: 0 is black, 255 is white.
    """
    arrays = {name: np.asarray(picture, float) for name, picture in pictures.items()}
    steepest = max(values.shape[0] / values.shape[1] for values in arrays.values())
    figure, panels = new_figure(
        len(arrays), width=3.0 * len(arrays), height=0.9 + 2.6 * steepest, squeeze=False
    )
    for axes, (name, values) in zip(panels[0], arrays.items(), strict=True):
        axes.imshow(values / 255, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.set(xticks=[], yticks=[], xlabel="column", ylabel="row")
        axes.set_title(f"{name}\n{values.shape}, mean {values.mean():.4g}", fontsize=10)
    return figure


def grey(luminance: Any) -> np.ndarray:
    """Return the values, 0 to 255, that a screen shows with this luminance, from 0 to 1.

    Source: IEC 61966-2-1 (sRGB), the encoding curve.
    """
    light = np.asarray(luminance, float)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def kept_pixels(row: Any, n: int) -> Figure:
    """A row of pixels, those that a step of n keeps, and the mean of each block of n.

    Args:
        row: values from 0 to 255, of shape (W,), with W divisible by n.
        n: the step, and the length of a block.
    """
    row = np.asarray(row, float)
    figure, axes = new_figure(height=2.8)
    columns = np.arange(len(row))
    axes.bar(columns, row, width=0.9, color=FAINT, alpha=0.35, label="pixels")
    axes.plot(
        columns[::n], row[::n], "o", color=MODEL, markersize=8, label=f"kept by a step of {n}"
    )
    starts = columns[::n]
    means = row.reshape(-1, n).mean(axis=1)
    axes.hlines(
        means, starts - 0.45, starts + n - 0.55, color=DATA, linewidth=3, label="block means"
    )
    axes.axhline(row.mean(), color=TRUTH, linestyle=":", label=f"mean of all, {row.mean():.4g}")
    label(axes, x="column", y="value (0 to 255)", title=f"A step of {n}")
    axes.set_ylim(-8, 280)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=9)
    return figure


def budget(steps: Any, pixels: Any, most: int) -> Figure:
    """How many pixels each step leaves, and the line of the most that are allowed."""
    figure, axes = new_figure(width=6.0, height=3.5)
    axes.semilogy(steps, pixels, "o", color=DATA, label="pixels left")
    axes.axhline(most, linestyle="--", color=MODEL, label=f"budget of {most}")
    axes.set_xticks(steps[::2])
    title = "The first dot below the line is the answer"
    label(axes, x="step d", y="pixels (log scale)", title=title)
    axes.legend()
    return figure
