"""`--json`: what JSON can't hold is null with a reason and the bytes; what it lacks has a form in it."""

from __future__ import annotations

import base64
import collections.abc as cabc
import dataclasses
import datetime
import decimal
import struct
import uuid
from typing import Any

import hypothesis.strategies as st
import msgspec
import pydantic
import pytest
from hypothesis import given

from framework import App, Topic
from framework.deserializers import auto, float64, msgpack, raw, xml
from framework.testing import build_message, reset_current_app
from tests.unit.iterator.rows import message, row_of

NOON = datetime.datetime(2013, 12, 25, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


class Model(pydantic.BaseModel):
    x: float


class StrictModel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(ser_json_inf_nan="null")
    x: float


class Struct(msgspec.Struct, rename="upper", tag="t"):
    x: float
    data: bytes = b"ab"
    model: Model | None = None


@dataclasses.dataclass
class Data:
    x: float


DIGITS = "12345678901234567890.10"
CONTROLS = "\ud800 \x1b[2J\r\n\u2028\u202e\x7f\x9b"
NAN, INFINITY = float("nan"), float("inf")
NOT_IN_JSON = [
    pytest.param(None, b"NaN", id="NaN"),
    pytest.param(None, b"-Infinity", id="infinity"),
    pytest.param(None, b"1e400", id="1e400"),
    pytest.param(None, b'{"a": [{"b": 1e400}]}', id="1e400, nested"),
    pytest.param(Model, b'{"x": 1e400}', id="in a model"),
    pytest.param(StrictModel, b'{"x": NaN}', id="in a model that would make null of it"),
    pytest.param(list[Model], b'[{"x": NaN}]', id="in a list of models"),
    pytest.param(lambda _: Data(NAN), b"", id="in a dataclass"),
    pytest.param(lambda _: Struct(NAN), b"", id="in a Struct"),
    pytest.param(lambda _: [Struct(1.0, model=Model(x=INFINITY))], b"", id="in a model in a Struct"),
    pytest.param(float64, struct.pack(">d", NAN), id="float64"),
    pytest.param(lambda _: {"a": [object()]}, b"", id="an object"),
    pytest.param(lambda _: [b"\xff"], b"", id="bytes inside"),
    pytest.param(lambda _: 10**5000, b"", id="a huge number"),
    pytest.param(msgpack, b"\xd4\x05a", id="an extension of MessagePack"),
]


@pytest.mark.parametrize(("deserializer", "data"), NOT_IN_JSON)
def test_what_json_cannot_hold_is_null_with_the_reason_and_the_bytes(deserializer: Any, data: bytes) -> None:
    row = row_of(message(data, deserializer, key=b"k"))

    assert row["payload"] is None
    assert row["payload_error"].startswith("The payload has no JSON form: ")
    assert row["payload_error"].endswith(".")
    assert base64.b64decode(row["raw_payload"]) == data
    assert row["key"] == "k"


@pytest.mark.parametrize(("deserializer", "data"), NOT_IN_JSON[4:])
def test_the_same_holds_for_keys_and_headers(deserializer: Any, data: bytes) -> None:
    row = row_of(message(b"1", key=data, key_as=deserializer))

    assert (row["key"], row["payload"]) == (None, 1)
    assert row["key_error"].startswith("The key has no JSON form: ")
    assert base64.b64decode(row["raw_key"]) == data


def test_headers_of_any_deserializer_may_have_no_json_form() -> None:
    row = row_of(message(b"1", headers=[("a", b"1")], headers_as=lambda _: [NAN]))

    assert row["headers"] is None
    assert row["headers_error"].startswith("The headers have no JSON form: ")
    assert row["raw_headers"] == [["a", "MQ=="]]


class Broken(pydantic.BaseModel):
    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> int:
        raise KeyError("total")


def test_a_model_that_fails_when_it_is_written_is_null_with_the_reason() -> None:
    row = row_of(message(b"{}", Broken))

    assert row["payload"] is None
    assert "total" in row["payload_error"]


@pytest.mark.parametrize(
    ("deserializer", "value"),
    [
        pytest.param(lambda _: decimal.Decimal(DIGITS), DIGITS, id="Decimal"),
        pytest.param(lambda _: {"a": [decimal.Decimal("1.10")]}, {"a": ["1.10"]}, id="Decimal, nested"),
        pytest.param(
            lambda _: [NOON, NOON.date(), NOON.time()],
            ["2013-12-25T12:00:00Z", "2013-12-25", "12:00:00"],
            id="times",
        ),
        pytest.param(lambda _: [uuid.UUID(int=1)], ["00000000-0000-0000-0000-000000000001"], id="UUID"),
        pytest.param(
            lambda _: Struct(1.5, model=Model(x=2)),
            {"type": "t", "X": 1.5, "DATA": "ab", "MODEL": {"x": 2.0}},
            id="Struct",
        ),
        pytest.param(lambda _: Data(1.5), {"x": 1.5}, id="dataclass"),
        pytest.param(lambda _: [b"ab"], ["ab"], id="bytes that are text"),
        pytest.param(lambda _: {None: 1, (1, 2): 2}, {"None": 1, "1,2": 2}, id="odd names"),
        pytest.param(lambda _: {"\ud800": "\udfff"}, {"\ud800": "\udfff"}, id="lone surrogates"),
        pytest.param(lambda _: CONTROLS, CONTROLS, id="controls"),
        pytest.param(xml, "<a>b</a>", id="XML"),
        pytest.param(lambda _: 18446744073709551617, 18446744073709551617, id="a big number"),
    ],
)
def test_values_that_json_lacks_have_a_form_in_it(deserializer: Any, value: Any) -> None:
    row = row_of(message(b"<a>b</a>", deserializer))

    assert row["payload"] == value
    assert "payload_error" not in row


def test_protobuf_messages_are_in_their_own_json_form() -> None:
    struct_pb2 = pytest.importorskip("google.protobuf.struct_pb2")
    value = struct_pb2.Value(string_value="é")

    assert row_of(message(b"x", lambda _: [value]))["payload"] == ["é"]


def deep(_: bytes) -> list[Any]:
    value: list[Any] = []
    for _level in range(100_000):
        value = [value]
    return value


def itself(_: bytes) -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize("deserializer", [deep, itself])
def test_what_has_no_end_is_null_with_the_reason(deserializer: Any) -> None:
    assert row_of(message(b"x", deserializer))["payload_error"].startswith("The payload has no JSON form: ")


class Nested(pydantic.BaseModel):
    value: Any
    more: list[float] = []


NUMBERS = st.integers() | st.floats() | st.booleans() | st.none() | st.decimals()
VALUES = st.recursive(
    NUMBERS
    | st.text()
    | st.binary()
    | st.dates()
    | st.uuids()
    | st.floats().map(Data)
    | st.floats().map(Struct),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | inner.map(lambda value: Nested(value=value))
    ),
    max_leaves=8,
)
BYTES = (
    st.binary() | VALUES.map(lambda value: repr(value).encode()) | st.floats().map(lambda x: str(x).encode())
)


