"""Formulas as MathML, which browsers draw without a script."""

import re
from functools import cache
from typing import Any

from mazoezi._errors import ArgumentError

# Chromium sets a bracket of a given size too low where it carries an exponent by itself.
_SIZED_BASE = re.compile(r"(<m(?:sup|sub|subsup)>)(<mo minsize[^>]*>[^<]*</mo>)")


def mathml(latex: str, *, block: bool) -> str:
    """Return the MathML of a formula in LaTeX; a `block` stands on a line of its own.

    Raises ArgumentError, which says what cannot be read.
    """
    from math_core import LatexError

    try:
        written = _converter().convert_with_local_state(latex, displaystyle=block)
    except LatexError as error:
        raise ArgumentError("latex", latex, f"a formula ({error})") from error
    return _SIZED_BASE.sub(r"\1<mrow>\2</mrow>", written)


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False)
