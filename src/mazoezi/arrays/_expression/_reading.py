"""What stands in an expression besides arrays: numbers, arguments of functions, and indices."""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mazoezi._errors import MazoeziError
from mazoezi.arrays._allowed import CONSTANTS, DTYPES
from mazoezi.arrays._block import as_array
from mazoezi.arrays._expression._grammar import MODULES
from mazoezi.arrays._expression._steps import Step

Take = Callable[[ast.expr], Step]  # evaluates an array and counts it among the operands

_FOLDED: Mapping[type[ast.AST], Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


class Reader:
    """Reads the parts of a tree that are no arrays.

    Args:
        text: the expression.
        scope: what its names stand for.
        valued: gives the step of an array, which has a value.
    """

    def __init__(self, text: str, scope: Mapping[str, Any], valued: Take):
        self.text, self.scope, self._valued = text, scope, valued

    def source(self, node: ast.AST) -> str:
        """Return a part as the learner wrote it."""
        return ast.get_source_segment(self.text, node) or ast.unparse(node)

    def argument(self, node: ast.expr, take: Take) -> Any:
        """Return None, a number, or a tuple of numbers; an array of integers counts as a tuple."""
        if self._is_none(node):
            return None
        number = self.number(node)
        if number is not None:
            return number
        several = self._tuple(node, take)
        if several is not None:
            return several
        step = take(node)
        if step.array.ndim == 0 and step.array.dtype.kind in "biuf":
            return step.array.item()
        if step.array.ndim == 1 and step.array.dtype.kind in "iu":
            return tuple(step.array.tolist())
        raise MazoeziError(
            f"`{step.source}` of shape {step.shape} cannot be an argument: "
            "arguments are numbers, tuples of whole numbers, None, and sizes such as `x.shape[0]`."
        )

    def _is_none(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant(value=None) | ast.Attribute(value=ast.Name(), attr="newaxis"):
                return True
            case ast.Name(id=name):
                return self.scope[name] is None if name in self.scope else name == "newaxis"
        return False

    def _tuple(self, node: ast.expr, take: Take) -> tuple | None:
        match node:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return tuple(self.argument(one, take) for one in parts)
            case ast.Attribute(value=array, attr="shape"):
                return self._valued(array).shape
            case ast.Subscript(
                value=ast.Attribute(attr="shape") as shape, slice=ast.Slice() as part
            ):
                several = self._tuple(shape, take)
                return several and several[self._slice(part, take)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                first = self._tuple(left, take)
                second = None if first is None else self._tuple(right, take)
                return None if first is None or second is None else first + second
        return None

    def number(self, node: ast.expr, *, names: bool = True) -> int | float | None:
        """Return the number that a part stands for, or None if it is no bare number.

        With `names`, a number in scope counts as one; otherwise it is an array without axes.
        """
        match node:
            case ast.Constant(value=bool() | int() | float() as number):
                return self._bounded(number, node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=part):
                return self._folded(sign, [part], node, names)
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _FOLDED:
                return self._folded(sign, [left, right], node, names)
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in MODULES:
                return CONSTANTS.get(name)
            case ast.Attribute(value=array, attr="size"):
                return self._valued(array).array.size
            case ast.Attribute(value=array, attr="ndim"):
                return self._valued(array).array.ndim
            case ast.Subscript(value=ast.Attribute(value=array, attr="shape"), slice=part):
                return self._size(self._valued(array), self.number(part))
            case ast.Name(id=name) if names and name in self.scope and not self._is_none(node):
                value = self._valued(node).array
                return value.item() if value.ndim == 0 and value.dtype.kind in "biuf" else None
        return None

    def _size(self, step: Step, place: int | float | None) -> int | None:
        if not isinstance(place, int):
            return None
        if not -step.array.ndim <= place < step.array.ndim:
            raise MazoeziError(
                f"`{step.source}` has the shape {step.shape}, in which there is no position {place}."
            )
        return step.shape[place]

    def _folded(
        self, sign: ast.AST, parts: Sequence[ast.expr], node: ast.expr, names: bool
    ) -> int | float | None:
        """Return what numbers give together, without ever making a huge one."""
        numbers = []
        for part in parts:
            number = self.number(part, names=names)
            if number is None:
                return None
            numbers.append(number)
        if isinstance(sign, ast.Pow) and all(isinstance(one, int) for one in numbers):
            base, exponent = numbers
            if (abs(base).bit_length() - 1) * exponent > 64:
                raise self._too_large(node)
        try:
            return self._bounded(_FOLDED[type(sign)](*numbers), node)
        except ZeroDivisionError:
            raise MazoeziError(f"`{self.source(node)}` divides by zero.") from None
        except OverflowError:
            raise self._too_large(node) from None

    def _bounded(self, number: Any, node: ast.expr) -> int | float:
        if isinstance(number, complex):
            raise MazoeziError(f"`{self.source(node)}` is not a real number.")
        if isinstance(number, int) and not -(2**63) <= number < 2**63:
            raise self._too_large(node)
        return number

    def _too_large(self, node: ast.expr) -> MazoeziError:
        return MazoeziError(
            f"`{self.source(node)}` is too large: whole numbers in an array have 64 bits."
        )

    def index(self, node: ast.expr, take: Take) -> tuple:
        """Return what stands in square brackets: integers, slices, None, Ellipsis and arrays."""
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        return tuple(self._position(part, take) for part in parts)

    def _position(self, node: ast.expr, take: Take) -> Any:
        """Return one part of an index: an integer, a slice, None, Ellipsis or an array."""
        if isinstance(node, ast.Slice):
            return self._slice(node, take)
        if self._is_none(node):
            return None
        if isinstance(node, ast.Constant) and node.value is Ellipsis:
            return Ellipsis
        number = self.number(node)
        if number is not None:
            return self._whole(node, number)
        if isinstance(node, ast.List):
            value = self.literal(node)
            value = value if value.size else value.astype(int)
        else:
            value = take(node).array
        if value.ndim == 0:
            return self._whole(node, value.item())
        if value.dtype.kind not in "biu":
            raise MazoeziError(
                f"`{self.source(node)}` cannot be an index: it holds {value.dtype}, and positions are "
                "whole numbers, or truth values in a mask."
            )
        return value

    def _slice(self, node: ast.Slice, take: Take) -> slice:
        parts = [
            None if part is None or self._is_none(part)
            else self._whole(part, self.argument(part, take))
            for part in (node.lower, node.upper, node.step)
        ]  # fmt: skip
        if parts[2] == 0:
            raise MazoeziError(f"`{self.source(node)}` has the step 0, which never goes on.")
        return slice(*parts)

    def _whole(self, node: ast.expr, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise MazoeziError(
            f"`{self.source(node)}` cannot be an index: positions are whole numbers, and it is {value}."
        )

    def literal(self, node: ast.expr) -> np.ndarray:
        """Return the array of a list of numbers, or of lists of equal length."""
        return as_array(self._nested(node))

    def _nested(self, node: ast.expr) -> Any:
        if isinstance(node, ast.List | ast.Tuple):
            return [self._nested(one) for one in node.elts]
        number = self.number(node)
        if number is None:
            raise MazoeziError(
                f"A list of numbers cannot hold `{self.source(node)}`. Arrays are joined by "
                "`np.stack([a, b])`."
            )
        return number

    def dtype(self, node: ast.expr) -> np.dtype | None:
        """Return the dtype that a name, an attribute of the module or a text stands for."""
        match node:
            case ast.Constant(value=None):
                return None
            case (
                ast.Name(id=name)
                | ast.Attribute(value=ast.Name(id="np" | "jnp"), attr=name)
                | ast.Constant(value=str(name))
            ) if name in DTYPES:
                return DTYPES[name]
        raise MazoeziError(f"`{self.source(node)}` is no dtype here: use {', '.join(DTYPES)}.")

    def formula(self, node: ast.expr) -> str:
        """Return einsum's formula."""
        match node:
            case ast.Constant(value=str(formula)):
                return formula
        raise MazoeziError("einsum takes its formula first: `np.einsum('ij,jk->ik', a, b)`.")
