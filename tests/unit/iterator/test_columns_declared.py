"""Declared types, and the types of their columns."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import ipaddress
import uuid
from typing import Annotated, Any, Literal, NewType, NotRequired

import msgspec
import pyarrow as pa
import pytest
from pydantic import AwareDatetime, BaseModel, Field, HttpUrl, NaiveDatetime, PastDate, RootModel
from typing_extensions import TypedDict

from framework_iterator.columns import kinds
from framework_iterator.columns.declared import kind_of
from framework_iterator.columns.inferred import kind_of_values

UTC = dt.UTC
EAST = dt.timezone(dt.timedelta(hours=2))
MOMENT = dt.datetime(2013, 1, 1, 12, 30, tzinfo=UTC)
ID = uuid.UUID(int=7)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Odd(enum.Enum):
    TEXT = "a"
    NUMBER = 1


class Inner(BaseModel):
    x: int
    at: dt.datetime | None = None


class Tree(BaseModel):
    name: str
    children: list[Tree] = []


class Root(RootModel[list[int]]):
    pass


@dataclasses.dataclass
class Point:
    x: float
    color: Color | None = None


class Row(TypedDict):
    a: int
    b: NotRequired[str]


class Cat(msgspec.Struct, tag_field="kind", tag=True):
    a: int


class Dog(Cat, tag=True):
    pass


class Struct(msgspec.Struct):
    a: int
    b: str | msgspec.UnsetType = msgspec.UNSET


Number = NewType("Number", int)


@pytest.mark.parametrize(
    ("declared", "type_", "value", "stored"),
    [
        (bool, "bool", True, True),
        (int, "int64", -(2**63), -(2**63)),
        (float, "double", 0.5, 0.5),
        (str, "string", "é", "é"),
        (bytes, "binary", b"\xff", b"\xff"),
        (int | None, "int64", None, None),
        (Annotated[int, Field(ge=0)], "int64", 1, 1),
        (Number, "int64", 1, 1),
        (dt.datetime, "timestamp[us, tz=UTC]", MOMENT.astimezone(EAST), MOMENT),
        (dt.datetime, "timestamp[us, tz=UTC]", MOMENT.replace(tzinfo=None), MOMENT),
        (AwareDatetime, "timestamp[us, tz=UTC]", MOMENT, MOMENT),
        (NaiveDatetime, "timestamp[us]", MOMENT.replace(tzinfo=None), MOMENT.replace(tzinfo=None)),
        (dt.date, "date32[day]", dt.date(2013, 1, 1), dt.date(2013, 1, 1)),
        (PastDate, "date32[day]", dt.date(2013, 1, 1), dt.date(2013, 1, 1)),
        (dt.time, "time64[us]", dt.time(1, 2, 3, 4), dt.time(1, 2, 3, 4)),
        (dt.timedelta, "duration[us]", dt.timedelta(microseconds=-1), dt.timedelta(microseconds=-1)),
        (decimal.Decimal, "string", decimal.Decimal("1.50"), "1.50"),
        (
            Annotated[decimal.Decimal, Field(max_digits=5, decimal_places=2)],
            "decimal128(5, 2)",
            decimal.Decimal("1.5"),
            decimal.Decimal("1.50"),
        ),
        (
            Annotated[decimal.Decimal | None, Field(max_digits=50, decimal_places=2)],
            "decimal256(50, 2)",
            decimal.Decimal("1.5"),
            decimal.Decimal("1.50"),
        ),
        (uuid.UUID, "string", ID, str(ID)),
        (ipaddress.IPv4Address, "string", ipaddress.IPv4Address("127.0.0.1"), "127.0.0.1"),
        (HttpUrl, "string", HttpUrl("http://127.0.0.1/"), "http://127.0.0.1/"),
        (Color, "string", Color.RED, "red"),
        (Level, "int64", Level.LOW, 1),
        (Odd, "string", Odd.NUMBER, "1"),
        (Literal["a", "b"], "string", "a", "a"),
        (Literal[1, None], "int64", 1, 1),
        (Literal["a", 1], "string", "a", '"a"'),
        (list[int], "list<item: int64>", [1, None, 2], [1, None, 2]),
        (set[str], "list<item: string>", {"a"}, ["a"]),
        (tuple[Color, ...], "list<item: string>", (Color.RED,), ["red"]),
        (tuple[int, str], "string", (1, "a"), '[1,"a"]'),
        (list, "string", [1, "a"], '[1,"a"]'),
        (dict[str, int], "string", {"a": 1}, '{"a":1}'),
        (int | str, "string", "a", '"a"'),
        (Any, "string", {"a": float("nan")}, '{"a":"NaN"}'),
        (
            Inner,
            "struct<x: int64, at: timestamp[us, tz=UTC]>",
            Inner(x=1, at=MOMENT),
            {"x": 1, "at": MOMENT},
        ),
        (list[Inner], "list<item: struct<x: int64, at: timestamp[us, tz=UTC]>>", [None], [None]),
        (Point, "struct<x: double, color: string>", Point(1.0, Color.BLUE), {"x": 1.0, "color": "blue"}),
        (Row, "struct<a: int64, b: string>", {"a": 1}, {"a": 1, "b": None}),
        (Struct, "struct<a: int64, b: string>", Struct(1), {"a": 1, "b": None}),
        (Cat | Dog, "string", Dog(1), '{"kind":"Dog","a":1}'),
        (msgspec.Raw, "string", msgspec.Raw(b'{"a": [1.5]}'), '{"a":[1.5]}'),
        (Root, "list<item: int64>", Root([1]), [1]),
        (
            Tree,
            "struct<name: string, children: list<item: string>>",
            Tree(name="a", children=[Tree(name="b")]),
            {"name": "a", "children": ['{"name":"b","children":[]}']},
        ),
    ],
)
def test_the_column_of_each_type(declared: Any, type_: str, value: Any, stored: Any) -> None:
    kind = kind_of(declared)
    array = kind.array([value, None])
    assert (str(kind.type), array.to_pylist()) == (type_, [stored, None])


@pytest.mark.parametrize("declared", [dt.time, NaiveDatetime])
def test_a_zone_that_the_column_would_drop_does_not_fit(declared: Any) -> None:
    value = dt.time(1, tzinfo=UTC) if declared is dt.time else MOMENT
    with pytest.raises(ValueError, match="a time with a zone"):
        kind_of(declared).array([value])


def test_json_text_says_so_in_the_schema() -> None:
    assert [kinds.is_json(kind_of(each).field("x")) for each in (Any, str)] == [True, False]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], "JSON"),
        ([None], "JSON"),
        ([1, None, 2], "INT"),
        ([1, 2**63], "JSON"),
        ([1, 0.5], "FLOAT"),
        ([2**53 + 1, 0.5], "JSON"),
        ([True, False], "BOOL"),
        ([True, 1], "JSON"),
        (["a"], "TEXT"),
        (["a", 1], "JSON"),
        ([{"a": 1}], "JSON"),
        ([[{"a": 1}]], "JSON"),
        ([[], [1, "a"]], "JSON"),
        ([b"a"], "BYTES"),
        ([MOMENT], "MOMENT"),
        ([ID], "TEXT_OF"),
    ],
)
def test_the_column_of_values_that_nobody_declared(values: list[Any], kind: str) -> None:
    assert kind_of_values(values) == getattr(kinds, kind)


def test_a_column_of_lists_that_nobody_declared() -> None:
    assert kind_of_values([[1], [], None, [0.5]]).type == pa.list_(pa.float64())
