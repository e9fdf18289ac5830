"""The author's proof that a practical works: every stub, solution, alternative and mistake is tried.

Rule 2 of the course: the list of mistakes is the check's own mutation test.
"""

import inspect
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mazoezi._errors import MazoeziError, SourceError
from mazoezi.course._accelerator import prepare_jax
from mazoezi.course._exercises import (
    CodeExercise,
    Exercise,
    ExperimentExercise,
    MathsExercise,
    Mistake,
)
from mazoezi.course._judge import judge
from mazoezi.course._judge_words import options_of, right_order
from mazoezi.course._lint import lint
from mazoezi.course._markers import line_in_source, solution_of, stub_of
from mazoezi.course._mutants import mutants
from mazoezi.course._namespace import Namespace
from mazoezi.course._notebooks import LARGEST, Variant, notebook, to_json
from mazoezi.course._practical import Practical
from mazoezi.course._run import execute
from mazoezi.course._source import ExerciseText
from mazoezi.course.workspace import Workspace, create_workspace


@dataclass(frozen=True)
class Strength:
    """How many wrong answers a check rejects: its mistakes, and mutants of the solution."""

    exercise: str
    rejected: int
    tried: int
    survivors: tuple[str, ...] = ()  # the changes that went unnoticed

    @property
    def share(self) -> float:
        return self.rejected / self.tried if self.tried else 1.0


@dataclass
class Report:
    """What `verify` found."""

    faults: list[SourceError] = field(default_factory=list)
    strengths: list[Strength] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)  # of the solution and student run


Progress = Callable[[str], None]


def verify(practical: Practical, *, run: bool = True, told: Progress = lambda _: None) -> Report:
    """Prove a practical. `run` says whether its two notebooks are executed as well.

    `told` is told what is being done.
    """
    report = Report()
    told("reading the source")
    report.faults += lint(practical)
    report.faults += _size_fault(practical)
    with tempfile.TemporaryDirectory(prefix="mazoezi-") as folder:
        workspace = create_workspace(Path(folder), seed=0)
        # Before the checks are loaded: they may compute, and JAX's devices are fixed then.
        prepare_jax(practical.devices, workspace.compilation_cache)
        try:
            checks = practical.checks()
        except SourceError as error:
            report.faults.append(error)
            return report
        report.faults += _unpaired(practical, checks)
        _prove_all(practical, checks, report, told)
        for variant in ("solution", "student") if run else ():
            told(f"running the {variant} notebook")
            report.faults += _run_faults(practical, variant, workspace, report)
    return report


def _prove_all(
    practical: Practical, checks: dict[str, Exercise], report: Report, told: Progress
) -> None:
    """Prove every exercise, one after another."""
    import jax

    namespace = Namespace(practical)
    try:
        with redirect_stdout(io.StringIO()):  # what the cells print is not our output
            namespace.fill()
    except SourceError as error:  # nothing more can be tried
        report.faults.append(error)
        return
    for text in practical.exercises.values():
        told(f"proving {text.id} {text.title}")
        with redirect_stdout(io.StringIO()):
            _try_to_prove(practical, text, checks.get(text.id), namespace, report)
        jax.clear_caches()  # the programs of hundreds of answers would add up to gigabytes


def _fault(practical: Practical, line: int, problem: str, remedy: str) -> SourceError:
    return SourceError(practical.source.path, line, problem, remedy)


def _raised(practical: Practical, text: ExerciseText, error: Exception) -> SourceError:
    """Return a fault at the last line of the author's own code that an error passed through."""
    path, line, trace = practical.source.path, text.line, error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).is_relative_to(practical.folder):
            path, line = Path(trace.tb_frame.f_code.co_filename), trace.tb_lineno
        trace = trace.tb_next
    problem = f"The check of {text.id} itself raises {type(error).__name__}: {error}."
    return SourceError(path, line, problem, "Mend this line.")


