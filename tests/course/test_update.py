"""A new text of the course is laid around the learner's work: no line that they wrote is gone."""

import copy
import errno
import hashlib
import itertools
import json
import re
from collections import Counter

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazoezi._errors import UncheckableError, WorkspaceError
from mazoezi.course import _update
from mazoezi.course._learner_notebook import source_of
from mazoezi.course._notebooks import notebook, text_hash, to_json
from mazoezi.course._practical import find_practical
from mazoezi.course._update import is_behind, is_pristine, update_notebook, updated
from mazoezi.course._verdict import Verdict

PRACTICAL = find_practical("intro-jax")
STUDENT = notebook(PRACTICAL, "student")
NAMES = {one.id: one.answer_name for one in PRACTICAL.exercises.values() if one.answer_name}
ANSWER = "def relu(x):\n    return jnp.maximum(x, 0)  # mine"


def nothing(exercise):
    return None


def fresh_copy():
    return copy.deepcopy(STUDENT)


def index_of(document, id):
    return next(i for i, cell in enumerate(document["cells"]) if cell.get("id") == id)


def cell_of(document, id):
    return document["cells"][index_of(document, id)]


def own(source, kind="code", **more):
    cell = {"cell_type": kind, "metadata": {}, "source": source, **more}
    if kind == "code":
        cell = {"outputs": [], "execution_count": None, **cell}
    return cell


def hashed(cell, source):
    """Give a course cell another text, as another version of the course would."""
    cell["source"] = source
    if "mazoezi" in cell["metadata"]:
        cell["metadata"]["mazoezi"]["text"] = text_hash(source)
    else:
        cell["id"] = text_hash(source)


def lay(mine, fresh=None, kept=nothing):
    """Update, and see to what always holds."""
    before = copy.deepcopy(mine)
    update = updated(mine, fresh or STUDENT, names=NAMES, kept=kept)
    assert mine == before
    sound(update.document, fresh or STUDENT)
    again = updated(json.loads(to_json(update.document)), fresh or STUDENT, names=NAMES, kept=kept)
    assert not again.changed and again.document == update.document
    return update


def sound(document, fresh):
    nbformat.validate(nbformat.from_dict(document))
    ids = [cell["id"] for cell in document["cells"]]
    assert len(ids) == len(set(ids))
    ties = Counter(
        (tie["exercise"], tie["role"])
        for cell in document["cells"]
        if (tie := cell["metadata"].get("mazoezi", {})).get("exercise")
    )
    for cell in fresh["cells"]:
        if tie := cell["metadata"].get("mazoezi"):
            assert ties[tie["exercise"], tie["role"]] == 1, tie
    course = [c["id"] for c in fresh["cells"]]
    assert [id for id in ids if id in set(course)] == course
    for cell in fresh["cells"]:
        if cell["metadata"].get("mazoezi", {}).get("role") != "answer":
            assert cell_of(document, cell["id"])["source"] == cell["source"]


def sources(document):
    return [source_of(cell) for cell in document["cells"]]


def test_an_untouched_notebook_of_this_version_is_left_alone():
    assert not lay(fresh_copy()).changed


def test_a_notebook_with_the_longer_hashes_of_earlier_versions_is_still_known(course):
    mine = fresh_copy()
    for cell in mine["cells"]:
        longer = hashlib.sha256(source_of(cell).encode()).hexdigest()[:12]
        if tie := cell["metadata"].get("mazoezi"):
            tie["text"] = longer
        else:
            cell["id"] = cell["id"].replace(longer[:8], longer)
    assert all(map(is_pristine, mine["cells"]))
    cell_of(mine, "J1-3-answer")["source"] = ANSWER
    assert not lay(copy.deepcopy(mine)).other_skeletons
    laid = lay(mine, course)
    assert laid.own_cells == 0 and laid.other_skeletons == ["J1.3"]
    assert cell_of(laid.document, "J1-3-answer")["source"] == ANSWER


