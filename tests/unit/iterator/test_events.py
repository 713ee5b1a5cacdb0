from __future__ import annotations

import time
from typing import cast

import pytest

from framework import BrokerError, BrokerTimeoutError, PartitionNotFoundError, TopicNotFoundError
from framework.types import TopicPartition
from framework_iterator import Ended
from framework_iterator.progress.delivery import Admitted
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.events import PAUSE, EventHandler, Sorted, sort_events
from framework_iterator.reading.recreations import Recreations
from framework_iterator.reading.source import Event, Kind, Source
from tests.unit.iterator.fakes import F0, F1, W0, FakeSource, natives, plan_of

END, OUT_OF_RANGE, CORRUPT, UNKNOWN = Kind.END, Kind.OUT_OF_RANGE, Kind.CORRUPT, Kind.UNKNOWN
AWAY = BrokerTimeoutError("no answer")


class Answering:
    """A handler of events with its source and progress: partitions from 0 to 100."""

    def __init__(self, *partitions: TopicPartition, stop: int | None = 100, high: int = 100) -> None:
        self.source = FakeSource()
        self.progress = Progress(plan_of(*(partitions or (F0,)), stop=stop, high=high))
        self.recreations = Recreations(cast("Source", self.source), self.progress, is_watching=True)
        self.handler = EventHandler(cast("Source", self.source), self.progress, self.recreations)

    def read_to(self, key: TopicPartition, position: int) -> None:
        self.progress.count(Admitted(natives(key, position - 1)))

    def answer(self, *events: Event) -> list[tuple[str, object]]:
        """Answer these events and those that are pending; return what was asked and done."""
        before = len(self.source.calls)
        self.handler.add(events)
        self.handler.handle()
        return self.source.calls[before:]


# Events by kind


def test_no_events_are_sorted_into_nothing() -> None:
    assert sort_events([]) == Sorted([], set(), [], [])


def test_events_are_sorted_by_kind_in_their_order() -> None:
    events = [
        Event(UNKNOWN, W0, -1),
        Event(OUT_OF_RANGE, F1, -1),
        Event(END, W0, 7),
        Event(OUT_OF_RANGE, F0, -1),
        Event(END, F0, 100),
    ]
    assert sort_events(events) == Sorted([(W0, 7), (F0, 100)], set(), [F1, F0], [W0])


def test_a_partition_is_named_once_per_kind_but_each_of_its_ends_is_kept() -> None:
    kinds = [END, OUT_OF_RANGE, UNKNOWN, CORRUPT]
    for kind in kinds[1:3]:
        assert sum(map(len, sort_events([Event(kind, F0, -1)] * 3))) == 1
    assert sort_events([Event(CORRUPT, F0, 1), Event(CORRUPT, F0, 2)]).corrupt == {F0}
    assert sort_events([Event(END, F0, 3), Event(END, F0, 5)]).ends == [(F0, 3), (F0, 5)]


@pytest.mark.parametrize("kind", [END, OUT_OF_RANGE, UNKNOWN], ids=str)
@pytest.mark.parametrize("is_first", [True, False], ids=["after", "before"])
def test_what_a_corrupt_fetch_reports_besides_is_dropped(kind: Kind, is_first: bool) -> None:
    events = [Event(CORRUPT, F0, 10), Event(kind, F0, 100), Event(kind, F1, 100)]
    found = sort_events(events if is_first else events[::-1])
    assert found.corrupt == {F0}
    assert F0 not in [*(key for key, _ in found.ends), *found.out_of_range, *found.unknown]
    assert F1 in [*(key for key, _ in found.ends), *found.out_of_range, *found.unknown]


# What waits for an answer


def test_ends_that_have_arrived_are_known_before_they_are_answered() -> None:
    handler = Answering().handler
    assert handler.ends() == []
    handler.add([Event(END, F0, 40), Event(END, F1, 100)])
    assert handler.ends() == [(F0, 40), (F1, 100)]


@pytest.mark.parametrize("kind", [OUT_OF_RANGE, CORRUPT, UNKNOWN], ids=str)
def test_ends_are_not_known_while_another_event_waits(kind: Kind) -> None:
    handler = Answering().handler
    handler.add([Event(END, F0, 100), Event(kind, F1, -1)])
    assert handler.ends() is None


