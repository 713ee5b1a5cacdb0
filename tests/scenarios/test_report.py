"""The report is exact at every moment, and so is the number of offsets still to come."""

from __future__ import annotations

import contextlib
import operator
import os
import pathlib
import pty
import subprocess
import sys
from typing import NamedTuple

import pytest
from confluent_kafka import Producer

from framework import App
from framework_iterator import Ended, Iterator, Report
from framework_iterator.planning.queries import Queries
from tests import support
from tests.scenarios.programs import HEAD, LIMIT, output_of, running
from tests.scenarios.reading import report_of
from tests.terminal import Screen


def test_before_the_first_run_there_is_none(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["a"]))
    assert iterator.report is None
    iterator.plan()
    run = iter(iterator)
    assert iterator.report is None
    next(run)
    assert report_of(iterator).messages == 1


def test_in_the_middle_of_a_batch_it_counts_what_was_given_and_nothing_else(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["x"] * 1500, 1: ["y"] * 1500})
    iterator = Iterator(name)
    counts = [0, 0]
    for message in iterator:
        counts[message.partition] += 1
        report = report_of(iterator)
        assert report.messages == sum(counts)
        assert [each.messages for each in report.partitions] == counts
        assert [each.position for each in report.partitions] == counts
        assert report[name, message.partition].position == message.offset + 1
        assert report.ended is None
    assert counts == [1500, 1500]


def test_with_starts_ends_and_two_topics(app: App, topic: support.TopicFactory) -> None:
    left, right = topic(2, {0: ["a"] * 10, 1: ["b"] * 4}), topic(1, ["c"] * 6)
    iterator = Iterator({left: {0: 3, 1: -2}, right: 0}, until={left: {0: 8}, right: 5})
    for message in iterator:
        assert report_of(iterator)[message.topic, message.partition].position == message.offset + 1
    report = report_of(iterator)
    assert [(each.start, each.stop, each.position, each.messages) for each in report.partitions] == [
        (3, 8, 8, 5),
        (2, 4, 4, 2),
        (0, 5, 5, 5),
    ]
    assert {each.ended for each in report.partitions} == {"end"}
    with pytest.raises(KeyError):
        _ = report[left, 2]


def leave(iterator: Iterator[object], way: str) -> None:
    """Read 700 messages, and leave."""
    with contextlib.suppress(ZeroDivisionError), contextlib.ExitStack() as stack:
        run = iter(iterator)
        if way == "with":
            stack.enter_context(iterator)
        for count, _ in enumerate(run, start=1):
            if count == 700:
                match way:
                    case "break" | "with":
                        break
                    case "exception":
                        _ = 1 / 0
                    case "close":
                        iterator.close()
                    case "stop":
                        iterator.stop()


@pytest.mark.parametrize(
    ("way", "limit", "ended"),
    [
        ("break", None, "closed"),
        ("with", None, "closed"),
        ("exception", None, "closed"),
        ("close", None, "closed"),
        ("stop", None, "stopped"),
        ("limit", 700, "limit"),
    ],
)
def test_it_is_exact_after_each_way_out(
    app: App, topic: support.TopicFactory, way: str, limit: int | None, ended: Ended
) -> None:
    iterator: Iterator[object] = Iterator(topic(1, ["x"] * 1600), limit=limit)
    leave(iterator, way)
    report = report_of(iterator)
    [partition] = report.partitions
    assert (report.ended, partition.ended, report.error) == (ended, ended, None)
    assert (report.messages, partition.position) == (700, 700)


def test_the_next_run_has_one_of_its_own_and_an_old_one_does_not_change(
    app: App, topic: support.TopicFactory
) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c"]))
    leave(iterator, "break")
    before: Report = report_of(iterator)
    run = iter(iterator)
    assert report_of(iterator) == before
    next(run)
    assert (before.messages, before.ended) == (3, "end")
    assert (report_of(iterator).messages, report_of(iterator).ended) == (1, None)


def test_its_text_is_a_table(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["x"] * 1200, 1: ["y"]})
    iterator = Iterator({name: {0: 100, 1: 0}})
    for message in iterator:
        if message.partition == 0:
            iterator.stop_current_partition()
    head, *rows, total = str(report_of(iterator)).splitlines()
    assert head == f"{'topic':{len(name)}}  partition  start   stop  position  messages  lost  ended"
    assert rows == [
        f"{name}          0    100  1,200       101         1     0  stopped",
        f"{name}          1      0      1         1         1     0  end",
    ]
    assert total.split() == ["2", "0", "end"]


def test_the_length_hint_is_of_a_live_run_only(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["a", "b"]))
    assert iterator.__length_hint__() is NotImplemented
    assert operator.length_hint(iterator, 7) == 7
    for expected, _ in zip([1, 0], iterator, strict=True):
        assert operator.length_hint(iterator, 7) == expected
    assert operator.length_hint(iterator, 7) == 7
    assert [message.payload for message in list(iterator)] == ["a", "b"]


def test_the_length_hint_counts_down_exactly_and_asks_no_broker(
    app: App, topic: support.TopicFactory, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = topic(2, {0: ["x"] * 1000, 1: ["y"] * 800})
    iterator = Iterator({name: {0: 100, 1: -300}})
    run = iter(iterator)
    next(run)

    def ask(_lookups: Queries, *_given: object) -> None:
        raise AssertionError("A broker was asked.")

    for question in ("watermarks", "partitions", "offsets_at", "committed"):
        monkeypatch.setattr(Queries, question, ask)
    support.produce(producer, name, ["more"])
    hints = [operator.length_hint(iterator)]
    hints += [operator.length_hint(iterator) for _ in run]
    assert hints == list(range(1199, -1, -1))


def test_a_stopped_partition_has_nothing_to_come(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["x"] * 1000, 1: ["y"] * 1000})
    iterator = Iterator(name)
    first = next(run := iter(iterator))
    iterator.stop_partition(name, 1 - first.partition)
    assert operator.length_hint(iterator) == 999
    assert len(list(run)) == 999


