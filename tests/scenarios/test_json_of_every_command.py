"""Whatever a topic holds and whatever stdout's encoding is, `--json` prints JSON in ASCII or UTF-8."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from tests import support
from tests.command_line import CommandLine
from tests.support import Record

RECORDS = [
    Record('{"é": "漢"}', key="é", headers=[("é", "漢"), ("é", b"\xff")]),
    Record(b'{"a": [NaN, 1e400]}', key=b"\xff", headers=[("h", b"\xfe")]),
    Record(b"\xff\xfe{\x00", key=b""),
    Record(b"\x82\x01\xa1a\xa11\xa1b"),
    Record(None),
]
COMMANDS = {
    "iterate": ["iterate", "TOPIC"],
    "iterate, MessagePack": ["iterate", "TOPIC", "--payload-as", "msgpack"],
    "plan": ["iterate", "TOPIC", "--plan"],
    "following plan": ["iterate", "TOPIC", "--plan", "--follow"],
    "sizes": ["sizes", "TOPIC"],
    "sizes of nothing": ["sizes", "TOPIC", "--start", "latest"],
    "topics": ["topics"],
    "info": ["info"],
}


@pytest.fixture
def line(kafka: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka)
    return CommandLine(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_line_is_json_in_every_encoding(
    command: str, line: CommandLine, topic: support.TopicFactory
) -> None:
    name = topic(1, RECORDS)
    words = [word.replace("TOPIC", name) for word in COMMANDS[command]]
    found = [rows(line, words, PYTHONIOENCODING=each) for each in ("ascii", "latin-1", "utf-16", "utf-8")]
    found.append(rows(line, words, LC_ALL="C"))

    assert found[0]
    if command not in ("topics", "info"):  # others make topics meanwhile
        assert found == [found[0]] * 5


def rows(line: CommandLine, words: list[str], **environment: str) -> list[dict[str, Any]]:
    """The lines of a command, which are strict JSON; in ASCII, where stdout isn't UTF-8."""
    with line.start(*words, "--json", **environment) as process:
        assert process.stdout is not None
        out: bytes = process.stdout.buffer.read()  # type: ignore[attr-defined]
    assert process.returncode == 0
    assert out.isascii() or "utf-8" in environment.values() or "LC_ALL" in environment
    return [json.loads(row.decode(), parse_constant=pytest.fail) for row in out.splitlines()]
