"""`Iterator(plan)` reads what the plan says, whatever was written since, and asks for no watermarks."""

from __future__ import annotations

import collections
import logging
import pickle
import re
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App, PartitionNotFoundError, TopicNotFoundError
from framework_iterator import InvalidOptionError, Iterator, Plan
from tests import support
from tests.scenarios.batching import flat, places
from tests.scenarios.programs import output_of
from tests.scenarios.reading import by_partition, report_of, shown


def test_what_was_written_since_is_not_read(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(3, {0: ["a", "b", "c"], 1: ["d", "e"]})
    plan = Iterator({name: {0: 1, 1: 0, 2: 0}}, until={name: {1: 1}}).plan()
    support.fill(producer, name, {0: ["later"], 1: ["later"], 2: ["later"]})
    iterator = Iterator(plan)
    assert iterator.plan() == plan
    for _ in range(2):  # each run reads it anew
        assert by_partition(iterator) == "0: b@1 c@2 | 1: d@0"
        report = report_of(iterator)
        assert [(each.start, each.stop, each.position) for each in report] == [
            (1, 3, 3),
            (0, 1, 1),
            (0, 0, 0),
        ]
        assert (report.ended, {each.ended for each in report}) == ("end", {"end"})
    assert by_partition(flat(iterator.batches())) == "0: b@1 c@2 | 1: d@0"


def test_it_asks_for_no_watermarks(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    names = [topic(4, {number: ["x"] * 50 for number in range(4)}) for _ in range(2)]
    plan = Iterator({names[0]: -10, names[1]: 40}).plan()
    with caplog.at_level(logging.DEBUG, "framework.librdkafka"):
        assert len(list(Iterator(plan, settings={"debug": "protocol"}))) == 80
    sent = (re.search(r"Sent (\w+)Request", record.getMessage()) for record in caplog.records)
    counted = collections.Counter(found[1] for found in sent if found)
    assert counted["Fetch"] > 0
    assert counted["Metadata"] > 0
    assert (counted["ListOffsets"], counted["OffsetFetch"]) == (0, 0)


def test_declared_topics_are_deserialized_as_declared(app: App, topic: support.TopicFactory) -> None:
    numbers, texts = topic(1, ["1", "2"]), topic(1, ["3"])
    plan = Iterator([app.topic(numbers, payload=int), texts]).plan()
    assert {(message.topic, message.payload) for message in Iterator(plan)} == {
        (numbers, 1), (numbers, 2), (texts, "3"),
    }  # fmt: skip


def test_what_retention_removed_since_is_lost(
    app: App, admin: AdminClient, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    plan = Iterator({name: 1}).plan()
    support.delete_records(admin, name, {0: 3})
    iterator = Iterator(plan)
    assert shown(iterator) == "d@3"
    [partition] = report_of(iterator)
    assert (partition.start, partition.lost, partition.messages, partition.position) == (1, 2, 1, 4)
    assert f"{name}-0: 2 offsets from 1 on were removed before they could be read. Continuing." in caplog.text


def test_all_of_it_may_be_removed(app: App, admin: AdminClient, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c", "d", "e"])
    plan = Iterator(name, until=3).plan()
    support.delete_records(admin, name, {0: 4})
    iterator = Iterator(plan)
    assert shown(iterator) == ""
    assert (report_of(iterator).lost, report_of(iterator).ended) == (3, "end")


def delete(admin: AdminClient, name: str) -> None:
    support.delete_topics(admin, [name])
    support.wait_until(
        lambda: name not in admin.list_topics(timeout=support.LIMIT).topics, "a topic that goes"
    )


def test_a_topic_that_was_deleted_since_is_told_before_the_first_message(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    there, gone = topic(1, ["a"]), topic(1, ["b"])
    plan = Iterator([there, gone]).plan()
    delete(admin, gone)
    for read in (iter(Iterator(plan)), Iterator(plan).batches()):
        with pytest.raises(TopicNotFoundError) as caught:
            next(read)
        assert str(caught.value).startswith(f"Topic '{gone}' doesn't exist.")
    assert gone not in app.admin().topics()


def test_a_partition_that_is_gone_since_is_told_before_the_first_message(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(3, {0: ["a"], 2: ["c"]})
    plan = Iterator(name).plan()
    delete(admin, name)
    support.create_topic(admin, name, 2)
    with pytest.raises(PartitionNotFoundError) as caught:
        next(iter(Iterator(plan)))
    assert str(caught.value) == f"Topic '{name}' has no partition 2. It has partitions 0 to 1."


def test_a_topic_that_was_made_anew_and_is_shorter_loses_what_is_gone(
    app: App, admin: AdminClient, producer: Producer, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    plan = Iterator(name).plan()
    delete(admin, name)
    support.create_topic(admin, name)
    support.produce(producer, name, ["new"])
    iterator = Iterator(plan)
    assert shown(iterator) == "new@0"
    [partition] = report_of(iterator)
    assert (partition.messages, partition.lost, partition.position, partition.ended) == (1, 3, 4, "end")


def test_what_would_contradict_a_plan_is_refused(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a"])
    plan = Iterator(name).plan()
    sentences = []
    several: list[dict[str, Any]] = [{"until": 5}, {"resume": {name: {0: 1}}}, {"resume": {}}]
    for options in several:
        with pytest.raises(InvalidOptionError) as caught:
            Iterator(plan, **options)
        sentences.append(str(caught.value))
    which = "is invalid beside a plan, which says where to start and to end."
    assert sentences == [f"until=5 {which}", f"resume={{'{name}': {{0: 1}}}} {which}", f"resume={{}} {which}"]
    with pytest.raises(InvalidOptionError) as caught:
        Iterator(Plan(()))
    assert str(caught.value) == "The plan has no partitions."


def test_limit_and_marks_go_with_a_plan(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    plan = Iterator({name: 1}).plan()
    iterator = Iterator(plan, limit=2, group_id=f"{name}-group")
    for message in iterator:
        iterator.mark_as_consumed(message)
    assert (report_of(iterator).messages, report_of(iterator).ended) == (2, "limit")
    assert shown(Iterator({name: True}, group_id=f"{name}-group")) == "d@3"


def test_a_plan_that_follows_needs_follow_and_then_reads_on(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a", "b"])
    plan = Iterator({name: 1}, follow=True).plan()
    with pytest.raises(InvalidOptionError) as caught:
        Iterator(plan)
    assert str(caught.value) == "The plan follows: its partitions have no end. Pass follow=True."
    support.produce(producer, name, ["c"])
    iterator = Iterator(plan, follow=True, limit=3)
    messages = []
    for message in iterator:
        messages.append(message)
        if message.payload == "c":
            support.produce(producer, name, ["d"])
    assert shown(messages) == "b@1 c@2 d@3"


def test_a_plan_with_ends_ends_also_where_one_follows(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c"]})
    plan = Iterator(name).plan()
    support.produce(producer, name, ["later"])
    iterator = Iterator(plan, follow=True)
    assert by_partition(iterator) == "0: a@0 b@1 | 1: c@0"
    assert report_of(iterator).ended == "end"


def test_a_plan_travels_to_another_process(kafka: str, app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c"]})
    plan = Iterator({name: {0: 1, 1: 0}}).plan()
    assert pickle.loads(pickle.dumps(plan)) == plan
    body = f"""
import pickle
plan = pickle.loads({pickle.dumps(plan)!r})
say(*sorted(message.payload for message in Iterator(plan)), plan.count)
"""
    assert output_of(body, kafka, name) == ["b c 2"]
    assert places(Iterator(pickle.loads(pickle.dumps(plan)))) == {(name, 0): [1], (name, 1): [0]}
