"""Steps of an array expression, their values, and why one does not fit.

Axes are named. What an operation does to the names is given as candidates: for each axis of a
result, the names that it may go on with, best first; a new axis has none.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import numpy as np

from mazoezi._errors import ArgumentError, MazoeziError

MOST_CELLS = 1_000_000
MOST_AXES = 6

Shape = tuple[int, ...]
Candidates = tuple[tuple[str, ...], ...]
Rule = Callable[..., "Result"]

NEW = ("new",)  # this very tuple, for an axis of size 1 that was not there before


@dataclass(frozen=True)
class Clash:
    """Why a step does not fit.

    `message` is for the learner. `axes` has pairs of axes that clash, of the left and the right
    operand, counted from the end, so that -1 is the last; where a single operand clashes with an
    index, both are the same axis. `shapes` are those of the operands that clash, and `between` says
    which of the step's operands they are.
    """

    message: str
    axes: tuple[tuple[int, int], ...]
    shapes: tuple[Shape, ...]
    between: tuple[int, ...] = (0, 1)


@dataclass(frozen=True, eq=False)
class Step:
    """A part of an expression, and its value.

    Args:
        source: the part as the learner wrote it, such as `b[:, None]`.
        kind: "name", "number", "index", "operation" (with one or two operands, and comparisons) or
            "call".
        operands: the steps whose arrays it takes, in order. A variable that is used twice is one
            step. Arrays that serve as an index or as an argument come after the others.
        value: its array; None where it does not fit (then `clash` says why), and where an operand
            has no value.
        sign: "+", "@" and so on of an operation, "sum" and so on of a call.
        index: of kind "index", what stands in the brackets: integers, slices, None, Ellipsis and
            arrays.
        axes: the name of each axis of the value. An axis keeps its name through the steps.
        arguments: of a call, what it is given besides arrays, with the defaults. Every move of axes
            has "permutation" here: axis k of the value is axis permutation[k] of the operand.
        clash: why it does not fit.
        weak: whether it is a Python number, which takes the other operand's dtype.
    """

    source: str
    kind: str
    operands: tuple["Step", ...] = ()
    value: np.ndarray | None = None
    sign: str = ""
    index: tuple | None = None
    axes: tuple[str, ...] = ()
    arguments: Mapping[str, object] = field(default_factory=dict)
    clash: Clash | None = None
    weak: bool = False

    @property
    def array(self) -> np.ndarray:
        """The value of a step that has one."""
        assert self.value is not None, f"{self.source} has no value"
        return self.value

    @property
    def plain(self) -> Any:
        """The array, or the Python number."""
        return self.array.item() if self.weak else self.array

    @property
    def shape(self) -> Shape:
        return self.array.shape

    @property
    def in_brackets(self) -> str:
        """The source, so that an index or a method can follow it."""
        return f"({self.source})" if self.kind == "operation" else self.source

    @property
    def kept(self) -> Candidates:
        """Its axes' names, for a result that has the same axes."""
        return tuple((name,) for name in self.axes)

    @property
    def flat(self) -> Candidates:
        """The name of the only axis that is left when all are laid end to end."""
        return self.kept if len(self.axes) == 1 else ((),)


class Result(NamedTuple):
    """An array, candidates for its axes' names, and arguments to be told with the learner's."""

    value: Any
    axes: Candidates
    arguments: Mapping[str, object] = {}


class MisfitError(Exception):
    """Shapes do not fit. It is caught where the step is made, which keeps the clash."""

    def __init__(self, clash: Clash):
        super().__init__(clash.message)
        self.clash = clash


class StoppedError(Exception):
    """A step has no value, so what is around it is not evaluated."""

    def __init__(self, step: Step):
        super().__init__(step.source)
        self.step = step


def misfit(
    message: str,
    *operands: Step,
    axes: Iterable[tuple[int, int]] = (),
    between: tuple[int, ...] | None = None,
) -> NoReturn:
    """Raise the MisfitError of these operands, which are the step's first ones unless told."""
    shapes = tuple(one.shape for one in operands)
    raise MisfitError(Clash(message, tuple(axes), shapes, between or tuple(range(len(operands)))))


def room(shape: Sequence[int]) -> None:
    """Raise MazoeziError where an array of this shape is too large to follow."""
    if len(shape) > MOST_AXES:
        raise MazoeziError(
            f"A result would have {len(shape)} axes, too many to follow: at most {MOST_AXES}."
        )
    if math.prod(max(size, 1) for size in shape) > MOST_CELLS:
        raise MazoeziError(
            f"A result would have the shape {tuple(shape)}, too large to follow: at most "
            f"{MOST_CELLS:,} cells."
        )


def whole(argument: str, value: object) -> int:
    """Return a whole number. Raises ArgumentError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ArgumentError(f"`{argument}`", value, "a whole number")
    return int(value)


def sizes(argument: str, value: object, *, rest: bool = False) -> Shape:
    """Return a shape given as an argument. `rest` allows -1, for the size that is left over."""
    several = value if isinstance(value, tuple) else (value,)
    shape = tuple(whole(argument, size) for size in several)
    if any(size < (-1 if rest else 0) for size in shape) or shape.count(-1) > 1:
        allowed = ", one of them -1 at most" if rest else ""
        raise ArgumentError(f"`{argument}`", value, f"sizes of axes, from 0 on{allowed}")
    return shape


def number(argument: str, value: object) -> int | float:
    if not isinstance(value, int | float):
        raise ArgumentError(f"`{argument}`", value, "a number")
    return value
