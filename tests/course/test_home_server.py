"""The home page over HTTP: only who has the token reads it, only the page itself changes anything."""

import http.cookiejar
import io
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mazoezi.course._practical import SEARCH_PATH, read_practical
from mazoezi.course._server import add_notebooks, lab_server
from mazoezi.course._verdict import Verdict
from mazoezi.course.progress import connect
from mazoezi.course.workspace import Workspace, create_workspace

SAMPLE = Path(__file__).parent / "sample_practical"
TOKEN = "secret"
SCRIPT = "<script>alert('a learner wrote this')</script>"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("home")]


@dataclass
class Served:
    """A running server, and a browser's worth of cookies."""

    workspace: Workspace
    address: str
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def ask(self, path, *, data=None, headers=None, cookies=True):
        """Return status, headers and text of an answer; redirects are not followed."""
        request = urllib.request.Request(self.address + path, headers=headers or {})
        if data is not None:
            request.data = urllib.parse.urlencode(data).encode()
        jar = self.cookies if cookies else http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _Stay())
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def page(self, path, **more):
        status, _, body = self.ask(path, **more)
        assert status == 200, body.decode()
        return body.decode()

    def send(self, path, data=None):
        """Send a form as the page does, with XSRF's token; return status and text."""
        token = next(one.value for one in self.cookies if one.name == "_xsrf") or ""
        status, _, body = self.ask(path, data={"_xsrf": token, **(data or {})})
        return status, body


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


@pytest.fixture(scope="module")
def served(tmp_path_factory, unused_port) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SEARCH_PATH, str(SAMPLE))
        workspace = create_workspace(tmp_path_factory.mktemp("home") / "workspace", seed=7)
        add_notebooks(workspace, [read_practical(SAMPLE)])
        said = Verdict("S5", "passed", f"Your text is kept. {SCRIPT}")
        workspace.store.record("sample-practical", SCRIPT, said, {})
        port = unused_port()
        with lab_server(workspace, port, TOKEN):
            served = Served(workspace, f"http://127.0.0.1:{port}")
            served.page(f"/mazoezi?token={TOKEN}")  # leaves the cookie
            yield served


