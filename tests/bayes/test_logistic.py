"""Logistic regression: stable everywhere, and equal to SciPy where that is stable."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_problems import regression
from scipy import integrate, stats
from scipy.special import expit, log_expit

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    affine_basis,
    bernoulli_log_likelihood,
    class_probability,
    gaussian_from_covariance,
    logistic_elbo,
    logistic_log_joint,
    logistic_loss,
)
from mazoezi.datasets import separable


@given(st.floats(-60, 60), st.integers(0, 1))
def test_log_likelihood_and_its_gradient(logit, label):
    with jax.enable_x64(True):
        value, gradient = jax.value_and_grad(bernoulli_log_likelihood)(jnp.asarray(logit), label)
    assert float(value) == pytest.approx(log_expit(logit if label else -logit), rel=1e-12)
    assert float(gradient) == pytest.approx(label - expit(logit), abs=1e-12)


@pytest.mark.parametrize("label", [0, 1, 0.0, True])
def test_log_likelihood_stays_finite_far_out(label):
    logits = jnp.array([-1000.0, -50.0, 0.0, 50.0, 1000.0])
    values = jax.jit(bernoulli_log_likelihood)(logits, label)
    slopes = jax.vmap(jax.grad(bernoulli_log_likelihood), (0, None))(logits, label)
    signs = np.asarray(logits if label else -logits, np.float64)
    np.testing.assert_allclose(values, log_expit(signs), rtol=1e-5, atol=1e-20)
    np.testing.assert_allclose(slopes, label - expit(np.asarray(logits)), atol=1e-6)


def test_log_likelihood_broadcasts_labels_over_samples():
    logits, y = jnp.linspace(-2, 2, 6).reshape(2, 3), jnp.array([[0], [1]])
    values = bernoulli_log_likelihood(logits, y)
    assert values.shape == (2, 3)
    np.testing.assert_allclose(values[0], log_expit(-np.asarray(logits[0])), rtol=1e-5)


def test_loss_is_what_the_practical_says(float64):
    X, _ = regression(1, 12, 3)
    y = (X[:, 0] > 0).astype(float)
    w, alphas = np.array([0.3, -1.0, 0.6]), np.array([0.2, 1.0, 3.0])
    p = expit(X @ w)
    expected = -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) + alphas @ w**2 / 2
    value, gradient = jax.value_and_grad(logistic_loss)(jnp.asarray(w), X, y, jnp.asarray(alphas))
    assert float(value) == pytest.approx(expected)
    np.testing.assert_allclose(gradient, X.T @ (p - y) + alphas * w)
    joint = logistic_log_joint(jnp.asarray(w), X, y, jnp.asarray(alphas))
    prior = stats.norm.logpdf(w, 0, alphas**-0.5).sum()
    assert float(joint) == pytest.approx(-expected + alphas @ w**2 / 2 + prior)


def test_loss_at_the_published_mode():
    X, y = affine_basis(separable().x), separable().y
    assert float(logistic_loss(jnp.array([0.3076, 1.3646]), X, y, 0.75)) == pytest.approx(
        1.67228, abs=1e-5
    )


def test_loss_maps_over_weights_and_alpha():
    X, y = affine_basis(separable().x), separable().y
    many = jnp.array([[0.0, 1.0], [2.0, -1.0]])
    values = jax.jit(jax.vmap(logistic_loss, (0, None, None, 0)))(many, X, y, jnp.array([0.0, 2.0]))
    assert values.shape == (2,)
    assert float(values[1]) == pytest.approx(float(logistic_loss(many[1], X, y, 2.0)), rel=1e-6)


@pytest.mark.parametrize("sd", [0.0, 0.5, 3.0, 30.0])
@pytest.mark.parametrize("mean", [-10.0, 0.0, 1.3])
def test_class_probability_agrees_with_quadrature(mean, sd):
    def integrand(z):
        return stats.norm.pdf(z) * expit(mean + sd * z)

    expected = integrate.quad(integrand, -12, 12, points=[-mean / (sd or 1)], limit=200)[0]
    answer = class_probability(jnp.array([mean]), jnp.array([sd]))
    assert float(answer[0]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("spread", [0.01, 0.1, 1.0])
def test_elbo_agrees_with_quadrature(spread):
    X, y = regression(3, 5, 2)
    y, alpha = (y > 0).astype(float), 0.6
    mean, covariance = np.array([0.4, -1.0]), spread**2 * np.array([[1.0, 0.6], [0.6, 2.0]])
    fit = 0.0
    for x, label in zip(X, y, strict=True):
        m, sd = x @ mean, np.sqrt(x @ covariance @ x)
        fit += integrate.quad(
            lambda z, m=m, sd=sd, label=label: (
                stats.norm.pdf(z) * log_expit((2 * label - 1) * (m + sd * z))
            ),
            -12, 12, points=[-m / sd], limit=300,
        )[0]  # fmt: skip
    kl = alpha * (np.trace(covariance) + mean @ mean) - 2 - 2 * np.log(alpha)
    kl = (kl - np.linalg.slogdet(covariance)[1]) / 2
    q = gaussian_from_covariance(jnp.asarray(mean), jnp.asarray(covariance))
    assert float(logistic_elbo(q, X, y, alpha)) == pytest.approx(fit - kl, rel=1e-5, abs=1e-5)


def test_elbo_is_differentiable_and_below_the_published_log_evidence():
    X, y = affine_basis(separable().x), separable().y
    covariance = jnp.array([[0.7067, -0.003], [-0.003, 0.4713]])
    q = gaussian_from_covariance(jnp.array([0.3030, 1.6446]), covariance)
    value, slope = jax.value_and_grad(logistic_elbo)(q, X, y, 0.75)
    assert float(value) == pytest.approx(-2.5169, abs=2e-4)
    assert max(float(jnp.max(jnp.abs(part))) for part in jax.tree.leaves(slope)) < 0.02


POINT = gaussian_from_covariance(jnp.zeros(2), jnp.eye(2))
CALLS = {
    "without 2": lambda: bernoulli_log_likelihood(jnp.zeros(2), jnp.array([1, 2])),
    "without -1": lambda: logistic_loss(jnp.zeros(2), jnp.eye(2), jnp.array([1, -1]), 1.0),
    "without 0.5": lambda: logistic_log_joint(jnp.zeros(2), jnp.eye(2), jnp.array([1, 0.5]), 1.0),
    "without nan": lambda: logistic_loss(jnp.zeros(1), jnp.full((2, 1), jnp.nan), jnp.ones(2), 1.0),
    "alpha is -1": lambda: logistic_loss(jnp.zeros(2), jnp.eye(2), jnp.ones(2), -1.0),
    "alpha is 0": lambda: logistic_log_joint(jnp.zeros(2), jnp.eye(2), jnp.ones(2), 0.0),
    "without 3": lambda: logistic_elbo(POINT, jnp.eye(2), jnp.array([1, 3]), 1.0),
    "alpha is -2": lambda: logistic_elbo(POINT, jnp.eye(2), jnp.ones(2), -2.0),
    "shape of y": lambda: logistic_loss(jnp.zeros(2), jnp.eye(2), jnp.ones((2, 1)), 1.0),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
