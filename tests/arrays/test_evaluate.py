"""What an array expression gives step by step, against Python's own evaluation, and what is refused."""

import time

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mazoezi._errors import ArgumentError, MazoeziError
from mazoezi.arrays._allowed import FUNCTIONS, METHODS
from mazoezi.arrays._evaluate import ALLOWED, Clash, Step, evaluate, steps

SCOPE = {
    "a": np.arange(6.0).reshape(2, 3) - 2,
    "b": np.array([10, 20]),
    "c": np.array([3, 1, 2]),
    "x": np.arange(24).reshape(2, 3, 4),
    "s": np.array([[2.0, 1.0, 0.0], [0.5, 3.0, 1.0], [4.0, 1.0, 5.0]]),
    "m": np.array([True, False, True]),
    "pixels": np.array([200, 100, 7], np.uint8),
    "n": 2,
    "half": 0.5,
    "nested": [[1, 2], [3, 4]],
    "perm": (2, 0, 1),
    "nothing": None,
}

EXPRESSIONS = [
    "a + b[:, None]", "a * a - a / 2", "a // 2 + a % 2", "a ** 2", "s @ s", "s @ s.T", "a @ s",
    "s @ c", "c @ s", "c @ c", "x @ s[:, :1].repeat", "-a", "+a", "~m", "a > 0", "a >= b[:, None]",
    "a == 0", "a != 0", "a < c", "(a > 0) & (a < 3)", "(a > 0) | m", "a * -1", "2 * a + 3", "a * n",
    "n * n", "n ** 3", "a * half", "(1 + 2) * a", "2 ** -1 * a", "a / a.shape[1]", "a.sum() / a.size",
    "a * x.ndim", "np.pi * a", "nested + b", "1 / b", "b / 0", "pixels * 2", "pixels + pixels * n",
    "x[0]", "x[-1, 2]", "x[1, :, 2]", "x[..., 0]", "x[None]", "x[:, np.newaxis, 1]", "x[0, 0, 0]",
    "x[1:, ::2, ::-1]", "x[:, 1:2, -3:-1]", "x[[0, 1, 1]]", "x[:, [2, 0]]", "x[0, :, [1, 2]]",
    "x[:, 0, [1, 2]]", "x[[0, 1], :, [1, 2]]", "x[:, c[1:], ..., c[1:]]", "x[b > 10]", "a[a > 0]",
    "x[:, m]", "x[a > 0]", "x[n - 1]", "x[:n, :n]", "x[b // 10 - 1]", "c[c.argmin()]", "a[:, c > 1]",
    "x[()]", "a[[True, False]]", "c[[]]", "x[0, [[0, 1], [1, 2]]]", "x[:, None, :, None].shape[0] * c",
    "a.T", "x.T", "x.transpose(2, 0, 1)", "x.transpose((2, 0, 1))", "x.transpose()",
    "x.transpose(perm)", "x.transpose(None)", "np.transpose(x, (-1, 0, 1))", "x.swapaxes(0, -1)",
    "x.reshape(6, 4)", "x.reshape((4, -1))", "x.reshape(-1)", "x.reshape(x.shape[0], -1)",
    "x.reshape(x.shape[::-1])", "x.reshape((1,) + x.shape[1:] + (2,))", "x.ravel()", "x.flatten()",
    "x.sum()", "x.sum(0)", "x.sum(axis=1)", "x.sum(axis=(0, 2))", "x.mean(axis=-1, keepdims=True)",
    "x - x.mean(axis=1, keepdims=True)", "x.sum(axis=x.ndim - 1)", "x.max(axis=0).min()", "x.prod(2)",
    "x.std(axis=0)", "x.var(axis=1, ddof=1)", "(x > 3).any(axis=0)", "(x > 3).all()", "x.cumsum()",
    "x.cumsum(axis=1)", "x.argmax(axis=1)", "x.argmin()", "a.round()", "a.clip(-1, 1)", "a.clip(max=0)",
    "a.astype(int)", "a.astype('float32')", "a.astype(np.int8) * 2", "x[:1].squeeze()",
    "x[:1].squeeze(axis=0)", "np.array([[1, 2], [3, 4]]) @ b", "np.array([1, n, half])",
    "np.array([1, 2], dtype=float)", "np.array(3) + c", "np.array(((1, 2), (3, 4)))", "np.sum([1, 2, 3])",
    "np.where(a > 0, a, 0)", "np.stack([a, a * 2], axis=1)", "np.stack((b, b))",
    "np.concatenate([a, s], axis=0)", "np.concatenate([a, a], 1)", "np.concatenate([a, s], axis=None)",
    "np.einsum('ij,kj->ik', a, s)", "np.einsum('ii', s)", "np.einsum('ij->j', a)",
    "np.einsum('b i j, b j k -> b i k', x, x.swapaxes(1, 2))", "np.einsum('i,j', b, c)",
    "np.einsum('zA', a)", "np.einsum('ij,ij->ij', a[:1], a)", "np.dot(x, s[0:1, :1] * np.ones((4, 5)))",
    "np.zeros(3)", "np.ones((2, n))", "np.full((2, 2), 7)", "np.eye(3, 4, k=1)", "np.arange(2, 11, 3)",
    "np.arange(0.0, 1.0, 0.25)", "np.arange(x.size).reshape(x.shape)", "np.arange(5, 2)",
    "(a +\n b[:, None])", "  a  # with blanks and a comment  ", "np.exp(a) / np.exp(a).sum()",
    "((a - a.mean(axis=0)) / a.std(axis=0))[0]", "np.nan * c", "np.log(a)", "x[x.shape[0] - 1, -1]",
]  # fmt: skip
EXPRESSIONS.remove("x @ s[:, :1].repeat")

