"""What drawings of whole arrays show, read back from the SVG."""

import itertools
import xml.etree.ElementTree as ElementTree

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from reading import read_arrays, read_words

from mazoezi import arrays
from mazoezi._errors import ArgumentError
from mazoezi.arrays._scene import AXES, FIRST, GREY, GROUPS, SECOND, luminance, readable_on

NEIGHBOURHOOD = np.array([[[1, 2], [1, 2], [2, 0]], [[3, 2], [0, 3], [4, 1]]])

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=1, max_side=4)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (2, 3, 4, 2)])
def test_each_cell_stands_there_once_with_its_value(shape):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape) * 7
    (one,) = read_arrays(arrays.draw(array))
    assert one.texts() == {p: str(array[p]) for p in np.ndindex(shape)}
    assert one.shape == shape
    corners = {cell.corner for cell in one.cells.values()}
    assert len(corners) == array.size, "two cells at one place"


def test_jax_arrays_and_nested_lists_are_drawn_alike():
    drawings = [arrays.draw(make(NEIGHBOURHOOD.tolist())) for make in (np.array, jnp.array, list)]
    first, *others = [read_arrays(one)[0].texts() for one in drawings]
    assert all(one == first for one in others)


@pytest.mark.parametrize("cuboid", [False, True])
def test_in_a_matrix_the_first_axis_goes_down_and_the_second_to_the_right(cuboid):
    (one,) = read_arrays(arrays.draw(NEIGHBOURHOOD, cuboid=cuboid))
    origin, down, right = (one.cells[p].corner for p in ((0, 0, 0), (1, 0, 0), (0, 1, 0)))
    assert down[0] == origin[0]
    assert down[1] > origin[1]
    assert right[0] > origin[0]
    assert right[1] == origin[1]


def test_in_a_cuboid_no_cell_hides_another():
    (one,) = read_arrays(arrays.draw(np.arange(6 * 6 * 3).reshape(6, 6, 3), cuboid=True))
    corners = [cell.corner for cell in one.cells.values()]
    apart = [max(abs(x - u), abs(y - v)) for (x, y), (u, v) in itertools.combinations(corners, 2)]
    assert min(apart) >= 20


def test_axes_have_name_size_colour_and_an_index_for_each_position():
    drawing = arrays.draw(NEIGHBOURHOOD, ("street", "house", "floor"))
    (one,) = read_arrays(drawing)
    assert one.names == ("street", "house", "floor")
    assert [title for _, title in one.axes.values()] == ["street: 2", "house: 3", "floor: 2"]
    assert [colour for colour, _ in one.axes.values()] == list(AXES[:3])
    indices = [
        element.text
        for element in ElementTree.fromstring(drawing.svg).iter("{http://www.w3.org/2000/svg}text")
        if element.attrib["fill"] == AXES[1]
    ]
    assert indices == ["0", "1", "2", "house: 3"]


def test_an_axis_can_have_the_colour_that_it_had_at_another_place():
    (before,) = read_arrays(arrays.draw(NEIGHBOURHOOD, ("street", "house", "floor")))
    moved = NEIGHBOURHOOD.transpose(2, 0, 1)
    names = ("floor", "street", "house")
    (after,) = read_arrays(arrays.draw(moved, names, colours=("street", "house", "floor")))
    assert after.names == names
    assert all(after.axes[name][0] == before.axes[name][0] for name in names)


def test_a_vector_can_stand_upright():
    (one,) = read_arrays(arrays.draw([1, 2, 3], column=True))
    assert len({cell.corner[0] for cell in one.cells.values()}) == 1
    with pytest.raises(ArgumentError, match="column"):
        arrays.draw([[1, 2]], column=True)


@given(hnp.arrays(np.int64, SHAPES, elements=st.integers(-999, 999)), st.data())
def test_a_slice_highlights_the_cells_that_numpy_takes(array, data):
    index = data.draw(hnp.basic_indices(array.shape, allow_newaxis=False))
    mask = np.zeros(array.shape, bool)
    mask[index] = True
    whole, taken = read_arrays(arrays.draw_slice(array, index))
    assert whole.chosen() == {tuple(map(int, p)) for p in np.argwhere(mask)}
    result = array[index]
    assert taken.shape == result.shape
    assert taken.texts() == {p: str(result[p]) for p in np.ndindex(result.shape)}


