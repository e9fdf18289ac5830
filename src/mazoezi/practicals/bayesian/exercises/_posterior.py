"""Checks of B1.1 to B1.5 and B1.13, B1.14, B1.16: the posterior of a line and its predictions."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi import datasets
from mazoezi.course import code_exercise, experiment_exercise
from mazoezi.practicals.bayesian.exercises._warm_up import _design
from mazoezi.practicals.bayesian.labs import PredictiveLab, PriorPosteriorLab

# --- B1.13 Log prior -----------------------------------------------------------------------------


def _log_prior(w, alpha):
    return w.shape[0] / 2 * (jnp.log(alpha) - jnp.log(2 * jnp.pi)) - alpha / 2 * jnp.sum(w**2)


log_prior = code_exercise("B1.13", reference=_log_prior, rtol=1e-4, atol=1e-4)


@log_prior.case("one weight at 0, α = 1")
def _(rng):
    yield np.zeros(1, "float32"), 1.0


@log_prior.case("one weight at 2, α = 1")
def _(rng):
    yield np.array([2.0], "float32"), 1.0


@log_prior.case("other precisions")
def _(rng):
    yield from ((np.array([0.5], "float32"), alpha) for alpha in (0.2, 5.0))


@log_prior.case("two and five weights")
def _(rng):
    yield from ((rng.normal(size=size).astype("float32"), 3.0) for size in (2, 5))


@log_prior.case("its gradient, by `jax.grad`", run=jax.grad)
def _(rng):
    yield rng.normal(size=3).astype("float32"), 0.7


@log_prior.case("many weight vectors, by `vmap`", run=lambda f: jax.vmap(f, (0, None)))
def _(rng):
    yield rng.normal(size=(4, 3)).astype("float32"), 1.5


@log_prior.property("the density integrates to 1")
def _(answer, rng):
    for alpha in (0.2, 1.0, 5.0):
        w = jnp.linspace(-10, 10, 2001) / np.sqrt(alpha)
        density = jnp.exp(jax.vmap(lambda point, a=alpha: answer(point[None], a))(w))
        area = float(jnp.trapezoid(density, w))
        assert abs(area - 1) < 1e-4, "The area under your density of one weight is not 1."


@log_prior.mistake(
    "Your density integrates to α^(-D): the precision belongs in the numerator, (α/2π)^(D/2), as it "
    "makes the bell narrower *and higher*."
)
def precision_in_the_denominator(w, alpha):
    D = w.shape[0]
    return -D / 2 * jnp.log(2 * jnp.pi * alpha) - alpha / 2 * jnp.sum(w**2)


@log_prior.mistake(
    "You took α for a *standard deviation*. It is a precision, one over the variance."
)
def alpha_as_sd(w, alpha):
    return jnp.sum(jax.scipy.stats.norm.logpdf(w, 0, alpha))


@log_prior.mistake("You took α for a *variance*. It is a precision, one over the variance.")
def alpha_as_variance(w, alpha):
    return jnp.sum(jax.scipy.stats.norm.logpdf(w, 0, jnp.sqrt(alpha)))


@log_prior.mistake(
    "The factor in front counts once for *each* dimension: in the logarithm it is multiplied by D."
)
def dimension_missing(w, alpha):
    return (jnp.log(alpha) - jnp.log(2 * jnp.pi)) / 2 - alpha / 2 * jnp.sum(w**2)


@log_prior.mistake("The normaliser is missing: this density does not integrate to 1.")
def not_normalised(w, alpha):
    return -alpha / 2 * jnp.sum(w**2)


@log_prior.mistake("This is the density itself; its logarithm is asked.")
def no_logarithm(w, alpha):
    return jnp.exp(_log_prior(w, alpha))


@log_prior.mistake("The ½ of the quadratic term is missing.")
def without_half(w, alpha):
    return _log_prior(w, alpha) - alpha / 2 * jnp.sum(w**2)


@log_prior.mistake(
    "The sign of the quadratic term is wrong: large weights must be *less* probable."
)
def growing(w, alpha):
    return _log_prior(w, alpha) + alpha * jnp.sum(w**2)


@log_prior.mistake(
    "Here is one value for each weight. The density of the vector is the *sum* of the logs."
)
def one_for_each(w, alpha):
    return jax.scipy.stats.norm.logpdf(w, 0, alpha**-0.5)


@log_prior.mistake(
    "α is missing in the factor in front: a narrower bell is also higher. Add D/2 log α."
)
def without_log_alpha(w, alpha):
    return -len(w) / 2 * jnp.log(2 * jnp.pi) - alpha / 2 * jnp.sum(w**2)


@log_prior.mistake(
    "1/α is the *variance*. Where a standard deviation is wanted, give its root, 1/√α."
)
def variance_as_sd(w, alpha):
    return jnp.sum(jax.scipy.stats.norm.logpdf(w, 0, 1 / alpha))


@log_prior.mistake(
    "`alpha / 2 * jnp.pi` is (α/2)·π: Python works from left to right. Write `alpha / (2 * jnp.pi)`."
)
def pi_in_the_numerator(w, alpha):
    return len(w) / 2 * jnp.log(alpha / 2 * jnp.pi) - alpha / 2 * jnp.sum(w**2)


@log_prior.mistake(
    "The power of the factor in front is D/2: in the logarithm there is a ½ before it, too."
)
def power_not_halved(w, alpha):
    return len(w) * jnp.log(alpha / (2 * jnp.pi)) - alpha / 2 * jnp.sum(w**2)


@log_prior.mistake(
    "You took the logarithm of the exponential only. The factor in front needs it as well, and its "
    "power comes down as a factor: D/2 log(α/2π)."
)
def factor_without_logarithm(w, alpha):
    return (alpha / (2 * jnp.pi)) ** (len(w) / 2) - alpha / 2 * jnp.sum(w**2)


@log_prior.mistake("The quadratic term has the *squared* length of w, which is `w @ w`: no root.")
def length_not_squared(w, alpha):
    return len(w) / 2 * jnp.log(alpha / (2 * jnp.pi)) - alpha / 2 * jnp.linalg.norm(w)


@log_prior.mistake(
    "The weights are independent: their log-densities are *summed*. You take the mean."
)
def averaged(w, alpha):
    return _log_prior(w, alpha) / len(w)


@log_prior.mistake(
    "You sum densities. The density of the vector is their *product*, and its logarithm is asked: sum "
    "the logarithms."
)
def sum_of_densities(w, alpha):
    return jnp.sum(jax.scipy.stats.norm.pdf(w, 0, alpha**-0.5))


@log_prior.mistake(
    "This is minus the log density, which is a loss: what is improbable is large. Turn the sign."
)
def negative(w, alpha):
    return -_log_prior(w, alpha)


@log_prior.alternative
def by_norm(w, alpha):
    return jnp.sum(jax.scipy.stats.norm.logpdf(w, 0.0, 1 / jnp.sqrt(alpha)))


@log_prior.alternative
def by_multivariate(w, alpha):
    D = w.shape[0]
    return jax.scipy.stats.multivariate_normal.logpdf(w, jnp.zeros(D), jnp.eye(D) / alpha)


@log_prior.alternative
def logarithm_of_a_product(w, alpha):
    return 0.5 * len(w) * jnp.log(alpha / (2 * jnp.pi)) - 0.5 * alpha * jnp.dot(w, w)


# --- B1.1 Derive the posterior -------------------------------------------------------------------


def _complete_the_square(X, y, alpha, log_evidence):
    precision = X.T @ X + alpha * jnp.eye(X.shape[1])
    return precision, jnp.linalg.solve(precision, X.T @ y), log_evidence


complete_the_square = code_exercise("B1.1", reference=_complete_the_square, rtol=2e-4, atol=1e-4)


@complete_the_square.case("one example, one weight, easy numbers")
def _(rng):
    yield np.array([[2.0]], "float32"), np.array([5.0], "float32"), 1.0, -3.0


@complete_the_square.case("two weights, which are correlated")
def _(rng):
    yield *_design(rng, 5, 2), 3.0, -7.5


@complete_the_square.case("other sizes and precisions")
def _(rng):
    for count, size in ((8, 5), (3, 4)):
        yield *_design(rng, count, size), float(rng.uniform(0.5, 2)), float(rng.normal())


@complete_the_square.property("likelihood times prior is c N(w; μ, Σ)")
def _(answer, rng):
    X, y = map(jnp.asarray, _design(rng, 5, 2))
    C = jnp.eye(5) + X @ X.T / 2.0
    evidence = jax.scipy.stats.multivariate_normal.logpdf(y, jnp.zeros(5), C)
    precision, mean, log_c = answer(X, y, 2.0, evidence)
    w = mean + 0.3 * jnp.asarray(rng.normal(size=2), "float32")
    left = jnp.sum(jax.scipy.stats.norm.logpdf(y - X @ w)) + _log_prior(w, 2.0)
    right = log_c + jax.scipy.stats.multivariate_normal.logpdf(w, mean, jnp.linalg.inv(precision))
    assert jnp.allclose(left, right, rtol=1e-3, atol=1e-2), "The two sides differ at a test weight."


@complete_the_square.mistake(
    "Your constant is inverted: integrate both sides over w. The left gives p(y|X), the right gives c."
)
def constant_inverted(X, y, alpha, log_evidence):
    precision, mean, log_c = _complete_the_square(X, y, alpha, log_evidence)
    return precision, mean, -log_c


@complete_the_square.mistake(
    "c is not 1: the product of likelihood and prior is no density in w. Integrate it, and you get c."
)
def constant_dropped(X, y, alpha, log_evidence):
    return (*_complete_the_square(X, y, alpha, log_evidence)[:2], 0.0)


@complete_the_square.mistake("Xᵀy is Σ⁻¹μ, not yet μ: match 2wᵀΣ⁻¹μ with 2wᵀXᵀy, and solve for μ.")
def mean_without_covariance(X, y, alpha, log_evidence):
    return X.T @ X + alpha * jnp.eye(X.shape[1]), X.T @ y, log_evidence


@complete_the_square.mistake(
    "The prior's precision is α, and not 1/α: the quadratic term of the log prior is -α wᵀw."
)
def inverse_alpha(X, y, alpha, log_evidence):
    return _complete_the_square(X, y, 1 / alpha, log_evidence)


@complete_the_square.mistake("This is Σ. Its *inverse* is asked, which needs no inversion at all.")
def covariance_itself(X, y, alpha, log_evidence):
    precision, mean, log_c = _complete_the_square(X, y, alpha, log_evidence)
    return jnp.linalg.inv(precision), mean, log_c


@complete_the_square.mistake("The prior is missing: only the data are in your precision.")
def without_prior(X, y, alpha, log_evidence):
    return X.T @ X, jnp.linalg.pinv(X) @ y, log_evidence


@complete_the_square.mistake("α goes on the diagonal, as αI; you added it to every entry.")
def alpha_everywhere(X, y, alpha, log_evidence):
    precision = X.T @ X + alpha
    return precision, jnp.linalg.solve(precision, X.T @ y), log_evidence


@complete_the_square.mistake(
    "log c is asked, and the evidence comes in as a logarithm already: no `exp`, no `log`."
)
def exponentiated(X, y, alpha, log_evidence):
    return (*_complete_the_square(X, y, alpha, log_evidence)[:2], jnp.exp(log_evidence))


@complete_the_square.mistake("The order is (Σ⁻¹, μ, log c); you give the mean first.")
def mean_first(X, y, alpha, log_evidence):
    precision, mean, log_c = _complete_the_square(X, y, alpha, log_evidence)
    return mean, precision, log_c


@complete_the_square.mistake(
    "Your precision is doubled: on *both* sides the logarithm was taken twice, so that no factor 2 is "
    "left when you compare the terms with wwᵀ."
)
def precision_doubled(X, y, alpha, log_evidence):
    precision, mean, log_c = _complete_the_square(X, y, alpha, log_evidence)
    return 2 * precision, mean, log_c


@complete_the_square.mistake(
    "You multiply Xᵀy with the precision. It stands on the other side: Σ⁻¹μ = Xᵀy, solve for μ."
)
def multiplied(X, y, alpha, log_evidence):
    precision, _, log_c = _complete_the_square(X, y, alpha, log_evidence)
    return precision, precision @ (X.T @ y), log_c


@complete_the_square.mistake(
    "Your mean is that of least squares. The prior pulls it towards zero: solve with XᵀX + αI."
)
def mean_without_prior(X, y, alpha, log_evidence):
    precision, _, log_c = _complete_the_square(X, y, alpha, log_evidence)
    return precision, jnp.linalg.lstsq(X, y)[0], log_c


@complete_the_square.mistake(
    "Your mean has the wrong sign: the linear term is *plus* 2wᵀXᵀy, on both sides."
)
def mean_reversed(X, y, alpha, log_evidence):
    precision, mean, log_c = _complete_the_square(X, y, alpha, log_evidence)
    return precision, -mean, log_c


@complete_the_square.mistake(
    "You divide 1 by a logarithm. c is not an inverse anyway: integrate both sides over w."
)
def inverse_of_the_logarithm(X, y, alpha, log_evidence):
    return (*_complete_the_square(X, y, alpha, log_evidence)[:2], 1 / log_evidence)


@complete_the_square.mistake(
    "You counted the normaliser of the Gaussian, (2π)^(D/2) |Σ|^½, into c. It is inside of N(w; μ, Σ) "
    "already, which is a density and integrates to 1."
)
def normaliser_counted_twice(X, y, alpha, log_evidence):
    precision, mean, log_c = _complete_the_square(X, y, alpha, log_evidence)
    volume = X.shape[1] / 2 * jnp.log(2 * jnp.pi) - jnp.linalg.slogdet(precision)[1] / 2
    return precision, mean, log_c + volume


@complete_the_square.alternative
def by_inverse(X, y, alpha, log_evidence):
    A = jnp.einsum("ni,nj->ij", X, X) + jnp.diag(jnp.full(X.shape[1], alpha))
    return [A, jnp.linalg.inv(A) @ (X.T @ y), log_evidence]


@complete_the_square.alternative
def by_hessian(X, y, alpha, log_evidence):
    def loss(w):
        return jnp.sum((y - X @ w) ** 2) / 2 + alpha / 2 * jnp.sum(w**2)

    zero = jnp.zeros(X.shape[1])
    H = jax.hessian(loss)(zero)
    return H, -jnp.linalg.solve(H, jax.grad(loss)(zero)), log_evidence


@complete_the_square.alternative
def example_by_example(X, y, alpha, log_evidence):
    precision = alpha * jnp.eye(X.shape[1]) + sum(jnp.outer(x, x) for x in X)
    return (
        precision,
        jnp.linalg.solve(precision, sum(t * x for x, t in zip(X, y, strict=True))),
        log_evidence,
    )


# --- B1.2 Posterior ------------------------------------------------------------------------------


def _posterior(X, y, alpha, noise_var=1.0):
    precision = X.T @ X / noise_var + alpha * jnp.eye(X.shape[1])
    return jnp.linalg.solve(precision, X.T @ y / noise_var), jnp.linalg.inv(precision)


def _exact_posterior(X, y, alpha, noise_var=1.0):
    """Return the posterior in double precision."""
    X, y = np.asarray(X, float), np.asarray(y, float)
    precision = X.T @ X / noise_var + alpha * np.eye(X.shape[1])
    return np.linalg.solve(precision, X.T @ y / noise_var), np.linalg.inv(precision)


posterior = code_exercise("B1.2", reference=_posterior, rtol=1e-3, atol=2e-5)


@posterior.case("one example, one weight, easy numbers")
def _(rng):
    yield np.array([[2.0]], "float32"), np.array([5.0], "float32"), 1.0


@posterior.case("the outlier data, α = 5")
def _(rng):
    x, y = (np.asarray(part) for part in datasets.outlier())
    yield np.stack([np.ones_like(x), x], 1), y, 5.0


@posterior.case("no examples: the prior")
def _(rng):
    yield np.zeros((0, 3), "float32"), np.zeros(0, "float32"), 4.0


@posterior.case("correlated columns of different scales", expect=_exact_posterior)
def _(rng):
    for count, size in ((7, 2), (12, 5), (3, 1)):
        yield *_design(rng, count, size), float(rng.uniform(0.5, 3))


@posterior.case("more weights than examples", expect=_exact_posterior)
def _(rng):
    yield *_design(rng, 2, 5), 0.8


@posterior.case("another noise variance", expect=_exact_posterior)
def _(rng):
    yield *_design(rng, 6, 3), 1.3, 0.25
    yield *_design(rng, 6, 3), 1.3, 4.0


@posterior.case("a very strong prior", expect=_exact_posterior)
def _(rng):
    yield *_design(rng, 6, 3), 1e5


@posterior.case("many precisions, by `vmap`", run=lambda f: jax.vmap(f, (None, None, 0)))
def _(rng):
    yield *_design(rng, 6, 2), np.array([0.5, 1.0, 20.0], "float32")


@posterior.property("precisions add")
def _(answer, rng):
    X, y = map(jnp.asarray, _design(rng, 8, 3))
    _, both = answer(X, y, 1.5)
    _, first = answer(X[:5], y[:5], 1.5)
    parts = jnp.linalg.inv(first) + X[5:].T @ X[5:]
    gap = jnp.max(jnp.abs(jnp.linalg.inv(both) - parts)) / jnp.max(jnp.abs(parts))
    assert gap < 1e-2, (
        "The precision after all data is not that of a part plus what the rest brings."
    )


@posterior.mistake(
    "The off-diagonal entries are missing: your columns are correlated, and then so are the weights."
)
def diagonal_only(X, y, alpha, noise_var=1.0):
    mu, Sigma = _posterior(X, y, alpha, noise_var)
    return mu, jnp.diag(jnp.diag(Sigma))


@posterior.mistake(
    "`1 / matrix` takes the reciprocal of each *entry*. The inverse of a matrix is `jnp.linalg.inv`."
)
def reciprocal_of_entries(X, y, alpha, noise_var=1.0):
    Sigma = 1 / (X.T @ X / noise_var + alpha * jnp.eye(X.shape[1]))
    return Sigma @ X.T @ y / noise_var, Sigma


@posterior.mistake("μ is ΣXᵀy/σ²: you left out Σ.")
def mean_not_solved(X, y, alpha, noise_var=1.0):
    return X.T @ y / noise_var, _posterior(X, y, alpha, noise_var)[1]


@posterior.mistake(
    "You add 1/α. The prior's *precision* is α: with no data Σ must be I/α, and a large α must give "
    "a narrow posterior."
)
def alpha_inverted(X, y, alpha, noise_var=1.0):
    return _posterior(X, y, 1 / alpha, noise_var)


@posterior.mistake("You return the precision Σ⁻¹; invert it.")
def precision_returned(X, y, alpha, noise_var=1.0):
    mu, _ = _posterior(X, y, alpha, noise_var)
    return mu, X.T @ X / noise_var + alpha * jnp.eye(X.shape[1])


@posterior.mistake("XXᵀ is (N, N), a matrix between *examples*. The weights need XᵀX.")
def wrong_gram(X, y, alpha, noise_var=1.0):
    precision = X @ X.T / noise_var + alpha * jnp.eye(X.shape[0])
    return jnp.linalg.solve(precision, y), jnp.linalg.inv(precision)


@posterior.mistake("`X.T @ X + alpha` adds α to every entry: multiply it with the identity.")
def alpha_off_the_diagonal(X, y, alpha, noise_var=1.0):
    precision = X.T @ X / noise_var + alpha
    return jnp.linalg.solve(precision, X.T @ y / noise_var), jnp.linalg.inv(precision)


@posterior.mistake(
    "Right for noise of variance 1, but `noise_var` is ignored: the data count 1/σ² times, in Σ and in μ."
)
def noise_ignored(X, y, alpha, noise_var=1.0):
    return _posterior(X, y, alpha)


@posterior.mistake("In μ the noise variance is missing: μ = ΣXᵀy/σ².")
def noise_missing_in_the_mean(X, y, alpha, noise_var=1.0):
    _, Sigma = _posterior(X, y, alpha, noise_var)
    return Sigma @ X.T @ y, Sigma


@posterior.mistake("The data are *divided* by the noise variance: noisy data count less.")
def noise_multiplied(X, y, alpha, noise_var=1.0):
    return _posterior(X, y, alpha, 1 / noise_var)


@posterior.mistake("σ² is what is passed: `noise_var` is a variance already, so do not square it.")
def noise_squared(X, y, alpha, noise_var=1.0):
    return _posterior(X, y, alpha, noise_var**2)


@posterior.mistake("The order is (mean, covariance); yours is the other way round.")
def order_swapped(X, y, alpha, noise_var=1.0):
    return _posterior(X, y, alpha, noise_var)[::-1]


@posterior.mistake(
    "Your covariance is that of standardised, uncorrelated columns: 1/(N + α) on the diagonal. Use XᵀX."
)
def count_for_gram(X, y, alpha, noise_var=1.0):
    Sigma = jnp.eye(X.shape[1]) / (X.shape[0] / noise_var + alpha)
    return Sigma @ X.T @ y / noise_var, Sigma


@posterior.mistake("The prior is missing: α does not appear in your precision.")
def prior_missing(X, y, alpha, noise_var=1.0):
    Sigma = jnp.linalg.inv(X.T @ X / noise_var)
    return Sigma @ X.T @ y / noise_var, Sigma


@posterior.mistake(
    "You divide the prior's precision by the noise variance, too. Only the data count 1/σ² times: "
    "Σ⁻¹ = XᵀX/σ² + αI."
)
def prior_divided_by_the_noise(X, y, alpha, noise_var=1.0):
    return _posterior(X, y, alpha / noise_var, noise_var)


@posterior.mistake(
    "You divide by σ. The precision of an observation is one over its *variance*: divide by "
    "`noise_var` as it is."
)
def noise_rooted(X, y, alpha, noise_var=1.0):
    return _posterior(X, y, alpha, noise_var**0.5)


@posterior.mistake(
    "These are standard deviations. The whole covariance is asked, (D, D): how the errors of the weights "
    "go together matters as much as their size."
)
def deviations_only(X, y, alpha, noise_var=1.0):
    mu, Sigma = _posterior(X, y, alpha, noise_var)
    return mu, jnp.sqrt(jnp.diag(Sigma))


@posterior.mistake("Xᵀ is missing in the mean: μ = ΣXᵀy/σ². Shapes: (D, D), (D, N), (N,).")
def mean_without_features(X, y, alpha, noise_var=1.0):
    _, Sigma = _posterior(X, y, alpha, noise_var)
    return Sigma @ y, Sigma


@posterior.mistake(
    "You average over the examples, so that more data would make you no surer. Precisions *add*: no "
    "division by N."
)
def precision_averaged(X, y, alpha, noise_var=1.0):
    return _posterior(X, y, alpha, noise_var * X.shape[0])


@posterior.mistake(
    "Your mean is that of least squares, without the prior. It is ΣXᵀy/σ², with the same Σ."
)
def least_squares_mean(X, y, alpha, noise_var=1.0):
    return jnp.linalg.lstsq(X, y)[0], _posterior(X, y, alpha, noise_var)[1]


@posterior.mistake(
    "You add the *covariances* of prior and data, which makes the posterior wider than the prior. "
    "Precisions add: sum first, and invert then."
)
def covariances_added(X, y, alpha, noise_var=1.0):
    mu, _ = _posterior(X, y, alpha, noise_var)
    return mu, jnp.linalg.inv(X.T @ X / noise_var) + jnp.eye(X.shape[1]) / alpha


@posterior.alternative
def by_product(X, y, alpha, noise_var=1.0):
    Sigma = jnp.linalg.inv(X.T @ X / noise_var + alpha * jnp.eye(X.shape[1]))
    return Sigma @ X.T @ y / noise_var, Sigma


@posterior.alternative
def by_cholesky(X, y, alpha, noise_var=1.0):
    D = X.shape[1]
    factor = jax.scipy.linalg.cho_factor(
        jnp.einsum("ni,nj->ij", X, X) / noise_var + alpha * jnp.eye(D)
    )
    return jax.scipy.linalg.cho_solve(factor, X.T @ y / noise_var), jax.scipy.linalg.cho_solve(
        factor, jnp.eye(D)
    )


@posterior.alternative
def multiplied_by_the_noise(X, y, alpha, noise_var=1.0):
    A = X.T @ X + alpha * noise_var * jnp.eye(X.shape[1])
    return jnp.linalg.solve(A, X.T @ y), noise_var * jnp.linalg.inv(A)


@posterior.alternative
def by_eigenvalues(X, y, alpha, noise_var=1.0):
    values, vectors = jnp.linalg.eigh(X.T @ X)
    Sigma = (vectors / (values / noise_var + alpha)) @ vectors.T
    return Sigma @ (X.T @ y) / noise_var, Sigma


# --- B1.3 Prior and posterior --------------------------------------------------------------------

prior_and_posterior = experiment_exercise("B1.3")


def _bracketed(lab, touching_below):
    """Whether some visits on either side of an end are at most 0.2 apart."""
    yes = [v.controls["alpha"] for v in lab.visited if v.results["touch"]]
    no = [v.controls["alpha"] for v in lab.visited if not v.results["touch"]]
    gaps = [(b - a) if touching_below else (a - b) for a in yes for b in no]
    return any(0 < gap <= 0.2 + 1e-9 for gap in gaps)


@prior_and_posterior.task("settings at which the circles do not touch")
def _(lab, rng):
    assert any(not visit.results["touch"] for visit in lab.visited), (
        "At all your settings the circles touch. Try an α of a few units."
    )
    assert any(visit.results["touch"] for visit in lab.visited), (
        "At all your settings the circles are apart. Go far to the left, and far to the right."
    )


@prior_and_posterior.task("the lower end of the range, to 0.2")
def _(lab, rng):
    assert _bracketed(lab, True), (
        "The lower end: visit an α where the circles touch and a slightly larger one, at most 0.2 "
        "away, where they do not."
    )


@prior_and_posterior.task("the upper end of the range, to 0.2")
def _(lab, rng):
    assert _bracketed(lab, False), (
        "The upper end: visit an α where the circles do not touch and a slightly larger one, at most "
        "0.2 away, where they do again."
    )


def _prior_posterior_lab(*alphas):
    lab = PriorPosteriorLab(*datasets.outlier())
    for alpha in alphas:
        lab.set(alpha=alpha)
    return lab


@prior_and_posterior.mistake("You only looked at very small α: the range begins near 1.")
@cache
def weak_priors_only():
    return _prior_posterior_lab(0.01, 0.3, 0.8)


@prior_and_posterior.mistake(
    "You stayed inside the range. Where does it end, to the left and to the right?"
)
@cache
def inside_only():
    return _prior_posterior_lab(3.0, 5.0, 12.0)


@prior_and_posterior.mistake(
    "The upper end is found. On the left you are too coarse: below α = 2 the prior's circle grows fast."
)
@cache
def upper_end_only():
    return _prior_posterior_lab(0.5, 2.0, 14.25, 14.4)


@prior_and_posterior.mistake(
    "The lower end is found. There is an upper one as well: a very strong prior holds the posterior."
)
@cache
def lower_end_only():
    return _prior_posterior_lab(0.85, 0.95, 5.0)


@prior_and_posterior.alternative
def close_by():
    return _prior_posterior_lab(0.9, 0.91, 14.31, 14.33)


@prior_and_posterior.alternative
def a_sweep():
    return _prior_posterior_lab(
        *np.arange(0.5, 1.5, 0.15).tolist(), *np.arange(13.9, 15, 0.2).tolist()
    )


# --- B1.5 Predictive band ------------------------------------------------------------------------

predictive_band = experiment_exercise("B1.5")


def _at_target(lab):
    return [v for v in lab.visited if abs(v.results["sd_f_at_0"] - 0.25) <= 0.002]


@predictive_band.task("1: an α at which the sd of f at x = 0 is 0.25")
def _(lab, rng):
    if _at_target(lab):
        return
    sds = [visit.results["sd_f_at_0"] for visit in lab.visited]
    assert min(sds) < 0.25, (
        "At all your α the band is wider than 0.25: a stronger prior narrows it."
    )
    assert max(sds) > 0.25, "At all your α the band is narrower than 0.25: go back to the left."
    raise AssertionError("You have wider and narrower bands; close in on 0.25.")


@predictive_band.task("2: there, the band of a new observation")
def _(lab, rng):
    assert any(visit.controls["new_observation"] for visit in _at_target(lab)), (
        "Now switch *new observation* on, at the α that you found."
    )


def _band_lab(*settings):
    lab = PredictiveLab(*datasets.outlier())
    for alpha, noise in settings:
        lab.set(alpha=alpha, new_observation=noise)
    return lab


@predictive_band.mistake(
    "You only tried weak priors. Move α to the right: every precision narrows the band."
)
@cache
def weak_only():
    return _band_lab((0.1, False), (3.0, False), (3.0, True))


@predictive_band.mistake("You went past it: at x = 0 the sd is 1/√(6 + α).")
@cache
def strong_only():
    return _band_lab((15.0, False), (20.0, True))


@predictive_band.mistake(
    "The first part is done. For the second, flip the switch without moving α."
)
@cache
def function_only():
    return _band_lab((3.0, False), (10.0, False))


@predictive_band.mistake(
    "You compared at another α. Go back to the one at which the sd of f is 0.25."
)
@cache
def far_apart():
    return _band_lab((3.0, True), (20.0, False))


@predictive_band.alternative
def noise_first():
    return _band_lab((10.0, True))


@predictive_band.alternative
def nearly():
    return _band_lab((9.95, False), (9.95, True), (1.0, True))


# --- B1.14 Predict -------------------------------------------------------------------------------


def _predict(X_new, mu, Sigma, noise_var=1.0):
    variance = jnp.sum((X_new @ Sigma) * X_new, axis=1)
    return X_new @ mu, jnp.sqrt(variance), jnp.sqrt(variance + noise_var)


predict = code_exercise("B1.14", reference=_predict, rtol=1e-3, atol=1e-4)


def _gaussian(rng, size):
    root = rng.normal(size=(size, size)) + np.eye(size)
    return rng.normal(size=size).astype("float32"), (root @ root.T + 0.1 * np.eye(size)).astype(
        "float32"
    )


@predict.case("one input, one weight, easy numbers")
def _(rng):
    yield np.array([[2.0]], "float32"), np.array([3.0], "float32"), np.array([[4.0]], "float32")


@predict.case("two weights, which are correlated")
def _(rng):
    yield np.array([[1.0, 2.0], [1.0, -1.0], [0.0, 3.0]], "float32"), *_gaussian(rng, 2)


@predict.case("other sizes")
def _(rng):
    for count, size in ((1, 3), (7, 5), (5, 5)):
        yield rng.normal(size=(count, size)).astype("float32"), *_gaussian(rng, size)


@predict.case("another noise variance")
def _(rng):
    yield rng.normal(size=(4, 2)).astype("float32"), *_gaussian(rng, 2), 0.25
    yield rng.normal(size=(4, 2)).astype("float32"), *_gaussian(rng, 2), 9.0


@predict.property("20 000 inputs, without a matrix of 20 000 x 20 000")
def _(answer, rng):
    X, mu, Sigma = jnp.zeros((20_000, 2)), jnp.zeros(2), jnp.eye(2)
    jaxpr = jax.make_jaxpr(answer)(X, mu, Sigma)
    sizes = [np.prod(v.aval.shape) for equation in jaxpr.eqns for v in equation.outvars]
    assert max(sizes, default=0) < 1e7, (
        "You build an (N, N) matrix, of which only the diagonal is asked: 1.6 GB for 20 000 inputs."
    )


@predict.property("95 % intervals cover 95 % of new observations")
def _(answer, rng):
    trials, alpha = 3000, 3.0
    x = np.asarray(datasets.outlier().x)
    X = np.stack([np.ones_like(x), x], axis=1)
    w = rng.normal(size=(trials, 2)) / np.sqrt(alpha)  # each trial has a line of its own
    Sigma = np.linalg.inv(X.T @ X + alpha * np.eye(2))
    mu = (w @ X.T + rng.normal(size=(trials, len(x)))) @ X @ Sigma
    X_new = np.stack([np.ones(trials), rng.uniform(-2, 2, trials)], axis=1)
    errors = np.sum(X_new * (w - mu), axis=1) + rng.normal(size=trials)
    *_, sd_y = answer(*(jnp.asarray(one, "float32") for one in (X_new, mu[0], Sigma)))
    share = np.mean(np.abs(errors) <= 1.96 * np.asarray(sd_y))
    assert abs(share - 0.95) < 0.02, "Your 95 % intervals do not cover 95 % of new observations."


@predict.mistake(
    "You give the sd of f for a new observation: such intervals cover only 60 %. Add the noise variance "
    "before the square root."
)
def noise_left_out(X_new, mu, Sigma, noise_var=1.0):
    mean, sd_f, _ = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_f, sd_f


@predict.mistake(
    "You used the diagonal of Σ alone. The weights are correlated: use xᵀΣx with the whole Σ."
)
def diagonal_of_sigma(X_new, mu, Sigma, noise_var=1.0):
    return _predict(X_new, mu, jnp.diag(jnp.diag(Sigma)), noise_var)


@predict.mistake("These are variances. Take the square roots.")
def square_root_forgotten(X_new, mu, Sigma, noise_var=1.0):
    mean, sd_f, sd_y = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_f**2, sd_y**2


@predict.mistake(
    "Standard deviations do not add; *variances* do. Add the noise variance before the root."
)
def deviations_added(X_new, mu, Sigma, noise_var=1.0):
    mean, sd_f, _ = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_f, sd_f + jnp.sqrt(noise_var)


@predict.mistake("`noise_var` is a variance already: add it as it is, without squaring it.")
def noise_variance_squared(X_new, mu, Sigma, noise_var=1.0):
    mean, sd_f, _ = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_f, jnp.sqrt(sd_f**2 + noise_var**2)


@predict.mistake("`noise_var` is ignored: you always add 1.")
def noise_always_one(X_new, mu, Sigma, noise_var=1.0):
    return _predict(X_new, mu, Sigma)


@predict.mistake(
    "The noise is in both. `sd_f` is about the function, which has no noise: only `sd_y` gets it."
)
def noise_in_both(X_new, mu, Sigma, noise_var=1.0):
    mean, _, sd_y = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_y, sd_y


@predict.mistake("The order is (mean, sd_f, sd_y); you swapped the last two.")
def deviations_swapped(X_new, mu, Sigma, noise_var=1.0):
    mean, sd_f, sd_y = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_y, sd_f


@predict.mistake(
    "You multiply with the root of Σ's entries. Compute xᵀΣx first, and take the root at the end."
)
def root_of_entries(X_new, mu, Sigma, noise_var=1.0):
    sd_f = jnp.abs(X_new) @ jnp.sqrt(jnp.diag(Sigma))
    return X_new @ mu, sd_f, jnp.sqrt(sd_f**2 + noise_var)


@predict.mistake("The result is right, but you build the whole (N, N) matrix to keep its diagonal: multiply "
                 "`X_new @ Sigma` with `X_new` element by element, and sum along the rows.")  # fmt: skip
def whole_matrix(X_new, mu, Sigma, noise_var=1.0):
    variance = jnp.diag(X_new @ Sigma @ X_new.T)
    return X_new @ mu, jnp.sqrt(variance), jnp.sqrt(variance + noise_var)


@predict.mistake(
    "Here is a whole (N, N) matrix of each, or its root. One number for each input is asked: "
    "multiply `X_new @ Sigma` with `X_new` element by element, and sum along the rows."
)
def matrices_returned(X_new, mu, Sigma, noise_var=1.0):
    covariance = X_new @ Sigma @ X_new.T
    return X_new @ mu, jnp.sqrt(covariance), jnp.sqrt(covariance + noise_var)


@predict.mistake(
    "You add a *variance* to a standard deviation: their units differ. Add the variances, and take the "
    "root of the sum."
)
def variance_added_to_deviation(X_new, mu, Sigma, noise_var=1.0):
    mean, sd_f, _ = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_f, sd_f + noise_var


@predict.mistake(
    "Under the root belongs the *variance* of f: you put its standard deviation there. Square it first."
)
def deviation_not_squared(X_new, mu, Sigma, noise_var=1.0):
    mean, sd_f, _ = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_f, jnp.sqrt(sd_f + noise_var)


@predict.mistake("The second factor is missing: xᵀΣx has x on *both* sides of Σ.")
def one_side_only(X_new, mu, Sigma, noise_var=1.0):
    variance = jnp.sum(X_new @ Sigma, axis=1)
    return X_new @ mu, jnp.sqrt(variance), jnp.sqrt(variance + noise_var)


@predict.mistake("With Σ = LLᵀ the variance xᵀΣx is the squared length of xᵀL. You used Lᵀ.")
def factor_transposed(X_new, mu, Sigma, noise_var=1.0):
    sd_f = jnp.linalg.norm(X_new @ jnp.linalg.cholesky(Sigma).T, axis=1)
    return X_new @ mu, sd_f, jnp.sqrt(sd_f**2 + noise_var)


@predict.mistake(
    "`sd_y` is the noise alone. A new observation is uncertain for two reasons, and we do not know the "
    "line exactly: add the variance of f."
)
def noise_alone(X_new, mu, Sigma, noise_var=1.0):
    mean, sd_f, _ = _predict(X_new, mu, Sigma, noise_var)
    return mean, sd_f, jnp.sqrt(noise_var) * jnp.ones_like(sd_f)


@predict.mistake("`Sigma` is the covariance already: use it as it is, without inverting.")
def covariance_inverted(X_new, mu, Sigma, noise_var=1.0):
    return _predict(X_new, mu, jnp.linalg.inv(Sigma), noise_var)


@predict.alternative
def by_einsum(X_new, mu, Sigma, noise_var=1.0):
    variance = jnp.einsum("ni,ij,nj->n", X_new, Sigma, X_new)
    return X_new @ mu, variance**0.5, (variance + noise_var) ** 0.5


@predict.alternative
def by_vmap(X_new, mu, Sigma, noise_var=1.0):
    variance = jax.vmap(lambda x: x @ Sigma @ x)(X_new)
    return X_new @ mu, jnp.sqrt(variance), jnp.sqrt(variance + noise_var)


@predict.alternative
def by_cholesky_of_sigma(X_new, mu, Sigma, noise_var=1.0):
    sd_f = jnp.linalg.norm(X_new @ jnp.linalg.cholesky(Sigma), axis=1)
    return X_new @ mu, sd_f, jnp.hypot(sd_f, jnp.sqrt(noise_var))


# --- B1.16 Coverage ------------------------------------------------------------------------------


def _coverage(y, mean, sd, level):
    width = jax.scipy.stats.norm.ppf((1 + level) / 2)
    return jnp.mean(jnp.abs(y - mean) <= width * sd)


coverage = code_exercise("B1.16", reference=_coverage, rtol=1e-5, atol=1e-5)


@coverage.case("four observations of a standard normal, at 95 %")
def _(rng):
    zero, one = np.zeros(4, "float32"), np.ones(4, "float32")
    yield np.array([0.0, 1.8, -1.9, 3.0], "float32"), zero, one, 0.95


@coverage.case("the same at 50 %")
def _(rng):
    zero, one = np.zeros(4, "float32"), np.ones(4, "float32")
    yield np.array([0.0, 0.6, -0.5, 3.0], "float32"), zero, one, 0.5


@coverage.case("other means and standard deviations")
def _(rng):
    y, mean, noise = rng.normal(size=(3, 200)).astype("float32")
    sd = np.exp(noise).astype("float32")
    yield from ((y, mean, sd, level) for level in (0.1, 0.5, 0.8, 0.95))


@coverage.mistake(
    "The upper end of a central interval is the quantile (1 + level)/2: half of what is outside lies "
    "above, half below. Yours is a one-sided interval's."
)
def one_sided(y, mean, sd, level):
    return jnp.mean(jnp.abs(y - mean) <= jax.scipy.stats.norm.ppf(level) * sd)


@coverage.mistake(
    "Observations *below* the lower end are outside as well: use the absolute difference."
)
def upper_end_only_checked(y, mean, sd, level):
    return jnp.mean(y - mean <= jax.scipy.stats.norm.ppf((1 + level) / 2) * sd)


@coverage.mistake("1.96 belongs to 95 % only: the width depends on the level.")
def always_95(y, mean, sd, level):
    return jnp.mean(jnp.abs(y - mean) <= 1.959964 * sd)


@coverage.mistake("`sd` is a standard deviation already: no square root.")
def root_of_sd(y, mean, sd, level):
    return _coverage(y, mean, jnp.sqrt(sd), level)


@coverage.mistake("The count is asked as a *share*: take the mean, and not the sum.")
def counted(y, mean, sd, level):
    return _coverage(y, mean, sd, level) * len(y)


@coverage.mistake("This is the share *outside* of the interval.")
def outside(y, mean, sd, level):
    return 1 - _coverage(y, mean, sd, level)


@coverage.mistake(
    "Between the quantiles level/2 and 1 - level/2 lies 1 - level of the probability. The upper end of "
    "an interval that *holds* `level` is the quantile (1 + level)/2."
)
def quantile_of_the_outside(y, mean, sd, level):
    return jnp.mean(jnp.abs(y - mean) <= jax.scipy.stats.norm.ppf(level / 2) * sd)


@coverage.mistake(
    "`level` is a probability, and you use it as a number of standard deviations. Which number of them "
    "holds that probability? About 1.96 for 95 %."
)
def level_as_width(y, mean, sd, level):
    return jnp.mean(jnp.abs(y - mean) <= level * sd)


@coverage.mistake(
    "You count what lies below one quantile, an interval that is open to the left. The *central* "
    "interval leaves as much out below as above."
)
def below_one_quantile(y, mean, sd, level):
    return jnp.mean(y <= mean + jax.scipy.stats.norm.ppf(level) * sd)


@coverage.mistake("The width is in standard deviations: multiply it with `sd`.")
def sd_ignored(y, mean, sd, level):
    return _coverage(y, mean, jnp.ones_like(sd), level)


@coverage.mistake("`sd` is a standard deviation already: do not square it.")
def sd_squared(y, mean, sd, level):
    return _coverage(y, mean, sd**2, level)


@coverage.mistake("The interval lies around `mean`, and not around 0: subtract it.")
def mean_ignored(y, mean, sd, level):
    return _coverage(y, jnp.zeros_like(mean), sd, level)


@coverage.mistake("Here is a yes or no for each observation. The *share* is asked: their mean.")
def not_averaged(y, mean, sd, level):
    return jnp.abs(y - mean) <= jax.scipy.stats.norm.ppf((1 + level) / 2) * sd


@coverage.alternative
def by_probability(y, mean, sd, level):
    tail = jax.scipy.stats.norm.cdf((y - mean) / sd)
    return jnp.mean((tail >= (1 - level) / 2) & (tail <= (1 + level) / 2))


@coverage.alternative
def by_ends(y, mean, sd, level):
    low = mean + sd * jax.scipy.stats.norm.ppf((1 - level) / 2)
    high = mean + sd * jax.scipy.stats.norm.ppf((1 + level) / 2)
    return jnp.sum(jnp.where((low <= y) & (y <= high), 1, 0)) / y.shape[0]


@coverage.alternative
def by_error_function(y, mean, sd, level):
    width = jnp.sqrt(2.0) * jax.scipy.special.erfinv(level)
    return ((y >= mean - width * sd) & (y <= mean + width * sd)).mean()
