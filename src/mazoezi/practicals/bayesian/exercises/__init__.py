"""The checks of the practical, one name for each exercise."""

from mazoezi.practicals.bayesian.exercises._beyond import conformal, students_t
from mazoezi.practicals.bayesian.exercises._functions import (
    evidence_integral,
    fourier_laboratory,
    gp_predict,
    log_evidence,
    maximise_evidence,
)
from mazoezi.practicals.bayesian.exercises._logistic import (
    calibration,
    newton_laplace,
    stable_likelihood,
)
from mazoezi.practicals.bayesian.exercises._posterior import (
    complete_the_square,
    coverage,
    log_prior,
    posterior,
    predict,
    predictive_band,
    prior_and_posterior,
)
from mazoezi.practicals.bayesian.exercises._warm_up import (
    affine_basis,
    choose_alpha,
    lines_by_hand,
    loss_landscape,
    ridge,
    ridge_gradient,
    squared_loss,
)

__all__ = [
    "affine_basis",
    "calibration",
    "choose_alpha",
    "complete_the_square",
    "conformal",
    "coverage",
    "evidence_integral",
    "fourier_laboratory",
    "gp_predict",
    "lines_by_hand",
    "log_evidence",
    "log_prior",
    "loss_landscape",
    "maximise_evidence",
    "newton_laplace",
    "posterior",
    "predict",
    "predictive_band",
    "prior_and_posterior",
    "ridge",
    "ridge_gradient",
    "squared_loss",
    "stable_likelihood",
    "students_t",
]
