"""A topic that is deleted, or made anew, in mid-run: an error that names it, or a loss that is counted."""

from __future__ import annotations

import logging

import pytest

from framework import PartitionNotFoundError, TopicNotFoundError
from framework_iterator import Iterator
from tests import support
from tests.faults.brokers import Broker, app_of, assert_reads_on, bounded
from tests.scenarios.reading import report_of
from tests.support import SMALL


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What runs warned of, but that a request took too long on a busy machine and is made again."""
    texts = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    return [text for text in texts if not text.endswith("Retrying.")]


@pytest.mark.parametrize("follow", [False, True], ids=["finite", "follow"])
def test_a_deleted_topic_ends_the_run_with_its_name(broker: Broker, follow: bool) -> None:
    kept, name = broker.topic(1, ["a"]), broker.large(40)
    iterator = Iterator([kept, name], app=app_of(broker.straight), settings=SMALL, follow=follow)
    offsets = []
    with bounded(), pytest.raises(TopicNotFoundError, match=f"^Topic '{name}' doesn't exist") as caught:
        for message in iterator:
            if message.topic == name:
                offsets.append(message.offset)
                if message.offset == 3:
                    support.delete_topics(broker.admin, [name])
    assert offsets == list(range(len(offsets)))
    assert (report_of(iterator).ended, report_of(iterator).error) == ("error", caught.value)
    assert report_of(iterator)[kept, 0].messages == 1
    assert name not in broker.admin.list_topics(timeout=support.LIMIT).topics
    assert_reads_on(broker)


def test_a_topic_that_is_deleted_while_nothing_comes_is_noticed(broker: Broker) -> None:
    name = broker.topic(1, ["a"])
    iterator = Iterator(name, app=app_of(broker.straight), follow=True)
    with bounded(), pytest.raises(TopicNotFoundError, match=name):
        for _ in iterator:
            support.delete_topics(broker.admin, [name])
    assert_reads_on(broker)


def test_a_topic_that_is_deleted_while_another_is_busy_is_noticed(broker: Broker) -> None:
    busy, name = broker.topic(1, ["a"]), broker.topic(1, ["a"])
    # Probed after a quarter of the stall timeout.
    iterator = Iterator([busy, name], app=app_of(broker.straight, stall_timeout=4.0), follow=True)
    with bounded(), pytest.raises(TopicNotFoundError, match=name):
        for message in iterator:
            if message.topic == name:
                support.delete_topics(broker.admin, [name])
            else:
                support.produce(broker.producer, busy, ["next"])
    assert_reads_on(broker)


def test_a_topic_of_many_partitions_made_anew_does_not_hold_a_follow_up(broker: Broker) -> None:
    # One look-up after another, each behind a fetch that the broker holds back, took a second a partition.
    name = broker.topic(60, {number: ["a"] * 3 for number in range(60)})
    iterator = Iterator(name, app=app_of(broker.straight), follow=True, yield_none=True)
    is_new = False
    with bounded():
        for _ in iterator:
            if not is_new and report_of(iterator).messages == 180:
                broker.make_anew(name, 60)
                is_new = True
            elif is_new and all(each.position == 0 for each in report_of(iterator).partitions):
                iterator.stop()
    assert (report_of(iterator).ended, report_of(iterator).lost) == ("stopped", 0)
    assert_reads_on(broker)


@pytest.mark.parametrize(("again", "after"), [(20, 10), (4, 10), (0, 10)], ids=["inside", "behind", "empty"])
def test_a_topic_made_anew_with_fewer_messages_has_lost_the_rest(
    broker: Broker, caplog: pytest.LogCaptureFixture, again: int, after: int
) -> None:
    # "inside": the position is one that the new log has as well. Kafka tells offsets, not whose they are.
    name = broker.large(40)
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL)
    offsets = []
    with bounded():
        for message in iterator:
            offsets.append(message.offset)
            if message.offset == after:
                broker.make_anew(name)
                broker.large(again, name=name)
    assert after < len(offsets) <= max(again, after + 5)
    assert offsets == list(range(len(offsets)))
    [partition] = report_of(iterator).partitions
    assert (partition.messages + partition.lost, partition.position, partition.ended) == (40, 40, "end")
    gone = f"{partition.lost} offsets from {len(offsets)} on were removed before they could be read"
    assert warnings_of(caplog) == [f"{name}-0: {gone}. Continuing."]
    assert_reads_on(broker)


def test_a_topic_made_anew_with_as_many_messages_is_read_on_from_the_position(broker: Broker) -> None:
    name = broker.large(20)
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL)
    offsets = []
    for message in iterator:
        offsets.append(message.offset)
        if message.offset == 5:
            broker.make_anew(name)
            broker.large(25, name=name)
    assert offsets == list(range(20))
    assert (report_of(iterator).ended, report_of(iterator).lost) == ("end", 0)
    assert_reads_on(broker)


@pytest.mark.parametrize(
    ("again", "named"), [(30, False), (2, False), (20, True)], ids=["longer", "shorter", "as long, named"]
)
def test_a_follow_reads_each_message_of_a_topic_made_anew(
    broker: Broker, caplog: pytest.LogCaptureFixture, known: set[str], again: int, named: bool
) -> None:
    # The new one may be longer than the old one before anybody looks: its id says that it is another.
    name = broker.large(20)
    topics = {name: [0]} if named else name
    iterator = Iterator(topics, app=app_of(broker.straight), follow=True, yield_none=True, max_wait=0.1)
    offsets: list[int] = []
    since: list[int] = []  # the offsets that were read of the new topic, and perhaps once more
    is_new = False
    with bounded():
        for message in iterator:
            if message is not None:
                (since if len(offsets) == 20 else offsets).append(message.offset)
            elif len(offsets) == 20 and not is_new and name in known:
                broker.make_anew(name)
                broker.large(again, name=name)
                is_new = True
            if since[-again:] == list(range(again)):
                iterator.stop()
    assert offsets == list(range(20))
    [partition] = report_of(iterator).partitions
    assert partition.messages == partition.position - partition.start
    assert warnings_of(caplog) == [f"{name}: topic recreated. Reading the new topic from its first message."]
    assert_reads_on(broker)


def test_a_partition_that_the_new_topic_lacks_is_named(broker: Broker) -> None:
    name = broker.large(30, 2)
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL)
    with bounded(), pytest.raises(PartitionNotFoundError) as caught:
        for _ in iterator:
            if report_of(iterator).messages == 6:
                broker.make_anew(name)
                broker.large(30, name=name)
    assert str(caught.value) == f"Topic '{name}' has no partition 1. It has partition 0."
    assert report_of(iterator).error is caught.value
    assert_reads_on(broker)


@pytest.mark.parametrize("until", [None, 1_000_000], ids=["follow", "to-an-end"])
def test_a_partition_that_the_new_topic_lacks_is_named_while_the_others_are_busy(
    broker: Broker, until: int | None
) -> None:
    name = broker.topic(2, {0: ["a"], 1: ["a"]})
    app = app_of(broker.straight, stall_timeout=4.0)  # probed after a quarter of it
    iterator = Iterator(name, app=app, follow=True, until=until)
    is_new = False
    with bounded(), pytest.raises(PartitionNotFoundError, match=f"^Topic '{name}' has no partition 1"):
        for _ in iterator:
            if not is_new and report_of(iterator).messages == 1:
                broker.make_anew(name)
                support.produce(broker.producer, name, ["behind which the run may go on"])
                is_new = True
            if is_new:
                support.produce(broker.producer, name, ["next"])
            assert report_of(iterator).messages < 20_000  # or it would never end
    # Nearly always many: only where all this took seconds, it is noticed before the run goes on.
    assert report_of(iterator).messages >= 1


def test_retention_that_passes_a_slow_reader_is_counted_and_the_run_ends(broker: Broker) -> None:
    # Segments of 1 MB, the least there is, each of ten messages.
    name = broker.topic(1, segment_bytes=1_048_576, retention_bytes=3_000_000)
    support.produce(broker.producer, name, ["first"])
    app = app_of(broker.straight)
    iterator = Iterator(name, app=app, settings=SMALL, until=100, follow=True)
    offsets: list[int] = []
    with bounded():
        for message in iterator:
            offsets.append(message.offset)
            if message.offset == 0:
                support.produce(broker.producer, name, [bytes(100_000)] * 99)
                support.wait_until(lambda: app.admin().watermarks(name)[name][0].low > 50, "retention")
    [partition] = report_of(iterator).partitions
    assert partition.lost > 0
    assert offsets[-1] == 99
    assert (partition.messages + partition.lost, partition.ended) == (100, "end")
    assert sorted(set(offsets)) == offsets
    assert_reads_on(broker)
