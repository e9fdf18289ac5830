"""What the engine says of an answer."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["not attempted", "passed", "failed", "errored"]


@dataclass(frozen=True)
class Verdict:
    """The outcome of checking one answer to one exercise.

    `category` is the sort of difference that was found first: signature, shape, dtype, not finite,
    value, property, error, or limit (it ran too long, took too much memory, or ended its process).
    `error` is the class of the error that it raised. `holds` lists the cases that the answer meets, simplest first.
    """

    exercise: str
    verdict: State
    message: str
    failed_case: str | None = None
    category: str | None = None
    shown_input: str | None = None
    expected: str | None = None
    got: str | None = None
    mistake: str | None = None
    advice: str | None = None
    holds: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    traceback: str | None = None
    credit: float = 0.0  # 1 for a pass; less for a choice that was reached by elimination
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain values, for `mazoezi check --json` and the store."""
        return asdict(self)
