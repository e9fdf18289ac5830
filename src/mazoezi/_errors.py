"""The exceptions that mazoezi raises on purpose. Their messages are written for the reader."""

from pathlib import Path


class MazoeziError(Exception):
    """Base of every error that mazoezi raises on purpose; its message stands alone."""


class SourceError(MazoeziError):
    """A practical's source is wrong: says in which file and line, and how to put it right."""

    def __init__(self, path: Path | str, line: int, problem: str, remedy: str):
        super().__init__(f"{path}:{line}: {problem} {remedy}")
        self.path, self.line, self.problem, self.remedy = Path(path), line, problem, remedy


class UnknownExerciseError(MazoeziError):
    """No practical at hand has an exercise of this id."""


class UncheckableError(MazoeziError):
    """An answer cannot be checked at all, for example because its file holds no such function.

    `line` is where its code fails, if it does.
    """

    def __init__(self, message: str, line: int = 1):
        super().__init__(message)
        self.line = line


class WorkspaceError(MazoeziError):
    """The workspace cannot be used as it is: read-only, damaged or from a newer version."""


class ArgumentError(MazoeziError, ValueError):
    """A function was given a value that it cannot use: names the argument, the value, the rule."""

    def __init__(self, argument: str, value: object, expected: str):
        super().__init__(f"{argument} is {value!r}; expected {expected}.")
        self.argument, self.value, self.expected = argument, value, expected


class CheckpointError(MazoeziError):
    """A checkpoint file cannot be restored: missing, damaged or of another training state."""
