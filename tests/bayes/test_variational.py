"""Variational inference against closed forms, quadrature and the specification's values."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax.flatten_util import ravel_pytree
from problems import (
    IDENTITY_X,
    IDENTITY_Y,
    OUTLIER_DESIGN,
    OUTLIER_Y,
    SEPARABLE_DESIGN,
    SEPARABLE_Y,
    gaussian_density,
    gaussian_kl,
    linear_posterior,
    standard_errors,
)

from mazoezi import bayes
from mazoezi._errors import ArgumentError
from mazoezi.timing import count_compilations

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

EXACT = linear_posterior(OUTLIER_DESIGN, OUTLIER_Y, 3.0)


def line(X, w):
    return X @ w


def gaussian(mean, y):
    return -((mean - y) ** 2) / 2 - jnp.log(2 * jnp.pi) / 2


def bernoulli(logit, y):
    return y * logit - jax.nn.softplus(logit)


def random_gaussian(seed, size=3, mean_field=False):
    """With correlations and scales that are far from those of a standard normal."""
    rng = np.random.default_rng(seed)
    lower = None if mean_field else jnp.asarray(rng.normal(size=(size, size)), jnp.float32)
    mean, log_diagonal = rng.normal(size=size), rng.normal(size=size) / 2
    return bayes.VariationalGaussian(
        jnp.asarray(mean, jnp.float32), lower, jnp.asarray(log_diagonal, jnp.float32)
    )


def covariance_of(q):
    """L L^T by hand."""
    factor = np.diag(np.exp(np.asarray(q.log_diagonal, np.float64)))
    if q.lower is not None:
        factor += np.tril(np.asarray(q.lower, np.float64), -1)
    return factor @ factor.T


def expected_elbo(q, X, y, alpha):
    """The ELBO of linear regression with unit noise, in closed form."""
    mean, covariance = np.asarray(q.mean, np.float64), covariance_of(q)
    squares = (y - X @ mean) ** 2 + np.diag(X @ covariance @ X.T)
    kl = gaussian_kl(
        mean, covariance, np.zeros(len(mean)), np.diag(1 / np.broadcast_to(alpha, len(mean)))
    )
    return -squares.sum() / 2 - len(y) / 2 * np.log(2 * np.pi) - kl


def problem(seed, examples=20, size=3):
    """Random regression data with correlated columns of unequal scale."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(examples, size)) @ (rng.normal(size=(size, size)) + np.eye(size))
    y = X @ rng.normal(size=size) + rng.normal(size=examples)
    return X, y


# The family


@pytest.mark.parametrize("mean_field", [False, True])
def test_draws_have_the_mean_and_covariance(mean_field):
    q = random_gaussian(0, mean_field=mean_field)
    draws = np.asarray(bayes.sample(q, jr.key(0), 40_000), np.float64)
    assert draws.shape == (40_000, 3)
    for i in range(3):
        assert standard_errors(draws[:, i], float(q.mean[i])) < 5
        for j in range(3):
            products = (draws[:, i] - float(q.mean[i])) * (draws[:, j] - float(q.mean[j]))
            assert standard_errors(products, covariance_of(q)[i, j]) < 5


@pytest.mark.parametrize("mean_field", [False, True])
def test_the_density_is_scipys(mean_field):
    q = random_gaussian(1, mean_field=mean_field)
    points = np.random.default_rng(1).normal(size=(4, 2, 3))
    expected = np.log(gaussian_density(points, q.mean, covariance_of(q)))
    log_density = bayes.log_prob(q, jnp.asarray(points, jnp.float32))
    np.testing.assert_allclose(log_density, expected, rtol=1e-4)
    np.testing.assert_allclose(q.covariance, covariance_of(q), rtol=1e-5, atol=1e-6)


@given(st.integers(0, 1000), st.sampled_from([1, 2, 5]), st.booleans(), st.floats(0.05, 20))
def test_the_kl_is_the_closed_form(seed, size, mean_field, alpha):
    q = random_gaussian(seed, size, mean_field)
    prior = np.eye(size) / alpha
    expected = gaussian_kl(np.asarray(q.mean), covariance_of(q), np.zeros(size), prior)
    assert float(bayes.kl_to_prior(q, alpha)) == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_the_kl_of_the_prior_to_itself_is_zero():
    q = bayes.gaussian_at(jnp.zeros(3), 0.2**-0.5)
    assert float(bayes.kl_to_prior(q, 0.2)) == pytest.approx(0, abs=1e-6)


