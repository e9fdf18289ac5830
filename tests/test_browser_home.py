"""A learner on the home page, in a real browser: find, open, answer, watch it change, give feedback."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mazoezi.course._verdict import Verdict
from mazoezi.course.workspace import VARIABLE, open_workspace

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
WRONG = "def relu(x):\n    # Return each entry of x\n    return abs(x)"
RIGHT = "def relu(x):\n    # Return each entry of x\n    return jnp.where(x > 0, x, 0)"
PAGES = ("", "?q=relu", "/exercise/J1.3", "/exercise/J1.3/reset", "/update", "/export",
         "/feedback/intro-jax", "/exercise/NONE")  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: `make browser` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """Yield the workspace's folder and the address that `mazoezi start` prints."""
    folder = tmp_path_factory.mktemp("learner") / "workspace"
    server = subprocess.Popen(
        [sys.executable, "-m", "mazoezi", "start", str(folder), "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, VARIABLE: ""},
    )
    assert server.stdout is not None
    lines = iter(server.stdout.readline, "")
    address = next(m[0] for line in lines if (m := re.search(r"http://\S+", line)))
    yield folder, address
    server.terminate()
    server.wait(20)
    server.stdout.close()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield browser
        browser.close()


@pytest.fixture
def page(browser, served):
    """Yield the home page, in a browser that knows only its address."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    page.goto(served[1])
    yield page
    context.close()
    expected = ("404", "ERR_FAILED")  # a page that is not there, and a server that a test silences
    assert [one for one in wrong if not any(sign in one for sign in expected)] == []


def home_of(page):
    return page.url.split("?")[0]


def exercise_link(page, exercise):
    """Open an exercise's section in the map, and return the exercise's link."""
    link = page.locator(f'.exercises a.lab:text-matches("^{re.escape(exercise)} ")')
    section = page.locator("details.section", has=link)
    if section.get_attribute("open") is None:
        section.locator("summary").click()
    return link


def opened(page, link):
    """Click on a link, and return JupyterLab's page once its kernel is ready."""
    with page.context.expect_page() as found:
        link.click()
    lab = found.value
    lab.get_by_text("Python 3 (ipykernel) | Idle").first.wait_for()
    return lab


def wait_until_in_view(lab, heading):
    lab.wait_for_function(
        """heading => [...document.querySelectorAll(
            ".jp-NotebookPanel:not(.lm-mod-hidden) :is(h2, h3)")].some(one => {
            const { top } = one.getBoundingClientRect();
            return one.innerText.includes(heading) && top > 0 && top < innerHeight / 2;
        })""",
        arg=heading,
    )


def run_cell(lab, text, source=None):
    """Run the first cell that holds `text`, perhaps with another source, and return it."""
    cell = lab.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", has_text=text).first
    cell.locator(".cm-content").first.click()
    if source:
        lab.keyboard.press("Control+A")
        lab.keyboard.insert_text(source)
    lab.keyboard.press("Control+Enter")
    lab.wait_for_timeout(300)
    lab.get_by_text("| Idle").wait_for()
    return cell


def test_a_search_finds_an_exercise_and_opens_it_there(page):
    page.get_by_label("Search the course").fill("polynomial laboratory")
    hit = page.locator("#results a", has_text="J2.6")
    hit.wait_for()
    assert "found" in page.locator("#found").inner_text()
    lab = opened(page, hit)
    wait_until_in_view(lab, "Exercise J2.6")
    assert "J2.6" in lab.locator(".jp-Cell.jp-mod-active").first.inner_text()


def test_one_jupyterlab_serves_all_links(page):
    lab = opened(page, exercise_link(page, "J2.6"))
    wait_until_in_view(lab, "Exercise J2.6")
    lab.evaluate("window.sameAsBefore = true")
    exercise_link(page, "A16").click()
    wait_until_in_view(lab, "Exercise A16")
    section = page.locator("details.section", has_text="Transposing")
    section.locator("summary").click()
    section.get_by_role("link", name="Read this section").click()
    wait_until_in_view(lab, "Transposing")
    assert lab.evaluate("window.sameAsBefore") and len(page.context.pages) == 2


def test_the_page_follows_a_wrong_and_a_right_answer_without_reloading(page):
    page.evaluate("window.sameAsBefore = true")
    lab = opened(page, exercise_link(page, "J1.3"))
    wait_until_in_view(lab, "Exercise J1.3")
    setup = lab.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    setup.locator(".jp-WindowedPanel-outer").evaluate("panel => panel.scrollTo(0, 0)")
    run_cell(lab, "import jax.random as jr")
    exercise_link(page, "J1.3").click()
    wait_until_in_view(lab, "Exercise J1.3")

    run_cell(lab, "Return each entry of x", WRONG)
    card = run_cell(lab, 'check("J1.3"').locator(".mazoezi-card")
    assert "Not yet · J1.3" in card.inner_text()
    standing = page.locator('[id="J1.3-state"]')
    page.bring_to_front()
    playwright.expect(standing).to_have_text(re.compile("Not yet"), timeout=20_000)
    playwright.expect(page.locator("#next")).to_contain_text("Continue where you stopped")

    lab.bring_to_front()
    run_cell(lab, "Return each entry of x", RIGHT)
    card = run_cell(lab, 'check("J1.3"').locator(".mazoezi-card")
    assert "Passed · J1.3" in card.inner_text()
    page.bring_to_front()
    playwright.expect(standing).to_have_text(re.compile("Passed"), timeout=20_000)
    playwright.expect(page.locator("#intro-jax-progress")).to_contain_text(
        re.compile("1 of [0-9]+ passed")
    )
    playwright.expect(page.locator("#recent")).to_contain_text("J1.3 ReLU that can be compiled")
    assert page.evaluate("window.sameAsBefore")


def test_what_has_the_focus_keeps_it_when_news_come(page, served):
    page.locator("#next a").focus()
    said = Verdict("J1.1", "failed", "Said by this test.")
    open_workspace(served[0]).store.record("intro-jax", "x", said, {})
    playwright.expect(page.locator("#recent")).to_contain_text("Said by this test", timeout=20_000)
    assert page.evaluate("document.activeElement.closest('#next') !== null")


def test_feedback_is_given_and_exported(page, served):
    page.get_by_role("link", name="Give feedback on Introduction to JAX").click()
    page.get_by_label("4, good").check()
    page.get_by_label("How many minutes").fill("240")
    page.get_by_label("What helped").fill("The cards.\nAnd <b>tracing</b>.")
    page.get_by_role("button", name="Keep my feedback").click()
    page.get_by_text("Thank you").wait_for()
    page.get_by_role("link", name="Back to the course").click()
    with page.expect_download() as found:
        page.get_by_role("link", name="Feedback as a table").click()
    table = Path(found.value.path()).read_text("utf-8-sig")
    row = list(csv.reader(io.StringIO(table)))[-1]
    assert row[1:] == ["intro-jax", "4", "240", "The cards.\nAnd <b>tracing</b>."]
    shown = subprocess.run(
        [sys.executable, "-m", "mazoezi", "feedback"], capture_output=True, text=True, check=True,
        env={**os.environ, VARIABLE: str(served[0])},
    )  # fmt: skip
    assert "4 of 5, 240 minutes" in shown.stdout


def test_an_answer_is_emptied_after_a_question_and_put_back(page, served):
    store = open_workspace(served[0]).store
    store.record("intro-jax", "cosine = 1", Verdict("J1.1", "failed", "Said."), {})
    page.goto(f"{home_of(page)}/exercise/J1.1")
    page.get_by_role("link", name="Put it back").first.click()
    page.get_by_role("button", name="Put it back").click()
    page.get_by_text("Put attempt").wait_for()
    page.get_by_role("link", name="Your answers to J1.1").click()
    page.get_by_role("link", name="Empty the answer cell").click()
    page.get_by_role("button", name="Empty it").click()
    page.get_by_text("Emptied J1.1").wait_for()
    assert "Reload Notebook from Disk" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Undo: put it back").click()
    page.get_by_text("back", exact=False).first.wait_for()
    assert "cosine = 1" in (served[0] / "intro-jax.ipynb").read_text()


def test_the_theme_and_larger_text_are_remembered(page, browser, served):
    page.locator(".corner summary").click()
    page.get_by_label("Dark").check()
    page.wait_for_selector('html[data-theme="dark"]')
    page.locator(".corner summary").click()
    page.get_by_label("Larger text").check()
    page.wait_for_selector('html[data-text="larger"]')
    other = browser.new_context().new_page()
    other.goto(served[1])
    assert other.locator("html").get_attribute("data-theme") == "dark"
    assert other.evaluate("getComputedStyle(document.documentElement).fontSize") == "20px"
    other.context.close()
    page.locator(".corner summary").click()
    page.get_by_label("Larger text").uncheck()
    page.wait_for_selector("html:not([data-text])")
    page.locator(".corner summary").click()
    page.get_by_label("System").check()
    page.wait_for_selector('html[data-theme="system"]')


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_by_the_rules_of_wcag(page, served, scheme, width):
    """axe-core finds nothing against WCAG 2.2 AA or its best practices, on any page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    path = served[0] / "array-algebra.ipynb"  # so that a notice is shown as well
    path.write_text(
        re.sub('"text": ?"[0-9a-f]+", ?"variant"', '"text":"","variant"', path.read_text())
    )
    playwright.expect(page.locator("#array-algebra-behind")).to_contain_text(
        "Update the notebooks", timeout=20_000
    )
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    home = home_of(page)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    for path in PAGES:
        page.goto(f"{home}{path}")
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        found = axe.run(page, options={"runOnly": {"type": "tag", "values": rules}})
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{path} is {wide} px wide"


def test_the_keyboard_reaches_everything_in_the_order_that_is_read(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        reached.append(
            page.evaluate(
                "(document.activeElement.innerText || document.activeElement.id).trim().split('\\n')[0]"
            )
        )
    assert reached[:4] == ["mazoezi", "q", "Search", "Settings"]
    assert reached[4].startswith("Open ") and reached[5] == "Open the notebook"
    assert reached[6].startswith("Give feedback")
    order = page.evaluate(
        "[...document.querySelectorAll('a, button, input, summary')].every(one => one.tabIndex === 0)"
    )
    assert order  # nothing jumps the queue, nothing is left out


def test_the_page_says_when_its_server_is_gone(page):
    page.route("**/mazoezi", lambda route: route.abort())
    playwright.expect(page.locator("#connection")).to_contain_text("does not answer")
    page.unroute("**/mazoezi")
    playwright.expect(page.locator("#connection")).to_be_hidden(timeout=20_000)
