from __future__ import annotations

import collections.abc as cabc
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import DeserializationError, MessageCleanedError
from framework.deserializers import Deserializers
from framework_iterator import Batch
from framework_iterator.batch import one_by_one
from tests.unit.iterator.fakes import F0, F1, JSON, TWO_TOPICS, W0, native, natives

RAW = {"flights": Deserializers(payload=bytes).compile()}
COLUMNS = ["topics", "partitions", "offsets", "timestamps", "keys", "payloads", "headers"]
RAW_COLUMNS = ["raw_keys", "raw_payloads", "raw_headers", "raw_timestamps"]


def odd_messages() -> Batch[Any]:
    """A message of each kind, of two topics and three partitions."""
    return Batch(
        [
            native(0, b"1", key=b"a", headers=[("h", b"x"), ("h", None)], timestamp=(1, 1_000)),
            native(7, None, key=b"b"),
            native(3, b"text", of=W0, key=b"\xff", timestamp=(2, 2_500)),
            native(0, b"2", of=F1, timestamp=(0, 0)),
            native(1, b"3", of=F1, timestamp=(1, -1)),
        ],
        TWO_TOPICS,
    )


def empty() -> Batch[Any]:
    return Batch([], JSON)


def flights(count: int) -> Batch[Any]:
    return Batch(natives(F0, *range(count)), JSON)


# A sequence of messages


def test_a_batch_has_its_messages_in_order() -> None:
    batch = flights(3)
    assert isinstance(batch, cabc.Sequence)
    assert (len(batch), [message.offset for message in batch]) == (3, [0, 1, 2])
    assert [message.offset for message in reversed(batch)] == [2, 1, 0]


def test_a_message_is_found_by_its_index() -> None:
    batch = flights(3)
    assert (batch[0].offset, batch[2].offset, batch[-1].offset) == (0, 2, 2)
    for index in (3, -4):
        with pytest.raises(IndexError):
            batch[index]


def test_each_message_is_made_once() -> None:
    batch = flights(3)
    message = batch[1]
    assert batch[1] is message
    assert list(batch)[1] is message
    assert batch.index(message) == 1
    assert message in batch


def test_messages_know_their_topic_and_deserializers() -> None:
    messages = list(odd_messages())
    assert [str(message) for message in messages] == [
        "flights-0@0", "flights-0@7", "weather-0@3", "flights-1@0", "flights-1@1",
    ]  # fmt: skip
    assert [message.payload for message in messages] == [1, None, "text", 2, 3]


def test_a_batch_of_no_messages_is_false_and_has_empty_columns() -> None:
    assert not empty()
    assert list(empty()) == []
    assert [getattr(empty(), name) for name in COLUMNS + RAW_COLUMNS] == [[]] * 11


@pytest.mark.parametrize(
    ("batch", "text"),
    [
        (empty(), "<Batch of 0 messages>"),
        (flights(1), "<Batch of 1 message: flights-0@0>"),
        (flights(2), "<Batch of 2 messages: flights-0@0 to flights-0@1>"),
        (odd_messages(), "<Batch of 5 messages: flights-0@0 to flights-1@1>"),
    ],
)
def test_a_batch_reads_as_its_ends(batch: Batch[Any], text: str) -> None:
    assert repr(batch) == text


# Columns


def test_columns_have_a_value_for_each_message() -> None:
    batch = odd_messages()
    assert batch.topics == ["flights", "flights", "weather", "flights", "flights"]
    assert batch.partitions == [0, 0, 0, 1, 1]
    assert batch.offsets == [0, 7, 3, 0, 1]
    assert batch.keys == ["a", "b", b"\xff", None, None]
    assert batch.payloads == [1, None, "text", 2, 3]
    assert batch.headers == [{"h": None}, {}, {}, {}, {}]


def test_raw_columns_have_the_bytes() -> None:
    batch = odd_messages()
    assert batch.raw_keys == [b"a", b"b", b"\xff", None, None]
    assert batch.raw_payloads == [b"1", None, b"text", b"2", b"3"]
    assert batch.raw_headers == [[("h", b"x"), ("h", None)], [], [], [], []]


def test_timestamps_are_moments_or_none_where_kafka_has_none() -> None:
    batch = odd_messages()
    assert batch.raw_timestamps == [1_000, 0, 2_500, None, None]
    assert batch.timestamps == [
        dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC),
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        dt.datetime(1970, 1, 1, 0, 0, 2, 500_000, tzinfo=dt.UTC),
        None,
        None,
    ]


@pytest.mark.parametrize("column", COLUMNS + RAW_COLUMNS)
@pytest.mark.parametrize("is_made", [False, True], ids=["before", "after"])
def test_a_column_has_what_the_messages_have(column: str, is_made: bool) -> None:
    batch = odd_messages()
    if is_made:
        list(batch)
    name = column.removesuffix("s") if column not in ("headers", "raw_headers") else column
    assert getattr(batch, column) == [getattr(message, name) for message in odd_messages()]


def test_a_column_is_a_new_list_each_time() -> None:
    batch = flights(2)
    batch.offsets.append(9)
    assert batch.offsets == [0, 1]


def test_a_payload_is_deserialized_once() -> None:
    seen: list[bytes] = []

    def remember(data: bytes) -> bytes:
        seen.append(data)
        return data

    batch: Batch[bytes] = Batch(natives(F0, 0, 1), {"flights": Deserializers(payload=remember).compile()})
    assert batch.raw_payloads == [b"1", b"1"]
    assert seen == []
    assert batch.payloads == batch.payloads == [b"1", b"1"]
    assert len(seen) == 2


