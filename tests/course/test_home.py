"""The home page: what it shows, found without a server."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from mazoezi._errors import ArgumentError
from mazoezi.course._practical import SEARCH_PATH, Practical
from mazoezi.course._server import add_notebooks
from mazoezi.course._update import update_notebook
from mazoezi.course._verdict import State, Verdict
from mazoezi.course.home import _home, _view
from mazoezi.course.home._home import Home, Progress
from mazoezi.course.home._map import Course, Reader, sections_of
from mazoezi.course.home._search import search, without_marks
from mazoezi.course.home._settings import Settings, read_settings, write_settings
from mazoezi.course.progress import connect

SAMPLE = Path(__file__).parent / "sample_practical"


@pytest.fixture
def home(workspace) -> Home:
    return Home(workspace.folder)


def record(home: Home, exercise: str, verdict: State, credit: float = 1.0, **more: str) -> None:
    said = Verdict(exercise, verdict, more.get("message", "Said."), credit=credit)
    home.workspace.store.record("sample-practical", more.get("source", "x"), said, {})


def shown(home: Home) -> _view.Page:
    return _view.page(home, home.course(), home.progress(), "/")


def row(home: Home, exercise: str) -> _view.Row:
    (practical,) = (one for one in shown(home).practicals if one.id == "sample-practical")
    rows = [row for section in practical.sections for row in section.rows]
    return next(one for one in rows if one.id == exercise)


def only_sample(course: Course) -> Practical:
    return next(one for one in course.practicals if one.id == "sample-practical")


def test_sections_hold_their_exercises(sample):
    assert [(one.title, [text.id for text in one.exercises]) for one in sections_of(sample)] == [
        ("Code", ["S1"]),
        ("Words", ["S2", "S3", "S4", "S5"]),
    ]


def test_an_exercise_shows_its_newest_verdict_until_it_is_passed(home):
    assert row(home, "S1").word == "Not attempted" and row(home, "S1").tried == ""
    record(home, "S1", "failed")
    record(home, "S1", "errored", source="y")
    assert row(home, "S1").word == "Error in your code" and row(home, "S1").tried == "2 tries"
    record(home, "S1", "passed")
    record(home, "S1", "failed", source="z")
    assert row(home, "S1").word == "Passed"
    assert row(home, "S1").address == "/lab/tree/sample-practical.ipynb#cell-id=S1-prompt"


def test_a_quiz_shows_how_many_are_right_and_what_they_count(home):
    words = only_section(home, "Words")
    assert words.quiz == "Quiz: 0 of 1 right" and only_section(home, "Code").quiz == ""
    record(home, "S2", "passed", credit=0.5)
    assert only_section(home, "Words").quiz == "Quiz: 1 of 1 right"
    assert only_section(home, "Words").passed == 1
    assert "counts 50%" in row(home, "S2").tried


def only_section(home: Home, title: str) -> _view.SectionView:
    sections = [section for one in shown(home).practicals for section in one.sections]
    return next(one for one in sections if one.title == title)


def test_it_goes_on_where_the_learner_stopped(home):
    at = shown(home).next
    assert at is not None and at.heading == "Begin here" and at.row.id == "S1"
    record(home, "S3", "failed")
    at = shown(home).next
    assert at is not None and (at.heading, at.row.id) == ("Continue where you stopped", "S3")
    record(home, "S3", "passed")
    at = shown(home).next
    assert at is not None and (at.heading, at.row.id) == ("Next", "S5")  # S4 is optional


def test_at_the_end_nothing_is_next(home):
    for _, text in home.course().exercises():
        record(home, text.id, "passed")
    assert shown(home).next is None and shown(home).is_complete


def test_recent_verdicts_come_newest_first(home):
    for number in range(12):
        record(home, "S1", "failed", message=f"Wrong {number}.")
    recent = shown(home).recent
    assert [one.gist for one in recent] == [f"Wrong {number}." for number in range(11, 1, -1)]


def test_an_attempt_at_an_exercise_that_left_the_course_is_shown(home):
    record(home, "GONE", "passed")
    assert shown(home).recent[0].title == "an exercise that left the course"


# --- Search ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "first"),
    [("S2", "S2"), ("compiled RELU", "S1"), ("entries batch", None), ("sum rule", None),
     ("array of any shape", "S1"), ("derivation", "S4")],
)  # fmt: skip
def test_search_finds_ids_titles_and_prompts(sample, query, first):
    found = [hit.text.id for hit in search(Course((sample,), ()), query) if hit.text]
    assert (found[0] if found else None) == first


def test_search_ranks_titles_before_prompts_and_finds_sections(sample):
    found = search(Course((sample,), ()), "words")
    assert found[0].text is None and found[0].section == "Words"
    assert search(Course((sample,), ()), "a sample")[0].practical is sample
    assert search(Course((sample,), ()), "  ") == []


def test_search_ignores_case_and_accents_and_shows_the_place(sample):
    (hit,) = search(Course((sample,), ()), "ÁRRAY shape")
    assert hit.extract == "Write relu(x), which gives max(0, x) for an array of any shape."


def test_marks_are_taken_out_of_prompts():
    assert (
        without_marks("## Do *this*:\n- see [it](http://x)\n```python\n`a`") == "Do this: see it a"
    )


# --- Bad input -------------------------------------------------------------------------------------


def test_a_practical_that_cannot_be_read_is_told_and_the_rest_works(home, tmp_path, monkeypatch):
    broken = tmp_path / "broken_one"
    broken.mkdir()
    (broken / "practical.md").write_text("no front matter")
    monkeypatch.setenv(SEARCH_PATH, f"{SAMPLE}{os.pathsep}{broken}")
    page = shown(home)
    assert any("broken_one cannot be read" in one and ":1:" in one for one in page.notices)
    assert "sample-practical" in {one.id for one in page.practicals}


def test_a_practical_that_was_mended_is_read_again(tmp_path, monkeypatch):
    copy = tmp_path / "sample_practical"
    copy.mkdir()
    (copy / "practical.md").write_text("no front matter")
    monkeypatch.setenv(SEARCH_PATH, str(copy))
    reader = Reader()
    assert reader.read().problems
    (copy / "practical.md").write_text((SAMPLE / "practical.md").read_text())
    assert not reader.read().problems and only_sample(reader.read()).title == "A sample"


def test_a_locked_store_is_told_soon(home):
    record(home, "S1", "passed")
    with closing(connect(home.workspace.progress_file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        page = shown(home)
    assert any("another program is using it" in one for one in page.notices)
    assert only_sample(home.course()).title and page.practicals and not page.is_complete
    assert not shown(home).notices and row(home, "S1").passed  # afterwards all is there again


def test_a_damaged_store_is_recovered_and_told(home):
    for number in range(50):
        record(home, "S1", "failed", source=f"answer {number} {'y' * 500}")
    file = home.workspace.progress_file
    content = bytearray(file.read_bytes())
    content[4096 : 6 * 4096] = b"\xa5" * 5 * 4096
    file.write_bytes(content)
    page = shown(home)
    assert any("was damaged" in one and "kept" in one for one in page.notices) and page.recent


def test_a_store_that_is_no_use_at_all_is_told(home):
    home.workspace.progress_file.mkdir()
    page = shown(home)
    assert any("progress store" in one for one in page.notices) and page.practicals


def test_a_workspace_whose_description_is_damaged_is_told(home):
    (home.folder / ".mazoezi" / "workspace.json").write_text("{")
    page = shown(home)
    assert any("workspace.json is damaged" in one for one in page.notices) and page.practicals


@pytest.fixture
def attempted(home):
    record(home, "S1", "passed")


def test_a_read_only_workspace_is_told_and_shows_where_the_learner_stands(attempted, read_only):
    home = Home(read_only.folder)
    page = shown(home)
    assert any("is read-only" in one for one in page.notices) and row(home, "S1").passed
    home.change_settings(Settings("dark"))
    assert home.settings().theme == "dark"


# --- Settings, news --------------------------------------------------------------------------------


def test_settings_are_remembered_and_damage_is_forgiven(tmp_path):
    path = tmp_path / "home.json"
    assert read_settings(path) == Settings()
    write_settings(path, Settings("dark", True))
    assert read_settings(path) == Settings("dark", True)
    for spoilt in ("{", "[]", json.dumps({"theme": "pink", "larger_text": True})):
        path.write_text(spoilt)
        assert read_settings(path) == Settings()
    with pytest.raises(ArgumentError, match="theme is 'pink'"):
        Settings("pink")


def test_a_notebook_with_an_earlier_text_is_told_until_it_is_updated(home, sample):
    def told():
        page = shown(home)
        return [one.id for one in page.practicals if one.is_behind]

    path = home.workspace.notebook("sample-practical")
    assert told() == []  # there is no notebook yet
    add_notebooks(home.workspace, [sample])
    assert told() == []
    earlier = json.loads(path.read_text())
    earlier["metadata"]["mazoezi"]["text"] = "another"
    path.write_text(json.dumps(earlier))
    assert told() == ["sample-practical"]
    update_notebook(sample, home.workspace)
    assert told() == []
    path.write_text("{")
    assert told() == []  # of what cannot be read, nothing is claimed


def test_a_large_notebook_is_read_again_only_when_it_has_changed(home, sample, monkeypatch):
    add_notebooks(home.workspace, [sample])
    read = []
    monkeypatch.setattr(_home, "is_behind", lambda *known: bool(read.append(known)))
    for _ in range(3):
        shown(home)
    assert len(read) == len(home.course().practicals)
    os.utime(home.workspace.notebook("sample-practical"), (0, 0))
    shown(home)
    assert len(read) == len(home.course().practicals) + 1


def test_settings_last_while_the_server_runs_where_nothing_can_be_written(home, monkeypatch):
    def refuse(path, settings):
        raise OSError("read-only")

    monkeypatch.setattr("mazoezi.course.home._home.write_settings", refuse)
    home.change_settings(Settings("dark"))
    assert home.settings() == Settings("dark") and not home._settings_file.exists()


def test_the_stamp_changes_with_what_is_shown_and_only_then(home):
    record(home, "S1", "failed")
    before = home.stamp()
    assert home.stamp() == before
    record(home, "S1", "passed")
    after = home.stamp()
    assert after != before
    home.change_settings(Settings("dark"))
    assert home.stamp() != after


def test_the_page_loads_neither_jax_nor_numpy(workspace):
    code = (
        "import sys; from mazoezi.course.home import _handlers, _view; "
        "from mazoezi.course.home._home import Home; from pathlib import Path; "
        f"home = Home(Path({str(workspace.folder)!r})); "
        "page = _view.page(home, home.course(), home.progress(), '/'); "
        "_view.hits(home.course(), 'relu', '/'); assert page.practicals; "
        "print(sorted({'jax', 'numpy', 'matplotlib'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_progress_without_a_store_is_none_yet():
    assert Progress(problem="locked").standings == {}
