from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import Message
from framework.types import NativeMessage, TopicPartition
from framework_iterator.batch import Batch
from framework_iterator.progress.delivery import Admitted, Delivery, Fate, Passed
from framework_iterator.progress.slices import Slice
from tests.unit.iterator.fakes import F0, F1, JSON, TWO_TOPICS, W0, native, natives

G, F, U = Fate.GIVEN, Fate.FILTERED, Fate.UNREADABLE
FATES = {"g": G, "f": F, "u": U}


def fates_of(letters: str) -> bytearray:
    """What became of each message: a letter each."""
    return bytearray(FATES[each] for each in letters)


def take_passed(delivery: Delivery, current: Message[Any] | Batch[Any] | None) -> Passed:
    """What the reader has passed since the last time, as a run notes it."""
    passed = delivery.passed(current)
    delivery.note(passed)
    return passed


def admitted(fates: str | None = None, *, count: int = 0) -> Admitted[NativeMessage]:
    """Messages from offset 0: `admitted("gfg")`, or `admitted(count=3)` without fates."""
    messages = natives(F0, *range(count if fates is None else len(fates)))
    return Admitted(messages, None, None if fates is None else fates_of(fates))


def delivery_of(fates: str | None = None, *, count: int = 0) -> Delivery:
    """A delivery as the pipeline makes it: with fates, stages have left a batch of the given ones."""
    found = admitted(fates, count=count)
    if fates is None:
        return Delivery(found)
    return Delivery(found, Batch([found.messages[index] for index in found.given()], JSON))


def offsets(delivery: Delivery) -> list[int]:
    return [message.offset for message in delivery.messages(JSON)]


def is_running(_key: TopicPartition) -> bool:
    return True


# Admitted


def test_without_fates_every_message_is_given() -> None:
    found = admitted(count=3)
    assert list(found.given()) == [0, 1, 2]
    assert found.each_fate() == fates_of("ggg")


def test_with_fates_only_some_messages_are_given() -> None:
    found = admitted("fguug")
    assert list(found.given()) == [1, 4]
    assert found.each_fate() == fates_of("fguug")


@pytest.mark.parametrize(
    ("fates", "given", "passed"),
    [
        pytest.param("ggg", 0, 0, id="none"),
        pytest.param("ggg", 2, 2, id="some"),
        pytest.param("ggg", 3, 3, id="all"),
        pytest.param("ffgfg", 0, 2, id="those-removed-before-the-first"),
        pytest.param("gffg", 1, 3, id="those-removed-before-the-next"),
        pytest.param("gfguu", 2, 5, id="those-removed-after-the-last"),
        pytest.param("fuf", 0, 3, id="all-removed"),
        pytest.param("", 0, 0, id="empty"),
    ],
)
def test_with_what_was_given_the_reader_has_passed_what_was_removed(
    fates: str, given: int, passed: int
) -> None:
    assert admitted(fates).passed(given) == passed


def test_without_fates_the_reader_has_passed_what_it_was_given() -> None:
    assert [admitted(count=3).passed(given) for given in range(5)] == [0, 1, 2, 3, 3]


def test_a_part_keeps_the_fates_of_its_messages() -> None:
    part = admitted("gfu").take([2, 0])
    assert [message.offset() for message in part.messages] == [2, 0]
    assert (part.fates, part.slices) == (fates_of("ug"), None)
    assert admitted(count=3).take([1]).fates is None


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("gf", "ug", "gfug"),
        ("gf", None, "gfgg"),
        (None, "ug", "ggug"),
        (None, None, None),
    ],
)
def test_messages_that_are_added_keep_their_fates(
    first: str | None, second: str | None, expected: str | None
) -> None:
    total = admitted(first, count=2) + admitted(second, count=2)
    assert [message.offset() for message in total.messages] == [0, 1, 0, 1]
    assert total.fates == (None if expected is None else fates_of(expected))


def test_slices_of_messages_that_are_added_are_where_their_messages_are() -> None:
    first = Admitted(natives(F0, 0, 1), [Slice(F0, 0, 2)])
    second = Admitted([*natives(F0, 2), *natives(F1, 0)], [Slice(F0, 0, 1), Slice(F1, 1, 2)])
    assert (first + second).slices == [Slice(F0, 0, 2), Slice(F0, 2, 3), Slice(F1, 3, 4)]
    assert (first + Admitted(natives(F0, 2))).slices is None
    assert (Admitted(natives(F0, 2)) + first).slices is None


def test_slices_of_a_part_are_not_those_of_the_whole() -> None:
    assert Admitted(natives(F0, 0, 1), [Slice(F0, 0, 2)]).take([1]).slices is None


