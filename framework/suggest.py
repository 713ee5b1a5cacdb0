"""Suggestions of close names, for errors about unknown ones."""

from __future__ import annotations

import collections.abc as cabc

_MOST = 3
"""So many names are suggested at most."""


def did_you_mean(name: str, known: cabc.Iterable[str]) -> str:
    """Return ` Did you mean 'flights'?`, to append to a sentence, or an empty text; case doesn't matter."""
    import difflib  # only for errors

    spellings: dict[str, list[str]] = {}
    for each in known:
        spellings.setdefault(each.casefold(), []).append(each)
    close = [
        each
        for folded in difflib.get_close_matches(name.casefold(), spellings, n=_MOST)
        for each in spellings[folded]
    ][:_MOST]
    return f" Did you mean {' or '.join(repr(match) for match in close)}?" if close else ""
