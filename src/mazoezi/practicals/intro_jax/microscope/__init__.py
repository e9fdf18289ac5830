"""The tracing microscope: what JAX records of a function, and when it compiles it again.

`Microscope` asks of twelve calls whether they compile again, and measures the answer; `trace` lays
a function's lines beside the operations that they recorded; `watch` counts the compilations of a
function of your own.
"""

from mazoezi.practicals.intro_jax.microscope._cases import CASES, Case
from mazoezi.practicals.intro_jax.microscope._measure import Measurement, Signature, measure
from mazoezi.practicals.intro_jax.microscope._microscope import Microscope, Prediction
from mazoezi.practicals.intro_jax.microscope._trace import Line, Trace, trace
from mazoezi.practicals.intro_jax.microscope._view import Reveal
from mazoezi.practicals.intro_jax.microscope._watch import Watched, watch

__all__ = [
    "CASES",
    "Case",
    "Line",
    "Measurement",
    "Microscope",
    "Prediction",
    "Reveal",
    "Signature",
    "Trace",
    "Watched",
    "measure",
    "trace",
    "watch",
]
