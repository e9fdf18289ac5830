"""Unknown noise against quadrature over the variance; Student's t against SciPy and the spec."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from random_problems import SHAPES, regression
from scipy import integrate, stats

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    affine_basis,
    grid_posterior,
    log_evidence,
    log_prior,
    posterior,
    posterior_unknown_noise,
    predict_unknown_noise,
    student_log_likelihood,
)
from mazoezi.datasets import outlier

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X, Y = affine_basis(outlier().x), outlier().y


@pytest.mark.parametrize(("examples", "weights"), SHAPES)
def test_evidence_is_the_multivariate_student_density(float64, examples, weights):
    features, y = regression(1, examples, weights)
    alphas, shape, rate = np.geomspace(0.3, 3, weights), 1.5, 0.8
    fit = posterior_unknown_noise(features, y, jnp.asarray(alphas), shape, rate)
    density: Any = stats.multivariate_t
    spread = rate / shape * (np.eye(examples) + features / alphas @ features.T)
    expected = density.logpdf(y, shape=spread, df=2 * shape) if examples else 0.0
    assert float(fit.log_evidence) == pytest.approx(float(expected), abs=1e-8)


def test_evidence_and_mean_variance_agree_with_quadrature_over_the_variance(float64):
    features, y = regression(2, 8, 2)
    prior: stats.rv_continuous = stats.invgamma(2.0, scale=1.5)  # type: ignore[assignment]

    def mass(log_variance, power):
        variance = np.exp(log_variance)
        evidence = float(log_evidence(features, y, 0.7 / variance, variance))
        return np.exp(evidence) * prior.pdf(variance) * variance ** (1 + power)

    nodes = np.linspace(-5, 7, 400)
    total, first = (
        integrate.simpson([mass(node, power) for node in nodes], x=nodes) for power in (0, 1)
    )
    fit = posterior_unknown_noise(features, y, 0.7, 2.0, 1.5)
    assert float(fit.log_evidence) == pytest.approx(np.log(total), abs=1e-5)
    assert float(fit.rate / (fit.shape - 1)) == pytest.approx(first / total, rel=1e-4)


def test_a_certain_prior_of_the_noise_gives_the_known_noise_back(float64):
    features, y = regression(3, 9, 2)
    fit = posterior_unknown_noise(features, y, 0.7, 1e9, 1e9 * 0.3)
    known = posterior(features, y, 0.7 / 0.3, 0.3)
    np.testing.assert_allclose(fit.mean, known.mean)
    np.testing.assert_allclose(fit.scale * 0.3, known.covariance)
    expected = log_evidence(features, y, 0.7 / 0.3, 0.3)
    assert float(fit.log_evidence) == pytest.approx(float(expected), abs=1e-5)


def test_predictions_are_ratios_of_evidences(float64):
    """p(y_new | y) = p(y_new, y) / p(y): Bayes' rule, without the formula under test."""
    features, y = regression(4, 7, 2)
    before = posterior_unknown_noise(features[:6], y[:6], 0.5)
    after = posterior_unknown_noise(features, y, 0.5)
    mean, scale, df = predict_unknown_noise(features[6:], before)
    assert float(after.log_evidence - before.log_evidence) == pytest.approx(
        float(stats.t.logpdf(y[6], float(df), float(mean[0]), float(scale[0])))
    )


def test_unknown_noise_of_the_outlier_data_is_large():
    fit = posterior_unknown_noise(X, Y, 0.1)
    without = posterior_unknown_noise(X[np.arange(6) != 4], Y[np.arange(6) != 4], 0.1)
    assert float(fit.rate / fit.shape) > 3 * float(without.rate / without.shape)


@pytest.mark.parametrize("df", [0.5, 1.0, 3.0, 30.0])
def test_student_log_likelihood_agrees_with_scipy(float64, df):
    residual = jnp.array([-1000.0, -2.0, 0.0, 0.3, 50.0])
    expected = stats.t.logpdf(residual, df, scale=0.5)
    np.testing.assert_allclose(student_log_likelihood(residual, df, 0.5), expected)
    slope = jax.grad(student_log_likelihood)(2.0, df, 0.5)
    assert float(slope) == pytest.approx(-(df + 1) * 2.0 / (df * 0.25 + 4.0))


def test_student_with_many_degrees_of_freedom_is_gaussian(float64):
    residual = jnp.linspace(-3, 3, 7)
    np.testing.assert_allclose(
        student_log_likelihood(residual, 1e7, 2.0), stats.norm.logpdf(residual, 0, 2), atol=1e-5
    )


def test_robust_fit_of_the_outlier_data_is_the_published_one():
    def joint(w):
        return log_prior(w, 0.1) + jnp.sum(student_log_likelihood(Y - X @ w, 3.0, 0.5))

    grid = grid_posterior(joint, [(-8.0, 4.0), (-8.0, 4.0)], 400)
    assert float(grid.mean[1]) == pytest.approx(-1.30, abs=0.01)
    assert float(grid.log_evidence) == pytest.approx(-15.17, abs=0.01)
    gaussian = posterior(X, Y, 0.1)
    assert float(gaussian.mean[1]) == pytest.approx(-1.99, abs=0.005)
    assert float(log_evidence(X, Y, 0.1)) == pytest.approx(-19.56, abs=0.005)


CALLS = {
    "alpha is 0": lambda: posterior_unknown_noise(X, Y, 0.0),
    "shape is -1": lambda: posterior_unknown_noise(X, Y, 1.0, -1.0),
    "rate is 0": lambda: posterior_unknown_noise(X, Y, 1.0, 1.0, 0.0),
    "shape of y": lambda: posterior_unknown_noise(X, Y[:3], 1.0),
    "y is": lambda: posterior_unknown_noise(X, Y.at[0].set(jnp.nan), 1.0),
    "columns of X": lambda: predict_unknown_noise(
        jnp.ones((2, 3)), posterior_unknown_noise(X, Y, 1.0)
    ),
    "df is 0": lambda: student_log_likelihood(Y, 0.0, 1.0),
    "scale is -1": lambda: student_log_likelihood(Y, 3.0, -1.0),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
