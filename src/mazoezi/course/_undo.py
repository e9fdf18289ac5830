"""Put answers back into the learner's notebook, and take them out: nothing is lost on the way."""

from datetime import datetime
from typing import Any

from mazoezi import __version__
from mazoezi._errors import UncheckableError
from mazoezi.course._learner_notebook import (
    answer_cell,
    as_cell,
    read_notebook,
    source_of,
    write_notebook,
)
from mazoezi.course._markers import stub_of
from mazoezi.course._session import Session
from mazoezi.course._verdict import Verdict
from mazoezi.course.progress import Attempt

_RELOAD = "If the notebook is open, reload it: File > Reload Notebook from Disk."


def attempts_told(session: Session, exercise: str) -> str:
    """Return the attempts at an exercise as lines: number, local time, verdict, what was said."""
    title = f"{exercise} {session.text(exercise).title}"
    attempts = _store_of(session).attempts(exercise)
    if not attempts:
        return f"{title}\n  No attempts yet."
    width = len(str(attempts[-1].number))
    lines = [
        f"  {one.number:{width}}  {_local(one.time)}  {one.verdict:13}  {one.gist}"
        for one in attempts
    ]
    return "\n".join([title, *lines])


def source_told(session: Session, exercise: str, number: int) -> str:
    """Return the answer of one attempt, as it was given."""
    return _source(_attempt(session, exercise, number))


def _local(time: str) -> str:
    return datetime.fromisoformat(time).astimezone().strftime("%Y-%m-%d %H:%M")


def restore(session: Session, exercise: str, number: int | None = None) -> str:
    """Put an attempt back into the answer cell, and return what was done.

    Without a number it is the newest attempt that differs from what stands there. That is kept
    first, so that restoring can itself be undone.
    """
    now = source_of(_cell_of(session, exercise)[1])
    if number is None:
        number = _newest_other(session, exercise, now)
    cell = as_cell(_source(_attempt(session, exercise, number)), session.text(exercise).answer_name)
    if cell == now:
        return f"Attempt {number} stands in the notebook already."
    _replace(session, exercise, cell, "restore")
    return f"Put attempt {number} at {exercise} back. {_RELOAD}"


def reset(session: Session, exercise: str) -> str:
    """Empty the answer cell, and return what was done. What stood there is kept as an attempt."""
    stub = stub_of(session.text(exercise).solution)
    if source_of(_cell_of(session, exercise)[1]) == stub:
        return f"{exercise} is empty already."
    _replace(session, exercise, stub, "reset")
    return (
        f"Emptied {exercise}. What stood there is kept: `mazoezi restore {exercise}` puts it back. "
        f"{_RELOAD}"
    )


def _newest_other(session: Session, exercise: str, now: str) -> int:
    name = session.text(exercise).answer_name
    for attempt in reversed(_store_of(session).attempts(exercise)):
        if attempt.source is not None and as_cell(attempt.source, name) != now:
            return attempt.number
    raise UncheckableError(f"There is no other attempt at {exercise} to put back.")


def _attempt(session: Session, exercise: str, number: int) -> Attempt:
    attempts = _store_of(session).attempts(exercise)
    for attempt in attempts:
        if attempt.number == number:
            return attempt
    known = ", ".join(str(one.number) for one in attempts) or "none"
    raise UncheckableError(f"{exercise} has no attempt {number}. It has {known}.")


def _source(attempt: Attempt) -> str:
    if attempt.source is None:
        raise UncheckableError(
            f"Attempt {attempt.number} was a function whose source Python did not know, so there is "
            "nothing to put back."
        )
    return attempt.source


def _replace(session: Session, exercise: str, source: str, why: str) -> None:
    """Write an answer cell, after what stood there is kept."""
    document, cell = _cell_of(session, exercise)
    before, store = source_of(cell), _store_of(session)
    if all(before != one.source for one in store.attempts(exercise)):
        kept = Verdict(exercise, "not attempted", f"Kept by {why}.")
        store.record(session.practical.id, before, kept, {"mazoezi": __version__})
    cell["source"] = source
    cell["outputs"], cell["execution_count"] = [], None
    assert session.workspace is not None
    write_notebook(session.workspace.notebook(session.practical.id), document)


def _cell_of(session: Session, exercise: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the learner's notebook, and in it the answer cell of an exercise."""
    if session.workspace is None:
        raise UncheckableError("There is no workspace here. `mazoezi start` makes one.")
    path = session.workspace.notebook(session.practical.id)
    document = read_notebook(path)
    cell = answer_cell(document, exercise)
    if cell is None:
        raise UncheckableError(
            f"{path} has no answer cell for {exercise}. Where it was deleted, `mazoezi update` lays "
            "it again; at the command line, give an answer with --answer FILE."
        )
    return document, cell


def code_in_notebook(session: Session, exercise: str) -> str:
    """Return what stands in an exercise's answer cell.

    Raises UncheckableError where there is no workspace, no such notebook or no such cell.
    """
    return source_of(_cell_of(session, exercise)[1])


def _store_of(session: Session) -> Any:
    if session.workspace is None:
        raise UncheckableError("There is no workspace here. `mazoezi start` makes one.")
    return session.workspace.store
