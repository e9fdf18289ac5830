"""A notebook imports what it needs without starting JAX, which is only then prepared for it."""

import ast
import subprocess
import sys

import pytest

from mazoezi.course._notebooks import notebook
from mazoezi.course._practical import all_practicals

STILL_FREE = "import jax\njax.config.update('jax_num_cpu_devices', 3)"  # an error once JAX runs


def imports_before_the_practical(practical) -> str:
    """Return the import statements of a notebook up to the cell that opens the practical."""
    found = []
    for cell in notebook(practical, "student")["cells"]:
        if cell["cell_type"] == "code":
            tree = ast.parse(cell["source"])
            found += [line for line in tree.body if isinstance(line, ast.Import | ast.ImportFrom)]
            if "practical(" in cell["source"]:
                return "\n".join(map(ast.unparse, found))
    raise AssertionError(f"{practical.id} never opens itself")


@pytest.mark.parametrize("practical", all_practicals(), ids=lambda practical: practical.id)
def test_the_imports_of_a_practical_leave_jax_to_be_prepared(practical):
    imports = imports_before_the_practical(practical)
    assert "jax" in imports
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}\n{STILL_FREE}"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
