"""The learner's progress: every attempt, kept in one SQLite file of the workspace."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mazoezi._errors import WorkspaceError
from mazoezi.course._verdict import Verdict

FORMAT = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL,
    practical TEXT NOT NULL,
    exercise TEXT NOT NULL,
    verdict TEXT NOT NULL,
    source TEXT,
    details TEXT NOT NULL,
    versions TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS attempts_by_exercise ON attempts (exercise, number);
CREATE TABLE IF NOT EXISTS openings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL,
    exercise TEXT NOT NULL,
    what TEXT NOT NULL
);
"""


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


@dataclass(frozen=True)
class Standing:
    """Where a learner stands with one exercise."""

    tries: int = 0  # attempts that failed or raised an error, counting equal sources once
    passed: bool = False
    credit: float = 0.0  # the credit of the first pass
    opened: int = 0  # hints that were opened without a try

    def hints_open(self, ladder: int) -> int:
        """Return how many hints of a ladder may be read: each try opens one."""
        return ladder if self.passed else min(ladder, self.tries + self.opened)


class Store:
    """The attempts in one SQLite file. Each call opens, commits and closes its own connection.

    Raises WorkspaceError where the file cannot be written, is damaged, or comes from a newer
    version of mazoezi; it is left untouched then.
    """

    def __init__(self, path: Path):
        self.path = path
        with self._connection() as connection:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found > FORMAT:
                raise WorkspaceError(
                    f"{path} was written by a newer mazoezi (format {found}; this one knows "
                    f"{FORMAT}). Nothing was changed. Update with `pip install -U mazoezi`."
                )
            if found < FORMAT:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)
                connection.execute(f"PRAGMA user_version = {FORMAT}")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self.path, timeout=10)
            try:
                connection.execute("PRAGMA synchronous = FULL")
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise WorkspaceError(
                f"The progress store {self.path} cannot be used: {error}. Nothing was changed in it."
            ) from error

    def record(
        self, practical: str, source: str | None, verdict: Verdict, versions: dict[str, str]
    ) -> None:
        """Keep one attempt."""
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO attempts (time, practical, exercise, verdict, source, details, versions)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    _now(),
                    practical,
                    verdict.exercise,
                    verdict.verdict,
                    source,
                    json.dumps(verdict.to_json(), default=str),
                    json.dumps(versions),
                ),
            )

    def record_opening(self, exercise: str, what: str) -> None:
        """Keep that a hint or a solution was opened without a try."""
        with self._connection() as connection:
            connection.execute(
                "INSERT INTO openings (time, exercise, what) VALUES (?, ?, ?)",
                (_now(), exercise, what),
            )

    def attempts(self, exercise: str | None = None) -> list[Attempt]:
        """Return the attempts at one exercise, or all, oldest first."""
        where, values = ("WHERE exercise = ?", (exercise,)) if exercise else ("", ())
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT number, time, practical, exercise, verdict, source, details, versions"
                f" FROM attempts {where} ORDER BY number",
                values,
            ).fetchall()
        return [
            Attempt(*plain, details=json.loads(details), versions=json.loads(versions))
            for *plain, details, versions in rows
        ]

    def standing(self, exercise: str) -> Standing:
        """Return where the learner stands with one exercise."""
        return self.standings(exercise).get(exercise, Standing())

    def standings(self, exercise: str | None = None) -> dict[str, Standing]:
        """Return where the learner stands, by exercise id, for every exercise that was touched."""
        one = "WHERE exercise = :exercise" if exercise else ""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT exercise, COUNT(DISTINCT CASE WHEN verdict IN ('failed', 'errored')"
                "   THEN COALESCE(source, number) END),"
                " MIN(CASE WHEN verdict = 'passed' THEN number END)"
                f" FROM attempts {one} GROUP BY exercise",
                {"exercise": exercise},
            ).fetchall()
            opened = dict(
                connection.execute(
                    "SELECT exercise, COUNT(*) FROM openings WHERE what = 'hint' GROUP BY exercise"
                ).fetchall()
            )
            first_passes = {row[0]: row[2] for row in rows if row[2] is not None}
            credits = {
                name: json.loads(
                    connection.execute(
                        "SELECT details FROM attempts WHERE number = ?", (number,)
                    ).fetchone()[0]
                ).get("credit", 1.0)
                for name, number in first_passes.items()
            }
        standings = {name: Standing(opened=count) for name, count in opened.items()}
        for name, tries, first in rows:
            credit = credits.get(name, 0.0)
            standings[name] = Standing(tries, first is not None, credit, opened.get(name, 0))
        return standings


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
