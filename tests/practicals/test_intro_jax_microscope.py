"""The microscope tells the truth: about compilations, about what is recorded, about predictions."""

import logging

import jax
import jax.numpy as jnp
import pytest

from mazoezi._errors import ArgumentError
from mazoezi.practicals.intro_jax.microscope import (
    CASES,
    Microscope,
    measure,
    trace,
    watch,
)
from mazoezi.practicals.intro_jax.microscope._microscope import Form

# Found by reading JAX's documentation on tracing, and again by the log of its compiler below.
COMPILE_AGAIN = {2, 3, 5, 7, 9, 12}


@pytest.fixture(scope="module")
def measured():
    return {case.number: measure(case) for case in CASES}


@pytest.fixture(scope="module")
def finished():
    """A microscope on which every case was predicted to compile again."""
    microscope = Microscope()
    for case in microscope.cases:
        microscope.predict(case.number, True)
    return microscope


# --- The cases -----------------------------------------------------------------------------------


def test_there_are_twelve_cases_and_half_of_them_compile_again(measured):
    assert [case.number for case in CASES] == list(range(1, 13))
    again = {number for number, found in measured.items() if found.compilations}
    assert again == COMPILE_AGAIN


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_counter_equals_the_log_of_the_compiler(case, caplog):
    with jax.log_compiles(), caplog.at_level(logging.WARNING, logger="jax"):
        found = measure(case)
    logged = [
        record.getMessage()
        for record in caplog.records
        if record.getMessage().startswith("Finished XLA compilation of jit(")
    ]
    of_the_case = [one for one in logged if any(name in one for name in FUNCTIONS)]
    assert len(of_the_case) == found.earlier + found.compilations


FUNCTIONS = ("jit(double)", "jit(power)", "jit(<lambda>)", "jit(shifted)", "jit(total)")


def test_a_case_compiles_if_and_only_if_something_that_jax_compares_differs(measured):
    for number, found in measured.items():
        same = found.signature == found.closest
        assert same == (found.compilations == 0), number


def test_a_second_run_measures_the_same(measured):
    for case in CASES:
        again = measure(case)
        assert again.compilations == measured[case.number].compilations
        assert again.jaxpr == measured[case.number].jaxpr


def test_the_changed_global_is_not_seen(measured):
    assert measured[11].result == "4.0"
    assert "add a 0.0" in measured[11].jaxpr


def test_static_values_are_built_in(measured):
    assert "integer_pow[y=3]" in measured[7].jaxpr
    assert (measured[7].closest.static, measured[7].signature.static) == ("n=2", "n=3")


# --- Predictions ---------------------------------------------------------------------------------


def test_nothing_is_predicted_at_first():
    microscope = Microscope()
    assert microscope.visited == [] and microscope.score == 0
    assert microscope.remaining == tuple(range(1, 13))
    assert "Compilations" not in str(microscope)


def test_score_and_record_follow_the_predictions(finished):
    assert [prediction.case for prediction in finished.visited] == list(range(1, 13))
    assert finished.score == 6
    assert finished.remaining == ()
    assert finished.words == "6 of 12 predictions were right. All cases are done."


def test_only_the_first_prediction_counts():
    microscope = Microscope()
    assert not microscope.predict(1, True).right
    assert microscope.predict(1, False).right
    assert microscope.score == 0 and len(microscope.visited) == 1


def test_a_right_prediction_is_told_so():
    told = str(Microscope().predict(1, False))
    assert "✓ Right: nothing was compiled" in told
    assert "never the numbers" in told


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_wrong_prediction_is_told_why(case):
    reveal = Microscope().predict(case.number, case.number not in COMPILE_AGAIN)
    assert not reveal.right
    told = str(reveal)
    assert "✗ Not so" in told
    assert case.why.split("*")[0][:40] in " ".join(told.split())
    assert ("≠ differs" in told) == (case.number in COMPILE_AGAIN)
    assert "lambda ;" in told and "Compilations:" in told


def test_the_html_shows_source_jaxpr_and_counts_and_escapes_them():
    page = Microscope().predict(9, False)._repr_mimebundle_()["text/html"]
    assert "jax.jit(lambda x: x + k)" in page
    assert "another &lt;lambda&gt;" in page and "<lambda>" not in page
    assert "Compilations: 1 before, 1 in this call" in page


@pytest.mark.parametrize("case, recompiles", [(0, True), (13, True), (1, "yes"), (1, 1)])
def test_a_prediction_that_makes_no_sense_is_refused(case, recompiles):
    with pytest.raises(ArgumentError):
        Microscope().predict(case, recompiles)


# --- The form ------------------------------------------------------------------------------------


@pytest.fixture
def form():
    shown = []
    made = Form(Microscope(), shown.append)
    return made, shown


