"""Checks of A19 to A21: how many cells a slice takes, and its shape."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mazoezi.course import code_exercise
from mazoezi.practicals.array_algebra import data
from mazoezi.practicals.array_algebra.exercises._predictions import no_arguments, refuse

_F = data.letter_f()


# --- A21 Predict shape and values ----------------------------------------------------------------

_EXPRESSIONS = {
    "f[2, 0:3, 2]": np.s_[2, 0:3, 2],
    "f[1:4, :, 0]": np.s_[1:4, :, 0],
    "f[-1, -3:]": np.s_[-1, -3:],
    "f[::2, 1:2, :]": np.s_[::2, 1:2, :],
    "f[0:5:3, -1, 1:]": np.s_[0:5:3, -1, 1:],
    "f[4, 0, -1]": np.s_[4, 0, -1],
}
_FIRST = "f[2, 0:3, 2]"
Shape = tuple[int, ...]
Index = tuple[int | slice, ...]
Extent = Callable[[int | slice, int], int | None]


def _extent(i: int | slice, size: int) -> int | None:
    """Return how many cells an index takes of an axis, or None where it removes the axis."""
    return None if isinstance(i, int) else len(range(size)[i])


def _kept_by_an_integer(i: int | slice, size: int) -> int | None:
    return 1 if isinstance(i, int) else _extent(i, size)


def _stop_included(i: int | slice, size: int) -> int | None:
    if isinstance(i, slice) and i.stop is not None:
        i = slice(i.start, i.stop + 1, i.step)
    return _extent(i, size)


def _without_step(i: int | slice, size: int) -> int | None:
    return _extent(slice(i.start, i.stop) if isinstance(i, slice) else i, size)


def _rounded_down_by_step(i: int | slice, size: int) -> int | None:
    if isinstance(i, slice) and i.step is not None:
        return len(range(size)[i.start : i.stop]) // i.step
    return _extent(i, size)


def _whole_axis(i: int | slice, size: int) -> int | None:
    return None if isinstance(i, int) else size


def _shape(index: Index, extent: Extent = _extent) -> Shape:
    """Return the shape of a slice of the letter F, if each index takes what `extent` says."""
    every_axis = (*index, *[slice(None)] * (_F.ndim - len(index)))
    extents = [extent(i, size) for i, size in zip(every_axis, _F.shape, strict=True)]
    return tuple(size for size in extents if size is not None)


def _shape_of_mentioned_axes(index: Index) -> Shape:
    return _shape(index)[: sum(isinstance(i, slice) for i in index)]


_WRONG_EXTENTS: dict[Extent, str] = {
    _kept_by_an_integer: (
        "An integer index *removes* its axis; only a range keeps it. Leave out the sizes 1 of the "
        "axes that have an integer."
    ),
    _stop_included: (
        "`stop` itself is left out: `start:stop` takes stop - start cells. You counted one more."
    ),
    _rounded_down_by_step: (
        "With a step, the first cell is always taken, so that the count is rounded *up*: 0:5:3 takes "
        "the cells 0 and 3."
    ),
    _without_step: "The number after the second colon is a step: it skips cells.",
    _whole_axis: (
        "You took the whole of each axis that is kept. A range keeps an axis, and only some of its "
        "cells: count those from start up to stop."
    ),
}


def _predictions():
    shapes = {code: _shape(index) for code, index in _EXPRESSIONS.items()}
    return shapes, _F[_EXPRESSIONS[_FIRST]].tolist()


predictions = code_exercise("A21", reference=_predictions)


def _what_was_said(answer: Callable) -> Callable:
    """Say what is predicted, and not how."""

    def run() -> Any:
        given = answer()
        if not (isinstance(given, tuple | list) and len(given) == 2 and isinstance(given[0], dict)):
            return given
        return dict.fromkeys(given[0], "predicted")

    return run


predictions.case(
    "a dictionary with six shapes, and the values of the first slice", run=_what_was_said
)(no_arguments)


def _why_not(given: Any, index: Index) -> str:
    """Return what is wrong with a predicted shape."""
    if isinstance(given, int):
        return "A shape is a tuple: that of a vector of seven cells is `(7,)`, with a comma."
    if not isinstance(given, tuple | list):
        return f"A shape is a tuple of sizes; this is of type {type(given).__name__}."
    for extent, advice in _WRONG_EXTENTS.items():
        if tuple(given) == _shape(index, extent):
            return advice
    if tuple(given) == _shape_of_mentioned_axes(index):
        return "An axis without an index is kept whole, as if a `:` stood there."
    axes = len(_shape(index))
    if len(given) != axes:
        return (
            f"Your shape has {len(given)} {'axis' if len(given) == 1 else 'axes'}. `f` has three; "
            "each integer removes one."
        )
    return "The number of axes is right. Write down which indices each range takes, and count them."


def _predicted_shape(code: str, index: Index) -> None:
    """Add the property that the shape of this slice is predicted rightly."""

    @predictions.property(f"the shape of `{code}`")
    def _(answer, rng):
        given = answer()[0][code]
        if not (isinstance(given, tuple | list) and tuple(given) == _shape(index)):
            refuse(given, f"`{code}` does not have the shape {given}. {_why_not(given, index)}")


for _code, _index in _EXPRESSIONS.items():
    _predicted_shape(_code, _index)


@predictions.property(f"the values of `{_FIRST}`")
def _(answer, rng):
    given = np.asarray(answer()[1])
    if not np.array_equal(given, _F[_EXPRESSIONS[_FIRST]]):
        refuse(
            given,
            f"`{_FIRST}` does not hold {given.tolist()}. It is the *blue* of the first three pixels "
            "of row 2: two red ones and a black one.",
        )


def _all_by(extent: Extent) -> dict[str, Shape]:
    return {code: _shape(index, extent) for code, index in _EXPRESSIONS.items()}


@predictions.mistake(
    "You kept every axis. An integer index removes its axis, a range keeps it: the shape has one size "
    "for each range or colon, and none for an integer."
)
def integers_kept():
    return _all_by(_kept_by_an_integer), [0, 0, 0]


@predictions.mistake(
    "You counted the cell at `stop` too. A range starts with its start and ends *before* its stop: "
    "0:3 takes 0, 1 and 2."
)
def stop_counted():
    return _all_by(_stop_included), [0, 0, 0, 1]


@predictions.mistake(
    "Where there is a step you divided and rounded down. The first cell is always taken, so round "
    "up: every second of five cells are three."
)
def steps_rounded_down():
    return _all_by(_rounded_down_by_step), [0, 0, 0]


@predictions.mistake(
    "You did not look at the steps. In start:stop:step the last number says how far it is from one "
    "cell to the next."
)
def steps_not_seen():
    return _all_by(_without_step), [0, 0, 0]


@predictions.mistake(
    "`f[-1, -3:]` has two indices for three axes. The axis that is not mentioned is kept whole: the "
    "shape has an entry for the channels too."
)
def last_axis_forgotten():
    return {code: _shape_of_mentioned_axes(i) for code, i in _EXPRESSIONS.items()}, [0, 0, 0]


@predictions.mistake(
    "Each axis that is kept has its whole size in your shapes. A range takes only some of its cells: "
    "count them."
)
def whole_axes():
    return _all_by(_whole_axis), [0, 0, 0, 1]


@predictions.mistake(
    "The shapes are right. The values are those of the red channel: the third index is 2, which "
    "means blue."
)
def values_of_red():
    return _predictions()[0], [1, 1, 0]


@predictions.mistake(
    "You gave the *numbers of axes*, not the shapes. A shape holds the size of each axis that is left."
)
def numbers_of_axes():
    return {code: len(_shape(index)) for code, index in _EXPRESSIONS.items()}, [0, 0, 0]


@predictions.alternative
def asked_of_numpy():
    f = data.letter_f()
    return {code: eval(code, {"f": f}).shape for code in _EXPRESSIONS}, f[2, 0:3, 2]


@predictions.alternative
def typed_as_lists():
    return [
        {
            "f[2, 0:3, 2]": [3],
            "f[1:4, :, 0]": [3, 4],
            "f[-1, -3:]": [3, 3],
            "f[::2, 1:2, :]": [3, 1, 3],
            "f[0:5:3, -1, 1:]": [2, 2],
            "f[4, 0, -1]": [],
        },
        (0, 0, 0),
    ]


@predictions.alternative
def counted_by_ranges():
    shapes = {}
    for code, index in _EXPRESSIONS.items():
        full = (*index, *[slice(None)] * (_F.ndim - len(index)))
        pairs = zip(full, _F.shape, strict=True)
        shapes[code] = tuple(len(range(size)[i]) for i, size in pairs if isinstance(i, slice))
    return shapes, np.zeros(3)


# --- A19 Pixels after subsampling ----------------------------------------------------------------


def _pixels_left(m, n, d):
    return -(-m // d) * -(-n // d)


pixels_left = code_exercise("A19", reference=_pixels_left, dtype="any")


@pixels_left.case("5 rows and 4 columns, every second of them")
def _(rng):
    yield 5, 4, 2


@pixels_left.case("a step of 1 leaves the picture as it is")
def _(rng):
    yield 3, 7, 1


@pixels_left.case("steps that divide both sizes")
def _(rng):
    yield 6, 9, 3
    yield 768, 1024, 8


@pixels_left.case("steps that do not divide them")
def _(rng):
    yield 768, 1024, 10
    yield 7, 5, 3


@pixels_left.case("a step larger than the picture")
def _(rng):
    yield 3, 4, 5
    yield 2, 9, 4


@pixels_left.case("20 pictures at random")
def _(rng):
    for _ in range(20):
        m, n, d = rng.integers(1, [40, 40, 12])
        yield int(m), int(n), int(d)


@pixels_left.mistake(
    "5×4 pixels with d = 2 give 3·2 = 6, not 5: you cannot take half a row. Count the rows and the "
    "columns apart, each a whole number, and multiply then."
)
def product_divided(m, n, d):
    return m * n / d**2


@pixels_left.mistake(
    "Both axes are thinned out: of the rows only each d-th is left, *and* of the columns. You divided "
    "by d once."
)
def divided_once(m, n, d):
    return m * n / d


@pixels_left.mistake(
    "You rounded down. Index 0 is always kept, so that a last, shorter stretch counts too: of five "
    "rows 0, 2 and 4 are left. Round up."
)
def rounded_down(m, n, d):
    return (m // d) * (n // d)


@pixels_left.mistake(
    "You rounded to the nearest. A stretch shorter than d still begins with a pixel that is taken, "
    "however short it is: round up."
)
def rounded_to_nearest(m, n, d):
    return round(m / d) * round(n / d)


@pixels_left.mistake(
    "You rounded the product up. Rows and columns are whole numbers each: round both up first, and "
    "multiply then."
)
def product_rounded_up(m, n, d):
    return math.ceil(m * n / d**2)


@pixels_left.mistake(
    "You thinned out the rows only. The step stands in both places of `[::d, ::d]`: each d-th column "
    "is left too."
)
def rows_only(m, n, d):
    return -(-m // d) * n


@pixels_left.mistake(
    "You added the rows and the columns. Each of the rows that are left has each of the columns that "
    "are left: multiply."
)
def sizes_added(m, n, d):
    return -(-m // d) + -(-n // d)


@pixels_left.mistake(
    "`m // d + 1` is one too many where d divides m: every second of 6 rows are 3, not 4. Rounding up "
    "adds 1 only where something is left over."
)
def always_one_more(m, n, d):
    return (m // d + 1) * (n // d + 1)


@pixels_left.alternative
def by_ceil(m, n, d):
    return math.ceil(m / d) * math.ceil(n / d)


@pixels_left.alternative
def by_numpy_ceil(m, n, d):
    return np.ceil(m / d) * np.ceil(n / d)


@pixels_left.alternative
def by_counting_positions(m, n, d):
    return len(range(0, m, d)) * len(range(0, n, d))


@pixels_left.alternative
def by_slicing(m, n, d):
    return np.zeros((m, n), np.uint8)[::d, ::d].size


@pixels_left.alternative
def by_adding_before(m, n, d):
    return ((m + d - 1) // d) * ((n - 1) // d + 1)


# --- A20 Step size for a pixel budget ------------------------------------------------------------


def _step_for_budget(m, n, budget):
    d = 1
    while _pixels_left(m, n, d) > budget:
        d += 1
    return d


step_for_budget = code_exercise("A20", reference=_step_for_budget)


@step_for_budget.case("5 rows and 4 columns, at most 6 pixels")
def _(rng):
    yield 5, 4, 6


@step_for_budget.case("a budget for all pixels, or for more than there are")
def _(rng):
    yield 5, 4, 20
    yield 3, 3, 100


@step_for_budget.case("a budget of one pixel")
def _(rng):
    yield 4, 7, 1
    yield 6, 2, 1


@step_for_budget.case("rounding up makes it more than the area says")
def _(rng):
    yield 4, 4, 3
    yield 1, 100, 7


@step_for_budget.case("a photograph of 768 rows and 1024 columns")
def _(rng):
    for budget in (400_000, 10_000, 100):
        yield 768, 1024, budget


@step_for_budget.case("200 pictures and budgets at random")
def _(rng):
    for _ in range(200):
        m, n = (int(size) for size in rng.integers(1, 60, 2))
        yield m, n, int(rng.integers(1, 1 + round(1.2 * m * n)))


@step_for_budget.note
def what_the_budget_buys(answer):
    """Tell how many pixels of a photograph are left, and with the next smaller step."""
    d = int(answer(768, 1024, 10_000))
    return (
        f"Of 768 × 1024 pixels and with a budget of 10 000, your step {d} leaves "
        f"{_pixels_left(768, 1024, d)}; a step of {d - 1} would leave "
        f"{_pixels_left(768, 1024, d - 1)}."
    )


@step_for_budget.mistake(
    "√(mn/budget) is a lower bound: no smaller step can do. Rounded *down* it exceeds the budget: for "
    "5×4 pixels and a budget of 6 it gives 1, which leaves all 20. Round up, and go on until it fits."
)
def bound_rounded_down(m, n, budget):
    return max(1, math.isqrt(m * n // budget))


@step_for_budget.mistake(
    "√(mn/budget), rounded up, is the least that d can be, and not always enough, since rows and "
    "columns are rounded up as well: 4×4 pixels with d = 3 leave 2·2 = 4. Go on increasing d until "
    "the pixels fit."
)
def bound_rounded_up(m, n, budget):
    return max(1, math.ceil(math.sqrt(m * n / budget)))


@step_for_budget.mistake(
    "Your step fits the budget, but it is not the smallest one: a step smaller by 1 would do, and "
    "leave more of the picture."
)
def one_too_large(m, n, budget):
    return _step_for_budget(m, n, budget) + 1


@step_for_budget.mistake(
    "You ask for *fewer* pixels than the budget. Exactly as many are allowed too: compare with `<=`."
)
def budget_not_used_up(m, n, budget):
    d = 1
    while _pixels_left(m, n, d) >= budget and d < max(m, n):
        d += 1
    return d


@step_for_budget.mistake(
    "A step is a whole number, and here it is a floating-point one. `[::d]` takes whole numbers only."
)
def a_float(m, n, budget):
    return float(_step_for_budget(m, n, budget))


@step_for_budget.mistake(
    "You return √(mn/budget) itself. A step is a whole number: round it up, and see whether the "
    "pixels fit."
)
def the_bound_itself(m, n, budget):
    return math.sqrt(m * n / budget)


@step_for_budget.mistake(
    "mn/budget is how many times too large the *area* is. The step acts on both axes, so begin with "
    "its square root."
)
def ratio_of_areas(m, n, budget):
    return max(1, math.ceil(m * n / budget))


@step_for_budget.mistake(
    "You counted the pixels by rounding down, so that some of your steps leave too many. Index 0 is "
    "always kept: round up, as in the exercise before."
)
def counted_by_rounding_down(m, n, budget):
    d = 1
    while (m // d) * (n // d) > budget:
        d += 1
    return d


@step_for_budget.mistake(
    "You double the step each time, and may jump over the smallest one that fits. Increase it by 1."
)
def by_doubling(m, n, budget):
    d = 1
    while _pixels_left(m, n, d) > budget:
        d *= 2
    return d


@step_for_budget.mistake(
    "The largest step that fits would leave a single pixel. The *smallest* is asked for, so that as "
    "many pixels remain as the budget allows."
)
def the_largest(m, n, budget):
    return max(m, n)


@step_for_budget.alternative
def from_the_bound(m, n, budget):
    d = max(1, math.ceil(math.sqrt(m * n / budget)))
    while math.ceil(m / d) * math.ceil(n / d) > budget:
        d += 1
    return d


@step_for_budget.alternative
def first_that_fits(m, n, budget):
    steps = range(1, max(m, n) + 1)
    return next(d for d in steps if len(range(0, m, d)) * len(range(0, n, d)) <= budget)


@step_for_budget.alternative
def by_bisection(m, n, budget):
    too_small, enough = 0, max(m, n)
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        if _pixels_left(m, n, middle) <= budget:
            enough = middle
        else:
            too_small = middle
    return enough


@step_for_budget.alternative
def by_numpy(m, n, budget):
    steps = np.arange(1, max(m, n) + 1)
    left = np.ceil(m / steps) * np.ceil(n / steps)
    return steps[left <= budget][0]
