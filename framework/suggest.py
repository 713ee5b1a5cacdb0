"""Suggestions of close names, for errors about unknown ones."""

from __future__ import annotations

import collections.abc as cabc


def did_you_mean(name: str, known: cabc.Iterable[str]) -> str:
    """Return ` Did you mean 'flights'?`, to append to a sentence, or an empty text."""
    import difflib  # only for errors

    close = difflib.get_close_matches(name, list(known), n=3)
    return f" Did you mean {' or '.join(repr(match) for match in close)}?" if close else ""
