"""NUTS: closed forms, NumPyro models, separated modes and bad input."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import numpyro
import numpyro.distributions as dist
import pytest
import scipy.stats
from problems import (
    IDENTITY_X,
    IDENTITY_Y,
    OUTLIER_DESIGN,
    OUTLIER_Y,
    SEPARABLE_DESIGN,
    SEPARABLE_Y,
    linear_posterior,
)

from mazoezi import bayes
from mazoezi._errors import ArgumentError
from mazoezi.timing import count_compilations

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`


def line(X, y=None, alpha=3.0):
    """Bayesian linear regression, as a learner writes it in NumPyro."""
    prior = dist.Normal(0, 1 / jnp.sqrt(alpha)).expand([X.shape[1]]).to_event(1)
    w = numpyro.sample("w", prior)
    numpyro.sample("y", dist.Normal(X @ w, 1.0), obs=y)


def z_scores(draws, truth):
    error = jnp.std(draws, axis=(0, 1)) / jnp.sqrt(bayes.effective_sample_size(draws))
    return np.abs(np.asarray((jnp.mean(draws, axis=(0, 1)) - truth) / error))


def starts_of(seed, *shape):
    return 3 * jr.normal(jr.key(seed), (4, *shape))


def test_a_numpyro_line_has_the_closed_form_posterior():
    exact = linear_posterior(OUTLIER_DESIGN, OUTLIER_Y, 3.0)
    log_joint = bayes.model_log_density(line, OUTLIER_DESIGN, OUTLIER_Y, alpha=3.0)
    chains = bayes.nuts(log_joint, {"w": starts_of(0, 2)}, jr.key(1), warmup=500, draws=2000)
    draws = chains.draws["w"]
    assert draws.shape == (4, 2000, 2)
    assert float(jnp.max(bayes.split_rhat(draws))) < 1.01
    assert z_scores(draws, exact.mean).max() < 5
    products = (draws - exact.mean)[..., :, None] * (draws - exact.mean)[..., None, :]
    assert z_scores(products, exact.covariance).max() < 5


def test_a_models_log_density_is_normalised():
    log_joint = bayes.model_log_density(line, OUTLIER_DESIGN, OUTLIER_Y, alpha=3.0)
    for w in np.random.default_rng(0).normal(size=(5, 2)):
        likelihood = scipy.stats.norm.logpdf(OUTLIER_Y, OUTLIER_DESIGN @ w).sum()
        expected = likelihood + scipy.stats.norm.logpdf(w, scale=3**-0.5).sum()
        assert float(log_joint({"w": jnp.asarray(w)})) == pytest.approx(expected, rel=1e-5)


def test_sites_with_a_support_are_sampled_where_they_live():
    """The variance of noise: its posterior under an inverse gamma prior is an inverse gamma."""
    y = jnp.array([1.0, -2.0, 0.5, 3.0, -1.5, 0.2])

    def model(y):
        variance = numpyro.sample("variance", dist.InverseGamma(4.0, 3.0))
        numpyro.sample("y", dist.Normal(0, jnp.sqrt(variance)), obs=y)

    log_joint = bayes.model_log_density(model, y)
    chains = bayes.nuts(log_joint, {"variance": starts_of(1) / 3}, jr.key(2), draws=3000)
    variances = jax.vmap(jax.vmap(log_joint.constrain))(chains.draws)["variance"]
    exact = scipy.stats.invgamma(4 + 3, scale=3 + float(jnp.sum(y**2)) / 2)
    assert float(jnp.min(variances)) > 0
    assert z_scores(variances, exact.mean()).max() < 5
    assert z_scores(variances > exact.median(), 0.5).max() < 5


def logistic_log_joint(w):
    logits = SEPARABLE_DESIGN @ w
    likelihood = jnp.sum(SEPARABLE_Y * logits - jax.nn.softplus(logits))
    return likelihood - 0.75 * jnp.sum(w**2) / 2


def test_logistic_regression_equals_the_grid():
    chains = bayes.nuts(logistic_log_joint, starts_of(2, 2), jr.key(3), draws=4000)
    mean = np.array([0.3027, 1.6462])
    assert z_scores(chains.draws, mean).max() < 5
    assert z_scores((chains.draws - mean) ** 2, np.array([0.7355, 0.5279])).max() < 5


@pytest.mark.parametrize("dense_mass", [False, True])
def test_correlated_weights_of_any_scale_and_shape(dense_mass):
    def log_density(w):
        return -(w["a"] ** 2) / 2e4 - jnp.sum((w["b"] - w["a"] / 100) ** 2) * 50

    starts = {"a": starts_of(3), "b": starts_of(4, 2, 1)}
    chains = bayes.nuts(
        log_density, starts, jr.key(4), draws=4000, dense_mass=dense_mass, acceptance=0.9
    )
    assert chains.draws["b"].shape == (4, 4000, 2, 1)
    assert z_scores(chains.draws["a"] ** 2, 1e4).max() < 5
    assert z_scores(chains.draws["b"] ** 2, 1.01).max() < 5


def test_info_tells_the_cost_and_the_quality_of_each_draw():
    chains = bayes.nuts(logistic_log_joint, starts_of(5, 2), jr.key(5), draws=500, max_depth=3)
    info = chains.info
    assert info.steps.shape == info.acceptance.shape == info.energy.shape == (4, 500)
    assert info.step_size.shape == (4,)
    assert int(jnp.max(info.steps)) <= 2**3 - 1
    assert 0.6 < float(jnp.mean(info.acceptance)) <= 1
    assert not bool(jnp.any(info.divergent))
    assert float(jnp.min(bayes.energy_fraction(info.energy))) > 0.3
    potentials = -jax.vmap(jax.vmap(logistic_log_joint))(chains.draws)
    assert float(jnp.min(info.energy - potentials)) > -1e-4


@pytest.mark.slow
def test_two_starts_in_each_mode_of_the_relu_network_never_meet():
    """The specification's warning: no chain crosses, and R-hat says so."""

    def log_joint(w):
        return bayes.network_log_joint(bayes.relu_network, w, IDENTITY_X, IDENTITY_Y, 0.05)

    up, down = [1.0, 0.5, 1.0, -1.0], [-1.0, 0.5, -1.0, 2.0]
    starts = jnp.array([up, up, down, down])
    starts = starts + 0.1 * jr.normal(jr.key(6), starts.shape)
    chains = bayes.nuts(log_joint, starts, jr.key(7), warmup=1000, draws=2000)
    shares = jnp.mean(chains.draws[..., 0] > 0, axis=1)
    np.testing.assert_array_equal(shares, [1, 1, 0, 0])
    assert float(jnp.min(bayes.split_rhat(chains.draws)[jnp.array([0, 2, 3])])) > 1.3


