"""The course's data sets: small, embedded or generated, and the same on every machine."""

from mazoezi.datasets._animal import Animal, animal
from mazoezi.datasets._diabetes import Diabetes, diabetes
from mazoezi.datasets._houses import Houses, houses
from mazoezi.datasets._points import Points, identity, nonlinear, outlier, separable
from mazoezi.datasets._wave import Wave, wave, wave_mean

__all__ = [
    "Animal",
    "Diabetes",
    "Houses",
    "Points",
    "Wave",
    "animal",
    "diabetes",
    "houses",
    "identity",
    "nonlinear",
    "outlier",
    "separable",
    "wave",
    "wave_mean",
]
