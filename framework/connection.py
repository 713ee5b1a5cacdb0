"""Opens confluent clients, and turns what they say into our errors. No other module does either."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import re
import time
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from confluent_kafka import KafkaError, KafkaException

# Instrumentation replaces `confluent_kafka.Consumer` by a wrapper that is a hundred times slower and
# breaks assign(); the class behind that name is out of its reach.
from confluent_kafka.cimpl import Consumer
from confluent_kafka.cimpl import Producer as Producer  # for the app's signature

from framework import errors
from framework.config import COMMON, CONSUMER_ONLY, PRODUCER_ONLY, check_servers, without
from framework.log import logger
from framework.suggest import did_you_mean
from framework.types import KafkaSettings

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

P = ParamSpec("P")
T = TypeVar("T")


class Trouble:
    """What a client last said went wrong: calls that time out don't say why, its error callback does."""

    def __init__(self, servers: str, also: cabc.Callable[[KafkaError], object] | None = None) -> None:
        """Remember whom we try to reach; `also` is the application's own error callback."""
        self.servers = servers
        self.last: KafkaError | None = None
        self.denied: KafkaError | None = None
        """Why the broker doesn't tell the group's coordinator, for which librdkafka looks by itself."""
        self._also = also
        self._untrusted: dict[str, KafkaError] = {}

    def __call__(self, error: KafkaError) -> None:
        """librdkafka's `error_cb`."""
        # "All brokers are down" only repeats, without a reason, what was told of each of them.
        if error.code() != KafkaError._ALL_BROKERS_DOWN or self.last is None:
            self.last = error
        if error.code() == KafkaError._SSL and _is_of_a_certificate(error):
            self._untrusted[_words(error).partition(": ")[0]] = error
        if self._also is not None:
            self._also(error)

    def hears_denial(self, error: KafkaError) -> bool:
        """Whether this is of the group; it is kept, and is nothing to who only reads."""
        if error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
            return False
        self.denied = error
        return True

    @property
    def is_login(self) -> bool:
        """Whether the login was refused."""
        return self.last is not None and self.last.code() in _CLASSES_BY_LOGIN

    @property
    def is_distrust(self) -> bool:
        """Whether no address to begin at shows a certificate that is trusted.

        A port without TLS, and a broker that starts, never say so. Of several addresses, another may do.
        """
        # The same is said again in fewer words, as _TRANSPORT.
        if self.last is None or not _is_of_a_certificate(self.last):
            return False
        first = [name for name in self._untrusted if name.endswith("/bootstrap")]
        return len(first) >= len([each for each in self.servers.split(",") if each.strip()])

    @property
    def is_final(self) -> bool:
        """Whether waiting longer is no use."""
        return self.is_login or self.is_distrust

    def as_error(self, waited: float, consequence: str = "") -> errors.BrokerError:
        """Nobody answered: what that means, whom we tried, for how long, and the last reason."""
        reason = "nothing was heard" if self.last is None else _words(self.last)
        if self.is_login:
            return _made(
                errors.AuthenticationError,
                f"{consequence}{self.servers} refused the login: {reason}.",
                self.last,
            )
        if self.is_distrust:
            told = list(self._untrusted.values())[-1]
            reason = f"{consequence}No broker at {self.servers} can be trusted: {_words(told)}."
            return _made(errors.BrokerUnavailableError, reason, told)
        tried = f"No broker answered at {self.servers} within {waited:g} s: {reason}."
        return _made(
            errors.BrokerUnavailableError, f"{consequence}{tried} Is Kafka running there?", self.last
        )


class _Pollable(Protocol):
    def poll(self, timeout: float = ..., /) -> object: ...


def open_consumer(settings: KafkaSettings) -> tuple[Consumer, Trouble]:
    """A consumer with just these settings, less those of producers, and its trouble."""
    return _open(Consumer, without(settings, PRODUCER_ONLY))


def open_producer(settings: KafkaSettings) -> tuple[Producer, Trouble]:
    """A producer with these settings, less those of consumers, and its trouble."""
    return _open(Producer, without(settings, CONSUMER_ONLY))


def open_admin(settings: KafkaSettings) -> tuple[AdminClient, Trouble]:
    """An admin client with these settings, less those of consumers and producers, and its trouble."""
    # Late: whoever only reads needs none of it.
    from confluent_kafka.admin import AdminClient

    return _open(AdminClient, without(settings, CONSUMER_ONLY | PRODUCER_ONLY))


