from __future__ import annotations

import datetime
import pickle
import sys
import weakref
from typing import Any, cast

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, TIMESTAMP_NOT_AVAILABLE
from confluent_kafka import Message as NativeMessage

from framework import App, DeserializationError, Deserializers, Message, MessageCleanedError, Topic
from framework.deserializers import compiled, int32
from framework.testing import build_message
from framework.types import RawHeaders


class Calls:
    """A deserializer that counts its calls, and gives or raises what it was made with."""

    def __init__(self, result: object) -> None:
        self.result = result
        self.count = 0

    def __call__(self, _raw: object) -> object:
        self.count += 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class Value:
    """Something a weak reference can point to."""

    def __init__(self, _data: bytes) -> None:
        pass


def make(
    data: bytes | None = b"1",
    key_data: bytes | None = None,
    pairs: RawHeaders | None = None,
    **declared: object,
) -> Message[Any]:
    """The message flights-3@17 of a topic that declares this."""
    topic: Topic[Any] = Topic("flights", **declared)  # type: ignore[call-overload]
    return build_message(topic, data, key=key_data, headers=pairs, app=App(), partition=3, offset=17)


def make_at(kind: int, milliseconds: int) -> Message[Any]:
    native = NativeMessage(topic="flights", partition=3, offset=17, timestamp=(kind, milliseconds))
    return Message(cast(Any, native), "flights", Deserializers().compile())


def fresh_bytes() -> bytes:
    """Bytes that nothing else refers to."""
    return bytes(bytearray(1000))


# Where it stands


def test_a_message_says_where_it_stands() -> None:
    message = make()

    assert (message.topic, message.partition, message.offset) == ("flights", 3, 17)
    assert str(message) == "flights-3@17"
    assert repr(message) == "<Message flights-3@17>"


def test_a_message_that_was_never_in_kafka_has_minus_one_for_partition_and_offset() -> None:
    message: Message[Any] = Message(
        cast(Any, NativeMessage(topic="flights")), "flights", Deserializers().compile()
    )

    assert (message.partition, message.offset) == (-1, -1)


def test_a_message_takes_no_other_attributes() -> None:
    with pytest.raises(AttributeError):
        make().seen = True  # type: ignore[attr-defined]


# Lazy


@pytest.mark.parametrize("part", ["payload", "key", "headers"])
@pytest.mark.parametrize(
    "result",
    [
        pytest.param("text", id="a value"),
        pytest.param(None, id="None"),
        pytest.param(False, id="False"),
        pytest.param([], id="an empty list"),
    ],
)
def test_a_deserializer_runs_once_whatever_it_gives(part: str, result: object) -> None:
    calls = Calls(result)
    message = make(b"1", b"k", [("a", b"1")], **{part: calls})

    assert [getattr(message, part), getattr(message, part)] == [result, result]
    assert calls.count == 1


@pytest.mark.parametrize("part", ["payload", "key", "headers"])
def test_only_the_part_that_is_asked_for_is_read(part: str) -> None:
    declared = {"payload": Calls(1), "key": Calls(2), "headers": Calls(3)}
    message = make(b"1", b"k", [("a", b"1")], **declared)

    assert [calls.count for calls in declared.values()] == [0, 0, 0]
    getattr(message, part)
    assert [name for name, calls in declared.items() if calls.count] == [part]


@pytest.mark.parametrize("part", ["payload", "key", "headers"])
def test_an_error_is_not_kept(part: str) -> None:
    calls = Calls(ValueError("not yet"))
    message = make(b"1", b"k", [("a", b"1")], **{part: calls})

    with pytest.raises(DeserializationError, match="not yet"):
        getattr(message, part)
    calls.result = "now"
    assert getattr(message, part) == "now"


def test_an_error_is_raised_each_time() -> None:
    calls = Calls(ValueError("never"))
    message = make(payload=calls)

    for _ in range(2):
        with pytest.raises(DeserializationError, match="never"):
            _ = message.payload
    assert calls.count == 2


def test_a_tombstone_is_none_and_its_deserializer_is_not_called() -> None:
    calls = Calls("never")
    message = make(None, payload=calls)

    assert message.payload is None
    assert message.raw_payload is None
    assert calls.count == 0


def test_an_empty_payload_is_no_tombstone() -> None:
    message = make(b"", payload=bytes)

    assert message.payload == b""
    assert not message.is_tombstone


