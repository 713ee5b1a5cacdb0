"""A fork waits for calls of other threads: what they have locked would stay locked in the child."""

from __future__ import annotations

import collections.abc as cabc
import os
import threading

import pytest

from framework import forks
from framework.worker import Worker

LIMIT = 20.0

# Python warns of forks with threads since 3.12. These are about them.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture(autouse=True)
def _no_other_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that earlier tests have left running count for nothing."""
    monkeypatch.setattr(forks, "_calling", set())


def status_of_child(answer: cabc.Callable[[], bool]) -> int:
    """Fork, and return 0 if this is true in the child."""
    if (child := os.fork()) == 0:
        status = 2
        try:
            status = 0 if answer() else 1
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_fork_waits_for_the_end_of_a_call(gate: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "AT_MOST", LIMIT)
    ended = threading.Event()

    def call() -> None:
        gate.wait()
        ended.set()

    Worker("client").submit(call)
    threading.Timer(0.1, gate.set).start()
    assert status_of_child(ended.is_set) == 0


def test_a_fork_waits_for_no_call_for_ever(gate: threading.Event) -> None:
    Worker("client").submit(gate.wait)
    assert status_of_child(lambda: not gate.is_set()) == 0


def test_a_call_holds_back_others_and_not_the_thread_that_makes_it(gate: threading.Event) -> None:
    worker = Worker("client")
    assert worker.call(forks.is_held_back, LIMIT) is False
    worker.submit(gate.wait)
    assert forks.is_held_back()
    gate.set()
    assert worker.wait(LIMIT)
    assert not forks.is_held_back()


def test_the_calls_of_a_parent_hold_back_no_fork_of_its_child(gate: threading.Event) -> None:
    Worker("client").submit(gate.wait)
    assert status_of_child(lambda: not forks.is_held_back()) == 0


def test_a_call_that_never_began_holds_back_no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", fail)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            Worker("client").submit(lambda: None)
    assert not forks.is_held_back()
