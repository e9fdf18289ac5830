"""The verbs in a notebook: what `check` hands back, and what is shown."""

import jax.numpy as jnp
import pytest

from mazoezi.course import practical
from mazoezi.course.workspace import VARIABLE, default_folder, find_workspace, open_workspace


@pytest.fixture
def verbs(workspace, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(workspace.folder))
    return practical("sample-practical")


def test_a_right_answer_is_handed_back(verbs, capsys):
    def relu(x):
        return jnp.maximum(x, 0)

    assert verbs.check("S1", relu) is relu
    assert "✓ Passed" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [..., jnp.abs])
def test_a_missing_or_wrong_answer_is_replaced_by_the_reference_and_told(verbs, answer, capsys):
    relu = verbs.check("S1", answer)
    assert relu(-3.0) == 0 and relu(3.0) == 3
    assert "go on with the reference" in capsys.readouterr().out


def test_a_maths_answer_goes_on_with_the_right_number(verbs):
    q = verbs.question("S3")
    assert verbs.check("S3", ...) == 2 * q.a * q.x + q.b
    assert verbs.check("S3", 2 * q.a * q.x + q.b) == 2 * q.a * q.x + q.b


def test_the_source_of_the_answer_is_kept(verbs):
    def relu(x):
        return jnp.abs(x)  # a remark of mine

    verbs.check("S1", relu)
    workspace = find_workspace()
    assert workspace is not None
    assert "a remark of mine" in (workspace.store.attempts("S1")[0].source or "")


def test_ask_judges_an_answer_that_is_given(verbs, capsys):
    verbs.ask("S2", "C")
    assert "Passed" in capsys.readouterr().out


def test_hint_and_solution_speak(verbs, capsys):
    verbs.hint("S1", now=True)
    verbs.solution("S1", now=True)
    out = capsys.readouterr().out
    assert "Compute both" in out and "return jnp.where" in out


def test_a_question_without_numbers_is_refused(verbs):
    with pytest.raises(TypeError, match="S1"):
        verbs.question("S1")


def test_the_form_shows_nothing_preselected_and_judges_on_a_press(verbs, monkeypatch):
    from unittest.mock import MagicMock

    import IPython.display
    import ipywidgets

    shown = []
    below = MagicMock()
    monkeypatch.setattr(IPython.display, "display", lambda thing, **_: shown.append(thing) or below)
    verbs.ask("S2", ...)
    box = next(thing for thing in shown if isinstance(thing, ipywidgets.VBox))
    radio, button = box.children
    assert radio.value is None
    button.click()
    radio.value = "A"
    button.click()
    assert "Not yet" in below.update.call_args.args[0].text
    radio.value = "C"
    button.click()
    assert "counts 50%" in below.update.call_args.args[0].text


def test_outside_a_workspace_attempts_are_kept_at_home_and_that_is_told(capsys):
    first = practical("sample-practical")
    told = capsys.readouterr().out
    assert str(default_folder()) in told and "lies outside it" in " ".join(told.split())
    first.ask("S2", "C")
    kept = open_workspace(default_folder()).store.attempts("S2")
    assert [attempt.verdict for attempt in kept] == ["passed"]
    found = find_workspace()
    assert found is not None and found.folder == default_folder()


def test_in_a_workspace_nothing_is_made_at_home(workspace, monkeypatch, capsys):
    monkeypatch.chdir(workspace.folder)
    practical("sample-practical")
    assert "lies outside" not in capsys.readouterr().out
    assert not default_folder().exists()


def test_where_home_cannot_be_written_attempts_last_as_long_as_the_kernel(monkeypatch, capsys):
    default_folder().write_text("a file where the folder would be")
    verbs = practical("sample-practical")
    assert "last until this kernel ends" in " ".join(capsys.readouterr().out.split())
    verbs.ask("S2", "C")
    assert "Passed" in capsys.readouterr().out