def test_a_precision_for_each_weight_gives_a_scalar_kl():
    q, alphas = random_gaussian(2), np.array([0.3, 1.0, 7.0])
    kl = bayes.kl_to_prior(q, jnp.asarray(alphas))
    assert kl.shape == ()
    expected = gaussian_kl(np.asarray(q.mean), covariance_of(q), np.zeros(3), np.diag(1 / alphas))
    assert float(kl) == pytest.approx(expected, rel=1e-4)


def test_the_floor_holds_for_draws_density_and_kl_alike():
    q = bayes.VariationalGaussian(jnp.zeros(2), jnp.zeros((2, 2)), jnp.full(2, -20.0))
    at_floor = bayes.gaussian_at(jnp.zeros(2), 1e-6)
    assert float(jnp.std(bayes.sample(q, jr.key(0), 1000))) == pytest.approx(1e-6, rel=0.1)
    np.testing.assert_allclose(
        bayes.kl_to_prior(q, 1.0), bayes.kl_to_prior(at_floor, 1.0), rtol=1e-6
    )
    point = jnp.array([1e-6, 0.0])
    np.testing.assert_allclose(bayes.log_prob(q, point), bayes.log_prob(at_floor, point), rtol=1e-6)


def test_free_parameters_are_those_that_are_read():
    for size, full, diagonal in [(1, 2, 2), (2, 5, 4), (4, 14, 8)]:
        assert bayes.init_variational(size, jr.key(0)).free_parameters == full
        mean_field = bayes.init_variational(size, jr.key(0), mean_field=True)
        assert mean_field.free_parameters == diagonal


def test_random_starts_have_the_scales_that_they_say():
    keys = jr.split(jr.key(0), 2000)
    q = jax.vmap(lambda key: bayes.init_variational(3, key, mean_scale=5.0))(keys)
    assert float(jnp.std(q.mean)) == pytest.approx(5, rel=0.05)
    assert float(jnp.std(q.log_diagonal)) == pytest.approx(1e-3, rel=0.05)
    assert float(jnp.std(jnp.asarray(q.lower))) == pytest.approx(1e-3, rel=0.05)


def test_a_given_covariance_is_met():
    covariance = covariance_of(random_gaussian(3))
    q = bayes.gaussian_from_covariance(jnp.arange(3.0), jnp.asarray(covariance, jnp.float32))
    np.testing.assert_allclose(q.covariance, covariance, rtol=1e-4)
    np.testing.assert_allclose(bayes.gaussian_at(jnp.zeros(3), 2.0).covariance, 4 * np.eye(3))


# The ELBO


@pytest.mark.parametrize("mean_field", [False, True])
@pytest.mark.parametrize("alpha", [0.7, np.array([0.5, 2.0, 4.0])])
def test_the_elbo_is_unbiased_for_linear_regression(mean_field, alpha):
    X, y = problem(0)
    q = random_gaussian(4, mean_field=mean_field)
    elbo = bayes.make_elbo(line, jnp.asarray(alpha), gaussian, samples=3)
    keys = jr.split(jr.key(1), 400)
    estimates = jax.vmap(lambda key: elbo(q, key, jnp.asarray(X), jnp.asarray(y)))(keys)
    assert estimates.shape == (400,)
    assert standard_errors(estimates, expected_elbo(q, X, y, alpha)) < 5


def test_the_exact_posterior_has_the_log_evidence_as_its_elbo():
    assert pytest.approx(-26.8522, abs=1e-4) == EXACT.log_evidence
    q = bayes.gaussian_from_covariance(jnp.asarray(EXACT.mean), jnp.asarray(EXACT.covariance))
    elbo = bayes.make_elbo(line, 3.0, gaussian, samples=10)
    keys = jr.split(jr.key(2), 400)
    estimates = jax.vmap(lambda key: elbo(q, key, OUTLIER_DESIGN, OUTLIER_Y))(keys)
    assert standard_errors(estimates, EXACT.log_evidence) < 5


def test_the_variance_falls_with_the_number_of_samples():
    X, y = map(jnp.asarray, problem(1))
    q, keys = random_gaussian(5), jr.split(jr.key(3), 2000)

    def variance(samples):
        elbo = bayes.make_elbo(line, 1.0, gaussian, samples=samples)
        return float(jnp.var(jax.vmap(lambda key: elbo(q, key, X, y))(keys)))

    assert variance(2) / variance(32) == pytest.approx(16, rel=0.3)


def test_a_key_gives_one_value_and_another_key_another():
    elbo, q = bayes.make_elbo(line, 3.0, gaussian, samples=5), random_gaussian(6, 2)

    def value(seed):
        return float(elbo(q, jr.key(seed), OUTLIER_DESIGN, OUTLIER_Y))

    assert value(0) == value(0) != value(1)


