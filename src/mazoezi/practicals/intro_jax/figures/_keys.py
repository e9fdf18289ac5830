"""Random keys that remember what was done with them, and the tree that this makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.random as jr
import numpy as np

from mazoezi.course.drawing import DATA, FAINT, MODEL, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


class Use(NamedTuple):
    """One thing that was done with a key: it was split, or a sample was drawn with it."""

    name: str
    """What was done, e.g. `split(3)` or `normal`."""
    children: tuple[KeyTree, ...] = ()
    """The new keys, where it was split."""
    sample: Any = None
    """What was drawn, where something was."""


class KeyTree:
    """A random key that remembers its uses; the keys split from it are its branches.

    The samples are those of `jax.random`: the tree only looks on. A key may be used once, so one
    with two uses or more is `reused`.

    >>> root = KeyTree(jr.key(0))
    >>> weights, noise = root.split(2, ["weights", "noise"])
    >>> _ = weights.draw(jr.normal), weights.draw(jr.uniform, (2,))
    >>> [node.name for node in root.reused_keys()]
    ['weights']
    """

    def __init__(self, key: jax.Array, name: str = "key"):
        self.key, self.name = key, name
        self.uses: list[Use] = []

    @property
    def reused(self) -> bool:
        """Whether this key was used more than once."""
        return len(self.uses) > 1

    def split(self, number: int = 2, names: Sequence[str] = ()) -> tuple[KeyTree, ...]:
        """Split the key; the new keys take the names given, or this key's with a number."""
        names = names or [f"{self.name}{index}" for index in range(number)]
        keys = jr.split(self.key, number)
        children = tuple(KeyTree(key, name) for key, name in zip(keys, names, strict=True))
        self.uses.append(Use(f"split({number})", children))
        return children

    def draw(self, sampler: Callable[..., jax.Array], *args: Any, **kwargs: Any) -> jax.Array:
        """Draw with this key: `node.draw(jr.normal, (3,))` is `jr.normal(node.key, (3,))`."""
        sample = sampler(self.key, *args, **kwargs)
        self.uses.append(Use(sampler.__name__, sample=sample))
        return sample

    def __iter__(self) -> Iterator[KeyTree]:
        """Yield this key and all below it."""
        yield self
        for use in self.uses:
            for child in use.children:
                yield from child

    def reused_keys(self) -> tuple[KeyTree, ...]:
        """Return the keys of this tree that were used more than once."""
        return tuple(node for node in self if node.reused)


# --- Drawing -------------------------------------------------------------------------------------

_STEP = 1.0  # between one generation and the next


def key_tree(root: KeyTree) -> Figure:
    """The tree of keys and samples under a key. A key used twice is red, thick and says so."""
    leaves, depth = _leaves(root), _depth(root)
    figure, axes = new_figure(width=max(6.0, 1.35 * leaves), height=1.15 * depth + 1.1)
    _draw_node(axes, root, 0.0, 0.0)
    axes.set(xlim=(-0.1, max(leaves, 3) + 0.1), ylim=(-_STEP * (depth - 1) - 0.6, 0.45))
    axes.axis("off")
    axes.legend(
        handles=_legend(root), loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=4, fontsize=9,
        frameon=False,
    )  # fmt: skip
    return figure


def _leaves(node: KeyTree) -> int:
    """Return how many columns a node and what is below it need."""
    return max(1, sum(sum(map(_leaves, use.children)) or 1 for use in node.uses))


def _depth(node: KeyTree) -> int:
    below = [max(map(_depth, use.children), default=1) for use in node.uses]
    return 1 + max(below, default=0)


def _draw_node(axes: Axes, node: KeyTree, left: float, y: float) -> float:
    """Draw a key and all below it from column `left` on; return its own x."""
    x = left + _leaves(node) / 2
    for use in node.uses:
        columns = sum(map(_leaves, use.children)) or 1
        _draw_use(axes, node, use, (x, y), left)
        left += columns
    _box(axes, x, y, _words(node), _look(node))
    return x


def _draw_use(axes: Axes, node: KeyTree, use: Use, start: tuple[float, float], left: float) -> None:
    below = start[1] - _STEP
    if not use.children:
        _line(axes, node, start, (left + 0.5, below))
        axes.text(left + 0.5, below, f"{use.name}\n{_numbers(use.sample)}", ha="center",
                  va="center", fontsize=9, bbox={"facecolor": "#f2f2f2", "edgecolor": "none",
                                                 "boxstyle": "square,pad=0.35"})  # fmt: skip
        return
    first = left
    for child in use.children:
        x = _draw_node(axes, child, left, below)
        _line(axes, node, start, (x, below))
        left += _leaves(child)
    middle = ((first + left) / 2 + start[0]) / 2
    axes.text(middle, start[1] - 0.42 * _STEP, use.name, ha="center", va="center", fontsize=9,
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip


def _line(axes: Axes, node: KeyTree, start: tuple[float, float], end: tuple[float, float]) -> None:
    colour, style, width = (MODEL, "--", 2.2) if node.reused else (DATA, "-", 1.4)
    axes.plot(*zip(start, end, strict=True), style, color=colour, linewidth=width, zorder=0)


def _words(node: KeyTree) -> str:
    if node.reused:
        return f"{node.name}\nused {len(node.uses)} times"
    return node.name if node.uses else f"{node.name}\nnot used"


def _look(node: KeyTree) -> dict[str, Any]:
    if node.reused:
        return {"edgecolor": MODEL, "linewidth": 3, "facecolor": "#fbe9df"}
    if not node.uses:
        return {"edgecolor": FAINT, "linewidth": 1.2, "linestyle": ":", "facecolor": "white"}
    return {"edgecolor": DATA, "linewidth": 1.4, "facecolor": "white"}


def _box(axes: Axes, x: float, y: float, words: str, look: dict[str, Any]) -> None:
    axes.text(x, y, words, ha="center", va="center", fontsize=10,
              bbox={"boxstyle": "round,pad=0.4", **look})  # fmt: skip


def _numbers(sample: Any) -> str:
    """Return the first numbers of a sample."""
    values = np.ravel(np.asarray(sample))
    shown = "\n".join(f"{value:.2f}" for value in values[:3])
    return shown + ("\n…" if len(values) > 3 else "")


def _legend(root: KeyTree) -> list[Line2D]:
    """Return an entry for each kind of key that is there."""
    from matplotlib.lines import Line2D

    entries = []
    if any(len(node.uses) == 1 for node in root):
        entries.append(Line2D([], [], color=DATA, linewidth=1.4, label="used once"))
    if root.reused_keys():
        words = "used again: not independent"
        entries.append(Line2D([], [], color=MODEL, linestyle="--", linewidth=2.2, label=words))
    if any(not node.uses for node in root):
        entries.append(Line2D([], [], color=FAINT, linestyle=":", linewidth=1.2, label="not used"))
    return entries
