"""All methods of the practical on one problem whose truth is known: the network of four weights.

Each method is run several times from random starts and says what it predicts at some inputs, its
mean and standard deviation, and how often one run passes over the data. An evaluation is one pass,
with or without a gradient.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from mazoezi import bayes

UP, DOWN = (1.0, 0.5, 1.0, -1.0), (-1.0, 0.5, -1.0, 2.0)
"""Weights (w0, b0, w1, b1) of the two kinds of hinge: flat then up, and up then flat."""
MEMBERS = 10
ADAM_STEPS = 2000
VI_STEPS, VI_SAMPLES = 3000, 100
NUTS_WARMUP, NUTS_DRAWS = 500, 500
PRIOR_DRAWS = 600_000
PARTICLES, MOVES = 4000, 20
TRUTH_DRAWS = 4_000_000


class Problem(NamedTuple):
    """Data, the prior's precision, and the inputs at which the outputs are wanted."""

    x: Float[Array, "examples"]
    y: Float[Array, "examples"]
    alpha: float
    new: Float[Array, "points"]


class Found(NamedTuple):
    """What several runs of one method say of the outputs, and what one of them costs."""

    mean: Float[Array, "runs points"]
    sd: Float[Array, "runs points"]
    evaluations: float


def truth(problem: Problem, key: PRNGKeyArray) -> bayes.ImportanceEstimate:
    """The exact mean and sd of the outputs, as near as four million draws of the prior can say."""
    return _by_importance(problem, key, TRUTH_DRAWS)


def every_method(problem: Problem, key: PRNGKeyArray, runs: int) -> dict[str, Found]:
    """Run each method `runs` times, and return what it finds by its name."""
    keys = jr.split(key, 5)
    return {
        **optima(problem, keys[0], runs),
        **variational(problem, keys[1], runs),
        **sampled(problem, keys[2], runs),
        "importance sampling": importance(problem, keys[3], runs),
        "tempered particles": tempered(problem, keys[4], runs),
    }


def optima(problem: Problem, key: PRNGKeyArray, runs: int) -> dict[str, Found]:
    """One optimum by Adam, and ten; the linearised Laplace approximations around them."""
    starts = jr.normal(key, (runs * MEMBERS, 4))
    found = bayes.deep_ensemble(partial(_loss, problem), starts, steps=ADAM_STEPS).members
    found = found.reshape(runs, MEMBERS, 4)
    linearise = jax.jit(jax.vmap(jax.vmap(partial(_linearised, problem))))
    means, sds, log_evidences = linearise(found)  # [runs, members, ...]
    weights = jax.vmap(bayes.mixture_weights)(log_evidences)
    mixed = jax.vmap(bayes.mixture_predict)(means, sds**2, weights)
    return {
        "one optimum": _moments(problem, found[:, :1], ADAM_STEPS),
        "deep ensemble of 10": _moments(problem, found, MEMBERS * ADAM_STEPS),
        "linearised Laplace": Found(means[:, 0], sds[:, 0], ADAM_STEPS + 1),
        "ten of them, by evidence": Found(mixed.mean, mixed.sd, MEMBERS * (ADAM_STEPS + 1)),
    }


def variational(problem: Problem, key: PRNGKeyArray, runs: int) -> dict[str, Found]:
    """One Gaussian q from a random start; and two, one from each hinge, weighted by exp(ELBO)."""
    start_key, fit_key = jr.split(key)
    hinges = jnp.broadcast_to(jnp.array([UP, DOWN])[:, None], (2, runs, 4))
    starts = jnp.concatenate([jr.normal(start_key, (1, runs, 4)), hinges])
    fit = jax.jit(jax.vmap(jax.vmap(partial(_fit_q, problem))))
    draws, bounds = fit(starts, jr.split(fit_key, (3, runs)))  # [3, runs, ...]
    means, sds = jax.vmap(partial(_mean_and_sd, problem))(draws)
    weights = jax.vmap(bayes.mixture_weights)(bounds[1:].T)  # [runs, 2]
    both = jax.vmap(bayes.mixture_predict, in_axes=(1, 1, 0))(means[1:], sds[1:] ** 2, weights)
    cost = VI_STEPS * VI_SAMPLES
    return {
        "variational, one Gaussian": Found(means[0], sds[0], cost),
        "variational, two Gaussians": Found(both.mean, both.sd, 2 * cost),
    }


def sampled(problem: Problem, key: PRNGKeyArray, runs: int) -> dict[str, Found]:
    """One chain of NUTS from a random start, and four."""
    start_key, draw_key = jr.split(key)
    starts = jr.normal(start_key, (4 * runs, 4))
    chains = bayes.nuts(
        jax.tree_util.Partial(_log_joint, problem), starts, draw_key,
        warmup=NUTS_WARMUP, draws=NUTS_DRAWS,
    )  # fmt: skip
    # Paths of the warm-up are not counted by the sampler; they are about as long as the others.
    cost = float(jnp.mean(chains.info.steps)) * (NUTS_WARMUP + NUTS_DRAWS)
    return {
        "NUTS, one chain": _moments(problem, chains.draws[::4], cost),
        "NUTS, four chains": _moments(problem, chains.draws.reshape(runs, -1, 4), 4 * cost),
    }


