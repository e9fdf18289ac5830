"""What the figures of pictures show, read back from what was drawn."""

import logging
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi.course.drawing import describe, png
from mazoezi.datasets import animal
from mazoezi.practicals.array_algebra import figures

RACCOON = animal().image
NOSE = np.s_[142:170, 187:225]


def panels(figure) -> list[Any]:
    """Return the axes of a figure."""
    return list(figure.axes)


def shown(axes) -> Any:
    """Return the one image of a panel."""
    (image,) = axes.images
    return image


def seen(axes) -> np.ndarray:
    """Return the colours that Matplotlib makes of the image of a panel, red, green, blue, 0 to 255."""
    image = shown(axes)
    return image.to_rgba(image.get_array(), bytes=True)[..., :3]


def titles(figure):
    return [axes.get_title() for axes in panels(figure)]


# --- pictures ------------------------------------------------------------------------------------


def test_a_picture_shows_each_cell_with_row_0_at_the_top():
    figure = figures.picture(RACCOON, "the raccoon")
    (axes,) = panels(figure)
    np.testing.assert_array_equal(seen(axes), RACCOON)
    assert axes.yaxis_inverted() and not axes.xaxis_inverted()
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("column", "row")
    assert describe(figure) == "the raccoon: row against column."


@pytest.mark.parametrize("array", [RACCOON[:, :, 2], jnp.asarray(RACCOON[:, :, 2])])
def test_a_matrix_is_grey_with_a_scale_beside_it(array):
    figure = figures.picture(array, "blue")
    picture, scale = panels(figure)
    grey = np.repeat(RACCOON[:, :, 2, None], 3, axis=2).astype(int)
    np.testing.assert_allclose(seen(picture), grey, atol=1)  # Matplotlib's greys are a table of 256
    assert [float(tick) for tick in scale.get_yticks()] == [0, 64, 128, 192, 255]
    assert scale.get_ylabel() == "value"


def test_brightness_is_fixed_so_that_half_of_it_looks_darker():
    blue = RACCOON[:, :, 2].astype(float)
    whole, half, _ = panels(figures.pictures({"blue": blue, "half": blue / 2}))
    assert [shown(axes).get_clim() for axes in (whole, half)] == [(0, 255), (0, 255)]
    ratio = seen(half).mean() / seen(whole).mean()
    assert ratio == pytest.approx(0.5, abs=0.01)


