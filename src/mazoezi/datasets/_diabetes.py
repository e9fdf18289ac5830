"""Diabetes progression: ten measurements of 442 patients, and how the disease went on."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32


class Diabetes(NamedTuple):
    """Diabetes progression, split into a training and a test part."""

    train_x: Float32[Array, "353 10"]
    train_y: Float32[Array, "353"]
    test_x: Float32[Array, "89 10"]
    test_y: Float32[Array, "89"]
    feature_names: tuple[str, ...]


def diabetes() -> Diabetes:
    """Ten body measurements of 442 patients and their disease progression after a year.

    The features come centred over all patients. Here each is also divided by its standard
    deviation over the *training* part, so that nothing about the test patients leaks into the
    inputs; the target stays in its own unit, 25 to 346. The split is the one that scikit-learn's
    `train_test_split` makes with a fifth for testing and `random_state=42`, so that results can
    be compared with everyone else's. The file is the one that scikit-learn carries: no download.

    Returns:
        `Diabetes`: 353 training and 89 test examples, float32, and the ten feature names.

    Source: Efron, Hastie, Johnstone and Tibshirani, "Least angle regression", Annals of
    Statistics 32 (2004).
    """
    from sklearn.datasets import load_diabetes  # here, because the import costs seconds

    x, y = load_diabetes(return_X_y=True)
    train, test = _split(len(y))
    x = x / x[train].std(axis=0)
    return Diabetes(
        train_x=jnp.asarray(x[train], jnp.float32),
        train_y=jnp.asarray(y[train], jnp.float32),
        test_x=jnp.asarray(x[test], jnp.float32),
        test_y=jnp.asarray(y[test], jnp.float32),
        feature_names=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
    )


def _split(examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training and of the test part, in scikit-learn's order for seed 42."""
    order = np.random.RandomState(42).permutation(examples)
    test_examples = -(-examples // 5)  # a fifth, rounded up
    return order[test_examples:], order[:test_examples]
