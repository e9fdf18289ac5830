"""The process in which answers are checked: `python -m mazoezi.course._checking_process`.

It reads requests and writes replies on the pipes that it was given as standard input and output,
which answers do not get to see: they print into a file, and find no input.
"""

import faulthandler
import io
import linecache
import os
import pickle
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

from mazoezi._errors import MazoeziError, UncheckableError
from mazoezi.course._limits import DEFAULT_LIMITS, Limits, out_of_memory
from mazoezi.course._practical import Practical, read_practical
from mazoezi.course._verdict import Verdict

TIMEOUT = "Timeout"
"""The first word of the file that tells where an answer was, where its time was over."""

_GRACE = 0.5  # seconds
_MARGIN = 2**28  # bytes
_MOST_PRINTED = 10_000  # characters of what an answer prints; the rest is left out


class Setting(NamedTuple):
    """What a checking process is started for."""

    practical: Path
    cache: Path | None
    seed: int
    folder: Path  # its own: removed with it


class Request(NamedTuple):
    """An answer to check: a function or value, pickled, or code that defines it."""

    exercise: str
    pickled: bytes | None
    code: str | None
    path: str | None  # the file that holds the code; without one it is a cell of the notebook
    sources: dict[str, list[str]]  # lines of the notebook's cells, by the name of their file


class Upcoming(NamedTuple):
    """The exercise that the learner comes to next: there is time to get ready. It has no reply."""

    exercise: str


class Begun(NamedTuple):
    """The check has begun; these are its limits."""

    limits: Limits


class Judged(NamedTuple):
    """The check has ended. `threads` and `children` are what the answer left running."""

    verdict: Verdict
    threads: int
    children: int


class Refused(NamedTuple):
    """The answer cannot be checked: says why, and in which line of its code."""

    message: str
    line: int


class Unreadable(NamedTuple):
    """The pickled answer cannot be made again in this process."""

    message: str


def where_file(folder: Path) -> Path:
    """Return the file that tells where the answer was when it was stopped."""
    return folder / "where.txt"


def printed_file(folder: Path) -> Path:
    """Return the file of what the answer printed."""
    return folder / "printed.txt"


def files_folder(folder: Path) -> Path:
    """Return the folder in which an answer's own files are made, and removed after the check."""
    return folder / "files"


def device(number: int) -> Any:
    """Return the device that takes the place of one of the kernel's."""
    import jax

    return jax.devices()[number]


class _Clock:
    """A watch that ends this process past the limit, whatever it is doing, and says where it was.

    A thread of ours sees Python code where it stands. Code outside Python that lets no thread run
    is stopped a little later by `faulthandler`, which needs no thread of Python's, but cannot be
    relied on for code that moves on meanwhile.
    """

    def __init__(self, seconds: float, where: IO[str], replies: BinaryIO):
        self._left, self._where, self._replies = seconds, where, replies

    @contextmanager
    def __call__(self, title: str) -> Iterator[None]:
        _send(self._replies, title)
        began, left = time.monotonic(), max(self._left, 1e-3)
        faulthandler.dump_traceback_later(left + _GRACE, exit=True, file=self._where)
        timer = threading.Timer(left, self._end)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()  # lest it count among the threads that an answer left running
            faulthandler.cancel_dump_traceback_later()
            self._left -= time.monotonic() - began

    def _end(self) -> None:
        self._where.write(f"{TIMEOUT}\n")
        self._where.flush()
        faulthandler.dump_traceback(self._where)
        os._exit(1)


class _Printed:
    """A text file that keeps the beginning of what is written, and the number of what is not."""

    def __init__(self, path: Path):
        self._file = path.open("w", encoding="utf-8", errors="replace")
        self._room, self.left_out = _MOST_PRINTED, 0

    def write(self, text: str) -> int:
        kept = text[: self._room]
        if kept:
            self._file.write(kept)
            self._file.flush()
        self._room -= len(kept)
        self.left_out += len(text) - len(kept)
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        if self.left_out:
            self._file.write(f"\n... and {self.left_out:,} characters more\n")
        self._file.close()


def main() -> None:
    """Answer requests until the other side closes its pipe."""
    requests, replies = _private_pipes()
    setting: Setting = pickle.load(requests)
    where = where_file(setting.folder).open("w", encoding="utf-8")
    faulthandler.enable(where)
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, where, all_threads=True)
    checking = _Checking(setting, where, replies)
    while True:
        try:
            message: Request | Upcoming = pickle.load(requests)
        except EOFError:
            return
        if isinstance(message, Upcoming):
            checking.get_ready(message.exercise)
        else:
            _send(replies, checking.reply_to(message))


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for ourselves, and leave empty ones in their place."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY)):
        nothing = os.open(os.devnull, mode)
        os.dup2(nothing, number)
        os.close(nothing)
    return requests, replies


def _send(replies: BinaryIO, message: Any) -> None:
    replies.write(pickle.dumps(message))
    replies.flush()


