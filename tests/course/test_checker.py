"""Runaway answers: each is stopped and explained, and leaves everything as it was."""

import functools
import inspect
import json
import linecache
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import psutil
import pytest

from mazoezi._errors import UncheckableError
from mazoezi.course._checker import CannotIsolateError, Checked, Checker
from mazoezi.course._practical import SEARCH_PATH, find_practical, read_practical
from mazoezi.course._session import Session
from mazoezi.course._verdict import Verdict
from mazoezi.course.workspace import VARIABLE, create_workspace

SAMPLE = Path(__file__).parent / "sample_practical"
SECONDS = 1.0
_KEY = jax.random.key(0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return the sample practical with limits that are soon reached."""
    made = tmp_path_factory.mktemp("limited") / "limited_practical"  # a module of its own
    shutil.copytree(SAMPLE, made, ignore=shutil.ignore_patterns("__pycache__"))
    exercises = made / "exercises.py"
    text = exercises.read_text()
    text = text.replace(
        "reference=jax.nn.relu)",
        f"reference=jax.nn.relu, limits=Limits(seconds={SECONDS}, gibibytes=0.25))",
    ).replace("import code_exercise,", "import Limits, code_exercise,")
    assert "Limits(" in text
    exercises.write_text(text)
    return made


@pytest.fixture(scope="module")
def checker(folder, tmp_path_factory):
    made = Checker(read_practical(folder), cache=tmp_path_factory.mktemp("cache"), seed=7)
    yield made
    made.close()


def right(x):
    return jnp.maximum(x, 0)


def notebook_function(function):
    """Return a function as if a cell of a notebook had defined it: such are sent by value."""
    source = inspect.getsource(function)
    path = f"/nowhere/ipykernel_1/{function.__name__}.py"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    names = {"__name__": "__main__", "jax": jax, "jnp": jnp, "time": time, "os": os, "sys": sys}
    names |= {
        "_KEY": _KEY,
        "signal": signal,
        "threading": threading,
        "np": np,
        "subprocess": subprocess,
    }
    exec(compile(source, path, "exec"), names)
    return names[function.__name__]


# --- Answers that run away -----------------------------------------------------------------------


def loop_in_python(x):
    while True:
        pass


def loop_in_jax(x):
    return jax.lax.while_loop(lambda count: True, lambda count: count + 1, 0) + x


def loop_in_c(x):
    return x + sum(range(10**14))


def sleep(x):
    time.sleep(1000)


def catch_everything(x):
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            continue


def flood(x):
    while True:
        print("more and more")


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer", [loop_in_python, loop_in_jax, loop_in_c, sleep, catch_everything, flood]
)
def test_an_answer_that_does_not_end_is_stopped_in_its_line(checker, answer):
    start = time.monotonic()
    verdict = checker.check("S1", notebook_function(answer)).verdict
    assert time.monotonic() - start < SECONDS + 15
    assert (verdict.verdict, verdict.category) == ("errored", "limit")
    assert "ran for more than 1 s" in verdict.message and "It was in line " in verdict.message
    assert verdict.failed_case == "one number at a time"
    assert checker.check("S1", notebook_function(right)).verdict.passed


_TIMED_FLOOD = """
import io, sys
from pathlib import Path
from mazoezi.course._checking_process import _Clock, _Printed
def flood():
    while True:
        print("more and more")
sys.stdout = _Printed(Path("/dev/null"))
with _Clock(0.01, open(sys.argv[1], "w"), io.BytesIO())("a case"):
    flood()
"""


@pytest.mark.slow
def test_the_line_is_found_however_fast_the_answer_moves(tmp_path):
    """`faulthandler` alone crashed once in eight times while functions came and went."""
    (tmp_path / "flood.py").write_text(_TIMED_FLOOD)
    for _ in range(30):
        command = [sys.executable, "flood.py", "where.txt"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60)
        where = (tmp_path / "where.txt").read_text()
        assert ended.returncode == 1
        assert where.startswith("Timeout") and "in flood" in where


def test_the_line_is_quoted(checker):
    verdict = checker.check("S1", notebook_function(loop_in_python)).verdict
    assert (
        "It was in line 2: `while True:`" in verdict.message or "line 3: `pass`" in verdict.message
    )


def grow_a_list(x):
    kept = []
    while True:
        kept.append(np.ones(10**5))


def one_huge_array(x):
    return jnp.ones((10**5, 10**5)).sum() + x


def one_huge_numpy_array(x):
    return np.ones((10**5, 10**5)).sum() + x


@pytest.mark.parametrize("answer", [grow_a_list, one_huge_array, one_huge_numpy_array])
def test_an_answer_that_takes_too_much_memory_is_refused(checker, answer):
    verdict = checker.check("S1", notebook_function(answer)).verdict
    assert (verdict.verdict, verdict.category) == ("errored", "limit")
    assert "more than 0.25 GiB of memory" in verdict.message
    assert "line " in (verdict.traceback or verdict.message)
    assert checker.check("S1", notebook_function(right)).verdict.passed


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux refuses allocations")
def test_memory_is_watched_from_outside_too(checker):
    def unlimited_list(x):
        import resource

        unlimited = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_DATA, (unlimited, unlimited))
        kept = []
        while True:
            kept.append(bytearray(10**7))
            time.sleep(0.002)

    verdict = checker.check("S1", unlimited_list).verdict
    assert verdict.category == "limit" and "GiB of memory" in verdict.message
    assert checker.check("S1", notebook_function(right)).verdict.passed


def end_python(x):
    os._exit(3)


def test_an_answer_that_ends_python_ends_only_its_own(checker):
    verdict = checker.check("S1", notebook_function(end_python)).verdict
    assert (verdict.verdict, verdict.category) == ("errored", "limit")
    assert "ended Python itself (exit code 3)" in verdict.message
    assert checker.check("S1", notebook_function(right)).verdict.passed


def crash(x):
    os.kill(os.getpid(), signal.SIGSEGV)


def test_a_crash_is_told(checker):
    verdict = checker.check("S1", notebook_function(crash)).verdict
    assert verdict.category == "limit" and "SIGSEGV" in verdict.message
    assert "line 2" in verdict.message


def call_exit(x):
    sys.exit("bye")


def test_exit_is_an_error_like_others(checker):
    verdict = checker.check("S1", notebook_function(call_exit)).verdict
    assert (verdict.verdict, verdict.category, verdict.error) == ("errored", "error", "SystemExit")
    assert "leave a function with `return`" in verdict.message


def recurse(x):
    return recurse(x) + 1


def recurse_deeply(x):
    sys.setrecursionlimit(10**9)

    def down(n):
        return [down(n + 1)]

    return down(0)


@pytest.mark.parametrize("answer", [recurse, recurse_deeply])
def test_a_recursion_bomb_is_told(checker, answer):
    verdict = checker.check("S1", notebook_function(answer)).verdict
    assert verdict.verdict == "errored"
    assert "calls itself without end" in verdict.message or verdict.category == "limit"
    assert checker.check("S1", notebook_function(right)).verdict.passed


def leave_a_thread(x):
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return jnp.maximum(x, 0)


def leave_a_process(x):
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    return jnp.maximum(x, 0)


def test_what_is_left_running_is_ended_and_told(checker):
    checker.start()
    verdict = checker.check("S1", notebook_function(leave_a_thread)).verdict
    assert verdict.passed and any("thread" in note for note in verdict.notes)
    verdict = checker.check("S1", notebook_function(leave_a_process)).verdict
    assert verdict.passed and any("process" in note for note in verdict.notes)
    ours = {process.pid for process in psutil.Process().children(recursive=True)}
    sleeping = [
        p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "1000"]
    ]
    assert not {p.pid for p in sleeping} & ours


def leave_files(x):
    for number in range(3):
        with open(f"left-{number}.txt", "w") as file:
            file.write("mine")
    return jnp.maximum(x, 0)


def test_files_that_an_answer_makes_are_gone(checker, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert checker.check("S1", notebook_function(leave_files)).verdict.passed
    assert list(tmp_path.rglob("left-*")) == []
    assert checker.check("S1", notebook_function(right)).verdict.passed


# --- What goes back and forth --------------------------------------------------------------------


def test_what_an_answer_prints_is_handed_over_up_to_a_limit(checker):
    def talk(x):
        print("x" * 8_000)
        return jnp.maximum(x, 0)

    printed = checker.check("S1", talk).printed
    assert printed.startswith("xxx") and "characters more" in printed and len(printed) < 11_000


def test_globals_are_as_before(checker):
    seen = []

    def remember(x):
        seen.append(x)
        return jnp.maximum(x, 0)

    assert checker.check("S1", remember).verdict.passed
    assert seen == []


def with_a_key(x):
    return jnp.maximum(x, 0 * jax.random.uniform(_KEY))


@pytest.mark.parametrize(
    "answer",
    [
        jax.jit(lambda x: jnp.maximum(x, 0)),
        functools.partial(jnp.maximum, 0),
        jax.nn.relu,
        notebook_function(with_a_key),
    ],
    ids=["jit", "partial", "library", "key"],
)
def test_answers_of_many_forms_arrive(checker, answer):
    assert checker.check("S1", answer).verdict.passed


def test_the_mistake_and_the_traceback_are_those_of_the_learner(checker):
    assert checker.check("S1", lambda x: jnp.abs(x)).verdict.mistake == "absolute"

    def broken(x):
        return missing + x  # pyright: ignore

    verdict = checker.check("S1", notebook_function(divide)).verdict
    assert verdict.error == "ZeroDivisionError" and "return 1 / 0" in verdict.traceback
    assert checker.check("S1", broken).verdict.error == "NameError"


def divide(x):
    return 1 / 0


def test_an_answer_that_cannot_travel_is_said_so(checker):
    lock = threading.Lock()

    def locked(x):
        with lock:
            return jnp.maximum(x, 0)

    with pytest.raises(CannotIsolateError, match="lock"):
        checker.check("S1", locked)


def test_classes_of_the_notebook_are_noticed(checker):
    class Half:
        factor = 0.5

    assert checker.check("S1", lambda x: Half.factor * x).own_classes
    assert not checker.check("S1", notebook_function(right)).own_classes


def test_code_is_run_and_judged_there(checker, tmp_path):
    path = tmp_path / "answer.py"
    code = "import jax.numpy as jnp\ndef relu(x):\n    return jnp.abs(x)\n"
    assert checker.check_code("S1", code, path).verdict.mistake == "absolute"
    assert checker.check_code("S1", code).verdict.mistake == "absolute"
    with pytest.raises(UncheckableError, match="does not define `relu`"):
        checker.check_code("S1", "x = 1", path)
    with pytest.raises(UncheckableError, match=r"Line 2 .* ZeroDivisionError"):
        checker.check_code("S1", "x = 1\n1 / 0", path)
    verdict = checker.check_code("S1", "while True:\n    pass\n", path).verdict
    assert verdict.category == "limit" and verdict.failed_case == "its own lines"
    assert "line 1: `while True:`" in verdict.message or "line 2: `pass`" in verdict.message


def test_the_process_ends_with_its_owner(folder):
    checker = Checker(read_practical(folder))
    checker.start()
    process = checker._process
    assert process is not None
    pid, files = process._popen.pid, process._folder
    assert psutil.pid_exists(pid) and files.is_dir()
    del process, checker
    assert not psutil.pid_exists(pid) and not files.exists()


# --- In a session, at the command line, in a kernel ----------------------------------------------


@pytest.fixture
def session(folder, tmp_path):
    made = Session(read_practical(folder), create_workspace(tmp_path / "workspace", seed=7))
    made.isolate()
    yield made
    assert made.checker is not None
    made.checker.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there the main thread cannot be interrupted")
def test_an_answer_that_cannot_travel_is_still_stopped_in_python(session):
    lock = threading.Lock()

    def locked(x):
        with lock:
            while True:
                pass

    verdict = session.attempt("S1", locked, "def relu(x): ...")
    assert verdict.category == "limit" and "ran for more than 1 s" in verdict.message
    assert "It was in line" in verdict.message
    assert session.workspace.store.attempts("S1")[0].details["category"] == "limit"


def test_an_answer_with_a_class_that_does_not_travel_is_judged_here(session):
    @jax.tree_util.register_pytree_node_class
    class Pair:
        def __init__(self, x):
            self.x = x

        def tree_flatten(self):
            return (self.x,), None

        @classmethod
        def tree_unflatten(cls, _, children):
            return cls(*children)

    def relu(x):
        return jax.jit(lambda pair: jnp.maximum(pair.x, 0))(Pair(x))

    assert session.attempt("S1", relu, None).passed


@pytest.mark.slow  # waits for the limit
def test_a_formula_that_never_ends_is_stopped(session):
    verdict = session.attempt("S3", lambda x: loop_in_python(x), None)
    assert verdict.category == "limit"


def test_the_command_line_stops_a_file_too(folder, tmp_path):
    workspace = create_workspace(tmp_path / "workspace")
    answer = tmp_path / "answer.py"
    answer.write_text("def relu(x):\n    while True:\n        print('flood')\n")
    done = subprocess.run(
        [sys.executable, "-m", "mazoezi", "check", "S1", "--answer", str(answer), "--json"],
        capture_output=True, text=True, timeout=120, cwd=tmp_path,
        env={**os.environ, VARIABLE: str(workspace.folder), SEARCH_PATH: str(folder)},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["verdict"] == "errored" and told["category"] == "limit"
    assert "line 3: `print('flood')`" in told["message"] or "line 2" in told["message"]
    assert done.stderr.count("flood") > 10 and len(done.stderr) < 20_000
    assert len(workspace.store.attempts("S1")) == 1


# --- The exercise to come ------------------------------------------------------------------------


def test_the_exercise_to_come_is_prepared_before_its_answer_is_there(tmp_path):
    made, uses = tmp_path / "watched_practical", tmp_path / "uses.txt"
    shutil.copytree(SAMPLE, made, ignore=shutil.ignore_patterns("__pycache__"))
    exercises = made / "exercises.py"
    watched = f"""
def watched(x):
    print("not for the learner")
    with open({str(uses)!r}, "a") as file:
        file.write(f"{{x}}\\n")
    return jax.nn.relu(x)


relu = code_exercise("S1", reference=watched)
"""
    text = exercises.read_text()
    exercises.write_text(text.replace('relu = code_exercise("S1", reference=jax.nn.relu)', watched))
    checker = Checker(read_practical(made))
    try:
        checker.start()
        for exercise in ("S1", "S1", "S2", "X"):  # again, a choice, and none that there is
            checker.get_ready(exercise)
        checked = checker.check("S1", notebook_function(right))
    finally:
        checker.close()
    assert checked.verdict.passed and checked.printed == ""
    once_ready, *others = uses.read_text().split("3.0\n")[1:]
    assert once_ready.startswith("-2.0") and len(others) == 1  # and once to compare the answer with


class WatchedChecker:
    """A checker that passes some exercises, and keeps what it was asked to get ready for."""

    def __init__(self, passed):
        self.passed, self.asked = passed, []

    def check(self, exercise, answer):
        verdict = "passed" if exercise in self.passed else "failed"
        return Checked(Verdict(exercise, verdict, ""), "")

    def get_ready(self, exercise):
        self.asked.append(exercise)


@pytest.mark.parametrize(
    ("passed", "asked"), [({"J1.1"}, ["J1.9"]), ({"J1.1", "J1.2"}, ["J1.9", "J1.3"]), (set(), [])]
)
def test_who_passes_has_the_next_code_exercise_prepared(passed, asked, tmp_path):
    checker: Any = WatchedChecker(passed)
    practical = find_practical("intro-jax")
    session = Session(practical, create_workspace(tmp_path / "workspace"), checker)
    for exercise in ("J1.1", "J1.2"):
        session.attempt(exercise, right, None)
    assert checker.asked == asked


def test_after_the_last_code_exercise_there_is_nothing_to_prepare(tmp_path):
    checker: Any = WatchedChecker({"S1"})
    session = Session(read_practical(SAMPLE), create_workspace(tmp_path / "workspace"), checker)
    assert session.attempt("S1", right, None).passed and checker.asked == []


@pytest.mark.slow
def test_a_kernel_and_its_variables_are_as_before(folder, tmp_path):
    import nbformat
    from nbclient import NotebookClient

    workspace = create_workspace(tmp_path / "workspace")
    document = nbformat.v4.new_notebook()
    document.cells = [
        nbformat.v4.new_code_cell(source)
        for source in (
            "from mazoezi.course import practical\n"
            'check, ask, hint, solution, question = practical("limited-practical")\n'
            "import os, threading, jax.numpy as jnp\nmine = [1, 2, 3]\nbefore = os.getpid()",
            "def relu(x):\n    mine.append(x)\n    while True:\n        pass",
            'relu = check("S1", relu)',
            "def relu(x):\n    os._exit(1)",
            'relu = check("S1", relu)',
            "def relu(x):\n    return jnp.maximum(x, 0)",
            'relu = check("S1", relu)',
            "print(mine, os.getpid() == before)",
        )
    ]
    environment = {**os.environ, VARIABLE: str(workspace.folder), SEARCH_PATH: str(folder)}
    NotebookClient(
        document, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute(env=environment)
    texts = [json.dumps(cell.outputs) for cell in document.cells]
    assert "ran for more than 1 s" in texts[2] and "ended Python itself" in texts[4]
    assert "Passed" in texts[6] and "[1, 2, 3] True" in texts[7]
    verdicts = [attempt.verdict for attempt in workspace.store.attempts("S1")]
    assert verdicts == ["errored", "errored", "passed"]
