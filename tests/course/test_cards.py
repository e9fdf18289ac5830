"""A card says everything in words, in HTML and in text, and escapes what it shows."""

from html.parser import HTMLParser

import jax.numpy as jnp
import pytest

from mazoezi.course._card import inline, verdict_card
from mazoezi.course._verdict import Verdict


class _Words(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.words, self.open = "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data if self.open[-1:] != ["style"] else ""


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("passed", "Passed"),
        ("failed", "Not yet"),
        ("errored", "Error"),
        ("not attempted", "Not att"),
    ],
)
def test_each_state_is_told_by_a_word(state, word):
    card = verdict_card(Verdict("J1.3", state, "Message."), "ReLU")
    words = _Words(card.html)
    assert word in words.words and "J1.3 ReLU" in words.words and not words.open
    assert word in card.text and "Message." in card.text


def test_what_failed_is_shown_with_input_expected_and_got(session):
    card = session.card(session.attempt("S1", jnp.abs, "a"))
    words = _Words(card.html).words
    for piece in ("It fails here: one number", "Input-2", "Expected0", "Got2", "Why: You return"):
        assert piece in words
    assert "What holds" not in words


def test_markup_in_a_value_is_escaped():
    verdict = Verdict("J1", "failed", "<script>alert(1)</script> `<b>`", shown_input="<i>", got="1")
    html = verdict_card(verdict, "<title>").html
    assert "<script>" not in html and "<i>" not in html and "<code>&lt;b&gt;</code>" in html


def test_inline_markdown():
    assert (
        inline("`a*b*c` is **bold** and *it*") == "<code>a*b*c</code> is <b>bold</b> and <i>it</i>"
    )
    assert inline("2 * 3 * 4") == "2 * 3 * 4"
