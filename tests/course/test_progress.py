"""The store survives: killed writers, a full disk, several writers, a turned clock, damage."""

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mazoezi._errors import ArgumentError, WorkspaceError
from mazoezi.course import progress
from mazoezi.course._verdict import State, Verdict
from mazoezi.course.progress import Store

FEEDBACK = {
    "time": "2026-11-27T12:00:00+00:00", "practical": "sample", "rating": "4", "minutes": "90",
    "comment": "", "identity": "0" * 32,
}  # fmt: skip
LONG = "# " + "x" * 6000  # more than a page of the file


@pytest.fixture
def path(tmp_path):
    return tmp_path / "progress.sqlite"


def record(store: Store, source: str, verdict: State = "failed") -> None:
    store.record("sample", source, Verdict("S1", verdict, "Said."), {"mazoezi": "0"})


def filled(path, count=300):
    store = Store(path)
    for number in range(count):
        record(store, f"answer {number} {'y' * (number * 37 % 5000)}")
    return store


def is_sound(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def sources(store):
    return [one.source or "" for one in store.attempts()]


# --- Writers that are killed ---------------------------------------------------------------------

WRITER = """
import os, sys
from pathlib import Path
from mazoezi.course._verdict import Verdict
from mazoezi.course.progress import Store

path, kills = Path(sys.argv[1]), int(sys.argv[2])
assert "jax" not in sys.modules
for run in range(kills):
    child = os.fork()
    if child == 0:
        store = Store(path)
        for number in range(10**6):
            source = f"{run}:{number} " + "x" * (number * 997 % 9000)
            store.record("sample", source, Verdict("S1", "failed", "Said."), {})
            os.write(1, f"{run}:{number}\\n".encode())  # short enough to be whole or not there
    os.write(1, f"started {child}\\n".encode())
    sys.stdin.readline()  # until the other side has killed it
    os.wait()
"""


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_when_a_writer_is_killed_500_times(path):
    kills, moments = 500, random.Random(0)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(kills)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert writer.stdin and writer.stdout
    acknowledged: list[str] = []
    told = writer.stdout

    def started() -> int:
        """Return the next child that writes, and keep what the one before it acknowledged."""
        while not (line := told.readline().rstrip("\n")).startswith("started "):
            acknowledged.append(line)
        return int(line.split()[1])

    for run in range(kills):
        child = started()
        time.sleep(moments.random() * 0.03)
        os.kill(child, signal.SIGKILL)
        writer.stdin.write("\n")
        writer.stdin.flush()
        if run % 25 == 24:
            assert is_sound(path)
    acknowledged += told.read().split()
    assert writer.wait(20) == 0
    writer.stdin.close()
    told.close()
    store = Store(path)
    kept = dict(one.split(" ") for one in sources(store))
    assert store.recovered is None and len(acknowledged) > 100
    assert set(acknowledged) <= set(kept) and len(kept) == len(sources(store))
    for name, rest in kept.items():  # whole
        assert len(rest) == int(name.split(":")[1]) * 997 % 9000


# --- A full disk ---------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_is_told_and_what_was_kept_stays(small_disk):
    store, kept = Store(small_disk / "progress.sqlite"), []
    with pytest.raises(WorkspaceError, match="the disk is full"):
        for number in range(1000):
            record(store, f"{number} {LONG}")
            kept.append(f"{number} {LONG}")
    assert len(kept) > 3
    with pytest.raises(WorkspaceError, match="the disk is full"):
        record(store, LONG * 50)
    assert sources(store) == kept and is_sound(store.path)


def limited(path: Path) -> None:
    """Write until a file may not grow, in a process of its own."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    store, count = Store(path), 0
    try:
        while True:
            record(store, f"{count} {LONG}")
            count += 1
    except WorkspaceError as error:
        print(json.dumps([count, str(error)]))


def test_a_file_that_may_not_grow_is_told_and_what_was_kept_stays(path):
    done = subprocess.run(
        [sys.executable, "-c", f"import test_progress as t\nt.limited(t.Path({str(path)!r}))"],
        capture_output=True, text=True, check=True, cwd=os.path.dirname(__file__),
    )  # fmt: skip
    count, told = json.loads(done.stdout)
    assert count > 3 and "cannot be used" in told
    kept = sources(Store(path))
    assert kept[:count] == [f"{number} {LONG}" for number in range(count)] and is_sound(path)


# --- Several writers, another clock --------------------------------------------------------------

MANY = """
import sys
from pathlib import Path
from mazoezi.course._verdict import Verdict
from mazoezi.course.progress import Store
store = Store(Path(sys.argv[1]))
for number in range(60):
    store.record("sample", f"{sys.argv[2]}:{number}", Verdict("S1", "failed", "Said."), {})
    store.record_opening("S1", "hint")
"""


def test_two_kernels_and_the_command_line_write_at_once(path):
    writers = [
        subprocess.Popen([sys.executable, "-c", MANY, str(path), name]) for name in "abc"
    ]  # a new store, which all three make at once
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    kept = sources(Store(path))
    assert sorted(kept) == sorted(f"{name}:{number}" for name in "abc" for number in range(60))
    for name in "abc":  # each in its own order
        assert [s for s in kept if s.startswith(name)] == [f"{name}:{n}" for n in range(60)]
    assert Store(path).standing("S1").opened == 180


def test_a_clock_that_is_set_back_changes_no_order(path, monkeypatch):
    store = Store(path)
    for year in (2030, 2020, 2025):
        monkeypatch.setattr(progress, "now", lambda year=year: f"{year}-01-01T00:00:00.000+00:00")
        record(store, str(year), verdict="passed" if year == 2020 else "failed")
    assert sources(store) == ["2030", "2020", "2025"]
    assert store.attempts()[-1].number == 3 and store.standing("S1").passed


def test_the_time_of_an_attempt_that_waited_is_its_own(path):
    store = Store(path)
    at = "2026-11-23T20:15:00.000+00:00"
    store.record("sample", "x", Verdict("S1", "failed", ""), {}, time=at)
    assert store.attempts()[0].time == at
    with pytest.raises(ArgumentError, match="yesterday"):
        store.record("sample", "x", Verdict("S1", "failed", ""), {}, time="yesterday")


# --- Damage --------------------------------------------------------------------------------------


def spoil(path, start, length, rng=None):
    content = bytearray(path.read_bytes())
    rng = rng or random.Random(start)
    end = min(start + length, len(content))
    content[start:end] = rng.randbytes(end - start)
    path.write_bytes(content)
    return bytes(content)


def recovers(path, least):
    """Open a damaged store; see that what could be read is kept, told and usable."""
    damaged = path.read_bytes()
    store = Store(path)
    kept = sources(store)
    assert store.recovered is not None and f"{len(kept)} attempt" in store.recovered
    assert len(kept) >= least and all(one.startswith("answer ") for one in kept)
    aside = list(path.parent.glob("progress-damaged-*.sqlite"))
    assert damaged in [one.read_bytes() for one in aside]
    assert all(name.name in store.recovered for name in aside if name.read_bytes() == damaged)
    record(store, "answer after")
    again = Store(path)
    assert again.recovered is None and sources(again) == [*kept, "answer after"] and is_sound(path)
    return kept


def test_a_file_damaged_in_the_middle_keeps_what_can_be_read(path):
    filled(path)
    spoil(path, path.stat().st_size // 2, 12_000)
    assert recovers(path, 250)


def test_numbers_and_order_survive(path):
    filled(path)
    spoil(path, path.stat().st_size // 2, 12_000)
    store = Store(path)
    attempts = store.attempts()
    numbered = [(one.number, one.source or "") for one in attempts]
    assert [n for n, _ in numbered] == sorted({n for n, _ in numbered})
    assert all(one.startswith(f"answer {n - 1} ") for n, one in numbered)


@pytest.mark.parametrize("page", range(1, 10))
def test_a_damaged_root_of_a_table_or_index_loses_next_to_nothing(path, page):
    filled(path)
    spoil(path, (page - 1) * 4096, 4096)
    store = Store(path)
    store.record_opening("S1", "hint")  # with what follows, every table and index is used
    record(store, "answer after")
    assert store.standing("S1").opened and len(store.attempts("S1")) == len(store.attempts())
    assert len(store.attempts()) >= 291 and store.attempts()[-1].source == "answer after"
    assert store.recovered is not None and is_sound(path)
    assert len(list(path.parent.glob("progress-damaged-*.sqlite"))) == 1


def test_a_file_cut_short_keeps_its_beginning(path):
    filled(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    recovers(path, 100)


def test_what_is_no_store_at_all_is_set_aside(path):
    path.write_bytes(b"no database, but long enough to be looked at " * 50)
    recovers(path, 0)


def test_damage_while_the_store_is_in_use_is_recovered_too(path):
    store = filled(path)
    spoil(path, 4096, path.stat().st_size // 3)
    record(store, "answer new")
    assert store.recovered is not None and sources(store)[-1] == "answer new"


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 20_000)), min_size=1, max_size=4))
@settings(max_examples=25)
def test_no_damage_makes_the_store_useless(places):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "progress.sqlite"
        written = sources(filled(path, 40))
        for where, length in places:
            spoil(path, int(where * path.stat().st_size), length)
        store = Store(path)
        assert set(sources(store)) <= set(written)
        record(store, "answer after")
        assert sources(Store(path))[-1] == "answer after"


RECOVER = """
import sys
from pathlib import Path
from mazoezi.course.progress import Store
store = Store(Path(sys.argv[1]))
print(len(store.attempts()), store.recovered is not None)
"""


def test_two_processes_that_meet_the_damage_recover_it_once(path):
    filled(path)
    spoil(path, path.stat().st_size // 2, 12_000)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", RECOVER, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [one.communicate(timeout=60)[0].split() for one in both]
    assert told[0][0] == told[1][0] and sorted(one[1] for one in told) == ["False", "True"]
    assert len(list(path.parent.glob("progress-damaged-*.sqlite"))) == 1


# --- Other versions, merging ---------------------------------------------------------------------


def test_a_newer_store_is_refused_and_the_folder_untouched(path):
    filled(path, 3)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {progress.FORMAT + 1}")
        connection.commit()
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    with pytest.raises(WorkspaceError, match="newer mazoezi"):
        Store(path)
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before


def test_a_store_of_format_1_is_migrated_whole(path):
    with closing(sqlite3.connect(path)) as connection:
        for statement in progress._FORMAT_1:
            connection.execute(statement)
        for number in range(20):
            connection.execute(
                "INSERT INTO attempts (time, practical, exercise, verdict, source, details, versions)"
                " VALUES ('2026-01-01T00:00:00+00:00', 'p', 'S1', 'failed', ?, '{}', '{}')",
                (f"answer {number % 7}",),
            )
        connection.execute("INSERT INTO openings (time, exercise, what) VALUES "
                           "('2026-01-01T00:00:00+00:00', 'S1', 'hint')")  # fmt: skip
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    store = Store(path)
    assert sources(store) == [f"answer {number % 7}" for number in range(20)]
    assert store.standing("S1").tries == 7 and store.standing("S1").opened == 1
    identities = [row["identity"] for row in store.rows()["attempts"]]
    assert len(set(identities)) == 20


def test_stores_are_merged_and_merging_twice_adds_nothing(tmp_path):
    one, other = filled(tmp_path / "one.sqlite", 5), Store(tmp_path / "other.sqlite")
    record(other, "its own")
    content = json.loads(json.dumps(one.rows()))
    assert other.merge(content) == 5
    assert other.merge(content) == 0
    assert sources(other) == ["its own", *sources(one)]


@pytest.mark.parametrize(
    "spoilt",
    [
        [],
        {"attempts": [], "openings": []},
        {"attempts": {}, "openings": [], "feedback": []},
        {"attempts": [1], "openings": [], "feedback": []},
        {"attempts": [{"time": "now"}], "openings": [], "feedback": []},
        {"attempts": [], "openings": [], "feedback": [FEEDBACK | {"rating": "6"}]},
        {"attempts": [], "openings": [], "feedback": [FEEDBACK | {"minutes": "long"}]},
    ],
)
def test_what_is_not_the_content_of_a_store_is_refused(path, spoilt):
    store = filled(path, 2)
    with pytest.raises(WorkspaceError, match="Nothing was changed"):
        store.merge(spoilt)
    assert len(store.attempts()) == 2


def test_a_store_with_a_write_ahead_log_does_without_it(path):
    filled(path, 3)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
    store = Store(path)
    record(store, "answer after")
    assert len(sources(store)) == 4
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
