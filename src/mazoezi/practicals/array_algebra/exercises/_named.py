"""Check of A38: axes with names, so that the order in which they are stored does not matter."""

import itertools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise
from mazoezi.practicals.array_algebra.named import NamedArray, add, combine, sum_over


class UnnamedResultError(TypeError):
    """An answer returned something that has no names."""


def _add_then_sum(a, b, over):
    return sum_over(add(a, b), over)


add_then_sum = code_exercise("A38", reference=_add_then_sum, rtol=1e-6)


def _by_name(answer: Callable) -> Callable:
    """Run an answer, and bring its result into the order of the alphabet."""

    def run(*args: Any) -> dict[str, Any]:
        return _alphabetical(answer(*args))

    return run


def _alphabetical(result: Any) -> dict[str, Any]:
    if isinstance(result, tuple) and len(result) == 2:
        result = NamedArray(*result)
    if not isinstance(result, NamedArray):
        raise UnnamedResultError(
            f"expected a NamedArray, with values and names; got a {type(result).__name__}."
        )
    names = sorted(result.names)
    values = np.transpose(np.asarray(result.values), [result.names.index(name) for name in names])
    return {"names in order of the alphabet": ", ".join(names), "values": values}


def _named(rng, **sizes: int) -> NamedArray:
    """Return whole numbers from -9 to 9, with the axes in the order given."""
    values = rng.integers(-9, 10, size=tuple(sizes.values()))
    return NamedArray(jnp.asarray(values), tuple(sizes))


def _in_order(a: NamedArray, names: tuple[str, ...]) -> NamedArray:
    return NamedArray(jnp.transpose(a.values, [a.names.index(name) for name in names]), names)


@add_then_sum.case("both with the same axes in the same order", run=_by_name)
def _(rng):
    a = NamedArray(jnp.array([[1, 2, 2], [3, 0, 4]]), ("street", "house"))
    b = NamedArray(jnp.array([[10, 10, 10], [20, 20, 20]]), ("street", "house"))
    yield a, b, "house"
    yield a, b, "street"


@add_then_sum.case("the same axes in another order", run=_by_name)
def _(rng):
    yield _named(rng, street=2, house=3), _named(rng, house=3, street=2), "house"
    yield _named(rng, street=4, house=3), _named(rng, house=3, street=4), "street"


@add_then_sum.case("streets with as many houses as there are streets", run=_by_name)
def _(rng):
    a = NamedArray(jnp.array([[1, 2], [3, 4]]), ("street", "house"))
    b = NamedArray(jnp.array([[0, 10], [20, 30]]), ("house", "street"))
    yield a, b, "house"
    yield a, b, "street"


@add_then_sum.case("b lacks an axis", run=_by_name)
def _(rng):
    for b, over in itertools.product(({"street": 2}, {"house": 3}), ("street", "house")):
        yield _named(rng, street=2, house=3), _named(rng, **b), over


@add_then_sum.case("a lacks an axis", run=_by_name)
def _(rng):
    for over in ("street", "house"):
        yield _named(rng, house=3), _named(rng, street=2, house=3), over
        yield _named(rng, street=3), _named(rng, street=3, house=3), over


@add_then_sum.case("each has an axis that the other lacks", run=_by_name)
def _(rng):
    for over in ("street", "house", "floor"):
        yield _named(rng, street=2, house=3), _named(rng, floor=4, street=2), over
    yield _named(rng, street=2), _named(rng, house=3), "street"


@add_then_sum.case("three axes", run=_by_name)
def _(rng):
    a, b = _named(rng, street=2, house=3, floor=4), _named(rng, floor=4, street=2, house=3)
    for over in ("street", "house", "floor"):
        yield a, b, over


@add_then_sum.case("numbers with a fraction", run=_by_name)
def _(rng):
    a, b = _named(rng, street=2, house=3), _named(rng, house=3)
    yield NamedArray(a.values / 4, a.names), NamedArray(b.values / 4, b.names), "street"


@add_then_sum.property("all six orders in which the axes can be stored give the same")
def _(answer, rng):
    a, b = _named(rng, street=2, house=2, floor=2), _named(rng, house=2, floor=2)
    expected = _alphabetical(_add_then_sum(a, b, "floor"))["values"]
    for names in itertools.permutations(a.names):
        result = _alphabetical(answer(_in_order(a, names), b, "floor"))["values"]
        assert np.array_equal(result, expected), (
            f"With the axes of a stored in the order {', '.join(names)}, the result is another one "
            "than with street, house, floor. Find each axis by its name, never by its place."
        )


