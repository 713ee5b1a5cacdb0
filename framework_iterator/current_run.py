"""The latest run of one Iterator: opens it, and refuses a second one while it is live."""

from __future__ import annotations

import collections.abc as cabc
import functools
import threading
from typing import Any

from framework_iterator.control import Control
from framework_iterator.errors import AlreadyIteratingError, NotIteratingError
from framework_iterator.recipe import Recipe
from framework_iterator.session import Session


class CurrentRun:
    """Opens sessions, and keeps the latest one.

    Args:
        names: The names of the topics, for messages.
    """

    def __init__(self, names: str) -> None:
        """There was no run yet."""
        self._names = names
        self._control: Control | None = None
        self._latest: Session | None = None
        self._lock = threading.Lock()

    @property
    def latest(self) -> Session | None:
        """The session of the latest run; None before it was opened."""
        return self._latest

    def start(
        self,
        recipe: Recipe,
        read: cabc.Callable[[cabc.Callable[[], Session]], cabc.Generator[Any]],
        control: Control | None = None,
    ) -> cabc.Generator[Any]:
        """Return a generator that opens a session with its first step, and gives what a loop reads of it."""
        control = control or Control()
        generator = read(functools.partial(self.open, recipe, control))
        control.watch(generator)
        return generator

    def open(self, recipe: Recipe, control: Control) -> Session:
        """Open the session of a new run; AlreadyIteratingError while another run is live."""
        with self._lock:
            self._close_dropped()
            if self.is_opening or (self._latest is not None and not self._latest.is_closed):
                raise AlreadyIteratingError(
                    f"<Iterator {self._names}> has a live run. End it first, or make a second Iterator."
                )
            self._control, self._latest = control, None
        try:
            self._latest = Session.open(recipe, control)
            return self._latest
        except BaseException:
            self._control = None
            raise

    def _close_dropped(self) -> None:
        """Close a run that nobody holds any more.

        Ctrl-C ended it after its session was opened, and before its loop had it; or a `break` left an `async
        for`, and its marks are just being committed, which the next run has to wait for.
        """
        latest, control = self._latest, self._control
        if latest is None or control is None or not control.is_of_this_process:
            return
        if control.is_dropped and (control.is_async or not latest.is_closed):
            control.run_and_wait(functools.partial(latest.close, quiet=True))

    @property
    def control(self) -> Control | None:
        """The control of the latest run; None before it was opened, and where it could not be."""
        return self._control

    @property
    def is_opening(self) -> bool:
        """Whether a run is being opened at this moment."""
        # One that was opening in the process that forked this one doesn't count.
        return self._latest is None and self._control is not None and self._control.is_of_this_process

    def live(self) -> Session:
        """Return the session of the live run; NotIteratingError where there is none."""
        if self._latest is None or self._latest.is_closed:
            raise NotIteratingError(
                f"<Iterator {self._names}> has no live run: call this from within the loop."
            )
        return self._latest

    def stop(self) -> None:
        """Stop the live run, or the one that is being opened: the caller can't know how far it is."""
        control = self._control
        if control is None or not self.is_opening:
            self.live()
        if control is not None:
            control.stop()

    def close(self, *, quiet: bool = False, timeout: float | None = None) -> None:
        """Close the live run, and have one that is being opened end."""
        if self._control is not None and self.is_opening:
            self._control.stop()
        if self._latest is None or self._control is None:
            return
        close = functools.partial(self._latest.close, quiet=quiet, timeout=timeout)
        if self._latest.is_closed:
            close()
            return
        self._control.check_may_block("close()", "aclose(), or read in `async with iterator:`")
        self._control.run_and_wait(close)
