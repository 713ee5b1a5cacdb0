"""An exception of a worker in a form that any process can read."""

from __future__ import annotations

import dataclasses
import traceback
from typing import Self

from framework import FrameworkError
from framework.pickled_causes import PickledCause, chain_causes, pickled_causes


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """An exception with its causes, each as bytes and as text: one that can't be pickled arrives as text.

    Args:
        chain: The exception and its causes.
        traceback: Its traceback in the worker, as text.
    """

    chain: tuple[PickledCause, ...]
    traceback: str = ""

    @classmethod
    def of(cls, error: BaseException, *, with_traceback: bool = True) -> Self:
        """Return the failure of an exception."""
        carrier = FrameworkError()
        carrier.__cause__ = error
        text = "".join(traceback.format_exception(error)) if with_traceback else ""
        return cls(tuple(pickled_causes(carrier)), text)

    def restore(self) -> BaseException:
        """Return the exception, or an UnpicklableError with its text; a note has the worker's traceback."""
        carrier = FrameworkError()
        chain_causes(carrier, self.chain)
        error = carrier.__cause__
        if error is None:
            raise ValueError("a failure has an exception")
        if self.traceback:
            error.add_note(f"\nIn the worker:\n{self.traceback}")
        return error


def portable(error: BaseException | None) -> BaseException | None:
    """Return the exception if it can be pickled, else one with its text."""
    return None if error is None else Failure.of(error, with_traceback=False).restore()
