"""With `errors="skip"`, messages whose payload can't be read are not given, and the report counts them."""

from __future__ import annotations

import collections
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App, DeserializationError, Message
from framework_iterator import InvalidOptionError, Iterator
from tests import support
from tests.scenarios.batching import flat, places, sizes
from tests.scenarios.marking import committed
from tests.scenarios.reading import by_partition, notes_in, report_of, shown
from tests.support import Record

BAD = b"\xff"


class Counting:
    """Reads numbers, and counts how often it was asked for each text."""

    def __init__(self) -> None:
        self.calls: collections.Counter[bytes] = collections.Counter()

    def __call__(self, raw: bytes) -> int:
        self.calls[raw] += 1
        return int(raw)


def test_they_arent_given_and_are_counted(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(2, {0: [BAD, "a", BAD, BAD, "b", BAD], 1: [BAD]}), errors="skip")
    assert by_partition(iterator) == "0: a@1 b@4"
    report = report_of(iterator)
    assert [(each.messages, each.unreadable, each.gaps, each.position) for each in report] == [
        (2, 4, 0, 6),
        (0, 1, 0, 1),
    ]
    assert (report.messages, report.unreadable, report.filtered, report.ended) == (2, 5, 0, "end")
    head, *_ = str(report).splitlines()
    assert head.split() == [
        "topic", "partition", "start", "stop", "position", "messages", "unreadable", "lost", "ended",
    ]  # fmt: skip


