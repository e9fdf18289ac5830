"""Several answers instead of one: deep ensembles, and mixtures of Gaussian approximations.

One optimum, or one Gaussian q, sees one mode. Fits from several starts see several, and their
predictions can be averaged.

*Source*: Lakshminarayanan et al., Simple and scalable predictive uncertainty estimation using deep
ensembles, 2017; Zobay, Variational Bayesian inference with Gaussian-mixture approximations, 2014.
"""

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import check_at_least, is_known
from mazoezi.bayes._chains import LogDensity
from mazoezi.bayes._variational import VariationalGaussian, fit_variational, log_prob, sample


class Ensemble(NamedTuple):
    """Several minimisers of one loss."""

    members: PyTree
    """Weights, with a new first axis: one entry for each start."""
    losses: Float[Array, "members"]
    """The loss at each of them."""


class MixturePrediction(NamedTuple):
    """Mean and standard deviation of a mixture of predictions."""

    mean: Float[Array, "*points"]
    sd: Float[Array, "*points"]


class GaussianMixture(eqx.Module):
    """q(w) = sum_k pi_k N(w; mean_k, L_k L_k^T), free of constraints: pi = softmax(logits)."""

    components: VariationalGaussian
    """All components, with a new first axis in each array."""
    logits: Float[Array, "components"]

    @property
    def weights(self) -> Float[Array, "components"]:
        """pi."""
        return jax.nn.softmax(self.logits)


def deep_ensemble(
    loss: Callable[..., Float[Array, ""]],
    starts: PyTree,
    *args: PyTree,
    steps: int = 2000,
    rate: float | Float[Array, ""] = 1e-2,
) -> Ensemble:
    """Minimise a loss with Adam from several starts, all in one compiled call.

    Args:
        loss: `loss(weights, *args)`, such as minus a log joint.
        starts: weights to start from, with a first axis: one entry for each member.
        *args: further arguments of the loss, such as the data.
        steps: optimisation steps.
        rate: learning rate.

    Raises:
        ArgumentError: `steps` is negative.
    """
    check_at_least("steps", steps, 0)
    objective = jax.tree_util.Partial(_negative, loss)

    def fit(start: PyTree) -> PyTree:
        return fit_variational(objective, start, jr.key(0), *args, steps=steps, rate=rate).q

    members = jax.vmap(fit)(starts)
    return Ensemble(members, _losses(loss, members, args))


@eqx.filter_jit
def _losses(loss: Callable[..., Array], members: PyTree, args: tuple) -> Float[Array, "members"]:
    return jax.vmap(lambda member: loss(member, *args))(members)


def _negative(
    loss: Callable[..., Array], weights: PyTree, key: PRNGKeyArray, *args: PyTree
) -> Array:
    return -loss(weights, *args)


def mixture_weights(log_evidences: Float[Array, "components"]) -> Float[Array, "components"]:
    """Weights proportional to exp(ELBO), or exp(log evidence), of each component.

    For components that do not overlap these maximise the mixture's ELBO: see `mixture_elbo`.

    >>> mixture_weights(jnp.array([-1000.0, -1000.0])).tolist()
    [0.5, 0.5]
    """
    log_evidences = jnp.asarray(log_evidences)
    if log_evidences.ndim != 1 or log_evidences.size == 0:
        raise ArgumentError("the shape of log_evidences", log_evidences.shape, "(components,)")
    if is_known(log_evidences) and not np.all(np.isfinite(log_evidences)):
        raise ArgumentError("log_evidences", log_evidences, "finite numbers")
    return jax.jit(jax.nn.softmax)(log_evidences)


def mixture_predict(
    means: Float[Array, "components *points"],
    variances: Float[Array, "components *points"],
    weights: Float[Array, "components"] | None = None,
) -> MixturePrediction:
    """Average predictions: the mixture's variance is the mean variance plus that of the means.

    Without `weights`, all components count the same, as in a deep ensemble.

    >>> mean, sd = mixture_predict(jnp.array([[-1.0], [1.0]]), jnp.zeros((2, 1)))
    >>> mean.tolist(), sd.tolist()
    ([0.0], [1.0])
    """
    means, variances = jnp.asarray(means), jnp.asarray(variances)
    count = means.shape[0]
    shares = jnp.full(count, 1 / count) if weights is None else jnp.asarray(weights)
    if shares.shape != (count,):
        raise ArgumentError("the shape of weights", shares.shape, f"({count},), one per component")
    return _mixture_predict(means, variances, shares)


@jax.jit
def _mixture_predict(means: Array, variances: Array, shares: Array) -> MixturePrediction:
    mean = jnp.tensordot(shares, means, axes=1)
    variance = jnp.tensordot(shares, variances + (means - mean) ** 2, axes=1)
    return MixturePrediction(mean, jnp.sqrt(variance))


def mixture_of(
    components: VariationalGaussian, weights: Float[Array, "components"]
) -> GaussianMixture:
    """Join fitted Gaussians, whose arrays are stacked along a first axis, by their weights."""
    return GaussianMixture(components, jnp.log(jnp.asarray(weights)))


def mixture_log_prob(q: GaussianMixture, w: Float[Array, "weights"]) -> Float[Array, ""]:
    """log q(w) of one weight vector."""
    each = jax.vmap(log_prob, in_axes=(0, None))(q.components, w)
    return jax.nn.logsumexp(jax.nn.log_softmax(q.logits) + each)


def mixture_sample(
    q: GaussianMixture, key: PRNGKeyArray, count: int
) -> Float[Array, "count weights"]:
    """Draw weight vectors: a component at random, then a draw from it."""
    pick_key, draw_key = jr.split(key)
    picks = jr.categorical(pick_key, q.logits, shape=(count,))
    chosen = jax.tree.map(lambda leaf: leaf[picks], q.components)
    return jax.vmap(lambda part, key: sample(part, key, 1)[0])(chosen, jr.split(draw_key, count))


def mixture_elbo(
    q: GaussianMixture, key: PRNGKeyArray, log_joint: LogDensity, samples: int
) -> Float[Array, ""]:
    """Estimate E_q[log p(y, w) - log q(w)] of a mixture, without bias.

    Each component is sampled `samples` times and counts by its weight, so that gradients reach the
    weights as well as the components. An objective for `fit_variational`.

    Args:
        q: the mixture.
        key: random key.
        log_joint: from one weight vector to log p(y | X, w) + log p(w).
        samples: draws from each component.
    """
    check_at_least("samples", samples, 1)

    def expectation(part: VariationalGaussian, key: PRNGKeyArray) -> Float[Array, ""]:
        draws = sample(part, key, samples)
        return jnp.mean(jax.vmap(lambda w: log_joint(w) - mixture_log_prob(q, w))(draws))

    keys = jr.split(key, q.logits.shape[0])
    return jnp.sum(q.weights * jax.vmap(expectation)(q.components, keys))
