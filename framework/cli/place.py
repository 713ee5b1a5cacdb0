"""Where in the user's own code an error comes from."""

from __future__ import annotations

import os
import pathlib
import sysconfig
import traceback
from typing import Final

_OTHERS: Final = (str(pathlib.Path(__file__).parents[1]), sysconfig.get_path("stdlib"), "<frozen")


def place(error: BaseException) -> str:
    """` (app.py, line 3)`: the innermost line that is neither ours nor a library's, else nothing."""
    if isinstance(error, SyntaxError):
        return ""  # says it itself
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith(_OTHERS) and "site-packages" not in frame.filename:
            name = frame.filename.removeprefix(os.getcwd() + os.sep)
            return f" ({name}, line {frame.lineno})"
    return ""
