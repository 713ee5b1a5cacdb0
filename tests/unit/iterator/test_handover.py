from __future__ import annotations

import threading
from typing import Any

import pytest

from framework import Message
from framework_iterator import Ended, NotIteratingError
from framework_iterator.batch import Batch
from framework_iterator.progress.delivery import Admitted, Delivery, Fate, Passed
from framework_iterator.progress.handover import Handover
from framework_iterator.progress.progress import Progress
from tests.unit.iterator.fakes import F0, F1, TWO_TOPICS, W0, natives, plan_of


@pytest.fixture
def progress() -> Progress:
    return Progress(plan_of(F0, F1, W0))


@pytest.fixture
def handover(progress: Progress) -> Handover:
    return Handover(progress, TWO_TOPICS, limit=None)


def give(handover: Handover, count: int) -> None:
    """Give so many messages of the delivery, as a loop does."""
    messages = handover.messages()
    for _ in range(count):
        handover.current = next(messages)


def flights(*offsets: int) -> Delivery:
    return Delivery(Admitted(natives(F0, *offsets)))


def test_before_the_first_delivery_nothing_was_given(handover: Handover, progress: Progress) -> None:
    handover.count()
    assert (handover.given, len(handover.rest()), progress.consumed()) == (0, 0, 0)


def test_messages_count_once_they_are_current(handover: Handover, progress: Progress) -> None:
    handover.begin(flights(0, 1, 2))
    handover.count()
    assert (handover.given, progress.report().messages) == (0, 0)
    give(handover, 2)
    handover.count()
    handover.count()
    assert (handover.given, progress.report().messages) == (2, 2)
    assert progress.positions()[F0] == 2


def test_a_batch_counts_when_it_is_given(handover: Handover, progress: Progress) -> None:
    handover.begin(flights(0, 1, 2))
    batch = handover.batch()
    handover.count()
    assert (handover.given, progress.report().messages) == (0, 0)
    handover.current = batch
    handover.count()
    assert (handover.given, progress.report().messages) == (3, 3)


def test_what_was_given_of_the_delivery_before_counts_nothing_of_the_next(
    handover: Handover, progress: Progress
) -> None:
    handover.begin(flights(0, 1))
    give(handover, 2)
    handover.count()
    handover.begin(flights(2, 3))
    handover.count()
    assert (handover.given, progress.positions()[F0]) == (2, 2)


def test_a_place_that_comes_again_is_not_counted_before_it_is_given(handover: Handover) -> None:
    """As in a log that was recreated while it is followed."""
    handover.begin(flights(0, 1, 2))
    give(handover, 3)
    handover.count()
    handover.begin(flights(2))
    handover.count()
    assert handover.given == 3


def test_a_delivery_of_which_nothing_is_given_keeps_the_message_before(
    handover: Handover, progress: Progress
) -> None:
    handover.begin(flights(0))
    give(handover, 1)
    handover.count()
    removed = Admitted(natives(F0, 1, 2), None, bytearray([Fate.FILTERED] * 2))
    handover.begin(Delivery(removed, Batch([], TWO_TOPICS)))
    handover.count()
    assert handover.current_partition() == F0
    assert (handover.given, progress.report().filtered, progress.positions()[F0]) == (1, 2, 3)


def test_the_rest_is_counted_before_it_is_returned(handover: Handover, progress: Progress) -> None:
    handover.begin(flights(0, 1, 2))
    give(handover, 1)
    assert handover.rest().batch(TWO_TOPICS).offsets == [1, 2]
    assert handover.given == 1


def test_the_rest_has_no_partition_that_has_ended(handover: Handover, progress: Progress) -> None:
    handover.begin(Delivery(Admitted([*natives(F0, 0, 1), *natives(W0, 0)])))
    give(handover, 1)
    progress.stop(F0)
    assert handover.rest().batch(TWO_TOPICS).topics == ["weather"]
    assert progress.report()[F0].ended is Ended.STOPPED


def test_the_current_partition_is_that_of_the_message_given_last(handover: Handover) -> None:
    handover.begin(Delivery(Admitted([*natives(W0, 0), *natives(F1, 0), *natives(F0, 0)])))
    give(handover, 2)
    assert handover.current_partition() == F1