@given(
    payload=st.none() | BYTES,
    key=st.none() | BYTES,
    headers=st.lists(st.tuples(st.sampled_from("abc") | st.text(), st.none() | st.binary())),
    value=VALUES,
    parts=st.sets(st.sampled_from(["payload", "key", "headers"])),
    deserializer=st.sampled_from([None, auto, raw, msgpack, str]),
)
def test_every_line_is_strict_json_and_nothing_is_null_without_a_reason(
    payload: bytes | None, key: bytes | None, headers: Any, value: Any, parts: set[str], deserializer: Any
) -> None:
    declared = {} if deserializer is None else {"payload": deserializer}
    declared |= {part: lambda _: value for part in parts}
    topic: Topic[Any] = Topic("flights", **declared)
    row = row_of(build_message(topic, payload, key=key, headers=headers, app=App()))

    for part, data in (("payload", payload), ("key", key), ("headers", headers)):
        if row[part] is None:
            is_null = data is None or (value is None if part in parts else data.strip() in (b"null", b"\xc0"))
            assert is_null == (f"{part}_error" not in row)
        assert f"{part}_error" not in row or f"raw_{part}" in row
    if len({name for name, _ in headers}) < len(headers):
        assert [name for name, _ in row["raw_headers"]] == [name for name, _ in headers]
