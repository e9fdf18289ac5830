"""Check answers in a process of their own, so that none can hang the kernel, fill it or end it.

The answer is sent as cloudpickle sends it: with the functions and values of the notebook that it
uses. What an answer does to them there, it does to copies.
"""

import io
import linecache
import os
import pickle
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from mazoezi._errors import MazoeziError, UncheckableError
from mazoezi.course._checking_process import (
    TIMEOUT,
    Begun,
    Judged,
    Refused,
    Request,
    Setting,
    Unreadable,
    Upcoming,
    device,
    files_folder,
    printed_file,
    where_file,
)
from mazoezi.course._limits import Limits, out_of_memory, out_of_time
from mazoezi.course._practical import Practical
from mazoezi.course._verdict import Verdict

_LOOK = 0.02  # seconds between two looks at the memory of the checking process
_HUNG = 300.0  # seconds after which even a check that does not count the answer's time is ended


class CannotIsolateError(MazoeziError):
    """This answer cannot be checked in a process of its own."""


class Checked(NamedTuple):
    """A verdict, what the answer printed, and whether classes of its own had to be sent."""

    verdict: Verdict
    printed: str
    own_classes: bool = False


class Checker:
    """Checks the answers to a practical in a process that is kept for the next one.

    After an answer that ran away, or left something running, the next one gets a new process.
    """

    def __init__(self, practical: Practical, *, cache: Path | None = None, seed: int = 0):
        self._practical, self._cache, self._seed = practical, cache, seed
        self._process: _Process | None = None

    def start(self) -> None:
        """Begin to start the process, so that the first check does not wait for all of it."""
        if self._process is None:
            self._process = _Process(
                Setting(self._practical.folder, self._cache, self._seed, _new_folder())
            )

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.end()
            self._process = None

    def get_ready(self, exercise: str) -> None:
        """Let the process use the time until the check of an exercise to prepare it."""
        if self._process is not None:
            self._process.get_ready(exercise)

    def check(self, exercise: str, answer: Any) -> Checked:
        """Judge a function or a value of this process.

        Raises CannotIsolateError where it cannot be sent, or there can be no other process.
        """
        sent, own_classes = pickled(answer)
        checked = self._checked(Request(exercise, sent, None, None, {}))
        return checked._replace(own_classes=own_classes)

    def check_code(self, exercise: str, code: str, path: Path | None = None) -> Checked:
        """Judge code: a file, or the text of an answer cell.

        Raises UncheckableError where it fails or does not define the answer.
        """
        return self._checked(Request(exercise, None, code, str(path) if path else None, {}))

    def _checked(self, request: Request) -> Checked:
        try:
            self.start()
        except OSError as error:
            raise CannotIsolateError(f"No process for checks can be started: {error}.") from error
        process = self._process
        assert process is not None
        try:
            reply = process.answer(request)
        except BaseException:  # the learner's interrupt, too
            self._renew()
            raise
        printed = process.printed()
        if isinstance(reply, Verdict):
            self._renew()
            return Checked(reply, printed)
        if isinstance(reply, Refused):
            raise UncheckableError(reply.message, reply.line)
        if isinstance(reply, Unreadable):
            raise CannotIsolateError(reply.message)
        if not (reply.threads or reply.children):
            return Checked(reply.verdict, printed)
        self._renew()
        return Checked(_with_note(reply), printed)

    def _renew(self) -> None:
        self.close()
        self.start()


def _with_note(judged: Judged) -> Verdict:
    counts = {"thread": judged.threads, "process": judged.children}
    left = " and ".join(
        f"{count} {name}{'' if count == 1 else 'es' if name == 'process' else 's'}"
        for name, count in counts.items()
        if count
    )
    note = f"When it returned, it had left {left} running. They were ended."
    return replace(judged.verdict, notes=(*judged.verdict.notes, note))


def pickled(answer: Any) -> tuple[bytes, bool]:
    """Return an answer with all that it uses, and whether that includes classes of the notebook."""
    import cloudpickle

    jax = sys.modules.get("jax")  # where it is not loaded, the answer has nothing of it

    class Pickler(cloudpickle.Pickler):
        own_classes = False

        def reducer_override(self, obj: Any) -> Any:
            if jax is not None and isinstance(obj, jax.Device):
                return device, (obj.id,)
            reduced = super().reducer_override(obj)
            if isinstance(obj, type) and obj.__module__ != "builtins":
                self.own_classes |= reduced is not NotImplemented
            return reduced

    buffer = io.BytesIO()
    pickler = Pickler(buffer)
    try:
        pickler.dump(answer)
    except Exception as error:
        raise CannotIsolateError(f"{type(error).__name__}: {error}") from error
    return buffer.getvalue(), pickler.own_classes


