"""Draw NumPy and JAX arrays, and what is done to them, as SVG: every cell, axis, name and shape.

    >>> import numpy as np
    >>> from mazoezi import arrays
    >>> arrays.draw(np.array([[1, 2, 2], [3, 0, 4]]), ("street", "house"))
    A matrix of shape (2, 3) (street 2, house 3): [[1, 2, 2], [3, 0, 4]].

In a notebook a drawing shows itself; elsewhere its text alternative stands for it, and `save` writes
it as SVG or PNG. An axis keeps its name and its colour through every step of a drawing.
"""

from mazoezi.arrays._allowed import ALLOWED
from mazoezi.arrays._box import ExpressionBox
from mazoezi.arrays._explain import explain
from mazoezi.arrays._moves import (
    draw_aggregation,
    draw_aggregation_square,
    draw_new_axis,
    draw_operation,
    draw_orders,
    draw_row_or_column,
    draw_transpose,
)
from mazoezi.arrays._neighbourhood import draw_neighbourhood
from mazoezi.arrays._scene import Drawing
from mazoezi.arrays._whole import draw, draw_image, draw_side_by_side, draw_slice, gallery

__all__ = [
    "ALLOWED",
    "Drawing",
    "ExpressionBox",
    "draw",
    "draw_aggregation",
    "draw_aggregation_square",
    "draw_image",
    "draw_neighbourhood",
    "draw_new_axis",
    "draw_operation",
    "draw_orders",
    "draw_row_or_column",
    "draw_side_by_side",
    "draw_slice",
    "draw_transpose",
    "explain",
    "gallery",
]
