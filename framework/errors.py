"""Every error of the framework, in one tree.

FrameworkError
├── ConfigError                 a setting that can't be
├── RoutingError                a topic declared wrongly
│   └── UnknownTopicError       (also a KeyError)
├── AppNotFoundError            no application, or several without a choice
├── PluginError                 a plugin that doesn't load
├── BrokerError                 what Kafka said: .code .name .retriable
│   ├── BrokerUnavailableError  nobody answered, or nobody who is trusted
│   ├── BrokerTimeoutError      an answer that doesn't come
│   ├── AuthenticationError     login refused
│   ├── AuthorizationError      a right is missing
│   ├── TopicNotFoundError
│   ├── PartitionNotFoundError
│   └── CommitError             the group's offsets could not be written
├── DeserializationError        bytes that don't become a value
└── MessageCleanedError         reading what clean() freed
"""

from __future__ import annotations


class FrameworkError(Exception):
    """The root: catch it to catch everything that is raised on purpose here."""


class ConfigError(FrameworkError):
    """A setting is unknown, has an impossible value, or would break a promise."""


class RoutingError(FrameworkError):
    """A topic was declared in a way that can't work."""


class UnknownTopicError(RoutingError, KeyError):
    """No topic of this name was declared."""

    def __str__(self) -> str:
        """The sentence itself: KeyError alone would show it in quotes."""
        return Exception.__str__(self)


class AppNotFoundError(FrameworkError):
    """There is no application to work with, or there are several and none was chosen."""


class PluginError(FrameworkError):
    """A plugin could not be loaded."""


class BrokerError(FrameworkError):
    """Kafka, or the way to it, failed.

    `code` and `name` are those of librdkafka's `rd_kafka_resp_err_t`: broker codes are positive,
    the client's own are negative and their names begin with an underscore. Both are None where
    no single code stands behind the failure. `retriable` says that the same call may succeed later.
    """

    def __init__(
        self, message: str, *, code: int | None = None, name: str | None = None, retriable: bool = False
    ) -> None:
        """Keep the sentence and, where there is one, librdkafka's code."""
        super().__init__(message)
        self.code = code
        self.name = name
        self.retriable = retriable


class BrokerUnavailableError(BrokerError):
    """No broker answered within `broker_timeout`, or none shows a certificate that is trusted."""


class BrokerTimeoutError(BrokerError):
    """A broker answered before, and then nothing more came for `stall_timeout`."""


class AuthenticationError(BrokerError):
    """The broker refused the login."""


class AuthorizationError(BrokerError):
    """The login is fine, a right is missing."""


class TopicNotFoundError(BrokerError):
    """The cluster has no topic of this name."""


class PartitionNotFoundError(BrokerError):
    """The topic has no partition of this number."""


class CommitError(BrokerError):
    """The broker did not take the group's offsets."""


class DeserializationError(FrameworkError):
    """One part of one message doesn't become a value; the cause is `__cause__`.

    `topic`, `partition` and `offset` say which message, `part` is "payload", "key" or "headers".
    The raw bytes stay reachable on the message.
    """

    def __init__(
        self, message: str, *, topic: str = "", partition: int = -1, offset: int = -1, part: str = ""
    ) -> None:
        """Keep the sentence and where it happened."""
        super().__init__(message)
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.part = part


class MessageCleanedError(FrameworkError):
    """The part was freed by `clean()` and can't be read any more."""
