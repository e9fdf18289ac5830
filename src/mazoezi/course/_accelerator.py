"""Prepare JAX for a practical: how it compiles, the compilation cache and the emulated devices."""

import os
from pathlib import Path

from mazoezi._errors import MazoeziError

_EMITTERS = "--xla_cpu_use_fusion_emitters"
_KNOWN_TO = (0, 10)  # XLA ends a process that sets a flag it does not know


def prepare_jax(devices: int, cache: Path | None) -> None:
    """Configure JAX before its first use.

    `devices` is how many CPU devices to emulate, so that a practical on several devices runs on any
    laptop; they share the physical cores. `cache` is the folder of the persistent compilation
    cache, which is used for every compilation however short.

    Raises MazoeziError where JAX is already running with another number of devices.
    """
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    compile_quickly()
    if cache is not None:
        jax.config.update("jax_compilation_cache_dir", str(cache))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
        compilation_cache.reset_cache()  # one that is open already would be kept
    if devices > 1:
        _emulate(devices)


def compile_quickly() -> None:
    """Let XLA compile for the CPU with its older emitters, unless `XLA_FLAGS` says which.

    A practical compiles thousands of small programs and runs each of them few times. The newer
    emitters take half as long again for them, and the programs run no faster.
    """
    from jaxlib import version

    flags = os.environ.get("XLA_FLAGS", "")
    if version.__version_info__[:2] == _KNOWN_TO and _EMITTERS not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {_EMITTERS}=false".strip()


def _emulate(devices: int) -> None:
    import jax

    try:
        jax.config.update("jax_num_cpu_devices", devices)
    except RuntimeError:  # JAX has started: its devices are fixed
        if len(jax.devices("cpu")) < devices:
            raise MazoeziError(
                f"This practical needs {devices} devices, and JAX already runs with "
                f"{len(jax.devices('cpu'))}. Restart the kernel and run the notebook from the top."
            ) from None
