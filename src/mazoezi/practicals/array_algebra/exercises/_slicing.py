"""Checks of A13 to A18: the cells that a slice takes."""

from collections.abc import Callable, Iterable
from typing import Any

import jax.numpy as jnp
import numpy as np

from mazoezi.course import CodeExercise, code_exercise
from mazoezi.practicals.array_algebra import data
from mazoezi.practicals.array_algebra.exercises._on_numpy import on_numpy
from mazoezi.practicals.array_algebra.exercises._predictions import (
    no_arguments,
    predicted_array,
    refuse,
)

_F = data.letter_f()


def _distinct(rng, *shape):
    """Return whole numbers of which no two are equal, so that every cell can be recognised."""
    return rng.permutation(np.arange(1, np.prod(shape, dtype=int) + 1)).reshape(shape)


# --- A13.1 and A14.1 The ones of a slice ---------------------------------------------------------


def _ones(condition: Callable[[int, int, int], bool]) -> list[tuple[int, int, int]]:
    """Return the positions of those ones of the letter F that meet a condition."""
    found = [(int(i), int(j), int(k)) for i, j, k in np.argwhere(_F)]
    return [position for position in found if condition(*position)]


def _ones_of_slice(id: str, reference: Callable, axis: int, index: int) -> CodeExercise:
    """Begin the check of a list of positions: those of the ones in a slice of the letter F."""
    slice_name = f"{('row', 'column', 'channel')[axis]} {index}"
    right = set(reference())
    exercise = code_exercise(id, reference=reference)
    exercise.case("positions of three indices each", run=_kinds_of_positions)(no_arguments)

    @exercise.property(f"every position lies in {slice_name}")
    def _(answer, rng):
        given = _as_positions(answer())
        outside = [position for position in given if position[axis : axis + 1] != (index,)]
        if outside:
            refuse(
                given,
                f"{outside[0]} is not in {slice_name}. A position is (row, column, channel), and "
                f"the slice fixes its entry number {axis}.",
            )

    @exercise.property("there is a 1 at every position")
    def _(answer, rng):
        given = _as_positions(answer())
        dark = [position for position in given if position not in _ones(lambda *_: True)]
        if dark:
            refuse(given, f"At {dark[0]}, the letter F has no 1. {_what_is_there(dark[0])}")

    @exercise.property("no position is missing, and none is there twice")
    def _(answer, rng):
        given = _as_positions(answer())
        missing, twice = right - set(given), len(given) - len(set(given))
        if missing:
            refuse(
                given,
                f"{len(missing)} of the ones in {slice_name} {'is' if len(missing) == 1 else 'are'} "
                "missing. Ask of every pixel of the slice which of its three channels are 1.",
            )
        if twice:
            refuse(given, "A position is listed twice: name each once.")

    return exercise


def _as_positions(given: Any) -> list[tuple[int, ...]]:
    return sorted(tuple(int(index) for index in position) for position in given)


def _what_is_there(position: tuple[int, ...]) -> str:
    inside = len(position) == _F.ndim and all(
        0 <= index < size for index, size in zip(position, _F.shape, strict=True)
    )
    return f"`f{list(position)}` is 0." if inside else "There is no such cell."


def _kinds_of_positions(answer: Callable) -> Callable:
    """Say how many indices the positions have, and not which."""

    def run() -> str | None:
        given = answer()
        if given is None:
            return None
        try:
            lengths = {len(position) for position in _as_positions(given)}
        except (TypeError, ValueError):
            return "no list of tuples of whole numbers"
        return f"positions of {' or '.join(map(str, sorted(lengths)))} indices"

    return run


def _ones_in_row():
    return _ones(lambda row, column, channel: row == 2)


ones_in_row = _ones_of_slice("A13.1", _ones_in_row, axis=0, index=2)


@ones_in_row.mistake(
    "These are the positions within the slice, (column, channel). Which row they are in is said by "
    "the index that the slice fixed: as positions of `f` they begin with 2."
)
def columns_and_channels():
    return [(column, channel) for _, column, channel in _ones_in_row()]


