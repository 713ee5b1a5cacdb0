"""The tokens of `oauth_cb`: got before the client is made, checked, and renewed in the background."""

from __future__ import annotations

import collections.abc as cabc
import logging
import re
import time
from typing import Any, Final

from framework.async_functions import not_async
from framework.callbacks import WAYS_OUT, LimitedCall, sentence
from framework.errors import AuthenticationError

logger = logging.getLogger(__name__)

Token = tuple[str, float, str, dict[str, str]]
"""What librdkafka takes: token, expiry in seconds since 1970, principal, extensions."""

_EXPECTED: Final = (
    "expected (token, expiry) or (token, expiry, principal, extensions): a str, the time.time() at which the "
    "token expires, a str, and a dict of str"
)
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_LATEST: Final = 1e11
"""In seconds, the year 5138; in milliseconds, 1973."""
_EXTENSION: Final = re.compile(r"[A-Za-z]+")
_EXTENSION_VALUE: Final = re.compile(r"[\x20-\x7e\t\r\n]*")


class Tokens:
    """The `oauth_cb` of one client, which calls that of the user.

    librdkafka calls it in a thread of its own, where an exception is lost; and a client that gets no token
    waits for ten seconds before it says so, without the reason. So the first token is got before the client
    is made. A renewal that fails is retried by librdkafka every ten seconds, while the last token is valid.

    Args:
        function: The user's `oauth_cb`.
        argument: The `sasl.oauthbearer.config` that librdkafka passes.
        servers: The addresses, for error messages.
        timeout: Seconds that a call may take.
    """

    def __init__(
        self, function: cabc.Callable[..., Any], argument: str | None, servers: str, timeout: float
    ) -> None:
        """Get the first token, or raise why there is none."""
        self._servers = servers
        self._call = LimitedCall("oauth_cb", function, timeout)
        self._failure: BaseException | None = None
        self._expiry = 0.0
        self._first: Token | None = self._get(argument)

    def __call__(self, argument: str | None) -> Token:
        """Return a token; this is librdkafka's `oauth_cb`."""
        first, self._first = self._first, None
        if first is not None:
            return first
        try:
            token = self._get(argument)
        except BaseException as error:
            self._failure = error
            if isinstance(error, AuthenticationError):
                logger.warning("%s Retrying.", error)
            raise
        self._failure = None
        return token

    @property
    def pending(self) -> AuthenticationError | None:
        """Why the last call gave no token, though the one before it may still be valid; or None."""
        return self._failure if isinstance(self._failure, AuthenticationError) else None

    @property
    def failure(self) -> BaseException | None:
        """Why there is no valid token, or None; KeyboardInterrupt and SystemExit count at once."""
        failure = self._failure
        is_lost = not isinstance(failure, AuthenticationError) or time.time() >= self._expiry
        return failure if is_lost else None

    def _get(self, argument: str | None) -> Token:
        try:
            returned = not_async(self._call(argument))
        except WAYS_OUT:
            raise
        except BaseException as error:
            raise AuthenticationError(self._sentence(sentence("oauth_cb", error))) from error
        if problem := _problem(returned):
            raise AuthenticationError(self._sentence(f"oauth_cb returned {problem}; {_EXPECTED}."))
        token, expiry, principal, extensions = _whole(returned)
        self._expiry = float(expiry)
        return token, float(expiry), principal, dict(extensions)

    def _sentence(self, reason: str) -> str:
        return f"There is no token for the login at {self._servers}: {reason}"


def _whole(returned: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return all four parts: without a principal and extensions, those are empty."""
    return (*returned, *("", {})[len(returned) - 2 :])


def _problem(returned: object) -> str:
    """Return what is wrong with what `oauth_cb` returned, or an empty text; a token is never shown."""
    if not isinstance(returned, tuple) or not 2 <= len(returned) <= 4:
        size = f" of {len(returned)}" if isinstance(returned, tuple) else ""
        return f"{_a(returned)}{size}"
    token, expiry, principal, extensions = _whole(returned)
    if not isinstance(token, str):
        return f"{_a(token)} as the token"
    if not _TOKEN.fullmatch(token):
        return "a token that is empty, or has spaces or letters that are not ASCII"
    if isinstance(expiry, bool) or not isinstance(expiry, int | float) or not expiry < float("inf"):
        return f"{_a(expiry)} as the expiry"
    if expiry <= time.time():
        hint = " (seconds from now? Add time.time())" if expiry < 1e9 else ""
        return f"the expiry {expiry!r}, which is over{hint}"
    if expiry > _LATEST:
        return f"the expiry {expiry!r}, which is after the year 5000 (milliseconds? Divide by 1000)"
    if not isinstance(principal, str) or "\0" in principal:
        return f"{_a(principal)} as the principal"
    return _problem_of_extensions(extensions)


def _problem_of_extensions(extensions: object) -> str:
    if not isinstance(extensions, dict):
        return f"{_a(extensions)} as the extensions"
    for key, value in extensions.items():
        if not (isinstance(key, str) and _EXTENSION.fullmatch(key) and key != "auth"):
            return f"an extension named {key!r}, where names are letters, and not 'auth'"
        if not (isinstance(value, str) and _EXTENSION_VALUE.fullmatch(value)):
            return f"{_a(value)} as the extension {key!r}, where values are ASCII text"
    return ""


def _a(value: object) -> str:
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
