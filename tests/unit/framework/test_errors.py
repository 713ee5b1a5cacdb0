from __future__ import annotations

import copy
import copyreg
import itertools
import pickle
import sys
from typing import Any

import pydantic
import pytest
from confluent_kafka import KafkaError, KafkaException

from framework import (
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
    errors,
)
from framework.pickled_causes import UnpicklableError

TREE: dict[type[Exception], tuple[type, ...]] = {
    FrameworkError: (Exception,),
    ConfigError: (FrameworkError,),
    RoutingError: (FrameworkError,),
    UnknownTopicError: (RoutingError, KeyError),
    errors.MissingExtraError: (RoutingError,),
    AppNotFoundError: (FrameworkError,),
    PluginError: (FrameworkError,),
    CallbackError: (FrameworkError,),
    BrokerError: (FrameworkError,),
    BrokerUnavailableError: (BrokerError,),
    BrokerTimeoutError: (BrokerError,),
    AuthenticationError: (BrokerError,),
    AuthorizationError: (BrokerError,),
    TopicNotFoundError: (BrokerError,),
    PartitionNotFoundError: (BrokerError,),
    CommitError: (BrokerError,),
    SchemaRegistryError: (FrameworkError,),
    RegistryUnavailableError: (SchemaRegistryError,),
    RegistryAuthError: (SchemaRegistryError,),
    SchemaNotFoundError: (SchemaRegistryError,),
    DeserializationError: (FrameworkError,),
    MessageCleanedError: (FrameworkError,),
}
BROKER_ERRORS = [kind for kind in TREE if issubclass(kind, BrokerError)]


def test_the_tree_is_whole() -> None:
    found = {
        kind: kind.__bases__
        for kind in vars(errors).values()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    }

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


# Causes


class OddError(Exception):
    """Can be written by pickle, but not read: its __init__ takes other arguments."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{reason} ({code})")


class RefusingError(Exception):
    """Can't be pickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        raise RuntimeError("never")


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("never")

    def __reduce__(self) -> tuple[Any, ...]:
        raise RuntimeError("never")


def raised(*chain: BaseException) -> Any:
    """The first error, with each of the others as the cause of the one before it, after a pickle."""
    for error, cause in itertools.pairwise(chain):
        error.__cause__ = cause
    return pickle.loads(pickle.dumps(chain[0]))


def test_a_pickled_error_keeps_its_cause() -> None:
    error = raised(FrameworkError("A sentence."), ValueError("The reason."))

    assert repr(error.__cause__) == "ValueError('The reason.')"
    assert error.__suppress_context__


def test_a_pickled_error_keeps_nested_causes_with_their_attributes() -> None:
    broker = BrokerError("No answer.", code=5, name="LEADER_NOT_AVAILABLE", retriable=True)
    error = raised(
        CommitError("Not committed.", code=7), broker, KeyError("k"), ConfigError("Why."), OSError(2)
    )
    causes = [error.__cause__]
    while causes[-1].__cause__ is not None:
        causes.append(causes[-1].__cause__)

    assert (type(error), error.code) == (CommitError, 7)
    assert [repr(cause) for cause in causes] == [
        "BrokerError('No answer.')",
        "KeyError('k')",
        "ConfigError('Why.')",
        "OSError(2)",
    ]
    assert (causes[0].code, causes[0].name, causes[0].retriable) == (5, "LEADER_NOT_AVAILABLE", True)


def test_a_reducer_that_a_library_registers_for_exceptions_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reduce(error: LookupError) -> Any:
        raise TypeError("This one would pickle the traceback, and all causes.")

    monkeypatch.setitem(copyreg.dispatch_table, LookupError, reduce)
    error = raised(FrameworkError("A sentence."), LookupError("The reason."))
    assert repr(error.__cause__) == "LookupError('The reason.')"


def test_an_error_without_a_cause_has_none_after_a_pickle() -> None:
    error = raised(FrameworkError("A sentence."))

    assert (error.__cause__, error.__suppress_context__) == (None, False)


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        pytest.param(OddError(5, "No"), "test_errors.OddError: No (5)", id="not readable"),
        pytest.param(RefusingError("No"), "test_errors.RefusingError: No", id="not writable"),
        pytest.param(UnprintableError(), "UnprintableError: <exception str() failed>", id="no text"),
        pytest.param(
            KafkaException(KafkaError(KafkaError._TRANSPORT, "Refused")),
            'cimpl.KafkaException: KafkaError{code=_TRANSPORT,val=-195,str="Refused"}',
            id="confluent's",
        ),
    ],
)
def test_a_cause_that_can_not_be_pickled_leaves_its_text(cause: Exception, text: str) -> None:
    error = raised(FrameworkError("A sentence."), cause, ValueError("The reason."))

    assert str(error) == "A sentence."
    assert type(error.__cause__) is UnpicklableError
    assert str(error.__cause__).endswith(text)
    assert repr(error.__cause__.__cause__) == "ValueError('The reason.')"


def test_pydantics_errors_are_kept() -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(int).validate_json("{}")
    cause = raised(DeserializationError("A sentence.", topic="flights"), caught.value).__cause__

    assert isinstance(cause, pydantic.ValidationError)
    assert cause.errors(include_url=False) == caught.value.errors(include_url=False)


def test_a_cause_whose_class_is_missing_where_it_is_read_leaves_its_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = FrameworkError("A sentence.")
    error.__cause__ = NamedError("The reason.")
    pickled = pickle.dumps(error)
    monkeypatch.delattr(sys.modules[__name__], "NamedError")
    found = pickle.loads(pickled)

    assert type(found.__cause__) is UnpicklableError
    assert str(found.__cause__).endswith("test_errors.NamedError: The reason.")


class NamedError(Exception):
    """Has its place in this module."""


def test_causes_that_lead_back_to_the_error_end_there() -> None:
    first, second = FrameworkError("first"), FrameworkError("second")
    first.__cause__, second.__cause__ = second, first
    found = pickle.loads(pickle.dumps(first))

    assert str(found.__cause__) == "second"
    assert found.__cause__.__cause__ is None


def test_an_attribute_that_can_not_be_pickled_leaves_its_text() -> None:
    error: Any = BrokerError("A sentence.", code=5)
    error.extra = lambda: None
    error.add_note("A note.")
    found = pickle.loads(pickle.dumps(error))

    assert (found.code, found.__notes__) == (5, ["A note."])
    assert found.extra.startswith("<function ")


class SpecialError(BrokerError):
    """A subclass of an application with arguments of its own."""

    def __init__(self, shop: str) -> None:
        super().__init__(f"Shop {shop} is closed.", code=5)
        self.shop = shop


def test_a_subclass_with_arguments_of_its_own_pickles() -> None:
    error = raised(SpecialError("eu"), ValueError("The reason."))

    assert (type(error), str(error), error.shop, error.code) == (SpecialError, "Shop eu is closed.", "eu", 5)
    assert repr(error.__cause__) == "ValueError('The reason.')"


def test_a_copied_error_has_the_same_cause_and_attributes() -> None:
    error: Any = BrokerError("A sentence.", code=5)
    error.__cause__ = RefusingError("The reason.")
    error.extra = object()
    copied = copy.copy(error)

    assert (type(copied), str(copied), copied.code) == (BrokerError, "A sentence.", 5)
    assert copied.__cause__ is error.__cause__
    assert copied.extra is error.extra
