"""How long drawings take: an array of 6 by 6 by 3 cells, against Matplotlib drawing the same cells.

Run: python benchmarks/arrays.py
"""

import io
import time
from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from mazoezi import arrays

ARRAY = np.arange(6 * 6 * 3).reshape(6, 6, 3)
WANTED = 0.020  # seconds


def with_matplotlib() -> str:
    """Draw the three sheets as Matplotlib would: tables of numbers on images, saved as SVG."""
    figure = Figure(figsize=(9, 3))
    for layer, axes in enumerate(figure.subplots(1, 3)):
        axes.imshow(ARRAY[..., layer], cmap="Greys", alpha=0.2)
        for row, column in np.ndindex(6, 6):
            axes.text(column, row, ARRAY[row, column, layer], ha="center", va="center")
    text = io.StringIO()
    figure.savefig(text, format="svg")
    return text.getvalue()


def median_seconds(draw: Callable[[], str], repeats: int = 30) -> float:
    draw()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        draw()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def main() -> None:
    peer = median_seconds(with_matplotlib, repeats=10)
    print(
        f"Matplotlib, the same cells: {1000 * peer:.1f} ms, {len(with_matplotlib()):,} characters"
    )
    for name, draw in {
        "sheets": lambda: arrays.draw(ARRAY).svg,
        "cuboid": lambda: arrays.draw(ARRAY, cuboid=True).svg,
        "slice in its whole": lambda: arrays.draw_slice(ARRAY, np.s_[2], cuboid=True).svg,
        "aggregation": lambda: arrays.draw_aggregation(ARRAY, 2).svg,
        "all six orders": lambda: arrays.draw_orders(ARRAY).svg,
    }.items():
        seconds = median_seconds(draw)
        print(
            f"{name:18}: {1000 * seconds:5.1f} ms, {seconds / peer:.3f} times Matplotlib, "
            f"{len(draw()):,} characters (one array: wanted at most {1000 * WANTED:.0f} ms)"
        )


if __name__ == "__main__":
    main()
