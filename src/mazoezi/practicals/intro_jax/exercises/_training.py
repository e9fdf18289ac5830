"""Checks of J2.12 and J2.13: one step of an optimiser, and a loop that the compiler sees."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from mazoezi import training
from mazoezi.course import code_exercise
from mazoezi.practicals.intro_jax.exercises._recorded import operations


def _unrolled(function: Callable) -> Callable:
    """Run without the compiler, which takes most of the time of a check.

    What is jitted runs as it is, and a loop of JAX's runs in Python.
    """

    def run(*args):
        with jax.disable_jit():
            return function(*args)

    return run


# --- J2.12 One optimiser step --------------------------------------------------------------------


def _make_step(loss, optimiser):
    return training.make_step(loss, optimiser)


optimiser_step = code_exercise("J2.12", reference=_make_step, rtol=1e-5, atol=1e-6)


def squares(params, batch):
    """The loss of the cases: a linear model of two features, on a batch of examples."""
    x, y = batch
    return jnp.mean((x @ params["w"] + params["b"] - y) ** 2)


def nested_squares(params, batch):
    """The same loss of parameters in another tree, on a batch that is a dictionary.

    Other operations, or other shapes, would have to be compiled.
    """
    w, (b,) = params
    return jnp.mean((batch["inputs"] @ w + b - batch["targets"]) ** 2)


def _state(optimiser):
    return training.init_state({"b": 0.5, "w": np.array([1.0, -2.0])}, optimiser)


def _batches(count):
    """Return batches of three examples, stacked along the first axis; no two are alike."""
    x = np.sin(np.arange(6 * count, dtype=np.float32)).reshape(count, 3, 2)
    y = 2 * np.cos(3 * np.arange(3 * count, dtype=np.float32)).reshape(count, 3)
    return x, y


def _batch(place):
    """Return one batch as JAX's arrays; to cut it out with JAX would compile."""
    return tuple(jnp.asarray(leaf[place]) for leaf in _batches(8))


def _seen(state, metrics):
    """Return what is compared of a step's result."""
    return {
        "params": state.params, "opt_state": state.opt_state, "step": state.step,
        "loss": metrics["loss"],
    }  # fmt: skip


def _told(make: Callable) -> Callable:
    """Use a `make_step`, and say in words what kinds of things come back."""

    @_unrolled
    def run(loss, optimiser):
        step = make(loss, optimiser)
        if not callable(step):
            return f"no step function, but {_called(step)}"
        result = step(_state(optimiser), _batch(0))
        if not isinstance(result, tuple | list) or len(result) != 2:
            return f"a step that returns {_called(result)}, and not a pair"
        state, metrics = result
        return f"a step that returns {_called(state)} and {_metrics_told(metrics)}"

    return run


def _called(value: Any) -> str:
    if isinstance(value, list) or type(value) is tuple:
        return f"a {type(value).__name__} of {len(value)}"
    return "an array" if hasattr(value, "shape") else f"a {type(value).__name__}"


def _metrics_told(metrics: Any) -> str:
    if not isinstance(metrics, Mapping):
        return _called(metrics)
    return "a dictionary with 'loss'" if "loss" in metrics else f"a dictionary with {[*metrics]}"


def _steps(*places: int, start: Callable = _state) -> Callable[[Callable], Callable]:
    """Use a `make_step`: one step after the other, on the batches of these numbers."""

    def use(make):
        @_unrolled
        def run(loss, optimiser):
            step, state, seen = make(loss, optimiser), start(optimiser), []
            for place in places:
                state, metrics = step(state, _batch(place))
                seen.append(_seen(state, metrics))
            return seen[-1] if len(seen) == 1 else seen

        return run

    return use


def _other_tree(make: Callable) -> Callable:
    @_unrolled
    def run(loss, optimiser):
        state = training.init_state((np.array([1.0, 2.0]), [0.5]), optimiser)
        batch = dict(zip(("inputs", "targets"), _batch(2), strict=True))
        return _seen(*make(loss, optimiser)(state, batch))

    return run


def _two_runs(make: Callable) -> Callable:
    """Two runs take turns with one step function; a pure step does not mix them up."""

    @_unrolled
    def run(loss, optimiser):
        step = make(loss, optimiser)
        one = other = _state(optimiser)
        for place in (0, 1):
            one, _ = step(one, _batch(place))
            other, metrics = step(other, _batch(place + 4))
        return [one.params, _seen(other, metrics)]

    return run


