"""Second derivatives of a loss: how it curves, and the step that uses it all."""

from collections.abc import Callable
from typing import TypeVar

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

Weights = TypeVar("Weights", bound=PyTree)


def hessian(
    loss: Callable[[Weights], Float[Array, ""]], params: Weights
) -> Float[Array, "size size"]:
    """The second derivatives of a loss as one matrix over all the parameters, in tree order.

    A matrix of size x size is for models of at most a few hundred parameters.
    """
    flat, restore = ravel_pytree(params)
    return jax.hessian(lambda vector: loss(restore(vector)))(flat)


def curvatures(
    loss: Callable[[Weights], Float[Array, ""]], params: Weights
) -> Float[Array, "size"]:
    """The eigenvalues of the Hessian, smallest first: how much the loss curves in each direction.

    Gradient descent is stable below 2 / (the last one), and slow in proportion to the last over
    the first.
    """
    return jnp.linalg.eigvalsh(hessian(loss, params))


def newton_step(loss: Callable[[Weights], Float[Array, ""]], params: Weights) -> Weights:
    """Move to the minimum of the parabola that touches the loss at `params`.

    The step solves H step = gradient. On least squares the loss *is* that parabola, and one step
    ends at the optimum from anywhere, however badly scaled the inputs are.

    Args:
        loss: function of the parameters alone; its Hessian must not be singular.
        params: any pytree of floating-point arrays.

    Returns:
        The new parameters, of the same structure.
    """
    flat, restore = ravel_pytree(params)
    gradient, _ = ravel_pytree(jax.grad(loss)(params))
    return restore(flat - jnp.linalg.solve(hessian(loss, params), gradient))
