"""Fourier features against their kernel, and regression in function space against scikit-learn."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    FourierBasis,
    fourier_basis,
    gp_log_evidence,
    gp_predict,
    log_evidence,
    posterior,
    predict,
    squared_exponential,
)
from mazoezi.datasets import nonlinear

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

INPUTS = jnp.linspace(-4.0, 7.0, 12)


def test_features_are_scaled_cosines():
    basis = FourierBasis(jnp.array([0.5, 2.0]), jnp.array([0.1, -1.0]))
    x = np.array([0.0, 1.5, -3.0])
    np.testing.assert_allclose(
        basis(jnp.asarray(x)),
        np.cos(np.outer(x, [0.5, 2.0]) + np.array([0.1, -1.0])),
        rtol=1e-5,
        atol=1e-6,
    )


def test_a_basis_has_normal_frequencies_and_uniform_phases():
    basis = fourier_basis(jr.key(0), 20_000, 0.75)
    frequencies, phases = np.asarray(basis.frequencies), np.asarray(basis.phases)
    assert abs(frequencies.mean()) < 5 * 0.75 / np.sqrt(20_000)
    assert abs(frequencies.std() - 0.75) < 5 * 0.75 / np.sqrt(40_000)
    assert np.abs(phases).max() <= np.pi
    assert abs(phases.std() - np.pi / np.sqrt(3)) < 5 * 0.02
    assert abs(np.corrcoef(frequencies, phases)[0, 1]) < 5 / np.sqrt(20_000)


def test_the_scale_multiplies_the_same_frequencies():
    one, two = fourier_basis(jr.key(1), 9, 1.0), fourier_basis(jr.key(1), 9, 2.0)
    np.testing.assert_allclose(two.frequencies, 2 * one.frequencies)
    np.testing.assert_array_equal(two.phases, one.phases)
    gradient = jax.grad(lambda scale: jnp.sum(fourier_basis(jr.key(1), 9, scale)(INPUTS)))(1.0)
    assert np.isfinite(gradient) and gradient != 0


def test_prior_covariance_converges_to_the_kernel_as_one_over_root_features(float64):
    kernel = squared_exponential(INPUTS, INPUTS, 0.75, 1.0)

    @jax.jit
    @jax.vmap
    def few(key):
        Phi = fourier_basis(key, 100, 0.75)(INPUTS)
        return Phi @ Phi.T

    @jax.jit
    @jax.vmap
    def many(key):
        Phi = fourier_basis(key, 1600, 0.75)(INPUTS)
        return Phi @ Phi.T

    keys = jr.split(jr.key(2), 400)
    errors = []
    for covariances in (few(keys), many(keys)):
        mean, spread = np.mean(covariances, 0), np.std(covariances, 0)
        np.testing.assert_array_less(np.abs(mean - kernel), 5.5 * spread / np.sqrt(400))
        errors.append(np.sqrt(np.mean((covariances - kernel) ** 2)))
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.1)


def peer(x, y, scale, alpha, noise_variance):
    kernel = ConstantKernel(1 / alpha, "fixed") * RBF(1 / scale, "fixed")
    settings: Any = {"alpha": noise_variance, "optimizer": None}
    model: Any = GaussianProcessRegressor(kernel, **settings)
    return model.fit(np.asarray(x)[:, None], np.asarray(y))


@pytest.mark.parametrize("noise_variance", [1.0, 0.1])
def test_function_space_agrees_with_scikit_learn(float64, noise_variance):
    x, y = nonlinear()
    model = peer(x, y, 0.75, 0.01, noise_variance)

    def kernel(x, z):
        return squared_exponential(x, z, 0.75, 0.01)

    answer = gp_predict(INPUTS, x, y, kernel, noise_variance)
    mean, sd = model.predict(np.asarray(INPUTS)[:, None], return_std=True)
    np.testing.assert_allclose(answer.mean, mean, atol=1e-8)
    np.testing.assert_allclose(answer.sd_f, sd, atol=1e-6)
    np.testing.assert_allclose(answer.sd_y, np.sqrt(sd**2 + noise_variance), atol=1e-6)
    assert float(gp_log_evidence(kernel(x, x), y, noise_variance)) == pytest.approx(
        model.log_marginal_likelihood_value_, abs=1e-9
    )


def test_weights_and_functions_say_the_same(float64):
    x, y = nonlinear()
    basis = fourier_basis(jr.key(3), 50, 0.75)

    def kernel(x, z):
        return basis(x) @ basis(z).T / 0.02

    functions = gp_predict(INPUTS, x, y, kernel, 0.5)
    weights = predict(basis(INPUTS), *posterior(basis(x), y, 0.02, 0.5), 0.5)
    for ours, theirs in zip(weights, functions, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-7)


def test_without_examples_the_functions_follow_the_prior():
    answer = gp_predict(
        INPUTS, jnp.zeros(0), jnp.zeros(0), lambda x, z: squared_exponential(x, z, 1.0, 4.0), 1.0
    )
    np.testing.assert_allclose(answer.mean, 0)
    np.testing.assert_allclose(answer.sd_f, 0.5)


def test_predictive_sd_of_the_nonlinear_data_is_the_published_one():
    """At the practical's settings, whose scaling sqrt(1/D) is ours with alpha doubled."""
    x, y = nonlinear()
    at = jnp.array([-4.0, 0.0, 2.0, 2.3, 3.0, 7.0])

    def sd(key):
        basis = fourier_basis(key, 500, 0.75)
        return predict(basis(at), *posterior(basis(x), y, 0.002)).sd_f

    published = np.array([18.8, 0.98, 4.3, 4.5, 2.5, 18.3])
    over_bases = np.asarray(jax.lax.map(sd, jr.split(jr.key(4), 50)))
    assert np.all(np.abs(over_bases.mean(0) - published) < 2 * over_bases.std(0))
    prior = gp_predict(at, x[:0], y[:0], lambda x, z: squared_exponential(x, z, 0.75, 0.002)).sd_f
    np.testing.assert_allclose(prior, 22.4, atol=0.05)


