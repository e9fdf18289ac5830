"""Checks of B3.9 and B3.9.1: drawing from q, and its divergence from the prior."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.bayes import VariationalGaussian
from mazoezi.course import code_exercise
from mazoezi.practicals.bayesian.exercises._drawn import (
    assert_keys_used_once,
    covariance_is,
    mean_is,
    rounded,
    unwatched,
)

_DRAWS = 20_000


def _q(mean, lower, log_diagonal):
    return VariationalGaussian(
        *(jnp.asarray(part, jnp.float32) for part in (mean, lower, log_diagonal))
    )


def _wide_q(rng, D):
    """Make a q whose draws show every mistake, with numbers in `lower` that nobody reads."""
    return _q(
        rng.uniform(1, 3, D) * rng.choice([-1, 1], D),
        rng.uniform(0.8, 1.6, (D, D)) * rng.choice([-1, 1], (D, D)),
        rng.permutation(np.linspace(-0.9, 0.7, D)),
    )


def _factor(q):
    """L, written out once more."""
    return jnp.tril(q.lower, -1) + jnp.diag(jnp.exp(q.log_diagonal))


# --- B3.9 Draw from q ----------------------------------------------------------------------------


def _sample(q, key, K):
    return bayes.sample(q, key, K)


draw_from_q = code_exercise("B3.9", reference=_sample)


def _candidates(q):
    """Covariances that draws may have, by what they are called."""
    L = np.asarray(_factor(q), np.float64)
    stored = np.asarray(q.lower) + np.diag(np.exp(q.log_diagonal))
    raw = np.tril(q.lower, -1) + np.diag(q.log_diagonal)
    halved = np.tril(q.lower, -1) + np.diag(np.exp(np.asarray(q.log_diagonal) / 2))
    upper = np.triu(q.lower, 1) + np.diag(np.exp(q.log_diagonal))
    return {
        "L Lᵀ": L @ L.T,
        "Lᵀ L": L.T @ L,
        "the diagonal of L alone, squared": np.diag(np.diag(L) ** 2),
        "that of a factor that is not L": stored @ stored.T,
        "that of an L without the exponential": raw @ raw.T,
        "that of an L with exp(log_diagonal / 2)": halved @ halved.T,
        "that of the upper triangle": upper @ upper.T,
        "L Lᵀ squared": L @ L.T @ L @ L.T,
        "the identity": np.eye(len(L)),
        "(1 / K) of what it should be": L @ L.T / _DRAWS,
    }


def _told(answer):
    """Say in words what the statistics of many draws are."""

    def run(q):
        draws = np.asarray(unwatched(answer)(q, jr.key(1), _DRAWS), np.float64)
        size = q.mean.shape[0]
        if draws.shape != (_DRAWS, size):
            return {"shape": str(draws.shape).replace(str(_DRAWS), "K"), "mean": "", "cov": ""}
        names = (name for name, one in _candidates(q).items() if covariance_is(draws, one))
        covariance = np.atleast_2d(np.cov(draws, rowvar=False))
        mean = "that of q" if mean_is(draws, np.asarray(q.mean)) else rounded(draws.mean(axis=0))
        if mean_is(draws, 0.0):
            mean = "zero"
        return {
            "shape": f"(K, {size})", "mean": mean,
            "covariance": next(names, None) or rounded(covariance),
        }  # fmt: skip

    return run


def _told_right(q):
    return {"shape": f"(K, {q.mean.shape[0]})", "mean": "that of q", "covariance": "L Lᵀ"}


@draw_from_q.case("a q so narrow that every draw is its mean", run=unwatched, atol=1e-3)
def _(rng):
    yield _q([3.0, -1.0], np.zeros((2, 2)), [-12.0, -12.0]), jr.key(0), 4


@draw_from_q.case("one weight: mean and standard deviation", run=_told, expect=_told_right)
def _(rng):
    yield _q([1.0], [[7.0]], [np.log(3.0)])


@draw_from_q.case("two weights that depend on each other", run=_told, expect=_told_right)
def _(rng):
    yield _q([2.0, -1.0], [[0.0, 0.0], [1.0, 0.0]], [0.0, 0.0])


@draw_from_q.case("three weights, with numbers above the diagonal", run=_told, expect=_told_right)
def _(rng):
    yield _wide_q(rng, 3)


@draw_from_q.property("the same key gives the same draws, another key other draws")
def _(answer, rng):
    q = _q([0.0, 1.0], np.zeros((2, 2)), [0.0, 0.5])
    one, again, other = (np.asarray(unwatched(answer)(q, jr.key(s), 4)) for s in (3, 3, 4))
    assert np.allclose(one, again), (
        "Two calls with one and the same key gave different draws: take all randomness from `key`."
    )
    assert not np.any(np.isclose(one, other)), (
        "Another key gave the same draws: use the `key` that is passed in."
    )


@draw_from_q.property("the K draws are independent of each other")
def _(answer, rng):
    q = _q([0.0, 1.0], np.zeros((2, 2)), [0.0, 0.5])
    draws = np.asarray(unwatched(answer)(q, jr.key(5), _DRAWS))
    assert len(np.unique(draws[:, 0])) > _DRAWS / 2, (
        "The K draws are one draw, K times. Each row needs noise of its own: draw an array of "
        "shape (K, D)."
    )
    noise = (draws - draws.mean(axis=0)) / draws.std(axis=0)
    for apart in (1, _DRAWS // 2):  # neighbours, and the two halves
        products = (noise[:-apart] * noise[apart:]).mean(axis=0)
        assert np.all(np.abs(products) < 5.5 / np.sqrt(_DRAWS - apart)), (
            f"A draw tells of the one {apart} rows further on: the rows of the noise are not "
            "independent."
        )


@draw_from_q.property("the noise is normal")
def _(answer, rng):
    q = _q([0.0], np.zeros((1, 1)), [0.0])
    share = (np.abs(np.asarray(unwatched(answer)(q, jr.key(6), _DRAWS))) < 1).mean()
    assert abs(share - 0.6827) < 5.5 * np.sqrt(0.6827 * 0.3173 / _DRAWS), (
        f"For q = N(0, 1), {100 * share:.0f} % of the draws lie within ±1, where a normal "
        "distribution has 68 %. `jr.normal` draws the noise."
    )


@draw_from_q.property("gradients reach the mean, the lower triangle and the diagonal")
def _(answer, rng):
    q = _q([0.5, -0.5], [[0.0, 0.0], [0.3, 0.0]], [0.1, -0.2])
    gradient = jax.grad(lambda q: jnp.sum(unwatched(answer)(q, jr.key(7), 4) ** 2))(q)
    parts = {
        "mean": gradient.mean, "lower[1, 0]": gradient.lower[1, 0],
        "log_diagonal": gradient.log_diagonal,
    }  # fmt: skip
    for name, part in parts.items():
        assert np.all(np.abs(part) > 1e-4), (
            f"No gradient reaches `q.{name}` through your draws: compute them from q and noise, "
            "in JAX, without stopping the gradient."
        )


@draw_from_q.property("no key is used twice")
def _(answer, rng):
    q = _q([0.0, 1.0], np.zeros((2, 2)), [0.0, 0.5])
    assert_keys_used_once(lambda key: answer(q, key, 4), jr.key(8))


@draw_from_q.mistake(
    "Your draws have the covariance LᵀL. Each *row* of your noise is one ε; Lε for a row is the row "
    "times Lᵀ: `noise @ L.T`."
)
def factor_not_transposed(q, key, K):
    return q.mean + jr.normal(key, (K, q.mean.size)) @ _factor(q)


@draw_from_q.mistake(
    "Your draws are columns: the shape is (D, K). One draw is one row here: transpose the result."
)
def draws_in_columns(q, key, K):
    return q.mean[:, None] + _factor(q) @ jr.normal(key, (q.mean.size, K))


@draw_from_q.mistake("The mean is missing: add `q.mean` to every draw.")
def mean_forgotten(q, key, K):
    return jr.normal(key, (K, q.mean.size)) @ _factor(q).T


@draw_from_q.mistake(
    "The noise goes in as it is, with covariance I. Multiply it by L, so that it gets the "
    "covariance LLᵀ."
)
def factor_forgotten(q, key, K):
    return q.mean + jr.normal(key, (K, q.mean.size))


@draw_from_q.mistake(
    "Only the diagonal of L is used, so that the weights are drawn independently of each other. "
    "The entries below the diagonal belong to L too."
)
def diagonal_only(q, key, K):
    return q.mean + jr.normal(key, (K, q.mean.size)) * jnp.exp(q.log_diagonal)


@draw_from_q.mistake(
    "`q.log_diagonal` holds the *logarithms* of L's diagonal: take `jnp.exp` of them."
)
def exponential_forgotten(q, key, K):
    L = jnp.tril(q.lower, -1) + jnp.diag(q.log_diagonal)
    return q.mean + jr.normal(key, (K, q.mean.size)) @ L.T


@draw_from_q.mistake(
    "The diagonal of L holds standard deviations, exp(log_diagonal). With exp(log_diagonal / 2) you "
    "read the logarithms as those of variances."
)
def logarithms_of_variances(q, key, K):
    L = jnp.tril(q.lower, -1) + jnp.diag(jnp.exp(q.log_diagonal / 2))
    return q.mean + jr.normal(key, (K, q.mean.size)) @ L.T


@draw_from_q.mistake(
    "You use every entry of `q.lower`. Only those below the diagonal belong to L: "
    "`jnp.tril(q.lower, -1)`."
)
def whole_matrix(q, key, K):
    L = q.lower + jnp.diag(jnp.exp(q.log_diagonal))
    return q.mean + jr.normal(key, (K, q.mean.size)) @ L.T


@draw_from_q.mistake(
    "`jnp.tril(q.lower)` keeps the diagonal of `lower`, which is never to be read: ask for "
    "`jnp.tril(q.lower, -1)`."
)
def stored_diagonal_added(q, key, K):
    L = jnp.tril(q.lower) + jnp.diag(jnp.exp(q.log_diagonal))
    return q.mean + jr.normal(key, (K, q.mean.size)) @ L.T


@draw_from_q.mistake(
    "You multiply the noise by the covariance LLᵀ, so that the draws have the covariance LLᵀ "
    "*squared*. Multiply by L, its 'square root'."
)
def covariance_as_factor(q, key, K):
    L = _factor(q)
    return q.mean + jr.normal(key, (K, q.mean.size)) @ (L @ L.T)


@draw_from_q.mistake("You gave L to a function that asks for the *covariance*. That is LLᵀ.")
def factor_as_covariance(q, key, K):
    return jr.multivariate_normal(key, q.mean, _factor(q), (K,))


@draw_from_q.mistake(
    "All K draws share one ε, so that they are one draw K times. Draw an array of noise of shape "
    "(K, D)."
)
def one_noise_for_all(q, key, K):
    return jnp.tile(q.mean + _factor(q) @ jr.normal(key, q.mean.shape), (K, 1))


@draw_from_q.mistake(
    "The key is made inside the function, so that every call draws the same. Use the `key` that is "
    "passed in."
)
def key_made_inside(q, key, K):
    return q.mean + jr.normal(jr.key(0), (K, q.mean.size)) @ _factor(q).T


@draw_from_q.mistake(
    "`jr.uniform` draws between 0 and 1. The noise is standard normal: `jr.normal`."
)
def uniform_noise(q, key, K):
    return q.mean + jr.uniform(key, (K, q.mean.size)) @ _factor(q).T


@draw_from_q.mistake(
    "The gradient stops at your draws, so that nothing can be learned through them. Only the "
    "*noise* is random; the draws are a function of it and of q."
)
def gradient_stopped(q, key, K):
    return jax.lax.stop_gradient(bayes.sample(q, key, K))


@draw_from_q.alternative
def one_at_a_time(q, key, K):
    L = _factor(q)
    return jax.vmap(lambda key: q.mean + L @ jr.normal(key, q.mean.shape))(jr.split(key, K))


@draw_from_q.alternative
def by_the_library(q, key, K):
    return jr.multivariate_normal(key, q.mean, q.covariance, (K,), method="cholesky")


@draw_from_q.alternative
def by_einsum(q, key, K):
    noise = jr.normal(key, (K, len(q.mean)))
    return q.mean[None] + jnp.einsum("ij,kj->ki", q.cholesky, noise)


@draw_from_q.alternative
def noise_in_columns(q, key, K):
    return (q.mean[:, None] + _factor(q) @ jr.normal(key, (len(q.mean), K))).T


# --- B3.9.1 Divergence from the prior ------------------------------------------------------------


def _kl(q, alpha):
    return bayes.kl_to_prior(q, alpha)


kl_to_prior = code_exercise("B3.9.1", reference=_kl, rtol=1e-4, atol=1e-4)


@kl_to_prior.case("q is the prior: the divergence is zero")
def _(rng):
    yield _q([0.0], [[0.0]], [0.0]), 1.0
    yield _q([0.0, 0.0], np.zeros((2, 2)), np.full(2, np.log(0.5))), 4.0


@kl_to_prior.case("the mean moves away")
def _(rng):
    yield _q([1.0], [[0.0]], [0.0]), 1.0
    yield _q([3.0], [[0.0]], [np.log(0.5)]), 4.0


@kl_to_prior.case("q is narrower, or wider, than the prior")
def _(rng):
    yield _q([0.0], [[0.0]], [-1.0]), 1.0
    yield _q([0.0], [[0.0]], [1.0]), 3.0
    yield _q([0.0, 0.0], np.zeros((2, 2)), [0.5, -1.0]), 0.5


@kl_to_prior.case("weights that depend on each other")
def _(rng):
    yield _q([0.0, 0.0], [[0.0, 0.0], [2.0, 0.0]], [0.0, 0.0]), 1.0
    yield _q([1.0, -2.0], [[0.0, 0.0], [-1.0, 0.0]], [0.3, -0.4]), 3.0


@kl_to_prior.case("three weights, with numbers above the diagonal")
def any_q(rng):
    yield _wide_q(rng, 3), 0.7
    yield _wide_q(rng, 3), 2.5


@kl_to_prior.case("one precision for each weight, still one number")
def _(rng):
    yield _wide_q(rng, 3), np.array([0.5, 1.0, 4.0], "float32")


def _slopes(answer):
    """The gradient with respect to q, part by part."""

    def run(q, alpha):
        gradient = jax.grad(answer)(q, alpha)
        return {name: getattr(gradient, name) for name in ("mean", "lower", "log_diagonal")}

    return run


kl_to_prior.case("differentiated by `grad`", run=_slopes, rtol=1e-3)(any_q)


@kl_to_prior.property("the average of log q(w) - log p(w) over draws from q")
def _(answer, rng):
    q, alpha = _wide_q(rng, 2), 1.5
    L, noise = np.asarray(_factor(q), np.float64), rng.normal(size=(10_000, 2))
    draws = np.asarray(q.mean, np.float64) + noise @ L.T
    prior = np.log(alpha) - alpha / 2 * np.sum(draws**2, axis=1)  # up to log 2π, as in log q
    gaps = -np.sum(noise**2, axis=1) / 2 - np.log(np.diag(L)).sum() - prior
    assert mean_is(gaps[:, None], float(answer(q, alpha))), (
        f"Over 10 000 draws from a q the average of log q(w) - log p(w) is {gaps.mean():.2f}, and "
        f"your formula gives {float(answer(q, alpha)):.2f}."
    )


def _parts(q, alpha):
    """Trace term, mean term, count, log-precision and log-determinant of twice the divergence."""
    D, L = q.mean.size, _factor(q)
    alphas = jnp.broadcast_to(alpha, q.mean.shape)
    return (
        jnp.sum(alphas[:, None] * L**2), jnp.sum(alphas * q.mean**2), D,
        jnp.sum(jnp.log(alphas)), 2 * jnp.sum(q.log_diagonal),
    )  # fmt: skip


@kl_to_prior.mistake(
    "The log-determinant counts twice: log|LLᵀ| = 2 Σ log_diagonal, and the half in front makes it "
    "Σ log_diagonal."
)
def determinant_doubled(q, alpha):
    trace, square, D, log_alpha, log_det = _parts(q, alpha)
    return 0.5 * (trace + square - D - log_alpha) - log_det


@kl_to_prior.mistake(
    "The log-determinant counts half: |LLᵀ| is the *square* of |L|, so that log|LLᵀ| = 2 Σ "
    "log_diagonal."
)
def determinant_halved(q, alpha):
    trace, square, D, log_alpha, log_det = _parts(q, alpha)
    return 0.5 * (trace + square - D - log_alpha - log_det / 2)


@kl_to_prior.mistake(
    "The sign of the log-determinant is reversed: a narrow q must be *far* from a wide prior."
)
def determinant_added(q, alpha):
    trace, square, D, log_alpha, log_det = _parts(q, alpha)
    return 0.5 * (trace + square - D - log_alpha + log_det)


@kl_to_prior.mistake("The log-determinant is missing: nothing keeps q from becoming a point.")
def determinant_forgotten(q, alpha):
    trace, square, D, log_alpha, _ = _parts(q, alpha)
    return 0.5 * (trace + square - D - log_alpha)


@kl_to_prior.mistake(
    "With a precision for each weight your formula gives D numbers, and a divergence is *one*. Each "
    "precision belongs to the variance and the squared mean of *its own* weight; then everything is "
    "summed."
)
def typed_as_it_stands(q, alpha):
    D, L = q.mean.size, _factor(q)
    squares = alpha * jnp.sum(L**2) + alpha * jnp.sum(q.mean**2)
    return 0.5 * (squares - D - D * jnp.log(alpha) - 2 * jnp.sum(q.log_diagonal))


@kl_to_prior.mistake(
    "`D * log(alpha)` counts one precision D times. With a precision for each weight it is the *sum* "
    "of the logarithms: a divergence is one number."
)
def precision_counted_d_times(q, alpha):
    trace, square, D, _, log_det = _parts(q, alpha)
    return 0.5 * (trace + square - D - D * jnp.log(alpha) - log_det)


@kl_to_prior.mistake("The term D log α is missing: at q = prior the divergence must be 0.")
def precision_forgotten(q, alpha):
    trace, square, D, _, log_det = _parts(q, alpha)
    return 0.5 * (trace + square - D - log_det)


@kl_to_prior.mistake("The D is missing: at q = prior the divergence must be 0.")
def count_forgotten(q, alpha):
    trace, square, _, log_alpha, log_det = _parts(q, alpha)
    return 0.5 * (trace + square - log_alpha - log_det)


@kl_to_prior.mistake("The mean is missing: a q far from zero is far from the prior.")
def mean_forgotten_in_kl(q, alpha):
    trace, _, D, log_alpha, log_det = _parts(q, alpha)
    return 0.5 * (trace - D - log_alpha - log_det)


@kl_to_prior.mistake(
    "α is the *precision* of the prior: its variance is 1/α. You use α where 1/α belongs."
)
def precision_as_variance(q, alpha):
    return bayes.kl_to_prior(q, 1 / jnp.asarray(alpha))


@kl_to_prior.mistake("The half in front of the bracket is missing: your number is twice too large.")
def half_forgotten(q, alpha):
    return 2 * bayes.kl_to_prior(q, alpha)


@kl_to_prior.mistake(
    "The trace of LLᵀ is the sum of the squares of *all* entries of L, those below the diagonal too."
)
def trace_of_the_diagonal(q, alpha):
    alphas = jnp.broadcast_to(alpha, q.mean.shape)
    _, square, D, log_alpha, log_det = _parts(q, alpha)
    trace = jnp.sum(alphas * jnp.exp(2 * q.log_diagonal))
    return 0.5 * (trace + square - D - log_alpha - log_det)


@kl_to_prior.mistake(
    "You take the trace of L. The covariance is LLᵀ, whose trace is the sum of the squares of all "
    "entries of L."
)
def trace_of_the_factor(q, alpha):
    alphas = jnp.broadcast_to(alpha, q.mean.shape)
    _, square, D, log_alpha, log_det = _parts(q, alpha)
    trace = jnp.sum(alphas * jnp.exp(q.log_diagonal))
    return 0.5 * (trace + square - D - log_alpha - log_det)


@kl_to_prior.mistake(
    "You use every entry of `q.lower`. Only those below the diagonal belong to L: "
    "`jnp.tril(q.lower, -1)`."
)
def whole_matrix_in_kl(q, alpha):
    alphas = jnp.broadcast_to(alpha, q.mean.shape)
    _, square, D, log_alpha, log_det = _parts(q, alpha)
    trace = jnp.sum(alphas[:, None] * (q.lower + jnp.diag(jnp.exp(q.log_diagonal))) ** 2)
    return 0.5 * (trace + square - D - log_alpha - log_det)


@kl_to_prior.mistake(
    "`jnp.tril(q.lower)` keeps the diagonal of `lower`, which is never to be read: ask for "
    "`jnp.tril(q.lower, -1)`, or use `factor(q)`."
)
def stored_diagonal_in_kl(q, alpha):
    alphas = jnp.broadcast_to(alpha, q.mean.shape)
    _, square, D, log_alpha, log_det = _parts(q, alpha)
    trace = jnp.sum(alphas[:, None] * (jnp.tril(q.lower) + jnp.diag(jnp.exp(q.log_diagonal))) ** 2)
    return 0.5 * (trace + square - D - log_alpha - log_det)


@kl_to_prior.mistake(
    "This is the divergence the other way round, KL(p‖q). It is not symmetric: the average is over "
    "draws from *q*."
)
def the_other_way_round(q, alpha):
    _, _, D, log_alpha, log_det = _parts(q, alpha)
    inverse = jnp.linalg.inv(_factor(q))  # precision of q is inverse.T @ inverse
    alphas = jnp.broadcast_to(alpha, q.mean.shape)
    trace = jnp.sum(inverse**2 / alphas)
    return 0.5 * (trace + jnp.sum((inverse @ q.mean) ** 2) - D + log_alpha + log_det)


@kl_to_prior.alternative
def by_matrices(q, alpha):
    D = len(q.mean)
    covariance = q.covariance
    precision = jnp.diag(jnp.broadcast_to(jnp.asarray(alpha), (D,)))
    logdets = jnp.linalg.slogdet(precision)[1] + jnp.linalg.slogdet(covariance)[1]
    return (jnp.trace(precision @ covariance) + q.mean @ precision @ q.mean - D - logdets) / 2


@kl_to_prior.alternative
def weight_by_weight(q, alpha):
    variances = jnp.diag(q.covariance)
    expected = alpha * (variances + q.mean**2)
    return jnp.sum(expected - 1 - jnp.log(alpha)) / 2 - jnp.sum(q.log_diagonal)


@kl_to_prior.alternative
def term_by_term(q, alpha):
    L = jnp.tril(q.lower, k=-1) + jnp.diag(jnp.exp(q.log_diagonal))
    alphas = alpha * jnp.ones(q.mean.shape)
    total = 0.0
    for i in range(q.mean.shape[0]):
        total += alphas[i] * (jnp.sum(L[i] ** 2) + q.mean[i] ** 2) - 1 - jnp.log(alphas[i])
    return total / 2 - q.log_diagonal.sum()
