"""Scenes of flat shapes and words, written as SVG for the page and as PNG for the file.

A scene is laid out in pixels, with x to the right and y down. The colours are those of Okabe and Ito
(2008), "Color Universal Design", darkened or lightened so far that they stand out on white and on
nearly black paper alike: a drawing needs no paper of its own.
"""

import html
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from mazoezi._errors import ArgumentError

AXES = ("#0072B2", "#D55E00", "#009E73", "#C1639A")  # blue, vermilion, green, purple
GREY = "#797979"
INK = "#1b1b1b"  # on a filled cell
PLAIN, CHOSEN, FIRST, SECOND, REPEATED = "#ffffff", "#F0E442", "#F7CBB1", "#BFDDF0", "#E6E6E6"
CLASH = "#F4A6A0"
GROUPS = ("#F7CBB1", "#BFDDF0", "#B5E3D3", "#F2D5E6", "#F6EDB0", "#DADADA")

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Polygon:
    """A filled outline; `fill` may be "none"."""

    points: tuple[Point, ...]
    fill: str = "none"
    stroke: str = GREY
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Line:
    """A straight line, perhaps with an arrow's head at its end."""

    start: Point
    end: Point
    stroke: str = GREY
    width: float = 1.5
    arrow: bool = False


@dataclass(frozen=True)
class Words:
    """A line of text around a point, or beginning ("start") or ending ("end") there."""

    at: Point
    text: str
    fill: str = GREY
    size: float = 12.0
    anchor: Anchor = "middle"
    bold: bool = False


Shape = Polygon | Line | Words


@dataclass(frozen=True)
class Group:
    """Shapes that belong together: a cell, an array, an axis. `facts` are written beside its kind."""

    kind: str
    shapes: tuple["Shape | Group", ...]
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawing:
    """A finished picture with its text alternative. It shows itself in a notebook."""

    shapes: tuple[Shape | Group, ...]
    text: str

    @property
    def size(self) -> Point:
        """Width and height in pixels."""
        left, top, right, bottom = _box(self.shapes)
        return right - left, bottom - top

    @property
    def svg(self) -> str:
        """The picture as one SVG element, with the text alternative in it."""
        left, top, right, bottom = _box(self.shapes)
        width, height = right - left, bottom - top
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" '
            f'height="{height:g}" viewBox="{left:g} {top:g} {width:g} {height:g}" '
            'font-family="DejaVu Sans, Verdana, sans-serif" style="max-width:100%;height:auto">'
            f"<title>{html.escape(self.text)}</title>"
            f"{''.join(map(_to_svg, self.shapes))}</svg>"
        )

    def png(self, *, scale: float = 2.0, paper: str = "#ffffff") -> bytes:
        """Return the picture as PNG, `scale` dots a pixel, on paper of a colour."""
        from matplotlib.figure import Figure

        left, top, right, bottom = _box(self.shapes)
        figure = Figure(figsize=((right - left) / 72, (bottom - top) / 72), facecolor=paper)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(left, right), ylim=(bottom, top))
        axes.axis("off")
        for shape in flattened(self.shapes):
            axes.add_artist(_to_matplotlib(shape))
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=72 * scale, metadata={"Software": None})
        return buffer.getvalue()

    def save(self, path: Path | str) -> Path:
        """Write the picture as SVG or PNG, by the path's ending, and return the path.

        Raises ArgumentError where it ends otherwise.
        """
        path = Path(path)
        if path.suffix == ".svg":
            path.write_text(self.svg + "\n", encoding="utf-8")
        elif path.suffix == ".png":
            path.write_bytes(self.png())
        else:
            raise ArgumentError("path", str(path), "a name that ends in .svg or .png")
        return path

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.svg


def moved(shape: Shape | Group, dx: float, dy: float) -> Shape | Group:
    """Return a shape at another place."""
    match shape:
        case Group():
            return replace(shape, shapes=tuple(moved(one, dx, dy) for one in shape.shapes))
        case Polygon():
            return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))
        case Line((x0, y0), (x1, y1)):
            return replace(shape, start=(x0 + dx, y0 + dy), end=(x1 + dx, y1 + dy))
        case Words((x, y)):
            return replace(shape, at=(x + dx, y + dy))


def beside(drawings: Iterable[Drawing | str], *, text: str = "", gap: float = 14.0) -> Drawing:
    """Return drawings from left to right, the middles of their cells on one line.

    A string stands there as a sign.
    """
    shapes: list[Shape | Group] = []
    x, texts = 0.0, []
    for one in drawings:
        if isinstance(one, str):
            width = 11.0 * len(one)
            shapes.append(Words((x + width / 2, 0), one, size=20, bold=True))
        else:
            left, _, right, _ = _box(one.shapes)
            width = right - left
            _, top, _, bottom = cells_box(one)
            shapes += (moved(shape, x - left, -(top + bottom) / 2) for shape in one.shapes)
            texts.append(one.text)
        x += width + gap
    return Drawing(tuple(shapes), text or " ".join(texts))


