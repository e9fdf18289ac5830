"""How long a check takes: warm, in a running process, and cold, from the command line.

Every code exercise of the practical is answered with its solution, its alternatives and its
mistakes, each a new function object, as it is when a learner runs the cell again. Warm is an exercise's
second round, right after its first: the operations themselves are compiled already. (JAX keeps the
latest 4,096 of its programs, and the answers to a whole practical need more, so that a second round
after all exercises would find few of its operations compiled.) Cold: the whole command
`mazoezi check`, with the compilation cache that an earlier check has filled, as in a learner's second
session, and without.

Run: python benchmarks/checks.py [practical]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from mazoezi.course._accelerator import prepare_jax
from mazoezi.course._exercises import CodeExercise
from mazoezi.course._judge import judge
from mazoezi.course._markers import solution_of
from mazoezi.course._namespace import Namespace
from mazoezi.course._practical import Practical, find_practical
from mazoezi.course.workspace import VARIABLE, create_workspace


def fresh(function):
    """Return a function that behaves alike, but that JAX has never seen."""
    return lambda *args, **kwargs: function(*args, **kwargs)


def checked(practical: Practical) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return the seconds of checking each answer the first time and again, by exercise."""
    namespace = Namespace(practical)
    first, again = {}, {}
    for id, check in practical.checks().items():
        if isinstance(check, CodeExercise):
            text = practical.exercises[id]
            solution = namespace.answer(text, solution_of(text.solution))
            answers = [solution, *check.alternatives, *(one.function for one in check.mistakes)]
            for seconds in (first, again):
                seconds[id] = [judge(text, check, fresh(answer)).seconds for answer in answers]
    return first, again


def cold(practical: Practical, exercise: str, folder: Path) -> list[float]:
    """Return the seconds of six `mazoezi check` commands, the first with an empty cache."""
    workspace = create_workspace(folder / exercise)
    answer = workspace.folder / "answer.py"
    setup = "\n".join(
        line
        for cell in practical.cells
        if "setup" in cell.tags
        for line in cell.text.splitlines()
        if line.startswith(("import", "from")) and "mazoezi.course" not in line
    )
    answer.write_text(f"{setup}\n{solution_of(practical.exercises[exercise].solution)}\n")
    command = [sys.executable, "-m", "mazoezi", "check", exercise, "--answer", str(answer)]
    environment = {**os.environ, VARIABLE: str(workspace.folder)}
    times = []
    for _ in range(6):
        start = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return times


def summary(by_exercise: dict[str, list[float]]) -> str:
    """Return the median and the 95th percentile of all checks."""
    pooled = np.concatenate([np.asarray(one) for one in by_exercise.values()])
    median, p95 = np.percentile(pooled, [50, 95])
    return f"{pooled.size} checks, median {median:.3f} s, p95 {p95:.3f} s"


def main() -> None:
    practical = find_practical(sys.argv[1] if len(sys.argv) > 1 else "intro-jax")
    with tempfile.TemporaryDirectory() as folder:
        prepare_jax(practical.devices, Path(folder) / "cache")
        first, by_exercise = checked(practical)
        for id, seconds in by_exercise.items():
            print(
                f"{id:6} {len(seconds):3} answers: warm median {statistics.median(seconds):.3f} s, "
                f"largest {max(seconds):.3f} s"
            )
        print(f"First in a process: {summary(first)}")
        print(f"Warm: {summary(by_exercise)} (wanted: p95 at most {practical.budget.check} s)")
        slowest = max(by_exercise, key=lambda id: max(by_exercise[id]))
        for exercise in dict.fromkeys((next(iter(by_exercise)), "J1.3", slowest)):
            if exercise in by_exercise:
                empty, *others = cold(practical, exercise, Path(folder))
                print(
                    f"Cold `mazoezi check {exercise}`: {empty:.2f} s with an empty cache, then "
                    f"median {statistics.median(others):.2f} s (wanted: at most 3 s)"
                )


if __name__ == "__main__":
    main()