def _open(client: cabc.Callable[..., T], settings: KafkaSettings) -> tuple[T, Trouble]:
    also = settings.get("error_cb")
    if not (also is None or callable(also)):
        raise errors.ConfigError(f"Kafka setting refused: error_cb={also!r} is not a function.")
    servers = settings.get("bootstrap.servers", "")
    if "test.mock.num.brokers" not in settings:
        check_servers(str(servers))
    trouble = Trouble(str(servers), also)
    try:
        return client({"logger": logger, **settings, "error_cb": trouble}), trouble
    except KafkaException as error:
        words = _words(error.args[0])
        unknown = re.search(r'No such configuration property: "(.*)"', words)
        known = CONSUMER_ONLY | PRODUCER_ONLY | COMMON
        close = did_you_mean(unknown[1], known) if unknown else ""
        raise errors.ConfigError(f"Kafka setting refused: {words}.{close}") from error
    except (UnicodeError, SystemError):
        # What Python says of text that UTF-8 can't write has the text in it: without the cause, then.
        keys = ", ".join(key for key, value in settings.items() if not _is_text(value))
        raise errors.ConfigError(f"Kafka setting refused: {keys} can't be written as UTF-8.") from None
    except (TypeError, ValueError) as error:
        raise errors.ConfigError(f"Kafka setting refused: {error}.") from error


def ask(client: _Pollable | None, trouble: Trouble, within: float, call: cabc.Callable[[float], T]) -> T:
    """What `call(timeout)` answers, asked again in growing slices until `within` seconds are over.

    Between the slices the client is polled, which is when its callbacks tell what is wrong; None
    for a client that reads, whose messages polling would lose.
    """
    deadline = time.monotonic() + within
    # A reader's question waits behind the fetch that the broker holds back, half a second by default;
    # an answer that comes too late costs the connection.
    timeout = 0.25 if client is not None else 2.0
    while True:
        asked = time.monotonic()
        try:
            return call(max(0.01, min(timeout, deadline - asked)))
        except KafkaException as error:
            reason = error.args[0]
            if reason.code() not in WORTH_ASKING_AGAIN:
                raise as_error(reason) from error
            # Also a pause, for the answers that come at once.
            if client is None:
                time.sleep(0.05)
            else:
                interruptible(client.poll, 0.05)
            # One look at the clock for both, or the moment between them would hide the better sentence.
            is_over = time.monotonic() > deadline
            if trouble.is_final or (is_over and (trouble.last or reason.code() in _SILENCE)):
                raise trouble.as_error(within) from error
            if is_over:
                raise as_error(reason) from error
        if time.monotonic() - asked > timeout:
            timeout *= 2


