"""An array expression, drawn step by step."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mazoezi.arrays._block import Labelled, draw_block
from mazoezi.arrays._evaluate import Step, evaluate, steps
from mazoezi.arrays._layout import CELL
from mazoezi.arrays._moves import FUNCTIONS, OPERATORS, aggregation_of, operation_of
from mazoezi.arrays._scene import (
    AXES,
    CHOSEN,
    CLASH,
    GREY,
    INK,
    PLAIN,
    Drawing,
    Group,
    Polygon,
    Shape,
    Words,
    beside,
    stacked,
    titled,
)
from mazoezi.arrays._whole import mask_of

_MOST_AXES = 4


def explain(
    expression: str, names: Mapping[str, Sequence[str]] | None = None, /, **arrays: Any
) -> Drawing:
    """Draw each step of an array expression with its shape, up to the result.

    Where shapes do not fit, the last step shows them below each other, marks the axes that clash, and
    says what to do. An axis keeps its name and its colour through all steps.

        >>> print(explain("b[:, None]", b=[1, 2]).text)
        b: shape (2,). A vector of shape (2,) (i 2): [1, 2].
        b[:, None]: shape (2, 1). A matrix of shape (2, 1) (i 2, new 1): [[1], [2]].

    Args:
        expression: names of the arrays given, indexing, arithmetic, comparisons, and the functions
            and methods of NumPy and JAX that `ALLOWED` lists.
        names: for an array's name, a name for each of its axes.
        arrays: the arrays in scope, by name.

    Raises ArgumentError for a text that is no such expression, and for arrays that cannot be drawn.
    """
    evaluated = steps(evaluate(expression, arrays, names))
    look = _look(evaluated)
    drawings: dict[str, Drawing] = {}
    for step in evaluated:
        if step.source not in drawings and (step.value is not None or step.clash is not None):
            drawings[step.source] = _draw_step(step, look)
    return stacked(drawings.values(), gap=30)


@dataclass(frozen=True)
class _Look:
    """Under which name an axis is drawn, and in which colour."""

    renamed: Mapping[str, str]
    palette: Mapping[str, str]

    def label(self, step: Step) -> Labelled:
        names = tuple(self.renamed[name] for name in step.axes)
        return Labelled(_value(step), names, tuple(self.palette[name] for name in names))


def _value(step: Step) -> np.ndarray:
    assert step.value is not None
    return step.value


def _look(evaluated: Sequence[Step]) -> _Look:
    """Give each axis a colour in the order in which they appear; late ones are grey."""
    renamed = _one_name_each(evaluated)
    appeared = dict.fromkeys(renamed[name] for step in evaluated for name in step.axes)
    palette = {name: AXES[k] if k < len(AXES) else GREY for k, name in enumerate(appeared)}
    return _Look(renamed, palette)


def _one_name_each(evaluated: Sequence[Step]) -> dict[str, str]:
    """Return the name under which each axis is drawn: axes that meet share one.

    Two axes of one array keep different names, as in x + x.T.
    """
    renamed = {name: name for step in evaluated for name in step.axes}
    for step in evaluated:
        for kept, gone in _meeting(step):
            if renamed[kept] == renamed[gone]:
                continue
            merged = {
                name: renamed[kept] if now == renamed[gone] else now
                for name, now in renamed.items()
            }
            if all(len({merged[n] for n in s.axes}) == len(s.axes) for s in evaluated):
                renamed = merged
    return renamed


def _meeting(step: Step) -> Iterator[tuple[str, str]]:
    """Yield the pairs of axes, of equal size, that run together in an operation or an einsum."""
    if step.value is None or len(step.operands) < 2:
        return
    left, right = (_sized(one) for one in step.operands[:2])
    if step.sign == "einsum":
        yield from _sharing_letters(step)
    elif step.sign in ("@", "matmul"):
        pairs = zip(left[-3::-1], right[-3::-1], strict=False)
        yield from ((one[0], other[0]) for one, other in pairs if one[1] == other[1])
        yield left[-1][0], right[-2:][0][0]
    elif step.kind == "operation":
        pairs = zip(left[::-1], right[::-1], strict=False)
        yield from ((one[0], other[0]) for one, other in pairs if one[1] == other[1])


def _sized(step: Step) -> list[tuple[str, int]]:
    return list(zip(step.axes, _value(step).shape, strict=True))


def _sharing_letters(step: Step) -> Iterator[tuple[str, str]]:
    """Yield pairs of axes of different operands that have one letter in einsum's formula."""
    terms = str(step.arguments["subscripts"]).partition("->")[0].split(",")
    first: dict[str, tuple[str, int]] = {}
    for term, one in zip(terms, step.operands, strict=True):
        for letter, axis in zip(term, _sized(one), strict=True):
            name, size = first.setdefault(letter, axis)
            if size == axis[1]:
                yield name, axis[0]


