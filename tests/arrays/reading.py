"""Read a drawing back from its SVG, so that tests can ask what it shows."""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

from mazoezi.arrays import Drawing

SVG = "{http://www.w3.org/2000/svg}"
Position = tuple[int, ...]


@dataclass(frozen=True)
class Cell:
    """What an SVG shows of a cell."""

    text: str
    fill: str
    kinds: frozenset[str]
    facts: dict[str, str]
    corner: tuple[float, float]


@dataclass(frozen=True)
class Shown:
    """What an SVG shows of an array."""

    shape: tuple[int, ...]
    names: tuple[str, ...]
    cells: dict[Position, Cell]
    axes: dict[str, tuple[str, str]]  # name: colour, title
    note: str

    def chosen(self, kind: str = "chosen") -> set[Position]:
        return {position for position, cell in self.cells.items() if kind in cell.kinds}

    def texts(self) -> dict[Position, str]:
        return {position: cell.text for position, cell in self.cells.items()}


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


def _texts(element: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in element.iter(f"{SVG}text")]


def _cell(element: ElementTree.Element) -> Cell:
    front = next(element.iter(f"{SVG}polygon"))
    x, y = map(float, front.attrib["points"].split()[0].split(","))
    facts = {k.removeprefix("data-"): v for k, v in element.attrib.items() if k.startswith("data")}
    kinds = frozenset(element.attrib["class"].split())
    return Cell(_texts(element)[0], front.attrib["fill"], kinds, facts, (x, y))


def _array(element: ElementTree.Element) -> Shown:
    groups = [one for one in element if one.tag == f"{SVG}g"]
    cells = {
        _numbers(one.attrib["data-position"]): _cell(one)
        for one in groups
        if one.attrib["class"].startswith("cell")
    }
    axes = {
        one.attrib["data-name"]: (one.attrib["data-colour"], _texts(one)[-1])
        for one in groups
        if one.attrib["class"] == "axis"
    }
    note = " ".join(_texts(one)[0] for one in groups if one.attrib["class"] == "note")
    names = tuple(element.attrib["data-names"].split())
    return Shown(_numbers(element.attrib["data-shape"]), names, cells, axes, note)


def read_arrays(drawing: Drawing) -> list[Shown]:
    """Return the arrays that a drawing shows, from its SVG."""
    root = ElementTree.fromstring(drawing.svg)
    return [_array(one) for one in root.iter(f"{SVG}g") if one.attrib["class"] == "array"]


def read_words(drawing: Drawing) -> list[str]:
    """Return all lines of words of a drawing, from its SVG."""
    return _texts(ElementTree.fromstring(drawing.svg))
