"""The straight line and its loss.

One convention holds throughout: the loss of the line is *half* the mean squared error, so that
its gradient carries no factor 2 and a learning rate means the same everywhere. Parameters are a
dictionary `{"b": intercept, "w": slope}`; every other pytree works wherever a loss is an argument.
"""

from collections.abc import Mapping
from typing import TypeAlias

import jax.numpy as jnp
from jaxtyping import Array, Float

Number: TypeAlias = float | Float[Array, "..."]
"""A Python float or an array of any shape that broadcasts with its neighbours."""
Params: TypeAlias = Mapping[str, float | Float[Array, ""]]
"""Parameters of a line: `b`, the value at x = 0, and `w`, the slope."""


def predict(params: Params, x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The line w x + b at each x.

    >>> predict({"b": 1.0, "w": 2.0}, jnp.array([0.0, 3.0])).tolist()
    [1.0, 7.0]
    """
    return params["w"] * x + params["b"]


def squared_error(b: Number, w: Number, x: Number, y: Number) -> Number:
    """Squared distance (y - w x - b)^2 of a line from an example, element by element.

    The four arguments broadcast, so one call serves one line and many examples, or a grid of
    lines and one example. Python floats work too, and stay Python floats.

    >>> squared_error(1.0, 2.0, 3.0, 10.0)
    9.0
    """
    return (y - w * x - b) ** 2


def half_mean_squared_error(
    params: Params, x: Float[Array, "examples"], y: Float[Array, "examples"]
) -> Float[Array, ""]:
    """The loss of a line: 1/(2N) times the sum of its squared errors."""
    return jnp.mean(squared_error(params["b"], params["w"], x, y)) / 2


def half_mean_squared_error_gradient(
    params: Params, x: Float[Array, "examples"], y: Float[Array, "examples"]
) -> dict[str, Float[Array, ""]]:
    """The gradient of `half_mean_squared_error`, derived by hand.

    With f(x) = w x + b the chain rule gives dL/db = mean(f(x) - y) and
    dL/dw = mean((f(x) - y) x): the 2 of the square cancels the half of the loss.

    Returns:
        The derivatives, under the names of the parameters.
    """
    residual = predict(params, x) - y
    return {"b": jnp.mean(residual), "w": jnp.mean(residual * x)}


def mean_squared_error(
    predictions: Float[Array, "examples"], targets: Float[Array, "examples"]
) -> Float[Array, ""]:
    """The mean of the squared differences: the *whole* mean, without a half."""
    return jnp.mean((targets - predictions) ** 2)


def r_squared(
    predictions: Float[Array, "examples"], targets: Float[Array, "examples"]
) -> Float[Array, ""]:
    """Share of the targets' variance that the predictions explain: 1 - MSE / variance.

    It is 1 for perfect predictions, 0 for predicting the mean of these targets, negative for
    anything worse than that, and not finite where all targets are equal.
    """
    return 1 - mean_squared_error(predictions, targets) / jnp.var(targets)
