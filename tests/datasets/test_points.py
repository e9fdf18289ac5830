"""The Bayesian practical's data against the numbers that it publishes."""

import jax.numpy as jnp
import numpy as np

from mazoezi.datasets import identity, nonlinear, outlier, separable


def test_outlier_is_standardised():
    x, y = outlier()
    np.testing.assert_allclose(
        x, [-1.243933, -0.888523, -0.533114, 0.177705, 0.888523, 1.599342], atol=1e-6
    )
    np.testing.assert_allclose(y, [0.1, -0.9, -1.3, -1.7, -8, -3.8], atol=1e-6)
    X = np.stack([np.ones(6), x], axis=1)
    np.testing.assert_allclose(X.T @ X, 6 * np.eye(2), atol=1e-5)
    np.testing.assert_allclose(X.T @ np.asarray(y), [-15.6, -12.119458], atol=1e-5)


def test_nonlinear_has_a_gap():
    x, y = nonlinear()
    np.testing.assert_allclose(y / 5, [3.2, 3.3, 3.2, 1.3, 1.6, 1.1, 2.0, 3.5], rtol=1e-6)
    assert float(jnp.max(jnp.diff(x))) == np.float32(3.5) - np.float32(1.1)


def test_separable_is_separable():
    x, y = separable()
    assert float(jnp.max(x[y == 0])) < float(jnp.min(x[y == 1]))
    assert len(x) == 7 and int(y.sum()) == 4


def test_identity_is_nearly_the_identity():
    x, y = identity()
    np.testing.assert_allclose([jnp.sum(x * x), jnp.sum(x * y)], [20.65, 20.63], rtol=1e-6)
    assert int(jnp.sum(x != y)) == 2


def test_double_precision_is_kept(float64):
    for points in (identity(), nonlinear(), outlier(), separable()):
        assert points.x.dtype == points.y.dtype == jnp.float64
