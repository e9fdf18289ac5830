"""B0 and B1 tried on answers of people who did not read the checks.

None of these answers is listed by an exercise. A wrong one is rejected, and its verdict says the
words beside it; a right one in another style passes.
"""

import math
import re
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import scipy.stats

from mazoezi.course._judge import judge
from mazoezi.course._source import ExerciseText
from mazoezi.practicals.bayesian import exercises

pytestmark = pytest.mark.slow  # some hundred and fifty answers, each on many arrays

CODE = {
    one.id: one
    for name in exercises.__all__
    if hasattr(one := getattr(exercises, name), "alternatives") and hasattr(one, "reference")
}
norm = jax.scipy.stats.norm


def ones(x):
    return jnp.ones_like(x)


def written_into(x):
    X = jnp.ones((len(x), 2))
    X[:, 1] = x  # ty: ignore
    return X


def filled_by_numpy(x):
    X = np.ones((len(x), 2), x.dtype)
    X[:, 1] = np.ravel(x)
    return X


def squeezed(x):
    x = x.squeeze()
    return jnp.stack([ones(x), x], axis=1)


def gram(X, alpha, scale=1.0):
    return X.T @ X / scale + alpha * jnp.eye(X.shape[1])


def descended(X, y, alpha, penalise=1.0):
    w = jnp.zeros(X.shape[1])
    for _ in range(100):
        w = w - 0.01 * (-X.T @ (y - X @ w) + alpha * penalise * w)
    return w


def standard(w):
    return -len(w) / 2 * jnp.log(2 * jnp.pi)


def prior_times_likelihood(X, y, alpha, log_evidence):
    A = gram(X, alpha)
    volume = X.shape[1] / 2 * jnp.log(2 * jnp.pi) - jnp.linalg.slogdet(A)[1] / 2
    return A, jnp.linalg.solve(A, X.T @ y), log_evidence + volume


def variance(X_new, Sigma):
    return jnp.sum((X_new @ Sigma) * X_new, axis=1)


def example_covariance(X, alpha):
    return jnp.eye(X.shape[0]) + X @ X.T / alpha


def by_examples(X, y, alpha):
    C = example_covariance(X, alpha)
    return -(y @ jnp.linalg.solve(C, y) + jnp.linalg.slogdet(C)[1]) / 2 - len(y) / 2 * jnp.log(
        2 * jnp.pi
    )


def by_scipy(X, y, alpha):
    covariance: Any = np.asarray(example_covariance(X, alpha))
    return scipy.stats.multivariate_normal(cov=covariance).logpdf(np.asarray(y))


def by_weights(X, y, alpha):
    A = gram(X, alpha)
    mu = jnp.linalg.solve(A, X.T @ y)
    loss = jnp.sum((y - X @ mu) ** 2) / 2 + alpha * mu @ mu / 2
    volume = X.shape[1] / 2 * jnp.log(alpha) - jnp.linalg.slogdet(A)[1] / 2
    return volume - loss - len(y) / 2 * jnp.log(2 * jnp.pi)


def factored(X, y, alpha, factor):
    L = jnp.linalg.cholesky(example_covariance(X, alpha))
    z = jax.scipy.linalg.solve_triangular(L, y, lower=True)
    return -z @ z / 2 - factor * jnp.sum(jnp.log(jnp.diag(L))) - len(y) / 2 * jnp.log(2 * jnp.pi)


def smaller_of(X, y, alpha, examples=by_examples, weights=by_weights):
    return examples(X, y, alpha) if X.shape[0] < X.shape[1] else weights(X, y, alpha)


def gp(K, k_new, k_new_new, y, noise_var=1.0):
    A = K + noise_var * jnp.eye(len(y))
    return k_new @ jnp.linalg.solve(A, y), k_new_new - jnp.sum(
        k_new.T * jnp.linalg.solve(A, k_new.T), 0
    )


def student_constant(df, scale):
    return (
        jax.scipy.special.gammaln((df + 1) / 2)
        - jax.scipy.special.gammaln(df / 2)
        - jnp.log(jnp.pi * df) / 2
        - jnp.log(scale)
    )


def rank(scores, level):
    return math.ceil((len(scores) + 1) * level)


