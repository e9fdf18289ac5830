"""Sampler, divergence and ELBO, tried on answers of people who did not read the checks.

None of these answers is listed by an exercise: the wrong ones must be rejected, the right ones pass.
"""

import functools

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest

from mazoezi.course._judge import judge
from mazoezi.course._source import ExerciseText
from mazoezi.practicals.bayesian import exercises

pytestmark = pytest.mark.slow  # some thirty answers, each on many draws

CODE = {"B3.9": exercises.draw_from_q, "B3.9.1": exercises.kl_to_prior, "B3.5": exercises.make_elbo}


def factor(q):
    return jnp.tril(q.lower, -1) + jnp.diag(jnp.exp(q.log_diagonal))


def draw(q, key, K):
    return q.mean + jr.normal(key, (K, q.mean.size)) @ factor(q).T


def kl(q, alpha):
    L, alphas = factor(q), alpha * jnp.ones_like(q.mean)
    squares = jnp.sum(alphas[:, None] * L**2) + jnp.sum(alphas * q.mean**2)
    logs = jnp.sum(jnp.log(alphas)) + 2 * jnp.sum(q.log_diagonal)
    return (squares - q.mean.size - logs) / 2


def fits(model, log_likelihood, q, key, K, X, y):
    """Log-likelihoods of all draws and examples: [K, N]."""
    return log_likelihood(jax.vmap(model, (None, 0))(X, draw(q, key, K)), y)


def elbo_of(rule):
    """Make a `make_elbo` of a rule for the fits [K, N], q, alpha and K."""

    def make_elbo(model, alpha, log_likelihood, K):
        def elbo(q, key, X, y):
            return rule(fits(model, log_likelihood, q, key, K, X, y), q, alpha, K)

        return elbo

    return make_elbo


def draws_and_noise_keys_swapped(q, key, K):
    mean_key, noise_key = jr.split(key)
    shaken = q.mean + 0.1 * jr.normal(mean_key, q.mean.shape)
    return shaken + jr.normal(noise_key, (K, q.mean.size)) @ factor(q).T


def key_used_twice(q, key, K):
    rows = [q.mean + factor(q) @ jr.normal(key, q.mean.shape) for _ in range(2)]
    rest = q.mean + jr.normal(key, (K - 2, q.mean.size)) @ factor(q).T
    return jnp.concatenate([jnp.stack(rows), rest])


def from_numpy(q, key, K):
    return np.random.default_rng(0).multivariate_normal(q.mean, q.covariance, K)


def inverse_factor(q, key, K):
    noise = jr.normal(key, (K, q.mean.size))
    return q.mean + jax.scipy.linalg.solve_triangular(factor(q), noise.T, lower=True).T


