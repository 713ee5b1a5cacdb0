"""`--json`: each message is one line of strict JSON, and nothing is null in it without a reason beside it."""

from __future__ import annotations

import base64
import collections.abc as cabc
import datetime
import uuid
from typing import Any, cast

import pytest
from confluent_kafka import Message as ConfluentMessage

from framework import DeserializationError, Message
from framework.deserializers import auto, int32, raw
from framework.testing import reset_current_app
from framework.types import NOT_GIVEN, NativeMessage
from framework_iterator.cli.encode import encoder_for
from framework_iterator.cli.rows import json_line
from tests.unit.iterator.rows import ASCII, NO_REGISTRY, UTF8, framing, message, row_of

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
    assert row["key_error"] == ("The key has no JSON form: it is not UTF-8 text.")
    assert base64.b64decode(row["raw_payload"]) == b"{"
    assert base64.b64decode(row["raw_key"]) == b"\xff"


@pytest.mark.parametrize(
    ("deserializer", "error"),
    [
        pytest.param(auto, "Schema Registry framing, schema 7: add -r URL.", id="auto"),
        pytest.param(
            NOT_GIVEN,
            "Can't read the payload of flights-0@0 with json: expected value at line 1 column 1. "
            "Schema Registry framing, schema 7: add -r URL.",
            id="what nobody declared",
        ),
        pytest.param(
            list[int],
            "Can't read the payload of flights-0@0 with list[int]: Invalid JSON: expected value at line 1 "
            "column 1. Schema Registry framing, schema 7: add -r URL --payload-as auto.",
            id="a model",
        ),
        pytest.param(
            int32,
            "Can't read the payload of flights-0@0 with int32: expected 4 bytes, not 10. Its "
            "bytes are in raw_payload.",
            id="something else",
        ),
        pytest.param(raw, "The payload has no JSON form: it is not UTF-8 text.", id="bytes"),
    ],
)
def test_bytes_that_name_a_schema_say_what_to_add(deserializer: Any, error: str) -> None:
    framed = b"\x00\x00\x00\x00\x07\x06\xfffoo"
    declared = None if deserializer is NOT_GIVEN else deserializer
    row = row_of(message(framed, declared), framing(deserializer))

    assert row["payload"] is None
    assert row["payload_error"] == error
    assert base64.b64decode(row["raw_payload"]) == framed


GUID = uuid.UUID("0d5f1f3c-9a3b-4c7e-8f10-0123456789ab")


def test_an_error_of_the_deserializers_own_is_told_once() -> None:
    def fail(_: bytes) -> None:
        raise DeserializationError("Order 7 is damaged. Its bytes are in raw_payload.", part="payload")

    assert row_of(message(b"1", fail))["payload_error"] == (
        "Order 7 is damaged. Its bytes are in raw_payload."
    )


def test_a_schema_that_is_named_by_a_guid_is_text() -> None:
    given = message(b"\xff", auto, headers=[("__value_schema_id", b"\x01" + GUID.bytes)])
    row = row_of(given, framing(auto))

    assert row["schema_id"] == str(GUID)
    assert row["payload_error"] == f"Schema Registry framing, schema {GUID}: add -r URL."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(b"\x01" + GUID.bytes, str(GUID), id="a GUID"),
        pytest.param(b"\x00\x00\x00\x00\x07", "7", id="an id, which is text too"),
        pytest.param(b"\x00\x00\x00\x00\xff", "255", id="an id that is no text"),
    ],
)
def test_headers_that_name_a_schema_are_its_id_and_no_error(value: bytes, shown: str) -> None:
    given = message(b"1", headers=[("a", b"1"), ("__value_schema_id", value), ("__key_schema_id", value)])
    row = row_of(given)

    assert row["headers"] == {"a": "1", "__value_schema_id": shown, "__key_schema_id": shown}
    assert row.keys() & {"headers_error", "raw_headers"} == set()
    assert given.headers["a"] == "1"
    assert given.headers["__value_schema_id"] != shown  # the message's own headers stay as they are


def test_the_id_stays_where_another_header_has_an_error() -> None:
    row = row_of(message(b"1", headers=[("b", b"\xff"), ("__value_schema_id", b"\x01" + GUID.bytes)]))

    assert row["headers"] == {"b": None, "__value_schema_id": str(GUID)}
    assert row["headers_error"] == "The header 'b' has no JSON form: it is not UTF-8 text."


def test_headers_of_another_deserializer_stay_as_it_made_them() -> None:
    headers = [("__value_schema_id", b"\x01" + GUID.bytes)]

    for made in ({"__value_schema_id": 5}, ["__value_schema_id"], None):
        assert row_of(message(b"1", headers=headers, headers_as=lambda _, it=made: it))["headers"] == made


def test_compressed_bytes_are_null_and_say_what_they_are() -> None:
    assert row_of(message(b"\x1f\x8b\x08\x00", auto))["payload_error"] == (
        "The payload has no JSON form: it is gzip."
    )


def test_one_binary_header_does_not_take_the_others_away() -> None:
    row = row_of(message(b"1", headers=[("a", b"1"), ("b", b"\xff"), ("c", None)]))

    assert row["headers"] == {"a": "1", "b": None, "c": None}
    assert row["headers_error"] == ("The header 'b' has no JSON form: it is not UTF-8 text.")
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


@pytest.mark.parametrize(
    ("payload", "has_bytes"), [(b"abc", True), (b"null", False), (b" null ", False), (None, False)]
)
def test_bytes_of_which_a_deserializer_makes_none_are_shown(payload: bytes | None, has_bytes: bool) -> None:
    row = row_of(message(payload, lambda _: None))

    assert row["payload"] is None
    assert ("raw_payload" in row, "payload_error" in row) == (has_bytes, False)
