"""A progress bar on a terminal or in a notebook: messages, rate, time left."""

from __future__ import annotations

import collections.abc as cabc
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from framework_iterator.notebook_bar import NotebookBar, is_notebook

if TYPE_CHECKING:
    # Imported when the first bar is drawn.
    from rich.progress import Progress

_REDRAW_INTERVAL: Final = 0.1
"""Seconds between two updates on the terminal: an update costs more than a message."""

_TICK_INTERVAL: Final = 2 * _REDRAW_INTERVAL
"""Seconds between two calls of `on_tick`."""

_SHOW_AFTER: Final = 0.5
"""Seconds before the bar appears: a run that is shorter has none."""


class ProgressBar:
    """Show the progress of a run, on a terminal at stderr or in a notebook, if it takes half a second.

    `update` and `close` belong to the loop's thread, which draws the bar between two messages.

    Args:
        title: What is in progress, the text before the bar.
        total: The number of offsets to read, or None for a run without an end.
        shown: False disables the bar.
        on_tick: Called from another thread a few times a second while the bar is enabled. It makes the loop
            call `update`, also in the middle of a batch when the loop's body is slow.
        clock: The current time in seconds, from any starting point.
    """

    def __init__(
        self,
        title: str,
        total: int | None,
        shown: bool,
        on_tick: cabc.Callable[[], object] = lambda: None,
        clock: cabc.Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the thread that calls `on_tick`, if the bar is enabled."""
        self._title = title
        self._total = total
        self._clock = clock
        self._bar: _TerminalBar | NotebookBar | None = None
        self._started = self._drawn = clock()
        self._closed = threading.Event()
        self._is_enabled = bool(shown and ((sys.stderr and sys.stderr.isatty()) or is_notebook()))
        if self._is_enabled:
            threading.Thread(
                target=self._tick, args=[on_tick], name="framework-iterator-progress-bar", daemon=True
            ).start()

    def update(self, done: cabc.Callable[[], int], messages: int) -> None:
        """Draw the bar, unless it was drawn less than 0.1 seconds ago.

        Args:
            done: Returns how many offsets have been read; called only when the bar is drawn.
            messages: How many messages were given.
        """
        if self._is_enabled and self._clock() - self._drawn >= _REDRAW_INTERVAL and self._is_due:
            self._draw(done(), messages)

    def close(self, done: cabc.Callable[[], int], messages: int) -> None:
        """Draw the final state, which stays, and stop the thread."""
        self._closed.set()
        if self._is_enabled and self._is_due:
            self._draw(done(), messages).stop()

    @property
    def _is_due(self) -> bool:
        return self._clock() - self._started >= _SHOW_AFTER

    def _tick(self, on_tick: cabc.Callable[[], object]) -> None:
        while not self._closed.wait(_TICK_INTERVAL):
            on_tick()

    def _draw(self, done: int, messages: int) -> _TerminalBar | NotebookBar:
        if self._bar is None:
            kind = NotebookBar if is_notebook() else _TerminalBar
            self._bar = kind(self._title, self._total)
        self._drawn = self._clock()
        self._bar.draw(done, messages, max(self._drawn - self._started, 1e-9))
        return self._bar


class _TerminalBar:
    """The bar of `rich`; see `NotebookBar`."""

    def __init__(self, title: str, total: int | None) -> None:
        self._progress = _progress()
        self._task = self._progress.add_task(title, total=total, messages=0, rate=0.0)
        self._progress.start()

    def draw(self, done: int, messages: int, seconds: float) -> None:
        self._progress.update(self._task, completed=done, messages=messages, rate=messages / seconds)
        self._progress.refresh()

    def stop(self) -> None:
        self._progress.stop()


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
        # Without a thread of rich: `_draw` refreshes it.
        auto_refresh=False,
        # Output of the loop appears above the bar. In a file or a pipe it must not be redirected to stderr.
        redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),
    )
