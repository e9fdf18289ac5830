"""The data sets against their published numbers and against scikit-learn."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

from mazoezi._errors import ArgumentError, MazoeziError
from mazoezi.datasets import diabetes, houses, wave, wave_mean


def test_houses_have_the_published_means():
    size, price = houses()
    assert size.shape == price.shape == (5,)
    assert size.dtype == price.dtype == jnp.float32
    assert float(size.mean()) == pytest.approx(210)
    assert float(price.mean()) == pytest.approx(3.74)
    assert float((size**2).mean()) == pytest.approx(47380)


def test_wave_inputs_are_equally_spaced_and_include_both_ends():
    x, _ = wave(key=jr.key(0), n=20, low=-1.3, high=-1.0)
    np.testing.assert_allclose(x, np.linspace(-1.3, -1.0, 20), rtol=1e-6)


def test_wave_without_noise_is_its_mean():
    x, y = wave(key=jr.key(0), noise=0.0)
    assert x.shape == (25,)
    np.testing.assert_array_equal(y, wave_mean(x))
    np.testing.assert_allclose(y, np.sin(5 * np.asarray(x)), atol=1e-6)


def test_wave_noise_has_the_deviation_asked_for():
    x, y = wave(key=jr.key(1), n=20_000, noise=0.3)
    residual = np.asarray(y - wave_mean(x))
    assert residual.mean() == pytest.approx(0, abs=4 * 0.3 / np.sqrt(20_000))
    assert residual.std() == pytest.approx(0.3, rel=4 / np.sqrt(2 * 20_000))


def test_wave_depends_on_its_key_and_on_nothing_else():
    first, again, other = (wave(key=jr.key(seed)).y for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_wave_can_be_compiled_and_mapped_over_keys():
    keys = jr.split(jr.key(0), 3)
    many = jax.jit(jax.vmap(lambda key: wave(key=key, n=7)))(keys)
    assert many.y.shape == (3, 7)
    np.testing.assert_allclose(many.y[1], wave(key=keys[1], n=7).y, atol=1e-6)


@pytest.mark.parametrize("wrong", [{"n": 0}, {"low": 1.0, "high": 1.0}])
def test_wave_names_an_argument_out_of_range(wrong):
    with pytest.raises(ArgumentError, match=f"{next(iter(wrong))} is") as error:
        wave(key=jr.key(0), **wrong)
    assert isinstance(error.value, MazoeziError)
    assert isinstance(error.value, ValueError)


def test_diabetes_is_split_as_scikit_learn_does():
    x, y = load_diabetes(return_X_y=True)
    split: Any = train_test_split(x, y, test_size=0.2, random_state=42)
    train_x, test_x, train_y, test_y = split
    data, deviation = diabetes(), train_x.std(axis=0)
    np.testing.assert_allclose(data.train_x, train_x / deviation, rtol=1e-5)
    np.testing.assert_allclose(data.test_x, test_x / deviation, rtol=1e-5)
    np.testing.assert_allclose(data.train_y, train_y)
    np.testing.assert_allclose(data.test_y, test_y)
    bunch: Any = load_diabetes()
    assert list(data.feature_names) == bunch.feature_names


def test_diabetes_features_have_unit_deviation_on_the_training_part():
    data = diabetes()
    assert data.train_x.shape == (353, 10)
    assert data.test_x.shape == (89, 10)
    assert {leaf.dtype for leaf in data[:4]} == {jnp.dtype("float32")}
    np.testing.assert_allclose(data.train_x.std(axis=0), 1, rtol=1e-5)


def test_diabetes_has_the_published_statistics():
    data = diabetes()
    target = np.concatenate([data.train_y, data.test_y]).astype(np.float64)
    assert (target.min(), target.max()) == (25, 346)
    assert target.mean() == pytest.approx(152.13, abs=0.01)
    assert target.var() == pytest.approx(5929.9, abs=0.1)
    constant = np.asarray(data.train_y, np.float64).mean()
    assert ((np.asarray(data.test_y) - constant) ** 2).mean() == pytest.approx(5361.5, abs=0.1)
