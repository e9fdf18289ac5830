"""The labs of lines, bands, features and logistic regression fit anew at each move, and rightly.

What they tell is compared with NumPy, SciPy and scikit-learn, at settings all over their sliders.
"""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from scipy import optimize
from scipy.special import expit, log_expit
from scipy.stats import multivariate_normal
from sklearn.linear_model import Ridge

from mazoezi import bayes, datasets
from mazoezi._errors import MazoeziError
from mazoezi.course._lab_view import _picture
from mazoezi.course._picture_series import PictureSeries
from mazoezi.practicals.bayesian import labs
from mazoezi.practicals.bayesian.figures._functions import INPUTS
from mazoezi.practicals.bayesian.labs._functions import FEATURES
from mazoezi.timing import count_compilations

pytestmark = pytest.mark.slow  # compiles a fit for each lab, and draws many figures

LINE = [np.asarray(part, float) for part in datasets.outlier()]
CURVE = [np.asarray(part, float) for part in datasets.nonlinear()]
CLASSES = [np.asarray(part, float) for part in datasets.separable()]
X = np.stack([np.ones(6), LINE[0]], axis=1)
ALPHAS = [0.05, 3.0, 17.3]


@pytest.fixture(scope="module")
def climb():
    unit = bayes.fourier_basis(jr.key(2), 300, 1.0)

    def evidence(log_params, x, y):
        basis = bayes.FourierBasis(unit.frequencies * jnp.exp(log_params["scale"]), unit.phases)
        return bayes.log_evidence(basis(x), y, jnp.exp(log_params["alpha"]))

    start = {"scale": jnp.log(2.0), "alpha": jnp.log(0.001)}
    return bayes.maximise_evidence(start, evidence, *datasets.nonlinear(), steps=300, rate=1e-2)


@pytest.fixture(scope="module")
def make(climb):
    """How to make each lab, by its name."""
    return {
        "lines": lambda: labs.LinesByHand(*datasets.outlier(), y_range=(-5, 1)),
        "ridge": lambda: labs.RidgeLab(*datasets.outlier()),
        "landscape": lambda: labs.LandscapeLab(*datasets.outlier(), by_hand=[(-1.7, -1.2)]),
        "prior": lambda: labs.PriorPosteriorLab(*datasets.outlier()),
        "band": lambda: labs.PredictiveLab(*datasets.outlier()),
        "sampling": lambda: labs.MonteCarloLab(*datasets.outlier()),
        "fourier": lambda: labs.FourierLab(*datasets.nonlinear()),
        "evidence": lambda: labs.EvidenceLab(*datasets.nonlinear()),
        "ascent": lambda: labs.EvidenceAscentLab(*datasets.nonlinear(), climb, key=jr.key(2)),
        "logistic": lambda: labs.LogisticLab(*datasets.separable()),
    }