def test_of_a_batch_the_current_partition_is_that_of_its_last_message(handover: Handover) -> None:
    handover.begin(Delivery(Admitted([*natives(W0, 0), *natives(F1, 0)])))
    handover.current = handover.batch()
    assert handover.current_partition() == F1


@pytest.mark.parametrize(("limit", "left"), [(None, [1 << 63] * 3), (5, [5, 5, 3])])
def test_what_is_left_of_the_limit_goes_down_with_what_was_given(
    progress: Progress, limit: int | None, left: list[int]
) -> None:
    handover = Handover(progress, TWO_TOPICS, limit)
    found = [handover.left]
    handover.begin(flights(0, 1, 2))
    found.append(handover.left)
    give(handover, 2)
    handover.count()
    assert [*found, handover.left] == left


def test_a_report_and_what_remains_count_up_to_the_current_message(handover: Handover) -> None:
    handover.begin(flights(0, 1, 2))
    give(handover, 1)
    assert (handover.report().messages, handover.remaining()) == (1, 299)
    give(handover, 2)
    assert (handover.remaining(), handover.report().messages) == (298, 2)


def test_the_rest_is_released_until_it_is_given(handover: Handover, progress: Progress) -> None:
    handover.begin(flights(0, 1, 2))
    give(handover, 1)
    assert handover.rest().batch(TWO_TOPICS).offsets == [1, 2]
    assert len(handover.rest()) == 0
    handover.count()
    assert (handover.given, progress.positions()[F0]) == (1, 1)


def test_before_the_first_message_no_partition_is_current(handover: Handover) -> None:
    handover.begin(flights(0))
    with pytest.raises(NotIteratingError) as caught:
        handover.current_partition()
    assert str(caught.value) == "There is no current message, and so no current partition."


def test_what_was_not_given_is_released(handover: Handover, progress: Progress) -> None:
    handover.begin(flights(0, 1, 2))
    give(handover, 1)
    handover.count()
    handover.clear()
    handover.count()
    assert (handover.current, len(handover.rest())) == (None, 0)
    assert (handover.given, progress.positions()[F0]) == (1, 1)


def test_what_is_being_counted_is_not_released_meanwhile(handover: Handover, progress: Progress) -> None:
    """A report that another thread asks for while the run is closed."""
    releasing = threading.Thread(target=handover.clear)

    class Interrupted(Delivery):
        def passed(self, current: Message[Any] | Batch[Any] | None) -> Passed:
            passed = super().passed(current)
            releasing.start()
            releasing.join(0.1)
            return passed

    handover.begin(Interrupted(Admitted(natives(F0, 0, 1, 2))))
    give(handover, 2)
    handover.count()
    releasing.join()
    assert (handover.given, progress.report().messages) == (2, 2)


@pytest.mark.timeout(60)
def test_a_forked_child_is_not_blocked_by_the_lock_of_the_parent(handover: Handover) -> None:
    is_held, may_end = threading.Event(), threading.Event()

    class Held(Delivery):
        def passed(self, current: Message[Any] | Batch[Any] | None) -> Passed:
            if threading.current_thread() is holder:
                is_held.set()
                may_end.wait()
            return super().passed(current)

    holder = threading.Thread(target=handover.count)
    handover.begin(Held(Admitted(natives(F0, 0))))
    holder.start()
    try:
        assert is_held.wait(5)
        handover.reset_lock()
        give(handover, 1)
        assert handover.report().messages == 1
    finally:
        may_end.set()
        holder.join()


def test_a_run_with_a_limit_is_as_far_as_the_messages_that_were_given(progress: Progress) -> None:
    """For a progress bar: offsets without a message, as after compaction, don't count against the limit."""
    limited, unlimited = Handover(progress, TWO_TOPICS, 5), Handover(progress, TWO_TOPICS, None)
    limited.begin(flights(0, 9))
    give(limited, 2)
    limited.count()
    assert (limited.done(), unlimited.done()) == (2, 10)
