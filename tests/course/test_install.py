"""A student notebook works wherever it is opened: it installs the course where that is missing."""

import ast
import os
import subprocess
import venv
import zipfile
from email.message import Message

import pytest

from mazoezi.course import _install, _run
from mazoezi.course._install import install_code
from mazoezi.course._notebooks import notebook, source_cells
from mazoezi.course._practical import SEARCH_PATH, find_practical
from mazoezi.course._run import execute
from mazoezi.course.workspace import Workspace, default_folder, open_workspace

NOTHING_BUT_THE_PACKAGE = """
import sys
for absent in ("jupyterlab", "jupyterlab_widgets", "jupyter_server", "notebook", "widgetsnbextension"):
    sys.modules[absent] = None
"""


@pytest.mark.parametrize("variant", ["student", "solution"])
def test_it_is_the_first_code_cell_and_none_of_the_sources(sample, variant):
    cells = [c for c in notebook(sample, variant)["cells"] if c["cell_type"] == "code"]
    assert cells[0]["source"] == install_code() and cells[0]["metadata"]["tags"] == ["install"]
    assert "import jax" in cells[1]["source"]
    assert list(source_cells({"cells": cells})) == cells[1:]


def test_where_the_course_is_installed_it_does_nothing(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *args, **_: pytest.fail("something was run"))
    exec(install_code(), {})


def test_without_an_address_no_package_of_our_name_is_taken_from_an_index(monkeypatch):
    monkeypatch.setattr(_install, "metadata", lambda name: Message())
    code = install_code()
    assert '"mazoezi @' not in code and "or []" in code


def test_the_address_of_the_project_is_where_it_installs_from(monkeypatch):
    ours = Message()
    ours["Project-URL"] = "Documentation, https://example.org/book"
    ours["Project-URL"] = "Source, https://example.org/mazoezi.git"
    monkeypatch.setattr(_install, "metadata", lambda name: ours)
    code = install_code()
    ast.parse(code)
    assert '["mazoezi @ git+https://example.org/mazoezi.git"]' in code


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """Return the interpreter of an environment that has pip and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True, symlinks=True)
    return folder / "bin" / "python"


def run_cell(python, folder):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP"))}
    return subprocess.run(
        [python, "-c", f"{install_code()}\nimport mazoezi\nprint(mazoezi.answer)"],
        cwd=folder, env={**kept, "PIP_NO_INDEX": "1"}, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_a_wheel_beside_the_notebook_is_installed_without_a_network(bare_python, tmp_path):
    (tmp_path / "empty").mkdir()
    alone = run_cell(bare_python, tmp_path / "empty")
    assert "Put the course's wheel, mazoezi-*.whl, beside this notebook" in alone.stderr

    with zipfile.ZipFile(tmp_path / "mazoezi-99.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("mazoezi/__init__.py", "answer = 42\n")
        about = "Metadata-Version: 2.1\nName: mazoezi\nVersion: 99.0\n"
        wheel.writestr("mazoezi-99.0.dist-info/METADATA", about)
        kind = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr("mazoezi-99.0.dist-info/WHEEL", kind)
        wheel.writestr("mazoezi-99.0.dist-info/RECORD", "")
    done = run_cell(bare_python, tmp_path)
    assert done.stdout.strip() == "42", done.stderr


RIGHT = (
    "def cosine_curve(n=100):\n    x = jnp.linspace(-jnp.pi, jnp.pi, n)\n    return x, jnp.cos(x)"
)
WRONG = "def relu(x):\n    return jnp.abs(x)"


@pytest.mark.slow
def test_a_real_student_notebook_runs_in_a_plain_kernel_in_an_empty_folder(tmp_path, monkeypatch):
    """The whole introduction to JAX, with two exercises answered, and no workspace or variable set."""
    monkeypatch.setattr(_run, "VARIABLE", "NO_WORKSPACE_IS_NAMED")
    monkeypatch.setattr(_run, "SEARCH_PATH", "NO_PRACTICALS_ARE_NAMED")
    monkeypatch.delenv(SEARCH_PATH)
    folder = tmp_path / "empty"
    folder.mkdir()
    practical = find_practical("intro-jax")
    document = notebook(practical, "student")
    cells = {cell["id"]: cell for cell in document["cells"]}
    cells["J1-1-answer"]["source"], cells["J1-3-answer"]["source"] = RIGHT, WRONG
    document["cells"].insert(0, bare_kernel())

    done = execute(practical, document, Workspace(folder, seed=0))

    assert done.errors == ()
    outputs = {cell["id"]: cell.get("outputs", []) for cell in done.document["cells"]}
    shown = [out["data"] for each in outputs.values() for out in each if "data" in out]
    assert len(shown) > 100 and all("text/plain" in data for data in shown)
    told = " ".join(data["text/plain"] for data in shown)
    assert told.count(f"kept in `{default_folder()}`") == 1
    passed, failed = (outputs[f"{id}-check"][0]["data"]["text/plain"] for id in ("J1-1", "J1-3"))
    assert "Passed" in passed and "Not yet" in failed and "absolute value" in failed
    attempts = open_workspace(default_folder()).store.attempts()
    assert [(one.exercise, one.verdict) for one in attempts] == [
        ("J1.1", "passed"), ("J1.3", "failed"),
    ]  # fmt: skip
    assert list(folder.iterdir()) == []  # nothing is left beside the notebook


def bare_kernel():
    """Return a first cell that takes away what only JupyterLab's own kernels have."""
    return {
        "cell_type": "code", "id": "absent", "metadata": {}, "source": NOTHING_BUT_THE_PACKAGE,
        "outputs": [], "execution_count": None,
    }  # fmt: skip
