"""The client of the schema registry."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import os
import time
import uuid
from typing import TYPE_CHECKING, Any, Final, TypeVar

from framework.errors import FrameworkError, SchemaNotFoundError, SchemaRegistryError
from framework.registry.answers import (
    NOT_FOUND,
    Answer,
    Reference,
    Stored,
    error_code,
    read_names,
    read_schema,
)
from framework.registry.once import Once
from framework.registry.references import resolve
from framework.registry.refusals import impossible, unavailable, wrong_path
from framework.registry.schema import IDS, Schema, SchemaId
from framework.registry.settings import RegistrySettings, from_environment, merge
from framework.retry import Clock, Deadline
from framework.types import Uncopied

if TYPE_CHECKING:
    from framework.registry.transport import Transport

K = TypeVar("K", bound=cabc.Hashable)
V = TypeVar("V")

KEEP_NOT_FOUND: Final = 30.0
"""Seconds for which a schema is known to be missing: it may be registered soon."""
KEEP_FAILURE: Final = 1.0
"""Seconds for which any other error is remembered."""
_LONGEST_TIMEOUT: Final = 1e6  # locks and sockets refuse what doesn't fit into their integers


class Registry(Uncopied):
    """Asks a schema registry for schemas, each once. It may be used from any thread.

    A pickled registry is without logins. It is loaded as the one that its process uses for the same
    addresses, else with the login of the environment for them.

    Args:
        settings: Addresses, logins, files: see `merge`.
        timeout: Seconds for one call, with all its retries and the schemas that a schema refers to.
        clock: Where the time comes from.
        pause: Waits the seconds it is given, between two tries.
    """

    def __init__(
        self,
        settings: RegistrySettings,
        timeout: float = 5.0,
        *,
        clock: Clock = time.monotonic,
        pause: cabc.Callable[[float], object] = time.sleep,
    ) -> None:
        """Ask nothing yet."""
        self.settings = settings
        self.timeout = timeout
        self._clock = clock
        self._pause = pause
        self._transport: Transport | None = None
        self._schemas: Once[SchemaId, Schema] = Once(clock, _seconds_to_keep)
        self._versions: Once[tuple[str, int], Stored] = Once(clock, _seconds_to_keep)

    @staticmethod
    def of(settings: RegistrySettings, timeout: float = 5.0) -> Registry:
        """Return the one registry of this process for these settings and this timeout."""
        # setdefault is atomic.
        return _REGISTRIES.setdefault((settings, timeout), Registry(settings, timeout))

    @staticmethod
    def forget(address: str) -> None:
        """Have this process ask again for schemas of an address, because another registry is there now."""
        for known in list(_REGISTRIES):
            if address in map(str, known[0].addresses):
                _REGISTRIES.pop(known, None)

    def __repr__(self) -> str:
        """Return the addresses, without a login."""
        return f"<Registry {', '.join(self.addresses)}>"

    def __eq__(self, other: object) -> bool:
        """Whether settings and timeout are equal."""
        if not isinstance(other, Registry):
            return NotImplemented
        return (self.settings, self.timeout) == (other.settings, other.timeout)

    def __hash__(self) -> int:
        """Return the hash of settings and timeout."""
        return hash((self.settings, self.timeout))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle addresses and names of files, without logins."""
        return _restore, (self.settings, self.timeout)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the addresses, without logins."""
        return tuple(map(str, self.settings.addresses))

    def schema(self, schema_id: SchemaId) -> Schema:
        """Return the schema of an id or a GUID, with all that it refers to.

        A schema is asked for once. That it is missing is remembered for 30 s, and any other error
        for 1 s: until then it is raised again without a request.

        Raises:
            SchemaNotFoundError: The registry has no such schema, or not all that it refers to.
            RegistryAuthError: The registry refused the login.
            RegistryUnavailableError: No address answered in time, or none is a registry.
            SchemaRegistryError: The references of the schema are unusable.
        """
        if not isinstance(schema_id, uuid.UUID) and schema_id not in IDS:
            raise impossible(schema_id, ", ".join(self.addresses))
        deadline = self._deadline()
        return self._once(self._schemas, schema_id, lambda: self._load(schema_id, deadline), deadline)

    def latest(self, subject: str) -> Schema | None:
        """Return the latest schema of a subject, or None if there is none. Asks each time."""
        deadline = self._deadline()
        answer = self._get(f"/subjects/{_escape(subject)}/versions/latest", deadline)
        if answer.status == 404:
            _check_path(answer)
            return None
        try:
            return self._complete(read_schema(answer), deadline)
        except _MissingReferenceError as error:
            raise SchemaRegistryError(f"The latest schema of subject {subject!r} {error}") from None

    def subjects(self) -> list[str]:
        """Return the names of all subjects. Asks each time."""
        answer = self._get("/subjects", self._deadline())
        if answer.status == 404:
            raise wrong_path(answer.address, answer.url)
        return read_names(answer)

    def _load(self, schema_id: SchemaId, deadline: Deadline) -> Schema:
        is_guid = isinstance(schema_id, uuid.UUID)
        answer = self._get(f"/schemas/{'guids' if is_guid else 'ids'}/{schema_id}", deadline)
        registry = str(answer.address)
        if answer.status == 404:
            raise _not_found(schema_id, answer)
        try:
            return self._complete(read_schema(answer), deadline)
        except _MissingReferenceError as error:
            text = f"Schema {schema_id} {error}"
            raise SchemaNotFoundError(text, schema_id=schema_id, registry=registry) from None

    def _complete(self, stored: Stored, deadline: Deadline) -> Schema:
        references = resolve(stored.references, lambda reference: self._version(reference, deadline))
        return Schema(stored.type, stored.text, references)

    def _version(self, reference: Reference, deadline: Deadline) -> Stored:
        subject, version = reference.subject, reference.version

        def load() -> Stored:
            path = f"/subjects/{_escape(subject)}/versions/{'latest' if version == -1 else version}"
            answer = self._get(path, deadline)
            if answer.status == 404:
                _check_path(answer)
                raise _MissingReferenceError(
                    f"refers to version {version} of subject {subject!r}, which isn't in the registry "
                    f"{answer.address}: was it deleted, or registered in another one?"
                )
            return read_schema(answer)

        return self._once(self._versions, (subject, version), load, deadline)

    def _once(self, once: Once[K, V], key: K, ask: cabc.Callable[[], V], deadline: Deadline) -> V:
        try:
            return once.get(key, ask, deadline)
        except TimeoutError:
            # Its own request, which has the same deadline, would have failed with its own error.
            reason = "the request of another thread is still running"
            raise unavailable(dict.fromkeys(self.settings.addresses, reason), self.timeout) from None

    def _get(self, path: str, deadline: Deadline) -> Answer:
        if self._transport is None:
            # Imported late: ssl and http.client take 20 ms, which an application without a registry saves.
            from framework.registry.transport import Transport

            self._transport = Transport(self.settings, self._clock, self._pause)
        return self._transport.get(path, deadline)

    def _deadline(self) -> Deadline:
        return Deadline(min(self.timeout, _LONGEST_TIMEOUT), self._clock)


class _MissingReferenceError(SchemaRegistryError):
    """What a schema refers to is missing; the text follows the name of the schema."""


def _seconds_to_keep(error: FrameworkError) -> float:
    return KEEP_NOT_FOUND if isinstance(error, SchemaNotFoundError | _MissingReferenceError) else KEEP_FAILURE


def _not_found(schema_id: SchemaId, answer: Answer) -> SchemaRegistryError:
    text = f"Schema {schema_id} isn't in the registry {answer.address}: was it registered in another one?"
    if isinstance(schema_id, uuid.UUID):
        # Older registries answer any GUID with a plain 404. One wrong message must not end a run.
        if error_code(answer.body) not in NOT_FOUND:
            text += " (Not all registries know schemas by GUID.)"
    else:
        _check_path(answer)
    return SchemaNotFoundError(text, schema_id=schema_id, registry=str(answer.address))


def _check_path(answer: Answer) -> None:
    """Raise the error for a wrong address if a 404 isn't about a subject or a schema."""
    if error_code(answer.body) not in NOT_FOUND:
        raise wrong_path(answer.address, answer.url)


def _escape(subject: str) -> str:
    from urllib.parse import quote

    return quote(subject, safe="")


_REGISTRIES: Final[dict[tuple[RegistrySettings, float], Registry]] = {}


def _restore(settings: RegistrySettings, timeout: float) -> Registry:
    """Return a registry of this process for settings that have no login."""
    known = (each.settings for each in list(_REGISTRIES.values()))
    same = next((each for each in known if _reach_the_same(each, settings)), None)
    if same is not None:
        return Registry.of(same, timeout)
    environment = merge(from_environment(os.environ))
    if environment is not None and _reach_the_same(environment, settings):
        settings = dataclasses.replace(
            environment,
            ca_location=settings.ca_location or environment.ca_location,
            certificate_location=settings.certificate_location,
            key_location=settings.key_location,
        )
    return Registry.of(settings, timeout)


def _reach_the_same(one: RegistrySettings, other: RegistrySettings) -> bool:
    return list(map(str, one.addresses)) == list(map(str, other.addresses))