CALLS = {
    "exp": "exp(a)", "log": "log(c)", "sqrt": "sqrt(c)", "square": "square(a)", "sin": "sin(a)",
    "cos": "cos(a)", "tanh": "tanh(a)", "sign": "sign(a)", "floor": "floor(a / 2)",
    "ceil": "ceil(a / 2)", "isnan": "isnan(a / a)", "logical_not": "logical_not(m)",
    "add": "add(a, c)", "subtract": "subtract(a, 1)", "multiply": "multiply(a, c)",
    "divide": "divide(a, c)", "maximum": "maximum(a, 0)", "minimum": "minimum(a, c)",
    "logical_and": "logical_and(m, c > 1)", "logical_or": "logical_or(m, c > 1)", "abs": "abs(a)",
    "power": "power(c, 2)", "where": "where(m, a, c)", "clip": "clip(a, 0, 2)",
    "round": "round(a / 3, 2)", "sum": "sum(a, 1)", "mean": "mean(x, axis=(0, 1))",
    "prod": "prod(a, axis=0)", "median": "median(x, axis=1)", "any": "any(a > 0, axis=0)",
    "all": "all(a > 0, axis=0)", "std": "std(a, ddof=1)", "var": "var(a, axis=1)",
    "max": "max(a, axis=1, keepdims=True)", "min": "min(x, (0, 2))", "argmax": "argmax(a, axis=1)",
    "argmin": "argmin(a, 0)", "cumsum": "cumsum(a, axis=0)", "cumprod": "cumprod(c)",
    "sort": "sort(s, axis=0)", "flip": "flip(x, (0, 2))", "transpose": "transpose(x)",
    "swapaxes": "swapaxes(x, 0, 2)", "moveaxis": "moveaxis(x, (0, 1), (-1, 0))",
    "expand_dims": "expand_dims(x, (0, -1))", "squeeze": "squeeze(x[:, :1])",
    "reshape": "reshape(x, (3, -1))", "ravel": "ravel(x)", "broadcast_to": "broadcast_to(c, (2, 3))",
    "stack": "stack([a, a], -1)", "concatenate": "concatenate((a, a))", "repeat": "repeat(a, [2, 1], 0)",
    "tile": "tile(c, (2, 2))", "array": "array([1, 2])", "asarray": "asarray(a)",
    "arange": "arange(4)", "linspace": "linspace(0, 1, 5)", "zeros": "zeros((2, 3), dtype=int)",
    "ones": "ones(4)", "full": "full((2,), 0.5)", "eye": "eye(3)", "zeros_like": "zeros_like(a)",
    "ones_like": "ones_like(c, dtype=bool)", "outer": "outer(b, c)", "dot": "dot(a, c)",
    "matmul": "matmul(a, s)", "einsum": "einsum('ij,j->i', a, c)",
}  # fmt: skip


def by_python(expression, **scope):
    with np.errstate(all="ignore"):
        return eval(expression.strip(), {"np": np, "jnp": jnp}, scope or SCOPE)


def value(expression, scope=None) -> np.ndarray:
    step = evaluate(expression, scope or SCOPE)
    assert step.value is not None, step
    return step.value


def clash(expression, scope=None) -> Clash:
    """Return the clash of the last step that was evaluated."""
    last = steps(evaluate(expression, scope or SCOPE))[-1]
    assert last.value is None and last.clash is not None
    return last.clash


def sources(step: Step) -> list[str]:
    return [one.source for one in steps(step)]


# Values


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_has_pythons_value(expression):
    expected = by_python(expression)
    got = value(expression)
    np.testing.assert_allclose(got, expected, rtol=1e-14)
    assert got.shape == np.shape(expected)
    assert got.dtype == np.asarray(expected).dtype


def test_each_function_has_numpys_value_under_each_of_its_names():
    assert CALLS.keys() == FUNCTIONS.keys()
    for name, call in CALLS.items():
        expected = by_python(f"np.{call}")
        for text in (f"np.{call}", f"jnp.{call}", call):
            np.testing.assert_allclose(value(text), expected, rtol=1e-14, err_msg=text)
        step = evaluate(call, SCOPE)
        assert (step.kind, step.sign) == ("call", name)


def test_everything_allowed_is_documented():
    assert {name for name in ALLOWED if not name.startswith(".")} == FUNCTIONS.keys()
    assert {f".{name}" for name in METHODS} < ALLOWED.keys()
    assert {".T", ".shape", ".ndim", ".size"} < ALLOWED.keys()
    assert ALLOWED["sum"] == "sum(a, axis=None, keepdims=False)"
    assert ALLOWED[".reshape"] == "x.reshape(*shape)"


def test_jax_arrays_are_computed_with_as_numpys():
    scope = {"a": jnp.arange(3), "low": jnp.ones(2, jnp.bfloat16), "deep": np.zeros((1,) * 6)}
    step = evaluate("a[:, None] * low", scope)
    assert isinstance(step.value, np.ndarray)
    np.testing.assert_array_equal(step.value, [[0, 0], [1, 1], [2, 2]])
    assert value("deep[0]", scope).shape == (1,) * 5


def test_a_step_keeps_its_value_when_the_array_is_changed_afterwards():
    array = np.zeros(3)
    step = evaluate("a[1:]", {"a": array})
    array[:] = 7
    np.testing.assert_array_equal(step.value, [0, 0])


@given(
    hnp.arrays(float, hnp.array_shapes(max_dims=3, max_side=4), elements=st.floats(-5, 5)),
    st.sampled_from(["sum", "mean", "max", "min", "argmax", "prod", "std"]),
    st.booleans(),
    st.data(),
)
def test_reductions_are_numpys(array, function, keepdims, data):
    axis = data.draw(st.none() | st.integers(-array.ndim, array.ndim - 1))
    text = f"np.{function}(a, axis={axis}, keepdims={keepdims})"
    np.testing.assert_allclose(value(text, {"a": array}), by_python(text, a=array), rtol=1e-12)


# Whether it fits: exactly where NumPy says so


def agrees_with_numpy(expression, **scope) -> Step:
    """Assert that an expression has NumPy's value, and a clash exactly when NumPy raises."""
    step = evaluate(expression, scope)
    try:
        expected = by_python(expression, **scope)
    except (ValueError, IndexError):
        assert step.value is None and step.clash is not None, expression
    else:
        assert step.value is not None, (expression, step.clash)
        np.testing.assert_array_equal(step.value, expected)
        assert step.value.shape == np.shape(expected)
    return step


def numbered(*shape) -> np.ndarray:
    return np.arange(np.prod(shape, dtype=int)).reshape(shape)


SIZES = st.integers(-5, 5)
PARTS = st.one_of(
    SIZES.map(str),
    st.tuples(*[st.none() | SIZES] * 2, st.none() | st.sampled_from([-2, -1, 1, 2, 3])).map(
        lambda s: ":".join("" if one is None else str(one) for one in s)
    ),
    st.just("None"),
    st.lists(st.integers(-4, 4), min_size=1, max_size=3).map(str),
    st.lists(st.booleans(), min_size=1, max_size=4).map(str),
    st.just(":"),
)


