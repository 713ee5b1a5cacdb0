"""Rewrite pydantic's core schemas so that a function gets each Decimal and each float of JSON."""

from __future__ import annotations

import collections.abc as cabc
import threading
from typing import Any, Final

Schema = dict[str, Any]

_CONSTRAINTS: Final = ("multiple_of", "le", "ge", "lt", "gt", "max_digits", "decimal_places", "allow_inf_nan")
# What is in these describes no value that is validated, or belongs to the user.
_OPAQUE: Final = frozenset(
    ("cls", "computed_fields", "config", "default", "expected", "function", "metadata", "serialization")
)
_building: Final = threading.Lock()


def rewrite(
    schema: Any, exact: cabc.Callable[[Any], Any], original: cabc.Callable[[float], float]
) -> Schema | None:
    """Return a schema with `exact` after each Decimal and `original` after each float.

    None is returned where it has no Decimal.
    """
    rewriting = _Rewriting(exact, original)
    rewritten: Schema = rewriting.of(schema, None)
    return rewritten if rewriting.has_decimals else None


def validator_of(schema: Any) -> Any:
    """Return the validator of a schema that was rewritten."""
    from pydantic_core import SchemaValidator

    classes: list[Any] = _classes(schema, [])
    # pydantic would take the ready validators of the classes, instead of those in this schema, unless the
    # classes were incomplete. Nothing else reads the flag but what builds schemas.
    with _building:
        complete = [each for each in classes if each.__dict__.get("__pydantic_complete__") is True]
        try:
            for each in complete:
                each.__pydantic_complete__ = False
            return SchemaValidator(schema)
        finally:
            for each in complete:
                each.__pydantic_complete__ = True


class _Rewriting:
    """Rewrites a schema."""

    def __init__(self, exact: cabc.Callable[[Any], Any], original: cabc.Callable[[float], float]) -> None:
        self._exact = exact
        self._original = original
        self.has_decimals = False

    def of(self, schema: Any, config: Any) -> Any:
        """Return it rewritten; `config` is that of the model around it."""
        if isinstance(schema, list | tuple):
            return type(schema)(self.of(each, config) for each in schema)
        if not isinstance(schema, dict):
            return schema
        kind = schema.get("type")
        if kind == "decimal":
            self.has_decimals = True
            return _after(self._checked(schema, config), _without(schema, "ref", *_CONSTRAINTS), schema)
        if kind == "float":
            return _after(self._original, _without(schema, "ref"), schema)
        if kind == "union":
            return schema | {"choices": [self._choice(each, config) for each in schema["choices"]]}
        # A field may have the name of such a key: then its value is a schema, and there is no type.
        opaque = _OPAQUE if isinstance(kind, str) else ()
        config = schema.get("config", config) if opaque else config
        return {key: value if key in opaque else self.of(value, config) for key, value in schema.items()}

    def _choice(self, choice: Any, config: Any) -> Any:
        """Return a choice of a union with the name that errors have for it."""
        from pydantic_core import SchemaError, SchemaValidator

        rewritten = self.of(choice, config)
        if isinstance(choice, tuple) or rewritten == choice:
            return rewritten
        try:
            return rewritten, SchemaValidator(choice).title
        except SchemaError:  # it refers to a definition elsewhere
            return rewritten

    def _checked(self, schema: Schema, config: Any) -> cabc.Callable[[Any], Any]:
        """Return what makes a Decimal exact, and then checks it: rounded, it may pass or fail wrongly."""
        from pydantic_core import SchemaValidator

        check = SchemaValidator(_without(schema, "ref"), config).validate_python
        return lambda value: check(self._exact(value))


def _after(function: cabc.Callable[[Any], Any], inner: Schema, schema: Schema) -> Schema:
    if inner["type"] == "decimal":
        inner["allow_inf_nan"] = True  # as a float, 1e400 is infinite
    after: Schema = {"type": "function-after", "schema": inner}
    after["function"] = {"type": "no-info", "function": function}
    return after | ({"ref": schema["ref"]} if "ref" in schema else {})


def _without(schema: Schema, *keys: str) -> Any:
    return {key: value for key, value in schema.items() if key not in keys}


def _classes(schema: Any, found: list[type]) -> list[type]:
    if isinstance(schema, list | tuple):
        for each in schema:
            _classes(each, found)
    elif isinstance(schema, dict):
        if schema.get("type") in ("model", "dataclass"):
            found.append(schema["cls"])
        for key, value in schema.items():
            if key not in _OPAQUE or not isinstance(schema.get("type"), str):
                _classes(value, found)
    return found
