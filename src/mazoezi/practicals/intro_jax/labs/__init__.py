"""The labs of the practical: a line fitted by hand, gradient descent, polynomials."""

from mazoezi.practicals.intro_jax.labs._by_hand import FitByHand
from mazoezi.practicals.intro_jax.labs._descent import GradientDescentLab
from mazoezi.practicals.intro_jax.labs._polynomial import PolynomialLab

__all__ = ["FitByHand", "GradientDescentLab", "PolynomialLab"]
