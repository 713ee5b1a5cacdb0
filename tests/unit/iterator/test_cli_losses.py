"""`--json` drops nothing inside a value: where a part of it has no form in JSON, all of it is an error."""

from __future__ import annotations

import base64
import collections
import collections.abc as cabc
import dataclasses
import enum
import uuid
from typing import Any

import hypothesis.strategies as st
import msgspec
import pydantic
import pydantic.dataclasses
import pytest
from hypothesis import given

from framework.deserializers import msgpack
from framework.testing import reset_current_app
from framework_iterator.cli.encode import encoder_for
from tests.unit.iterator.rows import message, row_of


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


NAN, INFINITY = float("nan"), float("inf")


class Untyped(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    value: Any = None
    more: dict[Any, Any] = {}


@pydantic.dataclasses.dataclass
class Checked:
    value: Any


@dataclasses.dataclass
class Data:
    value: Any


class Struct(msgspec.Struct):
    value: Any
    more: Any = None


class Odd(enum.Enum):
    NAN = float("nan")
    LIST = (1, float("nan"))


class Collections(pydantic.BaseModel):
    queue: collections.deque[Any] = collections.deque()
    lazy: cabc.Iterable[Any] = ()
    group: frozenset[Any] = frozenset()


class Fields(pydantic.BaseModel):
    a: int = 1


class MoreFields(Fields):
    b: int = 2


@pydantic.dataclasses.dataclass
class CheckedMore(Checked):
    b: int = 2


class Declared(pydantic.BaseModel):
    one: Fields
    several: list[Fields | Checked] = []


class OnlyJson(pydantic.BaseModel):
    value: float

    @pydantic.field_serializer("value")
    def as_text(self, value: float, info: pydantic.FieldSerializationInfo) -> Any:
        if not info.mode_is_json():
            raise ValueError("only JSON")
        return None if value != value else str(value)


EQUAL_NAMES = {1: "a", "1": "b"}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Untyped(value=NAN), id="a field of type Any"),
        pytest.param(Untyped(value=[{"a": -INFINITY}]), id="inside such a field"),
        pytest.param(Untyped.model_validate({"other": NAN}), id="a field that is not declared"),
        pytest.param(Untyped(more={"a": NAN}), id="a dict"),
        pytest.param([Untyped(value=Untyped(value=NAN))], id="a model in a model"),
        pytest.param({"a": Checked(NAN)}, id="a dataclass of pydantic"),
        pytest.param(Data(Untyped(value=NAN)), id="a model in a dataclass"),
        pytest.param(Struct(Untyped(value=NAN)), id="a model in a Struct"),
        pytest.param(Checked(Struct([INFINITY])), id="a Struct in a dataclass of pydantic"),
        pytest.param(Collections(queue=collections.deque([NAN])), id="a deque"),
        pytest.param(Collections(lazy=[NAN]), id="an iterator of a model"),
        pytest.param(Collections(group=frozenset([1, NAN, "a"])), id="a set"),
        pytest.param(Collections(group=frozenset([None, NAN])), id="a set with None"),
        pytest.param(Untyped(value=Odd.NAN), id="an enum"),
        pytest.param([Untyped(value=Odd.LIST)], id="inside an enum"),
        pytest.param(Untyped(value=(x for x in [1, NAN])), id="a generator in a model"),
        pytest.param({NAN: 1}, id="a name that is no number"),
        pytest.param(Untyped(value={INFINITY: 1}), id="a name that is infinite, in a model"),
        pytest.param(Struct({NAN: 1}), id="a name that is no number, in a Struct"),
        pytest.param(EQUAL_NAMES, id="names"),
        pytest.param({"a": [{None: 1, "null": 2, "None": 3}]}, id="names, nested"),
        pytest.param({True: 1, "true": 2}, id="names of truth"),
        pytest.param({1.5: 1, "1.5": 2}, id="names of numbers"),
        pytest.param({b"a": 1, "a": 2}, id="names of bytes"),
        pytest.param({uuid.UUID(int=1): 1, str(uuid.UUID(int=1)): 2}, id="names of UUIDs"),
        pytest.param({NAN: 1, "nan": 2}, id="names that are no numbers"),
        pytest.param(Untyped(more=EQUAL_NAMES), id="names in a model"),
        pytest.param(Checked([EQUAL_NAMES]), id="names in a dataclass"),
        pytest.param(Struct(EQUAL_NAMES), id="names in a Struct"),
        pytest.param([Struct(Untyped(value=EQUAL_NAMES))], id="names in a model in a Struct"),
    ],
)
def test_what_would_be_lost_inside_makes_the_part_null(value: Any) -> None:
    row = row_of(message(b"bytes", lambda _: value, key=b"k"))

    assert (row["payload"], row["key"]) == (None, "k")
    assert row["payload_error"].startswith("The payload has no JSON form: ")
    assert base64.b64decode(row["raw_payload"]) == b"bytes"