def stacked(drawings: Iterable[Drawing], *, text: str = "", gap: float = 18.0) -> Drawing:
    """Return drawings from top to bottom, beginning at one margin."""
    shapes: list[Shape | Group] = []
    y, texts = 0.0, []
    for one in drawings:
        left, top, _, bottom = _box(one.shapes)
        shapes += (moved(shape, -left, y - top) for shape in one.shapes)
        texts.append(one.text)
        y += bottom - top + gap
    return Drawing(tuple(shapes), text or "\n".join(texts))


def titled(title: str, drawing: Drawing) -> Drawing:
    """Return a drawing with a line of words above it."""
    left, top, _, _ = _box(drawing.shapes)
    words = Words((left + 4, top - 8), title, size=13, anchor="start", bold=True)
    return Drawing((words, *drawing.shapes), f"{title}: {drawing.text}")


def cells_box(drawing: Drawing) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a drawing's cells, or of all of it if it has none."""
    return _box(list(_cells(drawing.shapes)) or drawing.shapes, margin=0.0)


def _cells(shapes: Iterable[Shape | Group]) -> Iterable[Group]:
    for shape in shapes:
        if isinstance(shape, Group):
            yield from (shape,) if shape.kind.startswith("cell") else _cells(shape.shapes)


def flattened(shapes: Iterable[Shape | Group]) -> Iterable[Shape]:
    """Yield the shapes in the order in which they are painted."""
    for shape in shapes:
        if isinstance(shape, Group):
            yield from flattened(shape.shapes)
        else:
            yield shape


def _box(shapes: Iterable[Shape | Group], margin: float = 6.0) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of what is drawn, with a margin."""
    xs, ys = [], []
    for shape in flattened(shapes):
        match shape:
            case Polygon():
                points = shape.points
            case Line():
                points = (shape.start, shape.end)
            case Words((x, y)):
                width = 0.62 * shape.size * len(shape.text)
                left = x - {"middle": 0.5, "start": 0.0, "end": 1.0}[shape.anchor] * width
                points = ((left, y - 0.6 * shape.size), (left + width, y + 0.6 * shape.size))
        xs += (x for x, _ in points)
        ys += (y for _, y in points)
    if not xs:
        return 0.0, 0.0, 2 * margin, 2 * margin
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def _to_svg(shape: Shape | Group) -> str:
    match shape:
        case Group():
            facts = "".join(f' data-{k}="{html.escape(v)}"' for k, v in shape.facts.items())
            return f'<g class="{shape.kind}"{facts}>{"".join(map(_to_svg, shape.shapes))}</g>'
        case Polygon():
            points = " ".join(f"{x:g},{y:g}" for x, y in shape.points)
            dashes = ' stroke-dasharray="3 2"' if shape.dashed else ""
            return (
                f'<polygon points="{points}" fill="{shape.fill}" stroke="{shape.stroke}" '
                f'stroke-width="{shape.width:g}"{dashes}/>'
            )
        case Line((x0, y0), (x1, y1)):
            line = (
                f'<line x1="{x0:g}" y1="{y0:g}" x2="{x1:g}" y2="{y1:g}" stroke="{shape.stroke}" '
                f'stroke-width="{shape.width:g}"/>'
            )
            return line + (_to_svg(_head(shape)) if shape.arrow else "")
        case Words((x, y)):
            weight = ' font-weight="bold"' if shape.bold else ""
            return (
                f'<text x="{x:g}" y="{y:g}" font-size="{shape.size:g}" fill="{shape.fill}" '
                f'text-anchor="{shape.anchor}" dominant-baseline="central"{weight}>'
                f"{html.escape(shape.text)}</text>"
            )


def _head(line: Line) -> Polygon:
    (x0, y0), (x1, y1) = line.start, line.end
    length = max(1e-9, ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    back, side = 7.0, 3.5
    bx, by = x1 - back * ux, y1 - back * uy
    points = ((x1, y1), (bx - side * uy, by + side * ux), (bx + side * uy, by - side * ux))
    return Polygon(points, fill=line.stroke, stroke=line.stroke)


def _to_matplotlib(shape: Shape):
    from matplotlib import patches, text

    match shape:
        case Polygon():
            return patches.Polygon(
                shape.points, closed=True, facecolor=shape.fill, edgecolor=shape.stroke,
                linewidth=shape.width, linestyle=(0, (3, 2)) if shape.dashed else "solid",
            )  # fmt: skip
        case Line():
            return patches.FancyArrowPatch(
                shape.start, shape.end, color=shape.stroke, linewidth=shape.width, shrinkA=0,
                shrinkB=0, arrowstyle="-|>" if shape.arrow else "-", mutation_scale=10,
            )  # fmt: skip
        case Words((x, y)):
            alignment = {"middle": "center", "start": "left", "end": "right"}[shape.anchor]
            return text.Text(
                x, y, shape.text, color=shape.fill, fontsize=shape.size, ha=alignment,
                va="center_baseline", fontweight="bold" if shape.bold else "normal",
                parse_math=False,
            )  # fmt: skip


def readable_on(fill: str) -> str:
    """Return the ink, dark or light, that stands out on a colour."""
    if fill == "none":
        return GREY
    return INK if luminance(fill) > 0.18 else "#ffffff"


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as "#0072B2", from 0 to 1 (WCAG 2.2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
