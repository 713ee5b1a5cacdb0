"""The state of a run that `async for` reads, and how the event loop and other threads reach it."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import time
from typing import Final

from framework_iterator.asynchronous.thread import RunThread, outcome_of
from framework_iterator.control import Control
from framework_iterator.errors import InvalidOptionError

_PAUSE: Final = 0.00005
_LONGEST: Final = 0.001
"""Seconds for which the thread may fetch without a pause."""


class AsyncControl(Control):
    """Marks, stopped partitions and the close may be asked for in any thread: they never meet."""

    __slots__ = ("_paused", "loop", "thread")

    is_async = True

    def __init__(self) -> None:
        """The run may begin."""
        super().__init__()
        self.thread = RunThread()
        self.loop: asyncio.AbstractEventLoop | None = None
        """The event loop that awaits the next message."""
        self._paused = time.monotonic()

    def run(self, request: cabc.Callable[[], object]) -> None:
        """Call this now, or in the thread of the run as soon as its current fetch has returned."""
        if not self.thread.call_now(request):
            # The loop asks for its next message after this call then, whatever the thread has fetched.
            self.interrupt()

    def run_and_wait(self, request: cabc.Callable[[], object]) -> None:
        """Call this in the thread of the run, and return when it has returned."""
        if self.thread.is_current:
            request()
        else:
            outcome_of(self.thread.submit(request))

    def check_may_block(self, call: str, instead: str) -> None:
        """Raise InvalidOptionError in the thread of a running event loop."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        raise InvalidOptionError(f"{call} would block the event loop: await {instead}.")

    def serve(self) -> None:
        """Make the calls that have arrived during a fetch; end the run whose event loop was closed."""
        self.thread.serve()
        if self.loop is not None and self.loop.is_closed():
            self.stop()

    def begin_call(self, loop: asyncio.AbstractEventLoop) -> None:
        """The event loop begins to wait for the next message."""
        self.loop = loop
        self._paused = time.monotonic()

    def pause(self) -> None:
        """Give the interpreter's lock to the event loop, which has waited for a millisecond.

        Fetches release it for microseconds, too short for a thread that has to wake up first: while a batch
        fills, or predicates remove all messages, the event loop would wait for 20 ms and more.
        """
        if time.monotonic() - self._paused > _LONGEST:
            time.sleep(_PAUSE)
            self._paused = time.monotonic()

    def request_end(self, close: cabc.Callable[[], object]) -> None:
        """Have the thread close the run: it may be that no event loop runs any more."""
        self.thread.submit(close)

    @property
    def is_executing(self) -> bool:
        """Whether the thread is in a call at this moment."""
        return self.thread.is_in_call
