"""An expression drawn: each step with its shape, its axes, and the place at which it does not fit."""

import xml.etree.ElementTree as ElementTree

import jax.numpy as jnp
import numpy as np
import pytest
from reading import SVG, read_arrays, read_words

from mazoezi import arrays
from mazoezi._errors import ArgumentError, MazoeziError
from mazoezi.arrays import Drawing

MATRIX = np.arange(6).reshape(3, 2)
VECTOR = np.array([10, 20, 30])


def titles(drawing: Drawing) -> list[str]:
    """Return the lines that name a step."""
    return [one for one in read_words(drawing) if ": shape (" in one or one.endswith("not fit")]


def values(shown) -> np.ndarray:
    array = np.empty(shown.shape)
    for position, cell in shown.cells.items():
        array[position] = float(cell.text)
    return array


def clashing(drawing: Drawing) -> list[str]:
    """Return the sizes that are marked, from the SVG."""
    root = ElementTree.fromstring(drawing.svg)
    return [
        one.attrib["data-size"]
        for one in root.iter(f"{SVG}g")
        if one.attrib["class"] == "size clashes"
    ]


# --- steps ---------------------------------------------------------------------------------------


def test_each_step_is_drawn_once_with_its_shape_up_to_the_result():
    drawing = arrays.explain("M + v[:, None]", M=MATRIX, v=VECTOR)
    assert titles(drawing) == [
        "M: shape (3, 2)", "v: shape (3,)", "v[:, None]: shape (3, 1)", "M + v[:, None]: shape (3, 2)",
    ]  # fmt: skip
    np.testing.assert_array_equal(values(read_arrays(drawing)[-1]), MATRIX + VECTOR[:, None])


def test_the_issues_second_example():
    x = np.arange(20).reshape(5, 4)
    drawing = arrays.explain("x[::2, 1:].sum(axis=0)", x=x)
    assert titles(drawing)[1:] == [
        "x[::2, 1:]: shape (3, 3)", "x[::2, 1:].sum(axis=0): shape (3,)", "sum: shape (3,)",
    ]  # fmt: skip
    whole, taken = read_arrays(drawing)[1:3]
    assert whole.chosen() == {(row, column) for row in (0, 2, 4) for column in (1, 2, 3)}
    np.testing.assert_array_equal(values(taken), x[::2, 1:])
    np.testing.assert_array_equal(values(read_arrays(drawing)[-1]), x[::2, 1:].sum(axis=0))


def test_the_repeated_cells_of_broadcasting_are_shown():
    *_, left, right, result = read_arrays(arrays.explain("M * w", M=MATRIX, w=[2, 3]))
    assert not left.chosen("ghost")
    assert right.chosen("ghost") == {(row, column) for row in (1, 2) for column in (0, 1)}
    np.testing.assert_array_equal(values(result), MATRIX * [2, 3])


def test_an_aggregation_is_collected_and_applied():
    *_, whole, collected, result = read_arrays(arrays.explain("M.max(axis=1)", M=MATRIX))
    assert [cell.text for cell in collected.cells.values()] == ["[0, 1]", "[2, 3]", "[4, 5]"]
    np.testing.assert_array_equal(values(result), MATRIX.max(axis=1))
    assert {cell.facts["group"] for cell in whole.cells.values()} == {"0", "1", "2"}


@pytest.mark.parametrize(
    "expression",
    [
        "M.T", "M.reshape(2, 3)", "-M", "M.std(axis=0)", "M.sum(axis=0, keepdims=True)", "M @ M.T",
        "np.where(M > 2, M, 0)", "np.stack([v, v])", "np.einsum('ij,kj->ik', M, M)", "np.arange(4)",
        "M > 2", "v[[0, 2]]", "v[v > 10]", "(M - M.mean()) / 2", "M.argmax()", "M[None, ..., 0]",
    ],
)  # fmt: skip
def test_the_last_array_drawn_is_the_expressions_value(expression):
    last = read_arrays(arrays.explain(expression, M=MATRIX, v=VECTOR))[-1]
    expected = np.asarray(eval(expression, {"np": np, "M": MATRIX, "v": VECTOR}))
    assert last.shape == expected.shape
    for position, cell in last.cells.items():
        got = {"T": 1.0, "F": 0.0}.get(cell.text) if cell.text in "TF" else float(cell.text)
        assert got == pytest.approx(float(expected[position]), rel=5e-3)


