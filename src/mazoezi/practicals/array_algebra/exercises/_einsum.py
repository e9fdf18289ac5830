"""Checks of A37, what to write between the quotation marks of `einsum`, and of its laboratory, A37.1."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from mazoezi.course import code_exercise, experiment_exercise
from mazoezi.practicals.array_algebra.labs import FORMULAS, OWN, EinsumLab

_FORMULAS = {
    "trace": "ii->",
    "diagonal": "ii->i",
    "transpose": "ij->ji",
    "row sums": "ij->i",
    "dot products of rows": "ij,ij->i",
    "matrix product": "ik,kj->ij",
    "products of a batch": "bik,bkj->bij",
    "outer product": "i,j->ij",
    "bilinear form": "i,ij,j->",
    "attention scores": "hqd,hkd->hqk",
}

# What each formula should compute, said without einsum.
_COMPUTED: dict[str, Callable] = {
    "trace": np.trace,
    "diagonal": np.diagonal,
    "transpose": np.transpose,
    "row sums": lambda a: np.sum(a, axis=1),
    "dot products of rows": lambda a, b: np.sum(a * b, axis=1),
    "matrix product": np.matmul,
    "products of a batch": np.matmul,
    "outer product": np.outer,
    "bilinear form": lambda x, a, y: x @ a @ y,
    "attention scores": lambda q, k: q @ k.swapaxes(1, 2),
}

# All sizes differ, so that no two axes can be confused.
_SHAPES = {
    "trace": [(3, 3)],
    "diagonal": [(3, 3)],
    "transpose": [(2, 3)],
    "row sums": [(2, 3)],
    "dot products of rows": [(2, 3), (2, 3)],
    "matrix product": [(2, 3), (3, 4)],
    "products of a batch": [(5, 2, 3), (5, 3, 4)],
    "outer product": [(2,), (3,)],
    "bilinear form": [(2,), (2, 3), (3,)],
    "attention scores": [(2, 3, 5), (2, 4, 5)],
}


def _einsum_formulas():
    return dict(_FORMULAS)


einsum_formulas = code_exercise("A37", reference=_einsum_formulas)


def _kinds(answer: Callable) -> Callable:
    """Say of what kind the values of the answer's dictionary are, and not which."""

    def run() -> Any:
        given = answer()
        if not isinstance(given, dict):
            return given
        return {
            name: "a text" if isinstance(value, str) else f"of type {type(value).__name__}"
            for name, value in given.items()
        }

    return run


@einsum_formulas.case("a dictionary with a text for each of the ten names", run=_kinds)
def _(rng):
    yield ()


def _computes(name: str) -> None:
    """Add the property that the formula of this name computes what it should."""

    @einsum_formulas.property(name)
    def _(answer, rng):
        formula = answer()[name]
        arrays = [rng.integers(-9, 10, size=shape) for shape in _SHAPES[name]]
        expected = _COMPUTED[name](*arrays)
        told = f"The {name}, with {_listed(_SHAPES[name])}: "
        problem = _misfit(formula, _SHAPES[name])
        assert problem is None, f"{told}`{formula}` cannot be read. {problem}"
        try:
            result = np.asarray(jnp.einsum(formula, *map(jnp.asarray, arrays)))
        except Exception as error:
            raise AssertionError(f"{told}`{formula}` cannot be read. {error}") from None
        assert result.shape == np.shape(expected), (
            f"{told}`{formula}` gives {_shape(result)}; expected {_shape(expected)}. "
            f"{_summed(formula)}"
        )
        assert np.array_equal(result, expected), (
            f"{told}`{formula}` gives the right shape, {_shape(result)}, and other numbers. "
            f"{_summed(formula)}"
        )


for _name in _FORMULAS:
    _computes(_name)


def _shape(array: Any) -> str:
    return f"shape {np.shape(array)}" if np.shape(array) else "a number, of shape ()"


def _listed(shapes: list[tuple[int, ...]]) -> str:
    word = "an array of shape" if len(shapes) == 1 else "arrays of shapes"
    return f"{word} {' and '.join(map(str, shapes))}"


def _parts(formula: str) -> tuple[list[str], str | None]:
    """Return the letters of each array, and those right of the arrow (None without an arrow)."""
    left, arrow, right = formula.replace(" ", "").partition("->")
    return left.split(","), right if arrow else None


