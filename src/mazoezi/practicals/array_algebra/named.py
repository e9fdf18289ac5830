"""Arrays whose axes have names: what is combined is found by name, so no order must be remembered.

    >>> import jax.numpy as jnp
    >>> people = NamedArray(jnp.array([[1, 2, 2], [3, 0, 4]]), ("street", "house"))
    >>> sum_over(people, "house").values.tolist()
    [5, 7]
    >>> gifts = NamedArray(jnp.array([10, 20, 30]), ("house",))
    >>> add(gifts, people).names
    ('house', 'street')

A result has the first array's axes first, in their order. Which order that is matters to nobody
who asks for axes by name.
"""

import itertools
from collections.abc import Callable, Iterable

import equinox as eqx
import jax.numpy as jnp
from jax import Array


class NamedArray(eqx.Module):
    """An array, and one name for each of its axes.

    Raises ValueError if there are more or fewer names than axes, or two axes of the same name.
    """

    values: Array
    names: tuple[str, ...] = eqx.field(static=True, converter=tuple)

    def __check_init__(self):
        if len(self.names) != self.values.ndim:
            raise ValueError(
                f"An array of shape {self.values.shape} needs {self.values.ndim} names; got "
                f"{self.names}."
            )
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"Two axes have the same name: {self.names}.")

    @property
    def sizes(self) -> dict[str, int]:
        """The size of each axis, by name."""
        return dict(zip(self.names, self.values.shape, strict=True))


def ordered(a: NamedArray, names: Iterable[str]) -> Array:
    """Return the values with their axes in this order; a name that `a` lacks has size 1.

    Raises ValueError if one of its own names is missing.
    """
    names = tuple(names)
    if missing := [name for name in a.names if name not in names]:
        raise ValueError(f"The order {names} lacks the axis {missing[0]!r}.")
    present = [name for name in names if name in a.names]
    values = jnp.transpose(a.values, [_axis(a, name) for name in present])
    return values.reshape([a.sizes.get(name, 1) for name in names])


def combine(function: Callable[[Array, Array], Array], a: NamedArray, b: NamedArray) -> NamedArray:
    """Combine two arrays cell by cell, where axes of the same name run together.

    An axis that only one of them has is repeated for the other. Raises ValueError if an axis has
    different sizes in the two.
    """
    for name in a.names:
        if b.sizes.get(name, a.sizes[name]) != a.sizes[name]:
            raise ValueError(
                f"The axis {name!r} has size {a.sizes[name]} in one and {b.sizes[name]} in the other."
            )
    names = (*a.names, *(name for name in b.names if name not in a.names))
    return NamedArray(function(ordered(a, names), ordered(b, names)), names)


def add(a: NamedArray, b: NamedArray) -> NamedArray:
    return combine(jnp.add, a, b)


def multiply(a: NamedArray, b: NamedArray) -> NamedArray:
    return combine(jnp.multiply, a, b)


def sum_over(a: NamedArray, over: str) -> NamedArray:
    return NamedArray(a.values.sum(axis=_axis(a, over)), _without(a, over))


def mean_over(a: NamedArray, over: str) -> NamedArray:
    return NamedArray(a.values.mean(axis=_axis(a, over)), _without(a, over))


def max_over(a: NamedArray, over: str) -> NamedArray:
    return NamedArray(a.values.max(axis=_axis(a, over)), _without(a, over))


def contract(a: NamedArray, b: NamedArray, over: str) -> NamedArray:
    """Multiply, and sum over one axis: a matrix product, if both have two axes and share one."""
    return sum_over(multiply(a, b), over)


def at(a: NamedArray, name: str, index: int) -> NamedArray:
    """Return what stands at one position of an axis; the axis disappears."""
    return NamedArray(jnp.take(a.values, index, axis=_axis(a, name)), _without(a, name))


def part(a: NamedArray, name: str, start: int | None, stop: int | None) -> NamedArray:
    """Return a range of one axis; the axis stays."""
    index = [slice(None)] * a.values.ndim
    index[_axis(a, name)] = slice(start, stop)
    return NamedArray(a.values[tuple(index)], a.names)


def orders_that_agree(operation: Callable[[NamedArray], NamedArray], a: NamedArray) -> int:
    """Return for how many of the orders in which `a` can be stored an operation gives the same.

    Values are compared exactly, whatever the order in which the results are stored.
    """
    orders = itertools.permutations(a.names)
    results = [operation(NamedArray(ordered(a, names), names)) for names in orders]
    return sum(_equal(result, results[0]) for result in results)


def _equal(a: NamedArray, b: NamedArray) -> bool:
    same_axes = a.sizes == b.sizes  # dictionaries know no order
    return same_axes and bool(jnp.array_equal(a.values, ordered(b, a.names)))


def _axis(a: NamedArray, name: str) -> int:
    """Return the position of an axis. Raises ValueError, listing the names, if there is none."""
    if name not in a.names:
        raise ValueError(f"There is no axis {name!r}; there are {', '.join(a.names)}.")
    return a.names.index(name)


def _without(a: NamedArray, name: str) -> tuple[str, ...]:
    return tuple(other for other in a.names if other != name)
