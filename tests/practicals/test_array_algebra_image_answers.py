"""The checks of A06 to A12, tried on answers of people who did not read them.

Beside what the exercises list themselves, there are wrong answers that nobody listed, which must be
rejected, and right ones in other styles, which must pass.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi.course._judge import judge
from mazoezi.course._source import ExerciseText
from mazoezi.datasets import animal
from mazoezi.practicals.array_algebra.exercises._images import (
    censor,
    channel,
    crop_nose,
    exposure,
    exposure_bound,
    mean_colour,
    pink,
    tint,
)

pytestmark = pytest.mark.slow  # some two hundred answers, each on whole pictures

CODE = {
    exercise.id: exercise
    for exercise in (crop_nose, pink, censor, tint, channel, exposure, mean_colour)
}
WRONG: list[tuple[str, Callable]] = []
RIGHT: list[tuple[str, Callable]] = []


def wrong(exercise: str) -> Callable[[Any], Any]:
    """Mark an answer that the check must reject."""

    def add(function: Any) -> Any:
        WRONG.append((exercise, function))
        return function

    return add


def right(exercise: str) -> Callable[[Any], Any]:
    """Mark an answer that the check must accept."""

    def add(function: Any) -> Any:
        RIGHT.append((exercise, function))
        return function

    return add


def text_of(exercise: str, kind: str = "code") -> ExerciseText:
    """Return an exercise's text with nothing in it but what a judge looks at."""
    return ExerciseText(
        exercise, "slug", "Title", kind, "beginner", False, 5, "prompt", (), 1, answer_name="answer"
    )


def verdict_on(exercise: str, answer: Any):
    return judge(text_of(exercise), CODE[exercise], answer)


def _names(pairs: list[tuple[str, Callable]]) -> list[str]:
    return [f"{exercise}-{getattr(function, '__name__', '?')}" for exercise, function in pairs]


# --- what the exercises list ---------------------------------------------------------------------

LISTED_RIGHT = [(e.id, f) for e in CODE.values() for f in (e.reference, *e.alternatives)]
LISTED_WRONG = [(e.id, m) for e in CODE.values() for m in e.mistakes]


@pytest.mark.parametrize(("exercise", "answer"), LISTED_RIGHT, ids=_names(LISTED_RIGHT))
def test_a_reference_or_alternative_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, f"{verdict.failed_case}: {verdict.message}"
    assert len(verdict.notes) == len(CODE[exercise].notes)
    assert all(verdict.notes)


@pytest.mark.parametrize(
    ("exercise", "mistake"), LISTED_WRONG, ids=[f"{id}-{m.id}" for id, m in LISTED_WRONG]
)
def test_a_mistake_is_rejected_and_diagnosed_as_itself(exercise, mistake, capsys):
    verdict = verdict_on(exercise, mistake.function)
    assert verdict.verdict in ("failed", "errored"), verdict
    assert verdict.mistake == mistake.id
    assert verdict.advice == mistake.advice
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("exercise", CODE)
def test_a_number_instead_of_a_function_is_told_so(exercise):
    verdict = verdict_on(exercise, 3.0)
    assert verdict.category == "signature"
    assert "Expected the function" in verdict.message


# --- A06 Crop the nose ---------------------------------------------------------------------------


@wrong("A06")
def half_a_nose(img):
    return img[142:156, 187:225]


@wrong("A06")
def all_rows(img):
    return img[:, 187:225]


@wrong("A06")
def all_columns(img):
    return img[142:170]


@wrong("A06")
def the_whole_picture(img):
    return img


@wrong("A06")
def one_pixel(img):
    return img[156:157, 206:207]


@wrong("A06")
def mirrored(img):
    return img[142:170, 187:225][:, ::-1]


@wrong("A06")
def upside_down(img):
    return img[142:170, 187:225][::-1]


@wrong("A06")
def transposed(img):
    return img[142:170, 187:225].swapaxes(0, 1)