def _scanned(make: Callable) -> Callable:
    """A hundred steps in one compiled loop."""

    def run(loss, optimiser):
        step = make(loss, optimiser)
        scan = jax.jit(lambda state, batches: jax.lax.scan(step, state, batches))
        state, metrics = scan(_state(optimiser), _batches(100))
        return _seen(state, metrics)

    return run


@optimiser_step.case("what comes back", run=_told)
def _(rng):
    yield squares, optax.sgd(0.1)


@optimiser_step.case("one step of plain gradient descent", run=_steps(0), atol=1e-6)
def plain(rng):
    yield squares, optax.sgd(0.1)


@optimiser_step.case("another batch", run=_steps(3))
def _(rng):
    yield squares, optax.sgd(0.1)


def _summing():
    """An optimiser of our own: plain descent, whose state is the sum of all gradients so far.

    The state has the structure of the parameters, so that code which takes it for the updates runs.
    """

    def init(params):
        return jax.tree.map(jnp.zeros_like, params)

    def update(updates, state, params=None):  # named as in Optax
        state = jax.tree.map(jnp.add, state, updates)
        return jax.tree.map(lambda slope: -0.1 * slope, updates), state

    return optax.GradientTransformation(init, update)


@optimiser_step.case("an optimiser of our own, which adds up the gradients", run=_steps(0, 1))
def _(rng):
    yield squares, _summing()


@optimiser_step.case("three steps of Adam, which remembers", run=_steps(0, 1, 2))
def _(rng):
    yield squares, optax.adam(0.1)


@optimiser_step.case("a step of AdamW, which looks at the parameters", run=_steps(0))
def _(rng):
    yield squares, optax.adamw(0.1, weight_decay=0.5)


@optimiser_step.case("parameters in another tree", run=_other_tree)
def _(rng):
    yield nested_squares, optax.sgd(0.05)


@optimiser_step.case("two runs with one step function", run=_two_runs)
def _(rng):
    yield squares, optax.sgd(0.1, momentum=0.9)


@optimiser_step.case("a hundred steps in a compiled `lax.scan`", run=_scanned, rtol=1e-4, atol=1e-5)
def _(rng):
    yield squares, optax.sgd(0.1, momentum=0.5)


@optimiser_step.property("with plain gradient descent it is the rule that you know")
def _(answer, rng):
    state, batch = _state(optax.sgd(0.1)), _batch(5)
    new_state, _ = _unrolled(answer(squares, optax.sgd(0.1)))(state, batch)
    slope = _unrolled(jax.grad(squares))(state.params, batch)
    for name in ("b", "w"):
        wanted = np.asarray(state.params[name]) - 0.1 * np.asarray(slope[name])
        got = new_state.params[name]
        assert np.allclose(got, wanted, rtol=1e-6, atol=1e-6), (
            f"The new {name!r} should be the old one minus 0.1 times its slope."
        )


@optimiser_step.property("compiled once, for all steps: the state keeps its shapes and dtypes")
def _(answer, rng):
    state = _state(optax.adam(0.1))
    new_state, _ = jax.eval_shape(answer(squares, optax.adam(0.1)), state, _batch(0))
    before, after = _kinds(state), _kinds(new_state)
    for name, kind in before.items():
        assert name in after, f"The new state has no {name}."
        assert after[name] == kind, (
            f"state{name} was {kind} and becomes {after[name]}: `jit` compiles your step anew for "
            "each kind of state, and a `lax.scan` refuses it."
        )


def _kinds(state):
    """Return shape and dtype of each array of a state, by where it is."""
    leaves = jax.tree_util.tree_leaves_with_path(state)
    return {jax.tree_util.keystr(path): f"{leaf.dtype}{list(leaf.shape)}" for path, leaf in leaves}


def _value_and_updates(loss, optimiser, state, batch):
    """Return what every step computes: the loss, the updates and the optimiser's new state."""
    value, gradient = jax.value_and_grad(loss)(state.params, batch)
    updates, opt_state = optimiser.update(gradient, state.opt_state, state.params)
    return value, updates, opt_state


@optimiser_step.mistake(
    "The optimiser's state is not handed on: `optimiser.update` returns updates *and* a new state, "
    "which belongs into the new TrainState. Adam's second step would be a first one again."
)
def state_not_handed_on(loss, optimiser):
    def step(state, batch):
        value, updates, _ = _value_and_updates(loss, optimiser, state, batch)
        params = optax.apply_updates(state.params, updates)
        return training.TrainState(params, state.opt_state, state.step + 1), {"loss": value}

    return step


