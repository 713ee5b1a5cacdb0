"""Columns of JSON have the values of the models, whatever reads the documents."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import functools
import uuid
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NaiveDatetime,
    PrivateAttr,
    RootModel,
    ValidationInfo,
    computed_field,
    field_validator,
    model_validator,
)

from framework import DeserializationError, Deserializers
from framework_iterator import Batch
from framework_iterator.batch import ByTopic
from framework_iterator.columns.json_rows import JsonRows, json_rows
from framework_iterator.columns.layout import layout_of
from framework_iterator.columns.table import Table
from tests.unit.iterator.fakes import F0, W0, native


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    n: int | None = None
    s: str = "x"


class Moment(BaseModel):
    at: dt.datetime


class Plain(BaseModel):
    model_config = ConfigDict(frozen=True)

    a: int
    b: float | None = None
    c: str = "c"
    d: bool = True
    e: AwareDatetime | None = None
    f: dt.datetime | None = None
    g: NaiveDatetime | None = None
    h: dt.date | None = None
    i: uuid.UUID | None = None
    j: list[int] | None = None
    k: Inner | None = None
    l: list[Inner | None] = []  # noqa: E741
    m: Color = Color.RED
    n: Literal["a", "b"] = "a"
    o: int = Field(default=1, alias="O")

    @computed_field
    def twice(self) -> int:
        return 2 * self.a


def _missing(value: object) -> object:
    return None if value in ("", "NA") else value


class Validated(BaseModel):
    model_config = ConfigDict(extra="forbid")

    a: Annotated[int | None, BeforeValidator(_missing)]
    b: Annotated[float, Field(ge=0)] = 1.0
    c: str = Field(default="c", max_length=3)
    d: int | str = 0
    e: Any = None
    f: decimal.Decimal | None = None
    g: Annotated[int, Field(strict=True)] = 1
    h: dict[str, int] = Field(default_factory=lambda: {"a": 1})
    i: Annotated[list[int], Field(min_length=1)] = [7]
    k: Moment | None = None
    l: bytes = b""  # noqa: E741
    m: dt.timedelta | None = None
    o: Annotated[int, Field(alias="O")] = 1

    @field_validator("c")
    @classmethod
    def _shout(cls, text: str) -> str:
        return text.upper()


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, str_strip_whitespace=True)

    a: int
    b: float = 0.0
    c: str = ""
    d: bool = False
    h: dt.date | None = None
    m: Color = Color.RED


ODD = [
    *(
        "0",
        "-0",
        "1",
        "-1",
        "1.0",
        "1e2",
        "-0.0",
        "1.5",
        "1e400",
        "NaN",
        "-Infinity",
        "0.1",
        "5e-324",
        "01",
        "1.",
    ),
    *("9223372036854775807", "9223372036854775808", "18446744073709551616", "1.0000000000000001", "1e18"),
    *(
        "12345678901234567.891",
        "0.30000000000000004",
        "true",
        "false",
        "null",
        '"1"',
        '"x"',
        '""',
        '"NA"',
        '" a "',
    ),
    *(
        '"red"',
        '"blue"',
        '"a"',
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        '"é"',
        '"a\\nb"',
        '"a\nb"',
        '"\\u0000"',
        "[]",
        "[1]",
    ),
    *(
        "[1,",
        "[true]",
        "[[1]]",
        "{}",
        '{"n":1}',
        '{"n":1,"n":"2","z":[{}]}',
        '{"s":null}',
        '[{"n":null},null]',
    ),
    *('"2013-01-01T05:00:00Z"', '"2013-01-01T05:00:00"', '"2013-01-01T05:00:00.123456789Z"', '"2013-01-01"'),
    *(
        '"2013-01-01 05:00+01"',
        '"2013-01-01T05:00:00-02:30"',
        '"0000-01-01T00:00:00Z"',
        '"2013-13-01T00:00:00Z"',
    ),
    *(
        "1357016400",
        "1357016400.5",
        '"2013-01-01T05Z"',
        '{"at":"2013-01-01T05:00:00Z"}',
        '"P1D"',
        '"1.50"',
        "1.50",
    ),
    *(
        '"00000000-0000-0000-0000-000000000007"',
        '"0000000000000000000000000000000A"',
        '"\xff"',
        "[" * 250 + "]" * 250,
    ),
]
NAMES = [*"abcdefghijklmnoO", "z"]
USUAL = {"a": "1", "b": "0.5", "c": '"é"', "d": "true", "e": '"2013-01-01T05:00:00Z"', "h": '"2013-01-01"'}
FIELDS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(ODD)), max_size=3)


@st.composite
def documents(draw: st.DrawFn) -> bytes | None:
    """An object, mostly a usual one, in which some fields are odd, come twice, or are missing."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from([None, b"", b"null", b"[]", b"7", b'\xef\xbb\xbf{"a":1}', b'{"a":1} x']))
    fields = [(name, text) for name, text in USUAL.items() if name == "a" or draw(st.booleans())]
    fields += draw(FIELDS)
    space = draw(st.sampled_from(["", " ", "\n"]))
    return ("{" + f",{space}".join(f'"{name}":{space}{text}' for name, text in fields) + "}").encode(
        "latin-1"
    )


