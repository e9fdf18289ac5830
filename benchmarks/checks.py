"""How long a check takes: warm, in a running process, and cold, from the command line.

Warm: every code exercise of the practical is answered with its solution, its alternatives and its
mistakes, each freshly defined so that nothing of an earlier answer is compiled already. Cold: the
whole command `mazoezi check`, with the compilation cache that an earlier check has filled, as in a
learner's second session, and without.

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


def warm(practical: Practical) -> dict[str, list[float]]:
    """Return the seconds of each warm check, by exercise."""
    namespace, seconds = Namespace(practical), {}
    for id, check in practical.checks().items():
        if not isinstance(check, CodeExercise):
            continue
        text = practical.exercises[id]
        wrong = [mistake.function for mistake in check.mistakes]
        judge(text, check, wrong[0])  # the first check of an exercise makes its inputs
        answers = [*check.alternatives, *wrong]
        seconds[id] = [judge(text, check, fresh(answer)).seconds for answer in answers]
        for _ in range(3):
            answer = namespace.answer(text, solution_of(text.solution))
            seconds[id].append(judge(text, check, answer).seconds)
    return seconds


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


def main() -> None:
    practical = find_practical(sys.argv[1] if len(sys.argv) > 1 else "intro-jax")
    with tempfile.TemporaryDirectory() as folder:
        prepare_jax(practical.devices, Path(folder) / "cache")
        by_exercise = warm(practical)
        for id, seconds in by_exercise.items():
            print(
                f"{id:6} {len(seconds):3} warm checks: median {statistics.median(seconds):.3f} s, "
                f"largest {max(seconds):.3f} s"
            )
        pooled = np.concatenate([np.asarray(one) for one in by_exercise.values()])
        print(
            f"All {pooled.size} warm checks: median {np.median(pooled):.3f} s, "
            f"p95 {np.percentile(pooled, 95):.3f} s (wanted: at most {practical.budget.check} s)"
        )
        slowest = max(by_exercise, key=lambda id: max(by_exercise[id]))
        for exercise in dict.fromkeys((next(iter(by_exercise)), "J1.3", slowest)):
            if exercise in by_exercise:
                first, *others = cold(practical, exercise, Path(folder))
                print(
                    f"Cold `mazoezi check {exercise}`: {first:.2f} s with an empty cache, then "
                    f"median {statistics.median(others):.2f} s (wanted: at most 3 s)"
                )


if __name__ == "__main__":
    main()