@ones_in_row.mistake(
    "You counted from 1. Python's first row, column and channel are number 0: take 1 from each index."
)
def row_counted_from_one():
    return [(row + 1, column + 1, channel + 1) for row, column, channel in _ones_in_row()]


@ones_in_row.mistake(
    "That is the second row from the top, which is row 1. Row 2 is the third, with the short stroke "
    "of the F."
)
def the_row_above():
    return _ones(lambda row, column, channel: row == 1)


@ones_in_row.mistake(
    "You fixed the column: these are the ones of `f[:, 2]`. A single index belongs to the *first* "
    "axis, the row."
)
def column_two():
    return _ones(lambda row, column, channel: column == 2)


@ones_in_row.mistake(
    "You fixed the channel: these are the ones of `f[:, :, 2]`, which is blue. A single index belongs "
    "to the *first* axis, the row."
)
def channel_two():
    return _ones(lambda row, column, channel: channel == 2)


@ones_in_row.mistake(
    "The pixel in the last column is cyan, which is green *and* blue light: it has two ones. You "
    "listed one of them."
)
def cyan_taken_for_green():
    return _ones(lambda row, column, channel: row == 2 and channel < 2)


@ones_in_row.mistake(
    "The pixel in the last column is cyan, which is green *and* blue light: it has two ones. You "
    "listed one of them."
)
def cyan_taken_for_blue():
    return _ones(lambda row, column, channel: row == 2 and channel != 1)


@ones_in_row.mistake(
    "Five are one too many: the F's second stroke is shorter than its first, so that the pixel in "
    "row 2 and column 2 is black."
)
def long_second_stroke():
    return [*_ones_in_row(), (2, 2, 0)]


@ones_in_row.mistake(
    "You wrote (column, row, channel), as one writes x before y. The first index is the row, counted "
    "downwards, the second one the column."
)
def x_before_y():
    return [(column, row, channel) for row, column, channel in _ones_in_row()]


@ones_in_row.mistake(
    "You wrote (channel, row, column). In this picture the channel is the last axis."
)
def channel_before_row():
    return [(channel, row, column) for row, column, channel in _ones_in_row()]


@ones_in_row.alternative
def found_in_the_row():
    return [(2, column, channel) for column, channel in np.argwhere(data.letter_f()[2])]


@ones_in_row.alternative
def typed_pixel_by_pixel():
    return ((2, 3, 2), (2, 3, 1), (2, 0, 0), (2, 1, 0))


@ones_in_row.alternative
def as_an_array():
    return np.array([[2, 0, 0], [2, 1, 0], [2, 3, 1], [2, 3, 2]])


def _ones_in_column():
    return _ones(lambda row, column, channel: column == 3)


ones_in_column = _ones_of_slice("A14.1", _ones_in_column, axis=1, index=3)


@ones_in_column.mistake(
    "These are the positions within the slice, (row, channel). The index that the slice fixed is "
    "missing: as positions of `f` they have the 3 in the middle."
)
def rows_and_channels():
    return [(row, channel) for row, _, channel in _ones_in_column()]


@ones_in_column.mistake(
    "You counted from 1. Python's first row, column and channel are number 0: take 1 from each index."
)
def column_counted_from_one():
    return [(row + 1, column + 1, channel + 1) for row, column, channel in _ones_in_column()]


@ones_in_column.mistake(
    "You fixed the row: that is the one of `f[3]`. The colon in `f[:, 3]` stands for *all* rows, and "
    "the 3 for the column."
)
def row_three():
    return _ones(lambda row, column, channel: row == 3)


@ones_in_column.mistake(
    "That is the third column, which is column 2. Column 3 is the fourth, with the colon."
)
def the_column_before():
    return _ones(lambda row, column, channel: column == 2)


@ones_in_column.mistake(
    "The two pixels of the colon are cyan, which is green *and* blue light: each has two ones. You "
    "listed the green ones only."
)
def green_only():
    return _ones(lambda row, column, channel: column == 3 and channel == 1)


