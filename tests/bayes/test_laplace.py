"""Newton's method and Laplace's approximation: published modes, and losses without a minimum."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from random_problems import regression
from scipy import optimize

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    affine_basis,
    laplace,
    log_evidence,
    log_prior,
    logistic_log_joint,
    logistic_loss,
    network_loss,
    newton,
    posterior,
    regularised_loss,
    relu_network,
    two_weight_network,
)
from mazoezi.datasets import identity, separable
from mazoezi.timing import count_compilations

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X, Y = affine_basis(separable().x), separable().y
FAR_STARTS = [(5.0, -5.0), (-5.0, 5.0), (8.0, 8.0), (-8.0, -8.0), (0.0, 10.0), (10.0, 0.0)]


@pytest.mark.parametrize("start", FAR_STARTS)
def test_newton_reaches_the_published_mode_from_afar(start):
    result = newton(logistic_loss, jnp.array(start), X, Y, 0.75)
    np.testing.assert_allclose(result.mode, [0.30762, 1.36458], atol=1e-5)
    assert result.converged and float(result.gradient_norm) < 1e-4
    assert float(result.loss) == pytest.approx(1.67228, abs=1e-5)
    assert int(result.steps) <= 9


def test_newton_survives_where_whole_steps_run_away():
    result = newton(logistic_loss, jnp.array([5.0, -5.0]), X, Y, 1e-3)
    np.testing.assert_allclose(result.mode, [1.7367, 6.0268], atol=1e-4)
    assert float(result.loss) == pytest.approx(0.02602, abs=1e-5)
    assert result.converged and float(result.gradient_norm) < 1e-4

    w = jnp.array([5.0, -5.0])
    for _ in range(20):
        gradient = jax.grad(logistic_loss)(w, X, Y, 1e-3)
        w = w - jnp.linalg.solve(jax.hessian(logistic_loss)(w, X, Y, 1e-3), gradient)
    assert float(logistic_loss(w, X, Y, 1e-3)) > 100


def test_newton_agrees_with_scipy(float64):
    X, _ = regression(1, 40, 5)
    y = (X @ np.ones(5) + np.random.default_rng(0).normal(size=40) > 0).astype(float)
    peer = optimize.minimize(lambda w: float(logistic_loss(jnp.asarray(w), X, y, 0.3)), np.zeros(5))
    result = newton(logistic_loss, jnp.zeros(5), X, y, 0.3)
    np.testing.assert_allclose(result.mode, peer.x, atol=1e-4)
    assert float(result.gradient_norm) < 1e-10


def test_newton_solves_a_parabola_in_two_steps():
    X, y = (jnp.asarray(a, jnp.float32) for a in regression(2, 9, 4))
    result = newton(lambda w: regularised_loss(X, y, w, 0.5), jnp.full(4, 3.0))
    np.testing.assert_allclose(result.mode, posterior(X, y, 0.5).mean, rtol=1e-3, atol=1e-4)
    assert int(result.steps) <= 3


@pytest.mark.parametrize("start", [(0.3, 0.1), (0.2, -0.1), (3.0, 3.0), (4.0, -1.0)])
def test_newton_leaves_the_saddle_of_the_two_weight_network(start):
    result = newton(_two_weight_loss, jnp.array(start))
    np.testing.assert_allclose(jnp.abs(result.mode), 0.97499, atol=1e-4)
    assert float(result.loss) == pytest.approx(0.98481, abs=1e-5)


def test_newton_goes_downhill_where_the_loss_curves_downwards():
    result = newton(lambda w: -jnp.sum(jnp.cos(w)), jnp.array([2.5, -2.0]))
    np.testing.assert_allclose(result.mode, [0, 0], atol=1e-4)
    assert result.converged


def _two_weight_loss(w):
    return network_loss(two_weight_network, w, *identity(), 1.0)


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.3])
def test_newton_comes_to_rest_in_single_precision_on_a_nearly_flat_ridge(alpha):
    def loss(w):
        return network_loss(relu_network, w, *identity(), alpha)

    result = newton(loss, jnp.array([1.0, 3.0, 1.0, -3.0]))
    assert result.converged and float(result.gradient_norm) < 1e-4
    assert int(result.steps) < 40


def test_a_minimum_on_a_kink_is_not_one_for_laplace():
    """At alpha 0.05 the straight line wants its hinge exactly at the input -1.8."""

    def loss(w):
        return network_loss(relu_network, w, *identity(), 0.05)

    result = newton(loss, jnp.array([1.0, 3.0, 1.0, -3.0]))
    assert not result.converged
    assert float(-result.mode[1] / result.mode[0]) == pytest.approx(-1.8, abs=1e-4)
    with pytest.raises(ArgumentError, match="kink"):
        laplace(loss, jnp.array([1.0, 3.0, 1.0, -3.0]))


def test_newton_says_when_the_loss_falls_for_ever():
    result = newton(logistic_loss, jnp.zeros(2), X, Y, 0.0)
    assert not result.converged
    assert float(result.gradient_norm) < 1e-3  # which alone would look like success
    assert not newton(lambda w: jnp.sum(w), jnp.zeros(2)).converged
    assert not newton(lambda w: jnp.sum(jnp.exp(-w)), jnp.zeros(1)).converged


def test_newton_stops_at_its_limit():
    result = newton(logistic_loss, jnp.array([5.0, -5.0]), X, Y, 1e-3, max_steps=3)
    assert int(result.steps) == 3 and not result.converged


def test_newton_compiles_once_for_all_values():
    starts, alphas = [jnp.zeros(2), jnp.ones(2)], [jnp.asarray(0.5), jnp.asarray(0.7)]

    def loss(w, alpha):
        return logistic_loss(w, X, Y, alpha)

    with count_compilations() as first:
        newton(loss, starts[0], alphas[0])
    with count_compilations() as second:
        newton(loss, starts[1], alphas[1])
    assert first.count > 0
    assert second.count == 0, second.names


def test_a_loss_that_falls_to_minus_infinity_is_not_blamed_on_the_start():
    search = newton(lambda w: -jnp.sum(jnp.exp(w)), jnp.ones(1))
    assert not search.converged and not jnp.isfinite(search.loss)


def test_newton_maps_over_starts_and_alphas():
    alphas = jnp.array([0.1, 0.75, 5.0])
    many = jax.vmap(lambda alpha: newton(logistic_loss, jnp.zeros(2), X, Y, alpha))(alphas)
    for index, alpha in enumerate(alphas):
        one = newton(logistic_loss, jnp.zeros(2), X, Y, float(alpha))
        np.testing.assert_allclose(many.mode[index], one.mode, atol=1e-5)
    assert np.all(many.converged)


def test_the_mode_follows_alpha_as_the_implicit_function_theorem_says(float64):
    def mode(alpha):
        return newton(logistic_loss, jnp.zeros(2), X, Y, alpha).mode

    slope = jax.jacobian(mode)(0.75)
    np.testing.assert_allclose(slope, (mode(0.7501) - mode(0.7499)) / 2e-4, rtol=1e-5)
    np.testing.assert_allclose(jax.jacfwd(mode)(0.75), slope, rtol=1e-10)


def _joint(w, alpha):
    return -logistic_log_joint(w, X, Y, alpha)


def test_laplace_of_the_classification_data_is_the_published_one():
    fit = laplace(_joint, jnp.zeros(2), 0.75)
    np.testing.assert_allclose(fit.mode, [0.30762, 1.36458], atol=1e-5)
    np.testing.assert_allclose(fit.covariance, [[0.6833, 0.0031], [0.0031, 0.4869]], atol=1e-4)
    assert float(fit.log_evidence) == pytest.approx(-2.5102, abs=1e-4)
    without_constant = laplace(logistic_loss, jnp.zeros(2), X, Y, 0.75)
    np.testing.assert_allclose(without_constant.covariance, fit.covariance, rtol=1e-5)


def test_laplace_is_exact_for_a_gaussian(float64):
    X, y = regression(3, 7, 3)

    def loss(w):
        constant = 7 / 2 * jnp.log(2 * jnp.pi)
        return regularised_loss(X, y, w, 0.0) + constant - log_prior(w, 0.8)

    fit, exact = laplace(loss, jnp.ones(3)), posterior(X, y, 0.8)
    np.testing.assert_allclose(fit.gaussian.mean, exact.mean, atol=1e-8)
    np.testing.assert_allclose(fit.gaussian.covariance, exact.covariance, rtol=1e-8)
    assert float(fit.log_evidence) == pytest.approx(float(log_evidence(X, y, 0.8)), abs=1e-8)


def test_laplace_evidence_is_differentiable_in_alpha(float64):
    @jax.jit
    def evidence(alpha):
        return laplace(_joint, jnp.zeros(2), alpha).log_evidence

    slope = (evidence(0.7501) - evidence(0.7499)) / 2e-4
    assert float(jax.grad(evidence)(0.75)) == pytest.approx(float(slope), rel=1e-5)
    eager = laplace(_joint, jnp.zeros(2), 0.75).log_evidence
    assert float(evidence(0.75)) == pytest.approx(float(eager), abs=1e-10)


def test_separable_classes_without_a_prior_have_no_laplace_approximation():
    with pytest.raises(ArgumentError, match="separated have none without a prior"):
        laplace(logistic_loss, jnp.zeros(2), X, Y, 0.0)


def test_overlapping_classes_need_no_prior():
    x, y = jnp.array([-2.0, -1.0, 0.5, 1.0, -0.5, 2.0]), jnp.array([0, 0, 0, 1, 1, 1])
    fit = laplace(logistic_loss, jnp.zeros(2), affine_basis(x), y, 0.0)
    assert fit.search.converged


@pytest.mark.parametrize(
    ("loss", "start"),
    [
        (_two_weight_loss, (0.0, 0.0)),
        (lambda w: (w[0] + w[1]) ** 2, (1.0, 2.0)),
        (lambda w: -jnp.sum(w**2), (0.0, 0.0)),
    ],
)
def test_a_saddle_a_ridge_and_a_summit_are_no_minimum(loss, start):
    with pytest.raises(ArgumentError, match="least curvature"):
        laplace(loss, jnp.array(start))


CALLS = {
    "w0 is": lambda: newton(_two_weight_loss, jnp.array([jnp.nan, 1.0])),
    "the loss at w0 is": lambda: newton(lambda w: jnp.sum(jnp.log(w)), -jnp.ones(2)),
    "shape of w0": lambda: newton(_two_weight_loss, jnp.ones((1, 2))),
    "max_steps is 0": lambda: newton(_two_weight_loss, jnp.ones(2), max_steps=0),
    "without nan": lambda: laplace(logistic_loss, jnp.zeros(2), X.at[0].set(jnp.nan), Y, 1.0),
    "labels 0 or 1": lambda: laplace(logistic_loss, jnp.zeros(2), X, Y + 1, 1.0),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
