"""Draw the pictures of arrays.md from the code above each of them.

Run: python docs/draw_gallery.py
"""

import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
_BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n!\[[^]]+\]\((images/arrays/\d\d\.svg)\))?", re.S)


def pictures() -> Iterator[tuple[Path, str]]:
    """Yield each picture's path, and the SVG that its code draws."""
    scope: dict = {}
    for code, path in _BLOCK.findall((HERE / "arrays.md").read_text(encoding="utf-8")):
        if path:
            yield HERE / path, eval(code, scope).svg + "\n"
        elif code.startswith("import"):
            exec(code, scope)


if __name__ == "__main__":
    for path, svg in pictures():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="utf-8")
        print(path)