def _draw_step(step: Step, look: _Look) -> Drawing:
    if step.clash is not None:
        return _draw_clash(step)
    shape = _value(step).shape
    parts = [one for one in (step, *step.operands) if one.value is not None]
    if any(_value(one).ndim > _MOST_AXES for one in parts):
        words = f"more than {_MOST_AXES} axes cannot be drawn"
        drawing = Drawing((Words((0, 0), words, anchor="start"),), words)
    elif step.kind == "index" and step.operands:
        drawing = _draw_index(step, look)
    elif step.kind == "operation" and len(step.operands) == 2 and step.sign in OPERATORS:
        drawing = _draw_binary(step, look)
    elif step.kind == "call" and step.sign in FUNCTIONS and not step.arguments.get("keepdims"):
        axis: Any = step.arguments.get("axis")
        drawing = aggregation_of(look.label(step.operands[0]), axis, step.sign)
    else:
        drawing = _draw_before_and_after(step, look)
    return titled(f"{step.source}: shape {shape}", drawing)


def _draw_index(step: Step, look: _Look) -> Drawing:
    whole, result = look.label(step.operands[0]), look.label(step)
    mask = mask_of(whole.values.shape, step.index)
    return beside((draw_block(whole, chosen=mask), "→", _upright(result, whole, fill=CHOSEN)))


def _draw_binary(step: Step, look: _Look) -> Drawing:
    """Draw an operation of two operands, of which one may be a number in the text."""
    if step.sign == "@":
        return _draw_before_and_after(step, look)
    left, right = (_value(one) for one in step.operands)
    return operation_of(left, step.sign, right, look.label(step))


def _draw_before_and_after(step: Step, look: _Look) -> Drawing:
    result = look.label(step)
    before = [draw_block(look.label(one)) for one in step.operands if one.kind != "number"]
    if not before:
        return draw_block(result)
    signed: list[Drawing | str] = [before[0]]
    for one in before[1:]:
        signed += (step.sign if step.sign in OPERATORS else ",", one)
    whole = look.label(step.operands[0])
    return beside((*signed, "→", _upright(result, whole)))


def _upright(result: Labelled, whole: Labelled, fill: str = PLAIN) -> Drawing:
    """Draw what came of an array; as a column if it is what was going down there."""
    column = result.names == whole.names[:1] and len(whole.names) > 1
    return draw_block(result, fill=fill, column=column)


def _draw_clash(step: Step) -> Drawing:
    """Draw the shapes below each other, flush right, with the sizes that clash, and say why."""
    assert step.clash is not None
    marked = [{pair[row] for pair in step.clash.axes} for row in range(len(step.clash.shapes))]
    widest = max(map(len, step.clash.shapes))
    shapes: list[Shape | Group] = []
    for row, (shape, axes) in enumerate(zip(step.clash.shapes, marked, strict=True)):
        y = CELL * 1.2 * row
        label = step.operands[row].source if row < len(step.operands) else ""
        shapes.append(Words((-14, y + CELL / 2), label, anchor="end", bold=True))
        for axis, size in enumerate(shape, start=-len(shape)):
            shapes.append(_size(widest + axis, y, size, clashes=axis in axes))
    lines = textwrap.wrap(step.clash.message, 78)
    bottom = CELL * 1.2 * len(step.clash.shapes) + 14
    shapes += (
        Words((-14, bottom + 18 * k), line, size=13, anchor="start") for k, line in enumerate(lines)
    )
    drawing = Drawing((Group("clash", tuple(shapes)),), step.clash.message)
    return titled(f"{step.source}: does not fit", drawing)


def _size(column: int, y: float, size: int, *, clashes: bool) -> Group:
    """Draw the size of one axis; one that clashes is filled and has a cross."""
    x = column * CELL * 1.3
    corners = (x, y), (x + CELL, y), (x + CELL, y + CELL), (x, y + CELL)
    box = Polygon(corners, CLASH if clashes else PLAIN, INK if clashes else GREY)
    words = Words((x + CELL / 2, y + CELL / 2), f"{size} ✗" if clashes else str(size), INK)
    return Group("size clashes" if clashes else "size", (box, words), {"size": str(size)})
