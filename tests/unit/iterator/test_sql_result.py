"""The rows of a query as a table, as lines of JSON, and as CSV."""

from __future__ import annotations

import collections.abc as cabc
import datetime as dt
import decimal
import json
import uuid
from typing import Any

import pytest

from framework_iterator.cli.result import print_csv, print_lines, print_table

NAMES = ("name", "n", "x", "at", "is", "name")
ROWS = [
    ("Zürich", 1234, 0.5, dt.datetime(2013, 12, 25, 12, tzinfo=dt.UTC), True, None),
    ("日本", -1, None, None, None, "a\x1b[31m"),
]


def rows(names: tuple[str, ...] = NAMES, values: Any = ROWS) -> cabc.Iterator[tuple[Any, ...]]:
    return iter([names, *values])


def test_a_table_is_aligned_and_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(rows())
    assert capsys.readouterr().out.splitlines() == [
        "name       n    x  at                    is    name",
        "Zürich  1234  0.5  2013-12-25T12:00:00Z  true  -",
        r"日本      -1    -  -                     -     a\u001b[31m",
    ]


def test_a_table_without_rows(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(rows(("a", "b"), []))
    assert capsys.readouterr().out == "a  b\n"


def test_lines_of_json_name_each_column_once(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines(rows(("a", "a_1", "a"), [(1, 2, 3)]))
    assert json.loads(capsys.readouterr().out) == {"a": 1, "a_1": 2, "a_2": 3}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (2**100, 2**100),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (decimal.Decimal("1.50"), "1.50"),
        (b"\xff\xfe", "//4="),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (dt.date(2013, 12, 25), "2013-12-25"),
        (dt.timedelta(seconds=90), "PT1M30S"),
        ([1, [None, b"a"]], [1, [None, "YQ=="]]),
        ({"a": float("inf"), 1: {"b": 2}}, {"a": "Infinity", "1": {"b": 2}}),
    ],
)
def test_every_value_has_a_form_in_json(
    value: object, plain: object, capsys: pytest.CaptureFixture[str]
) -> None:
    print_lines(rows(("x",), [(value,)]))
    assert json.loads(capsys.readouterr().out) == {"x": plain}


def test_csv_tells_null_from_an_empty_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv(rows(("a", 'b"', "c", "d"), [("", None, 1.5, {"x": ["é"]}), ('"\n', True, b"a", None)]))
    assert capsys.readouterr().out == ('"a","b""","c","d"\n"",,1.5,"{""x"": [""é""]}"\n"""\n",true,"YQ==",\n')
