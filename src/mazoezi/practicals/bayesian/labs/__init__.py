"""The labs of the practical: each re-fits its model as a control moves."""

from mazoezi.practicals.bayesian.labs._bands import (
    MonteCarloLab,
    PredictiveLab,
)
from mazoezi.practicals.bayesian.labs._functions import (
    EvidenceAscentLab,
    EvidenceLab,
    FourierLab,
)
from mazoezi.practicals.bayesian.labs._lines import (
    LandscapeLab,
    LinesByHand,
    RidgeLab,
)
from mazoezi.practicals.bayesian.labs._networks import (
    ReluLab,
    TwoWeightLab,
)
from mazoezi.practicals.bayesian.labs._posterior import (
    LogisticLab,
    PriorPosteriorLab,
)
from mazoezi.practicals.bayesian.labs._sampling import (
    HMCLab,
)
from mazoezi.practicals.bayesian.labs._variational import (
    VariationalLab,
)

__all__ = [
    "EvidenceAscentLab",
    "EvidenceLab",
    "FourierLab",
    "HMCLab",
    "LandscapeLab",
    "LinesByHand",
    "LogisticLab",
    "MonteCarloLab",
    "PredictiveLab",
    "PriorPosteriorLab",
    "ReluLab",
    "RidgeLab",
    "TwoWeightLab",
    "VariationalLab",
]
