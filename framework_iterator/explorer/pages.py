"""The pages: their routes, and what each shows."""

from __future__ import annotations

import collections.abc as cabc
import pathlib
import re
from typing import Any, Final

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from framework import App, FrameworkError, PartitionNotFoundError, TopicNotFoundError
from framework_iterator import InvalidOptionError
from framework_iterator.explorer import details, reading
from framework_iterator.explorer.addresses import ORDERS, AddressError, View, start_of, view_of
from framework_iterator.explorer.events import COLUMNS, event, events, problem
from framework_iterator.explorer.expressions import Expression, ExpressionError
from framework_iterator.explorer.streams import AT_ONCE, UNDER_WAY, PatientResponse, Streams
from framework_iterator.explorer.threads import in_thread
from framework_iterator.explorer.values import MOST_TEXT, cut_lines

_HERE: Final = pathlib.Path(__file__).parent
_NAME: Final = re.compile(r"[a-zA-Z0-9._-]{1,249}")
_SHARED: Final = {"newest": "Newest first", "oldest": "Oldest first"}
_FULL: Final = f"{AT_ONCE} searches and live views are open, which is the most. Close some of their pages."
_STATUS: Final[dict[type[Exception], int]] = {
    AddressError: 400,
    InvalidOptionError: 400,
    PartitionNotFoundError: 404,
    TopicNotFoundError: 404,
}

IsInternal = cabc.Callable[[str], bool]


class Pages:
    """Answers requests for the topics of an application.

    Args:
        app: The application.
        is_internal: Which topics of the broker are Kafka's own and are not listed.
    """

    def __init__(self, app: App, is_internal: IsInternal) -> None:
        """Load the templates."""
        self._app = app
        self._is_internal = is_internal
        self._streams = Streams()
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["number"] = lambda number: f"{number:,.0f}"

    def application(self) -> Starlette:
        """Return the ASGI application, without its doors."""
        return Starlette(
            routes=[
                Route("/", self.topics),
                Route("/topics/{topic}", self.topic),
                Route("/topics/{topic}/events", self.events),
                Route("/topics/{topic}/download", self.download),
                Route("/topics/{topic}/partitions", self.partitions),
                Route("/topics/{topic}/sizes", self.sizes),
                Route("/topics/{topic}/{partition:int}/{offset:int}", self.message),
                Mount("/static", StaticFiles(directory=_HERE / "static")),
            ],
            exception_handlers={404: self._not_found},
        )

    def _page(self, template: str, status: int = 200, **names: Any) -> HTMLResponse:
        servers = str(self._app.kafka.get("bootstrap.servers", ""))
        text = self._templates.get_template(template).render(servers=servers, **names)
        return HTMLResponse(text, status)

    def _problem(self, problem: Exception | str, status: int | None = None) -> HTMLResponse:
        """Return the page of a problem; with 502 and 503, it can be loaded again."""
        if status is None:
            status = next((status for kind, status in _STATUS.items() if isinstance(problem, kind)), 502)
        text = cut_lines(str(problem), MOST_TEXT)
        return self._page("problem.html", status, text=text, may_pass=status in (502, 503))

    async def _not_found(self, _request: Request, _error: Exception) -> Response:
        return self._problem("There is no such page. The list of topics is at /.", 404)

    async def topics(self, _request: Request) -> Response:
        """The list of topics."""
        rows, problem = await in_thread(reading.list_topics, self._app, self._is_internal)
        return self._page(
            "topics.html", 502 if problem else 200, rows=rows, problem=problem, now=reading.now_text()
        )

    def _view(self, request: Request) -> View:
        topic = request.path_params["topic"]
        if not _NAME.fullmatch(topic) or topic in (".", ".."):
            raise AddressError(f"'{topic[:80]}' can't be the name of a topic.")
        return view_of(topic, request.query_params)

    async def topic(self, request: Request) -> Response:
        """The messages of a topic, which its events bring."""
        try:
            view = self._view(request)
        except AddressError as error:
            return self._problem(error)
        try:
            start_of(view.start)
            Expression(view.where or "True")
            status = 200
        except (AddressError, ExpressionError):
            status = 400  # the stream says why, beside what was written
        return self._page(
            "topic.html",
            status,
            view=view,
            orders={name: _SHARED[name] for name in ORDERS},
            columns=COLUMNS,
            events=view.address("/events"),
            download=view.address("/download"),
        )

    async def events(self, request: Request) -> Response:
        """The stream of a view."""
        try:
            view = self._view(request)
        except AddressError as error:
            return PlainTextResponse(f"{error}\n", 400)
        if request.method == "HEAD":
            return PlainTextResponse("")
        if self._streams.is_full:
            return Response(problem(_FULL), media_type="text/event-stream")
        source = self._counted(view, events(self._app, view), event("waiting", {"others": UNDER_WAY}))
        return PatientResponse(source, media_type="text/event-stream")

    def _counted(
        self, view: View, source: cabc.AsyncGenerator[str], waiting: str = ""
    ) -> cabc.AsyncGenerator[str]:
        """Return a stream that counts as open; one that isn't live waits until few others are under way."""
        if not view.is_live:
            source = self._streams.in_turn(source, is_search=view.is_search, waiting=waiting)
        return self._streams.guard(source)

    async def download(self, request: Request) -> Response:
        """What a view shows, a JSON object a line."""
        try:
            view = self._view(request)
            open_reading = reading.open_reading(self._app, view)
        except (AddressError, ExpressionError, FrameworkError) as error:
            return PlainTextResponse(f"{error}\n", 400)
        if view.is_live:
            return PlainTextResponse("A live view has no end: pause it, and download the newest.\n", 400)
        if request.method == "HEAD":
            return PlainTextResponse("")
        if self._streams.is_full:
            return PlainTextResponse(f"{_FULL}\n", 503)
        name = f'attachment; filename="{view.topic}.jsonl"'
        source = self._counted(view, details.lines(open_reading))
        return PatientResponse(source, media_type="application/jsonl", headers={"Content-Disposition": name})

    async def partitions(self, request: Request) -> Response:
        """The partitions of a topic, and where the marks of the application's group are."""
        try:
            view = self._view(request)
            plan = await in_thread(reading.plan_of, self._app, view.topic)
            marks = await in_thread(reading.marks_of, self._app, view.topic)
        except (AddressError, FrameworkError) as error:
            return self._problem(error)
        rows = [(each, marks[view.topic, each.partition]) for each in plan]
        return self._page("partitions.html", view=view, rows=rows, now=reading.now_text())

    async def sizes(self, request: Request) -> Response:
        """The sizes of the last messages, which are read for it."""
        try:
            view = self._view(request)
            if self._streams.is_full:
                return self._problem(_FULL, 503)
            with self._streams.counted():
                found = await in_thread(reading.sizes_of, self._app, view.topic)
        except (AddressError, FrameworkError) as error:
            return self._problem(error)
        return self._page(
            "sizes.html", view=view, rows=found.rows(), measured=reading.MEASURED, seconds=reading.MEASURING
        )

    async def message(self, request: Request) -> Response:
        """One message, in full."""
        partition, offset = request.path_params["partition"], request.path_params["offset"]
        try:
            view = self._view(request)
            message = await in_thread(reading.message_at, self._app, view.topic, partition, offset)
        except (AddressError, FrameworkError) as error:
            return self._problem(error)
        if message is None:
            place = f"{view.topic}-{partition}"
            text = f"{place} has no message at offset {offset}: it was removed, or never was there."
            return self._problem(text, 404)
        return self._page("message.html", view=view, message=message, **details.of_message(message))
