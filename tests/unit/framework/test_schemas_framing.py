from __future__ import annotations

import re
import uuid

import pytest

from framework.schemas import framing
from framework.types import RawHeaders

GUID = uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")
NAME = "__value_schema_id"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"\x00\x00\x00\x00\x07", 7, id="nothing behind it"),
        pytest.param(b"\x00\x00\x01\x00\x02rest", 65538, id="a value behind it"),
        pytest.param(b"\x00\xff\xff\xff\xff", 4294967295, id="unsigned"),
    ],
)
def test_a_prefix_is_the_byte_0_and_an_id(data: bytes, expected: int) -> None:
    assert framing.parse_prefix(data) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "there are no bytes: Schema Registry framing has at least 5"),
        (b"\x00", "the Schema Registry framing is cut: 1 byte instead of at least 5"),
        (b"\x00\x00\x00\x07", "the Schema Registry framing is cut: 4 bytes instead of at least 5"),
        (b'{"a": 1}', "begins with 0x7b: this looks like JSON, not Schema Registry framing"),
        (b"[1]", "begins with 0x5b: this looks like JSON, not Schema Registry framing"),
        (b'"a"', "begins with 0x22: this looks like JSON, not Schema Registry framing"),
        (b"\x1f\x8b\x08\x00\x00\x00", "begins with 0x1f, not with the 0 of Schema Registry framing"),
        (b"\x01", "begins with 0x01, not with the 0 of Schema Registry framing"),
    ],
)
def test_other_bytes_are_an_error_that_says_what_they_look_like(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        framing.parse_prefix(data)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(b"\x01" + GUID.bytes, (GUID, b""), id="guid"),
        pytest.param(b"\x01" + GUID.bytes + b"\x02\x02", (GUID, b"\x02\x02"), id="guid and message index"),
        pytest.param(b"\x00\x00\x00\x00\x07", (7, b""), id="id"),
        pytest.param(b"\x00\x00\x00\x00\x07\x00", (7, b"\x00"), id="id and message index"),
    ],
)
def test_a_header_is_a_guid_or_an_id_and_perhaps_a_message_index(
    value: bytes, expected: tuple[object, bytes]
) -> None:
    assert framing.parse_header(NAME, value) == expected


@pytest.mark.parametrize("value", [b"", b"\x00\x00\x00\x07", b"\x01" + GUID.bytes[:-1], b"\x02" * 17, b"7"])
def test_any_other_header_is_an_error_with_its_bytes(value: bytes) -> None:
    with pytest.raises(ValueError, match="the header") as caught:
        framing.parse_header(NAME, value)
    assert str(caught.value) == (
        f"the header __value_schema_id is 0x{value.hex()}: "
        "expected the byte 1 and a GUID, or the byte 0 and an id"
    )


@pytest.mark.parametrize(
    ("data", "headers", "part", "expected"),
    [
        (b"\x00\x00\x00\x00\x07", None, "payload", 7),
        (b"\x00\x00\x00\x00\x07", [(NAME, b"\x00\x00\x00\x00\x09")], "payload", 9),
        (b"\x00\x00\x00\x00\x07", [(NAME, b"\x00\x00\x00\x00\x09")], "key", 7),
        (b"\x00\x00\x00\x00\x07", [("__key_schema_id", b"\x01" + GUID.bytes)], "key", GUID),
        (b"\x00\x00\x00\x00\x07", [(NAME, b"bad")], "payload", 7),
        (b"\x00\x00\x00\x00\x07", [(NAME, None)], "payload", 7),
        (None, [(NAME, b"\x01" + GUID.bytes)], "payload", GUID),
        (b"x", [(NAME, b"\x00\x00\x00\x00\x01"), (NAME, b"\x00\x00\x00\x00\x02")], "payload", 2),
        (b"\x00\x00\x00\x00\x00\x00\x00\x07", None, "key", None),
        (b"\x00\x00\x00\x07", None, "payload", None),
        (b"{}", [], "payload", None),
        (None, None, "payload", None),
        (b"", None, "payload", None),
    ],
)
def test_the_header_comes_first_and_an_id_is_never_0(
    data: bytes | None, headers: RawHeaders | None, part: str, expected: object
) -> None:
    assert framing.schema_id_of(data, headers, part) == expected
