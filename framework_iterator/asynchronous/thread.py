"""The thread of a run that `async for` reads: makes its calls, one after the other."""

from __future__ import annotations

import collections.abc as cabc
import contextvars
import queue
import threading
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from framework.worker import Outcome

T = TypeVar("T")

NAME: Final = "framework-iterator-run"


class RunThread:
    """One daemon thread, from `start` to the call that is given to `end`.

    Between two calls the session belongs to the event loop. `call_now` is for what doesn't wait: it is made
    where it is asked for, or by the thread while that is in a call; a call that takes long makes those that
    have arrived meanwhile, by `serve`.
    """

    def __init__(self) -> None:
        """It isn't started yet."""
        self._calls: queue.SimpleQueue[cabc.Callable[[], None] | None] = queue.SimpleQueue()
        # Held during each call: the thread has the session.
        self._in_call = threading.RLock()
        # Held while a call is put into the queue: none comes after the last one.
        self._gate = threading.Lock()
        self._has_last = False
        self._ident: int | None = None
        self.ended: Future[None] = Future()

    def start(self) -> None:
        """Start it, with the context variables of the caller."""
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._work,), name=NAME, daemon=True).start()

    @property
    def is_current(self) -> bool:
        """Whether this is the thread itself, such as in a predicate of the user."""
        return self._ident == threading.get_ident()

    @property
    def is_in_call(self) -> bool:
        """Whether another thread is making a call at this moment."""
        if not self._in_call.acquire(blocking=False):
            return True
        self._in_call.release()
        return False

    def submit(self, function: cabc.Callable[[], T], *, is_last: bool = False) -> Future[Outcome[T]]:
        """Have the thread call this, after all calls before it; its outcome comes in the future.

        After the last call, it is called where the thread ends.
        """
        future: Future[Outcome[T]] = Future()

        def call(_: object = None) -> None:
            if future.set_running_or_notify_cancel():
                outcome = Outcome[T]()
                with self._in_call:
                    outcome.record(function)
                future.set_result(outcome)

        with self._gate:
            if not self._has_last:
                self._calls.put(call)
                if is_last:
                    self._has_last = True
                    self._calls.put(None)
                return future
        self.ended.add_done_callback(call)
        return future

    def call_now(self, function: cabc.Callable[[], object]) -> bool:
        """Call this here; while a call is being made, have the thread call it, and return False."""
        if not self._in_call.acquire(blocking=False):
            self.submit(function)
            return False
        try:
            function()
        finally:
            self._in_call.release()
        return True

    def serve(self) -> None:
        """Make the calls that have arrived; called within a call."""
        while not self._calls.empty():
            call = self._calls.get()
            if call is None:
                self._calls.put(None)
                return
            call()

    def _work(self) -> None:
        self._ident = threading.get_ident()
        try:
            while (call := self._calls.get()) is not None:
                call()
                del call  # it holds what the call has returned
        finally:
            self._ident = None  # another thread may get the number
            self.ended.set_result(None)


def outcome_of(future: Future[Outcome[Any]]) -> Any:
    """Wait for a call, and return or raise what it did."""
    return future.result().get()
