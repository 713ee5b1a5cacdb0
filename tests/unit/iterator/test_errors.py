from __future__ import annotations

import pickle

import pytest

import framework
import framework_iterator
from framework_iterator import (
    AlreadyIteratingError,
    InvalidOptionError,
    InvalidStartError,
    IteratorError,
    NotIteratingError,
)


def test_all_of_ours_are_caught_as_the_frameworks() -> None:
    assert issubclass(IteratorError, framework.FrameworkError)
    assert {error.__name__ for error in IteratorError.__subclasses__()} == {
        "AlreadyIteratingError",
        "InvalidOptionError",
        "NotIteratingError",
        "ScanError",
    }
    assert InvalidOptionError.__subclasses__() == [InvalidStartError]


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (InvalidOptionError, ValueError),
        (InvalidStartError, ValueError),
        (NotIteratingError, RuntimeError),
        (AlreadyIteratingError, RuntimeError),
    ],
)
def test_each_is_one_of_pythons_own_as_well(error: type[IteratorError], builtin: type[Exception]) -> None:
    assert issubclass(error, IteratorError)
    assert issubclass(error, builtin)


@pytest.mark.parametrize("error", [InvalidStartError, NotIteratingError, AlreadyIteratingError])
def test_each_carries_its_sentence_and_travels(error: type[IteratorError]) -> None:
    assert str(error("0.5 isn't a start.")) == "0.5 isn't a start."
    assert str(pickle.loads(pickle.dumps(error("0.5 isn't a start.")))) == "0.5 isn't a start."


@pytest.mark.parametrize(
    "name",
    [
        "IteratorError",
        "InvalidOptionError",
        "InvalidStartError",
        "NotIteratingError",
        "AlreadyIteratingError",
    ],
)
def test_each_is_public(name: str) -> None:
    assert name in framework_iterator.__all__
    assert issubclass(getattr(framework_iterator, name), IteratorError)
