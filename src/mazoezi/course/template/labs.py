"""The labs of the practical: controls, a figure that follows them, and a record of what was tried.

A lab works without a notebook too: `StepSizeLab().set(step_size=0.4)` does what the slider does.
"""

from typing import Any

from matplotlib.figure import Figure

from mazoezi.course.lab import Lab, Slider

from . import figures

START = 2.0
STEPS = 12
CLOSE = 0.01  # a distance to the bottom that counts as arrived


class StepSizeLab(Lab):
    """Gradient descent on the parabola w squared, with a step size to choose.

    Each visit's results hold the `steps`, from the start at w = 2, and the `distance` of the last
    one to the bottom.
    """

    title = "The length of a step"
    controls = {
        "step_size": Slider(0.05, 1.2, start=0.05, step=0.05, label="step size"),
    }

    def measure(self, step_size: float) -> dict[str, Any]:
        steps = [START]
        for _ in range(STEPS):
            steps.append(steps[-1] - step_size * 2 * steps[-1])
        return {"steps": steps, "distance": abs(steps[-1])}

    def draw(self) -> Figure:
        return figures.descent(self.current.results["steps"], self._setting)

    def tell(self) -> str:
        distance = self.current.results["distance"]
        if distance <= CLOSE:
            end = "it has arrived"
        elif distance < START:
            end = "it is on its way"
        else:
            end = "it never comes down"
        return f"With {self._setting}, {STEPS} steps end at a distance of {distance:.3g}: {end}."

    @property
    def _setting(self) -> str:
        return f"step size {self.current.controls['step_size']:g}"
