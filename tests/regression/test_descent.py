"""Gradient descent against hand calculation, theory and the published table."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazoezi._errors import ArgumentError
from mazoezi.datasets import houses, wave
from mazoezi.regression import (
    clip_elements,
    clip_norm,
    curvatures,
    descent_init,
    descent_step,
    gradient_descent,
    half_mean_squared_error,
    hessian,
    legendre_features,
    max_stable_rate,
    newton_step,
    polynomial_features,
    standardise,
    unstandardise,
)

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

OPTIMUM = 0.0613890244


def house_loss(params):
    size, price = houses()
    return half_mean_squared_error(params, size, price)


def house_path(steps: int = 200, **settings):
    return gradient_descent(house_loss, {"b": 0.0, "w": -0.05}, steps=steps, **settings)


def test_each_step_moves_against_the_gradient():
    params = {"b": jnp.float32(1.0), "w": jnp.array([2.0, -3.0])}

    def loss(p):
        return p["b"] ** 2 + jnp.sum(p["w"] ** 3)

    state, info = descent_step(loss, descent_init(params), rate=0.1)
    assert float(state.params["b"]) == pytest.approx(1 - 0.1 * 2)
    np.testing.assert_allclose(state.params["w"], [2 - 0.1 * 12, -3 - 0.1 * 27], rtol=1e-6)
    assert (int(state.step), float(info.loss)) == (1, pytest.approx(1 + 8 - 27))
    np.testing.assert_allclose(info.gradient["w"], [12, 27])


def test_path_records_the_start_each_step_and_the_end():
    path = house_path(steps=3, rate=1e-5)
    state = descent_init({"b": 0.0, "w": -0.05})
    for index in range(4):
        assert float(path.params["w"][index]) == pytest.approx(float(state.params["w"]), rel=1e-5)
        assert float(path.loss[index]) == pytest.approx(float(house_loss(state.params)), rel=1e-5)
        state, _ = descent_step(house_loss, state, rate=1e-5)


def test_no_steps_give_the_start_alone():
    path = house_path(steps=0, rate=0.1)
    assert path.loss.shape == (1,)
    with pytest.raises(ArgumentError, match="steps is -1"):
        house_path(steps=-1, rate=0.1)


@given(st.floats(0.01, 5))
def test_clipping_agrees_with_optax(threshold):
    gradient = {"b": jnp.array(3.0), "w": jnp.array([-4.0, 0.5])}
    for ours, theirs in [
        (clip_elements(threshold), optax.clip(threshold)),
        (clip_norm(threshold), optax.clip_by_global_norm(threshold)),
    ]:
        expected, _ = theirs.update(gradient, theirs.init(gradient))
        jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-5), ours(gradient), expected)


def test_clipping_by_norm_keeps_the_direction_and_by_element_does_not():
    gradient = jnp.array([3.0, 300.0])
    by_norm, by_element = clip_norm(1.0)(gradient), clip_elements(1.0)(gradient)
    np.testing.assert_allclose(by_norm / by_norm[0], gradient / gradient[0], rtol=1e-5)
    np.testing.assert_allclose(by_element, [1, 1])
    np.testing.assert_array_equal(clip_norm(1.0)(jnp.zeros(2)), jnp.zeros(2))


@pytest.mark.parametrize(
    ("rate", "clip", "losses"),
    [
        (0.01, 1.0, (0.417, 0.962)),
        (0.01, 10.0, (41, 82)),
        (0.1, 1.0, (25.4, 108.7)),
        (0.5, 1.0, (108.7, 4472)),
    ],
)
def test_clipped_descent_on_raw_inputs_alternates_as_published(rate, clip, losses):
    path = house_path(rate=rate, clip=clip_elements(clip))
    np.testing.assert_allclose(sorted(path.loss[-2:]), losses, rtol=0.01)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5])
def test_unclipped_descent_on_raw_inputs_ends_in_nan(rate):
    assert jnp.isnan(house_path(rate=rate).loss[-1])


def test_small_rates_on_raw_inputs_find_the_slope_only():
    assert float(house_path(rate=1e-5).loss[-1]) == pytest.approx(0.06390, abs=1e-5)
    path = house_path(rate=4e-5)
    assert float(path.loss[-1]) == pytest.approx(0.06390, abs=1e-5)
    assert abs(float(path.params["b"][-1])) < 0.01
    assert float(house_path(rate=4.3e-5).loss[-1]) == pytest.approx(2.6e8, rel=0.05)


def test_standardised_descent_reaches_the_optimum():
    size, price = houses()
    z, standardisation = standardise(size)
    loss = partial(half_mean_squared_error, x=z, y=price)
    path = gradient_descent(loss, {"b": 0.0, "w": -0.05}, rate=0.1, steps=200)
    assert float(path.loss[-1]) == pytest.approx(OPTIMUM, abs=1e-7)
    end = {name: value[-1] for name, value in path.params.items()}
    assert (float(end["b"]), float(end["w"])) == (
        pytest.approx(3.74, abs=1e-4),
        pytest.approx(0.9464, abs=1e-4),
    )
    raw = unstandardise(end, standardisation)
    assert float(raw["b"]) == pytest.approx(0.26988, abs=1e-4)
    assert float(raw["w"]) == pytest.approx(0.016524, abs=1e-6)


def test_descent_can_be_compiled_and_mapped_over_rates_and_thresholds():
    @jax.jit
    @jax.vmap
    def ends(rate, threshold):
        return house_path(steps=20, rate=rate, clip=clip_norm(threshold)).loss[-1]

    rates, thresholds = jnp.array([1e-5, 4e-5]), jnp.array([1e3, 1e9])
    expected = [
        house_path(steps=20, rate=rate, clip=clip_norm(threshold)).loss[-1]
        for rate, threshold in zip(rates, thresholds, strict=True)
    ]
    np.testing.assert_allclose(ends(rates, thresholds), expected, rtol=1e-4)


def test_largest_rate_of_the_houses_matches_the_published_bound():
    size, _ = houses()
    assert float(max_stable_rate(size)) == pytest.approx(4.22111e-5, rel=1e-5)
    assert float(max_stable_rate(standardise(size)[0])) == pytest.approx(2, rel=1e-5)


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=3))
def test_largest_rate_is_two_over_the_largest_eigenvalue(values):
    x = np.array(values)
    X = np.column_stack([np.ones_like(x), x])
    largest = np.linalg.eigvalsh(X.T @ X / len(x))[-1]
    with jax.enable_x64(True):
        assert float(max_stable_rate(jnp.asarray(x))) == pytest.approx(2 / largest, rel=1e-9)


@pytest.mark.usefixtures("float64")
def test_descent_converges_below_the_largest_rate_and_diverges_above():
    x = jnp.array([-1.0, 0.3, 2.0])
    y = jnp.array([0.5, 0.1, -2.0])
    loss = partial(half_mean_squared_error, x=x, y=y)

    def losses(share):
        rate = share * max_stable_rate(x)
        return gradient_descent(loss, {"b": 5.0, "w": 5.0}, rate=rate, steps=5000).loss

    slope, intercept = np.polyfit(x, y, 1)
    best = float(loss({"b": intercept, "w": slope}))
    assert float(losses(0.99)[-1]) == pytest.approx(best, rel=1e-9)
    assert float(losses(1.01)[-1]) > float(losses(1.01)[0])


def test_hessian_and_curvatures_of_the_houses_match_the_published_values():
    params = {"b": jnp.zeros(()), "w": jnp.zeros(())}
    np.testing.assert_allclose(hessian(house_loss, params), [[1, 210], [210, 47380]], rtol=1e-6)
    with jax.enable_x64(True):
        params = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), params)
        low, high = curvatures(house_loss, params)
    assert float(low) == pytest.approx(0.0692262, rel=1e-5)
    assert float(high) == pytest.approx(47380.93, rel=1e-6)
    assert float(high / low) == pytest.approx(684437, rel=1e-5)


def test_one_newton_step_reaches_the_optimum_of_the_raw_houses():
    start = {"b": jnp.float32(0.0), "w": jnp.float32(-0.05)}
    end = newton_step(house_loss, start)
    assert float(house_loss(end)) == pytest.approx(OPTIMUM, rel=1e-4)
    assert jax.tree.structure(end) == jax.tree.structure(start)


@pytest.mark.usefixtures("float64")
def test_one_newton_step_leaves_no_gradient_in_double_precision():
    size, price = (column.astype(jnp.float64) for column in houses())
    loss = partial(half_mean_squared_error, x=size, y=price)
    end = newton_step(loss, {"b": jnp.array(0.0), "w": jnp.array(-0.05)})
    gradient = jax.grad(loss)(end)
    assert max(abs(float(part)) for part in gradient.values()) < 1e-11


@pytest.mark.usefixtures("float64")
def test_legendre_features_make_descent_quick_where_powers_crawl():
    x, y = wave(key=jax.random.key(3))
    errors = {}
    for features, steps in [(polynomial_features, 5000), (legendre_features, 50)]:
        X = features(x, 10)
        rate = 0.2 if steps == 5000 else 1 / float(np.linalg.eigvalsh(2 * X.T @ X / 25)[-1])
        path = gradient_descent(
            lambda w, X=X: jnp.mean((X @ w - y) ** 2), jnp.zeros(11), rate=rate, steps=steps
        )
        errors[features] = float(path.loss[-1])
    best = float(np.mean((X @ np.linalg.lstsq(X, y)[0] - y) ** 2))
    assert errors[legendre_features] == pytest.approx(best, rel=1e-2)
    assert errors[polynomial_features] > 3 * best
