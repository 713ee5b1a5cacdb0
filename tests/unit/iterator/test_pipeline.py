from __future__ import annotations

import collections.abc as cabc
from typing import Any, cast

import pytest

from framework import App, Message
from framework.retry import Deadline
from framework.testing import reset_current_app
from framework_iterator.control import Control
from framework_iterator.planning.plan import Plan
from framework_iterator.progress.delivery import Delivery, Fate
from framework_iterator.reading import pipeline as pipeline_module
from framework_iterator.reading.patience import Verdict
from framework_iterator.reading.pipeline import Pipeline
from framework_iterator.reading.source import Event, Kind, Source
from framework_iterator.selecting.filters import Filters
from tests.unit.iterator.fakes import F0, F1, FakeSource, native, natives, plan_of
from tests.unit.iterator.sessions import recipe_of

LONG = 60.0
SKIP = Filters(skip_unreadable=True)


@pytest.fixture(autouse=True)
def app() -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": "127.0.0.1:1"})
    reset_current_app()


def pipeline_of(app: App, source: FakeSource, plan: Plan | None = None, **options: Any) -> Pipeline:
    plan = plan_of(F0) if plan is None else plan
    recipe = recipe_of(app, source, plan, **{"max_wait": LONG} | options)
    return recipe.pipeline(cast("Source", source), recipe.track(plan), plan, recipe.deserializers())


def gather(pipeline: Pipeline, least: int = 1, most: int = 1000) -> Delivery:
    return pipeline.gather(least, most, Control())


def offsets(delivery: Delivery) -> list[int]:
    return [message.offset() for message in delivery.admitted.messages]


def test_one_fetch_is_enough_for_one_message(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1), natives(F0, 2))
    assert offsets(gather(pipeline_of(app, source))) == [0, 1]


def test_it_fetches_until_there_are_enough_messages_and_never_more(app: App) -> None:
    source = FakeSource(natives(F0, 0), natives(F0, 1), natives(F0, 2))
    assert offsets(gather(pipeline_of(app, source), least=2, most=3)) == [0, 1]
    assert [count for _, count in source.asked_for] == [3, 2]


def test_a_fetch_never_asks_for_more_than_the_fetch_size(app: App) -> None:
    source = FakeSource(natives(F0, 0))
    gather(pipeline_of(app, source), most=10_000)
    assert source.asked_for == [(LONG, 500)]


def test_without_a_message_it_returns_after_one_fetch(app: App) -> None:
    source = FakeSource([], natives(F0, 0))
    assert offsets(gather(pipeline_of(app, source), least=5)) == []


@pytest.mark.parametrize("kind", [Kind.OUT_OF_RANGE, Kind.UNKNOWN, Kind.CORRUPT], ids=str)
def test_an_event_that_needs_an_answer_ends_the_gathering(app: App, kind: Kind) -> None:
    source = FakeSource([*natives(F0, 0), Event(kind, F0, -1)], natives(F0, 1))
    assert offsets(gather(pipeline_of(app, source), least=5)) == [0]


def test_when_every_end_was_reached_it_waits_for_nothing(app: App) -> None:
    source = FakeSource([*natives(F0, 0), *natives(F1, 99), Event(Kind.END, F0, 100)], natives(F0, 1))
    assert offsets(gather(pipeline_of(app, source, plan_of(F0, F1)), least=5)) == [0, 99]


def test_an_end_of_one_partition_does_not_end_the_gathering(app: App) -> None:
    source = FakeSource([*natives(F0, 0), Event(Kind.END, F0, 100)], natives(F1, 3, 99))
    assert offsets(gather(pipeline_of(app, source, plan_of(F0, F1)), least=3)) == [0, 3, 99]


def test_a_stop_ends_the_gathering(app: App) -> None:
    source, control = FakeSource(natives(F0, 0), natives(F0, 1)), Control()
    source.on_fetch = control.stop
    assert offsets(pipeline_of(app, source).gather(5, 5, control)) == [0]


def test_the_time_ends_the_gathering(app: App) -> None:
    source = FakeSource(natives(F0, 0), [], natives(F0, 1))
    assert offsets(gather(pipeline_of(app, source, max_wait=1e-9), least=5)) == [0]


