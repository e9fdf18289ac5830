"""One batch over many devices: each device holds all the parameters and a share of the examples.

Nothing else changes. A loss that is a mean over the batch stays that mean; the compiler inserts
the one sum across devices that the gradient needs.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from mazoezi._errors import ArgumentError

Tree = TypeVar("Tree")


def data_mesh(devices: Sequence[Any] | None = None) -> Mesh:
    """A mesh with the single axis `"data"` over the given devices, or over all there are."""
    return Mesh(np.array(jax.devices() if devices is None else devices), ("data",))


def replicate(tree: Tree, mesh: Mesh) -> Tree:
    """Put a full copy of each array of a tree on each device of a mesh."""
    return jax.device_put(tree, NamedSharding(mesh, PartitionSpec()))


def shard_batch(batch: Tree, mesh: Mesh) -> Tree:
    """Cut each array of a batch along its first axis, one share per device.

    Inside a compiled function this tells the compiler where the shares must be.

    Raises:
        ArgumentError: a first axis cannot be cut into equal shares.
    """
    for leaf in jax.tree.leaves(batch):
        shape = jnp.shape(leaf)
        if not shape or shape[0] % mesh.size:
            expected = f"a first axis that {mesh.size} devices can share equally"
            raise ArgumentError("the shape of an array of the batch", shape, expected)
    return jax.device_put(batch, NamedSharding(mesh, PartitionSpec("data")))