@add_then_sum.mistake(
    "You added the values as they are stored, and never looked at the names of b. That is right only "
    "where both happen to have the same order: bring b's axes into the order of a's first."
)
def added_as_stored(a, b, over):
    axis = a.names.index(over)
    names = tuple(name for name in a.names if name != over)
    return NamedArray((a.values + b.values).sum(axis=axis), names)


@add_then_sum.mistake(
    "You summed each array first, and added then. An array that lacks the axis is then counted once, "
    "and not once for every position along it: add first, then sum."
)
def summed_before_adding(a, b, over):
    def over_if_there(one):
        return sum_over(one, over) if over in one.names else one

    return add(over_if_there(a), over_if_there(b))


@add_then_sum.mistake(
    "You aligned the two by name, and then summed over the place that the axis had in b. After "
    "adding, the axes are in the order of the sum: look the name up there."
)
def axis_of_b(a, b, over):
    both = add(a, b)
    axis = b.names.index(over) if over in b.names else both.names.index(over)
    axis = min(axis, len(both.names) - 1)
    names = tuple(name for name in both.names if name != over)
    return NamedArray(both.values.sum(axis=axis), names)


@add_then_sum.mistake(
    "You return the array alone. Its names belong to it: `NamedArray(values, names)`, without the "
    "name of the axis that was summed."
)
def names_forgotten(a, b, over):
    return _add_then_sum(a, b, over).values


@add_then_sum.mistake(
    "You left the names that remain in the order of the alphabet, but not the values. A name and its "
    "axis must move together."
)
def names_sorted_alone(a, b, over):
    result = _add_then_sum(a, b, over)
    return NamedArray(result.values, tuple(sorted(result.names)))


@add_then_sum.mistake("You multiplied the two; they are to be added, and then summed.")
def multiplied(a, b, over):
    return sum_over(combine(jnp.multiply, a, b), over)


@add_then_sum.mistake("You took the mean over the axis; its *sum* is asked.")
def mean_taken(a, b, over):
    both = add(a, b)
    names = tuple(name for name in both.names if name != over)
    return NamedArray(both.values.mean(axis=both.names.index(over)), names)


@add_then_sum.mistake(
    "The sum over the axis is still to come: the result should no longer have the axis named `over`."
)
def not_summed(a, b, over):
    return add(a, b)


@add_then_sum.alternative
def by_einsum_letters(a, b, over):
    names = sorted({*a.names, *b.names})
    letters = {name: chr(ord("a") + place) for place, name in enumerate(names)}
    sizes = {**a.sizes, **b.sizes}
    every = "".join(letters.values())

    def filled(one):
        own = "".join(letters[name] for name in one.names)
        rest = [name for name in names if name not in one.names]
        others = [jnp.ones(sizes[name], one.values.dtype) for name in rest]
        groups = ",".join([own, *(letters[name] for name in rest)])
        return jnp.einsum(f"{groups}->{every}", one.values, *others)

    total = (filled(a) + filled(b)).sum(axis=names.index(over))
    return NamedArray(total, [name for name in names if name != over])


@add_then_sum.alternative
def by_new_axes_at_the_end(a, b, over):
    names = list(b.names) + [name for name in a.names if name not in b.names]

    def aligned(one):
        values = one.values[(..., *[None] * (len(names) - len(one.names)))]
        own = [*one.names, *(name for name in names if name not in one.names)]
        return jnp.transpose(values, [own.index(name) for name in names])

    axis = names.index(over)
    return NamedArray((aligned(a) + aligned(b)).sum(axis), (*names[:axis], *names[axis + 1 :]))


@add_then_sum.alternative
def cell_by_cell(a, b, over):
    sizes = {**a.sizes, **b.sizes}
    kept = [name for name in sizes if name != over]
    values = np.zeros(
        [sizes[name] for name in kept], np.result_type(a.values.dtype, b.values.dtype)
    )
    for position in np.ndindex(*sizes.values()):
        place = dict(zip(sizes, position, strict=True))
        both = (
            a.values[tuple(place[n] for n in a.names)] + b.values[tuple(place[n] for n in b.names)]
        )
        values[tuple(place[name] for name in kept)] += both
    return NamedArray(jnp.asarray(values), kept)


@add_then_sum.alternative
def values_and_names(a, b, over):
    result = _add_then_sum(b, a, over)
    return result.values, result.names
