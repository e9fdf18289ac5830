"""The drawn animal: that it can be told apart, part by part, and that each machine draws the same."""

import dataclasses

import numpy as np
import pytest

from mazoezi.datasets import animal
from mazoezi.datasets._animal import _picture

IMAGE = animal().image
BOXES = {name: getattr(animal(), name) for name in ("nose", "left_eye", "right_eye")}


def around(box, margin=10):
    """Return the same box with a margin on all sides."""
    return tuple(slice(part.start - margin, part.stop + margin) for part in box)


def brightness(part):
    return part.mean(axis=-1)


def test_it_is_an_8_bit_colour_picture_with_dark_and_bright_places():
    assert IMAGE.shape == (240, 320, 3)
    assert IMAGE.dtype == np.uint8
    assert IMAGE.min() < 10
    assert IMAGE.max() == 255


@pytest.mark.parametrize("name", BOXES)
def test_a_box_lies_inside_the_picture_and_cuts_a_small_block(name):
    rows, columns = BOXES[name]
    assert 0 <= rows.start < rows.stop <= 240
    assert 0 <= columns.start < columns.stop <= 320
    assert IMAGE[BOXES[name]].shape == (rows.stop - rows.start, columns.stop - columns.start, 3)
    assert IMAGE[BOXES[name]].size < 0.02 * IMAGE.size


def test_the_nose_is_the_dark_thing_in_a_light_muzzle():
    block, surroundings = IMAGE[BOXES["nose"]], IMAGE[around(BOXES["nose"])]
    assert np.median(brightness(block)) < 70
    rim = (surroundings.sum() - block.sum(dtype=int)) / (surroundings.size - block.size)
    assert rim > 130
    dark = brightness(surroundings) < 50
    inside = (brightness(block) < 50).sum()
    assert inside / dark.sum() > 0.8  # the rest belongs to the mouth


@pytest.mark.parametrize("name", ["left_eye", "right_eye"])
def test_an_eye_has_a_black_pupil_an_amber_ring_and_a_white_reflection(name):
    eye = IMAGE[BOXES[name]].astype(int)
    middle = eye[eye.shape[0] // 2, eye.shape[1] // 2]
    assert middle.max() < 30
    amber = (eye[:, :, 0] > eye[:, :, 2] + 60) & (eye[:, :, 0] > 120)
    assert amber.mean() > 0.08
    assert (eye.min(axis=-1) > 240).sum() >= 8


def test_the_left_eye_is_on_the_left_and_both_are_above_the_nose():
    assert BOXES["left_eye"][1].stop < BOXES["nose"][1].start + 10
    assert BOXES["right_eye"][1].start > BOXES["nose"][1].stop - 10
    for eye in ("left_eye", "right_eye"):
        assert BOXES[eye][0].stop <= BOXES["nose"][0].start


def test_a_bar_over_both_eyes_takes_little_of_the_picture():
    (left_rows, left_columns), (right_rows, right_columns) = BOXES["left_eye"], BOXES["right_eye"]
    height = max(left_rows.stop, right_rows.stop) - min(left_rows.start, right_rows.start)
    width = right_columns.stop - left_columns.start
    assert height * width < 0.05 * 240 * 320


def test_rows_taken_for_columns_and_rows_counted_from_below_miss_the_nose():
    rows, columns = BOXES["nose"]
    assert columns.start >= rows.stop
    assert 240 - rows.stop > 0 and 240 - rows.start <= rows.start


def test_most_of_the_picture_is_green():
    red, green, blue = np.moveaxis(IMAGE.astype(int), -1, 0)
    assert ((green > red) & (green > blue)).mean() > 0.5
    left_half = IMAGE[:, :100].reshape(-1, 3).mean(axis=0)
    assert left_half[1] > 1.3 * left_half[0] and left_half[1] > 1.3 * left_half[2]
    assert 80 < IMAGE.mean() < 140


def test_each_call_gives_a_copy_that_may_be_written_into():
    first = animal()
    first.image[:] = 0
    np.testing.assert_array_equal(animal().image, IMAGE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(first, "image", IMAGE)  # noqa: B010, which pyright would not let pass


def test_it_is_drawn_again_alike_whatever_the_global_generator_does():
    np.random.seed(3)
    expected_next = np.random.random()
    np.random.seed(3)
    np.testing.assert_array_equal(_picture.__wrapped__(), IMAGE)
    assert np.random.random() == expected_next


def test_it_looks_as_it_did_when_this_was_written():
    """Mean colours of 80 by 80 blocks: a machine that rounds otherwise would stay within one."""
    blocks = IMAGE.reshape(3, 80, 4, 80, 3).mean(axis=(1, 3))
    expected = [
        [[84, 137, 58], [87, 122, 73], [96, 126, 81], [77, 104, 63]],
        [[68, 111, 49], [98, 124, 85], [116, 108, 101], [96, 108, 86]],
        [[67, 117, 47], [73, 94, 60], [123, 123, 111], [67, 99, 56]],
    ]
    np.testing.assert_allclose(blocks, expected, atol=1)
