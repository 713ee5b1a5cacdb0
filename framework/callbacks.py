"""The user's functions in settings: called with a time limit, and their exceptions kept as causes."""

from __future__ import annotations

import collections.abc as cabc
import contextvars
import logging
import time
from typing import Any, Final

from framework.async_functions import AsyncFunctionError, is_async, is_generator, not_async
from framework.error_text import typed_text_of
from framework.errors import CallbackError, ConfigError
from framework.types import KafkaSettings
from framework.worker import Worker

logger = logging.getLogger(__name__)

WAYS_OUT: Final = (KeyboardInterrupt, SystemExit)
"""Raised as they are, and not as the cause of an error."""
_GUARDED: Final = frozenset({"error_cb", "stats_cb", "throttle_cb", "on_commit"})
_ALL: Final = (*sorted(_GUARDED), "oauth_cb", "on_delivery")


class LimitedCall:
    """Calls one function of the user, which may take a limited time.

    The call is made in a thread of its own: a function that never returns would otherwise keep the client,
    and the loop that reads, for ever. It sees the context variables of its caller.

    Args:
        name: The setting, for error messages and the name of the thread.
        function: The user's function.
        timeout: Seconds that a call may take.
    """

    def __init__(self, name: str, function: cabc.Callable[..., Any], timeout: float) -> None:
        """Nothing is called yet."""
        self._name = name
        self._function = function
        self._timeout = timeout
        self._worker = Worker(f"framework-{name}")

    def __call__(self, *args: object) -> Any:
        """Return what the function returns, or raise what it raises; TimeoutError when it is too late."""
        context = contextvars.copy_context()
        states: list[str] = []

        def work() -> Any:
            states.append("started")
            try:
                return context.run(self._function, *args)
            finally:
                states.append("ended")

        try:
            return self._worker.call(work, self._timeout)
        except TimeoutError as error:
            if "ended" in states:
                raise  # the function's own
            raise TimeoutError(f"{self._name} did not return within {self._timeout:g} s.") from error
        except RuntimeError:
            if states:
                raise
            return work()  # the interpreter is shutting down and starts no more threads


class Failures:
    """What the callbacks of one client raised, to be raised outside of the client's calls.

    Raised through `Consumer.consume`, it would lose the messages that were fetched, and close() would wait
    for them without end.
    """

    def __init__(self) -> None:
        """Nothing was raised yet."""
        self.first: BaseException | None = None
        self.is_closing = False

    def begin_close(self) -> None:
        """Have no callback called after this but the logger, and log what that raises."""
        self.is_closing = True

    def record(self, error: BaseException) -> None:
        """Keep what a callback raised; further ones are notes of the first."""
        if self.is_closing:
            logger.error("%s", _note(error), exc_info=error)
        elif self.first is None:
            self.first = error
        else:
            self.first.add_note(_note(error))

    def take(self) -> BaseException | None:
        """Return what was raised, if anything was, and forget it."""
        first, self.first = self.first, None
        return first

    def add_note(self, error: BaseException) -> None:
        """Add what was raised to an error that is raised instead."""
        failure = self.take()
        if failure is not None and failure is not error:
            error.add_note(_note(failure))


class Callback:
    """A callback of the settings whose exception is recorded. After the first one it isn't called again.

    Args:
        name: The setting.
        function: The user's function.
        timeout: Seconds that a call may take; None for a call in the caller's thread, without a limit.
        failures: Get a CallbackError with its cause, or the KeyboardInterrupt or SystemExit itself.
        while_closing: Whether it is also called while the client closes, when the run is over.
    """

    def __init__(
        self,
        name: str,
        function: cabc.Callable[..., Any],
        timeout: float | None,
        failures: Failures,
        *,
        while_closing: bool = False,
    ) -> None:
        """Nothing has failed yet."""
        self._name = name
        self._call = function if timeout is None else LimitedCall(name, function, timeout)
        self._failures = failures
        self._while_closing = while_closing
        self._has_failed = False

    def __call__(self, *args: object) -> None:
        """Call the function; what it returns has no meaning."""
        if self._has_failed or (self._failures.is_closing and not self._while_closing):
            return
        try:
            returned = self._call(*args)
            if returned is not None:
                not_async(returned)
        except BaseException as error:
            self._has_failed = True
            failure = error
            if not isinstance(error, WAYS_OUT):
                failure = CallbackError(sentence(self._name, error), callback=self._name)
                failure.__cause__ = error
            self._failures.record(failure)


