"""Checks of B4.5 and B4.6: predictions of a linearised network, and of several fits together."""

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi import bayes
from mazoezi.course import code_exercise


def line(x, w):
    """Return the outputs of a line, bias first."""
    return w[0] + w[1] * x


def _covariance(rng, D):
    """Make a covariance with strong correlations and unequal variances."""
    factor = np.tril(rng.uniform(0.5, 1.5, (D, D)) * rng.choice([-1, 1], (D, D)))
    return (factor @ factor.T / D).astype("float32")


# --- B4.5 Linearise ------------------------------------------------------------------------------


def _linearised(network, mode, covariance, x):
    J = jax.jacobian(lambda w: network(x, w))(mode)
    return network(x, mode), jnp.sqrt(jnp.sum((J @ covariance) * J, axis=1))


linearised = code_exercise("B4.5", reference=_linearised, rtol=1e-4, atol=1e-4)


@linearised.case("a line, whose linearisation is the line itself")
def _(rng):
    x = np.array([0.0, 2.0, 3.0], "float32")
    yield line, np.array([1.0, -1.0], "float32"), np.diag([4.0, 1.0]).astype("float32"), x


@linearised.case("a line whose two weights are correlated")
def _(rng):
    covariance = np.array([[2.0, 0.9], [0.9, 0.5]], "float32")
    yield line, np.array([0.5, 2.0], "float32"), covariance, np.array([-2.0, 0.0, 1.0], "float32")


@linearised.case("the two-weight network, which is a product of its weights")
def _(rng):
    x = np.array([-1.0, 2.0], "float32")
    yield bayes.two_weight_network, np.array([3.0, 0.5], "float32"), _covariance(rng, 2), x


@linearised.case("the ReLU network, with a hinge among the inputs")
def relu(rng):
    mode = np.array([1.3, 0.4, -1.7, 0.6], "float32")
    x = np.array([-2.5, -1.0, -0.31, 0.0, 1.5, 2.0, 4.0], "float32")
    yield bayes.relu_network, mode, _covariance(rng, 4), x


@linearised.case("a single input")
def _(rng):
    mode = np.array([-0.8, 0.4, 1.2, 0.1], "float32")
    yield bayes.relu_network, mode, _covariance(rng, 4), np.array([0.2], "float32")


def _compiled(answer):
    def run(network, mode, covariance, x):
        return jax.jit(lambda *arrays: answer(network, *arrays))(mode, covariance, x)

    return run


linearised.case("compiled by `jit`", run=_compiled)(relu)


@linearised.property("the deviation is that of the linear function, drawn many times")
def _(answer, rng):
    mode, covariance = jnp.array([1.3, 0.4, -1.7, 0.6]), _covariance(rng, 4)
    x = jnp.array([-0.5, 1.0, 3.0])
    draws = rng.multivariate_normal(np.zeros(4), covariance, 4000).astype("float32")
    tangents = jax.vmap(
        lambda step: jax.jvp(lambda w: bayes.relu_network(x, w), (mode,), (step,))[1]
    )(draws)
    ratio = np.asarray(answer(bayes.relu_network, mode, jnp.asarray(covariance), x)[1])
    ratio = ratio / np.asarray(tangents).std(axis=0)
    assert np.all(np.abs(ratio - 1) < 5.5 / np.sqrt(2 * 4000)), (
        "Over 4000 draws of w the linear function J (w - mode) has another deviation than yours, "
        f"by factors of {np.round(ratio, 2).tolist()}."
    )


@linearised.mistake("These are variances. Take the square root: a standard deviation is asked.")
def variance(network, mode, covariance, x):
    mean, sd = _linearised(network, mode, covariance, x)
    return mean, sd**2


@linearised.mistake(
    "Only the diagonal of the covariance is used. The weights are correlated, and the errors that "
    "they make cancel or add up: use the whole matrix, JΣJᵀ."
)
def diagonal_of_the_covariance(network, mode, covariance, x):
    J = jax.jacobian(lambda w: network(x, w))(mode)
    return network(x, mode), jnp.sqrt(J**2 @ jnp.diag(covariance))


