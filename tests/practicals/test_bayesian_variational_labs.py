"""The lab of variational inference fits anew at each move, and its numbers are right."""

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, log_expit, logsumexp
from scipy.stats import multivariate_normal

from mazoezi import datasets
from mazoezi._errors import MazoeziError
from mazoezi.course.drawing import describe
from mazoezi.practicals.bayesian import labs
from mazoezi.practicals.bayesian.labs import _variational

pytestmark = pytest.mark.slow  # fits, compiled first

FLIPPED = "the label at 0.8 flipped"


@pytest.fixture(scope="module")
def lab():
    return labs.VariationalLab(*datasets.separable())


class Truth:
    """The posterior on a grid, in NumPy."""

    def __init__(self, y, alpha, points=401):
        x = np.asarray(datasets.separable().x, float)
        axis = np.linspace(-7, 7, points) / np.sqrt(alpha)
        self.cell = (axis[1] - axis[0]) ** 2
        self.w = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        signs = 2 * np.asarray(y, float) - 1
        log_joint = log_expit(signs * (self.w[:, :1] + self.w[:, 1:] * x)).sum(axis=1)
        log_joint += np.log(alpha / (2 * np.pi)) - alpha / 2 * (self.w**2).sum(axis=1)
        self.log_evidence = logsumexp(log_joint) + np.log(self.cell)
        self.log_density = log_joint - self.log_evidence

    def probability(self, x):
        return np.exp(self.log_density) * self.cell @ expit(self.w @ [1.0, x])

    def divergence_from(self, mean, covariance):
        """KL(N(mean, covariance)‖posterior)."""
        matrix: Any = np.asarray(covariance)
        log_q = multivariate_normal.logpdf(self.w, np.asarray(mean), matrix)
        return np.sum(np.exp(log_q) * (log_q - self.log_density)) * self.cell


@pytest.mark.parametrize("labels", ["as they are", FLIPPED])
@pytest.mark.parametrize("alpha", [0.1, 0.75, 5.0])
def test_what_the_lab_tells_agrees_with_a_grid(lab, alpha, labels):
    y = np.array(datasets.separable().y)
    if labels == FLIPPED:
        y[np.isclose(datasets.separable().x, 0.8)] = 0
    truth = Truth(y, alpha)
    lab.set(alpha=alpha, labels=labels)
    results = lab.current.results
    q, (mode, covariance) = results["q"], results["laplace"]
    assert results["log_evidence"] == pytest.approx(truth.log_evidence, abs=1e-3)
    assert results["exact"] == pytest.approx(truth.probability(6.0), abs=1e-4)
    assert results["kl_vi"] == pytest.approx(truth.divergence_from(q.mean, q.covariance), abs=1e-3)
    assert results["kl_laplace"] == pytest.approx(truth.divergence_from(mode, covariance), abs=2e-3)
    assert results["at_mode"] == pytest.approx(expit(np.array([1.0, 6.0]) @ mode), abs=1e-5)


def test_the_first_settings_show_the_published_gaps(lab):
    lab.set(alpha=0.75, labels="as they are")
    results = lab.current.results
    assert 0.0315 < results["kl_vi"] < 0.035  # the best Gaussian has 0.0316
    assert results["kl_laplace"] == pytest.approx(0.1229, abs=2e-4)
    assert f"**{results['kl_vi']:.4f}**" in lab.tell()


def test_a_flipped_label_shrinks_the_gaps_and_a_weak_prior_widens_them(lab):
    gaps = {}
    for alpha, labels in ((0.75, "as they are"), (0.1, "as they are"), (0.1, FLIPPED)):
        lab.set(alpha=alpha, labels=labels)
        gaps[alpha, labels] = lab.current.results["kl_vi"]
    assert gaps[0.1, "as they are"] > 2 * gaps[0.75, "as they are"]
    assert gaps[0.1, FLIPPED] < gaps[0.1, "as they are"]


def test_a_move_compiles_nothing(lab):
    fit: Any = _variational._fit
    before = fit._cache_size()
    for alpha in (0.2, 2.0, 11.0):
        lab.set(alpha=alpha)
    assert fit._cache_size() == before


def test_figure_has_the_landscape_and_three_curves(lab):
    lab.set(alpha=0.75, labels=FLIPPED)
    words = describe(lab.draw())
    for name in ("Laplace: 1 to 3 sd", "q: 1 to 3 sd", "exact posterior", "mode alone", "labels"):
        assert name in words


def test_a_prior_outside_the_slider_is_refused(lab):
    with pytest.raises(MazoeziError, match="alpha"):
        lab.set(alpha=0.0)


@pytest.mark.parametrize("reach", [0.3, 1.0, 1.4, 5.9])
def test_the_axes_hold_what_is_drawn_and_change_seldom(reach):
    ranges = [_variational._around(middle, reach) for middle in np.linspace(-3, 3, 101)]
    for middle, (low, high) in zip(np.linspace(-3, 3, 101), ranges, strict=True):
        assert low <= middle - reach < middle + reach <= high
        assert high - low < 6 * reach
    assert len(set(ranges)) <= 2 + 6 / (reach / 2)
