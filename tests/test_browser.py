"""A learner at work, in a real browser: start, answer, read the card, move a slider, restart."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mazoezi.course.workspace import VARIABLE, open_workspace

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
WITH_AN_IF = (
    "def relu(x):\n    # Return each entry of x\n    if x > 0:\n        return x\n    return 0.0"
)
WITHOUT_AN_END = (
    "met = []\ndef relu(x):\n    # Return each entry of x\n    while True:\n        met[:] = [x]"
)
WITH_WHERE = "def relu(x):\n    # Return each entry of x\n    return jnp.where(x > 0, x, 0)"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: `make browser` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[str, str]]:
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
    yield str(folder), address
    server.terminate()
    server.wait(20)
    server.stdout.close()


@pytest.fixture(scope="module")
def page(served):
    """Yield a page with the first practical's notebook open."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(60_000)
        page.goto(served[1])
        page.goto(page.url.replace("/mazoezi", "/lab/tree/intro-jax.ipynb").split("?")[0])
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        yield page
        browser.close()


def cell_with(page, text):
    """Scroll to the code cell that holds `text`, as a reader does, and return it.

    JupyterLab keeps only the cells in view in the page.
    """
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer").evaluate(
        "panel => panel.scrollTo(0, 0)"
    )
    cell = page.locator(".jp-CodeCell", has_text=text).first
    for _ in range(400):
        if cell.count():
            cell.scroll_into_view_if_needed()
            return cell
        page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer").evaluate(
            "panel => panel.scrollBy(0, 400)"
        )
        page.wait_for_timeout(50)
    raise AssertionError(f"no cell holds {text!r}")


def run(page, cell):
    """Run one cell, and wait until the kernel is idle again."""
    cell.locator(".jp-Editor").first.click()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(300)
    page.get_by_text("| Idle").wait_for()


def run_everything(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_text("| Busy").wait_for()
    wait_for_the_last_cell(page)


def wait_for_the_last_cell(page, seconds=300):
    """Wait until the kernel stays idle: between two cells it is idle for a moment, too."""
    idle_for = 0.0
    for _ in range(int(seconds / 0.2)):
        idle_for = idle_for + 0.2 if page.get_by_text("| Idle").count() else 0.0
        if idle_for > 3:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"the notebook did not end in {seconds} s")


def write(page, cell, text):
    """Replace a cell's source."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def answer_relu(page, text):
    """Answer J1.3, and return the card's text."""
    answer = cell_with(page, "Return each entry of x")
    write(page, answer, text)
    run(page, answer)
    check = cell_with(page, 'check("J1.3"')
    run(page, check)
    card = check.locator(".mazoezi-card")
    card.wait_for()
    return card


def test_a_learner_is_told_why_then_passes_and_keeps_the_progress(page, served):
    run(page, cell_with(page, "import jax.random as jr"))

    card = answer_relu(page, WITH_AN_IF)
    told = card.inner_text()
    assert "Error in your code · J1.3" in told and "jnp.where" in told
    assert "jax/_src" not in card.text_content()
    card.get_by_text("A hint").click()
    assert card.locator("details[open] p").inner_text()

    assert "Passed · J1.3" in answer_relu(page, WITH_WHERE).inner_text()
    verdicts = [one.verdict for one in attempts(served[0])]
    assert verdicts == ["errored", "passed"]

    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Restart Kernel…$")).click()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.get_by_text("| Idle").wait_for()
    assert [one.verdict for one in attempts(served[0])] == ["errored", "passed"]


def test_an_answer_that_never_ends_leaves_the_kernel_as_it_was(page, served):
    run(page, cell_with(page, "import jax.random as jr"))
    told = answer_relu(page, WITHOUT_AN_END).inner_text()
    assert "ran for more than 10 s" in told and "It was in line" in told
    write(page, cell_with(page, "import jax.random as jr"), "print(len(met), jnp.arange(4).sum())")
    after = cell_with(page, "print(len(met)")
    run(page, after)
    assert "0 6" in after.inner_text()  # the kernel, and the list that the answer filled


def attempts(folder):
    return open_workspace(Path(folder)).store.attempts("J1.3")


def test_moving_a_slider_redraws_the_figure(page):
    run_everything(page)
    lab = cell_with(page, "FitByHand(")
    picture = lab.locator(".jp-OutputArea-output img").first
    before = picture.get_attribute("src")
    handle = lab.locator(".noUi-handle, input[type=range]").first
    handle.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([picture, before]) => picture.isConnected ? picture.src !== before : true",
        arg=[picture.element_handle(), before],
    )
    assert lab.locator(".jp-OutputArea-output img").first.get_attribute("src") != before