# What the reader has passed


def test_nothing_was_passed_before_the_first_message() -> None:
    assert delivery_of(count=3).passed(None) == Passed(0, 0, 0)


def test_what_was_passed_is_counted_once() -> None:
    delivery = delivery_of(count=4)
    messages = list(delivery.messages(JSON))
    assert take_passed(delivery, messages[1]) == Passed(0, 2, 2)
    assert take_passed(delivery, messages[1]) == Passed(2, 2, 0)
    assert take_passed(delivery, messages[3]) == Passed(2, 4, 2)
    assert take_passed(delivery, None) == Passed(4, 4, 0)


def test_what_stages_removed_is_passed_with_the_messages_around_it() -> None:
    delivery = delivery_of("fgfguf")
    first, second = delivery.messages(JSON)
    assert take_passed(delivery, None) == Passed(0, 1, 0)
    assert take_passed(delivery, first) == Passed(1, 3, 1)
    assert take_passed(delivery, second) == Passed(3, 6, 1)


def test_where_stages_removed_all_of_it_all_of_it_was_passed() -> None:
    delivery = delivery_of("fuf")
    assert len(delivery) == 0
    assert take_passed(delivery, None) == Passed(0, 3, 0)


def test_a_batch_is_passed_as_a_whole() -> None:
    delivery = delivery_of("fgg")
    batch = delivery.batch(JSON)
    assert take_passed(delivery, batch) == Passed(0, 3, 2)
    assert take_passed(delivery, batch) == Passed(3, 3, 0)


def test_a_batch_that_is_not_the_one_that_is_given_was_given_before() -> None:
    delivery, before = delivery_of(count=2), delivery_of(count=2).batch(JSON)
    delivery.batch(JSON)
    assert take_passed(delivery, before) == Passed(0, 0, 0)


@pytest.mark.parametrize("place", [(F0, 9), (F1, 1), (W0, 1)], ids=str)
def test_a_message_of_another_delivery_was_given_before(place: tuple[TopicPartition, int]) -> None:
    key, offset = place
    other: Message[object] = Message(native(offset, of=key), key.topic, JSON["flights"])
    assert delivery_of(count=3).passed(other) == Passed(0, 0, 0)


def test_partitions_with_the_same_offsets_are_told_apart() -> None:
    messages = [*natives(W0, 0), *natives(F1, 0), *natives(F0, 0)]
    delivery: Delivery = Delivery(Admitted(messages))
    last = list(delivery.messages(TWO_TOPICS))[2]
    assert take_passed(delivery, last) == Passed(0, 3, 3)


# Messages and batches


def test_a_delivery_has_the_length_of_what_is_given() -> None:
    assert [len(delivery_of(count=3)), len(delivery_of("fgg")), len(delivery_of("f"))] == [3, 2, 0]


def test_without_stages_all_messages_are_given() -> None:
    assert offsets(delivery_of(count=3)) == [0, 1, 2]
    assert delivery_of(count=3).batch(JSON).offsets == [0, 1, 2]


def test_with_stages_those_are_given_that_passed() -> None:
    assert offsets(delivery_of("gfg")) == [0, 2]
    assert delivery_of("gfg").batch(JSON).offsets == [0, 2]


@pytest.mark.parametrize("fates", [None, "gfg"])
def test_a_delivery_is_always_the_same_batch(fates: str | None) -> None:
    delivery = delivery_of(fates, count=3)
    assert delivery.batch(JSON) is delivery.batch(JSON)


# Parts


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, [0]), (2, [0, 1]), (3, [0, 1, 2])])
def test_the_first_messages_of_a_delivery(count: int, expected: list[int]) -> None:
    assert offsets(delivery_of(count=3).first(count)) == expected


@pytest.mark.parametrize("count", [3, 4, 1 << 63])
def test_a_delivery_with_no_more_than_that_stays_whole(count: int) -> None:
    delivery = delivery_of(count=3)
    assert delivery.first(count) is delivery


@pytest.mark.parametrize(
    ("count", "given", "kept"),
    [
        pytest.param(1, [1], 4, id="with-what-was-removed-before-the-next"),
        pytest.param(2, [1, 4], 5, id="not-what-comes-before-the-third"),
    ],
)
def test_the_first_messages_that_stages_let_pass(count: int, given: list[int], kept: int) -> None:
    first = delivery_of("fgffgg").first(count)
    assert offsets(first) == given
    assert len(first.admitted.messages) == kept


