"""Checks of J2.1, J2.3 to J2.5, J2.8, J2.9 and J2.14: a line, its loss, and the way downhill."""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from mazoezi import datasets, regression
from mazoezi.course import code_exercise, experiment_exercise
from mazoezi.practicals.intro_jax.exercises._recorded import recorded
from mazoezi.practicals.intro_jax.labs import FitByHand, GradientDescentLab

# --- J2.1 Fit a line by hand ---------------------------------------------------------------------

# What is said of a record is the same for all records of a kind, so that it can be diagnosed.
hand_fit = experiment_exercise("J2.1")


@hand_fit.task("a line with a loss of at most 0.25")
def _(lab, rng):
    size, price = (np.asarray(values) for values in datasets.houses())
    b, w = np.array([[visit.controls["b"], visit.controls["w"]] for visit in lab.visited]).T
    errors = w[:, None] * size + b[:, None] - price  # [lines, houses]
    losses = np.mean(errors**2, axis=1) / 2
    if losses.min() <= 0.25:
        return
    assert (w > 0).any(), (
        "Larger houses cost more, but none of your lines rises: w must be above 0."
    )
    assert losses.min() > 1, (
        "You are close. Go on from your best line, and trade the two against each other: a little "
        "more of one, a little less of the other."
    )
    above = errors[losses.argmin()].mean() > 0
    raise AssertionError(
        "Even your best line runs far above the houses: lower b or w."
        if above
        else "Even your best line runs far below the houses: raise b or w."
    )


def _by_hand(*lines, fine=False):
    lab = FitByHand(*datasets.houses(), fine=fine)
    for b, w in lines:
        lab.set(b=b, w=w)
    return lab


@hand_fit.mistake(
    "You moved b only, or w in the wrong direction. The slope decides whether the line rises at all: "
    "move w to the right."
)
@cache
def falling_lines():
    return _by_hand((3, -0.02), (5, -0.01), (4, 0.0))


@hand_fit.mistake(
    "A house of 210 m² multiplies w by 210: a single step of 0.01 lifts the line there by 2.1. Move "
    "w by one step at a time, and b in between."
)
@cache
def far_too_steep():
    return _by_hand((3, 0.03), (5, 0.04), (5, 0.05))


@hand_fit.mistake(
    "The slope is fine, but b holds the line down. The line should pass near the point (210, 3.74), "
    "the middle of the houses."
)
@cache
def far_too_low():
    return _by_hand((-3, 0.01), (-4, 0.01))


@hand_fit.mistake(
    "Stopping here is too early: the loss is still falling. Move one slider by one step, look "
    "whether the loss falls, and go on until no single step helps; then move both at once, against "
    "each other."
)
@cache
def stopped_early():
    return _by_hand((3, -0.02), (3, 0.0), (1, 0.01))


@hand_fit.alternative
def the_best_on_the_grid():
    return _by_hand((3, 0.0), (0, 0.02))


@hand_fit.alternative
def the_second_best_and_then_away():
    return _by_hand((2, 0.01), (5, 0.05))


@hand_fit.alternative
def with_fine_steps():
    return _by_hand((0.5, 0.0155), (0.25, 0.0165), fine=True)


# --- J2.3 Squared error --------------------------------------------------------------------------

# Right formulas differ in how they round: expanding the square cancels large terms.
squared_error = code_exercise("J2.3", reference=regression.squared_error, rtol=1e-5, atol=5e-5)


@squared_error.case("one house and one line, easy numbers")
def _(rng):
    yield 1.0, 2.0, 3.0, 10.0


@squared_error.case("the line runs above the house")
def _(rng):
    yield 0.5, 2.0, 3.0, 1.0


@squared_error.case("the line goes through the house")
def _(rng):
    yield 0.5, -1.5, 2.0, -2.5


@squared_error.case("many houses, one line")
def _(rng):
    yield 0.5, -1.25, rng.normal(size=5), rng.normal(size=5)


@squared_error.case("one house, a grid of lines")
def _(rng):
    yield rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), 1.5, -0.5


@squared_error.case("a line of its own for each house")
def _(rng):
    yield tuple(rng.normal(size=(4, 5)))


@squared_error.case("many houses on a grid of lines")
def _(rng):
    b, w = rng.normal(size=(2, 3, 4, 1))
    x, y = rng.normal(size=(2, 5))
    yield b, w, x, y


@squared_error.case("traced by `jit`", run=recorded)
def _(rng):
    yield 0.5, 2.0, 3.0, 1.0


@squared_error.case("its slope along b, by `jax.grad`", run=jax.grad)
def _(rng):
    yield from ((1.0, 2.0, 3.0, 10.0), (0.5, 2.0, 3.0, 1.0))


@squared_error.mistake(
    "The sign of the growth is right, but this is the *absolute* error: doubling the error must "
    "quadruple the value. Square it."
)
def absolute(b, w, x, y):
    return jnp.abs(y - w * x - b)


@squared_error.mistake(
    "This is the error itself, with its sign. Square it, so that errors above and below the line "
    "cannot cancel."
)
def not_squared(b, w, x, y):
    return y - (w * x + b)


@squared_error.mistake(
    "This is the error with its sign, prediction minus target. Square it, so that errors above and "
    "below the line cannot cancel."
)
def prediction_minus_target(b, w, x, y):
    return w * x + b - y


@squared_error.mistake("You multiply by 2; the square is `error ** 2`, with two stars.")
def doubled(b, w, x, y):
    return (y - w * x - b) * 2


@squared_error.mistake("b is missing: the line's value at x is w x + b.")
def without_b(b, w, x, y):
    return (y - w * x + 0 * b) ** 2


@squared_error.mistake("The target y is missing: this is the square of the prediction.")
def without_y(b, w, x, y):
    return (w * x + b + 0 * y) ** 2


