"""Escape text for a terminal."""

from __future__ import annotations

import re
from typing import Final

# Characters that a terminal may interpret, or that change the direction of text: C0 and C1 controls, and
# Unicode's format characters. Lone surrogates are not encodable.
_UNSAFE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def escape(text: str) -> str:
    """Return the text in one line, with an escape for each character that a terminal may interpret."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