@st.composite
def indices(draw):
    """Draw what stands in square brackets; one `...` at most, no more than six axes."""
    parts = draw(st.lists(PARTS, max_size=4))
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), "...")
    while parts.count("None") > 2:
        parts.remove("None")
    return ", ".join(parts) if parts else "()"


@settings(max_examples=400)
@given(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4), indices())
def test_an_index_fits_exactly_when_numpy_takes_it(shape, index):
    agrees_with_numpy(f"x[{index}]", x=numbered(*shape))


SHAPES = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@settings(max_examples=200)
@given(SHAPES, SHAPES, st.sampled_from(["+", "-", "*", "<", "=="]))
def test_shapes_broadcast_exactly_when_numpy_takes_them(left, right, sign):
    step = agrees_with_numpy(f"a {sign} b", a=numbered(*left), b=numbered(*right))
    if step.clash is not None:
        assert step.clash.shapes == (left, right)
        differing = {
            -k
            for k, (p, q) in enumerate(zip(left[::-1], right[::-1], strict=False), 1)
            if p != q and 1 not in (p, q)
        }
        assert {pair[0] for pair in step.clash.axes} == differing
        assert all(p == q for p, q in step.clash.axes)


@settings(max_examples=100)
@given(SHAPES, SHAPES, st.sampled_from(["a @ b", "np.dot(a, b)"]))
def test_products_fit_exactly_when_numpy_takes_them(left, right, product):
    if len(left) + len(right) < 9:
        agrees_with_numpy(product, a=numbered(*left), b=numbered(*right))


@settings(max_examples=100)
@given(st.lists(SHAPES, min_size=3, max_size=3))
def test_a_choice_between_arrays_fits_exactly_when_numpy_takes_it(shapes):
    c, a, b = (numbered(*shape) for shape in shapes)
    agrees_with_numpy("np.where(c > 0, a, b)", c=c, a=a, b=b)


NEAR = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


@settings(max_examples=100)
@given(NEAR, NEAR, st.integers(-4, 4), st.sampled_from(["stack", "concatenate"]))
def test_arrays_are_joined_exactly_when_numpy_joins_them(left, right, axis, function):
    for other in (left, right):
        agrees_with_numpy(
            f"np.{function}([a, b, a], axis={axis})", a=numbered(*left), b=numbered(*other)
        )


@settings(max_examples=100)
@given(
    NEAR, st.lists(st.integers(1, 6), max_size=3), st.lists(st.integers(-3, 3), min_size=1, max_size=3),
    st.integers(-4, 4),
)  # fmt: skip
def test_axes_are_moved_exactly_when_numpy_moves_them(shape, wanted, axes, axis):
    x = numbered(*shape)
    agrees_with_numpy(f"np.reshape(x, {tuple(wanted)})", x=x)
    agrees_with_numpy(f"np.reshape(x, {(*wanted, -1)})", x=x)
    agrees_with_numpy(f"np.broadcast_to(x, {tuple(wanted)})", x=x)
    agrees_with_numpy(f"x.transpose({tuple(axes)})", x=x)
    agrees_with_numpy(f"x.swapaxes({axis}, {axes[0]})", x=x)
    agrees_with_numpy(f"np.moveaxis(x, {axis}, {axes[0]})", x=x)
    agrees_with_numpy(f"np.expand_dims(x, {axis})", x=x)
    agrees_with_numpy(f"np.squeeze(x, {axis})", x=x)
    agrees_with_numpy(f"x.sum(axis={tuple(axes)})", x=x)
    agrees_with_numpy(f"np.flip(x, {axis})", x=x)
    agrees_with_numpy(f"np.repeat(x, {[2] * len(axes)}, {axis})", x=x)


@settings(max_examples=100)
@given(
    st.lists(st.text("ijk", max_size=3), min_size=2, max_size=2),
    st.lists(NEAR | st.just(()), min_size=2, max_size=2),
    st.permutations("ijk"),
)
def test_einsum_fits_exactly_when_numpy_takes_it(terms, shapes, order):
    output = "".join(one for one in order if one in terms[0] + terms[1])
    a, b = (numbered(*shape) for shape in shapes)
    for formula in (f"{terms[0]},{terms[1]}->{output}", f"{terms[0]},{terms[1]}"):
        agrees_with_numpy(f"np.einsum('{formula}', a, b)", a=a, b=b)


# What a clash says


