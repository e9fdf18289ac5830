"""Black-box variational inference: fit a Gaussian q(w) = N(mean, L L^T) to a posterior.

All that is asked of a model is its log-likelihood at a weight vector. The ELBO

    E_q[log p(y | X, w)] - KL(q || p)  =  log p(y | X) - KL(q || posterior)

is estimated with weights w = mean + L eps, which are differentiable in mean and L (Kingma and
Welling, Auto-encoding variational Bayes, 2014, section 2.4; for a full covariance Titsias and
Lazaro-Gredilla, Doubly stochastic variational Bayes, 2014, equation 8), and climbed with Adam.

Weights are vectors here. A model whose weights are a pytree is fitted through
`jax.flatten_util.ravel_pytree`, which gives the vector and the function back: see `make_elbo`.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import optax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Int, PRNGKeyArray, PyTree

from mazoezi._errors import ArgumentError
from mazoezi.bayes._arguments import (
    check_at_least,
    check_covariance,
    check_finite,
    check_positive,
    let_check,
)
from mazoezi.bayes._linear import Alpha

FLOOR = 1e-6
"""Least standard deviation on the diagonal of L, in sampling and in the log-determinant alike."""

DRAWN_NUMBERS = 500_000
"""A fit draws noise for many steps at once, up to so many numbers (2 MB)."""

LogLikelihood: TypeAlias = Callable[[Array], Float[Array, ""]]
"""From one weight vector to log p(y | X, w), over all examples."""


class VariationalGaussian(eqx.Module):
    """A Gaussian over weight vectors whose parameters are free of constraints.

    L is `lower` below its diagonal and exp(log_diagonal) on it; the rest of `lower` is never read.
    Without `lower` the Gaussian is mean-field: its covariance is diagonal.
    """

    mean: Float[Array, "weights"]
    lower: Float[Array, "weights weights"] | None
    log_diagonal: Float[Array, "weights"]

    @property
    def free_parameters(self) -> int:
        """Number of parameters that matter: D + D (D + 1) / 2, or 2 D in the mean-field case."""
        size = self.mean.shape[-1]
        return size + (size if self.lower is None else size * (size + 1) // 2)

    @property
    def cholesky(self) -> Float[Array, "weights weights"]:
        """L."""
        diagonal = jnp.diag(jnp.exp(_log_scales(self)))
        return diagonal if self.lower is None else jnp.tril(self.lower, -1) + diagonal

    @property
    def covariance(self) -> Float[Array, "weights weights"]:
        """L L^T."""
        factor = self.cholesky
        return jnp.matmul(factor, factor.T, precision="highest")


def init_variational(
    size: int,
    key: PRNGKeyArray,
    *,
    mean_scale: float | Float[Array, ""] = 1.0,
    mean_field: bool = False,
) -> VariationalGaussian:
    """A random start: mean ~ N(0, mean_scale^2), all other parameters ~ N(0, 1e-3^2).

    Args:
        size: number of weights.
        key: random key.
        mean_scale: how far from the origin to start; which mode is found depends on it.
        mean_field: whether the covariance is to be diagonal.
    """
    check_at_least("size", size, 1)
    mean_key, lower_key, diagonal_key = jr.split(key, 3)
    return VariationalGaussian(
        mean=mean_scale * jr.normal(mean_key, (size,)),
        lower=None if mean_field else 1e-3 * jr.normal(lower_key, (size, size)),
        log_diagonal=1e-3 * jr.normal(diagonal_key, (size,)),
    )


def gaussian_at(
    mean: Float[Array, "weights"],
    scale: float | Float[Array, ""] = 1.0,
    *,
    mean_field: bool = False,
) -> VariationalGaussian:
    """A start of your choice: N(mean, scale^2 I)."""
    check_positive("scale", scale)
    mean = jnp.asarray(mean, jnp.result_type(mean, jnp.float32))
    size = mean.shape[0]
    lower = None if mean_field else jnp.zeros((size, size), mean.dtype)
    return VariationalGaussian(mean, lower, jnp.full(size, jnp.log(scale), mean.dtype))


def gaussian_from_covariance(
    mean: Float[Array, "weights"], covariance: Float[Array, "weights weights"]
) -> VariationalGaussian:
    """The Gaussian of a given mean and covariance, such as an exact or a Laplace posterior.

    Raises:
        ArgumentError: the covariance is not symmetric and positive definite.
    """
    check_covariance("covariance", covariance)
    factor = jnp.linalg.cholesky(covariance)
    return VariationalGaussian(
        jnp.asarray(mean, factor.dtype), factor, jnp.log(jnp.diagonal(factor))
    )


def sample(q: VariationalGaussian, key: PRNGKeyArray, count: int) -> Float[Array, "count weights"]:
    """Draw w = mean + L eps with eps ~ N(0, I); gradients reach the mean and L.

    As each row of `eps` is one draw, the product is eps L^T.
    """
    return _weights(q, _noise(q, key, count))


def log_prob(q: VariationalGaussian, w: Float[Array, "*batch weights"]) -> Float[Array, "*batch"]:
    """log q(w) = -1/2 |L^-1 (w - mean)|^2 - log |L| - D/2 log 2 pi."""
    log_scales, offset = _log_scales(q), w - q.mean
    if q.lower is None:
        standard = offset * jnp.exp(-log_scales)
    else:
        columns = offset.reshape(-1, offset.shape[-1]).T  # [weights, points]
        solved = jax.scipy.linalg.solve_triangular(q.cholesky, columns, lower=True)
        standard = solved.T.reshape(offset.shape)
    squares = jnp.sum(standard**2, axis=-1)
    return -squares / 2 - jnp.sum(log_scales) - q.mean.shape[-1] / 2 * jnp.log(2 * jnp.pi)


def kl_to_prior(q: VariationalGaussian, alpha: Alpha) -> Float[Array, ""]:
    """KL(q || p) to the prior p = N(0, diag(1/alpha)), in closed form and always a scalar.

    With one precision for all weights it is
    1/2 [alpha tr(L L^T) + alpha |mean|^2 - D - D log alpha - 2 sum log diag L].

    Raises:
        ArgumentError: a precision is not positive.
    """
    check_positive("alpha", alpha)
    alphas, log_scales = jnp.broadcast_to(jnp.asarray(alpha), q.mean.shape), _log_scales(q)
    variances = jnp.exp(2 * log_scales)
    if q.lower is not None:
        variances += jnp.sum(jnp.tril(q.lower, -1) ** 2, axis=1)
    expected_squares = alphas * (variances + q.mean**2)
    return jnp.sum(expected_squares - 1 - jnp.log(alphas) - 2 * log_scales) / 2


def elbo(
    q: VariationalGaussian,
    key: PRNGKeyArray,
    log_likelihood: LogLikelihood,
    alpha: Alpha,
    samples: int,
) -> Float[Array, ""]:
    """Estimate the ELBO, mean_k log p(y | X, w_k) - KL(q || p), with w_k ~ q; it is unbiased.

    Args:
        q: the approximation.
        key: random key of the draws.
        log_likelihood: from one weight vector to log p(y | X, w), summed over all examples.
        alpha: precision of the prior.
        samples: number of draws, 1 or more; the variance falls as 1 / samples.

    Raises:
        ArgumentError: a precision is not positive, or there is no draw.
    """
    check_at_least("samples", samples, 1)
    return _elbo_of(q, sample(q, key, samples), log_likelihood, alpha)


def _elbo_of(
    q: VariationalGaussian,
    draws: Float[Array, "count weights"],
    log_likelihood: LogLikelihood,
    alpha: Alpha,
) -> Float[Array, ""]:
    return jnp.mean(jax.vmap(log_likelihood)(draws)) - kl_to_prior(q, alpha)


class Elbo(eqx.Module):
    """The ELBO of a model on data that come with each call; made by `make_elbo`."""

    model: Callable[[PyTree, PyTree], Array]
    alpha: Alpha
    log_likelihood: Callable[[Array, Array], Array]
    samples: int = eqx.field(static=True)
    restore: Callable[[Array], PyTree]

    def __call__(
        self,
        q: VariationalGaussian,
        key: PRNGKeyArray,
        X: PyTree,
        y: Float[Array, "batch ..."] | Int[Array, "batch ..."],
        examples: int | None = None,
    ) -> Float[Array, ""]:
        """An unbiased estimate of the ELBO over all `examples`.

        Args:
            q: the approximation.
            key: random key of the draws.
            X: inputs, as the model takes them: all of them, or a minibatch drawn at random.
            y: their targets.
            examples: number N of examples if X is a minibatch of B < N: its log-likelihood then
                counts N/B times. By default X is all there is.
        """
        return self.at(q, self.noise(q, key), X, y, examples)

    def noise(self, q: VariationalGaussian, key: PRNGKeyArray) -> Float[Array, "count weights"]:
        """The standard normal numbers of one estimate: all that is random about it."""
        return _noise(q, key, self.samples)

    def at(
        self,
        q: VariationalGaussian,
        noise: Float[Array, "count weights"],
        X: PyTree,
        y: Float[Array, "batch ..."] | Int[Array, "batch ..."],
        examples: int | None = None,
    ) -> Float[Array, ""]:
        """The estimate that this noise gives."""
        batch = jnp.shape(y)[0]
        scale = 1.0 if examples is None else examples / batch

        def log_likelihood(w: Float[Array, "weights"]) -> Float[Array, ""]:
            return scale * jnp.sum(self.log_likelihood(self.model(X, self.restore(w)), y))

        return _elbo_of(q, _weights(q, noise), log_likelihood, self.alpha)


def make_elbo(
    model: Callable[[PyTree, PyTree], Array],
    alpha: Alpha,
    log_likelihood: Callable[[Array, Array], Array],
    samples: int,
    *,
    restore: Callable[[Array], PyTree] | None = None,
) -> Elbo:
    """Build `elbo(q, key, X, y, examples=None)`, which `fit_variational` climbs.

    Args:
        model: `model(X, weights)`, the outputs for all inputs and one set of weights.
        alpha: precision of the prior.
        log_likelihood: `log_likelihood(outputs, y)`, example by example; it is summed.
        samples: number of draws from q for each estimate.
        restore: from a weight vector to the model's weights, if these are no vector: the second
            part of `jax.flatten_util.ravel_pytree(weights)`.

    Raises:
        ArgumentError: a precision is not positive, or `samples` is below 1.

    >>> def line(X, w):
    ...     return X @ w
    >>> def gaussian(mean, y):
    ...     return -((y - mean) ** 2) / 2 - jnp.log(2 * jnp.pi) / 2
    >>> elbo = make_elbo(line, 1.0, gaussian, samples=10)
    >>> q = gaussian_at(jnp.zeros(2), scale=0.1)
    >>> elbo(q, jr.key(0), jnp.ones((3, 2)), jnp.zeros(3)).shape
    ()
    """
    check_positive("alpha", alpha)
    check_at_least("samples", samples, 1)
    return Elbo(model, jnp.asarray(alpha), log_likelihood, samples, restore or _unchanged)


def _unchanged(w: Array) -> Array:
    return w


class Minibatches(eqx.Module):
    """An ELBO that draws new examples whenever it is evaluated: unbiased, at a batch's cost."""

    elbo: Elbo
    X: PyTree
    y: Array
    batch_size: int = eqx.field(static=True)

    def __call__(self, q: VariationalGaussian, key: PRNGKeyArray) -> Float[Array, ""]:
        """Draws `batch_size` examples with replacement, and the weights, with two fresh keys."""
        example_key, weight_key = jr.split(key)
        examples = jnp.shape(self.y)[0]
        picks = jr.randint(example_key, (self.batch_size,), 0, examples)
        X = jax.tree.map(lambda leaf: leaf[picks], self.X)
        return self.elbo(q, weight_key, X, self.y[picks], examples)


