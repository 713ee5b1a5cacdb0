"""Which pydantic models have fields that each depend on one value of a JSON document only. Pure.

pydantic's own core schema says what a model does: what isn't known here is left to pydantic.
"""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, NamedTuple

Schema = dict[str, Any]
Default = cabc.Callable[[], Any]

ABOUT: Final = frozenset(["type", "ref", "metadata", "serialization"])
"""Keys of a schema that change no value."""
_MODEL: Final = ABOUT | {"cls", "schema", "config", "root_model", "custom_init", "frozen", "generic_origin"}
_FIELDS: Final = ABOUT | {"fields", "model_name", "computed_fields", "extra_behavior", "from_attributes"}
_FIELD: Final = ABOUT | {"schema", "validation_alias", "serialization_alias", "frozen"}
_FIELD_OUTPUT: Final = frozenset(["serialization_exclude", "serialization_exclude_if"])
_DEFAULT: Final = ABOUT | {
    "schema",
    "default",
    "default_factory",
    "default_factory_takes_data",
    "copy_default",
}
_CONFIG: Final = frozenset(
    "title frozen from_attributes hide_input_in_errors extra_fields_behavior validation_error_cause "
    "loc_by_alias cache_strings serialize_by_alias ser_json_timedelta ser_json_temporal ser_json_bytes "
    "ser_json_inf_nan".split()
)
"""Settings of a model that change no value of its fields."""
_CONFIG_OF_VALUES: Final = frozenset(
    "strict str_max_length str_min_length str_strip_whitespace str_to_lower str_to_upper allow_inf_nan "
    "coerce_numbers_to_str regex_engine val_json_bytes val_temporal_unit".split()
)
"""Settings that pydantic applies to each field by itself."""
_OF_USERS: Final = frozenset(["cls", "config", "default", "expected", "function", "members", "metadata"])
"""Keys under which no schema is."""
_WHOLE: Final = frozenset(["with-info", "generator"])
"""What sees the other fields, or is validated later."""


class Field(NamedTuple):
    """A field of a model.

    Args:
        name: Its name, and `json_name` that in JSON.
        schema: What pydantic makes its values by, without the default.
        default: Makes the value where JSON has none; None where it must have one.
    """

    name: str
    json_name: str
    schema: Schema
    default: Default | None


class Model(NamedTuple):
    """The fields of a model, each of which has a value that depends on nothing else in the document.

    Args:
        fields: The fields.
        is_closed: Whether other fields are an error.
        config: Settings that change values of its fields; None where there are none.
        definitions: The schemas that fields refer to, by name.
    """

    fields: tuple[Field, ...]
    is_closed: bool
    config: Schema | None
    definitions: cabc.Mapping[str, Schema]


def model_of(schema: Any) -> Model | None:
    """Return the fields of a model's core schema; None where they aren't all that there is to it."""
    definitions: dict[str, Schema] = {}
    if schema["type"] == "definitions":
        definitions = {each["ref"]: each for each in schema["definitions"]}
        schema = schema["schema"]
    if any(map(_needs_more, (schema, *definitions.values()))):
        return None
    return model_fields(resolved(schema, definitions), definitions)


def model_fields(schema: Schema, definitions: cabc.Mapping[str, Schema]) -> Model | None:
    """Return the fields of a model's schema, which may stand within that of another type."""
    if schema["type"] != "model" or schema.keys() - _MODEL or schema.get("root_model"):
        return None
    inner, config = schema["schema"], schema.get("config", {})
    of_values = {key: value for key, value in config.items() if key in _CONFIG_OF_VALUES}
    if schema.get("custom_init") or inner["type"] != "model-fields" or inner.keys() - _FIELDS:
        return None
    extra = inner.get("extra_behavior") or config.get("extra_fields_behavior")
    if config.keys() - _CONFIG - _CONFIG_OF_VALUES or extra not in (None, "ignore", "forbid"):
        return None
    fields = [_field(name, each) for name, each in inner["fields"].items()]
    known = [each for each in fields if each is not None]
    if not fields or len(known) < len(fields):
        return None
    return Model(tuple(known), extra == "forbid", of_values or None, definitions)


def _field(name: str, field: Schema) -> Field | None:
    alias, schema = field.get("validation_alias", name), field["schema"]
    if field.keys() - _FIELD - _FIELD_OUTPUT or not isinstance(alias, str):
        return None
    if schema["type"] != "default":
        return Field(name, alias, schema, None)
    if schema.keys() - _DEFAULT or schema.get("default_factory_takes_data"):
        return None
    if (factory := schema.get("default_factory")) is None:
        value = schema["default"]
        factory = none if value is None else lambda: value
    return Field(name, alias, schema["schema"], factory)


def none() -> None:
    """Make the default of most fields."""


def resolved(schema: Schema, definitions: cabc.Mapping[str, Schema]) -> Schema:
    """Return the schema that one refers to, or itself."""
    if schema["type"] == "definition-ref":
        return definitions.get(schema["schema_ref"], {"type": "unknown"})
    return schema


def _needs_more(schema: Any) -> bool:
    """Whether pydantic makes a value in it of more than the value in JSON."""
    if isinstance(schema, list | tuple):
        return any(map(_needs_more, schema))
    if not isinstance(schema, dict):
        return False
    kind = schema.get("type")
    # A field may have the name of such a key: then its value is a schema, and there is no type.
    opaque = _OF_USERS if isinstance(kind, str) else ()
    kind = kind if isinstance(kind, str) else None
    function = schema.get("function")
    if kind in _WHOLE or (isinstance(function, dict) and function.get("type") in _WHOLE):
        return True
    return schema.get("default_factory_takes_data") is True or any(
        _needs_more(value) for key, value in schema.items() if key not in opaque
    )
