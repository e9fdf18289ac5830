"""Practicals: where they are found, what their front matter says, and their exercises' checks."""

import importlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import mazoezi.practicals
from mazoezi._errors import MazoeziError, SourceError, UnknownExerciseError
from mazoezi.course._source import LEVELS, Cell, ExerciseText, Source, read_source

if TYPE_CHECKING:
    from mazoezi.course._exercises import Exercise

SEARCH_PATH = "MAZOEZI_PRACTICALS"
PACKAGED = Path(next(iter(mazoezi.practicals.__path__)))


@dataclass(frozen=True)
class Budget:
    """Seconds that a practical may take on two cores: its two runs, and one warm check."""

    solution: float
    student: float
    check: float


@dataclass(frozen=True)
class Practical:
    """One practical: front matter, cells and exercises of its source."""

    id: str
    title: str
    level: str
    aims: tuple[str, ...]
    prerequisites: tuple[str, ...]
    minutes: int
    seeds: tuple[int, ...]
    devices: int  # how many devices JAX should see; emulated where there are fewer
    budget: Budget
    source: Source

    @property
    def folder(self) -> Path:
        return self.source.path.parent

    @property
    def cells(self) -> tuple[Cell, ...]:
        return self.source.cells

    @property
    def exercises(self) -> dict[str, ExerciseText]:
        return self.source.exercises

    def module(self, name: str) -> ModuleType:
        """Import one of the practical's modules, such as `exercises`. May load JAX.

        Raises SourceError where the module does not import, naming the file and the line.
        """
        if not (self.folder / f"{name}.py").is_file() and not (self.folder / name).is_dir():
            raise SourceError(
                self.folder / f"{name}.py", 1, f"There is no module {name}.py.",
                "Write it; where nothing needs it, it may be empty.",
            )  # fmt: skip
        if self.folder.parent == PACKAGED:
            full = f"mazoezi.practicals.{self.folder.name}.{name}"
        else:
            self.make_importable()
            full = f"{self.folder.name}.{name}"
        try:
            return importlib.import_module(full)
        except Exception as error:
            raise _import_problem(self.folder, name, error) from error

    def make_importable(self) -> None:
        """Let Python import a practical that lives outside the package."""
        parent = str(self.folder.parent)
        if self.folder.parent != PACKAGED and parent not in sys.path:
            sys.path.insert(0, parent)

    def checks(self) -> "dict[str, Exercise]":
        """Return the checks that `exercises.py` defines, by exercise id. Loads JAX."""
        from mazoezi.course._exercises import CodeExercise, ExperimentExercise, MathsExercise

        kinds = CodeExercise | MathsExercise | ExperimentExercise
        found: dict[str, Exercise] = {}
        for value in vars(self.module("exercises")).values():
            if isinstance(value, kinds):
                other = found.setdefault(value.id, value)
                if other is not value:
                    problem = f"The check of {value.id} is defined twice."
                    raise SourceError(*self.place_of_check(value.id), problem, "Keep one of them.")
        return found

    def place_of_check(self, exercise: str) -> tuple[Path, int]:
        """Return the file and the line on which an exercise's check is begun, the last if many."""
        begun = re.compile(rf"""_exercise\(\s*["']{re.escape(exercise)}["']""")
        place = self.folder / "exercises.py", 1
        for path in sorted(self.folder.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            for match in begun.finditer(text):
                place = path, text.count("\n", 0, match.start()) + 1
        return place


def _import_problem(folder: Path, name: str, error: Exception) -> SourceError:
    """Return the error to show when a practical's module does not import."""
    line, trace = 1, error.__traceback__
    path = folder / f"{name}.py" if (folder / f"{name}.py").exists() else folder / name
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).is_relative_to(folder):
            path, line = Path(trace.tb_frame.f_code.co_filename), trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        path, line = Path(error.filename), error.lineno or 1
    return SourceError(path, line, f"{type(error).__name__}: {error}.", "Mend the module.")


def read_practical(path: Path) -> Practical:
    """Read the practical in the folder `path`, or whose `practical.md` is `path`.

    Raises SourceError, naming file, line and remedy, where the source is wrong.
    """
    path = path if path.name.endswith(".md") else path / "practical.md"
    if not path.is_file():
        raise MazoeziError(f"There is no practical at {path.parent}: it has no practical.md.")
    source = read_source(path.resolve())
    front = source.front.get("mazoezi")
    if not isinstance(front, dict):
        raise SourceError(
            path, 1, "The front matter has no `mazoezi:` part.", "Add it, with an id."
        )
    return Practical(source=source, **_front_fields(path, front))


def read_or_tell(folder: Path) -> Practical | str:
    """Read the practical in a folder; where that is impossible, return a sentence that says why."""
    try:
        return read_practical(folder)
    except (MazoeziError, OSError) as error:
        return f"The practical in {folder.name} cannot be read, and is left out. {error}"


