"""Read what can be read of a damaged progress store, and put it into a new file in its place.

SQLite gives the rows that it can still reach. A damaged page high in its tree hides whole branches
from it, so that all pages are looked at once more, one by one, for the rows that they hold.
*Source*: the file formats of databases and of write-ahead logs, https://www.sqlite.org/fileformat2.html
"""

import itertools
import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mazoezi.course.progress import (
    COLUMNS,
    DamageError,
    Row,
    bring_up_to_date,
    connect,
    identity_of,
    insert,
    look_at,
    pending,
    read_row,
    select,
)

_MAGIC = b"SQLite format 3\0"
_COMPANIONS = ("-wal", "-shm", "-journal")  # SQLite would apply them to a new file as well
_LEAF = 0x0D  # the type of a page that holds rows of a table
_PAGE_SIZE = 4096  # what SQLite chooses
# How many values a row has, with its number. In format 1 it had neither identity nor digest.
_TABLES = {8: "attempts", 10: "attempts", 4: "openings", 5: "openings", 7: "feedback"}

Stored = Sequence[int | bytes | None]  # a row's number and columns; text as it lies in the file


@dataclass
class Found:
    """The whole rows that were found, by table and number."""

    rows: dict[str, dict[int, Row]] = field(
        default_factory=lambda: {table: {} for table in COLUMNS}
    )
    identities: set[str] = field(default_factory=set)

    def add(self, stored: Stored) -> None:
        """Keep a row if it is whole and new."""
        table, number = _TABLES.get(len(stored)), stored[0]
        if table is None or not isinstance(number, int) or not 0 < number < 2**63:
            return
        if number in self.rows[table]:
            return
        with suppress(DamageError, UnicodeDecodeError):
            row = _row(table, stored)
            if row["identity"] not in self.identities:
                self.identities.add(row["identity"])
                self.rows[table][number] = row


def _row(table: str, stored: Stored) -> Row:
    values = [value.decode() if isinstance(value, bytes) else value for value in stored]
    lacking = len(COLUMNS[table]) + 1 - len(values)
    values += [identity_of(*values), None][:lacking]
    return read_row(table, values[1:])


def recover(path: Path) -> str | None:
    """Put a new store in the place of a damaged one; return what was done, None if it is sound.

    The caller sees to it that nobody else uses the store. Where this is interrupted, either nothing
    is changed, or a new store is ready and the next call completes the rest. Raises OSError or
    sqlite3.Error.
    """
    if not pending(path).exists():
        image = _image(path)
        if _is_sound(image, path):
            return None
        _write(_read(image, path.read_bytes()), path)
    with closing(look_at(pending(path))) as connection:
        count = connection.execute("SELECT COUNT(*) FROM attempts").fetchone()[0]
    aside = _set_aside(path)
    os.replace(pending(path), path)
    _sync_folder(path.parent)
    could = (
        "1 attempt could be read and is"
        if count == 1
        else f"{count} attempts could be read and are"
    )
    return (
        f"The file of your progress was damaged. {could} kept. The damaged file was set aside: it is "
        f"{aside.name}, beside {path.name}."
    )


def _write(found: Found, path: Path) -> None:
    """Write a new store, and give it the name of a pending one once it is complete."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".recovery-") as folder:
        new = Path(folder) / path.name
        with closing(connect(new)) as connection:
            bring_up_to_date(connection, new)
            connection.execute("BEGIN")
            for table, rows in found.rows.items():
                for number in sorted(rows):
                    insert(connection, table, rows[number], number)
            connection.execute("COMMIT")
        shutil.copymode(path, new)
        os.replace(new, pending(path))
    _sync_folder(path.parent)


def _set_aside(path: Path) -> Path:
    """Give the damaged file a second name, and move its companions to that name; return it."""
    stem = f"{path.stem}-damaged-"
    earlier = path.parent.glob(f"{stem}*{path.suffix}")
    aside = next((name for name in earlier if name.samefile(path)), None)
    if aside is None:  # otherwise an interrupted recovery came as far as this
        time = f"{datetime.now():%Y%m%dT%H%M%S}"
        ends = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
        names = (path.with_name(f"{stem}{time}{end}{path.suffix}") for end in ends)
        aside = next(name for name in names if not name.exists())
        _link(path, aside)
    for companion in _COMPANIONS:
        with suppress(FileNotFoundError):
            os.replace(f"{path}{companion}", f"{aside}{companion}")
    return aside


def _link(path: Path, name: Path) -> None:
    try:
        os.link(path, name)
    except OSError:  # a disk without hard links
        try:
            shutil.copyfile(path, name)
            with name.open("rb+") as file:
                os.fsync(file.fileno())
        except BaseException:
            name.unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows opens no folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_sound(image: bytes, path: Path) -> bool:
    try:
        with closing(_in_memory(image)) as connection:
            bring_up_to_date(connection, path)
            for table in COLUMNS:
                select(connection, table)
            return connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
    except (sqlite3.Error, DamageError):
        return False


def _read(image: bytes, file: bytes) -> Found:
    """Return all that can be read of a damaged store, with its log and, failing that, without."""
    found = Found()
    sources = [_reached(image), _scanned(image)]
    if file != image:
        sources += [_reached(file), _scanned(file)]
    for stored in itertools.chain.from_iterable(sources):
        found.add(stored)
    return found


def _image(path: Path) -> bytes:
    """Return the content of a store's file with the transactions that its log holds."""
    image = bytearray(path.read_bytes())
    with suppress(FileNotFoundError):
        for number, page in _logged(Path(f"{path}-wal").read_bytes()):
            start = (number - 1) * len(page)
            if 0 <= start <= len(image) + 2**30:
                image.extend(bytes(max(0, start - len(image))))
                image[start : start + len(page)] = page
    return bytes(image)


