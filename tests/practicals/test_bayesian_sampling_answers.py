"""Models, diagnostics, weights and leapfrogs, tried on answers of people who did not read the checks.

None of these answers is listed by an exercise: the wrong ones must be rejected, the right ones pass.
"""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import numpyro
import numpyro.distributions as dist
import pytest
from jax.scipy.special import logsumexp
from numpyro.diagnostics import split_gelman_rubin

from mazoezi import bayes, datasets
from mazoezi.course._judge import judge
from mazoezi.course._source import ExerciseText
from mazoezi.practicals.bayesian import exercises

pytestmark = pytest.mark.slow  # some forty answers, each in many cases

CODE = {
    "B5.2": exercises.network_model,
    "B5.3": exercises.rhat,
    "B5.3.1": exercises.mode_share,
    "B5.4": exercises.importance_posterior,
    "B5.6": exercises.leapfrog,
}


def prior(size, alpha, name="w"):
    return numpyro.sample(name, dist.Normal(0.0, alpha**-0.5).expand([size]).to_event(1))


def targets_as_mean(network, size, x, y=None, alpha=0.1):
    f = numpyro.deterministic("f", network(x, prior(size, alpha)))
    numpyro.sample("y", dist.Normal(0.0 if y is None else y, 1.0), obs=f)


def wide_noise(network, size, x, y=None, alpha=0.1):
    f = numpyro.deterministic("f", network(x, prior(size, alpha)))
    numpyro.sample("y", dist.Normal(f, 2.0), obs=y)


