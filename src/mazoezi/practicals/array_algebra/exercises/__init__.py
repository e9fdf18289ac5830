"""The checks of this practical's exercises."""

from mazoezi.practicals.array_algebra.exercises._aggregating import (
    aggregate,
    standardise,
    total_in_two_steps,
)
from mazoezi.practicals.array_algebra.exercises._bug_hunt import bug_hunt
from mazoezi.practicals.array_algebra.exercises._combining import (
    add_column_and_row,
    add_matrices,
    pairwise_diff,
    subtract_tenth,
)
from mazoezi.practicals.array_algebra.exercises._contracts import caught_by_shapes
from mazoezi.practicals.array_algebra.exercises._costs import multiply_adds
from mazoezi.practicals.array_algebra.exercises._einsum import einsum_formulas, einsum_lab
from mazoezi.practicals.array_algebra.exercises._images import (
    censor,
    channel,
    crop_nose,
    exposure,
    exposure_bound,
    mean_colour,
    pink,
    tint,
)
from mazoezi.practicals.array_algebra.exercises._luminance import luminance
from mazoezi.practicals.array_algebra.exercises._named import add_then_sum
from mazoezi.practicals.array_algebra.exercises._positions import (
    positions,
    positions_of_any_order,
    reorder,
    reordered_by_hand,
    shapes,
    top_left,
)
from mazoezi.practicals.array_algebra.exercises._shape_questions import (
    broadcast_fit,
    which_permutation,
)
from mazoezi.practicals.array_algebra.exercises._slice_sizes import (
    pixels_left,
    predictions,
    step_for_budget,
)
from mazoezi.practicals.array_algebra.exercises._slicing import (
    blue_of_top_left,
    bottom_right_pixel,
    green_channel,
    green_of_second_to_last_row,
    ones_in_column,
    ones_in_row,
    predicted_blue,
    predicted_green,
    predicted_green_row,
    predicted_pixel,
)
from mazoezi.practicals.array_algebra.exercises._subsampling import block_mean
from mazoezi.practicals.array_algebra.exercises._transposes import as_cube, my_transpose, to_cxy
from mazoezi.practicals.array_algebra.exercises._views import view_or_copy

__all__ = [
    "add_column_and_row",
    "add_matrices",
    "add_then_sum",
    "aggregate",
    "as_cube",
    "block_mean",
    "blue_of_top_left",
    "bottom_right_pixel",
    "broadcast_fit",
    "bug_hunt",
    "caught_by_shapes",
    "censor",
    "channel",
    "crop_nose",
    "einsum_formulas",
    "einsum_lab",
    "exposure",
    "exposure_bound",
    "green_channel",
    "green_of_second_to_last_row",
    "luminance",
    "mean_colour",
    "multiply_adds",
    "my_transpose",
    "ones_in_column",
    "ones_in_row",
    "pairwise_diff",
    "pink",
    "pixels_left",
    "positions",
    "positions_of_any_order",
    "predicted_blue",
    "predicted_green",
    "predicted_green_row",
    "predicted_pixel",
    "predictions",
    "reorder",
    "reordered_by_hand",
    "shapes",
    "standardise",
    "step_for_budget",
    "subtract_tenth",
    "tint",
    "to_cxy",
    "top_left",
    "total_in_two_steps",
    "view_or_copy",
    "which_permutation",
]
