"""A number that is meant as a moment, and a start in the future, are asked about, for they give nothing."""

from __future__ import annotations

import datetime
import logging
import pathlib

import pytest
from confluent_kafka import Producer

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.iterating import Terminal
from tests.scenarios.reading import shown
from tests.support import Record

NOTES = "framework_iterator.notes"
NOON = datetime.datetime(2020, 6, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture
def terminal(kafka: str, tmp_path: pathlib.Path) -> Terminal:
    return Terminal(kafka, tmp_path)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == NOTES]


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (1700000000000, "2023-11-14T22:13:20Z"),
        (1700000000, "2023-11-14T22:13:20Z"),
        (20240101, "2024-01-01"),
    ],
)
def test_a_number_that_looks_like_a_moment_is_asked_about_once(
    app: App,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
    terminal: Terminal,
    number: int,
    moment: str,
) -> None:
    name = topic(2, {0: ["a"], 1: ["b", "c"]})
    asked = f"{name}: offset {number} is beyond the end (2). Did you mean the moment {moment}?"
    told = f"{asked} Write --start {moment}, or a datetime."
    assert shown(Iterator({name: number})) == ""
    assert warnings(caplog) == [told]
    assert terminal.run(name, "--start", f"{number}") == (0, "", f"{told}\n")
    assert terminal.run(name, "--start", f"{number}", "--plan")[2] == f"{told}\n"
    assert (
        terminal.run(name, "--until", f"{number}", "--json")[2] == f"{told.replace('--start', '--until')}\n"
    )


def test_what_is_written_in_place_of_the_number_gives_the_messages(
    app: App, topic: support.TopicFactory, terminal: Terminal
) -> None:
    name = topic(1, [Record("a", timestamp=NOON), Record("b", timestamp=NOON + datetime.timedelta(days=2))])
    code, out, error = terminal.run(name, "--start", f"{NOON.timestamp() + 1:.0f}")
    assert (code, out) == (0, "")
    start = error.split("Write --start ")[1].split(",")[0]
    assert start == "2020-06-01T12:00:01Z"
    assert terminal.offsets(name, "--start", start) == [(0, 1)]


def test_a_date_is_a_start_and_an_end(app: App, topic: support.TopicFactory) -> None:
    days = [NOON + datetime.timedelta(days=number) for number in range(5)]
    name = topic(1, [Record(f"{day:%d}", timestamp=day) for day in days])
    # Three days apart from each other: so in every time zone.
    assert "05@4" in shown(Iterator({name: datetime.date(2020, 6, 4)}))
    assert "01@0" not in shown(Iterator({name: datetime.date(2020, 6, 4)}))
    assert shown(Iterator(name, until=datetime.date(2020, 6, 3))).startswith("01@0")
    assert "05@4" not in shown(Iterator(name, until=datetime.date(2020, 6, 3)))


def test_a_start_in_the_future_is_told(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture, terminal: Terminal
) -> None:
    name = topic(1, ["a"])
    told = f"{name}: the start 2123-01-01T00:00:00Z lies in the future, after every message."
    assert shown(Iterator({name: datetime.datetime(2123, 1, 1, tzinfo=datetime.UTC)})) == ""
    assert warnings(caplog) == [told]
    assert terminal.run(name, "--start", "2123-01-01T00:00Z") == (0, "", f"{told}\n")


def test_an_end_before_the_start_is_told(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture, terminal: Terminal
) -> None:
    name = topic(1, ["a", "b", "c"])
    told = f"{name}: the end lies before the start: nothing is read."
    assert shown(Iterator({name: 2}, until=1)) == ""
    assert warnings(caplog) == [told]
    assert terminal.run(name, "--start", "-1", "--until", "-2") == (0, "", f"{told}\n")


def test_on_the_command_line_an_offset_beyond_the_end_is_told(
    topic: support.TopicFactory, terminal: Terminal
) -> None:
    name = topic(2, {0: ["a", "b", "c"], 1: ["d"]})
    assert terminal.run(name, "--start", "4") == (0, "", f"{name}: offset 4 is beyond the end (3).\n")
    assert terminal.offsets(name, "--start", "2") == [(0, 2)]


def test_saved_positions_and_offsets_that_exist_are_no_moments(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, NOTES)
    name = topic(1, ["a"])
    assert shown(Iterator(name, resume={name: {0: 1700000000000}})) == ""
    assert shown(Iterator({name: 100})) == ""
    assert shown(Iterator({name: 0}, until="latest")) == "a@0"
    [sentence] = warnings(caplog)  # about the position, and not about a moment
    assert sentence == (
        f"{name}-0: the saved position 1700000000000 lies beyond the end (1): was the topic recreated, "
        "or its log truncated? Reading starts at 1."
    )


def test_a_run_that_follows_and_gives_what_comes_before_its_start_warns(
    app: App, topic: support.TopicFactory, producer: Producer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, NOTES)
    name = topic(1, ["a", "b"])
    given = []
    for message in Iterator({name: 10}, follow=True, limit=1, yield_none=True, max_wait=0.05):
        if message is None:
            support.produce(producer, name, ["c"])
        else:
            given.append(message)
    assert shown(given) == "c@2"
    assert warnings(caplog) == [f"{name}: offset 10 is beyond the end (2): following starts at the end."]


def test_on_the_command_line_a_group_that_has_committed_nothing_is_told(
    topic: support.TopicFactory, terminal: Terminal
) -> None:
    name = topic(1, ["a"])
    code, out, error = terminal.run(name, "--start", "committed", "--group", f"{name}-typo", "--raw")
    assert (code, out) == (0, "a\n")
    assert (
        error == f"{name}: group '{name}-typo' has committed nothing: reading starts at the first message.\n"
    )
    code, out, error = terminal.run(name, "--group", f"{name}-typo")
    assert (code, out) == (2, "")
    assert error.endswith("Error: --group is the group of the start `committed`: add --start committed.\n")


def test_an_application_that_configures_logging_gets_no_line_twice(
    topic: support.TopicFactory, terminal: Terminal
) -> None:
    name = topic(1, ["a"])
    lines = ["import logging", "from framework import App", "logging.basicConfig()", "app = App()"]
    (terminal.folder / "app.py").write_text("\n".join(lines))
    error = terminal.run(name, "--start", "1700000000000")[2]
    assert error.count("Did you mean the moment") == 1
    assert error.startswith(f"{name}: offset")
