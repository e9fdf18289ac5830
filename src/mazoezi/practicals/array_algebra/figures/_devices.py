"""Matrices that are cut over devices: each cell in the colour of the device that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mazoezi._errors import ArgumentError
from mazoezi.course.drawing import new_figure

if TYPE_CHECKING:
    import jax
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Pale, so that a number on them can be read; the number says the same as the colour.
_COLOURS = (
    "#8fc3e4", "#f2b48d", "#8fd6be", "#e6bfd5", "#f5d48b", "#c9e6f7", "#f7f0a3", "#cfcfcf",
)  # fmt: skip

Block = tuple[tuple[int, int], tuple[int, int]]  # rows and columns, from start to before stop


def device_cells(matrices: Mapping[str, jax.Array]) -> Figure:
    """Matrices side by side, their cells in the colours of the devices that hold them.

    Args:
        matrices: by name; arrays of two axes, placed on devices.

    Raises ArgumentError for an array with another number of axes.
    """
    figure, panels = new_figure(len(matrices), width=3.1 * len(matrices), height=4.0, squeeze=False)
    for axes, (name, matrix) in zip(panels[0], matrices.items(), strict=True):
        if matrix.ndim != 2:
            raise ArgumentError("matrices", f"an array of shape {matrix.shape}", "two axes")
        holders = holders_of(matrix)
        for block, devices in holders.items():
            _draw_block(axes, block, devices)
        rows, columns = matrix.shape
        axes.set(xlim=(0, columns), ylim=(rows, 0), aspect="equal")
        axes.set(
            xticks=[], yticks=[], xlabel=f"axis 1, size {columns}", ylabel=f"axis 0, size {rows}"
        )
        (top, bottom), (left, right) = next(iter(holders))
        axes.set_title(
            f"{name}\n{len(holders)} blocks of {(bottom - top, right - left)}", fontsize=10
        )
    return figure


def holders_of(matrix: jax.Array) -> dict[Block, list[int]]:
    """Return the blocks that a matrix is cut into, each with the numbers of the devices it is on.

    >>> import jax
    >>> holders_of(jax.numpy.zeros((4, 3)))
    {((0, 4), (0, 3)): [0]}
    """
    holders: dict[Block, list[int]] = {}
    for device, index in matrix.sharding.devices_indices_map(matrix.shape).items():
        assert index is not None  # a matrix is on all devices of its sharding
        rows, columns = (
            piece.indices(size)[:2] for piece, size in zip(index, matrix.shape, strict=True)
        )
        holders.setdefault((rows, columns), []).append(device.id)
    return {block: sorted(holders[block]) for block in sorted(holders)}


def _draw_block(axes: Axes, block: Block, devices: list[int]) -> None:
    from matplotlib.patches import Rectangle

    (top, bottom), (left, right) = block
    colour = _COLOURS[devices[0] % len(_COLOURS)]
    axes.add_patch(
        Rectangle((left, top), right - left, bottom - top, facecolor=colour, edgecolor="black")
    )
    axes.vlines(range(left + 1, right), top, bottom, color="white", linewidth=0.6)
    axes.hlines(range(top + 1, bottom), left, right, color="white", linewidth=0.6)
    words = ", ".join(map(str, devices)) if len(devices) < 8 else f"{devices[0]} to {devices[-1]}"
    axes.text((left + right) / 2, (top + bottom) / 2, words, ha="center", va="center", fontsize=9)
