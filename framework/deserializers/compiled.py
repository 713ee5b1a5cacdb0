"""Deserializers that are ready to run: compiled once per run, and pickled with messages."""

from __future__ import annotations

import collections.abc as cabc
import functools
import types
import typing
import uuid as uuids
from typing import Any, Final, NamedTuple

from framework.async_functions import not_async
from framework.deserializers.ready import json, raw, text, text_headers, untouched, uuid
from framework.json_models import json_model_parser
from framework.models import (
    describe,
    is_framed,
    is_json_type,
    is_model,
    is_special_form,
    resolved,
    takes_message,
)
from framework.registry import Registry, SchemaId
from framework.schemas import framing
from framework.types import RawHeaders, Uncopied

SchemaIdOf = cabc.Callable[[bytes | None, RawHeaders | None], SchemaId | None]
"""Returns the id of the schema that the bytes of a part, or the headers of the message, name."""


class CompiledPart(NamedTuple):
    """The deserializer of one part of a message.

    `call` gets the message if `takes_message` is True, else the raw form of the part, and the raw headers
    after it if `takes_headers` is True.
    """

    call: cabc.Callable[..., Any]
    takes_message: bool = False
    takes_headers: bool = False
    schema_id: SchemaIdOf | None = None
    is_dynamic: bool = False
    """Whether values may be of classes that only this process has."""
    is_json: bool = False


class Declared(NamedTuple):
    """What was declared for each part, the defaults filled in."""

    payload: Any
    key: Any
    headers: Any


class CompiledDeserializers(Uncopied):
    """The deserializers of one topic's messages, ready to run.

    `payload_of` makes a payload of its bytes, `framed_payload_of` of its bytes and the raw headers; one of
    them is None, and both are where the payload's deserializer takes the message. They are looked up once
    per message, which slots make 20 ns faster than a named tuple.
    `is_untouched` is True where payloads stay bytes. `schema_id_of` returns the id of the schema that a
    payload's bytes and headers name. `declared` is what this was compiled from.
    """

    __slots__ = (
        "_picklable",
        "_registry",
        "declared",
        "framed_payload_of",
        "headers",
        "is_untouched",
        "key",
        "payload",
        "payload_of",
        "schema_id_of",
    )

    def __init__(self, declared: Declared, registry: Registry | None = None) -> None:
        """Compile; a type that can't be built, as with a wrong annotation, is a RoutingError."""
        self.declared = declared
        self._registry = registry
        payload = _compile("payload", declared.payload, registry)
        self.is_untouched = payload.call is untouched
        self.schema_id_of = _schema_id_of(declared.payload, payload)
        self._picklable: Declared | None = None
        self.use_payload(_checked(payload, self.use_payload))
        self.use_key(_checked(_compile("key", declared.key, registry), self.use_key))
        self.use_headers(_checked(_compile_headers(declared.headers), self.use_headers))

    @property
    def asks_registry(self) -> bool:
        """Whether a value may be deserialized only after a request to the schema registry."""
        return self._registry is not None

    @property
    def registry(self) -> Registry | None:
        """Where schemas come from; None where nothing that is declared needs it."""
        return self._registry

    def use_payload(self, payload: CompiledPart) -> None:
        """Read payloads by this."""
        self.payload = payload
        self.payload_of = None if payload.takes_message or payload.takes_headers else payload.call
        self.framed_payload_of = payload.call if payload.takes_headers else None

    def use_key(self, key: CompiledPart) -> None:
        """Read keys by this."""
        self.key = key

    def use_headers(self, headers: CompiledPart) -> None:
        """Read headers by this."""
        self.headers = headers

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what was declared, with a substitute for each deserializer that can't be pickled."""
        picklable = self._picklable
        if picklable is None:
            picklable = _picklable(self.declared)
            # To try it for each message takes longer than all the rest. An object is tried each time: it may
            # have opened a connection since.
            if all(map(_is_pickled_by_name, self.declared)):
                self._picklable = picklable
        return compile_declared, (*picklable, self._registry)