def _size_fault(practical: Practical) -> list[SourceError]:
    size = len(to_json(notebook(practical, "student")).encode())
    if size <= LARGEST:
        return []
    problem = f"The student notebook has {size} bytes, more than {LARGEST}."
    return [_fault(practical, 1, problem, "Draw pictures by code.")]


def _unpaired(practical: Practical, checks: dict[str, Exercise]) -> Iterator[SourceError]:
    """Yield a fault for each exercise without its check, and each check without its exercise."""
    kinds = {
        "code": CodeExercise,
        "maths": MathsExercise | CodeExercise,  # a number or a formula, or a formula as a function
        "experiment": ExperimentExercise,
    }
    for text in practical.exercises.values():
        needs = text.kind in ("code", "experiment") or (text.kind == "maths" and not text.steps)
        if needs and text.id not in checks:
            yield _fault(
                practical, text.line, f"Exercise {text.id} has no check.",
                "Define one in exercises.py, under a name of its own.",
            )  # fmt: skip
        elif needs and not isinstance(checks[text.id], kinds[text.kind]):
            yield SourceError(
                *practical.place_of_check(text.id),
                f"The check of {text.id} is not that of the kind {text.kind!r}.",
                f"Begin it with `{text.kind}_exercise`, or change the kind in practical.md.",
            )
    for id in sorted(checks.keys() - practical.exercises.keys()):
        yield SourceError(
            *practical.place_of_check(id), f"This checks {id}, which is no exercise.",
            "Write its directive in practical.md, or delete the check.",
        )  # fmt: skip


# --- one exercise --------------------------------------------------------------------------------


def _try_to_prove(
    practical: Practical,
    text: ExerciseText,
    check: Exercise | None,
    namespace: Namespace,
    report: Report,
) -> None:
    """Prove one exercise; what stops the proof is a fault as well."""
    try:
        _prove(practical, text, check, namespace, report)
    except MazoeziError as error:
        report.faults.append(_fault(practical, text.line, f"{text.id}: {error}", "Mend it."))
    except Exception as error:  # the author's code may raise anything
        report.faults.append(_raised(practical, text, error))


def _prove(
    practical: Practical,
    text: ExerciseText,
    check: Exercise | None,
    namespace: Namespace,
    report: Report,
) -> None:
    """Prove one exercise, adding its faults and its strength to the report."""
    if text.answer_name and text.solution:
        _prove_cell(practical, text, check, namespace, report)
    if isinstance(check, CodeExercise):
        _prove_code(practical, text, check, namespace, report)
    elif isinstance(check, MathsExercise):
        _prove_maths(practical, text, check, report)
    elif isinstance(check, ExperimentExercise):
        _prove_experiment(practical, text, check, report)
    if text.options:
        _prove_choice(text, report)


def _prove_choice(text: ExerciseText, report: Report) -> None:
    wrong = [letter for letter, right, _ in options_of(text) if not right]
    report.strengths.append(Strength(text.id, len(wrong), len(wrong)))


def _prove_cell(
    practical: Practical,
    text: ExerciseText,
    check: Exercise | None,
    namespace: Namespace,
    report: Report,
) -> None:
    """Try the answer cell: it must pass with its solution, and without be not attempted."""
    remedy = "Mend the answer cell or the check."
    if text.steps:
        remedy = f"The right order is {right_order(text)!r}."
    for name, code, wanted in (
        ("stub", stub_of(text.solution), "not attempted"),
        ("solution", solution_of(text.solution), "passed"),
    ):
        verdict = judge(text, check, namespace.answer(text, code))
        if verdict.verdict != wanted:
            report.faults.append(
                _fault(
                    practical,
                    text.solution_line,
                    f"The {name} of {text.id} is {verdict.verdict}, not {wanted}: {verdict.message}",
                    remedy,
                )
            )