def outcome(table: Table, batch: Batch[Any]) -> str:
    """The rows, or the error. Their text, in which NaN is NaN, and -0.0 isn't 0.0."""
    try:
        return repr(table.record_batch(batch).to_pylist())
    except DeserializationError as error:
        return str(error)


@functools.cache
def compiled(declared: Any) -> tuple[ByTopic, Table]:
    deserializers = {"flights": Deserializers(payload=declared).compile()}
    return deserializers, Table(deserializers)


def assert_alike(declared: Any, payloads: list[bytes | None]) -> None:
    """The fast way and messages that are made as by a loop have the same rows, or the same error."""
    deserializers, table = compiled(declared)
    rows = table._json_rows["flights"]
    assert rows is not None
    rows._seen = rows._odd = 0
    natives = [native(index, each) for index, each in enumerate(payloads)]
    messages: Batch[Any] = Batch(natives, deserializers)
    made: Batch[Any] = Batch(natives, deserializers, list(messages))
    assert outcome(table, Batch(natives, deserializers)) == outcome(table, made), payloads


@pytest.mark.parametrize("declared", [Plain, Validated, Strict])
@settings(max_examples=300)
@given(payloads=st.lists(documents(), min_size=1, max_size=4))
@example(payloads=[b'{"a":1}', b'{"a":1,"b":"x"}', b'{"a":2}'])
@example(payloads=[b'{"a":1,"f":12345678901234567.891}', b'{"a":"NA"}', None])
@example(payloads=[b'{"a":1,"e":"2013-01-01T05:00:00Z"}', b'{"a":1,"e":"2013-01-01T05:00:00+01:00"}'])
def test_the_rows_and_the_errors_are_those_of_models(declared: Any, payloads: list[bytes | None]) -> None:
    assert_alike(declared, payloads)


@pytest.mark.parametrize("declared", [Plain, Validated, Strict])
def test_each_odd_value_of_each_field_is_what_the_model_makes_of_it(declared: Any) -> None:
    for name in NAMES:
        for text in ODD:
            document = '{"a":1,"' + name + '":' + text + "}"
            for data in (document.encode("latin-1"), document.encode()):
                assert_alike(declared, [b'{"a":3}', data])


# Which types


def rows_of(declared: Any) -> JsonRows | None:
    layout = layout_of(declared)
    assert layout is not None
    return json_rows(declared, layout, lambda data: pytest.fail(f"the model is made of {data!r}"))


class WithInfo(BaseModel):
    a: int
    b: int = 0

    @field_validator("b")
    @classmethod
    def _check(cls, value: int, info: ValidationInfo) -> int:
        return value + int(info.data["a"])


class WithModelValidator(BaseModel):
    a: int

    @model_validator(mode="after")
    def _check(self) -> WithModelValidator:
        return self


class WithPostInit(BaseModel):
    a: int

    def model_post_init(self, _context: Any) -> None:
        self.a += 1


class WithInit(BaseModel):
    a: int

    def __init__(self, **values: Any) -> None:
        super().__init__(a=values["a"] + 1)


class WithPrivate(BaseModel):
    a: int
    _b: int = PrivateAttr(default=1)


