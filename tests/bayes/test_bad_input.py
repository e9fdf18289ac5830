"""What no data set should hold: each gets a clear error, or leads to the right limit.

One test for each kind, over every part of the package that meets it.
"""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest

from mazoezi import bayes
from mazoezi._errors import ArgumentError

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X = bayes.affine_basis(jnp.array([-1.0, 0.5, 2.0]))
Y, LABELS = jnp.array([0.3, -1.0, 2.0]), jnp.array([0.0, 1.0, 1.0])
W, NOTHING, NO_ROWS = jnp.ones(2), jnp.zeros(0), jnp.zeros((0, 2))
NAN_X, NAN_Y = X.at[1, 1].set(jnp.nan), Y.at[0].set(jnp.nan)
IDENTITY, INDEFINITE = jnp.eye(2), jnp.array([[1.0, 2.0], [2.0, 1.0]])
RANGES = ((-8.0, 8.0), (-8.0, 8.0))
START = bayes.gaussian_at(jnp.zeros(2))


def line(X, w):
    return X @ w


def unit_noise(outputs, y):
    return bayes.log_score(y, outputs, 1.0)


ELBO = bayes.make_elbo(line, 1.0, unit_noise, samples=20)
LOGISTIC_ELBO = bayes.make_elbo(line, 1.0, bayes.bernoulli_log_likelihood, samples=20)


def fitted(elbo, X, y, steps=1):
    return bayes.fit_variational(elbo, START, jr.key(0), X, y, steps=steps).q


def refused(message, *calls):
    for place, call in enumerate(calls):
        try:
            result = call()
        except ArgumentError as error:
            assert message in str(error), f"call {place}: {error}"
        else:
            pytest.fail(f"call {place} is not refused: {result}")


@pytest.mark.parametrize("alpha", [0.0, -1.0])
def test_a_precision_of_zero_or_below_is_refused(alpha):
    refused(
        f"alpha is {alpha}",
        lambda: bayes.posterior(X, Y, alpha),
        lambda: bayes.log_prior(W, alpha),
        lambda: bayes.log_evidence(X, Y, alpha),
        lambda: bayes.logistic_log_joint(W, X, LABELS, alpha),
        lambda: bayes.network_log_joint(bayes.two_weight_network, W, Y, Y, alpha),
        lambda: bayes.make_elbo(line, alpha, unit_noise, samples=5),
        lambda: bayes.kl_to_prior(START, alpha),
        lambda: bayes.linearised_laplace(line, W, X, Y, alpha, unit_noise),
        lambda: bayes.posterior_unknown_noise(X, Y, alpha),
        lambda: bayes.squared_exponential(Y, Y, 1.0, alpha),
    )


def test_a_penalty_may_be_zero_but_not_below():
    losses = (
        lambda alpha: bayes.ridge(X, Y, alpha),
        lambda alpha: bayes.regularised_loss(X, Y, W, alpha),
        lambda alpha: bayes.logistic_loss(W, X, LABELS, alpha),
        lambda alpha: bayes.network_loss(bayes.two_weight_network, W, Y, Y, alpha),
        lambda alpha: bayes.two_weight_modes(Y, Y, alpha),
    )
    refused("alpha is -1", *(lambda loss=loss: loss(-1.0) for loss in losses))
    assert all(np.all(np.isfinite(loss(0.0))) for loss in losses)