def test_nothing_waits_once_it_was_answered() -> None:
    answering = Answering()
    answering.answer(Event(END, F0, 40), Event(CORRUPT, F0, 10))
    assert answering.handler.ends() == []


def test_without_events_nobody_is_asked() -> None:
    assert Answering().answer() == []


# Ends


def test_an_end_at_the_pinned_one_ends_the_partition_and_asks_nobody() -> None:
    answering = Answering()
    assert answering.answer(Event(END, F0, 100)) == []
    assert answering.progress.report()[F0].ended is Ended.END


def test_an_end_below_the_pinned_one_has_the_broker_asked_whether_the_log_was_truncated() -> None:
    answering = Answering()
    assert answering.answer(Event(END, F0, 40)) == [("watermarks", [F0]), ("add", {F0: 0})]
    assert answering.progress.is_running


def test_an_end_below_one_that_lies_ahead_is_the_end_of_what_has_arrived() -> None:
    answering = Answering(stop=200, high=100)
    assert answering.answer(Event(END, F0, 40)) == []


def test_an_end_and_a_removed_offset_of_a_truncated_log_are_one_question() -> None:
    answering = Answering()
    calls = answering.answer(Event(END, F0, 40), Event(OUT_OF_RANGE, F0, -1))
    assert [name for name, _ in calls] == ["watermarks", "add"]


def test_a_log_that_ends_early_has_lost_what_was_planned_after_it(caplog: pytest.LogCaptureFixture) -> None:
    answering = Answering()
    answering.source.watermarks_of[F0] = (0, 40)
    answering.read_to(F0, 40)
    assert answering.answer(Event(END, F0, 40)) == [("watermarks", [F0])]
    report = answering.progress.report()[F0]
    assert (report.position, report.lost, report.ended) == (100, 60, Ended.END)
    assert caplog.messages == [
        "flights-0: 60 offsets from 40 on were removed before they could be read. Continuing."
    ]


# Offsets that were removed


def test_reading_continues_after_what_retention_removed(caplog: pytest.LogCaptureFixture) -> None:
    answering = Answering()
    answering.source.watermarks_of[F0] = (30, 100)
    answering.read_to(F0, 10)
    assert answering.answer(Event(OUT_OF_RANGE, F0, -1)) == [("watermarks", [F0]), ("add", {F0: 30})]
    assert answering.progress.report()[F0].lost == 20
    assert caplog.messages == [
        "flights-0: 20 offsets from 10 on were removed before they could be read. Continuing."
    ]


def test_where_nothing_is_left_the_partition_ends_and_nothing_is_read_again() -> None:
    answering = Answering()
    answering.source.watermarks_of[F0] = (100, 120)
    assert answering.answer(Event(OUT_OF_RANGE, F0, -1)) == [("watermarks", [F0])]
    assert answering.progress.report()[F0].ended is Ended.END


def test_a_followed_log_that_was_truncated_continues_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    answering = Answering(stop=None)
    answering.source.watermarks_of[F0] = (0, 20)
    answering.read_to(F0, 50)
    assert answering.answer(Event(OUT_OF_RANGE, F0, -1)) == [("watermarks", [F0]), ("add", {F0: 20})]
    assert caplog.messages == [
        "flights-0: log truncated or topic recreated: it ends before offset 50. Continuing at its end, 20."
    ]


def test_a_followed_log_of_a_topic_with_another_id_is_read_from_its_beginning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answering = Answering(F0, F1, stop=None)
    answering.source.ids["flights"] = "old"
    for _ in range(2):  # it is asked, and the answer is taken
        answering.recreations.handle()
    answering.read_to(F0, 50)
    answering.source.ids["flights"] = "new"
    assert answering.answer(Event(OUT_OF_RANGE, F0, -1)) == [("ask", ["flights"]), ("add", {F0: 0, F1: 0})]
    assert caplog.messages == ["flights: topic recreated. Reading the new topic from its first message."]


