"""Stages between "admitted" and "given": what messages have to pass. Pure.

A message that a stage removes has still been read: `fate` is what it is counted as. There are two kinds. A
`Sieve` looks at the bytes of a whole batch, in C. A `Test` looks at one message, and may be slow or raise: so
messages are tested one after the other, and not far ahead of the loop.
"""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, ClassVar, NamedTuple, Protocol

from framework import DeserializationError, Message
from framework.async_functions import not_async
from framework_iterator.batch import Batch
from framework_iterator.progress.delivery import Fate


class Sieve(Protocol):
    """A stage that decides by raw bytes; it is fast, and never raises."""

    fate: ClassVar[Fate]
    """What the messages that it removes count as."""

    def passing(self, batch: Batch[Any]) -> cabc.Sequence[int]:
        """Return the indexes of the messages that pass, in order."""
        ...


class Test(Protocol):
    """A stage that decides message by message."""

    fate: ClassVar[Fate]
    """What the messages that it removes count as."""

    def passes(self, message: Message[Any]) -> bool:
        """Return whether a message passes. What it raises reaches the user."""
        ...


class SkipUnreadable:
    """Removes messages that can't be read: `errors="skip"`.

    Args:
        read: Reads what is needed of a message, and raises a DeserializationError where that fails.
    """

    fate: ClassVar[Fate] = Fate.UNREADABLE

    def __init__(self, read: cabc.Callable[[Message[Any]], object]) -> None:
        """Nothing was skipped yet."""
        self._read = read
        self.first: str | None = None
        """Why the first message was skipped."""

    def passes(self, message: Message[Any]) -> bool:
        """Return whether it was read; the message keeps the value."""
        try:
            self._read(message)
        except DeserializationError as error:
            if self.first is None:
                self.first = str(error)  # the text alone: its traceback would hold the batch
            return False
        return True


class Where:
    """Removes messages for which a predicate of the user isn't true: `where=`."""

    fate: ClassVar[Fate] = Fate.FILTERED

    def __init__(self, predicate: cabc.Callable[[Message[Any]], object]) -> None:
        """Use this predicate."""
        self._predicate = predicate

    def passes(self, message: Message[Any]) -> bool:
        """Return whether the predicate is true."""
        result = self._predicate(message)
        return result if isinstance(result, bool) else bool(not_async(result))


class Stages(NamedTuple):
    """All stages of a run, in the order in which messages pass them: the cheap ones first."""

    sieves: tuple[Sieve, ...] = ()
    tests: tuple[Test, ...] = ()


class Unreadable(NamedTuple):
    """Why the first message, and the first key, could not be read that stages have removed."""

    message: str | None = None
    key: str | None = None


class Sifted(NamedTuple):
    """What stages made of a batch.

    Args:
        batch: The messages that passed.
        fates: What became of each message that was examined; None where all passed.
        examined: How many messages of the batch were examined; the rest was left for later.
        error: What a test raised at the message after those.
    """

    batch: Batch[Any]
    fates: bytearray | None
    examined: int
    error: BaseException | None = None


def run_stages(
    stages: Stages, batch: Batch[Any], most: int, is_enough: cabc.Callable[[], bool] = lambda: False
) -> Sifted:
    """Return what the stages make of a batch.

    Args:
        stages: The stages.
        batch: The messages, in order.
        most: How many messages may pass. Those after them are not tested.
        is_enough: Returns whether to leave the rest for later; asked after each test.
    """
    fates = bytearray(len(batch))
    left: cabc.Sequence[int] = range(len(batch))
    sifted = batch
    for sieve in stages.sieves:
        passing = sieve.passing(sifted)
        if len(passing) < len(sifted):
            fates = _removed(fates, left, sieve.fate)
            left = [left[index] for index in passing]
            for index in left:
                fates[index] = Fate.GIVEN
            sifted = sifted.take(passing)
    if not stages.tests:
        return _first(sifted, left, fates, most)
    return _run_tests(stages.tests, sifted, left, fates, most, is_enough)


def _removed(fates: bytearray, left: cabc.Sequence[int], fate: Fate) -> bytearray:
    """Return the fates with this one for all that were left."""
    if len(left) == len(fates):
        return bytearray([fate]) * len(fates)  # in C
    for index in left:
        fates[index] = fate
    return fates


def _first(batch: Batch[Any], left: cabc.Sequence[int], fates: bytearray, most: int) -> Sifted:
    """Return the first of the messages that have passed, and what became of those before them."""
    examined = len(fates)
    if len(batch) > most:
        batch, examined = batch[:most], left[most - 1] + 1
    return Sifted(batch, fates[:examined] if len(batch) < examined else None, examined)


def _run_tests(
    tests: cabc.Sequence[Test],
    batch: Batch[Any],
    left: cabc.Sequence[int],
    fates: bytearray,
    most: int,
    is_enough: cabc.Callable[[], bool],
) -> Sifted:
    """Return what the tests make of the messages that are left, in order, until it is enough."""
    passing: dict[int, Message[Any]] = {}
    examined, error = len(fates), None
    # Not all at once: Python's garbage collector would look at them again and again.
    for number, message in enumerate(batch.one_by_one()):
        try:
            fate = next((each.fate for each in tests if not each.passes(message)), Fate.GIVEN)
        except Exception as raised:
            # First the loop gets what passed before this message, as if the test stood in the loop.
            examined, error = left[number], raised
            break
        fates[left[number]] = fate
        if fate is Fate.GIVEN:
            passing[number] = message
        if len(passing) >= most or is_enough():
            examined = left[number] + 1
            break
    fates = fates[:examined]
    return Sifted(batch.of_made(passing), fates if any(fates) else None, examined, error)
