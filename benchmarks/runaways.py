"""What the limits on answers cost: three ways to check, on the same answers, in one run.

Every code exercise is answered with its solution, its alternatives and its mistakes, in two rounds;
the second is the warm one.

- in this process, without limits;
- in a process of its own, which is kept for the next answer: what `check` does;
- in a child that is forked for each answer from a process that has loaded the checks and JAX, but has
  not started JAX: a child cannot use a JAX that was started before the fork.

Run: python benchmarks/runaways.py [practical]
"""

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mazoezi.course._practical import Practical, find_practical

Question = tuple[str, Any]  # an exercise and an answer


def questions(practical: Practical) -> Iterator[Question]:
    """Yield each code exercise with answers that JAX has never seen."""
    from mazoezi.course._exercises import CodeExercise
    from mazoezi.course._markers import solution_of
    from mazoezi.course._namespace import Namespace

    namespace = Namespace(practical)
    for id, check in practical.checks().items():
        if isinstance(check, CodeExercise):
            text = practical.exercises[id]
            yield id, namespace.answer(text, solution_of(text.solution))
            for answer in (*check.alternatives, *(one.function for one in check.mistakes)):
                yield id, fresh(answer)


def fresh(function: Callable) -> Callable:
    """Return a function that behaves alike, but that JAX has never seen."""
    return lambda *args, **kwargs: function(*args, **kwargs)


def in_process(practical: Practical, cache: Path) -> Callable[[str, Any], str]:
    """Return a check without limits."""
    from mazoezi.course._accelerator import prepare_jax
    from mazoezi.course._judge import judge

    prepare_jax(practical.devices, cache)
    checks = practical.checks()
    return lambda id, answer: judge(practical.exercises[id], checks[id], answer).verdict


def isolated(practical: Practical, cache: Path) -> Callable[[str, Any], str]:
    """Return a check in a process of its own that is kept."""
    from mazoezi.course._checker import Checker

    checker = Checker(practical, cache=cache)
    return lambda id, answer: checker.check(id, answer).verdict.verdict


def forked(practical: Practical, cache: Path) -> Callable[[str, Any], str]:
    """Return a check in a child of a process that has loaded everything."""
    from mazoezi.course._checker import pickled

    parent = subprocess.Popen(
        [sys.executable, __file__, practical.id, "--fork", str(cache)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert parent.stdin is not None and parent.stdout is not None
    requests, replies = parent.stdin, parent.stdout

    def check(id: str, answer: Any) -> str:
        requests.write(pickle.dumps((id, pickled(answer)[0])))
        requests.flush()
        return pickle.load(replies)

    return check


def fork_for_each(practical: Practical, cache: Path) -> None:
    """Fork a child for each request that comes."""
    from mazoezi.course._accelerator import prepare_jax
    from mazoezi.course._judge import judge

    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    prepare_jax(practical.devices, cache)
    checks = practical.checks()
    while True:
        try:
            id, sent = pickle.load(requests)
        except EOFError:
            return
        child = os.fork()
        if child == 0:
            verdict = judge(practical.exercises[id], checks[id], pickle.loads(sent)).verdict
            replies.write(pickle.dumps(verdict))
            replies.flush()
            os._exit(0)
        os.waitpid(child, 0)


def timed(
    check: Callable[[str, Any], str], answers: list[Question]
) -> tuple[list[float], list[str]]:
    """Return the seconds of each check, and its verdict."""
    seconds, verdicts = [], []
    for id, answer in answers:
        start = time.perf_counter()
        verdicts.append(check(id, answer))
        seconds.append(time.perf_counter() - start)
    return seconds, verdicts


def main() -> None:
    practical = find_practical(sys.argv[1] if len(sys.argv) > 1 else "intro-jax")
    if "--fork" in sys.argv:
        fork_for_each(practical, Path(sys.argv[-1]))
        return
    medians = {}
    with tempfile.TemporaryDirectory() as folder:
        expected: list[str] = []
        for way in (in_process, isolated, forked):
            check = way(practical, Path(folder) / way.__name__)
            timed(check, list(questions(practical)))  # fills the cache, warms what can be warm
            seconds, verdicts = timed(check, list(questions(practical)))
            expected = expected or verdicts
            pairs = zip(list(questions(practical)), verdicts, expected, strict=True)
            differ = [(q[0], got, wanted) for q, got, wanted in pairs if got != wanted]
            median, p95 = np.percentile(seconds, [50, 95])
            medians[way.__name__] = median
            ratio = median / medians["in_process"]
            print(
                f"{way.__name__:10}: {len(seconds)} warm checks, median {median:.4f} s ({ratio:.1f} "
                f"times in_process), p95 {p95:.3f} s (wanted: at most {practical.budget.check} s)",
                flush=True,
            )
            for id, got, wanted in differ:
                print(f"  {id}: {got} where in_process says {wanted}", flush=True)


if __name__ == "__main__":
    main()
