"""A box in a notebook in which an array expression is typed, and drawn below."""

import html
from typing import Any

from mazoezi._errors import MazoeziError
from mazoezi.arrays._explain import explain
from mazoezi.arrays._scene import Drawing


class ExpressionBox:
    """Type an array expression, press Enter, and see each of its steps.

    Args:
        expression: what stands there at first.
        arrays: the arrays in scope, by name.

    Where there is no kernel, the last drawing remains. In code, `set` does what typing does, and
    `drawing` is what is shown: None where the text is no expression.
    """

    def __init__(self, expression: str, /, **arrays: Any):
        self.arrays = arrays
        self.drawing: Drawing | None = None
        self.told = ""
        self._picture: Any = None
        self.set(expression)

    def set(self, expression: str) -> None:
        """Draw another expression; where that cannot be, tell why below the text."""
        self.expression = expression
        try:
            self.drawing, self.told = explain(expression, **self.arrays), ""
        except MazoeziError as error:
            self.drawing, self.told = None, str(error)
        if self._picture is not None:
            self._picture.update(self._shown(), raw=True)

    def __repr__(self) -> str:
        return f"{self.expression}\n{self.told or self.drawing}"

    def _shown(self) -> dict[str, str]:
        scope = ", ".join(f"{name} {_shape(one)}" for name, one in self.arrays.items())
        picture = (
            self.drawing.svg
            if self.drawing is not None
            else f'<p style="border-left:4px solid #D55E00;padding-left:8px">{_escaped(self.told)}</p>'
        )
        told = f"<p>In scope: {_escaped(scope)}. Type, and press Enter.</p>"
        return {"text/html": told + picture, "text/plain": repr(self)}

    def _ipython_display_(self) -> None:
        """Show the text box, and below it a picture that follows it."""
        import ipywidgets
        from IPython.display import display

        text = ipywidgets.Text(
            self.expression, description="expression", continuous_update=False,
            layout={"width": "36em"}, style={"description_width": "7em"},
        )  # fmt: skip
        text.observe(lambda change: self.set(change["new"]), "value")
        display(text)
        self._picture = display(self._shown(), raw=True, display_id=True)


def _shape(array: Any) -> str:
    return str(getattr(array, "shape", ""))


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
