"""The checks of the sample."""

import jax
import jax.numpy as jnp

from mazoezi.course import code_exercise, maths_exercise

relu = code_exercise("S1", reference=jax.nn.relu)


@relu.case("one number at a time")
def _(rng):
    yield from (3.0, -2.0, -0.5, 0.0)


@relu.case("arrays of any shape")
def arrays(rng):
    for shape in ((7,), (3, 4), (0,)):
        yield rng.normal(size=shape).astype("float32")


relu.case("compiled by `jit`", run=jax.jit)(arrays)


@relu.property("its slope is 1 where x > 0")
def _(answer, rng):
    assert jax.grad(lambda x: answer(x).sum())(2.0) == 1, "At x = 2 the slope is 1."


@relu.mistake("A condition on x has no value under `jit`: choose with `jnp.where`.")
def python_if(x):
    if x > 0:
        return x
    return 0.0


@relu.mistake("You return the size of x, not its positive part.")
def absolute(x):
    return jnp.abs(x)


@relu.alternative
def maximum(x):
    return jnp.maximum(x, 0)


@relu.note
def at_zero(answer):
    """Tell the slope at zero, which is a convention."""
    return f"At 0 the slope of yours is {jax.grad(answer)(0.0)}."


slope = maths_exercise(
    "S3",
    reference=lambda a, b, x: 2 * a * x + b,
    numbers=[{"a": a, "b": b, "x": x} for a in (3, 4, 5) for b in (1, 2) for x in (2, 5)],
    unknown="x",
)


@slope.mistake("This is the function, not its slope.")
def the_function(a, b, x):
    return a * x**2 + b * x


@slope.mistake("The slope of the linear term is missing.")
def no_linear_term(a, b, x):
    return 2 * a * x