@ones_in_column.mistake(
    "The two pixels of the colon are cyan, which is green *and* blue light: each has two ones. You "
    "listed the blue ones only."
)
def blue_only():
    return _ones(lambda row, column, channel: column == 3 and channel == 2)


@ones_in_column.mistake(
    "You wrote (column, row, channel). The first index of a position is the row, also where the slice "
    "fixes the column."
)
def column_before_row():
    return [(column, row, channel) for row, column, channel in _ones_in_column()]


@ones_in_column.mistake("That is the upper pixel of the colon. There is another one, further down.")
def upper_pixel_only():
    return _ones(lambda row, column, channel: column == 3 and row == 2)


@ones_in_column.alternative
def found_in_the_column():
    return [(row, 3, channel) for row, channel in np.argwhere(data.letter_f()[:, 3])]


@ones_in_column.alternative
def pixel_by_pixel():
    return [(row, 3, channel) for row in (4, 2) for channel in (1, 2)]


@ones_in_column.alternative
def as_a_set():
    return {(2, 3, 1), (2, 3, 2), (4, 3, 1), (4, 3, 2)}


# --- A15.1 and A15 Green channel -----------------------------------------------------------------


def _predicted_green():
    return [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1]]


predicted_green = predicted_array(
    "A15.1",
    reference=_predicted_green,
    shape="`f[:, :, 1]` takes all rows and all columns: one list for each row, with a number for "
    "each column.",
    cells="Which pixels have green light in them? Red has none, cyan has.",
)


@predicted_green.mistake(
    "That is the red channel, `f[:, :, 0]`. Red, green and blue are channels 0, 1 and 2."
)
def red_predicted():
    return _F[:, :, 0]


@predicted_green.mistake(
    "You fixed the row: that is `f[1]`, of shape (4, 3). The 1 is the *third* index, the channel, and "
    "the colons keep all rows and columns."
)
def row_predicted():
    return _F[1]


@predicted_green.mistake(
    "You fixed the column: that is `f[:, 1]`, of shape (5, 3). The 1 is the *third* index, the channel."
)
def column_predicted():
    return _F[:, 1]


@predicted_green.mistake(
    "Nothing in this picture is purely green, but cyan is green and blue light together: where the "
    "picture is cyan, the green channel is 1."
)
def nothing_is_green():
    return np.zeros((5, 4), int)


@predicted_green.mistake(
    "You marked every pixel that is not black. Red pixels have no green light in them."
)
def every_bright_pixel():
    return _F.max(axis=2)


@predicted_green.mistake(
    "Rows and columns are exchanged: one list for each *row* of the picture, so five lists of four."
)
def one_list_for_each_column():
    return _F[:, :, 1].T


@predicted_green.mistake(
    "The cells are right, each in brackets of its own, as from `f[:, :, 1:2]`. The single index 1 "
    "removes the axis of the channels: the shape is (5, 4)."
)
def each_in_its_brackets():
    return _F[:, :, 1:2]


@predicted_green.alternative
def zeros_and_two_ones():
    green = np.zeros((5, 4), int)
    green[2, 3] = green[4, 3] = 1
    return green


@predicted_green.alternative
def row_by_row():
    dark, last = (0, 0, 0, 0), (0, 0, 0, 1)
    return (dark, dark, last, dark, last)


def _pictures(*shapes: tuple[int, int, int]) -> Callable[[np.random.Generator], Iterable[Any]]:
    """Return inputs: pictures of these shapes in which no two cells are equal."""
    return lambda rng: [_distinct(rng, *shape) for shape in shapes]


def _the_letter(rng):
    yield data.letter_f()


def _green_channel(a):
    return a[:, :, 1]


green_channel = code_exercise("A15", reference=_green_channel)
green_channel.case("the letter F", run=on_numpy)(_the_letter)
green_channel.case("pictures of shape (6, 5, 3) and (4, 7, 3)", run=on_numpy)(
    _pictures((6, 5, 3), (4, 7, 3))
)
green_channel.case("two channels, or four", run=on_numpy)(_pictures((3, 5, 2), (3, 2, 4)))
green_channel.case("a single row, and a single column", run=on_numpy)(
    _pictures((1, 4, 3), (4, 1, 3))
)


