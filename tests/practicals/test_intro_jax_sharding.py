"""A data-parallel gradient: equal to the whole batch's, with one sum across the devices."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from mazoezi.practicals.intro_jax.sharding import count_collectives

MESH = Mesh(np.array(jax.devices()[:8]), ("data",))
WHOLE, CUT = (NamedSharding(MESH, PartitionSpec(*axis)) for axis in ((), ("data",)))
PARAMS = {"b": jnp.float32(2.5), "w": jnp.float32(-3.5)}


def loss(params, x, y):
    return jnp.mean((params["b"] + params["w"] * x - y) ** 2) / 2


def by_hand(params, x, y):
    """The gradient on each device's share, then one mean over all devices."""

    def on_one_device(params, x, y):
        own = jax.tree.map(lambda leaf: jax.lax.pcast(leaf, "data", to="varying"), params)
        return jax.lax.pmean(jax.grad(loss)(own, x, y), "data")

    specs = (PartitionSpec(), PartitionSpec("data"), PartitionSpec("data"))
    mapped = jax.shard_map(on_one_device, mesh=MESH, in_specs=specs, out_specs=PartitionSpec())
    return mapped(params, x, y)


GRADIENTS = {
    "left to the compiler": jax.jit(
        jax.grad(loss), in_shardings=(WHOLE, CUT, CUT), out_shardings=WHOLE
    ),
    "said in shard_map": jax.jit(by_hand),
}


@pytest.fixture
def batch():
    x = jr.normal(jr.key(0), (64,))
    return x, jnp.sin(5 * x)


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS)
def test_the_gradient_is_that_of_the_whole_batch(gradient, batch):
    found, expected = gradient(PARAMS, *batch), jax.grad(loss)(PARAMS, *batch)
    for name in PARAMS:
        assert found[name] == pytest.approx(float(expected[name]), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("gradient", GRADIENTS.values(), ids=GRADIENTS)
def test_there_is_one_sum_across_devices(gradient, batch):
    assert count_collectives(gradient, PARAMS, *batch) == {"all-reduce": 1}


def test_what_stays_on_its_device_needs_no_collective():
    matrices = jax.device_put(jnp.ones((8, 5, 6)), CUT)
    product = jax.vmap(lambda matrix: matrix @ matrix.T)
    assert count_collectives(product, matrices) == {}


def test_other_collectives_are_counted_by_kind():
    gathered = jax.jit(lambda x: 2 * x, in_shardings=CUT, out_shardings=WHOLE)
    assert count_collectives(gathered, jnp.ones(16)) == {"all-gather": 1}
