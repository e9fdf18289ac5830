"""Checks of B1.7, B1.9, B1.11, B1.15 and B1.17: flexible functions and their evidence."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxprs_in_params

from mazoezi import datasets
from mazoezi.course import code_exercise, experiment_exercise
from mazoezi.practicals.bayesian.exercises._warm_up import _design
from mazoezi.practicals.bayesian.labs import EvidenceLab, FourierLab

# --- B1.7 Fourier laboratory ---------------------------------------------------------------------

fourier_laboratory = experiment_exercise("B1.7")


@fourier_laboratory.task("1: a prediction for x = 2.3 and for x = 7")
def _(lab, rng):
    asked = {prediction.controls["where"] for prediction in lab.predictions}
    assert asked >= {2.3, 7.0}, (
        "Say beforehand how large the standard deviation will be at 2.3 *and* at 7; right or wrong "
        "does not matter. In code: `lab.predict(...)`. A new lab asks again."
    )


@fourier_laboratory.task("2: a σₛ that opens the gap at 2.3")
def _(lab, rng):
    gap = [visit for visit in lab.visited if visit.controls["where"] == 2.3]
    assert any(visit.results["share"] == "above a half" for visit in gap), (
        "At x = 2.3 the standard deviation never exceeds half of the prior's yet: change σₛ."
    )


@fourier_laboratory.task("3: an α with which the sd at x = 7 is between 4.75 and 5.25")
def _(lab, rng):
    far = [visit.results["sd"] for visit in lab.visited if visit.controls["where"] == 7.0]
    assert any(4.75 <= sd <= 5.25 for sd in far), (
        "At x = 7 no standard deviation is between 4.75 and 5.25 yet: change α, which sets the scale."
    )


def _fourier_lab(*moves, predicted=True):
    lab = FourierLab(*datasets.nonlinear())
    if predicted:
        lab.predict("a tenth to a half", where=2.3)
        lab.predict("above a half", where=7.0)
    for move in moves:
        lab.set(**move)
    return lab


_OPEN, _SCALED = {"where": 2.3, "scale": 1.8}, {"where": 7.0, "alpha": 0.04}


@fourier_laboratory.mistake(
    "You looked before you said what you expect. Begin with a new lab, and predict."
)
@cache
def looked_first():
    return _fourier_lab(_OPEN, _SCALED, predicted=False)


@fourier_laboratory.mistake(
    "Smoother functions close the gap: go the other way, to *larger* σₛ, with which the data reach less far."
)
@cache
def smoother():
    return _fourier_lab({"where": 2.3, "scale": 0.3}, {"where": 7.0, "scale": 1.8, "alpha": 0.04})


@fourier_laboratory.mistake(
    "The gap is open. The third task is about α: far away the sd is nearly 1/√α."
)
@cache
def scale_only():
    return _fourier_lab(_OPEN, {"where": 7.0, "scale": 3.0})


@fourier_laboratory.alternative
def in_order():
    return _fourier_lab(_OPEN, _SCALED)


@fourier_laboratory.alternative
def wrong_predictions():
    lab = _fourier_lab(predicted=False)
    lab.predict("above a half", where=2.3)
    lab.predict("below a tenth", where=7.0)
    lab.set(alpha=0.04, scale=2.5)
    lab.set(where=2.3)
    return lab


# --- B1.9 and B1.15 Evidence ---------------------------------------------------------------------


def _evidence(X, y, alpha):
    N, D = X.shape
    if N <= D:
        C = X @ X.T / alpha + jnp.eye(N)
        value = y @ jnp.linalg.solve(C, y) + jnp.linalg.slogdet(C)[1]
        return -(value + N * jnp.log(2 * jnp.pi)) / 2
    A = X.T @ X + alpha * jnp.eye(D)
    mu = jnp.linalg.solve(A, X.T @ y)
    loss = jnp.sum((y - X @ mu) ** 2) + alpha * jnp.sum(mu**2)
    return (-loss - jnp.linalg.slogdet(A)[1] + D * jnp.log(alpha) - N * jnp.log(2 * jnp.pi)) / 2


def _exact_evidence(X, y, alpha):
    """Return log N(y; 0, I + X Xᵀ/α) in double precision."""
    X, y = np.asarray(X, float), np.asarray(y, float)
    C = np.eye(len(y)) + X @ X.T / alpha
    value = y @ np.linalg.solve(C, y) + np.linalg.slogdet(C)[1] + len(y) * np.log(2 * np.pi)
    return -value / 2


def _exact_slope(X, y, alpha):
    """Return the derivative of the log evidence in log α, in double precision."""
    K = np.asarray(X, float) @ np.asarray(X, float).T / alpha  # falls as α rises
    inverse = np.linalg.inv(np.eye(len(K)) + K)
    solved = inverse @ np.asarray(y, float)
    return (np.trace(inverse @ K) - solved @ K @ solved) / 2


evidence_integral = code_exercise("B1.9", reference=_evidence, rtol=1e-4, atol=2e-3)
log_evidence = code_exercise("B1.15", reference=_evidence, rtol=1e-4, atol=2e-3)


def _one_example(rng):
    yield np.array([[1.0]], "float32"), np.array([2.0], "float32"), 1.0


def _outlier(rng):
    x, y = (np.asarray(part) for part in datasets.outlier())
    yield from ((np.stack([np.ones_like(x), x], 1), y, alpha) for alpha in (1.0, 3.0, 5.0))


def _many_examples(rng):
    for count, size in ((6, 2), (9, 5)):
        yield *_design(rng, count, size), float(rng.uniform(0.5, 3))


def _many_features(rng):
    yield *_design(rng, 3, 5), float(rng.uniform(0.5, 3))


def _as_many(rng):
    yield *_design(rng, 6, 6), float(rng.uniform(0.5, 3))


for _exercise in (evidence_integral, log_evidence):
    _exercise.case("one example, one weight, α = 1", expect=_exact_evidence)(_one_example)
    _exercise.case("the outlier data, α = 1, 3 and 5", expect=_exact_evidence)(_outlier)
    _exercise.case("more examples than features", expect=_exact_evidence)(_many_examples)
    _exercise.case("more features than examples", expect=_exact_evidence)(_many_features)
    _exercise.case("as many examples as features", expect=_exact_evidence)(_as_many)


@log_evidence.case("a weak prior", expect=_exact_evidence, rtol=1e-3, atol=1e-2)
def _(rng):
    X, y = datasets.nonlinear()
    frequencies, phases = rng.normal(size=100) * 0.75, rng.uniform(-np.pi, np.pi, 100)
    Phi = np.cos(np.outer(X, frequencies) + phases).astype("float32") / 10
    yield Phi, np.asarray(y), 0.001


@log_evidence.case(
    "its slope in log α, by `jax.grad`",
    run=lambda f: jax.grad(lambda log_alpha, X, y: f(X, y, jnp.exp(log_alpha))),
    rtol=1e-3, atol=1e-3, expect=lambda log_alpha, X, y: _exact_slope(X, y, np.exp(log_alpha)),
)  # fmt: skip
def _(rng):
    yield 0.3, *_design(rng, 6, 2)
    yield 0.3, *_design(rng, 3, 5)


def _largest(jaxpr):
    """Return the number of entries of the largest array that is computed."""
    sizes = [0]
    for equation in jaxpr.eqns:
        sizes += [int(np.prod(v.aval.shape)) for v in equation.outvars]
        sizes += [_largest(inner) for inner in jaxprs_in_params(equation.params)]
    return max(sizes)


@log_evidence.property("it uses the smaller matrix where the examples are many")
def _(answer, rng):
    _assert_small(answer, (1000, 2), "(N, N)")


@log_evidence.property("it uses the smaller matrix where the features are many")
def _(answer, rng):
    _assert_small(answer, (3, 1000), "(D, D)")


def _assert_small(answer, shape, other):
    jaxpr = jax.make_jaxpr(answer)(jnp.ones(shape), jnp.ones(shape[0]), 1.0)
    assert _largest(jaxpr.jaxpr) < 500_000, (
        f"With features of shape {shape} you build a matrix of shape {other}: choose the form by the "
        "shape."
    )


def _with_terms(fit=1.0, log_det=1.0, log_alpha=1.0, constant=1.0, N_for_D=False):
    """Return the (D, D) form with its terms multiplied by these factors."""

    def evidence(X, y, alpha):
        N, D = X.shape
        A = X.T @ X + alpha * jnp.eye(D)
        mu = jnp.linalg.solve(A, X.T @ y)
        loss = jnp.sum((y - X @ mu) ** 2) / 2 + alpha * jnp.sum(mu**2) / 2
        count = N if N_for_D else D
        return (
            -fit * loss - log_det * jnp.linalg.slogdet(A)[1] / 2
            + log_alpha * count / 2 * jnp.log(alpha) - constant * N / 2 * jnp.log(2 * jnp.pi)
        )  # fmt: skip

    return evidence


_ADVICE = {
    "prior_normaliser_missing": (
        "The term D/2 log α is missing: it is the normaliser of the prior. Without it the result does "
        "not match where α is not 1.",
        _with_terms(log_alpha=0.0),
    ),
    "prior_normaliser_inverted": (
        "The sign of D/2 log α is wrong: the evidence must *fall* when the prior gets much wider.",
        _with_terms(log_alpha=-1.0),
    ),
    "inverse_in_the_determinant": (
        "The sign of the volume term is wrong: you used Σ⁻¹ where Σ belongs. The evidence must fall "
        "when the prior gets much wider.",
        _with_terms(log_det=-1.0),
    ),
    "determinant_missing": (
        "The log-determinant is missing: without it more weights are never punished.",
        _with_terms(log_det=0.0),
    ),
    "determinant_not_halved": (
        "The log-determinant has a factor ½: it is the logarithm of a square root.",
        _with_terms(log_det=2.0),
    ),
    "constant_missing": (
        "The constant N/2 log 2π is missing. It matters as soon as data sets of different sizes, or "
        "other likelihoods, are compared.",
        _with_terms(constant=0.0),
    ),
    "fit_not_halved": ("The squares have a factor ½.", _with_terms(fit=2.0)),
    "N_in_place_of_D": (
        "log α comes once for each *weight*: D/2, and not N/2.",
        _with_terms(N_for_D=True),
    ),
}
for _name, (_advice, _function) in _ADVICE.items():
    _function.__name__ = _name
    for _exercise in (evidence_integral, log_evidence):
        _exercise.mistake(_advice)(_function)


def _penalty_missing(X, y, alpha):
    mu = jnp.linalg.solve(X.T @ X + alpha * jnp.eye(X.shape[1]), X.T @ y)
    return _evidence(X, y, alpha) + alpha * jnp.sum(mu**2) / 2


def _alpha_for_its_inverse(X, y, alpha):
    return _evidence(X, y, 1 / alpha)


def _noise_missing(X, y, alpha):
    C = X @ X.T / alpha + 1e-6 * jnp.eye(X.shape[0])
    value = y @ jnp.linalg.solve(C, y) + jnp.linalg.slogdet(C)[1]
    return -(value + X.shape[0] * jnp.log(2 * jnp.pi)) / 2


def _log_likelihood(X, y, alpha):
    mu = jnp.linalg.solve(X.T @ X + alpha * jnp.eye(X.shape[1]), X.T @ y)
    return jnp.sum(jax.scipy.stats.norm.logpdf(y - X @ mu))


def _joint_at_the_mode(X, y, alpha):
    return _with_terms(log_det=0.0, constant=1.0)(X, y, alpha) - X.shape[1] / 2 * jnp.log(
        2 * jnp.pi
    )


def _with_covariance(fit=1.0, log_det=1.0, inverted=False, diagonal=False):
    """Return the (N, N) form with its terms multiplied by these factors, or another covariance."""

    def evidence(X, y, alpha):
        C = X @ X.T / alpha + jnp.eye(X.shape[0])
        C = jnp.linalg.inv(C) if inverted else C
        C = jnp.diag(jnp.diag(C)) if diagonal else C
        squares = y @ jnp.linalg.solve(C, y) if fit else y @ y
        constant = len(y) * jnp.log(2 * jnp.pi)
        return -(squares + log_det * jnp.linalg.slogdet(C)[1] + constant) / 2

    return evidence


def _pair_of_slogdet(X, y, alpha):
    C = X @ X.T / alpha + jnp.eye(X.shape[0])
    return -(y @ jnp.linalg.solve(C, y) + jnp.linalg.slogdet(C)) / 2


_COVARIANCE_ADVICE = {
    "covariance_not_halved": (
        "The log-determinant of the covariance has a factor ½: it is the logarithm of a square root.",
        _with_covariance(log_det=2.0),
    ),
    "factor_counted_half": (
        "With C = LLᵀ the *half* of log|C| is the sum of the logs on L's diagonal: no further ½.",
        _with_covariance(log_det=0.5),
    ),
    "covariance_determinant_missing": (
        "The log-determinant of the covariance is missing: without it a wide prior costs nothing.",
        _with_covariance(log_det=0.0),
    ),
    "covariance_determinant_reversed": (
        "The sign of the log-determinant is wrong: a wider distribution of y is lower everywhere.",
        _with_covariance(log_det=-1.0),
    ),
    "precision_as_covariance": (
        "You gave the inverse of the covariance where the covariance is asked: y ~ N(0, XXᵀ/α + I).",
        _with_covariance(inverted=True),
    ),
    "squares_not_solved": (
        "The squares are yᵀC⁻¹y: the targets are correlated, since they share the weights.",
        _with_covariance(fit=0.0),
    ),
    "targets_independent": (
        "You treat the targets as independent. They share the weights: the whole covariance "
        "XXᵀ/α + I is needed, and not only its diagonal.",
        _with_covariance(diagonal=True),
    ),
    "alpha_squared": (
        "The prior's variance is 1/α: α is a precision, and so it is neither squared nor rooted.",
        lambda X, y, alpha: _evidence(X, y, alpha**2),
    ),
    "alpha_rooted": (
        "The prior's variance is 1/α, and not 1/√α, which is its standard deviation.",
        lambda X, y, alpha: _evidence(X, y, alpha**0.5),
    ),
    "no_logarithm": (
        "This is the evidence itself; its logarithm is asked.",
        lambda X, y, alpha: jnp.exp(_evidence(X, y, alpha)),
    ),
    "negative": (
        "This is minus the log evidence, which would be a loss. Turn the sign.",
        lambda X, y, alpha: -_evidence(X, y, alpha),
    ),
    "pair_of_slogdet": (
        "`slogdet` returns a pair, the sign and the logarithm: take `slogdet(C)[1]`.",
        _pair_of_slogdet,
    ),
}
for _name, (_advice, _function) in _COVARIANCE_ADVICE.items():
    _function.__name__ = _name
    for _exercise in (evidence_integral, log_evidence):
        _exercise.mistake(_advice)(_function)

for _exercise in (evidence_integral, log_evidence):
    _exercise.mistake(
        "The penalty α/2 μᵀμ is missing in the fit: the prior's height at μ counts, too."
    )(_penalty_missing)
    _exercise.mistake("The prior's covariance is I/α: you used αI.")(_alpha_for_its_inverse)
    _exercise.mistake(
        "This is the likelihood of the *best* weights. The evidence averages over all weights of the prior."
    )(_log_likelihood)
    _exercise.mistake(
        "This is the joint density at the best weights. Integrate over w: the volume term is missing."
    )(_joint_at_the_mode)
    _exercise.mistake("The noise has a variance of its own: add I to the covariance of y.")(
        _noise_missing
    )


def _weight_form(X, y, alpha):
    return _with_terms()(X, y, alpha)


def _example_form(X, y, alpha):
    C = jnp.eye(X.shape[0]) + X @ X.T / alpha
    return jax.scipy.stats.multivariate_normal.logpdf(y, jnp.zeros(X.shape[0]), C)


log_evidence.mistake(
    "The value is right, but you always use the (D, D) form, also where there are fewer examples than "
    "features."
)(_weight_form)
log_evidence.mistake(
    "The value is right, but you always use the (N, N) form, also where there are fewer features than "
    "examples."
)(_example_form)


@log_evidence.mistake(
    "The value is right, but at both ends you build the larger matrix. Either your two branches are "
    "exchanged, or both are computed, as `jnp.where` does: choose with a plain `if`."
)
def the_larger(Phi, y, alpha):
    form = _weight_form if Phi.shape[0] < Phi.shape[1] else _example_form
    return form(Phi, y, alpha)


@log_evidence.mistake(
    "`alpha` comes as it is: do not take its exponential. The slope in log α is taken outside of your "
    "function."
)
def exponential_of_alpha(Phi, y, alpha):
    return _evidence(Phi, y, jnp.exp(alpha))


evidence_integral.alternative(_weight_form)
evidence_integral.alternative(_example_form)


@evidence_integral.alternative
def by_cholesky(X, y, alpha):
    factor = jnp.linalg.cholesky(jnp.eye(X.shape[0]) + X @ X.T / alpha)
    standard = jax.scipy.linalg.solve_triangular(factor, y, lower=True)
    return (
        -standard @ standard / 2
        - jnp.sum(jnp.log(jnp.diag(factor)))
        - len(y) / 2 * jnp.log(2 * jnp.pi)
    )


@log_evidence.alternative
def two_functions(Phi, y, alpha):
    return (
        _example_form(Phi, y, alpha) if Phi.shape[0] < Phi.shape[1] else _weight_form(Phi, y, alpha)
    )


@log_evidence.alternative
def by_determinant_lemma(Phi, y, alpha):
    N, D = Phi.shape
    small = jnp.eye(min(N, D)) + (Phi @ Phi.T if N < D else Phi.T @ Phi) / alpha
    projected = y if N < D else Phi.T @ y
    solved = jnp.linalg.solve(small, projected)
    fit = y @ solved if N < D else y @ y - projected @ solved / alpha
    return -(fit + jnp.linalg.slogdet(small)[1] + N * jnp.log(2 * jnp.pi)) / 2


@log_evidence.alternative
def by_cholesky_of_the_smaller(Phi, y, alpha):
    N, D = Phi.shape
    if N <= D:
        return by_cholesky(Phi, y, alpha)
    factor = jnp.linalg.cholesky(Phi.T @ Phi + alpha * jnp.eye(D))
    mu = jax.scipy.linalg.cho_solve((factor, True), Phi.T @ y)
    loss = jnp.sum((y - Phi @ mu) ** 2) / 2 + alpha / 2 * mu @ mu
    volume = D / 2 * jnp.log(alpha) - jnp.sum(jnp.log(jnp.diag(factor)))
    return volume - loss - N / 2 * jnp.log(2 * jnp.pi)


# --- B1.11 Maximise the evidence -----------------------------------------------------------------

maximise_evidence = experiment_exercise("B1.11")


@maximise_evidence.task("a log evidence of at least -24.8")
def _(lab, rng):
    best = max(lab.visited, key=lambda visit: visit.results["log_evidence"])
    if best.results["log_evidence"] >= -24.8:
        return
    scales = [visit.controls["scale"] for visit in lab.visited]
    assert min(scales) < 1.0, (
        "All your functions wiggle a lot. Try smaller σₛ: the volume term will thank you."
    )
    assert max(scales) > 0.25, (
        "All your functions are very smooth. Try larger σₛ: the fit needs it."
    )
    assert len({visit.controls["alpha"] for visit in lab.visited}) > 1, (
        "You moved σₛ only. The two settings depend on each other: move α as well."
    )
    raise AssertionError(
        "Not there yet. Go on from your best setting: change one of the two by a fifth, keep what helps."
    )


def _evidence_lab(*settings):
    lab = EvidenceLab(*datasets.nonlinear())
    for scale, alpha in settings:
        lab.set(scale=scale, alpha=alpha)
    return lab


@maximise_evidence.mistake(
    "The volume term is what you lose at large σₛ: go to smoother functions."
)
@cache
def too_wiggly():
    return _evidence_lab((2.0, 0.001), (3.0, 0.01), (1.5, 0.005))


@maximise_evidence.mistake("So smooth a function cannot follow the data: watch the fit term.")
@cache
def too_smooth():
    return _evidence_lab((0.1, 0.001), (0.2, 0.01))


@maximise_evidence.mistake("With α as it was at the start you cannot reach the top of the ridge.")
@cache
def one_slider():
    return _evidence_lab((1.5, 0.001), (0.7, 0.001), (0.2, 0.001))


@maximise_evidence.mistake("You are on the ridge: take smaller steps from your best setting.")
@cache
def near_the_ridge():
    return _evidence_lab((2.0, 0.001), (0.8, 0.003), (0.6, 0.02))


@maximise_evidence.alternative
def straight_to_the_top():
    return _evidence_lab((0.45, 0.005))


@maximise_evidence.alternative
def along_the_ridge():
    return _evidence_lab((1.0, 0.01), (0.48, 0.004))


# --- B1.17 Function space ------------------------------------------------------------------------


def _gp_predict(K, k_new, k_new_new, y, noise_var=1.0):
    A = K + noise_var * jnp.eye(K.shape[0])
    reduction = jnp.sum(k_new.T * jnp.linalg.solve(A, k_new.T), axis=0)
    return k_new @ jnp.linalg.solve(A, y), jnp.sqrt(k_new_new - reduction)


gp_predict = code_exercise("B1.17", reference=_gp_predict, rtol=1e-3, atol=2e-4)


def _kernel(a, b, alpha=0.5):
    return (np.exp(-((a[:, None] - b[None]) ** 2) / 2) / alpha).astype("float32")


@gp_predict.case("one example, one new input, easy numbers")
def _(rng):
    yield (
        np.array([[1.0]], "float32"),
        np.array([[0.5]], "float32"),
        np.ones(1, "float32"),
        np.array([4.0], "float32"),
    )


@gp_predict.case("several examples and new inputs")
def _(rng):
    for count, new in ((3, 1), (4, 6), (5, 5)):
        x, x_new = rng.normal(size=count) * 2, rng.normal(size=new) * 2
        yield (
            _kernel(x, x),
            _kernel(x_new, x),
            np.full(new, 2.0, "float32"),
            rng.normal(size=count).astype("float32"),
        )


@gp_predict.case("prior variances that differ, and another noise")
def _(rng):
    Phi, Phi_new = rng.normal(size=(4, 6)), rng.normal(size=(3, 6))
    for noise in (0.3, 4.0):
        yield (
            (Phi @ Phi.T).astype("float32"), (Phi_new @ Phi.T).astype("float32"),
            (Phi_new**2).sum(1).astype("float32"), rng.normal(size=4).astype("float32"), noise,
        )  # fmt: skip


@gp_predict.mistake("You solve with K alone. The observations have noise: solve with K + σ²I.")
def without_noise(K, k_new, k_new_new, y, noise_var=1.0):
    return _gp_predict(K, k_new, k_new_new, y, 1e-4)


@gp_predict.mistake("`noise_var` is ignored: you always add I.")
def noise_always_one(K, k_new, k_new_new, y, noise_var=1.0):
    return _gp_predict(K, k_new, k_new_new, y)


@gp_predict.mistake("This is the variance. Its square root is asked.")
def variance_returned(K, k_new, k_new_new, y, noise_var=1.0):
    mean, sd = _gp_predict(K, k_new, k_new_new, y, noise_var)
    return mean, sd**2


@gp_predict.mistake("This is the sd of a new *observation*; that of f has no noise added.")
def noise_added(K, k_new, k_new_new, y, noise_var=1.0):
    mean, sd = _gp_predict(K, k_new, k_new_new, y, noise_var)
    return mean, jnp.sqrt(sd**2 + noise_var)


@gp_predict.mistake(
    "The data are left out of the spread: subtract k*ᵀ(K + σ²I)⁻¹k* from the prior variance."
)
def prior_spread(K, k_new, k_new_new, y, noise_var=1.0):
    return _gp_predict(K, k_new, k_new_new, y, noise_var)[0], jnp.sqrt(k_new_new)


@gp_predict.mistake("K + σ² adds the noise to *every* entry: the noise of two observations is independent, so "
                    "it goes on the diagonal.")  # fmt: skip
def noise_everywhere(K, k_new, k_new_new, y, noise_var=1.0):
    A = K + noise_var
    return k_new @ jnp.linalg.solve(A, y), jnp.sqrt(
        k_new_new - jnp.sum(k_new.T * jnp.linalg.solve(A, k_new.T), axis=0)
    )


@gp_predict.mistake(
    "Here is a whole (M, M) covariance, or its root; only the sd of each new input is asked."
)
def whole_covariance(K, k_new, k_new_new, y, noise_var=1.0):
    A = K + noise_var * jnp.eye(K.shape[0])
    return k_new @ jnp.linalg.solve(A, y), jnp.sqrt(
        jnp.abs(k_new_new - k_new @ jnp.linalg.solve(A, k_new.T))
    )


@gp_predict.mistake("`noise_var` is a variance already: add it as it is, without squaring it.")
def noise_squared(K, k_new, k_new_new, y, noise_var=1.0):
    return _gp_predict(K, k_new, k_new_new, y, noise_var**2)


@gp_predict.mistake("The data make you *surer*: their part is subtracted from the prior variance.")
def reduction_added(K, k_new, k_new_new, y, noise_var=1.0):
    mean, sd = _gp_predict(K, k_new, k_new_new, y, noise_var)
    return mean, jnp.sqrt(2 * k_new_new - sd**2)


@gp_predict.mistake(
    "(K + σ²I)⁻¹ is missing in the mean: examples close to each other say the same thing, and must not "
    "be counted twice."
)
def mean_not_solved(K, k_new, k_new_new, y, noise_var=1.0):
    return k_new @ y, _gp_predict(K, k_new, k_new_new, y, noise_var)[1]


@gp_predict.alternative
def by_inverse(K, k_new, k_new_new, y, noise_var=1.0):
    inverse = jnp.linalg.inv(K + noise_var * jnp.eye(len(y)))
    return k_new @ inverse @ y, (
        k_new_new - jnp.einsum("mi,ij,mj->m", k_new, inverse, k_new)
    ) ** 0.5


@gp_predict.alternative
def by_cholesky_of_the_kernel(K, k_new, k_new_new, y, noise_var=1.0):
    factor = jnp.linalg.cholesky(K + noise_var * jnp.eye(len(y)))
    cross = jax.scipy.linalg.solve_triangular(factor, k_new.T, lower=True)
    target = jax.scipy.linalg.solve_triangular(factor, y, lower=True)
    return cross.T @ target, jnp.sqrt(k_new_new - jnp.sum(cross**2, axis=0))


@gp_predict.alternative
def by_vmap(K, k_new, k_new_new, y, noise_var=1.0):
    A = K + noise_var * jnp.eye(len(y))

    def one(k, variance):
        weights = jnp.linalg.solve(A, k)
        return weights @ y, jnp.sqrt(variance - weights @ k)

    return jax.vmap(one)(k_new, k_new_new)
