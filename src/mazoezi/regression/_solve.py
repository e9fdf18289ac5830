"""Least squares and ridge regression in closed form, through the singular values.

Neither forms X^T X: its condition number is the square of that of X, which in float32 ruins the
fit of a polynomial of degree 15 although the problem itself is harmless.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from mazoezi._errors import ArgumentError


def least_squares(
    X: Float[Array, "examples features"], y: Float[Array, "examples"]
) -> Float[Array, "features"]:
    """The weights w that minimise the mean of (y - X w)^2.

    Where several weights do equally well (dependent columns, or fewer examples than features)
    the answer is the one of the smallest norm. Directions whose singular value is below
    `max(examples, features) * eps` of the largest are indistinguishable from dependent ones.
    The gradient with respect to `X` needs distinct singular values, that with respect to `y`
    needs nothing.

    Args:
        X: design matrix, one row per example. There is no hidden intercept: give it a column.
        y: targets.

    Raises:
        ArgumentError: the shapes do not fit.

    >>> least_squares(jnp.array([[1.0, 0.0], [1.0, 1.0]]), jnp.array([1.0, 3.0])).round(4).tolist()
    [1.0, 2.0]
    """
    return ridge(X, y, 0.0)


@jax.jit  # one program for each shape instead of fourteen small ones
def ridge(
    X: Float[Array, "examples features"],
    y: Float[Array, "examples"],
    penalty: float | Float[Array, ""],
) -> Float[Array, "features"]:
    """The weights w that minimise mean((y - X w)^2) + penalty * sum(w^2).

    The data term is a *mean*, so a penalty keeps its meaning when examples are added; a solver
    whose data term is a sum needs `examples * penalty`. Every column is penalised, the constant
    one too: centre `y`, and leave that column out, where this matters. Several penalties are a
    `vmap` over the last argument.

    Args:
        X: design matrix, one row per example.
        y: targets.
        penalty: strength of the shrinkage, not negative; 0 gives `least_squares`.

    Raises:
        ArgumentError: the shapes do not fit.
    """
    _check_shapes(X, y)
    left, singular, right = jnp.linalg.svd(X, full_matrices=False)  # [n, k], [k], [k, d]
    cutoff = max(X.shape) * jnp.finfo(singular.dtype).eps * singular[0]
    kept = singular > cutoff
    safe = jnp.where(kept, singular, 1)  # so that the branch not taken has a gradient too
    inverse = jnp.where(kept, 1 / (safe + len(X) * penalty / safe), 0)
    scores = jnp.matmul(left.T, y, precision="highest")  # [k]
    return jnp.matmul(right.T, inverse * scores, precision="highest")  # [d]


def _check_shapes(X: Float[Array, "examples features"], y: Float[Array, "examples"]) -> None:
    if jnp.ndim(X) != 2 or 0 in X.shape:
        raise ArgumentError("the shape of X", X.shape, "(examples, features), both at least one")
    if jnp.shape(y) != X.shape[:1]:
        raise ArgumentError(
            "the shape of y", jnp.shape(y), f"one target per row of X, {X.shape[:1]}"
        )
