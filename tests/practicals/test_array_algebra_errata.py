"""What ERRATA.md says is wrong in the practical of 2022, and right in ours, computed."""

import itertools
import re
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

import mazoezi.practicals.array_algebra as package
from mazoezi.course import drawing
from mazoezi.course._practical import find_practical
from mazoezi.datasets import animal
from mazoezi.practicals.array_algebra import data, figures
from mazoezi.practicals.array_algebra.exercises import luminance

FOLDER = Path(package.__file__ or "").parent
ERRATA = (FOLDER / "ERRATA.md").read_text(encoding="utf-8")
# The array that the practical of 2022 showed as (channel, row, column) was none of its picture's
# orders: seen as a picture, its red is column 1, its green row 0, its blue row 2 (A-E19).
SHOWN_IN_2022 = np.zeros((3, 3, 3), int)
SHOWN_IN_2022[0, :, 1] = SHOWN_IN_2022[1, 0] = SHOWN_IN_2022[2, 2] = 1


def test_every_entry_is_listed_once():
    listed = re.findall(r"^\| (A-E\d\d) \|", ERRATA, re.M)
    assert sorted(listed) == [f"A-E{k:02d}" for k in range(1, 34)]


def test_exercises_and_sections_that_are_named_exist():
    practical = find_practical("array-algebra")
    text = (FOLDER / "practical.md").read_text(encoding="utf-8")
    for exercise in set(re.findall(r"\bA\d\d(?:\.\d)?\b", ERRATA)):
        assert exercise in practical.exercises
    for row in ERRATA.splitlines():
        if row.startswith("| A-E"):
            for section in re.findall(r'"([^"]+)"', row.split("|")[4]):
                assert f"\n## {section}\n" in text


def test_e01_the_cell_that_was_promised_to_hold_4_holds_0():
    by_floor = data.neighbourhood().transpose(2, 0, 1)
    assert by_floor[1, 0, 2] == 0
    assert by_floor[0, 1, 2] == 4


def test_e02_the_four_live_in_the_second_street_on_the_first_floor():
    assert np.argwhere(data.neighbourhood() == 4).tolist() == [[1, 2, 0]]
    assert data.neighbourhood()[0, 2, 1] == 0  # house 3, street 1, floor 2
    with pytest.raises(IndexError, match="out of bounds"):
        data.neighbourhood().transpose(1, 0, 2)[3, 1, 2]


def test_e03_the_first_cell_is_not_the_second():
    red, green, _ = animal().image[0, 0]
    assert red != green


def test_e04_a_number_in_brackets_is_no_shape():
    assert np.zeros(4).shape == (4,) != (4)


def test_e05_e06_the_largest_index_is_the_size_less_1():
    image = animal().image
    rows, columns, _ = image.shape
    assert image[rows - 1, columns - 1].shape == (3,)
    for index in ((rows, 0), (0, columns)):
        with pytest.raises(IndexError):
            image[index]


def test_e07_channel_2_is_blue():
    pixel = np.zeros((1, 1, 3), np.uint8)
    pixel[..., 2] = 255
    seen = rendered(figures.swatches({"blue": pixel[0, 0]}))
    assert (seen == [0, 0, 255]).all(axis=-1).mean() > 0.2


def rendered(figure) -> np.ndarray:
    """Return the pixels of a Matplotlib figure, of shape (rows, columns, 3)."""
    return np.asarray(drawing.image(drawing.drawn(figure)))


