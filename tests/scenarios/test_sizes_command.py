"""`framework sizes` prints the sizes of messages as a table and a histogram, or as JSON, and plots them."""

from __future__ import annotations

import json
import os
import pathlib
import statistics
from typing import Any

import pytest

from framework import App
from framework_iterator import Iterator
from framework_iterator.sizes import measure
from tests.command_line import CommandLine
from tests.support import Messages, Record, TopicFactory

# Sizes in bytes, of key, payload and headers: 1, 2, 3, 4 in partition 0; 7 and 9 in partition 1.
SIX: Messages = {
    0: ["1", "22", "333", "4444"],
    1: [Record("55555", key="ab"), Record(None, key="abc", headers=[("name", b"12")])],
}


@pytest.fixture
def line(tmp_path: pathlib.Path) -> CommandLine:
    return CommandLine(tmp_path)


def row(topic: str, partition: int | None, *values: float | None) -> dict[str, Any]:
    names = ("count", "average", "median", "p95", "p99", "maximum")
    return {"topic": topic, "partition": partition} | dict(zip(names, values, strict=True))


def test_json_has_a_line_per_partition_and_one_for_all(
    kafka: str, line: CommandLine, topic: TopicFactory
) -> None:
    name = topic(3, SIX)
    code, out, error = line.run("sizes", name, "--json", "-b", kafka)

    assert (code, error) == (0, "")
    assert [json.loads(each) for each in out.splitlines()] == [
        row(name, 0, 4, 2.5, 2, 4, 4, 4),
        row(name, 1, 2, 8.0, 7, 9, 9, 9),
        row(name, 2, 0, None, None, None, None, None),
        row(name, None, 6, 26 / 6, 3, 9, 9, 9),
    ]


def test_the_default_output_is_a_table_and_a_histogram(
    kafka: str, line: CommandLine, topic: TopicFactory
) -> None:
    name = topic(2, SIX)
    code, out, error = line.run("sizes", name, "-b", kafka)
    table, _, histogram = out.partition("\n\n")

    assert (code, error) == (0, "")
    assert [each.split() for each in table.splitlines()] == [
        ["topic", "partition", "count", "average", "median", "p95", "p99", "maximum"],
        [name, "0", "4", "2", "2", "4", "4", "4"],
        [name, "1", "2", "8", "7", "9", "9", "9"],
        ["6", "4", "3", "9", "9", "9"],
    ]
    assert [each.split()[:2] for each in histogram.splitlines()] == [
        ["bytes", "messages"], ["1", "1"], ["2", "1"], ["3", "1"], ["4", "1"],
        ["5", "0"], ["6", "0"], ["7", "1"], ["8", "0"], ["9", "1"],
    ]  # fmt: skip


def test_options_say_which_part_is_measured(kafka: str, line: CommandLine, topic: TopicFactory) -> None:
    name = topic(2, SIX)
    arguments = ["--partition", "0=1", "--until", "3", "--json", "-b", kafka]
    code, out, _ = line.run("sizes", name, *arguments)

    assert code == 0
    assert [json.loads(each) for each in out.splitlines()] == [
        row(name, 0, 2, 2.5, 2, 3, 3, 3),
        row(name, None, 2, 2.5, 2, 3, 3, 3),
    ]


def test_an_empty_topic_has_no_sizes(kafka: str, line: CommandLine, topic: TopicFactory) -> None:
    name = topic(1)
    code, out, error = line.run("sizes", name, "-b", kafka, "--plot", "sizes.svg")

    assert (code, error) == (0, f"{name}: nothing to read: it has no messages.\n")
    assert [each.split() for each in out.splitlines()][1:] == [
        [name, "0", "0", "-", "-", "-", "-", "-"],
        ["0", "-", "-", "-", "-", "-"],
    ]
    assert line.folder.joinpath("sizes.svg").exists()


def test_a_plot_is_drawn_in_addition_to_the_table(kafka: str, line: CommandLine, topic: TopicFactory) -> None:
    name = topic(2, SIX)
    code, out, error = line.run("sizes", name, "-b", kafka, "--plot", "sizes.PNG")

    assert (code, error) == (0, "")
    assert "maximum" in out
    assert line.folder.joinpath("sizes.PNG").read_bytes().startswith(b"\x89PNG")


def test_a_plot_is_drawn_also_when_the_reader_closes_the_pipe(
    kafka: str, line: CommandLine, topic: TopicFactory
) -> None:
    name = topic(2, SIX)
    with line.start("sizes", name, "-b", kafka, "--plot", "sizes.png") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 0

    assert line.folder.joinpath("sizes.png").exists()


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        pytest.param(
            "sizes.pdf",
            "'sizes.pdf' has an unknown format. Write a name that ends in .png or .svg.",
            id="format",
        ),
        pytest.param(
            "nix/sizes.png", "'nix' isn't a writable folder. Create it, or write another one.", id="folder"
        ),
        pytest.param(
            "file/sizes.PNG",
            "'file' isn't a writable folder. Create it, or write another one.",
            id="file for a folder",
        ),
        pytest.param(".", "is a directory", id="a folder"),
    ],
)
def test_a_plot_that_cannot_be_written_is_an_error_before_anything_is_read(
    file: str, reason: str, line: CommandLine
) -> None:
    line.write("file", "")
    code, out, error = line.run("sizes", "flights", "-b", "127.0.0.1:1", "--plot", file)

    assert (code, out) == (2, "")
    assert reason in error


def test_an_unknown_topic_is_an_error_with_close_names(
    kafka: str, line: CommandLine, topic: TopicFactory
) -> None:
    name = topic(1)
    code, out, error = line.run("sizes", name[:-1], "-b", kafka)

    assert (code, out) == (1, "")
    assert error.startswith(f"Error: Topic '{name[:-1]}' doesn't exist. Did you mean '{name}'")


def test_a_script_can_measure_several_topics(kafka: str, topic: TopicFactory) -> None:
    first, second = topic(1, ["1", "22"]), topic(1, ["333"])
    sizes = measure(Iterator([first, second], app=App(kafka={"bootstrap.servers": kafka})))

    assert (sizes[first, 0].average, sizes[second, 0].maximum) == (1.5, 3)
    assert (sizes.total.count, sizes.total.quantile(0.5)) == (3, 2)
    assert sizes.rows()[-1]["topic"] is None
    assert [each.split()[0] for each in str(sizes).splitlines()] == ["topic", first, second, "3"]


def test_nothing_is_deserialized(kafka: str, topic: TopicFactory) -> None:
    payloads = [os.urandom(size) for size in (10, 1000, 1_000_000)]
    sizes = measure(Iterator(topic(1, payloads), app=App(kafka={"bootstrap.servers": kafka})))

    assert sizes.total.weights() == [(10, 1), (1000, 1), (1_000_000, 1)]
    assert sizes.total.average == statistics.mean([10, 1000, 1_000_000])
