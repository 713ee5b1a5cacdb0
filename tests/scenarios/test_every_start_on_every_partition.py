"""Whatever is written for a start, a run gives exactly the messages from there to the end as it is now.

A table: six states that a partition can be in, and for each what every start gives. librdkafka
takes -1, -2, -1000, -1001 and all from -2000 down for commands; here they count back from the end.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import datetime

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator, Start
from tests import support
from tests.scenarios.reading import shown
from tests.support import Record

NOON = datetime.datetime(2020, 6, 1, 12, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
COMMITTED = "with-offset-1-committed"


def at(second: int, value: str | None, key: str | None = None) -> Record:
    """A message so many seconds past noon."""
    return Record(value, key=key, timestamp=NOON + second * SECOND)


class Lab:
    """Makes a partition of each state, on first need."""

    def __init__(self, kafka: str, admin: AdminClient, producer: Producer) -> None:
        self.kafka, self.admin, self.producer = kafka, admin, producer
        self.topics: dict[str, str] = {}
        self.open = contextlib.ExitStack()

    def topic(self, state: str) -> str:
        if state not in self.topics:
            self.topics[state] = name = support.topic_name(state)
            support.create_topic(self.admin, name, **(support.COMPACTED if state == "compacted" else {}))
            getattr(self, state)(name)
            self._commit(name)
        return self.topics[state]

    def empty(self, name: str) -> None:
        pass

    def one_message(self, name: str) -> None:
        support.produce(self.producer, name, [at(0, "a")])

    def head_deleted(self, name: str) -> None:
        support.produce(self.producer, name, [at(i, "abcdef"[i]) for i in range(6)])
        support.delete_records(self.admin, name, {0: 3})

    def compacted(self, name: str) -> None:
        records = [at(0, "a", "k"), at(1, "b", "l"), at(2, "c", "k"), at(3, "d", "l"), at(4, "e", "k")]
        support.produce(self.producer, name, records)
        assert support.compact(self.kafka, name) == [3, 4, 5]

    def aborted_tail(self, name: str) -> None:
        support.produce(self.producer, name, [at(0, "a"), at(1, "b")])
        with support.transaction(self.kafka, commit=False) as producer:
            support.produce(producer, name, [at(2, "never"), at(3, "never")])

    def open_transaction(self, name: str) -> None:
        support.produce(self.producer, name, [at(0, "a"), at(1, "b")])
        producer = self.open.enter_context(support.transaction(self.kafka, commit=False))
        support.produce(producer, name, [at(2, "pending")])

    def _commit(self, name: str) -> None:
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": COMMITTED})
        with contextlib.closing(consumer):
            consumer.commit(offsets=[TopicPartition(name, 0, 1)], asynchronous=False)


@pytest.fixture(scope="module")
def lab(kafka: str, admin: AdminClient, producer: Producer) -> cabc.Iterator[Lab]:
    lab = Lab(kafka, admin, producer)
    with lab.open:
        yield lab
    support.delete_topics(admin, list(lab.topics.values()))


EVERYTHING: list[Start] = [None, "earliest", 0, -1000, -1001, -2000, -(10**9), True, "committed"]
EVERYTHING += [NOON - SECOND, datetime.datetime(2001, 1, 1), datetime.timedelta(days=365_000)]  # noqa: DTZ001
NOTHING: list[Start] = ["latest", 100, 2**63 - 1, datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC)]
NOTHING += [datetime.datetime(2200, 1, 1)]  # noqa: DTZ001  naive is local time

EXPECTED: dict[str, list[tuple[list[Start], str]]] = {
    "empty": [([*EVERYTHING, *NOTHING, 1, -1, -2], "")],
    "one_message": [
        (EVERYTHING, "a@0"),
        (NOTHING, ""),
        ([-1, -2, NOON], "a@0"),
        ([1, NOON + SECOND, datetime.timedelta(days=365)], ""),
    ],
    "head_deleted": [
        (EVERYTHING, "d@3 e@4 f@5"),
        (NOTHING, ""),
        ([1, 3, -3, NOON + 3 * SECOND], "d@3 e@4 f@5"),
        ([4, -2, NOON + 3.5 * SECOND], "e@4 f@5"),
        ([5, -1], "f@5"),
        ([6], ""),
    ],
    "compacted": [
        (EVERYTHING, "d@3 e@4 @5"),
        (NOTHING, ""),
        ([1, 3, -3, NOON, NOON + 3 * SECOND], "d@3 e@4 @5"),
        ([4, -2, NOON + 4 * SECOND], "e@4 @5"),
        ([-1, datetime.timedelta(days=365)], "@5"),
    ],
    # Offsets: a, b, two that were aborted, the marker of the abort.
    "aborted_tail": [
        (EVERYTHING, "a@0 b@1"),
        (NOTHING, ""),
        ([1, -4, NOON + SECOND], "b@1"),
        ([-5], "a@0 b@1"),
        ([2, 3, 4, -1, -2, -3], ""),
    ],
    # Offsets: a, b, one in a transaction that is open: the last stable offset is 2.
    "open_transaction": [
        (EVERYTHING, "a@0 b@1"),
        (NOTHING, ""),
        ([1, -1, NOON + SECOND], "b@1"),
        ([-2], "a@0 b@1"),
        ([2, 3], ""),
    ],
}
CASES = [
    pytest.param(state, start, expected, id=f"{state}-{start}")
    for state, rows in EXPECTED.items()
    for starts, expected in rows
    for start in starts
]


@pytest.mark.parametrize(("state", "start", "expected"), CASES)
def test_a_start_gives_exactly_the_messages_from_there_on(
    app: App, lab: Lab, state: str, start: Start, expected: str
) -> None:
    iterator = Iterator({lab.topic(state): start})
    assert shown(iterator) == expected
    assert iterator.report is not None
    assert (iterator.report.ended, iterator.report.lost) == ("end", 0)


AFTER_COMMITTED = [
    ("empty", ""),  # the group is past the end: the end, not the beginning
    ("one_message", ""),
    ("head_deleted", "d@3 e@4 f@5"),  # what it would read next is gone
    ("compacted", "d@3 e@4 @5"),
    ("aborted_tail", "b@1"),
    ("open_transaction", "b@1"),
]


@pytest.mark.parametrize(("state", "expected"), AFTER_COMMITTED)
@pytest.mark.parametrize("start", [True, "committed"])
def test_true_is_where_the_group_left_off_and_not_offset_1(
    app: App, lab: Lab, state: str, start: Start, expected: str
) -> None:
    assert shown(Iterator({lab.topic(state): start}, group_id=COMMITTED)) == expected


def test_true_and_1_differ_where_nothing_was_committed(app: App, lab: Lab) -> None:
    topic = lab.topic("aborted_tail")
    assert shown(Iterator({topic: True})) == "a@0 b@1"
    assert shown(Iterator({topic: 1})) == "b@1"


@pytest.mark.parametrize(("reset", "expected"), [("earliest", "a@0 b@1"), ("latest", "")])
def test_where_true_begins_with_nothing_committed_is_for_the_settings_to_say(
    app: App, lab: Lab, reset: str, expected: str
) -> None:
    topic = lab.topic("aborted_tail")
    assert shown(Iterator({topic: True}, settings={"auto.offset.reset": reset})) == expected


def test_uncommitted_messages_are_read_when_the_isolation_level_says_so(app: App, lab: Lab) -> None:
    uncommitted = {"isolation.level": "read_uncommitted"}
    aborted = Iterator(lab.topic("aborted_tail"), settings=uncommitted)
    pending = Iterator({lab.topic("open_transaction"): -1}, settings=uncommitted)
    assert shown(aborted) == "a@0 b@1 never@2 never@3"
    assert shown(pending) == "pending@2"


UNTIL: list[tuple[Start, str]] = [
    (None, "d@3 e@4 f@5"),
    ("latest", "d@3 e@4 f@5"),
    (100, "d@3 e@4 f@5"),
    (5, "d@3 e@4"),
    (-1, "d@3 e@4"),
    (NOON + 4 * SECOND, "d@3"),
    (NOON + 3.5 * SECOND, "d@3"),
    (4, "d@3"),
    (3, ""),
    (1, ""),
    ("earliest", ""),
    (-1000, ""),
    (NOON, ""),
    (datetime.timedelta(days=365), "d@3 e@4 f@5"),
]


@pytest.mark.parametrize(("until", "expected"), UNTIL)
def test_until_is_the_offset_before_which_reading_ends(
    app: App, lab: Lab, until: Start, expected: str
) -> None:
    assert shown(Iterator(lab.topic("head_deleted"), until=until)) == expected


@pytest.mark.parametrize("until", [1, 2])
def test_an_end_among_compacted_offsets_ends_the_run_though_no_message_stands_there(
    app: App, lab: Lab, until: int
) -> None:
    iterator = Iterator(lab.topic("compacted"), until=until)
    assert shown(iterator) == ""
    assert iterator.report is not None
    assert iterator.report.partitions[0].position == until
