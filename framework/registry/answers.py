"""Read what a schema registry answered."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from framework.registry.addresses import Address
from framework.registry.redaction import Redact, quote
from framework.registry.refusals import no_registry

T = TypeVar("T")

NOT_FOUND: Final = frozenset({40401, 40402, 40403})
"""The error codes of a 404 that is about a subject, a version or a schema, and not about the address."""
INVALID: Final = range(42200, 42300)
"""The error codes of a 422: the registry calls a version or a schema invalid."""


class Answer(NamedTuple):
    """The answer to one request, and where it came from; the status is 200 or 404."""

    address: Address
    url: str
    status: int
    body: bytes
    redact: Redact

    def __repr__(self) -> str:
        """Return status and address; the body may quote the login."""
        return f"<Answer {self.status} of {self.url}>"


class Reference(msgspec.Struct, frozen=True):
    """One entry in a schema's list of references."""

    name: str
    subject: str
    version: int


class _StoredSchema(msgspec.Struct):
    schema: str
    schemaType: str | None = None  # noqa: N815 - the registry's name
    references: list[Reference] | None = None


class Stored(NamedTuple):
    """A schema without the texts that it refers to."""

    type: str
    text: str
    references: tuple[Reference, ...]


def read_schema(answer: Answer) -> Stored:
    """Return the schema of an answer; a RegistryUnavailableError if it holds none."""
    stored = _decode(answer, _StoredSchema, "a schema")
    return Stored((stored.schemaType or "AVRO").upper(), stored.schema, tuple(stored.references or ()))


def read_names(answer: Answer) -> list[str]:
    """Return the list of names of an answer; a RegistryUnavailableError if it holds none."""
    return _decode(answer, list[str], "a list of names")


def error_code(body: bytes) -> int | None:
    """Return the `error_code` of an answer's body, if it has one."""
    code = _error_fields(body).get("error_code")
    return code if isinstance(code, int) else None


def error_text(body: bytes, redact: Redact) -> str:
    """Return the registry's own words about an error in one short line, or an empty text."""
    message = _error_fields(body).get("message")
    text = quote(message if isinstance(message, str) else body.decode("utf-8", "replace"), redact)
    # A sentence of ours follows; three dots say that the text was cut.
    return text if text.endswith("...") else text.removesuffix(".")


def _error_fields(body: bytes) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _decode(answer: Answer, kind: type[T], wanted: str) -> T:
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except msgspec.ValidationError as error:
        reason = str(error)
    except (msgspec.DecodeError, ValueError, RecursionError):
        reason = "not JSON"
    got = quote(answer.body.decode("utf-8", "replace"), answer.redact)
    path = answer.url.removeprefix(str(answer.address))
    raise no_registry(answer.address, f"it answered {path} with '{got}' ({reason}), and not with {wanted}")
