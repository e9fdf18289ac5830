"""Parallel tempering against a closed form, and where one chain would not leave its mode."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from problems import IDENTITY_X, IDENTITY_Y, linear_posterior

from mazoezi import bayes
from mazoezi._errors import ArgumentError

LADDER = jnp.concatenate([jnp.zeros(1), jnp.geomspace(0.01, 1.0, 7).at[-1].set(1.0)])


def run(log_prior, log_likelihood, size, key, **settings):
    starts = jr.normal(jr.key(7), (len(LADDER), size))
    settings = {"draws": 200, "step_sizes": 0.1, "leapfrog_steps": 5, **settings}
    temperatures = settings.pop("temperatures", LADDER)
    starts = settings.pop("starts", starts)
    return bayes.parallel_tempering(
        log_prior, log_likelihood, starts, temperatures, key, **settings
    )


@pytest.mark.slow
def test_a_line_has_its_closed_form():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(8, 2)) @ np.array([[1.0, 0.6], [0.0, 0.8]]), rng.normal(size=8)
    exact = linear_posterior(X, y, 2.0)

    def log_likelihood(w):
        return bayes.log_score(jnp.asarray(y), jnp.asarray(X) @ w, jnp.ones(8)).sum()

    found = run(
        lambda w: bayes.log_prior(w, 2.0), log_likelihood, 2, jr.key(0),
        draws=20_000, warmup=200, step_sizes=0.25,
    )  # fmt: skip
    chain = found.draws[None]  # [1, draws, weights]
    error = jnp.std(found.draws, axis=0) / jnp.sqrt(bayes.effective_sample_size(chain))
    assert np.all(np.abs(np.mean(found.draws, axis=0) - exact.mean) < 5 * error)
    np.testing.assert_allclose(np.cov(found.draws.T), exact.covariance, atol=0.02)
    assert float(found.log_evidence) == pytest.approx(exact.log_evidence, abs=0.05)
    assert np.all(found.acceptances > 0.8) and np.all(found.exchanges > 0.5)
    assert found.exchanges.shape == (len(LADDER) - 1,)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_both_modes_are_visited_in_proportion_from_starts_in_one(seed):
    x, y = jnp.asarray(IDENTITY_X), jnp.asarray(IDENTITY_Y)
    found = run(
        lambda w: bayes.log_prior(w, 1.0),
        lambda w: bayes.network_log_likelihood(bayes.two_weight_network, w, x, y),
        2, jr.key(seed), starts=jnp.full((len(LADDER), 2), 0.975),
        draws=20_000, warmup=200, step_sizes=jnp.minimum(0.12 / jnp.sqrt(LADDER), 0.5),
    )  # fmt: skip
    positive = np.asarray(found.draws.sum(axis=1) > 0)
    crossings = np.sum(positive[1:] != positive[:-1])
    assert crossings > 200  # a single chain crosses once in thousands of draws
    assert abs(positive.mean() - 0.5) < 5 * 0.5 / np.sqrt(crossings)
    assert float(found.log_evidence) == pytest.approx(-8.0645, abs=0.1)


def test_a_key_decides_the_draws():
    one, same, other = (
        run(lambda w: -w @ w / 2, lambda w: -jnp.sum((w - 1) ** 2), 1, jr.key(seed)).draws
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"temperatures": LADDER[1:]}, "number of temperatures"),
        ({"temperatures": LADDER[::-1]}, "rising from 0 to 1"),
        ({"temperatures": LADDER * 0.9}, "rising from 0 to 1"),
        ({"draws": 0}, "draws"),
        ({"leapfrog_steps": 0}, "leapfrog_steps"),
        ({"warmup": -1}, "warmup"),
        ({"step_sizes": 0.0}, "step_sizes"),
        ({"starts": jnp.full((len(LADDER), 1), jnp.nan)}, "start"),
    ],
)
def test_bad_settings_are_refused(settings, told):
    with pytest.raises(ArgumentError, match=told):
        run(lambda w: -w @ w / 2, lambda w: -jnp.sum(w**2), 1, jr.key(0), **settings)
