"""Open librdkafka's clients, and make requests with them. I/O."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import functools
import logging
import time
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Protocol, TypeVar

from confluent_kafka import KafkaError, KafkaException

# Instrumentation replaces `confluent_kafka.Consumer` by a wrapper that is a hundred times slower and
# breaks assign(); it doesn't reach the class behind that name.
from confluent_kafka.cimpl import Consumer
from confluent_kafka.cimpl import Producer as Producer  # for the app's signature

from framework import callbacks, config_checks, errors, kafka_errors
from framework.broker_addresses import check_servers
from framework.client_errors import ClientErrors
from framework.config import DEFAULT_SERVERS, ENVIRONMENT, without
from framework.config_keys import CONSUMER_ONLY, PRODUCER_ONLY
from framework.environment import misspelt_variable, near_variable
from framework.log import logger
from framework.retry import Deadline, retry
from framework.tokens import Tokens
from framework.types import KafkaSettings

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

P = ParamSpec("P")
T = TypeVar("T")


_logger = logging.getLogger(__name__)

_CALLBACK_TIMEOUT: Final = 10.0
"""Seconds that a callback may take where no other time is given."""


class _Pollable(Protocol):
    def poll(self, timeout: float = ..., /) -> object: ...


def open_consumer(
    settings: KafkaSettings, timeout: float = _CALLBACK_TIMEOUT
) -> tuple[Consumer, ClientErrors]:
    """Open a consumer with these settings, without those of producers.

    Args:
        settings: librdkafka's settings.
        timeout: Seconds that a callback in them may take.
    """
    return _open(Consumer, without(settings, PRODUCER_ONLY), timeout)


def open_producer(
    settings: KafkaSettings,
    timeout: float = _CALLBACK_TIMEOUT,
    make: cabc.Callable[[dict[str, Any]], Producer] = Producer,
) -> tuple[Producer, ClientErrors]:
    """Open a producer with these settings, without those of consumers; see `open_consumer`."""
    return _open(make, without(settings, CONSUMER_ONLY), timeout)


def open_admin(
    settings: KafkaSettings, timeout: float = _CALLBACK_TIMEOUT
) -> tuple[AdminClient, ClientErrors]:
    """Open an admin client, without the settings of consumers and producers; see `open_consumer`."""
    from confluent_kafka.admin import AdminClient  # 40 ms that a reader doesn't need

    return _open(AdminClient, without(settings, CONSUMER_ONLY | PRODUCER_ONLY), timeout)


def _open(client: cabc.Callable[..., T], settings: KafkaSettings, timeout: float) -> tuple[T, ClientErrors]:
    servers = str(settings.get("bootstrap.servers", ""))
    if "test.mock.num.brokers" not in settings:
        check_servers(settings.get("bootstrap.servers", ""))
    if servers == DEFAULT_SERVERS:
        _doubt_default(near_variable("KAFKA_BOOTSTRAP_SERVERS"))
    for variable, key in ENVIRONMENT.items():
        if key not in settings:
            _doubt_unset(key, misspelt_variable(variable))
    callbacks.check(settings)
    config_checks.check_together(settings)
    protocol = str(settings.get("security.protocol", "plaintext")).lower()
    reported = ClientErrors(servers, tokens=_tokens(settings, servers, timeout), protocol=protocol)
    ready = callbacks.guarded(settings, timeout, reported.failures)
    reported.callback = ready.get("error_cb")
    own = {"error_cb": reported} | ({} if reported.tokens is None else {"oauth_cb": reported.tokens})
    try:
        return client({"logger": logger, **ready, **own}), reported
    except KafkaException as error:
        if error.args[0].code() == KafkaError.SASL_AUTHENTICATION_FAILED:  # there is still no token
            raise kafka_errors.as_error(error.args[0]) from error
        refused = config_checks.explain(kafka_errors.text_of(error.args[0]), settings)
        raise errors.ConfigError(refused) from error
    except (UnicodeError, SystemError):
        # Python's own message quotes the text, which may be a password: so without the cause.
        keys = ", ".join(key for key, value in settings.items() if not _is_utf8(value))
        raise errors.ConfigError(f"Kafka setting refused: {keys} is not encodable as UTF-8.") from None
    except (TypeError, ValueError) as error:
        if "configuration property name" in str(
            error
        ):  # all keys are str: a KeyboardInterrupt in the constructor was lost
            raise KeyboardInterrupt from error
        raise errors.ConfigError(f"Kafka setting refused: {error}.") from error


@functools.cache
def _doubt_default(hint: str) -> None:
    """Log once that another variable was set, perhaps in place of ours."""
    if hint:
        _logger.warning("The broker is the default, %s.%s", DEFAULT_SERVERS, hint)


@functools.cache
def _doubt_unset(key: str, hint: str) -> None:
    """Log once that a misspelt variable was set, perhaps for this setting."""
    if hint:
        _logger.warning("%s is not set.%s", key, hint)


def _tokens(settings: KafkaSettings, servers: str, timeout: float) -> Tokens | None:
    function = settings.get("oauth_cb")
    if function is None or settings.get("sasl.mechanism") != "OAUTHBEARER":
        return None  # never called
    argument = settings.get("sasl.oauthbearer.config")
    return Tokens(function, None if argument is None else str(argument), servers, timeout)


def _is_utf8(value: object) -> bool:
    try:
        str(value).encode()
    except UnicodeError:
        return False
    return True


class _Slice:
    """The timeout of one try of a request: it doubles each time a try has used all of it."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    @contextlib.contextmanager
    def measured(self) -> cabc.Generator[float]:
        started = time.monotonic()
        try:
            yield self.seconds
        finally:
            if time.monotonic() - started >= self.seconds:
                self.seconds *= 2


