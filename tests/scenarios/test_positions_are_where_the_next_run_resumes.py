"""`Iterator(..., resume=report.positions)` goes on where that run ended: every message once, in order."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import json
import pathlib
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App, Message
from framework_iterator import InvalidStartError, Iterator, Start
from tests import support
from tests.scenarios.batching import flat, places
from tests.scenarios.growing import grow
from tests.scenarios.reading import by_partition, notes_in, report_of, shown
from tests.scenarios.ways import Read


def saved(iterator: Iterator[Any, Any]) -> Any:
    """Its positions, through JSON and back."""
    return json.loads(json.dumps(report_of(iterator).positions))


def test_half_of_it_and_then_the_rest_through_a_file(
    app: App, topic: support.TopicFactory, tmp_path: pathlib.Path, read: Read
) -> None:
    names = [topic(3, {number: ["x"] * 500 for number in range(3)}) for _ in range(2)]
    iterator = Iterator(names)
    given = []
    for message in read(iterator):
        given.append(message)
        if len(given) == 1500:
            break
    file = tmp_path / "positions.json"
    file.write_text(json.dumps(report_of(iterator).positions))
    rest = list(Iterator(names, resume=json.loads(file.read_text())))
    assert (len(given), len(rest)) == (1500, 1500)
    assert places([*given, *rest]) == {
        (name, number): list(range(500)) for name in names for number in range(3)
    }


def test_the_positions_are_plain_numbers_by_topic_and_partition(
    app: App, topic: support.TopicFactory
) -> None:
    left, right = topic(2, {0: ["a", "b"]}), topic(1, ["c"])
    iterator = Iterator([left, right])
    list(iterator)
    assert report_of(iterator).positions == {left: {0: 2, 1: 0}, right: {0: 1}}
    assert saved(iterator) == {left: {"0": 2, "1": 0}, right: {"0": 1}}


def leave(iterator: Iterator[Any], way: str) -> list[Message[Any]]:
    """Read, leave after 700 messages, and return what was given."""
    given: list[Message[Any]] = []
    with contextlib.suppress(ZeroDivisionError), contextlib.ExitStack() as stack:
        if way == "with":
            stack.enter_context(iterator)
        messages: cabc.Iterable[Message[Any]] = iterator
        if way == "batches":
            messages = (message for batch in iterator.batches(size=70) for message in batch)
        for message in messages:
            given.append(message)
            if len(given) == 700:
                match way:
                    case "break" | "with" | "batches":
                        break
                    case "exception":
                        _ = 1 / 0
                    case "close":
                        iterator.close()
                    case "stop":
                        iterator.stop()
    return given


@pytest.mark.parametrize("way", ["break", "with", "batches", "exception", "close", "stop", "limit"])
def test_after_each_way_out(app: App, topic: support.TopicFactory, way: str) -> None:
    name = topic(3, {number: ["x"] * 400 for number in range(3)})
    iterator: Iterator[Any] = Iterator(name, limit=700 if way == "limit" else None)
    given = leave(iterator, way)
    assert len(given) == 700
    rest = list(Iterator(name, resume=saved(iterator)))
    assert places([*given, *rest]) == {(name, number): list(range(400)) for number in range(3)}
    assert len(rest) == 500


def test_a_run_in_pieces_of_one_message(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a", "b", "c"], 1: ["d", "e"]})
    given: list[Message[Any]] = []
    positions: Any = {}
    while (message := (iterator := Iterator(name, resume=positions)).first()) is not None:
        given.append(message)
        positions = saved(iterator)
    assert by_partition(given) == "0: a@0 b@1 c@2 | 1: d@0 e@1"
    assert positions == {name: {"0": 3, "1": 2}}


def test_a_partition_that_was_stopped_resumes_where_it_was_stopped(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["x"] * 1000, 1: ["y"] * 1000})
    iterator = Iterator(name)
    for message in iterator:
        if (message.partition, message.offset) == (1, 41):
            iterator.stop_current_partition()
    assert report_of(iterator).positions == {name: {0: 1000, 1: 42}}
    assert places(Iterator(name, resume=saved(iterator))) == {(name, 1): list(range(42, 1000))}


def test_gaps_at_the_end_are_not_read_again(
    app: App, kafka: str, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    with support.transaction(kafka, commit=False) as writer:
        support.produce(writer, name, ["no", "no"])
    iterator = Iterator(name)
    assert shown(iterator) == "a@0"
    assert report_of(iterator).positions == {name: {0: 4}}
    assert Iterator(name, resume=saved(iterator)).plan().count == 0
    support.produce(producer, name, ["b"])
    assert shown(Iterator(name, resume=saved(iterator))) == "b@4"


@pytest.mark.parametrize("start", [None, "latest", -1, 100, True], ids=repr)
def test_a_partition_that_was_added_later_begins_at_its_first_message(
    app: App, kafka: str, admin: AdminClient, topic: support.TopicFactory, start: Start
) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name)
    list(iterator)
    grow(admin, name, 2)
    # A new producer: one that knew the topic before knows one partition of it.
    support.fill(support.make_producer(kafka), name, {0: ["c"], 1: ["d", "e"]})
    assert by_partition(Iterator({name: start}, resume=saved(iterator))) == "0: c@2 | 1: d@0 e@1"
    named = Iterator({name: {0: start, 1: -1}}, resume=saved(iterator))
    assert by_partition(named) == "0: c@2 | 1: e@1"


@pytest.mark.parametrize("follow", [False, True], ids=["finite", "following"])
def test_where_partitions_are_new_it_is_logged(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    producer: Producer,
    caplog: pytest.LogCaptureFixture,
    follow: bool,
) -> None:
    caplog.set_level("INFO", "framework_iterator.notes")
    name = topic(1, ["a"])
    grow(admin, name, 3, producer)
    support.fill(producer, name, {2: ["b"]})
    iterator = Iterator({name: "latest"}, resume={name: {"0": 0}}, follow=follow, limit=2)
    assert by_partition(iterator) == "0: a@0 | 2: b@0"
    assert [each.getMessage() for each in notes_in(caplog)] == [
        (
            f"New partitions since the positions were saved: {name}-1, {name}-2. "
            "Reading them from their first message."
        )
    ]


def test_positions_of_another_topic_are_told(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(1, ["a", "b"])
    assert shown(Iterator(name, resume={f"{name}s": {0: 1}})) == "a@0 b@1"
    assert [each.getMessage() for each in notes_in(caplog)] == [
        (
            f"resume has no position of what is read, only of {name}s-0: it is not used. "
            "Was it saved by another run, or for another cluster?"
        )
    ]


def test_a_position_that_retention_has_passed_begins_at_the_first_message(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    support.delete_records(admin, name, {0: 2})
    iterator = Iterator(name, resume={name: {0: 1}})
    assert shown(iterator) == "c@2 d@3"
    assert report_of(iterator).positions == {name: {0: 4}}


@pytest.mark.parametrize("follow", [False, True], ids=["finite", "following"])
def test_a_position_beyond_the_end_never_reads_again_what_was_read(
    app: App, topic: support.TopicFactory, producer: Producer, follow: bool
) -> None:
    name = topic(1, ["a", "b"])
    beyond = {name: {0: 1_000_000}}
    if not follow:
        assert list(Iterator(name, resume=beyond)) == []
        assert Iterator(name, resume=beyond).plan()[name, 0].start == 2
        return
    iterator = Iterator(name, resume=beyond, follow=True, yield_none=True, max_wait=0.05)
    given = []
    for message in iterator:
        if message is None:
            support.produce(producer, name, ["c"])
        else:
            given.append(message)
            iterator.stop()
    assert shown(given) == "c@2"


def test_topics_that_arent_read_are_passed_over_and_others_begin_at_their_start(
    app: App, topic: support.TopicFactory
) -> None:
    left, right = topic(1, ["a", "b"]), topic(1, ["c"])
    positions = {left: {0: 1}, "no-such-topic": {0: 7, 1: 8}}
    assert places(Iterator([left, right], resume=positions)) == {(left, 0): [1], (right, 0): [0]}
    assert shown(Iterator(right, resume=positions)) == "c@0"
    assert "no-such-topic" not in app.admin().topics()


def test_a_partition_that_isnt_read_is_passed_over(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c", "d"]})
    assert by_partition(Iterator({name: [1]}, resume={name: {0: 1, 1: 1}})) == "1: d@1"
    assert by_partition(Iterator({name: [1]}, resume={name: {0: 1, 9: 4}})) == "1: c@0 d@1"


def test_beside_starts_a_saved_position_wins_and_the_start_is_for_the_others(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(3, {number: ["a", "b", "c", "d"] for number in range(3)})
    saved_before = {name: {0: 1, 1: 3}}
    iterator = Iterator({name: {0: "latest", 1: 0, 2: -1}}, resume=saved_before, until={name: {0: 3}})
    assert by_partition(iterator) == "0: b@1 c@2 | 1: d@3 | 2: d@3"


def test_beside_the_committed_offset_a_saved_position_wins(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a", "b", "c"], 1: ["d", "e", "f"]})
    marking = Iterator(name, group_id=f"{name}-group")
    for message in marking:
        marking.mark_as_consumed(message)
        if message.partition == 0:
            marking.stop_current_partition()
    iterator = Iterator({name: True}, resume={name: {1: 1}}, group_id=f"{name}-group")
    assert by_partition(iterator) == "0: b@1 c@2 | 1: e@1 f@2"


def test_reading_on_as_it_grows(app: App, topic: support.TopicFactory, producer: Producer) -> None:
    name = topic(2)
    positions: Any = {}
    given: list[Message[Any]] = []
    for turn in range(5):
        support.fill(producer, name, {0: ["x"] * turn, 1: ["y"] * 3})
        iterator = Iterator(name, resume=positions)
        given += flat(iterator.batches(size=2))
        positions = saved(iterator)
    assert places(given) == {(name, 0): list(range(10)), (name, 1): list(range(15))}


FORM = "expected {topic: {partition: next offset}}, as report.positions gives it."


@pytest.mark.parametrize(
    ("resume", "sentence"),
    [
        ([("t", 1)], f"resume=[('t', 1)] is invalid: {FORM}"),
        ({"t": 5}, f"resume['t']=5 is invalid: {FORM}"),
        ({"t": {0: -1}}, "resume['t'][0]=-1 is invalid: expected an int >= 0."),
        ({"t": {0: "5"}}, "resume['t'][0]='5' is invalid: expected an int >= 0."),
        ({"t": {"0": None}}, "resume['t']['0']=None is invalid: expected an int >= 0."),
        ({"t": {0: True}}, "resume['t'][0]=True is invalid: expected an int >= 0."),
        ({"t": {-1: 5}}, "resume['t'] has the partition -1: expected an int >= 0."),
        ({"t": {"a": 5}}, "resume['t'] has the partition 'a': expected an int >= 0."),
        ({"t": {"-1": 5}}, "resume['t'] has the partition '-1': expected an int >= 0."),
    ],
)
def test_what_cant_be_positions_is_told_where_it_is_written(app: App, resume: Any, sentence: str) -> None:
    with pytest.raises(InvalidStartError) as caught:
        Iterator("t", resume=resume)
    assert str(caught.value) == sentence
