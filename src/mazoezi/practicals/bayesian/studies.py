"""Simulation studies of the practical, whose code is longer than what they show."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from mazoezi import bayes

LAST_LAYER = np.array([False, False, True, True])
"""Which of the weights (w0, b0, w1, b1) belong to the output."""

Linearised = Callable[[Callable, Array, Array, Array], tuple[Array, Array]]

_normal_log_density = jax.scipy.stats.norm.logpdf


def evidence_on_noise(
    key: PRNGKeyArray, runs: int = 20, features: int = 40
) -> dict[str, tuple[Float[Array, "runs"], Float[Array, "runs"]]]:
    """Maximise the evidence where there is nothing to learn: 30 targets of pure noise.

    Once over one precision for all features, and once over one for each. Returns, by name, the log
    evidence that is gained over "no function at all", and the log score that is gained on 30 new
    targets, both in nats.
    """

    def log_evidence(log_alphas, Phi, y):
        return bayes.log_evidence_dual(Phi / jnp.exp(log_alphas / 2), y, 1.0)

    def gains(key):
        feature_key, train_key, new_key = jr.split(key, 3)
        Phi = jr.normal(feature_key, (60, features))
        y, y_new = jr.normal(train_key, (30,)), jr.normal(new_key, (30,))
        found = {}
        for name, start in starts.items():
            fit = bayes.maximise_evidence(start, log_evidence, Phi[:30], y, steps=500, rate=0.03)
            scaled = Phi / jnp.exp(fit.log_params / 2)
            mean, _, sd = bayes.predict(scaled[30:], *bayes.posterior(scaled[:30], y, 1.0))
            score = _normal_log_density(y_new, mean, sd) - _normal_log_density(y_new)
            found[name] = fit.log_evidence - jnp.sum(_normal_log_density(y)), jnp.sum(score)
        return found

    starts = {"one precision": jnp.zeros(()), f"{features} precisions": jnp.zeros(features)}
    return jax.jit(jax.vmap(gains))(jr.split(key, runs))


def laplace_in_many_worlds(
    linearised: Linearised, starts: Float[Array, "starts 4"], key: PRNGKeyArray, worlds: int
) -> dict[str, Float[Array, "worlds"]]:
    """Judge Laplace's Gaussian for the network of four weights on data that it has not seen.

    In each world weights are drawn from the prior (precision 0.1), then twelve examples with inputs
    in [-2, 2] and twenty new ones in [-3, 3], with noise of variance 1. The network is trained from
    each of the starts, and the best is kept. `linearised(network, mode, covariance, x)` returns mean
    and sd of the linearised network's function.

    Returns, by the name of a predictive distribution, the mean log density of the new observations in
    each world.
    """

    def scores(key):
        w_key, x_key, noise_key, draw_key = jr.split(key, 4)
        w = jr.normal(w_key, (4,)) / jnp.sqrt(0.1)
        places = jr.uniform(x_key, (32,), minval=-1.0, maxval=1.0)
        inputs = jnp.where(jnp.arange(32) < 12, 2 * places, 3 * places)  # new ones may lie outside
        targets = bayes.relu_network(inputs, w) + jr.normal(noise_key, (32,))
        x, x_new, y, y_new = inputs[:12], inputs[12:], targets[:12], targets[12:]

        trained = bayes.deep_ensemble(_relu_loss, starts, x, y, steps=1000, rate=2e-2)
        mode = trained.members[jnp.argmin(trained.losses)]
        densities = _by_laplace(linearised, mode, draw_key, x, y, x_new, y_new)
        densities["mode only"] = _normal_log_density(y_new, bayes.relu_network(x_new, mode))
        return {name: jnp.mean(values) for name, values in densities.items()}

    return jax.jit(jax.vmap(scores))(jr.split(key, worlds))


def _relu_loss(w: Array, x: Array, y: Array) -> Array:
    return bayes.network_loss(bayes.relu_network, w, x, y, 0.1)


def _by_laplace(
    linearised: Linearised, mode: Array, key: Array, x: Array, y: Array, x_new: Array, y_new: Array
) -> dict[str, Array]:
    """Return the log densities of new observations: weights drawn, linearised, last layer only."""

    def fit(uncertain=None):
        return bayes.linearised_laplace(
            bayes.relu_network, mode, x, y, 0.1, lambda f, y: _normal_log_density(y, f), uncertain
        )

    full, last = fit(), fit(LAST_LAYER)
    drawn = bayes.sample_gaussian(full.gaussian, key, 200)
    outputs = jax.vmap(bayes.relu_network, in_axes=(None, 0))(x_new, drawn)
    each = jax.nn.logsumexp(_normal_log_density(y_new, outputs), axis=0) - jnp.log(len(drawn))
    found = {"Laplace, weights drawn": each}
    for name, one in {"Laplace, linearised": full, "last layer, linearised": last}.items():
        mean, sd = linearised(bayes.relu_network, mode, one.covariance, x_new)
        found[name] = _normal_log_density(y_new, mean, jnp.sqrt(sd**2 + 1))
    return found
