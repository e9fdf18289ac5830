"""What the store of attempts costs, with 50,000 attempts in it, beside a plain synced file.

Opening it, writing an attempt that is on the disk when the call returns, and reading where the
learner stands; the peer appends the same attempt as a line of JSON to a file and syncs it, which no
damage, second writer or half-written line would survive.

Run: python benchmarks/store.py [folder on the disk to measure]
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np

from mazoezi.course._verdict import Verdict
from mazoezi.course.progress import Store, connect, insert, now

ATTEMPTS, ROUNDS = 50_000, 300
SOURCE = "def relu(x):\n    return jnp.where(x > 0, x, 0)\n" * 10
VERDICT = Verdict("J1.3", "failed", "The last of 4 numbers is 3.0, and 0.0 was expected.")
VERSIONS = {"mazoezi": "0.1.0", "jax": "0.10.2", "numpy": "2.4.0"}


def fill(path: Path) -> Store:
    """Return a store in which a learner has been very busy."""
    store = Store(path)
    with closing(connect(path)) as connection:
        connection.execute("BEGIN")
        for number in range(ATTEMPTS):
            row = {
                "time": now(), "practical": "intro-jax", "exercise": f"J1.{number % 30}",
                "verdict": ("failed", "errored", "passed")[number // 30 % 3],
                "source": f"{SOURCE}# {number}", "details": VERDICT.to_json(),
                "versions": VERSIONS, "identity": f"{number:032x}",
            }  # fmt: skip
            insert(connection, "attempts", row)
        connection.execute("COMMIT")
    return store


def append(path: Path) -> None:
    """Append an attempt to a plain file, and wait until it is on the disk."""
    line = json.dumps({"time": now(), "source": SOURCE, "verdict": asdict(VERDICT), **VERSIONS})
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def percentiles(*works: Callable[[], object]) -> list[tuple[float, float]]:
    """Return the median and the 99th percentile of each work's seconds, measured in turns."""
    seconds = np.empty((ROUNDS, len(works)))
    for turn in seconds:
        for i, work in enumerate(works):
            start = time.perf_counter()
            work()
            turn[i] = time.perf_counter() - start
    return [(p50, p99) for p50, p99 in np.percentile(seconds, [50, 99], axis=0).T]


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        path = Path(folder) / "progress.sqlite"
        store = fill(path)
        works = {
            "append a line and sync it": lambda: append(Path(folder) / "attempts.jsonl"),
            "open the store": lambda: Store(path),
            "write an attempt": lambda: store.record("intro-jax", SOURCE, VERDICT, VERSIONS),
            "one exercise's standing": lambda: store.standing("J1.3"),
            "all standings": store.standings,
        }
        found = percentiles(*works.values())
    for what, (p50, p99) in zip(works, found, strict=True):
        ratio = p50 / found[0][0]
        print(
            f"{what:26}: median {p50 * 1e3:6.2f} ms, p99 {p99 * 1e3:6.2f} ms, {ratio:5.1f} times "
            "a synced line"
        )
    print(f"{ATTEMPTS} attempts; opening is wanted in at most 20 ms.")


if __name__ == "__main__":
    main()
