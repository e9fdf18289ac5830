"""The labs of the small networks: their numbers against quadrature, SciPy and plain NumPy."""

import logging

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.optimize import minimize

from mazoezi import bayes, datasets
from mazoezi.practicals.bayesian import labs
from mazoezi.practicals.bayesian.labs._networks import RELU_STARTS

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

X, Y = (np.asarray(part, np.float64) for part in datasets.identity())
TRUTH = [-2.59, -1.84, -1.04, -0.22, 0.60, 1.84, 3.26]
"""The specification's posterior mean at -3, ..., 3, from 2e7 draws."""


@pytest.fixture(scope="module")
def two_weights():
    return labs.TwoWeightLab(*datasets.identity())


@pytest.fixture(scope="module")
def relu():
    return labs.ReluLab(*datasets.identity())


def exact_elbo(numbers):
    """The ELBO of N(mean, LLᵀ) for w1 w0 x, by the moments of a Gaussian."""
    mean, L = numbers[:2], np.array([[np.exp(numbers[3]), 0], [numbers[2], np.exp(numbers[4])]])
    v0, c, v1 = (L @ L.T)[[0, 0, 1], [0, 1, 1]]
    product = mean[0] * mean[1] + c
    square = (mean[0] ** 2 + v0) * (mean[1] ** 2 + v1) + 4 * mean[0] * mean[1] * c + 2 * c**2
    errors = Y @ Y - 2 * (X @ Y) * product + (X @ X) * square
    kl = (v0 + v1 + mean @ mean - 2 - 2 * (numbers[3] + numbers[4])) / 2
    return -errors / 2 - 3 * np.log(2 * np.pi) - kl


def best_elbo(near):
    return -minimize(lambda numbers: -exact_elbo(numbers), near, tol=1e-10).fun


AT_A_MODE = [1.0, 1.0, -0.2, -1.2, -1.6]
COLLAPSED = [0.0, 0.0, 0.5, -0.5, -1.1]


@pytest.mark.parametrize(
    ("start", "end", "near"),
    [
        ((2.0, 1.0), "positive", AT_A_MODE),
        ((-1.0, 2.5), "positive", AT_A_MODE),
        ((-0.5, -2.0), "negative", AT_A_MODE),
        ((1.0, -2.5), "negative", AT_A_MODE),
        ((1.5, -1.5), "collapsed", COLLAPSED),
    ],
)
def test_a_fit_ends_where_the_sum_of_the_weights_says_with_the_best_elbo_there(
    two_weights, start, end, near
):
    results = two_weights.set(w0=start[0], w1=start[1], sd=0.5).results
    assert results["end"] == end
    assert results["elbo"] == pytest.approx(best_elbo(np.array(near)), abs=0.1)
    np.testing.assert_allclose(results["snapshots"].mean[0], start)
    assert results["snapshots"].mean.shape == (21, 2)


def test_the_collapsed_fit_is_a_local_maximum_and_the_specifications():
    assert best_elbo(np.array(AT_A_MODE)) == pytest.approx(-9.0727, abs=2e-4)
    assert best_elbo(np.array(COLLAPSED)) == pytest.approx(-13.797, abs=1e-3)


def test_the_log_evidence_is_that_of_quadrature(two_weights):
    def joint(w1, w0):
        errors = Y - w1 * w0 * X
        return np.exp(-errors @ errors / 2 - (w0**2 + w1**2) / 2) / (2 * np.pi) ** 4

    evidence = dblquad(joint, -6, 6, -6, 6, epsabs=1e-10)[0]
    assert two_weights.log_evidence == pytest.approx(np.log(evidence), abs=1e-3)
    assert f"{np.log(evidence):.2f}" in two_weights.tell()


