"""The Avro schema of airports, and what its producer does: register it, and frame each payload with its id.

Producers usually do both with Confluent's serializers; here it is written out, as it is short.
"""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from typing import Any

from example_app import console

AIRPORT = {
    "type": "record",
    "name": "Airport",
    "namespace": "nyc",
    "fields": [
        {"name": "faa", "type": "string"},
        {"name": "name", "type": "string"},
        {"name": "lat", "type": "double"},
        {"name": "lon", "type": "double"},
        {"name": "alt", "type": "int", "doc": "feet"},
        {"name": "tz", "type": "int", "doc": "hours from UTC, without daylight saving time"},
        {"name": "dst", "type": {"type": "enum", "name": "Dst", "symbols": ["A", "U", "N"]}},
        {"name": "tzone", "type": ["null", "string"], "default": None},
    ],
}


def register(registry: str, subject: str, schema: dict[str, Any]) -> int:
    """Register a schema for a subject, and return its id; it may be registered already."""
    request = urllib.request.Request(
        f"{registry}/subjects/{subject}/versions",
        data=json.dumps({"schema": json.dumps(schema)}).encode(),
        headers={"Content-Type": "application/vnd.schemaregistry.v1+json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            schema_id: int = json.load(answer)["id"]
            return schema_id
    except urllib.error.URLError as error:
        raise console.Failure(
            f"The schema registry {registry} didn't register a schema: {error.reason}. "
            "Start one, or name another with SCHEMA_REGISTRY_URL."
        ) from error


def encode(schema: dict[str, Any], record: dict[str, Any]) -> bytes:
    """Return a record as bare Avro."""
    import fastavro  # needs the extra `avro`

    file = io.BytesIO()
    fastavro.schemaless_writer(file, schema, record)
    return file.getvalue()


def framed(schema_id: int, payload: bytes) -> bytes:
    """Return a payload as a message holds it: the byte 0, the id in four bytes, and the payload."""
    return b"\x00" + schema_id.to_bytes(4, "big") + payload
