"""Cross-validation against scikit-learn, and the published medians over noise seeds."""

from functools import partial

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest

from mazoezi._errors import ArgumentError
from mazoezi.datasets import wave, wave_mean
from mazoezi.regression import (
    cross_validation,
    fit_polynomial,
    legendre_features,
    mean_squared_error,
    polynomial_features,
)

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`


def fit_total(x, y):
    """A predictor that reveals which targets it was fitted to: it predicts their sum."""
    return lambda new_x: jnp.full(len(new_x), jnp.sum(y))


@pytest.mark.parametrize(("examples", "folds"), [(10, 5), (11, 4), (7, 7), (2, 2), (13, 3)])
@pytest.mark.usefixtures("float64")
def test_each_example_is_held_out_exactly_once(examples, folds):
    y = 2.0 ** jnp.arange(examples)  # sums of powers of two identify the set
    seen = []

    def fit(x, targets):
        def predictor(held_out):
            jax.debug.callback(lambda t, h: seen.append((float(t.sum()), h)), targets, held_out)
            return jnp.zeros(len(held_out))

        return predictor

    cross_validation(fit, y, y, folds=folds, key=jr.key(0)).block_until_ready()
    jax.effects_barrier()
    held_out = np.concatenate([np.asarray(h) for _, h in seen])
    np.testing.assert_array_equal(np.sort(held_out), y)
    assert len(seen) == folds
    for total, held in seen:
        assert total + float(np.sum(held)) == float(y.sum())
    sizes = {len(held) for _, held in seen}
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.usefixtures("float64")
def test_errors_are_those_of_a_loop_over_the_same_folds():
    x, y = wave(key=jr.key(0), n=23)
    errors = cross_validation(partial(fit_polynomial, degree=3), x, y, folds=4, key=jr.key(1))
    order = np.asarray(jr.permutation(jr.key(1), 23))
    for error, held_out in zip(errors, np.array_split(order, 4), strict=True):
        training = np.setdiff1d(order, held_out)
        oracle = np.polyfit(x[training], y[training], 3)
        expected = np.mean((np.polyval(oracle, x[held_out]) - y[held_out]) ** 2)
        assert float(error) == pytest.approx(float(expected), rel=1e-8)


def test_cross_validation_can_be_compiled_and_mapped_over_keys():
    x, y = wave(key=jr.key(0))

    def errors(key):
        return cross_validation(partial(fit_polynomial, degree=5), x, y, folds=5, key=key)

    keys = jr.split(jr.key(2), 3)
    many = jax.jit(jax.vmap(errors))(keys)
    np.testing.assert_allclose(many[2], errors(keys[2]), rtol=1e-3)
    assert not np.allclose(many[0], many[1])


@pytest.mark.parametrize("folds", [1, 26])
def test_impossible_folds_are_named(folds):
    with pytest.raises(ArgumentError, match=f"folds is {folds}; expected 2 to 25"):
        cross_validation(fit_total, *wave(key=jr.key(0)), folds=folds, key=jr.key(0))


def test_targets_must_match_inputs():
    with pytest.raises(ArgumentError, match="shape of y"):
        cross_validation(fit_total, jnp.ones(4), jnp.ones(3), folds=2, key=jr.key(0))


@pytest.mark.usefixtures("float64")
def test_both_bases_fit_the_same_polynomial():
    x, y = wave(key=jr.key(0))
    new_x = jnp.linspace(-1, 1, 9)
    oracle = np.polyval(np.polyfit(x, y, 8), new_x)
    for features in (polynomial_features, legendre_features):
        predictor = fit_polynomial(x, y, degree=8, features=features)
        np.testing.assert_allclose(predictor(new_x), oracle, rtol=1e-7)


def errors_of_a_fit(key, *, degree: int, penalty: float = 0.0) -> jax.Array:
    """Root mean squared error on the training data, on new data inside and outside the range."""
    train_key, inside_key, noise_key, outside_key = jr.split(key, 4)
    x, y = wave(key=train_key)
    inside = jr.uniform(inside_key, (100,), minval=-1, maxval=1)
    inside_y = wave_mean(inside) + 0.1 * jr.normal(noise_key, (100,))
    outside, outside_y = wave(key=outside_key, n=20, low=-1.3, high=-1.0)
    predictor = fit_polynomial(x, y, degree=degree, penalty=penalty)
    parts = [(x, y), (inside, inside_y), (outside, outside_y)]
    return jnp.sqrt(jnp.stack([mean_squared_error(predictor(a), b) for a, b in parts]))


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    ("degree", "published"),
    [
        pytest.param(1, (0.706, 0.717, 0.420), marks=pytest.mark.slow),
        pytest.param(4, (0.402, 0.391, 3.05), marks=pytest.mark.slow),
        (5, (0.115, 0.133, 3.30)),
        pytest.param(10, (0.071, 0.117, 8.75), marks=pytest.mark.slow),
        (20, (0.037, 2.00, 1.9e5)),
    ],
)
def test_medians_over_noise_seeds_match_the_published_ones(degree, published):
    keys = jr.split(jr.key(0), 200)
    errors = jax.jit(jax.vmap(partial(errors_of_a_fit, degree=degree)))(keys)
    train, inside, outside = np.median(errors, axis=0)
    assert train == pytest.approx(published[0], rel=0.08)
    assert inside == pytest.approx(published[1], rel=0.25)
    assert outside == pytest.approx(published[2], rel=0.25)


@pytest.mark.usefixtures("float64")
def test_a_small_ridge_penalty_helps_degree_15_and_a_large_one_hurts():
    keys = jr.split(jr.key(1), 200)
    penalties = jnp.array([0.0, 1e-6, 1e-4, 1e-3])

    @jax.jit
    def medians(penalty):
        errors = jax.vmap(partial(errors_of_a_fit, degree=15, penalty=penalty))(keys)
        return jnp.median(errors[:, 1])

    found = [float(medians(penalty)) for penalty in penalties]
    np.testing.assert_allclose(found, [0.140, 0.116, 0.143, 0.249], rtol=0.06)


@pytest.mark.usefixtures("float64")
def test_cross_validation_mostly_picks_degrees_5_to_8():
    def choice(key):
        data_key, fold_key = jr.split(key)
        x, y = wave(key=data_key)
        errors = [
            cross_validation(partial(fit_polynomial, degree=d), x, y, folds=5, key=fold_key).mean()
            for d in range(3, 12)
        ]
        return 3 + jnp.argmin(jnp.stack(errors))

    choices = np.asarray(jax.jit(jax.vmap(choice))(jr.split(jr.key(2), 100)))
    assert np.mean((choices >= 5) & (choices <= 8)) >= 0.9
    assert np.bincount(choices).argmax() == 7
