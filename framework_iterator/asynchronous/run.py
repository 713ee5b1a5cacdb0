"""One run as an `async for` sees it: opened, read and closed by its thread, and awaited here."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import functools
import os
import types
import weakref
from concurrent.futures import Future
from typing import Any, Final, Self, TypeVar

from framework.worker import Outcome
from framework_iterator.asynchronous.control import AsyncControl
from framework_iterator.asynchronous.schemas import SchemaLookup
from framework_iterator.asynchronous.thread import RunThread
from framework_iterator.errors import IteratorError, NotIteratingError
from framework_iterator.progress.delivery import Delivery
from framework_iterator.session import Session

T = TypeVar("T")

_END_WITHIN: Final = 2
"""How often the time of a last commit may pass before a cancelled task ends: for a fetch, and the commit."""


class AsyncRun:
    """Opens a session, asks it for deliveries, and closes it.

    A task that is cancelled ends when its run is closed, which takes milliseconds; where a broker is away
    and the run takes longer, the thread closes it later.

    Args:
        open_session: Opens the session, in the thread of the run.
        control: Made for the run.
        grace: Seconds that a cancelled task may wait for a fetch, and as many for the last commit.
    """

    session: Session

    def __init__(self, open_session: cabc.Callable[[], Session], control: AsyncControl, grace: float) -> None:
        """Nothing is opened, and no thread started."""
        self.control = control
        self._opened: list[Session] = []
        self._open = functools.partial(_open, open_session, self._opened)
        self._grace = grace * _END_WITHIN
        self._is_torn_down = False  # with its task, by an event loop that is gone: nothing can be awaited

    async def __aenter__(self) -> Self:
        """Start the thread, and open the session in it."""
        check_event_loop()
        thread = self.control.thread
        thread.start()
        # Where a generator is freed whose event loop is closed, nothing can be awaited.
        self._finalizer = weakref.finalize(self, _abandon, thread, self._opened, os.getpid())
        self._finalizer.atexit = False  # open sessions are closed then
        try:
            self.session = await call(thread, self._open)
            self._look_up = SchemaLookup(self.session.handover.deserializers)
        except BaseException as error:
            self.control.stop()
            await self.__aexit__(type(error), error, error.__traceback__)
            raise
        return self

    async def next(self, least: int, most: int) -> Delivery | None:
        """Return the next delivery of the session: see `Session.next`."""
        if not self.control.is_of_this_process:
            raise NotIteratingError("This run belongs to the process that forked this one. Start a new one.")
        self.control.begin_call(asyncio.get_running_loop())
        try:
            return await call(self.control.thread, functools.partial(self._fetch, least, most))
        except GeneratorExit:
            self._is_torn_down = True
            raise

    def _fetch(self, least: int, most: int) -> Delivery | None:
        delivery = self.session.next(least, most)
        if delivery is not None:
            self._look_up(delivery.admitted.messages)
        return delivery

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        """Close the session as a `with` block does, and end the thread."""
        self._finalizer.detach()
        if not self.control.is_of_this_process:
            return
        leave = functools.partial(_leave, self._opened, kind, error, traceback)
        closed = self.control.thread.submit(leave, is_last=True)
        if self._is_torn_down:
            return
        if isinstance(error, asyncio.CancelledError):
            await asyncio.wait([asyncio.wrap_future(closed)], timeout=self._grace)
        else:
            await finish(closed, self._grace)


async def call(thread: RunThread, function: cabc.Callable[[], T]) -> T:
    """Return or raise what a function does in the thread of a run."""
    future: Future[Outcome[T]] = thread.submit(function)
    return (await asyncio.wrap_future(future)).get()


async def finish(future: Future[Outcome[T]], grace: float) -> T:
    """Return or raise what a call did; when cancelled, wait for it `grace` seconds at most."""
    waiting = asyncio.wrap_future(future)
    try:
        outcome = await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await asyncio.wait([waiting], timeout=grace)
        raise
    return outcome.get()


def check_event_loop() -> None:
    """Raise IteratorError where no asyncio event loop runs."""
    try:
        asyncio.get_running_loop()
    except RuntimeError as error:
        raise IteratorError(
            "No asyncio event loop runs here: start the coroutine with asyncio.run() or uvloop.run(). "
            "In trio, read with a plain `for` in trio.to_thread.run_sync()."
        ) from error


def _open(open_session: cabc.Callable[[], Session], opened: list[Session]) -> Session:
    opened.append(open_session())
    return opened[0]


def _leave(opened: list[Session], *error: Any) -> None:
    for session in opened:
        session.__exit__(*error)


def _abandon(thread: RunThread, opened: list[Session], pid: int) -> None:
    if pid == os.getpid():
        thread.submit(functools.partial(_leave, opened, None, GeneratorExit(), None), is_last=True)