@squared_error.mistake(
    "The sign of b is wrong: the whole prediction is taken away from y, so y - (w x + b), which is "
    "y - w x - b."
)
def bracket_lost(b, w, x, y):
    return (y - w * x + b) ** 2


@squared_error.mistake("b and w have changed places: w multiplies x, and b is added.")
def roles_swapped(b, w, x, y):
    return (y - b * x - w) ** 2


@squared_error.mistake(
    "x and y have changed places: the line predicts y from x, and y is what it is compared with."
)
def axes_swapped(b, w, x, y):
    return (x - w * y - b) ** 2


@squared_error.mistake("Your value is half of what is asked: the ½ belongs to the loss.")
def halved(b, w, x, y):
    return (y - w * x - b) ** 2 / 2


@squared_error.mistake(
    "You sum over the houses. Return one value for each of them; the loss will average later."
)
def summed(b, w, x, y):
    return jnp.sum((y - w * x - b) ** 2)


@squared_error.mistake(
    "You average over the houses. Return one value for each of them; the loss will average later."
)
def averaged(b, w, x, y):
    return jnp.mean((y - w * x - b) ** 2)


@squared_error.mistake(
    "This is the loss already. Asked is the squared error of each house: no mean, and no ½."
)
def the_loss(b, w, x, y):
    return jnp.mean((y - w * x - b) ** 2) / 2


@squared_error.mistake(
    "`jnp.dot` *sums* the products as soon as both w and x are arrays. Multiply element by "
    "element, with `*`."
)
def dot_product(b, w, x, y):
    return (y - jnp.dot(w, x) - b) ** 2


@squared_error.mistake(
    "`@` is a matrix product: it sums, and it refuses plain numbers. Multiply element by element, "
    "with `*`."
)
def matrix_product(b, w, x, y):
    return (y - w @ x - b) ** 2


@squared_error.mistake(
    "You square the target and the prediction apart; asked is the square of their *difference*."
)
def difference_of_squares(b, w, x, y):
    return y**2 - (w * x + b) ** 2


@squared_error.alternative
def expanded(b, w, x, y):
    return y * y + w * w * x * x + b * b - 2 * w * x * y - 2 * b * y + 2 * b * w * x


@squared_error.alternative
def by_square(b, w, x, y):
    prediction = w * x + b
    return jnp.square(prediction - y)


@squared_error.alternative
def by_names(b, w, x, y):
    return jnp.power(jnp.abs(jnp.subtract(y, jnp.add(jnp.multiply(w, x), b))), 2)


@squared_error.alternative
def times_itself(b, w, x, y):
    error = y - (b + x * w)
    return error * error


# --- J2.4 Gradient of the loss -------------------------------------------------------------------


def _gradient(b, w, x, y):
    error = w * x + b - y
    return jnp.mean(error), jnp.mean(error * x)


loss_gradient = code_exercise("J2.4", reference=_gradient, rtol=1e-4, atol=1e-5)


@loss_gradient.case("a single house, easy numbers")
def _(rng):
    yield 1.0, 2.0, np.array([3.0]), np.array([10.0])


@loss_gradient.case("two houses, easy numbers")
def _(rng):
    yield 1.0, 2.0, np.array([3.0, -1.0]), np.array([10.0, 2.0])


@loss_gradient.case("the line goes through both houses")
def _(rng):
    yield 1.0, 2.0, np.array([3.0, -1.0]), np.array([7.0, -1.0])


@loss_gradient.case("50 random lines on random houses")
def _(rng):
    for count in (2, 5):
        for _ in range(25):
            b, w = rng.normal(size=2)
            yield b, w, rng.normal(size=count) + 1, rng.normal(size=count)


@loss_gradient.mistake(
    "Both signs are flipped: moving against this would *raise* the loss. The inner derivative of "
    "y - w x - b is -x by w, and -1 by b."
)
def signs_flipped(b, w, x, y):
    error = y - w * x - b
    return jnp.mean(error), jnp.mean(error * x)


@loss_gradient.mistake("Twice too much: the ½ of the loss cancels the 2 of the power rule.")
def factor_two(b, w, x, y):
    error = w * x + b - y
    return 2 * jnp.mean(error), 2 * jnp.mean(error * x)


@loss_gradient.mistake(
    "Half of what it should be. The power rule brings down a 2, which cancels the ½ of the loss."
)
def half_kept(b, w, x, y):
    error = w * x + b - y
    return jnp.mean(error) / 2, jnp.mean(error * x) / 2


@loss_gradient.mistake("You sum over the houses; the 1/N of the loss stays in its gradient.")
def summed_gradient(b, w, x, y):
    error = w * x + b - y
    return jnp.sum(error), jnp.sum(error * x)


@loss_gradient.mistake(
    "In the derivative by w the factor xᵢ is missing: it is the inner derivative, of w xᵢ by w."
)
def inner_derivative_missing(b, w, x, y):
    error = w * x + b - y
    return jnp.mean(error), jnp.mean(error)


@loss_gradient.mistake(
    "The mean of a product is not the product of the means: multiply each house's error with its "
    "own xᵢ, and average then."
)
def product_of_means(b, w, x, y):
    error = w * x + b - y
    return jnp.mean(error), jnp.mean(error) * jnp.mean(x)


@loss_gradient.mistake("The two are in the other order: first the derivative by b, then by w.")
def order_swapped(b, w, x, y):
    by_b, by_w = _gradient(b, w, x, y)
    return by_w, by_b


@loss_gradient.mistake(
    "y stands outside the mean: each yᵢ belongs inside the bracket, with its own f(xᵢ)."
)
def bracket_missing(b, w, x, y):
    return jnp.mean(w * x + b) - y, jnp.mean((w * x + b) * x) - y


