from __future__ import annotations

import collections.abc as cabc
from typing import Any, cast

import pytest

from framework import (
    AuthorizationError,
    BrokerError,
    BrokerTimeoutError,
    BrokerUnavailableError,
    PartitionNotFoundError,
    TopicNotFoundError,
)
from framework.types import TopicPartition
from framework_iterator.reading.fetch_stats import FetchStats
from framework_iterator.planning.plan import Plan, PlannedPartition
from framework_iterator.progress import Progress
from framework_iterator.reading.events import Rounds
from framework_iterator.reading.source import Event, Fetched, Kind, Source

F0, F1, W0 = ("flights", 0), ("flights", 1), ("weather", 0)


class Troubled:
    """A source with these events, whose look-ups fail with this error."""

    def __init__(self, events: list[Event], error: BrokerError | None = None) -> None:
        self.events, self.error = events, error
        self.lookups = self
        self.headway = FetchStats()
        self.moved: list[tuple[TopicPartition, int]] = []
        self.asked = 0
        self.sure_of: list[list[TopicPartition]] = []

    def fetch(self, _max_wait: float) -> Fetched:
        events, self.events = self.events, []
        return Fetched([], events)

    def watermarks(self, partitions: cabc.Collection[TopicPartition]) -> dict[TopicPartition, tuple[int, int]]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return dict.fromkeys(partitions, (0, 100))

    def partitions(self, topics: cabc.Sequence[str]) -> dict[str, list[int]]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return {topic: [0] for topic in topics}

    def move(self, partition: TopicPartition, offset: int) -> None:
        self.moved.append((partition, offset))

    def check_exists(self, partitions: cabc.Collection[TopicPartition]) -> None:
        self.sure_of.append(list(partitions))

    def drop(self, partitions: object) -> None:
        pass


def rounds(
    source: Troubled,
    stall_timeout: float | None = 60.0,
    *,
    over: cabc.Collection[TopicPartition] = (F0,),
    stopped: cabc.Collection[TopicPartition] = (),
) -> Rounds:
    """Over these partitions, and those that the reader has stopped."""
    progress = Progress(Plan(tuple(PlannedPartition(*each, 0, 100, 0, 100) for each in (*over, *stopped))))
    for each in stopped:
        progress.stop(each)
    return Rounds(cast("Source", source), progress, stall_timeout)


def one_round(of: Rounds) -> list[Any]:
    messages = of.fetch(0.01)
    of.finish()
    return messages


@pytest.mark.parametrize(
    "error",
    [
        BrokerUnavailableError("away"),
        BrokerTimeoutError("slow"),
        BrokerError("no leader", code=5, name="LEADER_NOT_AVAILABLE"),
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again_in_the_next_round(
    error: BrokerError, caplog: pytest.LogCaptureFixture
) -> None:
    source = Troubled([Event(Kind.GONE, F0, -1)], error)
    of = rounds(source)
    one_round(of)
    assert caplog.messages == [f"{error} Retrying."]
    source.error = None
    one_round(of)
    one_round(of)
    assert (source.asked, source.moved) == (2, [(F0, 0)])


@pytest.mark.parametrize(
    "error",
    [TopicNotFoundError("deleted", code=3), AuthorizationError("denied"), BrokerError("odd", code=42)],
    ids=repr,
)
def test_what_will_not_pass_ends_the_run(error: BrokerError) -> None:
    of = rounds(Troubled([Event(Kind.GONE, F0, -1)], error))
    with pytest.raises(type(error)):
        one_round(of)


def test_a_gap_that_is_told_many_times_is_looked_at_once() -> None:
    source = Troubled([Event(Kind.GONE, F0, -1)] * 50)
    one_round(rounds(source))
    assert source.asked == 1


def test_what_is_told_of_a_damaged_partition_is_no_end_and_no_gap() -> None:
    source = Troubled([Event(Kind.DAMAGED, F0, 10), Event(Kind.GONE, F0, -1), Event(Kind.END, F0, 100)])
    one_round(rounds(source))
    assert (source.asked, source.moved) == (0, [(F0, 0)])


def test_a_run_that_only_looks_up_and_never_reads_has_stalled() -> None:
    source = Troubled([Event(Kind.GONE, F0, -1)] * 3)
    of = rounds(source, stall_timeout=0.001)
    with pytest.raises(
        BrokerTimeoutError, match=r"^Nothing came for 0.001 s while waiting for flights-0@0\. "
    ):
        one_round(of)


def test_an_end_below_the_planned_one_is_asked_about() -> None:
    source = Troubled([Event(Kind.END, F0, 40)])
    one_round(rounds(source))
    assert (source.asked, source.moved) == (1, [(F0, 0)])


def test_an_end_at_the_planned_one_is_believed() -> None:
    source = Troubled([Event(Kind.END, F0, 100)])
    of = rounds(source)
    one_round(of)
    assert (source.asked, source.moved) == (0, [])


def test_what_answers_take_is_silence_for_the_reader_too() -> None:
    of = rounds(Troubled([Event(Kind.DAMAGED, F0, 10)]))
    one_round(of)
    assert of.take_silence(0.04)
    assert not of.take_silence(0.04)


@pytest.mark.parametrize("kind", [Kind.GONE, Kind.UNKNOWN], ids=str)
def test_what_is_told_of_a_stopped_partition_is_not_asked_about(kind: Kind) -> None:
    source = Troubled([Event(kind, W0, -1)], TopicNotFoundError("deleted", code=3))
    one_round(rounds(source, stopped=[W0]))
    assert (source.asked, source.moved) == (0, [])


def test_a_hundred_gaps_are_one_question() -> None:
    partitions = [("flights", number) for number in range(100)]
    source = Troubled([Event(Kind.GONE, each, -1) for each in partitions])
    one_round(rounds(source, over=partitions))
    assert (source.asked, source.moved) == (1, [(each, 0) for each in partitions])


def test_a_hundred_partitions_of_a_topic_in_doubt_are_one_question() -> None:
    partitions = [("flights", number) for number in range(100)]
    source = Troubled([Event(Kind.UNKNOWN, each, -1) for each in partitions])
    with pytest.raises(PartitionNotFoundError, match=r"^Topic 'flights' has no partition 1\. "):
        one_round(rounds(source, over=partitions))
    assert source.asked == 1


def test_what_is_told_of_several_topics_is_looked_at_for_each() -> None:
    source = Troubled([Event(Kind.UNKNOWN, each, -1) for each in (F0, W0)])
    one_round(rounds(source, over=[F0, W0]))
    assert source.asked == 2


def test_what_is_silent_while_others_are_busy_is_made_sure_of_also_in_a_busy_topic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("framework_iterator.reading.events._QUIET", 0.0)
    source = Troubled([])
    progress = Progress(Plan(tuple(PlannedPartition(*each, 0, 100, 0, None) for each in (F0, F1, W0))))
    of = Rounds(cast("Source", source), progress, None)
    for offset in range(3):
        progress.gone(F0, offset + 1, 100)
        of.came()
        one_round(of)
    assert source.sure_of == [[F1, W0]] * 3  # one question for both


def test_a_follow_whose_log_was_cut_says_so_and_goes_on_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    source = Troubled([Event(Kind.GONE, F0, -1)])
    progress = Progress(Plan((PlannedPartition(*F0, 0, 150, 150, None),)))
    one_round(Rounds(cast("Source", source), progress, None))
    assert source.moved == [(F0, 100)]
    assert caplog.messages == [
        "flights-0: the log is another, or was cut: it ends before 150. Going on from its end, 100."
    ]
