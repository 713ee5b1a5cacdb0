from __future__ import annotations

import dataclasses
import datetime
import functools
import pickle
import sys
import typing
import uuid as uuids
from typing import Any

import msgspec
import pydantic
import pytest
from typing_extensions import TypedDict

from framework import App, DeserializationError, Deserializers, Message, RoutingError, Topic
from framework.deserializers import describe, int32, int64, json, raw, text, xml
from framework.deserializers.ready import float32, float64, msgpack, uuid
from framework.testing import build_message


class Flight(pydantic.BaseModel):
    tailnum: str
    delay: int | None = None


@dataclasses.dataclass
class Plane:
    tailnum: str
    seats: int


class Weather(TypedDict):
    origin: str
    temperature: float


class Airport(msgspec.Struct):
    faa: str


class FlightList(pydantic.RootModel[list[Flight]]):
    pass


class Shout:
    """Needs the message, not only the bytes."""

    def deserialize(self, message: Message[Any]) -> str:
        return f"{message} {message.raw_payload!r} {message.headers}"


class LoudShout(Shout):
    pass


class Whisper:
    @classmethod
    def deserialize(cls, message: Message[Any]) -> str:
        return f"{cls.__name__} {message}"


class Callable:
    def __call__(self, data: bytes) -> int:
        return len(data)


class AsyncCallable:
    async def __call__(self, data: bytes) -> bytes:
        return data


class AsyncDeserializer:
    async def deserialize(self, message: object) -> object:
        return message


async def read_later(data: bytes) -> bytes:
    return data


def read(given: object, data: bytes, part: str = "payload") -> Any:
    """What a part becomes that is declared like this."""
    topic: Topic[Any] = Topic("flights", **{part: given})  # type: ignore[call-overload]
    parts: dict[str, Any] = {"payload": b"null", part: data}
    message = build_message(topic, parts.pop("payload"), app=App(), partition=3, offset=17, **parts)
    return getattr(message, part)


@pytest.mark.parametrize(
    ("given", "data", "value"),
    [
        pytest.param(
            Flight,
            b'{"tailnum": "N14228", "delay": 2}',
            Flight(tailnum="N14228", delay=2),
            id="pydantic model",
        ),
        pytest.param(
            FlightList, b'[{"tailnum": "N1"}]', FlightList([Flight(tailnum="N1")]), id="pydantic root model"
        ),
        pytest.param(Plane, b'{"tailnum": "N1", "seats": 55}', Plane("N1", 55), id="dataclass"),
        pytest.param(
            Weather,
            b'{"origin": "EWR", "temperature": 39}',
            {"origin": "EWR", "temperature": 39.0},
            id="TypedDict",
        ),
        pytest.param(Airport, b'{"faa": "JFK", "unknown": 1}', Airport("JFK"), id="msgspec Struct"),
        pytest.param(list[Flight], b'[{"tailnum": "N1"}]', [Flight(tailnum="N1")], id="list of models"),
        pytest.param(list[Airport], b'[{"faa": "JFK"}]', [Airport("JFK")], id="list of Structs"),
        pytest.param(Flight | None, b"null", None, id="model or None"),
        pytest.param(dict[str, int], b'{"a": 1}', {"a": 1}, id="typed dict"),
        pytest.param(dict, b'{"a": [1]}', {"a": [1]}, id="plain dict is JSON"),
        pytest.param(list, b"[1]", [1], id="plain list is JSON, not a list of bytes"),
        pytest.param(bool, b"false", False, id="plain bool is JSON, not the truth of bytes"),
        pytest.param(Any, b'{"a": 1}', {"a": 1}, id="Any is JSON"),
        pytest.param(str, "Zürich".encode(), "Zürich", id="str"),
        pytest.param(str, b"", "", id="str of no bytes"),
        pytest.param(bytes, b"\xff\x00", b"\xff\x00", id="bytes"),
        pytest.param(bytes, b"", b"", id="no bytes"),
        pytest.param(int, b"17", 17, id="a type that takes bytes"),
        pytest.param(len, b"abc", 3, id="built-in function"),
        pytest.param(lambda data: data[::-1], b"abc", b"cba", id="lambda"),
        pytest.param(functools.partial(int, base=16), b"ff", 255, id="partial"),
        pytest.param(Callable(), b"abc", 3, id="object that can be called"),
        pytest.param(Shout(), b"abc", "flights-3@17 b'abc' {}", id="object with deserialize"),
        pytest.param(Whisper, b"abc", "Whisper flights-3@17", id="class with a class method deserialize"),
        pytest.param(text, b"abc", "abc", id="text"),
        pytest.param(raw, b"abc", b"abc", id="raw"),
        pytest.param(int32, b"\xff\xff\xff\xfe", -2, id="int32"),
        pytest.param(int64, b"\x00\x00\x00\x01\x00\x00\x00\x00", 4294967296, id="int64"),
        pytest.param(
            json, b'{"a": 18446744073709551617}', {"a": 18446744073709551617}, id="json, big integer"
        ),
        pytest.param(json, b"1.5", 1.5, id="json, float"),
        pytest.param(json, b"false", False, id="json, false"),
        pytest.param(json, b"null", None, id="json, null"),
    ],
)
def test_a_payload_becomes_what_was_declared(given: object, data: bytes, value: object) -> None:
    found = read(given, data)

    assert found == value
    assert type(found) is type(value)


