"""What an array expression may use: operators, functions, methods, attributes, and their rules.

A rule is a Python function. Its positional-only parameters are arrays, and so are `arrays` (a list)
and `operands`; all others are numbers, tuples, names of dtypes and so on. It gives the result and
candidates for the names of its axes, raises MisfitError where shapes do not fit, and computes nothing
before it knows that the result is small.
"""

import ast
import inspect
import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from mazoezi.arrays._expression import _cells as cells
from mazoezi.arrays._expression import _products as products
from mazoezi.arrays._expression import _shapes as shapes
from mazoezi.arrays._expression._steps import Rule

OPERATORS: dict[type[ast.AST], tuple[str, Rule]] = {
    ast.Add: ("+", cells.of_two(np.add)),
    ast.Sub: ("-", cells.of_two(np.subtract)),
    ast.Mult: ("*", cells.of_two(np.multiply)),
    ast.Div: ("/", cells.of_two(np.divide)),
    ast.FloorDiv: ("//", cells.of_two(np.floor_divide)),
    ast.Mod: ("%", cells.of_two(np.mod)),
    ast.Pow: ("**", cells.power),
    ast.MatMult: ("@", products.matmul),
    ast.BitAnd: ("&", cells.of_truths("&", np.logical_and)),
    ast.BitOr: ("|", cells.of_truths("|", np.logical_or)),
    ast.Invert: ("~", cells.of_truths("~", np.logical_not)),
    ast.USub: ("-", cells.negative),
    ast.UAdd: ("+", cells.of_one(np.positive)),
    ast.Lt: ("<", cells.of_two(np.less)),
    ast.LtE: ("<=", cells.of_two(np.less_equal)),
    ast.Gt: (">", cells.of_two(np.greater)),
    ast.GtE: (">=", cells.of_two(np.greater_equal)),
    ast.Eq: ("==", cells.of_two(np.equal)),
    ast.NotEq: ("!=", cells.of_two(np.not_equal)),
}

_ELEMENTWISE: dict[str, Rule] = {
    **{
        one.__name__: cells.of_one(one)
        for one in (np.exp, np.log, np.sqrt, np.square, np.sin, np.cos, np.tanh, np.sign)
    },
    **{one.__name__: cells.of_one(one) for one in (np.floor, np.ceil, np.isnan, np.logical_not)},
    **{one.__name__: cells.of_two(one) for one in (np.add, np.subtract, np.multiply, np.divide)},
    **{
        one.__name__: cells.of_two(one)
        for one in (np.maximum, np.minimum, np.logical_and, np.logical_or)
    },
    "abs": cells.of_one(np.abs),
    "power": cells.power,
    "where": cells.where,
    "clip": cells.clip,
    "round": cells.round,
}

_REDUCTIONS: dict[str, Rule] = {
    "sum": cells.reduction(np.sum),
    "mean": cells.reduction(np.mean),
    "prod": cells.reduction(np.prod),
    "median": cells.reduction(np.median),
    "any": cells.reduction(np.any),
    "all": cells.reduction(np.all),
    "std": cells.spread(np.std),
    "var": cells.spread(np.var),
    "max": cells.extreme(np.max),
    "min": cells.extreme(np.min),
    "argmax": cells.extreme(np.argmax, one_axis=True),
    "argmin": cells.extreme(np.argmin, one_axis=True),
}

FUNCTIONS: Mapping[str, Rule] = {
    **_ELEMENTWISE,
    **_REDUCTIONS,
    "cumsum": cells.running(np.cumsum),
    "cumprod": cells.running(np.cumprod),
    "sort": cells.sort,
    "flip": cells.flip,
    "transpose": shapes.transpose,
    "swapaxes": shapes.swapaxes,
    "moveaxis": shapes.moveaxis,
    "expand_dims": shapes.expand_dims,
    "squeeze": shapes.squeeze,
    "reshape": shapes.reshape,
    "ravel": shapes.ravel,
    "broadcast_to": shapes.broadcast_to,
    "stack": shapes.stack,
    "concatenate": shapes.concatenate,
    "repeat": shapes.repeat,
    "tile": shapes.tile,
    "array": shapes.array,
    "asarray": shapes.array,
    "arange": shapes.arange,
    "linspace": shapes.linspace,
    "zeros": shapes.zeros,
    "ones": shapes.ones,
    "full": shapes.full,
    "eye": shapes.eye,
    "zeros_like": shapes.like(0),
    "ones_like": shapes.like(1),
    "outer": products.outer,
    "dot": products.dot,
    "matmul": products.matmul,
    "einsum": products.einsum,
}
"""Functions that may be called as `np.NAME`, `jnp.NAME` or `NAME`."""

METHODS: Mapping[str, Rule] = {
    **_REDUCTIONS,
    **{
        name: FUNCTIONS[name]
        for name in ("cumsum", "swapaxes", "squeeze", "ravel", "clip", "round")
    },
    "flatten": shapes.ravel,
    "reshape": shapes.reshape_method,
    "transpose": shapes.transpose_method,
    "astype": cells.astype,
}
del METHODS["median"]  # which is a function only

ATTRIBUTES: Mapping[str, str] = {
    "T": "the array with its axes in the opposite order",
    "shape": "the sizes of its axes, as an argument, such as `x.reshape(x.shape[0], -1)`",
    "ndim": "the number of its axes",
    "size": "the number of its cells",
}

CONSTANTS: Mapping[str, float | None] = {
    "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "newaxis": None,
}  # fmt: skip

DTYPES: Mapping[str, np.dtype] = {
    name: np.dtype(name)
    for name in ("bool", "int", "float", "int8", "int16", "int32", "int64", "uint8", "uint16",
                 "uint32", "uint64", "float16", "float32", "float64")
}  # fmt: skip


def is_array(parameter: inspect.Parameter) -> bool:
    """Return whether a rule's parameter is an array, or several."""
    return (
        parameter.kind is inspect.Parameter.POSITIONAL_ONLY
        or parameter.name in ("arrays", "operands")
    )  # fmt: skip


def signature_in_words(name: str, rule: Rule) -> str:
    """Return how a function is called, such as `sum(a, axis=None, keepdims=False)`."""
    words = []
    for one in inspect.signature(rule).parameters.values():
        star = "*" if one.kind is inspect.Parameter.VAR_POSITIONAL else ""
        default = "" if one.default is inspect.Parameter.empty else f"={one.default!r}"
        words.append(f"{star}{one.name}{default}")
    return f"{name}({', '.join(words)})"


def _documented() -> dict[str, str]:
    functions = {name: signature_in_words(name, rule) for name, rule in FUNCTIONS.items()}
    methods = {}
    for name, rule in METHODS.items():
        array, *_ = inspect.signature(rule).parameters
        words = (
            signature_in_words(name, rule).replace(f"({array}, ", "(").replace(f"({array})", "()")
        )
        methods[f".{name}"] = f"x.{words}"
    attributes = {f".{name}": f"x.{name}: {words}" for name, words in ATTRIBUTES.items()}
    return functions | methods | attributes


ALLOWED: Mapping[str, str] = MappingProxyType(_documented())
"""Every function, method (with a dot) and attribute that an expression may use, and how."""
