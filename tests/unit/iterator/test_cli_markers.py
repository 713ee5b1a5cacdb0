"""In text, what is missing is never shown as a text of the same letters is."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, cast

import hypothesis.strategies as st
import pytest
from confluent_kafka import Message as ConfluentMessage
from hypothesis import given

from framework import Message
from framework.deserializers import auto
from framework.testing import reset_current_app
from framework.types import NativeMessage
from framework_iterator.cli.format import as_hex, as_text, headers_text
from framework_iterator.cli.markers import named_header, quoted_marker
from tests.unit.iterator.rows import message


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        pytest.param(None, "(tombstone)", id="a tombstone"),
        pytest.param(b"(tombstone)", '"(tombstone)"', id="its letters"),
        pytest.param(b"null", '"null"', id="the letters of null"),
        pytest.param(b"(empty)", '"(empty)"', id="the letters of an empty one"),
        pytest.param(b"-", '"-"', id="a dash"),
        pytest.param(b"", "(empty)", id="an empty one"),
        pytest.param(b'""', r'''"\"\""''', id="two quotes"),
        pytest.param(b'"null"', r'''"\"null\""''', id="the letters of null in quotes"),
        pytest.param(b'"a" and "b"', '"a" and "b"', id="other quotes"),
        pytest.param(b"(tombstone) of A", "(tombstone) of A", id="more than a marker"),
    ],
)
def test_a_text_that_would_be_read_as_a_marker_is_in_quotes(payload: bytes | None, shown: str) -> None:
    assert as_text(message(payload, str, key=b"k")).content == f"k  {shown}"
    if payload:
        assert as_text(message(b"1", key=payload, key_as=str)).content == f"{shown}  1"


def test_the_null_of_json_has_no_quotes() -> None:
    assert as_text(message(b"null", auto)).content == "-  null"
    assert as_text(message(b'"null"', auto)).content == '-  "null"'
    assert as_text(message(b"1", key=b"-")).content == '"-"  1'


TEXTS = st.text() | st.text('"\\-nul(empty)', max_size=8)


@given(TEXTS, TEXTS)
def test_no_two_texts_are_shown_alike(one: str, other: str) -> None:
    assert (quoted_marker(one) == quoted_marker(other)) == (one == other)


def test_a_header_is_in_quotes_where_its_end_would_be_unclear() -> None:
    headers = [
        ("a b", b"1"), ("a=b", b"c=d"), ("", b""), ("x", None), ("x", b"null"), ("x", b"1 y=2"),
        ("x", b'"q"'), ("json", b'{"a":"b"}'), ("x y", b"\xff"), ("__value_schema_id", b"\0\0\0\0\7"),
    ]  # fmt: skip

    assert headers_text(message(b"1", headers=headers)) == (
        '"a b"=1 "a=b"=c=d ""= x=null x="null" x="1 y=2" x="\\"q\\"" json={"a":"b"} "x y"=(1 byte) ff '
        "__value_schema_id=7"
    )
    assert headers_text(message(b"1", headers=[("-", b"-")])) == "-=-"


@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS)), st.lists(st.tuples(TEXTS, st.none() | TEXTS)))
def test_no_two_lists_of_headers_are_shown_alike(one: Any, other: Any) -> None:
    shown = [" ".join(named_header(*header) for header in headers) for headers in (one, other)]

    assert (shown[0] == shown[1]) == (one == other)


def at(milliseconds: int, payload: bytes = b"1") -> Message[Any]:
    native = ConfluentMessage(topic="flights", value=payload, timestamp=(1, milliseconds))
    return Message(cast(NativeMessage, native), "flights", message(b"1")._compiled)


def test_a_time_that_no_datetime_can_hold_is_shown_in_milliseconds() -> None:
    assert as_text(at(10**15)).location.endswith("  1000000000000000ms")
    assert "  1000000000000000ms  " in as_hex(at(10**15))
    assert as_text(message(b"1")).location.endswith("  -")


def test_such_a_time_is_whole_where_a_part_cannot_be_read() -> None:
    assert "  1000000000000000ms" in as_text(at(10**15, b"{"), 70).location
