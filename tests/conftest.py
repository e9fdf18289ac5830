"""Settings for all tests, made before JAX starts its backend, and shared fixtures."""

import fcntl
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# Also where there is an accelerator: JAX would take it alone, and sharding needs several devices.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax  # which reads the variable

from mazoezi.course._accelerator import compile_quickly

compile_quickly()  # as the practicals do
jax.config.update("jax_num_cpu_devices", 8)  # emulated: enough to test sharding anywhere

# A first call compiles, which breaks any deadline; the same examples in each run keep CI stable.
hypothesis.settings.register_profile("mazoezi", deadline=None, derandomize=True, max_examples=25)
hypothesis.settings.load_profile("mazoezi")

_held_locks = []  # until this process ends


def pytest_configure(config: pytest.Config) -> None:
    """Keep compiled programs between test runs: most of a run's time is spent in the compiler.

    JAX does not write its cache files atomically, so that two processes must not share a folder:
    each takes the first one that no other process holds.
    """
    cache: pytest.Cache | None = getattr(config, "cache", None)
    if cache is not None:
        folder = _free_folder(cache.mkdir("jax"))
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _free_folder(parent: Path) -> Path:
    for number in itertools.count():
        folder = parent / str(number)
        folder.mkdir(exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        _held_locks.append(lock)
        return folder
    raise AssertionError("itertools.count never ends")


@pytest.fixture(autouse=True, scope="module")
def _forget_compiled_programs() -> Iterator[None]:
    """Give back the memory of each module's compiled programs, which would add up to gigabytes."""
    yield
    jax.clear_caches()


@pytest.fixture
def float64() -> Iterator[None]:
    """Double precision while a test runs."""
    with jax.enable_x64(True):
        yield