def antithetic(q, key, K):
    half = jr.normal(key, ((K + 1) // 2, q.mean.size))
    return q.mean + jnp.concatenate([half, -half])[:K] @ factor(q).T


def without_noise_outside(model, alpha, log_likelihood, K):
    def elbo(q, key, X, y):
        w = draw(q, jr.key(K), K)
        return jnp.mean(jnp.sum(log_likelihood(jax.vmap(model, (None, 0))(X, w), y), 1)) - kl(
            q, alpha
        )

    return elbo


def data_in_the_maker(model, alpha, log_likelihood, K, X=None, y=None):
    return lambda q, key: 0.0


def mean_subtracted_fit(model, alpha, log_likelihood, K):
    """Draw once for the fit, and again for its own control: right on average, too wide."""

    def elbo(q, key, X, y):
        one, two = jr.split(key)
        first = jnp.mean(jnp.sum(fits(model, log_likelihood, q, one, K, X, y), 1))
        other = jnp.mean(jnp.sum(fits(model, log_likelihood, q, two, K, X, y), 1))
        return 3 * first - 2 * other - kl(q, alpha)

    return elbo


WRONG = {
    "B3.9": [
        lambda q, key, K: draw(q, key, K + 1),
        lambda q, key, K: draw(q, key, K)[0],
        lambda q, key, K: draw(q, key, K).mean(axis=0),
        lambda q, key, K: jr.normal(key, (K, q.mean.size)) @ factor(q).T - q.mean,
        lambda q, key, K: q.mean + jr.normal(key, (K, 1)) @ factor(q).T.sum(0)[None],
        lambda q, key, K: q.mean + factor(q) @ jr.normal(key, (K, q.mean.size)),
        lambda q, key, K: q.mean + 2 * jr.normal(key, (K, q.mean.size)) @ factor(q).T,
        draws_and_noise_keys_swapped,
        key_used_twice,
        from_numpy,
        inverse_factor,
        antithetic,
    ],
    "B3.9.1": [
        lambda q, alpha: -kl(q, alpha),
        lambda q, alpha: kl(q, alpha) / jnp.log(2),
        lambda q, alpha: kl(q, alpha) / q.mean.size,
        lambda q, alpha: kl(q, jnp.mean(jnp.asarray(alpha))),
        lambda q, alpha: kl(q, alpha) + jnp.log(2 * jnp.pi),
        lambda q, alpha: jnp.abs(kl(q, alpha)) + 1e-2,
        lambda q, alpha: kl(q, jnp.sqrt(alpha)),
    ],
    "B3.5": [
        elbo_of(lambda fit, q, alpha, K: jnp.mean(jnp.sum(fit, 1) - K * kl(q, alpha))),
        elbo_of(lambda fit, q, alpha, K: jnp.sum(fit) / fit.shape[1] - kl(q, alpha)),
        elbo_of(lambda fit, q, alpha, K: jnp.sum(fit) / (K - 1 + (K == 1)) - kl(q, alpha)),
        elbo_of(lambda fit, q, alpha, K: jnp.max(jnp.sum(fit, 1)) - kl(q, alpha)),
        elbo_of(lambda fit, q, alpha, K: jnp.median(jnp.sum(fit, 1)) - kl(q, alpha)),
        elbo_of(lambda fit, q, alpha, K: jnp.mean(jnp.sum(fit, 1)) - kl(q, 1 / alpha)),
        elbo_of(lambda fit, q, alpha, K: (jnp.mean(jnp.sum(fit, 1)), kl(q, alpha))),
        elbo_of(lambda fit, q, alpha, K: jnp.mean(jnp.sum(fit, 0)) - kl(q, alpha)),
        without_noise_outside,
        data_in_the_maker,
        mean_subtracted_fit,
    ],
}


def by_partial(model, alpha, log_likelihood, K):
    def elbo(model, q, key, X, y):
        outputs = jnp.stack([model(X, w) for w in draw(q, key, K)], axis=-1)  # [N, K]
        return jnp.mean(log_likelihood(outputs, y[:, None]).sum(axis=0) - kl(q, alpha))

    return functools.partial(elbo, model)


def compiled(model, alpha, log_likelihood, K):
    @jax.jit
    def elbo(q, key, X, y):
        values = fits(model, log_likelihood, q, key, K, X, y)
        return values.sum() / K - kl(q, alpha)

    return elbo


RIGHT = {
    "B3.9": [
        lambda q, key, K: (factor(q) @ jr.normal(key, (q.mean.size, K))).T + q.mean,
        lambda q, key, K: (
            q.mean + jnp.tensordot(jr.normal(key, (K, q.mean.size)), factor(q), (1, 1))
        ),
        lambda q, key, K: (
            jnp.stack([draw(q, one, 1)[0] for one in jr.split(key, 4)])
            if K == 4
            else draw(q, key, K)
        ),
    ],
    "B3.9.1": [
        jax.jit(kl),
        lambda q, alpha: jnp.float32(0.0) + kl(q, jnp.asarray(alpha)),
        lambda q, alpha: sum(
            (a * (s + m**2) - 1 - jnp.log(a * r**2)) / 2
            for a, s, m, r in zip(
                alpha * jnp.ones_like(q.mean),
                jnp.sum(factor(q) ** 2, axis=1),
                q.mean,
                jnp.diagonal(factor(q)),
                strict=True,
            )
        ),
    ],
    "B3.5": [by_partial, compiled],
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
def test_an_unlisted_wrong_answer_is_rejected_and_told_why(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.verdict in ("failed", "errored")
    assert verdict.message


@pytest.mark.parametrize(("exercise", "answer"), _each(RIGHT))
def test_an_unlisted_right_answer_in_another_style_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, f"{verdict.failed_case}: {verdict.message}"


def test_a_python_loop_over_draws_passes_and_is_warned_of_what_it_costs():
    loop = next(one for one in CODE["B3.5"].alternatives if one.__name__ == "draw_by_draw")
    told = verdict_on("B3.5", loop)
    assert told.passed
    assert any("jax.vmap" in note for note in told.notes)
    assert not any("jax.vmap" in note for note in verdict_on("B3.5", CODE["B3.5"].reference).notes)