MOVES = {
    "lines": [{"b": -1.0}, {"w": -1.3}, {"b": 2, "w": 0.5}],
    "ridge": [{"alpha": 0.0}, {"alpha": 7.5}, {"penalise_bias": False}],
    "landscape": [{"alpha": 0.0}, {"alpha": 7.5}, {"alpha": 20.0}],
    "prior": [{"alpha": 0.01}, {"alpha": 7.5}, {"alpha": 20.0}],
    "band": [{"alpha": 0.01}, {"new_observation": True}, {"alpha": 12.0}],
    "sampling": [{"samples": 2}, {"samples": 2000}, {"seed": 7}],
    "fourier": [{"scale": 0.05}, {"alpha": 0.3}, {"where": 2.3}],
    "evidence": [{"scale": 0.05}, {"alpha": 0.3}, {"scale": 4.0, "alpha": 1e-4}],
    "ascent": [{"step": 100}, {"step": 299}, {"step": 1}],
    "logistic": [{"alpha": 0.01}, {"alpha": 2.0}, {"alpha": 10.0}],
}
BAD = {
    "lines": ({"b": 5.5}, "'b' takes a number from -5 to 5; got 5.5"),
    "ridge": ({"penalise_bias": 1}, "'penalise_bias' takes True or False; got 1"),
    "landscape": ({"alpha": -0.1}, "'alpha' takes a number from 0 to 20; got -0.1"),
    "prior": ({"alpha": 0.0}, "'alpha' takes a number from 0.01 to 20; got 0.0"),
    "band": ({"alpha": float("nan")}, "'alpha' takes a number from 0.01 to 20; got nan"),
    "sampling": ({"samples": 1}, "'samples' takes a whole number from 2 to 2000; got 1"),
    "fourier": ({"where": 1.0}, "'where' takes one of 0.0, 2.3, 7.0; got 1.0"),
    "evidence": ({"scale": 0.0}, "'scale' takes a number from 0.05 to 4; got 0.0"),
    "ascent": ({"step": 300}, "'step' takes a whole number from 0 to 299; got 300"),
    "logistic": ({"beta": 1.0}, "has no control 'beta'; it has alpha"),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_move_fits_and_draws_anew_and_compiles_nothing(make, name):
    lab = make[name]()
    series = PictureSeries()
    pictures = [_picture(lab, series).png]
    for move in MOVES[name]:  # the first moves of a session compile
        lab.set(**move)
        lab.draw()
    with count_compilations() as compilations:
        again = make[name]()
        for move in MOVES[name]:
            again.set(**move)
            pictures.append(_picture(again, series).png)
        if name == "sampling":  # another number of samples is another shape
            again.set(samples=123)
            again.draw()
    assert compilations.count == 0, compilations.names
    assert len(set(pictures)) == 4, "a move leaves the picture as it was"


@pytest.mark.parametrize("name", MOVES)
def test_a_page_without_a_kernel_shows_the_figure_and_its_words(make, name):
    lab = make[name]()
    data, metadata = _picture(lab, PictureSeries())._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    words = metadata["image/png"]["alt"]
    assert words.startswith(f"{lab.title}. ") and "*" not in words
    assert any(character.isdigit() for character in words)


@pytest.mark.parametrize("name", BAD)
def test_what_a_control_cannot_do_is_told_and_nothing_is_lost(make, name):
    lab = make[name]()
    lab.set(**MOVES[name][0])
    before = lab.current
    setting, message = BAD[name]
    with pytest.raises(MazoeziError, match=message.replace("'", "['\"]")):
        lab.set(**setting)
    assert lab.current is before and len(lab.visited) == 1


# --- lines ---------------------------------------------------------------------------------------


def test_lines_by_hand_count_what_can_be_seen(make):
    lab, (x, y) = make["lines"](), LINE
    seen = y >= -5
    best = np.polyfit(x[seen], y[seen], 1)
    least = np.sum((y - np.polyval(best, x))[seen] ** 2) / 2
    for b, w in ((-1.9, -1.21), (0.5, -2.0), (float(best[1]), float(best[0]))):
        results = lab.set(b=b, w=w).results
        assert results["misfit"] == pytest.approx(np.sum((y - b - w * x)[seen] ** 2) / 2, rel=1e-5)
        assert results["least"] == pytest.approx(least, rel=1e-5)
        assert ("not good enough" in lab.tell()) == (results["misfit"] >= 3 * least)
    assert len(lab.tried) == 3 and len(lab.plausible) == 2


@pytest.mark.parametrize("alpha", ALPHAS)
def test_ridge_agrees_with_scikit_learn(make, alpha):
    lab = make["ridge"]()
    both = lab.set(alpha=alpha, penalise_bias=True).results
    expected = Ridge(alpha, fit_intercept=False).fit(X, LINE[1]).coef_
    assert (both["b"], both["w"]) == pytest.approx(tuple(expected), abs=1e-4)
    slope = lab.set(penalise_bias=False).results
    fit = Ridge(alpha).fit(X[:, 1:], LINE[1])
    assert (slope["b"], slope["w"]) == pytest.approx((fit.intercept_, fit.coef_[0]), abs=1e-4)
    kept = LINE[1] > -8
    clean = np.polyfit(LINE[0][kept], LINE[1][kept], 1)[0]
    assert both["slope_gap"] == pytest.approx(abs(expected[1] - clean), abs=1e-4)


@pytest.mark.parametrize("shift", [0.0, 1.5])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_area_of_good_lines_is_that_of_the_cells_of_a_grid(alpha, shift):
    lab = labs.LandscapeLab(LINE[0] + shift, LINE[1])
    results = lab.set(alpha=alpha).results
    design = X + np.array([0, shift])
    curvature = design.T @ design + alpha * np.eye(2)
    best = np.linalg.solve(curvature, design.T @ LINE[1])
    assert (results["b"], results["w"]) == pytest.approx(tuple(best), abs=1e-3)
    axis = np.linspace(-4, 4, 2001)
    offsets = np.stack(np.meshgrid(axis, axis), axis=-1)
    higher = np.einsum("...i,ij,...j->...", offsets, curvature, offsets) / 2
    assert results["area"] == pytest.approx(np.mean(higher <= 2) * 64, rel=0.01)


# --- prior, posterior and bands ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alpha", "touch"), [(0.9, True), (0.92, False), (6.0, False), (14.3, False), (14.33, True)]
)
def test_circles_touch_outside_of_the_conflict_only(make, alpha, touch):
    lab = make["prior"]()
    results = lab.set(alpha=alpha).results
    assert results["distance"] == pytest.approx(
        np.linalg.norm(X.T @ LINE[1]) / (6 + alpha), rel=1e-4
    )
    assert results["prior_radius"] == pytest.approx(2 / alpha**0.5, rel=1e-5)
    assert results["posterior_radius"] == pytest.approx(2 / (6 + alpha) ** 0.5, rel=1e-4)
    assert results["touch"] is touch
    assert ("do not touch" in lab.tell()) is not touch