def _misfit(formula: str, shapes: list[tuple[int, ...]]) -> str | None:
    """Return why a formula cannot be used on arrays of these shapes, or None."""
    inputs, output = _parts(formula)
    if "." in formula:  # an ellipsis stands for any axes: einsum itself shall say
        return None
    if len(inputs) != len(shapes):
        return (
            f"It has letters for {len(inputs)} arrays and is given {len(shapes)}: write one group of "
            "letters for each array, with a comma between them."
        )
    sizes: dict[str, int] = {}
    for letters, shape in zip(inputs, shapes, strict=True):
        if len(letters) != len(shape):
            return f"An array with {len(shape)} axes needs as many letters, and `{letters}` are {len(letters)}."
        for letter, size in zip(letters, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                return (
                    f"The letter {letter} stands for an axis of size {sizes[letter]} and for one of "
                    f"size {size}. Only axes that run together share a letter."
                )
    unknown = [letter for letter in output or "" if letter not in sizes]
    if unknown:
        return f"The letter {unknown[0]} stands right of the arrow and not left of it."
    twice = [letter for letter in output or "" if (output or "").count(letter) > 1]
    return f"The letter {twice[0]} stands twice right of the arrow." if twice else None


def _summed(formula: str) -> str:
    """Say which letters a formula sums over."""
    inputs, output = _parts(formula)
    letters = "".join(inputs)
    if output is None:
        return "Without an arrow, letters that occur once stay, in alphabetical order."
    gone = sorted({letter for letter in letters if letter.isalpha()} - set(output))
    if not gone:
        return "No letter is missing right of the arrow, so it sums over nothing."
    listed = " and ".join(gone)
    return f"It sums over {listed}: a letter that is missing right of the arrow is summed."


@einsum_formulas.note
def gradient(answer):
    """Tell that the bilinear form can be differentiated, and what its gradient is."""
    import jax

    x, a, y = (jnp.asarray(np.arange(1.0, np.prod(s) + 1).reshape(s)) for s in ((2,), (2, 3), (3,)))
    slope = jax.grad(lambda x: jnp.einsum(answer()["bilinear form"], x, a, y))(x)
    same = bool(jnp.allclose(slope, jnp.einsum("ij,j->i", a, y)))
    return (
        "JAX differentiates through einsum: the gradient of your bilinear form by x "
        f"{'is' if same else 'is not'} `ij,j->i` of A and y, the formula without x."
    )


def _with(**changed: str) -> dict[str, str]:
    """Return the right formulas with some replaced; `_` in a name stands for a space."""
    return {**_FORMULAS, **{name.replace("_", " "): new for name, new in changed.items()}}


@einsum_formulas.mistake(
    "Right of your arrows nothing stands, or not the right letters: only the trace and the bilinear "
    "form end in a number. Every axis that should stay needs its letter right of the arrow."
)
def nothing_kept():
    return {name: f"{formula.partition('->')[0]}->" for name, formula in _FORMULAS.items()}


@einsum_formulas.mistake(
    "Both matrix products are wrong, of one pair and of a batch. The columns of the left matrix run "
    "together with the *rows* of the right one, so these two axes share a letter; the other two stay."
)
def second_factor_transposed():
    return _with(matrix_product="ik,jk->ij", products_of_a_batch="bik,bjk->bij")


@einsum_formulas.mistake(
    "The products of a batch and the attention scores both have an axis that runs along: the batch, "
    "the heads. It has the same letter in both arrays, and stays: it is not summed."
)
def batch_summed():
    return _with(products_of_a_batch="bik,bkj->ij", attention_scores="hqd,hkd->qk")


@einsum_formulas.mistake(
    "Only the trace is wrong. Both axes carry the same letter, which picks the diagonal; and nothing "
    "stands right of the arrow, so that the diagonal is summed."
)
def trace_not_summed():
    return _with(trace="ii->i")


@einsum_formulas.mistake(
    "Only the diagonal is wrong. The same letter twice picks it, and it should stay a vector: the letter "
    "stands right of the arrow, once."
)
def diagonal_summed():
    return _with(diagonal="ii->")


@einsum_formulas.mistake(
    "Only the transpose is wrong. No letter is lost; the order right of the arrow is the order of the "
    "axes of the result."
)
def transpose_left_alone():
    return _with(transpose="ij->ij")


@einsum_formulas.mistake(
    "Only the row sums are wrong. One number for each row is asked: the row's letter stays, and the "
    "column's letter goes."
)
def column_sums():
    return _with(row_sums="ij->j")


@einsum_formulas.mistake(
    "Only the dot products of rows are wrong. Row i of one matrix meets row i of the other, and no other "
    "row: both rows have the same letter, which stays, and so have both columns, which are summed."
)
def every_row_with_every_row():
    return _with(dot_products_of_rows="ij,kj->ik")


@einsum_formulas.mistake(
    "Only the matrix product is wrong. Three letters: one for the rows of the left matrix, one for the "
    "columns of the right one, which both stay, and one for the axes that run together, which is "
    "summed."
)
def column_letter_missing():
    return _with(matrix_product="ik,kj->i")


@einsum_formulas.mistake(
    "Only the products of a batch are wrong. Begin with the matrix product, and put the batch's letter "
    "in front of all three groups."
)
def matrices_of_the_batch_added():
    return _with(products_of_a_batch="bik,bkj->ij")


@einsum_formulas.mistake(
    "Only the outer product is wrong. Each vector has a letter of its own, and both stay: nothing is "
    "summed."
)
def outer_summed():
    return _with(outer_product="i,j->i")


@einsum_formulas.mistake(
    "Only the bilinear form is wrong. x runs along the rows of A and y along its columns, and the "
    "result is a number: no letter stays."
)
def bilinear_left_a_vector():
    return _with(bilinear_form="i,ij,j->i")


@einsum_formulas.mistake(
    "Only the attention scores are wrong. Queries and keys share the head and the features; the "
    "features are summed, and the head, the query and the key stay, in this order."
)
def scores_per_key_first():
    return _with(attention_scores="hqd,hkd->hkq")


@einsum_formulas.alternative
def with_other_letters():
    return {
        "trace": "aa->",
        "diagonal": "aa->a",
        "transpose": "rc->cr",
        "row sums": "rc->r",
        "dot products of rows": "rc,rc->r",
        "matrix product": "mn,np->mp",
        "products of a batch": "xmn,xnp->xmp",
        "outer product": "m,n->mn",
        "bilinear form": "r,rc,c->",
        "attention scores": "hqw,hkw->hqk",
    }


@einsum_formulas.alternative
def without_arrows_where_it_can_be():
    return {
        "trace": "ii",
        "diagonal": "ii->i",
        "transpose": "ba",
        "row sums": "ij->i",
        "dot products of rows": "ij,ij->i",
        "matrix product": "ij,jk",
        "products of a batch": "bij,bjk->bik",
        "outer product": "i,j",
        "bilinear form": "i,ij,j",
        "attention scores": "hqd,hkd->hqk",
    }


@einsum_formulas.alternative
def with_an_ellipsis():
    return {
        "trace": "ii -> ",
        "diagonal": "ii -> i",
        "transpose": "i j -> j i",
        "row sums": "...j -> ...",
        "dot products of rows": "...j, ...j -> ...",
        "matrix product": "...ik, ...kj -> ...ij",
        "products of a batch": "...ik, ...kj -> ...ij",
        "outer product": "i, j -> i j",
        "bilinear form": "i, i j, j -> ",
        "attention scores": "...qd, ...kd -> ...qk",
    }


# --- A37.1 A laboratory for einsum ----------------------------------------------------------------

einsum_lab = experiment_exercise("A37.1")

_PRODUCT = "ik,kj->ij"


def _own(lab):
    """Return what was found with two arrays of own letters, where the formula could be read."""
    readable = [
        visit.results
        for visit in lab.visited
        if visit.controls["formula"] == OWN and not visit.results["problem"]
    ]
    return [results for results in readable if "," in results["formula"]]


@einsum_lab.task("1: two arrays, and every line hangs down by itself")
def _(lab, rng):
    assert any(visit.controls["formula"] == OWN for visit in lab.visited), (
        "You have chosen from the list only. Set the first control to `own letters`, and then the "
        "letters themselves."
    )
    assert _own(lab), (
        "None of your own formulas joins two arrays in a way that can be read. Give A and B letters "
        "each, and right of the arrow only letters that stand left of it."
    )
    loose = [one for one in _own(lab) if not one["summed"] and not one["shared"]]
    assert loose, (
        "No formula of yours keeps the letters of A and of B all apart: let the two have no letter in "
        "common, and write all letters right of the arrow."
    )


@einsum_lab.task("2: two arrays, and no line hangs down")
def _(lab, rng):
    assert any(not one["stay"] for one in _own(lab)), (
        "In all your formulas of two arrays some line hangs down. What must stand right of the arrow, if "
        "the result is a number?"
    )


@einsum_lab.task("3: a letter of both arrays that stays, beside one that is summed")
def _(lab, rng):
    assert any(one["shared"] for one in _own(lab)), (
        "No letter of yours belongs to both arrays and stays. Give A and B a letter in common, and write "
        "it right of the arrow as well."
    )
    assert any(one["shared"] and one["summed"] for one in _own(lab)), (
        "You have a letter that both arrays share and that stays; but nothing is summed beside it. Give "
        "both a second letter in common, and leave that one out right of the arrow."
    )


@einsum_lab.task("4: a matrix product, and one with all three sizes doubled")
def _(lab, rng):
    products = {
        tuple(visit.controls[letter] for letter in "ijk")
        for visit in lab.visited
        if visit.results["formula"] == _PRODUCT
    }
    assert products, (
        f"You have not looked at `{_PRODUCT}` with other sizes yet: choose it, and double."
    )
    start = tuple(lab.controls[letter].start for letter in "ijk")
    seen = {start, *products}
    assert any(tuple(2 * size for size in sizes) in seen for sizes in seen), (
        f"Among your settings of `{_PRODUCT}` no two differ by the factor 2 in all of i, j and k."
    )


def _used(*settings):
    lab = EinsumLab()
    for setting in settings:
        lab.set(**setting)
    return lab


def _letters(first, second, result):
    return {"formula": OWN, "first": first, "second": second, "result": result}


_DOUBLED = {"formula": _PRODUCT, "i": 4, "j": 8, "k": 6}


@einsum_lab.mistake(
    "You went through the list. Now make formulas of your own: the first control has `own letters` as its "
    "last entry, and the three below it then count."
)
def only_the_list():
    return _used(*({"formula": formula} for formula in FORMULAS))


@einsum_lab.mistake(
    "Your two arrays always have a letter in common, which joins them. Begin with two vectors, i and j, "
    "and keep both letters."
)
def always_joined():
    return _used(_letters("ik", "kj", "ij"), _letters("ij", "j", "i"))


@einsum_lab.mistake(
    "The outer product is there. For a number nothing stands right of the arrow: every letter is summed."
)
def never_a_number():
    return _used(_letters("i", "j", "ij"), _letters("ik", "kj", "ij"))


@einsum_lab.mistake(
    "Two are done. For the third, think of many matrix products side by side: the letter b says which of "
    "them, in A, in B and in the result."
)
def never_a_batch():
    return _used(_letters("i", "j", "ij"), _letters("ij", "ij", "(none)"), _DOUBLED)


@einsum_lab.mistake(
    "You have multiplied cell by cell, so that all letters stay. Now sum one of them, as in the product of "
    "a row with a column, for each b by itself."
)
def cell_by_cell():
    return _used(
        _letters("i", "j", "ij"), _letters("ij", "ij", "(none)"), _letters("ij", "ij", "ij")
    )


@einsum_lab.mistake(
    "The three pictures are there. The last task is about cost: move all three sliders i, j and k to twice "
    "their value, and read the multiply-adds before and after."
)
def one_size_doubled():
    return _used(
        _letters("i", "j", "ij"),
        _letters("ij", "ij", "(none)"),
        _letters("bik", "bkj", "bij"),
        {"formula": _PRODUCT, "i": 4},
    )


@einsum_lab.alternative
def one_after_the_other():
    return _used(
        _letters("i", "j", "ij"),
        _letters("ij", "ij", "(none)"),
        _letters("bik", "bkj", "bij"),
        _DOUBLED,
    )


@einsum_lab.alternative
def in_another_order_and_with_problems():
    return _used(
        _letters("ik", "kj", "b"),  # b stands right of the arrow only
        {"formula": _PRODUCT, "i": 3, "j": 5, "k": 1},
        _letters("bij", "bij", "b"),
        _letters("ik", "ki", "(none)"),
        {"formula": _PRODUCT, "i": 6, "j": 10, "k": 2},
        _letters("b", "ij", "bij"),
    )