@green_channel.mistake(
    "That is the red channel. Red, green and blue are numbers 0, 1 and 2 on the last axis."
)
def red_channel(a):
    return a[:, :, 0]


@green_channel.mistake(
    "That is the blue channel. Python counts from 0, so that green, the second, is number 1."
)
def blue_channel(a):
    return a[:, :, 2]


@green_channel.mistake(
    "You fixed the row: a single index belongs to the first axis. Put a colon for the rows and one "
    "for the columns before it."
)
def a_row(a):
    return a[1]


@green_channel.mistake(
    "You fixed the column. The channel is the third axis: two colons come before its index."
)
def a_column(a):
    return a[:, 1]


@green_channel.mistake(
    "The range 1:2 keeps the axis, with size 1: your result has three axes. The single index 1 "
    "removes it."
)
def green_kept_as_axis(a):
    return a[:, :, 1:2]


@green_channel.mistake(
    "You returned what you predicted, which is right for the letter F only. Take the slice of the "
    "argument."
)
def prediction_returned(a):
    return np.array(_predicted_green())


@green_channel.mistake("Rows and columns are exchanged: leave them in the order that they have.")
def green_transposed(a):
    return a[:, :, 1].T


@green_channel.mistake(
    "`-2` is the second channel from the end. That is green where there are three channels, and "
    "another one elsewhere: count from the start."
)
def from_the_end(a):
    return a[:, :, -2]


@green_channel.alternative
def by_ellipsis(a):
    return a[..., 1]


@green_channel.alternative
def by_take(a):
    return np.take(a, 1, axis=2)


@green_channel.alternative
def by_two_loops(a):
    return np.array([[pixel[1] for pixel in row] for row in a])


# --- A16.1 and A16 Green of the second-to-last row -----------------------------------------------


def _predicted_green_row():
    return [0, 0, 0, 0]


predicted_green_row = predicted_array(
    "A16.1",
    reference=_predicted_green_row,
    shape="`f[-2, :, 1]` fixes the row and the channel. One axis is left: a number for each column.",
    cells="Row -2 is the second from the bottom: look for pixels with green light in it.",
)


@predicted_green_row.mistake(
    "That is the green of the *last* row, `f[-1, :, 1]`: its last pixel is cyan. Row -2 is the one "
    "above it."
)
def last_row_predicted():
    return _F[-1, :, 1]


@predicted_green_row.mistake(
    "That is the red of this row: its first pixel belongs to the F. The index 1 means green."
)
def red_row_predicted():
    return _F[-2, :, 0]


@predicted_green_row.mistake(
    "That is a row with all its channels, of shape (4, 3). The index 1 picks green, and removes the "
    "axis of the channels."
)
def all_channels_predicted():
    return _F[-2]


@predicted_green_row.mistake(
    "That has as many numbers as there are rows. The colon stands for the columns, of which there "
    "are four."
)
def number_for_each_row():
    return [0, 0, 0, 0, 0]


@predicted_green_row.mistake(
    "The numbers are right, in one pair of brackets too many: shape (1, 4). An integer index removes "
    "its axis."
)
def row_in_double_brackets():
    return [[0, 0, 0, 0]]


@predicted_green_row.mistake(
    "That is one number. The colon keeps the axis of the columns, so there is a number for each."
)
def single_number_for_the_row():
    return 0


@predicted_green_row.alternative
def all_dark():
    return np.zeros(4, int)


@predicted_green_row.alternative
def four_times_zero():
    return (0,) * 4


def _green_of_second_to_last_row(a):
    return a[-2, :, 1]


