"""A learner with the arrays' practical in a real browser: type an expression, use the lab, err."""

import os

import pytest

from test_browser import CHROMIUM, cell_with, playwright, run, served, write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: `make browser` installs it"),
]

__all__ = ["served"]  # the fixture

SETUP = "from mazoezi.practicals.array_algebra import data, figures"


@pytest.fixture(scope="module")
def page(served):
    """Yield a page with the notebook of array algebra open, and its setup cell run."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(60_000)
        page.goto(served[1])
        page.goto(page.url.replace("/mazoezi", "/lab/tree/array-algebra.ipynb").split("?")[0])
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        run(page, cell_with(page, SETUP))
        yield page
        browser.close()


def look(page, name):
    """Keep a picture of the page, where MAZOEZI_SCREENSHOTS names a folder."""
    if folder := os.environ.get("MAZOEZI_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_typing_an_expression_draws_its_steps(page):
    run(page, cell_with(page, "M = np.array([[1, 2], [3, 4], [5, 6]])"))
    box = cell_with(page, 'arrays.ExpressionBox("M + v"')
    run(page, box)
    box.locator("svg .size.clashes").first.wait_for(state="attached")
    assert box.locator("svg .size.clashes").count() == 2
    look(page, "box-clash")

    typed = box.locator(".jp-OutputArea input[type=text]")
    typed.fill("M + v[:, None]")
    typed.press("Enter")
    box.locator("svg", has_text="M + v[:, None]: shape (3, 2)").first.wait_for()
    assert box.locator("svg .size.clashes").count() == 0
    look(page, "box-fits")

    typed.fill("open('M')")
    typed.press("Enter")
    box.get_by_text("`open` is not an array function").wait_for()
    look(page, "box-refused")


def test_the_lab_follows_its_controls(page):
    lab = cell_with(page, "lab = EinsumLab()")
    write(page, lab, "from mazoezi.practicals.array_algebra.labs import EinsumLab\nEinsumLab()")
    lab = cell_with(page, "labs import EinsumLab")
    run(page, lab)
    chosen = lab.locator("select").first
    chosen.wait_for()
    lab.get_by_text("24 multiply-adds").first.wait_for()
    chosen.select_option("ii->")
    lab.get_by_text("2 multiply-adds").first.wait_for()
    look(page, "lab")


@pytest.mark.parametrize(
    ("exercise", "stub", "answer", "told"),
    [
        (
            "A02",
            "def top_left(matrix)",
            "def top_left(matrix):\n    # Return the value in the first row\n    return matrix.max()",
            "expected",
        ),
        (
            "A33",
            "def add_column_and_row(M, column, row)",
            "def add_column_and_row(M, column, row):\n    return M + column.sum(), M + row",
            "expected",
        ),
        (
            "A41",
            "def block_mean(image, n)",
            "def block_mean(image, n):\n    return image[n - 1::n, n - 1::n] / 1.0",
            "expected",
        ),
    ],
)
def test_a_wrong_answer_that_nobody_listed_gets_a_card(page, exercise, stub, answer, told):
    cell = cell_with(page, stub)
    write(page, cell, answer)
    run(page, cell_with(page, stub))
    check = cell_with(page, f'check("{exercise}"')
    run(page, check)
    card = check.locator(".mazoezi-card")
    card.wait_for()
    words = card.inner_text()
    look(page, f"card-{exercise}")
    assert f"· {exercise}" in words and told in words.lower()
