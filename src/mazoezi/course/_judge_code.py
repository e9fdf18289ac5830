"""Judge a function: run its cases, simplest first, then look for the mistake that it makes."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mazoezi._errors import UncheckableError
from mazoezi.course._answer import signature_problem
from mazoezi.course._compare import Difference, Tolerance, difference, shown
from mazoezi.course._exercises import Case, CodeExercise, Mistake, Property
from mazoezi.course._explain import explain, kind_of_error, own_traceback
from mazoezi.course._limits import Watch, unwatched
from mazoezi.course._source import ExerciseText
from mazoezi.course._verdict import Verdict


@dataclass(frozen=True)
class Outcome:
    """What one function made of one input: a value, or the error that it raised."""

    value: Any = None
    error: Exception | SystemExit | None = None


_LOOSE = Tolerance(rtol=1e-4, atol=1e-5, dtype="any")


def judge_code(
    exercise: CodeExercise, answer: Any, text: ExerciseText, watch: Watch = unwatched
) -> Verdict:
    """Judge a function; whenever it is used, it is used under `watch`."""
    name = text.answer_name or exercise.reference.__name__
    for args in _calls(exercise):
        if (problem := signature_problem(answer, name, exercise.reference, args)) is not None:
            return Verdict(exercise.id, "failed", problem, category="signature")
    holds: list[str] = []
    own = _Behaviour(exercise, answer, watch)
    failing = _first_failure(own, holds)
    if failing is None:
        with watch("the remarks on a right answer"):
            notes = tuple(_notes(exercise, answer))
        return Verdict(exercise.id, "passed", "Every case holds.", holds=tuple(holds), notes=notes)
    if failing.verdict == "not attempted":
        return failing
    mistake = _matching_mistake(own)
    advice = mistake.advice if mistake else None
    met = tuple(title for title in holds if title != failing.failed_case)
    return replace(failing, mistake=mistake.id if mistake else None, advice=advice, holds=met)


def _calls(exercise: CodeExercise) -> Iterator[tuple]:
    """Yield one call of each number of arguments with which the answer itself is called."""
    trials = _trials(exercise)
    direct = [args for case, args, _ in trials if case.run is None]
    yield from {len(args): args for args in direct or [args for _, args, _ in trials[:1]]}.values()


def _notes(exercise: CodeExercise, answer: Any) -> Iterator[str]:
    """Yield the remarks on a right answer; one that cannot be made of this answer is left out."""
    for note in exercise.notes:
        try:
            yield note(answer)
        except Exception:
            continue


def _trials(exercise: CodeExercise) -> list[tuple[Case, tuple, Outcome]]:
    """Return every (case, arguments, expected outcome); made once, since they never change."""
    if "trials" not in exercise.cache:
        trials = []
        for case in exercise.cases:
            with _precision(case.x64):
                for given in case.inputs(exercise.generator(case.title)):
                    args = _as_arguments(given)
                    function = case.expect or _used(case, exercise.reference)
                    trials.append((case, args, _outcome(lambda f=function: f, args)))
        for case, args, expected in trials:
            if expected.error is not None:
                raise UncheckableError(
                    f"The reference of {exercise.id} itself fails on the case {case.title!r} with "
                    f"{shown(args)}: {type(expected.error).__name__}: {expected.error}"
                )
        exercise.cache["trials"] = trials
    return exercise.cache["trials"]


def _as_arguments(given: Any) -> tuple:
    """Return the arguments of one input, NumPy arrays turned into JAX arrays."""
    import jax
    import jax.numpy as jnp

    args = given if isinstance(given, tuple) and not hasattr(given, "_fields") else (given,)
    return jax.tree.map(
        lambda leaf: jnp.asarray(leaf) if isinstance(leaf, np.ndarray) else leaf, args
    )


@contextmanager
def _precision(x64: bool) -> Iterator[None]:
    import jax

    with jax.enable_x64(True) if x64 else nullcontext():
        yield


def _used(case: Case, function: Callable) -> Callable:
    return case.run(function) if case.run else function


def _outcome(make: Callable[[], Callable], args: tuple) -> Outcome:
    """Call the function that `make` returns; an error is an outcome too."""
    try:
        result = make()(*copy.deepcopy(args))
        _wait(result)
        return Outcome(result)
    except (Exception, SystemExit) as error:
        return Outcome(error=error)


def _wait(result: Any) -> None:
    """Wait for JAX's asynchronous results, so that their errors arise here."""
    import jax

    jax.block_until_ready(result)


