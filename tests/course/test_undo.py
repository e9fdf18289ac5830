"""Attempts can be listed, put back and taken out, and each of these can itself be undone."""

import json

import pytest

from mazoezi._errors import UncheckableError
from mazoezi.course._learner_notebook import answer_cell, as_cell, read_notebook, source_of
from mazoezi.course._markers import stub_of
from mazoezi.course._notebooks import notebook, to_json
from mazoezi.course._session import Session
from mazoezi.course._undo import attempts_told, reset, restore, source_told
from mazoezi.course._verdict import Verdict

FIRST = "def relu(x):\n    return abs(x)  # my first"
SECOND = (
    "# with a helper\ndef half(x):\n    return x / 2\n\n\ndef relu(x):\n    return half(x + abs(x))"
)


@pytest.fixture
def session(session):
    """Return a session whose notebook holds the second of two recorded answers to S1."""
    document = notebook(session.practical, "student")
    path = session.workspace.notebook("sample-practical")
    path.write_text(to_json(document))
    attempts = (
        (FIRST, Verdict("S1", "failed", "Said.", failed_case="one number")),
        (SECOND, Verdict("S1", "passed", "Said.")),
    )
    for source, verdict in attempts:
        session.workspace.store.record("sample-practical", source, verdict, {})
    write(session, SECOND)
    return session


def write(session, source):
    path = session.workspace.notebook("sample-practical")
    document = read_notebook(path)
    cell = answer_cell(document, "S1")
    assert cell is not None
    cell["source"], cell["outputs"] = source, [{"output_type": "stream"}]
    path.write_text(json.dumps(document))


def cell_now(session):
    document = read_notebook(session.workspace.notebook("sample-practical"))
    cell = answer_cell(document, "S1")
    assert cell is not None
    return source_of(cell)


def test_attempts_are_listed_with_what_was_said(session):
    first, second = attempts_told(session, "S1").splitlines()[1:]
    assert first.split()[0] == "1" and "failed" in first and "one number" in first
    assert second.split()[0] == "2" and "passed" in second
    assert "No attempts yet" in attempts_told(session, "S2")


def test_an_answer_is_shown_as_it_was(session):
    assert source_told(session, "S1", 2) == SECOND


def test_an_attempt_is_put_back_and_the_outputs_of_another_go(session):
    assert "Put attempt 1" in restore(session, "S1", 1)
    assert cell_now(session) == FIRST
    document = read_notebook(session.workspace.notebook("sample-practical"))
    cell = answer_cell(document, "S1")
    assert cell is not None and cell["outputs"] == []


def test_restoring_again_undoes_it(session):
    restore(session, "S1", 1)
    restore(session, "S1")
    assert cell_now(session) == SECOND


def test_what_was_never_checked_is_kept_before_it_is_replaced(session):
    write(session, "def relu(x):\n    return x  # not checked yet")
    restore(session, "S1", 1)
    kept = session.workspace.store.attempts("S1")[-1]
    assert "not checked yet" in (kept.source or "") and kept.verdict == "not attempted"
    restore(session, "S1", kept.number)
    assert "not checked yet" in cell_now(session)
    assert session.standing("S1").tries == 1  # keeping is no try


def test_a_reset_is_undone_by_restoring(session):
    assert "Emptied S1" in reset(session, "S1")
    assert cell_now(session) == stub_of(session.text("S1").solution)
    assert "empty already" in reset(session, "S1")
    restore(session, "S1")
    assert cell_now(session) == SECOND


def test_an_unknown_attempt_is_refused_with_those_there_are(session):
    with pytest.raises(UncheckableError, match=r"S1 has no attempt 9\. It has 1, 2"):
        restore(session, "S1", 9)
    with pytest.raises(UncheckableError, match="no other attempt"):
        restore(session, "S3")


def test_an_attempt_without_source_is_refused(session):
    session.workspace.store.record("sample-practical", None, Verdict("S1", "failed", "Said."), {})
    before = cell_now(session)
    with pytest.raises(UncheckableError, match="nothing to put back"):
        restore(session, "S1", 3)
    assert cell_now(session) == before


def test_a_workspace_is_needed(sample):
    with pytest.raises(UncheckableError, match="mazoezi start"):
        restore(Session(sample, None), "S1")


@pytest.mark.parametrize(
    ("source", "cell"),
    [
        ("12.5", "slope = 12.5"),
        ("'24*x'", "slope = '24*x'"),
        ("slope = 3", "slope = 3"),
        ("slope: float = 3", "slope: float = 3"),
        ("def slope(x):\n    return x", "def slope(x):\n    return x"),
        ("slope, other = 3, 4", "slope, other = 3, 4"),
        ("24*x", "slope = '24*x'"),
        ("B", "slope = 'B'"),
        ("My thoughts:\nmany.", "slope = 'My thoughts:\\nmany.'"),
    ],
)
def test_a_value_gets_the_name_that_its_exercise_asks_for(source, cell):
    assert as_cell(source, "slope") == cell
    assert as_cell(source, None) == source
