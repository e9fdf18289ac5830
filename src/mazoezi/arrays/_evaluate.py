"""An array expression, typed as a text, evaluated step by step.

The text is never given to Python's `eval`. `parse` refuses everything but array expressions; here
each part of the tree is computed with NumPy by the rules of `_allowed`, which know the size of a
result before they make it.

Plain names of functions mean NumPy's: `sum(x)` is `np.sum(x)`.
"""

import ast
import inspect
import itertools
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mazoezi._errors import ArgumentError, MazoeziError
from mazoezi.arrays._allowed import (
    ALLOWED,
    FUNCTIONS,
    METHODS,
    OPERATORS,
    is_array,
)
from mazoezi.arrays._block import as_array
from mazoezi.arrays._expression._grammar import MODULES, parse
from mazoezi.arrays._expression._indexing import indexed
from mazoezi.arrays._expression._reading import Reader
from mazoezi.arrays._expression._shapes import transpose
from mazoezi.arrays._expression._steps import (
    MOST_AXES,
    NEW,
    Candidates,
    Clash,
    MisfitError,
    Result,
    Rule,
    Step,
    StoppedError,
    room,
)

__all__ = ["ALLOWED", "Clash", "Step", "evaluate", "steps"]

MOST_WORK = 30_000_000  # cells that all steps together may take and give


def evaluate(
    expression: str, scope: Mapping[str, Any], names: Mapping[str, Sequence[str]] | None = None
) -> Step:
    """Return the last step of an array expression, from which all others are reached.

    Where shapes do not fit, evaluation stops. The step that does not fit has a clash and its operands;
    each step around it has no value, no clash, and as operands those that were reached. So `value` of
    the step returned is None if anything did not fit, and `steps` ends with the step that did not.

    Args:
        expression: the text, with what `ALLOWED` lists, operators, comparisons and indexing.
        scope: for each name what it stands for: NumPy or JAX arrays, numbers, nested lists. JAX's
            arrays are computed with as NumPy's.
        names: for a name in scope, a name for each of its axes. Others are called i, j and so on, and
            axes of size 1 that the expression makes, new. Where axes meet, the one of another size
            than 1 gives its name, a name from here goes before a generated one, then the left one.
            Two axes of one array always have different names, so that a name which comes twice is
            replaced by a generated one.

    Raises MazoeziError for a text that is no array expression, or one too large to follow, and
    ArgumentError for names that do not fit, for an argument of the wrong kind, for ragged lists and
    for what is no array.
    """
    text, tree = parse(expression, scope.keys())
    evaluation = _Evaluation(text, tree, scope, names or {})
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return evaluation.step(tree)


def steps(root: Step) -> list[Step]:
    """Return the steps that were evaluated, in this order, each once, without bare numbers."""
    found: dict[Step, None] = {}

    def collect(step: Step) -> None:
        for operand in step.operands:
            collect(operand)
        if step.kind != "number" and (step.value is not None or step.clash is not None):
            found.setdefault(step)

    collect(root)
    return list(found)


@dataclass
class _Draft:
    """A step while it is evaluated."""

    source: str
    kind: str = "number"
    sign: str = ""
    operands: list[Step] = field(default_factory=list)
    index: tuple | None = None
    arguments: dict[str, object] = field(default_factory=dict)
    weak: bool = False

    def finished(
        self, value: np.ndarray | None, axes: tuple[str, ...], clash: Clash | None = None
    ) -> Step:
        return Step(
            self.source, self.kind, tuple(self.operands), value, self.sign, self.index, axes,
            self.arguments, clash, self.weak,
        )  # fmt: skip