@loss_gradient.mistake("Here is one derivative for each house: average them.")
def not_averaged(b, w, x, y):
    error = w * x + b - y
    return error, error * x


@loss_gradient.mistake("Your prediction is w x without the b.")
def b_forgotten(b, w, x, y):
    error = w * x - y
    return jnp.mean(error), jnp.mean(error * x)


@loss_gradient.mistake("This is the loss, and not its gradient: two derivatives are asked.")
def loss_itself(b, w, x, y):
    return jnp.mean((y - w * x - b) ** 2) / 2


@loss_gradient.mistake("The derivative by w is right; the one by b is asked as well, as the first.")
def only_by_w(b, w, x, y):
    return jnp.mean((w * x + b - y) * x)


@loss_gradient.alternative
def by_autodiff(b, w, x, y):
    def loss(b, w):
        return jnp.mean((y - w * x - b) ** 2) / 2

    return jax.grad(loss, argnums=(0, 1))(b, w)


@loss_gradient.alternative
def in_a_loop(b, w, x, y):
    by_b = by_w = 0.0
    for x_i, y_i in zip(x, y, strict=True):
        by_b += w * x_i + b - y_i
        by_w += (w * x_i + b - y_i) * x_i
    return by_b / len(x), by_w / len(x)


@loss_gradient.alternative
def as_a_matrix_product(b, w, x, y):
    X = jnp.stack([jnp.ones_like(x), x], axis=1)  # [houses, 2]
    return tuple(X.T @ (X @ jnp.array([b, w]) - y) / x.shape[0])


@loss_gradient.alternative
def multiplied_out(b, w, x, y):
    return w * x.mean() + b - y.mean(), w * (x**2).mean() + b * x.mean() - (x * y).mean()


# --- J2.5 Gradient descent laboratory ------------------------------------------------------------

descent_lab = experiment_exercise("J2.5")

_OUT_OF_BOUNDS, _SLOW, _JUMPING = "diverging", "crawling", "chattering"


def _settings(lab, **wanted):
    """Return the (controls, results) of the visits with these controls."""
    return [
        (controls, results)
        for controls, results in lab.visited
        if all(controls[name] == value for name, value in wanted.items())
    ]


@descent_lab.task("1: a loss below 0.0615 in at most 200 steps")
def _(lab, rng):
    arrived = [controls for controls, results in lab.visited if results["loss"] < 0.0615]
    if any(controls["steps"] <= 200 for controls in arrived):
        return
    assert not arrived, "You got there, but with more than 200 steps: a larger rate needs fewer."
    standardised = _settings(lab, standardised=True)
    assert standardised, (
        "You have not tried standardised inputs yet. On raw inputs no rate gets there in 200 steps."
    )
    phenomena = [results["phenomenon"] for _, results in standardised]
    assert not all(_OUT_OF_BOUNDS in one for one in phenomena), (
        "With standardised inputs your rates all diverge: the largest stable one is 2."
    )
    raise AssertionError("Not there yet with standardised inputs: look for a better rate.")


@descent_lab.task("2: the border of stability on raw inputs, to 10 %")
def _(lab, rng):
    raw = _settings(lab, standardised=False, clipping="none")
    if not raw:
        raise AssertionError(_why_nothing_raw(lab))
    stable = [
        controls["rate"]
        for controls, results in raw
        if _OUT_OF_BOUNDS not in results["phenomenon"] and controls["rate"] < results["stable_rate"]
    ]
    unstable = [
        controls["rate"]
        for controls, results in raw
        if _OUT_OF_BOUNDS in results["phenomenon"] and controls["rate"] > results["stable_rate"]
    ]
    assert stable, "On raw inputs all your descents diverge so far: go to smaller rates."
    assert unstable, "On raw inputs none of your descents diverges so far: go to larger rates."
    assert min(unstable) <= 1.1 * max(stable), (
        "On raw inputs you have a rate on either side of the border, but they are more than 10 % "
        "apart: close in."
    )


def _why_nothing_raw(lab):
    """Say what to do for the second task where nothing was tried on raw inputs without clipping."""
    rates = [controls["rate"] for controls, _ in _settings(lab, clipping="none")]
    if any(1.5 < rate < 2 for rate in rates) and any(rate > 2 for rate in rates):
        return "You looked for the border with standardised inputs: switch standardisation off."
    if any(not controls["standardised"] for controls, _ in lab.visited):
        return (
            "On raw inputs you always clip, and then nothing can explode: set clipping to `none`."
        )
    return "Switch standardisation off, and clipping to `none`: there the border is asked."


@descent_lab.task("3: a rate at which 200 steps are not nearly enough")
def _(lab, rng):
    long = [both for both in _settings(lab, clipping="none") if both[0]["steps"] >= 200]
    slow = [results for _, results in long if _SLOW in results["phenomenon"]]
    if any(results["loss"] > 10 * results["smallest_loss"] for results in slow):
        return
    assert not slow, (
        "Some of your descents crawl, but after 200 steps they are below ten times the smallest "
        "loss: go to smaller rates."
    )
    raise AssertionError(
        "None of your descents without clipping and of at least 200 steps is still on its way: go "
        "to smaller rates. (One that diverges does not count.)"
    )


@descent_lab.task("4: element-wise clipping on raw inputs that chatters")
def _(lab, rng):
    jumping = [controls for controls, results in lab.visited if _JUMPING in results["phenomenon"]]
    if any(
        controls["clipping"] == "element-wise" and not controls["standardised"]
        for controls in jumping
    ):
        return
    assert not any(controls["clipping"] == "global norm" for controls in jumping), (
        "You saw it with clipping by norm. Choose element-wise clipping on raw inputs, at the same "
        "rate of 0.01 and threshold of 1."
    )
    raise AssertionError(
        "Switch standardisation off, choose element-wise clipping, and set the threshold to 1 and "
        "the rate to 0.01."
    )


