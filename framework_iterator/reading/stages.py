"""Stages between "admitted" and "given": each takes a batch and gives a batch. Pure.

A message that a stage removes has still been read: `Stage.fate` is what it is counted as.
"""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, ClassVar, Protocol

from framework import DeserializationError, Message
from framework_iterator.batch import Batch
from framework_iterator.progress.delivery import Fate


class Stage(Protocol):
    """One step that messages have to pass."""

    fate: ClassVar[Fate]
    """What the messages that it removes count as."""

    def passing(self, batch: Batch[Any]) -> cabc.Sequence[int]:
        """Return the indexes of the messages that pass, in order."""
        ...


class SkipUnreadable:
    """Removes messages whose payload can't be deserialized: `errors="skip"`."""

    fate: ClassVar[Fate] = Fate.UNREADABLE

    def __init__(self) -> None:
        """Nothing was skipped yet."""
        self.first: str | None = None
        """Why the first message was skipped."""

    def passing(self, batch: Batch[Any]) -> cabc.Sequence[int]:
        """Return the messages whose payload was read; they keep the value."""
        if batch.is_raw:
            return range(len(batch))
        return [index for index, message in enumerate(batch) if self._is_readable(message)]

    def _is_readable(self, message: Message[Any]) -> bool:
        try:
            message.payload  # noqa: B018  # deserializes it
        except DeserializationError as error:
            if self.first is None:
                self.first = str(error)  # the text alone: its traceback would hold the batch
            return False
        return True


def run_stages(stages: cabc.Iterable[Stage], batch: Batch[Any]) -> tuple[Batch[Any], list[Fate] | None]:
    """Return the batch after all stages, and the fate of each message; None where none was removed."""
    fates = [Fate.GIVEN] * len(batch)
    left: cabc.Sequence[int] = range(len(batch))
    for stage in stages:
        passing = stage.passing(batch)
        if len(passing) < len(batch):
            kept = [left[index] for index in passing]
            for index in set(left) - set(kept):
                fates[index] = stage.fate
            left, batch = kept, batch.take(passing)
    return batch, None if len(left) == len(fates) else fates
