from __future__ import annotations

import re
from typing import Any

import pytest

from framework_iterator import InvalidOptionError
from framework_iterator.batch import Batch
from framework_iterator.selecting.containing import Containing
from tests.unit.iterator.fakes import JSON, native


def passing(wanted: object, *payloads: bytes | None) -> list[int]:
    batch: Batch[Any] = Batch([native(at, payload) for at, payload in enumerate(payloads)], JSON)
    return list(Containing(wanted).passing(batch))


@pytest.mark.parametrize(
    ("wanted", "payload"),
    [
        ("timeout", b"a timeout of 5 s"),
        ("Zoë", "Zoë".encode()),
        ("ö", b"\xff\xc3\xb6\xff"),
        (b"\x00\x01", b"\x00\x00\x01"),
        ("a", b"a"),
        (re.compile(rb"time-?out"), b"a time-out"),
        (re.compile(rb"^a$", re.MULTILINE), b"b\na\nb"),
        (re.compile(b""), b""),
    ],
    ids=repr,
)
def test_a_payload_that_contains_it_passes(wanted: object, payload: bytes) -> None:
    assert passing(wanted, payload) == [0]


@pytest.mark.parametrize(
    ("wanted", "payload"),
    [
        ("timeout", b"Timeout"),
        ("timeout", b"time"),
        ("ö", b"\xf6"),
        (b"ab", b"a b"),
        (re.compile(rb"^a$"), b"b\na\nb"),
        ("a", b""),
    ],
    ids=repr,
)
def test_a_payload_that_does_not_contain_it_is_removed(wanted: object, payload: bytes) -> None:
    assert passing(wanted, payload) == []


@pytest.mark.parametrize("wanted", ["null", re.compile(b"")], ids=repr)
def test_a_tombstone_contains_nothing(wanted: object) -> None:
    assert passing(wanted, b"null", None) == [0]


def test_the_messages_that_pass_stay_in_order() -> None:
    assert passing("1", b"1", b"2", b"21", None, b"{1") == [0, 2, 4]
    assert passing("1") == []


def test_payloads_are_searched_as_they_arrived_and_not_deserialized() -> None:
    batch: Batch[Any] = Batch([native(0, b'{"a" : "\\u00f6"}'), native(1, b"{")], JSON)
    assert list(Containing("\\u00f6").passing(batch)) == [0]
    assert list(Containing("{").passing(batch)) == [0, 1]
    assert not batch[0].is_deserialized


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        pytest.param(
            5, "containing=5 is invalid: expected text, bytes, or a compiled pattern of bytes.", id="int"
        ),
        pytest.param(
            ["a"],
            "containing=['a'] is invalid: expected text, bytes, or a compiled pattern of bytes.",
            id="list",
        ),
        pytest.param(
            bytearray(b"a"),
            "containing=bytearray(b'a') is invalid: expected text, bytes, or a compiled pattern of bytes.",
            id="bytearray",
        ),
        pytest.param(
            re.compile("time-?out"),
            "containing=re.compile('time-?out') is invalid: bytes are searched. Compile a pattern of bytes: "
            "re.compile(b'time-?out').",
            id="text-pattern",
        ),
        pytest.param(
            re.compile("Zoë"),
            "containing=re.compile('Zoë') is invalid: bytes are searched. Compile a pattern of bytes: "
            "re.compile(b'Zo\\xc3\\xab').",
            id="text-pattern-that-is-no-ascii",
        ),
        pytest.param(
            "\ud800",
            "containing='\\ud800' is invalid: it isn't UTF-8 (surrogates not allowed).",
            id="surrogate",
        ),
        pytest.param(
            "",
            "containing='' is invalid: every payload contains it. Leave it out to read all.",
            id="empty-text",
        ),
        pytest.param(
            b"",
            "containing=b'' is invalid: every payload contains it. Leave it out to read all.",
            id="no-bytes",
        ),
    ],
)
def test_what_can_not_be_searched_is_refused(wanted: object, sentence: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Containing(wanted)
    assert str(caught.value) == sentence
