"""How long an update of a learner's notebook takes, with its files, beside reading it with nbformat.

The notebook is the practical's own, with an answer in every answer cell and 20 cells of the learner's
own; the course's text is that of today, so the update is given one whose prose was another.

Run: python benchmarks/update.py [practical]
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat

from mazoezi.course._notebooks import notebook
from mazoezi.course._practical import Practical, find_practical
from mazoezi.course._update import update_notebook
from mazoezi.course.workspace import create_workspace, write_atomically


def worked_on(practical: Practical) -> str:
    """Return an earlier notebook in which a learner has worked, as JSON."""
    document = notebook(practical, "student")
    for number, cell in enumerate(document["cells"]):
        tie = cell["metadata"].get("mazoezi", {})
        if tie.get("role") == "answer":
            cell["source"] += "\n# my answer"
        elif number % 5 == 0 and not tie:
            cell["id"] = f"old-{number}"  # a text that the course no longer has
    for number in range(20):
        own = {"cell_type": "markdown", "id": f"mine-{number}", "metadata": {}, "source": "Mine."}
        document["cells"].insert(15 * number, own)
    return json.dumps(document)


def median_seconds(work: Callable[[], object], before: Callable[[], object]) -> float:
    """Return the median seconds of some work, each time after `before`."""
    times = []
    for _ in range(15):
        before()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    practical = find_practical(sys.argv[1] if len(sys.argv) > 1 else "intro-jax")
    text = worked_on(practical)
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder))
        path = workspace.notebook(practical.id)

        def reset() -> None:
            path.write_text(text)

        def peer() -> None:
            document = nbformat.read(path, as_version=4)
            nbformat.validate(document)
            write_atomically(path, nbformat.writes(document))

        ours = median_seconds(lambda: update_notebook(practical, workspace), reset)
        theirs = median_seconds(peer, reset)
        reset()
        update_notebook(practical, workspace)
        again = median_seconds(lambda: update_notebook(practical, workspace), lambda: None)
    cells = len(json.loads(text)["cells"])
    print(
        f"Update of {cells} cells, with backup and files: {ours:.3f} s (wanted: at most 1 s), "
        f"{ours / theirs:.2f} times nbformat's reading, validating and writing ({theirs:.3f} s)"
    )
    print(f"A second update, which changes nothing: {again:.3f} s")


if __name__ == "__main__":
    main()