@pytest.mark.parametrize(("max_wait", "at_least"), [(0.5, 0.0), (LONG, 50.0)])
def test_a_fetch_for_more_waits_as_long_as_is_left(app: App, max_wait: float, at_least: float) -> None:
    source = FakeSource(natives(F0, 0), natives(F0, 1))
    gather(pipeline_of(app, source, max_wait=max_wait), least=2)
    first, second = (wait for wait, _ in source.asked_for)
    assert first == max_wait
    assert at_least < second <= max_wait


def test_messages_are_an_advance_and_no_messages_are_none() -> None:
    app = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=1e-9)
    pipeline = pipeline_of(app, FakeSource([], natives(F0, 0)), max_wait=1e-9)
    gather(pipeline)
    assert pipeline.patience.verdict() is Verdict.STALLED
    gather(pipeline)
    assert pipeline.patience.verdict() is Verdict.WAIT


# Stages


def test_stages_decide_the_fates_and_what_is_given(app: App) -> None:
    source = FakeSource([native(0, b"{"), native(1), native(2, b"{")])
    delivery = gather(pipeline_of(app, source, filters=SKIP))
    assert (offsets(delivery), len(delivery)) == ([0, 1, 2], 1)
    assert delivery.admitted.fates == bytearray([Fate.UNREADABLE, Fate.GIVEN, Fate.UNREADABLE])


def test_only_messages_that_pass_count_as_enough(app: App) -> None:
    source = FakeSource([native(0, b"{"), native(1)], [native(2, b"{")], [native(3)], natives(F0, 4))
    delivery = gather(pipeline_of(app, source, filters=SKIP), least=2)
    assert (offsets(delivery), len(delivery)) == ([0, 1, 2, 3], 2)


def test_where_stages_remove_nearly_all_memory_stays_bounded(app: App) -> None:
    fetches = [[native(number * 500 + each, b"{") for each in range(1, 501)] for number in range(30)]
    fetches[0][0] = native(1)
    plan = plan_of(F0, stop=100_000, high=100_000)
    delivery = gather(pipeline_of(app, FakeSource(*fetches), plan, filters=SKIP), least=1000)
    assert (len(delivery.admitted.messages), len(delivery)) == (10_000, 1)


# Tests of messages one by one


