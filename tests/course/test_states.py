"""States of the workspace that a learner is told of once, with what still works."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from mazoezi import __version__
from mazoezi.course import practical
from mazoezi.course._states import notices, open_elsewhere
from mazoezi.course.workspace import VARIABLE, network_disk, open_workspace


def test_a_sound_workspace_is_not_spoken_of(workspace):
    assert list(notices(workspace)) == []


def test_a_read_only_workspace_is_told_once_and_checks_go_on(read_only, monkeypatch, capsys):
    monkeypatch.setenv(VARIABLE, str(read_only.folder))
    check, ask, *_ = practical("sample-practical")
    welcome = " ".join(capsys.readouterr().out.split())
    assert "Notebooks, checks and hints work" in " ".join(welcome.split())
    ask("S2", "C")
    assert "Passed" in (said := capsys.readouterr().out) and "Your workspace" not in said
    assert check is not None


def test_a_read_only_workspace_does_without_a_compilation_cache(read_only):
    assert read_only.compilation_cache is None
    assert read_only.folder not in read_only.server_log.parents


def fake_disk(monkeypatch, folder, fstype, opts="rw"):
    disks = [
        SimpleNamespace(mountpoint="/", fstype="ext4", opts="rw"),
        SimpleNamespace(mountpoint=str(folder), fstype=fstype, opts=opts),
        SimpleNamespace(mountpoint=f"{folder}-other", fstype="nfs4", opts="rw"),
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: disks)


def test_a_network_disk_is_told(workspace, monkeypatch):
    fake_disk(monkeypatch, workspace.folder.parent, "nfs4")
    (told,) = notices(workspace)
    assert "network disk (nfs4)" in told and "mazoezi export" in told


@pytest.mark.parametrize(
    ("fstype", "opts"), [("ext4", "rw"), ("tmpfs", "rw"), ("NTFS", "rw,fixed")]
)
def test_a_local_disk_is_none(workspace, monkeypatch, fstype, opts):
    fake_disk(monkeypatch, workspace.folder, fstype, opts)
    assert network_disk(workspace.folder) is None


def test_a_remote_drive_of_windows_is_one(workspace, monkeypatch):
    fake_disk(monkeypatch, workspace.folder, "NTFS", "rw,remote")
    assert network_disk(workspace.folder) == "NTFS"


def test_another_version_is_told_until_the_workspace_is_ours(workspace):
    path = workspace.folder / ".mazoezi" / "workspace.json"
    description = json.loads(path.read_text())
    path.write_text(json.dumps({**description, "version": "99.0"}))
    found = open_workspace(workspace.folder)
    (told,) = notices(found)
    assert "99.0" in told and __version__ in told and "All attempts are kept" in told
    found.describe()
    assert list(notices(open_workspace(workspace.folder))) == []
    assert open_workspace(workspace.folder).seed == description["seed"]


OTHER = """
import sys
from pathlib import Path
from mazoezi.course._states import open_elsewhere
from mazoezi.course.workspace import open_workspace
print(open_elsewhere(open_workspace(Path(sys.argv[1])), "sample-practical"), flush=True)
sys.stdin.read()
"""


def test_a_notebook_that_is_opened_twice_is_told_in_the_second_kernel(workspace, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(workspace.folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None and other.stdout.readline().strip() == "None"
        told = open_elsewhere(workspace, "sample-practical")
        assert told is not None and "open in another kernel too" in told
        assert open_elsewhere(workspace, "another-practical") is None
        monkeypatch.setenv("JPY_SESSION_NAME", "/a/copy.ipynb")
        assert open_elsewhere(workspace, "sample-practical") is None
        monkeypatch.delenv("JPY_SESSION_NAME")
        other.kill()
    assert open_elsewhere(workspace, "sample-practical") is None  # it has ended
    (mine,) = workspace.kernels.iterdir()
    assert json.loads(mine.read_text())["pid"] == os.getpid()


def test_a_damaged_registration_is_removed(workspace):
    workspace.kernels.mkdir()
    (workspace.kernels / "1.json").write_text("{")
    (workspace.kernels / "2.json").write_text('{"pid": null}')
    assert open_elsewhere(workspace, "sample-practical") is None
    assert len(list(workspace.kernels.iterdir())) == 1
