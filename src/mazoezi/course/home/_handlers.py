"""The addresses of the home page: each asks for the token, and each that writes for XSRF's too.

Whatever reads a file or runs a command does so in a thread: JupyterLab lives in the same server.
"""

import io
import tempfile
from asyncio import to_thread
from pathlib import Path

from jupyter_server.utils import url_path_join
from tornado import web

from mazoezi._errors import ArgumentError, MazoeziError
from mazoezi.course._feedback import write_csv
from mazoezi.course._practical import Practical
from mazoezi.course._source import ExerciseText
from mazoezi.course.home import NAME, _view
from mazoezi.course.home._commands import Outcome, run_command
from mazoezi.course.home._home import Home
from mazoezi.course.home._page import STATIC, PageHandler, StaticHandler
from mazoezi.course.home._settings import Settings
from mazoezi.course.progress import Feedback

_SHOWN = 50  # attempts of one exercise
_CHUNK = 2**20  # bytes of a download in memory
_ID = r"([\w.\-]+)"


def routes(base_url: str, home: Home) -> list[tuple]:
    """Return the page's addresses, with what answers them."""
    found = [
        ("", MapHandler),
        ("/settings", SettingsHandler),
        (f"/exercise/{_ID}", ExerciseHandler),
        (f"/exercise/{_ID}/(reset|restore)", AnswerHandler),
        ("/update", UpdateHandler),
        ("/export", ExportHandler),
        ("/feedback.csv", FeedbackTableHandler),
        (f"/feedback/{_ID}", FeedbackHandler),
    ]
    static = url_path_join(base_url, NAME, "static", "(.*)")
    pages = [(url_path_join(base_url, NAME) + end, what, {"home": home}) for end, what in found]
    return [*pages, (static, StaticHandler, {"path": str(STATIC)})]


class MapHandler(PageHandler):
    """The home page itself. The browser asks for it again and again; mostly nothing is new."""

    @web.authenticated
    async def get(self) -> None:
        self.stamp = await to_thread(self.home.stamp)
        self.set_etag_header()
        query = self.get_query_argument("q", "")
        if self.check_etag_header() and not query:
            self.set_status(304)
            return
        course = await to_thread(self.home.course)
        progress = await to_thread(self.home.progress)
        if progress.problem:  # which no file's time tells of
            self.stamp = None
            self.clear_header("Etag")
        page = await to_thread(_view.page, self.home, course, progress, self.base_url)
        hits = await to_thread(_view.hits, course, query, self.base_url)
        self.show("home.html", page=page, query=query, hits=hits, stamp=self.compute_etag())


class SettingsHandler(PageHandler):
    """The settings corner."""

    @web.authenticated
    async def post(self) -> None:
        larger = self.get_body_argument("larger_text", "") == "yes"
        try:
            chosen = Settings(self.get_body_argument("theme", "system"), larger)
        except MazoeziError as error:
            raise web.HTTPError(400, str(error)) from None
        await to_thread(self.home.change_settings, chosen)
        self.redirect(url_path_join(self.base_url, NAME), status=303)


class ExerciseHandler(PageHandler):
    """One exercise: where the learner stands, and each answer given so far."""

    @web.authenticated
    async def get(self, exercise: str) -> None:
        practical, text = await self.exercise(exercise)
        progress = await to_thread(self.home.progress)
        attempts, problem = [], progress.problem
        if problem is None:
            store = self.home.store
            attempts = await to_thread(store.attempts, exercise, newest=_SHOWN)
        course = await to_thread(self.home.course)
        self.show(
            "exercise.html",
            row=_view.row_of(practical, text, progress.standings, self.base_url),
            practical=practical,
            attempts=_view.attempts_told(course, attempts),
            problem=problem,
            most=_SHOWN,
        )


class AnswerHandler(PageHandler):
    """Empty an answer cell, or put an earlier answer back; each can be undone by the other."""

    @web.authenticated
    async def get(self, exercise: str, what: str) -> None:
        practical, text = await self.exercise(exercise)
        attempt = self._attempt(self.get_query_argument("attempt", ""))
        self.show("answer.html", what=what, practical=practical, text=text, attempt=attempt)

    @web.authenticated
    async def post(self, exercise: str, what: str) -> None:
        practical, text = await self.exercise(exercise)
        attempt = self._attempt(self.get_body_argument("attempt", ""))
        which = ["--attempt", attempt] if attempt and what == "restore" else []
        outcome = await to_thread(run_command, self.home.folder, what, exercise, *which)
        undo = "restore" if what == "reset" and outcome.done else ""
        self.told(outcome, practical, text, undo=undo)

    def _attempt(self, number: str) -> str:
        """Return an attempt's number, or nothing. Answers 400 where it is anything else."""
        if number and not (number.isascii() and number.isdigit()):
            raise web.HTTPError(400, f"attempt is {number!r}; expected a number")
        return number

    def told(
        self, outcome: Outcome, practical: Practical, text: ExerciseText, *, undo: str
    ) -> None:
        address = _view.exercise_address(self.base_url, practical, text)
        self.set_status(200 if outcome.done else 409)
        self.show("done.html", outcome=outcome, text=text, undo=undo, address=address)


