"""Feedback on a practical is kept with the attempts: as safely, carried along, and exportable."""

import csv
import io
import json
import random

import pytest

from mazoezi._errors import ArgumentError
from mazoezi.course import progress
from mazoezi.course._carry import bring, export
from mazoezi.course._feedback import feedback_told, write_csv
from mazoezi.course.progress import Feedback, Store, connect
from mazoezi.course.workspace import create_workspace

WARM = Feedback("sample-practical", 5, 90, "Lovely.\nMore of it, please.")
COOL = Feedback("sample-practical", 2)


@pytest.fixture
def store(workspace) -> Store:
    return workspace.store


def said(store):
    return [(one.practical, one.rating, one.minutes, one.comment) for one in store.feedback()]


def test_what_was_said_is_kept_in_order(store):
    store.record_feedback(WARM)
    store.record_feedback(COOL)
    assert said(Store(store.path)) == [
        ("sample-practical", 5, 90, "Lovely.\nMore of it, please."),
        ("sample-practical", 2, None, ""),
    ]
    told = feedback_told(store.feedback())
    assert "5 of 5, 90 minutes" in told and "  More of it, please." in told


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (Feedback("p", 0), "rating is 0"),
        (Feedback("p", 6), "rating is 6"),
        (Feedback("p", 3, 0), "minutes is 0"),
        (Feedback("p", 3, 100_000), "minutes is 100000"),
    ],
)
def test_what_is_no_feedback_is_refused(store, wrong, named):
    with pytest.raises(ArgumentError, match=named):
        store.record_feedback(wrong)
    assert store.feedback() == []


def test_a_store_of_format_2_gets_room_for_feedback(tmp_path):
    path = tmp_path / "progress.sqlite"
    connection = connect(path)
    for statement in (*progress._FORMAT_1, *progress._FORMAT_2[:3], *progress._FORMAT_2[5:]):
        connection.execute(statement)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    store = Store(path)
    store.record_feedback(WARM)
    assert store.recovered is None and len(store.feedback()) == 1


def test_feedback_survives_damage(store):
    for number in range(200):
        store.record_feedback(Feedback("p", 1 + number % 5, None, f"said {number} {'z' * 200}"))
    content = bytearray(store.path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = random.Random(0).randbytes(8192)
    store.path.write_bytes(content)
    kept = Store(store.path).feedback()
    assert len(kept) >= 140 and all(one.comment.startswith("said ") for one in kept)


def test_feedback_is_carried_and_not_doubled(workspace, tmp_path):
    workspace.store.record_feedback(WARM)
    export(workspace, tmp_path / "work.zip")
    other = create_workspace(tmp_path / "other", seed=3)
    bring(other, tmp_path / "work.zip", set())
    bring(other, tmp_path / "work.zip", set())
    assert said(other.store) == said(workspace.store)


def test_an_export_of_format_1_has_no_feedback_and_is_brought(workspace, tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        archive.writestr("mazoezi.json", json.dumps({"format": 1, "version": "0.1.0", "seed": 1}))
        archive.writestr("attempts.json", json.dumps({"attempts": [], "openings": []}))
        archive.writestr("files/notes.txt", "mine")
    assert bring(workspace, tmp_path / "old.zip", set())[-1] == "notes.txt was added."


def test_the_table_is_read_back_and_holds_no_formula(store):
    store.record_feedback(WARM)
    store.record_feedback(Feedback("p", 1, None, '=HYPERLINK("http://example.org")'))
    file = io.StringIO()
    write_csv(store.feedback(), file)
    heading, warm, formula = csv.reader(io.StringIO(file.getvalue()))
    assert heading == ["time", "practical", "rating", "minutes", "comment"]
    assert warm[1:] == ["sample-practical", "5", "90", "Lovely.\nMore of it, please."]
    assert formula[3:] == ["", '\'=HYPERLINK("http://example.org")']
