"""Translate the errors that an answer raises into advice in the learner's terms.

A rule is a test on the error's class name and message, and the advice. Rules look at names rather
than classes, so that this module does not import JAX.
"""

import linecache
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType


@dataclass(frozen=True)
class _Rule:
    error: str  # a regular expression on the names of the error's class and its bases
    message: str  # a regular expression on the error's message
    advice: str  # may use the groups of `message`, as {0}, {1}


_RULES = (
    _Rule(
        "TracerBoolConversionError",
        "",
        "Your code asks whether a traced value is true: in an `if`, a `while`, `and`, `or`, or the "
        "built-in `max`/`min`. While JAX traces a function, an array has a shape and a dtype but no "
        "value yet. Compute both outcomes and select with `jnp.where(condition, a, b)`, or use "
        "`jax.lax.cond` and `jax.lax.while_loop`.",
    ),
    _Rule(
        "TracerIntegerConversionError",
        "",
        "Your code uses a traced value where Python needs a whole number now: in `range`, a shape, "
        "or a list index. If it never changes within a call, make it a static argument "
        "(`static_argnums`); otherwise keep the work in arrays.",
    ),
    _Rule(
        "TracerArrayConversionError",
        "",
        "A NumPy function was given a traced value, and NumPy needs numbers that are not there yet. "
        "Use the function of the same name from `jax.numpy` (`jnp`).",
    ),
    _Rule(
        "TypeError",
        "cannot create weak reference to 'numpy",
        "A NumPy function cannot be transformed. Use the function of the same name from "
        "`jax.numpy` (`jnp`).",
    ),
    _Rule(
        "TypeError",
        "Shapes must be 1D sequences of concrete values",
        "A shape is made from a traced value, and shapes must be known while tracing. Take it from "
        "`x.shape`, or make the number a static argument (`static_argnums`).",
    ),
    _Rule(
        "ConcretizationTypeError",
        "",
        "Your code asks for the number inside a traced value: with `float()`, `int()`, `bool()`, "
        "`.item()` or `.tolist()`, or by making it a shape. While JAX traces, there is no number "
        "yet: leave the value an array.",
    ),
    _Rule(
        "UnexpectedTracerError|LeakedTracer|leak",
        "",
        "A traced value got out of the function that was traced: it was stored in a global, a list "
        "or an attribute. Return everything that is needed later, and store nothing on the way.",
    ),
    _Rule(
        "KeyReuseError",
        "",
        "A random key is used twice, so the two draws are not independent. Split a key before "
        "using it (`jax.random.split`), use each new key once, and never the old one again.",
    ),
    _Rule(
        "TypeError",
        "JAX arrays are immutable|(?:Array\\w*|Tracer)' object does not support item assignment",
        "A JAX array cannot be changed in place. `x.at[index].set(value)` returns a changed copy: "
        "give that a name, or return it.",
    ),
    _Rule(
        "TypeError",
        r"dot_general requires contracting dimensions to have the same shape, got (\(.*?\)) and "
        r"(\(.*?\))",
        "In a matrix product the last axis of the left array must be as long as the first-but-last "
        "axis of the right one; here they are {0} and {1}. Write both shapes down: is one to be "
        "transposed?",
    ),
    _Rule(
        "TypeError|ValueError",
        r"matmul.*(?:size|core dimension|contract)|shapes .* not aligned",
        "The shapes of a matrix product do not fit: the last axis of the left array must be as long "
        "as the first-but-last axis of the right one.",
    ),
    _Rule(
        "TypeError|ValueError",
        r"[Ii]ncompatible shapes for broadcasting:? (?:shapes=)?\[?(.*?)\]?$|"
        r"got incompatible shapes for broadcasting: (.*?)\.|"
        r"operands could not be broadcast together with shapes (.*)",
        "Two arrays were combined element by element whose shapes do not broadcast: {0}. Lined up "
        "from the last axis, lengths must be equal, or one of them 1.",
    ),
    _Rule(
        "ValueError",
        "truth value of an array.*ambiguous",
        "Your code uses a whole array as one condition, in an `if`, `and`, `or`, or the built-in "
        "`max`/`min`. An array holds many truths: choose entry by entry with "
        "`jnp.where(condition, a, b)`.",
    ),
    _Rule(
        "TypeError",
        r"[Gg]radient only defined for scalar-output functions",
        "`jax.grad` needs a function that returns one number (shape ()). Yours returns more: take "
        "its mean or sum, or say that the rest is auxiliary with `has_aux=True`.",
    ),
    _Rule(
        "TypeError",
        r"grad requires real- or complex-valued inputs .*got (\w+)",
        "`jax.grad` differentiates with respect to floating-point numbers, and was given {0}. "
        "Write 2.0 rather than 2.",
    ),
    _Rule(
        "TypeError|ValueError",
        r"vmap (?:in_axes|was requested)|axis.*out of bounds for.*vmap",
        "`jax.vmap` was told to map over an axis that its argument does not have: `in_axes` has one "
        "entry per argument, and None for an argument that is not mapped.",
    ),
    _Rule(
        "ValueError",
        r"vmap got inconsistent sizes for array axes to be mapped",
        "`jax.vmap` walks along the mapped axes side by side, so they must be equally long. To "
        "combine every entry of one with every entry of the other, nest two `vmap`s, each mapping "
        "one argument.",
    ),
    _Rule(
        "TypeError",
        r"takes (.*?) positional arguments? but (.*?) (?:was|were) given",
        "A function that takes {0} was called with {1} arguments.",
    ),
    _Rule(
        "TypeError",
        r"missing (\d+) required positional arguments?: (.*)",
        "A function was called without its argument {1}.",
    ),
    _Rule(
        "TypeError",
        r"unsupported operand type\(s\).*'NoneType'|'NoneType' object is not",
        "One of your values is None: a function that ends without `return` gives None, and so does "
        "a method that changes a list in place.",
    ),
    _Rule(
        "AttributeError",
        r"'NoneType' object has no attribute",
        "One of your values is None: a function that ends without `return` gives None.",
    ),
    _Rule(
        "AttributeError",
        r"'(?:float|int|bool)' object has no attribute '(\w+)'",
        "Here the value is a plain Python number, which has no `.{0}`. The function `jnp.{0}(value)` "
        "takes numbers as well as arrays.",
    ),
    _Rule(
        "AttributeError",
        r"'dict' object has no attribute '(\w+)'",
        "A dictionary is asked with brackets, `params['{0}']`, and not with a dot.",
    ),
    _Rule(
        "KeyError",
        r"(.+)",
        "A dictionary was asked for {0}, and it has no such key.",
    ),
    _Rule(
        "TypeError",
        r"unsupported operand type\(s\) for (\S+): .*'(?:dict|list|tuple)'",
        "`{0}` works on numbers and arrays, and not through a dictionary, list or tuple of them. "
        "`jax.tree.map(lambda a, b: ..., one, other)` goes through all their leaves.",
    ),
    _Rule(
        "ValueError",
        "Non-hashable static arguments",
        "An array is marked as a static argument. Static arguments are plain values such as a "
        "degree, which are built into the program; leave arrays out of `static_argnums`.",
    ),
    _Rule(
        "TypeError",
        r"Error interpreting argument to .* as an abstract array.*<class '\S*[fF]unction'>",
        "A compiled function was given a function, and it takes arrays and numbers only. Make it a "
        "static argument (`static_argnames`), or let the compiled function use it from outside.",
    ),
    _Rule(
        "TypeError",
        r"scan body function carry input and carry output must have",
        "In `jax.lax.scan` the carry that the step returns must look like the one that it was given: "
        "the same structure (tuple or list, the same keys), and each leaf with the same shape and "
        "dtype.",
    ),
    _Rule(
        "AttributeError",
        r"module 'jax\.numpy' has no attribute '(\w+)'",
        "`jnp.{0}` does not exist. Look for the NumPy name, or for `jax.nn`, `jax.lax` and "
        "`jax.random`.",
    ),
    _Rule(
        "NameError",
        r"name '(\w+)' is not defined",
        "The name `{0}` is not known here: is it "
        "misspelt, or is the cell that defines it still to be run?",
    ),
    _Rule(
        "ZeroDivisionError",
        "",
        "Your code divides by zero on this input: what should the result be there?",
    ),
    _Rule(
        "RecursionError",
        "",
        "Your function calls itself without end. If you meant the function that it is named after, "
        "give one of the two another name.",
    ),
    _Rule(
        "MemoryError|XlaRuntimeError|JaxRuntimeError",
        "MemoryError|^$|[Uu]nable to allocate|Out of memory|RESOURCE_EXHAUSTED",
        "Your code asks for more memory than an answer may take. How large is the largest array that "
        "it makes: does a broadcast give it an axis that it should not have?",
    ),
    _Rule(
        "SystemExit",
        "",
        "Your code calls `exit`, which would end Python: leave a function with `return`.",
    ),
    _Rule(
        "IndivisibleError|ValueError",
        r"implies that array axis (\d+) is partitioned (\d+) times, but .*?dimension size (?:is )?(\d+)",
        "A sharding cuts an axis into equal parts: axis {0}, of length {2}, cannot be cut into {1}. "
        "Is it the right axis?",
    ),
    _Rule(
        "NonConcreteBooleanIndexError",
        "",
        "A condition is used as an index, and while JAX traces it is not known how many entries it "
        "picks. `jnp.where(condition, a, b)` keeps the shape.",
    ),
    _Rule(
        "IndexError",
        "",
        "An index lies beyond the end of an axis or a list. Indices run from 0 to its length minus 1.",
    ),
    _Rule(
        "TypeError",
        r"(?:got|Value) .*(?:EllipsisType|Ellipsis)|'ellipsis'",
        "There is still a `...` to be replaced in your answer.",
    ),
)


