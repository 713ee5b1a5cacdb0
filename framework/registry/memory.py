"""The schemas of an embedded registry: what it answers, without HTTP."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import json
import re
import threading
import uuid
from typing import Any, Final, Literal

import msgspec

_GUIDS: Final = uuid.UUID("8f3b5a52-6c6e-5a0f-9d0e-3f1f7f0c2f11")
"""The namespace of the GUIDs: equal schemas have equal ones in every run."""


class RefusedError(Exception):
    """An answer other than 200. The code begins with the status: 40403 is a 404."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Reference(msgspec.Struct):
    """What a schema refers to."""

    name: str
    subject: str
    version: int


class Body(msgspec.Struct):
    """The schema of a request."""

    schema: str
    schemaType: Literal["AVRO", "JSON", "PROTOBUF"] | None = None  # noqa: N815 - Confluent's name
    references: list[Reference] | None = None


@dataclasses.dataclass(frozen=True)
class _Schema:
    id: int
    guid: str
    type: str
    text: str
    references: list[dict[str, Any]]

    def describe(self) -> dict[str, Any]:
        """Return it as Confluent's registry does: without the type of Avro, or an empty list."""
        described: dict[str, Any] = {"schema": self.text, "guid": self.guid}
        if self.type != "AVRO":
            described["schemaType"] = self.type
        if self.references:
            described["references"] = self.references
        return described


class MemoryStore:
    """The schemas, and which subject has which of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_guid: dict[str, _Schema] = {}
        self._subjects: dict[str, list[_Schema]] = {}

    def register(self, subject: str, body: Body) -> dict[str, Any]:
        """Add a schema to a subject, which may have it already."""
        with self._lock:
            schema = self._find_or_make(body)
            self._by_guid[schema.guid] = schema
            versions = self._subjects.setdefault(subject, [])
            if schema not in versions:
                versions.append(schema)
            return {"id": schema.id, "guid": schema.guid, "version": versions.index(schema) + 1}

    def look_up(self, subject: str, body: Body) -> dict[str, Any]:
        """Return the version of a subject that has this schema."""
        with self._lock:
            versions = self._versions(subject)
            schema = self._find_or_make(body)
            if schema not in versions:
                raise RefusedError(40403, "Schema not found")
            return self._describe(subject, versions.index(schema) + 1)

    def subjects(self) -> list[str]:
        """Return the names of all subjects."""
        return sorted(self._subjects)

    def versions(self, subject: str) -> list[int]:
        """Return the numbers of all versions of a subject."""
        return list(range(1, len(self._versions(subject)) + 1))

    def version(self, subject: str, text: str) -> dict[str, Any]:
        """Return one version of a subject, by number or "latest"."""
        count = len(self._versions(subject))
        if text in ("latest", "-1"):
            return self._describe(subject, count)
        if not re.fullmatch("[1-9][0-9]{0,8}", text):
            raise RefusedError(42202, f"The specified version '{text}' is not a valid version id.")
        if int(text) > count:
            raise RefusedError(40402, f"Version {text} not found.")
        return self._describe(subject, int(text))

    def by_id(self, text: str) -> dict[str, Any]:
        """Return the schema of an id."""
        return self._first(lambda schema: str(schema.id) == text, text)

    def by_guid(self, text: str) -> dict[str, Any]:
        """Return the schema of a GUID."""
        return self._first(lambda schema: schema.guid == text.lower(), text)

    def _first(self, matches: cabc.Callable[[_Schema], bool], text: str) -> dict[str, Any]:
        for schema in list(self._by_guid.values()):
            if matches(schema):
                return schema.describe()
        raise RefusedError(40403, f"Schema {text} not found")

    def _versions(self, subject: str) -> list[_Schema]:
        if subject not in self._subjects:
            raise RefusedError(40401, f"Subject '{subject}' not found.")
        return self._subjects[subject]

    def _describe(self, subject: str, version: int) -> dict[str, Any]:
        schema = self._versions(subject)[version - 1]
        return {"subject": subject, "version": version, "id": schema.id, **schema.describe()}

    def _find_or_make(self, body: Body) -> _Schema:
        kind = body.schemaType or "AVRO"
        references = [self._check_reference(each) for each in body.references or ()]
        identity = json.dumps([kind, _canonical(kind, body.schema), references], sort_keys=True)
        guid = str(uuid.uuid5(_GUIDS, identity))
        known = self._by_guid.get(guid)
        return known or _Schema(len(self._by_guid) + 1, guid, kind, body.schema, references)

    def _check_reference(self, reference: Reference) -> dict[str, Any]:
        fields = msgspec.structs.asdict(reference)
        count = len(self._subjects.get(reference.subject, ()))
        number = count if reference.version == -1 else reference.version
        if not 0 < number <= count:
            raise RefusedError(42201, f"Invalid schema: no schema reference found for {fields}")
        return {**fields, "version": number}


def _canonical(kind: str, text: str) -> str:
    """Return a text that is equal for schemas that differ only in white space."""
    if kind == "PROTOBUF" and text.strip():
        return text.strip()
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise RefusedError(42201, f"Invalid schema of type {kind}: {error}") from None
    allowed = str | dict | list if kind == "AVRO" else dict | bool
    if not isinstance(parsed, allowed):
        raise RefusedError(42201, f"Invalid schema of type {kind}: {text}")
    return json.dumps(parsed)


def parse_body(body: bytes) -> Body:
    """Return the body of a POST request."""
    try:
        return msgspec.json.decode(body, type=Body)
    except msgspec.ValidationError as error:
        raise RefusedError(42201, f"Invalid schema: {error}") from None
    except ValueError as error:
        raise RefusedError(400, f"Unrecognized request: {error}") from None
