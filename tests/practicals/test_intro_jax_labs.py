"""The three labs find what the specification says, and name it."""

import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi._errors import MazoeziError
from mazoezi.datasets import houses
from mazoezi.practicals.intro_jax.labs import FitByHand, GradientDescentLab, PolynomialLab
from mazoezi.practicals.intro_jax.labs._descent import phenomenon
from mazoezi.practicals.intro_jax.labs._polynomial import DESCENT, EXACT, HIGHEST

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`


@pytest.fixture(scope="module")
def data():
    return houses()


@pytest.fixture
def by_hand(data):
    return FitByHand(data.size, data.price)


@pytest.fixture(scope="module")
def descent(data):
    return GradientDescentLab(data.size, data.price)


@pytest.fixture(scope="module")
def polynomial():
    return PolynomialLab()


def test_by_hand_starts_where_the_loss_is_28(by_hand):
    assert by_hand.current.results["loss"] == pytest.approx(28.39, abs=0.005)
    assert (by_hand.controls["b"].low, by_hand.controls["b"].high) == (-5, 5)
    assert by_hand.controls["w"].step == 0.01


def test_the_best_point_of_the_coarse_grid(by_hand):
    losses = {
        (b, w): by_hand.measure(b, w)["loss"]
        for b in range(-5, 6)
        for w in np.round(np.arange(-0.05, 0.051, 0.01), 2)
    }
    first, second = sorted(losses, key=lambda at: losses[at])[:2]
    assert first == (0, 0.02) and losses[first] == pytest.approx(0.187, abs=5e-4)
    assert second == (2, 0.01) and losses[second] == pytest.approx(0.196, abs=5e-4)


def test_by_hand_tells_the_optimum_only_after_success(by_hand):
    assert "0.0614" not in by_hand.tell()
    by_hand.set(b=0, w=0.02)
    assert "0.0614" in by_hand.tell() and "fine=True" in by_hand.tell()


def test_the_fine_stage_can_reach_the_optimum(data):
    fine = FitByHand(data.size, data.price, fine=True)
    assert fine.set(b=0.25, w=0.0165).results["loss"] < 0.062


def test_the_learners_own_loss_is_used(data):
    lab = FitByHand(data.size, data.price, loss=lambda params, x, y: 41.0 + 0 * params["b"])
    assert lab.set(b=1).results["loss"] == 41


def test_a_loss_that_is_no_single_number_is_refused(data):
    with pytest.raises(MazoeziError, match=r"an array of shape \(5,\).*single number"):
        FitByHand(data.size, data.price, loss=lambda params, x, y: (params["w"] * x - y) ** 2)


def test_coarse_sliders_take_whole_intercepts_only(by_hand):
    with pytest.raises(MazoeziError, match="whole number"):
        by_hand.set(b=0.27)


def test_the_way_is_drawn_from_its_start(by_hand):
    by_hand.set(w=0.0)
    by_hand.set(b=1)
    assert by_hand.way == [(3, -0.03), (3, 0.0), (1, 0.0)]
    lines, way = by_hand.draw().axes
    dotted = [line for line in lines.lines if line.get_linestyle() == ":"]
    assert len(dotted) == 2
    assert np.allclose(way.lines[-1].get_xydata(), [[1, 0.0]])


SETTINGS = [
    ({"standardised": True, "rate": 0.1}, "converged", 0.06139),
    ({"standardised": False, "rate": 1e-5}, "crawling along the valley", 0.06390),
    ({"standardised": False, "rate": 4e-5}, "crawling along the valley", 0.06390),
    ({"standardised": False, "rate": 4.3e-5}, "diverging", 2.6e8),
    ({"standardised": False, "rate": 0.01}, "diverging", np.nan),
    (
        {"standardised": False, "rate": 0.01, "clipping": "element-wise"},
        "chattering at the clip threshold",
        0.962,
    ),
    (
        {"standardised": False, "rate": 0.1, "clipping": "element-wise"},
        "chattering at the clip threshold",
        108.7,
    ),
    (
        {"standardised": False, "rate": 0.01, "clipping": "element-wise", "threshold": 10.0},
        "chattering at the clip threshold",
        82,
    ),
]


@pytest.mark.parametrize(("settings", "named", "loss"), SETTINGS)
def test_descent_does_what_the_specification_measured(descent, settings, named, loss):
    usual = {"clipping": "none", "threshold": 1.0, "steps": 200, "b": 0.0, "w": -0.05}
    results = descent.set(**{**usual, **settings}).results
    assert results["phenomenon"] == named
    assert results["loss"] == pytest.approx(loss, rel=0.02, nan_ok=True)
    assert named in descent.tell()


def test_standardised_descent_ends_at_the_optimum_in_raw_units(descent):
    results = descent.set(
        standardised=True, rate=0.1, b=0.0, w=-0.05, clipping="none", steps=200
    ).results
    assert results["b"] == pytest.approx(0.26988, abs=1e-4)
    assert results["w"] == pytest.approx(0.016524, abs=1e-6)
    assert len(results["losses"]) == 201
    assert results["stable_rate"] == pytest.approx(2, rel=1e-5)


def test_clipping_by_norm_keeps_the_direction_and_by_element_does_not(descent):
    results = descent.set(standardised=False, rate=0.01, clipping="element-wise").results
    gradient = np.array(results["gradient"])
    by_norm = np.array(results["clipped"]["global norm"])
    by_element = np.array(results["clipped"]["element-wise"])

    def cosine(a, b):
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    assert cosine(gradient, by_norm) == pytest.approx(1)
    assert cosine(gradient, by_element) < 0.8
    assert len(descent.draw().axes) == 3


def test_a_hand_is_asked_once_for_each_scaling_and_clipping(data):
    lab = GradientDescentLab(data.size, data.price)
    start = lab.current.controls
    raw = {**start, "standardised": False}
    assert not lab.asks({**start, "rate": 1.0}) and lab.asks(raw)
    assert not lab.predict("converged", **raw).right  # it diverges, as everyone finds out
    assert lab.predictions[0].came == "diverging"
    assert not lab.asks({**raw, "rate": 1e-5})
    assert lab.asks({**raw, "clipping": "global norm"})


def test_element_wise_clipping_ends_in_two_values(descent):
    losses = descent.set(
        standardised=False, rate=0.01, clipping="element-wise", threshold=1.0, b=0.0, w=-0.05,
        steps=200,
    ).results["losses"]  # fmt: skip
    assert losses[-1] == pytest.approx(losses[-3], rel=0.01)
    assert sorted(losses[-2:]) == pytest.approx([0.417, 0.962], rel=0.01)


@pytest.mark.parametrize("steps", [1, 2, 2000])
def test_every_number_of_steps_has_its_losses(descent, steps):
    results = descent.set(standardised=True, rate=0.1, clipping="none", steps=steps).results
    assert len(results["losses"]) == len(results["path"]) == steps + 1


@pytest.mark.parametrize(
    ("losses", "named"),
    [
        ([1.0, 0.5, 0.1], "converged"),
        ([1.0, 0.9, 0.8], "crawling along the valley"),
        ([1.0, 0.5, 0.9, 0.5, 0.9, 0.5], "chattering at the clip threshold"),
        ([1.0, 2.0, 4.0], "diverging"),
        ([1.0, np.inf, np.nan], "diverging"),
    ],
)
def test_phenomena_are_told_apart(losses, named):
    assert phenomenon(np.array(losses), smallest=0.1) == named


def exact(lab, **settings):
    usual = {"solver": EXACT, "penalty": 0.0, "basis": "monomial", "seed": 0}
    return lab.set(**{**usual, **settings}).results


def test_exact_training_error_never_rises_with_the_degree(polynomial):
    errors = exact(polynomial, degree=1)["curves"]["train"]
    assert len(errors) == HIGHEST
    assert (np.diff(errors) <= 1e-9).all()


def test_medians_over_draws_are_those_of_the_specification(polynomial):
    curves = [exact(polynomial, degree=1, seed=seed)["curves"] for seed in range(21)]
    for degree, train, held_out in ((1, 0.706, 0.717), (3, 0.402, 0.390), (5, 0.115, 0.133)):
        at = degree - 1
        assert np.median([c["train"][at] for c in curves]) == pytest.approx(train, rel=0.1)
        assert np.median([c["held_out"][at] for c in curves]) == pytest.approx(held_out, rel=0.1)


def test_bases_agree_when_solved_exactly(polynomial):
    monomial = exact(polynomial, degree=7)
    legendre = exact(polynomial, degree=7, basis="Legendre")
    assert monomial["train"] == pytest.approx(legendre["train"], rel=1e-9)
    assert monomial["held_out"] == pytest.approx(legendre["held_out"], rel=1e-6)


def test_descent_can_leave_a_higher_degree_with_a_larger_error(polynomial):
    def train(degree):
        return polynomial.set(
            degree=degree,
            solver=DESCENT,
            basis="monomial",
            rate=0.2,
            steps=5000,
            penalty=0.0,
            seed=0,
        ).results["train"]

    assert train(10) > train(5)
    assert "Exact least squares of this degree" in polynomial.tell()


def test_descent_that_diverges_says_so(polynomial):
    polynomial.set(degree=10, solver=DESCENT, basis="Legendre", rate=0.2, penalty=0.0)
    assert "diverged" in polynomial.tell()


def test_cross_validation_chooses_a_sensible_degree(polynomial):
    best = [exact(polynomial, degree=1, seed=seed)["best_degree"] for seed in range(21)]
    assert np.mean([5 <= degree <= 8 for degree in best]) >= 0.9


def test_a_penalty_shrinks_the_weights(polynomial):
    free, shrunk = exact(polynomial, degree=15), exact(polynomial, degree=15, penalty=0.01)
    assert np.linalg.norm(shrunk["weights"]) < np.linalg.norm(free["weights"])
    assert shrunk["train"] > free["train"]


def test_the_figure_shows_the_left_side_only_when_asked(polynomial):
    exact(polynomial, degree=10, outside=False)
    _, errors = polynomial.draw().axes
    assert "new points, outside" not in {line.get_label() for line in errors.lines}
    exact(polynomial, degree=10, outside=True)
    fit, errors = polynomial.draw().axes
    assert polynomial.current.results["outside_is"] == "over 10 times as large"
    assert "new points, outside" in {line.get_label() for line in errors.lines}
    assert min(line.get_xdata().min() for line in fit.lines) == pytest.approx(-1.3)
    assert jnp.isfinite(polynomial.current.results["outside"])


def test_a_hand_that_looks_outside_predicts_first_and_once():
    lab = PolynomialLab()
    outside = {**lab.current.controls, "degree": 7, "solver": EXACT, "outside": True}
    assert not lab.asks({**outside, "outside": False}) and lab.asks(outside)
    prediction = lab.predict("about as large", **outside)
    assert not prediction.right and prediction.came != "about as large"
    assert not lab.asks(outside)


@pytest.mark.parametrize("setting", [{"degree": 3.5}, {"degree": 21}, {"seed": 0.5}, {"steps": 10}])
def test_what_the_polynomial_lab_cannot_do_is_told(polynomial, setting):
    (name,) = setting
    with pytest.raises(MazoeziError, match=f"{name!r} takes a whole number from"):
        polynomial.set(**setting)