def test_without_examples_everything_is_the_prior():
    spread = np.eye(2) / 4
    start = bayes.Gaussian(W, IDENTITY)
    grid = bayes.grid_posterior(bayes.logistic_log_joint, RANGES, 200, NO_ROWS, NOTHING, 4.0)
    found = {
        "posterior": bayes.posterior(NO_ROWS, NOTHING, 4.0),
        "Laplace": bayes.laplace(bayes.logistic_loss, W, NO_ROWS, NOTHING, 4.0)[:2],
        "grid": (grid.mean, grid.covariance),
        "unknown noise": bayes.posterior_unknown_noise(NO_ROWS, NOTHING, 4.0)[:2],
    }
    for name, (mean, covariance) in found.items():
        np.testing.assert_allclose(mean, 0, atol=1e-5, err_msg=name)
        np.testing.assert_allclose(covariance, spread, rtol=1e-4, atol=1e-5, err_msg=name)
    linear = bayes.linearised_laplace(line, jnp.zeros(2), NO_ROWS, NOTHING, 4.0, unit_noise)
    np.testing.assert_allclose(linear.covariance, spread, rtol=1e-5)
    np.testing.assert_allclose(bayes.ridge(NO_ROWS, NOTHING, 4.0), 0)
    np.testing.assert_allclose(bayes.update(start, NO_ROWS, NOTHING).mean, W)
    assert float(bayes.log_evidence(NO_ROWS, NOTHING, 4.0)) == 0
    assert float(grid.log_evidence) == pytest.approx(0, abs=1e-4)
    assert float(ELBO(START, jr.key(0), NO_ROWS, NOTHING)) == pytest.approx(
        -float(bayes.kl_to_prior(START, 1.0)), abs=1e-6
    )
    assert bayes.predict(NO_ROWS, W, IDENTITY).mean.shape == (0,)
    assert bayes.conformal_factor(NOTHING, 0.9) == np.inf
    refused("is 0; expected 1 or more",
            lambda: bayes.coverage(NOTHING, NOTHING, NOTHING),
            lambda: bayes.expected_calibration_error(NOTHING, NOTHING))  # fmt: skip


def test_a_singular_design_needs_a_prior_and_no_more():
    X, summed = jnp.ones((3, 2)), float(jnp.sum(Y))
    refused("rank of X", lambda: bayes.ridge(X, Y, 0.0))
    refused(
        "least curvature",
        lambda: bayes.laplace(lambda w: bayes.squared_loss(X, Y, w), W),
    )
    mean, covariance = bayes.posterior(X, Y, 0.01)
    np.testing.assert_allclose(mean, summed / 6.01, rtol=1e-4)
    expected = np.linalg.inv(np.full((2, 2), 3.0) + 0.01 * IDENTITY)
    np.testing.assert_allclose(covariance, expected, rtol=1e-3)
    np.testing.assert_allclose(bayes.ridge(X, Y, 0.01), mean, rtol=1e-5)
    forms = (bayes.log_evidence_primal, bayes.log_evidence_dual)
    primal, dual = (float(form(X, Y, 0.01)) for form in forms)
    assert primal == pytest.approx(dual, abs=1e-3)
    C = np.eye(3) + np.full((3, 3), 200.0)
    exact = -(Y @ np.linalg.solve(C, Y) + np.linalg.slogdet(C)[1] + 3 * np.log(2 * np.pi)) / 2
    assert primal == pytest.approx(float(exact), abs=1e-3)


def test_labels_are_zero_or_one():
    twos, signs = LABELS + 1, 2 * LABELS - 1
    refused(
        "labels 0 or 1",
        lambda: bayes.bernoulli_log_likelihood(Y, twos),
        lambda: bayes.logistic_loss(W, X, signs, 1.0),
        lambda: bayes.logistic_log_joint(W, X, twos, 1.0),
        lambda: bayes.laplace(bayes.logistic_loss, W, X, signs, 1.0),
        lambda: bayes.grid_posterior(bayes.logistic_log_joint, RANGES, 50, X, twos, 1.0),
        lambda: LOGISTIC_ELBO(START, jr.key(0), X, signs),
        lambda: fitted(LOGISTIC_ELBO, X, twos),
        lambda: bayes.sample_hmc(
            lambda w: bayes.logistic_log_joint(w, X, signs, 1.0), W[None], jr.key(0), draws=1,
            step_size=0.1, leapfrog_steps=1,
        ),
        lambda: bayes.reliability(jnp.full(3, 0.5), twos),
    )  # fmt: skip


