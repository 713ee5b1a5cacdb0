"""A batch has exactly `size` messages, but for the last one of a run; `limit` is exact."""

from __future__ import annotations

import gc

import pytest

from framework import App
from framework_iterator import InvalidOptionError, Iterator
from tests import support
from tests.scenarios.batching import flat, sizes
from tests.scenarios.reading import report_of


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (1, [1] * 1250),
        (7, [7] * 178 + [4]),
        (500, [500, 500, 250]),
        (625, [625, 625]),
        (1249, [1249, 1]),
        (1250, [1250]),
        (1_000_000, [1250]),
    ],
)
def test_over_the_size_of_a_fetch_and_below_it(
    app: App, topic: support.TopicFactory, size: int, expected: list[int]
) -> None:
    # Not 0.2 s: on a busy machine the second partition comes later, and a batch is then given as it is.
    iterator = Iterator(topic(2, {0: ["x"] * 1000, 1: ["y"] * 250}), max_wait=support.LIMIT)
    batches = list(iterator.batches(size))
    assert sizes(batches) == expected
    assert sorted(message.offset for message in flat(batches)) == sorted([*range(1000), *range(250)])
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("end", 1250)


def test_five_hundred_is_the_size_of_those_who_name_none(app: App, topic: support.TopicFactory) -> None:
    assert sizes(Iterator(topic(1, ["x"] * 1100), max_wait=support.LIMIT).batches()) == [500, 500, 100]


def test_batches_of_the_default_size_leave_the_garbage_collector_alone(
    app: App, topic: support.TopicFactory
) -> None:
    """With 1000 it runs for each batch: its threshold is 700 objects."""
    batches = Iterator(topic(1, ["x"] * 20_000)).batches()
    next(batches)
    before = gc.get_stats()[0]["collections"]
    assert sum(len(batch.raw_payloads) for batch in batches) == 19_500
    assert gc.get_stats()[0]["collections"] - before <= 2


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0"), (-1, "-1"), (1.5, "1.5"), ("10", "'10'"), (True, "True"), (None, "None")],
)
def test_a_wrong_size_is_told_where_it_is_written(app: App, size: object, shown: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Iterator("flights").batches(size=size)  # type: ignore[arg-type]  # it is wrong
    assert str(caught.value) == f"size={shown} is invalid: expected an int >= 1."


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(0, []), (1, [1]), (99, [99]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50]), (300, [100] * 3)],
)
def test_a_limit_is_exact_also_where_it_cuts_a_batch(
    app: App, topic: support.TopicFactory, limit: int, expected: list[int]
) -> None:
    iterator = Iterator(topic(1, ["x"] * 1000), limit=limit, max_wait=support.LIMIT)
    batches = list(iterator.batches(size=100))
    assert sizes(batches) == expected
    assert [message.offset for message in flat(batches)] == list(range(limit))
    [partition] = report_of(iterator)
    assert (partition.messages, partition.position, partition.ended) == (limit, limit, "limit")
    assert report_of(iterator).ended == "limit"


def test_a_limit_beyond_the_end_changes_nothing(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["x"] * 250), limit=251)
    assert sizes(iterator.batches(size=100)) == [100, 100, 50]
    assert report_of(iterator).ended == "end"


def test_a_limit_cuts_over_partitions_and_the_rest_can_be_read_from_the_positions(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(3, {number: ["x"] * 400 for number in range(3)})
    first = Iterator(name, limit=777)
    given = flat(first.batches(size=100))
    rest = flat(Iterator(name, resume=report_of(first).positions).batches(size=100))
    assert (len(given), len(rest)) == (777, 423)
    assert len({(each.partition, each.offset) for each in [*given, *rest]}) == 1200
