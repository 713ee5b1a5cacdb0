"""The columns of declared types: pydantic models, dataclasses, TypedDicts, Structs, and what they contain."""

from __future__ import annotations

import collections
import collections.abc as cabc
import dataclasses
import datetime
import decimal
import enum
import ipaddress
import itertools
import operator
import pathlib
import types
import typing
import uuid
from typing import Any, Final, NamedTuple

import msgspec
import typing_extensions

from framework_iterator.columns import kinds
from framework_iterator.columns.kinds import Kind

_LISTS: Final = frozenset(
    [list, tuple, collections.deque, cabc.Sequence, cabc.MutableSequence, cabc.Collection]
)
_SETS: Final = frozenset([set, frozenset, cabc.Set, cabc.MutableSet])
_UNIONS: Final = frozenset([typing.Union, types.UnionType])
_QUALIFIERS: Final = frozenset(
    each
    for module in (typing, typing_extensions)
    for name in ("Required", "NotRequired", "ReadOnly", "Final", "ClassVar")
    if (each := getattr(module, name, None)) is not None
)
_WITH_TEXT: Final = (
    uuid.UUID,
    pathlib.PurePath,
    *(ipaddress.IPv4Address, ipaddress.IPv4Network, ipaddress.IPv4Interface),
    *(ipaddress.IPv6Address, ipaddress.IPv6Network, ipaddress.IPv6Interface),
)
"""Classes whose values are columns of their text."""
_PYDANTIC: Final = {
    "AwareDatetime": kinds.MOMENT,
    "PastDatetime": kinds.MOMENT,
    "FutureDatetime": kinds.MOMENT,
    "NaiveDatetime": kinds.NAIVE_MOMENT,
    "PastDate": kinds.DATE,
    "FutureDate": kinds.DATE,
    "EmailStr": kinds.TEXT_OF,
    "_BaseUrl": kinds.TEXT_OF,
}
"""Classes of pydantic that are no subclasses of what their values are."""


class Shape(NamedTuple):
    """The fields of a type.

    Args:
        fields: Their names, and their types.
        is_dict: Whether values are dicts.
    """

    fields: cabc.Mapping[str, Any]
    is_dict: bool

    def get(self, name: str) -> cabc.Callable[[Any], Any]:
        """Return what reads a field of a value, in C."""
        return operator.methodcaller("get", name) if self.is_dict else operator.attrgetter(name)


def shape_of(declared: Any) -> Shape | None:
    """Return the fields of a model class; None for other types, and for one whose annotations are unknown."""
    origin: Any = typing.get_origin(declared) or declared
    if not isinstance(origin, type):
        return None
    try:
        return _shape_of(declared, origin)
    except NameError:  # an annotation that can't be resolved, as of a class within a function
        return None


def _shape_of(declared: Any, origin: Any) -> Shape | None:
    if (fields := getattr(origin, "__pydantic_fields__", None)) is not None:
        if getattr(origin, "__pydantic_root_model__", False):
            return None
        return Shape(
            {name: _annotated(each.annotation, each.metadata) for name, each in fields.items()}, False
        )
    if issubclass(origin, msgspec.Struct):
        return Shape({each.name: each.type for each in msgspec.structs.fields(declared)}, is_dict=False)
    is_dict = issubclass(origin, dict) and hasattr(origin, "__required_keys__")
    if is_dict or dataclasses.is_dataclass(origin):
        hints = typing_extensions.get_type_hints(origin, include_extras=True)
        if dataclasses.is_dataclass(origin):
            hints = {each.name: hints[each.name] for each in dataclasses.fields(origin)}
        return Shape(hints, is_dict)
    return None


def kind_of(declared: Any, metadata: tuple[Any, ...] = (), within: tuple[Any, ...] = ()) -> Kind:
    """Return the kind of a column for values of a type; JSON text where the type has none.

    Args:
        declared: The type, as in an annotation.
        metadata: What `Annotated` says beside it.
        within: The types that contain it. One that contains itself is JSON text.
    """
    declared, metadata = _bare(declared, metadata)
    origin, args = typing.get_origin(declared), typing.get_args(declared)
    if origin in _UNIONS:
        return _union(args, metadata, within)
    if origin is typing.Literal:
        return _of_values(args)
    if origin in _LISTS or origin in _SETS:
        return _collection(origin, args, within)
    if isinstance(origin or declared, type):
        return _class(declared, origin or declared, metadata, within)
    return kinds.JSON