class _Process:
    """One running checking process, and the pipes to it."""

    def __init__(self, setting: Setting):
        self._folder = setting.folder
        self._known: set[str] = set()  # the files whose source it has
        self._replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        # A GPU, where there is one, belongs to the kernel.
        files = files_folder(setting.folder)
        files.mkdir()
        environment = {**os.environ, "JAX_PLATFORMS": "cpu", "TMPDIR": str(files)}
        with (self._folder / "log.txt").open("wb") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "mazoezi.course._checking_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                start_new_session=True,  # an interrupt is for the kernel
            )
        self.end = weakref.finalize(self, _end, self._popen, setting.folder)
        threading.Thread(target=_read, args=(self._popen, self._replies), daemon=True).start()
        self._write(setting)

    def _write(self, message: Any) -> None:
        assert self._popen.stdin is not None
        try:
            self._popen.stdin.write(pickle.dumps(message))
            self._popen.stdin.flush()
        except OSError:  # it has ended: the queue tells
            return

    def get_ready(self, exercise: str) -> None:
        self._write(Upcoming(exercise))

    def answer(self, request: Request) -> Verdict | Judged | Refused | Unreadable:
        """Return the reply to a request; a verdict of our own where the process did not reply."""
        sources = _cells()
        new = {path: lines for path, lines in sources.items() if path not in self._known}
        self._known |= set(new)
        self._write(request._replace(sources=new))
        limits: Limits | None = None
        case, before, taken, end = None, 0, 0, time.monotonic() + _HUNG
        while True:
            try:
                reply = self._replies.get(timeout=_LOOK)
            except queue.Empty:
                taken = self._memory() - before
                if limits and taken > limits.bytes:
                    return self._stopped(request, out_of_memory(limits), case, look=True)
                if time.monotonic() > end:
                    return self._stopped(request, "The check did not come to an end.", case)
                continue
            if isinstance(reply, Begun):
                limits, before = reply.limits, self._memory()
            elif isinstance(reply, str):
                case = reply
            elif reply is not None:
                return reply
            elif limits is None:
                raise CannotIsolateError(f"The process for checks ended at once. {self._log()}")
            else:
                return self._stopped(request, self._why_it_ended(limits, taken), case)

    def _memory(self) -> int:
        """Return the bytes of memory that the process occupies now."""
        import psutil

        try:
            return psutil.Process(self._popen.pid).memory_info().rss
        except psutil.Error:
            return 0

    def _why_it_ended(self, limits: Limits, taken: int) -> str:
        """Say why, from what it left and the memory that it was last seen to take."""
        code = self._popen.wait(10)
        where = self._where()
        if where.startswith(TIMEOUT):
            return out_of_time(limits)
        if code >= 0 and not where:
            return (
                f"Your answer ended Python itself (exit code {code}), as `os._exit` does. Leave a "
                "function with `return`."
            )
        if taken > limits.bytes / 2:
            return out_of_memory(limits)
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return (
            f"Your answer made Python crash ({name}). Most often a function calls itself without end, "
            "or memory ran out in compiled code."
        )

    def _stopped(
        self, request: Request, why: str, case: str | None, *, look: bool = False
    ) -> Verdict:
        """Return the verdict on an answer that was stopped; `look` asks first where it is."""
        if look and hasattr(signal, "SIGUSR1"):
            self._popen.send_signal(signal.SIGUSR1)
            time.sleep(0.1)
        line = _own_line(self._where(), request)
        message = why if line is None else f"{why} It was in {line}."
        return Verdict(request.exercise, "errored", message, case, "limit")

    def _where(self) -> str:
        return _text(where_file(self._folder))

    def printed(self) -> str:
        """Return what the last answer printed."""
        return _text(printed_file(self._folder))

    def _log(self) -> str:
        lines = _text(self._folder / "log.txt").strip().splitlines()
        return lines[-1] if lines else ""


def _read(popen: subprocess.Popen, replies: "queue.SimpleQueue[Any]") -> None:
    """Pass replies on as they come, and None when there will be no more."""
    assert popen.stdout is not None
    try:
        while True:
            replies.put(pickle.load(popen.stdout))
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        replies.put(None)


def _end(popen: subprocess.Popen, folder: Path) -> None:
    """Kill a process and what it started, and remove its folder."""
    _kill_with_children(popen)
    for pipe in (popen.stdin, popen.stdout):
        with suppress(OSError):
            assert pipe is not None
            pipe.close()
    shutil.rmtree(folder, ignore_errors=True)


def _kill_with_children(popen: subprocess.Popen) -> None:
    import psutil

    try:
        children = psutil.Process(popen.pid).children(recursive=True)
    except psutil.Error:
        children = []
    popen.kill()
    for child in children:
        with suppress(psutil.Error):
            child.kill()
    popen.wait()


def _new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="mazoezi-check-"))


def _cells() -> dict[str, list[str]]:
    """Return the lines of the code that no file on the disk holds: the notebook's cells."""
    return {
        path: entry[2]
        for path, entry in list(linecache.cache.items())
        if len(entry) == 4 and entry[1] is None and entry[2]
    }


_FRAME = re.compile(r'^  File "(.*)", line (\d+) in (.*)$')


def _own_line(where: str, request: Request) -> str | None:
    """Return the innermost line of the learner's that a traceback of faulthandler names."""
    for line in where.splitlines():
        if (frame := _FRAME.match(line)) and (frame[1] == request.path or _is_a_cell(frame[1])):
            number = int(frame[2])
            lines = request.code.splitlines() if request.code else linecache.getlines(frame[1])
            code = lines[number - 1].strip() if number <= len(lines) else ""
            return f"line {number}" + (f": `{code}`" if code else "")
    return None


def _is_a_cell(path: str) -> bool:
    return "ipykernel_" in path or (path.startswith("<") and "frozen" not in path)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
