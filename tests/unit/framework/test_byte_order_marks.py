"""JSON is read behind a byte order mark, as .NET's UTF-8 streams write it."""

import codecs
from typing import Any

import msgspec
import pydantic
import pytest

from framework import App, DeserializationError, Topic
from framework.deserializers import auto, json
from framework.testing import build_message


class Order(pydantic.BaseModel):
    total: int


class Trip(msgspec.Struct):
    total: int


def read(given: object, data: bytes, part: str = "payload") -> Any:
    parts: dict[str, Any] = {"payload": None, part: codecs.BOM_UTF8 + data}
    topic: Topic[Any] = Topic("flights", **{part: given})  # type: ignore[call-overload]
    return getattr(build_message(topic, parts.pop("payload"), app=App(), **parts), part)


@pytest.mark.parametrize("part", ["payload", "key"])
@pytest.mark.parametrize(
    ("given", "value"),
    [
        (json, {"total": 1}),
        (auto, {"total": 1}),
        (dict, {"total": 1}),
        (Order, Order(total=1)),
        (Trip, Trip(1)),
        (lambda data: json(data), {"total": 1}),
        (str, '\ufeff{"total": 1}'),
        (bytes, b'\xef\xbb\xbf{"total": 1}'),
    ],
)
def test_json_is_read_behind_a_byte_order_mark(given: object, value: object, part: str) -> None:
    assert read(given, b'{"total": 1}', part) == value


def test_what_is_wrong_behind_the_mark_is_what_the_error_says() -> None:
    with pytest.raises(DeserializationError) as caught:
        read(Order, b'{"total": "late"}')

    assert str(caught.value) == (
        "Can't read the payload of flights-0@0 with Order: total: Input should be a valid integer, unable to "
        "parse string as an integer. Its bytes are in raw_payload."
    )
    assert isinstance(caught.value.__cause__, pydantic.ValidationError)


def test_a_text_with_a_mark_stays_text_with_auto() -> None:
    assert read(auto, b"late") == "\ufefflate"


def test_an_app_with_a_schema_registry_reads_it_too() -> None:
    app = App(schema_registry="http://127.0.0.1:1")

    assert build_message("flights", codecs.BOM_UTF8 + b"[1]", app=app).payload == [1]
