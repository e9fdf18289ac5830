"""Faults that are put into a sound practical are all found, with file, line and remedy."""

import itertools
import re
import sys
from pathlib import Path

import pytest

from mazoezi._errors import MazoeziError, SourceError
from mazoezi.course._build import build_all
from mazoezi.course._lint import lint
from mazoezi.course._practical import read_practical
from mazoezi.course._template import make_practical
from mazoezi.course._verify import Report, verify


def test_a_choice_may_go_without_hints(tmp_path):
    made = make_practical("seeded", tmp_path)
    path = made / "practical.md"
    text = path.read_text()
    start, end = text.index("{exercise} T1 "), text.index("{exercise} T2 ")
    first, second = re.findall(r":::\{hint\}\n.*?\n:::\n", text[start:end], re.S)
    path.write_text(text.replace(first, "").replace(second, ""))
    assert lint(read_practical(made)) == []
    path.write_text(text.replace(first, ""))
    assert [fault.problem for fault in lint(read_practical(made))] == ["Exercise T1 has 1 hints."]


# --- in the source: what `mazoezi build` refuses, and `mazoezi verify` lists --------------------

# what is wrong, what stood there, what is put there, the line that is named, what is said of it
STATIC = [
    # the front matter
    ("no front matter", "---\njupytext:", "jupytext:", "jupytext:", "no front matter"),
    ("never closed", "0.3}\n---\n", "0.3}\n", "Three to five lines", "not YAML"),
    ("no YAML", "  level: beginner", "  level: [beginner", "  aims:", "not YAML"),
    ("no mazoezi part", "\nmazoezi:\n", "\nmazoezy:\n", "---", "has no `mazoezi:` part"),
    ("no title", '  title: "Seeded"\n', "", "---", "`title` is None"),
    ("an unknown field", "  seeds: [0]", "  seed: 0", "  seed: 0", "unknown field 'seed'"),
    ("an unknown level above", "  level: beginner", "  level: easy", "  level: easy", "'easy'"),
    (
        "six aims", "  aims:\n", "  aims:\n    - A\n    - B\n    - C\n", "  aims:", "has 6 aims",
    ),
    (
        "an aim that is no text", "  aims:\n", "  aims:\n    - Say: this\n", "  aims:",
        "which is no text",
    ),
    (
        "a budget without checks", "student: 60, check: 0.3}", "student: 60}", "  budget:",
        "budget is",
    ),
    ("a budget in words", "check: 0.3}", "check: soon}", "  budget:", "budget is"),
    ("no minutes at all", "  minutes: 60", "  minutes: 0", "  minutes: 0", "`minutes` is 0"),
    ("too few minutes", "  minutes: 60", "  minutes: 6", "  minutes: 6", "more than the practical's 6"),
    ("devices in words", "  devices: 1", "  devices: many", "  devices:", "`devices` is 'many'"),
    ("another id", '  id: "seeded"', '  id: "other"', '  id: "other"', "the folder is 'seeded'"),
    # exercises
    (
        "an id twice", "{exercise} T2 scale-rows", "{exercise} T1 scale-rows",
        "::::{exercise} T1 scale-rows", "T1 is used twice",
    ),
    ("no slug", "T1 rows-or-columns", "T1", "::::{exercise} T1", "needs an id and a slug"),
    ("a bad slug", "T2 scale-rows", "T2 Scale_rows", "::::{exercise} T2", "the slug 'Scale_rows'"),
    ("an unknown kind", ":kind: code", ":kind: riddle", "::::{exercise} T2", "kind 'riddle'"),
    (
        "an unknown level", ":level: advanced", ":level: fearsome", "::::{exercise} T5",
        "level 'fearsome'",
    ),
    ("minutes in words", ":minutes: 8", ":minutes: eight", "::::{exercise} T2", "minutes 'eight'"),
    ("no title", ":title: Scale every row\n", "", "::::{exercise} T2", "T2 has no title"),
    (
        "a field misspelt", ":optional: yes", ":optinal: yes", ":optinal:",
        "unknown field 'optinal'",
    ),
    ("optional or not", ":optional: yes", ":optional: so", "::::{exercise} T5", "optional 'so'"),
    ("an unknown part", ":::{hint}", ":::{hind}", ":::{hind}", "no part 'hind'"),
    (
        "a part never closed", ":::\n:::{hint}\n`s[:, None]`", ":::{hint}\n`s[:, None]`",
        ":::{hint}\nAs it is", "This hint is never closed",
    ),
    (
        "an exercise never closed", "stretched over the columns.\n:::\n::::",
        "stretched over the columns.\n:::", "::::{exercise} T2", "exercise is never closed",
    ),
    (
        "the last exercise never closed", "stuck the longest.\n:::\n::::",
        "stuck the longest.\n:::", "::::{exercise} T7", "exercise is never closed",
    ),
    (
        "a hint outside", "How long should a step be?", ":::{hint}\nLook.\n:::\n", ":::{hint}\nLook",
        "'hint' is outside an exercise",
    ),
    (
        "an exercise misspelt", "::::{exercise} T5 who", "::::{excercise} T5 who",
        "::::{excercise} T5", "directive 'excercise' is unknown",
    ),
    (
        "no prompt", "Talk it over with your neighbour. A real loss has a million weights, and is "
        "steep in some directions\nand flat in others. Can one step size be right for all of them? "
        "What would you measure, and what\nwould you change?\n", "", "::::{exercise} T5",
        "has no prompt",
    ),
    (
        "one hint", ":::{hint}\nDifferentiate the two terms one by one.\n:::\n", "",
        "::::{exercise} T3", "has 1 hints",
    ),
    (
        "an empty hint", "Differentiate the two terms one by one.\n", "",
        ":::{hint}\n:::", "has an empty hint",
    ),
    (
        "no worked answer",
        ":::{answer}\nTerm by term, $L'(w) = 2 a w + b$. For $a = 3$, $b = -4$ and $w = 2$ that is "
        "8.\n:::\n", "", "::::{exercise} T3", "has no worked answer",
    ),
    (
        "no expected points",
        ":::{point}\nWhat helps most is one sentence on the place where you were stuck the longest."
        "\n:::\n", "", "::::{exercise} T7", "has no expected points",
    ),
    # options
    ("no right option", "{option} B right", "{option} B", "::::{exercise} T1", "0 of them right"),
    ("two right options", "{option} A", "{option} A right", "::::{exercise} T1", "2 of them right"),
    (
        "an option without reason",
        "---\nMissing axes are no error: s is treated as if it had shape $(1, 3)$.\n", "",
        ":::{option} C\nIt raises", "why option C is right or wrong",
    ),
    ("a small letter", "{option} A", "{option} a", ":::{option} a", "labelled 'a'"),
    ("a mark misspelt", "{option} A", "{option} A rigth", ":::{option} A rigth", "'A rigth'"),
    ("a letter twice", "{option} A", "{option} C", ":::{option} C\nIt raises", "two options C"),
    # answer cells and checks
    (
        "a marker not closed", "    ### END SOLUTION\n", "", "    ### BEGIN SOLUTION",
        "BEGIN SOLUTION without an END",
    ),
    (
        "a marker not opened", "    ### BEGIN SOLUTION\n", "", "    ### END SOLUTION",
        "END SOLUTION without a BEGIN",
    ),
    (
        "a solution shown", 'choice = "B"  # SOLUTION', 'choice = "B"', 'choice = "B"\nask("T1"',
        "shows its solution",
    ),
    (
        "a stub that does not parse", "slope = 2 * q.a * q.w + q.b  # SOLUTION",
        "slope = (  # SOLUTION\n    2 * q.a * q.w + q.b\n)", "    2 * q.a", "stub that does not parse",
    ),
    (
        "code that does not parse", "print(\"X has shape\", X.shape)", "print(X.shape",
        "print(X.shape", "code does not parse",
    ),
    ("a magic", 'print("JAX", jax.__version__)', "%timeit 1", "%timeit 1", "does not parse"),
    (
        "no check line", 'scale_rows = check("T2", scale_rows)', "scale_rows", "::::{exercise} T2",
        "T2 is never checked",
    ),
    (
        "a check without answer", 'scale_rows = check("T2", scale_rows)', 'check("T2")',
        "::::{exercise} T2", "checked without an answer",
    ),
    (
        "no answer cell", '```{code-cell} python\nask("T7")\n```\n', "", "::::{exercise} T7",
        "T7 has no answer cell",
    ),
    ("a check of nothing", 'check("T4", lab)', 'check("T44", lab)', 'lab = check("T44"', "T44"),
    (
        "a question of nothing", 'question("T3")\n', 'question("T9")\n', 'q = question("T9")', "T9",
    ),
    (
        "an unknown cell option", ":tags: [setup]", ":tag: [setup]", ":tag: [setup]",
        "no option 'tag'",
    ),
    ("tags that are no list", ":tags: [setup]", ":tags: setup", ":tags: setup", "are no list"),
    (
        "a cell never closed", 'ask("T7")\n```', 'ask("T7")', '```{code-cell} python\nask("T7")',
        "code cell is never closed",
    ),
    # prose
    (
        "a remote picture", "# Seeded\n", "# Seeded\n\n![A logo](https://example.org/logo.png)\n",
        "![A logo]", "fetched from the network",
    ),
    (
        "a remote picture in a hint", "Look at one axis at a time.",
        'Look: <img alt="axes" src="https://example.org/x.png">', "Look: <img",
        "fetched from the network",
    ),
    (
        "a remote form", "## Check yourself\n",
        '## Check yourself\n\n<iframe src="https://example.org/form"></iframe>\n', "<iframe",
        "fetched from the network",
    ),
    (
        "a picture without words", "# Seeded\n", "# Seeded\n\n![](logo.png)\n", "![](logo.png)",
        "cannot see it",
    ),
    (
        "a heading twice", "## Check yourself", "## Setup", "## Setup\n\nSix short",
        "heading is used twice",
    ),
]  # fmt: skip


