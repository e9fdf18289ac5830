"""A noisy wave: the data that polynomials are fitted to."""

from typing import NamedTuple

import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, PRNGKeyArray

from mazoezi._errors import ArgumentError


class Wave(NamedTuple):
    """Noisy observations of one curve; one entry per example in both arrays."""

    x: Float[Array, "examples"]
    y: Float[Array, "examples"]


def wave_mean(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The noiseless curve sin(5x), element by element."""
    return jnp.sin(5.0 * x)


def wave(
    *, key: PRNGKeyArray, n: int = 25, noise: float = 0.1, low: float = -1.0, high: float = 1.0
) -> Wave:
    """Draw noisy observations of `wave_mean` at equally spaced inputs.

    The same interval gives the same inputs whatever the key; only the noise is drawn. Both ends
    belong to the inputs, so two neighbouring intervals share the point between them.

    Args:
        key: random key of the noise.
        n: number of examples, at least 1.
        noise: standard deviation of the normal noise, not negative; may be traced.
        low: smallest input.
        high: largest input, above `low`.

    Returns:
        `Wave` with `x` and `y` of shape [n].

    Raises:
        ArgumentError: `n` is below 1, or `low` is not below `high`.

    >>> wave(key=jr.key(0), n=3).x.tolist()
    [-1.0, 0.0, 1.0]
    """
    if n < 1:
        raise ArgumentError("n", n, "at least one example")
    if not low < high:
        raise ArgumentError("low", low, f"a number below high, which is {high}")
    x = jnp.linspace(low, high, n)
    return Wave(x, wave_mean(x) + noise * jr.normal(key, x.shape))
