"""The columns of payloads whose schema is declared, or in the registry."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
from typing import Any, NamedTuple

from framework.avro import AvroSchemaError
from framework.deserializers import CompiledDeserializers
from framework.deserializers.recognized import FramedOrJson
from framework.errors import SchemaRegistryError
from framework.protobuf import ProtobufDecodeError, ProtobufSchemaError, index_of, load_file
from framework.registry import Registry, Schema
from framework.schemas.declared import Avro, Protobuf
from framework.types import RawHeaders
from framework_iterator.columns.avro_trees import avro_tree
from framework_iterator.columns.protobuf_trees import protobuf_tree
from framework_iterator.columns.trees import Tree, merged


class First(NamedTuple):
    """One of the first messages of a topic, which isn't a tombstone."""

    raw_payload: bytes
    raw_headers: RawHeaders
    payload: Any


def declared_tree(declared: Any) -> Tree | None:
    """Return what payloads are by a schema that is declared; None where there is none, or a model."""
    if isinstance(declared, Avro) and _is_plain(declared) and declared.schema is not None:
        return avro_tree(declared.schema)
    if isinstance(declared, Protobuf) and _is_plain(declared) and declared.message is not None:
        return protobuf_tree(declared.message.DESCRIPTOR)
    return None


def registered_tree(topic: str, compiled: CompiledDeserializers, first: cabc.Sequence[First]) -> Tree | None:
    """Return what payloads are by the schemas that the first messages name, and the latest of the topic.

    The latest is that of the subject which serializers choose by default. None where payloads have no schema,
    or not all of them.
    """
    declared, registry = compiled.declared.payload, compiled.registry
    if registry is None or not _is_plain(declared):
        return None
    latest = None
    with contextlib.suppress(SchemaRegistryError):  # it may be secret, or there is no such subject
        latest = registry.latest(f"{topic}-value")
    if all(hasattr(each.payload, "DESCRIPTOR") for each in first) and first:
        return _of_messages([each.payload for each in first], latest)
    if isinstance(declared, Protobuf):
        return _of_messages(_messages(declared, registry, first), latest)
    ids = {compiled.schema_id_of(each.raw_payload, each.raw_headers) for each in first}
    schemas = [registry.schema(each) for each in ids if each is not None]
    if len(schemas) < len(ids) or any(each.type != "AVRO" for each in schemas):
        return None
    if latest is not None and latest.type == "AVRO":
        schemas = [latest, *(each for each in schemas if each != latest)]
    try:
        found = [avro_tree(each.text, [text for _, text in each.references]) for each in schemas]
    except AvroSchemaError:
        return None
    return merged(found) if found else None


def _is_plain(declared: Any) -> bool:
    """Whether a payload is what the schema says, and not a type that is made of it."""
    if isinstance(declared, Avro):
        return declared.model in (None, dict, Any) and not declared.by_name
    if isinstance(declared, Protobuf):
        return declared.model in (None, dict, Any)
    return isinstance(declared, FramedOrJson)


def _messages(declared: Protobuf[Any], registry: Registry, first: cabc.Sequence[First]) -> list[Any]:
    read = dataclasses.replace(declared, model=None).bind("payload", registry).read
    return [read(each.raw_payload, each.raw_headers) for each in first]


def _of_messages(messages: cabc.Sequence[Any], latest: Schema | None) -> Tree | None:
    classes: dict[Any, None] = dict.fromkeys(map(type, messages))  # a message may have a field DESCRIPTOR
    descriptors = [each.DESCRIPTOR for each in classes]
    if latest is not None and latest.type == "PROTOBUF":
        for message_class in classes:
            # It may be invalid, or have no message at this place.
            with contextlib.suppress(ProtobufSchemaError, ProtobufDecodeError):
                file = load_file(latest.text, latest.references)
                newest = file.message_class(index_of(message_class)).DESCRIPTOR
                if newest.full_name == message_class.DESCRIPTOR.full_name:
                    descriptors.insert(0, newest)
    found = [protobuf_tree(each) for each in descriptors]
    return merged(found) if found else None