def test_minibatches_leave_the_elbo_unbiased():
    X, y = problem(2, examples=50)
    q = random_gaussian(7)
    whole = bayes.make_elbo(line, 0.7, gaussian, samples=4)
    objective = bayes.minibatch_elbo(whole, jnp.asarray(X), jnp.asarray(y), batch_size=7)
    keys = jr.split(jr.key(4), 4000)
    estimates = jax.vmap(lambda key: objective(q, key))(keys)
    assert standard_errors(estimates, expected_elbo(q, X, y, 0.7)) < 5


@pytest.mark.parametrize("mean_field", [False, True])
def test_gradients_reach_every_parameter_and_are_those_of_the_closed_form(mean_field):
    X, y = problem(3)
    q = random_gaussian(8, mean_field=mean_field)
    elbo = bayes.make_elbo(line, 0.7, gaussian, samples=20)

    def gradient(key):
        return jax.grad(lambda q: elbo(q, key, jnp.asarray(X), jnp.asarray(y)))(q)

    gradients = jax.vmap(gradient)(jr.split(jr.key(5), 400))
    leaves, treedef = jax.tree.flatten(q)
    for number, leaf in enumerate(leaves):
        for index in np.ndindex(leaf.shape):
            sides = []
            for sign in (1e-3, -1e-3):
                moved = leaf.at[index].add(sign)
                q_moved = jax.tree.unflatten(
                    treedef, [*leaves[:number], moved, *leaves[number + 1 :]]
                )
                sides.append((float(moved[index]), expected_elbo(q_moved, X, y, 0.7)))
            (high, above), (low, below) = sides
            slope = (above - below) / (high - low)
            samples = np.asarray(jax.tree.leaves(gradients)[number])[(slice(None), *index)]
            if len(index) == 2 and index[1] >= index[0]:
                np.testing.assert_array_equal(samples, 0)  # the upper triangle is never read
            else:
                assert abs(slope) > 1e-3
                spread = samples.std(ddof=1) / np.sqrt(len(samples))
                assert abs(samples.mean() - slope) < 5 * spread + 2e-3 * abs(slope)


def test_pytree_parameters_are_fitted_through_their_vector():
    X, y = problem(4)
    start, restore = ravel_pytree({"bias": jnp.zeros(()), "slope": jnp.zeros(3)})

    def model(X, params):
        return X @ params["slope"] + params["bias"]

    elbo = bayes.make_elbo(model, 1.0, gaussian, samples=50, restore=restore)
    q = bayes.fit_variational(
        elbo,
        bayes.gaussian_at(start),
        jr.key(6),
        jnp.asarray(X),
        jnp.asarray(y),
        steps=4000,
        rate=1e-2,
    ).q
    exact = linear_posterior(np.column_stack([np.ones(len(y)), X]), y, 1.0)
    assert gaussian_kl(np.asarray(q.mean), covariance_of(q), exact.mean, exact.covariance) < 0.05
    assert set(restore(q.mean)) == {"bias", "slope"}


# The fit


def fit_line(key, steps=1500, samples=1000, **settings):
    elbo = bayes.make_elbo(line, 3.0, gaussian, samples=samples)
    start_key, fit_key = jr.split(key)
    q = bayes.init_variational(2, start_key)
    X, y = jnp.asarray(OUTLIER_DESIGN), jnp.asarray(OUTLIER_Y)
    return bayes.fit_variational(elbo, q, fit_key, X, y, steps=steps, **settings)


@pytest.mark.slow
def test_a_line_is_recovered_from_several_starts():
    for seed in range(3):
        fit = fit_line(jr.key(seed))
        kl = gaussian_kl(np.asarray(fit.q.mean), covariance_of(fit.q), EXACT.mean, EXACT.covariance)
        assert kl < 0.01
        assert float(jnp.mean(fit.elbo[-100:])) == pytest.approx(EXACT.log_evidence, abs=0.02)


@pytest.mark.slow
def test_logistic_regression_reaches_the_best_gaussian():
    elbo = bayes.make_elbo(line, 0.75, bernoulli, samples=100)
    X, y = jnp.asarray(SEPARABLE_DESIGN), jnp.asarray(SEPARABLE_Y)
    fit = bayes.fit_variational(
        elbo, bayes.init_variational(2, jr.key(0)), jr.key(1), X, y, steps=2000
    )
    final = bayes.make_elbo(line, 0.75, bernoulli, samples=400_000)(fit.q, jr.key(2), X, y)
    assert float(final) == pytest.approx(-2.5169, abs=0.01)
    np.testing.assert_allclose(fit.q.mean, [0.3030, 1.6446], atol=0.1)
    np.testing.assert_allclose(np.diag(fit.q.covariance), [0.7067, 0.4713], rtol=0.2)


