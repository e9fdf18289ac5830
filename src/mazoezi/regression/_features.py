"""Features of a number, and the scale of features."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from mazoezi._errors import ArgumentError
from mazoezi.regression._line import Params


def polynomial_features(
    x: Float[Array, "examples"], degree: int
) -> Float[Array, "examples degree_plus_one"]:
    """The powers of each x, from the highest down to the constant 1.

    Args:
        x: inputs.
        degree: highest power, 0 or more; static under `jit`.

    Returns:
        Columns x^degree, ..., x^2, x, 1.

    Raises:
        ArgumentError: `degree` is negative.

    >>> polynomial_features(jnp.array([2.0, 3.0]), 2).tolist()
    [[4.0, 2.0, 1.0], [9.0, 3.0, 1.0]]
    """
    _check_degree(degree)
    columns = [jnp.ones_like(x)]
    for _ in range(degree):
        columns.append(columns[-1] * x)
    return jnp.stack(columns[::-1], axis=-1)


def legendre_features(
    x: Float[Array, "examples"], degree: int
) -> Float[Array, "examples degree_plus_one"]:
    """Legendre polynomials of each x, scaled so that each has mean square 1 on [-1, 1].

    They span the same functions as `polynomial_features`, column order included, but are
    orthonormal for inputs spread evenly over [-1, 1]: gradient descent then sees a loss that is
    curved alike in all directions. The scale of the polynomial of degree k is sqrt(2k + 1).

    Args:
        x: inputs; the columns are orthonormal on [-1, 1] and grow fast outside.
        degree: highest degree, 0 or more; static under `jit`.

    Raises:
        ArgumentError: `degree` is negative.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 22.7.10 (recurrence).
    """
    _check_degree(degree)
    columns = [jnp.ones_like(x), x]
    for k in range(1, degree):
        columns.append(((2 * k + 1) * x * columns[k] - k * columns[k - 1]) / (k + 1))
    scale = jnp.sqrt(2 * jnp.arange(degree + 1, dtype=x.dtype) + 1)
    return (jnp.stack(columns[: degree + 1], axis=-1) * scale)[:, ::-1]


def _check_degree(degree: int) -> None:
    if degree < 0:
        raise ArgumentError("degree", degree, "0 or more")


class Standardisation(NamedTuple):
    """How inputs were standardised: z = (x - mean) / scale, per feature."""

    mean: Float[Array, "*features"]
    scale: Float[Array, "*features"]

    def __call__(self, x: Float[Array, "examples *features"]) -> Float[Array, "examples *features"]:
        """Standardise other inputs in the same way, such as those of the test part."""
        return (x - self.mean) / self.scale


def standardise(
    x: Float[Array, "examples *features"],
) -> tuple[Float[Array, "examples *features"], Standardisation]:
    """Shift and scale each feature to mean 0 and standard deviation 1 over the examples.

    The standard deviation divides by the number of examples. A constant feature has none; it is
    only centred, with scale 1.

    Returns:
        The standardised inputs, and the `Standardisation` to apply to others or to undo.
    """
    mean, deviation = jnp.mean(x, axis=0), jnp.std(x, axis=0)
    rounding = 10 * jnp.finfo(deviation.dtype).eps * jnp.abs(mean)
    standardisation = Standardisation(mean, jnp.where(deviation > rounding, deviation, 1))
    return standardisation(x), standardisation


def unstandardise(params: Params, standardisation: Standardisation) -> dict[str, Float[Array, ""]]:
    """The line over raw inputs that equals the given line over standardised ones.

    From b + w (x - mean) / scale: the slope becomes w / scale, and the intercept loses that slope
    times the mean.
    """
    slope = params["w"] / standardisation.scale
    return {"b": params["b"] - slope * standardisation.mean, "w": slope}
