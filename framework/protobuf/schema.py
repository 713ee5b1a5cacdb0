"""A schema with all that it imports, in a descriptor pool of its own."""

from __future__ import annotations

import collections.abc as cabc
import copy
import functools
from typing import TYPE_CHECKING, Final

from framework.protobuf.errors import ProtobufDecodeError, ProtobufSchemaError, ProtobufSetupError
from framework.protobuf.files import SchemaFiles

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
    from google.protobuf.descriptor_pool import DescriptorPool
    from google.protobuf.message import Message

# Of a schema with its references. protoc holds the GIL, and recurses along imports: a chain of 20,000
# overflows its stack. 50,000 messages in 0.8 million characters take 6 s, 10,000 take 0.3 s.
_MAX_FILES: Final = 200
_MAX_CHARACTERS: Final = 1_000_000
_MAX_BLOCKS: Final = 10_000
_MAX_STATEMENTS: Final = 50_000  # 100,000 reserved numbers, which commas divide, take 3.6 s


def load_file(text: str, references: cabc.Sequence[tuple[str, str]] = ()) -> ProtobufFile:
    """Compile a schema as a registry returns it.

    Args:
        text: the .proto text, or the base64 of a serialized FileDescriptorProto.
        references: the name by which each file is imported, and its text in either form.

    Raises:
        ProtobufSchemaError: the schema is invalid, an import is missing, or with its references it is more
            than 200 files, 1,000,000 characters, 10,000 blocks in braces or 50,000 statements.

    The latest schemas are kept, and so are their errors: that a message names one again costs nothing.
    """
    found = _load(text, tuple(references))
    if isinstance(found, str):
        raise ProtobufSchemaError(found)
    return found


@functools.lru_cache(maxsize=32)
def _load(text: str, references: tuple[tuple[str, str], ...]) -> ProtobufFile | str:
    """Return the schema, or the reason why it is invalid. What may change by itself is raised: not cached."""
    try:
        _check_limits(text, references)
        return _compile(text, references)
    except ProtobufSetupError:
        raise
    except ProtobufSchemaError as error:
        return str(error)
    except RecursionError as error:  # the caller's own depth counts
        raise ProtobufSetupError("the schema's imports or messages nest too deep") from error


def _check_limits(text: str, references: tuple[tuple[str, str], ...]) -> None:
    texts = [text, *(each for _, each in references)]
    for count, limit, unit in (
        (len(texts), _MAX_FILES, "files"),
        (sum(map(len, texts)), _MAX_CHARACTERS, "characters"),
        (sum(each.count("{") for each in texts), _MAX_BLOCKS, "blocks in braces"),
        (sum(each.count(";") + each.count(",") for each in texts), _MAX_STATEMENTS, "semicolons and commas"),
    ):
        if count > limit:
            raise ProtobufSchemaError(
                f"the schema has {count} {unit} with its references: expected <= {limit}"
            )


def _compile(text: str, references: tuple[tuple[str, str], ...]) -> ProtobufFile:
    from google.protobuf.descriptor_pool import DescriptorPool

    with SchemaFiles(text, references) as files:
        in_order = files.in_order()
    pool = DescriptorPool()
    for file in in_order:
        _add(pool, file)
    return ProtobufFile(pool, in_order[-1])


class ProtobufFile:
    """One schema, compiled; its classes know nothing of other schemas with the same names."""

    def __init__(self, pool: DescriptorPool, file: FileDescriptorProto) -> None:
        self._pool = pool
        self._file = file
        self._classes: dict[tuple[int, ...], type[Message]] = {}

    def __repr__(self) -> str:
        return f"<ProtobufFile {self._file.name}: {len(self._file.message_type)} messages>"

    @property
    def first_name(self) -> str:
        """The full name of the first message, such as `shop.Order`; empty if the schema has no message."""
        if not self._file.message_type:
            return ""
        return _join(self._file.package, self._file.message_type[0].name)

    def message_class(self, index: tuple[int, ...]) -> type[Message]:
        """Return the class of the message at this index: (1, 0) is the first one nested in the second.

        protoc adds a nested message for each map. Most writers count it, such as Confluent's serializer for
        Python; those that read the schema's text don't, such as Confluent's for Java. The bytes don't say
        which: an index is taken as counting them, unless that leads to the message of a map. So a nested
        message that is declared after a map, and written by Java, may be read as its neighbour. Schemas avoid
        this by declaring nested messages before maps.
        """
        found = self._classes.get(index)
        if found is None:
            found = self._classes[index] = self._build(index)
        return found

    def _build(self, index: tuple[int, ...]) -> type[Message]:
        from google.protobuf.message_factory import GetMessageClass

        descriptor: Descriptor = self._pool.FindMessageTypeByName(self._full_name(index))
        found: type[Message] = GetMessageClass(descriptor)
        return found

    def _full_name(self, index: tuple[int, ...]) -> str:
        name: str = self._file.package
        messages: cabc.Sequence[DescriptorProto] = self._file.message_type
        for position in index:
            if not 0 <= position < len(messages):
                raise self._missing(index)
            message = messages[position]
            if message.options.map_entry:
                # protoc adds a message for each map. Most writers count it, those that read the text don't.
                # It is never the message of a payload, so this was one of the latter.
                messages = [each for each in messages if not each.options.map_entry]
                if position >= len(messages):
                    raise self._missing(index)
                message = messages[position]
            name, messages = _join(name, message.name), message.nested_type
        return name

    def _missing(self, index: tuple[int, ...]) -> ProtobufDecodeError:
        count = len(self._file.message_type)
        messages = "1 message" if count == 1 else f"{count} messages"
        return ProtobufDecodeError(f"message index {list(index)} isn't in the schema, which has {messages}")


def _add(pool: DescriptorPool, file: FileDescriptorProto) -> None:
    try:
        try:
            pool.AddSerializedFile(file.SerializeToString())
        except TypeError as error:
            if "json_name" not in str(error):
                raise
            pool.AddSerializedFile(_with_own_json_names(file).SerializeToString())
    except TypeError as error:
        raise ProtobufSchemaError(f"the descriptor of {file.name} is invalid: {error}") from error


def _with_own_json_names(file: FileDescriptorProto) -> FileDescriptorProto:
    """Return a copy in which the JSON name of each field is the field's name.

    proto2 allows fields whose names in camel case are equal, but Python's protobuf refuses them. Nothing here
    uses JSON names.
    """
    file = copy.deepcopy(file)
    messages = list(file.message_type)
    while messages:
        message = messages.pop()
        messages.extend(message.nested_type)
        for field in message.field:
            field.json_name = field.name
    return file


def _join(package: str, name: str) -> str:
    return f"{package}.{name}" if package else name
