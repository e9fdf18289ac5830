"""The two small networks: their loss, their density, their modes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from problems import IDENTITY_X, IDENTITY_Y

from mazoezi import bayes
from mazoezi._errors import ArgumentError

X, Y = jnp.asarray(IDENTITY_X), jnp.asarray(IDENTITY_Y)


def loss(w, alpha=1.0):
    return bayes.network_loss(bayes.two_weight_network, w, X, Y, alpha)


def test_networks_are_their_formulas():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 5))
    for w in rng.normal(size=(4, 4)):
        expected = w[2] * np.maximum(w[0] * x + w[1], 0) + w[3]
        network = bayes.relu_network(jnp.asarray(x), jnp.asarray(w))
        np.testing.assert_allclose(network, expected, rtol=1e-5, atol=1e-6)
        network = bayes.two_weight_network(jnp.asarray(x), jnp.asarray(w[:2]))
        np.testing.assert_allclose(network, w[0] * w[1] * x, rtol=1e-5)


@pytest.mark.parametrize("alpha", [0.1, np.array([0.1, 1.0, 2.0, 5.0])])
def test_the_log_joint_is_normalised_in_data_and_weights(alpha):
    for w in np.random.default_rng(1).normal(size=(5, 4)):
        outputs = w[2] * np.maximum(w[0] * IDENTITY_X + w[1], 0) + w[3]
        likelihood = scipy.stats.norm.logpdf(IDENTITY_Y, outputs).sum()
        prior = scipy.stats.norm.logpdf(w, scale=np.sqrt(1 / np.broadcast_to(alpha, 4))).sum()
        arguments = bayes.relu_network, jnp.asarray(w), X, Y
        log_joint = bayes.network_log_joint(*arguments, jnp.asarray(alpha))
        log_likelihood = bayes.network_log_likelihood(*arguments)
        assert float(log_joint) == pytest.approx(likelihood + prior, rel=1e-5)
        assert float(log_likelihood) == pytest.approx(likelihood, rel=1e-5)


def test_the_loss_is_minus_the_log_joint_up_to_a_constant():
    points = jnp.asarray(np.random.default_rng(2).normal(size=(6, 2)))
    joints = jax.vmap(lambda w: bayes.network_log_joint(bayes.two_weight_network, w, X, Y, 1.0))(
        points
    )
    sums = jax.vmap(loss)(points) + joints
    np.testing.assert_allclose(sums, sums[0], rtol=1e-5)


def test_the_two_modes_are_where_the_specification_has_them(float64):
    modes = bayes.two_weight_modes(jnp.asarray(IDENTITY_X), jnp.asarray(IDENTITY_Y), 1.0)
    np.testing.assert_allclose(modes, [[0.97499] * 2, [-0.97499] * 2], atol=1e-5)
    assert float(loss(modes[0])) == pytest.approx(0.98481, abs=1e-5)
    assert float(loss(jnp.zeros(2))) == pytest.approx(10.315, abs=1e-3)
    curvatures = np.linalg.eigvalsh(jax.hessian(loss)(jnp.zeros(2)))
    np.testing.assert_allclose(curvatures, [-19.63, 21.63], atol=0.01)


@given(st.integers(0, 100), st.floats(0.1, 5), st.sampled_from([-1.5, 0.0, 1.5]))
def test_modes_are_minima_for_any_data(seed, alpha, slope):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=8)
    y = jnp.asarray(slope * x + rng.normal(size=8) / 3)

    def data_loss(w):
        return bayes.network_loss(bayes.two_weight_network, w, jnp.asarray(x), y, alpha)

    for mode in bayes.two_weight_modes(jnp.asarray(x), y, alpha):
        np.testing.assert_allclose(jax.grad(data_loss)(mode), 0, atol=1e-4)
        assert np.linalg.eigvalsh(jax.hessian(data_loss)(mode)).min() > -1e-3


def test_weights_are_labelled_by_the_mode_that_they_are_near():
    w = jnp.array([[1.0, 1.0], [-1.0, -0.8], [0.1, 0.2], [2.0, -2.0]])
    assert [bayes.TWO_WEIGHT_MODES[i] for i in bayes.two_weight_mode(w)] == [
        "positive",
        "negative",
        "collapsed",
        "collapsed",
    ]
    assert bayes.two_weight_mode(w[:3], 0.0).tolist() == [0, 1, 0]
    assert bayes.two_weight_mode(w[0]).shape == ()


def test_shapes_of_the_relu_network_are_told_apart():
    w = jnp.array(
        [[1.0, 0.0, 1.0, 0.0], [-1.0, 0.0, -1.0, 2.0], [1.0, 9.0, 1.0, -9.0], [-1.0, -9.0, 1, 0]]
    )
    assert [bayes.RELU_MODES[i] for i in bayes.relu_mode(w, X)] == list(bayes.RELU_MODES)
    assert bayes.active_points(w, X).tolist() == [3, 3, 6, 0]
    assert bayes.relu_mode(w.reshape(2, 2, 4), X).shape == (2, 2)


def test_modes_need_inputs():
    with pytest.raises(ArgumentError, match="number of inputs is 0"):
        bayes.relu_mode(jnp.zeros(4), jnp.zeros(0))
