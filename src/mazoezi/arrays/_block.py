"""One array as cells with values, its axes named and coloured."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mazoezi._errors import ArgumentError
from mazoezi.arrays._layout import CELL, AxisPlace, Layout, Position, layout_of
from mazoezi.arrays._scene import (
    AXES,
    CHOSEN,
    GREY,
    GROUPS,
    INK,
    PLAIN,
    REPEATED,
    Drawing,
    Group,
    Line,
    Point,
    Polygon,
    Words,
    readable_on,
)

LETTERS = ("i", "j", "k", "l")
LARGEST = {
    0: (),
    1: (24,),
    2: (16, 16),
    3: (8, 8, 6),
    4: (6, 6, 4, 4),
}  # what is drawn of each order


@dataclass(frozen=True)
class Labelled:
    """An array to be drawn, and for each of its axes a name and a colour."""

    values: np.ndarray
    names: tuple[str, ...]
    colours: tuple[str, ...]

    @property
    def drawn(self) -> np.ndarray:
        """The part of the values that is drawn: all, unless there are too many."""
        limits = LARGEST[self.values.ndim]
        return self.values[tuple(slice(limit) for limit in limits)]

    @property
    def palette(self) -> dict[str, str]:
        """The colour of each axis by its name."""
        return dict(zip(self.names, self.colours, strict=True))

    @property
    def shape_in_words(self) -> str:
        sizes = (f"{n} {size}" for n, size in zip(self.names, self.values.shape, strict=True))
        return f"shape {self.values.shape}" + (f" ({', '.join(sizes)})" if self.names else "")


def labelled(
    values: Any, names: Sequence[str] | None = None, colours: Mapping[str, str] | None = None
) -> Labelled:
    """Return an array with a name and a colour for each axis.

    Without names the axes are i, j, k and l. `colours` has the colours of names that were drawn
    before; another name gets the first colour that is free.

    Raises ArgumentError for ragged lists, for values that are no numbers or truth values, for more
    than four axes, and for names that do not fit.
    """
    array = as_array(values)
    names = LETTERS[: array.ndim] if names is None else tuple(names)
    if len(names) != array.ndim or len(set(names)) < len(names):
        raise ArgumentError(
            "names", names, f"{array.ndim} different names, one for each axis of {array.shape}"
        )
    known = dict(colours or {})
    free = [one for one in AXES if one not in known.values()]
    chosen = [known[name] if name in known else (free.pop(0) if free else GREY) for name in names]
    return Labelled(array, names, tuple(chosen))


def as_array(values: Any) -> np.ndarray:
    """Return what is to be drawn as a NumPy array. Raises ArgumentError where it cannot be drawn."""
    try:
        array = np.asarray(values)
    except ValueError:
        lengths = sorted({len(one) for one in values if hasattr(one, "__len__")})
        raise ArgumentError(
            "the array", values,
            "rows of one length, since each axis has one size; these have "
            f"{' and '.join(map(str, lengths)) or 'several lengths'} further in",
        ) from None  # fmt: skip
    if array.dtype.kind not in "biufc":
        if array.dtype.kind in "OUSmM" or array.dtype.names:
            raise ArgumentError(
                "the array", values, f"numbers or truth values; its dtype is {array.dtype}"
            )
        array = array.astype(np.float32)  # such as JAX's bfloat16
    if array.ndim > 4:
        raise ArgumentError(
            "the array's shape", array.shape, "at most 4 axes; index some away, such as a[0]"
        )
    return array


def draw_block(
    block: Labelled,
    *,
    fill: str = PLAIN,
    chosen: np.ndarray | None = None,
    ghosts: np.ndarray | None = None,
    fills: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    texts: np.ndarray | None = None,
    cuboid: bool = False,
    column: bool = False,
) -> Drawing:
    """Return an array as cells with its axes.

    `chosen` and `ghosts` are masks of the array's shape: cells to highlight, and cells that are only
    repeated. `fills` has a colour for each cell, `groups` a number of the group that it belongs to,
    `texts` other words than its value. `column` draws a vector as a column, `cuboid` draws three axes
    in depth.
    """
    part = block.drawn
    longest = 0 if texts is None else max(map(len, texts.ravel().tolist()), default=0)
    layout = layout_of(part.shape, cuboid=cuboid, column=column, width=max(CELL, 7.5 * longest))
    cells = []
    for position in itertools.product(*map(range, part.shape)):
        kinds, facts, colour = ["cell"], {"position": " ".join(map(str, position))}, fill
        facts["value"] = in_words(part[position])
        text = facts["value"] if texts is None else str(texts[position])
        if groups is not None:
            facts["group"] = str(groups[position])
            colour = GROUPS[int(groups[position]) % len(GROUPS)]
        if ghosts is not None and ghosts[position]:
            kinds.append("ghost")
            colour = REPEATED
        if chosen is not None and chosen[position]:
            kinds.append("chosen")
            colour = CHOSEN
        if fills is not None:
            colour = str(fills[position])
        faces = _faces(layout, position, colour, kinds)
        cells.append(Group(" ".join(kinds), (*faces, _text(layout, position, text, colour)), facts))
    axes = [_axis(block, axis, place) for axis, place in enumerate(layout.axes)]
    facts = {
        "shape": " ".join(map(str, block.values.shape)),
        "names": " ".join(block.names),
        "dtype": str(block.values.dtype),
    }
    group = Group("array", (*cells, *axes, *_note(block, cells)), facts)
    return Drawing((group,), alternative(block, chosen, ghosts))


def in_words(value: Any) -> str:
    """Return a cell's value, short enough for the cell."""
    value = np.asarray(value)[()]
    if isinstance(value, np.bool_):
        return "T" if value else "F"
    if np.iscomplexobj(value):
        return f"{value:.2g}"
    if np.issubdtype(value.dtype, np.floating):
        return "NaN" if np.isnan(value) else f"{value + 0.0:.3g}"  # with -0.0 as 0
    return str(value)


