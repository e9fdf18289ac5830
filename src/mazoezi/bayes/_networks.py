"""Two networks that are small enough to know their posterior exactly: two weights, and four.

Both take one number per example. A network is `network(x, w)`: inputs, then weights, as everywhere
in this package; its weights are one vector, so that landscapes, Laplace, q and samplers all see
the same point.
"""

from collections.abc import Callable
from typing import TypeAlias

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_finite, check_not_negative
from mazoezi.bayes._linear import Alpha, log_prior

Network: TypeAlias = Callable[[Array, Array], Array]
"""`network(x, w)`: the outputs, one per input, for one vector of weights."""

TWO_WEIGHT_MODES = ("positive", "negative", "collapsed")
"""Names of the labels of `two_weight_mode`, in their order."""
RELU_MODES = ("flat then up", "up then flat", "straight line", "dead unit")
"""Names of the labels of `relu_mode`, in their order."""


def two_weight_network(x: Float[Array, "*shape"], w: Float[Array, "2"]) -> Float[Array, "*shape"]:
    """f(x) = w1 w0 x: a line through the origin whose slope is a product.

    Linear in x, but only bilinear in the weights: (w0, w1) and (-w0, -w1) are the same function,
    and at the origin the loss has a saddle.

    >>> two_weight_network(jnp.array([1.0, 3.0]), jnp.array([2.0, -1.0])).tolist()
    [-2.0, -6.0]
    """
    return w[1] * w[0] * x


@jax.jit
def relu_network(x: Float[Array, "*shape"], w: Float[Array, "4"]) -> Float[Array, "*shape"]:
    """f(x) = w1 ReLU(w0 x + b0) + b1, one hidden unit; the order of w is (w0, b0, w1, b1).

    >>> relu_network(jnp.array([-1.0, 3.0]), jnp.array([1.0, -1.0, 2.0, 0.5])).tolist()
    [0.5, 4.5]
    """
    w0, b0, w1, b1 = w
    return w1 * jax.nn.relu(w0 * x + b0) + b1


def network_loss(
    network: Network,
    w: Float[Array, "weights"],
    x: Float[Array, "examples"],
    y: Float[Array, "examples"],
    alpha: Alpha,
) -> Float[Array, ""]:
    """The regularised loss 1/2 sum_n (y_n - f(x_n))^2 + 1/2 sum_i alpha_i w_i^2.

    It is -log p(y, w) up to a constant: see `network_log_joint`.

    Raises:
        ArgumentError: `alpha` is negative, or the data hold a NaN.
    """
    check_not_negative("alpha", alpha)
    _check_data(x, y)
    return jnp.sum((y - network(x, w)) ** 2) / 2 + jnp.sum(alpha * w**2) / 2


def network_log_joint(
    network: Network,
    w: Float[Array, "weights"],
    x: Float[Array, "examples"],
    y: Float[Array, "examples"],
    alpha: Alpha,
) -> Float[Array, ""]:
    """log p(y | x, w) + log p(w), with unit noise and the prior w ~ N(0, diag(1/alpha)).

    Both densities are normalised, so that integrals over w are evidences.

    Raises:
        ArgumentError: `alpha` is not positive, or the data hold a NaN.
    """
    return network_log_likelihood(network, w, x, y) + log_prior(w, alpha)


def network_log_likelihood(
    network: Network,
    w: Float[Array, "weights"],
    x: Float[Array, "examples"],
    y: Float[Array, "examples"],
) -> Float[Array, ""]:
    """log p(y | x, w) = -1/2 sum_n (y_n - f(x_n))^2 - N/2 log 2 pi: Gaussian noise of variance 1.

    Raises:
        ArgumentError: the data hold a NaN.
    """
    _check_data(x, y)
    return -jnp.sum((y - network(x, w)) ** 2) / 2 - jnp.size(y) / 2 * jnp.log(2 * jnp.pi)


def two_weight_modes(
    x: Float[Array, "examples"], y: Float[Array, "examples"], alpha: float | Float[Array, ""]
) -> Float[Array, "2 2"]:
    """The two modes of the two-weight network's posterior, the positive one first.

    At a mode both weights are equal, w0 = w1 = +-sqrt((S_xy - alpha) / S_xx) with S_xy = sum x y
    and S_xx = sum x^2. If S_xy <= alpha there is but one mode, at the origin, and both rows are it.
    A falling line (S_xy < -alpha) has its modes at w0 = -w1.

    Raises:
        ArgumentError: `alpha` is negative, or the data hold a NaN.
    """
    check_not_negative("alpha", alpha)
    _check_data(x, y)
    s_xx, s_xy = jnp.sum(x**2), jnp.sum(x * y)
    size = jnp.sqrt(jnp.maximum(jnp.abs(s_xy) - alpha, 0) / s_xx)
    mode = size * jnp.stack([jnp.ones_like(s_xy), jnp.where(s_xy < 0, -1, 1).astype(s_xy.dtype)])
    return jnp.stack([mode, -mode])


def two_weight_mode(w: Float[Array, "*batch 2"], threshold: float = 0.5) -> Int[Array, "*batch"]:
    """Where weights of the two-weight network lie, as an index into `TWO_WEIGHT_MODES`.

    A draw, or the mean of a fitted q, is "positive" or "negative" where the mean of its two
    weights is above `threshold` or below -`threshold`, and "collapsed" between. For posterior
    draws use the threshold 0, which splits the plane into its two mirror images.

    >>> two_weight_mode(jnp.array([[1.0, 0.9], [-1.0, -0.9], [0.1, -0.1]])).tolist()
    [0, 1, 2]
    """
    position = jnp.mean(w, axis=-1)
    return jnp.where(position > threshold, 0, jnp.where(position < -threshold, 1, 2))


def relu_mode(w: Float[Array, "*batch 4"], x: Float[Array, "examples"]) -> Int[Array, "*batch"]:
    """Which shape the four-parameter network takes on the data, as an index into `RELU_MODES`.

    What counts is where the hidden unit is active, w0 x + b0 > 0: at all inputs the network is a
    straight line, at none it is constant (a dead unit). Otherwise its hinge lies between the
    inputs, and is flat on the left and rises on the right (w0 > 0) or the other way round; w1
    says how steeply, and whether up or down.

    >>> x = jnp.array([-1.0, 0.0, 1.0])
    >>> w = jnp.array([[1.0, 0.0, 1.0, 0.0], [-1.0, 0.0, -1.0, 0.0], [1.0, 5.0, 1.0, 0.0]])
    >>> [RELU_MODES[label] for label in relu_mode(w, x)]
    ['flat then up', 'up then flat', 'straight line']
    """
    if jnp.size(x) == 0:
        raise ArgumentError("the number of inputs", 0, "at least one: modes are shapes on the data")
    active = active_points(w, x)
    hinge = jnp.where(w[..., 0] > 0, 0, 1)
    return jnp.where(active == 0, 3, jnp.where(active == jnp.size(x), 2, hinge))


def active_points(w: Float[Array, "*batch 4"], x: Float[Array, "examples"]) -> Int[Array, "*batch"]:
    """At how many of the inputs the four-parameter network's hidden unit is active."""
    return jnp.sum(w[..., :1] * x + w[..., 1:2] > 0, axis=-1)


def _check_data(x: Float[Array, "examples"], y: Float[Array, "examples"]) -> None:
    check_finite("x", x)
    check_finite("y", y)
