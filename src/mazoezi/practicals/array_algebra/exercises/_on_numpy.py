"""Run an answer on NumPy arrays, where NumPy itself is the subject."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np


def on_numpy(answer: Callable) -> Callable:
    """Return the answer as used on NumPy arrays that it may write into."""

    def run(*args: Any) -> Any:
        return answer(*as_numpy(args))

    return run


def as_numpy(args: Any) -> Any:
    """Return the same arguments with each JAX array copied to a NumPy array."""
    return jax.tree.map(lambda one: np.array(one) if isinstance(one, jax.Array) else one, args)
