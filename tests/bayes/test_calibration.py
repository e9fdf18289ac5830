"""Coverage, reliability and scores against SciPy, quadrature and simulated truth."""

import itertools

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    bernoulli_log_score,
    coverage,
    crps_gaussian,
    expected_calibration_error,
    log_score,
    mixture_log_score,
    reliability,
)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.95])
def test_coverage_of_the_truth_is_the_level(level):
    cases = 100_000
    keys = jr.split(jr.key(0), 2)
    mean, sd = jr.normal(keys[0], (cases,)), jnp.linspace(0.1, 3, cases)
    y = mean + sd * jr.normal(keys[1], (cases,))
    error = 5 * np.sqrt(level * (1 - level) / cases)
    assert abs(float(coverage(y, mean, sd, level)) - level) < error
    narrow = 2 * stats.norm.cdf(stats.norm.ppf((1 + level) / 2) / 2) - 1
    assert abs(float(coverage(y, mean, sd / 2, level)) - narrow) < error


@given(st.floats(-5, 5), st.floats(-3, 3), st.floats(0.05, 5))
def test_crps_is_its_integral(y, mean, sd):
    def squared_gap(t):
        return (stats.norm.cdf(t, mean, sd) - (t >= y)) ** 2

    edges = [min(y, mean) - 9 * sd, y, max(y, mean) + 9 * sd]
    expected = sum(integrate.quad(squared_gap, a, b)[0] for a, b in itertools.pairwise(edges))
    with jax.enable_x64(True):
        value = float(crps_gaussian(jnp.asarray(y), jnp.asarray(mean), jnp.asarray(sd)))
    assert value == pytest.approx(expected, abs=1e-6)


def test_crps_without_spread_is_the_absolute_error():
    assert float(crps_gaussian(jnp.array(3.0), jnp.array(1.0), jnp.array(1e-6))) == pytest.approx(2)


@pytest.mark.parametrize("score", [log_score, lambda y, m, s: -crps_gaussian(y, m, s)])
def test_scores_are_proper(float64, score):
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)

    def expected(mean, sd):
        values = score(0.5 + 2 * jnp.asarray(nodes), mean, sd)
        return jnp.sum(weights * values) / weights.sum()

    best = expected(0.5, 2.0)
    for mean, sd in ((0.5, 1.5), (0.5, 2.6), (0.0, 2.0), (1.2, 2.2)):
        assert expected(mean, sd) < best
    np.testing.assert_allclose(jax.grad(expected, (0, 1))(0.5, 2.0), (0, 0), atol=2e-3)


def test_log_scores_agree_with_scipy(float64):
    y, mean, sd = jnp.array([0.3, -2.0]), jnp.array([0.0, 1.0]), jnp.array([0.5, 2.0])
    np.testing.assert_allclose(log_score(y, mean, sd), stats.norm.logpdf(y, mean, sd))
    means = jnp.array([[0.0, 1.0], [2.0, -400.0], [0.5, 0.0]])
    expected = np.log(stats.norm.pdf(y, means, 0.7).mean(0))
    np.testing.assert_allclose(mixture_log_score(y, means, 0.7), expected)


def test_a_mixture_far_from_the_target_still_has_a_score():
    value = mixture_log_score(jnp.array([1000.0]), jnp.array([[0.0], [900.0]]), 1.0)
    expected = stats.norm.logpdf(100) - np.log(2)
    assert float(value[0]) == pytest.approx(expected, rel=1e-5)


def test_bernoulli_log_score_agrees_with_scikit_learn():
    y, p = jnp.array([0, 1, 1, 0]), jnp.array([0.1, 0.8, 0.3, 0.6])
    assert float(-jnp.mean(bernoulli_log_score(y, p))) == pytest.approx(log_loss(y, p), rel=1e-5)
    np.testing.assert_array_equal(bernoulli_log_score(jnp.array([1, 0]), jnp.array([1.0, 0.0])), 0)
    assert float(bernoulli_log_score(jnp.array(1.0), jnp.array(0.0))) == -np.inf


@given(st.integers(0, 1000), st.sampled_from([1, 3, 10]))
def test_reliability_agrees_with_scikit_learn(seed, bins):
    generator = np.random.default_rng(seed)
    p = generator.uniform(0.001, 0.999, 60)
    y = (generator.uniform(size=60) < p).astype(int)
    with jax.enable_x64(True):
        ours = jax.tree.map(np.asarray, reliability(jnp.asarray(p), jnp.asarray(y), bins))
        error = float(expected_calibration_error(jnp.asarray(p), jnp.asarray(y), bins))
    observed, predicted = calibration_curve(y, p, n_bins=bins)
    filled = np.asarray(ours.count) > 0
    np.testing.assert_allclose(ours.predicted[filled], predicted)
    np.testing.assert_allclose(ours.observed[filled], observed)
    assert np.all(np.isnan(ours.predicted[~filled])) and int(ours.count.sum()) == 60
    gaps = np.abs(observed - predicted)
    assert error == pytest.approx(float(np.sum(gaps * ours.count[filled]) / 60), abs=1e-9)


def test_bins_contain_both_ends():
    ours = reliability(jnp.array([0.0, 1.0, 0.5]), jnp.array([0, 1, 1]), bins=4)
    assert ours.count.tolist() == [1, 0, 1, 1]


def test_calibration_error_of_the_truth_is_small_and_of_overconfidence_is_not():
    cases = 100_000
    logits = 2 * jr.normal(jr.key(1), (cases,))
    y = jr.bernoulli(jr.key(2), jax.nn.sigmoid(logits)).astype(int)
    error = jax.jit(expected_calibration_error)
    assert float(error(jax.nn.sigmoid(logits), y)) < 0.012
    assert float(error(jax.nn.sigmoid(3 * logits), y)) > 0.08


ONE = jnp.ones(1)
CALLS = {
    "level is 1": lambda: coverage(ONE, ONE, ONE, 1.0),
    "level is 0": lambda: coverage(ONE, ONE, ONE, 0),
    "sd is": lambda: crps_gaussian(ONE, ONE, 0 * ONE),
    "y is": lambda: log_score(jnp.nan * ONE, ONE, ONE),
    "mean is": lambda: coverage(ONE, jnp.inf * ONE, ONE),
    "number of samples is 0": lambda: mixture_log_score(ONE, jnp.ones((0, 1)), ONE),
    "probability is": lambda: bernoulli_log_score(ONE, 1.5 * ONE),
    "without 2": lambda: reliability(ONE, 2 * ONE),
    "shape of y": lambda: reliability(ONE, jnp.ones((1, 1))),
    "bins is 0": lambda: reliability(ONE, ONE, 0),
    "number of cases is 0": lambda: expected_calibration_error(ONE[:0], ONE[:0]),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
