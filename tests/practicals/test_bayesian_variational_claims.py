"""What the section on variational inference says is so: its errata, rankings and gaps."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest

from mazoezi import bayes, datasets

pytestmark = pytest.mark.slow  # fits, compiled first

ALPHA = 0.75


def line(X, w):
    return X @ w


def gaussian(mean, y):
    return -((y - mean) ** 2) / 2 - jnp.log(2 * jnp.pi) / 2


def gaussian_divergence(q, exact):
    precision = jnp.linalg.inv(exact.covariance)
    off = q.mean - exact.mean
    product = precision @ q.covariance
    return (jnp.trace(product) + off @ precision @ off - 2 - jnp.linalg.slogdet(product)[1]) / 2


@pytest.fixture(scope="module")
def outlier():
    x, y = datasets.outlier()
    X = bayes.affine_basis(x)
    return X, y, bayes.posterior(X, y, 3.0)


@pytest.fixture(scope="module")
def logistic():
    """Data, the grid's truth, the best Gaussian, Laplace's, and that of the exact moments."""
    x, y = datasets.separable()
    X = bayes.affine_basis(x)
    truth = bayes.grid_posterior(bayes.logistic_log_joint, [(-8, 8), (-6, 14)], 400, X, y, ALPHA)
    near = bayes.laplace(bayes.logistic_loss, jnp.zeros(2), X, y, ALPHA)
    start = bayes.gaussian_from_covariance(truth.mean, truth.covariance)
    best = bayes.fit_variational(
        lambda q, key: bayes.logistic_elbo(q, X, y, ALPHA), start, jr.key(0), steps=1500, rate=2e-3
    ).q
    laplace = bayes.gaussian_from_covariance(near.mode, near.covariance)
    return X, y, truth, near, {"VI": best, "Laplace": laplace, "moments": start}


def test_gaps_of_the_three_gaussians_are_the_published_ones(logistic):
    X, y, truth, _, gaussians = logistic
    gaps = {
        name: float(truth.log_evidence - bayes.logistic_elbo(q, X, y, ALPHA))
        for name, q in gaussians.items()
    }
    assert float(truth.log_evidence) == pytest.approx(-2.4852, abs=2e-4)
    assert gaps["VI"] == pytest.approx(0.0316, abs=2e-4)
    assert gaps["Laplace"] == pytest.approx(0.1229, abs=2e-4)
    assert gaps["moments"] == pytest.approx(0.0359, abs=2e-4)


def test_averaging_over_q_loses_less_than_the_mode_far_from_the_data(logistic):
    _, _, truth, near, gaussians = logistic
    far = jnp.concatenate([jnp.linspace(-6.0, -3.01, 50), jnp.linspace(3.01, 6.0, 50)])
    X_far = bayes.affine_basis(far)
    exact = truth.expectation(lambda w: jax.nn.sigmoid(X_far @ w))

    def score(p):
        return float(jnp.mean(bayes.bernoulli_log_score(exact, p)))

    q = gaussians["VI"]
    logit, sd, _ = bayes.predict(X_far, q.mean, q.covariance)
    by_q, by_mode = bayes.class_probability(logit, sd), jax.nn.sigmoid(X_far @ near.mode)
    assert score(exact) >= score(by_q) > score(by_mode)


def test_variance_of_a_label_splits_into_chance_and_weights(logistic):
    q = logistic[4]["VI"]
    p = jax.nn.sigmoid(bayes.sample(q, jr.key(0), 10_000) @ jnp.array([1.0, -4.0]))
    whole = jnp.mean(p) * (1 - jnp.mean(p))
    assert float(whole) == pytest.approx(float(jnp.mean(p * (1 - p)) + jnp.var(p)), rel=1e-4)


def test_without_its_constant_the_bound_lies_above_the_log_evidence(outlier):
    X, y, exact = outlier
    elbo = bayes.make_elbo(line, 3.0, lambda mean, y: -((y - mean) ** 2) / 2, 100)
    q = bayes.gaussian_from_covariance(*exact)
    values = jax.vmap(lambda key: elbo(q, key, X, y))(jr.split(jr.key(0), 100))
    evidence = float(bayes.log_evidence(X, y, 3.0))
    assert float(jnp.mean(values)) == pytest.approx(evidence + 3 * np.log(2 * np.pi), abs=0.2)


def test_every_seed_recovers_the_line_and_more_steps_do_not_always_help(outlier):
    X, y, exact = outlier
    elbo = bayes.make_elbo(line, 3.0, gaussian, 1000)

    def gaps(key):
        start_key, fit_key = jr.split(key)
        start = bayes.init_variational(2, start_key)
        run = bayes.fit_variational(elbo, start, fit_key, X, y, steps=1500, snapshots=10)
        return jax.vmap(lambda q: gaussian_divergence(q, exact))(run.snapshots)

    found = np.asarray(jax.jit(jax.vmap(gaps))(jr.split(jr.key(1), 24)))
    assert found[:, -1].max() < 0.01
    assert 0 < np.sum(found[:, -1] > found[:, -2]) < 24


def test_a_diagonal_q_has_the_inverse_of_the_precisions_diagonal():
    """So its standard deviations are too small wherever weights are correlated."""
    x, y = datasets.outlier()
    X = bayes.affine_basis(x + 3)
    exact = bayes.posterior(X, y, 1.0)
    elbo = bayes.make_elbo(line, 1.0, gaussian, 100)
    start = bayes.gaussian_at(jnp.array([0.0, -1.0]), 0.5, mean_field=True)
    q = bayes.fit_variational(elbo, start, jr.key(8), X, y, steps=4000, rate=5e-3).q
    precision = X.T @ X + jnp.eye(2)
    sds = jnp.exp(q.log_diagonal)
    np.testing.assert_allclose(sds, jnp.diagonal(precision) ** -0.5, rtol=0.1)
    assert np.all(sds < 0.6 * jnp.sqrt(jnp.diagonal(exact.covariance)))


def test_a_divergence_with_draws_of_their_own_misses_how_far_apart_two_gaussians_are():
    log_density = jax.scipy.stats.norm.logpdf
    draws = jr.normal(jr.key(0), (10_000,))
    same = jnp.mean(log_density(draws, 0.0) - log_density(draws, 100.0))
    own = jnp.mean(log_density(draws, 0.0)) - jnp.mean(log_density(draws + 100, 100.0))
    assert float(same) == pytest.approx(100**2 / 2, rel=0.01)
    assert abs(float(own)) < 0.01


def test_a_shrinking_diagonal_makes_the_divergence_grow_without_bound():
    def q(scale):
        return bayes.VariationalGaussian(
            jnp.zeros(2), jnp.array([[0.0, 0.0], [0.5, 0.0]]), jnp.log(jnp.array([1.0, scale]))
        )

    gaps = [float(bayes.kl_to_prior(q(scale), 1.0)) for scale in (1e-2, 1e-4, 1e-6)]
    np.testing.assert_allclose(np.diff(gaps), np.log(100), rtol=1e-3)


def test_a_draw_moves_with_the_lower_triangle_as_much_as_its_noise():
    q = bayes.gaussian_at(jnp.zeros(2), 1.0)
    noise = jr.normal(jr.key(0), (1, 2))
    moves = jax.grad(lambda q: bayes.sample(q, jr.key(0), 1)[0, 1])(q)
    assert float(moves.lower[1, 0]) == pytest.approx(float(noise[0, 0]), rel=1e-5)
    np.testing.assert_allclose(moves.mean, [0.0, 1.0])
