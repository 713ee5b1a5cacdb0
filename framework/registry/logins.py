"""The login for one address of a registry."""

from __future__ import annotations

import base64
from typing import NamedTuple

from framework.registry.addresses import Address
from framework.registry.redaction import Redact, Redactor
from framework.registry.settings import BEARER_TOKEN, USER_INFO, RegistrySettings


class Login(NamedTuple):
    """What is sent to one address, and where it was set. Its repr is without the secret.

    Functions take it whole: a header in a local variable would be shown by a traceback with locals.

    Args:
        header: The value of the Authorization header, or None without a login.
        source: The setting that it comes from, for error messages.
        redact: Hides a server's text that contains the login.
    """

    header: str | None = None
    source: str = ""
    redact: Redact = Redactor(())

    @classmethod
    def of(cls, address: Address, settings: RegistrySettings) -> Login:
        """Return the login of an address: its own, else the one for all."""
        if address.login is not None:
            return cls._basic(address.login, "the login in the address")
        if settings.user_info is not None:
            return cls._basic(settings.user_info, USER_INFO)
        if settings.bearer_token is not None:
            redact = Redactor([settings.bearer_token])
            return cls(f"Bearer {settings.bearer_token}", BEARER_TOKEN, redact)
        return cls()

    def __repr__(self) -> str:
        """Return where the login comes from."""
        return f"<Login {self.source}>"

    @classmethod
    def _basic(cls, login: str, source: str) -> Login:
        encoded = base64.b64encode(login.encode("utf-8")).decode("ascii")
        password = login.partition(":")[2]
        # Without a password there is nothing to hide: the user's name may be shown.
        return cls(f"Basic {encoded}", source, Redactor([encoded, password] if password else ()))
