"""Run answer cells outside a notebook: as `verify` does, and `mazoezi check`."""

import ast
import itertools
import linecache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mazoezi._errors import SourceError, UncheckableError
from mazoezi.course._exercises import MathsExercise
from mazoezi.course._markers import line_in_source, solution_of
from mazoezi.course._practical import Practical
from mazoezi.course._source import Cell, ExerciseText

_VERBS = {"practical", "check", "ask", "hint", "solution"}
_serial = itertools.count(1)


class Namespace:
    """The names that an answer cell may use: the setup cells', and those of earlier answers.

    Nothing of the cells in between is run, so an answer must not need it.
    """

    def __init__(self, practical: Practical, *, seed: int = 0):
        self._practical = practical
        self._seed = seed
        self._states: dict[str, dict[str, Any]] = {}
        practical.make_importable()  # its setup cells import its modules

    def answer(self, text: ExerciseText, code: str) -> Any:
        """Run `code` as the answer cell of an exercise; return what it gives the check.

        Raises UncheckableError where the code fails, or does not define the answer.
        """
        names = dict(self._before(text))
        run_code(code, names, f"<answer to {text.id}>", without=_VERBS)
        return answer_in(names, text, "The answer cell")

    def _before(self, text: ExerciseText) -> dict[str, Any]:
        self.fill()
        return self._states[text.id]

    def fill(self) -> None:
        """Run setup cells and solutions in order, once, keeping the names before each exercise.

        Raises SourceError at the line of `practical.md` that fails.
        """
        if self._states:
            return
        names: dict[str, Any] = {"__name__": "__answer__", "question": self._question}
        for cell in self._practical.cells:
            if cell.role == "answer" and cell.exercise:
                self._states[cell.exercise] = dict(names)
                self._run(cell, names, f"<solution of {cell.exercise}>")
            elif "setup" in cell.tags:
                self._run(cell, names, "<setup>")

    def _run(self, cell: Cell, names: dict[str, Any], title: str) -> None:
        try:
            run_code(solution_of(cell.text), names, title, without=_VERBS)
        except UncheckableError as error:
            self._states.clear()
            raise SourceError(
                self._practical.source.path,
                cell.line + line_in_source(cell.text, error.line) - 1,
                f"This cell cannot be run: {error}",
                "Answer cells are run after the cells tagged `setup` and the answers before them, "
                "and nothing else: they can use no other names.",
            ) from None

    def _question(self, exercise: str) -> SimpleNamespace:
        check = self._practical.checks()[exercise]
        assert isinstance(check, MathsExercise)
        return SimpleNamespace(**check.drawn(self._seed))


def answer_in(names: dict[str, Any], text: ExerciseText, where: str) -> Any:
    """Return the answer among `names`; raises UncheckableError where there is none."""
    if text.answer_name is None:
        raise UncheckableError(f"{text.id} is answered in its form, not by code.")
    if text.answer_name not in names:
        raise UncheckableError(
            f"{where} does not define `{text.answer_name}`, the answer to {text.id}."
        )
    return names[text.answer_name]


def run_code(
    code: str, names: dict[str, Any], title: str, *, without: set[str] | None = None
) -> None:
    """Run code in a namespace, in such a way that its functions' source can be read.

    `title` is its file, or a title in angle brackets; statements that call one of the names
    `without` are left out. Raises UncheckableError that names the line where the code fails.
    """
    path = title
    if title.startswith("<"):  # a title of its own for each text, or inspect would mix them up
        path = f"{title[:-1]}, {next(_serial)}>"
        linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    try:
        tree = ast.parse(code, path)
        tree.body = [one for one in tree.body if not (without and _calls(one) & without)]
        exec(compile(tree, path, "exec"), names)
    except SyntaxError as error:
        raise UncheckableError(
            f"Line {error.lineno} of {Path(path).name} is not Python: {error.msg}.",
            error.lineno or 1,
        ) from None
    except (Exception, SystemExit) as error:
        line = _line_in(error, path)
        raise UncheckableError(
            f"Line {line} of {Path(path).name} raises {type(error).__name__}: {error}", line
        ) from None


def _calls(statement: ast.stmt) -> set[str]:
    """Return the plain names that a statement calls, other than inside a definition."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return set()
    return {
        node.func.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def _line_in(error: BaseException, path: str) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