@wrong("A06")
def channels_backwards(img):
    return img[142:170, 187:225, ::-1]


@wrong("A06")
def darkened(img):
    return img[142:170, 187:225] // 2


@wrong("A06")
def only_two_pixels(img):
    return img[[142, 170], [187, 225]]


@wrong("A06")
def reshaped_block(img):
    return img[142:170, 187:225].reshape(38, 28, 3)


@wrong("A06")
def with_a_leading_axis(img):
    return img[None, 142:170, 187:225]


@wrong("A06")
def black_around_it(img):
    result = np.zeros_like(img)
    result[142:170, 187:225] = img[142:170, 187:225]
    return result


@wrong("A06")
def one_based_and_far_off(img):
    return img[150:178, 195:233]


@wrong("A06")
def the_box_itself(img):
    return animal().nose


@wrong("A06")
def printed_only(img):
    img[142:170, 187:225]


@right("A06")
def with_the_recorded_box(img):
    return img[animal().nose]


@right("A06")
def from_its_middle(img):
    row, column, half = 156, 206, 20
    return img[row - half : row + half, column - half : column + half]


@right("A06")
def with_slice_objects(img):
    return img[slice(140, 172), slice(185, 227), ...]


@right("A06")
def by_take(img):
    return np.take(np.take(img, np.arange(142, 170), axis=0), np.arange(187, 225), axis=1)


@right("A06")
def by_a_dynamic_slice(img):
    return jax.lax.dynamic_slice(jnp.asarray(img), (141, 186, 0), (30, 40, 3))


@right("A06")
def row_by_row(img):
    return np.array([row[187:225] for row in img[142:170]])


