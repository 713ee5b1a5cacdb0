"""Encode values as JSON: strictly for programs, leniently for people."""

from __future__ import annotations

import codecs
import collections.abc as cabc
import decimal
import functools
import json
import sys
from typing import Any

import msgspec

from framework.terminal import escape
from framework_iterator.cli.binary import describe
from framework_iterator.cli.losses import check_model, check_names, check_numbers, check_same

Encode = cabc.Callable[[object], str]


def encoder_for(encoding: str | None) -> Encode:
    """Return what encodes a value as one line of JSON, for a stream of this encoding.

    It is RFC 8259, and pure ASCII unless the encoding is UTF-8. What JSON can't hold is an exception: NaN,
    infinities, bytes that are not UTF-8, objects of unknown classes, cycles, keys with the same text.
    """
    is_utf8 = encoding is not None and codecs.lookup(encoding).name == "utf-8"
    # Made once: json.dumps makes an encoder per call where an option isn't the default, 2 µs each.
    encode = json.JSONEncoder(ensure_ascii=not is_utf8, allow_nan=False, default=to_plain).encode

    def encode_line(value: object) -> str:
        text = encode(value)
        check_names(text)
        return escape(text)

    return encode_line


def to_plain(value: object) -> Any:
    """Return what JSON has instead of a value that it doesn't have, as `default` of a JSON encoder."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, decimal.Decimal):
        return str(value)
    from pydantic_core import to_jsonable_python  # late: --help doesn't need it

    plain = to_jsonable_python(value, bytes_mode="utf8", inf_nan_mode="constants", fallback=_to_plain_object)
    check_model(value, plain)
    return plain


def is_protobuf(value: object) -> bool:
    """Whether it is a Protobuf message."""
    return _is_instance(value, "google.protobuf.message", "Message")


def xml_text(value: Any) -> str | None:
    """Return the XML of an element; None for anything else."""
    if not _is_instance(value, "xml.etree.ElementTree", "Element"):
        return None
    from xml.etree.ElementTree import tostring

    return tostring(value, encoding="unicode")


def shown_in_json(value: object) -> object:
    """Return what stands for a value inside the JSON that people see: anything has a text."""
    if isinstance(value, bytes):
        return describe(value)
    try:
        return to_plain(value)
    except Exception:  # classes of users may raise anything here
        return repr(value)


def _to_plain_object(value: Any) -> Any:
    """Return plain values of an object that pydantic doesn't know."""
    if isinstance(value, msgspec.Struct):
        make = functools.partial(
            msgspec.to_builtins, value, builtin_types=(bytes, bytearray), enc_hook=to_plain
        )
        plain = make(str_keys=True)
        check_same(make(), plain)
        check_numbers(plain)
        return plain
    if is_protobuf(value):
        from framework.protobuf import json_ready

        return json_ready(value)
    if (text := xml_text(value)) is not None:
        return text
    raise TypeError(f"it contains an object of type {type(value).__name__}")


def _is_instance(value: object, module: str, name: str) -> bool:
    # An object of this class exists only where its module was imported: the others need no import here.
    kind = getattr(sys.modules.get(module), name, None)
    return isinstance(kind, type) and isinstance(value, kind)
