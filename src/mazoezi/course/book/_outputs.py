"""What a page shows of a cell's outputs: pictures as files with their words, no controls."""

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import Any

from mazoezi.course._card import STYLE

Pictures = dict[str, bytes]
"""The pictures beside a practical's pages, by file name."""

WIDGET = "application/vnd.jupyter.widget-view+json"
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}
_CONTROLS = "<p class='controls'>In the notebook, controls move what is shown here.</p>"


def shown_outputs(outputs: Iterable[Any], pictures: Pictures) -> Iterator[dict[str, Any]]:
    """Yield a cell's outputs, fit for a page without a kernel; `pictures` gains its pictures."""
    controls = False
    for output in outputs:
        data = output.get("data", {})
        kind = next((kind for kind in _ENDINGS if kind in data), None)
        if WIDGET in data:
            if not controls:
                yield _display({"text/html": _CONTROLS})
            controls = True
        elif kind:
            words = output["metadata"].get(kind, {}).get("alt") or data.get("text/plain", "")
            yield _display({"text/markdown": _picture(data[kind], kind, words, pictures)})
        elif STYLE in data.get("text/html", ""):
            yield _display({"text/html": data["text/html"].replace(STYLE, "")})
        else:
            yield output


def _display(data: dict[str, str]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _picture(content: str, kind: str, words: str, pictures: Pictures) -> str:
    """Keep a picture, and return the Markdown that shows it."""
    picture = b64decode(content)
    name = f"{hashlib.sha256(picture).hexdigest()[:16]}.{_ENDINGS[kind]}"
    pictures[name] = picture
    alt = re.sub(r"([\\\[\]`*_$<>{}])", r"\\\1", " ".join(words.split()))
    return f"![{alt}]({name})"
