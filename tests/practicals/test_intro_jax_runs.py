"""The solution run uses no random key twice: JAX's own check is on from top to bottom."""

import pytest

from mazoezi.course._notebooks import notebook
from mazoezi.course._practical import find_practical
from mazoezi.course._run import execute
from mazoezi.course.workspace import create_workspace


@pytest.mark.slow
def test_no_key_is_used_twice_in_the_solution_run(tmp_path, monkeypatch):
    monkeypatch.setenv("JAX_DEBUG_KEY_REUSE", "1")
    practical = find_practical("intro-jax")
    workspace = create_workspace(tmp_path, seed=0)
    done = execute(practical, notebook(practical, "solution"), workspace)
    assert done.errors == ()
    attempts = workspace.store.attempts()
    assert {attempt.verdict for attempt in attempts} == {"passed"}
    answered = {attempt.exercise for attempt in attempts}
    discussions = {
        id for id, text in practical.exercises.items() if text.kind == "discussion"
    }  # fmt: skip
    assert answered == set(practical.exercises) - discussions
