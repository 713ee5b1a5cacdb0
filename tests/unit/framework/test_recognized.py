"""`auto` and the default of an app with a schema registry."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from framework.deserializers import auto
from framework.deserializers.recognized import auto_or_fail, framed_or_json
from framework.errors import (
    MissingExtraError,
    RegistryAuthError,
    RegistryUnavailableError,
    SchemaNotFoundError,
    SchemaRegistryError,
)
from framework.registry import Schema
from framework.schemas import extras
from tests.unit.framework.registries import headers, prefixed, registry

SCHEMAS: dict[Any, Any] = {
    1: Schema("AVRO", '"string"', ()),
    2: Schema("JSON", "{}", ()),
    3: Schema("THRIFT", "", ()),
    4: RegistryUnavailableError("down"),
    5: RegistryAuthError("refused"),
}
TEXT = b"\x06abc"  # Avro


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"17", 17),
        (b" [1] ", [1]),
        (b"NaN", "NaN"),
        (b"Infinity", "Infinity"),
        (b"2024-01-01 12:00 started", "2024-01-01 12:00 started"),
        ("größe".encode(), "größe"),
        (b"", ""),
        (b"\x1f\x8b\x08\x00", b"\x1f\x8b\x08\x00"),
        (b"\xff", b"\xff"),
        (prefixed(0, b"\x00\x00\x07"), "\x00" * 7 + "\x07"),
    ],
)
@pytest.mark.parametrize("schemas", [None, SCHEMAS], ids=["no registry", "registry"])
def test_auto_takes_json_then_text_then_bytes(
    data: bytes, expected: Any, schemas: dict[Any, Any] | None
) -> None:
    read = auto.bind("payload", None if schemas is None else registry(schemas)).read
    assert read(data, None) == expected
    assert type(read(data, [])) is type(expected)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(prefixed(1, TEXT), "abc", id="Avro"),
        pytest.param(prefixed(2, b"[1]"), [1], id="JSON"),
        pytest.param(prefixed(1, TEXT + b"!"), prefixed(1, TEXT + b"!"), id="left-over bytes"),
        pytest.param(prefixed(3, b""), prefixed(3, b""), id="a type that nobody knows"),
        pytest.param(prefixed(9, b""), prefixed(9, b""), id="a schema that nobody knows"),
    ],
)
def test_auto_decodes_what_is_framed_and_leaves_bytes_what_it_cant(data: bytes, expected: Any) -> None:
    assert auto.bind("payload", registry(SCHEMAS)).read(data, None) == expected
    assert auto.bind("payload", None).read(data, None) == data
    named = headers(data[:5])
    if expected != data:
        assert auto.bind("payload", registry(SCHEMAS)).read(data[5:], named) == expected
    assert auto.bind("payload", None).read(data[5:], named) == data[5:]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (prefixed(1, TEXT + b"!"), "1 byte"),
        (prefixed(3, b""), "THRIFT"),
        (prefixed(9, b""), "Schema 9 isn't in the registry"),
    ],
)
def test_for_files_what_is_framed_and_cant_be_decoded_is_an_error(data: bytes, reason: str) -> None:
    with pytest.raises((ValueError, SchemaRegistryError), match=reason):
        auto_or_fail.bind("payload", registry(SCHEMAS)).read(data, None)


@pytest.mark.parametrize("data", [prefixed(1, TEXT), b'{"a": 1}', b"a line", b"\xff", b""])
def test_for_files_everything_else_is_as_ever(data: bytes) -> None:
    assert auto_or_fail.bind("payload", registry(SCHEMAS)).read(data, None) == auto.bind(
        "payload", registry(SCHEMAS)
    ).read(data, None)
    assert auto_or_fail.bind("payload", None).read(data, None) == auto.bind("payload", None).read(data, None)


def test_a_header_that_names_no_schema_leaves_bytes() -> None:
    assert auto.bind("payload", registry(SCHEMAS)).read(b"{}", headers(b"bad")) == b"{}"


@pytest.mark.parametrize(
    ("schema_id", "error"), [(4, RegistryUnavailableError), (5, RegistryAuthError)], ids=["down", "refused"]
)
def test_a_registry_that_cant_be_asked_is_an_error(schema_id: int, error: type[Exception]) -> None:
    for declared in (auto, framed_or_json):
        with pytest.raises(error):
            declared.bind("payload", registry(SCHEMAS)).read(prefixed(schema_id, b""), None)


def test_the_default_with_a_registry_reads_what_is_framed_and_else_json() -> None:
    read = framed_or_json.bind("payload", registry(SCHEMAS)).read
    assert read(prefixed(1, TEXT), None) == "abc"
    assert read(TEXT, headers(b"\x00\x00\x00\x00\x01")) == "abc"
    assert read(b'{"a": NaN}', None)["a"] != 0
    with pytest.raises(ValueError, match="expected ident"):
        read(b"text", None)
    with pytest.raises(SchemaNotFoundError):
        read(prefixed(9, b""), None)
    with pytest.raises(ValueError, match="the schema is of an unknown type, 'THRIFT'"):
        read(prefixed(3, b""), None)


def test_they_pickle_as_themselves() -> None:
    assert pickle.loads(pickle.dumps(auto)) is auto
    assert pickle.loads(pickle.dumps(framed_or_json)) is framed_or_json


def test_a_missing_library_leaves_bytes_to_auto_and_ends_the_run_of_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extras, "_is_there", lambda _module: False)
    framed = prefixed(6, b"\x00")
    schemas = SCHEMAS | {6: Schema("PROTOBUF", "", ())}
    assert auto.bind("payload", registry(schemas)).read(framed, None) == framed
    with pytest.raises(MissingExtraError) as caught:
        framed_or_json.bind("payload", registry(schemas)).read(framed, None)
    assert str(caught.value) == (
        'A Protobuf schema needs protobuf: pip install "framework-iterator[protobuf]"'
    )