@linearised.mistake(
    "You differentiate with respect to the *inputs*. What is uncertain are the weights: "
    "differentiate `lambda w: network(x, w)`."
)
def slope_in_x(network, mode, covariance, x):
    slopes = jax.vmap(jax.grad(lambda one: network(one, mode)))(x)
    return network(x, mode), jnp.abs(slopes) * jnp.sqrt(jnp.trace(covariance))


@linearised.mistake(
    "This is the whole matrix JΣJᵀ, with one row for each input. The variances are its diagonal; "
    "better not to build it at all."
)
def whole_matrix(network, mode, covariance, x):
    J = jax.jacobian(lambda w: network(x, w))(mode)
    return network(x, mode), J @ covariance @ J.T


@linearised.mistake(
    "The gradient of the *sum* of all outputs mixes the inputs up: every input gets the same "
    "deviation. Each output has a gradient of its own: `jax.jacobian`."
)
def gradient_of_the_sum(network, mode, covariance, x):
    g = jax.grad(lambda w: jnp.sum(network(x, w)))(mode)
    return network(x, mode), jnp.full(x.shape, jnp.sqrt(g @ covariance @ g))


@linearised.mistake(
    "The variance of new observations is not asked: leave the noise out. What is asked is how "
    "uncertain the function is."
)
def with_noise(network, mode, covariance, x):
    mean, sd = _linearised(network, mode, covariance, x)
    return mean, jnp.sqrt(sd**2 + 1)


@linearised.mistake(
    "The network is linearised at w = 0. Take the derivatives where the posterior is: at `mode`."
)
def at_zero(network, mode, covariance, x):
    J = jax.jacobian(lambda w: network(x, w))(jnp.zeros_like(mode))
    return network(x, mode), jnp.sqrt(jnp.sum((J @ covariance) * J, axis=1))


@linearised.mistake(
    "You use the inverse of the covariance. Where the weights are uncertain the function is: J times "
    "*covariance* times Jᵀ."
)
def precision_used(network, mode, covariance, x):
    return _linearised(network, mode, jnp.linalg.inv(covariance), x)


@linearised.mistake(
    "The mean is J times the mode. That is right for a network that is linear in its weights; in "
    "general the linear function goes through network(x, mode)."
)
def mean_by_jacobian(network, mode, covariance, x):
    J = jax.jacobian(lambda w: network(x, w))(mode)
    return J @ mode, jnp.sqrt(jnp.sum((J @ covariance) * J, axis=1))


@linearised.mistake(
    "The two results are in the wrong order: the mean comes first, then the deviation."
)
def deviation_first(network, mode, covariance, x):
    return _linearised(network, mode, covariance, x)[::-1]


@linearised.mistake(
    "Each weight's deviation is added up on its own. Deviations do not add, and the weights are not "
    "independent: the variance is JΣJᵀ."
)
def deviations_added(network, mode, covariance, x):
    J = jax.jacobian(lambda w: network(x, w))(mode)
    return network(x, mode), jnp.abs(J) @ jnp.sqrt(jnp.diag(covariance))


@linearised.mistake(
    "The Cholesky factor is transposed. With Σ = LLᵀ the variance is J L Lᵀ Jᵀ, so that the rows of "
    "J @ L are what is squared and summed."
)
def factor_transposed(network, mode, covariance, x):
    J = jax.jacobian(lambda w: network(x, w))(mode)
    return network(x, mode), jnp.linalg.norm(J @ jnp.linalg.cholesky(covariance).T, axis=1)


@linearised.mistake("Only the deviation comes back: return the pair (mean, sd).")
def deviation_only(network, mode, covariance, x):
    return _linearised(network, mode, covariance, x)[1]


@linearised.alternative
def input_by_input(network, mode, covariance, x):
    def variance(one):
        g = jax.grad(lambda w: network(one, w))(mode)
        return g @ covariance @ g

    return network(x, mode), jnp.sqrt(jax.vmap(variance)(x))


@linearised.alternative
def by_einsum(network, mode, covariance, x):
    J = jax.jacfwd(network, argnums=1)(x, mode)
    return network(x, mode), jnp.einsum("nd,de,ne->n", J, covariance, J) ** 0.5


