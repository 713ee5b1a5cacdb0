"""Runs in an order, over a source of partitions: what they give, read, count, and how they end."""

from __future__ import annotations

import collections.abc as cabc
import functools
import itertools
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App, BrokerTimeoutError, Message
from framework.testing import reset_current_app
from framework.types import TopicPartition
from framework_iterator import Ended, PartitionReport, Plan, PlannedPartition, Report, loops
from framework_iterator.batch import Batch
from framework_iterator.options import Order
from framework_iterator.ordering import supplies
from framework_iterator.ordering.feed import Ordered
from framework_iterator.ordering.supplies import supply_for
from framework_iterator.progress.progress import Progress
from framework_iterator.reading import pipeline
from framework_iterator.reading.patience import Patience
from framework_iterator.reading.reader import Reader
from framework_iterator.reading.source import Source
from framework_iterator.selecting.filters import Filters
from tests.clock import Clock
from tests.unit.iterator.fakes import F0, F1, W0
from tests.unit.iterator.ordered import Logs, LogSource, Place, any_logs, by_time, log, logs, newest_first
from tests.unit.iterator.sessions import Run, recipe_of

HIGH = 50
ORDERS = {"time": by_time, "newest": newest_first}


@pytest.fixture(autouse=True, scope="module")
def app() -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=5.0)
    reset_current_app()


def plan_of(partitions: cabc.Iterable[TopicPartition], start: int = 0, stop: int = HIGH) -> Plan:
    return Plan(tuple(PlannedPartition(*key, 0, HIGH, start, stop) for key in partitions))


def run_of(
    app: App, source: LogSource, order: str, plan: Plan | None = None, size: int = 0, **options: Any
) -> Run:
    """A run that gives messages, or batches of a size."""
    plan = plan_of(source.left) if plan is None else plan
    read = functools.partial(loops.batches, size=size) if size else loops.messages
    return Run(recipe_of(app, source, plan, order=order, **options), read)


def place(message: Message[Any]) -> Place:
    moment = -1 if message.raw_timestamp is None else message.raw_timestamp
    return Place(TopicPartition(message.topic, message.partition), message.offset, moment)


def given_by(run: Run) -> list[Place]:
    found: list[Place] = []
    for item in run:
        if item is not None:
            found += map(place, item if isinstance(item, Batch) else [item])
    return found


def counts(report: PartitionReport | Report) -> tuple[int, int, int, int, int]:
    return report.messages, report.filtered, report.unreadable, report.lost, report.gaps


def where(report: PartitionReport) -> tuple[int, int | None, int]:
    return report.start, report.stop, report.position


def within(partitions: Logs, plan: Plan) -> dict[TopicPartition, list[Place]]:
    return {
        each.key: [at for at in partitions[each.key] if each.start <= at.offset < (each.stop or 0)]
        for each in plan
    }


# Orders


def test_by_time_the_partitions_are_one_stream(app: App) -> None:
    run = run_of(app, LogSource(logs(F0=[1, 4], F1=[2, 3], W0=[])), "time")
    assert given_by(run) == [Place(F0, 0, 1), Place(F1, 0, 2), Place(F1, 1, 3), Place(F0, 1, 4)]
    report = run.session.report
    assert report.ended is Ended.END
    assert [where(each) for each in report] == [(0, 50, 50)] * 3
    assert [counts(each) for each in report] == [(2, 0, 0, 0, 48), (2, 0, 0, 0, 48), (0, 0, 0, 0, 50)]


def test_newest_first_the_latest_messages_come_and_no_more_is_read_than_needed(app: App) -> None:
    source = LogSource({F0: log(F0, *range(10_000)), F1: log(F1, *range(10_000))}, high=10_000)
    plan = Plan(tuple(PlannedPartition(*key, 0, 10_000, 0, 10_000) for key in source.left))
    run = run_of(app, source, "newest", plan, limit=3)
    assert given_by(run) == [Place(F1, 9999, 9999), Place(F0, 9999, 9999), Place(F1, 9998, 9998)]
    report = run.session.report
    assert (report.ended, report.messages) == (Ended.LIMIT, 3)
    assert [where(each) for each in report] == [(9999, 10_000, 10_000), (9998, 10_000, 10_000)]
    assert source.read == 32


def test_newest_first_gaps_are_read_past(app: App) -> None:
    run = run_of(app, LogSource({F0: [Place(F0, 3, 1)], F1: []}), "newest", limit=1)
    assert given_by(run) == [Place(F0, 3, 1)]
    assert counts(run.session.report["flights", 0]) == (1, 0, 0, 0, 46)