@optimiser_step.mistake(
    "You start the optimiser anew in every step, so that it forgets all it has seen. Its state comes "
    "in with `state.opt_state`."
)
def state_made_anew(loss, optimiser):
    def step(state, batch):
        value, gradient = jax.value_and_grad(loss)(state.params, batch)
        anew = optimiser.init(state.params)
        updates, opt_state = optimiser.update(gradient, anew, state.params)
        params = optax.apply_updates(state.params, updates)
        return training.TrainState(params, opt_state, state.step + 1), {"loss": value}

    return step


@optimiser_step.mistake(
    "The optimiser's state is kept in `make_step`, outside the step, so that two runs mix. A pure "
    "step takes it from `state.opt_state` and gives it back."
)
def state_in_the_surroundings(loss, optimiser):
    kept = []

    def step(state, batch):
        if not kept:
            kept.append(optimiser.init(state.params))
        value, gradient = jax.value_and_grad(loss)(state.params, batch)
        updates, kept[0] = optimiser.update(gradient, kept[0], state.params)
        params = optax.apply_updates(state.params, updates)
        return training.TrainState(params, kept[0], state.step + 1), {"loss": value}

    return step


@optimiser_step.mistake(
    "You take the updates away. Optax updates are already negative: *add* them, as "
    "`optax.apply_updates` does."
)
def updates_subtracted(loss, optimiser):
    def step(state, batch):
        value, updates, opt_state = _value_and_updates(loss, optimiser, state, batch)
        params = jax.tree.map(lambda leaf, update: leaf - update, state.params, updates)
        return training.TrainState(params, opt_state, state.step + 1), {"loss": value}

    return step


@optimiser_step.mistake(
    "You add the *gradient* to the parameters. Let `optimiser.update` turn it into updates first."
)
def gradient_added(loss, optimiser):
    def step(state, batch):
        value, gradient = jax.value_and_grad(loss)(state.params, batch)
        _, opt_state = optimiser.update(gradient, state.opt_state, state.params)
        params = optax.apply_updates(state.params, gradient)
        return training.TrainState(params, opt_state, state.step + 1), {"loss": value}

    return step


@optimiser_step.mistake(
    "You take the whole gradient away and do not use the updates: rate, momentum and all that the "
    "optimiser knows are lost."
)
def gradient_subtracted(loss, optimiser):
    def step(state, batch):
        value, gradient = jax.value_and_grad(loss)(state.params, batch)
        _, opt_state = optimiser.update(gradient, state.opt_state, state.params)
        params = jax.tree.map(lambda leaf, slope: leaf - slope, state.params, gradient)
        return training.TrainState(params, opt_state, state.step + 1), {"loss": value}

    return step


@optimiser_step.mistake(
    "The loss that you report is that of the *new* parameters. Report the one that the gradient was "
    "taken at: `jax.value_and_grad` gives both in one go."
)
def loss_after_the_step(loss, optimiser):
    def step(state, batch):
        _, updates, opt_state = _value_and_updates(loss, optimiser, state, batch)
        params = optax.apply_updates(state.params, updates)
        new_loss = loss(params, batch)
        return training.TrainState(params, opt_state, state.step + 1), {"loss": new_loss}

    return step


@optimiser_step.mistake("The step is not counted: the new state's `step` is the old one plus 1.")
def not_counted(loss, optimiser):
    def step(state, batch):
        value, updates, opt_state = _value_and_updates(loss, optimiser, state, batch)
        params = optax.apply_updates(state.params, updates)
        return training.TrainState(params, opt_state, state.step), {"loss": value}

    return step


@optimiser_step.mistake(
    "The parameters stay as they were: return what `optax.apply_updates` gives in the new state."
)
def params_not_updated(loss, optimiser):
    def step(state, batch):
        value, _, opt_state = _value_and_updates(loss, optimiser, state, batch)
        return training.TrainState(state.params, opt_state, state.step + 1), {"loss": value}

    return step


@optimiser_step.mistake(
    "Hand the parameters to the optimiser as well, `optimiser.update(gradients, state.opt_state, "
    "state.params)`: weight decay needs them."
)
def params_not_passed(loss, optimiser):
    def step(state, batch):
        value, gradient = jax.value_and_grad(loss)(state.params, batch)
        updates, opt_state = optimiser.update(gradient, state.opt_state)
        params = optax.apply_updates(state.params, updates)
        return training.TrainState(params, opt_state, state.step + 1), {"loss": value}

    return step


