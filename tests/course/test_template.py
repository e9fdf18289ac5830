"""What `mazoezi new` makes is a whole practical: it verifies, builds and runs as it is."""

import os
import subprocess
import sys
import time

import nbformat
import pytest
from nbclient import NotebookClient

from mazoezi._errors import MazoeziError
from mazoezi.course._build import build_all
from mazoezi.course._lint import lint
from mazoezi.course._practical import PACKAGED, SEARCH_PATH, find_practical, read_practical
from mazoezi.course._template import make_practical


@pytest.fixture
def environment(tmp_path):
    """The environment of an author who has set nothing."""
    return {key: text for key, text in os.environ.items() if key != SEARCH_PATH}


def test_the_folder_is_a_package_of_the_practicals_name(tmp_path):
    made = make_practical("my-practical", tmp_path)
    assert made == tmp_path / "my_practical"
    assert sorted(path.name for path in made.iterdir()) == [
        "__init__.py", "exercises.py", "figures.py", "labs.py", "practical.md"
    ]  # fmt: skip
    practical = read_practical(made)
    assert (practical.id, practical.title) == ("my-practical", "My practical")
    text = (made / "practical.md").read_text()
    assert "from my_practical import figures, labs" in text and "{{" not in text


def test_underscores_and_hyphens_are_the_same_name(tmp_path):
    assert read_practical(make_practical("a_b-c2", tmp_path)).id == "a-b-c2"


def test_it_has_an_exercise_of_every_kind_and_a_worked_example_of_every_part(tmp_path):
    practical = read_practical(make_practical("whole", tmp_path))
    exercises = practical.exercises.values()
    assert {text.kind for text in exercises} == {
        "code", "maths", "choice", "experiment", "discussion"
    }  # fmt: skip
    assert {part.kind for text in exercises for part in text.parts} == {
        "hint", "answer", "option", "step", "point"
    }  # fmt: skip
    assert {text.level for text in exercises} == {"beginner", "intermediate", "advanced"}
    assert sum(text.id.startswith("T6.") for text in exercises) >= 5
    assert len(practical.aims) <= 5


def test_it_has_no_fault_and_builds(tmp_path):
    practical = read_practical(make_practical("sound", tmp_path))
    assert lint(practical) == []
    assert len(build_all([practical], tmp_path / "notebooks")) == 2


@pytest.mark.parametrize(
    "name",
    ["", "My-practical", "1st", "a--b", "-a", "a-", "a b", "a.b", "../up", "/tmp/x", "class", "ä", "a" * 61],
)  # fmt: skip
def test_a_bad_name_is_refused_and_a_good_one_told(tmp_path, name):
    with pytest.raises(MazoeziError, match=r"lower-case letters.*for example my-practical"):
        make_practical(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["numpy", "json", "mazoezi"])
def test_a_name_that_would_hide_a_module_is_refused(tmp_path, name):
    with pytest.raises(MazoeziError, match=f"would hide the Python module '{name}'"):
        make_practical(name, tmp_path)


def test_the_name_of_a_practical_at_hand_is_refused(tmp_path):
    with pytest.raises(MazoeziError, match="There is a practical 'sample-practical' already"):
        make_practical("sample-practical", tmp_path)


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_exists_is_left_alone(tmp_path, kind):
    there = tmp_path / "my_practical"
    if kind == "folder":
        there.mkdir()
        (there / "practical.md").write_text("my work")
    elif kind == "file":
        there.write_text("my work")
    else:
        there.symlink_to(tmp_path / "nowhere")
    with pytest.raises(MazoeziError, match="my_practical exists already; nothing was changed"):
        make_practical("my-practical", tmp_path)
    if kind != "link":
        text = there / "practical.md" if kind == "folder" else there
        assert text.read_text() == "my work"


def test_a_place_that_is_no_folder_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MazoeziError, match=r"cannot be written \(.*\). Name another place"):
        make_practical("my-practical", tmp_path / "file")


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(MazoeziError, match="No space left"):
        make_practical("my-practical", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_practical_of_the_course_is_imported_from_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr("mazoezi.course._template.PACKAGED", tmp_path)
    made = make_practical("my-practical", tmp_path)
    text = (made / "practical.md").read_text()
    assert "from mazoezi.practicals.my_practical import figures, labs" in text
    assert PACKAGED.name == "practicals"


@pytest.mark.parametrize("place", [".", "notebooks"])
def test_its_id_is_found_beside_it_and_one_folder_below(tmp_path, monkeypatch, place):
    make_practical("my-practical", tmp_path)
    (tmp_path / place).mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path / place)
    assert find_practical("my-practical").folder == tmp_path / "my_practical"


def test_a_practical_that_is_nowhere_is_told_with_the_variable(tmp_path):
    with pytest.raises(MazoeziError, match=f"no practical 'my-practical'.*{SEARCH_PATH}"):
        find_practical("my-practical")


@pytest.mark.slow
def test_the_author_opens_the_notebook_in_jupyter(tmp_path, environment):
    """A notebook is run in its own folder, with nothing set: it finds the practical beside it."""
    practical = read_practical(make_practical("opened", tmp_path))
    student, _ = build_all([practical], tmp_path / "notebooks")
    document = nbformat.read(student, as_version=4)
    resources = {"metadata": {"path": str(student.parent)}}
    NotebookClient(document, kernel_name="python3", resources=resources).execute(env=environment)
    shown = [
        output
        for cell in document.cells
        for output in cell.get("outputs", ())
        if output["output_type"] == "execute_result"
    ]
    pictures = [output.metadata["image/png"] for output in shown if "image/png" in output.data]
    assert [picture["alt"] for picture in pictures] == [
        "before: row against column. after: row against column.",
        "The way: loss w² against weight w; loss, steps, start. "
        "How far it is: distance |w| to the bottom against step.",
    ]


@pytest.mark.slow
def test_verify_proves_it_as_it_is(tmp_path, environment):
    made = make_practical("proven", tmp_path)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "mazoezi", "verify", made.name],
        capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=300,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    assert done.returncode == 0, done.stdout + done.stderr
    assert "proven: no faults" in done.stdout and "The student run took" in done.stdout
    assert "survived" not in done.stdout and "a = 3" not in done.stdout
    assert seconds < 120, "60 s on two free cores"