def test_separable_classes_need_a_prior():
    refused(
        "separated have none without a prior",
        lambda: bayes.laplace(bayes.logistic_loss, jnp.zeros(2), X, LABELS, 0.0),
    )
    weak, strong = (
        bayes.laplace(bayes.logistic_loss, jnp.zeros(2), X, LABELS, alpha) for alpha in (1e-3, 1.0)
    )
    assert weak.search.converged and np.all(np.isfinite(weak.covariance))
    assert weak.mode[1] > 3 * strong.mode[1]
    assert np.all(np.diag(weak.covariance) > np.diag(strong.covariance))


def test_data_with_a_nan_are_refused():
    refused(
        "without nan",
        lambda: bayes.posterior(NAN_X, Y, 1.0),
        lambda: bayes.posterior(X, NAN_Y, 1.0),
        lambda: bayes.update(bayes.Gaussian(W, IDENTITY), NAN_X, Y),
        lambda: bayes.predict(NAN_X, W, IDENTITY),
        lambda: bayes.predict(X, NAN_Y[:2], IDENTITY),
        lambda: bayes.ridge(X, NAN_Y, 1.0),
        lambda: bayes.log_evidence(NAN_X, Y, 1.0),
        lambda: bayes.gp_predict(Y, NAN_Y, Y, lambda a, b: a[:, None] * b),
        lambda: bayes.logistic_loss(W, NAN_X, LABELS, 1.0),
        lambda: bayes.laplace(bayes.logistic_loss, W, NAN_X, LABELS, 1.0),
        lambda: bayes.network_loss(bayes.two_weight_network, W, NAN_Y, Y, 1.0),
        lambda: bayes.network_log_joint(bayes.two_weight_network, W, Y, NAN_Y, 1.0),
        lambda: bayes.two_weight_modes(NAN_Y, Y, 1.0),
        lambda: fitted(ELBO, NAN_X, Y),
        lambda: bayes.linearised_laplace(line, W, X, NAN_Y, 1.0, unit_noise),
        lambda: bayes.posterior_unknown_noise(X, NAN_Y, 1.0),
        lambda: bayes.coverage(NAN_Y, Y, jnp.ones(3)),
        lambda: bayes.conformal_factor(NAN_Y, 0.5),
        lambda: bayes.grid_posterior(bayes.logistic_log_joint, RANGES, 50, NAN_X, LABELS, 1.0),
    )


def test_a_covariance_that_is_not_positive_definite_is_refused():
    indefinite = bayes.Gaussian(W, INDEFINITE)
    refused(
        "positive",
        lambda: bayes.predict(X, *indefinite),
        lambda: bayes.update(indefinite, X, Y),
        lambda: bayes.sample_gaussian(indefinite, jr.key(0), 3),
        lambda: bayes.gaussian_from_covariance(*indefinite),
        lambda: bayes.gp_log_evidence(3 * INDEFINITE, W),
    )
    flat = bayes.Gaussian(W, jnp.ones((2, 2)))  # semidefinite: a direction without variance
    refused("positive definite", lambda: bayes.update(flat, X, Y))
    direction = jnp.array([[1.0, -1.0]])
    assert float(bayes.predict(direction, *flat).sd_f[0]) == pytest.approx(0, abs=1e-3)


def test_a_chain_of_one_draw_has_no_diagnostics():
    one = jnp.zeros((4, 1))
    refused(
        "at least one chain of at least",
        lambda: bayes.split_rhat(one),
        lambda: bayes.rank_rhat(one),
        lambda: bayes.effective_sample_size(one),
        lambda: bayes.rank_histogram(one),
        lambda: bayes.energy_fraction(one),
    )
    np.testing.assert_allclose(bayes.mode_shares(one.astype(int), 2), [[1, 0]] * 4)
