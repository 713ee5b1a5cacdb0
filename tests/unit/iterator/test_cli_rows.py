"""`--json`: each message is one line of strict JSON, and nothing is null in it without a reason beside it."""

from __future__ import annotations

import base64
import collections.abc as cabc
import datetime
import uuid
from typing import cast

import pytest
from confluent_kafka import Message as ConfluentMessage

from framework import Message
from framework.deserializers import auto, raw
from framework.testing import reset_current_app
from framework.types import NativeMessage
from framework_iterator.cli.encode import encoder_for
from framework_iterator.cli.rows import json_line
from tests.unit.iterator.rows import ASCII, NO_REGISTRY, UTF8, message, row_of

NOON = datetime.datetime(2013, 12, 25, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


def test_a_message_is_one_object() -> None:
    given = message(b'{"a": [1, "\xc3\xa9"]}', key=b"k", headers=[("h", b"1")], offset=7, timestamp=NOON)

    assert json_line(given, UTF8, NO_REGISTRY) == (
        (
            '{"topic": "flights", "partition": 0, "offset": 7, "timestamp": "2013-12-25T12:00:00+00:00", '
            '"schema_id": null, "key": "k", "headers": {"h": "1"}, "payload": {"a": [1, "é"]}}'
        ),
        False,
    )


def test_where_stdout_is_not_utf8_a_line_is_ascii() -> None:
    line, _ = json_line(message('"é\U0001f6eb\x7f"'.encode()), ASCII, NO_REGISTRY)

    assert line.endswith('"payload": "\\u00e9\\ud83d\\udeeb\\u007f"}')


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        pytest.param("UTF8", '"é"', id="UTF-8 by another name"),
        pytest.param("latin-1", '"\\u00e9"', id="latin-1"),
        pytest.param("ascii", '"\\u00e9"', id="ascii"),
        pytest.param(None, '"\\u00e9"', id="unknown"),
    ],
)
def test_letters_are_written_as_they_are_only_in_utf8(encoding: str | None, text: str) -> None:
    assert encoder_for(encoding)("é") == text


def test_a_tombstone_is_null_and_nothing_failed() -> None:
    row = row_of(message(None))

    assert (row["timestamp"], row["key"], row["headers"], row["payload"]) == (None, None, {}, None)
    assert row.keys() == {
        "topic",
        "partition",
        "offset",
        "timestamp",
        "schema_id",
        "key",
        "headers",
        "payload",
    }


def test_what_cannot_be_read_is_null_with_the_reason_and_the_bytes() -> None:
    row = row_of(message(b"{", key=b"\xff"))

    assert (row["payload"], row["key"]) == (None, None)
    assert row["payload_error"].startswith("Can't read the payload of flights-0@0 with json: ")
    assert row["key_error"] == (
        "The key has no JSON form: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte."
    )
    assert base64.b64decode(row["raw_payload"]) == b"{"
    assert base64.b64decode(row["raw_key"]) == b"\xff"


def test_bytes_that_name_a_schema_say_what_to_add() -> None:
    framed = b"\x00\x00\x00\x00\x07\x06foo"
    for deserializer, start in (
        (auto, ""),
        (raw, ""),
        (None, "Can't read the payload of flights-0@0 with json: "),
    ):
        row = row_of(message(framed, deserializer))

        assert row["payload"] is None
        assert row["payload_error"].startswith(start)
        assert row["payload_error"].endswith("Schema Registry framing, schema 7: add --registry URL.")
        assert base64.b64decode(row["raw_payload"]) == framed
    assert row_of(message(framed, auto))["schema_id"] == 7


def test_a_schema_that_is_named_by_a_guid_is_text() -> None:
    guid = uuid.UUID("0d5f1f3c-9a3b-4c7e-8f10-0123456789ab")
    row = row_of(message(b"\xff", auto, headers=[("__value_schema_id", b"\x01" + guid.bytes)]))

    assert row["schema_id"] == str(guid)
    assert row["payload_error"] == f"Schema Registry framing, schema {guid}: add --registry URL."


def test_compressed_bytes_are_null_and_say_what_they_are() -> None:
    assert row_of(message(b"\x1f\x8b\x08\x00", auto))["payload_error"] == (
        "The payload has no JSON form: it is gzip."
    )


def test_one_binary_header_does_not_take_the_others_away() -> None:
    row = row_of(message(b"1", headers=[("a", b"1"), ("b", b"\xff"), ("c", None)]))

    assert row["headers"] == {"a": "1", "b": None, "c": None}
    assert row["headers_error"] == (
        "The header 'b' has no JSON form: 'utf-8' codec can't decode byte 0xff in position 0: "
        "invalid start byte."
    )
    assert row["raw_headers"] == [["a", "MQ=="], ["b", "/w=="], ["c", None]]
    assert row["payload"] == 1


def test_headers_of_one_name_are_all_there() -> None:
    row = row_of(message(b"1", headers=[("a", b"1"), ("a", b"2")]))

    assert row["headers"] == {"a": "2"}
    assert row["raw_headers"] == [["a", "MQ=="], ["a", "Mg=="]]
    assert "headers_error" not in row


def test_headers_that_cannot_be_read_are_null_with_all_pairs() -> None:
    row = row_of(message(b"1", headers=[("a", b"\xff")], headers_as=str))

    assert row["headers"] is None
    assert row["headers_error"].startswith("Can't read the headers of flights-0@0 with str: ")
    assert row["raw_headers"] == [["a", "/w=="]]


def test_headers_may_become_bytes() -> None:
    given = message(b"1", headers=[("a", b"1")], headers_as=lambda headers: headers[0][1])

    assert row_of(given)["headers"] == "1"


def test_a_time_that_no_datetime_can_hold_stands_in_milliseconds() -> None:
    given = message(b"1")
    native = ConfluentMessage(topic="flights", value=b"1", timestamp=(1, 10**15))
    given = Message(cast(NativeMessage, native), "flights", given._compiled)
    row = row_of(given)

    assert row["timestamp"] is None
    assert row["raw_timestamp"] == 10**15
