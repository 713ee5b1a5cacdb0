"""`framework iterate` shows what a topic holds, as lines or as JSON, and ends with the right exit code."""

from __future__ import annotations

import base64
import json
import pathlib
import re
import signal

import pytest
from confluent_kafka import Producer
from rich.cells import cell_len

from tests import support
from tests.scenarios.iterating import LIMIT, Terminal
from tests.support import Record

NOON = 1387972800000  # 2013-12-25 12:00 UTC


@pytest.fixture
def terminal(kafka: str, tmp_path: pathlib.Path) -> Terminal:
    return Terminal(kafka, tmp_path)


def test_messages_are_lines(terminal: Terminal, topic: support.TopicFactory) -> None:
    records = [Record('{"a": 1}', key="k", timestamp=NOON), Record(None, timestamp=NOON + 1000)]
    name = topic(1, records)
    code, out, error = terminal.run(name)

    assert (code, error) == (0, "")
    assert out.splitlines() == [
        f'{name}-0@0  2013-12-25 12:00:00Z  k  {{"a": 1}}',
        f"{name}-0@1  2013-12-25 12:00:01Z  -  (tombstone)",
    ]


def test_messages_are_json(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, [Record('{"a": 1}', key="k", headers=[("h", "1")], timestamp=NOON)])

    assert terminal.rows(name) == [
        {
            "topic": name,
            "partition": 0,
            "offset": 0,
            "timestamp": "2013-12-25T12:00:00+00:00",
            "schema_id": None,
            "key": "k",
            "headers": {"h": "1"},
            "payload": {"a": 1},
        }
    ]


def test_options_say_what_is_read(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(2, {0: [Record(str(n), timestamp=NOON + n * 1000) for n in range(5)], 1: ["5", "6", "7"]})

    assert terminal.offsets(name, "--start", "-1") == [(0, 4), (1, 2)]
    assert terminal.offsets(name, "--start", "2013-12-25T12:00:03Z", "--partition", "0") == [(0, 3), (0, 4)]
    note = f"{name}: nothing to read: it starts at the end. With follow, a run waits for new messages.\n"
    assert terminal.run(name, "--start", "latest") == (0, "", note)
    assert terminal.offsets(name, "--until", "1") == [(0, 0), (1, 0)]
    assert terminal.offsets(name, "--partition", "1=1") == [(1, 1), (1, 2)]
    assert terminal.offsets(name, "--partition", "0=0", "--partition", "1", "--start", "-1") == [
        *((0, offset) for offset in range(5)),
        (1, 2),
    ]
    assert len(terminal.rows(name, "--limit", "2")) == 2
    assert terminal.rows(name, "--limit", "0") == []


def test_a_plan_reads_nothing(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["0", "1"], 1: ["2"]})
    code, out, error = terminal.run(name, "--start", "-1", "--plan")

    assert (code, error) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["topic", "partition", "low", "high", "start", "stop", "count"],
        [name, "0", "0", "2", "1", "2", "1"],
        [name, "1", "0", "1", "0", "1", "1"],
        ["2"],
    ]
    assert terminal.rows(name, "--partition", "0", "--plan") == [
        {"topic": name, "partition": 0, "low": 0, "high": 2, "start": 0, "stop": 2, "count": 2}
    ]


def test_servers_on_the_line_need_no_application(
    kafka: str, terminal: Terminal, topic: support.TopicFactory
) -> None:
    terminal.environment["KAFKA_BOOTSTRAP_SERVERS"] = "127.0.0.1:1"
    terminal.folder.joinpath("app.py").write_text("import nopackage")
    code, out, error = terminal.run(topic(1, ["1"]), "-b", kafka)

    assert (code, out.count("\n")) == (0, 1)
    assert error.startswith("Continuing without the application: ModuleNotFoundError: ")


def test_a_wrong_topic_is_told_close_ones(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1)
    code, out, error = terminal.run(name[:-1])

    assert (code, out) == (1, "")
    assert error.startswith(f"Error: Topic '{name[:-1]}' doesn't exist. Did you mean '{name}'")
    assert error.count("\n") == 1


def test_a_reader_who_has_seen_enough_is_nothing_wrong(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, [f"1{number:0100}" for number in range(10_000)])
    for arguments in [[name], [name, "--json"]]:
        with terminal.start(*arguments) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert "@0" in process.stdout.readline() or "--json" in arguments
            process.stdout.close()
            assert process.stderr.read() == ""
            assert process.wait(LIMIT) == 0


def test_what_cannot_be_read_is_shown_counted_and_passed_over(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, [b"{", b"\xff\x1b[31m", b"1"])
    code, out, error = terminal.run(name, "--json", "--payload-as", "json")
    first, second, third = [json.loads(row) for row in out.splitlines()]

    assert (code, error) == (0, "2 messages could not be read in full.\n")
    assert first["payload"] is second["payload"] is None
    assert first["payload_error"].startswith(f"Can't read the payload of {name}-0@0 with json: ")
    assert base64.b64decode(first["raw_payload"]) == b"{"
    assert base64.b64decode(second["raw_payload"]) == b"\xff\x1b[31m"
    assert third["payload"] == 1
    assert "payload_error" not in third

    code, out, error = terminal.run(name, "--limit", "1", "--payload-as", "json")
    assert (code, error) == (0, "1 message could not be read in full.\n")
    assert out.endswith("  (1 byte) {\n")
    assert f"Can't read the payload of {name}-0@0 with json: " in out


def test_a_terminal_gets_colours_and_no_line_that_is_too_long(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, ['"' + "x" * 500 + '"', '"' + "漢" * 100 + '"', "{", None, '"a\\u001b[2Jb"'])
    colours = re.compile(r"\x1b\[\d+m")
    shown = terminal.show(name, "--payload-as", "json")
    lines = [colours.sub("", line) for line in shown.splitlines()]

    assert colours.search(shown)
    assert "\x1b[31m" in shown
    assert not [line for line in lines if cell_len(line) > 80 or "\x1b" in line]
    assert lines[0].startswith("…")
    assert "-0@0  -  xxxxxxxxxxxxxxx" in lines[0]
    assert lines[-1] == "1 message could not be read in full."
    assert len(lines) == 6
    assert not colours.search(terminal.show(name, NO_COLOR="1"))
    assert not colours.search(terminal.show(name, TERM="dumb"))


def test_following_shows_what_is_new_until_ctrl_c(
    terminal: Terminal, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["1"])
    with terminal.start(name, "--follow", "--json") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["payload"] == 1
        support.produce(producer, name, ["2"])
        assert json.loads(process.stdout.readline())["payload"] == 2
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=LIMIT)

    assert (process.returncode, out, error) == (130, "", "\n")


@pytest.mark.parametrize("options", [["--json"], ["--raw"], ["--resume", "p.json"]], ids=" ".join)
def test_following_ends_when_the_reader_leaves_though_nothing_is_new(
    terminal: Terminal, topic: support.TopicFactory, options: list[str]
) -> None:
    name = topic(1, ["1"])
    with terminal.start(name, "--follow", *options) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert process.stdout.readline() != ""
            process.stdout.close()
            assert (process.wait(LIMIT), process.stderr.read()) == (0, "")
        finally:
            process.kill()
