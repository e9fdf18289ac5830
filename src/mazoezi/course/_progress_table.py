"""Print how far a learner is."""

from rich.console import Console
from rich.table import Table

from mazoezi.course._practical import Practical
from mazoezi.course.progress import Standing, Store


def print_progress(practicals: list[Practical], store: Store) -> None:
    """Print a table per practical: every exercise, its tries, and whether it is passed."""
    standings = store.standings()
    console = Console()
    for practical in practicals:
        rows = [(text, standings.get(text.id, Standing())) for text in practical.exercises.values()]
        passed = sum(standing.passed for _, standing in rows)
        table = Table(
            title=f"{practical.title}: {passed} of {len(rows)} passed", title_justify="left"
        )
        for heading in ("Exercise", "Title", "Standing", "Tries", "Counts"):
            table.add_column(heading)
        for text, standing in rows:
            table.add_row(text.id, text.title, *_cells(standing))
        console.print(table)


def _cells(standing: Standing) -> tuple[str, str, str]:
    if standing.passed:
        return "✓ passed", str(standing.tries + 1), f"{standing.credit:.0%}"
    if standing.tries:
        return "· tried", str(standing.tries), ""
    return "", "", ""
