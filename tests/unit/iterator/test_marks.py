from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.types import TopicPartition
from framework_iterator.committing.marks import INTERVAL, Marks

F0, F1, W0 = TopicPartition("flights", 0), TopicPartition("flights", 1), TopicPartition("weather", 0)


def marked(**offsets: int) -> Marks:
    """Marks that were made and not sent: `marked(F0=5)`."""
    marks, keys = Marks(), {"F0": F0, "F1": F1, "W0": W0}
    for name, offset in offsets.items():
        marks.mark(keys[name], offset)
    return marks


def test_at_first_nothing_is_due_and_nothing_unconfirmed() -> None:
    marks = Marks()
    assert marks.due(0.0) == {}
    assert marks.unconfirmed() == {}


def test_the_first_mark_is_due_at_once() -> None:
    assert marked(F0=5).due(0.0) == {F0: 5}


def test_what_was_marked_is_unconfirmed_until_the_broker_has_it() -> None:
    marks = marked(F0=5, W0=1)
    assert marks.unconfirmed() == {F0: 5, W0: 1}
    marks.due(0.0)
    assert marks.unconfirmed() == {F0: 5, W0: 1}
    marks.confirm({F0: 5})
    assert marks.unconfirmed() == {W0: 1}


def test_partitions_of_equal_number_are_kept_apart() -> None:
    marks = marked(F0=5, W0=1, F1=7)
    assert marks.due(0.0) == {F0: 5, W0: 1, F1: 7}


@pytest.mark.parametrize("offsets", [(5, 9), (9, 5), (5, 5), (0, 9, 3)], ids=str)
def test_the_last_mark_wins_also_when_it_goes_back(offsets: tuple[int, ...]) -> None:
    marks = Marks()
    for offset in offsets:
        marks.mark(F0, offset)
    assert marks.unconfirmed() == marks.due(0.0) == {F0: offsets[-1]}


# When it is sent


@pytest.mark.parametrize(
    ("later", "expected"), [(0.0, {}), (INTERVAL - 0.01, {}), (INTERVAL, {F0: 6}), (99.0, {F0: 6})]
)
def test_a_second_mark_waits_until_the_interval_is_over(
    later: float, expected: dict[TopicPartition, int]
) -> None:
    marks = marked(F0=5)
    marks.due(100.0)
    marks.mark(F0, 6)
    assert marks.due(100.0 + later) == expected


def test_what_was_sent_is_not_sent_again_while_its_answer_is_awaited() -> None:
    marks = marked(F0=5)
    assert marks.due(0.0) == {F0: 5}
    assert marks.due(10.0) == {}
    assert marks.unconfirmed() == {F0: 5}


def test_only_what_is_new_is_sent() -> None:
    marks = marked(F0=5, F1=7)
    marks.due(0.0)
    marks.mark(F1, 8)
    assert marks.due(10.0) == {F1: 8}


def test_where_nothing_is_new_the_interval_does_not_begin_anew() -> None:
    marks = marked(F0=5)
    marks.due(0.0)
    assert marks.due(1.5) == {}
    marks.mark(F0, 6)
    assert marks.due(1.6) == {F0: 6}


def test_what_the_broker_has_is_not_sent_again() -> None:
    marks = marked(F0=5)
    marks.due(0.0)
    marks.confirm({F0: 5})
    assert marks.due(10.0) == {}


def test_what_was_sent_at_once_is_not_sent_in_the_background_as_well() -> None:
    marks = marked(F0=5)
    marks.sent(marks.unconfirmed())
    assert marks.due(10.0) == {}
    marks.confirm({F0: 5})
    assert marks.unconfirmed() == {}


def test_a_mark_that_is_made_again_is_sent_again() -> None:
    marks = marked(F0=5)
    marks.due(0.0)
    marks.confirm({F0: 5})
    marks.mark(F0, 5)
    assert marks.unconfirmed() == {F0: 5}
    assert marks.due(10.0) == {F0: 5}


# What is refused


