"""How long a move of a slider takes in the labs of the Bayesian practical, up to the finished PNG.

A move measures, draws the figure and saves it as a PNG, as a notebook does. Beside it, and in turns
with it, the same page with nothing on it: a figure of the same size with as many empty axes. What
is above a ratio of 1 is ours to answer for. Every lab is moved once over each control before the
clock starts, since the first move compiles.

    python benchmarks/bayesian_labs.py [part of a lab's name]
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from mazoezi import bayes, datasets
from mazoezi.course._accelerator import compile_quickly
from mazoezi.course._lab_view import collecting_afterwards
from mazoezi.course._picture_series import PictureSeries
from mazoezi.course.drawing import new_figure, png
from mazoezi.course.lab import Choice, Lab, LogSlider, Toggle
from mazoezi.practicals.bayesian import labs

MOVES, WANTED = 40, 100  # moves of a lab, and milliseconds at the 95th percentile


def made() -> dict[str, Callable[[], Lab]]:
    """How to make each lab of the practical."""
    line, curve, classes = datasets.outlier(), datasets.nonlinear(), datasets.separable()
    network = datasets.identity()
    return {
        "LinesByHand": lambda: labs.LinesByHand(*line, y_range=(-5, 1)),
        "RidgeLab": lambda: labs.RidgeLab(*line),
        "LandscapeLab": lambda: labs.LandscapeLab(*line, by_hand=[(-1.7, -1.2)]),
        "PriorPosteriorLab": lambda: labs.PriorPosteriorLab(*line),
        "PredictiveLab": lambda: labs.PredictiveLab(*line),
        "MonteCarloLab": lambda: labs.MonteCarloLab(*line),
        "FourierLab": lambda: labs.FourierLab(*curve),
        "EvidenceLab": lambda: labs.EvidenceLab(*curve),
        "EvidenceAscentLab": lambda: labs.EvidenceAscentLab(*curve, climb(*curve), key=jr.key(2)),
        "LogisticLab": lambda: labs.LogisticLab(*classes),
        "VariationalLab": lambda: labs.VariationalLab(*classes),
        "TwoWeightLab": lambda: labs.TwoWeightLab(*network),
        "ReluLab": lambda: labs.ReluLab(*network),
        "HMCLab": lambda: labs.HMCLab(*network),
    }


def climb(x: Any, y: Any) -> bayes.EvidenceFit:
    """Maximise the evidence as the practical does."""

    def evidence(log_params: Any, x: Any, y: Any) -> Any:
        basis = bayes.fourier_basis(jr.key(2), 300, jnp.exp(log_params["scale"]))
        return bayes.log_evidence(basis(x), y, jnp.exp(log_params["alpha"]))

    start = {"scale": jnp.log(2.0), "alpha": jnp.log(0.001)}
    return bayes.maximise_evidence(start, evidence, x, y, steps=1300, rate=2e-3)


def place(control: Any, share: float) -> Any:
    """Return where a control stands after this share of its range, from 0 to 1."""
    if isinstance(control, Toggle):
        return share > 0.5
    if isinstance(control, Choice):
        return control.options[min(int(share * len(control.options)), len(control.options) - 1)]
    if isinstance(control, LogSlider):
        return control.low * (control.high / control.low) ** share
    value = control.low + share * (control.high - control.low)
    return int(value) if isinstance(control.low, int) else value


def moves(lab: Lab, count: int, seed: int) -> list[dict[str, Any]]:
    """Return single moves, of each control in turn, to places all over its range."""
    names, shares = list(lab.controls), np.random.default_rng(seed).uniform(size=count)
    chosen = (names[number % len(names)] for number in range(count))
    return [
        {name: place(lab.controls[name], float(share))}
        for name, share in zip(chosen, shares, strict=True)
    ]


def move(lab: Lab, there: dict[str, Any], series: PictureSeries) -> None:
    lab.set(**there)
    series.png(lab.draw())


def empty(lab: Lab) -> Callable[[], object]:
    """Return what draws the lab's page without anything on it."""
    figure = lab.draw()
    width, height = figure.get_size_inches()
    count = len(figure.axes)
    return lambda: png(new_figure(count, width=width, height=height)[0])


def milliseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    with collecting_afterwards():  # as when a hand moves a lab in a notebook
        call()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    compile_quickly()  # as a practical does
    jax.block_until_ready(jnp.ones(1) + 1)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, make in made().items():
        if wanted.lower() not in name.lower():
            continue
        lab, series = make(), PictureSeries()
        for there in moves(lab, 2 * len(lab.controls), seed=0):
            move(lab, there, series)
        page = empty(lab)
        page()
        ours, peers = [], []
        for there in moves(lab, MOVES, seed=1):
            ours.append(milliseconds(partial(move, lab, there, series)))
            peers.append(milliseconds(page))
        p95 = np.percentile(ours, 95)
        ratio = statistics.median(a / b for a, b in zip(ours, peers, strict=True))
        print(
            f"{name:18s} median {statistics.median(ours):5.0f} ms, p95 {p95:5.0f} ms (wanted: at most "
            f"{WANTED}); empty axes {statistics.median(peers):4.0f} ms, p95 "
            f"{np.percentile(peers, 95):4.0f}; ratio {ratio:.1f}, of p95 "
            f"{p95 / np.percentile(peers, 95):.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
