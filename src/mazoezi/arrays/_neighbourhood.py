"""An array of small numbers as people in houses: streets, house numbers, floors."""

import math
from typing import Any

import numpy as np

from mazoezi._errors import ArgumentError
from mazoezi.arrays._block import Labelled, draw_block, labelled
from mazoezi.arrays._scene import AXES, GREY, Drawing, Group, Line, Point, Polygon, Words, beside

_AXES_OF = ((), ("house",), ("street", "house"), ("street", "house", "floor"))
_COLOURS: dict[str, str] = dict(zip(("street", "house", "floor"), AXES, strict=False))
_WIDTH, _STOREY, _ROOF, _APART = 58.0, 30.0, 16.0, 12.0
_MOST = 5  # people who fit into a storey


def draw_neighbourhood(array: Any) -> Drawing:
    """Draw an array as people in houses, beside its cells.

    A scalar is one house, a vector a street, a matrix streets with houses, and a 3-array streets with
    houses with floors. The value is the number of people, the position their address.

    Raises ArgumentError as `draw` does, for more than three axes, and for values other than the whole
    numbers from 0 to 5.
    """
    order = np.ndim(array) if hasattr(array, "ndim") else labelled(array).values.ndim
    if order > 3:
        raise ArgumentError("the array's shape", np.shape(array), "at most three axes")
    block = labelled(array, _AXES_OF[order], _COLOURS)
    values = block.values
    if values.dtype.kind not in "iu" or (values.size and not (values >= 0).all()):
        raise ArgumentError("the array", array, "numbers of people: whole numbers from 0")
    if values.max(initial=0) > _MOST:
        raise ArgumentError("the largest value", values.max(), f"at most {_MOST} people a floor")
    cells = draw_block(block, cuboid=order == 3)
    return beside((_streets(block), cells), text=f"Houses with people. {cells.text}", gap=36)


def _streets(block: Labelled) -> Drawing:
    """Draw the houses of the part of the array that is drawn at all."""
    part = block.drawn
    people = part.reshape((1,) * max(0, 2 - part.ndim) + part.shape)
    people = people.reshape(*people.shape[:2], -1)  # street, house, floor
    storeys = people.shape[2]
    height = _ROOF + _STOREY * storeys
    shapes: list[Any] = []
    for street in range(people.shape[0]):
        ground = (height + 34.0) * street + height
        width = people.shape[1] * (_WIDTH + _APART)
        shapes.append(Line((-_APART, ground), (width, ground), GREY, 2.0))
        for house in range(people.shape[1]):
            x = house * (_WIDTH + _APART)
            shapes.append(_house(x, ground, people[street, house]))
            if "house" in block.names:
                shapes.append(_address("house", house, (x + _WIDTH / 2, ground + 12)))
            if "floor" in block.names and house == 0:
                for floor in range(storeys):
                    shapes.append(
                        _address("floor", floor, (x - 10, ground - _STOREY * (floor + 0.5)))
                    )
        if "street" in block.names:
            shapes.append(_address("street", street, (-_APART - 8, ground - 2), anchor="end"))
    return Drawing(tuple(shapes), "Houses with people.")


def _address(axis: str, index: int, at: Point, anchor: Any = "middle") -> Words:
    text = f"street {index}" if axis == "street" else str(index)
    return Words(at, text, _COLOURS[axis], 11, anchor, bold=True)


def _house(x: float, ground: float, people: np.ndarray) -> Group:
    """Draw a house of as many storeys as there are numbers of people, from the ground up."""
    top = ground - _STOREY * len(people)
    roof = Polygon(((x - 4, top), (x + _WIDTH / 2, top - _ROOF), (x + _WIDTH + 4, top)), "#d8d8d8")
    shapes: list[Any] = [roof]
    for floor, number in enumerate(people):
        floor_at = ground - _STOREY * floor
        room = (
            (x, floor_at - _STOREY),
            (x + _WIDTH, floor_at - _STOREY),
            (x + _WIDTH, floor_at),
            (x, floor_at),
        )
        shapes.append(Polygon(room, "#ffffff"))
        step = _WIDTH / (_MOST + 0.5)
        start = x + _WIDTH / 2 - step * (int(number) - 1) / 2
        shapes += (_person(start + step * k, floor_at) for k in range(int(number)))
    return Group("house", tuple(shapes), {"people": " ".join(map(str, people.tolist()))})


def _person(x: float, floor: float) -> Group:
    head = tuple(
        (x + 3.2 * math.cos(k * math.pi / 5), floor - 18 + 3.2 * math.sin(k * math.pi / 5))
        for k in range(10)
    )
    body = (
        (x - 3.6, floor - 1.5),
        (x - 2.6, floor - 13),
        (x + 2.6, floor - 13),
        (x + 3.6, floor - 1.5),
    )
    return Group(
        "person", (Polygon(head, "#404040", "#404040"), Polygon(body, "#404040", "#404040"))
    )
