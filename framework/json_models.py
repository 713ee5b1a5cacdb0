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


def json_model_parser(part: str, declared: Any) -> Parse:
    """Return what makes a value of this type of the bytes of a JSON document.

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
        adapter = TypeAdapter(declared)
        # Only this names what is missing.
        adapter.rebuild()
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        raise _unusable(named, use, error) from error
    return adapter


def _validator(part: str, declared: Any) -> Parse:
    from framework.exact_decimals import exact_validator

    adapter = build_adapter(declared, f"{part}={describe(declared)}", _JSON)
    # The adapter's own validate_json is a Python function around this one.
    return exact_validator(adapter) or adapter.validator.validate_json


def _struct_decoder(part: str, declared: Any) -> Parse:
    import msgspec

    try:
        return msgspec.json.Decoder(declared).decode  # it reads Decimals exactly
    except (NameError, TypeError) as error:
        raise _unusable(f"{part}={describe(declared)}", _JSON, error) from error


def _unusable(named: str, use: str, error: Exception) -> RoutingError:
    reason = next(iter(str(error).splitlines()), text_of(error))  # of pydantic, only the first
    return RoutingError(f"{named} is unusable for {use}: {reason.rstrip('.')}.")