# One setting for each task, in the order of the tasks; the second is for two.
_FAST = {"standardised": True, "rate": 0.1, "clipping": "none"}
_BELOW = {"standardised": False, "rate": 4.0e-5, "clipping": "none"}
_ABOVE = {"standardised": False, "rate": 4.3e-5, "clipping": "none"}
_CREEPING = {"standardised": True, "rate": 0.001, "clipping": "none"}
_CLIPPED = {"standardised": False, "rate": 0.01, "clipping": "element-wise", "threshold": 1.0}


def _descents(*settings):
    lab = GradientDescentLab(*datasets.houses())
    for one in settings:
        lab.set(**{"steps": 200, **one})
    return lab


@descent_lab.mistake(
    "Only the first task is done. The others need other controls: standardisation off for the second "
    "and fourth, the rate for the second and third, clipping for the fourth."
)
@cache
def one_setting():
    return _descents(_FAST)


@descent_lab.mistake(
    "On raw inputs every rate that a person would think of diverges: the largest stable one is "
    "4.2e-5. Begin with standardised inputs."
)
@cache
def raw_inputs_at_common_rates():
    return _descents(*({**_ABOVE, "rate": rate} for rate in (0.1, 0.01, 0.001)))


@descent_lab.mistake(
    "The border lies at 2/λ for the largest eigenvalue λ of the Hessian, 47 381 on raw inputs. Try "
    "rates a few per cent below and above 2/47381."
)
@cache
def border_only_roughly():
    return _descents(_FAST, {**_BELOW, "rate": 1e-5}, {**_ABOVE, "rate": 1e-4}, _CREEPING, _CLIPPED)


@descent_lab.mistake(
    "You found the border of the *standardised* problem, where both eigenvalues are 1 and the rate "
    "may be as large as 2. On raw inputs it is somewhere else entirely."
)
@cache
def border_of_the_standardised():
    return _descents(_FAST, {**_FAST, "rate": 1.95}, {**_FAST, "rate": 2.05}, _CREEPING, _CLIPPED)


@descent_lab.mistake(
    "Clipping hides the border: no step is longer than the threshold, so that a rate which is too "
    "large chatters where it would explode."
)
@cache
def border_with_clipping():
    clipped = {"clipping": "global norm", "threshold": 10.0}
    return _descents(_FAST, {**_BELOW, **clipped}, {**_ABOVE, **clipped}, _CREEPING, _CLIPPED)


@descent_lab.mistake(
    "A small rate gets there in the end. With standardised inputs both curvatures are 1, so that "
    "rates near 1 are the fastest."
)
@cache
def slowly_in_many_steps():
    slowly = {**_FAST, "rate": 0.01, "steps": 2000}
    return _descents(slowly, _BELOW, _ABOVE, _CREEPING, _CLIPPED)


@descent_lab.mistake(
    "A descent that explodes does not count, and one that arrives neither. Look for a rate that is "
    "too *small*: on standardised inputs each step leaves 1 - η of the distance, so try 0.001."
)
@cache
def never_too_small():
    return _descents(_FAST, _BELOW, _ABOVE, {**_FAST, "rate": 3.0}, _CLIPPED)


@descent_lab.mistake(
    "Clipping by norm keeps the direction, here almost exactly along w. Element by element both "
    "components become ±1, so that b and w take equal steps: that is the pattern to see."
)
@cache
def clipped_by_norm():
    return _descents(_FAST, _BELOW, _ABOVE, _CREEPING, {**_CLIPPED, "clipping": "global norm"})


@descent_lab.alternative
def one_for_each_task():
    return _descents(_FAST, _BELOW, _ABOVE, _CREEPING, _CLIPPED)


@descent_lab.alternative
def by_sliders_in_another_order():
    lab = GradientDescentLab(*datasets.houses())
    for name, value in (
        ("standardised", False), ("rate", 10**-2.0), ("clipping", "element-wise"),
        ("clipping", "none"), ("rate", 10**-4.38), ("rate", 10**-4.37), ("standardised", True),
        ("rate", 10**-3.5), ("rate", 0.5), ("steps", 100),
    ):  # fmt: skip
        lab.set(**{name: value})
    return lab


# --- J2.8 Vectorised loss and its gradient -------------------------------------------------------

line_loss = code_exercise("J2.8", reference=regression.half_mean_squared_error, atol=1e-5)


def _line(rng, *shape):
    b, w = rng.normal(size=(2, *shape))
    return {"b": b, "w": w}


@line_loss.case("a single house, easy numbers")
def _(rng):
    yield {"b": 1.0, "w": 2.0}, np.array([3.0]), np.array([10.0])


@line_loss.case("two houses, easy numbers")
def _(rng):
    yield {"b": 1.0, "w": 2.0}, np.array([3.0, -1.0]), np.array([10.0, 1.0])


# Few sizes, since each is compiled: cases share theirs with the properties below.
@line_loss.case("other houses, other lines")
def _(rng):
    for count in (2, 8):
        yield _line(rng), rng.normal(size=count), rng.normal(size=count) + 1


@line_loss.case("traced by `jit`", run=recorded)
def _(rng):
    yield _line(rng), rng.normal(size=8), rng.normal(size=8)


@line_loss.case("its gradient by `jax.grad`, a dictionary like params", run=jax.grad)
def _(rng):
    yield {"b": 1.0, "w": 2.0}, np.array([3.0, -1.0]), np.array([10.0, 1.0])
    yield _line(rng), rng.normal(size=2), rng.normal(size=2)


@line_loss.case(
    "three lines at once, by `jax.vmap`",
    run=partial(jax.vmap, in_axes=({"b": 0, "w": 0}, None, None)),
)
def _(rng):
    yield _line(rng, 3), rng.normal(size=8), rng.normal(size=8)