@optimiser_step.mistake(
    "The metrics are a dictionary: return `{'loss': value}`, so that others can join it later."
)
def bare_loss(loss, optimiser):
    def step(state, batch):
        state, metrics = training.make_step(loss, optimiser)(state, batch)
        return state, metrics["loss"]

    return step


@optimiser_step.mistake("The two are in the other order: first the new state, then the metrics.")
def results_swapped(loss, optimiser):
    def step(state, batch):
        return training.make_step(loss, optimiser)(state, batch)[::-1]

    return step


@optimiser_step.mistake("Only the new state comes back: return the metrics with it, as a pair.")
def state_only(loss, optimiser):
    def step(state, batch):
        return training.make_step(loss, optimiser)(state, batch)[0]

    return step


@optimiser_step.mistake(
    "You return the parameters; asked is the whole state, so that the next step can go on from it."
)
def params_for_state(loss, optimiser):
    def step(state, batch):
        state, metrics = training.make_step(loss, optimiser)(state, batch)
        return state.params, metrics

    return step


@optimiser_step.mistake(
    "The new state is a plain tuple, and the next step needs its names: build it with "
    "`training.TrainState(params, opt_state, step)` or `state._replace(...)`."
)
def plain_tuple(loss, optimiser):
    def step(state, batch):
        state, metrics = training.make_step(loss, optimiser)(state, batch)
        return tuple(state), metrics

    return step


@optimiser_step.mistake("`make_step` ends without returning the step that it makes.")
def nothing_returned(loss, optimiser):
    def step(state, batch):
        return training.make_step(loss, optimiser)(state, batch)


@optimiser_step.mistake(
    "`optimiser.update` returns (updates, new state), in this order; you unpack them the other way "
    "round."
)
def unpacked_the_other_way(loss, optimiser):
    def step(state, batch):
        value, opt_state, updates = _value_and_updates(loss, optimiser, state, batch)
        params = optax.apply_updates(state.params, updates)
        return training.TrainState(params, opt_state, state.step + 1), {"loss": value}

    return step


@optimiser_step.alternative
def by_replace(loss, optimiser):
    def step(state, batch):
        gradients = jax.grad(loss)(state.params, batch)
        updates, opt_state = optimiser.update(gradients, state.opt_state, state.params)
        params = jax.tree.map(jnp.add, state.params, updates)
        metrics = {"loss": loss(state.params, batch), "steepness": optax.tree.norm(gradients)}
        return state._replace(params=params, opt_state=opt_state, step=state.step + 1), metrics

    return step


@optimiser_step.alternative
def by_partial(loss, optimiser):
    return partial(_step_of, loss, optimiser)


def _step_of(loss, optimiser, state, batch):
    value, updates, opt_state = _value_and_updates(loss, optimiser, state, batch)
    params = optax.apply_updates(state.params, updates)
    return [training.TrainState(params, opt_state, 1 + state.step), {"loss": value}]


@optimiser_step.alternative
def compiled(loss, optimiser):
    return jax.jit(partial(_step_of, loss, optimiser))


@optimiser_step.alternative
def by_a_class(loss, optimiser):
    class Stepper:
        def __call__(self, state, batch):
            params, opt_state, count = state
            value, pull_back = jax.vjp(lambda params: loss(params, batch), params)
            (gradient,) = pull_back(jnp.ones_like(value))
            updates, opt_state = optimiser.update(gradient, opt_state, params=params)
            params = optax.apply_updates(params, updates)
            return training.TrainState(params, opt_state, count + 1), {"loss": value}

    return Stepper()


# --- J2.13 A loop that the compiler sees ---------------------------------------------------------


def _run_descent(loss, params, rate, steps):
    def step(params, _):
        value, gradient = jax.value_and_grad(loss)(params)
        return jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient), value

    return jax.lax.scan(step, params, length=steps)


compiled_loop = code_exercise("J2.13", reference=_run_descent, rtol=1e-4, atol=1e-5)


def one_bowl(w):
    return w**2


def flat_bowl(params):
    return (params["b"] - 1) ** 2 + params["b"] * params["w"][0] + jnp.sum(params["w"] ** 4)


def wavy(w):
    return jnp.sum(jnp.sin(w)) + jnp.sum(w) ** 2


