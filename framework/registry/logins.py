"""The login for one address of a registry."""

from __future__ import annotations

import base64
from typing import NamedTuple

from framework.registry.addresses import Address
from framework.registry.settings import BEARER_TOKEN, USER_INFO, RegistrySettings


class Login(NamedTuple):
    """What is sent to one address, and where it was set.

    Args:
        header: The value of the Authorization header, or None without a login.
        source: The setting that it comes from, for error messages.
        secrets: What no error may quote.
    """

    header: str | None = None
    source: str = ""
    secrets: tuple[str, ...] = ()

    @classmethod
    def of(cls, address: Address, settings: RegistrySettings) -> Login:
        """Return the login of an address: its own, else the one for all."""
        if address.login is not None:
            return cls._basic(address.login, "the login in the address")
        if settings.user_info is not None:
            return cls._basic(settings.user_info, USER_INFO)
        if settings.bearer_token is not None:
            return cls(f"Bearer {settings.bearer_token}", BEARER_TOKEN, (settings.bearer_token,))
        return cls()

    def __repr__(self) -> str:
        """Return where the login comes from."""
        return f"<Login {self.source}>"

    @classmethod
    def _basic(cls, login: str, source: str) -> Login:
        encoded = base64.b64encode(login.encode("utf-8")).decode("ascii")
        password = login.partition(":")[2]
        return cls(f"Basic {encoded}", source, tuple(filter(None, (encoded, login, password))))

    def redact(self, text: str) -> str:
        """Return a server's text without the login, which some proxies quote."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text
