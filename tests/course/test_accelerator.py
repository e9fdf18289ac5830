"""JAX is prepared for one practical after another, as `mazoezi verify` does, and compiles quickly."""

import importlib.metadata
import os
import subprocess
import sys
from importlib.metadata import EntryPoint

import jax
import jax.numpy as jnp
import pytest
from jaxlib import version

from mazoezi.course._accelerator import compile_quickly, run_quickly

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


EMITTERS, LEVEL = "--xla_cpu_use_fusion_emitters", "--xla_backend_optimization_level"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", f"{EMITTERS}=false {LEVEL}=1"),
        ("--xla_dump_to=/x", f"--xla_dump_to=/x {EMITTERS}=false {LEVEL}=1"),
        (f"{EMITTERS}=true", f"{EMITTERS}=true {LEVEL}=1"),
        (f"{LEVEL}=3 {EMITTERS}=true", f"{LEVEL}=3 {EMITTERS}=true"),
    ],
)
def test_quick_compilation_is_chosen_unless_the_learner_chose(monkeypatch, given, used):
    """With a new jaxlib: see whether it still knows the flags, and what is faster."""
    monkeypatch.setenv("XLA_FLAGS", given)
    compile_quickly()
    assert os.environ["XLA_FLAGS"] == used


def test_a_jaxlib_that_may_not_know_the_flags_is_left_alone(monkeypatch):
    monkeypatch.setattr(version, "__version_info__", (0, 99, 0))
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    compile_quickly()
    assert "XLA_FLAGS" not in os.environ
    assert run_quickly() is None


def test_what_runs_often_is_compiled_to_run_quickly():
    """With a new jaxlib: JAX raises where an option is not known."""
    program = jax.jit(jnp.tanh, compiler_options=run_quickly()).lower(jnp.ones(2)).compile()
    assert run_quickly() == {"xla_cpu_use_fusion_emitters": True}
    assert jnp.allclose(program(jnp.ones(2)), 0.7616, atol=1e-4)


def test_a_machine_with_an_accelerator_is_left_alone(monkeypatch):
    plugin = EntryPoint("xla_cuda13", "jax_plugins.xla_cuda13", "jax_plugins")
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda *, group: {"jax_plugins": [plugin]}[group]
    )
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    compile_quickly()
    assert "XLA_FLAGS" not in os.environ
