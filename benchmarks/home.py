"""How long the home page takes, with 3 practicals and 500 or 50,000 attempts, beside JupyterLab's own.

Each round asks the same server for the page, for JupyterLab's page and for its list of files, in turns.
Before the first kind of request an attempt is written, so that the page is made anew each time; the
second is what an open page asks every two seconds while nothing is new.

Run: python benchmarks/home.py
"""

import os
import shutil
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

from mazoezi.course._practical import SEARCH_PATH, all_practicals
from mazoezi.course._server import add_notebooks, free_port, lab_server
from mazoezi.course._verdict import Verdict
from mazoezi.course.progress import connect, insert, now
from mazoezi.course.workspace import Workspace, create_workspace

SOURCE = "def relu(x):\n    return jnp.where(x > 0, x, 0)\n" * 10
WANTED = {500: 100, 50_000: 200}  # milliseconds, by attempts
ROUNDS, TOKEN = 40, "benchmark"


def third_practical(folder: Path) -> None:
    """Put a copy of the largest practical under another id beside the course's own."""
    largest = max(all_practicals(), key=lambda one: len(one.exercises))
    made = folder / "third"
    shutil.copytree(largest.folder, made, ignore=shutil.ignore_patterns("__pycache__"))
    text = (made / "practical.md").read_text(encoding="utf-8")
    text = text.replace(f"id: {largest.id}", "id: third", 1).replace("{exercise} ", "{exercise} T")
    (made / "practical.md").write_text(text, encoding="utf-8")
    os.environ[SEARCH_PATH] = str(made)


def fill(workspace: Workspace, attempts: int) -> None:
    """Let a learner try every exercise, again and again."""
    exercises = [(one.id, name) for one in all_practicals() for name in one.exercises]
    store = workspace.store
    with closing(connect(store.path)) as connection:
        connection.execute("BEGIN")
        for number in range(attempts):
            practical, exercise = exercises[number % len(exercises)]
            verdict = ("failed", "errored", "passed")[number // len(exercises) % 3]
            said = Verdict(exercise, verdict, "The last of 4 numbers is 3.0.").to_json()
            row = {
                "time": now(), "practical": practical, "exercise": exercise, "verdict": verdict,
                "source": f"{SOURCE}# {number}", "details": said, "versions": {"jax": "0.10.2"},
                "identity": f"{number:032x}",
            }  # fmt: skip
            insert(connection, "attempts", row)
        connection.execute("COMMIT")


def ask(address: str, stamp: str = "") -> tuple[float, int, str]:
    """Return an answer's milliseconds, bytes and ETag."""
    headers = {"Authorization": f"token {TOKEN}", "If-None-Match": stamp}
    request = urllib.request.Request(address, headers=headers)
    start = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            size, stamp = len(answer.read()), answer.headers.get("Etag", "")
    except urllib.error.HTTPError as error:
        assert error.code == 304, error
        error.close()
        size = 0
    return 1000 * (time.perf_counter() - start), size, stamp


def measure(workspace: Workspace, attempts: int) -> None:
    port = free_port(None)
    server = f"http://127.0.0.1:{port}"
    with lab_server(workspace, port, TOKEN):
        first, size, stamp = ask(f"{server}/mazoezi")
        times: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            workspace.store.record("intro-jax", "x", Verdict("J1.3", "failed", "Said."), {})
            for what, address in {
                "the home page": "/mazoezi", "a search": "/mazoezi?q=gradient",
                "JupyterLab's page": "/lab", "the list of files": "/api/contents",
            }.items():  # fmt: skip
                times.setdefault(what, []).append(ask(server + address)[0])
            stamp = ask(f"{server}/mazoezi")[2]
            times.setdefault("no news", []).append(ask(f"{server}/mazoezi", stamp)[0])
    page = statistics.median(times["the home page"])
    print(f"{attempts} attempts: the first page took {first:.0f} ms and has {size / 1000:.0f} KB")
    for what, each in times.items():
        middle, p95 = statistics.median(each), statistics.quantiles(each, n=20)[-1]
        print(
            f"  {what:17}: median {middle:6.1f} ms, p95 {p95:6.1f} ms, {middle / page:5.2f} of the page"
        )
    print(f"  The home page is wanted in at most {WANTED[attempts]} ms.")


def main() -> None:
    for attempts in WANTED:
        with tempfile.TemporaryDirectory() as made:
            third_practical(Path(made))
            workspace = create_workspace(Path(made) / "workspace", seed=7)
            practicals = all_practicals()
            add_notebooks(workspace, practicals)
            fill(workspace, attempts)
            exercises = sum(len(one.exercises) for one in practicals)
            print(f"{len(practicals)} practicals, {exercises} exercises")
            measure(workspace, attempts)
        del os.environ[SEARCH_PATH]


if __name__ == "__main__":
    main()
