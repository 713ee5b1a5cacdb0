"""The JSON text of values that have no column type."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from pydantic_core import from_json, to_json


def json_text(value: Any) -> str:
    """Return a value as JSON. NaN and infinities are the strings "NaN", "Infinity" and "-Infinity".

    Bytes are text; those that aren't UTF-8 are standard base64. An object that has no JSON form is an
    exception of pydantic's or a UnicodeDecodeError.
    """
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            value = base64.b64encode(value).decode()
    return to_json(value, inf_nan_mode="strings", fallback=_plain).decode()


def _plain(value: Any) -> Any:
    """Return plain values of an object that pydantic doesn't know."""
    if isinstance(value, msgspec.Struct):
        # One level, so that what is inside is written as it is elsewhere.
        config = value.__struct_config__
        tag = {} if config.tag is None else {config.tag_field: config.tag}
        return tag | {
            name: each
            for name in value.__struct_fields__
            if (each := getattr(value, name)) is not msgspec.UNSET
        }
    if isinstance(value, msgspec.Raw):
        return from_json(bytes(value))
    if hasattr(value, "DESCRIPTOR"):  # a Protobuf message
        from framework.protobuf import dict_converter  # late: it exists where protobuf is installed

        return dict_converter(value.DESCRIPTOR)(value)
    raise TypeError(f"an object of type {type(value).__name__} has no JSON form")