def test_following_it_counts_what_was_there_in_the_beginning(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name, follow=True)
    hints = []
    for message in iterator:
        hints.append(operator.length_hint(iterator))
        if message.payload == "b":
            support.produce(producer, name, ["c"])
        if message.payload == "c":
            iterator.stop()
    assert hints == [1, 0, 0]


# A bar is for what takes long; here it comes at once.
A_BAR_AT_ONCE = """
import framework_iterator.progress_bar
framework_iterator.progress_bar._SHOW_AFTER = 0.0
"""
READ_WITH_A_BAR = """
say(sum(1 for message in Iterator(topic, progress=True)))
"""
AWAIT_WITH_A_BAR = """
import asyncio

async def count():
    return sum([1 async for message in Iterator(topic, progress=True)])

say(asyncio.run(count()))
"""


class Done(NamedTuple):
    """How a program ended whose stderr was a terminal, and whose stdout was not."""

    returncode: int
    stdout: bytes
    drawn: str
    """What appeared on the terminal."""


def on_a_terminal(program: str, kafka: str, name: str) -> Done:
    """Run a program, and read what it draws as it comes: a terminal holds only a few kilobytes."""
    terminal, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", HEAD + A_BAR_AT_ONCE + program, kafka, name],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    ) as process:
        os.close(theirs)
        try:
            drawn = Screen(process, terminal).rest()
            stdout, _ = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
            os.close(terminal)
    return Done(process.returncode, stdout, drawn)


@pytest.mark.parametrize("program", [READ_WITH_A_BAR, AWAIT_WITH_A_BAR], ids=["for", "async for"])
def test_a_bar_is_drawn_on_a_terminal_and_only_on_stderr(
    kafka: str, topic: support.TopicFactory, program: str
) -> None:
    name = topic(2, {0: ["x"] * 1200, 1: ["y"] * 34})
    code, out, drawn = on_a_terminal(program, kafka, name)
    assert (code, out) == (0, b"1234\n")
    assert "reading" in drawn
    assert "━━━━━" in drawn
    assert "1,234 messages" in drawn
    assert drawn.endswith("\n") or "\x1b[?25h" in drawn  # the cursor is there again


def test_what_the_loop_prints_beside_a_bar_stays_out_of_it(kafka: str, topic: support.TopicFactory) -> None:
    body = """
for message in Iterator(topic, progress=True):
    print("given", message.offset)
"""
    code, out, drawn = on_a_terminal(body, kafka, topic(1, ["x"] * 3))
    assert (code, out) == (0, b"given 0\ngiven 1\ngiven 2\n")
    assert "given" not in drawn
    assert "3 messages" in drawn


def test_no_bar_is_drawn_into_a_file(kafka: str, topic: support.TopicFactory, tmp_path: pathlib.Path) -> None:
    name = topic(1, ["x"] * 10)
    assert output_of(A_BAR_AT_ONCE + READ_WITH_A_BAR, kafka, name) == ["10"]  # a pipe
    log = tmp_path / "stderr"
    with log.open("wb") as stderr:
        subprocess.run(
            [sys.executable, "-c", HEAD + A_BAR_AT_ONCE + READ_WITH_A_BAR, kafka, name],
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            timeout=LIMIT,
            check=True,
        )
    assert log.read_bytes() == b""


def test_a_bar_gets_the_terminal_back_whole_after_ctrl_c(kafka: str, topic: support.TopicFactory) -> None:
    body = """
for message in Iterator(topic, progress=True):
    signal.raise_signal(signal.SIGINT)
"""
    code, _, drawn = on_a_terminal(body, kafka, topic(1, ["x"] * 10))
    assert code == -2
    assert drawn.rfind("\x1b[?25h") > drawn.rfind("\x1b[?25l") >= 0
    assert "KeyboardInterrupt" in drawn


def test_a_bar_of_async_for_shows_a_slow_body_and_ends_with_a_cancelled_task(
    kafka: str, topic: support.TopicFactory
) -> None:
    body = """
import asyncio
from framework_iterator.progress_bar import ProgressBar

iterator = Iterator(topic, progress=True, follow=True)
ticks, tick = [], ProgressBar._tick
ProgressBar._tick = lambda bar, on_tick: tick(bar, lambda: (on_tick(), ticks.append(1)))

async def read():
    async for message in iterator:
        enough = len(ticks) + 2  # after two, the bar is drawn between two of a fetch
        while message.offset == 0 and len(ticks) < enough:
            await asyncio.sleep(0.01)

async def main():
    task = asyncio.create_task(read())
    while not iterator.report or iterator.report.messages < 3:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])

asyncio.run(main())
join_threads()
say(threading.active_count())
"""
    code, out, drawn = on_a_terminal(body, kafka, topic(1, ["x"] * 3))
    assert (code, out) == (0, b"1\n")
    assert "1 messages" in drawn
    assert "3 messages" in drawn
    assert drawn.rfind("\x1b[?25h") > drawn.rfind("\x1b[?25l") >= 0


def test_a_program_that_reads_without_a_bar_says_nothing(kafka: str, topic: support.TopicFactory) -> None:
    with running("say(len(list(Iterator(topic))))", kafka, topic(1, ["x"])) as program:
        assert (program.lines(), program.stderr()) == (["1"], "")