def test_predictions_are_asked_after_three_different_starts():
    lab = labs.TwoWeightLab(*datasets.identity())
    new = {"w0": 2.0, "w1": 2.0, "sd": 0.5}
    for w0 in (1.0, 1.0, -1.0):
        lab.set(w0=w0, w1=0.5)
        assert not lab.asks(new)
    lab.set(w0=0.0, w1=-1.0)
    assert lab.asks(new)
    assert not lab.asks({**new, "w0": 1.0, "w1": 0.5}), "a start that is known needs no prediction"
    assert lab.predict("positive", **new).right
    assert not lab.predict("collapsed", w0=1.0, w1=1.0).right


def test_a_move_compiles_nothing(two_weights, relu, caplog):
    two_weights.set(w0=0.3, w1=2.2, sd=1.0)
    relu.set(start="dead unit", second="nothing")
    with jax.log_compiles(), caplog.at_level(logging.WARNING, logger="jax"):
        two_weights.set(w0=-0.7, w1=1.2, sd=0.1)
        relu.set(start="straight line", second="nothing")
        assert not [line for line in caplog.messages if "Finished XLA compilation" in line]
        jax.jit(lambda x: jnp.sin(x) + 7)(jnp.ones(7))
    assert [line for line in caplog.messages if "Finished XLA compilation" in line], (
        "words as in JAX"
    )


def test_the_lab_knows_the_exact_posterior_of_the_relu_network(relu):
    mean, sd = relu.truth
    np.testing.assert_allclose(mean[::10], TRUTH, atol=0.1)
    np.testing.assert_allclose(sd[::10], [1.47, 0.70, 0.76, 1.25, 1.19, 0.57, 1.98], atol=0.1)


def test_starts_have_their_shapes_and_end_at_a_hinge(relu):
    ends = set()
    for shape, weights in RELU_STARTS.items():
        assert bayes.RELU_MODES[int(bayes.relu_mode(jnp.array(weights), jnp.asarray(X)))] == shape
        ends.add(relu.set(start=shape, second="nothing").results["end"])
    assert ends == {"flat then up", "up then flat"}


def test_two_fits_are_combined_by_their_share_and_come_closer(relu):
    up = relu.set(start="flat then up", second="nothing").results
    down = relu.set(start="up then flat", second="nothing").results
    both = relu.set(start="flat then up", second="up then flat", share=0.52).results
    mean = 0.52 * np.asarray(up["prediction"][0]) + 0.48 * np.asarray(down["prediction"][0])
    np.testing.assert_allclose(both["prediction"][0], mean, atol=1e-5)
    assert both["elbo"] == up["elbo"] and both["second_elbo"] == down["elbo"]
    rmse = np.sqrt(np.mean((mean[::10] - np.asarray(relu.truth[0])[::10]) ** 2))
    assert both["rmse"] == pytest.approx(rmse, rel=1e-4)
    assert both["rmse"] <= 0.25 < 0.5 <= min(up["rmse"], down["rmse"])
    assert len(both["prediction"][2]) == 20


def test_the_elbo_that_is_told_lies_below_the_log_evidence(relu):
    results = relu.set(start="flat then up", second="nothing").results
    assert -13.3 < results["elbo"] < -13.0, "the specification's is -13.20; the log evidence -11.29"
    assert f"{results['elbo']:.3f}" in relu.tell()


def test_both_labs_draw_and_tell(two_weights, relu):
    two_weights.set(w0=1.0, w1=1.0)
    assert "**positive**" in two_weights.tell()
    assert len(two_weights.draw().axes) == 1
    relu.set(start="flat then up", second="dead unit", share=0.5)
    assert "They count 0.50 and 0.50" in relu.tell()
    assert "dead unit" in relu.draw().axes[0].get_title()


def test_the_bilinear_loss_has_a_saddle_that_a_linear_models_loss_cannot_have():
    loss = jax.hessian(
        lambda w: bayes.network_loss(
            bayes.two_weight_network, w, jnp.asarray(X), jnp.asarray(Y), 1.0
        )
    )
    curvatures = np.linalg.eigvalsh(loss(jnp.zeros(2)))
    np.testing.assert_allclose(curvatures, [1 - X @ Y, 1 + X @ Y], rtol=1e-4)
    np.testing.assert_allclose(curvatures, [-19.63, 21.63], atol=0.01)