def test_what_was_refused_is_sent_again_at_the_next_turn() -> None:
    marks = marked(F0=5, F1=7)
    marks.due(0.0)
    marks.confirm({F1: 7})
    marks.refuse([F0])
    assert marks.due(INTERVAL / 2) == {}
    assert marks.due(INTERVAL) == {F0: 5}


def test_what_was_refused_and_marked_on_is_sent_as_it_is_now() -> None:
    marks = marked(F0=5)
    marks.due(0.0)
    marks.mark(F0, 9)
    marks.refuse([F0])
    assert marks.due(INTERVAL) == {F0: 9}


def test_a_refusal_of_what_was_never_marked_changes_nothing() -> None:
    marks = marked(F0=5)
    marks.refuse([W0])
    marks.confirm({W0: 3})
    assert marks.unconfirmed() == {F0: 5}


# Answers that come late


def test_an_answer_to_an_earlier_commit_says_nothing_of_a_later_mark() -> None:
    marks = marked(F0=5)
    marks.due(0.0)
    marks.mark(F0, 6)
    marks.confirm({F0: 5})
    assert marks.unconfirmed() == {F0: 6}


def test_going_back_and_forth_over_what_the_broker_has_is_not_taken_for_done() -> None:
    # 5 is confirmed, 2 is on its way and will overwrite it, 5 is marked again.
    marks = marked(F0=5)
    marks.due(0.0)
    marks.confirm({F0: 5})
    marks.mark(F0, 2)
    assert marks.due(2.0) == {F0: 2}
    marks.mark(F0, 5)
    assert marks.unconfirmed() == {F0: 5}


def test_a_late_answer_to_the_same_offset_sent_before_another_is_not_taken_for_the_last() -> None:
    # 5 is on its way, 2 is sent and confirmed at once, 5 is marked again; only then 5 is answered.
    marks = marked(F0=5)
    marks.due(0.0)
    marks.mark(F0, 2)
    marks.sent([F0])
    marks.confirm({F0: 2})
    marks.mark(F0, 5)
    marks.confirm({F0: 5})
    assert marks.unconfirmed() == {F0: 5}


def test_a_late_refusal_of_an_earlier_commit_only_costs_another() -> None:
    marks = marked(F0=5)
    marks.due(0.0)
    marks.mark(F0, 6)
    marks.sent([F0])
    marks.confirm({F0: 6})
    marks.refuse([F0])
    assert marks.unconfirmed() == {F0: 6}


# Whatever happens

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("mark"), st.sampled_from([F0, W0]), st.integers(0, 3)),
        st.tuples(st.just("turn"), st.just(F0), st.integers(0, 3)),
        st.tuples(st.sampled_from(["take", "refuse", "flush"]), st.just(F0), st.just(0)),
    ),
    max_size=30,
)


@given(STEPS)
def test_when_all_that_is_unconfirmed_was_committed_the_broker_has_the_last_marks(
    steps: list[tuple[str, TopicPartition, int]],
) -> None:
    """A broker that takes or refuses one commit at a time, in order, and whose answers come late."""
    marks, now = Marks(), 0.0
    wanted: dict[TopicPartition, int] = {}
    broker: dict[TopicPartition, int] = {}
    away: list[dict[TopicPartition, int]] = []

    def take() -> None:
        if away:
            offsets = away.pop(0)
            broker.update(offsets)
            marks.confirm(offsets)

    def flush() -> None:
        unconfirmed = marks.unconfirmed()
        marks.sent(unconfirmed)
        # What is away was sent before, and arrives before; its answers may come after.
        for offsets in away:
            broker.update(offsets)
        broker.update(unconfirmed)
        marks.confirm(unconfirmed)

    for step, key, number in steps:
        match step:
            case "mark":
                wanted[key] = number
                marks.mark(key, number)
            case "turn":
                now += number / 2
                if due := marks.due(now):
                    away.append(due)
            case "take":
                take()
            case "refuse":
                if away:
                    marks.refuse(away.pop(0))
            case "flush":
                flush()
                # Their answers, now that they have arrived.
                while away:
                    marks.confirm(away.pop(0))
    flush()
    assert broker == wanted
