from __future__ import annotations

import uuid
from typing import Any

import pytest

from framework import Message
from framework.deserializers import Deserializers, int64
from framework.deserializers import json as any_json
from framework.deserializers import uuid as any_uuid
from framework.partitioners import Partitioner, partition_of
from framework_iterator import InvalidOptionError
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.progress.delivery import Fate
from framework_iterator.selecting.containing import Containing
from framework_iterator.selecting.filters import Filters, check_where
from framework_iterator.selecting.keys import KeyBytes, KeyEquals
from framework_iterator.selecting.stages import SkipUnreadable, Where, run_stages
from tests.unit.iterator.fakes import W0, native

TEXT: ByTopic = {"flights": Deserializers(key=str).compile()}
ANY: ByTopic = {"flights": Deserializers(key=any_json).compile()}
BOTH: ByTopic = {
    "flights": Deserializers(key=str).compile(),
    "weather": Deserializers(key=any_json).compile(),
}
CONTAINING = Containing("1")


def always(_message: Message[Any]) -> bool:
    return True


def kinds(filters: Filters, deserializers: ByTopic) -> list[list[type]]:
    """The classes of the sieves, and of the tests."""
    return [[type(each) for each in kind] for kind in filters.stages(deserializers)]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(), []),
        (Filters(skip_unreadable=True), []),
        (Filters(key=None), ["key"]),
        (Filters(key="C-42", containing=CONTAINING), ["key", "containing"]),
        (Filters(where=always, key=0, containing=CONTAINING), ["where", "key", "containing"]),
    ],
)
def test_the_filters_that_are_given_have_names(filters: Filters, names: list[str]) -> None:
    assert filters.names == names


# Stages


def test_without_filters_there_are_no_stages() -> None:
    assert kinds(Filters(), TEXT) == [[], []]


def test_stages_go_from_the_cheapest_to_the_dearest() -> None:
    every = Filters(where=always, key="C-42", containing=CONTAINING, skip_unreadable=True)
    assert kinds(every, TEXT) == [[KeyBytes, Containing], [SkipUnreadable, Where]]


def test_a_key_of_which_the_bytes_are_not_known_is_compared_after_the_bytes_were_searched() -> None:
    every = Filters(where=always, key="C-42", containing=CONTAINING, skip_unreadable=True)
    assert kinds(every, ANY) == [[Containing], [KeyEquals, SkipUnreadable, Where]]


def test_payloads_that_stay_bytes_are_never_unreadable() -> None:
    raw: ByTopic = {"flights": Deserializers(payload=bytes).compile()}
    assert kinds(Filters(skip_unreadable=True), raw) == [[], []]
    assert kinds(Filters(skip_unreadable=True), {**raw, "weather": ANY["flights"]}) == [[], [SkipUnreadable]]


def test_each_topic_has_the_stage_that_its_keys_allow() -> None:
    filters = Filters(key="1")
    assert kinds(filters, BOTH) == [[KeyBytes], [KeyEquals]]
    messages = [
        native(0, key=b"1"),
        native(1, key=b'"1"'),
        native(2, key=b"1", of=W0),
        native(3, key=b'"1"', of=W0),
    ]
    sifted = run_stages(filters.stages(BOTH), Batch(messages, BOTH), 10)
    assert sifted.batch.offsets == [0, 3]
    assert sifted.fates == bytearray([Fate.GIVEN, Fate.FILTERED, Fate.FILTERED, Fate.GIVEN])


def test_messages_without_a_key_are_found_in_any_topic() -> None:
    assert kinds(Filters(key=None), BOTH) == [[KeyBytes], []]


def test_a_key_that_no_key_of_one_of_the_topics_can_equal_is_refused() -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Filters(key=1).stages(BOTH)
    assert str(caught.value) == "key=1 is no key of 'flights', whose keys are text: pass '1'."


# The partitions of a key


@pytest.mark.parametrize("partitioner", ["murmur2", "crc32", "fnv1a"])
@pytest.mark.parametrize(
    ("declared", "key", "data"),
    [
        pytest.param(str, "C-42", b"C-42", id="text"),
        pytest.param(bytes, b"\xff", b"\xff", id="bytes"),
        pytest.param(int64, 42, b"\x00" * 7 + b"*", id="int64"),
    ],
)
def test_a_key_lies_in_the_partition_of_its_bytes(
    partitioner: Partitioner, declared: Any, key: object, data: bytes
) -> None:
    deserializers = {"orders": Deserializers(key=declared).compile()}
    found = Filters(key=key).partitions("orders", partitioner, deserializers, 12)
    assert found == frozenset([partition_of(partitioner, data, 12)])


def test_a_uuid_lies_in_the_partition_of_each_of_its_spellings() -> None:
    key = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
    deserializers = {"orders": Deserializers(key=any_uuid).compile()}
    spellings = [str(key).encode(), str(key).upper().encode(), key.bytes]
    found = Filters(key=key).partitions("orders", "murmur2", deserializers, 12)
    assert found == frozenset(partition_of("murmur2", each, 12) for each in spellings)


@pytest.mark.parametrize(
    ("filters", "partitioner", "deserializers"),
    [
        pytest.param(Filters(), "murmur2", TEXT, id="no-key-is-wanted"),
        pytest.param(Filters(key="C-42"), None, TEXT, id="no-partitioner-is-declared"),
        pytest.param(Filters(key="C-42"), "murmur2", ANY, id="the-bytes-of-the-key-are-not-known"),
        pytest.param(Filters(key=None), "murmur2", TEXT, id="messages-without-a-key"),
        pytest.param(Filters(key=""), "crc32", TEXT, id="an-empty-key-of-librdkafka"),
    ],
)
def test_a_key_may_be_in_any_partition(
    filters: Filters, partitioner: Partitioner | None, deserializers: ByTopic
) -> None:
    assert filters.partitions("flights", partitioner, deserializers, 12) is None


def test_a_key_that_no_key_can_equal_is_refused_before_anything_is_read() -> None:
    with pytest.raises(InvalidOptionError, match=r"^key=1 is no key of 'flights', "):
        Filters(key=1).partitions("flights", "murmur2", TEXT, 12)


# where


@pytest.mark.parametrize(
    "where", [None, always, bool, str.upper], ids=["None", "function", "class", "method"]
)
def test_a_predicate_is_a_function_or_none(where: Any) -> None:
    assert check_where(where) is where


async def later(_message: Message[Any]) -> bool:
    return True


def test_an_async_predicate_is_refused() -> None:
    with pytest.raises(InvalidOptionError) as caught:
        check_where(later)
    assert str(caught.value) == f"where={later!r} is async: expected a plain function."


def test_a_generator_function_is_no_predicate() -> None:
    def delayed(message: Message[Any]) -> Any:
        yield message.payload

    with pytest.raises(InvalidOptionError) as caught:
        check_where(delayed)
    assert str(caught.value) == (
        f"where={delayed!r} is a generator function, which is always true: expected one without yield."
    )


@pytest.mark.parametrize("where", ["payload.total > 1000", True, 0, {}, b""], ids=repr)
def test_another_predicate_is_refused(where: object) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        check_where(where)
    assert str(caught.value) == (
        f"where={where!r} is invalid: expected a function of the message, such as "
        "lambda message: message.payload.total > 1000."
    )
