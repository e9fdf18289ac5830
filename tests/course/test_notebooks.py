"""Both notebooks come from the one source: valid, tied to their exercises, stable."""

import ast
import json
from dataclasses import replace

import nbformat
import pytest

from mazoezi._errors import MazoeziError
from mazoezi.course._build import build_all, stale
from mazoezi.course._notebooks import build, course_text, notebook, to_json
from mazoezi.course._practical import read_practical


def sources(document, kind="code"):
    return ["".join(c["source"]) for c in document["cells"] if c["cell_type"] == kind]


@pytest.fixture
def student(sample):
    return notebook(sample, "student")


@pytest.fixture
def solution(sample):
    return notebook(sample, "solution")


def test_both_are_valid_notebooks(student, solution):
    for document in (student, solution):
        nbformat.validate(nbformat.reads(json.dumps(document), as_version=4))


def test_no_answer_is_left_in_the_student_notebook(student, sample):
    text = to_json(student)
    assert "jnp.where(x > 0" not in text and "2 * q.a" not in text and "acbd" not in text
    assert "only with the solutions" not in text
    for exercise in sample.exercises.values():
        assert not exercise.worked or exercise.worked not in text
    assert "That needs an axis" not in text and "SOLUTION" not in text


def test_every_stub_parses(student):
    for source in sources(student):
        ast.parse(source)


def test_the_solution_notebook_has_answers_and_explanations(solution):
    text = to_json(solution)
    assert "jnp.where(x > 0, x, 0)" in text and "Worked answer S1" in text
    assert "only with the solutions" in text and "SOLUTION" not in text


def test_an_exercise_is_named_in_metadata_and_in_the_check_line(student):
    ties = {c["id"]: c["metadata"].get("mazoezi") for c in student["cells"]}
    assert ties["S1-answer"].items() >= {"exercise": "S1", "role": "answer"}.items()
    assert ties["S1-check"].items() >= {"exercise": "S1", "role": "check"}.items()
    assert 'relu = check("S1", relu)' in sources(student)


def test_cell_ids_are_unique_and_survive_an_insertion(sample, student, tmp_path):
    ids = [cell["id"] for cell in student["cells"]]
    assert len(set(ids)) == len(ids)
    text = sample.source.path.read_text()
    text = text.replace("## Words", "## A new section\n\nText.\n\n## Words")
    (tmp_path / "practical.md").write_text(text)
    later = [cell["id"] for cell in notebook(read_practical(tmp_path), "student")["cells"]]
    assert len(set(ids) - set(later)) <= 2  # the outline, and the prose that was split


def test_the_text_of_a_notebook_has_a_line_for_each_cell_and_loses_nothing(student):
    text = to_json(student)
    assert json.loads(text) == student
    assert len(text.splitlines()) == len(student["cells"]) + 3
    assert nbformat.reads(text, as_version=4).cells[0].source == student["cells"][0]["source"]


def test_student_notebooks_carry_no_outputs(student):
    for cell in student["cells"]:
        assert cell["cell_type"] == "markdown" or (
            cell["outputs"] == [] and cell["execution_count"] is None
        )


def test_the_outline_is_made_from_headings(student):
    outline = sources(student, "markdown")[1]
    assert "1. [Code](#Code)" in outline and "1. [Words](#Words)" in outline
    assert "- Clip at zero" in outline and "19 of them on 4 exercises (optional: 1 more)" in outline


def test_the_text_is_that_of_every_cell_of_the_student_notebook(sample):
    known = course_text(sample)
    assert notebook(sample, "student")["metadata"]["mazoezi"]["text"] == known
    for cell in sample.cells:
        if "worked" in cell.tags:
            continue
        others = (
            replace(one, text=f"# more\n{one.text}") if one is cell else one for one in sample.cells
        )
        changed = replace(sample, source=replace(sample.source, cells=tuple(others)))
        assert (course_text(changed) != known) == (cell.kind != "exercise")
    for id, text in sample.exercises.items():
        for more in ({"prompt": "New."}, {"title": "New."}, {"parts": text.parts[1:]}):
            changed = {**sample.exercises, id: replace(text, **more)}
            source = replace(sample.source, exercises=changed)
            seen = course_text(replace(sample, source=source)) != known
            assert seen == ("parts" not in more or text.parts[0].kind in ("option", "step"))


def test_the_prompt_tells_level_kind_and_time_in_words(student):
    prompts = sources(student, "markdown")
    assert any("● Beginner · code · about 8 min" in text for text in prompts)
    assert any("▲ Intermediate · multiple choice" in text for text in prompts)
    assert any("Beginner · optional · maths" in text for text in prompts)


def test_building_twice_gives_the_same_bytes(sample, tmp_path):
    first = [path.read_bytes() for path in build_all([sample], tmp_path)]
    assert [path.read_bytes() for path in build_all([sample], tmp_path)] == first


def test_a_stale_folder_is_noticed(sample, tmp_path):
    student, solution = build_all([sample], tmp_path)
    assert stale([sample], tmp_path) == []
    student.write_text(student.read_text().replace("relu", "rule"))
    (tmp_path / "forgotten.ipynb").write_text("{}")
    solution.unlink()
    assert stale([sample], tmp_path) == [
        tmp_path / "forgotten.ipynb", solution, student
    ]  # fmt: skip
    assert stale([sample], tmp_path, alone=False) == [solution, student]


def test_a_student_notebook_that_is_too_large_is_refused(sample, tmp_path, monkeypatch):
    monkeypatch.setattr("mazoezi.course._notebooks.LARGEST", 1000)
    with pytest.raises(MazoeziError, match="1000"):
        build(sample, tmp_path)
