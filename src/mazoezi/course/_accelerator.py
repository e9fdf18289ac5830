"""Prepare JAX for a practical: how it compiles, the compilation cache and the emulated devices."""

import os
from pathlib import Path

from mazoezi._errors import MazoeziError

_QUICK = ("--xla_cpu_use_fusion_emitters=false", "--xla_backend_optimization_level=1")
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
    """Let XLA compile for the CPU quickly: with its older emitters, and with little optimisation.

    A practical compiles thousands of small programs and runs each of them few times. They compile
    in half of the time, and most run as fast; loops of tanh, softplus, scattered sums and normal
    draws take 1.3 to 3.3 times as long (see `run_quickly`). What `XLA_FLAGS` says is left as it is,
    and so are machines with an accelerator, whose programs would be slower too.
    """
    from importlib.metadata import entry_points

    if not _knows_flags() or entry_points(group="jax_plugins"):
        return
    flags = os.environ.get("XLA_FLAGS", "").split()
    chosen = {_name(flag) for flag in flags}
    os.environ["XLA_FLAGS"] = " ".join(
        [*flags, *(flag for flag in _QUICK if _name(flag) not in chosen)]
    )


def run_quickly() -> dict[str, bool] | None:
    """Return `compiler_options` of `jax.jit` for a program that runs often: the newer emitters."""
    return {"xla_cpu_use_fusion_emitters": True} if _knows_flags() else None


def _knows_flags() -> bool:
    from jaxlib import version

    return version.__version_info__[:2] == _KNOWN_TO


def _name(flag: str) -> str:
    return flag.partition("=")[0]


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
