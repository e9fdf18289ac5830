"""Show a verdict, a hint or a worked answer: HTML in Jupyter, plain text elsewhere.

A card never relies on colour: each state has a sign and a word. Its colours come from JupyterLab's
theme where there is one, and from the reader's light or dark preference where there is none.
"""

import html
import re
from dataclasses import dataclass
from textwrap import fill, indent

from mazoezi.course._verdict import Verdict

SIGNS = {
    "passed": ("✓", "Passed"),
    "failed": ("✗", "Not yet"),
    "errored": ("!", "Error in your code"),
    "not attempted": ("○", "Not attempted"),
}

STYLE = """
<style>
.mazoezi-card{--ink:var(--jp-content-font-color1,#1b1b1b);--paper:var(--jp-layout-color1,#fff);
 --soft:var(--jp-layout-color2,#f2f2f2);--edge:#6b6b6b;
 border:1px solid var(--edge);border-left:.45em solid var(--edge);border-radius:4px;
 background:var(--paper);color:var(--ink);padding:.6em 1em;margin:.3em 0;max-width:52em;
 font-size:1em;line-height:1.45}
@media (prefers-color-scheme:dark){.mazoezi-card{--ink:var(--jp-content-font-color1,#eee);
 --paper:var(--jp-layout-color1,#1c1c1c);--soft:var(--jp-layout-color2,#2b2b2b)}}
.mazoezi-card.passed{--edge:#1a7f5a}.mazoezi-card.failed{--edge:#b45309}
.mazoezi-card.errored{--edge:#b3261e}.mazoezi-card.hint{--edge:#3b6fb5}
.mazoezi-card h4{margin:0 0 .35em;font-size:1.05em}.mazoezi-card p{margin:.35em 0}
.mazoezi-card table{border-collapse:collapse;margin:.4em 0}
.mazoezi-card th{text-align:left;padding:.1em .9em .1em 0;font-weight:600;vertical-align:top}
.mazoezi-card td{text-align:left;font-family:var(--jp-code-font-family,monospace);font-size:.93em;
 white-space:pre-wrap;overflow-wrap:anywhere}
.mazoezi-card code,.mazoezi-card pre{background:var(--soft);color:inherit;border-radius:3px;
 padding:0 .25em;font-family:var(--jp-code-font-family,monospace)}
.mazoezi-card pre{padding:.5em;overflow-x:auto;white-space:pre}
.mazoezi-card .footer{font-size:.93em}
.mazoezi-card summary{cursor:pointer}
.mazoezi-card summary:focus-visible{outline:2px solid currentColor;outline-offset:2px}
</style>
"""


@dataclass(frozen=True)
class Card:
    """A piece of text in two forms. Jupyter picks the HTML; `str` gives the text."""

    html: str
    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def __str__(self) -> str:
        return self.text


def verdict_card(
    verdict: Verdict,
    title: str,
    hint: str | None = None,
    *,
    more_hints: bool = False,
    footer: str = "",
) -> Card:
    """Return the card of a verdict.

    `hint` is the one that this attempt opened; `more_hints` says whether there are others to come;
    `footer` says what happens now.
    """
    hint = f"{hint} Another try opens the next." if hint and more_hints else hint
    return Card(
        _verdict_html(verdict, title, hint, footer), _verdict_text(verdict, title, hint, footer)
    )


def _facts(verdict: Verdict) -> list[tuple[str, str]]:
    """Return what the card tabulates: the simplest input on which the answer fails."""
    called = [("Input", verdict.shown_input)] if verdict.shown_input else []
    compared = [("Expected", verdict.expected), ("Got", verdict.got)]
    return called + [(name, value) for name, value in compared if value and verdict.shown_input]


def _verdict_html(verdict: Verdict, title: str, hint: str | None, footer: str) -> str:
    sign, word = SIGNS[verdict.verdict]
    body = [
        f"<h4><span aria-hidden='true'>{sign}</span> {word} · {verdict.exercise} "
        f"{html.escape(title)}</h4>"
    ]
    if verdict.failed_case:
        body.append(f"<p>It fails here: <b>{inline(verdict.failed_case)}</b></p>")
    body.append(f"<p>{inline(verdict.message)}</p>")
    if facts := _facts(verdict):
        rows = "".join(f"<tr><th>{n}</th><td>{html.escape(v)}</td></tr>" for n, v in facts)
        body.append(f"<table>{rows}</table>")
    if verdict.advice:
        body.append(f"<p><b>Why:</b> {inline(verdict.advice)}</p>")
    if verdict.notes:
        items = "".join(f"<li>{inline(note)}</li>" for note in verdict.notes)
        body.append(f"<ul>{items}</ul>")
    if verdict.holds:
        items = "".join(f"<li>✓ {inline(case)}</li>" for case in verdict.holds)
        body.append(
            f"<details><summary>What holds ({len(verdict.holds)})</summary><ul>{items}</ul></details>"
        )
    if verdict.traceback:
        trace = html.escape(verdict.traceback)
        body.append(f"<details><summary>The original error</summary><pre>{trace}</pre></details>")
    if hint:
        body.append(f"<details><summary>A hint</summary><p>{inline(hint)}</p></details>")
    if footer:
        body.append(f"<p class='footer'>{inline(footer)}</p>")
    state = verdict.verdict.replace(" ", "-")
    return f"{STYLE}<div class='mazoezi-card {state}' role='status'>{''.join(body)}</div>"


def _verdict_text(verdict: Verdict, title: str, hint: str | None, footer: str) -> str:
    sign, word = SIGNS[verdict.verdict]
    lines = [f"{sign} {word} · {verdict.exercise} {title}"]
    if verdict.failed_case:
        lines.append(_wrapped(f"It fails here: {verdict.failed_case}"))
    lines.append(_wrapped(verdict.message))
    lines += [_wrapped(f"{name:9} {value}") for name, value in _facts(verdict)]
    if verdict.advice:
        lines.append(_wrapped(f"Why: {verdict.advice}"))
    lines += [_wrapped(f"- {note}") for note in verdict.notes]
    lines += [_wrapped(f"✓ {case}") for case in verdict.holds]
    if verdict.traceback:
        lines.append(indent(verdict.traceback, "  | "))
    if hint:
        lines.append(_wrapped(f"Hint: {hint}"))
    if footer:
        lines.append(_wrapped(footer))
    return "\n".join(lines)


def _wrapped(text: str) -> str:
    return fill(text, 96, initial_indent="  ", subsequent_indent="    ")


def message_card(title: str, paragraphs: list[str], code: str = "") -> Card:
    """Return a card that holds Markdown paragraphs, and code where there is some."""
    body = "".join(f"<p>{inline(text)}</p>" for text in paragraphs)
    shown = f"<pre><code>{html.escape(code)}</code></pre>" if code else ""
    plain = [
        title,
        *(_wrapped(text) for text in paragraphs),
        *([indent(code, "  ")] if code else []),
    ]
    return Card(
        f"{STYLE}<div class='mazoezi-card hint' role='status'><h4>{html.escape(title)}</h4>"
        f"{shown}{body}</div>",
        "\n".join(plain),
    )


def inline(text: str) -> str:
    """Return the HTML of a line of Markdown: code, bold, emphasis; everything else escaped."""
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(
        f"<code>{html.escape(piece[1:-1])}</code>" if piece.startswith("`") and len(piece) > 2
        else _emphasised(html.escape(piece))
        for piece in pieces
    )  # fmt: skip


def _emphasised(text: str) -> str:
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"(?<!\w)\*(?!\s)([^*]+?)\*(?!\w)", r"<i>\1</i>", text)
