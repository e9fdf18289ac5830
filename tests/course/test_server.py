"""`mazoezi start` serves the workspace, on this machine only, behind its own token."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from mazoezi._errors import MazoeziError
from mazoezi.course._server import add_notebooks, free_port, lab_server
from mazoezi.course.workspace import VARIABLE


def get(address):
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def test_notebooks_are_added_once_and_never_overwritten(workspace, sample):
    (path,) = add_notebooks(workspace, [sample])
    path.write_text("mine")
    assert add_notebooks(workspace, [sample]) == []
    assert path.read_text() == "mine"


def test_a_taken_port_is_told():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(MazoeziError, match=str(port)):
            free_port(port)


@pytest.mark.slow
def test_only_the_token_opens_the_workspace(workspace, sample, unused_port):
    add_notebooks(workspace, [sample])
    port = unused_port()
    with lab_server(workspace, port, "secret"):
        contents = f"http://127.0.0.1:{port}/api/contents"
        listed = json.loads(get(f"{contents}?token=secret"))
        assert "sample-practical.ipynb" in {item["name"] for item in listed["content"]}
        with pytest.raises(urllib.error.HTTPError, match="403"):
            get(contents)
    with pytest.raises(urllib.error.URLError):
        get(contents)


@pytest.mark.slow
def test_start_prints_an_address_that_answers(tmp_path):
    environment = {**os.environ, VARIABLE: ""}
    command = [sys.executable, "-m", "mazoezi", "start", str(tmp_path / "w"), "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "")
        address = next(m[0] for line in lines if (m := re.search(r"http://\S+", line)))
        assert "Your course" in get(address)
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0
        if server.stdout:
            server.stdout.close()
    assert (tmp_path / "w" / "sample-practical.ipynb").exists()
