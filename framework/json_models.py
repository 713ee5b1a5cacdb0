"""Compile the types that JSON is validated into: models of pydantic, Structs of msgspec, typing forms."""

from __future__ import annotations

import collections.abc as cabc
from typing import TYPE_CHECKING, Any, Final

from framework.error_text import text_of
from framework.errors import RoutingError
from framework.models import describe, is_struct

if TYPE_CHECKING:
    from pydantic import TypeAdapter  # 25 ms that a program which only declares doesn't need

Parse = cabc.Callable[[bytes], Any]
_JSON: Final = "JSON"
# What pydantic calls them.
_AROUND: Final = frozenset(
    "custom-error default definitions function-after function-before function-wrap nullable".split()
)
_ONE_TEXT: Final = frozenset(
    "complex date datetime decimal enum fraction json lax-or-strict literal multi-host-url str time "
    "timedelta url uuid".split()
)
_NOT_IN_JSON: Final = frozenset("callable ellipsis is-instance is-subclass".split())


def json_model_parser(part: str, declared: Any) -> Parse:
    """Return what makes a value of this type of the bytes of a JSON document.

    Where the value is one text, such as a date, it may stand without quotes, as keys have it.
    A type that can't be built, as with a wrong annotation, is a RoutingError that names the part.
    """
    return _struct_decoder(part, declared) if is_struct(declared) else _validator(part, declared)


def build_adapter(declared: Any, named: str, use: str) -> TypeAdapter[Any]:
    """Return pydantic's adapter of a type; one that can't be built is a RoutingError.

    Args:
        declared: The type.
        named: How the error names it.
        use: What it was wanted for.
    """
    # Late: half of the time that importing it all takes. A model's own module has imported it.
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticUndefinedAnnotation

    try:
        adapter = declared if isinstance(declared, TypeAdapter) else TypeAdapter(declared)
        # Only this names what is missing.
        adapter.rebuild()
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        raise _unusable(named, use, error) from error
    return adapter


def _validator(part: str, declared: Any) -> Parse:
    from framework.exact_decimals import exact_validator

    named = f"{part}={describe(declared)}"
    adapter = build_adapter(declared, named, _JSON)
    # The adapter's own validate_json is a Python function around this one.
    parse = exact_validator(adapter) or adapter.validator.validate_json
    kind = _kind(adapter.core_schema)
    if kind in _NOT_IN_JSON:
        raise _unusable(named, _JSON, TypeError("JSON has no such values"))
    if kind == "bytes":
        return adapter.validator.validate_python
    return _text_or(parse, adapter.validator.validate_strings) if kind in _ONE_TEXT else parse


def _kind(schema: Any) -> str:
    """Return what pydantic calls the type, without what stands around it."""
    while schema["type"] in _AROUND:
        schema = schema["schema"]
    return str(schema["type"])


def _text_or(parse: Parse, validate_text: cabc.Callable[..., Any]) -> Parse:
    """Return what reads a text as it stands, and else as JSON."""

    def text_or_json(data: bytes) -> Any:
        try:
            return validate_text(data.decode())
        except ValueError as error:
            try:
                return parse(data)
            except ValueError:
                raise error from None

    return text_or_json


def _struct_decoder(part: str, declared: Any) -> Parse:
    import msgspec

    try:
        return msgspec.json.Decoder(declared).decode  # it reads Decimals exactly
    except (NameError, TypeError) as error:
        raise _unusable(f"{part}={describe(declared)}", _JSON, error) from error


def _unusable(named: str, use: str, error: Exception) -> RoutingError:
    reason = next(iter(str(error).splitlines()), text_of(error))  # of pydantic, only the first
    # It says how to accept any instance, of which JSON has none.
    reason = reason.partition(". Set `arbitrary_types_allowed=True`")[0]
    return RoutingError(f"{named} is unusable for {use}: {reason.rstrip('.')}.")
