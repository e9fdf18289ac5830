"""The quizzes: what a computer can settle in their questions is settled here, not believed."""

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax
import pytest

from mazoezi.course._judge import judge
from mazoezi.course._judge_words import options_of, right_option
from mazoezi.course._practical import find_practical

QUIZZES = {
    "Part 1": ("intro-jax", [f"J1.{n}" for n in range(16, 22)]),
    "Part 2": ("intro-jax", [f"J2.{n}" for n in range(16, 22)]),
    "arrays": ("array-algebra", [f"A45.{n}" for n in range(1, 6)]),
    "bayes": ("bayesian", [f"B6.{n}" for n in range(1, 6)]),
}
ALL = [(name, one) for name, ids in QUIZZES.values() for one in ids]


def text_of(practical, exercise):
    return find_practical(practical).exercises[exercise]


def claimed(practical, exercise):
    """Return the text of the right option, without marks."""
    text = text_of(practical, exercise)
    (right,) = [one for one in text.options if one.label.endswith("right")]
    return right.text.strip("`.")


@pytest.mark.parametrize(("practical", "exercise"), ALL)
def test_each_option_is_answered_in_words_of_its_own(practical, exercise):
    text = text_of(practical, exercise)
    assert text.kind == "choice" and text.optional and len(text.options) == 4
    notes = [note for _, _, note in options_of(text)]
    assert len(set(notes)) == 4 and all(len(note.split()) >= 8 for note in notes)
    for letter, right, note in options_of(text):
        verdict = judge(text, None, letter)
        assert verdict.verdict == ("passed" if right else "failed")
        assert (verdict.message if right else verdict.advice) == note


@pytest.mark.parametrize(("practical", "ids"), QUIZZES.values(), ids=QUIZZES)
def test_the_right_letters_cannot_be_guessed_from_one_another(practical, ids):
    letters = [right_option(text_of(practical, one)) for one in ids]
    assert len(set(letters)) >= 3
    assert all(letters.count(letter) <= len(ids) / 2 for letter in letters)


# --- Part 1 --------------------------------------------------------------------------------------


def test_j1_16_a_function_is_traced_once_for_each_shape():
    seen = []

    @jax.jit
    def double(x):
        seen.append(x.shape)
        return 2 * x

    for x in (jnp.zeros(3), jnp.ones(3), jnp.ones((3, 1)), jnp.zeros(3)):
        double(x)
    assert len(seen) == 2 and claimed("intro-jax", "J1.16").startswith("Two")


def test_j1_17_one_key_gives_one_sample_and_cannot_be_added_to():
    key = jr.key(0)
    np.testing.assert_array_equal(
        jr.normal(key, (5,)), jax.jit(jr.normal, static_argnums=1)(key, (5,))
    )
    with pytest.raises(TypeError):
        _ = key + 1


def test_j1_18_gradients_keep_the_examples_apart():
    def error(w, x, y):
        return (x @ w - y) ** 2

    arguments = jnp.ones(4), jnp.ones((10, 4)), jnp.ones(10)
    gradients = jax.vmap(jax.grad(error), in_axes=(None, 0, 0))(*arguments)
    assert claimed("intro-jax", "J1.18").startswith(str(gradients.shape))
    with pytest.raises(ValueError, match="inconsistent sizes"):
        jax.vmap(jax.grad(error), in_axes=0)(*arguments)


def test_j1_19_only_the_condition_on_a_value_fails():
    assert jax.jit(lambda x: x if x.shape[0] > 1 else -x)(jnp.ones(2)).tolist() == [1, 1]
    with pytest.raises(jax.errors.TracerBoolConversionError):
        jax.jit(lambda x: x if x[0] > 1 else -x)(jnp.ones(2))
    x = jnp.zeros(2)
    jax.jit(lambda x: x.at[0].set(1.0))(x)
    assert x.tolist() == [0, 0]


