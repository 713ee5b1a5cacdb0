from __future__ import annotations

import functools
import uuid
from typing import Any

import pydantic
import pytest

from framework import App, DeserializationError
from framework.deserializers import Deserializers, int32, int64, raw, text
from framework.deserializers import json as any_json
from framework.deserializers import uuid as any_uuid
from framework.deserializers.ready import text_or_bytes, untouched
from framework.testing import mock_cluster
from framework.types import NOT_GIVEN
from framework_iterator import InvalidOptionError, Iterator
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.selecting.keys import KeyBytes, KeyEquals, comparable, encodings, partition_keys
from tests.unit.iterator.fakes import F0, W0, native

UUID = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
LOWER, UPPER = b"6ba7b810-9dad-11d1-80b4-00c04fd430c8", b"6BA7B810-9DAD-11D1-80B4-00C04FD430C8"


class Customer(pydantic.BaseModel):
    id: int


class Unhashable:
    """A deserializer without a hash."""

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, data: bytes) -> bytes:
        return data


def keyed(*keys: bytes | None, as_: Any = NOT_GIVEN, topics: str = "f") -> Batch[Any]:
    """A batch of these keys; `topics` has a letter for each, or one for all."""
    places = {"f": F0, "w": W0}
    found: ByTopic = {places[each].topic: Deserializers(key=as_).compile() for each in sorted(set(topics))}
    spread = topics * len(keys) if len(topics) == 1 else topics
    return Batch(
        [
            native(at, key=key, of=places[each])
            for at, (key, each) in enumerate(zip(keys, spread, strict=True))
        ],
        found,
    )


# The bytes of a key


def str_of(value: object) -> str:
    """Its name, where it has one: a repr with an address would differ from process to process."""
    if isinstance(value, frozenset | set):
        return f"{len(value)} of them"
    name = getattr(value, "__name__", None) or repr(value)
    return type(value).__name__ if " at 0x" in name else str(name)


@pytest.mark.parametrize(
    "declared",
    [str, text, text_or_bytes, bytes, raw, untouched, int32, any_uuid, any_json, Customer],
    ids=str_of,
)
def test_no_key_is_no_bytes_whatever_is_declared(declared: Any) -> None:
    assert encodings("orders", declared, None) == frozenset([None])


@pytest.mark.parametrize(
    ("declared", "key", "expected"),
    [
        pytest.param(str, "C-42", {b"C-42"}, id="text"),
        pytest.param(text, "Zoë", {"Zoë".encode()}, id="text-that-is-no-ascii"),
        pytest.param(str, "", {b""}, id="empty-text"),
        pytest.param(text, b"\xff", {b"\xff"}, id="bytes-of-text"),
        pytest.param(text_or_bytes, "42", {b"42"}, id="text-where-nothing-is-declared"),
        pytest.param(text_or_bytes, b"\xff", {b"\xff"}, id="bytes-where-nothing-is-declared"),
        pytest.param(bytes, b"\x00", {b"\x00"}, id="bytes"),
        pytest.param(raw, "C-42", {b"C-42"}, id="text-of-bytes"),
        pytest.param(untouched, b"1", {b"1"}, id="bytes-as-compiled"),
        pytest.param(int32, 1, {b"\x00\x00\x00\x01"}, id="int32"),
        pytest.param(int32, -(2**31), {b"\x80\x00\x00\x00"}, id="smallest-int32"),
        pytest.param(int64, -1, {b"\xff" * 8}, id="int64"),
        pytest.param(int64, 2**63 - 1, {b"\x7f" + b"\xff" * 7}, id="greatest-int64"),
    ],
)
def test_the_bytes_of_a_key_are_known_where_its_type_is(
    declared: Any, key: object, expected: set[bytes]
) -> None:
    assert encodings("orders", declared, key) == frozenset(expected)


@pytest.mark.parametrize(("declared", "key"), [(int32, 7), (int64, 7), (text, "7"), (raw, b"7")], ids=str_of)
def test_each_of_the_bytes_of_a_key_is_deserialized_to_it(declared: Any, key: object) -> None:
    found = encodings("orders", declared, key)
    assert found
    assert {declared(data) for data in found if data is not None} == {key}


@pytest.mark.parametrize("key", [UUID, UPPER.decode(), f"{{{UUID}}}"], ids=["uuid", "text", "braces"])
def test_a_uuid_is_compared_since_it_has_many_texts_and_partitions_go_by_three_of_them(key: object) -> None:
    assert encodings("orders", any_uuid, key) is None
    assert comparable("orders", any_uuid, key) == UUID
    assert partition_keys("orders", any_uuid, key) == frozenset([LOWER, UPPER, UUID.bytes])


@pytest.mark.parametrize(
    "declared",
    [any_json, Customer, list[int], int, float, dict, len, functools.partial(int, base=16), Unhashable()],
    ids=str_of,
)
def test_other_keys_can_only_be_compared(declared: Any) -> None:
    assert encodings("orders", declared, 5) is None


