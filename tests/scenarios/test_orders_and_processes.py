"""Ctrl-C, forks, other threads and the end of a process find a run in an order as they find any run."""

from __future__ import annotations

import contextlib
import operator
import signal
import threading
from typing import Any

import pytest

from framework import App
from framework_iterator import Iterator, NotIteratingError, Report
from tests import support
from tests.clock import Clock, wait_by
from tests.scenarios.ordering import ALL_ORDERS, ORDERS, Order, at, in_order, places_of, rows_in
from tests.scenarios.programs import output_of, running
from tests.scenarios.reading import report_of
from tests.scenarios.test_every_offset_is_accounted_for import account, restless
from tests.scenarios.waiting import beside

__all__ = ["restless"]

BAD = b"\xff"

# As in test_ctrl_c_takes_nothing_away: the timer's signal comes at another moment of each run.
CTRL_C = """
import random
signal.signal(signal.SIGALRM, signal.default_int_handler)
moments = random.Random(f"{MODE} {ORDER}")
wrong, hit = set(), 0
for turn in range(40):
    options = {"where": lambda message: message.offset % 3} if turn % 2 else {}
    iterator = Iterator(topic, errors="skip", order=ORDER, **options)
    given = []
    try:
        signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-3, 0.06))
        for each in iterator.batches(size=300) if MODE == "batches" else iterator:
            given.append(each)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        hit += 1
    if iterator.report is None:  # it was still connecting
        continue
    messages = [message for batch in given for message in batch] if MODE == "batches" else given
    for each in iterator.report:
        offsets = [message.offset for message in messages if message.partition == each.partition]
        if (each.messages, each.gaps) != (len(offsets), 0) or each.lost:
            wrong.add(f"{each} {len(offsets)}")
        if any(not each.start <= offset < each.position for offset in offsets):
            wrong.add(f"{each}: given beyond")
        if offsets != sorted(offsets, reverse=ORDER == "newest"):
            wrong.add(f"{each}: disorder")
say("hit" if hit else "never hit", *wrong)
"""


@pytest.mark.parametrize("mode", ["messages", "batches"])
@ALL_ORDERS
def test_ctrl_c_at_any_moment_takes_nothing_away(
    kafka: str, topic: support.TopicFactory, mode: str, order: Order | None
) -> None:
    name = topic(3, {number: [BAD, "a", "b", "c", "d"] * 800 for number in range(3)})
    assert output_of(f"MODE, ORDER = {mode!r}, {order!r}" + CTRL_C, kafka, name) == ["hit"]


@ORDERS
def test_ctrl_c_in_a_slow_predicate_ends_the_process_at_once(
    kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    body = f"""
import itertools
tested = itertools.count()

def slow(message):
    if next(tested) == 50: say("tests")
    time.sleep(0.01)
    return False

for message in Iterator(topic, order={order!r}, where=slow): pass
"""
    with running(body, kafka, topic(2, {0: ["x"] * 3000, 1: ["x"] * 3000})) as program:
        program.until("tests")
        program.process.send_signal(signal.SIGINT)
        assert program.end(support.LIMIT) == -signal.SIGINT  # all tests take a minute
        assert program.stderr().endswith("\nKeyboardInterrupt\n")


@ORDERS
def test_a_fork_in_mid_run_leaves_the_run_to_the_parent(
    kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    body = f"""
iterator = Iterator(topic, order={order!r}, where=lambda message: True)
count = 0
for message in iterator:
    count += 1
    if count == 700:
        if (child := os.fork()) == 0:
            ended = iterator.report.ended
            read = len(list(Iterator(topic, order={order!r})))
            say("child", ended, iterator.report.messages, read)
            os._exit(0)
        os.waitpid(child, 0)
say("parent", count, iterator.report.ended)
"""
    name = topic(2, {0: ["x"] * 2000, 1: ["x"] * 2000})
    assert output_of(body, kafka, name) == ["child closed 700 4000", "parent 4000 end"]


@ORDERS
def test_a_process_that_ends_with_a_run_in_its_hands_ends_at_once(
    kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    body = f"""
run = iter(Iterator(topic, order={order!r}, where=lambda message: True))
next(run)
say("ends")
"""
    name = topic(2, {0: ["x"] * 20_000, 1: ["x"] * 20_000})
    with running(body, kafka, name) as program:
        program.until("ends")
        assert program.end(support.LIMIT) == 0
        assert program.stderr() == ""


@ORDERS
def test_other_threads_see_a_report_that_adds_up(
    app: App, topic: support.TopicFactory, restless: None, order: Order
) -> None:
    name = topic(4, {number: [BAD, "x", "y"] * 500 for number in range(4)})
    iterator = Iterator(name, errors="skip", order=order, where=lambda message: message.offset % 2)
    over = threading.Event()
    looks: list[Report] = []

    def look() -> None:
        while not over.is_set():
            if (report := iterator.report) is not None:
                looks.append(report)
            assert 0 <= operator.length_hint(iterator) <= 6_000

    with beside(look), beside(look):
        try:
            for _ in iterator.batches(size=10):
                pass
        finally:
            over.set()
    for report in looks:
        account(report)
    read = [report.messages + report.filtered + report.unreadable for report in looks]
    report = report_of(iterator)
    assert (report.messages, report.filtered, report.unreadable, report.gaps) == (2_000, 2_000, 2_000, 0)
    assert 0 <= min(read) <= max(read) <= 6_000


@ORDERS
def test_another_thread_stops_a_run_wherever_it_is(
    app: App, kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    name = topic(3, {number: at(*range(number, 15_000, 3)) for number in range(3)})
    expected = in_order(rows_in(kafka, name), order)

    def stop(iterator: Iterator[Any]) -> None:
        with contextlib.suppress(NotIteratingError):  # it has ended
            iterator.stop()

    for turn in range(15):
        iterator = Iterator(name, order=order)
        run = iter(iterator)
        given = [next(run)]
        timer = threading.Timer(0.002 * turn, stop, [iterator])
        timer.start()
        given += run
        timer.join()
        assert places_of(given) == expected[: len(given)]
        report = report_of(iterator)
        assert (report.messages, report.gaps) == (len(given), 0)
        assert report.ended == "stopped" or given[len(expected) - 1 :]


@ORDERS
def test_a_predicate_that_takes_longer_than_a_broker_may_is_no_stalled_run(
    app: App, topic: support.TopicFactory, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only what the predicate takes counts here, not how long a busy broker takes.
    clock = Clock()
    wait_by(clock, monkeypatch)

    def slow(_message: object) -> bool:
        clock.sleep(2 * app.stall_timeout)
        return True

    name = topic(2, {number: ["x"] * 30 for number in range(2)})
    iterator = Iterator(name, order=order, where=slow)
    assert len(list(iterator)) == 60
    assert report_of(iterator).ended == "end"
