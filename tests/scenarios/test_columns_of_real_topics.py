"""A reader of record batches reads as it is read from, and ends its run however it is left."""

from __future__ import annotations

import datetime as dt
import gc
import threading
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pytest
from pydantic import BaseModel

from framework import App, BrokerError, DeserializationError, Deserializers, Message, Topic
from framework_iterator import AlreadyIteratingError, InvalidOptionError, Iterator
from framework_iterator.columns import reading
from tests import support
from tests.scenarios.reading import report_of
from tests.support import Record

MOMENT = dt.datetime(2013, 1, 1, 12, 30, 0, 250_000, dt.UTC)


class Flight(BaseModel):
    carrier: str
    delay: int | None = None


FLIGHTS = ['{"carrier":"UA","delay":2}', '{"carrier":"AA"}', None, '{"carrier":"UA","delay":4}']


@pytest.fixture
def flights(app: App, topic: support.TopicFactory) -> Topic[Flight]:
    return Topic(topic(1, [Record(each, key="k", timestamp=MOMENT) for each in FLIGHTS]), payload=Flight)


def test_a_row_for_each_message(flights: Topic[Flight]) -> None:
    iterator = Iterator(flights)
    rows = iterator.to_arrow().read_all().to_pylist()
    assert rows[1:3] == [
        {
            "topic": flights.name, "partition": 0, "offset": offset, "timestamp": MOMENT, "key": "k",
            "carrier": carrier, "delay": None,
        }
        for offset, carrier in [(1, "AA"), (2, None)]
    ]  # fmt: skip
    assert [row["delay"] for row in rows] == [2, None, None, 4]
    assert report_of(iterator).messages == 4


def test_raw_columns_deserialize_nothing(flights: Topic[Flight], app: App) -> None:
    table = Iterator(Topic(flights.name, payload=int, key=int)).to_arrow("raw").read_all()
    assert table["raw_payload"].to_pylist() == [None if each is None else each.encode() for each in FLIGHTS]
    assert table["raw_key"].to_pylist() == [b"k"] * 4


def test_polars_and_duckdb_take_it(flights: Topic[Flight]) -> None:
    assert polars.from_arrow(Iterator(flights).to_arrow()).shape == (4, 7)
    reader = Iterator(flights).to_arrow()
    with duckdb.connect() as connection:  # another test may have left a result in the one that all share
        found = connection.sql("select carrier, avg(delay) from reader where carrier = 'UA' group by 1")
        assert found.fetchall() == [("UA", 3.0)]
    assert reader is not None


def test_a_column_for_each_name_where_nothing_is_declared(kafka: str, topic: support.TopicFactory) -> None:
    app = App(kafka={"bootstrap.servers": kafka})
    name = topic(1, ['{"a":1,"b":{"c":null}}', '{"a":2.5}', None])
    table = Iterator(name, app=app).to_arrow().read_all()
    assert table.column_names[5:] == ["a", "b"]
    assert table["a"].to_pylist() == [1.0, 2.5, None]
    assert table["b"].to_pylist() == ['{"c":null}', None, None]


TOMBSTONES = [Record(None, key="k", timestamp=MOMENT)] * 1_500


def test_a_topic_that_begins_with_tombstones(app: App, topic: support.TopicFactory) -> None:
    objects = Topic(topic(1, [*TOMBSTONES, '{"a":1}']), payload=dict)
    table = Iterator(objects).to_arrow().read_all()
    assert table["a"].to_pylist() == [None] * 1_500 + [1]


def test_a_topic_that_comes_long_after_another_one(app: App, topic: support.TopicFactory) -> None:
    first = Topic(topic(1, TOMBSTONES), payload=Flight)
    later = Topic(topic(1, [Record('{"a":1}', timestamp=MOMENT + dt.timedelta(days=1))]), payload=dict)
    reader = Iterator([first, later], order="time").to_arrow()
    assert reader.read_all()["a"].to_pylist()[-2:] == [None, 1]


def test_the_first_payload_after_very_many_tombstones_is_no_row_of_nulls(
    app: App, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST", 1_000)
    name = topic(1, [*TOMBSTONES, '{"a":1}'])
    with pytest.raises(DeserializationError, match=rf"{name}-0@1500 .*: The first messages had no payload"):
        Iterator(Topic(name, payload=dict)).to_arrow().read_all()


def test_a_topic_that_is_missing_among_large_messages_takes_bounded_memory(
    app: App, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MOST_BYTES", 1_000)
    large, empty = topic(1, ["a"] * 3_000), topic(1)
    iterator = Iterator([Topic(large, payload=str), Topic(empty, payload=dict)])
    reader = iterator.to_arrow()
    assert report_of(iterator).messages < 3_000
    assert reader.read_all().num_rows == 3_000


def test_an_empty_topic_has_the_columns_of_its_type(app: App, topic: support.TopicFactory) -> None:
    name = topic(1)
    assert Iterator(Topic(name, payload=Flight)).to_arrow().read_all().shape == (0, 7)
    assert Iterator(Topic(name, payload=dict)).to_arrow().read_all().shape == (0, 5)


def test_the_run_starts_in_the_thread_that_reads(flights: Topic[Flight]) -> None:
    iterator = Iterator(flights)
    reader = iterator.to_arrow()
    assert iterator.report is None
    tables: list[pa.Table] = []
    thread = threading.Thread(target=lambda: tables.append(reader.read_all()))
    thread.start()
    thread.join(support.LIMIT)
    assert tables[0].num_rows == 4
    assert report_of(iterator).ended is not None


def test_a_reader_that_is_dropped_ends_the_run(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["x"] * 20_000))
    reader = iterator.to_arrow()
    assert reader.read_next_batch().num_rows < 20_000
    assert report_of(iterator).ended is None
    with pytest.raises(AlreadyIteratingError):
        iterator.to_arrow().read_next_batch()
    del reader
    gc.collect()
    assert report_of(iterator).ended == "closed"
    assert iterator.to_arrow().read_all().num_rows == 20_000


def test_closing_the_iterator_ends_the_run(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["x"] * 20_000))
    reader = iterator.to_arrow()
    rows = reader.read_next_batch().num_rows
    iterator.close()
    rest = reader.read_all().num_rows
    assert rows + rest < 20_000
    assert report_of(iterator).ended == "closed"


