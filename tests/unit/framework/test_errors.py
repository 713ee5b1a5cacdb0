from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from framework import (
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
    errors,
)

TREE: dict[type[Exception], tuple[type, ...]] = {
    FrameworkError: (Exception,),
    ConfigError: (FrameworkError,),
    RoutingError: (FrameworkError,),
    UnknownTopicError: (RoutingError, KeyError),
    AppNotFoundError: (FrameworkError,),
    PluginError: (FrameworkError,),
    BrokerError: (FrameworkError,),
    BrokerUnavailableError: (BrokerError,),
    BrokerTimeoutError: (BrokerError,),
    AuthenticationError: (BrokerError,),
    AuthorizationError: (BrokerError,),
    TopicNotFoundError: (BrokerError,),
    PartitionNotFoundError: (BrokerError,),
    CommitError: (BrokerError,),
    DeserializationError: (FrameworkError,),
    MessageCleanedError: (FrameworkError,),
}
BROKER_ERRORS = [kind for kind in TREE if issubclass(kind, BrokerError)]


def test_the_tree_is_whole() -> None:
    found = {kind: kind.__bases__ for kind in vars(errors).values() if isinstance(kind, type)}

    assert found == TREE


@pytest.mark.parametrize("kind", TREE)
def test_the_tree_is_drawn_in_the_modules_first_lines(kind: type[Exception]) -> None:
    assert kind.__name__ in str(errors.__doc__)


@pytest.mark.parametrize("kind", TREE)
def test_an_error_reads_as_its_sentence(kind: type[Exception]) -> None:
    assert str(kind("Topic 'x' isn't declared.")) == "Topic 'x' isn't declared."


@pytest.mark.parametrize("kind", TREE)
@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy])
def test_an_error_pickles_and_copies(kind: type[Exception], again: Any) -> None:
    error = again(kind("A sentence."))

    assert type(error) is kind
    assert str(error) == "A sentence."


@pytest.mark.parametrize("kind", BROKER_ERRORS)
def test_a_brokers_error_keeps_its_code_on_the_way(kind: type[BrokerError]) -> None:
    error = pickle.loads(
        pickle.dumps(kind("A sentence.", code=5, name="LEADER_NOT_AVAILABLE", retriable=True))
    )

    assert type(error) is kind
    assert (error.code, error.name, error.retriable) == (5, "LEADER_NOT_AVAILABLE", True)


def test_a_brokers_error_may_have_no_code() -> None:
    error = BrokerError("A sentence.")

    assert (error.code, error.name, error.retriable) == (None, None, False)


def test_a_deserialization_error_keeps_its_place_on_the_way() -> None:
    error = DeserializationError("A sentence.", topic="flights", partition=3, offset=17, part="key")
    error = pickle.loads(pickle.dumps(error))

    assert (error.topic, error.partition, error.offset, error.part) == ("flights", 3, 17, "key")