def test_json_nan_is_a_number() -> None:
    assert str(read(json, b"NaN")) == "nan"


def test_json_reads_200_levels() -> None:
    assert str(read(json, b"[" * 200 + b"]" * 200)) == "[" * 200 + "]" * 200


def test_xml_gives_an_element() -> None:
    element = read(xml, b"<flight tailnum='N14228'><delay>2</delay></flight>")

    assert element.get("tailnum") == "N14228"
    assert element.findtext("delay") == "2"


BOMB = b"""<!DOCTYPE bomb [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><bomb>&b;</bomb>"""
THIEF = b"""<!DOCTYPE thief [<!ENTITY file SYSTEM "file:///etc/passwd">]><thief>&file;</thief>"""


@pytest.mark.parametrize("attack", [pytest.param(BOMB, id="entity bomb"), pytest.param(THIEF, id="file")])
def test_xml_refuses_entities(attack: bytes) -> None:
    with pytest.raises(DeserializationError, match="EntitiesForbidden"):
        read(xml, attack)


@pytest.mark.parametrize(
    ("given", "data", "reason"),
    [
        pytest.param(
            Flight,
            b'{"delay": "late"}',
            "Flight: tailnum: Field required (and 1 more)",
            id="pydantic: the first error, and how many more",
        ),
        pytest.param(
            Flight,
            b"{",
            "Flight: Invalid JSON: EOF while parsing an object at line 1 column 1",
            id="pydantic: not JSON",
        ),
        pytest.param(
            list[Flight],
            b"{}",
            "list[Flight]: Input should be a valid array",
            id="typing form, with what is in it",
        ),
        pytest.param(
            Airport,
            b"{}",
            "Airport: Object missing required field `faa`",
            id="msgspec",
        ),
        pytest.param(
            json,
            b"\xff",
            "json: expected value at line 1 column 1",
            id="json: not UTF-8",
        ),
        pytest.param(
            str,
            b"\xff",
            "str: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
            id="str: not UTF-8",
        ),
        pytest.param(int32, b"abc", "int32: expected 4 bytes, not 3", id="int32: too short"),
        pytest.param(int64, b"a" * 9, "int64: expected 8 bytes, not 9", id="int64: too long"),
        pytest.param(
            int,
            b"late",
            "int: invalid literal for int() with base 10: b'late'",
            id="callable",
        ),
    ],
)
def test_what_does_not_become_a_value_says_why(given: object, data: bytes, reason: str) -> None:
    with pytest.raises(DeserializationError) as caught:
        read(given, data)

    assert str(caught.value) == (
        f"Can't read the payload of flights-3@17 with {reason}. Its bytes are in raw_payload."
    )
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("given", "data", "value"),
    [
        pytest.param(str, b"N14228", "N14228", id="str"),
        pytest.param(bytes, b"N14228", b"N14228", id="bytes"),
        pytest.param(int64, b"\x00\x00\x00\x00\x00\x00\x00\x07", 7, id="int64"),
        pytest.param(Flight, b'{"tailnum": "N1"}', Flight(tailnum="N1"), id="model"),
        pytest.param(Shout(), b"N14228", "flights-3@17 b'null' {}", id="object with deserialize"),
        pytest.param(len, b"N14228", 6, id="callable"),
    ],
)
def test_a_key_becomes_what_was_declared(given: object, data: bytes, value: object) -> None:
    assert read(given, data, "key") == value