PAGES = (
    "/mazoezi", "/mazoezi?q=relu", "/mazoezi/exercise/S1", "/mazoezi/exercise/S1/reset",
    "/mazoezi/exercise/S1/restore?attempt=1", "/mazoezi/update", "/mazoezi/export",
    "/mazoezi/feedback/sample-practical", "/mazoezi/feedback.csv", "/mazoezi/static/home.css",
)  # fmt: skip
FORMS = (
    "/mazoezi/settings", "/mazoezi/exercise/S1/reset", "/mazoezi/exercise/S1/restore",
    "/mazoezi/update", "/mazoezi/export", "/mazoezi/feedback/sample-practical",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_there_and_asks_for_the_token(served, path):
    assert served.ask(path)[0] == 200
    status, headers, body = served.ask(path, cookies=False)
    assert status == 302 and "/login" in headers["Location"] and b"relu" not in body
    assert served.ask(f"{path}{'&' if '?' in path else '?'}token=wrong", cookies=False)[0] == 302


@pytest.mark.parametrize("path", FORMS)
def test_nothing_is_changed_without_the_token_or_without_the_page(served, path):
    before = snapshot(served)
    data = {"theme": "dark", "rating": "1", "attempt": "1"}
    assert served.ask(path, data=data, cookies=False)[0] == 403
    assert served.ask(path, data=data)[0] == 403  # the cookie alone: a form on another page
    assert served.ask(path, data={**data, "_xsrf": "guessed"})[0] == 403
    assert snapshot(served) == before


@pytest.mark.parametrize("path", FORMS)
def test_another_origin_changes_nothing_even_with_the_right_fields(served, path):
    before = snapshot(served)
    token = next(one.value for one in served.cookies if one.name == "_xsrf")
    data = {"theme": "dark", "rating": "1", "attempt": "1", "_xsrf": token}
    status, headers, _ = served.ask(path, data=data, headers={"Origin": "http://evil.example"})
    assert status == 404 and "Access-Control-Allow-Origin" not in headers
    assert snapshot(served) == before


def snapshot(served):
    files = [path for path in served.workspace.folder.rglob("*") if path.is_file()]
    kept = {".json", ".ipynb", ".sqlite"}
    return {path: path.read_bytes() for path in files if path.suffix in kept}


def test_another_host_reads_nothing(served):
    for path in ("/mazoezi", f"/mazoezi?token={TOKEN}", "/mazoezi/feedback.csv"):
        status, _, body = served.ask(path, headers={"Host": "evil.example"})
        assert status == 403 and b"Introduction" not in body


def test_no_page_may_frame_it_or_run_a_script_in_it(served):
    _, headers, _ = served.ask("/mazoezi")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy and headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/mazoezi", "/mazoezi/exercise/S5", f"/mazoezi?q={SCRIPT}"])
def test_what_a_learner_wrote_never_becomes_a_script(served, path):
    text = served.page(urllib.parse.quote(path, safe="/?=&"))
    assert SCRIPT not in text and "&lt;script&gt;" in text
    assert text.count("<script") == 1  # our own


@pytest.mark.parametrize(
    "path",
    [
        "/mazoezi/static/../_handlers.py",
        "/mazoezi/static/..%2f_handlers.py",
        "/mazoezi/static/%2e%2e/%2e%2e/%2e%2e/cli.py",
        "/mazoezi/static//etc/passwd",
        "/mazoezi/exercise/..%2f..%2fetc",
        "/mazoezi/feedback/..%2f..%2f",
        "/mazoezi/exercise/../reset",
        "/mazoezi/exercise/--help",
        "/mazoezi/exercise/NONE",
        "/mazoezi/feedback/none",
    ],
)
def test_no_path_leads_elsewhere(served, path):
    status, _, body = served.ask(path)
    assert status in (400, 403, 404) and b"import" not in body and b"root:" not in body


def test_an_unknown_exercise_is_told_in_a_sentence(served):
    status, _, body = served.ask("/mazoezi/exercise/NONE")
    assert status == 404 and "There is no exercise NONE." in body.decode()


def test_what_is_new_is_sent_once(served):
    _, headers, _ = served.ask("/mazoezi")
    assert served.ask("/mazoezi", headers={"If-None-Match": headers["Etag"]})[0] == 304
    served.workspace.store.record("sample-practical", "x", Verdict("S1", "failed", "Said."), {})
    status, _, body = served.ask("/mazoezi", headers={"If-None-Match": headers["Etag"]})
    assert status == 200 and "Continue where you stopped" in body.decode()


def test_a_store_that_another_program_holds_is_told_and_jupyter_goes_on(served):
    with closing(connect(served.workspace.progress_file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.perf_counter()
        text = served.page("/mazoezi")
        assert time.perf_counter() - began < 8
        assert "another program is using it" in text and "S1-state" in text
        assert served.ask("/api/status")[0] == 200
        status, body = served.send("/mazoezi/feedback/sample-practical", {"rating": "3"})
        assert status == 409 and b"another program is using it" in body
    assert "another program" not in served.page("/mazoezi")


def test_a_read_only_workspace_is_served_and_each_refusal_is_told(notebook, read_only, unused_port):
    port = unused_port()
    with lab_server(read_only, port, TOKEN):
        served = Served(read_only, f"http://127.0.0.1:{port}")
        assert "is read-only" in served.page(f"/mazoezi?token={TOKEN}")
        status, body = served.send("/mazoezi/feedback/sample-practical", {"rating": "3"})
        assert status == 409 and b"read-only" in body
        status, body = served.send("/mazoezi/exercise/S1/reset")
        assert status == 409 and "That could not be done" in body.decode()
        assert b"Traceback" not in body
        assert served.send("/mazoezi/settings", {"theme": "dark"})[0] == 303
        assert 'data-theme="dark"' in served.page("/mazoezi")


def test_a_damaged_store_and_a_practical_that_cannot_be_read_are_told_and_the_rest_works(
    notebook, workspace, tmp_path, monkeypatch, unused_port
):
    broken = tmp_path / "broken_one"
    broken.mkdir()
    (broken / "practical.md").write_text("---\nmazoezi: [\n---\n")
    monkeypatch.setenv(SEARCH_PATH, os.pathsep.join([str(SAMPLE), str(broken)]))
    for number in range(50):
        said = Verdict("S1", "failed", "Said.")
        workspace.store.record("sample-practical", f"answer {number} {'y' * 500}", said, {})
    content = bytearray(workspace.progress_file.read_bytes())
    content[4096 : 6 * 4096] = b"\xa5" * 5 * 4096
    workspace.progress_file.write_bytes(content)
    port = unused_port()
    with lab_server(workspace, port, TOKEN):
        served = Served(workspace, f"http://127.0.0.1:{port}")
        page = served.page(f"/mazoezi?token={TOKEN}")
        assert "was damaged" in page and re.search(r"broken_one\S*practical.md:\d.* not YAML", page)
        assert "Continue where you stopped" in page and "A sample" in page
        assert "answer 49" in served.page("/mazoezi/exercise/S1")
        assert served.send("/mazoezi/feedback/sample-practical", {"rating": "3"})[0] == 200
        assert served.ask("/api/status")[0] == 200


@pytest.fixture
def notebook(workspace, sample):
    add_notebooks(workspace, [sample])
    workspace.notebook("sample-practical").write_text(
        workspace.notebook("sample-practical").read_text().replace("... ", "0  ")
    )
    said = Verdict("S1", "failed", "Said.")
    workspace.store.record("sample-practical", "x", said, {})


def test_settings_change_the_page_and_nonsense_is_refused(served):
    assert served.send("/mazoezi/settings", {"theme": "dark", "larger_text": "yes"})[0] == 303
    text = served.page("/mazoezi")
    assert 'data-theme="dark"' in text and 'data-text="larger"' in text
    status, body = served.send("/mazoezi/settings", {"theme": "pink"})
    assert status == 400 and b"theme is &#39;pink&#39;" in body
    assert served.send("/mazoezi/settings", {"theme": "system"})[0] == 303


def answer_in_notebook(served):
    document = json.loads(served.workspace.notebook("sample-practical").read_text())
    return next(cell for cell in document["cells"] if cell["id"] == "S1-answer"), document


def test_an_answer_is_emptied_and_put_back(served):
    cell, document = answer_in_notebook(served)
    empty, mine = cell["source"], "def relu(x):\n    return 'mine'"
    cell["source"] = mine
    served.workspace.notebook("sample-practical").write_text(json.dumps(document))
    assert "Empty the answer of S1?" in served.page("/mazoezi/exercise/S1/reset")
    assert answer_in_notebook(served)[0]["source"] == mine  # asking alone changes nothing
    status, body = served.send("/mazoezi/exercise/S1/reset")
    assert status == 200 and b"Emptied S1" in body and b"Undo" in body
    assert answer_in_notebook(served)[0]["source"] == empty
    status, body = served.send("/mazoezi/exercise/S1/restore")
    assert status == 200 and answer_in_notebook(served)[0]["source"] == mine
    status, body = served.send("/mazoezi/exercise/S1/restore", {"attempt": "999"})
    assert status == 409 and b"has no attempt 999" in body
    assert served.send("/mazoezi/exercise/S1/restore", {"attempt": "1; rm"})[0] == 400


def test_a_notebook_that_is_behind_is_told_and_updated(served):
    path, told = served.workspace.notebook("sample-practical"), "has a new text of this practical"
    assert told not in served.page("/mazoezi")
    earlier = json.loads(path.read_text())
    earlier["metadata"]["mazoezi"]["text"] = "another"
    path.write_text(json.dumps(earlier))
    assert told in served.page("/mazoezi")
    status, body = served.send("/mazoezi/update")
    assert status == 200 and "sample-practical.ipynb has the new text" in body.decode()
    assert told not in served.page("/mazoezi")
    status, body = served.send("/mazoezi/update")
    assert status == 200 and "sample-practical.ipynb is up to date." in body.decode()


def test_the_work_is_exported(served):
    status, body = served.send("/mazoezi/export")
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert "files/sample-practical.ipynb" in archive.namelist()
        assert json.loads(archive.read("attempts.json"))["attempts"]


def test_feedback_is_kept_shown_again_and_exported(served):
    form = "/mazoezi/feedback/sample-practical"
    said = {"rating": "4", "minutes": "75", "comment": SCRIPT}
    status, body = served.send(form, said)
    assert status == 200 and b"Thank you" in body
    again = served.page(form)
    assert SCRIPT not in again and 'value="75"' in again and 'value="4" required checked' in again
    table = served.page("/mazoezi/feedback.csv")
    assert "sample-practical,4,75," in table and SCRIPT in table


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ({"rating": ""}, "rating is"),
        ({"rating": "9"}, "rating is 9"),
        ({"rating": "3", "minutes": "long"}, "minutes is"),
        ({"rating": "3", "minutes": "-5"}, "minutes is"),
        ({"rating": "3", "minutes": "0"}, "minutes is 0"),
    ],
)
def test_nonsense_feedback_is_refused_and_the_text_kept(served, spoilt, told):
    before = len(served.workspace.store.feedback())
    data = {"comment": "A long text.", **spoilt}
    status, body = served.send("/mazoezi/feedback/sample-practical", data)
    assert status == 409 and told in body.decode() and "A long text." in body.decode()
    assert len(served.workspace.store.feedback()) == before


def test_the_page_is_light(served):
    text = served.page("/mazoezi")
    files = re.findall(r'(?:href|src)="(/mazoezi/static/[^"]+)"', text)
    weight = len(text.encode()) + sum(len(served.page(path).encode()) for path in set(files))
    assert len(set(files)) == 3 and weight <= 300_000
    assert not re.search(r'(?:href|src)="(?:https?:)?//', text)  # nothing from elsewhere