class Spaced:
    """Calls a `stats_cb` that takes longer than its interval at most half of the time.

    librdkafka delivers statistics that are due before any message. A function that is slower than they are
    would keep the client in it: no message would arrive, and no time limit would see that.

    Args:
        function: The user's function.
        interval: `statistics.interval.ms`.
    """

    def __init__(self, function: cabc.Callable[[str], object], interval: int) -> None:
        """Nothing is skipped yet."""
        self._function = function
        self._interval = interval
        self._resumes_at = 0.0
        self._has_warned = False

    def __call__(self, statistics: str) -> object:
        """Call the function, or skip what is due while it rests."""
        began = time.monotonic()
        if began < self._resumes_at:
            return None
        result = self._function(statistics)
        ended = time.monotonic()
        if (took := ended - began) * 1000 > self._interval:
            self._resumes_at = ended + took
            if not self._has_warned:
                self._has_warned = True
                logger.warning(
                    "stats_cb took %.3g s, longer than statistics.interval.ms=%d: some statistics are "
                    "skipped, because a client reads nothing meanwhile.",
                    took,
                    self._interval,
                )
        return result


class Logger:
    """The user's `logger`, of which librdkafka calls `log`."""

    def __init__(self, own: Any, timeout: float, failures: Failures) -> None:
        """Keep its method."""
        self.log = Callback("logger", own.log, timeout, failures, while_closing=True)


def sentence(name: str, error: BaseException) -> str:
    """Return what a callback did, for the text of an error."""
    if isinstance(error, AsyncFunctionError):
        return f"{name} failed: {error}."
    if isinstance(error, TimeoutError) and str(error).startswith(f"{name} did not return"):
        return str(error)
    return f"{name} raised {typed_text_of(error).rstrip('.')}."


def _note(failure: BaseException) -> str:
    # The text of a SystemExit is only its code.
    return typed_text_of(failure) if isinstance(failure, WAYS_OUT) else str(failure)


def check(settings: KafkaSettings) -> None:
    """Raise a ConfigError for a callback that can't be called as librdkafka calls it."""
    own = settings.get("logger")
    log = getattr(own, "log", None)
    if own is not None and not callable(log):
        raise ConfigError(f"Kafka setting refused: logger={own!r} is not a logging.Logger.")
    for name, function in [*((name, settings.get(name)) for name in _ALL), ("logger.log", log)]:
        if not (function is None or callable(function)):
            raise ConfigError(f"Kafka setting refused: {name}={function!r} is not a function.")
        if is_async(function):
            raise ConfigError(
                f"Kafka setting refused: {name}={function!r} is asynchronous. Pass a function without async."
            )
        if is_generator(function):
            raise ConfigError(
                f"Kafka setting refused: {name}={function!r} is a generator function, whose body a call "
                "doesn't run. Pass a function without yield."
            )


def guarded(settings: KafkaSettings, timeout: float, failures: Failures) -> dict[str, Any]:
    """Return the settings with guarded callbacks, without those that are None; `oauth_cb` is as it was.

    They were checked before: see `check`.
    """
    result: dict[str, Any] = {
        key: value for key, value in settings.items() if value is not None or key not in _OPTIONAL
    }
    if "stats_cb" in result:  # without an interval it is never called
        result["stats_cb"] = Spaced(result["stats_cb"], int(result.get("statistics.interval.ms", 0)))
    for name in result.keys() & _GUARDED:
        result[name] = Callback(name, result[name], timeout, failures)
    if "logger" in result:
        result["logger"] = Logger(result["logger"], timeout, failures)
    return result


_OPTIONAL: Final = frozenset({*_ALL, "logger"})