def test_the_rest_is_what_was_not_passed() -> None:
    delivery = delivery_of(count=4)
    take_passed(delivery, list(delivery.messages(JSON))[1])
    assert offsets(delivery.rest(is_running)) == [2, 3]


def test_the_rest_of_a_delivery_that_was_passed_is_empty() -> None:
    delivery = delivery_of("gff")
    take_passed(delivery, delivery.batch(JSON))
    rest = delivery.rest(is_running)
    assert (len(rest), rest.admitted.messages) == (0, [])


def test_the_rest_keeps_messages_as_they_were_made() -> None:
    delivery = delivery_of("gfgg")
    messages = list(delivery.messages(JSON))
    take_passed(delivery, messages[0])
    rest = delivery.rest(is_running)
    assert rest.admitted.fates == fates_of("gg")
    assert list(rest.messages(JSON)) == messages[1:]


def test_the_rest_has_nothing_of_a_partition_that_was_stopped() -> None:
    messages = [*natives(F0, 0), *natives(F1, 0), *natives(F0, 1), *natives(F1, 1)]
    delivery: Delivery = Delivery(Admitted(messages))
    take_passed(delivery, next(iter(delivery.messages(JSON))))
    rest = delivery.rest([F1].__contains__)
    assert [(message.partition, message.offset) for message in rest.messages(JSON)] == [(1, 0), (1, 1)]


def test_with_stages_the_rest_has_nothing_of_a_partition_that_was_stopped() -> None:
    messages = [*natives(F0, 0), *natives(F1, 0), *natives(F0, 1), *natives(F1, 1)]
    batch: Batch[object] = Batch([messages[0], messages[2], messages[3]], JSON)
    delivery = Delivery(Admitted(messages, None, fates_of("gfgg")), batch)
    rest = delivery.rest([F1].__contains__)
    assert [(message.partition, message.offset) for message in rest.messages(JSON)] == [(1, 1)]
    assert rest.admitted.fates == fates_of("fg")


def test_deliveries_that_are_added_are_given_one_after_the_other() -> None:
    assert offsets(delivery_of(count=2) + delivery_of(count=1)) == [0, 1, 0]
    total = delivery_of("gf") + delivery_of("fg")
    assert offsets(total) == [0, 1]
    assert total.admitted.fates == fates_of("gffg")


def joined(parts: list[str]) -> Delivery:
    """Fetches after one another, as a batch gathers them; each letter is the fate of a message."""
    total: Delivery = Delivery(Admitted([]), Batch([], JSON))
    offset = 0
    for fates in parts:
        messages = natives(F0, *range(offset, offset + len(fates)))
        found = Admitted(messages, None, fates_of(fates))
        total += Delivery(found, Batch([messages[index] for index in found.given()], JSON))
        offset += len(fates)
    return total


fetches = st.lists(st.text("gfu", max_size=6), max_size=4)


@given(fetches, st.data())
def test_however_often_a_delivery_is_left_each_message_is_given_once_and_all_are_passed(
    parts: list[str], data: st.DataObject
) -> None:
    fates = "".join(parts)
    delivery = joined(parts)
    given: list[int] = []
    passed: list[int] = []
    while delivery.admitted.messages:
        messages = list(delivery.messages(JSON))
        seen = messages[: data.draw(st.integers(min(1, len(messages)), len(messages)))]
        start, end, count = take_passed(delivery, seen[-1] if seen else None)
        assert count == len(seen)
        given += [message.offset for message in seen]
        passed += [message.offset() for message in delivery.admitted.messages[start:end]]
        delivery = delivery.rest(is_running)
    assert given == [offset for offset, fate in enumerate(fates) if fate == "g"]
    assert passed == list(range(len(fates)))


@given(fetches, st.integers(0, 30))
def test_the_first_messages_are_a_prefix_that_ends_before_the_next_one(parts: list[str], count: int) -> None:
    fates = "".join(parts)
    first = joined(parts).first(count)
    expected = [offset for offset, fate in enumerate(fates) if fate == "g"]
    assert offsets(first) == expected[:count]
    end = expected[count] if count < len(expected) else len(fates)
    assert [message.offset() for message in first.admitted.messages] == list(range(end))


def test_what_stages_removed_is_freed_and_its_place_stays() -> None:
    found = admitted("gfu")
    found.free_removed()
    assert [message.value() for message in found.messages] == [b"1", None, None]
    assert [message.offset() for message in found.messages] == [0, 1, 2]


def test_without_stages_nothing_is_freed() -> None:
    found = admitted(count=2)
    found.free_removed()
    assert None not in [message.value() for message in found.messages]
