"""Settings for all tests, made before JAX starts its backend, and shared fixtures.

There is no compilation cache on disk here: its files are not written atomically, and two test
runs side by side would now and then read half a program.
"""

from collections.abc import Iterator

import hypothesis
import jax
import pytest

jax.config.update("jax_num_cpu_devices", 8)  # emulated: enough to test sharding anywhere

# A first call compiles, which breaks any deadline; the same examples in each run keep CI stable.
hypothesis.settings.register_profile("mazoezi", deadline=None, derandomize=True, max_examples=25)
hypothesis.settings.load_profile("mazoezi")


@pytest.fixture
def float64() -> Iterator[None]:
    """Double precision while a test runs."""
    with jax.enable_x64(True):
        yield
