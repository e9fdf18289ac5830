"""HMC: its integrator, its draws against closed forms and NumPyro-free oracles, and bad input."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from problems import IDENTITY_X, IDENTITY_Y, grid, two_weight_log_joint

from mazoezi import bayes
from mazoezi._errors import ArgumentError
from mazoezi.timing import count_compilations

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

MEAN = np.array([1.0, -2.0, 0.5])
FACTOR = np.array([[1.0, 0, 0], [0.8, 0.5, 0], [-1.0, 0.3, 2.0]])
COVARIANCE = FACTOR @ FACTOR.T


def gaussian(w):
    """An unnormalised correlated Gaussian."""
    offset = w - jnp.asarray(MEAN, w.dtype)
    return -offset @ jnp.asarray(np.linalg.inv(COVARIANCE), w.dtype) @ offset / 2


STARTS = jnp.array([[5.0, 5.0, 5.0], [-5.0, 0.0, 5.0], [0.0, 0.0, 0.0], [3.0, -9.0, 1.0]])


def z_scores(draws, truth):
    """Distance of the draws' mean from the truth, in Monte-Carlo standard errors."""
    error = jnp.std(draws, axis=(0, 1)) / jnp.sqrt(bayes.effective_sample_size(draws))
    return np.abs(np.asarray((jnp.mean(draws, axis=(0, 1)) - truth) / error))


def test_leapfrog_goes_back_where_it_came_from(float64):
    state, momentum = bayes.init_hmc(jnp.array([5.0, 5, 5]), gaussian), jnp.array([1.0, -1.0, 2.0])
    end, end_momentum = bayes.leapfrog(state, momentum, gaussian, 0.1, 25)
    back, back_momentum = bayes.leapfrog(end, -end_momentum, gaussian, 0.1, 25)
    assert np.linalg.norm(end.position - state.position) > 1
    np.testing.assert_allclose(back.position, state.position, atol=1e-10)
    np.testing.assert_allclose(back_momentum, -momentum, atol=1e-10)
    np.testing.assert_allclose(end.gradient, jax.grad(gaussian)(end.position))


def test_leapfrogs_energy_error_falls_as_the_square_of_the_step(float64):
    state, momentum = bayes.init_hmc(jnp.zeros(3), gaussian), jnp.array([1.0, -1.0, 2.0])

    def error(step_size, steps):
        end, end_momentum = bayes.leapfrog(state, momentum, gaussian, step_size, steps)
        start_energy = -state.log_density + jnp.sum(momentum**2) / 2
        return float(abs(-end.log_density + jnp.sum(end_momentum**2) / 2 - start_energy))

    assert error(0.05, 20) / error(0.025, 40) == pytest.approx(4, rel=0.1)


def test_leapfrog_preserves_volume(float64):
    def flow(phase):
        state, momentum = bayes.leapfrog(
            bayes.init_hmc(phase[:3], gaussian), phase[3:], gaussian, jnp.array([0.1, 0.2, 0.3]), 7
        )
        return jnp.concatenate([state.position, momentum])

    jacobian = jax.jacfwd(flow)(jnp.arange(6.0))
    assert float(jnp.linalg.det(jacobian)) == pytest.approx(1, abs=1e-9)


def test_draws_have_the_mean_and_covariance_of_a_gaussian():
    chains = bayes.sample_hmc(
        gaussian, STARTS, jr.key(0), draws=4000, step_size=0.4, leapfrog_steps=8, warmup=100
    )
    assert chains.draws.shape == (4, 4000, 3)
    assert chains.info.accepted.shape == (4, 4000)
    assert float(jnp.max(bayes.split_rhat(chains.draws))) < 1.01
    assert z_scores(chains.draws, MEAN).max() < 5
    products = (chains.draws - MEAN)[..., :, None] * (chains.draws - MEAN)[..., None, :]
    assert z_scores(products, COVARIANCE).max() < 5
    assert float(jnp.mean(chains.info.acceptance)) == pytest.approx(
        float(jnp.mean(chains.info.accepted)), abs=0.02
    )


def test_a_rough_step_is_put_right_by_the_metropolis_test():
    chains = bayes.sample_hmc(
        gaussian, STARTS, jr.key(1), draws=20_000, step_size=0.6, leapfrog_steps=3, warmup=100
    )
    assert 0.2 < float(jnp.mean(chains.info.accepted)) < 0.9
    squares = (chains.draws - MEAN) ** 2
    assert z_scores(squares, np.diag(COVARIANCE)).max() < 5


def test_a_step_size_for_each_coordinate_is_a_mass_matrix():
    scales = jnp.array([1e-2, 1.0, 1e2])

    def stretched(w):
        return -jnp.sum((w / scales) ** 2) / 2

    settings = {"draws": 4000, "leapfrog_steps": 8}
    key, starts = jr.key(2), jnp.ones((4, 3))
    chains = bayes.sample_hmc(stretched, starts * scales, key, step_size=0.3 * scales, **settings)
    plain = bayes.sample_hmc(lambda w: -jnp.sum(w**2) / 2, starts, key, step_size=0.3, **settings)
    np.testing.assert_allclose(chains.draws[:, :20] / scales, plain.draws[:, :20], atol=1e-3)
    assert z_scores(chains.draws**2, scales**2).max() < 5


def test_chains_in_both_modes_of_the_two_weight_network_hardly_cross():
    first, second, masses, _ = grid(two_weight_log_joint(1.0), 6)

    def log_joint(w):
        return bayes.network_log_joint(bayes.two_weight_network, w, IDENTITY_X, IDENTITY_Y, 1.0)

    starts = jnp.array([[1.0, 1.0], [1.2, 0.8], [-1.0, -1.0], [-0.8, -1.2]])
    chains = bayes.sample_hmc(
        log_joint, starts, jr.key(3), draws=4000, step_size=0.1, leapfrog_steps=10, warmup=200
    )
    assert float(bayes.split_rhat(chains.draws)[0]) > 1.1
    truth = np.sum(masses * np.abs(first + second) / 2)  # the same for both mirror images
    assert z_scores(jnp.abs(jnp.mean(chains.draws, axis=-1)), truth).max() < 5


