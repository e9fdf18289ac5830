"""The training loop.

Python calls a compiled program; the program takes as many steps as the caller chose; between
programs there are reports, evaluations and checkpoints. The program is compiled once, before the
clock starts, whatever the lengths of the stretches between reports.
"""

import functools
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jax.sharding import Mesh
from jaxtyping import PRNGKeyArray, PyTree

from mazoezi._errors import ArgumentError
from mazoezi.training._batches import Batches
from mazoezi.training._checkpoint import save_state
from mazoezi.training._devices import replicate, shard_batch
from mazoezi.training._state import Metrics, Step, TrainState


class Report(NamedTuple):
    """How the training goes, since the report before."""

    step: int
    """Steps taken so far."""
    steps: int
    """Steps that the run will have taken at its end."""
    metrics: dict[str, float]
    """The step's metrics, `"loss"` among them, as means over the steps since the last report."""
    evaluation: dict[str, float]
    """What `evaluate` said of the parameters as they are now; empty without it."""
    steps_per_second: float
    """Without compilation, evaluation, reports and checkpoints."""
    compile_seconds: float
    """Time that compiling the loop's program took, once per run."""


class TrainResult(NamedTuple):
    """The end of a run and the way to it."""

    state: TrainState
    reports: list[Report]


def train(
    step: Step,
    state: TrainState,
    batches: Batches,
    *,
    steps: int,
    steps_per_call: int = 1,
    report_every: int | None = None,
    evaluate: Callable[[PyTree], Mapping[str, Any]] | None = None,
    report: Callable[[Report], None] | None = None,
    checkpoint: Path | str | None = None,
    key: PRNGKeyArray | None = None,
    mesh: Mesh | None = None,
) -> TrainResult:
    """Train until the state has taken `steps` steps.

    A state that has steps behind it, such as a restored one, goes on from there, with the batches
    and keys that an uninterrupted run would have met: the result is the same to the last bit.

    Many steps in one compiled call save the tens of microseconds that each call from Python
    costs, which is most of the time of a small model. On the CPU, however, XLA runs convolutions
    inside a compiled loop many times slower: leave `steps_per_call` at 1 for those.

    Args:
        step: from `make_step`, or any traceable `step(state, batch) -> (state, metrics)` with
            scalar metrics.
        state: from `init_state`, `restore_state` or an earlier run. Non-array leaves of its
            parameters (activation functions, settings) are set aside once, before the loop.
        batches: from `shuffled`, `repeated` or `generated`.
        steps: number of steps that the state has taken at the end, not below those it has now.
        steps_per_call: steps in one compiled call, at most.
        report_every: steps between reports, 1 or more; by default a fiftieth of `steps`. The end
            is always reported.
        evaluate: takes the parameters and returns scalars by name; called before each report.
            Compile it yourself.
        report: called with each `Report`, for example a `LiveReport()`.
        checkpoint: file to save the state to before each report.
        key: random key for a loss that takes one; each step gets its own, by its number.
        mesh: devices to share each batch between, from `data_mesh`; its size must divide the size
            of the batch. The parameters are copied to each device.

    Returns:
        The last state and all reports.

    Raises:
        ArgumentError: an argument is out of range, or a batch cannot be shared equally.
    """
    done = int(state.step)
    every = max(1, steps // 50) if report_every is None else report_every
    _check_range("steps", steps, done, "the number of steps that the state has taken")
    _check_range("steps_per_call", steps_per_call, 1, "one step")
    _check_range("report_every", every, 1, "one step")

    length = min(steps_per_call, every)
    arrays, static = eqx.partition(state, eqx.is_array)
    data, select = batches.data, batches.select
    if mesh is not None:
        arrays, data, key = replicate((arrays, data, key), mesh)
    program = _program(step, select, _Frozen.of(static), mesh)
    _, metric_types = program.one.eval_shape(arrays, data, batches.picks(done, 1)[0], key)
    no_metrics = _zeros(metric_types)

    def call(arrays: PyTree, totals: Metrics, first: int, count: int) -> tuple[PyTree, Metrics]:
        return program.call(arrays, totals, data, batches.picks(first, length), count, key)

    start = time.perf_counter()
    jax.block_until_ready(call(arrays, no_metrics, done, 0))  # compiles; what it returns is dropped
    compile_seconds = time.perf_counter() - start

    reports = []
    for stop in _report_steps(done, steps, every):
        start, totals = time.perf_counter(), no_metrics
        for first in range(done, stop, length):
            arrays, totals = call(arrays, totals, first, min(length, stop - first))
        jax.block_until_ready((arrays, totals))
        seconds = time.perf_counter() - start
        metrics = {name: float(total) / (stop - done) for name, total in totals.items()}
        rate, done, state = (stop - done) / seconds, stop, eqx.combine(arrays, static)
        evaluation = {} if evaluate is None else _as_floats(evaluate(state.params))
        if checkpoint is not None:
            save_state(checkpoint, state)
        reports.append(Report(done, steps, metrics, evaluation, rate, compile_seconds))
        if report is not None:
            report(reports[-1])
    return TrainResult(state, reports)


def _check_range(argument: str, value: int, least: int, meaning: str) -> None:
    if value < least:
        raise ArgumentError(argument, value, f"at least {least}, {meaning}")


def _report_steps(done: int, steps: int, every: int) -> Iterator[int]:
    """The multiples of `every` between `done` and `steps`, and then `steps`."""
    yield from range((done // every + 1) * every, steps, every)
    if done < steps:
        yield steps


def _as_floats(values: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}


class _Frozen(NamedTuple):
    """The non-array part of a state in a form that can be compared and hashed."""

    leaves: tuple[Hashable, ...]
    structure: Any

    @classmethod
    def of(cls, tree: PyTree) -> "_Frozen":
        leaves, structure = jax.tree.flatten(tree)
        return cls(tuple(leaves), structure)

    def tree(self) -> PyTree:
        return jax.tree.unflatten(self.structure, self.leaves)


class _Program(NamedTuple):
    """The two compiled functions of a run."""

    one: Callable[..., tuple[PyTree, Metrics]]
    """One step: from the arrays of a state, data, pick and key to arrays and metrics."""
    call: Callable[..., tuple[PyTree, Metrics]]
    """`count` steps, at most as many as there are picks, adding the metrics to the totals."""


@functools.lru_cache(maxsize=16)
def _program(step: Step, select: Callable, static: _Frozen, mesh: Mesh | None) -> _Program:
    """The cache lets a second run with the same step and model start without compiling."""

    @jax.jit
    def one(arrays, data, pick, key):
        state, batch = eqx.combine(arrays, static.tree()), select(data, pick)
        if mesh is not None:
            batch = shard_batch(batch, mesh)
        extra = {} if key is None else {"key": jr.fold_in(key, state.step)}
        state, metrics = step(state, batch, **extra)
        arrays = eqx.filter(state, eqx.is_array)
        return (arrays if mesh is None else replicate(arrays, mesh)), metrics

    @jax.jit
    def program(arrays, totals, data, picks, count, key):
        def advance(index, carry):
            arrays, totals = carry
            arrays, metrics = one(arrays, data, picks[index], key)
            return arrays, {name: totals[name] + metrics[name] for name in totals}

        if len(picks) == 1:  # no loop: XLA on the CPU is slow at convolutions inside one
            return advance(0, (arrays, totals))
        return jax.lax.fori_loop(0, count, advance, (arrays, totals))

    return _Program(one, program)


def _zeros(metrics: Mapping[str, jax.ShapeDtypeStruct]) -> Metrics:
    """Zeros to add a step's metrics to."""
    for name, metric in metrics.items():
        if metric.shape != ():
            raise ArgumentError(f"the shape of the metric {name!r}", metric.shape, "a scalar, ()")
    return {
        name: jnp.zeros((), jnp.result_type(metric.dtype, jnp.float32))
        for name, metric in metrics.items()
    }
