"""Check of B5.6: one leapfrog step."""

import jax
import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise


def _leapfrog(gradient, w, momentum, step_size):
    momentum = momentum + step_size / 2 * gradient(w)
    w = w + step_size * momentum
    return w, momentum + step_size / 2 * gradient(w)


leapfrog = code_exercise("B5.6", reference=_leapfrog, rtol=1e-5, atol=1e-5)


def bowl(w):
    """Return the gradient of the log-density of a standard Gaussian."""
    return -w


def slope(w):
    """Return the gradient of a log-density that rises steadily."""
    return jnp.full_like(w, 2.0)


def banana(w):
    """Return the gradient of a log-density whose coordinates depend on each other."""
    bend = w[1] - w[0] ** 2
    return jnp.stack([4 * w[0] * bend - w[0], -2 * bend])


@leapfrog.case("a flat density: the momentum stays, the position moves")
def _(rng):
    w, momentum = np.array([1.0, 2.0], "float32"), np.array([3.0, -1.0], "float32")
    yield jnp.zeros_like, w, momentum, 0.5


@leapfrog.case("a steady slope: the momentum grows")
def _(rng):
    yield slope, np.array([0.0], "float32"), np.array([1.0], "float32"), 0.5


@leapfrog.case("a bowl, one step of length 1")
def _(rng):
    yield bowl, np.array([1.0], "float32"), np.array([0.0], "float32"), 1.0


@leapfrog.case("two weights that depend on each other")
def two(rng):
    for size in (0.1, 0.7):
        w, momentum = rng.normal(0, 1, (2, 2)).astype("float32")
        yield banana, w, momentum, size


@leapfrog.case("backwards, with a negative step")
def _(rng):
    w, momentum = rng.normal(0, 1, (2, 2)).astype("float32")
    yield banana, w, momentum, -0.3


def _compiled(answer):
    def run(gradient, *numbers):
        return jax.jit(lambda *numbers: answer(gradient, *numbers))(*numbers)

    return run


leapfrog.case("compiled by `jit`", run=_compiled)(two)


@leapfrog.property("with the momentum reversed it walks back to where it came from")
def _(answer, rng):
    w, momentum = (jnp.asarray(one, jnp.float32) for one in rng.normal(0, 1, (2, 2)))
    there, kick = answer(banana, w, momentum, 0.3)
    back, last = answer(banana, there, -kick, 0.3)
    assert jnp.allclose(back, w, atol=1e-4) and jnp.allclose(last, -momentum, atol=1e-4), (
        "A step, then a step with the momentum reversed, does not end where it began. HMC needs "
        "that: without it, accepting by energy would not leave the posterior unchanged."
    )


@leapfrog.property("the energy errs like the square of the step")
def _(answer, rng):
    def error(size, steps):
        w, momentum = jnp.array([1.0, 0.5]), jnp.array([0.3, -0.8])
        start = jnp.sum(w**2 + momentum**2) / 2
        for _ in range(steps):
            w, momentum = answer(bowl, w, momentum, size)
        return abs(float(jnp.sum(w**2 + momentum**2) / 2 - start))

    assert error(0.1, 10) < 0.01, (
        f"In a bowl, after 10 steps of 0.1, the energy has changed by {error(0.1, 10):.3f}: a "
        "leapfrog keeps it to within 0.01."
    )


@leapfrog.mistake(
    "You take a whole momentum step at the start. A leapfrog takes *half* of it before the position "
    "moves, and the other half after, at the new place."
)
def whole_kick_first(gradient, w, momentum, step_size):
    momentum = momentum + step_size * gradient(w)
    return w + step_size * momentum, momentum


@leapfrog.mistake(
    "Position and momentum both move with what they were before: that is Euler's method, whose "
    "energy grows without end. Kick half, move, kick half."
)
def euler(gradient, w, momentum, step_size):
    return w + step_size * momentum, momentum + step_size * gradient(w)


@leapfrog.mistake(
    "The second half step uses the gradient at the *old* place. It belongs to the new one."
)
def old_gradient_twice(gradient, w, momentum, step_size):
    slope = gradient(w)
    half = momentum + step_size / 2 * slope
    return w + step_size * half, half + step_size / 2 * slope


@leapfrog.mistake(
    "The sign is reversed: you step *down* the log-density. Its gradient points to where the "
    "posterior is larger, and that is where the force pulls."
)
def downhill(gradient, w, momentum, step_size):
    return _leapfrog(lambda w: -gradient(w), w, momentum, step_size)


@leapfrog.mistake("Both momentum steps are whole ones: halve `step_size` in each of them.")
def two_whole_kicks(gradient, w, momentum, step_size):
    momentum = momentum + step_size * gradient(w)
    w = w + step_size * momentum
    return w, momentum + step_size * gradient(w)


@leapfrog.mistake(
    "The position moves with the *old* momentum. First half a momentum step; the position moves with "
    "what comes out."
)
def old_momentum_moves(gradient, w, momentum, step_size):
    half = momentum + step_size / 2 * gradient(w)
    w = w + step_size * momentum
    return w, half + step_size / 2 * gradient(w)


@leapfrog.mistake("The second half of the momentum step is missing, at the new place.")
def last_kick_forgotten(gradient, w, momentum, step_size):
    momentum = momentum + step_size / 2 * gradient(w)
    return w + step_size * momentum, momentum


@leapfrog.mistake(
    "The position makes half a step. Halve the two steps of the momentum; the position makes one "
    "whole step between them."
)
def half_a_move(gradient, w, momentum, step_size):
    momentum = momentum + step_size / 2 * gradient(w)
    w = w + step_size / 2 * momentum
    return w, momentum + step_size / 2 * gradient(w)


@leapfrog.mistake("The two are in the other order: first the position, then the momentum.")
def results_swapped(gradient, w, momentum, step_size):
    return _leapfrog(gradient, w, momentum, step_size)[::-1]


@leapfrog.mistake("Only the position comes back: return the pair (w, momentum).")
def position_only(gradient, w, momentum, step_size):
    return _leapfrog(gradient, w, momentum, step_size)[0]


@leapfrog.mistake(
    "You move half, kick whole and move half. That is a leapfrog too, but not the one asked for: here "
    "the momentum makes the half steps, before and after a whole move."
)
def half_moves(gradient, w, momentum, step_size):
    w = w + step_size / 2 * momentum
    momentum = momentum + step_size * gradient(w)
    return w + step_size / 2 * momentum, momentum


@leapfrog.mistake(
    "You turn the momentum round at the end. Some write the whole path so; a single step hands the "
    "momentum on as it is, and the next step continues with it."
)
def turned_round(gradient, w, momentum, step_size):
    w, momentum = _leapfrog(gradient, w, momentum, step_size)
    return w, -momentum


@leapfrog.alternative
def spelled_out(gradient, w, momentum, step_size):
    half = momentum + 0.5 * step_size * gradient(w)
    new = w + step_size * half
    return new, half + 0.5 * step_size * gradient(new)


@leapfrog.alternative
def velocity_verlet(gradient, w, momentum, step_size):
    """The same step, as physicists write it."""
    force = gradient(w)
    new = w + step_size * momentum + step_size**2 / 2 * force
    return new, momentum + step_size * (force + gradient(new)) / 2


@leapfrog.alternative
def in_place_names(gradient, w, momentum, step_size):
    momentum += step_size * gradient(w) / 2
    w = w + momentum * step_size
    momentum += step_size * gradient(w) / 2
    return (w, momentum)
