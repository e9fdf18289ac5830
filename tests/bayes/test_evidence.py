"""The evidence in both forms against SciPy's normal density, quadrature and scikit-learn."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_problems import SHAPES, regression
from scipy import integrate, optimize, stats
from sklearn.linear_model import BayesianRidge

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    affine_basis,
    fourier_basis,
    gp_log_evidence,
    log_evidence,
    log_evidence_dual,
    log_evidence_primal,
    log_prior,
    maximise_evidence,
    regularised_loss,
    squared_exponential,
)
from mazoezi.datasets import nonlinear, outlier

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

FORMS = [log_evidence, log_evidence_primal, log_evidence_dual]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("examples", "weights"), SHAPES)
def test_every_form_is_the_normal_density(float64, form, examples, weights):
    X, y = regression(1, examples, weights)
    alphas = np.geomspace(0.3, 3, weights)
    covariance = 0.7 * np.eye(examples) + X / alphas @ X.T
    expected = stats.multivariate_normal(cov=covariance).logpdf(y) if examples else 0.0
    assert float(form(X, y, jnp.asarray(alphas), 0.7)) == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 1000), st.floats(1e-2, 1e2), st.floats(1e-1, 10))
def test_both_forms_agree_in_single_precision(seed, alpha, noise_variance):
    X, y = (jnp.asarray(a, jnp.float32) for a in regression(seed, 8, 4))
    primal = log_evidence_primal(X, y, alpha, noise_variance)
    assert float(primal) == pytest.approx(
        float(log_evidence_dual(X, y, alpha, noise_variance)), rel=1e-4, abs=1e-3
    )


def test_evidence_is_the_integral_over_the_weights(float64):
    X, y = regression(2, 5, 1)

    def joint(w):
        w = jnp.array([w])
        log_likelihood = -regularised_loss(X, y, w, 0.0) - 5 / 2 * jnp.log(2 * jnp.pi)
        return float(jnp.exp(log_likelihood + log_prior(w, 1.3)))

    integral = integrate.quad(joint, -8, 8, points=[-1, 0, 1])[0]
    assert float(log_evidence(X, y, 1.3)) == pytest.approx(np.log(integral), abs=1e-7)


def test_the_cheaper_form_is_taken():
    def largest(examples, weights):
        jaxpr = jax.make_jaxpr(log_evidence)(jnp.ones((examples, weights)), jnp.ones(examples), 1.0)
        shapes = [v.aval.shape for e in jaxpr.jaxpr.eqns for v in e.outvars]
        return max((min(shape) for shape in shapes if len(shape) == 2), default=0)

    assert largest(4000, 3) <= 3
    assert largest(3, 4000) <= 3


@pytest.mark.parametrize(
    ("alpha", "expected"), [(1.0, -21.5052), (3.0, -26.8522), (5.0, -30.4838), (0.1, -19.5575)]
)
def test_evidence_of_the_outlier_data_is_the_published_one(alpha, expected):
    X, y = affine_basis(outlier().x), outlier().y
    assert float(log_evidence(X, y, alpha)) == pytest.approx(expected, abs=2e-3)


def test_published_evidence_of_the_affine_basis_on_the_nonlinear_data():
    X, y = affine_basis(nonlinear().x), nonlinear().y
    assert float(log_evidence(X, y, 0.01)) == pytest.approx(-95.673, abs=2e-3)
    assert float(log_evidence(X, y, 0.001)) == pytest.approx(-97.23, abs=1e-2)
    fit = maximise_evidence(jnp.log(0.01), _of_alpha, X, y, steps=2000, rate=1e-2)
    assert float(fit.log_evidence) == pytest.approx(-95.657, abs=2e-3)


def _of_alpha(log_alpha, X, y):
    return log_evidence(X, y, jnp.exp(log_alpha))


def test_best_alpha_of_the_outlier_data_is_the_published_one():
    X, y = affine_basis(outlier().x), outlier().y
    fit = maximise_evidence(jnp.log(5.0), _of_alpha, X, y, steps=3000, rate=1e-2)
    # As X^T X is 6 I, the slope is zero where alpha = 36 / (|X^T y|^2 / 2 - 6).
    exact = 36 / (np.sum((np.asarray(X).T @ np.asarray(y)) ** 2) / 2 - 6)
    assert exact == pytest.approx(0.1904, abs=1e-4)
    assert float(jnp.exp(fit.log_params)) == pytest.approx(exact, rel=5e-3)
    assert float(fit.log_evidence) == pytest.approx(-19.396, abs=1e-3)


def test_best_precisions_are_those_of_bayesian_ridge():
    X, y = regression(3, 60, 3)
    peer = BayesianRidge(
        fit_intercept=False,
        alpha_1=0,
        alpha_2=0,
        lambda_1=0,
        lambda_2=0,
        tol=1e-10,
        max_iter=10_000,
    ).fit(X, y)

    def objective(log_params, X, y):
        return log_evidence(X, y, jnp.exp(log_params["alpha"]), jnp.exp(log_params["noise"]))

    start = {"alpha": jnp.zeros(()), "noise": jnp.zeros(())}
    X, y = jnp.asarray(X, jnp.float32), jnp.asarray(y, jnp.float32)
    fit = maximise_evidence(start, objective, X, y, steps=3000, rate=5e-3)
    assert float(jnp.exp(fit.log_params["alpha"])) == pytest.approx(peer.lambda_, rel=2e-3)
    assert float(jnp.exp(fit.log_params["noise"])) == pytest.approx(1 / peer.alpha_, rel=2e-3)
    assert len(fit.path_log_evidence) == len(fit.path["alpha"]) == 3000
    assert float(fit.path["alpha"][0]) == 0.0


def test_gradients_are_the_slopes(float64):
    X, y = regression(4, 6, 3)
    for form in FORMS:

        def of_logs(log_params, form=form):
            return form(X, y, jnp.exp(log_params[0]), jnp.exp(log_params[1]))

        at = np.array([0.3, -0.2])
        slopes: Any = optimize.approx_fprime(at, lambda p: float(of_logs(jnp.asarray(p))), 1e-7)
        np.testing.assert_allclose(jax.grad(of_logs)(jnp.asarray(at)), slopes, rtol=1e-5)


def test_evidence_compiles_and_maps_over_alpha():
    X, y = affine_basis(outlier().x), outlier().y
    alphas = jnp.array([1.0, 3.0, 5.0])
    values = jax.jit(jax.vmap(lambda alpha: log_evidence(X, y, alpha)))(alphas)
    np.testing.assert_allclose(values, [-21.5052, -26.8522, -30.4838], atol=1e-3)


@pytest.mark.slow
def test_fourier_hyper_parameters_of_the_nonlinear_data_are_the_published_ones():
    """Published in the scaling sqrt(1/D), for which alpha is half of ours."""
    x, y = nonlinear()

    def objective(log_params, key):
        basis = fourier_basis(key, 300, jnp.exp(log_params["scale"]))
        return log_evidence(basis(x), y, jnp.exp(log_params["alpha"]))

    def limit(log_params):
        scale, alpha = jnp.exp(log_params["scale"]), jnp.exp(log_params["alpha"])
        return gp_log_evidence(squared_exponential(x, x, scale, alpha), y)

    start = {"scale": jnp.log(2.0), "alpha": jnp.log(0.002)}
    best = maximise_evidence(start, limit, steps=4000, rate=5e-3)
    assert float(jnp.exp(best.log_params["scale"])) == pytest.approx(0.465, abs=0.005)
    assert float(jnp.exp(best.log_params["alpha"])) == pytest.approx(0.0055, abs=2e-4)
    assert float(best.log_evidence) == pytest.approx(-24.468, abs=0.002)
    for key in jr.split(jr.key(0), 3):
        fit = maximise_evidence(start, objective, key, steps=4000, rate=5e-3)
        assert 0.4 < float(jnp.exp(fit.log_params["scale"])) < 0.55
        assert -25.5 < float(fit.log_evidence) < -23.5


CALLS = {
    "alpha is 0": lambda: log_evidence(jnp.eye(2), jnp.ones(2), 0.0),
    "alpha is -1": lambda: log_evidence_dual(jnp.eye(2), jnp.ones(2), -1.0),
    "noise_variance is 0": lambda: log_evidence_primal(jnp.eye(2), jnp.ones(2), 1.0, 0.0),
    "noise_variance is -1": lambda: log_evidence_dual(jnp.eye(2), jnp.ones(2), 1.0, -1.0),
    "shape of X": lambda: log_evidence(jnp.ones(2), jnp.ones(2), 1.0),
    "shape of y": lambda: log_evidence(jnp.eye(2), jnp.ones((2, 1)), 1.0),
    "y is": lambda: log_evidence(jnp.eye(2), jnp.array([1.0, jnp.nan]), 1.0),
    "shape of covariance": lambda: gp_log_evidence(jnp.eye(2), jnp.ones(3)),
    "steps is -1": lambda: maximise_evidence(jnp.zeros(()), _of_alpha, steps=-1),
    "without -inf": lambda: maximise_evidence(jnp.log(0.0), _of_alpha, steps=1),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
