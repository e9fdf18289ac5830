"""Predict whether a call compiles again; then see."""

from collections.abc import Callable
from typing import Any, NamedTuple

from mazoezi._errors import ArgumentError
from mazoezi.practicals.intro_jax.microscope._cases import CASES, Case
from mazoezi.practicals.intro_jax.microscope._measure import measure
from mazoezi.practicals.intro_jax.microscope._view import Panel, Reveal, case_panel, overview


class Prediction(NamedTuple):
    """What was said of a case at the first try, and what was counted then."""

    case: int
    recompiles: bool
    compilations: int

    @property
    def right(self) -> bool:
        return self.recompiles == (self.compilations > 0)


class Microscope:
    """Twelve calls, each with a question: does it compile again?

    `predict(3, True)` says yes to case 3; the case is run, and what happened is returned. In a
    notebook two buttons do the same. Only the first prediction of a case counts.
    """

    cases: tuple[Case, ...] = CASES

    def __init__(self) -> None:
        self.visited: list[Prediction] = []
        self._reveals: dict[int, Reveal] = {}
        self._form: Form | None = None

    def predict(self, case: int, recompiles: bool) -> Reveal:
        """Say whether a case compiles again, run it, and return what happened.

        Raises ArgumentError where there is no such case, or the prediction is neither True nor
        False.
        """
        reveal = self._predict(case, recompiles)
        if self._form is not None:
            self._form.go_to(case)
        return reveal

    def _predict(self, case: int, recompiles: bool) -> Reveal:
        known = {one.number: one for one in self.cases}
        if case not in known:
            raise ArgumentError("case", case, f"a number from 1 to {len(known)}")
        if not isinstance(recompiles, bool):
            raise ArgumentError("recompiles", recompiles, "True or False")
        reveal = Reveal(known[case], recompiles, measure(known[case]))
        if case not in self._reveals:
            self._reveals[case] = reveal
            self.visited.append(Prediction(case, recompiles, reveal.measurement.compilations))
        return reveal

    @property
    def score(self) -> int:
        """How many first predictions were right."""
        return sum(prediction.right for prediction in self.visited)

    @property
    def remaining(self) -> tuple[int, ...]:
        """The numbers of the cases that have no prediction yet."""
        return tuple(case.number for case in self.cases if case.number not in self._reveals)

    @property
    def words(self) -> str:
        """The score so far, in a sentence."""
        right = f"{self.score} of {len(self.visited)} predictions were right"
        if self.remaining:
            return f"{right}; {len(self.remaining)} of {len(self.cases)} cases are left."
        return f"{right}. All cases are done."

    def panel(self, case: int) -> Panel:
        """Return a case as HTML and text: the question, or the answer once it was predicted."""
        return case_panel(self.cases[case - 1], self._reveals.get(case))

    def overview(self) -> Panel:
        """Return all cases as HTML and text, for a page without a kernel."""
        return overview(self.cases, self._reveals, self.words)

    def __repr__(self) -> str:
        return f"Microscope({self.words})"

    def __str__(self) -> str:
        return self.overview().text

    def _ipython_display_(self) -> None:
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        if getattr(get_ipython(), "kernel", None) is None:
            display(self.overview())
            return
        output: Any = None
        self._form = Form(self, lambda panel: output.update(panel))
        display(self._form.widget)
        output = display(self.panel(self._form.case), display_id=True)


class Form:
    """The buttons of a microscope: which case, and yes or no. Nothing is preselected.

    Args:
        microscope: the microscope that takes the predictions.
        show: called with the panel to be shown below the buttons.
    """

    def __init__(self, microscope: Microscope, show: Callable[[Panel], None]):
        import ipywidgets

        self._microscope, self._show = microscope, show
        self.case = next(iter(microscope.remaining), 1)
        self.back = ipywidgets.Button(description="◀ Previous", layout={"width": "8em"})
        self.on = ipywidgets.Button(description="Next ▶", layout={"width": "8em"})
        wide = {"width": "17em"}
        self.yes = ipywidgets.Button(description="Yes, it compiles again", layout=wide)
        self.no = ipywidgets.Button(description="No, it does not", layout=wide)
        self.progress = ipywidgets.HTML()
        self.back.on_click(lambda _: self.go_to(self.case - 1))
        self.on.on_click(lambda _: self.go_to(self.case + 1))
        self.yes.on_click(lambda _: self._answer(True))
        self.no.on_click(lambda _: self._answer(False))
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HBox([self.back, self.on, self.progress]),
                ipywidgets.HBox([self.yes, self.no]),
            ]
        )
        self._refresh()

    def go_to(self, case: int) -> None:
        """Show a case; beyond the last comes the first."""
        self.case = (case - 1) % len(self._microscope.cases) + 1
        self._refresh()
        self._show(self._microscope.panel(self.case))

    def _answer(self, recompiles: bool) -> None:
        self._microscope._predict(self.case, recompiles)
        self.go_to(self.case)

    def _refresh(self) -> None:
        answered = self.case not in self._microscope.remaining
        self.yes.disabled = self.no.disabled = answered
        self.progress.value = f"&nbsp; {self._signs()} &nbsp; {self._microscope.words}"

    def _signs(self) -> str:
        """Return a sign for each case: right, wrong or open; brackets are around the one shown."""
        rights = {one.case: "✓" if one.right else "✗" for one in self._microscope.visited}
        signs = [rights.get(case.number, "○") for case in self._microscope.cases]
        signs[self.case - 1] = f"[{signs[self.case - 1]}]"
        return " ".join(signs)
