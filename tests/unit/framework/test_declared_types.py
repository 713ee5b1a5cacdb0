"""A declared type is read from JSON or text, or refused where it is declared; none is called by chance."""

import abc
import collections
import collections.abc as cabc
import datetime
import decimal
import enum
import functools
import ipaddress
import pathlib
import pickle
import types
import typing
import uuid
from typing import Annotated, Any, Literal, NamedTuple, NewType, Protocol

import pydantic
import pytest
from typing_extensions import TypeAliasType

from framework import App, DeserializationError, Deserializers, RoutingError, Topic
from framework.testing import build_message

ID = uuid.UUID("0d5f1f3c-9a3b-4c7e-8f10-0123456789ab")


class Order(pydantic.BaseModel):
    total: int


class Refund(pydantic.BaseModel):
    order: int


class Leg(NamedTuple):
    origin: str
    miles: int


class Carrier(enum.Enum):
    UNITED = "UA"


class Level(enum.IntEnum):
    LOW = 1


class Note(str):
    """A text of its own kind."""


class Legs(list[Leg]):
    """A list of its own kind."""


class Packet(bytes):
    """Bytes of their own kind."""


class Empty:
    """A class without arguments."""


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self) -> float: ...


class Sized(Protocol):
    size: int


OrderId = NewType("OrderId", int)
Name = NewType("Name", str)
Picture = NewType("Picture", bytes)
Numbers = TypeAliasType("Numbers", list[int])


def read(given: object, data: bytes, part: str = "payload") -> Any:
    """What a part becomes that is declared like this."""
    parts: dict[str, Any] = {"payload": None, part: data}
    topic: Topic[Any] = Topic("flights", **{part: given})  # type: ignore[call-overload]
    return getattr(build_message(topic, parts.pop("payload"), app=App(), **parts), part)


@pytest.mark.parametrize(
    ("given", "data", "value"),
    [
        pytest.param(tuple, b"[1,2]", (1, 2), id="tuple"),
        pytest.param(set, b"[1,2,1]", {1, 2}, id="set"),
        pytest.param(frozenset, b"[1]", frozenset([1]), id="frozenset"),
        pytest.param(collections.deque, b"[1]", collections.deque([1]), id="deque"),
        pytest.param(collections.Counter, b'{"a":2}', collections.Counter(a=2), id="Counter"),
        pytest.param(Leg, b'["EWR",7]', Leg("EWR", 7), id="NamedTuple of an array"),
        pytest.param(Leg, b'{"origin":"EWR","miles":7}', Leg("EWR", 7), id="NamedTuple of an object"),
        pytest.param(object, b'{"a":1}', {"a": 1}, id="object is any JSON"),
        pytest.param(cabc.Mapping, b'{"a":1}', {"a": 1}, id="Mapping"),
        pytest.param(cabc.Sequence, b"[1]", [1], id="Sequence"),
        pytest.param(Numbers, b"[1]", [1], id="alias"),
        pytest.param(OrderId, b"17", 17, id="NewType of int"),
        pytest.param(Name, b'"EWR"', '"EWR"', id="NewType of str is text"),
        pytest.param(Picture, b"\xff\x00", b"\xff\x00", id="NewType of bytes"),
        pytest.param(str | None, b"EWR", "EWR", id="text or None"),
        pytest.param(bytes | None, b"\xff", b"\xff", id="bytes or None"),
        pytest.param(Order | Refund, b'{"order":1}', Refund(order=1), id="union"),
        pytest.param(pydantic.TypeAdapter(Order | Refund), b'{"total":1}', Order(total=1), id="TypeAdapter"),
        pytest.param(pydantic.Json[Order], b'{"total":1}', Order(total=1), id="pydantic's Json"),
        pytest.param(Annotated[bytes, pydantic.Field(max_length=2)], b"\xff", b"\xff", id="annotated bytes"),
        pytest.param(bytearray, b"ab", bytearray(b"ab"), id="bytearray"),
        pytest.param(Packet, b"ab", Packet(b"ab"), id="class of bytes"),
    ],
)
def test_a_type_is_never_called_with_bytes_that_it_makes_nonsense_of(
    given: object, data: bytes, value: object
) -> None:
    found = read(given, data)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("part", ["payload", "key"])
