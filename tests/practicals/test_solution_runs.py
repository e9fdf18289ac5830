"""Each finished practical's solutions run from top to bottom, and all of them pass.

JAX's own check is on, which raises where a random key is used twice.
"""

import pytest

from mazoezi.course._notebooks import notebook
from mazoezi.course._practical import find_practical
from mazoezi.course._run import execute
from mazoezi.course.workspace import create_workspace


@pytest.mark.slow
@pytest.mark.parametrize("name", ["intro-jax", "array-algebra", "bayesian"])
def test_the_solutions_pass_and_no_key_is_used_twice(name, tmp_path, monkeypatch):
    monkeypatch.setenv("JAX_DEBUG_KEY_REUSE", "1")
    practical = find_practical(name)
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
