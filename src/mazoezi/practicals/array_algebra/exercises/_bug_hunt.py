"""Check of A39: six functions with a bug each, to be repaired and told apart.

`BUGGY` holds the functions as a learner finds them, and `KINDS` what may be wrong with one.
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise
from mazoezi.practicals.array_algebra.exercises._on_numpy import as_numpy

KINDS = ("overflow", "broadcasting", "reshape", "axis", "view", "out of range")


class MissingRepairError(Exception):
    """A function is not among those that were handed over."""


# --- the functions as they are found --------------------------------------------------------------


def _brighten(image, factor):
    return image * factor


def _mean_square_error(prediction, target):
    return np.mean((prediction - target) ** 2)


def _turn(image):
    rows, columns, channels = image.shape
    return image.reshape(columns, rows, channels)


def _mean_per_student(marks):
    return marks.mean(axis=0)


def _blacken_corner(image):
    blackened = image[:]
    blackened[:2, :3] = 0
    return blackened


def _steps(x):
    later = x[jnp.arange(1, len(x) + 1)]
    return later - x


BUGGY: dict[str, Callable] = {
    "brighten": _brighten,
    "mean_square_error": _mean_square_error,
    "turn": _turn,
    "mean_per_student": _mean_per_student,
    "blacken_corner": _blacken_corner,
    "steps": _steps,
}

_KIND_OF = dict(zip(BUGGY, KINDS, strict=True))


# --- repaired -------------------------------------------------------------------------------------


def _brighten_repaired(image, factor):
    return np.clip(image.astype(int) * factor, 0, 255).astype(np.uint8)


def _mean_square_error_repaired(prediction, target):
    return np.mean((prediction[:, 0] - target) ** 2)


def _turn_repaired(image):
    return image.swapaxes(0, 1)


def _mean_per_student_repaired(marks):
    return marks.mean(axis=1)


def _blacken_corner_repaired(image):
    blackened = image.copy()
    blackened[:2, :3] = 0
    return blackened


def _steps_repaired(x):
    return x[1:] - x[:-1]


_REPAIRED: dict[str, Callable] = {
    "brighten": _brighten_repaired,
    "mean_square_error": _mean_square_error_repaired,
    "turn": _turn_repaired,
    "mean_per_student": _mean_per_student_repaired,
    "blacken_corner": _blacken_corner_repaired,
    "steps": _steps_repaired,
}

Hunted = dict[str, tuple[str, Callable]]


def _bug_hunt() -> Hunted:
    return {name: (_KIND_OF[name], function) for name, function in _REPAIRED.items()}


bug_hunt = code_exercise("A39", reference=_bug_hunt)


def _form(answer: Callable) -> Callable:
    """Say in words of what form the answer is: whatever is handed over must be readable."""

    def run() -> str:
        given = answer()
        if not isinstance(given, dict):
            return f"a {type(given).__name__}"
        for name, entry in given.items():
            if name not in BUGGY:
                return f"a dictionary with the unknown name {name!r}"
            if not (isinstance(entry, tuple | list) and len(entry) == 2 and callable(entry[1])):
                return f"a dictionary whose entry {name!r} is no pair of a kind and a function"
            if entry[0] not in KINDS:
                return f"a dictionary whose entry {name!r} has the unknown kind {entry[0]!r}"
        return "a dictionary from names to pairs of a kind and a function" if given else "empty"

    return run


@bug_hunt.case("what you hand over: `name: (kind, function)` for each", run=_form)
def _(rng):
    yield ()


def _entry(answer: Callable, name: str) -> tuple[str, Callable]:
    hunted = answer()
    if name not in hunted:
        raise MissingRepairError(f"`{name}` is not in your dictionary yet. On to the next bug!")
    return hunted[name]


def _repaired(name: str, prepare: Callable = as_numpy) -> Callable:
    """Use the function of this name, on NumPy arrays unless `prepare` leaves them as they are."""

    def used(answer: Callable) -> Callable:
        return lambda *args: _entry(answer, name)[1](*prepare(args))

    return used


def _unchanged(args: Any) -> Any:
    return args


def _expected(name: str) -> Callable:
    """Say what the repaired function gives; kept apart from the reference, so both are proved."""
    return lambda *args: _ORACLES[name](*as_numpy(args))


_ORACLES: dict[str, Callable] = {
    "brighten": lambda image, factor: np.minimum(255, image.astype(float) * factor).astype("uint8"),
    "mean_square_error": lambda prediction, target: sum(
        (p - t) ** 2 for p, t in zip(prediction.ravel(), target, strict=True)
    ) / len(target),
    "turn": lambda image: np.einsum("yxc->xyc", image),
    "mean_per_student": lambda marks: np.array([sum(row) / len(row) for row in marks]),
    "steps": np.diff,
}  # fmt: skip


# 1. Arithmetic in 8 bits wraps around.


@bug_hunt.case(
    "`brighten`: 200 times 2 is as bright as can be, not dark",
    run=_repaired("brighten"),
    expect=_expected("brighten"),
    dtype="exact",
)
def _(rng):
    yield np.array([[[200, 100, 0]]], np.uint8), 2
    yield rng.integers(0, 256, size=(2, 4, 3)).astype(np.uint8), 3
    yield rng.integers(0, 256, size=(3, 2, 3)).astype(np.uint8), 1


# 2. A column meets a row.


@bug_hunt.case(
    "`mean_square_error`: a perfect prediction has the error 0",
    run=_repaired("mean_square_error"),
    expect=_expected("mean_square_error"),
)
def _(rng):
    yield np.array([[1], [2], [3]], np.float32), np.array([1, 2, 3], np.float32)


@bug_hunt.case(
    "`mean_square_error`: other predictions",
    run=_repaired("mean_square_error"),
    expect=_expected("mean_square_error"),
)
def _(rng):
    for n in (2, 5):
        yield tuple(rng.integers(-9, 10, size=s).astype(np.float32) for s in ((n, 1), (n,)))


# 3. A reshape is no transpose.


@bug_hunt.case(
    "`turn`: every pixel keeps its colour, and rows become columns",
    run=_repaired("turn"),
    expect=_expected("turn"),
)
def _(rng):
    yield np.arange(1, 13).reshape(2, 2, 3).astype(np.uint8)
    yield rng.integers(0, 256, size=(2, 4, 3)).astype(np.uint8)
    yield rng.integers(0, 256, size=(5, 3, 4)).astype(np.uint8)


# 4. A wrong axis shows only where the sizes differ.


@bug_hunt.case(
    "`mean_per_student`: two students with three marks each",
    run=_repaired("mean_per_student"),
    expect=_expected("mean_per_student"),
)
def _(rng):
    yield np.array([[1, 2, 3], [4, 5, 9]], np.float32)


@bug_hunt.case(
    "`mean_per_student`: as many students as marks, and other numbers of them",
    run=_repaired("mean_per_student"),
    expect=_expected("mean_per_student"),
)
def _(rng):
    for shape in ((2, 2), (4, 4), (5, 2)):
        yield rng.integers(1, 9, size=shape).astype(np.float32)


# 5. What looks like a copy is a view.


def _with_what_was_given(answer: Callable) -> Callable:
    """Return the result together with the picture that was passed in, as it is afterwards."""

    def run(image: Any) -> dict[str, Any]:
        (given,) = as_numpy((image,))
        result = _entry(answer, "blacken_corner")[1](given)
        return {"the picture that comes back": result, "the picture that was passed in": given}

    return run


def _blackened(image):
    given = np.array(image)
    rows, columns = np.indices(given.shape[:2])
    outside = np.logical_or(rows >= 2, columns >= 3)
    return {
        "the picture that comes back": given * outside[:, :, None].astype(given.dtype),
        "the picture that was passed in": given,
    }


@bug_hunt.case(
    "`blacken_corner`: the picture that was passed in is as before",
    run=_with_what_was_given,
    expect=_blackened,
    dtype="exact",
)
def _(rng):
    yield np.full((2, 4, 1), 9, np.uint8)
    yield rng.integers(1, 256, size=(4, 5, 3)).astype(np.uint8)


# 6. JAX reads the last cell where an index is too large.


@bug_hunt.case(
    "`steps`: between four numbers there are three steps",
    run=_repaired("steps", _unchanged),
    expect=_expected("steps"),
)
def _(rng):
    yield np.array([1, 4, 9, 16])
    yield rng.integers(-9, 10, size=7)
    yield rng.integers(-9, 10, size=2)


# --- the kinds ------------------------------------------------------------------------------------


def _kind_is_named(name: str) -> None:
    """Add the property that the kind of this function's bug is right; it is not told which is."""

    @bug_hunt.property(f"the kind of the bug in `{name}`")
    def _(answer, rng):
        said = _entry(answer, name)[0]
        assert said == _KIND_OF[name], (
            f"You repaired `{name}`, but {said!r} is not what was wrong with it. What did your repair "
            "change: the dtype, a shape, the order of the axes, an index, or who owns the memory?"
        )


