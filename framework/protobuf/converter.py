"""Make dictionaries of messages, with one compiled function per message type."""

from __future__ import annotations

import collections.abc as cabc
import functools
import itertools
import keyword
from typing import TYPE_CHECKING, Any

from framework.protobuf.known_types import known_converter

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
    from google.protobuf.message import Message

Converter = cabc.Callable[["Message"], Any]


@functools.lru_cache(maxsize=256)
def dict_converter(descriptor: Descriptor) -> Converter:
    """Return a function that makes a dictionary of a message of this type.

    Fields have their names of the schema. A field with presence that isn't set is None, and so are the other
    members of a oneof; a field without presence has its default. Repeated fields are lists, maps and messages
    are dictionaries, an enum is the name of its value or, where the schema has none, the number. Extensions
    that are set stand under their full name in brackets.

    Timestamp is an aware datetime in UTC, Duration a timedelta (both to the microsecond), a wrapper such as
    Int32Value its value, Struct, Value and ListValue plain JSON values, FieldMask a list of paths,
    confluent.type.Decimal a Decimal, google.type.Date a date. A message that is itself one of these types is
    that value instead of a dictionary.

    The function raises ProtobufDecodeError for a value that its Python type can't hold.
    """
    known = known_converter(descriptor)
    if known is not None:
        name = descriptor.full_name
        return lambda message: known(message, name)
    module = _Module()
    return module.compile(module.function(descriptor))


class _Module:
    """The functions of a message type and of all types within it, compiled together.

    They are generated as code: a flight of 19 fields, one of them a timestamp, takes 2 us where
    MessageToDict takes 11 us. They call each other as globals of one namespace, so recursive types work.
    """

    def __init__(self) -> None:
        self._namespace: dict[str, Any] = {}
        self._functions: dict[Descriptor, str] = {}
        self._waiting: list[Descriptor] = []
        self._numbers = itertools.count()

    def compile(self, expression: str) -> Converter:
        """Return the function that an expression gives, after generating all that it calls."""
        sources = []
        while self._waiting:
            sources.append(self._source(self._waiting.pop()))
        # Only names that are identifiers get into the source, see _read; others are quoted.
        exec("\n".join(sources), self._namespace)
        converter: Converter = eval(expression, self._namespace)
        return converter

    def function(self, descriptor: Descriptor) -> str:
        """Return the name of the function for a type; it is generated if it isn't yet."""
        if descriptor not in self._functions:
            self._functions[descriptor] = f"convert_{len(self._functions)}"
            self._waiting.append(descriptor)
        return self._functions[descriptor]

    def value(self, field: FieldDescriptor, read: str) -> str:
        """Return the expression that converts a field, whose value the expression `read` gives."""
        if not field.is_repeated:
            return self._one(field, read)
        if not is_map(field):
            each = self._one(field, "v")
            return f"list({read})" if each == "v" else f"[{each} for v in {read}]"
        entry: Any = field.message_type
        each = self._one(entry.fields_by_number[2], "v", field.full_name)
        return f"dict({read})" if each == "v" else f"{{k: {each} for k, v in {read}.items()}}"

    def _source(self, descriptor: Descriptor) -> str:
        from google.protobuf.message_factory import GetMessageClass

        # Of the class: a field may be called HasField.
        has = self._add("has", GetMessageClass(descriptor).HasField)
        lines = [f"def {self._functions[descriptor]}(m):", "    return {"]
        for field in descriptor.fields:
            value = self.value(field, _read(field.name))
            if field.has_presence:
                value = f"{value} if {has}(m, {field.name!r}) else None"
            lines.append(f"        {field.name!r}: {value},")
        if descriptor.is_extendable:
            lines.append(f"        **{self._add('extensions', _extensions)}(m),")
        return "\n".join([*lines, "    }"])

    def _one(self, field: FieldDescriptor, read: str, name: str | None = None) -> str:
        if field.message_type is not None:
            known = known_converter(field.message_type)
            if known is None:
                return f"{self.function(field.message_type)}({read})"
            return f"{self._add('known', known)}({read}, {name or field.full_name!r})"
        if field.enum_type is not None:
            return f"{self._add('name', _EnumNames(field.enum_type).__getitem__)}({read})"
        return read

    def _add(self, prefix: str, value: object) -> str:
        name = f"{prefix}_{next(self._numbers)}"
        self._namespace[name] = value
        return name


def is_map(field: Any) -> bool:
    """Whether this field is declared as a map."""
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _read(name: str) -> str:
    if name.isidentifier() and not keyword.iskeyword(name):
        return f"m.{name}"
    return f"getattr(m, {name!r})"


def _extensions(message: Message) -> dict[str, Any]:
    """Return the extensions that are set; a schema with its imports knows all of those it has."""
    return {
        f"[{field.full_name}]": _extension_converter(field)(value)
        for field, value in message.ListFields()
        if field.is_extension
    }


@functools.lru_cache(maxsize=256)
def _extension_converter(field: FieldDescriptor) -> Converter:
    module = _Module()
    return module.compile(f"lambda m: {module.value(field, 'm')}")


class _EnumNames(dict[int, Any]):
    """The name of each number; a number that the schema doesn't have stays one."""

    def __init__(self, enum: EnumDescriptor) -> None:
        # Of two names for one number, the first.
        super().__init__((value.number, value.name) for value in reversed(enum.values))

    def __missing__(self, number: int) -> int:
        return number