def explain(error: BaseException) -> str:
    """Return advice on an error, or its own first line where no rule knows it."""
    names = " ".join(cls.__name__ for cls in type(error).__mro__)
    message = str(error)
    for rule in _RULES:
        if re.search(rf"\b(?:{rule.error})\b", names) and (
            match := re.search(rule.message, message, re.DOTALL)
        ):
            groups = [group.strip() for group in match.groups() if group]
            return rule.advice.format(*groups, *[""] * 2)
    first = message.strip().splitlines()[0] if message.strip() else "no message"
    return f"Your code raised {type(error).__name__}: {first}"


_PARTICULARS = re.compile(
    r"""'[^']*'|"[^"]*"|`[^`]*`|\([^()]*\)|\[[^][]*\]|<[^<>]*>|-?\b(?:\d[\w.+-]*|nan\b|inf\b)"""
)


def kind_of_error(error: BaseException) -> str:
    """Return what two errors of one cause share: the class, and the message without its particulars.

    Numbers, quoted names and what stands in brackets differ from answer to answer.
    """
    first = next(iter(str(error).strip().splitlines()), "")
    while (shorter := _PARTICULARS.sub("", first)) != first:  # brackets stand in brackets
        first = shorter
    return f"{type(error).__name__}: {first}"


def own_traceback(error: BaseException, answer: Callable) -> str:
    """Return the error's traceback, cut to the lines of the learner's own code."""
    file = _file_of(answer)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == file or _is_cell(frame.filename)
    ]
    lines = [_frame_text(frame) for frame in frames]
    message = str(error).strip()
    return "\n".join([*lines, f"{type(error).__name__}: {message}"])


def own_line(error: BaseException, answer: Callable) -> int | None:
    """Return the line of the learner's code in which the error arose."""
    file = _file_of(answer)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    return frames[-1].lineno if frames else None


def _frame_text(frame: traceback.FrameSummary) -> str:
    line = frame.line or linecache.getline(frame.filename, frame.lineno or 0).strip()
    return f"line {frame.lineno}, in {frame.name}\n    {line}"


def _file_of(answer: Callable) -> str | None:
    code = getattr(getattr(answer, "__wrapped__", answer), "__code__", None)
    return code.co_filename if isinstance(code, CodeType) else None


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith("<ipython-input")
