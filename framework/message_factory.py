"""Make messages of the client's messages, in C."""

from __future__ import annotations

import collections.abc as cabc
import itertools
from typing import Any, Final

from framework.deserializers import CompiledDeserializers
from framework.message import Message
from framework.message_parts import State
from framework.types import NativeMessage

_UNREAD: Final = itertools.repeat(State.UNREAD)
_NO_SUMMARY: Final = itertools.repeat(None)


class RawMessage(Message[Any]):
    """A message whose payload stays bytes, and is known when the message is made.

    Its payload is a slot and not a property, which reads in a fifth of the time: that is a tenth of a scan.
    """

    payload: Any = None

    def clean(self, *, metadata: bool = True) -> None:
        """Free the payload, and the key and headers as well unless `metadata=False`."""
        if not self.is_cleaned:
            self.payload = None
        super().clean(metadata=metadata)
        self.__class__ = _CleanedRawMessage  # pyright: ignore[reportAttributeAccessIssue]


class _CleanedRawMessage(RawMessage):
    """What a RawMessage becomes: its payload is Message's property again, which raises."""


_CleanedRawMessage.payload = Message.payload


def wrap(
    natives: list[NativeMessage], topic: str, compiled: CompiledDeserializers
) -> cabc.Iterator[Message[Any]]:
    """Return the messages of a topic, each made when its time comes.

    Not a list: Python's garbage collector would traverse its five hundred messages again and again, which
    took a fifth of the time of a scan.

    Args:
        natives: The client's messages, all of one topic.
        topic: The name of that topic.
        compiled: Its deserializers.
    """
    same = itertools.repeat(topic), itertools.repeat(compiled)
    if not (natives and compiled.is_untouched):
        return map(Message, natives, *same)
    payloads = map(type(natives[0]).value, natives)
    return map(RawMessage, natives, *same, _UNREAD, _UNREAD, _UNREAD, _NO_SUMMARY, payloads)