for _name in BUGGY:
    _kind_is_named(_name)


# --- what learners hand over ----------------------------------------------------------------------


def _with(name: str, function: Callable) -> Hunted:
    """Return the reference's answer with one function replaced."""
    return {**_bug_hunt(), name: (_KIND_OF[name], function)}


@bug_hunt.mistake(
    "These are the functions as you found them, all six. Take them one by one: run each on an array "
    "whose axes have different sizes, or whose numbers are extreme, and compare with what its name "
    "promises."
)
def nothing_repaired():
    return {name: (_KIND_OF[name], function) for name, function in BUGGY.items()}


@bug_hunt.mistake(
    "`brighten` still wraps around: 200 times 2 becomes 144. Arithmetic in 8 bits does that, and so "
    "does `astype(np.uint8)` at the end. The order that works is: convert to a wider dtype, multiply, "
    "clip to 255, convert back. A clip after the multiplication in 8 bits comes too late."
)
def still_wrapping():
    return _with("brighten", lambda image, factor: np.clip(image * factor, 0, 255))


@bug_hunt.mistake(
    "`brighten` no longer wraps around while it multiplies, but it gives numbers beyond 255, which no "
    "8-bit picture holds. Clip them to 255, and convert back to `np.uint8`."
)
def left_wide():
    return _with("brighten", lambda image, factor: image.astype(int) * factor)