class CountHeaders:
    def deserialize(self, message: Message[Any]) -> int:
        return len(message.raw_headers)


PAIRS = [("trace", b"one"), ("trace", b"\xff"), ("trace", b"two"), ("empty", None)]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        pytest.param(bytes, {"trace": b"two", "empty": None}, id="bytes: a dict, the last value wins"),
        pytest.param(raw, {"trace": b"two", "empty": None}, id="raw is bytes"),
        pytest.param(list, PAIRS, id="callable gets the whole list"),
        pytest.param(len, 4, id="another callable"),
        pytest.param(dict, {"trace": b"two", "empty": None}, id="dict is a callable here"),
        pytest.param(CountHeaders(), 4, id="object with deserialize"),
    ],
)
def test_headers_become_what_was_declared(given: object, value: object) -> None:
    topic: Topic[Any] = Topic("flights", headers=given)

    assert build_message(topic, b"", headers=PAIRS, app=App()).headers == value


@pytest.mark.parametrize("given", [str, text])
def test_headers_as_text_are_a_dict(given: object) -> None:
    topic: Topic[Any] = Topic("flights", headers=given)
    message = build_message(topic, b"", headers=[("a", b"1"), ("a", "é".encode()), ("b", None)], app=App())

    assert message.headers == {"a": "é", "b": None}


def test_headers_declared_as_text_refuse_other_bytes() -> None:
    topic: Topic[Any] = Topic("flights", headers=str)

    with pytest.raises(DeserializationError) as caught:
        _ = build_message(topic, b"", headers=[("trace", b"\xff")], app=App()).headers
    assert str(caught.value) == (
        "Can't read the headers of flights-0@0 with str: 'utf-8' codec can't decode byte 0xff in position 0: "
        "invalid start byte. Its bytes are in raw_headers."
    )


def test_by_default_payload_is_json_key_text_and_headers_a_dict_of_text() -> None:
    message = build_message(
        "flights",
        b'{"delay": 2}',
        key=b"N14228",
        headers=[("a", b"1"), ("a", b"2"), ("b", b"\xff")],
        app=App(),
    )

    assert message.payload == {"delay": 2}
    assert message.key == "N14228"
    assert message.headers == {"a": "2", "b": b"\xff"}


def test_by_default_a_key_that_is_not_utf8_stays_bytes() -> None:
    assert build_message("flights", b"1", key=b"\xff", app=App()).key == b"\xff"


def test_each_part_is_the_topics_own_else_the_apps_else_ours() -> None:
    app = App(defaults=Deserializers(payload=str, key=bytes))
    flights = app.topic("flights", key=len)
    message = build_message(flights, b"1", key=b"abc", headers=[("a", b"1")], app=app)

    assert message.payload == "1"
    assert message.key == 3
    assert message.headers == {"a": "1"}


def test_an_undeclared_topic_has_the_apps_defaults() -> None:
    app = App(defaults=Deserializers(payload=str))

    assert build_message("other", b"1", app=app).payload == "1"


def test_defaults_count_also_for_topics_declared_before_them() -> None:
    app = App()
    flights = app.topic("flights")
    app.routes.defaults = Deserializers(payload=str)

    assert build_message(flights, b"1", app=app).payload == "1"


PAYLOAD_WOULD_WORK = (
    "a pydantic model, dataclass, TypedDict or msgspec Struct class, `str`, `bytes`, "
    "avro(), protobuf() or json_schema() of framework.schemas, a callable that takes the bytes, "
    "or an object with deserialize(message)."
)
HEADERS_WOULD_WORK = (
    "`str` or `bytes` (a dict of them), a callable that takes the list of (name, bytes) pairs, "
    "or an object with deserialize(message)."
)
NO_LOOP = "is async, and messages are deserialized without an event loop: pass a plain function."


