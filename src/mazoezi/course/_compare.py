"""Compare an answer's result with the expected one, and say first what helps most.

The order is: kind of result, shape, dtype, not finite, value.
"""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

import numpy as np

Strictness = Literal["any", "kind", "exact"]


@dataclass(frozen=True)
class Tolerance:
    """How close a result must be: |got - expected| <= atol + rtol * |expected|."""

    rtol: float = 1e-5
    atol: float = 1e-6
    dtype: Strictness = "kind"


@dataclass(frozen=True)
class Difference:
    """The first thing that differs, in the learner's terms."""

    category: str
    message: str


def difference(got: Any, expected: Any, tolerance: Tolerance, where: str = "") -> Difference | None:
    """Return how `got` differs from `expected`, or None where it does not.

    Tuples and lists are compared element by element, dictionaries key by key, and everything
    numeric as arrays, so a Python float is as good as an array of shape ().
    """
    if got is None and expected is not None:
        return Difference(
            "value", f"{_subject(where)} is None. Is there a `return` on every path through it?"
        )
    if isinstance(expected, dict):
        return _dict_difference(got, expected, tolerance, where)
    if isinstance(expected, tuple | list):
        return _sequence_difference(got, expected, tolerance, where)
    if expected is None or isinstance(expected, str):
        same = got == expected
        return (
            None
            if same
            else Difference("value", f"{_subject(where)} is {got!r}, not {expected!r}.")
        )
    return _array_difference(got, expected, tolerance, where)


def _subject(where: str) -> str:
    return f"Your result{where}"


def _dict_difference(
    got: Any, expected: dict, tolerance: Tolerance, where: str
) -> Difference | None:
    if not isinstance(got, dict):
        keys = ", ".join(map(repr, expected))
        return Difference(
            "shape", f"{_subject(where)} is {_told(got)}; expected a dictionary with keys {keys}."
        )
    if set(got) != set(expected):
        return Difference(
            "shape", f"{_subject(where)} has keys {sorted(got)}; expected {sorted(expected)}."
        )
    pairs = ((f"{where}[{key!r}]", got[key], expected[key]) for key in expected)
    return _first_difference(pairs, tolerance)


def _sequence_difference(
    got: Any, expected: Any, tolerance: Tolerance, where: str
) -> Difference | None:
    if not isinstance(got, tuple | list):
        return Difference(
            "shape",
            f"{_subject(where)} is {_told(got)}; expected {len(expected)} values in a tuple.",
        )
    if len(got) != len(expected):
        return Difference(
            "shape", f"{_subject(where)} holds {len(got)} values; expected {len(expected)}."
        )
    pairs = ((f"{where}[{i}]", got[i], expected[i]) for i in range(len(expected)))
    return _first_difference(pairs, tolerance)


def _first_difference(pairs: Any, tolerance: Tolerance) -> Difference | None:
    """Return the difference whose category helps most; among equals, the first."""
    found = (difference(got, expected, tolerance, where) for where, got, expected in pairs)
    differences = [one for one in found if one is not None]
    order = ("shape", "dtype", "not finite", "value")
    return min(differences, key=lambda one: order.index(one.category), default=None)


def _array_difference(
    got: Any, expected: Any, tolerance: Tolerance, where: str
) -> Difference | None:
    expected = np.asarray(expected)
    if isinstance(got, list | tuple | dict | str | set) or (
        callable(got) and not hasattr(got, "shape")
    ):
        wanted = f"one array of shape {expected.shape}" if expected.ndim else "one number"
        return Difference("shape", f"{_subject(where)} is {_told(got)}; expected {wanted}.")
    try:
        array = np.asarray(got)
    except Exception as error:  # an object that refuses conversion, e.g. an escaped tracer
        return Difference("value", f"{_subject(where)} cannot be read as numbers: {error}")
    if array.dtype == object:
        return Difference("dtype", f"{_subject(where)} is {_told(got)}, not numbers.")
    if array.shape != expected.shape:
        return Difference("shape", _shape_message(array.shape, expected.shape, where))
    return (
        _dtype_difference(array, got, expected, tolerance, where)
        or _finite_difference(array, expected, where)
        or _value_difference(array, expected, tolerance, where)
    )


def _told(value: Any) -> str:
    """Return what sort of thing a value is, with its article: `a tuple of 2`."""
    if isinstance(value, str):
        return f"the text {value!r}"
    if isinstance(value, list | tuple | dict | set):
        return f"a {type(value).__name__} of {len(value)}"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"an array of shape {tuple(value.shape)}" if value.shape else "a single number"
    return "a function" if callable(value) else f"a {type(value).__name__}"


def _shape_message(got: tuple[int, ...], expected: tuple[int, ...], where: str) -> str:
    message = f"{_subject(where)} has shape {got}; expected {expected}."
    if len(got) == 2 and len(expected) == 1 and got == (expected[0], expected[0]) and got[0] > 1:
        return (
            f"{message} An (N, 1) array met an (N,) array: broadcasting paired every entry with "
            "every other. Give both the same shape."
        )
    if len(got) == len(expected) and sorted(got) == sorted(expected):
        return f"{message} The axes are in another order."
    if got == () and expected != ():
        return f"{message} Everything was reduced to one number: which axes should stay?"
    return message


