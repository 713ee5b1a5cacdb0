"""Suggestions of close names, for errors about unknown ones."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

_MOST: Final = 3
"""So many names are suggested at most."""


def did_you_mean(name: str, known: cabc.Iterable[str]) -> str:
    """Return ` Did you mean 'flights'?`, to append to a sentence, or an empty text.

    These are the names that differ in case alone, else those that are close, else those that are close if
    case is ignored.
    """
    import difflib  # only for errors

    known, folded = list(known), name.casefold()
    close = [each for each in known if each.casefold() == folded]
    if not close:
        close = difflib.get_close_matches(name, known, n=_MOST)
    if not close:
        spellings = {each.casefold(): each for each in known}
        close = [spellings[each] for each in difflib.get_close_matches(folded, spellings, n=_MOST)]
    names = " or ".join(repr(match) for match in close[:_MOST])
    return f" Did you mean {names}?" if names else ""
