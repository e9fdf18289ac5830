"""The page's tools are the command line's: each runs there, in a process of its own.

So the two agree, and the server loads none of what they need.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mazoezi.course.workspace import VARIABLE

_LIMIT = 300  # seconds; an update of all notebooks takes two


@dataclass(frozen=True)
class Outcome:
    """What a command said, and whether it did what was asked."""

    done: bool
    text: str


def run_command(workspace: Path, *arguments: str, folder: Path | None = None) -> Outcome:
    """Run `mazoezi` with these arguments on a workspace; in its folder, or another."""
    environment = {**os.environ, VARIABLE: str(workspace), "PYTHONIOENCODING": "utf-8"}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "mazoezi", *arguments],
            capture_output=True, encoding="utf-8", errors="replace", cwd=folder or workspace, env=environment,
            stdin=subprocess.DEVNULL, timeout=_LIMIT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Outcome(False, f"It did not end within {_LIMIT} seconds, and was stopped.")
    done = ended.returncode == 0
    return Outcome(done, (ended.stdout if done else ended.stderr or ended.stdout).strip())
