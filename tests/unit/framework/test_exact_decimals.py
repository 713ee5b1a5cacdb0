"""A Decimal of a model has the digits of the number in the JSON, and all other types have what they had."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import json
import threading
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import pytest
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, TypeAdapter, ValidationError
from typing_extensions import TypeAliasType, TypedDict

from framework import Deserializers
from framework.json_models import json_model_parser
from framework.models import describe
from framework.schemas import json_schema

T = TypeVar("T")
LONG = "0.12345678901234567890123456789"
LARGE = "12345678901234567890.10"
TIE = "100000000000000.12"  # pydantic makes .13 of it: both are as near to the float


class Price(BaseModel):
    amount: Decimal


class StrictPrice(BaseModel):
    model_config = ConfigDict(strict=True)
    amount: Decimal


class Aliased(BaseModel):
    amount: Decimal = Field(alias="type")


class Box(BaseModel, Generic[T]):
    amount: T


class Root(RootModel[Decimal]):
    pass


class Node(BaseModel):
    amount: Decimal
    children: list[Node] = []


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    amount: Decimal


class Defaults(BaseModel):
    amount: Decimal = Decimal("0.1")
    other: Decimal = Field(default=Decimal("0.2"), validate_default=True)


@dataclasses.dataclass
class Row:
    amount: Decimal


class Typed(TypedDict):
    amount: Decimal


class Record(msgspec.Struct):
    amount: Decimal


Amount = TypeAliasType("Amount", Decimal)
Halved = Annotated[Decimal, BeforeValidator(lambda value: value / 2)]
AsText = Annotated[Decimal, BeforeValidator(str)]
PLACES: list[tuple[Any, str, Any]] = [
    (Price, '{"amount": %s}', lambda value: value.amount),
    (StrictPrice, '{"amount": %s}', lambda value: value.amount),
    (Aliased, '{"type": %s}', lambda value: value.amount),
    (Box[Decimal], '{"amount": %s}', lambda value: value.amount),
    (Box[Price], '{"amount": {"amount": %s}}', lambda value: value.amount.amount),
    (Box[Amount], '{"amount": %s}', lambda value: value.amount),
    (Box[Decimal | int], '{"amount": %s}', lambda value: value.amount),
    (Root, "%s", lambda value: value.root),
    (Node, '{"amount": 1, "children": [{"amount": %s}]}', lambda value: value.children[0].amount),
    (Open, '{"amount": %s, "more": 0.5}', lambda value: value.amount),
    (Row, '{"amount": %s}', lambda value: value.amount),
    (Typed, '{"amount": %s}', lambda value: value["amount"]),
    (Record, '{"amount": %s}', lambda value: value.amount),
    (list[Decimal], "[%s]", lambda value: value[0]),
    (list[Record], '[{"amount": %s}]', lambda value: value[0].amount),
    (tuple[str, Decimal], '["a", %s]', lambda value: value[1]),
    (dict[str, Decimal], '{"type": %s}', lambda value: value["type"]),
    (dict[str, list[Price | None]], '{"a": [null, {"amount": %s}]}', lambda value: value["a"][1].amount),
]


@pytest.mark.parametrize(
    "number", [LONG, "-" + LONG, LARGE, TIE, "1e400", "1.5E-400", "1e-10", "7", f'"{LONG}"']
)
@pytest.mark.parametrize(("declared", "text", "take"), PLACES, ids=[str(each[0]) for each in PLACES])
def test_a_decimal_keeps_its_digits_wherever_it_is(declared: Any, text: str, take: Any, number: str) -> None:
    value = json_model_parser("payload", declared)((text % number).encode())

    assert take(value) == Decimal(number.strip('"'))


def test_it_keeps_them_behind_a_validator_that_makes_text_of_it() -> None:
    assert json_model_parser("payload", Box[AsText])(b'{"amount": %s}' % LONG.encode()).amount == Decimal(
        LONG
    )


def test_it_is_so_for_payloads_and_for_json_schema() -> None:
    data = b'{"amount": %s}' % LONG.encode()
    assert Deserializers(payload=Price).compile().payload.call(data).amount == Decimal(LONG)
    framed = json_schema(Price).bind("payload", None)
    assert framed.read(b"\x00\x00\x00\x00\x01" + data, []).amount == Decimal(LONG)


def test_any_json_has_floats() -> None:
    assert Deserializers(payload=dict).compile().payload.call(b'{"a": %s}' % LONG.encode()) == {
        "a": float(LONG)
    }


@pytest.mark.parametrize("declared", [int, list[float], dict, Box[str]], ids=describe)
def test_a_type_without_a_decimal_is_read_by_pydantic_alone(declared: Any) -> None:
    parse = json_model_parser("payload", declared)

    assert getattr(parse, "__name__", None) == "validate_json"
    assert type(getattr(parse, "__self__", None)).__name__ == "SchemaValidator"


def test_the_constraints_are_those_of_the_exact_number() -> None:
    below = json_model_parser("payload", Box[Annotated[Decimal, Field(lt=1)]])
    digits = json_model_parser("payload", Box[Annotated[Decimal, Field(max_digits=20, decimal_places=18)]])

    assert below(b'{"amount": 0.99999999999999999999}').amount == Decimal("0.99999999999999999999")
    assert digits(b'{"amount": 1.234567890123456789}').amount == Decimal("1.234567890123456789")
    with pytest.raises(ValidationError, match=r"amount\n  Input should be less than 1 "):
        below(b'{"amount": 1.00000000000000000001}')
    with pytest.raises(ValidationError, match="no more than 18 decimal places"):
        digits(b'{"amount": 1.2345678901234567891}')


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", '"sNaN"'])
def test_what_is_no_number_is_refused_as_before_unless_the_model_allows_it(number: str) -> None:
    class Loose(BaseModel):
        model_config = ConfigDict(allow_inf_nan=True)
        many: list[Decimal]

    data = f"[{number}, {LONG}]"
    with pytest.raises(ValidationError, match="finite number"):
        json_model_parser("payload", list[Decimal])(data.encode())
    many = json_model_parser("payload", Loose)(f'{{"many": {data}}}'.encode()).many
    assert (str(many[0]), many[1]) == (number.strip('"'), Decimal(LONG))


def test_numbers_with_the_same_float_are_told_apart() -> None:
    texts = ["0.1", "0.10000000000000000001", "0.1000000000000000055", '"0.1"', "0.10"]
    texts += [
        "1e400",
        "2e400",
        "0.0",
        "1e-400",
        "12345678901234568",
        "12345678901234567.5",
        '"\\u0030.2"',
        "0.2" + "0" * 20 + "1",
    ]

    found = json_model_parser("payload", list[Decimal])(f"[{', '.join(texts)}]".encode())

    assert found == [Decimal(json.loads(text) if text.startswith('"') else text) for text in texts]


def test_items_that_pydantic_reads_later_are_as_before() -> None:
    items = json_model_parser("payload", cabc.Iterable[Decimal | float])(f"[1, {LONG}]".encode())
    assert list(items) == [1, float(LONG)]


def test_zeros_at_the_end_are_as_before() -> None:
    texts = ['"1.50"', "1.5", "1.500", '"1.5"']
    plain, longer = (f"[{', '.join(texts + more)}]" for more in ([], [LONG]))

    found = json_model_parser("payload", list[Decimal])(longer.encode())

    assert str(found[:4]) == str(TypeAdapter(list[Decimal]).validate_json(plain))


def test_what_a_validator_or_a_default_makes_stays() -> None:
    assert json_model_parser("payload", Box[Halved])(b'{"amount": 0.30000000000000000001}').amount == Decimal(
        "0.15"
    )
    assert json_model_parser("payload", Defaults)(b'{"x": 0.50000000000000000001}') == Defaults()


def test_the_model_itself_is_as_it_was() -> None:
    json_model_parser("payload", Box[Price])
    json_model_parser("payload", dict[str, Price])

    assert Price.__pydantic_complete__
    assert Price.model_validate_json('{"amount": 1.5}').amount == Decimal("1.5")
    assert Price(amount=Decimal(LONG)).amount == Decimal(LONG)


def test_two_threads_keep_their_numbers_apart() -> None:
    parse = json_model_parser("payload", list[Decimal])
    found: dict[int, list[Any]] = {}

    def read(which: int) -> None:
        # Both have the same float.
        found[which] = [parse(b"[0.1000000000000000000%d]" % which)[0] for _ in range(500)]

    threads = [threading.Thread(target=read, args=(which,)) for which in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {which: set(each) for which, each in found.items()} == {
        which: {Decimal(f"0.1000000000000000000{which}")} for which in (1, 2)
    }
