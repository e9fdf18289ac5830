"""Deep ensembles and mixtures against moments, quadrature and the specification's ground truth."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from problems import (
    IDENTITY_X,
    IDENTITY_Y,
    gaussian_density,
    grid,
    standard_errors,
    two_weight_log_joint,
)

from mazoezi import bayes
from mazoezi._errors import ArgumentError
from mazoezi.timing import count_compilations

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X, Y = jnp.asarray(IDENTITY_X), jnp.asarray(IDENTITY_Y)
GRID = jnp.arange(-3.0, 4.0)
TRUTH = np.array([-2.59, -1.84, -1.04, -0.22, 0.60, 1.84, 3.26])
"""Posterior mean of the four-parameter network's function at -3, ..., 3 with alpha = 0.1."""


def two_weight_joint(w):
    return bayes.network_log_joint(bayes.two_weight_network, w, X, Y, 1.0)


def two_components():
    means = jnp.array([[1.0, 0.9], [-1.0, -0.9]])
    covariance = jnp.array([[0.1, -0.07], [-0.07, 0.12]])
    return jax.vmap(bayes.gaussian_from_covariance, in_axes=(0, None))(means, covariance)


def rmse(means):
    return float(np.sqrt(np.mean((np.asarray(means) - TRUTH) ** 2)))


def test_a_second_ensemble_of_the_same_loss_and_shapes_compiles_nothing():
    def loss(w, target):
        return jnp.sum((w - target) ** 2)

    starts, targets = jnp.ones((3, 2)), [jnp.zeros(2), jnp.ones(2)]
    bayes.deep_ensemble(loss, starts, targets[0], steps=5)
    with count_compilations() as compilations:
        bayes.deep_ensemble(loss, starts, targets[1], steps=5)
    assert compilations.count == 0, compilations.names


def test_an_ensemble_minimises_from_each_start():
    def loss(w):
        return bayes.network_loss(bayes.two_weight_network, w, X, Y, 1.0)

    starts = jnp.array([[2.0, 0.5], [-0.3, -0.1], [0.5, 1.5]])
    members, losses = bayes.deep_ensemble(loss, starts, steps=3000)
    mode = np.sqrt((20.63 - 1) / 20.65)
    np.testing.assert_allclose(members, mode * np.array([[1], [-1], [1]]) * np.ones(2), atol=1e-3)
    np.testing.assert_allclose(losses, 0.98481, atol=1e-4)


def test_members_may_be_any_pytree_and_data_are_arguments():
    def loss(params, x, y):
        return jnp.sum((params["slope"] * x + params["bias"] - y) ** 2)

    starts = {"slope": jnp.array([3.0, -3.0]), "bias": jnp.array([0.0, 1.0])}
    members, _ = bayes.deep_ensemble(loss, starts, X, Y, steps=5000)
    slope, bias = np.polyfit(IDENTITY_X, IDENTITY_Y, 1)
    np.testing.assert_allclose(members["slope"], slope, atol=1e-3)
    np.testing.assert_allclose(members["bias"], bias, atol=1e-3)


def test_mixture_weights_are_proportional_to_evidences():
    weights = bayes.mixture_weights(jnp.array([-13.20, -13.35]))
    expected = np.exp([-13.20, -13.35]) / np.exp([-13.20, -13.35]).sum()
    np.testing.assert_allclose(weights, expected, rtol=1e-5)


