"""A page that shows flights as they arrive: `uvicorn --factory example_app.scripts.live:create`."""

from __future__ import annotations

import collections.abc as cabc
import json

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from example_app import app as example
from example_app.models import Flight
from framework import App, Topic
from framework_iterator import Iterator

PAGE = """\
<!doctype html>
<title>Flights</title>
<ul></ul>
<script>
  new EventSource("events").onmessage = event => {
    const item = document.createElement("li")
    item.textContent = event.data
    document.querySelector("ul").prepend(item)
  }
</script>
"""


async def events(tail: Iterator[Flight, None]) -> cabc.AsyncGenerator[str]:
    """Each message is a Server-Sent Event; its id says where a browser that reconnects continues."""
    async with tail:
        async for message in tail:
            if message is None:
                yield ": no flight\n\n"  # a server learns from it that a browser has left
            elif tail.report is not None:
                yield f"id: {json.dumps(tail.report.positions)}\ndata: {message.payload.code}\n\n"


def create(flights: Topic[Flight] = example.flights, app: App = example.app) -> Starlette:
    def page(_: Request) -> Response:
        return HTMLResponse(PAGE)

    def stream(request: Request) -> Response:
        seen = request.headers.get("Last-Event-ID")
        tail = Iterator(
            {flights: -10},
            app=app,
            resume=json.loads(seen) if seen else None,
            follow=True,
            yield_none=True,
            max_wait=5,
        )
        return StreamingResponse(events(tail), media_type="text/event-stream")

    return Starlette(routes=[Route("/", page), Route("/events", stream)])