def minibatch_elbo(elbo: Elbo, X: PyTree, y: Array, batch_size: int) -> Minibatches:
    """Build an objective `objective(q, key)` on random minibatches of the data.

    Raises:
        ArgumentError: the batch is empty, or there are no examples to draw from.
    """
    check_at_least("batch_size", batch_size, 1)
    check_at_least("the number of examples", jnp.shape(y)[0], 1)
    return Minibatches(elbo, X, y, batch_size)


class VariationalFit(NamedTuple):
    """A fitted q and the way to it."""

    q: PyTree
    elbo: Float[Array, "steps"]
    """The estimate that each step climbed, before it moved: noisy, and worth averaging."""
    snapshots: PyTree
    """q on its way, with a new first axis: the start first, the last q last."""


def fit_variational(
    objective: Callable[..., Float[Array, ""]],
    q: PyTree,
    key: PRNGKeyArray,
    *args: PyTree,
    steps: int,
    rate: float | Float[Array, ""] = 5e-3,
    snapshots: int = 1,
) -> VariationalFit:
    """Climb a noisy objective with Adam (b1 = 0.99, b2 = 0.999), all steps in one compiled call.

    A second call with the same objective, steps and shapes compiles nothing. Whatever shall vary
    without compiling again, such as alpha under a slider, must be an array: in `args`, or inside
    an objective that is an Equinox module. A sweep over starts is a `vmap` over `q` and `key`.

    Args:
        objective: `objective(q, key, *args)`, the estimate to maximise; a `make_elbo(...)` with
            the data as `args`, a `minibatch_elbo(...)`, or any function.
        q: where to start; any pytree of floating-point arrays.
        key: random key; each step gets its own.
        *args: further arguments of the objective.
        steps: number of steps, 0 or more.
        rate: learning rate.
        snapshots: how often to keep q on its way, besides the start: after each of this many equal
            parts of the steps.

    Returns:
        The last q, the path of the objective and the snapshots.

    Raises:
        ArgumentError: `steps` is negative, or cannot be cut into `snapshots` equal parts; the
            objective refuses `args`, such as labels that are neither 0 nor 1; or it is not finite
            at the start.
    """
    check_at_least("steps", steps, 0)
    check_at_least("snapshots", snapshots, 1)
    if steps % snapshots:
        raise ArgumentError("steps", steps, f"a multiple of the {snapshots} snapshots")
    let_check(lambda q, *args: objective(q, jr.key(0), *args), q, *args)
    fit = _fit(objective, q, key, args, jnp.asarray(rate), steps, snapshots)
    at_start = fit.elbo[0] if steps else objective(q, key, *args)
    check_finite("the objective at the start", at_start)
    return fit


