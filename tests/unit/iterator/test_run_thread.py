from __future__ import annotations

import collections.abc as cabc
import threading

import pytest

from framework_iterator.asynchronous.thread import RunThread, outcome_of
from tests import support


@pytest.fixture
def thread() -> cabc.Iterator[RunThread]:
    thread = RunThread()
    thread.start()
    yield thread
    thread.submit(lambda: None, is_last=True)
    thread.ended.result(support.LIMIT)


def test_calls_are_made_in_order_in_one_thread(thread: RunThread) -> None:
    made: list[tuple[int, bool]] = []

    def call(number: int) -> None:
        made.append((number, thread.is_current))

    for future in [thread.submit(lambda number=number: call(number)) for number in range(3)]:  # type: ignore[misc]
        outcome_of(future)
    assert made == [(0, True), (1, True), (2, True)]
    assert not thread.is_current


def test_what_a_call_raises_is_its_outcome(thread: RunThread) -> None:
    with pytest.raises(ZeroDivisionError):
        outcome_of(thread.submit(lambda: 1 / 0))
    assert outcome_of(thread.submit(lambda: 5)) == 5


def test_what_does_not_wait_is_called_at_once_where_the_thread_is_idle(thread: RunThread) -> None:
    called: list[bool] = []
    assert thread.call_now(lambda: called.append(thread.is_current))
    assert called == [False]


def test_within_a_call_it_is_called_when_that_serves(thread: RunThread) -> None:
    called: list[bool] = []
    begun, may_serve = threading.Event(), threading.Event()

    def fetch() -> list[bool]:
        begun.set()
        assert may_serve.wait(support.LIMIT)
        thread.serve()
        return list(called)

    fetched = thread.submit(fetch)
    assert begun.wait(support.LIMIT)
    assert thread.is_in_call
    assert not thread.call_now(lambda: called.append(thread.is_current))
    may_serve.set()
    assert outcome_of(fetched) == [True]
    assert called == [True]


def test_after_the_last_call_the_thread_ends_and_later_calls_are_made_all_the_same() -> None:
    thread = RunThread()
    thread.start()
    outcome_of(thread.submit(lambda: None, is_last=True))
    thread.ended.result(support.LIMIT)
    assert outcome_of(thread.submit(lambda: 7)) == 7
    assert outcome_of(thread.submit(lambda: 8, is_last=True)) == 8


def test_a_last_call_that_is_served_within_another_ends_the_thread() -> None:
    thread = RunThread()
    thread.start()
    begun, may_serve = threading.Event(), threading.Event()

    def fetch() -> None:
        begun.set()
        assert may_serve.wait(support.LIMIT)
        thread.serve()

    thread.submit(fetch)
    assert begun.wait(support.LIMIT)
    last = thread.submit(lambda: "closed", is_last=True)
    may_serve.set()
    assert outcome_of(last) == "closed"
    thread.ended.result(support.LIMIT)


def test_a_call_that_was_cancelled_before_it_began_is_not_made(thread: RunThread) -> None:
    may_end = threading.Event()
    thread.submit(lambda: may_end.wait(support.LIMIT))
    made: list[int] = []
    assert thread.submit(lambda: made.append(1)).cancel()
    may_end.set()
    outcome_of(thread.submit(lambda: None))
    assert made == []