@pytest.mark.parametrize("alpha", ALPHAS)
def test_bands_are_those_of_the_whole_covariance(make, alpha):
    lab = make["band"]()
    results = lab.set(alpha=alpha).results
    assert results["sd_f_at_0"] == pytest.approx((6 + alpha) ** -0.5, rel=1e-4)
    assert results["sd_y_at_0"] == pytest.approx((1 + 1 / (6 + alpha)) ** 0.5, rel=1e-4)
    new = np.stack([np.ones(201), np.asarray(lab.inputs)], axis=1)
    covariance = np.linalg.inv(X.T @ X + alpha * np.eye(2))
    mean, sd_f, sd_y = results["prediction"]
    np.testing.assert_allclose(mean, new @ covariance @ X.T @ LINE[1], atol=1e-4)
    np.testing.assert_allclose(sd_f**2, np.diag(new @ covariance @ new.T), rtol=1e-3)
    np.testing.assert_allclose(sd_y**2 - sd_f**2, 1, rtol=1e-4)


def test_a_band_from_samples_is_narrow_for_few_and_right_for_many(make):
    lab = make["sampling"]()
    few = [lab.set(samples=10, seed=seed).results["sd_ratio"] for seed in range(21)]
    # At one x the ratio is 0.923 with a scatter of 0.22; two weights move all x together.
    assert abs(np.mean(few) - 0.923) < 5 * 0.22 / 21**0.5
    many = lab.set(samples=2000, seed=3).results
    assert abs(many["sd_ratio"] - 1) < 5 / np.sqrt(2 * 2000)
    assert many["worst"] < 7 / np.sqrt(2 * 2000)
    weights = many["weights"]
    assert weights.shape == (2000, 2)
    errors = (weights.mean(axis=0) - [-15.6 / 9, -12.119458 / 9]) * np.sqrt(2000 * 9)
    assert np.abs(errors).max() < 5


# --- flexible functions --------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "alpha"), [(0.3, 0.002), (0.75, 0.5), (3.0, 0.01)])
def test_fourier_bands_are_those_of_the_posterior_over_weights(make, scale, alpha):
    lab, (x, y) = make["fourier"](), CURVE
    basis = bayes.fourier_basis(jr.key(0), FEATURES, scale)

    def features(inputs):
        phases = np.outer(inputs, np.asarray(basis.frequencies, float)) + np.asarray(basis.phases)
        return np.sqrt(2 / FEATURES) * np.cos(phases)

    Phi, new = features(x), features(np.asarray(INPUTS, float))
    covariance = np.linalg.inv(Phi.T @ Phi + alpha * np.eye(FEATURES))
    variance = np.einsum("nd,de,ne->n", new, covariance, new)
    mean, sd_f, _ = lab.set(scale=scale, alpha=alpha).results["prediction"]
    np.testing.assert_allclose(sd_f, np.sqrt(variance), rtol=5e-3, atol=5e-3)
    np.testing.assert_allclose(mean, new @ covariance @ Phi.T @ y, rtol=5e-3, atol=0.02)
    for where in (2.3, 7.0):
        results = lab.set(where=where).results
        expected = np.interp(where, np.asarray(INPUTS), np.sqrt(variance))
        assert results["sd"] == pytest.approx(expected, rel=0.01)
        share = results["sd"] * alpha**0.5
        words = "below a tenth" if share < 0.1 else "above a half" if share > 0.5 else "to a half"
        assert words in results["share"]