class UpdateHandler(PageHandler):
    """Lay the course's new text around the learner's work."""

    @web.authenticated
    async def get(self) -> None:
        self.show("update.html", folder=self.home.folder)

    @web.authenticated
    async def post(self) -> None:
        course = await to_thread(self.home.course)
        ids = [one.id for one in course.practicals if self.has_notebook(one)]
        outcomes = [await to_thread(run_command, self.home.folder, "update", one) for one in ids]
        told = "\n".join(one.text for one in outcomes) or "There are no notebooks to update."
        outcome = Outcome(all(one.done for one in outcomes), told)
        self.set_status(200 if outcome.done else 409)
        self.show("done.html", outcome=outcome, text=None, undo="", address="")

    def has_notebook(self, practical: Practical) -> bool:
        return (self.home.folder / f"{practical.id}.ipynb").exists()


class ExportHandler(PageHandler):
    """Download all of the learner's work in one file."""

    @web.authenticated
    async def get(self) -> None:
        self.show("export.html", folder=self.home.folder)

    @web.authenticated
    async def post(self) -> None:
        with tempfile.TemporaryDirectory(prefix="mazoezi-") as made:
            folder = Path(made)
            outcome = await to_thread(run_command, self.home.folder, "export", folder=folder)
            written = next(folder.glob("*.zip"), None)
            if not outcome.done or written is None:
                self.set_status(409)
                self.show("done.html", outcome=outcome, text=None, undo="", address="")
                return
            self.set_header("Content-Type", "application/zip")
            self.set_attachment_header(written.name)
            with written.open("rb") as file:
                while chunk := await to_thread(file.read, _CHUNK):
                    self.write(chunk)
                    await self.flush()


class FeedbackTableHandler(PageHandler):
    """All feedback as a table for a spreadsheet."""

    @web.authenticated
    async def get(self) -> None:
        table = io.StringIO(newline="")
        write_csv(await to_thread(lambda: self.home.store.feedback()), table)
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_attachment_header("feedback.csv")
        self.finish(table.getvalue().encode("utf-8-sig"))


class FeedbackHandler(PageHandler):
    """The feedback form of one practical."""

    @web.authenticated
    async def get(self, practical: str) -> None:
        found = await self.practical(practical)
        self.show("feedback.html", practical=found, said=await self._said(practical), problem="")

    @web.authenticated
    async def post(self, practical: str) -> None:
        found = await self.practical(practical)
        try:
            given = self._given(practical)
            await to_thread(lambda: self.home.store.record_feedback(given))
        except MazoeziError as error:
            self.set_status(409)
            said = Feedback(practical, 0, comment=self.get_body_argument("comment", ""))
            self.show("feedback.html", practical=found, said=said, problem=str(error))
            return
        thanks = (
            "Thank you: your feedback is kept in your workspace. You may change it at any time."
        )
        self.show("done.html", outcome=Outcome(True, thanks), text=None, undo="", address="")

    async def _said(self, practical: str) -> Feedback | None:
        """Return what was said last, to be changed; nothing where that cannot be read."""
        try:
            given = await to_thread(lambda: self.home.store.feedback())
        except MazoeziError:
            return None
        return next((one for one in reversed(given) if one.practical == practical), None)

    def _given(self, practical: str) -> Feedback:
        """Return what the form holds. Raises ArgumentError where that is no feedback."""
        rating = _number("rating", self.get_body_argument("rating", ""))
        minutes = self.get_body_argument("minutes", "")
        return Feedback(
            practical,
            rating,
            _number("minutes", minutes) if minutes else None,
            self.get_body_argument("comment", "")[:10_000],
        )


def _number(name: str, text: str) -> int:
    """Return the whole number that a field holds. Raises ArgumentError where it holds none."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ArgumentError(name, text, "a whole number")
    return int(text)
