"""Pictures of arrays cut over devices, drawn from where JAX says that each block is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax

from mazoezi.course.drawing import DATA, FAINT, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 4

Block = tuple[tuple[int, int], ...]  # start and stop along each axis


def blocks_of(array: jax.Array) -> dict[int, Block]:
    """Return, by the device's number, the block of an array that it holds.

    >>> blocks_of(jax.numpy.zeros((4, 3)))
    {0: ((0, 4), (0, 3))}
    """
    placed = array.sharding.devices_indices_map(array.shape)
    blocks = {
        device.id: tuple(
            piece.indices(length)[:2] for piece, length in zip(index, array.shape, strict=True)
        )
        for device, index in placed.items()
        if index is not None
    }
    return dict(sorted(blocks.items()))


def device_blocks(array: jax.Array, name: str = "array") -> Figure:
    """Which device holds which block of an array: one outline per device, its block filled.

    Two axes are drawn, those that are cut first. Where every outline is full, each device has a
    copy of everything.
    """
    blocks = blocks_of(array)
    down, across = _drawn_axes(array.shape, list(blocks.values()))
    columns = min(_COLUMNS, len(blocks))
    rows = math.ceil(len(blocks) / columns)
    figure, _ = new_figure(width=2.2 * columns + 0.4, height=1.8 * rows + 0.7)
    figure.clear()
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in panels[len(blocks) :]:
        axes.axis("off")
    for axes, (device, block) in zip(panels, blocks.items(), strict=False):
        _draw_block(axes, array.shape, block, down, across)
        axes.set_title(f"device {device}\n{_indices(block, array.shape)}", fontsize=9)
    _name_axes(panels[0], down, across, array.shape)
    figure.suptitle(f"{name} {array.shape}: {_summary(array, list(blocks.values()))}", fontsize=11)
    return figure


def _drawn_axes(shape: Sequence[int], blocks: list[Block]) -> tuple[int | None, int | None]:
    """Return the axes to draw downwards and across: cut ones first, in the array's order."""
    is_cut = [len({block[axis] for block in blocks}) > 1 for axis in range(len(shape))]
    order = sorted(range(len(shape)), key=lambda axis: not is_cut[axis])[:2]
    if len(order) < 2:
        return None, (order[0] if order else None)
    down, across = sorted(order)
    return down, across


def _draw_block(
    axes: Axes, shape: Sequence[int], block: Block, down: int | None, across: int | None
) -> None:
    from matplotlib.patches import Rectangle

    (top, bottom), height = _extent(shape, block, down)
    (left, right), width = _extent(shape, block, across)
    axes.add_patch(Rectangle((0, 0), width, height, facecolor="white", edgecolor=FAINT))
    axes.add_patch(
        Rectangle((left, top), right - left, bottom - top, facecolor=DATA, edgecolor="black")
    )
    pad_x, pad_y = 0.03 * width, 0.03 * height
    axes.set(xlim=(-pad_x, width + pad_x), ylim=(height + pad_y, -pad_y), box_aspect=0.62)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _extent(shape: Sequence[int], block: Block, axis: int | None) -> tuple[tuple[int, int], int]:
    return ((0, 1), 1) if axis is None else (block[axis], shape[axis])


def _indices(block: Block, shape: Sequence[int]) -> str:
    """Return a block as an index: a whole axis is a colon."""
    pieces = [
        ":" if piece == (0, length) else f"{piece[0]}:{piece[1]}"
        for piece, length in zip(block, shape, strict=True)
    ]
    return "[" + ", ".join(pieces) + "]"


def _name_axes(axes: Axes, down: int | None, across: int | None, shape: Sequence[int]) -> None:
    if down is not None:
        axes.set_ylabel(f"axis {down} (length {shape[down]})", fontsize=8)
    if across is not None:
        axes.set_xlabel(f"axis {across} (length {shape[across]})", fontsize=8)


def _summary(array: jax.Array, blocks: list[Block]) -> str:
    different = len(set(blocks))
    if len(blocks) == 1:
        return "whole, on one device"
    if different == 1:
        return f"{len(blocks)} full copies"
    copies = len(blocks) // different
    shape = tuple(stop - start for start, stop in blocks[0])
    held = "" if copies == 1 else f", each on {copies} devices"
    return f"{different} blocks of shape {shape}{held}"


# --- One after another, or all at once -----------------------------------------------------------

_UNIT, _ROW = 62, 22  # size of one product in the drawing, in pixels
_LEFT, _SECONDS_PER_PRODUCT = 86, 0.8
_PLAYS = 3


