"""The engine of the course: practicals, exercises, checks, hints, progress and notebooks.

Names are loaded when they are first used: asking for a hint must not wait for NumPy and JAX.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mazoezi.course._exercises import (
        CodeExercise,
        ExperimentExercise,
        MathsExercise,
        code_exercise,
        experiment_exercise,
        maths_exercise,
    )
    from mazoezi.course._limits import Limits
    from mazoezi.course._verbs import practical

_HOMES = {
    "CodeExercise": "_exercises",
    "ExperimentExercise": "_exercises",
    "Limits": "_limits",
    "MathsExercise": "_exercises",
    "code_exercise": "_exercises",
    "experiment_exercise": "_exercises",
    "maths_exercise": "_exercises",
    "practical": "_verbs",
}

__all__ = [
    "CodeExercise",
    "ExperimentExercise",
    "Limits",
    "MathsExercise",
    "code_exercise",
    "experiment_exercise",
    "maths_exercise",
    "practical",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
