"""Labs: controls, a figure that follows them, and a record of what was tried.

A lab works without a notebook: `lab.set(w=0.02)` does what moving a slider does, and `lab.visited`
is the record on which an experiment is checked. In a notebook the figure is a plain picture that
is replaced in place, so that a page without a kernel still shows it.

A lab may ask for a prediction before it shows a result: it has a `question`, and `asks` says at
which settings. `lab.predict("it falls", w=0.02)` answers beforehand in code.

A lab is a subclass that names its controls and says what to measure, draw and tell::

    class Parabola(Lab):
        title = "A parabola"
        controls = {"x": Slider(-2.0, 2.0, step=0.1, start=1.0)}

        def measure(self, x):
            return {"height": x**2}

        def draw(self):
            ...  # a Matplotlib figure, from self.current and self.visited

        def tell(self):
            return f"The height is {self.current.results['height']:.2f}."
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Any, NamedTuple

from mazoezi._errors import MazoeziError
from mazoezi.course._accelerator import run_quickly

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mazoezi.course._lab_view import LabView


class Visit(NamedTuple):
    """One state of a lab: where its controls stood, and what was measured there."""

    controls: dict[str, Any]
    results: dict[str, Any]

    def __repr__(self) -> str:
        """Show the controls and the results that are short: numbers and words, but no arrays."""
        short = {
            name: value
            for name, value in self.results.items()
            if isinstance(value, bool | int | float | str)
        }
        return f"Visit({_listed(self.controls)} -> {_listed(short)})"


class Question(NamedTuple):
    """What is to be predicted before a result is shown.

    `result` names the measured result that is the right answer; it is always one of `options`.
    """

    text: str
    options: tuple[str, ...]
    result: str


class Prediction(NamedTuple):
    """What was said of some settings beforehand, and what came."""

    controls: dict[str, Any]
    said: str
    came: str

    @property
    def right(self) -> bool:
        return self.said == self.came


@dataclass(frozen=True)
class Slider:
    """A number from `low` to `high`. In a notebook it moves in steps of `step`."""

    low: float
    high: float
    start: float
    step: float
    label: str = ""

    def accepts(self, value: Any) -> bool:
        return _is_number(value) and self.low <= value <= self.high

    @property
    def allowed(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def widget(self, **common: Any) -> Any:
        import ipywidgets

        decimals = max(0, -floor(log10(self.step)))
        return ipywidgets.FloatSlider(
            self.start, min=self.low, max=self.high, step=self.step,
            readout_format=f".{decimals}f", continuous_update=False, **common,
        )  # fmt: skip


@dataclass(frozen=True)
class Integer:
    """A whole number from `low` to `high`. In a notebook it moves in steps of `step`."""

    low: int
    high: int
    start: int
    step: int = 1
    label: str = ""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, int) and _is_number(value) and self.low <= value <= self.high

    @property
    def allowed(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def widget(self, **common: Any) -> Any:
        import ipywidgets

        return ipywidgets.IntSlider(
            self.start, min=self.low, max=self.high, step=self.step, continuous_update=False,
            **common,
        )  # fmt: skip


@dataclass(frozen=True)
class LogSlider:
    """A positive number from `low` to `high`, on a logarithmic scale."""

    low: float
    high: float
    start: float
    label: str = ""

    def accepts(self, value: Any) -> bool:
        return _is_number(value) and self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9)

    @property
    def allowed(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"

    def widget(self, **common: Any) -> Any:
        import ipywidgets

        return ipywidgets.FloatLogSlider(
            self.start, min=log10(self.low), max=log10(self.high), step=0.01, readout_format=".3g",
            continuous_update=False, **common,
        )  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    options: tuple[Any, ...]
    start: Any
    label: str = ""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, Hashable) and value in self.options

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(map(repr, self.options))}"

    def widget(self, **common: Any) -> Any:
        import ipywidgets

        return ipywidgets.Dropdown(options=list(self.options), value=self.start, **common)


@dataclass(frozen=True)
class Toggle:
    """On or off."""

    start: bool
    label: str = ""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, bool)

    @property
    def allowed(self) -> str:
        return "True or False"

    def widget(self, **common: Any) -> Any:
        import ipywidgets

        return ipywidgets.Checkbox(self.start, indent=True, **common)


Control = Slider | Integer | LogSlider | Choice | Toggle


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """Return a NumPy or JAX scalar as Python's own number; everything else as it is."""
    return value.item() if getattr(value, "shape", None) == () else value


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value!r}"
        for name, value in values.items()
    )


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile what a lab computes at each move, so that it runs quickly.

    By `jax.jit` alone it would compile quickly, as all else in a practical, and some loops would
    take three times as long.
    """
    import jax

    return jax.jit(function, compiler_options=run_quickly())


class Lab(ABC):
    """Controls, a figure and a record. See the module's text for how to write one."""

    title: str
    controls: Mapping[str, Control]
    question: Question | None = None

    def __init__(self) -> None:
        self.visited: list[Visit] = []
        self.predictions: list[Prediction] = []
        start = {name: control.start for name, control in self.controls.items()}
        self.current = Visit(start, self.measure(**start))
        self._views: list[LabView] = []

    @abstractmethod
    def measure(self, **controls: Any) -> dict[str, Any]:
        """Return what is found with these settings, by name. Depends on nothing else."""

    @abstractmethod
    def draw(self) -> "Figure":
        """Return the figure of the current state."""

    @abstractmethod
    def tell(self) -> str:
        """Return a sentence on the current state; also the figure's alternative text."""

    def asks(self, controls: Mapping[str, Any]) -> bool:
        """Say whether a hand that moves the controls there must answer the question first."""
        return False

    def set(self, **controls: Any) -> Visit:
        """Move some controls, as a hand would, and return what is found there.

        Raises MazoeziError, naming the control and what is allowed, where there is no such control
        or the value is out of its range.
        """
        return self._go(self._visit(controls))

    def predict(self, said: str, **controls: Any) -> Prediction:
        """Answer the lab's question about these settings beforehand, then move there.

        Raises MazoeziError where the lab has no question, where this is none of its answers, and
        where `set` does.
        """
        if self.question is None:
            raise MazoeziError(f"{self.title} asks for no prediction: move its controls by `set`.")
        if said not in self.question.options:
            allowed = ", ".join(map(repr, self.question.options))
            raise MazoeziError(f"{self.title} takes one of {allowed} as prediction; got {said!r}.")
        visit = self._visit(controls)
        prediction = Prediction(visit.controls, said, visit.results[self.question.result])
        self.predictions.append(prediction)
        self._go(visit)
        return prediction

    def _visit(self, controls: Mapping[str, Any]) -> Visit:
        """Return what would be found after some controls are moved."""
        plain = {name: _plain(value) for name, value in controls.items()}
        for name, value in plain.items():
            self._validate(name, value)
        together = {**self.current.controls, **plain}
        return Visit(together, self.measure(**together))

    def _validate(self, name: str, value: Any) -> None:
        if name not in self.controls:
            known = ", ".join(self.controls)
            raise MazoeziError(f"{self.title} has no control {name!r}; it has {known}.")
        if not self.controls[name].accepts(value):
            allowed = self.controls[name].allowed
            raise MazoeziError(f"The control {name!r} takes {allowed}; got {value!r}.")

    def _go(self, visit: Visit) -> Visit:
        self.current = visit
        self.visited.append(visit)
        for view in self._views:
            view.show()
        return visit

    def words(self) -> str:
        """Return what is told of the current state, after a prediction together with it."""
        last = self.predictions[-1] if self.predictions else None
        if last is None or last.controls != self.current.controls:
            return self.tell()
        verdict = "and so it is" if last.right else f"but it is *{last.came}*"
        return f"You predicted *{last.said}*, {verdict}.\n{self.tell()}"

    def __repr__(self) -> str:
        at = _listed(self.current.controls)
        return f"{type(self).__name__}({at}; {len(self.visited)} settings tried)"

    def _ipython_display_(self) -> None:
        """Show controls, picture and words; each follows the others from then on."""
        from mazoezi.course._lab_view import LabView

        self._views.append(LabView(self))