def _front_fields(path: Path, front: dict[str, Any]) -> dict[str, Any]:
    """Return the front matter's fields, each proven to be what it should."""

    def field(name: str, kind: type, example: str) -> Any:
        if not isinstance(front.get(name), kind) or not front[name]:
            problem = f"The front matter's `{name}` is {front.get(name)!r}."
            raise SourceError(
                path, _line_of(path, name), problem, f"Write e.g. `{name}: {example}`."
            )
        return front[name]

    known = {
        "id",
        "title",
        "level",
        "aims",
        "prerequisites",
        "minutes",
        "seeds",
        "devices",
        "budget",
    }
    if unknown := set(front) - known:
        name = sorted(unknown)[0]
        problem = f"The front matter has the unknown field {name!r}."
        raise SourceError(
            path, _line_of(path, name), problem, f"It may have {', '.join(sorted(known))}."
        )

    def texts(name: str, example: str) -> list[str]:
        found = field(name, list, f"[{example}]")
        for one in found:
            if not isinstance(one, str):
                problem = f"The front matter's `{name}` hold {one!r}, which is no text."
                raise SourceError(path, _line_of(path, name), problem, "Put it in quotes.")
        return found

    def whole(name: str, value: Any) -> int:
        if type(value) is not int or value < 1:
            problem = f"The front matter's `{name}` is {value!r}."
            raise SourceError(path, _line_of(path, name), problem, "Give a whole number from 1.")
        return value

    aims = texts("aims", "Say what a tensor is")
    if len(aims) > 5:
        problem = f"The front matter has {len(aims)} aims."
        raise SourceError(path, _line_of(path, "aims"), problem, "Keep the five that matter most.")
    if field("level", str, "beginner") not in LEVELS:
        problem = f"The front matter's level {front['level']!r} is unknown."
        raise SourceError(
            path, _line_of(path, "level"), problem, f"Use one of {', '.join(LEVELS)}."
        )
    budget = field("budget", dict, "{solution: 180, student: 60, check: 0.3}")
    wanted = {"solution", "student", "check"}
    if set(budget) != wanted or not all(map(_is_duration, budget.values())):
        problem = f"The front matter's budget is {budget!r}."
        remedy = "Give seconds for solution, student and check."
        raise SourceError(path, _line_of(path, "budget"), problem, remedy)
    return {
        "id": field("id", str, "intro-jax"),
        "title": field("title", str, "Introduction to JAX"),
        "level": front["level"],
        "aims": tuple(aims),
        "prerequisites": tuple(texts("prerequisites", "NumPy basics")),
        "minutes": whole("minutes", field("minutes", int, "90")),
        "seeds": tuple(field("seeds", list, "[0, 1, 2]")),
        "devices": whole("devices", front.get("devices", 1)),
        "budget": Budget(**budget),
    }


def _is_duration(value: Any) -> bool:
    return type(value) in (int, float) and value > 0


def _line_of(path: Path, name: str) -> int:
    """Return the line of the front matter that names a field; 1 where none does."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((i for i, line in enumerate(lines, 1) if line.strip().startswith(f"{name}:")), 1)


def search_path(*first: Path) -> str:
    """Return `first` and the folders of MAZOEZI_PRACTICALS, fit for a process in any folder."""
    named = [Path(one) for one in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if one]
    return os.pathsep.join(str(one.expanduser().resolve()) for one in [*first, *named])


def practical_folders() -> Iterator[Path]:
    """Yield the folders of all practicals: those of MAZOEZI_PRACTICALS first, then ours."""
    places = [Path(one) for one in search_path().split(os.pathsep) if one]
    for place in [*places, PACKAGED]:
        if (place / "practical.md").is_file():
            yield place
        elif place.is_dir():
            yield from sorted(
                (p.parent for p in place.glob("*/practical.md")), key=_place_in_course
            )


def _place_in_course(folder: Path) -> tuple[int, str]:
    """Return what practicals are sorted by: the course's order, then the others by name."""
    order = mazoezi.practicals.ORDER
    return (order.index(folder.name) if folder.name in order else len(order)), folder.name


def all_practicals() -> list[Practical]:
    """Read every practical at hand."""
    return [read_practical(folder) for folder in practical_folders()]


def find_practical(name: str) -> Practical:
    """Return the practical of this id, or in the folder of this name.

    An id is looked up in MAZOEZI_PRACTICALS and among ours; then beside this folder's files and one
    folder up, so that a notebook finds the practical that it was built from. Raises MazoeziError
    that lists the practicals at hand where there is none.
    """
    if (Path(name) / "practical.md").is_file() or name.endswith("practical.md"):
        return read_practical(Path(name))
    found_first = reversed(list(practical_folders()))
    folders = {folder.name.replace("_", "-"): folder for folder in found_first}
    near = (place / name.replace("-", "_") for place in (Path.cwd(), Path.cwd().parent))
    found = folders.get(name) or next((one for one in near if _holds_practical(one)), None)
    if found is None:
        known = ", ".join(folders) or "none"
        raise MazoeziError(
            f"There is no practical {name!r}. At hand: {known}. The variable {SEARCH_PATH} may name "
            "folders that hold others."
        )
    return read_practical(found)


def _holds_practical(folder: Path) -> bool:
    return (folder / "practical.md").is_file()


def find_exercise(exercise: str) -> Practical:
    """Return the practical that holds an exercise.

    Raises UnknownExerciseError, naming the nearest ids, where none does.
    """
    import difflib

    for folder in practical_folders():
        # A glance at the text is far cheaper than parsing every practical.
        if f"{{exercise}} {exercise} " in (folder / "practical.md").read_text(encoding="utf-8"):
            return read_practical(folder)
    known = [known for practical in all_practicals() for known in practical.exercises]
    near = difflib.get_close_matches(exercise, known, n=3, cutoff=0.5)
    did_you_mean = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UnknownExerciseError(
        f"There is no exercise {exercise!r}.{did_you_mean} `mazoezi list` shows all."
    )
