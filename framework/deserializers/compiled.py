"""Deserializers that are ready to run: compiled once per run, and pickled with messages."""

from __future__ import annotations

import collections.abc as cabc
import functools
import types
import typing
from typing import Any, Final, NamedTuple

from framework.deserializers.models import describe, is_json_type, is_model, is_struct, takes_message
from framework.deserializers.ready import json, raw, text, text_headers, untouched
from framework.errors import RoutingError


class CompiledPart(NamedTuple):
    """The deserializer of one part of a message.

    `call` gets the message if `takes_message` is True, else only the raw form of the part.
    """

    call: cabc.Callable[[Any], Any]
    takes_message: bool = False


class Declared(NamedTuple):
    """What was declared for each part, the defaults filled in."""

    payload: Any
    key: Any
    headers: Any


class CompiledDeserializers:
    """The deserializers of one topic's messages, ready to run.

    `payload_of` makes a payload of its bytes; it is None where the payload's deserializer takes the
    message. It is looked up once per message, which slots make 20 ns faster than a named tuple.
    `is_untouched` is True where payloads stay bytes. `declared` is what this was compiled from.
    """

    __slots__ = ("_picklable", "declared", "headers", "is_untouched", "key", "payload", "payload_of")

    def __init__(self, declared: Declared) -> None:
        """Compile; a type that can't be built, as with a wrong annotation, is a RoutingError."""
        self.declared = declared
        self.payload = _compile("payload", declared.payload)
        self.key = _compile("key", declared.key)
        self.headers = _compile_headers(declared.headers)
        self.is_untouched = self.payload.call is untouched
        self.payload_of: cabc.Callable[[bytes], Any] | None = (
            None if self.payload.takes_message else self.payload.call
        )
        self._picklable: Declared | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what was declared, with a substitute for each deserializer that can't be pickled."""
        picklable = self._picklable
        if picklable is None:
            picklable = _picklable(self.declared)
            # To try it for each message takes longer than all the rest. An object is tried each time: it may
            # have opened a connection since.
            if all(map(_is_pickled_by_name, self.declared)):
                self._picklable = picklable
        return compile_declared, tuple(picklable)


def compile_declared(payload: Any, key: Any, headers: Any) -> CompiledDeserializers:
    """Return the deserializers of what was declared for each part."""
    declared = Declared(payload, key, headers)
    try:
        return _compiled(declared)
    except TypeError:  # one of them has no hash
        return CompiledDeserializers(declared)


# Bounded, and cached because building a schema takes 0.2 ms, which each message that is unpickled would pay.
_compiled: Final = functools.lru_cache(maxsize=256)(CompiledDeserializers)


def _compile(part: str, declared: Any) -> CompiledPart:
    # The most common ones without a Python function around what is implemented in C: 50 to 150 ns each.
    if declared is json:
        from pydantic_core import from_json

        return CompiledPart(from_json)
    if declared is str or declared is text:
        return CompiledPart(bytes.decode)
    if declared is bytes or declared is raw:
        return CompiledPart(untouched)
    if is_struct(declared):
        return CompiledPart(_struct_decoder(part, declared))
    if is_model(declared) or (part != "headers" and is_json_type(declared)):
        return CompiledPart(_validator(part, declared))
    if takes_message(declared):
        return CompiledPart(declared.deserialize, takes_message=True)
    return CompiledPart(declared)


def _compile_headers(declared: Any) -> CompiledPart:
    if declared is str or declared is text:
        return CompiledPart(text_headers)
    if declared is bytes or declared is raw:
        return CompiledPart(dict)
    return _compile("headers", declared)


def _validator(part: str, declared: Any) -> cabc.Callable[[bytes], Any]:
    # Late: half of the time that importing it all takes. A model's own module has imported it.
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticUndefinedAnnotation

    try:
        adapter = TypeAdapter(declared)
        # Only this names what is missing.
        adapter.rebuild()
        # The adapter's own validate_json is a Python function around this one.
        return adapter.validator.validate_json
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        raise _unusable(part, declared, error) from error


def _struct_decoder(part: str, declared: Any) -> cabc.Callable[[bytes], Any]:
    import msgspec

    try:
        return msgspec.json.Decoder(declared).decode
    except (NameError, TypeError) as error:
        raise _unusable(part, declared, error) from error


def _unusable(part: str, declared: Any, error: Exception) -> RoutingError:
    reason = str(error).splitlines()[0].rstrip(".")  # pydantic's further lines are about pydantic
    return RoutingError(f"{part}={describe(declared)} is unusable for JSON: {reason}.")


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
    return isinstance(declared, by_name) or typing.get_origin(declared) is not None
