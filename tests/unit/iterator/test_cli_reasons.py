"""`--json` names the part of a value that has no form in JSON, and reads what is lazy once."""

from __future__ import annotations

import base64
import collections.abc as cabc
import dataclasses
import itertools
import json
from typing import Annotated, Any

import msgspec
import pydantic
import pytest

from framework import Message
from framework.deserializers import auto
from framework.protobuf import load_file
from framework.testing import reset_current_app
from framework_iterator.cli.format import as_text
from framework_iterator.cli.rows import json_line
from tests.unit.iterator.rows import NO_REGISTRY, UTF8, message, row_of

NAN, INFINITY = float("nan"), float("inf")


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


class Item(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    price: float = 0


class Order(pydantic.BaseModel):
    items: list[Item]
    note: Any = None


@dataclasses.dataclass
class Data:
    value: Any


class Struct(msgspec.Struct):
    value: Any


def itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(NAN, "it is NaN", id="all of it"),
        pytest.param(Order(items=[Item(), Item(price=NAN)]), "payload.items[1].price is NaN", id="a model"),
        pytest.param(
            Order.model_validate({"items": [{"tax": -INFINITY}]}),
            "payload.items[0].tax is -Infinity",
            id="extra",
        ),
        pytest.param(Data({"a b": (1, INFINITY)}), "payload.value['a b'][1] is Infinity", id="a dataclass"),
        pytest.param(Struct([NAN]), "payload.value[0] is NaN", id="a Struct"),
        pytest.param(Order(items=[], note={NAN: 1}), "payload.note has the name NaN", id="a name"),
        pytest.param({"a": [{1: 1, "1": 2}]}, "payload.a[0] has names with the same text", id="names"),
        pytest.param([b"\xff"], "payload[0] is not UTF-8 text", id="bytes"),
        pytest.param(Struct(b"\x1f\x8b\x08\xff"), "payload.value is gzip", id="compressed bytes"),
        pytest.param({1: {b"\xff"}}, "payload[1][0] is not UTF-8 text", id="bytes in a set"),
        pytest.param({b"\xff": 1}, "it contains bytes that are not UTF-8 text", id="a name of bytes"),
        pytest.param(Data(object()), "payload.value is an object of type object", id="an object"),
        pytest.param(itself(), "it is nested too deeply, or in itself", id="without an end"),
    ],
)
def test_the_reason_names_the_part(value: Any, reason: str) -> None:
    row = row_of(message(b"bytes", lambda _: value))

    assert row["payload"] is None
    assert row["payload_error"] == f"The payload has no JSON form: {reason}."
    assert base64.b64decode(row["raw_payload"]) == b"bytes"


def test_a_part_of_a_header_is_named_too() -> None:
    row = row_of(message(b"1", headers=[("a", b"1")], headers_as=lambda _: {"a": [NAN], "b": "c"}))

    assert row["headers"] == {"a": None, "b": "c"}
    assert row["headers_error"] == "The header 'a' has no JSON form: headers['a'][0] is NaN."


def first_row_of(given: Message[Any]) -> Any:
    """The object of the only line: other tests compare two of them."""
    return json.loads(json_line(given, UTF8, NO_REGISTRY)[0], parse_constant=pytest.fail)


class Lazy(pydantic.BaseModel):
    numbers: cabc.Iterable[int] = ()
    note: Any = None


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        pytest.param(lambda _: (x for x in [1, 2]), [1, 2], id="a generator"),
        pytest.param(lambda _: {"a": map(str, [1])}, {"a": ["1"]}, id="inside a dict"),
        pytest.param(lambda _: (1, iter([2])), [1, [2]], id="inside a tuple"),
        pytest.param(lambda _: Data(iter([1])), {"value": [1]}, id="in a dataclass"),
        pytest.param(lambda _: Struct([iter([1])]), {"value": [[1]]}, id="in a Struct"),
        pytest.param(lambda _: itertools.islice(itertools.count(), 2), [0, 1], id="an iterator"),
        pytest.param(
            lambda _: Lazy.model_validate_json('{"numbers": [1, 2]}'),
            {"numbers": [1, 2], "note": None},
            id="a model",
        ),
        pytest.param(
            lambda _: [Lazy(note=[iter("ab")])],
            [{"numbers": [], "note": [["a", "b"]]}],
            id="in a field of type Any",
        ),
    ],
)
@pytest.mark.parametrize("key", [b"k", b"\xff"], ids=["alone", "beside an unreadable part"])
def test_what_can_be_read_once_is_read_once(payload: Any, shown: Any, key: bytes) -> None:
    row = first_row_of(message(b"bytes", payload, key=key))

    assert row["payload"] == shown
    assert "payload_error" not in row
    assert ("key_error" in row) == (key != b"k")


