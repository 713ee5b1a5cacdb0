"""The user's functions in settings: called with a time limit, and their exceptions kept as causes."""

from __future__ import annotations

import collections.abc as cabc
import contextvars
import inspect
from typing import Any, Final

from framework.errors import CallbackError, ConfigError
from framework.types import KafkaSettings
from framework.worker import Worker

Record = cabc.Callable[[BaseException], None]

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


class Callback:
    """A callback of the settings whose exception is recorded, to be raised outside of the client's calls.

    Raised through `Consumer.consume`, it would lose the messages that were fetched, and close() would wait
    for them without end. After its first failure the callback isn't called again.

    Args:
        name: The setting.
        function: The user's function.
        timeout: Seconds that a call may take; None for a call in the caller's thread, without a limit.
        record: Gets a CallbackError with its cause, or the KeyboardInterrupt or SystemExit itself.
    """

    def __init__(
        self, name: str, function: cabc.Callable[..., Any], timeout: float | None, record: Record
    ) -> None:
        """Nothing has failed yet."""
        self._name = name
        self._call = function if timeout is None else LimitedCall(name, function, timeout)
        self._record = record
        self._has_failed = False

    def __call__(self, *args: object) -> None:
        """Call the function; what it returns has no meaning."""
        if self._has_failed:
            return
        try:
            self._call(*args)
        except BaseException as error:
            self._has_failed = True
            failure = error
            if isinstance(error, Exception):
                failure = CallbackError(sentence(self._name, error), callback=self._name)
                failure.__cause__ = error
            self._record(failure)


class Logger:
    """The user's `logger`, of which librdkafka calls `log`."""

    def __init__(self, own: Any, timeout: float, record: Record) -> None:
        """Keep its method."""
        self.log = Callback("logger", own.log, timeout, record)


def sentence(name: str, error: Exception) -> str:
    """Return what a callback did, for the text of an error."""
    if isinstance(error, TimeoutError) and str(error).startswith(f"{name} did not return"):
        return str(error)
    text = " ".join(str(error).split()).rstrip(".")
    return f"{name} raised {type(error).__name__}{f': {text}' if text else ''}."


def check(settings: KafkaSettings) -> None:
    """Raise a ConfigError for a callback that can't be called as librdkafka calls it."""
    for name in _ALL:
        function = settings.get(name)
        if not (function is None or callable(function)):
            raise ConfigError(f"Kafka setting refused: {name}={function!r} is not a function.")
        if inspect.iscoroutinefunction(function):
            raise ConfigError(
                f"Kafka setting refused: {name}={function!r} is asynchronous. Pass a function without async."
            )
    own = settings.get("logger")
    if own is not None and not callable(getattr(own, "log", None)):
        raise ConfigError(f"Kafka setting refused: logger={own!r} is not a logging.Logger.")


def guarded(settings: KafkaSettings, timeout: float, record: Record) -> dict[str, Any]:
    """Return the settings with guarded callbacks, without those that are None; `oauth_cb` is as it was.

    They were checked before: see `check`.
    """
    result: dict[str, Any] = {
        key: value for key, value in settings.items() if value is not None or key not in _OPTIONAL
    }
    for name in result.keys() & _GUARDED:
        result[name] = Callback(name, result[name], timeout, record)
    if "logger" in result:
        result["logger"] = Logger(result["logger"], timeout, record)
    return result


_OPTIONAL: Final = frozenset({*_ALL, "logger"})