def test_mixed_predictions_have_the_moments_of_the_mixture():
    rng = np.random.default_rng(0)
    means, sds = jnp.asarray(rng.normal(size=(3, 4))), jnp.asarray(rng.uniform(1, 2, (3, 4)))
    weights = [0.5, 0.2, 0.3]
    picks = rng.choice(3, p=weights, size=400_000)
    draws = means[picks] + sds[picks] * rng.normal(size=(400_000, 4))
    mean, sd = bayes.mixture_predict(means, sds**2, jnp.array(weights))
    np.testing.assert_allclose(mean, draws.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(sd, draws.std(axis=0), rtol=0.01)
    same = bayes.mixture_predict(means, sds**2, jnp.full(3, 1 / 3))
    np.testing.assert_allclose(bayes.mixture_predict(means, sds**2), same)


def test_a_mixtures_density_is_the_weighted_sum_and_its_draws_follow_it():
    parts, weights = two_components(), jnp.array([0.3, 0.7])
    q = bayes.mixture_of(parts, weights)
    np.testing.assert_allclose(q.weights, weights, rtol=1e-6)
    points = np.random.default_rng(1).normal(size=(6, 2))
    density = sum(
        float(weights[k]) * gaussian_density(points, parts.mean[k], [[0.1, -0.07], [-0.07, 0.12]])
        for k in range(2)
    )
    log_prob = jax.vmap(bayes.mixture_log_prob, in_axes=(None, 0))(q, jnp.asarray(points))
    np.testing.assert_allclose(log_prob, np.log(density), rtol=1e-3)
    draws = bayes.mixture_sample(q, jr.key(0), 40_000)
    assert standard_errors(draws[:, 0] > 0, 0.3) < 5
    assert standard_errors(draws[:, 0] * draws[:, 1], 0.9 - 0.07) < 5


def test_the_mixtures_elbo_is_unbiased():
    """Against quadrature of q (log p - log q) over the plane."""
    q = bayes.mixture_of(two_components(), jnp.array([0.3, 0.7]))
    axis = np.linspace(-4, 4, 801)
    first, second = np.meshgrid(axis, axis, indexing="ij")
    points = np.stack([first, second], -1)
    covariance = [[0.1, -0.07], [-0.07, 0.12]]
    density = 0.3 * gaussian_density(points, [1, 0.9], covariance)
    density += 0.7 * gaussian_density(points, [-1, -0.9], covariance)
    inside = density > 0
    log_ratio = two_weight_log_joint(1.0)(first, second)[inside] - np.log(density[inside])
    truth = np.sum(density[inside] * log_ratio) * (axis[1] - axis[0]) ** 2
    keys = jr.split(jr.key(1), 400)
    estimates = jax.vmap(lambda key: bayes.mixture_elbo(q, key, two_weight_joint, 20))(keys)
    assert standard_errors(estimates, truth) < 5


@pytest.mark.slow
def test_two_components_close_most_of_the_gap_to_the_evidence():
    *_, log_evidence = grid(two_weight_log_joint(1.0), 6)
    parts = jax.vmap(bayes.gaussian_at, in_axes=(0, None))(
        jnp.array([[1.0, 1.0], [-1.0, -1.0]]), 0.3
    )
    q = bayes.mixture_of(parts, jnp.array([0.4, 0.6]))

    def objective(q, key):
        return bayes.mixture_elbo(q, key, two_weight_joint, 50)

    fitted = bayes.fit_variational(objective, q, jr.key(2), steps=2000).q
    elbo = float(bayes.mixture_elbo(fitted, jr.key(3), two_weight_joint, 100_000))
    assert 0 < log_evidence - elbo <= 0.35
    np.testing.assert_allclose(fitted.weights, 0.5, atol=0.05)


def fit_both_relu_modes(alpha):
    """One Gaussian q per mode of the four-parameter network, and their ELBOs."""

    def log_likelihood(outputs, y):
        return -((outputs - y) ** 2) / 2 - jnp.log(2 * jnp.pi) / 2

    elbo = bayes.make_elbo(bayes.relu_network, alpha, log_likelihood, samples=100)
    starts = jnp.array([[1.0, 0.5, 1.0, -1.0], [-1.0, 0.5, -1.0, 2.0]])

    def fit(start, key):
        fit_key, elbo_key = jr.split(key)
        q = bayes.fit_variational(
            elbo, bayes.gaussian_at(start, 0.1), fit_key, X, Y, steps=3000, rate=2e-3
        ).q
        return q, jnp.mean(jax.vmap(lambda key: elbo(q, key, X, Y))(jr.split(elbo_key, 500)))

    return jax.vmap(fit)(starts, jr.split(jr.key(4), 2))


@pytest.mark.slow
def test_mixing_two_fits_comes_much_closer_to_the_truth_than_either():
    q, elbos = fit_both_relu_modes(0.1)
    assert np.all(np.asarray(elbos) > np.array([-13.20, -13.35]) - 0.05)
    assert np.all(np.asarray(elbos) < -11.288)

    def functions(part, key):
        draws = bayes.sample(part, key, 20_000)
        return jax.vmap(lambda w: bayes.relu_network(GRID, w))(draws)

    f = jax.vmap(functions)(q, jr.split(jr.key(5), 2))
    means, variances = jnp.mean(f, axis=1), jnp.var(f, axis=1)
    assert min(rmse(means[0]), rmse(means[1])) > 0.5
    assert rmse(bayes.mixture_predict(means, variances, bayes.mixture_weights(elbos)).mean) <= 0.25
    assert rmse(bayes.mixture_predict(means, variances).mean) <= 0.25


def test_no_key_is_used_twice():
    q = bayes.mixture_of(two_components(), jnp.array([0.3, 0.7]))
    with jax.debug_key_reuse(True):
        bayes.mixture_elbo(q, jr.key(0), two_weight_joint, 3)
        bayes.mixture_sample(q, jr.key(1), 3)
        bayes.deep_ensemble(lambda w: jnp.sum(w**2), jnp.ones((2, 3)), steps=2)


def test_bad_input_is_named():
    with pytest.raises(ArgumentError, match="shape of log_evidences"):
        bayes.mixture_weights(jnp.zeros(0))
    with pytest.raises(ArgumentError, match="finite numbers"):
        bayes.mixture_weights(jnp.array([0.0, jnp.nan]))
    with pytest.raises(ArgumentError, match=r"shape of weights is \(3,\); expected \(2,\)"):
        bayes.mixture_predict(jnp.zeros((2, 4)), jnp.ones((2, 4)), jnp.full(3, 1 / 3))
    with pytest.raises(ArgumentError, match="samples is 0"):
        q = bayes.mixture_of(two_components(), jnp.array([0.3, 0.7]))
        bayes.mixture_elbo(q, jr.key(0), two_weight_joint, 0)
    with pytest.raises(ArgumentError, match="steps is -1"):
        bayes.deep_ensemble(lambda w: jnp.sum(w**2), jnp.ones((2, 3)), steps=-1)
