"""Checks of A06 to A12: pictures, which are arrays of rows, columns and channels.

Where many answers are right (a block around the nose, a bar over the eyes, a shade of pink), a case
says in words of what form a result is, and properties say what must hold of it.
"""

import colorsys
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise, maths_exercise
from mazoezi.datasets import animal
from mazoezi.practicals.array_algebra.exercises._on_numpy import on_numpy

CHANNELS = ("red", "green", "blue")


@dataclass(frozen=True)
class _Region:
    """A rectangle of pixels; `bottom` and `right` are the first row and column outside it."""

    top: int
    bottom: int
    left: int
    right: int

    def __str__(self) -> str:
        return f"rows {self.top}:{self.bottom}, columns {self.left}:{self.right}"

    @property
    def area(self) -> int:
        return max(0, self.bottom - self.top) * max(0, self.right - self.left)

    def share_of(self, other: "_Region") -> float:
        """Return how much of the other region lies in this one, from 0 to 1."""
        top, bottom = max(self.top, other.top), min(self.bottom, other.bottom)
        left, right = max(self.left, other.left), min(self.right, other.right)
        return _Region(top, bottom, left, right).area / other.area


def _region(box: tuple[slice, slice]) -> _Region:
    rows, columns = box
    return _Region(rows.start, rows.stop, columns.start, columns.stop)


