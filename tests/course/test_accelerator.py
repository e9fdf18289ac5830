"""JAX is prepared for one practical after another, as `mazoezi verify` does, and compiles quickly."""

import os
import subprocess
import sys

import pytest
from jaxlib import version

from mazoezi.course._accelerator import compile_quickly

PROGRAM = """
import sys
from pathlib import Path

import jax.numpy as jnp

from mazoezi.course._accelerator import prepare_jax

for size, folder in enumerate(map(Path, sys.argv[1:]), 2):
    prepare_jax(1, folder)
    jnp.exp(jnp.ones(size)).block_until_ready()
"""


def test_each_practical_compiles_into_the_cache_that_it_was_given(tmp_path):
    folders = tmp_path / "first", tmp_path / "second"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, folders)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for folder in folders:
        assert [path for path in folder.iterdir() if path.name.startswith("jit_exp")], folder


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", "--xla_cpu_use_fusion_emitters=false"),
        ("--xla_dump_to=/x", "--xla_dump_to=/x --xla_cpu_use_fusion_emitters=false"),
        ("--xla_cpu_use_fusion_emitters=true", "--xla_cpu_use_fusion_emitters=true"),
    ],
)
def test_the_older_emitters_are_chosen_unless_the_learner_chose(monkeypatch, given, used):
    """With a new jaxlib: see whether it still knows the flag, and what is faster."""
    monkeypatch.setenv("XLA_FLAGS", given)
    compile_quickly()
    assert os.environ["XLA_FLAGS"] == used


def test_a_jaxlib_that_may_not_know_the_flag_is_left_alone(monkeypatch):
    monkeypatch.setattr(version, "__version_info__", (0, 99, 0))
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    compile_quickly()
    assert "XLA_FLAGS" not in os.environ
