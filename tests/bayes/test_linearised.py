"""Linearised Laplace: exact where the model is linear, and better than sampling where it is not."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from random_problems import regression
from scipy import optimize

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    affine_basis,
    bernoulli_log_likelihood,
    class_probability,
    laplace,
    linearised_laplace,
    log_evidence,
    log_score,
    logistic_log_joint,
    maximise_evidence,
    mixture_log_score,
    network_loss,
    newton,
    posterior,
    predict,
    predict_linearised,
    relu_network,
    sample_gaussian,
)
from mazoezi.datasets import identity, separable

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

NETWORK_X, NETWORK_Y = identity()
STARTS = {
    "flat then up": (1.0, 0.5, 1.0, -1.0),
    "up then flat": (-1.0, 0.5, -1.0, 1.0),
    "straight line": (1.0, 3.0, 1.0, -3.0),
}
LAST_LAYER = np.array([False, False, True, True])


def line(X, w):
    return X @ w


def unit_noise(outputs, y):
    return log_score(y, outputs, 1.0)


def mode(start, alpha):
    return newton(_network_loss, jnp.asarray(start), jnp.asarray(alpha)).mode


def _network_loss(w, alpha):
    return network_loss(relu_network, w, NETWORK_X, NETWORK_Y, alpha)


def fit(weights, alpha, uncertain=None):
    return linearised_laplace(
        relu_network, weights, NETWORK_X, NETWORK_Y, alpha, unit_noise, uncertain
    )


@pytest.mark.parametrize(("examples", "weights"), [(1, 1), (9, 3), (3, 5)])
def test_it_is_exact_for_a_linear_model(float64, examples, weights):
    X, y = regression(1, examples, weights)
    exact = posterior(X, y, 0.6)
    ours = linearised_laplace(line, exact.mean, X, y, 0.6, unit_noise)
    np.testing.assert_allclose(ours.covariance, exact.covariance, atol=1e-10)
    assert float(ours.log_evidence) == pytest.approx(float(log_evidence(X, y, 0.6)), abs=1e-9)
    new = regression(2, 4, weights)[0]
    for one, other in zip(predict_linearised(line, ours, new), predict(new, *exact), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_it_is_laplace_for_logistic_regression(float64):
    X, y = affine_basis(separable().x), separable().y
    full = laplace(lambda w: -logistic_log_joint(w, X, y, 0.75), jnp.zeros(2))
    ours = linearised_laplace(line, full.mode, X, y, 0.75, bernoulli_log_likelihood)
    np.testing.assert_allclose(ours.covariance, full.covariance, rtol=1e-8)
    assert float(ours.log_evidence) == pytest.approx(float(full.log_evidence), abs=1e-9)
    assert float(ours.log_evidence) == pytest.approx(-2.5102, abs=1e-4)


def test_known_weights_have_no_variance_and_the_others_a_linear_posterior(float64):
    weights = jnp.array([1.0, 0.5, 1.2, -1.0])
    ours = fit(weights, 0.1, LAST_LAYER)
    hidden = jnp.maximum(weights[0] * NETWORK_X + weights[1], 0)
    exact = posterior(jnp.stack([hidden, jnp.ones(6)], axis=1), NETWORK_Y, 0.1)
    np.testing.assert_allclose(ours.covariance[2:, 2:], exact.covariance, rtol=1e-8)
    np.testing.assert_array_equal(ours.covariance[:2], 0)
    np.testing.assert_array_equal(ours.covariance[:, :2], 0)


def test_the_curvature_is_the_gauss_newton_matrix(float64):
    weights = jnp.array([1.0, 0.5, 1.2, -1.0])
    J = jax.jacfwd(lambda w: relu_network(NETWORK_X, w))(weights)
    alphas = np.array([0.1, 0.2, 0.3, 0.4])
    ours = fit(weights, jnp.asarray(alphas))
    np.testing.assert_allclose(np.linalg.inv(ours.covariance), J.T @ J + np.diag(alphas))


def test_sampling_the_network_scores_worse_than_linearising_it():
    """New observations of the line that the data came from, with the noise that the model assumes."""
    x = jnp.linspace(-3, 3, 31)
    y = x + jr.normal(jr.key(0), (60, 31))

    @jax.jit
    @jax.vmap
    def trial(start, alpha):
        ours = fit(mode(start, alpha), alpha)
        prediction = predict_linearised(relu_network, ours, x)
        draws = sample_gaussian(ours.gaussian, jr.key(1), 3000)
        functions = jax.vmap(relu_network, (None, 0))(x, draws)
        sampled = jax.lax.map(lambda row: mixture_log_score(row, functions, 1.0), y)
        gap = jnp.mean(log_score(y, prediction.mean, prediction.sd_y) - sampled, axis=1)
        return gap, jnp.mean(jnp.std(functions, axis=0)), jnp.mean(prediction.sd_f)

    starts = jnp.repeat(jnp.array(list(STARTS.values())), 3, axis=0)  # [starts and alphas, 4]
    gaps, sampled_sd, linearised_sd = trial(starts, jnp.tile(jnp.array([0.05, 0.1, 0.3]), 3))
    assert np.all(np.mean(gaps, axis=1) > 0.2)
    assert np.all(np.mean(gaps, axis=1) > 5 * np.std(gaps, axis=1) / np.sqrt(60))
    assert np.all(sampled_sd > 1.5 * linearised_sd)


def test_in_the_last_layer_sampling_and_linearising_are_the_same():
    ours = fit(mode(STARTS["flat then up"], 0.1), 0.1, LAST_LAYER)
    x, count = jnp.linspace(-3, 3, 9), 20_000
    draws = sample_gaussian(ours.gaussian, jr.key(2), count)
    functions = np.asarray(jax.vmap(relu_network, (None, 0))(x, draws))
    prediction = predict_linearised(relu_network, ours, x)
    np.testing.assert_allclose(functions.std(0) / prediction.sd_f, 1, atol=5.5 / np.sqrt(2 * count))


def test_its_evidence_tunes_alpha_with_the_mode_following():
    start = jnp.array(STARTS["up then flat"])

    def objective(log_alpha):
        alpha = jnp.exp(log_alpha)
        weights = newton(_network_loss, start, alpha).mode
        return linearised_laplace(
            relu_network, weights, NETWORK_X, NETWORK_Y, alpha, unit_noise
        ).log_evidence

    best = maximise_evidence(jnp.log(0.1), objective, steps=500, rate=5e-2)
    scan = jax.jit(jax.vmap(objective))(jnp.log(jnp.geomspace(0.05, 5, 25)))
    assert float(best.log_evidence) > float(jnp.max(scan)) - 1e-2
    assert float(best.log_evidence) > float(objective(jnp.log(0.1))) + 0.1


def test_the_evidence_has_the_slope_that_differences_give(float64):
    @jax.jit
    def objective(log_params):
        alpha = jnp.exp(log_params[0])
        weights = newton(_network_loss, jnp.asarray(STARTS["up then flat"]), alpha).mode

        def likelihood(outputs, y):
            return log_score(y, outputs, jnp.exp(log_params[1]))

        return linearised_laplace(
            relu_network, weights, NETWORK_X, NETWORK_Y, alpha, likelihood
        ).log_evidence

    at = np.array([-2.0, 0.1])
    slopes: Any = optimize.approx_fprime(at, lambda p: float(objective(jnp.asarray(p))), 1e-6)
    np.testing.assert_allclose(jax.grad(objective)(jnp.asarray(at)), slopes, rtol=1e-4)


def test_a_class_probability_from_logits_is_less_certain_than_the_mode():
    X, y = affine_basis(separable().x), separable().y
    weights = newton(lambda w: -logistic_log_joint(w, X, y, 0.75), jnp.zeros(2)).mode
    ours = linearised_laplace(line, weights, X, y, 0.75, bernoulli_log_likelihood)
    at = jnp.array([1.0, 4.0])
    far = predict_linearised(line, ours, at[None], 0.0)
    assert float(far.sd_f[0]) == pytest.approx(float(far.sd_y[0]))
    certain = float(jax.nn.sigmoid(far.mean[0]))
    assert 0.5 < float(class_probability(far.mean, far.sd_f)[0]) < certain - 0.01
    assert float(far.sd_f[0]) == pytest.approx(float(at @ ours.covariance @ at) ** 0.5, rel=1e-4)


WEIGHTS = jnp.array([1.0, 0.5, 1.2, -1.0])
CALLS = {
    "alpha is 0": lambda: fit(WEIGHTS, 0.0),
    "mode is": lambda: fit(jnp.full(4, jnp.nan), 1.0),
    "uncertain is": lambda: fit(WEIGHTS, 1.0, np.zeros(4, bool)),
    "3 truth values|4 truth values": lambda: fit(WEIGHTS, 1.0, np.ones(3, bool)),
    "model's outputs": lambda: linearised_laplace(
        lambda x, w: jnp.outer(x, w), WEIGHTS, NETWORK_X, NETWORK_Y, 1.0, unit_noise
    ),
    "y is": lambda: linearised_laplace(
        relu_network, WEIGHTS, NETWORK_X, jnp.nan * NETWORK_Y, 1.0, unit_noise
    ),
    "noise_variance is -1": lambda: predict_linearised(
        relu_network, fit(WEIGHTS, 1.0), NETWORK_X, -1.0
    ),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
