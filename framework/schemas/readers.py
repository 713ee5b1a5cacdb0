"""Read framed bytes: find the schema's id, and decode what follows with the decoder for that schema."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final

from framework.errors import SchemaNotFoundError
from framework.registry import Registry, Schema, SchemaId
from framework.schemas import framing
from framework.schemas.decoders import Decode, Loader
from framework.types import RawHeaders

_MOST_MISSES: Final = 100


class FramedReader:
    """Reads the framed bytes of one part; each schema is asked for once, and its decoder kept.

    Args:
        part: "payload" or "key".
        registry: Where schemas come from.
        load: Makes the decoder for a schema.
    """

    __slots__ = ("_by_header", "_by_prefix", "_header", "_load", "_part", "registry")

    def __init__(self, part: str, registry: Registry, load: Loader) -> None:
        """No schema is known yet."""
        self._part = part
        self._header: Final = framing.HEADERS[part]
        self.registry = registry
        self._load = load
        # By the bytes that name a schema, so that nothing is parsed per message.
        self._by_prefix: dict[bytes, Decode] = {}
        self._by_header: dict[bytes, Decode] = {}

    def read(self, data: bytes, headers: RawHeaders | None) -> Any:
        """Return the decoded value."""
        if headers and (named := framing.header_value(headers, self._header)) is not None:
            decode = self._by_header.get(named) or self._load_by_header(named)
            return decode(data, 0)
        try:  # 50 ns less than `get`
            known = self._by_prefix[data[:5]]
        except KeyError:
            known = None  # and no more here: what loading raises would have the KeyError as its context
        return (known or self._load_by_prefix(data))(data, 5)

    def schema_id(self, data: bytes | None, headers: RawHeaders | None) -> SchemaId | None:
        """Return the id that the bytes are framed with, or None."""
        return framing.schema_id_of(data, headers, self._part)

    @property
    def has_read(self) -> bool:
        """Whether a schema was found."""
        return bool(self._by_prefix or self._by_header)

    def _load_by_header(self, named: bytes) -> Decode:
        schema_id, index = framing.parse_header(self._header, named)
        schema = self.registry.schema(schema_id)
        # What follows the id may be anything: of that, only what is valid is kept.
        decode = self._load(schema, index) if index else self._load_or_fail(schema, index)
        self._by_header[named] = decode
        return decode

    def _load_by_prefix(self, data: bytes) -> Decode:
        schema = self.registry.schema(framing.parse_prefix(data))
        decode = self._by_prefix[data[:5]] = self._load_or_fail(schema, None)
        return decode

    def _load_or_fail(self, schema: Schema, index: bytes | None) -> Decode:
        """Return the decoder; of an unusable schema, one that fails: it isn't compiled for each message."""
        try:
            return self._load(schema, index)
        except ValueError as error:
            return _failing(str(error))


def _failing(reason: str) -> Decode:
    def fail(_data: bytes, _start: int) -> Any:
        raise ValueError(reason)

    return fail


class FixedReader:
    """Reads framed bytes of a type that is known without a registry: the id is not looked up.

    Args:
        part: "payload" or "key".
        decode: Decodes what follows the prefix.
        with_index: Returns what decodes messages whose message index is in a header.
    """

    __slots__ = ("_decode", "_header", "_part", "_with_index")

    def __init__(self, part: str, decode: Decode, with_index: cabc.Callable[[bytes], Decode]) -> None:
        """Nothing is read yet."""
        self._part = part
        self._header: Final = framing.HEADERS[part]
        self._decode = decode
        self._with_index = with_index

    def read(self, data: bytes, headers: RawHeaders | None) -> Any:
        """Return the decoded value."""
        if headers and (named := framing.header_value(headers, self._header)) is not None:
            return self._with_index(framing.parse_header(self._header, named)[1])(data, 0)
        if len(data) < framing.PREFIX_SIZE or data[0]:
            framing.parse_prefix(data)  # raises the right error
        return self._decode(data, 5)

    def schema_id(self, data: bytes | None, headers: RawHeaders | None) -> SchemaId | None:
        """Return the id that the bytes are framed with, or None."""
        return framing.schema_id_of(data, headers, self._part)


class BareReader:
    """Reads Avro that may be framed or bare, which can begin with the same byte 0.

    A header says that it is framed. So does a prefix, where the registry knows the id and the bytes fit its
    schema; everything else is bare. Bare messages that happen to begin with 0 would ask the registry for one
    id after the other: after a hundred that it doesn't know, and none that it knows, none is asked for.

    Args:
        part: "payload" or "key".
        bare: Decodes bare bytes.
        framed: Reads framed bytes; None without a registry.
    """

    __slots__ = ("_bare", "_framed", "_header", "_misses", "_part")

    def __init__(self, part: str, bare: Decode, framed: FramedReader | None) -> None:
        """Nothing is read yet."""
        self._part = part
        self._header: Final = framing.HEADERS[part]
        self._bare = bare
        self._framed = framed
        self._misses = 0

    def read(self, data: bytes, headers: RawHeaders | None) -> Any:
        """Return the decoded value."""
        if headers and framing.header_value(headers, self._header) is not None:
            if self._framed is None:
                raise ValueError(
                    f"the header {self._header} names a schema: pass App(schema_registry=...) to read it"
                )
            return self._framed.read(data, headers)
        return self._read(data)[0]

    def schema_id(self, data: bytes | None, headers: RawHeaders | None) -> SchemaId | None:
        """Return the id that the bytes are framed with; None where they are bare."""
        named = framing.schema_id_in_header(headers, self._part)
        if named is not None or data is None or self._framed is None or not framing.has_prefix(data):
            return named
        try:
            return framing.parse_prefix(data) if self._read(data)[1] else None
        except (ValueError, SchemaNotFoundError):
            return framing.parse_prefix(data)

    def _read(self, data: bytes) -> tuple[Any, bool]:
        """Return the value of bytes without a header, and whether they were framed."""
        framed = self._framed
        if framed is None or not framing.has_prefix(data) or self._misses > _MOST_MISSES:
            return self._bare(data, 0), False
        try:
            value = framed.read(data, None)
        except (ValueError, SchemaNotFoundError) as error:
            if not framed.has_read and isinstance(error, SchemaNotFoundError):
                self._misses += 1
            try:
                return self._bare(data, 0), False
            except ValueError:
                raise error from None  # what begins like framing is most likely framed
        return value, True