def line_of(text: str, start: str) -> int:
    """Return the number of the line at which `start` begins; it must be there."""
    place = text.index(start) if text.startswith(start) else text.index(f"\n{start}") + 1
    return text.count("\n", 0, place) + 1


@pytest.fixture
def seeded(tmp_path) -> Path:
    return make_practical("seeded", tmp_path)


def test_a_sound_practical_has_no_fault(seeded, tmp_path):
    assert lint(read_practical(seeded)) == []
    assert build_all([read_practical(seeded)], tmp_path / "notebooks")


@pytest.mark.parametrize(("before", "after", "at", "words"), [
    pytest.param(*rest, id=name) for name, *rest in STATIC
])  # fmt: skip
def test_a_fault_of_the_source_is_named(seeded, tmp_path, before, after, at, words):
    path = seeded / "practical.md"
    text = path.read_text()
    assert before in text
    text = text.replace(before, after, 1)
    path.write_text(text)
    try:
        practical = read_practical(seeded)
    except SourceError as error:
        faults = [error]
    else:
        faults = lint(practical)
        with pytest.raises(MazoeziError) as refused:
            build_all([practical], tmp_path / "notebooks")
        assert str(faults[0]) in str(refused.value)
    assert not (tmp_path / "notebooks").exists()
    (found,) = [fault for fault in faults if words in fault.problem]
    assert str(found).startswith(f"{path}:{line_of(text, at)}: ")
    assert found.remedy


