"""What the section on networks says of families of q and of random starts, with other seeds and tools."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import numpyro
import optax
import pytest
from numpyro import distributions as dist
from numpyro.infer import SVI, Trace_ELBO, autoguide, init_to_value

from mazoezi import bayes, datasets

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X, Y = datasets.identity()
LOG_EVIDENCE = -8.0646
NEAR_A_MODE = init_to_value(values={"w": jnp.ones(2)})


def two_weight_model(x, y):
    w = numpyro.sample("w", dist.Normal(0.0, 1.0).expand([2]).to_event(1))
    numpyro.sample("y", dist.Normal(bayes.two_weight_network(x, jnp.asarray(w)), 1.0), obs=y)


def gap_of(guide, seed):
    """Log evidence minus the ELBO that NumPyro's guide reaches."""
    svi = SVI(two_weight_model, guide, optax.adam(5e-3), Trace_ELBO(50))
    fit = svi.run(jr.key(seed), 3000, X, Y, progress_bar=False)
    return LOG_EVIDENCE + float(np.mean(np.asarray(fit.losses)[-1000:]))


def test_mean_field_misses_more_than_low_rank_which_is_as_good_as_a_full_covariance():
    mean_field = autoguide.AutoDiagonalNormal(two_weight_model, init_loc_fn=NEAR_A_MODE)
    low_rank = autoguide.AutoLowRankMultivariateNormal(
        two_weight_model, rank=1, init_loc_fn=NEAR_A_MODE
    )
    assert gap_of(mean_field, 0) == pytest.approx(1.46, abs=0.05)
    assert gap_of(low_rank, 0) == pytest.approx(1.01, abs=0.05)


@pytest.mark.parametrize("seed", [11, 12])
def test_a_flow_fits_the_shape_of_one_hill_and_still_misses_log_2(seed):
    guide = autoguide.AutoIAFNormal(two_weight_model, num_flows=2, hidden_dims=[16])
    assert np.log(2) - 0.02 < gap_of(guide, seed) < 1.0


def log_joint(w):
    return bayes.network_log_joint(bayes.two_weight_network, w, X, Y, 1.0)


def test_two_mirrored_gaussians_gain_log_2():
    mean, covariance = jnp.full(2, 0.999), jnp.array([[0.096, -0.0717], [-0.0717, 0.096]])
    pair = jax.vmap(bayes.gaussian_from_covariance, (0, None))(jnp.stack([mean, -mean]), covariance)
    value = bayes.mixture_elbo(
        bayes.mixture_of(pair, jnp.full(2, 0.5)), jr.key(0), log_joint, 40_000
    )
    gap = LOG_EVIDENCE - float(value)
    assert gap <= 0.35
    assert gap + np.log(2) == pytest.approx(1.008, abs=0.03)


def test_wide_starts_near_zero_collapse_and_narrow_ones_reach_a_mode():
    def elbo(q, key):
        def log_likelihood(w):
            return bayes.network_log_likelihood(bayes.two_weight_network, w, X, Y)

        return bayes.elbo(q, key, log_likelihood, 1.0, 100)

    @jax.jit
    def ends(means, sd, keys):
        def fit(mean, key):
            return bayes.fit_variational(elbo, bayes.gaussian_at(mean, sd), key, steps=2000).q

        return bayes.two_weight_mode(jax.vmap(fit)(means, keys).mean)

    means, keys = 0.1 * jr.normal(jr.key(21), (30, 2)), jr.split(jr.key(22), 30)
    assert np.all(ends(means, 1.0, keys) == 2), "collapsed"
    assert np.mean(ends(means, 0.1, keys) == 2) < 0.2
