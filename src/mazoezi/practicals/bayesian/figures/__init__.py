"""The figures of the practical: data in, a Matplotlib figure out."""

from mazoezi.practicals.bayesian.figures._beyond import conformal, robust_fits
from mazoezi.practicals.bayesian.figures._functions import (
    basis_functions,
    evidence_curve,
    evidence_curves,
    evidence_landscape,
    kernel_convergence,
    sd_along_x,
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
from mazoezi.practicals.bayesian.figures._posterior import (
    areas,
    bells,
    coverage_chart,
    learning,
    prior_data_conflict,
)

__all__ = [
    "areas",
    "basis_functions",
    "bells",
    "conformal",
    "coverage_chart",
    "evidence_curve",
    "evidence_curves",
    "evidence_landscape",
    "kernel_convergence",
    "learning",
    "lines",
    "logistic",
    "logistic_approximations",
    "points",
    "prior_data_conflict",
    "region_areas",
    "reliability",
    "ridge_path",
    "robust_fits",
    "sd_along_x",
]
