"""Choosing a model by how well it predicts data that it did not see."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Int, PRNGKeyArray

from mazoezi._errors import ArgumentError
from mazoezi.regression._features import polynomial_features
from mazoezi.regression._line import mean_squared_error
from mazoezi.regression._solve import ridge

Predictor: TypeAlias = Callable[[Array], Array]
"""From inputs to predictions, one per input."""
Fit: TypeAlias = Callable[[Array, Array], Predictor]
"""From the inputs and targets of a training part to a predictor."""


def fit_polynomial(
    x: Float[Array, "examples"],
    y: Float[Array, "examples"],
    *,
    degree: int,
    penalty: float | Float[Array, ""] = 0.0,
    features: Callable[[Array, int], Array] = polynomial_features,
) -> Predictor:
    """Fit a polynomial in closed form and return it as a function.

    Args:
        x: inputs.
        y: targets.
        degree: degree of the polynomial, 0 or more; static under `jit`.
        penalty: ridge penalty on the weights, for the mean squared error.
        features: `polynomial_features` or `legendre_features`; without a penalty both give the
            same polynomial, with one they shrink it differently.

    >>> square = fit_polynomial(jnp.arange(5.0), jnp.arange(5.0) ** 2, degree=2)
    >>> square(jnp.array([10.0])).round(1).tolist()
    [100.0]
    """
    weights = ridge(features(x, degree), y, penalty)
    return lambda new_x: jnp.matmul(features(new_x, degree), weights, precision="highest")


def cross_validation(
    fit: Fit,
    x: Float[Array, "examples *features"],
    y: Float[Array, "examples"],
    *,
    folds: int,
    key: PRNGKeyArray,
) -> Float[Array, "folds"]:
    """Mean squared error on each fold of a model fitted to the other folds.

    The examples are dealt at random; each is held out exactly once. Where the folds cannot be
    equal, the first ones have one example more. The same key deals the same folds, so that several
    models are compared on equal terms. The function can be compiled, and mapped over keys, data
    sets or a penalty.

    Args:
        fit: takes the inputs and targets to train on and returns a predictor, for example
            `functools.partial(fit_polynomial, degree=5)`.
        x: inputs, one example per entry of the first axis.
        y: targets.
        folds: number of folds, from 2 to the number of examples.
        key: random key of the deal.

    Raises:
        ArgumentError: `folds` is out of range, or `y` does not have one target per input.
    """
    examples = len(y)
    if jnp.shape(y) != jnp.shape(x)[:1]:
        raise ArgumentError("the shape of y", jnp.shape(y), f"one target per input, {x.shape[:1]}")
    if not 2 <= folds <= examples:
        raise ArgumentError("folds", folds, f"2 to {examples}, the number of examples")
    order = jr.permutation(key, examples)
    size, larger = divmod(examples, folds)

    def held_out_error(start: Int[Array, ""], size: int) -> Float[Array, ""]:
        turned = jnp.roll(order, -start)
        held_out, training = turned[:size], turned[size:]
        predictor = fit(x[training], y[training])
        return mean_squared_error(predictor(x[held_out]), y[held_out])

    # One fold after the other: many factorisations at once can stall XLA's threads on the CPU.
    starts = jnp.arange(folds) * size + jnp.minimum(jnp.arange(folds), larger)
    errors = jax.lax.map(partial(held_out_error, size=size), starts[larger:])
    if larger:
        larger_errors = jax.lax.map(partial(held_out_error, size=size + 1), starts[:larger])
        errors = jnp.concatenate([larger_errors, errors])
    return errors
