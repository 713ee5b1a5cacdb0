"""The user's callbacks: what they raise is a cause, and how long they take is limited."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from framework import App, CallbackError, ConfigError
from framework.callbacks import Callback, Failures, LimitedCall, Logger, Spaced, check
from framework.testing import mock_cluster
from framework_iterator import Iterator


async def nothing(*_: object) -> None: ...


def raising(error: BaseException) -> Any:
    def callback(*_: object) -> None:
        raise error

    return callback


def failure_of(function: Any, timeout: float | None = 5.0) -> BaseException:
    """What a callback records when it is called."""
    failures = Failures()
    Callback("error_cb", function, timeout, failures)("x")
    assert failures.first is not None
    return failures.first


@pytest.mark.parametrize("timeout", [None, 5.0])
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("no  key\nhere."), "error_cb raised ValueError: no key here."),
        (KeyError(), "error_cb raised KeyError."),
        (TimeoutError("its own"), "error_cb raised TimeoutError: its own."),
        (RuntimeError("its own"), "error_cb raised RuntimeError: its own."),
    ],
    ids=repr,
)
def test_an_exception_is_the_cause(error: Exception, sentence: str, timeout: float | None) -> None:
    failure = failure_of(raising(error), timeout)
    assert isinstance(failure, CallbackError)
    assert (str(failure), failure.callback) == (sentence, "error_cb")
    assert failure.__cause__ is error


def test_a_function_that_takes_other_arguments_is_told() -> None:
    failure = failure_of(lambda: None)
    assert str(failure).startswith("error_cb raised TypeError: ")
    assert "takes 0 positional arguments" in str(failure)


def test_a_stats_cb_that_is_slower_than_its_interval_does_not_keep_a_run_from_reading(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls: list[str] = []

    def slow(statistics: str) -> None:
        calls.append(statistics)
        threading.Event().wait(0.05)

    with mock_cluster() as servers:
        app = App(kafka={"bootstrap.servers": servers, "stats_cb": slow, "statistics.interval.ms": 1})
        with App(kafka={"bootstrap.servers": servers}).producer() as producer:
            producer.produce("numbers", b"1", partition=0)
        assert [message.payload for message in Iterator("numbers", app=app)] == [1]

    assert calls
    warned = [each for each in caplog.messages if each.startswith("stats_cb took ")]
    assert [each.partition(", ")[2].partition(": ")[0] for each in warned] == [
        "longer than statistics.interval.ms=1"
    ]


def test_a_stats_cb_that_is_quick_misses_no_statistics() -> None:
    calls: list[str] = []
    spaced = Spaced(calls.append, 60_000)

    for each in "abc":
        spaced(each)

    assert calls == ["a", "b", "c"]


def test_after_its_first_failure_a_callback_is_not_called_again() -> None:
    called: list[object] = []

    def callback(argument: object) -> None:
        called.append(argument)
        raise ValueError

    failures = Failures()
    each = Callback("error_cb", callback, 5.0, failures)
    each(1)
    each(2)
    assert called == [1]


def test_what_a_second_callback_raises_is_a_note_of_the_first() -> None:
    failures = Failures()
    for name in ("error_cb", "stats_cb"):
        Callback(name, raising(ValueError(f"of {name}")), 5.0, failures)("x")
    assert str(failures.first) == "error_cb raised ValueError: of error_cb."
    assert failures.first.__notes__ == ["stats_cb raised ValueError: of stats_cb."]  # type: ignore[union-attr]


def test_once_its_client_closes_only_the_logger_is_called() -> None:
    called: list[str] = []
    failures = Failures()
    failures.begin_close()
    Callback("stats_cb", called.append, 5.0, failures)("statistics")
    Logger(SimpleNamespace(log=called.append), 5.0, failures).log("a line")
    assert called == ["a line"]


def test_what_the_logger_raises_while_its_client_closes_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failures = Failures()
    failures.begin_close()
    Logger(SimpleNamespace(log=raising(SystemExit(3))), 5.0, failures).log("a line")
    assert failures.first is None
    assert caplog.messages == ["SystemExit: 3"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_a_way_out_is_taken(error: BaseException) -> None:
    assert failure_of(raising(error)) is error


@pytest.mark.parametrize("error", [GeneratorExit(), asyncio.CancelledError(), BaseException()], ids=repr)
def test_any_other_exception_is_a_cause(error: BaseException) -> None:
    failure = failure_of(raising(error))
    assert isinstance(failure, CallbackError)
    assert str(failure) == f"error_cb raised {type(error).__name__}."
    assert failure.__cause__ is error


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_a_coroutine_is_told_at_the_first_call(timeout: float | None) -> None:
    failure = failure_of(lambda *_: nothing(), timeout)
    assert str(failure) == "error_cb failed: it is async: expected a plain function."


def test_a_function_that_never_returns_is_left() -> None:
    over = threading.Event()
    call = LimitedCall("stats_cb", lambda _: over.wait(), 0.05)
    for _ in range(2):
        with pytest.raises(TimeoutError, match=r"stats_cb did not return within 0\.05 s\."):
            call("x")
    over.set()


def test_a_function_sees_the_context_of_its_caller() -> None:
    variable = contextvars.ContextVar[int]("variable")
    variable.set(7)
    assert LimitedCall("error_cb", variable.get, 5.0)() == 7


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"oauth_cb": 5}, "oauth_cb=5 is not a function"),
        ({"stats_cb": "print"}, "stats_cb='print' is not a function"),
        ({"logger": print}, "logger=<built-in function print> is not a logging.Logger"),
    ],
)
def test_what_cannot_be_called_is_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        App(kafka=settings).admin()
    assert str(caught.value) == f"Kafka setting refused: {sentence}."


def test_none_is_no_callback() -> None:
    none = dict.fromkeys(["error_cb", "stats_cb", "oauth_cb", "on_delivery", "logger"])
    app = App(kafka=none)
    app.admin().close()
    assert none.items() <= app.kafka.items()


class Async:
    """Callable, and a logger."""

    async def __call__(self, *_: object) -> None: ...

    async def log(self, *_: object) -> None: ...


ASYNC = pytest.mark.parametrize(
    "function", [nothing, functools.partial(nothing, 1), Async(), functools.partial(Async()), Async().log]
)


@ASYNC
@pytest.mark.parametrize("name", ["error_cb", "stats_cb", "throttle_cb", "oauth_cb", "on_delivery"])
def test_a_function_with_async_is_refused(name: str, function: Any) -> None:
    with pytest.raises(ConfigError, match=name + r"=.* is asynchronous\. Pass a function without async\."):
        check({name: function})


def test_a_logger_with_async_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"logger\.log=.* is asynchronous\. Pass"):
        check({"logger": Async()})


def stray(*_: object) -> Any:
    yield


@pytest.mark.parametrize("function", [stray, functools.partial(stray, 1)])
@pytest.mark.parametrize("name", ["error_cb", "stats_cb", "throttle_cb", "oauth_cb", "on_delivery"])
def test_a_generator_function_is_refused_as_its_body_never_runs(name: str, function: Any) -> None:
    with pytest.raises(ConfigError, match=r" is a generator function, whose body a call doesn't run\."):
        check({name: function})
