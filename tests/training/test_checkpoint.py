"""A checkpoint gives back the same bits, or says why it cannot."""

import os

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import optax
import pytest

from mazoezi._errors import CheckpointError
from mazoezi.training import init_state, restore_state, save_state

OPTIMISER = optax.adam(0.1)


def state_of(seed: int, width: int = 4):
    return init_state(eqx.nn.MLP(2, 1, width, 1, key=jr.key(seed)), OPTIMISER)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "folder" / "run.checkpoint"
    save_state(path, state_of(0))
    return path


def test_a_restored_state_has_the_same_bits(saved):
    restored = restore_state(saved, state_of(1))
    leaves = zip(jax.tree.leaves(restored), jax.tree.leaves(state_of(0)), strict=True)
    for a, b in leaves:
        if eqx.is_array(a):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
    assert restored.params.activation is state_of(1).params.activation


def test_every_type_of_number_survives(tmp_path):
    params = {
        "half": jnp.array([1.5, jnp.nan], jnp.bfloat16),
        "whole": jnp.arange(3),
        "single": jnp.array([jnp.inf, -0.0, 1e-40]),
        "empty": jnp.zeros((0, 2)),
    }
    state = init_state(params, optax.sgd(0.1))
    save_state(tmp_path / "c", state)
    restored = restore_state(tmp_path / "c", state)
    for name, leaf in params.items():
        assert restored.params[name].dtype == leaf.dtype
        assert np.asarray(restored.params[name]).tobytes() == np.asarray(leaf).tobytes()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"nothing\.here cannot be read"):
        restore_state(tmp_path / "nothing.here", state_of(0))


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\n123", b"[]\nabc", b'{"format": "other"}\n'])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, content):
    (tmp_path / "c").write_bytes(content)
    with pytest.raises(CheckpointError, match="no checkpoint"):
        restore_state(tmp_path / "c", state_of(0))


def test_every_kind_of_damage_to_the_content_is_found(saved):
    content = saved.read_bytes()
    start = content.index(b"\n") + 1
    flipped = bytearray(content)
    flipped[start + 200] ^= 1
    for damaged in (bytes(flipped), content[:-1], content[:start], content + b"x"):
        saved.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="damaged"):
            restore_state(saved, state_of(0))


def test_another_width_is_named_with_both_shapes(saved):
    with pytest.raises(
        CheckpointError, match=r"weight is float32\[4, 2\] in the file, float32\[5, 2\]"
    ):
        restore_state(saved, state_of(0, width=5))


def test_another_optimiser_is_refused(saved):
    other = init_state(state_of(0).params, optax.sgd(0.1, momentum=0.9))
    with pytest.raises(CheckpointError, match=r"opt_state.*missing"):
        restore_state(saved, other)


def test_a_file_with_too_few_leaves_is_refused(tmp_path):
    params = state_of(0).params
    save_state(tmp_path / "c", init_state(params, optax.sgd(0.1)))
    with pytest.raises(CheckpointError, match=r"opt_state.*missing in the file"):
        restore_state(tmp_path / "c", init_state(params, optax.sgd(0.1, momentum=0.9)))


def test_a_crash_while_writing_leaves_the_old_checkpoint(saved, monkeypatch):
    def crash(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(OSError, match="disk full"):
        save_state(saved, state_of(2))
    monkeypatch.undo()
    assert [path.name for path in saved.parent.iterdir()] == ["run.checkpoint"]
    restored = restore_state(saved, state_of(1))
    np.testing.assert_array_equal(
        restored.params.layers[0].weight, state_of(0).params.layers[0].weight
    )