def test_the_list_of_seeded_faults_is_long_enough():
    assert len(STATIC) >= 20


def test_code_in_a_fence_is_no_fault(seeded):
    path = seeded / "practical.md"
    fence = "```python\n:::{hint}\n## Setup\n```\n\n## Check yourself"
    path.write_text(path.read_text().replace("## Check yourself", fence, 1))
    assert lint(read_practical(seeded)) == []


def test_two_checks_in_one_cell_both_count(seeded):
    path = seeded / "practical.md"
    text = path.read_text().replace('\nslope = check("T3", slope)', "\nslope", 1)
    text = text.replace('lab = check("T4", lab)', 'lab = check("T4", lab)\ncheck("T3", slope)', 1)
    path.write_text(text)
    assert lint(read_practical(seeded)) == []


# --- in what the code does: what `mazoezi verify` proves -----------------------------------------

SMALL = """---
mazoezi:
  id: "{id}"
  title: A small practical
  level: beginner
  aims: [Double]
  prerequisites: [none]
  minutes: 5
  seeds: [0]
  budget: {budget}
---
# Small

```{code-cell} python
:tags: [setup]
from mazoezi.course import practical

check, ask, hint, solution, question = practical("{id}")
offset = 0
```

::::{exercise} D1 double
:title: Twice
:kind: code
:level: beginner
:minutes: 1

Write `double(x)`.
:::{hint}
Twice.
:::
:::{hint}
Times two.
:::
:::{answer}
Two times.
:::
::::

```{code-cell} python
def double(x):
    ### BEGIN SOLUTION
    y = 2.0 * x
    return y + offset
    ### END SOLUTION
```

```{code-cell} python
double = check("D1", double)
```

::::{exercise} D2 triple
:title: Thrice
:kind: maths
:level: beginner
:minutes: 1

Three times a?
:::{hint}
Thrice.
:::
:::{hint}
Times three.
:::
:::{answer}
Three times.
:::
::::

```{code-cell} python
q = question("D2")
triple = 3 * q.a  # SOLUTION
triple = check("D2", triple)
```

::::{exercise} D3 try
:title: Try it
:kind: experiment
:level: beginner
:minutes: 1

Try two numbers.
:::{hint}
One.
:::
:::{hint}
And another.
:::
:::{answer}
Any two.
:::
::::

```{code-cell} python
from types import SimpleNamespace
lab = SimpleNamespace(visited=[])
lab.visited.extend([1, 2])  # SOLUTION
lab = check("D3", lab)
```

::::{exercise} D4 order
:title: In order
:kind: maths
:level: beginner
:minutes: 1

Put in order.
:::{step}
First.
:::
:::{step}
Second.
:::
:::{step}
Third.
:::
:::{hint}
One.
:::
:::{hint}
Two.
:::
:::{answer}
As it says.
:::
::::

```{code-cell} python
order = "cba"  # SOLUTION
ask("D4", order)
```

::::{exercise} D5 choose
:title: Choose
:kind: choice
:level: beginner
:minutes: 1

Which?
:::{option} A
This.
---
No.
:::
:::{option} B right
That.
---
Yes.
:::
:::{hint}
One.
:::
:::{hint}
Two.
:::
::::

```{code-cell} python
choice = "B"  # SOLUTION
ask("D5", choice)
```
"""

