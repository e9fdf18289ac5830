"""The figures of part 2 show what they are given: points, lines, labels."""

from typing import Any

import numpy as np
import pytest

from mazoezi.course.drawing import DATA, MODEL, TRUTH, png
from mazoezi.datasets import houses
from mazoezi.practicals.intro_jax import figures


@pytest.fixture(scope="module")
def data():
    return houses()


def square(b, w):
    return (b - 1) ** 2 + 10 * (w - 2) ** 2


def lines_of(axes) -> dict[str, Any]:
    return {line.get_label(): line for line in axes.lines}


def labelled(figure):
    return all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)


def test_houses_are_points_and_lines_have_names(data):
    figure = figures.houses(data.size, data.price, {"best": (1.0, 0.01)})
    lines = lines_of(figure.axes[0])
    assert np.allclose(lines["houses"].get_xydata(), np.stack([data.size, data.price], 1))
    x, y = lines["best"].get_data()
    assert np.allclose(y, 1.0 + 0.01 * x) and labelled(figure)
    assert "m²" in figure.axes[0].get_xlabel()


def test_residuals_join_each_house_to_the_line(data):
    figure = figures.residuals(data.size, data.price, (2.0, 0.01))
    collections: Any = figure.axes[0].collections
    (segments,) = [collection.get_segments() for collection in collections]
    ends = np.array(segments)
    assert np.allclose(np.sort(ends[:, 0, 0]), np.sort(data.size))
    assert np.allclose(np.abs(ends[:, 0, 1] - ends[:, 1, 1]),
                       np.abs(data.price - (0.01 * data.size + 2)), atol=1e-6)  # fmt: skip


def test_the_surface_is_seen_from_two_heights_with_the_path():
    views: Any = figures.loss_surface(square, [(3, 0.0), (1, 0.02)]).axes
    assert [axes.elev for axes in views] == [10, 30]
    assert all(axes.azim == -30 for axes in views)
    assert "your way" in lines_of(views[0])


def test_contour_paths_keep_their_names_and_points():
    path = np.array([[0.0, 0.0], [1.0, 2.0]])
    figure = figures.loss_contours(square, {"η = 0.1": path}, b=(-1, 3), w=(-1, 4), optimum=(1, 2))
    lines = lines_of(figure.axes[0])
    assert np.allclose(lines["η = 0.1"].get_xydata(), path)
    assert np.allclose(lines["optimum"].get_xydata(), [[1, 2]])


def test_descents_have_a_panel_each_with_its_start():
    paths = {f"η = {rate}": np.array([[0.0, 0.0], [rate, 2 * rate]]) for rate in (0.1, 1.0)}
    figure = figures.descents(square, paths, b=(-1, 3), w=(-1, 4), optimum=(1, 2), w_label="w (m)")
    assert [axes.get_title() for axes in figure.axes] == ["η = 0.1", "η = 1.0"]
    for axes, path in zip(figure.axes, paths.values(), strict=True):
        lines = lines_of(axes)
        assert np.allclose(lines["path"].get_xydata(), path)
        assert np.allclose(lines["start"].get_xydata(), [[0, 0]])
    assert figure.axes[0].get_ylabel() == "w (m)"


def test_losses_leave_out_what_is_not_finite():
    figure = figures.losses({"too fast": [1.0, 1e20, np.inf, np.nan]}, optimum=0.5)
    shown = lines_of(figure.axes[0])["too fast"].get_ydata()
    assert np.isfinite(shown).sum() == 2 and figure.axes[0].get_yscale() == "log"


def test_clipping_shows_three_directions_with_their_lengths():
    figure = figures.clipping((3.0, 400.0), (1.0, 1.0), (0.0075, 1.0))
    legend = figure.axes[0].get_legend()
    assert legend is not None
    words = " ".join(text.get_text() for text in legend.get_texts())
    assert "length 400" in words and "length 1.41" in words


def test_the_wave_shows_observations_truth_and_fit():
    x = np.linspace(-1, 1, 25)
    figure = figures.wave(x, np.sin(5 * x), {"degree 5": (x, x)})
    lines = lines_of(figure.axes[0])
    truth = lines["without noise: sin 5x"]
    assert np.allclose(truth.get_ydata(), np.sin(5 * truth.get_xdata()))
    colours = [lines[name].get_color() for name in ("observations", "degree 5")]
    assert colours == [DATA, MODEL] and truth.get_color() == TRUTH


def test_extrapolation_shows_new_points_left_of_the_data():
    x = np.linspace(-1, 1, 25)
    new = np.linspace(-1.3, -1, 20)
    figure = figures.extrapolation(x, x, new, new, (new, new))
    assert lines_of(figure.axes[0])["new observations"].get_xdata().max() <= -1
    assert figure.axes[0].get_xlim()[0] < -1.3


def test_errors_by_degree_are_logarithmic_and_marked():
    errors = {"train": [0.7, 0.1], "new points, outside": [0.4, 3.0]}
    axes = figures.errors_by_degree([1, 5], errors, noise=0.1).axes[0]
    assert axes.get_yscale() == "log" and "noise 0.1" in lines_of(axes)
    markers = {str(line.get_marker()) for line in axes.lines[:2]}
    assert len(markers) == 2  # told apart without colour


def test_chosen_degrees_are_counted():
    bars: Any = figures.chosen_degrees([5, 7, 7, 7]).axes[0].patches
    assert [bar.get_height() for bar in bars] == [1, 3]


def test_perfect_predictions_lie_on_the_line():
    figure = figures.actual_and_predicted([1.0, 2.0], [1.0, 2.0], what="target")
    axes = figure.axes[0]
    assert axes.get_aspect() == 1 and axes.get_xlim() == axes.get_ylim()


@pytest.mark.parametrize(
    "figure",
    [
        figures.trajectory([(3, 0.0), (1, 0.02)]),
        figures.against([0, 1e-6, 1e-3], {"train": [1.0, 2.0, 3.0]}, x="λ", y="RMSE"),
        figures.newton_and_descent(square, [(0, 0), (0.5, 1)], [(0, 0), (1, 2)], optimum=(1, 2)),
    ],
)
def test_figures_render_with_labels(figure):
    assert labelled(figure) and png(figure).startswith(b"\x89PNG")
