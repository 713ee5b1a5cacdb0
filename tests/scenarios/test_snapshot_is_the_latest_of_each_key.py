"""`snapshot()` is the latest message of each key, as a dictionary is to which every message was written."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from confluent_kafka import Producer

from framework import App
from framework.deserializers import json as any_json
from framework_iterator import InvalidOptionError, Iterator
from tests import support
from tests.held import all_is_as, counts
from tests.scenarios.ordering import FIRST
from tests.scenarios.programs import output_of
from tests.scenarios.reading import report_of
from tests.scenarios.test_clean_frees_memory import MEASURE
from tests.scenarios.test_every_offset_is_accounted_for import account
from tests.support import Record


def state(iterator: Iterator[Any]) -> dict[Any, Any]:
    return {key: message.payload for key, message in iterator.snapshot().items()}


def test_the_latest_of_each_key_without_tombstones(app: App, topic: support.TopicFactory) -> None:
    rows = [
        Record("1", key="a"), Record("2", key="b"), Record("3", key="a"), Record("no key"),
        Record("4", key="c"), Record(None, key="b"), Record(None, key="d"), Record("5", key=""),
    ]  # fmt: skip
    name = topic(2, {0: rows, 1: [Record("6", key="e")]})
    app.topic(name, payload=str, key=str)
    iterator = Iterator(name)
    assert state(iterator) == {"a": "3", "c": "4", "": "5", "e": "6"}
    assert {str(message) for message in iterator.snapshot().values()} == {
        f"{name}-0@2", f"{name}-0@4", f"{name}-0@7", f"{name}-1@0"
    }  # fmt: skip
    report = report_of(iterator)
    account(report)
    assert (report.ended, report.messages, report.gaps) == ("end", 9, 0)


def test_across_partitions_the_later_timestamp_wins(app: App, topic: support.TopicFactory) -> None:
    def one(value: str | None, time: int, key: str) -> Record:
        return Record(value, key=key, timestamp=FIRST + time)

    name = topic(
        3,
        {
            0: [one("late", 50, "a"), one("early", 10, "a"), one("gone", 10, "b"), one("kept", 30, "c")],
            1: [one("middle", 20, "a"), one(None, 20, "b"), one(None, 20, "c"), one("left", 7, "d")],
            2: [one("right", 7, "d")],
        },
    )
    app.topic(name, payload=str, key=str)
    # Within partition 0, offset 1 is later than offset 0, whatever the timestamps say.
    assert state(Iterator(name)) == {"a": "middle", "c": "kept", "d": "right"}


@pytest.mark.parametrize("seed", range(4))
def test_over_random_operations(app: App, kafka: str, topic: support.TopicFactory, seed: int) -> None:
    chance = random.Random(seed)
    name = topic(chance.choice([1, 3]), **(support.COMPACTED if seed % 2 else {}))
    app.topic(name, payload=int, key=str)
    partitions = len(Iterator(name).plan())
    expected: dict[str, int] = {}
    rows: dict[int, list[support.Item]] = {number: [] for number in range(partitions)}
    for turn in range(3_000):
        key = f"{chance.randrange(200)}"
        value = None if chance.random() < 0.3 else turn
        rows[int(key) % partitions].append(
            Record(None if value is None else f"{value}", key=key, timestamp=FIRST + turn)
        )
        expected.pop(key, None)
        if value is not None:
            expected[key] = value
    support.fill(support.make_producer(kafka), name, rows)
    if seed % 2:
        support.compact(kafka, name)
    with support.transaction(kafka, commit=False) as aborted:
        support.produce(aborted, name, [Record("-1", key=f"{key}") for key in range(0, 200, 7)])
    snapshot = Iterator(name).snapshot()
    snapshot.pop("compact", None)  # what makes the cleaner begin
    assert {key: message.payload for key, message in snapshot.items()} == expected


def test_nothing_is_deserialized_but_the_keys_that_are_returned(
    app: App, topic: support.TopicFactory
) -> None:
    keys: list[bytes] = []
    payloads: list[bytes] = []

    def read_key(raw: bytes) -> str:
        keys.append(raw)
        return raw.decode()

    def read_payload(raw: bytes) -> str:
        payloads.append(raw)
        return raw.decode()

    name = topic(2, {number: [Record(f"{n}", key=f"{n % 7}") for n in range(2_000)] for number in range(2)})
    app.topic(name, payload=read_payload, key=read_key)
    snapshot = Iterator(name).snapshot()
    assert sorted(keys) == sorted(f"{n}".encode() for n in range(7))
    assert payloads == []
    assert snapshot["3"].payload == "1998"
    assert payloads == [b"1998"]


def test_keys_of_other_bytes_that_are_equal_are_one(app: App, topic: support.TopicFactory) -> None:
    name = topic(
        1, [Record("old", key="7"), Record("new", key=" 7"), Record("x", key="8"), Record(None, key=" 8")]
    )
    app.topic(name, payload=str, key=any_json)
    assert state(Iterator(name)) == {7: "new"}


def test_a_key_that_cannot_be_hashed_is_an_error(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, [Record("x", key=json.dumps({"id": 5}))])
    app.topic(name, payload=str, key=any_json)
    with pytest.raises(InvalidOptionError) as caught:
        Iterator(name).snapshot()
    assert str(caught.value) == (
        f"{name}-0@0: its key {{'id': 5}} can't be a key of a dictionary "
        "(unhashable type: 'dict'). Declare key=bytes."
    )


def test_starts_and_ends_bound_it_and_one_key_can_be_asked_for(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, [Record("1", key="a"), Record("2", key="b"), Record("3", key="a"), Record("4", key="b")])
    app.topic(name, payload=str, key=str)
    assert state(Iterator(name, until=2)) == {"a": "1", "b": "2"}
    assert state(Iterator({name: 3})) == {"b": "4"}
    assert state(Iterator(name, key="a")) == {"a": "3"}
    assert state(Iterator(Iterator(name).plan())) == {"a": "3", "b": "4"}
    assert state(Iterator(name, key="c")) == {}
    assert state(Iterator(name, yield_none=True, max_wait=0.01)) == {"a": "3", "b": "4"}  # type: ignore[arg-type]


def test_of_an_empty_topic_it_is_empty(app: App, topic: support.TopicFactory) -> None:
    assert Iterator(topic(3)).snapshot() == {}


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"where": bool}, "where"),
        ({"containing": "x"}, "containing"),
        ({"limit": 1}, "limit"),
        ({"limit": 0}, "limit"),
        ({"follow": True}, "follow"),
        ({"order": "time"}, "order"),
        ({"order": "newest"}, "order"),
        ({"errors": "skip"}, 'errors="skip"'),
    ],
)
def test_what_it_cannot_have_is_refused(app: App, options: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Iterator("planes", **options).snapshot()
    assert str(caught.value).startswith(f"snapshot() with {name} is refused: it is of all messages.")


def test_several_topics_are_refused(app: App) -> None:
    with pytest.raises(InvalidOptionError, match="is of one topic"):
        Iterator(["a", "b"]).snapshot()


def test_it_leaves_nothing_behind(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, [Record("1", key="a")]))
    iterator.plan()
    before = counts()
    assert next(iter(iterator.snapshot().values())).payload == "1"
    assert all_is_as(before)


def test_memory_grows_with_the_keys_and_not_with_the_messages(
    kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(2)
    producer = support.make_producer(kafka, linger_ms=20)
    for index in range(200_000):
        producer.produce(name, bytes(1_000), key=f"{index % 500}", partition=index % 2)
        if index % 1_000 == 0:
            producer.flush(support.LIMIT)
    assert producer.flush(support.LIMIT) == 0
    body = """
snapshot = Iterator(topic).snapshot()
say(len(snapshot), "stays" if peak() - before < 80 else f"grew by {peak() - before} MB")
"""
    assert output_of(MEASURE + body, kafka, name) == ["500 stays"]
