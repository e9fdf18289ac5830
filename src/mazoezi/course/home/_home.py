"""What the page is made of: the course, the learner's standings and settings, each read when it changes."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mazoezi import __version__
from mazoezi._errors import WorkspaceError
from mazoezi.course._practical import Practical, practical_folders
from mazoezi.course._states import notices
from mazoezi.course._update import is_behind
from mazoezi.course.home._map import Course, Reader, Stamp, stamp_of
from mazoezi.course.home._settings import Settings, read_settings, write_settings
from mazoezi.course.progress import Attempt, Standing, Store
from mazoezi.course.workspace import Workspace, open_workspace

PATIENCE = 1.0  # seconds for which a page waits for a store that another program is using
RECENT = 10  # verdicts


@dataclass(frozen=True)
class Progress:
    """Where the learner stands with the course; with a store that cannot be read, nowhere yet."""

    standings: dict[str, Standing] = field(default_factory=dict)
    recent: tuple[Attempt, ...] = ()  # newest first
    problem: str | None = None  # why the store cannot be read
    recovered: str | None = None  # what was done about a damaged one


@dataclass
class Home:
    """One learner's workspace, as its page needs it. Its methods may be called from any thread."""

    folder: Path
    reader: Reader = field(default_factory=Reader)
    _behind: dict[str, tuple[Practical, Stamp, bool]] = field(default_factory=dict)
    _unwritten: Settings | None = None  # what could not be remembered, in a read-only workspace

    @property
    def workspace(self) -> Workspace:
        """The workspace as it is now. Raises WorkspaceError where it cannot be used."""
        return open_workspace(self.folder)

    @cached_property
    def store(self) -> Store:
        """The store, which does not wait long. Raises WorkspaceError where it cannot be used."""
        return Store(self.workspace.progress_file, patience=PATIENCE)

    def course(self) -> Course:
        """Return the course as its files are now."""
        return self.reader.read()

    def progress(self) -> Progress:
        """Return where the learner stands."""
        try:
            standings = self.store.standings()
            recent = self.store.attempts(newest=RECENT)
        except WorkspaceError as error:
            return Progress(problem=str(error))
        return Progress(standings, tuple(reversed(recent)), recovered=self.store.recovered)

    def notices(self) -> list[str]:
        """Return what the learner should know of the workspace."""
        try:
            return list(notices(self.workspace))
        except WorkspaceError as error:
            return [str(error)]

    def is_behind(self, practical: Practical) -> bool:
        """Say whether the learner's notebook of a practical has an earlier text of the course."""
        stamp = stamp_of(self.folder / f"{practical.id}.ipynb")
        known = self._behind.get(practical.id)
        if known is None or known[0] is not practical or known[1] != stamp:
            known = practical, stamp, self._find_behind(practical)
            self._behind[practical.id] = known
        return known[2]

    def _find_behind(self, practical: Practical) -> bool:
        try:
            return is_behind(practical, self.workspace)
        except WorkspaceError:  # of which there is a notice already
            return False

    @property
    def _settings_file(self) -> Path:
        return self.folder / ".mazoezi" / "home.json"

    def settings(self) -> Settings:
        """Return how the page should look."""
        return self._unwritten or read_settings(self._settings_file)

    def change_settings(self, settings: Settings) -> None:
        """Remember how the page should look; where nothing can be written, until the server stops."""
        try:
            write_settings(self._settings_file, settings)
            self._unwritten = None
        except OSError:
            self._unwritten = settings

    def stamp(self) -> str:
        """Return a text that changes whenever the page does, without reading any file's content."""
        folders = list(practical_folders())
        files = [folder / "practical.md" for folder in folders]
        files += [self.folder / f"{folder.name.replace('_', '-')}.ipynb" for folder in folders]
        files += [self.folder / ".mazoezi" / name for name in ("progress.sqlite", "workspace.json")]
        found = [stamp_of(path) for path in files]
        known = repr((__version__, self.settings(), found))
        return hashlib.sha256(known.encode()).hexdigest()[:20]
