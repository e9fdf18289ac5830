"""Variational inference against NumPyro's SVI: time to fit a Gaussian of full covariance.

Two problems of the Bayesian practical: a line with an outlier (alpha = 3, 1000 draws a step, 1500
steps) and logistic regression (alpha = 0.75, 100 draws, 2000 steps). Both sides run Adam with rate
5e-3, b1 = 0.99, b2 = 0.999; NumPyro's guide is `AutoMultivariateNormal`, its objective `Trace_ELBO`
with the same number of particles. Both must end at the best ELBO: the log evidence -26.852 of the
line, and -2.517.

Each is timed warm, in alternating runs, so that a busy machine slows both; the first call, with
compilation, is timed apart.

    python benchmarks/variational.py
"""

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import numpyro
import numpyro.distributions as dist
import optax
from numpyro.infer import SVI, Trace_ELBO
from numpyro.infer.autoguide import AutoMultivariateNormal

from mazoezi import bayes

RUNS, WANTED = 7, 0.5


class Problem(NamedTuple):
    """Data and model, and what a Gaussian q reaches at best."""

    X: jax.Array
    y: jax.Array
    alpha: float
    log_likelihood: Callable[[Any, Any], Any]
    likelihood: Callable[[Any], dist.Distribution]
    samples: int
    steps: int
    best: float


def problems() -> dict[str, Problem]:
    x = np.array([1, 1.5, 2, 3, 4, 5])
    x = (x - x.mean()) / x.std()
    y = np.array([0.1, -0.9, -1.3, -1.7, -8, -3.8])
    line = Problem(
        design(x),
        jnp.asarray(y),
        3.0,
        gaussian,
        lambda f: dist.Normal(f, 1.0),
        1000,
        1500,
        -26.8522,
    )
    x, y = np.array([-2.7, -1.9, -1.3, 0.7, 0.8, 1.4, 2.4]), np.array([0.0, 0, 0, 1, 1, 1, 1])
    logistic = Problem(
        design(x),
        jnp.asarray(y),
        0.75,
        bernoulli,
        lambda f: dist.Bernoulli(logits=f),
        100,
        2000,
        -2.5169,
    )
    return {"line": line, "logistic": logistic}


def design(x: np.ndarray) -> jax.Array:
    return jnp.stack([jnp.ones(len(x)), jnp.asarray(x)], axis=1)


def gaussian(f, y):
    return -((f - y) ** 2) / 2 - jnp.log(2 * jnp.pi) / 2


def bernoulli(logit, y):
    return y * logit - jax.nn.softplus(logit)


def line(X, w):
    return X @ w


def ours(problem: Problem) -> Callable[[int], bayes.VariationalGaussian]:
    elbo = bayes.make_elbo(line, problem.alpha, problem.log_likelihood, problem.samples)

    def run(seed: int) -> bayes.VariationalGaussian:
        start_key, fit_key = jr.split(jr.key(seed))
        q = bayes.init_variational(2, start_key)
        fit = bayes.fit_variational(elbo, q, fit_key, problem.X, problem.y, steps=problem.steps)
        return jax.block_until_ready(fit.q)

    return run


def numpyros(problem: Problem) -> Callable[[int], bayes.VariationalGaussian]:
    def model(X, y):
        prior = dist.Normal(0, problem.alpha**-0.5).expand([2]).to_event(1)
        w = numpyro.sample("w", prior)
        numpyro.sample("y", problem.likelihood(X @ w).to_event(1), obs=y)

    guide = AutoMultivariateNormal(model)
    optimiser = optax.adam(5e-3, b1=0.99, b2=0.999)
    svi = SVI(model, guide, optimiser, Trace_ELBO(num_particles=problem.samples))

    def step(state, _):
        return svi.update(state, problem.X, problem.y)

    @jax.jit
    def fit(key):
        state = svi.init(key, problem.X, problem.y)
        state, _ = jax.lax.scan(step, state, length=problem.steps)
        return svi.get_params(state)

    def run(seed: int) -> bayes.VariationalGaussian:
        params = jax.block_until_ready(fit(jr.key(seed)))
        factor = params["auto_scale_tril"]
        return bayes.gaussian_from_covariance(params["auto_loc"], factor @ factor.T)

    return run


def reached(problem: Problem, q: bayes.VariationalGaussian) -> float:
    """The ELBO of a fitted q, from many draws."""
    elbo = bayes.make_elbo(line, problem.alpha, problem.log_likelihood, samples=200_000)
    return float(elbo(q, jr.key(0), problem.X, problem.y))


def seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def main() -> None:
    jax.block_until_ready(jax.jit(jr.normal)(jr.key(0)))  # start JAX before the first clock
    for name, problem in problems().items():
        sides = {"NumPyro": numpyros(problem), "mazoezi": ours(problem)}
        first = {side: seconds(lambda run=run: run(0)) for side, run in sides.items()}
        elbos = {side: reached(problem, run(0)) for side, run in sides.items()}
        warm: dict[str, list[float]] = {side: [] for side in sides}
        for seed in range(RUNS):
            for side, run in sides.items():
                warm[side].append(seconds(lambda run=run, seed=seed: run(seed)))
        print(
            f"{name}: {problem.samples} draws a step, {problem.steps} steps, best ELBO {problem.best}"
        )
        for side, values in warm.items():
            print(
                f"  {side:8} ELBO {elbos[side]:8.3f}, warm {statistics.median(values):6.3f} s "
                f"({min(values):.3f} to {max(values):.3f}), first call {first[side]:5.2f} s"
            )
        ratios = [a / b for a, b in zip(warm["mazoezi"], warm["NumPyro"], strict=True)]
        print(
            f"  ratio    warm {statistics.median(ratios):.2f} ({min(ratios):.2f} to "
            f"{max(ratios):.2f}), first call {first['mazoezi'] / first['NumPyro']:.2f}; "
            f"wanted: at most {WANTED}"
        )


if __name__ == "__main__":
    main()
