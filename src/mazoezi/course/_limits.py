"""How long an answer may run and how much memory it may take, and how it is stopped."""

import _thread
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any

Watch = Callable[[str], AbstractContextManager[Any]]
"""Called with a case's title; the answer is used on that case inside the context that it returns."""

_GIBIBYTE = 2**30


@dataclass(frozen=True)
class Limits:
    """What one check of an answer may take.

    Args:
        seconds: the time spent in the answer itself; the reference's is not counted.
        gibibytes: memory beyond what was in use before.
    """

    seconds: float = 10.0
    gibibytes: float = 1.0

    @property
    def bytes(self) -> int:
        return int(self.gibibytes * _GIBIBYTE)


DEFAULT_LIMITS = Limits()


def out_of_time(limits: Limits) -> str:
    """Return what a learner is told of an answer that ran too long."""
    return (
        f"Your answer ran for more than {limits.seconds:g} s, which is its limit, and was stopped. "
        "Is there a loop that never ends?"
    )


def out_of_memory(limits: Limits) -> str:
    """Return what a learner is told of an answer that took too much memory."""
    return (
        f"Your answer took more than {limits.gibibytes:g} GiB of memory, which is its limit, and was "
        "stopped. Does an array get an axis that it should not have, or a list grow without end?"
    )


def unwatched(title: str) -> AbstractContextManager[None]:
    """Watch nothing: for answers that are trusted."""
    return nullcontext()


class OutOfTime(BaseException):
    """An answer ran past its limit. Not an Exception, lest the answer catch it."""


class Alarm:
    """A watch inside the running process: past the limit it interrupts the main thread.

    It stops Python code only. Code that has been compiled goes on until it returns to Python.
    """

    def __init__(self, seconds: float):
        self._left = seconds
        self._lock = threading.Lock()
        self._running = self._rung = False
        self._timer: threading.Timer | None = None
        self._began = 0.0

    def __call__(self, title: str) -> "Alarm":
        return self

    def __enter__(self) -> None:
        self._running, self._began = True, time.monotonic()
        self._timer = threading.Timer(max(self._left, 0.0), self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        with self._lock:
            if self._running:
                self._rung = True
                _thread.interrupt_main()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._lock:
            self._running = False
        assert self._timer is not None
        self._timer.cancel()
        self._left -= time.monotonic() - self._began
        if not self._rung:
            return
        if kind is not KeyboardInterrupt:  # it is still on its way: take it here
            with suppress(KeyboardInterrupt):
                time.sleep(1.0)
        raise OutOfTime
