from __future__ import annotations

import pytest

from example_app.scripts.sizes import measure
from framework import App
from framework_iterator import Ended, Iterator
from tests.example.conftest import Programs
from tests.support import Messages, Record, TopicFactory

MODULE = "example_app.scripts.sizes"

SIX: Messages = {
    0: ["1", "22", "333", "4444"],
    1: [Record("55555", key="ab"), Record(None, key="abc", headers=[("name", b"12")])],
}


def test_a_size_is_that_of_key_payload_and_headers(app: App, topic: TopicFactory) -> None:
    name = topic(3, SIX)
    assert measure(Iterator(name, app=app), 100) == {(name, 0): [1, 2, 3, 4], (name, 1): [7, 9]}


def test_of_each_partition_only_a_sample_is_read(app: App, topic: TopicFactory) -> None:
    name = topic(3, SIX)
    iterator = Iterator(name, app=app)
    assert measure(iterator, 2) == {(name, 0): [1, 2], (name, 1): [7, 9]}
    report = iterator.report
    assert report is not None
    assert report.messages == 4
    assert report[name, 0].ended is Ended.STOPPED


def test_the_program_shows_a_table(topic: TopicFactory, programs: Programs) -> None:
    name = topic(3, SIX)
    code, out, error = programs.run("unused", MODULE, name, "--sample", "3")
    assert (code, error) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["partition", "messages", "smallest", "median", "largest"],
        [f"{name}-0", "3", "1", "2", "3"],
        [f"{name}-1", "2", "7", "8", "9"],
    ]


def test_a_topic_that_does_not_exist_is_told_in_one_line(programs: Programs, topic: TopicFactory) -> None:
    name = topic() + "x"
    code, out, error = programs.run("unused", MODULE, name)
    assert (code, out) == (1, "")
    # Perhaps not alone: other tests' topics have names like it.
    assert error.startswith(f"Topic '{name}' doesn't exist. Did you mean '{name[:-1]}'")
    assert error.count("\n") == 1


@pytest.mark.parametrize("sample", ["0", "-3", "many"])
def test_a_sample_is_a_number_from_1(programs: Programs, sample: str) -> None:
    code, out, error = programs.run("unused", MODULE, "--sample", sample)
    assert (code, out) == (2, "")
    assert "--sample" in error