CHECKS = '''"""The checks."""

from types import SimpleNamespace

from mazoezi.course import code_exercise, experiment_exercise, maths_exercise


def _double(x):
    return 2.0 * x


double = code_exercise("D1", reference=_double)


@double.case("numbers")
def _(rng):
    yield from (1.0, 3.0)


@double.property("it is odd")
def _(answer, rng):
    assert answer(-1.0) == -answer(1.0), "It is not odd."


@double.mistake("You squared.")
def square(x):
    return x**2


@double.mistake("You added.")
def add(x):
    return x + 2


@double.alternative
def twice(x):
    return x + x


@double.note
def remark(answer):
    return f"At 1 it is {answer(1.0)}."


triple = maths_exercise("D2", reference=lambda a: 3 * a, numbers=[{"a": 2}, {"a": 5}])


@triple.mistake("You took the power.")
def cube(a):
    return a**3


@triple.mistake("You doubled.")
def twofold(a):
    return 2 * a


both = experiment_exercise("D3")


@both.task("one")
def _(lab, rng):
    assert 1 in lab.visited, "Try 1."


@both.task("two")
def _(lab, rng):
    assert 2 in lab.visited, "Try 2."


@both.alternative
def all_of_them():
    return SimpleNamespace(visited=[2, 1])


@both.mistake("You only tried 1.")
def only_one():
    return SimpleNamespace(visited=[1])
'''

_serial = itertools.count(1)


@pytest.fixture
def proof(tmp_path, monkeypatch):
    """Return a function that changes the small practical and proves it."""
    monkeypatch.setattr("mazoezi.course._verify.prepare_jax", lambda *_: None)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def prove(
        before: str = "", after: str = "", run: bool = False
    ) -> tuple[Report, dict[str, str], Path]:
        id = f"small-{next(_serial)}"  # a module is imported only once
        folder = tmp_path / id.replace("-", "_")
        folder.mkdir()
        budget = "{solution: 60, student: 60, check: 1}"
        texts = {
            "practical.md": SMALL.replace("{id}", id).replace("{budget}", budget),
            "exercises.py": CHECKS,
            "__init__.py": "",
        }
        assert not before or before in SMALL + CHECKS
        for name, text in texts.items():
            texts[name] = text.replace(before, after, 1) if before else text
            (folder / name).write_text(texts[name])
        return verify(read_practical(folder), run=run), texts, folder

    return prove