@pytest.mark.parametrize(
    ("given", "data", "value"),
    [
        pytest.param(uuid.UUID, str(ID).encode(), ID, id="UUID"),
        pytest.param(uuid.UUID, f'"{ID}"'.encode(), ID, id="UUID in JSON"),
        pytest.param(uuid.UUID, ID.bytes, ID, id="UUID of 16 bytes"),
        pytest.param(uuid.UUID | None, str(ID).encode(), ID, id="UUID or None"),
        pytest.param(decimal.Decimal, b"12.50", decimal.Decimal("12.50"), id="Decimal"),
        pytest.param(decimal.Decimal, b'"12.50"', decimal.Decimal("12.50"), id="Decimal in JSON"),
        pytest.param(datetime.date, b"2013-01-02", datetime.date(2013, 1, 2), id="date"),
        pytest.param(datetime.date, b'"2013-01-02"', datetime.date(2013, 1, 2), id="date in JSON"),
        pytest.param(
            datetime.datetime,
            b"2013-01-02T03:04:05Z",
            datetime.datetime(2013, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
            id="datetime",
        ),
        pytest.param(Carrier, b"UA", Carrier.UNITED, id="Enum"),
        pytest.param(Carrier, b'"UA"', Carrier.UNITED, id="Enum in JSON"),
        pytest.param(Level, b"1", Level.LOW, id="Enum of numbers"),
        pytest.param(Literal["EWR", "JFK"], b"EWR", "EWR", id="Literal"),
        pytest.param(Literal[1, 2], b"2", 2, id="Literal of numbers"),
        pytest.param(Annotated[str, pydantic.Field(max_length=3)], b"EWR", "EWR", id="annotated text"),
        pytest.param(ipaddress.IPv4Address, b"10.0.0.1", ipaddress.IPv4Address("10.0.0.1"), id="IPv4Address"),
        pytest.param(pathlib.PurePosixPath, b"/a b", pathlib.PurePosixPath("/a b"), id="path"),
        pytest.param(int, b"007", 7, id="int"),
        pytest.param(float, b"1e3", 1000.0, id="float"),
    ],
)
def test_what_is_one_text_is_read_with_and_without_quotes(
    part: str, given: object, data: bytes, value: object
) -> None:
    found = read(given, data, part)

    assert found == value
    assert str(found) == str(value)


def test_a_text_that_does_not_fit_says_why() -> None:
    with pytest.raises(DeserializationError) as caught:
        read(Carrier, b"EV", "key")

    assert str(caught.value) == (
        "Can't read the key of flights-0@0 with Carrier: Input should be 'UA'. Its bytes are in raw_key."
    )


def two(data: bytes, headers: object) -> None:
    """A deserializer of another library."""


EXPECTED = (
    "expected a pydantic model, dataclass, TypedDict or msgspec Struct class, `str`, `bytes`, avro(), "
    "protobuf() or json_schema() of framework.schemas, a callable that takes the bytes, or an object with "
    "deserialize(message)."
)
NO_SCHEMA = "is unusable for JSON: Unable to generate pydantic-core schema for <class"
INSTEAD = "Pass a callable that takes the bytes instead."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(range, f"payload=range {NO_SCHEMA} 'range'>. {INSTEAD}", id="range"),
        pytest.param(zip, f"payload=zip {NO_SCHEMA} 'zip'>. {INSTEAD}", id="zip"),
        pytest.param(
            type, f"payload=type is unusable for JSON: JSON has no such values. {INSTEAD}", id="type"
        ),
        pytest.param(Note, f"payload=Note has no __init__ for bytes: {EXPECTED}", id="class of text"),
        pytest.param(Legs, f"payload=Legs has no __init__ for bytes: {EXPECTED}", id="class of lists"),
        pytest.param(
            Empty, f"payload=Empty has no __init__ for bytes: {EXPECTED}", id="class without arguments"
        ),
        pytest.param(Shape, f"payload=Shape is an abstract class: {EXPECTED}", id="abstract class"),
        pytest.param(Sized, f"payload=Sized is an abstract class: {EXPECTED}", id="Protocol"),
        pytest.param(typing.Never, f"payload=typing.Never is invalid: {EXPECTED}", id="Never"),
        pytest.param(..., f"payload=Ellipsis is invalid: {EXPECTED}", id="Ellipsis"),
        pytest.param(types, f"payload={types!r} is invalid: {EXPECTED}", id="module"),
        pytest.param(
            Order(total=1),
            "payload=Order(total=1) is an instance: pass the class, payload=Order.",
            id="instance of a model",
        ),
        pytest.param(
            Carrier.UNITED,
            "payload=<Carrier.UNITED: 'UA'> is an instance: pass the class, payload=Carrier.",
            id="member of an Enum",
        ),
        pytest.param([Leg], f"payload={[Leg]!r} is no type: pass payload=list[Leg].", id="list of a type"),
        pytest.param(
            (Order, Refund),
            f"payload={(Order, Refund)!r} is no type: pass payload=Order | Refund.",
            id="tuple of types",
        ),
        pytest.param(
            two,
            "payload=two takes (data: bytes, headers: object) -> None, and is called with the bytes: missing "
            "a required argument: 'headers'.",
            id="function of two arguments",
        ),
        pytest.param(
            lambda: 1,
            "payload=<lambda> takes (), and is called with the bytes: too many positional arguments.",
            id="function without arguments",
        ),
    ],
)
def test_what_no_message_could_be_read_with_is_refused_at_the_declaration(
    given: object, sentence: str
) -> None:
    with pytest.raises(RoutingError) as caught:
        Deserializers(payload=given)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(len, id="function in C"),
        pytest.param(int.from_bytes, id="method in C"),
        pytest.param(functools.partial(two, headers=1), id="partial"),
        pytest.param(lambda *arguments: arguments, id="any arguments"),
        pytest.param(
            lambda data, encoding="ascii": data.decode(encoding), id="another argument with a default"
        ),
    ],
)
def test_what_takes_the_bytes_alone_is_accepted(given: object) -> None:
    declared = Deserializers(payload=given, key=given)

    assert declared.payload is declared.key is given


