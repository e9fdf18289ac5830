"""Differences are told in the order that helps most, and right answers never differ."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mazoezi.course._compare import Tolerance, difference, shown

TOLERANCE = Tolerance()
floats = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=0, max_dims=3), elements=st.floats(-1e3, 1e3, width=32)
)


@given(floats)
def test_an_array_equals_itself_however_it_is_held(array):
    assert difference(array, array, TOLERANCE) is None
    assert difference(jnp.asarray(array), array, TOLERANCE) is None
    assert difference((array, [array]), [array, (array,)], TOLERANCE) is None


@given(floats.filter(lambda a: a.size > 0), st.data())
def test_one_wrong_entry_is_found(array, data):
    index = tuple(data.draw(st.integers(0, n - 1)) for n in array.shape)
    changed = array.copy()
    changed[index] += max(1.0, abs(float(array[index])))
    found = difference(changed, array, TOLERANCE)
    assert found is not None and found.category == "value"
    if array.ndim:
        assert str(list(map(int, index)))[1:-1] in found.message


@pytest.mark.parametrize(
    ("got", "expected", "category", "words"),
    [
        (None, 1.0, "value", "return"),
        ([1.0, 2.0], np.ones(2), "shape", "list of 2"),
        (np.ones((3, 3)), np.ones(3), "shape", "broadcasting"),
        (np.ones((2, 3)), np.ones((3, 2)), "shape", "another order"),
        (np.float32(1), np.ones(3), "shape", "reduced"),
        (np.ones(3, int), np.ones(3), "dtype", "int"),
        (np.array([1.0, np.nan]), np.ones(2), "not finite", "nan"),
        (np.array([1.0, np.inf]), np.ones(2), "not finite", "[1]"),
        ((1.0,), (1.0, 2.0), "shape", "1 values"),
        (3.0, {"b": 1.0}, "shape", "dictionary"),
        ({"b": 1.0}, {"b": 1.0, "w": 2.0}, "shape", "keys"),
        (lambda x: x, 1.0, "shape", "function"),
        (np.array([True]), np.array([1.0]), "dtype", "bool"),
        ("text", 1.0, "shape", "the text 'text'"),
        (object(), 1.0, "dtype", "object"),
    ],
)
def test_what_differs_is_named(got, expected, category, words):
    found = difference(got, expected, TOLERANCE)
    assert found is not None
    assert found.category == category
    assert words in found.message


def test_shape_comes_before_value_among_several_results():
    found = difference((np.zeros(2), np.ones((2, 2))), (np.ones(2), np.ones(2)), TOLERANCE)
    assert found is not None and found.category == "shape" and "[1]" in found.message


def test_a_python_number_is_as_good_as_an_array():
    assert difference(2.0, jnp.float32(2), Tolerance(dtype="exact")) is None
    assert difference(0, jnp.float32(0), TOLERANCE) is None
    assert difference(True, jnp.float32(1), TOLERANCE) is not None


def test_exact_dtypes_tell_float16_from_float32():
    half, single = np.ones(2, np.float16), np.ones(2, np.float32)
    assert difference(half, single, TOLERANCE) is None
    assert difference(half, single, Tolerance(dtype="exact")) is not None


def test_a_nan_that_is_expected_is_right():
    assert difference(np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), TOLERANCE) is None
    assert difference(np.array([0.0, 1.0]), np.array([np.nan, 1.0]), TOLERANCE) is not None


def test_shown_values_are_short():
    assert shown(jnp.zeros((50, 50))) == "array of shape (50, 50), dtype float32"
    assert shown(np.array([1.0, 2.0])) == "[1., 2.]"
    assert shown({"b": 1.0}) == "{'b': 1}"


class Line(eqx.Module):
    bias: jax.Array
    slopes: jax.Array


def test_a_module_is_shown_with_its_numbers_and_a_key_as_a_key():
    line = Line(jnp.array(2.0), jnp.array([1.0, -0.5]))
    assert shown((line, jr.key(0))) == "(Line(bias=2, slopes=[ 1. , -0.5]), a random key)"
    assert shown(jr.split(jr.key(0), 3)) == "random keys of shape (3,)"
    assert shown(Line) == "Line"
