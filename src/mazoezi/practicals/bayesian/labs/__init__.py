"""The labs of the practical: each re-fits its model as a control moves."""

from mazoezi.practicals.bayesian.labs._bands import MonteCarloLab, PredictiveLab
from mazoezi.practicals.bayesian.labs._functions import (
    EvidenceAscentLab,
    EvidenceLab,
    FourierLab,
)
from mazoezi.practicals.bayesian.labs._lines import LandscapeLab, LinesByHand, RidgeLab
from mazoezi.practicals.bayesian.labs._posterior import LogisticLab, PriorPosteriorLab

__all__ = [
    "EvidenceAscentLab",
    "EvidenceLab",
    "FourierLab",
    "LandscapeLab",
    "LinesByHand",
    "LogisticLab",
    "MonteCarloLab",
    "PredictiveLab",
    "PriorPosteriorLab",
    "RidgeLab",
]
