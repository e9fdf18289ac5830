"""Drawings of whole arrays: one, several, a slice in its whole, an image, all orders of size."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mazoezi._errors import ArgumentError
from mazoezi.arrays._block import Labelled, as_array, draw_block, labelled
from mazoezi.arrays._scene import AXES, Drawing, beside, stacked, titled

Names = Sequence[str] | None
CHANNELS = ("red", "green", "blue")


def draw(
    array: Any,
    names: Names = None,
    *,
    colours: Names = None,
    chosen: Any = None,
    cuboid: bool = False,
    column: bool = False,
    title: str = "",
) -> Drawing:
    """Draw an array: its cells with their values, its axes with their names, sizes and indices.

    Args:
        array: NumPy or JAX array, or nested lists, of at most four axes. Of a large one a part is
            drawn, and the drawing says so.
        names: a name for each axis; i, j, k, l without.
        colours: names in the order in which they are given their colours, so that an axis looks as in
            a drawing before, where it stood at another place; `names` without.
        chosen: what to highlight, as an index such as `np.s_[2, :, 1]` or as a mask.
        cuboid: draw three axes in depth, not as sheets side by side.
        column: draw a vector as a column.
        title: a line above it.

    Raises ArgumentError for what is no such array, names that do not fit, and an index out of range.
    """
    block = labelled(array, names, dict(zip(colours or (), AXES, strict=False)))
    mask = None if chosen is None else mask_of(block.values.shape, chosen)
    drawing = draw_block(block, chosen=mask, cuboid=cuboid, column=column)
    return titled(title, drawing) if title else drawing


def draw_side_by_side(arrays: Mapping[str, Any], names: Names = None) -> Drawing:
    """Draw several arrays from left to right, each below its name. `names` are those of the axes."""
    return beside((titled(name, draw(one, names)) for name, one in arrays.items()), gap=28)


def draw_slice(
    array: Any, index: Any, names: Names = None, *, cuboid: bool = False, image: bool = False
) -> Drawing:
    """Draw the cells that an index takes, in the whole array, and what comes of them beside it.

    Args:
        array: an array of at most four axes.
        index: what stands between the brackets, such as `np.s_[2, :, 1]`.
        names: a name for each axis; in the result an axis keeps its name and its colour.
        cuboid: draw three axes in depth.
        image: the last axis is red, green and blue, and each cell has the light of its channel.

    Raises ArgumentError as `draw` does, and for an image of other channels.
    """
    block = labelled(array, names)
    mask = mask_of(block.values.shape, index)
    fills = channel_fills(block.values) if image else None
    result = block.values[index]
    left = names_after(index, block.names)
    if result.ndim > 4 or len(left) != result.ndim:
        raise ArgumentError("the index", index, "one whose result has at most four axes")
    part = labelled(result, left, block.palette)
    part_fills = None if fills is None else np.asarray(fills[index])
    whole = draw_block(block, chosen=mask, fills=fills, cuboid=cuboid)
    taken = draw_block(
        part, fill="#F0E442", fills=part_fills, cuboid=cuboid and result.ndim == 3,
        column=result.ndim == 1 and left[0] == block.names[0] and block.values.ndim > 1,
    )  # fmt: skip
    taken = titled(f"shape {result.shape}", taken)
    text = f"{whole.text} The index takes them to {_lower(taken.text)}"
    return beside((whole, "→", taken), text=text)


def draw_image(image: Any) -> Drawing:
    """Draw a small image: its pixels in their colours, then each channel with its values.

    Args:
        image: shape (rows, columns, 3), with whole numbers from 0 to 255 or numbers from 0 to 1.

    Raises ArgumentError for another shape or other values.
    """
    light = _light(as_array(image))
    block = labelled(image, ("row", "column", "channel"))
    pixels = Labelled(light[..., 0] * 0 + 1, block.names[:2], block.colours[:2])
    hexes = np.array([[_hex(*pixel) for pixel in row] for row in light]).reshape(light.shape[:2])
    texts = np.full(hexes.shape, "")
    drawings = [titled("as seen", draw_block(pixels, fills=hexes, texts=texts))]
    for channel, name in enumerate(CHANNELS):
        values = Labelled(block.values[..., channel], block.names[:2], block.colours[:2])
        fills = channel_fills(block.values)[..., channel]
        drawings.append(titled(f"channel {channel}: {name}", draw_block(values, fills=fills)))
    text = f"An image of {block.shape_in_words}. " + " ".join(one.text for one in drawings[1:])
    return beside(drawings, text=text, gap=20)


def gallery() -> Drawing:
    """Draw an array of each order from 0 to 4, with its shape."""
    rows = []
    for shape, name in (
        ((), "0 axes: a scalar"),
        ((3,), "1 axis: a vector"),
        ((2, 3), "2 axes: a matrix"),
        ((2, 3, 2), "3 axes: a 3-array"),
        ((2, 3, 2, 2), "4 axes: a 4-array"),
    ):
        array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        rows.append(draw(array, title=f"{name}, shape {shape}"))
    return stacked(rows, gap=22)


def mask_of(shape: tuple[int, ...], index: Any) -> np.ndarray:
    """Return which cells of an array an index or a mask takes, as a mask of its shape.

    Raises ArgumentError where the index does not fit.
    """
    mask = np.zeros(shape, bool)
    try:
        mask[index] = True
    except (IndexError, ValueError) as error:
        largest = ", ".join(f"{size - 1} on axis {axis}" for axis, size in enumerate(shape))
        raise ArgumentError(
            "the index", index, f"one for shape {shape}, where the largest index is {largest} ({error})"
        ) from None  # fmt: skip
    return mask


def names_after(index: Any, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the axes that are left by an index: an integer takes its axis away.

    A new axis is called "new". Of a list of positions or a mask the first axis that it stands for
    stays.
    """
    parts = list(index) if isinstance(index, tuple) else [index]
    used = sum(_axes_of(one) for one in parts if one is not Ellipsis)
    if not any(one is Ellipsis for one in parts):
        parts.append(Ellipsis)
    left, axis, new = [], 0, 0
    for one in parts:
        if one is None:
            new += 1
            left.append("new" if new == 1 else f"new {new}")
        elif one is Ellipsis:
            left += names[axis : axis + len(names) - used]
            axis += len(names) - used
        else:
            if not np.isscalar(one) and not (hasattr(one, "ndim") and one.ndim == 0):
                left.append(names[axis])
            axis += _axes_of(one)
    return tuple(left)


