"""Mutants of a right answer: small changes that a check should notice.

A mutant is the solution's source with one thing changed: an axis, a sign, an index off by one, a
sum for a mean, a factor or an argument left out. The share that a check rejects is its strength.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SWAPPED_NAMES = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "maximum": "minimum",
    "minimum": "maximum", "argmax": "argmin", "argmin": "argmax", "sin": "cos", "cos": "sin",
    "exp": "expm1", "log": "log1p", "sqrt": "square", "square": "sqrt", "zeros": "ones",
    "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like", "add": "subtract",
    "normal": "uniform", "T": "",
}  # fmt: skip
_SWAPPED_OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One changed answer: its source, and what was changed in which line."""

    source: str
    change: str
    line: int


def mutants(source: str) -> list[Mutant]:
    """Return all mutants of the last function in `source`, each different from the others."""
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not functions:
        return []
    seen = {ast.unparse(tree)}
    found = []
    count = sum(1 for _ in ast.walk(functions[-1]))
    for index in range(count):
        for mutate in _MUTATIONS:
            copied = copy.deepcopy(tree)
            function = [node for node in copied.body if isinstance(node, ast.FunctionDef)][-1]
            node = list(ast.walk(function))[index]
            for change in mutate(node):
                text = ast.unparse(ast.fix_missing_locations(copied))
                if text not in seen:
                    seen.add(text)
                    found.append(Mutant(text, change, getattr(node, "lineno", 0)))
    return found


# Each mutation changes the node in place, yields what it did, and puts it back when resumed.


def _swap_operator(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED_OPERATORS:
        before = node.op
        node.op = _SWAPPED_OPERATORS[type(before)]()
        yield f"{_sign(before)} became {_sign(node.op)}"
        node.op = before
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPPED_OPERATORS:
        before = node.ops[0]
        node.ops[0] = _SWAPPED_OPERATORS[type(before)]()
        yield f"{_sign(before)} became {_sign(node.ops[0])}"
        node.ops[0] = before


def _sign(operator: ast.AST) -> str:
    return type(operator).__name__


def _change_constant(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        before = node.value
        assert isinstance(before, int | float)
        for after in (before + 1, before - 1):
            node.value = after
            yield f"{before} became {after}"
        node.value = before


def _drop_operand(node: ast.AST) -> Iterator[str]:
    """Leave out a factor or a term: `a * b` becomes `a`, then `b`."""
    for name, child in list(ast.iter_fields(node)):
        children = child if isinstance(child, list) else [child]
        for place, inner in enumerate(children):
            if not isinstance(inner, ast.BinOp):
                continue
            for kept, lost in ((inner.left, inner.right), (inner.right, inner.left)):
                _put(node, name, child, place, kept)
                yield f"{ast.unparse(lost)} left out"
            _put(node, name, child, place, inner)


def _put(node: ast.AST, name: str, child: object, place: int, value: ast.AST) -> None:
    if isinstance(child, list):
        child[place] = value
    else:
        setattr(node, name, value)


def _drop_sign(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
        yield "a minus sign left out"
        node.op = ast.USub()


def _negate_result(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Return) and isinstance(node.value, ast.BinOp | ast.Call | ast.Name):
        before = node.value
        node.value = ast.UnaryOp(ast.USub(), before)
        yield "the result's sign changed"
        node.value = before


def _swap_name(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and _SWAPPED_NAMES.get(node.attr):
        before = node.attr
        node.attr = _SWAPPED_NAMES[before]
        yield f"{before} became {node.attr}"
        node.attr = before


def _swap_arguments(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        node.args[0], node.args[1] = node.args[1], node.args[0]
        yield "the first two arguments swapped"
        node.args[0], node.args[1] = node.args[1], node.args[0]


def _drop_keyword(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        for place, keyword in enumerate(list(node.keywords)):
            del node.keywords[place]
            yield f"{keyword.arg}= left out"
            node.keywords.insert(place, keyword)


def _swap_axis(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.keyword) and node.arg in ("axis", "in_axes", "out_axes", "argnums"):
        before = node.value
        if isinstance(before, ast.Constant) and isinstance(before.value, int):
            node.value = ast.Constant(1 if before.value == 0 else 0)
            yield f"{node.arg}={before.value} became {node.value.value}"
        elif isinstance(before, ast.Tuple) and len(before.elts) > 1:
            node.value = ast.Tuple(before.elts[::-1], ast.Load())
            yield f"{node.arg} reversed"
        node.value = before


def _drop_transpose(node: ast.AST) -> Iterator[str]:
    for name, child in list(ast.iter_fields(node)):
        if isinstance(child, ast.Attribute) and child.attr == "T":
            setattr(node, name, child.value)
            yield ".T left out"
            setattr(node, name, child)


_MUTATIONS: tuple[Callable[[ast.AST], Iterator[str]], ...] = (
    _swap_operator,
    _change_constant,
    _drop_operand,
    _drop_sign,
    _negate_result,
    _swap_name,
    _swap_arguments,
    _drop_keyword,
    _swap_axis,
    _drop_transpose,
)
