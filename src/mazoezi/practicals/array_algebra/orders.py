"""The order in which a contraction of several arrays is computed, pair by pair."""

from collections.abc import Sequence
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

Shape = tuple[int, ...]


def searched_order(
    formula: str, shapes: Sequence[Shape], search: Literal["greedy", "optimal"]
) -> list[tuple[Any, ...]]:
    """Return the steps that a search finds: for each a formula, and the shapes of its arrays.

    >>> searched_order("ab,bc,cd->ad", [(2, 9), (9, 2), (2, 9)], "optimal")[0]
    ('bc,ab->ca', (9, 2), (2, 9))

    `formula` is an einsum formula with an arrow, and has no blanks.
    """
    placeholders = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
    _, found = jnp.einsum_path(formula, *placeholders, optimize=search)
    letters = formula.partition("->")[0].replace(",", "")
    sizes = dict(zip(letters, sum(map(tuple, shapes), ()), strict=True))
    steps = []
    for contraction in found.contraction_list:
        step = contraction[2]
        groups = step.partition("->")[0].split(",")
        steps.append((step, *(tuple(sizes[letter] for letter in group) for group in groups)))
    return steps
