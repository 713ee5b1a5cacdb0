from __future__ import annotations

import collections.abc as cabc
import threading
import time

import pytest

from framework.worker import Worker

LIMIT = 20.0


@pytest.fixture
def gate() -> cabc.Iterator[threading.Event]:
    """What calls wait for; it opens with the end of the test at the latest."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_a_call_gives_what_it_gives() -> None:
    assert Worker("client").run(lambda: 5, LIMIT) == 5
    assert Worker("client").run(lambda: None, LIMIT) is None


@pytest.mark.parametrize("kind", [ValueError, TimeoutError, KeyboardInterrupt, SystemExit])
def test_a_call_raises_what_it_raises_with_its_traceback(kind: type[BaseException]) -> None:
    error = kind("here")

    def fail() -> None:
        raise error

    with pytest.raises(kind) as caught:
        Worker("client").run(fail, LIMIT)
    assert caught.value is error
    assert caught.traceback[-1].name == "fail"


def test_it_is_done_in_another_thread_that_says_whose_it_is() -> None:
    thread = Worker("client").run(threading.current_thread, LIMIT)
    assert thread is not threading.current_thread()
    assert (thread.name, thread.daemon) == ("client", True)


def test_a_call_that_takes_too_long_is_a_timeout_and_goes_on(gate: threading.Event) -> None:
    errands, done = Worker("client"), threading.Event()

    def call() -> None:
        gate.wait()
        done.set()

    with pytest.raises(TimeoutError) as caught:
        errands.run(call, 0.05)
    assert str(caught.value) == "client gave no answer within 0.05 s."
    gate.set()
    assert done.wait(LIMIT)


def test_while_one_is_away_no_other_is_begun(gate: threading.Event) -> None:
    errands, begun = Worker("client"), threading.Event()
    assert errands.send(gate.wait)
    with pytest.raises(TimeoutError) as caught:
        errands.run(begun.set, 0.05)
    assert str(caught.value) == "client has not come back from its last call."
    assert not begun.is_set()


def test_the_next_one_waits_for_one_that_comes_back_in_time(gate: threading.Event) -> None:
    errands, order = Worker("client"), list[str]()

    def first() -> None:
        gate.wait()
        order.append("first")

    errands.send(first)
    threading.Timer(0.05, gate.set).start()
    errands.run(lambda: order.append("second"), LIMIT)
    assert order == ["first", "second"]


def test_the_time_that_the_one_before_took_counts(gate: threading.Event) -> None:
    errands, second = Worker("client"), threading.Event()
    errands.send(gate.wait)
    threading.Timer(0.2, gate.set).start()
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        errands.run(second.wait, 0.4)
    assert time.monotonic() - began < 0.6
    second.set()


def test_what_is_sent_is_done_and_nobody_waits(gate: threading.Event) -> None:
    errands, done = Worker("client"), threading.Event()

    def call() -> None:
        gate.wait()
        done.set()

    assert errands.send(call) is True
    assert errands.send(call) is False
    gate.set()
    assert done.wait(LIMIT)


def test_after_a_call_that_failed_the_next_one_is_done() -> None:
    errands = Worker("client")
    with pytest.raises(ZeroDivisionError):
        errands.run(lambda: 1 // 0, LIMIT)
    assert errands.run(lambda: 5, LIMIT) == 5


def test_closing_waits_for_the_closing() -> None:
    closed = threading.Event()
    Worker("client").finish(closed.set, LIMIT)
    assert closed.is_set()


def test_closing_that_hangs_is_not_waited_for(gate: threading.Event) -> None:
    began = time.monotonic()
    Worker("client").finish(gate.wait, 0.05)
    assert time.monotonic() - began < LIMIT / 2


@pytest.mark.parametrize("whose", ["ours", "the other's"])
def test_closing_follows_what_is_away_and_nobody_waits(gate: threading.Event, whose: str) -> None:
    ours, other, closed = Worker("client"), Worker("commits"), threading.Event()
    (ours if whose == "ours" else other).send(gate.wait)
    began = time.monotonic()
    ours.finish(closed.set, LIMIT, other)
    assert time.monotonic() - began < LIMIT / 2
    assert not closed.is_set()
    gate.set()
    assert closed.wait(LIMIT)


@pytest.mark.parametrize("is_away", [False, True])
def test_when_no_more_threads_are_started_it_closes_by_itself_unless_one_is_away(
    monkeypatch: pytest.MonkeyPatch, gate: threading.Event, is_away: bool
) -> None:
    errands, closed = Worker("client"), threading.Event()
    if is_away:
        errands.send(gate.wait)
    monkeypatch.setattr("sys.is_finalizing", lambda: True)
    errands.finish(closed.set, LIMIT)
    assert closed.is_set() is not is_away


def test_a_call_when_no_more_threads_are_started_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.is_finalizing", lambda: True)
    with pytest.raises(RuntimeError) as caught:
        Worker("client").run(lambda: 5, LIMIT)
    assert str(caught.value) == "client: the interpreter is going down and starts no more threads."
