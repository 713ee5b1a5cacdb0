"""Where in the user's own code an error comes from."""

from __future__ import annotations

import os
import pathlib
import sysconfig
import traceback
from typing import Final

_OTHERS: Final = (str(pathlib.Path(__file__).parents[1]), sysconfig.get_path("stdlib"), "<frozen")


def location_of(error: BaseException) -> str:
    """` (app.py, line 3)`: the innermost line that is neither ours nor a library's, else nothing."""
    if isinstance(error, SyntaxError):
        return ""  # says it itself
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith(_OTHERS) and "site-packages" not in frame.filename:
            return f" ({from_here(frame.filename)}, line {frame.lineno})"
    return ""


def from_here(text: str) -> str:
    """The text with paths below the current folder as one would write them there."""
    return text.replace(os.getcwd() + os.sep, "")
