"""Closed-form solutions against NumPy and scikit-learn in double precision."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, Ridge

from mazoezi._errors import ArgumentError
from mazoezi.datasets import diabetes, houses, wave
from mazoezi.regression import least_squares, polynomial_features, r_squared, ridge


def problem(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, d)), generator.normal(size=n)


def with_intercept(x: jax.Array) -> jax.Array:
    return jnp.column_stack([x, jnp.ones(len(x))])


@given(st.integers(0, 10_000), st.sampled_from([1, 2, 7]), st.sampled_from([1, 2, 7]))
def test_least_squares_agrees_with_numpy_for_every_shape(seed, n, d):
    X, y = problem(seed, n, d)
    with jax.enable_x64(True):
        weights = least_squares(jnp.asarray(X), jnp.asarray(y))
    expected = np.linalg.lstsq(X, y)[0]
    np.testing.assert_allclose(weights, expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max())


def test_least_squares_of_dependent_columns_has_the_smallest_norm():
    X, y = problem(0, 20, 3)
    X = np.column_stack([X, X[:, 0] + X[:, 1], X[:, 2]])
    weights = least_squares(jnp.asarray(X, jnp.float32), jnp.asarray(y, jnp.float32))
    np.testing.assert_allclose(weights, np.linalg.lstsq(X, y)[0], rtol=1e-4, atol=1e-5)


def test_least_squares_of_zeros_is_zero():
    np.testing.assert_array_equal(least_squares(jnp.zeros((4, 2)), jnp.ones(4)), jnp.zeros(2))


def test_least_squares_survives_degree_15_in_single_precision():
    x, y = wave(key=jax.random.key(0))
    features = polynomial_features(x, 15)

    def error(weights):
        return float(np.mean((np.asarray(features, np.float64) @ np.asarray(weights) - y) ** 2))

    X = np.asarray(features, np.float64)
    best = error(np.linalg.lstsq(X, np.asarray(y, np.float64))[0])
    naive = jnp.linalg.inv(features.T @ features) @ features.T @ y
    assert error(least_squares(features, y)) < 1.5 * best
    assert error(naive) > 10 * best


def test_least_squares_of_the_houses_matches_the_published_optimum():
    size, price = houses()
    w, b = least_squares(with_intercept(size), price)
    assert float(w) == pytest.approx(0.0165243902, rel=1e-5)
    assert float(b) == pytest.approx(0.2698780488, rel=1e-4)
    assert float(r_squared(w * size + b, price)) == pytest.approx(0.87944, abs=1e-5)


def test_least_squares_of_diabetes_matches_the_published_errors():
    data = diabetes()
    weights = least_squares(with_intercept(data.train_x), data.train_y)
    predictions = with_intercept(data.test_x) @ weights
    fitted = with_intercept(data.train_x) @ weights
    assert float(jnp.mean((fitted - data.train_y) ** 2)) == pytest.approx(2868.55, abs=0.02)
    assert float(jnp.mean((predictions - data.test_y) ** 2)) == pytest.approx(2900.19, abs=0.02)
    assert float(r_squared(predictions, data.test_y)) == pytest.approx(0.4526, abs=1e-4)
    assert np.corrcoef(predictions, data.test_y)[0, 1] == pytest.approx(0.678, abs=1e-3)
    oracle = LinearRegression().fit(data.train_x, data.train_y)
    np.testing.assert_allclose(weights[:-1], oracle.coef_, rtol=1e-2)


@given(st.integers(0, 1000), st.floats(1e-6, 10))
def test_ridge_agrees_with_scikit_learn(seed, penalty):
    X, y = problem(seed, 15, 4)
    with jax.enable_x64(True):
        weights = ridge(jnp.asarray(X), jnp.asarray(y), penalty)
    oracle = Ridge(alpha=15 * penalty, fit_intercept=False, solver="svd").fit(X, y)
    np.testing.assert_allclose(weights, oracle.coef_, rtol=1e-6)


@pytest.mark.usefixtures("float64")
def test_ridge_with_more_features_than_examples_agrees_with_scikit_learn():
    X, y = problem(0, 4, 9)
    oracle = Ridge(alpha=4 * 0.1, fit_intercept=False, solver="svd").fit(X, y)
    weights = ridge(jnp.asarray(X), jnp.asarray(y), 0.1)
    np.testing.assert_allclose(weights, oracle.coef_, rtol=1e-6)


@pytest.mark.usefixtures("float64")
def test_ridge_path_is_a_vmap_and_starts_at_least_squares():
    X, y = map(jnp.asarray, problem(1, 15, 4))
    penalties = jnp.array([0.0, 0.1, 10.0])
    path = jax.jit(jax.vmap(lambda penalty: ridge(X, y, penalty)))(penalties)
    np.testing.assert_allclose(path[0], np.linalg.lstsq(X, y)[0], rtol=1e-9)
    norms = jnp.linalg.norm(path, axis=1)
    assert norms[0] > norms[1] > norms[2]


@pytest.mark.usefixtures("float64")
def test_ridge_gradient_equals_finite_differences():
    X, y = map(jnp.asarray, problem(2, 8, 3))

    def norm(penalty):
        return jnp.sum(ridge(X, y, penalty) ** 2)

    difference = (norm(0.3 + 1e-5) - norm(0.3 - 1e-5)) / 2e-5
    assert float(jax.grad(norm)(0.3)) == pytest.approx(float(difference), rel=1e-6)


@pytest.mark.usefixtures("float64")
def test_least_squares_gradient_with_respect_to_targets_is_the_pseudo_inverse():
    X, y = map(jnp.asarray, problem(3, 8, 3))
    jacobian = jax.jacobian(lambda targets: least_squares(X, targets))(y)
    np.testing.assert_allclose(jacobian, np.linalg.pinv(X), atol=1e-12)


@pytest.mark.parametrize(
    ("X", "y", "named"),
    [((3,), (3,), "X"), ((3, 2), (2,), "y"), ((3, 2), (3, 1), "y"), ((0, 2), (0,), "X")],
)
def test_wrong_shapes_are_named(X, y, named):
    with pytest.raises(ArgumentError, match=f"shape of {named} is"):
        least_squares(jnp.zeros(X), jnp.zeros(y))