def test_a_missing_key_is_none_and_its_deserializer_is_not_called() -> None:
    calls = Calls("never")
    message = make(key=calls)

    assert (message.key, message.raw_key) == (None, None)
    assert calls.count == 0


def test_an_empty_key_is_not_a_missing_one() -> None:
    assert make(b"1", b"").key == ""


def test_no_headers_are_an_empty_dict_and_an_empty_list() -> None:
    message = make()

    assert message.headers == {}
    assert message.raw_headers == []


def test_raw_parts_are_the_bytes_as_they_stand_in_kafka() -> None:
    pairs = [("b", b"1"), ("a", None), ("b", b"\xff")]
    message = make(b'{"a": 1}', b"\x00\xff", pairs)

    assert message.raw_payload == b'{"a": 1}'
    assert message.raw_key == b"\x00\xff"
    assert message.raw_headers == pairs


def test_of_a_repeated_header_the_last_value_wins_and_the_raw_ones_keep_all() -> None:
    message = make(b"1", pairs=[("a", b"1"), ("a", None), ("b", b"2"), ("b", b"3")])

    assert message.headers == {"a": None, "b": "3"}
    assert message.raw_headers == [("a", b"1"), ("a", None), ("b", b"2"), ("b", b"3")]


# Failure


def test_a_failure_says_where_which_part_why_and_where_the_bytes_are() -> None:
    message = make(b"1", b"\xff", key=str)

    with pytest.raises(DeserializationError) as caught:
        _ = message.key
    error = caught.value
    assert str(error) == (
        "Can't read the key of flights-3@17 with str: 'utf-8' codec can't decode byte 0xff in position 0: "
        "invalid start byte. Its bytes are in raw_key."
    )
    assert (error.topic, error.partition, error.offset, error.part) == ("flights", 3, 17, "key")
    assert isinstance(error.__cause__, UnicodeDecodeError)


def test_after_a_failure_the_bytes_and_the_other_parts_are_there() -> None:
    message = make(b"{", b"k")

    with pytest.raises(DeserializationError):
        _ = message.payload
    assert message.raw_payload == b"{"
    assert message.key == "k"
    assert not message.is_deserialized


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        pytest.param(ValueError(), "ValueError", id="an error without words"),
        pytest.param(ValueError("  two\n  lines.\n"), "two lines", id="several lines"),
        pytest.param(KeyError("delay"), "KeyError: 'delay'", id="KeyError"),
        pytest.param(RecursionError("too deep"), "too deep", id="RecursionError"),
    ],
)
def test_the_reason_is_one_line(cause: Exception, reason: str) -> None:
    with pytest.raises(DeserializationError) as caught:
        _ = make(payload=Calls(cause)).payload

    assert str(caught.value) == (
        f"Can't read the payload of flights-3@17 with Calls: {reason}. Its bytes are in raw_payload."
    )
    assert caught.value.__cause__ is cause


def test_ctrl_c_in_a_deserializer_is_ctrl_c() -> None:
    def interrupted(_data: bytes) -> object:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _ = make(payload=interrupted).payload


# Size and predicates


@pytest.mark.parametrize(
    ("message", "size"),
    [
        pytest.param(lambda: make(None), 0, id="nothing"),
        pytest.param(lambda: make(b"12345"), 5, id="payload"),
        pytest.param(lambda: make(None, b"123"), 3, id="key of a tombstone"),
        pytest.param(
            lambda: make(b"12345", b"123", [("ab", b"1"), ("ab", None)]), 13, id="all, with repeats"
        ),
        pytest.param(lambda: make(None, None, [("é", b"\xff")]), 3, id="header name in UTF-8"),
    ],
)
def test_size_is_the_bytes_of_all_parts(message: Any, size: int) -> None:
    assert message().size == size


def test_predicates_of_a_message_as_it_comes() -> None:
    message = make()

    assert (message.is_tombstone, message.is_deserialized, message.is_cleaned) == (False, False, False)


def test_a_payload_that_was_read_is_deserialized() -> None:
    message = make()
    _ = message.payload

    assert message.is_deserialized


def test_a_key_that_was_read_does_not_count_as_deserialized() -> None:
    message = make(b"1", b"k")
    _ = message.key

    assert not message.is_deserialized


def test_a_tombstone_says_so_and_is_deserialized_once_asked() -> None:
    message = make(None)

    assert (message.is_tombstone, message.is_deserialized) == (True, False)
    assert message.payload is None
    assert message.is_deserialized


# Timestamps