@pytest.mark.parametrize(
    ("part", "given", "sentence"),
    [
        pytest.param("payload", None, f"payload=None is invalid: expected {PAYLOAD_WOULD_WORK}", id="None"),
        pytest.param("payload", 5, f"payload=5 is invalid: expected {PAYLOAD_WOULD_WORK}", id="number"),
        pytest.param("payload", True, f"payload=True is invalid: expected {PAYLOAD_WOULD_WORK}", id="True"),
        pytest.param("key", "text", f"key='text' is invalid: expected {PAYLOAD_WOULD_WORK}", id="a word"),
        pytest.param("key", None, f"key=None is invalid: expected {PAYLOAD_WOULD_WORK}", id="no key"),
        pytest.param(
            "payload",
            {"type": "record"},
            f"payload={{'type': 'record'}} is invalid: expected {PAYLOAD_WOULD_WORK}",
            id="a dict",
        ),
        pytest.param(
            "payload",
            Plane("N1", 2),
            "payload=Plane(tailnum='N1', seats=2) is an instance: pass the class, payload=Plane.",
            id="instance of a dataclass",
        ),
        pytest.param(
            "headers", None, f"headers=None is invalid: expected {HEADERS_WOULD_WORK}", id="no headers"
        ),
        pytest.param(
            "headers",
            Flight,
            f"headers=Flight is invalid: expected {HEADERS_WOULD_WORK}",
            id="headers of a model",
        ),
        pytest.param(
            "headers",
            Weather,
            f"headers=Weather is invalid: expected {HEADERS_WOULD_WORK}",
            id="headers of a TypedDict",
        ),
        pytest.param(
            "headers",
            dict[str, str],
            f"headers=dict[str, str] is invalid: expected {HEADERS_WOULD_WORK}",
            id="headers of a typing form",
        ),
        pytest.param(
            "headers", json, f"headers=json is invalid: expected {HEADERS_WOULD_WORK}", id="headers of json"
        ),
        pytest.param(
            "headers",
            int32,
            f"headers=int32 is invalid: expected {HEADERS_WOULD_WORK}",
            id="headers of int32",
        ),
        pytest.param(
            "headers",
            int64,
            f"headers=int64 is invalid: expected {HEADERS_WOULD_WORK}",
            id="headers of int64",
        ),
        pytest.param(
            "headers", xml, f"headers=xml is invalid: expected {HEADERS_WOULD_WORK}", id="headers of xml"
        ),
        pytest.param(
            "payload",
            Shout,
            "payload=Shout is a class: pass an instance, payload=Shout().",
            id="class with deserialize",
        ),
        pytest.param(
            "key",
            LoudShout,
            "key=LoudShout is a class: pass an instance, key=LoudShout().",
            id="class that inherits it",
        ),
        pytest.param("payload", read_later, f"payload=read_later {NO_LOOP}", id="async function"),
        pytest.param("payload", AsyncCallable(), f"payload=AsyncCallable {NO_LOOP}", id="async object"),
        pytest.param("headers", functools.partial(read_later), f"headers=partial {NO_LOOP}", id="partial"),
        pytest.param(
            "key", functools.partial(AsyncCallable()), f"key=partial {NO_LOOP}", id="partial of one"
        ),
        pytest.param(
            "payload", AsyncDeserializer(), f"payload=AsyncDeserializer {NO_LOOP}", id="async deserialize"
        ),
    ],
)
def test_what_can_not_work_is_refused_at_the_declaration(part: str, given: object, sentence: str) -> None:
    with pytest.raises(RoutingError) as caught:
        Deserializers(**{part: given})

    assert str(caught.value) == sentence


class HiddenAsync:
    def deserialize(self, message: Message[Any]) -> object:
        return read_later(message.raw_payload or b"")


@pytest.mark.parametrize("given", [lambda data: read_later(data), HiddenAsync()], ids=["lambda", "object"])
@pytest.mark.parametrize(("part", "data"), [("payload", b"1"), ("key", b"1"), ("headers", [("a", b"1")])])
def test_a_coroutine_is_no_value(given: object, part: str, data: Any) -> None:
    with pytest.raises(DeserializationError, match=r": it is async: expected a plain function\. Its"):
        read(given, data, part)


def test_only_the_first_value_of_a_deserializer_is_checked() -> None:
    def payload(data: bytes) -> bytes:
        return data

    compiled = Deserializers(payload=payload).compile()
    assert compiled.payload_of is not payload
    assert compiled.payload_of is not None
    assert compiled.payload_of(b"1") == b"1"
    assert compiled.payload_of is payload


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="pydantic reads typing.TypedDict from Python 3.12 on")
def test_a_typed_dict_of_typing_is_refused_before_python_3_12() -> None:
    class Rain(typing.TypedDict):
        origin: str

    with pytest.raises(RoutingError) as caught:
        Deserializers(payload=Rain)
    assert str(caught.value) == (
        "payload=Rain is a typing.TypedDict, which is supported from Python 3.12 on. "
        "Before: from typing_extensions import TypedDict."
    )