def _every_pixel_different() -> np.ndarray:
    """Return a picture of the animal's size in which no two pixels have the same colour."""
    rows, columns = np.indices(animal().image.shape[:2])
    return np.stack([rows, columns % 256, columns // 256 + 1], axis=-1).astype(np.uint8)


def _random_picture(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    return rng.integers(0, 256, size=(rows, columns, 3)).astype(np.uint8)


def _painted() -> np.ndarray:
    """Return the animal with a blue nose."""
    image = animal().image
    image[(*animal().nose, 2)] = 255
    return image


# --- A06 Crop the nose ---------------------------------------------------------------------------


def _crop_nose(img):
    return img[animal().nose]


crop_nose = code_exercise("A06", reference=_crop_nose)


def _form_of_picture(result: Any) -> str | None:
    """Say what kind of array a result is; None stays None, which is told in words of its own."""
    if result is None:
        return None
    array = np.asarray(result)
    if array.ndim != 3:
        return f"an array of {array.ndim} axes"
    if array.shape[2] != 3:
        return f"a picture of {array.shape[2]} channels"
    return f"a picture of rows, columns and three channels, dtype {array.dtype}"


def _form_of_crop(answer: Callable) -> Callable:
    return lambda img: _form_of_picture(on_numpy(answer)(img))


@crop_nose.case("a smaller picture, with rows, columns and all three channels", run=_form_of_crop)
def _(rng):
    yield animal().image


def _cut(answer: Callable, picture: np.ndarray) -> np.ndarray | None:
    """Return what an answer cuts out of a picture, or None where it is no picture with pixels."""
    block = answer(picture.copy())
    if not (_form_of_picture(block) or "").startswith("a picture of rows"):
        return None
    return np.asarray(block) if np.size(block) else None


def _place_of(block: np.ndarray, picture: np.ndarray) -> _Region | None:
    """Return where in the picture the block lies, or None where it is no part of it."""
    height, width = block.shape[:2]
    first_pixels = picture[: picture.shape[0] - height + 1, : picture.shape[1] - width + 1]
    for top, left in np.argwhere((first_pixels == block[0, 0]).all(axis=-1)).tolist():
        if np.array_equal(picture[top : top + height, left : left + width], block):
            return _Region(top, top + height, left, left + width)
    return None


def _place_of_crop(answer: Callable) -> _Region | None:
    block = _cut(answer, animal().image)
    return None if block is None else _place_of(block, animal().image)


def _holds_nose(place: _Region) -> bool:
    return place.share_of(_region(animal().nose)) >= 0.9


@crop_nose.property("there is at least one row and one column in it")
def _(answer, rng):
    block = np.asarray(answer(animal().image))
    assert block.size, (
        f"Your block has shape {block.shape}: there is nothing in it. A range takes its start and "
        "ends *before* its stop, so the stop must exceed the start."
    )


@crop_nose.property("it is one block of the picture, with nothing left out or turned round")
def _(answer, rng):
    block = _cut(answer, animal().image)
    assert block is None or _place_of(block, animal().image) is not None, (
        f"Your result, of shape {block.shape}, is nowhere to be found in the picture. Take every row "
        "and every column between a start and a stop, and change no colour."
    )


@crop_nose.property("rows come before columns")
def _(answer, rng):
    place = _place_of_crop(answer)
    if place is None or _holds_nose(place):
        return
    exchanged = _Region(place.left, place.right, place.top, place.bottom)
    assert not _holds_nose(exchanged), (
        f"Your block is at columns {place.left}:{place.right}, rows {place.top}:{place.bottom}; the "
        "nose is where these are exchanged. The first index is the row."
    )


@crop_nose.property("rows are counted from the top")
def _(answer, rng):
    place = _place_of_crop(answer)
    if place is None or _holds_nose(place):
        return
    height = animal().image.shape[0]
    upside_down = _Region(height - place.bottom, height - place.top, place.left, place.right)
    assert not _holds_nose(upside_down), (
        f"Your block, {place}, would hold the nose if rows were counted from the bottom. Row 0 is at "
        "the top."
    )


@crop_nose.property("the nose is in it")
def _(answer, rng):
    place = _place_of_crop(answer)
    if place is None or _holds_nose(place):
        return
    nose = _region(animal().nose)
    moves = {
        "start at a smaller row": place.top > nose.top,
        "stop at a larger row": place.bottom < nose.bottom,
        "start at a smaller column": place.left > nose.left,
        "stop at a larger column": place.right < nose.right,
    }
    raise AssertionError(
        f"Your block is {place}. It holds {place.share_of(nose):.0%} of the nose: "
        f"{' and '.join(move for move, needed in moves.items() if needed)}."
    )


@crop_nose.property("there is not much around the nose")
def _(answer, rng):
    place = _place_of_crop(answer)
    if place is None or not _holds_nose(place):
        return
    times = place.area / _region(animal().nose).area
    assert times <= 3, (
        f"Your block, {place}, holds the nose, and is {times:.1f} times as large. Let it be at most "
        "three times as large."
    )


@crop_nose.property("another picture is cut at the same place")
def _(answer, rng):
    other = _every_pixel_different()
    block = _cut(answer, other)
    assert block is None or _place_of(block, animal().image) is None, (
        "Given another picture, your function still cuts the nose out of the first one. Slice its "
        "argument, `img`."
    )


@crop_nose.note
def share_of_the_picture(answer):
    """Say where the block lies and how large a part of the picture it is."""
    place = _place_of_crop(answer)
    assert place is not None
    pixels = animal().image.shape[0] * animal().image.shape[1]
    return f"You cut out {place}: {place.area} of {pixels} pixels, {place.area / pixels:.1%}."


@crop_nose.mistake(
    "Rows and columns are exchanged. In a picture the *first* index is the row, which is the height "
    "in the picture, and the second is the column."
)
def columns_first(img):
    rows, columns = animal().nose
    return img[columns, rows]


@crop_nose.mistake(
    "You count rows from the bottom, as in the graph of a function. In a picture row 0 is at the top, "
    "and the row index grows *downwards*: read the axis on the left."
)
def rows_from_the_bottom(img):
    rows, columns = animal().nose
    return img[len(img) - rows.stop : len(img) - rows.start, columns]


@crop_nose.mistake(
    "Your block is empty: in one of the ranges the stop is not larger than the start. A range is "
    "`start:stop`. The second number is where it ends, not how many rows or columns it takes."
)
def start_and_length(img):
    return img[142:28, 187:38]


@crop_nose.mistake(
    "An axis is missing. A single index removes its axis. Give ranges for the rows and for the "
    "columns, and leave the channels alone: all three belong to the picture."
)
def one_channel(img):
    return img[(*animal().nose, 0)]


@crop_nose.mistake(
    "Your block lacks a channel: the third axis was cut as well. Give two ranges only, or `:` in the "
    "third place."
)
def two_channels(img):
    return img[(*animal().nose, slice(0, 2))]


@crop_nose.mistake(
    "The nose is in your block, with a lot around it. Give both ranges a start *and* a stop, close to "
    "the nose."
)
def too_much_around(img):
    return img[130:, 170:]


@crop_nose.mistake(
    "Your block lies beside the nose, or cuts it off. Read the rows of its upper and lower edge on the "
    "left axis, and the columns of its left and right edge on the lower one."
)
def beside_the_nose(img):
    return img[animal().left_eye]


@crop_nose.mistake(
    "Your result is no block of the picture: pixels are left out or in another order. A crop needs "
    "no step, so write `start:stop` for the rows and for the columns."
)
def every_second_pixel(img):
    rows, columns = animal().nose
    return img[rows, columns][::2, ::2]


@crop_nose.mistake(
    "Your function does not use its argument: whatever picture it is given, it cuts the nose out of "
    "the first one. Slice `img`."
)
def argument_unused(img):
    return animal().image[animal().nose]


@crop_nose.mistake(
    "Your colours have changed their dtype. Slicing alone leaves them in 8 bits; leave out what "
    "converts them."
)
def made_floating(img):
    return img[animal().nose] / 255


@crop_nose.alternative
def rows_then_columns(img):
    return img[140:172][:, 184:228]


@crop_nose.alternative
def with_negative_ends(img):
    return img[-100:-68, -136:-92, :]


@crop_nose.alternative
def by_lists_of_indices(img):
    return jnp.asarray(img)[np.ix_(range(141, 171), range(186, 226))]


# --- A07 A pink pixel ----------------------------------------------------------------------------


def _pink():
    return 255, 105, 180


pink = code_exercise("A07", reference=_pink)

_THREE_NUMBERS = "three whole numbers from 0 to 255"


def _form_of_colour(result: Any) -> str | None:
    """Say in words what was given for a colour."""
    if result is None or isinstance(result, str):
        return None if result is None else "a text"
    if np.ndim(result) != 1 or len(result) != 3:
        return f"of shape {np.shape(result)}"
    values = [np.asarray(value) for value in result]
    if any(value.dtype.kind not in "iu" for value in values):
        return "with numbers that are not whole"
    if any(value < 0 for value in values):
        return "with a number below 0"
    return "with a number beyond 255" if max(values) > 255 else _THREE_NUMBERS


@pink.case(_THREE_NUMBERS, run=lambda answer: lambda: _form_of_colour(answer()))
def _(rng):
    yield ()


def _channels(answer: Callable) -> tuple[int, int, int] | None:
    """Return red, green and blue, or None where the result is no colour at all."""
    colour = answer()
    if _form_of_colour(colour) != _THREE_NUMBERS:
        return None
    red, green, blue = (int(value) for value in colour)
    return red, green, blue


@pink.property("red is strong: at least 200")
def _(answer, rng):
    red, _, _ = _channels(answer) or _pink()
    assert red >= 200, f"Red is only {red}. Pink is a light red: let red be 200 or more."


@pink.property("it is light: green is at least 80")
def _(answer, rng):
    _, green, _ = _channels(answer) or _pink()
    assert green >= 80, (
        f"Green is only {green}, so your colour is too saturated: light needs some of every channel. "
        "Raise green to 80 or more."
    )


@pink.property("it is coloured: red is more than 40 above green")
def _(answer, rng):
    red, green, _ = _channels(answer) or _pink()
    assert red > green + 40, (
        f"Red is {red} and green {green}: that is too near to white, grey or yellow. Let red be more "
        "than 40 above green."
    )


@pink.property("it leans to blue: blue is above green")
def _(answer, rng):
    _, green, blue = _channels(answer) or _pink()
    assert blue > green, (
        f"Blue is {blue} and green {green}: your colour leans to orange. Let blue be above green."
    )


@pink.note
def on_the_wheel(answer):
    """Give the colour's code on web pages and its place on the colour wheel."""
    colour = _channels(answer)
    assert colour is not None
    hue, saturation, _ = colorsys.rgb_to_hsv(*(value / 255 for value in colour))
    code = "".join(f"{value:02x}" for value in colour)
    return (
        f"On web pages your colour is written #{code}. On the wheel of colours it is at "
        f"{360 * hue:.0f} degrees, with a saturation of {saturation:.0%}."
    )


@pink.mistake(
    "That is pure red. To make it lighter, raise green *and* blue: with all three at 255 it would be "
    "white. Mixing light is not mixing paint."
)
def pure_red():
    return 255, 0, 0


@pink.mistake(
    "Saturated magenta: there is no light in green, or hardly any. Raise green to make it pink."
)
def magenta():
    return 255, 0, 255


@pink.mistake(
    "With green and blue equal you get a light red, and with more green than blue a peach. Pink leans "
    "to blue: let blue be a good deal larger than green."
)
def salmon():
    return 255, 150, 150


@pink.mistake(
    "That is nearly white or grey: the three channels are about equal. Keep red high, and take green "
    "and blue down, green most."
)
def white():
    return 255, 255, 255


@pink.mistake(
    "There is too little red: is your order perhaps blue, green, red? The channels are red, green, "
    "blue; red should be 200 or more."
)
def blue_green_red():
    return 180, 105, 255


@pink.mistake(
    "Those are fractions. Matplotlib takes floats from 0 to 1 as well, but then all three must be, and "
    "in an 8-bit picture they would become 0 or 1, which is black. Use whole numbers from 0 to 255."
)
def fractions():
    return 1.0, 0.4, 0.7


@pink.mistake(
    "A number beyond 255 does not fit into 8 bits; where a picture is shown, it is clipped at 255. The "
    "brightest is 255."
)
def beyond_255():
    return 300, 105, 180


@pink.mistake("A channel cannot be darker than 0. Give whole numbers from 0 to 255.")
def below_zero():
    return 255, -20, 180


@pink.mistake("Give the three numbers, red, green and blue, rather than the colour's name or code.")
def by_name():
    return "pink"


@pink.mistake(
    "You made the whole picture of one pixel, of shape (1, 1, 3). Return only its colour: three "
    "numbers. The next cell makes the picture."
)
def whole_picture():
    return np.array([[[255, 105, 180]]], np.uint8)


@pink.alternative
def as_array():
    return np.array([255, 192, 203], np.uint8)


@pink.alternative
def as_list():
    return [231, 84, 128]


@pink.alternative
def lightened_red():
    red = np.array([255, 0, 60])
    return jnp.asarray(red + (255 - red) // 2)


# --- A08 Black bar over the eyes -----------------------------------------------------------------


def _censor(img):
    left, right = _region(animal().left_eye), _region(animal().right_eye)
    result = img.copy()
    rows = slice(min(left.top, right.top), max(left.bottom, right.bottom))
    result[rows, left.left : right.right] = 0
    return result


censor = code_exercise("A08", reference=_censor)


def _neither_black_nor_white() -> np.ndarray:
    """Return the animal with values from 1 to 254, so that each pixel under a bar changes."""
    return np.clip(animal().image, 1, 254)


def _form_of_censored(answer: Callable) -> Callable:
    """Say what kind of picture comes back, and whether it has the size of the one passed in."""

    def run(img: Any) -> str | None:
        result = on_numpy(answer)(img)
        form = _form_of_picture(result)
        if form is None or np.shape(result) == img.shape:
            return form
        return "of another shape than the picture"

    return run


@censor.case("a picture of the same shape and dtype", run=_form_of_censored)
def _(rng):
    yield _neither_black_nor_white()


@dataclass(frozen=True)
class _Change:
    """What an answer did to a picture: the result, which pixels changed, and the box around them."""

    result: np.ndarray
    changed: np.ndarray
    box: _Region

    @property
    def bar(self) -> np.ndarray:
        """The part of the result inside the box."""
        return self.result[self.box.top : self.box.bottom, self.box.left : self.box.right]


def _change(answer: Callable, picture: np.ndarray | None = None) -> _Change | None:
    """Return what an answer changes, or None where it changes nothing, or gives no such picture."""
    before = _neither_black_nor_white() if picture is None else picture
    result = answer(before.copy())
    if result is None or np.shape(result) != before.shape:
        return None
    changed = (np.asarray(result) != before).any(axis=-1)
    if not changed.any():
        return None
    rows, columns = (np.flatnonzero(changed.any(axis=axis)).tolist() for axis in (1, 0))
    box = _Region(rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
    return _Change(np.asarray(result), changed, box)


@censor.property("the picture that was passed in is as it was")
def _(answer, rng):
    given = _neither_black_nor_white()
    result = answer(given)
    assert result is None or np.array_equal(given, _neither_black_nor_white()), (
        "The picture that was passed in has changed. You wrote into the original: copy it first, with "
        "`img.copy()`, and write into the copy."
    )


@censor.property("something has changed")
def _(answer, rng):
    given = _neither_black_nor_white()
    result = answer(given.copy())
    unchanged = np.shape(result) == given.shape and np.array_equal(np.asarray(result), given)
    assert not unchanged, "Your result is the picture as it came: nothing is covered."


@censor.property("the changed pixels form one rectangle")
def _(answer, rng):
    change = _change(answer)
    assert change is None or change.changed.sum() == change.box.area, (
        f"The changed pixels lie in {change.box}, but do not fill it: {change.changed.sum()} of "
        f"{change.box.area} pixels have changed. Make one bar, over both eyes."
    )


@censor.property("in the bar, every channel was written to")
def _(answer, rng):
    change = _change(answer)
    if change is None or change.changed.sum() != change.box.area:
        return
    kept = [
        name
        for name, values in zip(CHANNELS, np.moveaxis(change.bar, -1, 0), strict=True)
        if values.min() != values.max()
    ]
    assert not kept, (
        f"In the rectangle there is still something to be seen (in {' and '.join(kept)}). The rectangle "
        "is tinted, not black: use all channels, with `:` in the third place."
    )


@censor.property("in the bar, all values are 0")
def _(answer, rng):
    change = _change(answer)
    if change is None or change.changed.sum() != change.box.area:
        return
    assert change.bar.max() == 0, (
        f"In the rectangle there are values up to {change.bar.max()}. Black is 0 in all three channels."
    )


def _eye_is_covered(side: str) -> None:
    """Add the property that this eye is under the bar."""

    @censor.property(f"the {side} eye is covered")
    def _(answer, rng):
        change = _change(answer)
        if change is None:
            return
        eye: tuple[slice, slice] = getattr(animal(), f"{side}_eye")
        covered = change.changed[eye].mean()
        assert covered == 1, (
            f"The bar is {change.box}. It covers {covered:.0%} of the {side} eye, the one on the "
            f"{side} of the picture."
        )


for _side in ("left", "right"):
    _eye_is_covered(_side)


@censor.property("the bar takes at most 15 % of the picture")
def _(answer, rng):
    change = _change(answer)
    assert change is None or change.changed.mean() <= 0.15, (
        f"Your bar takes {change.changed.mean():.0%} of the picture. Let there be more of it to see."
    )


@censor.property("outside the bar, another picture stays as it is")
def _(answer, rng):
    other = np.maximum(_every_pixel_different(), 1)
    result = answer(other.copy())
    if np.shape(result) != other.shape:
        return
    changed = (np.asarray(result) != other).any(axis=-1)
    assert changed.mean() <= 0.5, (
        "Given another picture, your function still returns the first one. Copy its argument, `img`."
    )


@censor.note
def how_much_is_covered(answer):
    """Say where the bar lies and how much of the picture it takes."""
    change = _change(answer)
    assert change is not None
    return f"Your bar is {change.box}, {change.changed.mean():.1%} of the picture."


@censor.mistake(
    "You wrote into the original: `img` itself has changed, and whoever passed it in has lost the "
    "picture. Copy first, with `img.copy()`; neither `result = img` nor `img[:]` makes a copy."
)
def wrote_into_the_original(img):
    result = img[:]
    result[95:133, 152:253] = 0
    return result


@censor.mistake(
    "The rectangle is tinted, not black: you set one channel to 0 and left the others. Use all "
    "channels, with `:` in the third place, or no third index at all."
)
def one_channel_only(img):
    result = img.copy()
    result[95:133, 152:253, 2] = 0
    return result


@censor.mistake(
    "The rectangle has one colour, but it is not black. 255 in all channels is white; black is 0 in "
    "all three."
)
def white_bar(img):
    result = img.copy()
    result[95:133, 152:253] = 255
    return result


@censor.mistake(
    "The right eye looks at you still. The bar should begin at a column left of the left eye, and stop "
    "at one right of the right eye."
)
def left_eye_only(img):
    result = img.copy()
    result[95:133, 150:190] = 0
    return result


@censor.mistake(
    "The left eye looks at you still. The bar should begin at a column left of the left eye, and stop "
    "at one right of the right eye."
)
def right_eye_only(img):
    result = img.copy()
    result[95:133, 215:255] = 0
    return result


@censor.mistake(
    "The rectangle lies elsewhere, or does not quite cover either eye. Are rows and columns exchanged? "
    "The first range is that of the rows, from the top of the picture down."
)
def columns_first_in_the_bar(img):
    result = img.copy()
    result[152:240, 95:133] = 0
    return result


@censor.mistake(
    "Both eyes are covered, each for itself. Make it one bar: one range of rows, one range of columns."
)
def two_bars(img):
    result = img.copy()
    result[animal().left_eye] = 0
    result[animal().right_eye] = 0
    return result


@censor.mistake(
    "Both eyes are covered, and so is much else. Give a start and a stop for the rows *and* for the "
    "columns."
)
def all_the_upper_half(img):
    result = img.copy()
    result[:133] = 0
    return result


@censor.mistake(
    "You return a part of the picture. Return all of it: write 0 into a part of the copy, and return "
    "the copy."
)
def returned_the_bar(img):
    result = img.copy()
    result[95:133, 152:253] = 0
    return result[95:133, 152:253]


@censor.mistake(
    "The picture is right, and its values are no longer 8-bit whole numbers: multiplying by a float "
    "makes floats. Write 0 into a copy, or make the mask of the picture's own dtype."
)
def floating_mask(img):
    mask = np.ones(img.shape)
    mask[95:133, 152:253] = 0
    return img * mask


@censor.mistake(
    "Your function never returns the picture. An assignment such as `result[...] = 0` has no value of "
    "its own: end with `return result`."
)
def returned_nothing(img):
    result = img.copy()
    result[95:133, 152:253] = 0


@censor.mistake(
    "Your function covers the eyes of the first picture, whatever it is given. Copy the argument, "
    "`img`."
)
def always_the_animal(img):
    result = animal().image
    result[95:133, 152:253] = 0
    return result


@censor.mistake("That is the picture as it came. Write 0 into a rectangle of the copy.")
def only_copied(img):
    return img.copy()


@censor.alternative
def by_functional_update(img):
    return jnp.asarray(img).at[95:131, 150:253, :].set(0)


@censor.alternative
def by_a_mask_of_whole_numbers(img):
    mask = np.ones((*img.shape[:2], 1), img.dtype)
    mask[90:130, 150:255] = 0
    return img * mask


@censor.alternative
def by_where(img):
    rows, columns = np.indices(img.shape[:2])
    covered = (rows >= 96) & (rows < 132) & (columns >= 153) & (columns < 252)
    return np.where(covered[:, :, None], 0, img).astype(np.uint8)


# --- A09 Double the green ------------------------------------------------------------------------


def _tint(img, gains):
    brightened = np.rint(img.astype(float) * gains)
    return np.clip(brightened, 0, 255).astype(np.uint8)


tint = code_exercise("A09", reference=_tint, dtype="exact")
tinted = functools.partial(tint.case, run=on_numpy)


def _gains(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@tinted("one pixel, whose green is doubled")
def _(rng):
    yield np.array([[[10, 20, 30]]], np.uint8), _gains(1, 2, 1)


@tinted("twice 200 is as bright as can be: 255")
def _(rng):
    yield np.array([[[200, 200, 200]]], np.uint8), _gains(1, 2, 1)


@tinted("all gains 1: nothing changes")
def _(rng):
    yield _random_picture(rng, 2, 4), _gains(1, 1, 1)


@tinted("every channel has a gain of its own")
def _(rng):
    yield np.array([[[10, 20, 30], [40, 50, 60]]], np.uint8), _gains(3, 0, 2)
    yield _random_picture(rng, 4, 2), _gains(2, 1, 3)


@tinted("as many rows or columns as there are channels")
def _(rng):
    for shape in ((3, 2), (2, 3), (3, 3)):
        yield _random_picture(rng, *shape), _gains(2, 1, 0)


@tinted("gains with a fraction: results are rounded to the nearest whole number")
def _(rng):
    # Sevenths, because no whole number times a seventh lies half-way between two whole numbers.
    yield np.array([[[1, 1, 7]]], np.uint8), _gains(12 / 7, 10 / 7, 3 / 7)
    yield _random_picture(rng, 4, 5), _gains(12 / 7, 5 / 7, 9 / 7)


@tinted("a gain below 0 gives 0")
def _(rng):
    yield np.array([[[10, 0, 200]]], np.uint8), _gains(-1, -2, 1)


@tinted("the picture of the animal, twice as green")
def _(rng):
    yield animal().image, _gains(1, 2, 1)


@tint.property("the picture that was passed in is as it was")
def _(answer, rng):
    given = animal().image
    answer(given, np.array([1.0, 2.0, 1.0]))
    assert np.array_equal(given, animal().image), (
        "The picture that was passed in has changed: you wrote into it. Make a new array."
    )


@tint.mistake(
    "You stayed in 8 bits: 200 · 2 became 144. Arithmetic in 8 bits wraps around at 256, like a clock "
    "at twelve. Convert the picture first, multiply, clip at 255, and only then go back to 8 bits."
)
def in_eight_bits(img, gains):
    return img * gains.astype(np.uint8)


@tint.mistake(
    "Going back to 8 bits wraps what is too bright: 400 became 144, and no clip before it kept it at "
    "255. The order is: convert, multiply, round, clip, and only then `astype(np.uint8)`."
)
def never_clipped(img, gains):
    return np.rint(img * gains).astype(int).astype(np.uint8)


@tint.mistake(
    "Two things: what is too bright wraps around when it goes back to 8 bits (400 became 144), so clip "
    "before; and fractions are cut off, so round as well."
)
def never_clipped_nor_rounded(img, gains):
    return (img * gains).astype(int).astype(np.uint8)


@tint.mistake(
    "`astype(np.uint8)` cuts fractions off: 1.7 becomes 1. Round to the nearest whole number before, "
    "with `np.rint`."
)
def cut_off(img, gains):
    return np.clip(img * gains, 0, 255).astype(np.uint8)


@tint.mistake(
    "You multiplied, and kept floats beyond 255. An 8-bit picture has whole numbers from 0 to 255: "
    "round, clip, and convert back with `astype(np.uint8)`."
)
def left_floating(img, gains):
    return img * gains


@tint.mistake("You clip at 255, and not at 0: a value below 0 wraps around too, to 246 for -10.")
def clipped_above_only(img, gains):
    return np.minimum(np.rint(img * gains), 255).astype(int).astype(np.uint8)


@tint.mistake(
    "The gains are in the order blue, green, red here. Channel 0 is red: entry c of `gains` belongs to "
    "channel c."
)
def gains_reversed(img, gains):
    return _tint(img, gains[::-1])


@tint.mistake(
    "Only green has its gain. Each of the three channels has one: multiply by all of `gains`."
)
def green_only(img, gains):
    return _tint(img, np.array([1, gains[1], 1]))


@tint.mistake("You always double green, whatever the gains. Multiply by `gains`.")
def always_doubled(img, gains):
    return _tint(img, np.array([1, 2, 1]))


@tint.mistake(
    "Your factors have shape (3, 1, 1), which runs along axis 0: they meet *rows*. For a picture of "
    "(rows, columns, 3) the shape is (1, 1, 3), or (3,): shapes are matched from the last axis. On a "
    "picture of three rows there is not even an error."
)
def along_the_rows(img, gains):
    return _tint(img, gains[:, None, None])


@tint.mistake(
    "Your factors have shape (3, 1) or (1, 3, 1), which runs along axis 1: they meet *columns*. For a "
    "picture of (rows, columns, 3) the shape is (1, 1, 3), or (3,)."
)
def along_the_columns(img, gains):
    return _tint(img, gains[:, None])


@tint.mistake("You *added* the gains. A gain of 1 should leave its channel as it is: multiply.")
def added(img, gains):
    return np.clip(np.rint(img.astype(float) + gains), 0, 255).astype(np.uint8)


@tint.mistake(
    "The colours are right, and the picture that was passed in has changed as well. Writing into `img` "
    "is writing into the original: make a new array."
)
def wrote_into_the_picture(img, gains):
    img[:] = _tint(img, gains)
    return img


@tint.alternative
def with_a_factor_array(img, gains):
    factors = np.reshape(gains, (1, 1, 3))
    return np.minimum(255, np.maximum(0, np.round(img * factors))).astype("uint8")


@tint.alternative
def channel_by_channel(img, gains):
    result = np.empty_like(img)
    for channel in range(3):
        result[:, :, channel] = np.clip(np.rint(img[:, :, channel] * gains[channel]), 0, 255)
    return result


@tint.alternative
def by_table(img, gains):
    tables = np.clip(np.rint(np.arange(256)[:, None] * gains), 0, 255).astype(np.uint8)
    return np.stack([tables[img[..., c], c] for c in range(3)], axis=-1)


@tint.alternative
def in_jax(img, gains):
    wide = jnp.asarray(img, jnp.float32) * gains
    return jnp.clip(jnp.rint(wide), 0, 255).astype(jnp.uint8)


# --- A10 Blue channel as grayscale ---------------------------------------------------------------


def _channel(img, c):
    return img[:, :, c]


channel = code_exercise("A10", reference=_channel, dtype="exact")
of_channel = functools.partial(channel.case, run=on_numpy)


@of_channel("the blue channel of a picture of two pixels")
def _(rng):
    yield np.array([[[1, 2, 3], [10, 20, 30]]], np.uint8), 2


@of_channel("each channel of a picture of 2 rows and 4 columns")
def _(rng):
    image = _random_picture(rng, 2, 4)
    yield from ((image, c) for c in range(3))


@of_channel("as many rows or columns as there are channels")
def _(rng):
    for shape in ((3, 4), (5, 3), (3, 3)):
        image = _random_picture(rng, *shape)
        yield from ((image, c) for c in (1, 2))


@of_channel("a single row, a single column and a single pixel")
def _(rng):
    for shape in ((1, 4), (5, 1), (1, 1)):
        yield _random_picture(rng, *shape), 2


@of_channel("the animal, and the animal with a painted nose")
def _(rng):
    yield animal().image, 2
    yield _painted(), 2


@channel.property(
    "a block that is painted blue is 255 in the blue channel, and not in the green one"
)
def _(answer, rng):
    image, nose = _painted(), animal().nose
    assert np.asarray(answer(image, 2))[nose].min() == 255, (
        "The nose is painted: in channel 2 it should be 255 everywhere, and it is not."
    )
    assert np.array_equal(answer(image, 1), animal().image[:, :, 1]), (
        "Painting the blue channel leaves the green one alone; your channel 1 has changed."
    )


@channel.mistake(
    "Your result has shape (rows, columns, 1): a range keeps its axis, even a range of one. Use an "
    "index, not a range, to drop the axis: `c`, not `c:c+1`."
)
def kept_the_axis(img, c):
    return img[:, :, c : c + 1]


@channel.mistake(
    "That is row c. A single index stands for the first axis, and that is the rows. The channel is the "
    "third: put `:` for the rows and for the columns before it."
)
def took_a_row(img, c):
    return img[c]


@channel.mistake(
    "That is column c: the index stands in second place. The channel is the third axis."
)
def took_a_column(img, c):
    return img[:, c]


@channel.mistake(
    "Your function always gives blue. That is what the picture asks for now, but `c` says which "
    "channel is wanted."
)
def always_blue(img, c):
    return img[:, :, 2]


@channel.mistake(
    "Your function always gives green, channel 1. The channels are numbered 0, 1, 2 for red, green, "
    "blue; take number `c`."
)
def always_green(img, c):
    return img[:, :, 1]


@channel.mistake("You count the channels from 1. Red is channel 0, green 1 and blue 2.")
def counted_from_one(img, c):
    return img[:, :, c - 1]


@channel.mistake("You count the channels from the end: blue, green, red. Channel 0 is red.")
def counted_from_the_end(img, c):
    return img[:, :, 2 - c]


@channel.mistake(
    "You set the other channels to 0, and kept all three: shape (rows, columns, 3). That is a coloured "
    "picture. Take the one channel out instead."
)
def others_set_to_zero(img, c):
    return img * (np.arange(3) == c).astype(img.dtype)


@channel.mistake(
    "Rows and columns are exchanged: `img.T` turns all three axes round. Index the picture as it is."
)
def turned_round(img, c):
    return img.T[c]


@channel.mistake("That is the mean of all channels. Only one is wanted, as it is.")
def mean_of_channels(img, c):
    return img.mean(axis=2)


@channel.mistake(
    "The values are right, in another dtype. Taking a channel out needs no conversion: leave them in "
    "8 bits."
)
def converted(img, c):
    return img[:, :, c].astype(float)


@channel.alternative
def with_an_ellipsis(img, c):
    return img[..., c]


@channel.alternative
def by_take(img, c):
    return np.take(img, c, axis=2)


@channel.alternative
def channels_first(img, c):
    return jnp.moveaxis(jnp.asarray(img), -1, 0)[c]


@channel.alternative
def as_a_mean_of_one(img, c):
    return np.squeeze(img[:, :, [c]], axis=2)


# --- A11.1 How much brighter can it get? ---------------------------------------------------------


def _exposure_bound(rows, columns, value):
    change = 255 if value else -255
    return change * rows * columns / animal().image.size


def _blocks():
    """Yield questions: blocks of the picture, painted as blue as can be or without any blue."""
    parts = animal()
    left, right = _region(parts.left_eye), _region(parts.right_eye)
    top, bottom = min(left.top, right.top), max(left.bottom, right.bottom)
    regions = [
        _region(parts.nose),
        left,
        _Region(top, bottom, left.left, right.right),
        _Region(top, _region(parts.nose).bottom, left.left, right.right),
        _Region(0, parts.image.shape[0] // 2, 0, parts.image.shape[1] // 2),
    ]
    for value in (255, 0):
        for region in regions:
            rows, columns = region.bottom - region.top, region.right - region.left
            yield {"rows": rows, "columns": columns, "value": value}


exposure_bound = maths_exercise("A11.1", reference=_exposure_bound, numbers=list(_blocks()))


@exposure_bound.mistake(
    "Three times too large: you divided by the number of *pixels*, or let all three channels change. A "
    "mean over all three axes divides by the number of cells, and each pixel has three."
)
def divided_by_pixels(rows, columns, value):
    return 3 * _exposure_bound(rows, columns, value)


@exposure_bound.mistake(
    "The size is right, the direction is not. Can a value grow when it is set to 0, or shrink when it "
    "is set to 255?"
)
def other_direction(rows, columns, value):
    return -_exposure_bound(rows, columns, value)


@exposure_bound.mistake(
    "That is how much one cell changes at most. The exposure is a mean: multiply by how many cells "
    "change, and divide by how many there are."
)
def one_cell(rows, columns, value):
    return 255 if value else -255


@exposure_bound.mistake(
    "That is the *share* of cells that change. Each of them may change by as much as 255, or -255: "
    "multiply."
)
def share_of_cells(rows, columns, value):
    return rows * columns / animal().image.size


@exposure_bound.mistake(
    "That is how much the *sum* of all cells changes at most. The exposure is their mean: divide by the "
    "number of cells."
)
def change_of_the_sum(rows, columns, value):
    return (255 if value else -255) * rows * columns


@exposure_bound.mistake(
    "You let a cell change by 256. There are 256 values in 8 bits, and from the first to the last it is "
    "255."
)
def changed_by_256(rows, columns, value):
    return _exposure_bound(rows, columns, value) * 256 / 255


@exposure_bound.mistake("It does change: some cells do, and every cell counts in the mean.")
def no_change(rows, columns, value):
    return 0


# --- A11 Exposure of the changed image -----------------------------------------------------------


def _exposure(img):
    return img.mean()


exposure = code_exercise("A11", reference=_exposure)
exposed = functools.partial(exposure.case, run=on_numpy)


@exposed("one pixel with the values 10, 20 and 60")
def _(rng):
    yield np.array([[[10, 20, 60]]], np.uint8)


@exposed("a black and a white picture")
def _(rng):
    yield np.zeros((2, 4, 3), np.uint8)
    yield np.full((2, 4, 3), 255, np.uint8)


@exposed("pictures of 4 rows and 2 columns, and of 5 rows and 7 columns")
def _(rng):
    for shape in ((4, 2), (5, 7)):
        yield _random_picture(rng, *shape)


@exposed("the animal, and the animal with a painted nose")
def _(rng):
    yield animal().image
    yield _painted()


@exposure.property("painting changes it by the sum of all changes, divided by the number of cells")
def _(answer, rng):
    before, after = animal().image, _painted()
    change = (after.astype(int) - before).sum() / before.size
    told = float(answer(after)) - float(answer(before))
    assert abs(told - change) < 1e-3, (
        f"Painting the nose changes your exposure by {told:.4f}. The values grow by "
        f"{(after.astype(int) - before).sum()} in all; divided by {before.size} cells that is "
        f"{change:.4f}."
    )


@exposure.mistake(
    "Those are three numbers, one for each channel: two axes disappeared. The exposure is the mean over "
    "all three axes, so name no axis at all."
)
def three_numbers(img):
    return img.mean(axis=(0, 1))


@exposure.mistake(
    "That is a grey picture: only axis 2, the channels, disappeared. The exposure is one number: the "
    "mean over all three axes."
)
def grey_picture(img):
    return img.mean(axis=2)


@exposure.mistake(
    "Your function gives the exposure of the first picture, whatever it is given, so that painting "
    "seems to change nothing. Take the mean of its argument, `img`."
)
def of_the_original(img):
    return animal().image.mean()


@exposure.mistake(
    "That is the sum. Divide it by the number of cells, `img.size`, or take the mean."
)
def summed(img):
    return img.sum()


@exposure.mistake(
    "You divided by the number of pixels, rows times columns. Each pixel has three cells, so the result "
    "is three times too large; divide by `img.size`."
)
def per_pixel(img):
    return img.sum() / (img.shape[0] * img.shape[1])


@exposure.mistake(
    "You added up in 8 bits, where sums wrap around at 256. Let NumPy choose: `img.mean()` adds up in "
    "floating point."
)
def summed_in_eight_bits(img):
    return img.sum(dtype=np.uint8) / img.size


@exposure.mistake(
    "You rounded. The change that we are after is smaller than one step of 8 bits: keep the fraction."
)
def rounded(img):
    return float(np.rint(img.mean()))


@exposure.mistake("That is the median, the value in the middle. The exposure is the mean.")
def median(img):
    return np.median(img)


@exposure.mistake(
    "You divided by 255, for an exposure from 0 to 1. Here it is asked for in steps from 0 to 255."
)
def from_zero_to_one(img):
    return img.mean() / 255


@exposure.alternative
def channel_means(img):
    return img.mean(axis=(0, 1)).mean()


@exposure.alternative
def by_division(img):
    return float(np.sum(img, dtype=np.int64) / img.size)


@exposure.alternative
def axis_by_axis(img):
    return jnp.asarray(img).mean(axis=2).mean(axis=0).mean()


# --- A12 Show the average colour -----------------------------------------------------------------


def _mean_colour(img):
    return np.rint(img.mean(axis=(0, 1))).astype(np.uint8)


mean_colour = code_exercise("A12", reference=_mean_colour, dtype="exact")
averaged = functools.partial(mean_colour.case, run=on_numpy)


@averaged("two pixels side by side")
def _(rng):
    yield np.array([[[10, 0, 200], [30, 2, 220]]], np.uint8)


# Odd numbers of pixels, because then no mean lies half-way between two whole numbers.


@averaged("a mean with a fraction is rounded to the nearest whole number")
def _(rng):
    yield np.array([[[1, 1, 7]], [[1, 2, 7]], [[0, 2, 9]]], np.uint8)


@averaged("pictures of 3 rows and 5 columns, and of 7 rows and 3 columns")
def _(rng):
    for shape in ((3, 5), (7, 3)):
        yield _random_picture(rng, *shape)


@averaged("a single pixel")
def _(rng):
    yield _random_picture(rng, 1, 1)


@averaged("the animal, and the animal with a painted nose")
def _(rng):
    yield animal().image
    yield _painted()


@mean_colour.mistake(
    "These are the right means, as floats. Matplotlib reads floats as 0 to 1 and clips the rest, so "
    "that the swatch is *white*. Round, and convert with `astype(np.uint8)`."
)
def left_as_floats(img):
    return img.mean(axis=(0, 1))


@mean_colour.mistake(
    "The means are rounded, and still floats. Matplotlib reads floats as 0 to 1 and clips the rest, so "
    "that the swatch is *white*. Convert with `astype(np.uint8)`."
)
def rounded_floats(img):
    return np.rint(img.mean(axis=(0, 1)))


@mean_colour.mistake(
    "You divided by 255. Matplotlib shows that rightly, as floats from 0 to 1, but here the colour is "
    "asked for in 8 bits, from 0 to 255."
)
def as_fractions(img):
    return img.mean(axis=(0, 1)) / 255


@mean_colour.mistake(
    "`astype` cuts the fraction off: 110.7 becomes 110. Round first, with `np.rint` or `np.round`."
)
def cut_off_fraction(img):
    return img.mean(axis=(0, 1)).astype(np.uint8)


@mean_colour.mistake(
    "That is a grey picture of shape (rows, columns): axis 2 disappeared, the channels. Rows and "
    "columns should disappear, which are axes 0 and 1."
)
def over_channels(img):
    return np.rint(img.mean(axis=2)).astype(np.uint8)


@mean_colour.mistake(
    "That is one number: all axes disappeared. Name the two that should: rows and columns, axes 0 and "
    "1. The channels stay."
)
def over_everything(img):
    return np.rint(img.mean()).astype(np.uint8)


@mean_colour.mistake(
    "Only the rows disappeared, so there is still a colour for each column. Let axis 1 disappear too: "
    "`axis=(0, 1)`."
)
def over_rows_only(img):
    return np.rint(img.mean(axis=0)).astype(np.uint8)


@mean_colour.mistake(
    "The colour is in the order blue, green, red. Channel 0 is red: leave the order as it is."
)
def blue_first(img):
    return _mean_colour(img)[::-1]


@mean_colour.mistake(
    "You added up in 8 bits, where sums wrap around at 256. Take the mean first, in floating point, and "
    "convert at the end."
)
def averaged_in_eight_bits(img):
    pixels = img.shape[0] * img.shape[1]
    return np.rint(img.sum(axis=(0, 1), dtype=np.uint8) / pixels).astype(np.uint8)


@mean_colour.mistake("That is the median of each channel. The average colour is the mean.")
def median_colour(img):
    return np.rint(np.median(img, axis=(0, 1))).astype(np.uint8)


@mean_colour.mistake(
    "Your colour has shape (1, 1, 3): a picture of one pixel. Return three numbers, without `keepdims`."
)
def kept_both_axes(img):
    return np.rint(img.mean(axis=(0, 1), keepdims=True)).astype(np.uint8)


@mean_colour.alternative
def pixels_in_one_list(img):
    return np.round(img.reshape(-1, 3).mean(axis=0)).astype("uint8")


@mean_colour.alternative
def one_channel_at_a_time(img):
    return np.array([round(float(img[:, :, c].mean())) for c in range(3)], np.uint8)


@mean_colour.alternative
def by_einsum(img):
    rows, columns, _ = img.shape
    total = jnp.einsum("yxc->c", jnp.asarray(img, jnp.float32))
    return jnp.rint(total / (rows * columns)).astype(jnp.uint8)
