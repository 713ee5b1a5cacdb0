"""Whatever a topic holds, each line of `--json` is one JSON object, and nothing in it acts on a terminal."""

from __future__ import annotations

import base64
import collections.abc as cabc
import json
import pathlib
import random
import re
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests import support
from tests.support import Record
from tests.terminal import Installed

MEGABYTE = b'"' + b"x" * (1 << 20) + b'"'
CONTROLS = "".join(map(chr, [*range(32), *range(0x7F, 0xA0)])) + '"\\\u2028\u2029\u202e\u200b\ufeff'
ESCAPES = "\x1b[2J\x1b]0;title\x07\x1b[31m\r\n\x9b31m"
ANY_BYTES = bytes(range(256))

NASTY = [
    Record(ANY_BYTES, key=ANY_BYTES, headers=[("h", ANY_BYTES)]),
    Record(json.dumps(CONTROLS), key=CONTROLS.encode(), headers=[(CONTROLS.replace("\0", ""), CONTROLS)]),
    Record(json.dumps({ESCAPES: ESCAPES}), key=ESCAPES, headers=[(ESCAPES, ESCAPES)]),
    Record(ESCAPES, key=b"\x1b[2J"),
    Record(rb'"\ud800"', key="a lone surrogate"),
    Record(rb'{"\udfff": "\ud83d"}', key=b"\xed\xa0\x80"),
    Record(b"NaN"),
    Record(b"[Infinity, -Infinity, NaN, 1e999]"),
    Record(b"9" * 5000),
    Record(b"[" * 100_000 + b"]" * 100_000),
    Record(b'{"a": 1, "a": 2}'),
    Record(MEGABYTE, key=b"k" * 100_000),
    Record(None),
    Record(None, key="gone"),
    Record(b"", key=b""),
    Record(b"null"),
    Record(b"1", headers=[(f"h{number}", b"x") for number in range(10_000)]),
    Record(b"1", headers=[("", b""), ("same", b"1"), ("same", None), ("same", b"\xff")]),
]
RANDOM = [
    Record(random.Random(number).randbytes(60), key=random.Random(-number).randbytes(9))
    for number in range(200)
]


@pytest.fixture
def line(kafka: str, tmp_path: pathlib.Path) -> Installed:
    return Installed(tmp_path, {"KAFKA_BOOTSTRAP_SERVERS": kafka, "PYTHONIOENCODING": "utf-8"})


@pytest.fixture
def nasty(admin: AdminClient, producer: Producer, topic: support.TopicFactory) -> str:
    return topic(1, [*NASTY, *RANDOM], max_message_bytes=5_000_000)


def rows(line: Installed, *arguments: str) -> list[dict[str, Any]]:
    """The lines of a command, each parsed as strict JSON, without NaN."""
    code, out, _ = line.run("framework", *arguments, "--json")
    assert code == 0
    return [json.loads(row, parse_constant=forbid) for row in out.removesuffix("\n").split("\n")]


def forbid(constant: str) -> None:
    raise AssertionError(f"{constant} isn't JSON.")


def test_each_message_is_one_line_of_json_and_no_byte_of_it_is_lost(line: Installed, nasty: str) -> None:
    found = rows(line, "iterate", nasty)

    assert [row["offset"] for row in found] == list(range(len(NASTY) + len(RANDOM)))
    for row, record in zip(found, [*NASTY, *RANDOM], strict=True):
        if "payload_error" in row:
            assert row["payload"] is None
            assert base64.b64decode(row["raw_payload"]) == as_bytes(record.value)
    by_number = dict(enumerate(found))
    assert by_number[1]["payload"] == by_number[1]["key"] == CONTROLS
    assert by_number[2]["payload"] == by_number[2]["headers"] == {ESCAPES: ESCAPES}
    assert len(by_number[11]["payload"]) == 1 << 20
    assert (by_number[12]["payload"], by_number[13]["key"]) == (None, "gone")
    assert len(by_number[16]["headers"]) == 10_000


def as_bytes(value: bytes | str | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def test_plans_topics_and_info_are_json_as_well(line: Installed, nasty: str) -> None:
    line.folder.joinpath("app.py").write_text(
        f"from framework import App\napp = App(client_id='\"\\x1b\\u2028')\napp.topic('{nasty}')\n"
    )
    everything = rows(line, "topics", "--all")

    assert [row["count"] for row in rows(line, "iterate", nasty, "--plan")] == [len(NASTY) + len(RANDOM)]
    assert [row["offsets"] for row in everything if row["topic"] == nasty] == [len(NASTY) + len(RANDOM)]
    assert rows(line, "info")[0]["kafka"]["client.id"] == '"\x1b\u2028'


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_no_control_of_a_message_reaches_a_terminal(
    arguments: list[str], line: Installed, nasty: str
) -> None:
    code, shown = line.show("framework", "iterate", nasty, *arguments)
    left = re.sub(r"\x1b\[(\d|2|22|31|39)?m|\n", "", shown)

    assert code == 0
    assert set(left) & controls() == set()


def controls() -> set[str]:
    """What no line may have: all that a terminal could act upon."""
    found: cabc.Iterable[str] = map(chr, [*range(32), *range(0x7F, 0xA0)])
    return {*found, *"\u2028\u2029\u202e\u200b\ufeff"}
