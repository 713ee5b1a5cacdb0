"""From a decoded value to the type that an application declares."""

from __future__ import annotations

import collections.abc as cabc
import uuid
from typing import Any

from framework.errors import RoutingError
from framework.json_models import build_adapter
from framework.models import describe, is_json_type, is_model, is_struct

Convert = cabc.Callable[[Any], Any]


def check_model(name: str, model: object) -> None:
    """Raise a RoutingError unless decoded values can be converted into this type."""
    if not (is_model(model) or callable(model)):
        raise RoutingError(
            f"{name}({model!r}) is invalid: expected a pydantic model, dataclass, TypedDict or "
            "msgspec Struct class, or a callable that takes the decoded value."
        )


def converter(model: Any) -> Convert | None:
    """Return what makes the model of a decoded value; None where the value stays as it is.

    The model may refer to types that are defined after the declaration, so this is called when a run starts.
    """
    if model is None or model is Any:
        return None
    if model is dict:
        return _check_dict
    if is_struct(model):
        import msgspec

        return lambda value: msgspec.convert(value, model)
    if is_model(model) or is_json_type(model) or model is uuid.UUID:
        return build_adapter(model, describe(model), "decoded values").validator.validate_python
    return model  # type: ignore[no-any-return]  # a callable


def _check_dict(value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"the value is of type {type(value).__name__}, not a dict")
    return value
