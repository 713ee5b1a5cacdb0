from __future__ import annotations

import base64
import collections.abc as cabc
import datetime
import json
import unicodedata
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.cells import cell_len

from framework import App, Deserializers, Message
from framework.testing import build_message, reset_current_app
from framework_iterator.cli.format import as_json, as_text, has_error, to_row

NOON = datetime.datetime(2013, 12, 25, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


def message(payload: bytes | None, deserializer: Any = None, **rest: Any) -> Message[Any]:
    defaults = Deserializers() if deserializer is None else Deserializers(payload=deserializer)
    return build_message("flights", payload, app=App(defaults=defaults), **rest)


def is_unsafe(character: str) -> bool:
    """Whether it may end a line, control a terminal, change the direction of text, or is not encodable."""
    is_mark = unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "PDI")
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or is_mark


def parse_line(given: Message[Any]) -> dict[str, Any]:
    """Parse a line of JSON, and check that it is one."""
    line = as_json(to_row(given))
    assert not [character for character in line if is_unsafe(character)]
    line.encode()
    parsed: dict[str, Any] = json.loads(line, parse_constant=pytest.fail)
    assert list(parsed)[:4] == ["topic", "partition", "offset", "timestamp"]
    return parsed


def test_a_message_is_one_object() -> None:
    given = message(b'{"a": [1, "\xc3\xa9"]}', key=b"k", headers=[("h", b"1")], offset=7, timestamp=NOON)

    assert as_json(to_row(given)) == (
        '{"topic": "flights", "partition": 0, "offset": 7, "timestamp": "2013-12-25T12:00:00+00:00", '
        '"key": "k", "headers": {"h": "1"}, "payload": {"a": [1, "é"]}}'
    )


def test_a_tombstone_is_null_and_nothing_failed() -> None:
    values = to_row(message(None))

    assert not has_error(values)
    assert (values["timestamp"], values["key"], values["headers"], values["payload"]) == (
        None,
        None,
        {},
        None,
    )


def test_what_cannot_be_read_is_null_with_the_reason_and_the_bytes() -> None:
    values = to_row(message(b"{", key=b"\xff", headers=[("h", None), ("h", b"\xff")]))

    assert has_error(values)
    assert (values["payload"], values["key"], values["headers"]) == (None, None, None)
    assert values["payload_error"].startswith("Can't read the payload of flights-0@0 with json: ")
    assert base64.b64decode(values["raw_payload"]) == b"{"
    assert base64.b64decode(values["raw_key"]) == b"\xff"
    assert values["raw_headers"] == [["h", None], ["h", base64.b64encode(b"\xff").decode()]]


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
    given = message(b"x", deserializer)
    values = parse_line(given)

    assert ("payload_error" in values) == ("raw_payload" in values)
    assert_fits(given, 40)


NEARLY_JSON = st.from_regex(r"[\[{\"0-9a-z:,}\]]*")


@given(
    payload=st.none() | st.binary() | (st.text() | NEARLY_JSON).map(str.encode),
    key=st.none() | st.binary(),
    headers=st.lists(st.tuples(st.text(), st.none() | st.binary())),
    deserializer=st.sampled_from([None, str, bytes, repr, lambda data: data.decode("latin-1")]),
    width=st.integers(0, 200),
)  # fmt: skip
def test_whatever_the_bytes_are_is_a_line(
    payload: bytes | None, key: bytes | None, headers: Any, deserializer: Any, width: int
) -> None:
    given = message(payload, deserializer, key=key, headers=headers)
    parse_line(given)
    assert_fits(given, width)
    assert_fits(given, None)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 120))
def test_wide_characters_are_counted_as_two(text: str, width: int) -> None:
    assert_fits(message(text.encode(), str), width)


def assert_fits(given: Message[Any], width: int | None) -> None:
    location, content, _ = as_text(given, width)
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


def test_a_line_has_the_reason_why_a_part_could_not_be_read() -> None:
    _, content, is_failure = as_text(message(b"{", key=b"k"))

    assert is_failure
    assert content.startswith("Can't read the payload of flights-0@0 with json: ")


def test_on_a_terminal_the_reason_does_not_repeat_the_location() -> None:
    location, content, _ = as_text(message(b"{", timestamp=NOON), 80)

    assert location == "flights-0@0  2013-12-25 12:00:00Z"
    assert content.startswith("Can't read the payload with json: EOF while…")


def test_a_long_topic_name_leaves_a_third_of_the_line_to_the_content() -> None:
    given = build_message("a" * 100, b'"0123456789"', app=App(), partition=3, offset=17, timestamp=NOON)

    assert as_text(given, 40)[:2] == ("…" + "a" * 20 + "-3@17", "-  01234567…")
