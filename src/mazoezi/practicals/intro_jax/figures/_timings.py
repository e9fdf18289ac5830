"""Figures of times: seconds per call of some implementations, and per step of some loops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mazoezi.course.drawing import DATA, THIRD, label, new_figure
from mazoezi.timing import Timing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
_WIDE = 30  # times that differ by more than this are drawn on a logarithmic scale


def seconds_per_call(timings: Mapping[str, Timing], *, first_call: bool = False) -> Figure:
    """The median time of a call of each implementation; the whisker spans the middle half.

    Above stands which is faster by how much. With `first_call` a second panel has the first call,
    which compiles. A hatched bar compiled in its later calls as well: it times the compiler.
    """
    words = speed_ups(timings)
    figure, panels = new_figure(
        1 + first_call, width=5.2 if not first_call else 9.5, height=3.4 + 0.2 * len(words),
        squeeze=False,
    )  # fmt: skip
    _time_bars(panels[0, 0], timings)
    if first_call:
        panels[0, 0].set_title("later calls")
        _first_calls(panels[0, 1], timings)
    figure.suptitle("\n".join(words), fontsize=10)
    return figure


def speed_ups(timings: Mapping[str, Timing]) -> tuple[str, ...]:
    """Say of each slower implementation by how much the fastest beats it, by their medians.

    >>> from mazoezi.timing import Timing
    >>> times = {"loop": Timing(1, 0.03, 0.03, 0.03, 9, 0), "map": Timing(1, 0.02, 0.02, 0.02, 9, 0)}
    >>> speed_ups(times)
    ('map is 1.50× faster than loop',)
    """
    fastest = min(timings, key=lambda name: timings[name].median)
    return tuple(
        f"{fastest} is {timing.median / timings[fastest].median:.2f}× faster than {name}"
        for name, timing in timings.items()
        if name != fastest
    )


def _time_bars(axes: Axes, timings: Mapping[str, Timing]) -> None:
    medians = np.array([timing.median for timing in timings.values()])
    lower = np.array([timing.lower for timing in timings.values()])
    upper = np.array([timing.upper for timing in timings.values()])
    unit, scale = _unit(medians.max())
    spread = np.stack([medians - lower, upper - medians]) / scale
    bars = _bars(axes, list(timings), medians / scale, DATA, unit, yerr=spread, capsize=5)
    for bar, timing in zip(bars, timings.values(), strict=True):
        if timing.compilations:
            bar.set(hatch="//", edgecolor="white")
            axes.annotate("compiles\nagain", (bar.get_x() + bar.get_width() / 2, 0.04),
                          xycoords=("data", "axes fraction"), ha="center", fontsize=9,
                          bbox={"facecolor": "white", "edgecolor": "none"})  # fmt: skip


def _first_calls(axes: Axes, timings: Mapping[str, Timing]) -> None:
    firsts = np.array([timing.first for timing in timings.values()])
    unit, scale = _unit(firsts.max())
    _bars(axes, list(timings), firsts / scale, THIRD, unit)
    axes.set_title("first call, with compilation")


def _bars(
    axes: Axes, names: list[str], heights: np.ndarray, colour: str, unit: str, **options: Any
) -> Any:
    bars = axes.bar(names, heights, color=colour, width=0.6, **options)
    wide = heights.max() > _WIDE * heights.min()
    axes.set_yscale("log" if wide else "linear")
    tops = heights + options["yerr"][1] if "yerr" in options else heights
    for bar, height, top in zip(bars, heights, tops, strict=True):
        axes.annotate(f"{height:.3g}", (bar.get_x() + bar.get_width() / 2, top), (0, 3),
                      textcoords="offset points", ha="center")  # fmt: skip
    axes.margins(y=0.15)
    label(axes, x="", y=f"{unit} per call" + (" (log scale)" if wide else ""))
    axes.grid(visible=False, axis="x")
    axes.set_axisbelow(True)
    return bars


def _unit(seconds: float) -> tuple[str, float]:
    """Return the unit in which a time is between 1 and 1000, and its length in seconds."""
    return next((unit for unit in _UNITS if seconds >= unit[1]), _UNITS[-1])


def seconds_per_step(timings: Mapping[str, Timing], steps: Mapping[str, int]) -> Figure:
    """The time of one step of each loop, on a logarithmic scale; the whisker spans the middle half.

    Args:
        timings: of a call that runs the whole loop, by the loop's name.
        steps: how many steps such a call makes.
    """
    figure, axes = new_figure(width=7, height=0.55 * len(timings) + 1.4)
    names = list(timings)[::-1]
    per_step = {name: _per_step(timings[name], steps[name]) for name in names}
    lower, medians, upper = np.array(list(per_step.values())).T / 1e-6
    axes.barh(names, medians, color=DATA, height=0.55, capsize=4,
              xerr=np.stack([medians - lower, upper - medians]))  # fmt: skip
    for row, (median, top) in enumerate(zip(medians, upper, strict=True)):
        axes.annotate(shown_time(median * 1e-6), (top, row), (5, 0), textcoords="offset points",
                      va="center")  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlim(medians.min() / 3, upper.max() * 6)
    label(axes, x="µs per step (log scale)", y="")
    axes.grid(visible=False, axis="y")
    axes.set_axisbelow(True)
    return figure


def steps_table(timings: Mapping[str, Timing], steps: Mapping[str, int]) -> str:
    """Return a Markdown table: time per step of each loop, and against the fastest."""
    per_step = {name: _per_step(timing, steps[name])[1] for name, timing in timings.items()}
    fastest = min(per_step.values())
    rows = [
        f"| {name} | {shown_time(seconds)} | {_ratio(seconds / fastest)} |"
        for name, seconds in per_step.items()
    ]
    return "\n".join(["| loop | time per step | times the fastest |", "|---|---:|---:|", *rows])


def _per_step(timing: Timing, steps: int) -> tuple[float, float, float]:
    return timing.lower / steps, timing.median / steps, timing.upper / steps


def shown_time(seconds: float) -> str:
    """Return a time with three digits and a fitting unit, such as `48.2 µs`."""
    rounded = float(f"{seconds:.3g}")
    unit, scale = _unit(rounded)
    return f"{rounded / scale:.3g} {unit}"


def _ratio(ratio: float) -> str:
    return f"{ratio:.3g}" if ratio < 1000 else f"{ratio:,.0f}"
