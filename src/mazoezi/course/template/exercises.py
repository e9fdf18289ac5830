"""The checks of the practical.

What a learner reads, such as prompts, hints and options, stands in `practical.md`. Here is what an
answer must do: cases and properties, simplest first; the mistakes that learners make, each with the
advice that it earns; and right answers in other styles, which must pass too.
"""

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise, experiment_exercise, maths_exercise

from .labs import CLOSE, START, StepSizeLab

# --- T2: code ------------------------------------------------------------------------------------


def _scale_rows(X, s):
    return X * s[:, None]


scale_rows = code_exercise("T2", reference=_scale_rows)


def _matrix(rng, rows, columns, dtype="float32"):
    """A matrix and one factor a row; the factors keep away from zero."""
    X = rng.normal(size=(rows, columns)).astype(dtype)
    s = rng.uniform(0.5, 2.0, size=rows).astype(dtype)
    return X, s


@scale_rows.case("one row")
def _(rng):
    yield np.array([[1.0, 2.0, 3.0]], "float32"), np.array([10.0], "float32")


@scale_rows.case("as many rows as columns")
def _(rng):
    yield np.array([[1.0, 2.0], [3.0, 4.0]], "float32"), np.array([1.0, 10.0], "float32")
    yield _matrix(rng, 4, 4)


@scale_rows.case("more rows than columns, or fewer")
def oblong(rng):
    yield _matrix(rng, 5, 2)
    yield _matrix(rng, 2, 5)


scale_rows.case("compiled by `jit`", run=jax.jit)(oblong)


@scale_rows.case("mapped over a batch of matrices by `vmap`", run=jax.vmap)
def _(rng):
    X = rng.normal(size=(3, 4, 2)).astype("float32")
    yield X, rng.normal(size=(3, 4)).astype("float32")


def _slope_in_s(function):
    """Differentiate the sum of the squared result with respect to the factors."""
    return jax.grad(lambda X, s: jnp.sum(function(X, s) ** 2), argnums=1)


scale_rows.case("differentiated by `grad`", run=_slope_in_s, rtol=1e-4)(oblong)


@scale_rows.case("numbers of half precision stay so", dtype="exact", rtol=1e-3)
def _(rng):
    yield _matrix(rng, 3, 2, "float16")


@scale_rows.case("in double precision, to twelve digits", x64=True, rtol=1e-12, atol=0.0)
def _(rng):
    yield _matrix(rng, 3, 2, "float64")


@scale_rows.property("scaling by s, then by 1/s, changes nothing")
def _(answer, rng):
    X, s = map(jnp.asarray, _matrix(rng, 3, 4))
    back = answer(answer(X, s), 1 / s)
    assert jnp.allclose(back, X, atol=1e-5), "Scaling by s, then by 1/s, does not give X back."


@scale_rows.mistake(
    "`X * s` lines s up with the *columns*: it only fits when there are as many rows as columns, "
    "and then it scales the columns. Give s a second axis, `s[:, None]`."
)
def columns(X, s):
    return X * s


@scale_rows.mistake("You multiplied and then summed over the rows: `s @ X` is a matrix product.")
def summed(X, s):
    return s @ X


@scale_rows.mistake("You added the factors. A row is scaled by *multiplying* it.")
def added(X, s):
    return X + s[:, None]


@scale_rows.mistake(
    "A JAX array cannot be changed in place. Compute the whole result at once and return it."
)
def in_place(X, s):
    for row in range(len(s)):
        X[row] = X[row] * s[row]
    return X


@scale_rows.alternative
def einsum(X, s):
    return jnp.einsum("nd,n->nd", X, s)


@scale_rows.alternative
def transposed(X, s):
    return (X.T * s).T


@scale_rows.alternative
def row_by_row(X, s):
    return jax.vmap(lambda row, factor: factor * row)(X, s)


@scale_rows.alternative
def loop(X, s):
    return jnp.stack([X[row] * s[row] for row in range(len(s))])


@scale_rows.note
def operations(answer):
    """Tell how many operations JAX records."""
    program = jax.make_jaxpr(answer)(jnp.ones((3, 2)), jnp.ones(3))
    return f"JAX records your function as {len(program.eqns)} operations."


# --- T3: maths -----------------------------------------------------------------------------------

slope = maths_exercise(
    "T3",
    reference=lambda a, b, w: 2 * a * w + b,
    numbers=[
        {"a": 3, "b": -4, "w": 2},  # the base case
        {"a": 2, "b": 5, "w": 3},
        {"a": 4, "b": -3, "w": -2},
        {"a": 5, "b": 2, "w": 3},
    ],
    unknown="w",
)


@slope.mistake("That is the height of the parabola at w. The slope is its derivative.")
def height(a, b, w):
    return a * w**2 + b * w


@slope.mistake("The exponent comes down as a factor: the derivative of $w^2$ is $2 w$.")
def no_factor(a, b, w):
    return a * w + b


@slope.mistake("The term $b w$ has a slope too: b.")
def without_b(a, b, w):
    return 2 * a * w


# --- T4: experiment ------------------------------------------------------------------------------

step_size = experiment_exercise("T4")


def _tried(lab, low, high):
    """The distances found with a step size in between."""
    return [
        visit.results["distance"]
        for visit in lab.visited
        if low < visit.controls["step_size"] < high
    ]


# What a task says holds no numbers of the attempt: a mistake is recognised by the same words.


@step_size.task("it arrives")
def _(lab, rng):
    closest = min(visit.results["distance"] for visit in lab.visited)
    assert closest <= CLOSE, f"Find a step size that ends within {CLOSE:g} of the bottom."


@step_size.task("it jumps across the bottom, and arrives all the same")
def _(lab, rng):
    closest = min(_tried(lab, 0.5, 1.0), default=START)
    assert closest <= CLOSE, "Find a step size with which it jumps from side to side and arrives."


@step_size.task("it flies away")
def _(lab, rng):
    farthest = max(visit.results["distance"] for visit in lab.visited)
    assert farthest > START, "Find a step size with which the distance grows."


def _used_with(*step_sizes):
    lab = StepSizeLab()
    for each in step_sizes:
        lab.set(step_size=each)
    return lab


@step_size.alternative
def all_three():
    return _used_with(0.3, 0.7, 1.1)


@step_size.alternative
def one_jump_does_for_two():
    return _used_with(1.15, 0.8)


@step_size.mistake("You only tried short steps. Be bold: move the slider to the right.")
def timid():
    return _used_with(0.05, 0.1)


@step_size.mistake("It arrives. But what happens with steps that are longer than needed?")
def content():
    return _used_with(0.3, 0.4)