@eqx.filter_jit
def _fit(
    objective: Callable[..., Float[Array, ""]],
    q: PyTree,
    key: PRNGKeyArray,
    args: tuple,
    rate: Float[Array, ""],
    steps: int,
    snapshots: int,
) -> VariationalFit:
    optimiser = optax.adam(rate, b1=0.99, b2=0.999)
    drawn = isinstance(objective, Elbo)
    start, restore = ravel_pytree(q)  # one vector: Adam then has one array to move and not three
    # As bare data, because JAX's check for reused keys misreads a vmapped scan over keys.
    impl, key_data = jr.key_impl(key), jr.key_data(jr.split(key, steps))
    length = steps // snapshots
    block = _block_length(length, objective.samples * q.mean.size) if drawn else max(1, length)

    def chances(key_data: Array) -> Array:
        """What the steps of one block need: noise where the objective can take it, keys elsewhere."""
        if not drawn:
            return key_data
        return jax.vmap(lambda data: objective.noise(q, jr.wrap_key_data(data, impl=impl)))(
            key_data
        )

    def loss(vector: Float[Array, "parameters"], chance: Array) -> Float[Array, ""]:
        if drawn:
            return -objective.at(restore(vector), chance, *args)
        return -objective(restore(vector), jr.wrap_key_data(chance, impl=impl), *args)

    def step(state: tuple, chance: Array) -> tuple[tuple, Float[Array, ""]]:
        vector, opt_state = state
        value, gradient = jax.value_and_grad(loss)(vector, chance)
        updates, opt_state = optimiser.update(gradient, opt_state)
        return (optax.apply_updates(vector, updates), opt_state), -value

    def block_of_steps(state: tuple, key_data: Array) -> tuple[tuple, Float[Array, "block"]]:
        return jax.lax.scan(step, state, chances(key_data))

    def part(state: tuple, key_data: Array) -> tuple[tuple, tuple]:
        state, path = jax.lax.scan(block_of_steps, state, key_data)
        return state, (state[0], path)

    state = start, optimiser.init(start)
    shape = (snapshots, length // block, block, *key_data.shape[1:])
    (last, _), (seen, path) = jax.lax.scan(part, state, key_data.reshape(shape))
    seen = jax.vmap(restore)(jnp.concatenate([start[None], seen]))
    return VariationalFit(restore(last), path.reshape(-1), seen)


def _block_length(steps: int, numbers: int) -> int:
    """The largest divisor of `steps` for whose blocks not too much is drawn; a step draws `numbers`."""
    most = max(1, min(steps, DRAWN_NUMBERS // numbers))
    return max(length for length in range(1, most + 1) if steps % length == 0)


def _log_scales(q: VariationalGaussian) -> Float[Array, "weights"]:
    return jnp.maximum(q.log_diagonal, jnp.log(FLOOR))


def _noise(q: VariationalGaussian, key: PRNGKeyArray, count: int) -> Float[Array, "count weights"]:
    return jr.normal(key, (count, q.mean.shape[-1]), q.mean.dtype)


def _weights(
    q: VariationalGaussian, noise: Float[Array, "count weights"]
) -> Float[Array, "count weights"]:
    if q.lower is None:
        return q.mean + noise * jnp.exp(_log_scales(q))
    return q.mean + jnp.matmul(noise, q.cholesky.T, precision="highest")
