"""Whatever stands in a message, a setting or a line, is read or refused with a typed error; nothing hangs."""

from __future__ import annotations

import contextlib
import dataclasses
import struct
import sys
from typing import Any

import hypothesis.strategies as st
import msgspec
import pydantic
import pytest
from hypothesis import assume, given, settings

from framework import App, AppNotFoundError, ConfigError, DeserializationError, Deserializers, Message
from framework.deserializers import int32, int64, json, raw, text, xml
from framework.discovery import load_app
from framework.testing import build_message
from framework_iterator import Iterator
from framework_iterator.reading.settings import read_settings
from framework_iterator.reading.source import Source
from tests.faults.brokers import Broker, app_of, assert_reads_on, bounded
from tests.support import Record


class Model(pydantic.BaseModel):
    carrier: str
    number: int = 0
    more: list[Any] = []


@dataclasses.dataclass
class Data:
    carrier: str
    number: int = 0


class Struct(msgspec.Struct):
    carrier: str
    number: int = 0


DESERIALIZERS = [json, text, raw, int32, int64, xml, Model, Data, Struct, dict, list[Model], bool, str, bytes]
DEEP = 100_000
BOMB = b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">%s]><b>&e9;</b>' % b"".join(
    b'<!ENTITY e%d "%s">' % (level, (b"&e%d;" % (level - 1) if level else b"&a;") * 10) for level in range(10)
)
ODD = {
    "nothing": b"",
    "deep-lists": b"[" * DEEP,
    "deep-lists-closed": b"[" * DEEP + b"]" * DEEP,
    "deep-objects": b'{"more":' * DEEP + b"1" + b"}" * DEEP,
    "deep-in-a-model": b'{"carrier":"a","more":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep-elements": b"<a>" * DEEP + b"</a>" * DEEP,
    "huge-integer": b'{"carrier":"a","number":' + b"9" * 100_000 + b"}",
    "huge-exponent": b"1e999999999",
    "many-keys": b"{" + b",".join(b'"%d":1' % number for number in range(50_000)) + b"}",
    "the-same-key": b"{" + b",".join([b'"carrier":"a"'] * 50_000) + b"}",
    "lone-surrogate": b'{"carrier":"\\ud800"}',
    "no-utf8": b'{"carrier":"\xff\xfe"}',
    "utf16": '{"carrier":"a"}'.encode("utf-16"),
    "byte-order-mark": b'\xef\xbb\xbf{"carrier":"a"}',
    "zero-byte": b'{"carrier":"\x00"}',
    "not-a-number": b'{"carrier":"a","number":NaN}',
    "three-bytes": b"\x00\x00\x01",
    "nine-bytes": b"\x00" * 9,
    "entity-bomb": BOMB,
    "an-outside-entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
    "an-outside-schema": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "an-unknown-encoding": b'<?xml version="1.0" encoding="utf-99"?><a/>',
    "a-pickle": b"\x80\x04\x95.",
}


def value_or_error(declared: Any, data: bytes, part: str = "payload") -> str:
    """How a part of a message comes out: `value`, or `error` where it is the one that is promised."""
    defaults = Deserializers(**{part: declared})
    message = build_message("odd", data, app=App(defaults=defaults), key=data, headers=[("a", data)])
    error = error_of(message, part)
    if error is None:
        return "value"
    assert (error.part, error.topic, str(error) != "") == (part, "odd", True)
    assert getattr(message, f"raw_{part}") == data
    return "error"


def error_of(message: Message[Any], part: str) -> DeserializationError | None:
    try:
        getattr(message, part)
    except DeserializationError as error:
        return error
    return None


@pytest.mark.parametrize("declared", DESERIALIZERS, ids=lambda each: getattr(each, "__name__", "list"))
@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_odd_bytes_become_a_value_or_a_deserialization_error(declared: Any, data: bytes) -> None:
    with bounded():
        assert value_or_error(declared, data) in {"value", "error"}
        assert value_or_error(declared, data, "key") in {"value", "error"}


