"""Bayesian linear regression against closed forms in NumPy, scikit-learn and quadrature."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problems import gaussian_kl
from random_problems import SHAPES, covariance, regression
from scipy import integrate, stats
from sklearn.linear_model import BayesianRidge
from sklearn.linear_model import Ridge as SklearnRidge

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    Gaussian,
    affine_basis,
    gaussian_divergence,
    log_prior,
    posterior,
    predict,
    regularised_loss,
    ridge,
    sample_gaussian,
    squared_loss,
    update,
)
from mazoezi.datasets import outlier

X_OUTLIER = np.stack([np.ones(6), outlier().x], axis=1)


@pytest.mark.parametrize("x", [np.array([1.5, -2.0, 7.0]), np.array([2.0]), np.array([])])
@pytest.mark.parametrize("column", [False, True])
def test_affine_basis_times_weights_is_the_line(x, column):
    x = jnp.asarray(x, jnp.float32)
    X = jax.jit(affine_basis)(x[:, None] if column else x)
    assert X.shape == (len(x), 2)
    np.testing.assert_allclose(X @ jnp.array([0.5, -3.0]), 0.5 - 3 * x, rtol=1e-6)


def test_affine_basis_keeps_the_dtype():
    assert affine_basis(jnp.ones(3, jnp.float16)).dtype == jnp.float16


@pytest.mark.parametrize("shape", [(), (3, 2), (2, 1, 1)])
def test_affine_basis_refuses_other_shapes(shape):
    with pytest.raises(ArgumentError, match="shape of x"):
        affine_basis(jnp.ones(shape))


def test_losses_of_the_outlier_data_are_the_published_ones(float64):
    X, y = affine_basis(outlier().x), outlier().y
    assert float(squared_loss(X, y, jnp.full(2, 2.0))) == pytest.approx(121.3589, abs=1e-4)
    gradient = jax.grad(lambda w: regularised_loss(X, y, w, 3.0))(jnp.array([0.3, -0.7]))
    np.testing.assert_allclose(gradient, [18.300, 5.819], atol=5e-4)


@pytest.mark.parametrize(("examples", "weights"), SHAPES)
def test_losses_and_their_gradients_match_numpy(float64, examples, weights):
    X, y = regression(1, examples, weights)
    w = np.linspace(-1, 1, weights)
    residual = y - X @ w
    value, gradient = jax.value_and_grad(lambda w: regularised_loss(X, y, w, 0.7))(jnp.asarray(w))
    assert float(value) == pytest.approx(residual @ residual / 2 + 0.35 * w @ w)
    np.testing.assert_allclose(gradient, -X.T @ residual + 0.7 * w, atol=1e-10)


@pytest.mark.parametrize(("examples", "weights"), SHAPES[1:])
@pytest.mark.parametrize("alpha", [0.01, 3.0])
def test_ridge_matches_scikit_learn(examples, weights, alpha):
    X, y = regression(2, examples, weights)
    expected = SklearnRidge(alpha=alpha, fit_intercept=False).fit(X, y).coef_
    answer = ridge(jnp.asarray(X, jnp.float32), jnp.asarray(y, jnp.float32), alpha)
    np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("alpha", "expected"),
    [
        (0.0, (-2.6, -2.01991)),
        (3.0, (-1.73333, -1.34661)),
        (3.58, (-1.62839, -1.26508)),
        (4.18, (-1.53242, -1.19052)),
        (5.0, (-1.41818, -1.10177)),
        (20.0, (-0.6, -0.46613)),
    ],
)
def test_ridge_of_the_outlier_data_is_the_published_one(alpha, expected):
    X, y = affine_basis(outlier().x), outlier().y
    np.testing.assert_allclose(ridge(X, y, alpha), expected, atol=1e-5)


def test_ridge_may_leave_the_bias_alone():
    X, y = affine_basis(outlier().x), outlier().y
    answer = ridge(X, y, 3.58, penalise=jnp.array([0.0, 1.0]))
    np.testing.assert_allclose(answer, [-2.6, -1.26508], atol=1e-5)


def test_least_squares_without_the_outlier():
    keep = np.arange(6) != 4
    X, y = affine_basis(outlier().x[keep]), outlier().y[keep]
    np.testing.assert_allclose(ridge(X, y, 0.0), [-1.74375, -1.25911], atol=1e-5)


@pytest.mark.parametrize(
    "X", [np.ones((4, 2)), np.ones((1, 2)), np.zeros((0, 2)), np.array([[1, 2], [2, 4.0]])]
)
def test_ridge_without_a_penalty_refuses_a_singular_design(X):
    with pytest.raises(ArgumentError, match="rank of X"):
        ridge(jnp.asarray(X), jnp.zeros(len(X)), 0.0)
    assert np.all(np.isfinite(ridge(jnp.asarray(X), jnp.ones(len(X)), 1e-3)))


def test_log_prior_integrates_to_one(float64):
    for alpha in (0.2, 1.0, 5.0):
        density = jax.jit(lambda w, alpha=alpha: jnp.exp(log_prior(w[None], alpha)))
        assert integrate.quad(density, -40, 40)[0] == pytest.approx(1, abs=1e-6)


@given(st.floats(1e-3, 1e3), st.integers(1, 5), st.integers(0, 100))
def test_log_prior_is_the_normal_density(alpha, size, seed):
    w = np.random.default_rng(seed).normal(size=size)
    with jax.enable_x64(True):
        value, gradient = jax.value_and_grad(log_prior)(jnp.asarray(w), alpha)
    assert float(value) == pytest.approx(stats.norm.logpdf(w, 0, alpha**-0.5).sum())
    np.testing.assert_allclose(gradient, -alpha * w)


def test_log_prior_takes_one_precision_per_weight_and_many_weights():
    alphas, many = jnp.array([0.5, 4.0]), jnp.array([[1.0, 2.0], [0.0, -1.0]])
    values = jax.vmap(lambda w: log_prior(w, alphas))(many)
    np.testing.assert_allclose(values, stats.norm.logpdf(many, 0, alphas**-0.5).sum(1), rtol=1e-6)


@pytest.mark.parametrize(("examples", "weights"), SHAPES)
@pytest.mark.parametrize("noise_variance", [1.0, 0.2])
def test_posterior_matches_its_definition(examples, weights, noise_variance):
    X, y = regression(3, examples, weights)
    precision = X.T @ X / noise_variance + 0.4 * np.eye(weights)
    mean, spread = posterior(
        jnp.asarray(X, jnp.float32), jnp.asarray(y, jnp.float32), 0.4, noise_variance
    )
    expected = np.linalg.inv(precision)
    np.testing.assert_allclose(spread, expected, rtol=1e-4, atol=1e-5 * expected.max())
    np.testing.assert_allclose(mean, expected @ X.T @ y / noise_variance, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(spread, spread.T)
    assert np.linalg.eigvalsh(np.asarray(spread, np.float64)).min() > 0


def test_posterior_is_bayesian_ridge_at_its_hyper_parameters(float64):
    X, y = regression(4, 40, 3)
    peer = BayesianRidge(fit_intercept=False, tol=1e-12, max_iter=10_000).fit(X, y)
    mean, spread = posterior(X, y, float(peer.lambda_), 1 / float(peer.alpha_))
    np.testing.assert_allclose(mean, peer.coef_, rtol=1e-6)
    np.testing.assert_allclose(spread, peer.sigma_, rtol=1e-6)


def test_posterior_of_the_outlier_data_is_the_published_one():
    X, y = affine_basis(outlier().x), outlier().y
    for alpha, expected in ((5.0, (-1.41818, -1.10177)), (3.0, (-1.73333, -1.34661))):
        mean, spread = posterior(X, y, alpha)
        np.testing.assert_allclose(mean, expected, atol=1e-5)
        np.testing.assert_allclose(spread, np.eye(2) / (6 + alpha), atol=1e-7)


def test_posterior_agrees_with_quadrature(float64):
    X, y = regression(5, 4, 1)

    def joint(w):
        return float(jnp.exp(-regularised_loss(X, y, jnp.array([w]), 0.6)))

    moments = [
        integrate.quad(lambda w, k=k: w**k * joint(w), -9, 9, points=[1])[0] for k in range(3)
    ]
    mean, spread = posterior(X, y, 0.6)
    assert float(mean[0]) == pytest.approx(moments[1] / moments[0], rel=1e-8)
    variance = moments[2] / moments[0] - (moments[1] / moments[0]) ** 2
    assert float(spread[0, 0]) == pytest.approx(variance, rel=1e-7)


def test_without_examples_the_posterior_is_the_prior():
    mean, spread = posterior(jnp.zeros((0, 3)), jnp.zeros(0), jnp.array([1.0, 2.0, 4.0]))
    np.testing.assert_array_equal(mean, np.zeros(3))
    np.testing.assert_allclose(spread, np.diag([1, 0.5, 0.25]), rtol=1e-6)


@pytest.mark.parametrize("alpha", [1e12, 1e30])
def test_a_strong_prior_is_all_that_remains(alpha):
    X, y = affine_basis(outlier().x), outlier().y
    mean, spread = posterior(X, y, alpha)
    np.testing.assert_allclose(mean, 0, atol=1e-10)
    np.testing.assert_allclose(spread * alpha, np.eye(2), atol=1e-6)


def test_a_weak_prior_with_dependent_columns_stays_finite():
    X = jnp.ones((4, 2))
    mean, spread = posterior(X, jnp.full(4, 3.0), 1e-4)
    np.testing.assert_allclose(mean, [1.5, 1.5], rtol=1e-3)
    expected = np.linalg.inv(np.full((2, 2), 4.0) + 1e-4 * np.eye(2))
    np.testing.assert_allclose(spread, expected, rtol=1e-2)


@given(st.integers(0, 1000), st.integers(0, 7), st.integers(1, 4))
def test_learning_in_two_parts_is_learning_at_once(seed, cut, weights):
    X, y = regression(seed, 7, weights)
    with jax.enable_x64(True):
        whole = posterior(X, y, 0.5, 0.3)
        first = posterior(X[:cut], y[:cut], 0.5, 0.3)
        both = update(first, X[cut:], y[cut:], 0.3)
    np.testing.assert_allclose(both.mean, whole.mean, atol=1e-8)
    np.testing.assert_allclose(both.covariance, whole.covariance, atol=1e-8)


def test_learning_one_by_one_in_single_precision():
    X, y = (jnp.asarray(a, jnp.float32) for a in regression(6, 30, 3))
    belief = Gaussian(jnp.zeros(3), jnp.eye(3) / 0.5)
    for row, target in zip(X, y, strict=True):
        belief = update(belief, row[None], target[None])
    whole = posterior(X, y, 0.5)
    np.testing.assert_allclose(belief.mean, whole.mean, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(belief.covariance, whole.covariance, rtol=1e-3, atol=1e-5)


def test_an_update_starts_from_any_gaussian(float64):
    X, y = regression(7, 5, 3)
    prior_mean, prior_covariance = np.array([1.0, -2, 0.5]), covariance(7, 3)
    precision = np.linalg.inv(prior_covariance) + X.T @ X / 0.7
    expected = np.linalg.solve(
        precision, np.linalg.solve(prior_covariance, prior_mean) + X.T @ y / 0.7
    )
    answer = update(Gaussian(jnp.asarray(prior_mean), jnp.asarray(prior_covariance)), X, y, 0.7)
    np.testing.assert_allclose(answer.mean, expected, rtol=1e-9)
    np.testing.assert_allclose(answer.covariance, np.linalg.inv(precision), rtol=1e-9)


def test_posterior_maps_over_alpha_and_compiles():
    X, y = affine_basis(outlier().x), outlier().y
    alphas = jnp.array([0.1, 1.0, 10.0])
    many = jax.jit(jax.vmap(lambda alpha: posterior(X, y, alpha)))(alphas)
    for index, alpha in enumerate(alphas):
        one = posterior(X, y, alpha)
        np.testing.assert_allclose(many.mean[index], one.mean, rtol=1e-5)
        np.testing.assert_allclose(many.covariance[index], one.covariance, rtol=1e-5, atol=1e-7)


def test_posterior_is_differentiable_in_alpha_and_the_noise(float64):
    X, y = regression(8, 9, 2)

    def sum_of(log_params):
        mean, spread = posterior(X, y, jnp.exp(log_params[0]), jnp.exp(log_params[1]))
        return jnp.sum(mean) + jnp.sum(spread)

    at = jnp.array([0.2, -0.4])
    step = 1e-5
    differences = [
        (sum_of(at.at[i].add(step)) - sum_of(at.at[i].add(-step))) / (2 * step) for i in range(2)
    ]
    np.testing.assert_allclose(jax.grad(sum_of)(at), differences, rtol=1e-6)


@pytest.mark.parametrize(("examples", "weights"), [(1, 1), (9, 2), (7, 5)])
def test_predictions_are_the_diagonal_of_the_full_covariance(float64, examples, weights):
    X, _ = regression(9, examples, weights)
    mean, spread = np.arange(weights) - 1.0, covariance(9, weights)
    answer = predict(X, jnp.asarray(mean), jnp.asarray(spread), 0.3)
    full = X @ spread @ X.T
    np.testing.assert_allclose(answer.mean, X @ mean)
    np.testing.assert_allclose(answer.sd_f, np.sqrt(np.diag(full)))
    np.testing.assert_allclose(answer.sd_y, np.sqrt(np.diag(full) + 0.3))


def test_many_predictions_need_no_square_of_them():
    inputs, weights = 20_000, 2
    compiled = (
        jax.jit(predict)
        .lower(jnp.ones((inputs, weights)), jnp.zeros(weights), jnp.eye(weights), 1.0)
        .compile()
    )
    memory: Any = compiled.memory_analysis()
    assert memory.temp_size_in_bytes + memory.output_size_in_bytes < 4 * inputs * 20
    lowered = jax.jit(posterior).lower(jnp.ones((inputs, weights)), jnp.ones(inputs), 1.0)
    learning: Any = lowered.compile().memory_analysis()
    assert learning.temp_size_in_bytes < 4 * inputs * 40


def test_band_of_the_outlier_data_has_the_published_width():
    X, y = affine_basis(outlier().x), outlier().y
    at = jnp.array([0.0, 2.0])
    for alpha in (0.5, 3.0):
        sd = predict(affine_basis(at), *posterior(X, y, alpha)).sd_f
        np.testing.assert_allclose(sd, np.sqrt((1 + np.asarray(at) ** 2) / (6 + alpha)), rtol=1e-5)


def test_intervals_for_observations_cover_and_those_for_the_function_do_not():
    X, alpha, problems = X_OUTLIER, 3.0, 20_000

    @jax.jit
    @jax.vmap
    def trial(key):
        weight_key, noise_key = jr.split(key)
        w = jr.normal(weight_key, (2,)) / jnp.sqrt(alpha)
        f, noise = jnp.asarray(X) @ w, jr.normal(noise_key, (2, 6))
        answer = predict(jnp.asarray(X), *posterior(jnp.asarray(X), f + noise[0], alpha))
        z = jnp.abs(f + noise[1] - answer.mean)
        return jnp.mean(z < 1.96 * answer.sd_y), jnp.mean(z < 1.96 * answer.sd_f)

    variance_f = (1 + np.asarray(outlier().x) ** 2) / (6 + alpha)
    weights_only = np.mean(2 * stats.norm.cdf(1.96 * np.sqrt(variance_f / (1 + variance_f))) - 1)
    assert 0.55 < weights_only < 0.65
    shares = trial(jr.split(jr.key(0), problems))
    for share, expected in zip(shares, (0.95, weights_only), strict=True):
        assert abs(np.mean(share) - expected) < 5 * np.std(share) / np.sqrt(problems)


def test_samples_have_the_mean_and_covariance():
    gaussian = Gaussian(jnp.array([1.0, -2.0, 0.5]), jnp.asarray(covariance(3, 3), jnp.float32))
    count = 40_000
    draws = np.asarray(sample_gaussian(gaussian, jr.key(1), count), np.float64)
    assert draws.shape == (count, 3)
    spread = np.asarray(gaussian.covariance)
    np.testing.assert_allclose(
        (draws.mean(0) - gaussian.mean) / np.sqrt(np.diag(spread) / count), 0, atol=5.5
    )
    errors = np.sqrt((np.outer(np.diag(spread), np.diag(spread)) + spread**2) / count)
    np.testing.assert_allclose((np.cov(draws.T) - spread) / errors, 0, atol=5.5)


def test_samples_of_a_singular_gaussian_stay_in_its_plane():
    line = np.outer([1.0, 2.0, -1.0], [1.0, 2.0, -1.0])
    draws = sample_gaussian(Gaussian(jnp.zeros(3), jnp.asarray(line)), jr.key(2), 100)
    assert np.std(draws[:, 0]) > 0.5
    np.testing.assert_allclose(draws[:, 1], 2 * draws[:, 0], atol=1e-2)


BAD = np.array([[1.0, 2.0], [2.0, 1.0]])
CALLS = {
    "alpha is 0": lambda: posterior(jnp.eye(2), jnp.ones(2), 0.0),
    "alpha is -1": lambda: posterior(jnp.eye(2), jnp.ones(2), -1.0),
    "alpha is nan": lambda: posterior(jnp.eye(2), jnp.ones(2), jnp.nan),
    "alpha is 0 in log_prior": lambda: log_prior(jnp.ones(2), 0),
    "alpha is -2": lambda: ridge(jnp.eye(2), jnp.ones(2), -2.0),
    "alpha is -3": lambda: regularised_loss(jnp.eye(2), jnp.ones(2), jnp.ones(2), -3.0),
    "noise_variance is 0": lambda: posterior(jnp.eye(2), jnp.ones(2), 1.0, 0.0),
    "noise_variance is -1": lambda: predict(jnp.eye(2), jnp.ones(2), jnp.eye(2), -1.0),
    "without nan": lambda: posterior(jnp.array([[jnp.nan]]), jnp.ones(1), 1.0),
    "y is": lambda: posterior(jnp.eye(2), jnp.array([1.0, jnp.inf]), 1.0),
    "shape of y": lambda: squared_loss(jnp.eye(2), jnp.ones((2, 1)), jnp.ones(2)),
    "shape of X": lambda: ridge(jnp.ones(2), jnp.ones(2), 1.0),
    "columns of X": lambda: predict(jnp.ones((3, 1)), jnp.ones(2), jnp.eye(2)),
    "covariance is": lambda: predict(jnp.eye(2), jnp.ones(2), jnp.asarray(BAD)),
    "positive definite": lambda: update(
        Gaussian(jnp.zeros(2), jnp.ones((2, 2))), jnp.eye(2), jnp.ones(2)
    ),
    "positive semidefinite": lambda: sample_gaussian(
        Gaussian(jnp.zeros(2), jnp.asarray(BAD)), jr.key(0), 1
    ),
    "symmetric": lambda: sample_gaussian(
        Gaussian(jnp.zeros(2), jnp.array([[1.0, 0.5], [0.0, 1.0]])), jr.key(0), 1
    ),
    "count is -1": lambda: sample_gaussian(Gaussian(jnp.zeros(1), jnp.eye(1)), jr.key(0), -1),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message.removesuffix(" in log_prior")):
        CALLS[message]()


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_divergence_of_gaussians_is_the_closed_form(size):
    rng = np.random.default_rng(size)
    means = rng.normal(size=(2, size))
    covariances = [factor @ factor.T + np.eye(size) for factor in rng.normal(size=(2, size, size))]
    arguments = means[0], covariances[0], means[1], covariances[1]
    found = jax.jit(gaussian_divergence)(*(jnp.asarray(each) for each in arguments))
    np.testing.assert_allclose(found, gaussian_kl(*arguments), rtol=1e-4)
    same = gaussian_divergence(*(jnp.asarray(each) for each in arguments[:2] * 2))
    assert abs(same) < 1e-5


def test_the_divergence_needs_covariances():
    zero, one = jnp.zeros(2), jnp.eye(2)
    with pytest.raises(ArgumentError, match="the covariance"):
        gaussian_divergence(zero, -one, zero, one)
    with pytest.raises(ArgumentError, match="the other covariance"):
        gaussian_divergence(zero, one, zero, jnp.ones((2, 2)))
