"""A small practical, and a session on it, for the engine's tests."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mazoezi.course._practical import SEARCH_PATH, Practical, read_practical
from mazoezi.course._session import Session
from mazoezi.course.workspace import VARIABLE, Workspace, create_workspace, open_workspace

SAMPLE = Path(__file__).parent / "sample_practical"


@pytest.fixture(autouse=True)
def _no_workspace_around(monkeypatch, tmp_path, tmp_path_factory):
    """Keep a test from the workspaces and the practicals of whoever runs it."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv(SEARCH_PATH, str(SAMPLE))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def unused_port() -> Callable[[], int]:
    """Return what finds a port for a server; test processes that run side by side find different ones."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


@pytest.fixture
def sample() -> Practical:
    return read_practical(SAMPLE)


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return create_workspace(tmp_path / "workspace", seed=7)


@pytest.fixture
def session(sample, workspace) -> Session:
    return Session(sample, workspace)


@pytest.fixture
def read_only(workspace) -> Iterator[Workspace]:
    """Make the workspace's disk read-only, by mounting it so, or by its permissions."""
    folder = workspace.folder
    mounted = (
        subprocess.run(["mount", "--bind", folder, folder], capture_output=True).returncode == 0
        and subprocess.run(
            ["mount", "-o", "remount,ro,bind", folder], capture_output=True
        ).returncode == 0
    )  # fmt: skip
    if not mounted:
        for path in (folder, folder / ".mazoezi"):
            path.chmod(0o555)
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write everywhere, and may not mount")
    yield open_workspace(folder)
    if mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)
    for path in (folder, folder / ".mazoezi"):
        path.chmod(0o755)
