"""Every error of the framework, in one tree.

FrameworkError
├── ConfigError                 an invalid setting
├── RoutingError                an invalid declaration of a topic
│   ├── UnknownTopicError       (also a KeyError)
│   └── MissingExtraError       an optional library isn't installed
├── AppNotFoundError            no application, or several and none was chosen
├── PluginError                 a plugin that fails to load
├── CallbackError               a callback of the settings failed: .callback
├── BrokerError                 what Kafka reported: .code .name .retriable
│   ├── BrokerUnavailableError  no broker answered, or none is trusted
│   ├── BrokerTimeoutError      no answer, or no progress, in time
│   ├── AuthenticationError     the login was refused
│   ├── AuthorizationError      a right is missing
│   ├── TopicNotFoundError
│   ├── PartitionNotFoundError
│   └── CommitError             offsets of the group were not committed
├── SchemaRegistryError         what the schema registry reported
│   ├── RegistryUnavailableError it gave no usable answer in time
│   ├── RegistryAuthError       it refused the login
│   └── SchemaNotFoundError     it has no such schema: .schema_id .registry
├── DeserializationError        bytes that their deserializer failed on
└── MessageCleanedError         a part was read after clean()
"""

from __future__ import annotations

import collections.abc as cabc
import uuid
from typing import Any, Self, TypeVar

from framework.pickled_causes import PickledCause, chain_causes, picklable_state, pickled_causes

E = TypeVar("E", bound="FrameworkError")


class FrameworkError(Exception):
    """The base class of all errors that the framework raises on purpose.

    It can always be pickled, with its attributes and its causes. A cause that can't be is replaced by an
    error with its text.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle type, text, attributes and causes."""
        kind, *state = self._reduce_alone()[1]
        return _restore, (kind, *state, pickled_causes(self))

    def __copy__(self) -> Self:
        """Return an error with the same attributes and the same cause."""
        error: Self = _restore(type(self), self.args, self.__dict__)
        error.__cause__ = self.__cause__
        return error

    def _reduce_alone(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, picklable_state(self.__dict__))


def _restore(
    kind: type[E],
    args: tuple[Any, ...],
    state: dict[str, Any],
    causes: cabc.Iterable[PickledCause] = (),
) -> E:
    # Without __init__: that of a subclass may take other arguments than its text.
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    chain_causes(error, causes)
    return error


class ConfigError(FrameworkError):
    """A setting is unknown, has an invalid value, or contradicts a guarantee."""


class RoutingError(FrameworkError):
    """A topic was declared in an invalid way."""


class UnknownTopicError(RoutingError, KeyError):
    """No topic of this name is declared."""

    def __str__(self) -> str:
        """Return the text; KeyError would put it in quotes."""
        return Exception.__str__(self)


class MissingExtraError(RoutingError):
    """An optional library is missing, without which no message of its kind can be read."""


class AppNotFoundError(FrameworkError):
    """No application was found, or there are several and none was chosen."""


class PluginError(FrameworkError):
    """A plugin could not be loaded."""


class CallbackError(FrameworkError):
    """A callback of the settings failed, such as `error_cb`; `__cause__` is its exception.

    `callback` is the name of the setting. An `oauth_cb` that fails is an AuthenticationError.
    """

    def __init__(self, message: str, *, callback: str = "") -> None:
        """Keep the text and the name."""
        super().__init__(message)
        self.callback = callback


class BrokerError(FrameworkError):
    """Kafka reported an error, or could not be reached.

    `code` and `name` are those of librdkafka's `rd_kafka_resp_err_t`: broker codes are positive,
    the client's own are negative and their names begin with an underscore. Both are None where there
    is no single code. `retriable` says that the same call may succeed later.
    """

    def __init__(
        self, message: str, *, code: int | None = None, name: str | None = None, retriable: bool = False
    ) -> None:
        """Keep the text and, where there is one, librdkafka's code."""
        super().__init__(message)
        self.code = code
        self.name = name
        self.retriable = retriable


class BrokerUnavailableError(BrokerError):
    """No broker answered within `broker_timeout`, or none has a trusted certificate."""


class BrokerTimeoutError(BrokerError):
    """A request got no answer in time, or a run made no progress for `stall_timeout`."""


class AuthenticationError(BrokerError):
    """The broker refused the login."""


class AuthorizationError(BrokerError):
    """The login was accepted, but a right is missing."""


class TopicNotFoundError(BrokerError):
    """The cluster has no topic of this name."""


class PartitionNotFoundError(BrokerError):
    """The topic has no partition of this number."""


class CommitError(BrokerError):
    """The broker did not commit offsets of the group."""


class SchemaRegistryError(FrameworkError):
    """The schema registry reported an error, or gave an unusable answer."""


class RegistryUnavailableError(SchemaRegistryError):
    """No address of the schema registry gave a usable answer within `registry_timeout`.

    `addresses` are those that were asked, without logins, `reason` is the last one, and `seconds` how long
    they were asked.
    """

    def __init__(
        self, message: str, *, addresses: tuple[str, ...] = (), reason: str = "", seconds: float = 0.0
    ) -> None:
        """Keep the text, the addresses, the reason and the time."""
        super().__init__(message)
        self.addresses = addresses
        self.reason = reason
        self.seconds = seconds


class RegistryAuthError(SchemaRegistryError):
    """The schema registry refused the login, or a right is missing."""


class SchemaNotFoundError(SchemaRegistryError):
    """The schema registry has no schema of this id.

    `schema_id` is an int, or a UUID where messages name schemas by GUID; `registry` is its address.
    """

    def __init__(self, message: str, *, schema_id: int | uuid.UUID = -1, registry: str = "") -> None:
        """Keep the text, the id and the address."""
        super().__init__(message)
        self.schema_id = schema_id
        self.registry = registry


class DeserializationError(FrameworkError):
    """The deserializer of a part failed; `__cause__` is its exception.

    `topic`, `partition` and `offset` say which message, `part` is "payload", "key" or "headers".
    The raw bytes stay readable on the message.
    """

    def __init__(
        self, message: str, *, topic: str = "", partition: int = -1, offset: int = -1, part: str = ""
    ) -> None:
        """Keep the text, the message and the part."""
        super().__init__(message)
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.part = part


class MessageCleanedError(FrameworkError):
    """The part was freed by `clean()`."""


ENDS_RUN = (RegistryUnavailableError, RegistryAuthError, MissingExtraError, ConfigError)
"""Raised as they are where a part is read: they are not about one message, and the next would fail, too."""
