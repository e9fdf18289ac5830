"""The training loop against a Python loop around a compiled step, on the diabetes data.

Both train a linear model by Adam (rate 0.1, batches of 32) for 5000 steps, from the same start.
The peer is the loop of 2022 tutorials: NumPy shuffles and slices, and Python calls the compiled
step once per batch. Compilation is outside both clocks: each loop runs once before it is timed.
Runs alternate, so that a busy machine slows both.

    python benchmarks/training_loop.py
"""

import statistics
import time
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax

from mazoezi.datasets import Diabetes, diabetes
from mazoezi.training import TrainState, init_state, make_step, shuffled, train

STEPS, BATCH, RATE, RUNS = 5_000, 32, 0.1, 7


def loss(params, batch):
    x, y = batch
    return jnp.mean((x @ params["w"] + params["b"] - y) ** 2)


def start() -> tuple[TrainState, optax.GradientTransformation]:
    optimiser = optax.adam(RATE)
    return init_state({"w": jnp.zeros(10), "b": 0.0}, optimiser), optimiser


def peer(data: Diabetes) -> Callable[[], TrainState]:
    """The Python loop."""
    state, optimiser = start()
    step = jax.jit(make_step(loss, optimiser))
    x, y = np.asarray(data.train_x), np.asarray(data.train_y)

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        generator = np.random.default_rng(0)
        while True:
            order = generator.permutation(len(y))
            for low in range(0, len(y) - BATCH + 1, BATCH):
                indices = order[low : low + BATCH]
                yield x[indices], y[indices]

    def run() -> TrainState:
        now = state
        for _, batch in zip(range(STEPS), batches(), strict=False):
            now, _ = step(now, batch)
        return jax.block_until_ready(now)

    return run


def ours(data: Diabetes, steps_per_call: int) -> Callable[[], TrainState]:
    """`train`, with a number of steps in each compiled call."""
    state, optimiser = start()
    step = make_step(loss, optimiser)
    batches = shuffled((data.train_x, data.train_y), batch_size=BATCH, key=jr.key(0))

    def run() -> TrainState:
        result = train(
            step, state, batches, steps=STEPS, steps_per_call=steps_per_call, report_every=1000
        )
        return jax.block_until_ready(result.state)

    return run


def main() -> None:
    data = diabetes()
    loops = {
        "Python loop, compiled step": peer(data),
        "train, 1 step per call": ours(data, 1),
        "train, 100 steps per call": ours(data, 100),
        "train, 1000 steps per call": ours(data, 1000),
    }
    test = (data.test_x, data.test_y)
    errors = {name: float(loss(run().params, test)) for name, run in loops.items()}  # and warm up
    seconds: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(RUNS):
        for name, run in loops.items():
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    base = statistics.median(seconds["Python loop, compiled step"])
    for name, values in seconds.items():
        median = statistics.median(values)
        print(
            f"{name:28} {median:7.3f} s ({min(values):.3f} to {max(values):.3f}), "
            f"{median / STEPS * 1e6:6.1f} us a step, {base / median:5.1f} times as fast, "
            f"test MSE {errors[name]:.0f}"
        )


if __name__ == "__main__":
    main()
