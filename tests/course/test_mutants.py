"""Mutants are whole programs, all different, and cover what checks should notice."""

import ast

from mazoezi.course._mutants import mutants

CODE = """
def f(x, y):
    scores = (x @ y.T - 1.0) / len(x)
    if scores.ndim > 1:
        return jnp.sum(scores, axis=0)
    return jax.vmap(g, in_axes=(0, None))(-x, y)
"""


def changes():
    return [mutant.change for mutant in mutants(CODE)]


def test_each_sort_of_change_is_made():
    for change in (
        "Sub became Add", "Div became Mult", "Gt became Lt", "sum became mean", "axis=0 became 1",
        "in_axes reversed", ".T left out", "a minus sign left out", "1.0 became 2.0",
        "the first two arguments swapped", "axis= left out", "len(x) left out",
        "the result's sign changed",
    ):  # fmt: skip
        assert change in changes(), change


def test_mutants_parse_and_differ():
    texts = [mutant.source for mutant in mutants(CODE)]
    assert len(set(texts)) == len(texts) > 15
    original = ast.unparse(ast.parse(CODE))
    for text in texts:
        ast.parse(text)
        assert text != original


def test_only_the_answer_is_changed():
    code = "def helper(x):\n    return x + 1\n\ndef f(x):\n    return helper(x) * 2\n"
    assert all("return x + 1" in mutant.source for mutant in mutants(code))


def test_code_without_a_function_has_no_mutants():
    assert mutants("x = 3") == []
