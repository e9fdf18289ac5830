"""One learner at work on one practical: judge, record, open hints and solutions.

The notebook's verbs and the command line both speak through a `Session`, so that they agree.
Loading this module loads neither NumPy nor JAX: hints are wanted at once.
"""

import atexit
import platform
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mazoezi import __version__
from mazoezi._errors import UnknownExerciseError, WorkspaceError
from mazoezi.course._card import Card, message_card, verdict_card
from mazoezi.course._markers import solution_of
from mazoezi.course._practical import Practical
from mazoezi.course._source import ExerciseText
from mazoezi.course._states import read_only
from mazoezi.course._verdict import Verdict
from mazoezi.course.progress import Standing, now
from mazoezi.course.workspace import Workspace, create_workspace

if TYPE_CHECKING:
    from mazoezi.course._checker import Checker
    from mazoezi.course._exercises import Exercise


class _Unwritten(NamedTuple):
    """An attempt that is still to be written to the store."""

    source: str | None
    verdict: Verdict
    time: str


@dataclass
class Session:
    """A practical, and the workspace in which its attempts are kept.

    Without a workspace, or with one that is read-only, the attempts last as long as the session. Those
    that cannot be written now, for example because the disk is full, wait for the next one.
    """

    practical: Practical
    workspace: Workspace | None
    checker: "Checker | None" = None  # without one, answers are judged in this process
    _news: dict[str, bool] = field(default_factory=dict, init=False)  # text: whether it was told
    _waiting: list[_Unwritten] = field(default_factory=list, init=False)

    @cached_property
    def _kept(self) -> Workspace:
        if self.workspace is not None and self.workspace.is_writable:
            return self.workspace
        if self.workspace is not None:
            self._note(read_only(self.workspace))
        folder = Path(tempfile.mkdtemp(prefix="mazoezi-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return create_workspace(folder, seed=0)

    @cached_property
    def _checks(self) -> "dict[str, Exercise]":
        return self.practical.checks()

    @property
    def seed(self) -> int:
        """The learner's seed, from which maths questions are drawn; 0 asks the base cases."""
        return self.workspace.seed if self.workspace else 0

    def text(self, exercise: str) -> ExerciseText:
        """Return what the learner reads of an exercise.

        Raises UnknownExerciseError, listing the practical's ids, where it has none of this id.
        """
        if exercise not in self.practical.exercises:
            known = ", ".join(self.practical.exercises)
            raise UnknownExerciseError(
                f"{self.practical.id} has no exercise {exercise!r}. It has {known}."
            )
        return self.practical.exercises[exercise]

    def check_of(self, exercise: str) -> "Exercise | None":
        """Return the exercise's check, or None where its text says all."""
        return self._checks.get(exercise)

    def isolate(self) -> None:
        """Judge answers in a process of its own from now on, and begin to start it."""
        from mazoezi.course._checker import Checker

        cache = self.workspace.compilation_cache if self.workspace else None
        own = cache / "checks" if cache else None  # JAX does not share a cache safely
        self.checker = Checker(self.practical, cache=own, seed=self.seed)
        with suppress(OSError):  # then each check says so, and goes on without
            self.checker.start()

    def attempt(self, exercise: str, answer: Any, source: str | None) -> Verdict:
        """Judge an answer and keep the attempt."""
        text = self.text(exercise)
        verdict = self._keep(text, self._judge(text, answer), source)
        if verdict.passed:
            self._look_ahead(exercise)
        return verdict

    def _look_ahead(self, exercise: str) -> None:
        """Have the next code exercise prepared, while the learner reads on to it."""
        ids = list(self.practical.exercises)
        following = ids[ids.index(exercise) + 1 :]
        code = (id for id in following if self.practical.exercises[id].kind == "code")
        if self.checker is not None and (upcoming := next(code, None)) is not None:
            self.checker.get_ready(upcoming)

    def attempt_code(self, exercise: str, code: str, path: Path | None = None) -> Verdict:
        """Judge the answer that a file defines, or an answer cell, and keep the attempt.

        Raises UncheckableError where the code fails or does not define the answer.
        """
        text = self.text(exercise)
        assert self.checker is not None, "code is only run in a process of its own"
        checked = self.checker.check_code(exercise, code, path)
        print(checked.printed, end="")
        return self._keep(text, checked.verdict, code)

    def _keep(self, text: ExerciseText, verdict: Verdict, source: str | None) -> Verdict:
        if text.options and verdict.passed:
            verdict = self._less_for_guessing(text, verdict)
        if verdict.verdict != "not attempted":
            self._record(source, verdict)
        return verdict

    def _judge(self, text: ExerciseText, answer: Any) -> Verdict:
        """Judge an answer, in the process for checks if it may run away."""
        from mazoezi.course._answer import unattempted
        from mazoezi.course._checker import CannotIsolateError

        in_words = text.options or text.steps or text.kind not in ("code", "maths")
        runs = callable(answer) or isinstance(answer, str)  # a text may be a formula
        if self.checker is None or in_words or not runs or unattempted(answer) is not None:
            return self._judge_here(text, answer)
        try:
            checked = self.checker.check(text.id, answer)
        except CannotIsolateError:
            return self._judge_here(text, answer)
        if checked.own_classes and checked.verdict.category == "error":
            return self._judge_here(text, answer)  # a class may not work after a journey
        print(checked.printed, end="")
        return checked.verdict

    def _judge_here(self, text: ExerciseText, answer: Any) -> Verdict:
        """Judge an answer in this process, where only Python's own loops can be stopped."""
        from mazoezi.course._explain import own_line
        from mazoezi.course._judge import judge
        from mazoezi.course._limits import DEFAULT_LIMITS, Alarm, OutOfTime, out_of_time, unwatched

        check = self.check_of(text.id)
        limits = getattr(check, "limits", DEFAULT_LIMITS)
        watch = Alarm(limits.seconds) if self.checker is not None else unwatched
        try:
            return judge(text, check, answer, seed=self.seed, watch=watch)
        except OutOfTime as error:
            line = own_line(error.__context__, answer) if error.__context__ else None
            where = f" It was in line {line}." if line else ""
            return Verdict(text.id, "errored", out_of_time(limits) + where, category="limit")

    def _less_for_guessing(self, text: ExerciseText, verdict: Verdict) -> Verdict:
        """Lower the credit of a choice by the options that were tried before."""
        try:
            before = self._kept.store.attempts(text.id)
        except WorkspaceError:
            return verdict
        if any(attempt.verdict == "passed" for attempt in before):
            return verdict
        wrong = len({one.details.get("mistake") for one in before if one.details.get("mistake")})
        if not wrong:
            return verdict
        credit = max(0.0, 1.0 - wrong / (len(text.options) - 1))
        told = f"You tried {wrong} of the others first, so this counts {credit:.0%}."
        return replace(verdict, credit=credit, notes=(*verdict.notes, told))

    def _record(self, source: str | None, verdict: Verdict) -> None:
        self._waiting.append(_Unwritten(source, verdict, now()))
        try:
            while self._waiting:
                first = self._waiting[0]
                self._kept.store.record(
                    self.practical.id, first.source, first.verdict, _versions(), time=first.time
                )
                del self._waiting[0]
        except WorkspaceError as error:
            self._note_that_it_waits(error)

    def _record_opening(self, exercise: str, what: str) -> None:
        try:
            self._kept.store.record_opening(exercise, what)
        except WorkspaceError as error:  # that a hint was opened may be forgotten
            self._note_that_it_waits(error)

    def _note(self, text: str) -> None:
        self._news.setdefault(text, False)

    def _note_that_it_waits(self, error: WorkspaceError) -> None:
        self._note(
            f"{error} Checks go on working. Attempts that are not kept yet are written as soon as they "
            "can be, while this kernel runs."
        )

    def news(self) -> list[str]:
        """Return what the learner is to be told of the workspace, each thing once."""
        with suppress(WorkspaceError):
            if recovered := self._kept.store.recovered:
                self._note(recovered)
        new = [text for text, told in self._news.items() if not told]
        self._news.update(dict.fromkeys(new, True))
        return new

    def standing(self, exercise: str) -> Standing:
        """Return where the learner stands; with a store that cannot be read, at the start."""
        try:
            standing = self._kept.store.standing(exercise)
        except WorkspaceError as error:
            self._note_that_it_waits(error)
            standing = Standing()
        waiting = [one.verdict for one in self._waiting if one.verdict.exercise == exercise]
        tries = sum(verdict.verdict in ("failed", "errored") for verdict in waiting)
        passed = standing.passed or any(verdict.passed for verdict in waiting)
        return replace(standing, tries=standing.tries + tries, passed=passed)

    def card(self, verdict: Verdict, footer: str = "") -> Card:
        """Return the card of a verdict, with the hint that the attempt opened."""
        text = self.text(verdict.exercise)
        opened = 0
        if verdict.verdict in ("failed", "errored"):
            opened = self.standing(text.id).hints_open(len(text.hints))
        hint = text.hints[opened - 1] if opened else None
        more = opened < len(text.hints)
        return verdict_card(verdict, text.title, hint, more_hints=more, footer=footer)

    def hint(self, exercise: str, *, now: bool = False) -> Card:
        """Return the hints that are open; `now` opens the next without a try."""
        text = self.text(exercise)
        standing = self.standing(exercise)
        if now and standing.hints_open(len(text.hints)) < len(text.hints):
            self._record_opening(exercise, "hint")
            standing = replace(standing, opened=standing.opened + 1)
        opened = standing.hints_open(len(text.hints))
        lines = [f"{i}. {hint}" for i, hint in enumerate(text.hints[:opened], 1)]
        if not text.hints:
            lines.append("This exercise has no hints.")
        elif opened == 0:
            lines.append(
                "Try first: check any answer, even one that you doubt, and the first hint opens. "
                f'Or open it with `hint("{exercise}", now=True)`, at the command line with `--now`.'
            )
        elif opened < len(text.hints):
            lines.append(f"{len(text.hints) - opened} more: another try opens the next.")
        return message_card(f"Hints · {exercise} {text.title}", lines)

    def solution(self, exercise: str, *, now: bool = False) -> Card:
        """Return the worked answer, once there was an attempt, or `now`."""
        text = self.text(exercise)
        standing = self.standing(exercise)
        if not (now or standing.passed or standing.tries):
            return message_card(
                f"Solution · {exercise} {text.title}",
                [
                    "It opens after your first attempt. If you would rather read it now, call "
                    f'`solution("{exercise}", now=True)`, at the command line with `--now`.'
                ],
            )
        if not standing.passed:
            self._record_opening(exercise, "solution")
        paragraphs = [part for part in text.worked.split("\n\n") if part.strip()]
        for option in text.options:  # why the right one is right, and each of the others is not
            paragraphs.append(f"**{option.label}**: {option.note}")
        return message_card(
            f"Solution · {exercise} {text.title}", paragraphs, solution_of(text.solution)
        )


def _versions() -> dict[str, str]:
    """Return the versions that an attempt was made with."""
    found = {"mazoezi": __version__, "python": platform.python_version()}
    for package in ("jax", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