def test_an_iterator_that_fails_is_null_with_its_reason() -> None:
    row = first_row_of(message(b"1", lambda _: Lazy.model_validate_json('{"numbers": [1, "x"]}')))

    assert row["payload"] is None
    assert row["payload_error"].startswith("The payload has no JSON form: 1: Input should be a valid integer")


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        pytest.param(lambda _: {"a": iter([1])}, '{"a": [1]}', id="a dict"),
        pytest.param(lambda _: iter([1, "a"]), '[1, "a"]', id="all of it"),
        pytest.param(
            lambda _: Lazy.model_validate_json('{"numbers": [1]}'),
            "Lazy(numbers=[1], note=None)",
            id="a model",
        ),
    ],
)
def test_people_see_what_is_lazy(payload: Any, shown: str) -> None:
    assert as_text(message(b"1", payload, key=b"k")).content == f"k  {shown}"


class Hostile:
    def __eq__(self, other: object) -> bool:
        raise RuntimeError("it can't be compared")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        raise KeyError("repr")


def test_an_object_that_cannot_be_shown_is_no_end_of_the_command() -> None:
    assert as_text(message(b"1", lambda _: Hostile(), key=b"k")).content == (
        "k  Can't show the payload: KeyError: 'repr'  (1 byte) 1"
    )


class Own(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    hostile: Annotated[Hostile, pydantic.PlainSerializer(lambda _: [1], when_used="json")]
    text: Annotated[float, pydantic.PlainSerializer(str)] = NAN
    number: float = 0


def test_a_field_with_a_serializer_of_its_own_is_not_to_blame() -> None:
    value = Own(hostile=Hostile())
    assert row_of(message(b"1", lambda _: value))["payload"] == {"hostile": [1], "text": "nan", "number": 0}

    value.number = INFINITY
    assert row_of(message(b"1", lambda _: value))["payload_error"] == (
        "The payload has no JSON form: payload.number is Infinity."
    )


SCHEMA = """
syntax = "proto3";
import "google/protobuf/any.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
message Order {
  google.protobuf.Timestamp at = 1; google.protobuf.Any any = 2; google.protobuf.Struct more = 3;
  repeated Order parts = 4; map<int32, Order> by_id = 5; double ratio = 6;
}
"""
LATE = {"at": {"seconds": 2**60}}
OUT_OF_RANGE = "has its fields, as Protobuf has no JSON for this google.protobuf.Timestamp: "


def order(**fields: Any) -> Any:
    found: Any = load_file(SCHEMA).message_class((0,))
    return found(**fields)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        pytest.param(LATE, "payload.at", id="a field"),
        pytest.param({"parts": [{}, LATE]}, "payload.parts[1].at", id="repeated"),
        pytest.param({"by_id": {5: LATE}}, "payload.by_id[5].at", id="a map"),
    ],
)
def test_a_part_without_a_form_in_protobufs_json_has_its_fields_and_a_reason(fields: Any, path: str) -> None:
    row = row_of(message(b"bytes", lambda _: order(**fields)))

    assert row["payload"]["ratio"] == 0
    assert '"seconds": "1152921504606846976"' in str(row["payload"]).replace("'", '"')
    assert row["payload_error"].startswith(f"{path} {OUT_OF_RANGE}")
    assert base64.b64decode(row["raw_payload"]) == b"bytes"


def test_each_such_part_has_a_reason() -> None:
    value = order(**LATE, any={"type_url": "x/y.Z"})
    value.more["a"] = NAN
    error = row_of(message(b"bytes", lambda _: [value]))["payload_error"]

    for path in ("payload[0].at", "payload[0].any", "payload[0].more"):
        assert f"{path} has its fields, as Protobuf has no JSON for this google.protobuf." in error


def test_what_protobuf_has_a_form_for_has_no_reason() -> None:
    row = row_of(message(b"bytes", lambda _: order(ratio=NAN, at={"seconds": 1})))

    assert row["payload"]["ratio"] == "NaN"
    assert "payload_error" not in row


def test_bytes_of_auto_are_explained_as_before() -> None:
    assert row_of(message(b"\xff", auto))["payload_error"] == (
        "The payload has no JSON form: it is not UTF-8 text."
    )