@pytest.fixture
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one message is tested ahead of the loop."""
    monkeypatch.setattr(pipeline_module, "_TEST_FOR", 0.0)


def where(predicate: cabc.Callable[[Message[Any]], object]) -> Filters:
    return Filters(where=predicate)


def is_odd(message: Message[Any]) -> bool:
    return bool(message.offset % 2)


def fail_at(offset: int, error: BaseException) -> Filters:
    def fail(message: Message[Any]) -> bool:
        if message.offset == offset:
            raise error
        return True

    return where(fail)


@pytest.mark.usefixtures("_one_by_one")
def test_what_a_slow_test_has_not_tested_yet_is_left_for_later(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1, 2), natives(F0, 3))
    pipeline = pipeline_of(app, source, filters=where(is_odd))
    found = [gather(pipeline) for _ in range(4)]
    assert [(offsets(each), len(each)) for each in found] == [([0], 0), ([1], 1), ([2], 0), ([3], 1)]
    assert len(source.asked_for) == 2


@pytest.mark.usefixtures("_one_by_one")
def test_a_batch_is_filled_from_what_was_left_also_where_an_event_has_to_be_answered(app: App) -> None:
    source = FakeSource([*natives(F0, 1, 2, 3, 5), Event(Kind.CORRUPT, F0, -1)], natives(F0, 7))
    delivery = gather(pipeline_of(app, source, filters=where(is_odd)), least=3)
    assert (offsets(delivery), len(delivery)) == ([1, 2, 3, 5], 3)
    assert len(source.asked_for) == 1


def test_what_more_messages_pass_than_fit_is_left_for_later(app: App) -> None:
    source = FakeSource(natives(F0, 1, 2, 3, 5))
    pipeline = pipeline_of(app, source, filters=where(is_odd))
    assert [offsets(gather(pipeline, 1, 2)) for _ in range(2)] == [[1, 2, 3], [5]]
    assert len(source.asked_for) == 1


@pytest.mark.usefixtures("_one_by_one")
def test_what_was_left_has_nothing_of_a_partition_that_was_stopped(app: App) -> None:
    plan = plan_of(F0, F1)
    source = FakeSource([*natives(F0, 1), *natives(F1, 1), *natives(F0, 3)])
    recipe = recipe_of(app, source, plan, filters=where(is_odd))
    progress = recipe.track(plan)
    pipeline = recipe.pipeline(cast("Source", source), progress, plan, recipe.deserializers())
    gather(pipeline)
    progress.stop(F0)
    [left] = gather(pipeline).admitted.messages
    assert (left.partition(), left.offset()) == (1, 1)


@pytest.mark.usefixtures("_one_by_one")
def test_events_wait_until_everything_that_came_before_them_was_tested(app: App) -> None:
    plan = plan_of(F0)
    source = FakeSource([*natives(F0, 1, 3), Event(Kind.END, F0, 100)])
    recipe = recipe_of(app, source, plan, filters=where(is_odd))
    progress = recipe.track(plan)
    pipeline = recipe.pipeline(cast("Source", source), progress, plan, recipe.deserializers())
    for is_running in (True, False):
        gather(pipeline)
        pipeline.handle_events()
        assert progress.is_running is is_running
        assert pipeline.is_finished is not is_running


def test_a_run_with_messages_that_wait_for_a_test_is_not_finished(app: App) -> None:
    plan = plan_of(F0, stop=3, high=3)
    source = FakeSource(natives(F0, 0, 1, 2))
    recipe = recipe_of(app, source, plan, filters=where(is_odd))
    progress = recipe.track(plan)
    pipeline = recipe.pipeline(cast("Source", source), progress, plan, recipe.deserializers())
    gather(pipeline, 1, 1)
    progress.at_end(F0, 3)
    assert not pipeline.is_finished
    gather(pipeline)
    assert pipeline.is_finished


def test_a_stop_ends_the_testing_after_the_message_that_is_tested(app: App) -> None:
    control, tested = Control(), []

    def stop(message: Message[Any]) -> bool:
        tested.append(message.offset)
        control.stop()
        return False

    pipeline = pipeline_of(app, FakeSource(natives(F0, 0, 1, 2)), filters=where(stop))
    assert offsets(pipeline.gather(1, 10, control)) == [0]
    assert tested == [0]


def test_what_a_test_raises_comes_after_what_passed_before_it(app: App) -> None:
    error = ZeroDivisionError()
    pipeline = pipeline_of(app, FakeSource(natives(F0, 0, 1, 2, 3)), filters=fail_at(2, error))
    delivery = gather(pipeline, least=10)
    assert (offsets(delivery), len(delivery), pipeline.raised) == ([0, 1], 2, error)
    assert not pipeline.is_finished
    with pytest.raises(ZeroDivisionError) as caught:
        pipeline.handle_events()
    assert caught.value is error
    assert [each.name for each in caught.traceback][-1] == "fail"


def test_what_a_test_raises_at_the_first_message_comes_with_none(app: App) -> None:
    pipeline = pipeline_of(app, FakeSource(natives(F0, 0, 1)), filters=fail_at(0, ZeroDivisionError()))
    assert offsets(gather(pipeline)) == []
    with pytest.raises(ZeroDivisionError):
        pipeline.handle_events()


def test_while_messages_are_tested_it_is_silent(app: App) -> None:
    def take_time(_message: Message[Any]) -> bool:
        until = Deadline(0.002)
        while not until.has_passed:
            pass
        return False

    pipeline = pipeline_of(app, FakeSource(natives(F0, 0)), filters=where(take_time))
    gather(pipeline)
    assert pipeline.patience.take_silence(0.002)


def test_why_the_first_message_was_skipped_is_known(app: App) -> None:
    pipeline = pipeline_of(app, FakeSource([native(0), native(1, b"{"), native(2, b"[")]), filters=SKIP)
    assert not any(pipeline.unreadable)
    gather(pipeline)
    message, key = pipeline.unreadable
    assert (message or "").startswith("Can't read the payload of flights-0@1 ")
    assert key is None


@pytest.mark.usefixtures("_one_by_one")
def test_one_that_was_cleared_fetches_nothing_and_holds_nothing(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1, 2), natives(F0, 3))
    pipeline = pipeline_of(app, source, filters=where(bool))
    assert offsets(gather(pipeline)) == [0]
    pipeline.clear()
    assert offsets(gather(pipeline, least=5)) == []
    pipeline.handle_events()
    assert (pipeline.is_finished, pipeline.raised, len(source.asked_for)) == (True, None, 1)
