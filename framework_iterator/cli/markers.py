"""Words that stand for what has no text, and texts that would be read as one of them."""

from __future__ import annotations

import json
import re
from typing import Final

TOMBSTONE: Final = "(tombstone)"
EMPTY: Final = "(empty)"
EMPTY_KEY: Final = '""'
NO_KEY: Final = "-"
NO_HEADERS: Final = "-"
NULL: Final = "null"
_MARKERS: Final = frozenset((TOMBSTONE, EMPTY, NO_KEY, NULL, ""))
_NEEDS_QUOTES: Final = re.compile(r'"|null\Z|[^\s]*\s')
_NAME_NEEDS_QUOTES: Final = re.compile(r'"|\Z|[^\s=]*[\s=]')


def quoted_marker(text: str) -> str:
    """Return a text as it is, or in quotes where it would be read as a marker, or as such a text.

    `null` is the null of JSON, `"null"` a text of four letters.
    """
    # Also what is in quotes already: no two texts are shown alike.
    return json.dumps(text) if text.strip('"\\') in _MARKERS else text


def named_header(name: str, value: str | None) -> str:
    """Return `name=value`, with quotes where the end of one of them would be unclear."""
    if _NAME_NEEDS_QUOTES.match(name):
        name = json.dumps(name, ensure_ascii=False)
    if value is None:
        return f"{name}={NULL}"
    return f"{name}={json.dumps(value, ensure_ascii=False) if _NEEDS_QUOTES.match(value) else value}"