# --- axes ----------------------------------------------------------------------------------------


def test_an_axis_keeps_its_name_and_its_colour_through_all_steps():
    names = {"people": ("street", "house"), "rent": ("house",)}
    people, rent = np.ones((2, 3)), np.ones(3)
    drawing = arrays.explain("(people * rent).sum(axis=1)", names, people=people, rent=rent)
    colours: dict[str, set[str]] = {}
    for shown in read_arrays(drawing):
        for name, (colour, _) in shown.axes.items():
            colours.setdefault(name, set()).add(colour)
    assert colours.keys() == {"street", "house"}
    assert all(len(several) == 1 for several in colours.values())
    assert colours["street"] != colours["house"]
    assert read_arrays(drawing)[-1].names == ("street",)


def test_an_axis_that_was_inserted_keeps_its_name_when_it_is_moved():
    inserted, moved = read_arrays(arrays.explain("M[None].transpose(1, 0, 2)", M=MATRIX))[-2:]
    i, j = read_arrays(arrays.explain("M", M=MATRIX))[0].names
    assert inserted.names == ("new", i, j)
    assert moved.names == (i, "new", j)
    assert moved.axes["new"][0] == inserted.axes["new"][0]


@pytest.mark.parametrize("product", ["A @ B", "np.einsum('ik,kj->ij', A, B)", "np.matmul(A, B)"])
def test_the_axis_that_a_product_sums_over_has_one_name_in_both_arrays(product):
    drawing = arrays.explain(product, A=np.ones((2, 3)), B=np.ones((3, 4)))
    left, right, result = read_arrays(drawing)[-3:]
    assert left.names[1] == right.names[0]
    assert left.axes[left.names[1]][0] == right.axes[right.names[0]][0]
    assert result.names == (left.names[0], right.names[1])


def test_two_axes_of_one_array_never_share_a_name():
    for expression in ("s + s.T", "s @ s", "np.einsum('ij,ji->', s, s)", "v[:, None] - v"):
        for shown in read_arrays(arrays.explain(expression, s=np.eye(3), v=VECTOR)):
            assert len(set(shown.names)) == len(shown.names)


def test_jax_arrays_and_nested_lists_are_explained_alike():
    drawings = [arrays.explain("a + a", a=a) for a in (jnp.array([1, 2]), np.array([1, 2]), [1, 2])]
    assert drawings[1].text == drawings[2].text
    assert [one.texts() for one in read_arrays(drawings[0])] == [
        one.texts() for one in read_arrays(drawings[1])
    ]


# --- what does not fit -----------------------------------------------------------------------------


def test_shapes_that_do_not_broadcast_are_shown_flush_right_with_the_clash_marked():
    drawing = arrays.explain("M + v", M=MATRIX, v=VECTOR)
    assert titles(drawing)[-1] == "M + v: does not fit"
    assert clashing(drawing) == ["2", "3"]
    assert "`v[:, None]` of shape (3, 1) would fit" in drawing.text
    root = ElementTree.fromstring(drawing.svg)
    boxes = {
        one.attrib["data-size"]: next(one.iter(f"{SVG}polygon")).attrib["points"].split(",")[0]
        for one in root.iter(f"{SVG}g")
        if one.attrib["class"] == "size clashes"
    }
    assert boxes["2"] == boxes["3"]  # one below the other


def test_nothing_is_drawn_beyond_the_step_that_does_not_fit():
    drawing = arrays.explain("((M + v) * 2).sum()", M=MATRIX, v=VECTOR)
    assert titles(drawing)[-1] == "M + v: does not fit"


@pytest.mark.parametrize(
    ("expression", "sizes", "told"),
    [
        ("A @ A", ["3", "2"], "`A.T` of shape (3, 2) would fit"),
        ("A[2, 0]", ["2"], "Index 2 is out of range: axis 0 of `A` has size 2"),
        ("A.sum(axis=0).sum(axis=1)", [], "There is no axis 1"),
        ("A.reshape(4, 2)", [], "so 6 cells"),
        ("np.concatenate([A, A.T])", ["3", "2"], "differ on axis 1"),
        ("A[0, 0, 0]", [], "3"),
        ("np.zeros((0, 2)).max(axis=0)", ["0"], "axis of size 0"),
    ],
)
def test_the_reason_is_told_in_the_learners_terms(expression, sizes, told):
    drawing = arrays.explain(expression, A=np.ones((2, 3)))
    assert titles(drawing)[-1].endswith("does not fit")
    assert clashing(drawing) == sizes
    assert told in drawing.text
    shown = " ".join(read_words(drawing))
    assert told.split()[0] in shown


