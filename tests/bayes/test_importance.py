"""Importance sampling against closed forms, quadrature and the specification's ground truth."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from problems import (
    IDENTITY_X,
    IDENTITY_Y,
    OUTLIER_DESIGN,
    OUTLIER_Y,
    grid,
    linear_posterior,
    standard_errors,
    two_weight_log_joint,
)

from mazoezi import bayes
from mazoezi._errors import ArgumentError

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X, Y = jnp.asarray(IDENTITY_X), jnp.asarray(IDENTITY_Y)


def prior(alpha, size):
    return lambda key, count: jr.normal(key, (count, size)) / jnp.sqrt(alpha)


def relu_likelihood(w):
    return bayes.network_log_likelihood(bayes.relu_network, w, X, Y)


def two_weight_likelihood(w):
    return bayes.network_log_likelihood(bayes.two_weight_network, w, X, Y)


def test_weights_are_normalised_likelihoods():
    values = np.array([-1.0, -3.0, -2.0, -np.inf])
    weights, ess, log_evidence = bayes.importance_weights(jnp.asarray(values))
    expected = np.exp(values) / np.exp(values).sum()
    np.testing.assert_allclose(weights, expected, rtol=1e-6)
    assert float(ess) == pytest.approx(1 / np.sum(expected**2), rel=1e-6)
    assert float(log_evidence) == pytest.approx(np.log(np.exp(values).mean()), rel=1e-6)


def test_huge_likelihoods_neither_overflow_nor_vanish():
    for shift in (-5000.0, 5000.0):
        weights, ess, log_evidence = bayes.importance_weights(jnp.array([shift, shift]))
        np.testing.assert_allclose(weights, 0.5)
        assert (float(ess), float(log_evidence)) == (2, shift)


def test_equal_weights_are_all_effective_and_one_weight_is_one():
    assert float(bayes.importance_weights(jnp.zeros(50))[1]) == pytest.approx(50)
    assert float(bayes.importance_weights(jnp.array([0.0, -1e4, -1e4]))[1]) == pytest.approx(1)


def test_linear_regression_is_recovered_without_bias():
    exact = linear_posterior(OUTLIER_DESIGN, OUTLIER_Y, 0.2)

    def log_likelihood(w):
        errors = OUTLIER_Y - OUTLIER_DESIGN @ w
        return -jnp.sum(errors**2) / 2 - 3 * jnp.log(2 * jnp.pi)

    def estimate(key):
        return bayes.importance_posterior(log_likelihood, prior(0.2, 2), key, 20_000, chunk=7000)

    estimates = [estimate(key) for key in jr.split(jr.key(0), 40)]
    evidences = np.exp([float(e.log_evidence) - exact.log_evidence for e in estimates])
    assert standard_errors(evidences, 1) < 5
    for i in range(2):
        assert standard_errors([e.mean[i] for e in estimates], exact.mean[i]) < 5
    sds = np.mean([e.sd for e in estimates], axis=0)
    np.testing.assert_allclose(sds, np.sqrt(np.diag(exact.covariance)), rtol=0.05)


def test_chunks_do_not_change_the_estimate():
    """Three estimates from the same draws: in one go, in chunks, and by hand."""
    keys = jr.split(jr.key(1), 4)
    draws = jnp.concatenate([prior(0.1, 4)(key, 250) for key in keys])[:903]
    statistic = lambda w: {"w": w, "sign": w[0] > 0}  # noqa: E731
    chunked = bayes.importance_posterior(
        relu_likelihood, prior(0.1, 4), jr.key(1), 903, statistic, chunk=250
    )
    weights, ess, log_evidence = bayes.importance_weights(jax.vmap(relu_likelihood)(draws))
    mean = weights @ draws
    np.testing.assert_allclose(chunked.mean["w"], mean, rtol=1e-4)
    np.testing.assert_allclose(chunked.mean["sign"], weights @ (draws[:, 0] > 0), rtol=1e-4)
    sd = np.sqrt(weights @ (draws - mean) ** 2)
    np.testing.assert_allclose(chunked.sd["w"], sd, rtol=1e-4)
    np.testing.assert_allclose(chunked.effective_sample_size, ess, rtol=1e-4)
    np.testing.assert_allclose(chunked.log_evidence, log_evidence, rtol=1e-5)


def test_the_two_weight_network_equals_quadrature():
    first, _, masses, log_evidence = grid(two_weight_log_joint(1.0), 6)
    assert log_evidence == pytest.approx(-8.0645, abs=1e-3)
    estimate = bayes.importance_posterior(
        two_weight_likelihood,
        prior(1.0, 2),
        jr.key(2),
        400_000,
        lambda w: {"share": w[0] > 0, "size": jnp.abs(w[0])},
    )
    assert float(estimate.log_evidence) == pytest.approx(log_evidence, abs=0.02)
    assert float(estimate.mean["share"]) == pytest.approx(0.5, abs=0.01)
    assert float(estimate.mean["size"]) == pytest.approx((masses * abs(first)).sum(), abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alpha", "log_evidence", "share", "ess_share", "means", "sds"),
    [
        (
            0.1,
            -11.288,
            0.577,
            159_000 / 2e7,
            [-2.59, -1.84, -1.04, -0.22, 0.60, 1.84, 3.26],
            [1.47, 0.70, 0.76, 1.25, 1.19, 0.57, 1.98],
        ),
        (
            0.05,
            -12.023,
            0.587,
            75_700 / 2e7,
            [-2.61, -1.86, -1.07, -0.27, 0.52, 1.85, 3.58],
            [1.46, 0.69, 0.77, 1.25, 1.26, 0.58, 2.53],
        ),
    ],
)
def test_the_relu_network_has_the_ground_truth_of_the_specification(
    alpha, log_evidence, share, ess_share, means, sds
):
    grid = jnp.arange(-3.0, 4.0)
    count = 4_000_000
    estimate = bayes.importance_posterior(
        relu_likelihood,
        prior(alpha, 4),
        jr.key(3),
        count,
        lambda w: {
            "share": w[0] > 0,
            "f": bayes.relu_network(grid, w),
            "three": bayes.active_points(w, X) == 3,
        },
    )
    ess = float(estimate.effective_sample_size)
    assert ess / count == pytest.approx(ess_share, rel=0.1)
    assert float(estimate.log_evidence) == pytest.approx(log_evidence, abs=0.03)
    error = 5 / np.sqrt(ess)
    assert float(estimate.mean["share"]) == pytest.approx(share, abs=error / 2)
    if alpha == 0.1:
        assert float(estimate.mean["three"]) == pytest.approx(0.764, abs=error / 2)
    np.testing.assert_array_less(
        np.abs(estimate.mean["f"] - np.array(means)), error * np.array(sds) + 0.01
    )
    np.testing.assert_allclose(estimate.sd["f"], sds, rtol=0.05)


def test_draws_may_be_any_pytree():
    def sampler(key, count):
        return {"slope": jr.normal(key, (count,))}

    estimate = bayes.importance_posterior(
        lambda w: -((1 - w["slope"]) ** 2) / 2, sampler, jr.key(4), 200_000
    )
    assert float(estimate.mean["slope"]) == pytest.approx(0.5, abs=0.01)
    assert float(estimate.sd["slope"]) == pytest.approx(np.sqrt(0.5), abs=0.01)


def test_chunks_without_any_likelihood_do_not_matter():
    def log_likelihood(w):  # one draw in a thousand is possible, and hardly
        return jnp.where(w[0] > 3.1, -2000.0, -jnp.inf)

    estimate = bayes.importance_posterior(log_likelihood, prior(1, 1), jr.key(5), 20_000, chunk=100)
    assert float(estimate.mean[0]) > 3.1
    assert np.isfinite(float(estimate.sd[0]))
    possible = 20_000 * np.exp(float(estimate.log_evidence) + 2000)
    assert possible == pytest.approx(round(possible), abs=0.05)
    assert float(estimate.effective_sample_size) == pytest.approx(possible, rel=0.01)


def test_no_key_is_used_twice():
    with jax.debug_key_reuse(True):
        bayes.importance_posterior(relu_likelihood, prior(0.1, 4), jr.key(0), 50, chunk=20)


def test_bad_input_is_named():
    def run(log_likelihood=relu_likelihood, count=100, **settings):
        bayes.importance_posterior(log_likelihood, prior(0.1, 4), jr.key(0), count, **settings)

    with pytest.raises(ArgumentError, match="count is 0"):
        run(count=0)
    with pytest.raises(ArgumentError, match="chunk is 0"):
        run(chunk=0)
    with pytest.raises(ArgumentError, match="finite likelihoods, not all 0"):
        run(lambda w: -jnp.inf)
    with pytest.raises(ArgumentError, match="mean likelihood is nan"):
        run(lambda w: jnp.nan)
    with pytest.raises(ArgumentError, match="shape of log_likelihoods"):
        bayes.importance_weights(jnp.zeros((2, 3)))
    with pytest.raises(ArgumentError, match="finite likelihoods"):
        bayes.importance_weights(jnp.full(3, -jnp.inf))
