"""The learner's progress: every attempt, kept in one SQLite file of the workspace."""

import errno
import hashlib
import json
import os
import re
import sqlite3
import time as clock
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from mazoezi._errors import ArgumentError, WorkspaceError
from mazoezi.course._verdict import Verdict

try:
    import fcntl
except ImportError:  # Windows, which itself refuses to replace a file that is open
    fcntl = None

FORMAT = 3
_HIGHEST_FORMAT = 1000  # a file that claims more is damaged, not newer
_PATIENCE = 60.0  # seconds; a recovery of 50,000 attempts takes about ten

# What SQLite stores of each table, after the number.
COLUMNS = {
    "attempts": (
        "time", "practical", "exercise", "verdict", "source", "details", "versions",
        "identity", "digest",
    ),
    "openings": ("time", "exercise", "what", "identity"),
    "feedback": ("time", "practical", "rating", "minutes", "comment", "identity"),
}  # fmt: skip
_OBJECTS = ("details", "versions")  # kept as JSON
_PATTERNS = {"identity": "[0-9a-f]{32}", "rating": "[1-5]", "minutes": "([1-9][0-9]{0,4})?"}

_FORMAT_1 = (
    """CREATE TABLE IF NOT EXISTS attempts (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,
        practical TEXT NOT NULL,
        exercise TEXT NOT NULL,
        verdict TEXT NOT NULL,
        source TEXT,
        details TEXT NOT NULL,
        versions TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS attempts_by_exercise ON attempts (exercise, number)",
    """CREATE TABLE IF NOT EXISTS openings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,
        exercise TEXT NOT NULL,
        what TEXT NOT NULL
    )""",
)
_FORMAT_2 = (
    "ALTER TABLE attempts ADD COLUMN identity TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE attempts ADD COLUMN digest TEXT",  # of the source: standings compare sources
    "ALTER TABLE openings ADD COLUMN identity TEXT NOT NULL DEFAULT ''",
    "UPDATE attempts SET digest = digest_of(source), identity = identity_of("
    "number, time, practical, exercise, verdict, source, details, versions)",
    "UPDATE openings SET identity = identity_of(number, time, exercise, what)",
    "CREATE UNIQUE INDEX attempts_by_identity ON attempts (identity)",
    "CREATE UNIQUE INDEX openings_by_identity ON openings (identity)",
    "CREATE INDEX attempts_by_standing ON attempts (exercise, verdict, digest)",
    "CREATE INDEX openings_by_exercise ON openings (exercise, what)",
    # An older mazoezi that still runs, in a kernel for example, knows of no identity.
    *(
        f"CREATE TRIGGER {table}_identity AFTER INSERT ON {table} WHEN NEW.identity = '' BEGIN "
        f"UPDATE {table} SET identity = lower(hex(randomblob(16))) WHERE number = NEW.number; END"
        for table in ("attempts", "openings")
    ),
)
_FORMAT_3 = (
    """CREATE TABLE feedback (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,
        practical TEXT NOT NULL,
        rating TEXT NOT NULL,
        minutes TEXT NOT NULL,
        comment TEXT NOT NULL,
        identity TEXT NOT NULL
    )""",
    "CREATE UNIQUE INDEX feedback_by_identity ON feedback (identity)",
)
_DAMAGE = {
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_NOTADB,
}

T = TypeVar("T")
Row = dict[str, Any]  # an attempt or an opening as plain values, without its number


class DamageError(Exception):
    """What is stored is not what was written."""


@dataclass(frozen=True)
class Attempt:
    """One answer that was checked: its source, and what was said of it."""

    number: int
    time: str  # UTC, ISO 8601
    practical: str
    exercise: str
    verdict: str
    source: str | None
    details: dict[str, Any]
    versions: dict[str, str]

    @property
    def gist(self) -> str:
        """What was said of it, in one short line."""
        told = self.details.get("failed_case") or self.details.get("message") or ""
        first = str(told).splitlines()[0] if told else ""
        return first if len(first) <= 60 else f"{first[:59]}…"


@dataclass(frozen=True)
class Standing:
    """Where a learner stands with one exercise."""

    tries: int = 0  # attempts that failed or raised an error, counting equal sources once
    passed: bool = False
    credit: float = 0.0  # the credit of the first pass
    opened: int = 0  # hints that were opened without a try
    last: str = "not attempted"  # the verdict of the newest attempt

    def hints_open(self, ladder: int) -> int:
        """Return how many hints of a ladder may be read: each try opens one."""
        return ladder if self.passed else min(ladder, self.tries + self.opened)


@dataclass(frozen=True)
class Feedback:
    """What a learner says of one practical."""

    practical: str
    rating: int  # 1 to 5, the best
    minutes: int | None = None  # how long it took
    comment: str = ""
    time: str = ""  # UTC, ISO 8601


class Store:
    """The attempts in one SQLite file. Each call opens, commits and closes its own connection.

    A damaged file is set aside, and what can be read of it is written to a new one; `recovered`
    then says so. Where another program is using the file, a call waits `patience` seconds for it.

    Raises WorkspaceError where the file cannot be used or comes from a newer version of mazoezi;
    it is left untouched then.
    """

    def __init__(self, path: Path, *, patience: float = _PATIENCE):
        self.path = path
        self.patience = patience
        self.recovered: str | None = None
        refuse_newer(_format_in_header(path), path)
        with suppress(sqlite3.Error, OSError), _locked(path, patience):
            use_rollback_journal(path, patience)  # in use: the next opening does it
        self._call(lambda connection: None)

    def record(
        self,
        practical: str,
        source: str | None,
        verdict: Verdict,
        versions: dict[str, str],
        *,
        time: str | None = None,
    ) -> None:
        """Keep one attempt, made now or at `time` (ISO 8601).

        Raises ArgumentError where `time` is not one.
        """
        if time is not None and not _is_time(time):
            raise ArgumentError("time", time, "a time such as 2026-11-23T20:15:00+00:00")
        row = {
            "time": time or now(),
            "practical": practical,
            "exercise": verdict.exercise,
            "verdict": verdict.verdict,
            "source": None if source is None else _storable(source),
            "details": verdict.to_json(),
            "versions": versions,
            "identity": uuid.uuid4().hex,
        }
        self._call(lambda connection: insert(connection, "attempts", row), "BEGIN IMMEDIATE")

    def record_opening(self, exercise: str, what: str) -> None:
        """Keep that a hint or a solution was opened without a try."""
        row = {"time": now(), "exercise": exercise, "what": what, "identity": uuid.uuid4().hex}
        self._call(lambda connection: insert(connection, "openings", row), "BEGIN IMMEDIATE")

    def record_feedback(self, feedback: Feedback) -> None:
        """Keep what a learner says of a practical, now.

        Raises ArgumentError where the rating is not 1 to 5, or the minutes are not positive.
        """
        if feedback.rating not in range(1, 6):
            raise ArgumentError("rating", feedback.rating, "a whole number from 1 to 5")
        if feedback.minutes is not None and not 0 < feedback.minutes < 100_000:
            raise ArgumentError("minutes", feedback.minutes, "a whole number from 1 to 99999")
        row = {
            "time": now(),
            "practical": feedback.practical,
            "rating": str(feedback.rating),
            "minutes": "" if feedback.minutes is None else str(feedback.minutes),
            "comment": _storable(feedback.comment),
            "identity": uuid.uuid4().hex,
        }
        self._call(lambda connection: insert(connection, "feedback", row), "BEGIN IMMEDIATE")

    def feedback(self) -> list[Feedback]:
        """Return what was said of the practicals, oldest first."""
        rows = self._call(lambda connection: select(connection, "feedback"))
        return [
            Feedback(
                row["practical"],
                int(row["rating"]),
                int(row["minutes"]) if row["minutes"] else None,
                row["comment"],
                row["time"],
            )
            for _, row in rows
        ]

    def attempts(self, exercise: str | None = None, *, newest: int | None = None) -> list[Attempt]:
        """Return the attempts at one exercise, or all, oldest first; or only the `newest` of them."""
        rows = self._call(
            lambda connection: select(connection, "attempts", exercise, newest=newest)
        )
        return [
            Attempt(number, **{name: row[name] for name in row if name != "identity"})
            for number, row in rows
        ]

    def standing(self, exercise: str) -> Standing:
        """Return where the learner stands with one exercise."""
        return self.standings(exercise).get(exercise, Standing())

    def standings(self, exercise: str | None = None) -> dict[str, Standing]:
        """Return where the learner stands, by exercise id, for every exercise that was touched."""
        return self._call(lambda connection: _standings(connection, exercise))

    def rows(self) -> dict[str, list[Row]]:
        """Return all that is stored as plain values that JSON can carry, oldest first."""
        return self._call(
            lambda connection: {
                table: [row for _, row in select(connection, table)] for table in COLUMNS
            }
        )

    def merge(self, content: Any) -> int:
        """Add the rows of another store that are not here yet; return how many attempts were added.

        `content` is what `rows` returned there. Raises WorkspaceError where it is anything else;
        nothing is written then.
        """
        _refuse_malformed(content)

        def add(connection: sqlite3.Connection) -> int:
            for table in ("openings", "feedback"):
                for row in content[table]:
                    insert(connection, table, row)
            return sum(insert(connection, "attempts", row) for row in content["attempts"])

        return self._call(add, "BEGIN IMMEDIATE")

    def _call(self, work: Callable[[sqlite3.Connection], T], begin: str = "BEGIN") -> T:
        """Do `work` in one transaction; where the file is damaged, recover it and do it again."""
        try:
            try:
                return self._try(work, begin)
            except (sqlite3.Error, DamageError) as error:
                if not _is_damage(error):
                    raise
                self._recover()
            return self._try(work, begin)
        except (sqlite3.Error, DamageError, OSError) as error:
            raise WorkspaceError(
                f"The progress store {self.path} cannot be used: {_reason(error, self.path)}. "
                "Nothing was changed in it."
            ) from error

    def _try(self, work: Callable[[sqlite3.Connection], T], begin: str) -> T:
        with (
            _locked(self.path, self.patience),
            closing(connect(self.path, self.patience)) as connection,
        ):
            if pending(self.path).exists():
                raise DamageError("a recovery was interrupted")
            bring_up_to_date(connection, self.path)
            connection.execute(begin)
            result = work(connection)
            connection.execute("COMMIT")
            return result

    def _recover(self) -> None:
        from mazoezi.course._recovery import recover

        try:
            with _locked(self.path, self.patience, exclusively=True):
                self.recovered = recover(self.path) or self.recovered
        except (sqlite3.Error, OSError) as error:
            raise WorkspaceError(
                f"The progress store {self.path} is damaged and cannot be recovered: "
                f"{_reason(error, self.path)}. Nothing was changed in it."
            ) from error


def connect(path: Path | str, patience: float = _PATIENCE) -> sqlite3.Connection:
    """Return a connection whose transactions are begun by hand and are on the disk once committed."""
    connection = sqlite3.connect(path, timeout=min(10, patience), isolation_level=None)
    connection.execute("PRAGMA synchronous = EXTRA")  # FULL, and the journal's folder
    return connection


def use_rollback_journal(path: Path, patience: float = _PATIENCE) -> None:
    """Make a store that an older mazoezi gave a write-ahead log do without it.

    Network disks cannot bear such a log, and for one short transaction a check it is not faster.
    """
    with closing(connect(path, patience)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # such a log needs it there
        connection.execute("PRAGMA journal_mode = delete")


def pending(path: Path) -> Path:
    """Return where a recovered store waits, complete, to take the place of a damaged one."""
    return path.with_name(f"{path.stem}-recovered{path.suffix}")


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new store, or migrate an older one, in one transaction.

    Raises WorkspaceError where the store is newer.
    """
    if _format(connection) == FORMAT:
        return
    refuse_newer(_format(connection), path)
    connection.create_function("identity_of", -1, identity_of)
    connection.create_function("digest_of", 1, _digest)
    connection.execute("BEGIN IMMEDIATE")
    found = _format(connection)  # again: another process may have been faster
    if not 0 <= found <= FORMAT:
        raise DamageError(f"its format is {found}")
    for statements in (_FORMAT_1, _FORMAT_2, _FORMAT_3)[found:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("COMMIT")


def _format(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def refuse_newer(found: int, path: Path) -> None:
    """Raise WorkspaceError where a store's format is newer than this one."""
    if FORMAT < found <= _HIGHEST_FORMAT:
        raise WorkspaceError(
            f"{path} was written by a newer mazoezi (format {found}; this one knows "
            f"{FORMAT}). Nothing was changed. Update with `pip install -U mazoezi`."
        )


def look_at(path: Path) -> sqlite3.Connection:
    """Return a connection that reads a file as it is, and makes no log or lock beside it.

    Reading it without SQLite would not do: closing it would end the locks of other threads.
    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _format_in_header(path: Path) -> int:
    try:
        with closing(look_at(path)) as connection:
            return _format(connection)
    except sqlite3.Error:  # damaged, or not there yet
        return 0


@contextmanager
def _locked(path: Path, patience: float, *, exclusively: bool = False) -> Iterator[None]:
    """Keep recoveries and all other use of a store apart, where the system can."""
    descriptor = None
    with suppress(OSError):  # a folder that cannot be written: nothing is recovered there
        descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if fcntl is not None and descriptor is not None:
            _wait_for(descriptor, fcntl.LOCK_EX if exclusively else fcntl.LOCK_SH, patience)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _wait_for(descriptor: int, kind: int, patience: float) -> None:
    assert fcntl is not None
    deadline = clock.monotonic() + patience
    while True:
        try:
            return fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.monotonic() > deadline:
                raise TimeoutError from None
            clock.sleep(0.01)
        except OSError:  # a network disk without locks
            return


def _is_damage(error: Exception) -> bool:
    if isinstance(error, DamageError):
        return True
    # Python's own errors, as on text that is not UTF-8, have no code.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _DAMAGE


def _reason(error: Exception, path: Path) -> str:
    """Return in plain words why a store cannot be used."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    number = getattr(error, "errno", None)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or isinstance(error, TimeoutError):
        return "another program is using it"
    if not path.parent.is_dir():
        return "its folder is not there"
    in_doubt = code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    if code == sqlite3.SQLITE_FULL or number == errno.ENOSPC or (in_doubt and _is_full(path)):
        return "the disk is full"
    denied = code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN)
    if denied or number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "it or its folder is read-only"
    if code == sqlite3.SQLITE_IOERR:
        return "the disk reports an error"
    return str(error)


def _is_full(path: Path) -> bool:
    import shutil

    return shutil.disk_usage(path.parent).free < 2**16


def insert(connection: sqlite3.Connection, table: str, row: Row, number: int | None = None) -> int:
    """Add a row, unless its identity is there already; return how many were added."""
    stored = {"number": number, **row}
    for name in row.keys() & _OBJECTS:
        stored[name] = json.dumps(row[name], default=str)
    if table == "attempts":
        stored["digest"] = _digest(row["source"])
    columns = ("number", *COLUMNS[table])
    return connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES (:{', :'.join(columns)})"
        " ON CONFLICT (identity) DO NOTHING",
        stored,
    ).rowcount


