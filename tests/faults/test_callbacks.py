"""A callback that raises, returns nonsense or never returns ends the run with its exception as the cause."""

from __future__ import annotations

import collections.abc as cabc
import threading
from typing import Any

import pytest

from framework import App, AuthenticationError, CallbackError, CommitError
from framework_iterator import Iterator
from tests.faults.brokers import BOUND, app_of, bounded
from tests.faults.doors import Doors
from tests.scenarios.reading import report_of


class MineError(Exception):
    """Raised by a callback."""


def fails(*_: object) -> Any:
    raise MineError("no key")


@pytest.fixture
def hangs() -> cabc.Iterator[cabc.Callable[..., object]]:
    """A callback that returns when the test is over."""
    over = threading.Event()
    yield lambda *_: bool(over.wait())
    over.set()


def payloads(app: App, name: str, **options: Any) -> list[object]:
    return [message.payload for message in Iterator(name, app=app, **options)]


def readable(doors: Doors) -> str:
    name = doors.topic(["a", "b"])
    doors.allow("reader", "READ", "TOPIC", name)
    return name


def calls(app: App, name: str) -> list[cabc.Callable[[], object]]:
    """Everything that opens a client."""

    def produce() -> None:
        with app.producer() as producer:
            producer.produce(name, b"c")

    iterator = Iterator(name, app=app)
    return [iterator.plan, lambda: payloads(app, name), lambda: app.admin().topics(), produce]


# oauth_cb


def test_a_token_opens(doors: Doors) -> None:
    arguments: list[object] = []

    def oauth_cb(argument: str) -> object:
        arguments.append(argument)
        return doors.token("reader")

    app = doors.by_token(oauth_cb)
    with app.override({"sasl.oauthbearer.config": "scope=flights"}):
        assert payloads(app, readable(doors)) == ["a", "b"]
    assert arguments == ["scope=flights"]


def test_the_exception_of_an_oauth_cb_is_the_cause_at_once(doors: Doors) -> None:
    app = doors.by_token(fails, broker_timeout=2 * BOUND)
    for call in calls(app, "flights"):
        with bounded(), pytest.raises(AuthenticationError) as caught:
            call()
        assert isinstance(caught.value.__cause__, MineError)
        assert str(caught.value) == (
            f"There is no token for the login at 127.0.0.1:{doors.oauth_port}: oauth_cb raised MineError: no key."  # noqa: E501
        )


def test_an_oauth_cb_that_never_returns_is_left_after_broker_timeout(
    doors: Doors, hangs: cabc.Callable[..., object]
) -> None:
    app = doors.by_token(hangs, broker_timeout=0.5)
    for call in calls(app, "flights"):
        with bounded(), pytest.raises(AuthenticationError, match=r"oauth_cb did not return within 0\.5 s\."):
            call()


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_a_way_out_in_an_oauth_cb_is_taken(doors: Doors, kind: type[BaseException]) -> None:
    def oauth_cb(_: str) -> object:
        raise kind

    for call in calls(doors.by_token(oauth_cb), "flights"):
        with bounded(), pytest.raises(kind):
            call()


def test_a_token_that_cannot_be_renewed_ends_a_run_when_it_expires(doors: Doors) -> None:
    lifetimes = iter([4.0])

    def oauth_cb(_: str) -> object:
        for lifetime in lifetimes:
            return doors.token("reader", lifetime)
        raise MineError("no second one")

    iterator = Iterator(readable(doors), app=doors.by_token(oauth_cb), follow=True)
    given = []
    with bounded(), pytest.raises(AuthenticationError, match="no second one") as caught:
        for message in iterator:
            given.append(message.payload)
    assert given == ["a", "b"]
    assert isinstance(caught.value.__cause__, MineError)


def test_the_exception_behind_a_commit_is_the_cause_of_its_cause(doors: Doors) -> None:
    tokens = iter([doors.token("reader")])  # for the client that reads, not for the one that commits

    def oauth_cb(_: str) -> object:
        for token in tokens:
            return token
        raise MineError("no second one")

    iterator = Iterator(readable(doors), app=doors.by_token(oauth_cb))
    with bounded(), pytest.raises(CommitError, match="no second one") as caught:
        for message in iterator:
            iterator.mark_as_consumed(message)
    assert isinstance(caught.value.__cause__, AuthenticationError)
    assert isinstance(caught.value.__cause__.__cause__, MineError)


# The others: error_cb before the first message, stats_cb and logger in the middle of a run


class Log:
    """A `logger` that is none."""

    def __init__(self, log: cabc.Callable[..., Any]) -> None:
        self.log = log


def with_callback(name: str, function: cabc.Callable[..., Any]) -> dict[str, Any]:
    return {
        # A closed address: where one is open, it may be the only one that is tried.
        "error_cb": {"error_cb": function, "bootstrap.servers": "127.0.0.1:1"},
        "stats_cb": {"stats_cb": function, "statistics.interval.ms": 100},
        "logger": {"logger": Log(function), "debug": "fetch"},
    }[name]


NAMES = pytest.mark.parametrize("name", ["error_cb", "stats_cb", "logger"])


def plain(doors: Doors, broker_timeout: float) -> App:
    return app_of(doors.straight, broker_timeout=broker_timeout)


@pytest.fixture
def app(doors: Doors) -> App:
    """An application that waits long for a broker."""
    return plain(doors, 2 * BOUND)


@NAMES
def test_the_exception_of_a_callback_is_the_cause(doors: Doors, app: App, name: str) -> None:
    topic = doors.topic(["a"])
    with app.override(with_callback(name, fails)):
        with bounded(), pytest.raises(CallbackError, match=f"^{name} raised MineError: no key\\.$") as caught:
            payloads(app, topic, follow=True)
        assert isinstance(caught.value.__cause__, MineError)
        assert caught.value.callback == name
        assert caught.value.__cause__.__traceback__ is not None


@NAMES
def test_a_callback_that_never_returns_is_left_after_broker_timeout(
    doors: Doors, name: str, hangs: cabc.Callable[..., object]
) -> None:
    # It also has to connect before fetches are logged.
    timeout = 2 if name == "logger" else 0.5
    app = plain(doors, timeout)
    with (
        bounded(),
        app.override(with_callback(name, hangs)),
        pytest.raises(CallbackError, match=f"^{name} did not return within {timeout} s\\.$"),
    ):
        payloads(app, doors.topic(["a"]), follow=True)


@NAMES
@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_a_way_out_in_a_callback_is_taken(
    doors: Doors, app: App, name: str, kind: type[BaseException]
) -> None:
    def callback(*_: object) -> None:
        raise kind

    with bounded(), app.override(with_callback(name, callback)), pytest.raises(kind):
        payloads(app, doors.topic(["a"]), follow=True)


@pytest.mark.parametrize("name", ["stats_cb", "logger"])
def test_what_a_callback_returns_has_no_meaning(doors: Doors, app: App, name: str) -> None:
    called = threading.Event()

    def callback(*_: object) -> object:
        called.set()
        return "nonsense"

    with bounded(), app.override(with_callback(name, callback)):
        iterator = Iterator(doors.topic(["a"]), app=app, follow=True, yield_none=True, max_wait=0.2)
        for _ in iterator:
            if called.is_set() and report_of(iterator).messages:
                iterator.stop()
    assert (report_of(iterator).messages, report_of(iterator).error) == (1, None)
