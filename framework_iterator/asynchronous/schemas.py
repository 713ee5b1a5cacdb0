"""Ask the schema registry before the event loop reads messages: a request would block it."""

from __future__ import annotations

import collections.abc as cabc
import contextlib

from framework.deserializers import CompiledDeserializers
from framework.message import Message
from framework.schemas.framing import HEADERS, header_value
from framework.types import NativeMessage
from framework_iterator.batch import ByTopic


class SchemaLookup:
    """Deserializes the first message of each schema in the thread of the run; later ones need no request.

    Where there is a schema registry, it costs 0.1 µs per message, and 0.3 µs where a schema is named.

    Args:
        deserializers: Of each topic.
    """

    def __init__(self, deserializers: ByTopic) -> None:
        """No schema is known."""
        self._topics = {topic: each for topic, each in deserializers.items() if each.asks_registry}
        self._known: set[tuple[str, str, bytes]] = set()

    def __call__(self, messages: cabc.Sequence[NativeMessage]) -> None:
        """Have the schemas of these messages looked up; what fails is raised when the message is read."""
        if not self._topics:
            return
        for native in _that_may_name_one(messages):
            if (compiled := self._topics.get(topic := native.topic())) is None:
                continue
            headers = native.headers()
            for part, data in (("payload", native.value()), ("key", native.key())):
                named = header_value(headers, HEADERS[part]) if headers else None
                if named is None and data and not data[0]:
                    named = data[:5]
                if named is not None and (topic, part, named) not in self._known:
                    self._known.add((topic, part, named))
                    _read(native, topic, compiled, part)


def _that_may_name_one(messages: cabc.Sequence[NativeMessage]) -> cabc.Sequence[NativeMessage]:
    if not messages:
        return messages
    read = type(messages[0])
    if any(map(read.headers, messages)):
        return messages
    parts = zip(messages, map(read.value, messages), map(read.key, messages), strict=True)
    return [each for each, value, key in parts if (value and not value[0]) or (key and not key[0])]


def _read(native: NativeMessage, topic: str, compiled: CompiledDeserializers, part: str) -> None:
    with contextlib.suppress(Exception):
        getattr(Message(native, topic, compiled), part)
