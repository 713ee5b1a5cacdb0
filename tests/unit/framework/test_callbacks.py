"""The user's callbacks: what they raise is a cause, and how long they take is limited."""

from __future__ import annotations

import contextvars
import threading
from typing import Any

import pytest

from framework import App, CallbackError, ConfigError
from framework.callbacks import Callback, LimitedCall, check
from framework.testing import mock_cluster


def raising(error: BaseException) -> Any:
    def callback(*_: object) -> None:
        raise error

    return callback


def failure_of(function: Any, timeout: float | None = 5.0) -> BaseException:
    """What a callback records when it is called."""
    recorded: list[BaseException] = []
    Callback("error_cb", function, timeout, recorded.append)("x")
    [failure] = recorded
    return failure


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


def test_after_its_first_failure_a_callback_is_not_called_again() -> None:
    called: list[object] = []

    def callback(argument: object) -> None:
        called.append(argument)
        raise ValueError

    recorded: list[BaseException] = []
    each = Callback("error_cb", callback, 5.0, recorded.append)
    each(1)
    each(2)
    assert (called, len(recorded)) == ([1], 1)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_a_way_out_is_taken(error: BaseException) -> None:
    assert failure_of(raising(error)) is error


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


def test_a_function_with_async_is_refused() -> None:
    async def oauth_cb(_: object) -> None: ...

    with pytest.raises(ConfigError, match=r"oauth_cb=.* is asynchronous\. Pass a function without async\."):
        check({"oauth_cb": oauth_cb})


# on_delivery, which is called once per message


def produce(app: App) -> None:
    with mock_cluster() as servers, app.override({"bootstrap.servers": servers}), app.producer() as producer:
        producer.produce("flights", b"1")


def test_the_exception_of_an_on_delivery_is_the_cause() -> None:
    error = ValueError("mine")
    with pytest.raises(CallbackError, match="on_delivery raised ValueError: mine") as caught:
        produce(App(kafka={"on_delivery": raising(error)}))
    assert caught.value.__cause__ is error


def test_an_on_delivery_that_never_returns_is_left_after_broker_timeout() -> None:
    over = threading.Event()
    app = App(kafka={"on_delivery": lambda *_: over.wait()}, broker_timeout=3.0)
    try:
        with pytest.raises(CallbackError, match=r"on_delivery did not return within 3 s\."):
            produce(app)
    finally:
        over.set()