@pytest.mark.parametrize("order", ORDERS)
def test_one_partition_alone_is_read_in_its_order(app: App, order: str) -> None:
    source = LogSource({F0: log(F0, 5, 3, 9, 1)})
    offsets = [each.offset for each in given_by(run_of(app, source, order))]
    assert offsets == ([0, 1, 2, 3] if order == "time" else [3, 2, 1, 0])


@pytest.mark.parametrize("order", ORDERS)
def test_with_nothing_to_read_nothing_is_assigned(app: App, order: str) -> None:
    source = LogSource({F0: log(F0, 1)})
    run = run_of(app, source, order, plan_of([F0], start=7, stop=7))
    assert given_by(run) == []
    assert (run.session.report.ended, source.calls) == (Ended.END, [("close", 1.0)])


@pytest.mark.parametrize("order", ORDERS)
def test_partitions_without_a_message_come_to_their_ends(app: App, order: str) -> None:
    run = run_of(app, LogSource({F0: [], W0: []}), order)
    assert given_by(run) == []
    assert counts(run.session.report) == (0, 0, 0, 0, 100)
    assert run.session.report.ended is Ended.END


@pytest.mark.parametrize("order", ORDERS)
def test_an_end_before_the_last_message_is_kept(app: App, order: str) -> None:
    partitions = logs(F0=[1, 2, 3, 4])
    run = run_of(app, LogSource(partitions), order, plan_of([F0], start=1, stop=3))
    assert sorted(given_by(run)) == partitions[F0][1:3]


# Silence


@pytest.mark.parametrize("order", ORDERS)
def test_while_no_message_is_certain_to_be_next_none_is_given(app: App, order: str) -> None:
    given: list[Place | None] = []

    def until_none_is_given() -> cabc.Generator[list[tuple[int, int]]]:
        yield [(0, 1)]
        while not given:
            yield []

    source = LogSource({F0: log(F0, 1), F1: []}, chunks=until_none_is_given())
    for item in run_of(app, source, order, yield_none=True, max_wait=0.005):
        given.append(None if item is None else place(item))
    assert given[0] is None
    assert given.count(Place(F0, 0, 1)) == 1


# Stop


@pytest.mark.parametrize("order", ORDERS)
def test_of_a_partition_that_is_stopped_nothing_more_is_given(app: App, order: str) -> None:
    partitions = logs(F0=list(range(40)), F1=list(range(40)))
    source = LogSource(partitions, high=40)
    run = run_of(app, source, order, plan_of(partitions, stop=40))
    given: list[Place] = []
    for message in run:
        given.append(place(message))
        if len(given) == 5:
            run.session.stop_partition(F1)
    expected = ORDERS[order](partitions)
    assert given == expected[:5] + [each for each in expected[5:] if each.key == F0]
    report = run.session.report
    assert [each.ended for each in report] == [Ended.END, Ended.STOPPED]
    assert report.messages == len(given)


@pytest.mark.parametrize("order", ORDERS)
def test_when_every_partition_is_stopped_the_run_is(app: App, order: str) -> None:
    run = run_of(app, LogSource(logs(F0=[1, 2, 3], F1=[1, 2, 3])), order)
    next(run)
    for key in (F0, F1):
        run.session.stop_partition(key)
    assert given_by(run) == []
    assert run.session.report.ended is Ended.STOPPED


@pytest.mark.parametrize("order", ORDERS)
def test_a_stop_ends_the_run_where_the_loop_is(app: App, order: str) -> None:
    run = run_of(app, LogSource(logs(F0=[1, 2, 3])), order)
    next(run)
    run.control.stop()
    assert given_by(run) == []
    report = run.session.report["flights", 0]
    assert (report.messages, report.ended) == (1, Ended.STOPPED)
    assert where(report) == ((0, 50, 1) if order == "time" else (2, 50, 50))


@pytest.mark.parametrize("order", ORDERS)
def test_a_loop_that_is_left_has_counted_what_it_was_given(app: App, order: str) -> None:
    run = run_of(app, LogSource(logs(F0=[1, 3], F1=[2, 4])), order)
    next(run)
    next(run)
    run.generator.close()
    report = run.session.report
    assert (report.messages, report.ended) == (2, Ended.CLOSED)
    assert [each.messages for each in report] == [1, 1]


