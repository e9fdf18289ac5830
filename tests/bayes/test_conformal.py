"""Conformal intervals: the rank they take, and their coverage when the model is wrong."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mazoezi._errors import ArgumentError
from mazoezi.bayes import (
    affine_basis,
    conformal_factor,
    posterior,
    predict,
    split_conformal,
)

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`


@given(st.integers(1, 60), st.integers(1, 99), st.integers(0, 100))
def test_the_factor_is_the_smallest_score_with_enough_scores_up_to_it(examples, percent, seed):
    scores = np.random.default_rng(seed).permutation(examples) + 1.0
    needed = -((examples + 1) * percent // -100)  # rounded up, in whole numbers
    expected = needed if needed <= examples else np.inf
    assert float(conformal_factor(jnp.asarray(scores), percent / 100)) == expected


def test_too_few_scores_promise_nothing():
    assert float(conformal_factor(jnp.zeros(0), 0.5)) == np.inf
    assert float(conformal_factor(jnp.ones(8), 0.9)) == np.inf
    assert float(conformal_factor(jnp.ones(9), 0.9)) == 1.0


def wave_problem(key, count):
    """A curve with noise that grows, for which a line with constant noise is quite wrong."""
    x_key, noise_key = jr.split(key)
    x = jr.uniform(x_key, (count,), minval=-2.0, maxval=2.0)
    return x, jnp.sin(3 * x) + 0.1 * (2 + x) * jr.normal(noise_key, (count,))


@pytest.mark.parametrize(("level", "held_out"), [(0.9, 39), (0.8, 100)])
def test_coverage_holds_although_the_model_is_wrong(level, held_out):
    new, repeats = 50, 2000

    @jax.jit
    @jax.vmap
    def shares(key):
        fit_key, held_key, new_key = jr.split(key, 3)
        x, y = wave_problem(fit_key, 20)
        fit = posterior(affine_basis(x), y, 1.0, 0.04)

        def model(x):
            answer = predict(affine_basis(x), *fit, 0.04)
            return answer.mean, answer.sd_y

        x_new, y_new = wave_problem(new_key, new)
        interval = split_conformal(model, *wave_problem(held_key, held_out), level)(x_new)
        mean, sd = model(x_new)
        own = jnp.mean(jnp.abs(y_new - mean) < stats.norm.ppf((1 + level) / 2) * sd)
        return jnp.mean((interval.lower <= y_new) & (y_new <= interval.upper)), own

    conformal, own = (np.asarray(share) for share in shares(jr.split(jr.key(0), repeats)))
    error = 5 * conformal.std() / np.sqrt(repeats)
    assert level - error < conformal.mean() < level + 1 / (held_out + 1) + error
    assert conformal.mean() > level - 0.02
    assert own.mean() < level - 0.1


def test_intervals_are_centred_and_scaled_by_the_model():
    def model(x):
        return 2 * x, 1 + x**2

    interval = split_conformal(model, jnp.zeros(4), jnp.array([1.0, -2.0, 3.0, -4.0]), 0.6)
    lower, upper = interval(jnp.array([0.0, 3.0]))
    np.testing.assert_allclose(lower, [-3, 6 - 30])
    np.testing.assert_allclose(upper, [3, 6 + 30])


def flat(x):
    return jnp.zeros_like(x), jnp.zeros_like(x)


CALLS = {
    "level is 1.5": lambda: conformal_factor(jnp.ones(3), 1.5),
    "level is 0": lambda: conformal_factor(jnp.ones(3), 0),
    "scores is": lambda: conformal_factor(jnp.array([jnp.nan])),
    "shape of scores": lambda: conformal_factor(jnp.ones((3, 1))),
    "shape of y": lambda: split_conformal(flat, jnp.ones(3), jnp.ones((3, 1))),
    "sd is": lambda: split_conformal(flat, jnp.ones(3), jnp.ones(3)),
    "y is": lambda: split_conformal(flat, jnp.ones(3), jnp.full(3, jnp.inf)),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_cannot_be_used_is_refused_by_name(message):
    with pytest.raises(ArgumentError, match=message):
        CALLS[message]()
