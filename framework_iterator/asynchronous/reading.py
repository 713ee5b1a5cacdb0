"""What an Iterator has for coroutines: `async for`, `async with`, and what can be awaited."""

from __future__ import annotations

import abc
import asyncio
import collections.abc as cabc
import dataclasses
import functools
import types
from typing import Any, Generic, Never, Self

from typing_extensions import TypeVar  # the one with defaults

from framework import Message
from framework.types import P
from framework_iterator.asynchronous import loops
from framework_iterator.asynchronous.control import AsyncControl
from framework_iterator.asynchronous.run import AsyncRun, call, check_event_loop, finish
from framework_iterator.asynchronous.thread import RunThread
from framework_iterator.batch import Batch
from framework_iterator.control import Control
from framework_iterator.controls import Controls
from framework_iterator.errors import NotIteratingError
from framework_iterator.loops import batches, for_first
from framework_iterator.planning.plan import Plan
from framework_iterator.recipe import Recipe
from framework_iterator.snapshot import SNAPSHOT_SIZE, check_snapshot, snapshot

# With yield_none a loop is given None as well; without it, no type mentions it.
NoneT = TypeVar("NoneT", default=Never)
KeyT = TypeVar("KeyT", default=object, covariant=True)  # the type of keys
T = TypeVar("T")

_ReadAsync = cabc.Callable[[AsyncRun], cabc.AsyncGenerator[Any]]


class AsyncReading(Controls, abc.ABC, Generic[P, NoneT, KeyT]):
    """The part of an Iterator that doesn't block an event loop."""

    @abc.abstractmethod
    def plan(self) -> Plan:
        """Return what a run would read if it started now."""

    def __aiter__(self) -> cabc.AsyncIterator[Message[P, KeyT] | NoneT]:
        """Return a new run, which starts with its first message; there is one run at a time.

        A thread of the run waits for Kafka. A task that is cancelled ends its run, and commits its marks.
        """
        return self._run_async(self._recipe, loops.messages)

    async def afirst(self) -> Message[P, KeyT] | None:
        """Return the first message of a run, or None where there is nothing to read."""
        run = self._run_async(for_first(self._recipe), loops.messages)
        messages: list[Message[P, KeyT]] = [message async for message in run]
        return messages[0] if messages else None

    async def aplan(self) -> Plan:
        """Return what a run would read if it started now: as `plan()`."""
        return await self._in_thread(self.plan)

    async def asnapshot(self) -> dict[KeyT, Message[P, KeyT]]:
        """Return the latest message of each key: as `snapshot()`."""
        check_snapshot(self._recipe)
        recipe = dataclasses.replace(self._recipe, yield_none=False)
        control = Control()
        run = self._runs.start(recipe, functools.partial(batches, size=SNAPSHOT_SIZE), control)
        return await self._in_thread(functools.partial(snapshot, run), control.stop)

    async def amark_as_consumed(self, message: Message[Any] | Batch[Any]) -> None:
        """Mark as `mark_as_consumed(message, blocking=True)`: return when the broker has committed it."""
        session = self._session_to_mark()
        if not isinstance(session.control, AsyncControl):
            raise NotIteratingError(
                "The live run isn't read with `async for`: call mark_as_consumed(message, blocking=True)."
            )
        await call(session.control.thread, functools.partial(session.mark, message, blocking=True))

    async def aclose(self) -> None:
        """End the live run, if there is one, and commit its marks: as `close()`, also from another task."""
        await self._aclose(quiet=False, timeout=None)

    async def __aenter__(self) -> Self:
        """Return itself; the end of the `async with` block closes a live run."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        """Close a live run; a commit that fails doesn't replace an exception of the block's."""
        await self._aclose(quiet=error is not None, timeout=self._recipe.commit_timeout(error))

    async def _aclose(self, *, quiet: bool, timeout: float | None) -> None:
        control, session = self._runs.control, self._runs.latest
        if not isinstance(control, AsyncControl) or not control.is_of_this_process:
            self._runs.close(quiet=quiet, timeout=timeout)
            return
        if self._runs.is_opening:
            control.stop()
            await asyncio.wait([asyncio.wrap_future(control.thread.ended)])
        elif session is not None:
            close = functools.partial(session.close, quiet=quiet, timeout=timeout)
            await finish(control.thread.submit(close, is_last=True), self._recipe.hasty_timeout)

    def _run_async(self, recipe: Recipe, read: _ReadAsync) -> cabc.AsyncGenerator[Any]:
        control = AsyncControl()
        open_session = functools.partial(self._runs.open, recipe, control)
        generator = read(AsyncRun(open_session, control, recipe.hasty_timeout))
        control.watch(generator)
        return generator

    async def _in_thread(
        self, function: cabc.Callable[[], T], stop: cabc.Callable[[], object] | None = None
    ) -> T:
        """Return or raise what a function does in a thread of its own; when cancelled, stop it."""
        check_event_loop()
        thread = RunThread()
        thread.start()
        try:
            return await finish(thread.submit(function, is_last=True), 0.0)
        except asyncio.CancelledError:
            if stop is not None:
                stop()
                ended = asyncio.wrap_future(thread.ended)
                await asyncio.wait([ended], timeout=2 * self._recipe.hasty_timeout)
            raise
