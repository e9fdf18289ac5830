"""One step: against the hand rule and against Optax used by hand."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax
import pytest

from mazoezi._errors import ArgumentError
from mazoezi.regression import half_mean_squared_error
from mazoezi.timing import count_compilations
from mazoezi.training import init_state, make_step

X = jnp.array([1.0, 2.0, 4.0])
Y = jnp.array([1.0, -1.0, 0.5])


def loss(params, batch):
    return half_mean_squared_error(params, *batch)


def start(optimiser):
    return init_state({"b": jnp.float32(0.3), "w": jnp.float32(-0.2)}, optimiser)


def test_plain_descent_is_the_hand_rule():
    optimiser = optax.sgd(0.05)
    state, metrics = make_step(loss, optimiser)(start(optimiser), (X, Y))
    residual = -0.2 * X + 0.3 - Y
    np.testing.assert_allclose(state.params["b"], 0.3 - 0.05 * residual.mean(), rtol=1e-6)
    np.testing.assert_allclose(state.params["w"], -0.2 - 0.05 * (residual * X).mean(), rtol=1e-6)
    assert int(state.step) == 1
    assert float(metrics["loss"]) == pytest.approx(float((residual**2).mean() / 2), rel=1e-6)


def test_several_adam_steps_equal_optax_by_hand():
    optimiser = optax.adam(0.1)
    step, state = make_step(loss, optimiser), start(optimiser)
    params = state.params
    opt_state = optimiser.init(params)
    for _ in range(5):
        state, _ = step(state, (X, Y))
        gradient = jax.grad(loss)(params, (X, Y))
        updates, opt_state = optimiser.update(gradient, opt_state, params)
        params = optax.apply_updates(params, updates)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6), state.params, params)


def test_compiled_step_compiles_once_in_ten_calls():
    optimiser = optax.adam(0.1)
    step, state = jax.jit(make_step(loss, optimiser)), start(optimiser)
    with count_compilations() as compilations:
        for _ in range(10):
            state, _ = step(state, (X, Y))
    assert compilations.names == ("step",)


def test_scan_over_batches_equals_a_loop():
    optimiser = optax.adam(0.1)
    step = make_step(loss, optimiser)
    batches = (jr.normal(jr.key(0), (20, 3)), jr.normal(jr.key(1), (20, 3)))
    scanned, metrics = jax.lax.scan(step, start(optimiser), batches)
    state = start(optimiser)
    for index in range(20):
        state, _ = jax.jit(step)(state, (batches[0][index], batches[1][index]))
    np.testing.assert_allclose(scanned.params["w"], state.params["w"], rtol=1e-5)
    assert metrics["loss"].shape == (20,)
    assert int(scanned.step) == 20


def test_steps_map_over_seeds():
    optimiser = optax.sgd(0.1)
    step = make_step(loss, optimiser)
    states = jax.vmap(lambda w: init_state({"b": w, "w": w}, optimiser))(jnp.arange(3.0))
    after, _ = jax.vmap(step, in_axes=(0, None))(states, (X, Y))
    single, _ = step(init_state({"b": 2.0, "w": 2.0}, optimiser), (X, Y))
    np.testing.assert_allclose(after.params["w"][2], single.params["w"], rtol=1e-6)


def test_further_metrics_join_the_loss():
    def with_parts(params, batch):
        return loss(params, batch), {"intercept": params["b"]}

    optimiser = optax.sgd(0.1)
    _, metrics = make_step(with_parts, optimiser, has_aux=True)(start(optimiser), (X, Y))
    assert set(metrics) == {"loss", "intercept"}
    assert float(metrics["intercept"]) == pytest.approx(0.3)


def test_a_further_metric_cannot_be_called_loss():
    step = make_step(lambda p, b: (loss(p, b), {"loss": p["b"]}), optax.sgd(0.1), has_aux=True)
    with pytest.raises(ArgumentError, match="loss"):
        step(start(optax.sgd(0.1)), (X, Y))


def test_equinox_modules_are_trained_as_they_are():
    model = eqx.nn.MLP(1, 1, 4, 1, key=jr.key(0))
    optimiser = optax.adam(0.01)

    def mlp_loss(model, batch):
        x, y = batch
        return jnp.mean((jax.vmap(model)(x[:, None])[:, 0] - y) ** 2)

    state, _ = eqx.filter_jit(make_step(mlp_loss, optimiser))(init_state(model, optimiser), (X, Y))
    assert isinstance(state.params, eqx.nn.MLP)
    assert state.params.activation is model.activation
    assert not np.array_equal(state.params.layers[0].weight, model.layers[0].weight)


def test_settings_of_a_module_are_not_trained():
    class Scaled(eqx.Module):
        weight: jax.Array
        rate: float
        count: jax.Array

    model = Scaled(jnp.ones(()), 0.5, jnp.array(3))
    state = init_state(model, optax.sgd(0.1))
    state, _ = make_step(lambda m, _: m.weight * m.rate * m.count, optax.sgd(0.1))(state, None)
    assert state.params.rate == 0.5
    assert int(state.params.count) == 3
    assert float(state.params.weight) == pytest.approx(1 - 0.1 * 1.5)


def test_python_and_numpy_numbers_become_trainable_arrays():
    state = init_state({"b": 0.0, "w": np.ones(2)}, optax.sgd(1.0))
    assert {leaf.dtype for leaf in jax.tree.leaves(state.params)} == {jnp.dtype("float32")}
    assert not any(leaf.weak_type for leaf in jax.tree.leaves(state.params))


def test_parameters_without_floating_point_arrays_are_refused():
    with pytest.raises(ArgumentError, match="floating-point array"):
        init_state({"w": jnp.arange(3)}, optax.sgd(1.0))


def test_a_loss_may_take_a_key():
    def noisy(params, batch, *, key):
        return params["w"] * jr.normal(key)

    optimiser = optax.sgd(1.0)
    step = make_step(noisy, optimiser)
    after, _ = step(init_state({"w": 0.0}, optimiser), None, key=jr.key(3))
    assert float(after.params["w"]) == pytest.approx(-float(jr.normal(jr.key(3))), rel=1e-6)


def test_leaves_frozen_by_an_optax_mask_do_not_move():
    labels = {"b": "frozen", "w": "trained"}
    optimiser = optax.multi_transform(
        {"trained": optax.sgd(0.02), "frozen": optax.set_to_zero()}, labels
    )
    state, step = start(optimiser), jax.jit(make_step(loss, optimiser))
    for _ in range(300):
        state, _ = step(state, (X, Y))
    assert float(state.params["b"]) == float(jnp.float32(0.3))
    through_b = float(jnp.sum(X * (Y - 0.3)) / jnp.sum(X**2))  # least squares with this intercept
    assert float(state.params["w"]) == pytest.approx(through_b, rel=1e-4)


def test_leaves_frozen_by_a_partition_do_not_move():
    model = eqx.nn.Linear(1, 1, key=jr.key(0))
    assert model.bias is not None
    spec = eqx.tree_at(lambda m: m.weight, jax.tree.map(lambda _: False, model), True)
    trained, frozen = eqx.partition(model, spec)

    def partial_loss(trained, batch):
        x, y = batch
        return jnp.mean((jax.vmap(eqx.combine(trained, frozen))(x[:, None])[:, 0] - y) ** 2)

    optimiser = optax.sgd(0.02)
    step = jax.jit(make_step(partial_loss, optimiser))
    state = init_state(trained, optimiser)
    for _ in range(300):
        state, _ = step(state, (X, Y))
    end, bias = eqx.combine(state.params, frozen), float(model.bias[0])
    assert float(end.bias[0]) == bias
    through_bias = float(jnp.sum(X * (Y - bias)) / jnp.sum(X**2))
    assert float(end.weight[0, 0]) == pytest.approx(through_bias, rel=1e-4)
