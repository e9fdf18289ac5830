"""Checks of B2.2 to B2.4: a stable likelihood, Newton and Laplace, calibration."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi import datasets
from mazoezi.course import code_exercise

# --- B2.2 Stable Bernoulli log-likelihood --------------------------------------------------------


def _bernoulli(logit, y):
    return y * logit - jax.nn.softplus(logit)


stable_likelihood = code_exercise("B2.2", reference=_bernoulli, rtol=1e-5, atol=1e-5)


@stable_likelihood.case("a logit of 0")
def _(rng):
    yield np.zeros(2, "float32"), np.array([0.0, 1.0], "float32")


@stable_likelihood.case("moderate logits, both labels")
def _(rng):
    yield np.array([2.0, 2.0, -1.0, -1.0], "float32"), np.array([1.0, 0.0, 1.0, 0.0], "float32")


@stable_likelihood.case("logits of ±50 and ±1000")
def _(rng):
    logits = np.array([50.0, -50.0, 1000.0, -1000.0], "float32")
    yield logits, np.ones(4, "float32")
    yield logits, np.zeros(4, "float32")


@stable_likelihood.case("labels that are whole numbers")
def _(rng):
    yield np.array([0.5, -0.5], "float32"), np.array([1, 0], "int32")


@stable_likelihood.case("shapes (N, K) and (N, 1)")
def _(rng):
    yield rng.normal(size=(3, 4)).astype("float32"), np.array([[1.0], [0.0], [1.0]], "float32")


@stable_likelihood.case(
    "its slope in the logit, by `jax.grad`",
    run=lambda f: jax.vmap(jax.grad(f), (0, 0)),
    expect=lambda t, y: y - jax.nn.sigmoid(t),
)
def _(rng):
    logits = np.array([-1000.0, -30.0, -1.0, 0.5, 30.0, 1000.0], "float32")
    yield logits, np.ones(6, "float32")
    yield logits, np.zeros(6, "float32")


@stable_likelihood.mistake(
    "The formula is right, but at large logits the probability rounds to 0 or 1, and its logarithm is "
    "-inf or not a number. Simplify before you compute: never form the probability."
)
def log_of_sigmoid(logit, y):
    p = jax.nn.sigmoid(logit)
    return y * jnp.log(p) + (1 - y) * jnp.log(1 - p)


@stable_likelihood.mistake(
    "A small number inside the logarithm avoids the -inf and replaces it by another wrong value: at a "
    "logit of -1000 and label 1 the log-likelihood is -1000. Never form the probability."
)
def with_epsilon(logit, y):
    p = jax.nn.sigmoid(logit)
    return y * jnp.log(p + 1e-7) + (1 - y) * jnp.log(1 - p + 1e-7)


@stable_likelihood.mistake("`clip` hides the -inf, and makes the slope 0 where it should be 1.")
def clipped(logit, y):
    p = jnp.clip(jax.nn.sigmoid(logit), 1e-6, 1 - 1e-6)
    return y * jnp.log(p) + (1 - y) * jnp.log(1 - p)


@stable_likelihood.mistake(
    "`log(1 + exp(t))` overflows at large t: use `jax.nn.softplus`, or `logaddexp`."
)
def naive_softplus(logit, y):
    return y * logit - jnp.log(1 + jnp.exp(logit))


@stable_likelihood.mistake(
    "The sign is reversed: this is the cross-entropy *loss*. A log-likelihood of labels is never positive."
)
def cross_entropy(logit, y):
    return jax.nn.softplus(logit) - y * logit


@stable_likelihood.mistake(
    "The labels are exchanged: this is right for y = 0 where y = 1 is given."
)
def labels_exchanged(logit, y):
    return _bernoulli(logit, 1 - y)


@stable_likelihood.mistake("The first argument is the *logit*, and not a probability.")
def logit_as_probability(logit, y):
    return y * jnp.log(logit) + (1 - y) * jnp.log(1 - logit)


@stable_likelihood.mistake(
    "The second term, (1 - y) log(1 - φ), is missing: labels of 0 count as well."
)
def ones_only(logit, y):
    return y * jax.nn.log_sigmoid(logit)


@stable_likelihood.mistake("Here is a sum. The result is asked element by element.")
def summed(logit, y):
    return jnp.sum(_bernoulli(logit, y))


@stable_likelihood.mistake("This is the probability of the label; its logarithm is asked.")
def no_logarithm(logit, y):
    return jnp.where(y == 1, jax.nn.sigmoid(logit), jax.nn.sigmoid(-logit))


@stable_likelihood.mistake(
    "The formula is right, but at large logits the probability rounds to 0 or 1, and the logarithm of 0 "
    "is -inf. Simplify before you compute: never form the probability."
)
def log_of_the_chosen_probability(logit, y):
    p = jax.nn.sigmoid(logit)
    return jnp.log(jnp.where(y == 1, p, 1 - p))


@stable_likelihood.mistake(
    "Half of it is stable, but log(1 - φ) still forms a probability that rounds to 1. By symmetry "
    "1 - φ(t) = φ(-t): use `log_sigmoid(-logit)`."
)
def half_stable(logit, y):
    return y * jax.nn.log_sigmoid(logit) + (1 - y) * jnp.log(1 - jax.nn.sigmoid(logit))


@stable_likelihood.mistake(
    "Both labels get log φ(t). A label of 0 has the probability 1 - φ(t), which is φ(-t): "
    "`log_sigmoid(-logit)`."
)
def same_for_both_labels(logit, y):
    return y * jax.nn.log_sigmoid(logit) + (1 - y) * jax.nn.log_sigmoid(logit)


@stable_likelihood.mistake(
    "log(1 - φ) is not 1 - log φ: the logarithm of a difference does not come apart. 1 - φ(t) = φ(-t)."
)
def one_minus_the_logarithm(logit, y):
    return y * jax.nn.log_sigmoid(logit) + (1 - y) * (1 - jax.nn.log_sigmoid(logit))


@stable_likelihood.mistake(
    "The values are right, and the slope is not a number: `jnp.where` computes *both* its sides, and the "
    "one that overflows spoils the gradient although it is not chosen. Use one formula that never "
    "overflows, with `exp(-abs(t))`."
)
def overflow_behind_where(logit, y):
    above, below = -jnp.log1p(jnp.exp(-logit)), logit - jnp.log1p(jnp.exp(logit))
    return jnp.where(logit > 0, above, below) - (1 - y) * logit


@stable_likelihood.mistake(
    "You limit the logits. Beyond the limit the value is wrong, and the slope 0: nothing would be "
    "learned from the examples that are most wrong."
)
def logits_limited(logit, y):
    return _bernoulli(jnp.clip(logit, -30, 30), y)


@stable_likelihood.mistake(
    "log φ(y t) is for labels of -1 and 1. With 0 and 1 use (2y - 1) t, or y t - softplus(t)."
)
def labels_as_signs(logit, y):
    return jax.nn.log_sigmoid(y * logit)


@stable_likelihood.mistake(
    "max(t, 0) is log(1 + exp(t)) only far from 0. What is missing is log(1 + exp(-|t|))."
)
def corner(logit, y):
    return y * logit - jnp.maximum(logit, 0)


@stable_likelihood.mistake("The softplus is subtracted: log(1 - φ) is *minus* log(1 + exp(t)).")
def softplus_added(logit, y):
    return y * logit + jax.nn.softplus(logit)


@stable_likelihood.mistake(
    "-softplus(-t) is log φ(t), to which y t is not to be added. log(1 - φ(t)) is -softplus(t), and "
    "the label 1 adds t."
)
def softplus_of_the_negative(logit, y):
    return y * logit - jax.nn.softplus(-logit)


@stable_likelihood.alternative
def by_log_sigmoid(logit, y):
    return y * jax.nn.log_sigmoid(logit) + (1 - y) * jax.nn.log_sigmoid(-logit)


@stable_likelihood.alternative
def by_signs(logit, y):
    return jax.nn.log_sigmoid((2 * y - 1) * logit)


@stable_likelihood.alternative
def by_logaddexp(logit, y):
    return y * logit - jnp.logaddexp(logit, 0.0)


@stable_likelihood.alternative
def by_where(logit, y):
    return -jax.nn.softplus(jnp.where(y > 0.5, -logit, logit))


# --- B2.3 Newton and Laplace ---------------------------------------------------------------------


def _newton(loss, w0, steps=60):
    gradient, hessian = jax.grad(loss), jax.hessian(loss)

    def step(_, w):
        g = gradient(w)
        direction = jnp.linalg.solve(hessian(w), g)
        sizes = 0.5 ** jnp.arange(30.0)
        losses = jax.vmap(lambda t: loss(w - t * direction))(sizes)
        first = jnp.argmax(losses < loss(w))
        return jnp.where(jnp.any(losses < loss(w)), w - sizes[first] * direction, w)

    return jax.lax.fori_loop(0, steps, step, w0)


def _laplace(loss, w0):
    mode = jax.jit(_newton, static_argnums=0)(loss, w0)
    return mode, jnp.linalg.inv(jax.hessian(loss)(mode))


newton_laplace = code_exercise("B2.3", reference=_laplace, rtol=2e-3, atol=2e-3)


@cache
def _logistic_loss(alpha):
    x, y = datasets.separable()
    X = jnp.stack([jnp.ones_like(x), x], axis=1)

    def loss(w):
        return jnp.sum(jax.nn.softplus(X @ w) - y * (X @ w)) + alpha / 2 * jnp.sum(w**2)

    return loss


def _bowl(w):
    return (w[0] - 1) ** 2 + 2 * (w[1] + 3) ** 2 + w[0] * w[1]


def _steep(w):
    return jnp.sum(jnp.cosh(w - jnp.arange(3.0))) + (jnp.sum(w) - 3) ** 2 / 2


def _exact(loss, w0):
    """Return mode and covariance by pencil and paper: to compile the reference takes seconds."""
    if loss is _bowl:
        H = np.array([[2.0, 1.0], [1.0, 4.0]])
        return np.linalg.solve(H, [2.0, -12.0]), np.linalg.inv(H)
    if loss is _steep:
        return np.arange(3.0), np.linalg.inv(np.eye(3) + np.ones((3, 3)))
    x, y = (np.asarray(part, float) for part in datasets.separable())
    X, w = np.stack([np.ones_like(x), x], axis=1), np.zeros(2)
    for _ in range(20):  # at α = 0.75 whole Newton steps converge from 0
        p = 1 / (1 + np.exp(-X @ w))
        H = (X.T * p * (1 - p)) @ X + 0.75 * np.eye(2)
        w = w - np.linalg.solve(H, X.T @ (p - y) + 0.75 * w)
    return w, np.linalg.inv(H)


@newton_laplace.case("a parabola: one step is enough", expect=_exact)
def _(rng):
    yield _bowl, np.zeros(2, "float32")


@newton_laplace.case("a convex function of three weights", expect=_exact)
def _(rng):
    yield _steep, np.zeros(3, "float32")


@newton_laplace.case("the classification data, α = 0.75", expect=_exact)
def _(rng):
    yield _logistic_loss(0.75), np.zeros(2, "float32")


@newton_laplace.property("from (5, -5) at α = 0.001, where a whole Newton step raises the loss")
def _(answer, rng):
    loss, start = _logistic_loss(0.001), jnp.array([5.0, -5.0])
    mode, _ = answer(loss, start)
    found, before = float(loss(mode)), float(loss(start))
    assert found < before, f"The loss went up, from {before:.0f} to {found:.4g}."
    assert found < 0.02604, (
        f"You stop at a loss of {found:.4g}; the smallest is 0.02602. Take more steps, and do not stop "
        "before the gradient is as good as zero."
    )


def _straight(w):
    """Fall in straight lines towards (0, 1, 2): whole Newton steps are good only close to it."""
    z = (w - jnp.arange(3.0)) ** 2
    return jnp.sum(z / (1 + jnp.sqrt(1 + z)))


@newton_laplace.property(
    "the gradient is as good as zero at the mode, where steps had to be cut a lot"
)
def _(answer, rng):
    mode, _ = answer(_straight, jnp.array([8.0, -6.0, 10.0]))
    slope = float(jnp.linalg.norm(jax.grad(_straight)(mode)))
    assert np.isfinite(slope) and slope < 1, (
        "From far away your steps run off: there even a tenth of a Newton step is too long. Halve it "
        "until the loss falls, up to 30 times."
    )
    assert slope < 1e-4, "At your mode the gradient is still above 1e-4: take more steps."


def _bare_newton(loss, w0):
    w = w0
    for _ in range(30):
        w = w - jnp.linalg.solve(jax.hessian(loss)(w), jax.grad(loss)(w))
    return w


@newton_laplace.mistake(
    "Without control of the step Newton's method runs away: from (5, -5) at α = 0.001 the first step "
    "takes the loss from 54 to over 3000. Halve the step until the loss falls."
)
def no_step_control(loss, w0):
    w = jax.jit(_bare_newton, static_argnums=0)(loss, w0)
    return w, jnp.linalg.inv(jax.hessian(loss)(w))


@newton_laplace.mistake(
    "You return the Hessian. The covariance is its *inverse*: steep means certain."
)
def hessian_for_covariance(loss, w0):
    mode, _ = _laplace(loss, w0)
    return mode, jax.hessian(loss)(mode)


@newton_laplace.mistake("The Hessian is taken at the start. The covariance belongs to the mode.")
def hessian_at_the_start(loss, w0):
    return _laplace(loss, w0)[0], jnp.linalg.inv(jax.hessian(loss)(w0))


@newton_laplace.mistake("One step is not enough unless the loss is a parabola: repeat.")
def one_step(loss, w0):
    w = w0 - jnp.linalg.solve(jax.hessian(loss)(w0), jax.grad(loss)(w0))
    return w, jnp.linalg.inv(jax.hessian(loss)(w))


@newton_laplace.mistake("You step uphill: the step is *subtracted*.")
def uphill(loss, w0):
    w = w0 + jnp.linalg.solve(jax.hessian(loss)(w0), jax.grad(loss)(w0))
    return w, jnp.linalg.inv(jax.hessian(loss)(w))


@newton_laplace.mistake(
    "Only the diagonal of the Hessian was inverted: the weights are correlated."
)
def diagonal_only(loss, w0):
    mode, _ = _laplace(loss, w0)
    return mode, jnp.diag(1 / jnp.diag(jax.hessian(loss)(mode)))


@newton_laplace.mistake(
    "Your covariance leaves out the prior: take the Hessian of the whole loss. (Or α was subtracted.)"
)
def prior_left_out(loss, w0):
    mode, _ = _laplace(loss, w0)
    return mode, jnp.linalg.inv(jax.hessian(loss)(mode) - 0.75 * jnp.eye(len(mode)))


@newton_laplace.mistake("You return the start in place of the mode.")
def the_start(loss, w0):
    return w0, _laplace(loss, w0)[1]


@newton_laplace.mistake(
    "The standard deviations are no covariance matrix: return the inverse Hessian, (D, D)."
)
def deviations(loss, w0):
    mode, covariance = _laplace(loss, w0)
    return mode, jnp.sqrt(jnp.diag(covariance))


@newton_laplace.mistake("The order is (mode, covariance); yours is the other way round.")
def order_swapped(loss, w0):
    return _laplace(loss, w0)[::-1]


@newton_laplace.mistake(
    "A covariance has positive variances. The loss is *minimised*, so that its Hessian is positive as "
    "it is; only of a log posterior the negative is taken."
)
def negative_covariance(loss, w0):
    mode, covariance = _laplace(loss, w0)
    return mode, -covariance


@newton_laplace.mistake(
    "`1 / matrix` takes the reciprocal of each *entry*. The inverse of a matrix is `jnp.linalg.inv`."
)
def reciprocal_of_entries(loss, w0):
    mode, _ = _laplace(loss, w0)
    return mode, 1 / jax.hessian(loss)(mode)


@newton_laplace.mistake(
    "This is the Cholesky factor of the covariance: multiply it with its transpose."
)
def factor_for_covariance(loss, w0):
    mode, covariance = _laplace(loss, w0)
    return mode, jnp.linalg.cholesky(covariance)


@newton_laplace.mistake(
    "You never leave the start. A step is taken where the loss at its end is *below* the loss here: is "
    "your comparison the other way round, or are all your steps refused?"
)
def never_moved(loss, w0):
    return w0, jnp.linalg.inv(jax.hessian(loss)(w0))


@newton_laplace.mistake(
    "Half a step everywhere is slow where a whole one is right, and still too long elsewhere. Begin with "
    "the whole step each time, and halve it as often as *that* step needs."
)
def half_steps(loss, w0):
    @jax.jit
    def descend(w):
        step = jax.grad(loss), jax.hessian(loss)
        return jax.lax.fori_loop(
            0, 60, lambda _, w: w - jnp.linalg.solve(step[1](w), step[0](w)) / 2, w
        )

    w = descend(w0)
    return w, jnp.linalg.inv(jax.hessian(loss)(w))


@newton_laplace.alternative
def by_a_loop(loss, w0):
    value, gradient, hessian = map(jax.jit, (loss, jax.grad(loss), jax.hessian(loss)))
    w = w0
    for _ in range(100):
        g = gradient(w)
        if jnp.linalg.norm(g) < 1e-6:
            break
        d, t = jnp.linalg.inv(hessian(w)) @ g, 1.0
        while value(w - t * d) >= value(w) and t > 1e-6:
            t /= 2
        w = w - t * d
    return w, jnp.linalg.inv(hessian(w))


@newton_laplace.alternative
def compiled_whole(loss, w0):
    mode = jax.jit(lambda w: _newton(loss, w, steps=40))(w0)
    return mode, jnp.linalg.solve(jax.jit(jax.hessian(loss))(mode), jnp.eye(len(w0)))


@newton_laplace.alternative
def by_cholesky_solves(loss, w0):
    mode = jax.jit(_newton, static_argnums=0)(loss, w0)
    factor = jax.scipy.linalg.cho_factor(jax.jacfwd(jax.jacrev(loss))(mode))
    return mode, jax.scipy.linalg.cho_solve(factor, jnp.eye(len(w0)))


# --- B2.4 Calibration error ----------------------------------------------------------------------


def _calibration_error(probability, label, bins=10):
    which = jnp.minimum((probability * bins).astype(int), bins - 1)
    gaps = jnp.zeros(bins).at[which].add(probability - label)
    return jnp.sum(jnp.abs(gaps)) / probability.shape[0]


calibration = code_exercise("B2.4", reference=_calibration_error, rtol=1e-4, atol=1e-5)


@calibration.case("one bin")
def _(rng):
    p = np.array([0.32, 0.34, 0.36, 0.38], "float32")
    yield p, np.array([0.0, 1.0, 0.0, 0.0], "float32")


@calibration.case("two bins, with unequal numbers")
def _(rng):
    p = np.array([0.12, 0.83, 0.84, 0.86], "float32")
    yield p, np.array([1.0, 1.0, 0.0, 1.0], "float32")


@calibration.case("probabilities of 0 and 1")
def _(rng):
    yield np.array([0.0, 1.0, 1.0, 0.85], "float32"), np.array([1.0, 1.0, 0.0, 1.0], "float32")


@calibration.case("a probability on the border of two bins")
def _(rng):
    yield np.array([0.5, 0.3], "float32"), np.array([1.0, 0.0], "float32"), 2


@calibration.case("many predictions")
def _(rng):
    p = rng.uniform(size=300).astype("float32")
    yield p, (rng.uniform(size=300) < 0.43).astype("float32")  # gaps of both signs in one bin


@calibration.case("another number of bins")
def _(rng):
    p = rng.uniform(size=60).astype("float32") * 0.6
    yield p, (rng.uniform(size=60) < 0.4).astype("float32"), 4
    yield p, (rng.uniform(size=60) < 0.4).astype("float32"), 17


@calibration.mistake(
    "All bins count alike in your mean. Each is weighted with its share of the predictions, n_k/N."
)
def unweighted(probability, label, bins=10):
    which = jnp.minimum((probability * bins).astype(int), bins - 1)
    count = jnp.zeros(bins).at[which].add(1.0)
    gap = jnp.abs(jnp.zeros(bins).at[which].add(probability - label)) / jnp.maximum(count, 1)
    return jnp.sum(gap) / jnp.sum(count > 0)


@calibration.mistake(
    "Absolute values come *after* the sum over a bin. Before it this is the mean absolute error, which "
    "no probability between 0 and 1 can bring to zero."
)
def absolute_first(probability, label, bins=10):
    return jnp.mean(jnp.abs(probability - label))


@calibration.mistake("Too high and too low cancel between bins: take absolute values, bin by bin.")
def without_absolute(probability, label, bins=10):
    return jnp.mean(probability - label)


@calibration.mistake("This is a single bin: compare the means bin by bin.")
def one_bin(probability, label, bins=10):
    return jnp.abs(jnp.mean(probability - label))


@calibration.mistake(
    "A probability of 1 falls out of the last bin: `p * bins` rounded down is `bins` there. Limit it to "
    "`bins - 1`."
)
def ones_lost(probability, label, bins=10):
    which = (probability * bins).astype(int)
    gaps = jnp.zeros(bins).at[which].add(probability - label)
    return jnp.sum(jnp.abs(gaps)) / probability.shape[0]


@calibration.mistake("`bins` is ignored: you always use 10.")
def always_ten(probability, label, bins=10):
    return _calibration_error(probability, label)


@calibration.mistake("This is the largest gap of any bin; their weighted mean is asked.")
def the_maximum(probability, label, bins=10):
    which = jnp.minimum((probability * bins).astype(int), bins - 1)
    count = jnp.zeros(bins).at[which].add(1.0)
    return jnp.max(
        jnp.abs(jnp.zeros(bins).at[which].add(probability - label)) / jnp.maximum(count, 1)
    )


@calibration.mistake("The gaps are squared; their absolute values are asked.")
def squared(probability, label, bins=10):
    which = jnp.minimum((probability * bins).astype(int), bins - 1)
    count = jnp.zeros(bins).at[which].add(1.0)
    gap = jnp.zeros(bins).at[which].add(probability - label) / jnp.maximum(count, 1)
    return jnp.sum(count * gap**2) / probability.shape[0]


@calibration.mistake(
    "Rounded to the *nearest* bin, and not down: bin k is k/bins ≤ p < (k+1)/bins."
)
def rounded(probability, label, bins=10):
    which = jnp.minimum(jnp.round(probability * bins).astype(int), bins - 1)
    return (
        jnp.sum(jnp.abs(jnp.zeros(bins).at[which].add(probability - label))) / probability.shape[0]
    )


@calibration.mistake(
    "An empty bin has no mean: 0/0 is not a number, and spoils the sum. Leave empty bins out, or sum "
    "p - y over the bin, which is 0 by itself."
)
def empty_bins(probability, label, bins=10):
    which = jnp.minimum((probability * bins).astype(int), bins - 1)
    count = jnp.zeros(bins).at[which].add(1.0)
    gap = jnp.zeros(bins).at[which].add(probability - label) / count
    return jnp.sum(count / len(label) * jnp.abs(gap))


@calibration.mistake(
    "You compare with the middle of the bin. The mean of the *predictions* in it may lie elsewhere, "
    "and is what was promised."
)
def from_centres(probability, label, bins=10):
    which = jnp.minimum((probability * bins).astype(int), bins - 1)
    gaps = jnp.zeros(bins).at[which].add((which + 0.5) / bins - label)
    return jnp.sum(jnp.abs(gaps)) / len(label)


@calibration.mistake(
    "You ask how often the likelier label is right. Here the probability of label 1 is compared with "
    "the share of ones, below ½ as well as above."
)
def of_the_likelier_label(probability, label, bins=10):
    sure = jnp.maximum(probability, 1 - probability)
    right = jnp.where(probability >= 0.5, label, 1 - label)
    return _calibration_error(sure, right, bins)


@calibration.mistake(
    "Your bins hold equally many predictions. Here they are equally *wide*, from k/bins to (k+1)/bins."
)
def equally_full(probability, label, bins=10):
    which = jnp.argsort(jnp.argsort(probability)) * bins // len(label)
    gaps = jnp.zeros(bins).at[which].add(probability - label)
    return jnp.sum(jnp.abs(gaps)) / len(label)


@calibration.mistake(
    "You divide by the number of bins. The sum over a bin counts its examples: divide by N, their number."
)
def divided_by_bins(probability, label, bins=10):
    return _calibration_error(probability, label, bins) * len(label) / bins


@calibration.mistake("Divide by N at the end: the error is an average over the predictions.")
def not_divided(probability, label, bins=10):
    return _calibration_error(probability, label, bins) * len(label)


@calibration.mistake(
    "This is the Brier score, the mean squared error of single predictions. Calibration compares means "
    "over bins."
)
def brier_score(probability, label, bins=10):
    return jnp.mean((probability - label) ** 2)


@calibration.mistake(
    "Bin k *begins* at k/bins. You round up, so that a probability on a border falls into the bin below "
    "it, and one of 0 into no bin at all (index -1 is the last)."
)
def rounded_up(probability, label, bins=10):
    which = jnp.ceil(probability * bins).astype(int) - 1
    gaps = jnp.zeros(bins).at[which].add(probability - label)
    return jnp.sum(jnp.abs(gaps)) / len(label)


@calibration.mistake(
    "`probability * bins` is a float, which is no index: round it down with `.astype(int)`."
)
def float_as_index(probability, label, bins=10):
    gaps = jnp.zeros(bins).at[probability * bins].add(probability - label)
    return jnp.sum(jnp.abs(gaps)) / len(label)


@calibration.alternative
def by_masks(probability, label, bins=10):
    probability, label = np.asarray(probability), np.asarray(label)
    which = np.minimum(np.floor(probability * bins), bins - 1)
    total = 0.0
    for k in range(bins):
        inside = which == k
        if inside.any():
            total += inside.mean() * abs(np.mean(probability[inside]) - np.mean(label[inside]))
    return total


@calibration.alternative
def by_histogram(probability, label, bins=10):
    sums, _ = jnp.histogram(probability, bins, (0.0, 1.0), weights=probability - label)
    return jnp.abs(sums).sum() / len(label)


@calibration.alternative
def by_one_hot(probability, label, bins=10):
    which = jnp.clip(jnp.floor(probability * bins), 0, bins - 1)
    return jnp.abs((probability - label) @ jax.nn.one_hot(which, bins)).sum() / probability.size


@calibration.alternative
def by_segments(probability, label, bins=10):
    which = jnp.minimum(jnp.floor(probability * bins), bins - 1).astype(int)
    return jnp.abs(jax.ops.segment_sum(probability - label, which, bins)).sum() / which.size