@pytest.mark.parametrize("order", ORDERS)
def test_what_waits_for_a_predicate_has_nothing_of_a_partition_that_was_stopped(
    app: App, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_TEST_FOR", 0.0)  # each message is tested when the one before it was given
    partitions = logs(F0=[1, 3, 5], F1=[2, 4, 6])
    run = run_of(app, LogSource(partitions), order, filters=Filters(where=lambda _message: True))
    given = [place(next(run))]
    run.session.stop_partition(F0)
    given += given_by(run)
    expected = ORDERS[order](partitions)
    assert given == expected[:1] + [each for each in expected[1:] if each.key == F1]
    assert [each.ended for each in run.session.report] == [Ended.STOPPED, Ended.END]


@pytest.mark.parametrize("order", ["time", "newest"])
def test_a_run_whose_messages_arrive_has_not_stalled_however_long_each_takes(order: Order) -> None:
    source, clock, plan = LogSource(logs(F0=list(range(50)))), Clock(), plan_of([F0])

    def take_a_minute() -> None:
        clock.now += 60

    source.on_fetch = take_a_minute
    supply, merge = supply_for(order, cast("Source", source), plan, None)
    patience = Patience(50.0, supply.arrivals.positions, clock)
    reader = Reader(cast("Source", source), supply.arrivals, patience)
    feed = Ordered(Progress(plan), reader, patience, merge, supply)
    feed.start()
    given = 0
    while messages := feed.fetch(60.0, 500).messages:
        given += len(messages)
    assert given == 50


@pytest.mark.parametrize("order", ORDERS)
def test_a_run_for_which_nothing_arrives_has_stalled(order: str) -> None:
    impatient = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=1e-9)
    run = run_of(impatient, LogSource(logs(F0=[1]), chunks=itertools.repeat([])), order)
    with pytest.raises(BrokerTimeoutError, match=r"^No message for 1e-09 s while waiting for flights-0@"):
        next(run)
    assert run.session.report.ended is Ended.ERROR


# Memory


@pytest.fixture
def _little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supplies, "MEMORY", 0)
    monkeypatch.setattr(supplies, "_LEAST_MEMORY", 1500)


@pytest.mark.usefixtures("_little_memory")
def test_by_time_a_partition_that_is_newer_than_all_the_rest_waits_at_the_broker(app: App) -> None:
    partitions = {F0: log(F0, *range(10_000, 11_000)), F1: log(F1, *range(1000))}
    source = LogSource(partitions, high=1000)
    run = run_of(app, source, "time", plan_of(partitions, stop=1000))
    assert [place(next(run)) for _ in range(1000)] == partitions[F1]
    assert source.read < 1000 + 20
    assert given_by(run) == partitions[F0]


@pytest.mark.usefixtures("_little_memory")
def test_newest_first_a_partition_that_is_older_than_all_the_rest_waits_at_the_broker(app: App) -> None:
    partitions = {F0: log(F0, *range(1000)), F1: log(F1, *range(10_000, 11_000))}
    source = LogSource(partitions, high=1000)
    run = run_of(app, source, "newest", plan_of(partitions, stop=1000))
    assert [place(next(run)) for _ in range(1000)] == partitions[F1][::-1]
    assert given_by(run) == partitions[F0][::-1]
    assert source.read < 3 * 2000


# Losses


@pytest.mark.parametrize("order", ORDERS)
def test_what_retention_removes_before_it_is_read_is_lost(app: App, order: str) -> None:
    partitions = logs(F0=list(range(50)), F1=list(range(50)))
    source = LogSource(partitions)
    source.remove(F0, 20)
    run = run_of(app, source, order)
    assert given_by(run) == [
        each for each in ORDERS[order](partitions) if each.key == F1 or each.offset >= 20
    ]
    assert [counts(each) for each in run.session.report] == [(30, 0, 0, 20, 0), (50, 0, 0, 0, 0)]


@pytest.mark.parametrize(("order", "lost"), [("time", 20), ("newest", 0)])
def test_what_was_lost_is_counted_when_the_loop_has_passed_it(app: App, order: str, lost: int) -> None:
    source = LogSource(logs(F0=list(range(50)), F1=list(range(50))))
    source.remove(F0, 20)
    run = run_of(app, source, order)
    seen = [(place(message), run.session.report.lost) for message in run]
    key, offset = (F0, 20) if order == "time" else (F1, 20)
    [at] = [number for number, (each, _) in enumerate(seen) if (each.key, each.offset) == (key, offset)]
    assert seen[at][1] == lost
    assert run.session.report.lost == 20


# Filters