@pytest.mark.parametrize(
    ("kind", "milliseconds", "moment"),
    [
        pytest.param(TIMESTAMP_NOT_AVAILABLE, 0, None, id="none"),
        pytest.param(TIMESTAMP_NOT_AVAILABLE, -1, None, id="none, and -1"),
        pytest.param(TIMESTAMP_CREATE_TIME, -1, None, id="-1 of a message older than timestamps"),
        pytest.param(
            TIMESTAMP_CREATE_TIME,
            1387929600123,
            datetime.datetime(2013, 12, 25, 0, 0, 0, 123000, datetime.UTC),
            id="2013",
        ),
        pytest.param(
            TIMESTAMP_LOG_APPEND_TIME,
            1387929600000,
            datetime.datetime(2013, 12, 25, tzinfo=datetime.UTC),
            id="the broker's",
        ),
        pytest.param(
            TIMESTAMP_CREATE_TIME, 0, datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC), id="the very first"
        ),
        pytest.param(
            TIMESTAMP_CREATE_TIME,
            -1000,
            datetime.datetime(1969, 12, 31, 23, 59, 59, tzinfo=datetime.UTC),
            id="negative",
        ),
        pytest.param(
            TIMESTAMP_CREATE_TIME,
            253402300799999,
            datetime.datetime(9999, 12, 31, 23, 59, 59, 999000, datetime.UTC),
            id="the end of year 9999",
        ),
        pytest.param(TIMESTAMP_CREATE_TIME, 253402300800000, None, id="year 10000"),
        pytest.param(TIMESTAMP_CREATE_TIME, 1387929600000000000, None, id="nanoseconds"),
        pytest.param(TIMESTAMP_CREATE_TIME, 2**63 - 1, None, id="the largest"),
    ],
)
def test_a_timestamp_is_an_aware_datetime_or_none(
    kind: int, milliseconds: int, moment: datetime.datetime | None
) -> None:
    timestamp = make_at(kind, milliseconds).timestamp

    assert timestamp == moment
    assert timestamp is None or timestamp.tzinfo is datetime.UTC


def test_a_timestamp_past_year_9999_stays_as_a_number() -> None:
    assert make_at(TIMESTAMP_CREATE_TIME, 1387929600000000).raw_timestamp == 1387929600000000


@pytest.mark.parametrize("kind_and_number", [(TIMESTAMP_NOT_AVAILABLE, 0), (TIMESTAMP_CREATE_TIME, -1)])
def test_no_timestamp_is_no_number_either(kind_and_number: tuple[int, int]) -> None:
    assert make_at(*kind_and_number).raw_timestamp is None


# clean()


@pytest.mark.parametrize("part", ["payload", "raw_payload", "key", "raw_key", "headers", "raw_headers"])
@pytest.mark.parametrize("was_read", [False, True])
def test_reading_what_was_freed_is_an_error(part: str, was_read: bool) -> None:
    message = make(b"1", b"k", [("a", b"1")])
    if was_read:
        getattr(message, part)
    message.clean()

    with pytest.raises(MessageCleanedError):
        getattr(message, part)


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ("payload", "The payload of flights-3@17 was freed by clean(). Read it before."),
        ("key", "The key of flights-3@17 was freed by clean(). Read it before, or clean(metadata=False)."),
        (
            "headers",
            "The headers of flights-3@17 were freed by clean(). Read them before, or clean(metadata=False).",
        ),
    ],
)
def test_the_error_for_a_freed_part_names_the_way_out(part: str, sentence: str) -> None:
    message = make(b"1", b"k", [("a", b"1")])
    message.clean()

    with pytest.raises(MessageCleanedError) as caught:
        getattr(message, part)
    assert str(caught.value) == sentence


def test_a_freed_tombstone_and_a_freed_missing_key_are_errors_too() -> None:
    message = make(None)
    message.clean()

    with pytest.raises(MessageCleanedError):
        _ = message.payload
    with pytest.raises(MessageCleanedError):
        _ = message.key


def test_what_clean_leaves() -> None:
    moment = datetime.datetime(2013, 12, 25, tzinfo=datetime.UTC)
    message = build_message(
        "flights",
        b"12345",
        key=b"k",
        headers=[("a", b"1")],
        timestamp=moment,
        partition=3,
        offset=17,
        app=App(),
    )
    message.clean()

    assert (message.topic, message.partition, message.offset) == ("flights", 3, 17)
    assert message.timestamp == moment
    assert message.size == 8
    assert repr(message) == "<Message flights-3@17>"
    assert message.is_cleaned


