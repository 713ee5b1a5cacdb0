"""How bytes become values: the ready deserializers, and what an application may declare.

A part (payload, key or headers) is declared with a type, a callable or an object; see `Deserializers`.
Declaring checks; `compile()` builds the decoders, once a run, when forward references are resolved.
"""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import functools
import importlib.util
import inspect
import re
import struct
import sys
import typing
from typing import Any, NamedTuple

from framework.errors import RoutingError
from framework.types import NOT_GIVEN, RawHeaders


def json(data: bytes) -> Any:
    """Any JSON document; big integers stay exact, up to 200 levels deep. Follows RFC 8259 plus NaN."""
    from pydantic_core import from_json

    return from_json(data)


def text(data: bytes) -> str:
    """UTF-8 text; anything else is an error."""
    return data.decode()


def raw(data: bytes) -> bytes:
    """The bytes untouched."""
    return data


untouched = bytes.__bytes__
"""What `raw` and `bytes` come to: C, and so recognisable where even this call is too much."""


def int32(data: bytes) -> int:
    """Four bytes, big-endian, signed: Kafka's IntegerSerializer."""
    number: int = struct.unpack(">i", data)[0]
    return number


def int64(data: bytes) -> int:
    """Eight bytes, big-endian, signed: Kafka's LongSerializer."""
    number: int = struct.unpack(">q", data)[0]
    return number


def xml(data: bytes) -> Any:
    """An `xml.etree.ElementTree.Element`; entity attacks are refused. Needs the extra `xml`."""
    from defusedxml.ElementTree import fromstring

    return fromstring(data)


def text_or_bytes(data: bytes) -> str | bytes:
    """UTF-8 text where it is, else the bytes: the default for keys."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


class Part(NamedTuple):
    """One part, ready to run: `call` gets the message, or only the part's raw form."""

    call: cabc.Callable[[Any], Any]
    takes_message: bool = False


class Decoders:
    """The three parts of one topic's messages, ready to run, and what they were made of.

    `decode` makes a payload of its bytes alone; None where it takes the message. It is looked up once per
    message, which slots make 20 ns faster than a named tuple. `is_untouched` says that it stays bytes.
    """

    __slots__ = ("declared", "decode", "headers", "is_untouched", "key", "payload")

    def __init__(self, payload: Part, key: Part, headers: Part, declared: Deserializers) -> None:
        """Not to be changed any more."""
        self.payload = payload
        self.key = key
        self.headers = headers
        self.declared = declared
        self.is_untouched = payload.call is untouched
        self.decode: cabc.Callable[[bytes], Any] | None = None if payload.takes_message else payload.call


@dataclasses.dataclass(frozen=True, slots=True)
class Deserializers:
    """What was declared for the payload, key and headers of a topic, or as an app's defaults.

    A pydantic model, dataclass, TypedDict or msgspec Struct, `dict`, `list`, `bool`, or a typing form
    such as `list[Flight]`: JSON into that type (before Python 3.12, TypedDict is the one of
    typing_extensions). `str`, `bytes`: UTF-8 text, the bytes untouched. Any other callable gets the
    bytes (for headers, the list of name-and-bytes pairs). An object with `deserialize(message)` gets
    the message. What isn't given is filled in by `over`.
    """

    payload: Any = NOT_GIVEN
    key: Any = NOT_GIVEN
    headers: Any = NOT_GIVEN

    def __post_init__(self) -> None:
        """Say no at the declaration, where it can be mended."""
        _check("payload", self.payload)
        _check("key", self.key)
        _check("headers", self.headers)

    def over(self, defaults: Deserializers) -> Deserializers:
        """Each part of ours, or the defaults' where we have none."""
        return Deserializers(
            payload=defaults.payload if self.payload is NOT_GIVEN else self.payload,
            key=defaults.key if self.key is NOT_GIVEN else self.key,
            headers=defaults.headers if self.headers is NOT_GIVEN else self.headers,
        )

    def compile(self) -> Decoders:
        """Build the decoders; a type that can't be built (a wrong annotation) is a RoutingError."""
        full = self.over(OURS)
        try:
            return _decoders(full)
        except TypeError:  # one of them can't be hashed, and so not be remembered
            return _decoders.__wrapped__(full)


@functools.lru_cache(maxsize=256)
def _decoders(full: Deserializers) -> Decoders:
    # Remembered, because a message that is unpickled needs them as well, and a schema takes 0.2 ms to build.
    return Decoders(
        payload=_compile("payload", full.payload),
        key=_compile("key", full.key),
        headers=_compile_headers(full.headers),
        declared=full,
    )


def describe(given: Any) -> str:
    """The name of a declared deserializer, as people wrote it."""
    if typing.get_origin(given) is not None:
        return re.sub(r"[\w.<>]+\.", "", str(given))  # list[Flight], not list[shop.models.Flight]
    return getattr(given, "__name__", None) or type(given).__name__


_WOULD_WORK: typing.Final = (
    "a pydantic model, dataclass, TypedDict or msgspec Struct class, `str`, `bytes`, "
    "a callable that takes the bytes, or an object with deserialize(message)"
)
_HEADERS_WOULD_WORK: typing.Final = (
    "`str` or `bytes` (a dict of them), a callable that takes the list of (name, bytes) pairs, "
    "or an object with deserialize(message)"
)


