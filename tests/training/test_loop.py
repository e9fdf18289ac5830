"""The loop: equal to a plain loop, compiled once, restartable, reported honestly."""

import os
import subprocess
import sys
import time
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax
import pytest

from mazoezi._errors import ArgumentError
from mazoezi.datasets import diabetes
from mazoezi.regression import mean_squared_error, r_squared
from mazoezi.timing import count_compilations
from mazoezi.training import (
    Report,
    generated,
    init_state,
    make_step,
    repeated,
    restore_state,
    shuffled,
    train,
)

X = jr.normal(jr.key(0), (50, 3))
Y = X @ jnp.array([1.0, -2.0, 0.5]) + 0.3


def loss(params, batch):
    x, y = batch
    return mean_squared_error(x @ params["w"] + params["b"], y)


OPTIMISER = optax.adam(0.1)
STEP = make_step(loss, OPTIMISER)


def start():
    return init_state({"b": 0.0, "w": jnp.zeros(3)}, OPTIMISER)


def batches(seed: int = 0):
    return shuffled((X, Y), batch_size=8, key=jr.key(seed))


def assert_same_bits(one, two):
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("steps_per_call", [1, 7, 100])
def test_training_equals_a_plain_loop_over_the_same_batches(steps_per_call):
    state, losses = start(), []
    for indices in batches().picks(0, 25):
        state, metrics = jax.jit(STEP)(state, (X[indices], Y[indices]))
        losses.append(float(metrics["loss"]))
    result = train(
        STEP, start(), batches(), steps=25, steps_per_call=steps_per_call, report_every=10
    )
    np.testing.assert_allclose(result.state.params["w"], state.params["w"], rtol=1e-5)
    assert int(result.state.step) == 25
    assert [report.step for report in result.reports] == [10, 20, 25]
    means = [np.mean(losses[:10]), np.mean(losses[10:20]), np.mean(losses[20:])]
    np.testing.assert_allclose([r.metrics["loss"] for r in result.reports], means, rtol=1e-4)


def test_the_given_state_is_still_good_after_training():
    state = start()
    train(STEP, state, batches(), steps=3)
    np.testing.assert_array_equal(state.params["w"], jnp.zeros(3))


@pytest.mark.parametrize("steps_per_call", [1, 8])
def test_a_restored_run_continues_to_the_same_bits(tmp_path, steps_per_call):
    settings: dict[str, Any] = {"steps_per_call": steps_per_call, "report_every": 9}
    path = tmp_path / "run.checkpoint"
    whole = train(STEP, start(), batches(), steps=40, **settings)
    train(STEP, start(), batches(), steps=13, checkpoint=path, **settings)
    restored = restore_state(path, start())
    assert int(restored.step) == 13
    resumed = train(STEP, restored, batches(), steps=40, **settings)
    assert_same_bits(resumed.state, whole.state)
    assert [report.step for report in resumed.reports] == [18, 27, 36, 40]


def test_each_report_is_preceded_by_its_checkpoint(tmp_path):
    path, saved = tmp_path / "run.checkpoint", []

    def report(news: Report) -> None:
        saved.append((news.step, int(restore_state(path, start()).step)))

    train(STEP, start(), batches(), steps=6, report_every=2, checkpoint=path, report=report)
    assert saved == [(2, 2), (4, 4), (6, 6)]


def test_a_finished_run_has_nothing_left_to_do():
    done = train(STEP, start(), batches(), steps=4).state
    again = train(STEP, done, batches(), steps=4)
    assert_same_bits(again.state, done)
    assert again.reports == []


def test_stretches_of_any_length_need_one_compilation():
    step = make_step(loss, OPTIMISER)
    state, source = start(), batches()
    train(make_step(loss, OPTIMISER), state, source, steps=25, steps_per_call=10, report_every=12)
    with count_compilations() as compilations:
        train(step, state, source, steps=25, steps_per_call=10, report_every=12)
    assert compilations.names == ("program",)


@pytest.mark.parametrize("steps_per_call", [1, 5])
def test_a_second_run_of_the_same_step_compiles_nothing(steps_per_call):
    settings: dict[str, Any] = {"steps": 10, "steps_per_call": steps_per_call, "report_every": 5}
    state = train(STEP, start(), batches(), **settings).state
    with count_compilations() as compilations:
        settings["steps"] = 20
        train(STEP, state, batches(), **settings)
    assert compilations.count == 0


def test_weakly_typed_parameters_do_not_compile_twice():
    step = make_step(lambda p, _: p["w"] ** 2, OPTIMISER)
    state, source = init_state({"w": jnp.array(1.0)}, OPTIMISER), repeated(jnp.ones(1))
    with count_compilations() as compilations:
        train(step, state, source, steps=3)
    assert compilations.names.count("program") == 1


def test_evaluation_sees_the_parameters_of_its_report():
    def evaluate(params):
        return {"intercept": params["b"]}

    result = train(STEP, start(), batches(), steps=4, report_every=1, evaluate=evaluate)
    values = [report.evaluation["intercept"] for report in result.reports]
    assert len(set(values)) == 4
    assert values[-1] == float(result.state.params["b"])


