from __future__ import annotations

import threading

import pytest

from framework.types import TopicPartition
from framework_iterator import Ended, PlannedPartition
from framework_iterator.progress.delivery import Admitted
from framework_iterator.progress.progress import Progress
from tests.unit.iterator.fakes import F0, F1, W0, native, natives, plan_of

F2 = TopicPartition("flights", 2)


def new(key: TopicPartition, stop: int | None = None, until: int | None = None) -> PlannedPartition:
    return PlannedPartition(*key, 0, 0, 0, stop, until)


def progress_with(*planned: PlannedPartition) -> Progress:
    """Of flights-0, that has no end, and weather-0; these partitions were added."""
    progress = Progress(plan_of(F0, W0, stop=None))
    progress.add(planned)
    return progress


def test_a_new_partition_is_running_and_counted() -> None:
    progress = progress_with(new(F1))
    progress.count(progress.admit(natives(F1, 0, 1)))
    assert progress.positions() == {F0: 0, F1: 2, W0: 0}
    assert (progress.report()[F1].messages, progress.consumed()) == (2, 2)
    assert F1 in progress


def test_the_report_has_it_in_the_order_of_topics_and_numbers() -> None:
    progress = progress_with(new(F2), new(F1))
    assert [each.key for each in progress.report()] == [F0, F1, F2, W0]
    assert progress.report().positions == {"flights": {0: 0, 1: 0, 2: 0}, "weather": {0: 0}}


def test_it_has_no_offsets_that_existed_when_the_run_was_planned() -> None:
    assert progress_with().remaining() == progress_with(new(F1)).remaining() == 200


def test_its_offset_ends_it() -> None:
    progress = progress_with(new(F1, stop=2))
    assert [each.offset() for each in progress.admit(natives(F1, 0, 1, 2)).messages] == [0, 1]
    progress.settle()
    assert (progress.report()[F1].ended, progress.take_ended()) == (Ended.END, [F1])


def test_a_message_at_its_moment_ends_it() -> None:
    progress = progress_with(new(F1, until=5000))
    admitted = progress.admit([native(0, of=F1, timestamp=(1, 4999)), native(1, of=F1, timestamp=(1, 5000))])
    assert ([each.offset() for each in admitted.messages], progress.report()[F1].stop) == ([0], 1)


def test_the_clock_ends_it_as_well() -> None:
    progress = progress_with(new(F1, until=5000))
    assert (progress.due(4999), progress.due(5000)) == ({}, {F1: 5000})


def test_one_with_nothing_to_read_has_ended() -> None:
    progress = progress_with(new(F1, stop=0, until=None))
    assert (progress.is_reading(F1), progress.report()[F1].ended) == (False, Ended.END)


def test_a_run_whose_partitions_have_ended_runs_again() -> None:
    progress = Progress(plan_of(F0))
    progress.at_end(F0, 100)
    assert not progress.is_running
    progress.add([new(F1)])
    assert progress.is_running


def test_it_can_be_stopped() -> None:
    progress = progress_with(new(F1))
    progress.stop(F1)
    assert (progress.is_reading(F1), progress.admit(natives(F1, 0)).messages) == (False, [])


@pytest.mark.parametrize("added", [0, 50])
def test_what_was_counted_before_is_kept(added: int) -> None:
    progress = Progress(plan_of(F0))
    progress.count(Admitted(natives(F0, 0, 1)))
    progress.add([new(TopicPartition("flights", number)) for number in range(1, added + 1)])
    assert (progress.report()[F0].messages, len(progress.report())) == (2, added + 1)


def test_another_thread_may_make_a_report_meanwhile() -> None:
    progress = Progress(plan_of(F0))
    failures: list[Exception] = []
    finished = threading.Event()

    def look() -> None:
        try:
            while not finished.is_set():
                progress.report(), progress.consumed(), progress.remaining()
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    for number in range(1, 300):
        progress.add([new(TopicPartition("flights", number))])
    finished.set()
    thread.join()
    assert failures == []
