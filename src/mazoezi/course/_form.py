"""The forms of choices, orderings and discussions: ipywidgets, with the card shown below.

The question's options stand in the notebook's own text, so that a page without a kernel still
shows them.
"""

from typing import TYPE_CHECKING, Any

from mazoezi.course._card import message_card

if TYPE_CHECKING:
    from mazoezi.course._session import Session


def show_form(session: "Session", exercise: str) -> None:
    """Show the form of an exercise, with nothing filled in and nothing preselected."""
    import ipywidgets
    from IPython.display import display

    text = session.text(exercise)
    field, button_text = _field(text)
    button = ipywidgets.Button(description=button_text)
    display(ipywidgets.VBox([field, button], layout={"align_items": "flex-start"}))
    waiting = message_card(f"{exercise} {text.title}", [_invitation(text)])
    below: Any = display(waiting, display_id=True)

    def answer(_: Any) -> None:
        given = field.value
        if given in (None, ""):
            below.update(waiting)
            return
        below.update(session.card(session.attempt(exercise, given, given)))

    button.on_click(answer)


def _field(text: Any) -> tuple[Any, str]:
    """Return the widget that takes the answer, and the words on its button."""
    import ipywidgets

    wide: Any = {"width": "100%", "max-width": "52em"}
    if text.options:
        letters = [option.label.split()[0] for option in text.options]
        return ipywidgets.RadioButtons(options=letters, value=None, description=""), "Check"
    if text.steps:
        return ipywidgets.Text(placeholder="the letters in order, e.g. bca", layout=wide), "Check"
    return ipywidgets.Textarea(
        placeholder="Your thoughts: they stay in your workspace.", rows=6, layout=wide
    ), "Keep my text"


def _invitation(text: Any) -> str:
    if text.options:
        return "Choose, then press Check. Each wrong try lowers what the right one counts."
    if text.steps:
        return "Write the letters in order, then press Check."
    return "Write first; the points that a good discussion touches are shown afterwards."
