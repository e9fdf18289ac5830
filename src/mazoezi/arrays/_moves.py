"""Drawings of what is done to arrays: transposing, combining, inserting axes, aggregating."""

import itertools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mazoezi._errors import ArgumentError
from mazoezi.arrays._block import LETTERS, Labelled, as_array, draw_block, in_words, labelled
from mazoezi.arrays._layout import CELL
from mazoezi.arrays._scene import (
    FIRST,
    GREY,
    SECOND,
    Drawing,
    Line,
    Words,
    beside,
    cells_box,
    moved,
    stacked,
    titled,
)
from mazoezi.arrays._whole import Names, mask_of

OPERATORS: dict[str, Callable] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "&": operator.and_, "|": operator.or_,
}  # fmt: skip
FUNCTIONS: dict[str, Callable] = {
    "sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "prod": np.prod,
    "median": np.median, "any": np.any, "all": np.all, "argmax": np.argmax, "argmin": np.argmin,
}  # fmt: skip


_MOST_LISTED = 8  # collected cells that are written into one


def draw_transpose(
    array: Any, perm: Sequence[int] | None = None, names: Names = None, *, chosen: Any = None
) -> Drawing:
    """Draw an array before and after its axes are put in another order.

    Both are drawn in the standard orientation: first axis down, second to the right, third into the
    depth. An axis keeps its name and its colour, and so do the cells that are `chosen`. It is said
    whether turning alone would do the same to the cube, or only a mirror.

    Args:
        array: an array of at most four axes.
        perm: entry k says which old axis becomes axis k; the reverse order without, as in `.T`.
        names: a name for each axis.
        chosen: cells to highlight, as an index or a mask.

    Raises ArgumentError as `draw` does, and for what is no permutation of the axes.
    """
    before = labelled(array, names)
    order = before.values.ndim
    perm = tuple(range(order))[::-1] if perm is None else tuple(int(one) % order for one in perm)
    if sorted(perm) != list(range(order)):
        raise ArgumentError("perm", perm, f"each of the axes {tuple(range(order))} once")
    mask = None if chosen is None else mask_of(before.values.shape, chosen)
    after = _transposed(before, perm)
    cuboid = order == 3
    drawings = (
        titled(f"shape {before.values.shape}", draw_block(before, chosen=mask, cuboid=cuboid)),
        titled(
            f"shape {after.values.shape}",
            draw_block(after, chosen=None if mask is None else mask.transpose(perm), cuboid=cuboid),
        ),
    )
    said = f"transpose{perm}: {motion(perm)}"
    text = f"{said}. Before: {drawings[0].text} After: {drawings[1].text}"
    return titled(said, beside((drawings[0], "→", drawings[1]), text=text))


def draw_orders(array: Any, names: Names = None) -> Drawing:
    """Draw an array of two or three axes in every order of its axes, in the standard orientation.

    Each order is said to be a rotation of the first or its mirror image.

    Raises ArgumentError as `draw` does, and for another number of axes.
    """
    block = labelled(array, names)
    order = block.values.ndim
    if order not in (2, 3):
        raise ArgumentError("the array's shape", block.values.shape, "two or three axes")
    drawings = []
    for perm in itertools.permutations(range(order)):
        one = _transposed(block, perm)
        title = f"({', '.join(one.names)}): {motion(perm)}"
        drawings.append(titled(title, draw_block(one, cuboid=order == 3)))
    rows = [beside(drawings[k : k + 2], gap=40) for k in range(0, len(drawings), 2)]
    return stacked(rows, gap=28)


def motion(perm: Sequence[int]) -> str:
    """Say what a permutation of the axes does to the cube in the standard orientation.

    The permutation's matrix has determinant 1 for a rotation, -1 where a mirror is needed.
    """
    if tuple(perm) == tuple(range(len(perm))):
        return "as it is"
    if len(perm) == 2:
        return "a mirror image, on the main diagonal"
    determinant = round(np.linalg.det(np.eye(len(perm))[list(perm)]))
    return "a rotation" if determinant == 1 else "a mirror image, no rotation does it"


