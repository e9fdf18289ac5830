"""What a function does by itself: the library functions that it names, the steps that it takes.

A few exercises forbid a short cut. Python's bytecode tells of it even where there is no source.
"""

import dis
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any

_LIBRARIES = {"einops", "jax", "numpy"}
_ATTRIBUTES = {"IMPORT_FROM", "LOAD_ATTR", "LOAD_METHOD"}


def names_used(answer: Callable) -> set[str]:
    """Return the attributes and the library functions that a function names.

    The functions that it calls are looked into as well, if they come from the same module.
    """
    names = set()
    for function in _own_functions(answer):
        if _library(function):
            names.add(function.__name__)
            continue
        for code in _codes(function.__code__):
            for instruction in dis.get_instructions(code):
                if instruction.opname in _ATTRIBUTES:
                    names.add(str(instruction.argval))
        names |= {value.__name__ for value in _values(function) if _library(value)}
    return names


def steps_taken(answer: Callable, *args: Any) -> int:
    """Call a function, and return how many instructions of its own module Python carries out.

    They do not grow with the size of the arrays, unless a Python loop goes through them.
    """
    own = getattr(_unwrapped(answer), "__globals__", None)
    steps = 0

    def count(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal steps
        if frame.f_globals is not own:
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        steps += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        answer(*args)
    finally:
        sys.settrace(before)
    return steps


def _own_functions(answer: Callable) -> list[Any]:
    """Return a function and those of its own module that it calls, itself or through others."""
    first = _unwrapped(answer)
    found, waiting = [], [first]
    while waiting:
        function = waiting.pop()
        if function in found or not (_library(function) or isinstance(function, FunctionType)):
            continue
        found.append(function)
        if not _library(function):
            waiting += [
                value
                for value in map(_unwrapped, _values(function))
                if isinstance(value, FunctionType) and value.__globals__ is first.__globals__
            ]
    return found


def _unwrapped(value: Any) -> Any:
    """Return the function inside `functools.partial`, `jax.jit` and the like."""
    while isinstance(value, functools.partial):
        value = value.func
    return value if _library(value) else inspect.unwrap(value) if callable(value) else value


def _library(value: Any) -> bool:
    module = getattr(value, "__module__", None) or ""
    named = isinstance(getattr(value, "__name__", None), str)
    return callable(value) and named and module.partition(".")[0] in _LIBRARIES


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code and that of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _values(function: FunctionType) -> Iterator[Any]:
    """Yield what the global and the enclosing names of a function stand for."""
    for code in _codes(function.__code__):
        yield from (function.__globals__[n] for n in code.co_names if n in function.__globals__)
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a name that has no value yet
            continue