def test_names_of_messagepack_may_be_the_same_in_json() -> None:
    row = row_of(message(b"\x82\x01\xa1a\xa11\xa1b", msgpack))  # {1: "a", "1": "b"}

    assert row["payload_error"] == "The payload has no JSON form: it has names with the same text."
    assert row_of(message(b"\x81\x01\xa1a", msgpack))["payload"] == {"1": "a"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(Untyped(value=None, more={1: None}), {"value": None, "more": {"1": None}}, id="None"),
        pytest.param(Untyped(value=uuid.UUID(int=1)), None, id="other types"),
        pytest.param(
            {"1": 1, "2": [{"1": 1}], "true": 2}, {"1": 1, "2": [{"1": 1}], "true": 2}, id="numbers"
        ),
        pytest.param({"a": '"1": , "1": '}, {"a": '"1": , "1": '}, id="text that looks like names"),
        pytest.param(OnlyJson(value=1.5), {"value": "1.5"}, id="a serializer for JSON only"),
        pytest.param(OnlyJson(value=NAN), {"value": None}, id="one that makes null itself"),
    ],
)
def test_what_is_whole_is_shown(value: Any, shown: Any) -> None:
    row = row_of(message(b"bytes", lambda _: value))

    assert "payload_error" not in row
    assert shown is None or row["payload"] == shown


def test_the_fields_of_a_subclass_are_there() -> None:
    value = Declared(one=MoreFields(), several=[CheckedMore(1)])

    assert row_of(message(b"bytes", lambda _: value))["payload"] == {
        "one": {"a": 1, "b": 2},
        "several": [{"value": 1, "b": 2}],
    }


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_object_with_a_name_twice_is_never_encoded(encoding: str) -> None:
    with pytest.raises(ValueError, match="has names with the same text"):
        encoder_for(encoding)({"é": [{"a": EQUAL_NAMES}]})


SCALARS = st.none() | st.integers() | st.floats() | st.booleans() | st.text() | st.dates() | st.decimals()
NAMES = st.text("12a") | st.integers(0, 3) | st.booleans() | st.none() | st.sampled_from([1.5, NAN, b"1"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES, inner, max_size=4)
        | st.builds(lambda value, more: Untyped(value=value, more=more), inner, st.dictionaries(NAMES, inner))
        | st.lists(inner).map(lambda values: Collections(queue=collections.deque(values)))
        | st.lists(inner).map(lambda values: Untyped(value=tuple(values)))
        | st.sets(st.none() | st.floats() | st.text()).map(
            lambda values: Collections(group=frozenset(values))
        )
        | inner.map(Checked)
        | inner.map(Data)
        | inner.map(Struct)
    ),
    max_leaves=10,
)


@given(VALUES)
def test_whatever_is_nested_where_all_is_shown_nothing_is_missing(value: Any) -> None:
    row = row_of(message(b"bytes", lambda _: value))

    if "payload_error" not in row:
        assert shape(row["payload"]) == shape(value)


def shape(value: Any) -> Any:
    """The value without its scalars and names, but with each None."""
    if isinstance(value, Untyped):
        return [shape(value.value), shape(value.more)]
    if isinstance(value, Struct):
        return [shape(value.value), shape(value.more)]
    if isinstance(value, Collections):
        return [[shape(each) for each in value.queue], [], [each is None for each in value.group]]
    if isinstance(value, Checked | Data):
        return [shape(value.value)]
    if isinstance(value, dict):
        return [shape(each) for each in value.values()]
    if isinstance(value, list | tuple):
        return [shape(each) for each in value]
    return value is None
