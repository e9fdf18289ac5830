"""Every example once per epoch; the batch of a step depends on its number alone."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazoezi._errors import ArgumentError
from mazoezi.training import _batches, generated, repeated, shuffled


def stream(batches, steps: int) -> np.ndarray:
    """The examples of the first steps, one after another."""
    picks = batches.picks(0, steps)
    return np.concatenate([batches.select(batches.data, pick) for pick in picks])


@settings(max_examples=12)
@given(st.sampled_from([1, 5, 12]), st.integers(1, 12), st.integers(0, 3))
def test_every_example_occurs_once_in_each_epoch(examples, batch_size, seed):
    batch_size = min(batch_size, examples)
    batches = shuffled(np.arange(examples), batch_size=batch_size, key=jr.key(seed))
    epochs = 4
    steps = -(-epochs * examples // batch_size)
    seen = stream(batches, steps)[: epochs * examples].reshape(epochs, examples)
    np.testing.assert_array_equal(np.sort(seen, axis=1), np.tile(np.arange(examples), (epochs, 1)))


def test_epochs_have_different_orders():
    batches = shuffled(np.arange(30), batch_size=10, key=jr.key(0))
    first, second = stream(batches, 6).reshape(2, 30)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, np.arange(30))


def test_the_order_of_an_epoch_follows_from_key_and_number():
    batches = shuffled(np.arange(30), batch_size=10, key=jr.key(7))
    expected = jr.permutation(jr.fold_in(jr.key(7), 5), 30)
    np.testing.assert_array_equal(batches.picks(15, 3).reshape(-1), expected)


@pytest.mark.parametrize("ahead", [1, 40, 65_536])
def test_blocks_of_orders_do_not_change_the_stream(monkeypatch, ahead):
    whole = shuffled(np.arange(11), batch_size=4, key=jr.key(1)).picks(0, 40)
    monkeypatch.setattr(_batches, "_ORDERED_AHEAD", ahead)
    pieces = shuffled(np.arange(11), batch_size=4, key=jr.key(1))
    np.testing.assert_array_equal(
        np.concatenate([pieces.picks(s, 8) for s in range(0, 40, 8)]), whole
    )
    np.testing.assert_array_equal(pieces.picks(13, 1)[0], whole[13])


def test_examples_of_all_arrays_stay_together():
    x = jnp.arange(10)
    batches = shuffled({"x": x, "y": {"z": x[:, None] * 2}}, batch_size=4, key=jr.key(0))
    batch = batches.select(batches.data, batches.picks(3, 1)[0])
    np.testing.assert_array_equal(batch["y"]["z"][:, 0], 2 * batch["x"])


@pytest.mark.parametrize("batch_size", [0, 11])
def test_batch_size_out_of_range_is_named(batch_size):
    with pytest.raises(ArgumentError, match=f"batch_size is {batch_size}; expected 1 to 10"):
        shuffled(np.arange(10), batch_size=batch_size, key=jr.key(0))


@pytest.mark.parametrize("data", [(np.zeros(3), np.zeros(4)), (), np.zeros(())])
def test_data_without_one_first_axis_is_refused(data):
    with pytest.raises(ArgumentError, match="shapes of data"):
        shuffled(data, batch_size=1, key=jr.key(0))


def test_a_repeated_batch_is_the_whole():
    batches = repeated({"x": np.arange(3), "edges": np.arange(5)})
    batch = batches.select(batches.data, batches.picks(9, 1)[0])
    np.testing.assert_array_equal(batch["edges"], np.arange(5))


def test_generated_batches_are_new_in_each_step_and_repeatable():
    def draw(*, key):
        return jr.normal(key, (4,))

    batches = generated(draw, key=jr.key(0))
    one, two = (batches.select(batches.data, pick) for pick in batches.picks(5, 2))
    again = batches.select(batches.data, batches.picks(6, 1)[0])
    np.testing.assert_array_equal(two, again)
    assert not np.array_equal(one, two)
    assert jax.jit(batches.select)(batches.data, 6).shape == (4,)