def _bare(declared: Any, metadata: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return a type without what only wraps it."""
    while True:
        origin = typing.get_origin(declared)
        if origin is typing.Annotated:
            declared, *more = typing.get_args(declared)
            metadata = (*more, *metadata)
        elif origin in _QUALIFIERS:
            [declared] = typing.get_args(declared)
        elif (inner := getattr(declared, "__supertype__", None)) is not None:  # NewType
            declared = inner
        elif origin is None and type(declared).__name__ == "TypeAliasType":
            declared = declared.__value__
        else:
            return declared, metadata


def _union(args: tuple[Any, ...], metadata: tuple[Any, ...], within: tuple[Any, ...]) -> Kind:
    """Return the kind of the only type beside None and msgspec's UNSET."""
    others = [each for each in args if each not in (type(None), msgspec.UnsetType)]
    if len(others) != 1:
        return kinds.JSON
    kind = kind_of(others[0], metadata, within)
    if msgspec.UnsetType not in args:
        return kind
    inner = kind.convert

    def convert(value: Any) -> Any:
        if value is msgspec.UNSET:
            return None
        return value if inner is None else inner(value)

    return kind._replace(convert=convert)


def _collection(origin: Any, args: tuple[Any, ...], within: tuple[Any, ...]) -> Kind:
    if origin is tuple:
        if len(args) != 2 or args[1] is not Ellipsis:
            return kinds.JSON
        args = args[:1]
    return kinds.list_of(kind_of(args[0], (), within), is_set=origin in _SETS) if args else kinds.JSON


def _class(declared: Any, origin: Any, metadata: tuple[Any, ...], within: tuple[Any, ...]) -> Kind:
    if issubclass(origin, enum.Enum):
        return _of_values(tuple(origin))
    if (known := _scalar(origin, metadata)) is not None:
        return known
    if declared in within:
        return kinds.JSON
    if getattr(origin, "__pydantic_root_model__", False):
        return _root(kind_of(origin.__pydantic_fields__["root"].annotation, (), (*within, declared)))
    if (shape := shape_of(declared)) is None or not shape.fields:
        return kinds.JSON
    within = (*within, declared)
    return kinds.struct_of(
        {name: kind_of(each, (), within) for name, each in shape.fields.items()}, shape.get
    )


def _scalar(origin: Any, metadata: tuple[Any, ...]) -> Kind | None:
    if issubclass(origin, decimal.Decimal):
        digits, places = _said(metadata, "max_digits"), _said(metadata, "decimal_places")
        return kinds.TEXT_OF if digits is None or places is None else kinds.decimal_of(digits, places)
    if issubclass(origin, datetime.datetime):
        return kinds.MOMENT
    for base in origin.__mro__:
        if (known := kinds.OF_TYPES.get(base)) is not None:
            return known
        if base.__module__.startswith("pydantic.") and base.__name__ in _PYDANTIC:
            return _PYDANTIC[base.__name__]
    return kinds.TEXT_OF if issubclass(origin, _WITH_TEXT) else None


def _said(metadata: cabc.Iterable[Any], name: str) -> int | None:
    """Return what `Annotated` says under a name: pydantic's Field keeps it one level further down."""
    deep = [[each, *getattr(each, "metadata", ())] for each in metadata]
    found = (getattr(each, name, None) for each in itertools.chain.from_iterable(deep))
    return next((each for each in found if each is not None), None)


def _root(kind: Kind) -> Kind:
    inner = kind.convert

    def convert(value: Any) -> Any:
        root = value.root
        return root if root is None or inner is None else inner(root)

    return kind._replace(convert=convert)


def _of_values(values: cabc.Iterable[Any]) -> Kind:
    """Return the kind of an Enum or a Literal: that of its values, if they have one type."""
    plain = [each.value if isinstance(each, enum.Enum) else each for each in values]
    found = {type(each) for each in plain if each is not None}
    kind = kinds.OF_TYPES.get(found.pop(), kinds.JSON) if len(found) == 1 else kinds.JSON
    inner = kind.convert

    def convert(value: Any) -> Any:
        value = value.value if isinstance(value, enum.Enum) else value
        return value if value is None or inner is None else inner(value)

    return kind._replace(convert=convert)


def _annotated(annotation: Any, metadata: cabc.Sequence[Any]) -> Any:
    return typing.Annotated[annotation, *metadata] if metadata else annotation
