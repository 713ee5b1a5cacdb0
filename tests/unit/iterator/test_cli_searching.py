from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
import uuid
from typing import Any

import click
import pytest

from framework import App, Topic
from framework.deserializers import int32, int64, raw, text
from framework.deserializers import uuid as uuids
from framework.testing import reset_current_app
from framework_iterator.cli.searching import ShownKey, check_key, needed_parts, wanted_key
from framework_iterator.cli.where import Expression
from framework_iterator.selecting.keys import KeyText, encodings

ID = "8f2c1b6e-9d0a-4c55-8a51-2f7b7b0a1c3d"


@pytest.fixture
def app() -> cabc.Iterator[App]:
    yield App()
    reset_current_app()


@pytest.mark.parametrize(
    ("declared", "written", "expected"),
    [
        pytest.param(str, "C-42", {b"C-42"}, id="text"),
        pytest.param(text, "", {b""}, id="the empty key"),
        pytest.param(str, "é", {"é".encode()}, id="UTF-8"),
        pytest.param(raw, "C-42", {b"C-42"}, id="bytes"),
        pytest.param(raw, "\udcff", {b"\xff"}, id="bytes of the line that are no text"),
        pytest.param(int32, "42", {b"\0\0\0*"}, id="int32"),
        pytest.param(int64, "-1", {b"\xff" * 8}, id="int64"),
        pytest.param(int64, "+007", {b"\0\0\0\0\0\0\0\7"}, id="a sign and zeros"),
        pytest.param(uuids, ID.upper(), None, id="a UUID, which has many texts"),
        pytest.param(int, "42", None, id="a type that has to be compared"),
    ],
)
def test_a_key_is_read_as_the_topic_declares_its_keys(
    declared: Any, written: str, expected: set[bytes] | None
) -> None:
    assert encodings("orders", declared, KeyText(written)) == expected


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("C-42", "C-42"),
        (42, "42"),
        (b"C-42", "C-42"),
        (b"\xff", "\udcff"),
        ({"id": 1}, '{"id": 1}'),
        ([1, None], "[1, null]"),
        (True, "True"),
        (decimal.Decimal("1.50"), "1.50"),
        (uuid.UUID(ID), ID),
        (datetime.date(2013, 12, 25), "2013-12-25"),
    ],
    ids=str,
)
def test_any_other_key_is_the_text_that_is_shown(key: object, written: str) -> None:
    assert key == ShownKey(written)
    assert key != ShownKey(f"{written}0")


def test_a_missing_key_is_no_text() -> None:
    assert ShownKey("None") != None  # noqa: E711
    assert wanted_key("", False) == {"key": ShownKey("")}
    assert wanted_key(None, True) == {"key": None}
    assert wanted_key(None, False) == {}


def test_a_key_and_no_key_exclude_each_other() -> None:
    with pytest.raises(click.UsageError) as caught:
        wanted_key("a", True)
    assert caught.value.message == "--key and --no-key exclude each other: choose one of them."


@pytest.mark.parametrize(
    ("declared", "written", "sentence"),
    [
        (int32, "abc", "--key 'abc' is no key of 'orders', whose keys are integers of 4 bytes."),
        (
            int32,
            "3000000000",
            "--key '3000000000' is no key of 'orders', whose keys are integers of 4 bytes.",
        ),
        (int64, "1_0: x", "--key '1_0: x' is no key of 'orders', whose keys are integers of 8 bytes."),
        (uuids, "abc", "--key 'abc' is no key of 'orders', whose keys are UUIDs."),
    ],
)
def test_a_text_that_is_no_key_is_a_usage_error(app: App, declared: Any, written: str, sentence: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        check_key(app, [Topic("orders", key=declared)], written)
    assert caught.value.message == sentence


def test_each_topic_reads_a_key_in_its_own_way(app: App) -> None:
    check_key(app, [Topic("orders", key=int64), Topic("payments", key=str), Topic("trips")], "42")
    check_key(app, [Topic("orders", key=int64)], None)


@pytest.mark.parametrize(
    ("where", "key", "parts"),
    [
        (None, None, set()),
        (None, "a", {"key"}),
        ("payload and partition", None, {"payload", "partition"}),
        ("payload", "", {"payload", "key"}),
    ],
)
def test_a_search_needs_the_parts_that_it_compares(
    where: str | None, key: str | None, parts: set[str]
) -> None:
    form = {"where": None if where is None else Expression(where), "key": key}

    assert needed_parts(form) == parts
