"""Check of A40: which results share their memory with the array that they were made of."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise

_IN_JAX = "x[1:].at[0].set(-1)"

_REASONS = {
    "a[1:, ::2]": (
        "A slice by ranges and steps only says where to start and how far to step: it is a view."
    ),
    "a[1]": (
        "One index drops an axis, and needs no new memory: it says where the row begins. It is a view."
    ),
    "a.T": "A transpose is the same memory, read with the strides exchanged: it is a view.",
    "a[[0, 2]]": (
        "A list of indices may name any rows in any order, which no fixed step can walk: fancy "
        "indexing copies."
    ),
    "a[a > 5]": "What a condition picks lies anywhere, at no fixed step: it is copied.",
    "a.reshape(6, 2)": (
        "The cells of `a` lie one after another in memory, and the new shape keeps their order: it is "
        "a view."
    ),
    "a.T.reshape(12)": (
        "Read in the order of `a.T`, the cells are not one step apart in memory. No stride gives that "
        "order in a single axis, so `reshape` has to copy."
    ),
    "a.copy()": "A copy is a copy: it has memory of its own.",
    _IN_JAX: (
        "A JAX array is never changed: `.at[...].set(...)` makes another one, so nothing that is done "
        "to a part can be seen in the whole."
    ),
}


def _shares(code: str) -> bool:
    """Return what happens: does writing into the result of this code change the array?"""
    if code == _IN_JAX:
        x = jnp.arange(4)
        x[1:].at[0].set(-1)
        return not jnp.array_equal(x, jnp.arange(4))
    a = np.arange(12).reshape(3, 4)
    return bool(np.shares_memory(a, eval(code, {"a": a})))


def _view_or_copy():
    return {code: _shares(code) for code in _REASONS}


view_or_copy = code_exercise("A40", reference=_view_or_copy)


def _kinds(answer: Callable) -> Callable:
    """Say of what kind the predictions are, and not which."""

    def run() -> Any:
        given = answer()
        if not isinstance(given, dict):
            return given
        return {
            code: "True or False"
            if isinstance(said, bool | np.bool_)
            else f"of type {type(said).__name__}"
            for code, said in given.items()
        }

    return run


@view_or_copy.case("a dictionary with True or False for each of the nine", run=_kinds)
def _(rng):
    yield ()


def _predicted(code: str) -> None:
    """Add the property that the prediction for this piece of code is right."""

    @view_or_copy.property(f"`{code}`")
    def _(answer, rng):
        truth = _shares(code)
        verb = "does" if truth else "does not"
        assert answer()[code] == truth, (
            f"`{code}` {verb} share what it holds with the array. {_REASONS[code]}"
        )


for _code in _REASONS:
    _predicted(_code)


@view_or_copy.note
def shown_by_numpy(answer):
    """Tell how many of NumPy's results are views."""
    views = [code for code in _REASONS if _shares(code)]
    return (
        f"`np.shares_memory` agrees: {len(views)} of the {len(_REASONS) - 1} results of NumPy are "
        "views. Before you write into one of those, take a copy."
    )


@view_or_copy.mistake(
    "You take every result for a copy. NumPy avoids copying where it can: slices by ranges, single "
    "indices, transposes and most reshapes look at the same memory, so that writing into them changes "
    "`a`."
)
def all_copies():
    return dict.fromkeys(_REASONS, False)


@view_or_copy.mistake(
    "You take every result for a view. Where the cells are picked from anywhere, by a list or a "
    "condition, or have to be put in another order, there must be a copy; and in JAX nothing can be "
    "seen of it."
)
def all_views():
    return dict.fromkeys(_REASONS, True)


@view_or_copy.mistake(
    "All indexing is alike to you. Ranges, steps and single numbers can be walked with fixed steps, so "
    "they give views; a list of indices and a condition cannot, so they copy."
)
def indexing_is_a_view():
    return {**_view_or_copy(), "a[[0, 2]]": True, "a[a > 5]": True}


@view_or_copy.mistake(
    "You expect a copy as soon as something is indexed. A range, a step or a single number needs no "
    "new memory: only the start and the steps are noted."
)
def indexing_is_a_copy():
    return {**_view_or_copy(), "a[1:, ::2]": False, "a[1]": False}


@view_or_copy.mistake(
    "Transposes and reshapes: they look at the same memory wherever its order allows. Only the reshape "
    "of a transpose needs its cells in a new order, and copies."
)
def new_shape_new_memory():
    return {**_view_or_copy(), "a.T": False, "a.reshape(6, 2)": False}


@view_or_copy.mistake(
    "A reshape is a view where the cells lie in memory in the order in which the new shape reads them. "
    "For `a` they do, for `a.T` they do not: then `reshape` copies, without a word."
)
def reshape_is_always_a_view():
    return {**_view_or_copy(), "a.T.reshape(12)": True}


@view_or_copy.mistake(
    "You think as in NumPy of the JAX array. It is never changed: `.at[...].set(...)` returns another "
    "one, so whether memory is shared cannot be observed."
)
def jax_like_numpy():
    return {**_view_or_copy(), _IN_JAX: True}


@view_or_copy.mistake(
    "Yes and no are exchanged: True means that the result *shares* its memory with the array, so that "
    "writing into one changes the other."
)
def exchanged():
    return {code: not shares for code, shares in _view_or_copy().items()}


@view_or_copy.alternative
def by_trying_it_out():
    a = np.arange(12).reshape(3, 4)
    said = {}
    for code in _REASONS:
        if code.startswith("a"):
            said[code] = np.shares_memory(a, eval(code, {"a": a}))
        else:
            said[code] = False
    return said


@view_or_copy.alternative
def by_writing_into_it():
    said = dict.fromkeys(_REASONS, False)
    for code in (code for code in _REASONS if code.startswith("a")):
        a = np.arange(12).reshape(3, 4)
        eval(code, {"a": a})[...] = -1
        said[code] = bool((a == -1).any())
    return said


@view_or_copy.alternative
def by_naming_the_views():
    views = {"a[1:, ::2]", "a[1]", "a.T", "a.reshape(6, 2)"}
    return {code: code in views for code in sorted(_REASONS)}
