"""Grids against closed forms and the published posterior of the classification data."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.core import Tracer
from random_problems import regression

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    Gaussian,
    GridPosterior,
    affine_basis,
    bernoulli_log_score,
    class_probability,
    gaussian_from_covariance,
    grid_posterior,
    laplace,
    log_evidence,
    log_prior,
    log_prob,
    logistic_log_joint,
    network_log_joint,
    posterior,
    predict,
    squared_loss,
    two_weight_network,
)
from mazoezi.datasets import identity, separable

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X, Y = affine_basis(separable().x), separable().y
RANGES = [(-8.0, 8.0), (-6.0, 12.0)]


def log_joint(w, alpha=0.75):
    return logistic_log_joint(w, X, Y, alpha)


@pytest.fixture(scope="module")
def exact() -> GridPosterior:
    return grid_posterior(log_joint, RANGES, 400)


@pytest.mark.parametrize("weights", [1, 2])
def test_a_grid_agrees_with_the_closed_form(weights):
    features, y = (jnp.asarray(a, jnp.float32) for a in regression(1, 6, weights))

    def linear_joint(w):
        return log_prior(w, 0.5) - squared_loss(features, y, w) - 3 * jnp.log(2 * jnp.pi)

    truth = posterior(features, y, 0.5)
    sds = np.sqrt(np.diag(truth.covariance))
    ranges = [(float(m - 8 * s), float(m + 8 * s)) for m, s in zip(truth.mean, sds, strict=True)]
    grid = grid_posterior(linear_joint, ranges, 150)
    np.testing.assert_allclose(grid.mean, truth.mean, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(grid.covariance, truth.covariance, rtol=1e-3, atol=1e-5)
    assert float(grid.log_evidence) == pytest.approx(
        float(log_evidence(features, y, 0.5)), abs=1e-3
    )
    assert grid.probability.shape == (150,) * weights
    assert float(jnp.sum(grid.probability)) == pytest.approx(1, abs=1e-5)


def test_the_classification_posterior_is_the_published_one(exact):
    np.testing.assert_allclose(exact.mean, [0.3027, 1.6462], atol=2e-4)
    expected = [[0.7355, -0.0051], [-0.0051, 0.5279]]
    np.testing.assert_allclose(exact.covariance, expected, atol=2e-4)
    assert float(exact.log_evidence) == pytest.approx(-2.4852, abs=1e-4)
    skewness = exact.expectation(
        lambda w: ((w - exact.mean) / exact.covariance.diagonal() ** 0.5) ** 3
    )
    assert float(skewness[1]) == pytest.approx(0.449, abs=2e-3)
    assert float(exact.edge_share) < 1e-6


def test_expectations_are_those_of_the_density(exact):
    np.testing.assert_allclose(exact.expectation(lambda w: w), exact.mean, rtol=1e-4)
    products = exact.expectation(lambda w: jnp.outer(w - exact.mean, w - exact.mean))
    np.testing.assert_allclose(products, exact.covariance, rtol=1e-3, atol=1e-5)


def test_class_probabilities_are_the_published_ones(exact):
    at = affine_basis(jnp.array([-4.0, 0.0, 4.0]))
    by_grid = exact.expectation(lambda w: jax.nn.sigmoid(at @ w))
    np.testing.assert_allclose(by_grid, [0.0276, 0.565, 0.9819], atol=5e-4)
    mode = laplace(lambda w: -log_joint(w), jnp.zeros(2)).mode
    np.testing.assert_allclose(jax.nn.sigmoid(at @ mode), [0.0058, 0.576, 0.9969], atol=5e-4)
    best = predict(at, jnp.array([0.3030, 1.6446]), jnp.diag(jnp.array([0.7067, 0.4713])), 0.0)
    # Published from a few thousand samples, hence to about three in a thousand.
    by_samples = [0.0327, 0.562, 0.9768]
    np.testing.assert_allclose(class_probability(best.mean, best.sd_f), by_samples, atol=4e-3)


def test_expected_scores_rank_exact_then_variational_then_the_mode(exact):
    far = jnp.concatenate([jnp.linspace(-6, -3, 31), jnp.linspace(3, 6, 31)])
    at = affine_basis(far)
    truth = exact.expectation(lambda w: jax.nn.sigmoid(at @ w))
    mode = laplace(lambda w: -log_joint(w), jnp.zeros(2)).mode
    best = predict(at, jnp.array([0.3030, 1.6446]), jnp.diag(jnp.array([0.7067, 0.4713])), 0.0)
    scores = [
        float(jnp.mean(bernoulli_log_score(truth, p)))
        for p in (truth, class_probability(best.mean, best.sd_f), jax.nn.sigmoid(at @ mode))
    ]
    assert scores[0] > scores[1] > scores[2] + 0.01


def kl_to_posterior(gaussian: Gaussian, exact: GridPosterior) -> float:
    q = gaussian_from_covariance(*gaussian)
    grid = grid_posterior(lambda w: log_prob(q, w), RANGES, 400)
    gap = grid.expectation(lambda w: log_prob(q, w) - log_joint(w))
    return float(gap + exact.log_evidence)


def test_divergences_of_the_approximations_are_the_published_ones(exact):
    by_laplace = laplace(lambda w: -log_joint(w), jnp.zeros(2)).gaussian
    assert kl_to_posterior(by_laplace, exact) == pytest.approx(0.1229, abs=3e-4)
    matched = Gaussian(exact.mean, exact.covariance)
    assert kl_to_posterior(matched, exact) == pytest.approx(0.0359, abs=3e-4)
    best = Gaussian(jnp.array([0.3030, 1.6446]), jnp.diag(jnp.array([0.7067, 0.4713])))
    assert kl_to_posterior(best, exact) == pytest.approx(0.0316, abs=5e-4)


def test_evidence_of_the_two_weight_network_is_the_published_one():
    grid = grid_posterior(
        lambda w: network_log_joint(two_weight_network, w, *identity(), 1.0), 2 * [(-6.0, 6.0)], 400
    )
    assert float(grid.log_evidence) == pytest.approx(-8.0645, abs=2e-4)
    np.testing.assert_allclose(grid.mean, 0, atol=1e-4)


def test_a_grid_that_cuts_the_posterior_off_says_so():
    assert float(grid_posterior(log_joint, [(-8.0, 8.0), (-6.0, 1.0)], 100).edge_share) > 0.01


def test_further_arguments_compile_nothing():
    traces = []

    def joint(w, alpha):
        traces.extend([alpha] * isinstance(alpha, Tracer))
        return log_joint(w, alpha)

    values = [grid_posterior(joint, RANGES, 50, jnp.asarray(a)).log_evidence for a in (0.5, 0.75)]
    assert len(traces) == 1
    assert float(values[1]) == pytest.approx(-2.4852, abs=1e-3)
    assert values[0] != values[1]


def test_ranges_may_depend_on_what_is_traced(exact):
    @jax.jit
    def log_evidence_within(reach):
        ranges = [(-reach, reach), (2 - reach, 4 + reach)]
        return grid_posterior(log_joint, ranges, 400).log_evidence

    assert float(log_evidence_within(8.0)) == pytest.approx(float(exact.log_evidence), abs=1e-4)
    assert float(log_evidence_within(1.0)) < float(exact.log_evidence) - 0.1


CALLS = {
    "points is 1": lambda: grid_posterior(log_joint, RANGES, 1),
    "number of ranges is 0": lambda: grid_posterior(log_joint, [], 9),
    "grid points is 16000000": lambda: grid_posterior(log_joint, RANGES, 4000),
    "a range is": lambda: grid_posterior(log_joint, [(1.0, -1.0), (0.0, 1.0)], 9),
    "log evidence on the grid": lambda: grid_posterior(lambda w: jnp.nan * w[0], RANGES, 9),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
