"""What every page of the home has in common: its headers, its frame, its errors, its files."""

import hashlib
from asyncio import to_thread
from functools import cache
from http.client import responses
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from markupsafe import Markup
from tornado import web

from mazoezi._errors import MazoeziError
from mazoezi.course._card import inline
from mazoezi.course._practical import Practical
from mazoezi.course._source import ExerciseText
from mazoezi.course.home import NAME
from mazoezi.course.home._home import Home
from mazoezi.course.home._settings import THEMES

STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["inline"] = lambda text: Markup(inline(text))  # which escapes all but its marks


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


class PageHandler(JupyterHandler):
    """A page of one learner's home."""

    home: Home
    stamp: str | None = None  # the ETag, where a page has one

    def initialize(self, home: Home) -> None:
        self.home = home

    @property
    def content_security_policy(self) -> str:
        return _POLICY

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Referrer-Policy", "same-origin")  # the first address holds the token

    def compute_etag(self) -> str | None:
        return f'"{self.stamp}"' if self.stamp else None

    def show(self, template: str, **context: Any) -> None:
        """Answer with a page."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            _TEMPLATES.get_template(template).render(
                base=self.base_url,
                root=url_path_join(self.base_url, NAME),
                files={path.name: self._address(path) for path in STATIC.iterdir()},
                settings=self.home.settings(),
                themes=THEMES,
                xsrf=lambda: Markup(self.xsrf_form_html()),
                **context,
            )
        )

    def _address(self, path: Path) -> str:
        return url_path_join(self.base_url, NAME, "static", f"{path.name}?v={_version(path)}")

    async def exercise(self, exercise: str) -> tuple[Practical, ExerciseText]:
        """Return an exercise with its practical. Answers 404 where there is none."""
        found = (await to_thread(self.home.course)).find(exercise)
        if found is None:
            raise web.HTTPError(404, f"There is no exercise {exercise}.")
        return found

    async def practical(self, name: str) -> Practical:
        """Return a practical. Answers 404 where there is none of this id."""
        for one in (await to_thread(self.home.course)).practicals:
            if one.id == name:
                return one
        raise web.HTTPError(404, f"There is no practical {name}.")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with a page that says what is wrong in a sentence."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        told = responses.get(status_code, "Unknown error")
        if isinstance(error, web.HTTPError) and error.log_message:
            told = error.log_message % error.args if error.args else error.log_message
        elif isinstance(error, MazoeziError):
            told = str(error)
        self.show("problem.html", status=status_code, told=told)


class StaticHandler(JupyterHandler, web.StaticFileHandler):
    """The page's own files; they too need the token."""

    @property
    def content_security_policy(self) -> str:
        return _POLICY

    @web.authenticated
    def head(self, path: str) -> Any:
        return super().head(path)

    @web.authenticated
    def get(self, path: str, include_body: bool = True) -> Any:
        return super().get(path, include_body)

    def compute_etag(self) -> str | None:
        return web.StaticFileHandler.compute_etag(self)
