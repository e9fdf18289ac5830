"""Twelve calls of compiled functions. Does each need a new compilation?

A case holds the very text that is run, and no answer: that is measured. `jax`, `jnp`, `np` and
`partial` are at hand in it.
"""

from typing import NamedTuple

_DOUBLE = """
@jax.jit
def double(x):
    return 2 * x
"""

_POWER = """
@partial(jax.jit, static_argnames="n")
def power(x, n):
    return x**n
"""

_ARRAYS = """
a = jnp.array([1.0, 2.0, 3.0])
b = jnp.array([4.0, 5.0, 6.0])
"""


class Case(NamedTuple):
    """A call to think about, and what ran before it."""

    number: int
    title: str
    before: str
    """Lines that ran already; the calls in it have been compiled."""
    call: str
    """The call in question."""
    why: str
    """The rule behind the answer."""


def _cases(*cases: tuple[str, str, str, str]) -> tuple[Case, ...]:
    return tuple(
        Case(number, title, before.strip(), call, why)
        for number, (title, before, call, why) in enumerate(cases, start=1)
    )


CASES = _cases(
    (
        "Other numbers",
        f"{_DOUBLE}{_ARRAYS}double(a)",
        "double(b)",
        "Tracing sees shape and dtype, never the numbers, so the program fits all arrays like it.",
    ),
    (
        "A longer array",
        f"{_DOUBLE}\na = jnp.array([1.0, 2.0, 3.0])\nb = jnp.array([4.0, 5.0, 6.0, 7.0])\ndouble(a)",
        "double(b)",
        "A compiled program is made for one shape: its loops and its memory are laid out for it.",
    ),
    (
        "Whole numbers",
        f"{_DOUBLE}\na = jnp.array([1.0, 2.0, 3.0])\nb = jnp.array([4, 5, 6])\ndouble(a)",
        "double(b)",
        "A compiled program is made for one dtype: doubling an int32 is another instruction.",
    ),
    (
        "Plain Python numbers",
        f"{_DOUBLE}\ndouble(2.0)",
        "double(3.0)",
        "A Python number that is passed to a compiled function becomes an array without axes; its "
        "value is not looked at.",
    ),
    (
        "A JAX number, then a Python one",
        f"{_DOUBLE}\na = jnp.float32(2.0)\ndouble(a)",
        "double(2.0)",
        "Both are float32 without axes, but a Python number has a *weak* type: it gives way to the "
        "dtype of whatever it meets. Results may differ, so JAX keeps the two apart.",
    ),
    (
        "A NumPy array in double precision",
        f"{_DOUBLE}\na = jnp.array([1.0, 2.0, 3.0])\nb = np.array([4.0, 5.0, 6.0])\ndouble(a)",
        "double(b)",
        "JAX converts NumPy's float64 to the precision that it works in before it looks for a "
        "program: from then on the two arrays have one type.",
    ),
    (
        "A static argument changes",
        f"{_POWER}\na = jnp.array([1.0, 2.0, 3.0])\npower(a, n=2)",
        "power(a, n=3)",
        "A static argument is not traced: its value is built into the program, one program for "
        "each value.",
    ),
    (
        "A static value that was there before",
        f"{_POWER}{_ARRAYS}power(a, n=2)\npower(a, n=3)",
        "power(b, n=2)",
        "JAX keeps the programs of all earlier static values, not of the last one only.",
    ),
    (
        "The same closure, made again",
        f"""
def adder(k):
    return jax.jit(lambda x: x + k)
{_ARRAYS}adder(1.0)(a)""",
        "adder(1.0)(b)",
        "Programs are kept with the function *object*. Each call of `adder` makes a new lambda; JAX "
        "cannot know that it does the same. A `jit` inside a loop compiles in each round.",
    ),
    (
        "jit around the same function, again",
        f"""
def double(x):
    return 2 * x
{_ARRAYS}jax.jit(double)(a)""",
        "jax.jit(double)(b)",
        "`double` is the same function object as before, and programs are kept with that, not with "
        "the wrapper that `jax.jit` returns.",
    ),
    (
        "A global changes",
        """
offset = 0.0

@jax.jit
def shifted(x):
    return x + offset

shifted(4.0)
offset = 10.0""",
        "shifted(4.0)",
        "JAX does not watch globals. The old value was built in when the function was traced, and "
        "the result is out of date: it is still 4. Pass what can change as an argument.",
    ),
    (
        "A tuple, then a list",
        f"""
@jax.jit
def total(pair):
    return pair[0] + pair[1]
{_ARRAYS}total((a, b))""",
        "total([a, b])",
        "The arguments' structure is part of what JAX compares: a list is another tree than a "
        "tuple, though the leaves are the same.",
    ),
)