def test_energies_are_those_of_the_kept_points():
    chains = bayes.sample_hmc(
        gaussian, STARTS, jr.key(4), draws=500, step_size=0.5, leapfrog_steps=5
    )
    potentials = -jax.vmap(jax.vmap(gaussian))(chains.draws)
    assert float(jnp.min(chains.info.energy - potentials)) >= -1e-4
    assert not bool(jnp.any(chains.info.divergent))
    assert float(jnp.min(bayes.energy_fraction(chains.info.energy))) > 0.3


def test_an_unstable_path_is_divergent_and_rejected():
    chains = bayes.sample_hmc(
        gaussian, STARTS, jr.key(5), draws=20, step_size=10.0, leapfrog_steps=20
    )
    assert bool(jnp.all(chains.info.divergent))
    np.testing.assert_array_equal(chains.draws, jnp.broadcast_to(STARTS[:, None], (4, 20, 3)))


def test_a_density_with_an_edge_is_sampled_within_it():
    def half_normal(w):
        return jnp.where(w[0] > 0, -(w[0] ** 2) / 2, -jnp.inf)

    chains = bayes.sample_hmc(
        half_normal, jnp.ones((4, 1)), jr.key(6), draws=10_000, step_size=0.5, leapfrog_steps=3
    )
    assert float(jnp.min(chains.draws)) > 0
    assert z_scores(chains.draws, np.sqrt(2 / np.pi)).max() < 5


def test_a_tuned_step_size_is_accepted_as_often_as_asked():
    def ball(w):
        return -jnp.sum(w**2) / 2

    starts = jr.normal(jr.key(7), (4, 20))
    for acceptance in (0.65, 0.9):
        step_size = bayes.tune_step_size(
            ball, starts, jr.key(8), leapfrog_steps=4, acceptance=acceptance, steps=1000
        )
        chains = bayes.sample_hmc(
            ball, starts, jr.key(9), draws=1000, step_size=step_size, leapfrog_steps=4
        )
        assert float(jnp.mean(chains.info.acceptance)) == pytest.approx(acceptance, abs=0.05)


def test_the_same_key_gives_the_same_draws_and_chains_have_their_own():
    def run(seed):
        return bayes.sample_hmc(
            gaussian,
            STARTS[:1].repeat(2, axis=0),
            jr.key(seed),
            draws=5,
            step_size=0.3,
            leapfrog_steps=4,
        ).draws

    np.testing.assert_array_equal(run(0), run(0))
    assert not np.allclose(run(0), run(1))
    assert not np.allclose(run(0)[0], run(0)[1])


def test_new_data_and_step_sizes_compile_nothing_new():
    def log_density(scale, w):
        return -jnp.sum((w / scale) ** 2) / 2

    def run(scale, step_size):
        bound = jax.tree_util.Partial(log_density, scale)
        return bayes.sample_hmc(
            bound, STARTS, jr.key(0), draws=3, step_size=step_size, leapfrog_steps=2
        )

    run(jnp.float32(1.0), 0.1)
    with count_compilations() as compilations:
        run(jnp.float32(2.0), 0.2)
    assert compilations.count == 0, compilations.names


def test_no_key_is_used_twice():
    with jax.debug_key_reuse(True):
        bayes.sample_hmc(
            gaussian, STARTS, jr.key(0), draws=3, step_size=0.1, leapfrog_steps=2, warmup=2
        )
        bayes.tune_step_size(gaussian, STARTS, jr.key(1), leapfrog_steps=2, steps=3)


def test_double_precision_stays_double(float64):
    starts = jnp.asarray(STARTS, jnp.float64)
    chains = bayes.sample_hmc(gaussian, starts, jr.key(0), draws=3, step_size=0.1, leapfrog_steps=2)
    assert chains.draws.dtype == jnp.float64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": 0}, "draws is 0"),
        ({"leapfrog_steps": 0}, "leapfrog_steps is 0"),
        ({"warmup": -1}, "warmup is -1"),
        ({"step_size": -0.1}, "step_size is -0.1; expected finite and above zero"),
        ({"step_size": float("nan")}, "step_size is nan"),
        ({"starts": STARTS.at[2, 1].set(jnp.nan)}, r"log_density\(starts\[2\]\) is nan"),
        ({"starts": STARTS[:0]}, "number of starts is 0"),
        ({"starts": jnp.float32(1)}, "one start per chain"),
        ({"log_density": lambda w: w}, r"shape of log_density\(start\) is \(3,\)"),
    ],
)
def test_bad_input_is_named(change, message):
    settings = {
        "log_density": gaussian,
        "starts": STARTS,
        "key": jr.key(0),
        "draws": 2,
        "step_size": 0.1,
        "leapfrog_steps": 2,
    }
    with pytest.raises(ArgumentError, match=message):
        bayes.sample_hmc(**settings | change)


def test_tuning_names_bad_input_too():
    with pytest.raises(ArgumentError, match=r"acceptance is 1\.5; expected between 0 and 1"):
        bayes.tune_step_size(gaussian, STARTS, jr.key(0), leapfrog_steps=2, acceptance=1.5)
    with pytest.raises(ArgumentError, match="finite: a chain cannot start elsewhere"):
        bayes.tune_step_size(gaussian, STARTS * jnp.inf, jr.key(0), leapfrog_steps=2)