@given(SHAPES, st.data())
def test_an_axis_keeps_name_and_colour_in_a_slice(shape, data):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    index = tuple(data.draw(st.sampled_from([0, slice(None), slice(0, 1)])) for _ in shape)
    whole, taken = read_arrays(arrays.draw_slice(array, index))
    left = [name for name, one in zip(whole.names, index, strict=True) if one != 0]
    assert list(taken.names) == left
    assert all(taken.axes[name][0] == whole.axes[name][0] for name in left)


def test_a_slice_by_lists_masks_and_new_axes():
    matrix = np.arange(12).reshape(3, 4)
    for index in (np.s_[[0, 2]], np.s_[:, [1, 1, 3]], matrix > 5, np.s_[None, 1], np.s_[..., 0]):
        whole, taken = read_arrays(arrays.draw_slice(matrix, index))
        mask = np.zeros((3, 4), bool)
        mask[index] = True
        assert len(whole.chosen()) == mask.sum()
        assert taken.shape == matrix[index].shape


def test_chosen_takes_an_index_or_a_mask():
    matrix = np.arange(6).reshape(2, 3)
    by_index, by_mask = (
        read_arrays(arrays.draw(matrix, chosen=one))[0].chosen() for one in (np.s_[1], matrix > 2)
    )
    assert by_index == by_mask == {(1, 0), (1, 1), (1, 2)}


def test_an_image_shows_its_pixels_and_its_channels():
    image = np.zeros((2, 3, 3), np.uint8)
    image[0, 1] = 255, 128, 0
    seen, red, green, blue = read_arrays(arrays.draw_image(image))
    assert seen.cells[0, 1].fill == "#ff8000"
    assert seen.cells[0, 0].fill == "#000000"
    assert [one.cells[0, 1].text for one in (red, green, blue)] == ["255", "128", "0"]
    assert red.cells[0, 1].fill == "#ff0000"
    assert green.cells[0, 1].fill == "#7fff7f"
    assert blue.cells[0, 1].fill == "#ffffff", "no light: hollow"


def test_images_of_other_shapes_or_values_are_refused():
    with pytest.raises(ArgumentError, match=r"\(2, 3\).*rows, columns, 3"):
        arrays.draw_image(np.zeros((2, 3)))
    with pytest.raises(ArgumentError, match="300"):
        arrays.draw_image(np.full((1, 1, 3), 300))
    with pytest.raises(ArgumentError, match="nan"):
        arrays.draw_image(np.full((1, 1, 3), np.nan))


def test_a_large_array_is_drawn_in_part_and_says_so():
    array = np.arange(100 * 70).reshape(100, 70)
    (one,) = read_arrays(arrays.draw(array))
    assert one.note == "[:16, :16] of shape (100, 70)"
    assert one.axes["i"][1] == "i: 100"
    assert one.texts() == {p: str(array[p]) for p in np.ndindex((16, 16))}
    whole, taken = read_arrays(arrays.draw_slice(array, np.s_[::10, 3]))
    assert whole.chosen() == {(0, 3), (10, 3)}
    assert taken.shape == (10,)


def test_an_axis_of_size_0_is_told():
    (one,) = read_arrays(arrays.draw(np.zeros((2, 0, 3))))
    assert not one.cells
    assert "size 0" in one.note
    assert "(2, 0, 3)" in repr(arrays.draw(np.zeros((2, 0, 3))))


def test_values_that_are_no_whole_numbers():
    (one,) = read_arrays(arrays.draw([np.nan, np.inf, -0.0, 0.12345, -1e-9, 2.5]))
    assert [one.cells[(k,)].text for k in range(6)] == ["NaN", "inf", "0", "0.123", "-1e-09", "2.5"]
    (one,) = read_arrays(arrays.draw([True, False]))
    assert [one.cells[(k,)].text for k in range(2)] == ["T", "F"]
    (one,) = read_arrays(arrays.draw(jnp.array([1.5, 2], jnp.bfloat16)))
    assert one.cells[(0,)].text == "1.5"


