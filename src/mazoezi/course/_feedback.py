"""What learners say of the practicals, as text and as a table for a spreadsheet."""

import csv
import re
from datetime import datetime
from typing import TextIO

from mazoezi.course.progress import Feedback

_COLUMNS = ("time", "practical", "rating", "minutes", "comment")


def feedback_told(given: list[Feedback]) -> str:
    """Return what was said, a paragraph for each time."""
    if not given:
        return "No feedback yet. The home page that `mazoezi start` opens has a form for it."
    return "\n\n".join(_told(one) for one in given)


def _told(one: Feedback) -> str:
    time = datetime.fromisoformat(one.time).astimezone().strftime("%Y-%m-%d %H:%M")
    took = f", {one.minutes} minutes" if one.minutes else ""
    facts = f"{one.practical}  {one.rating} of 5{took}  ({time})"
    return "\n".join([facts, *(f"  {line}" for line in one.comment.splitlines())])


def write_csv(given: list[Feedback], file: TextIO) -> None:
    """Write what was said as comma-separated values, with a line of headings."""
    table = csv.writer(file)
    table.writerow(_COLUMNS)
    for one in given:
        minutes = "" if one.minutes is None else one.minutes
        table.writerow([one.time, one.practical, one.rating, minutes, _as_text(one.comment)])


def _as_text(comment: str) -> str:
    """Return a comment that no spreadsheet takes for a formula."""
    return f"'{comment}" if re.match(r"[=+\-@\t\r]", comment) else comment
