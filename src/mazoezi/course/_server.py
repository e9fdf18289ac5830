"""Open JupyterLab on a workspace: its own token, no call to the outside."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mazoezi._errors import MazoeziError
from mazoezi.course import home
from mazoezi.course._notebooks import notebook, to_json
from mazoezi.course._practical import SEARCH_PATH, Practical, search_path
from mazoezi.course.workspace import VARIABLE, Workspace, write_atomically

_CONFIGURATION = Path(__file__).parent / "jupyter"
_IN_JUPYTERLAB = Path(__file__).parent / "home" / "labextension"  # opens a notebook at an exercise
_SETTINGS = (
    "--ServerApp.open_browser=False",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--Application.log_level=WARN",
    # JupyterLab asks for newer versions and extensions over the network; we are offline. That it
    # does not ask for news either is in the configuration folder.
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    f"--LabApp.extra_labextensions_path={_IN_JUPYTERLAB}",
    f"--ServerApp.jpserver_extensions={home.__name__}=True",
)


def add_notebooks(workspace: Workspace, practicals: list[Practical]) -> list[Path]:
    """Put each practical's student notebook into the workspace, where there is none yet."""
    added = []
    for practical in practicals:
        path = workspace.notebook(practical.id)
        if not path.exists():
            write_atomically(path, to_json(notebook(practical, "student")))
            added.append(path)
    return added


def free_port(wanted: int | None) -> int:
    """Return the port wanted, or the first free one from 8888.

    Raises MazoeziError where the port wanted is taken.
    """
    for port in [wanted] if wanted else range(8888, 8988):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    taken = f"Port {wanted} is" if wanted else "The ports 8888 to 8987 are"
    raise MazoeziError(f"{taken} taken. Choose another with --port.")


@contextmanager
def lab_server(workspace: Workspace, port: int, token: str) -> Iterator[subprocess.Popen]:
    """Run JupyterLab on the workspace as long as the context lasts; it logs into the workspace.

    Raises MazoeziError where it does not answer within a minute.
    """
    environment = {
        **os.environ,
        VARIABLE: str(workspace.folder),
        SEARCH_PATH: search_path(),  # its kernels run in the workspace, not here
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, (str(_CONFIGURATION), os.environ.get("JUPYTER_CONFIG_PATH")))
        ),
    }
    command = [sys.executable, "-m", "jupyterlab", *_SETTINGS, f"--ServerApp.port={port}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with workspace.server_log.open("wb") as log:
        server = subprocess.Popen(
            [*command, f"--ServerApp.root_dir={workspace.folder}"],
            cwd=workspace.folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_it_answers(server, port, token, workspace.server_log)
        yield server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_it_answers(server: subprocess.Popen, port: int, token: str, log: Path) -> None:
    # Only our own server takes the token: another may have taken the port in the meantime.
    address = f"http://127.0.0.1:{port}/api/status?token={token}"
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if server.poll() is not None:
            raise MazoeziError(
                f"JupyterLab stopped at once (exit code {server.returncode}); {log} says why."
            )
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)
    raise MazoeziError(f"JupyterLab did not answer within a minute; {log} may say why.")


def serve(
    workspace: Workspace,
    *,
    port: int | None,
    browser: bool,
    told: Callable[[str], None],
) -> int:
    """Serve the workspace until it is interrupted; return the server's exit code.

    The address of the home page is told, and opened where `browser` is set.
    """
    # Ended by a signal, we end JupyterLab too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    token, port = secrets.token_urlsafe(24), free_port(port)
    address = f"http://127.0.0.1:{port}/{home.NAME}?token={token}"
    with lab_server(workspace, port, token) as server:
        told(f"Open {address}")
        told("Stop with Ctrl-C; your work is kept.")
        if browser:
            webbrowser.open(address)
        try:
            return server.wait()
        except KeyboardInterrupt:
            return 0
