"""Checks of J1.4, J1.5 and J1.12: derivatives by hand and by `grad`."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course import MathsExercise, code_exercise, maths_exercise
from mazoezi.practicals.intro_jax.exercises._recorded import recorded

# --- J1.4 and J1.5 Derivatives by hand -----------------------------------------------------------

_PLACES = {2: 3, 1: 5, 3: 4}  # where J1.4 asks, and where J1.5 does: never at x = 2 (see below)


def _slope(a, b, c, x):
    return 4 * a * x**3 + b


def _third(a, b, c, x):
    return 24 * a * x


slope_by_hand = maths_exercise(
    "J1.4", reference=_slope, numbers=[{"a": 6, "b": -9, "c": 4, "x": 2}], unknown="x"
)
third_by_hand = maths_exercise(
    "J1.5", reference=_third, numbers=[{"a": 6, "b": -9, "c": 4, "x": 3}], unknown="x"
)


@slope_by_hand.mistake("This is the function itself, not its slope: differentiate first.")
def the_value(a, b, c, x):
    return a * x**4 + b * x + c


@slope_by_hand.mistake(
    "The slope of the middle term is missing: b·x rises by b for each step of x, so its derivative "
    "is b."
)
def linear_term_missing(a, b, c, x):
    return 4 * a * x**3


@slope_by_hand.mistake("A constant has slope 0; you kept c.")
def constant_kept(a, b, c, x):
    return 4 * a * x**3 + b + c


@slope_by_hand.mistake("The exponent came down as a factor, but it must also be lowered by one.")
def exponent_kept(a, b, c, x):
    return 4 * a * x**4 + b


@slope_by_hand.mistake("You lowered the exponent; it must also come down as a factor, here 4.")
def factor_missing(a, b, c, x):
    return a * x**3 + b


@slope_by_hand.mistake("The factor is the old exponent, 4, and not the new one, 3.")
def new_exponent_as_factor(a, b, c, x):
    return 3 * a * x**3 + b


@slope_by_hand.mistake("The derivative of b·x is b: x itself goes.")
def linear_term_kept(a, b, c, x):
    return 4 * a * x**3 + b * x


@slope_by_hand.mistake("The sign of the middle term got lost: its derivative is b, sign included.")
def sign_of_linear_term(a, b, c, x):
    return 4 * a * x**3 - b


@slope_by_hand.mistake("That is the second derivative: you went one step too far.")
def second_derivative(a, b, c, x):
    return 12 * a * x**2


@third_by_hand.mistake("That is the second derivative: you are one derivative short.")
def one_short(a, b, c, x):
    return 12 * a * x**2


@third_by_hand.mistake("That is the fourth derivative: you went one too many.")
def one_too_many(a, b, c, x):
    return 24 * a


@third_by_hand.mistake("That is the first derivative: differentiate it twice more.")
def first_derivative(a, b, c, x):
    return 4 * a * x**3 + b


@third_by_hand.mistake("This is the function itself, not one of its derivatives.")
def no_derivative(a, b, c, x):
    return a * x**4 + b * x + c


@third_by_hand.mistake(
    "The exponents are right, but none came down as a factor: 4, then 3, then 2."
)
def factors_missing(a, b, c, x):
    return a * x


@third_by_hand.mistake("At the last step the exponent 2 must come down as a factor as well.")
def last_factor_missing(a, b, c, x):
    return 12 * a * x


@third_by_hand.mistake(
    "The factors are right, but the last exponent must still be lowered: x² becomes x."
)
def last_exponent_kept(a, b, c, x):
    return 24 * a * x**2


@third_by_hand.mistake("The exponent came down as 4 each time. It is 4, then 3, then 2.")
def same_factor_each_time(a, b, c, x):
    return 64 * a * x


@third_by_hand.mistake(
    "The middle term is a straight line: its slope is constant, and vanishes when you differentiate "
    "again."
)
def linear_term_left(a, b, c, x):
    return 24 * a * x + b


def _pools():
    """Return the pools of both exercises: the same functions, in the same order.

    A question is left out where a mistake gives the right number or the number of another mistake.
    At x = 2 the second and third derivative coincide (12 a x² = 24 a x), and at x = 1 the third
    and fourth, so the third derivative is asked at x = 3, 4 and 5.
    """
    slopes, thirds = [], []
    candidates = product(_PLACES, (6, *range(2, 10)), (-9, *range(-8, 10)), (4, -7, 3))
    for x, a, b, c in candidates:
        slope, third = {"a": a, "b": b, "c": c, "x": x}, {"a": a, "b": b, "c": c, "x": _PLACES[x]}
        if _clear(slope_by_hand, slope) and _clear(third_by_hand, third):
            slopes.append(slope)
            thirds.append(third)
    every = max(1, len(slopes) // 60)
    return tuple(slopes[::every]), tuple(thirds[::every])


def _clear(exercise: MathsExercise, numbers):
    """Say whether the right number and those of all mistakes differ from each other."""
    functions = [exercise.reference, *(mistake.function for mistake in exercise.mistakes)]
    return len({function(**numbers) for function in functions}) == len(functions)


slope_by_hand.numbers, third_by_hand.numbers = _pools()


# --- J1.12 Partial derivatives and auxiliary output ----------------------------------------------


def _loss(w, b, X, y):
    residuals = X @ w + b - y
    return jnp.mean(residuals**2) / 2, residuals


def _loss_and_parts(w, b, X, y):
    both = jax.value_and_grad(_loss, argnums=(0, 1), has_aux=True)
    (loss, residuals), gradients = both(w, b, X, y)
    return loss, gradients, residuals


loss_and_parts = code_exercise("J1.12", reference=_loss_and_parts, rtol=1e-4, atol=1e-5)


@loss_and_parts.case("two examples of one feature, easy numbers")
def _(rng):
    X = np.array([[1.0], [3.0]], np.float32)
    yield (
        np.array([2.0], np.float32),
        np.array(1.0, np.float32),
        X,
        np.array([2.0, 11.0], np.float32),
    )


def _examples(rng, count, features):
    """Return w, b, X and y, numbers of one decimal."""
    shapes = (features,), (), (count, features), (count,)
    return tuple(np.asarray(np.round(rng.normal(size=s), 1), np.float32) for s in shapes)


@loss_and_parts.case("more examples and features")
def _(rng):
    yield _examples(rng, 5, 3)
    yield _examples(rng, 5, 3)


@loss_and_parts.case("fewer examples than features")
def _(rng):
    yield _examples(rng, 2, 4)


@loss_and_parts.case("traced by `jit`", run=recorded)
def _(rng):
    yield _examples(rng, 5, 3)


@loss_and_parts.mistake(
    "`jax.grad` differentiates one number. Without `has_aux=True` it takes the pair (loss, residuals) "
    "for that number, and refuses. With it, the inner function must return the loss *first*: "
    "`return loss, residuals`."
)
def without_has_aux(w, b, X, y):
    (loss, residuals), gradients = jax.value_and_grad(_loss, argnums=(0, 1))(w, b, X, y)
    return loss, gradients, residuals


@loss_and_parts.mistake(
    "With `has_aux=True` the inner function must return the loss *first*, and the extra output "
    "second: `return loss, residuals`. Yours returns the residuals first."
)
def residuals_first(w, b, X, y):
    both = jax.value_and_grad(lambda w, b: _loss(w, b, X, y)[::-1], argnums=(0, 1), has_aux=True)
    (residuals, loss), gradients = both(w, b)
    return loss, gradients, residuals


@loss_and_parts.mistake(
    "This is the gradient with respect to w only: `argnums` is 0 if you do not say otherwise. Ask "
    "for `argnums=(0, 1)`."
)
def first_argument_only(w, b, X, y):
    (loss, residuals), gradient = jax.value_and_grad(_loss, has_aux=True)(w, b, X, y)
    return loss, gradient, residuals


@loss_and_parts.mistake(
    "You return what `value_and_grad` gave: ((loss, residuals), gradients). Unpack it and return "
    "`loss, gradients, residuals`."
)
def not_unpacked(w, b, X, y):
    return jax.value_and_grad(_loss, argnums=(0, 1), has_aux=True)(w, b, X, y)


@loss_and_parts.mistake(
    "The loss is missing: `jax.grad` gives (gradients, residuals) and drops the value. "
    "`jax.value_and_grad` keeps it."
)
def loss_missing(w, b, X, y):
    return jax.grad(_loss, argnums=(0, 1), has_aux=True)(w, b, X, y)


@loss_and_parts.mistake(
    "Three things are asked, the gradients as a pair in the middle: "
    "`return loss, (grad_w, grad_b), residuals`."
)
def flat(w, b, X, y):
    loss, (grad_w, grad_b), residuals = _loss_and_parts(w, b, X, y)
    return loss, grad_w, grad_b, residuals


@loss_and_parts.mistake("The two gradients are in the other order: first w, then b.")
def gradients_swapped(w, b, X, y):
    loss, (grad_w, grad_b), residuals = _loss_and_parts(w, b, X, y)
    return loss, (grad_b, grad_w), residuals


@loss_and_parts.mistake(
    "The residuals have the other sign: they are prediction minus target. (The loss does not "
    "notice.)"
)
def residuals_negated(w, b, X, y):
    loss, gradients, residuals = _loss_and_parts(w, b, X, y)
    return loss, gradients, -residuals


@loss_and_parts.mistake(
    "Loss and gradients are twice what is asked: the loss here is *half* the mean of the squares."
)
def without_the_half(w, b, X, y):
    loss, (grad_w, grad_b), residuals = _loss_and_parts(w, b, X, y)
    return 2 * loss, (2 * grad_w, 2 * grad_b), residuals


@loss_and_parts.mistake("You sum over the examples; the loss is half the *mean* of the squares.")
def summed(w, b, X, y):
    loss, (grad_w, grad_b), residuals = _loss_and_parts(w, b, X, y)
    count = len(y)
    return count * loss, (count * grad_w, count * grad_b), residuals


@loss_and_parts.mistake("Your prediction is X w without the b.")
def without_b(w, b, X, y):
    return _loss_and_parts(w, 0.0 * b, X, y)


@loss_and_parts.mistake(
    "You return the squared residuals; asked are the residuals themselves, X w + b - y."
)
def residuals_squared(w, b, X, y):
    loss, gradients, residuals = _loss_and_parts(w, b, X, y)
    return loss, gradients, residuals**2


@loss_and_parts.alternative
def in_two_steps(w, b, X, y):
    def loss(w, b):
        return 0.5 * jnp.mean((y - b - X @ w) ** 2)

    return loss(w, b), jax.grad(loss, (0, 1))(w, b), X @ w + b - y


@loss_and_parts.alternative
def one_gradient_each(w, b, X, y):
    loss, residuals = _loss(w, b, X, y)
    grad_w, _ = jax.grad(_loss, has_aux=True)(w, b, X, y)
    grad_b, _ = jax.grad(_loss, argnums=1, has_aux=True)(w, b, X, y)
    return loss, (grad_w, grad_b), residuals


@loss_and_parts.alternative
def by_hand(w, b, X, y):
    residuals = jnp.einsum("nd,d->n", X, w) + b - y
    return (
        residuals @ residuals / (2 * len(y)),
        (X.T @ residuals / len(y), residuals.mean()),
        residuals,
    )


@loss_and_parts.alternative
def parameters_as_a_tree(w, b, X, y):
    def loss(params):
        w, b = params
        return _loss(w, b, X, y)

    (value, residuals), gradients = jax.value_and_grad(loss, has_aux=True)((w, b))
    return [value, gradients, residuals]
