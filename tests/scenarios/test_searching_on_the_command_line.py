"""`framework iterate` finds messages by key, by bytes and by an expression, and gives them in an order."""

from __future__ import annotations

import pathlib

import pytest

from tests import support
from tests.scenarios.iterating import Terminal
from tests.support import Record

NOON = 1387972800000  # 2013-12-25 12:00 UTC


@pytest.fixture
def terminal(kafka: str, tmp_path: pathlib.Path) -> Terminal:
    return Terminal(kafka, tmp_path)


@pytest.fixture
def orders(topic: support.TopicFactory) -> str:
    """Totals of 0 to 90 in the order of time: in turns in partition 0 and 1, of the customers a, b and c."""
    records = [
        Record(f'{{"total": {10 * number}}}', key="abc"[number % 3], timestamp=NOON + number)
        for number in range(10)
    ]
    return topic(2, {0: records[::2], 1: records[1::2]})


def totals(terminal: Terminal, *arguments: str) -> list[int]:
    return [row["payload"]["total"] for row in terminal.rows(*arguments)]


def test_by_key(terminal: Terminal, orders: str) -> None:
    assert sorted(totals(terminal, orders, "--key", "b")) == [10, 40, 70]
    assert terminal.run(orders, "--key", "B")[:2] == (0, "")


