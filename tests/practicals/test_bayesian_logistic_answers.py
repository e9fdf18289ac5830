"""B2 tried on answers of people who did not read the checks.

None of these answers is listed by an exercise. A wrong one is rejected, and its verdict says the
words beside it; a right one in another style passes.
"""

import re

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import scipy.optimize

from mazoezi.course._judge import judge
from mazoezi.course._source import ExerciseText
from mazoezi.practicals.bayesian.exercises import calibration, newton_laplace, stable_likelihood

pytestmark = pytest.mark.slow  # some sixty answers, a third of which compile several losses

CODE = {one.id: one for one in (stable_likelihood, newton_laplace, calibration)}
sigmoid, log_sigmoid, softplus = jax.nn.sigmoid, jax.nn.log_sigmoid, jax.nn.softplus


def halved(loss, w, direction):
    """Return the first of w - d, w - d/2, ... with a lower loss."""
    for halvings in range(30):
        if loss(w - direction / 2**halvings) < loss(w):
            return w - direction / 2**halvings
    return w


def newton(loss, w0, steps=30, tolerance=1e-6):
    """Return the mode by damped Newton steps."""
    value, gradient, hessian = map(jax.jit, (loss, jax.grad(loss), jax.hessian(loss)))
    w = w0
    for _ in range(steps):
        g = gradient(w)
        if jnp.linalg.norm(g) < tolerance:
            break
        w = halved(value, w, jnp.linalg.solve(hessian(w), g))
    return w


def inverse_hessian(loss, w):
    return jnp.linalg.inv(jax.hessian(loss)(w))


def half_as_bold(loss, w0):
    w, gradient, hessian = w0, jax.jit(jax.grad(loss)), jax.jit(jax.hessian(loss))
    for _ in range(60):
        w = w - jnp.linalg.solve(hessian(w), gradient(w)) / 2
    return w, inverse_hessian(loss, w)


def descended(loss, w0):
    gradient = jax.jit(jax.grad(loss))
    w = w0
    for _ in range(50):
        w = w - 0.1 * gradient(w)
    return w, inverse_hessian(loss, w)


def outer_products(loss, w0):
    mode = newton(loss, w0)
    g = jax.grad(loss)(mode)
    return mode, jnp.linalg.inv(jnp.outer(g, g))


def traced_condition(loss, w0):
    @jax.jit
    def step(w):
        g = jax.grad(loss)(w)
        d = jnp.linalg.solve(jax.hessian(loss)(w), g)
        return w - d if loss(w - d) < loss(w) else w - d / 2

    w = w0
    for _ in range(30):
        w = step(w)
    return w, inverse_hessian(loss, w)


def uphill_search(loss, w0):
    w = w0
    for _ in range(20):
        d = jnp.linalg.solve(jax.hessian(loss)(w), jax.grad(loss)(w))
        w = halved(lambda v: -loss(v), w, d)
    return w, inverse_hessian(loss, w)


def by_scipy(loss, w0):
    with jax.enable_x64(True):
        value, gradient = jax.jit(loss), jax.jit(jax.grad(loss))
        found = scipy.optimize.minimize(
            value, np.asarray(w0, float), jac=gradient, method="BFGS", options={"gtol": 1e-9}
        )
    mode = jnp.asarray(found.x, "float32")
    return mode, inverse_hessian(loss, mode)


def by_while_loop(loss, w0):
    def step(w):
        g = jax.grad(loss)(w)
        d = jnp.linalg.solve(jax.hessian(loss)(w), g)
        t = jax.lax.while_loop(
            lambda t: (loss(w - t * d) >= loss(w)) & (t > 1e-8), lambda t: t / 2, 1.0
        )
        return jnp.where(loss(w - t * d) < loss(w), w - t * d, w)

    mode = jax.jit(lambda w: jax.lax.fori_loop(0, 50, lambda _, w: step(w), w))(w0)
    return mode, inverse_hessian(loss, mode)


def bins_of(p, bins):
    return jnp.minimum((p * bins).astype(int), bins - 1)


