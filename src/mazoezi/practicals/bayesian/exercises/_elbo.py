"""Check of B3.5: a function that estimates the ELBO of any model."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes
from mazoezi.bayes import VariationalGaussian
from mazoezi.course import Limits, code_exercise
from mazoezi.practicals.bayesian.exercises._drawn import (
    ERRORS,
    assert_keys_used_once,
    unwatched,
)

_KEYS, _K = 400, 8  # estimates that are averaged, and draws for each


def _make_elbo(model, alpha, log_likelihood, K):
    return bayes.make_elbo(model, alpha, log_likelihood, K)


make_elbo = code_exercise(
    "B3.5",
    reference=_make_elbo,
    rtol=1e-4,
    atol=3e-3,
    limits=Limits(seconds=60),  # the first time all is compiled, by a slow laptop perhaps
)


def line(X, w):
    """Return the outputs of a linear model."""
    return X @ w


def wave(x, w):
    """Return the outputs of a model that is not linear, on inputs of shape (N,)."""
    return jnp.sin(w[0] * x) + w[1] * x**2


def gaussian(mean, y):
    """Return log N(y; mean, 1), element by element."""
    return -((y - mean) ** 2) / 2 - jnp.log(2 * jnp.pi) / 2


def bernoulli(logit, y):
    """Return the log-probability of a label, element by element."""
    return y * logit - jax.nn.softplus(logit)


def _q(mean, lower, log_diagonal):
    return VariationalGaussian(
        *(jnp.asarray(part, jnp.float32) for part in (mean, lower, log_diagonal))
    )


def _point(*mean):
    """A q so narrow that all its draws are the mean: what is left of the ELBO has no noise."""
    return _q(mean, np.zeros((len(mean), len(mean))), np.full(len(mean), -9.0))


# --- without noise -------------------------------------------------------------------------------


def _at(q, X, y, key=0) -> Callable[[Callable], Callable]:
    """Use a `make_elbo`: the estimate at one q, on one data set."""

    def use(make):
        def run(*settings):
            elbo = make(*settings)
            return unwatched(elbo)(q, jr.key(key), jnp.asarray(X), jnp.asarray(y))

        return run

    return use


# The same few shapes again and again, because each new one has to be compiled.
_ONE = (np.array([[1.0, 2.0]], "float32"), np.array([4.0], "float32"))
_FOUR = (
    np.array([[1.0, -1.0], [1.0, 0.5], [1.0, 2.0], [1.0, 4.0]], "float32"),
    np.array([0.5, 1.0, -2.0, 3.0], "float32"),
)
_LABELS = np.array([0.0, 1.0, 1.0, 0.0], "float32")
_CURVE = np.array([-1.0, 0.5, 2.0, 3.0], "float32")


def _told(make):
    """Say in words what kinds of things come back."""

    def run(*settings):
        elbo = make(*settings)
        if not callable(elbo):
            return {"make_elbo": f"a {type(elbo).__name__}", "elbo": ""}
        shape = jnp.shape(unwatched(elbo)(_point(1.0, -0.5), jr.key(0), *map(jnp.asarray, _FOUR)))
        return {
            "make_elbo": "a function",
            "elbo": f"an array of shape {shape}" if shape else "one number",
        }

    return run


@make_elbo.case("what comes back", run=_told)
def _(rng):
    yield line, 0.5, gaussian, 3


@make_elbo.case("a q without spread, one example, one draw", run=_at(_point(1.0, 2.0), *_ONE))
def _(rng):
    yield line, 1.0, gaussian, 1


@make_elbo.case("four examples: their log-likelihoods add up", run=_at(_point(1.0, -0.5), *_FOUR))
def _(rng):
    yield line, 0.5, gaussian, 1


@make_elbo.case("three draws: their average", run=_at(_point(1.0, -0.5), *_FOUR))
def _(rng):
    yield line, 0.5, gaussian, 3


@make_elbo.case("as many draws as examples", run=_at(_point(0.5, 1.0), *_FOUR))
def _(rng):
    yield line, 2.0, gaussian, 4


@make_elbo.case(
    "labels, with the Bernoulli likelihood", run=_at(_point(0.3, 1.4), *_FOUR[:1], _LABELS)
)
def _(rng):
    yield line, 0.75, bernoulli, 3


@make_elbo.case("a model that is not linear", run=_at(_point(1.2, -0.3), _CURVE, np.cos(_CURVE)))
def _(rng):
    yield wave, 1.5, gaussian, 3


@make_elbo.case("one precision for each weight", run=_at(_point(1.0, -0.5), *_FOUR))
def _(rng):
    yield line, np.array([0.5, 3.0], "float32"), gaussian, 3


# --- with noise ----------------------------------------------------------------------------------

_WIDE = _q([0.4, -0.8], [[0.0, 0.0], [0.5, 0.0]], [-0.5, -0.2])
_X = np.stack([np.ones(6), np.array([-1.5, -0.3, 0.2, 1.0, 1.8, 3.0])], axis=1).astype("float32")
_Y = np.array([1.0, 0.2, -0.7, -1.0, -2.8, -1.9], "float32")
_ALPHA = 3.0


def _estimates(answer, q, *, likelihood=gaussian, y=_Y, seed=0):
    """One estimate for each of many keys."""
    elbo = unwatched(answer(line, _ALPHA, likelihood, _K))
    keys = jr.split(jr.key(seed), _KEYS)
    found = jax.vmap(lambda key: elbo(q, key, jnp.asarray(_X), jnp.asarray(y)))(keys)
    return np.asarray(found, np.float64)


def _moments(q):
    """Mean and factor of q, in NumPy: closed forms need no compiling."""
    L = np.tril(np.asarray(q.lower, np.float64), -1) + np.diag(np.exp(q.log_diagonal))
    return np.asarray(q.mean, np.float64), L


def _kl(q):
    mean, L = _moments(q)
    trace = _ALPHA * (np.sum(L**2) + mean @ mean)
    return (trace - len(mean) * (1 + np.log(_ALPHA)) - 2 * np.log(np.diag(L)).sum()) / 2


def _closed_form(q):
    """The ELBO of linear regression."""
    mean, L = _moments(q)
    squares = np.sum((_Y - _X @ mean) ** 2) + np.sum((_X @ L) ** 2)  # the trace of X L Lᵀ Xᵀ
    return -squares / 2 - len(_Y) / 2 * np.log(2 * np.pi) - _kl(q)


def _posterior():
    """The exact posterior of the line, as a q, and the log evidence."""
    X, y = np.asarray(_X, np.float64), np.asarray(_Y, np.float64)
    covariance = np.linalg.inv(X.T @ X + _ALPHA * np.eye(2))
    gram = np.eye(len(y)) + X @ X.T / _ALPHA
    log_evidence = (
        -(y @ np.linalg.solve(gram, y) + np.linalg.slogdet(gram)[1] + len(y) * np.log(2 * np.pi))
        / 2
    )
    factor = np.linalg.cholesky(covariance)
    return _q(covariance @ X.T @ y, factor, np.log(np.diag(factor))), log_evidence


@make_elbo.property("the same key gives the same estimate, another key another one")
def _(answer, rng):
    elbo = unwatched(answer(line, _ALPHA, gaussian, 3))
    data = [jnp.asarray(part) for part in _FOUR]
    one, again, other = (float(elbo(_WIDE, jr.key(s), *data)) for s in (1, 1, 2))
    assert np.isclose(one, again, rtol=1e-5), (
        "Two calls with the same key gave two values: take all randomness from `key`."
    )
    assert abs(one - other) > 1e-5, (
        f"Two keys gave the same estimate, {one:.4f}, although q is wide: the draws must come from "
        "q, with the `key` of this call."
    )


def _assert_average(found, right, what):
    error = found.std(ddof=1) / np.sqrt(len(found))
    assert abs(found.mean() - right) <= ERRORS * error + 1e-3, (
        f"The average of {len(found)} estimates is {found.mean():.3f} ± {error:.3f}; "
        f"{what} is {right:.3f}."
    )


@make_elbo.property("over 400 keys the average is the ELBO")
def _(answer, rng):
    right = _closed_form(_WIDE)
    _assert_average(
        _estimates(answer, _WIDE), right, "the ELBO, which has a closed form for a line,"
    )


@make_elbo.property("at the exact posterior the average is the log evidence")
def _(answer, rng):
    q, log_evidence = _posterior()
    _assert_average(_estimates(answer, q), log_evidence, "the log evidence")


def tilted(output, y):
    """Return a log-likelihood that is linear in the output, as in exponential families."""
    return y * output - jnp.log(2.0)


@make_elbo.property("over 400 keys, with a log-likelihood that is linear in the output")
def _(answer, rng):
    fit = np.sum(_Y * (_X @ _moments(_WIDE)[0]) - np.log(2.0))
    found = _estimates(answer, _WIDE, likelihood=tilted)
    _assert_average(found, fit - _kl(_WIDE), "the ELBO, which has a closed form here,")


@make_elbo.property("no q has more than the log evidence")
def _(answer, rng):
    _, log_evidence = _posterior()
    found = _estimates(answer, _q([-0.1, -0.7], np.zeros((2, 2)), [-0.9, -1.3]))
    error = ERRORS * found.std(ddof=1) / np.sqrt(len(found))
    assert found.mean() <= log_evidence + error, (
        f"The average of {len(found)} estimates is {found.mean():.3f}, above the log evidence, "
        f"{log_evidence:.3f}. The ELBO is a lower bound."
    )


@make_elbo.property("the scatter is that of an average over K draws")
def _(answer, rng):
    mean, L = _moments(_WIDE)
    draws = mean + np.random.default_rng(0).normal(size=(20_000, 2)) @ L.T
    fits = -np.sum((_Y - draws @ _X.T) ** 2, axis=1) / 2
    right, found = fits.std() / np.sqrt(_K), _estimates(answer, _WIDE, seed=1).std()
    assert right / 1.6 < found < right * 1.6, (
        f"With K = {_K} your estimates scatter by {found:.2f} (standard deviation). An average over "
        f"K independent draws of w scatters by {right:.2f}: the variance of one draw, divided by K."
    )


@make_elbo.property("the gradient reaches all of q through the draws")
def _(answer, rng):
    elbo = unwatched(answer(line, _ALPHA, gaussian, _K))
    X, y = jnp.asarray(_X), jnp.asarray(_Y)
    keys = jr.split(jr.key(3), _KEYS)
    slopes = jax.vmap(jax.grad(lambda q, key: elbo(q, key, X, y)), (None, 0))(_WIDE, keys)
    for name, (place, right) in _slopes_of_the_elbo(_WIDE).items():
        found = np.asarray(getattr(slopes, name)[place], np.float64)
        error = ERRORS * found.std(axis=0, ddof=1) / np.sqrt(_KEYS) + 2e-3
        assert np.all(np.abs(found.mean(axis=0) - right) <= error), (
            f"The gradient with respect to `q.{name}` is on average {_short(found.mean(axis=0))}; "
            f"it should be {_short(right)}. Draw w as a function of q and noise, and do not stop "
            "the gradient."
        )


def _slopes_of_the_elbo(q):
    """Where each part's gradient is found, and what the closed form says of it."""
    mean, L = _moments(q)
    by_mean = _X.T @ (_Y - _X @ mean) - _ALPHA * mean
    by_L = np.linalg.inv(L).T - (_X.T @ _X + _ALPHA * np.eye(2)) @ L
    return {
        "mean": (..., by_mean),
        "lower": ((..., 1, 0), by_L[1, 0]),
        "log_diagonal": (..., np.diag(by_L) * np.diag(L)),
    }