def test_the_form_preselects_nothing(form):
    form, shown = form
    assert not form.yes.disabled and not form.no.disabled
    assert form.yes.button_style == form.no.button_style == ""
    assert not shown


def test_a_click_predicts_reveals_and_locks_the_buttons(form):
    form, shown = form
    form.yes.click()
    assert "✗ Not so" in shown[-1].text
    assert form.yes.disabled and form.no.disabled
    assert "[✗] ○" in form.progress.value and "0 of 1" in form.progress.value
    form.on.click()
    assert "2. A longer array" in shown[-1].text
    assert not form.yes.disabled


def test_the_form_goes_round(form):
    form, _ = form
    form.back.click()
    assert form.case == 12
    form.on.click()
    assert form.case == 1


def test_predicting_in_code_moves_the_form():
    microscope, shown = Microscope(), []
    microscope._form = Form(microscope, shown.append)
    microscope.predict(5, True)
    assert "✓ Right" in shown[-1].text and microscope._form.case == 5


# --- Tracing -------------------------------------------------------------------------------------


def noisy(x):
    seen = []
    for step in range(2):
        print("step", step)
        seen.append(step)
        x = x * 2
    return jnp.where(x > 0, x, 0).sum(axis=0)


def recorded(view):
    return {line.source.strip(): line.operations for line in view.lines}


def test_prints_and_lists_record_nothing_and_arithmetic_does():
    view = trace(noisy, jnp.ones((3, 4)))
    lines = recorded(view)
    assert lines['print("step", step)'] == lines["seen.append(step)"] == lines["seen = []"] == ()
    assert lines["x = x * 2"] == ("b:f32[3,4] = mul a 2.0", "c:f32[3,4] = mul b 2.0")
    assert lines["return jnp.where(x > 0, x, 0).sum(axis=0)"][-1].endswith(
        "f32[4] = reduce_sum[axes=(0,)] g"
    )
    assert view.printed == "step 0\nstep 1\n"
    assert view.inputs == "a:f32[3,4]" and view.outputs == "h"


def test_a_second_look_and_a_compiled_function_show_the_same():
    x = jnp.ones((3, 4))
    assert trace(noisy, x) == trace(noisy, x) == trace(jax.jit(noisy), x)


def test_every_operation_of_the_jaxpr_is_beside_a_line():
    def plain(x, y):
        z = jax.lax.add(x, y)
        return jax.lax.mul(z, x), jax.lax.sin(y)

    view = trace(plain, 1.0, 2.0)
    shown = [one.split(" = ")[1].split()[0] for line in view.lines for one in line.operations]
    equations = jax.make_jaxpr(plain)(1.0, 2.0).jaxpr.eqns
    assert shown == [equation.primitive.name for equation in equations]


def test_a_loop_of_the_compiler_says_how_much_is_inside():
    def total(x):
        return jax.lax.scan(lambda sum, one: (sum + one, None), x[0], x)[0]

    text = recorded(trace(total, jnp.ones(5)))[
        "return jax.lax.scan(lambda sum, one: (sum + one, None), x[0], x)[0]"
    ][-1]
    assert "scan[length=5, 1 operation inside]" in text


def test_static_arguments_constants_and_unknown_sources():
    assert "integer_pow[y=3] a" in str(trace(lambda x, n: x**n, 2.0, 3, static_argnums=1))
    table = jnp.arange(3.0)
    assert "constants" in trace(lambda x: x + table, jnp.ones(3)).inputs
    nameless = eval("lambda x: x + 1")
    assert "(elsewhere)" in str(trace(nameless, 1.0))


def test_a_trace_is_shown_as_a_table_with_the_shapes():
    page = trace(noisy, jnp.ones((3, 4)))._repr_html_()
    assert "— nothing" in page and "f32[3,4] = mul" in page and "Printed while tracing" in page


# --- Watching ------------------------------------------------------------------------------------


def test_a_watched_function_counts_its_compilations():
    triple = watch(lambda x: 3 * x)
    assert "not called yet" in repr(triple)
    assert triple(2.0) == 6.0
    for x in (4.0, jnp.ones(3), jnp.zeros(3)):
        triple(x)
    assert triple.calls == [
        ("float32[] weak", 1),
        ("float32[] weak", 0),
        ("float32[3]", 1),
        ("float32[3]", 0),
    ]
    assert triple.compilations == 2
    assert "mul 3.0" in repr(triple) and "mul 3.0" in triple._repr_html_()


def test_options_of_jit_reach_the_watched_function():
    power = watch(lambda x, n: x**n, static_argnames="n")
    for n in (2, 3):
        power(2.0, n=n)
    assert power.compilations == 2
