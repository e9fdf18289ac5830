"""Search the course: every word must occur in an exercise's id, title or prompt."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from mazoezi.course._practical import Practical
from mazoezi.course._source import ExerciseText
from mazoezi.course.home._map import Course

_BEFORE, _SHOWN = 60, 160  # characters of a prompt: before what was found, and altogether


@dataclass(frozen=True)
class Hit:
    """An exercise that holds all the words; or a section, or a practical, whose title does."""

    practical: Practical
    section: str = ""
    text: ExerciseText | None = None
    extract: str = ""


def search(course: Course, query: str, *, most: int = 30) -> list[Hit]:
    """Return what holds every word of `query`: first where the title does, then the prompts."""
    words = _plain(query).split()
    if not words:
        return []
    ranked = [
        (rank, hit)
        for hit, title, rest in _searched(course)
        if (rank := _rank(words, _plain(title), _plain(rest))) is not None
    ]
    best = [hit for _, hit in sorted(ranked, key=lambda one: one[0])][:most]
    return [replace(hit, extract=_extract(hit.text, words)) if hit.text else hit for hit in best]


def _searched(course: Course) -> Iterator[tuple[Hit, str, str]]:
    """Yield all that can be found, with its title and the rest of its text."""
    for practical in course.practicals:
        yield Hit(practical), practical.title, ""
        for section in course.sections[practical.id]:
            yield Hit(practical, section.title), section.title, ""
            for text in section.exercises:
                rest = f"{without_marks(text.prompt)} {text.slug} {text.kind} {section.title}"
                yield Hit(practical, section.title, text), f"{text.id} {text.title}", rest


def _rank(words: list[str], title: str, rest: str) -> int | None:
    """Return 0 where the title begins with the words, 1 where it holds them, 2 where the rest does."""
    if title.startswith(" ".join(words)):
        return 0
    if all(word in title for word in words):
        return 1
    return 2 if all(word in title or word in rest for word in words) else None


@lru_cache(4096)
def _plain(text: str) -> str:
    """Return text without case and accents, to compare."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@lru_cache(4096)
def without_marks(text: str) -> str:
    """Return a prompt as one line without Markdown's marks."""
    text = re.sub(
        r"\$\$.*?\$\$", "…", text, flags=re.DOTALL
    )  # a formula makes no reading in a line
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\s*(#+|[-*]|```\w*|\d+\.)\s*", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"[`*$]|\\(?=[a-zA-Z])", "", text).split())


def _extract(text: ExerciseText, words: list[str]) -> str:
    """Return the part of a prompt around the first word; its beginning where it holds none."""
    prompt = without_marks(text.prompt)
    found = min((at for word in words if (at := prompt.casefold().find(word)) >= 0), default=0)
    start = max(0, found - _BEFORE)
    end = start + _SHOWN
    if start:
        start = prompt.find(" ", start) + 1
    before, after = "…" if start else "", "…" if end < len(prompt) else ""
    return f"{before}{prompt[start:end].strip()}{after}"