def _logged(log: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of the pages of the committed transactions in a write-ahead log."""
    size = int.from_bytes(log[8:12])
    if log[:3] != b"\x37\x7f\x06" or not _is_page_size(size):
        return
    transaction = []
    for at in range(32, len(log) - 24 - size + 1, 24 + size):
        number, pages_at_commit = struct.unpack_from(">II", log, at)
        if log[at + 8 : at + 16] != log[16:24]:  # left from before the log was begun anew
            return
        transaction.append((number, log[at + 24 : at + 24 + size]))
        if pages_at_commit:
            yield from transaction
            transaction.clear()


def _in_memory(image: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(image[:18] + b"\1\1" + image[20:])  # in memory there is no log
    return connection


def _reached(image: bytes) -> Iterator[Stored]:
    """Yield the rows that SQLite reaches from the oldest on, and from the newest back."""
    with closing(_in_memory(image)) as connection:
        connection.text_factory = bytes
        for table, order in itertools.product(COLUMNS, ("ASC", "DESC")):
            with suppress(sqlite3.Error):
                connection.execute("PRAGMA writable_schema = ON")  # tolerates a damaged header
                yield from connection.execute(f"SELECT * FROM {table} ORDER BY number {order}")


def _scanned(image: bytes) -> Iterator[Stored]:
    """Yield the rows on all pages that hold rows, whether anything leads to them or not."""
    in_header = int.from_bytes(image[16:18])
    in_header = 2**16 if in_header == 1 else in_header
    reserved = image[20] if image.startswith(_MAGIC) else 0
    for size in {_PAGE_SIZE, in_header}:
        if _is_page_size(size):
            yield from _Pages(image, size, size - reserved).rows()


def _is_page_size(size: int) -> bool:
    return 512 <= size <= 2**16 and size.bit_count() == 1


@dataclass(frozen=True)
class _Pages:
    image: bytes
    size: int  # of a page, in bytes
    usable: int

    def rows(self) -> Iterator[Stored]:
        """Yield the rows of all leaves but the first page, where SQLite keeps its schema."""
        for start in range(self.size, len(self.image), self.size):
            if self.image[start] == _LEAF:
                for at in self._cells(start):
                    with suppress(ValueError, IndexError, struct.error):
                        yield self._row(at)

    def _cells(self, start: int) -> Iterator[int]:
        page = self.image[start : start + self.size]
        count = int.from_bytes(page[3:5])
        for at in range(8, min(8 + 2 * count, len(page) - 1), 2):
            yield start + int.from_bytes(page[at : at + 2])

    def _row(self, at: int) -> Stored:
        length, at = _varint(self.image, at)
        number, at = _varint(self.image, at)
        here = self._length_on_leaf(length)
        payload = self.image[at : at + here]
        if here < length:
            (page,) = struct.unpack_from(">I", self.image, at + here)
            payload += self._overflow(page, length - here)
        first, *values = _values(payload)
        if first is not None:  # SQLite leaves the number out, which is the cell's own
            raise ValueError("a row of another table")
        return [number, *values]

    def _length_on_leaf(self, length: int) -> int:
        most = self.usable - 35
        if length <= most:
            return length
        least = (self.usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (self.usable - 4)
        return here if here <= most else least

    def _overflow(self, page: int, length: int) -> bytes:
        """Return the rest of a payload, from the chain of pages that begins with `page`."""
        if length > len(self.image):
            raise ValueError("longer than the file")
        parts = []
        while length > 0:
            start = (page - 1) * self.size
            (page,) = struct.unpack_from(">I", self.image, start)
            parts.append(self.image[start + 4 : start + 4 + min(length, self.usable - 4)])
            length -= self.usable - 4
        return b"".join(parts)


def _values(record: bytes) -> Iterator[bytes | None]:
    """Yield the values of a record, which in our tables are text or NULL."""
    end, at = _varint(record, 0)
    value_at = end
    while at < end:
        kind, at = _varint(record, at)
        if kind == 0:
            yield None
        elif kind >= 13 and kind % 2:
            length = (kind - 13) // 2
            yield record[value_at : value_at + length]
            value_at += length
        else:
            raise ValueError("neither text nor NULL")
    if value_at != len(record):
        raise ValueError("not of the length that its header says")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return SQLite's integer of variable length, and where it ends."""
    value = 0
    for index in range(8):
        byte = data[at + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + index + 1
    return value << 8 | data[at + 8], at + 9