@pytest.mark.parametrize("data", [b"1", None])
@pytest.mark.parametrize("was_read", [False, True])
def test_predicates_outlive_clean(data: bytes | None, was_read: bool) -> None:
    message = make(data)
    if was_read:
        _ = message.payload
    message.clean()

    assert message.is_tombstone is (data is None)
    assert message.is_deserialized is was_read


def test_cleaning_twice_does_no_harm() -> None:
    message = make(b"12345", b"k")
    message.clean()
    message.clean()

    assert message.size == 6
    assert message.is_cleaned
    assert not message.is_tombstone


def test_clean_can_leave_key_and_headers() -> None:
    message = make(b"12345", b"k", [("a", b"1")])
    message.clean(metadata=False)

    assert (message.key, message.raw_key) == ("k", b"k")
    assert (message.headers, message.raw_headers) == ({"a": "1"}, [("a", b"1")])
    with pytest.raises(MessageCleanedError):
        _ = message.payload


def test_a_second_clean_frees_what_the_first_left() -> None:
    message = make(b"12345", b"k")
    message.clean(metadata=False)
    message.clean()

    with pytest.raises(MessageCleanedError):
        _ = message.key
    assert message.size == 6


@pytest.mark.parametrize("was_read", [False, True])
def test_clean_lets_go_of_the_bytes(was_read: bool) -> None:
    data, key_data, header = fresh_bytes(), fresh_bytes(), fresh_bytes()
    before = [sys.getrefcount(data), sys.getrefcount(key_data), sys.getrefcount(header)]
    message = make(data, key_data, [("a", header)], payload=bytes, key=bytes, headers=list)
    if was_read:
        assert all([message.payload, message.key, message.headers])
    assert sys.getrefcount(data) > before[0]
    message.clean()

    assert [sys.getrefcount(data), sys.getrefcount(key_data), sys.getrefcount(header)] == before


def test_clean_without_metadata_lets_go_of_the_payload() -> None:
    data = fresh_bytes()
    before = sys.getrefcount(data)
    message = make(data)
    message.clean(metadata=False)

    assert sys.getrefcount(data) == before


@pytest.mark.parametrize("part", ["payload", "key", "headers"])
def test_clean_lets_go_of_the_values(part: str) -> None:
    message = make(b"1", b"k", [("a", b"1")], **{part: Value})
    value = weakref.ref(getattr(message, part))
    assert value() is not None
    message.clean()

    assert value() is None


def test_a_message_can_be_referred_to_weakly() -> None:
    message = make()

    assert weakref.ref(message)() is message


# Pickle


def travel(message: Message[Any]) -> Message[Any]:
    found = pickle.loads(pickle.dumps(message))
    assert isinstance(found, Message)
    return found


def test_a_message_pickles_with_its_place_bytes_and_deserializers() -> None:
    moment = datetime.datetime(2013, 12, 25, tzinfo=datetime.UTC)
    topic = Topic("flights", payload=int32, key=bytes)
    pairs = [("a", b"1"), ("a", None)]
    found = travel(
        build_message(
            topic, b"\0\0\0\7", key=b"k", headers=pairs, timestamp=moment, partition=3, offset=17, app=App()
        )
    )

    assert repr(found) == "<Message flights-3@17>"
    assert (found.payload, found.key, found.headers) == (7, b"k", {"a": None})
    assert (found.raw_payload, found.raw_key, found.raw_headers) == (b"\0\0\0\7", b"k", pairs)
    assert found.timestamp == moment


def test_values_that_were_read_travel() -> None:
    message = make(b"1", payload=lambda _data: "read")
    _ = message.payload
    found = travel(message)

    assert found.payload == "read"
    assert found.is_deserialized


def test_an_unread_message_is_unread_after_its_travel() -> None:
    found = travel(make(b"1"))

    assert not found.is_deserialized
    assert found.payload == 1


def test_a_lambda_stays_behind_and_reading_says_so() -> None:
    found = travel(make(b"1", b"k", payload=lambda data: data))

    assert (found.raw_payload, found.key) == (b"1", "k")
    with pytest.raises(DeserializationError) as caught:
        _ = found.payload
    assert str(caught.value) == (
        "Can't read the payload of flights-3@17 with <lambda>: the deserializer was not pickled, since it is "
        "a lambda, a local function or an object without pickle support; read the part before pickling, or "
        "declare a module-level function. "
        "Its bytes are in raw_payload."
    )