@right("A06")
def found_by_darkness(img):
    """A block around what is dark in the middle of the muzzle, on whatever picture."""
    around = img[135:175, 180:232]
    dark = around.mean(axis=-1) < 70
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not rows.size:
        return around
    return around[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


# --- A07 A pink pixel ----------------------------------------------------------------------------

OTHER_COLOURS = {
    "black": (0, 0, 0),
    "grey": (200, 200, 200),
    "orange": (255, 165, 0),
    "lavender": (200, 180, 220),
    "purple": (160, 90, 200),
    "cyan": (0, 255, 255),
    "peach": (255, 200, 170),
    "green_first": (105, 255, 180),
    "crimson": (220, 20, 60),
    "nearly_white": (255, 240, 245),
}


@pytest.mark.parametrize("name", OTHER_COLOURS)
def test_another_colour_is_not_pink(name):
    verdict = verdict_on("A07", lambda: OTHER_COLOURS[name])
    assert verdict.verdict == "failed"
    assert verdict.category == "property"


@wrong("A07")
def four_channels():
    return 255, 105, 180, 255


@wrong("A07")
def two_numbers():
    return 255, 105


@wrong("A07")
def whole_floats():
    return 255.0, 105.0, 180.0


@wrong("A07")
def a_hex_code():
    return "#ff69b4"


@wrong("A07")
def as_texts():
    return "255", "105", "180"


@wrong("A07")
def one_number():
    return 255


@wrong("A07")
def a_pixel_of_shape_1_3():
    return np.array([[255, 105, 180]])


@wrong("A07")
def floats_from_0_to_1():
    return np.array([1.0, 0.41, 0.71])


@wrong("A07")
def by_key():
    return {"red": 255, "green": 105, "blue": 180}


@wrong("A07")
def in_thousandths():
    return 1000, 412, 706


@right("A07")
def deep_pink_lightened():
    return 255, 80, 147


@right("A07")
def in_jax():
    return jnp.array([255, 192, 203], jnp.uint8)


@right("A07")
def numpy_scalars():
    return np.uint8(219), np.uint8(112), np.uint8(147)


@right("A07")
def on_the_edge():
    return 200, 80, 81


@right("A07")
def from_the_hex_code():
    return tuple(bytes.fromhex("ffb6c1"))


@right("A07")
def as_bytes_in_a_list():
    return list(b"\xff\x69\xb4")


# --- A08 Black bar over the eyes -----------------------------------------------------------------


@wrong("A08")
def all_black(img):
    return img * 0


@wrong("A08")
def frame_around_the_eyes(img):
    result = img.copy()
    result[95:131, 152:253] = 0
    result[100:126, 160:245] = img[100:126, 160:245]
    return result


@wrong("A08")
def two_channels_only(img):
    result = img.copy()
    result[95:131, 152:253, :2] = 0
    return result


@wrong("A08")
def nearly_black(img):
    result = img.copy()
    result[95:131, 152:253] = 1
    return result


@wrong("A08")
def dimmed(img):
    result = img.copy()
    result[95:131, 152:253] //= 8
    return result


@wrong("A08")
def blurred(img):
    result = img.copy()
    result[95:131, 152:253] = img[95:131, 152:253].mean(axis=(0, 1)).astype(np.uint8)
    return result


@wrong("A08")
def a_bar_too_thin(img):
    result = img.copy()
    result[110:118, 152:253] = 0
    return result


@wrong("A08")
def over_the_nose(img):
    result = img.copy()
    result[142:170, 187:225] = 0
    return result


@wrong("A08")
def every_second_row(img):
    result = img.copy()
    result[95:131:2, 152:253] = 0
    return result


@wrong("A08")
def also_a_corner(img):
    result = img.copy()
    result[95:131, 152:253] = 0
    result[0, 0] = 0
    return result


@wrong("A08")
def brightened_besides(img):
    result = np.minimum(img, 250) + 5
    result[95:131, 152:253] = 0
    return result


@wrong("A08")
def in_place_and_nothing_back(img):
    img[95:131, 152:253] = 0


@wrong("A08")
def a_second_name(img):
    result = img
    result[95:131, 152:253] = 0
    return result


@wrong("A08")
def with_an_alpha_channel(img):
    result = np.concatenate([img, np.full((*img.shape[:2], 1), 255, np.uint8)], axis=-1)
    result[95:131, 152:253] = 0
    return result


@wrong("A08")
def in_grey(img):
    result = img.mean(axis=-1).astype(np.uint8)
    result[95:131, 152:253] = 0
    return result


@wrong("A08")
def in_64_bits(img):
    result = img.astype(int)
    result[95:131, 152:253] = 0
    return result


@wrong("A08")
def with_nan(img):
    result = img.astype(float)
    result[95:131, 152:253] = np.nan
    return result


@wrong("A08")
def mirrored_besides(img):
    result = img[:, ::-1].copy()
    result[95:131, 68:168] = 0
    return result


@right("A08")
def by_multiplying_a_block(img):
    result = img.copy()
    result[95:131, 152:253] *= 0
    return result


@right("A08")
def by_fill(img):
    result = np.array(img)
    result[97:130, 153:252, ...].fill(0)
    return result


@right("A08")
@jax.jit
def compiled(img):
    return img.at[95:131, 152:253].set(0)


@right("A08")
def channel_after_channel(img):
    result = img.copy()
    for c in range(3):
        result[95:131, 150:255, c] = 0
    return result


@right("A08")
def by_a_boolean_mask(img):
    eyes = np.zeros(img.shape[:2], bool)
    eyes[90:135, 145:260] = True
    result = img.copy()
    result[eyes] = 0
    return result


@right("A08")
def from_the_recorded_boxes(img):
    left, right_eye = animal().left_eye, animal().right_eye
    result = img.copy()
    rows = slice(min(left[0].start, right_eye[0].start), max(left[0].stop, right_eye[0].stop))
    result[rows, left[1].start : right_eye[1].stop] = 0
    return result


@right("A08")
def put_together_from_blocks(img):
    black = np.zeros_like(img[95:131, 152:253])
    middle = np.concatenate([img[95:131, :152], black, img[95:131, 253:]], axis=1)
    return np.concatenate([img[:95], middle, img[131:]])


# --- A09 Double the green ------------------------------------------------------------------------


@wrong("A09")
def cast_in_one_step(img, gains):
    return (img * gains).astype(np.int16).astype(np.uint8)


@wrong("A09")
def clipped_too_late(img, gains):
    return np.clip(np.rint(img * gains).astype(int).astype(np.uint8), 0, 255)


@wrong("A09")
def clipped_at_254(img, gains):
    return np.clip(np.rint(img * gains), 0, 254).astype(np.uint8)


@wrong("A09")
def clipped_at_1(img, gains):
    return np.clip(np.rint(img * gains), 1, 255).astype(np.uint8)


@wrong("A09")
def rounded_up(img, gains):
    return np.clip(np.ceil(img * gains), 0, 255).astype(np.uint8)


@wrong("A09")
def gains_rounded_first(img, gains):
    return np.clip(img.astype(int) * np.rint(gains).astype(int), 0, 255).astype(np.uint8)


@wrong("A09")
def scaled_to_fit(img, gains):
    brightened = img * gains
    return np.rint(brightened * min(1, 255 / brightened.max(initial=1))).astype(np.uint8)


@wrong("A09")
def in_16_bits(img, gains):
    return np.clip(np.rint(img * gains), 0, 255).astype(np.uint16)


@wrong("A09")
def from_0_to_1(img, gains):
    return np.clip(img / 255 * gains, 0, 1)


@wrong("A09")
def to_a_power(img, gains):
    return np.clip(np.rint(img.astype(float) ** gains), 0, 255).astype(np.uint8)


@wrong("A09")
def one_gain_for_all(img, gains):
    return np.clip(np.rint(img * gains.mean()), 0, 255).astype(np.uint8)


@wrong("A09")
def magnitude_of_the_gain(img, gains):
    return np.clip(np.rint(img * abs(gains)), 0, 255).astype(np.uint8)


@wrong("A09")
def summed_over_channels(img, gains):
    return np.clip(np.rint(img @ gains), 0, 255).astype(np.uint8)


@wrong("A09")
def as_nested_lists(img, gains):
    return np.clip(np.rint(img * gains), 0, 255).astype(np.uint8).tolist()


@right("A09")
@jax.jit
def compiled_tint(img, gains):
    return jnp.clip(jnp.round(img * gains), 0, 255).astype(jnp.uint8)


@right("A09")
def with_half_added(img, gains):
    return np.floor(np.clip(img * gains, 0, 255) + 0.5).astype(np.uint8)


@right("A09")
def by_einsum(img, gains):
    return np.einsum("yxc,c->yxc", img.astype(float), gains).round().clip(0, 255).astype("uint8")


@right("A09")
def with_a_diagonal_matrix(img, gains):
    return np.clip(np.rint(img @ np.diag(gains)), 0, 255).astype(np.uint8)


@right("A09")
def pixel_list(img, gains):
    pixels = img.reshape(-1, 3).astype(np.float64) * np.asarray(gains)
    return np.clip(np.rint(pixels), 0, 255).reshape(img.shape).astype(img.dtype)


@right("A09")
def as_a_map_over_channels(img, gains):
    def brighter(one, gain):
        return jnp.clip(jnp.rint(one * gain), 0, 255)

    return jax.vmap(brighter, in_axes=(2, 0), out_axes=2)(img, gains).astype(jnp.uint8)


# --- A10 Blue channel as grayscale ---------------------------------------------------------------


@wrong("A10")
def first_pixel(img, c):
    return img[0, 0, c]


@wrong("A10")
def flattened(img, c):
    return img[:, :, c].ravel()


@wrong("A10")
def three_times_the_same(img, c):
    return np.repeat(img[:, :, c, None], 3, axis=2)


@wrong("A10")
def inverted(img, c):
    return 255 - img[:, :, c]


@wrong("A10")
def stretched(img, c):
    return (img[:, :, c] / img[:, :, c].max() * 255).astype(np.uint8)


@wrong("A10")
def up_to_the_channel(img, c):
    return img[:, :, :c]


@wrong("A10")
def sum_without_it(img, c):
    return img.sum(axis=2) - img[:, :, c]


@wrong("A10")
def strongest(img, c):
    return img.max(axis=2)


@wrong("A10")
def fraction(img, c):
    return img[:, :, c] / 255


@wrong("A10")
def reshaped_channel(img, c):
    return img.reshape(3, *img.shape[:2])[c]


@wrong("A10")
def every_third(img, c):
    return img.ravel()[c::3].reshape(img.shape[1], img.shape[0])


@wrong("A10")
def signed(img, c):
    return img[:, :, c].astype(np.int16)


@right("A10")
def every_third_value(img, c):
    return img.ravel()[c::3].reshape(img.shape[:2])


@right("A10")
def split(img, c):
    return np.dsplit(img, 3)[c][:, :, 0]


@right("A10")
def transposed_twice(img, c):
    return img.T[c].T


@right("A10")
def by_one_hot(img, c):
    return (img @ np.eye(3, dtype=np.uint8)[c]).astype(np.uint8)


@right("A10")
def nested_lists(img, c):
    return np.array([[pixel[c] for pixel in row] for row in img])


@right("A10")
def unpacked(img, c):
    return jnp.unstack(jnp.asarray(img), axis=-1)[c]


# --- A11 Exposure of the changed image -----------------------------------------------------------


@wrong("A11")
def brightest(img):
    return float(img.max())


@wrong("A11")
def mean_of_the_ends(img):
    return (int(img.max()) + int(img.min())) / 2


@wrong("A11")
def of_the_first_row(img):
    return img[0].mean()


@wrong("A11")
def of_green(img):
    return img[:, :, 1].mean()


@wrong("A11")
def luminance_of_what_is_stored(img):
    return (img @ np.array([0.2126, 0.7152, 0.0722])).mean()


@wrong("A11")
def a_whole_number(img):
    return int(img.mean())


@wrong("A11")
def in_half_precision(img):
    return np.float16(img.mean())


@wrong("A11")
def with_axes_kept(img):
    return img.mean(keepdims=True)


@wrong("A11")
def root_mean_square(img):
    return np.sqrt((img.astype(float) ** 2).mean())


@wrong("A11")
def one_too_few(img):
    return img.sum() / (img.size - 1)


@wrong("A11")
def divided_by_axes(img):
    return img.sum() / sum(img.shape)


@wrong("A11")
def in_words(img):
    return f"{img.mean():.4f}"


@right("A11")
def all_axes_named(img):
    return np.mean(img, axis=(0, 1, 2))


@right("A11")
@jax.jit
def compiled_mean(img):
    return jnp.mean(img)


@right("A11")
def by_histogram(img):
    counts = np.bincount(img.ravel(), minlength=256)
    return float(counts @ np.arange(256) / counts.sum())


@right("A11")
def in_python(img):
    values = img.ravel().tolist()
    return sum(values) / len(values)


@right("A11")
def single_precision(img):
    return np.float32(img.mean())


# --- A12 Show the average colour -----------------------------------------------------------------


@wrong("A12")
def most_frequent(img):
    return np.array([np.bincount(img[:, :, c].ravel()).argmax() for c in range(3)], np.uint8)


@wrong("A12")
def middle_pixel(img):
    return img[img.shape[0] // 2, img.shape[1] // 2]


@wrong("A12")
def brightest_of_each(img):
    return img.max(axis=(0, 1))


@wrong("A12")
def rounded_up_means(img):
    return np.ceil(img.mean(axis=(0, 1))).astype(np.uint8)


@wrong("A12")
def means_in_64_bits(img):
    return np.rint(img.mean(axis=(0, 1))).astype(int)


@wrong("A12")
def a_tuple(img):
    return tuple(int(value) for value in img.mean(axis=(0, 1)).round())


@wrong("A12")
def grey_of_the_mean(img):
    return np.full(3, np.rint(img.mean()), np.uint8)


@wrong("A12")
def over_columns_only(img):
    return np.rint(img.mean(axis=1)).astype(np.uint8)


@wrong("A12")
def rounded_after_each_axis(img):
    return np.rint(np.rint(img.mean(axis=0)).mean(axis=0)).astype(np.uint8)


@wrong("A12")
def a_whole_picture_of_it(img):
    return np.broadcast_to(np.rint(img.mean(axis=(0, 1))).astype(np.uint8), img.shape)


@wrong("A12")
def of_the_reshaped(img):
    return np.rint(img.reshape(3, -1).mean(axis=1)).astype(np.uint8)


@wrong("A12")
def green_first(img):
    return np.rint(img.mean(axis=(0, 1))).astype(np.uint8)[[1, 0, 2]]


@right("A12")
def one_axis_after_the_other(img):
    return np.rint(img.mean(axis=0).mean(axis=0)).astype(np.uint8)


@right("A12")
def half_added(img):
    return (img.mean(axis=(0, 1)) + 0.5).astype(np.uint8)


@right("A12")
def in_whole_numbers(img):
    pixels = img.shape[0] * img.shape[1]
    return ((img.sum(axis=(0, 1)) * 2 + pixels) // (2 * pixels)).astype(np.uint8)


@right("A12")
@jax.jit
def compiled_means(img):
    return jnp.round(img.mean(axis=(0, 1))).astype(jnp.uint8)


@right("A12")
def aggregated_from_the_end(img):
    return np.uint8(np.rint(img.transpose(2, 0, 1).reshape(3, -1).mean(axis=-1)))


@right("A12")
def in_jax_without_rint(img):
    return jnp.floor(jnp.mean(jnp.asarray(img, float), (0, 1)) + 0.5).astype("uint8")


# --- the verdicts --------------------------------------------------------------------------------


@pytest.mark.parametrize(("exercise", "answer"), WRONG, ids=_names(WRONG))
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
def test_a_wrong_answer_that_nobody_listed_is_rejected(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.verdict in ("failed", "errored")
    assert verdict.message


@pytest.mark.parametrize(("exercise", "answer"), RIGHT, ids=_names(RIGHT))
def test_a_right_answer_in_another_style_passes(exercise, answer):
    verdict = verdict_on(exercise, answer)
    assert verdict.passed, f"{verdict.failed_case}: {verdict.message}"


def message_of(exercise: str, answer: Callable) -> str:
    return verdict_on(exercise, answer).message


def test_a_crop_that_misses_is_told_where_it_lies_and_where_to_go():
    assert "columns 142:170, rows 187:225" in message_of("A06", lambda img: img[187:225, 142:170])
    told = message_of("A06", lambda img: img[142:156, 187:225])
    assert "rows 142:156" in told and told.endswith("of the nose: stop at a larger row.")
    told = message_of("A06", lambda img: img[160:190, 100:190])
    assert told.endswith("start at a smaller row and stop at a larger column.")
    assert "counted from the bottom" in message_of("A06", lambda img: img[70:98, 187:225])
    assert "times as large" in message_of("A06", lambda img: img)


def test_swapped_or_empty_crops_with_other_numbers_get_the_same_advice():
    assert verdict_on("A06", lambda img: img[180:230, 135:175]).mistake == "columns_first"
    assert verdict_on("A06", lambda img: img[170:142, 187:225]).mistake == "start_and_length"
    assert verdict_on("A06", lambda img: img[150:30, 190:30]).mistake == "start_and_length"
    assert verdict_on("A06", lambda img: img[130:180, 170, :]).mistake == "one_channel"
    assert verdict_on("A06", lambda img: img[:, 187:225]).mistake == "too_much_around"


def test_a_bar_is_told_which_eye_it_misses_and_which_channel_it_leaves():
    assert "0% of the right eye" in message_of("A08", CODE["A08"].mistakes[3].function)
    assert "to be seen (in red and green)" in message_of("A08", CODE["A08"].mistakes[1].function)

    def green_and_blue(img):
        result = img.copy()
        result[90:135, 140:260, 1:] = 0
        return result

    verdict = verdict_on("A08", green_and_blue)
    assert verdict.mistake == "one_channel_only"
    assert "to be seen (in red)." in verdict.message


def test_a_second_name_for_the_picture_counts_as_writing_into_it():
    assert verdict_on("A08", a_second_name).mistake == "wrote_into_the_original"
    assert verdict_on("A08", in_place_and_nothing_back).mistake == "returned_nothing"


def test_wrapping_in_8_bits_is_told_from_a_missing_clip():
    assert verdict_on("A09", lambda img, gains: img * np.uint8(gains)).mistake == "in_eight_bits"
    assert verdict_on("A09", clipped_too_late).mistake == "never_clipped"
    assert verdict_on("A09", cast_in_one_step).mistake == "never_clipped_nor_rounded"


def test_what_is_promised_of_the_engine_holds_for_jax_arrays_too():
    """A learner may turn the picture into a JAX array first, and back or not."""
    assert verdict_on("A06", lambda img: jnp.asarray(img)[140:172, 184:228]).passed
    assert verdict_on("A10", lambda img, c: jnp.asarray(img)[:, :, c]).passed


# --- A11.1 How far can the exposure go? ----------------------------------------------------------


def maths_verdict(value: float):
    return judge(text_of("A11.1", "maths"), exposure_bound, value)


def test_the_bound_of_the_base_question_comes_from_the_picture():
    rows, columns = animal().nose
    cells = (rows.stop - rows.start) * (columns.stop - columns.start)
    bound = 255 * cells / animal().image.size
    assert maths_verdict(bound).passed
    assert maths_verdict(-bound).mistake == "other_direction"
    assert maths_verdict(3 * bound).mistake == "divided_by_pixels"
    assert maths_verdict(255).mistake == "one_cell"
    assert maths_verdict(bound / 255).mistake == "share_of_cells"
    assert maths_verdict(bound * animal().image.size).mistake == "change_of_the_sum"
    assert maths_verdict(0).mistake == "no_change"
    assert maths_verdict(bound * 256 / 255).mistake == "changed_by_256"
    assert maths_verdict(2 * bound).mistake is None


@pytest.mark.parametrize("numbers", exposure_bound.numbers, ids=str)
def test_no_picture_breaks_the_bound_and_one_reaches_it(numbers):
    asked = SimpleNamespace(**numbers)
    rng = np.random.default_rng(0)
    shape = animal().image.shape
    opposite = np.full(shape, 255 - asked.value, np.uint8)
    bound = exposure_bound.reference(**numbers)
    for before in (animal().image, rng.integers(0, 256, shape).astype(np.uint8), opposite):
        after = before.copy()
        after[: asked.rows, : asked.columns, 2] = asked.value
        change = after.mean() - before.mean()
        assert min(0, bound) - 1e-9 <= change <= max(0, bound) + 1e-9
    assert change == pytest.approx(bound)


@pytest.mark.parametrize("numbers", exposure_bound.numbers, ids=str)
def test_no_wrong_bound_is_right_or_that_of_another_mistake(numbers):
    given = [mistake.function(**numbers) for mistake in exposure_bound.mistakes]
    assert len({round(one, 5) for one in given}) == len(given) >= 4
    assert round(exposure_bound.reference(**numbers), 5) not in [round(one, 5) for one in given]


# --- this file -------------------------------------------------------------------------------------


def test_the_lists_of_this_file_are_as_long_as_they_should_be():
    for exercise in CODE:
        assert sum(one == exercise for one, _ in WRONG) >= 10
        assert sum(one == exercise for one, _ in RIGHT) >= 5
        assert len(CODE[exercise].mistakes) >= 4
        assert len(CODE[exercise].alternatives) >= 2
    assert len(exposure_bound.mistakes) >= 4
