"""What is asked of random answers: statistics with bounds, keys that are used once."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

ERRORS = 5.5  # standard errors that a right answer stays within, some ten numbers at a time


def unwatched(answer: Callable) -> Callable:
    """Run an answer without JAX's key-reuse check, in case the learner has it on."""

    def run(*args: Any) -> Any:
        with jax.debug_key_reuse(False):
            return answer(*args)

    return run


def assert_keys_used_once(answer: Callable, *args: Any) -> None:
    """Trace an answer with JAX's key-reuse check on."""
    try:
        with jax.debug_key_reuse(True):
            jax.eval_shape(lambda: answer(*args))
    except Exception as error:
        assert type(error).__name__ != "KeyReuseError", (
            "JAX's key-reuse check finds a key that is used twice. A key that was split, or drawn "
            "with, must not be used again."
        )
        raise


def mean_is(samples: Any, expected: Any) -> bool:
    """Whether the mean over the first axis is the expected one, up to its standard error."""
    samples = np.asarray(samples, np.float64)
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    return bool(np.all(np.abs(samples.mean(axis=0) - expected) <= ERRORS * error + 1e-5))


def covariance_is(samples: Any, expected: Any) -> bool:
    """Whether Gaussian samples [count, D] have the expected covariance, up to its error."""
    found = np.atleast_2d(np.cov(np.asarray(samples, np.float64), rowvar=False))
    expected = np.asarray(expected, np.float64)
    variances = np.diag(expected)
    error = np.sqrt((np.outer(variances, variances) + expected**2) / len(samples))
    return bool(np.all(np.abs(found - expected) <= ERRORS * error + 1e-6))


def rounded(values: Any) -> str:
    """Show numbers with two digits after the point."""
    return np.array2string(np.asarray(values, np.float64), precision=2, separator=", ").replace(
        "\n", ""
    )
