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
from mazoezi.practicals.intro_jax.exercises._tracing import (
    relu,
    relu_of_a_number,
    running_mean,
    tracing_microscope,
)

__all__ = [
    "cosine_curve",
    "data_parallel_gradient",
    "gram_sharded",
    "loss_and_parts",
    "pairwise_sqdist",
    "relu",
    "relu_of_a_number",
    "running_mean",
    "set_border",
    "slope_by_hand",
    "third_by_hand",
    "three_samples",
    "tracing_microscope",
]