_FIRST_SLICE: Final = 0.25
"""Seconds of the first try of a request."""
_FIRST_SLICE_WHILE_READING: Final = 2.0
"""The same for a client that reads: the request waits behind a fetch that the broker delays, half a second by
default, and librdkafka closes a connection on which a request times out."""


def request(
    client: _Pollable | None, reported: ClientErrors, timeout: float, call: cabc.Callable[[float], T]
) -> T:
    """Return what `call(timeout)` answers, and retry it in growing slices of time.

    Args:
        client: Polled between the tries, which serves the callbacks that report what is wrong. None for
            a client that reads: polling would lose its messages.
        reported: The errors of that client.
        timeout: Seconds in all.
        call: The request. It raises KafkaException when it fails.
    """
    deadline = Deadline(timeout)
    slice_ = _Slice(_FIRST_SLICE_WHILE_READING if client is None else _FIRST_SLICE)

    def attempt() -> T:
        with slice_.measured() as seconds:
            return call(max(0.01, min(seconds, deadline.remaining)))

    def is_worth_a_retry(error: Exception) -> bool:
        is_transient = isinstance(error, KafkaException) and kafka_errors.is_retriable(error.args[0])
        return is_transient and not reported.is_final

    pause = time.sleep if client is None else functools.partial(interruptible, client.poll)
    try:
        answer = retry(attempt, deadline, on=is_worth_a_retry, pause=pause)
    except KafkaException as error:
        if client is not None:  # else the loop's next fetch raises it, in the thread that reads
            reported.raise_failure()
        raise _request_failed(error.args[0], reported, timeout) from error
    if client is not None:
        reported.raise_failure()
    return answer


def _request_failed(reason: KafkaError, reported: ClientErrors, timeout: float) -> errors.BrokerError:
    # A code such as "not the leader" is the reason itself, unless the client reported a better one.
    is_unavailable = reported.last is not None or kafka_errors.is_timeout(reason)
    if kafka_errors.is_retriable(reason) and is_unavailable:
        return reported.unavailable(timeout)
    return kafka_errors.as_error(reason)


def interruptible(call: cabc.Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Make a call that serves the client's callbacks in the main thread, and let Ctrl-C through.

    When a signal arrives during such a callback, the client loses the exception of the signal's handler
    and raises SystemError. That exception is nearly always a KeyboardInterrupt.
    """
    try:
        return call(*args, **kwargs)
    except SystemError as error:
        if "without setting an exception" not in str(error):
            raise
        raise KeyboardInterrupt from error