def bias_as_prior_mean(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(1.0, alpha**-0.5).expand([size]).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


def other_default(network, size, x, y=None, alpha=1.0):
    f = numpyro.deterministic("f", network(x, prior(size, alpha)))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


def nothing_sampled(network, size, x, y=None, alpha=0.1):
    w = dist.Normal(0.0, alpha**-0.5).expand([size]).sample(jr.key(0))
    f = numpyro.deterministic("f", network(x, w))
    numpyro.sample("y", dist.Normal(f, 1.0), obs=y)


def halves_of(chains):
    n = chains.shape[1] // 2
    return jnp.concatenate([chains[:, :n], chains[:, -n:]])


def one_for_each_chain(chains):
    return jax.vmap(lambda chain: exercises.rhat.reference(chain[None]))(chains)


def second_half_only(chains):
    n = chains.shape[1] // 2
    second = chains[:, n:]
    within = jnp.var(second, axis=1, ddof=1).mean()
    between = jnp.var(second.mean(axis=1), ddof=1)
    return jnp.sqrt(((n - 1) / n * within + between) / within)


def median_of_variances(chains):
    halves = halves_of(chains)
    n, within = halves.shape[1], jnp.median(jnp.var(halves, axis=1, ddof=1))
    between = jnp.var(halves.mean(axis=1), ddof=1)
    return jnp.sqrt(((n - 1) / n * within + between) / within)


def python_loop_over_wrong_axis(chains):
    return exercises.rhat.reference(chains.T)


def weights_drawn(log_likelihood, prior_sampler, key, n):
    w = prior_sampler(key, n)
    logs = jax.vmap(log_likelihood)(w)
    picks = jr.categorical(jr.fold_in(key, 1), logs, shape=(n,))
    return w[picks], jnp.full(n, 1 / n), float(n), logsumexp(logs) - jnp.log(n)


def own_key(log_likelihood, prior_sampler, key, n):
    return exercises.importance_posterior.reference(log_likelihood, prior_sampler, jr.key(0), n)


def sorted_weights(log_likelihood, prior_sampler, key, n):
    w, weights, *rest = exercises.importance_posterior.reference(
        log_likelihood, prior_sampler, key, n
    )
    return w, jnp.sort(weights), *rest


def quarter_kicks(gradient, w, momentum, step_size):
    momentum = momentum + step_size / 4 * gradient(w)
    w = w + step_size * momentum
    return w, momentum + step_size / 4 * gradient(w)


def ten_steps(gradient, w, momentum, step_size):
    for _ in range(10):
        w, momentum = exercises.leapfrog.reference(gradient, w, momentum, step_size / 10)
    return w, momentum


def gradient_descent(gradient, w, momentum, step_size):
    return w + step_size * gradient(w), momentum


def stacked(gradient, w, momentum, step_size):
    return jnp.stack(exercises.leapfrog.reference(gradient, w, momentum, step_size))


WRONG = {
    "B5.2": [
        bias_as_prior_mean, targets_as_mean, wide_noise, other_default,
        nothing_sampled,
    ],
    "B5.3": [
        one_for_each_chain, second_half_only, median_of_variances,
        python_loop_over_wrong_axis, lambda chains: 1.0,
    ],
    "B5.3.1": [
        lambda chains: chains > 0,
        lambda chains: 100 * jnp.mean(chains > 0, axis=1),
        lambda chains: jnp.mean(chains >= 1, axis=1),
        lambda chains: jnp.mean(jnp.sign(chains), axis=1),
        lambda chains: jnp.mean(chains > jnp.median(chains), axis=1),
        lambda chains: jnp.mean(jnp.abs(chains) > 0, axis=1),
    ],
    "B5.4": [
        weights_drawn, own_key, sorted_weights,
    ],
    "B5.6": [
        quarter_kicks, ten_steps, gradient_descent, stacked,
    ],
}  # fmt: skip


def with_sample_shape(network, size, x, y=None, alpha=0.1):
    w = numpyro.sample("w", dist.Normal(jnp.zeros(size), jnp.sqrt(1 / alpha)).to_event(1))
    f = numpyro.deterministic("f", network(x, w))
    return numpyro.sample("y", dist.Normal(f, jnp.ones(len(x))).to_event(1), obs=y)


def by_two_sums(chains):
    n = chains.shape[1] // 2
    parts = [chains[:, :n], chains[:, chains.shape[1] - n :]]
    means = jnp.array([jnp.mean(c) for part in parts for c in part])
    within = sum(jnp.sum((c - jnp.mean(c)) ** 2) for part in parts for c in part)
    within = within / (len(means) * (n - 1))
    return jnp.sqrt((n - 1) / n + jnp.var(means, ddof=1) / within)


def by_cumulative_logs(log_likelihood, prior_sampler, key, n):
    w = prior_sampler(key, n)
    logs = jax.vmap(log_likelihood)(w)
    log_weights = jax.nn.log_softmax(logs)
    weights = jnp.exp(log_weights)
    return w, weights, 1.0 / (weights @ weights), logs[0] - log_weights[0] - jnp.log(n)


def from_the_old_velocity(gradient, w, momentum, step_size):
    h, g = step_size, gradient(w)
    new_w = w + h * (momentum + 0.5 * h * g)
    return new_w, momentum + 0.5 * h * g + 0.5 * h * gradient(new_w)


RIGHT = {
    "B5.2": [with_sample_shape],
    "B5.3": [by_two_sums],
    "B5.3.1": [
        lambda chains: (chains > 0).sum(axis=1) / chains.shape[1],
        lambda chains: 1 - (chains <= 0).mean(axis=1),
    ],
    "B5.4": [by_cumulative_logs],
    "B5.6": [from_the_old_velocity],
}


def verdict_on(exercise, answer):
    text = ExerciseText(
        exercise, "slug", "Title", "code", "intermediate", False, 5, "prompt", (), 1,
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


def test_rhat_equals_that_of_numpyro():
    chains = np.random.default_rng(0).normal(size=(4, 100)) + np.arange(4)[:, None] / 3
    expected = split_gelman_rubin(chains)
    assert float(exercises.rhat.reference(jnp.asarray(chains))) == pytest.approx(expected, rel=1e-3)


def test_nuts_on_the_model_of_a_line_finds_the_closed_form():
    x, y = datasets.outlier()
    log_joint = bayes.model_log_density(
        exercises.network_model.reference, lambda x, w: w[0] + w[1] * x, 2, x, y, 5.0
    )
    starts = {"w": jnp.array([[-4.0, -4.0], [-4.0, 4.0], [4.0, -4.0], [4.0, 4.0]])}
    draws = bayes.nuts(log_joint, starts, jr.key(1), warmup=500, draws=1000).draws["w"]
    exact = bayes.posterior(bayes.affine_basis(x), y, 5.0)
    error = jnp.std(draws, axis=(0, 1)) / jnp.sqrt(bayes.effective_sample_size(draws))
    assert float(jnp.max(jnp.abs(jnp.mean(draws, axis=(0, 1)) - exact.mean) / error)) < 5
