"""A message as a line for people: place, time, key and payload, or why a part can't be read and its bytes."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
import gzip
import unicodedata
import uuid
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.cells import cell_len

from framework import App, Deserializers, Message
from framework.deserializers import auto, int64, json, msgpack, xml
from framework.testing import build_message, reset_current_app
from framework_iterator.cli.binary import describe
from framework_iterator.cli.format import as_hex, as_text

NOON = datetime.datetime(2013, 12, 25, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


def message(payload: bytes | None, deserializer: Any = None, key_as: Any = None, **rest: Any) -> Message[Any]:
    given = {"payload": deserializer, "key": key_as}
    declared = {part: each for part, each in given.items() if each is not None}
    return build_message("flights", payload, app=App(defaults=Deserializers(**declared)), **rest)


def is_unsafe(character: str) -> bool:
    """Whether it may end a line, control a terminal, change the direction of text, or is not encodable."""
    is_mark = unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "PDI")
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or is_mark


class Odd:
    def __repr__(self) -> str:
        return "<Odd \x1b[31m>"


def deep(_: bytes) -> list[Any]:
    value: list[Any] = []
    for _level in range(100_000):
        value = [value]
    return value


def itself(_: bytes) -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


ODD = [
    pytest.param(lambda _: 10**5000, id="a huge number"),
    pytest.param(lambda _: [10**400, -(10**400)], id="large numbers"),
    pytest.param(lambda _: [float("nan"), float("inf")], id="NaN"),
    pytest.param(lambda _: "\ud800 \x1b[2J\r\n\u2028\u202e\x7f\x9b", id="controls and surrogates"),
    pytest.param(lambda _: {"\ud800": 1, "\n": 2, None: 3, (1, 2): 4, b"\xff": 5}, id="odd names"),
    pytest.param(lambda _: {"\ud800"}, id="a set"),
    pytest.param(lambda _: Odd(), id="an object"),
    pytest.param(lambda _: [Odd(), b"\xff", datetime.timedelta(1)], id="things inside"),
    pytest.param(deep, id="deep"),
    pytest.param(itself, id="itself"),
]


@pytest.mark.parametrize("deserializer", ODD)
def test_whatever_a_deserializer_gives_is_a_line(deserializer: Any) -> None:
    assert_fits(message(b"x", deserializer), 40)


NEARLY_JSON = st.from_regex(r"[\[{\"0-9a-z:,}\]]*")


@given(
    payload=st.none() | st.binary() | (st.text() | NEARLY_JSON).map(str.encode),
    key=st.none() | st.binary(),
    headers=st.lists(st.tuples(st.text(), st.none() | st.binary())),
    deserializer=st.sampled_from([None, auto, int64, str, bytes, repr, lambda data: data.decode("latin-1")]),
    width=st.integers(0, 200),
)  # fmt: skip
def test_whatever_the_bytes_are_is_a_line(
    payload: bytes | None, key: bytes | None, headers: Any, deserializer: Any, width: int
) -> None:
    given = message(payload, deserializer, key=key, headers=headers)
    assert_fits(given, width)
    assert_fits(given, None)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 120))
def test_wide_characters_are_counted_as_two(text: str, width: int) -> None:
    assert_fits(message(text.encode(), str), width)


def assert_fits(given: Message[Any], width: int | None) -> None:
    location, content, _ = as_text(given, width, headers=True)
    assert not [character for character in location + content if is_unsafe(character)]
    (location + content).encode()
    if width is not None:
        assert cell_len(f"{location}  {content}" if content else location) <= width


@pytest.mark.parametrize(
    ("given", "line"),
    [
        pytest.param({"payload": b'{"a": 1}', "key": b"k"}, 'k  {"a": 1}', id="JSON"),
        pytest.param({"payload": b"[1, null]"}, "-  [1, null]", id="no key"),
        pytest.param({"payload": None, "key": b"k"}, "k  (tombstone)", id="a tombstone"),
        pytest.param({"payload": b"null"}, "-  null", id="null"),
        pytest.param({"payload": b'"a\\nb"'}, "-  a\\u000ab", id="a line's end"),
    ],
)
def test_a_line_for_people(given: dict[str, Any], line: str) -> None:
    assert as_text(message(timestamp=NOON, **given)) == ("flights-0@0  2013-12-25 12:00:00Z", line, False)


def test_a_line_is_cut_to_its_width() -> None:
    location, content, _ = as_text(message(b'"0123456789"', key=b"k"), 24)

    assert (location, content) == ("flights-0@0  -", "k  0123…")
    assert len(f"{location}  {content}") == 24


def test_a_long_topic_name_leaves_a_third_of_the_line_to_the_content() -> None:
    given = build_message("a" * 100, b'"0123456789"', app=App(), partition=3, offset=17, timestamp=NOON)

    assert as_text(given, 40)[:2] == ("…" + "a" * 20 + "-3@17", "-  01234567…")


@pytest.mark.parametrize(
    ("payload", "content"),
    [
        pytest.param(b"a plain line", "k  a plain line", id="text"),
        pytest.param(b'{"a": 1}', 'k  {"a": 1}', id="JSON"),
        pytest.param(b"", "k  (empty)", id="nothing"),
        pytest.param(b"\x1f\x8b\x08\x00", "k  (gzip, 4 bytes) 1f8b0800", id="gzip"),
        pytest.param(b"\x28\xb5\x2f\xfd\x00", "k  (zstd, 5 bytes) 28b52ffd00", id="zstd"),
        pytest.param(b"\x04\x22\x4d\x18\xff", "k  (lz4, 5 bytes) 04224d18ff", id="lz4"),
        pytest.param(b"\x82SNAPPY\x00", "k  (snappy, 8 bytes) 82534e4150505900", id="snappy"),
        pytest.param(b"\xff\x00", "k  (2 bytes) ff00", id="other bytes"),
        pytest.param(
            b"\x00\x00\x00\x00\x00text", "k  \\u0000\\u0000\\u0000\\u0000\\u0000text", id="zeros, and text"
        ),
        pytest.param(b"nearly text\xff", "k  (12 bytes) nearly text\\xff", id="mostly text"),
    ],
)
def test_a_mixed_topic_shows_each_payload_for_what_it_is(payload: bytes, content: str) -> None:
    assert as_text(message(payload, auto, key=b"k"))[1:] == (content, False)


def test_a_payload_that_cannot_be_read_shows_key_reason_and_bytes() -> None:
    location, content, has_error = as_text(message(b"{", key=b"k", timestamp=NOON))

    assert has_error
    assert location == "flights-0@0  2013-12-25 12:00:00Z"
    assert content == (
        "k  Can't read the payload of flights-0@0 with json: EOF while parsing an object at line 1 column 1"
        "  (1 byte) {"
    )


def test_a_key_that_cannot_be_read_does_not_hide_the_payload() -> None:
    assert as_text(message(b"1", key=b"\xff\x00", key_as=int64)).content == (
        "Can't read the key of flights-0@0 with int64: expected 8 bytes, not 2  (2 bytes) ff00  1"
    )


LINES_AT_80 = [
    pytest.param(
        message(b"hello", key=b"k", timestamp=NOON),
        "flights-0@0  12:00:00Z  k  json: expected value at line 1 column 1  hello",
        id="a short reason, and the time without the day",
    ),
    pytest.param(
        message(b"\xff" * 100, lambda _: 1 / 0, key=b"k", timestamp=NOON),
        "flights-0@0  2013-12-25 12:00:00Z  k  <lambda>: division by zero  fffffffffffff…",
        id="the day, where there is room",
    ),
    pytest.param(
        message(b"x" * 100, msgpack, key=b"K" * 100, timestamp=NOON),
        "flights-0@0  12:00:00Z  KKKKKKKKKKKKKKKKKKKKKKKKK…  msgpack: MessageP…  xxxxxxx…",
        id="a long key and a long reason",
    ),
    pytest.param(
        message(b'{"a": 1}', key=b"123", key_as=int64, timestamp=NOON),
        'flights-0@0  12:00:00Z  key: int64: expected 8 bytes, not 3  123  {"a": 1}',
        id="a key that can't be read",
    ),
    pytest.param(
        message(b"{", key=b"123", key_as=int64, timestamp=NOON),
        "flights-0@0  12:00:00Z  key: int64: expected 8…  123  json: EOF while parsin…  {",
        id="neither can be read",
    ),
    pytest.param(
        build_message("a-long-name-of-a-topic-that-fills", b"hello", app=App(), partition=12, offset=3456789,
                      timestamp=NOON),
        "…-topic-that-fills-12@3456789  12:00:00Z  -  json: expected value at lin…  hello",
        id="a long name of a topic",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "line"), LINES_AT_80)
def test_80_columns_show_place_key_reason_and_bytes(given: Message[Any], line: str) -> None:
    location, content, has_error = as_text(given, 80)

    assert f"{location}  {content}" == line
    assert has_error


@pytest.mark.parametrize(
    ("deserializer", "content"),
    [
        pytest.param(
            lambda _: {"a": decimal.Decimal("1.10"), "b": NOON, "c": uuid.UUID(int=1), "d": b"\xff"},
            '-  {"a": "1.10", "b": "2013-12-25T12:00:00Z", "c": "00000000-0000-0000-0000-000000000001", '
            '"d": "(1 byte) ff"}',
            id="what JSON lacks",
        ),
        pytest.param(lambda _: [Odd()], '-  ["<Odd \\u001b[31m>"]', id="an object"),
        pytest.param(lambda _: [float("nan")], "-  [NaN]", id="NaN"),
        pytest.param(xml, "-  <a>b</a>", id="XML"),
    ],
)
def test_values_in_a_line_are_json_as_far_as_possible(deserializer: Any, content: str) -> None:
    assert as_text(message(b"<a>b</a>", deserializer)).content == content


def test_a_protobuf_message_is_one_line_of_fields_and_values() -> None:
    timestamp_pb2 = pytest.importorskip("google.protobuf.timestamp_pb2")
    value = timestamp_pb2.Timestamp(seconds=7, nanos=1)

    assert as_text(message(b"x", lambda _: value)).content == "-  seconds: 7 nanos: 1"


def test_an_empty_key_keeps_its_column() -> None:
    assert as_text(message(b"1", key=b"")).content == '""  1'
    assert as_text(message(b"1")).content == "-  1"


LONG = b"0123456789" * 10
TRACE = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


@pytest.mark.parametrize(
    ("key", "headers", "payload", "content"),
    [
        pytest.param(b"K" * 60, None, LONG, "KKKKKKKKKKKKKKKKKKKKKKKKK…  0123456789012345…", id="a key"),
        pytest.param(b"K" * 40, None, b"123", "K" * 40 + "  123", id="a key, and a payload that fits"),
        pytest.param(b"k", [TRACE], LONG, "k  traceparent=00-0af7651916c…  012345678901…", id="a header"),
        pytest.param(b"K" * 60, [TRACE], LONG, "KKKKKKKKKKKKK…  traceparent=0…  012345678901…", id="both"),
    ],
)
def test_a_long_key_or_header_leaves_columns_to_the_payload(
    key: bytes, headers: Any, payload: bytes, content: str
) -> None:
    given = message(payload, str, key=key, headers=headers, timestamp=NOON)
    line = as_text(given, 80, headers=headers is not None)

    assert line == ("flights-0@0  2013-12-25 12:00:00Z", content, False)


def test_headers_leave_columns_to_the_reason_and_the_bytes() -> None:
    given = message(b"hello", key=b"K" * 60, headers=[TRACE], timestamp=NOON)
    location, content, _ = as_text(given, 80, headers=True)

    assert f"{location}  {content}" == (
        "flights-0@0  12:00:00Z  KKKKKKKKKKKK…  traceparent=…  json: expected val…  hello"
    )


def test_headers_stand_between_key_and_payload() -> None:
    headers = [("a", b"1"), ("a", b"2"), ("b", None), ("c", b"\xff")]

    assert as_text(message(b"1", key=b"k", headers=headers), headers=True).content == (
        "k  a=1 a=2 b=null c=(1 byte) ff  1"
    )
    assert as_text(message(b"1", key=b"k"), headers=True).content == "k  -  1"


@pytest.mark.parametrize(
    ("payload", "content"),
    [
        pytest.param(b"ab\xff", "6162ff", id="bytes"),
        pytest.param(b"", "(empty)", id="nothing"),
        pytest.param(None, "(tombstone)", id="a tombstone"),
        pytest.param(b"a" * 200, "61" * 200, id="many"),
    ],
)
def test_hex_has_all_bytes(payload: bytes | None, content: str) -> None:
    given = message(payload, key=b"\x00", timestamp=NOON)

    assert as_hex(given) == f"flights-0@0  2013-12-25 12:00:00Z  \\u0000  {content}"


def test_hex_has_headers_where_they_are_asked_for() -> None:
    given = message(b"ab", key=b"k", headers=[("a", b"1")], timestamp=NOON)

    assert as_hex(given, headers=True) == "flights-0@0  2013-12-25 12:00:00Z  k  a=1  6162"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(b"\x01" + uuid.UUID(int=7).bytes, str(uuid.UUID(int=7)), id="a GUID"),
        pytest.param(b"\x01" + uuid.UUID(int=7).bytes + b"\x00", str(uuid.UUID(int=7)), id="and an index"),
        pytest.param(b"\x00\x00\x00\x00\x07", "7", id="an id"),
        pytest.param(b"\x02abc", "\\u0002abc", id="anything else"),
    ],
)
def test_a_header_that_names_a_schema_shows_its_id(value: bytes, shown: str) -> None:
    for name in ("__value_schema_id", "__key_schema_id"):
        given = message(b"1", key=b"k", headers=[(name, value)])

        assert as_text(given, headers=True).content == f"k  {name}={shown}  1"


def test_bytes_in_few_columns_come_before_their_number() -> None:
    compressed = gzip.compress(b"", mtime=0)

    assert describe(b"\x00only text", 40) == "(10 bytes) 006f6e6c792074657874"
    assert describe(b"hello", 20) == "(5 bytes) hello"
    assert describe(b"hello", 10) == "hello"
    assert describe(compressed, 10).startswith("(gzip, 20 bytes) 1f8b08")
    assert len(describe(b"\xff" * 10_000_000, 80)) < 1000


def test_a_key_that_is_the_null_of_json_is_not_a_missing_key() -> None:
    topic = App().topic("keyed", key=json)

    assert as_text(build_message(topic, b"1", app=App(), key=b"null")).content == "null  1"
    assert as_text(build_message(topic, b"1", app=App())).content == "-  1"