def _axes_of(part: Any) -> int:
    """Return how many axes of an array a part of an index stands for."""
    if part is None:
        return 0
    if isinstance(part, slice) or np.isscalar(part):
        return 1
    part = np.asarray(part)
    return part.ndim if part.dtype == bool else 1


def channel_fills(image: np.ndarray) -> np.ndarray:
    """Return for each cell of an image the colour of its channel's light; a cell without is hollow."""
    light = _light(image)
    fills = np.empty(light.shape, dtype="<U7")
    for position in np.ndindex(light.shape):
        off = 1.0 - float(light[position])  # from white, without light, to the full colour
        fills[position] = _hex(*(1.0 if one == position[-1] else off for one in range(3)))
    return fills


def _light(image: np.ndarray) -> np.ndarray:
    """Return an image's values from 0 to 1."""
    if image.ndim != 3 or image.shape[-1] != 3:
        raise ArgumentError("the image's shape", image.shape, "(rows, columns, 3)")
    values = image.astype(float)
    low, high = values.min(initial=0), values.max(initial=0)
    if not (low >= 0 and high <= 255):  # so that NaN is refused too
        raise ArgumentError("the image's values", (low, high), "from 0 to 1, or from 0 to 255")
    return values / (255 if high > 1 else 1)


def _hex(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(255 * one):02x}" for one in (red, green, blue))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
