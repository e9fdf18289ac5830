"""What can be told of an answer before it is called: is it attempted, and can it be called so?"""

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable
from typing import Any


def source_of(answer: Any) -> str | None:
    """Return the source of a function, or None where Python does not know it."""
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(answer)))
    except (OSError, TypeError, IndentationError, ValueError):
        return None


def cell_of(answer: Any) -> str | None:
    """Return the whole notebook cell that defines a function, or None where no cell does."""
    code = getattr(inspect.unwrap(answer), "__code__", None)
    entry = linecache.cache.get(getattr(code, "co_filename", ""), ())
    if len(entry) != 4 or entry[1] is not None:  # a file on the disk has a time
        return None
    return "".join(entry[2])


def unattempted(answer: Any) -> str | None:
    """Return why an answer counts as not attempted, or None where it is attempted."""
    if answer is Ellipsis or answer is None:
        return "There is no answer yet: replace the `...`."
    if not callable(answer) or (source := source_of(answer)) is None:
        return None
    try:
        function = next(
            node
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.FunctionDef | ast.Lambda)
        )
    except (SyntaxError, StopIteration):
        return None
    if isinstance(function, ast.Lambda):
        empty = isinstance(function.body, ast.Constant) and function.body.value is Ellipsis
        return "There is no answer yet: replace the `...`." if empty else None
    body = _without_docstring(function.body)
    if all(_is_empty(statement) for statement in body):
        return "There is no answer yet: replace the `...` in the function's body."
    if (line := _leftover(function)) is not None:
        return f"There is still a `...` to replace, in line {line} of your function."
    return None


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    is_text = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if is_text else body


def _is_empty(statement: ast.stmt) -> bool:
    """Say whether a statement is a placeholder: pass, `...`, return None, NotImplementedError."""
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Raise):
        return "NotImplementedError" in ast.unparse(statement)
    if isinstance(statement, ast.Expr | ast.Return | ast.Assign):
        value = statement.value
        return value is None or (
            isinstance(value, ast.Constant) and (value.value is Ellipsis or value.value is None)
        )
    return False


def _leftover(function: ast.FunctionDef) -> int | None:
    """Return the line of a placeholder left in the body; `x[..., 0]` is none."""
    for node in ast.walk(function):
        if isinstance(node, ast.Expr | ast.Return | ast.Assign | ast.AnnAssign):
            value = node.value
            if isinstance(value, ast.Constant) and value.value is Ellipsis:
                return node.lineno
    return None


def signature_problem(answer: Any, name: str, reference: Callable, args: tuple) -> str | None:
    """Return why the answer cannot be called with `args`, or None where it can."""
    wanted = f"{name}{inspect.signature(reference)}"
    if not callable(answer):
        kind = type(answer).__name__
        return f"Expected the function `{_plain(wanted)}`; got a value of type {kind}."
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # a builtin that does not tell its signature
        return None
    try:
        signature.bind(*args)
    except TypeError:
        return (
            f"Your function cannot be called as `{_plain(wanted)}`: its signature is "
            f"`{_plain(f'{name}{signature}')}`."
        )
    return None


def _plain(signature: str) -> str:
    """Return a signature with names only: annotations are longer than the line."""
    try:
        tree = ast.parse(f"def {signature}: ...")
    except SyntaxError:
        return signature
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    for argument in [
        *function.args.posonlyargs,
        *function.args.args,
        *function.args.kwonlyargs,
        *filter(None, (function.args.vararg, function.args.kwarg)),
    ]:
        argument.annotation = None
    return f"{function.name}({ast.unparse(function.args)})"
