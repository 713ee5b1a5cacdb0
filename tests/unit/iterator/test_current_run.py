from __future__ import annotations

import collections.abc as cabc
from typing import Any

import pytest

from framework import App, CommitError, TopicNotFoundError
from framework.testing import build_message, reset_current_app
from framework_iterator import AlreadyIteratingError, Ended, NotIteratingError
from framework_iterator.control import Control
from framework_iterator.current_run import CurrentRun
from framework_iterator.session import Session
from tests.unit.iterator.fakes import F0, FakeSource, natives
from tests.unit.iterator.sessions import recipe_of


@pytest.fixture(autouse=True)
def app() -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": "127.0.0.1:1"})
    reset_current_app()


@pytest.fixture
def runs() -> cabc.Iterator[CurrentRun]:
    runs: CurrentRun = CurrentRun("flights")
    yield runs
    runs.close()


@pytest.fixture
def source() -> FakeSource:
    return FakeSource(natives(F0, 0, 1))


def open_run(runs: CurrentRun, app: App, source: FakeSource | None = None) -> Session:
    return runs.open(recipe_of(app, source or FakeSource()), Control())


def test_before_the_first_run_there_is_none(runs: CurrentRun) -> None:
    assert runs.latest is None
    runs.close()
    for call in (runs.live, runs.stop):
        with pytest.raises(NotIteratingError) as caught:
            call()
        assert str(caught.value) == ("<Iterator flights> has no live run: call this from within the loop.")


def test_a_run_that_was_opened_is_the_live_one(runs: CurrentRun, app: App) -> None:
    session = open_run(runs, app)
    assert runs.live() is runs.latest is session


def test_a_second_run_is_refused_while_one_is_live(runs: CurrentRun, app: App) -> None:
    session = open_run(runs, app)
    with pytest.raises(AlreadyIteratingError) as caught:
        open_run(runs, app)
    assert str(caught.value) == (
        "<Iterator flights> has a live run. End it first, or make a second Iterator."
    )
    assert runs.live() is session


def test_a_run_that_was_closed_stays_the_latest_until_the_next(runs: CurrentRun, app: App) -> None:
    session = open_run(runs, app)
    session.close()
    assert runs.latest is session
    with pytest.raises(NotIteratingError):
        runs.live()
    assert open_run(runs, app) is runs.live() is not session


def test_a_run_that_could_not_be_opened_leaves_no_run(runs: CurrentRun, app: App) -> None:
    source = FakeSource()
    source.errors["assign"] = TopicNotFoundError("Topic 'flights' doesn't exist.")
    with pytest.raises(TopicNotFoundError):
        open_run(runs, app, source)
    assert runs.latest is None
    assert open_run(runs, app) is runs.live()


class Opening(FakeSource):
    """A source during whose assignment something happens, as from another thread."""

    def __init__(self, meanwhile: cabc.Callable[[], object]) -> None:
        super().__init__(natives(F0, 0))
        self.meanwhile = meanwhile

    def assign(self, positions: cabc.Mapping[Any, int]) -> None:  # noqa: ARG002
        self.meanwhile()


def test_a_run_is_refused_while_another_is_being_opened(runs: CurrentRun, app: App) -> None:
    def open_another() -> None:
        with pytest.raises(AlreadyIteratingError):
            open_run(runs, app)

    assert open_run(runs, app, Opening(open_another)) is runs.live()


@pytest.mark.parametrize("request_end", [CurrentRun.stop, CurrentRun.close], ids=["stop", "close"])
def test_a_run_that_is_being_opened_can_be_stopped(
    runs: CurrentRun, app: App, request_end: cabc.Callable[[CurrentRun], None]
) -> None:
    control = Control()
    runs.open(recipe_of(app, Opening(lambda: request_end(runs))), control)
    assert control.stop_requested


def test_while_a_run_is_being_opened_there_is_no_latest_one(runs: CurrentRun, app: App) -> None:
    open_run(runs, app).close()
    seen: list[object] = []
    open_run(runs, app, Opening(lambda: seen.append(runs.latest)))
    assert seen == [None]


def test_a_stop_stops_the_live_run(runs: CurrentRun, app: App) -> None:
    control = Control()
    runs.open(recipe_of(app, FakeSource()), control)
    runs.stop()
    assert control.stop_requested


def test_to_close_ends_the_live_run(runs: CurrentRun, app: App, source: FakeSource) -> None:
    session = open_run(runs, app, source)
    runs.close()
    assert (session.is_closed, source.is_closed) == (True, True)
    assert session.report.ended is Ended.CLOSED


def test_to_close_raises_what_a_run_that_was_left_could_not(
    runs: CurrentRun, app: App, source: FakeSource
) -> None:
    session = open_run(runs, app, source)
    source.committer.refuses, source.committer.error = True, CommitError("refused")
    session.mark(build_message("flights", b"1"), blocking=False)
    session.close(quiet=True)
    with pytest.raises(CommitError, match="refused"):
        runs.close()
    runs.close()


def test_a_run_that_was_cut_off_from_its_loop_as_it_opened_does_not_block_the_next(
    runs: CurrentRun, app: App
) -> None:
    """Ctrl-C after the session is open, and before the generator's `with` has it."""

    class Generator:
        pass

    generator, control = Generator(), Control()
    control.watch(generator)
    cut_off = runs.open(recipe_of(app, FakeSource()), control)
    with pytest.raises(AlreadyIteratingError):
        open_run(runs, app)
    del generator
    assert open_run(runs, app) is runs.live()
    assert cut_off.is_closed
