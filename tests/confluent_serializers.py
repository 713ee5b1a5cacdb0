"""Messages as Confluent's own serializers write them, and what Confluent's own deserializers read."""

from __future__ import annotations

import collections.abc as cabc
import json
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol, Self

from confluent_kafka.serialization import MessageField, SerializationContext

from tests.support import Record

with warnings.catch_warnings():
    # One of its dependencies warns of another one when it is imported, and makes its warning louder than any
    # filter that was there before: so first the warning's class, then the filter, then the rest.
    from authlib.deprecate import AuthlibDeprecationWarning

    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from confluent_kafka.schema_registry import (
        Schema,
        SchemaReference,
        SchemaRegistryClient,
        header_schema_id_serializer,
        prefix_schema_id_serializer,
        record_subject_name_strategy,
        topic_record_subject_name_strategy,
        topic_subject_name_strategy,
    )
    from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
    from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
    from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer

Framing = Literal["prefix", "header"]
Subjects = Literal["topic", "record", "topic-record"]
Headers = list[tuple[str, bytes | str | None]]

FRAMINGS = {"prefix": prefix_schema_id_serializer, "header": header_schema_id_serializer}
STRATEGIES = {
    "topic": topic_subject_name_strategy,
    "record": record_subject_name_strategy,
    "topic-record": topic_record_subject_name_strategy,
}
TIMEOUT = 20


class Serde(Protocol):
    """A serializer or a deserializer of Confluent's."""

    def __call__(self, value: Any, context: SerializationContext) -> Any: ...


class Framed(NamedTuple):
    """A payload or a key, and the headers that belong to it: none where the id is in the bytes."""

    data: bytes
    headers: Headers


@dataclass(frozen=True)
class Format:
    """A type of payload with its schema: what Confluent writes, and what Confluent reads."""

    topic: str
    serializer: Serde
    deserializer: Serde

    def dump(self, value: Any, *, key: bool = False) -> Framed:
        """Write a payload, or a key; the schema is registered with the first one."""
        context = self._context(key, [])
        data = self.serializer(value, context)
        if not isinstance(data, bytes):
            raise TypeError(f"Expected bytes of the serializer, not {data!r}.")
        return Framed(data, context.headers)

    def load(self, framed: Framed, *, key: bool = False) -> Any:
        """Read a payload, or a key."""
        return self.deserializer(framed.data, self._context(key, framed.headers))

    def record(self, *values: Any) -> list[Record]:
        """Write messages without a key."""
        return [record(self.dump(value)) for value in values]

    def _context(self, key: bool, headers: Headers) -> Any:
        return SerializationContext(self.topic, MessageField.KEY if key else MessageField.VALUE, headers)


def record(payload: Framed | None, key: Framed | None = None, *headers: tuple[str, bytes]) -> Record:
    """Put a message together; no payload is a tombstone."""
    ours = [*headers, *(payload.headers if payload else ()), *(key.headers if key else ())]
    return Record(payload.data if payload else None, key=key.data if key else None, headers=ours)


@dataclass
class Confluent:
    """Confluent's client of a registry, for one topic.

    Args:
        url: The registry. Of ours, only `mock_registry()` knows GUIDs, which `framing="header"` needs.
        topic: The topic's name, of which names of subjects are made.
        framing: Where the id goes: in front of the payload, or a GUID into a header.
        subjects: How the subject is named.
    """

    url: str
    topic: str
    framing: Framing = "prefix"
    subjects: Subjects = "topic"
    client: SchemaRegistryClient = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.client = SchemaRegistryClient({"url": self.url, "timeout": TIMEOUT, "max.retries": 0})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def register(
        self, subject: str, text: str, kind: str = "AVRO", references: cabc.Sequence[SchemaReference] = ()
    ) -> SchemaReference:
        """Register a schema that others refer to by the subject's name, which is then that of the type."""
        schema = Schema(text, kind, list(references))
        self.client.register_schema(subject, schema)
        return SchemaReference(subject, subject, self.client.lookup_schema(subject, schema).version)

    def avro(self, text: str, references: cabc.Sequence[SchemaReference] = ()) -> Format:
        """Write and read dictionaries by an Avro schema."""
        schema = Schema(text, "AVRO", list(references))
        return self._format(
            AvroSerializer(self.client, schema, conf=self._settings()),
            AvroDeserializer(self.client, conf=self._strategy()),
        )

    def json_schema(self, text: str, references: cabc.Sequence[SchemaReference] = ()) -> Format:
        """Write and read JSON by a JSON Schema, which needs a title."""
        schema = Schema(text, "JSON", list(references))
        return self._format(
            JSONSerializer(schema, self.client, conf=self._settings()),
            JSONDeserializer(schema, schema_registry_client=self.client, conf=self._strategy()),
        )

    def protobuf(self, message_class: Any) -> Format:
        """Write and read messages of a generated class; what its file imports is registered, too."""
        return self._format(
            ProtobufSerializer(message_class, self.client, conf=self._settings()),
            # Without the client it parses, and asks for no schema: it asks in a form that Apicurio lacks.
            ProtobufDeserializer(message_class, conf=self._strategy()),
        )

    def _format(self, serializer: Any, deserializer: Any) -> Format:
        return Format(self.topic, serializer, deserializer)

    def _settings(self) -> dict[str, Any]:
        return self._strategy() | {"schema.id.serializer": FRAMINGS[self.framing]}

    def _strategy(self) -> dict[str, Any]:
        # By default it would ask the registry which strategy to use, in a call that only Confluent's has.
        return {"subject.name.strategy": STRATEGIES[self.subjects]}


def avro_record(name: str, **fields: Any) -> str:
    """Write the schema of a record: `avro_record("shop.Order", id="long")`."""
    return json.dumps(
        {"type": "record", "name": name, "fields": [{"name": each, "type": fields[each]} for each in fields]}
    )


def proto_classes(files: cabc.Mapping[str, str]) -> dict[str, Any]:
    """Generate message classes of `.proto` files: name of a file to its text; returned by full name.

    The classes are in a pool of their own, so tests may use a name twice.
    """
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    compiled = descriptor_pb2.FileDescriptorSet.FromString(_compile(files))
    pool = descriptor_pool.DescriptorPool()
    for each in compiled.file:  # what is imported comes first
        pool.Add(each)
    found: dict[str, Any] = {}
    waiting = [
        message for name in files for message in pool.FindFileByName(name).message_types_by_name.values()
    ]
    while waiting:
        descriptor = waiting.pop()
        found[descriptor.full_name] = message_factory.GetMessageClass(descriptor)
        waiting.extend(descriptor.nested_types)
    return found


def _compile(files: cabc.Mapping[str, str]) -> bytes:
    from grpc_tools import protoc

    with tempfile.TemporaryDirectory() as temporary:
        folder, output = Path(temporary), Path(temporary, "files.binpb")
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        well_known = Path(protoc.__file__).with_name("_proto")
        folders = [f"-I{folder}", f"-I{well_known}"]
        if protoc.main(["protoc", *folders, "--include_imports", f"-o{output}", *files]) != 0:
            raise ValueError(f"protoc refused {', '.join(files)}: its reasons are on stderr.")
        return output.read_bytes()
