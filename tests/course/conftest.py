"""A small practical, and a session on it, for the engine's tests."""

from pathlib import Path

import pytest

from mazoezi.course._practical import SEARCH_PATH, Practical, read_practical
from mazoezi.course._session import Session
from mazoezi.course.workspace import VARIABLE, Workspace, create_workspace

SAMPLE = Path(__file__).parent / "sample_practical"


@pytest.fixture(autouse=True)
def _no_workspace_around(monkeypatch, tmp_path, tmp_path_factory):
    """Keep a test from the workspaces and the practicals of whoever runs it."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv(SEARCH_PATH, str(SAMPLE))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def sample() -> Practical:
    return read_practical(SAMPLE)


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return create_workspace(tmp_path / "workspace", seed=7)


@pytest.fixture
def session(sample, workspace) -> Session:
    return Session(sample, workspace)
