"""Deserializers that recognize what the bytes are: `auto`, and the default of apps with a schema registry."""

from __future__ import annotations

import codecs
import contextlib
from typing import Any, Final

from framework.deserializers.ready import text_or_bytes
from framework.errors import ENDS_RUN, MissingExtraError, SchemaRegistryError
from framework.registry import Registry, SchemaId
from framework.schemas import framing
from framework.schemas.decoders import NAMES, decoder_of_its_type
from framework.schemas.readers import FramedReader
from framework.types import RawHeaders


class FramedOrJson:
    """The default of apps with a schema registry: framed payloads by their schema, and others as JSON."""

    __name__ = "its schema or json"
    is_dynamic = True

    def bind(self, part: str, registry: Registry) -> _FramedOrJson:
        """Return what reads a part."""
        return _FramedOrJson(FramedReader(part, registry, decoder_of_its_type), part)

    def __reduce__(self) -> str:
        """Pickle its name: there is one."""
        return "framed_or_json"


class _FramedOrJson:
    """JSON never begins with the byte 0, so nothing is guessed."""

    __slots__ = ("_framed", "_header", "_parse", "schema_id")

    def __init__(self, framed: FramedReader, part: str) -> None:
        from pydantic_core import from_json

        self._framed = framed
        self._header: Final = framing.HEADERS[part]
        self._parse = from_json
        self.schema_id = framed.schema_id

    def read(self, data: bytes, headers: RawHeaders | None) -> Any:
        """Return the value."""
        if framing.has_prefix(data) or framing.header_value(headers, self._header) is not None:
            return self._framed.read(data, headers)
        try:
            return self._parse(data)
        except ValueError:
            if not data.startswith(codecs.BOM_UTF8):
                raise
        return self._parse(data.removeprefix(codecs.BOM_UTF8))


class Auto:
    """Whatever the bytes are: the first that fits, and no error but those of the schema registry itself.

    1. Framed by a header: decoded by its schema.
    2. JSON, as RFC 8259: no NaN.
    3. Framed by a prefix, with a registry that knows the schema: decoded.
    4. UTF-8 text.
    5. The bytes.

    Bytes that name a schema stay bytes where they are not decoded: the schema is unknown, of an unknown
    type, or of one whose library isn't installed, or the bytes don't fit.
    """

    __name__ = "auto"
    is_dynamic = True

    def bind(self, part: str, registry: Registry | None) -> _Auto:
        """Return what reads a part; without a registry, framed bytes stay bytes."""
        framed = None if registry is None else FramedReader(part, registry, decoder_of_its_type)
        return _Auto(framed, part)

    def __reduce__(self) -> str:
        """Pickle its name: there is one."""
        return "auto"


class AutoOrFail(Auto):
    """The same for files and tables: with a registry, bytes that name a schema and don't decode are an error.

    As bytes, or as the text that some of them happen to be, they would stand unnoticed among the values.
    """

    def bind(self, part: str, registry: Registry | None) -> _Auto:
        """Return what reads a part."""
        read = super().bind(part, registry)
        read.fails = registry is not None
        return read

    def __reduce__(self) -> str:
        """Pickle its name: there is one."""
        return "auto_or_fail"


class _Auto:
    __slots__ = ("_framed", "_header", "_parse", "_part", "fails")

    def __init__(self, framed: FramedReader | None, part: str) -> None:
        from pydantic_core import from_json

        self.fails = False
        """Whether it raises for bytes that name a schema and don't decode."""
        self._framed = framed
        self._part = part
        self._header: Final = framing.HEADERS[part]
        self._parse = from_json

    def read(self, data: bytes, headers: RawHeaders | None) -> Any:
        """Return the value."""
        if headers and framing.header_value(headers, self._header) is not None:
            return self._decode(data, headers)
        try:
            return self._parse(data, allow_inf_nan=False)
        except ValueError:
            if data.startswith(codecs.BOM_UTF8):
                with contextlib.suppress(ValueError):
                    return self._parse(data.removeprefix(codecs.BOM_UTF8), allow_inf_nan=False)
        if framing.has_prefix(data):
            return self._decode(data, headers)
        return text_or_bytes(data)

    def kind(self, data: bytes, headers: RawHeaders | None) -> str:
        """Return what it takes the bytes for: "JSON", "text", "bytes", "framed", or their schema's type."""
        value = self.read(data, headers)
        schema_id = self.schema_id(data, headers)
        if schema_id is not None and self._framed is not None and value is not data:
            return NAMES[self._framed.registry.schema(schema_id).type]
        if isinstance(value, bytes):
            return "bytes" if schema_id is None else "framed"
        return (
            "text"
            if isinstance(value, str) and not data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b'"')
            else "JSON"
        )

    def schema_id(self, data: bytes | None, headers: RawHeaders | None) -> SchemaId | None:
        """Return the id that the bytes are framed with, or None."""
        return framing.schema_id_of(data, headers, self._part)

    def _decode(self, data: bytes, headers: RawHeaders | None) -> Any:
        if self._framed is None:
            return data
        if self.fails:
            return self._framed.read(data, headers)
        try:
            return self._framed.read(data, headers)
        except MissingExtraError:
            return data
        except ENDS_RUN:
            raise
        except (ValueError, SchemaRegistryError):
            return data


auto: Final = Auto()
auto_or_fail: Final = AutoOrFail()
framed_or_json: Final = FramedOrJson()