@pytest.mark.parametrize("order", ORDERS)
def test_a_limit_counts_what_passed_the_filters(app: App, order: str) -> None:
    partitions = logs(F0=[1, 4, 5, 8], F1=[2, 3, 6, 7])
    even = Filters(where=lambda message: message.raw_timestamp % 2 == 0)  # type: ignore[operator]
    run = run_of(app, LogSource(partitions), order, filters=even, limit=2)
    expected = ORDERS[order](partitions)
    passed = [each for each in expected if each.time % 2 == 0]
    assert given_by(run) == passed[:2]
    # What was removed before the next one that would pass may have been read as well.
    report = run.session.report
    assert report.messages == 2
    assert expected.index(passed[1]) - 1 <= report.filtered <= expected.index(passed[2]) - 2


# Whatever is read


chunks = st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=3), max_size=15)


@given(
    any_logs(),
    st.sampled_from(sorted(ORDERS)),
    chunks,
    st.tuples(st.integers(0, 20), st.integers(0, HIGH)),
    st.none() | st.integers(0, 30),
    st.integers(0, 5),
    st.booleans(),
)
def test_a_run_gives_the_whole_plan_in_order(
    app: App,
    partitions: dict[TopicPartition, list[Place]],
    order: str,
    chunks: list[list[tuple[int, int]]],
    ends: tuple[int, int],
    limit: int | None,
    size: int,
    little_memory: bool,
) -> None:
    source, plan = LogSource(partitions, HIGH, chunks), plan_of(partitions, *ends)
    expected = ORDERS[order](within(partitions, plan))
    with pytest.MonkeyPatch.context() as patch:
        if little_memory:
            patch.setattr(supplies, "MEMORY", 0)
            patch.setattr(supplies, "_LEAST_MEMORY", 800)
        run = run_of(app, source, order, plan, size, limit=limit)
        given = given_by(run)
    assert given == expected[:limit]
    report = run.session.report
    assert report.ended is (Ended.END if limit is None or limit > len(expected) else report.ended)
    for each in report:
        assert each.messages == sum(at.key == each.key for at in given)
        assert sum(counts(each)) == each.position - each.start
        assert min(counts(each)) >= 0
        if report.ended is Ended.END:
            assert where(each) == (ends[0], ends[1], max(ends))


@given(any_logs(), st.sampled_from(sorted(ORDERS)), chunks, st.integers(0, 3), st.integers(1, 10))
def test_a_partition_that_is_stopped_leaves_the_others_in_order(
    app: App,
    partitions: dict[TopicPartition, list[Place]],
    order: str,
    chunks: list[list[tuple[int, int]]],
    number: int,
    after: int,
) -> None:
    stopped = list(partitions)[number % len(partitions)]
    run = run_of(app, LogSource(partitions, HIGH, chunks), order)
    given: list[Place] = []
    for message in run:
        given.append(place(message))
        if len(given) == after:
            run.session.stop_partition(stopped)
    expected = ORDERS[order](partitions)
    assert given == expected[:after] + [each for each in expected[after:] if each.key != stopped]
    for each in run.session.report:
        assert sum(counts(each)) == each.position - each.start
        if each.key != stopped:
            assert (each.ended, each.messages) == (Ended.END, len(partitions[each.key]))


@given(
    any_logs(),
    st.sampled_from(sorted(ORDERS)),
    chunks,
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3), st.integers(1, 30)), max_size=4),
)
def test_whatever_retention_removes_meanwhile_the_rest_is_in_order_and_every_offset_is_counted(
    app: App,
    partitions: dict[TopicPartition, list[Place]],
    order: str,
    chunks: list[list[tuple[int, int]]],
    removals: list[tuple[int, int, int]],
) -> None:
    source = LogSource(partitions, HIGH, chunks)

    def remove() -> None:
        for fetch, number, low in removals:
            if len(source.asked_for) == fetch:
                source.remove(list(partitions)[number % len(partitions)], low)

    source.on_fetch = remove
    run = run_of(app, source, order)
    given = given_by(run)
    left = {key: sorted(each for each in given if each.key == key) for key in partitions}
    assert given == ORDERS[order](left)
    for each in run.session.report:
        assert (where(each), each.ended) == ((0, HIGH, HIGH), Ended.END)
        assert each.messages == len(left[each.key])
        assert 0 <= each.gaps <= HIGH - len(partitions[each.key])
        missing = [at for at in partitions[each.key] if at not in left[each.key]]
        assert all(at.offset < source.low[each.key] for at in missing)
        assert len(missing) <= each.lost <= source.low[each.key]
