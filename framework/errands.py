"""Blocking calls, sent away in a thread: neither Ctrl-C nor a time limit has to wait for them.

A call into the C library holds signals up until it comes back, and some of its calls have no time
limit of their own. While an errand is away, the thread that sent it waits in a way that both can end.
"""

from __future__ import annotations

import collections.abc as cabc
import logging
import sys
import threading
import time
from typing import TypeVar

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Errands:
    """One client's errands: one at a time, and none is ever given up while it uses the client."""

    def __init__(self, name: str) -> None:
        """`name` is what their threads are called."""
        self._name = name
        # An event of our own: Thread.join, when Ctrl-C ends it, takes the thread for finished.
        self._back = threading.Event()
        self._back.set()

    def run(self, call: cabc.Callable[[], T], within: float) -> T:
        """What the call gives or raises; TimeoutError after `within` seconds, while it goes on.

        It waits for an errand that is still away. Whatever ends the wait, the call itself comes back
        some time: see `finish`.
        """
        deadline = time.monotonic() + within
        # While the interpreter goes down, the thread of an errand gets no turn any more.
        if not self._back.wait(0.0 if sys.is_finalizing() else within):
            raise TimeoutError(f"{self._name} has not come back from its last call.")
        outcome: list[tuple[T | None, BaseException | None]] = []

        def work() -> None:
            try:
                outcome.append((call(), None))
            except BaseException as error:  # handed over, with its traceback, to the thread that waits
                outcome.append((None, error))

        if not self._send(work).wait(max(0.0, deadline - time.monotonic())):
            raise TimeoutError(f"{self._name} gave no answer within {within:g} s.")
        value, error = outcome[0]
        if error is not None:
            raise error
        return value  # type: ignore[return-value]

    def send(self, call: cabc.Callable[[], object]) -> bool:
        """Have this done, and don't wait for it; False where an errand is still away."""
        if not self._back.is_set():
            return False
        self._send(call)
        return True

    def finish(self, close: cabc.Callable[[], object], within: float, *others: Errands) -> None:
        """Close the client, and wait for that so long at most.

        While an errand is away, of ours or of the others, the closing follows it, and nobody waits.
        """
        before = [each._back for each in (self, *others)]
        is_away = not all(back.is_set() for back in before)

        def work() -> None:
            for back in before:
                back.wait()
            try:
                close()
            except (
                Exception
            ):  # of a callback of the user's, which closing serves: the client is closed all the same
                logger.exception("%s: closing failed.", self._name)

        try:
            closed = self._send(work)
        except RuntimeError:
            # The interpreter is going down and starts no more threads.
            if not is_away:
                close()
            return
        if not is_away:
            closed.wait(within)

    def _send(self, work: cabc.Callable[[], object]) -> threading.Event:
        if sys.is_finalizing():
            # Python 3.11 would start a thread that never gets its turn, and wait for it.
            raise RuntimeError(f"{self._name}: the interpreter is going down and starts no more threads.")
        back = threading.Event()

        def go() -> None:
            try:
                work()
            finally:
                back.set()

        # Before the start: Ctrl-C may meet that, and the errand must not be taken for one that is back.
        before, self._back = self._back, back
        try:
            threading.Thread(target=go, name=self._name, daemon=True).start()
        except RuntimeError:
            self._back = before
            raise
        return back
