"""How a notebook shows a lab: its controls, a question where it asks one, a picture and words."""

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ipywidgets
from IPython.display import display

from mazoezi.course._card import Card, message_card
from mazoezi.course._picture_series import PictureSeries
from mazoezi.course.drawing import FAINT, new_figure, png
from mazoezi.course.lab import Lab, Question


@dataclass(frozen=True)
class Picture:
    """A PNG picture, with words for those who cannot see it."""

    png: bytes
    words: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        data = {"image/png": self.png, "text/plain": self.words}
        return data, {"image/png": {"alt": self.words}}


class LabView:
    """Widgets that move a lab, and a picture and words that follow it.

    Picture and words are plain outputs which are replaced in place, so that a saved page shows the
    last ones. Where the lab asks for a prediction, nothing is measured or recorded until a hand has
    chosen an answer.
    """

    def __init__(self, lab: Lab):
        self._lab = lab
        self._asked_of: dict[str, Any] | None = None  # the settings that wait for a prediction
        self._moving = False  # whether the widgets are being moved by the lab itself
        self._series = PictureSeries()
        self._widgets = self._make_widgets()
        self._answers, self._form = _make_form(lab.question)
        self._answers.observe(lambda change: self._answered(change["new"]), "value")
        display(ipywidgets.VBox([*self._widgets.values(), self._form]))
        self._picture: Any = display(_picture(lab, self._series), display_id=True)
        self._words: Any = display(_words(lab), display_id=True)

    def _make_widgets(self) -> dict[str, Any]:
        # Wide enough for a label of some 32 letters: JupyterLab would cut it.
        common: Any = {"style": {"description_width": "17em"}, "layout": {"width": "38em"}}
        widgets = {
            name: control.widget(description=control.label or name, **common)
            for name, control in self._lab.controls.items()
        }
        for name, widget in widgets.items():
            widget.value = self._lab.current.controls[name]
            widget.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
        return widgets

    def show(self) -> None:
        """Bring what is shown up to date with the lab."""
        self._asked_of = None
        self._form.layout.display = "none"
        self._move_widgets()
        self._picture.update(_picture(self._lab, self._series))
        self._words.update(_words(self._lab))

    def _move_widgets(self) -> None:
        self._moving = True
        for name, value in self._lab.current.controls.items():
            self._widgets[name].value = value
        self._answers.value = None
        self._moving = False

    def _moved(self, name: str, value: Any) -> None:
        if self._moving:
            return
        there = {**(self._asked_of or self._lab.current.controls), name: value}
        if self._lab.asks(there):
            self._ask(there)
        else:
            self._try(lambda: self._lab.set(**there))

    def _ask(self, there: dict[str, Any]) -> None:
        if self._asked_of is None:
            self._picture.update(_held_back(self._lab))
            self._words.update(message_card(self._lab.title, ["Predict first, then you will see."]))
            self._form.layout.display = ""
        self._asked_of = there

    def _answered(self, said: str | None) -> None:
        there = self._asked_of
        if said is not None and there is not None and not self._moving:
            self._try(lambda: self._lab.predict(said, **there))

    def _try(self, move: Callable[[], Any]) -> None:
        """Make a move; tell an error, such as one of the learner's own loss, below the picture.

        Jupyter would write it to a log that nobody reads.
        """
        with collecting_afterwards():
            try:
                move()
            except Exception as error:
                told = f"At this setting nothing can be shown: `{type(error).__name__}: {error}`"
                self._words.update(message_card(self._lab.title, [told]))


@contextmanager
def collecting_afterwards() -> Iterator[None]:
    """Let garbage collection wait for the end of a move.

    Every figure is made of thousands of objects in cycles. Right after the move they are young, and
    to collect them takes 2 ms. During the move the collector would find them in use and call them
    old; and to look through all that is old, 300,000 objects in a kernel with JAX, would halt every
    tenth move for 200 ms.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _make_form(question: Question | None) -> tuple[Any, Any]:
    """Return the answers to a question, none of them chosen, and the form around them."""
    options = question.options if question else ()
    answers = ipywidgets.RadioButtons(options=options, value=None, layout={"width": "32em"})
    text = ipywidgets.Label(f"Predict: {question.text}" if question else "")
    return answers, ipywidgets.VBox([text, answers], layout={"display": "none"})


def _picture(lab: Lab, series: PictureSeries) -> Picture:
    unmarked = re.sub(r"[*`]", "", lab.words())
    return Picture(series.png(lab.draw()), f"{lab.title}. {unmarked}")


def _words(lab: Lab) -> Card:
    return message_card(lab.title, lab.words().split("\n"))


def _held_back(lab: Lab) -> Picture:
    """Return a picture that shows nothing yet, as high as the last one."""
    width, height = lab.draw().get_size_inches()
    figure, axes = new_figure(width=width, height=height)
    axes.text(0.5, 0.5, "Predict first", ha="center", va="center", fontsize=20, color=FAINT)
    axes.set_axis_off()
    return Picture(png(figure), f"{lab.title}. Predict first.")
