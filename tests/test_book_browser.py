"""A reader of the book, in a real browser: from disk, without a network."""

import re
import shutil
from pathlib import Path

import pytest

from mazoezi.course._practical import read_practical
from mazoezi.course.book import build_book

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("sphinx", reason="the book needs mazoezi[book]")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
SAMPLE = Path(__file__).parent / "course" / "sample_practical"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: `make browser` installs it"),
]


@pytest.fixture(scope="module")
def first_page(tmp_path_factory):
    return build_book([read_practical(SAMPLE)], tmp_path_factory.mktemp("book"))


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def page(request, first_page):
    """Yield the book's first page, in a browser that has no network; every request is noted."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        width, height = request.param
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        page = context.new_page()
        page.set_default_timeout(20_000)
        asked, faults = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: faults.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(first_page.as_uri())
        yield page
        browser.close()
        assert faults == []
        assert asked and all(url.startswith(("file:", "data:")) for url in asked)


def search(page, words):
    if not page.get_by_placeholder("Search").is_visible():
        page.locator("label[for=__navigation]:visible").first.click()  # a phone's drawer
    page.get_by_placeholder("Search").fill(words)
    page.get_by_placeholder("Search").press("Enter")
    page.locator("#search-results li").first.wait_for()


def test_a_reader_searches_follows_a_result_and_unfolds_an_answer(page):
    search(page, "ReLU that can be compiled")
    page.get_by_role("link", name="Exercise S1 · ReLU that can be compiled").first.click()
    page.wait_for_url(re.compile(r"/code\.html"))
    answer = page.locator("details.answer")
    solution = answer.get_by_text("Both outcomes are computed")
    assert not solution.is_visible()
    answer.locator("summary").first.click()
    assert solution.is_visible()
    assert "Passed · S1" in answer.locator(".mazoezi-card").inner_text()


def test_an_exercise_is_found_by_its_id(page):
    search(page, "S4")
    page.locator("#search-results a").first.click()
    page.wait_for_url(re.compile(r"/words\.html"))
    assert page.get_by_text("Exercise S4 · Put it in order").first.is_visible()


def test_formulas_are_drawn(page, first_page):
    page.goto((first_page.parent / "practicals/sample-practical/code.html").as_uri())
    formula = page.locator("math").first
    assert formula.evaluate("node => node.namespaceURI").endswith("MathML")
    box = formula.bounding_box()
    assert box["width"] > 20 and box["height"] > 8
    font = page.evaluate("document.fonts.load('16px \"Book Mathematics\"').then(f => f.length)")
    assert font == 1


def test_an_option_unfolds_to_tell_why(page, first_page):
    page.goto((first_page.parent / "practicals/sample-practical/words.html").as_uri())
    option = page.locator("details.option.wrong").first
    option.locator("summary").click()
    assert "That needs an axis." in option.inner_text()
    assert page.get_by_text("Without an axis, all entries are looked at.").is_hidden()


def test_no_page_scrolls_sideways(page, first_page):
    for name in ("index.html", "code.html", "words.html"):
        page.goto((first_page.parent / "practicals/sample-practical" / name).as_uri())
        wide, seen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= seen, name
