"""The figures of variational inference draw what their numbers say."""

import io
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image
from scipy.special import expit

from mazoezi import bayes, datasets
from mazoezi.course.drawing import describe
from mazoezi.practicals.bayesian import figures
from mazoezi.practicals.bayesian.figures._approximations import divergence

Q = bayes.VariationalGaussian(
    jnp.array([0.3, 1.6]), jnp.array([[0.0, 0.0], [-0.2, 0.0]]), jnp.log(jnp.array([0.8, 0.7]))
)


def curve(axes: Any, name: str) -> Any:
    return next(line for line in axes.lines if line.get_label() == name).get_xydata()


def bell(w, mean, sd):
    return np.exp(-(((w - mean) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi))


def test_divergence_on_a_grid_is_that_of_gaussians():
    w = np.linspace(-12, 12, 4001)
    p, q = bell(w, 0.5, 0.8), bell(w, -1.0, 1.7)
    for a, b, (m, s), (n, t) in (
        (p, q, (0.5, 0.8), (-1.0, 1.7)),
        (q, p, (-1.0, 1.7), (0.5, 0.8)),
    ):
        closed_form = np.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5
        assert divergence(w, a, b) == pytest.approx(closed_form, abs=1e-6)


def test_each_panel_of_the_two_directions_tells_both_divergences():
    w = np.linspace(-9, 9, 2001)
    figure = figures.two_directions(
        w, bell(w, 0, 1), {"as it is": (0.0, 1.0), "too wide": (0.0, 2.0)}
    )
    assert "KL(q‖p) = 0.00, KL(p‖q) = 0.00" in describe(figure)
    assert f"KL(q‖p) = {1.5 - np.log(2):.2f}, KL(p‖q) = {np.log(2) - 0.375:.2f}" in describe(figure)


def test_bound_and_gap_fill_up_to_the_log_evidence():
    elbo, evidence = np.array([-9.0, -6.0, -5.1]), -5.0
    (axes,) = figures.bound_and_gap([0, 1, 2], elbo, evidence - elbo, evidence).axes
    band: Any = axes.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(evidence)
    np.testing.assert_allclose(curve(axes, "ELBO")[:, 1], elbo)


def test_optimiser_noise_is_drawn_on_a_logarithmic_scale():
    runs = {"K = 10": ([0, 1], [1.0, 1e-3]), "K = 1000": ([0, 1], [1.0, 1e-5])}
    (axes,) = figures.optimiser_noise(runs).axes
    assert axes.get_yscale() == "log"
    np.testing.assert_allclose(curve(axes, "K = 1000")[:, 1], [1.0, 1e-5])
    assert curve(axes, "0.01 nats")[0, 1] == 0.01


def test_weights_and_functions_lie_upon_each_other_when_q_is_exact():
    x, y = datasets.outlier()
    exact = bayes.posterior(bayes.affine_basis(x), y, 3.0)
    q = bayes.gaussian_from_covariance(*exact)
    left, right = figures.weights_and_functions(x, y, 3.0, exact, q).axes[:2]
    for name in ("q: 1 and 2 sd", "exact posterior: 1 and 2 sd"):
        distances = np.linalg.norm(curve(left, name) - np.asarray(exact.mean), axis=1)
        np.testing.assert_allclose(distances, 1 / 3, rtol=1e-4)  # its covariance is I/9
    mean: Any = right.lines[0].get_xydata()
    band: Any = right.collections[0].get_paths()[0].vertices
    nearest = mean[np.abs(mean[:, 0]).argmin(), 0]
    at_zero = band[np.isclose(band[:, 0], nearest), 1]
    assert np.ptp(at_zero) == pytest.approx(2 / 3, abs=1e-3)


def test_a_diagonal_q_is_drawn_upright_beside_the_exact_posterior():
    exact = bayes.Gaussian(jnp.zeros(2), jnp.array([[1.0, -0.8], [-0.8, 1.0]]))
    q = bayes.gaussian_at(jnp.zeros(2), 0.6, mean_field=True)
    (axes,) = figures.fits_beside_exact(exact, {"diagonal q": q}).axes
    np.testing.assert_allclose(np.linalg.norm(curve(axes, "diagonal q"), axis=1), 0.6, rtol=1e-5)
    assert np.ptp(curve(axes, "exact posterior")[:, 0]) == pytest.approx(2.0, abs=1e-3)


def test_logistic_fit_averages_all_draws_and_shows_twenty():
    x, y = datasets.separable()
    draws = np.asarray(bayes.sample(Q, jax.random.key(0), 100))
    left, right = figures.logistic_fit(x, y, 0.75, Q, draws, np.array([0.3, 1.36])).axes[:2]
    average = curve(right, "average over q")
    expected = expit(draws[:, 0] + draws[:, 1] * average[17, 0]).mean()
    assert average[17, 1] == pytest.approx(expected, rel=1e-5)
    assert curve(right, "mode alone")[40, 1] == pytest.approx(
        expit(0.3 + 1.36 * average[40, 0]), rel=1e-5
    )
    assert len(curve(left, "20 draws")) == 20
    assert len(curve(left, "mode")) == 1


@pytest.fixture(scope="module")
def moving():
    x, y = datasets.separable()
    surface = figures.landscape(
        bayes.logistic_loss, bayes.affine_basis(x), y, 0.75, first=(-4.0, 4.0), second=(-3.0, 6.0)
    )
    way = jax.tree.map(lambda leaf: jnp.stack([leaf - 1.0, leaf - 0.5, leaf]), Q)
    return figures.q_on_its_way(surface, way, [0, 40, 80])


def test_moving_picture_has_a_frame_for_each_snapshot(moving):
    gif: Any = Image.open(io.BytesIO(moving.gif))
    assert gif.n_frames == 3
    frames = []
    for place in range(3):
        gif.seek(place)
        frames.append(np.asarray(gif.convert("RGB"), int))
    assert np.abs(frames[0] - frames[1]).max() > 100
    assert np.abs(frames[1] - frames[2]).max() > 100


def test_moving_picture_has_a_still_one_and_words_for_who_cannot_see_it(moving):
    bundle = moving._repr_mimebundle_()
    assert "prefers-reduced-motion" in bundle["text/html"]
    assert 'alt="Animation. q after 0 steps: ' in bundle["text/html"]
    assert "q after 80 steps" in bundle["text/plain"]
    in_a_notebook, _ = DisplayFormatter().format(moving)
    assert in_a_notebook["text/plain"] == bundle["text/plain"]  # words, and not the GIF's bytes
    assert len(moving.still.axes) == 3
    assert curve(moving.still.axes[2], "mean of q")[0] == pytest.approx([0.3, 1.6])