def _prove_code(
    practical: Practical,
    text: ExerciseText,
    check: CodeExercise,
    namespace: Namespace,
    report: Report,
) -> None:
    for right in (check.reference, *check.alternatives):
        verdict = judge(text, check, right)
        if not verdict.passed:
            problem = f"{text.id} refuses the right answer {right.__name__!r}: {verdict.message}"
            report.faults.append(_function_fault(practical, right, problem, "Loosen the check."))
        for note in check.notes:
            note(right)
    if len(check.mistakes) < 2:
        problem = f"{text.id} lists {len(check.mistakes)} mistakes."
        report.faults.append(_fault(practical, text.line, problem, "List at least two."))
    rejected = sum(_prove_mistake(practical, text, check, one, report) for one in check.mistakes)
    _add_strength(text, check, namespace, rejected, report)


def _prove_mistake(
    practical: Practical, text: ExerciseText, check: CodeExercise, mistake: Any, report: Report
) -> bool:
    """Say whether a mistake is rejected; add a fault if not, or if it is taken for another."""
    verdict = judge(text, check, mistake.function)
    if verdict.verdict in ("passed", "not attempted"):
        problem = f"The mistake {mistake.id!r} of {text.id} is {verdict.verdict}."
        remedy = "Add a case on which it differs from the reference."
    elif verdict.mistake != mistake.id:
        problem = f"The mistake {mistake.id!r} of {text.id} is diagnosed as {verdict.mistake!r}."
        remedy = "Add a case that tells the two apart, or list it first."
    else:
        return True
    report.faults.append(_function_fault(practical, mistake.function, problem, remedy))
    return verdict.verdict not in ("passed", "not attempted")


def _function_fault(practical: Practical, function: Any, problem: str, remedy: str) -> SourceError:
    """Return a fault at the line of the function's definition."""
    try:
        inner = inspect.unwrap(function)
        path, line = inspect.getsourcefile(inner), inspect.getsourcelines(inner)[1]
    except (TypeError, OSError):
        path, line = None, 1
    return SourceError(path or practical.folder / "exercises.py", line, problem, remedy)


def _add_strength(
    text: ExerciseText, check: CodeExercise, namespace: Namespace, rejected: int, report: Report
) -> None:
    """Try the check on mutants of the solution, and add its strength to the report."""
    survivors = []
    changed = mutants(solution_of(text.solution))
    for mutant in changed:
        try:
            answer = namespace.answer(text, mutant.source)
        except MazoeziError:  # a mutant that does not even define its function is rejected
            continue
        if judge(text, check, answer).passed:
            line = text.solution_line + line_in_source(text.solution, mutant.line) - 1
            survivors.append(f"line {line}: {mutant.change}")
    killed = len(changed) - len(survivors)
    report.strengths.append(
        Strength(text.id, rejected + killed, len(check.mistakes) + len(changed), tuple(survivors))
    )


def _prove_maths(
    practical: Practical, text: ExerciseText, check: MathsExercise, report: Report
) -> None:
    """Try the reference and every mistake on the whole pool of numbers."""
    rejected = 0
    for mistake in check.mistakes:
        passing = [
            numbers
            for numbers in check.numbers
            if abs(mistake.function(**numbers) - check.reference(**numbers)) <= 1e-6
        ]
        rejected += not passing
        taken = _first_taken_for_another(check, mistake)
        if passing:
            problem = f"The mistake {mistake.id!r} of {text.id} passes for {passing[0]}."
        elif taken:
            problem = f"The mistake {mistake.id!r} of {text.id} is diagnosed as {taken}."
        else:
            continue
        remedy = "Take these numbers out of the pool."
        report.faults.append(_function_fault(practical, mistake.function, problem, remedy))
    base = check.reference(**check.numbers[0])
    if not judge(text, check, base).passed:
        problem = f"{text.id} refuses its own reference, {base}."
        report.faults.append(_fault(practical, text.line, problem, "Mend the check."))
    report.strengths.append(Strength(text.id, rejected, len(check.mistakes)))