def _first_failure(own: "_Behaviour", holds: list[str]) -> Verdict | None:
    """Run cases, then properties, until one fails; the titles of those that hold go to `holds`."""
    exercise, trials = own.exercise, _trials(own.exercise)
    for index, (case, args, expected) in enumerate(trials):
        outcome = own[index]
        if outcome.error is not None:
            return _errored(exercise.id, own.function, outcome.error, case.title, args)
        with _precision(case.x64):
            gap = _difference_or_refusal(outcome.value, expected.value, case.tolerance)
        if gap is not None:
            return Verdict(
                exercise.id, "failed", gap.message, case.title, gap.category,
                shown_input=_shown_arguments(args), expected=shown(expected.value),
                got=shown(outcome.value),
            )  # fmt: skip
        if case.title not in holds:
            holds.append(case.title)
    for index, statement in enumerate(exercise.properties, len(trials)):
        error = own[index].error
        if isinstance(error, AssertionError):
            message = str(error) or f"This does not hold: {statement.title}."
            return Verdict(exercise.id, "failed", message, statement.title, "property")
        if error is not None:
            return _errored(exercise.id, own.function, error, statement.title)
        holds.append(statement.title)
    return None


def _difference_or_refusal(got: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    """Compare; a result that NumPy cannot even look at is a difference too."""
    try:
        return difference(got, expected, tolerance)
    except Exception as error:
        return Difference(
            "value", f"Your result cannot be compared: {type(error).__name__}: {error}"
        )


def _shown_arguments(args: tuple) -> str:
    return ", ".join(shown(arg) for arg in args) if args else "no arguments"


def _errored(
    exercise: str,
    answer: Any,
    error: BaseException,
    case: str | None = None,
    args: tuple | None = None,
) -> Verdict:
    if type(error) is NotImplementedError and not str(error):
        return Verdict(exercise, "not attempted", "Your function raises NotImplementedError.")
    return Verdict(
        exercise, "errored", explain(error), case, "error",
        shown_input=_shown_arguments(args) if args is not None else None,
        error=type(error).__name__, traceback=own_traceback(error, answer),
    )  # fmt: skip


def _property_outcome(exercise: CodeExercise, statement: Property, answer: Any) -> Outcome:
    try:
        with _precision(statement.x64):
            statement.test(answer, exercise.generator(statement.title))
        return Outcome(True)
    except (Exception, SystemExit) as error:
        return Outcome(error=error)


@dataclass
class _Behaviour:
    """A function's outcome on every input of every case, and on every property, when asked for.

    Most mistakes are told from an answer by their first outcome, so few are ever computed.
    """

    exercise: CodeExercise
    function: Callable
    watch: Watch = unwatched
    known: dict[int, Outcome] = field(default_factory=dict)

    def __getitem__(self, index: int) -> Outcome:
        if index not in self.known:
            self.known[index] = self._outcome(index)
        return self.known[index]

    def _outcome(self, index: int) -> Outcome:
        trials = _trials(self.exercise)
        if index >= len(trials):
            statement = self.exercise.properties[index - len(trials)]
            with self.watch(statement.title):
                return _property_outcome(self.exercise, statement, self.function)
        case, args, _ = trials[index]
        with self.watch(case.title), _precision(case.x64):
            return _outcome(lambda: _used(case, self.function), args)


def _matching_mistake(own: _Behaviour) -> Mistake | None:
    """Return the first mistake that behaves as the answer does everywhere, or None."""
    exercise = own.exercise
    for mistake in exercise.mistakes:
        theirs = exercise.cache.setdefault(
            ("behaviour", mistake.id), _Behaviour(exercise, mistake.function)
        )
        count = len(_trials(exercise)) + len(exercise.properties)
        if all(_alike(own[index], theirs[index]) for index in range(count)):
            return mistake
    return None


def _alike(one: Outcome, other: Outcome) -> bool:
    if one.error is not None or other.error is not None:
        return (
            one.error is not None
            and other.error is not None
            and type(one.error)
            is type(other.error)  # a check may make classes to tell errors apart
            and kind_of_error(one.error) == kind_of_error(other.error)
        )
    return _difference_or_refusal(one.value, other.value, _LOOSE) is None