def test_xml_without_defusedxml_is_refused_at_the_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "defusedxml", None)

    with pytest.raises(RoutingError) as caught:
        Deserializers(payload=xml)
    assert str(caught.value) == 'payload=xml needs defusedxml: pip install "framework-iterator[xml]"'


class Journey(pydantic.BaseModel):
    legs: list[Leg]


@dataclasses.dataclass
class Ticket:
    leg: Leg


class Booking(msgspec.Struct):
    seat: Seat


DECLARED_EARLY: dict[Any, Topic[Any]] = {
    name: Topic("early", payload=name) for name in (Journey, Ticket, Booking)
}


class Leg(pydantic.BaseModel):
    origin: str


class Seat(msgspec.Struct):
    row: int


@pytest.mark.parametrize(
    ("declared", "data", "value"),
    [
        pytest.param(
            Journey,
            b'{"legs": [{"origin": "EWR"}]}',
            Journey.model_construct(legs=[Leg(origin="EWR")]),
            id="model",
        ),
        pytest.param(Ticket, b'{"leg": {"origin": "EWR"}}', Ticket(Leg(origin="EWR")), id="dataclass"),
        pytest.param(Booking, b'{"seat": {"row": 7}}', Booking(Seat(7)), id="Struct"),
    ],
)
def test_a_type_may_name_one_that_comes_later_in_its_module(
    declared: type, data: bytes, value: object
) -> None:
    assert build_message(DECLARED_EARLY[declared], data, app=App()).payload == value


class Typo(pydantic.BaseModel):
    flight: Fligth  # type: ignore[name-defined]  # noqa: F821


class StructTypo(msgspec.Struct):
    flight: Fligth  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(Typo, "payload=Typo is unusable for JSON: name 'Fligth' is not defined.", id="model"),
        pytest.param(
            StructTypo,
            "payload=StructTypo is unusable for JSON: name 'Fligth' is not defined.",
            id="Struct",
        ),
        pytest.param(
            list["Fligth"],  # type: ignore[name-defined]  # noqa: F821
            "payload=list['Fligth'] is unusable for JSON: name 'Fligth' is not defined.",
            id="typing form",
        ),
    ],
)
def test_a_type_that_never_comes_is_refused_by_name(given: object, sentence: str) -> None:
    with pytest.raises(RoutingError) as caught:
        Deserializers(payload=given).compile()

    assert str(caught.value) == sentence


def test_declaring_does_not_build_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pydantic, "TypeAdapter", None)

    # Of this type no decoder is remembered yet: where one is built, it shows.
    class Fresh(Flight):
        pass

    Topic("flights", payload=Fresh)
    with pytest.raises(TypeError):
        Deserializers(payload=Fresh).compile()


def test_merging_keeps_what_is_there_and_fills_in_the_rest() -> None:
    merged = Deserializers(key=int32).over(Deserializers(payload=Flight, key=str))

    assert merged == Deserializers(payload=Flight, key=int32)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        pytest.param(Flight, "Flight", id="class"),
        pytest.param(json, "json", id="function"),
        pytest.param(Shout(), "Shout", id="object"),
        pytest.param(lambda data: data, "<lambda>", id="lambda"),
        pytest.param(functools.partial(int, base=16), "partial", id="partial"),
        pytest.param(dict[str, list[Flight]], "dict[str, list[Flight]]", id="typing form"),
        pytest.param(Flight | None, "Flight | None", id="union"),
        pytest.param(typing.Optional[Flight], "Optional[Flight]", id="Optional"),  # noqa: UP045
    ],
)
def test_a_deserializer_is_called_by_the_name_people_wrote(given: object, name: str) -> None:
    assert describe(given) == name


UUID = uuids.UUID("0d5f1f3c-9a3b-4c7e-8f10-0123456789ab")


