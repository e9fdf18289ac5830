"""The checks of this practical's exercises."""

from mazoezi.practicals.intro_jax.exercises._arrays import cosine_curve, set_border, three_samples
from mazoezi.practicals.intro_jax.exercises._derivatives import (
    loss_and_parts,
    slope_by_hand,
    third_by_hand,
)
from mazoezi.practicals.intro_jax.exercises._mapping import (
    data_parallel_gradient,
    gram_sharded,
    pairwise_sqdist,
)
from mazoezi.practicals.intro_jax.exercises._polynomials import features, polynomial_lab, solver
from mazoezi.practicals.intro_jax.exercises._regression import (
    descent_lab,
    hand_fit,
    line_loss,
    loss_gradient,
    newton,
    squared_error,
    stable_rate,
)
from mazoezi.practicals.intro_jax.exercises._tracing import (
    relu,
    relu_of_a_number,
    running_mean,
    tracing_microscope,
)
from mazoezi.practicals.intro_jax.exercises._training import compiled_loop, optimiser_step

__all__ = [
    "compiled_loop",
    "cosine_curve",
    "data_parallel_gradient",
    "descent_lab",
    "features",
    "gram_sharded",
    "hand_fit",
    "line_loss",
    "loss_and_parts",
    "loss_gradient",
    "newton",
    "optimiser_step",
    "pairwise_sqdist",
    "polynomial_lab",
    "relu",
    "relu_of_a_number",
    "running_mean",
    "set_border",
    "slope_by_hand",
    "solver",
    "squared_error",
    "stable_rate",
    "third_by_hand",
    "three_samples",
    "tracing_microscope",
]
