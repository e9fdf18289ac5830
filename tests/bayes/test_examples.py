"""The examples in the docstrings run, and say what really comes out."""

import doctest
import importlib
import pkgutil

import pytest

import mazoezi.bayes
import mazoezi.bayes._linear
import mazoezi.datasets._points

pytestmark = pytest.mark.slow  # compiles a lot: see `make test-fast`

MODULES = [
    *(
        importlib.import_module(f"mazoezi.bayes.{module.name}")
        for module in pkgutil.iter_modules(mazoezi.bayes.__path__)
    ),
    mazoezi.datasets._points,
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_in_the_docstrings_are_true(module):
    assert doctest.testmod(module).failed == 0


def test_examples_are_found():
    assert doctest.testmod(mazoezi.bayes._linear).attempted >= 10
