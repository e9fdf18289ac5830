"""Figures of the small networks say what they should: the right data, axes, modes and numbers."""

from io import BytesIO

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image, ImageSequence

from mazoezi import bayes, datasets
from mazoezi.course.drawing import DATA, describe
from mazoezi.practicals.bayesian import figures

X, Y = datasets.identity()
GRID = jnp.linspace(-3.0, 3.0, 61)
MODES = bayes.two_weight_modes(X, Y, 1.0)


def two_weight_loss(w, x, y):
    return bayes.network_loss(bayes.two_weight_network, w, x, y, 1.0)


@pytest.fixture(scope="module")
def surface():
    return figures.landscape(two_weight_loss, X, Y, first=(-4, 4), second=(-4, 4), points=81)


def gaussians(*means):
    starts = [bayes.gaussian_at(jnp.array(mean), 0.3) for mean in means]
    return jax.tree.map(lambda *parts: jnp.stack(parts), *starts)


def drawn_data(axes):
    (line,) = [line for line in axes.lines if line.get_color() == DATA]
    return points(line)


def points(line):
    return np.asarray(line.get_xydata())


def names(axes):
    return axes.get_xlabel(), axes.get_ylabel()


def test_the_landscape_is_drawn_over_w0_and_w1_with_its_modes_and_its_saddle(surface):
    (axes, _) = figures.two_modes(surface, MODES).axes
    assert names(axes) == ("w₀", "w₁")
    modes, saddle = axes.lines
    np.testing.assert_allclose(np.abs(points(modes)), np.sqrt((20.63 - 1) / 20.65), rtol=1e-5)
    np.testing.assert_allclose(points(saddle), [[0, 0]])
    row, column = np.unravel_index(np.argmax(surface.height), surface.height.shape)
    assert abs(surface.first[column]) == abs(surface.second[row]) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["functions_and_truth", "relu_shapes"])
def test_data_are_drawn_as_x_and_y(name):
    flat = np.zeros(61)
    figure = {
        "functions_and_truth": lambda: figures.functions_and_truth(
            X, Y, GRID, {"a fit": (flat, flat + 1, None)}, (flat, flat + 1)
        ),
        "relu_shapes": lambda: figures.relu_shapes(X, Y, GRID, {"a shape": jnp.ones(4)}),
    }[name]()
    np.testing.assert_allclose(drawn_data(figure.axes[0]), np.stack([X, Y], axis=1))
    assert not np.allclose(X, Y)


def test_each_start_is_marked_by_where_it_ended():
    starts = np.array([[1.0, 1.0], [2.0, 0.0], [-1.0, -1.0], [1.0, -1.0]])
    axes = figures.basins(starts, [0, 0, 1, 2], scale=0.5).axes[0]
    marked = {line.get_label(): points(line) for line in axes.lines}
    assert tuple(marked) == bayes.TWO_WEIGHT_MODES
    np.testing.assert_allclose(marked["positive"], starts[:2])
    np.testing.assert_allclose(marked["collapsed"], starts[3:])
    assert len({str(line.get_marker()) for line in axes.lines}) == 3, "colour alone is not enough"


def test_the_way_of_q_leads_from_its_start_to_its_end(surface):
    snapshots = gaussians([-1.0, 2.5], [0.3, 1.3], [1.0, 1.0])
    axes = figures.way_of_q(surface, snapshots, [(-1.0, 2.5, "positive")]).axes[0]
    lines = {line.get_label(): points(line) for line in axes.lines}
    np.testing.assert_allclose(lines["way of the mean"], snapshots.mean)
    radii = np.linalg.norm(lines["q at the start: 1 sd"] - np.array([-1.0, 2.5]), axis=1)
    np.testing.assert_allclose(radii, 0.3, rtol=1e-5)
    np.testing.assert_allclose(lines["positive"], [[-1.0, 2.5]])
    assert names(axes) == ("w₀", "w₁")


def test_the_moving_picture_has_a_frame_for_each_snapshot_and_says_the_same_in_a_still(surface):
    snapshots = gaussians([-1.0, 2.5], [0.3, 1.3], [1.0, 1.0])
    picture = figures.q_on_its_way(surface, snapshots, [0, 10, 20], names=("w₀", "w₁"))
    assert len(list(ImageSequence.Iterator(Image.open(BytesIO(picture.gif))))) == 3
    assert [names(axes) for axes in picture.still.axes] == [("w₀", "w₁")] * 3
    html = picture._repr_mimebundle_()["text/html"]
    assert "prefers-reduced-motion" in html and "q after 20 steps" in html


def test_the_network_is_marked_active_where_its_unit_is():
    weights = {
        "flat then up": jnp.array([1.0, 0.5, 1.0, -1.0]),
        "dead": jnp.array([1.0, -9.0, 1.0, 0.0]),
    }
    up, dead = figures.relu_shapes(X, Y, GRID, weights).axes
    active = next(line for line in up.lines if line.get_label() == "unit is active")
    np.testing.assert_allclose(points(active)[:, 0], np.asarray(X)[np.asarray(X) > -0.5])
    network = next(line for line in up.lines if line.get_label() == "network")
    np.testing.assert_allclose(
        points(network)[:, 1], np.maximum(np.asarray(GRID) + 0.5, 0) - 1, atol=1e-6
    )
    nowhere = next(line for line in dead.lines if line.get_label() == "unit is active")
    assert len(points(nowhere)) == 0


def test_gaps_are_written_on_the_bars():
    axes = figures.bounds({"one": -9.07, "two": -8.38}, -8.06).axes[0]
    assert [text.get_text().strip() for text in axes.texts] == ["1.01", "0.32"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["one", "two"]


def test_fits_and_truth_share_one_scale_and_are_told_apart_in_words(surface):
    flat = np.zeros(61)
    fits = {"a": (flat, flat + 1, np.zeros((3, 61))), "b": (flat + 1, flat, None)}
    figure = figures.functions_and_truth(X, Y, GRID, fits, (flat, flat + 2))
    left, right = figure.axes
    assert left.get_ylim() == right.get_ylim()
    words = describe(figure)
    assert "exact: mean ± 1 sd" in words and "fit: mean ± 1 sd" in words
    fits = {
        "at a mode": bayes.gaussian_at(MODES[0], 0.3),
        "collapsed": bayes.gaussian_at(jnp.zeros(2)),
    }
    assert [
        axes.get_title() for axes in figures.fits_on_landscape(surface, fits, MODES).axes
    ] == list(fits)