@bug_hunt.mistake(
    "`brighten` clips now, but does not give an 8-bit picture back. End with `.astype(np.uint8)`."
)
def not_converted_back():
    return _with("brighten", lambda image, factor: np.clip(image.astype(int) * factor, 0, 255))


@bug_hunt.mistake(
    "`mean_square_error` still gives what it gave when you found it. The prediction has shape (n, 1), the target (n,): "
    "their difference is a table of shape (n, n). Give both the same shape first."
)
def mean_square_error_as_found():
    return _with("mean_square_error", _mean_square_error)


@bug_hunt.mistake(
    "`turn` still gives what it gave when you found it. `reshape` never moves a cell, it only counts them off into "
    "another box; to exchange axes, use `swapaxes` or `transpose`."
)
def turn_as_found():
    return _with("turn", _turn)


@bug_hunt.mistake(
    "`turn` reverses all three axes now, so the colours come first. Exchange rows and columns only, "
    "and leave the last axis alone."
)
def all_axes_turned():
    return _with("turn", lambda image: image.T)


@bug_hunt.mistake(
    "`turn` rotates or mirrors the picture. The pixel in row i and column j should go to row j and "
    "column i."
)
def rotated():
    return _with("turn", np.rot90)


@bug_hunt.mistake(
    "`mean_per_student` still gives what it gave when you found it. Axis 0 is that of the students: a mean over it gives "
    "one number for each *mark*. On a square table even the shape is right."
)
def mean_per_student_as_found():
    return _with("mean_per_student", _mean_per_student)


