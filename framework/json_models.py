"""Compile the types that JSON is validated into: models of pydantic, Structs of msgspec, typing forms."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any

from framework.errors import RoutingError
from framework.models import describe, is_struct

Parse = cabc.Callable[[bytes], Any]


def json_model_parser(part: str, declared: Any) -> Parse:
    """Return what makes a value of this type of the bytes of a JSON document.

    A type that can't be built, as with a wrong annotation, is a RoutingError that names the part.
    """
    return _struct_decoder(part, declared) if is_struct(declared) else _validator(part, declared)


def _validator(part: str, declared: Any) -> Parse:
    # Late: half of the time that importing it all takes. A model's own module has imported it.
    from pydantic import PydanticUserError, TypeAdapter
    from pydantic.errors import PydanticUndefinedAnnotation

    from framework.exact_decimals import exact_validator

    try:
        adapter = TypeAdapter(declared)
        # Only this names what is missing.
        adapter.rebuild()
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        raise _unusable(part, declared, error) from error
    # The adapter's own validate_json is a Python function around this one.
    return exact_validator(adapter) or adapter.validator.validate_json


def _struct_decoder(part: str, declared: Any) -> Parse:
    import msgspec

    try:
        return msgspec.json.Decoder(declared).decode  # it reads Decimals exactly
    except (NameError, TypeError) as error:
        raise _unusable(part, declared, error) from error


def _unusable(part: str, declared: Any, error: Exception) -> RoutingError:
    reason = str(error).splitlines()[0].rstrip(".")  # pydantic's further lines are about pydantic
    return RoutingError(f"{part}={describe(declared)} is unusable for JSON: {reason}.")