@pytest.mark.parametrize(
    ("declared", "name", "outcome"),
    [
        (xml, "entity-bomb", "error"),
        (xml, "an-outside-entity", "error"),
        (xml, "an-unknown-encoding", "error"),
        (json, "deep-lists-closed", "error"),
        (Model, "deep-in-a-model", "error"),
        (json, "no-utf8", "error"),
        (json, "lone-surrogate", "error"),
        (json, "huge-exponent", "value"),
        (int32, "three-bytes", "error"),
        (int64, "nine-bytes", "error"),
        (json, "many-keys", "value"),
        (raw, "a-pickle", "value"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_what_may_hurt_is_refused_and_what_is_only_large_is_a_value(
    declared: Any, name: str, outcome: str
) -> None:
    with bounded():
        assert value_or_error(declared, ODD[name]) == outcome


JSONISH = st.text(alphabet='{}[]":,0123eE-+.\\nul<>&;/!', max_size=60).map(str.encode)


@given(st.sampled_from(DESERIALIZERS), st.binary(max_size=200) | JSONISH)
@settings(deadline=None)
def test_any_bytes_become_a_value_or_a_deserialization_error(declared: Any, data: bytes) -> None:
    assert value_or_error(declared, data) in {"value", "error"}


# librdkafka's names of headers are text, and end at the first zero byte.
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)


@given(st.lists(st.tuples(NAMES, st.none() | st.binary(max_size=5)), max_size=5))
@settings(deadline=None)
def test_any_headers_become_a_dict_or_a_deserialization_error(
    headers: list[tuple[str, bytes | None]],
) -> None:
    for defaults in (Deserializers(), *(Deserializers(headers=each) for each in (str, bytes, text, raw))):
        message = build_message("odd", b"1", app=App(defaults=defaults), headers=headers)
        error = error_of(message, "headers")
        assert error.part == "headers" if error else isinstance(message.headers, dict)


@given(st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1))
def test_integers_come_back_as_they_were_written(small: int, large: int) -> None:
    assert int32(struct.pack(">i", small)) == small
    assert int64(struct.pack(">q", large)) == large


# Through a real broker


def test_ten_megabytes_and_many_headers_pass_a_real_broker_unharmed(broker: Broker) -> None:
    large = bytes(range(256)) * 40_000
    headers = [(f"h{index % 7}", None if index % 3 else str(index).encode()) for index in range(100_000)]
    name = broker.topic(1, [Record(large), Record("x", headers=headers), Record(None, key=b"\xff")])
    messages = list(Iterator(name, app=App(kafka={"bootstrap.servers": broker.straight})))
    assert [message.raw_payload for message in messages] == [large, b"x", None]
    assert messages[1].raw_headers == headers
    assert list(messages[1].headers) == [f"h{index}" for index in range(7)]
    with pytest.raises(DeserializationError):
        _ = messages[0].payload
    assert (messages[2].is_tombstone, messages[2].key) == (True, b"\xff")
    assert_reads_on(broker)


def test_names_and_keys_with_quotes_and_escapes_come_back_as_they_are(broker: Broker) -> None:
    odd = ['"', "'", "\\", "\x1b[31m", "\n", "a\tb", "ü", "\u202e", "{}", "%s", "$(x)", "\0"]
    records = [Record(each, key=each, headers=[("h", each.encode())]) for each in odd]
    messages = list(Iterator(broker.topic(1, records), app=app_of(broker.straight)))
    assert [message.payload for message in messages] == odd
    assert [message.key for message in messages] == odd
    assert [list(message.headers.values()) for message in messages] == [[each] for each in odd]
    assert_reads_on(broker)


# Settings and application names

SETTINGS = st.dictionaries(
    st.sampled_from(["bootstrap.servers", "client.id", "group.id", "fetch.wait.max.ms", "isolation.level"])
    | st.sampled_from(["debug", "error_cb", "logger", "sasl.password", "auto.offset.reset", "check.crcs"])
    | st.sampled_from(["enable.partition.eof", "socket.timeout.ms", "max.partition.fetch.bytes", "on_commit"])
    | st.text(max_size=8),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    max_size=3,
)


@given(SETTINGS, SETTINGS)
@settings(deadline=None, max_examples=60)
def test_settings_of_any_type_are_taken_or_refused_with_a_config_error(
    kafka: dict[str, Any], own: dict[str, Any]
) -> None:
    # No broker is asked: what is wrong shows when the client is made.
    kafka.setdefault("bootstrap.servers", "127.0.0.1:1")
    with contextlib.suppress(ConfigError):
        app = App(kafka=kafka)
        assert isinstance(app.client_id, str)
        Source(read_settings(app.kafka, own).kafka, 0.1).close()
        app.admin().close()


@given(st.text(max_size=20) | st.from_regex(r"[a-z.]{1,6}:[a-z_.()\[\]0-9]{0,8}", fullmatch=True))
@settings(deadline=None, max_examples=200)
def test_any_name_of_an_application_is_found_or_refused_with_a_sentence(name: str) -> None:
    # Python's own modules are there, and importing one may do anything.
    assume(name.partition(":")[0].partition(".")[0] not in sys.stdlib_module_names)
    with pytest.raises(AppNotFoundError):
        load_app(name)


@pytest.mark.parametrize("value", [5, "text", [("a", 1)], {5: 1}, {"a"}, b"x"], ids=repr)
def test_settings_that_are_no_dictionary_are_refused(value: Any) -> None:
    with pytest.raises(ConfigError):
        App(kafka=value)
    with pytest.raises(ConfigError):
        Iterator("flights", app=App(defaults=Deserializers()), settings=value)
