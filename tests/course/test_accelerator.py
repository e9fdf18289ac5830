"""JAX is prepared for one practical after another, as `mazoezi verify` does."""

import subprocess
import sys

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
