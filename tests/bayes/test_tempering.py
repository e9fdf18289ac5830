"""Tempered sequential Monte Carlo against closed forms and the specification's ground truth."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from problems import IDENTITY_X, IDENTITY_Y, OUTLIER_DESIGN, OUTLIER_Y, linear_posterior

from mazoezi import bayes
from mazoezi._errors import ArgumentError

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X, Y = jnp.asarray(IDENTITY_X), jnp.asarray(IDENTITY_Y)


def prior(alpha, size):
    return lambda key, count: jr.normal(key, (count, size)) / jnp.sqrt(alpha)


def log_prior(alpha):
    return lambda w: -alpha * jnp.sum(w**2) / 2


def line_likelihood(w):
    errors = OUTLIER_Y - OUTLIER_DESIGN @ w
    return -jnp.sum(errors**2) / 2 - 3 * jnp.log(2 * jnp.pi)


def relu_likelihood(w):
    return bayes.network_log_likelihood(bayes.relu_network, w, X, Y)


def sample_line(seed, alpha=3.0, **settings):
    return bayes.tempered_posterior(
        log_prior(alpha), line_likelihood, prior(alpha, 2), jr.key(seed), 4000, **settings
    )


def test_a_line_has_its_posterior_and_its_evidence():
    exact = linear_posterior(OUTLIER_DESIGN, OUTLIER_Y, 3.0)
    runs = [sample_line(seed) for seed in range(6)]
    assert runs[0].draws.shape == (4000, 2)
    evidences = [float(run.log_evidence) for run in runs]
    assert np.mean(evidences) == pytest.approx(exact.log_evidence, abs=0.1)
    draws = np.concatenate([run.draws for run in runs])
    sds = np.sqrt(np.diag(exact.covariance))
    assert np.max(np.abs(draws.mean(axis=0) - exact.mean) / sds) < 0.1
    np.testing.assert_allclose(np.cov(draws.T), exact.covariance, atol=0.1 * sds[0] ** 2)


def test_temperatures_rise_to_one_and_particles_move():
    run = sample_line(0, kept=0.5)
    assert np.all(np.diff(run.temperatures) > 0)
    assert float(run.temperatures[-1]) == 1
    assert float(jnp.min(run.acceptances)) > 0.1
    assert len(sample_line(0, kept=0.9).temperatures) > len(run.temperatures)
    assert len(np.unique(run.draws[:, 0])) > 3500


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alpha", "log_evidence", "share"), [(0.1, -11.288, 0.577), (0.05, -12.023, 0.587)]
)
def test_the_relu_network_has_its_modes_in_the_right_proportions(alpha, log_evidence, share):
    run = bayes.tempered_posterior(
        log_prior(alpha), relu_likelihood, prior(alpha, 4), jr.key(1), 20_000
    )
    assert float(run.log_evidence) == pytest.approx(log_evidence, abs=0.1)
    assert float(jnp.mean(run.draws[:, 0] > 0)) == pytest.approx(share, abs=0.03)
    if alpha == 0.1:
        f = jax.vmap(lambda w: bayes.relu_network(jnp.arange(-3.0, 4.0), w))(run.draws)
        truth = [-2.59, -1.84, -1.04, -0.22, 0.60, 1.84, 3.26]
        np.testing.assert_allclose(jnp.mean(f, axis=0), truth, atol=0.15)


def test_no_key_is_used_twice():
    with jax.debug_key_reuse(True):
        sample_line(0, moves=2)


def test_bad_input_is_named():
    with pytest.raises(ArgumentError, match="moves is 0"):
        sample_line(0, moves=0)
    with pytest.raises(ArgumentError, match=r"kept is 1\.0; expected between 0 and 1"):
        sample_line(0, kept=1.0)
    with pytest.raises(ArgumentError, match="temperature 1"):
        sample_line(0, most_steps=1)

    def run(likelihood, count=100):
        bayes.tempered_posterior(log_prior(1), likelihood, prior(1, 2), jr.key(0), count)

    with pytest.raises(ArgumentError, match="count is 1"):
        run(line_likelihood, 1)
    for bad in (-jnp.inf, jnp.nan):
        with pytest.raises(ArgumentError, match=r"largest log likelihood .* finite"):
            run(lambda w, bad=bad: bad * jnp.sum(w**2))
