"""Shapes written as numbers, one digit a size: what is asked of a learner is kept as a number.

>>> as_number((5, 4, 3))
543
>>> as_shape(543)
(5, 4, 3)
"""

from collections.abc import Iterable
from types import EllipsisType
from typing import Any


def as_number(shape: Iterable[Any] | int | EllipsisType | None) -> Any:
    """Return sizes or axes written one after another; no shape at all, None, is 0.

    A number stays as it is, and so does the `...` of an answer that is still to come.
    """
    if shape is ... or isinstance(shape, int):
        return shape
    return 0 if shape is None else int("".join(str(int(size)) for size in shape))


def as_shape(number: float) -> tuple[int, ...]:
    """Return the tuple that a number stands for."""
    return tuple(int(digit) for digit in str(int(number)))