def interruptible(call: cabc.Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a call gives that serves the client's callbacks, in the main thread.

    Where a signal meets such a callback, which is the rule where brokers are gone, the client forgets
    what the signal's handler raised, and says SystemError. Nearly always it was a KeyboardInterrupt.
    """
    try:
        return call(*args, **kwargs)
    except SystemError as error:
        if "without setting an exception" not in str(error):
            raise
        raise KeyboardInterrupt from error


@contextlib.contextmanager
def delivering_producer(settings: KafkaSettings, within: float) -> cabc.Generator[Producer]:
    """A producer that has delivered everything at the end of the block, or says what it could not."""
    refused: list[KafkaError] = []
    also = settings.get("on_delivery")

    def note(error: KafkaError | None, message: object) -> None:
        if error is not None:
            refused.append(error)
        if also is not None:
            also(error, message)

    # As Java's producer: without it, a batch that is sent again may land behind a later one.
    ours = {} if _ABOUT_IDEMPOTENCE & settings.keys() else {"enable.idempotence": True}
    producer, trouble = open_producer({**ours, **settings, "on_delivery": note})
    try:
        yield producer
        waiting = producer.flush(within)
        failures = refused.copy()
    finally:
        # What is purged is reported as refused as well.
        producer.purge()
        producer.close()
    if failures:
        raise as_error(failures[0], f"Messages refused: {len(failures)}, the first")
    if waiting:
        raise trouble.as_error(within, f"Messages not delivered: {waiting}. ")


def as_error(error: KafkaError, about: str = "") -> errors.BrokerError:
    """The one of our errors that a KafkaError is, with `about` in front of what it says."""
    kind = _CLASSES.get(error.code(), errors.BrokerError)
    return _made(kind, f"{about}: {_words(error)}." if about else f"{_words(error)}.", error)


def as_read_error(error: KafkaError, topic: str) -> errors.BrokerError:
    """Why a topic can't be read, and where a right is missing, which."""
    if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        missing = f"the right is missing. Grant READ on topic '{topic}'."
        return _made(errors.AuthorizationError, f"Topic '{topic}' can't be read: {missing}", error)
    return as_error(error, f"Topic '{topic}' can't be read")


def no_such_topic(
    topic: str, known: cabc.Iterable[str], error: KafkaError | None = None
) -> errors.BrokerError:
    """A topic that the cluster doesn't have, with the close names that it has."""
    return _made(
        errors.TopicNotFoundError, f"Topic '{topic}' doesn't exist.{did_you_mean(topic, known)}", error
    )


def as_commit_error(error: KafkaError, group: str, trouble: Trouble, within: float) -> errors.CommitError:
    """Why a group's offsets were not taken."""
    if error.code() in _MEMBERS_ONLY:
        reason = "it has live members, and only they may commit. End them, or give another group_id."
    elif error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
        reason = f"the right is missing. Grant READ on group '{group}', or give another group_id."
    elif error.code() in WORTH_ASKING_AGAIN:
        reason = str(trouble.as_error(within))
    else:
        reason = f"{_words(error)}."
    return errors.CommitError(
        f"Group '{group}' did not take the marks: {reason}",
        code=error.code(),
        name=error.name(),
        retriable=error.retriable(),
    )


def is_worth_asking_again(error: KafkaError) -> bool:
    """Whether the same question may be answered a moment later: a fresh topic, a new leader."""
    return error.code() in WORTH_ASKING_AGAIN


def _made(kind: type[errors.BrokerError], sentence: str, error: KafkaError | None) -> errors.BrokerError:
    if error is None:
        return kind(sentence)
    return kind(sentence, code=error.code(), name=error.name(), retriable=error.retriable())


def _is_of_a_certificate(error: KafkaError) -> bool:
    # OpenSSL's words; librdkafka has one code for all that TLS may say.
    return "certificate verify failed" in error.str()


def _is_text(value: object) -> bool:
    try:
        str(value).encode()
    except UnicodeError:
        return False
    return True


def _words(error: KafkaError) -> str:
    return " ".join(str(error.str()).split()).rstrip(".")


_CLASSES_BY_LOGIN: dict[int, type[errors.BrokerError]] = {
    KafkaError._AUTHENTICATION: errors.AuthenticationError,
    KafkaError.SASL_AUTHENTICATION_FAILED: errors.AuthenticationError,
}
_CLASSES: dict[int, type[errors.BrokerError]] = _CLASSES_BY_LOGIN | {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: errors.AuthorizationError,
    KafkaError.GROUP_AUTHORIZATION_FAILED: errors.AuthorizationError,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: errors.AuthorizationError,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: errors.AuthorizationError,
    KafkaError.UNKNOWN_TOPIC_OR_PART: errors.TopicNotFoundError,
    KafkaError._UNKNOWN_TOPIC: errors.TopicNotFoundError,
    KafkaError._UNKNOWN_PARTITION: errors.PartitionNotFoundError,
    KafkaError._TIMED_OUT: errors.BrokerTimeoutError,
    KafkaError.REQUEST_TIMED_OUT: errors.BrokerTimeoutError,
    KafkaError._TRANSPORT: errors.BrokerUnavailableError,
    KafkaError._RESOLVE: errors.BrokerUnavailableError,
    KafkaError._ALL_BROKERS_DOWN: errors.BrokerUnavailableError,
}
_ABOUT_IDEMPOTENCE = frozenset(
    {"enable.idempotence", "acks", "max.in.flight.requests.per.connection", "retries", "queuing.strategy"}
)
_MEMBERS_ONLY = frozenset(
    {KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION, KafkaError.REBALANCE_IN_PROGRESS}
)
# Calls that got no answer; the reason, if there is one, came to the error callback.
_SILENCE = frozenset({KafkaError._TRANSPORT, KafkaError._TIMED_OUT})
WORTH_ASKING_AGAIN = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._TIMED_OUT_QUEUE,
        KafkaError._WAIT_COORD,
        KafkaError._DESTROY_BROKER,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_BROKER,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.NOT_COORDINATOR,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.KAFKA_STORAGE_ERROR,
    }
)
