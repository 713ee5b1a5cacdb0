"""What may be shown of a text from a server: some proxies quote the request, with its login."""

from __future__ import annotations

import collections.abc as cabc
import re
from typing import Final

from framework.terminal import escape

HIDDEN: Final = "[hidden: it may contain the login]"

Redact = cabc.Callable[[str], str]
"""Returns a text, or HIDDEN if anything in it looks like the login."""

_LONGEST_TEXT: Final = 200
_LONGEST_CHECKED: Final = 4096
_FRAGMENT: Final = 6  # letters of a secret that betray it
_SHORTEST_FRAGMENT: Final = 4  # fewer may be anywhere: then only the secret as it is counts
_MOST_ROUNDS: Final = 4
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^a-zA-Z0-9]))")


class Redactor:
    """Hides a text that contains a secret, or a part of one, in any of the usual spellings.

    A text may be percent-encoded, or escaped for JSON or HTML, also more than once. Letters and digits are
    compared without case and punctuation, so the variants of base64 are equal.

    Args:
        secrets: What no text may contain.
    """

    __slots__ = ("_fragments", "_secrets")

    def __init__(self, secrets: cabc.Iterable[str]) -> None:
        """Prepare what to look for."""
        known: dict[str, None] = {}
        for secret in secrets:
            known[secret] = None
            # A server that takes UTF-8 for Latin-1.
            known[secret.encode("utf-8", "replace").decode("latin-1")] = None
            known.update((form, None) for form in _decoded(secret) if len(form) >= _SHORTEST_FRAGMENT)
        self._secrets = tuple(known)
        self._fragments = tuple({part for each in known for part in _fragments(_letters(each))})

    def __call__(self, text: str) -> str:
        """Return the text, or HIDDEN."""
        if not self._secrets:
            return text
        # `map` and no loop: a local variable would show a secret in a traceback.
        for form in _decoded(text):
            if any(map(form.__contains__, self._secrets)):
                return HIDDEN
            if any(map(_letters(form).__contains__, self._fragments)):
                return HIDDEN
        return text


def quote(text: str, redact: Redact) -> str:
    """Return the beginning of a server's text in one line, or HIDDEN."""
    # The rest isn't shown. A text may have 16 MB.
    return shorten(redact(text[:_LONGEST_CHECKED]))


def shorten(text: str) -> str:
    """Return the beginning of a text from outside, in one line and safe for a terminal."""
    beginning = " ".join(text[: 2 * _LONGEST_TEXT].split())
    cut = "..." if len(beginning) > _LONGEST_TEXT or len(text) > 2 * _LONGEST_TEXT else ""
    return escape(beginning[:_LONGEST_TEXT]) + cut


def _decoded(text: str) -> cabc.Iterator[str]:
    """Yield the text, and what is left of it as its escapes are decoded one by one."""
    import html  # late, as in the rest of the package: not needed by an application without a registry
    from urllib.parse import unquote

    yield text
    for _ in range(_MOST_ROUNDS):
        before = text
        for decode in (_decode_json, unquote, html.unescape):
            if (decoded := decode(text)) != text:
                text = decoded
                yield text
        if text == before:
            return


def _decode_json(text: str) -> str:
    decoded = _ESCAPE.sub(_character, text)
    # A character beyond 16 bits is a pair of escapes.
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escaped: re.Match[str]) -> str:
    code = escaped[1] or escaped[2]
    return chr(int(code, 16)) if code else escaped[3]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _fragments(letters: str) -> cabc.Iterator[str]:
    if len(letters) >= _SHORTEST_FRAGMENT:
        for start in range(max(1, len(letters) - _FRAGMENT + 1)):
            yield letters[start : start + _FRAGMENT]
