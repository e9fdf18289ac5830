"""Pictures, always with the same brightness: 0 is black and 255 is full, whatever the picture holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mazoezi.course.drawing import CYCLE, FAINT, MODEL, OTHER, label, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CHANNELS = ("red", "green", "blue")

Box = tuple[slice, slice]

_STEPS = (1, 2, 5, 10, 20, 40, 80, 160, 320, 640, 1280)  # between the numbers on an axis


def picture(image: Any, title: str = "") -> Figure:
    """One picture: of shape [rows, columns, 3] in colour, of shape [rows, columns] in grey."""
    return pictures({title: image})


def pictures(images: Mapping[str, Any]) -> Figure:
    """Pictures by name, side by side; grey ones share one scale from 0 to 255."""
    few_columns = max(np.shape(image)[1] for image in images.values()) < 10
    any_grey = any(np.ndim(image) == 2 for image in images.values())
    width = min(9.0, (3.2 if few_columns else 4.6) * len(images) + 0.9 * any_grey)
    figure, panels = new_figure(
        len(images), width=width, height=_height(images, width - 0.9 * any_grey)
    )
    grey, most_ticks = None, 8 if len(images) < 3 else 4
    for axes, (title, image) in zip(np.atleast_1d(panels), images.items(), strict=True):
        shown = _show(axes, image, title, most_ticks)
        grey = shown if np.ndim(image) == 2 else grey
    if grey is not None:
        scale = figure.colorbar(
            grey, ax=panels, shrink=0.75, aspect=14, ticks=[0, 64, 128, 192, 255]
        )
        label(scale.ax, x="grey", y="value")
    return figure


def _height(images: Mapping[str, Any], width: float) -> float:
    """Return how high a figure must be for its pictures, in inches; title and labels included."""
    ratio = max(np.shape(image)[0] / np.shape(image)[1] for image in images.values())
    return float(np.clip(ratio * (width / len(images) - 0.8), 0.8, 5) + 0.9)


def _show(axes: Axes, image: Any, title: str, most_ticks: int = 8) -> Any:
    """Show one picture with its rows and columns numbered, and return what Matplotlib drew."""
    axes.set(xlabel="column", ylabel="row")
    axes.set_title(title, fontsize=11)
    rows, columns = np.shape(image)[:2]
    longest = max(rows, columns)
    step = next((step for step in _STEPS if longest <= most_ticks * step), longest)
    axes.set(xticks=range(0, columns, step), yticks=range(0, rows, step))
    return axes.imshow(np.asarray(image), cmap="gray", vmin=0, vmax=255)


def cropped(image: Any, box: Box) -> Figure:
    """A picture with a frame around some of its rows and columns, and what is inside the frame."""
    from matplotlib.patches import Rectangle

    rows, columns = box
    figure, (whole, part) = new_figure(2, width=9, height=3.8)
    _show(whole, image, f"rows {rows.start}:{rows.stop}, columns {columns.start}:{columns.stop}")
    corner = (columns.start - 0.5, rows.start - 0.5)
    size = (columns.stop - columns.start, rows.stop - rows.start)
    whole.add_patch(Rectangle(corner, *size, fill=False, edgecolor=MODEL, linewidth=2))
    line = {"color": MODEL, "linestyle": "--", "linewidth": 1.5}
    for place in (rows.start, rows.stop):
        whole.axhline(place - 0.5, xmax=columns.start / np.shape(image)[1], **line)
    for place in (columns.start, columns.stop):
        whole.axvline(place - 0.5, ymax=1 - rows.stop / np.shape(image)[0], **line)
    block = np.asarray(image)[box]
    _show(part, block, f"what is inside: shape {block.shape}")
    return figure


def swatches(colours: Mapping[str, Any]) -> Figure:
    """One-coloured squares by name, of red, green and blue as Matplotlib itself understands them.

    Floats are taken from 0 to 1 and whole numbers from 0 to 255; what is beyond is clipped.
    """
    figure, panels = new_figure(len(colours), width=min(9.0, 2.6 * len(colours)), height=2.4)
    for axes, (name, colour) in zip(np.atleast_1d(panels), colours.items(), strict=True):
        axes.imshow(np.reshape(np.asarray(colour), (1, 1, 3)))
        axes.set(xticks=[], yticks=[], xlabel="column", ylabel="row", title=name)
    return figure


def responses(before: Any, after: Mapping[str, Any]) -> Figure:
    """What became of each value from 0 to 255, by the name of what was done to it."""
    figure, axes = new_figure(width=6.5, height=3.6)
    for index, (name, values) in enumerate(after.items()):
        style, colour = ("-", "--", ":")[index % 3], CYCLE[1 + index % 6]
        axes.plot(before, values, style, color=colour, linewidth=2.5, label=name)
    axes.set(xticks=[0, 64, 128, 192, 255])
    axes.legend(fontsize=9)
    label(axes, x="value before", y="value after")
    return figure


def channel_histograms(before: Any, after: Any) -> Figure:
    """How often each value occurs in a channel, before and after, and how much is at 255."""
    figure, panels = new_figure(3, width=9, height=3, sharey=True)
    panels[0].set_yscale("log")
    edges = np.linspace(0, 256, 33)
    for channel, axes in enumerate(panels):
        pair = [np.asarray(image)[..., channel].ravel() for image in (before, after)]
        axes.hist(pair[0], edges, color=FAINT, alpha=0.5, label="before")
        axes.hist(pair[1], edges, color=OTHER, histtype="step", linewidth=2, label="after")
        at_most = [f"{np.mean(values == 255):.1%}" for values in pair]
        title = f"{CHANNELS[channel]}\nat 255: {at_most[0]}, then {at_most[1]}"
        label(axes, x="value", y="pixels (log scale)", title=title)
    panels[0].legend(fontsize=9)
    return figure


def colour_wheel(colours: Mapping[str, Sequence[int]]) -> Figure:
    """Colours by name on the wheel: the hue is the angle, the saturation the distance outwards."""
    from matplotlib.colors import hsv_to_rgb, rgb_to_hsv

    figure, axes = new_figure(width=4.6, height=4.5)
    x, y = np.meshgrid(np.linspace(-1, 1, 401), np.linspace(-1, 1, 401))
    radius, angle = np.hypot(x, y), np.arctan2(y, x) / (2 * np.pi) % 1
    wheel = hsv_to_rgb(np.stack([angle, np.clip(radius, 0, 1), np.ones_like(x)], axis=-1))
    wheel[radius > 1] = 1
    axes.imshow(wheel, extent=(-1, 1, -1, 1), origin="lower")
    for name, colour in colours.items():
        rgb = np.asarray(colour, float) / 255
        hue, saturation, _ = rgb_to_hsv(rgb)
        place = saturation * np.array([np.cos(2 * np.pi * hue), np.sin(2 * np.pi * hue)])
        axes.plot(*place, "o", color=rgb, markeredgecolor="black", markersize=13, label=name)
        axes.annotate(
            name, place, xytext=(0, 11), textcoords="offset points", ha="center", fontsize=9
        )
    for name, angle in (("red", 0), ("green", 120), ("blue", 240)):
        place = 1.12 * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        axes.annotate(name, place, ha="center", va="center", annotation_clip=False)
    axes.set(xlim=(-1.3, 1.3), ylim=(-1.2, 1.2), xticks=[], yticks=[], frame_on=False)
    axes.set(xlabel="saturation outwards", ylabel="hue by angle", title="The wheel of colours")
    return figure
