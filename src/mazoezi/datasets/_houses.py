"""Five houses: the smallest data set of the course."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float32


class Houses(NamedTuple):
    """Houses and what they cost; one entry per house in both arrays."""

    size: Float32[Array, "houses"]
    """Floor area in square metres."""
    price: Float32[Array, "houses"]
    """Price in units of 100 000 Tunisian dinars."""


def houses() -> Houses:
    """Sizes and prices of five houses.

    Five points are few enough to check every sum by hand, and their raw scale (areas of
    hundreds, prices of a few units) is what makes plain gradient descent struggle.

    Returns:
        `Houses` with `size` in square metres and `price` in 100 000 TND, both of shape [5].

    >>> houses().size.tolist()
    [210.0, 160.0, 240.0, 140.0, 300.0]
    """
    return Houses(
        size=jnp.array([210.0, 160.0, 240.0, 140.0, 300.0], dtype=jnp.float32),
        price=jnp.array([4.0, 3.3, 3.7, 2.3, 5.4], dtype=jnp.float32),
    )