@line_loss.case("in 64-bit numbers", x64=True, dtype="exact", rtol=1e-10, atol=1e-12)
def _(rng):
    params = {name: np.asarray(value) for name, value in _line(rng).items()}
    yield params, rng.normal(size=8), rng.normal(size=8)


def _loss_of(answer, x, y):
    """Return an answer's loss of one line on NumPy data; to rearrange JAX's would compile."""
    return float(answer({"b": 0.5, "w": 2.0}, jnp.asarray(x), jnp.asarray(y)))


@line_loss.property("the order of the houses does not matter")
def _(answer, rng):
    x, y = rng.normal(size=(2, 8))
    before, after = (_loss_of(answer, *data) for data in ((x, y), (x[::-1], y[::-1])))
    assert np.isclose(before, after, rtol=1e-4), (
        f"With the houses in reverse order your loss is {after:.6g} instead of {before:.6g}."
    )


@line_loss.property("each house four times: the same loss")
def _(answer, rng):
    x, y = rng.normal(size=(2, 2))
    once, often = _loss_of(answer, x, y), _loss_of(answer, np.tile(x, 4), np.tile(y, 4))
    assert np.isclose(once, often, rtol=1e-4), (
        f"With every house four times your loss is {often:.6g} instead of {once:.6g}: it should be a mean."
    )


@line_loss.property("its gradient agrees with finite differences", x64=True)
def _(answer, rng):
    loss, (x, y) = jax.jit(answer), rng.normal(size=(2, 8))  # compiled whole: the soonest done
    params, h = {"b": 0.5, "w": 2.0}, 1e-5
    gradient = jax.jit(jax.grad(answer))(params, x, y)
    for name, slope in gradient.items():
        after, before = (float(loss({**params, name: params[name] + d}, x, y)) for d in (h, -h))
        difference = (after - before) / (2 * h)
        assert np.isclose(float(slope), difference, rtol=1e-6), (
            f"Moving {name} a little changes your loss by {difference:.6g} per unit, and `jax.grad` "
            f"says {float(slope):.6g}."
        )


@line_loss.property("it is pure: the same again, and params as they were")
def _(answer, rng):
    params = {"b": jnp.asarray(0.5), "w": jnp.asarray(2.0)}
    x, other, y = map(jnp.asarray, rng.normal(size=(3, 8)))
    first = float(answer(params, x, y))
    assert params == {"b": 0.5, "w": 2.0}, "Your loss changes the dictionary that it was given."
    answer(params, other, y)
    assert float(answer(params, x, y)) == first, (
        "Called again with the same arguments your loss is another: something besides the "
        "arguments goes into it."
    )


@line_loss.mistake(
    "Your loss is the same whatever data it is given: it reads `size` and `price` from the "
    "notebook. Use the arguments `x` and `y`."
)
def global_data(params, x, y):
    size, price = datasets.houses()
    return jnp.mean((price - params["w"] * size - params["b"]) ** 2) / 2


@line_loss.mistake(
    "Your prediction is made from the notebook's `size`, and not from the argument `x`."
)
def global_size(params, x, y):
    size = datasets.houses().size
    return jnp.mean((y - params["w"] * size - params["b"]) ** 2) / 2


@line_loss.mistake(
    "Your prediction is compared with the notebook's `price`, and not with the argument `y`."
)
def global_price(params, x, y):
    price = datasets.houses().price
    return jnp.mean((price - params["w"] * x - params["b"]) ** 2) / 2


@line_loss.mistake("Your loss is twice the definition: the ½ is missing.")
def without_half(params, x, y):
    return jnp.mean((y - params["w"] * x - params["b"]) ** 2)


@line_loss.mistake(
    "This is half the *sum* of the squares. Divide by the number of houses as well: the loss is a "
    "mean."
)
def sum_for_mean(params, x, y):
    return jnp.sum((y - params["w"] * x - params["b"]) ** 2) / 2


@line_loss.mistake(
    "This is the plain sum of the squares: divide it by 2N, with N the number of houses."
)
def plain_sum(params, x, y):
    return jnp.sum((y - params["w"] * x - params["b"]) ** 2)


@line_loss.mistake(
    "`/ 2 * N` divides by 2 and then *multiplies* by N. Write `/ (2 * N)`, with the brackets."
)
def precedence(params, x, y):
    return jnp.sum((y - params["w"] * x - params["b"]) ** 2) / 2 * len(x)


@line_loss.mistake(
    "Your loss is half of the definition: the ½ stands inside the square, where it counts as ¼."
)
def half_inside_the_square(params, x, y):
    return jnp.mean(((y - params["w"] * x - params["b"]) / 2) ** 2)


@line_loss.mistake(
    "You average first and square then, so that errors above and below the line cancel. Square "
    "first."
)
def square_of_the_mean(params, x, y):
    return jnp.mean(y - params["w"] * x - params["b"]) ** 2 / 2


@line_loss.mistake("The errors are not squared, so those above and below the line cancel.")
def unsquared(params, x, y):
    return jnp.mean(y - params["w"] * x - params["b"]) / 2


@line_loss.mistake("You average *absolute* errors: square them.")
def absolute_errors(params, x, y):
    return jnp.mean(jnp.abs(y - params["w"] * x - params["b"])) / 2


@line_loss.mistake("You take the root at the end: the loss has none.")
def rooted(params, x, y):
    return jnp.sqrt(jnp.mean((y - params["w"] * x - params["b"]) ** 2))


@line_loss.mistake("This is one value for each house: average them, and halve.")
def not_reduced(params, x, y):
    return (y - params["w"] * x - params["b"]) ** 2 / 2


