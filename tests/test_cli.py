"""The command line: help, the contract of `check --json`, and clear sentences for bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mazoezi.course._notebooks import notebook, to_json
from mazoezi.course._practical import SEARCH_PATH, read_practical
from mazoezi.course.progress import Feedback
from mazoezi.course.workspace import VARIABLE, create_workspace

SAMPLE = Path(__file__).parent / "course" / "sample_practical"
RIGHT = "import jax.numpy as jnp\n\ndef relu(x):\n    return jnp.maximum(x, 0)\n"
WRONG = "import jax.numpy as jnp\n\ndef relu(x):\n    print('noise')\n    return jnp.abs(x)\n"


@pytest.fixture
def workspace(tmp_path):
    made = create_workspace(tmp_path / "workspace", seed=7)
    document = notebook(read_practical(SAMPLE), "student")
    made.notebook("sample-practical").write_text(to_json(document))
    return made


@pytest.fixture
def mazoezi(workspace, tmp_path):
    """Return a function that runs the command as a learner would."""
    environment = {
        **os.environ,
        VARIABLE: str(workspace.folder),
        SEARCH_PATH: str(SAMPLE),
        "COLUMNS": "100",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "mazoezi", *arguments],
            capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=120,
        )  # fmt: skip

    return run


def answer_file(tmp_path, text):
    path = tmp_path / "answer.py"
    path.write_text(text)
    return str(path)


COMMANDS = (
    "start", "list", "check", "hint", "solution", "attempts", "restore", "reset", "update", "export",
    "import", "run", "progress", "feedback", "build", "book", "verify", "new",
)  # fmt: skip


def test_every_command_has_help_with_an_example(mazoezi):
    overview = mazoezi("--help").stdout
    for command in COMMANDS:
        assert command in overview
        assert f"Example: mazoezi {command}" in mazoezi(command, "--help").stdout


@pytest.mark.parametrize("arguments", [("--help",), ("list",), ("hint", "S1")])
def test_quick_commands_load_neither_jax_nor_numpy(workspace, arguments):
    code = (
        "import sys\nfrom mazoezi.cli import main\n"
        f"sys.argv = ['mazoezi', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "loaded = {'jax', 'numpy', 'matplotlib', 'IPython', 'nbformat'} & set(sys.modules)\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    environment = {**os.environ, VARIABLE: str(workspace.folder), SEARCH_PATH: str(SAMPLE)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_right_answer_exits_0(mazoezi, tmp_path):
    done = mazoezi("check", "S1", "--answer", answer_file(tmp_path, RIGHT), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["verdict"] == "passed"


def test_a_wrong_answer_exits_1_and_prints_one_object(mazoezi, tmp_path, workspace):
    done = mazoezi("check", "S1", "--answer", answer_file(tmp_path, WRONG), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["exercise"] == "S1" and told["verdict"] == "failed"
    assert told["failed_case"] == "one number at a time" and told["mistake"] == "absolute"
    assert told["message"] and told["seconds"] > 0
    assert "noise" in done.stderr
    assert workspace.store.attempts("S1")[0].source == WRONG


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def other(x):\n    return x\n", "does not define `relu`"),
        ("def relu(x:\n", "Line 1"),
        ("import jax\n1 / 0\n", "Line 2 of answer.py raises ZeroDivisionError"),
        ("raise SystemExit(0)\n", "SystemExit"),
    ],
)
def test_an_answer_that_cannot_be_checked_exits_2(mazoezi, tmp_path, text, words):
    path = answer_file(tmp_path, text)
    plain = mazoezi("check", "S1", "--answer", path)
    assert plain.returncode == 2 and words in plain.stderr and "Traceback" not in plain.stderr
    told = json.loads(mazoezi("check", "S1", "--answer", path, "--json").stdout)
    assert words in told["message"] and told["mistake"] is None and told["failed_case"] is None


def test_an_unknown_exercise_exits_2_with_the_nearest(mazoezi):
    done = mazoezi("check", "S11", "--answer", "x.py")
    assert done.returncode == 2 and "Did you mean S1" in done.stderr


def test_a_missing_file_exits_2(mazoezi):
    done = mazoezi("check", "S1", "--answer", "nowhere.py")
    assert done.returncode == 2 and "There is no file nowhere.py" in done.stderr


def test_a_question_is_answered_on_the_line(mazoezi):
    assert mazoezi("check", "S2", "--answer", "C").returncode == 0
    assert mazoezi("check", "S2", "--answer", "A").returncode == 1


def test_a_stub_is_not_attempted(mazoezi):
    done = mazoezi("check", "S1", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["verdict"] == "not attempted"


def write_answer(workspace, text):
    path = workspace.notebook("sample-practical")
    document = json.loads(path.read_text())
    cell = next(c for c in document["cells"] if c["id"] == "S1-answer")
    cell["source"] = text
    path.write_text(json.dumps(document))
    return path


def test_the_answer_is_taken_from_the_notebook(mazoezi, workspace):
    write_answer(workspace, "def relu(x):\n    return jnp.maximum(x, 0)")
    assert mazoezi("check", "S1").returncode == 0


def test_reset_empties_one_cell_and_keeps_what_stood_there(mazoezi, workspace):
    path = write_answer(workspace, "def relu(x):\n    return 41")
    before = json.loads(path.read_text())
    done = mazoezi("reset", "S1")
    assert done.returncode == 0, done.stderr
    after = json.loads(path.read_text())
    changed = [a["id"] for a, b in zip(before["cells"], after["cells"], strict=True) if a != b]
    assert changed == ["S1-answer"]
    assert workspace.store.attempts("S1")[-1].source == "def relu(x):\n    return 41"
    assert "empty already" in mazoezi("reset", "S1").stdout


def test_a_notebook_that_is_not_json_is_told_and_left_alone(mazoezi, workspace):
    path = workspace.notebook("sample-practical")
    path.write_text('{"cells": [')
    for command in ("check", "reset"):
        done = mazoezi(command, "S1")
        assert done.returncode == 2 and "not JSON" in done.stderr
        assert "Traceback" not in done.stderr
    assert path.read_text() == '{"cells": ['


def test_a_damaged_workspace_exits_2(mazoezi, workspace):
    (workspace.folder / ".mazoezi" / "workspace.json").write_text("{")
    for arguments in (("list",), ("hint", "S1"), ("progress",), ("check", "S1")):
        done = mazoezi(*arguments)
        assert done.returncode == 2 and "damaged" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_list_and_progress_show_where_the_learner_stands(mazoezi, tmp_path):
    mazoezi("check", "S1", "--answer", answer_file(tmp_path, RIGHT))
    mazoezi("check", "S2", "--answer", "A")
    listed = mazoezi("list").stdout
    assert "✓ S1" in listed and "· S2" in listed and "  S3" in listed
    table = mazoezi("progress", "sample-practical").stdout
    assert "1 of 5 passed" in table and "100%" in table


def test_hint_and_solution_follow_the_tries(mazoezi, tmp_path):
    assert "Try first" in mazoezi("hint", "S1").stdout
    mazoezi("check", "S1", "--answer", answer_file(tmp_path, WRONG))
    assert "1. Compute both" in mazoezi("hint", "S1").stdout
    assert "jnp.where(x > 0, x, 0)" in mazoezi("solution", "S1").stdout
    assert "opens after" in mazoezi("solution", "S3").stdout
    assert "2 * q.a" in mazoezi("solution", "S3", "--now").stdout


def test_build_and_its_check(mazoezi, tmp_path):
    assert mazoezi("build", "sample-practical", "--to", "out").returncode == 0
    assert mazoezi("build", "sample-practical", "--to", "out", "--check").returncode == 0
    (tmp_path / "out" / "another.ipynb").write_text("{}")
    assert mazoezi("build", "sample-practical", "--to", "out", "--check").returncode == 0
    next((tmp_path / "out").glob("sample*.ipynb")).write_text("{}")
    done = mazoezi("build", "sample-practical", "--to", "out", "--check")
    assert done.returncode == 1 and "mazoezi build" in done.stderr


@pytest.mark.slow
def test_run_writes_a_report_that_needs_no_network(mazoezi, tmp_path):
    done = mazoezi("run", "sample-practical", "--report", "report.html")
    assert done.returncode == 0, done.stderr
    assert "4 checks passed" in done.stdout
    page = (tmp_path / "report.html").read_text()
    assert "Passed" in page and "<math" in page
    assert 'src="http' not in page and "cdnjs" not in page


@pytest.mark.slow
def test_verify_proves_the_sample(mazoezi):
    done = mazoezi("verify", "sample-practical")
    assert done.returncode == 0, done.stdout
    assert "no faults" in done.stdout and "S1      100%" in done.stdout
    assert "The student run took" in done.stdout


def test_an_answer_goes_out_of_the_notebook_and_back(mazoezi, workspace, tmp_path):
    mazoezi("check", "S1", "--answer", answer_file(tmp_path, WRONG))
    mazoezi("check", "S1", "--answer", answer_file(tmp_path, RIGHT))
    listed = mazoezi("attempts", "S1").stdout
    assert "failed" in listed and "passed" in listed
    assert mazoezi("attempts", "S1", "--attempt", "1").stdout.rstrip("\n") == WRONG.rstrip("\n")
    assert "Put attempt 1" in mazoezi("restore", "S1", "--attempt", "1").stdout
    notebook_file = workspace.notebook("sample-practical")
    assert "noise" in notebook_file.read_text()
    assert "Emptied S1" in mazoezi("reset", "S1").stdout
    assert "noise" not in notebook_file.read_text()
    assert mazoezi("restore", "S1").returncode == 0
    refused = mazoezi("restore", "S1", "--attempt", "99")
    assert refused.returncode == 2 and "no attempt 99" in refused.stderr


def test_work_is_carried_to_another_workspace(mazoezi, workspace, tmp_path, monkeypatch):
    mazoezi("check", "S1", "--answer", answer_file(tmp_path, RIGHT))
    assert "Wrote work.zip" in mazoezi("export", "work.zip").stdout
    other = create_workspace(tmp_path / "other")
    environment = {**os.environ, VARIABLE: str(other.folder), SEARCH_PATH: str(SAMPLE)}

    def bring():
        return subprocess.run(
            [sys.executable, "-m", "mazoezi", "import", "work.zip"],
            capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=60, check=True,
        ).stdout  # fmt: skip

    assert "1 attempt was added" in bring()
    assert other.store.attempts("S1")[0].verdict == "passed"
    assert "here already" in bring()


def test_feedback_is_shown_and_written_as_a_table(mazoezi, workspace, tmp_path):
    assert "No feedback yet" in mazoezi("feedback").stdout
    workspace.store.record_feedback(Feedback("sample-practical", 4, 80, "Good."))
    assert "4 of 5, 80 minutes" in mazoezi("feedback").stdout
    assert "1 entry" in mazoezi("feedback", "--csv", "said.csv").stdout
    assert ",sample-practical,4,80,Good." in (tmp_path / "said.csv").read_text("utf-8-sig")
    failed = mazoezi("feedback", "--csv", "missing/said.csv")
    assert failed.returncode == 2 and "missing/said.csv cannot be written" in failed.stderr


def test_update_lays_the_new_text(mazoezi, workspace):
    path = workspace.notebook("sample-practical")
    document = json.loads(path.read_text())
    document["cells"][2]["source"] += "\nMy remark."
    path.write_text(json.dumps(document))
    assert "has the new text" in mazoezi("update").stdout
    assert "My remark." in path.read_text()
    assert "up to date" in mazoezi("update", "sample-practical").stdout
    path.write_text("no notebook")
    refused = mazoezi("update")
    assert (
        refused.returncode == 2
        and "not JSON" in refused.stderr
        and path.read_text() == "no notebook"
    )
