"""Run a notebook in a kernel of its own, and write it as one self-contained HTML page."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mazoezi.course._practical import SEARCH_PATH, Practical, search_path
from mazoezi.course.workspace import VARIABLE, Workspace

_OFFLINE = """
import socket as _socket

def _refuse_the_network(original):
    def connect(self, address, *args):
        local = self.family == getattr(_socket, "AF_UNIX", None) or address[0] in (
            "127.0.0.1", "::1", "localhost"
        )
        if not local:
            raise OSError(f"This practical used the network: {address}")
        return original(self, address, *args)
    return connect

_socket.socket.connect = _refuse_the_network(_socket.socket.connect)
_socket.socket.connect_ex = _refuse_the_network(_socket.socket.connect_ex)
"""


@dataclass(frozen=True)
class Execution:
    """What came of running a notebook: the notebook with its outputs, errors and seconds."""

    document: Any
    errors: tuple[tuple[int, str], ...]  # (cell number, "ErrorName: message")
    seconds: float


def execute(
    practical: Practical,
    document: dict[str, Any],
    workspace: Workspace,
    *,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
    timeout: int = 600,
) -> Execution:
    """Run every cell, in a kernel that cannot reach the network; errors do not stop the run.

    `on_cell` is told how many cells are done, of how many. Attempts go to `workspace`.
    """
    import nbformat
    from jupyter_core.utils import run_sync
    from nbclient import NotebookClient

    given = {**document, "cells": [_offline_cell(), *document["cells"]]}
    cells = nbformat.reads(json.dumps(given), as_version=4)
    total = len(document["cells"])
    environment = {
        **os.environ,
        VARIABLE: str(workspace.folder),
        SEARCH_PATH: search_path(practical.folder),
    }
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mazoezi-") as sockets:
        manager = _kernel_manager(sockets)
        client = NotebookClient(
            cells,
            km=manager,
            timeout=timeout,
            allow_errors=True,
            resources={"metadata": {"path": str(workspace.folder)}},
            on_cell_complete=lambda cell, cell_index: on_cell(cell_index, total),
        )
        try:
            client.execute(env=environment)
        finally:
            if client.kc is not None:  # nbclient leaves the sockets of a manager not its own open
                client.kc.stop_channels()
            run_sync(manager.shutdown_kernel)(now=True)
    seconds = time.perf_counter() - start
    cells["cells"].pop(0)
    return Execution(cells, tuple(_errors(cells)), seconds)


def _kernel_manager(folder: str) -> Any:
    """Return a manager of a kernel that is spoken to by socket files in `folder`, if there can be."""
    from jupyter_client.manager import AsyncKernelManager

    if sys.platform == "win32":
        return AsyncKernelManager(kernel_name="python3")
    return AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{folder}/kernel")


def _offline_cell() -> dict[str, Any]:
    return {
        "cell_type": "code", "id": "offline", "metadata": {}, "source": _OFFLINE, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


def _errors(document: Any) -> list[tuple[int, str]]:
    return [
        (number, f"{output['ename']}: {output['evalue']}")
        for number, cell in enumerate(document["cells"])
        for output in cell.get("outputs", ())
        if output["output_type"] == "error"
    ]


def write_report(document: Any, path: Path, title: str) -> None:
    """Write an executed notebook as one HTML file that needs no network: formulas as MathML.

    Controls need a kernel, so they are left out; the figures that they drew are there.
    """
    from mazoezi.course._report import report_html
    from mazoezi.course.workspace import write_atomically

    write_atomically(path, report_html(document, title))