def test_a_message_may_travel_twice_without_its_lambda() -> None:
    found = travel(travel(make(b"1", payload=lambda data: data)))

    with pytest.raises(DeserializationError, match="with <lambda>: the deserializer was not pickled"):
        _ = found.payload


def test_a_cleaned_message_pickles_and_stays_cleaned() -> None:
    message = make(b"12345", b"k")
    message.clean()
    found = travel(message)

    assert repr(found) == "<Message flights-3@17>"
    assert (found.is_cleaned, found.size, found.is_tombstone) == (True, 6, False)
    with pytest.raises(MessageCleanedError):
        _ = found.payload
    with pytest.raises(MessageCleanedError):
        _ = found.key


def test_a_half_cleaned_message_keeps_its_key_on_the_way() -> None:
    message = make(b"12345", b"k")
    message.clean(metadata=False)
    found = travel(message)

    assert found.key == "k"
    assert found.size == 6
    with pytest.raises(MessageCleanedError):
        _ = found.raw_payload


class Recursive:
    """A deserializer that asks for what it is to make."""

    def deserialize(self, message: Message[Any]) -> object:
        return message.payload


def test_a_deserializer_that_reads_its_own_part_is_told_so_in_one_sentence(app: App) -> None:
    message = build_message(app.topic("orders", payload=Recursive()), b"7")
    with pytest.raises(DeserializationError) as caught:
        _ = message.payload
    assert str(caught.value) == (
        "Can't read the payload of orders-0@0 with Recursive: it reads message.payload, which it has to "
        "return. Its bytes are in raw_payload."
    )
    assert message.raw_payload == b"7"


@pytest.mark.parametrize("part", ["payload", "key"])
def test_a_deserializer_that_says_itself_what_is_wrong_with_its_part_is_not_spoken_over(part: str) -> None:
    def refuse(_: bytes) -> None:
        raise DeserializationError("Not one of ours.", part=part)

    options: dict[str, Any] = {part: refuse}
    given = Topic("flights", **options)
    with pytest.raises(DeserializationError) as caught:
        getattr(build_message(given, b"1", key=b"1", app=App()), part)
    assert str(caught.value) == "Not one of ours."
    assert caught.value.__cause__ is None


# Pickled more than once


class Connecting:
    """A deserializer that opens something when it is first used, which can't be pickled from then on."""

    def __init__(self) -> None:
        self.connection: object = None

    def deserialize(self, message: Message[Any]) -> bytes | None:
        self.connection = self.connection or (lambda: None)
        return message.raw_payload


def test_whether_an_object_can_be_pickled_is_found_out_each_time() -> None:
    message = make(b"1", b"k", payload=Connecting())
    assert travel(message).payload == b"1"
    assert message.payload == b"1"
    again = travel(make_again(message))

    assert (again.raw_payload, again.key) == (b"1", "k")
    with pytest.raises(DeserializationError, match="the deserializer was not pickled"):
        _ = again.payload


def make_again(message: Message[Any]) -> Message[Any]:
    """An unread message with the same deserializers."""
    return Message(message._native, message.topic, message._compiled)


class Resource:
    """An object with `deserialize` that equals nothing else."""

    def deserialize(self, message: Message[Any]) -> str:
        return f"{message} by {type(self).__name__}"


def test_an_object_that_deserializes_is_pickled_with_the_message() -> None:
    assert travel(make(b"1", payload=Resource())).payload == "flights-3@17 by Resource"


def test_messages_that_are_unpickled_share_their_deserializers() -> None:
    messages = [make(b"1", payload=int32, key=bytes), make(b"2", payload=int32, key=bytes)]
    first, second = map(travel, messages)

    assert first._compiled is second._compiled is messages[0]._compiled


def test_a_read_and_an_unread_part_keep_their_states_on_the_way() -> None:
    message = make(b"1", b"k")
    assert message.key == "k"
    found = travel(message)

    assert not found.is_deserialized
    assert (found.key, found.payload) == ("k", 1)


def test_pickling_a_message_inspects_its_deserializers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fresh:
        def __init__(self, _data: bytes) -> None: ...

    message = make(b"1", payload=int32, key=Fresh)  # a local class: it is replaced
    inspected: list[object] = []
    pickles = compiled._pickles

    def record(part: object) -> bool:
        inspected.append(part)
        return pickles(part)

    monkeypatch.setattr(compiled, "_pickles", record)
    for _ in range(3):
        pickle.dumps(message)

    assert len(inspected) == 3  # payload, key and headers