def test_an_error_has_its_type_and_ends_the_run(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ['{"carrier":"UA"}', "{", '{"carrier":"AA"}'])
    iterator = Iterator(Topic(name, payload=Flight))
    reader = iterator.to_arrow()
    assert reader.read_next_batch().num_rows == 1
    with pytest.raises(DeserializationError, match=f"^Can't read the payload of {name}-0@1 with Flight: "):
        reader.read_next_batch()
    assert report_of(iterator).ended is not None


def test_the_rows_before_an_error_of_the_run_are_given(app: App, topic: support.TopicFactory) -> None:
    def fail_late(message: Message[Any]) -> bool:
        if message.offset == 2_500:
            raise LookupError("not this one")
        return True

    iterator = Iterator(Topic(topic(1, ["a"] * 3_000), payload=str), where=fail_late)
    reader, offsets = iterator.to_arrow(), []
    with pytest.raises(LookupError, match="not this one"):
        for batch in reader:
            offsets += batch["offset"].to_pylist()
    [partition] = report_of(iterator)
    assert offsets == list(range(partition.position))
    assert offsets


def test_of_several_errors_the_first_one_ends_the_run_after_the_rows_before_it(
    app: App, topic: support.TopicFactory
) -> None:
    late = '{"carrier":"AA","delay":18446744073709551616}'  # found after the last one, which is no JSON
    name = topic(1, ['{"carrier":"UA"}', late, '{"carrier":"AA"}', "{"])
    reader = Iterator(Topic(name, payload=Flight)).to_arrow()
    assert reader.read_next_batch()["offset"].to_pylist() == [0]
    with pytest.raises(DeserializationError, match=f"^Can't put {name}-0@1 into columns: Column 'delay'"):
        reader.read_next_batch()


def test_a_topic_that_does_not_exist(app: App) -> None:
    with pytest.raises(BrokerError, match="doesn't exist"):
        Iterator(Topic("no-such-topic", payload=Flight)).to_arrow().read_all()


def test_what_can_not_be_a_row_is_skipped_and_counted(app: App, topic: support.TopicFactory) -> None:
    payloads = ['{"carrier":"UA"}', '{"carrier":"AA","delay":18446744073709551616}', "{", None]
    iterator = Iterator(Topic(topic(1, payloads), payload=Flight), errors="skip")
    table = iterator.to_arrow().read_all()
    assert table["offset"].to_pylist() == [0, 3]
    report = report_of(iterator)
    assert (report.messages, report.unreadable) == (2, 2)


def test_a_key_that_is_no_text_is_skipped_and_counted(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, [Record("a", key=b"\xff"), Record("b", key="k")]), errors="skip")
    assert iterator.to_arrow().read_all()["key"].to_pylist() == ["k"]
    assert report_of(iterator).unreadable == 1


def test_a_late_type_is_skipped_and_counted(kafka: str, topic: support.TopicFactory) -> None:
    app = App(kafka={"bootstrap.servers": kafka})
    name = topic(1, ['{"a":1}'] * 3_000 + ['{"a":"x"}', '{"b":1}', '{"a":2}'])
    iterator = Iterator(name, app=app, errors="skip")
    assert iterator.to_arrow().read_all().num_rows == 3_001
    assert report_of(iterator).unreadable == 2
    with pytest.raises(DeserializationError, match=f"{name}-0@3000 into columns: Column 'a' is int64"):
        Iterator(name, app=app).to_arrow().read_all()


def test_limit_filters_and_order_hold(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c", "d"]})
    table = Iterator(name, order="newest", where=lambda message: message.payload != "d", limit=2).to_arrow()
    assert table.read_all().num_rows == 2


def test_a_run_that_follows_gives_what_it_has(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["a", "b"]), follow=True, limit=2)
    assert iterator.to_arrow().read_all()["payload"].to_pylist() == ["a", "b"]


def test_topics_without_a_common_type_are_refused(app: App, topic: support.TopicFactory) -> None:
    topics: list[Topic[Any]] = [Topic(topic(1, ["a"]), payload=each) for each in (str, bytes)]
    with pytest.raises(InvalidOptionError, match=r"^Column 'payload' is string in "):
        Iterator(topics).to_arrow()


@pytest.mark.parametrize("columns", ["keys", None, 1])
def test_wrong_columns(app: App, columns: Any) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Iterator("flights").to_arrow(columns)
    assert str(caught.value) == f"columns={columns!r} is invalid: expected 'payload' or 'raw'."


def test_bytes_stay_bytes(kafka: str, topic: support.TopicFactory) -> None:
    app = App(kafka={"bootstrap.servers": kafka}, defaults=Deserializers(payload=bytes))
    assert Iterator(topic(1, [b"\xff", ""]), app=app).to_arrow().read_all()["payload"].to_pylist() == [
        b"\xff",
        b"",
    ]
