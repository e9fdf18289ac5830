"""Linearised and combined predictions, and two labs, tried on answers of people who did not read the checks.

None of these answers is listed by an exercise: the wrong ones must be rejected and told why, the right
ones pass.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi import datasets
from mazoezi.course._judge import judge
from mazoezi.course._source import ExerciseText
from mazoezi.practicals.bayesian import exercises, labs

pytestmark = pytest.mark.slow  # some fifty answers, each on many arrays

CHECKS = {
    "B4.1": exercises.two_weight_starts,
    "B4.3": exercises.relu_starts,
    "B4.5": exercises.linearised,
    "B4.6": exercises.combine,
}


def verdict_on(exercise, answer):
    kind = "experiment" if exercise in ("B4.1", "B4.3") else "code"
    text = ExerciseText(
        exercise, "slug", "Title", kind, "beginner", False, 5, "prompt", (), 1,
        answer_name="answer",
    )  # fmt: skip
    return judge(text, CHECKS[exercise], answer)


# --- Code: B4.5 and B4.6 -------------------------------------------------------------------------


def jacobian(network, mode, x):
    return jax.jacobian(lambda w: network(x, w))(mode)


def sd_of(network, mode, covariance, x):
    J = jacobian(network, mode, x)
    return jnp.sqrt(jnp.einsum("nd,de,ne->n", J, covariance, J))


def by_drawing_weights(network, mode, covariance, x):
    weights = jax.random.multivariate_normal(jax.random.key(7), mode, covariance, (2000,))
    outputs = jax.vmap(lambda w: network(x, w))(weights)
    return outputs.mean(axis=0), outputs.std(axis=0)


def summed_over_inputs(network, mode, covariance, x):
    J = jacobian(network, mode, x)
    return network(x, mode), jnp.sqrt(jnp.sum((J @ covariance) * J, axis=0))


def jacobian_turned(network, mode, covariance, x):
    J = jacobian(network, mode, x).T
    return network(x, mode), jnp.sqrt(jnp.sum((J @ covariance) * J, axis=1))


def weights_before_inputs(network, mode, covariance, x):
    return network(mode, x), sd_of(network, mode, covariance, x)


def one_for_all(network, mode, covariance, x):
    return network(x, mode), jnp.full(x.shape, jnp.mean(sd_of(network, mode, covariance, x)))


def by_plain_numpy(network, mode, covariance, x):
    J = np.asarray(jacobian(network, mode, x))
    return network(x, mode), np.sqrt(np.sum((J @ np.asarray(covariance)) * J, axis=1))


def grad_of_all_outputs(network, mode, covariance, x):
    g = jax.grad(lambda w: network(x, w))(mode)
    return network(x, mode), jnp.sqrt(g @ covariance @ g)


def band_of_two(network, mode, covariance, x):
    return network(x, mode), 2 * sd_of(network, mode, covariance, x)


def both_ends(network, mode, covariance, x):
    mean, sd = network(x, mode), sd_of(network, mode, covariance, x)
    return mean - sd, mean + sd


def mixture(weights, means, sds):
    mean = weights @ means
    return mean, jnp.sqrt(weights @ (sds**2 + (means - mean) ** 2))


def mean_of_weighted(elbos, means, sds):
    shares = jax.nn.softmax(elbos)[:, None]
    return jnp.mean(shares * means, axis=0), jnp.mean(shares * sds, axis=0)


def averaged_over_inputs(elbos, means, sds):
    return jnp.mean(means, axis=1), jnp.mean(sds, axis=1)


def spread_by_size(elbos, means, sds):
    weights = jax.nn.softmax(elbos)
    mean = weights @ means
    return mean, weights @ (sds + jnp.abs(means - mean))


WRONG = {
    "B4.5": [
        by_drawing_weights,
        summed_over_inputs,
        jacobian_turned,
        weights_before_inputs,
        one_for_all,
        by_plain_numpy,
        grad_of_all_outputs,
        band_of_two,
        both_ends,
        lambda network, mode, covariance, x: (network(x, mode), sd_of(network, mode, covariance @ covariance, x)),
        lambda network, mode, covariance, x: None,
    ],
    "B4.6": [
        mean_of_weighted,
        averaged_over_inputs,
        spread_by_size,
        lambda elbos, means, sds: jax.nn.softmax(elbos),
        lambda elbos, means, sds: mixture(jax.nn.softmax(jnp.exp(elbos)), means, sds),
        lambda elbos, means, sds: mixture(jax.nn.softmax(elbos / 10), means, sds),
        lambda elbos, means, sds: mixture(jax.nn.softmax(2 * elbos), means, sds),
        lambda elbos, means, sds: mixture(jax.nn.sigmoid(elbos), means, sds),
        lambda elbos, means, sds: (jnp.median(means, axis=0), jnp.median(sds, axis=0)),
        lambda elbos, means, sds: mixture(jax.nn.softmax(elbos), means, sds)[::-1],
        lambda elbos, means, sds: jnp.stack(mixture(jax.nn.softmax(elbos), means, sds * 0 + 1)),
    ],
}  # fmt: skip


def row_by_row(network, mode, covariance, x):
    mean = network(x, mode)
    rows = jacobian(network, mode, x)
    return mean, jnp.array([jnp.sqrt(row @ covariance @ row) for row in rows])


def by_forward_mode(network, mode, covariance, x):
    L = jnp.linalg.cholesky(covariance)
    push = jax.vmap(lambda v: jax.jvp(lambda w: network(x, w), (mode,), (v,))[1], 1, 1)
    return network(x, mode), jnp.sqrt(jnp.sum(push(L) ** 2, axis=1))


def in_logs(elbos, means, sds):
    logs = elbos - jax.scipy.special.logsumexp(elbos)
    return mixture(jnp.exp(logs), means, sds)


def by_outer_differences(elbos, means, sds):
    weights = jnp.exp(elbos - jnp.max(elbos))
    weights = weights / jnp.sum(weights)
    pairs = (means[:, None] - means[None]) ** 2  # [fits, fits, inputs]
    between = jnp.einsum("k,l,klm->m", weights, weights, pairs) / 2
    return jnp.einsum("k,km->m", weights, means), jnp.sqrt(weights @ sds**2 + between)


RIGHT = {"B4.5": [row_by_row, by_forward_mode], "B4.6": [in_logs, by_outer_differences]}


# --- Experiments: B4.1 and B4.3 ------------------------------------------------------------------

GRID = ((2, 2), (2, 0), (0, 2), (-2, -2), (-2, 0), (0, -2), (2, -2), (-2, 2), (0, 0))
UP, DOWN, LINE, DEAD = "flat then up", "up then flat", "straight line", "dead unit"


def two_weights(starts, predicted=()):
    lab = labs.TwoWeightLab(*datasets.identity())
    for w0, w1 in starts:
        lab.set(w0=w0, w1=w1)
    for said, w0, w1 in predicted:
        lab.predict(said, w0=w0, w1=w1)
    return lab


def relu(starts, combined=()):
    lab = labs.ReluLab(*datasets.identity())
    for start in starts:
        lab.set(start=start)
    for first, second, share in combined:
        lab.set(start=first, second=second, share=share)
    return lab


MISUSED = {
    "B4.1": [
        lambda: two_weights([(1, 1)] * 9),
        lambda: two_weights([(1, 1), (2, -2), (-1, -1)] * 3),
        lambda: two_weights([(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (1, 3), (2, -2), (1, -1), (3, 3)]),
        lambda: two_weights(GRID, [("positive", 1, 2.5), ("negative", 1, -2.5)]),
        lambda: two_weights(GRID, [("collapsed", 3, -1), ("positive", 1, 1), ("negative", -1, -1)]),
    ],
    "B4.3": [
        lambda: relu([UP]),
        lambda: relu([UP, DOWN, LINE, DEAD], [(UP, LINE, 0.49)]),
        lambda: relu([UP, DOWN, LINE, DEAD], [(UP, DOWN, 0.6)]),
        lambda: relu([UP, DOWN, LINE, DEAD], [(DOWN, UP, 0.52)]),
        lambda: relu([UP, DOWN, LINE], [(UP, DOWN, 0.52)]),
    ],
}  # fmt: skip
USED = {
    "B4.1": [
        lambda: two_weights(
            GRID[:6], [("collapsed", 3, -3), ("collapsed", 3, 1), ("positive", -0.5, 2), ("negative", -3, 2)]
        )
    ],
    "B4.3": [lambda: relu([], [(LINE, DOWN, 0.5), (DEAD, DOWN, 0.52), (UP, DOWN, 0.8), (DOWN, UP, 0.48)])],
}  # fmt: skip


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
    assert verdict.failed_case


@pytest.mark.parametrize(("exercise", "answer"), _each(RIGHT))
def test_an_unlisted_right_answer_in_another_style_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, f"{verdict.failed_case}: {verdict.message}"


@pytest.mark.parametrize(("exercise", "use"), _each(MISUSED))
def test_a_lab_used_in_an_unlisted_way_that_misses_the_point_is_told_what_to_try(exercise, use):
    verdict = verdict_on(exercise, use())
    assert verdict.verdict == "failed"
    assert verdict.message


@pytest.mark.parametrize(("exercise", "use"), _each(USED))
def test_a_lab_used_in_an_unlisted_way_that_finds_all_passes(exercise, use):
    verdict = verdict_on(exercise, use())
    assert verdict.passed, f"{verdict.failed_case}: {verdict.message}"


@pytest.mark.parametrize(
    ("exercise", "answer", "advice"),
    [
        ("B4.5", lambda n, m, c, x: (sd_of(n, m, c, x), n(x, m)), "wrong order"),
        ("B4.5", lambda n, m, c, x: (n(x, m), sd_of(n, m, jnp.diag(jnp.diag(c)), x)), "diagonal"),
        ("B4.6", lambda e, m, s: mixture(e / e.sum(), m, s), "logarithm"),
        ("B4.6", lambda e, m, s: mixture(jnp.ones(len(e)) / len(e), m, s), "count the same"),
        ("B4.6", lambda e, m, s: mixture(jnp.exp(e - e.max()), m, s), "add up to one"),
    ],
)
def test_what_learners_do_most_often_has_its_own_advice(exercise, answer, advice):
    assert advice in verdict_on(exercise, answer).advice
