from __future__ import annotations

import collections.abc as cabc
import datetime as dt
import itertools
from typing import cast

from framework.types import TopicPartition
from framework_iterator import Plan
from framework_iterator.planning.planner import make_plan
from framework_iterator.planning.queries import Queries
from framework_iterator.planning.subscription import subscribe


class LookUps:
    """A broker whose topics have three partitions, and that writes down what it is asked."""

    def __init__(self) -> None:
        self.seconds = itertools.count(1_000)
        self.moments: list[dict[TopicPartition, int]] = []
        self.groups: list[list[TopicPartition]] = []

    def partitions(self, topics: cabc.Sequence[str]) -> dict[str, list[int]]:
        return {topic: [0, 1, 2] for topic in topics}

    def watermarks(
        self, partitions: cabc.Collection[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        return dict.fromkeys(partitions, (100, 250))

    def offsets_at(self, moments: cabc.Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        self.moments.append(dict(moments))
        return dict.fromkeys(moments, 180)

    def committed(self, partitions: cabc.Sequence[TopicPartition]) -> dict[TopicPartition, int | None]:
        self.groups.append(list(partitions))
        return dict.fromkeys(partitions, 120)

    def plan(self, topics: object, until: object = None) -> Plan:
        queries = cast("Queries", self)
        planned = make_plan(queries, subscribe(topics, until), follow=False, reset="earliest", now=self.now)
        return planned.plan

    def now(self) -> int:
        """Each look at the clock shows a second more, from a thousand on."""
        return next(self.seconds) * 1000


def test_all_that_is_counted_back_is_counted_from_one_now() -> None:
    broker, ago = LookUps(), dt.timedelta(seconds=10)
    broker.plan({"flights": ago, "weather": {0: ago, 2: dt.timedelta(0)}}, until=ago)
    starts, ends = broker.moments
    assert starts == {
        TopicPartition("flights", 0): 990_000,
        TopicPartition("flights", 1): 990_000,
        TopicPartition("flights", 2): 990_000,
        TopicPartition("weather", 0): 990_000,
        TopicPartition("weather", 2): 1_000_000,
    }
    assert ends == dict.fromkeys(starts, 990_000)


def test_only_what_is_a_time_is_looked_up_by_time() -> None:
    broker = LookUps()
    plan = broker.plan({"flights": {0: 110, 1: dt.timedelta(0), 2: -10}})
    assert broker.moments == [{TopicPartition("flights", 1): 1_000_000}, {}]
    assert [(each.start, each.stop) for each in plan] == [(110, 250), (180, 250), (240, 250)]


def test_the_group_is_asked_only_where_it_decides() -> None:
    broker = LookUps()
    plan = broker.plan({"flights": {0: True, 1: 1, 2: "committed"}})
    assert broker.groups == [[TopicPartition("flights", 0), TopicPartition("flights", 2)]]
    assert [each.start for each in plan] == [120, 100, 120]


def test_reading_alone_asks_for_no_group() -> None:
    broker = LookUps()
    broker.plan(["flights", "weather"])
    assert broker.groups == [[]]


# The partitions of a key


def test_only_the_partitions_that_are_chosen_are_read_and_looked_up() -> None:
    broker, counts = LookUps(), []

    def choose(topic: str, count: int) -> frozenset[int] | None:
        counts.append((topic, count))
        return frozenset([1]) if topic == "flights" else None

    planned = make_plan(
        cast("Queries", broker),
        subscribe({"flights": True, "weather": {0: True, 2: 150}}),
        follow=False,
        reset="earliest",
        choose=choose,
    )
    assert [str(each) for each in planned.plan] == [
        "flights-1 120..250",
        "weather-0 120..250",
        "weather-2 150..250",
    ]
    assert counts == [("flights", 3), ("weather", 3)]
    assert broker.groups == [[TopicPartition("flights", 1), TopicPartition("weather", 0)]]


def test_of_partitions_that_are_named_only_those_that_are_chosen_are_read() -> None:
    planned = make_plan(
        cast("Queries", LookUps()),
        subscribe({"flights": [0, 2]}),
        follow=False,
        reset="earliest",
        choose=lambda _topic, _count: frozenset([1]),
    )
    assert planned.plan == Plan(())
