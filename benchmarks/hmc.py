"""Our readable HMC against BlackJAX's, at the same settings: effective samples per second.

Both sample the practical's logistic regression (alpha = 0.75) and a correlated Gaussian of ten
dimensions, with four chains, the same step size, number of leapfrog steps and starts, in one
compiled call of a scan over draws. (Not a network: its modes are rarely crossed, so that effective
sample sizes would tell luck, not speed.) The effective sample size is NumPyro's, the least over the
coordinates. Compilation is outside the clock. Runs alternate, so that a busy machine slows both,
and each run has its own key.

    python benchmarks/hmc.py
"""

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import blackjax
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import numpyro.diagnostics

from mazoezi import bayes

CHAINS, DRAWS, RUNS, WANTED = 4, 5000, 15, 0.8


class Target(NamedTuple):
    """What to sample, and how."""

    log_density: Callable[[jax.Array], jax.Array]
    starts: jax.Array
    step_size: float
    leapfrog_steps: int


def targets() -> dict[str, Target]:
    x, y = jnp.array([-2.7, -1.9, -1.3, 0.7, 0.8, 1.4, 2.4]), jnp.array([0, 0, 0, 1, 1, 1, 1])
    X = jnp.stack([jnp.ones_like(x), x], axis=1)
    factor = jnp.asarray(np.tril(np.random.default_rng(0).normal(size=(10, 10))) / 3 + np.eye(10))

    def logistic(w):
        logits = X @ w
        return jnp.sum(y * logits - jax.nn.softplus(logits)) - 0.75 * jnp.sum(w**2) / 2

    def gaussian(w):
        return -jnp.sum((factor.T @ w) ** 2) / 2

    return {
        "logistic regression": Target(logistic, jnp.zeros((CHAINS, 2)), 0.25, 4),
        "Gaussian, 10 dimensions": Target(gaussian, jnp.zeros((CHAINS, 10)), 0.4, 8),
    }


def ours(target: Target) -> Callable[[int], jax.Array]:
    def run(seed: int) -> jax.Array:
        return bayes.sample_hmc(
            target.log_density,
            target.starts,
            jr.key(seed),
            draws=DRAWS,
            step_size=target.step_size,
            leapfrog_steps=target.leapfrog_steps,
        ).draws

    return run


def blackjaxs(target: Target) -> Callable[[int], jax.Array]:
    size = target.starts.shape[1]
    hmc: Any = blackjax.hmc(
        target.log_density,
        target.step_size,
        inverse_mass_matrix=jnp.ones(size),
        num_integration_steps=target.leapfrog_steps,
    )

    def advance(state, key):
        state, info = hmc.step(key, state)
        return state, (state.position, info.acceptance_rate, info.is_divergent, info.energy)

    def chain(start, key):
        return jax.lax.scan(advance, hmc.init(start), jr.split(key, DRAWS))[1]

    sample = jax.jit(lambda key: jax.vmap(chain)(target.starts, jr.split(key, CHAINS)))
    return lambda seed: sample(jr.key(seed))[0]


def measure(run: Callable[[int], jax.Array], seed: int) -> tuple[float, float]:
    """Seconds, and the least effective sample size of the coordinates."""
    begin = time.perf_counter()
    draws = jax.block_until_ready(run(seed))
    spent = time.perf_counter() - begin
    return spent, float(np.min(numpyro.diagnostics.effective_sample_size(np.asarray(draws))))


def main() -> None:
    for name, target in targets().items():
        sides = {"BlackJAX": blackjaxs(target), "mazoezi": ours(target)}
        for run in sides.values():
            jax.block_until_ready(run(0))  # compile
        results: dict[str, list[tuple[float, float]]] = {side: [] for side in sides}
        for seed in range(RUNS):
            for side, run in sides.items():
                results[side].append(measure(run, seed))
        print(f"{name}: step size {target.step_size}, {target.leapfrog_steps} leapfrog steps")
        for side, runs in results.items():
            times, sizes = zip(*runs, strict=True)
            print(
                f"  {side:8} {statistics.median(times):6.3f} s ({min(times):.3f} to "
                f"{max(times):.3f}), ESS {statistics.mean(sizes):6.0f} of {CHAINS * DRAWS}, "
                f"{statistics.mean(sizes) / statistics.median(times):9,.0f} a second"
            )
        times = [
            peer / own
            for (own, _), (peer, _) in zip(results["mazoezi"], results["BlackJAX"], strict=True)
        ]
        sizes = [
            statistics.mean(size for _, size in results[side]) for side in ("mazoezi", "BlackJAX")
        ]
        ratio = sizes[0] / sizes[1]
        print(
            f"  ratio    {ratio * statistics.median(times):.2f} times the effective samples a "
            f"second ({ratio * min(times):.2f} to {ratio * max(times):.2f} over the rounds); "
            f"wanted: at least {WANTED}"
        )


if __name__ == "__main__":
    main()