def _jitted(answer: Callable) -> Callable:
    return lambda loss, params, rate, steps: jax.jit(
        lambda params, rate: answer(loss, params, rate, steps)
    )(params, rate)


@compiled_loop.case("one parameter, three steps", run=_unrolled)
def _(rng):
    yield one_bowl, np.array(8.0), 0.25, 3


@compiled_loop.case("a single step", run=_unrolled)
def _(rng):
    yield wavy, np.array([1.0, -0.5, 2.0]), 0.1, 1


@compiled_loop.case("a tree of parameters, four steps", run=_unrolled)
def _(rng):
    yield flat_bowl, {"b": np.array(2.0), "w": np.array([1.0, -0.5])}, 0.05, 4


@compiled_loop.case("compiled, twenty steps", run=_jitted)
def _(rng):
    yield wavy, np.array([1.0, -0.5, 2.0]), 0.05, 20


@compiled_loop.case(
    "its slope with respect to the rate",
    run=lambda answer: (
        lambda loss, params, rate, steps: jax.grad(
            lambda rate: jnp.sum(_unrolled(answer)(loss, params, rate, steps)[1])
        )(rate)
    ),
)
def _(rng):
    yield one_bowl, np.array(8.0), 0.25, 3


@compiled_loop.property("the recorded program does not grow with the steps")
def _(answer, rng):
    def size(steps):
        return sum(operations(lambda w: answer(wavy, w, 0.1, steps), jnp.ones(3)).values())

    few, many = size(3), size(30)
    assert many < 2 * few, (
        f"For 3 steps {few} operations are recorded and for 30 steps {many}: a Python loop is "
        "written out step by step while JAX traces it. `jax.lax.scan` records one step."
    )


@compiled_loop.property("it can be differentiated in reverse, through the loop")
def _(answer, rng):
    try:
        jax.eval_shape(jax.grad(lambda rate: jnp.sum(answer(wavy, jnp.ones(3), rate, 5)[1])), 0.1)
    except ValueError as error:
        raise AssertionError(
            "There is no reverse derivative through your loop: of a `while_loop`, or a `fori_loop` "
            "whose number of steps is traced, nobody knows how much would have to be remembered. "
            "`jax.lax.scan` has a fixed length."
        ) from error


@compiled_loop.mistake(
    "Your loop runs in Python. Under `jit` it would be written out step by step, and without it "
    "each step goes through Python. `jax.lax.scan` records one step and repeats it."
)
def python_loop(loss, params, rate, steps):
    losses = []
    for _ in range(steps):
        value, gradient = jax.value_and_grad(loss)(params)
        params = jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient)
        losses.append(value)
    return params, jnp.stack(losses)


@compiled_loop.mistake(
    "With `jax.lax.while_loop` JAX does not know beforehand how many steps there will be, and cannot "
    "differentiate through it in reverse. The number of steps is given here: use `jax.lax.scan`."
)
def while_loop(loss, params, rate, steps):
    def body(state):
        place, params, losses = state
        value, gradient = jax.value_and_grad(loss)(params)
        params = jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient)
        return place + 1, params, losses.at[place].set(value)

    start = (0, params, jnp.zeros(steps))
    return jax.lax.while_loop(lambda state: state[0] < steps, body, start)[1:]


@compiled_loop.mistake(
    "The losses are those *after* each step. Asked is the loss at the parameters that the step "
    "began with, so that the first is the loss at the start."
)
def losses_after(loss, params, rate, steps):
    def step(params, _):
        params = jax.tree.map(
            lambda leaf, slope: leaf - rate * slope, params, jax.grad(loss)(params)
        )
        return params, loss(params)

    return jax.lax.scan(step, params, length=steps)


@compiled_loop.mistake(
    "Every step takes the gradient at the *start*: inside the step use the carry, the parameters "
    "that `scan` hands in, and not the outer `params`."
)
def gradient_at_the_start(loss, params, rate, steps):
    def step(carry, _):
        gradient = jax.grad(loss)(params)
        return jax.tree.map(lambda leaf, slope: leaf - rate * slope, carry, gradient), loss(carry)

    return jax.lax.scan(step, params, length=steps)


@compiled_loop.mistake(
    "Every step begins at the *start* again: inside the step use the carry, the parameters that "
    "`scan` hands in, and not the outer `params`."
)
def carry_ignored(loss, params, rate, steps):
    def step(carry, _):
        value, gradient = jax.value_and_grad(loss)(params)
        return jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient), value

    return jax.lax.scan(step, params, length=steps)


