"""Find the line of the user's own code that an error comes from."""

from __future__ import annotations

import os
import pathlib
import sysconfig
import traceback
from typing import Final

_OTHERS: Final = (str(pathlib.Path(__file__).parents[1]), sysconfig.get_path("stdlib"), "<frozen")


def location_of(error: BaseException) -> str:
    """Return ` (app.py, line 3)`: the innermost line outside framework and libraries; else nothing."""
    if isinstance(error, SyntaxError):
        return ""  # its text has the line
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith(_OTHERS) and "site-packages" not in frame.filename:
            return f" ({from_here(frame.filename)}, line {frame.lineno})"
    return ""


def from_here(text: str) -> str:
    """Return the text with paths below the current folder made relative to it."""
    return text.replace(os.getcwd() + os.sep, "")
