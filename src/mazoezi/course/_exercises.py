"""How an author states an exercise's check: reference, cases, mistakes and alternatives.

A check compares the answer with the reference on *cases*, simplest first. A *mistake* is a function
that answers wrongly the way learners do; an answer that behaves as a mistake does, on all cases, is
given the mistake's advice. ::

    relu = code_exercise("J1.3", reference=jax.nn.relu)

    @relu.case("one number at a time")
    def _(rng):
        yield from (3.0, -2.0, 0.0)

    relu.case("compiled by jit", run=jax.jit)(numbers)

    @relu.property("its slope is 1 where x > 0")
    def _(answer, rng):
        assert jax.grad(answer)(2.0) == 1, "At x = 2 the slope is 1."

    @relu.mistake("Under `jit` a condition on x has no value: choose with `jnp.where`.")
    def python_if(x):
        return x if x > 0 else 0.0

    @relu.alternative
    def maximum(x):
        return jnp.maximum(x, 0)

What a learner reads (title, prompt, hints, options) stands in `practical.md`.
"""

import ast
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mazoezi.course._compare import Strictness, Tolerance
from mazoezi.course._limits import DEFAULT_LIMITS, Limits

Inputs = Callable[[np.random.Generator], Iterable[Any]]
Test = Callable[[Any, np.random.Generator], None]


@dataclass(frozen=True)
class Case:
    """One property on some inputs: on each of them the answer must equal the reference.

    `run` says how a function is used, e.g. `jax.jit`; it is applied to the answer, the reference
    and the mistakes alike. `expect` replaces the reference where it cannot be run so.
    """

    title: str
    inputs: Inputs
    tolerance: Tolerance
    run: Callable[[Callable], Callable] | None = None
    expect: Callable | None = None
    x64: bool = False


@dataclass(frozen=True)
class Property:
    """A statement about the answer that is not a comparison; `test` raises AssertionError."""

    title: str
    test: Test
    x64: bool = False


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that learners give, and the advice that it earns."""

    id: str
    advice: str
    function: Callable


@dataclass(eq=False)
class CodeExercise:
    """An exercise that is answered with a function. Made by `code_exercise`."""

    id: str
    reference: Callable
    tolerance: Tolerance
    limits: Limits = DEFAULT_LIMITS
    cases: list[Case] = field(default_factory=list)
    properties: list[Property] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    alternatives: list[Callable] = field(default_factory=list)
    notes: list[Callable[[Callable], str]] = field(default_factory=list)
    cache: dict[Any, Any] = field(default_factory=dict, repr=False)

    def case(
        self,
        title: str,
        *,
        run: Callable[[Callable], Callable] | None = None,
        expect: Callable | None = None,
        x64: bool = False,
        **tolerance: Any,
    ) -> Callable[[Inputs], Inputs]:
        """Add a case; decorates a function of a NumPy generator that yields inputs.

        A yielded tuple holds the arguments, anything else is the only argument. NumPy arrays reach
        the answer as JAX arrays.
        """

        def add(inputs: Inputs) -> Inputs:
            own = replace(self.tolerance, **tolerance)
            self.cases.append(Case(title, inputs, own, run, expect, x64))
            return inputs

        return add

    def property(self, title: str, *, x64: bool = False) -> Callable[[Test], Test]:
        """Add a property; decorates a function of (answer, generator) that asserts it."""

        def add(test: Test) -> Test:
            self.properties.append(Property(title, test, x64))
            return test

        return add

    def mistake(self, advice: str) -> Callable[[Callable], Callable]:
        """Add a mistake; decorates the wrong function, whose name becomes the mistake's id."""

        def add(function: Callable) -> Callable:
            self.mistakes.append(Mistake(function.__name__, advice, function))
            return function

        return add

    def alternative(self, function: Callable) -> Callable:
        """Add a right answer in another style."""
        self.alternatives.append(function)
        return function

    def note(self, function: Callable[[Callable], str]) -> Callable[[Callable], str]:
        """Add a remark on a right answer, made from the answer itself."""
        self.notes.append(function)
        return function

    def generator(self, title: str) -> np.random.Generator:
        """Return the case's own random generator: the same inputs at every check."""
        return np.random.default_rng(zlib.crc32(f"{self.id}/{title}".encode()))


