"""Ready deserializers: functions of the bytes, and the defaults."""

from __future__ import annotations

import codecs
import re
import struct
import uuid as uuids
from typing import Any, Final

from framework.types import RawHeaders

_QUOTE: Final = ord('"')
_UUID_TEXT: Final = re.compile(rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def json(data: bytes) -> Any:
    """Deserialize any JSON document, as RFC 8259 and NaN; at most 200 levels deep, big integers exact.

    A byte order mark is ignored.
    """
    from pydantic_core import from_json  # 25 ms that a run with other payloads doesn't need

    return from_json(data.removeprefix(codecs.BOM_UTF8))


def text(data: bytes) -> str:
    """Deserialize UTF-8 text; other bytes are an error."""
    return data.decode()


def raw(data: bytes) -> bytes:
    """Return the bytes unchanged."""
    return data


untouched: Final = bytes.__bytes__
"""`raw` and `bytes`, once compiled: implemented in C, and recognized where even this call costs too much."""


def int32(data: bytes) -> int:
    """Deserialize four bytes, big-endian and signed, as Kafka's IntegerSerializer writes them."""
    try:
        number: int = struct.unpack(">i", data)[0]
    except struct.error:
        raise _wrong_length(4, data) from None
    return number


def int64(data: bytes) -> int:
    """Deserialize eight bytes, big-endian and signed, as Kafka's LongSerializer writes them."""
    try:
        number: int = struct.unpack(">q", data)[0]
    except struct.error:
        raise _wrong_length(8, data) from None
    return number


def float32(data: bytes) -> float:
    """Deserialize four bytes, big-endian IEEE 754, as Kafka's FloatSerializer writes them."""
    try:
        number: float = struct.unpack(">f", data)[0]
    except struct.error:
        raise _wrong_length(4, data) from None
    return number


def float64(data: bytes) -> float:
    """Deserialize eight bytes, big-endian IEEE 754, as Kafka's DoubleSerializer writes them."""
    try:
        number: float = struct.unpack(">d", data)[0]
    except struct.error:
        raise _wrong_length(8, data) from None
    return number


def uuid(data: bytes) -> uuids.UUID:
    """Deserialize a UUID: 36 characters of text, as Kafka's UUIDSerializer writes it, or its 16 bytes.

    The text may have the quotes of JSON.
    """
    if len(data) == 16:
        return uuids.UUID(bytes=data)
    if len(data) == 38 and data[0] == data[-1] == _QUOTE:
        data = data[1:-1]
    if len(data) != 36:
        raise ValueError(f"a UUID has 16 bytes, or 36 characters of text, and not {len(data)} bytes")
    if not _UUID_TEXT.fullmatch(data):  # UUID() accepts more: hyphens anywhere, braces, a prefix
        raise ValueError("the text of a UUID has the form 8-4-4-4-12, in hexadecimal digits")
    return uuids.UUID(data.decode())


def msgpack(data: bytes) -> Any:
    """Deserialize MessagePack to native values; left-over bytes are an error.

    A timestamp becomes an aware datetime, another extension type a `msgspec.msgpack.Ext`.
    """
    from msgspec.msgpack import decode

    return decode(data)


def xml(data: bytes) -> Any:
    """Deserialize XML to an `xml.etree.ElementTree.Element`. Needs the extra `xml`.

    Entities, which can exhaust memory or read files, are refused.
    """
    from defusedxml.ElementTree import fromstring

    return fromstring(data)


def _wrong_length(expected: int, data: bytes) -> ValueError:
    return ValueError(f"expected {expected} bytes, not {len(data)}")


def text_or_bytes(data: bytes) -> str | bytes:
    """Deserialize UTF-8 text, and return other bytes unchanged: the default for keys."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def text_headers(headers: RawHeaders) -> dict[str, str | None]:
    """Return a dict of UTF-8 text; the last value of a repeated name wins."""
    return {name: None if value is None else value.decode() for name, value in headers}


def default_headers(headers: RawHeaders) -> dict[str, str | bytes | None]:
    """Return a dict of UTF-8 text, or bytes where they aren't; the last value of a repeated name wins."""
    return {name: None if value is None else text_or_bytes(value) for name, value in headers}
