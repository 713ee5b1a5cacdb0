"""Refuses deserializers that would fail at the first message, where they are declared."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import typing
from typing import Any, Final

from framework.async_functions import is_async
from framework.deserializers.ready import float32, float64, int32, int64, json, msgpack, uuid, xml
from framework.errors import RoutingError
from framework.models import describe, is_framed, is_model, takes_message
from framework.schemas import avro, json_schema, protobuf
from framework.types import NOT_GIVEN

_EXPECTED: Final = (
    "a pydantic model, dataclass, TypedDict or msgspec Struct class, `str`, `bytes`, "
    "avro(), protobuf() or json_schema() of framework.schemas, a callable that takes the bytes, "
    "or an object with deserialize(message)"
)
_EXPECTED_FOR_HEADERS: Final = (
    "`str` or `bytes` (a dict of them), a callable that takes the list of (name, bytes) pairs, "
    "or an object with deserialize(message)"
)
_OF_BYTES: Final = (json, int32, int64, float32, float64, msgpack, uuid, xml)
"""Ready deserializers that take bytes, which headers are not."""
_NEED_CALL: Final = (avro, json_schema, protobuf)


def check(part: str, declared: Any) -> None:
    """Raise a RoutingError unless this can deserialize the part: "payload", "key" or "headers"."""
    if declared is NOT_GIVEN:
        return
    if part == "headers" and (is_model(declared) or is_framed(declared) or declared in _OF_BYTES):
        raise RoutingError(f"headers={describe(declared)} is invalid: expected {_EXPECTED_FOR_HEADERS}.")
    if declared is xml and importlib.util.find_spec("defusedxml") is None:
        raise RoutingError(f'{part}=xml needs defusedxml: pip install "framework-iterator[xml]"')
    if declared in _NEED_CALL:
        raise RoutingError(f"{part}={declared.__name__} is a function: write {part}={declared.__name__}().")
    if _lacks_instance(declared):
        name = declared.__name__
        raise RoutingError(f"{part}={name} is a class: pass an instance, {part}={name}().")
    if sys.version_info < (3, 12) and typing.is_typeddict(declared):
        raise RoutingError(
            f"{part}={declared.__name__} is a typing.TypedDict, which is supported from Python 3.12 on. "
            "Before: from typing_extensions import TypedDict."
        )
    if is_async(declared) or is_async(getattr(declared, "deserialize", None)):
        raise RoutingError(
            f"{part}={describe(declared)} is async, and messages are deserialized without an event loop: "
            "pass a plain function."
        )
    if not (is_model(declared) or is_framed(declared) or callable(declared) or takes_message(declared)):
        expected = _EXPECTED_FOR_HEADERS if part == "headers" else _EXPECTED
        raise RoutingError(f"{part}={declared!r} is invalid: expected {expected}.")


def _lacks_instance(declared: Any) -> bool:
    """Whether it is a class whose instances have `deserialize(message)`."""
    return (
        isinstance(declared, type)
        and not is_model(declared)
        and inspect.isfunction(inspect.getattr_static(declared, "deserialize", None))
    )