def test_speed_leaves_out_compilation_evaluation_and_reports():
    def slow(_):
        time.sleep(0.2)
        return {}

    state = init_state({"w": 1.0}, OPTIMISER)
    step = make_step(lambda p, _: p["w"] ** 2, OPTIMISER)
    result = train(
        step, state, repeated(jnp.ones(1)), steps=400, steps_per_call=200, report_every=200,
        evaluate=slow, report=lambda _: time.sleep(0.2),
    )  # fmt: skip
    assert all(report.steps_per_second > 2000 for report in result.reports)
    assert result.reports[0].compile_seconds > 0.005


def test_equinox_modules_with_functions_inside_are_trained():
    model = eqx.nn.MLP(3, "scalar", 8, 1, key=jr.key(1))

    def mlp_loss(model, batch):
        x, y = batch
        return mean_squared_error(jax.vmap(model)(x), y)

    step = make_step(mlp_loss, OPTIMISER)
    state = init_state(model, OPTIMISER)
    result = train(step, state, batches(), steps=150, steps_per_call=50)
    assert isinstance(result.state.params, eqx.nn.MLP)
    assert result.state.params.activation is model.activation
    assert result.reports[-1].metrics["loss"] < 0.1 * result.reports[0].metrics["loss"]


def test_each_step_gets_its_own_key():
    def noisy(params, batch, *, key):
        return 0.0 * params["w"], {"draw": jr.normal(key)}

    step = make_step(noisy, OPTIMISER, has_aux=True)
    state = init_state({"w": 0.0}, OPTIMISER)
    result = train(step, state, repeated(jnp.ones(1)), steps=4, report_every=1, key=jr.key(5))
    draws = [report.metrics["draw"] for report in result.reports]
    expected = [float(jr.normal(jr.fold_in(jr.key(5), number))) for number in range(4)]
    np.testing.assert_allclose(draws, expected, rtol=1e-5)


def test_generated_batches_are_drawn_inside_the_program():
    def draw(*, key):
        x = jr.normal(key, (8, 3))
        return x, x @ jnp.array([1.0, -2.0, 0.5]) + 0.3

    source = generated(draw, key=jr.key(0))
    result = train(STEP, start(), source, steps=300, steps_per_call=100)
    np.testing.assert_allclose(result.state.params["w"], [1, -2, 0.5], atol=0.02)


@pytest.mark.usefixtures("float64")
def test_double_precision_is_kept():
    def double_loss(params, batch):
        return loss(params, batch), {"rows": jnp.array(8)}

    step = make_step(double_loss, OPTIMISER, has_aux=True)
    source = shuffled((np.asarray(X, np.float64), np.asarray(Y, np.float64)), batch_size=8,
                      key=jr.key(0))  # fmt: skip
    result = train(step, start(), source, steps=6, steps_per_call=3)
    assert result.reports[-1].metrics["rows"] == 8
    state = init_state({"b": 0.0, "w": np.zeros(3)}, OPTIMISER)
    assert train(step, state, source, steps=3).state.params["w"].dtype == jnp.float64


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"steps": -1}, "steps is -1; expected at least 0"),
        ({"steps": 5, "steps_per_call": 0}, "steps_per_call is 0"),
        ({"steps": 5, "report_every": 0}, "report_every is 0"),
    ],
)
def test_arguments_out_of_range_are_named(wrong, message):
    with pytest.raises(ArgumentError, match=message):
        train(STEP, start(), batches(), **wrong)


def test_going_back_in_steps_is_refused():
    state = train(STEP, start(), batches(), steps=4).state
    with pytest.raises(ArgumentError, match="steps is 3; expected at least 4"):
        train(STEP, state, batches(), steps=3)


def test_metrics_must_be_scalars():
    step = make_step(lambda p, b: (loss(p, b), {"weights": p["w"]}), OPTIMISER, has_aux=True)
    with pytest.raises(ArgumentError, match="metric 'weights'"):
        train(step, start(), batches(), steps=1)


def test_diabetes_reaches_the_published_test_error():
    data = diabetes()
    state = init_state({"b": 0.0, "w": jnp.zeros(10)}, OPTIMISER)
    source = shuffled((data.train_x, data.train_y), batch_size=32, key=jr.key(0))

    @jax.jit
    def evaluate(params):
        return {"loss": loss(params, (data.test_x, data.test_y))}

    result = train(STEP, state, source, steps=5000, steps_per_call=1000, evaluate=evaluate)
    assert 2700 < result.reports[-1].evaluation["loss"] < 3000
    predictions = data.test_x @ result.state.params["w"] + result.state.params["b"]
    assert float(r_squared(predictions, data.test_y)) >= 0.43


def test_importing_the_loop_loads_neither_matplotlib_nor_ipython():
    code = (
        "import sys, mazoezi.training, mazoezi.regression, mazoezi.datasets, mazoezi.timing;"
        "heavy = {'matplotlib', 'IPython', 'sklearn', 'pandas'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    environment = os.environ | {"JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
