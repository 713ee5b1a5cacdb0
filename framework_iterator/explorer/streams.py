"""Responses that last: so many at once, and none for a client that doesn't read."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import contextlib
from typing import Final

from starlette.responses import StreamingResponse
from starlette.types import Send

AT_ONCE: Final = 20
"""Streams that may be open at the same time: each has a client of Kafka's."""
UNDER_WAY: Final = 2
"""Searches that read at the same time, and pages that do: each may take 45 MB, as with payloads of 1 MB.
More of them together are no faster."""
PATIENCE: Final = 30.0
"""Seconds that a client may take to accept what was sent."""


class PatientResponse(StreamingResponse):
    """A stream that ends when its client has stopped reading: a run would wait for it for ever."""

    async def stream_response(self, send: Send) -> None:
        """Send what comes, and close its source at the end, whatever the end is."""
        source = self.body_iterator
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            async for chunk in source:
                data = chunk.encode() if isinstance(chunk, str) else chunk
                async with asyncio.timeout(PATIENCE):
                    await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            pass  # the connection is closed, as the response isn't complete
        finally:
            if isinstance(source, cabc.AsyncGenerator):
                await source.aclose()


class Streams:
    """Counts the streams that are open."""

    def __init__(self, at_once: int = AT_ONCE, under_way: int = UNDER_WAY) -> None:
        """None is open."""
        self._free = at_once
        # A page takes a second, and never waits for searches, which take a minute.
        self._searches, self._pages = asyncio.Semaphore(under_way), asyncio.Semaphore(under_way)

    @property
    def is_full(self) -> bool:
        """Whether no further stream may be opened."""
        return self._free <= 0

    @contextlib.contextmanager
    def counted(self) -> cabc.Generator[None]:
        """Count a stream as open within the block."""
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    async def in_turn(
        self, source: cabc.AsyncGenerator[str], *, is_search: bool, waiting: str = ""
    ) -> cabc.AsyncGenerator[str]:
        """Yield what a view yields, once few others are under way; first `waiting` where it has to wait."""
        turns = self._searches if is_search else self._pages
        async with contextlib.aclosing(source):
            if waiting and turns.locked():
                yield waiting
            async with turns:
                async for each in source:
                    yield each

    async def guard(self, source: cabc.AsyncGenerator[str]) -> cabc.AsyncGenerator[str]:
        """Yield what a stream yields, counted; it is closed with this generator."""
        with self.counted():
            async with contextlib.aclosing(source):
                async for each in source:
                    yield each
