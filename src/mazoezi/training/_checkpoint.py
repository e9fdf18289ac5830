"""Save a training state to a file and get the very same bits back.

A checkpoint file has one line of JSON, with the shapes and types of all leaves and a checksum, and
then the leaves as Equinox writes them. Functions and other leaves that are no numbers are not
saved; they come from the state that the file is restored into.
"""

import contextlib
import hashlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np

from mazoezi._errors import CheckpointError
from mazoezi.training._state import TrainState

_FORMAT = "mazoezi checkpoint 1"


def save_state(path: Path | str, state: TrainState) -> None:
    """Write a state to a file, all of it or nothing.

    The file appears under its name only when it is complete and on the disk, so that a crash
    leaves the previous checkpoint whole. Missing folders are made.
    """
    path = Path(path)
    payload = _payload(state)
    header = {
        "format": _FORMAT,
        "leaves": _signature(state),
        "sha256": hashlib.sha256(payload).hexdigest(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_atomically(path, json.dumps(header).encode() + b"\n" + payload)


def restore_state(path: Path | str, like: TrainState) -> TrainState:
    """Read a state from a file.

    Args:
        path: a file that `save_state` wrote.
        like: a state of the same structure, shapes and types, for example a fresh one from
            `init_state`; its numbers do not matter.

    Returns:
        The saved state, bit for bit.

    Raises:
        CheckpointError: the file is missing, damaged, no checkpoint, or of another structure.
    """
    path = Path(path)
    header, payload = _read(path)
    saved, wanted = header["leaves"], _signature(like)
    for leaf in [*wanted, *saved]:
        if saved.get(leaf) != wanted.get(leaf):
            raise CheckpointError(
                f"{path} holds another training state: {leaf or 'the state'} is "
                f"{saved.get(leaf, 'missing')} in the file, {wanted.get(leaf, 'missing')} here. "
                "Restore it into a state built from the same model and the same optimiser."
            )
    return eqx.tree_deserialise_leaves(io.BytesIO(payload), like)


def _payload(state: TrainState) -> bytes:
    buffer = io.BytesIO()
    eqx.tree_serialise_leaves(buffer, state)
    return buffer.getvalue()


def _signature(state: TrainState) -> dict[str, str]:
    """Type and shape of each leaf by its path, as text."""
    paths, _ = jax.tree_util.tree_flatten_with_path(state)
    return {jax.tree_util.keystr(path): _describe(leaf) for path, leaf in paths}


def _describe(leaf: Any) -> str:
    if isinstance(leaf, jax.Array | np.ndarray):
        return f"{leaf.dtype}{list(leaf.shape)}"
    return type(leaf).__name__


def _write_atomically(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    """The header and the payload of a checkpoint whose checksum is right."""
    try:
        first_line, _, payload = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise CheckpointError(
            f"{path} cannot be read as a checkpoint: {error.strerror}."
        ) from error
    try:
        header = json.loads(first_line)
        known = header["format"] == _FORMAT
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise CheckpointError(f"{path} is no checkpoint that this version of mazoezi can read.")
    if hashlib.sha256(payload).hexdigest() != header.get("sha256"):
        raise CheckpointError(
            f"{path} is damaged: its content does not match its checksum. "
            "Delete it and start again from an earlier checkpoint, or from the beginning."
        )
    return header, payload