def test_functions_are_drawn_from_the_posterior(make):
    lab = make["fourier"]()
    scores = []
    for scale in (0.5, 1.0, 2.0, 4.0):
        results = lab.set(scale=scale, alpha=0.01).results
        mean, sd, _ = results["prediction"]
        apart = np.searchsorted(np.asarray(INPUTS), [-3.9, 0.5, 2.3, 4.5, 6.9])
        scores.append(((results["functions"] - mean) / sd)[:, apart])
    squares = np.stack(scores) ** 2  # the same ten draws behind each scale: 50 independent at most
    assert squares.shape == (4, 10, 5)
    assert abs(squares.mean() - 1) < 5 * np.sqrt(2 / 50)


def test_a_hand_predicts_before_it_looks_at_a_new_place(make):
    lab = make["fourier"]()
    start = lab.current.controls
    assert lab.asks({**start, "where": 2.3}) and not lab.asks({**start, "alpha": 0.1})
    assert not lab.predict("below a tenth", where=7.0).right
    assert not lab.asks({**start, "where": 7.0}) and lab.asks({**start, "where": 2.3})


@pytest.mark.parametrize(("scale", "alpha"), [(0.05, 1.0), (0.45, 0.005), (4.0, 1e-4)])
def test_the_evidence_and_its_parts_are_the_normal_density(make, scale, alpha):
    x, y = CURVE
    results = make["evidence"]().set(scale=scale, alpha=alpha).results
    C = np.exp(-(scale**2) * (x[:, None] - x) ** 2 / 2) / alpha + np.eye(8)
    log_density = multivariate_normal(cov=C).logpdf(y)
    assert results["log_evidence"] == pytest.approx(log_density, abs=2e-2, rel=1e-3)
    assert results["fit"] == pytest.approx(-y @ np.linalg.solve(C, y) / 2, abs=2e-2, rel=1e-3)
    volume = -np.linalg.slogdet(C)[1] / 2
    assert results["volume"] == pytest.approx(volume, abs=2e-2, rel=1e-3)


def test_the_climb_is_shown_step_by_step(make, climb):
    lab = make["ascent"]()
    heights = []
    for step in (0, 100, 299):
        results = lab.set(step=step).results
        assert results["scale"] == pytest.approx(float(jnp.exp(climb.path["scale"][step])))
        assert results["alpha"] == pytest.approx(float(jnp.exp(climb.path["alpha"][step])))
        basis = bayes.fourier_basis(jr.key(2), 300, results["scale"])
        Phi = np.asarray(basis(jnp.asarray(CURVE[0])), float)
        C = Phi @ Phi.T / results["alpha"] + np.eye(8)
        assert results["log_evidence"] == pytest.approx(
            multivariate_normal(cov=C).logpdf(CURVE[1]), abs=0.02
        )
        heights.append(results["log_evidence"])
    assert heights == sorted(heights)
    assert lab.controls["step"].step == 100


# --- logistic regression -------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.75, 3.0, 10.0])
def test_logistic_numbers_agree_with_scipy_and_a_grid(make, alpha):
    x, y = CLASSES
    signs = 2 * y - 1

    def loss(w):
        return alpha / 2 * np.sum(w**2) - log_expit(signs * (w[0] + w[1] * x)).sum()

    results = make["logistic"]().set(alpha=alpha).results
    found = optimize.minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-9})
    np.testing.assert_allclose(results["mode"], found.x, atol=2e-3)
    axis = np.linspace(-8, 8, 801) / np.sqrt(alpha)
    w = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    logits = w[:, :1] + w[:, 1:] * x
    heights = log_expit(signs * logits).sum(axis=1) - alpha / 2 * (w**2).sum(axis=1)
    mass = np.exp(heights - heights.max())
    mass /= mass.sum()
    assert results["mean_slope"] == pytest.approx(mass @ w[:, 1], rel=0.01)
    assert results["exact"] == pytest.approx(mass @ expit(w @ [1, 4]), abs=2e-3)
    assert results["at_mode"] == pytest.approx(expit(found.x @ [1, 4]), abs=1e-4)
    variance = np.array([1, 4]) @ results["covariance"] @ np.array([1, 4])
    nodes, shares = np.polynomial.hermite_e.hermegauss(60)
    averaged = shares @ expit(found.x @ [1, 4] + np.sqrt(variance) * nodes) / shares.sum()
    assert results["by_laplace"] == pytest.approx(averaged, abs=2e-3)
