"""Index diagrams of contractions: arrays are nodes, letters are lines.

A letter that is summed runs from node to node, or ends in a full dot where only one array has it. A
letter that stays hangs down, and its end is an axis of the result.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mazoezi._errors import ArgumentError
from mazoezi.course.drawing import CYCLE, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Point = tuple[float, float]

_APART = 2.4  # from one node to the next
_RADIUS = 0.48
_LIFTS = (0.0, 1.5, 2.5)  # of the first, second and third line between two nodes
_BOTTOM, _TOP = -1.9, 1.1  # where letters that stay end, and those that one array sums alone
_INK = "#1b1b1b"


class Contraction(NamedTuple):
    """What an einsum formula says of arrays with these shapes.

    `operands` are the letters of each array, `result` those of the result, and `sizes` says how long
    the axis of each letter is, in the order in which the letters occur.
    """

    operands: tuple[str, ...]
    result: str
    sizes: dict[str, int]

    @property
    def summed(self) -> list[str]:
        """The letters that are missing in the result."""
        return [letter for letter in self.sizes if letter not in self.result]

    @property
    def shared(self) -> list[str]:
        """The letters that stay and that more than one array has: those of a batch."""
        return [
            letter
            for letter in dict.fromkeys(self.result)
            if sum(letter in operand for operand in self.operands) > 1
        ]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the result."""
        return tuple(self.sizes[letter] for letter in self.result)

    @property
    def multiply_adds(self) -> int:
        """How often two numbers are multiplied and added to a sum, if nothing is done cleverly."""
        return math.prod(self.sizes.values())