@pytest.mark.parametrize(
    ("expression", "words", "axes", "shapes"),
    [
        ("a + b", ("(2, 3) and (2,)", "3 meets 2", "`b[:, None]` of shape (2, 1)"), [(-1, -1)],
         [(2, 3), (2,)]),
        ("b + a", ("2 meets 3", "`b[:, None]` of shape (2, 1)"), [(-1, -1)], [(2,), (2, 3)]),
        ("(b + 1) * a", ("`(b + 1)[:, None]`",), [(-1, -1)], [(2,), (2, 3)]),
        ("x - a", ("4 meets 3", "`a[:, :, None]` of shape (2, 3, 1)"), [(-1, -1), (-2, -2)],
         [(2, 3, 4), (2, 3)]),
        ("b * c", ("2 meets 3", "every value with every other", "`b[:, None]`"), [(-1, -1)],
         [(2,), (3,)]),
        ("a + np.ones((3, 2))", ("`np.ones((3, 2)).T` of shape (2, 3) would fit",),
         [(-1, -1), (-2, -2)], [(2, 3), (3, 2)]),
        ("x + np.ones((5, 5))", ("to be indexed away, summed over or moved",), [(-1, -1), (-2, -2)],
         [(2, 3, 4), (5, 5)]),
        ("a @ a", ("size 3", "size 2", "`a.T` of shape (3, 2) would fit"), [(-1, -2)],
         [(2, 3), (2, 3)]),
        ("b @ a.T", ("size 2, meets the last axis but one", "size 3", "`a.T.T`"), [(-1, -2)],
         [(2,), (3, 2)]),
        ("a @ b", ("only axis", "`a.T` of shape (3, 2)"), [(-1, -1)], [(2, 3), (2,)]),
        ("a @ np.ones((4, 5))", ("transposed, or do you mean `*`",), [(-1, -2)], [(2, 3), (4, 5)]),
        ("a @ 2", ("`2` is one number", "Write `*`"), [], [(2, 3), ()]),
        ("np.ones((2, 3, 4)) @ np.ones((3, 4, 2))", ("axes before the last two", "(2,) and (3,)"),
         [(-3, -3)], [(2, 3, 4), (3, 4, 2)]),
        ("x[2]", ("Index 2", "axis 0", "size 2", "largest index is 1"), [(-3, -3)], [(2, 3, 4)]),
        ("x[:, -4]", ("Index -4", "axis 1", "smallest index is -3"), [(-2, -2)], [(2, 3, 4)]),
        ("x[..., [0, 4]]", ("Index 4", "axis 2", "largest index is 3"), [(-1, -1)], [(2, 3, 4)]),
        ("np.zeros((0, 3))[0]", ("size 0", "nothing to take"), [(-2, -2)], [(0, 3)]),
        ("a[0, 1, 2]", ("speaks of 3 axes", "(2, 3) has 2 axes"), [], [(2, 3)]),
        ("c[0][0]", ("speaks of 1 axis", "no axes"), [], [()]),
        ("x[b > 0, [0, 1, 2]]", ("shapes (2,) and (3,)",), [(-3, -3), (-2, -2)], [(2, 3, 4)]),
        ("x[:, b > 10]", ("mask has the shape (2,)", "(3,)"), [(-2, -2)], [(2, 3, 4)]),
        ("x[[0, 1], [0, 1, 2]]", ("(2,) and (3,)", "one length"), [(-3, -3), (-2, -2)],
         [(2, 3, 4)]),
        ("c.sum(axis=1)", ("no axis 1", "(3,)", "only axis is 0"), [], [(3,)]),
        ("x.sum(axis=3)", ("no axis 3", "0, 1 and 2"), [], [(2, 3, 4)]),
        ("c[0].sum(axis=0)", ("one number without axes",), [], [()]),
        ("a.sum(axis=0).sum(axis=1)", ("`sum` before took axes away",), [], [(3,)]),
        ("x.sum(axis=(0, -3))", ("Axis 0", "twice"), [(-3, -3)], [(2, 3, 4)]),
        ("x.reshape(5, 5)", ("24 cells", "(5, 5) has 25", "-1"), [], [(2, 3, 4)]),
        ("x.reshape(5, -1)", ("24 cells", "groups of 5", "divides 24"), [], [(2, 3, 4)]),
        ("x.transpose(0, 1)", ("(0, 1) is no order", "(0, 1, 2) once"), [], [(2, 3, 4)]),
        ("x.transpose(0, 1, 1)", ("(0, 1, 1) is no order",), [], [(2, 3, 4)]),
        ("x.swapaxes(0, 3)", ("no axis 3",), [], [(2, 3, 4)]),
        ("np.expand_dims(c, 2)", ("new axis 2", "(0, 1)"), [], [(3,)]),
        ("np.squeeze(a, 0)", ("size 1 only", "axis 0 of `a` has size 2"), [(-2, -2)], [(2, 3)]),
        ("np.broadcast_to(b, (2, 3))", ("(2,) cannot be repeated to the shape (2, 3)",),
         [(-1, -1)], [(2,)]),
        ("np.concatenate([a, b])", ("(2, 3) and (2,)", "numbers of axes"), [], [(2, 3), (2,)]),
        ("np.concatenate([a, s], 1)", ("axis 1", "differ on axis 0"), [(-2, -2)], [(2, 3), (3, 3)]),
        ("np.concatenate([n, n])", ("one number without axes", "`stack`"), [], [()]),
        ("np.stack([a, s])", ("one shape", "(2, 3) and (3, 3)"), [(-2, -2)], [(2, 3), (3, 3)]),
        ("np.stack([c, c], 2)", ("no place 2", "(0, 1)"), [], [(3,)]),
        ("np.repeat(c, [1, 2])", ("2 numbers for 3 positions",), [], [(3,)]),
        ("np.max(np.zeros((2, 0)), axis=1)", ("no largest or smallest",), [(-1, -1)], [(2, 0)]),
        ("np.einsum('ij,jk', a, a)", ("`j`", "size 3 and 2"), [(-1, -2)], [(2, 3), (2, 3)]),
        ("np.einsum('ii', a)", ("`i`", "size 2 and 3"), [(-2, -1)], [(2, 3)]),
        ("np.einsum('ijk->i', a)", ("`ijk` names 3 axes", "(2, 3)"), [], [(2, 3)]),
    ],
)  # fmt: skip
def test_a_clash_says_where_and_why(expression, words, axes, shapes):
    found = clash(expression)
    for one in words:
        assert one in found.message
    assert list(found.axes) == axes
    assert list(found.shapes) == shapes
    assert found.message[-1] in ".?" and "\n" not in found.message


def test_a_remedy_fits():
    for expression in ("a + b", "b + a", "x - a", "a + np.ones((3, 2))", "a @ a", "a @ b"):
        step = evaluate(expression, SCOPE)
        assert step.clash is not None
        remedy = step.clash.message.split("`")[-2]
        left, sign, right = expression.partition(f" {step.sign} ")
        texts = [f"{remedy}{sign}{right}", f"{left}{sign}{remedy}"]
        fitting = [one for one in texts if evaluate(one, SCOPE).value is not None]
        assert fitting, (expression, remedy)


def test_a_clash_among_many_operands_names_the_two():
    found = clash("np.stack([a, a, s])")
    assert found.between == (0, 2) and found.shapes == ((2, 3), (3, 3))
    assert clash("np.where(m, b, c)").between == (0, 1)
    assert clash("np.where(a > 0, c, b)").between == (0, 2)
    assert clash("np.einsum('i,j,i->j', b, c, c)").between == (0, 2)


# Steps


def test_steps_come_in_the_order_of_evaluation_without_numbers():
    step = evaluate("(a + 2 * b[:, None]).sum(axis=0)", SCOPE)
    assert sources(step) == [
        "a", "b", "b[:, None]", "2 * b[:, None]", "a + 2 * b[:, None]",
        "(a + 2 * b[:, None]).sum(axis=0)",
    ]  # fmt: skip
    kinds = [(one.kind, one.sign) for one in steps(step)]
    assert kinds == [
        ("name", ""), ("name", ""), ("index", ""), ("operation", "*"), ("operation", "+"), ("call", "sum"),
    ]  # fmt: skip


