"""Random problems, in double precision: correlated columns of unlike scales, and N unlike D."""

from typing import Any

import numpy as np

SHAPES = [(0, 2), (1, 1), (3, 5), (12, 1), (9, 2), (30, 5)]
"""Examples and weights: none at all, fewer examples than weights, and more."""


def regression(seed: int, examples: int, weights: int) -> tuple[Any, Any]:
    """Features and targets of a noisy linear function."""
    generator = np.random.default_rng(seed)
    mixing = np.eye(weights) + 0.8 * np.triu(generator.normal(size=(weights, weights)), 1)
    scales = np.geomspace(0.3, 4.0, weights) if weights > 1 else np.array([2.0])
    X = generator.normal(size=(examples, weights)) @ mixing * scales
    return X, X @ generator.normal(size=weights) + generator.normal(size=examples)


def covariance(seed: int, size: int) -> Any:
    """A well-conditioned positive definite matrix that is not diagonal."""
    root = np.random.default_rng(seed).normal(size=(size, size))
    return root @ root.T / size + 0.5 * np.eye(size)