@line_loss.mistake("The intercept `params['b']` is missing from your prediction.")
def intercept_missing(params, x, y):
    return jnp.mean((y - params["w"] * x + 0 * params["b"]) ** 2) / 2


@line_loss.mistake("The sign of b is wrong: the error is y - (w x + b), which is y - w x - b.")
def intercept_sign(params, x, y):
    return jnp.mean((y - params["w"] * x + params["b"]) ** 2) / 2


@line_loss.mistake(
    "`b, w = params` unpacks a dictionary's *keys*, the texts 'b' and 'w'. Ask for the values: "
    "`params['b']` and `params['w']`."
)
def keys_unpacked(params, x, y):
    b, w = params
    return jnp.mean((y - w * x - b) ** 2) / 2


@line_loss.mistake("`b` and `w` have changed places: w multiplies x, and b is added.")
def parameters_swapped(params, x, y):
    return jnp.mean((y - params["b"] * x - params["w"]) ** 2) / 2


@line_loss.mistake(
    "You differentiate already: asked is the loss. `jax.grad(loss)` makes the gradient from it."
)
def the_gradient(params, x, y):
    return jax.grad(regression.half_mean_squared_error)(params, x, y)


@line_loss.mistake(
    "With `stop_gradient` (or a detour that has no derivative) the value is right, but its gradient "
    "is 0."
)
def no_gradient(params, x, y):
    return jax.lax.stop_gradient(regression.half_mean_squared_error(params, x, y))


@line_loss.alternative
def by_inner_product(params, x, y):
    error = params["w"] * x + params["b"] - y
    return error @ error / (2 * len(x))


@line_loss.alternative
def by_vmap(params, x, y):
    def of_one_house(x, y):
        return (y - params["w"] * x - params["b"]) ** 2

    return 0.5 * jax.vmap(of_one_house)(x, y).mean()


@line_loss.alternative
def by_loop(params, x, y):
    total = 0.0
    for x_i, y_i in zip(x, y, strict=True):
        total += (y_i - params["w"] * x_i - params["b"]) ** 2
    return total / (2 * len(x))


@line_loss.alternative
def by_norm(params, x, y):
    b, w = params["b"], params["w"]
    error = jnp.polyval(jnp.stack([jnp.asarray(w), jnp.asarray(b)]), x) - y
    return jnp.einsum("n,n->", error, error) / x.size / 2


# --- J2.9 The largest stable learning rate -------------------------------------------------------

# No absolute tolerance: on the houses' sizes the rate is 4e-5.
stable_rate = code_exercise("J2.9", reference=regression.max_stable_rate, rtol=1e-4, atol=0.0)


@stable_rate.case("two inputs, -1 and 1: both curvatures are 1")
def _(rng):
    yield np.array([-1.0, 1.0])


@stable_rate.case("two inputs, 1 and 3")
def _(rng):
    yield np.array([1.0, 3.0])


@stable_rate.case("small inputs, where the intercept is the steep direction")
def _(rng):
    yield np.array([0.1, 0.2, -0.1])


@stable_rate.case("other inputs")
def _(rng):
    for count in (3, 6):
        yield rng.normal(size=count) + 1
        yield 3 * rng.normal(size=count) - 2


def _houses_loss(params):
    return regression.half_mean_squared_error(params, *datasets.houses())


@jax.jit
def _losses(rate):
    """Return the houses' loss before and after 5000 steps at a rate."""
    start = {"b": 0.0, "w": -0.05}
    return regression.gradient_descent(_houses_loss, start, rate=rate, steps=5000).loss[
        jnp.array([0, -1])
    ]


@stable_rate.property("on the houses: 1 % below it descent converges, 1 % above it explodes")
def _(answer, rng):
    rate = float(answer(datasets.houses().size))
    for factor, converges in ((0.99, True), (1.01, False)):
        before, after = np.asarray(_losses(factor * rate))
        assert bool(after < before) == converges, (
            f"On the houses' sizes you say {rate:.4g}. At {factor} times that rate the loss goes from "
            f"{before:.4g} to {after:.4g} in 5000 steps, but it should "
            f"{'fall' if converges else 'explode'}."
        )


def _hessian(x):
    return jnp.array([[1.0, jnp.mean(x)], [jnp.mean(x), jnp.mean(x**2)]])


@stable_rate.mistake(
    "This is 1/λ: safe, but not the largest. The distance is multiplied by 1 - ηλ, which stays "
    "between -1 and 1 up to ηλ = 2. (Or did you take the Hessian of the loss *without* the ½? It "
    "is twice as large.)"
)
def one_over_lambda(x):
    return 1 / jnp.linalg.eigvalsh(_hessian(x))[-1]


@stable_rate.mistake(
    "You took the smallest eigenvalue; the *largest* decides: the steepest direction explodes "
    "first. `eigvalsh` sorts upwards, so it is the last."
)
def smallest_eigenvalue(x):
    return 2 / jnp.linalg.eigvalsh(_hessian(x))[0]


@stable_rate.mistake(
    "You forget the intercept: b is a parameter as well, so that H is 2 by 2, [[1, mean x], "
    "[mean x, mean x²]]."
)
def intercept_forgotten(x):
    return 2 / jnp.mean(x**2)


@stable_rate.mistake("This is the largest eigenvalue; the rate is 2 divided by it.")
def eigenvalue_itself(x):
    return jnp.linalg.eigvalsh(_hessian(x))[-1]


@stable_rate.mistake("This is half the largest eigenvalue: the rate is 2/λ, not λ/2.")
def upside_down(x):
    return jnp.linalg.eigvalsh(_hessian(x))[-1] / 2


@stable_rate.mistake(
    "At the bottom right of H stands the mean of the squares, `jnp.mean(x**2)`; you squared the "
    "mean."
)
def square_of_mean(x):
    return 2 / (1 + jnp.mean(x) ** 2)