def test_a_number_is_an_operand_but_no_step():
    step = evaluate("2 * a", SCOPE)
    assert [one.kind for one in step.operands] == ["number", "name"]
    assert sources(step) == ["a", "2 * a"]
    assert sources(evaluate("(1 + 2) * -3", SCOPE)) == []
    assert sources(evaluate("a * a.shape[0]", SCOPE)) == ["a", "a * a.shape[0]"]


def test_a_variable_is_one_step_however_often_it_is_used():
    step = evaluate("a + a", SCOPE)
    left, right = step.operands
    assert left is right
    assert sources(step) == ["a", "a + a"]


def test_an_index_step_holds_its_index():
    step = evaluate("x[0, None, ..., 1:n, [2, 0]]", SCOPE | {"x": numbered(2, 2, 3, 4)})
    assert step.index is not None
    assert step.index[:4] == (0, None, Ellipsis, slice(1, 2, None))
    np.testing.assert_array_equal(step.index[4], [2, 0])
    assert len(step.operands) == 1


def test_arrays_in_an_index_are_operands_after_the_array():
    step = evaluate("x[b // 10 - 1, c > 1]", SCOPE | {"c": np.array([5, 1, 5])})
    assert [one.source for one in step.operands] == ["x", "b // 10 - 1", "c > 1"]
    step = evaluate("c[c.argmax()]", SCOPE)
    assert step.index == (0,) and sources(step) == ["c", "c.argmax()", "c[c.argmax()]"]


def test_a_call_holds_its_arguments():
    step = evaluate("x.sum(axis=(0, 2))", SCOPE)
    assert step.arguments == {"axis": (0, 2), "keepdims": False}
    assert evaluate("x.reshape(n, -1)", SCOPE).arguments == {"shape": (2, -1)}
    assert evaluate("x.reshape((2, -1))", SCOPE).arguments == {"shape": (2, -1)}
    assert evaluate("np.zeros(3, dtype='bool')", {}).arguments == {"shape": 3, "dtype": "bool"}


@pytest.mark.parametrize(
    "expression",
    ["x.T", "x.transpose()", "x.transpose(1, 2, 0)", "np.transpose(x, (-1, 0, 1))", "x.swapaxes(0, 2)",
     "np.moveaxis(x, 0, -1)", "np.moveaxis(x, (0, 1), (2, 0))"],
)  # fmt: skip
def test_each_move_of_axes_tells_its_permutation(expression):
    step = evaluate(expression, SCOPE)
    permutation = step.arguments["permutation"]
    assert isinstance(permutation, tuple)
    np.testing.assert_array_equal(step.value, SCOPE["x"].transpose(permutation))


def test_a_list_that_a_function_takes_is_a_step():
    step = evaluate("np.sum([1, 2])", {})
    assert sources(step) == ["[1, 2]", "np.sum([1, 2])"]
    assert steps(step)[0].sign == "array"
    assert sources(evaluate("np.array([1, 2])", {})) == ["np.array([1, 2])"]


def test_evaluation_stops_where_shapes_do_not_fit():
    step = evaluate("(c * 2 + (a @ a).sum(axis=0)) / (b - 1)", SCOPE)
    assert (step.value, step.clash, step.sign) == (None, None, "/")
    assert sources(step) == ["c", "c * 2", "a", "a @ a"]
    assert [one.value is None for one in steps(step)] == [False, False, False, True]
    (reached,) = step.operands
    assert (reached.source, reached.sign, reached.clash) == (
        "c * 2 + (a @ a).sum(axis=0)",
        "+",
        None,
    )


@pytest.mark.parametrize(
    "expression",
    ["c * (a + b).shape[0]", "x.reshape((a + b).size, -1)", "x[(a + b).argmax()]", "x[:(a + b).ndim]",
     "np.stack([c, a + b])", "np.full((2,), (a + b).max())"],
)  # fmt: skip
def test_a_clash_inside_an_argument_or_an_index_is_reached(expression):
    step = evaluate(expression, SCOPE)
    assert step.value is None and step.clash is None
    assert steps(step)[-1].source == "a + b"


# Names of axes

NAMES = {"x": ("street", "house", "floor"), "a": ("street", "house"), "s": ("row", "column")}


@pytest.mark.parametrize(
    ("expression", "axes"),
    [
        ("x", ("street", "house", "floor")),
        ("x[0]", ("house", "floor")),
        ("x[:, 1:, 2]", ("street", "house")),
        ("x[..., None]", ("street", "house", "floor", "new")),
        ("x[None, :, None]", ("new", "street", "new2", "house", "floor")),
        ("x[:, [2, 0]]", ("street", "house", "floor")),
        ("x[:, m]", ("street", "house", "floor")),
        ("x[0, :, [1, 2]]", ("floor", "house")),
        ("x[[0, 1], :, [1, 2]]", ("i", "house")),
        ("x[a > 0]", ("i", "floor")),
        ("x.T", ("floor", "house", "street")),
        ("x.transpose(1, 2, 0)", ("house", "floor", "street")),
        ("x.swapaxes(0, 1)", ("house", "street", "floor")),
        ("np.moveaxis(x, 2, 0)", ("floor", "street", "house")),
        ("x.sum(axis=1)", ("street", "floor")),
        ("x.mean(axis=(0, 2))", ("house",)),
        ("x.max(axis=1, keepdims=True)", ("street", "house", "floor")),
        ("x.sum()", ()),
        ("x - x.mean(axis=1, keepdims=True)", ("street", "house", "floor")),
        ("-x > 2", ("street", "house", "floor")),
        ("x + a[:, :, None]", ("street", "house", "floor")),
        ("a[:, :, None] + x", ("street", "house", "floor")),
        ("c + a", ("street", "house")),
        ("a + c", ("street", "house")),
        ("np.array([5, 6])[:, None] * a", ("street", "house")),
        ("b[:, None] + c", ("i", "j")),
        ("c[:, None] - c", ("i", "j")),
        ("s + s.T", ("row", "column")),
        ("s @ s.T", ("row", "i")),
        ("a @ s", ("street", "column")),
        ("a @ c", ("street",)),
        ("c @ a.T", ("street",)),
        ("x @ np.ones((4, 2))", ("street", "house", "j")),
        ("np.outer(b, c)", ("i", "j")),
        ("np.dot(a, s)", ("street", "column")),
        ("np.einsum('ij,kj->ki', a, s)", ("row", "street")),
        ("np.einsum('sh->hs', a)", ("house", "street")),
        ("x.reshape(2, 12)", ("i", "j")),
        ("x.ravel()", ("i",)),
        ("c.ravel()", ("i",)),
        ("np.expand_dims(a, 1)", ("street", "new", "house")),
        ("np.squeeze(x[:1])", ("house", "floor")),
        ("np.broadcast_to(c, (2, 3))", ("j", "i")),
        ("np.stack([a, a])", ("i", "street", "house")),
        ("np.concatenate([a, s])", ("street", "house")),
        ("np.sort(x, axis=1)", ("street", "house", "floor")),
        ("x.cumsum(axis=0)", ("street", "house", "floor")),
        ("x.cumsum()", ("i",)),
        ("np.flip(x)", ("street", "house", "floor")),
        ("np.repeat(a, 2, axis=0)", ("street", "house")),
        ("np.tile(c, (2, 1))", ("j", "i")),
        ("np.zeros_like(a)", ("street", "house")),
        ("np.where(a > 0, a, 0)", ("street", "house")),
        ("np.zeros((2, 3))", ("i", "j")),
        ("a.astype(int)", ("street", "house")),
    ],
)  # fmt: skip
def test_an_axis_keeps_its_name(expression, axes):
    step = evaluate(expression, SCOPE, NAMES)
    assert step.value is not None
    assert step.axes == axes


