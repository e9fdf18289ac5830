"""Check of A43: which of the six bugs break the shapes that a signature promises.

The functions of the bug hunt stand here once more, bugs and all, with jaxtyping's annotations. They
are really called, and what the contracts report is the right answer.
"""
# pyright: reportArgumentType=false
# An annotation of jaxtyping is a class when the program runs, and pyright knows nothing of that.

import functools
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, TypeCheckError, UInt8, jaxtyped

from mazoezi.course import code_exercise
from mazoezi.practicals.array_algebra.exercises._predictions import refuse

SOMETIMES = "only when sizes differ"


def check_types(function: Callable) -> Callable:
    """Return the function with each annotated argument, and the result, checked by `isinstance`.

    This is all that jaxtyping needs of a type checker. Raises TypeError at the first that does not
    fit.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            _require(name, value, signature.parameters[name].annotation)
        result = function(*args, **kwargs)
        _require("the result", result, signature.return_annotation)
        return result

    return checked


def _require(name: str, value: Any, annotation: Any) -> None:
    anything = annotation in (Any, inspect.Parameter.empty)
    if not anything and not isinstance(value, annotation):
        raise TypeError(f"{name} is not {annotation.__name__}.")


def contract(function: Callable) -> Callable:
    """Return the function with the shapes of its signature checked at each call."""
    return jaxtyped(typechecker=check_types)(function)


def is_caught(function: Callable, *args: Any) -> bool:
    """Call a function; say whether its contract, or a shape asserted on the way, was broken.

    >>> @contract
    ... def first_row(a: Float[np.ndarray, "m n"]) -> Float[np.ndarray, "n"]:
    ...     return a[:, 0]
    >>> is_caught(first_row, np.zeros((2, 3))), is_caught(first_row, np.zeros((3, 3)))
    (True, False)
    """
    try:
        function(*args)
    except (TypeCheckError, AssertionError):
        return True
    return False


# --- the buggy functions, with contracts ----------------------------------------------------------


@contract
def brighten(
    image: UInt8[np.ndarray, "rows columns 3"], factor: int
) -> UInt8[np.ndarray, "rows columns 3"]:
    return image * factor


@contract
def mean_square_error(
    prediction: Float[np.ndarray, "n 1"], target: Float[np.ndarray, "n"]
) -> float:
    return float(np.mean((prediction - target) ** 2))


@contract
def mean_square_error_in_steps(
    prediction: Float[np.ndarray, "n 1"], target: Float[np.ndarray, "n"]
) -> float:
    errors = prediction - target
    assert isinstance(errors, Float[np.ndarray, "n"])
    return float(np.mean(errors**2))


@contract
def turn(
    image: UInt8[np.ndarray, "rows columns channels"],
) -> UInt8[np.ndarray, "columns rows channels"]:
    rows, columns, channels = image.shape
    return image.reshape(columns, rows, channels)


@contract
def mean_per_student(
    marks: Float[np.ndarray, "students marks"],
) -> Float[np.ndarray, "students"]:
    return marks.mean(axis=0)


@contract
def blacken_corner(
    image: UInt8[np.ndarray, "rows columns channels"],
) -> UInt8[np.ndarray, "rows columns channels"]:
    blackened = image[:]
    blackened[:2, :3] = 0
    return blackened


@contract
def steps(x: Float[jax.Array, "n"]) -> Float[jax.Array, "n-1"]:
    later = x[jnp.arange(1, len(x) + 1)]
    return later - x


CONTRACTS: dict[str, Callable] = {
    function.__name__: function
    for function in (
        brighten,
        mean_square_error,
        mean_square_error_in_steps,
        turn,
        mean_per_student,
        blacken_corner,
        steps,
    )
}


def _pixels(*shape: int) -> np.ndarray:
    return np.full(shape, 200, np.uint8)


# What each function is called with: first where the sizes differ, then where they are equal.
_CALLS: dict[str, tuple[list[tuple], list[tuple]]] = {
    "brighten": ([(_pixels(2, 4, 3), 2)], [(_pixels(3, 3, 3), 2)]),
    "mean_square_error": ([(np.ones((4, 1)), np.ones(4))], [(np.ones((1, 1)), np.ones(1))]),
    "mean_square_error_in_steps": (
        [(np.ones((4, 1)), np.ones(4))],
        [(np.ones((1, 1)), np.ones(1))],
    ),
    "turn": ([(_pixels(2, 4, 3),)], [(_pixels(3, 3, 3),)]),
    "mean_per_student": ([(np.ones((2, 3)),), (np.ones((5, 4)),)], [(np.ones((3, 3)),)]),
    "blacken_corner": ([(_pixels(4, 5, 3),)], [(_pixels(3, 3, 3),)]),
    "steps": ([(jnp.array([1.0, 4.0, 9.0]),)], [(jnp.array([1.0]),)]),
}

_REASONS = {
    "brighten": "What wraps around are the values. Shape and dtype are what was promised.",
    "mean_square_error": (
        "The table of shape (n, n) lives only inside the function. What comes out is one number, as "
        "promised: a contract sees what it names, and nothing else."
    ),
    "mean_square_error_in_steps": (
        "Here the differences are named on the way, with shape (n,), and a table of two axes is never "
        "a vector."
    ),
    "turn": (
        "A reshape gives exactly the shape that is asked for. That the pixels went elsewhere is no "
        "matter of shape."
    ),
    "mean_per_student": (
        "The result has one number for each mark. That is the wrong shape, unless there are as many "
        "students as marks."
    ),
    "blacken_corner": "Who owns the memory is not written in a shape.",
    "steps": "The result has n numbers where n - 1 are promised, whatever n is.",
}


def found_by_calling(name: str) -> bool | str:
    """Call a function with its contract; say whether the bug is caught: True, False or sometimes.

    Raises RuntimeError where the calls do not agree, and KeyError for a name that is none.
    """
    different, equal = (
        {is_caught(CONTRACTS[name], *args) for args in calls} for calls in _CALLS[name]
    )
    for said, pattern in (
        (True, (True, True)),
        (SOMETIMES, (True, False)),
        (False, (False, False)),
    ):
        if (different, equal) == ({pattern[0]}, {pattern[1]}):
            return said
    raise RuntimeError(f"The contract of {name} is broken by some calls and not by others.")


def _caught_by_shapes():
    return {name: found_by_calling(name) for name in CONTRACTS}


caught_by_shapes = code_exercise("A43", reference=_caught_by_shapes)


def _kinds(answer: Callable) -> Callable:
    """Say of what kind the predictions are, and not which."""

    def run() -> Any:
        given = answer()
        if not isinstance(given, dict):
            return given
        return {name: _kind(said) for name, said in given.items()}

    return run


def _kind(said: Any) -> str:
    if isinstance(said, bool | np.bool_) or (isinstance(said, str) and said == SOMETIMES):
        return f"True, False or {SOMETIMES!r}"
    return repr(said)


@caught_by_shapes.case(
    f"a dictionary with True, False or {SOMETIMES!r} for each of the seven", run=_kinds
)
def _(rng):
    yield ()


def _predicted(name: str) -> None:
    """Add the property that the prediction for this function is what its calls show."""

    @caught_by_shapes.property(f"`{name}`")
    def _(answer, rng):
        said, found = answer()[name], found_by_calling(name)
        if said != found:
            refuse(said, f"We called `{name}`: its contract is {_told(found)}. {_REASONS[name]}")


def _told(found: bool | str) -> str:
    if found == SOMETIMES:
        return "broken where the sizes differ, and kept where they are equal"
    return "broken at every call" if found else "kept at every call, although the result is wrong"


for _name in CONTRACTS:
    _predicted(_name)


@caught_by_shapes.note
def counted(answer):
    """Tell how many bugs the contracts catch."""
    said = list(answer().values())
    return (
        f"Of the seven contracts {said.count(True)} catch their bug always, {said.count(SOMETIMES)} "
        f"only when sizes differ, and {said.count(False)} never. Shapes are checked for nothing; for "
        "the values you need tests."
    )


# --- what learners hand over ----------------------------------------------------------------------


def _with(**changed: Any) -> dict[str, bool | str]:
    return {**_caught_by_shapes(), **changed}


@caught_by_shapes.mistake(
    "You expect the contracts to catch every bug. They compare shapes and dtypes at the door of a "
    "function. Which of the bugs change the shape of what comes out?"
)
def all_caught():
    return dict.fromkeys(CONTRACTS, True)


@caught_by_shapes.mistake(
    "You expect the contracts to catch nothing. Some of the bugs do change the shape of what comes out: "
    "run each function on arrays whose sizes all differ, and compare with its signature."
)
def none_caught():
    return dict.fromkeys(CONTRACTS, False)


@caught_by_shapes.mistake(
    "You expect that every bug shows as soon as the sizes differ. That holds for a wrong axis; but "
    "overflow, a view and a reshape give the promised shape whatever the sizes are."
)
def all_sometimes():
    return dict.fromkeys(CONTRACTS, SOMETIMES)


@caught_by_shapes.mistake(
    "Only `mean_per_student` is left. Its contract is broken where there are more students than marks, "
    "or fewer. What about as many students as marks?"
)
def wrong_axis_always():
    return _with(mean_per_student=True)


@caught_by_shapes.mistake(
    "Only the turned picture is left. `reshape(columns, rows, channels)` gives the shape that is "
    "promised, for all sizes: the pixels are in the wrong places, and no contract on shapes sees that."
)
def reshape_sometimes():
    return _with(turn=SOMETIMES)


@caught_by_shapes.mistake(
    "Only the turned picture is left. Read its contract again: is the *shape* that `reshape` gives "
    "another one than the one that is promised?"
)
def reshape_always():
    return _with(turn=True)


@caught_by_shapes.mistake(
    "Only `mean_square_error` is left, the one without steps. The contract knows what goes in and what "
    "comes out: two arrays and one number. The table in between has no name, so nobody looks at it."
)
def inside_is_seen():
    return _with(mean_square_error=True)


@caught_by_shapes.mistake(
    "The two versions of the mean square error are exchanged: naming the shape on the way is what makes "
    "the difference visible."
)
def steps_do_not_help():
    return _with(mean_square_error=True, mean_square_error_in_steps=False)


@caught_by_shapes.mistake(
    "Only `brighten` is left. 200 · 2 becomes 144 in 8 bits; but the result is an array of the promised "
    "shape, and of the promised dtype."
)
def overflow_is_seen():
    return _with(brighten=True)


@caught_by_shapes.mistake(
    "Only `steps` is left. n - 1 is promised and n numbers come back, for every n, even for a single "
    "number."
)
def steps_sometimes():
    return _with(steps=SOMETIMES)


# --- right answers in other styles ----------------------------------------------------------------


@caught_by_shapes.alternative
def as_a_table():
    return {
        "brighten": False,
        "mean_square_error": False,
        "mean_square_error_in_steps": True,
        "turn": False,
        "mean_per_student": "only when sizes differ",
        "blacken_corner": False,
        "steps": True,
    }


@caught_by_shapes.alternative
def by_naming_those_that_are_caught():
    said = dict.fromkeys(sorted(CONTRACTS), False)
    return said | {"steps": True, "mean_square_error_in_steps": True, "mean_per_student": SOMETIMES}


@caught_by_shapes.alternative
def by_trying_it_out():
    marks = CONTRACTS["mean_per_student"]
    tried = [is_caught(marks, np.ones(shape)) for shape in ((2, 3), (3, 3))]
    x = jnp.arange(5.0)
    column = np.ones((3, 1))
    said: dict[str, Any] = {
        name: np.bool_(is_caught(CONTRACTS[name], column, column[:, 0]))
        for name in ("mean_square_error", "mean_square_error_in_steps")
    }
    pixels = np.zeros((2, 4, 3), np.uint8)
    said |= {name: is_caught(CONTRACTS[name], pixels) for name in ("turn", "blacken_corner")}
    said["brighten"] = is_caught(CONTRACTS["brighten"], pixels, 2)
    said["steps"] = is_caught(CONTRACTS["steps"], x)
    said["mean_per_student"] = tried[0] if len(set(tried)) == 1 else "only when sizes differ"
    return said
