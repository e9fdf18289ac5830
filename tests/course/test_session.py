"""Attempts are kept, tries open hints, guessing counts for less, and a bad store stops nothing."""

import jax.numpy as jnp
import pytest

from mazoezi._errors import UnknownExerciseError, WorkspaceError
from mazoezi.course._session import Session
from mazoezi.course.progress import Store
from mazoezi.course.workspace import create_workspace, find_workspace, open_workspace


def fails(session, times=1):
    for number in range(times):
        session.attempt("S1", jnp.abs, f"attempt {number}")


def test_every_attempt_is_kept_with_its_source_and_versions(session):
    session.attempt("S1", jnp.abs, "def relu(x): ...")
    (attempt,) = session.workspace.store.attempts("S1")
    assert attempt.source == "def relu(x): ..."
    assert attempt.verdict == "failed" and attempt.details["mistake"] == "absolute"
    assert {"mazoezi", "python", "jax", "numpy"} <= set(attempt.versions)


def test_attempts_outlive_the_session(session, sample):
    fails(session)
    again = Session(sample, open_workspace(session.workspace.folder))
    assert again.standing("S1").tries == 1


def test_what_was_not_attempted_is_not_kept(session):
    session.attempt("S1", ..., "...")
    assert session.workspace.store.attempts() == []


def test_hints_open_by_trying(session):
    assert "Try first" in session.hint("S1").text
    fails(session)
    assert "1. Compute both" in session.hint("S1").text
    assert "jnp.where" not in session.hint("S1").text
    fails(session)  # the same answer again is no new try
    assert "jnp.where" not in session.hint("S1").text
    fails(session, 2)
    assert "2. `jnp.where`" in session.hint("S1").text


def test_a_hint_can_be_opened_at_once(session):
    assert "1. Compute both" in session.hint("S1", now=True).text
    assert "2. `jnp.where`" in session.hint("S1", now=True).text


def test_all_hints_are_readable_after_passing(session):
    session.attempt("S1", lambda x: jnp.maximum(x, 0), "right")
    assert "2. `jnp.where`" in session.hint("S1").text


def test_the_card_of_a_failure_brings_the_hint_it_opened(session):
    card = session.card(session.attempt("S1", jnp.abs, "one"))
    assert "Hint: Compute both" in card.text and "<summary>A hint" in card.html
    assert "`jnp.where` has three" in session.card(session.attempt("S1", jnp.abs, "two")).text


def test_the_solution_opens_after_an_attempt(session):
    assert "opens after your first attempt" in session.solution("S1").text
    fails(session)
    assert "return jnp.where(x > 0, x, 0)" in session.solution("S1").text
    assert "SOLUTION" not in session.solution("S1").text


def test_the_solution_can_be_read_now(session):
    assert "jnp.where(x > 0" in session.solution("S1", now=True).text


@pytest.mark.parametrize(
    ("letters", "credit"), [("C", 1.0), ("AC", 0.5), ("ABC", 0.0), ("AAC", 0.5)]
)
def test_guessing_is_not_rewarded(session, letters, credit):
    for letter in letters:
        verdict = session.attempt("S2", letter, letter)
    assert verdict.passed and verdict.credit == credit
    assert session.standing("S2").credit == credit
    session.attempt("S2", "C", "C")
    assert session.standing("S2").credit == credit


def test_an_unknown_exercise_is_told_with_those_there_are(session):
    with pytest.raises(UnknownExerciseError, match="S1, S2"):
        session.text("S99")


def test_without_a_workspace_progress_lasts_as_long_as_the_session(sample):
    session = Session(sample, None)
    fails(session)
    assert session.standing("S1").tries == 1 and session.news() == []


def test_a_damaged_store_does_not_stop_a_check_and_is_told_once(session):
    path = session.workspace.folder / ".mazoezi" / "progress.sqlite"
    path.write_bytes(b"this is no database at all, but long enough to look at" * 10)
    verdict = session.attempt("S1", jnp.abs, "source")
    assert verdict.mistake == "absolute"
    (told,) = session.news()
    assert "was damaged" in told and "set aside" in told
    assert session.news() == []
    assert session.card(verdict).text and session.standing("S1").tries == 1


def test_attempts_wait_until_they_can_be_written(session, monkeypatch):
    def full(*_, **__):
        raise WorkspaceError("The disk is full.")

    monkeypatch.setattr(Store, "record", full)
    session.attempt("S1", jnp.abs, "first")
    session.attempt("S1", jnp.abs, "second")
    (told,) = session.news()
    assert "The disk is full." in told and "as soon as they can be" in told
    assert session.workspace.store.attempts() == [] and session.standing("S1").tries == 2
    monkeypatch.undo()
    session.attempt("S1", jnp.abs, "third")
    kept = session.workspace.store.attempts()
    assert [one.source for one in kept] == ["first", "second", "third"]
    assert [one.time for one in kept] == sorted(one.time for one in kept)
    assert session.standing("S1").tries == 3 and session.news() == []


def test_a_store_from_a_newer_version_is_refused_untouched(tmp_path):
    import sqlite3

    path = tmp_path / "progress.sqlite"
    Store(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="newer"):
        Store(path)
    assert path.read_bytes() == before


def test_a_workspace_is_found_from_within(tmp_path):
    made = create_workspace(tmp_path / "w")
    (made.folder / "deep" / "er").mkdir(parents=True)
    found = find_workspace(made.folder / "deep" / "er")
    assert found == made and made.seed > 0
    assert find_workspace(tmp_path) is None


def test_making_a_workspace_twice_keeps_it(tmp_path):
    assert create_workspace(tmp_path) == create_workspace(tmp_path)


@pytest.mark.parametrize("text", ["", "{", '{"format": 1}', "[]", '{"format": "x", "seed": 1}'])
def test_a_half_written_workspace_is_told_and_left_alone(tmp_path, text):
    create_workspace(tmp_path)
    path = tmp_path / ".mazoezi" / "workspace.json"
    path.write_text(text)
    with pytest.raises(WorkspaceError, match="damaged"):
        open_workspace(tmp_path)
    assert path.read_text() == text


def test_a_workspace_from_a_newer_version_is_refused(tmp_path):
    create_workspace(tmp_path)
    path = tmp_path / ".mazoezi" / "workspace.json"
    path.write_text('{"format": 99, "seed": 1}')
    with pytest.raises(WorkspaceError, match="newer"):
        create_workspace(tmp_path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        create_workspace(tmp_path / "file" / "workspace")


def test_the_solution_of_a_choice_explains_each_option(session):
    card = session.solution("S2", now=True)
    assert "C right" in str(card) and "all entries are looked at" in str(card)
    assert "That needs an axis." in str(card) and "That needs axis 0." in str(card)
