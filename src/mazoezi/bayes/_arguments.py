"""What arguments must be, checked where their values are known: not while a function is traced."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.core import Tracer
from jaxtyping import PyTree

from mazoezi._errors import ArgumentError


def is_known(*values: Any) -> bool:
    """Whether all values are there to look at; inside `jit`, `vmap` and `grad` they are not."""
    return not any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(values))


def let_check(function: Callable, first: PyTree, *args: PyTree) -> None:
    """Let a function check the values of `args`, which it does not know while it is compiled.

    It is traced by its first argument only, so that nothing which depends on that is computed.
    """
    if is_known(args):
        jax.eval_shape(lambda first: function(first, *args), first)


def check_at_least(argument: str, value: int, least: int) -> None:
    """For sizes and counts, which are never traced."""
    if value < least:
        raise ArgumentError(argument, value, f"{least} or more")


def check_positive(argument: str, value: Any) -> None:
    """For precisions, variances and scales: each entry is finite and above zero."""
    if is_known(value):
        entries = np.asarray(value)
        if not (np.all(np.isfinite(entries)) and np.all(entries > 0)):
            raise ArgumentError(argument, value, "finite and above zero")


def check_not_negative(argument: str, value: Any) -> None:
    """For penalties and variances that may be zero: each entry is finite and not below it."""
    if is_known(value):
        entries = np.asarray(value)
        if not (np.all(np.isfinite(entries)) and np.all(entries >= 0)):
            raise ArgumentError(argument, value, "finite and zero or above")


def check_finite(argument: str, value: Any) -> None:
    """For data: no NaN and no infinity."""
    if is_known(value):
        entries = np.asarray(value)
        bad = entries[~np.isfinite(entries)]
        if bad.size:
            raise ArgumentError(argument, value, f"finite numbers, without {bad.flat[0]}")


def check_design(X: Any, y: Any) -> None:
    """For features and, unless `None`, their targets: one row each, and finite."""
    if np.ndim(X) != 2:
        raise ArgumentError("the shape of X", np.shape(X), "(examples, weights)")
    check_finite("X", X)
    if y is not None:
        if np.shape(y) != np.shape(X)[:1]:
            raise ArgumentError(
                "the shape of y", np.shape(y), f"one target per row of X, {np.shape(X)[:1]}"
            )
        check_finite("y", y)


def check_labels(argument: str, value: Any) -> None:
    """For classes: each is 0 or 1."""
    if is_known(value):
        labels = np.asarray(value)
        bad = labels[(labels != 0) & (labels != 1)]
        if bad.size:
            raise ArgumentError(argument, value, f"labels 0 or 1, without {bad.flat[0]}")


def check_covariance(argument: str, value: Any, *, semidefinite: bool = False) -> None:
    """For covariances: symmetric up to rounding, and positive definite.

    With `semidefinite` some directions may have no variance, and rounding may take a little more.
    """
    if is_known(value):
        matrix = np.asarray(value)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise ArgumentError(f"the shape of {argument}", matrix.shape, "(D, D)")
        check_finite(argument, value)
        scale = np.max(np.abs(matrix), initial=0.0)
        if not np.allclose(matrix, matrix.T, rtol=0, atol=1e-5 * scale):
            raise ArgumentError(argument, value, "symmetric")
        slack = 1e-5 * (scale or 1.0) if semidefinite else 0.0
        try:
            np.linalg.cholesky(matrix.astype(np.float64) + slack * np.eye(len(matrix)))
        except np.linalg.LinAlgError:
            kind = "semidefinite" if semidefinite else "definite"
            raise ArgumentError(argument, value, f"positive {kind}") from None


def check_between(argument: str, value: float, low: float, high: float) -> None:
    """For shares and probabilities: strictly between two bounds."""
    if not low < value < high:
        raise ArgumentError(argument, value, f"between {low} and {high}")
