"""Features against NumPy and SciPy, and the scale of features."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import eval_legendre
from sklearn.preprocessing import StandardScaler

from mazoezi._errors import ArgumentError
from mazoezi.datasets import houses
from mazoezi.regression import (
    legendre_features,
    polynomial_features,
    predict,
    standardise,
    unstandardise,
)


@given(st.lists(st.floats(-1.5, 1.5), min_size=4, max_size=4), st.sampled_from([0, 1, 6, 20]))
def test_polynomial_features_are_numpys_vandermonde_matrix(values, degree):
    with jax.enable_x64(True):
        features = polynomial_features(jnp.array(values), degree)
    np.testing.assert_allclose(features, np.vander(values, degree + 1), rtol=1e-12, atol=1e-99)


@pytest.mark.parametrize("degree", [0, 1, 2, 7, 20])
def test_legendre_features_are_scipys_scaled_polynomials(degree):
    x = np.linspace(-1.2, 1.2, 9)
    with jax.enable_x64(True):
        features = legendre_features(jnp.asarray(x), degree)
    expected = [np.sqrt(2 * k + 1) * eval_legendre(k, x) for k in range(degree, -1, -1)]
    np.testing.assert_allclose(features, np.stack(expected, axis=1), rtol=1e-9, atol=1e-9)


@pytest.mark.usefixtures("float64")
def test_legendre_features_are_orthonormal_on_the_interval():
    nodes, weights = np.polynomial.legendre.leggauss(20)
    features = np.asarray(legendre_features(jnp.asarray(nodes), 12))
    products = features.T @ (weights[:, None] / 2 * features)
    np.testing.assert_allclose(products, np.eye(13), atol=1e-12)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    ("features", "degree", "condition"),
    [
        (polynomial_features, 1, 2.77),
        (polynomial_features, 3, 57.9),
        (polynomial_features, 5, 1540),
        (polynomial_features, 10, 9.5e6),
        (legendre_features, 5, 2.1),
        (legendre_features, 10, 7.3),
    ],
)
def test_conditioning_matches_the_published_numbers(features, degree, condition):
    X = features(jnp.linspace(-1, 1, 25), degree)
    assert np.linalg.cond(X.T @ X) == pytest.approx(condition, rel=0.02)


def test_features_can_be_compiled_mapped_and_differentiated():
    x = jnp.linspace(-1, 1, 6).reshape(2, 3)
    for features in (polynomial_features, legendre_features):
        compiled = jax.jit(features, static_argnums=1)
        np.testing.assert_allclose(compiled(x[0], 3), features(x[0], 3), rtol=1e-6)
        assert jax.vmap(lambda row, f=features: f(row, 3))(x).shape == (2, 3, 4)
        assert jnp.isfinite(jax.grad(lambda v, f=features: f(v, 3).sum())(x[0])).all()


@pytest.mark.parametrize("features", [polynomial_features, legendre_features])
def test_negative_degree_is_named(features):
    with pytest.raises(ArgumentError, match="degree is -1; expected 0 or more"):
        features(jnp.ones(3), -1)


def test_standardise_agrees_with_scikit_learn():
    x = np.random.default_rng(0).normal(5, 3, size=(30, 4)).astype(np.float32)
    z, standardisation = standardise(jnp.asarray(x))
    oracle: Any = StandardScaler().fit(x)
    np.testing.assert_allclose(z, oracle.transform(x), atol=1e-5)
    others = standardisation(jnp.asarray(x[:3] + 1))
    np.testing.assert_allclose(others, oracle.transform(x[:3] + 1), atol=1e-5)


def test_standardise_only_centres_a_constant_feature():
    z, standardisation = standardise(jnp.full((7, 1), 0.1))
    np.testing.assert_allclose(z, 0, atol=1e-6)
    assert float(standardisation.scale[0]) == 1


def test_unstandardised_line_predicts_the_same():
    size, _ = houses()
    z, standardisation = standardise(size)
    line = {"b": 3.74, "w": 0.9464}
    raw = unstandardise(line, standardisation)
    np.testing.assert_allclose(predict(raw, size), predict(line, z), rtol=1e-5)
    assert float(raw["b"]) == pytest.approx(0.26988, abs=2e-3)
    assert float(raw["w"]) == pytest.approx(0.016524, abs=2e-6)
