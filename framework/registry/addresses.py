"""Addresses of a schema registry: parsed, checked, and shown without a login."""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from framework.errors import ConfigError
from framework.types import Uncopied

_PATH_CHARACTERS: Final = "/%:!$&'()*+,;=-._~"
_HOST: Final = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]*:[0-9a-f:.]*(?:%[a-z0-9_.-]+)?", re.IGNORECASE)
# Also full-width and escaped: what is before it is a login.
_AT: Final = re.compile("[@\uff20\ufe6b]|%40")
# A scheme, a host and a port: nothing else of an invalid address is shown.
_SHOWN: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?[a-z0-9.-]*(?::[0-9]{1,5}\Z|:)?", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Address(Uncopied):
    """One address of a registry. `str(address)` is without the login, and so is a pickled one.

    Args:
        scheme: "http" or "https".
        host: A name or an IP address; IPv6 without brackets.
        port: The port as it was given, or None for the scheme's own.
        path: What stands before `/schemas` and `/subjects`, without a slash at its end.
        login: "user:password" of this address only, or None.
    """

    scheme: str
    host: str
    port: int | None = None
    path: str = ""
    login: str | None = dataclasses.field(default=None, repr=False)

    def __str__(self) -> str:
        """Return the address without its login."""
        return f"{self.scheme}://{self.host_and_port}{self.path}"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the address without its login."""
        return Address, (self.scheme, self.host, self.port, self.path)

    @property
    def host_and_port(self) -> str:
        """Return what a Host header holds."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def connect_port(self) -> int:
        """Return the port to connect to."""
        return self.port or (443 if self.scheme == "https" else 80)


def parse_addresses(text: str) -> tuple[Address, ...]:
    """Return the addresses of a text that separates them by commas; an invalid one is a ConfigError."""
    parts = [part.strip() for part in text.strip().strip(",").split(",")]
    addresses = []
    for part in parts:
        try:
            addresses.append(_parse(part))
        except _InvalidAddressError as error:
            # Without the cause: the exceptions of urllib.parse quote what may be a password.
            raise ConfigError(
                f"Schema registry address {_without_login(part, text)!r} is invalid: {error}"
            ) from None
    return tuple(addresses)


class _InvalidAddressError(Exception):
    """What is wrong with an address, without any of its text."""


def _parse(text: str) -> Address:
    from urllib.parse import quote, urlsplit  # not needed by an application without a registry

    if any(character.isspace() or not character.isprintable() for character in text):
        raise _InvalidAddressError("it has white space or control characters. Remove them.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _InvalidAddressError(
            "expected a host and a port from 1 to 65535, such as http://127.0.0.1:8081. "
            "Write / : @ # and , in a login as %2F %3A %40 %23 and %2C."
        ) from None
    if parts.scheme not in ("http", "https"):
        raise _InvalidAddressError("expected http://host:port or https://host:port.")
    if not parts.hostname or port == 0:
        raise _InvalidAddressError("expected a host and a port from 1 to 65535, as in http://127.0.0.1:8081.")
    if parts.query or parts.fragment or text.endswith(("?", "#")) or "@" in parts.path:
        raise _InvalidAddressError(
            "it has a query, a fragment or an @ in its path. "
            "Write / ? # and @ in a login as %2F %3F %23 and %40."
        )
    path = quote(parts.path.rstrip("/"), safe=_PATH_CHARACTERS)
    return Address(parts.scheme, _check_host(parts.hostname), port, path, _parse_login(parts.netloc))


def _check_host(host: str) -> str:
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name):
        raise _InvalidAddressError("its host is no valid name.")
    return name


def _parse_login(netloc: str) -> str | None:
    from urllib.parse import unquote

    login, at, _ = netloc.rpartition("@")
    if not at:
        return None
    user, colon, password = login.partition(":")
    if not user or not colon or ":" in (user := unquote(user)):
        raise _InvalidAddressError("expected user:password before its @, and no colon in the user.")
    if not (login := f"{user}:{unquote(password)}").isprintable():
        raise _InvalidAddressError("its login has control characters.")
    return login


def _without_login(part: str, text: str) -> str:
    """Return what may be shown of an address that can't be parsed."""
    *before, last = _AT.split(part)
    # A comma within a login has cut it: then this part may be the beginning or the end of a password.
    is_cut = "," in text and ("://" not in part or _AT.search(text) is not None)
    if part and not before and is_cut:
        return "***"
    shown = _SHOWN.match(last)
    end = shown.end() if shown else 0
    return f"{'***@' if before else ''}{last[:end]}{'***' if end < len(last) else ''}"
