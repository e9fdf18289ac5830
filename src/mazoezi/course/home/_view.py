"""What the templates show: every word and address is decided here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from mazoezi.course._card import SIGNS
from mazoezi.course._practical import Practical
from mazoezi.course._source import ExerciseText, cell_id
from mazoezi.course.home._home import Home, Progress
from mazoezi.course.home._map import Course, Section
from mazoezi.course.home._search import Hit, search
from mazoezi.course.progress import Attempt, Standing


@dataclass(frozen=True)
class Row:
    """One exercise of the map."""

    id: str
    title: str
    facts: str
    verdict: str
    sign: str
    word: str
    tried: str  # how often, and what it counts
    address: str  # of the exercise in JupyterLab
    passed: bool


@dataclass(frozen=True)
class SectionView:
    """A section: its exercises, and how many of them are passed."""

    id: str
    title: str
    rows: tuple[Row, ...]
    passed: int
    quiz: str  # how many of its questions were answered rightly; empty where it has none
    address: str
    is_open: bool


@dataclass(frozen=True)
class PracticalView:
    """A practical: its sections, and how far the learner is."""

    id: str
    title: str
    facts: str
    sections: tuple[SectionView, ...]
    passed: int
    total: int
    address: str
    has_notebook: bool
    is_behind: bool  # its notebook has an earlier text of the course


@dataclass(frozen=True)
class Next:
    """Where to go on."""

    heading: str
    row: Row
    practical: str


@dataclass(frozen=True)
class Told:
    """One verdict of those given last."""

    id: str
    title: str
    sign: str
    word: str
    verdict: str
    gist: str
    time: str
    iso_time: str
    number: int = 0
    source: str | None = None


@dataclass(frozen=True)
class Page:
    """All that the home page shows."""

    practicals: tuple[PracticalView, ...]
    next: Next | None
    recent: tuple[Told, ...]
    notices: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True)
class HitView:
    """Something that a search found."""

    id: str
    title: str
    place: str
    extract: str
    address: str


def page(home: Home, course: Course, progress: Progress, base: str) -> Page:
    """Return what the home page shows; `base` is the address of the server."""
    standings = progress.standings
    found = _where_next(course, progress)
    current = found[2].id if found else None
    return Page(
        tuple(_practical(home, course, one, standings, current, base) for one in course.practicals),
        Next(found[0], _row(found[1], found[2], standings, base), found[1].title)
        if found
        else None,
        tuple(_told(course, attempt) for attempt in progress.recent),
        tuple(_notices(home, course, progress)),
        found is None and progress.problem is None and bool(course.practicals),
    )


def _notices(home: Home, course: Course, progress: Progress) -> Iterator[str]:
    if progress.problem:
        yield f"{progress.problem} Until then this page cannot show where you stand."
    if progress.recovered:
        yield progress.recovered
    yield from home.notices()
    yield from course.problems
    if not course.practicals:
        yield "There is no practical to show."


def _practical(
    home: Home,
    course: Course,
    practical: Practical,
    standings: dict[str, Standing],
    current: str | None,
    base: str,
) -> PracticalView:
    texts = practical.exercises.values()
    return PracticalView(
        practical.id,
        practical.title,
        f"{practical.level.capitalize()} · about {practical.minutes} min",
        tuple(
            _section(practical, number, one, standings, current, base)
            for number, one in enumerate(course.sections[practical.id], 1)
        ),
        sum(_standing(standings, text).passed for text in texts),
        len(texts),
        notebook_address(base, practical),
        (home.folder / f"{practical.id}.ipynb").exists(),
        home.is_behind(practical),
    )


def _section(
    practical: Practical,
    number: int,
    section: Section,
    standings: dict[str, Standing],
    current: str | None,
    base: str,
) -> SectionView:
    rows = tuple(_row(practical, text, standings, base) for text in section.exercises)
    return SectionView(
        f"{practical.id}-{number}",
        section.title,
        rows,
        sum(row.passed for row in rows),
        _quiz(section, standings),
        notebook_address(base, practical, f"heading={section.title}"),
        current in {row.id for row in rows},
    )


def _quiz(section: Section, standings: dict[str, Standing]) -> str:
    questions = [text for text in section.exercises if text.options]
    right = sum(_standing(standings, text).passed for text in questions)
    return f"Quiz: {right} of {len(questions)} right" if questions else ""


def _row(
    practical: Practical, text: ExerciseText, standings: dict[str, Standing], base: str
) -> Row:
    standing = _standing(standings, text)
    verdict = "passed" if standing.passed else standing.last
    sign, word = SIGNS[verdict]
    return Row(
        text.id, text.title, text.facts, verdict.replace(" ", "-"), sign, word,
        _tried(standing), exercise_address(base, practical, text), standing.passed,
    )  # fmt: skip


def _tried(standing: Standing) -> str:
    tries = standing.tries + standing.passed
    told = [f"{tries} {'try' if tries == 1 else 'tries'}"] if tries else []
    if standing.passed and standing.credit < 1:
        told.append(f"counts {standing.credit:.0%}")
    return ", ".join(told)


def _standing(standings: dict[str, Standing], text: ExerciseText) -> Standing:
    return standings.get(text.id, Standing())


def _where_next(course: Course, progress: Progress) -> tuple[str, Practical, ExerciseText] | None:
    """Return where to go on: the exercise that was left open, or the next one; None at the end."""
    exercises = list(course.exercises())
    ids = [text.id for _, text in exercises]
    newest = next((one.exercise for one in progress.recent if one.exercise in ids), None)
    after = ids.index(newest) if newest else 0
    ahead = exercises[after:] + exercises[:after]
    still_open = [pair for pair in ahead if not _standing(progress.standings, pair[1]).passed]
    still_open.sort(key=lambda pair: pair[1].optional and pair[1].id != newest)
    if not still_open:
        return None
    practical, text = still_open[0]
    heading = "Begin here" if newest is None else "Next"
    return ("Continue where you stopped" if text.id == newest else heading), practical, text


def _told(course: Course, attempt: Attempt) -> Told:
    found = course.find(attempt.exercise)
    sign, word = SIGNS.get(attempt.verdict, ("", attempt.verdict))
    time = datetime.fromisoformat(attempt.time).astimezone()
    return Told(
        attempt.exercise,
        found[1].title if found else "an exercise that left the course",
        sign,
        word,
        attempt.verdict.replace(" ", "-"),
        attempt.gist,
        f"{time.day} {time:%b, %H:%M}",
        attempt.time,
        attempt.number,
        attempt.source,
    )


def attempts_told(course: Course, attempts: list[Attempt]) -> list[Told]:
    """Return attempts as they are shown, the newest first."""
    return [_told(course, attempt) for attempt in reversed(attempts)]


def row_of(
    practical: Practical, text: ExerciseText, standings: dict[str, Standing], base: str
) -> Row:
    """Return one exercise as it stands on the map."""
    return _row(practical, text, standings, base)


def hits(course: Course, query: str, base: str) -> list[HitView]:
    """Return what a search found, as it is shown."""
    return [_hit(found, base) for found in search(course, query)]


def _hit(found: Hit, base: str) -> HitView:
    practical, text = found.practical, found.text
    if text is not None:
        address = exercise_address(base, practical, text)
        place = f"{practical.title} · {found.section}"
        return HitView(text.id, text.title, place, found.extract, address)
    if found.section:
        address = notebook_address(base, practical, f"heading={found.section}")
        return HitView("", found.section, practical.title, "", address)
    return HitView("", practical.title, "Practical", "", notebook_address(base, practical))


def exercise_address(base: str, practical: Practical, text: ExerciseText) -> str:
    """Return the address of an exercise in JupyterLab."""
    return notebook_address(base, practical, f"cell-id={cell_id(text.id, 'prompt')}")


def notebook_address(base: str, practical: Practical, place: str = "") -> str:
    """Return the address of a practical's notebook in JupyterLab, perhaps at a place in it."""
    address = f"{base}lab/tree/{quote(practical.id)}.ipynb"
    return f"{address}#{quote(place, safe='=')}" if place else address