@stable_rate.mistake(
    "Your H holds sums over the examples; the loss is a mean, so divide by their number."
)
def sums_for_means(x):
    return 2 / (len(x) * jnp.linalg.eigvalsh(_hessian(x))[-1])


@stable_rate.mistake(
    "Here is a rate for each direction: one number is asked, the one that is safe."
)
def both_rates(x):
    return 2 / jnp.linalg.eigvalsh(_hessian(x))


@stable_rate.mistake(
    "`eigvals` is for any matrix, and answers in complex numbers. H is symmetric: `eigvalsh` gives "
    "real eigenvalues, sorted upwards."
)
def complex_eigenvalues(x):
    return 2 / jnp.max(jnp.linalg.eigvals(_hessian(x)))


@stable_rate.mistake(
    "This is 2 divided by the *trace* of H, the sum of its eigenvalues: safe, but smaller than "
    "2/λ for the largest of them."
)
def trace(x):
    return 2 / (1 + jnp.mean(x**2))


@stable_rate.mistake(
    "You standardise x first. That is good practice, but asked is the largest rate for the inputs "
    "as they are."
)
def standardised(x):
    z = (x - jnp.mean(x)) / jnp.std(x)
    return 2 / jnp.linalg.eigvalsh(_hessian(z))[-1]


@stable_rate.mistake(
    "This is 2 over the condition number. It says how *slow* descent is; what explodes is decided "
    "by the largest eigenvalue alone."
)
def condition_number(x):
    smallest, largest = jnp.linalg.eigvalsh(_hessian(x))
    return 2 * smallest / largest


@stable_rate.alternative
def by_eigvalsh(x):
    X = jnp.stack([jnp.ones_like(x), x], axis=1)  # [examples, 2]
    return 2 / jnp.linalg.eigvalsh(X.T @ X / len(x)).max()


@stable_rate.alternative
def by_autodiff_of_the_loss(x):
    def loss(theta):
        return jnp.mean((theta[0] + theta[1] * x) ** 2) / 2

    return 2.0 / jnp.linalg.eigvalsh(jax.hessian(loss)(jnp.zeros(2)))[-1]


@stable_rate.alternative
def by_singular_values(x):
    X = jnp.vander(x, 2)
    return float(2 * x.size / jnp.linalg.norm(X, ord=2) ** 2)


@stable_rate.alternative
def by_quadratic_formula(x):
    trace, determinant = 1 + jnp.mean(x**2), jnp.var(x)
    return 4 / (trace + jnp.sqrt(jnp.maximum(trace**2 - 4 * determinant, 0)))


# --- J2.14 A Newton step -------------------------------------------------------------------------

newton = code_exercise("J2.14", reference=regression.newton_step, rtol=1e-4, atol=1e-4)

_LENGTHS = np.array([1.0, 2.0, -1.0, 0.5], np.float32)
_PRICES = np.array([2.0, 3.0, -2.0, 0.5], np.float32)
_MIXED = np.array([[3.0, 1.0, -1.0], [1.0, 2.0, 0.5], [-1.0, 0.5, 4.0]], np.float32)


def bowl(params):
    return 3 * (params["w"] - 2.0) ** 2 + 1


def line_of_four(params):
    return regression.half_mean_squared_error(params, jnp.asarray(_LENGTHS), jnp.asarray(_PRICES))


def not_a_parabola(w):
    return jnp.sum(jnp.exp(w) - w) + w @ _MIXED @ w / 2


def tree_of_two_layers(params):
    first, second = params["layers"]
    mixed = first["w"][0] * second + first["w"][1] * params["b"]
    return jnp.sum(first["w"] ** 2) + second**2 + params["b"] ** 2 + mixed - second


def _stepped_by_hand(loss, params):
    """Return the new parameters by the losses' own derivatives, which costs no compilation."""
    if loss is bowl:
        return {"w": 2.0}
    if loss is line_of_four:
        w, b = np.polyfit(_LENGTHS, _PRICES, 1)
        return {"b": b, "w": w}
    if loss is not_a_parabola:
        w = np.asarray(params, np.float64)
        hessian = np.diag(np.exp(w)) + _MIXED
        return np.asarray(w - np.linalg.solve(hessian, np.exp(w) - 1 + _MIXED @ w), np.float32)
    # In the order b, w0, w1, second: the tree's loss is a parabola, with its bottom at H θ = -g(0).
    hessian = np.array([[2.0, 0, 1, 0], [0, 2, 0, 1], [1, 0, 2, 0], [0, 1, 0, 2]])
    b, *w, second = np.linalg.solve(hessian, [0.0, 0.0, 0.0, 1.0])
    return {"b": b, "layers": [{"w": np.asarray(w, np.float32)}, second]}


def _compiled(answer):
    """Use a step compiled: one program in place of the dozens that its operations are.

    Each costs an eighth of a second when it is new, so there are few such cases. A step that
    cannot be compiled, with `np.linalg.solve` for instance, is used as it is.
    """

    def step(loss, params):
        try:
            return jax.jit(partial(answer, loss))(params)
        except jax.errors.JAXTypeError:
            return answer(loss, params)

    return step


_newton_case = partial(newton.case, run=_compiled, expect=_stepped_by_hand)


@_newton_case("a parabola in one parameter: the step ends at the bottom")
def _(rng):
    yield bowl, {"w": 8.0}


@_newton_case("the loss of a line: the step ends at the best line")
def _(rng):
    yield line_of_four, {"b": 5.0, "w": -3.0}


@_newton_case("a vector of parameters, and no parabola: one step, and no more")
def _(rng):
    yield not_a_parabola, rng.normal(size=3)