def _faces(layout: Layout, position: Position, fill: str, kinds: Sequence[str]) -> list[Polygon]:
    """Return the front of a cell; of a cell with depth, its top and its flank too."""
    x, y = layout.corner(position)
    right, bottom = x + layout.width, y + layout.height
    dx, dy = layout.depth
    outlines: list[tuple[Point, ...]] = [((x, y), (right, y), (right, bottom), (x, bottom))]
    if dx:
        outlines += (
            ((x, y), (x + dx, y + dy), (right + dx, y + dy), (right, y)),
            ((right, y), (right + dx, y + dy), (right + dx, bottom + dy), (right, bottom)),
        )
    stroke, width = (INK, 2.2) if "chosen" in kinds else (GREY, 1.0)
    return [Polygon(points, fill, stroke, width, dashed="ghost" in kinds) for points in outlines]


def _text(layout: Layout, position: Position, text: str, fill: str) -> Words:
    x, y = layout.corner(position)
    size = min(14.0, 0.62 * layout.height, 1.5 * layout.width / max(3, len(text)))
    at = x + layout.width / 2, y + layout.height / 2
    return Words(at, text, fill=readable_on(fill), size=size)


def _axis(block: Labelled, axis: int, place: AxisPlace) -> Group:
    """Return the index of each position along an axis, an arrow, and its name with its size."""
    colour, name, size = block.colours[axis], block.names[axis], block.values.shape[axis]
    indices = [Words(at, str(k), colour, 10) for k, at in enumerate(place.indices)]
    title = Words(place.title, f"{name}: {size}", colour, 12, place.anchor, bold=True)
    facts = {"name": name, "size": str(size), "colour": colour}
    return Group("axis", (*_arrow(place.indices, colour), *indices, title), facts)


def _arrow(indices: tuple[Point, ...], colour: str) -> tuple[Line, ...]:
    """Return a short arrow beyond the last index, where there is a direction."""
    if len(indices) < 2:
        return ()
    (x0, y0), (x1, y1) = indices[0], indices[-1]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    start = (x1 + 8 * ux, y1 + 8 * uy)
    return (Line(start, (start[0] + 12 * ux, start[1] + 12 * uy), colour, 1.2, arrow=True),)


def _note(block: Labelled, cells: list[Group]) -> list[Group]:
    """Say what is not drawn."""
    values, part = block.values, block.drawn
    if values.size == 0:
        words = f"no cells: an axis of shape {values.shape} has size 0"
        return [Group("note", (Words((0, 14), words, anchor="start"),))]
    if part.size < values.size:
        shown = ", ".join(f":{size}" for size in part.shape)
        words = f"[{shown}] of shape {values.shape}"
        bottom = max(y for one in cells for shape in one.shapes
                     if isinstance(shape, Polygon) for _, y in shape.points)  # fmt: skip
        return [Group("note", (Words((0, bottom + 52), words, anchor="start"),))]
    return []


def alternative(
    block: Labelled, chosen: np.ndarray | None = None, ghosts: np.ndarray | None = None
) -> str:
    """Return in words what a drawing of an array shows."""
    values = block.values
    order = {0: "A number", 1: "A vector", 2: "A matrix"}.get(values.ndim, f"A {values.ndim}-array")
    text = f"{order} of {block.shape_in_words}"
    if 0 < values.size <= 30:
        text += f": {np.array2string(values, separator=', ', max_line_width=10**6)}"
        text = " ".join(text.split())
    if chosen is not None:
        where = [tuple(map(int, one)) for one in np.argwhere(chosen)]
        listed = ", ".join(map(str, where[:24])) + (" and more" if len(where) > 24 else "")
        text += f". Highlighted: {len(where)} of {values.size} cells, {listed or 'none'}"
    if ghosts is not None and ghosts.any():
        text += f". Repeated: {int(ghosts.sum())} of {values.size} cells"
    return f"{text}."
