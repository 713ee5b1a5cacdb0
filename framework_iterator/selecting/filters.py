"""What of the messages is wanted: the checked arguments, and what a run makes of them. Pure."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import operator
from typing import Any, Final

from framework import Message
from framework.async_functions import is_async, is_generator
from framework.partitioners import Partitioner, partition_of
from framework.types import NOT_GIVEN
from framework_iterator.batch import ByTopic
from framework_iterator.errors import InvalidOptionError
from framework_iterator.selecting.containing import Containing
from framework_iterator.selecting.keys import KeyBytes, KeyEquals, comparable, encodings, partition_keys
from framework_iterator.selecting.stages import Sieve, SkipUnreadable, Stages, Test, Where

read_payload: Final = operator.attrgetter("payload")
_IS_UNTOUCHED: Final = operator.attrgetter("is_untouched")
Predicate = cabc.Callable[[Message[Any]], object]


@dataclasses.dataclass(frozen=True)
class Filters:
    """What of the messages is wanted.

    Args:
        where: A predicate of messages, or None.
        key: The wanted key, or NOT_GIVEN for all.
        containing: What the payload has to contain, or None.
        skip_unreadable: Whether messages that can't be read are skipped.
        read: Reads what is needed of a message: by default its payload.
    """

    where: Predicate | None = None
    key: object = NOT_GIVEN
    containing: Containing | None = None
    skip_unreadable: bool = False
    read: cabc.Callable[[Message[Any]], object] = read_payload

    @property
    def names(self) -> list[str]:
        """The names of the filters that are given, for messages."""
        given = {
            "where": self.where is not None,
            "key": self.key is not NOT_GIVEN,
            "containing": self.containing is not None,
        }
        return [name for name, is_given in given.items() if is_given]

    def stages(self, deserializers: ByTopic) -> Stages:
        """Return the stages of a run, the cheap ones first.

        Args:
            deserializers: Of each topic. A key that no key of a topic can equal is an InvalidOptionError.
        """
        sieves: list[Sieve] = []
        tests: list[Test] = []
        if self.key is not NOT_GIVEN:
            found = {name: self._encodings(name, deserializers) for name in deserializers}
            if known := {name: each for name, each in found.items() if each is not None}:
                sieves.append(KeyBytes(known))
            for name in (name for name, each in found.items() if each is None):
                wanted = comparable(name, deserializers[name].declared.key, self.key)
                tests.append(KeyEquals(wanted, [name]))
        if self.containing is not None:
            sieves.append(self.containing)
        # Bytes that stay bytes can always be read.
        can_fail = self.read is not read_payload or not all(map(_IS_UNTOUCHED, deserializers.values()))
        if self.skip_unreadable and can_fail:
            tests.append(SkipUnreadable(self.read))
        if self.where is not None:
            tests.append(Where(self.where))
        return Stages(tuple(sieves), tuple(tests))

    def partitions(
        self, topic: str, partitioner: Partitioner | None, deserializers: ByTopic, count: int
    ) -> frozenset[int] | None:
        """Return the partitions that may have the wanted key; None where it may be in any.

        Args:
            topic: The topic.
            partitioner: How its producers choose a partition, or None where that isn't declared.
            deserializers: Of each topic.
            count: How many partitions the topic has.
        """
        if self.key is NOT_GIVEN or partitioner is None:
            return None
        wanted = partition_keys(topic, deserializers[topic].declared.key, self.key)
        if wanted is None:
            return None
        found = [partition_of(partitioner, each, count) for each in wanted]
        return None if None in found else frozenset(each for each in found if each is not None)

    def _encodings(self, topic: str, deserializers: ByTopic) -> frozenset[bytes | None] | None:
        return encodings(topic, deserializers[topic].declared.key, self.key)


def check_where(where: object) -> Predicate | None:
    """Return a predicate, or None; anything that can't be called is an InvalidOptionError."""
    if is_async(where):
        raise InvalidOptionError(f"where={where!r} is async: expected a plain function.")
    if is_generator(where):
        raise InvalidOptionError(
            f"where={where!r} is a generator function, which is always true: expected one without yield."
        )
    if where is None or callable(where):
        return where
    raise InvalidOptionError(
        f"where={where!r} is invalid: expected a function of the message, such as "
        "lambda message: message.payload.total > 1000."
    )
