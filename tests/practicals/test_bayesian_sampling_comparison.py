"""The close of the practical: what it says of each method, against the specification's truth."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest

from mazoezi import datasets
from mazoezi.practicals.bayesian import comparison

pytestmark = pytest.mark.slow  # every method, several times

RUNS = 4
# By importance sampling in double precision, 2e7 draws, apart from this library.
MEAN = [-2.59, -1.84, -1.04, -0.22, 0.60, 1.84, 3.26]
SD = [1.47, 0.70, 0.76, 1.25, 1.19, 0.57, 1.98]


@pytest.fixture(scope="module")
def problem():
    return comparison.Problem(*datasets.identity(), alpha=0.1, new=jnp.linspace(-3.0, 3.0, 7))


@pytest.fixture(scope="module")
def found(problem):
    return comparison.every_method(problem, jr.key(0), RUNS)


def errors(found, name, exact, part="mean"):
    return comparison.rmse(getattr(found[name], part), jnp.array(exact))


def test_the_truth_is_the_truth(problem):
    truth = comparison.truth(problem, jr.key(1))
    np.testing.assert_allclose(truth.mean, MEAN, atol=0.06)
    np.testing.assert_allclose(truth.sd, SD, atol=0.06)
    assert float(truth.log_evidence) == pytest.approx(-11.288, abs=0.04)


def test_every_method_says_a_mean_and_a_deviation_for_each_run(found):
    assert len(found) == 10
    for name, one in found.items():
        assert one.mean.shape == one.sd.shape == (RUNS, 7), name
        assert np.all(np.isfinite(one.mean)) and np.all(np.asarray(one.sd) >= 0), name
        assert one.evaluations > 0, name


@pytest.mark.parametrize("name", ["importance sampling", "tempered particles"])
def test_methods_that_begin_with_the_prior_find_mean_and_deviation(found, name):
    # Some 2400 effective draws: standard errors of the worst point, with sd 2, are 0.04.
    assert errors(found, name, MEAN).max() < 0.15
    assert errors(found, name, SD, "sd").max() < 0.15


def test_two_gaussians_come_closer_than_one_mode_ever_does(found):
    assert errors(found, "variational, two Gaussians", MEAN).max() < 0.25  # as specified
    of_ten = errors(found, "ten of them, by evidence", MEAN)
    for name in ("one optimum", "linearised Laplace", "variational, one Gaussian"):
        assert np.median(of_ten) < np.median(errors(found, name, MEAN))
        assert np.median(errors(found, name, MEAN)) > 0.3


def test_an_optimum_has_no_error_bar_and_a_linearised_one_has_some(found):
    assert np.all(np.asarray(found["one optimum"].sd) < 1e-6)
    assert np.all(np.asarray(found["linearised Laplace"].sd) > 0.1)
    np.testing.assert_allclose(
        found["linearised Laplace"].mean, found["one optimum"].mean, atol=1e-4
    )


def test_the_costs_are_those_of_the_loops(found):
    cost = {name: one.evaluations for name, one in found.items()}
    assert cost["deep ensemble of 10"] == 10 * cost["one optimum"] == 20_000
    assert cost["variational, two Gaussians"] == 2 * cost["variational, one Gaussian"] == 600_000
    assert cost["NUTS, four chains"] == 4 * cost["NUTS, one chain"]
    assert (
        5_000 < cost["NUTS, one chain"] < 1_023_000
    )  # draws and warm-up, paths of 5 to 1023 steps


def test_rmse_is_over_the_points_of_each_run():
    assert comparison.rmse(jnp.array([[3.0, 4.0], [0.0, 0.0]]), jnp.zeros(2)).tolist() == [
        pytest.approx(np.sqrt(12.5)),
        0,
    ]