def importance(problem: Problem, key: PRNGKeyArray, runs: int) -> Found:
    """Draws of the prior, weighted by their likelihoods."""
    found = [_by_importance(problem, each, PRIOR_DRAWS) for each in jr.split(key, runs)]
    means, sds = (jnp.stack([getattr(one, part) for one in found]) for part in ("mean", "sd"))
    return Found(means, sds, PRIOR_DRAWS)


def tempered(problem: Problem, key: PRNGKeyArray, runs: int) -> Found:
    """Particles that move from the prior to the posterior."""
    log_prior = jax.tree_util.Partial(_log_prior, problem)
    log_likelihood = jax.tree_util.Partial(_log_likelihood, problem)
    prior_sampler = jax.tree_util.Partial(_prior_draws, problem)
    found = [
        bayes.tempered_posterior(
            log_prior, log_likelihood, prior_sampler, each, PARTICLES, moves=MOVES
        )
        for each in jr.split(key, runs)
    ]
    # Each temperature evaluates all particles once where they are, and once for each move.
    passes = np.mean([1 + (1 + MOVES) * len(one.temperatures) for one in found])
    return _moments(problem, jnp.stack([one.draws for one in found]), float(PARTICLES * passes))


def rmse(
    found: Float[Array, "runs points"], exact: Float[Array, "points"]
) -> Float[np.ndarray, "runs"]:
    """Root of the mean squared error over the points, for each run."""
    return np.sqrt(np.mean((np.asarray(found) - np.asarray(exact)) ** 2, axis=1))


def _at_new(problem: Problem, w: Array) -> Array:
    return bayes.relu_network(problem.new, w)


def _log_prior(problem: Problem, w: Array) -> Array:
    return bayes.log_prior(w, problem.alpha)


def _log_likelihood(problem: Problem, w: Array) -> Array:
    return bayes.network_log_likelihood(bayes.relu_network, w, problem.x, problem.y)


def _log_joint(problem: Problem, w: Array) -> Array:
    return _log_prior(problem, w) + _log_likelihood(problem, w)


def _loss(problem: Problem, w: Array) -> Array:
    return -_log_joint(problem, w)


def _prior_draws(problem: Problem, key: PRNGKeyArray, count: int) -> Array:
    return jr.normal(key, (count, 4)) / jnp.sqrt(problem.alpha)


def _gaussian(f: Array, y: Array) -> Array:
    return -((y - f) ** 2) / 2 - jnp.log(2 * jnp.pi) / 2


def _mean_and_sd(problem: Problem, w: Float[Array, "runs draws 4"]) -> tuple[Array, Array]:
    f = jax.vmap(jax.vmap(partial(_at_new, problem)))(w)
    return jnp.mean(f, axis=1), jnp.std(f, axis=1)


def _moments(problem: Problem, w: Float[Array, "runs draws 4"], evaluations: float) -> Found:
    mean, sd = jax.jit(partial(_mean_and_sd, problem))(w)
    return Found(mean, sd, evaluations)


def _linearised(problem: Problem, mode: Float[Array, "4"]) -> tuple[Array, Array, Array]:
    """Mean and sd of the linearised network's outputs, and Laplace's log evidence."""
    fit = bayes.linearised_laplace(
        bayes.relu_network, mode, problem.x, problem.y, problem.alpha, _gaussian
    )
    prediction = bayes.predict_linearised(bayes.relu_network, fit, problem.new)
    return prediction.mean, prediction.sd_f, fit.log_evidence


def _fit_q(
    problem: Problem, start: Float[Array, "4"], key: PRNGKeyArray
) -> tuple[Float[Array, "draws 4"], Float[Array, ""]]:
    """Draws of a fitted Gaussian, and its ELBO."""
    fit_key, draw_key = jr.split(key)
    bound = bayes.make_elbo(bayes.relu_network, problem.alpha, _gaussian, VI_SAMPLES)
    q = bayes.gaussian_at(start, 0.1)
    fit = bayes.fit_variational(bound, q, fit_key, problem.x, problem.y, steps=VI_STEPS, rate=2e-3)
    return bayes.sample(fit.q, draw_key, 4000), jnp.mean(fit.elbo[-500:])


def _by_importance(problem: Problem, key: PRNGKeyArray, draws: int) -> bayes.ImportanceEstimate:
    return bayes.importance_posterior(
        jax.tree_util.Partial(_log_likelihood, problem),
        jax.tree_util.Partial(_prior_draws, problem),
        key,
        draws,
        jax.tree_util.Partial(_at_new, problem),
    )