def fit_identity(network, alpha, start, scale, steps, rate, key):
    """Fit from a chosen start; the ELBO of the end from many draws."""
    X, y = jnp.asarray(IDENTITY_X), jnp.asarray(IDENTITY_Y)
    elbo = bayes.make_elbo(network, alpha, gaussian, samples=100)
    q = bayes.gaussian_at(jnp.array(start), scale)
    fitted = bayes.fit_variational(elbo, q, key, X, y, steps=steps, rate=rate).q
    final = bayes.make_elbo(network, alpha, gaussian, samples=400_000)
    return fitted, float(final(fitted, jr.key(0), X, y))


@pytest.mark.slow
def test_the_two_weight_network_has_two_optima_and_a_collapsed_one():
    for sign in (1.0, -1.0):
        q, elbo = fit_identity(
            bayes.two_weight_network, 1.0, [sign, sign], 0.3, 2000, 5e-3, jr.key(1)
        )
        assert elbo == pytest.approx(-9.0727, abs=0.02)
        assert int(bayes.two_weight_mode(q.mean)) == (0 if sign > 0 else 1)
        assert float(q.covariance[0, 1] / q.covariance[0, 0]) == pytest.approx(-0.75, abs=0.1)
    q, elbo = fit_identity(bayes.two_weight_network, 1.0, [0.0, 0.0], 1.0, 2000, 5e-3, jr.key(2))
    assert elbo == pytest.approx(-13.797, abs=0.05)
    assert int(bayes.two_weight_mode(q.mean)) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "least"), [([1.0, 0.5, 1.0, -1.0], -13.20), ([-1.0, 0.5, -1.0, 2.0], -13.35)]
)
def test_each_mode_of_the_relu_network_has_its_own_elbo_below_the_evidence(start, least):
    q, elbo = fit_identity(bayes.relu_network, 0.1, start, 0.1, 3000, 2e-3, jr.key(3))
    assert least - 0.05 < elbo < -11.288
    assert np.sign(q.mean[0]) == np.sign(start[0])


def test_snapshots_show_the_way_and_do_not_change_it():
    plain = fit_line(jr.key(0), steps=60, samples=5)
    fit = fit_line(jr.key(0), steps=60, samples=5, snapshots=4)
    np.testing.assert_allclose(plain.elbo, fit.elbo, rtol=1e-4)  # parts of a loop round otherwise
    np.testing.assert_allclose(plain.q.mean, fit.q.mean, rtol=1e-4)
    assert plain.snapshots.mean.shape == (2, 2)
    assert fit.snapshots.lower.shape == (5, 2, 2)
    start = bayes.init_variational(2, jr.split(jr.key(0))[0])
    np.testing.assert_array_equal(fit.snapshots.mean[0], start.mean)
    np.testing.assert_array_equal(fit.snapshots.mean[-1], fit.q.mean)
    shorter = fit_line(jr.key(0), steps=30, samples=5)
    np.testing.assert_allclose(fit.snapshots.mean[2], shorter.q.mean, rtol=1e-4)


@pytest.mark.parametrize(
    "steps, snapshots, most", [(120, 3, 1000), (53, 1, 1000), (60, 2, 500_000), (0, 1, 1000)],
    ids=["blocks of 20 steps", "of 1 step", "of all steps", "no step"],
)  # fmt: skip
def test_noise_drawn_for_many_steps_at_once_changes_nothing(monkeypatch, steps, snapshots, most):
    monkeypatch.setattr("mazoezi.bayes._variational.DRAWN_NUMBERS", most)
    elbo = bayes.make_elbo(line, 3.0, gaussian, samples=20)
    q, data = random_gaussian(0, size=2), (OUTLIER_DESIGN, OUTLIER_Y)
    ours = bayes.fit_variational(elbo, q, jr.key(1), *data, steps=steps, snapshots=snapshots)
    one_by_one = bayes.fit_variational(
        lambda *arguments: elbo(*arguments), q, jr.key(1), *data, steps=steps, snapshots=snapshots
    )
    for left, right in zip(jax.tree.leaves(ours), jax.tree.leaves(one_by_one), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-5)


def test_no_steps_leave_the_start():
    fit = fit_line(jr.key(0), steps=0)
    start = bayes.init_variational(2, jr.split(jr.key(0))[0])
    np.testing.assert_array_equal(fit.q.mean, start.mean)
    assert fit.elbo.shape == (0,)