@pytest.mark.slow
def test_evidence_over_bases_spreads_as_one_over_root_features():
    """The spec's -27.33 +- 0.35 at 500 features and alpha 0.01 (0.02 in our scaling)."""
    x, y = nonlinear()
    limit = float(gp_log_evidence(squared_exponential(x, x, 0.75, 0.02), y))
    assert limit == pytest.approx(-27.32, abs=0.01)
    spreads = {}
    for features in (125, 500, 2000):
        values = jax.lax.map(
            lambda key, features=features: log_evidence(
                fourier_basis(key, features, 0.75)(x), y, 0.02
            ),
            jr.split(jr.key(5), 2000),
        )
        spreads[features] = float(np.std(values))
        assert abs(np.mean(values) - limit) < 2 * spreads[features] ** 2 + 0.05
    assert spreads[500] == pytest.approx(0.35, abs=0.04)
    assert spreads[125] / spreads[500] == pytest.approx(2, rel=0.15)
    assert spreads[500] / spreads[2000] == pytest.approx(2, rel=0.15)


CALLS = {
    "features is 0": lambda: fourier_basis(jr.key(0), 0, 1.0),
    "scale is -1": lambda: fourier_basis(jr.key(0), 3, -1.0),
    "scale is 0": lambda: squared_exponential(INPUTS, INPUTS, 0.0, 1.0),
    "alpha is 0": lambda: squared_exponential(INPUTS, INPUTS, 1.0, 0.0),
    "shape of z": lambda: squared_exponential(INPUTS, INPUTS[:, None], 1.0, 1.0),
    "x is": lambda: fourier_basis(jr.key(0), 3, 1.0)(jnp.array([jnp.nan])),
    "noise_variance is 0": lambda: gp_predict(INPUTS, INPUTS, INPUTS, jnp.outer, 0.0),
    "shape of y": lambda: gp_predict(INPUTS, INPUTS, INPUTS[:3], jnp.outer),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