@pytest.mark.parametrize(
    ("declared", "key", "sentence"),
    [
        pytest.param(str, 5, "key=5 is no key of 'orders', whose keys are text: pass '5'.", id="text"),
        pytest.param(
            text_or_bytes,
            True,
            "key=True is no key of 'orders', whose keys are text: pass 'True'.",
            id="default",
        ),
        pytest.param(
            str,
            UUID,
            f"key={UUID!r} is no key of 'orders', whose keys are text: pass '{UUID}'.",
            id="text-of-a-uuid",
        ),
        pytest.param(bytes, 5, "key=5 is no key of 'orders', whose keys are bytes: pass '5'.", id="bytes"),
        pytest.param(
            int32,
            "5",
            "key='5' is no key of 'orders', whose keys are integers of 4 bytes: pass an int that fits "
            "32 bits.",
            id="int32",
        ),
        pytest.param(
            int32,
            2**31,
            "key=2147483648 is no key of 'orders', whose keys are integers of 4 bytes: pass an int that fits "
            "32 bits.",
            id="above-int32",
        ),
        pytest.param(
            int64,
            -(2**63) - 1,
            "key=-9223372036854775809 is no key of 'orders', whose keys are integers of 8 bytes: pass an int "
            "that fits 64 bits.",
            id="below-int64",
        ),
        pytest.param(
            int64,
            True,
            "key=True is no key of 'orders', whose keys are integers of 8 bytes: pass an int that fits "
            "64 bits.",
            id="bool",
        ),
        pytest.param(
            any_uuid, 5, "key=5 is no key of 'orders', whose keys are UUIDs: pass a uuid.UUID.", id="uuid"
        ),
        pytest.param(
            any_uuid,
            "C-42",
            "key='C-42' is no key of 'orders', whose keys are UUIDs: pass a uuid.UUID.",
            id="no-uuid",
        ),
        pytest.param(
            str,
            "\ud800",
            "key='\\ud800' is invalid: it isn't UTF-8 (surrogates not allowed).",
            id="surrogate",
        ),
    ],
)
def test_a_key_that_no_key_can_equal_is_refused(declared: Any, key: object, sentence: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        encodings("orders", declared, key)
    assert str(caught.value) == sentence


# By bytes


@pytest.mark.parametrize(
    ("wanted", "passing"),
    [({b"a"}, [0, 3]), ({None}, [2]), ({b""}, [4]), ({b"a", None}, [0, 2, 3]), ({b"x"}, [])],
    ids=str_of,
)
def test_of_one_topic_messages_pass_with_one_of_the_bytes(
    wanted: set[bytes | None], passing: list[int]
) -> None:
    sieve = KeyBytes({"flights": frozenset(wanted)})
    assert list(sieve.passing(keyed(b"a", b"b", None, b"a", b""))) == passing


def test_each_topic_has_its_own_bytes() -> None:
    sieve = KeyBytes({"flights": frozenset([b"1"]), "weather": frozenset([b"\x01"])})
    batch = keyed(b"1", b"\x01", b"1", b"\x01", topics="ffww")
    assert list(sieve.passing(batch)) == [0, 3]


def test_messages_of_a_topic_without_known_bytes_pass() -> None:
    sieve = KeyBytes({"flights": frozenset([b"1"])})
    assert list(sieve.passing(keyed(b"1", b"2", b"3", None, topics="ffww"))) == [0, 2, 3]


def test_no_key_is_deserialized_to_compare_bytes() -> None:
    def fail(_key: bytes) -> str:
        raise AssertionError

    batch = keyed(b"a", as_=fail)
    assert list(KeyBytes({"flights": frozenset([b"a"])}).passing(batch)) == [0]


@pytest.mark.parametrize("topics", ["f", ""], ids=["one-topic", "none"])
def test_of_no_messages_none_passes(topics: str) -> None:
    assert list(KeyBytes({"flights": frozenset([b"a"])}).passing(keyed(topics=topics))) == []


# By comparing keys


def passing(key: object, batch: Batch[Any], topics: list[str] | None = None) -> list[int]:
    test = KeyEquals(key, ["flights"] if topics is None else topics)
    return [message.offset for message in batch if test.passes(message)]


def test_keys_are_compared_as_they_are_deserialized() -> None:
    assert passing({"id": 1}, keyed(b'{"id":1}', b'{ "id": 1 }', b'{"id":2}', as_=any_json)) == [0, 1]
    assert passing(Customer(id=1), keyed(b'{"id":1}', b'{"id":2}', as_=Customer)) == [0]
    assert passing(255, keyed(b"ff", b"FF", b"f", as_=functools.partial(int, base=16))) == [0, 1]


def test_a_message_without_a_key_is_not_equal_to_one() -> None:
    assert passing(0, keyed(None, b"0", as_=any_json)) == [1]


def test_a_search_says_that_a_deserializer_fails_at_keys(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_data: bytes) -> object:
        raise LookupError("no such table")

    with mock_cluster() as servers:
        app = App(kafka={"bootstrap.servers": servers})
        flights = app.topic("flights", payload=bytes, key=broken)
        with app.producer() as producer:
            for key in ("1", "2"):
                producer.produce("flights", b"x", key=key, partition=0)
        assert list(Iterator(flights, key=1, app=app)) == []

    assert caplog.messages[0] == (
        "Keys that failed to deserialize were taken for other keys. The first: Can't read the key of "
        "flights-0@0 with broken: no such table. Its bytes are in raw_key."
    )


def test_a_key_that_can_not_be_read_is_another_one() -> None:
    batch = keyed(b"{", b"1", as_=any_json)
    assert passing(1, batch) == [1]
    with pytest.raises(DeserializationError):
        batch[0].key  # noqa: B018


def test_an_error_of_the_comparison_reaches_the_user() -> None:
    class Odd:
        def __eq__(self, _other: object) -> bool:
            raise ZeroDivisionError

        __hash__ = None  # type: ignore[assignment]

    with pytest.raises(ZeroDivisionError):
        passing(Odd(), keyed(b"1", as_=any_json))


def test_keys_of_other_topics_are_not_compared() -> None:
    batch = keyed(b"1", b"2", b"2", topics="ffw", as_=any_json)
    assert passing(1, batch) == [0, 2]
