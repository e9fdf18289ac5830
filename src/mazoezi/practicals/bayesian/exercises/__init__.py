"""The checks of the practical, one name for each exercise."""

from mazoezi.practicals.bayesian.exercises._beyond import (
    conformal,
    students_t,
)
from mazoezi.practicals.bayesian.exercises._chains import (
    tuned_by_hand,
)
from mazoezi.practicals.bayesian.exercises._elbo import (
    make_elbo,
)
from mazoezi.practicals.bayesian.exercises._functions import (
    evidence_integral,
    fourier_laboratory,
    gp_predict,
    log_evidence,
    maximise_evidence,
)
from mazoezi.practicals.bayesian.exercises._leapfrog import (
    leapfrog,
)
from mazoezi.practicals.bayesian.exercises._logistic import (
    calibration,
    newton_laplace,
    stable_likelihood,
)
from mazoezi.practicals.bayesian.exercises._model import (
    network_model,
)
from mazoezi.practicals.bayesian.exercises._networks import (
    relu_starts,
    two_weight_starts,
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
from mazoezi.practicals.bayesian.exercises._predictions import (
    combine,
    linearised,
)
from mazoezi.practicals.bayesian.exercises._reading import (
    free_parameters,
    gap,
    second_variance,
)
from mazoezi.practicals.bayesian.exercises._sampler import (
    draw_from_q,
    kl_to_prior,
)
from mazoezi.practicals.bayesian.exercises._sampling import (
    importance_posterior,
    mode_share,
    rhat,
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
    "combine",
    "complete_the_square",
    "conformal",
    "coverage",
    "draw_from_q",
    "evidence_integral",
    "fourier_laboratory",
    "free_parameters",
    "gap",
    "gp_predict",
    "importance_posterior",
    "kl_to_prior",
    "leapfrog",
    "linearised",
    "lines_by_hand",
    "log_evidence",
    "log_prior",
    "loss_landscape",
    "make_elbo",
    "maximise_evidence",
    "mode_share",
    "network_model",
    "newton_laplace",
    "posterior",
    "predict",
    "predictive_band",
    "prior_and_posterior",
    "relu_starts",
    "rhat",
    "ridge",
    "ridge_gradient",
    "second_variance",
    "squared_loss",
    "stable_likelihood",
    "students_t",
    "tuned_by_hand",
    "two_weight_starts",
]
