from __future__ import annotations

import pickle
import sys
from typing import Any, cast

import pytest
from confluent_kafka import Message as ConfluentMessage

from framework import Deserializers, Message, MessageCleanedError
from framework.message_factory import wrap
from framework.types import NativeMessage


def wrapped(payload: object, *values: bytes | None) -> list[Message[Any]]:
    natives = [
        ConfluentMessage(topic="flights", partition=3, offset=offset, key=b"k", value=value)
        for offset, value in enumerate(values)
    ]
    compiled = Deserializers(payload=payload).compile()
    return list(wrap(cast("list[NativeMessage]", natives), "flights", compiled))


@pytest.mark.parametrize("payload", [bytes, str, dict], ids=["bytes", "str", "dict"])
def test_nothing_is_made_of_nothing(payload: type) -> None:
    assert wrapped(payload) == []


@pytest.mark.parametrize("payload", [bytes, len], ids=["bytes", "a callable"])
def test_each_message_has_its_place_and_its_parts(payload: object) -> None:
    first, second = wrapped(payload, b"ab", None)
    assert [str(first), str(second)] == ["flights-3@0", "flights-3@1"]
    assert (first.payload, second.payload) == ((b"ab" if payload is bytes else 2), None)
    assert (first.raw_payload, second.raw_payload) == (b"ab", None)
    assert (first.is_tombstone, second.is_tombstone) == (False, True)
    assert (first.key, first.size, second.size) == ("k", 3, 1)


def test_a_payload_that_stays_bytes_is_deserialized_from_the_start() -> None:
    [message] = wrapped(bytes, b"ab")
    assert message.is_deserialized
    assert not message.is_cleaned
    assert repr(message) == "<Message flights-3@0>"


@pytest.mark.parametrize("payload", [bytes, str], ids=["bytes", "str"])
@pytest.mark.parametrize("metadata", [True, False])
def test_what_was_cleaned_can_not_be_read_and_says_so(payload: type, metadata: bool) -> None:
    [message] = wrapped(payload, b"ab")
    message.clean(metadata=metadata)
    message.clean(metadata=metadata)
    for part in ("payload", "raw_payload"):
        with pytest.raises(MessageCleanedError, match="The payload of flights-3@0 was freed by clean"):
            getattr(message, part)
    assert (message.size, message.is_tombstone, message.is_cleaned) == (3, False, True)
    assert isinstance(message, Message)
    assert repr(message) == "<Message flights-3@0>"
    if not metadata:
        assert message.key == "k"


def test_no_message_keeps_a_payload_that_was_cleaned() -> None:
    [message] = wrapped(bytes, b"large" * 100)
    value = message.payload
    held = sys.getrefcount(value)
    message.clean()
    # The native message and the slot: this test's own reference is left.
    assert sys.getrefcount(value) == held - 2


@pytest.mark.parametrize("is_cleaned", [False, True])
def test_a_message_of_bytes_travels(is_cleaned: bool) -> None:
    [message] = wrapped(bytes, b"ab")
    if is_cleaned:
        message.clean()
    again = pickle.loads(pickle.dumps(message))
    assert (str(again), again.size, again.is_cleaned) == ("flights-3@0", 3, is_cleaned)
    if not is_cleaned:
        assert (again.payload, again.key) == (b"ab", "k")
