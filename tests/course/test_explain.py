"""Errors that real answers raise are translated into the learner's terms."""

# The answers below are wrong on purpose.
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false
# pyright: reportOperatorIssue=false, reportUndefinedVariable=false

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest

from mazoezi.course._explain import explain, kind_of_error, own_traceback

x = jnp.arange(3.0)
stored = []


def leak():
    jax.jit(stored.append)(1.0)
    return stored[0] + 1


def reuse():
    with jax.debug_key_reuse(True):
        key = jr.key(0)
        return jr.normal(key) + jr.normal(key)


def assign():
    y = jnp.zeros(2)
    y[0] = 1


def two(a, b):
    return a


@pytest.mark.parametrize(
    ("raises", "words"),
    [
        (lambda: jax.jit(lambda v: v if v > 0 else 0)(1.0), "jnp.where"),
        (lambda: jax.jit(lambda v: max(v, 0))(1.0), "jnp.where"),
        (lambda: jax.jit(lambda v: [0 for _ in range(v)])(3), "static"),
        (lambda: jax.jit(np.sin)(1.0), "jax.numpy"),
        (lambda: jax.jit(lambda v: np.sin(v))(1.0), "jax.numpy"),
        (lambda: jax.jit(lambda v: float(v))(1.0), ".item()"),
        (lambda: jax.jit(lambda v: v.item())(1.0), ".item()"),
        (lambda: jax.jit(lambda n: jnp.zeros(n))(3), "must be known while tracing"),
        (leak, "got out of the function"),
        (reuse, "used twice"),
        (assign, ".at[index].set"),
        (lambda: jnp.ones((2, 3)) @ jnp.ones((2, 3)), "(3,) and (2,)"),
        (lambda: np.ones((2, 3)) @ np.ones((2, 3)), "matrix product"),
        (lambda: jnp.ones(3) + jnp.ones(4), "do not broadcast: (3,), (4,)"),
        (lambda: np.ones(3) + np.ones(4), "do not broadcast: (3,) (4,)"),
        (lambda: 1 if x > 0 else 0, "entry by entry"),
        (lambda: jax.grad(lambda v: v * x)(1.0), "has_aux"),
        (lambda: jax.grad(lambda v: v * 2)(1), "2.0 rather than 2"),
        (lambda: jax.vmap(lambda a, b: a + b)(jnp.ones(3), jnp.ones(4)), "nest two"),
        (lambda: two(1), "without its argument 'b'"),
        (lambda: two(1, 2, 3), "with 3 arguments"),
        (lambda: None + 1, "without `return`"),
        (lambda: jnp.relu(x), "`jnp.relu` does not exist"),
        (lambda: 1 / 0, "divides by zero"),
        (lambda: [1][3], "beyond the end"),
        (lambda: undefined_name, "`undefined_name` is not known"),
        (lambda: jnp.sin(...), "still a `...`"),
        (lambda: (1.0).mean(), "`jnp.mean(value)` takes numbers"),
        (lambda: {}.w, "params['w']"),
        (lambda: {"b": 1}["w"], "asked for 'w'"),
        (lambda: 0.1 * {"w": 1.0}, "jax.tree.map"),
        (lambda: jax.jit(lambda v: v, static_argnums=0)(x), "marked as a static argument"),
        (lambda: jax.jit(lambda f: f(1.0))(jnp.sin), "a static argument (`static_argnames`)"),
        (lambda: jax.vmap(jnp.sin)(1.0), "an axis that its argument does not have"),
        (lambda: jax.vmap(jnp.sin, in_axes=(0, 0))(x), "one entry per argument"),
        (
            lambda: jax.lax.scan(lambda c, _: ([*c], 0), (1.0, 2.0), length=2),
            "must look like the one",
        ),
        (
            lambda: jax.lax.scan(lambda c, _: (c + 0.5, 0), jnp.int32(0), length=2),
            "same shape and dtype",
        ),
    ],
)
def test_an_error_is_explained(raises, words):
    with pytest.raises(Exception) as caught:
        raises()
    assert words in explain(caught.value)
    stored.clear()


def test_an_unknown_error_is_quoted():
    assert explain(OSError("disk on fire")) == "Your code raised OSError: disk on fire"


def test_two_errors_of_one_cause_are_of_one_kind():
    def kind(raises):
        with pytest.raises(Exception) as caught:
            raises()
        return kind_of_error(caught.value)

    one, other = jnp.ones((2, 3)), jnp.ones((4, 5))
    assert kind(lambda: one @ one) == kind(lambda: other @ other)
    assert kind(lambda: one @ one) != kind(lambda: jax.grad(lambda v: (v, v))(1.0))
    assert kind_of_error(ValueError("row 3 of [1, nan]")) == kind_of_error(
        ValueError("row -1.5e3 of []")
    )
    assert kind_of_error(
        TypeError("<function <lambda> at 0x7fa> with (1, (2, 3))")
    ) == kind_of_error(TypeError("<function f at 0x1> with ()"))


def test_the_traceback_shows_only_the_learners_lines():
    def answer(v):
        return jax.jit(lambda w: w if w > 0 else 0)(v)

    with pytest.raises(jax.errors.TracerBoolConversionError) as caught:
        answer(1.0)
    text = own_traceback(caught.value, answer)
    assert "w if w > 0" in text and "jax/_src" not in text
