"""Messages as values that JSON can hold."""

from __future__ import annotations

import base64
import collections.abc as cabc
import json
import math
from typing import TYPE_CHECKING, Any, Final

from framework.protobuf.converter import is_map

if TYPE_CHECKING:
    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.message import Message


Note = cabc.Callable[[str, str], None]
"""Gets the path of a part, and its type with the reason why it has no JSON form."""
_KNOWN: Final = frozenset(
    f"google.protobuf.{name}"
    for name in ("Any", "Duration", "FieldMask", "ListValue", "Struct", "Timestamp", "Value")
)
"""Types with a JSON form of their own, which not each of their values has."""


def json_ready(message: Message, note: Note | None = None, path: str = "") -> Any:
    """Return what JSON can hold of a message, by protobuf's own JSON format, with names as in the schema.

    64-bit integers are text, bytes base64, timestamps RFC 3339 to the nanosecond, NaN and infinities text.
    Fields without presence are there with their defaults. A part that this format has no form for, such as an
    Any of an unknown type, stands with its fields as they are: no message is an error.

    Args:
        message: The message.
        note: Is called for each part that stands with its fields as they are.
        path: The path of the message, for `note`.
    """
    from google.protobuf import json_format

    kind: Any = type(message)
    try:
        return json_format.MessageToDict(
            message,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
            descriptor_pool=kind.DESCRIPTOR.file.pool,
        )
    except Exception as error:
        # Of many types: protobuf's own errors, those of a field called DESCRIPTOR, and a RecursionError where
        # each Any holds the next.
        if note is not None and (name := kind.DESCRIPTOR.full_name) in _KNOWN:
            note(path, f"{name}: {' '.join(str(error).split()).rstrip('.')}")
            note = None  # for the parts of this part nothing is left to say
        return _fields(message, note, path)


def text_line(message: Message) -> str:
    """Return a message in protobuf's text format, in one line; where that has no form for it, as JSON."""
    from google.protobuf.text_format import MessageToString

    try:
        text: str = MessageToString(message, as_one_line=True, as_utf8=True)
    except Exception:  # as above
        return json.dumps(json_ready(message), ensure_ascii=False)
    return text


def _fields(message: Message, note: Note | None, path: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    kind: Any = type(message)  # since a field may be called HasField, or DESCRIPTOR
    for field in kind.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        here = f"{path}.{field.name}"
        if is_map(field):
            of_value = field.message_type.fields_by_number[2]
            result[field.name] = {
                _key(key): _plain(of_value, value[key], note, f"{here}[{key!r}]") for key in value
            }
        elif field.is_repeated:
            result[field.name] = [
                _plain(field, each, note, f"{here}[{index}]") for index, each in enumerate(value)
            ]
        elif not field.has_presence or kind.HasField(message, field.name):
            result[field.name] = _plain(field, value, note, here)
    return result


def _plain(field: FieldDescriptor, value: Any, note: Note | None, path: str) -> Any:
    if field.message_type is not None:
        return json_ready(value, note, path)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if field.cpp_type in (field.CPPTYPE_INT64, field.CPPTYPE_UINT64):
        return str(value)
    return value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)
