"""The live report: in place in a kernel, one line in a terminal, silence elsewhere."""

import io
import struct
import sys

import numpy as np
import pytest

from mazoezi._errors import ArgumentError
from mazoezi.training import LiveReport, Report, loss_curve
from mazoezi.training import _live as live


def news(step: int, steps: int = 10, *, tested: bool = True) -> Report:
    evaluation = {"loss": 2.0 / step, "accuracy": 0.5} if tested else {}
    return Report(step, steps, {"loss": 1.0 / step}, evaluation, 1234.5, 0.1)


class Handle:
    def __init__(self, content):
        self.shown = [content]

    def update(self, content):
        self.shown.append(content)


@pytest.fixture
def kernel(monkeypatch):
    """A stand-in for a Jupyter kernel that keeps what it is asked to display."""
    handles = []

    def display(content, *, display_id):
        assert display_id is True
        handles.append(Handle(content))
        return handles[-1]

    monkeypatch.setattr(live, "_in_kernel", lambda: True)
    monkeypatch.setattr("IPython.display.display", display)
    return handles


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(live, "time", clock)
    return clock


def test_a_kernel_gets_two_outputs_that_are_updated_in_place(kernel, clock):
    report = LiveReport("A <line>")
    for step in (1, 2, 10):
        report(news(step))
        clock.now += 1
    bar, picture = kernel
    assert len(bar.shown) == len(picture.shown) == 3
    last = bar.shown[-1].data
    assert 'value="10" max="10"' in last
    assert "A &lt;line&gt;: step 10 of 10, 1.23e+03 steps/s, train loss 0.1" in last
    assert "test loss 0.2, test accuracy 0.5" in last
    data = picture.shown[-1].data
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (600, 320)


def test_redraws_are_limited_but_the_end_is_always_drawn(kernel, clock):
    report = LiveReport()
    for step in range(1, 10):
        report(news(step))
        clock.now += 0.05
    assert len(kernel[0].shown) == 2
    report(news(10))
    assert len(kernel[0].shown) == 3


def test_slow_drawing_is_rarer(kernel, clock, monkeypatch):
    monkeypatch.setattr(live, "_png", lambda _: setattr(clock, "now", clock.now + 1) or b"\x89PNG")
    report = LiveReport()
    report(news(1))
    clock.now += 5
    report(news(2))
    assert len(kernel[0].shown) == 1
    clock.now += 5
    report(news(3))
    assert len(kernel[0].shown) == 2


def test_another_run_gets_outputs_of_its_own(kernel, clock):
    report = LiveReport()
    report(news(10))
    report(news(1))
    assert len(kernel) == 4


def test_a_terminal_gets_one_line(monkeypatch, clock):
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    report = LiveReport("Line")
    report(news(5, tested=False))
    report(news(10, tested=False))
    text = terminal.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("Line: step 10 of 10, 1.23e+03 steps/s, train loss 0.1\n")


def test_anything_else_gets_silence(capfd):
    LiveReport()(news(10))
    assert capfd.readouterr() == ("", "")


def test_the_curve_shows_both_losses_against_the_step():
    axes = loss_curve([news(1), news(5)], title="Both").axes[0]
    train_line, test_line = axes.lines
    np.testing.assert_allclose(np.asarray(train_line.get_xydata()), [[1, 1.0], [5, 0.2]])
    np.testing.assert_allclose(np.asarray(test_line.get_xydata()), [[1, 2.0], [5, 0.4]])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("step", "loss", "Both")
    assert train_line.get_color() != test_line.get_color()
    assert axes.get_yscale() == "linear"


def test_the_curve_without_evaluation_has_one_line():
    axes = loss_curve([news(1, tested=False)], log_scale=True).axes[0]
    assert [line.get_label() for line in axes.lines] == ["train"]
    assert axes.get_yscale() == "log"


def test_a_curve_of_nothing_is_refused():
    with pytest.raises(ArgumentError, match="at least one report"):
        loss_curve([])


@pytest.mark.slow
def test_a_real_kernel_keeps_the_last_picture_in_the_notebook():
    import nbformat
    from nbclient import NotebookClient

    code = (
        "import jax.numpy as jnp, jax.random as jr, optax\n"
        "from mazoezi.training import *\n"
        "loss = lambda p, b: jnp.mean((p['w'] * b[0] - b[1]) ** 2)\n"
        "state = init_state({'w': 0.0}, optax.adam(0.1))\n"
        "x = jnp.linspace(-1, 1, 20)\n"
        "source = shuffled((x, 2 * x), batch_size=5, key=jr.key(0))\n"
        "evaluate = lambda p: {'loss': loss(p, (x, 2 * x))}\n"
        "train(make_step(loss, optax.adam(0.1)), state, source, steps=300, report=LiveReport(),\n"
        "      evaluate=evaluate);\n"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=120).execute()
    bar, picture = notebook.cells[0].outputs
    assert "step 300 of 300" in bar["data"]["text/html"]
    assert "image/png" in picture["data"]