def _first_taken_for_another(check: MathsExercise, mistake: Mistake) -> str | None:
    """Return the mistake listed before with which this one agrees, and the numbers; or None."""
    before = check.mistakes[: check.mistakes.index(mistake)]
    for other in before:
        for numbers in check.numbers:
            if abs(mistake.function(**numbers) - other.function(**numbers)) <= 1e-6:
                return f"{other.id!r} for {numbers}"
    return None


def _prove_experiment(
    practical: Practical, text: ExerciseText, check: ExperimentExercise, report: Report
) -> None:
    if not check.answers:
        problem = f"{text.id} lists no right use of its lab."
        remedy = "Add one with `.alternative`."
        report.faults.append(SourceError(*practical.place_of_check(text.id), problem, remedy))
    for right in check.answers:
        verdict = judge(text, check, right())
        if not verdict.passed:
            problem = f"{text.id} refuses the lab of {right.__name__!r}: {verdict.message}"
            report.faults.append(_function_fault(practical, right, problem, "Loosen the tasks."))
    rejected = 0
    for mistake in check.mistakes:
        verdict = judge(text, check, mistake.function())
        rejected += verdict.verdict == "failed"
        if verdict.verdict != "failed" or verdict.mistake != mistake.id:
            found = f"{verdict.verdict}, diagnosed as {verdict.mistake!r}"
            problem = f"The mistake {mistake.id!r} of {text.id} is {found}."
            remedy = "Add a task that it does not meet."
            report.faults.append(_function_fault(practical, mistake.function, problem, remedy))
    report.strengths.append(Strength(text.id, rejected, len(check.mistakes)))


# --- the two runs --------------------------------------------------------------------------------


def _run_faults(
    practical: Practical, variant: Variant, workspace: Workspace, report: Report
) -> Iterator[SourceError]:
    """Run one notebook from top to bottom, offline, and yield what is wrong with the run.

    The student run comes second in one workspace, and finds compiled what both have in common, as
    a learner does in a second session.
    """
    before = len(workspace.store.attempts())
    done = execute(practical, notebook(practical, variant), workspace)
    report.seconds[variant] = round(done.seconds, 1)
    for number, error in done.errors:
        yield _fault(
            practical, _line_of_cell(practical, done.document["cells"][number]),
            f"The {variant} run raises {error}.", "Mend the cell.",
        )  # fmt: skip
    if done.seconds > (limit := getattr(practical.budget, variant)):
        yield _fault(
            practical, 1, f"The {variant} run took {done.seconds:.0f} s, more than {limit} s.",
            "Make its slowest cells cheaper.",
        )  # fmt: skip
    attempts = workspace.store.attempts()[before:]
    for attempt in attempts:
        if variant == "student" and attempt.verdict == "passed":
            yield _fault(
                practical, practical.exercises[attempt.exercise].line,
                f"In the student run, {attempt.exercise} passes with nothing filled in.",
                "Mark all of its solution.",
            )  # fmt: skip
        elif attempt.verdict != "passed":
            yield _fault(
                practical, practical.exercises[attempt.exercise].line,
                f"In the {variant} run, {attempt.exercise} is {attempt.verdict}: "
                f"{attempt.details['message']}", "Mend the answer cell or the check.",
            )  # fmt: skip
    if variant == "solution":
        passed = {attempt.exercise for attempt in attempts}
        for text in practical.exercises.values():
            if text.id not in passed and text.kind != "discussion":
                yield _fault(
                    practical, text.line, f"The solution run never answers {text.id}.",
                    "Check its answer in a cell that the run reaches.",
                )  # fmt: skip


def _line_of_cell(practical: Practical, cell: Any) -> int:
    """Return the source line of an executed code cell."""
    for own in practical.cells:
        if own.kind == "code" and cell["source"] in (stub_of(own.text), solution_of(own.text)):
            return own.line
    return 1
