"""The one training loop of the course: compiled steps, shuffled batches, reports, checkpoints.

A run is built from parts that also work alone:

>>> import jax.numpy as jnp, jax.random as jr, optax
>>> x = jnp.linspace(-1, 1, 50)
>>> y = 2 * x + 1
>>> def loss(params, batch):
...     x, y = batch
...     return jnp.mean((params["w"] * x + params["b"] - y) ** 2)
>>> optimiser = optax.adam(0.1)
>>> state = init_state({"b": 0.0, "w": 0.0}, optimiser)
>>> step = make_step(loss, optimiser)
>>> batches = shuffled((x, y), batch_size=10, key=jr.key(0))
>>> state, reports = train(step, state, batches, steps=300, steps_per_call=100)
>>> round(float(state.params["w"]), 2)
2.0
"""

from mazoezi.training._batches import Batches, generated, repeated, shuffled
from mazoezi.training._checkpoint import restore_state, save_state
from mazoezi.training._devices import data_mesh, replicate, shard_batch
from mazoezi.training._live import LiveReport, loss_curve
from mazoezi.training._loop import Report, TrainResult, train
from mazoezi.training._state import TrainState, init_state, make_step

__all__ = [
    "Batches",
    "LiveReport",
    "Report",
    "TrainResult",
    "TrainState",
    "data_mesh",
    "generated",
    "init_state",
    "loss_curve",
    "make_step",
    "repeated",
    "replicate",
    "restore_state",
    "save_state",
    "shard_batch",
    "shuffled",
    "train",
]
