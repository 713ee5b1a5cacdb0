"""`framework snapshot` prints the latest message of each key, in the order of the keys."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests import support
from tests.scenarios.iterating import Terminal
from tests.support import Record

NOON = 1387972800000  # 2013-12-25 12:00 UTC


@pytest.fixture
def terminal(kafka: str, tmp_path: pathlib.Path) -> Terminal:
    return Terminal(kafka, tmp_path, "snapshot")


@pytest.fixture
def planes(topic: support.TopicFactory) -> str:
    return topic(
        2,
        {
            0: [
                Record("1", key="b", timestamp=NOON),
                Record("2", key="a", timestamp=NOON),
                Record("3", key="b", timestamp=NOON),
                Record("4", key="gone", timestamp=NOON),
                Record(None, key="gone", timestamp=NOON),
                Record("5", timestamp=NOON),
                Record("6", key="moved", timestamp=NOON),
            ],
            1: [Record("7", key="C", timestamp=NOON), Record("8", key="moved", timestamp=NOON + 1000)],
        },
    )


def test_the_state_of_a_topic_as_text(terminal: Terminal, planes: str) -> None:
    code, out, error = terminal.run(planes)

    assert (code, error) == (0, "")
    assert out.splitlines() == [
        f"{planes}-1@0  2013-12-25 12:00:00Z  C  7",
        f"{planes}-0@1  2013-12-25 12:00:00Z  a  2",
        f"{planes}-0@2  2013-12-25 12:00:00Z  b  3",
        f"{planes}-1@1  2013-12-25 12:00:01Z  moved  8",
    ]


def test_as_json_it_has_the_keys_of_iterate(terminal: Terminal, planes: str) -> None:
    iterate = Terminal(terminal.environment["KAFKA_BOOTSTRAP_SERVERS"], terminal.folder)

    rows = terminal.rows(planes)
    assert [(row["key"], row["payload"]) for row in rows] == [("C", 7), ("a", 2), ("b", 3), ("moved", 8)]
    assert rows[2] in iterate.rows(planes)


def test_a_part_of_the_topic(terminal: Terminal, planes: str) -> None:
    def payloads(*arguments: str) -> list[object]:
        return [row["payload"] for row in terminal.rows(planes, *arguments)]

    assert payloads("--partition", "0") == [2, 3, 6]
    assert payloads("--partition", "0", "--until", "2") == [2, 1]
    assert payloads("--start", "-1") == [8]
    assert payloads("--key", "moved") == [8]
    assert terminal.run(planes, "--key", "gone")[:2] == (0, "")


def test_payloads_and_keys_are_read_by_other_deserializers(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    keys = [number.to_bytes(4, "big") for number in (9, 10)]
    name = topic(1, [Record("{", key=keys[0], headers=[("h", "1")]), Record("1", key=keys[1])])
    code, out, error = terminal.run(name, "--payload-as", "text", "--key-as", "int32", "--headers")

    assert (code, error) == (0, "")
    assert [line.split("  ")[2:] for line in out.splitlines()] == [["10", "-", "1"], ["9", "h=1", "{"]]
    code, out, error = terminal.run(name, "--payload-as", "json", "--json", "--key-as", "int32")
    assert (code, error) == (0, "1 message could not be read in full.\n")
    assert json.loads(out.splitlines()[1])["payload_error"]


def test_keys_that_can_not_be_told_apart_say_what_to_do(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, [Record("1", key='{"id": 1}'), Record("2", key="{")])
    code, out, error = terminal.run(name, "--key-as", "json", "--until", "1")

    assert (code, out) == (1, "")
    assert error == (
        f"Error: {name}-0@0: its key {{'id': 1}} can't be a key of a dictionary "
        "(unhashable type: 'dict'). Add --key-as raw.\n"
    )
    code, out, error = terminal.run(name, "--key-as", "json", "--start", "1")
    assert (code, out) == (1, "")
    assert error.startswith(f"Error: Can't read the key of {name}-0@1 with json: ")
    assert error.endswith(". Add --key-as raw.\n")
    assert len(terminal.run(name, "--key-as", "raw")[1].splitlines()) == 2


def test_a_topic_without_keys_has_no_state_and_says_so(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    code, out, error = terminal.run(topic(1, ["1", "2"]))

    assert (code, out) == (0, "")
    assert error == (
        "2 messages were read, and nothing is left: without a key, or the latest of a key is a tombstone.\n"
    )
    assert terminal.run(topic(1))[:2] == (0, "")


def test_wrong_use(terminal: Terminal, planes: str) -> None:
    assert terminal.run(planes, planes)[0] == 2
    assert terminal.run(planes, "--limit", "1")[0] == 2
    assert terminal.run(f"{planes}x")[0] == 1