@_newton_case("a tree of parameters")
def _(rng):
    yield tree_of_two_layers, {"b": -1.5, "layers": [{"w": rng.normal(size=2)}, 2.0]}


@newton.property("on the houses in m² one step is enough")
def _(answer, rng):
    end = _compiled(answer)(_houses_loss, {"b": 0.0, "w": -0.05})
    loss = float(_houses_loss(end))
    assert loss < 0.07, (
        f"After your step the loss of the houses is {loss:.4g}; at the best line it is 0.0614."
    )


def _flat(loss, params):
    """Return parameters, gradient and Hessian as arrays, and the way back."""
    flat, restore = ravel_pytree(params)

    def of_vector(vector):
        return loss(restore(vector))

    return flat, jax.grad(of_vector)(flat), jax.hessian(of_vector)(flat), restore


@newton.mistake("You go uphill: the step is taken *away*, θ - H⁻¹g.")
def uphill(loss, params):
    flat, gradient, hessian, restore = _flat(loss, params)
    return restore(flat + jnp.linalg.solve(hessian, gradient))


@newton.mistake(
    "That is a step of gradient descent with rate 1: the Hessian does not enter. Solve "
    "H step = gradient first."
)
def gradient_step(loss, params):
    return jax.tree.map(lambda leaf, slope: leaf - slope, params, jax.grad(loss)(params))


@newton.mistake(
    "You *multiply* the gradient with the Hessian. Newton's step divides: solve H step = gradient."
)
def multiplied(loss, params):
    flat, gradient, hessian, restore = _flat(loss, params)
    return restore(flat - hessian @ gradient)


@newton.mistake(
    "You return the step. Asked are the new parameters: the old ones minus the step H⁻¹g."
)
def the_step(loss, params):
    _, gradient, hessian, restore = _flat(loss, params)
    return restore(jnp.linalg.solve(hessian, gradient))


@newton.mistake("You return minus the step. Asked are the new parameters: add the old ones to it.")
def the_negative_step(loss, params):
    _, gradient, hessian, restore = _flat(loss, params)
    return restore(-jnp.linalg.solve(hessian, gradient))


@newton.mistake(
    "You divide each slope by its own curvature, which is the *diagonal* of H. The parameters also "
    "depend on one another: solve with the whole matrix."
)
def diagonal_only(loss, params):
    flat, gradient, hessian, restore = _flat(loss, params)
    return restore(flat - gradient / jnp.diag(hessian))


@newton.mistake(
    "Each leaf of the tree is stepped on its own. The Hessian also has entries *between* leaves: "
    "flatten the whole tree into one vector (`ravel_pytree`) and solve once."
)
def leaf_by_leaf(loss, params):
    leaves, structure = jax.tree.flatten(params)

    def stepped(place):
        def of_leaf(leaf):
            others = [*leaves[:place], leaf, *leaves[place + 1 :]]
            return loss(jax.tree.unflatten(structure, others))

        return regression.newton_step(of_leaf, leaves[place])

    return jax.tree.unflatten(structure, [stepped(place) for place in range(len(leaves))])


@newton.mistake(
    "You go on stepping until the bottom is reached. Asked is *one* step: from a loss that is no "
    "parabola it does not end at the bottom."
)
def many_steps(loss, params):
    for _ in range(5):
        params = regression.newton_step(loss, params)
    return params


@newton.mistake("You take half of Newton's step: the factor before H⁻¹g is 1.")
def half_a_step(loss, params):
    flat, gradient, hessian, restore = _flat(loss, params)
    return restore(flat - jnp.linalg.solve(hessian, gradient) / 2)


@newton.mistake(
    "You return one flat vector. Give the parameters back in the structure that they came in: "
    "`ravel_pytree` returns the function that does it."
)
def not_restored(loss, params):
    flat, gradient, hessian, _ = _flat(loss, params)
    return flat - jnp.linalg.solve(hessian, gradient)


@newton.mistake(
    "Your step works on arrays, and parameters come as trees, such as a dictionary: "
    "`jax.flatten_util.ravel_pytree` makes one vector of a tree, and gives the way back."
)
def arrays_only(loss, params):
    return params - jnp.linalg.solve(jax.hessian(loss)(params), jax.grad(loss)(params))


@newton.alternative
def by_inverse(loss, params):
    flat, gradient, hessian, restore = _flat(loss, params)
    return restore(flat - jnp.linalg.inv(hessian) @ gradient)


@newton.alternative
def by_least_squares(loss, params):
    flat, gradient, _, restore = _flat(loss, params)

    def along(direction):
        return jax.jvp(jax.grad(lambda vector: loss(restore(vector))), (flat,), (direction,))[1]

    columns = jax.vmap(along)(jnp.eye(flat.size, dtype=flat.dtype))
    return restore(flat + jnp.linalg.lstsq(columns, -gradient)[0])


@newton.alternative
def by_zero_of_the_linearised_gradient(loss, params):
    flat, restore = ravel_pytree(params)
    slope = jax.grad(lambda vector: loss(restore(vector)))
    curvature = jax.jacrev(slope)(flat)
    return restore(jnp.linalg.solve(curvature, curvature @ flat - slope(flat)))


@newton.alternative
def in_numpy(loss, params):
    _, gradient, hessian, restore = _flat(loss, params)
    step = np.linalg.solve(np.asarray(hessian), np.asarray(gradient))
    return jax.tree.map(lambda leaf, change: leaf - change, params, restore(jnp.asarray(step)))


@newton.alternative
def by_cholesky(loss, params):
    _, gradient, hessian, restore = _flat(loss, params)
    factor = jax.scipy.linalg.cho_factor(hessian)
    return jax.tree.map(
        lambda leaf, step: leaf - step,
        params,
        restore(jax.scipy.linalg.cho_solve(factor, gradient)),
    )
