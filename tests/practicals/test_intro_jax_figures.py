"""What the figures of part 1 show, read back from what was drawn."""

import math
import re
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import matplotlib.colors
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from mazoezi.course.drawing import DATA, MODEL, png
from mazoezi.practicals.intro_jax.figures import (
    KeyTree,
    Race,
    blocks_of,
    curve,
    derivatives,
    device_blocks,
    gradients_at_zero,
    key_tree,
    relu_curve,
    row_ranges,
    seconds_per_call,
    seconds_per_step,
    shown_time,
    speed_ups,
    steps_table,
)
from mazoezi.timing import Timing

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`


def panels(figure) -> list[Any]:
    """Return the axes of a figure."""
    return list(figure.axes)


def words_of(figure):
    """Return all texts of a figure, drawn."""
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


# --- Curves and slopes ---------------------------------------------------------------------------


def test_a_curve_is_one_blue_line_with_a_legend():
    x = jnp.linspace(-jnp.pi, jnp.pi, 100)
    (axes,) = panels(curve(x, jnp.cos(x), "cos(x)"))
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_ydata(), np.cos(np.asarray(x)), atol=1e-6)
    assert line.get_color() == DATA
    legend = axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["cos(x)"]
    assert legend._loc_real == 2  # upper left
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("x", "y")


@pytest.mark.parametrize("relu", [lambda x: x if x > 0 else 0.0, jax.nn.relu])
def test_a_relu_is_drawn_whether_or_not_it_takes_arrays(relu):
    (axes,) = panels(relu_curve(relu))
    x, y = axes.lines[0].get_data()
    np.testing.assert_allclose(y, np.maximum(x, 0), atol=1e-6)
    assert (x.min(), x.max()) == (-5, 5)
    assert np.diff(axes.get_xticks()).tolist() == [1.0] * (len(axes.get_xticks()) - 1)


def test_derivatives_say_their_values_and_touch_the_curves():
    figure = derivatives(lambda x: 6 * x**4 - 9 * x + 4, 2.0)
    titles = [axes.get_title() for axes in panels(figure)]
    assert titles == ["f(2) = 82", "f′(2) = 183", "f″(2) = 288", "f‴(2) = 288"]
    for axes, slope in zip(panels(figure), (183, 288, 288, 144), strict=True):
        x, y = axes.lines[1].get_data()
        assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(slope, rel=1e-5)


def test_gradients_at_zero_tell_the_variants_apart():
    figure = gradients_at_zero(
        {
            "where": lambda x: jnp.where(x > 0, x, 0.0),
            "maximum": lambda x: jnp.maximum(x, 0.0),
            "nn.relu": jax.nn.relu,
            "root": lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0),
        }
    )
    told = [axes.get_title().split("at 0: ")[1] for axes in panels(figure)]
    assert told == ["0", "0.5", "0", "not a number"]
    heights = [axes.lines[-1].get_ydata()[0] for axes in panels(figure)[:3]]
    assert heights == [0, 0.5, 0]
    hatched = [any(patch.get_hatch() for patch in axes.patches) for axes in panels(figure)]
    assert hatched == [False, False, False, True]


# --- Rows of a batch -----------------------------------------------------------------------------

BATCH = jnp.arange(15).reshape(3, 5)


def framed(figure):
    """Return the column and row of each framed cell."""
    return sorted(
        (round(patch.get_x()), round(patch.get_y(), 2))
        for patch in panels(figure)[0].patches
        if patch.get_linewidth() > 2
    )


def test_mapped_rows_have_their_own_pair():
    pairs = jax.vmap(lambda row: jnp.array([row.min(), row.max()]))(BATCH)
    figure = row_ranges(BATCH, pairs)
    picked = [(x, y) for x, y in framed(figure) if x < 5]
    assert picked == [(x, y + 0.03) for x in (0, 4) for y in range(3)]
    words = words_of(figure)
    assert "batch (3, 5)" in words and "[min, max] (3, 2)" in words


def test_the_whole_batch_has_one_pair():
    figure = row_ranges(BATCH, jnp.array([BATCH.min(), BATCH.max()]))
    assert [(x, y) for x, y in framed(figure) if x < 5] == [(0, 0.03), (4, 2.03)]
    assert "[min, max] (2,)" in words_of(figure)


# --- Keys ----------------------------------------------------------------------------------------


def test_a_tree_draws_what_jax_random_draws():
    root = KeyTree(jr.key(3))
    left, right = root.split(2, ["left", "right"])
    keys = jr.split(jr.key(3), 2)
    np.testing.assert_array_equal(left.draw(jr.normal, (3,)), jr.normal(keys[0], (3,)))
    np.testing.assert_array_equal(right.draw(jr.uniform), jr.uniform(keys[1]))
    assert not root.reused_keys()


def test_a_key_drawn_from_and_split_is_reused():
    root = KeyTree(jr.key(3))
    root.draw(jr.normal)
    left, _ = root.split(2)
    left.draw(jr.normal)
    assert root.reused_keys() == (root,)


def test_a_reused_key_deep_in_the_tree_is_found_with_jaxs_own_check():
    root = KeyTree(jr.key(3))
    left, _ = root.split(2, ["left", "right"])
    left.draw(jr.normal)
    with jax.debug_key_reuse(True), pytest.raises(jax.errors.KeyReuseError):
        key = jr.split(jr.key(3))[0]
        jr.normal(key)
        jr.normal(key)
    left.draw(jr.normal)
    assert [node.name for node in root.reused_keys()] == ["left"]


def test_old_keys_work_too():
    root = KeyTree(jr.PRNGKey(0))
    assert root.split(3)[2].draw(jr.normal).shape == ()


def test_a_reused_key_is_red_and_says_so_and_its_lines_are_dashed():
    root = KeyTree(jr.key(3))
    for _ in range(2):
        root.draw(jr.normal)
    figure = key_tree(root)
    assert "key\nused 2 times" in words_of(figure)
    assert "used again: not independent" in words_of(figure)
    box = next(text for text in panels(figure)[0].texts if "used 2" in text.get_text())
    patch = box.get_bbox_patch()
    assert matplotlib.colors.to_hex(patch.get_edgecolor()).upper() == MODEL
    assert patch.get_linewidth() > 2
    assert {line.get_linestyle() for line in panels(figure)[0].lines} == {"--"}


def test_a_clean_tree_has_nothing_red():
    root = KeyTree(jr.key(3))
    for node in root.split(3):
        node.draw(jr.normal)
    figure = key_tree(root)
    assert {line.get_color() for line in panels(figure)[0].lines} == {DATA}
    assert len(panels(figure)[0].lines) == 6
    assert not any("again" in words for words in words_of(figure))


def test_no_boxes_of_a_tree_overlap():
    root = KeyTree(jr.key(3))
    data, noise, weights = root.split(3, ["data", "noise", "weights"])
    data.draw(jr.normal, (3,))
    weights.draw(jr.normal)
    weights.draw(jr.uniform, (9,))
    noise.split(2)[0].draw(jr.normal)
    figure = key_tree(root)
    png(figure)
    boxes = [text.get_window_extent() for text in panels(figure)[0].texts]
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]]
    assert not any(a.overlaps(b) for a, b in pairs)


# --- Times ---------------------------------------------------------------------------------------


def timing(median, *, first=1.0, compilations=0):
    return Timing(first, median, 0.9 * median, 1.2 * median, 9, compilations)


def test_bars_have_the_medians_and_the_quartiles():
    (axes,) = panels(seconds_per_call({"a": timing(0.004), "b": timing(0.002)}))
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([4, 2])
    assert axes.get_ylabel() == "ms per call"
    (whiskers,) = axes.collections
    ends = [path.vertices[:, 1].tolist() for path in whiskers.get_paths()]
    np.testing.assert_allclose(ends, [[3.6, 4.8], [1.8, 2.4]])


def test_each_slower_implementation_is_compared_to_two_decimals():
    times = {"slow": timing(0.03), "fast": timing(0.007), "middling": timing(0.01)}
    assert speed_ups(times) == (
        "fast is 4.29× faster than slow",
        "fast is 1.43× faster than middling",
    )
    assert "\n".join(speed_ups(times)) in words_of(seconds_per_call(times))


def test_the_first_call_stands_apart():
    figure = seconds_per_call({"a": timing(0.1, first=2.0), "b": timing(0.2)}, first_call=True)
    later, first = panels(figure)
    assert (later.get_ylabel(), first.get_ylabel()) == ("ms per call", "s per call")
    assert [bar.get_height() for bar in first.patches] == [2.0, 1.0]


def test_times_far_apart_get_a_logarithmic_scale_that_says_so():
    (axes,) = panels(seconds_per_call({"a": timing(1.0), "b": timing(1e-3)}))
    assert axes.get_yscale() == "log" and "log scale" in axes.get_ylabel()


def test_a_bar_that_timed_the_compiler_is_marked():
    figure = seconds_per_call({"a": timing(0.1, compilations=3), "b": timing(0.1)})
    assert [bool(bar.get_hatch()) for bar in panels(figure)[0].patches] == [True, False]
    assert "compiles\nagain" in words_of(figure)


def test_loops_are_shown_per_step():
    times, steps = {"Python": timing(0.4), "scan": timing(0.001)}, {"Python": 100, "scan": 1000}
    (axes,) = panels(seconds_per_step(times, steps))
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([1.0, 4000.0])
    assert [text.get_text() for text in axes.texts] == ["1 µs", "4 ms"]
    assert steps_table(times, steps).splitlines()[2:] == [
        "| Python | 4 ms | 4,000 |",
        "| scan | 1 µs | 1 |",
    ]


@pytest.mark.parametrize(
    "seconds, shown",
    [(2, "2 s"), (0.0482, "48.2 ms"), (9.996e-4, "1 ms"), (3e-10, "0.3 ns"), (5e-7, "500 ns")],
)
def test_times_have_a_fitting_unit(seconds, shown):
    assert shown_time(seconds) == shown


# --- Devices -------------------------------------------------------------------------------------

MESH = Mesh(np.array(jax.devices()[:8]).reshape(4, 2), ("row", "column"))


def placed(shape, *spec):
    return jax.device_put(jnp.zeros(shape), NamedSharding(MESH, PartitionSpec(*spec)))


def filled(axes):
    """Return left, top, width and height of what a device holds."""
    return axes.patches[1].get_bbox().bounds


@pytest.mark.parametrize(
    "shape, spec",
    [
        ((8, 6), ()),
        ((8, 6), ("row",)),
        ((8, 6), (None, "column")),
        ((8, 6), ("row", "column")),
        ((8, 6, 5), (("row", "column"),)),
        ((3, 8, 6), (None, "row", "column")),
        ((16,), (("row", "column"),)),
    ],
)
def test_blocks_are_those_of_the_shards(shape, spec):
    array = placed(shape, *spec)
    blocks = blocks_of(array)
    for shard in array.addressable_shards:
        expected = tuple(i.indices(n)[:2] for i, n in zip(shard.index, shape, strict=True))
        assert blocks[shard.device.id] == expected
    assert len(device_blocks(array).axes) == 8


def test_each_panel_fills_the_block_of_its_device():
    figure = device_blocks(placed((8, 6), "row", "column"), "x")
    assert [axes.get_title().split("\n")[0] for axes in panels(figure)] == [
        f"device {number}" for number in range(8)
    ]
    assert filled(panels(figure)[0]) == (0, 0, 3, 2)
    assert filled(panels(figure)[7]) == (3, 6, 3, 2)
    assert panels(figure)[7].get_title().endswith("[6:8, 3:6]")
    assert "x (8, 6): 8 blocks of shape (2, 3)" in words_of(figure)


def test_copies_are_called_copies():
    assert "array (8, 6): 8 full copies" in words_of(device_blocks(placed((8, 6))))
    told = words_of(device_blocks(placed((8, 6), "row")))
    assert "array (8, 6): 4 blocks of shape (2, 6), each on 2 devices" in told
    (axes,) = panels(device_blocks(jnp.zeros(())))
    assert filled(axes) == (0, 0, 1, 1)


def test_an_axis_that_is_cut_is_drawn_rather_than_one_that_is_whole():
    figure = device_blocks(placed((3, 8, 6), None, "row", "column"))
    assert panels(figure)[0].get_ylabel() == "axis 1 (length 8)"
    assert panels(figure)[0].get_xlabel() == "axis 2 (length 6)"


def race(**options):
    return Race(placed((8, 5, 6), ("row", "column")), **options)


def test_eight_devices_are_eight_times_sooner_at_best_and_emulated_ones_are_not():
    assert race().speed_up == 8
    shared = race(processors=2)
    assert shared.speed_up == 2
    assert "share 2 processors" in shared.words


def test_devices_with_two_matrices_take_two_turns_and_copies_save_none():
    assert Race(placed((16, 5, 6), ("row", "column"))).speed_up == 8
    assert Race(placed((8, 5, 6), "column"), processors=8).speed_up == 2
    assert Race(placed((8, 5, 6))).speed_up == 1


def test_the_animation_is_small_and_self_contained():
    page = race(processors=2)._repr_html_()
    assert len(page) < 150_000
    assert not re.search(r"(src|href)=|url\(|<script", page)
    assert "prefers-reduced-motion" in page and 'aria-label="One device' in page


def test_each_product_is_in_the_animation_twice_and_grows_at_its_turn():
    svg = race().svg()
    assert svg.count("<g class=") == 16
    assert svg.count('<g class="job0-1">') == 9  # the first one alone, and all eight together
    stages = re.findall(r"@keyframes job(\d)-1\{0%,([\d.]+)%", svg)
    assert [(int(a), math.isclose(float(b), 10 * int(a))) for a, b in stages] == [
        (number, True) for number in range(8)
    ]


def test_the_still_shows_the_same_turns():
    top, bottom = panels(race().still())
    assert [patch.get_x() for patch in top.patches] == list(range(8))
    assert [patch.get_x() for patch in bottom.patches] == [0] * 8
    assert bottom.get_xlabel() == "time (products of one matrix)"
