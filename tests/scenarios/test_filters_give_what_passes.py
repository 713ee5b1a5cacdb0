"""`where`, `key` and `containing` give exactly what passes them; the rest is counted as filtered."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
from confluent_kafka import Producer

from framework import App
from framework.retry import Deadline
from framework_iterator import InvalidOptionError, Iterator
from framework_iterator.reading import pipeline
from tests import support
from tests.clock import Clock, wait_by
from tests.scenarios.batching import sizes
from tests.scenarios.ordering import ALL_ORDERS, Order, at
from tests.scenarios.reading import by_partition, report_of, shown
from tests.scenarios.ways import Read
from tests.support import Record

BAD = b"\xff"


def counted(iterator: Iterator[Any, Any]) -> tuple[int, int, int]:
    """How many messages were given, filtered, and unreadable."""
    report = report_of(iterator)
    return report.messages, report.filtered, report.unreadable


def test_each_filter_by_itself_and_all_together(app: App, topic: support.TopicFactory) -> None:
    name = topic(
        2,
        {
            0: [
                Record("paid 5", key="a"),
                Record("sent 7", key="b"),
                Record("paid 7", key="a"),
                Record(None, key="a"),
            ],
            1: [Record("paid 9"), Record("sent 5", key="a")],
        },
    )
    app.topic(name, payload=str, key=str)

    def is_above_5(message: Any) -> bool:
        return not message.is_tombstone and int(message.payload[-1]) > 5

    cases: list[tuple[dict[str, Any], str]] = [
        ({"where": is_above_5}, "0: sent 7@1 paid 7@2 | 1: paid 9@0"),
        ({"key": "a"}, "0: paid 5@0 paid 7@2 -@3 | 1: sent 5@1"),
        ({"key": b"a"}, "0: paid 5@0 paid 7@2 -@3 | 1: sent 5@1"),
        ({"key": None}, "1: paid 9@0"),
        ({"key": "c"}, ""),
        ({"containing": "paid"}, "0: paid 5@0 paid 7@2 | 1: paid 9@0"),
        ({"containing": b" 7"}, "0: sent 7@1 paid 7@2"),
        ({"containing": re.compile(rb"^sent [5-6]")}, "1: sent 5@1"),
        ({"key": "a", "containing": "paid", "where": lambda message: message.offset > 0}, "0: paid 7@2"),
    ]  # fmt: skip
    for options, expected in cases:
        iterator = Iterator(name, **options)
        assert by_partition(iterator) == expected
        given = expected.count("@")
        assert counted(iterator) == (given, 6 - given, 0)
        assert (report_of(iterator).ended, report_of(iterator).gaps) == ("end", 0)


@ALL_ORDERS
def test_what_cannot_be_read_is_counted_apart_from_what_does_not_pass(
    app: App, topic: support.TopicFactory, order: Order | None, read: Read
) -> None:
    name = topic(1, [BAD, "a", "b", BAD, "a"])
    seen: list[str] = []

    def is_a(message: Any) -> bool:
        seen.append(message.payload)
        return bool(message.payload == "a")

    iterator = Iterator(name, errors="skip", where=is_a, order=order)
    assert shown(read(iterator)) == ("a@4 a@1" if order == "newest" else "a@1 a@4")
    assert counted(iterator) == (2, 1, 2)
    assert sorted(seen) == ["a", "a", "b"]


@ALL_ORDERS
def test_batches_are_full_whatever_was_removed_between(
    app: App, topic: support.TopicFactory, order: Order | None
) -> None:
    name = topic(2, {number: at(*range(number, 20_000, 2)) for number in range(2)})
    tests: list[dict[str, Any]] = [
        {"where": lambda message: int(message.payload) % 100 == 0},
        {"containing": re.compile(rb"^\d*00$|^0$")},
    ]
    for options in tests:
        iterator = Iterator(name, order=order, max_wait=support.LIMIT, **options)
        batches = list(iterator.batches(size=30))
        assert sizes(batches) == [30] * 6 + [20]
        given = [int(payload) for batch in batches for payload in batch.payloads]
        expected = list(range(0, 20_000, 100))
        if order is not None:
            assert given == (expected if order == "time" else expected[::-1])
        assert sorted(given) == expected
        assert counted(iterator) == (200, 19_800, 0)


@ALL_ORDERS
def test_none_comes_while_a_filter_removes_everything(
    app: App,
    topic: support.TopicFactory,
    order: Order | None,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, gaps = Clock(), list[float]()
    wait_by(clock, monkeypatch)
    monkeypatch.setattr(pipeline, "Deadline", functools.partial(Deadline, clock=clock))
    name = topic(1, ["x"] * 300)

    def slow(message: object) -> bool:
        clock.now += 0.002
        return False

    iterator = Iterator(name, where=slow, order=order, yield_none=True, max_wait=0.1)
    before = clock.now
    for given in read(iterator):
        assert given is None
        gaps.append(clock.now - before)
        before = clock.now
    # Messages are tested for 0.01 s at a time.
    assert len(gaps) == 5
    assert all(0.099 <= gap <= 0.113 for gap in gaps), gaps
    assert counted(iterator) == (0, 300, 0)


def test_none_comes_while_a_followed_topic_has_nothing_that_passes(
    app: App, topic: support.TopicFactory, producer: Producer, read: Read
) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name, containing="b", follow=True, yield_none=True, max_wait=0.05)
    given: list[str | None] = []
    for message in read(iterator):
        given.append(None if message is None else message.payload)
        if given.count(None) == 2 and given[-1] is None:
            support.produce(producer, name, ["a", "c", "b"])
        if given.count("b") == 2:
            break
    assert given.count("b") == 2
    assert set(given) == {None, "b"}
    assert counted(iterator) == (2, 3, 0)


def test_a_message_is_the_same_to_the_predicate_and_to_the_loop(
    app: App, topic: support.TopicFactory
) -> None:
    tested: list[Any] = []

    def keep(message: Any) -> bool:
        tested.append(message)
        return True

    name = topic(1, ["a", "b", "c"])
    assert [id(message) for message in Iterator(name, where=keep)] == [id(each) for each in tested]
    tested.clear()
    [batch] = Iterator(name, where=keep).batches()
    assert [id(message) for message in batch] == [id(each) for each in tested]


def test_what_no_key_can_equal_is_refused_as_the_run_begins(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a"])
    app.topic(name, payload=str, key=str)
    with pytest.raises(InvalidOptionError) as caught:
        list(Iterator(name, key=5))
    assert str(caught.value) == f"key=5 is no key of '{name}', whose keys are text: pass '5'."