def test_a_sound_practical_is_proven(proof):
    report, _, _ = proof()
    assert report.faults == []
    strengths = {one.exercise: one for one in report.strengths}
    assert set(strengths) == {"D1", "D2", "D3", "D5"}
    assert all(one.share == 1 for one in strengths.values() if one.exercise != "D1")


def test_a_mutant_that_survives_is_named_with_its_line(proof):
    report, texts, _ = proof()
    (strength,) = [one for one in report.strengths if one.exercise == "D1"]
    line = line_of(texts["practical.md"], "    return y + offset")
    assert f"line {line}: Add became Sub" in strength.survivors, "offset is 0 here"
    assert strength.share < 1


# what is wrong, what stood there, what is put there, file, the line that is named, what is said
DYNAMIC = [
    (
        "a mistake that passes", "return x**2", "return 2 * x", "exercises.py",
        '@double.mistake("You squared.")', "mistake 'square' of D1 is passed",
    ),
    (
        "a mistake taken for another", "return x + 2", "return x * x", "exercises.py",
        '@double.mistake("You added.")', "mistake 'add' of D1 is diagnosed as 'square'",
    ),
    (
        "a mistake that is a stub", "return x**2", "...", "exercises.py",
        '@double.mistake("You squared.")', "mistake 'square' of D1 is not attempted",
    ),
    (
        "an alternative that is refused", "return x + x", "return x + x + 1", "exercises.py",
        "@double.alternative", "D1 refuses the right answer 'twice'",
    ),
    (
        "a single mistake", '@double.mistake("You added.")', "", "practical.md",
        "::::{exercise} D1", "D1 lists 1 mistakes",
    ),
    (
        "a solution that fails", "y = 2.0 * x", "y = 3.0 * x", "practical.md",
        "def double(x):", "The solution of D1 is failed, not passed",
    ),
    (
        "a solution that raises", "y = 2.0 * x", "y = x.nothing", "practical.md",
        "def double(x):", "The solution of D1 is errored",
    ),
    (
        "a stub that passes",
        "    ### BEGIN SOLUTION\n    y = 2.0 * x\n    return y + offset\n    ### END SOLUTION\n",
        "    return 2.0 * x\n\nunused = 1  # SOLUTION\n", "practical.md", "def double(x):",
        "The stub of D1 is passed, not not attempted",
    ),
    (
        "a stub with a right number", "triple = 3 * q.a  # SOLUTION",
        "triple = 3 * q.a\nunused = 0  # SOLUTION", "practical.md", 'q = question("D2")',
        "The stub of D2 is passed, not not attempted",
    ),
    (
        "a lab that is done already", "visited=[])\nlab.", "visited=[1, 2])\nlab.", "practical.md",
        "from types import SimpleNamespace\nlab", "The stub of D3 is passed",
    ),
    (
        "a wrong number", "triple = 3 * q.a ", "triple = 2 * q.a ", "practical.md",
        'q = question("D2")', "The solution of D2 is failed",
    ),
    (
        "a wrong order", 'order = "cba"', 'order = "abc"', "practical.md", 'order = "abc"',
        "The solution of D4 is failed",
    ),
    (
        "a wrong choice", 'choice = "B"', 'choice = "A"', "practical.md", 'choice = "A"',
        "The solution of D5 is failed",
    ),
    (
        "a check of no exercise", 'code_exercise("D1"', 'code_exercise("D9"', "exercises.py",
        'double = code_exercise("D9"', "This checks D9, which is no exercise",
    ),
    (
        "an exercise without check", 'code_exercise("D1"', 'code_exercise("D9"', "practical.md",
        "::::{exercise} D1", "D1 has no check",
    ),
    (
        "a check defined twice", "both = ", 'other = code_exercise("D1", reference=abs)\nboth = ',
        "exercises.py", 'other = code_exercise("D1"', "check of D1 is defined twice",
    ),
    (
        "a check of another kind", ":kind: code", ":kind: experiment", "exercises.py",
        'double = code_exercise("D1"', "not that of the kind 'experiment'",
    ),
    (
        "an answer by another name", 'check("D1", double)', 'check("D1", duble)', "practical.md",
        "::::{exercise} D1", "does not define `duble`",
    ),
    (
        "an answer that needs a cell between", "def double(x):", "missing\ndef double(x):",
        "practical.md", "missing", "NameError",
    ),
    (
        "a setup that raises", "offset = 0", "offset = 0\n1 / 0", "practical.md", "1 / 0",
        "ZeroDivisionError",
    ),
    (
        "a maths mistake that passes", "return a**3", "return 3 * a", "exercises.py",
        '@triple.mistake("You took', "mistake 'cube' of D2 passes for {'a': 2}",
    ),
    (
        "maths mistakes that agree", 'numbers=[{"a": 2}', 'numbers=[{"a": 2**0.5}', "exercises.py",
        '@triple.mistake("You doubled', "'twofold' of D2 is diagnosed as 'cube' for",
    ),
    (
        "a use of a lab that is refused", "visited=[2, 1]", "visited=[2]", "exercises.py",
        "@both.alternative", "D3 refuses the lab of 'all_of_them'",
    ),
    (
        "a misuse of a lab that passes", "SimpleNamespace(visited=[1])",
        "SimpleNamespace(visited=[1, 2])", "exercises.py", "@both.mistake", "'only_one' of D3 is passed",
    ),
    (
        "no use of a lab", "@both.alternative\n", "", "exercises.py",
        "both = experiment_exercise", "D3 lists no right use",
    ),
    (
        "a reference that raises", "return 2.0 * x", "return 2.0 * x[0]", "practical.md",
        "::::{exercise} D1", "The reference of D1 itself fails on the case 'numbers'",
    ),
    (
        "inputs that raise", "yield from (1.0, 3.0)", "yield 1.0 / 0", "exercises.py",
        "    yield 1.0 / 0", "check of D1 itself raises ZeroDivisionError",
    ),
    (
        "a note that raises", "{answer(1.0)}", "{answer.nothing}", "exercises.py",
        '    return f"At 1 it is', "check of D1 itself raises AttributeError",
    ),
    (
        "a task that raises", "assert 2 in lab.visited", "assert lab.visited[7]", "exercises.py",
        "    assert lab.visited[7]", "check of D3 itself raises IndexError",
    ),
    (
        "a module that is not Python", "both = ", "both = = ", "exercises.py", "both = = ",
        "SyntaxError",
    ),
    (
        "a module that raises", "both = ", "1 / 0\nboth = ", "exercises.py", "1 / 0",
        "ZeroDivisionError",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "file", "at", "words"), [
    pytest.param(*rest, id=name) for name, *rest in DYNAMIC
])  # fmt: skip
def test_a_fault_of_the_check_is_named(proof, before, after, file, at, words):
    report, texts, folder = proof(before, after)
    found = [fault for fault in report.faults if words in fault.problem]
    assert found, "\n".join(map(str, report.faults))
    line = line_of(texts[file], at)
    assert str(found[0]).startswith(f"{folder / file}:{line}: ")
    assert found[0].remedy


