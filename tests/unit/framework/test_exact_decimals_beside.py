"""Numbers of Decimals leave all other types, and the errors, of a document as they were."""

from __future__ import annotations

import datetime
import enum
import json
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, WrapValidator

from framework.json_models import json_model_parser

LONG = "0.12345678901234567890123456789"


def test_floats_beside_them_stay_what_they_were() -> None:
    class Mixed(BaseModel):
        model_config = ConfigDict(extra="allow")
        amounts: list[Decimal]
        rates: list[float]
        either: list[Decimal | float]
        anything: Any

    numbers = "[0.1, 0.10000000000000000001, 0.1000000000000000055, 1e400, 2e400]"
    fields = ("rates", "amounts", "either", "anything", "more")
    data = "{" + ", ".join(f'"{name}": {numbers}' for name in fields) + "}"

    value = json_model_parser("payload", Mixed)(data.encode())

    floats = json.loads(numbers)
    assert value.amounts == json.loads(numbers, parse_float=Decimal)
    assert [value.rates, value.either, value.anything, value.more] == [floats] * 4


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[",
        b'["' + b"\\" * 100_001,
        b'["' + b'\\"' * 100_000,
        b'"' * 100_001 + LONG.encode(),
        b"1" * 100_000 + b".",
        b"[1e99999999999999999999999]",
        b"[" + b"9" * 100_000 + b".5, 1]x",
        b"[\xff, 0.1234567890123456789]",
        b'["\xff", 0.1234567890123456789]',
        b'["\\ud800", 0.1234567890123456789]',
        b'[0.1234567890123456789, "\\q"]',
    ],
    ids=lambda data: repr(data[:20]),
)
def test_invalid_bytes_are_refused_as_before(data: bytes) -> None:
    with pytest.raises(ValidationError) as before:
        TypeAdapter(list[Decimal]).validate_json(data)
    with pytest.raises(ValidationError) as now:
        json_model_parser("payload", list[Decimal])(data)

    assert [each["type"] for each in now.value.errors()] == [each["type"] for each in before.value.errors()]


def test_as_many_collisions_as_there_are_numbers_take_no_time() -> None:
    texts = [f"0.1{'0' * 20}{index}1" for index in range(20_000)]
    found = json_model_parser("payload", list[Decimal])(f"[{','.join(texts)}]".encode())
    assert found == [Decimal(text) for text in texts]


class Color(enum.Enum):
    RED = "red"
    ONE = 1


class Everything(BaseModel):
    whole: int = 0
    rate: float = 0
    truth: bool = False
    text: str = ""
    data: bytes = b""
    moment: datetime.datetime | None = None
    day: datetime.date | None = None
    took: datetime.timedelta | None = None
    color: Color | None = None
    several: set[int] = set()
    pair: tuple[float, str] | None = None
    either: int | float | str = 0
    nested: list[float] | dict[str, float] | bool = False
    anything: Any = None
    decimal: Decimal = Decimal(0)


class StrictEverything(Everything):
    model_config = ConfigDict(strict=True)


DIGITS = st.text("0123456789", min_size=1, max_size=30)
NUMBERS = st.one_of(
    st.sampled_from(
        ["0.1", "0.10000000000000000001", "0.1000000000000000055", "1e400", "2e400", "1e-400", "0.0"]
    ),
    st.builds(
        lambda sign, whole, fraction, exponent: f"{sign}{int(whole)}.{fraction}{exponent}",
        st.sampled_from(["", "-"]),
        DIGITS,
        DIGITS,
        st.one_of(st.just(""), st.integers(-400, 400).map("e{}".format)),
    ),
    st.integers(-(10**20), 10**20).map(str),
)
TEXTS = st.sampled_from(
    [
        '"red"',
        '"a"',
        '""',
        "true",
        "null",
        '"2024-01-02"',
        '"2024-01-02T03:04:05Z"',
        '"PT1H"',
        "[]",
        "[1, 2]",
        '[0.5, "a"]',
        "{}",
    ]
)


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=8), st.sampled_from(["[%s]", '{"a": %s}', '{"a": [%s, 1]}']))
def test_any_decimal_is_that_of_its_text(texts: list[str], around: str) -> None:
    declared = {"[": list[list[Decimal]], "{": list[dict[str, Decimal | list[Decimal]]]}[around[0]]
    data = "[" + ", ".join(around % text for text in texts) + "]"

    found = json_model_parser("payload", declared)(data.encode())

    assert found == json.loads(data, parse_float=Decimal)


@pytest.mark.parametrize("declared", [Everything, StrictEverything])
@settings(deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(sorted({*Everything.model_fields} - {"decimal"})), NUMBERS | TEXTS
    ),
    number=NUMBERS,
)
def test_every_other_type_is_as_before(declared: Any, fields: dict[str, str], number: str) -> None:
    data = "{" + ", ".join(f'"{name}": {text}' for name, text in fields.items()) + "}"
    longer = ("{" + f'"decimal": {number}, "more": {LONG}' + (", " if fields else "") + data[1:]).encode()

    expected, before = outcome(declared.model_validate_json, data)
    found, errors = outcome(json_model_parser("payload", declared), longer)

    assert errors == before
    if expected is not None:
        assert found.decimal == Decimal(number)
        assert repr(found.model_copy(update={"decimal": Decimal(0)})) == repr(expected)


def outcome(parse: Any, data: Any) -> tuple[Any, list[Any] | None]:
    """The value, or where the errors are and what they say."""
    try:
        return parse(data), None
    except ValidationError as error:
        return None, [(each["loc"], each["msg"]) for each in error.errors()]


class Wrapped(BaseModel):
    price: Annotated[Decimal, WrapValidator(lambda value, handler: handler(value))]


# Of their float, pydantic takes another of two texts that are as near as Python does.
AS_NEAR = ("-662193976850406.191656432233081168", "865698191762668.23391801303778790493")


@pytest.mark.parametrize("number", AS_NEAR)
def test_a_decimal_that_a_validator_made_of_a_float_is_exact_whichever_text_it_took(number: str) -> None:
    parse = json_model_parser("payload", Wrapped)

    assert parse(f'{{"price": {number}}}'.encode()).price == Decimal(number)


def test_two_of_them_with_the_same_float_are_told_apart() -> None:
    numbers = [AS_NEAR[1], AS_NEAR[1] + "1", AS_NEAR[1] + "2"]
    parse = json_model_parser("payload", list[Wrapped])

    found = parse(("[" + ",".join(f'{{"price": {number}}}' for number in numbers) + "]").encode())

    assert [each.price for each in found] == [Decimal(number) for number in numbers]


def test_a_text_beside_it_is_another_number() -> None:
    parse = json_model_parser("payload", list[Wrapped])

    found = parse(f'[{{"price": "{AS_NEAR[1]}9"}}, {{"price": {AS_NEAR[1]}}}]'.encode())

    assert [each.price for each in found] == [Decimal(AS_NEAR[1] + "9"), Decimal(AS_NEAR[1])]


@pytest.mark.parametrize("unit", [1, -1])
def test_three_numbers_that_are_the_same_float_at_one(unit: int) -> None:
    texts = ["1.0", "1.0000000000000001", "1.00000000000000001"]
    numbers = [text if unit > 0 else f"-{text}" for text in texts]
    parse = json_model_parser("payload", list[Decimal])
    assert parse(f"[{','.join(numbers)}]".encode()) == [Decimal(each) for each in numbers]