@bug_hunt.mistake(
    "`blacken_corner` still gives what it gave when you found it. `image[:]` copies a list, but of an array it is a "
    "view: writing into it changes the picture that was passed in. Use `image.copy()`."
)
def blacken_corner_as_found():
    return _with("blacken_corner", _blacken_corner)


@bug_hunt.mistake(
    "`steps` still gives what it gave when you found it. Its last index is `len(x)`, one too large; JAX reads the last "
    "cell instead, without an error, so a step of 0 is added at the end."
)
def steps_as_found():
    return _with("steps", _steps)


@bug_hunt.mistake(
    "`steps` no longer reads beyond the end, but it has a last step that is none. Between n numbers "
    "there are n - 1 steps."
)
def step_to_nowhere():
    return _with("steps", lambda x: jnp.append(x[1:] - x[:-1], x[-1]))


@bug_hunt.mistake(
    "All six are repaired. You took 'reshape' and 'axis' for each other: which of the two functions "
    "reads the cells in the wrong order, and which aggregates along the wrong direction?"
)
def reshape_and_axis_exchanged():
    hunted = _bug_hunt()
    return {
        **hunted,
        "turn": ("axis", hunted["turn"][1]),
        "mean_per_student": ("reshape", hunted["mean_per_student"][1]),
    }


@bug_hunt.alternative
def in_other_words():
    return {
        "brighten": (
            "overflow",
            lambda image, factor: np.minimum(image.astype(np.uint16) * factor, 255).astype("u1"),
        ),
        "mean_square_error": ("broadcasting", lambda p, t: ((p - t[:, None]) ** 2).mean()),
        "turn": ("reshape", lambda image: np.transpose(image, (1, 0, 2))),
        "mean_per_student": ("axis", lambda marks: np.mean(marks, -1)),
        "blacken_corner": (
            "view",
            lambda image: np.asarray(jnp.asarray(image).at[:2, :3].set(0)),
        ),
        "steps": ("out of range", jnp.diff),
    }


@bug_hunt.alternative
def in_jax():
    def brighten(image, factor):
        return jnp.clip(jnp.asarray(image, jnp.float32) * factor, 0, 255).astype(jnp.uint8)

    def mean_square_error(prediction, target):
        return jnp.mean(jnp.square(jnp.squeeze(prediction, axis=1) - target))

    def turn(image):
        return jnp.moveaxis(image, 0, 1)

    def mean_per_student(marks):
        return jnp.array([row.mean() for row in marks])

    def blacken_corner(image):
        return jnp.asarray(image).at[:2, :3].set(0)

    def steps(x):
        return x[jnp.arange(1, len(x))] - x[jnp.arange(len(x) - 1)]

    return dict(
        zip(
            BUGGY,
            zip(
                KINDS,
                (brighten, mean_square_error, turn, mean_per_student, blacken_corner, steps),
                strict=True,
            ),
            strict=True,
        )
    )


@bug_hunt.alternative
def with_loops():
    def brighten(image, factor):
        cells = [min(int(cell) * factor, 255) for cell in image.ravel()]
        return np.array(cells, np.uint8).reshape(image.shape)

    def mean_square_error(prediction, target):
        return sum((p[0] - t) ** 2 for p, t in zip(prediction, target, strict=True)) / len(target)

    def turn(image):
        return np.stack([image[:, column] for column in range(image.shape[1])])

    def mean_per_student(marks):
        return marks.T.mean(axis=0)

    def blacken_corner(image):
        blackened = np.array(image)
        for row, column in np.ndindex(2, 3):
            blackened[row, column] = 0
        return blackened

    def steps(x):
        return jnp.array([x[i + 1] - x[i] for i in range(len(x) - 1)])

    return {
        "steps": ["out of range", steps],
        "blacken_corner": ["view", blacken_corner],
        "mean_per_student": ["axis", mean_per_student],
        "turn": ["reshape", turn],
        "mean_square_error": ["broadcasting", mean_square_error],
        "brighten": ["overflow", brighten],
    }
