"""Positions, slices, costs, contracts and blocks, tried on answers of people who did not read the checks.

None of these answers is listed by an exercise: the wrong ones must be rejected, the right ones pass.
"""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi.course._judge import judge
from mazoezi.course._source import ExerciseText
from mazoezi.practicals.array_algebra import exercises

pytestmark = pytest.mark.slow  # some hundred and fifty answers, each on many arrays

CODE = {
    one.id: one
    for name in exercises.__all__
    if hasattr(one := getattr(exercises, name), "alternatives") and hasattr(one, "reference")
}
SHAPES = ((4,), (2, 5), ())
PREDICTED = {
    "f[2, 0:3, 2]": (3,),
    "f[1:4, :, 0]": (3, 4),
    "f[-1, -3:]": (3, 3),
    "f[::2, 1:2, :]": (3, 1, 3),
    "f[0:5:3, -1, 1:]": (2, 2),
    "f[4, 0, -1]": (),
}
CAUGHT = {
    "brighten": False,
    "mean_square_error": False,
    "mean_square_error_in_steps": True,
    "turn": False,
    "mean_per_student": "only when sizes differ",
    "blacken_corner": False,
    "steps": True,
}
BY_HAND = [[[1, 1, 2], [3, 0, 4]], [[2, 2, 0], [2, 3, 1]]]
ROW = [(2, 0, 0), (2, 1, 0), (2, 3, 1), (2, 3, 2)]
COLUMN = [(2, 3, 1), (2, 3, 2), (4, 3, 1), (4, 3, 2)]
GREEN = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1]]


def products(formula, *shapes):
    total = 1
    for shape in shapes:
        total *= math.prod(shape)
    return total


def linear(image):
    v = image / 255
    return jnp.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def by_average_pooling(image, n):
    height, width = image.shape[:2]
    if height % n or width % n:
        raise ValueError("no whole blocks")
    total = sum(
        image[i::n, j::n].astype(jnp.float32) for i, j in itertools.product(range(n), range(n))
    )
    return total / n**2


