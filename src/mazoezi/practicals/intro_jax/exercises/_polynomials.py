"""Checks of J2.6, J2.10 and J2.11: polynomials, and solving for their weights."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.linalg import solve_triangular

from mazoezi import regression
from mazoezi.course import code_exercise, experiment_exercise
from mazoezi.practicals.intro_jax.exercises._recorded import recorded
from mazoezi.practicals.intro_jax.labs import PolynomialLab

# --- J2.6 Polynomial laboratory ------------------------------------------------------------------

polynomial_lab = experiment_exercise("J2.6")

_EXACT = {"solver": "exact least squares", "penalty": 0.0}
_DESCENT = {"solver": "gradient descent"}


def _visited(lab, **wanted):
    """Return the (controls, results) of the visits with these controls."""
    return [
        (controls, results)
        for controls, results in lab.visited
        if all(controls[name] == value for name, value in wanted.items())
    ]


def _series(visits):
    """Group visits that differ in nothing but the degree: a list of {degree: results}."""
    groups = {}
    for controls, results in visits:
        rest = [(name, controls[name]) for name in controls if name not in ("degree", "outside")]
        exact = controls["solver"] == _EXACT["solver"]  # then steps and rate do nothing
        key = tuple(
            (name, value) for name, value in rest if not (exact and name in ("steps", "rate"))
        )
        groups.setdefault(key, {})[controls["degree"]] = results
    return list(groups.values())


@polynomial_lab.task("1: with the exact solver the training error never rises with the degree")
def _(lab, rng):
    assert _visited(lab, solver=_EXACT["solver"]), "Switch the solver to exact least squares."
    exact = _visited(lab, **_EXACT)
    assert exact, (
        "You tried exact least squares only with a penalty, and then the training error is not what "
        "is minimised: set λ to 0."
    )
    wide = [one for one in _series(exact) if len(one) >= 4 and min(one) <= 3 and max(one) >= 10]
    assert wide, (
        "With the exact solver and λ = 0, try at least four degrees, from 3 or less to 10 or more, "
        "and leave the other controls as they are."
    )
    for one in wide:
        errors = [one[degree]["train"] for degree in sorted(one)]
        assert all(np.diff(errors) <= 1e-6), "The training error rose. Is this the exact solver?"


@polynomial_lab.task("2: degree 10 with a higher training error than degree 5")
def _(lab, rng):
    descents = _visited(lab, **_DESCENT)
    pairs = [one for one in _series(descents) if 5 in one and 10 in one]
    if any(
        np.isfinite(one[10]["train"]) and one[10]["train"] > 1.01 * one[5]["train"] for one in pairs
    ):
        return
    assert descents, (
        "For exact solutions it is impossible, so switch the solver to gradient descent, which may "
        "stop on its way."
    )
    assert pairs, (
        "Try the degrees 5 and 10 by gradient descent, with all other controls as they are, so that "
        "the two can be compared."
    )
    raise AssertionError(
        "At the settings where you tried both, degree 10 is not worse than degree 5. Try other "
        "steps, another rate or the other basis."
    )


@polynomial_lab.task("3: the degree that cross-validation chooses")
def _(lab, rng):
    exact = _visited(lab, **_EXACT)
    assert exact, "Look at the cross-validation error with the exact solver and λ = 0."
    assert any(controls["degree"] == results["best_degree"] for controls, results in exact), (
        "With the exact solver and λ = 0 you have not been at the degree with the smallest "
        "cross-validation error yet. It is the lowest point of that curve."
    )


@polynomial_lab.task("4: the error outside the range, on [-1.3, -1]")
def _(lab, rng):
    shown = _visited(lab, outside=True)
    assert shown, "Switch on `show x < -1`."
    assert any(controls["solver"] == _EXACT["solver"] for controls, _ in shown), (
        "You looked outside with gradient descent only. Do so with the exact solver, so that you see "
        "the model's fault and not the optimiser's."
    )


_DEGREES = tuple({**_EXACT, "degree": degree} for degree in (1, 3, 5, 7, 10))
_UNFINISHED = tuple(
    {**_DESCENT, "basis": "monomial", "rate": 0.2, "steps": 5000, "degree": degree}
    for degree in (5, 10)
)
_OUTSIDE = {**_EXACT, "degree": 10, "outside": True}


def _polynomials(*settings):
    lab = PolynomialLab()
    for one in settings:
        lab.set(**one)
    return lab


@polynomial_lab.mistake(
    "Gradient descent alone cannot tell what a degree is *able* to do, since it may not have "
    "arrived. For the tasks 1, 3 and 4 use the exact solver."
)
@cache
def never_exact():
    return _polynomials({"degree": 5}, {"degree": 7}, {"degree": 10})


@polynomial_lab.mistake(
    "The exact solver finds the lowest training error of every degree, and a polynomial of degree 5 "
    "is also one of degree 10: no setting of it can show what task 2 asks for. The optimiser must "
    "be one that has not arrived."
)
@cache
def never_by_descent():
    return _polynomials(*_DEGREES, _OUTSIDE)


@polynomial_lab.mistake(
    "Two degrees make no curve: between 1 and 20 try a few, low ones and high ones."
)
@cache
def two_degrees():
    return _polynomials({**_EXACT, "degree": 7}, {"degree": 10}, *_UNFINISHED, _OUTSIDE)


@polynomial_lab.mistake(
    "With Legendre polynomials gradient descent arrives quickly, so that degree 10 is better than "
    "degree 5, as it should be. Powers of x are the bad basis."
)
@cache
def descent_in_a_good_basis():
    legendre = [{**one, "basis": "Legendre", "rate": 0.1} for one in _UNFINISHED]
    return _polynomials(*_DEGREES, *legendre, _OUTSIDE)


@polynomial_lab.mistake(
    "The training error always prefers the highest degree. Cross-validation fits to four fifths of "
    "the points and looks at the others: its curve has a lowest point in between."
)
@cache
def chosen_by_training_error():
    degrees = [{**_EXACT, "degree": degree} for degree in (1, 3, 4, 10, 20)]
    return _polynomials(*degrees, *_UNFINISHED, _OUTSIDE)


@polynomial_lab.mistake(
    "Inside the range all looks well. What happens left of it you see when you switch on "
    "`show x < -1`: the fit is drawn further, and a fourth error appears."
)
@cache
def never_outside():
    return _polynomials(*_DEGREES, *_UNFINISHED)


@polynomial_lab.mistake(
    "A penalty λ pays for large weights, so that the training error is no longer the only thing "
    "that is minimised. Set λ to 0 for the tasks 1 and 3."
)
@cache
def with_a_penalty():
    penalised = [{**one, "penalty": 0.001} for one in _DEGREES]
    unfinished = [{**one, "penalty": 0.0} for one in _UNFINISHED]
    return _polynomials(*penalised, *unfinished, {**_OUTSIDE, "penalty": 0.001})


@polynomial_lab.alternative
def task_by_task():
    return _polynomials(*_DEGREES, *_UNFINISHED, _OUTSIDE)


@polynomial_lab.alternative
def another_draw_and_every_degree():
    degrees = [{**_EXACT, "degree": degree, "basis": "Legendre"} for degree in range(1, 21)]
    return _polynomials({"outside": True, "seed": 3}, *_UNFINISHED, *degrees)


# --- J2.10 Closed form, stably -------------------------------------------------------------------

# The cases are harmless, so that every formula which is right on paper meets them; what tells
# stable solvers from others are the properties. Few shapes, since each is compiled.
solver = code_exercise("J2.10", reference=regression.least_squares, rtol=1e-3, atol=1e-4)


@solver.case("two points: the line goes through both")
def _(rng):
    yield np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([1.0, 3.0])


@solver.case("three points, which are not on a line")
def _(rng):
    yield np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), np.array([0.0, 3.0, 3.0])


@solver.case("more examples and features")
def _(rng):
    for examples, features in ((4, 3), (23, 16)):
        yield rng.normal(size=(examples, features)), rng.normal(size=examples)


@solver.case("traced by `jit`", run=recorded)
def _(rng):
    yield rng.normal(size=(4, 3)), rng.normal(size=4)


@solver.property("what is left is orthogonal to every column")
def _(answer, rng):
    X, y = rng.normal(size=(23, 16)), rng.normal(size=23)
    left = X.T @ (y - X @ np.asarray(answer(jnp.asarray(X), jnp.asarray(y)), np.float64))
    assert np.abs(left).max() < 1e-4, (
        f"Xᵀ(y - Xw) should be 0 for the best w; with yours its largest entry is {np.abs(left).max():.2g}."
    )


@cache
def _wave_of_degree_15():
    """Return features, targets and the smallest error possible; the noise is a fixed wiggle."""
    x = np.linspace(0.0, 1.0, 23, dtype=np.float32)
    X, y = np.vander(x, 16), np.sin(5 * x) + 0.1 * np.sin(40 * x)
    exact = np.linalg.lstsq(X.astype(np.float64), y.astype(np.float64))[0]
    return jnp.asarray(X), jnp.asarray(y), _mean_square(X, y, exact)


def _mean_square(X, y, w):
    wide = (np.asarray(array, np.float64) for array in (X, y, w))
    X, y, w = wide
    with np.errstate(all="ignore"):
        return float(np.mean((X @ w - y) ** 2))


@solver.property("a polynomial of degree 15, in 32-bit numbers")
def _(answer, rng):
    X, y, smallest = _wave_of_degree_15()
    error = _mean_square(X, y, answer(X, y))
    assert error < 8 * smallest, (
        f"On a wave of 23 points your weights have a training MSE of {error:.4f}, where "
        f"{smallest:.4f} is possible."
    )


@solver.property("two columns that are almost the same")
def _(answer, rng):
    wanted = np.array([1.7, -0.6])
    for gap in (4e-4, 2e-4):  # in XᵀX the first is rounded to one digit, the second to none
        X = np.array([[1.0, 1.0], [gap, 0.0], [0.0, gap]], np.float32)
        w = np.asarray(answer(jnp.asarray(X), jnp.asarray(X @ wanted)), np.float64)
        assert np.allclose(w, wanted, atol=0.02), (
            f"With columns that differ by {gap:.4f} the weights should be [1.7, -0.6]; yours are "
            f"{np.array2string(w, precision=4)}. In 32-bit numbers XᵀX hardly sees such a "
            "difference, since it holds its square."
        )


@solver.property("a column that stands there twice: the smallest weights")
def _(answer, rng):
    X = np.array([[1.0, 1.0, 2.0], [-1.0, -1.0, 1.0], [2.0, 2.0, 0.5], [0.5, 0.5, -1.0]])
    y = X @ np.array([2.0, 4.0, 1.0])
    w = np.asarray(answer(jnp.asarray(X), jnp.asarray(y)), np.float64)
    assert np.allclose(w, [3.0, 3.0, 1.0], atol=1e-3), (
        "Two equal columns share their weight in many ways. The smallest weights are [3, 3, 1] "
        f"here; yours are {np.array2string(w, precision=4)}."
    )


@solver.property("fewer examples than features: the smallest weights")
def _(answer, rng):
    X, y = jnp.array([[3.0, 4.0, 0.0], [0.0, 0.0, 2.0]]), jnp.array([25.0, 2.0])
    try:
        w = np.asarray(answer(X, y), np.float64)
    except Exception as error:
        raise AssertionError(
            "With two examples of three features your solver stops with "
            f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        ) from error
    assert w.shape == (3,) and np.allclose(w, [3.0, 4.0, 1.0], atol=1e-3), (
        "Many weights fit these two examples. The smallest are [3, 4, 1]; yours are "
        f"{np.array2string(w, precision=4)}."
    )


@solver.mistake(
    "Correct in exact arithmetic, but it fails on the test with degree 15: the condition number of "
    "XᵀX is the *square* of that of X, and inverting it (or factorising it) leaves no digit right. "
    "Work on X itself: `jnp.linalg.lstsq`, or a singular value decomposition."
)
def explicit_inverse(X, y):
    return jnp.linalg.inv(X.T @ X) @ X.T @ y


@solver.mistake(
    "To solve the normal equations is better than to invert XᵀX, but XᵀX has been formed, and with "
    "it half of the digits are gone: its condition number is the *square* of that of X. Work on X "
    "itself: `jnp.linalg.lstsq`, or a singular value decomposition."
)
def normal_equations(X, y):
    return jnp.linalg.solve(X.T @ X, X.T @ y)


@solver.mistake(
    "The pseudo-inverse is a good idea, but of X and not of XᵀX: forming XᵀX squares the condition "
    "number, so that small singular values look like zeros."
)
def pseudo_inverse_of_the_square(X, y):
    return jnp.linalg.pinv(X.T @ X) @ X.T @ y


@solver.mistake(
    "QR is stable, and right as long as the columns are independent. Where they are not, R has a "
    "zero on its diagonal and cannot be solved with; and with fewer examples than features it is "
    "not even square. Solve `R w = Qᵀy` by `jnp.linalg.lstsq`, or use the singular values from the "
    "beginning."
)
def qr_alone(X, y):
    Q, R = jnp.linalg.qr(X)
    return solve_triangular(R, Q.T @ y)


@solver.mistake(
    "You divide by every singular value. Those of dependent columns are 0, up to rounding: leave "
    "out what is below about 1e-6 of the largest, and the weights are the smallest ones."
)
def every_singular_value(X, y):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    return Vt.T @ (U.T @ y / s)


@solver.mistake(
    "You solve X w = y as if X were square. There are more examples than features, so no w fits all "
    "of them: look for the one with the smallest squared error."
)
def square_solve(X, y):
    return jnp.linalg.solve(X, y)


@solver.mistake(
    "`jnp.linalg.lstsq` returns four things: the weights, the residuals, the rank and the singular "
    "values. Return the first."
)
def everything_that_lstsq_gives(X, y):
    return jnp.linalg.lstsq(X, y)


@solver.mistake(
    "You add a column of ones. X comes with all its columns: one weight for each of them is asked."
)
def intercept_added(X, y):
    return jnp.linalg.lstsq(jnp.concatenate([X, jnp.ones((len(X), 1))], axis=1), y)[0]


@solver.mistake("These are the predictions X w; asked are the weights w.")
def predictions(X, y):
    return X @ jnp.linalg.lstsq(X, y)[0]


@solver.mistake(
    "Dividing by the columns' squared lengths is right only if the columns are orthogonal: each "
    "weight depends on all of them."
)
def column_by_column(X, y):
    return (X.T @ y) / jnp.sum(X**2, axis=0)


@solver.mistake(
    "This is Xᵀy, the right-hand side of the normal equations: they are still to be solved."
)
def moments(X, y):
    return X.T @ y


@solver.mistake("The weights have the wrong shape, (features, 1): y is a vector, and so is w.")
def as_a_column(X, y):
    return jnp.linalg.lstsq(X, y[:, None])[0]


@solver.alternative
def by_lstsq(X, y):
    return jnp.linalg.lstsq(X, y)[0]


@solver.alternative
def by_pseudo_inverse(X, y):
    return jnp.linalg.pinv(X) @ y


@solver.alternative
def by_qr_and_lstsq(X, y):
    Q, R = jnp.linalg.qr(X)
    return jnp.linalg.lstsq(R, Q.T @ y)[0]


@solver.alternative
def by_singular_values(X, y):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    scores = jnp.where(s > 1e-6 * s.max(), jnp.einsum("nk,n->k", U, y) / s, 0.0)
    return jnp.einsum("kd,k->d", Vt, scores)


# --- J2.11 Polynomial features -------------------------------------------------------------------

features = code_exercise("J2.11", reference=regression.polynomial_features)


def _for_each_degree(answer):
    """Trace as `jax.jit` does with `degree` as a static argument."""
    return lambda x, degree: recorded(lambda x: answer(x, degree))(x)


@features.case("the powers of 2 and 3, up to the square")
def _(rng):
    yield np.array([2.0, 3.0]), 2


@features.case("more powers of 2")
def _(rng):
    yield np.array([2.0, 1.0, -1.0]), 5


@features.case("degree 1")
def _(rng):
    yield np.array([2.0, -3.0, 0.5]), 1
    yield np.array([2.0, -3.0]), 1  # as many inputs as columns: rows and columns can be mixed up


@features.case("degree 0: a column of ones")
def _(rng):
    yield np.array([2.0, -3.0, 0.5]), 0


@features.case("a zero among the inputs: its 0th power is 1")
def _(rng):
    yield np.array([0.0, -0.5, 1.5, 0.0]), 3


@features.case("random inputs")
def _(rng):
    for count, degree in ((5, 3), (3, 9)):
        yield rng.uniform(-1.5, 1.5, size=count), degree


@features.case("traced by `jit`, the degree static", run=_for_each_degree)
def _(rng):
    yield np.array([2.0, -3.0, 0.5]), 4


@features.mistake(
    "The powers go upwards. Asked are the highest first and the ones last: from `degree` down to 0."
)
def ascending(x, degree):
    return x[:, None] ** jnp.arange(degree + 1)


@features.mistake(
    "There is one column too few: the powers from `degree` down to 0 are `degree + 1` of them, and "
    "yours begin at `degree - 1`."
)
def highest_missing(x, degree):
    return x[:, None] ** jnp.arange(degree - 1, -1, -1)


@features.mistake(
    "The last column is missing, x⁰ = 1: without it no polynomial could have a value other than 0 "
    "at x = 0."
)
def ones_missing(x, degree):
    return x[:, None] ** jnp.arange(degree, 0, -1)


@features.mistake("There is one column too many: the highest power is x to the `degree`.")
def one_too_high(x, degree):
    return x[:, None] ** jnp.arange(degree + 1, -1, -1)


@features.mistake("The ones are in the first column; they belong in the last, as the 0th power.")
def ones_first(x, degree):
    powers = x[:, None] ** jnp.arange(degree, 0, -1)
    return jnp.concatenate([jnp.ones((len(x), 1)), powers], axis=1)


@features.mistake(
    "Rows and columns are exchanged: one *row* for each x, one column for each power."
)
def transposed(x, degree):
    return x ** jnp.arange(degree, -1, -1)[:, None]


@features.mistake(
    "Base and exponent have changed places: you raise the numbers from `degree` down to 0 to the "
    "power x."
)
def base_and_exponent(x, degree):
    return jnp.arange(degree, -1, -1) ** x[:, None]


@features.mistake(
    "You multiply x by the numbers from `degree` down to 0: take *powers*, with `**`."
)
def multiples(x, degree):
    return x[:, None] * jnp.arange(degree, -1, -1)


@features.mistake(
    "x and the row of powers must meet as a column and a row: `x[:, None]` has the shape (N, 1), and "
    "broadcasts against (degree + 1,)."
)
def not_broadcast(x, degree):
    return x ** jnp.arange(degree, -1, -1)


@features.mistake("Only the highest power comes back: one column for each power is asked.")
def highest_only(x, degree):
    return x**degree


@features.mistake("The powers are summed up: return them side by side, as columns.")
def summed_up(x, degree):
    return jnp.sum(x[:, None] ** jnp.arange(degree, -1, -1), axis=1)


@features.mistake(
    "This is a list of columns. Make one array of them: `jnp.stack(columns, axis=1)`."
)
def list_of_columns(x, degree):
    return [x**power for power in range(degree, -1, -1)]


@features.mistake(
    "A logarithm takes no negative numbers, so these powers are not a number there. `x ** k` "
    "works for them."
)
def by_logarithm(x, degree):
    return jnp.exp(jnp.arange(degree, -1, -1) * jnp.log(x)[:, None])


@features.mistake(
    "NumPy needs numbers, and under `jit` there are none yet: `jnp.vander` is the same in JAX."
)
def by_numpy(x, degree):
    return np.vander(x, degree + 1)


@features.mistake(
    "These are Legendre polynomials. They span the same functions, and serve better; but asked are "
    "the plain powers."
)
def legendre(x, degree):
    return regression.legendre_features(x, degree)


@features.alternative
def by_vander(x, degree):
    return jnp.vander(x, degree + 1)


@features.alternative
def by_broadcast(x, degree):
    return x[:, None] ** jnp.arange(degree, -1, -1)


@features.alternative
def by_stack(x, degree):
    return jnp.stack([x**power for power in reversed(range(degree + 1))], axis=1)


@features.alternative
def by_running_product(x, degree):
    repeated = jnp.concatenate([jnp.ones((len(x), 1)), jnp.tile(x[:, None], (1, degree))], axis=1)
    return jnp.cumprod(repeated, axis=1)[:, ::-1]


@features.alternative
def by_mapping(x, degree):
    powers = jnp.arange(degree, -1, -1)
    return jax.vmap(lambda one: jnp.power(one, powers))(x)