@linearised.alternative
def by_cholesky(network, mode, covariance, x):
    J = jax.jacrev(network, argnums=1)(x, mode)
    return network(x, mode), jnp.linalg.norm(J @ jnp.linalg.cholesky(covariance), axis=1)


@linearised.alternative
def diagonal_of_the_matrix(network, mode, covariance, x):
    J = jax.jacobian(lambda w: network(x, w))(mode)
    return network(x, mode), jnp.sqrt(jnp.diagonal(J @ covariance @ J.T))


# --- B4.6 Combine fits ---------------------------------------------------------------------------


def _combine(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    mean = weights @ means
    return mean, jnp.sqrt(weights @ (sds**2 + (means - mean) ** 2))


combine = code_exercise("B4.6", reference=_combine, rtol=1e-4, atol=1e-4)


@combine.case("one fit alone")
def _(rng):
    yield (
        np.array([-7.0], "float32"), np.array([[1.0, 2.0]], "float32"),
        np.array([[0.5, 3.0]], "float32"),
    )  # fmt: skip


@combine.case("two fits of the same ELBO that agree")
def _(rng):
    means, sds = np.array([[1.0], [1.0]], "float32"), np.array([[1.0], [7.0]], "float32")
    yield np.array([-3.0, -3.0], "float32"), means, sds


@combine.case("two fits of the same ELBO that disagree")
def _(rng):
    means = np.array([[1.0, 0.0], [5.0, 0.0]], "float32")
    sds = np.array([[1.0, 2.0], [1.0, 2.0]], "float32")
    yield np.array([-3.0, -3.0], "float32"), means, sds


@combine.case("one ELBO is larger by log 3")
def _(rng):
    means, sds = np.array([[0.0], [4.0]], "float32"), np.array([[1.0], [2.0]], "float32")
    yield np.array([-2.0, -2.0 - np.log(3)], "float32"), means, sds


@combine.case("three fits, five inputs")
def many(rng):
    elbos = np.array([-13.2, -13.35, -14.5], "float32")
    means = rng.normal(0, 3, (3, 5)).astype("float32")
    yield elbos, means, rng.uniform(0.3, 2, (3, 5)).astype("float32")


@combine.case("ELBOs of large data sets")
def _(rng):
    means = rng.normal(0, 3, (2, 3)).astype("float32")
    sds = rng.uniform(0.3, 2, (2, 3)).astype("float32")
    yield np.array([-500.0, -501.5], "float32"), means, sds
    yield np.array([300.0, 302.0], "float32"), means, sds


combine.case("compiled by `jit`", run=jax.jit)(many)


def _combined(weights, means, sds):
    mean = weights @ means
    return mean, jnp.sqrt(weights @ (sds**2 + (means - mean) ** 2))


@combine.mistake(
    "All fits count the same. One with a larger ELBO should count more, in proportion to exp(ELBO)."
)
def equal_weights(elbos, means, sds):
    return _combined(jnp.full(len(elbos), 1 / len(elbos)), means, sds)


@combine.mistake(
    "The weights are proportional to the ELBO itself. It is a *logarithm*, of a bound on the "
    "evidence: take its exponential, then divide by the sum."
)
def proportional_to_logarithms(elbos, means, sds):
    return _combined(elbos / jnp.sum(elbos), means, sds)


@combine.mistake(
    "exp(-5000) is 0 in floating point, so that you divide 0 by 0. Subtract the largest ELBO first, "
    "which changes no weight; `jax.nn.softmax` does it for you."
)
def exponential_underflows(elbos, means, sds):
    return _combined(jnp.exp(elbos) / jnp.sum(jnp.exp(elbos)), means, sds)


@combine.mistake(
    "You keep the best fit and drop the others. Then nothing is combined: the other modes are still "
    "part of the posterior."
)
def best_only(elbos, means, sds):
    best = jnp.argmax(elbos)
    return means[best], sds[best]


@combine.mistake(
    "The weights grow as the ELBO *falls*. The ELBO is a bound on the log evidence: more is better."
)
def signs_reversed(elbos, means, sds):
    return _combined(jax.nn.softmax(-elbos), means, sds)


@combine.mistake(
    "How far the fits lie apart is missing. Where they disagree you know less: the variance of a "
    "mixture is the average variance *plus* the variance of the means."
)
def within_only(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    return weights @ means, jnp.sqrt(weights @ sds**2)


@combine.mistake(
    "You average the deviations. Variances are what averages; and the variance of the means has to "
    "be added."
)
def deviations_averaged(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    return weights @ means, weights @ sds


@combine.mistake(
    "The spread within each fit is missing: even where all fits agree, each of them is uncertain."
)
def between_only(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    mean = weights @ means
    return mean, jnp.sqrt(weights @ (means - mean) ** 2)


@combine.mistake(
    "This is the variance of an *average* of independent numbers. A mixture is something else: it "
    "takes one of the fits, with these probabilities."
)
def as_an_average(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    return weights @ means, jnp.sqrt(weights**2 @ sds**2)


@combine.mistake(
    "The squares are taken about zero. A variance is about the mean: subtract `mean` from the means, "
    "or mean² from the average square."
)
def about_zero(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    return weights @ means, jnp.sqrt(weights @ (sds**2 + means**2))


@combine.mistake(
    "The spread of the means counts all fits alike. It needs the same weights as everything else: "
    "`weights @ (means - mean) ** 2`."
)
def between_with_equal_weights(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    return weights @ means, jnp.sqrt(weights @ sds**2 + jnp.var(means, axis=0))


@combine.mistake(
    "Here the deviations within and between are added up. Variances add: take one square root, at the "
    "end."
)
def deviations_added_up(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    mean = weights @ means
    return mean, jnp.sqrt(weights @ sds**2) + jnp.sqrt(weights @ (means - mean) ** 2)


@combine.mistake("The weights do not add up to one: divide them by their sum.")
def not_normalised(elbos, means, sds):
    return _combined(jnp.exp(elbos - jnp.max(elbos)), means, sds)


@combine.mistake(
    "The weights are still logarithms: take the exponential, or `softmax` in place of `log_softmax`."
)
def logarithms_as_weights(elbos, means, sds):
    return _combined(jax.nn.log_softmax(elbos), means, sds)


@combine.mistake(
    "Fits are weighted by their precision too, as for several measurements of one quantity. A mixture "
    "is no such average: a fit that is sure of itself counts no more for it."
)
def precision_weighted(elbos, means, sds):
    precisions = jax.nn.softmax(elbos)[:, None] / sds**2
    total = jnp.sum(precisions, axis=0)
    return jnp.sum(precisions * means, axis=0) / total, 1 / jnp.sqrt(total)


@combine.mistake("These are variances. Take the square root at the end.")
def combined_variance(elbos, means, sds):
    mean, sd = _combine(elbos, means, sds)
    return mean, sd**2


@combine.mistake("Only the mean comes back: return the pair (mean, sd).")
def mean_only(elbos, means, sds):
    return _combine(elbos, means, sds)[0]


@combine.alternative
def by_second_moment(elbos, means, sds):
    weights = jnp.exp(elbos - jax.nn.logsumexp(elbos))
    mean = jnp.sum(weights[:, None] * means, axis=0)
    second = jnp.sum(weights[:, None] * (sds**2 + means**2), axis=0)
    return mean, jnp.sqrt(second - mean**2)


@combine.alternative
def by_hand(elbos, means, sds):
    shares = jnp.exp(elbos - elbos.max())
    shares = shares / shares.sum()
    mean = sum(share * one for share, one in zip(shares, means, strict=True))
    variance = sum(
        share * (sd**2 + (one - mean) ** 2)
        for share, one, sd in zip(shares, means, sds, strict=True)
    )
    return mean, variance**0.5


@combine.alternative
def by_average(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    mean = jnp.average(means, axis=0, weights=weights)
    within = jnp.average(sds**2, axis=0, weights=weights)
    return mean, jnp.sqrt(within + jnp.average((means - mean) ** 2, axis=0, weights=weights))
