"""Search the bytes of payloads, without deserializing any. Pure."""

from __future__ import annotations

import collections.abc as cabc
import re
from typing import Any, ClassVar

from framework_iterator.batch import Batch
from framework_iterator.errors import InvalidOptionError
from framework_iterator.progress.delivery import Fate


class Containing:
    """Removes messages whose payload doesn't contain a text, some bytes, or a match of a pattern.

    A tombstone contains nothing.

    Args:
        wanted: A text, which is searched as UTF-8, bytes, or a compiled pattern of bytes. Anything else is an
            InvalidOptionError.
    """

    fate: ClassVar[Fate] = Fate.FILTERED

    def __init__(self, wanted: object) -> None:
        """Check what is searched for."""
        self._search = _search(wanted)

    def passing(self, batch: Batch[Any]) -> cabc.Sequence[int]:
        """Return the indexes of the messages that pass."""
        search = self._search
        if isinstance(search, bytes):
            return [
                index
                for index, payload in enumerate(batch.raw_payloads)
                if payload is not None and search in payload
            ]
        return [
            index
            for index, payload in enumerate(batch.raw_payloads)
            if payload is not None and search(payload) is not None
        ]


def _search(wanted: object) -> bytes | cabc.Callable[[bytes], object]:
    if isinstance(wanted, re.Pattern):
        if isinstance(wanted.pattern, str):
            raise InvalidOptionError(
                f"containing={wanted!r} is invalid: bytes are searched. Compile a pattern of bytes: "
                f"re.compile({wanted.pattern.encode(errors='surrogatepass')!r})."
            )
        return wanted.search
    data = wanted
    if isinstance(wanted, str):
        try:
            data = wanted.encode()
        except UnicodeEncodeError as error:
            raise InvalidOptionError(
                f"containing={wanted!r} is invalid: it isn't UTF-8 ({error.reason})."
            ) from error
    if not isinstance(data, bytes):
        raise InvalidOptionError(
            f"containing={wanted!r} is invalid: expected text, bytes, or a compiled pattern of bytes."
        )
    if not data:
        raise InvalidOptionError(
            f"containing={wanted!r} is invalid: every payload contains it. Leave it out to read all."
        )
    return data