def test_generated_names_avoid_all_others():
    step = evaluate("i[:, None] + j", {"i": [1, 2], "j": [1, 2, 3]}, {"j": ("k",)})
    assert step.axes == ("l", "k")
    many = evaluate("x + np.ones((2, 2)).reshape(2, 2, 1, 1)", {"x": np.zeros((2, 2, 2, 2))})
    assert many.axes == ("i", "j", "k", "l")


@settings(max_examples=200)
@given(
    st.permutations([2, 3, 4]), indices(), st.permutations(range(3)), st.sampled_from(["", ".T"]),
)  # fmt: skip
def test_moving_along_a_named_axis_changes_only_that_coordinate(shape, index, order, transposed):
    """Each cell holds the number of its position in x, so a result shows where each axis comes from."""
    names = {"x": ("0", "1", "2")}
    text = f"x.transpose({tuple(order)})[{index}]{transposed}"
    step = evaluate(text, {"x": numbered(*shape)}, names)
    if step.value is None or step.value.size == 0:
        return
    assert len(set(step.axes)) == step.value.ndim
    coordinates = np.unravel_index(step.value, shape)
    for axis, name in enumerate(step.axes):
        changing = {str(k) for k, c in enumerate(coordinates) if np.ptp(c, axis=axis).any()}
        if name in names["x"]:
            assert changing <= {name}, (text, step.axes)
        elif name.startswith("new"):
            assert not changing


@settings(max_examples=100)
@given(SHAPES, SHAPES)
def test_a_result_has_a_different_name_for_each_axis(left, right):
    step = evaluate("a + b", {"a": numbered(*left), "b": numbered(*right)})
    if step.value is not None:
        assert len(step.axes) == step.value.ndim == len(set(step.axes))


# What is refused

REFUSED = [
    ("open('f')", "`open` is not an array function", "Allowed are abs, "),
    ("len(x)", "`len` is not an array function", "`x.shape[0]`"),
    ("np.zeroes(3)", "`np.zeroes` is not an array function", "mean `zeros`"),
    ("summ(a)", "`summ` is not an array function", "mean `sum`"),
    ("np.load('a')", "`np.load` is not an array function", "Allowed"),
    ("np.linalg.norm(a)", "`np.linalg.norm` is not an array function", "Allowed"),
    ("np.random", "`np.random` is not", "Allowed"),
    ("np.sum", "`np.sum` is a function", "call it"),
    ("sum + 1", "`sum` is a function", "call it"),
    ("a.sum", "`.sum` is a method", "`x.sum()`"),
    ("a.meen()", "`.meen` is not a method", "mean `mean`"),
    ("a.sort()", "`.sort` is not a method", "`np.sort(x, ...)`"),
    ("a.real", "`.real` is not an attribute", "T, ndim, shape and size"),
    ("a(0)", "`a` is an array, not a function", "`a[0]`"),
    ("d + 1", "`d` is not known", "a, b, c, half, m, n"),
    ("pixel + 1", "`pixel` is not known", "mean `pixels`"),
    ("np", "`np` is no array", ""),
    ("int", "`int` is no array", ""),
    ("a and b", "`and`", "(a > 1) & (a < 5)"),
    ("not a", "`not`", "`~`"),
    ("0 < a < 2", "chain of comparisons", "(1 < a) & (a < 5)"),
    ("a > 0 & a < 2", "chain of comparisons", "binds more strongly"),
    ("(a > 0) & b[:, None]", "`&` is for truth values", "Compare first"),
    ("~c", "`~` is for truth values", "`c`"),
    ("-m", "truth values", "`~`"),
    ("a ^ 2", "`^` is no power", "`**`"),
    ("c << 1", "`<<`", "bits"),
    ("1 in c", "`in`", ".any()"),
    ("a is b", "`is`", "`==`"),
    ("a if b else c", "`if`", "np.where"),
    ("lambda: 0", "`lambda`", "own"),
    ("[i for i in c]", "comprehension", "whole array"),
    ("(i for i in c)", "comprehension", "whole array"),
    ("f'{a}'", "text", ""),
    ("(y := a)", "`:=`", "cell before"),
    ("a = 3", "an assignment", "expression"),
    ("import os", "an import", "expression"),
    ("a; b", "2 statements", "one expression"),
    ("a\nb", "2 statements", "one expression"),
    ("def f(): pass", "a definition", "expression"),
    ("np.sum(*a)", "`*` before", "Write"),
    ("np.sum(**a)", "`**` before", "Write"),
    ("{1: 2}", "dictionary", ""),
    ("{1, 2}", "set", "square brackets"),
    ("'a' + a", "`'a'` is not an array", "einsum"),
    ("b'a'", "neither a number", ""),
    ("1j * a", "`1j` is neither", ""),
    ("None + a", "`None` is not an array", ""),
    ("a + [1, 2, 3]", "`[1, 2, 3]` is not an array", "`np.array([1, 2, 3])`"),
    ("a, b", "`a, b` is not an array", "np.stack"),
    ("a.shape", "tuple of sizes", "x.reshape(x.shape[0], -1)"),
    ("a.shape[7] * a", "no position 7", "(2, 3)"),
    ("np.array([a, a])", "cannot hold `a`", "np.stack"),
    ("np.stack(a)", "`stack` takes a list", "stack([a, b])"),
    ("np.stack([])", "`stack` takes a list", ""),
    ("np.where(m)", "other arguments than `where(condition, x, y)`", ""),
    ("a.sum(0, 1)", "other arguments than `x.sum(axis=None, keepdims=False)`", ""),
    ("np.sum(a, axes=0)", "other arguments than `sum(", ""),
    ("np.sum(a, axis=0, axis=1)", "twice", ""),
    ("np.reshape(a, 3, 2)", "other arguments than `reshape(a, shape)`", ""),
    ("a.astype(object)", "`object` is not known", ""),
    ("a.astype('O')", "no dtype", "float32"),
    ("a.astype(np.object_)", "`np.object_`", ""),
    ("np.einsum(a, c)", "formula first", "ij,jk->ik"),
    ("c[1.0]", "`1.0` cannot be an index", "whole numbers"),
    ("c[True]", "`True` cannot be an index", ""),
    ("c[a]", "`a` cannot be an index", "float64"),
    ("c[::0]", "step 0", ""),
    ("x[..., ...]", "at most once", ""),
    ("c[0:1.5]", "`1.5` cannot be an index", ""),
    ("c ** -1", "negative power", "(c * 1.0)"),
    ("1 / 0 + c", "`1 / 0` divides by zero", ""),
    ("(-8) ** 0.5 * c", "not a real number", ""),
    ("c[(0, (1,))]", "not an array", ""),
    ("m - m", "NumPy cannot compute `m - m`", ""),
    ("pixels + 300", "NumPy cannot compute", "300"),
    ("", "no expression", ""),
    ("   ", "no expression", ""),
    ("# nothing", "no expression", ""),
]


