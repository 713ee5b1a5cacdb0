from __future__ import annotations

import collections.abc as cabc
import math
from typing import Any, cast

import pytest

from framework import App, BrokerError, Topic
from framework.deserializers import int64
from framework.partitioners import partition_of
from framework.testing import reset_current_app
from framework.types import TopicPartition
from framework_iterator import InvalidOptionError, Plan
from framework_iterator.batch import ByTopic
from framework_iterator.planning.subscription import subscribe
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.settings import ReadSettings
from framework_iterator.reading.source import Source
from framework_iterator.recipe import Recipe
from framework_iterator.selecting.filters import Filters
from framework_iterator.selecting.stages import Unreadable
from tests.unit.iterator.fakes import F0, F1, W0, FakeSource, plan_of
from tests.unit.iterator.sessions import DEFAULTS


@pytest.fixture(autouse=True)
def app() -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=7.0)
    reset_current_app()


def recipe(app: App, topics: Any = "flights", *, follow: bool = False, **options: Any) -> Recipe:
    return Recipe(
        app=app,
        topics=topics if isinstance(topics, Plan) else subscribe(topics),
        settings=ReadSettings({}, "a-group", follow=follow, reset="earliest"),
        **DEFAULTS | options,
    )


def deserializers(of: Recipe) -> ByTopic:
    return of.deserializers()


def test_the_topics_are_named_in_order(app: App) -> None:
    assert recipe(app, ["weather", "flights"]).names == "weather, flights"
    assert recipe(app, plan_of(W0, F0)).names == "weather, flights"


def test_a_run_that_follows_never_stalls(app: App) -> None:
    assert recipe(app).stall_timeout == 7.0
    assert recipe(app, follow=True).stall_timeout is None


@pytest.mark.parametrize(("yield_none", "silence"), [(True, 0.3), (False, math.inf)])
def test_silence_is_given_after_max_wait_or_never(app: App, yield_none: bool, silence: float) -> None:
    assert recipe(app, yield_none=yield_none, max_wait=0.3).silence == silence


@pytest.mark.parametrize(
    ("stall_timeout", "quiet_after"), [(60.0, 15.0), (600.0, 15.0), (59.0, 14.75), (7.0, 1.75)]
)
def test_partitions_that_are_quiet_are_probed_well_before_the_run_would_stall(
    stall_timeout: float, quiet_after: float
) -> None:
    app = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=stall_timeout)
    assert recipe(app).quiet_after == quiet_after


@pytest.mark.parametrize(
    ("error", "max_wait", "timeout"),
    [
        pytest.param(KeyboardInterrupt(), 0.01, 0.2, id="ctrl-c"),
        pytest.param(KeyboardInterrupt(), 3.0, 3.0, id="ctrl-c-and-a-long-wait"),
        pytest.param(ZeroDivisionError(), 0.01, None, id="an-error"),
        pytest.param(None, 0.01, None, id="the-end"),
    ],
)
def test_ctrl_c_waits_for_no_broker_that_is_away(
    app: App, error: BaseException | None, max_wait: float, timeout: float | None
) -> None:
    assert recipe(app, max_wait=max_wait).commit_timeout(error) == timeout


@pytest.mark.parametrize(
    ("options", "total"),
    [({}, 200), ({"limit": 30}, 30), ({"limit": 500}, 200), ({"limit": 0}, 0), ({"follow": True}, None)],
    ids=repr,
)
def test_a_bar_shows_what_is_read_at_most(app: App, options: dict[str, Any], total: int | None) -> None:
    assert recipe(app, **options).total(plan_of(F0, W0)) == total


def test_deserializers_are_those_that_each_topic_declares(app: App) -> None:
    weather = app.topic("weather", payload=int)
    for topics in (["flights", weather], ["flights", "weather"], plan_of(F0, W0)):
        found = deserializers(recipe(app, topics))
        assert list(found) == ["flights", "weather"]
        assert found["weather"].declared.payload is int
        assert found["flights"].declared.payload is not int


def test_a_topic_that_is_given_is_read_as_it_declares(app: App) -> None:
    other = App(kafka={"bootstrap.servers": "127.0.0.1:1"}).topic("weather", payload=str)
    app.topic("weather", payload=int)
    assert deserializers(recipe(app, other))["weather"].declared.payload is str


class NothingFetched(FakeSource):
    """A source that knows no high watermark yet."""

    def high_watermarks(self, partitions: cabc.Collection[TopicPartition]) -> dict[TopicPartition, int]:  # noqa: ARG002
        return {}


def test_a_broker_that_fails_after_the_last_message_takes_only_the_note_away(app: App) -> None:
    source, progress = NothingFetched(), Progress(plan_of(F0, stop=0, high=0))
    progress.finish(progress.outcome())
    source.errors["assign"] = BrokerError("down")
    recipe(app).log_notes(cast("Source", source), progress, Unreadable())
    assert [name for name, _ in source.calls] == ["assign"]


@pytest.mark.parametrize(
    ("options", "settings"),
    [({"follow": True}, {}), ({"limit": 0}, {}), ({}, {"isolation.level": "read_uncommitted"})],
)
def test_a_run_that_asked_for_nothing_more_makes_no_request_at_its_end(
    app: App, options: dict[str, Any], settings: dict[str, Any]
) -> None:
    source, progress = NothingFetched(), Progress(plan_of(F0, stop=0, high=0))
    progress.finish(progress.outcome())
    of = recipe(app, **options)
    of.settings.kafka.update(settings)
    of.log_notes(cast("Source", source), progress, Unreadable())
    assert source.calls == []


