"""The specification's problems in NumPy, with what is known of them exactly: the tests' oracles."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.stats

OUTLIER_RAW = np.array([1, 1.5, 2, 3, 4, 5])
OUTLIER_X: Any = (OUTLIER_RAW - OUTLIER_RAW.mean()) / OUTLIER_RAW.std()
OUTLIER_Y: Any = np.array([0.1, -0.9, -1.3, -1.7, -8, -3.8])
OUTLIER_DESIGN: Any = np.stack([np.ones(6), OUTLIER_X], axis=1)

SEPARABLE_X: Any = np.array([-2.7, -1.9, -1.3, 0.7, 0.8, 1.4, 2.4])
SEPARABLE_Y: Any = np.array([0, 0, 0, 1, 1, 1, 1])
SEPARABLE_DESIGN: Any = np.stack([np.ones(7), SEPARABLE_X], axis=1)

IDENTITY_X: Any = np.array([-2, -1.8, -1, 2, 2, 2.1])
IDENTITY_Y: Any = np.array([-2, -1.9, -1, 2, 1.9, 2.1])


class Exact(NamedTuple):
    """A Gaussian posterior, and the evidence of its model."""

    mean: Any
    covariance: Any
    log_evidence: float


def linear_posterior(X: np.ndarray, y: np.ndarray, alpha: float) -> Exact:
    """The posterior of y = X w + noise of variance 1; its evidence from the density of y."""
    covariance = np.linalg.inv(X.T @ X + alpha * np.eye(X.shape[1]))
    marginal = np.eye(len(y)) + X @ X.T / alpha
    log_evidence = np.log(gaussian_density(y, np.zeros(len(y)), marginal))
    return Exact(covariance @ X.T @ y, covariance, float(log_evidence))


def gaussian_density(points: Any, mean: Any, covariance: Any) -> Any:
    """N(point; mean, covariance) at each point, along the last axis."""
    return scipy.stats.multivariate_normal(mean, covariance).pdf(points)


def gaussian_kl(mean_q, covariance_q, mean_p, covariance_p) -> float:
    """KL(q || p) of two Gaussians."""
    precision, offset = np.linalg.inv(covariance_p), np.asarray(mean_p) - mean_q
    volume = np.linalg.slogdet(covariance_p)[1] - np.linalg.slogdet(covariance_q)[1]
    trace = np.trace(precision @ covariance_q)
    return float((trace + offset @ precision @ offset - len(offset) + volume) / 2)


def grid(log_joint: Callable[[np.ndarray, np.ndarray], np.ndarray], half_width: float, points=801):
    """Log evidence and normalised probabilities of a 2-D posterior, by the midpoint rule."""
    edges = np.linspace(-half_width, half_width, points + 1)
    axis = (edges[1:] + edges[:-1]) / 2
    first, second = np.meshgrid(axis, axis, indexing="ij")
    values = log_joint(first, second)
    top = values.max()
    masses = np.exp(values - top)
    log_evidence = top + np.log(masses.sum()) + 2 * np.log(axis[1] - axis[0])
    return first, second, masses / masses.sum(), float(log_evidence)


def two_weight_log_joint(alpha: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Of the two-weight network on the identity data, normalised."""

    def log_joint(w0: np.ndarray, w1: np.ndarray) -> np.ndarray:
        errors = IDENTITY_Y - (w0 * w1)[..., None] * IDENTITY_X
        likelihood = -(errors**2).sum(-1) / 2 - 3 * np.log(2 * np.pi)
        return likelihood - alpha * (w0**2 + w1**2) / 2 + np.log(alpha / (2 * np.pi))

    return log_joint


def standard_errors(values: Any, truth: float) -> float:
    """How far a mean of independent estimates is from the truth, in its standard errors."""
    values = np.asarray(values, np.float64)
    return float(abs(values.mean() - truth) / (values.std(ddof=1) / np.sqrt(len(values))))