def test_j1_20_one_logarithm_has_value_and_slope_0_and_can_be_compiled():
    works = []
    for option in text_of("intro-jax", "J1.20").options:
        f = eval(f"lambda x: {option.text.strip('`')}", {"jnp": jnp})
        try:
            found = jax.jit(f)(0.0), jax.jit(jax.grad(f))(0.0)
        except jax.errors.TracerBoolConversionError:
            assert jax.grad(f)(0.0) == 0  # as its note says: `grad` alone goes along with it
            continue
        assert found[0] == 0 and jnp.allclose(f(jnp.e), 1.0)
        works += [option.label] if found[1] == 0 else []
    assert works == ["A right"]


# --- Part 2 --------------------------------------------------------------------------------------


def test_j2_16_without_the_half_the_same_rate_diverges():
    def distance(loss):
        w = 1.0
        for _ in range(50):
            w -= 0.4 * jax.grad(loss)(w)
        return abs(w)

    assert distance(lambda w: 3 * w**2 / 2) < 1e-6 < 1e6 < distance(lambda w: 3 * w**2)
    assert claimed("intro-jax", "J2.16") == "It diverges"


def test_j2_20_adams_first_step_has_the_length_of_the_rate():
    adam = optax.adam(0.01)
    updates, _ = adam.update(jnp.array([1000.0, -0.001]), adam.init(jnp.zeros(2)))
    np.testing.assert_allclose(np.asarray(updates), eval(claimed("intro-jax", "J2.20")), rtol=1e-3)


def test_j2_21_three_digits_of_seven_are_left_or_none():
    rng = np.random.default_rng(1)
    left, right = (np.linalg.qr(rng.normal(size=size))[0] for size in ((100, 5), (5, 5)))
    weights = rng.normal(size=5)
    X = left * np.logspace(0, -4, 5) @ right
    assert np.linalg.cond(X) == pytest.approx(1e4)
    single = jnp.asarray(X, jnp.float32), jnp.asarray(X @ weights, jnp.float32)

    def digits(found):
        return -np.log10(np.linalg.norm(found - weights) / np.linalg.norm(weights))

    X, y = single
    assert 2 < digits(jnp.linalg.lstsq(X, y)[0]) < 5
    assert digits(jnp.linalg.solve(X.T @ X, X.T @ y)) < 1


# --- Array algebra -------------------------------------------------------------------------------


def test_a45_1_the_shape_after_three_moves():
    x = np.zeros((5, 4, 3))
    shape = x[1:, 0][..., None].sum(axis=1).shape
    assert str(shape) == claimed("array-algebra", "A45.1")


def test_a45_2_the_largest_scores_do_not_fit_without_their_axis():
    scores = np.random.default_rng(0).normal(size=(8, 10))
    with pytest.raises(ValueError, match="broadcast"):
        np.subtract(scores, scores.max(axis=1))
    assert np.all((scores - scores.max(axis=1, keepdims=True)).max(axis=1) == 0)
    assert scores.max(axis=0).shape == (10,)


def test_a45_3_one_way_gives_each_head_its_half_of_every_word():
    x = np.arange(48).reshape(6, 8)
    right = []
    for option in text_of("array-algebra", "A45.3").options:
        heads = eval(option.text.strip("`"), {"x": x})
        assert heads.shape == (2, 6, 4)
        halves = x[:, :4], x[:, 4:]
        right += [option.label] if np.array_equal(heads, halves) else []
    assert right == ["C right"]


def test_a45_4_one_expression_is_the_contraction():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4))
    expected = np.einsum("bij,bkj->bik", x, y)
    right = []
    for option in text_of("array-algebra", "A45.4").options:
        try:
            found = eval(option.text.strip("`"), {"x": x, "y": y})
        except ValueError:
            continue
        right += [option.label] if np.allclose(found, expected) else []
    assert right == ["A right"]
    np.testing.assert_allclose((x[:, :, None] * y[:, None]).sum(axis=-1), expected)


@pytest.mark.parametrize("library", [np, jnp])
def test_a45_5_eight_bits_start_again_at_0(library):
    a, b = (library.full((1, 2), value, library.uint8) for value in (200, 100))
    assert np.all((a + b) / 2 == float(claimed("array-algebra", "A45.5")))
    assert np.all(a / 2 + b / 2 == 150)
