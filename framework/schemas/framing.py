"""Where bytes name their schema: in a header of the message, or in a prefix. Pure.

The formats are those of Confluent's serializers:

- header `__value_schema_id` or `__key_schema_id`: the byte 1 and a GUID of 16 bytes, or the byte 0 and an id
  of four bytes, big-endian. The value then has no prefix.
- prefix: the byte 0 and an id of four bytes, big-endian.

Protobuf's message index follows the id, in the header or in the prefix.
"""

from __future__ import annotations

import uuid
from typing import Final

from framework.registry import SchemaId
from framework.types import RawHeaders

HEADERS: Final = {"payload": "__value_schema_id", "key": "__key_schema_id"}
PREFIX_SIZE: Final = 5

_GUID_SIZE: Final = 17
_JSON_STARTS: Final = b'{["'


def header_value(headers: RawHeaders | None, name: str) -> bytes | None:
    """Return the header that names a schema, the last one of its name, or None."""
    found = None
    for each, value in headers or ():
        if each == name:
            found = value
    return found


def parse_header(name: str, value: bytes) -> tuple[SchemaId, bytes]:
    """Return the id in the header's value, and what follows it: Protobuf's message index."""
    if value[:1] == b"\x01" and len(value) >= _GUID_SIZE:
        return uuid.UUID(bytes=value[1:_GUID_SIZE]), value[_GUID_SIZE:]
    if value[:1] == b"\x00" and len(value) >= PREFIX_SIZE:
        return int.from_bytes(value[1:PREFIX_SIZE], "big"), value[PREFIX_SIZE:]
    raise ValueError(
        f"the header {name} is 0x{value[:20].hex()}: expected the byte 1 and a GUID, or the byte 0 and an id"
    )


def parse_prefix(data: bytes) -> int:
    """Return the id in the prefix; a ValueError says what the bytes look like instead."""
    if len(data) >= PREFIX_SIZE and not data[0]:
        return int.from_bytes(data[1:PREFIX_SIZE], "big")
    if not data:
        raise ValueError("there are no bytes: Schema Registry framing has at least 5")
    if not data[0]:
        raise ValueError(f"the Schema Registry framing is cut: {_bytes(data)} instead of at least 5")
    start = f"begins with 0x{data[0]:02x}"
    if data[0] in _JSON_STARTS:
        raise ValueError(f"{start}: this looks like JSON, not Schema Registry framing")
    raise ValueError(f"{start}, not with the 0 of Schema Registry framing")


def has_prefix(data: bytes) -> bool:
    """Whether bytes begin like Schema Registry framing. Ids begin with 1, so small int64 numbers don't."""
    return len(data) >= PREFIX_SIZE and data[0] == 0 and data[1:PREFIX_SIZE] != b"\x00\x00\x00\x00"


def schema_id_in_header(headers: RawHeaders | None, part: str) -> SchemaId | None:
    """Return the id that a header names for a part; None where there is none, or it is malformed."""
    value = header_value(headers, HEADERS[part])
    if value is None:
        return None
    try:
        return parse_header(HEADERS[part], value)[0]
    except ValueError:
        return None


def schema_id_of(data: bytes | None, headers: RawHeaders | None, part: str) -> SchemaId | None:
    """Return the id that bytes are framed with: by header, else by prefix, else None."""
    found = schema_id_in_header(headers, part)
    if found is None and data is not None and has_prefix(data):
        return parse_prefix(data)
    return found


def _bytes(data: bytes) -> str:
    return "1 byte" if len(data) == 1 else f"{len(data)} bytes"
