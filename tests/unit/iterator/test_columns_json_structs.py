"""Which fields of a model msgspec reads, and which pydantic validates."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import uuid
from typing import Annotated, Any, Literal

import msgspec
import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FutureDatetime,
    NaiveDatetime,
    StrictInt,
    TypeAdapter,
    create_model,
)

from framework_iterator.columns.json_models import model_of
from framework_iterator.columns.json_structs import struct_of

BY_PYDANTIC, AS_TEXT = "by pydantic", "as the text of a moment"


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Inner(BaseModel):
    n: int


class InnerMoment(BaseModel):
    at: dt.datetime


class InnerStrict(BaseModel):
    model_config = ConfigDict(strict=True)
    n: int


def how(annotation: Any, default: Any = ..., config: ConfigDict | None = None) -> Any:
    """How a field of this type is read: by a type of msgspec, or otherwise."""
    model = model_of(
        TypeAdapter(create_model("M", field=(annotation, default), __config__=config)).core_schema
    )
    assert model is not None
    struct = struct_of(model)
    if struct.validated:
        return BY_PYDANTIC
    return AS_TEXT if struct.moments else struct.type.__annotations__["field"]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, int),
        (float, float),
        (str, str),
        (bool, bool),
        (dt.date, dt.date),
        (uuid.UUID, uuid.UUID),
        (int | None, int | None),
        (list[str], list[str]),
        (list[int | None] | None, list[int | None] | None),
        (Literal["a", "b"], Literal["a", "b"]),
        (Color, Literal["red", "blue"]),
        (dt.datetime, AS_TEXT),
        (AwareDatetime | None, AS_TEXT),
        (NaiveDatetime, AS_TEXT),
        (Literal["a", 1], BY_PYDANTIC),
        (Level, BY_PYDANTIC),
        (FutureDatetime, BY_PYDANTIC),
        (list[dt.datetime], BY_PYDANTIC),
        (StrictInt, BY_PYDANTIC),
        (Annotated[int, Field(ge=0)], BY_PYDANTIC),
        (Annotated[str, Field(max_length=3)], BY_PYDANTIC),
        (Annotated[list[int], Field(min_length=1)], BY_PYDANTIC),
        (Annotated[int, AfterValidator(abs)], BY_PYDANTIC),
        (list[Annotated[int, AfterValidator(abs)]], BY_PYDANTIC),
        (int | str, BY_PYDANTIC),
        (Any, BY_PYDANTIC),
        (bytes, BY_PYDANTIC),
        (decimal.Decimal, BY_PYDANTIC),
        (dt.time, BY_PYDANTIC),
        (dt.timedelta, BY_PYDANTIC),
        (dict[str, int], BY_PYDANTIC),
        (set[int], BY_PYDANTIC),
        (tuple[int, ...], BY_PYDANTIC),
        (InnerMoment, BY_PYDANTIC),
        (InnerStrict, BY_PYDANTIC),
    ],
)
def test_how_a_field_is_read(annotation: Any, expected: Any) -> None:
    assert how(annotation) == expected


def test_a_model_within_is_a_struct() -> None:
    found = how(Inner)
    assert issubclass(found, msgspec.Struct)
    assert found.__annotations__ == {"n": int}


@pytest.mark.parametrize(
    "config",
    [
        ConfigDict(strict=True),
        ConfigDict(str_strip_whitespace=True),
        ConfigDict(str_to_lower=True),
        ConfigDict(coerce_numbers_to_str=True),
        ConfigDict(allow_inf_nan=False),
    ],
)
def test_settings_that_change_values_are_left_to_pydantic(config: ConfigDict) -> None:
    assert how(str, config=config) == BY_PYDANTIC


def test_a_moment_with_a_default_is_left_to_pydantic() -> None:
    assert how(dt.datetime, dt.datetime(2013, 1, 1, tzinfo=dt.UTC)) == BY_PYDANTIC
    assert how(dt.datetime | None, None) == AS_TEXT