@pytest.mark.parametrize(
    ("given", "data", "value"),
    [
        pytest.param(float32, b"\x3f\x80\x00\x00", 1.0, id="float32"),
        pytest.param(float32, b"\x80\x00\x00\x00", -0.0, id="float32, minus zero"),
        pytest.param(float64, b"\x3f\xb9\x99\x99\x99\x99\x99\x9a", 0.1, id="float64"),
        pytest.param(float64, b"\xff\xf0\x00\x00\x00\x00\x00\x00", float("-inf"), id="float64, infinity"),
        pytest.param(uuid, UUID.bytes, UUID, id="uuid of 16 bytes"),
        pytest.param(uuid, str(UUID).encode(), UUID, id="uuid of text"),
        pytest.param(uuid, str(UUID).upper().encode(), UUID, id="uuid of text in capitals"),
        pytest.param(uuid, b"0123456789abcdef", uuids.UUID(bytes=b"0123456789abcdef"), id="16 digits: bytes"),
        pytest.param(
            msgpack,
            b"\x82\xa1a\x93\x01\xc0\xc3\xa1b\xc4\x01\xff",
            {"a": [1, None, True], "b": b"\xff"},
            id="msgpack",
        ),
        pytest.param(msgpack, b"\x81\x01\xa1a", {1: "a"}, id="msgpack, a number as a name"),
        pytest.param(msgpack, b"\xc0", None, id="msgpack, nil"),
        pytest.param(
            msgpack,
            b"\xd6\xff\x00\x00\x00\x01",
            datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.UTC),
            id="msgpack, a timestamp",
        ),
    ],
)
def test_a_payload_of_another_format_becomes_its_value(given: object, data: bytes, value: object) -> None:
    found = read(given, data)

    assert repr(found) == repr(value)  # so that 1 isn't 1.0, and -0.0 isn't 0.0


def test_msgpack_keeps_the_extension_types_that_it_does_not_know() -> None:
    found = read(msgpack, b"\xd4\x05a")

    assert (found.code, bytes(found.data)) == (5, b"a")


WRONG_LENGTH = "uuid: a UUID has 16 bytes, or 36 characters of text, and not"
WRONG_FORM = "uuid: the text of a UUID has the form 8-4-4-4-12, in hexadecimal digits"


@pytest.mark.parametrize(
    ("given", "data", "reason"),
    [
        pytest.param(float32, b"abc", "float32: expected 4 bytes, not 3", id="float32: too short"),
        pytest.param(float64, b"a" * 9, "float64: expected 8 bytes, not 9", id="float64: too long"),
        pytest.param(uuid, b"", f"{WRONG_LENGTH} 0 bytes", id="uuid: empty"),
        pytest.param(uuid, UUID.bytes + b"\n", f"{WRONG_LENGTH} 17 bytes", id="uuid: left over"),
        pytest.param(uuid, UUID.hex.encode(), f"{WRONG_LENGTH} 32 bytes", id="uuid: no hyphens"),
        pytest.param(uuid, b"z" * 36, WRONG_FORM, id="uuid: no digits"),
        pytest.param(uuid, b"\xff" * 36, WRONG_FORM, id="uuid: not UTF-8"),
        pytest.param(uuid, b"{" + UUID.hex.encode() + b"}--", WRONG_FORM, id="uuid: another form"),
        pytest.param(msgpack, b"", "msgpack: Input data was truncated", id="msgpack: empty"),
        pytest.param(msgpack, b"\x92\x01", "msgpack: Input data was truncated", id="msgpack: cut"),
        pytest.param(
            msgpack,
            b"\x01\x02",
            "msgpack: MessagePack data is malformed: trailing characters (byte 1)",
            id="msgpack: left over",
        ),
        pytest.param(
            msgpack,
            b"\xdd\xff\xff\xff\xff",
            "msgpack: Input data was truncated",
            id="msgpack: a false length",
        ),
        pytest.param(
            msgpack,
            b"\x91" * 100_000,
            "msgpack: maximum recursion depth exceeded while deserializing an object",
            id="msgpack: too deep",
        ),
    ],
)
def test_what_is_not_of_this_format_says_why(given: object, data: bytes, reason: str) -> None:
    with pytest.raises(DeserializationError) as caught:
        read(given, data)

    assert str(caught.value) == (
        f"Can't read the payload of flights-3@17 with {reason}. Its bytes are in raw_payload."
    )


def test_a_message_with_such_a_payload_is_pickled_with_its_deserializer() -> None:
    for given, data in (
        (msgpack, b"\x01"),
        (uuid, UUID.bytes),
        (float32, b"\x00" * 4),
        (float64, b"\x00" * 8),
    ):
        message = build_message(Topic("flights", payload=given), data, app=App())

        assert pickle.loads(pickle.dumps(message)).payload == message.payload
