"""Refuses deserializers that would fail at the first message, where they are declared."""

from __future__ import annotations

import collections
import importlib.util
import inspect
import sys
import typing
from typing import Any, Final

from framework.async_functions import is_async
from framework.deserializers.ready import float32, float64, int32, int64, json, msgpack, uuid, xml
from framework.errors import RoutingError
from framework.json_models import json_model_parser
from framework.models import (
    describe,
    has_own_reading,
    is_abstract,
    is_framed,
    is_json_type,
    is_model,
    is_special_form,
    is_standard,
    takes_message,
)
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
_BUILT_IN: Final = (Any, bool, dict, frozenset, list, object, set, tuple)
"""Types that need no check whether JSON can be validated into them, for which pydantic is imported."""
_COLLECTIONS: Final = (
    bytes,
    collections.OrderedDict,
    collections.deque,
    dict,
    frozenset,
    list,
    set,
    str,
    tuple,
)
"""Classes of the standard library that make something of headers."""
_NEED_CALL: Final = (avro, json_schema, protobuf)


def check(part: str, declared: Any) -> None:
    """Raise a RoutingError unless this can deserialize the part: "payload", "key" or "headers"."""
    if declared is NOT_GIVEN:
        return
    if declared is xml and importlib.util.find_spec("defusedxml") is None:
        raise RoutingError(f'{part}=xml needs defusedxml: pip install "framework-iterator[xml]"')
    if declared in _NEED_CALL:
        raise RoutingError(f"{part}={declared.__name__} is a function: write {part}={declared.__name__}().")
    if _lacks_instance(declared):
        name = declared.__name__
        raise RoutingError(f"{part}={name} is a class: pass an instance, {part}={name}().")
    if is_async(declared) or is_async(getattr(declared, "deserialize", None)):
        raise RoutingError(
            f"{part}={describe(declared)} is async, and messages are deserialized without an event loop: "
            "pass a plain function."
        )
    (_check_headers if part == "headers" else _check_bytes)(part, declared)


def _check_headers(part: str, declared: Any) -> None:
    is_value = is_standard(declared) and declared not in _COLLECTIONS
    if is_value or is_model(declared) or is_framed(declared) or declared in _OF_BYTES:
        raise RoutingError(f"headers={describe(declared)} is invalid: expected {_EXPECTED_FOR_HEADERS}.")
    if not takes_message(declared):
        _check_call(part, declared, _EXPECTED_FOR_HEADERS)


def _check_bytes(part: str, declared: Any) -> None:
    if sys.version_info < (3, 12) and typing.is_typeddict(declared):
        raise RoutingError(
            f"{part}={declared.__name__} is a typing.TypedDict, which is supported from Python 3.12 on. "
            "Before: from typing_extensions import TypedDict."
        )
    if is_model(declared) or is_framed(declared) or takes_message(declared):
        return
    if is_json_type(declared):
        _check_json_type(part, declared)
        return
    _check_call(part, declared, _EXPECTED)


def _check_json_type(part: str, declared: Any) -> None:
    """Raise a RoutingError for a class of the standard library that no JSON can be validated into."""
    if any(declared is each for each in _BUILT_IN):
        return
    try:
        json_model_parser(part, declared)
    except RoutingError as error:
        raise RoutingError(f"{error} Pass a callable that takes the bytes instead.") from error.__cause__


def _check_call(part: str, declared: Any, expected: str) -> None:
    """Raise a RoutingError for what can't be called with the bytes, or the headers, alone."""
    if not callable(declared) or is_special_form(declared):
        wrong = _meant(part, declared) or f"is invalid: expected {expected}."
        raise RoutingError(f"{part}={declared!r} {wrong}")
    if is_standard(declared):
        return
    if isinstance(declared, type) and (is_abstract(declared) or not has_own_reading(declared)):
        lacks = "is an abstract class" if is_abstract(declared) else f"has no __init__ for {_given(part)}"
        raise RoutingError(f"{part}={declared.__name__} {lacks}: expected {expected}.")
    try:
        signature = inspect.signature(declared)
    except (TypeError, ValueError):  # not every function in C has one
        return
    try:
        signature.bind(b"")
    except TypeError as error:
        raise RoutingError(
            f"{part}={describe(declared)} takes {signature}, and is called with the {_given(part)}: {error}."
        ) from None


def _given(part: str) -> str:
    return "list of (name, bytes) pairs" if part == "headers" else "bytes"


def _meant(part: str, declared: Any) -> str | None:
    """Return what to write instead, where that can be seen."""
    if is_model(type(declared)):
        return f"is an instance: pass the class, {part}={type(declared).__name__}."
    if isinstance(declared, list | tuple) and declared and all(isinstance(each, type) for each in declared):
        types = " | ".join(each.__name__ for each in declared)
        return f"is no type: pass {part}={f'list[{types}]' if isinstance(declared, list) else types}."
    return None


def _lacks_instance(declared: Any) -> bool:
    """Whether it is a class whose instances have `deserialize(message)`."""
    return (
        isinstance(declared, type)
        and not is_model(declared)
        and inspect.isfunction(inspect.getattr_static(declared, "deserialize", None))
    )