@pytest.mark.parametrize(
    "given", [int, float, bool, bytearray, memoryview, decimal.Decimal, uuid.UUID, Carrier, Any, Leg]
)
def test_a_type_that_no_headers_fit_is_refused_for_them(given: Any) -> None:
    with pytest.raises(RoutingError) as caught:
        Deserializers(headers=given)

    assert str(caught.value) == (
        f"headers={given.__name__} is invalid: expected `str` or `bytes` (a dict of them), a callable that "
        "takes the list of (name, bytes) pairs, or an object with deserialize(message)."
    )


@pytest.mark.parametrize("given", [list, tuple, set, frozenset, collections.deque])
def test_headers_can_be_put_into_a_collection(given: Any) -> None:
    topic: Topic[Any] = Topic("flights", headers=given)

    assert build_message(topic, None, headers=[("a", b"1")], app=App()).headers == given([("a", b"1")])


def test_a_type_that_json_has_no_values_of_is_refused_when_a_run_starts() -> None:
    with pytest.raises(RoutingError) as caught:
        Deserializers(payload=type[Order]).compile()

    assert str(caught.value) == "payload=type[Order] is unusable for JSON: JSON has no such values."


def test_an_adapter_gives_the_payload_its_type() -> None:
    adapter: pydantic.TypeAdapter[Order | Refund] = pydantic.TypeAdapter(Order | Refund)
    topic: Topic[Order | Refund] = Topic("flights", payload=adapter)

    assert build_message(topic, b'{"total":1}', app=App()).payload == Order(total=1)


def test_an_adapter_keeps_the_digits_of_a_decimal() -> None:
    adapter = pydantic.TypeAdapter(dict[str, decimal.Decimal])

    assert read(adapter, b'{"a":12.345678901234567890}') == {"a": decimal.Decimal("12.345678901234567890")}


@pytest.mark.parametrize("given", [OrderId, uuid.UUID, int | None, pydantic.TypeAdapter(int)])
def test_a_message_is_pickled_with_its_declared_type(given: Any) -> None:
    data = ID.bytes if given is uuid.UUID else b"17"
    topic: Topic[Any] = Topic("flights", payload=given)
    message = build_message(topic, data, app=App())

    assert pickle.loads(pickle.dumps(message)).payload == message.payload