def _transposed(block: Labelled, perm: Sequence[int]) -> Labelled:
    return Labelled(
        block.values.transpose(perm),
        tuple(block.names[axis] for axis in perm),
        tuple(block.colours[axis] for axis in perm),
    )


def draw_operation(
    left: Any, sign: str, right: Any, names: Names = None, *, ghosts: bool = True
) -> Drawing:
    """Draw two arrays, the sign between them, and what comes of them cell by cell.

    Where broadcasting repeats an array, the repeated cells are drawn too, grey and dashed; without
    `ghosts` the arrays are drawn as they are. `@` is the matrix product.

    Args:
        left, right: arrays whose shapes fit, of at most four axes.
        sign: such as "+" or "*".
        names: a name for each axis of the result.

    Raises ArgumentError as `draw` does, for an unknown sign, and for shapes that do not fit.
    """
    if sign not in OPERATORS:
        raise ArgumentError("the sign", sign, f"one of {' '.join(OPERATORS)}")
    first, second = as_array(left), as_array(right)
    if sign == "@":
        return _draw_matrix_product(first, second)
    common_shape(first.shape, second.shape)
    with np.errstate(all="ignore"):
        result = labelled(OPERATORS[sign](first, second), names)
    return operation_of(first, sign, second, result, ghosts=ghosts)


def operation_of(
    left: np.ndarray, sign: str, right: np.ndarray, result: Labelled, *, ghosts: bool = True
) -> Drawing:
    """Draw an operation, cell by cell, whose result is known."""
    drawings = [
        _draw_operand(operand, result, fill, ghosts=ghosts)
        for operand, fill in ((left, FIRST), (right, SECOND))
    ]
    total = draw_block(result)
    text = f"{drawings[0].text} {sign} {drawings[1].text} = {total.text}"
    return beside((drawings[0], sign, drawings[1], "=", total), text=text)


