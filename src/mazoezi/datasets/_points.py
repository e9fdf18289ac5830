"""A handful of points each: the data that the Bayesian practical learns from."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float


class Points(NamedTuple):
    """Inputs and their targets; one entry per example in both arrays."""

    x: Float[Array, "examples"]
    y: Float[Array, "examples"]


def outlier() -> Points:
    """Six points around a falling line, of which the fifth lies far below it.

    The inputs are standardised with the population's standard deviation, so that with the basis
    (1, x) the matrix X^T X is 6 times the identity.

    >>> outlier().y.round(1).tolist()[4]
    -8.0
    """
    x = np.array([1.0, 1.5, 2.0, 3.0, 4.0, 5.0])
    y = np.array([3.1, 2.1, 1.7, 1.3, -5.0, -0.8]) - 3
    return Points(jnp.asarray((x - np.mean(x)) / np.std(x)), jnp.asarray(y))


def nonlinear() -> Points:
    """Eight points that no line fits, with a wide gap between the inputs 1.1 and 3.5.

    >>> nonlinear().x.shape
    (8,)
    """
    x = jnp.array([-2.0, -1.0, 0.0, 1.0, 1.1, 3.5, 4.0, 5.0])
    return Points(x, jnp.array([16.0, 16.5, 16.0, 6.5, 8.0, 5.5, 10.0, 17.5]))


def separable() -> Points:
    """Seven labels, 0 or 1, that a threshold between -1.3 and 0.7 tells apart without an error.

    >>> separable().y.tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    """
    x = jnp.array([-2.7, -1.9, -1.3, 0.7, 0.8, 1.4, 2.4])
    return Points(x, jnp.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]))


def identity() -> Points:
    """Six points on or near the line y = x.

    >>> float(identity().x @ identity().y).__round__(2)
    20.63
    """
    x = jnp.array([-2.0, -1.8, -1.0, 2.0, 2.0, 2.1])
    return Points(x, jnp.array([-2.0, -1.9, -1.0, 2.0, 1.9, 2.1]))