# Called with bytes these would give nonsense: list(b"[1]") is [91, 49, 93], bool(b"false") is True.
_JSON_TYPES: typing.Final = (bool, dict, list, typing.Any)


def _check(part: str, given: Any) -> None:
    if given is NOT_GIVEN:
        return
    if part == "headers" and (_is_model(given) or given in (json, int32, int64, xml)):
        raise RoutingError(f"headers={describe(given)} can't work: give {_HEADERS_WOULD_WORK}.")
    if given is xml and importlib.util.find_spec("defusedxml") is None:
        raise RoutingError(f'{part}=xml needs defusedxml: pip install "framework-iterator[xml]"')
    if (
        isinstance(given, type)
        and not _is_model(given)
        and inspect.isfunction(inspect.getattr_static(given, "deserialize", None))
    ):
        raise RoutingError(
            f"{part}={given.__name__} is a class: give an instance, {part}={given.__name__}()."
        )
    if sys.version_info < (3, 12) and typing.is_typeddict(given):
        raise RoutingError(
            f"{part}={given.__name__} is a typing.TypedDict, which can be read from Python 3.12 on. "
            "Before: from typing_extensions import TypedDict."
        )
    if _is_async(given):
        raise RoutingError(
            f"{part}={describe(given)} is async, and messages are read without an event loop: "
            "give a plain function."
        )
    if not (_is_model(given) or callable(given) or callable(getattr(given, "deserialize", None))):
        would_work = _HEADERS_WOULD_WORK if part == "headers" else _WOULD_WORK
        raise RoutingError(f"{part}={given!r} can't work: give {would_work}.")


def _is_async(given: Any) -> bool:
    calls = [given, getattr(given, "deserialize", None)]
    if callable(given):
        calls.append(type(given).__call__)
    return any(map(inspect.iscoroutinefunction, calls))


def _is_model(given: Any) -> bool:
    """Whether JSON is validated into it: a model class, or a typing form such as `list[Flight]`."""
    if typing.get_origin(given) is not None:
        return True
    if not isinstance(given, type):
        return False
    return (
        dataclasses.is_dataclass(given)
        or _is_typed_dict(given)
        or _is_struct(given)
        or _is_subclass(given, "pydantic", "BaseModel")
    )


def _is_typed_dict(given: type) -> bool:
    # typing.is_typeddict doesn't know those of typing_extensions.
    return dict in given.__mro__ and hasattr(given, "__required_keys__")


def _is_struct(given: Any) -> bool:
    """Whether msgspec reads it: a Struct, or a typing form with one in it, such as `list[Flight]`."""
    return _is_subclass(given, "msgspec", "Struct") or any(map(_is_struct, typing.get_args(given)))


def _is_subclass(given: Any, module: str, name: str) -> bool:
    # A class of a library's can only exist where the library was imported: no import for the others.
    base = getattr(sys.modules.get(module), name, None)
    return base is not None and isinstance(given, type) and issubclass(given, base)


def _compile(part: str, given: Any) -> Part:
    # Of ours, those that are used most, without a Python function around what is in C: 50 to 150 ns a part.
    if given is json:
        from pydantic_core import from_json

        return Part(from_json)
    if given is str or given is text:
        return Part(bytes.decode)
    if given is bytes or given is raw:
        return Part(untouched)
    if _is_struct(given):
        return Part(_struct_decoder(part, given))
    if _is_model(given) or (part != "headers" and any(given is each for each in _JSON_TYPES)):
        return Part(_validator(part, given))
    if callable(getattr(given, "deserialize", None)):
        return Part(given.deserialize, takes_message=True)
    return Part(given)


def _validator(part: str, given: Any) -> cabc.Callable[[bytes], Any]:
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticUndefinedAnnotation

    try:
        adapter = TypeAdapter(given)
        # Where something is missing, only this says what.
        adapter.rebuild()
        # The adapter's own validate_json is a Python call in front of this one.
        return adapter.validator.validate_json
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        raise _not_for_json(part, given, error) from error


def _struct_decoder(part: str, given: Any) -> cabc.Callable[[bytes], Any]:
    import msgspec

    try:
        return msgspec.json.Decoder(given).decode
    except (NameError, TypeError) as error:
        raise _not_for_json(part, given, error) from error


def _not_for_json(part: str, given: Any, error: Exception) -> RoutingError:
    reason = str(error).splitlines()[0].rstrip(".")  # pydantic has more to say, about itself
    return RoutingError(f"{part}={describe(given)} can't be used for JSON: {reason}.")


def _compile_headers(given: Any) -> Part:
    if given in (str, text):
        return Part(_headers_as_text)
    if given in (bytes, raw):
        return Part(dict)
    return _compile("headers", given)


def _headers_as_text(headers: RawHeaders) -> dict[str, str | None]:
    return {name: None if value is None else value.decode() for name, value in headers}


def default_headers(headers: RawHeaders) -> dict[str, str | bytes | None]:
    """A dict of text, bytes where they aren't UTF-8; of a repeated name the last value wins."""
    return {name: None if value is None else text_or_bytes(value) for name, value in headers}


OURS: typing.Final = Deserializers(payload=json, key=text_or_bytes, headers=default_headers)
"""What is used where neither the topic nor the app says anything."""
