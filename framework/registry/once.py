"""Ask once, for all threads of the process."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import copy
import os
import threading
from typing import Final, Generic, NamedTuple, TypeVar

from framework.errors import FrameworkError
from framework.retry import Clock, Deadline

K = TypeVar("K", bound=cabc.Hashable)
V = TypeVar("V")

_MOST_FAILURES: Final = 1000


class _Failure(NamedTuple):
    error: FrameworkError
    until: float


class Once(Generic[K, V]):
    """Keeps answers for the life of the process and failures for a while.

    Threads that ask for one key make one request. Everything here may be called from any thread. A process
    that was forked begins with the answers of its parent, and waits for none of its parent's requests.

    Args:
        clock: Where the time comes from.
        keep_failure: The seconds for which an error is remembered.
    """

    def __init__(self, clock: Clock, keep_failure: cabc.Callable[[FrameworkError], float]) -> None:
        """Know nothing yet."""
        self._clock = clock
        self._keep_failure = keep_failure
        self._answers: dict[K, V] = {}
        self._failures: dict[K, _Failure] = {}
        # By process id: a lock that another thread held during a fork is never released in the child.
        self._locks: dict[tuple[int, K], threading.RLock] = {}

    def get(self, key: K, ask: cabc.Callable[[], V], deadline: Deadline) -> V:
        """Return the answer that is known, or what `ask` returns.

        While another thread asks for the same key, its outcome is waited for; TimeoutError after the
        deadline.
        """
        if (answer := self._recall(key)) is not None:
            return answer
        place = (os.getpid(), key)
        # setdefault is atomic.
        lock = self._locks.setdefault(place, threading.RLock())
        try:
            if not lock.acquire(timeout=deadline.remaining):
                raise TimeoutError
            if (answer := self._recall(key)) is not None:
                return answer
            return self._ask(place, ask)
        finally:
            # Ctrl-C may come between the acquisition and any note of it. An RLock knows its owner: release
            # fails where this thread isn't it.
            with contextlib.suppress(RuntimeError):
                lock.release()

    def _recall(self, key: K) -> V | None:
        if (answer := self._answers.get(key)) is not None:
            return answer
        if (failure := self._failures.get(key)) is not None:
            if self._clock() < failure.until:
                # A copy: an exception collects the traceback of every raise.
                raise copy.copy(failure.error)
            self._failures.pop(key, None)
        return None

    def _ask(self, place: tuple[int, K], ask: cabc.Callable[[], V]) -> V:
        key = place[1]
        try:
            answer = self._answers[key] = ask()
        except FrameworkError as error:
            self._remember(key, error)
            raise
        finally:
            # Those who wait hold the lock itself. After Ctrl-C the first of them asks.
            self._locks.pop(place, None)
        return answer

    def _remember(self, key: K, error: FrameworkError) -> None:
        if len(self._failures) >= _MOST_FAILURES:
            # The older half: messages with random ids would fill the memory.
            for each in list(self._failures)[: _MOST_FAILURES // 2]:
                self._failures.pop(each, None)
        self._failures[key] = _Failure(copy.copy(error), self._clock() + self._keep_failure(error))