def common_shape(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape to which two shapes are broadcast. Raises ArgumentError where they do not fit."""
    try:
        return np.broadcast_shapes(left, right)
    except ValueError:
        width = max(len(str(left)), len(str(right)))
        raise ArgumentError(
            "the shapes", (left, right),
            "sizes that are equal, or of which one is 1, on each axis counted from the last:\n"
            f"  {left!s:>{width}}\n  {right!s:>{width}}",
        ) from None  # fmt: skip


def _draw_operand(operand: np.ndarray, result: Labelled, fill: str, *, ghosts: bool) -> Drawing:
    """Draw an operand with its axes called as those of the result above which they stand."""
    shape = result.values.shape
    if not ghosts or operand.shape == shape:
        names = result.names[len(shape) - operand.ndim :]
        return draw_block(labelled(operand, names, result.palette), fill=fill)
    padded = operand.reshape((1,) * (len(shape) - operand.ndim) + operand.shape)
    repeated = np.zeros(shape, bool)
    for axis, (size, full) in enumerate(zip(padded.shape, shape, strict=True)):
        if size < full:
            repeated |= np.expand_dims(
                np.arange(full) > 0, [other for other in range(len(shape)) if other != axis]
            )
    filled = labelled(np.broadcast_to(operand, shape), result.names, result.palette)
    drawing = draw_block(filled, fill=fill, ghosts=repeated)
    return titled(f"shape {operand.shape}", drawing)


def _draw_matrix_product(left: np.ndarray, right: np.ndarray) -> Drawing:
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[0]:
        raise ArgumentError(
            "the shapes", (left.shape, right.shape),
            "two matrices, the first with as many columns as the second has rows",
        )  # fmt: skip
    i, j, k = LETTERS[:3]
    total = labelled(left @ right, (i, j))
    first = labelled(left, (i, k), total.palette)
    second = labelled(right, (k, j), {**total.palette, **first.palette})
    drawings = draw_block(first, fill=FIRST), draw_block(second, fill=SECOND), draw_block(total)
    text = f"{drawings[0].text} @ {drawings[1].text} = {drawings[2].text}"
    return beside((drawings[0], "@", drawings[1], "=", drawings[2]), text=text)


def draw_row_or_column(matrix: Any, vector: Any, sign: str = "+") -> Drawing:
    """Draw the two ways in which a vector can fill a matrix: as a row, and as a column.

    Where one of them does not fit, it says so. Raises ArgumentError as `draw` does, and for other
    than a matrix and a vector.
    """
    matrix, vector = as_array(matrix), as_array(vector)
    if matrix.ndim != 2 or vector.ndim != 1:
        raise ArgumentError("the shapes", (matrix.shape, vector.shape), "a matrix and a vector")
    drawings = []
    for title, filling in (
        ("as a row: v, or v[None, :]", vector[None, :]),
        ("as a column: v[:, None]", vector[:, None]),
    ):
        try:
            drawing = draw_operation(matrix, sign, filling, ("row", "column"))
        except ArgumentError:
            where = f"{filling.shape} cannot fill {matrix.shape}"
            drawing = titled(f"does not fit: {where}", draw_block(labelled(filling)))
        drawings.append(titled(title, drawing))
    return stacked(drawings, gap=26)


def draw_new_axis(vector: Any) -> Drawing:
    """Draw a vector, and the column and the row that it becomes by a new axis of size 1.

    Raises ArgumentError as `draw` does, and for other than a vector.
    """
    vector = as_array(vector)
    if vector.ndim != 1:
        raise ArgumentError("the array's shape", vector.shape, "one axis")
    plain = labelled(vector)
    old = plain.names[0]
    drawings = [titled(f"v: shape {vector.shape}", draw_block(plain))]
    for code, names, filling in (
        ("v[:, None]", (old, "new"), vector[:, None]),
        ("v[None, :]", ("new", old), vector[None, :]),
    ):
        drawing = draw_block(labelled(filling, names, plain.palette))
        drawings.append(titled(f"{code}: shape {filling.shape}", drawing))
    return beside(drawings, gap=44)


def draw_aggregation(
    array: Any, axis: int | Sequence[int] | None, function: str = "sum", names: Names = None
) -> Drawing:
    """Draw an aggregation as two steps: collect the cells of each group, then apply the function.

    Cells of one group have one colour, which their result keeps. The axes that are named disappear.

    Args:
        array: an array of at most three axes.
        axis: the axis or axes that disappear; None for all of them.
        function: "sum", "mean", "max", "min", "prod", "median", "any", "all", "argmax", "argmin".
        names: a name for each axis.

    Raises ArgumentError as `draw` does, and for another axis or function.
    """
    return aggregation_of(labelled(array, names), axis, function)


def aggregation_of(block: Labelled, axis: int | Sequence[int] | None, function: str) -> Drawing:
    """Draw an aggregation of an array whose axes have names and colours."""
    axes = _axes(axis, block.values.ndim)
    apply = _function(function)
    if function.startswith("arg") and len(axes) not in (1, block.values.ndim):
        raise ArgumentError("axis", axis, f"one axis, or None, for {function}")
    kept = [one for one in range(block.values.ndim) if one not in axes]
    shape = tuple(block.values.shape[one] for one in kept)
    numbers = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    spread = np.expand_dims(numbers, axes) if axes else numbers
    moved = block.values.transpose(*kept, *axes).reshape(*shape, -1)
    outcome = apply(moved, axis=-1)
    left = [block.names[one] for one in kept]
    result = labelled(outcome, left, block.palette)
    texts = np.full(shape, "", object)
    drawn = list(np.ndindex(result.drawn.shape))
    for position in drawn:
        texts[position] = _list_in_words(moved[position])
    column = len(kept) == 1 and kept[0] == 0
    gone = " and ".join(f"{one} ({block.names[one]})" for one in axes)
    whole = draw_block(block, groups=np.broadcast_to(spread, block.values.shape))
    collected = draw_block(result, groups=numbers, texts=texts, column=column)
    applied = draw_block(result, groups=numbers, column=column)
    steps = (
        titled(f"shape {block.values.shape}", whole), "→", titled("collect", collected), "→",
        titled(f"{function}: shape {shape}", applied),
    )  # fmt: skip
    said = f"{'axis' if len(axes) == 1 else 'axes'} {gone} gone" if axes else "no axis goes"
    listed = ", ".join(str(texts[position]) for position in drawn)
    text = f"{whole.text} Collected, with {said}: {listed}. {function}: {applied.text}"
    return beside(steps, text=text)


def _list_in_words(cells: np.ndarray) -> str:
    """Return collected cells as a list; of many the first ones, so that it fits into a cell."""
    shown = [in_words(one) for one in cells[:_MOST_LISTED]]
    return f"[{', '.join(shown)}{', …' if len(cells) > _MOST_LISTED else ''}]"


def _axes(axis: int | Sequence[int] | None, order: int) -> tuple[int, ...]:
    """Return the axes that an argument `axis` means, counted from 0."""
    given = range(order) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    if any(not -order <= one < order for one in given):
        raise ArgumentError("axis", axis, f"axes from {-order} to {order - 1}, for {order} axes")
    axes = tuple(one % order for one in given)
    if len(set(axes)) < len(axes):
        raise ArgumentError("axis", axis, "each axis once")
    return axes


def _function(name: str) -> Callable:
    """Return an aggregation function that tells where it has nothing to choose from."""
    if name not in FUNCTIONS:
        raise ArgumentError("function", name, f"one of {', '.join(FUNCTIONS)}")

    def apply(array: np.ndarray, axis: int) -> np.ndarray:
        try:
            with np.errstate(all="ignore"):
                return FUNCTIONS[name](array, axis=axis)
        except ValueError:
            raise ArgumentError(
                "the array's shape", array.shape, f"no axis of size 0: {name} of no cells is nothing"
            ) from None  # fmt: skip

    return apply


def draw_aggregation_square(matrix: Any, function: str = "sum") -> Drawing:
    """Draw both orders in which the two axes of a matrix can be aggregated away, as a square.

    To the right axis 1 disappears, downwards axis 0. It is said whether both ways end in one number.

    Raises ArgumentError as `draw` does, for other than a matrix, and for another function.
    """
    block = labelled(matrix, ("row", "column"))
    if block.values.ndim != 2:
        raise ArgumentError("the array's shape", block.values.shape, "two axes")
    apply = _function(function)
    rows, columns = apply(block.values, axis=1), apply(block.values, axis=0)
    ends = apply(rows, axis=0), apply(columns, axis=0)
    agree = bool(np.isclose(*ends))
    end = ends[0] if agree else np.array(ends)
    corners = (
        draw_block(block),
        draw_block(labelled(rows, ("row",), block.palette), column=True),
        draw_block(labelled(columns, ("column",), block.palette)),
        draw_block(labelled(end, ("way",) if not agree else ())),
    )
    said = f"Both ways lead to {'the same number' if agree else 'different numbers'}"
    text = (
        f"{said}. {corners[0].text} {function} over axis 1: {corners[1].text} {function} over axis "
        f"0: {corners[2].text} At the end: {corners[3].text}"
    )
    return titled(said, _square(corners, function, text))


def _square(corners: Sequence[Drawing], function: str, text: str) -> Drawing:
    """Return four drawings at the corners of a square, with arrows from the first to the last."""
    _, _, right, bottom = cells_box(corners[0])
    across, down = right + 185.0, bottom + 110.0
    middle_x, middle_y = right / 2, bottom / 2
    _, _, _, low = cells_box(corners[2])
    places = (0.0, 0.0), (across, 0.0), (0.0, down), (across, down)
    shapes = [
        moved(shape, x, y)
        for corner, (x, y) in zip(corners, places, strict=True)
        for shape in corner.shapes
    ]
    for start, end, axis in (
        ((right + 14, middle_y), (across - 84, middle_y), 1),
        ((right + 14, down + low / 2), (across - 14, down + low / 2), 0),
        ((middle_x, bottom + 10), (middle_x, down - 46), 0),
        ((across + CELL / 2, bottom + 10), (across + CELL / 2, down - 46), 0),
    ):
        shapes.append(Line(start, end, GREY, 1.5, arrow=True))
        x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        words = f"{function}, axis {axis}"
        flat = start[1] == end[1]
        at = (x, y - 12) if flat else (x + 8, y)
        shapes.append(Words(at, words, size=11, anchor="middle" if flat else "start"))
    return Drawing(tuple(shapes), text)