@pytest.mark.parametrize(("expression", "first", "then"), REFUSED)
def test_what_is_no_array_expression_is_refused_by_name(expression, first, then):
    with pytest.raises(MazoeziError) as error:
        evaluate(expression, SCOPE)
    assert first in str(error.value)
    assert then in str(error.value)


@pytest.mark.parametrize(
    ("expression", "place"),
    [("a +* b", "    a +* b\n       ^"), ("a +", "    a +\n       ^"), ("(a + b", "    (a + b\n    ^"),
     ("a b", "    a b\n      ^"), ("x[0", "    x[0\n     ^"), ("(a\n+* b)", "    +* b)\n     ^"),
     ("'a", "    'a\n    ^")],
)  # fmt: skip
def test_the_place_of_a_typing_error_is_marked(expression, place):
    with pytest.raises(MazoeziError) as error:
        evaluate(expression, SCOPE)
    assert str(error.value).endswith(place)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("np.sum(a, axis=1.5)", "`axis` is 1.5; expected a whole number"),
        ("np.sum(a, axis=True)", "`axis` is True"),
        ("np.argmax(x, axis=(0, 1))", "`axis` is (0, 1)"),
        ("np.zeros(-1)", "`shape` is -1"),
        ("np.zeros((2, 1.5))", "`shape` is 1.5"),
        ("x.reshape(-1, -1)", "`shape` is (-1, -1)"),
        ("np.arange(1, 2, 0)", "`step` is 0"),
        ("np.arange(np.inf)", "a finite number"),
        ("np.clip(a, c, 5)", "`min` is (3, 1, 2)"),
        ("np.moveaxis(x, (0, 1), 2)", "`destination` is 2"),
        ("np.einsum('i1', a)", "einsum's formula is 'i1'"),
        ("np.einsum('ij->k', a)", "not k"),
        ("np.einsum('ij->ii', a)", "not i"),
        ("np.einsum('ij,jk', a)", "for each array given, here 1"),
        ("np.array([[1, 2], [3]])", "rows of one length"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_told(expression, words):
    with pytest.raises(ArgumentError) as error:
        evaluate(expression, SCOPE)
    assert words in str(error.value)


MALICIOUS = [
    "__import__('os')", "__import__('os').system('ls')", "x.__class__", "x.__class__.__mro__[1]",
    "().__class__.__bases__[0].__subclasses__()", "(lambda: 0)()", "9**9**9", "c ** 9 ** 9 ** 9",
    "np.ones((10**6, 10**6))", "x if x else x", "[i for i in x]", "np.load('a')", "x.tofile('a')",
    "np.ndarray.tofile", "np.ndarray.tofile(x, 'a')", "np.save('a', x)", "np.memmap('a')",
    "np.fromfile('/etc/passwd')", "np.genfromtxt('/etc/passwd')", "open('/etc/passwd').read()",
    "eval('1')", "exec('import os')", "compile('1', '', 'eval')", "globals()", "locals()", "vars()",
    "getattr(x, 'tofile')('a')", "setattr(np, 'sum', 0)", "np.sum.__globals__", "x.dump('a')",
    "np.lib.npyio", "np.os.system('ls')", "np.testing", "np.ctypeslib", "x.ctypes", "x.data",
    "np.core.multiarray", "jnp.jax", "np.frompyfunc(lambda: 0, 0, 0)", "np.vectorize(print)(x)",
    "np.apply_along_axis(print, 0, x)", "np.fromfunction(print, (2,))", "x.astype('O')",
    "np.array([x, print])", "np.arange(10**12)", "np.arange(0, 1, 1e-12)", "np.arange(1e308, -1e308, -1)",
    "np.eye(10**9)", "np.eye(10**5)", "np.tile(x, 10**9)", "np.tile(x, (10**4, 10**4))",
    "np.repeat(x, 10**9)", "np.repeat(c, [10**9, 1, 1])", "np.zeros((10**9,))", "np.full(10**9, 1)",
    "np.zeros((0, 10**12))", "np.linspace(0, 1, 10**10)", "np.broadcast_to(c, (10**9, 3))",
    "np.outer(np.zeros(10**5), np.zeros(10**5))", "np.zeros(10**5)[:, None] + np.zeros(10**5)",
    "np.zeros((10**6, 1)) @ np.zeros((1, 10**6))", "np.zeros((1000, 1000)) @ np.zeros((1000, 1000))",
    "np.einsum('i,j,k->', np.zeros(10**4), np.zeros(10**4), np.zeros(10**4))",
    "np.einsum('i,j->ij', np.zeros(10**5), np.zeros(10**5))",
    "np.zeros(10**6)[np.zeros((1000, 1000), dtype=int)][np.zeros((1000, 1000), dtype=int)][:, :, None]"
    " * np.zeros(1000)",
    "c[np.zeros((1000, 1000), dtype=int)][:, np.zeros((1000, 1000), dtype=int)]",
    "np.stack([" + ", ".join(["np.zeros(10**6)"] * 9) + "])", "2 ** 10**10 * c", "1 << 10**10",
    "'a' * 10**10", "[0] * 10**10", "(0,) * 10**10", "10**10**10", "x.reshape(" + "1, " * 300 + "24)",
    "x" + "[None]" * 100, "c[" + "None, " * 100 + "]", "(" * 150 + "x" + ")" * 150 + "[",
    "(" * 400 + "x" + ")" * 400, "-" * 1999 + "x", "x" + " + x" * 400, "x" + ".T" * 500,
    "[" * 150 + "1" + "]" * 150, "np.array(" + "[" * 60 + "1" + "]" * 60 + ")", "x" * 2001, "(" * 2000,
    "x\x00", "\ud800", "\\", "x[", "x; import os", "yield x", "await x", "*x", "x[y := 0]", "print(x)",
    "f'{__import__(\"os\")}'", "'{0.__class__}'.format(x)", "breakpoint()", "exit()", "input()",
    "type(x)", "object()", "__builtins__", "__name__", "x.T.base", "x.flags.writeable", "x.at[0].set(1)",
    "x.fill(1)", "x.resize(3)", "x.itemset(0)", "np.sum(x, out=x)", "np.sum(x, where=m)",
    "np.copyto(x, 1)", "np.put(x, 0, 1)", "x.sum(out=x)", "np.sum(x, dtype=object)", "1e400 ** 2 ** 99",
    "9" * 1500, "-" + "9" * 30 + " * c", "np.round(c, 10**400)", "np.einsum('" + "i," * 70 + "i', c)",
    "np.einsum(" + "'" + ",".join("i" * 70) + "'" + ", c" * 70 + ")",
]  # fmt: skip


@pytest.mark.parametrize("expression", MALICIOUS)
def test_malicious_and_silly_texts_are_refused_quickly(expression):
    before = {name: np.copy(one) for name, one in SCOPE.items() if isinstance(one, np.ndarray)}
    start = time.process_time()
    with pytest.raises(MazoeziError):
        evaluate(expression, SCOPE | {"__name__": "x", "__builtins__": {}})
    assert time.process_time() - start < 0.5
    assert all(np.array_equal(SCOPE[name], one) for name, one in before.items())


WORDS = st.sampled_from(
    ["a", "b", "c", "x", "m", "n", "np", "np.sum", "sum", "stack", "reshape", "einsum", "'ij,j'", ".T",
     ".sum", ".shape", ".reshape", "(", ")", "[", "]", ",", ":", "None", "...", "+", "@", "**", "-", "~",
     "&", "<", "==", "0", "1", "-1", "2.5", "True", "axis=", "keepdims=", "lambda", "if", "else", "not",
     "and", "{", "}", ".", "=", "dtype=", "float", "10**9", "nothing", "np.newaxis", "(2, 3)", "[0, 1]"]
)  # fmt: skip


@settings(max_examples=1500)
@given(st.lists(WORDS, min_size=1, max_size=9).map(" ".join))
def test_any_text_gives_a_step_or_a_message(expression):
    try:
        step = evaluate(expression, SCOPE)
    except MazoeziError as error:
        assert str(error)
    else:
        assert (step.value is None) == any(one.clash is not None for one in steps(step))


@settings(max_examples=300)
@given(st.text(max_size=30))
def test_any_characters_give_a_step_or_a_message(expression):
    try:
        evaluate(expression, SCOPE)
    except MazoeziError as error:
        assert str(error)


def test_the_work_of_all_steps_together_is_bounded():
    large = {"p": np.zeros((1000, 1000))}
    with pytest.raises(MazoeziError, match="cells together"):
        evaluate("p" + " + p" * 40, large)
    with pytest.raises(MazoeziError, match="cells together"):
        evaluate("p[0]", {"p": np.broadcast_to(0, (10_000, 10_000))})
    assert value("p[:2].sum()", {"p": np.ones((2000, 1000))}) == 2000


# What is in scope


def test_a_text_is_needed():
    with pytest.raises(ArgumentError, match="a text"):
        evaluate(3, {})  # pyright: ignore[reportArgumentType]


def test_without_arrays_an_unknown_name_is_told_so():
    with pytest.raises(MazoeziError, match="no array has a name here"):
        evaluate("a", {})


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ([[1, 2], [3]], "rows of one length"),
        (np.array([object()]), "numbers or truth values"),
        ("text", "numbers or truth values"),
        (["a", "b"], "numbers or truth values"),
        (len, "numbers or truth values"),
        (10**30, "numbers or truth values"),
        (None, "numbers or truth values"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused_with_its_name(given_, words):
    with pytest.raises(ArgumentError) as error:
        evaluate("thing + 1", {"thing": given_})
    assert str(error.value).startswith("`thing` is ") and words in str(error.value)


def test_too_many_axes_are_refused():
    with pytest.raises(MazoeziError, match="`deep` has 7 axes"):
        evaluate("deep[0]", {"deep": np.zeros((1,) * 7)})
    with pytest.raises(MazoeziError, match="7 axes"):
        evaluate("x[None, None, None, None]", SCOPE)


@pytest.mark.parametrize("names", [("street",), ("street", "street"), ("a", "b", "c")])
def test_names_that_do_not_fit_are_refused(names):
    with pytest.raises(ArgumentError, match="2 different names"):
        evaluate("a", SCOPE, {"a": names})


def test_names_of_what_is_not_in_scope_are_refused():
    with pytest.raises(ArgumentError, match="names in scope"):
        evaluate("a", SCOPE, {"aa": ("street", "house")})
