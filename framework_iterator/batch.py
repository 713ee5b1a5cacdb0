"""Messages that were fetched together, on their way to the reader."""

from __future__ import annotations

import collections.abc as cabc
import itertools
import operator
from typing import Any, Generic, TypeVar

from framework import Message
from framework.deserializers import Decoders
from framework.message import wrap

P = TypeVar("P")


class Batch(Generic[P]):
    """Iterates over the messages once, and knows at any time which of them were given."""

    def __init__(self, natives: list[Any], decoders: cabc.Mapping[str, Decoders]) -> None:
        """Wrap native messages; the decoders are looked up by topic."""
        self._natives = natives
        # A list's iterator knows how much of it is left: no counting per message.
        self._cursor = iter(natives)
        self._messages: cabc.Iterator[Message[P]]
        if len(decoders) == 1:
            # One topic: nothing to look up per message.
            [(topic, decoder)] = decoders.items()
            # What stays bytes needs nobody to ask for it, which saves 100 ns a message.
            payloads = map(type(natives[0]).value, natives) if natives and decoder.is_untouched else None
            self._messages = wrap(self._cursor, topic, decoder, payloads)
        else:
            stretches = itertools.groupby(self._cursor, operator.methodcaller("topic"))
            self._messages = itertools.chain.from_iterable(
                wrap(stretch, topic, decoders[topic]) for topic, stretch in stretches
            )
        self._taken = 0

    def __iter__(self) -> cabc.Iterator[Message[P]]:
        """Always the same iterator: what was given isn't given again."""
        return self._messages

    @property
    def last(self) -> Any | None:
        """The native message that was given last, if one was."""
        given = self._given
        return self._natives[given - 1] if given else None

    def take_given(self) -> list[Any]:
        """The native messages that were given since this was last asked."""
        before, self._taken = self._taken, self._given
        # The whole list, if it is: what is known of it needn't be found out again.
        return (
            self._natives
            if self._taken - before == len(self._natives)
            else self._natives[before : self._taken]
        )

    def rest(self) -> list[Any]:
        """The native messages that were not given."""
        return self._natives[self._given :]

    @property
    def _given(self) -> int:
        return len(self._natives) - operator.length_hint(self._cursor)
