"""Encode values as JSON: strictly for programs, leniently for people."""

from __future__ import annotations

import codecs
import collections.abc as cabc
import decimal
import functools
import json
from typing import Any

import msgspec

from framework.terminal import escape
from framework_iterator.cli.binary import describe
from framework_iterator.cli.digits import restore
from framework_iterator.cli.kinds import is_protobuf, xml_text
from framework_iterator.cli.losses import (
    NoFormError,
    check_model,
    check_names,
    check_numbers,
    check_same,
    polymorphic,
)
from framework_iterator.cli.parts import has_iterator, without_iterators

Encode = cabc.Callable[[object], str]


def encoder_for(encoding: str | None) -> Encode:
    """Return what encodes a value as one line of JSON, for a stream of this encoding.

    It is RFC 8259, and pure ASCII unless the encoding is UTF-8. What JSON can't hold is an exception: NaN,
    infinities, bytes that are not UTF-8, objects of unknown classes, cycles, keys with the same text, and
    iterators, which could be read only once.
    """
    is_utf8 = encoding is not None and codecs.lookup(encoding).name == "utf-8"
    # Made once: json.dumps makes an encoder per call where an option isn't the default, 2 µs each.
    encode = json.JSONEncoder(ensure_ascii=not is_utf8, allow_nan=False, default=to_plain).encode

    def encode_line(value: object) -> str:
        text = encode(value)
        check_names(text)
        return restore(escape(text))

    return encode_line


def to_plain(value: object) -> Any:
    """Return what JSON has instead of a value that it doesn't have, as `default` of a JSON encoder."""
    return _to_plain(value, _to_plain_object)


def encodable(value: Any, encode: Encode) -> Any:
    """Return the value in a form that can be encoded, or raise the exception that says why there is none."""
    try:
        encode(value)
    except Exception:  # classes of users may raise anything here
        value = to_plain(value)  # makes texts of a dict's names
        encode(value)
    return value


def to_plain_leniently(value: object) -> Any:
    """Return the same, where parts of Protobuf messages without a JSON form stand with their fields."""

    def fallback(value: Any) -> Any:
        return protobuf_json(value, "")[0] if is_protobuf(value) else _to_plain_object(value)

    return _to_plain(value, fallback)


def protobuf_json(message: Any, path: str) -> tuple[Any, list[str]]:
    """Return the JSON form of a Protobuf message, and in sentences which parts have none.

    Those have their fields instead.
    """
    from framework.protobuf import json_ready  # late: it exists where protobuf is installed

    reasons: list[str] = []

    def note(path: str, reason: str) -> None:
        reasons.append(f"{path} has its fields, as Protobuf has no JSON for this {reason}.")

    return json_ready(message, note, path), reasons


def shown_in_json(value: object) -> object:
    """Return what stands for a value inside the JSON that people see: anything has a text."""
    if isinstance(value, bytes):
        return describe(value)
    try:
        return to_plain_leniently(without_iterators(value))
    except Exception:  # classes of users may raise anything here
        return repr(value)


def has_form_without_others(value: Any, field: str) -> bool:
    """Whether a model with this field alone has a form in JSON: a field may have a serializer of its own."""
    if not hasattr(value, "__pydantic_serializer__"):
        return False
    try:
        plain = _to_plain(value, _to_plain_object, include={field})
        encoder_for("ascii")(plain)
    except Exception:  # classes of users may raise anything here
        return False
    return True


def _to_plain(value: object, fallback: cabc.Callable[[Any], Any], **options: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if has_iterator(value):
        raise NoFormError("has an iterator")
    plain = _jsonable()(value, fallback=fallback, **options)
    check_model(value, plain, **options)
    return plain


@functools.cache
def _jsonable() -> cabc.Callable[..., Any]:
    from pydantic_core import to_jsonable_python  # late: --help doesn't need it

    return functools.partial(to_jsonable_python, bytes_mode="utf8", inf_nan_mode="constants", **polymorphic())


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
        plain, reasons = protobuf_json(value, "")
        if reasons:
            raise NoFormError("is a Protobuf message without a JSON form")
        return plain
    if (text := xml_text(value)) is not None:
        return text
    raise NoFormError(f"is an object of type {type(value).__name__}")
