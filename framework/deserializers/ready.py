"""Ready deserializers: functions of the bytes, and the defaults."""

from __future__ import annotations

import struct
from typing import Any, Final

from framework.types import RawHeaders


def json(data: bytes) -> Any:
    """Deserialize any JSON document, as RFC 8259 and NaN; at most 200 levels deep, big integers exact."""
    from pydantic_core import from_json  # 25 ms that a run with other payloads doesn't need

    return from_json(data)


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
    number: int = struct.unpack(">i", data)[0]
    return number


def int64(data: bytes) -> int:
    """Deserialize eight bytes, big-endian and signed, as Kafka's LongSerializer writes them."""
    number: int = struct.unpack(">q", data)[0]
    return number


def xml(data: bytes) -> Any:
    """Deserialize XML to an `xml.etree.ElementTree.Element`. Needs the extra `xml`.

    Entities, which can exhaust memory or read files, are refused.
    """
    from defusedxml.ElementTree import fromstring

    return fromstring(data)


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