@pytest.mark.parametrize(
    ("topics", "follow", "looked_up"),
    [
        pytest.param("flights", True, ["flights"], id="a-topic-that-is-followed"),
        pytest.param("flights", False, None, id="a-finite-run"),
        pytest.param({"flights": [0]}, True, None, id="named-partitions"),
        pytest.param(plan_of(F0), True, None, id="a-plan"),
    ],
)
def test_new_partitions_are_looked_up_only_of_whole_topics_that_are_followed(
    app: App, topics: Any, follow: bool, looked_up: list[str] | None
) -> None:
    # The last look, after the end, needs no clock.
    source, progress = FakeSource(), Progress(plan_of(F0))
    of = recipe(app, topics, follow=follow)
    pipeline = of.pipeline(cast("Source", source), progress, plan_of(F0), of.deserializers())
    progress.at_end(F0, 100)
    assert pipeline.is_finished is (looked_up is None)
    pipeline.handle_events()
    assert dict(source.calls).get("find_partitions") == looked_up


# The partitions of a key


def planned(of: Recipe) -> list[str]:
    source = FakeSource()
    source.existing = {name: [0, 1, 2, 3] for name in ("orders", "payments")}
    return [str(each.key) for each in of.make_plan(cast("Source", source))]


ALL_ORDERS = ["orders-0", "orders-1", "orders-2", "orders-3"]


def test_where_the_partitioner_is_declared_only_the_partition_of_the_key_is_read(app: App) -> None:
    app.topic("orders", key=str, partitioner="murmur2")
    found = partition_of("murmur2", b"C-42", 4)
    assert planned(recipe(app, "orders", filters=Filters(key="C-42"))) == [f"orders-{found}"]


def test_each_topic_is_read_where_its_own_producers_write_the_key(app: App) -> None:
    app.topic("orders", key=str, partitioner="murmur2")
    app.topic("payments", partitioner="crc32")
    found = [partition_of(name, b"C-42", 4) for name in ("murmur2", "crc32")]
    both = recipe(app, ["orders", "payments"], filters=Filters(key="C-42"))
    assert planned(both) == [f"orders-{found[0]}", f"payments-{found[1]}"]


def test_a_topic_that_is_given_is_searched_as_it_declares(app: App) -> None:
    app.topic("payments", key=str, partitioner="murmur2")
    payments = Topic("payments", key=int64, partitioner="crc32")
    found = partition_of("crc32", (42).to_bytes(8, "big"), 4)
    assert planned(recipe(app, payments, filters=Filters(key=42))) == [f"payments-{found}"]


def test_a_key_that_no_key_can_equal_ends_the_run_before_it_reads(app: App) -> None:
    app.topic("flights", key=str)
    source, plan = FakeSource(), plan_of(F0)
    of = recipe(app, filters=Filters(key=42))
    with pytest.raises(InvalidOptionError) as caught:
        of.pipeline(cast("Source", source), Progress(plan), plan, of.deserializers())
    assert str(caught.value) == "key=42 is no key of 'flights', whose keys are text: pass '42'."
    assert source.calls == []


@pytest.mark.parametrize(
    ("partitioner", "filters", "follow"),
    [
        pytest.param(None, Filters(key="C-42"), False, id="no-partitioner-is-declared"),
        pytest.param("murmur2", Filters(), False, id="no-key-is-wanted"),
        pytest.param("murmur2", Filters(key=None), False, id="messages-without-a-key"),
        pytest.param("murmur2", Filters(key="C-42"), True, id="a-topic-that-may-grow"),
    ],
)
def test_otherwise_all_partitions_are_read(
    app: App, partitioner: Any, filters: Filters, follow: bool
) -> None:
    app.topic("orders", key=str, partitioner=partitioner)
    assert planned(recipe(app, "orders", follow=follow, filters=filters)) == ALL_ORDERS


def test_a_plan_is_read_as_it_is_whatever_the_key(app: App) -> None:
    app.topic("flights", key=str, partitioner="murmur2")
    plan = plan_of(F0, F1)
    assert recipe(app, plan, filters=Filters(key="C-42")).make_plan(cast("Source", FakeSource())) is plan


# Orders


@pytest.mark.parametrize("order", [None, "time"])
def test_a_run_goes_from_its_starts(app: App, order: Any) -> None:
    assert recipe(app, order=order).track(plan_of(F0)).positions() == {F0: 0}


def test_newest_first_a_run_goes_from_its_ends(app: App) -> None:
    assert recipe(app, order="newest").track(plan_of(F0)).positions() == {F0: 100}


@pytest.mark.parametrize(
    ("options", "first"),
    [
        pytest.param({}, 9984, id="few"),
        pytest.param({"limit": 100}, 9900, id="as-many-as-are-given"),
        pytest.param({"limit": 100, "filters": Filters(where=bool)}, 9984, id="few-where-some-are-removed"),
    ],
)
def test_newest_first_the_first_window_is_what_will_be_given(
    app: App, options: dict[str, Any], first: int
) -> None:
    source, plan = FakeSource(), plan_of(F0, stop=10_000, high=10_000)
    of = recipe(app, order="newest", **options)
    of.pipeline(cast("Source", source), of.track(plan), plan, of.deserializers()).start()
    assert source.calls == [("assign", {F0: first})]
