"""Random Fourier features, and the Gaussian process that they become as their number grows.

With s ~ N(0, scale^2) and u ~ U(-pi, pi) the mean of 2 cos(s x + u) cos(s z + u) is
exp(-scale^2 (x - z)^2 / 2). So a linear model on D such features, each times sqrt(2/D), has the
prior covariance phi(x)^T phi(z) / alpha, which tends to the squared-exponential kernel; its error
falls as 1/sqrt(D) (Rahimi and Recht, Random features for large-scale kernel machines, 2007).
"""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, PRNGKeyArray

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least, check_design, check_finite, check_positive
from mazoezi.bayes._linear import Prediction, Scalar

Kernel: TypeAlias = Callable[[Array, Array], Array]
"""`kernel(x, z)`: the prior covariance of f between all x and all z, [x, z]."""


class FourierBasis(eqx.Module):
    """Features sqrt(2/D) cos(frequency x + phase); made by `fourier_basis`."""

    frequencies: Float[Array, "features"]
    phases: Float[Array, "features"]

    def __call__(self, x: Float[Array, "examples"]) -> Float[Array, "examples features"]:
        """The features of each input, one row per input.

        Raises:
            ArgumentError: `x` is not one number per example, or holds a NaN.
        """
        _check_inputs("x", x)
        return _cosines(x, self.frequencies, self.phases)


def fourier_basis(key: PRNGKeyArray, features: int, scale: Scalar) -> FourierBasis:
    """Draw a random Fourier basis: frequencies ~ N(0, scale^2), phases ~ U(-pi, pi).

    The frequencies are `scale` times numbers that depend on the key alone. So `scale` may be
    traced and differentiated, and with one key an objective in `scale` is smooth.

    Args:
        key: random key.
        features: number D of features, at least 1.
        scale: how fast functions wiggle; 1 / scale is the length over which they are alike.

    Raises:
        ArgumentError: `features` is below 1, or `scale` is not positive.

    *Source*: Rahimi and Recht (2007), algorithm 1, in the form with random phases.

    >>> fourier_basis(jr.key(0), features=500, scale=0.75)(jnp.zeros(3)).shape
    (3, 500)
    """
    check_at_least("features", features, 1)
    check_positive("scale", scale)
    return _draw(key, features, scale)


@partial(jax.jit, static_argnums=1)
def _draw(key: PRNGKeyArray, features: int, scale: Scalar) -> FourierBasis:
    frequency_key, phase_key = jr.split(key)
    dtype = jnp.result_type(float)
    phases = jr.uniform(phase_key, (features,), dtype, -jnp.pi, jnp.pi)
    return FourierBasis(scale * jr.normal(frequency_key, (features,), dtype), phases)


@jax.jit
def _cosines(
    x: Float[Array, "examples"],
    frequencies: Float[Array, "features"],
    phases: Float[Array, "features"],
) -> Float[Array, "examples features"]:
    scale = jnp.sqrt(2 / len(frequencies))
    return scale * jnp.cos(jnp.outer(x, frequencies) + phases)


def squared_exponential(
    x: Float[Array, "rows"], z: Float[Array, "columns"], scale: Scalar, alpha: Scalar
) -> Float[Array, "rows columns"]:
    """exp(-scale^2 (x - z)^2 / 2) / alpha: the limit of infinitely many Fourier features.

    Raises:
        ArgumentError: `scale` or `alpha` is not positive, or an input is not one number each.

    >>> squared_exponential(jnp.zeros(1), jnp.zeros(2), scale=1.0, alpha=4.0).tolist()
    [[0.25, 0.25]]
    """
    check_positive("scale", scale)
    check_positive("alpha", alpha)
    _check_inputs("x", x)
    _check_inputs("z", z)
    return _squared_exponential(x, z, scale, alpha)


@jax.jit
def _squared_exponential(x: Array, z: Array, scale: Scalar, alpha: Scalar) -> Array:
    return jnp.exp(-((scale * (x[:, None] - z[None, :])) ** 2) / 2) / alpha


def gp_predict(
    x_new: Float[Array, "inputs"],
    x: Float[Array, "examples"],
    y: Float[Array, "examples"],
    kernel: Kernel,
    noise_variance: Scalar = 1.0,
) -> Prediction:
    """Bayesian regression in function space: no weights, but a kernel between the examples.

    It costs N^3 in the number of examples where weights cost D^3 in the number of features, and
    is the same prediction as `posterior` and `predict` if `kernel(x, z)` is phi(x)^T phi(z)/alpha.

    Args:
        x_new: where to predict.
        x: inputs of the examples; there may be none.
        y: their targets.
        kernel: `kernel(x, z)`, the prior covariance between all x and all z, [x, z].
        noise_variance: variance of the noise, positive.

    Raises:
        ArgumentError: the noise variance is not positive, the shapes do not fit, or the data hold
            a NaN.

    *Source*: Rasmussen and Williams, Gaussian processes for machine learning, 2006, algorithm 2.1.

    >>> kernel = lambda x, z: squared_exponential(x, z, scale=1.0, alpha=1.0)
    >>> gp_predict(jnp.zeros(1), jnp.zeros(1), jnp.ones(1), kernel).mean.round(3).tolist()
    [0.5]
    """
    _check_inputs("x_new", x_new)
    _check_inputs("x", x)
    check_design(x[:, None], y)
    check_positive("noise_variance", noise_variance)
    prior_variance = jax.vmap(lambda point: kernel(point[None], point[None])[0, 0])(x_new)
    return _condition(kernel(x, x), kernel(x, x_new), prior_variance, y, noise_variance)


@jax.jit
def _condition(
    between_examples: Float[Array, "examples examples"],
    across: Float[Array, "examples inputs"],
    prior_variance: Float[Array, "inputs"],
    y: Float[Array, "examples"],
    noise_variance: Scalar,
) -> Prediction:
    """What covariances between the examples, and from them to new inputs, say of the latter."""
    factor = jnp.linalg.cholesky(between_examples + noise_variance * jnp.eye(len(y)))
    cross = jax.scipy.linalg.solve_triangular(factor, across, lower=True)
    target = jax.scipy.linalg.solve_triangular(factor, y, lower=True)
    variance_f = jnp.maximum(prior_variance - jnp.sum(cross**2, axis=0), 0)
    mean = jnp.matmul(cross.T, target, precision="highest")
    return Prediction(mean, jnp.sqrt(variance_f), jnp.sqrt(variance_f + noise_variance))


def _check_inputs(argument: str, x: Float[Array, "examples"]) -> None:
    if jnp.ndim(x) != 1:
        raise ArgumentError(f"the shape of {argument}", jnp.shape(x), "(N,): one number each")
    check_finite(argument, x)
