"""Work is carried to another computer and merged there: nothing is overwritten, nothing comes twice."""

import json
import zipfile

import pytest

from mazoezi._errors import WorkspaceError
from mazoezi.course._carry import bring, export, merged
from mazoezi.course._learner_notebook import read_notebook, source_of
from mazoezi.course._notebooks import notebook, to_json
from mazoezi.course._verdict import Verdict
from mazoezi.course.workspace import create_workspace, open_workspace

NAME = "sample-practical.ipynb"
ANSWER = "def relu(x):\n    return jnp.maximum(x, 0)  # there"


@pytest.fixture
def there(sample, tmp_path):
    """Return a workspace with an answer, a cell of its own, attempts and other files."""
    made = create_workspace(tmp_path / "there", seed=11)
    document = notebook(sample, "student")
    write_answer(document, ANSWER)
    document["cells"].append(
        {"cell_type": "markdown", "id": "note", "metadata": {}, "source": "A note from there"}
    )
    (made.folder / NAME).write_text(to_json(document))
    for verdict in ("failed", "passed"):
        made.store.record("sample-practical", ANSWER, Verdict("S1", verdict, "Said."), {})
    made.store.record_opening("S1", "hint")
    (made.folder / "data").mkdir()
    (made.folder / "data" / "mine.csv").write_text("1,2")
    (made.folder / ".ipynb_checkpoints").mkdir()
    (made.folder / ".ipynb_checkpoints" / "old.ipynb").write_text("{}")
    return made


@pytest.fixture
def here(tmp_path):
    return create_workspace(tmp_path / "here", seed=22)


@pytest.fixture
def file(there, tmp_path):
    path = tmp_path / "work.zip"
    assert export(there, path) == path.stat().st_size
    return path


def write_answer(document, source):
    cell = next(cell for cell in document["cells"] if cell["id"] == "S1-answer")
    cell["source"] = source


def snapshot(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*.ipynb"))} | {
        path: path.read_bytes() for path in sorted(folder.rglob("*.csv"))
    }


def test_an_empty_workspace_becomes_like_the_other(there, here, file):
    assert bring(here, file, {NAME})
    assert here.store.rows() == there.store.rows()
    assert (here.folder / NAME).read_bytes() == (there.folder / NAME).read_bytes()
    assert (here.folder / "data" / "mine.csv").read_text() == "1,2"
    assert not (here.folder / ".ipynb_checkpoints").exists()
    assert open_workspace(here.folder).seed == 11


def test_importing_twice_changes_nothing(here, file, sample):
    (here.folder / NAME).write_text(to_json(notebook(sample, "student")))
    (here.folder / "data").mkdir()
    (here.folder / "data" / "mine.csv").write_text("other")
    bring(here, file, {NAME})
    before, rows = snapshot(here.folder), here.store.rows()
    told = bring(here, file, {NAME})
    assert snapshot(here.folder) == before and here.store.rows() == rows
    assert told in ([], ["Questions with numbers of your own keep the numbers of this workspace."])


def test_attempts_of_both_are_kept_and_the_numbers_of_the_questions_stay(here, file):
    here.store.record("sample-practical", "mine", Verdict("S1", "failed", "Said."), {})
    told = bring(here, file, {NAME})
    assert [one.source for one in here.store.attempts()] == ["mine", ANSWER, ANSWER]
    assert open_workspace(here.folder).seed == 22 and any("keep the numbers" in one for one in told)


def test_an_answer_takes_the_place_of_an_empty_one(here, file, sample):
    (here.folder / NAME).write_text(to_json(notebook(sample, "student")))
    bring(here, file, {NAME})
    document = read_notebook(here.folder / NAME)
    answer = next(cell for cell in document["cells"] if cell["id"] == "S1-answer")
    assert source_of(answer) == ANSWER
    assert source_of(document["cells"][-1]) == "A note from there"
    assert source_of(document["cells"][-2]).startswith("## From another computer")
    (backup,) = here.backups.iterdir()
    assert backup.read_text() == to_json(notebook(sample, "student"))


def test_where_both_have_an_answer_both_are_kept(here, file, sample):
    mine = notebook(sample, "student")
    write_answer(mine, "def relu(x):\n    return x  # here")
    (here.folder / NAME).write_text(to_json(mine))
    bring(here, file, {NAME})
    document = read_notebook(here.folder / NAME)
    answer = next(cell for cell in document["cells"] if cell["id"] == "S1-answer")
    assert "# here" in source_of(answer)
    assert ANSWER in [source_of(cell) for cell in document["cells"][-2:]]
    ids = [cell["id"] for cell in document["cells"]]
    assert len(ids) == len(set(ids))


def test_a_merge_with_itself_changes_nothing(sample):
    mine = notebook(sample, "student")
    write_answer(mine, ANSWER)
    assert merged(mine, mine) == mine


def test_another_file_of_the_same_name_is_put_beside(here, file):
    (here.folder / "data").mkdir()
    (here.folder / "data" / "mine.csv").write_text("other")
    told = bring(here, file, {NAME})
    assert (here.folder / "data" / "mine.csv").read_text() == "other"
    (beside,) = (here.folder / "data").glob("mine-brought-*.csv")
    assert beside.read_text() == "1,2" and any(beside.name in line for line in told)


def test_an_export_is_not_exported(there, here):
    path = there.folder / "mazoezi-2026-01-01.zip"
    export(there, path)
    first = path.stat().st_size
    export(there, path)
    assert abs(path.stat().st_size - first) < 100
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".zip")]


def damaged(path):
    content = bytearray(path.read_bytes())
    content[60 : len(content) // 2] = b"x" * (len(content) // 2 - 60)
    path.write_bytes(content)


def newer(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mazoezi.json", json.dumps({"format": 99, "version": "9.9", "seed": 1}))


def unsafe(path):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("files/../../outside.txt", "x")


def hidden(path):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("files/.mazoezi/workspace.json", "x")


def malformed(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mazoezi.json", json.dumps({"format": 1, "version": "0.1.0", "seed": 1}))
        archive.writestr("attempts.json", json.dumps({"attempts": [{"time": 3}], "openings": []}))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (damaged, "is not an export of mazoezi, or it is damaged"),
        (lambda path: path.write_text("no zip"), "is not an export of mazoezi"),
        (lambda path: path.unlink(), "There is no file"),
        (newer, "newer mazoezi"),
        (unsafe, "no name in a workspace"),
        (hidden, "no name in a workspace"),
        (malformed, "attempts"),
    ],
)
def test_what_cannot_be_brought_is_refused_and_nothing_is_changed(here, file, spoil, told):
    spoil(file)
    before = snapshot(here.folder)
    with pytest.raises(WorkspaceError, match=told):
        bring(here, file, {NAME})
    assert here.store.attempts() == [] and snapshot(here.folder) == before
    assert not (here.folder.parent / "outside.txt").exists()


def test_an_export_that_cannot_be_written_is_told(there, tmp_path):
    with pytest.raises(WorkspaceError, match="cannot be written"):
        export(there, tmp_path / "missing" / "work.zip")