def test_the_right_order_is_told(proof):
    report, _, _ = proof('order = "cba"', 'order = "abc"')
    (fault,) = report.faults
    assert fault.remedy == "The right order is 'cba'."


@pytest.mark.slow
def test_what_passes_with_nothing_filled_in_is_named(proof):
    after = '```{code-cell} python\nask("D5", "B")\n```\n\n::::{exercise} D5 choose'
    report, texts, folder = proof("::::{exercise} D5 choose", after, run=True)
    line = line_of(texts["practical.md"], "::::{exercise} D5")
    (fault,) = report.faults
    assert str(fault).startswith(f"{folder / 'practical.md'}:{line}: In the student run, D5 passes")
    assert set(report.seconds) == {"solution", "student"}


@pytest.mark.slow
def test_what_goes_wrong_in_a_run_is_named(proof):
    after = "1 / 0\n```\n\n::::{exercise} D5 choose"
    after = f"```{{code-cell}} python\n{after}"
    report, texts, folder = proof("::::{exercise} D5 choose", after, run=True)
    line = line_of(texts["practical.md"], "1 / 0")
    assert [str(fault).partition(": ")[0] for fault in report.faults] == [
        f"{folder / 'practical.md'}:{line}"
    ] * 2
    assert "The solution run raises ZeroDivisionError" in report.faults[0].problem


def test_a_missing_module_is_told(tmp_path):
    made = make_practical("without-checks", tmp_path)
    (made / "exercises.py").unlink()
    (fault,) = verify(read_practical(made), run=False).faults
    assert str(fault).startswith(f"{made / 'exercises.py'}:1: There is no module exercises.py.")
