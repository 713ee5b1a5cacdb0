"""The command line shows the numbers of JSON with all of their digits."""

import decimal
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App, Deserializers, Message
from framework.testing import build_message
from framework_iterator.cli.encode import encoder_for
from framework_iterator.cli.format import as_text
from framework_iterator.cli.framing import Framing
from framework_iterator.cli.rows import json_line

LONG = "0.1234567890123456789"


def message(payload: bytes, /, **declared: Any) -> Message[Any]:
    return build_message("flights", payload, app=App(defaults=Deserializers(**declared)), key=payload)


def as_json(payload: bytes, encoding: str = "utf-8", /, **declared: Any) -> str:
    line, _ = json_line(message(payload, **declared), encoder_for(encoding), Framing())
    return line


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        pytest.param(LONG.encode(), LONG, id="a number"),
        pytest.param(f'{{"a": [{LONG}, 0.5]}}'.encode(), f'{{"a": [{LONG}, 0.5]}}', id="nested"),
        pytest.param(b'{"a": 1234567890123456789.0}', '{"a": 1234567890123456789.0}', id="large"),
        pytest.param(b'{"a": 1e400}', '{"a": 1e400}', id="beyond all floats"),
        pytest.param(b"1e-400", "1e-400", id="below all floats"),
        pytest.param(b"1e99999999999999999999", "1e99999999999999999999", id="beyond all Decimals"),
        pytest.param(b"0.30000000000000004", "0.30000000000000004", id="as a float has it"),
        pytest.param(b"1.50", "1.5", id="without digits to lose"),
        pytest.param(b"\xef\xbb\xbf" + LONG.encode(), LONG, id="behind a byte order mark"),
    ],
)
def test_a_line_has_all_digits(payload: bytes, shown: str) -> None:
    assert as_text(message(payload, key=bytes)).content.endswith(f"  {shown}")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_json_has_all_digits_of_key_and_payload(encoding: str) -> None:
    line = as_json(f'{{"ë": {LONG}}}'.encode(), encoding, key=lambda data: json.loads(data))

    name = "ë" if encoding == "utf-8" else "\\u00eb"
    assert f'"key": {{"{name}": {LONG}}}' in line
    assert f'"payload": {{"{name}": {LONG}}}' in line


def test_digits_stay_where_another_part_has_an_error() -> None:
    line = as_json(LONG.encode(), key=lambda _data: float("nan"))

    assert f'"payload": {LONG}' in line
    assert '"key": null, "key_error": ' in line


def test_a_number_beyond_all_floats_has_an_error_as_any_infinity() -> None:
    line = as_json(f"[{LONG}, 1e400]".encode(), key=bytes)

    assert '"payload": null, "payload_error": "The payload has no JSON form: payload[1] is Infinity."' in line


def test_a_value_that_a_deserializer_has_changed_is_shown_as_it_is() -> None:
    shown = as_text(message(LONG.encode(), payload=lambda data: float(data) + 1)).content

    assert shown.endswith("  1.1234567890123457")


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, min_value="-1e20", max_value="1e20")))
def test_any_number_is_the_same_number_in_both(numbers: list[Any]) -> None:
    payload = ("[" + ", ".join(map(str, numbers)) + "]").encode()
    found = json.loads(as_json(payload, key=str), parse_float=decimal.Decimal)

    assert found["payload"] == numbers