def compile_declared(
    payload: Any, key: Any, headers: Any, registry: Registry | None = None
) -> CompiledDeserializers:
    """Return the deserializers of what was declared for each part."""
    declared = Declared(payload, key, headers)
    if not any(map(is_framed, declared)):
        registry = None  # nothing of it is in a pickle, nor a reason to compile again
    try:
        return _compiled(declared, registry)
    except TypeError:  # one of them has no hash
        return CompiledDeserializers(declared, registry)


# Bounded, and cached because building a schema takes 0.2 ms, which each message that is unpickled would pay.
_compiled: Final = functools.lru_cache(maxsize=256)(CompiledDeserializers)


def _compile(part: str, declared: Any, registry: Registry | None = None) -> CompiledPart:
    declared = resolved(declared)
    # The most common ones without a Python function around what is implemented in C: 50 to 150 ns each.
    if declared is json:
        from pydantic_core import from_json

        return CompiledPart(from_json, is_json=True)
    if declared is str or declared is text:
        return CompiledPart(bytes.decode)
    if declared is bytes or declared is raw:
        return CompiledPart(untouched)
    if declared is uuids.UUID:
        return CompiledPart(uuid)
    if is_framed(declared):
        framed = declared.bind(part, registry)
        return CompiledPart(
            framed.read, schema_id=framed.schema_id, takes_headers=True, is_dynamic=declared.is_dynamic
        )
    if is_model(declared) or (part != "headers" and is_json_type(declared)):
        return CompiledPart(json_model_parser(part, declared), is_json=True)
    if takes_message(declared):
        return CompiledPart(declared.deserialize, takes_message=True)
    return CompiledPart(declared)


def _compile_headers(declared: Any) -> CompiledPart:
    if declared is str or declared is text:
        return CompiledPart(text_headers)
    if declared is bytes or declared is raw:
        return CompiledPart(dict)
    return _compile("headers", declared)


_OF_NO_USER: Final = (type, types.BuiltinFunctionType, types.MethodDescriptorType)
"""Calls that return no coroutine."""


def _checked(part: CompiledPart, use: cabc.Callable[[CompiledPart], None]) -> CompiledPart:
    """Return a part whose first value is checked, and which is then used as it is: later ones cost nothing.

    A lambda that calls a function with `async` looks like any other.
    """
    if part.takes_headers or isinstance(part.call, _OF_NO_USER):
        return part

    def call(*args: Any) -> Any:
        value = not_async(part.call(*args))
        use(part)
        return value

    return part._replace(call=call)


def _schema_id_of(declared: Any, compiled: CompiledPart) -> SchemaIdOf:
    """Return what finds the id of a payload's schema, in a prefix only where that is nothing else."""
    if compiled.schema_id is not None:
        return compiled.schema_id
    declared = resolved(declared)
    if declared is json or is_model(declared) or is_json_type(declared):  # JSON never begins with 0
        return lambda data, headers: framing.schema_id_of(data, headers, "payload")
    return lambda _data, headers: framing.schema_id_in_header(headers, "payload")


class _Unpicklable:
    """Replaces, in a pickled message, a deserializer that could not be pickled."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __eq__(self, other: object) -> bool:
        # So that the compiled form of all messages of a run is found in the cache.
        return isinstance(other, _Unpicklable) and self.__name__ == other.__name__

    def __hash__(self) -> int:
        return hash(self.__name__)

    def deserialize(self, _message: object) -> Any:
        """Raise an error that says what to do instead."""
        raise TypeError(
            "the deserializer was not pickled, since it is a lambda, a local function or an object without "
            "pickle support; read the part before pickling, or declare a module-level function"
        )


def _picklable(declared: Declared) -> Declared:
    return Declared(*(part if _pickles(part) else _Unpicklable(describe(part)) for part in declared))


def _pickles(declared: object) -> bool:
    import pickle  # few programs pickle messages

    try:
        pickle.dumps(declared)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _is_pickled_by_name(declared: object) -> bool:
    """Whether pickle writes only where it is defined, so that the answer of `_pickles` stays the same."""
    if isinstance(declared, types.BuiltinFunctionType):  # also the type of a bound method
        return isinstance(declared.__self__, types.ModuleType)
    by_name = (type, types.FunctionType, _Unpicklable)
    is_form = typing.get_origin(declared) is not None or is_special_form(declared)
    return isinstance(declared, by_name) or is_framed(declared) or is_form
