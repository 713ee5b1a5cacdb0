"""Read framed bytes: find the schema's id, and decode what follows with the decoder for that schema."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final

from framework.errors import SchemaNotFoundError
from framework.registry import Registry, Schema, SchemaId
from framework.schemas import framing
from framework.schemas.decoders import Decode, Loader
from framework.types import RawHeaders


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
        with_index: Returns what decodes messages whose message index stands in a header.
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

    A header says that it is framed. Otherwise the bytes are bare if they are exactly one value of the
    schema; only what isn't is read as framed. The other order would ask the registry for a new id with each
    message that happens to begin with 0.

    Args:
        part: "payload" or "key".
        bare: Decodes bare bytes.
        framed: Reads framed bytes; None without a registry.
    """

    __slots__ = ("_bare", "_framed", "_header", "_part")

    def __init__(self, part: str, bare: Decode, framed: FramedReader | None) -> None:
        """Nothing is read yet."""
        self._part = part
        self._header: Final = framing.HEADERS[part]
        self._bare = bare
        self._framed = framed

    def read(self, data: bytes, headers: RawHeaders | None) -> Any:
        """Return the decoded value."""
        if headers and framing.header_value(headers, self._header) is not None:
            if self._framed is None:
                raise ValueError(
                    f"the header {self._header} names a schema: pass App(schema_registry=...) to read it"
                )
            return self._framed.read(data, headers)
        try:
            return self._bare(data, 0)
        except ValueError:
            if not framing.has_prefix(data) or self._framed is None:
                raise
            return self._as_framed(self._framed, data, headers)

    def schema_id(self, data: bytes | None, headers: RawHeaders | None) -> SchemaId | None:
        """Return the id that the bytes are framed with; None where they are bare."""
        named = framing.schema_id_in_header(headers, self._part)
        if named is not None or data is None or self._framed is None or not framing.has_prefix(data):
            return named
        try:
            self._bare(data, 0)
        except ValueError:
            return framing.parse_prefix(data)
        return None

    def _as_framed(self, framed: FramedReader, data: bytes, headers: RawHeaders | None) -> Any:
        """Read as framed; where the registry has no such schema, the bytes were bare, and wrong."""
        try:
            return framed.read(data, headers)
        except SchemaNotFoundError:
            return self._bare(data, 0)
