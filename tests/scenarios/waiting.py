"""How scenarios know what a run is doing just now, without guessing how long that takes."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import threading

import pytest

from framework_iterator.reading.source import Fetched, Source
from tests import support


class Fetches:
    """Counts what all runs find in their queues, and the looks since then that found nothing."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.empty = self.messages = 0
        fetch = Source.fetch

        def counted(source: Source, max_wait: float, count: int) -> Fetched:
            fetched = fetch(source, max_wait, count)
            self.messages += len(fetched.messages)
            self.empty = 0 if fetched.messages or fetched.events else self.empty + 1
            return fetched

        monkeypatch.setattr(Source, "fetch", counted)

    def until_idle(self, messages: int = 0) -> None:
        """Return when a run has found nothing three times more in a row: it waits for what is new.

        Args:
            messages: How many it has found before: the first ones of a run may be long in coming.
        """
        support.wait_until(lambda: self.messages >= messages, f"{messages} messages")
        self.empty = 0
        support.wait_until(lambda: self.empty >= 3, "an idle run")


@contextlib.contextmanager
def beside(work: cabc.Callable[[], object]) -> cabc.Iterator[None]:
    """Do this in another thread during the block; what it raises fails the test."""
    failures: list[BaseException] = []

    def do() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=do)
    thread.start()
    try:
        yield
    finally:
        thread.join(support.LIMIT)
    assert failures == []
    assert not thread.is_alive()