green_of_second_to_last_row = code_exercise("A16", reference=_green_of_second_to_last_row)
green_of_second_to_last_row.case("the letter F", run=on_numpy)(_the_letter)
green_of_second_to_last_row.case("pictures of shape (6, 5, 3) and (4, 7, 3)", run=on_numpy)(
    _pictures((6, 5, 3), (4, 7, 3))
)
green_of_second_to_last_row.case("two rows only, and two channels only", run=on_numpy)(
    _pictures((2, 5, 3), (3, 4, 2))
)
green_of_second_to_last_row.case("a single column", run=on_numpy)(_pictures((5, 1, 3)))


@green_of_second_to_last_row.mistake(
    "That is the *last* row: counted from the end, the last is -1, and the one before it -2."
)
def last_row(a):
    return a[-1, :, 1]


@green_of_second_to_last_row.mistake(
    "You fixed row 3. In the letter F, with five rows, that is the second-to-last, in other pictures "
    "it is not. Count from the end, with a negative index."
)
def row_number_three(a):
    return a[3, :, 1]


@green_of_second_to_last_row.mistake(
    "You took the red channel, number 0. Green is number 1. (In this row of the letter F all of "
    "green is dark, so that look closely at other pictures.)"
)
def red_row(a):
    return a[-2, :, 0]


@green_of_second_to_last_row.mistake(
    "You took the blue channel, number 2. In this row of the letter F both are dark, so there it "
    "looks right; green is number 1."
)
def blue_row(a):
    return a[-2, :, 2]


@green_of_second_to_last_row.mistake(
    "You counted channels from the end: -2 is green where there are three of them only. Green is "
    "number 1 from the start."
)
def channel_from_the_end(a):
    return a[-2, :, -2]


@green_of_second_to_last_row.mistake(
    "That is the second row, number 1, from the *top*. Count from the end, with a negative index."
)
def second_row(a):
    return a[1, :, 1]


@green_of_second_to_last_row.mistake(
    "You fixed the second-to-last *column*. The first index is the row: put -2 there and the colon "
    "second."
)
def column_instead(a):
    return a[:, -2, 1]


@green_of_second_to_last_row.mistake(
    "You left out the colon: the second index is the column, so this is a pixel with its channels. "
    "Write `:` for all columns between the row and the channel."
)
def colon_left_out(a):
    return a[-2, 1]


@green_of_second_to_last_row.mistake(
    "The range -2:-1 keeps the axis of the rows, with size 1. The index -2 by itself removes it."
)
def row_kept_as_axis(a):
    return a[-2:-1, :, 1]


@green_of_second_to_last_row.mistake(
    "You returned what you predicted. It is right for the letter F and says nothing of other "
    "pictures: take the slice of the argument."
)
def predicted_row_returned(a):
    return np.zeros(4, int)


@green_of_second_to_last_row.alternative
def counted_from_the_start(a):
    return a[a.shape[0] - 2, :, 1]


@green_of_second_to_last_row.alternative
def in_two_steps(a):
    green = a[:, :, 1]
    return green[-2]


@green_of_second_to_last_row.alternative
def by_reversing(a):
    return jnp.flip(a, axis=0)[1, ..., 1]


# --- A17.1 and A17 Bottom-right pixel ------------------------------------------------------------


def _predicted_pixel():
    return [0, 1, 1]


predicted_pixel = predicted_array(
    "A17.1",
    reference=_predicted_pixel,
    shape="`f[-1, -1, :]` fixes row and column: one pixel is left, a number for each channel.",
    cells="The pixel at the bottom right is the lower dot of the colon. Of which lights is it made?",
)


@predicted_pixel.mistake(
    "You kept the columns and fixed the channel: that is `f[-1, :, -1]`, a row of blue with shape "
    "(4,). The colon stands third, so the *channels* are kept."
)
def row_of_blue():
    return _F[-1, :, -1]


@predicted_pixel.mistake(
    "That is a red pixel, such as the one at the bottom *left*. Index -1 means the last, in the "
    "second place the last column."
)
def bottom_left_predicted():
    return _F[-1, 0, :]


@predicted_pixel.mistake("That is a black pixel. At the bottom right there is a dot of the colon.")
def black_predicted():
    return _F[-2, -1, :]