@compiled_loop.mistake(
    "The parameters never move: the step returns the carry as it came. Return the new parameters "
    "in its place."
)
def carry_not_moved(loss, params, rate, steps):
    return jax.lax.scan(lambda carry, _: (carry, loss(carry)), params, length=steps)


@compiled_loop.mistake("You go uphill: take rate times the gradient *away* from the parameters.")
def climbing(loss, params, rate, steps):
    return _run_descent(loss, params, -rate, steps)


@compiled_loop.mistake("The rate is not used: it multiplies the gradient.")
def without_rate(loss, params, rate, steps):
    return _run_descent(loss, params, 1.0 + 0.0 * rate, steps)


@compiled_loop.mistake("There is one step too few: `length=steps`.")
def one_step_short(loss, params, rate, steps):
    return _run_descent(loss, params, rate, steps - 1)


@compiled_loop.mistake("There is one step too many: `length=steps`.")
def one_step_more(loss, params, rate, steps):
    return _run_descent(loss, params, rate, steps + 1)


@compiled_loop.mistake(
    "The parameters of *every* step come back. Asked are the last ones: `scan` returns them as the "
    "final carry."
)
def every_params(loss, params, rate, steps):
    def step(params, _):
        value, gradient = jax.value_and_grad(loss)(params)
        new = jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient)
        return new, (new, value)

    return jax.lax.scan(step, params, length=steps)[1]


@compiled_loop.mistake("The two are in the other order: first the parameters, then the losses.")
def outputs_swapped(loss, params, rate, steps):
    return _run_descent(loss, params, rate, steps)[::-1]


@compiled_loop.mistake("Only the parameters come back: return the losses with them.")
def params_only(loss, params, rate, steps):
    return _run_descent(loss, params, rate, steps)[0]


@compiled_loop.mistake(
    "Only one loss comes back. Asked is the loss of each step: what the step returns as its second "
    "value is stacked by `scan`."
)
def last_loss_only(loss, params, rate, steps):
    params, losses = _run_descent(loss, params, rate, steps)
    return params, losses[-1]


@compiled_loop.mistake(
    "The start is among your losses *and* the end: one for each step is asked, at the parameters "
    "that it began with."
)
def losses_with_the_end(loss, params, rate, steps):
    params, losses = _run_descent(loss, params, rate, steps)
    return params, jnp.append(losses, loss(params))


@compiled_loop.mistake(
    "The step must return a *pair*, the new carry and what to stack: `return params, value`."
)
def step_without_pair(loss, params, rate, steps):
    def step(params, _):
        return jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, jax.grad(loss)(params))

    return jax.lax.scan(step, params, length=steps)


@compiled_loop.alternative
def over_numbers(loss, params, rate, steps):
    def step(carry, number):
        by = jax.grad(loss)(carry)
        return jax.tree.map(lambda leaf, slope: leaf - rate * slope, carry, by), loss(carry)

    end, losses = jax.lax.scan(step, params, jnp.arange(steps))
    return end, losses


@compiled_loop.alternative
def by_fori_loop(loss, params, rate, steps):
    def body(place, state):
        params, losses = state
        value, gradient = jax.value_and_grad(loss)(params)
        params = jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, gradient)
        return params, losses.at[place].set(value)

    return jax.lax.fori_loop(0, steps, body, (params, jnp.zeros(steps)))


@compiled_loop.alternative
def by_optax(loss, params, rate, steps):
    optimiser = optax.sgd(rate)

    def step(carry, _):
        params, opt_state = carry
        value, gradient = jax.value_and_grad(loss)(params)
        updates, opt_state = optimiser.update(gradient, opt_state)
        return (optax.apply_updates(params, updates), opt_state), value

    (params, _), losses = jax.lax.scan(step, (params, optimiser.init(params)), None, steps)
    return [params, losses]


@compiled_loop.alternative
def compiled_inside(loss, params, rate, steps):
    return jax.jit(partial(_run_descent, loss, steps=steps))(params, rate)


@compiled_loop.alternative
def by_path(loss, params, rate, steps):
    def step(params, _):
        by = jax.grad(loss)(params)
        return jax.tree.map(lambda leaf, slope: leaf - rate * slope, params, by), params

    end, path = jax.lax.scan(step, params, xs=None, length=steps)
    return end, jax.vmap(loss)(path)
