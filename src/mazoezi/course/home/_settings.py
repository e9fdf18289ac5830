"""The page's own settings, remembered in the workspace."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from mazoezi._errors import ArgumentError
from mazoezi.course.workspace import write_atomically

THEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Settings:
    """How the page looks. Raises ArgumentError for an unknown theme."""

    theme: str = "system"
    larger_text: bool = False

    def __post_init__(self) -> None:
        if self.theme not in THEMES:
            raise ArgumentError("theme", self.theme, f"one of {', '.join(THEMES)}")


def read_settings(path: Path) -> Settings:
    """Return what was chosen; where nothing was, or the file is damaged, how it looks at first."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Settings(found["theme"], found["larger_text"] is True)
    except (OSError, ValueError, KeyError, TypeError):  # an ArgumentError is a ValueError
        return Settings()


def write_settings(path: Path, settings: Settings) -> None:
    """Remember what was chosen. Raises OSError where the workspace cannot be written."""
    write_atomically(path, json.dumps(asdict(settings)))
