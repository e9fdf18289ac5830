"""Where the cells of an array stand, and where its axes are written.

A vector is a row. In a matrix the first axis goes down and the second to the right. An array with
three axes is a row of such sheets, one for each position on the third axis; the fourth axis goes down
again. As a cuboid, the third axis goes into the depth, to the upper right.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mazoezi._errors import ArgumentError
from mazoezi.arrays._scene import Anchor, Point

CELL = 34.0
Position = tuple[int, ...]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class AxisPlace:
    """Where an axis has its indices and its title."""

    indices: tuple[Point, ...]
    title: Point
    anchor: Anchor


@dataclass(frozen=True)
class Layout:
    """The upper left corner of each cell, how large cells are, and the places of the axes."""

    corner: Callable[[Position], Point]
    width: float
    height: float
    axes: tuple[AxisPlace, ...]
    depth: Point = (0.0, 0.0)  # from a cell's front to its back


def layout_of(
    shape: Shape, *, cuboid: bool = False, column: bool = False, width: float = CELL
) -> Layout:
    """Return the layout of an array of at most four axes.

    `width` is that of a cell outside a cuboid. Raises ArgumentError for a cuboid of other than three
    axes, and for a column of other than one.
    """
    if cuboid and len(shape) != 3:
        raise ArgumentError("the array's shape", shape, "three axes, to be drawn as a cuboid")
    if column and len(shape) != 1:
        raise ArgumentError("the array's shape", shape, "one axis, to be drawn as a column")
    if cuboid:
        return _cuboid(shape)
    if len(shape) < 2:
        return _vector(shape, width, column=column)
    return _sheets(shape, width)


def _vector(shape: Shape, width: float, *, column: bool) -> Layout:
    def corner(position: Position) -> Point:
        along = sum(position)
        return (0.0, CELL * along) if column else (width * along, 0.0)

    axes = (_down(shape[0]) if column else _across(shape[0], width),) if shape else ()
    return Layout(corner, width, CELL, axes)


def _down(size: int) -> AxisPlace:
    """Return the place of an axis that goes down, at the left of its cells."""
    indices = tuple((-12.0, CELL * (k + 0.5)) for k in range(size))
    return AxisPlace(indices, (-24.0, CELL / 2), "end")


def _across(size: int, width: float) -> AxisPlace:
    """Return the place of an axis that goes to the right, above its cells."""
    return AxisPlace(tuple((width * (k + 0.5), -12.0) for k in range(size)), (0.0, -30.0), "start")


def _sheets(shape: Shape, width: float) -> Layout:
    rows, columns, across, down = (*shape, 1, 1)[:4]
    pitch = width * columns + 1.1 * CELL, CELL * (rows + 1.6)

    def corner(position: Position) -> Point:
        row, column, *sheet = position
        x, y = (*sheet, 0, 0)[:2]
        return width * column + pitch[0] * x, CELL * row + pitch[1] * y

    middle = width * max(columns, 1) / 2
    below = CELL * rows + pitch[1] * (down - 1)
    third = AxisPlace(
        tuple((pitch[0] * k + middle, below + 14.0) for k in range(across)),
        (0.0, below + 32.0), "start",
    )  # fmt: skip
    right = pitch[0] * (across - 1) + 2 * middle + 12.0
    fourth = AxisPlace(
        tuple((right + 4.0, pitch[1] * k + CELL * max(rows, 1) / 2) for k in range(down)),
        (right, -12.0), "start",
    )  # fmt: skip
    axes = _down(rows), _across(columns, width), third, fourth
    return Layout(corner, width, CELL, axes[: len(shape)])


def _cuboid(shape: Shape) -> Layout:
    """Return a lattice: no cell stands before another, so that every value can be read."""
    rows, columns, layers = shape
    pitch = max(46.0, 27.0 * layers)
    dx, dy = pitch / max(layers, 1), -0.8 * pitch / max(layers, 1)
    side = min(24.0, 0.74 * dx)

    def corner(position: Position) -> Point:
        row, column, layer = position
        return pitch * column + dx * layer, pitch * row + dy * layer

    bottom = pitch * max(rows - 1, 0) + side
    first = AxisPlace(
        tuple((-12.0, pitch * k + side / 2) for k in range(rows)), (-24.0, bottom - side / 2), "end"
    )
    second = AxisPlace(
        tuple((pitch * k + side / 2, bottom + 14.0) for k in range(columns)),
        (0.0, bottom + 32.0), "start",
    )  # fmt: skip
    layer = tuple((dx * k - 9.0, dy * k - 5.0) for k in range(layers))
    x, y = layer[-1] if layer else (0.0, 0.0)
    third = AxisPlace(layer, (x - 10.0, y - 12.0), "end")
    return Layout(corner, side, side, (first, second, third), (0.3 * side, -0.25 * side))
