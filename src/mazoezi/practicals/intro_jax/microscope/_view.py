"""What a reader sees of the microscope, as HTML and as text."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill, indent

from mazoezi.practicals.intro_jax.microscope._cases import Case
from mazoezi.practicals.intro_jax.microscope._measure import Measurement

STYLE = """<style>
.mazoezi-scope{--ink:var(--jp-content-font-color1,#1b1b1b);--soft:var(--jp-layout-color2,#f2f2f2);
 color:var(--ink);border:1px solid #6b6b6b;border-radius:4px;padding:.6em 1em;margin:.3em 0;
 max-width:60em;line-height:1.45;background:var(--jp-layout-color1,#fff)}
@media (prefers-color-scheme:dark){.mazoezi-scope{--ink:var(--jp-content-font-color1,#eee);
 --soft:var(--jp-layout-color2,#2b2b2b);background:var(--jp-layout-color1,#1c1c1c)}}
.mazoezi-scope h4{margin:0 0 .4em;font-size:1.05em;font-weight:700}
.mazoezi-scope p{margin:.4em 0}.mazoezi-scope .pair p:first-child{margin-top:0}
.mazoezi-scope .pair{display:flex;flex-wrap:wrap;gap:.8em}
.mazoezi-scope .pair>div{flex:1 1 22em;min-width:0}
/* The doubled class outweighs what JupyterLab says of outputs. */
.mazoezi-scope.mazoezi-scope pre{background:var(--soft);color:inherit;margin:.2em 0;padding:.5em;
 border-radius:3px;overflow-x:auto;white-space:pre;line-height:1.4}
.mazoezi-scope pre,.mazoezi-scope code,.mazoezi-scope.mazoezi-scope td.code{font-size:.92em;
 font-family:var(--jp-code-font-family,monospace)}
.mazoezi-scope pre b{border-left:3px solid currentColor;padding-left:.4em}
.mazoezi-scope.mazoezi-scope table{border-collapse:collapse;margin:.4em 0;font-size:1em;
 max-width:100%}
.mazoezi-scope.mazoezi-scope th,.mazoezi-scope.mazoezi-scope td{text-align:left;vertical-align:top;
 padding:.15em .9em .15em .3em;white-space:pre-wrap;overflow-wrap:anywhere;font-size:1em}
.mazoezi-scope tr.differs td{font-weight:700}
.mazoezi-scope .none{opacity:.65;font-style:italic}
</style>"""


@dataclass(frozen=True)
class Panel:
    """A piece of text in two forms. Jupyter picks the HTML; `str` gives the text."""

    html: str
    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Reveal:
    """What a call did, beside what was predicted."""

    case: Case
    predicted: bool
    measurement: Measurement

    @property
    def right(self) -> bool:
        """Whether the prediction was right."""
        return self.predicted == self.recompiled

    @property
    def recompiled(self) -> bool:
        """Whether the call compiled again."""
        return self.measurement.compilations > 0

    @property
    def words(self) -> str:
        """What was predicted and what was counted, in a sentence."""
        count = self.measurement.compilations
        found = {0: "nothing was compiled", 1: "one program was compiled"}.get(
            count, f"{count} programs were compiled"
        )
        if self.right:
            return f"✓ Right: {found}."
        expected = "a compilation" if self.predicted else "none"
        return f"✗ Not so: you expected {expected}, and {found}."

    @property
    def reasons(self) -> tuple[str, ...]:
        """What differs from the closest earlier call, and the rule behind it."""
        differences = [
            f"The {name} {'is' if name == 'function' else 'are'} not the same as in any earlier call."
            for name, _, _, same in comparison(self.measurement)
            if not same
        ]
        return (*differences, self.case.why)

    def panel(self) -> Panel:
        """Return this as HTML and text."""
        return case_panel(self.case, self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self.panel()._repr_mimebundle_()

    def __str__(self) -> str:
        return self.panel().text


def comparison(measurement: Measurement) -> tuple[tuple[str, str, str, bool], ...]:
    """Return what JAX compares: name, in the closest earlier call, in this call, whether equal."""
    before, now = measurement.closest, measurement.signature
    same = before.function is now.function
    name = now.function.__name__
    return (
        ("function", name, name if same else f"another {name}", same),
        ("argument types", before.types, now.types, before.types == now.types),
        ("static values", before.static, now.static, before.static == now.static),
    )


def case_panel(case: Case, reveal: Reveal | None = None) -> Panel:
    """Return a case as a question, or with its answer."""
    return Panel(_case_html(case, reveal), _case_text(case, reveal))


def overview(cases: Sequence[Case], reveals: dict[int, Reveal], score: str) -> Panel:
    """Return all cases, with the answers that were opened."""
    panels = [case_panel(case, reveals.get(case.number)) for case in cases]
    return Panel(
        f"<p>{html.escape(score)}</p>" + "".join(panel.html for panel in panels),
        "\n\n".join([score, *(panel.text for panel in panels)]),
    )


def _case_html(case: Case, reveal: Reveal | None) -> str:
    title = f"<h4>{case.number}. {html.escape(case.title)}</h4>"
    question = (
        f"<div><pre>{html.escape(case.before)}\n\n<b>{html.escape(case.call)}</b></pre></div>"
    )
    if reveal is None:
        ask = "<div><p>Everything above the last line has run. Does the last line, in bold, "
        ask += "compile again?</p></div>"
        return f"{STYLE}<div class='mazoezi-scope'>{title}<div class='pair'>{question}{ask}</div></div>"
    found = reveal.measurement
    answer = (
        f"<div><p role='status'><b>{reveal.words}</b></p><pre>{html.escape(wrapped(found.jaxpr))}</pre>"
        f"<p>{_counted(found)}</p></div>"
    )
    reasons = "".join(f"<p>{marked(reason)}</p>" for reason in reveal.reasons)
    return (
        f"{STYLE}<div class='mazoezi-scope'>{title}<div class='pair'>{question}{answer}</div>"
        f"{_comparison_html(found)}{reasons}</div>"
    )


def _comparison_html(found: Measurement) -> str:
    rows = "".join(
        f"<tr{'' if same else ' class=differs'}><td>{name}</td><td class='code'>{html.escape(before)}"
        f"</td><td class='code'>{html.escape(now)}</td><td>{_sign(same)}</td></tr>"
        for name, before, now, same in comparison(found)
    )
    head = "<tr><th>JAX compares</th><th>an earlier call</th><th>this call</th><th></th></tr>"
    return f"<table>{head}{rows}</table>"


def _sign(same: bool) -> str:
    return "= same" if same else "≠ differs"


def _counted(found: Measurement) -> str:
    return (
        f"Compilations: {found.earlier} before, {found.compilations} in this call. "
        f"It returned {html.escape(found.result)}."
    )


def _case_text(case: Case, reveal: Reveal | None) -> str:
    lines = [f"{case.number}. {case.title}", indent(case.before, "     "), f"  >  {case.call}"]
    if reveal is None:
        return "\n".join([*lines, "   Does the last line compile again?"])
    found = reveal.measurement
    table = [
        f"   {name:15} {before:28} {now:28} {_sign(same)}"
        for name, before, now, same in comparison(found)
    ]
    reasons = [
        fill(plain(reason), 92, initial_indent="   ", subsequent_indent="   ")
        for reason in reveal.reasons
    ]
    head = [f"   {reveal.words}", f"   {_counted(found)}", indent(wrapped(found.jaxpr), "   ")]
    return "\n".join([*lines, *head, *table, *reasons])


def wrapped(jaxpr: str) -> str:
    """Return a jaxpr of one line on several: its inputs, each operation, its outputs."""
    if "\n" in jaxpr:
        return jaxpr
    head, _, rest = jaxpr.partition(" let ")
    body, _, tail = rest.rpartition(" in ")
    return f"{head} let\n    {body}\n  in {tail}"


def marked(text: str) -> str:
    """Return the HTML of a sentence with `code` and *emphasis*."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
    return re.sub(r"\*([^*]+)\*", r"<i>\1</i>", text)


def plain(text: str) -> str:
    """Return a sentence without the marks of emphasis."""
    return re.sub(r"\*([^*]+)\*", r"\1", text)