def read_contraction(formula: str, *shapes: Sequence[int]) -> Contraction:
    """Read a formula with an arrow, such as `ik,kj->ij`, together with the arrays' shapes.

    Raises ArgumentError, saying what does not fit.

    >>> read_contraction("ik,kj->ij", (2, 3), (3, 4)).shape
    (2, 4)
    """
    left, arrow, result = formula.replace(" ", "").partition("->")
    operands = tuple(left.split(","))
    if not arrow:
        raise ArgumentError("formula", formula, "one with an arrow, such as 'ik,kj->ij'")
    if [len(letters) for letters in operands] != [len(shape) for shape in shapes]:
        wanted = f"a letter for each axis of the shapes {', '.join(map(str, shapes))}"
        raise ArgumentError("formula", formula, wanted)
    sizes: dict[str, int] = {}
    for letters, shape in zip(operands, shapes, strict=True):
        for letter, size in zip(letters, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                wanted = f"one size for the letter {letter}, not {sizes[letter]} and {size}"
                raise ArgumentError("the shapes", shapes, wanted)
    if not set(result) <= set(sizes) or len(set(result)) < len(result):
        raise ArgumentError("formula", formula, "right of the arrow letters of the left, each once")
    return Contraction(operands, result, sizes)


def index_diagram(formula: str, *shapes: Sequence[int], names: str = "ABCDE") -> Figure:
    """The index diagram of a contraction of up to five arrays.

    Args:
        formula: an einsum formula with an arrow.
        *shapes: the shape of each array.
        names: a letter to call each array by.

    Raises ArgumentError where formula and shapes do not fit each other.
    """
    contraction = read_contraction(formula, *shapes)
    figure, axes = new_figure(width=2.0 + 2.0 * len(shapes), height=3.4)
    draw_index_diagram(axes, contraction, names)
    axes.set_title(f"{formula}:  {_equation(contraction, names)}", fontsize=11)
    return figure


def draw_index_diagram(axes: Axes, contraction: Contraction, names: str = "ABCDE") -> None:
    """Draw an index diagram on axes that are otherwise empty."""
    nodes = [(_APART * place, 0.0) for place in range(len(contraction.operands))]
    ends = _ends(contraction)
    joined: Counter[tuple[int, int]] = Counter()  # how many lines two nodes have between them
    for place, (letter, size) in enumerate(contraction.sizes.items()):
        colour, label = CYCLE[place % len(CYCLE)], f"{letter} = {size}"
        holders = _holders(contraction, letter)
        if letter in contraction.result:
            _draw_end(axes, nodes, holders, (ends[letter], _BOTTOM), colour)
            _write(axes, (ends[letter], _BOTTOM - 0.25), label, colour)
        elif letter in ends:
            _draw_end(axes, nodes, holders, (ends[letter], _TOP), colour)
            axes.plot(ends[letter], _TOP, "o", color=colour, markersize=8)
            _write(axes, (ends[letter], _TOP + 0.27), f"Σ {label}", colour)
        else:
            _draw_between(axes, nodes, holders, label, colour, joined)
    for node, letters, name in zip(nodes, contraction.operands, names, strict=False):
        _draw_node(axes, node, name, tuple(contraction.sizes[letter] for letter in letters))
    left, right = (end([node[0] for node in nodes] + list(ends.values())) for end in (min, max))
    axes.set(xlim=(left - 1, right + 1), ylim=(_BOTTOM - 0.55, _TOP + 0.55), aspect="equal")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    # not drawn, but read aloud: see mazoezi.course.drawing.describe
    axes.set_xlabel(f"letters that stay ({_listed(contraction.result)})").set_visible(False)
    axes.set_ylabel(f"letters that are summed ({_listed(contraction.summed)})").set_visible(False)


def _listed(letters: Sequence[str]) -> str:
    return ", ".join(letters) or "none"


def _equation(contraction: Contraction, names: str) -> str:
    """Return shapes in words, such as `A (2, 3), B (3, 4) give (2, 4)`."""
    shapes = [
        f"{name} {tuple(contraction.sizes[letter] for letter in letters)}"
        for name, letters in zip(names, contraction.operands, strict=False)
    ]
    verb = "gives" if len(shapes) == 1 else "give"
    return f"{', '.join(shapes)} {verb} {contraction.shape}"


def _holders(contraction: Contraction, letter: str) -> list[int]:
    """Return the arrays that have a letter, each as often as it has it."""
    return [i for i, letters in enumerate(contraction.operands) for one in letters if one == letter]


def _ends(contraction: Contraction) -> dict[str, float]:
    """Return how far right the lines end that hang down, or that stand up from a single array."""
    below = list(contraction.result)
    alone = [one for one in contraction.summed if len(set(_holders(contraction, one))) == 1]
    places: dict[str, float] = {}
    for letters in (below, alone):
        middles = {one: _middle(_holders(contraction, one)) for one in letters}
        for middle in set(middles.values()):
            here = [one for one in letters if middles[one] == middle]
            for step, one in enumerate(here):
                places[one] = middle + 0.85 * (step - (len(here) - 1) / 2)
    return places


def _middle(holders: list[int]) -> float:
    return _APART * sum(holders) / len(holders)


def _draw_end(axes: Axes, nodes: list[Point], holders: list[int], end: Point, colour: str) -> None:
    """Draw a line from an array to an end; from several places of arrays, joined by a knot."""
    if len(holders) == 1:
        _line(axes, [nodes[holders[0]], end], colour)
        return
    knot = end if end[1] > 0 else (end[0], 0.58 * end[1])
    for place, holder in enumerate(holders):
        bend = 0.55 * (-1) ** place if len(set(holders)) == 1 else 0.0
        _line(axes, _curve(nodes[holder], knot, (bend, 0.0)), colour)
    axes.plot(*knot, "o", color=colour, markersize=5)
    _line(axes, [knot, end], colour)


def _draw_between(
    axes: Axes,
    nodes: list[Point],
    holders: list[int],
    label: str,
    colour: str,
    joined: Counter[tuple[int, int]],
) -> None:
    """Draw a letter that is summed over several arrays, and count its lines in `joined`."""
    points: list[Point] = []
    for pair in itertools.pairwise(sorted(set(holders))):
        far = pair[1] > pair[0] + 1  # a straight line would cross the array in between
        points = _curve(nodes[pair[0]], nodes[pair[1]], (0.0, _LIFTS[min(joined[pair] + far, 2)]))
        _line(axes, points, colour)
        joined[pair] += 1
    x, y = points[len(points) // 2]
    _write(axes, (x, y + 0.22), label, colour)


def _curve(start: Point, end: Point, bend: Point) -> list[Point]:
    """Return points on a curve that leaves the straight line by half of `bend` in its middle."""
    along = np.linspace(0, 1, 41)[:, None]
    middle = (np.array(start) + np.array(end)) / 2 + np.array(bend)
    points = (
        (1 - along) ** 2 * np.array(start)
        + 2 * along * (1 - along) * middle
        + along**2 * np.array(end)
    )
    return [(float(x), float(y)) for x, y in points]


def _line(axes: Axes, points: Sequence[Point], colour: str) -> None:
    x, y = zip(*points, strict=True)
    axes.plot(x, y, color=colour, linewidth=2.5, solid_capstyle="round", zorder=1)


def _write(axes: Axes, at: Point, text: str, colour: str) -> None:
    axes.text(*at, text, color=colour, ha="center", va="center", fontsize=11, fontweight="bold")


def _draw_node(axes: Axes, at: Point, name: str, shape: tuple[int, ...]) -> None:
    from matplotlib.patches import Circle

    axes.add_patch(Circle(at, _RADIUS, facecolor="white", edgecolor=_INK, linewidth=1.5, zorder=2))
    x, y = at
    axes.text(x, y + 0.1, name, ha="center", va="center", fontsize=13, color=_INK, zorder=3)
    text = " × ".join(map(str, shape)) or "number"
    axes.text(x, y - 0.17, text, ha="center", va="center", fontsize=8, color=_INK, zorder=3)
