"""A message that can't be deserialized raises a sentence, keeps its bytes, and the loop goes on."""

from __future__ import annotations

import pydantic
import pytest

from framework import App, DeserializationError
from framework_iterator import Iterator
from tests import support
from tests.support import Record


class Flight(pydantic.BaseModel):
    carrier: str
    number: int


GOOD = b'{"carrier": "UA", "number": 1}'
MALFORMED = b'{"carrier": '
MISFIT = b'{"carrier": "UA", "number": "x"}'


def test_malformed_json_and_a_misfit_raise_where_they_are_read_and_the_run_goes_on(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, [GOOD, MALFORMED, MISFIT, b"", GOOD])
    flights = app.topic(name, payload=Flight)
    seen: list[object] = []
    places: list[object] = []
    for message in Iterator(flights):
        try:
            seen.append(message.payload.number)
        except DeserializationError as error:
            seen.append(str(error))
            places.append((error.topic, error.partition, error.offset, error.part, message.raw_payload))
    broken = "Its bytes are in raw_payload."
    assert seen == [
        1,
        (
            f"Can't read the payload of {name}-0@1 with Flight: "
            f"Invalid JSON: EOF while parsing a value at line 1 column 12. {broken}"
        ),
        (
            f"Can't read the payload of {name}-0@2 with Flight: "
            f"number: Input should be a valid integer, unable to parse string as an integer. {broken}"
        ),
        (
            f"Can't read the payload of {name}-0@3 with Flight: "
            f"Invalid JSON: EOF while parsing a value at line 1 column 0. {broken}"
        ),
        1,
    ]
    assert places == [
        (name, 0, 1, "payload", MALFORMED),
        (name, 0, 2, "payload", MISFIT),
        (name, 0, 3, "payload", b""),
    ]


def test_a_key_that_is_not_utf_8_raises_where_text_was_declared_and_stays_bytes_where_nothing_was(
    app: App, topic: support.TopicFactory
) -> None:
    records = [Record("a", key=b"\xff\xfe"), Record("b", key="k")]
    declared, undeclared = topic(1, records), topic(1, records)
    app.topic(declared, key=str)
    first, second = Iterator(declared)
    with pytest.raises(DeserializationError) as caught:
        _ = first.key
    assert str(caught.value) == (
        f"Can't read the key of {declared}-0@0 with str: "
        "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte. Its bytes are in raw_key."
    )
    assert (first.raw_key, first.payload, second.key) == (b"\xff\xfe", "a", "k")
    assert [message.key for message in Iterator(undeclared)] == [b"\xff\xfe", "k"]


def test_an_error_that_leaves_the_loop_is_the_readers_and_another_run_reads_everything(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, [GOOD, MALFORMED, GOOD])
    iterator = Iterator(app.topic(name, payload=Flight))
    with pytest.raises(DeserializationError):
        for message in iterator:
            _ = message.payload
    assert iterator.report is not None
    assert (iterator.report.ended, iterator.report.messages) == ("closed", 2)
    assert [message.offset for message in iterator] == [0, 1, 2]


def test_tombstones_repeated_headers_and_missing_keys_are_read_as_they_are(
    app: App, topic: support.TopicFactory
) -> None:
    headers = [("a", b"1"), ("b", None), ("a", b"\xff")]
    [message] = Iterator(topic(1, [Record(None, headers=headers)]))
    assert (message.is_tombstone, message.payload, message.key) == (True, None, None)
    assert message.headers == {"a": b"\xff", "b": None}
    assert message.raw_headers == headers