def test_new_data_compile_nothing_new():
    def run(y):
        log_joint = bayes.model_log_density(line, jnp.asarray(OUTLIER_DESIGN), y, alpha=3.0)
        bayes.nuts(log_joint, {"w": starts_of(0, 2)}, jr.key(1), warmup=5, draws=5)

    run(jnp.asarray(OUTLIER_Y))
    with count_compilations() as compilations:
        run(jnp.asarray(-OUTLIER_Y))
    assert compilations.count <= 3, compilations.names  # the check of the model, not the sampler
    assert "_sample" not in compilations.names


def test_no_key_is_used_twice():
    with jax.debug_key_reuse(True):
        bayes.nuts(logistic_log_joint, starts_of(0, 2), jr.key(0), warmup=3, draws=3)


def test_double_precision_stays_double(float64):
    starts = jnp.zeros((2, 2), jnp.float64)
    chains = bayes.nuts(logistic_log_joint, starts, jr.key(0), warmup=5, draws=5)
    assert chains.draws.dtype == jnp.float64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": 0}, "draws is 0"),
        ({"warmup": 0}, "warmup is 0"),
        ({"max_depth": 0}, "max_depth is 0"),
        ({"acceptance": 1.0}, r"acceptance is 1\.0; expected between 0 and 1"),
        ({"starts": jnp.array([[0.0, 0.0], [0.0, jnp.nan]])}, r"log_density\(starts\[1\]\) is nan"),
        ({"starts": {"a": jnp.zeros(3), "b": jnp.zeros(2)}}, "same number of chains"),
    ],
)
def test_bad_input_is_named(change, message):
    settings = {"starts": jnp.zeros((2, 2)), "key": jr.key(0), "warmup": 2, "draws": 2}
    with pytest.raises(ArgumentError, match=message):
        bayes.nuts(logistic_log_joint, **settings | change)


def test_a_model_without_observations_or_unknowns_is_refused():
    with pytest.raises(ArgumentError, match=r"none of \['w', 'y'\].*obs="):
        bayes.model_log_density(line, OUTLIER_DESIGN)

    def constant(y):
        numpyro.sample("y", dist.Normal(0, 1), obs=y)

    with pytest.raises(ArgumentError, match="at least one to infer"):
        bayes.model_log_density(constant, jnp.zeros(3))
