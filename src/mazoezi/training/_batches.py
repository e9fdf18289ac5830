"""Where batches come from: shuffled examples, one whole data set, or a generator.

A `Batches` is a recipe, not an iterator: the batch of step 1000 follows from the recipe and the
number 1000 alone. That is why a restored run sees the batches that the interrupted one would have
seen, and why the choice of examples can happen inside the compiled step.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Int, PRNGKeyArray, PyTree

from mazoezi._errors import ArgumentError

_ORDERED_AHEAD = 65_536
"""About how many indices are shuffled in one compiled call."""


class Batches(NamedTuple):
    """A recipe for the batch of each step."""

    data: PyTree
    """Arrays that the compiled step is given."""
    picks: Callable[[int, int], np.ndarray]
    """From a step number and a count to what tells the batches of these steps apart, on axis 0."""
    select: Callable[[PyTree, Array], PyTree]
    """From the data and one pick to the batch; compiled."""


def shuffled(data: PyTree, *, batch_size: int, key: PRNGKeyArray) -> Batches:
    """Batches of examples, in a new random order in each epoch.

    Every example occurs exactly once in an epoch. The epochs follow one another without a gap and
    are cut into batches of equal size: where an epoch does not fill its last batch, the first
    examples of the next epoch do. Nothing is dropped or padded, and one compiled step fits all.
    The order of an epoch depends on the key and the number of the epoch only.

    Args:
        data: pytree of arrays with one entry per example along the first axis. It lives on the
            device as a whole.
        batch_size: examples per batch, from 1 to the number of examples.
        key: random key of the orders.

    Raises:
        ArgumentError: the arrays' first axes differ, or `batch_size` is out of range.
    """
    examples = _count_examples(data)
    if not 1 <= batch_size <= examples:
        raise ArgumentError("batch_size", batch_size, f"1 to {examples}, the number of examples")
    epochs_ahead = max(1, _ORDERED_AHEAD // examples)
    block_length = epochs_ahead * examples

    @functools.lru_cache(maxsize=2)
    def block(number: int) -> np.ndarray:
        return np.asarray(_orders(key, number * epochs_ahead, epochs_ahead, examples)).reshape(-1)

    def picks(first: int, count: int) -> np.ndarray:
        start, stop = first * batch_size, (first + count) * batch_size
        numbers = range(start // block_length, (stop - 1) // block_length + 1)
        blocks = [block(number) for number in numbers]
        stream = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        offset = start - numbers[0] * block_length
        return stream[offset : offset + stop - start].reshape(count, batch_size)

    return Batches(jax.tree.map(jnp.asarray, data), picks, _take)


def repeated(batch: PyTree) -> Batches:
    """The same batch in every step: the whole data set, a graph, anything that fits at once."""
    return Batches(jax.tree.map(jnp.asarray, batch), _no_picks, _keep)


def generated(make_batch: Callable[..., PyTree], *, key: PRNGKeyArray) -> Batches:
    """A fresh batch for every step, drawn by a function inside the compiled step.

    Args:
        make_batch: takes a keyword-only `key` and returns a batch; it is traced.
        key: random key; the batch of a step depends on it and on the step's number.
    """
    return Batches(key, _step_numbers, _Generator(make_batch))


def _count_examples(data: PyTree) -> int:
    shapes = [jnp.shape(leaf) for leaf in jax.tree.leaves(data)]
    if not shapes or () in shapes or len({shape[0] for shape in shapes}) != 1:
        raise ArgumentError("the shapes of data", shapes, "arrays with one and the same first axis")
    return shapes[0][0]


@functools.partial(jax.jit, static_argnums=(2, 3))
def _orders(
    key: PRNGKeyArray, first_epoch: int | Int[Array, ""], epochs: int, examples: int
) -> Int[Array, "epochs examples"]:
    """The order of the examples in each of some epochs."""
    keys = jax.vmap(functools.partial(jr.fold_in, key))(first_epoch + jnp.arange(epochs))
    return jax.vmap(lambda epoch_key: jr.permutation(epoch_key, examples))(keys)


def _take(data: PyTree, indices: Int[Array | np.ndarray, "batch"]) -> PyTree:
    return jax.tree.map(lambda leaf: leaf[indices], data)


def _no_picks(first: int, count: int) -> np.ndarray:
    return np.zeros((count, 0), np.int32)


def _keep(batch: PyTree, pick: Array | np.ndarray) -> PyTree:
    return batch


def _step_numbers(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.int32)


@dataclasses.dataclass(frozen=True)
class _Generator:
    """The `select` of generated batches; equal for equal functions, so that it compiles once."""

    make_batch: Callable[..., PyTree]

    def __call__(self, key: PRNGKeyArray, number: int | np.integer | Int[Array, ""]) -> PyTree:
        return self.make_batch(key=jr.fold_in(key, number))
