"""Checks of B1.18 and B1.19: Student's t, and conformal intervals."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise

# --- B1.18 Student's t ---------------------------------------------------------------------------


def _student(residual, df, scale):
    gammaln = jax.scipy.special.gammaln
    constant = gammaln((df + 1) / 2) - gammaln(df / 2) - jnp.log(jnp.pi * df) / 2 - jnp.log(scale)
    return constant - (df + 1) / 2 * jnp.log1p((residual / scale) ** 2 / df)


students_t = code_exercise("B1.18", reference=_student, rtol=1e-4, atol=1e-4)


@students_t.case("a residual of 0, of scale 1")
def _(rng):
    yield np.array([0.0], "float32"), 3.0, 1.0


@students_t.case("residuals on both sides")
def _(rng):
    yield np.array([-2.0, 0.5, 4.0], "float32"), 3.0, 1.0


@students_t.case("other scales")
def _(rng):
    yield from ((rng.normal(size=5).astype("float32"), 3.0, scale) for scale in (0.5, 4.0))


@students_t.case("other degrees of freedom, up to nearly Gaussian")
def _(rng):
    yield from ((rng.normal(size=5).astype("float32"), df, 1.5) for df in (1.0, 10.0, 400.0))


@students_t.case("residuals of a million")
def _(rng):
    yield np.array([1e6, -1e6], "float32"), 3.0, 0.5


@students_t.case("any shape")
def _(rng):
    yield rng.normal(size=(2, 3)).astype("float32"), 5.0, 2.0


@students_t.property("the density integrates to 1")
def _(answer, rng):
    r = jnp.sinh(jnp.linspace(-12.0, 12.0, 4001))
    area = float(jnp.trapezoid(jnp.exp(answer(r, 3.0, 0.5)), r))
    assert abs(area - 1) < 1e-3, "The area under your density is not 1."


@students_t.mistake(
    "The density of r has a factor 1/s: stretching the axis lowers the curve. Subtract log s."
)
def scale_not_in_front(residual, df, scale):
    return _student(residual, df, scale) + jnp.log(scale)


@students_t.mistake("Divide the residual by the scale before it is squared: r²/(ν s²).")
def scale_not_inside(residual, df, scale):
    return _student(residual, df, 1.0) - jnp.log(scale)


@students_t.mistake("`scale` is ignored.")
def scale_ignored(residual, df, scale):
    return _student(residual, df, 1.0)


@students_t.mistake("s is squared inside: r²/(ν s²).")
def scale_not_squared(residual, df, scale):
    return _student(residual, df, jnp.sqrt(scale)) - jnp.log(scale) / 2


@students_t.mistake("The normaliser is missing: this density does not integrate to 1.")
def not_normalised(residual, df, scale):
    return -(df + 1) / 2 * jnp.log1p((residual / scale) ** 2 / df)


@students_t.mistake("The exponent is (ν + 1)/2.")
def exponent_without_one(residual, df, scale):
    return _student(residual, df, scale) + jnp.log1p((residual / scale) ** 2 / df) / 2


@students_t.mistake("This is a Gaussian: its tails are the light ones.")
def gaussian(residual, df, scale):
    return jax.scipy.stats.norm.logpdf(residual, 0, scale)


@students_t.mistake("The square is divided by ν, inside the logarithm.")
def df_missing_inside(residual, df, scale):
    return _student(residual, df, scale) + (df + 1) / 2 * (
        jnp.log1p((residual / scale) ** 2 / df) - jnp.log1p((residual / scale) ** 2)
    )


@students_t.mistake("This is the density itself. Its logarithm is asked.")
def no_logarithm(residual, df, scale):
    return jnp.exp(_student(residual, df, scale))


@students_t.mistake("Here is one sum. The result is asked residual by residual.")
def summed(residual, df, scale):
    return jnp.sum(_student(residual, df, scale))


@students_t.mistake(
    "In `t.logpdf(x, df, loc, scale)` the third argument is the *place*: give the scale by its name."
)
def scale_as_place(residual, df, scale):
    return jax.scipy.stats.t.logpdf(residual, df, scale)


@students_t.mistake(
    "The formula is right, but Γ overflows: at 400 degrees of freedom you divide infinity by infinity. "
    "Take the difference of `gammaln`, the logarithm of Γ."
)
def gamma_overflows(residual, df, scale):
    gamma = jax.scipy.special.gamma
    ratio = jnp.log(gamma((df + 1) / 2) / gamma(df / 2)) - jnp.log(jnp.pi * df) / 2
    tail = (df + 1) / 2 * jnp.log1p((residual / scale) ** 2 / df)
    return ratio - jnp.log(scale) - tail


@students_t.mistake("πν stands under a root: its logarithm is halved.")
def root_missing(residual, df, scale):
    return _student(residual, df, scale) - jnp.log(jnp.pi * df) / 2


@students_t.mistake(
    "The sign of the term with r is wrong: the exponent is negative, so that far points are less probable."
)
def growing(residual, df, scale):
    return _student(residual, df, scale) + (df + 1) * jnp.log1p((residual / scale) ** 2 / df)


@students_t.mistake(
    "The 1 inside the logarithm is missing: log(1 + ...) is `jnp.log1p(...)`. Without it the density is "
    "infinite at r = 0."
)
def one_missing(residual, df, scale):
    z = (residual / scale) ** 2 / df
    return _student(residual, df, scale) + (df + 1) / 2 * (jnp.log1p(z) - jnp.log(z))


@students_t.mistake(
    "`scale` is s itself, in the units of the residual: do not square it beforehand."
)
def scale_squared(residual, df, scale):
    return _student(residual, df, scale**2)


@students_t.mistake("This is minus the log density, which is a loss. Turn the sign.")
def negative(residual, df, scale):
    return -_student(residual, df, scale)


@students_t.mistake("The residual over s is *squared* inside the logarithm.")
def residual_not_squared(residual, df, scale):
    z = jnp.abs(residual / scale)
    return _student(residual, df, scale) + (df + 1) / 2 * (jnp.log1p(z**2 / df) - jnp.log1p(z / df))


@students_t.alternative
def by_scipy(residual, df, scale):
    return jax.scipy.stats.t.logpdf(residual, df, 0, scale)


@students_t.alternative
def by_beta(residual, df, scale):
    z = residual / scale
    constant = -jax.scipy.special.betaln(0.5, df / 2) - 0.5 * jnp.log(df) - jnp.log(scale)
    return constant - 0.5 * (df + 1) * jnp.log(1 + z**2 / df)


@students_t.alternative
def by_lgamma(residual, df, scale):
    constant = (
        math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(math.pi * df * scale**2)
    )
    return constant - (df + 1) / 2 * jnp.log1p(residual**2 / (df * scale**2))


# --- B1.19 Conformal intervals -------------------------------------------------------------------


def _conformal(scores, level):
    k = math.ceil((len(scores) + 1) * level)
    return jnp.sort(scores)[k - 1] if k <= len(scores) else jnp.inf


conformal = code_exercise("B1.19", reference=_conformal, rtol=1e-5, atol=1e-5)


@conformal.case("four scores, at 60 %")
def _(rng):
    yield np.array([1.0, 2.0, 3.0, 4.0], "float32"), 0.6


@conformal.case("scores that are not sorted")
def _(rng):
    yield np.array([3.0, 0.5, 2.0, 9.0, 1.0], "float32"), 0.6


@conformal.case("more scores, several levels")
def _(rng):
    scores = np.abs(rng.normal(size=38)).astype("float32")
    yield from ((scores, level) for level in (0.51, 0.8, 0.9, 0.96))


@conformal.case("just enough scores: the largest")
def _(rng):
    yield np.arange(1.0, 10.0, dtype="float32"), 0.89


@conformal.case("too few scores for the level")
def _(rng):
    yield np.arange(1.0, 10.0, dtype="float32"), 0.95


@conformal.mistake(
    "There are n + 1 equally likely ranks for the new score: k = ceil((n + 1) level), and not "
    "ceil(n level)."
)
def without_plus_one(scores, level):
    return jnp.sort(scores)[math.ceil(len(scores) * level) - 1]


@conformal.mistake("Indices begin at 0: the k-th smallest is at index k - 1.")
def index_too_high(scores, level):
    k = math.ceil((len(scores) + 1) * level)
    return jnp.sort(scores)[k] if k < len(scores) else jnp.inf


@conformal.mistake(
    "`quantile` interpolates between two scores, and knows nothing of the n + 1: sort and pick."
)
def plain_quantile(scores, level):
    return jnp.quantile(scores, level)


@conformal.mistake("Round k *up*: rounding down promises less than the level.")
def rounded_down(scores, level):
    k = math.floor((len(scores) + 1) * level)
    return jnp.sort(scores)[k - 1] if k <= len(scores) else jnp.inf


@conformal.mistake("Sort the scores first.")
def not_sorted(scores, level):
    k = math.ceil((len(scores) + 1) * level)
    return scores[k - 1] if k <= len(scores) else jnp.inf


@conformal.mistake(
    "With too few scores no finite factor can be guaranteed: return `jnp.inf`, and not the largest score."
)
def largest_if_too_few(scores, level):
    k = min(math.ceil((len(scores) + 1) * level), len(scores))
    return jnp.sort(scores)[k - 1]


@conformal.mistake("You took the k-th *largest* score: that covers only 1 - level.")
def from_the_top(scores, level):
    k = math.ceil((len(scores) + 1) * level)
    return jnp.sort(scores)[::-1][k - 1] if k <= len(scores) else jnp.inf


@conformal.mistake(
    "There are n + 1 equally likely ranks for the new score: k = ceil((n + 1) level). You round "
    "n · level down and use it as an index."
)
def index_by_n(scores, level):
    return jnp.sort(scores)[int(len(scores) * level)]


@conformal.mistake(
    "`quantile` counts from 0 to n - 1, so that its k/n is not the k-th score, but mostly the next: "
    "sort and pick."
)
def higher_quantile(scores, level):
    k = math.ceil((len(scores) + 1) * level)
    return jnp.quantile(scores, min(1.0, k / len(scores)), method="higher")


@conformal.mistake(
    "`jnp.ceil` rounds to a float, which is no index. `math.ceil` gives a whole number."
)
def float_as_index(scores, level):
    return jnp.sort(scores)[jnp.ceil((len(scores) + 1) * level) - 1]


@conformal.mistake(
    "With too few scores there is no k-th smallest, and the index runs off the end. Say so before: if "
    "k > n, no finite factor can be guaranteed, and it is `jnp.inf`."
)
def off_the_end(scores, level):
    return np.sort(scores)[math.ceil((len(scores) + 1) * level) - 1]


@conformal.mistake(
    "With too few scores the factor is *infinite*: an interval that holds everything does keep the "
    "promise. Not a number says nothing at all."
)
def nan_if_too_few(scores, level):
    k = math.ceil((len(scores) + 1) * level)
    return jnp.sort(scores)[k - 1] if k <= len(scores) else jnp.nan


@conformal.mistake("This is k itself. The factor is the k-th smallest *score*.")
def the_rank(scores, level):
    return math.ceil((len(scores) + 1) * level)


@conformal.mistake(
    "`argsort` tells *where* the k-th smallest score stands. The score itself is asked: `sort`."
)
def the_place(scores, level):
    return jnp.argsort(scores)[math.ceil((len(scores) + 1) * level) - 1]


@conformal.mistake(
    "That is the factor of a Gaussian, which trusts the model. Conformal prediction looks at the scores "
    "instead: the k-th smallest of them."
)
def gaussian_factor(scores, level):
    return jax.scipy.stats.norm.ppf((1 + level) / 2)


@conformal.alternative
def with_infinity_appended(scores, level):
    ranks = jnp.append(jnp.sort(scores), jnp.inf)
    return ranks[math.ceil(ranks.size * level) - 1]


@conformal.alternative
def by_numpy(scores, level):
    n = len(scores)
    k = int(np.ceil((n + 1) * level))
    return np.inf if k > n else np.partition(np.asarray(scores), k - 1)[k - 1]


@conformal.alternative
def by_counting(scores, level):
    enough = [s for s in scores if int(jnp.sum(scores <= s)) >= (len(scores) + 1) * level - 1e-9]
    return jnp.min(jnp.array([*enough, jnp.inf]))