def test_a_position_that_exists_is_read_again_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    answering = Answering()
    answering.read_to(F0, 10)
    assert answering.answer(Event(OUT_OF_RANGE, F0, -1)) == [("watermarks", [F0]), ("add", {F0: 10})]
    assert caplog.messages == []


def test_each_partition_is_logged_with_its_own_numbers(caplog: pytest.LogCaptureFixture) -> None:
    answering = Answering(F0, F1)
    answering.source.watermarks_of |= {F0: (30, 100), F1: (5, 100)}
    answering.answer(Event(OUT_OF_RANGE, F0, -1), Event(OUT_OF_RANGE, F1, -1))
    assert [message[: message.index(" were")] for message in caplog.messages] == [
        "flights-0: 30 offsets from 0 on",
        "flights-1: 5 offsets from 0 on",
    ]


def test_each_loss_is_logged_with_its_own_number(caplog: pytest.LogCaptureFixture) -> None:
    answering = Answering()
    for low in (30, 50):
        answering.source.watermarks_of[F0] = (low, 100)
        answering.answer(Event(OUT_OF_RANGE, F0, -1))
    assert [message[: message.index(" were")] for message in caplog.messages] == [
        "flights-0: 30 offsets from 0 on",
        "flights-0: 20 offsets from 30 on",
    ]


def test_a_hundred_partitions_are_one_request() -> None:
    partitions = [TopicPartition("flights", number) for number in range(100)]
    answering = Answering(*partitions)
    answering.source.watermarks_of = dict.fromkeys(partitions, (3, 100))
    calls = answering.answer(*(Event(OUT_OF_RANGE, key, -1) for key in partitions))
    assert calls == [("watermarks", partitions), *(("add", {key: 3}) for key in partitions)]


# Corrupt fetches


def test_a_corrupt_fetch_is_read_again_from_the_position() -> None:
    answering = Answering(F0, F1)
    answering.read_to(F0, 10)
    assert answering.answer(Event(CORRUPT, F0, 14)) == [("add", {F0: 10})]


@pytest.mark.parametrize("kind", [CORRUPT, OUT_OF_RANGE], ids=str)
def test_the_same_offset_is_read_again_after_a_pause(kind: Kind) -> None:
    answering = Answering()
    began = time.monotonic()
    answering.answer(Event(kind, F0, -1))
    assert time.monotonic() - began >= PAUSE


def test_one_offset_that_is_read_again_has_all_wait() -> None:
    answering = Answering(F0, F1)
    answering.source.watermarks_of[F1] = (30, 100)
    began = time.monotonic()
    calls = answering.answer(Event(OUT_OF_RANGE, F0, -1), Event(OUT_OF_RANGE, F1, -1))
    assert calls[1:] == [("add", {F0: 0}), ("add", {F1: 30})]
    assert time.monotonic() - began >= PAUSE


# Partitions that are unknown


def test_a_partition_that_exists_after_all_is_read_on() -> None:
    answering = Answering(F0, F1)
    assert answering.answer(Event(UNKNOWN, F0, -1)) == [("partitions", ["flights"])]
    assert answering.progress.positions() == {F0: 0, F1: 0}


def test_a_partition_that_was_deleted_ends_the_run() -> None:
    answering = Answering(F0, F1)
    answering.source.existing["flights"] = [0]
    with pytest.raises(PartitionNotFoundError) as caught:
        answering.answer(Event(UNKNOWN, F0, -1))
    assert str(caught.value) == "Topic 'flights' has no partition 1. It has partition 0."


def test_a_topic_that_was_deleted_ends_the_run() -> None:
    answering = Answering()
    answering.source.errors["partitions"] = TopicNotFoundError("Topic 'flights' doesn't exist.")
    with pytest.raises(TopicNotFoundError):
        answering.answer(Event(UNKNOWN, F0, -1))


def test_a_partition_that_is_missing_but_has_ended_does_not_end_the_run() -> None:
    answering = Answering(F0, F1)
    answering.source.existing["flights"] = [0]
    answering.progress.stop(F1)
    answering.answer(Event(UNKNOWN, F0, -1))
    assert answering.progress.positions() == {F0: 0}