@pytest.mark.filterwarnings("ignore:Clipping input data")
def test_e09_floats_above_1_are_shown_white():
    colour = np.array([110.7, 117.7, 102.1])
    as_whole = rendered(figures.swatches({"colour": colour.astype(np.uint8)}))
    as_floats = rendered(figures.swatches({"colour": colour}))
    is_colour = [(one == [110, 117, 102]).all(axis=-1).mean() for one in (as_whole, as_floats)]
    assert is_colour[0] > 0.2 and is_colour[1] == 0
    middle = tuple(size // 2 for size in as_floats.shape[:2])
    assert as_floats[middle].tolist() == [255, 255, 255]


def test_e10_our_greys_are_not_stretched():
    blue = animal().image[..., 2]
    whole, half = (rendered(figures.picture(one)) for one in (blue, blue // 2))
    middle = np.s_[100:250, 100:250]
    assert whole[middle].mean() > 1.5 * half[middle].mean()


def test_e11_eight_bits_wrap_around():
    bright = np.array([200], np.uint8)
    assert (bright * 2).tolist() == (jnp.asarray(bright) * 2).tolist() == [144]
    assert (bright * np.array([2])).tolist() == [400]


def test_e12_e13_a_row_and_a_column_of_the_letter_have_four_ones_each():
    f = data.letter_f()
    assert f[2].sum() == f[:, 3].sum() == 4
    assert f[:, 3].shape == (5, 3)
    assert f[:, :, 0].shape == (5, 4)
    assert f[0, :, 0].tolist() == [1, 1, 1, 0]
    assert f[2, 2].tolist() == f[2, 0:3, 2].tolist() == [0, 0, 0]


def test_e14_several_wrong_slices_of_the_letter_are_zeros_too():
    f = data.letter_f()
    slices = [f[3, :, 1], f[3, :, 2], f[1, :, 1], f[0, :, 2]]
    assert all(one.tolist() == [0, 0, 0, 0] for one in slices)


def test_e15_numpy_gives_a_scalar_and_jax_a_0_array():
    f = data.letter_f()
    assert type(f[2, 1, 0]).__name__ == "int64"
    assert not isinstance(f[2, 1, 0], np.ndarray)
    assert isinstance(jnp.asarray(f)[2, 1, 0], jnp.ndarray)
    assert jnp.asarray(f)[2, 1, 0].shape == ()


def test_e16_e17_stop_is_excluded_and_one_of_n_is_kept():
    assert np.arange(9)[2:5].tolist() == [2, 3, 4]
    assert np.arange(30)[::10].tolist() == [0, 10, 20]


def test_e19_the_array_shown_in_2022_is_the_picture_in_no_order():
    orders = [data.small_image().transpose(p) for p in itertools.permutations(range(3))]
    assert not any(np.array_equal(SHOWN_IN_2022, one) for one in orders)


def test_e21_three_of_six_orders_are_mirrors_and_the_example_is_one():
    signs = {
        perm: round(np.linalg.det(np.eye(3)[list(perm)]))
        for perm in itertools.permutations(range(3))
    }
    assert sorted(signs.values()) == [-1, -1, -1, 1, 1, 1]
    assert signs[(1, 0, 2)] == -1


def test_e22_every_way_to_transpose_is_run():
    text = (FOLDER / "practical.md").read_text(encoding="utf-8")
    cells = "\n".join(re.findall(r"```\{code-cell\} python\n(.*?)```", text, re.S))
    for call in (".T", ".mT", "np.transpose(", "np.swapaxes(", "np.moveaxis(", "np.argsort("):
        assert call in cells


@pytest.mark.parametrize("library", [np, jnp])
def test_e23_shapes_meet_at_their_last_axes(library):
    matrix = library.ones((3, 2))
    with pytest.raises((ValueError, TypeError)):
        _ = matrix + library.ones(3)
    assert (matrix + library.ones(2)).shape == (3, 2)
    square = library.zeros((2, 2)) + library.asarray([10, 20])
    assert square.tolist() == [[10, 20], [10, 20]]  # a row, and nobody says so


def test_e25_keepdims_keeps_the_number_of_axes():
    assert data.table().sum(axis=0, keepdims=True).shape == (1, 4)


def test_e27_the_second_sum_over_axis_1_is_an_error():
    with pytest.raises(np.exceptions.AxisError):
        data.table().sum(axis=0).sum(axis=1)


def test_e28_e29_nothing_is_fetched():
    for path in FOLDER.rglob("*"):
        if path.suffix in (".md", ".py"):
            assert not re.search(r"https?://", path.read_text(encoding="utf-8")), path


def test_e32_the_colon_is_cyan():
    assert data.letter_f()[2, 3].tolist() == data.letter_f()[4, 3].tolist() == [0, 1, 1]


def test_e33_equal_sums_are_not_equally_luminous():
    green, blue = (jnp.array([[pixel]], jnp.uint8) for pixel in ([0, 255, 0], [0, 0, 255]))
    assert green.sum() == blue.sum()
    assert luminance.reference(green)[0, 0] / luminance.reference(blue)[0, 0] > 9