def _short(values):
    return np.array2string(np.asarray(values, np.float64), precision=2, separator=", ")


@make_elbo.property("with labels the average is right too")
def _(answer, rng):
    mean, L = _moments(_WIDE)
    labels = np.array([0, 1, 0, 1, 1, 0], "float32")
    nodes = np.linspace(-8, 8, 321)  # of N(0, 1); each logit is one Gaussian number
    weights = np.exp(-(nodes**2) / 2)
    logits = (_X @ mean)[:, None] + np.linalg.norm(_X @ L, axis=1)[:, None] * nodes
    fits = (labels[:, None] * logits - np.logaddexp(0, logits)).sum(axis=0)
    right = fits @ weights / weights.sum() - _kl(_WIDE)
    found = _estimates(answer, _WIDE, likelihood=bernoulli, y=labels)
    _assert_average(found, right, "the ELBO, by quadrature,")


@make_elbo.property("no key is used twice")
def _(answer, rng):
    elbo = answer(line, _ALPHA, gaussian, 3)
    assert_keys_used_once(lambda key: elbo(_WIDE, key, _X, _Y), jr.key(8))


@make_elbo.note
def attained(answer):
    """Tell what the answer finds at the exact posterior."""
    q, log_evidence = _posterior()
    found = _estimates(answer, q, seed=5)
    return (
        f"At the exact posterior of a line your estimate averages {found.mean():.3f} over {_KEYS} "
        f"keys; the log evidence is {log_evidence:.3f}."
    )


