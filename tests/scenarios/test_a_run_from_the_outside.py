"""A run is a plain iteration: first, limit, again, next, and a plan that reads nothing."""

from __future__ import annotations

import collections.abc as cabc
import itertools
import threading

import pytest

from framework import App, Message, TopicNotFoundError
from framework_iterator import AlreadyIteratingError, Iterator
from tests import support
from tests.scenarios.reading import by_partition, shown


def test_first_gives_the_first_message_or_none(app: App, topic: support.TopicFactory) -> None:
    first = Iterator(topic(1, ["a", "b"])).first()
    assert first is not None
    assert (first.payload, str(first)[-4:]) == ("a", "-0@0")
    assert Iterator(topic(1)).first() is None


def test_first_gives_a_message_whatever_the_other_arguments_are(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b"])
    impatient = Iterator(name, yield_none=True, max_wait=0.0001)
    for _ in range(10):
        first = impatient.first()
        assert first is not None
        assert first.payload == "a"
    assert impatient.report is not None
    assert (impatient.report.ended, impatient.report.messages) == ("limit", 1)
    assert Iterator(name, limit=0).first() is None


@pytest.mark.parametrize(("limit", "expected"), [(0, ""), (1, "a@0"), (2, "a@0 b@1"), (9, "a@0 b@1 c@2")])
def test_a_limit_ends_the_run_after_so_many_messages(
    app: App, topic: support.TopicFactory, limit: int, expected: str
) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c"]), limit=limit)
    assert shown(iterator) == expected
    assert iterator.report is not None
    assert iterator.report.ended == ("limit" if limit < 3 else "end")
    assert iterator.report.partitions[0].position == min(limit, 3)


def test_each_run_starts_from_scratch_and_resolves_anew(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a"])
    iterator = Iterator({name: -2})
    assert shown(iterator) == "a@0"
    with app.producer() as producer:
        for payload in ("b", "c"):
            producer.produce(name, payload)
    assert shown(iterator) == "b@1 c@2"


def test_a_second_run_of_a_live_iterator_is_refused_and_harms_nothing(
    app: App, topic: support.TopicFactory
) -> None:
    iterator = Iterator(topic(1, ["a", "b"]))
    run = iter(iterator)
    assert next(run).payload == "a"
    with pytest.raises(AlreadyIteratingError, match="has a live run"):
        next(iter(iterator))
    assert [message.payload for message in run] == ["b"]
    assert shown(iterator) == "a@0 b@1"


def test_what_python_does_with_iterables_works(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c"]))
    assert [index for index, _ in enumerate(iterator)] == [0, 1, 2]
    assert shown(itertools.islice(iterator, 2)) == "a@0 b@1"
    assert next(iter(iterator)).payload == "a"
    with iterator as same:
        assert shown(same) == "a@0 b@1 c@2"


def test_a_plan_tells_what_would_be_read_and_reads_nothing(app: App, topic: support.TopicFactory) -> None:
    name = topic(3, {0: ["a", "b", "c"], 2: ["d"]})
    iterator = Iterator({name: {0: -2, 1: 5, 2: 0}})
    plan = iterator.plan()
    assert [str(partition) for partition in plan] == [f"{name}-0 1..3", f"{name}-1 0..0", f"{name}-2 0..1"]
    assert (plan.count, plan[name, 0].count, plan[name, 1].count) == (3, 2, 0)
    head, *rows, total = str(plan).splitlines()
    assert head == f"{'topic':{len(name)}}  partition  low  high  start  stop  count"
    assert rows == [
        f"{name}          0    0     3      1     3      2",
        f"{name}          1    0     0      0     0      0",
        f"{name}          2    0     1      0     1      1",
    ]
    assert total == "3".rjust(len(head))
    assert iterator.report is None
    assert by_partition(iterator) == "0: b@1 c@2 | 2: d@0"


def test_lists_of_partitions_and_starts_for_single_ones(app: App, topic: support.TopicFactory) -> None:
    name = topic(3, {0: ["a", "b"], 1: ["c"], 2: ["d", "e"]})
    assert by_partition(Iterator({name: [0, 2]})) == "0: a@0 b@1 | 2: d@0 e@1"
    assert by_partition(Iterator({name: {2: 1, 0: "latest"}})) == "2: e@1"
    assert by_partition(Iterator(name, until={name: {0: 1, 2: 0}})) == "0: a@0 | 1: c@0"


def test_a_declared_topic_is_read_with_its_own_deserializers_in_every_form(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, ["1", "2"])
    numbers = app.topic(name, payload=int, active=False)
    for topics in (name, numbers, [numbers], {numbers: 0}, {name: {0: 0}}):
        assert [message.payload for message in Iterator(topics)] == [1, 2]


def test_its_repr_tells_what_runs(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a"], 1: []})
    iterator = Iterator(name)
    assert repr(iterator) == f"<Iterator {name}>"
    run = iter(iterator)
    next(run)
    assert repr(iterator) in (
        f"<Iterator {name}: 1 of 2 partitions running>",
        f"<Iterator {name}: 0 of 2 partitions running>",
    )
    assert list(run) == []
    assert repr(iterator) == f"<Iterator {name}>"


def test_plan_and_report_are_asked_for_a_partition_by_name_or_by_declared_topic(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a"])
    declared = app.topic(name)
    iterator = Iterator(name)
    assert iterator.plan()[declared, 0] == iterator.plan()[name, 0]
    list(iterator)
    assert iterator.report is not None
    assert iterator.report[declared, 0].messages == iterator.report[name, 0].messages == 1
    with pytest.raises(KeyError):
        _ = iterator.report[name, 1]


def test_a_run_that_can_not_begin_leaves_no_report_of_the_one_before(
    app: App, topic: support.TopicFactory, request: pytest.FixtureRequest
) -> None:
    name = support.topic_name(request.node.name)
    app.admin().create(name)
    iterator = Iterator(name)
    assert list(iterator) == []
    app.admin().delete(name)
    with pytest.raises(TopicNotFoundError):
        list(iterator)
    assert iterator.report is None


def test_of_threads_that_begin_one_iterator_only_one_gets_a_run(
    app: App, topic: support.TopicFactory
) -> None:
    iterator = Iterator(topic(1, ["a"]), follow=True)
    runs = [iter(iterator) for _ in range(4)]  # kept, so that none ends before the others began
    together = threading.Barrier(4)
    outcomes: list[object] = []

    def begin(run: cabc.Iterator[Message[object]]) -> None:
        together.wait(support.LIMIT)
        try:
            outcomes.append(next(run).payload)
        except AlreadyIteratingError:
            outcomes.append("refused")

    threads = [threading.Thread(target=begin, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(support.LIMIT)
    assert sorted(map(str, outcomes)) == ["a", "refused", "refused", "refused"]
    iterator.close()