def test_by_default_they_are_given_and_raise_where_they_are_read(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", BAD, "b"])
    for iterator in (Iterator(name), Iterator(name, errors="raise")):
        messages = list(iterator)
        assert [message.raw_payload for message in messages] == [b"a", BAD, b"b"]
        with pytest.raises(DeserializationError):
            _ = messages[1].payload
        assert (report_of(iterator).messages, report_of(iterator).unreadable) == (3, 0)


def test_the_report_is_exact_after_each_message(app: App, topic: support.TopicFactory) -> None:
    records: list[support.Item] = ["a", BAD, BAD, "b", "c", BAD, "d", BAD]
    iterator = Iterator(topic(1, records), errors="skip")
    for given, message in enumerate(iterator, start=1):
        [partition] = report_of(iterator)
        passed = records[: partition.position]
        # With a message are passed those behind it that can't be read, as far as they were fetched.
        assert passed[: message.offset + 1].count(BAD) == message.offset + 1 - given
        assert set(passed[message.offset + 1 :]) <= {BAD}
        assert (partition.messages, partition.unreadable) == (given, passed.count(BAD))


@pytest.mark.parametrize(("limit", "expected"), [(0, ""), (1, "a@1"), (2, "a@1 b@4"), (3, "a@1 b@4 c@6")])
def test_a_limit_counts_what_was_given(
    app: App, topic: support.TopicFactory, limit: int, expected: str
) -> None:
    name = topic(1, [BAD, "a", BAD, BAD, "b", BAD, "c", "d"])
    iterator = Iterator(name, errors="skip", limit=limit, max_wait=support.LIMIT)
    assert shown(iterator) == expected
    assert (report_of(iterator).messages, report_of(iterator).ended) == (limit, "limit")
    assert [shown(batch) for batch in iterator.batches()] == ([expected] if limit else [])
    rest = Iterator(name, errors="skip", resume=report_of(iterator).positions)
    assert f"{expected} {shown(rest)}".strip() == "a@1 b@4 c@6 d@7"


def test_first_is_the_first_that_can_be_read(app: App, topic: support.TopicFactory) -> None:
    first = Iterator(topic(1, [BAD, BAD, "a", "b"]), errors="skip").first()
    assert first is not None
    assert (first.offset, first.payload) == (2, "a")
    nothing = Iterator(topic(1, [BAD] * 700), errors="skip")
    assert nothing.first() is None
    assert (report_of(nothing).unreadable, report_of(nothing).ended) == (700, "end")


def test_a_run_that_skipped_messages_says_why_and_warns_if_it_gave_none(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "framework_iterator.notes")
    none, some = topic(1, [BAD] * 700), topic(1, ["a", BAD, "b"])
    assert Iterator(none, errors="skip").first() is None
    assert list(Iterator(none, errors="skip").batches()) == []
    assert shown(Iterator(some, errors="skip")) == "a@0 b@2"
    found = [(each.levelname, each.getMessage()) for each in notes_in(caplog)]
    assert found[0] == found[1]
    assert [level for level, _ in found] == ["WARNING", "WARNING", "INFO"]
    for count, place, (_, sentence) in (
        ("700 messages were", f"{none}-0@0", found[0]),
        ("1 message was", f"{some}-0@1", found[2]),
    ):
        assert sentence.startswith(
            f"{count} skipped as unreadable. The first: Can't read the payload of {place} with str: "
        )


def test_a_run_that_follows_warns_when_it_is_stopped(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(1, [BAD, BAD])
    iterator = Iterator(name, errors="skip", follow=True, yield_none=True, max_wait=0.05)
    for _ in iterator:
        if report_of(iterator).unreadable == 2:
            iterator.stop()
    [record] = notes_in(caplog)
    assert record.getMessage().startswith("2 messages were skipped as unreadable.")


def test_batches_are_full_of_what_can_be_read(app: App, topic: support.TopicFactory) -> None:
    records = [BAD if number % 3 else f"{number}" for number in range(3000)]
    iterator = Iterator(topic(2, {0: records, 1: records}), errors="skip", max_wait=support.LIMIT)
    batches = list(iterator.batches(size=300))
    assert sizes(batches) == [300] * 6 + [200]
    assert {tuple(offsets) for offsets in places(flat(batches)).values()} == {tuple(range(0, 3000, 3))}
    assert [payload for batch in batches for payload in batch.payloads if int(payload) % 3] == []
    report = report_of(iterator)
    assert (report.messages, report.unreadable, report.gaps) == (2000, 4000, 0)


def test_one_that_can_be_read_behind_very_many_that_cant(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, [*[BAD] * 25_000, "a"])
    for size in (1, 1000):
        iterator = Iterator(name, errors="skip")
        assert [shown(batch) for batch in iterator.batches(size)] == ["a@25000"]
        assert (report_of(iterator).unreadable, report_of(iterator).ended) == (25_000, "end")


def test_tombstones_and_topics_that_stay_bytes_pass(app: App, topic: support.TopicFactory) -> None:
    texts, raw = topic(1, [BAD, None, "a"]), topic(1, [BAD, None])
    app.topic(raw, payload=bytes)
    iterator = Iterator([texts, raw], errors="skip")
    assert places(iterator) == {(texts, 0): [1, 2], (raw, 0): [0, 1]}
    assert (report_of(iterator)[texts, 0].unreadable, report_of(iterator)[raw, 0].unreadable) == (1, 0)
    assert places(flat(iterator.batches(size=3))) == {(texts, 0): [1, 2], (raw, 0): [0, 1]}


def test_a_key_or_a_header_that_cant_be_read_skips_nothing(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, [Record("a", key=BAD, headers=[("h", BAD)])])
    app.topic(name, key=str)
    [message] = Iterator(name, errors="skip")
    with pytest.raises(DeserializationError):
        _ = message.key
    assert message.payload == "a"


@pytest.mark.parametrize("in_batches", [False, True], ids=["messages", "batches"])
def test_each_payload_is_deserialized_once(app: App, topic: support.TopicFactory, in_batches: bool) -> None:
    name = topic(2, {0: [f"{number}" for number in range(1000)], 1: [f"x{number}" for number in range(500)]})
    numbers = Counting()
    iterator = Iterator(app.topic(name, payload=numbers), errors="skip")
    messages = flat(iterator.batches(size=70)) if in_batches else list(iterator)
    assert sorted(message.payload for message in messages) == list(range(1000))
    assert (len(numbers.calls), set(numbers.calls.values())) == (1500, {1})
    assert report_of(iterator).unreadable == 500


def test_also_where_the_loop_leaves_fetches_in_the_middle(app: App, topic: support.TopicFactory) -> None:
    name = topic(3, {number: [f"{number}{index:03}" for index in range(600)] for number in range(3)})
    numbers = Counting()
    iterator = Iterator(app.topic(name, payload=numbers), errors="skip")
    given: list[Message[Any]] = []
    for message in iterator:
        given.append(message)
        if message.offset == 100 * message.partition:
            iterator.stop_current_partition()
    assert [each.messages for each in report_of(iterator)] == [1, 101, 201]
    assert len([message.payload for message in given]) == 303
    assert set(numbers.calls.values()) == {1}


def test_a_deserializer_that_takes_the_message_and_one_that_fails_in_its_own_way(
    app: App, topic: support.TopicFactory
) -> None:
    class ByKey:
        def deserialize(self, message: Message[Any]) -> str:
            return {"good": "read"}[message.key]

    name = topic(1, [Record("x", key="good"), Record("x", key="bad"), Record("x"), Record(None)])
    iterator = Iterator(app.topic(name, payload=ByKey()), errors="skip")
    assert [(message.offset, message.payload) for message in iterator] == [(0, "read"), (3, None)]
    assert report_of(iterator).unreadable == 2


def test_marks_pass_over_what_was_skipped(app: App, admin: AdminClient, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", BAD, "b", BAD, "c", BAD])
    iterator = Iterator(name, errors="skip", group_id=f"{name}-group", max_wait=support.LIMIT)
    given = []
    for batch in iterator.batches(size=2):
        given.append(shown(batch))
        iterator.mark_as_consumed(batch, blocking=True)
        last = batch.offsets[-1]
        assert committed(admin, f"{name}-group") == {(name, 0): last + 1}
    assert given == ["a@0 b@2", "c@4"]


def test_the_silence_of_yield_none_is_that_since_a_message_was_given(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    iterator = Iterator(name, errors="skip", follow=True, yield_none=True, max_wait=0.05)
    given: list[Message[Any]] = []
    silent = 0
    for message in iterator:
        if message is not None:
            given.append(message)
            continue
        silent += bool(given)
        if silent in (1, 2, 3):
            support.produce(producer, name, [BAD])
        if silent == 4:
            support.produce(producer, name, ["b"])
        if len(given) == 2:
            break
    assert shown(given) == "a@0 b@4"
    assert report_of(iterator).unreadable == 3


@pytest.mark.parametrize("errors", ["ignore", "Skip", None, True, ""])
def test_anything_else_is_told_where_it_is_written(app: App, errors: Any) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Iterator("flights", errors=errors)
    assert str(caught.value) == f"errors={errors!r} is invalid: expected 'raise' or 'skip'."