def test_pictures_stand_side_by_side_under_their_names():
    figure = figures.pictures({"before": RACCOON, "after": RACCOON // 2})
    assert titles(figure) == ["before", "after"]
    np.testing.assert_array_equal(seen(panels(figure)[1]), RACCOON // 2)


@pytest.mark.parametrize("size", [1, 2, 7, 45, 320, 5000])
def test_rows_and_columns_are_numbered_with_whole_numbers_that_exist(size):
    (axes,) = panels(figures.picture(np.zeros((3, size, 3), np.uint8)))
    ticks = axes.get_xticks().tolist()
    assert ticks[0] == 0 and ticks[-1] <= size - 1
    assert all(tick == int(tick) for tick in ticks)
    assert len(ticks) <= 8
    assert set(axes.get_yticks()) <= {0, 1, 2}


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("shape", [(1, 1, 3), (45, 320, 3), (320, 45, 3), (240, 320)])
def test_no_words_of_pictures_overlap(count, shape):
    images = {f"picture {number}": np.zeros(shape) for number in range(count)}
    figure = figures.pictures(images)
    png(figure)
    for axes in panels(figure)[:count]:
        for axis in (axes.xaxis, axes.yaxis):
            assert not overlapping(axis.get_ticklabels())
    assert not overlapping([axes.title for axes in panels(figure)[:count]])


def overlapping(texts):
    """Tell whether any two texts that have been drawn overlap."""
    boxes = [text.get_window_extent() for text in texts]
    return any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_a_crop_is_framed_in_the_whole_and_shown_beside_it():
    whole, part = panels(figures.cropped(RACCOON, NOSE))
    np.testing.assert_array_equal(seen(whole), RACCOON)
    np.testing.assert_array_equal(seen(part), RACCOON[NOSE])
    assert whole.get_title() == "rows 142:170, columns 187:225"
    assert part.get_title() == "what is inside: shape (28, 38, 3)"
    (frame,) = whole.patches
    assert frame.get_bbox().bounds == (186.5, 141.5, 38, 28)
    across = [line.get_ydata()[0] for line in whole.lines[:2]]
    down = [line.get_xdata()[0] for line in whole.lines[2:]]
    assert (across, down) == ([141.5, 169.5], [186.5, 224.5])


def test_the_lines_of_a_crop_end_at_its_frame():
    whole, _ = panels(figures.cropped(RACCOON, NOSE))
    assert whole.lines[0].get_xdata()[1] == pytest.approx(187 / 320)
    assert whole.lines[2].get_ydata()[1] == pytest.approx(1 - 170 / 240)


# --- colours -------------------------------------------------------------------------------------


def drawn_colour(axes) -> list[int]:
    """Return the colour in the middle of a panel, as it is in the finished PNG."""
    axes.figure.canvas.draw()
    pixels = np.asarray(axes.figure.canvas.buffer_rgba())
    x, y = axes.transAxes.transform((0.5, 0.5))
    return pixels[pixels.shape[0] - int(y), int(x), :3].tolist()


def test_floats_above_1_are_shown_white_and_whole_numbers_as_they_are(caplog):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    means = np.array([87.6, 114.3, 72.4])
    with caplog.at_level(logging.WARNING, "matplotlib"):
        figure = figures.swatches(
            {"floats": means, "integers": means.astype(np.uint8), "fractions": means / 255}
        )
    FigureCanvasAgg(figure)
    white, integers, fractions = (drawn_colour(axes) for axes in panels(figure))
    assert white == [255, 255, 255]
    assert integers == [87, 114, 72]
    np.testing.assert_allclose(fractions, means, atol=1)
    assert "Clipping input data" in caplog.text


def test_a_single_swatch_and_a_jax_array_will_do():
    figure = figures.swatches({"pink": jnp.array([255, 105, 180], jnp.uint8)})
    assert titles(figure) == ["pink"]
    assert seen(panels(figure)[0])[0, 0].tolist() == [255, 105, 180]


def test_responses_are_one_named_curve_each():
    values = np.arange(256, dtype=np.uint8)
    (axes,) = panels(figures.responses(values, {"wraps": values * 2, "clipped": values // 2}))
    wraps, clipped = axes.lines
    np.testing.assert_array_equal(wraps.get_ydata(), np.arange(256) * 2 % 256)
    np.testing.assert_array_equal(clipped.get_xdata(), values)
    assert wraps.get_linestyle() != clipped.get_linestyle()
    assert wraps.get_color() != clipped.get_color()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["wraps", "clipped"]


def test_histograms_count_every_pixel_and_say_how_much_is_at_255():
    greener = RACCOON.copy()
    greener[:60, :, 1] = 255
    figure = figures.channel_histograms(RACCOON, greener)
    share = np.mean(greener[:, :, 1] == 255)
    assert f"then {share:.1%}" in titles(figure)[1]
    assert [title.split("\n")[0] for title in titles(figure)] == ["red", "green", "blue"]
    for channel, axes in enumerate(panels(figure)):
        bars = [patch for patch in axes.patches if hasattr(patch, "get_height")]
        counts = [bar.get_height() for bar in bars]
        expected = np.histogram(RACCOON[:, :, channel], np.linspace(0, 256, 33))[0]
        np.testing.assert_array_equal(counts, expected)
        assert sum(counts) == 240 * 320


def test_colours_lie_on_the_wheel_where_their_own_colour_is():
    colours = {"hot pink": (255, 105, 180), "green": (0, 255, 0), "white": (255, 255, 255)}
    (axes,) = panels(figures.colour_wheel(colours))
    wheel = shown(axes).get_array()
    for line, rgb in zip(axes.lines, colours.values(), strict=True):
        x, y = (float(values[0]) for values in line.get_data())
        row, column = (min(400, round(200 * (place + 1))) for place in (y, x))
        np.testing.assert_allclose(255 * wheel[row, column], rgb, atol=4)
        np.testing.assert_allclose(255 * np.array(line.get_color()), rgb, atol=1e-9)
    assert describe(axes.figure).endswith("; hot pink, green, white.")


# --- grey ----------------------------------------------------------------------------------------


def test_a_grey_is_decoded_to_the_luminance_that_it_shows():
    luminance = np.linspace(0, 1, 101)
    v = figures.grey(luminance) / 255
    decoded = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    np.testing.assert_allclose(decoded, luminance, atol=1e-6)
    np.testing.assert_allclose(figures.grey([0, 1]), [0, 255])
