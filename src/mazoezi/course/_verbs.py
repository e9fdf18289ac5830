"""The learner's verbs in a notebook: check, ask, hint, solution, question."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

from mazoezi.course._accelerator import prepare_jax
from mazoezi.course._answer import cell_of, source_of
from mazoezi.course._card import Card, message_card
from mazoezi.course._exercises import CodeExercise, MathsExercise
from mazoezi.course._form import show_form
from mazoezi.course._practical import find_practical
from mazoezi.course._session import Session
from mazoezi.course._states import notices, open_elsewhere
from mazoezi.course.drawing import show_figures_in_notebooks
from mazoezi.course.workspace import Workspace, is_around, workspace_of_notebook

_GOING_ON = "The cells below go on with the reference answer, until yours passes."


class _Opener(Protocol):
    def __call__(self, exercise: str, *, now: bool = False) -> None: ...


class Verbs(NamedTuple):
    """What a learner does with exercises, in the order in which a notebook unpacks it."""

    check: Callable[[str, Any], Any]
    ask: Callable[..., None]
    hint: _Opener
    solution: _Opener
    question: Callable[[str], SimpleNamespace]


def practical(name: str) -> Verbs:
    """Open a practical in a notebook, and return the verbs for its exercises::

        from mazoezi.course import practical

        check, ask, hint, solution, question = practical("intro-jax")

    `name` is the practical's id, or the path of its folder. Configures JAX, so call it before
    anything is computed.
    """
    found = find_practical(name)
    found.make_importable()
    workspace = workspace_of_notebook()
    prepare_jax(found.devices, workspace.compilation_cache if workspace else None)
    session = Session(found, workspace)
    session.isolate()
    show_figures_in_notebooks()
    _show(_welcome(session))

    def check(exercise: str, answer: Any) -> Any:
        """Check an answer, show what holds and what does not, and return what to go on with.

        That is the answer if it passed, and the reference otherwise.
        """
        verdict = session.attempt(exercise, answer, _source(answer))
        goes_on = verdict.passed or not _has_reference(session, exercise)
        _show(session.card(verdict, "" if goes_on else _GOING_ON))
        _tell_news(session)
        return answer if goes_on else _reference(session, exercise)

    def ask(exercise: str, answer: Any = ...) -> None:
        """Ask for a choice, an order or a text: show a form, or check the answer given."""
        if answer is ...:
            show_form(session, exercise)
        else:
            _show(session.card(session.attempt(exercise, answer, _source(answer))))
        _tell_news(session)

    def hint(exercise: str, *, now: bool = False) -> None:
        """Show the hints that your tries have opened; `now=True` opens the next one."""
        _show(session.hint(exercise, now=now))

    def solution(exercise: str, *, now: bool = False) -> None:
        """Show the worked answer, after an attempt or with `now=True`."""
        _show(session.solution(exercise, now=now))

    def question(exercise: str) -> SimpleNamespace:
        """Return the numbers of your own question in a maths exercise."""
        return SimpleNamespace(**_numbers(session, exercise))

    return Verbs(check, ask, hint, solution, question)


def _numbers(session: Session, exercise: str) -> Mapping[str, float]:
    check = session.check_of(session.text(exercise).id)
    if not isinstance(check, MathsExercise):
        raise TypeError(f"{exercise} asks no question with numbers of your own.")
    return check.drawn(session.seed)


def _source(answer: Any) -> str | None:
    """Return what to keep of an answer: the cell that defines a function, or the value itself."""
    if callable(answer):
        return cell_of(answer) or source_of(answer)
    if hasattr(answer, "visited"):
        return repr(answer.visited)
    return repr(answer)


def _has_reference(session: Session, exercise: str) -> bool:
    return isinstance(session.check_of(exercise), CodeExercise | MathsExercise)


def _reference(session: Session, exercise: str) -> Any:
    """Return what the practical goes on with when the answer did not pass."""
    check = session.check_of(exercise)
    assert isinstance(check, CodeExercise | MathsExercise)
    if isinstance(check, MathsExercise):
        return check.reference(**check.drawn(session.seed))
    return check.reference


def _welcome(session: Session) -> Card:
    import jax

    found = jax.devices()
    kinds = f"{len(found)} {found[0].platform.upper()} device{'s' if len(found) > 1 else ''}"
    told = [f"JAX sees {kinds}."]
    if session.workspace is None:
        told.append(
            "There is no workspace here, and none can be made in your home folder: your attempts "
            "last until this kernel ends. `mazoezi start FOLDER` makes one elsewhere."
        )
    else:
        if session.workspace.is_writable:
            told.append(_where_kept(session.workspace))
        told += notices(session.workspace)
        told += filter(None, [open_elsewhere(session.workspace, session.practical.id)])
    return message_card(session.practical.title, list(dict.fromkeys([*told, *session.news()])))


def _where_kept(workspace: Workspace) -> str:
    kept = f"Your attempts are kept in `{workspace.folder}`."
    if is_around(workspace, Path.cwd()):
        return kept
    return f"{kept} This notebook lies outside it, and stays where it is: save it yourself."


def _tell_news(session: Session) -> None:
    """Say once what happened to the workspace, for example that attempts cannot be written."""
    if news := session.news():
        _show(message_card("Your workspace", news))


def _show(card: Card) -> None:
    """Show a card where the learner is: in Jupyter as HTML, elsewhere as text."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(card)
        return
    display(card) if get_ipython() is not None else print(card)