def test_a_moved_slider_compiles_nothing():
    X, y = jnp.asarray(OUTLIER_DESIGN), jnp.asarray(OUTLIER_Y)
    q = bayes.gaussian_at(jnp.zeros(2))

    def refit(alpha, rate):
        elbo = bayes.make_elbo(line, alpha, gaussian, samples=5)
        return bayes.fit_variational(elbo, q, jr.key(0), X, y, steps=3, rate=rate)

    refit(1.0, 0.01)
    with count_compilations() as compilations:
        refit(2.5, 0.02)
    assert compilations.count == 0, compilations.names


def test_a_sweep_over_starts_is_a_vmap():
    keys = jr.split(jr.key(0), 3)
    together = jax.vmap(lambda key: fit_line(key, steps=20, samples=5).q.mean)(keys)
    alone = [fit_line(key, steps=20, samples=5).q.mean for key in keys]
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


def test_no_key_is_used_twice():
    X, y = jnp.asarray(OUTLIER_DESIGN), jnp.asarray(OUTLIER_Y)
    elbo = bayes.make_elbo(line, 3.0, gaussian, samples=5)
    with jax.debug_key_reuse(True):
        fit_line(jr.key(0), steps=3, samples=5)
        jax.vmap(lambda key: fit_line(key, steps=3, samples=5))(jr.split(jr.key(1), 2))
        objective = bayes.minibatch_elbo(elbo, X, y, batch_size=3)
        bayes.fit_variational(objective, bayes.gaussian_at(jnp.zeros(2)), jr.key(2), steps=3)


def test_double_precision_stays_double(float64):
    elbo = bayes.make_elbo(line, 3.0, gaussian, samples=5)
    q = bayes.gaussian_at(jnp.zeros(2, jnp.float64))
    X, y = jnp.asarray(OUTLIER_DESIGN), jnp.asarray(OUTLIER_Y)
    fitted = bayes.fit_variational(elbo, q, jr.key(0), X, y, steps=3).q
    assert {leaf.dtype for leaf in jax.tree.leaves(fitted)} == {jnp.dtype("float64")}


# Bad input


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), jnp.array([1.0, 0.0])])
def test_a_precision_must_be_positive(alpha):
    with pytest.raises(ArgumentError, match=r"alpha is .* expected finite and above zero"):
        bayes.make_elbo(line, alpha, gaussian, samples=5)
    with pytest.raises(ArgumentError, match="alpha is"):
        bayes.kl_to_prior(random_gaussian(0, 2), alpha)


def test_a_covariance_must_be_symmetric_and_positive_definite():
    for bad, rule in [
        ([[1.0, 2.0], [2.0, 1.0]], "positive definite"),
        ([[1.0, 0.5], [0.0, 1.0]], "symmetric"),
        ([[1.0, 0.0]], r"\(D, D\)"),
    ]:
        with pytest.raises(ArgumentError, match=rule):
            bayes.gaussian_from_covariance(jnp.zeros(2), jnp.array(bad))


def test_counts_and_scales_are_checked():
    elbo = bayes.make_elbo(line, 3.0, gaussian, samples=5)
    q = bayes.gaussian_at(jnp.zeros(2))
    with pytest.raises(ArgumentError, match="samples is 0"):
        bayes.make_elbo(line, 3.0, gaussian, samples=0)
    with pytest.raises(ArgumentError, match="size is 0"):
        bayes.init_variational(0, jr.key(0))
    with pytest.raises(ArgumentError, match="scale is 0"):
        bayes.gaussian_at(jnp.zeros(2), 0.0)
    with pytest.raises(ArgumentError, match="batch_size is 0"):
        bayes.minibatch_elbo(elbo, OUTLIER_DESIGN, OUTLIER_Y, 0)
    with pytest.raises(ArgumentError, match="number of examples is 0"):
        bayes.minibatch_elbo(elbo, OUTLIER_DESIGN[:0], OUTLIER_Y[:0], 3)
    with pytest.raises(ArgumentError, match="steps is -1"):
        bayes.fit_variational(elbo, q, jr.key(0), OUTLIER_DESIGN, OUTLIER_Y, steps=-1)
    with pytest.raises(ArgumentError, match="steps is 10; expected a multiple of the 3 snapshots"):
        bayes.fit_variational(elbo, q, jr.key(0), OUTLIER_DESIGN, OUTLIER_Y, steps=10, snapshots=3)


@pytest.mark.parametrize("steps", [0, 2])
def test_a_start_without_a_finite_objective_is_refused_with_and_without_steps(steps):
    with pytest.raises(ArgumentError, match="the objective at the start"):
        bayes.fit_variational(lambda q, key: jnp.log(q), -jnp.ones(()), jr.key(0), steps=steps)
