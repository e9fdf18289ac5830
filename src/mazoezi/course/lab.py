"""Labs: controls, a figure that follows them, and a record of what was tried.

A lab works without a notebook: `lab.set(w=0.02)` does what moving a slider does, and `lab.visited`
is the record on which an experiment is checked. In a notebook the figure is a plain picture that
is replaced in place, so that a page without a kernel still shows it.

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
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from mazoezi._errors import MazoeziError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Visit(NamedTuple):
    """One state of a lab: where its controls stood, and what was measured there."""

    controls: dict[str, Any]
    results: dict[str, Any]


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

        whole = all(isinstance(one, int) for one in (self.low, self.high, self.step))
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        precision = {} if whole else {"readout_format": ".4g"}
        return kind(
            self.start, min=self.low, max=self.high, step=self.step, continuous_update=False,
            **precision, **common,
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
        from math import log10

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
        return value in self.options

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


Control = Slider | LogSlider | Choice | Toggle


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass
class _Shown:
    """What a notebook shows of a lab, to be updated in place."""

    widgets: dict[str, Any]
    picture: Any
    words: Any
    moving: bool = field(default=False)  # whether the widgets are being moved by the lab itself


class Lab(ABC):
    """Controls, a figure and a record. See the module's text for how to write one."""

    title: str
    controls: Mapping[str, Control]

    def __init__(self) -> None:
        self.visited: list[Visit] = []
        start = {name: control.start for name, control in self.controls.items()}
        self.current = Visit(start, self.measure(**start))
        self._shown: _Shown | None = None

    @abstractmethod
    def measure(self, **controls: Any) -> dict[str, Any]:
        """Return what is found with these settings, by name. Depends on nothing else."""

    @abstractmethod
    def draw(self) -> "Figure":
        """Return the figure of the current state."""

    @abstractmethod
    def tell(self) -> str:
        """Return a sentence on the current state; also the figure's alternative text."""

    def set(self, **controls: Any) -> Visit:
        """Move some controls, as a hand would, and return what is found there.

        Raises MazoeziError, naming the control and what is allowed, where there is no such control
        or the value is out of its range.
        """
        for name, value in controls.items():
            self._validate(name, value)
        together = {**self.current.controls, **controls}
        self.current = Visit(together, self.measure(**together))
        self.visited.append(self.current)
        self._refresh()
        return self.current

    def _validate(self, name: str, value: Any) -> None:
        if name not in self.controls:
            known = ", ".join(self.controls)
            raise MazoeziError(f"{self.title} has no control {name!r}; it has {known}.")
        if not self.controls[name].accepts(value):
            allowed = self.controls[name].allowed
            raise MazoeziError(f"The control {name!r} takes {allowed}; got {value!r}.")

    def __repr__(self) -> str:
        at = ", ".join(f"{name}={value!r}" for name, value in self.current.controls.items())
        return f"{type(self).__name__}({at}; {len(self.visited)} settings tried)"

    def _ipython_display_(self) -> None:
        """Show controls, picture and words; each follows the other from then on."""
        import ipywidgets
        from IPython.display import display

        common: Any = {"style": {"description_width": "11em"}, "layout": {"width": "32em"}}
        widgets = {
            name: control.widget(description=control.label or name, **common)
            for name, control in self.controls.items()
        }
        for name, value in self.current.controls.items():
            widgets[name].value = value
        for name, widget in widgets.items():
            widget.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        display(ipywidgets.VBox([*widgets.values()]))
        picture = display(self._picture(), display_id=True)
        self._shown = _Shown(widgets, picture, display(self._words(), display_id=True))

    def _picture(self) -> Any:
        from IPython.display import Image

        from mazoezi.course.drawing import png

        return Image(data=png(self.draw()), format="png", alt=f"{self.title}. {self.tell()}")

    def _words(self) -> Any:
        from mazoezi.course._card import message_card

        return message_card(self.title, self.tell().split("\n"))

    def _moved(self, name: str, value: Any) -> None:
        if self._shown is not None and not self._shown.moving:
            self.set(**{name: value})

    def _refresh(self) -> None:
        """Bring what is shown up to date."""
        if self._shown is None:
            return
        self._shown.moving = True
        for name, value in self.current.controls.items():
            self._shown.widgets[name].value = value
        self._shown.moving = False
        self._shown.picture.update(self._picture())
        self._shown.words.update(self._words())
