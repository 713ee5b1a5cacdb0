"""What `avro()`, `protobuf()` and `json_schema()` declare: values, bound to a registry when a run starts."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any, Generic

from framework.environment import near_variable
from framework.errors import ConfigError
from framework.json_models import json_model_parser
from framework.models import describe, is_json_type, is_model
from framework.registry import Registry, Schema
from framework.schemas import decoders
from framework.schemas.converters import converter
from framework.schemas.decoders import Decode
from framework.schemas.readers import BareReader, FixedReader, FramedReader
from framework.types import Framed, T

Models = tuple[tuple[str, Any], ...]
"""The types of several records, by full name: pairs, which can be hashed."""


@dataclasses.dataclass(frozen=True)
class Avro(Generic[T]):
    """Avro, framed or bare.

    Args:
        model: The type of values; None for dicts.
        by_name: The types of several records, by full name.
        schema: A reader's schema, as JSON text.
    """

    model: Any = None
    by_name: Models = ()
    schema: str | None = None

    is_dynamic = False

    @property
    def __name__(self) -> str:
        """As it was declared: `avro(Order)`."""
        return _call("avro", ", ".join(name for name, _ in self.by_name) or self.model)

    def bind(self, part: str, registry: Registry | None) -> Framed[T]:
        """Return what reads a part."""
        framed = None if registry is None else FramedReader(part, registry, self._load)
        if self.schema is not None:
            return BareReader(part, self._load(Schema("AVRO", self.schema, ()), None), framed)
        if framed is None:
            raise needs_registry(f"{part}={self.__name__}")
        return framed

    def _load(self, schema: Schema, index: bytes | None) -> Decode:
        decoders.check_no_index(index)
        if not self.by_name:
            return decoders.converted(decoders.avro_decoder(schema, self.schema), converter(self.model))
        decode = decoders.avro_decoder(schema, self.schema, names=True)
        return decoders.converted_by_name(decode, {name: converter(model) for name, model in self.by_name})


@dataclasses.dataclass(frozen=True)
class Protobuf(Generic[T]):
    """Framed Protobuf.

    Args:
        model: The type of values; None for messages.
        message: The generated class; None for classes that are built from the registry's schemas.
    """

    model: Any = None
    message: Any = None

    @property
    def is_dynamic(self) -> bool:
        """Whether values are messages of classes that only this process has."""
        return self.model is None and self.message is None

    @property
    def __name__(self) -> str:
        """As it was declared: `protobuf(Trip)`."""
        return _call("protobuf", self.model or self.message)

    def bind(self, part: str, registry: Registry | None) -> Framed[T]:
        """Return what reads a part."""
        if self.message is not None:
            with_index = functools.partial(self._decoder, None)
            return FixedReader(part, with_index(None), with_index)
        if registry is None:
            raise needs_registry(f"{part}={self.__name__}")
        return FramedReader(part, registry, self._decoder)

    def _decoder(self, schema: Schema | None, index: bytes | None) -> Decode:
        if schema is None:
            decode = decoders.generated_decoder(self.message, index)
        else:
            decode = decoders.protobuf_decoder(schema, index)
        return decode if self.model is None else decoders.converted(decode, _from_message(self.model))


@dataclasses.dataclass(frozen=True)
class JsonSchema(Generic[T]):
    """Framed JSON.

    Args:
        model: The type of values; None for any JSON.
        validate: Whether values are validated by the schema in the registry, too.
    """

    model: Any = None
    validate: bool = False

    is_dynamic = False

    @property
    def __name__(self) -> str:
        """As it was declared: `json_schema(Doc)`."""
        return _call("json_schema", self.model)

    def bind(self, part: str, registry: Registry | None) -> Framed[T]:
        """Return what reads a part."""
        parse = json_parser(part, self.model)
        if not self.validate:
            decode = decoders.json_decoder(parse)
            return FixedReader(part, decode, functools.partial(_without_index, decode))
        if registry is None:
            raise needs_registry(f"{part}={self.__name__} with validate=True")
        return FramedReader(part, registry, functools.partial(self._load, parse))

    def _load(self, parse: Any, schema: Schema, index: bytes | None) -> Decode:
        from framework.schemas.validation import validating

        decoders.check_no_index(index)
        decoders.check_type(schema, "JSON")
        return decoders.json_decoder(validating(schema, parse, is_plain=self.model in (None, Any)))


def json_parser(part: str, model: Any) -> Any:
    """Return what makes a model of the bytes of a JSON document."""
    from pydantic_core import from_json

    if model is None or model is Any:
        return from_json
    if is_model(model) or is_json_type(model):
        return json_model_parser(part, model)
    return lambda data: model(from_json(data))


def _without_index(decode: Decode, index: bytes) -> Decode:
    decoders.check_no_index(index)
    return decode


def needs_registry(what: str) -> ConfigError:
    """Return the error for a declaration that needs a registry, in an application without one."""
    return ConfigError(
        f"{what} needs a schema registry: pass App(schema_registry='http://...'), set SCHEMA_REGISTRY_URL, "
        f"or add -r URL on the command line.{near_variable('SCHEMA_REGISTRY_URL')}"
    )


def _from_message(model: Any) -> Any:
    from framework.protobuf import dict_converter

    convert = converter(model)

    def from_message(message: Any) -> Any:
        value = dict_converter(type(message).DESCRIPTOR)(message)
        return value if convert is None else convert(value)

    return from_message


def _call(name: str, model: Any) -> str:
    if model is None:
        return f"{name}()"
    return f"{name}({model if isinstance(model, str) else describe(model)})"
