"""The command `mazoezi`. Each command imports what it needs, so that help is there at once."""

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mazoezi import __version__
from mazoezi._errors import MazoeziError, UncheckableError, WorkspaceError

if TYPE_CHECKING:
    from mazoezi.course._practical import Practical
    from mazoezi.course._session import Session
    from mazoezi.course._verdict import Verdict
    from mazoezi.course._verify import Report
    from mazoezi.course.workspace import Workspace

app = typer.Typer(
    help="A hands-on deep-learning course that tells you why an answer is wrong.",
    epilog="Begin with `mazoezi start`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ExerciseId = Annotated[str, typer.Argument(metavar="EXERCISE", help="An id such as J1.3.")]
PracticalName = Annotated[
    str | None, typer.Argument(metavar="[PRACTICAL]", help="An id such as intro-jax, or a folder.")
]
Now = Annotated[bool, typer.Option("--now", help="Open it without a try.")]


def main() -> None:
    """Run the command line; an error of ours is one sentence on stderr and exit code 2."""
    try:
        app()
    except MazoeziError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        print(f"mazoezi {__version__}")
        raise typer.Exit


@app.command(epilog="Example: mazoezi start ~/course --no-browser")
def start(
    folder: Annotated[
        Path | None, typer.Argument(help="The workspace; by default the one here, or ~/mazoezi.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    port: Annotated[int | None, typer.Option(help="The port to serve on.")] = None,
) -> None:
    """Make the workspace where there is none, and open the course on it."""
    from mazoezi.course._practical import Practical, practical_folders, read_or_tell
    from mazoezi.course._server import add_notebooks, serve
    from mazoezi.course._states import notices
    from mazoezi.course._update import is_behind
    from mazoezi.course.workspace import create_workspace, default_folder, find_workspace

    workspace = create_workspace(folder) if folder else find_workspace()
    workspace = workspace or create_workspace(default_folder())
    found = [read_or_tell(one) for one in practical_folders()]
    practicals = [one for one in found if isinstance(one, Practical)]
    for notice in (*notices(workspace), *(one for one in found if isinstance(one, str))):
        print(notice)
    if workspace.is_writable:
        for path in add_notebooks(workspace, practicals):
            print(f"Added {path.name}")
        workspace.describe()  # it is this version's from now on
    for one in practicals:
        if is_behind(one, workspace):
            print(f"{one.id} has a new text: `mazoezi update` lays it around your work.")
    print(f"Your workspace is {workspace.folder}", flush=True)
    code = serve(workspace, port=port, browser=browser, told=lambda text: print(text, flush=True))
    raise typer.Exit(code)


@app.command("list", epilog="Example: mazoezi list intro-jax")
def list_(practical: PracticalName = None) -> None:
    """Show the practicals and their exercises."""
    from mazoezi.course._practical import all_practicals, find_practical
    from mazoezi.course.workspace import find_workspace

    workspace = find_workspace()
    standings = workspace.store.standings() if workspace else {}
    for one in [find_practical(practical)] if practical else all_practicals():
        print(f"{one.id}  {one.title} ({one.level}, about {one.minutes} min)")
        for text in one.exercises.values():
            standing = standings.get(text.id)
            sign = " " if standing is None else "✓" if standing.passed else "·"
            optional = ", optional" if text.optional else ""
            facts = f"{text.kind}, {text.level}{optional}, {text.minutes} min"
            print(f"  {sign} {text.id:6} {text.title}  ({facts})")


@app.command(epilog="Example: mazoezi check J1.3 --answer answer.py --json")
def check(
    exercise: ExerciseId,
    answer: Annotated[
        str | None,
        typer.Option(
            help="A Python file that defines the answer, or the answer to a question itself. "
            "By default the answer is taken from your notebook."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check an answer. Exit code: 0 passed, 1 not passed, 2 it cannot be checked."""
    from contextlib import redirect_stdout

    try:
        session = _session_of(exercise)
        with redirect_stdout(sys.stderr):  # what the answer prints is not our output
            verdict = _checked(session, exercise, answer)
    except MazoeziError as error:
        if not as_json:
            raise
        print(json.dumps(_uncheckable(exercise, str(error))))
        raise typer.Exit(2) from None
    print(json.dumps(verdict.to_json()) if as_json else session.card(verdict))
    for text in session.news():
        print(text, file=sys.stderr)
    raise typer.Exit(0 if verdict.passed else 1)


def _uncheckable(exercise: str, message: str) -> dict[str, Any]:
    empty = dict.fromkeys(("failed_case", "mistake"))
    return {
        "exercise": exercise, "verdict": "cannot be checked", **empty, "message": message,
        "seconds": 0.0,
    }  # fmt: skip


def _session_of(exercise: str) -> "Session":
    from mazoezi.course._practical import find_exercise
    from mazoezi.course._session import Session
    from mazoezi.course.workspace import find_workspace

    return Session(find_exercise(exercise), find_workspace())


def _checked(session: "Session", exercise: str, answer: str | None) -> "Verdict":
    """Check an answer given as a file or a value, or else the one in the learner's notebook."""
    session.isolate()
    if answer is None:
        from mazoezi.course._undo import code_in_notebook

        return session.attempt_code(exercise, code_in_notebook(session, exercise))
    if not answer.endswith(".py"):
        return session.attempt(exercise, answer, answer)
    path = Path(answer)
    if not path.is_file():
        raise UncheckableError(f"There is no file {answer}.")
    return session.attempt_code(exercise, path.read_text(encoding="utf-8"), path.resolve())


@app.command(epilog="Example: mazoezi hint J1.3")
def hint(exercise: ExerciseId, now: Now = False) -> None:
    """Show the hints that your tries have opened."""
    print(_session_of(exercise).hint(exercise, now=now))


@app.command(epilog="Example: mazoezi solution J1.3 --now")
def solution(exercise: ExerciseId, now: Now = False) -> None:
    """Show the worked answer, after an attempt."""
    print(_session_of(exercise).solution(exercise, now=now))


@app.command(epilog="Example: mazoezi attempts J1.3 --attempt 12")
def attempts(
    exercise: ExerciseId,
    attempt: Annotated[
        int | None, typer.Option(help="Show the answer of this attempt instead.")
    ] = None,
) -> None:
    """List your attempts at an exercise; none is ever deleted."""
    from mazoezi.course._undo import attempts_told, source_told

    session = _session_of(exercise)
    if attempt is None:
        print(attempts_told(session, exercise))
    else:
        print(source_told(session, exercise, attempt))


@app.command(epilog="Example: mazoezi restore J1.3 --attempt 12")
def restore(
    exercise: ExerciseId,
    attempt: Annotated[
        int | None,
        typer.Option(help="Its number; by default the newest that is not in the cell now."),
    ] = None,
) -> None:
    """Put an earlier answer back into your notebook. What stands there is kept first."""
    from mazoezi.course._undo import restore as put_back

    print(put_back(_session_of(exercise), exercise, attempt))


@app.command(epilog="Example: mazoezi reset J1.3")
def reset(exercise: ExerciseId) -> None:
    """Empty an answer cell of your notebook. What stood there is kept, and can be restored."""
    from mazoezi.course._undo import reset as empty

    print(empty(_session_of(exercise), exercise))


@app.command(epilog="Example: mazoezi update")
def update(practical: PracticalName = None) -> None:
    """Lay a new text of the course around your work. What the notebook was before is kept."""
    from mazoezi.course._practical import all_practicals, find_practical
    from mazoezi.course._update import update_notebook

    workspace = _workspace()
    for one in [find_practical(practical)] if practical else all_practicals():
        if practical or workspace.notebook(one.id).exists():
            print(update_notebook(one, workspace))


@app.command(epilog="Example: mazoezi export my-work.zip")
def export(
    file: Annotated[
        Path | None, typer.Argument(help="By default mazoezi-<day>.zip in this folder.")
    ] = None,
) -> None:
    """Write your notebooks, attempts and other files into one file, for another computer."""
    from mazoezi.course._carry import default_file
    from mazoezi.course._carry import export as write

    path = file or default_file()
    size = write(_workspace(), path)
    print(
        f"Wrote {path} ({size / 1e6:.1f} MB). On the other computer: `mazoezi import {path.name}`."
    )


@app.command("import", epilog="Example: mazoezi import my-work.zip")
def import_(file: Annotated[Path, typer.Argument(help="What `mazoezi export` wrote.")]) -> None:
    """Add what an exported file has and your workspace has not; nothing is overwritten."""
    from mazoezi.course._carry import bring
    from mazoezi.course._practical import all_practicals

    workspace = _workspace()
    course = {workspace.notebook(one.id).name for one in all_practicals()}
    print("\n".join(bring(workspace, file, course)) or "Everything in it is here already.")


def _workspace() -> "Workspace":
    from mazoezi.course.workspace import find_workspace

    workspace = find_workspace()
    if workspace is None:
        raise MazoeziError("There is no workspace here. `mazoezi start` makes one.")
    return workspace


@app.command(epilog="Example: mazoezi progress")
def progress(practical: PracticalName = None) -> None:
    """Show how far you are."""
    from mazoezi.course._practical import all_practicals, find_practical
    from mazoezi.course._progress_table import print_progress

    workspace = _workspace()
    practicals = [find_practical(practical)] if practical else all_practicals()
    print_progress(practicals, workspace.store)


@app.command(epilog="Example: mazoezi feedback --csv feedback.csv")
def feedback(
    csv: Annotated[
        Path | None, typer.Option(help="Write it to this file, for a spreadsheet.")
    ] = None,
) -> None:
    """Show the feedback that you gave on the home page, practical by practical."""
    from mazoezi.course._feedback import feedback_told, write_csv

    given = _workspace().store.feedback()
    if csv is None:
        print(feedback_told(given))
        return
    try:
        with csv.open("w", encoding="utf-8-sig", newline="") as file:  # as spreadsheets expect it
            write_csv(given, file)
    except OSError as error:
        raise WorkspaceError(f"{csv} cannot be written ({error.strerror}).") from error
    print(f"Wrote {csv}: {len(given)} {'entry' if len(given) == 1 else 'entries'}.")


@app.command(epilog="Example: mazoezi run intro-jax --report report.html")
def run(
    practical: Annotated[str, typer.Argument(help="An id such as intro-jax, or a folder.")],
    report: Annotated[
        Path | None, typer.Option(help="Where the report goes; by default <practical>.html here.")
    ] = None,
    student: Annotated[
        bool, typer.Option("--student", help="Run it with nothing filled in.")
    ] = False,
) -> None:
    """Run a practical's solutions from top to bottom, and write a report with its figures."""
    import tempfile

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from mazoezi.course._notebooks import notebook
    from mazoezi.course._practical import find_practical
    from mazoezi.course._run import execute, write_report
    from mazoezi.course.workspace import create_workspace

    found = find_practical(practical)
    path = report or Path(f"{found.id}.html")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        tempfile.TemporaryDirectory(prefix="mazoezi-") as folder,
        Progress(*columns, TimeElapsedColumn()) as bar,
    ):
        document = notebook(found, "student" if student else "solution")
        task = bar.add_task(found.title, total=len(document["cells"]))
        workspace = create_workspace(Path(folder), seed=0)
        done = execute(
            found, document, workspace,
            on_cell=lambda cells, total: bar.update(task, completed=cells, total=total),
        )  # fmt: skip
        passed = sum(attempt.verdict == "passed" for attempt in workspace.store.attempts())
    write_report(done.document, path, found.title)
    print(f"{passed} checks passed in {done.seconds:.0f} s. The report is {path}.")
    for number, error in done.errors:
        print(f"Cell {number + 1} raised {error}", file=sys.stderr)
    raise typer.Exit(1 if done.errors else 0)


@app.command(epilog="Example: mazoezi build --to notebooks")
def build(
    practical: PracticalName = None,
    to: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("notebooks"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if the folder is not current.")
    ] = False,
) -> None:
    """Build student and solution notebooks from the practicals' sources.

    Nothing is written where a source has a fault. Faults that only running shows, such as a mistake
    that passes, are found by `mazoezi verify`.
    """
    from mazoezi.course._build import build_all, stale
    from mazoezi.course._practical import all_practicals, find_practical

    practicals = [find_practical(practical)] if practical else all_practicals()
    if check:
        old = stale(practicals, to, alone=practical is None)
        for path in old:
            print(f"{path} is not what its source builds: run `mazoezi build`.", file=sys.stderr)
        raise typer.Exit(1 if old else 0)
    for path in build_all(practicals, to):
        print(f"Wrote {path}")


@app.command(epilog="Example: mazoezi book my_practical --to book")
def book(
    practical: PracticalName = None,
    to: Annotated[Path, typer.Option(help="The folder to build in.")] = Path("book"),
    guides: Annotated[
        Path | None, typer.Option(help="A folder of further pages, with an index.md.")
    ] = None,
) -> None:
    """Build the book: the solved practicals as a site that opens from disk.

    The solutions are run, which takes minutes; what has not changed since is not run again.
    """
    from mazoezi.course._practical import all_practicals, find_practical
    from mazoezi.course.book import build_book

    practicals = [find_practical(practical)] if practical else all_practicals()
    first = build_book(practicals, to.resolve(), guides=guides, told=partial(print, flush=True))
    print(f"Open {first} in a browser.")


@app.command(epilog="Example: mazoezi verify my_practical")
def verify(
    practical: PracticalName = None,
    run: Annotated[bool, typer.Option(help="Run the two notebooks too.")] = True,
) -> None:
    """Prove that a practical works: each stub, solution, alternative and mistake is tried."""
    from rich.console import Console

    from mazoezi.course._practical import all_practicals, find_practical
    from mazoezi.course._verify import verify as prove

    practicals = [find_practical(practical)] if practical else all_practicals()
    console, faults = Console(stderr=True), 0
    for one in practicals:
        with console.status(one.title) as status:
            report = prove(one, run=run, told=status.update)
        _print_report(one, report)
        faults += len(report.faults)
    raise typer.Exit(1 if faults else 0)


def _print_report(practical: "Practical", report: "Report") -> None:
    print(f"{practical.id}: check strength (mistakes and mutants rejected)")
    for one in report.strengths:
        print(f"  {one.exercise:6} {one.share:5.0%}  {one.rejected} of {one.tried}")
        for survivor in one.survivors:
            print(f"           survived: {survivor}")
    for variant, seconds in report.seconds.items():
        print(f"  The {variant} run took {seconds} s.")
    for fault in report.faults:
        print(fault)
    print(f"{practical.id}: {len(report.faults) or 'no'} faults")


@app.command(epilog="Example: mazoezi new my-practical")
def new(
    name: Annotated[str, typer.Argument(help="The new practical's id, e.g. my-practical.")],
    folder: Annotated[Path, typer.Option(help="Where to make its folder.")] = Path("."),
) -> None:
    """Make a new practical from the template; it passes `mazoezi verify` as it is."""
    from mazoezi.course._template import make_practical

    made = make_practical(name, folder)
    print(f"Made {made}. Prove it with `mazoezi verify {made}`.")
