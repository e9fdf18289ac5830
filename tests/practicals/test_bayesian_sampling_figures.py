"""The figures of samplers, read back from Matplotlib: what they draw is what they were given."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from matplotlib.collections import LineCollection

from mazoezi.course.drawing import describe, png
from mazoezi.practicals.bayesian import figures


def bowl(w):
    return jnp.sum(w**2) / 2


@pytest.fixture(scope="module")
def surface():
    return figures.landscape(bowl, first=(-2, 2), second=(-2, 2), points=20)


def lines_of(axes) -> dict[str, np.ndarray]:
    """Return the points of each line, [points, 2], by name."""
    return {str(line.get_label()): points_of(line) for line in axes.lines}


def points_of(line) -> np.ndarray:
    return np.array(line.get_xydata(), float)


def test_paths_stand_above_their_energies(surface):
    places = np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    shown = {"short": (places, [1.0, 1.2, 1.1]), "long": (places, [1.0, 1e6, np.inf])}
    figure = figures.paths(surface, shown)
    short, long, energy, runaway = figure.axes
    assert [short.get_title(), long.get_title()] == ["short", "long"]
    np.testing.assert_allclose(lines_of(short)["leapfrog steps"], places)
    np.testing.assert_allclose(lines_of(energy)["energy gained"][:, 1], [0, 0.2, 0.1])
    assert (energy.get_yscale(), runaway.get_yscale()) == ("linear", "symlog")
    assert png(figure)  # an infinite energy is left out, and does not stop the drawing


def test_half_of_the_paths_that_end_at_the_dotted_line_are_accepted(surface):
    _, energy = figures.paths(surface, {"one": (np.zeros((2, 2)), [3.0, 3.1])}).axes
    height = lines_of(energy)["accepted half of the time"][:, 1][0]
    assert np.exp(-height) == pytest.approx(0.5)


def test_traces_and_ranks_tell_stuck_chains_from_mixed_ones():
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(2, 400))
    figure = figures.traces({"good": mixed, "stuck": mixed + np.array([[9.0], [-9.0]])}, every=4)
    trace, ranks, stuck, stuck_ranks = figure.axes
    np.testing.assert_allclose(lines_of(trace)["chain 2"][:, 1], mixed[1, ::4])
    assert min(lines_of(stuck)["chain 1"][:, 1]) > 0
    good, bad = (
        np.array([points_of(line)[:, 1] for line in axes.lines[:2]])
        for axes in (ranks, stuck_ranks)
    )
    np.testing.assert_allclose(good.sum(axis=1), 1)
    assert np.all(good > 0.01)
    np.testing.assert_allclose(bad, [[0] * 10 + [0.1] * 10, [0.1] * 10 + [0] * 10])
    assert "good" in describe(figure)


def test_predictives_draw_functions_and_ninety_per_cent_of_targets():
    rng = np.random.default_rng(1)
    grid = np.linspace(-1, 1, 5)
    drawn = {"f": np.outer(np.arange(60), np.ones(5)) / 60, "y": rng.normal(size=(20_000, 5))}
    (axes,) = figures.predictives([0.0], [1.0], grid, {"posterior": drawn}).axes
    low, high = (points_of(line)[:, 1] for line in axes.lines if line.get_linestyle() == "--")
    np.testing.assert_allclose(low, -1.645, atol=0.1)
    np.testing.assert_allclose(high, 1.645, atol=0.1)
    (thin,) = [one for one in axes.collections if isinstance(one, LineCollection)]
    heights = np.array(thin.get_segments())[:, :, 1]
    np.testing.assert_allclose(heights, drawn["f"][:40])
    np.testing.assert_allclose(lines_of(axes)["mean of all functions"][:, 1], 59 / 120, rtol=1e-6)
    assert axes.get_title() == "posterior"


def test_each_analysis_is_a_dot_at_its_share_and_its_rhat():
    found, worst = np.array([1.0, 0.5, 0.0]), np.array([1.003, 2.0, 1.0])
    (axes,) = figures.foursomes({"one": (found, worst)}, truth=0.587).axes
    lines = lines_of(axes)
    np.testing.assert_allclose(lines["four chains"][:, 0], found, atol=0.021)
    np.testing.assert_allclose(lines["four chains"][:, 1], [0.003, 1.0, 1e-4], rtol=1e-6)
    assert lines["true share, 0.587"][:, 0][0] == 0.587
    assert lines["R-hat of 1.01"][:, 1][0] == 0.01


def test_shares_stand_at_their_means_with_two_deviations():
    (axes,) = figures.shares({"a": (0.5, 0.1), "b": (0.9, 0.0)}, 0.6, what="share").axes
    errors: Any = axes.containers[0]
    points = errors.lines[0]
    np.testing.assert_allclose(points_of(points)[:, 0], [0.5, 0.9])
    bar = errors.lines[2][0].get_segments()[0]
    np.testing.assert_allclose(bar[:, 0], [0.3, 0.7])
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    assert axes.get_xlabel().startswith("share")


def test_importance_weights_show_who_carries_the_total():
    weights = np.array([0.0] * 90 + [0.1] * 10)
    left, right = figures.importance_weights(weights).axes
    share, total = points_of(right.lines[0]).T
    assert total[np.searchsorted(share, 5.0)] == pytest.approx(50)
    assert total[np.searchsorted(share, 10.0)] == pytest.approx(100)
    bars: list[Any] = list(left.patches)
    heights = [bar.get_height() for bar in bars if bar.get_height()]
    assert sorted(heights) == [10, 90]
    (average,) = (bar for bar in bars if bar.get_height() == 10)
    assert average.get_x() == pytest.approx(0.8, abs=0.25)  # log10 of 0.1 * 100, less a bin's width


def test_errors_of_methods_with_their_medians_and_costs():
    errors = [0.1, 0.2, 0.9]
    (axes,) = figures.error_and_cost({"one": (errors, 2000), "two": ([1.0], 5e5)}).axes
    dots, median = axes.lines[0], axes.lines[1]
    np.testing.assert_allclose(points_of(dots)[:, 0], errors)
    np.testing.assert_allclose(points_of(median)[:, 0], 0.2)
    names = [text.get_text() for text in axes.get_yticklabels()]
    assert names == ["one\n(2,000 evaluations)", "two\n(500,000 evaluations)"]


def test_the_labs_figure_leaves_out_an_energy_that_is_not_finite(surface):
    draws, path = np.zeros((2, 8, 2)), np.array([[0.0, 0.0], [np.nan, np.nan]])
    figure = figures.tuning(surface, draws=draws, path=path, energy=[1.0, np.nan])
    gained = lines_of(figure.axes[1])["energy gained"][:, 1]
    assert gained[0] == 0 and np.isnan(gained[1])
    assert png(figure)
