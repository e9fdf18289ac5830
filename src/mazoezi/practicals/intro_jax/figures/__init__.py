"""The figures of the practical: data in, a Matplotlib figure out."""

from mazoezi.practicals.intro_jax.figures._polynomials import (
    against,
    chosen_degrees,
    draw_errors_by_degree,
    draw_wave,
    errors_by_degree,
    extrapolation,
    wave,
)
from mazoezi.practicals.intro_jax.figures._regression import (
    actual_and_predicted,
    clipping,
    draw_clipping,
    draw_loss_contours,
    draw_losses,
    houses,
    loss_contours,
    loss_surface,
    losses,
    newton_and_descent,
    residuals,
    trajectory,
    tried_lines,
)

__all__ = [
    "actual_and_predicted",
    "against",
    "chosen_degrees",
    "clipping",
    "draw_clipping",
    "draw_errors_by_degree",
    "draw_loss_contours",
    "draw_losses",
    "draw_wave",
    "errors_by_degree",
    "extrapolation",
    "houses",
    "loss_contours",
    "loss_surface",
    "losses",
    "newton_and_descent",
    "residuals",
    "trajectory",
    "tried_lines",
    "wave",
]
