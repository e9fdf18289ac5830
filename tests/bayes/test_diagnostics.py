"""Diagnostics against NumPyro's, and against chains whose behaviour is known."""

from typing import Any

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import numpyro.diagnostics
import pytest

from mazoezi import bayes
from mazoezi._errors import ArgumentError


def wandering(seed, chains=4, draws=501, persistence=0.9, width=3) -> Any:
    """Autoregressive chains of known autocorrelation: persistence^lag."""
    noise = np.random.default_rng(seed).normal(size=(draws, chains, width))
    rows = [noise[0]]
    for row in noise[1:]:
        rows.append(persistence * rows[-1] + np.sqrt(1 - persistence**2) * row)
    return np.stack(rows, axis=1)


MANY_CHAINS = {
    "slow": wandering(0),
    "a single one": wandering(1, chains=1, draws=200, persistence=0.5),
    "antithetic and short": wandering(2, draws=10, persistence=-0.5),
    "in disagreement": wandering(3) + np.arange(4)[:, None, None],
    "of any scale and offset": wandering(4) * np.array([1e-3, 1, 1e3]) + 100,
}


@pytest.mark.parametrize("kind", MANY_CHAINS)
def test_rhat_and_ess_equal_numpyros(kind, float64):
    draws = MANY_CHAINS[kind]
    np.testing.assert_allclose(
        bayes.split_rhat(draws), numpyro.diagnostics.split_gelman_rubin(draws), rtol=1e-6
    )
    np.testing.assert_allclose(
        bayes.effective_sample_size(draws),
        numpyro.diagnostics.effective_sample_size(draws),
        rtol=1e-6,
    )


def test_single_precision_is_enough_for_the_diagnostics():
    draws = wandering(3).astype(np.float32)
    double = draws.astype(np.float64)
    rhat = numpyro.diagnostics.split_gelman_rubin(double)
    ess = numpyro.diagnostics.effective_sample_size(double)
    np.testing.assert_allclose(bayes.split_rhat(draws), rhat, rtol=1e-3)
    np.testing.assert_allclose(bayes.effective_sample_size(draws), ess, rtol=1e-3)


def test_ess_of_autoregressive_chains_is_the_known_one():
    draws = wandering(4, chains=20, draws=4000, persistence=0.8, width=5)
    expected = 20 * 4000 * (1 - 0.8) / (1 + 0.8)
    np.testing.assert_allclose(bayes.effective_sample_size(draws), expected, rtol=0.15)


def test_independent_draws_have_an_rhat_of_one_and_shifted_chains_do_not():
    draws = jr.normal(jr.key(5), (4, 2000))
    assert abs(float(bayes.split_rhat(draws)) - 1) < 0.01
    assert abs(float(bayes.rank_rhat(draws)) - 1) < 0.01
    shifted = draws + jnp.array([0, 0, 0, 1.0])[:, None]
    assert float(bayes.split_rhat(shifted)) > 1.1
    assert float(bayes.rank_rhat(shifted)) > 1.1


def test_halves_reveal_a_drift_that_whole_chains_hide():
    draws = jr.normal(jr.key(6), (4, 1000)) + jnp.linspace(-2, 2, 1000)
    assert numpyro.diagnostics.gelman_rubin(np.asarray(draws)) < 1.01
    assert float(bayes.split_rhat(draws)) > 1.3


def test_ranks_reveal_chains_that_differ_in_scale_only():
    draws = jr.normal(jr.key(7), (4, 2000)) * jnp.array([1, 1, 1, 4.0])[:, None]
    assert float(bayes.split_rhat(draws)) < 1.01
    assert float(bayes.rank_rhat(draws)) > 1.1


def test_ranks_compare_draws_without_a_variance():
    draws = jr.cauchy(jr.key(8), (4, 2000))
    assert abs(float(bayes.rank_rhat(draws)) - 1) < 0.01


def test_rank_histograms_are_flat_for_equal_chains_and_not_for_others():
    draws = jr.normal(jr.key(9), (4, 5000))
    counts = np.asarray(bayes.rank_histogram(draws, bins=10))
    assert counts.sum() == 4 * 5000
    np.testing.assert_array_equal(counts.sum(axis=0), 2000)  # each bin holds a tenth of the ranks
    assert np.abs(counts - 500).max() < 5 * np.sqrt(500)
    shifted = bayes.rank_histogram(draws + jnp.array([0, 0, 0, 10.0])[:, None], bins=4)
    np.testing.assert_array_equal(shifted[3], [0, 0, 0, 5000])


def test_mode_shares_count_each_chain_alone():
    labels = jnp.array([[0, 2, 2, 2], [1, 1, 1, 1]])
    np.testing.assert_allclose(bayes.mode_shares(labels, 4), [[0.25, 0, 0.75, 0], [0, 1, 0, 0]])


def test_energy_fraction_is_two_for_independent_energies_and_small_for_slow_ones():
    independent = bayes.energy_fraction(jr.normal(jr.key(10), (3, 20_000)))
    np.testing.assert_allclose(independent, 2, atol=0.1)
    slow = wandering(11, chains=3, draws=20_000, persistence=0.98, width=1)[..., 0]
    np.testing.assert_allclose(bayes.energy_fraction(slow), 2 * (1 - 0.98), rtol=0.3)


@pytest.mark.parametrize(
    "diagnose", [bayes.split_rhat, bayes.rank_rhat, bayes.effective_sample_size]
)
def test_chains_that_are_too_short_are_refused(diagnose):
    with pytest.raises(ArgumentError, match=r"shape of draws is \(4, 1\); .* at least 4 draws"):
        diagnose(jnp.zeros((4, 1)))
    with pytest.raises(ArgumentError, match=r"shape of draws is \(100,\); .* \(chains, draws"):
        diagnose(jnp.zeros(100))
    with pytest.raises(ArgumentError, match="at least one chain"):
        diagnose(jnp.zeros((0, 100)))


def test_other_diagnostics_name_what_they_need():
    with pytest.raises(ArgumentError, match="at least 2 draws"):
        bayes.energy_fraction(jnp.zeros((4, 1)))
    with pytest.raises(ArgumentError, match="one quantity"):
        bayes.rank_histogram(jnp.zeros((4, 10, 2)))
    with pytest.raises(ArgumentError, match="modes is 0"):
        bayes.mode_shares(jnp.zeros((4, 10), int), 0)
    with pytest.raises(ArgumentError, match="shape of labels"):
        bayes.mode_shares(jnp.zeros(10, int), 2)


def test_chains_that_never_move_have_no_rhat():
    assert np.isnan(bayes.split_rhat(jnp.ones((2, 10))))
