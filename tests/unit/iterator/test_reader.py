from __future__ import annotations

import collections.abc as cabc
import time
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError

from framework import (
    AuthorizationError,
    BrokerError,
    BrokerTimeoutError,
    BrokerUnavailableError,
    PartitionNotFoundError,
    TopicNotFoundError,
)
from framework.types import TopicPartition
from framework_iterator.planning.plan import Plan, PlannedPartition
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.fetch_stats import FetchStats
from framework_iterator.reading.patience import QUIET_AFTER, Patience, Verdict
from framework_iterator.reading.reader import Reader
from framework_iterator.reading.source import Event, Fetched, Kind, Source
from tests.clock import Clock

F0, F1, W0 = TopicPartition("flights", 0), TopicPartition("flights", 1), TopicPartition("weather", 0)


class Source_:  # noqa: N801
    """A source with these events, whose look-ups fail with this error."""

    def __init__(self, events: list[Event], error: BrokerError | None = None) -> None:
        self.events, self.error = events, error
        self.queries = self.probes = self
        self.fetch_stats = FetchStats()
        self.added: list[tuple[TopicPartition, int]] = []
        self.asked = 0
        self.checked: list[list[TopicPartition]] = []
        self.dropped: list[list[TopicPartition]] = []
        self.fetched: list[tuple[float, int]] = []
        self.at_moment: int | None = None

    def fetch(self, max_wait: float, count: int) -> Fetched:
        self.fetched.append((max_wait, count))
        events, self.events = self.events, []
        return Fetched([], events)

    def high_watermarks(self, _partitions: cabc.Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {}

    def watermarks(
        self, partitions: cabc.Collection[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return dict.fromkeys(partitions, (0, 100))

    def partitions(self, topics: cabc.Sequence[str]) -> dict[str, list[int]]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return {topic: [0] for topic in topics}

    def add(self, positions: cabc.Mapping[TopicPartition, int]) -> None:
        self.added += positions.items()

    def check_exists(self, partitions: cabc.Collection[TopicPartition]) -> None:
        self.checked.append(list(partitions))

    def drop(self, partitions: cabc.Iterable[TopicPartition]) -> None:
        self.dropped.append(list(partitions))

    def offsets_at(self, moments: cabc.Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        return dict.fromkeys(moments, self.at_moment)


def reader(
    source: Source_,
    stall_timeout: float | None = 60.0,
    *,
    over: cabc.Collection[TopicPartition] = (F0,),
    stopped: cabc.Collection[TopicPartition] = (),
    clock: cabc.Callable[[], float] = time.monotonic,
) -> Reader:
    """Over these partitions, and those that the reader has stopped."""
    progress = Progress(Plan(tuple(PlannedPartition(*each, 0, 100, 0, 100) for each in (*over, *stopped))))
    for each in stopped:
        progress.stop(each)
    return reader_of(source, progress, stall_timeout, clock)


def reader_of(
    source: Source_,
    progress: Progress,
    stall_timeout: float | None = None,
    clock: cabc.Callable[[], float] = time.monotonic,
) -> Reader:
    return Reader(cast("Source", source), progress, Patience(stall_timeout, progress.positions, clock))


def one_round(of: Reader) -> list[Any]:
    messages = of.fetch(0.01, 500)
    of.handle_events()
    return messages


@pytest.mark.parametrize(
    "error",
    [
        BrokerUnavailableError("away"),
        BrokerTimeoutError("slow"),
        BrokerError("no leader", code=5, name="LEADER_NOT_AVAILABLE"),
        PartitionNotFoundError("unknown to a client without a broker", code=KafkaError._UNKNOWN_PARTITION),
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again_in_the_next_round(
    error: BrokerError, caplog: pytest.LogCaptureFixture
) -> None:
    source = Source_([Event(Kind.OUT_OF_RANGE, F0, -1)], error)
    of = reader(source)
    one_round(of)
    assert caplog.messages == [f"{error} Retrying."]
    source.error = None
    one_round(of)
    one_round(of)
    assert (source.asked, source.added) == (2, [(F0, 0)])


@pytest.mark.parametrize(
    "error",
    [
        TopicNotFoundError("deleted", code=3),
        PartitionNotFoundError("no such number"),
        AuthorizationError("denied"),
        BrokerError("odd", code=42),
    ],
    ids=repr,
)
def test_what_will_not_pass_ends_the_run(error: BrokerError) -> None:
    of = reader(Source_([Event(Kind.OUT_OF_RANGE, F0, -1)], error))
    with pytest.raises(type(error)):
        one_round(of)


def test_a_gap_that_is_told_many_times_is_looked_at_once() -> None:
    source = Source_([Event(Kind.OUT_OF_RANGE, F0, -1)] * 50)
    one_round(reader(source))
    assert source.asked == 1


def test_what_is_told_of_a_damaged_partition_is_no_end_and_no_gap() -> None:
    source = Source_(
        [Event(Kind.CORRUPT, F0, 10), Event(Kind.OUT_OF_RANGE, F0, -1), Event(Kind.END, F0, 100)]
    )
    one_round(reader(source))
    assert (source.asked, source.added) == (0, [(F0, 0)])


def test_a_run_that_only_looks_up_and_never_reads_has_stalled() -> None:
    source = Source_([Event(Kind.OUT_OF_RANGE, F0, -1)] * 3)
    of = reader(source, stall_timeout=0.001)
    with pytest.raises(BrokerTimeoutError, match=r"^No message for 0.001 s while waiting for flights-0@0\. "):
        one_round(of)


def test_an_end_below_the_planned_one_is_asked_about() -> None:
    source = Source_([Event(Kind.END, F0, 40)])
    one_round(reader(source))
    assert (source.asked, source.added) == (1, [(F0, 0)])


def test_an_end_at_the_planned_one_is_believed() -> None:
    source = Source_([Event(Kind.END, F0, 100)])
    of = reader(source)
    one_round(of)
    assert (source.asked, source.added) == (0, [])


def test_what_answers_take_is_silence_for_the_reader_too() -> None:
    source = Source_([Event(Kind.CORRUPT, F0, 10)])
    progress = Progress(Plan((PlannedPartition(*F0, 0, 100, 0, 100),)))
    patience = Patience(None, progress.positions)
    one_round(Reader(cast("Source", source), progress, patience))
    assert patience.take_silence(0.04)
    assert not patience.take_silence(0.04)


@pytest.mark.parametrize("kind", [Kind.OUT_OF_RANGE, Kind.UNKNOWN], ids=str)
def test_what_is_told_of_a_stopped_partition_is_not_asked_about(kind: Kind) -> None:
    source = Source_([Event(kind, W0, -1)], TopicNotFoundError("deleted", code=3))
    one_round(reader(source, stopped=[W0]))
    assert (source.asked, source.added) == (0, [])


def test_a_hundred_gaps_are_one_question() -> None:
    partitions = [TopicPartition("flights", number) for number in range(100)]
    source = Source_([Event(Kind.OUT_OF_RANGE, each, -1) for each in partitions])
    one_round(reader(source, over=partitions))
    assert (source.asked, source.added) == (1, [(each, 0) for each in partitions])


def test_a_hundred_partitions_of_a_topic_in_doubt_are_one_question() -> None:
    partitions = [TopicPartition("flights", number) for number in range(100)]
    source = Source_([Event(Kind.UNKNOWN, each, -1) for each in partitions])
    with pytest.raises(PartitionNotFoundError, match=r"^Topic 'flights' has no partition 1\. "):
        one_round(reader(source, over=partitions))
    assert source.asked == 1


def test_what_is_told_of_several_topics_is_looked_at_for_each() -> None:
    source = Source_([Event(Kind.UNKNOWN, each, -1) for each in (F0, W0)])
    one_round(reader(source, over=[F0, W0]))
    assert source.asked == 2


def test_what_is_quiet_while_others_are_busy_is_probed_also_in_a_busy_topic() -> None:
    source, clock = Source_([]), Clock()
    progress = Progress(Plan(tuple(PlannedPartition(*each, 0, 100, 0, None) for each in (F0, F1, W0))))
    of = reader_of(source, progress, None, clock)
    for offset in range(3):
        progress.skip_to_available(F0, offset + 1, 100)
        clock.now += QUIET_AFTER + 1
        one_round(of)
    assert source.checked == [[F1, W0]] * 3  # one request for both


def test_a_follow_whose_log_was_cut_says_so_and_goes_on_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    source = Source_([Event(Kind.OUT_OF_RANGE, F0, -1)])
    progress = Progress(Plan((PlannedPartition(*F0, 0, 150, 150, None),)))
    one_round(reader_of(source, progress))
    assert source.added == [(F0, 100)]
    assert caplog.messages == [
        "flights-0: log truncated or topic recreated: it ends before offset 150. Continuing at its end, 100."
    ]


# What only time brings


def idle(of: Reader, clock: Clock, patience: Patience, seconds: float) -> None:
    with patience.waiting():
        clock.now += seconds
    of.handle_events()


@pytest.mark.parametrize(("waited", "checked"), [(2.0, []), (2.5, [[F0]])])
def test_a_run_that_waits_probes_its_running_partitions(
    waited: float, checked: list[list[TopicPartition]]
) -> None:
    source, clock = Source_([]), Clock()
    progress = Progress(Plan((PlannedPartition(*F0, 0, 100, 0, 100), PlannedPartition(*F1, 0, 9, 0, 0))))
    patience = Patience(None, progress.positions, clock)
    idle(Reader(cast("Source", source), progress, patience), clock, patience, waited)
    assert source.checked == checked


def test_a_probe_and_a_comparison_at_the_same_time_are_one_request() -> None:
    source, clock = Source_([]), Clock()
    progress = Progress(Plan((PlannedPartition(*F0, 0, 100, 0, 100),)))
    patience = Patience(None, progress.positions, clock)
    idle(Reader(cast("Source", source), progress, patience), clock, patience, QUIET_AFTER + 1)
    assert source.checked == [[F0]]


def test_a_run_whose_client_still_fetches_has_not_stalled() -> None:
    source, clock = Source_([]), Clock()
    progress = Progress(Plan((PlannedPartition(*F0, 0, 100, 0, 100),)))
    patience = Patience(60.0, progress.positions, clock)
    of = Reader(cast("Source", source), progress, patience)
    source.fetch_stats('{"topics": {"flights": {"partitions": {"0": {"next_offset": 50}}}}}')
    idle(of, clock, patience, 61)
    assert patience.verdict() is Verdict.WAIT
    with pytest.raises(BrokerTimeoutError):
        idle(of, clock, patience, 61)


def test_an_end_is_an_advance() -> None:
    source, clock = Source_([Event(Kind.END, F0, 100)]), Clock()
    progress = Progress(Plan(tuple(PlannedPartition(*each, 0, 100, 0, 100) for each in (F0, F1))))
    patience = Patience(60.0, progress.positions, clock)
    of = Reader(cast("Source", source), progress, patience)
    of.fetch(0.01, 500)
    idle(of, clock, patience, 61)
    assert source.dropped == [[F0]]
    assert patience.verdict() is Verdict.WAIT


def test_the_last_partition_that_ends_is_not_dropped() -> None:
    source = Source_([Event(Kind.END, F0, 100)])
    one_round(reader(source))
    assert source.dropped == []


def test_messages_are_what_was_fetched_and_a_fetch_waits_until_silence_is_reported() -> None:
    source, clock = Source_([]), Clock()
    progress = Progress(Plan((PlannedPartition(*F0, 0, 100, 0, 100),)))
    patience = Patience(None, progress.positions, clock)
    with patience.waiting():
        clock.now += 0.125
    assert Reader(cast("Source", source), progress, patience).fetch(0.5, 7) == []
    assert source.fetched == [(0.375, 7)]


# A followed partition whose moment has come


def following(source: Source_, until: int) -> Progress:
    progress = Progress(Plan((PlannedPartition(*F0, 0, 100, 40, None, until),)))
    one_round(reader_of(source, progress))
    return progress


@pytest.mark.parametrize(
    ("found", "stop"), [(70, 70), (None, 100), (30, 40)], ids=["message", "end of the log", "passed already"]
)
def test_a_followed_partition_ends_at_its_moment_once_the_clock_has_come_to_it(
    found: int | None, stop: int
) -> None:
    source = Source_([])
    source.at_moment = found
    progress = following(source, until=1_000)
    assert progress.report()[F0].stop == stop
    assert source.asked == 1


def test_before_its_moment_nobody_is_asked() -> None:
    source = Source_([])
    progress = following(source, until=2**53)
    assert (progress.report()[F0].stop, source.asked) == (None, 0)


def test_without_moments_nobody_is_asked() -> None:
    source = Source_([])
    one_round(reader(source))
    assert source.asked == 0


# Whether another fetch may bring something


@pytest.mark.parametrize(
    ("events", "has_more"),
    [
        pytest.param([], True, id="nothing-yet"),
        pytest.param([Event(Kind.END, F0, 40)], True, id="the-end-of-what-has-arrived"),
        pytest.param([Event(Kind.END, F0, 100)], False, id="the-pinned-end"),
        pytest.param([Event(Kind.CORRUPT, F0, 40)], False, id="an-event-to-be-answered"),
    ],
)
def test_more_may_come_until_the_ends_or_an_event_that_needs_an_answer(
    events: list[Event], has_more: bool
) -> None:
    of = reader(Source_(events))
    of.fetch(0.01, 500)
    assert of.has_more is has_more