WRONG = {
    "B0.2": [
        ("put the ones first", lambda x: jnp.vander(x.ravel(), 2)),
        (r"result\[0, 0\] is 3; expected 1", lambda x: jnp.vander(x, 2)),
        (r"ones_like\(x\)` keeps it", lambda x: jnp.c_[jnp.ones(len(x)), x]),
        ("end to end", lambda x: jnp.hstack([ones(x), x])),
        ("on top of each other", lambda x: jnp.vstack([ones(x), x]).T),
        ("squeeze", squeezed),
        ("cannot be changed in place", written_into),
        ("from `jax.numpy`", filled_by_numpy),
        (
            r"shape \(3, 3\); expected \(3, 2\)",
            lambda x: jnp.stack([ones(x.ravel()), x.ravel(), x.ravel() ** 2], axis=1),
        ),
        ("third axis", lambda x: jnp.stack([jnp.ones(x.shape), x], axis=-1)),
    ],
    "B0.4": [
        ("inputs first", lambda X, y, model, w: jnp.sum((y - model(w, X)) ** 2) / 2),
        ("sign is reversed", lambda X, y, model, w: -jnp.sum((y - model(X, w)) ** 2) / 2),
        (
            r"root of the \*mean\*",
            lambda X, y, model, w: jnp.sqrt(jnp.mean((y - model(X, w)) ** 2)),
        ),
        (
            "leave the value an array",
            lambda X, y, model, w: float(jnp.sum((y - model(X, w)) ** 2)) / 2,
        ),
        ("mean of the errors", lambda X, y, model, w: jnp.var(y - model(X, w)) * len(y) / 2),
        (
            "4.5; expected 2.5",
            lambda X, y, model, w: jnp.sum((y - model(X, w)) ** 2) / 2 + w @ w / 2,
        ),
        (
            "divide by the number of examples",
            lambda X, y, model, w: optax.l2_loss(model(X, w), y).mean(),
        ),
        ("is 2; expected 2.5", lambda X, y, model, w: optax.huber_loss(model(X, w), y).sum()),
        (r"shape \(2,\); expected \(\)", lambda X, y, model, w: (1 / 2 * y - model(X, w)) ** 2),
        ("from `jax.numpy`", lambda X, y, model, w: np.sum(np.square(y - model(X, w))) / 2),
        ("subtract squares", lambda X, y, model, w: jnp.sum(y**2 - model(X, w) ** 2) / 2),
    ],
    "B0.6": [
        ("first term is twice", lambda X, y, alpha, w: -2 * X.T @ (y - X @ w) + alpha * w),
        ("is one to be transposed", lambda X, y, alpha, w: -X @ (y - X @ w) + alpha * w),
        (r"\*every\* entry", lambda X, y, alpha, w: -X.T @ (y - X @ w) + alpha * jnp.sum(w)),
        ("Asked is the gradient", lambda X, y, alpha, w: jnp.linalg.solve(gram(X, alpha), X.T @ y)),
        ("loss itself", lambda X, y, alpha, w: jnp.sum((y - X @ w) ** 2) / 2 + alpha / 2 * w @ w),
        ("argnums", lambda X, y, alpha, w: jax.grad(lambda Z: jnp.sum((y - Z @ w) ** 2) / 2)(X)),
        ("has cancelled the ½", lambda X, y, alpha, w: -X.T @ (y - X @ w) + alpha * w**2),
        ("kept the first part only", lambda X, y, alpha, w: -X.T @ y + alpha * w),
        (r"\*every\* entry", lambda X, y, alpha, w: (X.T @ X + alpha) @ w - X.T @ y),
        ("outlier data", lambda X, y, alpha, w: -X.T @ (y - X @ w) + alpha * jnp.linalg.norm(w)),
    ],
    "B0.8": [
        ("of the smallest length", lambda X, y, alpha, penalise=1.0: jnp.linalg.lstsq(X, y)[0]),
        (
            "weight by weight",
            lambda X, y, alpha, penalise=1.0: X.T @ y / (jnp.diag(X.T @ X) + alpha * penalise),
        ),
        (
            "needs a vector",
            lambda X, y, alpha, penalise=1.0: jnp.linalg.solve(
                X.T @ X + jnp.diag(alpha * penalise), X.T @ y
            ),
        ),
        (
            "reciprocal",
            lambda X, y, alpha, penalise=1.0: (
                (1 / (X.T @ X + alpha * penalise * jnp.eye(X.shape[1]))) @ X.T @ y
            ),
        ),
        ("0.999295; expected 1", descended),
        (r"\*multiply\*", lambda X, y, alpha, penalise=1.0: gram(X, alpha) @ (X.T @ y)),
        (
            "signs of all weights",
            lambda X, y, alpha, penalise=1.0: jnp.linalg.solve(gram(X, alpha), -X.T @ y),
        ),
        (
            "Half of the penalty",
            lambda X, y, alpha, penalise=1.0: jnp.linalg.solve(gram(X, alpha / 2), X.T @ y),
        ),
        (
            "added to the right-hand side",
            lambda X, y, alpha, penalise=1.0: jnp.linalg.solve(X.T @ X, alpha + X.T @ y),
        ),
        ("cannot be called as", lambda X, y, alpha: jnp.linalg.solve(gram(X, alpha), X.T @ y)),
    ],
    "B1.13": [
        ("α is missing", lambda w, alpha: standard(w) - alpha / 2 * w @ w),
        (r"1/α is the \*variance\*", lambda w, alpha: jnp.sum(norm.logpdf(w, 0, 1 / alpha))),
        (
            "½ before it",
            lambda w, alpha: len(w) * jnp.log(alpha / (2 * jnp.pi)) - alpha / 2 * w @ w,
        ),
        (
            "exponential only",
            lambda w, alpha: (alpha / (2 * jnp.pi)) ** (len(w) / 2) - alpha / 2 * w @ w,
        ),
        ("take the mean", lambda w, alpha: jnp.mean(norm.logpdf(w, 0, alpha**-0.5))),
        ("minus the log density", lambda w, alpha: -norm.logpdf(w, 0, alpha**-0.5).sum()),
        ("sum densities", lambda w, alpha: norm.pdf(w, 0, alpha**-0.5).sum()),
        (
            r"\*squared\* length",
            lambda w, alpha: (
                len(w) / 2 * jnp.log(alpha / (2 * jnp.pi)) - alpha / 2 * jnp.linalg.norm(w)
            ),
        ),
        (
            "left to right",
            lambda w, alpha: len(w) / 2 * jnp.log(alpha / 2 * jnp.pi) - alpha / 2 * jnp.sum(w**2),
        ),
    ],
    "B1.1": [
        (
            "doubled",
            lambda X, y, alpha, log_evidence: (
                2 * gram(X, alpha),
                jnp.linalg.solve(gram(X, alpha), X.T @ y),
                log_evidence,
            ),
        ),
        (
            "mean first",
            lambda X, y, alpha, log_evidence: (
                jnp.linalg.solve(gram(X, alpha), X.T @ y),
                gram(X, alpha),
                log_evidence,
            ),
        ),
        (
            "divide 1 by a logarithm",
            lambda X, y, alpha, log_evidence: (
                gram(X, alpha),
                jnp.linalg.solve(gram(X, alpha), X.T @ y),
                1 / log_evidence,
            ),
        ),
        (
            "wrong sign",
            lambda X, y, alpha, log_evidence: (
                gram(X, alpha),
                -jnp.linalg.solve(gram(X, alpha), X.T @ y),
                log_evidence,
            ),
        ),
        (
            "multiply Xᵀy with the precision",
            lambda X, y, alpha, log_evidence: (
                gram(X, alpha),
                gram(X, alpha) @ X.T @ y,
                log_evidence,
            ),
        ),
        ("normaliser of the Gaussian", prior_times_likelihood),
        (
            "2 values; expected 3",
            lambda X, y, alpha, log_evidence: (
                gram(X, alpha),
                jnp.linalg.solve(gram(X, alpha), X.T @ y),
            ),
        ),
        (
            "that of least squares",
            lambda X, y, alpha, log_evidence: (
                gram(X, alpha),
                jnp.linalg.pinv(X) @ y,
                log_evidence,
            ),
        ),
    ],
    "B1.2": [
        (
            "divide the prior's precision",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.solve(gram(X, alpha), X.T @ y),
                noise_var * jnp.linalg.inv(gram(X, alpha)),
            ),
        ),
        (
            "divide by σ",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.solve(gram(X, alpha, noise_var**0.5), X.T @ y / noise_var**0.5),
                jnp.linalg.inv(gram(X, alpha, noise_var**0.5)),
            ),
        ),
        (
            "standard deviations",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.solve(gram(X, alpha, noise_var), X.T @ y / noise_var),
                jnp.sqrt(jnp.diag(jnp.linalg.inv(gram(X, alpha, noise_var)))),
            ),
        ),
        (
            "Xᵀ is missing",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.inv(gram(X, alpha, noise_var)) @ y,
                jnp.linalg.inv(gram(X, alpha, noise_var)),
            ),
        ),
        (
            "leave the value an array",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.solve(gram(X, float(alpha), noise_var), X.T @ y / noise_var),
                jnp.linalg.inv(gram(X, float(alpha), noise_var)),
            ),
        ),
        (
            "average over the examples",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.solve(gram(X, alpha, noise_var * len(y)), X.T @ y / noise_var / len(y)),
                jnp.linalg.inv(gram(X, alpha, noise_var * len(y))),
            ),
        ),
        (
            "expected 2 values in a tuple",
            lambda X, y, alpha, noise_var=1.0: jnp.linalg.solve(
                gram(X, alpha, noise_var), X.T @ y / noise_var
            ),
        ),
        (
            "that of least squares",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.lstsq(X, y)[0],
                jnp.linalg.inv(gram(X, alpha, noise_var)),
            ),
        ),
        (
            "1.66667; expected 2",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.solve(gram(X, alpha + noise_var), X.T @ y),
                jnp.linalg.inv(gram(X, alpha + noise_var)),
            ),
        ),
        (
            r"add the \*covariances\*",
            lambda X, y, alpha, noise_var=1.0: (
                jnp.linalg.solve(gram(X, alpha, noise_var), X.T @ y / noise_var),
                jnp.linalg.inv(X.T @ X / noise_var) + jnp.eye(X.shape[1]) / alpha,
            ),
        ),
    ],
    "B1.14": [
        (
            r"\(N, N\) matrix",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                X_new @ mu,
                jnp.sqrt(X_new @ Sigma @ X_new.T),
                jnp.sqrt(X_new @ Sigma @ X_new.T + noise_var),
            ),
        ),
        (
            "2 values; expected 3",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                X_new @ mu,
                jnp.sqrt(variance(X_new, Sigma) + noise_var),
            ),
        ),
        (
            r"\*variance\* to a standard deviation",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                X_new @ mu,
                jnp.sqrt(variance(X_new, Sigma)),
                jnp.sqrt(variance(X_new, Sigma)) + noise_var,
            ),
        ),
        (
            "Square it first",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                X_new @ mu,
                jnp.sqrt(variance(X_new, Sigma)),
                jnp.sqrt(jnp.sqrt(variance(X_new, Sigma)) + noise_var),
            ),
        ),
        (
            r"both\* sides",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                X_new @ mu,
                jnp.sum(X_new @ Sigma, axis=1) ** 0.5,
                (jnp.sum(X_new @ Sigma, axis=1) + noise_var) ** 0.5,
            ),
        ),
        (
            "You used Lᵀ",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                X_new @ mu,
                jnp.linalg.norm(X_new @ jnp.linalg.cholesky(Sigma).T, axis=1),
                jnp.hypot(
                    jnp.linalg.norm(X_new @ jnp.linalg.cholesky(Sigma).T, axis=1), noise_var**0.5
                ),
            ),
        ),
        (
            "noise alone",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                X_new @ mu,
                jnp.sqrt(variance(X_new, Sigma)),
                jnp.sqrt(noise_var) * jnp.ones(len(X_new)),
            ),
        ),
        (
            "without inverting",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                X_new @ mu,
                jnp.sqrt(variance(X_new, jnp.linalg.inv(Sigma))),
                jnp.sqrt(variance(X_new, jnp.linalg.inv(Sigma)) + noise_var),
            ),
        ),
        (
            "is one to be transposed",
            lambda X_new, mu, Sigma, noise_var=1.0: (
                mu @ X_new,
                jnp.sqrt(variance(X_new, Sigma)),
                jnp.sqrt(variance(X_new, Sigma) + noise_var),
            ),
        ),
    ],
    "B1.16": [
        (
            "lies 1 - level",
            lambda y, mean, sd, level: jnp.mean(jnp.abs(y - mean) <= norm.ppf(level / 2) * sd),
        ),
        (
            "number of standard deviations",
            lambda y, mean, sd, level: jnp.mean(jnp.abs(y - mean) <= level * sd),
        ),
        (
            "their mean",
            lambda y, mean, sd, level: jnp.abs(y - mean) <= norm.ppf((1 + level) / 2) * sd,
        ),
        (
            "below one quantile",
            lambda y, mean, sd, level: jnp.mean(y - mean <= norm.ppf(level) * sd),
        ),
        (
            "multiply it with `sd`",
            lambda y, mean, sd, level: jnp.mean(jnp.abs(y - mean) <= norm.ppf((1 + level) / 2)),
        ),
        ("0.95; expected 0.75", lambda y, mean, sd, level: level),
        (
            "around `mean`",
            lambda y, mean, sd, level: jnp.mean(jnp.abs(y) <= norm.ppf((1 + level) / 2) * sd),
        ),
        ("below one quantile", lambda y, mean, sd, level: jnp.mean(norm.cdf(y, mean, sd) <= level)),
        (
            "do not square",
            lambda y, mean, sd, level: jnp.mean(
                jnp.abs(y - mean) <= norm.ppf((1 + level) / 2) * sd**2
            ),
        ),
    ],
    "B1.9": [
        ("evidence itself", lambda X, y, alpha: jnp.exp(by_examples(X, y, alpha))),
        ("minus the log evidence", lambda X, y, alpha: -by_examples(X, y, alpha)),
        ("neither squared", lambda X, y, alpha: by_examples(X / alpha**0.5, y, alpha)),
        ("no further ½", partial(factored, factor=0.5)),
        ("factor ½", partial(factored, factor=2.0)),
        ("not 1/√α", lambda X, y, alpha: by_examples(X, y, alpha**0.5)),
        (
            "inverse of the covariance",
            lambda X, y, alpha: jax.scipy.stats.multivariate_normal.logpdf(
                y, jnp.zeros(len(y)), jnp.linalg.inv(example_covariance(X, alpha))
            ),
        ),
        (
            "yᵀC⁻¹y",
            lambda X, y, alpha: (
                -(y @ y + jnp.linalg.slogdet(example_covariance(X, alpha))[1]) / 2
                - len(y) / 2 * jnp.log(2 * jnp.pi)
            ),
        ),
        (
            "as independent",
            lambda X, y, alpha: jnp.sum(
                norm.logpdf(y, 0, jnp.sqrt(jnp.diag(example_covariance(X, alpha))))
            ),
        ),
        (
            r"slogdet\(C\)\[1\]",
            lambda X, y, alpha: (
                -(
                    y @ jnp.linalg.solve(example_covariance(X, alpha), y)
                    + jnp.linalg.slogdet(example_covariance(X, alpha))
                )
                / 2
            ),
        ),
    ],
    "B1.15": [
        ("larger matrix", lambda Phi, y, alpha: smaller_of(Phi, y, alpha, by_weights, by_examples)),
        ("evidence itself", lambda Phi, y, alpha: jnp.exp(smaller_of(Phi, y, alpha))),
        ("minus the log evidence", lambda Phi, y, alpha: -smaller_of(Phi, y, alpha)),
        ("do not take its exponential", lambda Phi, y, alpha: smaller_of(Phi, y, jnp.exp(alpha))),
        (
            "larger matrix",
            lambda Phi, y, alpha: jnp.where(
                Phi.shape[0] < Phi.shape[1], by_examples(Phi, y, alpha), by_weights(Phi, y, alpha)
            ),
        ),
        ("leave the value an array", lambda Phi, y, alpha: float(smaller_of(Phi, y, alpha))),
        ("no further ½", partial(factored, factor=0.5)),
        (
            "27.9508",
            lambda Phi, y, alpha: (
                by_examples(Phi, y, alpha)
                if Phi.shape[0] < Phi.shape[1]
                else by_weights(Phi, y, alpha) - Phi.shape[1] / 2 * jnp.log(alpha)
            ),
        ),
    ],
    "B1.17": [
        (
            "This is the variance",
            lambda K, k_new, k_new_new, y, noise_var=1.0: gp(K, k_new, k_new_new, y, noise_var),
        ),
        (
            "without squaring",
            lambda K, k_new, k_new_new, y, noise_var=1.0: (
                gp(K, k_new, k_new_new, y, noise_var**2)[0],
                gp(K, k_new, k_new_new, y, noise_var**2)[1] ** 0.5,
            ),
        ),
        (
            "is one to be transposed",
            lambda K, k_new, k_new_new, y, noise_var=1.0: (
                k_new.T @ jnp.linalg.solve(K + noise_var * jnp.eye(len(y)), y),
                gp(K, k_new, k_new_new, y, noise_var)[1] ** 0.5,
            ),
        ),
        (
            "0.866025; expected 0.935414",
            lambda K, k_new, k_new_new, y, noise_var=1.0: (
                gp(K, k_new, k_new_new, y, noise_var)[0],
                jnp.sqrt(
                    k_new_new - jnp.diag(jnp.linalg.solve(K + noise_var * jnp.eye(len(y)), k_new.T))
                ),
            ),
        ),
        (
            r"\*surer\*",
            lambda K, k_new, k_new_new, y, noise_var=1.0: (
                gp(K, k_new, k_new_new, y, noise_var)[0],
                jnp.sqrt(2 * k_new_new - gp(K, k_new, k_new_new, y, noise_var)[1]),
            ),
        ),
        (
            "missing in the mean",
            lambda K, k_new, k_new_new, y, noise_var=1.0: (
                k_new @ y,
                gp(K, k_new, k_new_new, y, noise_var)[1] ** 0.5,
            ),
        ),
        (
            "expected 2 values in a tuple",
            lambda K, k_new, k_new_new, y, noise_var=1.0: gp(K, k_new, k_new_new, y, noise_var)[0],
        ),
    ],
    "B1.18": [
        ("third argument", lambda r, df, scale: jax.scipy.stats.t.logpdf(r, df, scale)),
        (
            "Γ overflows",
            lambda r, df, scale: (
                jnp.log(jax.scipy.special.gamma((df + 1) / 2) / jax.scipy.special.gamma(df / 2))
                - jnp.log(jnp.pi * df) / 2
                - jnp.log(scale)
                - (df + 1) / 2 * jnp.log1p((r / scale) ** 2 / df)
            ),
        ),
        (
            "under a root",
            lambda r, df, scale: (
                student_constant(df, scale)
                - jnp.log(jnp.pi * df) / 2
                - (df + 1) / 2 * jnp.log1p((r / scale) ** 2 / df)
            ),
        ),
        (
            "exponent is negative",
            lambda r, df, scale: (
                student_constant(df, scale) + (df + 1) / 2 * jnp.log1p((r / scale) ** 2 / df)
            ),
        ),
        (
            "log1p",
            lambda r, df, scale: (
                student_constant(df, scale) - (df + 1) / 2 * jnp.log((r / scale) ** 2 / df)
            ),
        ),
        (
            "which axes should stay",
            lambda r, df, scale: jnp.mean(jax.scipy.stats.t.logpdf(r, df, 0, scale)),
        ),
        ("do not square it", lambda r, df, scale: jax.scipy.stats.t.logpdf(r, df, 0, scale**2)),
        ("minus the log density", lambda r, df, scale: -jax.scipy.stats.t.logpdf(r, df, 0, scale)),
        (
            "1.14473; expected -1.00089",
            lambda r, df, scale: jax.scipy.stats.cauchy.logpdf(r, 0, scale),
        ),
        (
            r"\*squared\* inside",
            lambda r, df, scale: (
                student_constant(df, scale) - (df + 1) / 2 * jnp.log1p(jnp.abs(r / scale) / df)
            ),
        ),
    ],
    "B1.19": [
        (
            "`quantile` counts",
            lambda scores, level: jnp.quantile(
                scores, min(1.0, rank(scores, level) / len(scores)), method="higher"
            ),
        ),
        (
            "no index",
            lambda scores, level: jnp.sort(scores)[
                jnp.ceil((len(scores) + 1) * level).astype(float) - 1
            ],
        ),
        (
            "Not a number",
            lambda scores, level: (
                jnp.sort(scores)[rank(scores, level) - 1]
                if rank(scores, level) <= len(scores)
                else jnp.nan
            ),
        ),
        ("runs off the end", lambda scores, level: np.sort(scores)[rank(scores, level) - 1]),
        ("4.69135; expected 3", lambda scores, level: jnp.mean(scores) + 1.96 * jnp.std(scores)),
        ("round n · level down", lambda scores, level: jnp.sort(scores)[int(len(scores) * level)]),
        ("of a Gaussian", lambda scores, level: float(norm.ppf((1 + level) / 2))),
        ("k itself", lambda scores, level: rank(scores, level)),
        (
            r"shape \(3,\); expected \(\)",
            lambda scores, level: jnp.sort(scores)[: rank(scores, level)],
        ),
        (r"tells \*where\*", lambda scores, level: jnp.argsort(scores)[rank(scores, level) - 1]),
    ],
}
RIGHT = {
    "B0.2": [
        lambda x: jnp.vander(x.ravel(), 2, increasing=True),
        lambda x: jnp.concatenate([jnp.ones((x.size, 1), x.dtype), x.reshape(-1, 1)], axis=1),
        lambda x: jnp.ones((x.size, 2), x.dtype).at[:, 1].set(x.ravel()),
        lambda x: jnp.vstack([ones(x.ravel()), x.ravel()]).T,
    ],
    "B0.4": [
        lambda X, y, model, w: optax.l2_loss(model(X, w), y).sum(),
        lambda X, y, model, w: jnp.linalg.vector_norm(y - model(X, w), ord=2) ** 2 / 2,
        lambda X, y, model, w: 0.5 * len(y) * jnp.mean((model(X, w) - y) ** 2),
        lambda X, y, model, w: jnp.vdot(y - model(X, w), y - model(X, w)) / 2,
    ],
    "B0.6": [
        lambda X, y, alpha, w: X.T @ X @ w + alpha * w - X.T @ y,
        lambda X, y, alpha, w: (X @ w - y) @ X + alpha * w,
        lambda X, y, alpha, w: (
            jax.vjp(lambda v: X @ v, w)[1](X @ w - y)[0] + jnp.diag(jnp.full(len(w), alpha)) @ w
        ),
    ],
    "B0.8": [
        lambda X, y, alpha, penalise=1.0: jnp.linalg.solve(
            X.T @ X + jnp.diag(jnp.broadcast_to(alpha * penalise, X.shape[1])), X.T @ y
        ),
        lambda X, y, alpha, penalise=1.0: (
            jnp.linalg.pinv(gram(X, jnp.asarray(alpha * penalise))) @ (X.T @ y)
        ),
        lambda X, y, alpha, penalise=1.0: jax.scipy.linalg.solve(
            gram(X, jnp.asarray(alpha * penalise)), X.T @ y, assume_a="pos"
        ),
    ],
    "B1.13": [
        lambda w, alpha: standard(w) + len(w) / 2 * jnp.log(alpha) - alpha * jnp.vdot(w, w) / 2,
        lambda w, alpha: jnp.log(jnp.prod(norm.pdf(w, scale=alpha**-0.5))),
        lambda w, alpha: norm.logpdf(w * alpha**0.5).sum() + w.size * jnp.log(alpha) / 2,
    ],
    "B1.1": [
        lambda X, y, alpha, log_evidence: (
            gram(X, alpha),
            jnp.linalg.inv(gram(X, alpha)) @ X.T @ y,
            log_evidence,
        ),
        lambda X, y, alpha, log_evidence: (
            alpha * (jnp.eye(X.shape[1]) + X.T @ X / alpha),
            jax.scipy.linalg.solve(gram(X, alpha), y @ X, assume_a="pos"),
            jnp.asarray(log_evidence),
        ),
    ],
    "B1.2": [
        lambda X, y, alpha, noise_var=1.0: (
            jnp.linalg.pinv(gram(X, alpha, noise_var)) @ (y @ X) / noise_var,
            jnp.linalg.pinv(gram(X, alpha, noise_var)),
        ),
        lambda X, y, alpha, noise_var=1.0: (
            jnp.linalg.solve(noise_var * gram(X, alpha, noise_var), X.T @ y),
            jnp.linalg.solve(gram(X, alpha, noise_var), jnp.eye(X.shape[1])),
        ),
        lambda X, y, alpha, noise_var=1.0: [  # by the matrix between examples (Woodbury)
            X.T @ jnp.linalg.solve(noise_var * jnp.eye(len(y)) + X @ X.T / alpha, y) / alpha,
            jnp.eye(X.shape[1]) / alpha
            - X.T @ jnp.linalg.solve(noise_var * jnp.eye(len(y)) + X @ X.T / alpha, X) / alpha**2,
        ],
    ],
    "B1.14": [
        lambda X_new, mu, Sigma, noise_var=1.0: (
            jnp.dot(X_new, mu),
            jnp.sqrt(variance(X_new, Sigma)),
            jnp.sqrt(noise_var + jnp.einsum("nd,de,ne->n", X_new, Sigma, X_new)),
        ),
        lambda X_new, mu, Sigma, noise_var=1.0: [
            jax.vmap(jnp.dot, (0, None))(X_new, mu),
            *(jnp.sqrt(jnp.sum(X_new.T * (Sigma @ X_new.T), 0) + s) for s in (0, noise_var)),
        ],
        lambda X_new, mu, Sigma, noise_var=1.0: jax.vmap(
            lambda x: (x @ mu, (x @ Sigma @ x) ** 0.5, (x @ Sigma @ x + noise_var) ** 0.5)
        )(X_new),
    ],
    "B1.16": [
        lambda y, mean, sd, level: jnp.mean(
            jnp.abs((y - mean) / sd) <= scipy.stats.norm.ppf(1 - (1 - level) / 2)
        ),
        lambda y, mean, sd, level: jnp.mean(2 * jnp.abs(norm.cdf(y, mean, sd) - 0.5) <= level),
        lambda y, mean, sd, level: (
            1
            - np.mean(
                np.abs(np.asarray(y - mean)) > scipy.stats.norm.interval(level)[1] * np.asarray(sd)
            )
        ),
    ],
    "B1.9": [
        by_weights,
        partial(factored, factor=1.0),
        lambda X, y, alpha: jnp.log(
            jax.scipy.stats.multivariate_normal.pdf(
                y, jnp.zeros(len(y)), example_covariance(X, alpha)
            )
        ),
        by_scipy,
    ],
    "B1.15": [
        smaller_of,
        lambda Phi, y, alpha: (
            factored(Phi, y, alpha, 1.0) if len(y) <= Phi.shape[1] else by_weights(Phi, y, alpha)
        ),
    ],
    "B1.17": [
        lambda K, k_new, k_new_new, y, noise_var=1.0: (
            gp(K, k_new, k_new_new, y, noise_var)[0],
            jnp.sqrt(jnp.maximum(gp(K, k_new, k_new_new, y, noise_var)[1], 0)),
        ),
        lambda K, k_new, k_new_new, y, noise_var=1.0: (
            jax.scipy.linalg.solve(K + noise_var * jnp.eye(len(y)), y, assume_a="pos") @ k_new.T,
            jnp.sqrt(
                jnp.diag(
                    jnp.diag(k_new_new)
                    - k_new @ jnp.linalg.inv(K + noise_var * jnp.eye(len(y))) @ k_new.T
                )
            ),
        ),
    ],
    "B1.18": [
        lambda r, df, scale: jax.scipy.stats.t.logpdf(r / scale, df) - jnp.log(scale),
        lambda r, df, scale: (
            student_constant(df, scale)
            - (df + 1) / 2 * jnp.logaddexp(0.0, jnp.log((r / scale) ** 2 / df))
        ),
        lambda r, df, scale: scipy.stats.t.logpdf(np.asarray(r), df, scale=scale).astype("float32"),
    ],
    "B1.19": [
        lambda scores, level: sorted([*scores.tolist(), math.inf])[rank(scores, level) - 1],
        lambda scores, level: (
            jnp.inf
            if rank(scores, level) > len(scores)
            else -jax.lax.top_k(-scores, rank(scores, level))[0][-1]
        ),
        lambda scores, level: (
            np.quantile(
                np.asarray(scores), rank(scores, level) / len(scores), method="inverted_cdf"
            )
            if rank(scores, level) <= len(scores)
            else np.inf
        ),
    ],
}


def verdict_on(exercise, answer):
    text = ExerciseText(
        exercise, "slug", "Title", "code", "beginner", False, 5, "prompt", (), 1,
        answer_name="answer",
    )  # fmt: skip
    return judge(text, CODE[exercise], answer)


def _each(answers):
    return [
        pytest.param(exercise, answer, id=f"{exercise}-{place}")
        for exercise, several in answers.items()
        for place, answer in enumerate(several)
    ]


@pytest.mark.parametrize(("exercise", "answer"), _each(WRONG))
def test_an_unlisted_wrong_answer_is_told_what_is_wrong(exercise, answer):
    words, function = answer
    verdict = verdict_on(exercise, function)
    assert verdict.verdict in ("failed", "errored")
    told = f"{verdict.failed_case}. {verdict.message} {verdict.advice}"
    assert re.search(words, told), told


@pytest.mark.parametrize(("exercise", "answer"), _each(RIGHT))
def test_an_unlisted_right_answer_in_another_style_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, f"{verdict.failed_case}: {verdict.message}"