@pytest.mark.parametrize(
    ("array", "told"),
    [
        ([[1, 2], [3]], "rows of one length.*1 and 2"),
        (np.array([None, "x"]), "dtype is object"),
        (["a", "b"], "numbers or truth values"),
        (np.zeros((1,) * 6), "at most 4 axes"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_the_learners_terms(array, told):
    with pytest.raises(ArgumentError, match=told):
        arrays.draw(array)


def test_an_index_out_of_range_tells_the_largest():
    with pytest.raises(ArgumentError, match="largest index is 1 on axis 0, 2 on axis 1"):
        arrays.draw_slice(np.zeros((2, 3)), np.s_[2, 0])


@pytest.mark.parametrize("names", [("a",), ("a", "a"), ("a", "b", "c")])
def test_names_that_do_not_fit_are_refused(names):
    with pytest.raises(ArgumentError, match="2 different names"):
        arrays.draw([[1, 2]], names)


def test_the_text_alternative_has_shape_names_values_and_highlighted_positions():
    drawing = arrays.draw([[1, 2], [3, 4]], ("row", "column"), chosen=np.s_[1])
    assert repr(drawing) == (
        "A matrix of shape (2, 2) (row 2, column 2): [[1, 2], [3, 4]]. "
        "Highlighted: 2 of 4 cells, (1, 0), (1, 1)."
    )
    title = ElementTree.fromstring(drawing.svg).find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == repr(drawing)


def test_side_by_side_each_has_its_name():
    drawing = arrays.draw_side_by_side({"r": [1, 2], "b": [[3]]})
    assert [one.shape for one in read_arrays(drawing)] == [(2,), (1, 1)]
    assert {"r", "b"} <= set(read_words(drawing))


def test_the_gallery_has_one_array_of_each_order():
    assert [len(one.shape) for one in read_arrays(arrays.gallery())] == [0, 1, 2, 3, 4]


def test_drawings_are_the_same_each_time_and_can_be_saved(tmp_path):
    first, second = (arrays.draw(NEIGHBOURHOOD, cuboid=True) for _ in range(2))
    assert first.svg == second.svg
    svg = first.save(tmp_path / "a.svg").read_text()
    assert svg.strip() == first.svg
    png = first.save(tmp_path / "a.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert png == second.png()
    with pytest.raises(ArgumentError, match=r"\.svg or \.png"):
        first.save(tmp_path / "a.jpg")


def test_words_that_look_like_markup_are_no_markup():
    drawing = arrays.draw([1], ("<b>&",), title='a < b & "c"')
    assert 'a < b & "c"' in read_words(drawing)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
@pytest.mark.parametrize("colour", [*AXES, GREY])
def test_axes_stand_out_on_white_and_on_black(colour, paper):
    assert _contrast(colour, paper) >= 3  # WCAG 2.2, 1.4.11 and large text


@pytest.mark.parametrize("fill", [FIRST, SECOND, *GROUPS, "#ff0000", "#0000ff", "#808080"])
def test_values_can_be_read_on_every_fill(fill):
    assert _contrast(fill, readable_on(fill)) >= 4.3


# Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of Color
# Vision Deficiency", severity 1, for linear light.
_DEFICIENT = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def _lab(colour: str, matrix: list[list[float]] | None) -> np.ndarray:
    """Return CIE L*a*b* of a colour as seen through a deficiency (D65)."""
    encoded = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    if matrix is not None:
        linear = np.clip(np.array(matrix) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ linear / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("deficiency", [None, *_DEFICIENT])
def test_no_two_axes_look_alike_to_a_colour_blind_reader(deficiency):
    matrix = _DEFICIENT.get(deficiency) if deficiency else None
    for one, other in itertools.combinations(AXES, 2):
        distance = np.linalg.norm(_lab(one, matrix) - _lab(other, matrix))
        assert distance > 15, f"{one} and {other} to a {deficiency} reader: {distance:.0f}"