def test_a_column_raises_the_error_of_the_first_message_that_can_not_be_read() -> None:
    batch: Batch[Any] = Batch([native(0), native(1, b"{"), native(2, b"\xff")], JSON)
    with pytest.raises(DeserializationError) as caught:
        batch.payloads  # noqa: B018
    assert (caught.value.offset, caught.value.part) == (1, "payload")
    assert batch.raw_payloads == [b"1", b"{", b"\xff"]
    assert batch.keys == [None, None, None]


@pytest.mark.parametrize("column", ["payloads", "keys", "headers", "raw_payloads", "raw_keys", "raw_headers"])
def test_a_column_with_a_message_that_was_cleaned_raises(column: str) -> None:
    batch = odd_messages()
    batch[3].clean()
    with pytest.raises(MessageCleanedError) as caught:
        getattr(batch, column)
    assert " of flights-1@0 w" in str(caught.value)


def test_a_message_that_was_cleaned_keeps_its_place_in_the_columns() -> None:
    batch = odd_messages()
    batch[2].clean()
    assert (batch.topics[2], batch.partitions[2], batch.offsets[2]) == ("weather", 0, 3)
    assert (batch.raw_timestamps[2], len(batch)) == (2_500, 5)


def test_of_a_message_whose_payload_alone_was_cleaned_key_and_headers_stay() -> None:
    batch = odd_messages()
    batch[0].clean(metadata=False)
    assert (batch.raw_keys[0], batch.keys[0]) == (b"a", "a")
    assert batch.raw_headers[0] == [("h", b"x"), ("h", None)]


@pytest.mark.parametrize(
    ("payloads", "is_raw"),
    [((bytes, bytes), True), ((bytes, str), False), ((str, bytes), False), ((str, str), False)],
)
def test_a_batch_is_raw_where_the_payloads_of_all_topics_stay_bytes(
    payloads: tuple[type, type], is_raw: bool
) -> None:
    first, second = payloads
    batch: Batch[Any] = Batch(
        natives(F0, 0),
        {
            "flights": Deserializers(payload=first).compile(),
            "weather": Deserializers(payload=second).compile(),
        },
    )
    assert batch.is_raw is is_raw


# Parts of it


@pytest.mark.parametrize(
    ("part", "offsets"),
    [
        pytest.param(slice(1, 3), [1, 2], id="middle"),
        pytest.param(slice(-2, None), [3, 4], id="last"),
        pytest.param(slice(None, None, -2), [4, 2, 0], id="backwards"),
        pytest.param(slice(3, 1), [], id="empty"),
        pytest.param(slice(0, 99), [0, 1, 2, 3, 4], id="past-the-end"),
    ],
)
def test_a_slice_of_a_batch_is_a_batch(part: slice, offsets: list[int]) -> None:
    found = flights(5)[part]
    assert isinstance(found, Batch)
    assert found.offsets == offsets
    assert [message.offset for message in found] == offsets


def test_some_messages_of_a_batch_are_a_batch() -> None:
    taken = odd_messages().take(iter([3, 0]))
    assert (taken.offsets, taken.payloads) == ([0, 0], [2, 1])
    assert [str(message) for message in taken] == ["flights-1@0", "flights-0@0"]


@pytest.mark.parametrize("is_made", [True, False], ids=["made-before", "not-made-before"])
def test_the_messages_of_a_slice_are_those_of_the_batch(is_made: bool) -> None:
    batch = flights(3)
    if is_made:
        list(batch)
    assert batch[1:][0] is batch[1]


def test_a_message_of_a_slice_that_was_cleaned_is_no_tombstone_in_the_batch() -> None:
    batch = flights(3)
    batch[1:][0].clean()
    assert not batch[1].is_tombstone
    with pytest.raises(MessageCleanedError):
        batch.raw_payloads  # noqa: B018


def test_two_batches_are_added_one_after_the_other() -> None:
    total = Batch[Any]([native(0, b"1")], TWO_TOPICS) + Batch([native(4, b"a", of=W0)], TWO_TOPICS)
    assert (total.topics, total.payloads) == (["flights", "weather"], [1, "a"])


@pytest.mark.parametrize("made", [(True, False), (False, True), (True, True)], ids=str)
def test_messages_that_were_made_stay_when_batches_are_added(made: tuple[bool, bool]) -> None:
    batches = flights(2), flights(1)
    kept = [message for batch, is_made in zip(batches, made, strict=True) if is_made for message in batch]
    total = batches[0] + batches[1]
    assert total.offsets == [0, 1, 0]
    assert all(any(message is each for each in total) for message in kept)


@given(st.lists(st.integers(0, 9), max_size=9), st.slices(9))
def test_a_batch_is_sliced_as_a_list_is(offsets: list[int], part: slice) -> None:
    batch: Batch[Any] = Batch(natives(F0, *offsets), JSON)
    assert batch[part].offsets == offsets[part]
    assert [message.offset for message in batch[part]] == offsets[part]


# One by one


def test_messages_are_made_when_their_time_comes() -> None:
    messages = one_by_one(natives(F0, 0, 1), JSON)
    assert next(messages).offset == 0
    assert next(messages).offset == 1
    assert next(messages, None) is None


@pytest.mark.parametrize("deserializers", [JSON, RAW, TWO_TOPICS], ids=["json", "raw", "two-topics"])
def test_of_no_messages_there_is_none(deserializers: dict[str, Any]) -> None:
    assert list(one_by_one([], deserializers)) == []


def test_payloads_that_stay_bytes_are_there_from_the_start() -> None:
    first, second = one_by_one([native(0, b"{"), native(1, None)], RAW)
    assert (first.payload, first.is_deserialized) == (b"{", True)
    assert (second.payload, second.is_tombstone) == (None, True)
