"""The broker of the tests, and what tests do to it, are what they seem."""

from __future__ import annotations

import os
import pathlib
from datetime import UTC, datetime

import pytest
from confluent_kafka import KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from tests.child_server import free_port, ports_of
from tests.kafka_server import KafkaServer, class_archive, install
from tests.support import (
    COMPACTED,
    Record,
    TopicFactory,
    compact,
    create_topic,
    delete_records,
    make_admin,
    make_producer,
    produce,
    read_all,
    topic_name,
    transaction,
    wait_until,
)


def watermarks(admin: AdminClient, topic: str, partition: int = 0) -> tuple[int, int]:
    place = TopicPartition(topic, partition)
    low, high = (
        admin.list_offsets({place: spec})[place].result(10).offset
        for spec in (OffsetSpec.earliest(), OffsetSpec.latest())
    )
    return low, high


def payloads(messages: list[Message]) -> list[bytes | str | None]:
    return [message.value() for message in messages]


def test_topics_have_their_partitions_and_messages(kafka: str, topic: TopicFactory) -> None:
    name = topic(3, {0: ["a", "b"], 2: [None]})
    assert [payloads(read_all(kafka, name, number)) for number in range(3)] == [[b"a", b"b"], [], [None]]


def test_records_carry_key_headers_and_timestamp(kafka: str, topic: TopicFactory) -> None:
    moment = datetime(2013, 12, 25, 10, tzinfo=UTC)
    name = topic(messages=[Record(b"v", key="k", headers=[("h", b"1"), ("h", None)], timestamp=moment)])
    [message] = read_all(kafka, name)
    assert (message.key(), message.headers()) == (b"k", [("h", b"1"), ("h", None)])
    assert message.timestamp()[1] == 1387965600000


def test_topic_names_are_fresh_and_valid() -> None:
    name = topic_name("test_start[a datetime, naïve]")
    assert name.startswith("t-start-a-datetime-na-ve-")
    assert name != topic_name("test_start[a datetime, naïve]")
    assert len(topic_name("test_" + "x" * 100)) <= 60


def test_messages_of_twelve_megabytes_fit(kafka: str, topic: TopicFactory) -> None:
    name = topic(messages=[b"x" * 11_900_000])
    assert [len(message) for message in read_all(kafka, name)] == [11_900_000]


def test_deleted_records_move_the_low_watermark(admin: AdminClient, topic: TopicFactory) -> None:
    name = topic(2, {0: ["a", "b", "c"], 1: ["d"]})
    delete_records(admin, name, {0: 2})
    assert watermarks(admin, name, 0) == (2, 3)
    assert watermarks(admin, name, 1) == (0, 1)


def test_aborted_transactions_leave_a_marker(kafka: str, admin: AdminClient, topic: TopicFactory) -> None:
    name = topic(messages=["a"])
    with transaction(kafka, commit=False) as producer:
        offsets = produce(producer, name, ["b", "c"])
    assert offsets == [1, 2]
    assert watermarks(admin, name) == (0, 4)
    assert payloads(read_all(kafka, name, isolation="read_committed")) == [b"a"]


def test_open_transactions_hold_back_committed_readers(kafka: str, topic: TopicFactory) -> None:
    name = topic(messages=["a"])
    with transaction(kafka) as producer:
        produce(producer, name, ["b"])
        assert payloads(read_all(kafka, name)) == [b"a", b"b"]
        assert payloads(read_all(kafka, name, isolation="read_committed")) == [b"a"]
    assert payloads(read_all(kafka, name, isolation="read_committed")) == [b"a", b"b"]


def test_compaction_removes_overwritten_keys(kafka: str, admin: AdminClient, topic: TopicFactory) -> None:
    messages = [Record("1", key="a"), Record("2", key="b"), Record("3", key="a"), Record("4", key="a")]
    name = topic(messages=messages, **COMPACTED)
    assert compact(kafka, name) == [1, 3, 4]
    assert payloads(read_all(kafka, name)) == [b"2", b"4", b""]
    assert watermarks(admin, name) == (0, 5)


def test_compaction_removes_tombstones(kafka: str, topic: TopicFactory) -> None:
    name = topic(messages=[Record("1", key="a"), Record(None, key="a")], **COMPACTED, delete_retention_ms=0)
    assert compact(kafka, name) == [1, 2]
    assert compact(kafka, name, gone={1}) == [2, 3]


def test_reading_creates_no_topic_but_producing_does(kafka: str, admin: AdminClient) -> None:
    name = topic_name("auto")
    with pytest.raises(KafkaException):
        read_all(kafka, name)
    assert name not in admin.list_topics(timeout=10).topics
    produce(Producer({"bootstrap.servers": kafka}), name, ["a"])
    assert name in admin.list_topics(timeout=10).topics
    admin.delete_topics([name])[name].result(10)


def test_the_environment_of_the_project_is_hidden() -> None:
    assert not [name for name in os.environ if name.startswith(("KAFKA_", "FRAMEWORK_"))]


@pytest.mark.usefixtures("kafka")
def test_servers_keep_their_data_over_kill_pause_and_restart() -> None:
    # After the kill, so long may its former self still be waited for.
    with KafkaServer(
        settings={"broker.session.timeout.ms": 1000, "broker.heartbeat.interval.ms": 250}
    ) as server:
        admin = make_admin(server.bootstrap_servers)
        create_topic(admin, "kept")
        produce(make_producer(server.bootstrap_servers), "kept", ["a"])
        server.restart()
        assert payloads(read_all(server.bootstrap_servers, "kept")) == [b"a"]
        server.kill()
        assert not server.is_running
        server.start()
        assert payloads(read_all(server.bootstrap_servers, "kept")) == [b"a"]
        server.pause()
        with pytest.raises(KafkaException):
            admin.list_topics(timeout=0.2)
        server.resume()
        wait_until(lambda: "kept" in admin.list_topics(timeout=10).topics, "the answer of a resumed broker")
        data = server.log_file.parent
    assert not data.exists()


def test_no_port_is_drawn_twice_and_each_process_draws_its_own() -> None:
    assert len({free_port() for _ in range(50)}) == 50
    assert set(ports_of("gw0")) & set(ports_of("gw1")) == set()
    assert set(ports_of("gw0")) & set(ports_of("")) == set()


@pytest.mark.usefixtures("kafka")
def test_servers_start_with_classes_ready_made() -> None:
    [option] = class_archive(install())
    assert pathlib.Path(option.removeprefix("-XX:SharedArchiveFile=")).is_file()


@pytest.mark.usefixtures("kafka")
def test_servers_that_cannot_start_say_why() -> None:
    with pytest.raises(RuntimeError, match=r"ended by itself(.|\n)*NoSuchClass"):
        KafkaServer(settings={"metric.reporters": "NoSuchClass"}).start()
