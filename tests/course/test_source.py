"""The source format is read as Jupytext reads it, and its parts are found."""

import jupytext
import pytest

from mazoezi._errors import SourceError
from mazoezi.course._markers import solution_of, stub_of
from mazoezi.course._practical import read_practical
from mazoezi.course._source import read_source


def test_code_cells_are_those_that_jupytext_finds(sample):
    theirs = jupytext.read(sample.source.path)
    code = [cell.source for cell in theirs.cells if cell.cell_type == "code"]
    assert [cell.text for cell in sample.cells if cell.kind == "code"] == code


def test_lines_point_into_the_file(sample):
    lines = sample.source.path.read_text().splitlines()
    for cell in sample.cells:
        first = cell.text.splitlines()[0]
        if cell.kind != "exercise":
            assert lines[cell.line - 1] == first
        else:
            assert lines[cell.line - 1].startswith(f"::::{{exercise}} {cell.exercise} ")


def test_an_exercise_has_its_parts(sample):
    text = sample.exercises["S1"]
    assert (text.slug, text.kind, text.level, text.minutes) == (
        "compilable-relu",
        "code",
        "beginner",
        8,
    )
    assert text.hints == ("Compute both outcomes and select.", "`jnp.where` has three arguments.")
    assert text.worked == "Both outcomes are computed; `where` selects."
    assert text.answer_name == "relu"
    assert "### BEGIN SOLUTION" in text.solution
    assert sample.exercises["S4"].optional and not text.optional


def test_an_option_keeps_its_reason(sample):
    first = sample.exercises["S2"].options[0]
    assert (first.label, first.text, first.note) == (
        "A",
        "One number a row.",
        "That needs an axis.",
    )


def test_a_fence_in_prose_is_no_cell(tmp_path):
    path = tmp_path / "practical.md"
    path.write_text("---\na: 1\n---\nText\n\n```python\n+++\n:::{exercise} X y\n```\n\nMore\n")
    (cell,) = read_source(path).cells
    assert cell.text.endswith("More") and ":::{exercise}" in cell.text


@pytest.mark.parametrize(
    ("before", "after", "at", "word"),
    [
        ("::::{exercise} S5 talk", "::::{exercise} S1 talk", "::::{exercise} S1 talk", "twice"),
        (":kind: choice", ":kind: riddle", "::::{exercise} S2", "riddle"),
        (":level: intermediate", ":level: fearsome", "::::{exercise} S2", "fearsome"),
        (":minutes: 8", ":minutes: eight", "::::{exercise} S1", "eight"),
        ("::::{exercise} S5 talk", "::::{exercise} S5", "::::{exercise} S5", "slug"),
        (":title: A slope\n", "", "::::{exercise} S3", "title"),
        ("level: beginner\n  aims", "level: hard\n  aims", "  level: hard", "hard"),
        ("  minutes: 30\n", "", "---", "minutes"),
        ("aims: [Clip", "aimz: [Clip", "  aimz: [Clip", "aimz"),
        (":::{point}\nBecause of that", ":::{pint}\nBecause of that", ":::{pint}", "pint"),
    ],
)
def test_a_fault_is_named_with_its_line(sample, tmp_path, before, after, at, word):
    text = sample.source.path.read_text()
    assert before in text
    text = text.replace(before, after, 1)
    (tmp_path / "practical.md").write_text(text)
    with pytest.raises(SourceError, match=word) as caught:
        read_practical(tmp_path)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(at)]
    assert caught.value.line in lines[-1:] or caught.value.line in lines[:1]
    assert "practical.md:" in str(caught.value) and caught.value.remedy


def test_a_region_leaves_one_placeholder_at_its_own_depth():
    code = "def f(x):\n    ### BEGIN SOLUTION\n    y = x\n    return y\n    ### END SOLUTION"
    assert stub_of(code) == "def f(x):\n    ...  # your answer"
    assert solution_of(code) == "def f(x):\n    y = x\n    return y"


@pytest.mark.parametrize(
    ("line", "stub"),
    [
        ("y = x + 1  # SOLUTION", "y = ...  # your answer"),
        ("    return f(x=1)  # SOLUTION", "    return ...  # your answer"),
        ("a, b = f(x == 1)  # SOLUTION", "a, b = ...  # your answer"),
        ("lab.set(b=0)  # SOLUTION", "...  # your answer"),
        ("p['w'] = 3  # SOLUTION", "p['w'] = ...  # your answer"),
    ],
)
def test_a_marked_line_keeps_its_left_side(line, stub):
    assert stub_of(line) == stub