# --- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("open('x')", "`open`"),
        ("np.load('x')", "`np.load`"),
        ("np.linalg.inv(M)", "`np.linalg.inv`"),
        ("M.tofile('x')", "`.tofile`"),
        ("M.__class__", "`.__class__`"),
        ("().__class__.__bases__", "__"),
        ("__import__('os').system('ls')", "`.system`"),
        ("eval('1')", "`eval`"),
        ("len(M)", "`x.shape[0]`"),
        ("(lambda: 1)()", "function"),
        ("[x for x in M]", "comprehension"),
        ("M if M else M", "`if`"),
        ("M and M", "`and`"),
        ("M = 2", "assignment"),
        ("import os", "import"),
        ("N + 1", "`N` is not known"),
        ("M +", "place marked"),
        ("", "no expression"),
        ("np.ones((9999, 9999))", "too large"),
        ("1" + "+1" * 200, "nested too deeply"),
        ("9 ** 9 ** 9 ** 9", "9"),
        ("np.tile(M, 10 ** 9)", "too large"),
        ("f'{M}'", "text"),
        ("M.sum(*[0])", "`*`"),
        ("M.astype(object)", "object"),
    ],
)
def test_whatever_is_no_array_expression_is_refused_by_name(expression, named):
    with pytest.raises(MazoeziError) as told:
        arrays.explain(expression, M=MATRIX)
    assert named in str(told.value)


@pytest.mark.parametrize(
    ("array", "told"),
    [
        ([[1, 2], [3]], "rows of one length"),
        (np.array([None, {}], dtype=object), "numbers or truth values"),
        (np.array(["a"]), "numbers or truth values"),
    ],
)
def test_arrays_that_are_none_are_named(array, told):
    with pytest.raises(ArgumentError, match=told) as error:
        arrays.explain("x + 1", x=array)
    assert "`x`" in str(error.value)


def test_six_axes_are_followed_and_said_not_to_be_drawn():
    drawing = arrays.explain("x.sum(axis=(0, 1, 2, 3))", x=np.ones((1, 2, 1, 2, 1, 3)))
    assert "more than 4 axes cannot be drawn" in read_words(drawing)
    assert titles(drawing)[-1] == "x.sum(axis=(0, 1, 2, 3)): shape (1, 3)"


def test_nan_and_axes_of_size_0_are_shown():
    shown = read_arrays(arrays.explain("x / x", x=np.array([0.0, 2.0])))[-1]
    assert [cell.text for cell in shown.cells.values()] == ["NaN", "1"]
    drawing = arrays.explain("x[5:] + 1", x=np.ones(3))
    assert titles(drawing)[-1] == "x[5:] + 1: shape (0,)"
    assert "size 0" in drawing.svg


# --- the box -----------------------------------------------------------------------------------------


def test_a_box_draws_what_is_typed_and_tells_what_cannot_be_drawn():
    box = arrays.ExpressionBox("M + v", M=MATRIX, v=VECTOR)
    assert box.drawing is not None and clashing(box.drawing) == ["2", "3"]
    box.set("M + v[:, None]")
    assert box.drawing is not None
    assert box.drawing.text == arrays.explain("M + v[:, None]", M=MATRIX, v=VECTOR).text
    box.set("M <script>alert(1)</script>")
    assert box.drawing is None and "no expression" in box.told
    html = box._shown()["text/html"]
    assert "<script>" not in html and "no expression" in html
    assert "M (3, 2)" in html and "v (3,)" in html


def test_typing_redraws_the_picture(monkeypatch):
    import IPython.display

    shown = []

    class Picture:
        def update(self, data, raw):
            shown.append(data["text/html"])

    def display(thing, **how):
        shown.append(thing)
        return Picture()

    monkeypatch.setattr(IPython.display, "display", display)
    box = arrays.ExpressionBox("v", v=VECTOR)
    box._ipython_display_()
    text = shown[0]
    text.value = "v * 2"
    assert len(shown) == 3 and "v * 2: shape (3,)" in shown[-1]
    text.value = "v * "
    assert "no expression" in shown[-1]
