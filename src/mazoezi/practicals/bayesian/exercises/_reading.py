"""Checks of B3.1.1, B3.3 and B3.4.1: the gap of the bound, and what the parameters of q are."""

from mazoezi.course import maths_exercise


def _gap(F, R, E):
    return E - F + R


gap = maths_exercise(
    "B3.1.1",
    reference=_gap,
    numbers=[
        {"F": -8, "R": 3, "E": -9},
        {"F": -20, "R": 3, "E": -18},
        {"F": -6, "R": 4, "E": -7},
        {"F": -15, "R": 5, "E": -13},
        {"F": -31, "R": 7, "E": -26},
    ],
)


@gap.mistake(
    "You *added* the divergence from the prior to the fit. It is the price: the ELBO is F - R. With a "
    "plus, climbing it would reward moving away from the prior."
)
def prior_rewarded(F, R, E):
    return E - F - R


@gap.mistake(
    "The sign is reversed: the ELBO lies *below* the log evidence, and a divergence is never "
    "negative. Subtract the ELBO from the log evidence."
)
def upside_down(F, R, E):
    return F - R - E


@gap.mistake("This is the ELBO, F - R. The gap is what is missing from it to the log evidence.")
def the_bound_itself(F, R, E):
    return F - R


@gap.mistake("The divergence from the prior is missing: the ELBO is F - R, and not F alone.")
def without_the_price(F, R, E):
    return E - F


@gap.mistake(
    "You added all three. The log evidence is the ELBO *plus* the gap, so that the gap is a difference."
)
def all_added(F, R, E):
    return E + F + R


def _free_parameters(D):
    return D + D * (D + 1) / 2


free_parameters = maths_exercise(
    "B3.3",
    reference=_free_parameters,
    numbers=[{"D": 4}, {"D": 6}, {"D": 7}, {"D": 8}, {"D": 10}],
    unknown="D",
)


@free_parameters.mistake(
    "You counted every number that is stored. Of `lower` only the entries *below* the diagonal are "
    "read: the upper triangle and the diagonal of it never are."
)
def all_that_is_stored(D):
    return D + D * D + D


@free_parameters.mistake(
    "A covariance has D² entries but is symmetric, so that they are not all free. Count what the "
    "code reads: the mean, the strictly lower triangle, the logarithms on the diagonal."
)
def a_whole_matrix(D):
    return D + D * D


@free_parameters.mistake(
    "You counted a mean and a scale for each weight: that is a q whose weights are independent. "
    "The strictly lower triangle lets them depend on each other."
)
def one_scale_each(D):
    return 2 * D


@free_parameters.mistake(
    "One group is missing: there are D means, D logarithms on the diagonal, *and* D (D - 1) / 2 "
    "entries below the diagonal."
)
def without_the_mean_or_diagonal(D):
    return D * (D + 1) / 2


@free_parameters.mistake(
    "Below the diagonal there are D (D - 1) / 2 entries: row i has i - 1 of them. You counted a row "
    "too many, so that the diagonal is in twice."
)
def diagonal_counted_twice(D):
    return D + D * (D + 1) / 2 + D


def _second_variance(a, b):
    return a**2 + b**2


second_variance = maths_exercise(
    "B3.4.1",
    reference=_second_variance,
    numbers=[{"a": 2, "b": 3}, {"a": 1, "b": 2}, {"a": 3, "b": 2}, {"a": 4, "b": 3}],
)


@second_variance.mistake(
    "This is the entry of LᵀL. The covariance of Lε is E[Lε(Lε)ᵀ] = L E[εεᵀ] Lᵀ = LLᵀ. Check with "
    "L = [[1, 0], [1, 1]]: the second weight is ε₁ + ε₂, of variance 2."
)
def of_the_transposed_product(a, b):
    return b**2


@second_variance.mistake(
    "Standard deviations do not add. The two noises are independent, so their *variances* add."
)
def deviations_added(a, b):
    return (a + b) ** 2


@second_variance.mistake("This is the standard deviation; the variance is its square.")
def standard_deviation(a, b):
    return (a**2 + b**2) ** 0.5


@second_variance.mistake(
    "A factor in front of a random number is squared in the variance: Var(aε) = a² Var(ε)."
)
def factors_not_squared(a, b):
    return a + b


@second_variance.mistake(
    "This is the part of the first noise alone. The second weight is its mean plus aε₁ + bε₂: the "
    "second noise adds its variance, b²."
)
def first_noise_only(a, b):
    return a**2
