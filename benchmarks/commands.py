"""How long the command line keeps people waiting: help, build, start, and the practical's runs.

Run: python benchmarks/commands.py [practical]
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from mazoezi.course.workspace import VARIABLE, create_workspace

MAZOEZI = [sys.executable, "-m", "mazoezi"]


def seconds_of(*arguments: str, folder: Path, repeats: int = 5) -> float:
    """Return the median seconds of a whole command, after one run that is not counted."""
    environment = {**os.environ, VARIABLE: str(folder)}
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        subprocess.run([*MAZOEZI, *arguments], env=environment, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def seconds_to_a_page(folder: Path) -> float:
    """Return the seconds from `mazoezi start` to an answering page."""
    start = time.perf_counter()
    server = subprocess.Popen(
        [*MAZOEZI, "start", str(folder), "--no-browser"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        lines = iter(server.stdout.readline, "")
        address = next(m[0] for line in lines if (m := re.search(r"http://\S+", line)))
        urllib.request.urlopen(address, timeout=10).read()
        return time.perf_counter() - start
    finally:
        server.terminate()
        server.wait(20)


def main() -> None:
    practical = sys.argv[1] if len(sys.argv) > 1 else "intro-jax"
    with tempfile.TemporaryDirectory() as made:
        folder = create_workspace(Path(made) / "workspace").folder
        for arguments in (("--help",), ("list",), ("hint", "J1.3")):
            seconds = seconds_of(*arguments, folder=folder)
            print(f"mazoezi {' '.join(arguments)}: {seconds:.3f} s (wanted: at most 0.2 s)")
        seconds = seconds_of("build", "--to", made, folder=folder, repeats=3)
        print(f"mazoezi build, all notebooks: {seconds:.2f} s (wanted: at most 10 s)")
        pages = [seconds_to_a_page(folder) for _ in range(4)][1:]
        print(
            f"mazoezi start to an answering page: {statistics.median(pages):.2f} s "
            "(wanted: at most 5 s)"
        )
        for flags, name, wanted in (((), "solution", 180), (("--student",), "student", 60)):
            report = str(Path(made) / "report.html")
            seconds = seconds_of(
                "run", practical, *flags, "--report", report, folder=folder, repeats=1
            )
            print(f"The {name} run of {practical}: {seconds:.0f} s (wanted: at most {wanted} s)")


if __name__ == "__main__":
    main()
