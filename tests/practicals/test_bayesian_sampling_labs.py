"""The lab of Hamiltonian Monte Carlo: what it measures agrees with the posterior and with itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi import bayes, datasets
from mazoezi._errors import MazoeziError
from mazoezi.practicals.bayesian.exercises._chains import GOOD
from mazoezi.practicals.bayesian.labs import HMCLab
from mazoezi.practicals.bayesian.labs._sampling import DRAWS, KICK, START
from mazoezi.timing import count_compilations

pytestmark = pytest.mark.slow  # compiles a sampler


@pytest.fixture(scope="module")
def lab():
    return HMCLab(*datasets.identity())


def loss(w):
    x, y = datasets.identity()
    return float(jnp.sum((y - w[0] * w[1] * x) ** 2) / 2 + jnp.sum(w**2) / 2)


def test_a_well_tuned_setting_finds_the_moments_of_the_grid(lab):
    draws = lab.set(step_size=0.12, steps=12).results["draws"]
    grid = bayes.grid_posterior(lambda w: -loss_traced(w), [(-4, 4), (-4, 4)], 400)
    for statistic in (lambda w: w[0] * w[1], lambda w: jnp.abs(w[0])):
        exact = float(grid.expectation(statistic))
        found = jax.vmap(jax.vmap(statistic))(jnp.asarray(draws))
        error = float(jnp.std(found) / jnp.sqrt(bayes.effective_sample_size(found)))
        assert abs(float(jnp.mean(found)) - exact) < 5 * error


def loss_traced(w):
    x, y = datasets.identity()
    return jnp.sum((y - w[0] * w[1] * x) ** 2) / 2 + jnp.sum(w**2) / 2


def test_the_path_is_that_of_a_leapfrog_written_in_numpy(lab):
    results = lab.set(step_size=0.1, steps=7).results
    w, momentum = np.array(START, float), np.array(KICK, float)
    x, y = (np.asarray(one, float) for one in datasets.identity())

    def force(w):
        slope = np.sum((y - w[0] * w[1] * x) * x)
        return slope * w[::-1] - w

    places = [w]
    for _ in range(7):
        momentum = momentum + 0.05 * force(w)
        w = w + 0.1 * momentum
        momentum = momentum + 0.05 * force(w)
        places.append(w)
    np.testing.assert_allclose(results["path"], places, atol=1e-4)
    first, last = results["energy"][0], results["energy"][-1]
    assert first == pytest.approx(loss(START) + float(KICK @ KICK) / 2, abs=1e-4)
    assert last == pytest.approx(loss(jnp.asarray(w)) + momentum @ momentum / 2, abs=1e-3)


def test_acceptance_falls_with_the_length_of_a_step(lab):
    accepted = [lab.set(step_size=size, steps=5).results["acceptance"] for size in (0.02, 0.2, 0.9)]
    assert accepted[0] > 0.99 > accepted[1] > accepted[2]
    assert accepted[2] < 0.05


def test_efficiency_counts_effective_draws_for_a_thousand_gradients(lab):
    results = lab.set(step_size=0.15, steps=10).results
    effective = float(bayes.effective_sample_size(jnp.abs(jnp.asarray(results["draws"])[..., 0])))
    assert results["draws"].shape == (8, DRAWS, 2)
    assert results["efficiency"] == pytest.approx(1000 * effective / (8 * DRAWS * 10), rel=1e-3)
    assert results["efficiency"] > GOOD
    assert lab.set(step_size=0.02, steps=2).results["efficiency"] < 10


def test_the_chains_do_not_mix_between_the_modes_and_rhat_says_so(lab):
    for setting in ({"step_size": 0.02, "steps": 2}, {"step_size": 0.12, "steps": 12}):
        results = lab.set(**setting).results
        assert results["crossings"] < 20
        assert results["rhat"] > 1.3


def test_it_tells_what_it_measured(lab):
    results = lab.set(step_size=0.1, steps=15).results
    told = lab.tell()
    assert f"{results['acceptance']:.0%}" in told and f"{results['efficiency']:.1f}" in told
    assert "each for 15 gradients" in told and f"{results['rhat']:.2f}" in told
    assert f"{results['crossings'] or 'No'} crossing" in told
    lab.set(step_size=1.0, steps=40)
    assert "nan" not in lab.tell() and "stand still" in lab.tell()


def test_another_setting_compiles_nothing(lab):
    lab.set(step_size=0.3, steps=4)
    with count_compilations() as compilations:
        lab.set(step_size=0.05, steps=33)
    assert compilations.count == 0, compilations.names


def test_settings_that_do_not_exist_are_refused(lab):
    for wrong in ({"steps": 0}, {"steps": 2.5}, {"step_size": 3.0}):
        with pytest.raises(MazoeziError):
            lab.set(**wrong)


def test_the_figure_shows_one_path_its_energy_and_eight_traces(lab):
    lab.set(step_size=0.1, steps=9)
    landscape, energy, traces = lab.draw().axes
    (path,) = (line for line in landscape.lines if line.get_label() == "leapfrog steps")
    assert len(path.get_xdata()) == 10
    (gained,) = (line for line in energy.lines if line.get_label() == "energy gained")
    assert gained.get_ydata()[0] == 0 and len(gained.get_ydata()) == 10
    assert len(traces.lines) == 8
    longest = lab.set(step_size=0.05, steps=40).results
    assert len(longest["path"]) == len(longest["energy"]) == 41
