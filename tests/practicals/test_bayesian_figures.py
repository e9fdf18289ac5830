"""What the figures of lines, bands, features and logistic regression show, read back from them."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from scipy import stats

from mazoezi import bayes, datasets
from mazoezi.course.drawing import DATA, MODEL, TRUTH, describe, png
from mazoezi.practicals.bayesian import figures, labs
from mazoezi.practicals.bayesian.figures._landscape import APPROXIMATION, ellipse
from mazoezi.practicals.bayesian.figures._lines import line_landscape

pytestmark = pytest.mark.slow  # some thirty figures, each with a fit behind it

LINE, CURVE, CLASSES = datasets.outlier(), datasets.nonlinear(), datasets.separable()
X = bayes.affine_basis(LINE.x)


def panels(figure) -> list[Any]:
    """Return the axes of a figure, drawn once so that nothing is left to chance."""
    assert png(figure).startswith(b"\x89PNG")
    return list(figure.axes)


def curve(axes, name) -> np.ndarray:
    """Return the points [points, 2] of the curve that the legend calls so."""
    (line,) = [line for line in axes.lines if line.get_label() == name]
    return np.asarray(line.get_xydata(), float)


def functions_of(axes) -> np.ndarray:
    """Return the points [functions, points, 2] of the functions that are drawn as thin lines."""
    (thin,) = [one for one in axes.collections if isinstance(one, LineCollection)]
    return np.array(thin.get_segments())


def names(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def data_of(axes) -> np.ndarray:
    """Return the observations that are drawn."""
    (dots,) = [line for line in axes.lines if line.get_color() == DATA and line.get_marker() == "o"]
    return np.asarray(dots.get_xydata(), float)


def labelled(axes) -> bool:
    return bool(axes.get_xlabel()) and bool(axes.get_ylabel())


# --- lines ---------------------------------------------------------------------------------------


def test_the_first_picture_hides_the_outlier_and_the_next_shows_it():
    (hidden,) = panels(figures.points(*LINE, y_range=(-5, 1)))
    (full,) = panels(figures.points(*LINE))
    assert hidden.get_ylim() == (-5, 1)
    assert full.get_ylim()[0] < -8
    for axes in (hidden, full):
        np.testing.assert_allclose(data_of(axes), np.stack(LINE, axis=1), rtol=1e-6)
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("input x", "target y")


def test_lines_are_where_their_bias_and_slope_say():
    groups = {"by hand": [(-1.9, -1.2), (-1.7, -1.0)], "optimised": [(-2.6, -2.0)]}
    (axes,) = panels(figures.lines(*LINE, groups))
    (x0, y0), (x1, y1) = curve(axes, "optimised")
    assert (y1 - y0) / (x1 - x0) == pytest.approx(-2.0)
    assert y0 - x0 * -2.0 == pytest.approx(-2.6)
    thick = {line.get_linewidth() for line in axes.lines if line.get_label() == "optimised"}
    thin = {line.get_linewidth() for line in axes.lines if line.get_label() == "by hand"}
    assert max(thin) < min(thick)
    assert names(axes) == ["by hand", "optimised", "data"]


def test_a_line_keeps_its_colour_from_figure_to_figure():
    groups = {"by hand": [(-1.9, -1.2)], "optimised": [(-2.6, -2.0)]}
    (first,) = panels(figures.lines(*LINE, groups))
    (ridge,) = panels(labs.RidgeLab(*LINE).draw())
    landscape, _ = panels(labs.LandscapeLab(*LINE, by_hand=[(-1.9, -1.2)]).draw())

    def colour(axes, name):
        (line,) = [line for line in axes.lines if line.get_label() == name]
        return line.get_color()

    assert colour(first, "by hand") == colour(landscape, "by hand") == MODEL
    unpenalised = colour(first, "optimised")
    assert unpenalised == colour(ridge, "without a penalty")
    assert unpenalised == colour(landscape, "optimum without penalty")
    assert colour(ridge, "with the penalty") == colour(landscape, "optimum") == APPROXIMATION


def test_tried_lines_are_dotted_and_the_last_is_solid():
    lab = labs.LinesByHand(*LINE, y_range=(-5, 1))
    for w in (-1.0, -1.2, -1.4):
        lab.set(w=w)
    (axes,) = panels(lab.draw())
    dotted = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert len(dotted) == 2
    (x0, y0), (x1, y1) = curve(axes, "your line")
    assert (y1 - y0) / (x1 - x0) == pytest.approx(-1.4)


def test_the_path_of_ridge_is_the_closed_form():
    bias, slope = panels(figures.ridge_path(*LINE, visited=[3.6]))
    for axes, target in ((bias, -15.6), (slope, -12.119458)):
        alphas, values = curve(axes, "both penalised").T
        np.testing.assert_allclose(values, target / (6 + alphas), rtol=1e-4)
        np.testing.assert_allclose(curve(axes, "tried"), [[3.6, target / 9.6]], rtol=1e-4)
    np.testing.assert_allclose(curve(bias, "slope only")[:, 1], -2.6, rtol=1e-4)
    clean = curve(slope, "without the outlier, α = 0")[:, 1]
    np.testing.assert_allclose(clean, -1.25911, atol=1e-4)


def test_measured_areas_lie_beside_their_formula():
    (axes,) = panels(figures.region_areas([(6.0, np.pi / 3)]))
    alphas, areas = curve(axes, "4π / (6 + α)").T
    np.testing.assert_allclose(areas, 4 * np.pi / (6 + alphas))
    np.testing.assert_allclose(curve(axes, "measured"), [[6, np.pi / 3]])
    assert curve(axes, "half of that at α = 0")[0, 1] == pytest.approx(areas[0] / 2)


@pytest.mark.parametrize("alpha", [0.0, 4.18])
def test_the_landscape_has_its_peak_at_the_marked_optimum(alpha):
    lab = labs.LandscapeLab(*LINE, by_hand=[(-1.7, -1.2), (-1.5, -1.0)])
    lab.set(alpha=alpha)
    axes, bar = panels(lab.draw())
    (image,) = axes.images
    heights = np.asarray(image.get_array())
    row, column = np.unravel_index(int(heights.argmax()), heights.shape)
    left, right, bottom, top = image.get_extent()
    peak = (np.linspace(left, right, 200)[column], np.linspace(bottom, top, 200)[row])
    np.testing.assert_allclose(curve(axes, "optimum")[0], peak, atol=0.06)
    np.testing.assert_allclose(
        curve(axes, "optimum without penalty")[0], [-2.6, -2.0199], atol=1e-3
    )
    assert len(curve(axes, "by hand")) == 2
    low, high = image.get_clim()
    assert high == pytest.approx(heights.max()) and high - low == pytest.approx(70)
    assert bar.get_ylabel() == "negative loss"
    (contour,) = [one for one in axes.collections if hasattr(one, "levels")]
    np.testing.assert_allclose(contour.levels, [heights.max() - 2], rtol=1e-6)


def test_a_landscape_is_the_negative_regularised_loss():
    surface = line_landscape(*LINE, 3.0)
    w = np.array([surface.first[40], surface.second[150]])
    expected = np.sum((LINE.y - X @ w) ** 2) / 2 + 1.5 * np.sum(w**2)
    assert surface.height[150, 40] == pytest.approx(-float(expected), rel=1e-5)


# --- densities, posteriors, bands ----------------------------------------------------------------


def test_bells_are_normal_densities_of_precision_alpha():
    (axes,) = panels(figures.bells(alphas=(0.2, 5.0)))
    for alpha in (0.2, 5.0):
        w, density = curve(axes, f"α = {alpha:g}").T
        np.testing.assert_allclose(density, stats.norm.pdf(w, 0, alpha**-0.5), atol=1e-9)


def test_areas_tell_whether_a_density_is_normalised():
    right = panels(figures.areas(bayes.log_prior, alphas=(0.5, 5.0)))
    assert [axes.get_title() for axes in right] == ["α = 0.5: area 1.0000", "α = 5: area 1.0000"]

    def inverted(w, alpha):
        return bayes.log_prior(w, alpha) - len(w) * jnp.log(alpha)

    wrong = panels(figures.areas(inverted, alphas=(0.5, 5.0)))
    assert [axes.get_title() for axes in wrong] == ["α = 0.5: area 2.0000", "α = 5: area 0.2000"]


def test_learning_shrinks_the_ellipse_from_the_prior_on():
    axes = panels(figures.learning(*LINE, alpha=1.0, counts=(0, 1, 3, 6)))
    above, below = axes[:4], axes[4:]
    assert [one.get_title() for one in above] == [f"after {n} of 6 examples" for n in (0, 1, 3, 6)]
    areas = []
    for one, count in zip(above, (0, 1, 3, 6), strict=True):
        first = np.asarray(one.lines[0].get_xydata())
        after = bayes.posterior(X[:count], LINE.y[:count], 1.0)
        distance = np.asarray(first - after.mean)
        inner = np.einsum("ni,ij,nj->n", distance, np.linalg.inv(after.covariance), distance)
        np.testing.assert_allclose(inner, 1, rtol=1e-3)  # the contour at one standard deviation
        areas.append(float(jnp.linalg.det(after.covariance)))
    assert areas == sorted(areas, reverse=True)
    assert [len(data_of(one)) for one in below] == [0, 1, 3, 6]
    assert all(len(functions_of(one)) == 15 for one in below)


def test_an_ellipse_of_k_deviations_holds_its_share():
    rng = np.random.default_rng(0)
    covariance = np.array([[2.0, 0.9], [0.9, 0.5]])
    draws = rng.multivariate_normal([0, 0], covariance, 20_000)
    for k in (1, 2):
        edge = ellipse([0, 0], covariance, k)
        inner = np.einsum("ni,ij,nj->n", edge, np.linalg.inv(covariance), edge)
        np.testing.assert_allclose(inner, k**2, rtol=1e-6)
        inside = np.einsum("ni,ij,nj->n", draws, np.linalg.inv(covariance), draws) <= k**2
        share = 1 - np.exp(-(k**2) / 2)
        assert abs(inside.mean() - share) < 5 * np.sqrt(share * (1 - share) / 20_000)


def test_circles_of_prior_and_posterior_are_at_1_2_4_and_6_deviations():
    lab = labs.PriorPosteriorLab(*LINE)
    lab.set(alpha=3.0)
    axes, _ = panels(lab.draw())
    circles = [line for line in axes.lines if len(line.get_xdata()) == 121]
    radii = [np.ptp(np.asarray(line.get_xdata())) / 2 for line in circles]
    for scale, found in ((3**-0.5, radii[:5]), (1 / 3, radii[5:])):
        np.testing.assert_allclose(np.array(found) / scale, [1, 2, 4, 6, 2], rtol=2e-3)
    bold = [line.get_linewidth() for line in circles]
    assert bold[4] > max(bold[:4]) and bold[9] > max(bold[5:9])
    assert names(axes) == ["prior", "posterior"]


def test_the_conflict_is_where_the_circles_do_not_touch():
    (axes,) = panels(figures.prior_data_conflict(*LINE, visited=[0.9, 14.3]))
    alphas, distance = curve(axes, "distance of the centres").T
    radii = curve(axes, "sum of the radii at 2 sd")[:, 1]
    apart = alphas[distance > radii]
    assert apart.min() == pytest.approx(0.908, rel=0.05)
    assert apart.max() == pytest.approx(14.32, rel=0.05)
    uprights = [line for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert [line.get_xdata()[0] for line in uprights] == [0.9, 14.3]


@pytest.mark.parametrize("noise", [False, True])
def test_a_band_has_one_standard_deviation_on_either_side(noise):
    lab = labs.PredictiveLab(*LINE)
    lab.set(alpha=10.0, new_observation=noise)
    (axes,) = panels(lab.draw())
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    at_zero = corners[np.isclose(corners[:, 0], lab.inputs[np.abs(lab.inputs).argmin()])]
    half = np.ptp(at_zero[:, 1]) / 2
    assert half == pytest.approx((1 + 1 / 16) ** 0.5 if noise else 0.25, abs=2e-3)
    assert ("new observation" in names(axes)[0]) is noise


def test_sampling_shows_weights_the_exact_band_and_its_estimate():
    lab = labs.MonteCarloLab(*LINE)
    lab.set(samples=40)
    left, middle, right = panels(lab.draw())
    np.testing.assert_allclose(curve(left, "40 samples"), lab.current.results["weights"], rtol=1e-6)
    assert (middle.get_title(), right.get_title()) == (
        "exact band of f",
        "estimated from 40 samples",
    )
    bias, slope = lab.current.results["weights"].T
    inputs, lines = np.moveaxis(functions_of(right), -1, 0)  # [lines, points] each
    np.testing.assert_allclose(lines, bias[:, None] + slope[:, None] * inputs, atol=1e-5)


def test_coverage_follows_the_diagonal_only_with_the_right_deviation():
    rng = np.random.default_rng(1)
    y, mean = rng.normal(size=4000), np.zeros(4000)
    sds = {"right": np.ones(4000), "too narrow": np.full(4000, 0.43)}
    left, right = panels(figures.coverage_chart(y, mean, sds))
    levels, shares = curve(left, "right").T
    np.testing.assert_allclose(shares, levels, atol=5 * np.sqrt(0.25 / 4000))
    bars = [patch.get_height() for patch in right.patches]
    narrow = 2 * stats.norm.cdf(1.96 * 0.43) - 1
    assert bars == pytest.approx([0.95, narrow], abs=5 * np.sqrt(0.25 / 4000))
    assert [text.get_text() for text in right.texts] == [f"{bar:.1%}" for bar in bars]


# --- flexible functions --------------------------------------------------------------------------


def test_basis_functions_are_features_and_draws_from_the_prior():
    basis = bayes.fourier_basis(jr.key(0), 500, 0.75)
    left, right = panels(figures.basis_functions(basis, count=5))
    x, feature = np.asarray(left.lines[3].get_data())
    np.testing.assert_allclose(feature, basis(jnp.asarray(x))[:, 3], atol=1e-5)
    assert left.get_title() == "5 of 500 features"
    assert functions_of(right).shape == (5, len(x), 2)


def test_the_deviation_along_x_tends_to_that_of_the_prior():
    (axes,) = panels(figures.sd_along_x(*CURVE, scales=(0.3, 1.8), alpha=0.002))
    prior = curve(axes, "prior, 1/√α")[0, 1]
    assert prior == pytest.approx(0.002**-0.5)
    for scale in (0.3, 1.8):
        x, sd = curve(axes, f"σₛ = {scale:g}").T
        assert sd.max() <= prior * 1.001
        at = np.exp(-(scale**2) * (x[:, None] - CURVE.x) ** 2 / 2) / 0.002
        K = np.exp(-(scale**2) * (np.asarray(CURVE.x)[:, None] - CURVE.x) ** 2 / 2) / 0.002
        variance = 500 - np.einsum("ni,ij,nj->n", at, np.linalg.inv(K + np.eye(8)), at)
        np.testing.assert_allclose(sd, np.sqrt(variance), rtol=0.02, atol=0.05)
    assert curve(axes, "σₛ = 1.8")[0, 1] > curve(axes, "σₛ = 0.3")[0, 1]


def test_more_features_come_closer_to_the_kernel():
    axes = panels(figures.kernel_convergence(scale=0.75, features=(10, 1000), seed=0))
    gaps = []
    for one in axes:
        distance, limit = curve(one, "limit").T
        np.testing.assert_allclose(limit, np.exp(-(0.75**2) * distance**2 / 2), atol=1e-5)
        drawn = [line.get_ydata() for line in one.lines if line.get_color() == MODEL]
        assert len(drawn) == 5
        gaps.append(np.sqrt(np.mean((np.array(drawn) - limit) ** 2)))
    assert gaps[1] < gaps[0] / 3  # a hundred times as many features: ten times as close on average
    assert axes[0].get_ylabel() == "covariance times α"


def test_the_evidence_is_the_sum_of_its_parts_and_its_best_is_marked():
    alphas = jnp.geomspace(0.01, 20.0, 200)
    values = jax.vmap(lambda alpha: bayes.log_evidence(X, LINE.y, alpha))(alphas)
    (axes,) = panels(figures.evidence_curve(X, LINE.y, alphas, values))
    fit, volume, total = (
        curve(axes, name)[:, 1] for name in ("fit of the best weights", "volume", "log evidence")
    )
    np.testing.assert_allclose(fit + volume - 3 * np.log(2 * np.pi), total, atol=1e-3)
    exact = -np.log(1 + 6 / np.asarray(alphas))  # both eigenvalues of X^T X are 6
    np.testing.assert_allclose(volume, exact, atol=2e-3)
    (name,) = [name for name in names(axes) if name.startswith("best")]
    assert name.startswith("best: -19.39")


def test_evidence_curves_keep_their_names():
    alphas = jnp.geomspace(1e-4, 10.0, 9)
    curves = {"straight line": jnp.linspace(-120, -96, 9), "features": jnp.linspace(-60, -27, 9)}
    (axes,) = panels(figures.evidence_curves(alphas, curves))
    for name, values in curves.items():
        np.testing.assert_allclose(curve(axes, name)[:, 1], values)
    assert axes.get_xscale() == "log"


def test_the_evidence_landscape_stars_its_best_setting():
    (axes,) = panels(figures.evidence_landscape(*CURVE, visited=[(2.0, 0.001), (0.5, 0.004)]))
    (scale, alpha) = curve(axes, "best")[0]
    assert scale == pytest.approx(0.465, rel=0.1) and alpha == pytest.approx(0.0055, rel=0.2)
    np.testing.assert_allclose(curve(axes, "tried"), [[2.0, 0.001], [0.5, 0.004]])
    np.testing.assert_allclose(curve(axes, "now"), [[0.5, 0.004]])


@pytest.mark.parametrize("step", [0, 40])
def test_the_ascent_marks_how_far_it_is(step):
    def evidence(log_params, x, y):
        basis = bayes.fourier_basis(jr.key(2), 300, jnp.exp(log_params["scale"]))
        return bayes.log_evidence(basis(x), y, jnp.exp(log_params["alpha"]))

    start = {"scale": jnp.log(2.0), "alpha": jnp.log(0.001)}
    climb = bayes.maximise_evidence(start, evidence, *CURVE, steps=50, rate=1e-2)
    lab = labs.EvidenceAscentLab(*CURVE, climb, key=jr.key(2))
    lab.set(step=step)
    left, right = panels(lab.draw())
    path, now = (np.asarray(line.get_xydata()) for line in right.lines)
    np.testing.assert_allclose(now, [path[step]])
    assert f"{lab.current.results['scale']:.2f}" in left.get_title()


# --- wrong models --------------------------------------------------------------------------------


def test_robust_fits_show_lines_and_what_a_residual_costs():
    means = {"Gaussian": np.array([-2.5, -2.0]), "Student's t": np.array([-1.7, -1.3])}
    figure = figures.robust_fits(
        *LINE, means, np.array([-1.7, -1.26]), bayes.student_log_likelihood
    )
    left, right = panels(figure)
    for name, (b, w) in means.items():
        x, y = curve(left, name).T
        np.testing.assert_allclose(y, b + w * x)
    residuals, cost = curve(right, "Student's t").T
    np.testing.assert_allclose(cost, stats.t.logpdf(residuals, 3, scale=0.5), atol=1e-4)
    gaussian = curve(right, "Gaussian")[:, 1]
    np.testing.assert_allclose(gaussian, stats.norm.logpdf(residuals), atol=1e-4)


def test_the_conformal_band_is_the_models_own_times_a_factor():
    x, y = np.linspace(-2, 2, 40), np.zeros(40)
    figure = figures.conformal(x, y, jnp.zeros(2), jnp.eye(2), noise_var=1.0, factor=3.29)
    (axes,) = panels(figure)
    wide, own = (band.get_paths()[0].vertices for band in axes.collections)
    assert np.ptp(wide[:, 1]) == pytest.approx(2 * np.ptp(own[:, 1]), rel=1e-3)
    assert names(axes) == ["conformal, 90 %", "the model's own, 90 %", "new observations"]


# --- logistic regression -------------------------------------------------------------------------


def test_the_logistic_landscape_has_its_peak_at_the_mode():
    mode = jnp.array([0.30762, 1.36458])
    left, right, _ = panels(figures.logistic(*CLASSES, 0.75, mode))
    (image,) = left.images
    heights = np.asarray(image.get_array())
    row, column = np.unravel_index(int(heights.argmax()), heights.shape)
    peak = (np.linspace(-8, 8, 200)[column], np.linspace(-6, 10, 200)[row])
    np.testing.assert_allclose(curve(left, "mode")[0], peak, atol=0.06)
    (contours,) = [one for one in left.collections if hasattr(one, "levels")]
    np.testing.assert_allclose(heights.max() - contours.levels[::-1], [0.5, 2, 4.5, 8], rtol=1e-5)
    x, p = curve(right, "at the mode").T
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-(0.30762 + 1.36458 * x))), atol=1e-5)
    np.testing.assert_allclose(data_of(right), np.stack(CLASSES, axis=1), rtol=1e-6)


def test_approximations_lie_over_the_exact_contours():
    mean, covariance = np.array([0.3, 1.4]), np.array([[0.7, 0.1], [0.1, 0.5]])
    figure = figures.logistic_approximations(*CLASSES, 0.75, {"Laplace": (mean, covariance)})
    axes = panels(figure)[0]
    np.testing.assert_allclose(curve(axes, "Laplace"), ellipse(mean, covariance, 1))
    assert (axes.get_xlim(), axes.get_ylim()) == ((-4, 4), (-2, 6))
    assert names(axes) == ["equal height", "Laplace"]


def test_the_logistic_lab_shows_three_curves_and_laplaces_gaussian():
    lab = labs.LogisticLab(*CLASSES)
    lab.set(alpha=0.1)
    left, right, _ = panels(lab.draw())
    assert names(right) == ["at the mode", "Laplace", "exact", "labels"]
    ends = [curve(right, name)[-1, 1] for name in ("at the mode", "exact", "Laplace")]
    assert ends == sorted(ends, reverse=True)  # at x = 4 the mode is the most certain
    assert curve(right, "exact")[-1, 1] == pytest.approx(lab.current.results["exact"], abs=1e-6)
    (star,) = [line for line in left.lines if line.get_label() == "mode"]
    assert star.get_color() == APPROXIMATION


def test_reliability_lies_on_the_diagonal_for_the_truth_only():
    rng = np.random.default_rng(2)
    p = rng.uniform(size=20_000)
    labels = (rng.uniform(size=20_000) < p).astype(float)
    extreme = np.clip(1.6 * (p - 0.5) + 0.5, 0, 1)
    (axes,) = panels(figures.reliability({"truth": p, "extreme": extreme}, labels))
    predicted, observed = curve(axes, "truth").T
    np.testing.assert_allclose(observed, predicted, atol=5 * np.sqrt(0.25 / 1900))
    predicted, observed = curve(axes, "extreme").T
    assert observed[0] > predicted[0] + 0.05 and observed[-1] < predicted[-1] - 0.05
    (diagonal,) = [line for line in axes.lines if line.get_color() == TRUTH]
    np.testing.assert_allclose(diagonal.get_xydata(), [[0, 0], [1, 1]])


ALL = {
    "points": lambda: figures.points(*LINE),
    "ridge path": lambda: figures.ridge_path(*LINE, visited=[3.6]),
    "bells": lambda: figures.bells(alphas=(0.2, 5.0)),
    "learning": lambda: figures.learning(*LINE, alpha=1.0, counts=(0, 6)),
    "conflict": lambda: figures.prior_data_conflict(*LINE, visited=[0.9]),
    "kernel": lambda: figures.kernel_convergence(scale=0.75, features=(10, 100), seed=0),
    "logistic": lambda: figures.logistic(*CLASSES, 0.75, jnp.array([0.3, 1.4])),
}


@pytest.mark.parametrize("name", ALL)
def test_every_axis_has_a_name_and_the_figure_words(name):
    figure = ALL[name]()
    named = [axes for axes in figure.axes if axes.get_ylabel() != "negative loss"]  # colour bars
    assert all(axes.get_xlabel() for axes in named)
    assert any(labelled(axes) for axes in named)
    assert len(describe(figure)) > 20