def code_exercise(
    id: str,
    *,
    reference: Callable,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    dtype: Strictness = "kind",
    limits: Limits = DEFAULT_LIMITS,
) -> CodeExercise:
    """Begin the check of a code exercise.

    `dtype` says how strictly a result's dtype is compared: not at all ("any"), by kind (integer,
    floating, ...), or exactly. `limits` is what a check of one answer may take, where the defaults
    of 10 s and 1 GiB do not suit.
    """
    return CodeExercise(id, reference, Tolerance(rtol, atol, dtype), limits)


@dataclass(eq=False)
class MathsExercise:
    """An exercise that is answered with a number or a formula. Made by `maths_exercise`."""

    id: str
    reference: Callable[..., float]
    numbers: tuple[Mapping[str, float], ...]
    unknown: str | None
    limits: Limits = DEFAULT_LIMITS
    mistakes: list[Mistake] = field(default_factory=list)

    def mistake(self, advice: str) -> Callable[[Callable], Callable]:
        """Add a mistake: a function of the numbers that gives the wrong number."""

        def add(function: Callable) -> Callable:
            self.mistakes.append(Mistake(function.__name__, advice, function))
            return function

        return add

    def drawn(self, seed: int) -> Mapping[str, float]:
        """Return the numbers of a learner's question; seed 0 asks the base case."""
        generator = np.random.default_rng(seed)
        return self.numbers[int(generator.integers(len(self.numbers)))] if seed else self.numbers[0]


def maths_exercise(
    id: str,
    *,
    reference: Callable[..., float],
    numbers: Iterable[Mapping[str, float]],
    unknown: str | None = None,
) -> MathsExercise:
    """Begin the check of a maths exercise.

    `numbers` is the pool that a learner's question is drawn from, the base case first;
    `reference(**numbers)` is the right number. Where `unknown` names one of the numbers, a formula
    in it is accepted as well, and compared at 20 random points.
    """
    pool = tuple(dict(one) for one in numbers)
    if not pool:
        raise ValueError(f"The maths exercise {id} has no numbers to ask about.")
    return MathsExercise(id, reference, pool, unknown)


@dataclass(eq=False)
class ExperimentExercise:
    """An exercise that is answered by using a lab. Made by `experiment_exercise`."""

    id: str
    tasks: list[Property] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    answers: list[Callable[[], Any]] = field(default_factory=list)

    def task(self, title: str) -> Callable[[Test], Test]:
        """Add a task; decorates a function of (lab, generator) that asserts it was done."""

        def add(test: Test) -> Test:
            self.tasks.append(Property(title, test))
            return test

        return add

    def mistake(self, advice: str) -> Callable[[Callable], Callable]:
        """Add a mistake: a function that returns a lab used in a way that misses the point."""

        def add(function: Callable[[], Any]) -> Callable[[], Any]:
            self.mistakes.append(Mistake(function.__name__, advice, function))
            return function

        return add

    def alternative(self, function: Callable[[], Any]) -> Callable[[], Any]:
        """Add a right use of the lab: a function that returns the lab."""
        self.answers.append(function)
        return function


def experiment_exercise(id: str) -> ExperimentExercise:
    """Begin the check of an experiment."""
    return ExperimentExercise(id)


Exercise = CodeExercise | MathsExercise | ExperimentExercise

_OPERATORS: dict[type, Callable] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def evaluate_formula(text: str, values: Mapping[str, float]) -> float:
    """Evaluate an arithmetic formula such as `24*x**3 - 9` with the names given.

    Raises ValueError, naming the part that is not arithmetic.
    """
    try:  # x^3 is how many learners write a power
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{text!r} is not a formula: {error.msg}.") from None
    try:
        return float(_value(tree.body, values))
    except (OverflowError, ZeroDivisionError) as error:
        raise ValueError(f"{text!r} cannot be evaluated: {error}.") from None


def _value(node: ast.expr, values: Mapping[str, float]) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        if node.id not in values:
            known = ", ".join(values)
            raise ValueError(f"The formula uses {node.id!r}; it may use {known}.")
        return values[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        operand = _value(node.operand, values)
        return -operand if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left, values), _value(node.right, values))
    raise ValueError(
        f"{ast.unparse(node)!r} is not arithmetic: use numbers, names, + - * / and **."
    )
