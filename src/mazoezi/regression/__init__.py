"""Fit lines and polynomials: in closed form, by gradient descent and by Newton's method."""

from mazoezi.regression._descent import (
    DescentInfo,
    DescentPath,
    DescentState,
    clip_elements,
    clip_norm,
    descent_init,
    descent_step,
    gradient_descent,
    max_stable_rate,
)
from mazoezi.regression._features import (
    Standardisation,
    legendre_features,
    polynomial_features,
    standardise,
    unstandardise,
)
from mazoezi.regression._line import (
    Params,
    half_mean_squared_error,
    half_mean_squared_error_gradient,
    mean_squared_error,
    predict,
    r_squared,
    squared_error,
)
from mazoezi.regression._newton import curvatures, hessian, newton_step
from mazoezi.regression._selection import cross_validation, fit_polynomial
from mazoezi.regression._solve import least_squares, ridge

__all__ = [
    "DescentInfo",
    "DescentPath",
    "DescentState",
    "Params",
    "Standardisation",
    "clip_elements",
    "clip_norm",
    "cross_validation",
    "curvatures",
    "descent_init",
    "descent_step",
    "fit_polynomial",
    "gradient_descent",
    "half_mean_squared_error",
    "half_mean_squared_error_gradient",
    "hessian",
    "least_squares",
    "legendre_features",
    "max_stable_rate",
    "mean_squared_error",
    "newton_step",
    "polynomial_features",
    "predict",
    "r_squared",
    "ridge",
    "squared_error",
    "standardise",
    "unstandardise",
]
