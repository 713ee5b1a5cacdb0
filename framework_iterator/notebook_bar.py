"""The progress bar of a notebook: one output of the cell, which is replaced."""

from __future__ import annotations

import datetime
import html
import math
import sys
from typing import Any


def is_notebook() -> bool:
    """Whether this process is the kernel of a notebook, whose outputs show HTML."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


class NotebookBar:
    """A bar with the number of messages, their rate, and the time left.

    Args:
        title: What is in progress, the text before the bar.
        total: The number of offsets to read, or None for a run without an end.
    """

    def __init__(self, title: str, total: int | None) -> None:
        """Show nothing before the first `draw`."""
        self._title = title
        self._total = total
        self._handle: Any = None

    def draw(self, done: int, messages: int, seconds: float) -> None:
        """Replace what is shown.

        Args:
            done: How many offsets have been read.
            messages: How many messages were given.
            seconds: Since the run began.
        """
        from IPython.display import display

        texts = [f"{messages:,} messages", f"{messages / seconds:,.0f}/s"]
        if self._total is not None and done:
            left = math.ceil(max(0, self._total - done) * seconds / done)
            texts.append(str(datetime.timedelta(seconds=left)))
        text = " ".join(texts)
        limits = "" if self._total is None else f' value="{done}" max="{max(self._total, 1)}"'
        shown = {
            "text/html": f"{html.escape(self._title)} <progress{limits}></progress> {text}",
            "text/plain": f"{self._title} {text}",
        }
        if self._handle is None:
            self._handle = display(shown, raw=True, display_id=True)
        else:
            self._handle.update(shown, raw=True)

    def stop(self) -> None:
        """Leave the last state as the output of the cell."""
