"""Practicals: where they are found, what their front matter says, and their exercises' checks."""

import importlib
import os
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
_PACKAGED = Path(next(iter(mazoezi.practicals.__path__)))


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
        if self.folder.parent == _PACKAGED:
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
        if self.folder.parent != _PACKAGED and parent not in sys.path:
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
                    raise SourceError(
                        self.folder / "exercises.py", 1, f"The check of {value.id} is defined twice.",
                        "Keep one of them.",
                    )  # fmt: skip
        return found


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
    aims = field("aims", list, "[Say what a tensor is]")
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
    if set(budget) != wanted or not all(isinstance(one, int | float) for one in budget.values()):
        problem = f"The front matter's budget is {budget!r}."
        remedy = "Give seconds for solution, student and check."
        raise SourceError(path, _line_of(path, "budget"), problem, remedy)
    return {
        "id": field("id", str, "intro-jax"),
        "title": field("title", str, "Introduction to JAX"),
        "level": front["level"],
        "aims": tuple(aims),
        "prerequisites": tuple(field("prerequisites", list, "[NumPy basics]")),
        "minutes": field("minutes", int, "90"),
        "seeds": tuple(field("seeds", list, "[0, 1, 2]")),
        "devices": front.get("devices", 1),
        "budget": Budget(**budget),
    }


def _line_of(path: Path, name: str) -> int:
    """Return the line of the front matter that names a field; 1 where none does."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((i for i, line in enumerate(lines, 1) if line.strip().startswith(f"{name}:")), 1)


def practical_folders() -> Iterator[Path]:
    """Yield the folders of all practicals: those of MAZOEZI_PRACTICALS first, then ours."""
    places = [Path(p).resolve() for p in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if p]
    for place in [*places, _PACKAGED]:
        if (place / "practical.md").is_file():
            yield place
        elif place.is_dir():
            yield from sorted(p.parent for p in place.glob("*/practical.md"))


def all_practicals() -> list[Practical]:
    """Read every practical at hand."""
    return [read_practical(folder) for folder in practical_folders()]


def find_practical(name: str) -> Practical:
    """Return the practical of this id, or in the folder of this name.

    Raises MazoeziError that lists the practicals at hand where there is none.
    """
    if (Path(name) / "practical.md").is_file() or name.endswith("practical.md"):
        return read_practical(Path(name))
    folders = {folder.name.replace("_", "-"): folder for folder in practical_folders()}
    if name not in folders:
        known = ", ".join(folders) or "none"
        raise MazoeziError(f"There is no practical {name!r}. At hand: {known}.")
    return read_practical(folders[name])


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
