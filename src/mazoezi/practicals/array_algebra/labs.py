"""The lab of the practical: set the letters of a contraction, and see which lines they draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mazoezi.course.drawing import FAINT, new_figure
from mazoezi.course.lab import Choice, Integer, Lab
from mazoezi.practicals.array_algebra.figures._contraction import (
    Contraction,
    draw_index_diagram,
    read_contraction,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OWN = "own letters"
NOTHING = "(none)"
FORMULAS = (
    "ii->", "ii->i", "ij->ji", "ij->i", "ij->", "i,j->ij", "i,i->", "ij,ij->i", "ij,j->i",
    "ik,kj->ij", "bik,bkj->bij", "bik,bjk->bij",
)  # fmt: skip
_LETTERS = (
    "b", "i", "j", "k", "ij", "ji", "ik", "ki", "jk", "kj", "ii", "bi", "bij", "bik", "bjk", "bkj",
)  # fmt: skip


class EinsumLab(Lab):
    """Choose a contraction, or make one of your own letters, and see its index diagram.

    Each visit's results hold the `formula`, the `problem` that it has ("" if none) and, where there
    is none, the result's `shape` as a tuple, the numbers of letters that are `summed`, that `stay`, and
    that are `shared`: those that stay and that both arrays have; and the `multiply_adds`.
    """

    title = "A laboratory for einsum"
    controls = {
        "formula": Choice((*FORMULAS, OWN), start="ik,kj->ij"),
        "first": Choice(_LETTERS, start="ik", label="own: letters of A"),
        "second": Choice((NOTHING, *_LETTERS), start="kj", label="own: letters of B"),
        "result": Choice((NOTHING, *_LETTERS), start="ij", label="own: right of the arrow"),
        "b": Integer(1, 20, start=5, label="size of b"),
        "i": Integer(1, 20, start=2, label="size of i"),
        "j": Integer(1, 20, start=4, label="size of j"),
        "k": Integer(1, 20, start=3, label="size of k"),
    }

    def measure(self, formula: str, first: str, second: str, result: str, **sizes: int) -> dict:
        if formula == OWN:
            operands = [letters for letters in (first, second) if letters != NOTHING]
            formula = f"{','.join(operands)}->{'' if result == NOTHING else result}"
        problem = _problem(formula)
        if problem:
            return {"formula": formula, "problem": problem}
        contraction = _read(formula, sizes)
        return {
            "formula": formula,
            "problem": "",
            "shape": contraction.shape,
            "summed": len(contraction.summed),
            "stay": len(contraction.result),
            "shared": len(contraction.shared),
            "multiply_adds": contraction.multiply_adds,
        }

    @property
    def contraction(self) -> Contraction | None:
        """The current contraction, or None where its formula has a problem."""
        if self.current.results["problem"]:
            return None
        return _read(self.current.results["formula"], self.current.controls)

    def draw(self) -> Figure:
        figure, axes = new_figure(width=6.0, height=3.6)
        axes.set_title(self.current.results["formula"], fontsize=13)
        if self.contraction is None:
            _draw_problem(axes, self.current.results["problem"])
        else:
            draw_index_diagram(axes, self.contraction)
        return figure

    def tell(self) -> str:
        contraction, results = self.contraction, self.current.results
        if contraction is None:
            return f"`{results['formula']}` cannot be read. {results['problem']}"
        shapes = " and ".join(
            f"{name} of shape {tuple(contraction.sizes[letter] for letter in letters)}"
            for name, letters in zip("AB", contraction.operands, strict=False)
        )
        gives = "gives" if len(contraction.operands) == 1 else "give"
        gone = ", ".join(contraction.summed)
        summed = f"Summed over: {gone}." if gone else "Nothing is summed."
        factors = " · ".join(f"{letter} {size}" for letter, size in contraction.sizes.items())
        return (
            f"`{results['formula']}`: {shapes} {gives} the shape **{contraction.shape}**. {summed}\n"
            f"**{contraction.multiply_adds}** multiply-adds, the product of the sizes: {factors}."
        )


def _problem(formula: str) -> str:
    """Return why a formula of the lab cannot be read, or an empty text."""
    left, _, right = formula.partition("->")
    for letter in right:
        if letter not in left:
            return f"The letter {letter} stands right of the arrow and not left of it."
        if right.count(letter) > 1:
            return f"The letter {letter} stands twice right of the arrow."
    return ""


def _read(formula: str, sizes: Any) -> Contraction:
    """Read a formula without problems, with the sizes that the controls give its letters."""
    operands = formula.partition("->")[0].split(",")
    return read_contraction(
        formula, *[tuple(sizes[letter] for letter in letters) for letters in operands]
    )


def _draw_problem(axes: Axes, problem: str) -> None:
    axes.text(0.5, 0.5, problem, ha="center", va="center", color=FAINT, fontsize=12)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
