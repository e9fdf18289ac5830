"""Times are per call, compilation is apart and counted."""

import threading
import time

import jax
import jax.monitoring
import jax.numpy as jnp
import numpy as np
import pytest

from mazoezi._errors import ArgumentError
from mazoezi.timing import count_compilations, time_calls


class Clock:
    """A clock that only naps move on."""

    now = 50.0

    def perf_counter(self):
        return self.now

    def nap(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("mazoezi.timing.time", clock)
    return clock


def test_a_nap_takes_as_long_as_one_nap_whatever_the_repeats():
    timing = time_calls(time.sleep, 0.01, repeats=10)
    assert 0.01 <= timing.lower <= timing.median <= timing.upper
    assert timing.median < 0.05
    assert timing.repeats == 10


def test_the_first_call_is_timed_apart(clock):
    naps = iter([0.1] + [0.001] * 5)
    timing = time_calls(lambda: clock.nap(next(naps)), repeats=5)
    assert timing.first == pytest.approx(0.1)
    assert timing.upper == pytest.approx(0.001)


def test_a_call_lasts_until_its_result_is_there():
    class Late:
        """Stands for an array that is still being computed when the call returns."""

        def block_until_ready(self):
            time.sleep(0.05)

    assert time_calls(lambda: {"result": Late()}, repeats=2).median >= 0.05


def test_quartiles_are_numpys(clock):
    naps = [0.002, 0.03, 0.01, 0.02, 0.005]
    source = iter([0.0, *naps])
    timing = time_calls(lambda: clock.nap(next(source)), repeats=5)
    quartiles = np.percentile(naps, [25, 50, 75])
    np.testing.assert_allclose([timing.lower, timing.median, timing.upper], quartiles, rtol=1e-6)


def test_one_repeat_has_no_spread():
    timing = time_calls(lambda: None, repeats=1)
    assert timing.lower == timing.median == timing.upper


def test_compilation_stays_out_of_the_later_calls():
    timing = time_calls(jax.jit(lambda x, scale: scale * x), jnp.ones(4), scale=2.0, repeats=3)
    assert timing.compilations == 0
    assert timing.first > timing.median


def test_a_function_that_compiles_at_each_call_is_found_out():
    timing = time_calls(lambda x: jax.jit(lambda y: y + 1)(x), jnp.ones(4), repeats=3)
    assert timing.compilations == 3


def test_repeats_must_be_positive():
    with pytest.raises(ArgumentError, match="repeats is 0; expected at least one"):
        time_calls(abs, 1, repeats=0)


def test_new_shapes_types_and_static_values_compile_and_nothing_else():
    x, y = jnp.ones(3), jnp.ones(4)
    power = jax.jit(lambda x, n: x**n, static_argnums=1)
    with count_compilations() as compilations:
        jax.block_until_ready([power(x, 2), power(x, 2)])
        assert compilations.count == 1
        power(y, 2)
        assert compilations.count == 2
        power(y, 3)
        assert compilations.count == 3
        power(y, 3)
        power(y, 2)
    assert compilations.count == 3


def test_compilations_are_named():
    def triple(x):
        return 3 * x

    x = jnp.ones(5)
    with count_compilations() as compilations:
        jax.jit(triple)(x)
    assert compilations.names == ("triple",)
    assert compilations.seconds > 0


def test_counting_ends_with_the_block_even_after_an_error():
    x = jnp.ones(6)
    with pytest.raises(KeyError), count_compilations() as compilations:
        raise KeyError
    jax.jit(lambda v: v - 1)(x)
    assert compilations.count == 0


def test_nested_blocks_count_their_own():
    x = jnp.ones(7)
    with count_compilations() as outer:
        jax.jit(lambda v: v - 1)(x)
        with count_compilations() as inner:
            jax.jit(lambda v: v - 2)(x)
    assert (outer.count, inner.count) == (2, 1)


def test_other_threads_are_counted():
    x = jnp.ones(8)
    with count_compilations() as compilations:
        thread = threading.Thread(target=lambda: jax.jit(lambda v: v - 3)(x))
        thread.start()
        thread.join()
    assert compilations.count == 1


def test_cleared_listeners_do_no_harm():
    with count_compilations() as compilations:
        jax.monitoring.unregister_event_duration_listener(compilations._listen)
    assert compilations.count == 0


def test_programs_from_the_disk_cache_count_too(tmp_path):
    x = jnp.ones(9)
    settings = {
        "jax_compilation_cache_dir": str(tmp_path),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in settings}
    try:
        for name, value in settings.items():
            jax.config.update(name, value)
        with count_compilations() as compilations:
            jax.jit(lambda v: jnp.sin(v) * 9)(x)
            jax.jit(lambda v: jnp.sin(v) * 9)(x)
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
    assert compilations.count == 2