def from_the_bound(m, n, budget):
    d = max(1, math.isqrt((m * n) // budget))
    while math.ceil(m / d) * math.ceil(n / d) > budget:
        d += 1
    return d


def by_bisection(m, n, budget):
    low, high = 1, max(m, n)
    while low < high:
        middle = (low + high) // 2
        if -(-m // middle) * -(-n // middle) <= budget:
            high = middle
        else:
            low = middle + 1
    return low


WRONG = {
    "A01.1": [
        lambda: ((4,), (5, 2), ()),
        lambda: ((3,), (2, 5), ()),
        lambda: ((4,), (2, 5), (0,)),
        lambda: [4, 2, 5],
        lambda: ((4,), (2, 5), None),
    ],
    "A02": [
        lambda matrix: matrix.min(),
        lambda matrix: matrix[:1, :1].sum(axis=0),
        lambda matrix: matrix.ravel()[-1],
        lambda matrix: matrix[0, 0] * 1.0 + 1,
        lambda matrix: str(matrix[0, 0]),
    ],
    "A03.1": [
        lambda: [[1, 1, 2, 3, 0, 4], [2, 2, 0, 2, 3, 1]],
        lambda: [[[1, 1, 2], [3, 0, 4]]],
        lambda: [[[1, 3], [1, 0], [2, 4]], [[2, 2], [2, 3], [0, 1]]],
        lambda: [[[1, 1, 2], [3, 4, 0]], [[2, 2, 0], [2, 3, 1]]],
    ],
    "A03": [
        lambda a: np.swapaxes(a, 0, 1),
        lambda a: a.transpose(2, 1, 0),
        lambda a: np.flip(a.transpose(2, 0, 1)),
        lambda a: list(a),
        lambda a: np.sort(a.transpose(2, 0, 1), axis=None).reshape(a.transpose(2, 0, 1).shape),
    ],
    "A04": [
        lambda shape: list(itertools.product(*map(range, shape)))[::-1],
        lambda shape: [list(p) for p in itertools.product(*map(range, shape[::-1]))],
        lambda shape: list(zip(*map(range, shape), strict=False)),
        lambda shape: math.prod(shape),
        lambda shape: [tuple(p[::-1]) for p in itertools.product(*map(range, shape[::-1]))],
    ],
    "A05": [
        lambda shape: list(itertools.product(*map(range, shape))) or [None],
        lambda shape: list(itertools.product(*map(range, shape))) if shape else [0],
        lambda shape: list(itertools.product(*map(range, shape))) if len(shape) != 1 else [0],
        lambda shape: [()] if 0 in shape else list(itertools.product(*map(range, shape))),
    ],
    "A13.1": [lambda: ROW[:3], lambda: [*ROW, ROW[0]], lambda: [p[1:] for p in ROW], lambda: 4],
    "A14.1": [
        lambda: COLUMN[:3],
        lambda: [(2, 3, 0), *COLUMN],
        lambda: [(p[0], p[2]) for p in COLUMN],
        lambda: np.zeros((4, 3)),
    ],
    "A15.1": [
        lambda: np.transpose(GREEN).tolist(),
        lambda: np.subtract(1, GREEN).tolist(),
        lambda: GREEN[:4],
        lambda: [cell for row in GREEN for cell in row],
    ],
    "A15": [
        lambda a: a[:, :, -2] if a.shape[2] == 4 else a[:, :, 0],
        lambda a: a.max(axis=2),
        lambda a: a[:, :, 1] * 1.0 + 0.5,
        lambda a: a[:, :, 1].ravel(),
        lambda a: a[:, :, :2],
    ],
    "A16.1": [lambda: [0, 0, 0], lambda: [0, 0, 0, 0, 0], lambda: 0, lambda: [[0, 0, 0, 0]]],
    "A16": [
        lambda a: a[-2:, :, 1],
        lambda a: a[:, -2, 1],
        lambda a: a[-2, :, -1],
        lambda a: a[-2, :, 1][::-1],
        lambda a: a[-2, :, 1].sum(),
    ],
    "A17.1": [lambda: [1, 1, 0], lambda: [0, 1], lambda: [[0, 1, 1]], lambda: [0, 255, 255]],
    "A17": [
        lambda a: a[-1, -1, ::-1],
        lambda a: a[:, -1, -1],
        lambda a: a[4, 3],
        lambda a: a[-1, -1, :].sum(),
        lambda a: a[-1, :, :],
    ],
    "A18.1": [lambda: [0], lambda: 3, lambda: (0, 0, 2), lambda: 255],
    "A18": [
        lambda a: a[2, 0, 0],
        lambda a: a[0, 0, 2:],
        lambda a: a[0, 2, 0],
        lambda a: a[0, 0].sum(),
        lambda a: a[0, 0, 2] + 1,
    ],
    "A21": [
        lambda: ({**PREDICTED, "f[-1, -3:]": (1, 3, 3)}, [0, 0, 0]),
        lambda: ({**PREDICTED, "f[::2, 1:2, :]": (3, 3)}, [0, 0, 0]),
        lambda: ({**PREDICTED, "f[0:5:3, -1, 1:]": (1, 2)}, [0, 0, 0]),
        lambda: (PREDICTED, [1, 1, 0]),
        lambda: (PREDICTED, [0, 0]),
        lambda: PREDICTED,
    ],
    "A19": [
        lambda m, n, d: math.ceil(m * n / d**2),
        lambda m, n, d: max(1, m // d) * max(1, n // d),
        lambda m, n, d: (m // d + 1) * (n // d + 1),
        lambda m, n, d: round(m / d) * round(n / d),
        lambda m, n, d: -(-m // d) + -(-n // d),
    ],
    "A20": [
        lambda m, n, budget: math.ceil(math.sqrt(m * n / budget)),
        lambda m, n, budget: by_bisection(m, n, budget) + 1,
        lambda m, n, budget: by_bisection(m, n, budget + 1),
        lambda m, n, budget: max(2, by_bisection(m, n, budget)),
        lambda m, n, budget: math.ceil(m * n / budget),
    ],
    "A42": [
        products,
        lambda formula, *shapes: sum(map(math.prod, shapes)),
        lambda formula, *shapes: math.prod(shapes[0]),
        lambda formula, *shapes: len(set(formula)),
    ],
    "A43": [
        lambda: dict.fromkeys(CAUGHT, True),
        lambda: {**CAUGHT, "mean_per_student": True},
        lambda: {**CAUGHT, "turn": "only when sizes differ"},
        lambda: {k: v for k, v in CAUGHT.items() if k != "steps"},
        lambda: list(CAUGHT.values()),
    ],
    "A44": [
        lambda image: (image / 255) @ jnp.array([0.2126, 0.7152, 0.0722]),
        lambda image: linear(image) @ jnp.array([0.0722, 0.7152, 0.2126]),
        lambda image: linear(image).mean(axis=2),
        lambda image: linear(image) * jnp.array([0.2126, 0.7152, 0.0722]),
        lambda image: 255 * (linear(image) @ jnp.array([0.2126, 0.7152, 0.0722])),
    ],
    "A41": [
        lambda image, n: image[n // 2 :: n, n // 2 :: n] * 1.0,
        lambda image, n: by_average_pooling(image, n) * n,
        lambda image, n: jnp.round(by_average_pooling(image, n)),
        lambda image, n: by_average_pooling(image[: len(image) // n * n], n),
        lambda image, n: by_average_pooling(image, n).swapaxes(0, 1),
    ],
}
RIGHT = {
    "A01.1": [lambda: [(4,), (2, 5), ()], lambda: tuple(np.zeros(s).shape for s in SHAPES)],
    "A02": [lambda matrix: matrix[:1, :1].sum(), lambda matrix: next(iter(matrix.flat))],
    "A03.1": [lambda: np.array(BY_HAND), lambda: tuple(BY_HAND)],
    "A03": [lambda a: np.rollaxis(a, 2), lambda a: np.einsum("shf->fsh", a)],
    "A04": [
        lambda shape: list(np.ndindex(shape)),
        lambda shape: [tuple(map(int, p)) for p in np.argwhere(np.ones(shape))],
    ],
    "A05": [
        lambda shape: list(np.ndindex(shape)),
        lambda shape: [(*p,) for p in itertools.product(*(range(size) for size in shape))],
    ],
    "A13.1": [lambda: ROW[::-1], lambda: [list(p) for p in ROW]],
    "A14.1": [lambda: COLUMN[::-1], lambda: np.array(COLUMN)],
    "A15.1": [lambda: np.array(GREEN), lambda: tuple(map(tuple, GREEN))],
    "A15": [lambda a: np.take(a, 1, axis=2), lambda a: np.moveaxis(a, 2, 0)[1]],
    "A16.1": [lambda: np.zeros(4, int), lambda: (0, 0, 0, 0)],
    "A16": [lambda a: a[-2][:, 1], lambda a: a[len(a) - 2, ..., 1]],
    "A17.1": [lambda: np.array([0, 1, 1]), lambda: (0, 1, 1)],
    "A17": [lambda a: a[-1][-1], lambda a: a.reshape(-1, a.shape[2])[-1]],
    "A18.1": [lambda: np.int64(0), lambda: int(False)],
    "A18": [lambda a: a[0][0][2], lambda a: a.item(2) if a.shape[2] > 2 else a[0, 0, 2]],
    "A21": [lambda: (dict(reversed(PREDICTED.items())), (0, 0, 0))],
    "A19": [
        lambda m, n, d: len(range(0, m, d)) * len(range(0, n, d)),
        lambda m, n, d: math.ceil(m / d) * math.ceil(n / d),
    ],
    "A20": [from_the_bound, by_bisection],
    "A43": [lambda: dict(sorted(CAUGHT.items()))],
    "A44": [
        lambda image: jnp.tensordot(linear(image), jnp.array([0.2126, 0.7152, 0.0722]), axes=1),
        lambda image: (linear(image) * jnp.array([0.2126, 0.7152, 0.0722])).sum(axis=-1),
    ],
    "A41": [by_average_pooling],
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


@pytest.mark.parametrize("exercise", WRONG)
def test_each_exercise_lists_mistakes_and_an_alternative(exercise):
    assert len(CODE[exercise].mistakes) >= 2
    assert CODE[exercise].alternatives


def test_the_oracle_for_blocks_is_the_loop_over_blocks():
    image = np.random.default_rng(0).integers(0, 256, (6, 9, 3))
    loops = [[image[y : y + 3, x : x + 3].mean((0, 1)) for x in (0, 3, 6)] for y in (0, 3)]
    np.testing.assert_allclose(by_average_pooling(jnp.asarray(image), 3), loops, rtol=1e-6)
    assert jax.jit(by_average_pooling, static_argnums=1)(image, 3).shape == (2, 3, 3)
