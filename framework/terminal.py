"""Text that no terminal acts upon."""

from __future__ import annotations

import re
from typing import Final

# What a terminal may act upon, or what may turn the order of what is read: C0 and C1 controls, and
# the characters that set the direction of text. Lone surrogates can't be written at all.
_UNSAFE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def escape(text: str) -> str:
    """The text in one line, with everything that a terminal might act upon written as an escape."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
