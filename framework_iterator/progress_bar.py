"""A progress bar on stderr: messages, rate, time left."""

from __future__ import annotations

import collections.abc as cabc
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Loaded with the first bar, not with the package.
    from rich.progress import Progress

_EVERY = 0.1
"""Seconds between two drawings: a bar costs nothing per message."""

_PATIENCE = 0.5
"""Seconds before there is one: what is over by then needs none."""


class Bar:
    """Drawn by the loop's own thread, between messages; shown only where stderr is a terminal."""

    def __init__(
        self, title: str, total: int | None, shown: bool, wake: cabc.Callable[[], object] = lambda: None
    ) -> None:
        """`total` is the number of offsets to be read, None where there is no end.

        While it is shown, a thread calls `wake` a few times a second, which has the loop call `show`:
        also in the middle of a batch, when the loop's body is slow.
        """
        self._title = title
        self._total = total
        self._progress: Progress | None = None
        self._began = self._drawn = time.monotonic()
        self._over = threading.Event()
        self._is_wanted = bool(shown and sys.stderr and sys.stderr.isatty())
        if self._is_wanted:
            threading.Thread(
                target=self._tick, args=[wake], name="framework-iterator-bar", daemon=True
            ).start()

    def show(self, done: cabc.Callable[[], int], messages: int) -> None:
        """Draw how many offsets are behind us and how many messages were given, a few times a second."""
        if self._is_wanted and time.monotonic() - self._drawn >= _EVERY and self._takes_long():
            self._draw(done(), messages)

    def close(self, done: cabc.Callable[[], int], messages: int) -> None:
        """Draw the end, and leave the line as it is."""
        self._over.set()
        if self._is_wanted and self._takes_long():
            self._draw(done(), messages).stop()

    def _takes_long(self) -> bool:
        return time.monotonic() - self._began >= _PATIENCE

    def _tick(self, wake: cabc.Callable[[], object]) -> None:
        while not self._over.wait(2 * _EVERY):
            wake()

    def _draw(self, done: int, messages: int) -> Progress:
        if self._progress is None:
            self._progress = _progress()
            self._task = self._progress.add_task(self._title, total=self._total, messages=0, rate=0.0)
            self._progress.start()
        self._drawn = time.monotonic()
        rate = messages / max(self._drawn - self._began, 1e-9)
        self._progress.update(self._task, completed=done, messages=messages, rate=rate)
        self._progress.refresh()
        return self._progress


def _progress() -> Progress:
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.TextColumn("{task.fields[messages]:,} messages"),
        progress.TextColumn("{task.fields[rate]:,.0f}/s"),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        # No thread of its own: drawn when we say so.
        auto_refresh=False,
        # What the loop prints goes above the bar; but never into it, where it is meant for a file or a pipe.
        redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),
    )
