"""One batch over eight emulated devices gives what one device gives."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax
import pytest

from mazoezi._errors import ArgumentError
from mazoezi.regression import mean_squared_error
from mazoezi.timing import count_compilations
from mazoezi.training import (
    data_mesh,
    init_state,
    make_step,
    repeated,
    replicate,
    shard_batch,
    shuffled,
    train,
)

X = jr.normal(jr.key(0), (64, 5))
Y = jnp.sin(X.sum(axis=1))
OPTIMISER = optax.adam(0.05)


def loss(params, batch):
    x, y = batch
    return mean_squared_error(jnp.tanh(x @ params["a"]) @ params["b"], y)


STEP = make_step(loss, OPTIMISER)


def start():
    keys = jr.split(jr.key(1))
    params = {"a": jr.normal(keys[0], (5, 6)), "b": jr.normal(keys[1], (6,))}
    return init_state(params, OPTIMISER)


@pytest.fixture(scope="module")
def mesh():
    assert len(jax.devices()) == 8
    return data_mesh()


def assert_close(one, two):
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_a_sharded_batch_lies_in_equal_shares_on_all_devices(mesh):
    x, y = shard_batch((X, Y), mesh)
    assert {shard.data.shape for shard in x.addressable_shards} == {(8, 5)}
    assert len({shard.device for shard in y.addressable_shards}) == 8
    np.testing.assert_array_equal(x, X)


def test_a_replicated_tree_is_whole_on_every_device(mesh):
    params = replicate(start().params, mesh)
    assert {shard.data.shape for shard in params["a"].addressable_shards} == {(5, 6)}
    assert len(params["a"].addressable_shards) == 8


@pytest.mark.parametrize("leaf", [jnp.zeros(12), jnp.zeros(())])
def test_shares_that_cannot_be_equal_are_refused(mesh, leaf):
    with pytest.raises(ArgumentError, match="8 devices can share equally"):
        shard_batch(leaf, mesh)


def test_the_gradient_of_shares_is_the_gradient_of_the_batch(mesh):
    params, batch = start().params, (X, Y)
    compiled = jax.jit(jax.grad(loss)).lower(replicate(params, mesh), shard_batch(batch, mesh))
    compiled = compiled.compile()
    assert_close(
        compiled(replicate(params, mesh), shard_batch(batch, mesh)), jax.grad(loss)(params, batch)
    )
    assert "all-reduce" in (compiled.as_text() or "")


@pytest.mark.parametrize("steps_per_call", [1, 5])
@pytest.mark.parametrize("kind", ["shuffled", "repeated"])
def test_training_on_eight_devices_equals_training_on_one(mesh, steps_per_call, kind):
    make = {
        "shuffled": lambda: shuffled((X, Y), batch_size=16, key=jr.key(2)),
        "repeated": lambda: repeated((X, Y)),
    }[kind]
    settings: dict[str, Any] = {"steps": 20, "steps_per_call": steps_per_call, "report_every": 10}
    one = train(STEP, start(), make(), **settings)
    eight = train(STEP, start(), make(), mesh=mesh, **settings)
    assert_close(eight.state, one.state)
    np.testing.assert_allclose(
        [r.metrics["loss"] for r in eight.reports],
        [r.metrics["loss"] for r in one.reports],
        rtol=1e-5,
    )
    assert len(eight.state.params["a"].sharding.device_set) == 8
    with count_compilations() as compilations:
        settings["steps"] = 40
        train(STEP, eight.state, make(), mesh=mesh, **settings)
    assert compilations.names.count("program") == 0


def test_parameters_stay_whole_on_each_device_even_if_each_belongs_to_one_example(mesh):
    step = make_step(lambda params, batch: mean_squared_error(params["t"] * batch, Y), OPTIMISER)
    state = init_state({"t": jnp.ones(64)}, OPTIMISER)
    result = train(step, state, repeated(X[:, 0]), steps=2, mesh=mesh)
    assert {shard.data.shape for shard in result.state.params["t"].addressable_shards} == {(64,)}


def test_two_of_the_devices_can_be_chosen():
    mesh = data_mesh(jax.devices()[:2])
    result = train(STEP, start(), repeated((X, Y)), steps=2, mesh=mesh)
    assert len(result.state.params["a"].sharding.device_set) == 2


def test_a_batch_that_eight_devices_cannot_share_is_refused(mesh):
    source = shuffled((X, Y), batch_size=12, key=jr.key(2))
    with pytest.raises(ArgumentError, match=r"\(12, 5\); expected .* 8 devices"):
        train(STEP, start(), source, steps=2, mesh=mesh)