def summed(which, values, bins):
    return jnp.zeros(bins).at[which].add(values)


def by_masks(p, label, bins=10):
    total = 0.0
    for k in range(bins):
        inside = bins_of(p, bins) == k
        gap = jnp.abs(jnp.mean(p[inside]) - jnp.mean(label[inside]))
        total = total + jnp.mean(inside) * gap
    return total


def from_centres(p, label, bins=10):
    which = bins_of(p, bins)
    return jnp.sum(jnp.abs(summed(which, (which + 0.5) / bins - label, bins))) / len(p)


def confidence(p, label, bins=10):
    sure, right = jnp.maximum(p, 1 - p), (p >= 0.5) == (label == 1)
    return jnp.sum(jnp.abs(summed(bins_of(sure, bins), sure - right, bins))) / len(p)


def equal_counts(p, label, bins=10):
    which = jnp.argsort(jnp.argsort(p)) * bins // len(p)
    return jnp.sum(jnp.abs(summed(which, p - label, bins))) / len(p)


def digitised(p, label, bins=10):
    which = jnp.digitize(p, jnp.linspace(0, 1, bins + 1)) - 1
    return jnp.sum(jnp.abs(summed(which, p - label, bins))) / len(p)


WRONG = {
    "B2.2": [
        ("Both labels get", lambda t, y: y * log_sigmoid(t) + (1 - y) * log_sigmoid(t)),
        ("not 1 - log φ", lambda t, y: y * log_sigmoid(t) + (1 - y) * (1 - log_sigmoid(t))),
        (
            "Half of it is stable",
            lambda t, y: y * log_sigmoid(t) + (1 - y) * jnp.log(1 - sigmoid(t)),
        ),
        (
            r"computes \*both\* its sides",
            lambda t, y: (
                jnp.where(t > 0, -jnp.log1p(jnp.exp(-t)), t - jnp.log1p(jnp.exp(t))) - (1 - y) * t
            ),
        ),
        (
            "limit the logits",
            lambda t, y: y * jnp.clip(t, -30, 30) - softplus(jnp.clip(t, -30, 30)),
        ),
        ("labels of -1 and 1", lambda t, y: log_sigmoid(y * t)),
        ("only far from 0", lambda t, y: y * t - jnp.maximum(t, 0)),
        ("which axes should stay", lambda t, y: jnp.mean(y * t - softplus(t))),
        ("cross-entropy", lambda t, y: optax.sigmoid_binary_cross_entropy(t, y)),
        ("rounds to 0 or 1", lambda t, y: jnp.log(jnp.where(y == 1, sigmoid(t), 1 - sigmoid(t)))),
        (r"jnp.where\(condition", lambda t, y: log_sigmoid(t) if y == 1 else log_sigmoid(-t)),
        ("exchanged", lambda t, y: (1 - y) * t - softplus(t)),
        ("softplus is subtracted", lambda t, y: y * t + softplus(t)),
        ("y t is not to be added", lambda t, y: y * t - softplus(-t)),
        ("0.5; expected -0.693147", lambda t, y: -jnp.abs(y - sigmoid(t))),
    ],
    "B2.3": [
        ("0.995302; expected 1|entries differ", descended),
        ("Half a step everywhere", half_as_bold),
        ("where 0.571429 is expected", outer_products),
        ("has a shape and a dtype but no value", traced_condition),
        ("never leave the start", uphill_search),
        ("expected 2 values in a tuple", lambda loss, w0: newton(loss, w0)),
        (
            "other way round",
            lambda loss, w0: (inverse_hessian(loss, newton(loss, w0)), newton(loss, w0)),
        ),
        (
            "positive variances",
            lambda loss, w0: (newton(loss, w0), -inverse_hessian(loss, newton(loss, w0))),
        ),
        (
            "0.285714; expected 0.571429",
            lambda loss, w0: (newton(loss, w0), inverse_hessian(loss, newton(loss, w0)) / 2),
        ),
        (
            "You stop at a loss",
            lambda loss, w0: (
                newton(loss, w0, tolerance=0.05),
                inverse_hessian(loss, newton(loss, w0)),
            ),
        ),
        (
            "0.5; expected 0.571429",
            lambda loss, w0: (newton(loss, w0), 1 / jax.hessian(loss)(newton(loss, w0))),
        ),
        (
            "Cholesky",
            lambda loss, w0: (
                newton(loss, w0),
                jnp.linalg.cholesky(inverse_hessian(loss, newton(loss, w0))),
            ),
        ),
        (
            "three weights",
            lambda loss, w0: (
                newton(loss, w0, steps=2),
                inverse_hessian(loss, newton(loss, w0, steps=2)),
            ),
        ),
        (
            r"do not broadcast: \(2,\), \(3,\)",
            lambda loss, w0: (
                newton(loss, jnp.zeros(2)),
                inverse_hessian(loss, newton(loss, jnp.zeros(2))),
            ),
        ),
    ],
    "B2.4": [
        ("0/0 is not a number", by_masks),
        ("middle of the bin", from_centres),
        ("likelier label", confidence),
        (r"equally \*wide", equal_counts),
        ("falls out of the last bin", digitised),
        (
            "divide by the number of bins",
            lambda p, label, bins=10: jnp.mean(jnp.abs(summed(bins_of(p, bins), p - label, bins))),
        ),
        (
            "Divide by N",
            lambda p, label, bins=10: jnp.sum(jnp.abs(summed(bins_of(p, bins), p - label, bins))),
        ),
        ("Brier", lambda p, label, bins=10: jnp.mean((p - label) ** 2)),
        (
            r"shape \(10,\); expected \(\)",
            lambda p, label, bins=10: jnp.abs(summed(bins_of(p, bins), p - label, bins)) / len(p),
        ),
        (
            "single bin",
            lambda p, label, bins=10: (
                jnp.abs(jnp.sum(summed(bins_of(p, bins), p - label, bins))) / len(p)
            ),
        ),
        (
            "cannot be called as",
            lambda p, label: jnp.sum(jnp.abs(summed(bins_of(p, 10), p - label, 10))) / len(p),
        ),
        (
            "no index",
            lambda p, label, bins=10: jnp.sum(jnp.abs(summed(p * bins, p - label, bins))) / len(p),
        ),
        (
            r"\*begins\* at",
            lambda p, label, bins=10: (
                jnp.sum(jnp.abs(summed(jnp.ceil(p * bins).astype(int) - 1, p - label, bins)))
                / len(p)
            ),
        ),
    ],
}
RIGHT = {
    "B2.2": [
        lambda t, y: -optax.sigmoid_binary_cross_entropy(t, y),
        lambda t, y: y * t - jnp.maximum(t, 0) - jnp.log1p(jnp.exp(-jnp.abs(t))),
        lambda t, y: jnp.where(y == 1, log_sigmoid(t), log_sigmoid(-t)),
        lambda t, y: -y * softplus(-t) - (1 - y) * softplus(t),
        lambda t, y: -jnp.logaddexp(0.0, (1 - 2 * y) * t),
    ],
    "B2.3": [
        by_scipy,
        by_while_loop,
        lambda loss, w0: (newton(loss, w0), inverse_hessian(loss, newton(loss, w0))),
        lambda loss, w0: [newton(loss, w0), jnp.linalg.pinv(jax.hessian(loss)(newton(loss, w0)))],
    ],
    "B2.4": [
        lambda p, label, bins=10: sum(
            abs(float(jnp.sum(jnp.where(bins_of(p, bins) == k, p - label, 0.0)))) / len(p)
            for k in range(bins)
        ),
        lambda p, label, bins=10: (
            jnp.abs(jnp.bincount(bins_of(p, bins), p - label, length=bins)).sum() / len(p)
        ),
        lambda p, label, bins=10: (
            np.abs(np.bincount(np.asarray(bins_of(p, bins)), np.asarray(p - label))).sum() / len(p)
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