def select(
    connection: sqlite3.Connection,
    table: str,
    exercise: str | None = None,
    *,
    newest: int | None = None,
) -> list[tuple[int, Row]]:
    """Return the rows of a table with their numbers, oldest first; or only the `newest` of them."""
    where = "WHERE exercise = :exercise" if exercise else ""
    order = "number" if newest is None else "number DESC LIMIT :newest"
    found = connection.execute(
        f"SELECT number, {', '.join(COLUMNS[table])} FROM {table} {where} ORDER BY {order}",
        {"exercise": exercise, "newest": newest},
    )
    rows = [(number, read_row(table, stored)) for number, *stored in found]
    return rows if newest is None else rows[::-1]


def read_row(table: str, stored: Sequence[Any]) -> Row:
    """Return a row as plain values. Raises DamageError where it is not what was written."""
    row = dict(zip(COLUMNS[table], stored, strict=True))
    digest = row.pop("digest", None)
    for name in row.keys() & _OBJECTS:
        row[name] = _read_object(row[name])
    if problem := _problem(table, row):
        raise DamageError(problem)
    if digest is not None and digest != _digest(row["source"]):
        raise DamageError("its source is not the one that was written")
    return row


def _read_object(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise DamageError(f"{text!r:.40} is not JSON") from error
    if not isinstance(found, dict):
        raise DamageError(f"{text!r:.40} is not a JSON object")
    return found


def _standings(connection: sqlite3.Connection, exercise: str | None) -> dict[str, Standing]:
    where = "WHERE exercise = :exercise" if exercise else ""
    rows = connection.execute(
        "SELECT exercise, COUNT(DISTINCT CASE WHEN verdict IN ('failed', 'errored')"
        "   THEN COALESCE(digest, number) END),"
        " MIN(CASE WHEN verdict = 'passed' THEN number END), MAX(number)"
        f" FROM attempts {where} GROUP BY exercise",
        {"exercise": exercise},
    ).fetchall()
    opened = dict(
        connection.execute(
            f"SELECT exercise, SUM(what = 'hint') FROM openings {where} GROUP BY exercise",
            {"exercise": exercise},
        ).fetchall()
    )
    standings = {name: Standing(opened=count) for name, count in opened.items() if count}
    for name, tries, first, newest in rows:
        credit = 0.0 if first is None else _credit(connection, first)
        last = connection.execute("SELECT verdict FROM attempts WHERE number = ?", (newest,))
        standings[name] = Standing(
            tries, first is not None, credit, opened.get(name, 0), last.fetchone()[0]
        )
    return standings


def _credit(connection: sqlite3.Connection, number: int) -> float:
    found = connection.execute("SELECT details FROM attempts WHERE number = ?", (number,))
    return _read_object(found.fetchone()[0]).get("credit", 1.0)


def _refuse_malformed(content: Any) -> None:
    """Raise WorkspaceError where content is not what `rows` returns."""
    for problem in _problems(content):
        raise WorkspaceError(f"The attempts cannot be added: {problem}. Nothing was changed.")


def _problems(content: Any) -> Iterator[str]:
    if not isinstance(content, dict) or content.keys() != COLUMNS.keys():
        yield f"expected lists of {', '.join(COLUMNS)}"
        return
    for table, rows in content.items():
        if not isinstance(rows, list):
            yield f"{table} is not a list"
            return
        for number, row in enumerate(rows, 1):
            if problem := _problem(table, row):
                yield f"in number {number} of the {table}, {problem}"


def _problem(table: str, row: Any) -> str | None:
    """Return what is wrong with a row of plain values, or None."""
    columns = [name for name in COLUMNS[table] if name != "digest"]
    if not isinstance(row, dict) or row.keys() != set(columns):
        return f"expected {', '.join(columns)}"
    for name in columns:
        value = row[name]
        if name in _OBJECTS:
            is_right = isinstance(value, dict)
        else:
            is_right = _is_text(value) or (name == "source" and value is None)
        if not is_right:
            return f"{name} is {value!r:.40}"
    if not _is_time(row["time"]):
        return f"time is {row['time']!r:.40}"
    for name, pattern in _PATTERNS.items():
        if name in row and not re.fullmatch(pattern, row[name]):
            return f"{name} is {row[name]!r:.40}"
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value == _storable(value)


def _storable(text: str) -> str:
    """Return text without lone surrogates, which SQLite cannot store."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _digest(source: str | None) -> str | None:
    return None if source is None else hashlib.sha256(source.encode()).hexdigest()[:16]


def identity_of(*stored: Any) -> str:
    """Return the identity of a row of format 1: the same in all copies of its store."""
    return hashlib.sha256(json.dumps(stored).encode()).hexdigest()[:32]


def now() -> str:
    """Return the time that is written with an attempt: UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