def test_the_numbers_of_another_topic_are_not_compared() -> None:
    answering = Answering(F0, TopicPartition("weather", 1))
    answering.source.existing["flights"] = [0]
    assert answering.answer(Event(UNKNOWN, F0, -1)) == [("partitions", ["flights"])]


def test_several_partitions_of_a_topic_are_one_request_and_topics_are_asked_in_order() -> None:
    answering = Answering(W0, F0, F1)
    calls = answering.answer(Event(UNKNOWN, W0, -1), Event(UNKNOWN, F0, -1), Event(UNKNOWN, F1, -1))
    assert calls == [("partitions", ["flights"]), ("partitions", ["weather"])]


# The order of answers, and what stays


def test_corrupt_fetches_come_first_then_unknown_partitions_then_removed_offsets() -> None:
    answering = Answering(F0, F1, W0)
    calls = answering.answer(Event(OUT_OF_RANGE, F1, -1), Event(UNKNOWN, W0, -1), Event(CORRUPT, F0, 10))
    assert calls == [
        ("add", {F0: 0}),
        ("partitions", ["weather"]),
        ("watermarks", [F1]),
        ("add", {F1: 0}),
    ]


@pytest.mark.parametrize("kind", [CORRUPT, OUT_OF_RANGE, UNKNOWN], ids=str)
@pytest.mark.parametrize("how", ["stopped", "ended", "ended by an event that came with it"])
def test_of_a_partition_that_has_ended_nothing_is_asked(kind: Kind, how: str) -> None:
    answering = Answering(F0, F1)
    events = [Event(kind, F0, -1)]
    match how:
        case "stopped":
            answering.progress.stop(F0)
        case "ended":
            answering.progress.at_end(F0, 100)
        case _ if kind is CORRUPT:
            answering.progress.at_end(F0, 100)  # its own event would be dropped
        case _:
            events.append(Event(END, F0, 100))
    assert answering.answer(*events) == []


def test_what_the_broker_did_not_answer_stays_until_it_does() -> None:
    answering = Answering(F0, W0)
    answering.source.errors["partitions"] = AWAY
    with pytest.raises(BrokerTimeoutError):
        answering.answer(Event(UNKNOWN, W0, -1), Event(OUT_OF_RANGE, F0, -1), Event(END, F0, 40))
    assert answering.handler.ends() is None
    del answering.source.errors["partitions"]
    assert answering.answer() == [
        ("partitions", ["weather"]),
        ("watermarks", [F0]),
        ("add", {F0: 0}),
    ]


def test_what_was_answered_before_the_error_is_not_asked_again() -> None:
    answering = Answering(F0, W0)
    answering.source.errors["watermarks"] = AWAY
    with pytest.raises(BrokerTimeoutError):
        answering.answer(Event(CORRUPT, W0, 3), Event(OUT_OF_RANGE, F0, -1))
    with pytest.raises(BrokerTimeoutError):
        answering.answer(Event(UNKNOWN, W0, -1))
    del answering.source.errors["watermarks"]
    assert answering.answer() == [("watermarks", [F0]), ("add", {F0: 0})]
    assert answering.answer() == []


def test_a_truncated_log_is_asked_about_again_without_another_end() -> None:
    answering = Answering()
    answering.source.errors["watermarks"] = BrokerError("no leader", code=5, name="LEADER_NOT_AVAILABLE")
    with pytest.raises(BrokerError, match="no leader"):
        answering.answer(Event(END, F0, 40))
    del answering.source.errors["watermarks"]
    assert answering.answer() == [("watermarks", [F0]), ("add", {F0: 0})]


@pytest.mark.parametrize("is_young", [True, False])
def test_a_partition_that_a_broker_does_not_know_yet_is_not_missing(is_young: bool) -> None:
    source, progress = FakeSource(), Progress(plan_of(F0, F1))
    source.existing["flights"] = [0]
    recreations = Recreations(cast("Source", source), progress, is_watching=False)
    handler = EventHandler(cast("Source", source), progress, recreations, lambda key: is_young and key == F1)
    handler.add([Event(UNKNOWN, F1, -1)])
    if is_young:
        handler.handle()
        assert progress.is_reading(F1)
    else:
        with pytest.raises(PartitionNotFoundError):
            handler.handle()