class _Evaluation:
    """The evaluation of one expression; `step` is its one entrance."""

    def __init__(
        self,
        text: str,
        tree: ast.expr,
        scope: Mapping[str, Any],
        names: Mapping[str, Sequence[str]],
    ):
        self.scope, self.names = scope, names
        self.read = Reader(text, scope, self._valued)
        unknown = sorted(set(names) - set(scope))
        if unknown:
            raise ArgumentError("`names`", unknown[0], f"names in scope: {', '.join(scope)}")
        self.given = {axis for several in names.values() for axis in several}
        identifiers = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self.taken = self.given | identifiers  # an axis that is called like an array would confuse
        self.made: dict[str | ast.expr, Step] = {}  # of each variable, and of each part of the tree
        self.work = 0

    def step(self, node: ast.expr) -> Step:
        """Return the step of a part of the tree, which is evaluated once."""
        key = node.id if isinstance(node, ast.Name) else node
        if key not in self.made:
            self.made[key] = self._evaluated(node)
        return self.made[key]

    def _evaluated(self, node: ast.expr) -> Step:
        draft = _Draft(self.read.source(node))
        try:
            result = self._result(node, draft)
            value = np.asarray(result.value)
            if draft.kind != "name":  # an array in scope may be large, as long as its parts are not
                room(value.shape)
                self._count(value.size + sum(one.array.size for one in draft.operands))
        except MisfitError as misfit:
            return draft.finished(None, (), misfit.clash)
        except StoppedError as stopped:
            draft.operands.append(stopped.step)
            return draft.finished(None, ())
        draft.arguments.update(result.arguments)
        return draft.finished(value, self._axes(result.axes))

    def _count(self, cells: int) -> None:
        self.work += cells
        if self.work > MOST_WORK:
            raise MazoeziError(
                f"The steps have more than {MOST_WORK:,} cells together, too many to follow."
            )

    def _axes(self, several: Candidates) -> tuple[str, ...]:
        """Choose a name for each axis."""
        axes: list[str] = []
        for candidates in several:
            free = [] if candidates is NEW else [name for name in candidates if name not in axes]
            free.sort(key=lambda name: name not in self.given)
            axes.append(free[0] if free else self._fresh("new" if candidates is NEW else ""))
        return tuple(axes)

    def _fresh(self, word: str) -> str:
        letters = [word] if word else list("ijklmnopqrstuvwxyz")
        numbered = (f"{name}{k}" for k in itertools.count(2) for name in letters)
        name = next(one for one in itertools.chain(letters, numbered) if one not in self.taken)
        self.taken.add(name)
        return name

    def _operand(self, node: ast.expr, draft: _Draft) -> Step:
        """Return the step of an operand, which has a value. Raises StoppedError."""
        step = self._valued(node)
        draft.operands.append(step)
        return step

    def _valued(self, node: ast.expr) -> Step:
        step = self.step(node)
        if step.value is None:
            raise StoppedError(step)
        return step

    def _result(self, node: ast.expr, draft: _Draft) -> Result:
        """Evaluate a part of the tree, and note in the draft what it is."""
        number = self.read.number(node, names=False)
        if number is not None:
            draft.weak = True
            return Result(number, ())
        match node:
            case ast.Name(id=name):
                draft.kind = "name"
                return self._variable(name, draft)
            case ast.BinOp(left=left, op=sign, right=right):
                return self._operation(node, sign, (left, right), draft)
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                return self._operation(node, sign, (left, right), draft)
            case ast.UnaryOp(op=sign, operand=operand):
                return self._operation(node, sign, (operand,), draft)
            case ast.Subscript(value=array, slice=index):
                draft.kind = "index"
                step = self._operand(array, draft)
                draft.index = self.read.index(index, lambda part: self._operand(part, draft))
                return indexed(step, draft.index)
            case ast.Attribute(value=array, attr="T"):
                draft.kind, draft.sign = "call", "transpose"
                return transpose(self._operand(array, draft))
            case ast.Attribute(attr="shape"):
                raise MazoeziError(
                    f"`{draft.source}` is a tuple of sizes. It serves as an argument, such as in "
                    "`x.reshape(x.shape[0], -1)`, and is no array."
                )
            case ast.Call():
                draft.kind = "call"
                return self._call(node, draft)
        raise MazoeziError(f"`{draft.source}` is not an array. {self._instead(node)}")

    def _instead(self, node: ast.expr) -> str:
        match node:
            case ast.List():
                return f"Write `np.array({self.read.source(node)})`."
            case ast.Tuple():
                return "Several arrays are joined by `np.stack` or `np.concatenate`."
            case ast.Constant(value=str()):
                return "Texts are only einsum's formula and names of dtypes."
        return "Arrays are the names in scope, and what operations and functions give."

    def _variable(self, name: str, draft: _Draft) -> Result:
        if name not in self.scope:
            raise MazoeziError(f"`{name}` is no array, and stands only before a dot or as a dtype.")
        given = self.scope[name]
        draft.weak = type(given) in (bool, int, float)
        size = getattr(given, "size", 0)
        self._count(size if isinstance(size, int) else 0)  # before it is copied
        value = _known(name, given)
        if value.ndim > MOST_AXES:
            raise MazoeziError(
                f"`{name}` has {value.ndim} axes, too many to follow: at most {MOST_AXES}."
            )
        if name not in self.names:
            return Result(value, ((),) * value.ndim)
        axes = tuple(self.names[name])
        if len(axes) != value.ndim or len(set(axes)) < len(axes):
            raise ArgumentError(
                f"the names of `{name}`", axes,
                f"{value.ndim} different names, one for each axis of {value.shape}",
            )  # fmt: skip
        return Result(value, tuple((axis,) for axis in axes))

    def _operation(
        self, node: ast.expr, sign: ast.AST, parts: Sequence[ast.expr], draft: _Draft
    ) -> Result:
        draft.kind = "operation"
        draft.sign, rule = OPERATORS[type(sign)]
        operands = [self._operand(one, draft) for one in parts]
        number = self.read.number(node) if all(one.weak for one in operands) else None
        if number is not None:  # numbers stay Python's, which have no dtype
            draft.weak = True
            return Result(number, ())
        return self._computed(rule, draft, *operands)

    def _computed(self, rule: Rule, draft: _Draft, *args: Any, **arguments: Any) -> Result:
        try:
            return rule(*args, **arguments)
        except MazoeziError:
            raise
        except (TypeError, ValueError, IndexError, ArithmeticError, MemoryError) as error:
            raise MazoeziError(f"NumPy cannot compute `{draft.source}`: {error}.") from None

    # Calls

    def _call(self, node: ast.Call, draft: _Draft) -> Result:
        rule, positional, called = self._called(node)
        draft.sign = called.removeprefix(".")
        keywords = {one.arg: one.value for one in node.keywords if one.arg is not None}
        signature = inspect.signature(rule)
        try:
            bound = signature.bind(*positional, **keywords)
        except TypeError:
            raise MazoeziError(
                f"`{draft.source}` has other arguments than `{ALLOWED[called]}`."
            ) from None
        for name, part in bound.arguments.items():
            bound.arguments[name] = self._given(signature.parameters[name], part, draft)
        bound.apply_defaults()
        draft.arguments = {
            name: str(value) if isinstance(value, np.dtype) else value
            for name, value in bound.arguments.items()
            if not is_array(signature.parameters[name])
        }
        return self._computed(rule, draft, *bound.args, **bound.kwargs)

    def _called(self, node: ast.Call) -> tuple[Rule, list[ast.expr], str]:
        """Return a call's rule, all its positional arguments, and its name in `ALLOWED`."""
        match node.func:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in MODULES:
                return FUNCTIONS[name], node.args, name
            case ast.Attribute(value=array, attr=name):
                return METHODS[name], [array, *node.args], f".{name}"
            case ast.Name(id=name):
                return FUNCTIONS[name], node.args, name
        raise AssertionError("parse lets nothing else pass")

    def _given(self, parameter: inspect.Parameter, part: Any, draft: _Draft) -> Any:
        """Return what is given for a parameter: steps for arrays, Python's own values otherwise."""
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            one = parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            return tuple(self._given(one, each, draft) for each in part)
        if parameter.name == "arrays":
            if isinstance(part, ast.List | ast.Tuple) and part.elts:
                return [self._array(each, draft) for each in part.elts]
            raise MazoeziError(f"`{draft.sign}` takes a list of arrays: `{draft.sign}([a, b])`.")
        if is_array(parameter):
            return self._array(part, draft)
        if parameter.name == "dtype":
            return self.read.dtype(part)
        if parameter.name == "subscripts":
            return self.read.formula(part)
        return self.read.argument(part, lambda node: self._operand(node, draft))

    def _array(self, node: ast.expr, draft: _Draft) -> Step:
        """Return the step of an array that a function takes, which may be a list of numbers."""
        if not isinstance(node, ast.List | ast.Tuple):
            return self._operand(node, draft)
        value = self.read.literal(node)
        literal = _Draft(self.read.source(node), "call", "array")
        step = literal.finished(value, self._axes(((),) * value.ndim))
        if draft.sign not in ("array", "asarray"):  # which are the same array, and no step more
            draft.operands.append(step)
        return step


def _known(name: str, given: Any) -> np.ndarray:
    """Return a copy of what a name stands for. Raises ArgumentError for what is no array."""
    try:
        array = np.array(given)
    except (TypeError, ValueError):
        array = None  # ragged; as_array says so
    if array is not None and array.dtype.kind == "V" and "float" in array.dtype.name:
        array = array.astype(np.float32)  # JAX's bfloat16 and smaller ones
    try:
        if array is None:
            return as_array(given)
        return as_array(array.ravel()).reshape(array.shape)
    except (ArgumentError, TypeError) as error:
        expected = error.expected if isinstance(error, ArgumentError) else "an array of numbers"
        raise ArgumentError(f"`{name}`", given, expected) from None