def test_a_key_is_read_as_the_topic_declares_its_keys(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    numbers = [Record(str(key), key=key.to_bytes(8, "big", signed=True)) for key in (-1, 0, 7)]
    name = topic(1, numbers)
    of_text = topic(1, [Record("0", key="7"), Record("1", key="8")])
    terminal.folder.joinpath("app.py").write_text(
        "from framework import App\n"
        "from framework.deserializers import int64\n"
        "app = App()\n"
        f"app.topic({name!r}, key=int64)\n"
    )

    assert terminal.run(name, "--key", "7", "--raw")[1] == "7\n"
    assert terminal.run(name, "--key", "-1", "--hex")[1].endswith("  -1  2d31\n")
    assert sorted(terminal.run(name, of_text, "--key", "7", "--raw")[1].split()) == ["0", "7"]
    assert terminal.run(of_text, "--key", "8", "--raw")[1] == "1\n"
    code, out, error = terminal.run(name, "--key", "seven")
    assert (code, out) == (2, "")
    assert error.endswith(
        f"Error: --key 'seven' is no key of '{name}', whose keys are integers of 8 bytes.\n"
    )


def test_a_key_that_is_no_text_is_found_as_it_is_shown(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(
        1, [Record("1", key='{"id":1,"at":"x"}'), Record("2", key='{"id": 2}'), Record("3", key="[]")]
    )
    shown = terminal.run(name, "--key-as", "json", "--limit", "1")[1].split("  ")[2]

    assert shown == '{"id": 1, "at": "x"}'
    assert terminal.run(name, "--key-as", "json", "--key", shown, "--raw")[1] == "1\n"


def test_no_key_and_the_empty_key_are_two_things(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, [Record("none"), Record("empty", key=""), Record("dash", key="-")])

    assert terminal.run(name, "--no-key", "--raw")[1] == "none\n"
    assert terminal.run(name, "--key", "", "--raw")[1] == "empty\n"
    assert terminal.run(name, "--key", "-", "--raw")[1] == "dash\n"
    assert terminal.run(name, "--no-key", "--key", "-")[0] == 2


def test_by_the_bytes_of_the_payload(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, [b"a timeout", b"\xff timeout", "a é", None, b"(.*)"])

    found = terminal.run_binary(name, "--grep", "timeout", "--raw")
    assert found == (0, b"a timeout\n\xff timeout\n", b"")
    assert terminal.run(name, "--grep", "é", "--raw")[1] == "a é\n"
    assert terminal.run(name, "--grep", "(.*)", "--raw")[1] == "(.*)\n"
    assert terminal.run(name, "--grep", "", "--raw")[0] == 2


def test_by_an_expression(terminal: Terminal, orders: str) -> None:
    assert sorted(totals(terminal, orders, "--where", 'payload["total"] > 60')) == [70, 80, 90]
    assert totals(terminal, orders, "--where", "partition == 1 and offset < 2") == [10, 30]
    assert totals(terminal, orders, "--where", 'timestamp.microsecond == 3000 and key == "a"') == [30]
    assert sorted(totals(terminal, orders, "--where", '"b" <= key <= "c"', "--key", "c")) == [20, 50, 80]


def test_bytes_are_written_of_what_an_expression_has_read(terminal: Terminal, orders: str) -> None:
    where = ["--where", 'payload["total"] == 30']

    assert terminal.run(orders, *where, "--raw")[:2] == (0, '{"total": 30}\n')
    assert terminal.run(orders, *where, "--hex")[1].endswith(b'{"total": 30}'.hex() + "\n")
    assert terminal.run(orders, *where, "--raw", "--payload-as", "json")[:2] == (0, '{"total": 30}\n')
    assert terminal.run(orders, "--raw", "--payload-as", "json")[0] == 2


def test_an_expression_that_fails_ends_the_command_after_what_it_found(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, ['{"total": 1}', '{"total": 2000}', '{"sum": 1}', '{"total": 3000}'])
    code, out, error = terminal.run(name, "--where", 'payload["total"] > 1000', "--raw")

    assert (code, out) == (1, '{"total": 2000}\n')
    assert error == (
        f"Error: {name}-0@2: --where 'payload[\"total\"] > 1000' failed: KeyError: 'total'. "
        'Write "total" in payload and (payload["total"] > 1000).\n'
    )


@pytest.mark.parametrize("arguments", [["--where", "paylod"], ["--where", "payload ="], ["--grep", ""]])
def test_a_mistake_is_found_before_the_broker_is_asked(terminal: Terminal, arguments: list[str]) -> None:
    terminal.environment["KAFKA_BOOTSTRAP_SERVERS"] = "127.0.0.1:1"
    code, out, error = terminal.run("orders", *arguments)

    assert (code, out) == (2, "")
    assert f"Error: Invalid value for '{arguments[0]}': " in error


def test_the_newest_first_and_in_the_order_of_time(terminal: Terminal, orders: str) -> None:
    assert totals(terminal, orders, "--order", "newest", "--limit", "3") == [90, 80, 70]
    assert totals(terminal, orders, "--order", "newest", "--key", "b", "--limit", "2") == [70, 40]
    assert totals(terminal, orders, "--order", "time") == [*range(0, 100, 10)]


def test_an_order_that_can_not_be_is_wrong_use(terminal: Terminal, orders: str) -> None:
    code, out, error = terminal.run(orders, "--order", "newest", "--follow")
    assert (code, out) == (2, "")
    assert error.endswith(
        "Error: --order newest can't follow, with or without --until: leave --follow out.\n"
    )
    assert terminal.run(orders, "--order", "oldest")[0] == 2


def test_a_plan_shows_only_the_partition_of_a_key(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(12, [Record("1", key="a")])
    terminal.folder.joinpath("app.py").write_text(
        f"from framework import App\napp = App()\napp.topic({name!r}, key=str, partitioner='crc32')\n"
    )

    assert len(terminal.rows(name, "--plan", "--key", "a")) == 1
    assert len(terminal.rows(name, "--plan")) == 12


def test_an_unreadable_payload_ends_a_search_unless_it_is_skipped(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, ['{"total": 1}', "{", '{"total": 3}'])
    search = [name, "--where", 'payload["total"] > 0', "--payload-as", "json"]
    code, out, error = terminal.run(*search, "--raw")
    assert (code, out) == (1, '{"total": 1}\n')
    assert error.endswith(
        "EOF while parsing an object at line 1 column 1. --skip leaves such messages out.\n"
    )
    code, out, error = terminal.run(*search, "--raw", "--skip")
    assert (code, out) == (0, '{"total": 1}\n{"total": 3}\n')
    assert error.startswith(
        f"1 message was skipped as unreadable. The first: Can't read the payload of {name}-0@1 "
    )


def test_skip_is_refused_where_no_payload_is_read(terminal: Terminal) -> None:
    code, _, error = terminal.run("orders", "--hex", "--skip")
    assert code == 2
    assert error.endswith("Error: --hex shows the bytes of payloads: leave --skip out.\n")


def test_a_search_that_finds_nothing_says_how_much_it_read(terminal: Terminal, orders: str) -> None:
    assert terminal.run(orders, "--grep", "nowhere") == (0, "", "10 messages were read, and none matched.\n")
