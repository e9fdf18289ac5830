"""The markers that Jupyter's teaching tools use for solutions, and what is left without them.

`### BEGIN SOLUTION` ... `### END SOLUTION` leaves one `...`; a trailing `# SOLUTION` leaves `...`
in place of the right-hand side.
"""

import re
from collections.abc import Iterator

_BEGIN = re.compile(r"^(\s*)### BEGIN SOLUTION\s*$")
_END = re.compile(r"^\s*### END SOLUTION\s*$")
_LINE = re.compile(r"\s*# SOLUTION\s*$")
_ASSIGNMENT = re.compile(r"^(\s*(?:return\b|[^=()]+?=(?!=)))\s*.*$")

PLACEHOLDER = "...  # your answer"


def has_markers(code: str) -> bool:
    """Say whether the code marks any part of itself as a solution."""
    return any(_BEGIN.match(line) or _LINE.search(line) for line in code.splitlines())


def marker_problem(code: str) -> tuple[int, str] | None:
    """Return the line (from 0) and description of the first marker out of place, or None."""
    opened: int | None = None
    for number, line in enumerate(code.splitlines()):
        if _BEGIN.match(line):
            if opened is not None:
                return number, "BEGIN SOLUTION inside another solution"
            opened = number
        elif _END.match(line):
            if opened is None:
                return number, "END SOLUTION without a BEGIN SOLUTION"
            opened = None
    return None if opened is None else (opened, "BEGIN SOLUTION without an END SOLUTION")


def stub_of(code: str) -> str:
    """Return the code as the learner gets it: every marked solution replaced by `...`."""
    return "\n".join(line for _, line in _stub(code))


def solution_of(code: str) -> str:
    """Return the code as the solution notebook shows it: whole, without the markers."""
    return "\n".join(line for _, line in _solution(code))


def line_in_source(code: str, line: int, *, of_stub: bool = False) -> int:
    """Return which line of the code became this line of its solution, or stub; all from 1."""
    numbers = [number for number, _ in (_stub(code) if of_stub else _solution(code))]
    return numbers[line - 1] if 1 <= line <= len(numbers) else 1


def _stub(code: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that are left to the learner."""
    hidden = False
    for number, line in enumerate(code.splitlines(), 1):
        if begin := _BEGIN.match(line):
            hidden = True
            yield number, f"{begin[1]}{PLACEHOLDER}"
        elif _END.match(line):
            hidden = False
        elif not hidden:
            yield number, _without_answer(line) if _LINE.search(line) else line


def _solution(code: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of the lines that are not markers."""
    for number, line in enumerate(code.splitlines(), 1):
        if not (_BEGIN.match(line) or _END.match(line)):
            yield number, _LINE.sub("", line)


def _without_answer(line: str) -> str:
    bare = _LINE.sub("", line)
    if assignment := _ASSIGNMENT.match(bare):
        return f"{assignment[1]} {PLACEHOLDER}"
    return f"{bare[: len(bare) - len(bare.lstrip())]}{PLACEHOLDER}"
