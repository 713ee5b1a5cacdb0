"""A small Kafka framework: an application declares topics, and plugins read them."""

from framework.app import App
from framework.deserializers import Deserializers
from framework.errors import (
    AppNotFoundError,
    AuthenticationError,
    AuthorizationError,
    BrokerError,
    BrokerTimeoutError,
    BrokerUnavailableError,
    CallbackError,
    CommitError,
    ConfigError,
    DeserializationError,
    FrameworkError,
    MessageCleanedError,
    PartitionNotFoundError,
    PluginError,
    RegistryAuthError,
    RegistryUnavailableError,
    RoutingError,
    SchemaNotFoundError,
    SchemaRegistryError,
    TopicNotFoundError,
    UnknownTopicError,
)
from framework.message import Message
from framework.routing import Routes
from framework.topic import Topic

__all__ = [
    "App",
    "AppNotFoundError",
    "AuthenticationError",
    "AuthorizationError",
    "BrokerError",
    "BrokerTimeoutError",
    "BrokerUnavailableError",
    "CallbackError",
    "CommitError",
    "ConfigError",
    "DeserializationError",
    "Deserializers",
    "FrameworkError",
    "Message",
    "MessageCleanedError",
    "PartitionNotFoundError",
    "PluginError",
    "RegistryAuthError",
    "RegistryUnavailableError",
    "Routes",
    "RoutingError",
    "SchemaNotFoundError",
    "SchemaRegistryError",
    "Topic",
    "TopicNotFoundError",
    "UnknownTopicError",
]
