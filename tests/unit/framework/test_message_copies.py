"""Copies of a message: they share its deserializers, but not what `clean()` frees."""

from __future__ import annotations

import collections.abc as cabc
import copy
from typing import Any

import pytest

from framework import App, Message, Topic
from framework.deserializers import json
from framework.message_factory import wrap
from framework.testing import build_message

Copied = cabc.Callable[[Message[Any]], Message[Any]]
BOTH = pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])


def make(data: bytes, payload: Any) -> Message[Any]:
    return build_message(Topic("flights", payload=payload), data, key=b"k", app=App())


@BOTH
@pytest.mark.parametrize("is_read", [True, False])
def test_a_copy_has_the_deserializers_of_the_message(copied: Copied, is_read: bool) -> None:
    message = make(b"1", lambda data: [data])
    if is_read:
        assert message.payload == [b"1"]
    found = copied(message)
    assert found._compiled is message._compiled
    assert (found.payload, found.key, found.is_deserialized) == ([b"1"], "k", True)


@BOTH
@pytest.mark.parametrize("payload", [bytes, json])
def test_clean_leaves_a_copy_as_it_is(copied: Copied, payload: Any) -> None:
    made = make(b"1", payload)
    [message] = wrap([made._native], made.topic, made._compiled)
    found = copied(message)
    message.clean()
    assert (found.raw_payload, found.raw_key, found.is_cleaned) == (b"1", b"k", False)
    assert copied(message).is_cleaned


def test_a_deep_copy_has_values_of_its_own() -> None:
    message = make(b"[1]", json)
    message.payload.append(2)
    shallow, deep = copy.copy(message), copy.deepcopy(message)
    message.payload.append(3)
    assert (shallow.payload, deep.payload) == ([1, 2, 3], [1, 2])
