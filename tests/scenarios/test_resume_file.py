"""`--resume FILE` continues where the last command ended, and never skips what it has not written."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
from typing import Any

import pytest
from confluent_kafka import Producer

from tests import support
from tests.scenarios.iterating import LIMIT, Terminal
from tests.support import Record
from tests.terminal import Installed

COUNT = 3000
LINES = [f"{number} {'x' * 90}" for number in range(COUNT)]


@pytest.fixture
def terminal(kafka: str, tmp_path: pathlib.Path) -> Terminal:
    return Terminal(kafka, tmp_path)


@pytest.fixture
def installed(kafka: str, tmp_path: pathlib.Path) -> Installed:
    return Installed(tmp_path, {"KAFKA_BOOTSTRAP_SERVERS": kafka})


def resumed(terminal: Terminal, *arguments: str) -> list[str]:
    """The lines of a command that nothing interrupts."""
    code, out, error = terminal.run(*arguments, "--raw", "--resume", "p.json")
    assert (code, error) == (0, "")
    return out.splitlines()


def positions(terminal: Terminal) -> Any:
    return json.loads(terminal.folder.joinpath("p.json").read_text())


def test_two_commands_give_all_messages_once(
    terminal: Terminal, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(3, {0: LINES[:10], 1: LINES[10:25]})

    assert sorted(resumed(terminal, name)) == sorted(LINES[:25])
    assert positions(terminal) == {name: {"0": 10, "1": 15, "2": 0}}
    support.produce(producer, name, LINES[25:30], 1)
    support.produce(producer, name, LINES[30:33], 2)
    assert sorted(resumed(terminal, name)) == sorted(LINES[25:33])
    assert resumed(terminal, name) == []


def test_a_start_is_for_partitions_that_are_not_in_the_file(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: LINES[:10], 1: LINES[10:20]})

    resumed(terminal, name, "--partition", "1", "--limit", "4")
    assert sorted(resumed(terminal, name, "--start", "-1")) == sorted([LINES[9], *LINES[14:20]])


def test_topics_that_were_not_read_stay_in_the_file(terminal: Terminal, topic: support.TopicFactory) -> None:
    one, other = topic(1, LINES[:2]), topic(1, LINES[:3])
    resumed(terminal, one)
    resumed(terminal, other)

    assert positions(terminal) == {one: {"0": 2}, other: {"0": 3}}


@pytest.mark.parametrize("arguments", [[], ["--order", "time"]], ids=["as they arrive", "in order"])
def test_a_limit_is_where_the_next_one_begins(
    terminal: Terminal, topic: support.TopicFactory, arguments: list[str]
) -> None:
    name = topic(2, {0: LINES[:7], 1: LINES[7:13]})
    parts = [resumed(terminal, name, "--limit", "5", *arguments) for _ in range(4)]

    assert [len(part) for part in parts] == [5, 5, 3, 0]
    assert sorted(line for part in parts for line in part) == sorted(LINES[:13])


@pytest.mark.parametrize("count", [10, COUNT])
@pytest.mark.parametrize("form", ["--raw", "--json", "--hex", "--headers"])
def test_head_takes_three_lines_at_a_time(
    terminal: Terminal, installed: Installed, topic: support.TopicFactory, count: int, form: str
) -> None:
    name = topic(1, LINES[:count])
    everything = terminal.run(name, form)[1].splitlines(keepends=True)
    command = f"framework iterate {name} {form} --resume p.json | head -3"
    for begin in (0, 3, 6):
        assert installed.run("bash", "-c", command) == (0, "".join(everything[begin : begin + 3]), "")
        assert positions(terminal) == {name: {"0": begin + 3}}


def test_a_reader_that_takes_all_gets_everything(installed: Installed, topic: support.TopicFactory) -> None:
    name = topic(1, [*LINES[:100], "y" * 500_000, *LINES[100:200]])
    command = f"framework iterate {name} --raw --resume p.json | wc -l"

    assert installed.run("bash", "-c", command)[1].strip() == "201"
    assert installed.run("bash", "-c", command)[1].strip() == "0"


def interrupted(terminal: Terminal, number: int, *arguments: str) -> tuple[list[str], int]:
    """The lines of a command that a signal ends after 20 of them, and its exit code."""
    with terminal.start(*arguments, "--raw", "--resume", "p.json", stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(20)]
        process.send_signal(number)
        lines += process.communicate(timeout=LIMIT)[0].splitlines(keepends=True)
    return [line[:-1] for line in lines if line.endswith("\n")], process.returncode


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGINT, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, -signal.SIGTERM, id="SIGTERM"),
        pytest.param(signal.SIGHUP, -signal.SIGHUP, id="SIGHUP"),
    ],
)
def test_after_a_signal_at_most_one_message_comes_twice(
    terminal: Terminal, topic: support.TopicFactory, number: int, code: int
) -> None:
    name = topic(1, LINES)
    lines, ended = interrupted(terminal, number, name)
    rest = resumed(terminal, name)

    assert ended == code
    assert 20 <= len(lines) < COUNT
    assert lines == LINES[: len(lines)]
    assert rest in (LINES[len(lines) :], LINES[len(lines) - 1 :])


def test_ctrl_c_on_a_terminal(installed: Installed, topic: support.TopicFactory, producer: Producer) -> None:
    name = topic(1, ["1", "2"])
    command = ["framework", "iterate", name, "--follow", "--resume", "p.json"]
    with installed.open(*command) as screen:
        screen.until("@1")
        screen.press("C")
        assert screen.end() == 130
    support.produce(producer, name, ["3"])

    code, shown = installed.show(*command[:3], *command[4:], TERM="dumb")
    assert code == 0
    # The second one comes again where Ctrl-C came while its line was written.
    assert [line.split("  ")[-1] for line in shown.splitlines()] in (["3"], ["2", "3"])


def test_kill_leaves_the_old_file_whole(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, LINES)
    resumed(terminal, name, "--limit", "7")
    interrupted(terminal, signal.SIGKILL, name)

    assert positions(terminal) == {name: {"0": 7}}
    assert [each.name for each in terminal.folder.iterdir()] == ["p.json"]
    assert resumed(terminal, name) == LINES[7:]


def test_where_an_expression_fails_the_next_one_begins(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, ["1", "2", "{}", "4"])
    code, out, _ = terminal.run(name, "--raw", "--resume", "p.json", "--where", "payload > 1")

    assert (code, out) == (1, "2\n")
    assert positions(terminal) == {name: {"0": 2}}
    assert resumed(terminal, name) == ["{}", "4"]


def test_what_was_filtered_counts_as_read(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, [Record("1", key="a"), Record("2", key="b"), Record(None, key="a"), Record("4", key="b")])

    assert resumed(terminal, name, "--key", "a") == ["1"]
    assert positions(terminal) == {name: {"0": 4}}


def test_a_full_disk_counts_nothing_that_is_not_there(
    terminal: Terminal, topic: support.TopicFactory
) -> None:
    name = topic(1, LINES[:10])
    with open("/dev/full", "w") as full:
        command = terminal.start(name, "--raw", "--resume", "p.json", stdout=full)
        with command as process:
            _, error = process.communicate(timeout=LIMIT)

    assert (process.returncode, error) == (1, "Error: OSError: [Errno 28] No space left on device\n")
    assert positions(terminal) == {name: {"0": 0}}


def test_a_file_without_positions_stays_as_it_is(terminal: Terminal, topic: support.TopicFactory) -> None:
    terminal.folder.joinpath("p.json").write_text("notes")
    code, out, error = terminal.run(topic(1, ["1"]), "--resume", "p.json")

    assert (code, out) == (2, "")
    assert "'p.json' has no positions: Expecting value: line 1 column 1 (char 0). " in error
    assert terminal.folder.joinpath("p.json").read_text() == "notes"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--resume", "no/p.json"], "Can't write positions to 'no/p.json': No such file or directory."),
        (["--resume", "p.json", "--order", "newest"], "--resume and --order newest exclude each other: "),
    ],
)
def test_what_can_not_be_is_wrong_use_before_the_broker_is_asked(
    terminal: Terminal, arguments: list[str], sentence: str
) -> None:
    terminal.environment["KAFKA_BOOTSTRAP_SERVERS"] = "127.0.0.1:1"
    code, out, error = terminal.run("orders", *arguments)

    assert (code, out) == (2, "")
    assert sentence in error


def test_a_plan_reads_the_file_and_leaves_it(terminal: Terminal, topic: support.TopicFactory) -> None:
    name = topic(1, LINES[:10])
    resumed(terminal, name, "--limit", "4")
    before = terminal.folder.joinpath("p.json").stat().st_ino

    assert terminal.rows(name, "--plan", "--resume", "p.json") == [
        {"topic": name, "partition": 0, "low": 0, "high": 10, "start": 4, "stop": 10, "count": 6}
    ]
    assert terminal.folder.joinpath("p.json").stat().st_ino == before


def test_a_command_that_reads_nothing_creates_no_file(terminal: Terminal) -> None:
    code, _, error = terminal.run("t-no-such-topic", "--resume", "p.json")

    assert code == 1
    assert "doesn't exist" in error
    assert not list(terminal.folder.iterdir())