def _dtype_difference(
    array: np.ndarray, got: Any, expected: np.ndarray, tolerance: Tolerance, where: str
) -> Difference | None:
    """Compare dtypes. A plain Python number has none: an int will do where a float is expected."""
    if tolerance.dtype == "any":
        return None
    kind, wanted = _dtype_kind(array.dtype), _dtype_kind(expected.dtype)
    if isinstance(got, int | float) and not isinstance(got, bool | np.generic):
        fits = kind == wanted or (kind, wanted) == ("i", "f")
    else:
        fits = kind == wanted and (tolerance.dtype == "kind" or array.dtype == expected.dtype)
    if fits:
        return None
    return Difference(
        "dtype", f"{_subject(where)} has dtype {array.dtype}; expected {expected.dtype}."
    )


def _dtype_kind(dtype: np.dtype) -> str:
    """Return one letter a kind; JAX's small floats have NumPy's kind V."""
    return {"u": "i", "V": "f"}.get(dtype.kind, dtype.kind)


def _finite_difference(got: np.ndarray, expected: np.ndarray, where: str) -> Difference | None:
    if got.dtype.kind not in "fcV":
        return None
    bad = np.isnan(got) & ~np.isnan(expected)
    bad |= np.isinf(got) & np.isfinite(expected)
    if not bad.any():
        return None
    first = np.unravel_index(int(np.argmax(bad)), bad.shape)
    count = f" {int(bad.sum())} of {bad.size} entries are not finite." if bad.size > 1 else ""
    return Difference(
        "not finite",
        f"{_subject(where + _index(first))} is {got[first]}, where {_number(expected[first])} is "
        f"expected.{count}",
    )


def _value_difference(
    got: np.ndarray, expected: np.ndarray, tolerance: Tolerance, where: str
) -> Difference | None:
    if got.dtype.kind == "b" or expected.dtype.kind in "bU":
        wrong = got != expected
    else:
        wide_got, wide = _wide(got), _wide(expected)
        wrong = ~np.isclose(wide_got, wide, tolerance.rtol, tolerance.atol, equal_nan=True)
    if not wrong.any():
        return None
    if expected.ndim == 0:
        return Difference(
            "value", f"{_subject(where)} is {_number(got)}; expected {_number(expected)}."
        )
    return Difference("value", _entries_message(got, expected, wrong, where))


def _wide(array: np.ndarray) -> np.ndarray:
    return array if array.dtype.kind == "c" else array.astype(np.float64)


def _entries_message(got: np.ndarray, expected: np.ndarray, wrong: np.ndarray, where: str) -> str:
    """Say how many entries are wrong, and show the first and the one that is off the most."""
    first = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    message = (
        f"{int(wrong.sum())} of {wrong.size} entries differ. {_subject(where + _index(first))} is "
        f"{_number(got[first])}; expected {_number(expected[first])}."
    )
    if got.dtype.kind in "fciV" and wrong.sum() > 1:
        with np.errstate(invalid="ignore"):  # both may be infinite where they agree
            gap = np.where(wrong, np.abs(_wide(got) - _wide(expected)), -1.0)
        gap = np.where(np.isnan(gap), -1.0, gap)
        worst = np.unravel_index(int(np.argmax(gap)), gap.shape)
        message += f" The largest gap is {gap[worst]:.4g}, at {_index(worst)}."
    return message


def _index(index: Any) -> str:
    return f"[{', '.join(str(int(i)) for i in index)}]" if len(index) else ""


def _number(value: Any) -> str:
    scalar = np.asarray(value).item()
    return f"{scalar:.6g}" if isinstance(scalar, float) else str(scalar)


def shown(value: Any, limit: int = 240) -> str:
    """Return a value as a learner would type it: short, rounded, with its shape if it is cut."""
    text = _shown(value)
    if len(text) <= limit:
        return text
    if hasattr(value, "shape"):
        return f"array of shape {tuple(value.shape)}, dtype {value.dtype}"
    return f"{text[: limit - 4]} ..."


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        inner = ", ".join(_shown(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    if isinstance(value, float):
        return f"{value:.6g}"
    if is_dataclass(value) and not isinstance(value, type):  # a module of Equinox, for example
        parts = (f"{one.name}={_shown(getattr(value, one.name))}" for one in fields(value))
        return f"{type(value).__name__}({', '.join(parts)})"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return _shown_array(value)
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    return repr(value)


def _shown_array(value: Any) -> str:
    try:
        array = np.asarray(value)
    except Exception:  # a random key, a tracer: its dtype says what it is
        if str(value.dtype).startswith("key<"):
            return f"random keys of shape {value.shape}" if value.shape else "a random key"
        return f"a value of dtype {value.dtype}" if not value.shape else str(value)
    if array.dtype.kind == "V":
        array = array.astype(np.float32)
    if array.size > 60:
        return f"array of shape {array.shape}, dtype {array.dtype}"
    text = np.array2string(array, separator=", ", precision=4, suppress_small=False)
    text = " ".join(text.split())
    return text if array.ndim else _number(array)
