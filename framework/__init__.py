"""A small Kafka framework: an application declares topics, and plugins read them."""

import typing as _typing

from framework.errors import (
    AppNotFoundError,
    AuthenticationError,
    AuthorizationError,
    BrokerError,
    BrokerTimeoutError,
    BrokerUnavailableError,
    CommitError,
    ConfigError,
    DeserializationError,
    FrameworkError,
    MessageCleanedError,
    PartitionNotFoundError,
    PluginError,
    RoutingError,
    TopicNotFoundError,
    UnknownTopicError,
)
from framework.lazy import attach as _attach

if _typing.TYPE_CHECKING:
    from framework.app import App
    from framework.deserializers import Deserializers
    from framework.message import Message
    from framework.routing import Routes
    from framework.topic import Topic
else:
    # Loaded when asked for: `framework --help` needs none of them. Type checkers see the imports above.
    __getattr__, __dir__ = _attach(
        __name__,
        {
            "App": "app",
            "Deserializers": "deserializers",
            "Message": "message",
            "Routes": "routing",
            "Topic": "topic",
        },
    )

__all__ = [
    "App",
    "AppNotFoundError",
    "AuthenticationError",
    "AuthorizationError",
    "BrokerError",
    "BrokerTimeoutError",
    "BrokerUnavailableError",
    "CommitError",
    "ConfigError",
    "DeserializationError",
    "Deserializers",
    "FrameworkError",
    "Message",
    "MessageCleanedError",
    "PartitionNotFoundError",
    "PluginError",
    "Routes",
    "RoutingError",
    "Topic",
    "TopicNotFoundError",
    "UnknownTopicError",
]
