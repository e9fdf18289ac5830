"""Checks of B5.3, B5.3.1 and B5.4: diagnostics of chains, and the truth by importance sampling."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes, datasets
from mazoezi.course import code_exercise
from mazoezi.practicals.bayesian.exercises._drawn import assert_keys_used_once, unwatched

# --- B5.3 R-hat ----------------------------------------------------------------------------------


def _rhat(chains):
    half = chains.shape[1] // 2
    halves = jnp.concatenate([chains[:, :half], chains[:, -half:]])
    within = jnp.mean(jnp.var(halves, axis=1, ddof=1))
    between = jnp.var(jnp.mean(halves, axis=1), ddof=1)
    return jnp.sqrt(((half - 1) / half * within + between) / within)


rhat = code_exercise("B5.3", reference=_rhat, rtol=1e-3, atol=1e-3)


def _chains(rng, chains, draws, *, shift=0.0, drift=0.0, scale=1.0):
    """Make independent draws; chains are `shift` apart, and drift on their way."""
    noise = rng.normal(0, scale, (chains, draws))
    places = shift * np.arange(chains)[:, None] + drift * np.linspace(-1, 1, draws)
    return (noise + places).astype("float32")


@rhat.case("two chains of four draws, to compute by hand")
def _(rng):
    yield np.array([[0.0, 2.0, 0.0, 2.0], [0.0, 2.0, 4.0, 2.0]], "float32")


@rhat.case("four chains that agree")
def _(rng):
    yield _chains(rng, 4, 200)


@rhat.case("four chains in different places")
def _(rng):
    yield _chains(rng, 4, 200, shift=0.7)
    yield _chains(rng, 3, 50, shift=30.0)


@rhat.case("four chains that drift together, so that only their halves differ")
def drifting(rng):
    yield _chains(rng, 4, 100, drift=2.0)


@rhat.case("a single chain that drifts")
def _(rng):
    yield _chains(rng, 1, 60, drift=1.0)


@rhat.case("an odd number of draws: the one in the middle belongs to neither half")
def _(rng):
    yield np.array([[0.0, 2.0, 50.0, 1.0, 5.0], [1.0, 0.0, -50.0, 3.0, 4.0]], "float32")


@rhat.case("short chains of another unit, far from zero")
def _(rng):
    yield _chains(rng, 5, 10, shift=40.0, scale=70.0) + 100


rhat.case("compiled by `jit`", run=jax.jit)(drifting)


@rhat.property("it does not depend on the unit, nor on where zero is")
def _(answer, rng):
    chains = jnp.asarray(_chains(rng, 3, 40, shift=0.5))
    plain, moved = float(answer(chains)), float(answer(5 - 2 * chains))
    assert abs(plain - moved) < 2e-3, (
        f"R-hat of some chains is {plain:.3f}, and of 5 - 2 times the same chains {moved:.3f}: a "
        "change of units must not matter."
    )


@rhat.note
def stuck(answer):
    """Tell what the answer says of two chains in each of two modes."""
    rng = np.random.default_rng(0)
    chains = rng.normal(0, 1, (4, 500)) + 4 * np.array([[1], [1], [-1], [-1]])
    return (
        "Two chains in each of two modes, 8 standard deviations apart: your R-hat is "
        f"{float(answer(jnp.asarray(chains, jnp.float32))):.2f}."
    )


def _halves(chains):
    half = chains.shape[1] // 2
    return jnp.concatenate([chains[:, :half], chains[:, -half:]])


def _ratio(halves, *, ddof=1):
    """Pooled variance and variance within, of chains that are halves already."""
    draws = halves.shape[1]
    within = jnp.mean(jnp.var(halves, axis=1, ddof=ddof))
    between = jnp.var(jnp.mean(halves, axis=1), ddof=ddof)
    return (draws - 1) / draws * within + between, within


@rhat.mistake(
    "The chains are not split. Chains that drift together agree with each other at every moment, and "
    "only their halves give them away: cut each in two first."
)
def not_split(chains):
    pooled, within = _ratio(chains)
    return jnp.sqrt(pooled / within)


@rhat.mistake(
    "The means' variance is divided by the number of draws. B already is n times that variance, and "
    "B / n is the variance of the means itself: add it as it is."
)
def between_divided_again(chains):
    halves = _halves(chains)
    draws, within = halves.shape[1], jnp.mean(jnp.var(halves, axis=1, ddof=1))
    between = jnp.var(jnp.mean(halves, axis=1), ddof=1)
    return jnp.sqrt(((draws - 1) / draws * within + between / draws) / within)


@rhat.mistake(
    "The means' variance is multiplied by the number of draws and never divided: var⁺ is "
    "(n - 1)/n W + B/n, and B/n is the plain variance of the means."
)
def between_not_divided(chains):
    halves = _halves(chains)
    draws, within = halves.shape[1], jnp.mean(jnp.var(halves, axis=1, ddof=1))
    between = draws * jnp.var(jnp.mean(halves, axis=1), ddof=1)
    return jnp.sqrt(((draws - 1) / draws * within + between) / within)


@rhat.mistake(
    "With an odd number of draws your halves are not the first and the last n: leave out the draw in "
    "the middle, and no other."
)
def last_draw_left_out(chains):
    half = chains.shape[1] // 2
    pooled, within = _ratio(jnp.concatenate([chains[:, :half], chains[:, half : 2 * half]]))
    return jnp.sqrt(pooled / within)


@rhat.mistake("This is R-hat squared: take the square root.")
def without_root(chains):
    pooled, within = _ratio(_halves(chains))
    return pooled / within


@rhat.mistake(
    "The ratio is upside down: var⁺ is over W, so that chains which disagree give *more* than 1."
)
def upside_down(chains):
    pooled, within = _ratio(_halves(chains))
    return jnp.sqrt(within / pooled)


@rhat.mistake(
    "Variances of samples divide by n - 1: give `ddof=1` to `jnp.var`, within and between alike."
)
def divided_by_n(chains):
    pooled, within = _ratio(_halves(chains), ddof=0)
    return jnp.sqrt(pooled / within)


@rhat.mistake(
    "The factor (n - 1)/n is missing: var⁺ = (n - 1)/n W + B/n. For short chains it matters."
)
def factor_forgotten(chains):
    halves = _halves(chains)
    within = jnp.mean(jnp.var(halves, axis=1, ddof=1))
    return jnp.sqrt(1 + jnp.var(jnp.mean(halves, axis=1), ddof=1) / within)


@rhat.mistake(
    "You take the variances along the chains' axis. W is the variance *within* a chain: along its "
    "draws, the second axis."
)
def axes_confused(chains):
    halves = _halves(chains)
    draws = halves.shape[1]
    within = jnp.mean(jnp.var(halves, axis=0, ddof=1))
    between = jnp.var(jnp.mean(halves, axis=0), ddof=1)
    return jnp.sqrt(((draws - 1) / draws * within + between) / within)


@rhat.mistake(
    "You compare standard deviations before averaging. Average the *variances* within the chains, and "
    "take one root at the very end."
)
def deviations_averaged(chains):
    halves = _halves(chains)
    draws, within = halves.shape[1], jnp.mean(jnp.std(halves, axis=1, ddof=1)) ** 2
    between = jnp.var(jnp.mean(halves, axis=1), ddof=1)
    return jnp.sqrt(((draws - 1) / draws * within + between) / within)


@rhat.mistake(
    "You leave out what differs *between* the chains. That is what R-hat is for: add the variance of "
    "the halves' means."
)
def between_forgotten(chains):
    draws = chains.shape[1] // 2
    return jnp.sqrt((draws - 1) / draws * jnp.ones(()))


@rhat.mistake(
    "Every other draw is no half of a chain: two such parts drift together. Cut in *time*, the first n "
    "draws and the last n."
)
def every_other_draw(chains):
    n = chains.shape[1] // 2
    halves = jnp.concatenate([chains[:, : 2 * n : 2], chains[:, 1 : 2 * n : 2]])
    pooled, within = _ratio(halves)
    return jnp.sqrt(pooled / within)


@rhat.mistake(
    "You pool all draws into one variance. That is close, but var⁺ is made of its two parts: "
    "(n - 1)/n W, and the variance of the halves' means with 2C - 1 below the sum."
)
def one_variance_of_all(chains):
    halves = _halves(chains)
    return jnp.sqrt(jnp.var(halves, ddof=1) / jnp.mean(jnp.var(halves, axis=1, ddof=1)))


@rhat.alternative
def by_reshape(chains):
    count, draws = chains.shape
    if draws % 2:
        chains = jnp.delete(chains, draws // 2, axis=1)
    halves = chains.reshape(2 * count, draws // 2)
    pooled, within = _ratio(halves)
    return jnp.sqrt(pooled / within)


@rhat.alternative
def as_in_the_book(chains):
    n = chains.shape[1] // 2
    halves = jnp.vstack([chains[:, :n], chains[:, chains.shape[1] - n :]])
    m = len(halves)
    means = halves.mean(axis=1)
    B = n / (m - 1) * jnp.sum((means - means.mean()) ** 2)
    W = jnp.sum((halves - means[:, None]) ** 2) / (m * (n - 1))
    return ((n - 1) / n + B / (n * W)) ** 0.5


@rhat.alternative
def as_the_library(chains):
    return bayes.split_rhat(chains)


# --- B5.3.1 Mode shares --------------------------------------------------------------------------


def _mode_share(chains):
    return jnp.mean(chains > 0, axis=1)


mode_share = code_exercise("B5.3.1", reference=_mode_share, dtype="any")


@mode_share.case("two short chains")
def _(rng):
    yield np.array([[1.0, 2.0, -1.0, 3.0], [-1.0, -2.0, -3.0, -1.0]], "float32")


@mode_share.case("one chain")
def _(rng):
    yield np.array([[0.5, -0.5, 7.0]], "float32")


@mode_share.case("five chains of forty draws")
def chains_of_forty(rng):
    yield (rng.normal(0, 1, (5, 40)) + np.linspace(-2, 2, 5)[:, None]).astype("float32")


mode_share.case("compiled by `jit`", run=jax.jit)(chains_of_forty)


@mode_share.mistake(
    "You pool all chains. Pooled shares hide that no chain has crossed: give one share for each chain."
)
def pooled(chains):
    return jnp.mean(chains > 0)


@mode_share.mistake(
    "You average over the chains, and get one number for each draw. One for each *chain* is asked: "
    "average along the second axis."
)
def per_draw(chains):
    return jnp.mean(chains > 0, axis=0)


@mode_share.mistake("These are counts: divide by the number of draws, or take the mean.")
def counts(chains):
    return jnp.sum(chains > 0, axis=1)


@mode_share.mistake(
    "This is the mean of the draws, not the share of those that are above 0: compare with 0 first."
)
def mean_of_draws(chains):
    return jnp.mean(chains, axis=1)


@mode_share.mistake("These are the shares *below* 0: the positive mode is asked.")
def negative_side(chains):
    return jnp.mean(chains < 0, axis=1)


@mode_share.mistake(
    "You ask where a chain's *mean* lies. A chain that crosses would be counted as if it had not: "
    "count its draws."
)
def side_of_the_mean(chains):
    return (jnp.mean(chains, axis=1) > 0).astype("float32")


@mode_share.alternative
def by_counting(chains):
    return jnp.count_nonzero(chains > 0, axis=1) / chains.shape[1]


@mode_share.alternative
def by_where(chains):
    return jnp.where(chains > 0, 1.0, 0.0).mean(axis=-1)


@mode_share.alternative
def by_vmap(chains):
    return jax.vmap(lambda chain: jnp.average(chain > 0))(chains)


# --- B5.4 Importance sampling --------------------------------------------------------------------


def _importance_posterior(log_likelihood, prior_sampler, key, n):
    w = prior_sampler(key, n)
    log_weights = jax.vmap(log_likelihood)(w)
    weights = jax.nn.softmax(log_weights)
    log_evidence = jax.nn.logsumexp(log_weights) - jnp.log(n)
    return w, weights, 1 / jnp.sum(weights**2), log_evidence


importance_posterior = code_exercise(
    "B5.4", reference=_importance_posterior, rtol=1e-3, atol=1e-4, dtype="any"
)


def fixed(*points):
    """Return a 'prior' that always gives these draws, so that a result has no noise."""
    points = np.asarray(points, "float32")

    def prior_sampler(key, n):
        return jnp.asarray(points)[:n]

    return prior_sampler


def falling(w):
    """Return log-likelihoods 0, log 2, log 3, ... at w = 1, 2, 3, ..."""
    return jnp.log(w[0])


def steep(w):
    """Return a log-likelihood as of a large data set."""
    return -1000.0 + 3 * w[0]


def high(w):
    """Return a log-likelihood far above zero, as densities of small numbers have."""
    return 500.0 - w[0] ** 2


def flat(w):
    """Return the same log-likelihood everywhere."""
    return -2.0 * jnp.ones(())


def of_two(w):
    """Return a log-likelihood of two weights."""
    return -jnp.sum((w - jnp.array([1.0, -0.5])) ** 2)


@importance_posterior.case("four draws that are equally likely")
def _(rng):
    yield flat, fixed([1.0], [2.0], [3.0], [-6.0]), jr.key(0), 4


@importance_posterior.case("likelihoods 1, 2 and 5")
def _(rng):
    yield falling, fixed([1.0], [2.0], [5.0]), jr.key(0), 3


@importance_posterior.case("two weights, six draws")
def _(rng):
    yield of_two, fixed(*rng.normal(0, 1, (6, 2))), jr.key(0), 6


@importance_posterior.case("log-likelihoods near -1000")
def _(rng):
    yield steep, fixed([0.0], [1.0], [2.0], [-1.0]), jr.key(0), 4


@importance_posterior.case("log-likelihoods near 500")
def _(rng):
    yield high, fixed([0.0], [1.0], [2.0]), jr.key(0), 3


def _gaussian_prior(key, n):
    return jr.normal(key, (n, 2))


def _two_weight_log_likelihood(w):
    x, y = datasets.identity()
    return bayes.network_log_likelihood(bayes.two_weight_network, w, x, y)


@importance_posterior.property("the key goes to the prior")
def _(answer, rng):
    one, other = (
        np.asarray(unwatched(answer)(_two_weight_log_likelihood, _gaussian_prior, jr.key(s), 5)[0])
        for s in (1, 2)
    )
    wanted = np.asarray(_gaussian_prior(jr.key(1), 5))
    assert np.allclose(one, wanted) or not np.allclose(one, other), (
        "Another key gave the same draws: hand `key` to `prior_sampler`."
    )


@importance_posterior.property("two weights: log evidence -8.06, both modes alike")
def _(answer, rng):
    n = 100_000
    w, weights, ess, log_evidence = unwatched(answer)(
        _two_weight_log_likelihood, _gaussian_prior, jr.key(3), n
    )
    positive = float(jnp.sum(weights * (w[:, 0] > 0)))
    error = 5.5 * 0.5 / np.sqrt(float(ess))
    assert abs(positive - 0.5) < error, (
        f"On the two-weight network P(w0 > 0) comes out as {positive:.3f}; by symmetry it is 0.5."
    )
    likelihoods = 5.5 / np.sqrt(float(ess))  # relative error of the mean likelihood, at most
    assert abs(float(log_evidence) + 8.0645) < likelihoods, (
        f"On the two-weight network your log evidence is {float(log_evidence):.3f}; by quadrature it "
        "is -8.064."
    )


@importance_posterior.property("no key is used twice")
def _(answer, rng):
    assert_keys_used_once(
        lambda key: answer(_two_weight_log_likelihood, _gaussian_prior, key, 5), jr.key(4)
    )


@importance_posterior.note
def found(answer):
    """Tell what the answer finds for the two-weight network."""
    w, weights, ess, log_evidence = answer(
        _two_weight_log_likelihood, _gaussian_prior, jr.key(5), 100_000
    )
    share = float(jnp.sum(weights * (w[:, 0] > 0)))
    return (
        f"For the two-weight network, from 100 000 draws (effectively {float(ess):.0f}): log evidence "
        f"{float(log_evidence):.3f}, P(w0 > 0) = {share:.3f}."
    )


def _logs(log_likelihood, prior_sampler, key, n):
    w = prior_sampler(key, n)
    return w, jax.vmap(log_likelihood)(w)


@importance_posterior.mistake(
    "The weights do not sum to 1: divide them by their sum. Otherwise averages under them come out "
    "scaled by the evidence."
)
def not_normalised(log_likelihood, prior_sampler, key, n):
    w, logs = _logs(log_likelihood, prior_sampler, key, n)
    normal = jax.nn.softmax(logs)
    evidence = jax.nn.logsumexp(logs) - jnp.log(n)
    return w, jnp.exp(logs), 1 / jnp.sum(normal**2), evidence


@importance_posterior.mistake(
    "You give the number of draws as their effective number. Most of them may weigh next to nothing: "
    "ESS = 1 / Σ weights²."
)
def all_draws_count(log_likelihood, prior_sampler, key, n):
    w, weights, _, evidence = _importance_posterior(log_likelihood, prior_sampler, key, n)
    return w, weights, float(n), evidence


@importance_posterior.mistake(
    "exp of a log-likelihood of -1000 is 0, and of 500 infinity: the weights become NaN. Subtract the "
    "largest first (`jax.nn.softmax`), and use `logsumexp` for the evidence."
)
def exponentials_overflow(log_likelihood, prior_sampler, key, n):
    w, logs = _logs(log_likelihood, prior_sampler, key, n)
    likelihoods = jnp.exp(logs)
    weights = likelihoods / jnp.sum(likelihoods)
    return w, weights, 1 / jnp.sum(weights**2), jnp.log(jnp.mean(likelihoods))


@importance_posterior.mistake(
    "The weights are right, but the evidence is computed from exp(log-likelihood), which is 0 or "
    "infinite for larger data sets: use `jax.nn.logsumexp`."
)
def evidence_overflows(log_likelihood, prior_sampler, key, n):
    w, weights, ess, _ = _importance_posterior(log_likelihood, prior_sampler, key, n)
    logs = jax.vmap(log_likelihood)(w)
    return w, weights, ess, jnp.log(jnp.mean(jnp.exp(logs)))


@importance_posterior.mistake(
    "The evidence is the *mean* of the likelihoods over the draws from the prior, not their sum: "
    "subtract log n."
)
def evidence_summed(log_likelihood, prior_sampler, key, n):
    w, weights, ess, evidence = _importance_posterior(log_likelihood, prior_sampler, key, n)
    return w, weights, ess, evidence + jnp.log(n)


@importance_posterior.mistake(
    "You average the *log*-likelihoods. The evidence is the logarithm of the average likelihood, which "
    "is larger (Jensen)."
)
def logarithms_averaged(log_likelihood, prior_sampler, key, n):
    w, weights, ess, _ = _importance_posterior(log_likelihood, prior_sampler, key, n)
    return w, weights, ess, jnp.mean(jax.vmap(log_likelihood)(w))


@importance_posterior.mistake(
    "The weights are proportional to the log-likelihoods. They are proportional to the likelihoods: "
    "take the exponential."
)
def logarithms_as_weights(log_likelihood, prior_sampler, key, n):
    w, logs = _logs(log_likelihood, prior_sampler, key, n)
    weights = logs / jnp.sum(logs)
    return w, weights, 1 / jnp.sum(weights**2), jax.nn.logsumexp(logs) - jnp.log(n)


@importance_posterior.mistake(
    "You hand all draws to `log_likelihood` at once, but it takes *one*, of shape (D,): map it over the "
    "draws, with `jax.vmap(log_likelihood)(w)`."
)
def not_mapped(log_likelihood, prior_sampler, key, n):
    w = prior_sampler(key, n)
    logs = log_likelihood(w)
    weights = jax.nn.softmax(logs)
    return w, weights, 1 / jnp.sum(weights**2), jax.nn.logsumexp(logs) - jnp.log(n)


@importance_posterior.mistake("This is the evidence itself: its *logarithm* is asked for.")
def evidence_not_logged(log_likelihood, prior_sampler, key, n):
    w, weights, ess, evidence = _importance_posterior(log_likelihood, prior_sampler, key, n)
    return w, weights, ess, jnp.exp(evidence)


@importance_posterior.mistake(
    "This is the effective *share* of the draws. ESS is their number: do not divide by n."
)
def ess_as_share(log_likelihood, prior_sampler, key, n):
    w, weights, ess, evidence = _importance_posterior(log_likelihood, prior_sampler, key, n)
    return w, weights, ess / n, evidence


@importance_posterior.mistake("ESS = 1 / Σ weights²: you return Σ weights².")
def ess_upside_down(log_likelihood, prior_sampler, key, n):
    w, weights, ess, evidence = _importance_posterior(log_likelihood, prior_sampler, key, n)
    return w, weights, 1 / ess, evidence


@importance_posterior.mistake(
    "Only weights, ESS and evidence come back: the draws belong to them. Return (w, weights, ess, "
    "log_evidence)."
)
def without_the_draws(log_likelihood, prior_sampler, key, n):
    return _importance_posterior(log_likelihood, prior_sampler, key, n)[1:]


@importance_posterior.alternative
def by_the_largest(log_likelihood, prior_sampler, key, n):
    w = prior_sampler(key, n)
    logs = jnp.stack([log_likelihood(one) for one in w]) if n < 10 else jax.vmap(log_likelihood)(w)
    top = logs.max()
    shares = jnp.exp(logs - top)
    weights = shares / shares.sum()
    return w, weights, shares.sum() ** 2 / (shares**2).sum(), top + jnp.log(shares.mean())


@importance_posterior.alternative
def by_the_library(log_likelihood, prior_sampler, key, n):
    w = prior_sampler(key, n)
    return w, *bayes.importance_weights(jax.vmap(log_likelihood)(w))


@importance_posterior.alternative
def in_logarithms(log_likelihood, prior_sampler, key, n):
    w = prior_sampler(key, n)
    logs = jax.lax.map(log_likelihood, w) if n < 10 else jax.vmap(log_likelihood)(w)
    log_total = jax.scipy.special.logsumexp(logs)
    log_weights = logs - log_total
    ess = jnp.exp(-jax.scipy.special.logsumexp(2 * log_weights))
    return [w, jnp.exp(log_weights), ess, log_total - jnp.log(n)]
