"""What the practical says of its simulation studies holds, for other keys too."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest

from mazoezi.practicals.bayesian import studies

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [0, 1])
def test_many_precisions_find_evidence_in_noise_and_lose_on_new_data(seed):
    gains = studies.evidence_on_noise(jr.key(seed), runs=20)
    (one_gain, one_score), (gain, score) = gains["one precision"], gains["40 precisions"]
    assert np.mean(one_gain) < 1 and abs(np.mean(one_score)) < 1
    # Over 20 runs their standard errors are 0.5 and 0.8.
    assert np.mean(gain) > 1 and np.mean(score) < -1


def test_a_linearised_network_predicts_better_than_drawn_weights():
    def linearised(network, mode, covariance, x):
        J = jax.jacobian(lambda w: network(x, w))(mode)
        return network(x, mode), jnp.sqrt(jnp.sum((J @ covariance) * J, axis=1))

    starts = jnp.array([[1.0, 0.5, 1.0, -1.0], [-1.0, 0.5, -1.0, 2.0], [1.0, 4.0, 1.0, -4.0]])
    scores = studies.laplace_in_many_worlds(linearised, starts, jr.key(1), worlds=200)
    names = {"Laplace, weights drawn", "Laplace, linearised", "last layer, linearised", "mode only"}
    assert set(scores) == names
    assert all(np.all(np.isfinite(each)) for each in scores.values())
    worse = scores["Laplace, weights drawn"] < scores["Laplace, linearised"]
    assert np.mean(worse) > 0.75