class Race:
    """Products of matrices on one device, one after another, against each where its matrix lies.

    Jupyter shows an animation of a few kilobytes, which plays three times, stops under the
    pointer, and stays still for readers who ask their system for little motion; `still()` is the
    last picture of it as a figure. Time is counted in products of one matrix.

    Args:
        matrices: a batch of matrices, cut along its first axis; its sharding is what is drawn.
        processors: how many devices can really work at once; all of them by default. Emulated
            devices share the processors of the machine.
    """

    def __init__(self, matrices: jax.Array, *, processors: int | None = None):
        blocks = blocks_of(matrices)
        shares = {device: range(*block[0]) for device, block in blocks.items()}
        working = min(processors or len(shares), len(shares))
        self.alone = [(0, product, float(product), 1.0) for product in range(len(matrices))]
        slower = len(shares) / working
        self.together = [
            (lane, product, turn * slower, slower)
            for lane, share in enumerate(shares.values())
            for turn, product in enumerate(share)
        ]
        """Lane, product, start and duration of each."""
        self._devices, self._working = list(shares), working

    @property
    def speed_up(self) -> float:
        """How many times sooner the last product is done."""
        return _end(self.alone) / _end(self.together)

    @property
    def words(self) -> str:
        """What the picture shows, in a sentence."""
        shared = (
            f" The {len(self._devices)} devices share {self._working} processors."
            if self._working < len(self._devices)
            else ""
        )
        return (
            f"One device needs {_end(self.alone):g} turns and {len(self._devices)} devices need "
            f"{_end(self.together):g}: at best {self.speed_up:.3g} times sooner.{shared}"
        )

    def still(self) -> Figure:
        """Return the last picture: what each device did when."""
        lanes = len(self._devices)
        figure, (top, bottom) = _two_rows(lanes)
        _lanes(top, self.alone, ["device 0"])
        _lanes(bottom, self.together, [f"device {device}" for device in self._devices])
        for axes, title in ((top, "one after another"), (bottom, "each where its matrix lies")):
            axes.set_xlim(0, _end(self.alone))
            axes.set_title(title, fontsize=10, loc="left")
        bottom.set_xlabel("time (products of one matrix)")
        return figure

    def svg(self) -> str:
        """Return the animation as SVG text."""
        lanes = len(self._devices)
        whole = _end(self.alone)
        width, height = _LEFT + _UNIT * whole + 16, _ROW * (lanes + 1) + 122
        names = ["device 0", *(f"device {device}" for device in self._devices)]
        tops = [34, *(34 + _ROW + 40 + lane * _ROW for lane in range(lanes))]
        jobs = [*self.alone, *((lane + 1, *rest) for lane, *rest in self.together)]
        body = [
            _svg_text(8, 24, "One device, one after another"),
            _svg_text(8, 34 + _ROW + 30, "Each where its matrix lies"),
            *(_svg_text(8, top + 15, name) for name, top in zip(names, tops, strict=True)),
            *(_svg_lane(top, whole) for top in tops),
            *(
                _svg_job(tops[lane], product, start, length)
                for lane, product, start, length in jobs
            ),
            _svg_axis(tops[-1] + _ROW + 4, whole),
        ]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img" '
            f'width="{width:g}" aria-label="{self.words}" class="mazoezi-race" '
            'font-family="sans-serif" font-size="12" style="max-width:100%;background:#fff">'
            f"<style>{_motion(jobs, whole)}</style>{''.join(body)}</svg>"
        )

    def _repr_html_(self) -> str:
        return (
            f"<figure style='margin:0'>{self.svg()}<figcaption>{self.words}</figcaption></figure>"
        )

    def __repr__(self) -> str:
        return self.words


Job = tuple[int, int, float, float]


def _end(jobs: Sequence[Job]) -> float:
    return max(start + length for _, _, start, length in jobs)


def _two_rows(lanes: int) -> tuple[Figure, Any]:
    figure, _ = new_figure(width=7.5, height=0.3 * (lanes + 1) + 1.5)
    figure.clear()
    return figure, figure.subplots(2, 1, sharex=True, height_ratios=[1, lanes])


def _lanes(axes: Axes, jobs: Sequence[Job], names: list[str]) -> None:
    for lane, product, start, length in jobs:
        axes.barh(lane, length, left=start, height=0.8, color=_colour(product), edgecolor="black")
        axes.text(start + length / 2, lane, str(product), ha="center", va="center", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _colour(product: int) -> str:
    return ("#9ecae1", "#fdd0a2")[product % 2]  # pale, so that the number on it can be read


def _svg_text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="#1b1b1b">{words}</text>'


def _svg_lane(top: float, whole: float) -> str:
    return (
        f'<rect x="{_LEFT}" y="{top}" width="{_UNIT * whole:g}" height="{_ROW - 4}" '
        'fill="#f2f2f2"/>'
    )


def _svg_job(top: float, product: int, start: float, length: float) -> str:
    x, width = _LEFT + _UNIT * start, _UNIT * length
    return (
        f'<g class="{_name(start, length)}"><rect x="{x:g}" y="{top}" width="{width:g}" '
        f'height="{_ROW - 4}" fill="{_colour(product)}" stroke="#1b1b1b"/></g>'
        + _svg_text(x + width / 2, top + 14, str(product), "middle")
    )


def _svg_axis(y: float, whole: float) -> str:
    ticks = "".join(
        _svg_text(_LEFT + _UNIT * turn, y + 12, str(turn), "middle")
        for turn in range(math.ceil(whole) + 1)
    )
    middle = _LEFT + _UNIT * whole / 2
    return ticks + _svg_text(middle, y + 30, "time (products of one matrix)", "middle")


def _name(start: float, length: float) -> str:
    return f"job{start:g}-{length:g}".replace(".", "_")


def _motion(jobs: Sequence[Job], whole: float) -> str:
    """Return the style that lets each bar grow at its time; without motion all bars stand."""
    cycle = whole + 2  # the last two turns show the end
    rules = []
    for start, length in sorted({(start, length) for _, _, start, length in jobs}):
        name = _name(start, length)
        first, last = 100 * start / cycle, 100 * (start + length) / cycle
        rules.append(
            f"@keyframes {name}{{0%,{first:.2f}%{{transform:scaleX(0)}}"
            f"{last:.2f}%,100%{{transform:scaleX(1)}}}}"
            f".mazoezi-race .{name}{{animation:{name} {cycle * _SECONDS_PER_PRODUCT:g}s linear "
            f"{_PLAYS} both}}"
        )
    return (
        ".mazoezi-race g{transform-box:fill-box;transform-origin:left}"
        "@media (prefers-reduced-motion:no-preference){" + "".join(rules) + "}"
        ".mazoezi-race:hover g{animation-play-state:paused}"
    )
