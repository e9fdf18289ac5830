"""The line, its loss and its gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import r2_score

from mazoezi.datasets import houses
from mazoezi.regression import (
    half_mean_squared_error,
    half_mean_squared_error_gradient,
    predict,
    r_squared,
    squared_error,
)

number = st.floats(-10, 10, width=32)


def draw(seed: int, n: int = 20) -> tuple[jax.Array, jax.Array, dict[str, float]]:
    generator = np.random.default_rng(seed)
    x, y = jnp.asarray(generator.normal(size=n)), jnp.asarray(generator.normal(size=n))
    return x, y, {"b": 0.4, "w": -1.3}


@given(number, number, number, number)
def test_squared_error_is_the_square_of_the_distance(b, w, x, y):
    assert squared_error(b, w, x, y) == pytest.approx((y - (w * x + b)) ** 2)


def test_squared_error_of_the_houses_matches_the_published_values():
    errors = squared_error(3.77, 0.05, *houses())
    published = [105.4729, 71.7409, 145.6849, 71.7409, 178.7569]
    np.testing.assert_allclose(errors, published, rtol=1e-5)


def test_squared_error_broadcasts_a_grid_of_lines():
    b, w = jnp.meshgrid(jnp.linspace(-1, 1, 25), jnp.linspace(-2, 2, 25))
    errors = jnp.asarray(squared_error(b, w, 3.0, 4.0))
    assert errors.shape == (25, 25)
    expected = float((4 - w[3, 7] * 3 - b[3, 7]) ** 2)
    assert float(errors[3, 7]) == pytest.approx(expected, rel=1e-5)


def test_loss_is_half_the_mean():
    x, y, params = draw(0)
    expected = float(np.mean((np.asarray(y) - params["w"] * x - params["b"]) ** 2)) / 2
    assert float(half_mean_squared_error(params, x, y)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.usefixtures("float64")
def test_gradient_by_hand_equals_finite_differences():
    x, y, params = draw(1)
    gradient = half_mean_squared_error_gradient(params, x, y)
    for name in params:
        above, below = (params | {name: params[name] + h} for h in (1e-5, -1e-5))
        rise = half_mean_squared_error(above, x, y) - half_mean_squared_error(below, x, y)
        assert float(gradient[name]) == pytest.approx(float(rise) / 2e-5, rel=1e-6)


@given(number, number)
def test_gradient_by_hand_equals_automatic_differentiation(b, w):
    x, y, _ = draw(2)
    params = {"b": jnp.float32(b), "w": jnp.float32(w)}
    automatic = jax.jit(jax.grad(half_mean_squared_error))(params, x, y)
    by_hand = half_mean_squared_error_gradient(params, x, y)
    for name in params:
        np.testing.assert_allclose(by_hand[name], automatic[name], rtol=1e-4, atol=1e-5)


def test_gradient_of_the_houses_matches_the_published_values():
    gradient = half_mean_squared_error_gradient({"b": 2.5, "w": 3.5}, *houses())
    assert float(gradient["b"]) == pytest.approx(733.76, rel=1e-5)
    assert float(gradient["w"]) == pytest.approx(165515.4, rel=1e-6)


def test_loss_ignores_the_order_and_the_repetition_of_examples():
    x, y, params = draw(3)
    loss = float(half_mean_squared_error(params, x, y))
    order = jnp.asarray(np.random.default_rng(0).permutation(len(x)))
    assert float(half_mean_squared_error(params, x[order], y[order])) == pytest.approx(loss)
    twice = half_mean_squared_error(params, jnp.tile(x, 2), jnp.tile(y, 2))
    assert float(twice) == pytest.approx(loss)


def test_loss_maps_over_many_lines():
    x, y, _ = draw(4)
    lines = {"b": jnp.arange(3.0), "w": jnp.arange(3.0) - 1}
    losses = jax.vmap(half_mean_squared_error, in_axes=(0, None, None))(lines, x, y)
    expected = [np.mean((y - w * x - b) ** 2) / 2 for b, w in [(0, -1), (1, 0), (2, 1)]]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_r_squared_agrees_with_scikit_learn():
    x, y, params = draw(5)
    predictions = predict(params, x)
    assert float(r_squared(predictions, y)) == pytest.approx(
        r2_score(np.asarray(y), np.asarray(predictions)), rel=1e-5
    )
    assert float(r_squared(jnp.full_like(y, y.mean()), y)) == pytest.approx(0, abs=1e-6)
    assert float(r_squared(y, y)) == 1