@predicted_pixel.mistake(
    "That is yellow: red and green. The colon is cyan, which is green and blue: channels 1 and 2."
)
def yellow_predicted():
    return [1, 1, 0]


@predicted_pixel.mistake("That is green alone. Cyan is green and blue light together.")
def green_predicted():
    return [0, 1, 0]


@predicted_pixel.mistake("That is blue alone. Cyan is green and blue light together.")
def blue_predicted():
    return [0, 0, 1]


@predicted_pixel.mistake(
    "That is one number. Two of the three axes are fixed; the colon keeps the third, the channels."
)
def a_single_number():
    return 1


@predicted_pixel.alternative
def as_a_vector():
    return np.array([0.0, 1.0, 1.0])


@predicted_pixel.alternative
def as_truth_values():
    return (False, True, True)


def _bottom_right_pixel(a):
    return a[-1, -1, :]


bottom_right_pixel = code_exercise("A17", reference=_bottom_right_pixel)
bottom_right_pixel.case("the letter F", run=on_numpy)(_the_letter)
bottom_right_pixel.case("pictures of shape (6, 5, 3) and (4, 7, 3)", run=on_numpy)(
    _pictures((6, 5, 3), (4, 7, 3))
)
bottom_right_pixel.case("two channels, or four", run=on_numpy)(_pictures((3, 5, 2), (3, 2, 4)))
bottom_right_pixel.case("a single row, a single column, a single pixel", run=on_numpy)(
    _pictures((1, 4, 3), (4, 1, 3), (1, 1, 3))
)


@bottom_right_pixel.mistake(
    "You kept the columns and fixed the channel: a row of shape (4,), for the letter F. Fix row and "
    "column, the first two indices, and keep the channels with the colon."
)
def row_of_the_last_channel(a):
    return a[-1, :, -1]


@bottom_right_pixel.mistake(
    "These are the sizes of the axes, and the largest index is size - 1: 5 rows have the numbers 0 "
    "to 4. With negative indices you need not know the size: the last is -1."
)
def sizes_as_indices(a):
    return a[a.shape[0], a.shape[1]]


@bottom_right_pixel.mistake(
    "You typed in the last row and column of the letter F. In other pictures they have other numbers: "
    "the last index is always -1."
)
def indices_of_the_letter(a):
    return a[4, 3]


@bottom_right_pixel.mistake("That is the pixel at the top left. The last row and column are -1.")
def top_left_pixel(a):
    return a[0, 0, :]


@bottom_right_pixel.mistake(
    "That is the pixel at the bottom left: the row is right, the column should be the last one too."
)
def bottom_left_pixel(a):
    return a[-1, 0, :]


@bottom_right_pixel.mistake(
    "That is the pixel at the top right: the column is right, the row should be the last one too."
)
def top_right_pixel(a):
    return a[0, -1, :]


@bottom_right_pixel.mistake(
    "That is the last row with all its pixels. One more index picks the pixel in the last column."
)
def whole_last_row(a):
    return a[-1]


@bottom_right_pixel.mistake(
    "Ranges keep their axes: your result has shape (1, 1, 3) and not (3,). Write -1 by itself."
)
def pixel_kept_as_picture(a):
    return a[-1:, -1:, :]


@bottom_right_pixel.mistake(
    "Three indices leave one number. Keep the channels: a colon in the third place, or nothing."
)
def last_cell(a):
    return a[-1, -1, -1]


@bottom_right_pixel.mistake(
    "You returned what you predicted. It is right for the letter F and no other picture: take the "
    "slice of the argument."
)
def predicted_pixel_returned(a):
    return np.array([0, 1, 1])


@bottom_right_pixel.alternative
def without_the_colon(a):
    return a[-1, -1]


@bottom_right_pixel.alternative
def by_the_sizes(a):
    return a[a.shape[0] - 1][a.shape[1] - 1]


@bottom_right_pixel.alternative
def last_of_all_pixels(a):
    return a.reshape(-1, a.shape[2])[-1]