def test_jupyters_way_to_store_sources_is_no_change():
    mine = fresh_copy()
    for cell in mine["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    assert not lay(mine).changed


@pytest.fixture
def course():
    """Return a later version: other prose, an exercise less, another stub and check."""
    fresh = fresh_copy()
    hashed(cell_of(fresh, "J1-3-prompt"), "### Exercise J1.3, told anew")
    hashed(cell_of(fresh, "J1-3-answer"), "def relu(x, slope=0):\n    ...  # your answer")
    prose = next(
        c for c in fresh["cells"][5:] if c["cell_type"] == "markdown" and len(c["source"]) > 200
    )
    hashed(prose, "Other prose.")
    fresh["cells"] = [
        c for c in fresh["cells"] if c["metadata"].get("mazoezi", {}).get("exercise") != "J1.9"
    ]
    fresh["cells"].insert(3, {**own("New prose.", "markdown"), "id": text_hash("New prose.")})
    return fresh


def test_answers_outputs_and_state_stay_where_they_belong(course):
    mine = fresh_copy()
    answer = cell_of(mine, "J1-3-answer")
    answer |= {"source": ANSWER, "execution_count": 7}
    answer["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "mine"}]
    answer["metadata"]["collapsed"] = True
    check = cell_of(mine, "J1-3-check")
    check["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "card"}]
    update = lay(mine, course)
    laid = cell_of(update.document, "J1-3-answer")
    assert laid["source"] == ANSWER and laid["outputs"] == answer["outputs"]
    assert laid["metadata"]["collapsed"] and laid["execution_count"] == 7
    assert cell_of(update.document, "J1-3-check")["outputs"] == check["outputs"]
    assert "New prose." in sources(update.document)
    assert update.other_skeletons == ["J1.3"] and "J1.3" in str(update)


def test_own_cells_stay_beside_their_neighbours(course):
    mine = fresh_copy()
    at = index_of(mine, "J1-3-check")
    mine["cells"][at + 1 : at + 1] = [own("a = 1  # mine"), own("A note of mine", "markdown")]
    mine["cells"].insert(0, own("On top, mine", "markdown"))
    mine["cells"].append(own("raw, mine", "raw"))
    document = lay(mine, course).document
    at = index_of(document, "J1-3-check")
    assert sources(document)[at + 1 : at + 3] == ["a = 1  # mine", "A note of mine"]
    assert sources(document)[0] == "On top, mine" and sources(document)[-1] == "raw, mine"


def test_edited_course_text_is_kept_below_the_new_text(course):
    mine = fresh_copy()
    cell_of(mine, "J1-3-prompt")["source"] += "\n\nMy remark."
    document = lay(mine, course).document
    at = index_of(document, "J1-3-prompt")
    assert sources(document)[at] == "### Exercise J1.3, told anew"
    assert sources(document)[at + 1].endswith("My remark.")
    assert "mazoezi" not in document["cells"][at + 1]["metadata"]


def test_a_copied_answer_is_kept_and_the_original_is_the_answer():
    mine = fresh_copy()
    cell_of(mine, "J1-3-answer")["source"] = ANSWER
    twin = {**copy.deepcopy(cell_of(mine, "J1-3-answer")), "id": "abc", "source": f"{ANSWER} too"}
    mine["cells"].append(twin)
    document = lay(mine).document
    assert cell_of(document, "J1-3-answer")["source"] == ANSWER
    assert cell_of(document, "abc")["source"].endswith("too")


def test_a_split_answer_stays_in_order():
    mine = fresh_copy()
    at = index_of(mine, "J1-3-answer")
    first = mine["cells"][at]
    rest = {**copy.deepcopy(first), "id": "rest", "source": ANSWER}
    first["source"] = "half = 0.5  # mine"
    mine["cells"].insert(at + 1, rest)
    document = lay(mine).document
    at = index_of(document, "J1-3-answer")
    assert sources(document)[at - 1 : at + 1] == ["half = 0.5  # mine", ANSWER]


def test_a_merged_answer_is_recognised():
    mine = fresh_copy()
    at = index_of(mine, "J1-3-answer")
    mine["cells"][at]["source"] = f"{ANSWER}\n\n{mine['cells'][at + 1]['source']}"
    del mine["cells"][at + 1]
    document = lay(mine).document
    assert ANSWER in cell_of(document, "J1-3-answer")["source"]
    assert cell_of(document, "J1-3-check")["source"] == cell_of(STUDENT, "J1-3-check")["source"]


def test_an_answer_that_was_merged_into_another_is_copied_out():
    mine = fresh_copy()
    cell_of(mine, "J1-2-answer")["source"] += f"\n\n{ANSWER}"
    del mine["cells"][index_of(mine, "J1-3-answer")]
    update = lay(mine)
    assert cell_of(update.document, "J1-3-answer")["source"] == ANSWER
    assert ANSWER in cell_of(update.document, "J1-2-answer")["source"]
    assert update.restored == ["J1.3"]


def test_a_moved_answer_goes_to_its_place():
    mine = fresh_copy()
    cell = mine["cells"].pop(index_of(mine, "J1-3-answer"))
    mine["cells"].insert(0, {**cell, "source": ANSWER})
    document = lay(mine).document
    assert cell_of(document, "J1-3-answer")["source"] == ANSWER
    assert index_of(document, "J1-3-answer") == index_of(STUDENT, "J1-3-answer")


def test_a_deleted_answer_comes_back_from_the_store_but_a_stub_stays():
    mine = fresh_copy()
    del mine["cells"][index_of(mine, "J1-3-answer")]
    update = lay(mine, kept=lambda exercise: {"J1.3": ANSWER, "J1.4": "12.5"}.get(exercise))
    assert cell_of(update.document, "J1-3-answer")["source"] == ANSWER
    assert cell_of(update.document, "J1-4-answer") == cell_of(STUDENT, "J1-4-answer")
    assert update.restored == ["J1.3"]
    del mine["cells"][index_of(mine, "J1-4-answer")]
    update = lay(mine, kept=lambda exercise: "12.5" if exercise == "J1.4" else None)
    assert cell_of(update.document, "J1-4-answer")["source"] == f"{NAMES['J1.4']} = 12.5"


def test_an_answer_whose_exercise_left_goes_to_an_appendix(course):
    mine = fresh_copy()
    at = index_of(mine, "J1-9-answer")
    mine["cells"][at]["source"] = "def set_border(a):\n    return a  # mine"
    mine["cells"].insert(at + 2, own("after it, mine"))
    update = lay(mine, course)
    assert update.left == ["J1.9"]
    assert sources(update.document)[-3].startswith("## Appendix")
    assert sources(update.document)[-2].endswith("# mine")
    edited = copy.deepcopy(update.document)
    edited["cells"][-3]["source"] += "\nedited by me"
    assert any("edited by me" in source for source in sources(lay(edited, course).document))
    back = lay(update.document, STUDENT)  # the exercise returns
    assert cell_of(back.document, "J1-9-answer")["source"].endswith("# mine")
    assert not any(source.startswith("## Appendix") for source in sources(back.document))


def test_a_new_exercise_is_told(course):
    mine = copy.deepcopy(course)
    update = lay(mine, STUDENT)
    assert update.new == ["J1.9"] and "New exercises: J1.9" in str(update)


def test_a_notebook_whose_metadata_and_ids_are_gone_is_recognised(course):
    mine = fresh_copy()
    cell_of(mine, "J1-3-answer")["source"] = ANSWER
    mine["cells"].insert(9, own("mine = 1"))
    for cell in mine["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    mine["nbformat_minor"], mine["metadata"] = 4, {}
    document = lay(mine).document
    assert cell_of(document, "J1-3-answer")["source"] == ANSWER
    assert len(document["cells"]) == len(STUDENT["cells"]) + 1
    lay(mine, course)


def test_a_notebook_from_before_the_hashes_is_recognised():
    mine = fresh_copy()
    for cell in mine["cells"]:
        cell["metadata"].get("mazoezi", {}).pop("text", None)
    cell_of(mine, "J1-3-answer")["source"] = ANSWER
    document = lay(mine).document
    assert len(document["cells"]) == len(STUDENT["cells"])
    assert cell_of(document, "J1-3-answer")["source"] == ANSWER


def test_every_cell_of_a_new_notebook_is_pristine():
    assert all(is_pristine(cell) for cell in STUDENT["cells"])


# --- Files ---------------------------------------------------------------------------------------


def test_a_backup_is_written_first_and_a_second_update_writes_nothing(sample, workspace):
    path = workspace.notebook("sample-practical")
    mine = notebook(sample, "student")
    del mine["cells"][3]
    mine["cells"].append(own("mine"))
    text = json.dumps(mine)
    path.write_text(text)
    update = update_notebook(sample, workspace)
    (backup,) = workspace.backups.iterdir()
    assert backup.read_text() == text and update.backup == backup and backup.name in str(update)
    after, time = path.read_bytes(), path.stat().st_mtime_ns
    assert b"mine" in after
    assert "up to date" in str(update_notebook(sample, workspace))
    assert path.read_bytes() == after and path.stat().st_mtime_ns == time
    assert len(list(workspace.backups.iterdir())) == 1


def test_a_deleted_cell_is_filled_from_the_store_of_the_workspace(sample, workspace):
    path = workspace.notebook("sample-practical")
    mine = notebook(sample, "student")
    del mine["cells"][index_of(mine, "S1-answer")]
    path.write_text(json.dumps(mine))
    workspace.store.record("sample-practical", ANSWER, Verdict("S1", "passed", ""), {})
    workspace.store.record("sample-practical", None, Verdict("S1", "failed", ""), {})
    assert update_notebook(sample, workspace).restored == ["S1"]
    assert ANSWER.splitlines()[1] in path.read_text()


def test_a_notebook_that_is_behind_is_noticed(sample, workspace):
    path = workspace.notebook("sample-practical")
    assert not is_behind(sample, workspace)
    mine = notebook(sample, "student")
    mine["cells"] = mine["cells"][3:]  # the learner deleted some: that is not behind
    path.write_text(json.dumps(mine))
    assert not is_behind(sample, workspace)
    mine["metadata"]["mazoezi"]["text"] = "another"
    path.write_text(json.dumps(mine))
    assert is_behind(sample, workspace)
    update_notebook(sample, workspace)
    assert not is_behind(sample, workspace)


def test_what_is_no_notebook_is_refused_untouched(sample, workspace):
    path = workspace.notebook("sample-practical")
    with pytest.raises(UncheckableError, match="mazoezi start"):
        update_notebook(sample, workspace)
    path.write_text('{"cells": [')
    with pytest.raises(UncheckableError, match="not JSON"):
        update_notebook(sample, workspace)
    assert path.read_text() == '{"cells": [' and not workspace.backups.exists()


def test_a_full_disk_leaves_the_notebook_untouched(sample, workspace, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = workspace.notebook("sample-practical")
    path.write_text(json.dumps({**notebook(sample, "student"), "cells": []}))
    before = path.read_bytes()
    monkeypatch.setattr(_update, "write_atomically", full)
    with pytest.raises(WorkspaceError, match=r"No space left.*not touched"):
        update_notebook(sample, workspace)
    assert path.read_bytes() == before


def test_a_skeleton_in_the_store_is_no_answer(sample, workspace):
    path = workspace.notebook("sample-practical")
    mine = notebook(sample, "student")
    del mine["cells"][index_of(mine, "S1-answer")]
    path.write_text(json.dumps(mine))
    skeleton = "def relu(x):\n    ...  # your answer"
    workspace.store.record("sample-practical", skeleton, Verdict("S1", "errored", ""), {})
    assert update_notebook(sample, workspace).restored == []


# --- Random edits of the real notebook -----------------------------------------------------------

_tokens = itertools.count()


def token():
    return f"mine_{next(_tokens)}"


class Editor:
    """A learner who edits the notebook at random; each line that they write has a token."""

    def __init__(self):
        self.document = fresh_copy()
        self.cells = self.document["cells"]

    def write_answer(self, i, _):
        answers = [
            c for c in self.cells if c["metadata"].get("mazoezi", {}).get("role") == "answer"
        ]
        if answers:
            cell = answers[i % len(answers)]
            name = NAMES.get(cell["metadata"]["mazoezi"]["exercise"], "x")
            cell["source"] = f"def {name}(x):\n    return x  # {token()}"
            cell["outputs"] = []

    def append_a_line(self, i, _):
        cell = self.cells[i % len(self.cells)]
        cell["source"] = source_of(cell) + f"\n# {token()}"

    def insert(self, i, j):
        kind = ("code", "markdown", "raw")[j % 3]
        cell = own(f"# {token()}", kind, id=f"new-{next(_tokens)}")
        self.cells.insert(i % (len(self.cells) + 1), cell)

    def delete(self, i, _):
        if len(self.cells) > 1:
            del self.cells[i % len(self.cells)]

    def copy(self, i, j):
        cell = copy.deepcopy(self.cells[i % len(self.cells)])
        self.cells.insert(j % (len(self.cells) + 1), {**cell, "id": f"copy-{next(_tokens)}"})

    def move(self, i, j):
        cell = self.cells.pop(i % len(self.cells))
        self.cells.insert(j % (len(self.cells) + 1), cell)

    def split(self, i, j):
        i %= len(self.cells)
        lines = source_of(self.cells[i]).split("\n")
        cut = j % (len(lines) + 1)
        second = copy.deepcopy(self.cells[i])
        self.cells[i]["source"] = "\n".join(lines[:cut])
        self.cells.insert(
            i + 1, {**second, "source": "\n".join(lines[cut:]), "id": f"split-{next(_tokens)}"}
        )

    def merge(self, i, _):
        i %= len(self.cells)
        if i + 1 < len(self.cells):
            following = self.cells.pop(i + 1)
            self.cells[i]["source"] = f"{source_of(self.cells[i])}\n{source_of(following)}"

    def strip(self, i, _):
        cell = self.cells[i % len(self.cells)]
        cell["metadata"] = {}
        cell["id"] = f"stripped-{next(_tokens)}"

    def turn_to_text(self, i, _):
        cell = self.cells[i % len(self.cells)]
        cell["cell_type"] = "markdown"
        cell.pop("outputs", None)
        cell.pop("execution_count", None)

    def as_lines(self, i, _):
        cell = self.cells[i % len(self.cells)]
        cell["source"] = source_of(cell).splitlines(keepends=True)

    def written(self):
        return set(re.findall(r"mine_\d+", "\n".join(map(source_of, self.cells))))


EDITS = [name for name in vars(Editor) if not name.startswith("_") and name != "written"]
_places = st.integers(0, 10_000)
_edits = st.lists(st.tuples(st.sampled_from(EDITS), _places, _places), max_size=12)


def later_version(changes):
    """Return a later version of the course: prose and stubs changed, exercises gone, order changed."""
    fresh = fresh_copy()
    cells = fresh["cells"]
    for what, i in changes:
        cell = cells[i % len(cells)]
        tie = cell["metadata"].get("mazoezi")
        if what == "text" and (tie or cell["cell_type"] == "markdown"):
            hashed(cell, f"# version {i}\n...")
        elif what == "insert":
            text = f"New prose {i}"
            if text_hash(text) not in {one["id"] for one in cells}:
                cells.insert(i % len(cells), {**own(text, "markdown"), "id": text_hash(text)})
        elif what == "remove" and tie:
            cells[:] = [
                one
                for one in cells
                if one["metadata"].get("mazoezi", {}).get("exercise") != tie["exercise"]
            ]
        elif what == "move" and not tie:
            cells.remove(cell)
            cells.insert((i * 7) % len(cells), cell)
    ids = [cell["id"] for cell in cells]
    fresh["cells"] = [cell for n, cell in enumerate(cells) if cell["id"] not in ids[:n]]
    return fresh


_changes = st.lists(
    st.tuples(st.sampled_from(["text", "insert", "remove", "move"]), _places), max_size=6
)


def no_line_is_gone(edits, changes):
    editor = Editor()
    for name, i, j in edits:
        getattr(editor, name)(i, j)
    wanted = editor.written()
    lines = Counter(
        line
        for cell in editor.cells
        for line in source_of(cell).splitlines()
        if re.search(r"mine_\d+", line)
    )
    document = lay(editor.document, later_version(changes)).document
    text = "\n".join(sources(document))
    assert wanted <= set(re.findall(r"mine_\d+", text))
    laid = Counter(text.splitlines())
    assert all(laid[line] >= 1 for line in lines)


@given(_edits, _changes)
@settings(max_examples=40)
def test_no_line_that_the_learner_wrote_is_gone(edits, changes):
    no_line_is_gone(edits, changes)


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(EDITS), _places, _places), max_size=60), _changes)
@settings(max_examples=200)
def test_no_line_is_gone_after_many_edits(edits, changes):
    no_line_is_gone(edits, changes)
