"""The text of any exception, in one line, for a sentence about it."""

from __future__ import annotations


def text_of(error: BaseException) -> str:
    """Return the text of an exception; the name of its type where it has none."""
    return _line(error) or type(error).__name__


def typed_text_of(error: BaseException) -> str:
    """Return type and text of an exception, as Python prints it: `ValueError: too long`, or `KeyError`."""
    text = _line(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())
    except Exception:  # its __str__ is the user's code, and may fail in any way
        return ""
