"""The book opens from disk: it fetches nothing, its links resolve, and answers are folded."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from mazoezi._errors import ArgumentError, MazoeziError, SourceError
from mazoezi.course._mathml import mathml
from mazoezi.course._notebooks import notebook
from mazoezi.course._practical import read_practical
from mazoezi.course.book import _runs, build_book
from mazoezi.course.book._outputs import shown_outputs
from mazoezi.course.book._pages import pages_of

pytest.importorskip("sphinx", reason="the book needs mazoezi[book]")

HERE = Path(__file__).parent
SAMPLE = HERE / "sample_practical"
GUIDE = """# The guide

See [the page on code](practicals/sample-practical/code.ipynb), and [](#S1).

```{include} _practicals.md
```

```{toctree}
reference/index
```
"""


class Page(HTMLParser):
    """What the tests look at in a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.ids, self.links, self.loaded, self.title = path, set(), [], [], ""
        self.folds: list[dict] = []
        self.pictures: list[dict] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids |= {found["id"]} if "id" in found else set()
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "link" and found.get("rel") not in ("next", "prev", "index", "search"):
            self.loaded.append(found["href"])
        self.loaded += [found[name] for name in ("src", "data", "poster") if name in found]
        if tag == "details":
            self.folds.append(found)
        if tag == "img":
            self.pictures.append(found)
        self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        if self._open[-1:] == ["title"] and "svg" not in self._open:
            self.title += data
        if self._open and self._open[-1] == "style":
            self.loaded += fetched_by_css(data)


def fetched_by_css(text):
    found = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", text)
    return [address or imported for address, imported in found]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Return the folder of the sample's book, with a guide and the reference around it."""
    folder = tmp_path_factory.mktemp("book")
    (folder / "guides").mkdir()
    (folder / "guides" / "index.md").write_text(GUIDE)
    build_book([read_practical(SAMPLE)], folder, guides=folder / "guides")
    return folder / "html"


@pytest.fixture(scope="module")
def pages(book):
    return [Page(path) for path in sorted(book.rglob("*.html"))]


@pytest.fixture(scope="module")
def words(pages):
    """Return the page of the section that holds the exercises in words."""
    return next(page for page in pages if page.path.name == "words.html")


pytestmark = pytest.mark.slow


def test_no_page_loads_anything_from_elsewhere(book, pages):
    loaded = [address for page in pages for address in page.loaded]
    for sheet in book.rglob("*.css"):
        loaded += fetched_by_css(sheet.read_text(encoding="utf-8"))
    assert len(loaded) > 50
    elsewhere = [one for one in loaded if urlsplit(one).scheme not in ("", "data")]
    assert elsewhere == []
    assert not [one for one in loaded if one.startswith("//")]


def test_what_pages_load_is_there(pages):
    for page in pages:
        for address in page.loaded:
            if urlsplit(address).scheme != "data":
                path = page.path.parent / unquote(urlsplit(address).path)
                assert path.is_file(), f"{page.path.name} loads {address}"


def test_links_between_pages_resolve(pages):
    known = {page.path.resolve(): page for page in pages}
    followed = 0
    for page in pages:
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link in ("#", ""):
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            assert target.resolve() in known, f"{page.path.name} links to {link}"
            fragment = unquote(parts.fragment)
            assert not fragment or fragment in known[target.resolve()].ids, link
            followed += 1
    assert followed > 100


def test_every_page_has_a_title_of_its_own(pages):
    titles = [page.title.strip() for page in pages]
    assert all(titles) and len(set(titles)) == len(titles)
    assert "Code · A sample - mazoezi" in titles


def test_each_exercise_has_an_anchor_and_an_entry_of_the_index(book, pages):
    by_name = {page.path.relative_to(book).as_posix(): page for page in pages}
    index = (book / "genindex.html").read_text()
    for exercise in read_practical(SAMPLE).exercises:
        place = "code" if exercise == "S1" else "words"
        assert exercise.lower() in by_name[f"practicals/sample-practical/{place}.html"].ids
        assert f">{exercise}</a>" in index


def test_a_guide_refers_to_an_exercise_by_its_id(book):
    text = (book / "index.html").read_text()
    assert 'href="practicals/sample-practical/code.html#s1"' in text
    assert "Exercise S1 · ReLU that can be compiled" in text


def test_answers_hints_and_options_are_folded(words):
    kinds = [fold.get("class") for fold in words.folds]  # the theme folds its contents, too
    assert kinds.count("fold option wrong") == 2 and kinds.count("fold option right") == 1
    assert kinds.count("fold hint") == 6
    assert kinds.count("fold answer") == 3  # a slope, an order and the points of a discussion
    assert not [fold for fold in words.folds if "open" in fold]


def test_the_worked_answer_is_code_with_what_the_check_says(book):
    text = (book / "practicals/sample-practical/code.html").read_text()
    fold = text[text.index('class="fold answer"') : text.index("demonstrations go on")]
    plain = re.sub(r"<[^>]+>", "", fold)
    assert "jnp.where(x > 0, x, 0)" in plain.replace("&gt;", ">")
    assert "Passed · S1" in plain and "Both outcomes are computed" in plain
    outside = re.sub(r"<[^>]+>", "", text.replace(fold, ""))
    assert "jnp.where(x" not in outside and "def relu(x):" in outside


def test_an_option_says_whether_it_is_right_and_why(book):
    text = (book / "practicals/sample-practical/words.html").read_text()
    wrong = text[text.index('class="fold option wrong"') :]
    assert "✗ No." in wrong[:600] and "That needs an axis." in wrong[:600]
    right = text[text.index('class="fold option right"') :]
    assert "✓ Right." in right[:600] and "all entries are looked at" in right[:600]


def test_formulas_are_mathml_and_need_no_script(book, pages):
    text = (book / "practicals/sample-practical/code.html").read_text()
    assert "<math>" in text and "<mi>max</mi>" in text
    assert not [one for page in pages for one in page.loaded if "mathjax" in one.lower()]


def test_the_search_index_finds_an_exercise(book):
    index = (book / "searchindex.js").read_text()
    found = json.loads(index[index.index("(") + 1 : index.rindex(")")])
    assert "Exercise S1 · ReLU that can be compiled" in found["alltitles"]
    assert "s4" in found["indexentries"]


def test_the_reference_names_shapes_as_the_signatures_do(book):
    text = (book / "reference/mazoezi.regression.html").read_text()
    plain = re.sub(r"<[^>]+>", "", text).replace("&#39;", "'")
    assert "jaxlib" not in plain and "Alias for field number" not in plain
    assert "half_mean_squared_error(params" in plain and "Float[Array, 'examples']" in plain
    course = (book / "reference/mazoezi.course.html").read_text()
    assert 'id="mazoezi.course.practical"' in course


def test_building_again_runs_nothing_and_gives_the_same_bytes(book, monkeypatch):
    monkeypatch.setattr(_runs, "execute", lambda *args: pytest.fail("the solutions were run"))
    files = {path: path.read_bytes() for path in book.rglob("*") if path.is_file()}
    folder = book.parent
    for part in ("html", "doctrees"):
        (folder / part).rename(folder / f"{part}-before")
    build_book([read_practical(SAMPLE)], folder, guides=folder / "guides")
    for path, content in files.items():
        assert path.read_bytes() == content, path


def test_a_practical_that_does_not_run_names_the_line(tmp_path):
    broken = tmp_path / "sample_practical"
    broken.mkdir()
    for path in SAMPLE.glob("*.*"):
        text = path.read_text().replace("relu(jnp.array([-1.0, 2.0]))", "relu(no_such_name)")
        (broken / path.name).write_text(text)
    line = (broken / "practical.md").read_text().splitlines().index("relu(no_such_name)") + 1
    with pytest.raises(SourceError, match="NameError: name 'no_such_name'") as error:
        build_book([read_practical(broken)], tmp_path / "book")
    assert error.value.line == line


def test_a_warning_of_sphinx_is_a_fault_each_time(tmp_path, monkeypatch):
    (tmp_path / "guides").mkdir()
    (tmp_path / "guides" / "index.md").write_text("# Guide\n\n[nowhere](no-such-page.md)\n")
    monkeypatch.setattr("mazoezi.course.book._reference.reference_files", dict)
    for _ in range(2):
        with pytest.raises(MazoeziError, match=r"no-such-page\.md"):
            build_book([], tmp_path / "book", guides=tmp_path / "guides")


def test_a_section_is_a_page_and_the_errata_are_the_last(tmp_path):
    copy = shutil.copytree(SAMPLE, tmp_path / "sample_practical")
    (copy / "ERRATA.md").write_text("# What was wrong\n\nA sign.\n")
    practical = read_practical(copy)
    pages = pages_of(practical, notebook(practical, "solution"), {})
    assert [page.name for page in pages] == ["index", "code", "words", "errata"]
    assert "```{toctree}\ncode\nwords\nerrata\n```" in pages[0].cells[-1]["source"]
    assert pages[-1].title == "What was wrong" and pages[-1].cells[0]["source"] == "A sign."


def test_a_picture_becomes_a_file_with_its_words_and_controls_are_told():
    picture = {
        "output_type": "display_data",
        "data": {"image/png": "AAEC", "text/plain": "<Figure>"},
        "metadata": {"image/png": {"alt": "Loss [falls]"}},
    }
    widget = {"output_type": "display_data", "data": {}, "metadata": {}}
    widget["data"] = {"application/vnd.jupyter.widget-view+json": {}}
    pictures = {}
    told, shown = shown_outputs([widget, picture], pictures)
    assert "controls move what is shown" in told["data"]["text/html"]
    ((name, content),) = pictures.items()
    assert content == b"\x00\x01\x02"
    assert shown["data"] == {"text/markdown": f"![Loss \\[falls\\]]({name})"}


def test_a_formula_that_cannot_be_read_is_named():
    with pytest.raises(ArgumentError, match=r"\\\\nosuch"):
        mathml(r"\nosuch{x}", block=False)


def test_equations_are_aligned_and_brackets_carry_exponents():
    aligned = mathml(r"\begin{aligned} a &= b\\ &= c\end{aligned}", block=True)
    assert aligned.count("<mtr>") == 2 and "&" not in aligned.replace("&#", "")
    assert "<msup><mrow><mo" in mathml(r"\bigl(y\bigr)^2", block=False)