class WithExtra(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


class WithNames(BaseModel):
    model_config = ConfigDict(validate_by_name=True)
    a: int = Field(alias="b")


class WithChoices(BaseModel):
    a: int = Field(validation_alias=AliasChoices("b", "c"))


class WithCheckedDefault(BaseModel):
    model_config = ConfigDict(validate_default=True)
    a: int = Field(default=-1, ge=0)


class WithDefaultOfOthers(BaseModel):
    a: int
    b: int = Field(default_factory=lambda data: data["a"] + 1)


class Root(RootModel[int]):
    pass


class NamedAsInSchemas(BaseModel):
    type: str
    function: int
    schema_: str | None = Field(default=None, alias="schema")
    default_factory_takes_data: bool = False


class Tree(BaseModel):
    a: int
    children: list[Tree] = []


@pytest.mark.parametrize(
    "declared",
    [
        *(
            WithInfo,
            WithModelValidator,
            WithPostInit,
            WithInit,
            WithPrivate,
            WithExtra,
            WithNames,
            WithChoices,
        ),
        *(WithCheckedDefault, WithDefaultOfOthers, Root, list[Plain]),
    ],
)
def test_what_depends_on_more_than_one_value_is_left_to_the_model(declared: Any) -> None:
    assert rows_of(declared) is None


@pytest.mark.parametrize(
    ("declared", "document", "row"),
    [
        (Inner, b'{"n":1,"unknown":[{}]}', [1, "x"]),
        (Strict, b'{"a":1,"c":" a "}', [1, 0.0, "a", False, None, "red"]),
        (Tree, b'{"a":1,"children":[{"a":2}]}', [1, [{"a": 2, "children": []}]]),
        (Moment, b'{"at":"2013-01-01T05:00:00+01:00"}', [dt.datetime(2013, 1, 1, 4, tzinfo=dt.UTC)]),
        (NamedAsInSchemas, b'{"type":"a","function":1,"schema":"b"}', ["a", 1, "b", False]),
        (Moment, b'{"at":"2013-01-01T05:00"}', [dt.datetime(2013, 1, 1, 5, tzinfo=dt.UTC)]),
    ],
)
def test_what_is_read_without_making_the_model(declared: Any, document: bytes, row: list[Any]) -> None:
    rows = rows_of(declared)
    assert rows is not None
    arrays = rows.arrays([document])
    assert arrays is not None
    assert [array[0].as_py() for array in arrays] == row


def test_only_the_odd_ones_are_read_by_the_model() -> None:
    read: list[bytes] = []

    def parse(data: bytes) -> Inner:
        read.append(data)
        return Inner.model_validate_json(data)

    layout = layout_of(Inner)
    assert layout is not None
    rows = json_rows(Inner, layout, parse)
    assert rows is not None
    arrays = rows.arrays([b'{"n":1}', b'{"n":"2"}', None, b'{"n":3}', b'{"n":4,"z":"\xc3\xa9"}'])
    assert arrays is not None
    assert arrays[0].to_pylist() == [1, 2, None, 3, 4]
    assert read == [b'{"n":"2"}']


def test_a_topic_in_which_much_is_odd_is_left_to_the_models() -> None:
    layout = layout_of(Inner)
    assert layout is not None
    rows = json_rows(Inner, layout, Inner.model_validate_json)
    assert rows is not None
    assert [rows.arrays([b'{"n":"1"}'] * 1_500) is None for _ in range(4)] == [False, False, True, True]


def test_several_topics_have_the_values_of_their_models() -> None:
    types = {"flights": Plain, "weather": Strict}
    deserializers = {name: Deserializers(payload=each).compile() for name, each in types.items()}
    natives = [native(i, b'{"a":%d,"c":" x "}' % i, of=W0 if i % 3 else F0) for i in range(5)]
    rows = Table(deserializers).record_batch(Batch(natives, deserializers)).to_pylist()
    assert [(row["topic"], row["a"], row["c"], row["n"]) for row in rows] == [
        ("flights", 0, " x ", "a"),
        ("weather", 1, "x", None),
        ("weather", 2, "x", None),
        ("flights", 3, " x ", "a"),
        ("weather", 4, "x", None),
    ]