# --- A18.1 and A18 Blue of the top-left pixel ----------------------------------------------------


def _predicted_blue():
    return 0


predicted_blue = predicted_array(
    "A18.1",
    reference=_predicted_blue,
    shape="Three integers remove all three axes of `f`: what is left is one number.",
    cells="Is there blue light in a red pixel?",
)


@predicted_blue.mistake(
    "You read red. The pixel at the top left is red, so its red cell is 1; index 2 means blue."
)
def red_of_it():
    return 1


@predicted_blue.mistake(
    "That is the pixel with its three channels, `f[0, 0]`. The third index picks one of them."
)
def whole_pixel_predicted():
    return _F[0, 0]


@predicted_blue.mistake(
    "That is the blue of the whole top row, `f[0, :, 2]`. The second index is a number here, and "
    "picks one column."
)
def blue_of_the_top_row():
    return _F[0, :, 2]


@predicted_blue.mistake(
    "You gave the number of the channel. What stands *in* the cell is asked for, and that is 0 or 1."
)
def number_of_the_channel():
    return 2


@predicted_blue.mistake(
    "A single number, not a list with one number in it: all three axes are gone, and the shape is ()."
)
def in_a_list():
    return [0]


@predicted_blue.alternative
def as_a_numpy_number():
    return np.int64(0)


@predicted_blue.alternative
def as_a_number_with_a_point():
    return 0.0


def _blue_of_top_left(a):
    return a[0, 0, 2]


blue_of_top_left = code_exercise("A18", reference=_blue_of_top_left)
blue_of_top_left.case("the letter F", run=on_numpy)(_the_letter)
blue_of_top_left.case("pictures of shape (6, 5, 3) and (4, 7, 3)", run=on_numpy)(
    _pictures((6, 5, 3), (4, 7, 3))
)
blue_of_top_left.case("four channels", run=on_numpy)(_pictures((3, 2, 4)))
blue_of_top_left.case("a single row, a single column, a single pixel", run=on_numpy)(
    _pictures((1, 4, 3), (4, 1, 3), (1, 1, 3))
)


@blue_of_top_left.mistake("You read red, channel 0. Blue is the last of the three, number 2.")
def red_of_top_left(a):
    return a[0, 0, 0]


@blue_of_top_left.mistake("You read green, channel 1. Blue is the last of the three, number 2.")
def green_of_top_left(a):
    return a[0, 0, 1]


@blue_of_top_left.mistake(
    "You put the channel first. In this picture it is the last axis: row, column, channel."
)
def channel_first(a):
    return a[2, 0, 0]


@blue_of_top_left.mistake(
    "You counted from 1. Row, column and channel begin with 0: the top-left pixel is 0, 0, and blue "
    "is 2."
)
def blue_counted_from_one(a):
    return a[1, 1, 3]


@blue_of_top_left.mistake(
    "You took the whole pixel, shape (3,). A third index picks its blue cell."
)
def whole_pixel(a):
    return a[0, 0]


@blue_of_top_left.mistake(
    "You took the blue of all columns. The colon keeps an axis; for one cell give three numbers."
)
def blue_of_a_row(a):
    return a[0, :, 2]


@blue_of_top_left.mistake(
    "A range keeps its axis: your result has shape (1,). Write the 2 by itself."
)
def blue_in_a_vector(a):
    return a[0, 0, 2:3]


@blue_of_top_left.mistake(
    "The last channel is blue where there are three of them. Where there is a fourth, -1 means that "
    "one: count from the start."
)
def last_channel(a):
    return a[0, 0, -1]


@blue_of_top_left.mistake(
    "You returned the number that the letter F has there. Take the slice of the argument."
)
def zero_returned(a):
    return 0


@blue_of_top_left.alternative
def axis_after_axis(a):
    return a[0][0][2]


@blue_of_top_left.alternative
def by_a_tuple(a):
    position = (0, 0, 2)
    return jnp.asarray(a)[position]


@blue_of_top_left.alternative
def by_item(a):
    return a.item(2)