@make_elbo.note
def loops_over_draws(answer):
    """Warn of a program that grows with K."""

    def operations(K):
        elbo = answer(line, _ALPHA, gaussian, K)
        return len(jax.make_jaxpr(lambda key: elbo(_WIDE, key, _X, _Y))(jr.key(0)).eqns)

    if operations(24) > 2 * operations(6):
        return (
            "Your function records more operations the more draws there are: a Python loop over "
            "draws, with a thousand of which compiling takes minutes. `jax.vmap` maps over them at once."
        )
    return "Your function records the same operations for any K: it will compile fast."


# --- mistakes ------------------------------------------------------------------------------------


def _parts(model, alpha, log_likelihood, K):
    """Return a function that gives the log-likelihoods [K, N] and the divergence."""

    def parts(q, key, X, y):
        outputs = jax.vmap(lambda w: model(X, w))(bayes.sample(q, key, K))  # [K, N]
        return log_likelihood(outputs, y), bayes.kl_to_prior(q, alpha)

    return parts


@make_elbo.mistake(
    "You sum over the K draws, so that your number scales with K. An expectation over q is the "
    "*average* over its draws."
)
def summed_over_draws(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.sum(fits) - kl

    return elbo


@make_elbo.mistake(
    "You average over the data. The likelihood is a *product* over examples, so that their "
    "log-likelihoods add up: sum over N, average over K."
)
def averaged_over_data(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.mean(fits) - kl

    return elbo


@make_elbo.mistake(
    "You sum over the draws and average over the data. It is the other way round: sum over the N "
    "examples, average over the K draws."
)
def axes_swapped(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.sum(jnp.mean(fits, axis=1)) - kl

    return elbo


@make_elbo.mistake(
    "The divergence is *added*, so that your number lies above the log evidence, and climbing it "
    "drives q away from the prior. Subtract it."
)
def divergence_added(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.mean(jnp.sum(fits, axis=1)) + kl

    return elbo


@make_elbo.mistake(
    "The divergence from the prior is missing. Without it q shrinks onto the best fit: that is "
    "maximum likelihood again."
)
def divergence_forgotten(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, _ = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.mean(jnp.sum(fits, axis=1))

    return elbo


@make_elbo.mistake("This is the *negative* ELBO. Return what is to be climbed, not what descends.")
def negative(model, alpha, log_likelihood, K):
    inner = bayes.make_elbo(model, alpha, log_likelihood, K)
    return lambda q, key, X, y: -inner(q, key, X, y)


@make_elbo.mistake(
    "The divergence is counted once for each example. There is one prior and one q, however many "
    "examples there are: subtract it once, outside the sum."
)
def divergence_per_example(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.mean(jnp.sum(fits - kl, axis=1))

    return elbo


@make_elbo.mistake(
    "The divergence is divided by the number of examples. That belongs to a loss whose fit is an "
    "average over examples; here the fit is their sum, and the divergence counts in full."
)
def divergence_shared_by_examples(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.mean(jnp.sum(fits, axis=1)) - kl / len(y)

    return elbo


@make_elbo.mistake(
    "The outputs of one draw have shape (N,) and your targets (N, 1), so that broadcasting pairs "
    "every output with every target: an (N, N) array. Give both the same shape."
)
def targets_in_a_column(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        def fit(w):
            return jnp.sum(log_likelihood(model(X, w), y[:, None]))

        return jnp.mean(jax.vmap(fit)(bayes.sample(q, key, K))) - bayes.kl_to_prior(q, alpha)

    return elbo


@make_elbo.mistake(
    "Your outputs have shape (N, K) and the targets (N,): broadcasting lines up the *last* axes, so "
    "that targets meet draws. It goes wrong silently when K = N. Use `y[:, None]`, or outputs of "
    "shape (K, N)."
)
def draws_meet_targets(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        draws = bayes.sample(q, key, K)
        outputs = jax.vmap(lambda w: model(X, w), out_axes=1)(draws)  # [N, K]
        fits = jnp.sum(log_likelihood(outputs, y), axis=0)
        return jnp.mean(fits) - bayes.kl_to_prior(q, alpha)

    return elbo


@make_elbo.mistake(
    "You return one number for each draw. Average them: the estimate is a single number."
)
def one_number_per_draw(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.sum(fits, axis=1) - kl

    return elbo


@make_elbo.mistake(
    "The noise is always the same: a key is made inside. Draw with the `key` of the call."
)
def key_ignored(model, alpha, log_likelihood, K):
    inner = bayes.make_elbo(model, alpha, log_likelihood, K)
    return lambda q, key, X, y: inner(q, jr.key(0), X, y)


@make_elbo.mistake(
    "You evaluate the likelihood at the mean of q, without drawing. The average of a function is not "
    "the function of the average: the spread of q must cost something."
)
def at_the_mean(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        return jnp.sum(log_likelihood(model(X, q.mean), y)) - bayes.kl_to_prior(q, alpha)

    return elbo


@make_elbo.mistake(
    "You average the *outputs* over the draws before the likelihood looks at them. Each draw of w has "
    "a log-likelihood of its own; average those."
)
def outputs_averaged(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        outputs = jax.vmap(lambda w: model(X, w))(bayes.sample(q, key, K))
        return jnp.sum(log_likelihood(outputs.mean(axis=0), y)) - bayes.kl_to_prior(q, alpha)

    return elbo


@make_elbo.mistake(
    "You average the likelihoods and take the logarithm afterwards. The ELBO is the average of the "
    "*logarithms*; the other order is not smaller, and no longer this bound."
)
def logarithm_of_the_average(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        total = jax.scipy.special.logsumexp(jnp.sum(fits, axis=1)) - jnp.log(K)
        return total - kl

    return elbo


@make_elbo.mistake(
    "The gradient stops at the draws, so that q learns from the prior only and never from the data. "
    "Draw w = mean + Lε inside the function, and differentiate through it."
)
def gradient_stopped(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        draws = jax.lax.stop_gradient(bayes.sample(q, key, K))
        fits = jax.vmap(lambda w: jnp.sum(log_likelihood(model(X, w), y)))(draws)
        return jnp.mean(fits) - bayes.kl_to_prior(q, alpha)

    return elbo


@make_elbo.mistake(
    "One draw is used whatever K is. Draw K times and average: the noise falls with K."
)
def one_draw(model, alpha, log_likelihood, K):
    return bayes.make_elbo(model, alpha, log_likelihood, 1)


@make_elbo.mistake(
    "This is the estimate at once. `make_elbo` returns a *function* of (q, key, X, y): end it with "
    "`return elbo`."
)
def number_returned(model, alpha, log_likelihood, K):
    return 0.0


@make_elbo.mistake(
    "You estimate the divergence from the draws as well. That is right on average, but its noise can "
    "be saved: a Gaussian's divergence has a closed form, your `kl(q, alpha)`."
)
def divergence_from_draws(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        draws = bayes.sample(q, key, K)
        alphas = jnp.broadcast_to(jnp.asarray(alpha), q.mean.shape)
        prior = jnp.sum(jnp.log(alphas / (2 * jnp.pi)) - alphas * draws**2, axis=1) / 2
        fits = jax.vmap(lambda w: jnp.sum(log_likelihood(model(X, w), y)))(draws)
        return jnp.mean(fits + prior - bayes.log_prob(q, draws))

    return elbo


@make_elbo.mistake(
    "The divergence is divided by K. Only the fit is estimated from K draws; the divergence is known "
    "exactly, and counts once."
)
def divergence_over_draws(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        fits, kl = _parts(model, alpha, log_likelihood, K)(q, key, X, y)
        return jnp.mean(jnp.sum(fits, axis=1)) - kl / K

    return elbo


@make_elbo.mistake(
    "You multiply by X yourself. The model need not be linear, and X need not be a matrix: call the "
    "`model` that is passed in."
)
def linear_only(model, alpha, log_likelihood, K):
    return bayes.make_elbo(line, alpha, log_likelihood, K)


@make_elbo.mistake(
    "You compute a Gaussian log-likelihood yourself, whatever the data are. Call the "
    "`log_likelihood` that is passed in."
)
def gaussian_only(model, alpha, log_likelihood, K):
    return bayes.make_elbo(model, alpha, gaussian, K)


@make_elbo.mistake(
    "The arguments of `log_likelihood` are swapped: outputs first, then y. A Gaussian does not mind, "
    "other likelihoods do."
)
def targets_first(model, alpha, log_likelihood, K):
    return bayes.make_elbo(model, alpha, lambda outputs, y: log_likelihood(y, outputs), K)


@make_elbo.mistake("The arguments of `model` are swapped: inputs first, then the weights.")
def weights_first(model, alpha, log_likelihood, K):
    return bayes.make_elbo(lambda X, w: model(w, X), alpha, log_likelihood, K)


# --- alternatives --------------------------------------------------------------------------------


@make_elbo.alternative
def examples_in_rows(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        draws = q.mean + jr.normal(key, (K, len(q.mean))) @ q.cholesky.T
        outputs = jax.vmap(model, in_axes=(None, 0), out_axes=1)(X, draws)  # [N, K]
        fits = log_likelihood(outputs, y[:, None]).sum(axis=0)
        return fits.mean() - bayes.kl_to_prior(q, alpha)

    return elbo


@make_elbo.alternative
def one_key_each(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        def value(key):
            w = bayes.sample(q, key, 1)[0]
            return jnp.sum(log_likelihood(model(X, w), y)) - bayes.kl_to_prior(q, alpha)

        return jnp.mean(jax.vmap(value)(jr.split(key, K)))

    return elbo


@make_elbo.alternative
def draw_by_draw(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        total = 0.0
        for w in bayes.sample(q, key, K):
            total = total + log_likelihood(model(X, w), y).sum() / K
        return total - bayes.kl_to_prior(q, alpha)

    return elbo
