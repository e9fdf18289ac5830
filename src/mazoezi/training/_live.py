"""A progress bar and a live loss curve that follow a training run.

In a Jupyter kernel two outputs of the cell are updated in place and stay behind as they were
last, a line of text and a still picture. In a terminal there is one line of text. Anywhere else
there is silence.
"""

import html
import io
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mazoezi._errors import ArgumentError
from mazoezi.training._loop import Report

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TRAIN_COLOUR, _TEST_COLOUR = "#0072B2", "#D55E00"  # apart for colour-blind readers as well
_REDRAW_SECONDS = 0.25
_DRAWING_SHARE = 10  # time between redraws, in durations of a redraw


class LiveReport:
    """Show a run while it goes on; use it as `train(..., report=LiveReport())`.

    The curve has the train loss, and the test loss where `evaluate` returns a `"loss"`; all other
    numbers are in the text. It is redrawn at most four times a second, more rarely where drawing
    is slow, so that at most a tenth of the time goes into drawing. The end is always drawn.

    Args:
        title: what is being trained; stands above the curve and before the numbers.
        log_scale: whether the loss axis is logarithmic.
    """

    def __init__(self, title: str = "Training", *, log_scale: bool = False):
        self._title, self._log_scale = title, log_scale
        self._reports: list[Report] = []
        self._outputs: tuple[Any, Any] | None = None
        self._next_draw = 0.0

    def __call__(self, report: Report) -> None:
        """Take in a report, and draw if it is time to, or if it is the last one."""
        if self._reports and _starts_anew(report, self._reports[-1]):
            self._reports, self._outputs, self._next_draw = [], None, 0.0
        self._reports.append(report)
        start, last = time.monotonic(), report.step >= report.steps
        if start < self._next_draw and not last:
            return
        if _in_kernel():
            self._draw_outputs()
        elif sys.stderr.isatty():
            line = progress_text(report, self._title)
            sys.stderr.write(f"\r\x1b[K{line}" + ("\n" if last else ""))
            sys.stderr.flush()
        drawing = time.monotonic() - start
        self._next_draw = start + max(_REDRAW_SECONDS, _DRAWING_SHARE * drawing)

    def _draw_outputs(self) -> None:
        from IPython.display import HTML, Image, display

        report = self._reports[-1]
        text = progress_text(report, self._title)
        bar = HTML(_progress_html(report, text))
        alt = f"Curve of the loss over {report.step} training steps"
        figure = loss_curve(self._reports, title=self._title, log_scale=self._log_scale)
        picture = Image(data=_png(figure), format="png", alt=alt)
        if self._outputs is None:
            self._outputs = display(bar, display_id=True), display(picture, display_id=True)
        else:
            for output, content in zip(self._outputs, (bar, picture), strict=True):
                output.update(content)


def progress_text(report: Report, title: str) -> str:
    """One line: how far the run is, how fast, and all its numbers."""
    numbers = {f"train {name}": value for name, value in report.metrics.items()}
    numbers |= {f"test {name}": value for name, value in report.evaluation.items()}
    return ", ".join(
        [
            f"{title}: step {report.step} of {report.steps}",
            f"{report.steps_per_second:.3g} steps/s",
            *(f"{name} {value:.4g}" for name, value in numbers.items()),
        ]
    )


def loss_curve(
    reports: Sequence[Report], *, title: str = "Training", log_scale: bool = False
) -> "Figure":
    """Draw the train loss, and the test loss where there is one, against the step.

    The train loss at a step is the mean since the report before, so it lags by half a stretch
    behind the test loss, which is that of the parameters at this step.

    Args:
        reports: from `TrainResult.reports`.
        title: stands above the curve.
        log_scale: whether the loss axis is logarithmic.

    Raises:
        ArgumentError: there are no reports.
    """
    if not reports:
        raise ArgumentError("reports", reports, "at least one report")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.2), dpi=100, layout="constrained")
    axes = figure.subplots()
    steps = [report.step for report in reports]
    losses = [report.metrics["loss"] for report in reports]
    axes.plot(steps, losses, ".-", color=_TRAIN_COLOUR, label="train")
    tested = [report for report in reports if "loss" in report.evaluation]
    if tested:
        losses = [report.evaluation["loss"] for report in tested]
        axes.plot([r.step for r in tested], losses, ".--", color=_TEST_COLOUR, label="test")
    axes.set(title=title, xlabel="step", ylabel="loss", xlim=(0, reports[-1].steps))
    axes.set_yscale("log" if log_scale else "linear")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right")
    return figure


def _starts_anew(report: Report, previous: Report) -> bool:
    """Whether a report belongs to another run, not to the next stretch of the same one."""
    return report.step <= previous.step or previous.step >= previous.steps >= report.steps


def _in_kernel() -> bool:
    """Whether this is a Jupyter kernel; there, IPython has been imported long ago."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def _progress_html(report: Report, text: str) -> str:
    bar = (
        f'<progress aria-label="training progress" value="{report.step}" max="{report.steps}">'
        "</progress>"
    )
    return f"<div>{bar} {html.escape(text)}</div>"


def _png(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