class _Checking:
    """A practical whose checks are loaded, in this process."""

    def __init__(self, setting: Setting, where: IO[str], replies: BinaryIO):
        import jax

        from mazoezi.course._accelerator import prepare_jax
        from mazoezi.course._namespace import Namespace

        self._setting, self._where, self._replies = setting, where, replies
        self._practical: Practical = read_practical(setting.practical)
        self._practical.make_importable()
        prepare_jax(self._practical.devices, setting.cache)
        # Else an endless compiled loop would run where no line of the answer can be seen.
        jax.config.update("jax_cpu_enable_async_dispatch", False)
        self._checks = self._practical.checks()
        self._namespace = Namespace(self._practical, seed=setting.seed)
        self._ready: set[str] = set()

    def reply_to(self, request: Request) -> Judged | Refused | Unreadable:
        for path, lines in request.sources.items():
            linecache.cache[path] = (sum(map(len, lines)), None, lines, path)
        if request.code is not None and request.path is None:
            self._namespace.fill()
        running = set(threading.enumerate())
        limits = getattr(self._checks.get(request.exercise), "limits", DEFAULT_LIMITS)
        _send(self._replies, Begun(limits))
        clock = _Clock(limits.seconds, self._where, self._replies)
        try:
            with self._confined(limits):
                verdict = self._judge(request, clock)
        except _UnreadableError as error:
            return Unreadable(str(error))
        except UncheckableError as error:
            return Refused(str(error), error.line)
        except MazoeziError as error:
            return Refused(str(error), 1)
        if verdict.error is not None and _is_out_of_memory(verdict):
            verdict = replace(verdict, category="limit", message=out_of_memory(limits))
        threads = sum(one.is_alive() for one in set(threading.enumerate()) - running)
        return Judged(verdict, threads, _children())

    def get_ready(self, exercise: str) -> None:
        """Check the reference once: it compiles most of what checking an answer needs."""
        from mazoezi.course._exercises import CodeExercise
        from mazoezi.course._judge import judge

        check = self._checks.get(exercise)
        if exercise in self._ready or not isinstance(check, CodeExercise):
            return
        self._ready.add(exercise)
        text = self._practical.exercises[exercise]
        with redirect_stdout(io.StringIO()), suppress(Exception):  # it is not an answer
            judge(text, check, check.reference, seed=self._setting.seed)

    def _judge(self, request: Request, clock: _Clock) -> Verdict:
        from mazoezi.course._judge import judge

        answer = self._answer(request, clock)
        text, check = (
            self._practical.exercises[request.exercise],
            self._checks.get(request.exercise),
        )
        return judge(text, check, answer, seed=self._setting.seed, watch=clock)

    def _answer(self, request: Request, clock: _Clock) -> Any:
        from mazoezi.course._namespace import answer_in, run_code

        if request.pickled is not None:
            try:
                return pickle.loads(request.pickled)
            except Exception as error:
                raise _UnreadableError(f"{type(error).__name__}: {error}") from None
        text = self._practical.exercises[request.exercise]
        assert request.code is not None
        with clock("its own lines"):
            if request.path is None:
                return self._namespace.answer(text, request.code)
            names: dict[str, Any] = {"__name__": "__answer__"}
            run_code(request.code, names, request.path)
            return answer_in(names, text, Path(request.path).name)

    @contextmanager
    def _confined(self, limits: Limits) -> Iterator[None]:
        """Let an answer print into a file, leave its files in a folder, and have no more memory."""
        folder = files_folder(self._setting.folder)
        printed = _Printed(printed_file(self._setting.folder))
        before = sys.stdout, sys.stderr
        os.chdir(folder)
        sys.stdout = sys.stderr = printed  # type: ignore[assignment]
        try:
            with _memory_limit(limits.bytes):
                yield
        finally:
            sys.stdout, sys.stderr = before
            printed.close()
            os.chdir(self._setting.folder)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()


class _UnreadableError(Exception):
    """A pickled answer cannot be made again."""


@contextmanager
def _memory_limit(more: int) -> Iterator[None]:
    """Refuse allocations far beyond `more` bytes above what this process has; on Linux only.

    It turns one huge allocation into an error in the line that asks for it. Many small ones are
    noticed from outside, on every system; the margin leaves time for that, since compiled code may
    crash where it is refused memory.
    """
    try:
        import resource

        status = Path("/proc/self/status").read_text()
    except (ImportError, OSError):
        yield
        return
    kilobytes = next(line for line in status.splitlines() if line.startswith("VmData:")).split()[1]
    before = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = int(kilobytes) * 1024 + more + max(more // 2, _MARGIN)
    if before[1] != resource.RLIM_INFINITY:
        wanted = min(wanted, before[1])
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _is_out_of_memory(verdict: Verdict) -> bool:
    refused = "RESOURCE_EXHAUSTED" in (verdict.traceback or "")
    return verdict.error in ("MemoryError", "_ArrayMemoryError") or refused


def _children() -> int:
    import psutil

    return len(psutil.Process().children())


if __name__ == "__main__":
    # The classes of this file travel by pickle, under the name by which others import them.
    from mazoezi.course import _checking_process

    _checking_process.main()
