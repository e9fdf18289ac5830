"""The practical's small arrays are what its text says of them."""

import numpy as np
import pytest

from mazoezi.practicals.array_algebra import data

SHAPES = {
    data.street: (3,),
    data.two_streets: (2, 3),
    data.neighbourhood: (2, 3, 2),
    data.letter_f: (5, 4, 3),
    data.small_image: (3, 3, 3),
    data.r: (4,),
    data.b: (4,),
    data.rm: (2, 2),
    data.bm: (2, 2),
    data.table: (2, 4),
}
BLACK, RED, GREEN, BLUE = (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)
YELLOW, CYAN = (1, 1, 0), (0, 1, 1)


@pytest.mark.parametrize(("make", "shape"), SHAPES.items(), ids=[make.__name__ for make in SHAPES])
def test_an_array_of_whole_numbers_has_the_shape_that_is_said(make, shape):
    array = make()
    assert array.shape == shape
    assert array.dtype.kind == "i"


@pytest.mark.parametrize("make", SHAPES, ids=[make.__name__ for make in SHAPES])
def test_writing_into_an_array_does_not_change_the_next_one(make):
    before = make()
    make()[...] = 99
    np.testing.assert_array_equal(make(), before)


def test_twenty_one_people_live_in_the_neighbourhood():
    assert data.neighbourhood().sum() == 21


def test_four_people_live_on_the_lower_floor_of_the_last_house():
    assert data.neighbourhood()[1, 2, 0] == 4


def test_the_neighbourhood_by_floors():
    by_floors = [[[1, 1, 2], [3, 0, 4]], [[2, 2, 0], [2, 3, 1]]]
    np.testing.assert_array_equal(data.neighbourhood().transpose(2, 0, 1), by_floors)


def test_four_people_live_in_the_third_house_of_the_second_street():
    assert data.two_streets().tolist() == [[1, 2, 2], [3, 0, 4]]
    assert data.two_streets()[1, 2] == 4


def test_the_letter_has_eight_red_two_green_and_two_blue_ones():
    assert data.letter_f().sum(axis=(0, 1)).tolist() == [8, 2, 2]


def test_the_letter_is_read_off_its_red_channel():
    drawn = ["".join(" #"[cell] for cell in row) for row in data.letter_f()[:, :, 0]]
    assert drawn == ["### ", "#   ", "##  ", "#   ", "#   "]


def test_the_colon_is_cyan_in_the_last_column():
    column = [tuple(pixel) for pixel in data.letter_f()[:, 3].tolist()]
    assert column == [BLACK, BLACK, CYAN, BLACK, CYAN]


def test_the_letters_slices_are_those_of_the_exercises():
    f = data.letter_f()
    assert f[2].tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 1]]
    block = f[0:3, 1:4, 0:2]
    assert block[:, :, 0].tolist() == [[1, 1, 0], [0, 0, 0], [1, 0, 0]]
    assert block[:, :, 1].tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 1]]


def test_the_small_image_has_the_colours_that_are_said():
    colours = [[tuple(pixel) for pixel in row] for row in data.small_image().tolist()]
    assert colours == [[BLUE, CYAN, GREEN], [BLUE, BLACK, YELLOW], [BLACK, RED, RED]]


def test_only_green_is_not_symmetric():
    image = data.small_image()
    symmetric = [np.array_equal(image[:, :, c], image[:, :, c].T) for c in range(3)]
    assert symmetric == [True, False, True]


def test_a_tenth_of_b_is_r():
    np.testing.assert_array_equal(data.b() / 10, data.r())


def test_the_matrices_add_up_to_what_the_text_says():
    assert (data.rm() + data.bm()).tolist() == [[2, 2], [3, 5]]


def test_the_tables_sums():
    table = data.table()
    assert table.sum() == 52
    assert table.sum(axis=0).tolist() == [10, 12, 14, 16]
    assert table.sum(axis=1).tolist() == [6, 46]
