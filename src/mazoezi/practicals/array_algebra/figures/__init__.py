"""The figures of the practical: data in, a Matplotlib figure out."""

from mazoezi.practicals.array_algebra.figures._contraction import index_diagram
from mazoezi.practicals.array_algebra.figures._devices import device_cells
from mazoezi.practicals.array_algebra.figures._images import (
    channel_histograms,
    colour_wheel,
    cropped,
    picture,
    pictures,
    responses,
    swatches,
)
from mazoezi.practicals.array_algebra.figures._subsampling import budget, grey, kept_pixels, shades

__all__ = [
    "budget",
    "channel_histograms",
    "colour_wheel",
    "cropped",
    "device_cells",
    "grey",
    "index_diagram",
    "kept_pixels",
    "picture",
    "pictures",
    "responses",
    "shades",
    "swatches",
]
