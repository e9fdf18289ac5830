"""The course's data sets: small, embedded or generated, and the same on every machine."""

from mazoezi.datasets._animal import Animal, animal
from mazoezi.datasets._diabetes import Diabetes, diabetes
from mazoezi.datasets._houses import Houses, houses
from mazoezi.datasets._wave import Wave, wave, wave_mean

__all__ = [
    "Animal",
    "Diabetes",
    "Houses",
    "Wave",
    "animal",
    "diabetes",
    "houses",
    "wave",
    "wave_mean",
]
