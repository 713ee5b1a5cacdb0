"""Payloads and keys that were written with a schema registry: Avro, Protobuf and JSON Schema.

    app = App(schema_registry="http://127.0.0.1:8081")
    orders = app.topic("orders", payload=avro(Order), key=avro())

Each message names its schema, in a header or in its first bytes. A schema is asked for once per process.
"""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, overload

from framework.errors import RoutingError
from framework.schemas.converters import check_model
from framework.schemas.declared import Avro, JsonSchema, Protobuf
from framework.schemas.extras import require
from framework.types import T

__all__ = ["avro", "json_schema", "protobuf"]


@overload
def avro(model: None = None, *, schema: str | None = None) -> Avro[Any]: ...
@overload
def avro(model: type[T], *, schema: str | None = None) -> Avro[T]: ...
@overload
def avro(model: cabc.Mapping[str, type[T]], *, schema: str | None = None) -> Avro[T]: ...
@overload
def avro(model: cabc.Callable[[Any], T], *, schema: str | None = None) -> Avro[T]: ...
def avro(model: Any = None, *, schema: str | None = None) -> Avro[Any]:
    """Declare Avro. Logical types come as Decimal, UUID, date, time and aware datetime.

        app.topic("orders", payload=avro(Order), key=avro())
        app.topic("events", payload=avro({"shop.Paid": Paid, "shop.Sent": Sent}))

    It needs no extra.

    Args:
        model: A pydantic model, dataclass, TypedDict or msgspec Struct class, or a callable that takes the
            decoded value; by default values are plain: a dict for a record. A dict from full names of
            records to these where a topic has several types.
        schema: A schema as JSON text. Messages without framing are bare Avro of this schema; framed ones
            are resolved to it (a reader's schema).
    """
    by_name: tuple[tuple[str, Any], ...] = ()
    if isinstance(model, cabc.Mapping):
        if not model or not all(isinstance(name, str) for name in model):
            raise RoutingError(f"avro({model!r}) is invalid: expected types by the full names of records.")
        by_name, model = tuple(model.items()), None
    for each in [each for _, each in by_name] or [dict if model is None else model]:
        check_model("avro", each)
    if schema is not None:
        _check_avro(schema)
    return Avro(model, by_name, schema)


@overload
def protobuf(model: None = None, *, message: type[T]) -> Protobuf[T]: ...
@overload
def protobuf(model: None = None, *, message: None = None) -> Protobuf[Any]: ...
@overload
def protobuf(model: type[T], *, message: Any = None) -> Protobuf[T]: ...
@overload
def protobuf(model: cabc.Callable[[Any], T], *, message: Any = None) -> Protobuf[T]: ...
def protobuf(model: Any = None, *, message: Any = None) -> Protobuf[Any]:
    """Declare Protobuf.

        app.topic("trips", payload=protobuf(Trip))  # a generated class: asks no registry
        app.topic("trips", payload=protobuf())  # messages of classes that are built from the schemas
        app.topic("trips", payload=protobuf(TripModel, message=Trip))

    Needs the extra `protobuf`.

    Args:
        model: A generated class; or `dict`, a pydantic model, dataclass, TypedDict or msgspec Struct class,
            or a callable, into which messages are converted by their field names. By default values are
            messages.
        message: The generated class of the messages, where `model` is none. By default classes are built from
            the registry's schemas.
    """
    require("protobuf", "protobuf()")
    if _is_generated(model) and message is None:
        model, message = None, model
    if message is not None and not _is_generated(message):
        raise RoutingError(f"protobuf(message={message!r}) is invalid: expected a generated message class.")
    check_model("protobuf", dict if model is None else model)
    return Protobuf(model, message)


@overload
def json_schema(model: None = None, *, validate: bool = False) -> JsonSchema[Any]: ...
@overload
def json_schema(model: type[T], *, validate: bool = False) -> JsonSchema[T]: ...
@overload
def json_schema(model: cabc.Callable[[Any], T], *, validate: bool = False) -> JsonSchema[T]: ...
def json_schema(model: Any = None, *, validate: bool = False) -> JsonSchema[Any]:
    """Declare JSON that was written with a schema.

        app.topic("docs", payload=json_schema(Doc, validate=True))

    Args:
        model: As for a payload: a model class, or a callable that takes the decoded value; by default any
            JSON.
        validate: Validate each value by its schema as well, which the registry is asked for. Needs the
            extra `json-schema`.
    """
    if validate:
        require("json-schema", "json_schema(validate=True)")
    check_model("json_schema", dict if model is None else model)
    return JsonSchema(model, bool(validate))


def _check_avro(schema: str) -> None:
    from framework.avro import AvroSchemaError, compile_avro

    if not isinstance(schema, str):
        raise RoutingError(f"avro(schema={schema!r}) is invalid: expected a schema as JSON text.")
    try:
        compile_avro(schema)
    except AvroSchemaError as error:
        raise RoutingError(f"avro(schema=...) is invalid: {error}") from error


def _is_generated(model: Any) -> bool:
    """Whether it is a class that protoc generated."""
    from google.protobuf.message import Message

    return isinstance(model, type) and issubclass(model, Message)
