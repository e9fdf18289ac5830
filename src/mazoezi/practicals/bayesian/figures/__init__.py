"""The figures of the practical: data in, a Matplotlib figure out."""

from mazoezi.practicals.bayesian.figures._approximations import (
    bound_and_gap,
    fits_beside_exact,
    logistic_fit,
    optimiser_noise,
    two_directions,
    weights_and_functions,
)
from mazoezi.practicals.bayesian.figures._beyond import (
    conformal,
    robust_fits,
)
from mazoezi.practicals.bayesian.figures._chains import (
    draw_energy,
    draw_path,
    error_and_cost,
    foursomes,
    importance_weights,
    paths,
    predictives,
    shares,
    traces,
    tuning,
)
from mazoezi.practicals.bayesian.figures._functions import (
    basis_functions,
    evidence_curve,
    evidence_curves,
    evidence_landscape,
    kernel_convergence,
    sd_along_x,
)
from mazoezi.practicals.bayesian.figures._landscape import (
    draw_contours,
    draw_gaussian,
    draw_landscape,
    landscape,
)
from mazoezi.practicals.bayesian.figures._lines import (
    lines,
    points,
    region_areas,
    ridge_path,
)
from mazoezi.practicals.bayesian.figures._logistic import (
    logistic,
    logistic_approximations,
    reliability,
)
from mazoezi.practicals.bayesian.figures._motion import (
    MovingPicture,
    q_on_its_way,
)
from mazoezi.practicals.bayesian.figures._networks import (
    basins,
    bounds,
    curves_by_name,
    draw_basins,
    fits_on_landscape,
    functions_and_truth,
    relu_shapes,
    two_modes,
    way_of_q,
)
from mazoezi.practicals.bayesian.figures._posterior import (
    areas,
    bells,
    coverage_chart,
    learning,
    prior_data_conflict,
)

__all__ = [
    "MovingPicture",
    "areas",
    "basins",
    "basis_functions",
    "bells",
    "bound_and_gap",
    "bounds",
    "conformal",
    "coverage_chart",
    "curves_by_name",
    "draw_basins",
    "draw_contours",
    "draw_energy",
    "draw_gaussian",
    "draw_landscape",
    "draw_path",
    "error_and_cost",
    "evidence_curve",
    "evidence_curves",
    "evidence_landscape",
    "fits_beside_exact",
    "fits_on_landscape",
    "foursomes",
    "functions_and_truth",
    "importance_weights",
    "kernel_convergence",
    "landscape",
    "learning",
    "lines",
    "logistic",
    "logistic_approximations",
    "logistic_fit",
    "optimiser_noise",
    "paths",
    "points",
    "predictives",
    "prior_data_conflict",
    "q_on_its_way",
    "region_areas",
    "reliability",
    "relu_shapes",
    "ridge_path",
    "robust_fits",
    "sd_along_x",
    "shares",
    "traces",
    "tuning",
    "two_directions",
    "two_modes",
    "way_of_q",
    "weights_and_functions",
]
